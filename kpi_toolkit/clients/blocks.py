"""Tables in sheets as people make them: under titles, above totals, one sheet a person, form under form, crosswise.

Whatever the layout, what comes out is one record for each person, or for each person and indicator, with its cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.grids import Grid, cell_name
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.vocabulary import Vocabulary

Lines = list[tuple[int, list[str]]]
Columns = dict[int, tuple[str, str]]
"""Of each column its meaning and, in a table of people by indicators, whose figures they are."""

_KEYS = {"name", "number", "surname", "indicator", "id"}
_FACTS = {"name", "number", "role", "team", "month", "manager", "surname", "given"}
_VALUES = {"target", "actual", "part", "whole", "self", "appraiser", "weight", "unit"}
_PAIR = re.compile(r"\s*([^:：]{1,30}?)\s*[:：]\s*(.*)")


@dataclass(frozen=True)
class Cell:
    """A text and where it stands."""

    text: str
    row: int = 0
    column: int = 0
    odd: tuple[str, Mapping[str, str]] | None = None
    """Why it may show something else than it holds: the code of a finding and its values."""

    @property
    def name(self) -> str:
        """The cell's name in Excel; empty where it is none."""
        return cell_name(self.row, self.column) if self.row and self.column else ""


@dataclass(frozen=True)
class Record:
    """What one line says, by the meaning of its columns, with what stands above it: whose form it is, of what month."""

    source: Source
    sheet: str
    cells: Mapping[str, Cell]
    columns: frozenset[str] = frozenset()
    """The meanings of all columns of its table, those with a blank cell among them."""
    hidden: str = ""
    """The cell's name of a line, or of a column, that Excel hides."""

    def text(self, concept: str) -> str:
        """Return the text of a cell; empty where there is none."""
        cell = self.cells.get(concept)
        return cell.text.strip() if cell else ""


@dataclass(frozen=True)
class Column:
    """A heading and what it was taken for; an empty meaning is left out."""

    source: Source
    sheet: str
    cell: str
    heading: str
    concept: str
    texts: tuple[str, ...] = ()
    hidden: bool = False


@dataclass
class Found:
    """What was found in the sheets."""

    records: list[Record] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    left_out: list[tuple[Source, str, int, str]] = field(default_factory=list)
    """Lines below a table that are none of its own: file, sheet, row, text."""
    totals: list[Record] = field(default_factory=list)
    """The lines with sums: never data, but something to compare with."""
    titles: list[str] = field(default_factory=list)
    headless: list[tuple[Source, str]] = field(default_factory=list)
    """Sheets without a table."""


def find_records(sources: list[Source], words: Vocabulary, names: Mapping[str, set[str]], crosswise: str) -> Found:
    """Return every record of some files.

    ``names`` are the folded names of known ``people`` and ``indicators``: a heading that is one makes a table
    crosswise; ``crosswise`` says what its figures are.
    """
    found = Found()
    for source in sources:
        for grid in source.grids:
            _Sheet(source, grid, words, names, crosswise, found).read()
    return found


