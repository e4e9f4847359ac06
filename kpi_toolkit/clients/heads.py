"""The rows over a table that say what stands in its columns: in one row or two, of people, indicators or months.

Of tables next to one another, under headings that stand there again, each is read as if it were alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import NamedTuple

from kpi_toolkit.clients.grids import Grid
from kpi_toolkit.clients.headings import Lines, folded, meant, without_unit
from kpi_toolkit.clients.months import month_of_heading
from kpi_toolkit.clients.vocabulary import Vocabulary

WHAT_A_LINE_IS_OF = {"name", "number", "surname", "indicator", "id"}
VALUES = {"target", "actual", "part", "whole", "self", "appraiser", "weight", "unit"}
"""Columns of which there is one for each indicator, person or month where these stand over them."""
_OF_EACH = {*VALUES, "score"}
"""That, and what a scoring workbook has besides."""
LEFT_OUT = "left-out"
"""What a column means that this client does not take over; whose or of what it is says which one."""
_BETWEEN = " -–—_/·:：（）()[]【】"
"""What stands between a name and what its figures are."""
_WITH_UNIT = re.compile(r"\D?\s*[+-]?\d[\d.,]*\s*(?:\D{0,4}|[A-Za-z]{1,12})")
"""A figure, perhaps with a sign before it and a word behind."""


class Meaning(NamedTuple):
    """What stands in a column: its concept, and whose or of what, and of which month its figures are."""

    concept: str = ""
    label: str = ""
    month: str = ""

    @property
    def of(self) -> tuple[str, str]:
        """What there is one record of for each line, beside what all columns share."""
        return self.label, self.month

    def heading(self, below: str) -> str:
        """Return a heading that says only what figures are, as in a second row, with whose or of when they are."""
        return " ".join(filter(None, (self.label or self.month, below)))


Columns = dict[int, Meaning]


@dataclass(frozen=True)
class Heads:
    """How the headings of a sheet are understood."""

    words: Vocabulary
    names: Mapping[str, Mapping[str, str]]
    """Known ``people`` and ``indicators`` by their folded names: a heading that is one makes a table crosswise."""
    crosswise: str
    """What the figures of such a table are."""

    def read(self, lines: Lines, place: int, are_facts: Callable[[int, list[str]], bool]) -> tuple[int, Columns] | None:
        """Return how many rows the header in a row has, and what stands in each column; None where it is none.

        ``are_facts`` says whether everything in a row is a word for something and, behind it, what it is.
        """
        said = _filled(lines[place][1])
        meant = [concept for cell in said.values() if (concept := self.words.concept(cell))]
        if not WHAT_A_LINE_IS_OF.intersection(meant):
            return None
        across = "people" if "indicator" in meant else "indicators"
        if below := self._row_below(lines, place, across):
            return 2, self._two_rows(lines[place][1], below, across)
        own = {at: one for at, cell in said.items() if (one := self._meaning(cell, across)).concept}
        if self._goes_on_from_above(lines, place, own):
            return 1, self._two_rows(lines[place - 1][1], lines[place][1], across)
        if across == "indicators":  # what months are of, nobody can tell
            own = {at: one for at, one in own.items() if not one.month}
        if self._is_crosswise(lines[place + 1 :], said, own):
            own = dict(sorted((self._with_figures(lines[place + 1 :], said) | own).items()))
        elif not any(one.month for one in own.values()) and (len(set(meant)) == 1 or are_facts(*lines[place])):
            return None
        return 1, {at: one for at, one in own.items() if not one.month or one.concept not in meant}

    def _row_below(self, lines: Lines, place: int, across: str) -> list[str]:
        """Return the cells of the row below a header if they are its second row; else none."""
        cells, below = lines[place][1], lines[place + 1][1] if place + 1 < len(lines) else []
        new = [cell for at, cell in enumerate(below) if cell.strip() and cells[at : at + 1] != [cell]]
        return below if len(new) > 1 and self._is_second_row([self._meaning(cell, across) for cell in new]) else []

    @staticmethod
    def _goes_on_from_above(lines: Lines, place: int, columns: Columns) -> bool:
        """Whether a header says the same of several columns, which only the row above it can tell apart."""
        figures = [one for one in columns.values() if one.concept in VALUES]
        above = lines[place - 1][1] if place else []
        return sum(bool(cell.strip()) for cell in above) > 1 and len(set(figures)) < len(figures)

    def _is_second_row(self, under: list[Meaning]) -> bool:
        """Whether these stand below other headings: what figures are, of which month, or of what."""
        figures = [one for one in under if one.concept in _OF_EACH]
        said = {one.concept for one in under}
        of_one_form = any(any(one.of) for one in figures) and (len(figures) == 1 or "month" in said)
        return bool(figures) and not of_one_form and not said & {"", *WHAT_A_LINE_IS_OF}

    def _meaning(self, heading: str, across: str = "") -> Meaning:
        """Return what a heading says: a concept, a month and what its figures are, or of what they are."""
        if self.words.is_left_out(heading):
            return Meaning()
        if concept := self.words.concept(heading):
            return Meaning(concept)
        months, rest = month_of_heading(heading)
        year, month = months[0] if len(months) == 1 else (None, 0)
        concept = self.words.concept(rest) if rest else self.crosswise
        if month and concept in _OF_EACH:
            return Meaning(concept, month=f"{year or ''}{'年' if year else ''}{month}月")
        return self._of_a_name(heading, self.names.get(across, {}))

    def _of_a_name(self, heading: str, names: Mapping[str, str]) -> Meaning:
        """Return of whom or what a heading says figures are, and what they are where that stands beside the name."""
        plain = folded(heading)
        inside = () if plain in names else (name for name in names if name and name in plain)
        for name in sorted(inside, key=len, reverse=True):
            concept = self.words.concept(plain.replace(name, "", 1).strip(_BETWEEN))
            if concept in _OF_EACH:
                return Meaning(concept, names[name])
        known = {plain, folded(without_unit(heading))} & names.keys()
        return Meaning(self.crosswise, heading) if known else Meaning()

    def _is_crosswise(self, lines: Lines, said: Mapping[int, str], columns: Columns) -> bool:
        """Whether people or indicators stand over columns, or can: everybody's targets are in the first row below."""
        has_targets = len(said) > len(columns) and self._has_targets(lines, columns)
        return has_targets or any(one.label for one in columns.values())

    def _with_figures(self, lines: Lines, said: Mapping[int, str]) -> Columns:
        """Return the columns whose heading means nothing by itself, with figures below and no sums."""
        return {
            at: Meaning(self.crosswise, heading) for at, heading in said.items()
            if not self.words.concept(heading) and not self.words.named("private", heading)
            and not self.words.is_left_out(heading)
            and not is_sum(self.words, heading) and not self.words.holds("otherwise", [heading])
            and any(_WITH_UNIT.fullmatch("".join(cells[at - 1 : at]).strip()) for _, cells in lines)
        }  # fmt: skip

    def _two_rows(self, top: list[str], under: list[str], across: str) -> Columns:
        """Return the columns of a header in two rows: above whose or of when the figures are, below what they are."""
        columns: Columns = {}
        over = ""
        rows = (map(str.strip, row) for row in (top, under))
        for at, (above, below) in enumerate(zip_longest(*rows, fillvalue=""), start=1):
            over = above or over
            own = self._meaning(below, across) if below != above else Meaning()
            wide = self._meaning(over, across)
            if own.concept in _OF_EACH:
                label = own.label or ("" if wide.concept and not wide.label else over)
                said = wide.concept if any(own.of) and wide.concept in VALUES and not any(wide.of) else own.concept
                one = Meaning(said, label, own.month or wide.month)
                left_out = self.words.is_left_out(one.heading(below))
                columns[at] = one._replace(concept=LEFT_OUT) if left_out else one
            elif concept := own.concept or self.words.concept(above):
                columns[at] = Meaning(concept)
        return columns

    def _has_targets(self, lines: Lines, columns: Columns) -> bool:
        """Whether the first row below a header gives the targets of everybody: a person called Target is none."""
        first = next(iter(lines), (0, []))[1]
        named = [first[at - 1] for at, one in columns.items() if one.concept in WHAT_A_LINE_IS_OF and at <= len(first)]
        return any(self.words.concept(text) == "target" for text in named)


