"""Part and whole: a share or a quotient is reported as the counts that it is made of, in tables, forms and imports."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import openpyxl
import pytest
import tomlkit
from conftest import ROOT, small_client

from kpi_toolkit.clients.client import inspect_cycle, load_client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.numbers import deal

LIBRARY = Library(Workbook(ROOT))
ITEMS = {
    "content-quality": 90, "continuity": 75, "cost-per-inquiry": 30, "design-completion": 95, "approval-rate": 90,
    "task-completion": 90, "safe-running": 99, "customer-files": 95, "key-customers-kept": 90, "social-marketing": 100,
    "member-completion-rate": 80, "member-order-rate": 70, "renewal-rate": 90, "team-building": 100,
}  # fmt: skip
HEADER = "person,indicator,actual,part,whole\n"


@pytest.fixture
def acme(workbook):
    """Return a client whose one post has an indicator of each card, all quotients."""
    weights = deal(100, [100] * len(ITEMS), len(ITEMS))
    lines = [
        LIBRARY.indicators[card].indicator(Decimal(weight), Decimal(target))
        for (card, target), weight in zip(ITEMS.items(), weights, strict=True)
    ]
    plain = [line.model_dump(mode="json", by_alias=True, exclude_none=True) for line in lines]
    role = {"name": "All", "indicators": plain}
    design, page = tomlkit.dumps({"roles": {"all": role}}), 'country = "GB"\nlanguages = ["en", "zh"]'
    return small_client(workbook.root, design, "id,name,role\nlin,Lin Xiao,all\n", page, _2026_11="")


def reported(folder, *lines: str, header: str = HEADER) -> None:
    (folder / "cycles/2026-11/actuals.csv").write_text(header + "".join(f"lin,{line}\n" for line in lines), "utf-8")


def read(folder):
    return inspect_cycle(load_client(folder), "2026-11")


@pytest.mark.parametrize(
    ("card", "counts", "figure"),
    [
        pytest.param("content-quality", "57,60", "95", id="S027"),
        pytest.param("continuity", "2,5", "40", id="S029"),
        pytest.param("cost-per-inquiry", "7500,240", "31.25", id="S030"),
        pytest.param("design-completion", "13,14", "92.857143", id="S039-designs"),
        pytest.param("approval-rate", "11,13", "84.615385", id="S039-approvals"),
        pytest.param("task-completion", "11,16", "68.75", id="S040"),
        pytest.param("safe-running", "108,43200", "99.75", id="S041"),
        pytest.param("customer-files", "171,180", "95", id="S185"),
        pytest.param("key-customers-kept", "23,25", "92", id="S225"),
        pytest.param("member-completion-rate", "9,12", "75", id="S148-completion"),
        pytest.param("member-order-rate", "5,8", "62.5", id="S148-orders"),
        pytest.param("renewal-rate", "153000,180000", "85", id="S148-renewal"),
        pytest.param("team-building", "3,2", "150", id="S148-recruiting"),
        pytest.param("social-marketing", "6,5", "120", id="more than planned"),
    ],
)
def test_a_share_is_reported_as_part_and_whole_and_all_three_are_kept(kpi, acme, card, counts, figure):
    reported(acme, f"{card},,{counts}")
    code, out, err = kpi("score", "acme", "2026-11", "--json")
    assert code == 0, err
    line = next(each for each in json.loads(out)["people"][0]["indicators"] if each["id"] == card)
    assert code == 0, err
    assert Decimal(str(line["actual"])) == Decimal(figure)
    assert [f"{Decimal(str(line[name])):f}" for name in ("part", "whole")] == counts.split(",")


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("content-quality,,57,", "half-a-quotient", "whole"), ("content-quality,,,60", "half-a-quotient", "part"),
        ("content-quality,,0,0", "whole-not-positive", "whole"), ("continuity,,3,-4", "whole-not-positive", "whole"),
        ("content-quality,,61,60", "part-above-whole", "part"), ("safe-running,,9,8", "part-above-whole", "part"),
        ("content-quality,96,57,60", "not-the-quotient", "actual"), ("approval-rate,84.7,11,13", "not-the-quotient", "actual"),
    ],
)  # fmt: skip
def test_what_makes_no_quotient_is_refused_at_its_cell(acme, line, code, column):
    reported(acme, line)
    assert [(i.code, i.place.row, i.place.column) for i in read(acme)[1].errors] == [(code, 2, column)]


@pytest.mark.parametrize("typed", ["84.6", "85", "84.615385"])
def test_an_actual_beside_them_may_be_rounded(acme, typed):
    reported(acme, f"approval-rate,{typed},11,13")
    assert not read(acme)[1].errors


def test_where_the_design_does_not_say_what_is_counted_the_unit_decides_and_more_than_the_whole_is_a_warning(acme):
    design = acme / "design.toml"
    values = tomlkit.parse(design.read_text("utf-8"))
    del values["roles"]["all"]["indicators"][0]["formula"]
    design.write_text(tomlkit.dumps(values), "utf-8")
    reported(acme, "content-quality,,61,60")
    tables, issues = read(acme)
    assert tables.actuals["actual"] == [Decimal("101.666667")]
    assert [i.severity for i in issues if i.code == "part-above-whole"] == ["warning"]


def test_nothing_due_is_missing_and_not_nought(acme):
    reported(acme, "content-quality,,/,/")
    tables, issues = read(acme)
    assert tables.actuals["actual"] == [None]
    assert [i.code for i in issues if i.code in {"missing-actual", "not-reported"}] == ["not-reported"] * 2


def test_a_form_asks_for_part_and_whole_works_the_actual_out_and_takes_both_back(kpi, acme, tmp_path):
    reported(acme, *(f"{card},,," for card in ITEMS))
    assert kpi("forms", "acme", "2026-11", "--to", str(tmp_path / "out"))[0] == 0
    file = next(path for path in sorted((tmp_path / "out").rglob("*.xlsx")))
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "Whole" for cell in row))
    at = {cell.value: cell.column for cell in head if cell.value}
    row = next(
        r for r in range(head[0].row + 1, sheet.max_row) if "Approval rate" in str(sheet.cell(r, at["Goal item and finish time"]).value)
    )  # fmt: skip
    actual, part, whole = (sheet.cell(row, at[name]) for name in ("Actual", "Part", "Whole"))
    assert (actual.protection.locked, part.protection.locked, whole.protection.locked) == (True, False, False)
    assert actual.value.startswith("=IF(AND(ISNUMBER(")
    part.value, whole.value = 11, 13
    inbox = tmp_path / "in"
    inbox.mkdir()
    stream = io.BytesIO()
    book.save(stream)
    (inbox / file.name).write_bytes(stream.getvalue())
    code, out, err = kpi("collect", "acme", "2026-11", str(inbox))
    assert code == 0, out + err
    assert "lin,approval-rate,,11,13" in (acme / "cycles/2026-11/actuals.csv").read_text("utf-8-sig")
    assert not read(acme)[1].errors


def test_an_import_takes_part_and_whole_from_columns_of_their_names(kpi, acme, tmp_path):
    reported(acme)
    book = openpyxl.Workbook()
    for line in (["姓名", "考核项目", "分子", "分母"], ["Lin Xiao", "Approval rate", 11, 13]):
        book.active.append(line)
    book.save(tmp_path / "figures.xlsx")
    code, out, err = kpi("import", "acme", "actuals", str(tmp_path / "figures.xlsx"), "--cycle", "2026-11")
    assert code == 0, out + err
    tables, issues = read(acme)
    assert (tables.actuals["actual"], issues.errors) == ([Decimal("84.615385")], ())


def test_the_page_shows_the_counts_beside_the_figure(acme, make_page, workbook):
    reported(acme, "approval-rate,,11,13", "safe-running,,108,43200")
    text, _ = make_page(workbook, "person", "acme", cycle="2026-11", language="en")
    assert "(11 ÷ 13)" in text and "((43,200 − 108) ÷ 43,200)" in text
