"""Nothing wrong in silence: what people hand over is read as they mean it, or refused with its place, never a third thing.

One client, acme, with an editor's two indicators and two cycles: the month before is good, this month is what is tried.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from time import process_time

import pytest
from conftest import ROOT, altered, called
from openpyxl import Workbook as Excel
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill
from pace import at_most

from kpi_toolkit.batch.index import write_index
from kpi_toolkit.batch.run import Run
from kpi_toolkit.clients import tabular
from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.wording import usual_words, wording_rules
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import Behind
from kpi_toolkit.method.scenario import fingerprint

DESIGN = """
[tiers]
min_group = 2
[roles.editor]
name = { zh = "网络编辑", en = "Network editor" }
[[roles.editor.indicators]]
id = "articles"
name = { zh = "发帖数量", en = "Articles published" }
class = "workload"
unit = { zh = "篇", en = "articles" }
source = "CMS"
weight = 60
target = 200
[[roles.editor.indicators]]
id = "pass"
name = { zh = "审核通过率", en = "Pass rate" }
class = "reach"
source = "CMS"
weight = 40
target = 95
"""
PEOPLE = "id,name,role\np1,王建国,editor\np2,Bo,editor\np3,Cy,editor\n"
GOOD = "person,indicator,actual,self,appraiser,note\n" + "".join(
    f"{person},{name},{value},,,\n"
    for person, values in {"p1": (180, 90), "p2": (160, 80), "p3": (140, 70)}.items()
    for name, value in zip(("articles", "pass"), values, strict=True)
)


@pytest.fixture
def acme(tmp_path):
    folder = tmp_path / "client_data" / "acme"
    for cycle in ("2026-09", "2026-10"):
        (folder / "cycles" / cycle).mkdir(parents=True)
        (folder / "cycles" / cycle / "actuals.csv").write_text(GOOD, "utf-8")
    (folder / "cycles/2026-09/actuals.csv").write_text(GOOD.replace("180", "181"), "utf-8")
    (folder / "client.toml").write_text('name = "Acme"\n', "utf-8")
    (folder / "design.toml").write_text(DESIGN, "utf-8")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    return folder


@pytest.fixture
def kpi(acme, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "300")
    root = acme.parent.parent

    def run(*arguments, lang="en"):
        return called(capsys, "--workbook", str(root), "--lang", lang, *arguments)

    return run


def now(acme):
    return acme / "cycles" / "2026-10" / "actuals.csv"


def with_value(old, new, text=GOOD):
    assert old in text
    return altered(text, (old, new, 1))


def excel(rows, change=lambda sheet: None, *, formats=()):
    book = Excel()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cell, number_format in formats:
        sheet[cell].number_format = number_format
    change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS = [line.split(",") for line in GOOD.splitlines()]
ROWS = [ROWS[0], *([*row[:2], int(row[2]), None, None, None] for row in ROWS[1:])]


def in_excel(acme, data):
    now(acme).unlink()
    now(acme).with_suffix(".xlsx").write_bytes(data)


def codes(kpi, *arguments):
    """Return the exit code of ``kpi check --json`` and the codes it found, hints apart."""
    code, out, _ = kpi("check", "acme", "2026-10", "--json", *arguments)
    return code, [row["code"] for row in json.loads(out)["issues"] if row["code"] not in QUIET]


QUIET = {
    "self-appraisal-missing",
    "rows-above-header",
    "copy-without-holder",
    "goals-not-stated",
    "one-hand",
    "no-standard",
    "untouched-template",
    "no-owner",
    "no-country",
    "no-least-weight",
}


def scores(kpi):
    code, out, _ = kpi("score", "acme", "--json")
    assert code == 0
    data = json.loads(out)
    return data["cycle"], {person["id"]: Decimal(str(person["score"])) for person in data["people"]}


# --- the newest cycle is the cycle -----------------------------------------------------------------------------------

UNREADABLE = {
    "a field too many": "person,indicator,actual\np1,articles,180,9\n",
    "an unclosed quote": 'person,indicator,actual\np1,"articles,180\n',
    "a heading that is mistyped": "person,indicator,acutal\np1,articles,180\n",
    "a heading that means another column": "person,indicator,完成情况\np1,articles,180\n",
    "no column of figures": "person,indicator,result\np1,articles,180\n",
    "a per cent sign on articles": with_value("p1,articles,180", "p1,articles,90%"),
    "Latin-1": altered(GOOD.encode("latin-1", "replace"), (b"note", b"not\xe9")) + b"\xe9",
    "a control character": with_value("180", "18\x000"),
    "nothing": "",
    "an old workbook": b"\xd0\xcf\x11\xe0 old",
    "100,001 rows": "person,indicator,actual\n" + "p1,articles,1\n" * 100_021,
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_newest_cycle_that_cannot_be_read_is_an_error_and_never_the_month_before(kpi, acme, content):
    now(acme).write_bytes(content if isinstance(content, bytes) else content.encode())
    for command in (("score", "acme"), ("whatif", "acme"), ("render", "acme", "--format", "html")):
        code, out, err = kpi(*command)
        assert code == 3, command
        assert "cycles/2026-10/actuals.csv" in out + err, command
        assert "September" not in out + err
    assert not (acme.parent.parent / "reports" / "acme").exists()


@pytest.mark.parametrize(
    "name", ["actuals.xls", "Actuals.csv", "actuals.csv.txt", "actuals.ods", "actual.csv", "actuals (2).xlsx"]
)
def test_a_file_that_is_called_a_little_differently_is_named_and_last_month_is_not_taken(kpi, acme, name):
    now(acme).rename(now(acme).with_name(name))
    code, _, err = kpi("score", "acme")
    assert code == 3
    assert name in err
    assert "file-called-otherwise" in err


def test_a_link_or_a_broken_one_in_place_of_the_actuals_is_an_error(kpi, acme):
    now(acme).unlink()
    now(acme).symlink_to(acme / "nowhere.csv")
    code, _, err = kpi("score", "acme")
    assert (code, "link-refused" in err) == (3, True)


def test_a_newest_folder_whose_name_is_no_cycle_is_an_error_where_it_seems_the_newest(kpi, acme):
    (acme / "cycles" / "2026-10").rename(acme / "cycles" / "2026.10")
    code, _, err = kpi("score", "acme")
    assert (code, "bad-cycle" in err, "2026-10" in err) == (3, True, True)


def test_only_a_cycle_that_reads_cleanly_and_holds_nothing_is_passed_over_and_that_is_said(kpi, acme):
    now(acme).write_text("person,indicator,actual\np1,articles,\np2,articles,—\n", "utf-8")
    code, out, err = kpi("score", "acme")
    assert (code, "September 2026" in out) == (0, True)
    assert "acme: 2026-10 is open but has no values yet; 2026-09 is used instead." in err
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert (data["cycle"], data["passed_over"]) == ("2026-09", [{"cycle": "2026-10", "reason": "blank"}])
    now(acme).unlink()
    code, _, err = kpi("score", "acme", lang="zh")
    assert (code, "acme：2026-10 还没有实际值表，因此采用 2026-09。" in err) == (0, True)


def test_a_cycle_that_is_open_but_blank_is_told_as_it_is(kpi, acme):
    for cycle in ("2026-09", "2026-10"):
        (acme / "cycles" / cycle / "actuals.csv").write_text("person,indicator,actual\np1,articles,\n", "utf-8")
    code, _, err = kpi("score", "acme")
    assert (code, "cycle-not-filled" in err, "kpi new" in err) == (3, True, False)


def test_a_month_that_was_left_out_before_the_newest_is_not_said_to_be_passed_over_for_it(kpi, acme):
    later = acme / "cycles" / "2026-11" / "actuals.csv"
    later.parent.mkdir()
    now(acme).rename(later)
    assert "cycle-not-begun" in kpi("check", "acme", "--json")[1]
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert (data["cycle"], data["passed_over"]) == ("2026-11", [])


# --- cells as Excel shows them ---------------------------------------------------------------------------------------

RIGHT = {
    "120篇": "120",
    "120 articles": "120",
    "0.5万": "5000",
    "0.2千篇": "200",
    "1８０": "180",
    "٣٠": "30",
    "−5": "-5",
}


@pytest.mark.parametrize(("typed", "value"), RIGHT.items())
def test_a_unit_of_the_indicators_own_and_any_decimal_digit_is_read(kpi, acme, typed, value):
    now(acme).write_text(with_value("p1,articles,180", f"p1,articles,{typed}"), "utf-8")
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert Decimal(str(data["people"][0]["indicators"][0]["actual"])) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("10²", "bad-number"), ("①80", "bad-number"), ("90%", "other-unit"), ("120次", "other-unit"), ("完成", "bad-number"),
        ("≥45", "number-in-words"), ("前8", "bad-number"), ('"102,080篇"', "grouped-number"), ("1e5", "bad-number"), ("#DIV/0!", "formula-error"),
        ("#N/A", "formula-error"), ("八十", "number-in-words"), ("1.2.3", "bad-number"), ("12-3", "bad-number"), ("½", "bad-number"), ("10₂", "bad-number"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_its_true_reason(kpi, acme, typed, code):
    now(acme).write_text(with_value("p1,articles,180", f"p1,articles,{typed}"), "utf-8")
    assert codes(kpi) == (3, [code])


@pytest.mark.parametrize("typed", ["/", "—", "N/A", "n/a", "无", "未报", "-"])
def test_what_says_not_reported_is_listed_and_never_a_zero(kpi, acme, typed):
    now(acme).write_text(with_value("p1,articles,180", f"p1,articles,{typed}"), "utf-8")
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    told = {(row["code"], row["severity"]) for row in found}
    assert ("not-reported", "hint") in told
    assert "missing-actual" not in {code for code, _ in told}  # it says what it would ask to be written
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert [item["state"] for item in data["people"][0]["indicators"]] == ["missing", "scored"]


def test_a_per_cent_cell_of_a_per_cent_indicator_is_its_value_in_csv_and_excel(kpi, acme):
    before = scores(kpi)
    now(acme).write_text(with_value("p1,pass,90", "p1,pass,90%"), "utf-8")
    assert scores(kpi) == before
    rows = [row if row[1] != "pass" else [*row[:2], row[2] / 100, None, None, None] for row in ROWS]
    in_excel(acme, excel(rows, formats=[(f"C{n}", "0.0%") for n in (3, 5, 7)]))
    assert scores(kpi) == before


@pytest.mark.parametrize(
    ("number_format", "read"), [('0"%"', 90), (r"0\%", 90), ("0%", 9000), ("[Red]0.0%;-0%", 9000), ("General", 90)]
)
def test_a_number_format_is_parsed_not_searched_for_a_sign(kpi, acme, number_format, read):
    in_excel(acme, excel([row if row[:2] != ["p1", "pass"] else ["p1", "pass", 90, None, None, None] for row in ROWS],
                         formats=[("C3", number_format)]))  # fmt: skip
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert Decimal(str(data["people"][0]["indicators"][1]["actual"])) == read


def computed(data, cells):
    """Put formulas with results into a workbook: cell -> (formula, type, result), as Excel writes them."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for member in archive.namelist():
            text = archive.read(member).decode().replace('fullCalcOnLoad="1"', "")
            if member.endswith("sheet1.xml"):
                for cell, (formula, kind, result) in cells.items():
                    start = text.index(f'<c r="{cell}"')
                    end = text.index("</c>", start) + 4
                    text = text[:start] + f'<c r="{cell}"{kind}><f>{formula}</f>{result}</c>' + text[end:]
            out.writestr(member, text)
    return stream.getvalue()


def test_what_excel_computes_is_rounded_as_numbers_are_kept_and_an_empty_text_is_blank(kpi, acme):
    data = computed(
        excel(ROWS),
        {
            "C2": ("D2/E2*100", "", "<v>63.3333333333333</v>"), "C4": ("0.3-0.1-0.2", "", "<v>-2.77E-17</v>"),
            "C6": ('IF(D6="","",D6)', ' t="str"', "<v></v>"), "C3": ("1/100000", "", "<v>1E-05</v>"),
        },
    )  # fmt: skip
    in_excel(acme, data)
    people = json.loads(kpi("score", "acme", "--json")[1])["people"]
    actual = [[item["actual"] for item in person["indicators"]] for person in people]
    assert [Decimal(str(actual[0][0])), Decimal(str(actual[0][1]))] == [Decimal("63.333333333333"), Decimal("0.00001")]
    assert (Decimal(str(actual[1][0])), actual[2][0]) == (0, None)


def test_a_raised_or_struck_digit_in_a_cell_is_no_digit_of_the_number(kpi, acme):
    for font in (
        InlineFont(vertAlign="superscript"),
        InlineFont(strike=True),
        InlineFont(sz=1),
        InlineFont(color="FFFFFFFF"),
    ):
        rich = CellRichText("10", TextBlock(font, "2"))
        now(acme).write_text(GOOD, "utf-8")
        in_excel(acme, excel(ROWS, lambda sheet, rich=rich: sheet.__setitem__("C2", rich)))
        assert codes(kpi) == (3, ["letters-apart"])
        now(acme).with_suffix(".xlsx").unlink()


# --- what Excel hides ------------------------------------------------------------------------------------------------


def hide_row(sheet):
    sheet.row_dimensions[3].hidden = True


def flatten_row(sheet):
    sheet.row_dimensions[3].height = 0.001  # openpyxl takes a height of nothing for none


def filter_rows(sheet):
    sheet.auto_filter.ref = "A1:F7"
    sheet.auto_filter.add_filter_column(0, ["p1"])
    sheet.row_dimensions[4].hidden = True


def hide_column(sheet):
    sheet.column_dimensions["C"].hidden = True


def merge(sheet):
    sheet.merge_cells("A2:A3")


def merge_header(sheet):
    sheet.merge_cells("A1:B1")


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (hide_row, "hidden-rows", "3"), (flatten_row, "hidden-rows", "3"), (filter_rows, "filtered-rows", "4"),
        (hide_column, "hidden-columns", "C (actual)"), (merge, "merged-cells", "A2:A3"), (merge_header, "merged-cells", "A1:B1"),
    ],
)  # fmt: skip
def test_what_excel_hides_or_merges_inside_the_table_is_an_error_with_its_cells(kpi, acme, change, code, named):
    in_excel(acme, excel(ROWS, change))
    exit_code, out, err = kpi("score", "acme")
    assert exit_code == 3
    assert code in err
    assert named in err
    assert "cycles/2026-10/actuals.xlsx" in err
    assert "blank-cell" not in err  # what the merged cells cover is no blank that somebody left


def test_a_title_above_the_table_is_passed_over_and_named(kpi, acme):
    before = scores(kpi)

    def title(sheet):
        sheet.insert_rows(1, 2)
        sheet["A1"] = "十月绩效"
        sheet.merge_cells("A1:F1")

    in_excel(acme, excel(ROWS, title))
    assert scores(kpi) == before
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert [row["message"] for row in found if row["code"] == "rows-above-header"] == [
        "There is text above the header, in row 1 (“十月绩效”); it was not read."
    ]
    now(acme).with_suffix(".xlsx").unlink()
    now(acme).write_text("Figures of October,,\nsep\n" + GOOD, "utf-8")
    assert scores(kpi) == before
    now(acme).write_text("sep=;\n" + GOOD.replace(",", ";"), "utf-8")
    assert scores(kpi) == before


def two_sheets(hidden=None, same=False):
    book = Excel()
    first, second = book.active, book.create_sheet("十月")
    first.title = "九月"
    for row in ROWS:
        second.append(row)
        if same:
            first.append([*row[:2], 10 if row[2] != "actual" else "actual", *row[3:]])
    if not same:
        first.append(["填表说明"])
    if hidden:
        book[hidden].sheet_state = "hidden"
    book.active = 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_the_one_visible_sheet_with_the_columns_is_read_wherever_it_stands(kpi, acme):
    before = scores(kpi)
    for data in (two_sheets(), two_sheets(hidden="九月", same=True)):
        in_excel(acme, data)
        assert scores(kpi) == before
        now(acme).with_suffix(".xlsx").unlink()
        now(acme).write_text(GOOD, "utf-8")


def test_several_sheets_with_the_columns_or_none_are_refused_with_their_names(kpi, acme):
    in_excel(acme, two_sheets(same=True))
    code, _, err = kpi("score", "acme")
    assert (code, "several-sheets" in err, "九月" in err, "十月" in err) == (3, True, True, True)
    book = load_workbook(now(acme).with_suffix(".xlsx"))
    book.create_sheet("说明").append(["填表说明"])
    book.save(now(acme).with_suffix(".xlsx"))
    assert "：九月和十月。" in kpi("score", "acme", lang="zh")[2], "those that hold the columns, and no other"
    for sheet in book:
        sheet["A1"] = sheet["C1"] = "x"
    book.save(now(acme).with_suffix(".xlsx"))
    assert "：九月、十月和说明。" in kpi("score", "acme", lang="zh")[2]
    now(acme).with_suffix(".xlsx").write_bytes(two_sheets(hidden="十月"))
    code, _, err = kpi("score", "acme")
    assert code == 3
    assert "September" not in err