@dataclass
class _Sheet:
    source: Source
    grid: Grid
    words: Vocabulary
    names: Mapping[str, set[str]]
    crosswise: str
    found: Found
    by_number: dict[int, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_number = dict(self.grid.lines)

    def read(self) -> None:
        lines = [(row, self._filled(row, cells)) for row, cells in self.grid.lines]
        facts: dict[str, Cell] = {}
        place, headed = 0, False
        while place < len(lines):
            row, cells = lines[place]
            header = self._header(lines, place)
            if header:
                headed = True
                height, columns = header
                end = self._end(lines, place + height)
                self._table(lines[place + height : end], columns, facts, lines[place])
                place, facts = end, {}
                continue
            said = self._facts(row, cells)
            facts |= said
            if not said:
                self.found.titles.append(" ".join(filter(None, cells)))
            place += 1
        if not headed:
            self.found.headless.append((self.source, self.grid.name))

    def _filled(self, row: int, cells: list[str]) -> list[str]:
        """Return a row with what stands in merged cells above it: a department is written once for all its people."""
        cells = list(cells)
        for left, top, _, bottom in self.grid.merged:
            if top < row <= bottom:
                above = self.by_number.get(top, [])
                cells += [""] * (left - len(cells))
                cells[left - 1] = cells[left - 1] or (above[left - 1] if left <= len(above) else "")
        return cells

    def _concepts(self, cells: list[str]) -> dict[int, str]:
        found = ((at, self.words.concept(cell)) for at, cell in enumerate(cells, start=1) if cell.strip())
        return {at: concept for at, concept in found if concept}

    def _header(self, lines: Lines, place: int) -> tuple[int, Columns] | None:
        """Return how many rows a header has, and of each column its meaning and its label; None where it is none."""
        cells = lines[place][1]
        concepts = self._concepts(cells)
        if not set(concepts.values()) & _KEYS:
            return None
        below = lines[place + 1][1] if place + 1 < len(lines) else []
        own = [cell for at, cell in enumerate(below) if cell.strip() and cells[at : at + 1] != [cell]]
        if len(own) > 1 and all(map(self.words.concept, own)) and _VALUES & {*map(self.words.concept, own)}:
            return 2, self._two_rows(cells, below)
        if place and any([*concepts.values()].count(concept) > 1 for concept in _VALUES):
            return 1, self._two_rows(lines[place - 1][1], cells)
        plain: Columns = {at: (concept, "") for at, concept in concepts.items()}
        known = self.names["people" if "indicator" in concepts.values() else "indicators"]
        labels = {at: cell.strip() for at, cell in enumerate(cells, start=1) if cell.strip() and at not in concepts}
        crossed = {at: label for at, label in labels.items() if folded(label) in known}
        if crossed or (labels and self._has_targets_below(lines[place + 1 :], concepts)):
            return 1, plain | {at: (self.crosswise, label) for at, label in (crossed or labels).items()}
        if len(set(concepts.values())) > 1 and not self._are_facts(lines[place][0], cells):
            return 1, plain
        return None

    def _two_rows(self, top: list[str], under: list[str]) -> Columns:
        """Return the columns of a header in two rows: above whose the figures are, below what they are."""
        columns: Columns = {}
        label = ""
        for at in range(max(len(top), len(under))):
            above, below = "".join(top[at : at + 1]).strip(), "".join(under[at : at + 1]).strip()
            label = above or label
            own = self.words.concept(below) if below != above else ""
            if own in _VALUES:
                columns[at + 1] = own, "" if self.words.concept(label) else label
            elif concept := own or self.words.concept(above):
                columns[at + 1] = concept, ""
        return columns

    def _has_targets_below(self, lines: Lines, concepts: dict[int, str]) -> bool:
        """Whether the first row below a header gives the targets of everybody: a person called Target is none."""
        first = next(iter(lines), (0, []))[1]
        named = [first[at - 1] for at, concept in concepts.items() if concept in _KEYS and at <= len(first)]
        return any(self.words.concept(text) == "target" for text in named)

    def _facts(self, row: int, cells: list[str]) -> dict[str, Cell]:
        """Return what a row above a form says of it: ``姓名：周杰``, or a name in the cell behind ``Name``."""
        found: dict[str, Cell] = {}
        for at, text in enumerate(cells, start=1):
            pair, key = _PAIR.fullmatch(text), self._key_of(text)
            behind = next(((n, c) for n, c in enumerate(cells[at:], start=at + 1) if c.strip()), (0, ""))
            inside = pair[2].strip() if pair else ""
            if key not in _FACTS:
                continue
            if inside:
                found[key] = Cell(inside, row, at)
            elif behind[1] and not pair and not self._key_of(behind[1]):
                found[key] = Cell(behind[1].strip(), row, behind[0])
        return found

    def _key_of(self, text: str) -> str:
        pair = _PAIR.fullmatch(text)
        return self.words.concept(pair[1] if pair else text) if text.strip() else ""

    def _are_facts(self, row: int, cells: list[str]) -> bool:
        """Whether everything in a row is a word for something and, in the cell behind it, what it is."""
        return 2 * len(self._facts(row, cells)) >= sum(bool(cell.strip()) for cell in cells)

    def _end(self, lines: Lines, start: int) -> int:
        """Return where a table ends: before the next one, or before what stands above that."""
        for place in range(start, len(lines)):
            row, cells = lines[place]
            pairs = any((pair := _PAIR.fullmatch(cell)) and self.words.concept(pair[1]) in _FACTS for cell in cells)
            first = next((cell for cell in cells if cell.strip()), "")
            if self._header(lines, place) or pairs or (self.words.concept(first) in _FACTS and self._facts(row, cells)):
                return place
        return len(lines)

    def _table(
        self,
        lines: Lines,
        columns: Columns,
        facts: dict[str, Cell],
        header: tuple[int, list[str]],
    ) -> None:
        self._remember(lines, columns, header)
        everybody: dict[str, dict[str, Cell]] = {}
        meanings = frozenset(concept for concept, _ in columns.values())
        kind = "name" if "indicator" in meanings else "indicator"
        for row, cells in lines:
            shown = {at: what for at, what in columns.items() if self._holds(row, at, cells)}
            own = {
                concept: self._cell(row, at, concept, cells, header)
                for at, (concept, label) in shown.items() if not label
            }  # fmt: skip
            labelled: dict[str, dict[str, Cell]] = {}
            for at, (concept, label) in shown.items():
                if label:
                    labelled.setdefault(label, {})[concept] = self._cell(row, at, concept, cells, header)
            key = next((own[each].text for each in ("name", "number", "indicator") if each in own), "")
            if self.words.concept(key) in {"target", "weight", "unit"} and labelled:
                for label, values in labelled.items():
                    everybody.setdefault(label, {})[self.words.concept(key)] = next(iter(values.values()))
                continue
            filled = [cell for cell in cells if cell.strip()]
            if self._is_beside(filled, own):
                if self.words.is_one("total", filled[0] if filled else ""):
                    self.found.totals.append(Record(self.source, self.grid.name, {**facts, **own}))
                self.found.left_out.append((self.source, self.grid.name, row, " ".join(filled)[:60]))
                continue
            hidden = cell_name(row, 1) if row in self.grid.hidden_rows else ""
            record = Record(self.source, self.grid.name, facts | own, meanings, hidden)
            labels = {label: at for at, (_, label) in reversed(columns.items()) if label}
            crossed = [
                replace(
                    record,
                    cells={
                        **record.cells,
                        **everybody.get(label, {}),
                        **labelled.get(label, {}),
                        kind: Cell(label, header[0], at),
                    },
                )
                for label, at in reversed(labels.items())
            ]
            self.found.records += crossed if labels else [record]

    def _holds(self, row: int, at: int, cells: list[str]) -> bool:
        """Whether a cell holds something, be it a formula that nobody has worked out."""
        return bool("".join(cells[at - 1 : at]).strip()) or (row, at) in self.grid.odd

    def _is_beside(self, filled: list[str], own: dict[str, Cell]) -> bool:
        """Whether a row below a table is none of its own: a total, a line for signatures, a remark."""
        first = filled[0] if filled else ""
        signed = any(self.words.holds("signature", [cell]) for cell in filled[:2]) and not own.get("actual")
        return (
            self.words.is_one("total", first) or signed or (len(filled) == 1 and not {"name", "indicator"} & set(own))
        )

    def _cell(self, row: int, at: int, concept: str, cells: list[str], header: tuple[int, list[str]]) -> Cell:
        unit, text = self.words.unit_in("".join(header[1][at - 1 : at])), "".join(cells[at - 1 : at])
        odd = self.grid.odd.get((row, at))
        if concept in {"target", "actual"} and unit and re.fullmatch(r"[+-]?[\d.,]+", text.strip()):
            text += unit
        if concept in _VALUES:  # a name over several rows is each one's; whose a figure is nobody can tell
            over = (area for area in self.grid.merged if area[1] < area[3] and area[1] <= row <= area[3])
            area = next((area for area in over if area[0] <= at <= area[2]), None)
            odd = odd or (
                area and ("merged-cells", {"ranges": f"{cell_name(area[1], area[0])}:{cell_name(area[3], area[2])}"})
            )
        return Cell(text, row, at, odd)

    def _remember(self, lines: Lines, columns: Columns, header: tuple[int, list[str]]) -> None:
        """Keep every heading of a table and what became of it, with the texts below those that mean nothing yet."""
        row, cells = header
        for at, heading in enumerate(cells, start=1):
            if heading.strip():
                concept = columns.get(at, ("", ""))[0]
                texts = tuple(line[at - 1] for _, line in lines if at <= len(line) and line[at - 1].strip())
                hidden = at in self.grid.hidden_columns and bool(texts)
                self.found.columns.append(
                    Column(self.source, self.grid.name, cell_name(row, at), heading.strip(), concept, texts, hidden)
                )
