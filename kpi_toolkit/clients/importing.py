"""A client's own files become tables: what one import knows, asks, leaves out, and writes when it is whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Cell, Column, Found, Record, find_records
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.frozen import DESIGN, PEOPLE
from kpi_toolkit.clients.headings import folded as folded_heading
from kpi_toolkit.clients.headings import runs
from kpi_toolkit.clients.language import in_all
from kpi_toolkit.clients.library import Library, card_names
from kpi_toolkit.clients.matching import Items, Names, Person
from kpi_toolkit.clients.personal import personal_data
from kpi_toolkit.clients.provenance import Origin
from kpi_toolkit.clients.questions import REMEMBERED, Asking, Question, remembered
from kpi_toolkit.clients.tabular import cell_issues
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Known, Place, error, folded, hint, nearest_name, spelt_alike
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Table, table
from kpi_toolkit.method.value import LANGUAGES, Text, Word

SKIP, TAKE = "skip", "take"
_NOTHING = {PEOPLE: "no-people-found", DESIGN: "no-design-found"}
"""What it is called that a file holds nothing for a table whose headings are others than those of figures."""
_DECIMAL_COMMA = re.compile(r"\D*\d[\d.]*,\d{1,2}\D*")
_OF_A_ROW, _SHOWN = ("name", "indicator", "role", "target", "actual"), 5
"""What is told of a hidden row, and of how many of them."""


@dataclass
class Import:
    """One import under way."""

    client: Client
    sources: list[Source]
    answers: Mapping[str, str]
    """Given now; what was remembered stands behind them."""
    wanted: frozenset[str]
    """The meanings of columns that are taken over; whatever else a file holds is not."""
    crosswise: str = "actual"
    """What the figures of a table of people by indicators are."""
    register: Table = field(default_factory=lambda: table("people"))
    """The client's own list of people, where the month has another: who left before it stands in this one alone."""
    issues: list[Issue] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)
    """What would be written, whole."""

    def __post_init__(self) -> None:
        self.issues += [issue for source in self.sources for issue in source.issues]
        held, limits = remembered(self.client.folder), remembered(self.client.folder, "about")
        limits = {name: told for name, told in limits.items() if name not in self.answers}
        self.asking = Asking({**held, **self.answers}, limits)
        self._find()
        for column in self.found.columns:
            name = f"column:{column.heading}"
            known = column.concept or self.words.named("private", column.heading)
            likely = "" if known else self.words.similar(column.heading)
            if name in self.answers:  # any column may be: left out, or called otherwise
                self.ask(column.place, name, {SKIP, likely, *self.wanted} - {""}, heading=column.heading)
            elif likely in self.wanted and name not in self.asking.answers:
                self.ask(column.place, name, (likely, SKIP), heading=column.heading, proposed=likely)
        if self.asking.taken:
            self._find()
        if others := self._others_of_one_meaning():
            self.asking.answers = {**self.asking.answers, **others}
            self._find()
        self._leave_out()
        self.found.records = [*self._with_names()]

    def _others_of_one_meaning(self) -> dict[str, str]:
        """Ask which of several columns of one meaning counts; return the answers that leave out the others."""
        said = (one for one in self.found.columns if one.concept in self.wanted and one.texts)
        alike = gathered(((one.table, one.concept, one.label), one) for one in said)
        others: dict[str, str] = {}
        for columns in (each for each in alike.values() if len(each) > 1):
            called = [*dict.fromkeys(column.heading for column in columns)]
            if len(called) < len(columns):
                self.issues.append(error("duplicate-column", replace(columns[-1].place, column=columns[-1].heading)))
                continue
            meaning = Word(f"import.is.{columns[0].concept}")
            holds = self.ask(columns[1].place, f"which:{' + '.join(called)}", called, called=called, meaning=meaning)
            others |= {f"column:{heading}": SKIP for heading in called if holds and heading != holds}
        return others

    def _find(self) -> None:
        names = {
            "people": {folded_heading(name): name for name in self.client.people["name"]},
            "indicators": {folded_heading(name := item.name.pick(language)): name
                           for role in self.client.design.roles.values()
                           for item in role.indicators for language in LANGUAGES},
        }  # fmt: skip
        # 说明 over a column is an indicator's standard in a design, and a remark beside a month's figures
        sections = ("pasted", "columns") if "standard" in self.wanted else ("columns",)
        self.words = Vocabulary(self.client.workbook, self.asking.answers, sections)
        self.found: Found = find_records(self.sources, self.words, names, self.crosswise)

    @cached_property
    def library(self) -> Library:
        """The workbook's cards."""
        return Library(self.client.workbook)

    @cached_property
    def people(self) -> Names:
        """Whoever is in the client's list of people."""
        rows = self.client.people.records()
        return Names({key: str(row[key] or "") for key in row if key != "row"} for row in rows)

    @cached_property
    def elsewhere(self) -> Names:
        """Whoever the client's own list has and the month's has not."""
        here = {one["id"] for one in self.people.people}
        return Names(row for row in self.register.records() if row["id"] not in here)

    @cached_property
    def names(self) -> dict[str, Text]:
        """What each of them is called, by id."""
        return self.people.labels(self.client.design.roles)

    @cached_property
    def own_roles(self) -> Known:
        """The design's roles by their own names."""
        return Known.named(self.client.design.roles)

    @cached_property
    def roles(self) -> Known:
        """The design's roles with all their names, those of the library's cards among them."""
        design = self.client.design
        return Known.named(design.roles, card_names(design, self.library.roles))

    @cached_property
    def items(self) -> Mapping[str, Items]:
        """The indicators of each of the design's roles."""
        return {name: Items(role.indicators) for name, role in self.client.design.roles.items()}

    def roles_named(self, title: str) -> set[str]:
        """Return the design's roles that go by a title, those with just this name before those of an alias."""
        return self.own_roles.exactly(title) or self.roles.exactly(title) if title else set()

    def ask(self, at: Place, name: str, options: Collection[str], /, *, text: str = "", **values: Any) -> str | None:
        """Return the answer to a question about a place; None while there is none.

        Its sentence is that of the kind before the colon of its name; values may name parts of the question itself.
        """
        labels = {each: self.words.named("replies", each) or Text() for each in options} | values.pop("labels", {})
        parts = {key: values.pop(key) for key in ("free", "proposed", "about") if key in values}
        shown = {each: labels[each] for each in options}
        sentence = text or f"ask.{name.partition(':')[0].replace('-', '_')}"
        return self.asking.ask(Question(id=name, text=sentence, options=shown, place=at, values=values, **parts))

    def choose(self, at: Place, name: str, options: Iterable[str], /, **values: Any) -> str:
        """Return the option that is chosen; empty while none is, or where it is to be left out."""
        said = self.ask(at, name, (*options, SKIP), **values)
        return said if said and said != SKIP else ""

    def role(self, record: Record) -> str | None:
        """Return the design's role of a job title, by a name that it has or as it was answered; SKIP for none.

        Of a title that is a role's name nothing is asked; it may be answered that it is not appraised.
        """
        title = record.text("role")
        found, about = self.roles_named(title), title or record.text("name")
        asked = f"role:{about}"
        if len(found) == 1 and asked not in self.answers and self.asking.answers.get(asked) != SKIP:
            self.asking.asked.add(asked)
            return next(iter(found))
        labels = {name: one.name for name, one in self.client.design.roles.items()}
        labels[SKIP] = self.words.named("replies", "not-appraised") or Text()
        options, at = tuple(labels), record.place("role")
        likely = self.roles.proposed(title)
        return self.ask(at, asked, options, title=about, labels=labels, proposed=likely)

    def which(
        self, names: Names, found: list[Person], at: Place, name: str, said: str, others: tuple[str, ...], /,
        **values: Any,
    ) -> Person | None:  # fmt: skip
        """Return who is meant by what was ``said``: the only one ``found``, else whoever is answered.

        Of several of one name these may be answered, of none everybody, the most alike first.
        """
        if len(found) == 1:
            return found[0]
        known = [folded(one["name"]) for one in names.people]
        near = spelt_alike(folded(said), {*known})
        first = {*near, nearest_name(folded(said), known)}  # not proposed for that: it may be somebody new
        options = [one["id"] for one in found or sorted(names.people, key=lambda one: folded(one["name"]) not in first)]
        values["labels"] = names.labels(self.client.design.roles)
        values["proposed"] = options[0] if len(near) == 1 and not found else ""
        kind = name.partition(":")[0]
        answer = self.ask(at, name, (*options, *others), text=f"ask.{kind}" if found else f"ask.no_{kind}", **values)
        return next((one for one in names.people if one["id"] == answer), None)

    @cached_property
    def with_decimal_commas(self) -> set[str]:
        """The names of the files that have commas before decimals."""
        return {source.name for source in self.sources for grid in source.grids for _, row in grid.lines
                if any(map(_DECIMAL_COMMA.fullmatch, row))}  # fmt: skip

    @property
    def nowhere(self) -> Place:
        """All files together."""
        return Place(", ".join(source.name for source in self.sources))

    def say_nothing_found(self, table: str) -> None:
        """Say that nothing belongs into a table, with the headings left out, unless something open or wrong is why."""
        if self.asking.open or Issues(self.issues).errors:
            return
        left = [column.heading for column in self.found.columns if column.concept not in self.wanted]
        said = {"table": table, "headings": [*dict.fromkeys(left)][:10] or "–", "client": self.client.id}
        self.issues.append(error(_NOTHING.get(table, "nothing-found"), self.nowhere, **said))

    def certain(self, record: Record, concepts: Iterable[str]) -> bool:
        """Whether what cells show is what they hold; the others are named."""
        odd = [cell for name in concepts if (cell := record.cells.get(name)) and cell.odd]
        for cell in odd:
            code, values = cell.odd or ("", {})
            found = error(code, cell.place, **{"cell": cell.place.cell, **values})
            self.issues += [] if found in self.issues else [found]
        return not odd

    def seen(self, record: Record) -> bool:
        """Whether a record counts: rows that Excel hides are asked about, once for those of a sheet."""
        if not record.hidden:
            return True
        where = record.source.name, record.sheet
        first, told = self._unseen[where]
        return self.choose(first, ":".join(filter(None, ("hidden", *where))), (TAKE,), **told) == TAKE

    @cached_property
    def _unseen(self) -> dict[tuple[str, str], tuple[Place, dict[str, Any]]]:
        """Where the first row stands that Excel hides on a sheet, and what is told of all of them."""
        rows: dict[tuple[str, str], dict[int, Record]] = {}
        first: dict[tuple[str, str], Place] = {}
        for one in self.found.records:
            if one.hidden and one.hidden.row:
                where = one.source.name, one.sheet
                first.setdefault(where, one.hidden)
                rows.setdefault(where, {}).setdefault(one.hidden.row, one)
        return {where: (first[where], self._told_of(records)) for where, records in rows.items()}

    def _told_of(self, rows: Mapping[int, Record]) -> dict[str, Any]:
        shown = [" ".join(filter(None, map(one.text, _OF_A_ROW))) for one in [*rows.values()][:_SHOWN]]
        about = dict.fromkeys(" ".join(filter(None, map(one.text, _OF_A_ROW[:3]))) for one in rows.values())
        shown += ["…"] * (len(rows) > _SHOWN)
        return {"n": len(rows), "rows": runs([*rows]), "shown": shown, "about": tuple(about)}

    def origin(self, record: Record, table: str, column: str, value: str, **of: str) -> None:
        """Keep where a value came from."""
        at = record.place(column)
        kept = {"file": at.file, "sheet": at.sheet or "", "cell": at.cell, "sha256": record.source.sha256}
        self.origins.append(Origin(table=table, column=column, value=value, **kept, **of))

    def _leave_out(self) -> None:
        """Say what is not taken over: what law protects, what is hidden, what nobody asked for."""
        for column in self.found.columns:
            place = replace(column.place, row=None, column=column.heading, cell="")
            kind = self.words.named("private", column.heading)
            told = personal_data(column.texts) if not column.concept else None
            if (kind or told) and column.texts and column.heading != self.client.design.fairness.column:
                kind = kind or (told[0] if told else None)
                self.issues.append(hint("left-out-private", place, kind=kind, count=len(column.texts)))
            elif column.hidden and not column.concept:
                self.issues.append(hint("left-out-hidden", place))
            elif column.hidden and column.concept in self.wanted:
                name = f"hidden-column:{column.heading}"
                if self.choose(column.place, name, (TAKE,), heading=column.heading) != TAKE:
                    self._drop(column)
        self.issues += self.found.issues

    def _with_names(self) -> Iterator[Record]:
        """Go through the records; of lines without a name below others it is asked, once a file, whose they are."""
        nameless: dict[str, dict[int | None, Cell]] = {}
        for one in self.found.records:
            if one.above:
                nameless.setdefault(one.source.name, {}).setdefault(one.place("indicator").row, one.cells["indicator"])
        theirs: dict[str, bool] = {}
        for file, rows in nameless.items():
            at = next(iter(rows.values())).place
            about = tuple(dict.fromkeys(cell.text for cell in rows.values()))
            told: dict[str, Any] = {"rows": runs([*rows]), "shown": about[:_SHOWN], "about": about}
            theirs[file] = self.ask(at, f"no-name:{file}", (TAKE, SKIP), **told) != SKIP
        for record in self.found.records:
            if theirs.get(record.source.name) and record.above:
                yield replace(record, cells={**record.above, **record.cells})
            elif not record.above:
                yield record

    def _drop(self, column: Column) -> None:
        """Forget what stands in a column."""
        where = column.source, column.sheet
        self.found.records = [
            record.without(column.concept) if (record.source, record.sheet) == where else record
            for record in self.found.records
        ]

    @property
    def mapping(self) -> list[dict[str, Any]]:
        """Every heading, where it stands, and what it was taken for; an empty meaning was left out."""
        first = {(one.source.name, one.heading, one.concept): one for one in reversed(self.found.columns)}
        return [
            {"file": one.source.name, "sheet": one.sheet, "cell": one.place.cell, "heading": one.heading,
             "column": one.concept if one.concept in self.wanted else ""}
            for one in reversed(first.values())
        ]  # fmt: skip

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """Columns and lines that were not taken over."""
        columns = [{key: each[key] for key in each if key != "column"} for each in self.mapping if not each["column"]]
        lines = [
            {"file": at.file, "sheet": at.sheet or "", "row": at.row, "text": text} for at, text in self.found.left_out
        ]
        return columns + lines

    @property
    def questions(self) -> list[Question]:
        """What is still to be decided."""
        return list(self.asking.open.values())

    @property
    def complete(self) -> bool:
        """Whether everything is decided and nothing is wrong, so that it may be written."""
        return not self.asking.open and not Issues(self.issues).errors

    def check_row(self, table: str, row: Mapping[str, Any], record: Record) -> None:
        """Name what a table of this kind would not take, with the cell that it came from."""
        known = {key: str(value or "") for key, value in row.items() if key in ROW_TYPES[table].model_fields}
        found = cell_issues(ROW_TYPES[table], known, record.place())
        self.issues += [replace(issue, place=record.place(issue.place.column or "")) for issue in found]

    def remember(self) -> None:
        """Keep what was decided: it is not asked again."""
        if self.asking.taken:
            page = tomlkit.document()
            head = in_all("written.answers", self.client.workbook)
            for language in self.client.profile.languages:
                page.add(tomlkit.comment(head.pick(language)))
            for section, told in (("answers", self.asking.taken), ("about", self.asking.about)):
                page[section] = {**remembered(self.client.folder, section), **told}
            self.files[self.client.folder / REMEMBERED] = tomlkit.dumps(page)