@pytest.mark.parametrize("ending", [".xlsx", ".xlsm"])
def test_V16_macros_and_links_are_named_and_only_values_are_read(kpi, acme, ending):
    before = scores(kpi)
    archive = zipfile.ZipFile(io.BytesIO(excel(ROWS)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for member in archive.namelist():
            out.writestr(member, archive.read(member))
        out.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
        out.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    now(acme).unlink()
    now(acme).with_suffix(ending).write_bytes(stream.getvalue())
    assert scores(kpi) == before
    assert codes(kpi) == (0, ["has-macros", "links-elsewhere"])


def test_V3_a_password_is_called_a_password(kpi, acme):
    in_excel(acme, b"\xd0\xcf\x11\xe0" + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le"))
    code, _, err = kpi("score", "acme")
    assert (code, "password-protected" in err, "Encrypt with Password" in err) == (3, True, True)


@pytest.mark.parametrize("sized", [True, False])
def test_V6_six_hundred_thousand_rows_are_refused_early(acme, kpi, sized):
    row = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    body = b"".join(row % (n, n) for n in range(8, 600_000))
    archive = zipfile.ZipFile(io.BytesIO(excel(ROWS)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for member in archive.namelist():
            content = archive.read(member)
            content = content if sized else re.sub(rb"<dimension [^>]*>", b"", content)
            out.writestr(
                member, altered(content, (b"</sheetData>", body + b"</sheetData>")) if "sheet1" in member else content
            )
    in_excel(acme, stream.getvalue())
    with at_most(60):
        assert codes(kpi) == (3, ["too-many-rows"])


# --- a value against its target, its column and its name -------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "goals", "code"),
    [
        ("p1,pass,90", "p1,pass,0.9", "", "fraction-for-percent"), ("p1,pass,90", "p1,pass,1.05", "", "fraction-for-percent"),
        ("p1,pass,90", "p1,pass,1", "", "fraction-for-percent"), ("p1,pass,90", "p1,pass,84", "p1,pass,0.95", "fraction-for-target"),
        ("p1,pass,90", "p1,pass,90", "p1,pass,1", "fraction-for-target"), ("p1,articles,180", "p1,articles,18000", "", "far-from-target"),
        ("p1,articles,180", "p1,articles,2", "", "far-from-target"), ("p1,pass,90", "p1,pass,9000", "", "far-from-target"),
    ],
)  # fmt: skip
def test_a_value_is_looked_at_against_its_target(kpi, acme, old, new, goals, code):
    now(acme).write_text(with_value(old, new), "utf-8")
    if goals:
        (acme / "cycles/2026-10/goals.csv").write_text(f"person,indicator,target\n{goals}\n", "utf-8")
    assert codes(kpi) == (0, [code])
    _, _, err = kpi("score", "acme")
    warned = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    cautions = sum(row["severity"] == "warning" and "caution" in row for row in warned)
    assert err.endswith(
        f"1 warning concerns the data behind these figures; {cautions} cautions concern design, goals or steps and make "
        "no figure wrong; kpi check acme 2026-10 says which.\n"
    )


def test_a_target_of_the_design_typed_as_a_fraction_is_found_for_everybody(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95", "target = 0.95")), "utf-8")
    assert codes(kpi) == (0, ["fraction-for-target"] * 3)


def test_a_column_of_points_is_not_taken_as_per_cent_in_silence(kpi, acme):
    for scale, views in ((5, ("4.5", "4", "5")), (10, ("8", "9.5", "10"))):
        text = GOOD
        for person, view in zip(("p1", "p2", "p3"), views, strict=True):
            text = altered(text, (f"{person},pass,{90 - 10 * int(person[1]) + 10},,,", f"{person},pass,80,,{view},"))
        now(acme).write_text(text, "utf-8")
        assert codes(kpi) == (0, ["points-for-percent"])
        assert f"points out of {scale}" in kpi("check", "acme", "2026-10")[1]
    now(acme).write_text(
        altered(GOOD, ("p1,pass,90,,,", "p1,pass,90,,80,"), ("p2,pass,80,,,", "p2,pass,80,,4,")), "utf-8"
    )
    assert codes(kpi) == (0, ["point-for-percent"])


def test_a_small_rate_beside_a_small_target_is_right(kpi, acme):
    """A conversion rate of 0.9 % against 1.2 % is no fraction."""
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95", "target = 1.2")), "utf-8")
    now(acme).write_text(
        altered(GOOD, ("pass,90", "pass,0.9"), ("pass,80", "pass,1.3"), ("pass,70", "pass,1")), "utf-8"
    )
    assert codes(kpi) == (0, [])


@pytest.mark.parametrize(
    ("zh", "en", "found"),
    [
        ("客诉", "Churn", True), ("坏账", "Unsubscribes", True), ("获客成本", "Cost per lead", True), ("响应时长", "Response time", True), ("取关人数", "Unfollowers", True), ("出错数", "Error count", True), ("投诉响应时长", "Staff turnover", True), ("卸载数", "Cancelled orders", True), ("差旅费", "Tickets reopened", True), ("空置率", "Avg. handle time", True),
        ("投诉响应率", "Response rate", False), ("成本节约额", "Cost savings", False), ("新增客户", "Sales", False), ("坏账收回", "Bugs fixed", False), ("客户投诉数", "Customer complaints", True), ("退货率", "Return rate", True), ("逾期任务", "Late tasks", True), ("投诉处理率", "Complaints settled", False), ("广告投资回报", "Return on ad spend", False),
        ("负面评价", "Bad reviews", True), ("加班时长", "Overtime", True), ("能耗", "Energy use", True), ("不满意率", "Dissatisfied customers", True), ("关键词排名", "Average position", True), ("跑单", "No-shows", True), ("未结工单", "Open tickets", True), ("排队", "Queue length", True),
        ("关键词排名提升", "Rankings gained", False), ("成本分析报告", "Cost analysis reports", False), ("流失客户召回", "Lost customers won back", False), ("故障演练", "Incident drills", False), ("客户投诉回访", "Complaint follow-ups", False), ("错题讲解", "Mistakes explained", False), ("缺陷检出", "Defects found", False), ("负面信息删除", "Spam reports handled", False),
    ],
)  # fmt: skip
def test_what_there_should_be_less_of_is_not_counted_upwards_in_silence(kpi, acme, zh, en, found):
    (acme / "design.toml").write_text(altered(DESIGN, ("发帖数量", zh), ("Articles published", en)), "utf-8")
    out = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    assert ("direction-by-name" in {row["code"] for row in out}) is found
    (acme / "design.toml").write_text(
        altered(
            DESIGN, ("发帖数量", zh), ("Articles published", en), ("weight = 60", 'weight = 60\ndirection = "lower"')
        ),
        "utf-8",
    )
    assert "direction-by-name" not in kpi("check", "acme", "--json")[1]


@pytest.mark.parametrize(
    ("zh", "en", "found"),
    [("审核通过率", "Pass rate", True), ("客户满意度", "Satisfaction", True), ("销售额", "Sales", True), ("阅读量", "Reads", True), ("投产比", "ROAS", True), ("", "Test coverage", True), ("投诉处理率", "Complaints settled", True),
     ("不合格率", "Refund rate", False), ("首次响应时间", "First response time", False), ("返工次数", "Rework", False), ("营销费用", "Marketing expenses", False), ("", "Budget overrun", False), ("营销费用占收入", "Marketing cost as % of revenue", False), ("", "Shifts left uncovered", False)],
)  # fmt: skip
def test_what_counts_downwards_has_to_be_called_so(kpi, acme, zh, en, found):
    down = ("weight = 60", 'weight = 60\ndirection = "lower"')
    (acme / "design.toml").write_text(altered(DESIGN, ("发帖数量", zh), ("Articles published", en), down), "utf-8")
    assert ("lower-by-name" in kpi("check", "acme", "--json")[1]) is found
    assert f"Lower is better: {en}." in kpi("score", "acme")[2].replace("\n", " ")
    assert "所有指标都是越高越好" not in kpi("check", "acme", lang="zh")[2]


def test_a_target_with_a_nought_too_many_is_asked_about_also_where_the_actual_is_near(kpi, acme):
    goals = "person,indicator,target\np1,articles,2000\np2,articles,20\np3,articles,640\n"
    (acme / "cycles/2026-10/goals.csv").write_text(goals, "utf-8")
    now(acme).write_text(altered(GOOD, ("articles,180", "articles,260"), ("articles,160", "articles,19")), "utf-8")
    assert codes(kpi) == (0, ["far-from-design", "far-from-design", "target-moved", "same-post-unequal-load"])


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "codes_", "severity"),
    [
        ("id,name,role,joined\np1,A,editor,2026-12-01\np2,B,editor,\np3,C,editor,\n", ["joined-after-cycle"], "error"),
        ("id,name,role,joined\np1,A,editor,2062-01-01\np2,B,editor,\np3,C,editor,\n", ["joined-after-cycle"], "error"),
        ("id,name,role,joined\np1,A,editor,2026-10-28\np2,B,editor,2026-10-01\np3,C,editor,\n", ["joined-inside-cycle"], "warning"),
        ("id,name,role,manager\np1,A,editor,p2\np2,B,editor,p1\np3,C,editor,\n", ["manager-circle"], "warning"),
        ("id,name,role\np1,张伟,editor\np2,张 伟,editor\np3,C,editor\n", ["namesakes"], "warning"),
        ("id,name,role\np1,张伟,editor\np2,张伟,editor\np3,Ｚoe,editor\n", ["namesakes"], "warning"),
        ("id,name,role\np1,José,editor\np2,Jose\u0301,editor\np3,C,editor\n", ["namesakes"], "warning"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_people_is_found(kpi, acme, people, codes_, severity):
    (acme / "people.csv").write_text(people, "utf-8")
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    found = {(row["code"], row["severity"]) for row in found if row["code"] not in QUIET}
    assert found == {(code, severity) for code in codes_}


def test_a_row_of_people_that_cannot_be_read_makes_no_other_finding(kpi, acme):
    (acme / "people.csv").write_text(
        altered(
            PEOPLE, ("p1,王建国,editor", "P 1,王建国,editor"), ("role\n", "role,manager\n"), ("editor\n", "editor,p1\n")
        ),
        "utf-8",
    )
    assert codes(kpi)[1] == ["bad-id"]


def test_the_same_adjustment_twice_and_points_beyond_the_bound_are_found(kpi, acme):
    row = "2026-10-12,p1,bonus,3,good,Li\n"
    (acme / "cycles/2026-10/adjustments.csv").write_text("date,person,rule,points,reason,approver\n" + row * 2, "utf-8")
    assert codes(kpi) == (0, ["same-adjustment"])
    (acme / "design.toml").write_text(DESIGN + "[adjustments]\nmax_plus = 5\n", "utf-8")
    (acme / "cycles/2026-10/adjustments.csv").write_text(
        "date,person,rule,points,reason,approver\n" + row.replace(",3,", ",300,"), "utf-8"
    )
    assert codes(kpi) == (0, ["points-beyond-bound"])


def test_raters_off_a_hundred_are_refused(kpi, acme):
    (acme / "design.toml").write_text(DESIGN + "[raters]\nself = 20\nappraiser = 30\nothers = 60\n", "utf-8")
    code, _, err = kpi("score", "acme")
    assert (code, "raters-not-100" in err, "110" in err) == (3, True, True)


# --- remedies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("people.csv", "p1,王建国,editor", "p1,王建国,网编辑", "是不是想写 editor？"),
        ("people.csv", "p1,王建国,editor", "p1,王建国,Netwrk Editor", "是不是想写 editor？"),
        ("cycles/2026-10/actuals.csv", "p1,articles", "p1,发帖数", "是不是想写 articles？"),
        ("cycles/2026-10/actuals.csv", "p1,articles", "王建国国,articles", "是不是想写 p1（王建国）？"),
    ],
)
def test_a_remedy_comes_from_the_clients_own_names_and_passes_the_next_check(kpi, acme, file, old, new, said):
    text = (acme / file).read_text("utf-8")
    (acme / file).write_text(altered(text, (old, new)), "utf-8")
    code, out, _ = kpi("check", "acme", "2026-10", lang="zh")
    assert code == 3
    assert said in out
    (acme / file).write_text(text, "utf-8")  # which is what the remedy says
    assert codes(kpi) == (0, [])


def test_a_role_that_nothing_is_like_lists_the_clients_own_and_no_example(kpi, acme):
    (acme / "people.csv").write_text(altered(PEOPLE, ("p3,Cy,editor", "p3,Cy,美工")), "utf-8")
    code, out, _ = kpi("check", "acme", "2026-10", lang="zh")
    assert code == 3
    assert "editor（网络编辑）" in out
    assert "network-editor" not in out
    assert "是不是想写" not in out


def test_an_id_that_cannot_be_one_is_offered_one_of_its_own(kpi, acme):
    (acme / "people.csv").write_text("id,name,role\n王建国,王建国,editor\nYD001,B,editor\n李芳,C,editor\n", "utf-8")
    found = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    fixes = [row["fix"] for row in found if row["code"] == "bad-id"]
    assert ["wang-jian-guo" in fixes[0], "yd001" in fixes[1], "li-fang" in fixes[2]] == [True] * 3, fixes


def test_a_finding_is_placed_in_the_file_that_is_there(kpi, acme):
    rows = [*ROWS, ["p1", "articles", 1, None, None, None], ["nobody", "articles", 1, None, None, None]]
    in_excel(acme, excel(rows))
    (acme / "people.csv").unlink()
    (acme / "people.xlsx").write_bytes(
        excel(
            [
                ["id", "name", "role", "manager"],
                ["p1", "A", "editor", "x1"],
                ["p2", "B", "editor", None],
                ["p3", "C", "editor", None],
            ]
        )
    )
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    places = {row["code"]: row["where"] for row in found}
    assert places["duplicate-row"] == "acme/cycles/2026-10/actuals.xlsx, row 8, column indicator"
    assert places["unknown-person"].startswith("acme/cycles/2026-10/actuals.xlsx, row 9")
    assert places["unknown-manager"].startswith("acme/people.xlsx, row 2")


def test_files_that_nothing_reads_are_named(kpi, acme):
    (acme / "cycles/2026-10/月度考核表-周杰.xlsx").write_bytes(excel(ROWS))
    (acme / "cycles/2026-10/design (2).toml").write_text(DESIGN, "utf-8")
    found = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    assert [row["message"] for row in found if row["code"] == "not-read"] == [
        "Files here were not read: design (2).toml and 月度考核表-周杰.xlsx."
    ]


# --- findings cost by kind, and fold ---------------------------------------------------------------------------------


def many_wrong(acme, n):
    people = "".join(f"p{k:03d},N{k},editor\n" for k in range(n))
    (acme / "people.csv").write_text("id,name,role\n" + people, "utf-8")
    now(acme).write_text("person,indicator,actual\n" + "".join(f"p{k:03d},articles,many\n" for k in range(n)), "utf-8")


def test_findings_of_a_kind_are_folded_with_their_rows_and_errors_stand_last(kpi, acme):
    many_wrong(acme, 800)
    (acme / "people.csv").write_text(
        altered((acme / "people.csv").read_text("utf-8"), ("role\n", "role,hobby\n"), ("editor\n", "editor,x\n")),
        "utf-8",
    )
    code, out, _ = kpi("check", "acme", "2026-10")
    assert code == 3
    assert "… and 795 more rows: 7–801" in out
    assert len(out.splitlines()) < 60
    assert out.rindex("unknown-column") < out.index("bad-number")
    assert len(json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]) > 800


def test_eight_hundred_findings_cost_little_more_than_ten(kpi, acme):
    spent = {}
    for n in (10, 800):
        many_wrong(acme, n)
        kpi("check", "acme", "2026-10")
        started = process_time()
        kpi("check", "acme", "2026-10", "--json")
        spent[n] = process_time() - started
    assert spent[800] < 12 * spent[10]  # eighty times the findings; each read the files of words again


def test_columns_that_are_equal_after_folding_are_told_apart_or_refused_not_a_crash(kpi, acme):
    (acme / "people.csv").write_text("id,name,role,A,Ａ\np1,Ann,editor,1,2\np2,B,editor,,\np3,C,editor,,\n", "utf-8")
    assert codes(kpi) == (0, ["unknown-column", "unknown-column"])
    assert kpi("score", "acme")[0] == 0
    now(acme).write_text("person,indicator,ａｃｔｕａｌ,self,appraiser,note\n" + GOOD.split("\n", 1)[1], "utf-8")
    assert scores(kpi)[0] == "2026-10"


# --- warnings travel -------------------------------------------------------------------------------------------------


def test_a_plan_knows_what_stands_behind_and_what_was_passed_over_also_when_it_is_remembered(acme):
    now(acme).write_text("person,indicator,actual\np1,articles,\n", "utf-8")
    before = acme / "cycles/2026-09/actuals.csv"
    before.write_text(with_value("p1,pass,90", "p1,pass,0.9"), "utf-8")
    reports = acme.parent.parent / "reports"
    reports.mkdir()
    from kpi_toolkit.batch.ledger import Ledger
    from kpi_toolkit.batch.planning import Request, plan
    from kpi_toolkit.clients.workbook import Workbook

    ledger = Ledger(reports)
    for _ in range(2):  # read, then remembered
        jobs, refusals = plan(Workbook(reports.parent), ["acme"], Request(), ledger)
        assert not refusals
        assert {(job.cycle, job.behind) for job in jobs} == {("2026-09", Behind(warnings=1, cautions=2))}
        assert {(each.cycle, each.reason) for job in jobs for each in job.passed_over} == {("2026-10", "blank")}


def test_a_header_in_other_words_is_the_one_cause_that_is_told(kpi, acme):
    rows = [["员工花名册", None, None], ["工号", "姓名", "岗位"], ["YD001", "王建国", "编辑"], ["合计", "1", None]]
    (acme / "people.csv").unlink()
    (acme / "people.xlsx").write_bytes(excel(rows, lambda sheet: sheet.merge_cells("A1:C1")))
    code, out, _ = kpi("check", "acme", "--json", lang="zh")
    found = [(row["code"], row["where"], row["fix"]) for row in json.loads(out)["issues"] if row["severity"] == "error"]
    assert code == 3
    assert {row[:2] for row in found} == {("column-called-otherwise", "acme/people.xlsx, row 2, column id")}
    assert found[0][2] == "把“工号”改成这里的列名。"


def test_what_nobody_foresaw_in_one_client_stops_the_check_of_no_other(kpi, acme, monkeypatch):
    from kpi_toolkit.clients import looking as inspection

    other = acme.parent / "beta"
    shutil.copytree(acme, other)
    real = inspection.lint_cycle
    broken = iter([True])
    monkeypatch.setattr(inspection, "lint_cycle", lambda *given: real(*given) if not next(broken, False) else 1 / 0)
    code, out, _ = kpi("check", "--json")
    found = json.loads(out)["issues"]
    assert code == 3
    assert [row["where"] for row in found if row["code"] == "client-failed"] == ["acme"]
    assert any(row["where"].startswith("beta/") for row in found)


def test_a_finding_of_people_is_told_once_not_again_for_each_cycle(kpi, acme):
    (acme / "people.csv").write_text(PEOPLE.replace("Cy", "Bo"), "utf-8")
    found = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    assert [row["code"] for row in found].count("namesakes") == 1


@pytest.mark.parametrize("name", ["actuals (2).csv", "actuals - Copy.csv", "actuals副本.csv", "Actuals.xls"])
def test_a_second_version_beside_the_file_that_is_read_is_named(kpi, acme, name):
    before = scores(kpi)
    shutil.copy(now(acme), now(acme).with_name(name))
    assert scores(kpi) == before
    assert codes(kpi) == (0, ["copy-beside"])
    assert name in kpi("check", "acme", "2026-10")[1]


# --- what a hostile tester found -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "2026年10月",
        "2026-10 final",
        "2026-10(1)",
        "2026-10 - Copy",
        "2026-Oct",
        "October",
        "10-2026",
        "26-10",
        "2026-010",
    ],
)
def test_a_newest_month_in_a_folder_of_another_name_is_an_error_not_the_month_before(kpi, acme, name):
    (acme / "cycles" / "2026-10").rename(acme / "cycles" / name)
    for command in (("score", "acme"), ("render", "acme", "--format", "html"), ("whatif", "acme")):
        code, out, err = kpi(*command)
        assert (code, "bad-cycle" in err, "September" in out) == (3, True, False)


@pytest.mark.parametrize("name", ["cycles/2026-10.csv", "cycles/2026-11", "Cycles/2026-10/actuals.csv"])
def test_a_month_that_lies_beside_its_place_is_an_error(kpi, acme, name):
    shutil.rmtree(acme / "cycles/2026-10")
    (acme / name).parent.mkdir(parents=True, exist_ok=True)
    (acme / name).write_text(GOOD, "utf-8")
    code, _, err = kpi("score", "acme")
    assert (code, "bad-cycle" in err) == (3, True)


def test_another_table_in_a_cycles_folder_and_a_sheet_in_chinese_are_not_passed_over(kpi, acme):
    (acme / "cycles/2026-10/targets.csv").write_text("person,indicator,target\np1,articles,300\n", "utf-8")
    assert "1 warning concerns the data behind these figures" in kpi("score", "acme")[2]
    (acme / "cycles/2026-10/targets.csv").unlink()
    book = Excel()
    for title, header in (("九月", ["person", "indicator", "actual"]), ("十月", ["人员", "指标", "实际"])):
        sheet = book.create_sheet(title)
        sheet.append(["姓名" if cell == "人员" else cell for cell in header])
        sheet.append(["p1", "articles", 10])
    del book["Sheet"]
    stream = io.BytesIO()
    book.save(stream)
    in_excel(acme, stream.getvalue())
    code, _, err = kpi("score", "acme")
    assert (code, "several-sheets" in err, "十月" in err) == (3, True, True)


def test_results_that_their_writer_left_to_excel_are_no_results(kpi, acme):
    data = computed(excel(ROWS), {"C2": ("100+50", "", "<v>0</v>")})
    archive = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as out:
        for member in archive.namelist():
            out.writestr(member, archive.read(member).replace(b"<calcPr ", b'<calcPr fullCalcOnLoad="1" '))
    in_excel(acme, stream.getvalue())
    assert codes(kpi) == (3, ["left-to-excel", "far-from-target"])


@pytest.mark.parametrize(
    ("value", "number_format", "found"),
    [
        (150, ";;;", ["format-hides"]), (150, '"200"', ["format-hides"]), (40, '0"0"', ["format-hides"]), (150, "0,", ["format-hides"]),
        (90, '0"%"', ["other-unit"]), (150, '0"小时"', ["other-unit"]), (1.5, '0.0"万"', ["far-from-target"]), (150, '0"篇"', []),
        (150, '"约"0', ["number-in-words"]), (40, '[=40]"良";0', ["format-hides"]), (150, '_ * #,##0_ ;_ * "-"??_ ', []), (150, "[Red]0.0", []),
        (150, "G/通用格式", []), (0, "0;-0;", ["format-hides", "far-from-target"]),
        *((180, shape, ["format-hides"]) for shape in (
            "0!.0", r"0\.0", '0"."00', "0-0", "00-00", "0:00", "0 0", "-0", '"-"0', "(0)", "0_ 0", "0*x", "[DBNum2]0", "0'0", "# ?/?",
        )),
        *((0, shape, ["format-hides", "far-from-target"]) for shape in ("#", "#,###", "?", "#.#")), (-180, "0;0", ["format-hides", "negative-actual"]),
        (180, "0[$万]", ["far-from-target"]), (180, "[$$-409]#,##0.00", ["other-unit"]), (180, "#,##0 [$€-407]", ["other-unit"]),
        (180, "[$USD] #,##0", ["other-unit"]), (180, "0[$千篇]", ["far-from-target"]), (180, "_ ¥* #,##0_ ", ["other-unit"]), (180, '0[$篇-804]', []),
        ("18", '@"0"', ["format-hides", "far-from-target"]), ("18", ';;;"180"', ["format-hides", "far-from-target"]), ("18", ";;;", ["format-hides", "far-from-target"]), ("180", ";;;@", []), ("180", "0.0", []),
    ],
)  # fmt: skip
def test_what_a_number_format_shows_is_what_is_read_or_it_is_refused(kpi, acme, value, number_format, found):
    rows = [row if row[:2] != ["p1", "articles"] else ["p1", "articles", value, None, None, None] for row in ROWS]
    in_excel(acme, excel(rows, formats=[("C2", number_format)]))
    assert codes(kpi)[1] == found


@pytest.mark.parametrize(
    "number_format",
    ["_ ¥* #,##0.00_ ", "[$¥-804]#,##0;-[$¥-804]#,##0", '0.00"元"', "0 [$CNY]", "#,##0.00_);[Red](#,##0.00)"],
)
def test_money_in_the_indicators_own_currency_is_read_whatever_its_sign(kpi, acme, number_format):
    (acme / "design.toml").write_text(
        altered(DESIGN, ('{ zh = "篇", en = "articles" }', '{ zh = "元", en = "CNY" }')), "utf-8"
    )
    before = scores(kpi)
    in_excel(acme, excel(ROWS, formats=[(f"C{row}", number_format) for row in (2, 4, 6)]))
    assert scores(kpi) == before


@pytest.mark.parametrize(
    ("cell", "value", "shape"),
    [
        ("A2", "p1", ';;;"p2"'),
        ("A2", "p1", "@@"),
        ("F2", date(2026, 3, 1), "yyyy-mm"),
        ("F2", date(2026, 3, 1), 'm"月"d"日"'),
    ],
)
def test_a_text_or_a_day_that_its_format_changes_is_refused_with_cell_and_format(kpi, acme, cell, value, shape):
    in_excel(acme, excel(ROWS, lambda sheet: setattr(sheet[cell], "value", value), formats=[(cell, shape)]))
    code, out, _ = kpi("check", "acme", "2026-10")
    assert (code, "format-hides" in out, cell in out, shape in out) == (3, True, True, True)


def test_an_id_that_a_format_writes_is_read_as_it_is_shown_and_an_escaped_end_of_line_is_none(kpi, acme):
    (acme / "people.csv").unlink()
    rows = [["id", "name", "role"], [1, "Ann_x000D_", "editor"], [2, "Bo", "editor"], [3, "Cy", "editor"]]
    (acme / "people.xlsx").write_bytes(excel(rows, formats=[("A2", '"p"0'), ("A3", "[$p]0"), ("A4", r"\p#")]))
    people = json.loads(kpi("score", "acme", "--json")[1])["people"]
    assert [(person["id"], person["name"]) for person in people] == [("p1", "Ann"), ("p2", "Bo"), ("p3", "Cy")]


def no_zeros(sheet):
    sheet["C2"] = 0
    sheet.sheet_view.showZeros = False


def flat_sheet(sheet):
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = 1, True


def by_condition(sheet):
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles.differential import DifferentialStyle
    from openpyxl.styles.numbers import NumberFormat

    style = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode='"200"'))
    sheet.conditional_formatting.add("B2:C9", Rule(type="expression", dxf=style, formula=["1"]))


