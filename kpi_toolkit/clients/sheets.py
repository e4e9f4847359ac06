"""Excel workbooks as plain tables: values as Excel shows them, nothing run, and nothing believed that Excel hides.

One visible sheet with the needed columns is read; where none or several have them, or where rows, columns or merged
cells inside the table are not as a reader sees them, the file is refused with the cells named.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.worksheet._reader import WorkSheetParser

from kpi_toolkit.clients.headings import WITHIN, Lines, Wanted, above_header, find_header, meant, runs, without_header
from kpi_toolkit.clients.number_formats import shown_day, shown_number, shown_text
from kpi_toolkit.clients.plain_xml import iterparse
from kpi_toolkit.clients.quick_openpyxl import open_workbook
from kpi_toolkit.clients.sheet_parts import (
    ROW,
    Hidden,
    RefusedError,
    SheetPart,
    asks_to_be_computed,
    comments_of,
    filters_a_table,
    not_read,
    sheet_parts,
    unpacked,
    what_is_hidden,
)
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.method.issues import Issue, Issues, Place, error, warning

MAX_COLUMNS = 200
Odd = tuple[str, dict[str, str]]
"""The code of what is wrong with a cell, and the values of its sentence."""
Odds = dict[tuple[int, int], Odd]
"""By row and column."""


def read_sheet(
    data: bytes, name: str, *, max_rows: int, known: Collection[str] = (), needed: Collection[str] = ()
) -> tuple[list[str], Lines, Issues]:
    """Return header and rows (each with its row in Excel) of a workbook's table, as :func:`read_workbook` finds it."""
    return read_workbook(data, name, Wanted(known, needed), max_rows=max_rows)[1:]


def read_workbook(data: bytes, name: str, wanted: Wanted, *, max_rows: int) -> tuple[Place, list[str], Lines, Issues]:
    """Return a workbook's table as the text a CSV would hold: where its header stands, the header, and the rows.

    Every row comes with its number in Excel. The table is on the one visible sheet whose header, in its first 20 rows,
    names all columns that are needed; where none are known, the first row of the first visible sheet is the header. A
    formula counts as its last computed value. Whatever Excel hides inside the table, and a formula that was never
    computed, is an error with its cells; macros, links to other workbooks and sheets that are not read are named.
    """
    place = Place(name)
    try:
        with unpacked(data) as archive:
            return _read(data, archive, name, wanted, max_rows)
    except RefusedError as refused:
        return place, [], [], Issues([error(refused.code, place, **refused.values)])
    except Exception:  # noqa: BLE001 - on damaged files the readers raise almost anything
        return place, [], [], Issues([error("xlsx-damaged", place)])


def _read(
    data: bytes, archive: zipfile.ZipFile, name: str, wanted: Wanted, max_rows: int
) -> tuple[Place, list[str], Lines, Issues]:
    with closing(_Book(data, archive)) as book:
        shown = [part for part in book.parts if part.state == "visible"]
        tops = {part.name: book.top(part) for part in shown}
        part, refusal = _the_sheet(shown, tops, wanted, Place(name))
        if part is None:
            return Place(name), [], [], Issues([refusal])
        unseen = [part for part in book.parts if part.state != "visible"]
        holding = [each.name for each in unseen if wanted.needed and _holds(book.top(each), wanted)]
        if holding and not _holds(tops[part.name], wanted):
            return Place(name), [], [], Issues([error("sheet-hidden", Place(name), sheets=holding)])
        lines, hidden, odd = book.sheet(part, max_rows)
    at = Place(name, sheet=part.name if len(shown) > 1 else None)
    nothing = without_header(lines, wanted, at)
    if nothing is not None:
        return at, [], [], Issues([nothing])
    header, above, rows = find_header(lines, wanted)
    found = [*not_read(archive, [each.name for each in unseen], at, runs(hidden.linked))]
    if others := [each.name for each in shown if each is not part and tops[each.name]]:
        found.append(warning("other-sheets", at, sheet=part.name, others=others))
    found += [above_header(above, at)] if above else []
    found += _not_as_shown(hidden, odd, rows, header, at)
    below, beside = _below(rows[1:], len(header), at)
    found += beside
    found += _uncertain_cells(odd, rows[0][0], header, at)
    return at.at(rows[0][0]), header, below, Issues(found)


