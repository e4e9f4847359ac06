"""Rules that scores and tiers must be defended by: aggregation, raters, teams, vetoes, bonuses, quotas, ties, decisions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from conftest import indicator
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kpi_toolkit.method.checks import check_design
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.lines import geometric_mean
from kpi_toolkit.method.model import Aggregation, Design
from kpi_toolkit.method.numbers import MICRO, round_half_up
from kpi_toolkit.method.plain import plain
from kpi_toolkit.method.quotas import (
    Quotas,
    guideline_bounds,
    guidelines_can_add_up,
    hold_against,
    tier_quotas,
)
from kpi_toolkit.method.scheme import Guideline, QuotaRule, Tier, TierScheme
from kpi_toolkit.method.scoring import score_cycle, score_indicators, score_people
from kpi_toolkit.method.settings import RaterShares
from kpi_toolkit.method.tables import Tables, table
from kpi_toolkit.method.tiers import apply_calibration, assign_tiers
from kpi_toolkit.whatif.lift import lift_of

GATE = {"kind": "gate", "scope": "total", "limit": 0}


def adds_up(design: Design, tables: Tables) -> pd.DataFrame:
    """Return the scores, having held every printed column against its total."""
    scores = score_people(design, tables)
    points = (
        score_indicators(design, tables).groupby("person")["points"].agg(lambda c: sum(p for p in c if p is not None))
    )
    for row in scores.itertuples():
        if row.score is not None:
            assert points[row.person] + row.team_points == row.item_score
            assert row.item_score + row.adjustment + row.cap_cut == row.score
    return scores


# --- aggregation -----------------------------------------------------------------------------------------------------


def test_a_weighted_geometric_mean_is_exact_and_punishes_imbalance(make_design, make_tables):
    """UNDP's switch of 2010: 40 and 90 at equal weights give 60, not 65."""
    design = make_design(indicator("a", 50), indicator("b", 50))
    role = design.roles["clerk"].model_copy(update={"aggregation": Aggregation.GEOMETRIC})
    design = design.model_copy(update={"roles": {"clerk": role}})
    scores = adds_up(design, make_tables({"p": {"a": 40, "b": 90}, "q": {"a": 65, "b": 65}, "r": {"a": 0, "b": 100}}))
    assert list(scores["score"]) == [Decimal("60.00"), Decimal("65.00"), Decimal("0.00")]


@given(st.lists(st.tuples(st.integers(1, 100 * MICRO), st.integers(1, 60)), min_size=1, max_size=4))
def test_the_geometric_mean_is_rounded_as_the_exact_root_is(lines):
    got = round_half_up(geometric_mean([(score, Decimal(weight), "scored") for score, weight in lines]), 1)
    whole = sum(weight for _, weight in lines)
    product = 1
    for score, weight in lines:
        product *= score**weight
    assert (2 * got - 1) ** whole <= product * 2**whole < (2 * got + 1) ** whole


def test_blocks_have_maxima_of_their_own_and_are_brought_to_one_hundred(make_tables):
    """Infor, overall score: sections on 210 points are brought to one base, never scored silently on a wrong one."""
    roles = {"clerk": {
        "name": "Clerk", "blocks": {"results": {"name": "Results", "maximum": 140}, "conduct": {"name": "Conduct", "maximum": 70}},
        "indicators": [indicator("a", 140, block="results", **{"class": "result"}), indicator("b", 70, block="conduct")],
    }}  # fmt: skip
    design = Design.model_validate({"roles": roles})
    assert not check_design(design).errors
    scores = adds_up(design, make_tables({"p": {"a": 90, "b": 60}}))
    assert scores["score"][0] == Decimal("80.00")
    roles["clerk"]["indicators"][1]["weight"] = 60
    assert [i.code for i in check_design(Design.model_validate({"roles": roles})).errors] == ["block-sum"]
    roles["clerk"]["indicators"][1] |= {"weight": 70, "block": "conduckt"}
    assert {i.code for i in check_design(Design.model_validate({"roles": roles})).errors} == {
        "unknown-block",
        "block-sum",
    }