def white_by_condition(sheet, letters="FFFFFF", ground="FFFFFF"):
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles.differential import DifferentialStyle

    style = DifferentialStyle(font=Font(color=letters), fill=PatternFill(bgColor=ground) if ground else None)
    sheet.conditional_formatting.add("C2:C3", Rule(type="expression", dxf=style, formula=["TRUE"]))


def test_colours_by_condition_are_read_where_somebody_sees_the_figures(kpi, acme):
    in_excel(acme, excel(ROWS, lambda sheet: white_by_condition(sheet, "9C0006", "FFC7CE")))
    assert codes(kpi) == (0, [])
    now(acme).with_suffix(".xlsx").write_bytes(excel(ROWS, lambda sheet: white_by_condition(sheet, "FFFFFF", None)))
    assert codes(kpi) == (3, ["format-by-condition"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (white_by_condition, "format-by-condition"),
        (no_zeros, "zeros-hidden"),
        (flat_sheet, "hidden-rows"),
        (by_condition, "format-by-condition"),
    ],
)
def test_settings_of_a_sheet_that_change_what_is_seen_are_named(kpi, acme, change, code):
    in_excel(acme, excel(ROWS, change))
    assert codes(kpi) == (3, [code, *(["far-from-target"] if code == "zeros-hidden" else [])])


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("SUM(Table1[2026])", []),
        ("SUM(Table1[[#All],[2026]])", []),
        ("[1]Sheet1!A1", ["links-elsewhere"]),
        ("'[2]My Sheet'!A1*2", ["links-elsewhere"]),
    ],
)
def test_a_column_of_a_table_is_no_link_to_another_workbook(kpi, acme, formula, found):
    in_excel(acme, computed(excel(ROWS), {"C2": (formula, "", "<v>180</v>")}))
    assert codes(kpi)[1] == found


def thin_row(sheet):
    sheet.row_dimensions[3].height = 1


def thin_column(sheet):
    sheet.column_dimensions["C"].width = 0.5


def test_white_letters_inside_a_cell_are_seen_where_its_ground_is_dark(kpi, acme):
    for ground, found in (("FFC00000", (0, [])), ("FFFFFFFF", (3, ["letters-apart"]))):
        now(acme).with_suffix(".xlsx").unlink(missing_ok=True)
        now(acme).write_text(GOOD, "utf-8")

        def change(sheet, ground=ground):
            sheet["C2"].fill = PatternFill("solid", ground)
            sheet["C2"] = CellRichText(TextBlock(InlineFont(color="FFFFFFFF"), f"{sheet['C2'].value}"))

        in_excel(acme, excel(ROWS, change))
        assert codes(kpi) == found


def no_columns(sheet):
    sheet.sheet_format.defaultColWidth = 0


@pytest.mark.parametrize(
    ("change", "code"), [(thin_row, "hidden-rows"), (thin_column, "hidden-columns"), (no_columns, "hidden-columns")]
)
def test_what_is_too_thin_to_be_read_is_hidden(kpi, acme, change, code):
    in_excel(acme, excel(ROWS, change))
    assert codes(kpi) == (3, [code])


UNSEEN = {
    "struck out": {"strike": True}, "raised": {"vertAlign": "superscript"}, "white": {"color": "FFFFFFFF"}, "the colour of paper": {"color": Color(theme=0)},
    "tiny": {"sz": 1},
}  # fmt: skip


@pytest.mark.parametrize("look", UNSEEN)
def test_a_value_that_nobody_sees_or_that_was_struck_out_is_none(kpi, acme, look):
    in_excel(acme, excel(ROWS, lambda sheet: setattr(sheet["C2"], "font", Font(**UNSEEN[look]))))
    assert codes(kpi) == (3, ["letters-apart"])


def coloured(letters, ground, row=2):
    def change(sheet):
        for cell in sheet[row]:
            cell.font = Font(color=letters)
            cell.fill = PatternFill("solid", ground) if ground else PatternFill()

    return change


def test_letters_in_the_colour_of_their_ground_are_unseen_and_others_are_read(kpi, acme):
    before = scores(kpi)
    grey = Color(theme=0, tint=-0.5)
    for letters, ground, row in (
        ("FFFFFFFF", "FF17324D", 1), ("FFFFFFFF", None, 1), ("FF000000", "FFFFFFFF", 2), ("FFFFFFFF", "FFC00000", 2), ("FF808080", None, 2), (Color(theme=0), grey, 2),
    ):  # fmt: skip
        (acme / "cycles/2026-10/actuals.xlsx").unlink(missing_ok=True)
        now(acme).touch()
        in_excel(acme, excel(ROWS, coloured(letters, ground, row)))
        assert scores(kpi) == before, (letters, ground)
    for letters, ground in (
        ("FFFFFFFE", None),
        ("FFFFFFFF", "FFFFFFFF"),
        ("FF000000", "FF000000"),
        ("FF17324D", "FF17324D"),
    ):
        now(acme).with_suffix(".xlsx").write_bytes(excel(ROWS, coloured(letters, ground)))
        assert codes(kpi)[0] == 3, (letters, ground)


@pytest.mark.parametrize(
    ("views", "found"),
    [
        ({"self": ("8", "95", "90")}, ["point-for-percent"]), ({"appraiser": ("4.5", "95", "90")}, ["point-for-percent"]),
        ({"others": ("18", "17", "20")}, ["points-for-percent"]), ({"appraiser": ("1.05", "95", "90")}, ["fraction-for-view"]),
        ({"appraiser": ("40", "95", "90")}, []), ({"appraiser": ("0", "95", "90")}, []), ({"appraiser": ("8", "9", "7", "100")}, ["point-for-percent"] * 3),
        ({"appraiser": ("4", "5", "90")}, ["point-for-percent"] * 2), ({"self": ("4", "5", "4", "90", "92")}, ["point-for-percent"] * 3),
        ({"appraiser": ("4", "5", "4", "5", "3", "30")}, ["points-for-percent"]), ({"appraiser": ("4", "5", "4", "5", "3", "60")}, ["point-for-percent"] * 5), ({"appraiser": ("20", "24", "22", "18")}, ["points-for-percent"]),
        ({"appraiser": ("4", "5", "4", "5", "3", "4", "95", "90", "92", "88")}, ["point-for-percent"] * 6), ({"appraiser": ("28", "30", "25", "26")}, ["points-for-percent"]),
        ({"others": ("18", "95", "90", "88", "92")}, ["point-for-percent"]), ({"appraiser": ("42", "48", "45")}, ["points-for-percent"]),
        ({"appraiser": ("140", "150", "135")}, ["points-for-percent"]), ({"appraiser": ("110", "115", "120")}, ["points-for-percent"]), ({"appraiser": ("110", "95", "120")}, []),
        ({"appraiser": ("45", "48", "42", "51", "95", "44")}, []), ({"appraiser": ("45", "48", "42", "50", "87.4", "44")}, []), ({"appraiser": ("45", "48", "42", "50", "87.5", "44")}, ["point-for-percent"] * 5),
        ({"appraiser": ("45", "48", "42", "50", "95", "44")}, ["point-for-percent"] * 5), ({"appraiser": ("38", "95", "36", "92", "35", "88", "39", "90")}, ["point-for-percent"] * 4), ({"appraiser": ("45", "62", "70", "88", "95")}, []),
    ],
)  # fmt: skip
def test_views_in_points_among_views_in_per_cent_are_found(kpi, acme, views, found):
    [(column, values)] = views.items()
    people = range(1, len(values) + 1)
    (acme / "people.csv").write_text("id,name,role\n" + "".join(f"p{n},N{n},editor\n" for n in people), "utf-8")
    text = "person,indicator,actual," + column + "\n"
    for number, view in enumerate(values, start=1):
        text += f"p{number},articles,150,\np{number},pass,90,{view}\n"
    now(acme).write_text(text, "utf-8")
    assert codes(kpi) == (0, found)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("15", "18", "17", "19"), ("90", "95", "92", "88"), ["point-for-percent"] * 4), (("4", "5", "4.5", "3"), ("30", "35", "32", "38"), ["points-for-percent"]),
        (("8", "12", "20", "24"), ("30", "55", "80", "90"), ["point-for-percent"] * 4), (("60", "55", "70", "58"), ("90", "95", "92", "88"), []),
    ],
)  # fmt: skip
def test_an_indicator_whose_views_are_points_beside_one_in_per_cent_is_found(kpi, acme, one, other, found):
    (acme / "people.csv").write_text(PEOPLE + "p4,Di,editor\n", "utf-8")
    rows = [f"p{n},articles,150,{a}\np{n},pass,90,{b}\n" for n, (a, b) in enumerate(zip(one, other, strict=True), 1)]
    now(acme).write_text("person,indicator,actual,appraiser\n" + "".join(rows), "utf-8")
    assert codes(kpi) == (0, found)


def test_an_appraiser_who_alone_gives_points_is_found(kpi, acme):
    rows = zip(range(1, 8), "ccccddd", (60, 75, 30, 90, 8, 26, 9), strict=True)
    table, views = "id,name,role,manager\nc,C,editor,\nd,D,editor,\n", "person,indicator,actual,appraiser\n"
    for number, manager, view in rows:
        table += f"p{number},N{number},editor,{manager}\n"
        views += f"p{number},articles,150,{view}\np{number},pass,90,\n"
    (acme / "people.csv").write_text(table, "utf-8")
    now(acme).write_text(views, "utf-8")
    assert [code for code in codes(kpi)[1] if code != "missing-actual"] == ["point-for-percent"] * 3


def one_indicator(**changes):
    told = "".join(f"{key} = {value}\n" for key, value in changes.items() if value != "")
    return altered(DESIGN, ('id = "articles"\n', f'id = "articles"\n{told}'), ("target = 200\n", "" if "target" in changes else "target = 200\n"), ('unit = { zh = "篇", en = "articles" }\n', "" if "unit" in changes else 'unit = { zh = "篇", en = "articles" }\n'))  # fmt: skip


@pytest.mark.parametrize(
    ("design", "value", "found"),
    [
        (one_indicator(unit='"％"', target=95), "0.98", "fraction-for-percent"), (one_indicator(unit='{ zh = "百分比", en = "per cent" }', target=95), "0.98", "fraction-for-percent"),
        (one_indicator(unit='"％"', target=95), "98%", None), (one_indicator(target=95, unit='"%"'), "1.7", "fraction-for-percent"),
        (one_indicator(direction='"lower"', target=20, unit='"min"'), "0.25", "far-from-target"), (one_indicator(direction='"lower"', target=48, unit='"h"'), "2", "far-from-target"),
        (one_indicator(direction='"lower"', target=20, unit='"min"'), "1200", "far-from-target"), (one_indicator(direction='"target"', target=20, unit='"h"'), "0.3", "far-from-target"),
        (one_indicator(direction='"lower"', target=1, unit='"complaints"'), "3", None), (one_indicator(target=2100, unit='"orders"'), "16050", "far-from-target"),
        (one_indicator(unit='"万元"', target=5000), "3万", "other-unit"), (one_indicator(unit='"万元"', target=5), "3.5万元", None),
        (one_indicator(unit='"亿元"', target=2), "1.5亿元", None), (one_indicator(unit='"%"', target=95), "9.5", "far-from-target"), (one_indicator(target=100), "10", "far-from-target"),
        (one_indicator(target=100), "1.1", "far-from-target"), (one_indicator(target=12), "1", None), (one_indicator(direction='"lower"', target=2), "90", "far-from-target"),
        (one_indicator(unit='{ zh = "百分率", en = "percentage" }', target=95), "0.96", "fraction-for-percent"), (one_indicator(unit='{ zh = "完成率%", en = "% of plan" }', target=95), "1.02", "fraction-for-percent"),
        (one_indicator(unit='{ zh = "百分之", en = "Percent (%)" }', target=95), "1", "fraction-for-percent"), (one_indicator(unit='"率"', target=95), "0.97", "fraction-for-percent"),
        (one_indicator(unit='"m"', target=100), "95M", "other-unit"), (one_indicator(unit='"m"', target=100), "95m", None), (one_indicator(unit='"km"', target=100), "95KM", "other-unit"),
        (one_indicator(unit='"articles"', target=100), "95 Articles", None),
        (one_indicator(curve='{ kind = "piecewise", by = "actual", points = [{ at = 98, score = 0 }, { at = 99.9, score = 100 }] }', unit='"%"', target=""), "0.999", "far-from-curve"),
    ],
)  # fmt: skip
def test_units_and_magnitudes_are_looked_at_in_every_direction(kpi, acme, design, value, found):
    (acme / "design.toml").write_text(design, "utf-8")
    (acme / "cycles/2026-09/actuals.csv").unlink()
    now(acme).write_text(f"person,indicator,actual\np1,articles,{value}\np1,pass,90\n", "utf-8")
    told = set(codes(kpi)[1]) - {"missing-actual", "direction-by-name", "lower-by-name"}
    assert told == ({found} if found else set())


def test_a_typed_unit_that_holds_a_multiple_is_the_indicators_own(kpi, acme):
    (acme / "design.toml").write_text(one_indicator(unit='"万元"', target=5), "utf-8")
    now(acme).write_text("person,indicator,actual\np1,articles,3.5万元\np1,pass,90\n", "utf-8")
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert Decimal(str(data["people"][0]["indicators"][0]["actual"])) == Decimal("3.5")


@pytest.mark.parametrize(
    "setting",
    ["item_cap = 1.2\n", "team_share = 0.3\n", "tiers = { pass_line = 0.6, min_group = 2 }\n", "missing = \"neutral\"\nneutral_score = 0.8\n", 'missing = { policy = "leave_out", least_weight = 0.6 }\n'],
)  # fmt: skip
def test_a_setting_written_as_a_fraction_stands_behind_the_score(kpi, acme, setting):
    (acme / "design.toml").write_text(setting + altered(DESIGN, ("[tiers]\nmin_group = 2\n", "")), "utf-8")
    (acme / "people.csv").write_text(
        altered(PEOPLE, ("role\n", "role,team\n"), ("editor\n", "editor,North\n")), "utf-8"
    )
    assert "fraction-in-design" in codes(kpi)[1]
    assert "1 warning concerns the data behind these figures" in kpi("score", "acme")[2]


@pytest.mark.parametrize(
    ("note", "found"), [("Sept figure", ["other-month"]), ("九月数据", ["other-month"]), ("October", []), ("CMS", [])]
)
def test_a_note_in_every_row_that_names_another_month_is_as_good_as_a_title(kpi, acme, note, found):
    now(acme).write_text(GOOD.replace(",,,\n", f",,,{note}\n"), "utf-8")
    assert codes(kpi)[1] == found


