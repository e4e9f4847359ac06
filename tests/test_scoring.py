"""Scores are whole-number sums: exact against fractions, printed points add up, nothing missing counts as zero unasked."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from conftest import altered, indicator
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_toolkit.method.curves import Bands, Ratio, score_micro
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import MICRO, deal, from_centi, parse_number
from kpi_toolkit.method.scoring import score_cycle, score_indicators, score_people
from kpi_toolkit.method.segments import Direction, actual_of, attainment, measure
from kpi_toolkit.method.tables import Table, Tables, rows_of


def half_up(value: Fraction, places: int) -> Fraction:
    scale = 10**places
    return Fraction((value * scale + Fraction(1, 2)).__floor__(), scale)


def random_weights(chance: random.Random, count: int) -> list[Decimal]:
    cuts = sorted(chance.sample(range(1, 10_000), count - 1))
    return [Decimal(b - a) / 100 for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]


def random_case(chance: random.Random):
    """Return a random design with one role, and a person's tables, some of it missing or adjusted."""
    weights = random_weights(chance, chance.randint(1, 8))
    items, actuals = [], []
    for number, weight in enumerate(weights):
        direction = chance.choice(["higher", "lower"])
        target = Decimal(chance.randint(1, 10**6)) / chance.choice([1, 10, 100])
        items.append(indicator(f"i{number}", weight, target=target, direction=direction))
        if chance.random() > 0.1:
            actuals.append({"person": "p", "indicator": f"i{number}", "actual": (target * chance.randint(1, 30) / 20)})
    policy = chance.choice(["leave_out", "zero", "neutral"])
    cap = chance.choice([100, 120, Decimal("110.5")])
    design = Design.model_validate({
        "item_cap": cap, "missing": policy, "neutral_score": 80, "adjustments": {"total_cap": 100},
        "roles": {"clerk": {"name": "x", "indicators": items}},
    })  # fmt: skip
    events = [
        {
            "date": "2026-10-01",
            "person": "p",
            "rule": "r",
            "points": Decimal(chance.randint(-300, 300)) / 100,
            "reason": "x",
            "approver": "y",
        }
        for _ in range(chance.randint(0, 3))
    ]
    tables = Tables.of(people=[{"id": "p", "name": "P", "role": "clerk"}], actuals=actuals, adjustments=events)
    return design, tables


@pytest.mark.parametrize("count", [150, pytest.param(2000, marks=pytest.mark.slow)])
def test_random_designs_agree_with_exact_fractions_to_the_last_digit(count):
    chance = random.Random(7)
    for _ in range(count):
        design, tables = random_case(chance)
        actual = {row.indicator: Fraction(row.actual) for row in rows_of(tables.actuals)}
        total, weight = Fraction(0), Fraction(0)
        for item in design.roles["clerk"].indicators:
            if item.id in actual:
                reached = actual[item.id] / Fraction(item.target)
                if item.direction is Direction.LOWER:
                    reached = 1 / reached
                score = min(half_up(100 * reached, 6), Fraction(design.item_cap))
            elif design.missing == "leave_out":
                continue
            else:
                score = Fraction(80 if design.missing == "neutral" else 0)
            total += score * Fraction(item.weight)
            weight += Fraction(item.weight)
        row = score_people(design, tables).iloc[0]
        if not weight:
            assert row["score"] is None
            continue
        item_score = half_up(total / weight, 2)
        expected = item_score + sum(Fraction(event.points) for event in rows_of(tables.adjustments))
        assert Fraction(row["item_score"]) == item_score
        assert Fraction(row["score"]) == min(max(expected, Fraction(0)), 100)


def test_printed_points_and_adjustments_add_up_to_the_printed_score():
    chance = random.Random(11)
    for _ in range(120):
        design, tables = random_case(chance)
        scored = score_indicators(design, tables)
        row = score_people(design, tables).iloc[0]
        if row["score"] is None:
            continue
        printed = sum((points for points in scored["points"] if points is not None), Decimal(0))
        assert printed == row["item_score"]
        assert printed + row["adjustment"] + row["cap_cut"] == row["score"]


def test_a_total_that_lies_exactly_on_half_a_hundredth_is_rounded_up(make_design, make_tables):
    design = make_design(indicator("a", 50), indicator("b", 50))
    score = score_people(design, make_tables({"p": {"a": "90.01", "b": "90.00"}}))["score"][0]
    assert score == Decimal("90.01")  # 90.005; a binary float says 90.00


