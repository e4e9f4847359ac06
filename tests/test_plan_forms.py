"""The forms before a cycle, the cascade and the calendar as the design book prints them; Form A and Form B as data."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, altered

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.library import design_starters, form_layout
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.forms import plan_forms
from kpi_toolkit.method.model import Side
from kpi_toolkit.results.inspection import check_client

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


@pytest.fixture(scope="module")
def book(example_page):
    return {
        language: BeautifulSoup(example_page("design", "home-goods", language=language)[0], "html.parser").main
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


def change(workbook, file, *pairs, client="home-goods"):
    path = workbook.client_data / client / file
    path.write_text(altered(path.read_text("utf-8"), *((old, new, 1) for old, new in pairs)), "utf-8")


@pytest.fixture
def sheets(workbook, make_page):
    """Return a factory: the printed forms of a client, each with its copy line apart."""

    def make(language="en", client="home-goods"):
        html, _ = make_page(workbook, "forms", client, language=language)
        found = []
        for section in forms_of(BeautifulSoup(html, "html.parser").main):
            note = section.find("p", class_="copy").extract().get_text()
            found.append((" ".join(section.get_text(" ").split()), note))
        return found

    return make


def codes(found):
    return [re.search(r"[0-9a-f]{12}", note)[0] for _, note in found]


@pytest.mark.parametrize(
    ("holders", "kept"),
    [
        ((), ["the appraised person", "the appraiser", "personnel and administration"]),
        (("personnel", "appraised"), ["personnel and administration", "the appraised person"]),
        (("appraiser", "superior", "personnel", "appraised"), ["the appraiser", "the direct superior", "personnel and administration", "the appraised person"]),
    ],
)  # fmt: skip
def test_S134_each_copy_is_a_page_with_its_holder_and_all_share_one_code(workbook, sheets, holders, kept):
    if holders:
        change(workbook, "design.toml", ("[regulation]\n", f"[regulation]\ncopies = {json.dumps(holders)}\n"))
    found = sheets()
    n = len(kept)
    assert len(found) == 8 * n
    for first in range(0, len(found), n):
        copies = found[first : first + n]
        assert len({text for text, _ in copies}) == len({*codes(copies)}) == 1
        assert [note.split(" · ")[0] for _, note in copies] == [
            f"Copy {place} of {n}, kept by {holder}" for place, holder in enumerate(kept, start=1)
        ]
    assert len({*codes(found)}) == 8


PRINTED = [
    ("design.toml", "weight = 50", "weight = 51"), ("design.toml", 'zh = "网络编辑"', 'zh = "编辑"'),
    ("design.toml", "[regulation]\n", '[regulation]\nsupervisor = "赵总监"\n'),
    ("design.toml", "贺敏", "方晴"), ("people.csv", "王琳", "王霖"),
    ("cycles/2026-10/goals.csv", "财务核对", "谁都可以"), ("cycles/2026-10/goals.csv", "2026-10-31", "2026-10-30"),
    ("cycles/2026-10/goals.csv", "600,000 元", "1 元"),
]  # fmt: skip
NOT_PRINTED = [
    ("design.toml", "shares = [20, 70, 10]", "shares = [30, 60, 10]"), ("cycles/2026-10/goals.csv", "旺季缺货", "缺货"),
    ("client.toml", "#0072b2", "#0072b3"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), [*PRINTED, *NOT_PRINTED])
def test_S134_the_code_changes_with_every_cell_that_is_printed_and_with_nothing_else(workbook, sheets, file, old, new):
    before = sheets("zh")
    change(workbook, file, (old, new))
    if "weight" in old:
        change(workbook, file, ("weight = 30", "weight = 29"))
    after = sheets("zh")
    moved = [one[0] != two[0] for one, two in zip(before, after, strict=True)]
    assert [one != two for one, two in zip(codes(before), codes(after), strict=True)] == moved
    assert any(moved) == ((file, old, new) in PRINTED)


def test_S134_no_two_clients_forms_share_a_code(kpi, workbook, sheets):
    for client in ("acme", "beta"):
        kpi("new", client, "--name", "Same", "--country", "CN")
        (workbook.client_data / client / "people.csv").write_text("id,name,role\np1,Lin,web-art\n", "utf-8")
        kpi("new", client, "--cycle", "2026-10")
    acme, beta = sheets("zh", "acme"), sheets("zh", "beta")
    assert [text for text, _ in acme] == [text for text, _ in beta]
    assert not {*codes(acme)} & {*codes(beta)}


def test_S144_a_form_names_every_party(workbook, sheets):
    editor = next(text for text, _ in sheets() if "陈雨桐" in text)
    for said in (
        "Appraised person (plans and carries out): 陈雨桐", "Appraiser: 王琳", "Direct superior: 王琳",
        "Goal supervisor: 王琳", "Personnel and administration: He Min",
    ):  # fmt: skip
        assert said in editor
    change(workbook, "design.toml", ("[regulation]\n", '[regulation]\nsupervisor = "Director Zhao"\n'))
    assert "Goal supervisor: Director Zhao" in next(text for text, _ in sheets() if "陈雨桐" in text)


@pytest.mark.parametrize(
    ("copies", "found"), [("", 1), ('copies = ["appraiser", "personnel"]\n', 1), ('copies = ["appraiser"]\n', 0)]
)
def test_S144_a_copy_for_personnel_has_a_holder_whether_it_is_written_or_not(workbook, copies, found):
    change(
        workbook,
        "design.toml",
        ('personnel = { zh = "贺敏", en = "He Min" }\n', copies),
    )
    said = [issue.code for issues in check_client(workbook, "home-goods") for issue in issues]
    assert said.count("copy-without-holder") == found


@pytest.mark.parametrize(
    ("cycle", "mode", "days"),
    [
        ("2027-02", "calendar", ["10 Feb 2027", "20 Feb 2027", "28 Feb 2027"]), ("2026-10", "workday", ["10 Oct 2026", "20 Oct 2026", "30 Oct 2026"]),
        ("2026-11", "workday", ["10 Nov 2026", "20 Nov 2026", "30 Nov 2026"]),
    ],
)  # fmt: skip
def test_S132_each_form_has_a_line_for_what_the_appraised_person_proposes_at_each_review(
    workbook, make_page, cycle, mode, days
):
    change(workbook, "client.toml", ("[1, 7]", f'[1, 7]\nday_mode = "{mode}"'))
    html, _ = make_page(workbook, "design", "home-goods", cycle=cycle, language="en")
    for sheet in forms_of(BeautifulSoup(html, "html.parser").main):
        table = sheet.select_one("table.reviews")
        assert "appraised person proposes" in table.caption.get_text()
        assert [cell.get_text() for cell in table.thead.find_all("th")] == days
        assert len(table.tbody.find_all("td")) == 3


def test_S008_the_plan_form_prints_the_roles_duties_above_its_goals(book, workbook):
    sheet = next(s for s in forms_of(book["en"]) if "Network editor" in s.get_text())
    text = sheet.get_text(" ")
    assert text.index("Duties") < text.index("Goal item and finish time")
    assert len(sheet.select("table.form tbody tr")) == 4 + 1


def test_S118_regulation_form_and_process_are_in_one_book(book):
    for heading in ("regulation", "forms", "process", "calendar", "cascade"):
        assert book["zh"].select_one(f"#{heading}"), heading


def test_S145_the_calendar_stands_in_the_book_and_in_the_team_report(book, example_page):
    assert "2026年9月28日" in book["zh"].select_one("#calendar").find_parent("section").get_text()
    html, _ = example_page("team", "home-goods", language="en")
    section = BeautifulSoup(html, "html.parser").select_one("#calendar").find_parent("section")
    assert len(section.select("table")[0].select("tbody tr")) == 7


def test_a_cycle_without_goals_in_words_has_a_blank_form_for_each_role(workbook, example_page):
    html, _ = example_page("design", "cloudboard", language="en")
    sheets = forms_of(BeautifulSoup(html, "html.parser"))
    roles = load_client(workbook.client_folder("cloudboard")).design.roles
    named = [sheet for sheet in sheets if "Name: ____" not in sheet.get_text()]
    assert len(sheets) - len(named) + 1 == len(roles)  # one is held by Anna Novak alone
    assert "Anna Novak" in sheets[0].get_text()  # who alone holds a role is named
    shared = [said for sheet in sheets if "Name: ____________ (" in (said := " ".join(sheet.get_text().split()))]
    assert len(shared) == len(sheets) - len(named)
    assert any("Daniel Okafor" in said for said in shared)


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


def test_nobody_signs_a_colleagues_target_and_nobody_is_left_without_a_form(make_design, make_tables):
    people, design = {name: {"a": 1} for name in ("ann", "bo", "cy", "di")}, make_design()
    goals = [{"person": "ann", "indicator": "a", "target": 100}, {"person": "bo", "indicator": "a", "target": 80}]

    def named() -> list[tuple[str, int]]:
        forms = plan_forms(design, make_tables(people, goals=goals), date(2026, 10, 31))
        return [(form.person.en if form.person else "", len(form.holders)) for form in forms]

    assert named() == [("BO", 1), ("", 3)]
    goals += [{"person": who, "indicator": "a", "deadline": "2026-10-31"} for who in ("cy", "di")]
    assert named() == [("BO", 1), ("", 3)]
    goals[2:] = [each | {"deadline": "2026-10-20"} for each in goals[2:]]
    assert named() == [("ANN", 1), ("BO", 1), ("CY", 1), ("DI", 1)]  # who is left alone is named, too