def test_raters_count_by_their_shares_and_an_absent_one_divides_by_the_rest(make_design):
    """dootask's defaults: self 10 and superior 90; with invitation 10/30/60, absent shares renormalised."""
    assert RaterShares(self=10, appraiser=90).mix({"self": Decimal(100), "appraiser": Decimal(80)}) == 82
    shares = RaterShares(self=10, appraiser=30, others=60)
    assert shares.mix({"self": Decimal(100), "appraiser": Decimal(80), "others": Decimal(70)}) == 76
    assert shares.mix({"self": Decimal(100), "appraiser": Decimal(80)}) == Fraction(85)
    assert shares.mix({}) is None
    design = make_design(indicator("a", 60, basis="raters"), indicator("b", 40), raters={"self": 30, "appraiser": 70})
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[{"person": "p", "indicator": "a", "self": 100, "appraiser": 90}, {"person": "p", "indicator": "b", "actual": 100}],
    )  # fmt: skip
    assert adds_up(design, tables)["score"][0] == Decimal("95.80")


def test_a_team_component_mixes_in_the_mean_of_the_teams_own_scores(make_design):
    design = make_design(team_share=20)
    people = [{"id": p, "name": p, "role": "clerk", "team": t} for p, t in (("a", "x"), ("b", "x"), ("c", "y"))]
    actuals = [{"person": p, "indicator": i, "actual": v} for p, v in (("a", 90), ("b", 60), ("c", 50)) for i in "ab"]
    scores = adds_up(design, Tables.of(people=people, actuals=actuals))
    assert list(scores["score"]) == [Decimal("87.00"), Decimal("63.00"), Decimal("50.00")]
    assert list(scores["team_points"]) == [Decimal("15.00"), Decimal("15.00"), Decimal("10.00")]


def test_a_veto_holds_the_total_down_and_a_missing_one_does_not(make_design, make_tables):
    design = make_design(indicator("a", 60), indicator("b", 40), indicator("v", 0, target=1, curve=GATE))
    scores = adds_up(
        design, make_tables({"p": {"a": 90, "b": 90, "v": 0}, "q": {"a": 90, "b": 90, "v": 1}, "r": {"a": 90, "b": 90}})
    )
    assert list(scores["score"]) == [Decimal("0.00"), Decimal("90.00"), Decimal("90.00")]
    assert list(scores["gates"]) == [("v",), (), ()]
    limited = make_design(
        indicator("a", 60), indicator("b", 40), indicator("v", 0, target=1, curve=GATE | {"limit": 59})
    )
    assert list(adds_up(limited, make_tables({"p": {"a": 90, "b": 90, "v": 0}}))["score"]) == [Decimal("59.00")]


def test_a_gate_comes_after_the_caps_and_after_adjustments(make_design, make_tables):
    design = make_design(
        indicator("a", 60), indicator("b", 40), indicator("v", 0, target=1, curve=GATE | {"limit": 59}),
        adjustments={"total_cap": 120},
    )  # fmt: skip
    event = {"date": "2026-10-01", "person": "p", "rule": "x", "points": 30, "reason": "r", "approver": "q"}
    assert adds_up(design, make_tables({"p": {"a": 100, "b": 100, "v": 0}}, adjustments=[event]))["score"][0] == 59


def test_a_gate_can_bar_from_the_top_tier_only(make_design, make_tables):
    bar = {"kind": "gate", "scope": "tier"}
    design = make_design(indicator("a", 60), indicator("b", 40), indicator("v", 0, target=1, curve=bar))
    values = {f"p{n}": {"a": 99 - n, "b": 99 - n, "v": int(n != 0)} for n in range(10)}
    scores = adds_up(design, make_tables(values))
    tiering = assign_tiers(scores)
    assert (tiering.table["tier"][0], tiering.table["reason"][0]) == ("middle", "gate")
    assert [note.code for note in tiering.pools[0].notes] == ["gate"]


