"""Numbers that others printed, or that the seeds' own forms give by hand. Each names its source."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
import yaml
from conftest import DATA, ROOT, indicator

from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.method.curves import Bands, score_micro
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import MICRO, deal
from kpi_toolkit.method.quotas import tier_quotas
from kpi_toolkit.method.scoring import score_indicators, score_people
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import assign_tiers


def form(name: str) -> Design:
    design, issues = read_toml(ROOT / "templates" / "designs" / f"{name}.toml", Design, name)
    assert design is not None
    assert not issues
    return design


def test_S147_form_a_gives_90_5_on_the_catalogues_example():
    """001_a21360782a8aaa66.txt L401-419, worked in the catalogue: 9+28.5+4+7+18+5+10+4+5."""
    completion = [90, 95, 80, 70, 90, 100, 100, 80, 100]
    design = form("form-team-leader")
    items = design.roles["team-leader"].indicators
    assert [item.weight for item in items] == [10, 30, 5, 10, 20, 5, 10, 5, 5]
    tables = Tables.of(
        people=[{"id": "lead", "name": "Lead", "role": "team-leader"}],
        actuals=[
            {"person": "lead", "indicator": item.id, "appraiser": value}
            for item, value in zip(items, completion, strict=True)
        ],
    )
    points = list(score_indicators(design, tables)["points"])
    assert points == [Decimal(p) for p in ("9", "28.5", "4", "7", "18", "5", "10", "4", "5")]
    assert score_people(design, tables)["score"][0] == Decimal("90.50")


def test_S149_form_a_holds_75_result_and_25_process_points():
    role = form("form-team-leader").roles["team-leader"]
    assert (role.share("result"), role.share("process")) == (75, 25)


def test_S150_form_b_gives_83_on_the_catalogues_example():
    """001_a21360782a8aaa66.txt L443-512: 22.5+27+25+2.5+8 and two points off by a rule."""
    design = form("form-promotion-department")
    items = design.roles["promotion-department"].indicators
    assert [item.weight for item in items] == [30, 30, 25, 5, 10]
    tables = Tables.of(
        people=[{"id": "head", "name": "Head", "role": "promotion-department"}],
        actuals=[
            {"person": "head", "indicator": item.id, "appraiser": value}
            for item, value in zip(items, ["75", "90", "100%", "50", "80"], strict=True)
        ],
        adjustments=[
            {
                "date": "2026-05-12",
                "person": "head",
                "rule": "late-report",
                "points": -2,
                "reason": "late",
                "approver": "hr",
            }
        ],
    )
    row = score_people(design, tables).iloc[0]
    assert (row["item_score"], row["adjustment"], row["score"]) == (
        Decimal("85.00"),
        Decimal("-2.00"),
        Decimal("83.00"),
    )


@pytest.mark.parametrize(
    ("method", "expected"), [("workload", "90.00"), ("performance", "70.00"), ("combined", "82.00")]
)
def test_S114_the_three_methods_on_one_role(make_design, make_tables, method, expected):
    design = make_design(indicator("work", 60), indicator("result", 40, **{"class": "lead"}), method=method)
    tables = make_tables({"ed": {"work": 90, "result": 70}})
    assert score_people(design, tables)["score"][0] == Decimal(expected)


@pytest.mark.parametrize(("share", "expected"), [(0, "70"), (25, "75"), (50, "80"), (100, "90")])
def test_S117_the_combined_share_moves_the_score_in_a_straight_line(make_design, make_tables, share, expected):
    parts = [indicator("work", share)] if share else []
    parts += [indicator("result", 100 - share, **{"class": "lead"})] if share < 100 else []
    method = "combined" if 0 < share < 100 else ("workload" if share else "performance")
    values = {"work": 90, "result": 70}
    tables = make_tables({"ed": {part["id"]: values[part["id"]] for part in parts}})
    assert score_people(make_design(*parts, method=method), tables)["score"][0] == Decimal(expected)


@pytest.mark.parametrize(
    ("plan", "done", "points", "cap", "expected"),
    [(200, 180, 30, 100, "27.00"), (400, 440, 30, 120, "33.00"), (400, 440, 30, 100, "30.00")],
)
def test_S115_S116_points_of_plan_and_cap(make_design, make_tables, plan, done, points, cap, expected):
    design = make_design(indicator("x", points, target=plan), indicator("rest", 100 - points), item_cap=cap)
    scored = score_indicators(design, make_tables({"p": {"x": done, "rest": 0}}))
    assert scored["points"][0] == Decimal(expected)


@pytest.mark.parametrize(("spent", "score"), [(9_000, "100"), (10_000, "100"), (12_000, "83.333333")])
def test_S224_an_expense_limit_scores_target_over_actual(make_design, make_tables, spent, score):
    design = make_design(indicator("cost", 100, target=10_000, direction="lower"))
    scored = score_indicators(design, make_tables({"p": {"cost": spent}}))
    assert Decimal(int(scored["score_micro"][0])) / MICRO == Decimal(score)


def worked(name: str) -> dict:
    return yaml.safe_load((DATA / "worked_examples" / name).read_text("utf-8"))


def test_payglobal_weighted_ratings():
    """PayGlobal ESS manual 5.6, topic 41145: five items, weighted 1.35+1.2+.6+.15+.15 = 3.45 on a scale of 5."""
    case = worked("03_payglobal_kpi_and_behaviour.yaml")
    items = [indicator(f"i{n}", weight, target=5) for n, (_, weight, *_) in enumerate(case["items"])]
    design = Design.model_validate({"roles": {"clerk": {"name": "x", "indicators": items}}})
    ratings = {f"i{n}": rating for n, (_, _, rating, _) in enumerate(case["items"])}
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[{"person": "p", "indicator": name, "actual": value} for name, value in ratings.items()],
    )
    scored = score_indicators(design, tables)
    assert [float(p) / 20 for p in scored["points"]] == [row[3] for row in case["items"]]
    assert float(score_people(design, tables)["score"][0]) / 20 == case["published_kpi"]


def test_opm_points_and_level():
    """US Office of Personnel Management, SES FAQ: ratings x weights = 400 of 500, which is level 4."""
    case = worked("04_opm_ses_points_to_levels.yaml")
    items = [indicator(f"i{n}", weight, target=5) for n, (_, _, weight, _) in enumerate(case["elements"])]
    design = Design.model_validate({"roles": {"clerk": {"name": "x", "indicators": items}}})
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[
            {"person": "p", "indicator": f"i{n}", "actual": rating}
            for n, (_, rating, _, _) in enumerate(case["elements"])
        ],
    )
    total = score_people(design, tables)["score"][0] * 5
    assert total == case["published_total"]
    assert next(level["level"] for level in case["levels"] if level["from"] <= total <= level["to"]) == 4


def test_infor_weights_of_210_are_refused_and_normalised_ones_agree():
    """Infor HR Talent guide: sections weigh 210; scoring silently on a wrong base is refused, per hundred it is 3.06."""
    case = worked("02_infor_goal_section_and_overall.yaml")["overall"]
    assert sum(weight for *_, weight in case["sections"]) == case["total_weight"] == 210
    total = sum(Fraction(str(value)) * weight for _, value, weight in case["sections"]) / 210 * case["levels"]
    assert round(float(total), 2) == case["published"]


def test_chinese_sales_specialist_bands():
    """doczj.com 4c17839901: the performance share of 1500 by score; whole points, so 89.5 falls into the band below 90."""
    bands = Bands.model_validate(
        {"bands": [{"from": 0, "score": 0}, {"from": 60, "score": 60}, {"from": 90, "score": 100}]}
    )

    def at(value):
        return score_micro(bands, Decimal(value), Decimal(100), Direction.HIGHER, Decimal(200)) // MICRO

    assert [at(v) for v in ("59", "60", "89.5", "90", "110")] == [0, 60, 60, 100, 100]


@pytest.mark.parametrize(
    "case", json.loads((DATA / "peers/apportionment.json").read_text())["cases"], ids=lambda c: c["id"]
)
def test_whole_number_shares_agree_with_published_apportionments(case):
    """martinlackner/apportionment 25f7a87 tests/test_methods.py (MIT), citing Balinski & Young 1975."""
    shares, total = case["input"]["shares"], case["input"]["total"]
    expected = case["expected"].get("largest_remainder") or case["expected"]["any_method"]
    assert deal(total, [total * share for share in shares], sum(shares)) == expected


@pytest.mark.parametrize(
    "case",
    [c for c in json.loads((DATA / "peers/frappe_hrms.json").read_text())["cases"] if c["kind"] == "weighted_sum"],
    ids=lambda c: c["id"],
)
def test_frappe_weighted_sums(case):
    """frappe/hrms 80f17c9 test_appraisal.py (numbers only)."""
    given = case["input"]
    scale = given["scale_max"]
    ratings = given.get("scores") or [value * scale for value in given["ratings_0_1"]]
    items = [indicator(f"i{n}", weight, target=scale) for n, weight in enumerate(given["weights_pct"])]
    design = Design.model_validate({"roles": {"clerk": {"name": "x", "indicators": items}}})
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[{"person": "p", "indicator": f"i{n}", "actual": str(round(v, 6))} for n, v in enumerate(ratings)],
    )
    assert float(score_people(design, tables)["score"][0]) / 100 * scale == pytest.approx(
        case["expected"]["total"], abs=1e-9
    )


@pytest.mark.parametrize(("weights", "accepted"), [(("30", "69.99"), False), (("30", "70.00"), True)])
def test_frappe_weights_must_sum_to_exactly_100(make_design, weights, accepted):
    from kpi_toolkit.method.checks import check_design

    design = make_design(*[indicator(f"i{n}", weight) for n, weight in enumerate(weights)])
    assert ("sum-not-100" not in {issue.code for issue in check_design(design)}) is accepted


def test_frappe_missing_components_are_not_zero_unless_the_design_says_so(make_design, make_tables):
    """frappe/hrms issue 2023: 3.6 with two components absent became 1.2 there; left out it stays 3.6."""
    items = [
        indicator("goals", "33.34", target=5),
        indicator("own", "33.33", target=5),
        indicator("peers", "33.33", target=5),
    ]
    tables = make_tables({"p": {"goals": "3.6"}})
    score = {
        policy: score_people(make_design(*items, missing=policy), tables)["score"][0] / 20
        for policy in ("leave_out", "zero")
    }
    assert score["leave_out"] == Decimal("3.6")
    assert float(score["zero"]) == pytest.approx(1.2, abs=0.001)


def test_scikit_criteria_ranks():
    """quatrope/scikit-criteria 35f17ee tests/utils/test_rank.py (BSD-3): values .5 .2 .6 .8, best first."""
    import pandas as pd

    tiering = assign_tiers(pd.DataFrame({"person": list("abcd"), "score": [0.5, 0.2, 0.6, 0.8]}))
    assert list(tiering.table["rank"]) == [3, 4, 2, 1]


def test_350_salespeople_make_70_245_35():
    """peopleanalyticsdata 0.1.7, salespeople.csv (MIT): 351 rows, the last one blank but for one column."""
    assert tuple(tier_quotas(350)) == (70, 245, 35)
    rows = (DATA / "salespeople.csv").read_text("utf-8").splitlines()
    assert len(rows) - 1 == 351


def test_successfactors_rounds_33_3_33_4_33_3_of_4_to_1_2_1():
    """SAP KBA 2245773: ideals 1.332/1.336/1.332, floors 1/1/1, the spare seat to the largest decimal."""
    assert tuple(tier_quotas(4, (Decimal("33.3"), Decimal("33.4"), Decimal("33.3")))) == (1, 2, 1)