@pytest.mark.parametrize(
    "curve",
    ['{ kind = "gate", at = 0 }', '{ kind = "steps", step = 1 }', '{ kind = "ratio", floor = 100 }', '{ kind = "piecewise", points = [{ at = 50, score = 100 }, { at = 100, score = 100 }] }'],
)  # fmt: skip
def test_a_curve_by_which_nothing_scores_as_much_as_the_target_is_told(kpi, acme, curve):
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95\n", f"target = 95\ncurve = {curve}\n")), "utf-8")
    assert "target-not-on-curve" in codes(kpi)[1]


FULL_AT = '{ kind = "bands", bands = [{ from = 0, score = 0 }, { from = 0.6, score = 60 }, { from = 1, score = 100 }] }'


@pytest.mark.parametrize(
    ("teams", "settings", "found"),
    [
        (("Red", "Red", "Rde"), "team_share = 20\n", ["alone-in-team"]), (("Red", "Red", "Rde"), "", []), (("A1", "B2", "C3"), "team_share = 20\n", []),
        (("一组", "一组", "第一组"), "team_share = 20\n", ["teams-alike", "alone-in-team"]),
    ],
)  # fmt: skip
def test_a_slip_in_a_teams_name_is_asked_about_where_teams_count(kpi, acme, teams, settings, found):
    people = "id,name,role,team\n" + "".join(f"p{n},N{n}a,editor,{team}\n" for n, team in enumerate(teams, start=1))
    (acme / "people.csv").write_text(people, "utf-8")
    (acme / "design.toml").write_text(settings + DESIGN, "utf-8")
    assert sorted(codes(kpi)[1]) == sorted(found)


def test_a_gate_in_a_geometric_mean_is_told(kpi, acme):
    gate = altered(DESIGN, ("target = 95\n", 'target = 95\ncurve = { kind = "gate", at = 95 }\n'))
    for aggregation, found in (("geometric", True), ("sum", False)):
        (acme / "design.toml").write_text(
            gate.replace("[[roles", f'aggregation = "{aggregation}"\n[[roles', 1), "utf-8"
        )
        assert ("gate-in-geometric" in codes(kpi)[1]) is found


@pytest.mark.parametrize("first", ["王建国 小计", "Subtotal Ann", "王建国小计", "Total"])
def test_a_row_of_a_sum_is_never_told_to_be_filled_in(kpi, acme, first):
    now(acme).write_text(f"{GOOD}{first},,340,,,\n", "utf-8")
    assert codes(kpi) == (3, ["total-row"])


def test_a_quotation_mark_is_told_in_the_readers_words(kpi, acme):
    now(acme).write_text('person,indicator,actual\np1,"articles,180\n', "utf-8")
    assert "引号没有成对" in kpi("check", "acme", "2026-10", lang="zh")[1]


def test_a_persons_target_that_the_curve_gives_nothing_for_is_told(kpi, acme):
    curve = (
        'curve = { kind = "piecewise", by = "actual", points = [{ at = 98, score = 0 }, { at = 99.9, score = 100 }] }'
    )
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95\n", f"{curve}\n")), "utf-8")
    now(acme).write_text(altered(GOOD, ("pass,90", "pass,99"), ("pass,80", "pass,99"), ("pass,70", "pass,99")), "utf-8")
    for target, found in (("90", ["target-not-on-curve"]), ("99.9", [])):
        (now(acme).parent / "goals.csv").write_text(f"person,indicator,target\np1,pass,{target}\n", "utf-8")
        assert [code for code in codes(kpi)[1] if code == "target-not-on-curve"] == found


CURVES_OF_ONE = {
    "gate": '{ kind = "gate", at = 0.95 }', "limit": '{ kind = "gate", at = 95, scope = "total", limit = 0.6 }', "bands": FULL_AT,
    "beyond": '{ kind = "piecewise", points = [{ at = 0.5, score = 0 }, { at = 1, score = 100 }, { at = 2.5, score = 120 }] }',
    "rows": '{ kind = "table", rows = [0, 0.8, 1], columns = [0, 60], scores = [[0, 20], [50, 70], [80, 100]] }',
    "columns": '{ kind = "table", rows = [0, 80, 100], columns = [0, 0.6], scores = [[0, 20], [50, 70], [80, 100]] }',
    "floor": '{ kind = "ratio", floor = 0.6 }', "scores": '{ kind = "piecewise", points = [{ at = 60, score = 0 }, { at = 100, score = 1 }] }',
}  # fmt: skip

IN_PER_CENT = [
    ("0.95", "95"), ("0.6", "60"), ("0.5", "50"), ("0.8", "80"), ("2.5", "250"), ("at = 1,", "at = 100,"),
    ("from = 1,", "from = 100,"), ("60, 1]", "60, 100]"), ("80, 1]", "80, 100]"), ("score = 1 ", "score = 100 "),
]  # fmt: skip


@pytest.mark.parametrize("curve", CURVES_OF_ONE.values(), ids=CURVES_OF_ONE)
def test_no_number_of_a_curve_is_a_fraction_in_silence(kpi, acme, curve):
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95\n", f"target = 95\ncurve = {curve}\n")), "utf-8")
    assert "fraction-in-design" in codes(kpi)[1]
    whole = curve
    for one, percent in IN_PER_CENT:
        whole = whole.replace(one, percent)
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95\n", f"target = 95\ncurve = {whole}\n")), "utf-8")
    assert "fraction-in-design" not in codes(kpi)[1]


def test_a_team_in_two_spellings_is_an_error_and_none_is_no_team(kpi, acme):
    people = "id,name,role,team\np1,A,editor,North\np2,B,editor,{}\np3,C,editor,North\n"
    for other in ("north", "Ｎorth", "North "):
        (acme / "people.csv").write_text(people.format(other), "utf-8")
        assert codes(kpi)[1] == (["team-spelt-twice"] if other.strip() != "North" else [])
    for one, other in (
        ("华东", "华 东"),
        ("A", "\u0410"),
        ("华东", "華東"),
        ("Süd", "Sud"),
        ("N0rth", "North"),
        ("1", "01"),
        ("一组", "1组"),
        ("East-1", "East–1"),
    ):
        (acme / "people.csv").write_text(people.replace("North", one).format(other), "utf-8")
        assert codes(kpi)[1] == ["team-spelt-twice"]
    (acme / "design.toml").write_text("team_share = 20\n" + DESIGN, "utf-8")
    for none in (
        "无",
        "待定",
        ".",
        "0",
        "(blank)",
        "?",
        "未分组",
        "（未分配）",
        "Unassigned",
        "未定组",
        "To be decided", "临时", "nan",
    ):  # fmt: skip
        (acme / "people.csv").write_text(people.format(none), "utf-8")
        assert "no-team" in codes(kpi)[1], none
    (acme / "design.toml").write_text(DESIGN, "utf-8")
    for one, other, found in (("华东", "华东区", 1), ("North", "Team North", 1), ("C", "C++", 0), ("1-1", "11", 0), ("A1组", "AI组", 0), ("一组", "二组", 0)):  # fmt: skip
        (acme / "people.csv").write_text(people.replace("North", one).format(other), "utf-8")
        assert codes(kpi) == (0, ["teams-alike"] * found), (one, other)


def test_one_event_in_two_spellings_and_an_approver_by_name_are_found(kpi, acme):
    rows = (
        "date,person,rule,points,reason,approver\n2026-10-12,p1,x,3,Best  report,Li\n2026-10-12,p1,x,3,best report,Li\n"
    )
    file = acme / "cycles/2026-10/adjustments.csv"
    file.write_text(rows, "utf-8")
    assert codes(kpi) == (0, ["same-adjustment"])
    for old, new in (("Best  report", "best report。"), ("p1,x,3,Best  report", "p1,X,3,best report")):
        file.write_text(altered(rows, (old, new)), "utf-8")
        assert codes(kpi) == (0, ["same-adjustment"])
    file.write_text(altered(rows, ("10-12,p1,x,3,Best", "10-13,p1,bonus,3,Best")), "utf-8")
    assert codes(kpi) == (0, ["same-adjustment"])
    file.write_text(
        altered(rows, ("10-12,p1,x,3,Best", "10-13,p1,x,-3,Best"), ("p1,x,3,best", "p1,x,-3,best")), "utf-8"
    )
    assert codes(kpi) == (0, [])  # late on two days
    file.write_text(altered(rows, ("Best  report", "best report again")), "utf-8")
    assert codes(kpi) == (0, [])
    file.write_text(
        "date,person,rule,points,reason,approver\n2026-10-12,p1,x,3,good,王建国\n2026-10-12,p2,x,300,good,Li\n", "utf-8"
    )
    assert codes(kpi) == (0, ["self-approved", "same-event-other-points", "many-points"])
    file.write_text(altered(file.read_text("utf-8"), ("300,good", "25,other"), ("王建国\n", "Li\n")), "utf-8")
    assert codes(kpi) == (0, ["many-points"])


@pytest.mark.parametrize(
    "name",
    [
        "FranÁois",
        "\u3164", "A\u2800", "A\U000e0041", "A\u034f", "A\uffff", "A\u0378", "王?", "å¼\u00a0ä¼Ÿ", "锟斤拷", '"A\nB"', "JosÃ©", "￥Li", "MÃ¼ller", "Oâ€™Neil", "Àî°²", "Íõ·¼",
        "»ª¶«1×é", "鏉庡畨", "锘縜nn", "Jos茅", "M眉ller", "？？", "□□", "?", "J?rg", "Jos? Garc?a", "&#26446;&#23433;", "R&amp;D", "\\u674e\\u5b89", "=?UTF-8?B?5p2O5a6J?=",
        "%E6%9D%8E%E5%AE%89", "=E6=9D=8E", "+Z05biQ-", "~{@n02~}", "\u0410nn", "R\u0430y", "Zo√´", "M├╝ller", "MГјller", "п≤п╡п╟п╫", "НхРЎГч",
        "J黵gen", "Zo‘", "ÊÁªÒÂ", "£ukasz", "\\346\\235\\216", "xn--jos-dma", "TBD", "待招", "姓名", "Name", "{{name}}", "<姓名>", "$NAME", "%s", "##", "N/A", "xxx",
    ],
)  # fmt: skip
def test_names_that_are_blank_damaged_or_broken_are_refused(kpi, acme, name):
    (acme / "people.csv").write_text(PEOPLE.replace("王建国", name), "utf-8")
    assert codes(kpi)[0] == 3


def test_names_of_many_languages_are_nothing_damaged(kpi, acme):
    names = "Þórður, Æðelstan, Óðinn, O’Neil, René, Łukasz, Ñíguez, Анна, Ελένη, 谢小雪, 楠斌, R&D, A+B C++, Kovář, Çelik, 한지민, さくら, SEO组, Tom 毛, "
    names += "Ó hÉigeartaigh, MacÉlroy, LeÓn, "
    names += "Nan, Юлія, МакДональд, D’Éva, Mª José, 🚀增长组, B→C组, ①组, GO小队, Tシャツ, 佐々木, α测试组, 王*芳, li_an, 员工1, Name Lee, Testa, 空山"
    rows = [f"p{number},{name.strip()},editor\n" for number, name in enumerate(names.split(","), start=1)]
    (acme / "people.csv").write_text("id,name,role\n" + "".join(rows), "utf-8")
    assert "people.csv" not in kpi("check", "acme", "2026-10", "--json")[1]


@pytest.mark.parametrize(
    ("one", "other"), [("Zoe\u200d", "Zoe"), ("李\ufe0f", "李"), ("李安", "李 安"), ("José", "Jose"), ("O'Neil", "O’Neil"), ("张伟", "張偉"), ("Łukasz", "Lukasz"), ("0livia", "Olivia"), ("买买提·吐尔逊", "买买提•吐尔逊")]
)  # fmt: skip
def test_names_that_look_the_same_are_namesakes(kpi, acme, one, other):
    (acme / "people.csv").write_text(f"id,name,role\np1,{one},editor\np2,{other},editor\np3,C,editor\n", "utf-8")
    assert codes(kpi)[1] == ["namesakes"]


SEPTEMBER = GOOD.replace("180", "181")


@pytest.mark.parametrize(
    "text", [SEPTEMBER, SEPTEMBER.replace("\n", "\r\n"), "\n".join([SEPTEMBER.splitlines()[0], *SEPTEMBER.splitlines()[:0:-1]]), "\n" + SEPTEMBER],
    ids=["the bytes", "other ends of lines", "other order", "a blank line"],
)  # fmt: skip
def test_last_months_figures_are_found_however_they_were_written(kpi, acme, text):
    now(acme).write_bytes(text.encode())
    assert codes(kpi) == (0, ["same-as-before"])


def test_last_months_figures_are_found_in_a_file_of_another_kind(kpi, acme):
    in_excel(acme, excel([[*row[:2], 181, *row[3:]] if row[2] == 180 else row for row in ROWS]))
    assert codes(kpi) == (0, ["same-as-before"])


FIGURES = "person,indicator,actual\n" + "".join(
    f"p{n},{item},{value + n}\n" for n in (1, 2, 3, 4, 5) for item, value in (("articles", 150), ("pass", 80))
)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ((), True), ((("151", "171"),), True), ((("151", "171"), ("82", "85")), False),
    ],
)  # fmt: skip
def test_figures_of_any_earlier_month_are_found_also_with_one_put_right(kpi, acme, changes, found):
    (acme / "people.csv").write_text(PEOPLE + "p4,Di,editor\np5,Ed,editor\n", "utf-8")
    (acme / "cycles/2026-08").mkdir()
    (acme / "cycles/2026-08/actuals.csv").write_text(FIGURES, "utf-8")
    now(acme).write_text(altered(FIGURES, *changes) if changes else FIGURES.replace("\n", "\r\n"), "utf-8")
    (acme / "cycles/2026-09/actuals.csv").write_text(
        altered(FIGURES, *((f"p{n},pass,8{n}", f"p{n},pass,9{n}") for n in range(1, 6))), "utf-8"
    )
    assert codes(kpi) == (0, ["same-as-before"] * found)


def test_what_is_full_month_after_month_is_not_last_months_table(kpi, acme):
    full = GOOD
    for value in ("180", "160", "140", "90", "80", "70"):
        full = full.replace(f",{value},", ",100,")
    for cycle, text in (("2026-09", full), ("2026-10", full.replace("p1,pass,100", "p1,pass,99"))):
        (acme / "cycles" / cycle / "actuals.csv").write_text(text, "utf-8")
    assert codes(kpi) == (0, [])


@pytest.mark.parametrize(
    ("value", "found"), [("1600", True), ("1620", True), ("16", True), ("17.5", True), ("1.7", True), ("90", False), ("300", False), ("0", True), ("210", False)]
)  # fmt: skip
def test_a_figure_ten_times_that_of_the_months_before_is_asked_about(kpi, acme, value, found):
    """Without a target near by: nothing else says how much is usual."""
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200", "target = 700")), "utf-8")
    now(acme).write_text(altered(GOOD, ("articles,180", f"articles,{value}")), "utf-8")
    told = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert bool({row["code"] for row in told} & {"point-slipped", "far-from-target"}) is found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("2026年9月绩效数据", True), ("September 2026 results", True), ("九月份业绩", True), ("26年9月业绩", True), ("Figures Nov-26", True), ("10月（2025年）", True),
        ("9-30-2026", True), ("Period: 01/09/2026 - 30/09/2026", True), ("01.09.2026 - 30.09.2026", True), ("9.1-9.30", True), ("9/1/26 to 9/30/26", True), ("统计周期：09.01～09.30", True), ("20260930", True), ("Sep.", True), ("M9", True), ("MONTH 9", True), ("Q3", True), ("2026年第三季度", True), ("上月业绩", True), ("KPI 26-09", True), ("2026-09-01 – 09-30", True),
        ("导出 2026-11-02", False), ("Exported 11/02/2026", False), ("10.1-10.31", False), ("10/01/2026 - 10/31/2026", False), ("20261103", False), ("M10", False), ("与上月对比", False), ("上月对比", False), ("10-9-2026", False), ("2026-09-26 – 2026-10-25", False), ("SEM 2", False),
        ("2026年10月绩效数据", False), ("October results", False), ("十月份业绩", False), ("By June, you may print it", False), ("完成率 95", False),
    ],
)  # fmt: skip
def test_a_title_or_a_sheet_of_another_month_is_named(kpi, acme, title, found):
    code = ["other-month"] if found else []
    now(acme).write_text(f"绩效,,\n{title},,\n" + GOOD, "utf-8")
    assert codes(kpi) == (0, code)
    if {*title} & {*"/:"}:  # no sheet may be called so
        return
    in_excel(acme, excel(ROWS, lambda sheet: setattr(sheet, "title", title)))
    assert codes(kpi) == (0, code)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD.replace("actual,", "actual (Sep),").replace("self", "actual (Oct)"), ["which-column", "other-month"]), (GOOD.replace("person", "person\u200b"), []),
        ("\ufeff\ufeff" + GOOD, []), (GOOD.partition("\n")[2], ["no-header"]), (GOOD.replace(",", ":"), ["other-separator"]),
        (GOOD.replace(",", "^"), ["other-separator"]), (GOOD.replace(",", "  "), ["other-separator"]), ("title,\n" * 20 + GOOD, ["header-too-low"]),
        (GOOD.replace("p2,", "<<<<<<< HEAD\np2,", 1), ["conflict-marks"]), (GOOD + "Prepared by Ann\n", ["remark-row"]),
        (GOOD + "Signed: Anna Novak,,,,,\n", ["remark-row"]), (GOOD + GOOD.replace("180", "20"), ["second-header"]),
        (GOOD + "平均,,480,,,\n", ["total-row"]), (GOOD + "Average:,,480,,,\n", ["total-row"]), (GOOD + "p1,pass," + "9" * 200_000, ["cell-too-long"]),
        ('[{"person": "p1"}]', ["wrong-kind"]), ("<table><tr><td>person</td></tr></table>", ["wrong-kind"]), ("version https://git-lfs.github.com/spec/v1\n", ["wrong-kind"]),
        (with_value("p1,articles,180,,90", "p1,articles,180,,90分", GOOD.replace("p1,articles,180,,", "p1,articles,180,,90")), ["unit-behind"]),
    ],
)  # fmt: skip
def test_what_keeps_a_table_from_being_read_is_told_as_what_it_is(kpi, acme, text, found):
    now(acme).write_text(text, "utf-8")
    assert codes(kpi) == (3 if found else 0, found)


@pytest.mark.parametrize(
    ("unit", "typed"),
    [("‰", "9.5‰"), ("m²", "95m²"), ("$", "95$"), ("$", "$95"), ("元/人", "95元/人"), ("°C", "95 °C")],
)
def test_any_sign_that_is_the_indicators_own_unit_is_read(kpi, acme, unit, typed):
    (acme / "design.toml").write_text(altered(DESIGN, ('{ zh = "篇", en = "articles" }', f'"{unit}"')), "utf-8")
    now(acme).write_text(with_value("p1,articles,180", f"p1,articles,{typed}"), "utf-8")
    assert not {"other-unit", "bad-number"} & {*codes(kpi)[1]}


@pytest.mark.parametrize(
    "typed", ["95%以上", "97%?", "97个百分点", "97%%", "63% of last year", "63 %o", "63 per cent less"]
)
def test_what_stands_behind_per_cent_and_says_more_is_not_passed_over(kpi, acme, typed):
    (acme / "design.toml").write_text(altered(DESIGN, ('class = "reach"', 'class = "reach"\nunit = "%"')), "utf-8")
    now(acme).write_text(with_value("p1,pass,90", f"p1,pass,{typed}"), "utf-8")
    assert codes(kpi) == (3, ["other-unit"])