def _below(rows: Lines, width: int, at: Place) -> tuple[Lines, list[Issue]]:
    """Return the rows below a header, each as wide as it, and those in which something stands beside the table."""
    below: Lines = []
    found: list[Issue] = []
    for number, cells in rows:
        beside = next((column for column, cell in enumerate(cells, start=1) if column > width and cell), None)
        if beside:
            found.append(error("value-beside-table", at.at(number), cell=_name(number, beside)))
        else:
            below.append((number, (cells + [""] * width)[:width]))
    return below, found


class _Book:
    """A workbook as openpyxl reads it, with what its other parts say of all its sheets."""

    def __init__(self, data: bytes, archive: zipfile.ZipFile) -> None:
        self.parts = sheet_parts(archive)
        self.archive = archive
        self.filtered, self.left_to_excel = filters_a_table(archive), asks_to_be_computed(archive)
        self._book = open_workbook(data)
        looks = enumerate(self._book._differential_styles.styles)
        self.looks = {at for at, look in looks if look.numFmt or _is_apart(look.font, _ground(look.fill, "bgColor"))}
        self.close = self._book.close

    def top(self, part: SheetPart) -> Lines:
        """Return the rows of a sheet among which its header is looked for."""
        rows = _Rows(self._book, part.name)
        with self.archive.open(part.member) as stream:
            ended = (element for _, element in iterparse(stream) if element.tag == ROW)
            next((element for element in ended if rows.take(element) >= WITHIN), None)
        return [line for line in rows.lines if line[0] <= WITHIN]

    def sheet(self, part: SheetPart, max_rows: int, *, months: bool = False) -> tuple[Lines, Hidden, Odds]:
        """Return a sheet's rows, what Excel hides of it, and its cells that may show something else than they hold."""
        rows = _Rows(self._book, part.name, months=months)
        with self.archive.open(part.member) as stream:
            hidden = what_is_hidden(stream, rows.take, max_rows=max_rows, max_column=MAX_COLUMNS)
        hidden.filtered |= self.filtered
        lines, odd, cells = rows.lines, rows.odd, dict(rows.lines)
        for (row, column), said in comments_of(self.archive, part):
            if usual_words().doubts(said, _cell(cells.get(row, []), column)):
                odd.setdefault((row, column), ("comment-doubts", {"comment": said}))
        return lines, hidden, odd | self._uncertain(lines, hidden)

    def _uncertain(self, lines: Lines, hidden: Hidden) -> Odds:
        """Return the cells that may show something else than they hold for reasons beside their own format."""
        odd: Odds = {at: ("formula-without-value", {"formula": formula}) for at, formula in hidden.uncomputed.items()}
        if self.left_to_excel:
            odd |= {at: ("left-to-excel", {"cells": _name(*at)}) for at in hidden.computed}
        if hidden.no_zeros:
            zeros = ((row, at) for row, cells in lines for at, cell in enumerate(cells, start=1) if cell == "0")
            odd |= {at: ("zeros-hidden", {"cells": _name(*at)}) for at in zeros}
        for area in (area for area, look in hidden.conditional if look in self.looks):
            left, top, right, bottom = range_boundaries(area)
            within = ((row, at) for row, cells in lines if top <= row <= bottom
                      for at in range(left, min(right, len(cells)) + 1))  # fmt: skip
            odd |= dict.fromkeys(within, ("format-by-condition", {"ranges": area}))
        return odd


def read_sheets(
    data: bytes, archive: zipfile.ZipFile, *, max_rows: int
) -> tuple[list[tuple[str, Lines, Hidden, Odds]], list[str]]:
    """Return every visible sheet that holds something, whole: name, rows, what Excel hides, cells that are uncertain.

    Beside them the names of the hidden sheets. Raises what the readers of a damaged or too large workbook raise.
    """
    with closing(_Book(data, archive)) as book:
        shown = [
            (part.name, *book.sheet(part, max_rows, months=True)) for part in book.parts if part.state == "visible"
        ]
    return [sheet for sheet in shown if sheet[1]], [part.name for part in book.parts if part.state != "visible"]


