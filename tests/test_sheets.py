"""Tables handed over as Excel workbooks: the same table as the CSV, and nothing a hostile file can do."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from datetime import date

import pytest
from conftest import altered
from openpyxl import Workbook as Excel
from openpyxl import load_workbook
from pace import at_most

from kpi_toolkit.clients.client import input_hashes, load_client
from kpi_toolkit.clients.sheets import read_sheets
from kpi_toolkit.clients.tabular import read_table
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.results.summary import summarize_cycle

HEADER = ["person", "indicator", "actual", "self", "appraiser", "note"]


def excel(*rows) -> bytes:
    book = Excel()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def actuals(tmp_path, data: bytes):
    (tmp_path / "actuals.xlsx").write_bytes(data)
    return read_table(tmp_path / "actuals.csv", "actuals", "actuals.csv")


def codes(issues: Issues):
    return [(issue.code, issue.place.file, issue.place.row, issue.place.column) for issue in issues]


@pytest.mark.parametrize("form", ["0%", "0.0", "General"])
def test_a_workbook_is_read_with_its_own_styles_whatever_was_read_before(tmp_path, form):
    shown = {"0%": "50%", "0.0": "0.5", "General": "0.5"}
    for each in ("0.0", "0%", form):  # the last one has the part of styles of one before
        book = Excel()
        book.active.append(HEADER)
        book.active.append(["p1", "i1", 0.5])
        book.active["C2"].number_format = each
        book.save(tmp_path / "a.xlsx")
        with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
            [(_, lines, _, _)], _ = read_sheets((tmp_path / "a.xlsx").read_bytes(), archive, max_rows=9)
        assert lines[1][1][2] == shown[each]


def test_a_client_in_excel_scores_the_same_as_in_csv(workbook):
    folder = workbook.client_data / "home-goods"
    before = summarize_cycle(load_client(folder), "2026-10").to_json()
    for path in [folder / "people.csv", *(folder / "cycles/2026-10").glob("*.csv")]:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
        numeric = {"actual", "self", "appraiser", "target", "points"}
        body = [
            [float(cell) if name in numeric and cell else cell for name, cell in zip(rows[0], row, strict=True)]
            for row in rows[1:]
        ]
        path.with_suffix(".xlsx").write_bytes(excel(rows[0], *body))
        path.unlink()
    client = load_client(folder)
    assert client.cycles[-1] == "2026-10"
    assert summarize_cycle(client, "2026-10").to_json() == before
    assert {"people.xlsx", "actuals.xlsx"} <= set(input_hashes(client, "2026-10"))


def test_numbers_dates_and_blanks_are_read_as_typed(tmp_path):
    (tmp_path / "people.xlsx").write_bytes(
        excel(
            ["id", "name", "role", "joined"],
            [None] * 4,
            ["lin", "=1+1", "editor", date(2024, 3, 1)],
            ["bo", 7, "editor", None],
        )
    )
    rows, issues = read_table(tmp_path / "people.csv", "people", "people.csv")
    assert [(i.code, i.place.row) for i in issues] == [("formula-without-value", 3), ("blank-cell", 3)]
    assert list(rows["name"]) == ["7"]
    table, issues = actuals(tmp_path, excel(HEADER, ["p", "i", 0.1 + 0.2, None, 90, None]))
    assert issues == Issues()
    assert (str(table["actual"][0]), table["self"][0], str(table["appraiser"][0])) == ("0.3", None, "90")


def test_two_files_of_a_name_are_refused(tmp_path):
    (tmp_path / "actuals.csv").write_text(",".join(HEADER), "utf-8")
    assert codes(actuals(tmp_path, excel(HEADER))[1]) == [("two-files", "actuals.csv", None, None)]


def test_a_value_beside_the_table_and_a_bad_cell_are_named_by_row_and_column(tmp_path):
    table, issues = actuals(
        tmp_path, excel(HEADER, ["p", "i", 1, None, None, None, "stray"], ["q", "i", "many", 50, None, None])
    )
    assert codes(issues) == [
        ("value-beside-table", "actuals.xlsx", 2, None),
        ("bad-number", "actuals.xlsx", 3, "actual"),
    ]
    assert table.empty


@pytest.mark.parametrize("cut", [100, 0.5, -10])
def test_V1_a_truncated_workbook_is_refused(tmp_path, cut):
    data = excel(HEADER, ["p", "i", 1])
    end = int(len(data) * cut) if isinstance(cut, float) else cut
    assert [issue.code for issue in actuals(tmp_path, data[:end])[1]] == ["xlsx-damaged"]


def test_V2_mutated_workbooks_are_read_the_same_or_refused(tmp_path):
    data = excel(HEADER, *[["p", f"i{n}", n] for n in range(20)])
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(1)
    for _ in range(150):
        name = chance.choice(list(members))
        broken = bytearray(members[name])
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as out:
            for member, content in members.items():
                out.writestr(member, bytes(broken) if member == name else content)
        actuals(tmp_path, stream.getvalue())


def rewritten(data: bytes, change, part: str = "sheet1.xml") -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for member in archive.namelist():
            content = archive.read(member)
            out.writestr(member, change(content) if member.endswith(part) else content)
    return stream.getvalue()


def test_V4_a_cell_at_the_far_end_of_the_sheet_costs_nothing(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = rewritten(excel(HEADER, ["p", "i", 1]), lambda xml: altered(xml, (b"</sheetData>", far)))
    with at_most(60):
        table, _ = actuals(tmp_path, data)
    assert len(table) <= 1


def test_V5_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    data = rewritten(excel(HEADER), lambda xml: altered(xml, (b"<sheetData>", b" " * 210_000_000 + b"<sheetData>")))
    assert len(data) < 1_000_000
    assert [issue.code for issue in actuals(tmp_path, data)[1]] == ["too-large"]


@pytest.mark.parametrize("before", [b"", b"<!--" + b"long " * 2000 + b"-->"], ids=["first", "behind a remark"])
def test_V7_entities_are_refused(tmp_path, before):
    bomb = b'<?xml version="1.0"?>' + before + b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    data = rewritten(
        excel(HEADER, ["p", "i", 1]), lambda xml: bomb + altered(xml.split(b"?>", 1)[-1], (b"<v>1</v>", b"<v>&b;</v>"))
    )
    assert [issue.code for issue in actuals(tmp_path, data)[1]] == ["xlsx-damaged"]


def test_no_part_of_a_workbook_may_name_a_file_of_the_machine(tmp_path):
    outside = b'<!DOCTYPE x SYSTEM "file:///etc/hostname"><workbook'
    data = rewritten(
        excel(HEADER, ["p", "i", 1]), lambda text: altered(text, (b"<workbook", outside, 1)), "workbook.xml"
    )
    assert [issue.code for issue in actuals(tmp_path, data)[1]] == ["xlsx-damaged"]


def test_the_sheet_with_the_columns_is_read_and_the_others_are_named(tmp_path):
    book = load_workbook(io.BytesIO(excel(HEADER, ["p", "i", 1])))
    book.create_sheet("more").append(["x"])
    stream = io.BytesIO()
    book.save(stream)
    table, issues = actuals(tmp_path, stream.getvalue())
    assert [(issue.code, issue.severity, issue.values["others"]) for issue in issues] == [
        ("other-sheets", "warning", ["more"])
    ]
    assert len(table) == 1


def packed(*names) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for name in names:
            out.writestr(name, "x")
    return stream.getvalue()


def old_office(stream: str = "") -> bytes:
    return b"\xd0\xcf\x11\xe0" + bytes(600) + stream.encode("utf-16-le")


KINDS = {
    "text": b"person,indicator,actual\np,i,1\n", "word": packed("[Content_Types].xml", "word/document.xml"), "slides": packed("ppt/presentation.xml"),
    "binary_workbook": packed("xl/workbook.bin"), "numbers": packed("Index/Document.iwa"), "zip": packed("actuals.csv"), "pdf": b"%PDF-1.4",
    "opendocument": b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "html": b"<html><table>", "xml": b"<?xml version",
    "json": b'{"person": 1}', "picture": b"\x89PNG", "rich_text": b"{\\rtf1", "sylk": b"ID;PWXL", "database": b"SQLite format 3", "pointer": b"version https://git-lfs",
}  # fmt: skip
MORE = [
    ("text", "人员,指标\n王琳,销售\n".encode("gb18030")), ("zip", b"7z\xbc\xaf\x27\x1c"), ("zip", b"Rar!\x1a\x07"), ("zip", gzip.compress(KINDS["text"], mtime=0)),
    ("word", old_office("WordDocument")), ("json", b'\xef\xbb\xbf [\n {"a": 1}]'), ("html", b"\n<TABLE border=1>"), ("picture", b"GIF89a"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), [*KINDS.items(), *MORE])
@pytest.mark.parametrize("name", ["actuals.xlsx", "actuals.csv"])
def test_another_kind_of_file_is_told_as_what_it_is(tmp_path, name, kind, data):
    (tmp_path / name).write_bytes(data)
    issues = read_table(tmp_path / "actuals.csv", "actuals", "actuals.csv")[1]
    if kind != "text":
        assert [(issue.code, issue.values["kind"]) for issue in issues] == [("wrong-kind", f"kind.{kind}")]
    else:
        assert ("wrong-kind" in {issue.code for issue in issues}) is name.endswith("xlsx")


def test_an_excel_workbook_under_the_name_of_a_csv_and_old_and_locked_ones_are_told(tmp_path):
    path = tmp_path / "actuals.csv"
    for data, code in (
        (excel(HEADER), "wrong-kind"),
        (old_office(), "old-workbook"),
        (old_office("EncryptedPackage"), "password-protected"),
    ):
        path.write_bytes(data)
        assert [issue.code for issue in read_table(path, "actuals", path.name)[1]] == [code]


CONDITION = b'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>1</formula></cfRule></conditionalFormatting>'
CROWDED = {
    "merged cells": ("sheet1.xml", b"</sheetData>", b'</sheetData><mergeCells>' + b'<mergeCell ref="Z9:AA9"/>' * 500_000 + b"</mergeCells>"),
    "conditions": ("sheet1.xml", b"</sheetData>", b"</sheetData>" + CONDITION * 100_000), "styles": ("styles.xml", b"</cellXfs>", b"<xf/>" * 200_000 + b"</cellXfs>"),
    "names": ("workbook.xml", b"</sheets>", b"</sheets><definedNames>" + b'<definedName name="x">1</definedName>' * 100_000 + b"</definedNames>"),
    "links": ("sheet1.xml", b"</sheetData>", b"</sheetData><hyperlinks>" + b'<hyperlink ref="Z9"/>' * 300_000 + b"</hyperlinks>"),
}  # fmt: skip


@pytest.mark.parametrize("trick", CROWDED)
def test_what_would_make_reading_long_is_counted_before_it_is_read(tmp_path, trick):
    part, old, new = CROWDED[trick]
    data = rewritten(excel(HEADER, ["p", "i", 1]), lambda text: altered(text, (old, new, 1)), part)
    with at_most(40):
        table, issues = actuals(tmp_path, data)
    assert ([issue.code for issue in issues], len(table)) == (["crowded-workbook"], 0)


def test_a_workbook_of_countless_texts_or_parts_is_refused_at_once(tmp_path):
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + b"<si><t>x</t></si>" * 2_000_000
        + b"</sst>"
    )
    for more in ({"xl/sharedStrings.xml": texts}, {f"xl/media/{number}": b"" for number in range(20_000)}):
        stream = io.BytesIO(excel(HEADER, ["p", "i", 1]))
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as out:
            for name, content in more.items():
                out.writestr(name, content)
        with at_most(40):
            assert [issue.code for issue in actuals(tmp_path, stream.getvalue())[1]] == ["crowded-workbook"]


@pytest.mark.parametrize(("count", "code"), [(5000, "xlsx-damaged"), (1, "xlsx-damaged")])
def test_one_part_is_no_two_sheets(tmp_path, count, code):
    sheet = b'<sheet name="s%d" sheetId="%d" r:id="rId1" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
    more = b"".join(sheet % (n, n + 9) for n in range(count))
    data = rewritten(
        excel(HEADER, ["p", "i", 1]), lambda text: altered(text, (b"</sheets>", more + b"</sheets>")), "workbook.xml"
    )
    assert [issue.code for issue in actuals(tmp_path, data)[1]] == [code]


def test_hundreds_of_sheets_are_refused_and_dozens_are_read(tmp_path):
    for count, found in ((250, "crowded-workbook"), (31, "other-sheets")):
        book = load_workbook(io.BytesIO(excel(HEADER, ["p", "i", 1])))
        for number in range(count):
            book.create_sheet(f"day {number}").append(["x"])
        stream = io.BytesIO()
        book.save(stream)
        assert [issue.code for issue in actuals(tmp_path, stream.getvalue())[1]] == [found]