def test_points_outside_the_weights_are_added_and_never_lower_a_total(make_design, make_tables):
    bonus = {"kind": "steps", "start": 0, "step": 5, "bonus": 1, "ceiling": 5, "outside": True}
    off = {"kind": "steps", "by": "actual", "start": 0, "deduct": 2, "floor": -10, "outside": True}
    design = make_design(
        indicator("a", 60), indicator("b", 40), indicator("growth", 0, target=15, curve=bonus),
        indicator("complaints", 0, direction="lower", target=None, curve=off), adjustments={"total_cap": 110},
    )  # fmt: skip
    assert not check_design(design).errors
    rows = {
        "p": {"a": 90, "b": 90, "growth": 25},
        "q": {"a": 90, "b": 90, "growth": 3},
        "r": {"a": 90, "b": 90, "complaints": 3},
    }
    assert list(adds_up(design, make_tables(rows))["score"]) == [Decimal("92.00"), Decimal("90.00"), Decimal("84.00")]


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([indicator("a", 100), indicator("b", 0)], "no-weight"),
        ([indicator("a", 60), indicator("b", 40, curve={"kind": "steps", "outside": True, "start": 0})], "weight-outside"),
        ([indicator("a", 100, curve={"kind": "piecewise", "points": [{"at": 0, "score": 100}, {"at": 9, "score": 0}]})], "curve-against-direction"),
        ([indicator("a", 100, block="x")], "unknown-block"),
    ],
)  # fmt: skip
def test_weights_and_curves_that_do_not_fit_are_found(make_design, items, code):
    assert code in {issue.code for issue in check_design(make_design(*items)).errors}


def test_a_cliff_in_a_curve_is_a_hint(make_design):
    bands = {"kind": "bands", "bands": [{"from": 0, "score": 0}, {"from": 90, "score": 100}]}
    [found] = [issue for issue in check_design(make_design(indicator("a", 100, curve=bands))) if issue.code == "cliff"]
    assert (found.severity, found.values["actual"], found.values["low"], found.values["high"]) == ("hint", 90, 0, 100)


def test_lifting_with_other_aggregations_is_found_by_doing_it(make_design, make_tables):
    for change in ({"team_share": 20}, {}):
        design = make_design(**change)
        if not change:
            role = design.roles["clerk"].model_copy(update={"aggregation": Aggregation.GEOMETRIC})
            design = design.model_copy(update={"roles": {"clerk": role}})
        values = {f"p{n}": {"a": 95 - 3 * n, "b": 90 - 4 * n} for n in range(10)}
        tables = make_tables(values)
        scored = score_cycle(design, tables)
        answer = lift_of("p3", design=design, scored=scored, tiering=assign_tiers(scored.scores.values()))
        for step in answer.steps:
            tried = make_tables({**values, "p3": values["p3"] | {step.indicator: step.needed}})
            assert score_people(design, tried)["score"][3] >= answer.score or change  # a team's mean lifts others too


# --- quotas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "top", "bottom"), [(11, 3, 1), (12, 3, 1), (15, 3, 1), (18, 4, 1), (22, 5, 2), (25, 5, 2)]
)
def test_2_7_1_with_a_cap_and_a_minimum(n, top, bottom):
    """facts/peers §4.3, 271's readiness rule."""
    quotas = tier_quotas(n, rule="cap_minimum")
    assert (quotas.top, quotas.bottom) == (top, bottom)


def test_carry_over_deals_a_small_team_its_bottom_seat_in_the_right_cycle():
    """A team of 4 over 5 cycles: bottom 0, 1, 0, 1, 0; the sums are those of 20 people."""
    dealt = [tier_quotas(4, rule="carry_over", before=4 * cycle) for cycle in range(5)]
    assert [quotas.bottom for quotas in dealt] == [0, 1, 0, 1, 0]
    assert tuple(map(sum, zip(*dealt, strict=True))) == tuple(tier_quotas(20))


