"""A form that came back: its entries by the codes of their rows, wherever these now stand, and what is uncertain.

Names of files and sheets, the order of rows and columns, and formulas that became values change nothing. What cannot be
seen decides nothing: it is asked about.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from openpyxl.utils.cell import get_column_letter, range_boundaries

from kpi_toolkit.clients.grids import place_of
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.plain_xml import fromstring
from kpi_toolkit.clients.questions import Asking, Question
from kpi_toolkit.clients.reading import kind_problem, read_bytes
from kpi_toolkit.clients.sheet_parts import Hidden, RefusedError, unpacked
from kpi_toolkit.clients.sheets import Odd, read_sheets
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.method.form_rows import CODE, FormRow, followed_up
from kpi_toolkit.method.forms import Cell, FormLayout
from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.value import Text, Word

MAX_ROWS = 5_000
_STATED = re.compile(r"([a-z0-9-]+) / (\S+) / (plan|appraisal|talk) / v(\d+) / \S+")
PROPERTIES = "docProps/custom.xml"
"""Where a workbook says what it is."""
_SOME = 3
"""So many names of columns make a header."""
_FIGURES = {"number", "percent", "points", "day"}
"""Kinds of entries that make a row without a code one that might have been meant."""
SUMS, _ROWS = "sum", ("sum", "total", "own_total", "mean")
"""Rows under the lines that have no code and are ours all the same."""
FileState = Literal["accepted", "unchanged", "left", "asked", "refused"]
Key = tuple[str, str, str]
"""A row of a table: the table, the person, and what the table calls the row beside the person."""
Columns = Mapping[str, Mapping[str, Cell]]
"""By kind of row: what each name of a column means."""
Header = tuple[str, dict[int, tuple[Cell, str]]]
"""What kind of rows stand under it, and what each column is, with its heading."""


@dataclass(frozen=True)
class Came:
    """An entry as it came back: of which row and column, the text that is shown, where, and what it says."""

    row: FormRow
    column: str
    text: str
    place: Place
    value: Any = None
    """What it is in its table, once it was checked."""
    is_text: bool = False
    """Whether its cell holds text, in which no formula of the form sees a number."""

    @property
    def follows(self) -> bool:
        """Whether the form works it out itself: then nothing rests on what a program made of its formula."""
        return self.column == "actual" and self.row.item is not None and self.row.item.is_quotient


Entries = dict[str, Came]
"""The entries of a row, by column."""


@dataclass
class Return:
    """One file that came back: what it says, and what is made of it."""

    path: Path
    asking: Asking
    data: bytes = b""
    whose: str = ""
    """Of a file with several people's forms, whose this is."""
    stated: tuple[str, ...] = ()
    """Client, cycle, phase, version and whose copy it is, as the file itself says."""
    entries: dict[tuple[FormRow, str], Came] = field(default_factory=dict)
    locked: list[Came] = field(default_factory=list)
    """What stood fast on the form: planned points, targets, and the score."""
    heads: list[tuple[Place, str]] = field(default_factory=list)
    """The texts above the lines of a form, where who is who stands."""
    foreign: dict[Place, set[str]] = field(default_factory=dict)
    """Where rows stand whose code is none of this client's cycle, and the folded texts in them."""
    coded: dict[FormRow, set[str]] = field(default_factory=dict)
    """The columns that its header names for each row whose code is there."""
    unseen: list[str] = field(default_factory=list)
    """The hidden sheets, which are not read."""
    issues: list[Issue] = field(default_factory=list)
    values: dict[Key, Entries] = field(default_factory=dict)
    """What is taken of it, by table, person and row."""
    state: FileState = "unchanged"

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the file."""
        return sha256(self.data)

    @property
    def questions(self) -> list[Question]:
        """What is asked and not answered yet."""
        return list(self.asking.open.values())

    @property
    def forms(self) -> list[tuple[str, str]]:
        """Whose forms they are, and of which phase."""
        return list(dict.fromkeys((row.person, row.phase) for row, _ in self.entries))

    @property
    def person(self) -> str | None:
        """Whose form it is; None where it holds several people's, or nobody's."""
        people = {person for person, _ in self.forms}
        return people.pop() if len(people) == 1 else None

    @property
    def wrong(self) -> bool:
        """Whether something in it is an error."""
        return bool(Issues(self.issues).errors)

    @property
    def blocked(self) -> bool:
        """Whether it is not taken: something in it is wrong, or has to be asked first."""
        return self.wrong or bool(self.asking.open)

    @property
    def id(self) -> str:
        """What the record calls it: the file's hash and, of a file with several people's forms, whose it is."""
        return f"{self.sha256} {self.whose}" if self.whose else self.sha256

    def of_each(self, called: Mapping[str, Text]) -> list[Return]:
        """Return a file with several people's forms as the form of each, so that one keeps no other's from being taken.

        Rows of nobody are of whom they name, or of whoever alone stands on their sheet, else a form of nobody's.
        """
        sheets: dict[str, set[str]] = {}
        for (row, _), came in self.entries.items():
            sheets.setdefault(row.person, set()).add(came.place.sheet or "")
        if len(sheets) < 2:  # noqa: PLR2004
            return [self]
        whose = {at: self._whose(at, texts, sheets, called) for at, texts in self.foreign.items()}
        nobody = {at.sheet or "" for at, person in whose.items() if not person}
        alone = [("", nobody)] if nobody else []
        return [self._of_one(person, own, whose, {*sheets}) for person, own in [*sheets.items(), *alone]]

    @staticmethod
    def _whose(at: Place, texts: set[str], sheets: Mapping[str, set[str]], called: Mapping[str, Text]) -> str:
        named = [person for person in sheets if texts & {*map(folded, called[person].words)}]
        here = [person for person, own in sheets.items() if at.sheet in own]
        return next((each[0] for each in (named, here) if len(each) == 1), "")

    def _of_one(self, person: str, sheets: set[str], whose: Mapping[Place, str], people: set[str]) -> Return:
        def concerned(question: Question) -> bool:
            named = people & {*question.id.split(":")}
            return person in named if named else question.place.sheet in sheets

        return replace(
            self,
            whose=person or "–",
            asking=self.asking.only(concerned),
            entries={key: came for key, came in self.entries.items() if key[0].person == person},
            locked=[came for came in self.locked if came.row.person == person],
            heads=[head for head in self.heads if head[0].sheet in sheets],
            foreign={at: texts for at, texts in self.foreign.items() if whose[at] == person},
            issues=[issue for issue in self.issues if issue.place.sheet in {None, *sheets}],
            values={},
        )

    def ask(
        self, name: str, about: str, options: Iterable[str], place: Place | None = None, *, text: str = "",
        **values: Any,
    ) -> str:  # fmt: skip
        """Return the answer to a question; empty, and the question is open, where there is none.

        Its sentence is that of its name, or of ``text``.
        """
        at, shown = place or Place(self.path.name), dict.fromkeys(options, Text())
        sentence = f"ask.form_{text or name}"
        question = Question(id=f"{name}:{about}", text=sentence, options=shown, place=at, values=values)
        return self.asking.ask(question) or ""

    def said(self, person: str, phase: str) -> dict[tuple[str, str, str], Any]:
        """Return what a form says, blanks left out."""
        return {(came.row.table, came.row.line, came.column): came.value for came in self.of(person, phase)}

    def of(self, person: str, phase: str) -> list[Came]:
        """Return what a form says, blanks left out, as it came."""
        own = [came for key, entries in self.values.items() if key[1] == person for came in entries.values()]
        return [came for came in own if came.row.phase == phase]

    def drop(self, person: str, phase: str, kept: Collection[tuple[str, str, str]] | None = None) -> None:
        """Leave a form out of what is taken, but for what is ``kept`` of it: table, row and column of each."""
        for key, entries in self.values.items():
            if key[1] == person:
                self.values[key] = {
                    name: came for name, came in entries.items()
                    if came.row.phase != phase or (key[0], key[2], name) in (kept or ())
                }  # fmt: skip

    def written_in(self, block: str) -> dict[FormRow, dict[str, str]]:
        """Return the rows of a block in which something was written, with what stands in them."""
        said: dict[FormRow, dict[str, str]] = {}
        for (row, column), came in self.entries.items():
            if row.kind == block and came.text:
                said.setdefault(row, {})[column] = came.text
        return said

    def follow_up(self) -> dict[str, str]:
        """Return by person in what share of the reviews the supervisor followed up (S130)."""
        planned = Counter(row.person for row in dict.fromkeys(row for row, _ in self.entries) if row.kind == "review")
        helped = Counter(row.person for row, said in self.written_in("review").items() if "guidance" in said)
        return {person: f"{followed_up(helped[person], count)}" for person, count in planned.items()}


def read_return(path: Path, known: Mapping[str, FormRow], columns: Columns, asking: Asking) -> Return:
    """Return what a workbook says of the rows whose codes are ``known``, under headers named as :func:`columns_of`."""
    found, place = Return(path, asking), Place(path.name)
    data, found.issues[:] = read_bytes(path, path.name)
    other = kind_problem(data, place, workbook=True) if data is not None else None
    if data is None or other is not None:
        found.issues += [_no_workbook(place, other)] if other else []
        return found
    found.data = data
    try:
        with unpacked(data) as archive:
            sheets, found.unseen = read_sheets(data, archive, max_rows=MAX_ROWS)
            found.stated = properties_in(archive)
            for name, lines, hidden, odd in sheets:
                _Sheet(found, name, dict(lines), hidden, odd, known, columns).read()
    except RefusedError as refused:
        found.issues.append(error(refused.code, place, **refused.values))
    except Exception:  # noqa: BLE001 - on damaged files the readers raise almost anything
        found.issues.append(_no_workbook(place))
    return found


def _no_workbook(place: Place, other: Issue | None = None) -> Issue:
    """Return that a file is no workbook, which forms are and nothing else; ``other`` says what it is."""
    if other is not None and other.code == "password-protected":
        return other
    kind = "kind.damaged" if other is None else other.values.get("kind", "kind.old_workbook")
    return error("form-no-workbook", place, kind=Word(kind))


def properties_in(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Return what a workbook's own properties say it is; nothing where they are lost."""
    if PROPERTIES not in archive.namelist():
        return ()
    said = {each.get("name"): "".join(each.itertext()) for each in fromstring(archive.read(PROPERTIES))}
    names = ("client", "cycle", "phase", "version", "copy") if said else ()
    return tuple(said.get(f"kpi-{name}", "") for name in names)