@pytest.mark.parametrize(
    ("wrong", "meant"), [("[tiers]\ntop = 45", ""), ("[tiers]\nshare = [20, 70, 10]", ""), ("[tiers]\nshaers = [20, 70, 10]", "shares"), ("calender = 1\n[tiers]", ""), ("item_cpa = 120\n[tiers]", "item_cap")]
)  # fmt: skip
def test_a_key_that_is_proposed_may_stand_where_the_wrong_one_stood(kpi, acme, wrong, meant):
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", wrong)), "utf-8")
    out = kpi("check", "acme")[1]
    assert (f"Did you mean {meant}?" in out) if meant else ("Did you mean" not in out)


def test_what_has_the_wrong_type_is_shown_as_the_file_writes_it(kpi, acme):
    wrong = 'target = 95\ncurve = { kind = "piecewise", points = [[98, 99.5]] }'
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 95", wrong)), "utf-8")
    assert "“[98, 99.5]”" in kpi("check", "acme")[1]


@pytest.mark.parametrize("day", ["2024年3月1日", "2024年03月01", "2024/3/1", "1 Mar 2024", "20240301"])
def test_a_day_in_chinese_is_read(kpi, acme, day):
    (acme / "people.csv").write_text(
        PEOPLE.replace("role\n", "role,joined\n").replace("editor\n", f"editor,{day}\n"), "utf-8"
    )
    assert codes(kpi) == (0, [])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_a_pipe_in_the_place_of_a_table_is_no_missing_file(kpi, acme):
    now(acme).unlink()
    os.mkfifo(now(acme))
    assert codes(kpi) == (3, ["wrong-kind"])


def test_a_row_of_totals_is_called_one_and_two_of_a_name_are_both_offered(kpi, acme):
    now(acme).write_text(GOOD + "合计,,480,,,\n", "utf-8")
    assert codes(kpi) == (3, ["total-row"])
    (acme / "people.csv").write_text(PEOPLE.replace("Cy", "Bo"), "utf-8")
    now(acme).write_text(altered(GOOD, ("p2,articles", "Bo,articles")), "utf-8")
    assert "Several people go by Bo: p2 (Bo (p2))" in kpi("check", "acme", "2026-10")[1]


def test_a_joiner_whose_targets_were_lowered_is_not_said_to_be_held_to_the_whole_cycles(kpi, acme):
    (acme / "people.csv").write_text(
        "id,name,role,joined\np1,A,editor,2026-10-16\np2,B,editor,\np3,C,editor,\n", "utf-8"
    )
    assert codes(kpi)[1] == ["joined-inside-cycle"]
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np1,articles,100\np1,pass,90\n", "utf-8")
    assert codes(kpi)[1] == []


def test_a_printed_number_is_rounded_half_up(kpi, acme):
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.pages.words import Words

    words = Words("en", Workbook(acme.parent.parent))
    assert [words.number(Decimal(text), 1) for text in ("92.25", "0.05", "-92.25", "92.35")] == [
        "92.3",
        "0.1",
        "−92.2",
        "92.4",
    ]


def test_no_cycle_is_opened_for_a_client_without_people(kpi, acme):
    (acme / "people.csv").write_text("id,name,role\n", "utf-8")
    code, _, err = kpi("new", "acme", "--cycle", "2026-11")
    assert (code, "no-people" in err, (acme / "cycles/2026-11").exists()) == (3, True, False)


def test_whatif_says_what_stands_behind_it_what_was_passed_over_and_which_scenario_was_not_read(kpi, acme):
    now(acme).write_text("person,indicator,actual\np1,articles,\n", "utf-8")
    (acme / "cycles/2026-09/actuals.csv").write_text(with_value("p1,pass,90", "p1,pass,0.9"), "utf-8")
    (acme / "scenarios").mkdir()
    (acme / "scenarios/half.toml").write_text("schema = 1\nname = ", "utf-8")
    code, _, err = kpi("whatif", "acme")
    assert code == 0
    assert "2026-10 is open but has no values yet; 2026-09 is used instead" in err
    assert "kpi check acme 2026-09" in err
    assert "scenarios/half.toml" in err
    manifest = json.loads((acme.parent.parent / "reports/acme/2026-09/manifest.json").read_text("utf-8"))
    assert (manifest["warnings"], manifest["cautions"], manifest["errors"]) == (1, 2, 0)
    said = "1 warning concerns the data behind these figures; 2 cautions concern design, goals or steps and make no figure wrong"
    assert f"{said}; kpi check acme 2026-09 says which." in err
    assert f"{said}; kpi check acme 2026-09 says which." in kpi("score", "acme")[2]
    page = write_index(Workbook(acme.parent.parent), Run()).read_text("utf-8")
    assert all(part in page for part in said.split("; "))
    rows = json.loads(kpi("check", "acme", "2026-09", "--json")[1])["issues"]
    kinds = Counter((row["severity"], row.get("caution", False)) for row in rows)
    assert (kinds["warning", False], kinds["warning", True]) == (1, 2)
    assert "errors: 0, warnings: 1, cautions: 2" in kpi("check", "acme", "2026-09")[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "said"), [("en", "another design.toml (version 1)"), ("zh", "另一份 design.toml（第 1 版）")]
)
def test_a_month_that_was_delivered_under_another_design_is_not_changed_without_a_word(kpi, acme, lang, said):
    given = ("acme", "--cycle", "2026-10", "--report", "team", "--format", "html")
    assert said not in kpi("render", *given, lang=lang)[2]
    assert said not in kpi("score", "acme", lang=lang)[2]
    text = (acme / "design.toml").read_text("utf-8")
    (acme / "design.toml").write_text(
        altered(text, ("weight = 60", "weight = 70"), ("weight = 40", "weight = 30")), "utf-8"
    )
    assert said in kpi("score", "acme", lang=lang)[2]
    assert said in kpi("--json", "score", "acme", lang=lang)[2]
    assert said in kpi("render", *given, lang=lang)[2]
    assert said not in kpi("render", *given, lang=lang)[2]


@pytest.mark.parametrize(("day", "found"), [("2026-11-05", []), ("2025-10-28", ["decision-outside-cycle"]), ("2027-10-28", ["decision-outside-cycle"])])  # fmt: skip
def test_a_decision_of_another_year_is_asked_about(kpi, acme, day, found):
    row = f"date,person,from_tier,to_tier,reason,approver\n{day},p3,middle,top,won the fair,Li\n"
    (acme / "cycles/2026-10/calibration.csv").write_text(row, "utf-8")
    assert codes(kpi) == (0, found)


# --- what lies beside ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "2026-11/actuals.csv", "cycle/2026-11/actuals.csv", "cycles - Copy/2026-11/actuals.csv", "actuals.csv", "actuals 2026-11.csv", "cycles/2026-11.zip",
        "November/actuals.csv", "2026年十一月.xlsx", "results Nov 2026.csv", "goals.csv", "adjustments.csv", "cycles/2026-10/goals", "cycles/2026-10/sub/goals.csv",
        "cycles/2026-10/2026-11/actuals.csv",
    ],
)  # fmt: skip
def test_a_newest_month_or_a_table_in_a_neighbouring_place_stops_scoring(kpi, acme, name):
    (acme / name).parent.mkdir(parents=True, exist_ok=True)
    (acme / name).write_text(GOOD, "utf-8")
    code, out, err = kpi("score", "acme")
    assert (code, "data-beside" in err or "bad-cycle" in err, "October" in out) == (3, True, False)


@pytest.mark.parametrize(
    "name",
    [
        "Design.toml", "design (1).toml", "design - Copy.toml", "design.toml.txt", "design.tml", "client (2).toml", "Copy of people.csv", "人员.csv", "people", "figures.xlsx", "November/results.xlsx", "十一月/业绩.csv",
        "archive/2026-11/actuals.csv", "Scenarios/half.toml", "cycles/2026-10/design (1).toml", "old/2026-11/a.csv", "cycles/2026-10/forms.zip",
    ],
)  # fmt: skip
def test_what_lies_beside_and_is_read_by_nothing_is_named(kpi, acme, name):
    before = scores(kpi)
    (acme / name).parent.mkdir(parents=True, exist_ok=True)
    (acme / name).write_text("x", "utf-8")
    assert scores(kpi) == before
    assert codes(kpi) == (0, ["copy-beside" if name == "Copy of people.csv" else "not-read"])
    named = name.removeprefix("cycles/2026-10/").split("/")[0]
    assert named in kpi("check", "acme", "2026-10")[1]


def test_a_design_that_lies_in_a_cycle_that_has_not_begun_is_named(kpi, acme):
    (acme / "cycles/2026-11").mkdir()
    (acme / "cycles/2026-11/Design.toml").write_text(DESIGN, "utf-8")
    found = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    assert {row["code"]: row["where"] for row in found}["not-read"] == "acme/cycles/2026-11"


def test_notes_pictures_and_folders_of_somebodys_own_stay_free(kpi, acme):
    names = ("notes.md", "offer.pdf", "logo.png", "photos/2026-11.jpg", "letters/reply.xlsx", ".git/config", "~$design.toml", "cycles/2026-10/signed 2026-11.pdf")  # fmt: skip
    for name in names:
        (acme / name).parent.mkdir(parents=True, exist_ok=True)
        (acme / name).write_text("x", "utf-8")
    assert codes(kpi) == (0, [])


# --- remedies that hold ----------------------------------------------------------------------------------------------

SCENARIO = """
schema = 1
name = "half"
client = "acme"
cycle = "2026-10"
design_version = 1
design = "{}"
"""


def scenario(acme, text, name="half.toml"):
    design, _ = read_client(acme)
    (acme / "scenarios").mkdir(exist_ok=True)
    (acme / "scenarios" / name).write_text(SCENARIO.format(fingerprint(design.design)) + text, "utf-8")


@pytest.mark.parametrize(
    "text",
    ["[targets.editor]\narticles = 0.9\n", "[targets.editor]\narticles = 1.1\n", "item_cap = 0.9\n", "item_cap = 1.2\n", "[caps.editor]\narticles = 0.9\n", "[caps.editor]\npass = 1.05\n"],
)  # fmt: skip
def test_a_fraction_in_a_scenario_is_told_where_it_is_compared_and_is_not_adopted(kpi, acme, text):
    scenario(acme, text)
    scenario(acme, "[weights.editor]\narticles = 50\npass = 50\n", "other.toml")
    code, _, err = kpi("whatif", "acme", "--compare", "half")
    assert (code, "fraction-in-design" in err) == (0, True)
    code, _, err = kpi("whatif", "acme", "--adopt", "half", "--by", "Li")
    assert (code, "fraction-in-design" in err) == (3, True)
    assert (acme / "design.toml").read_text("utf-8") == DESIGN


def test_a_sensible_scenario_is_not_asked_about(kpi, acme):
    scenario(acme, "item_cap = 110\n[targets.editor]\narticles = 90\n[caps.editor]\narticles = 105\n")
    assert "fraction-in-design" not in kpi("whatif", "acme", "--compare", "half")[2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[targets.editor]\narticles = 240\n", "scenario-far"),  # the target itself, where per cent are asked for
        ("[targets.editor]\narticles = 12\n", "scenario-far"),
        ("[caps.editor]\narticles = 13\n", "low-cap"),
        ("[caps.editor]\narticles = 1000\n", "high-cap"),
        ("shares = [70, 20, 10]\n", "shares-order"),
    ],
)
def test_a_slip_in_a_scenario_is_told_where_it_is_compared(kpi, acme, text, code):
    scenario(acme, text)
    _, _, err = kpi("whatif", "acme", "--compare", "half")
    assert code in err


def test_targets_of_a_quarter_and_a_blank_that_counts_more_than_anybody_are_asked_about(kpi, acme):
    goals = "person,indicator,target\n" + "".join(f"p{n},articles,600\n" for n in (1, 2, 3))
    (now(acme).parent / "goals.csv").write_text(goals, "utf-8")
    assert codes(kpi)[1] == ["far-from-design"] * 3
    (now(acme).parent / "goals.csv").write_text(goals.replace("600", "260"), "utf-8")
    assert codes(kpi)[1] == []
    for score, found in (("150", ["neutral-above-cap"]), ("100", [])):
        (acme / "design.toml").write_text(f'missing = "neutral"\nneutral_score = {score}\n{DESIGN}', "utf-8")
        assert codes(kpi)[1] == found


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("[tiers]\npass_line = 7.5", "fraction-in-design"),
        ("[missing]\nleast_weight = 6\n[tiers]", "fraction-in-design"),
        ("item_cap = 14\n[tiers]", "low-cap"),
        ("item_cap = 1000\n[tiers]", "high-cap"),
        ("item_cap = 300\n[tiers]", ""),
        ("adjustments = { total_cap = 90 }\n[tiers]", "low-cap"),
        ("team_share = 100\n[tiers]", "team-share-whole"),
        ("[tiers]\nshares = [10, 20, 70]", "shares-order"),
        ("[tiers]\nshares = [10, 70, 20]", "shares-bottom"),
        ("[tiers]\nshares = [0, 90, 10]", ""),
        ('[tiers]\nguidelines = [{ tiers = ["top"], is = "<=", share = 0.2 }]', "fraction-in-design"),
        ('[tiers]\nguidelines = [{ tiers = ["top"], is = "<=", share = 20 }]', ""),
        ("[tiers]\npass_line = 60\nshares = [25, 60, 15]", ""),
    ],
)
def test_a_setting_that_lost_a_digit_or_its_order_is_asked_about(kpi, acme, setting, code):
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", setting)), "utf-8")
    assert [found for found in codes(kpi)[1] if found != "no-team"] == ([code] if code else [])


def test_two_indicators_of_one_name_in_a_role_are_asked_about(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ("审核通过率", "发帖 数量")), "utf-8")
    assert "name-in-role-twice" in codes(kpi)[1]


def test_a_scenarios_id_and_its_cycle_are_called_what_they_are(kpi, acme):
    scenario(acme, "item_cap = 110\n", "S1.toml")
    assert "S1 cannot be a scenario's id" in kpi("whatif", "acme", "--compare", "S1")[2]
    for cycle, said in (("../../x", "../../x is not a cycle"), ("2026-08", "kpi new acme --cycle 2026-08")):
        scenario(acme, "", "s1.toml")
        file = acme / "scenarios/s1.toml"
        file.write_text(altered(file.read_text("utf-8"), ('"2026-10"', f'"{cycle}"')), "utf-8")
        assert said in kpi("whatif", "acme", "--compare", "s1")[2]


@pytest.mark.parametrize(("typed", "meant"), [("2026-1", "2026-01"), ("2026-11月", "2026-11"), ("Nov 2026", "2026-11"), ("2026q4", "2026-Q4")])  # fmt: skip
def test_a_cycle_that_is_written_otherwise_is_taken_for_the_one_that_is_meant(kpi, acme, typed, meant):
    assert kpi("new", "acme", "--cycle", typed)[0] == 0
    assert (acme / "cycles" / meant).is_dir()


def test_a_cycle_to_copy_from_that_is_not_there_is_answered_with_those_there_are(kpi, acme):
    _, _, err = kpi("new", "acme", "--cycle", "2026-12", "--from", "2026-11")
    assert "(cycles: 2026-09, 2026-10)" in err
    assert "kpi new acme --cycle 2026-11" in err


def test_an_id_in_the_design_is_told_where_the_name_stands(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ('id = "pass"', 'id = "Pass"')), "utf-8")
    out = kpi("check", "acme")[1]
    assert "Write for instance pass; the name to show goes under the key name." in out


def test_who_joined_inside_the_cycle_may_be_held_to_a_target_by_days(kpi, acme):
    joined = altered(
        PEOPLE, ("role\n", "role,joined\n"), ("editor\n", "editor,\n"), ("Bo,editor,", "Bo,editor,2026-10-16")
    )
    (acme / "people.csv").write_text(joined, "utf-8")
    goals = "person,indicator,target\np1,articles,200\np1,pass,95\np2,articles,100\np2,pass,90\np3,articles,200\np3,pass,95\n"
    (acme / "cycles/2026-10/goals.csv").write_text(goals, "utf-8")
    assert codes(kpi)[1] == []
    (acme / "people.csv").write_text(altered(joined, ("2026-10-16", "2025-10-16")), "utf-8")
    assert codes(kpi)[1] == ["target-moved", "same-post-unequal-load"]


def test_who_left_is_told_once_a_table_and_who_came_later_gets_a_row(kpi, acme):
    (acme / "cycles/2026-10/goals.csv").write_text(
        "person,indicator,target\n" + "".join(f"p{n},{item},90\n" for n in (1, 2, 3) for item in ("articles", "pass")),
        "utf-8",
    )
    (acme / "people.csv").write_text(altered(PEOPLE, ("p3,Cy", "p4,Di")), "utf-8")
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200\n", ""), ("target = 95\n", "")), "utf-8")
    found = [code for code in codes(kpi)[1] if code != "missing-actual"]
    assert found == ["unknown-person", "unknown-person"]
    out = kpi("check", "acme", "2026-10")[1]
    assert "remove all of this person's rows here" in out
    (acme / "people.csv").write_text(PEOPLE, "utf-8")
    (acme / "cycles/2026-10/goals.csv").unlink()
    assert "add one with person, indicator and target" in kpi("check", "acme", "2026-10")[1]


def test_a_copy_without_a_holder_is_mended_by_the_line_that_is_offered(kpi, acme):
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    fix = next(row["fix"] for row in found if row["code"] == "copy-without-holder")
    line = re.search(r'personnel = "[^"]+"', fix)[0]
    (acme / "design.toml").write_text(f"{DESIGN}[regulation]\n{line}\n", "utf-8")
    assert "copy-without-holder" not in kpi("check", "acme", "2026-10", "--json")[1]


COMMA = '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)'


@pytest.mark.parametrize(
    "number_format",
    [
        "#,##0", "#,##0.00", "0", "0.00", COMMA, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "_-* #,##0.00_-;-* #,##0.00_-;_-* \"-\"??_-;_-@_-",
        '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0;-0;;@", "General", "#,##0.00;[Red]-#,##0.00",
    ],
)  # fmt: skip
def test_the_formats_of_excels_own_buttons_are_read(kpi, acme, number_format):
    in_excel(acme, excel(ROWS, formats=[("C2", number_format)]))
    assert codes(kpi) == (0, [])


def test_a_zero_that_accounting_shows_as_a_dash_is_a_zero(kpi, acme):
    rows = [row if row[1] != "articles" or row[0] != "p1" else [*row[:2], 0, *row[3:]] for row in ROWS]
    in_excel(acme, excel(rows, formats=[("C2", COMMA)]))
    assert kpi("score", "acme")[0] == 0
    scored = json.loads(kpi("--json", "score", "acme")[1])["people"][0]["indicators"][0]
    assert (scored["actual"], scored["state"]) == (0, "scored")


@pytest.mark.parametrize(
    "name",
    [
        "README.txt", "notes.txt", "cycles/README.txt", "cycles/2026-10/notes.txt", "LICENSE", "archive/actuals.csv", "archive/2025-12/actuals.csv", "cycles/2026-10/old/actuals.csv",
        "backup/design.toml", "old/people.csv", "actuals template.xlsx", "归档/2026-08/actuals.csv", "design.toml~", "people.csv.bak", "#people.csv#",
    ],
)  # fmt: skip
def test_notes_and_what_somebody_has_put_away_stop_and_disturb_nobody(kpi, acme, name):
    (acme / name).parent.mkdir(parents=True, exist_ok=True)
    (acme / name).write_text(GOOD, "utf-8")
    assert codes(kpi) == (0, [])


