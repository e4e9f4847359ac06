"""Excel workbooks as plain tables: values as Excel shows them, nothing run, and nothing believed that Excel hides.

One visible sheet with the needed columns is read; where none or several have them, or where rows, columns or merged
cells inside the table are not as a reader sees them, the file is refused with the cells named.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.cell import get_column_letter

from kpi_toolkit.clients.headings import WITHIN, Lines, above_header, find_header, meant, runs
from kpi_toolkit.clients.number_formats import shown_number
from kpi_toolkit.clients.sheet_parts import (
    FarCellError,
    Hidden,
    SheetPart,
    asks_to_be_computed,
    filters_a_table,
    sheet_parts,
    what_is_hidden,
)
from kpi_toolkit.method.issues import Issue, Issues, Place, error, warning
from kpi_toolkit.method.numbers import kept_places

MAX_INFLATED = 80_000_000
MAX_COLUMNS = 200
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"


def read_sheet(
    data: bytes, name: str, *, max_rows: int, known: Collection[str] = (), needed: Collection[str] = ()
) -> tuple[list[str], Lines, Issues]:
    """Return header and rows (each with its row in Excel) of a workbook's table, as :func:`read_workbook` finds it."""
    return read_workbook(data, name, max_rows=max_rows, known=known, needed=needed)[1:]


def read_workbook(
    data: bytes, name: str, *, max_rows: int, known: Collection[str] = (), needed: Collection[str] = (), table: str = ""
) -> tuple[Place, list[str], Lines, Issues]:
    """Return a workbook's table as the text a CSV would hold: where its header stands, the header, and the rows.

    Every row comes with its number in Excel. The table is on the one visible sheet whose header, in its first 20 rows,
    names all ``needed`` columns; ``known`` are all columns it may have, and ``table`` whose they are. Without them the
    first row of the first visible sheet is the header. A formula counts as its last computed value. Whatever Excel
    hides inside the table, and a formula that was never computed, is an error with its cells; macros, links to other
    workbooks and sheets that are not read are named.
    """
    place = Place(name)
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
            warnings.simplefilter("ignore")  # of what openpyxl could not write again; only values are read
            inflated = sum(member.file_size for member in archive.infolist())
            if inflated > MAX_INFLATED:
                return place, [], [], Issues([error("too-large", place, size=inflated, limit=MAX_INFLATED)])
            if _STRICT in archive.read("xl/workbook.xml"):
                return place, [], [], Issues([error("strict-workbook", place)])
            return _read(data, archive, name, max_rows, known, needed, table)
    except FarCellError as far:
        if far.row > max_rows + WITHIN:
            return place, [], [], Issues([error("too-many-rows", place, rows=far.row, limit=max_rows)])
        return place, [], [], Issues([error("far-cell", place, cell=far.cell, limit=MAX_COLUMNS)])
    except Exception:  # noqa: BLE001 - on damaged files the readers raise almost anything
        return place, [], [], Issues([error("xlsx-damaged", place)])


def _read(
    data: bytes,
    archive: zipfile.ZipFile,
    name: str,
    max_rows: int,
    known: Collection[str],
    needed: Collection[str],
    table: str,
) -> tuple[Place, list[str], Lines, Issues]:
    parts = sheet_parts(archive)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False, rich_text=True)
    try:
        shown = [part for part in parts if part.state == "visible"]
        tops = {part.name: _texts(book[part.name], max_row=WITHIN) for part in shown}
        part, refusal = _the_sheet(shown, tops, known, needed, table, Place(name))
        if part is None:
            return Place(name), [], [], Issues([refusal])
        unseen = {each.name: _texts(book[each.name], max_row=WITHIN) for each in parts if each.state != "visible"}
        holding = [each for each, top in unseen.items() if needed and set(needed) <= _columns(top, known, table)]
        if holding and not set(needed) <= _columns(tops[part.name], known, table):
            return Place(name), [], [], Issues([error("sheet-hidden", Place(name), sheets=holding)])
        with archive.open(part.member) as stream:
            hidden = what_is_hidden(
                stream, max_row=max_rows + WITHIN, max_column=MAX_COLUMNS, stale=asks_to_be_computed(archive)
            )
        hidden.filtered |= filters_a_table(archive)
        odd = dict.fromkeys(hidden.apart, "letters-apart")
        lines = _texts(book[part.name], max_row=hidden.last_row, odd=odd)
    finally:
        book.close()
    at = Place(name, sheet=part.name if len(shown) > 1 else None)
    header, above, rows = find_header(lines, known, table)
    if not header:
        return at, [], [], Issues([error("empty-file", at)])
    found: list[Issue] = [*_named(archive, parts, part, tops, hidden, at)]
    found += [above_header(above, at)] if above else []
    found += _not_as_shown(hidden, rows, header, at)
    below: Lines = []
    for number, cells in rows:
        if number == rows[0][0]:  # the header itself
            continue
        beside = next((column for column, cell in enumerate(cells, start=1) if column > len(header) and cell), None)
        if beside:
            cell = f"{get_column_letter(beside)}{number}"
            found.append(error("value-beside-table", at.at(number), cell=cell))
        elif any(cells) or any(row == number for row, _ in hidden.uncomputed):
            below.append((number, (cells + [""] * len(header))[: len(header)]))
    for (row, column), formula in hidden.uncomputed.items():
        if row > rows[0][0] and column <= len(header):
            found.append(error("formula-without-value", at.at(row, header[column - 1]), formula=formula))
    for (row, column), code in odd.items():
        if row >= rows[0][0] and column <= len(header):
            found.append(error(code, at.at(row, header[column - 1]), cell=f"{get_column_letter(column)}{row}"))
    return at.at(rows[0][0]), header, below, Issues(found)


