"""Tables in sheets as people make them: under titles, above totals, one sheet a person, form under form, crosswise.

Whatever the layout, what comes out is one record for each person, or for each person and indicator, with its cells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from pathlib import Path

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.grids import Area, Grid, area_name, place_of
from kpi_toolkit.clients.headings import FORMULA_ERROR, Lines, folded
from kpi_toolkit.clients.heads import VALUES, Columns, Heads, Meaning, is_sum, sums_up, tables_apart
from kpi_toolkit.clients.months import another_span, months_named
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.method.issues import NOWHERE, Issue, Place, error, hint, warning

Cells = dict[str, "Cell"]
Header = tuple[Lines, list[str]]
"""Its rows, and of each column what all of them say."""

_WHO, _WHOSE = {"name", "number", "surname"}, ("name", "number", "surname", "given", "role", "team")
_FACTS = {"name", "number", "role", "team", "month", "manager", "surname", "given"}
_PAIR = re.compile(r"\s*([^:：]{1,30}?)\s*[:：]\s*(.*)")
_REMARK = re.compile(r"[:：。；※]|^\s*[*＊注]")
"""What stands in a sentence below a table, and in nobody's name."""
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""What nobody can see and no writing needs."""
_UNIT = re.compile(r"(?<![a-z])(?:单位|units?)\s*[:：]\s*([^\s（）()，,。;；]+)", re.IGNORECASE)
_TITLE_PART = re.compile(r"\s+[-–—|/\d]|[:：,，(（|–—\d]")
_FIGURE = re.compile(r"[+-]?\d[\d.,]*%?")
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".et", ".ods"}
"""How files of spreadsheets are called; text may be called so too."""
MULTIPLES = "十百千万亿"
_SHOWN = 60


@dataclass(frozen=True)
class Cell:
    """A text and where it stands."""

    text: str
    place: Place = NOWHERE
    odd: tuple[str, Mapping[str, str]] | None = None
    """Why it may show something else than it holds: the code of a finding and its values."""


@dataclass(frozen=True)
class Record:
    """What one line says, by the meaning of its columns, with what stands above it: whose form it is, of what month."""

    source: Source
    sheet: str
    cells: Mapping[str, Cell]
    columns: frozenset[str] = frozenset()
    """The meanings of all columns of its table, those with a blank cell among them."""
    hidden: Place | None = None
    """Where the line stands if Excel hides it."""
    shared: frozenset[str] = frozenset()
    """What a line for everybody says of it, as one with the targets above a table does."""
    above: Mapping[str, Cell] = field(default_factory=dict)
    """Whose line it is, if it names nobody and another line above it does."""

    def text(self, concept: str) -> str:
        """Return the text of a cell; empty where there is none."""
        cell = self.cells.get(concept)
        return cell.text.strip() if cell else ""

    def place(self, concept: str = "") -> Place:
        """Return where a cell stands, or the last of the line where there is no such cell."""
        cells = [self.cells[concept]] if concept in self.cells else [*self.cells.values()]
        return cells[-1].place if cells else NOWHERE

    @property
    def grid(self) -> Grid:
        """The sheet that it stands in."""
        return next((grid for grid in self.source.grids if grid.name == self.sheet), Grid(lines=[]))

    def without(self, concept: str) -> Record:
        """Return the record as if one of its columns were not there."""
        return replace(self, cells={key: cell for key, cell in self.cells.items() if key != concept})


@dataclass(frozen=True)
class Column:
    """A heading and what it was taken for; an empty meaning is left out."""

    source: Source
    sheet: str
    place: Place
    heading: str
    concept: str
    texts: tuple[str, ...] = ()
    hidden: bool = False
    label: str = ""
    """Whose or of what its figures are, where its heading says that and not what they are."""
    begins: tuple[int, int] = (0, 0)
    """The first row and column of its table, of which several may stand next to one another."""

    @property
    def table(self) -> tuple[str, str, tuple[int, int]]:
        """What all columns of a table share."""
        return self.source.name, self.sheet, self.begins


@dataclass
class Found:
    """What was found in the sheets."""

    records: list[Record] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    left_out: list[tuple[Place, str]] = field(default_factory=list)
    """Lines below a table that are none of its own."""
    totals: list[Record] = field(default_factory=list)
    """The lines with sums: never data, but something to compare with."""
    issues: list[Issue] = field(default_factory=list)


def find_records(
    sources: list[Source], words: Vocabulary, names: Mapping[str, Mapping[str, str]], crosswise: str
) -> Found:
    """Return every record of some files.

    ``names`` are known ``people`` and ``indicators`` by their folded names: a heading that is one makes a table
    crosswise; ``crosswise`` says what its figures are.
    """
    found, heads = Found(), Heads(words, names, crosswise)
    for source in sources:
        for grid in chain.from_iterable(tables_apart(each, words) for each in source.grids):
            _Sheet(source, grid, words, found, heads).read()
    return found


def _of_one(record: Record, own: Cells, shared: Cells, heading: Cells) -> Record:
    """Return of a line the record of one heading over several columns, with what a line for everybody says of it."""
    cells = {**record.cells, **shared, **own, **heading}
    return replace(record, cells=cells, shared=frozenset(shared.keys() - own.keys()))


@dataclass
class _Sheet:
    source: Source
    grid: Grid
    words: Vocabulary
    found: Found
    heads: Heads

    def read(self) -> None:
        lines, facts, place, headed = self._lines(), Cells(), 0, False
        while place < len(lines):
            header = self.heads.read(lines, place, self._are_facts)
            if header:
                height, columns = header
                end = self._end(lines, place + height)
                rows = lines[place : place + height]
                heads = ["".join(part) for part in zip_longest(*(cells for _, cells in rows), fillvalue="")]
                self._table(lines[place + height : end], columns, facts, (rows, heads))
                place, facts, headed = end, {}, True
            else:
                facts |= self._facts(*lines[place]) or self._title(*lines[place])
                place += 1
        if not headed and not self.words.is_one("own_sheet", self.grid.name):
            named = not self.grid.name and Path(self.source.name).suffix.casefold() in WORKBOOKS  # and it is text
            without = error("text-named-workbook", self._at()) if named else warning("sheet-without-table", self._at())
            self.found.issues.append(without)

    def _at(self, row: int = 0, column: int = 0) -> Place:
        return place_of(self.source.name, self.grid.name, row, column)

    def _lines(self) -> Lines:
        """Return the rows with what stands in merged cells above: a department is written once for all its people."""
        rows = {row: list(cells) for row, cells in self.grid.lines}
        for left, top, _, bottom in self.grid.merged:
            above = "".join(rows.get(top, [])[left - 1 : left])
            for row in (row for row in range(top + 1, bottom + 1) if row in rows):
                rows[row] += [""] * (left - len(rows[row]))
                rows[row][left - 1] = rows[row][left - 1] or above
        return list(rows.items())

    def _facts(self, row: int, cells: list[str]) -> Cells:
        """Return what a row above a form says of it: ``姓名：周杰``, or a name in the cell behind ``Name``."""
        found: Cells = {}
        for at, text in enumerate(cells, start=1):  # 单位 is also what a company calls itself
            unit = _UNIT.search(text)
            if unit and (unit[1][0] in MULTIPLES or self.words.named("units", unit[1])):
                found["units"] = Cell(unit[1], self._at(row, at))
        for at, text in enumerate(cells, start=1):
            key, inside = self._pair(text)
            behind = next(((n, c) for n, c in enumerate(cells[at:], start=at + 1) if c.strip()), (0, ""))
            if key in _FACTS and inside:
                found[key] = Cell(inside, self._at(row, at))
            elif key in _FACTS and behind[1] and not self._pair(behind[1])[0]:
                found[key] = Cell(behind[1].strip(), self._at(row, behind[0]))
        return found

    def _pair(self, text: str) -> tuple[str, str]:
        """Return what a cell's text, or what stands before its colon, means, and what stands behind the colon."""
        pair = _PAIR.fullmatch(text)
        return self.words.concept(pair[1] if pair else text), pair[2].strip() if pair else ""

    def _title(self, row: int, cells: list[str]) -> Cells:
        """Return the month that a title speaks of, and the person with whose name it begins."""
        filled = [Cell(text.strip(), self._at(row, at)) for at, text in enumerate(cells, start=1) if text.strip()]
        name = _TITLE_PART.split(filled[0].text, maxsplit=1)[0] if len(filled) == 1 else ""
        known = folded(name) in self.heads.names["people"]
        found = {"name": replace(filled[0], text=name)} if known else {}
        kinds = self._months, another_span, usual_words().no_result
        months = [cell for says in kinds for cell in filled if says(cell.text)]
        return found | ({"month": months[0]} if months else {})

    def _months(self, text: str) -> tuple[tuple[int | None, int], ...]:
        """Return the months that a title says; a day on which it was filled in or printed is none."""
        return months_named(text, days=not any(self.words.holds(kind, [text]) for kind in ("made", "signature")))

    def _are_facts(self, row: int, cells: list[str]) -> bool:
        """Whether everything in a row is a word for something and, in the cell behind it, what it is."""
        return 2 * len(self._facts(row, cells)) >= sum(bool(cell.strip()) for cell in cells)

    def _end(self, lines: Lines, start: int) -> int:
        """Return where a table ends: before the next one, or before what stands above that."""
        for place in range(start, len(lines)):
            row, cells = lines[place]
            pairs = any(_PAIR.fullmatch(cell) and self._pair(cell)[0] in _FACTS for cell in cells)
            first = next((cell for cell in cells if cell.strip()), "")
            if self.heads.read(lines, place, self._are_facts):
                above = (before for before in range(place, start, -1) if not self._is_title(lines[before - 1][1]))
                return next(above, start)  # a title stands with the table below it
            if pairs or (self.words.concept(first) in _FACTS and self._facts(row, cells)):
                return place
        return len(lines)

    def _is_title(self, cells: list[str]) -> bool:
        filled = [cell for cell in cells if cell.strip()]
        return len(filled) == 1 and bool(self._title(0, filled) or self._facts(0, filled))

    def _table(self, lines: Lines, columns: Columns, facts: Cells, header: Header) -> None:
        everybody: dict[tuple[str, str], Cells] = {}
        above: Cells = {}
        labels = {one.of: at for at, one in reversed(columns.items()) if any(one.of)}
        meanings = frozenset(one.concept for one in columns.values())
        who = _WHO & meanings or {"role"} & meanings
        units, apart = self._units(columns, header), self._apart(columns, header, lines)
        kept: Lines = []
        for row, cells in lines:
            said = self._said(row, cells, columns, units, apart)
            own = said.pop(("", ""), {})
            if concept := self._everybodys(said, own, facts):
                for of_whom, values in said.items():
                    everybody.setdefault(of_whom, {})[concept] = next(iter(values.values()))
            elif not self._is_beside(row, cells, facts | own):
                kept.append((row, cells))
                self._tell_ragged(row, cells, len(header[0][0][1]))
                hidden = self._at(row, 1) if row in self.grid.hidden_rows else None
                record = Record(self.source, self.grid.name, facts | own, meanings, hidden)
                whose = {key: own[key] for key in _WHOSE if key in own}
                if who and not who & {*facts, *own} and "indicator" in own:
                    record = replace(record, above=above)
                above = whose if who & {*whose} else above
                self.found.records += [] if labels else [record]
                for of, at in reversed(labels.items()):
                    heading = self._heading(of, self._at(header[0][0][0], at), meanings)
                    self.found.records.append(_of_one(record, said.get(of, {}), everybody.get(of, {}), heading))
        self._remember(kept, columns, header)

    def _everybodys(self, said: Mapping[tuple[str, str], Cells], own: Cells, facts: Cells) -> str:
        """Return what a row says for everybody, as if a person were so called: targets, weights, units; else nothing.

        Units may also stand in a row without any name.
        """
        first = next((own[each].text for each in ("name", "number", "indicator") if each in own), "")
        concept = self.words.concept(first)
        if said and concept in {"target", "weight", "unit"}:
            return concept
        nameless = said and not (_WHO | {"indicator"}) & {*facts, *own}
        return "unit" if nameless and self._are_units(said) else ""

    def _tell_ragged(self, row: int, cells: list[str], width: int) -> None:
        """Say of a line of separated values that it holds more than its header names."""
        if not self.grid.name and any(cell.strip() for cell in cells[width:]):
            self.found.issues.append(error("ragged-row", self._at(row), fields=len(cells), expected=width))

    @staticmethod
    def _heading(of: tuple[str, str], at: Place, meanings: Collection[str]) -> Cells:
        """Return as cells whose or of what, and of which month, the figures under a heading are."""
        kinds = "name" if "indicator" in meanings else "indicator", "month"
        return {kind: Cell(text, at) for kind, text in zip(kinds, of, strict=True) if text}

    def _said(
        self, row: int, cells: list[str], columns: Columns, units: Mapping[int, str], apart: Mapping[int, Area]
    ) -> dict[tuple[str, str], Cells]:
        """Return what a row says, by what its figures are of and of which month."""
        said: dict[tuple[str, str], Cells] = {}
        for at, (concept, label, month) in columns.items():
            if "".join(cells[at - 1 : at]).strip() or (row, at) in self.grid.odd:
                cell = self._cell(row, at, concept, cells, units.get(at, ""))
                if at in apart and any(cells[at : apart[at][2]]):  # of which of these columns nobody can tell
                    cell = replace(cell, odd=("heading-over-several", {"ranges": area_name(apart[at])}))
                said.setdefault((label, month), {})[concept] = cell
        return said

    def _are_units(self, said: Mapping[tuple[str, str], Cells]) -> bool:
        """Whether a row without a name holds what its figures are counted in: words, and none that is a heading."""
        texts = [cell.text for values in said.values() for cell in values.values()]
        return not any(re.search(r"\d", text) or self.words.concept(text) for text in texts)

    def _units(self, columns: Columns, header: Header) -> dict[int, str]:
        """Return the units that headings say; a person's name says none."""
        people_above = any(one.concept == "indicator" for one in columns.values())
        said = {
            at: "".join(header[0][0][1][at - 1 : at]) for at, one in columns.items() if not (one.label and people_above)
        }
        return {at: self.words.unit_in(heading) for at, heading in said.items()}

    def _apart(self, columns: Columns, header: Header, lines: Lines) -> dict[int, Area]:
        """Return the headings of figures that stand over several columns."""
        areas = {at: self._over(at, columns, header, lines) for at, one in columns.items() if one.concept in VALUES}
        return {at: area for at, area in areas.items() if area}

    def _over(self, at: int, columns: Columns, header: Header, lines: Lines) -> Area | None:
        """Return the heading of a column if it is one over several, merged or not, of which no other has a meaning."""
        ((row, _), *_), heads = header
        areas = (area for area in self.grid.merged if area[0] == at < area[2] and area[1] <= row <= area[3])
        merged = next((area for area in areas if not columns.keys() & {*range(at + 1, area[2] + 1)}), None)
        ragged = not self.grid.name and at >= len(heads)  # told as such, row by row
        if merged or ragged or at + 1 in columns or "".join(heads[at : at + 1]).strip():
            return merged
        beside = ("".join(cells[at : at + 1]).strip() for _, cells in lines)
        return (at, row, at + 1, row) if any(map(_FIGURE.fullmatch, beside)) else None

    def _is_beside(self, row: int, cells: list[str], said: Cells) -> bool:
        """Whether a row below a table is none of its own: a total, a signature, a remark; it is kept apart."""
        # One piece: the signs of one question, each of which needs what the others are made of.
        filled = [cell for cell in cells if cell.strip()]
        firsts = [*filled[:1], *(said[key].text for key in ("name", "indicator") if key in said)]
        total = any(is_sum(self.words, each) for each in firsts) or ("indicator" not in said and sums_up(filled))
        figure = "actual" in said and not self.words.holds("signature", [said["actual"].text])
        signed = bool(self.words.holds("signature", filled[:2])) and not figure
        here = {key for key, cell in said.items() if cell.place.row == row}
        line = not firsts or any(char.isalnum() for text in firsts for char in text)  # else one to write on
        remark = len(filled) == 1 and (not {"name", "indicator"} & here or bool(_REMARK.search(filled[0])))
        beside = total or signed or not line or remark
        if total:
            self.found.totals.append(Record(self.source, self.grid.name, said))
        if beside:
            self.found.left_out.append((self._at(row), " ".join(filled)[:_SHOWN]))
        return beside

    def _cell(self, row: int, at: int, concept: str, cells: list[str], unit: str) -> Cell:
        text = "".join(cells[at - 1 : at])
        odd = self.grid.odd.get((row, at))
        if concept in {"target", "actual"} and unit and re.fullmatch(r"[+-]?[\d.,]+", text.strip()):
            text += unit
        if concept in VALUES and not odd:  # a name over several rows is each one's; whose a figure is nobody can tell
            over = (area for area in self.grid.merged if area[1] < area[3] and area[1] <= row <= area[3])
            area = next((area for area in over if area[0] <= at <= area[2]), None)
            odd = ("merged-cells", {"ranges": area_name(area)}) if area else None
        if FORMULA_ERROR.fullmatch(text.strip()):
            odd = odd or ("formula-error", {"value": text.strip()})
        seen = _UNSEEN.sub("", text)
        if seen != text:
            self.found.issues.append(hint("unseen-dropped", self._at(row, at)))
        return Cell(seen, self._at(row, at), odd)

    def _remember(self, lines: Lines, columns: Columns, header: Header) -> None:
        """Keep every heading of a table and what became of it, with the texts below those that mean nothing yet."""
        rows, _ = header
        begins = rows[0][0], next(iter(columns), 0)
        for at in sorted({*columns, *(at for at, cell in enumerate(rows[0][1], start=1) if cell.strip())}):
            texts = tuple(line[at - 1] for _, line in lines if at <= len(line) and line[at - 1].strip())
            hidden = at in self.grid.hidden_columns and bool(texts)
            one = columns.get(at, Meaning())
            said = [(row, text) for row, cells in rows if (text := " ".join("".join(cells[at - 1 : at]).split()))]
            row, heading = said[-1] if any(one.of) else said[0]
            heading = one.heading(heading) if any(one.of) and self.words.concept(heading) else heading
            where, of = (self.source, self.grid.name, self._at(row, at)), (one.label + one.month, begins)
            self.found.columns.append(Column(*where, heading, one.concept, texts, hidden, *of))