def _filled(cells: list[str]) -> dict[int, str]:
    return {at: cell.strip() for at, cell in enumerate(cells, start=1) if cell.strip()}


def is_sum(words: Vocabulary, text: str) -> bool:
    """Whether a line or column is a total of others: by one word, or by one before or behind a heading's.

    >>> from pathlib import Path
    >>> from kpi_toolkit.clients.workbook import Workbook
    >>> words = Vocabulary(Workbook(Path()))
    >>> [is_sum(words, text) for text in ("合计：", "Total weight", "权重合计", "Total sales", "Sub-total Care")]
    [True, True, True, False, True]
    """
    plain = " ".join(text.split()).rstrip(":：")
    first, _, rest = plain.partition(" ")
    pairs = ((first, rest), (plain[:2], plain[2:]), (plain[-2:], plain[:-2]))
    alone = words.is_one("total", plain) or bool(meant(plain, "total")) or bool(words.holds("part_sum", [plain]))
    return alone or any(meant(sum_, "total") and words.concept(of) for sum_, of in pairs)


def sums_up(filled: list[str]) -> bool:
    """Whether the cells of a row with people are a sum of some of them: by its first word, with only figures behind.

    >>> [sums_up(row) for row in (["Total Care", "12"], ["Mean Yilmaz", "Clerk"], ["合计（内容组）", "3人"])]
    [True, False, True]
    """
    first = re.split(r"[\s:：（(]", filled[0].strip(), maxsplit=1)[0] if filled else ""
    return bool(meant(first, "total")) and all(_WITH_UNIT.fullmatch(cell.strip()) for cell in filled[1:])