def test_pooling_gives_what_separate_teams_do_not():
    """Teams of 4, 5, 3, 6, 7, 5: separate 6/22/2, pooled 6/21/3."""
    separate = [tier_quotas(n) for n in (4, 5, 3, 6, 7, 5)]
    assert tuple(map(sum, zip(*separate, strict=True))) == (6, 22, 2)
    assert tuple(tier_quotas(30)) == (6, 21, 3)


def test_shares_of_a_third_go_by_largest_remainder():
    """SuccessFactors KBA 2245773: 33.3 / 33.4 / 33.3 of 4 → 1 / 2 / 1."""
    assert tuple(tier_quotas(4, [Decimal("33.3"), Decimal("33.4"), Decimal("33.3")])) == (1, 2, 1)


def test_a_cut_moves_to_the_widest_gap_within_one_person():
    scores = [95, 94, 80, 79, 78, 77, 76, 75, 74, 50]
    assert tuple(tier_quotas(10, rule="boundary_gap", scores=scores)) == (2, 7, 1)
    scores = [95, 94, 93.5, 79, 78, 77, 76, 75, 51, 50]
    assert tuple(tier_quotas(10, rule="boundary_gap", scores=scores)) == (3, 5, 2)
    assert tuple(tier_quotas(10, rule="boundary_gap", scores=[80] * 10)) == (2, 7, 1)
    with pytest.raises(ValueError, match="scores of all 10"):
        tier_quotas(10, rule="boundary_gap")


def guideline(is_: str, share: float, *tiers: str, to: float = 100) -> Guideline:
    return Guideline.model_validate(
        {"tiers": tiers or ["top"], "is": is_, "share": Decimal(str(share)), "to": Decimal(str(to))}
    )


@pytest.mark.parametrize(
    ("is_", "share", "to", "bounds"),
    [("<=", 20, 100, (0, 2)), ("<", 20, 100, (0, 2)), (">=", 20, 100, (1, 7)), (">", 20, 100, (1, 7)), ("=", 20, 100, (1, 1)), ("between", 10, 25, (0, 2))],
)  # fmt: skip
def test_guidelines_round_their_upper_ends_up_and_lower_ends_down(is_, share, to, bounds):
    """SAP KBA 3634696: ≤, < and right ends are rounded up; ≥, > and left ends down; = down."""
    assert guideline_bounds(7, guideline(is_, share, to=to)) == bounds


def test_guidelines_are_held_against_counts_and_say_when_they_cannot_add_up():
    lines = hold_against([guideline("<=", 20), guideline(">=", 90, "top", "middle")], Quotas(3, 6, 1))
    assert [(line.count, line.kept) for line in lines] == [(3, False), (9, True)]
    assert guidelines_can_add_up(10, [guideline("<=", 20), guideline("<=", 10, "bottom")])
    assert not guidelines_can_add_up(
        10, [guideline("<=", 20), guideline("<=", 10, "bottom"), guideline("=", 50, "middle")]
    )
    assert not guidelines_can_add_up(10, [guideline(">=", 60), guideline(">=", 60, "middle", "bottom")])
    scheme = TierScheme(guidelines=(guideline(">=", 60), guideline(">=", 60, "bottom")))
    frame = pd.DataFrame({"person": [f"p{n}" for n in range(10)], "score": range(90, 80, -1)})
    [pool] = assign_tiers(frame, scheme).pools
    assert "guidelines_conflict" in [note.code for note in pool.notes]
    assert [line.kept for line in pool.guidelines] == [False, False]


