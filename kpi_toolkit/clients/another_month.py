"""Signs that a cycle's actuals are another's: the figures of an earlier one, or a title that says another month."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kpi_toolkit.clients.days import other_month
from kpi_toolkit.clients.declared import named_in
from kpi_toolkit.clients.frozen import DESIGN, PEOPLE, own_file
from kpi_toolkit.clients.headings import meant
from kpi_toolkit.clients.months import another_span, month_of_heading
from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.tabular import read_people, read_table, said_of_sheets, table_file
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.before import changed_unsaid
from kpi_toolkit.method.checks.copied import USUAL, what_is_as_before
from kpi_toolkit.method.checks.plausible import in_own_unit
from kpi_toolkit.method.checks.relation import Before, Figures, by_key, own_targets
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, hint, warning
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.numbers import Measured
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.scheme import PoolBy
from kpi_toolkit.method.tables import Table, Tables, rows_of, table
from kpi_toolkit.method.wording import matches

_BEFORE = 6
_ENOUGH, _KINDS, _CHANGED = 4, 3, 10
"""Ours: so many equal figures, so many of them different, and one in so many put right, are no chance."""
_HEADINGS = {"column-called-otherwise", "which-column"}


class Where(NamedTuple):
    """A cycle among the others of a client's folder; ``roster`` is its own."""

    folder: Path
    cycles: Sequence[str]
    cycle: Cycle
    roster: Roster

    @property
    def earlier(self) -> Sequence[str]:
        """The cycles before it, oldest first."""
        return self.cycles[: self.cycles.index(self.cycle.id)] if self.cycle.id in self.cycles else ()

    @property
    def alike(self) -> Sequence[str]:
        """The last of them that have its length."""
        return [each for each in self.earlier if Cycle.parse(each).months == self.cycle.months][-_BEFORE:]

    def table(self, cycle: str, name: str) -> Table:
        """Return a table of a cycle as far as it can be read."""
        file = f"cycles/{cycle}/{name}.csv"
        return read_table(self.folder / file, name, file, self.roster)[0]

    def figures(self, cycle: str) -> Figures:
        """Return the figures of a cycle; read once as long as the file is not changed."""
        file = table_file(self.folder / "cycles" / cycle / "actuals.csv")
        state = file.stat() if file.is_file() else None
        return _figures(self.folder, cycle, self.roster, state.st_mtime_ns, state.st_size) if state else {}


@lru_cache(maxsize=64)
def _figures(folder: Path, cycle: str, roster: Roster, _changed: int, _size: int) -> Figures:
    return by_key(Where(folder, (), Cycle.parse(cycle), roster).table(cycle, "actuals"))


def of_another_month(where: Where, tables: Tables, issues: Issues, last: Before | None) -> Iterator[Issue]:
    """Find actuals that are an earlier cycle's, by their figures or by what title, sheet or headings say.

    Also ids that stood for somebody else in the cycle before, goals that only that one had, and a design that is
    another one under the same version.
    """
    folder, cycles, cycle, roster = where
    design, earlier = roster.design, where.earlier
    before = people_before(folder, cycles, cycle, design)
    yield from _names_changed(before, tables.people, tables.file("people"), design)
    yield from _goals_gone(where, tables)
    if last is not None and last.id == cycle.previous.id and last.design not in (None, design):
        yield from changed_unsaid(last.design, design, Place(own_file(folder, cycle.id, DESIGN)), last.id)
    file, own = tables.file("actuals"), by_key(tables.actuals)
    if any(issue.place.file == file for issue in issues.errors):  # what is left of a table is no table
        own = {}
    for other in reversed(earlier):
        then = table_file(folder / "cycles" / other / "actuals.csv")
        follows = other == earlier[-1]
        if _same_lines(folder / file, then) or _same_figures(own, where.figures(other), follows=follows):
            yield warning("same-as-before", Place(file), other=other)
            break
    else:
        past = [where.figures(other) for other in earlier[-3:]]
        yield from what_is_as_before(own, past, earlier[-1], tables, roster) if past else ()
    for name in ("actuals", "goals", "adjustments") if cycle.kind == "month" else ():
        yield from _called_otherwise(folder, tables, name, cycle, issues)