def tables_apart(grid: Grid, words: Vocabulary) -> list[Grid]:
    """Return a sheet once for each of the tables next to one another, without the others; else as it is.

    A title that stands over them all is each one's.
    """
    headers = list(_headers(grid.lines, words))
    starts = max((header.starts for header in headers), key=len, default=[])
    ends = [*starts[1:], max(len(cells) for _, cells in grid.lines)]
    bands = [range(start if at else 0, end) for at, (start, end) in enumerate(zip(starts, ends, strict=False))]
    alone = (any(header.first in band and header.last in band for band in bands) for header in headers)
    if len(starts) < 2 or not all(header.starts == starts or one for header, one in zip(headers, alone, strict=True)):  # noqa: PLR2004
        return [grid]
    apart = []
    for band in bands:
        others = {at for each in bands if each is not band for at in each}
        lines = [
            (row, cells if row < headers[0].row and _is_everybodys(cells, bands) else _without(cells, others))
            for row, cells in grid.lines
        ]
        apart.append(replace(grid, lines=lines))
    return apart


class _Header(NamedTuple):
    """A row that names columns: where each of the tables below begins, and its first and last heading, from 0."""

    row: int
    starts: list[int]
    first: int
    last: int


def _headers(lines: Lines, words: Vocabulary) -> Iterator[_Header]:
    for row, cells in lines:
        said = [at for at, cell in enumerate(cells) if cell.strip()]
        meant = [words.concept(cells[at].strip()) for at in said]
        if len({*meant} - {""}) > 1 and WHAT_A_LINE_IS_OF & {*meant}:
            length = next(n for n in range(1, len(meant) + 1) if meant == meant[:n] * (len(meant) // n))
            yield _Header(row, said[:: length if length > 1 else len(said)], said[0], said[-1])


def _is_everybodys(cells: list[str], bands: list[range]) -> bool:
    return sum(any(cells[at].strip() for at in band if at < len(cells)) for band in bands) == 1


def _without(cells: list[str], others: set[int]) -> list[str]:
    return ["" if at in others else cell for at, cell in enumerate(cells)]