@given(st.integers(0, 12), st.data())
def test_whether_guidelines_add_up_is_what_trying_all_counts_says(n, data):
    chosen = [
        guideline(data.draw(st.sampled_from(["=", "<", "<=", ">", ">=", "between"])), data.draw(st.sampled_from([0, 10, 20, 50, 70])),
                  *data.draw(st.sampled_from([("top",), ("middle",), ("bottom",), ("top", "middle"), ("middle", "bottom"), ("top", "bottom")])), to=80)
        for _ in range(data.draw(st.integers(0, 3)))
    ]  # fmt: skip
    tried = any(
        all(line.kept for line in hold_against(chosen, Quotas(top, n - top - bottom, bottom)))
        for top in range(n + 1)
        for bottom in range(n - top + 1)
    )
    assert guidelines_can_add_up(n, chosen) == tried


@pytest.mark.parametrize("rule", list(QuotaRule))
def test_every_rule_places_everybody_and_parts_no_equals_without_a_line(rule):
    values = [95, 90, 90, 90, 84, 83, 83, 81, 60, 60, 60, 59]
    frame = pd.DataFrame({"person": [f"p{n}" for n in range(12)], "score": [Decimal(v) for v in values]})
    tiering = assign_tiers(frame, TierScheme(rule=rule), before={"all": 7})
    assert sum(tiering.pools[0].counts) == 12
    by_score: dict[Decimal, set[str]] = {}
    for score, tier in zip(frame["score"], tiering.table["tier"], strict=True):
        by_score.setdefault(score, set()).add(tier)
    assert all(len(tiers) == 1 for tiers in by_score.values())


# --- ties ------------------------------------------------------------------------------------------------------------


def tied(tie: str, **more):
    frame = pd.DataFrame({"person": list("abcdefghij"), "score": [95, 90, 90, 85, 84, 83, 82, 81, 60, 60]} | more)
    scheme = TierScheme.model_validate({"tie": tie, "tie_break": [name.removeprefix("tie:") for name in more]})
    return assign_tiers(frame, scheme)


@pytest.mark.parametrize(
    ("tie", "letters", "codes"),
    [("better", "tttmmmmmmm", ["tie_top", "tie_bottom"]), ("worse", "tmmmmmmmbb", ["tie_top_lowered", "tie_bottom_lowered"]),
     ("middle", "tmmmmmmmmm", ["tie_bottom", "tie_top_lowered"])],
)  # fmt: skip
def test_equals_at_a_cut_go_where_the_rule_sends_them_with_a_note(tie, letters, codes):
    tiering = tied(tie)
    assert "".join(tier[0] for tier in tiering.table["tier"]) == letters
    assert sorted(note.code for note in tiering.pools[0].notes) == sorted(codes)


def test_an_agreed_order_parts_equals_and_says_so():
    tiering = tied("better", **{"tie:result": [0, 40, 45, 0, 0, 0, 0, 0, 10, None]})
    assert "".join(tier[0] for tier in tiering.table["tier"]) == "tmtmmmmmmb"
    told = [(note.code, dict(note.values)["score"]) for note in tiering.pools[0].notes]
    assert told == [("tie_break", 90), ("tie_break", 60)]
    assert list(tiering.table["reason"][1:3]) == ["tie_break", "tie_break"]
    assert list(tiering.table["rank"][:3]) == [1, 3, 2]


def test_scikit_criterias_tie_break_by_a_second_score():
    """tests/test_tiebreaker.py: primary ranks 1 1 2 2 3, second scores by plain sum → 2 1 3 4 5."""
    second = [100 + 8.5 + 7.2, 120 + 8.5 + 6.8, 150 + 9.2 + 8.1, 140 + 9.2 + 7.9, 200 + 9.8 + 9.0]
    frame = pd.DataFrame({"person": list("abcde"), "score": [3, 3, 2, 2, 1], "tie:second": second})
    assert list(assign_tiers(frame, TierScheme(tie_break=("second",))).table["rank"]) == [2, 1, 3, 4, 5]


