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
    sheet.cell(row, chance.randint(6, 8)).value = chance.choice(
        ["约200", "1,2", "-5", "=1/0", "一百", 1e15, "", "  ", True]
    )


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
                book.active.cell(cell.row, cell.column).value = (
                    None
                    if cell.value is None
                    else (cell.value if isinstance(cell.value, (int, float)) else str(cell.value))
                )
    return book.active


def any_design(chance: random.Random) -> dict[str, Any]:
    """Return a design with every kind of curve, basis, method and policy, in weights that make 100."""
    roles = {}
    for role in range(8):
        cuts = sorted(chance.sample(range(1, 2000), chance.randint(1, 6)))
        weights = [(b - a) / 20 for a, b in zip([0, *cuts], [*cuts, 2000], strict=True)]
        items = [_any_indicator(chance, f"i{number}", weight) for number, weight in enumerate(weights)]
        if chance.random() < 0.4:
            bonus = {
                "kind": "steps",
                "by": "actual",
                "start": 0,
                "step": "1",
                "bonus": "0.5",
                "floor": 0,
                "ceiling": 10,
            }
            items.append(
                _any_indicator(chance, "bonus", 0, curve={**bonus, "outside": True}, basis="actual", direction="higher")
            )
        if chance.random() < 0.4:
            veto = {"kind": "gate", "at": 90, "scope": "total", "limit": 59}
            items.append(
                _any_indicator(chance, "veto", 0, curve=veto, basis="actual", direction="higher", target="100")
            )
        method = chance.choice(["combined", "combined", "workload", "performance"])
        aggregation = chance.choice(["sum", "sum", "sum", "geometric"])
        roles[f"r{role}"] = {"name": f"岗{role}", "method": method, "aggregation": aggregation, "indicators": items}
    return {
        "roles": roles, "missing": chance.choice(["leave_out", "neutral", "zero", "refuse"]),
        "item_cap": chance.choice(["100", "120"]), "raters": {"self": 20, "appraiser": 50, "others": 30},
        "adjustments": {"max_plus": chance.choice([None, 3]), "max_minus": chance.choice([None, 5])},
    }  # fmt: skip


def _any_indicator(chance: random.Random, name: str, weight: float, **fixed: Any) -> dict[str, Any]:
    basis = fixed.get("basis") or chance.choice(["actual", "actual", "actual", "appraiser", "raters"])
    return {
        "id": name, "name": name, "class": chance.choice(["workload", "result", "quality"]), "weight": str(weight),
        "curve": _any_curve(chance), "target": chance.choice([str(chance.randint(1, 400)), f"{chance.uniform(1, 99):.2f}"]),
        "direction": chance.choice(["higher", "lower", "target"]) if basis == "actual" else "higher", "basis": basis,
    } | fixed  # fmt: skip


def _any_curve(chance: random.Random) -> dict[str, Any]:
    at = sorted(chance.sample(range(1, 150), 5))
    step = {"step": chance.choice(["0.1", "1", "0.3"]), "counted": chance.choice(["full", "started", "parts"])}
    return chance.choice([
        {"kind": "ratio", "by": chance.choice(["attainment", "margin_percent"]), "over": "2", "floor": "20"},
        {"kind": "ratio"},
        {"kind": "piecewise", "by": chance.choice(["attainment", "margin", "actual"]), "above": chance.choice(["hold", "extend"]),
         "points": [{"at": f"{place}.5", "score": chance.randint(0, 120)} for place in at]},
        {"kind": "bands", "edge": chance.choice(["opens", "closes"]),
         "bands": [{"from": start, "score": score} for score, start in enumerate([0, *at], start=60)]},
        {"kind": "steps", "by": chance.choice(["margin", "margin_percent"]), "start": 80, "deduct": "2.5", "bonus": "0.7",
         "floor": 20, "ceiling": 110, "unit": chance.choice(["percent", "points"]), **step},
        {"kind": "steps", "by": "actual", "deduct": "5", "floor": 0, **step},
        {"kind": "table", "rows": [0, 60, 100], "columns": [0, 70, 90], "scores": [[0, 20, 30], [40, 50, 60], [60, 70, 85]]},
        {"kind": "gate", "at": 90},
    ])  # fmt: skip


def any_actuals(chance: random.Random, design: Any, people: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return figures near the targets, some of them exactly on these, some missing."""
    rows = []
    for person in people:
        for item in design.roles[person["role"]].indicators:
            aim = float(item.target)
            near = [f"{aim * chance.uniform(0.3, 1.6):.{places}f}" for places in (0, 1, 3)]
            row = {
                "person": person["id"],
                "indicator": item.id,
                "actual": chance.choice([*near, "0", str(item.target), ""]),
            }
            rows.append(
                row
                | {
                    view: chance.choice([str(chance.randint(0, 130)), "66.5", ""])
                    for view in ("self", "appraiser", "others")
                }
            )
    return rows
