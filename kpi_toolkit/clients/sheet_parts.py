"""What the parts of an Excel workbook say of themselves: its sheets, and of a sheet what Excel hides.

Only parts are read, never their values: openpyxl makes those of the rows as they go by. A part that says what no
spreadsheet writes is damaged.
"""

from __future__ import annotations

import html
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import IO, Any
from xml.etree.ElementTree import Element

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from kpi_toolkit.clients.headings import WITHIN
from kpi_toolkit.clients.months import month_of_heading
from kpi_toolkit.clients.plain_xml import fromstring, iterparse
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.method.issues import Issue, Place, warning

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OF_A_ROW = {"r", "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed",
             "thickTop", "thickBot", "ph"}  # fmt: skip
_OF_A_CELL = {"r", "s", "t", "cm", "vm", "ph"}
_VALUE, _FORMULA, _TEXT, ROW = (f"{_MAIN}{tag}" for tag in ("v", "f", "is", "row"))
_IN_A_CELL = {_VALUE, _FORMULA, _TEXT, f"{_MAIN}extLst"}
_KINDS_OF_CELL = {"b", "d", "e", "inlineStr", "n", "s", "str"}
_TEXTS = {"inlineStr", "s", "str"}
_YES, _NO = {"1", "true"}, {"0", "false"}
_LOWEST, _NARROWEST = 3.0, 0.9
"""Points below which nobody reads a row, and characters below which nobody reads a column."""
_USUAL_WIDTH = 8
_LINKED = re.compile(r"'[^']*\[\d+\][^']*'!|(?<![\w\].])\[\d+\][^\W\d]?[\w.]*!")
"""A name of another workbook as formulas have it; Table1[2026] is a column of a table."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


MAX_INFLATED = 80_000_000
MOST_SHEETS, MOST_BESIDE = 200, 100_000
"""So many sheets, and elements beside its cells with their ends counted, may a workbook have; usual ones have a few and
a few thousand."""


_CELLS = 4
"""So many empty cells take as long to read as one other thing."""


class DamagedPartError(ValueError):
    """A part of a workbook says what no spreadsheet writes."""


class RefusedError(ValueError):
    """A workbook is not read for a reason of its own: the code of the finding and its values."""

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class SheetPart:
    """One sheet of a workbook: its name, its part in the archive, and whether Excel shows it."""

    name: str
    member: str
    state: str = "visible"


@dataclass
class Hidden:
    """What Excel does not show of a sheet, or not as the file has it. Rows and columns are counted from 1."""

    usual_height: float = 15
    """Points of a row that has no height of its own."""
    no_zeros: bool = False
    """Whether the sheet is set to show a zero as nothing."""
    conditional: list[tuple[str, int]] = field(default_factory=list)
    """Ranges that change their look under a condition, each with the number of that look in the workbook's styles."""
    last_row: int = 0
    last_column: int = 0
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    filtered: bool = False
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    """Formulas without a result, by row and column."""
    computed: list[tuple[int, int]] = field(default_factory=list)
    """Formulas with a result, by row and column."""
    linked: list[str] = field(default_factory=list)
    """Cells whose value comes from another workbook."""
    texts: set[tuple[int, int]] = field(default_factory=set)
    """Cells that hold text, whatever it looks like: no formula counts a number in it."""