def test_tie_break_columns_are_sides_indicators_and_the_score_before(make_design, make_tables):
    design = make_design(indicator("a", 60, **{"class": "result"}), indicator("b", 40))
    tables = make_tables({"p": {"a": 90, "b": 80}, "q": {"a": 80}})
    chain = design.model_copy(update={"tiers": TierScheme(tie_break=("result", "b", "previous"))})
    found = score_cycle(chain, tables, previous={"q": Decimal(70)}).scores_to_frame()
    assert list(found["tie:result"]) == [Decimal("54.00"), Decimal("80.00")]
    assert list(found["tie:b"]) == [80 * MICRO, None]
    assert list(found["tie:previous"]) == [None, Decimal(70)]
    bad = design.model_copy(update={"tiers": TierScheme(tie_break=("resullt",))})
    assert [i.code for i in check_design(bad).errors] == ["unknown-tie-break"]


# --- decisions -------------------------------------------------------------------------------------------------------


def moved(*rows: tuple[str, str, str]):
    lines = [
        {"date": "2026-11-05", "person": who, "from_tier": a, "to_tier": b, "reason": "r", "approver": "boss"} for who, a, b in rows
    ]  # fmt: skip
    return table("calibration", lines)


def test_a_calibration_decision_moves_a_tier_and_the_counts():
    frame = pd.DataFrame({"person": list("abcdefghij"), "score": range(90, 80, -1)})
    tiering = assign_tiers(frame)
    after = apply_calibration(tiering, moved(("j", "bottom", "middle"), ("c", "middle", "top")), TierScheme())
    assert tuple(after.pools[0].counts) == (3, 7, 0)
    assert list(after.table["reason"][[2, 9]]) == ["calibrated", "calibrated"]
    assert tuple(tiering.pools[0].counts) == (2, 7, 1)
    assert [note.code for note in after.pools[0].notes] == ["calibrated"]


def test_a_stale_decision_and_one_below_the_pass_line_are_refused_with_their_place():
    frame = pd.DataFrame({"person": list("abcdefghij"), "score": range(90, 80, -1)})
    scheme = TierScheme(pass_line=Decimal(60))
    with pytest.raises(IssuesError) as caught:
        apply_calibration(assign_tiers(frame, scheme), moved(("a", "middle", "top"), ("b", "top", "bottom")), scheme)
    assert [(i.code, i.place.row) for i in caught.value.issues] == [
        ("calibration-stale", 2),
        ("calibration-below-line", 3),
    ]


def test_statements_about_weights_must_name_what_there_is(make_design):
    said = [
        {"role": "clerk", "indicator": "x"},
        {"role": "cleck", "indicator": "a"},
        {"role": "clerk", "indicator": "a", "at_least": 50, "at_most": 10},
    ]
    codes = [i.code for i in check_design(make_design(confidence={"statements": said})).errors]
    assert codes == ["unknown-in-statement", "unknown-in-statement", "statement-empty"]


def test_tiers_are_named_in_a_calibration_file():
    with pytest.raises(ValidationError):
        moved(("a", "best", "top"))
    assert moved(("a", "top", "middle"))["to_tier"][0] is Tier.MIDDLE


# --- edges -----------------------------------------------------------------------------------------------------------


def test_whoever_skips_the_checks_is_still_told_of_a_missing_target(make_design, make_tables, monkeypatch):
    from kpi_toolkit.method import scoring
    from kpi_toolkit.method.issues import Issues

    monkeypatch.setattr(scoring, "check_cycle", lambda *_: Issues())
    with pytest.raises(ValueError, match="indicator a has no target"):
        score_indicators(make_design(indicator("a", 100, target=None)), make_tables({"p": {"a": 1}}))


def test_nothing_that_counts_is_a_geometric_mean_of_nothing():
    assert geometric_mean([]) == 0
    assert geometric_mean([(50, Decimal(10), "missing")]) == 0


