"""What tests of forms share: forms of a small client, filled in by their cell lists, changed in every way, recalculated."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conftest import need
from openpyxl import Workbook as Plain
from openpyxl import load_workbook

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
Entries = dict[tuple[str, str, str], Any]
"""By person, indicator and column."""


def filled(data: bytes, cells: list[Mapping[str, Any]], values: Mapping[tuple[str, str, str], Any]) -> Any:
    """Return a form with values in its entry cells, as any program would put them there by the list of cells."""
    book = load_workbook(io.BytesIO(data), rich_text=True)
    for cell in cells:
        value = values.get((cell["person"], cell["indicator"] or str(cell["row"]), cell["column"]))
        if value is not None:
            book[cell["sheet"]][cell["cell"]] = value
    return book


def saved(book: Any) -> bytes:
    """Return the bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def recalculated(path: Path, profile: Path) -> Path:
    """Return a workbook as LibreOffice saves it, with every formula worked out anew."""
    need(shutil.which("soffice"), "no LibreOffice on this machine (Debian: apt-get install libreoffice-calc)")
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(RECALCULATE, "utf-8")
    to = path.parent / "recalculated"
    command = ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, str(to), str(path)], check=True, capture_output=True, timeout=300)
    return to / path.name


def rows_with_codes(sheet: Any) -> list[int]:
    """Return the rows of the form's lines and blocks."""
    return [row for row in range(1, sheet.max_row + 1) if "-" in str(sheet.cell(row, _code(sheet)).value or "")]


def _code(sheet: Any) -> int:
    return next(cell.column for row in sheet.iter_rows() for cell in row if str(cell.value) in {"行码", "Line code"})


def _sorted(sheet: Any, chance: random.Random) -> None:
    rows = [row for row in rows_with_codes(sheet) if sheet.cell(row, 3).value is not None][:4]
    texts = [[cell.value for cell in sheet[row]] for row in rows]
    chance.shuffle(texts)
    for row, values in zip(rows, texts, strict=True):
        for column, value in enumerate(values, start=1):
            if not str(value).startswith("="):
                sheet.cell(row, column).value = value


def _as_values(sheet: Any, chance: random.Random) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value).startswith("="):
                cell.value = None


def _row_in(sheet: Any, chance: random.Random) -> None:
    sheet.insert_rows(chance.choice(rows_with_codes(sheet)))


def _stray(sheet: Any, chance: random.Random) -> None:
    row = rows_with_codes(sheet)[1]
    sheet.insert_rows(row)
    sheet.cell(row, 6).value = 77


def _column_in(sheet: Any, chance: random.Random) -> None:
    sheet.insert_cols(chance.randint(1, 6))


def _row_out(sheet: Any, chance: random.Random) -> None:
    sheet.delete_rows(chance.choice(rows_with_codes(sheet)))


def _hidden_row(sheet: Any, chance: random.Random) -> None:
    sheet.row_dimensions[chance.choice(rows_with_codes(sheet))].hidden = True


def _hidden_column(sheet: Any, chance: random.Random) -> None:
    sheet.column_dimensions[chance.choice("EFGHI")].hidden = True


def _merged(sheet: Any, chance: random.Random) -> None:
    row = rows_with_codes(sheet)[chance.randint(0, 1)]
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=7, end_column=7)


def _renamed(sheet: Any, chance: random.Random) -> None:
    sheet.title = chance.choice(["Sheet1", "王琳 (2)", "完成", "x" * 31])


def _copied_row(sheet: Any, chance: random.Random) -> None:
    row, to = rows_with_codes(sheet)[0], sheet.max_row + 2
    for cell in sheet[row]:
        sheet.cell(to, cell.column).value = cell.value
    sheet.cell(to, 6).value = 4321


def _odd_value(sheet: Any, chance: random.Random) -> None:
    row = rows_with_codes(sheet)[chance.randint(0, 2)]
    sheet.cell(row, chance.randint(6, 8)).value = chance.choice(["约200", "1,2", "-5", "=1/0", "一百", 1e15, "", "  ", True])


def _odd_format(sheet: Any, chance: random.Random) -> None:
    cell = sheet.cell(rows_with_codes(sheet)[0], 6)
    cell.number_format = chance.choice(["0%", ";;;", "0,", '"200"', "#,##0", "0.00"])


def _locked(sheet: Any, chance: random.Random) -> None:
    sheet.cell(rows_with_codes(sheet)[0], chance.choice([3, 4])).value = 42


def _code_gone(sheet: Any, chance: random.Random) -> None:
    row = chance.choice(rows_with_codes(sheet))
    sheet.cell(row, _code(sheet)).value = chance.choice([None, "ZZZZ-ZZZZ", "bcdf-ghjk"])


def _header_gone(sheet: Any, chance: random.Random) -> None:
    sheet.delete_rows(rows_with_codes(sheet)[0] - 1)


CHANGES: tuple[Callable[[Any, random.Random], None], ...] = (
    _sorted, _as_values, _row_in, _stray, _column_in, _row_out, _hidden_row, _hidden_column, _merged, _renamed,
    _copied_row, _odd_value, _odd_format, _locked, _code_gone, _header_gone,
)  # fmt: skip


def mutated(data: bytes, cells: list[Mapping[str, Any]], values: Entries, chance: random.Random) -> bytes:
    """Return a filled form after one to three things that people do to forms, or to the file itself."""
    book = filled(data, cells, values)
    sheet = book[cells[0]["sheet"]]
    for change in chance.sample(CHANGES, chance.randint(1, 3)):
        change(sheet, chance)
    if chance.random() < 0.1:
        sheet = _into_another(sheet)
        book = sheet.parent
    if chance.random() < 0.1:
        other = book.create_sheet("隐藏")
        other["A1"] = 1
        (other if chance.random() < 0.5 else sheet).sheet_state = "hidden"
    out = bytearray(saved(book))
    if chance.random() < 0.1:
        place = chance.randrange(len(out))
        out[place] ^= 1 << chance.randrange(8)
    return bytes(out[: chance.randrange(len(out))] if chance.random() < 0.03 else out)


def _into_another(sheet: Any) -> Any:
    """Return a sheet's values alone, in a workbook of somebody's own."""
    book = Plain()
    for row in sheet.iter_rows():
        for cell in row:
            if not str(cell.value).startswith("=") and type(cell).__name__ != "MergedCell":
                book.active.cell(cell.row, cell.column).value = None if cell.value is None else (
                    cell.value if isinstance(cell.value, (int, float)) else str(cell.value)
                )
    return book.active
