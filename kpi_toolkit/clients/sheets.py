"""Excel workbooks as plain tables: values only, nothing run, with limits that keep a hostile file from hurting."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from kpi_toolkit.method.issues import Issue, Issues, Place, error

MAX_INFLATED = 200_000_000
MAX_COLUMNS = 200
Lines = list[tuple[int, list[str]]]


def read_sheet(data: bytes, name: str, *, max_rows: int) -> tuple[list[str], Lines, Issues]:
    """Return header and rows (each with its row in Excel) of a workbook's first sheet, as the text a CSV would hold.

    A formula counts as its last computed value; one that was never computed is refused with its cell. Macros, links and
    other sheets are not looked at.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inflated = sum(member.file_size for member in archive.infolist())
        if inflated > MAX_INFLATED:
            return [], [], Issues([error("too-large", Place(name), size=inflated, limit=MAX_INFLATED)])
        values = list(_rows(data, max_rows, computed=True))
        formulas = list(_rows(data, max_rows, computed=False))
    except Exception as problem:  # noqa: BLE001 - on damaged files the reader raises almost anything
        return [], [], Issues([error("xlsx-damaged", Place(name), detail=type(problem).__name__)])
    return _table(values, formulas, name)


def _rows(data: bytes, max_rows: int, *, computed: bool) -> Iterator[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=computed, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not to be trusted
        for row in sheet.iter_rows(max_row=max_rows + 2, max_col=MAX_COLUMNS):
            yield tuple(_shown(cell) for cell in row)
    finally:
        book.close()


def _shown(cell: Any) -> Any:
    """Return a cell's value; a number that Excel shows as per cent as the text a reader sees, not a hundredth."""
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{value * 100:.15g}%"
    return value


def _table(
    values: list[tuple[Any, ...]], formulas: list[tuple[Any, ...]], name: str
) -> tuple[list[str], Lines, Issues]:
    header: list[str] = []
    rows: Lines = []
    found: list[Issue] = []
    for number, (line, written) in enumerate(zip(values, formulas, strict=True), start=1):
        cells = [_text(value) for value in line]
        if not any(cells) and not any(_is_formula(cell) for cell in written):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            while header and not header[-1]:
                header.pop()
            continue
        for place, cell in enumerate(written[: len(header)]):
            if _is_formula(cell) and line[place] is None:
                found.append(error("formula-without-value", Place(name, number, header[place]), formula=str(cell)))
        if any(cells[len(header) :]):
            found.append(error("ragged-row", Place(name, number), fields=len(cells), expected=len(header)))
            continue
        rows.append((number, (cells + [""] * len(header))[: len(header)]))
    if not header:
        found.append(error("empty-file", Place(name)))
    return header, rows, Issues(found)


def _is_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _text(value: Any) -> str:
    """Return a cell as a CSV would hold it; numbers with the fifteen digits that Excel itself shows."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{value:.15g}"
    return str(value)