@pytest.mark.parametrize(
    ("design", "table", "rows", "code"),
    [
        ([("审核通过率", "正常运行率"), ("Pass rate", "Uptime")], "actuals", {"p1,pass,90": "p1,pass,109.7"}, "share-over-100"),
        ([("审核通过率", "好评率"), ("Pass rate", "Positive reviews")], "actuals", {"p1,pass,90": "p1,pass,101"}, "share-over-100"),
        ([("审核通过率", "计划完成率"), ("Pass rate", "Plan completion")], "actuals", {"p1,pass,90": "p1,pass,109.7"}, ""),
        ([("审核通过率", "粉丝增长率"), ("Pass rate", "Follower growth")], "actuals", {"p1,pass,90": "p1,pass,130"}, ""),
        ([], "actuals", {"p1,articles,180": "p1,articles,0"}, "far-from-target"),
        ([("发帖数量", "首响时长"), ("Articles published", "First response time"), ("weight = 60", 'weight = 60\ndirection = "lower"'), ("篇", "分钟")],
         "actuals", {"p1,articles,180": "p1,articles,0"}, "zero-duration"),
        ([("发帖数量", "单个粉丝成本"), ("Articles published", "Cost per follower"), ("weight = 60", 'weight = 60\ndirection = "lower"'), ("篇", "元")],
         "actuals", {"p1,articles,180": "p1,articles,0"}, "far-from-target"),
        ([("发帖数量", "退稿数"), ("Articles published", "Articles sent back"), ("weight = 60", 'weight = 60\ndirection = "lower"')],
         "actuals", {"p1,articles,180": "p1,articles,0"}, ""),
        ([("发帖数量", "返工时间"), ("Articles published", "Rework hours"), ("weight = 60", 'weight = 60\ndirection = "lower"'), ("篇", "小时")],
         "actuals", {"p1,articles,180": "p1,articles,0"}, ""),
        ([], "actuals", {"p1,pass,90": "p1,pass,89,8,,,"}, "ragged-row"),
        ([], "actuals", {"p1,pass,90": 'p1,pass,"89,8"'}, "decimal-comma"),
        ([], "actuals", {"p1,pass,90": 'p1,pass,"1.089,8"'}, "decimal-comma"),
        ([], "actuals", {"p1,pass,90": "p1,pass,约85"}, "number-in-words"),
        ([], "actuals", {"p1,pass,90": "p1,pass,八十五"}, "number-in-words"),
        ([], "actuals", {"p1,pass,90": "p1,pass,about 85"}, "number-in-words"),
        ([], "actuals", {"p1,articles,180": "p1,articles,-5"}, ("negative-count", "negative-actual")),
    ],
)  # fmt: skip
def test_what_two_readers_would_take_otherwise_is_asked_about(kpi, acme, design, table, rows, code):
    text = GOOD
    for old, new in rows.items():
        text = altered(text, (old, new))
    now(acme).write_text(text, "utf-8")
    (acme / "design.toml").write_text(altered(DESIGN, *design), "utf-8")
    found = {issue["code"] for issue in json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]}
    asked = found & {
        "share-over-100", "far-from-target", "zero-duration", "ragged-row", "decimal-comma", "number-in-words",
        "negative-count", "negative-actual",
    }  # fmt: skip
    assert asked <= {*([code] if isinstance(code, str) else code)} and bool(asked) is bool(code), found


@pytest.mark.parametrize(
    ("typed", "plain"), [("89,8", "89.8"), ("1.200,5", "1200.5"), ("约40", "40"), ("二十三", "23"), ("≥45", "45")]
)
def test_the_fix_of_a_number_names_the_number(kpi, acme, typed, plain):
    now(acme).write_text(altered(GOOD, ("p1,pass,90", f'p1,pass,"{typed}"')), "utf-8")
    fixes = [row["fix"] for row in json.loads(kpi("check", "acme", "2026-10", "--json", lang="zh")[1])["issues"]]
    assert any(plain in fix for fix in fixes)


def test_a_copy_of_a_client_beside_it_and_a_penalty_that_adds_are_named(kpi, acme):
    shutil.copytree(acme, acme.with_name("acme (2)"))
    assert "acme (2)" in kpi("check", "acme")[1]
    rule = '\n[[adjustments.rules]]\nid = "late"\nname = "Late"\npoints = -2\n'
    (acme / "design.toml").write_text(DESIGN + rule, "utf-8")
    line = "person,date,points,reason,approver,rule\np1,2026-10-09,2,Late again,Ada,late\n"
    (acme / "cycles/2026-10/adjustments.csv").write_text(line, "utf-8")
    code, out, _ = kpi("check", "acme", "2026-10")
    assert (code, "penalty-only" in out) == (3, True)


# --- amounts of several months, noughts that are none, points with the wrong sign -------------------------------------


def test_figures_added_up_over_several_months_are_asked_about(kpi, acme):
    people = "".join(f"p{number},Person {number},editor\n" for number in range(1, 7))
    (acme / "people.csv").write_text("id,name,role\n" + people, "utf-8")
    above, below = (330, 305, 352, 371, 290, 310), (90, 105, 72, 101, 110, 95)
    for found, values in ((["all-far-above"], above), (["all-far-below"], below), ([], (210, 305, 352, 190, 290, 240))):
        rows = "".join(f"p{n},articles,{value}\np{n},pass,9{n}\n" for n, value in enumerate(values, start=1))
        now(acme).write_text("person,indicator,actual\n" + rows, "utf-8")
        assert codes(kpi)[1] == found


LOWER = altered(
    DESIGN, ("发帖数量", "核心词排名"), ("Articles published", "Keyword rank"), ("target = 200", 'direction = "lower"\ntarget = 12')
)  # fmt: skip


def test_a_rank_of_nought_and_a_target_of_nought_beside_the_designs_are_asked_about(kpi, acme):
    (acme / "design.toml").write_text(LOWER, "utf-8")
    figures = altered(
        GOOD, ("articles,180", "articles,0"), ("articles,160", "articles,14"), ("articles,140", "articles,9")
    )
    now(acme).write_text(figures, "utf-8")
    (now(acme).parent / "goals.csv").write_text("person,indicator,target\np3,articles,0\n", "utf-8")
    assert {"no-rank-zero", "far-from-design"} <= set(codes(kpi)[1])
    few = altered(
        LOWER, ("Keyword rank", "Shifts left uncovered"), ("核心词排名", "缺岗班次"), ("target = 12", "target = 3")
    )
    (acme / "design.toml").write_text(few, "utf-8")
    assert "far-from-design" not in codes(kpi)[1]


@pytest.mark.parametrize(
    ("rule", "points", "code"),
    [
        ("周报迟交", "2", "points-against-rule"),
        ("Complaint of a customer", "1.5", "points-against-rule"),
        ("Complaint settled in time", "1", ""),
        ("周报迟交", "-2", ""),
        ("合理化建议", "0", "few-points"),
        ("合理化建议", "0.03", "few-points"),
        ("合理化建议", "0.1", "few-points"),
        ("合理化建议", "0.5", ""),
    ],
)
def test_points_against_the_name_of_their_rule_and_points_of_nothing_are_asked_about(kpi, acme, rule, points, code):
    head = "date,person,rule,points,reason,approver\n"
    row = f"2026-10-20,p1,{rule},{points},in October,Board\n"
    (now(acme).parent / "adjustments.csv").write_text(head + row, "utf-8")
    assert codes(kpi)[1] == ([code] if code else [])


def test_a_view_written_as_a_fraction_is_called_a_view(kpi, acme):
    now(acme).write_text(altered(GOOD, ("articles,180,,", "articles,180,,0.84")), "utf-8")
    assert codes(kpi)[1] == ["fraction-for-view"]


def test_a_tier_decided_before_the_cycle_was_over_is_asked_about(kpi, acme):
    head = "date,person,from_tier,to_tier,reason,approver\n"
    for day, found in (("2026-10-09", ["decision-outside-cycle"]), ("2026-10-30", [])):
        (now(acme).parent / "calibration.csv").write_text(head + f"{day},p2,middle,top,leads,Board\n", "utf-8")
        assert [code for code in codes(kpi)[1] if code.startswith("decision")] == found


# --- month two after month one ---------------------------------------------------------------------------------------


def test_an_id_that_was_somebody_else_last_month_is_asked_about(kpi, acme):
    then = acme / "cycles/2026-09/people.csv"
    then.write_text(PEOPLE, "utf-8")
    exchanged = altered(PEOPLE, ("p2,Bo", "p2,Cy"), ("p3,Cy", "p3,Bo"))
    for people, found in ((exchanged, ["name-changed"] * 2), (altered(PEOPLE, ("p2,Bo", "p2,BO")), [])):
        (acme / "people.csv").write_text(people, "utf-8")
        assert [code for code in codes(kpi)[1] if code == "name-changed"] == found


def test_a_month_whose_goals_were_forgotten_is_asked_about(kpi, acme):
    head = "person,indicator,target\n"
    (acme / "cycles/2026-09/goals.csv").write_text(head + "p1,articles,210\n", "utf-8")
    assert codes(kpi)[1] == ["goals-gone"]
    for text, found in (
        (head, ["goals-gone"]),
        (head + "p1,articles,\n", ["goals-gone"]),
        (head + "p2,articles,205\n", []),
    ):
        (acme / "cycles/2026-10/goals.csv").write_text(text, "utf-8")
        assert codes(kpi)[1] == found


@pytest.mark.parametrize("name", ["design.toml", "people.csv"])
def test_a_months_own_copy_that_is_gone_is_told(kpi, acme, name):
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    assert "own-copy-gone" not in kpi("check", "acme", "2026-11")[1]
    (acme / "cycles/2026-11" / name).unlink()
    assert f"This cycle's own {name} is gone" in kpi("check", "acme", "2026-11")[1]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Bo（已离职）", ["name-says-more"]),
        ("王芳(产假)", ["name-says-more"]),
        ("Bo (resigned)", ["name-says-more"]),
        ("王芳/李霞", ["name-says-more"]),
        ("Bo & Di", ["name-says-more"]),
        ("待招聘", ["names-nobody"]),
        ("Test user", ["names-nobody"]),
        ("Zhang Wei / 张伟", []),
        ("李娜（小）", []),
        ("Ann Leavey-Left", []),
        ("Sandra And", []),
    ],
)
def test_a_name_that_says_more_than_a_name_is_asked_about(kpi, acme, name, found):
    (acme / "people.csv").write_text(altered(PEOPLE, ("p2,Bo", f"p2,{name}")), "utf-8")
    assert [code for code in codes(kpi)[1] if code.startswith("name")] == found


# --- days, remedies and consequences ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "head", "row", "found"),
    [
        ("goals", "person,indicator,target,deadline", "p1,articles,200,2026-09-30", 1),
        ("goals", "person,indicator,target,deadline", "p1,articles,200,2028年10月31日", 1),
        ("goals", "person,indicator,target,deadline", "p1,articles,200,before the fair", 0),
        ("goals", "person,indicator,target,deadline", "p1,articles,200,9月30日", 1),
        ("goals", "person,indicator,target,deadline", "p1,articles,200,10月31日", 0),
        ("goals", "person,indicator,target,made,confirmed", "p1,articles,200,2025-09-30,2025-09-30", 2),
        ("goals", "person,indicator,target,made,confirmed", "p1,articles,200,2026-09-28,2026-10-02", 0),
        ("steps", "person,step,date", "p1,explain,2026-08-28", 1),
        ("steps", "person,step,date", "p1,explain,2026-09-28", 0),
    ],
)
def test_a_day_of_the_plan_that_is_another_cycles_is_asked_about(kpi, acme, file, head, row, found):
    (now(acme).parent / f"{file}.csv").write_text(f"{head}\n{row}\n", "utf-8")
    assert codes(kpi)[1].count("date-far") == found


@pytest.mark.parametrize(
    ("deadline", "done", "found"), [("2036-11-20", "", 1), ("2026-11-20", "2025-11-18", 1), ("2026-11-20", "2026-11-18", 0)]
)  # fmt: skip
def test_a_measure_that_ends_in_another_year_is_asked_about_and_one_told_twice_is_refused(
    kpi, acme, deadline, done, found
):
    head = "person,indicator,kind,problem,cause,measure,support,owner,deadline,moment,check,done\n"
    row = f"p1,pass,corrective,late,person,a list,Bo helps,Ann,{deadline},,none open,{done}\n"
    (now(acme).parent / "measures.csv").write_text(head + row, "utf-8")
    assert codes(kpi)[1].count("date-far") == found
    (now(acme).parent / "measures.csv").write_text(head + row * 2, "utf-8")
    assert "duplicate-row" in codes(kpi)[1]


def test_one_persons_figures_of_the_month_before_are_asked_about(kpi, acme):
    third = 'class = "workload"\nsource = "CMS"\nunit = "tips"\nweight = 20\ntarget = 40\n'
    more = (
        altered(DESIGN, ("weight = 60", "weight = 40"))
        + f'[[roles.editor.indicators]]\nid = "tips"\nname = "Tips"\n{third}'
    )
    (acme / "design.toml").write_text(more, "utf-8")
    text = GOOD + "".join(f"{person},tips,{value},,,\n" for person, value in (("p1", 31), ("p2", 34), ("p3", 38)))
    (acme / "cycles/2026-09/actuals.csv").write_text(text, "utf-8")
    others = (("p1,articles,180", "p1,articles,171"), ("p1,pass,90", "p1,pass,93"), ("p1,tips,31", "p1,tips,33"),
              ("p2,articles,160", "p2,articles,151"), ("p2,pass,80", "p2,pass,84"), ("p2,tips,34", "p2,tips,32"))  # fmt: skip
    changed = altered(text, *others)
    now(acme).write_text(changed, "utf-8")
    assert codes(kpi)[1] == ["figures-of-before"]


@pytest.mark.parametrize(
    ("typed", "plain"), [("35,934k", "35934k"), ("16,7万", "16.7万"), ("$1,167", "$1167"), ("1,167 USD", "1167 USD")]
)
def test_the_fix_of_a_number_keeps_its_unit(kpi, acme, typed, plain):
    now(acme).write_text(with_value("p1,articles,180", f'p1,articles,"{typed}"'), "utf-8")
    assert f"Write {plain}." in kpi("check", "acme", "2026-10")[1]


def test_an_id_without_its_noughts_is_offered_with_them(kpi, acme):
    (acme / "people.csv").write_text(altered(PEOPLE, ("p2,", "007,")), "utf-8")
    now(acme).write_text(altered(GOOD, ("p2,", "7,")), "utf-8")
    assert "Did you mean 007 (" in kpi("check", "acme", "2026-10")[1]


def test_a_long_gap_between_cycles_is_told_by_its_first_months_and_how_many_more(kpi, acme):
    (acme / "cycles/2026-10").rename(acme / "cycles/2062-11")
    said = kpi("check", "acme")[1]
    assert "missing: 2026-10, 2026-11, 2026-12" in said and "2027-07 and 423 more" in said


@pytest.mark.parametrize(("text", "said"), [("languages = []", "at least 1"), ("orders = 62.5", "a whole number")])
def test_a_setting_is_refused_in_our_own_words(kpi, acme, text, said):
    (acme / "client.toml").write_text(f'name = "Acme"\n{text}\n', "utf-8")
    out = kpi("check", "acme")[1]
    assert said in out
    assert "validation" not in out


@pytest.mark.parametrize(
    ("own", "others", "told"),
    [(200, (), True), (200, (210,), True), (190, (210, 210), True), (150, (200,), False), (103, (210, 400), False)],
)
def test_a_joiner_is_told_of_whatever_a_colleague_has_to_reach(kpi, acme, own, others, told):
    (acme / "people.csv").write_text(
        "id,name,role,joined\np1,A,editor,2026-10-16\np2,B,editor,\np3,C,editor,\n", "utf-8"
    )
    rows = "".join(f"p{n},articles,{target}\n" for n, target in enumerate((own, *others), start=1))
    (acme / "cycles/2026-10/goals.csv").write_text(f"person,indicator,target\n{rows}", "utf-8")
    assert ("joined-inside-cycle" in codes(kpi)[1]) is told


def test_whoever_joined_inside_the_cycle_keeps_the_whole_target_of_a_rank(kpi, acme):
    rank = 'id = "rank"\nname = "Keyword rank"\nclass = "reach"\ndirection = "lower"\nsource = "CMS"\nweight = 20\ntarget = 8\n'
    more = altered(DESIGN, ("weight = 60", "weight = 40")) + "[[roles.editor.indicators]]\n" + rank
    (acme / "design.toml").write_text(more, "utf-8")
    joined = altered(
        PEOPLE, ("role\n", "role,joined\n"), ("editor\n", "editor,\n"), ("Bo,editor,", "Bo,editor,2026-10-16")
    )
    (acme / "people.csv").write_text(joined, "utf-8")
    now(acme).write_text(GOOD + "p1,rank,8,,,\np2,rank,9,,,\np3,rank,11,,,\n", "utf-8")
    for target, found in ((100, []), (200, ["joined-inside-cycle"])):
        text = f"person,indicator,target\np2,articles,{target}\np2,rank,8\n"
        (now(acme).parent / "goals.csv").write_text(text, "utf-8")
        assert [code for code in codes(kpi)[1] if code.startswith("joined")] == found


# --- what only a comparison shows ------------------------------------------------------------------------------------


def exchanged(text, one, other):
    return altered(text, (f"{one},", "@,")).replace(f"{other},", f"{one},").replace("@,", f"{other},")


def test_two_people_with_each_others_usual_figures_are_asked_about(kpi, acme):
    then = altered(GOOD, ("p1,articles,180", "p1,articles,182"), ("p1,pass,90", "p1,pass,91"))
    (acme / "cycles/2026-09/actuals.csv").write_text(then, "utf-8")
    (acme / "cycles/2026-08").mkdir()
    (acme / "cycles/2026-08/actuals.csv").write_text(altered(then, ("p3,pass,70", "p3,pass,72")), "utf-8")
    now(acme).write_text(altered(exchanged(GOOD, "p1", "p3"), ("p2,articles,160", "p2,articles,163")), "utf-8")
    assert codes(kpi)[1] == ["figures-exchanged"]
    assert "王建国 has the figures that are usual for Cy" in kpi("check", "acme", "2026-10")[1]
    now(acme).write_text(exchanged(GOOD, "p1", "p3"), "utf-8")
    assert "figures-exchanged" in codes(kpi)[1]
    both = ("p1,pass,70", "p1,pass,88"), ("p3,articles,180", "p3,articles,142")
    now(acme).write_text(altered(exchanged(GOOD, "p1", "p3"), *both), "utf-8")
    assert "figures-exchanged" not in codes(kpi)[1]


WIDE = ("p1,articles,171", "p1,articles,290"), ("p3,articles,137", "p3,articles,84")
"""Of the month before: people so far apart that months do not make one of the other."""


