"""How goals come about and what they are split from: five steps, nine points, stages, equal copies, the cascade."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from conftest import ROOT, called
from months import lay_out

from kpi_toolkit import load_client, summarize_cycle
from kpi_toolkit.clients.library import procedures
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.goals import (
    ASSIGNMENT_POINTS,
    Cascade,
    days_late,
    untold_points,
)
from kpi_toolkit.method.regulation import Regulation
from kpi_toolkit.method.tables import Tables, table

GOALS = procedures(Workbook(ROOT))["goal-setting"]
DAY = date(2026, 11, 30)


FIVE = ("explain", "ask", "fill", "check", "confirm")


def test_S128_five_steps_follow_each_other():
    done = [(step, DAY) for step in FIVE]
    for place, step in enumerate(FIVE):
        assert GOALS.problem_with(done[:place], step, DAY) is None
    after_all = GOALS.problem_with(done, "confirm", DAY)
    assert (after_all.code, after_all.values["missing"]) == ("step-out-of-order", "–")


def test_S128_a_step_before_its_turn_is_refused_and_the_missing_one_named():
    done = [(step, DAY) for step in FIVE[:3]]
    early = GOALS.problem_with(done, "confirm", DAY)
    assert (early.code, early.values["missing"].en) == ("step-out-of-order", "the superior checks it")
    assert GOALS.problem_with(done, "check", date(2026, 11, 29)).code == "step-before-last"
    assert GOALS.problem_with(done, "chek", DAY).values["nearest"] == "check"


def test_S129_goals_are_confirmed_before_the_first_day():
    assert days_late(date(2026, 12, 1), date(2026, 12, 1)) == 1
    assert days_late(date(2026, 11, 30), date(2026, 12, 1)) == 0


def test_S137_an_assignment_tells_nine_points():
    goal = dict.fromkeys(ASSIGNMENT_POINTS.values(), "said")
    assert len(ASSIGNMENT_POINTS) == 9
    assert untold_points(goal) == []
    assert untold_points(goal | {"benefit": None}) == ["benefit"]


def test_S122_stages_of_a_goal_make_a_hundred():
    (stages,) = table("goals", [{"person": "p", "indicator": "a", "stages": "20/30/50"}])["stages"]
    assert stages == (20, 30, 50)
    with pytest.raises(ValueError, match="90"):
        table("goals", [{"person": "p", "indicator": "a", "stages": "20/30/40"}])
    with pytest.raises(ValueError, match="measure"):
        table("goals", [{"person": "p", "indicator": "a", "measure": "taste"}])


COMPANY = {"id": "company", "level": "company", "name": "Sales", "value": "1000000"}
NETWORK = {"id": "network", "level": "department", "parent": "company", "name": "Network", "share": "60"}
STORES = {"id": "stores", "level": "department", "parent": "company", "name": "Stores", "share": "40"}


def cascade(*rows, goals=()):
    return Cascade.of(Tables.of(cascade=[COMPANY, *rows], goals=goals))


def test_S135_shares_of_the_company_goal_become_values_and_add_up():
    made = cascade(NETWORK, STORES)
    assert [made.value(goal) for goal in ("network", "stores")] == [600_000, 400_000]
    assert made.gap("company") == 0
    assert cascade(NETWORK, STORES | {"share": "30"}).gap("company") == 10
    assert [(depth, row.id) for depth, row in made.lines()] == [(0, "company"), (1, "network"), (1, "stores")]


def test_S006_the_share_of_goals_that_reach_the_top_is_told():
    goals = [
        {"person": "a", "indicator": "x", "text": "1", "parent": "network"},
        {"person": "b", "indicator": "x", "text": "2"},
    ]
    assert cascade(NETWORK, goals=goals).coverage() == Fraction(1, 2)
    assert cascade(NETWORK, goals=goals[:1]).coverage() == 1
    assert cascade(NETWORK).coverage() is None


def test_a_chain_that_runs_in_a_circle_ends():
    rows = [NETWORK | {"parent": "stores"}, STORES | {"parent": "network"}]
    made = cascade(*rows, goals=[{"person": "a", "indicator": "x", "text": "1", "parent": "network"}])
    assert made.value("network") is None
    assert made.coverage() == 0
    assert [row.id for _, row in made.lines()] == ["company"]


def test_values_in_other_units_are_not_added_up():
    rows = [NETWORK | {"share": "", "value": "100", "unit": "articles"}]
    assert cascade(*rows).gap("company") is None


def test_S196_clauses_that_nothing_is_said_in_are_open_points():
    assert Regulation().open_points == ["outside_contacts", "summary_every", "personnel"]
    stated = Regulation(outside_contacts=2, summary_every="weekly", personnel="HR")
    assert stated.open_points == []


def test_S195_contacts_of_staff_outside_are_a_clause_with_a_number():
    with pytest.raises(ValueError, match="outside_contacts"):
        Regulation(outside_contacts=0)


STEPS_TABLE = """person,step,date,procedure,by
p1,plan-talk,2026-09-28,sign-off,
p1,plan-appraised,2026-09-28,sign-off,p1
p1,plan-appraiser,2026-09-29,sign-off,
p2,plan-talk,2026-09-28,sign-off,
p3,plan-appraised,2026-09-28,sign-off,
p4,signed,2026-09-28,sign-off,
"""


def test_S157_figures_under_a_plan_that_nobody_signed_are_told_beside_the_score(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "300")
    folder = lay_out(tmp_path)
    (folder / "cycles/2026-10/steps.csv").write_text(STEPS_TABLE, "utf-8")
    run = lambda *given: called(capsys, "--workbook", str(tmp_path), "--lang", "en", *given)  # noqa: E731
    code, out, _ = run("score", "acme", "2026-10", "--json")
    told = [issue for issue in json.loads(out)["issues"] if issue["code"] == "plan-not-agreed"]
    assert code == 0 and len(told) == 3 and "the appraised person signs the plan" in told[0]["message"]
    assert "make no figure wrong; kpi check acme 2026-10 says which" in run("score", "acme", "2026-10")[2]
    summary = summarize_cycle(load_client(folder), "2026-10")
    assert [bool(summary.own_warnings(person)[0]) for person in ("p1", "p2", "p3")] == [False, True, True]
    code, out, _ = run("check", "acme", "2026-10", "--json")
    found = {(issue["code"], issue["where"].rpartition("row ")[2][:1]) for issue in json.loads(out)["issues"]}
    assert code == 3 and {("step-out-of-order", "6"), ("not-one-of", "7")} <= found
