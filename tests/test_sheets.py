"""Tables handed over as Excel workbooks: the same table as the CSV, and nothing a hostile file can do."""

from __future__ import annotations

import csv
import io
import random
import time
import zipfile
from datetime import date

import pytest
from conftest import altered
from openpyxl import Workbook as Excel
from openpyxl import load_workbook

from kpi_toolkit.clients.client import input_hashes, load_client
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
    assert {"people.xlsx", "cycles/2026-10/actuals.xlsx"} <= set(input_hashes(client, "2026-10"))


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


def rewritten(data: bytes, change) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for member in archive.namelist():
            content = archive.read(member)
            out.writestr(member, change(content) if member.endswith("sheet1.xml") else content)
    return stream.getvalue()


def test_V4_a_cell_at_the_far_end_of_the_sheet_costs_nothing(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = rewritten(excel(HEADER, ["p", "i", 1]), lambda xml: altered(xml, (b"</sheetData>", far)))
    started = time.process_time()
    table, _ = actuals(tmp_path, data)
    assert time.process_time() - started < 5  # of this process, whatever else runs
    assert len(table) <= 1


def test_V5_a_zip_bomb_is_refused_before_it_is_opened(tmp_path):
    data = rewritten(excel(HEADER), lambda xml: altered(xml, (b"<sheetData>", b" " * 210_000_000 + b"<sheetData>")))
    assert len(data) < 1_000_000
    assert [issue.code for issue in actuals(tmp_path, data)[1]] == ["too-large"]


def test_V7_entities_are_refused(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    data = rewritten(
        excel(HEADER, ["p", "i", 1]), lambda xml: bomb + altered(xml.split(b"?>", 1)[-1], (b"<v>1</v>", b"<v>&b;</v>"))
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


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"person,indicator,actual\np,i,1\n", "kind.text"), ("人员,指标\n王琳,销售\n".encode("gb18030"), "kind.text"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "kind.opendocument"),
    ],
)  # fmt: skip
def test_another_kind_of_file_under_the_name_of_a_workbook_is_told_as_what_it_is(tmp_path, data, kind):
    issues = actuals(tmp_path, data)[1]
    assert [(issue.code, issue.values["kind"]) for issue in issues] == [("wrong-kind", kind)]