def columns_of(layout: FormLayout) -> Columns:
    """Return by what name each column goes, in both languages, for lines and for each block."""
    # of two columns of one name the later counts: the plan's over the appraisal's over the talk's
    phases = [*layout.cells_of("talk"), *layout.cells_of("appraisal"), *layout.cells_of("plan")]
    code = next(cell for cell in phases if cell.id == "code")
    parts = {"item": phases, **{block.id: [code] for block in layout.blocks}}
    for block in layout.blocks:
        parts[block.id] += block.fields
    sums = {folded(name) for label in _ROWS for name in layout.labels[label].words}
    return {SUMS: dict.fromkeys(sums, code)} | {
        kind: {folded(name): cell for cell in cells for name in cell.name.words} for kind, cells in parts.items()
    }


@dataclass
class _Sheet:
    """One visible sheet of a return."""

    found: Return
    name: str
    lines: dict[int, list[str]]
    hidden: Hidden
    odd: dict[tuple[int, int], Odd]
    known: Mapping[str, FormRow]
    columns: Columns

    def read(self) -> None:
        """Read every row that has a code, and ask about what is not as it was sent."""
        headers = {row: header for row, cells in self.lines.items() if (header := self._header(cells))}
        self.found.heads += self._heads(min(headers, default=0))
        unseen: list[Came] = []
        for number, cells in self.lines.items():
            if stated := next((match for cell in cells[:80] if (match := _STATED.search(cell))), None):
                self.found.stated = self.found.stated or stated.groups()
            codes = {at: match[0] for at, cell in enumerate(cells, start=1) if (match := CODE.fullmatch(cell.strip()))}
            row = next((self.known[code] for code in codes.values() if code in self.known), None)
            header = self._above(headers, number, row.kind if row else "")  # sorted, it may have its header below it
            if row is not None:
                columns = header[1] if header else {}
                self.found.coded.setdefault(row, set()).update(cell.id for cell, _ in columns.values())
                unseen += self._row(row, number, cells, columns)
            elif codes:
                self.found.foreign[self._place(number, next(iter(codes)))] = {*map(folded, cells)}
            elif header is not None and number not in headers:
                self._stray(number, cells, header)
        self._merged()
        if unseen:
            self._unseen(unseen)

    def _place(self, row: int, column: int) -> Place:
        return place_of(self.found.path.name, self.name, row, column)

    def _heads(self, first: int) -> list[tuple[Place, str]]:
        """Return the texts above the first header of all."""
        lines = [(number, cells) for number, cells in self.lines.items() if number < first]
        texts = [(number, at, cell.strip()) for number, cells in lines for at, cell in enumerate(cells, start=1)]
        return [(self._place(number, at), text) for number, at, text in texts if text]

    def _header(self, cells: list[str]) -> Header | None:
        """Return the kind of which most columns are there; of several the one that has fewest besides."""
        said = {at: folded(cell) for at, cell in enumerate(cells, start=1) if cell}
        headers: Iterator[Header] = (
            (kind, {at: (names[word], " ".join(cells[at - 1].split())) for at, word in said.items() if word in names})
            for kind, names in self.columns.items()
        )
        best = max(headers, key=lambda header: (len(header[1]), -len(self.columns[header[0]])))
        return best if len(best[1]) >= _SOME else None

    def _above(self, headers: Mapping[int, Header], number: int, kind: str) -> Header | None:
        """Return the header of a row: the nearest of its kind above it, else below it."""
        fitting = [at for at, (what, _) in headers.items() if what == kind or not kind]
        above = [at for at in fitting if at < number]
        at = above[-1] if above else fitting[0] if fitting and kind else None
        return None if at is None else headers[at]

    def _row(
        self, row: FormRow, number: int, cells: list[str], columns: Mapping[int, tuple[Cell, str]]
    ) -> Iterator[Came]:
        """Take the entries of a row into what came back; go through those that nobody can see."""
        for at, (cell, heading) in columns.items():
            text = cells[at - 1].strip() if at <= len(cells) else ""
            if cell.id == "target":
                text = text.removeprefix(row.bound).strip()
            place = replace(self._place(number, at), key=heading)
            came = Came(row, cell.id, text, place, is_text=(number, at) in self.hidden.texts)
            if not cell.entered(row.phase):
                shown = cell.id in {*row.stated, "score"} or row.table == "disputes"
                self.found.locked += [came] if shown else []
            elif number not in self.hidden.rows and at not in self.hidden.columns:
                self._take(came, at)
            elif text:
                yield came

    def _take(self, came: Came, at: int) -> None:
        if (odd := self.odd.get((came.place.row or 0, at))) and not came.follows:
            self.found.issues.append(error(odd[0], came.place, **{"cell": came.place.cell, **odd[1]}))
        key = came.row, came.column
        earlier = self.found.entries.get(key)
        if earlier is None or not earlier.text:
            self.found.entries[key] = came
        elif came.text not in {"", earlier.text}:
            places = tuple(f"{one.place.sheet}!{one.place.cell}" for one in (earlier, came))
            answer = self.found.ask("twice", f"{came.row.person}:{came.row.id}:{came.column}", places, came.place,
                                    one=earlier.text, other=came.text, cells=list(places))  # fmt: skip
            self.found.entries[key] = came if answer == places[1] else earlier

    def _unseen(self, unseen: list[Came]) -> None:
        people, cells = dict.fromkeys(came.row.person for came in unseen), [came.place.cell for came in unseen]
        about = ":".join([*people, self.name])
        said: dict[str, Any] = {"cells": cells, "texts": [came.text for came in unseen]}
        answer = self.found.ask("hidden", about, ("leave", "take"), unseen[0].place, **said)
        if answer == "take":
            self.found.entries |= {(came.row, came.column): came for came in unseen}
        else:
            blank = {(came.row, came.column): replace(came, text="") for came in unseen}
            self.found.entries = blank | self.found.entries

    def _stray(self, number: int, cells: list[str], header: Header) -> None:
        """Ask about a row of somebody's own that holds what could be an entry."""
        if any(folded(cell) in self.columns[SUMS] for cell in cells):
            return
        entered = [at for at, (cell, _) in header[1].items() if cell.by and cell.kind in _FIGURES]
        said = [cells[at - 1] for at in entered if at <= len(cells)]
        if figures := [text.strip() for text in said if re.search(r"\d", text)]:
            code = next((at for at, (cell, _) in header[1].items() if cell.id == "code"), 1)
            at = self._place(number, code)
            self.found.ask("stray", f"{self.name}!{number}", ("leave",), at, row=number, value=figures[0])

    def _merged(self) -> None:
        """Ask whether a value in merged cells holds for each row under them."""
        for area in self.hidden.merged:
            first, top, _, bottom = range_boundaries(area)
            here = [came for came in self.found.entries.values() if came.place.sheet == self.name]
            under = [came for came in here if came.place.column == get_column_letter(first)]
            inside = [came for came in under if top <= (came.place.row or 0) <= bottom]
            value = next((came.text for came in inside if came.place.row == top), "")
            if len(inside) > 1 and value:
                about, options = f"{self.name}!{area}", ("first", "all")
                if self.found.ask("merged", about, options, inside[0].place, area=area, value=value) == "all":
                    self.found.entries |= {(came.row, came.column): replace(came, text=value) for came in inside}