@given(
    actual=st.decimals(0, 10**6, places=2),
    more=st.decimals(0, 10**4, places=2),
    target=st.decimals("0.01", 10**6, places=2),
)
def test_a_better_actual_never_lowers_a_score(actual, more, target):
    bands = Bands.model_validate(
        {"bands": [{"from": 0, "score": 0}, {"from": 80, "score": 50}, {"from": 100, "score": 100}]}
    )
    for curve in (Ratio(), bands):

        def score(value, way, curve=curve):
            return score_micro(curve, value, target, way, Decimal(120))

        assert score(actual + more, Direction.HIGHER) >= score(actual, Direction.HIGHER)
        assert score(actual, Direction.LOWER) >= score(actual + more, Direction.LOWER)
        assert 0 <= score(actual, Direction.HIGHER) <= 120 * MICRO


@pytest.mark.parametrize(
    ("actual", "target", "direction", "expected"),
    [
        (90, 100, "higher", Fraction(9, 10)), (125, 100, "lower", Fraction(4, 5)), (0, 5, "lower", None),
        (0, 0, "lower", Fraction(1)), (3, 0, "lower", Fraction(0)), (-5, 100, "higher", Fraction(-1, 20)),
        (1, 4, "lower", Fraction(4)), ("0.01", 4, "lower", Fraction(400)), (-2, 0, "lower", Fraction(1)), (-2, 4, "lower", None),
        (8, 8, "target", Fraction(1)), (6, 8, "target", Fraction(3, 4)), (10, 8, "target", Fraction(3, 4)), (-6, -8, "target", Fraction(3, 4)),
    ],
)  # fmt: skip
def test_attainment_by_direction_and_at_zero(actual, target, direction, expected):
    assert attainment(Fraction(actual), Fraction(target), Direction(direction)) == expected


@given(
    by=st.sampled_from(["attainment", "margin", "margin_percent", "actual"]), way=st.sampled_from(Direction),
    target=st.fractions("0.001", 1000), value=st.fractions("0.001", 300),
)  # fmt: skip
def test_the_actual_that_a_curve_asks_for_measures_as_what_it_asks_for(by, way, target, value):
    if way is Direction.TARGET and by != "actual":
        value = min(value, 100) if by == "attainment" else -value  # nothing is nearer than on it
    actual = actual_of(by, value, target, way)
    assert measure(by, actual, target, way) == value
    if way is Direction.TARGET and by != "actual":
        assert measure(by, 2 * target - actual, target, way) == value  # as far off on the other side
        assert actual_of(by, Fraction(100 if by == "attainment" else 0), target, way) == target
        assert actual_of(by, Fraction(101 if by == "attainment" else 1), target, way) is None


def test_nothing_used_of_a_limit_earns_the_cap_and_a_loss_earns_zero():
    assert score_micro(Ratio(), Decimal(0), Decimal(5), Direction.LOWER, Decimal(120)) == 120 * MICRO
    assert score_micro(Ratio(), Decimal(-5), Decimal(100), Direction.HIGHER, Decimal(120)) == 0


@pytest.mark.parametrize(("at", "score"), [("79.99", 0), ("80", 60), ("99.999", 60), ("100", 100), ("150", 100)])
def test_an_edge_belongs_to_the_band_it_opens(at, score):
    bands = Bands.model_validate(
        {"bands": [{"from": 0, "score": 0}, {"from": 80, "score": 60}, {"from": 100, "score": 100}]}
    )
    assert score_micro(bands, Decimal(at), Decimal(100), Direction.HIGHER, Decimal(100)) == score * MICRO


@pytest.mark.parametrize(
    ("bands", "code"),
    [
        ([{"from": 10, "score": 0}], "bands-gap"),
        ([{"from": 0, "score": 0}, {"from": 0, "score": 10}], "bands-order"),
        ([{"from": 0, "score": 50}, {"from": 80, "score": 10}], "bands-fall"),
    ],
)
def test_bands_with_holes_overlaps_or_falls_are_refused(bands, code):
    with pytest.raises(ValueError, match=altered(code, ("bands-", ""))[:4]) as found:
        Bands.model_validate({"bands": bands})
    assert found.value.errors()[0]["type"] == code