@contextmanager
def unpacked(data: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a workbook; what openpyxl could not write again is nothing to be told of, for only values are read."""
    with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        warnings.simplefilter("ignore")
        yield archive


def sheet_parts(archive: zipfile.ZipFile) -> list[SheetPart]:
    """Return a workbook's sheets in their order.

    Raises RefusedError before anything is read that would take long, DamagedPartError where the workbook names none.
    """
    inflated = sum(member.file_size for member in archive.infolist())
    if inflated > MAX_INFLATED:
        raise RefusedError("too-large", size=inflated, limit=MAX_INFLATED)
    if (count := _beside_cells(archive)) > MOST_BESIDE:
        raise RefusedError("crowded-workbook", count=count, limit=MOST_BESIDE)
    root = fromstring(archive.read("xl/workbook.xml"))
    if root.tag.startswith(_STRICT):
        raise RefusedError("strict-workbook")
    if root.tag != f"{_MAIN}workbook":
        raise DamagedPartError(root.tag)
    targets = {
        link.get("Id"): link.get("Target", "") for link in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    found: list[SheetPart] = []
    for sheet in root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"):
        target = targets.get(sheet.get(_LINK), "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if any(each.member == member for each in found):
            raise DamagedPartError("two sheets of one part")
        if len(found) == MOST_SHEETS:
            raise RefusedError("crowded-workbook", count=len(root.findall(f".//{_MAIN}sheet")), limit=MOST_SHEETS)
        if "worksheets/" in member:  # a sheet that holds a chart only has no cells
            found.append(SheetPart(sheet.get("name", ""), member, sheet.get("state", "visible")))
    if not found:
        raise DamagedPartError("no sheet")
    return found


def _beside_cells(archive: zipfile.ZipFile) -> int:
    """Return how much a workbook says beside its cells: sheets, styles, merged cells, conditions, texts of all sheets.

    A text of the shared ones and an empty cell count as a quarter, a run of letters as a half and a part as ten, after
    the time that they take.
    """
    names = archive.namelist()
    count = 10 * len(names)
    for name in names if count <= MOST_BESIDE else ():
        if name.startswith("xl/") and name.endswith((".xml", ".rels")):
            part = archive.read(name)
            before, *more = part.split(b"sheetData", 2)
            count += max(0, part.count(b"<c ") - part.count(b"</c>")) // _CELLS + part.count(b"<r>") // 2
            texts = part.count(b"<si") // 4 if "sharedStrings" in name else None
            count += texts if texts is not None else before.count(b"<") + (more[-1].count(b"<") if more else 0)
    return count


def asks_to_be_computed(archive: zipfile.ZipFile) -> bool:
    """Whether a workbook's formulas were written by a program that left their results to Excel."""
    settings = fromstring(archive.read("xl/workbook.xml")).find(f"{_MAIN}calcPr")
    return settings is not None and settings.get("fullCalcOnLoad") in _YES


def what_is_hidden(stream: IO[bytes], take: Callable[[Element], object], *, max_rows: int, max_column: int) -> Hidden:
    """Return what Excel hides of a sheet, in one pass over its part; every row goes to ``take`` before it is forgotten.

    Raises RefusedError at the first value beyond the limits, DamagedPartError where a row or cell is not one.
    """
    found = Hidden()
    before, data = 0, None
    for event, element in iterparse(stream, ("start", "end")):
        tag = element.tag.removeprefix(_MAIN)
        if event == "start":
            data = element if tag == "sheetData" else data
        elif tag == "row":
            before = _row(element, before, found, max_rows, max_column)
            take(element)
            element.clear()
            if data is not None:
                data.clear()
        elif tag == "sheetFormatPr":
            found.usual_height = 0 if element.get("zeroHeight") in _YES else float(element.get("defaultRowHeight", 15))
            if float(element.get("defaultColWidth", _USUAL_WIDTH)) < _NARROWEST:
                found.columns += range(1, max_column + 1)
        elif tag == "col" and (element.get("hidden") in _YES or float(element.get("width", _USUAL_WIDTH)) < _NARROWEST):
            last = min(int(element.get("max", 0)), max_column)
            found.columns += range(int(element.get("min", 0)), last + 1)
        elif tag == "sheetView":
            found.no_zeros |= element.get("showZeros") in _NO
        elif tag == "conditionalFormatting":
            looks = [int(rule.get("dxfId", -1)) for rule in element]
            found.conditional += [(area, look) for area in element.get("sqref", "").split() for look in looks]
        elif tag == "mergeCell":
            found.merged.append(element.get("ref", ""))
        elif tag == "filterColumn":
            found.filtered = True
    if data is None:
        raise DamagedPartError("no cells")
    return found


def comments_of(archive: zipfile.ZipFile, part: SheetPart) -> Iterator[tuple[tuple[int, int], str]]:
    """Go through the comments on a sheet's cells, by row and column; a thread's words stand in one, too."""
    folder, _, name = part.member.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    for link in fromstring(archive.read(links)) if links in archive.namelist() else ():
        if link.get("Type", "").endswith("/comments"):
            member = normpath(join(folder, link.get("Target", ""))).lstrip("/")
            for comment in fromstring(archive.read(member)).iter(f"{_MAIN}comment"):
                said = "".join(text.text or "" for text in comment.iter(f"{_MAIN}t"))
                yield coordinate_to_tuple(comment.get("ref")), " ".join(said.split())


def said_around(archive: zipfile.ZipFile, part: SheetPart) -> tuple[str, ...]:
    """Return what a sheet's pages say above and below its cells, and comments that say a month alone.

    A copied sheet keeps them, whatever its cells say by now. Page numbers and days of printing are left out.
    """
    below = archive.read(part.member).rpartition(b"sheetData")[2].decode("utf-8", "replace")
    parts = (side for found in _ON_A_PAGE.findall(below) for side in _SIDE.split(html.unescape(found)))
    cells = ((f"{get_column_letter(column)}{row}", said) for (row, column), said in comments_of(archive, part))
    comments = (f"{cell}: {said}" for cell, said in cells if _is_a_month(_AUTHOR.sub("", said)))
    return *filter(None, (_FIELD.sub("", side).strip() for side in parts)), *comments


def _is_a_month(said: str) -> bool:
    """Whether a comment says of figures only that they are a month's."""
    months, rest = month_of_heading(said)
    return bool(months) and usual_words().of_figures(rest)


_AUTHOR = re.compile(r"^[^:：]{1,30}[:：]\s*")


_ON_A_PAGE = re.compile(r"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]+)")
_SIDE = re.compile(r"&[LCR]")
_FIELD = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|\d+|[A-Z&])', re.IGNORECASE)
"""A font, a colour, a size, or what Excel puts in when it prints."""


