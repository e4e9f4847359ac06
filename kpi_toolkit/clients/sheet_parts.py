"""What the parts of an Excel workbook say of themselves: its sheets, and of a sheet what Excel hides.

Only parts are read, never their values: those come from openpyxl. A part that says what no spreadsheet writes is
damaged.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter, range_boundaries

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OF_A_ROW = {"r", "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed",
             "thickTop", "thickBot", "ph"}  # fmt: skip
_OF_A_CELL = {"r", "s", "t", "cm", "vm", "ph"}
_IN_A_CELL = {"f", "v", "is", "extLst"}
_KINDS_OF_CELL = {"b", "d", "e", "inlineStr", "n", "s", "str"}
_APART = (f"{_MAIN}vertAlign", f"{_MAIN}strike")
_YES = {"1", "true"}
_LOWEST, _NARROWEST = 3.0, 0.9
"""Points below which nobody reads a row, and characters below which nobody reads a column."""
_USUAL_HEIGHT, _USUAL_WIDTH = 15, 8
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class DamagedPartError(ValueError):
    """A part of a workbook says what no spreadsheet writes."""


class FarCellError(ValueError):
    """A cell lies beyond the rows and columns that a table may have."""

    def __init__(self, cell: str, row: int) -> None:
        super().__init__(cell)
        self.cell, self.row = cell, row


@dataclass(frozen=True)
class SheetPart:
    """One sheet of a workbook: its name, its part in the archive, and whether Excel shows it."""

    name: str
    member: str
    state: str = "visible"


@dataclass
class Hidden:
    """What Excel does not show of a sheet, or not as the file has it. Rows and columns are counted from 1."""

    stale: bool = False
    """Whether the workbook asks to be computed when it is opened: the results in it are nobody's."""
    last_row: int = 0
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    merged: list[tuple[str, tuple[int, int, int, int]]] = field(default_factory=list)
    """Each range with its first column and row, last column and row."""
    filtered: bool = False
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    """Formulas without a result, by row and column."""
    linked: list[str] = field(default_factory=list)
    """Cells whose value comes from another workbook."""
    apart: set[tuple[int, int]] = field(default_factory=set)
    """Cells with letters that are raised, lowered or struck through: 10² is not 102."""


def sheet_parts(archive: zipfile.ZipFile) -> list[SheetPart]:
    """Return a workbook's sheets in their order. DamagedPartError where the workbook does not say which it has."""
    root = fromstring(archive.read("xl/workbook.xml"))
    if root.tag != f"{_MAIN}workbook":
        raise DamagedPartError(root.tag)
    targets = {
        link.get("Id"): link.get("Target", "") for link in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    found = []
    for sheet in root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        target = targets.get(sheet.get(_LINK), "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in member:  # a sheet that holds a chart only has no cells
            found.append(SheetPart(sheet.get("name", ""), member, sheet.get("state", "visible")))
    if not found:
        raise DamagedPartError("no sheet")
    return found


def asks_to_be_computed(archive: zipfile.ZipFile) -> bool:
    """Whether a workbook's formulas were written by a program that left their results to Excel."""
    settings = fromstring(archive.read("xl/workbook.xml")).find(f"{_MAIN}calcPr")
    return settings is not None and settings.get("fullCalcOnLoad") in _YES


def what_is_hidden(stream: IO[bytes], *, max_row: int, max_column: int, stale: bool = False) -> Hidden:
    """Return what Excel hides of a sheet, in one pass over its part.

    Raises FarCellError at the first value beyond the limits, DamagedPartError where a row or cell is not one.
    """
    found = Hidden(stale=stale)
    before, data = 0, None
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        tag = element.tag.removeprefix(_MAIN)
        if event == "start":
            data = element if tag == "sheetData" else data
        elif tag == "row":
            before = _row(element, before, found, max_row, max_column)
            element.clear()
            if data is not None:
                data.clear()
        elif tag == "sheetFormatPr" and float(element.get("defaultColWidth", _USUAL_WIDTH)) < _NARROWEST:
            found.columns += range(1, max_column + 1)
        elif tag == "col" and (element.get("hidden") in _YES or float(element.get("width", _USUAL_WIDTH)) < _NARROWEST):
            last = min(int(element.get("max", 0)), max_column)
            found.columns += range(int(element.get("min", 0)), last + 1)
        elif tag == "mergeCell":
            found.merged.append((element.get("ref", ""), range_boundaries(element.get("ref", ""))))
        elif tag == "filterColumn":
            found.filtered = True
    if data is None:
        raise DamagedPartError("no cells")
    return found


def filters_a_table(archive: zipfile.ZipFile) -> bool:
    """Whether a table inside the workbook (Insert > Table) has a filter set."""
    tables = (name for name in archive.namelist() if name.startswith("xl/tables/"))
    return any(b"<filterColumn" in archive.read(name) for name in tables)


def _row(row: Any, before: int, found: Hidden, max_row: int, max_column: int) -> int:
    if {name for name in row.attrib if not name.startswith("{")} - _OF_A_ROW:
        raise DamagedPartError("row")
    number = int(row.get("r", before + 1))
    if number <= before:
        raise DamagedPartError("row out of order")
    filled = False
    for column, cell in _cells(row, number):
        value, formula = cell.find(f"{_MAIN}v"), cell.find(f"{_MAIN}f")
        if value is None and formula is None and cell.find(f"{_MAIN}is") is None:
            continue
        filled = True
        if number > max_row or column > max_column:
            raise FarCellError(f"{get_column_letter(column)}{number}", number)
        if formula is not None:
            text = formula.text or ""
            if re.search(r"\[\d+\]", text):
                found.linked.append(f"{get_column_letter(column)}{number}")
            empty = value is not None and cell.get("t") == "str"  # an empty text is a result, too
            if found.stale or not (empty or (value is not None and value.text)):
                found.uncomputed[number, column] = f"={text}"
        if any(mark.get("val") not in {"baseline", "0", "false"} for tag in _APART for mark in cell.iter(tag)):
            found.apart.add((number, column))
    if filled:
        found.last_row = number
        if row.get("hidden") in _YES or float(row.get("ht", _USUAL_HEIGHT)) < _LOWEST:
            found.rows.append(number)
    return number


def _cells(row: Any, number: int) -> Iterator[tuple[int, Any]]:
    """Go through the cells of a row with their columns; each stands behind the one before."""
    column = 0
    for cell in row:
        if cell.tag == f"{_MAIN}extLst":
            continue
        if cell.tag != f"{_MAIN}c" or set(cell.attrib) - _OF_A_CELL or cell.get("t", "n") not in _KINDS_OF_CELL:
            raise DamagedPartError("cell")
        parts = [part.tag.removeprefix(_MAIN) for part in cell]
        if not _IN_A_CELL.issuperset(parts) or len(set(parts)) < len(parts):
            raise DamagedPartError("cell")
        written = cell.findtext(f"{_MAIN}v")
        if written and cell.get("t", "n") == "n" and not _NUMBER.fullmatch(written.strip()):
            raise DamagedPartError("number")
        at = coordinate_to_tuple(cell.get("r")) if cell.get("r") else (number, column + 1)
        if at[0] != number or at[1] <= column:
            raise DamagedPartError("cell out of order")
        column = at[1]
        yield column, cell