def _the_sheet(
    shown: list[SheetPart], tops: dict[str, Lines], wanted: Wanted, place: Place
) -> tuple[SheetPart | None, Issue]:
    """Return the sheet that holds the table; None, and why, where no or more than one visible sheet does."""
    nothing = error("no-visible-sheet", place)
    if len(shown) == 1 or not wanted.needed:
        return (shown[0] if shown else None), nothing
    holding = [part for part in shown if _holds(tops[part.name], wanted)]
    if len(holding) == 1:
        return holding[0], nothing
    filled = [part for part in shown if tops[part.name]]
    if shown and not holding and len(filled) == 1:  # the findings of its header say what it lacks
        return filled[0], nothing
    names = [part.name for part in (holding or shown)]
    code = "several-sheets" if holding else "no-sheet-with-columns" if shown else nothing.code
    return None, error(code, place, sheets=names, columns=list(wanted.needed))


def _holds(lines: Lines, wanted: Wanted) -> bool:
    """Whether the header of some lines names all needed columns, in its own words or in those that people use."""
    header = find_header(lines, wanted)[0]
    named = {cell if cell in wanted.known or not wanted.table else meant(cell, wanted.table) for cell in header}
    return named >= {*wanted.needed}


_OF_SEVERAL = {"zeros-hidden": "cells", "left-to-excel": "cells", "format-by-condition": "ranges"}
"""What is told once of all the cells that it is said of, and the value that names them."""


def _not_as_shown(hidden: Hidden, odd: Odds, rows: Lines, header: list[str], at: Place) -> Iterable[Issue]:
    """Go through what Excel does not show inside the table, or shows as one where the file has several cells."""
    first, last, width = rows[0][0], rows[-1][0], len(header)
    unseen = [row for row in hidden.rows if first <= row <= last]
    if unseen:
        yield error("filtered-rows" if hidden.filtered else "hidden-rows", at.at(unseen[0]), rows=runs(unseen))
    columns = [column for column in hidden.columns if column <= width and any(_cell(row, column) for _, row in rows)]
    if columns:
        names = [f"{get_column_letter(column)} ({header[column - 1] or '–'})" for column in columns]
        yield error("hidden-columns", at, columns=names)
    for code, key in _OF_SEVERAL.items():
        said = [values[key] for (row, column), (other, values) in odd.items()
                if other == code and row >= first and column <= width]  # fmt: skip
        if said:
            yield error(code, at, **{key: runs([*dict.fromkeys(said)])})
    ranges = _touching(hidden.merged, first, last, width)
    if ranges:  # over the header itself it is the cause of what the header lacks
        over = _touching(hidden.merged, first, first, width)
        yield error("merged-cells", at.at(first) if over else at, ranges=runs(ranges))


def _uncertain_cells(odd: Odds, first: int, header: list[str], at: Place) -> Iterable[Issue]:
    """Go through the cells of a table that may show something else than they hold."""
    for (row, column), (code, values) in odd.items():
        white = row == first and code == "letters-apart"  # a head in white stands on the colour of a table's style
        if row >= first and column <= len(header) and code not in _OF_SEVERAL and not white:
            yield error(code, at.at(row, header[column - 1]), **{"cell": _name(row, column), **values})


def _touching(areas: list[str], first: int, last: int, width: int) -> list[str]:
    """Return those areas that lie in a table, if only with one cell."""
    found = []
    for area in areas:
        left, top, _, bottom = range_boundaries(area)
        if top <= last and bottom >= first and left <= width:
            found.append(area)
    return found


def _name(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def _cell(cells: list[str], column: int) -> str:
    return cells[column - 1] if column <= len(cells) else ""


class _Rows:
    """The rows of a sheet that hold something, each with its number, as the text a CSV would hold.

    ``odd`` has the code and the values of what is wrong with a cell that may show something else than it holds.
    """

    def __init__(self, book: Any, name: str, *, months: bool = False) -> None:
        self._months = months
        self.lines: Lines = []
        self.odd: Odds = {}
        self._sheet, self._looks = book[name], dict[int, Look]()
        dates = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats}
        shared = self._sheet._shared_strings
        parser = WorkSheetParser(None, shared, data_only=True, epoch=book.epoch, rich_text=True, **dates)
        self._parse = parser.parse_row

    def take(self, row: Element) -> int:
        """Add a row as openpyxl understands its element; return its number."""
        number, cells = self._parse(row)
        texts: list[str] = []
        for one in cells:
            at, value = one["column"], one["value"]
            if value is None or at > MAX_COLUMNS:
                continue
            shown = _shown(value, self._look(one), months=self._months)
            if isinstance(shown, tuple):
                self.odd[number, at], shown = shown, str(value)
            texts += [""] * (at - 1 - len(texts)) + [shown]
        while texts and not texts[-1].strip():
            texts.pop()
        self.lines += [(number, texts)] if texts else []
        return int(number)

    def _look(self, one: Mapping[str, Any]) -> Look:
        """Return how a cell looks; of each style it is found out once."""
        if (style := one["style_id"]) not in self._looks:
            cell = ReadOnlyCell(self._sheet, **one)
            ground = _ground(cell.fill)
            self._looks[style] = _is_apart(cell.font, ground), _format(cell), ground
        return self._looks[style]