@pytest.mark.parametrize(("policy", "expected"), [("leave_out", "90.00"), ("neutral", "94.00"), ("zero", "54.00")])
def test_S114_a_missing_actual_does_what_the_design_declares(make_design, make_tables, policy, expected):
    tables = make_tables({"p": {"a": 90}})
    assert score_people(make_design(missing=policy), tables)["score"][0] == Decimal(expected)


def test_a_design_that_refuses_missing_actuals_names_the_person_and_the_indicator(make_design, make_tables):
    with pytest.raises(IssuesError) as found:
        score_people(make_design(missing="refuse"), make_tables({"p": {"a": 90}}))
    assert [(issue.code, issue.values["indicator"].en) for issue in found.value.issues] == [("missing-actual", "b")]


def test_whoever_has_no_actual_at_all_has_no_score(make_design, make_tables):
    row = score_people(make_design(), make_tables({"p": {}})).iloc[0]
    assert row["score"] is None
    assert row["item_score"] is None


def test_Y03_adjustments_stay_within_their_bounds_and_the_cap(make_design, make_tables):
    event = {"date": "2026-10-01", "person": "p", "rule": "r", "reason": "x", "approver": "y"}
    tables = make_tables({"p": {"a": 99, "b": 99}}, adjustments=[event | {"points": p} for p in (3, 4, -1, "-20.5")])
    design = make_design(adjustments={"max_plus": 5, "max_minus": 10})
    row = score_people(design, tables).iloc[0]
    assert (row["adjustment"], row["score"], row["cap_cut"]) == (Decimal("-14.50"), Decimal("94.00"), Decimal("9.50"))
    free = score_people(
        make_design(), make_tables({"p": {"a": 99, "b": 99}}, adjustments=[event | {"points": 3}])
    ).iloc[0]
    assert (free["score"], free["cap_cut"]) == (Decimal("100.00"), Decimal("-2.00"))


def test_a_score_never_falls_below_zero(make_design, make_tables):
    event = {"date": "2026-10-01", "person": "p", "rule": "r", "points": -20, "reason": "x", "approver": "y"}
    row = score_people(make_design(), make_tables({"p": {"a": 5, "b": 5}}, adjustments=[event])).iloc[0]
    assert (row["score"], row["cap_cut"]) == (Decimal("0.00"), Decimal("15.00"))


def test_a_goal_replaces_the_designs_target(make_design, make_tables):
    tables = make_tables({"p": {"a": 90, "b": 100}}, goals=[{"person": "p", "indicator": "a", "target": 90}])
    assert score_people(make_design(), tables)["score"][0] == Decimal("100.00")


def test_S158_the_appraisers_view_leads_where_the_design_says_so(make_design, make_tables):
    """Self 100 %, appraiser 80 % on 30 points gives 24.0."""
    design = make_design(indicator("x", 30, basis="appraiser"), indicator("y", 70))
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[
            {"person": "p", "indicator": "x", "self": "100%", "appraiser": "80%", "actual": 100},
            {"person": "p", "indicator": "y", "actual": 0},
        ],
    )
    assert score_indicators(design, tables)["points"][0] == Decimal("24.00")


def test_an_indicators_own_cap_stands_before_the_designs(make_design, make_tables):
    design = make_design(indicator("a", 50, cap=120), indicator("b", 50))
    scored = score_indicators(design, make_tables({"p": {"a": 200, "b": 200}}))
    assert list(scored["points"]) == [Decimal("60.00"), Decimal("50.00")]


def test_a_tie_goes_to_who_earned_more_even_where_rounding_dealt_the_other_one_a_hundredth(make_design, make_tables):
    items = (indicator("a", 50, cap=120), indicator("b", 50, cap=120) | {"class": "reach"})
    design = make_design(*items, tiers={"tie_break": ["result"], "min_group": 2})
    own = {"p": {"a": "100.008", "b": "60.009"}, "q": {"a": "100.016", "b": "60.012"}}
    scored = score_cycle(design, make_tables(own))
    assert {who: (score.score, score.ties["result"]) for who, score in scored.scores.items()} == {
        "p": (Decimal("80.01"), Decimal("30.00")), "q": (Decimal("80.01"), Decimal("30.01")),
    }  # fmt: skip
    dealt = {who: lines[1].points for who, lines in scored.lines.items()}
    assert dealt["p"] > dealt["q"], "what is printed adds up to the score, and says it the other way round"