def _the_sheet(
    shown: list[SheetPart], tops: dict[str, Lines], known: Collection[str], needed: Collection[str], table: str,
    place: Place,
) -> tuple[SheetPart | None, Issue]:  # fmt: skip
    """Return the sheet that holds the table; None, and why, where no or more than one visible sheet does."""
    nothing = error("no-visible-sheet", place)
    if len(shown) == 1 or not needed:
        return (shown[0] if shown else None), nothing
    holding = [part for part in shown if set(needed) <= _columns(tops[part.name], known, table)]
    if len(holding) == 1:
        return holding[0], nothing
    filled = [part for part in shown if tops[part.name]]
    if shown and not holding and len(filled) == 1:  # the findings of its header say what it lacks
        return filled[0], nothing
    names = [part.name for part in (holding or shown)]
    code = "several-sheets" if holding else "no-sheet-with-columns" if shown else nothing.code
    return None, error(code, place, sheets=names, columns=list(needed))


def _columns(lines: Lines, known: Collection[str], table: str) -> set[str]:
    """Return the columns that the header of some lines names, in its own words or in those that people use."""
    header = find_header(lines, known, table)[0]
    return {cell if cell in known or not table else meant(cell, table) for cell in header}


def _named(
    archive: zipfile.ZipFile, parts: list[SheetPart], part: SheetPart, tops: dict[str, Lines], hidden: Hidden, at: Place
) -> Iterable[Issue]:
    """Find what is in a workbook besides its table: none of it is read, and readers are told so."""
    members = archive.namelist()
    if any(member.endswith("vbaProject.bin") for member in members):
        yield warning("has-macros", Place(at.file))
    if hidden.linked or any(member.startswith("xl/externalLinks/") for member in members):
        yield warning("links-elsewhere", at, cells=runs(hidden.linked) or "–")
    others = [each.name for each in parts if each is not part and each.state == "visible" and tops.get(each.name)]
    if others:
        yield warning("other-sheets", at, sheet=part.name, others=others)
    unseen = [each.name for each in parts if each.state != "visible"]
    if unseen:
        yield warning("hidden-sheets", Place(at.file), sheets=unseen)


def _not_as_shown(hidden: Hidden, rows: Lines, header: list[str], at: Place) -> Iterable[Issue]:
    """Go through what Excel does not show inside the table, or shows as one where the file has several cells."""
    first, last, width = rows[0][0], rows[-1][0], len(header)
    unseen = [row for row in hidden.rows if first <= row <= last]
    if unseen:
        yield error("filtered-rows" if hidden.filtered else "hidden-rows", at.at(unseen[0]), rows=runs(unseen))
    columns = [column for column in hidden.columns if column <= width and any(_cell(row, column) for _, row in rows)]
    if columns:
        names = [f"{get_column_letter(column)} ({header[column - 1] or '–'})" for column in columns]
        yield error("hidden-columns", at, columns=names)
    ranges = [
        name for name, (left, top, _, bottom) in hidden.merged if top <= last and bottom >= first and left <= width
    ]
    if ranges:  # over the header itself it is the cause of what the header lacks
        over = any(top <= first <= bottom and left <= width for _, (left, top, _, bottom) in hidden.merged)
        yield error("merged-cells", at.at(first) if over else at, ranges=runs(ranges))


def _cell(cells: list[str], column: int) -> str:
    return cells[column - 1] if column <= len(cells) else ""


def _texts(sheet: Any, *, max_row: int, odd: dict[tuple[int, int], str] | None = None) -> Lines:
    """Return the rows of a sheet that hold something, each with its number, as the text a CSV would hold.

    ``odd`` gets the code of what is wrong with a cell that shows something else than it holds.
    """
    sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
    found: Lines = []
    for number, row in enumerate(sheet.iter_rows(max_row=max_row, max_col=MAX_COLUMNS) if max_row else (), start=1):
        cells = []
        for column, cell in enumerate(row, start=1):
            text, code = _shown(cell)
            cells.append(text)
            if code and odd is not None:
                odd.setdefault((number, column), code)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append((number, cells))
    return found


def _shown(cell: Any) -> tuple[str, str]:
    """Return what Excel shows in a cell, and what is wrong where that is not what it holds."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.font is not None and cell.font.strike:
        return str(value), "letters-apart"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = Decimal(f"{value:.15g}")  # the digits that Excel itself keeps
        shown = shown_number(number, cell.number_format or "")
        return (kept_places(number), "format-hides") if shown is None else (shown, "")
    match value:
        case CellRichText() as parts:
            return str(parts), "letters-apart" if any(map(_is_apart, parts)) else ""
        case datetime() if value.time() == datetime.min.time():
            text = value.date().isoformat()
        case date():
            text = value.isoformat()
        case bool():
            text = str(value).upper()
        case _:
            text = str(value)
    return text, ""


def _is_apart(part: Any) -> bool:
    """Whether a piece of a cell's text is raised, lowered or struck through: it is not what it looks like beside it."""
    font = part.font if isinstance(part, TextBlock) else None
    return font is not None and bool(font.strike or font.vertAlign in {"superscript", "subscript"})
