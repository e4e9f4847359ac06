"""The lines of a client's forms by the title of the role that they are of: what a design is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.figures_in import forms_of
from kpi_toolkit.clients.importing import SKIP, Import
from kpi_toolkit.clients.matching import in_order
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Place, folded

KEPT = ("unit", "weight", "target", "direction", "curve", "source", "goal", "standard")
"""What a design takes from a line."""


@dataclass
class Line:
    """An indicator of a role as the files have it: of each column all that is said, with where."""

    name: str
    records: list[Record] = field(default_factory=list)

    def said(self, concept: str) -> list[str]:
        """Return what a column says, each thing once."""
        return list(dict.fromkeys(text for record in self.records if (text := record.text(concept))))

    def has(self, *concepts: str) -> bool:
        """Whether the files have such columns, if only with blank cells."""
        return any(set(concepts) <= record.columns for record in self.records)

    def place(self, concept: str) -> Place:
        """Return where a column of it stands first."""
        return self.records[0].place(concept)


Lines = dict[str, Line]
"""By the indicator's name."""


def lines_by_title(into: Import) -> dict[str, Lines]:
    """Return the lines of each role, by its title, then by the indicator's name.

    Of people of one name whose forms give no title, a form that has the lines of another form of a title is of that
    title, and the title of one of them is not the other's.
    """
    roles, due = _by_what_they_say(into)
    given: set[tuple[str, str]] = set()
    unnamed = [lines[0].sheet for lines, known in due if lines[0].sheet and not known and not lines[0].text("name")]
    # those of which one title is sure go first: what they take is not left for the others
    for lines, known in sorted(due, key=lambda each: len(_same_lines(roles, *each)) != 1):
        left = [title for title in known if (_whose(lines), title) not in given]
        same = _same_lines(roles, lines, left)
        sure = next((each[0] for each in (same, left) if len(each) == 1), "")
        title = sure or _asked(into, lines, left or [*roles], unnamed)
        given.add((_whose(lines), title))
        if title:
            _add(roles, title, lines)
    return roles


def _by_what_they_say(into: Import) -> tuple[dict[str, Lines], list[tuple[list[Record], list[str]]]]:
    """Return the lines by the title that they or a list of people say, and the others with those they may be of."""
    kept = (each for each in into.found.records if into.seen(each) and into.certain(each, ("indicator", *KEPT)))
    titles, roles, due = _titles(into), dict[str, Lines](), list[tuple[list[Record], list[str]]]()
    for form in forms_of(kept):
        for title in dict.fromkeys(record.text("role") for record in form):
            lines = [record for record in form if record.text("role") == title]
            known = [title] if title else titles.get(skeleton(in_order(_whose(lines))), [])
            if len(set(known)) == 1:
                _add(roles, known[0], lines)
            else:
                due.append((lines, known))
    return roles, due


def _add(roles: dict[str, Lines], title: str, records: Iterable[Record]) -> None:
    for record in records:
        name = record.text("indicator")
        roles.setdefault(title, {}).setdefault(name, Line(name)).records.append(record)


def _titles(into: Import) -> dict[str, list[str]]:
    """Return the titles of everybody of a name: in the client's list of people, and on a roster among the files."""
    listed = [(one["name"], into.client.design.roles[one["role"]].name.pick()) for one in into.people.people]
    on_roster = [(record.text("name"), record.text("role")) for record in roster(into)]
    return gathered(
        (skeleton(in_order(name)), title) for name, title in (dict.fromkeys(on_roster) if on_roster else listed)
    )


def roster(into: Import) -> Iterator[Record]:
    """Go through the lines of a roster among the files: whoever has a title and no indicator."""
    for record in into.found.records:
        if "indicator" not in record.cells and record.text("name") and record.text("role"):
            yield record


def _whose(form: list[Record]) -> str:
    return form[0].text("name") or form[0].sheet


def _same_lines(roles: Mapping[str, Lines], form: list[Record], titles: list[str]) -> list[str]:
    """Return the titles whose other forms have just these lines."""
    named = {folded(record.text("indicator")) for record in form}
    return [title for title in titles if {folded(name) for name in roles.get(title, {})} == named]


def _asked(into: Import, form: list[Record], titles: list[str], unnamed: list[str]) -> str:
    """Return the title that is answered; of sheets that name nobody it is asked once whether they are called by it."""
    name, at = _whose(form), form[0].place("name")
    if name in unnamed:
        asked, options = f"titles:{at.file}", ("as-shown", SKIP)
        said = into.ask(Place(at.file), asked, options, sheets=unnamed, about=tuple(unnamed), proposed="as-shown")
        return name if said == "as-shown" else ""
    asked = f"title:{form[0].sheet or at.file}:{name}"
    return into.choose(at, asked, titles, name=name, free=True)