def test_a_person_with_nothing_scored_is_in_no_team_mean(make_design):
    people = [{"id": p, "name": p, "role": "clerk", "team": "x"} for p in "ab"]
    actuals = [{"person": "a", "indicator": i, "actual": 80} for i in "ab"]
    scores = adds_up(make_design(team_share=20), Tables.of(people=people, actuals=actuals))
    assert scores["score"][0] == Decimal("80.00")
    assert scores["score"][1] is None


def test_an_attainment_without_meaning_is_none(make_design, make_tables):
    curve = {"kind": "piecewise", "by": "margin", "points": [{"at": -9, "score": 0}, {"at": 0, "score": 100}]}
    for target, expected in ((0, None), (-3, None), (5, Decimal("0.8"))):
        lines = score_indicators(
            make_design(indicator("a", 100, target=target, curve=curve)), make_tables({"p": {"a": 4}})
        )
        assert lines["attainment"][0] == expected


def test_the_actual_for_a_score_where_less_is_better_and_no_target_is_needed(make_design, make_tables):
    """Goalposts turned round: 50 → 100, 100 → 0; a score of 80 needs at most 75 (rsmaa's cut-offs)."""
    from kpi_toolkit.method.curves import Piecewise
    from kpi_toolkit.method.segments import Direction
    from kpi_toolkit.method.steps import Steps

    points = [{"at": 50, "score": 100}, {"at": 75, "score": 80}, {"at": 90, "score": 50}, {"at": 100, "score": 0}]
    curve = Piecewise.model_validate({"by": "actual", "points": points})
    find = lambda score: curve.actual_for(Fraction(score), Fraction(0), Direction.LOWER)  # noqa: E731
    assert [find(score) for score in (100, 80, 65, 0)] == [50, 75, Fraction(165, 2), 100]
    assert find(101) is None
    assert Steps(by="actual", deduct=5).actual_for(Fraction(84), Fraction(0), Direction.LOWER) == 3


# --- what must always hold -------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 12), min_size=5, max_size=24), st.data())
def test_nobody_with_an_equal_score_is_split_without_a_line_that_says_so(values, data):
    chain = data.draw(st.lists(st.integers(0, 3) | st.none(), min_size=len(values), max_size=len(values)))
    frame = pd.DataFrame({"person": [f"p{n}" for n in range(len(values))], "score": [Decimal(v) for v in values]})
    frame["tie:result"] = pd.Series(chain, dtype=object)
    scheme = TierScheme.model_validate({
        "rule": data.draw(st.sampled_from(list(QuotaRule))), "tie": data.draw(st.sampled_from(["better", "worse", "middle"])),
        "tie_break": data.draw(st.sampled_from([[], ["result"]])), "pass_line": data.draw(st.sampled_from([None, 6])),
    })  # fmt: skip
    before = {"all": data.draw(st.integers(0, 9))}
    tiering = assign_tiers(frame, scheme, before=before)
    [pool] = tiering.pools
    assert sum(pool.counts) == len(values)
    noted = {who for note in pool.notes for key, people in note.values if key == "people" for who in people}
    for score in set(values):
        same = tiering.table[[value == score for value in values]]
        if same["tier"].nunique() > 1:
            assert set(same["reason"]) & {"tie_break", "tie_shared", "tie_lowered", "tie_too_many"}
            assert set(same["person"]) & noted
    order = list(reversed(range(len(values))))
    turned = assign_tiers(frame.iloc[order], scheme, before=before).table.set_index("person")
    assert turned.loc[list(frame["person"]), "tier"].tolist() == tiering.table["tier"].tolist()