@pytest.mark.parametrize(
    ("then", "changes", "code", "said"),
    [
        (WIDE, [("p1,articles,180", "p1,articles,82"), ("p3,articles,141", "p3,articles,300")], "figures-exchanged", "Cy"),
        (WIDE, [("p1,articles,180", "p1,articles,300"), ("p3,articles,141", "p3,articles,82")], "", ""),
        ((), [("p1,articles,180", "p1,articles,141"), ("p3,articles,141", "p3,articles,180")], "", ""),  # as months differ
        ((), [(f"articles,{one}", f"articles,{other}") for one, other in ((180, 91), (163, 82), (141, 74))]
         + [(f"pass,{one}", f"pass,{other}") for other, one in ((180, 91), (163, 82), (141, 74))], "indicators-exchanged", "Articles"),
        ((), [("p3,articles,141", "p3,articles,74"), ("p3,pass,74", "p3,pass,141")], "indicators-exchanged", "Cy"),
        ((), [(f"articles,{one}", f"articles,{other}") for one, other in ((180, 234), (163, 212), (141, 183))], "", ""),
    ],
)  # fmt: skip
def test_figures_in_each_others_place_are_asked_about_and_a_month_that_all_grew_in_is_not(
    kpi, acme, then, changes, code, said
):
    (acme / "cycles/2026-09/actuals.csv").write_text(re.sub(r",\d+,\d+\n", ",,\n", altered(THEN, *then)), "utf-8")
    now(acme).write_text(re.sub(r",\d+,\d+\n", ",,\n", altered(VIEWED, *changes)), "utf-8")
    told = [each for each in codes(kpi)[1] if each.endswith(("exchanged", "slipped"))]
    assert told == ([code] if code else [])
    assert said in kpi("check", "acme", "2026-10")[1]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[tiers]", "neutral_score = 70\n[tiers]", "neutral_score"),
        ("[tiers]", "raters = { self = 30, appraiser = 40, others = 30 }\n[tiers]", "raters"),
        ("[tiers]", 'missing = { policy = "zero", least_weight = 60 }\n[tiers]', "missing.least_weight"),
        ("target = 95", 'target = 95\ncurve = { kind = "gate", at = 90, scope = "total", limit = 100 }', "pass"),
    ],
)
def test_a_setting_that_nothing_uses_is_told(kpi, acme, old, new, key):
    (acme / "design.toml").write_text(altered(DESIGN, (old, new)), "utf-8")
    issues = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert [key in issue["where"] for issue in issues if issue["code"] == "setting-unused"] == [True]


def test_targets_are_waited_for_until_somebody_reports_a_figure(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200\n", "")), "utf-8")
    for text, severity, code in ((GOOD, "error", 3), ("person,indicator,actual\n", "hint", 0)):
        now(acme).write_text(text, "utf-8")
        exit_code, out, _ = kpi("check", "acme", "2026-10", "--json")
        told = [issue["severity"] for issue in json.loads(out)["issues"] if issue["code"] == "no-target"]
        assert (told, exit_code) == ([severity], code)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((("weight = 60", "weight = 40"), ("weight = 40\ntarget = 95", "weight = 60\ntarget = 95")), "roles.editor.indicators.articles.weight: 60 → 40; roles.editor.indicators.pass.weight: 40 → 60"),
        ((("[tiers]", "[tiers]\npass_line = 75"),), "tiers.pass_line: – → 75"),
        ((("[tiers]", "[tiers]\nshares = [15, 75, 10]"),), "tiers.shares: 20 / 70 / 10 → 15 / 75 / 10"),
    ],
)  # fmt: skip
def test_a_design_that_changed_under_one_version_says_what(kpi, acme, changes, said):
    for cycle in ("2026-09", "2026-10"):
        (acme / "cycles" / cycle / "design.toml").write_text(DESIGN, "utf-8")
    assert codes(kpi)[1] == []
    text = altered(DESIGN, changes[0])
    for old, new in changes[1:]:
        at = text.index("pass") if "95" in old else 0
        text = text[:at] + text[at:].replace(old, new, 1)
    for path in (acme / "design.toml", acme / "cycles/2026-10/design.toml"):
        path.write_text(text, "utf-8")
    assert codes(kpi)[1] == ["design-changed-unsaid"]
    told = kpi("check", "acme", "2026-10")[1]
    assert all(part in told for part in said.split("; "))
    for path in (acme / "design.toml", acme / "cycles/2026-10/design.toml"):
        path.write_text("version = 2\n" + text, "utf-8")
    assert codes(kpi)[1] == []


def test_two_weights_in_each_others_place_against_the_library_are_told(kpi, acme):
    (acme / "client.toml").write_text('name = "Acme"\n', "utf-8")
    starter = DESIGN + "\n"
    own = acme.parent.parent / "templates" / "designs"
    own.mkdir(parents=True)
    (own / "own.toml").write_text(starter, "utf-8")
    (acme / "design.toml").write_text(
        altered(DESIGN, ("weight = 60", "weight = @"), ("weight = 40", "weight = 60"), ("@", "40")), "utf-8"
    )
    assert "weights-exchanged" in codes(kpi)[1]
    (acme / "design.toml").write_text(
        altered(DESIGN, ("weight = 60", "weight = 55"), ("weight = 40", "weight = 45")), "utf-8"
    )
    assert "weights-exchanged" not in codes(kpi)[1]


@pytest.mark.parametrize(
    ("line", "code"), [("0", "pass-line-nothing"), ("57", "pass-line-odd"), ("75", ""), ("62.5", "pass-line-odd")]
)
def test_a_pass_line_of_nothing_or_of_no_round_number_is_told(kpi, acme, line, code):
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", f"[tiers]\npass_line = {line}")), "utf-8")
    assert codes(kpi)[1] == ([code] if code else [])


def test_a_pass_line_that_nobody_reaches_is_told_where_tiers_are(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", "[tiers]\npass_line = 95")), "utf-8")
    assert "Nobody reaches the pass line of 95 points" in kpi("score", "acme")[2]
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", "[tiers]\npass_line = 70")), "utf-8")
    assert "Nobody reaches" not in kpi("score", "acme")[2]


@pytest.mark.parametrize(
    ("points", "reason", "code"),
    [
        ("3", "late three times", "points-against-reason"), ("3", "迟到三次", "points-against-reason"),
        ("3", "complaint settled at once", ""), ("-3", "迟到三次", ""), ("2", "主动加班支援活动", ""),
        ("3", "按规定加5分", "points-other-than-said"), ("3", "扣 3 分", "points-against-reason"), ("-3", "扣3分", ""),
        ("5", "2 points for the fair", "points-other-than-said"), ("2", "a plan of 30 pages, 2 points", ""),
        ("2", "客户打了4.9分", ""), ("1", "回复只用3分钟", ""),
    ],
)  # fmt: skip
def test_points_that_their_reason_contradicts_are_asked_about(kpi, acme, points, reason, code):
    head = "date,person,rule,points,reason,approver\n"
    (now(acme).parent / "adjustments.csv").write_text(f'{head}2026-10-20,p1,other,{points},"{reason}",Board\n', "utf-8")
    assert codes(kpi)[1] == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("[calendar]\nappraisal_days = [7, 1]\n", "days-reversed", "from day 7 to day 1"),
        ("launch = 2062-03-01\n", "launch-far", "more than 10 years"),
        ('languages = ["zh", "zh"]\n', "language-twice", "zh is listed twice"),
        ("appraisal_days = [2, 8]\n", "misplaced-key", "Move it to [calendar]"),
        ('[brand]\nlaunch = 2026-03-01\n', "misplaced-key", "the top of the file"),
    ],
)  # fmt: skip
def test_what_a_clients_own_page_cannot_mean_is_told(kpi, acme, text, code, said):
    (acme / "client.toml").write_text(f'name = "Acme"\n{text}', "utf-8")
    out = kpi("check", "acme")[1]
    assert code in out
    assert said in out


def test_a_key_of_an_indicator_in_a_role_is_sent_to_the_indicators(kpi, acme):
    (acme / "design.toml").write_text(altered(DESIGN, ("[tiers]", "pass_line = 75\n[tiers]")), "utf-8")
    assert "Move it to [tiers]" in kpi("check", "acme")[1]


def test_a_goal_in_another_unit_than_its_parts_is_told(kpi, acme):
    head = "id,level,parent,name,value,share,unit\n"
    for unit, found in (("元", ["cascade-units"]), ("", ["cascade-units"]), ("万元", [])):
        rows = f"c1,company,,Sales,500,,万元\nd1,department,c1,Online,300,,{unit}\nd2,department,c1,Shops,200,,万元\n"
        (now(acme).parent / "cascade.csv").write_text(head + rows, "utf-8")
        assert [code for code in codes(kpi)[1] if code == "cascade-units"] == found


def test_one_view_in_points_is_called_one(kpi, acme):
    now(acme).write_text(altered(GOOD, ("articles,180,,", "articles,180,,4")), "utf-8")
    assert "Every view here (1) is 5 or less" in kpi("check", "acme", "2026-10")[1]


def three_months(acme):
    for month, articles in (("07", 165), ("08", 181)):
        (acme / f"cycles/2026-{month}").mkdir()
        then = altered(GOOD, ("articles,180", f"articles,{articles}"), ("articles,140", f"articles,{articles - 35}"))
        (acme / f"cycles/2026-{month}/actuals.csv").write_text(then, "utf-8")


@pytest.mark.parametrize(("value", "found"), [("318", True), ("118", True), ("129", False), ("198", False)])
def test_a_figure_far_outside_the_months_before_is_asked_about(kpi, acme, value, found):
    three_months(acme)
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200", "target = 700")), "utf-8")
    now(acme).write_text(altered(GOOD, ("articles,180", f"articles,{value}")), "utf-8")
    assert ("out-of-line" in codes(kpi)[1]) is found


VIEWED = "person,indicator,actual,self,appraiser\n" + "".join(
    f"p{n},{item},{actual},{view},{view + 3}\n"
    for n, item, actual, view in (
        (1, "articles", 180, 91), (1, "pass", 91, 84), (2, "articles", 163, 79), (2, "pass", 82, 77), (3, "articles", 141, 66), (3, "pass", 74, 72),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (VIEWED, ""),
        (re.sub(r"p3,(\w+),.*", lambda row: next(line for line in VIEWED.splitlines() if line.startswith(f"p1,{row[1]}")).replace("p1", "p3"), VIEWED), "figures-of-another"),
        (re.sub(r"(\d+),\d+$", r"\1,\1", VIEWED, flags=re.MULTILINE), "views-copied"),
        (re.sub(r",\d+$", ",85", VIEWED, flags=re.MULTILINE), "one-view-for-all"),
    ],
)  # fmt: skip
def test_rows_and_views_that_were_copied_are_asked_about(kpi, acme, text, code):
    now(acme).write_text(text, "utf-8")
    assert codes(kpi)[1] == ([code] if code else [])


def test_actuals_that_are_the_targets_to_the_digit_are_asked_about(kpi, acme):
    third = altered(DESIGN, ("weight = 60", "weight = 40")) + "\n".join(
        ["[[roles.editor.indicators]]", 'id = "posts"', 'name = "Posts"', 'class = "workload"', 'source = "CMS"', "weight = 20", "target = 31", ""]
    )  # fmt: skip
    (acme / "design.toml").write_text(third, "utf-8")
    own = altered(GOOD, ("p1,articles,180", "p1,articles,200"), ("p1,pass,90", "p1,pass,95"))
    for posts, found in (("31", ["actuals-are-targets"]), ("30", [])):
        now(acme).write_text(f"{own}p1,posts,{posts},,,\np2,posts,29,,,\np3,posts,27,,,\n", "utf-8")
        assert [code for code in codes(kpi)[1] if code == "actuals-are-targets"] == found


# --- how values stand to the cycle before, to everybody else's and to the views --------------------------------------


THEN = "person,indicator,actual,self,appraiser\n" + "".join(
    f"p{n},{item},{actual},{view},{view + 4}\n"
    for n, item, actual, view in (
        (1, "articles", 171, 86), (1, "pass", 88.25, 82), (2, "articles", 158, 75), (2, "pass", 81, 76), (3, "articles", 137, 63), (3, "pass", 72, 70),
    )
)  # fmt: skip
ADJUSTED = "date,person,rule,points,reason,approver\n"


def seen(acme, changes, files):
    """Put two months there that follow each other well, with changes to the later one and files beside."""
    (acme / "cycles/2026-09/actuals.csv").write_text(THEN, "utf-8")
    now(acme).write_text(altered(VIEWED, *changes), "utf-8")
    for name, text in files.items():
        (acme / "cycles" / name).write_text(text, "utf-8")


def goals_of(**targets):
    return "person,indicator,target\n" + "".join(f"{who},articles,{target}\n" for who, target in targets.items())


def points(*lines, day="10"):
    return ADJUSTED + "".join(f"2026-{day}-1{n},{line}\n" for n, line in enumerate(lines))


@pytest.mark.parametrize(
    ("changes", "files", "code"),
    [
        ([], {}, ""), ([("p1,articles,180", "p1,articles,135")], {}, "out-of-line"), ([("p1,articles,180", "p1,articles,117")], {}, "view-against-actual"),
        ([("p1,articles,180,91,94", "p1,articles,249,91,93")], {}, "out-of-line"), ([("p1,articles,180,91,94", "p1,articles,249,99,97")], {}, ""),
        ([("p1,articles,180", "p1,articles,171")], {}, ""), ([("p2,pass,82", "p2,pass,76")], {}, ""), ([("p1,pass,91", "p1,pass,88.25")], {}, "figure-of-before"),
        ([(f"articles,{old}", f"articles,{2 * old}") for old in (180, 163, 141)], {}, "all-moved"),
        ([(f"articles,{old}", f"articles,{new}") for old, new in ((180, 171), (163, 158), (141, 137))], {}, "column-of-before"),
        ([("self,appraiser", "appraiser,self")], {}, "views-exchanged"),
        ([(f",{old},{old + 3}\n", f",{old},{new + 4}\n") for old, new in ((91, 86), (84, 82), (79, 75), (77, 76), (66, 63), (72, 70))], {}, "views-of-before"),
        ([], {"2026-09/goals.csv": goals_of(p1=210, p2=200), "2026-10/goals.csv": goals_of(p1=270, p2=200)}, "target-moved"),
        ([], {"2026-09/goals.csv": goals_of(p1=200, p2=200, p3=200), "2026-10/goals.csv": goals_of(p1=200, p2=280, p3=280)}, "target-stayed"),
        ([], {"2026-09/goals.csv": goals_of(p1=210, p2=200), "2026-10/goals.csv": goals_of(p1=214, p2=204)}, ""),
        ([], {"2026-09/goals.csv": goals_of(p1=230, p2=200), "2026-10/goals.csv": goals_of(p2=200)}, "own-target-gone"),
        ([], {"2026-10/adjustments.csv": points("p1,r,-2,两条建议被采纳,Li")}, "merit-taken-away"), ([], {"2026-10/adjustments.csv": points("p1,r,-2,建议未被采纳仍私自改版,Li")}, ""),
        ([], {"2026-10/adjustments.csv": points("p1,r,-2,Cy sent the wrong file,Li")}, "reason-names-another"), ([], {"2026-10/adjustments.csv": points("p3,r,-2,Cy sent the wrong file,Li")}, ""),
        ([], {"2026-09/adjustments.csv": points("p1,r,-1,late once,Li", "p2,r,-1,late twice,Li", day="09"), "2026-10/adjustments.csv": points("p1,r,-1,late once,Li", "p2,r,-1,late twice,Li")}, "adjustments-of-before"),
        ([], {"2026-10/adjustments.csv": points("p1,r,-1,late on Monday,Li", "p2,r,-1.5,late on Friday,Li", "p3,r,-6,late again,Li")}, "points-unusual"),
    ],
)  # fmt: skip
def test_what_moved_unlike_all_else_is_asked_about(kpi, acme, changes, files, code):
    seen(acme, changes, files)
    told = [each for each in codes(kpi)[1] if each not in ("same-post-unequal-load", "target-without-words")]
    assert (code in told) if code == "all-moved" else (told == ([code] if code else []))


@pytest.mark.parametrize(("value", "found"), [("180.5", True), ("180.4", False)])
def test_a_figure_is_asked_about_from_a_quarter_more_than_the_usual_on(kpi, acme, value, found):
    then = altered(THEN, ("p1,articles,171,86,90", "p1,articles,144.4,60,60"))
    later = (
        ("p1,articles,144.4", f"p1,articles,{value}"),
        ("82,86", "85,83"),
        ("pass,81,76", "pass,84,79"),
        ("72,70", "75,73"),
    )
    (acme / "cycles/2026-09/actuals.csv").write_text(then, "utf-8")
    now(acme).write_text(altered(then, *later), "utf-8")
    assert ("out-of-line" in codes(kpi)[1]) is found


def test_whoever_was_there_for_a_part_is_not_held_against_the_whole_target_and_the_finding_names_who(kpi, acme):
    spell = "person,role,from,to,treat\np1,editor,2026-10-12,2026-10-31,days\n"
    for files, found in (({}, True), ({"2026-10/spells.csv": spell}, False)):
        seen(acme, [("p1,articles,180", "p1,articles,117")], files)
        told = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
        said = [row["message"] for row in told if row["code"] == "view-against-actual"]
        assert bool(said) is found
        assert all(message.startswith("王建国: ") for message in said)


def test_a_column_that_slipped_by_a_row_is_asked_about_and_one_of_few_pieces_is_not(kpi, acme):
    wide = altered(THEN, *WIDE)
    for then, text, found in (
        (wide, (("141", "300"), ("180", "166"), ("163", "80")), True),
        (wide, (("141", "80"), ("180", "300"), ("163", "166")), False),
        (THEN, (("180", "176"), ("163", "166"), ("141", "143")), False),
    ):
        slipped = altered(VIEWED, *((f"articles,{old}", f"articles,{new}") for old, new in text))
        (acme / "cycles/2026-09/actuals.csv").write_text(then, "utf-8")
        now(acme).write_text(slipped, "utf-8")
        assert ("rows-slipped" in codes(kpi)[1]) is found


@pytest.mark.parametrize(
    ("then", "value", "found"), [(1, 3, False), (3, 1, False), (4, 2, False), (1, 12, True), (30, 90, True)]
)
def test_a_few_pieces_more_or_less_are_chance(kpi, acme, then, value, found):
    (acme / "design.toml").write_text(
        altered(DESIGN, ("target = 200", "target = 60" if then > 9 else "target = 6")), "utf-8"
    )
    head = "person,indicator,actual\n"
    usual = 28 if then > 9 else 3
    for path, own in ((acme / "cycles/2026-09/actuals.csv", then), (now(acme), value)):
        path.write_text(f"{head}p1,articles,{own}\np2,articles,{usual}\np3,articles,{usual}\n", "utf-8")
    assert ("out-of-line" in codes(kpi)[1]) is found


def test_a_figure_that_a_view_knows_or_whose_target_moved_is_believed(kpi, acme):
    seen(acme, [("p1,articles,180,91,94", "p1,articles,135,66,69")], {})
    assert codes(kpi)[1] == []
    shares = {"2026-09/goals.csv": goals_of(p1=200), "2026-10/goals.csv": goals_of(p1=150)}
    seen(acme, [("p1,articles,180,91,94", "p1,articles,135,,")], shares)
    assert "out-of-line" not in codes(kpi)[1]


@pytest.mark.parametrize(("team_share", "severity"), [(0, "hint"), (20, "warning")])
def test_who_is_in_another_team_than_last_month_is_told_where_teams_count(kpi, acme, team_share, severity):
    seen(acme, [], {})
    design = f"team_share = {team_share}\n" + DESIGN if team_share else DESIGN
    (acme / "design.toml").write_text(design, "utf-8")
    for place, team in (("cycles/2026-09", "North"), (".", "South")):
        people = altered(PEOPLE, ("role\n", "role,team\n"), ("editor\n", "editor,North\n"))
        (acme / place / "people.csv").write_text(people.replace("Bo,editor,North", f"Bo,editor,{team}"), "utf-8")
    issues = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert [issue["severity"] for issue in issues if issue["code"] == "team-changed"] == [severity]


