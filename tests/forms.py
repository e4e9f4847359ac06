"""What tests of forms share: forms of a small client, filled in by their cell lists, changed in every way, recalculated."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conftest import need
from openpyxl import Workbook as Plain
from openpyxl import load_workbook
from openpyxl.utils.cell import get_column_letter

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
    to, plain = path.parent / "recalculated", profile / "form.xlsx"  # a plain C locale knows no name in Chinese
    shutil.copyfile(path, plain)
    command = ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*command, str(to), str(plain)], check=True, capture_output=True, timeout=300)
    return to / plain.name


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
    cell = sheet.cell(rows_with_codes(sheet)[chance.randint(0, 2)], chance.randint(6, 8))
    if type(cell).__name__ != "MergedCell":
        cell.value = chance.choice(["约200", "1,2", "-5", "=1/0", "一百", 1e15, "", "  ", True])


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
    for change in sorted(chance.sample(CHANGES, chance.randint(1, 3)), key=lambda each: each is _merged):
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


# --- as WPS writes files ---------------------------------------------------------------------------------------------

Parts = dict[str, str]
"""The text parts of a workbook, by name."""


def as_wps(data: bytes, change: Callable[[Parts], None]) -> bytes:
    """Return a saved workbook with its parts written as WPS does in one respect."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    _shared(parts)
    change(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts, reverse=True):  # WPS has an order of its own
            archive.writestr(name, parts[name])
    return stream.getvalue()


def _shared(parts: Parts) -> None:
    """Put texts that stand in their cells among the shared ones, where WPS keeps them all."""
    texts: list[str] = []

    def moved(found: re.Match[str]) -> str:
        texts.append(found[3])
        return f'<c {found[1]}t="s"{found[2]}><v>{len(texts) - 1}</v></c>'

    for name in sorted(name for name in parts if name.startswith("xl/worksheets/sheet")):
        parts[name] = re.sub(r'<c ([^>]*)t="inlineStr"([^>]*)><is>(.*?)</is></c>', moved, parts[name], flags=re.DOTALL)
    assert texts and "xl/sharedStrings.xml" not in parts
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    body = "".join(f"<si>{text}</si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{body}</sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="rId99" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )


def _strings_in_another_order(parts: Parts) -> None:
    texts = re.findall(r"<si>.*?</si>|<si/>", parts["xl/sharedStrings.xml"], re.DOTALL)
    last = len(texts)
    body = "".join(["<si><t>没有单元格用它</t></si>", *reversed(texts)])
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="7" uniqueCount="7">{body}</sst>'
    )
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(
                r'(<c [^>]*t="s"[^>]*><v>)(\d+)', lambda found: f"{found[1]}{last - int(found[2])}", parts[name]
            )


def _strings_in_runs(parts: Parts) -> None:
    split = r'<si><r><rPr><sz val="10"/></rPr><t xml:space="preserve">\1</t></r><r><t xml:space="preserve">\2</t></r>'
    split += '<phoneticPr fontId="1" type="noConversion"/></si>'
    text = re.sub(r"<si><t(?: [^>]*)?>([^<&]{2})([^<&]+)</t></si>", split, parts["xl/sharedStrings.xml"])
    parts["xl/sharedStrings.xml"] = text


def _own_properties(parts: Parts) -> None:
    kso = '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="90" name="KSOProductBuildVer"><vt:lpwstr xmlns:vt='
    kso += '"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">2052-12.1.0.18608</vt:lpwstr></property>'
    parts["docProps/custom.xml"] = parts["docProps/custom.xml"].replace("</Properties>", f"{kso}</Properties>")
    parts["docProps/app.xml"] = re.sub(r"(<Application>)[^<]*", r"\1WPS 表格", parts["docProps/app.xml"])


def _no_properties(parts: Parts) -> None:
    del parts["docProps/custom.xml"]
    for name in ("[Content_Types].xml", "_rels/.rels"):
        parts[name] = re.sub(r"<(?:Override|Relationship)[^>]*custom[^>]*/>", "", parts[name])


def _no_validations(parts: Parts) -> None:
    for name in (name for name in parts if name.startswith("xl/worksheets/sheet")):
        parts[name] = re.sub(r"<dataValidations.*?</dataValidations>", "", parts[name], flags=re.DOTALL)
        parts[name] = re.sub(r"<conditionalFormatting.*?</conditionalFormatting>", "", parts[name], flags=re.DOTALL)
        parts[name] = re.sub(r"<sheetProtection[^>]*/>", "", parts[name])


def _rooted_links(parts: Parts) -> None:
    links = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = re.sub(r'Target="/?(?:xl/)?(?!http)([^"]+)"', r'Target="/xl/\1"', links)


def _parts_renamed(parts: Parts) -> None:
    for name in [name for name in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]:
        own = name.rpartition("/")[2]
        parts[name.replace(own, f"ks{own}")] = parts.pop(name)
        for where in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            parts[where] = parts[where].replace(f"worksheets/{own}", f"worksheets/ks{own}")


def _no_addresses(parts: Parts) -> None:
    """Rows and cells in their order, without saying where they are where nothing is left out before them."""
    name = min(name for name in parts if name.startswith("xl/worksheets/sheet"))

    def bare(row: re.Match[str]) -> str:
        cells = re.findall(r'<c r="([A-Z]+)\d+"', row[0])
        whole = cells == [get_column_letter(at) for at in range(1, len(cells) + 1)]
        return re.sub(r'<c r="[A-Z]+\d+"', "<c", row[0]) if whole else row[0]

    parts[name] = re.sub(r"<row .*?</row>", bare, re.sub(r' spans="[^"]*"', "", parts[name]), flags=re.DOTALL)


def _numbers_as_computed(parts: Parts) -> None:
    for name in (name for name in parts if name.startswith("xl/worksheets/sheet")):
        parts[name] = re.sub(
            r"(<c (?:(?!t=)[^>])*><v>)(\d+)(</v>)", lambda found: f"{found[1]}{int(found[2])}.0{found[3]}", parts[name]
        )


WPS = (
    _strings_in_another_order, _strings_in_runs, _own_properties, _no_properties, _no_validations, _rooted_links,
    _parts_renamed, _no_addresses, _numbers_as_computed,
)  # fmt: skip