@given(
    st.lists(st.lists(st.integers(0, 100 * MICRO), min_size=3, max_size=3), min_size=2, max_size=8),
    st.lists(st.integers(1, 900), min_size=3, max_size=3), st.integers(2, 11),
)  # fmt: skip
def test_weights_rescaled_keep_the_ranks_of_unrounded_totals(scores, weights, factor):
    from kpi_toolkit.method.lines import weighted_sum

    def totals(scale: int) -> list[Fraction]:
        lines = [[(s, Decimal(w * scale) / 100, "scored") for s, w in zip(row, weights, strict=True)] for row in scores]
        return [Fraction(*weighted_sum(row)) for row in lines]

    assert totals(1) == totals(factor)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300), st.none() | st.integers(0, 300)), min_size=1, max_size=6
    )
)
def test_every_printed_column_adds_up_whatever_comes_in(rows):
    items = [indicator("a", "33.33"), indicator("b", "33.34"), indicator("c", "33.33")]
    for change in ({}, {"team_share": "12.5"}, {"item_cap": 150, "missing": "zero"}):
        design = Design.model_validate({"roles": {"clerk": {"name": "C", "indicators": items}}} | change)
        people = [{"id": f"p{n}", "name": "N", "role": "clerk", "team": "x"} for n in range(len(rows))]
        actuals = [
            {"person": f"p{n}", "indicator": name, "actual": value}
            for n, row in enumerate(rows) for name, value in zip("abc", row, strict=True)
        ]  # fmt: skip
        scores = adds_up(design, Tables.of(people=people, actuals=actuals))
        assert all(0 <= score <= design.total_cap for score in scores["score"])


# --- found by mutation -----------------------------------------------------------------------------------------------


def letters(values, **scheme) -> str:
    frame = pd.DataFrame({"person": [f"p{n}" for n in range(len(values))], "score": values})
    return "".join(tier[0] for tier in assign_tiers(frame, TierScheme.model_validate(scheme)).table["tier"])


def test_shares_that_leave_one_tier_only_place_everybody_there():
    assert letters([80] * 6, shares=[0, 0, 100]) == "b" * 6
    assert letters([90, 80, 70, 60, 50], shares=[100, 0, 0]) == "t" * 5


def test_equals_who_span_both_cuts_go_to_the_middle_even_where_the_top_is_wide():
    assert letters([80] * 5, shares=[60, 0, 40]) == "m" * 5


def test_half_up_rounds_the_bottom_as_well():
    assert tuple(tier_quotas(5, rule="half_up")) == (1, 3, 1)
    assert tuple(tier_quotas(15, rule="half_up")) == (3, 10, 2)


def test_no_cut_appears_where_a_share_is_nothing():
    scores = [100, 50, 49, 48, 47, 46, 45, 44, 43, 42]
    assert tuple(tier_quotas(10, (0, 90, 10), "boundary_gap", scores=scores)).count(0) == 1
    assert tuple(tier_quotas(2, (0, 100, 0), "boundary_gap", scores=[9, 1])) == (0, 2, 0)


def test_whoever_stands_clear_of_a_tie_is_there_by_rank():
    frame = pd.DataFrame({"person": list("abcdefghij"), "score": [90, 90, 90, 85, 84, 83, 82, 81, 70, 60]})
    frame["tie:result"] = [5, 3, 3, 0, 0, 0, 0, 0, 0, 0]
    found = assign_tiers(frame, TierScheme(tie_break=("result",))).table
    assert list(found["reason"][:3]) == ["rank", "tie_shared", "tie_shared"]


def test_a_curve_that_needs_no_target_has_no_attainment(make_design, make_tables):
    goalposts = {"kind": "piecewise", "by": "actual", "points": [{"at": 20, "score": 0}, {"at": 83.57, "score": 100}]}
    goalposts["points"][1]["at"] = Decimal("83.57")
    design = make_design(indicator("a", 100, target=None, curve=goalposts))
    lines = score_indicators(design, make_tables({"p": {"a": 55}}))
    assert (lines["attainment"][0], lines["points"][0]) == (None, Decimal("55.06"))
    assert plain(tier_quotas(10)) == {"top": 2, "middle": 7, "bottom": 1}
