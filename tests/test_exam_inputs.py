"""The reliability exam's files, as a user hands them in: each through ``kpi`` itself (V1, V2, V4, V5, V7–V10, V12, V15, V22).

The others: V3, V6, V11, V13, V16, V20, V21 in ``test_silence.py``, V14 in ``test_consistency.py``, V17 in ``test_forms.py``,
V18 in ``test_page.py`` and ``test_browser.py``, V23–V26, V28 in ``test_exam.py``, V27 in ``test_batch.py``, V29 in
``test_closing.py``, V30 in ``test_browser.py``.
"""

from __future__ import annotations

import io
import json
import random
import zipfile

import pytest
from conftest import altered
from pace import at_most
from test_sheets import rewritten
from test_silence import DESIGN, GOOD, PEOPLE, ROWS, acme, codes, excel, in_excel, kpi, now, scores

from kpi_toolkit.clients.tabular import read_table
from kpi_toolkit.method.tables import rows_of

acme, kpi = acme, kpi  # noqa: PLW0127 - fixtures that are shared


def sheet(acme):
    return now(acme).with_suffix(".xlsx")


def refused(kpi, code, *said):
    """Hold that a cycle is refused by check and score, for a reason of this code, in words, and that nothing is scored."""
    assert codes(kpi)[0] == 3
    assert code in codes(kpi)[1]
    status, out, err = kpi("score", "acme", "--json")
    assert status == 3
    assert '"score"' not in out
    assert "Traceback" not in out + err
    assert all(word in err for word in said), err


@pytest.mark.parametrize("cut", [100, 0.5, -10])
def test_V1_a_workbook_that_was_cut_short_is_refused_by_name_and_stays_as_it_is(kpi, acme, cut):
    data = excel(ROWS)
    data = data[: int(len(data) * cut) if isinstance(cut, float) else cut]
    in_excel(acme, data)
    refused(kpi, "xlsx-damaged", "actuals.xlsx")
    assert sheet(acme).read_bytes() == data


def flipped(data, chance):
    """Return a workbook's bytes with 1 to 8 bits turned within what one of its members holds."""
    broken = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = chance.choice(archive.infolist())
    start = member.header_offset + 30 + len(member.filename)
    for _ in range(chance.randint(1, 8)):
        broken[chance.randrange(start, start + member.compress_size)] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.mark.slow
def test_V2_of_two_thousand_mutated_workbooks_none_is_read_as_something_else(tmp_path):
    path, data, chance = tmp_path / "actuals.csv", excel(ROWS), random.Random(1)
    path.with_suffix(".xlsx").write_bytes(data)
    rows = [*rows_of(read_table(path, "actuals", "actuals.csv")[0])]
    read = 0
    for _ in range(2000):
        path.with_suffix(".xlsx").write_bytes(flipped(data, chance))
        table, issues = read_table(path, "actuals", "actuals.csv")
        assert issues.errors or [*rows_of(table)] == rows
        read += not issues.errors
    assert len(rows) == 6
    assert read < 1000  # the flips do reach what is read


def test_V2_a_mutated_workbook_is_scored_as_it_was_or_refused(kpi, acme):
    whole, chance = scores(kpi), random.Random(2)
    now(acme).unlink()
    for _ in range(20):
        sheet(acme).write_bytes(flipped(excel(ROWS), chance))
        status, out, err = kpi("score", "acme", "--json")
        assert "Traceback" not in out + err
        assert status == 3 or scores(kpi) == whole


def test_V4_a_cell_at_the_far_end_is_refused_and_the_other_clients_are_checked(kpi, acme):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    in_excel(acme, rewritten(excel(ROWS), lambda xml: altered(xml, (b"</sheetData>", far))))
    with at_most(60):
        refused(kpi, "too-many-rows", "actuals.xlsx")
    other = acme.parent / "birch"
    for path in (path for path in acme.rglob("*") if path.is_file() and path.suffix != ".xlsx"):
        (other / path.relative_to(acme)).parent.mkdir(parents=True, exist_ok=True)
        (other / path.relative_to(acme)).write_bytes(path.read_bytes())
    (other / "cycles/2026-10").mkdir()
    (other / "cycles/2026-10/actuals.csv").write_text(GOOD, "utf-8")
    assert len(json.loads(kpi("score", "birch", "--json")[1])["people"]) == 3


