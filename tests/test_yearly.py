"""A year's goal in the design: each month's target is its part, and the months make the year."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from conftest import small_client

from kpi_toolkit.clients.client import inspect_cycle, load_client

DESIGN = """
[roles.editor]
name = "Editor"

[[roles.editor.indicators]]
id = "articles"
name = "Articles"
class = "workload"
weight = 100
unit = "articles"
year = %s
"""
SEASONS = "{ target = 1300, months = [1, 1, 2, 2, 2, 3, 3, 2, 2, 2, 4, 2] }"


@pytest.fixture
def acme(workbook):
    return small_client(workbook.root, "", "id,name,role\nlin,Lin Xiao,editor\nmo,Mo Yan,editor\n")


def open_cycle(folder, cycle: str, year: str, actual: int = 50, goals: str = "") -> None:
    (folder / "design.toml").write_text(DESIGN % year, "utf-8")
    place = folder / "cycles" / cycle
    place.mkdir(parents=True)
    rows = "".join(f"{person},articles,{actual}\n" for person in ("lin", "mo"))
    (place / "actuals.csv").write_text(f"person,indicator,actual\n{rows}", "utf-8")
    if goals:
        (place / "goals.csv").write_text(f"person,indicator,target\n{goals}\n", "utf-8")


def targets(folder, cycle: str) -> dict[str, Decimal]:
    tables, issues = inspect_cycle(load_client(folder), cycle)
    assert not issues.errors, issues.errors
    return dict(zip(tables.goals["person"], tables.goals["target"], strict=True))


def test_S138_a_years_goal_is_split_over_the_months_and_keeps_its_sum(kpi, acme):
    for month in range(1, 13):
        open_cycle(acme, f"2026-{month:02d}", "{ target = 1300 }")
    parts = [targets(acme, f"2026-{month:02d}")["lin"] for month in range(1, 13)]
    assert (parts[0], parts[11], sum(parts)) == (109, 108, 1300)
    code, out, err = kpi("score", "acme", "2026-12", "--json")
    assert code == 0, err
    line = json.loads(out)["people"][0]["indicators"][0]
    assert (line["target"], line["score"]) == (108, 46.3)  # 50 of 108


def test_S138_seasons_decide_how_much_of_the_year_a_month_has_and_a_quarter_has_its_three(acme):
    for cycle in ("2026-11", "2026-Q4"):
        open_cycle(acme, cycle, SEASONS)
    assert targets(acme, "2026-11") == {"lin": 200, "mo": 200}
    assert targets(acme, "2026-Q4") == {"lin": 400, "mo": 400}


def test_an_own_target_of_the_month_goes_before_the_years_part_and_nothing_derived_is_carried_on(kpi, acme):
    open_cycle(acme, "2026-11", SEASONS, goals="mo,articles,150")
    assert targets(acme, "2026-11") == {"mo": 150, "lin": 200}
    code, _, err = kpi("new", "acme", "--cycle", "2026-12")
    assert code == 0, err
    goals = (acme / "cycles/2026-12/goals.csv").read_text("utf-8-sig")
    assert "200" not in goals
    assert "lin" not in goals or "lin,articles,," in goals


@pytest.mark.parametrize(
    ("year", "more", "code"),
    [
        ("{ target = 1300 }", "target = 100", "target-and-year"), ("{ target = 95 }", 'class = "quality"', "year-of-a-share"),
        ("{ target = 7 }", "", "year-month-empty"), ("{ target = 1300, months = [1, 2] }", "", "not-twelve-months"), ("{ target = 0 }", "", "not-above"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_over_a_year_is_refused(kpi, acme, year, more, code):
    design = DESIGN % year + more
    if "class" in more:
        design = design.replace('class = "workload"\n', "").replace('unit = "articles"\n', "")
    (acme / "design.toml").write_text(design, "utf-8")
    code_, out, _ = kpi("check", "acme", "--json")
    assert (code_, code in {issue["code"] for issue in json.loads(out)["issues"]}) == (3, True), out
