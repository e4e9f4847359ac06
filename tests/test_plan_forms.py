"""The forms before a cycle, the cascade and the calendar as the design book prints them; Form A and Form B as data."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from kpi_toolkit.clients.client import load_client, read_cycle
from kpi_toolkit.clients.library import design_starters, form_layout
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.forms import plan_forms
from kpi_toolkit.method.model import Side
from kpi_toolkit.method.regulation import Regulation

COLUMNS = {
    "zh": ["目标项目及完成时间", "项目完成程度描述（具体、量化、可考核）", "计划得分", "自考核完成情况", "考核人考核完成情况", "考核得分"],
    "en": [
        "Goal item and finish time", "Completion standard (specific, quantified, assessable)", "Planned points",
        "Self-appraised completion", "Appraiser's view of completion", "Appraisal score",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def starters():
    return design_starters(Workbook(ROOT))


@pytest.fixture
def book(workbook, make_page):
    return {
        language: BeautifulSoup(make_page(workbook, "design", "home-goods", language=language)[0], "html.parser").main
        for language in ("zh", "en")
    }


def forms_of(page):
    return [table.find_parent("section") for table in page.select("table.form")]


def test_S146_S160_every_person_has_a_form_of_six_columns_with_four_signatures(book):
    for language, columns in COLUMNS.items():
        sheets = forms_of(book[language])
        assert len(sheets) == 8
        for sheet in sheets:
            assert [cell.get_text() for cell in sheet.select("table.form thead th")] == columns
            hands = [cell.get_text() for cell in sheet.select("table.sign td") if not cell.get("class")]
            assert len(hands) == 6  # two times, four signatures


def test_S157_both_sides_sign_the_plan_and_the_appraisal():
    layout = form_layout(Workbook(ROOT))
    assert [(row.phase, row.time.zh) for row in layout.signatures] == [
        ("plan", "计划交流时间"), ("appraisal", "考核交流时间")
    ]  # fmt: skip
    assert [column.phase for column in layout.columns] == ["plan"] * 3 + ["appraisal"] * 3


def test_S134_S144_three_copies_name_their_holders_and_one_code(book, workbook):
    client = load_client(workbook.client_folder("home-goods"))
    forms = list(plan_forms(client.design, read_cycle(client, "2026-10"), Cycle.parse("2026-10")))
    assert forms[0].copies == ("appraiser", "superior", "personnel")
    assert len({form.code for form in forms}) == len(forms) == 8
    text = book["zh"].get_text()
    assert all(form.code in text for form in forms)
    assert text.count("□ 考核人 □ 直接上级 □ 人事行政部") == 8
    fourth = client.design.model_copy(update={"regulation": Regulation(copies=("appraiser", "appraised"))})
    assert next(plan_forms(fourth, read_cycle(client, "2026-10"), Cycle.parse("2026-10"))).copies[1] == "appraised"


def test_S008_the_plan_form_prints_the_roles_duties_above_its_goals(book, workbook):
    sheet = next(s for s in forms_of(book["en"]) if "Network editor" in s.get_text())
    text = sheet.get_text(" ")
    assert text.index("Duties") < text.index("Goal item and finish time")
    assert len(sheet.select("table.form tbody tr")) == 4 + 1


def test_S118_regulation_form_and_process_are_in_one_book(book):
    for heading in ("regulation", "forms", "process", "calendar", "cascade"):
        assert book["zh"].select_one(f"#{heading}"), heading


def test_S145_the_calendar_stands_in_the_book_and_in_the_team_report(book, workbook, make_page):
    assert "2026-09-28" in book["zh"].select_one("#calendar").find_parent("section").get_text()
    html, _ = make_page(workbook, "team", "home-goods", language="en")
    section = BeautifulSoup(html, "html.parser").select_one("#calendar").find_parent("section")
    assert len(section.select("table")[0].select("tbody tr")) == 7


def test_a_cycle_without_goals_in_words_has_a_blank_form_for_each_role(workbook, make_page):
    html, _ = make_page(workbook, "design", "cloudboard", language="en")
    sheets = forms_of(BeautifulSoup(html, "html.parser"))
    assert len(sheets) == len(load_client(workbook.client_folder("cloudboard")).design.roles)
    assert "Name: ____" in sheets[0].get_text()


def test_S148_form_as_words_are_defined_and_measured(starters):
    layout = form_layout(Workbook(ROOT))
    terms = {term.id: term.means.en for term in layout.glossary}
    role = starters["form-team-leader"].roles["team-leader"]
    assert set(terms) <= {item.id for item in role.indicators}
    shares = {
        "member-completion-rate": Decimal(8) / 10, "member-order-rate": Decimal(7) / 10,
        "renewal-rate": Decimal(180_000) / 200_000, "team-building": Decimal(1) / 1,
    }  # fmt: skip
    assert {name: round(share * 100) for name, share in shares.items()} == {
        "member-completion-rate": 80, "member-order-rate": 70, "renewal-rate": 90, "team-building": 100
    }  # fmt: skip
    assert all("÷" in means for means in terms.values())


def test_S149_form_a_has_75_points_of_results_and_25_of_process(starters):
    role = starters["form-team-leader"].roles["team-leader"]
    assert (role.share(Side.RESULT), role.share(Side.PROCESS)) == (75, 25)


FORM_B = [
    ("S151", "theme-videos", 30, 4), ("S152", "site-content", 30, 200), ("S153", "site-promotion", 25, 100),
    ("S154", "recruitment", 5, 2), ("S155", "ad-hoc-tasks", 10, 100),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "name", "points", "quantity"), FORM_B, ids=[f"{row} {name}" for row, name, *_ in FORM_B]
)
def test_form_b_has_the_sources_rows(starters, row, name, points, quantity):
    items = {item.id: item for item in starters["form-promotion-department"].roles["promotion-department"].indicators}
    assert (items[name].weight, items[name].target) == (points, quantity)
    assert (items[name].fed_by == "ad_hoc_log") == (name == "ad-hoc-tasks")


def test_S156_the_rules_stand_beside_the_hundred_points_and_add_up_as_logged():
    raw = tomllib.loads((ROOT / "templates/designs/form-promotion-department.toml").read_text("utf-8"))
    assert {rule["id"] for rule in raw["adjustments"]["rules"]} >= {"late-report", "suggestion"}
    assert sum(item["weight"] for item in raw["roles"]["promotion-department"]["indicators"]) == 100