def test_V5_a_zip_bomb_is_refused_before_it_is_opened_by_name(kpi, acme):
    bomb = rewritten(excel(ROWS), lambda xml: altered(xml, (b"<sheetData>", b" " * 210_000_000 + b"<sheetData>")))
    assert len(bomb) < 1_000_000
    in_excel(acme, bomb)
    with at_most(40):
        refused(kpi, "too-large", "actuals.xlsx")


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_V7_entities_are_refused_and_no_file_of_the_machine_is_shown(kpi, acme, doctype):
    def change(xml):
        head, _, rest = xml.rpartition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return b'<?xml version="1.0"?>' + doctype + altered(rest, (b"<v>180</v>", b"<v>&b;</v>"))

    in_excel(acme, rewritten(excel(ROWS), change))
    refused(kpi, "xlsx-damaged")
    assert "root:" not in "".join(map(str, kpi("check", "acme", "--json")))


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_V8_a_table_in_any_usual_encoding_gives_the_same_scores_and_names(kpi, acme, encoding):
    before = json.loads(kpi("score", "acme", "--json")[1])["people"]
    (acme / "people.csv").write_bytes(PEOPLE.encode(encoding))
    now(acme).write_bytes(GOOD.replace("p1,", "王建国,").encode(encoding))
    people = json.loads(kpi("score", "acme", "--json")[1])["people"]
    assert [(each["name"], each["score"], each["tier"]) for each in people] == [
        (each["name"], each["score"], each["tier"]) for each in before
    ]
    assert "王建国" in {each["name"] for each in people}


def test_V9_rows_one_field_too_long_are_refused_by_line_and_give_no_score(kpi, acme):
    head, *rows = GOOD.splitlines()
    now(acme).write_text("\n".join([head, *(f"{row},7" for row in rows)]) + "\n", "utf-8")
    refused(kpi, "ragged-row", "actuals.csv")
    issues = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert any("row 2" in issue["where"] for issue in issues if issue["code"] == "ragged-row")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_V10_names_that_programs_take_for_nothing_are_people(kpi, acme, kind):
    names = ["Null", "TRUE", "007"]
    rows = [["id", "name", "role"], *([f"p{n}", name, "editor"] for n, name in enumerate(names, start=1))]
    (acme / "people.csv").unlink()
    if kind == "csv":
        (acme / "people.csv").write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
    else:
        (acme / "people.xlsx").write_bytes(excel(rows))
    code, out, _ = kpi("score", "acme", "--json")
    assert code == 0
    assert sorted(each["name"] for each in json.loads(out)["people"]) == sorted(names)


@pytest.mark.parametrize(("weights", "total"), [((60, 39), "99"), ((60, 41), "101"), ((60.1, 39.8), "99.9")])
def test_V12_weights_that_are_not_a_hundred_are_refused_with_their_sum(kpi, acme, weights, total):
    text = altered(DESIGN, ("weight = 60", f"weight = {weights[0]}"), ("weight = 40", f"weight = {weights[1]}"))
    (acme / "design.toml").write_text(text, "utf-8")
    refused(kpi, "sum-not-100", total)


def test_V12_weights_that_are_a_hundred_in_decimals_are_a_hundred(kpi, acme):
    third = (
        '[[roles.editor.indicators]]\nid = "tips"\nname = "Tips"\nclass = "workload"\nunit = "tips"\nsource = "CMS"\n'
    )
    text = altered(DESIGN, ("weight = 60", "weight = 20.1"), ("weight = 40", "weight = 70.2"))
    (acme / "design.toml").write_text(text + third + "weight = 9.7\ntarget = 10\n", "utf-8")
    more = "".join(f"p{n},tips,10,,,\n" for n in (1, 2, 3))
    now(acme).write_text(GOOD + more, "utf-8")
    assert len(scores(kpi)[1]) == 3


def test_V15_a_formula_that_was_never_worked_out_is_refused_by_its_cell_with_the_way_out(kpi, acme):
    in_excel(acme, excel(ROWS, lambda page: page.__setitem__("C3", "=100+60")))
    refused(kpi, "formula-without-value", "actuals.xlsx, row 3, column actual")
    issue = next(
        i
        for i in json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
        if i["code"] == "formula-without-value"
    )
    assert "Excel" in issue["fix"]


@pytest.mark.parametrize("name", ["CON", "nul.txt", "a.", "-x", "x" * 300])
def test_V22_a_name_that_a_system_keeps_is_refused_with_one_that_will_do(kpi, acme, name):
    code, _, err = kpi("new", "--", name)
    assert code == 2
    assert "Traceback" not in err
    assert len({path.name for path in acme.parent.iterdir()}) == 1


def test_V22_ids_that_differ_in_capitals_alone_are_told(kpi, acme):
    (acme / "people.csv").write_text(PEOPLE + "P1,Eve,editor\n", "utf-8")
    assert codes(kpi)[0] == 3