def _called_otherwise(folder: Path, tables: Tables, name: str, cycle: Cycle, issues: Issues) -> Iterator[Issue]:
    """Find a title, a sheet, what stands on its pages or all notes that say another month, of actuals another span."""
    file = tables.file(name)
    own = [issue for issue in issues if issue.place.file == file]
    above = (line for i in own if i.code == "rows-above-header" for line in i.values["said"].splitlines())
    called = (str(issue.values["called"]) for issue in own if issue.code in _HEADINGS)
    headings = (word for heading in called for word in re.findall(r"[\w.-]+", heading))
    notes = {row.note for row in rows_of(tables.actuals)} if name == "actuals" else set()
    said = filter(None, notes if len(notes) == 1 else ())  # what all of them say is as good as a title
    sheets, named = said_of_sheets(folder / file)
    for text in dict.fromkeys((*above, *said, *headings, *sheets, *named)):
        if found := _other_month(text, cycle, Place(file)):
            yield found
        elif name != "actuals" or text in named:
            continue
        elif another_span(text, cycle.last_day) or usual_words().no_result(text):
            yield warning("other-span", Place(file), text=text[:60], cycle=cycle.id)


def columns_beside(tables: Tables, cycle: Cycle, roster: Roster) -> Iterator[Issue]:
    """Find notes, and columns that a client keeps beside ours, that say another person, month or unit than their row.

    So do reasons of points and decisions. What all notes say has been told as a title is.
    """
    yield from _reasons_of_other_months(tables, cycle)
    for name, figure in (("actuals", "actual"), ("goals", "target")):
        frame = getattr(tables, name)
        for column, kind in _kept_beside(frame, name).items():
            told: set[str] = set()
            for row, said in zip(rows_of(frame), frame[column], strict=True):
                place = Place(tables.file(name), row.row, column)
                another = _of_another(kind, said or "", row.person, roster, place)
                if another is not None:
                    yield another
                elif kind in {"month", "note"} and said not in told:
                    found = _other_month(said or "", cycle, place)
                    telling = found and (kind == "month" or usual_words().of_figures(month_of_heading(said)[1]))
                    yield from [found] if found and telling else ()
                    told.add(said)
                elif kind == "unit" and said and (own := getattr(row, figure)) is not None:
                    yield from _in_other_unit(roster.item(row), Measured.of(own, said, own, said), place)


def _reasons_of_other_months(tables: Tables, cycle: Cycle) -> Iterator[Issue]:
    """Find reasons of points and decisions that speak of an earlier month, and not to compare with it."""
    for name in ("adjustments", "calibration") if cycle.kind == "month" else ():
        for row in rows_of(getattr(tables, name)):
            other = other_month(row.reason, cycle)
            if other and other < cycle.id and not matches(usual_words().compared, row.reason):
                place = Place(tables.file(name), row.row, "reason")
                yield warning("reason-of-other-month", place, reason=row.reason, month=other, cycle=cycle.id)


def _kept_beside(frame: Table, name: str) -> dict[str, str]:
    """Return what the columns are that a client keeps beside ours, as far as it can be told, and the notes."""
    kinds = {column: meant(column, "beside") for column in frame.columns if column not in ROW_TYPES[name].model_fields}
    kinds |= {"note": "note"} if name == "actuals" and len({*frame["note"]}) > 1 else {}
    return {column: kind for column, kind in kinds.items() if kind}


def _of_another(kind: str, said: str, person: str, roster: Roster, place: Place) -> Issue | None:
    """Return what is to be said of a name beside a row, or of its note, that is of another person; else None."""
    if kind == "name" and person not in (roster.going_by(said) or {person}):
        return warning("row-of-another", place, value=said, person=roster.called(person))
    if kind == "note" and said and (other := roster.figures_of(said, person, usual_words())):
        return warning("note-names-another", place, note=said, person=roster.called(person), other=roster.called(other))
    return None


def _in_other_unit(item: Indicator | None, typed: Measured, place: Place) -> Iterator[Issue]:
    """Say of a unit beside a figure that it is another one than the indicator's."""
    if item and isinstance(in_own_unit(typed, item), Measured):
        yield warning("other-unit", place, value=typed.as_typed, unit=item.unit, indicator=item.name)


def _other_month(text: str, cycle: Cycle, place: Place) -> Issue | None:
    """Return what is to be said of a text that speaks of other months than a cycle's; None where it does not."""
    other = other_month(text, cycle)
    return warning("other-month", place, text=text[:60], month=other, cycle=cycle.id) if other else None