@pytest.mark.parametrize(
    ("title", "found"),
    [("Last 30 days", True), ("近30天数据", True), ("Total 2026", True), ("Weeks 36-39", True), ("10/1-10/15", True), ("10/1-10/31", False), ("v1.5-2.0 points", False), ("2026年第四季度", True), ("1-10月累计", True), ("截至10月15日", True), ("October 1 to 20, 2026", True), ("2026年度考核 10月", False), ("2026年10月1日至31日", False)],
)  # fmt: skip
def test_a_title_of_more_or_less_than_the_month_is_named(kpi, acme, title, found):
    now(acme).write_text(f"{title},,,,,\n{GOOD}", "utf-8")
    assert ("other-span" in codes(kpi)[1]) is found


@pytest.mark.parametrize("name", ["actuals", "goals", "adjustments"])
def test_a_workbook_that_is_none_is_one_finding_of_its_month(kpi, acme, name):
    now(acme).with_name(f"{name}.csv").unlink(missing_ok=True)
    now(acme).with_name(f"{name}.xlsx").write_bytes(b"PK")
    assert codes(kpi) == (3, ["wrong-kind"])


@pytest.mark.parametrize(
    ("title", "code", "month"), [("Total 2026 ", "other-span", ""), ("2026-08 to 2026-09 ", "other-month", "2026-08")]
)
def test_a_long_title_is_quoted_by_its_beginning_and_the_first_of_its_months_named(kpi, acme, title, code, month):
    title += "x" * 80
    now(acme).write_text(f"{title},,,,,\n{GOOD}", "utf-8")
    told = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    said = next(issue["message"] for issue in told if issue["code"] == code)
    assert title[:60] in said and title[:61] not in said and month in said.replace(title[:60], "")


DOUBTS = {
    True: "待核|待确认|估|按上月估算|数据待核实|未核对|tbc|TBD|estimate|est.|best guess|approx.|Figure to be confirmed|?|不太确定|以财务为准|约180|circa 180|looks too high|需复核|Actually it was 21|wrong! 21|I counted 21|please recheck|double counted|其中6条为补发，按25条算|算错了，实际25|重复计算6条|估计数",
    False: "审核通过|竞品评估报告 3 份|估值文章 3 篇|Sent 12 estimates to clients|约谈客户 5 次|待发货订单 3|客户未确认收货 2 单|客户待核实线索 30 条|Confirmed by finance|错别字 2 处|正确率 98%|wrong address: 3 cases|多记者采访 2 次|实际到场 180 人",
}  # fmt: skip


@pytest.mark.parametrize(
    ("doubted", "remark"), [(said, each) for said, all_ in DOUBTS.items() for each in all_.split("|")]
)
def test_a_remark_is_taken_for_a_doubt_by_what_it_says_of_the_figure(doubted, remark):
    assert usual_words().doubts(remark, "180") is doubted


VOID = {
    True: "草案|10月测试|备份|10月(旧)|Copy of October|October - Copy|actuals copy|actuals_old|bak|Test data|样表|示例|DRAFT v2|budget",
    False: "October|旧金山组|测试组|Web copy|Copy team|A/B test results|旧客户|Plan and actual|计划完成情况|Oldham",
}


@pytest.mark.parametrize(("void", "title"), [(said, each) for said, all_ in VOID.items() for each in all_.split("|")])
def test_a_title_or_a_name_of_a_draft_a_test_or_a_copy_is_told_from_a_result(void, title):
    assert usual_words().no_result(title) is void


def test_words_that_a_workbook_changed_leave_the_others_as_they_are_shipped(acme):
    own = acme.parent.parent / "templates"
    own.mkdir()
    text = (ROOT / "templates/wording.toml").read_text("utf-8")
    kept = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("corrected"))
    (own / "wording.toml").write_text(kept, "utf-8")
    assert wording_rules(Workbook(acme.parent.parent)).corrected == usual_words().corrected


@pytest.mark.parametrize("sheet", ["十月计划", "作废", "October budget", "Sample", "十月 草案", "Copy of October"])
def test_a_sheet_that_is_called_a_plan_or_void_is_named(kpi, acme, sheet):
    in_excel(acme, excel(ROWS, lambda page: setattr(page, "title", sheet)))
    assert "other-span" in codes(kpi)[1]
    in_excel_again = excel(ROWS, lambda page: setattr(page, "title", "Plan and actual"))
    now(acme).with_suffix(".xlsx").write_bytes(in_excel_again)
    assert "other-span" not in codes(kpi)[1]


@pytest.mark.parametrize(
    ("remark", "doubted"),
    [("更正：应为 186", True), ("要扣掉6条", True), ("已扣除 6 条", False), ("不是186，是168", True), ("2 are to be deducted", True), ("沿用上月", True), ("重新统计中", True), ("same as last month", True), ("please ignore", True), ("asked Li to help, with thanks", False), ("Ann Lee:\nshould be 1,860", True), ("待财务确认", True), ("corrected to 180", False), ("来源：ERP，含双11 3 场", False)],
)  # fmt: skip
def test_a_correction_that_stands_in_a_comment_or_a_note_is_not_passed_over(kpi, acme, remark, doubted):
    def comment(sheet):
        sheet["C2"].comment = Comment(remark, "Ann Lee")

    in_excel(acme, excel(ROWS, comment))
    found = {issue["code"]: issue for issue in json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]}
    assert ("comment-doubts" in found) is doubted
    assert not doubted or "C2" in found["comment-doubts"]["message"]
    in_excel_rows = [[*row[:5], remark if place == 1 else row[5]] for place, row in enumerate(ROWS)]
    now(acme).with_suffix(".xlsx").write_bytes(excel(in_excel_rows))
    assert ("note-doubts" in codes(kpi)[1]) is doubted


@pytest.mark.parametrize(
    ("slips", "found"),
    [
        ({"p1,articles": 720}, []),  # 3.6 times the target and 4.5 times the next
        ({"p1,articles": 820}, ["far-from-target"]),
        ({"p1,articles": 900, "p2,articles": 800}, []),  # two of four are no slip of one
        ({"p2,articles": 90, "p2,pass": 210}, ["indicators-exchanged"]),
        ({"p2,articles": 150, "p2,pass": 90}, []),
        ({"p3,articles": 140}, []),
    ],
)
def test_in_a_first_month_figures_are_held_against_targets_and_everybody_elses(kpi, acme, slips, found):
    shutil.rmtree(acme / "cycles/2026-09")
    (acme / "people.csv").write_text(PEOPLE + "p4,Di,editor\n", "utf-8")
    rows = GOOD + "p4,articles,170,,,\np4,pass,85,,,\n"
    for cell, value in slips.items():
        rows = re.sub(rf"(?<={cell},)\d+", str(value), rows)
    now(acme).write_text(rows, "utf-8")
    assert [code for code in codes(kpi)[1] if code not in {"share-over-100", "unit-missing"}] == found


def test_targets_of_two_indicators_in_each_others_place_are_asked_about(kpi, acme):
    for targets, found in (((95, 200), True), ((200, 95), False), ((120, 95), False)):
        rows = "".join(f"p2,{name},{target}\n" for name, target in zip(("articles", "pass"), targets, strict=True))
        (now(acme).parent / "goals.csv").write_text(f"person,indicator,target\n{rows}", "utf-8")
        assert ("indicators-exchanged" in codes(kpi)[1]) is found


def test_a_staff_number_of_two_people_is_asked_about(kpi, acme):
    for numbers, found in (("779", ["duplicate-row"]), ("  9", []), ("789", [])):
        rows = [f"{line},{number}" for line, number in zip(PEOPLE.splitlines()[1:], numbers, strict=True)]
        (acme / "people.csv").write_text("\n".join(("id,name,role,number", *rows)) + "\n", "utf-8")
        assert codes(kpi) == (0, found)


def test_a_first_month_of_one_person_is_held_against_nobody(kpi, acme):
    shutil.rmtree(acme / "cycles/2026-09")
    (acme / "people.csv").write_text("".join(PEOPLE.splitlines(keepends=True)[:2]), "utf-8")
    now(acme).write_text("person,indicator,actual\np1,articles,180\np1,pass,90\n", "utf-8")
    assert codes(kpi) == (0, [])


@pytest.mark.parametrize(
    ("then", "now_", "unit", "found"),
    [
        ((12, 14, 11, 13), (24, 28, 22, 26), "articles", ["all-moved"]),  # few each, and many together
        ((3, 2, 4, 3), (6, 4, 7, 5), "articles", []),  # what chance makes of a few
        ((180, 160, 140, 170), (200, 200, 200, 200), "articles", ["one-figure-for-all"]),
        ((200, 200, 200, 200), (210, 210, 210, 210), "articles", []),  # a result that they share
        ((18, 16, 14, 17), (20, 20, 20, 20), "articles", []),
        ((180, 160, 140, 170), (182, "163.5", 141, 173), "articles", ["part-of-a-piece"]),
        ((180, 160, 140, "170.5"), (182, "163.5", 141, 173), "articles", []),
        ((180, 160, 140, 170), (182, "163.5", 141, 173), "hours", []),
        ((180, 160, 140, 170), (182, "163.5", 141, 173), "元", []),
    ],
)
def test_a_column_that_is_another_period_one_figure_or_in_parts_is_asked_about(kpi, acme, then, now_, unit, found):
    design = altered(DESIGN, ('"articles" }\nsource', f'"{unit}" }}\nsource'), ("target = 200", f"target = {then[0]}"))
    (acme / "design.toml").write_text(design, "utf-8")
    (acme / "people.csv").write_text(PEOPLE + "p4,Di,editor\n", "utf-8")
    for cycle, values, share in (("2026-09", then, 90), ("2026-10", now_, 91)):
        lines = "".join(f"p{n},articles,{value}\np{n},pass,{share - n}\n" for n, value in enumerate(values, start=1))
        (acme / "cycles" / cycle / "actuals.csv").write_text("person,indicator,actual\n" + lines, "utf-8")
    asked = {"all-moved", "one-figure-for-all", "part-of-a-piece"}
    assert [code for code in codes(kpi)[1] if code in asked] == found


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("姓名", ("Bo", "Cy", "王建国"), ["row-of-another"] * 3),
        ("name", ("王建国", "Bo", "nobody else"), []),
        ("appraiser's name", ("Bo", "Cy", "王建国"), []),  # whoever else a column of its own names
        ("月份", ("2026-09", "2026-10", "9月"), ["other-month", "other-month"]),
        ("period", ("Oct", "2026-10", ""), []),
        ("joined in", ("2024-09", "2024-09", "2025-01"), []),
        ("unit", ("k", "articles", ""), ["other-unit"]),
        ("单位", ("万", "篇", "篇"), ["other-unit"]),
        ("note", ("September", "", "copied from Sept 2026"), ["other-month", "other-month"]),
        ("note", ("9月数据", "10月数据", "比9月多3篇"), ["other-month"]),
        ("note", ("joined in September", "9月起带教", "better than in Sept"), []),
    ],
)
def test_a_column_beside_the_table_that_says_another_person_month_or_unit_is_read(kpi, acme, column, values, found):
    rows = [f"p{n},articles,{figure}" for n, figure in ((1, 180), (2, 160), (3, 140))]
    lines = [f"person,indicator,actual,{column}", *(f"{row},{value}" for row, value in zip(rows, values, strict=True))]
    now(acme).write_text("\n".join((*lines, "p1,pass,90,", "p2,pass,80,", "p3,pass,70,")) + "\n", "utf-8")
    beside = {"row-of-another", "other-month", "other-unit", "note-doubts"}
    assert [code for code in codes(kpi)[1] if code in beside] == found


@pytest.mark.parametrize(
    ("curve", "code"),
    [
        ('{ kind = "piecewise", points = [{ at = 0, score = 0 }, { at = 1000, score = 100 }] }', "target-not-on-curve"),
        ('{ kind = "piecewise", points = [{ at = 0, score = 0 }, { at = 10, score = 100 }] }', "target-not-on-curve"),
        ('{ kind = "piecewise", by = "actual", points = [{ at = 0, score = 0 }, { at = 2000, score = 100 }] }', "target-not-on-curve"),
        ('{ kind = "gate", at = 500 }', "target-not-on-curve"),
        ('{ kind = "ratio", floor = 90 }', "target-not-on-curve"),
        ('{ kind = "steps", step = 100, deduct = 1 }', "target-not-on-curve"),
        ('{ kind = "ratio", floor = 60 }', ""),
        ('{ kind = "piecewise", points = [{ at = 60, score = 0 }, { at = 100, score = 80 }, { at = 120, score = 100 }] }', ""),
        ('{ kind = "gate", at = 90, scope = "total", limit = 6 }', "fraction-in-design"),
        ('{ kind = "gate", at = 90, scope = "total", limit = 60 }', ""),
    ],
)  # fmt: skip
def test_a_curve_on_another_scale_than_its_target_is_asked_about(kpi, acme, curve, code):
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200", f"target = 200\ncurve = {curve}")), "utf-8")
    asked = {"target-not-on-curve", "fraction-in-design"}
    assert [found for found in codes(kpi)[1] if found in asked] == ([code] if code else [])


def test_many_small_steps_that_take_all_for_a_slight_miss_are_a_cliff(kpi, acme):
    for deduct, found in ((30, True), (1, False)):
        curve = f'target = 200\ncurve = {{ kind = "steps", step = 1, deduct = {deduct} }}'
        (acme / "design.toml").write_text(altered(DESIGN, ("target = 200", curve)), "utf-8")
        assert ('"cliff"' in kpi("check", "acme", "2026-10", "--json")[1]) is found


def test_a_long_file_of_strangers_is_another_clients_and_none_of_its_rows_is_read(kpi, acme, monkeypatch):
    read = []
    row = tabular._row
    monkeypatch.setattr(tabular, "_row", lambda *given: read.append(given) or row(*given))
    strangers = "".join(f"z{n},articles,180,,,\n" for n in range(30_000))
    now(acme).write_text(GOOD.splitlines()[0] + "\n" + strangers, "utf-8")
    assert codes(kpi) == (3, ["of-another-client"])
    assert len(read) < 100  # the other tables'
    for lang, said in (("en", "of its first 1,000 rows, 0 name somebody"), ("zh", "人员表中有的人只占 0 行")):
        assert said in kpi("check", "acme", "2026-10", lang=lang)[1]
    ours = "".join(f"p1,x{n},180,,,\n" for n in range(25))
    now(acme).write_text(GOOD.splitlines()[0] + "\n" + ours + strangers[: 18 * 1000], "utf-8")
    assert "of-another-client" not in codes(kpi)[1]  # one row in forty is: each stranger is told


def test_a_figure_is_not_held_against_how_one_other_moved_alone(kpi, acme):
    """Of one other nobody knows whether all moved so: whoever stayed near the own last figure is not asked about."""
    (acme / "people.csv").write_text("id,name,role\np1,Ann,editor\np2,Bo,editor\n", "utf-8")
    head = "person,indicator,actual\n"
    (acme / "cycles/2026-09/actuals.csv").write_text(f"{head}p1,articles,150\np2,articles,140\n", "utf-8")
    for own, found in ((122, False), (60, True)):
        now(acme).write_text(f"{head}p1,articles,{own}\np2,articles,182\n", "utf-8")
        assert ("out-of-line" in codes(kpi)[1]) is found


def test_what_makes_no_figure_wrong_is_no_warning_behind_the_figures(kpi, acme):
    """Namesakes are told apart everywhere, and a post that nobody holds changes no score."""
    (acme / "people.csv").write_text(PEOPLE.replace("Bo", "Ann"), "utf-8")
    (acme / "design.toml").write_text(DESIGN + '\n[[posts]]\nrole = "editor"\nheadcount = 1\n', "utf-8")
    code, out, err = kpi("score", "acme", "2026-10")
    assert code == 0
    assert "caution" in out + err
    assert "warning" not in out + err


def test_V11_a_person_twice_is_named_with_both_rows(kpi, acme):
    (acme / "people.csv").write_text(PEOPLE + "p1,Another Ann,editor\n", "utf-8")
    issues = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    (twice,) = [issue["message"] for issue in issues if issue["code"] == "duplicate-row"]
    assert twice == "p1 appears twice; it is already in row 2."
    assert kpi("score", "acme")[0] == 3


@pytest.mark.parametrize("target", ["nan", "inf", "1e309", "-5"])
def test_V13_no_target_that_is_no_number_is_scored_and_the_last_one_is_not_called_gone(kpi, acme, target):
    goals = "person,indicator,target\np1,articles,{}\np2,articles,190\n"
    for cycle, own in (("2026-09", "180"), ("2026-10", target)):
        (acme / "cycles" / cycle / "goals.csv").write_text(goals.format(own), "utf-8")
    code, found = codes(kpi)
    assert (code, {"bad-number", "negative-target"} & {*found} != set(), "own-target-gone" in found) == (3, True, False)
    out = kpi("score", "acme")[1]
    assert not re.search(r"\b(nan|inf)\b", out)


@pytest.mark.parametrize("name", ["{% raw %} Bo Lee", "{0.__class__} Bo Lee"])
def test_V20_a_template_in_a_name_is_a_name(kpi, acme, name):
    (acme / "people.csv").write_text(PEOPLE.replace("Bo", name), "utf-8")
    people = json.loads(kpi("score", "acme", "--json")[1])["people"]
    assert name in {person["name"] for person in people}
    (acme / "people.csv").write_text(PEOPLE.replace("Bo", "{{7*7}} Bo"), "utf-8")  # a blank that nobody filled in
    assert codes(kpi) == (3, ["names-nobody"])


@pytest.mark.parametrize("id_", ["../b", "/etc/x", "..\\b", "a/../../b", "%2e%2e", "CON", "nul.txt", "a.", "x" * 300])
def test_V21_V22_no_name_leads_out_of_the_workbook_or_is_one_that_a_system_keeps(kpi, acme, id_):
    before = set(acme.parent.parent.parent.rglob("*"))
    for command in (
        ("check", id_),
        ("new", id_),
        ("score", "acme", id_),
        ("new", "acme", "--cycle", id_),
        ("import", id_, "people", "x"),
    ):
        code, _, err = kpi(*command)
        assert code in {2, 3}, err
        assert "Traceback" not in err
    (acme / "people.csv").write_text(PEOPLE + f"{id_},Eve,editor\n", "utf-8")
    assert "bad-id" in codes(kpi)[1]
    assert {path.name for path in {*acme.parent.parent.parent.rglob("*")} - before} <= {".kpi-lock", "reports"}


def test_a_design_agreed_long_after_its_month_is_asked_about(kpi, acme):
    (acme / "design.toml").write_text("agreed = 2027-12-28\n" + DESIGN, "utf-8")
    assert "date-far" in codes(kpi)[1]


@pytest.mark.parametrize(("name", "left", "code"), [("Ann Bell", "2062-10-31", "left-far-ahead"), ("ann@acme.example", "", "name-is-contact"), ("139 0000 0001", "", "name-is-contact"), ("Ann Bell", "2027-03-31", ""), ("Louis 14", "", "")])  # fmt: skip
def test_a_person_who_cannot_be_as_written_is_told(kpi, acme, name, left, code):
    (acme / "people.csv").write_text(
        f"id,name,role,left\np1,{name},editor,{left}\np2,Bo,editor,\np3,Cy,editor,\n", "utf-8"
    )
    assert [each for each in codes(kpi)[1] if each in {"left-far-ahead", "name-is-contact"}] == ([code] if code else [])


@pytest.mark.parametrize(
    ("reason", "told"), [(".", True), ("——", True), ("stood in on 12 October", False), ("好", False)]
)
def test_points_for_no_reason_are_told(kpi, acme, reason, told):
    (acme / "cycles/2026-10/adjustments.csv").write_text(
        f"date,person,rule,points,reason,approver\n2026-10-12,p1,help,2,{reason},Owner\n", "utf-8"
    )
    assert ("no-reason-said" in codes(kpi)[1]) is told
