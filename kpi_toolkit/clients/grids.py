"""Any file of rows and columns as sheets of texts: what a reader sees of it, and what only the file knows beside that.

XLSX is read as everywhere else, CSV in its usual encodings. What older Excel and Calc files hide cannot be told, and
their numbers come without formats: that is said, and whoever uses a number looks at it again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from kpi_toolkit.clients.headings import Lines
from kpi_toolkit.clients.plain_xml import fromstring
from kpi_toolkit.clients.reading import decode, kind_problem
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, warning
from kpi_toolkit.method.numbers import kept_places

Area = tuple[int, int, int, int]
"""First column, first row, last column and last row."""
At = tuple[int, int]
"""Row and column."""
MOST_ROWS, _MOST_CELLS = 100_000, 2_000_000
"""As many as a table in CSV may have: of six columns they are read in 14 s, of a process that has 30."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet: its rows as texts, and what Excel hides of it. Rows and columns are counted from 1."""

    name: str = ""
    """Empty for a file without sheets."""
    lines: Lines
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()
    """First column, first row, last column and last row of each range."""
    formulas: frozenset[At] = frozenset()
    """Rows and columns of the cells that are worked out; of older workbooks nobody can tell."""
    odd: Mapping[At, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Cells that may show something else than they hold: the code of the finding and its values."""
    around: tuple[str, ...] = ()
    """What its pages say above and below the cells."""
    titles: tuple[str, ...] = ()
    """The workbook's title and subject among its properties."""


@lru_cache(maxsize=4096)
def _letter(column: int) -> str:
    """Return how Excel calls a column, from 0 on: whoever reads a file need not wait for a library that writes some."""
    before, last = divmod(column, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)


def place_of(file: str, sheet: str, row: int = 0, column: int = 0) -> Place:
    """Return where something stands in a client's own file: its cell by the name that Excel shows."""
    letter = _letter(column - 1) if column else None
    return Place(file, row or None, letter, sheet=sheet or None, cell=f"{letter}{row}" if row and letter else "")


def area_name(area: Area) -> str:
    """Return a range of cells by its name in Excel.

    >>> area_name((2, 4, 2, 6))
    'B4:B6'
    """
    left, top, right, bottom = area
    return f"{_letter(left - 1)}{top}:{_letter(right - 1)}{bottom}"


def read_grids(data: bytes, name: str) -> tuple[list[Grid], Issues]:
    """Return the visible sheets of a file that hold something, and what is wrong with the file or was not read.

    Its bytes say of what kind it is, not its name.
    """
    from kpi_toolkit.clients.sheet_parts import RefusedError  # what reads workbooks is loaded where one is read

    place = Place(name)
    if not data.strip():
        return [], Issues([error("empty-file", place)])
    kind = kind_problem(data, place, workbook=True)
    told = str(kind.values.get("kind", kind.code)) if kind else ""
    read = _READERS.get(told) or (None if kind or data.startswith(b"PK") else _text_file)
    if kind and read is None:
        return [], Issues([kind])
    try:
        return (read or _workbook)(data, place)
    except RefusedError as refused:
        return [], Issues([error(refused.code, place, **refused.values)])
    except Exception:  # noqa: BLE001 - on damaged files the readers raise almost anything
        return [], Issues([error("xlsx-damaged", place)])


def _text_file(data: bytes, place: Place) -> tuple[list[Grid], Issues]:
    from kpi_toolkit.clients.separated import separated

    text, issues = decode(data, place.file)
    lines, more = separated(text, place.file) if text is not None else ([], Issues())
    return ([Grid(lines=lines)] if lines else []), issues + more


def _workbook(data: bytes, place: Place) -> tuple[list[Grid], Issues]:
    from openpyxl.utils.cell import range_boundaries

    from kpi_toolkit.clients.sheet_parts import not_read, said_around, sheet_parts, titles_of, unpacked
    from kpi_toolkit.clients.sheets import read_sheets

    with unpacked(data) as archive:
        sheets, unseen = read_sheets(data, archive, max_rows=MOST_ROWS)
        around = {part.name: said_around(archive, part) for part in sheet_parts(archive)}
        found, titles = Issues(not_read(archive, unseen, place)), titles_of(archive)
    grids = [
        Grid(
            name=name,
            lines=lines,
            hidden_rows=frozenset(hidden.rows),
            hidden_columns=frozenset(hidden.columns),
            merged=tuple(range_boundaries(area) for area in hidden.merged),
            formulas=frozenset((*hidden.computed, *hidden.uncomputed)),
            odd=odd,
            around=around[name],
            titles=titles,
        )
        for name, lines, hidden, odd in sheets
    ]
    return grids, found


_TABLE, _OFFICE = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office"))


def _marks(table: Element) -> dict[str, Any]:
    """Return what a sheet of an OpenDocument says beside its values: merged ranges, hidden rows, per cent, formulas."""
    merged, hidden, percents, formulas, row = list[Area](), set[int](), set[At](), set[At](), 1
    for line in table.iter(f"{_TABLE}table-row"):
        again, column = int(line.get(f"{_TABLE}number-rows-repeated", 1)), 1
        if line.get(f"{_TABLE}visibility", "visible") != "visible":
            hidden.update(range(row, min(row + again, MOST_ROWS)))
        for cell in line:
            wide, down = (int(cell.get(f"{_TABLE}number-{way}-spanned", 1)) for way in ("columns", "rows"))
            merged += [(column, row, column + wide - 1, row + down - 1)] if wide * down > 1 else []
            same = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
            if cell.get(f"{_OFFICE}value-type") == "percentage":
                percents.update((row, at) for at in range(column, column + same))
            formulas |= {(row, column)} if cell.get(f"{_TABLE}formula") else set()
            column += same
        row += again
    unseen = {"merged": tuple(merged), "hidden_rows": frozenset(hidden), "formulas": frozenset(formulas)}
    return {**unseen, "percents": percents}


def _marks_of_sheets(data: bytes) -> dict[str, dict[str, Any]]:
    if not data.startswith(b"PK"):  # an older workbook's say nothing of this kind
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = fromstring(archive.read("content.xml"))
    return {table.get(f"{_TABLE}name", ""): _marks(table) for table in root.iter(f"{_TABLE}table")}


def _other_workbook(data: bytes, place: Place) -> tuple[list[Grid], Issues]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    grids, marks = list[Grid](), _marks_of_sheets(data)
    found: list[Issue] = [hint("formats-unseen", place)]
    unseen: list[str] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for about in book.sheets_metadata:
            if about.visible != SheetVisibleEnum.Visible:
                unseen.append(about.name)
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height > MOST_ROWS or sheet.total_height * sheet.total_width > _MOST_CELLS:
                return [], Issues([error("too-many-rows", place, rows=sheet.total_height, limit=MOST_ROWS)])
            rows = sheet.to_python(skip_empty_area=False) if sheet.total_height else []
            areas = sheet.merged_cell_ranges or []
            merged = tuple((left + 1, top + 1, right + 1, bottom + 1) for (top, left), (bottom, right) in areas)
            own = {"merged": merged} | marks.get(about.name, {})
            percents = own.pop("percents", ())
            texts = [
                (row, [_text(value, percent=(row, at) in percents) for at, value in enumerate(values, start=1)])
                for row, values in enumerate(rows, start=1)
            ]
            lines = [(number, cells) for number, cells in texts if any(cell.strip() for cell in cells)]
            grids += [Grid(name=about.name, lines=lines, **own)] if lines else []
    if unseen:
        found.append(warning("hidden-sheets", place, sheets=unseen))
    return grids, Issues(found)


def _text(value: Any, *, percent: bool) -> str:
    match value:
        case bool():
            return str(value).upper()
        case int() | float() if percent:
            return f"{kept_places(Decimal(f'{value:.15g}') * 100)}%"
        case int() | float():
            return kept_places(Decimal(f"{value:.15g}"))
        case datetime() if value.time() == datetime.min.time():
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return str(value)


_READERS = {"old-workbook": _other_workbook, "kind.opendocument": _other_workbook, "kind.text": _text_file}
"""How files of other kinds than XLSX are read, by what their bytes say they are."""
