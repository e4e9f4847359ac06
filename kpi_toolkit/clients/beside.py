"""Tables next to one another on a sheet: under headings that stand there again, each is read as if it were alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from kpi_toolkit.clients.grids import Grid
from kpi_toolkit.clients.headings import Lines
from kpi_toolkit.clients.vocabulary import Vocabulary

WHAT_A_LINE_IS_OF = {"name", "number", "surname", "indicator", "id"}


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