Look = tuple[bool, str, int | None]
"""Of a style: whether nobody sees such a cell, its number format, and how light its ground is."""


def _shown(value: Any, look: Look, *, months: bool) -> str | Odd:
    """Return what Excel shows in a cell; a code and its values where that is not certain to be what it holds.

    A date that shows its month alone is that where ``months`` will do.
    """
    apart, number_format, ground = look
    parts = value if isinstance(value, CellRichText) else ()
    if apart or any(_is_apart(part.font, ground) for part in parts if isinstance(part, TextBlock)):
        return "letters-apart", {}
    shown: str | None
    match value:
        case bool():
            shown = str(value).upper()
        case int() | float():
            number = Decimal(f"{value:.15g}")  # the digits that Excel itself keeps
            shown = shown_number(number, number_format) if number_format else None
        case datetime() if value.time() == datetime.min.time():
            shown = shown_day(value, number_format, months=months)
        case date():
            shown = value.isoformat()
        case _:
            text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(value))
            shown = shown_text(text, number_format)
    return shown if shown is not None else ("format-hides", {"format": number_format or "–", "value": str(value)[:40]})


_ESCAPED = re.compile(r"_x(?!D[89A-F])([0-9A-F]{4})_", re.IGNORECASE)
"""A character that the file cannot hold as it is, by its number."""


def _format(cell: Any) -> str:
    """Return a cell's number format; empty where it is one of those that are others in each country."""
    number = cell.style_array.numFmtId
    own = number >= BUILTIN_FORMATS_MAX_SIZE or "$" not in BUILTIN_FORMATS.get(number, "$")
    return str(cell.number_format) if own else ""


def _ground(fill: Any, colour: str = "fgColor") -> int | None:
    """Return how light a ground is; None where that cannot be told. A condition has its colour in ``bgColor``."""
    if fill is None or (colour == "fgColor" and fill.fill_type is None):
        return _light(None, 0)
    return _light(getattr(fill, colour), 0) if fill.fill_type in {"solid", None} else None


def _is_apart(font: Any, ground: int | None) -> bool:
    """Whether letters are raised, lowered (10² is not 102), struck through, too small to be read, or white on white."""
    if font is None:
        return False
    set_apart = font.strike or font.vertAlign in {"superscript", "subscript"}
    letters = _light(font.color, 1)
    unseen = ground is not None and letters is not None and abs(ground - letters) < _SEEN
    return bool(set_apart or (font.sz or _LEAST_SIZE) < _LEAST_SIZE or unseen)


_LEAST_SIZE = 4
"""Points of the smallest letters that somebody reads."""
_SEEN = 24
"""Ours: of 765 steps from black to white, so few between letters and their ground nobody sees."""
_THEME, _INDEXED = ("FFFFFF", "000000"), {0: "000000", 8: "000000", 1: "FFFFFF", 9: "FFFFFF"}


def _light(colour: Any, usual: int) -> int | None:
    """Return how light a colour is, 0 to 765; None where it is one of a theme's or palette's own."""
    if colour is not None and colour.tint:
        return None
    kind = colour.type if colour is not None else "theme"
    if kind == "rgb":
        return sum(bytes.fromhex(colour.rgb[-6:]))
    code = (
        dict(enumerate(_THEME)).get(colour.theme if colour is not None else usual)
        if kind == "theme"
        else _INDEXED.get(colour.indexed, _THEME[usual])
    )
    return sum(bytes.fromhex(code)) if code else None