def test_order_of_rows_never_matters(make_design, make_tables):
    tables = make_tables({"p": {"a": 90, "b": 70}, "q": {"a": 50, "b": 60}})
    turned = Tables(
        people=tables.people,
        goals=tables.goals,
        actuals=Table(tables.actuals.columns, tables.actuals.rows[::-1]),
        adjustments=tables.adjustments,
        calibration=tables.calibration,
    )
    design = make_design()
    assert score_people(design, tables).equals(score_people(design, turned))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.integers(1, 500))
@settings(max_examples=200)
def test_dealing_sums_and_stays_within_one_of_the_exact_share(shares, total):
    whole = sum(shares)
    if not whole:
        return
    dealt = deal(total, [total * share for share in shares], whole)
    assert sum(dealt) == total
    assert all(abs(got - Fraction(total * share, whole)) < 1 for got, share in zip(dealt, shares, strict=True))


@pytest.mark.parametrize(
    "text", ["1,200", "1_000", "nan", "infinity", "1e5", "八十", "30 元", "", "--1", "1.2.3", "0x10"]
)
def test_a_number_that_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(ValueError, match="number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("30", 30), ("３０", 30), (" -0.5 ", Decimal("-0.5")), ("007", 7), (".5", Decimal("0.5")), ("+3.", 3)],
)
def test_plain_numbers_are_read_exactly(text, value):
    assert parse_number(text) == value


def test_hundredths_keep_their_two_decimals():
    assert str(from_centi(9050)) == "90.50"


def test_inputs_are_never_changed(make_design, make_tables):
    tables = make_tables({"p": {"a": 90, "b": 70}})
    before = {name: getattr(tables, name).records() for name in ("people", "goals", "actuals", "adjustments")}
    score_people(make_design(), tables)
    for name, rows in before.items():
        assert rows == getattr(tables, name).records()
    with pytest.raises(ValueError, match="frozen"):
        make_design().version = 2


def test_a_view_of_completion_is_better_the_higher_it_is_whatever_the_indicators_direction(make_design, make_tables):
    design = make_design(indicator("x", 100, basis="appraiser", direction="lower"))
    tables = make_tables({"p": {"x": 60}, "q": {"x": 90}}, column="appraiser")
    assert list(score_people(design, tables)["score"]) == [Decimal("60.00"), Decimal("90.00")]


def test_a_cycle_is_scored_once_and_its_tables_show_the_same(make_design, make_tables):
    tables = make_tables({"p": {"a": 90, "b": 70}, "q": {"a": 50}})
    scored, design = score_cycle(make_design(), tables), make_design()
    assert scored.to_frame().equals(score_indicators(design, tables))
    assert scored.scores_to_frame().equals(score_people(design, tables))
    for person, own in scored.lines.items():
        assert sum(line.points or 0 for line in own) == scored.scores[person].item_score
    assert scored.official == {"p": Decimal("82.00"), "q": Decimal("50.00")}


def test_whoever_is_in_no_team_answers_for_all_of_the_form(make_design):
    """A fifth of a score comes from the team, where there is one: the lines of those without stand for 100 points."""
    tables = Tables.of(
        people=[
            {"id": p, "name": p, "role": "clerk", "team": t} for p, t in zip("pqr", ("east", "east", ""), strict=True)
        ],
        actuals=[{"person": p, "indicator": i, "actual": 100} for p in "pqr" for i in "ab"],
    )
    lines = score_cycle(make_design(team_share=20), tables).lines
    assert [sum(line.share for line in lines[person]) for person in "pqr"] == [80, 80, 100]
    assert [sum(line.lost for line in lines[person]) for person in "pqr"] == [0, 0, 0]


def test_S007_a_share_of_the_score_is_the_teams(make_design):
    tables = Tables.of(
        people=[{"id": p, "name": p, "role": "clerk", "team": "east"} for p in "pq"],
        actuals=[{"person": p, "indicator": i, "actual": v} for p, v in (("p", 60), ("q", 100)) for i in "ab"],
    )
    scores = {share: list(score_people(make_design(team_share=share), tables)["score"]) for share in (25, 0)}
    assert scores == {25: [Decimal("65.00"), Decimal("95.00")], 0: [Decimal("60.00"), Decimal("100.00")]}