def cycle_before(where: Where) -> Before | None:
    """Return the last earlier cycle of the same length as it was held."""
    if not where.alike:
        return None
    other = where.alike[-1]
    design = _design_of(where, other)
    people = people_of(where.folder, other, design or where.roster.design)
    goes_or_comes = {
        person.id
        for person in rows_of(people)
        if (person.joined and person.joined > Cycle.parse(other).first_day) or person.left
    }
    return Before(
        other, where.figures(other), own_targets(where.table(other, "goals")),
        design, people, where.table(other, "adjustments"),
        frozenset(goes_or_comes | {*where.table(other, "spells")["person"]}),
    )  # fmt: skip


def _design_of(where: Where, other: str) -> Design | None:
    """Return the design of an earlier cycle; the cycle's own where both are one file or the same text."""
    folder = where.folder
    own, then = own_file(folder, where.cycle.id, DESIGN), own_file(folder, other, DESIGN)
    if own == then or (folder / own).read_bytes() == (folder / then).read_bytes():
        return where.roster.design
    return design_of(folder, other, Workbook(folder.parent.parent))


def design_of(folder: Path, cycle: str, workbook: Workbook) -> Design | None:
    """Return the design that a cycle is held by; None where it cannot be read."""
    file = own_file(folder, cycle, DESIGN)
    named, _ = named_in(folder, cycle, workbook)
    return read_toml(folder / file, Design, file, **named)[0]


def reached(where: Where) -> dict[tuple[str, str], list[Decimal]]:
    """Return what each person reached in each indicator in earlier cycles, oldest first; parts of one are left out."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for each in where.alike:
        partly = {*where.table(each, "spells")["person"]}
        for (person, indicator, column), value in where.figures(each).items():
            if column == "actual" and person not in partly:
                found.setdefault((person, indicator), []).append(value)
    return found


def people_before(folder: Path, cycles: Sequence[str], cycle: Cycle, design: Design) -> Table:
    """Return the people of the cycle before, where that one has people of its own; nobody where it has not."""
    return people_of(folder, cycle.previous.id, design) if cycle.previous.id in cycles else table("people")


def people_of(folder: Path, cycle: str, design: Design) -> Table:
    """Return a cycle's own people, by the roles of a design; nobody where it has none."""
    own = folder / "cycles" / cycle / PEOPLE
    return read_people(own, PEOPLE, design)[0] if table_file(own).is_file() else table("people")


def _names_changed(before: Table, people: Table, file: str, design: Design) -> Iterator[Issue]:
    """Find ids that stood for somebody of another name in the cycle before, or belonged to another team that counts."""
    then = {person.id: person for person in rows_of(before)}
    teams_count = design.tiers.pool is PoolBy.TEAM or bool(design.team_share)
    for person in rows_of(people):
        old = then.get(person.id, person)
        if skeleton(old.name) != skeleton(person.name):
            yield warning("name-changed", Place(file, person.row, "name"), id=person.id, old=old.name, new=person.name)
        elif old.team != person.team and old.role == person.role:
            make, place = warning if teams_count else hint, Place(file, person.row, "team")
            yield make("team-changed", place, person=person.name, old=old.team or "–", new=person.team or "–")


def _goals_gone(where: Where, tables: Tables) -> Iterator[Issue]:
    """Find a cycle without a target of anybody's own after one with some: all its goals are gone, or most had one.

    A newcomer's part of a target ends with the cycle that the newcomer joined in.
    """
    none, previous = all(row.target is None for row in rows_of(tables.goals)), where.cycle.previous
    if previous.id in where.cycles and none and not tables.actuals.empty:
        first = previous.first_day
        there = {person.id for person in rows_of(tables.people) if not person.joined or person.joined < first}
        own = [row.target is not None for row in rows_of(where.table(previous.id, "goals")) if row.person in there]
        most = 2 * sum(own) >= len(own)  # a target or two for one occasion need not come again
        if any(own) and (most or tables.goals.empty):
            yield warning("goals-gone", Place(tables.file("goals")), other=previous.id)


def _same_lines(one: Path, other: Path) -> bool:
    """Whether two files hold the same, whatever the order and the ends of their lines."""
    return one.is_file() and other.is_file() and sorted(one.read_bytes().split()) == sorted(other.read_bytes().split())


def _same_figures(one: Figures, other: Figures, *, follows: bool) -> bool:
    """Whether two cycles have all figures in common that say anything, but for a few that were put right."""
    if follows and one and one == other:
        return True
    telling = [key for key, value in one.items() if value not in USUAL]
    equal = [key for key in telling if other.get(key) == one[key]]
    varied = len(equal) >= _ENOUGH and len({one[key] for key in equal}) >= _KINDS
    return varied and len(telling) - len(equal) <= len(telling) // _CHANGED