def titles_of(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """Return the title and the subject that a workbook has among its properties."""
    root = fromstring(archive.read(_PROPERTIES)) if _PROPERTIES in archive.namelist() else ()
    told = ((each.text or "").strip() for each in root if each.tag.endswith(("}title", "}subject")))
    return tuple(filter(None, told))


_PROPERTIES = "docProps/core.xml"


def not_read(archive: zipfile.ZipFile, unseen: list[str], place: Place, cells: str = "") -> Iterator[Issue]:
    """Find what is in a workbook and is not read: macros, other workbooks' values (in ``cells``), hidden sheets."""
    inside = archive.namelist()
    if any(name.endswith("vbaProject.bin") for name in inside):
        yield warning("has-macros", Place(place.file))
    if cells or any(name.startswith("xl/externalLinks/") for name in inside):
        yield warning("links-elsewhere", place, cells=cells or "–")
    if unseen:
        yield warning("hidden-sheets", Place(place.file), sheets=unseen)


def filters_a_table(archive: zipfile.ZipFile) -> bool:
    """Whether a table inside the workbook (Insert > Table) has a filter set."""
    tables = (name for name in archive.namelist() if name.startswith("xl/tables/"))
    return any(b"<filterColumn" in archive.read(name) for name in tables)


def _row(row: Any, before: int, found: Hidden, max_rows: int, max_column: int) -> int:
    if {name for name in row.attrib if not name.startswith("{")} - _OF_A_ROW:
        raise DamagedPartError("row")
    number = int(row.get("r", before + 1))
    if number <= before:
        raise DamagedPartError("row out of order")
    filled = 0
    for column, cell, parts in _cells(row, number):
        if not parts.keys() & {_VALUE, _FORMULA, _TEXT}:
            continue
        filled = column
        if number > max_rows + WITHIN:
            raise RefusedError("too-many-rows", rows=number, limit=max_rows)
        if column > max_column:
            raise RefusedError("far-cell", cell=f"{get_column_letter(column)}{number}", limit=max_column)
        if cell.get("t", "n") in _TEXTS:
            found.texts.add((number, column))
        if _FORMULA in parts:
            _formula(cell, number, column, found)
    if filled:
        found.last_row, found.last_column = number, max(found.last_column, filled)
        if row.get("hidden") in _YES or float(row.get("ht", found.usual_height)) < _LOWEST:
            found.rows.append(number)
    return number


def _formula(cell: Any, row: int, column: int, found: Hidden) -> None:
    text, value = cell.findtext(f"{_MAIN}f"), cell.findtext(f"{_MAIN}v")
    if _LINKED.search(text):
        found.linked.append(f"{get_column_letter(column)}{row}")
    if value or (value is not None and cell.get("t") == "str"):  # an empty text is a result, too
        found.computed.append((row, column))
    else:
        found.uncomputed[row, column] = f"={text}"


def _cells(row: Element, number: int) -> Iterator[tuple[int, Element, dict[str, Element]]]:
    """Go through the cells of a row with their columns and parts; each stands behind the one before."""
    column = 0
    for cell in row:
        if cell.tag == f"{_MAIN}extLst":
            continue
        kind, parts = cell.get("t", "n"), {part.tag: part for part in cell}
        if cell.tag != f"{_MAIN}c" or cell.attrib.keys() - _OF_A_CELL or kind not in _KINDS_OF_CELL:
            raise DamagedPartError("cell")
        if parts.keys() - _IN_A_CELL or len(parts) < len(cell):
            raise DamagedPartError("cell")
        written = parts[_VALUE].text if kind == "n" and _VALUE in parts else None
        if written and not _NUMBER.fullmatch(written.strip()):
            raise DamagedPartError("number")
        at = coordinate_to_tuple(cell.get("r")) if cell.get("r") else (number, column + 1)
        if at[0] != number or at[1] <= column:
            raise DamagedPartError("cell out of order")
        column = at[1]
        yield column, cell, parts
