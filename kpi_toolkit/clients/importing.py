"""A client's own files become tables: what one import knows, asks, leaves out, and writes when it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Cell, Column, Found, Record, find_records
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.matching import Names
from kpi_toolkit.clients.personal import personal_data
from kpi_toolkit.clients.provenance import Origin
from kpi_toolkit.clients.questions import Asking, Question
from kpi_toolkit.clients.reading import load_toml_file
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import Issue, Issues, Known, Place, error, hint, warning
from kpi_toolkit.method.tables import ROW_TYPES
from kpi_toolkit.method.value import Text

REMEMBERED = "imports.toml"
SKIP = "skip"


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
    issues: list[Issue] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """The ids of people in the rows so far."""
    files: dict[Path, str] = field(default_factory=dict)
    """What would be written, whole."""

    def __post_init__(self) -> None:
        for source in self.sources:
            self.issues += source.issues
        self.asking = Asking({**remembered(self.client.folder), **self.answers})
        self.words = Vocabulary(self.workbook, self.asking.answers)
        self.found = self._find()
        for column in self.found.columns:
            likely = self.words.similar(column.heading) if not column.concept else ""
            if likely and not self.words.private(column.heading):
                self.ask(
                    column,
                    f"column:{column.heading}",
                    "ask.column",
                    (likely, SKIP),
                    heading=column.heading,
                    proposed=likely,
                )
        if self.asking.taken:
            self.words = Vocabulary(self.workbook, self.asking.answers)
            self.found = self._find()
        self._leave_out()

    def _find(self) -> Found:
        names = {
            "people": {folded_heading(str(name)) for name in self.client.people["name"]},
            "indicators": {folded_heading(name) for names in self.indicators.values() for name in names},
        }
        return find_records(self.sources, self.words, names, self.crosswise)

    @property
    def workbook(self) -> Workbook:
        """The workbook that the client is in."""
        return Workbook(self.client.folder.parent.parent)

    @cached_property
    def indicators(self) -> dict[str, list[str]]:
        """The names of every indicator of the design, by its id."""
        found: dict[str, list[str]] = {}
        for role in self.client.design.roles.values():
            for item in role.indicators:
                found.setdefault(item.id, []).extend(filter(None, (item.name.zh, item.name.en)))
        return found

    @cached_property
    def people(self) -> Names:
        """Whoever is in the client's list of people."""
        rows = self.client.people.drop(columns="row", errors="ignore").to_dict("records")
        return Names({str(key): "" if value is None else str(value) for key, value in row.items()} for row in rows)

    @cached_property
    def own_roles(self) -> Known:
        """The design's roles by their own names."""
        return Known({name: (role.name.zh, role.name.en) for name, role in self.client.design.roles.items()})

    @cached_property
    def roles(self) -> Known:
        """The design's roles with all their names, those of the library's cards among them."""
        cards = Library(self.workbook).roles
        return Known(
            {
                name: (role.name.zh, role.name.en, *(cards[key].aliases if (key := role.card or name) in cards else ()))
                for name, role in self.client.design.roles.items()
            }
        )

    def ask(self, at: Record | Column, name: str, text: str, options: Iterable[str], /, **values: Any) -> str | None:
        """Return the answer to a question about a place in a file; values may name parts of the question itself."""
        parts = {key: values.pop(key) for key in ("labels", "free", "proposed") if key in values}
        cell = values.pop("cell", "") or (at.cell if isinstance(at, Column) else "")
        return self.asking.ask(
            Question(
                id=name,
                text=text,
                options=tuple(dict.fromkeys(options)),
                file=at.source.name,
                sheet=at.sheet,
                cell=cell,
                values=values,
                **parts,
            )
        )

    def role(self, record: Record) -> str | None:
        """Return the design's role of a job title, exactly by a name that it has, or as it was answered."""
        title = record.text("role")
        found = (self.own_roles.exactly(title) or self.roles.exactly(title)) if title else set()
        if len(found) == 1:
            return next(iter(found))
        about = title or record.text("name")
        options = (*self.client.design.roles, SKIP)
        labels = {name: role.name for name, role in self.client.design.roles.items()}
        said = self.ask(
            record,
            f"role:{about}",
            "ask.role",
            options,
            title=about,
            labels=labels,
            proposed=self.roles.meant(title),
            cell=record.cells.get("role", Cell("")).name,
        )
        return None if said == SKIP else said

    @property
    def nowhere(self) -> Place:
        """All files together."""
        return Place(", ".join(source.name for source in self.sources))

    def place(self, record: Record, concept: str = "") -> Place:
        """Return where a record, or one of its cells, stands."""
        cell = record.cells.get(concept) or next(reversed(list(record.cells.values())), Cell(""))
        return Place(record.source.name, cell.row or None, cell.name or None, sheet=record.sheet or None)

    def certain(self, record: Record, concepts: Iterable[str]) -> bool:
        """Whether what cells show is what they hold; the others are named."""
        odd = [(name, cell.odd) for name in concepts if (cell := record.cells.get(name)) and cell.odd]
        for name, (code, values) in odd:
            self.issues.append(error(code, self.place(record, name), **{"cell": record.cells[name].name, **values}))
        return not odd

    def seen(self, record: Record) -> bool:
        """Whether a record counts: a row that Excel hides is asked about."""
        if not record.hidden:
            return True
        name, what = record.text("name"), record.text("indicator") or record.text("role")
        shown = " · ".join(filter(None, (what, record.text("target"), record.text("actual"))))
        return (
            self.ask(
                record,
                f"hidden:{name}:{what}",
                "ask.hidden",
                (SKIP, "take"),
                row=shown,
                person=name,
                cell=record.hidden,
            )
            == "take"
        )

    def origin(self, record: Record, table: str, column: str, value: str, **of: str) -> None:
        """Keep where a value came from."""
        cell = record.cells[of.pop("concept", column)]
        self.origins.append(
            Origin(
                table=table,
                column=column,
                value=value,
                file=record.source.name,
                sheet=record.sheet,
                cell=cell.name,
                sha256=record.source.sha256,
                **of,
            )
        )

    def _leave_out(self) -> None:
        """Say what is not taken over: what law protects, what is hidden, what nobody asked for."""
        wanted = self.client.design.fairness.column
        for column in self.found.columns:
            place = Place(column.source.name, sheet=column.sheet or None, column=column.heading)
            kind = self.words.private(column.heading)
            told = personal_data(column.texts) if not column.concept else None
            if (kind or told) and column.heading != wanted:
                self.issues.append(
                    hint("left-out-private", place, kind=kind or (told and told[0]), count=len(column.texts))
                )
            elif column.hidden and not column.concept:
                self.issues.append(hint("left-out-hidden", place))
        for source, sheet in self.found.headless:
            self.issues.append(warning("sheet-without-table", Place(source.name, sheet=sheet or None)))

    @property
    def mapping(self) -> list[dict[str, Any]]:
        """Every heading, where it stands, and what it was taken for; an empty meaning was left out."""
        kept: dict[tuple[str, str, str], dict[str, Any]] = {}
        for column in self.found.columns:
            entry = {
                "file": column.source.name,
                "sheet": column.sheet,
                "cell": column.cell,
                "heading": column.heading,
                "column": column.concept if column.concept in self.wanted else "",
            }
            kept.setdefault((column.source.name, column.heading, column.concept), entry)
        return list(kept.values())

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """Columns and lines that were not taken over."""
        columns = [
            {key: entry[key] for key in ("file", "sheet", "cell", "heading")}
            for entry in self.mapping
            if not entry["column"]
        ]
        lines = [
            {"file": source.name, "sheet": sheet, "row": row, "text": text}
            for source, sheet, row, text in self.found.left_out
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
        """Name what a table of this kind would not take."""
        from kpi_toolkit.clients.tabular import cell_issues

        place = replace(self.place(record), column=None)
        self.issues += cell_issues(ROW_TYPES[table], {key: str(value or "") for key, value in row.items()}, place)

    def remember(self) -> None:
        """Keep what was decided: it is not asked again."""
        answers = {**remembered(self.client.folder), **self.asking.taken}
        if self.asking.taken:
            page = tomlkit.document()
            page.add(
                tomlkit.comment("How this client's own files are read: the answers to what was asked. 导入时的回答。")
            )
            page["answers"] = answers
            self.files[self.client.folder / REMEMBERED] = tomlkit.dumps(page)


def remembered(folder: Path) -> dict[str, str]:
    """Return what was decided in earlier imports, by the ids of the questions."""
    content = load_toml_file(folder / REMEMBERED, REMEMBERED)
    return {str(name): str(value) for name, value in content.get("answers", {}).items()}


def folded_heading(text: str) -> str:
    """Return a name as the headings of a table are compared with it."""
    from kpi_toolkit.clients.headings import folded as without_blanks

    return without_blanks(text)


def label(person: Mapping[str, Any], client: Client) -> Text:
    """Return what tells a person from others of the same name."""
    role = client.design.roles.get(str(person.get("role")))
    parts = [str(person["name"]), str(person.get("number") or ""), str(person.get("team") or "")]
    named = [(role.name.pick(language) if role else "") for language in ("zh", "en")]
    return Text(zh=" · ".join(filter(None, (*parts, named[0]))), en=" · ".join(filter(None, (*parts, named[1]))))
