"""Separated values as rows with their lines: the separator is found, and every line that is broken is named."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice

from kpi_toolkit.clients.headings import WITHIN, Lines, Wanted, above_header, find_header, folded, without_header
from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.value import Word

MAX_LINES = 100_000
"""Ours: so many lines may a table have."""
_MOST_LINES = 3 * MAX_LINES
"""So many lines may a file have, blank ones among them."""
_SEPARATORS, _ODD_SEPARATORS = ",;\t|", ":^~ ，；、·"
"""What parts columns, and what does so elsewhere: between blanks nobody could tell where a cell is missing."""
_SHOWN = 60


def split(
    text: str, name: str, wanted: Wanted = Wanted()  # noqa: B008 - nobody can change it
) -> tuple[Place, list[str], Lines, Issues]:  # fmt: skip
    """Return header (with its place) and rows (each with its line) of separated values; broken lines are named.

    The separator is the one by which most of the known columns are found, or the line ``sep=;`` that Excel knows.
    """
    place = Place(name)
    if not text.strip():
        return place, [], [], Issues([error("empty-file", place)])
    told = re.match(r"sep=(.)\r?\n", text)
    best, odd = _marks(text, wanted, told[1] if told else "")
    if odd:
        return place, [], [], Issues([error("other-separator", place, mark=Word("kind.blanks") if odd == " " else odd)])
    found: list[Issue] = []
    lines = _lines(text, best, found, name)[1 if told else 0 :]
    if len(lines) > MAX_LINES + WITHIN:
        return place, [], [], Issues([error("too-many-rows", place, rows=lines[-1][0], limit=MAX_LINES)])
    nothing = without_header(lines, wanted, place) if not found else None
    if nothing is not None:
        return place, [], [], Issues([nothing])
    header, above, body = find_header(lines, wanted)
    found += [above_header(above, place)] if above else []
    rows, ragged = _below(body[1:], len(header), place)
    at = place.at(body[0][0]) if body else place
    return at, header, rows, Issues(sorted((*found, *ragged), key=lambda issue: issue.place.row or 0))


def _marks(text: str, wanted: Wanted, told: str) -> tuple[str, str]:
    """Return what parts columns, and what else does so and finds more of the known ones; of ours it may be ``told``."""
    first = next(line for line in io.StringIO(text, newline=None) if line.strip())
    separators = [told] if told else sorted(_SEPARATORS, key=first.count, reverse=True)
    top = _top(text, WITHIN)
    names = {folded(field) for field in wanted.known}
    named = {
        mark: max(len({folded(cell) for cell in cells} & names) for _, cells in [*_lines(top, mark, []), (0, [])])
        for mark in (*separators, *_ODD_SEPARATORS)
    }
    best = max(separators, key=named.__getitem__)
    odd = max(_ODD_SEPARATORS, key=named.__getitem__)
    return best, odd if named[odd] > max(named[best], 1) else ""


def _below(lines: Lines, width: int, place: Place) -> tuple[Lines, list[Issue]]:
    """Return the rows below a header, and what is wrong with those that are not as wide as it."""
    rows: Lines = []
    found: list[Issue] = []
    widths = Counter(len(cells) for _, cells in lines)
    for number, cells in lines:
        behind = cells[width:] if 2 * widths[len(cells)] >= len(lines) else ()
        # Blanks behind the table are nothing where most rows have them; in a few rows a decimal comma made them.
        if len(cells) == width or (behind and not any(cell.strip() for cell in behind)):
            rows.append((number, cells[:width]))
        else:
            ragged = error("ragged-row", place.at(number), fields=len(cells), expected=width)
            found.append(remark_in(cells, place.at(number)) or ragged)
    return rows, found


def separated(text: str, name: str) -> tuple[Lines, Issues]:
    """Return the lines of separated values as they stand, by the separator that most of them have."""
    told = re.match(r"sep=(.)\r?\n", text)
    top = _top(text, 2 * WITHIN)
    width = {mark: sum(len(cells) - 1 for _, cells in _lines(top, mark, [])) for mark in _SEPARATORS}
    found: list[Issue] = []
    lines = _lines(text, told[1] if told else max(width, key=width.__getitem__), found, name)
    return lines[1:] if told else lines, Issues(found)


def _top(text: str, lines: int) -> str:
    return "".join(islice(io.StringIO(text, newline=None), lines))  # not all lines of a file of millions


def _lines(text: str, separator: str, found: list[Issue], name: str = "") -> Lines:
    """Return the lines that hold something, each with its number, no more of them than a table may have."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: Lines = []
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if "".join(cells).strip():
                lines.append((number, cells))
            if len(lines) > MAX_LINES + WITHIN:
                break
            if number > _MOST_LINES:
                found.append(error("too-many-rows", Place(name), rows=number, limit=MAX_LINES))
                return []
    except csv.Error as problem:
        at, limit = Place(name, reader.line_num), csv.field_size_limit()
        long = "larger than field limit" in str(problem)
        found.append(error("cell-too-long", at, limit=limit) if long else error("csv-syntax", at))
    return lines


def remark_in(cells: list[str], place: Place) -> Issue | None:
    """Return what is said of a row in which only one cell holds something, as remarks below a table do."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return error("remark-row", place, value=filled[0][:_SHOWN]) if len(filled) == 1 else None
