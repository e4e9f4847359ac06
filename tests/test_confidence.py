"""Doubt, worked out: published figures of stability, acceptability, reliability and fairness, and what must always hold."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.method.quotas import Quotas
from kpi_toolkit.method.statements import Bound, NoWeightsError
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.acceptability import rank_acceptability, tier_acceptability
from kpi_toolkit.whatif.fairness import compare_groups, fisher
from kpi_toolkit.whatif.reliability import (
    bootstrap_ranks,
    both_above,
    intraclass,
    placement,
    spearman_brown,
    tier_chances,
)
from kpi_toolkit.whatif.severity import rater_severity
from kpi_toolkit.whatif.stability import (
    critic_weights,
    effective_weights,
    entropy_weights,
    redundancy,
    smallest_flip,
    tier_intervals,
    tier_of_rank,
)
from kpi_toolkit.whatif.weights import around, generator, ordinal, uniform, within

DRAWS = 200_000


# --- weights ---------------------------------------------------------------------------------------------------------


def test_exact_case_a_finds_a_sampler_that_crowds_in_the_middle():
    """Three unit vectors: each first in a third, central weights (11/18, 7/36, 7/36); normalised uniforms give .523."""
    found = rank_acceptability(np.eye(3), uniform(DRAWS, 3, generator()))
    assert found.ranks[:, 0] == pytest.approx([1 / 3] * 3, abs=0.005)
    assert found.central[0] == pytest.approx([11 / 18, 7 / 36, 7 / 36], abs=0.005)


def test_exact_case_b_of_rank_acceptability():
    scores = np.array([[1, 0], [0, 1], [0.6, 0.6]])
    found = rank_acceptability(scores, uniform(DRAWS, 2, generator()))
    assert found.ranks == pytest.approx(np.array([[0.4, 0.1, 0.5], [0.4, 0.1, 0.5], [0.2, 0.8, 0]]), abs=0.005)
    never = rank_acceptability(np.array([[1.0, 1.0], [0.0, 0.0]]), uniform(100, 2, generator()))
    assert np.isnan(never.central[1]).all()
    assert np.isnan(never.confidence[1])


def test_the_published_antidepressant_case_of_smaa():
    """JSMAA SMAA2SimulationTest; Tervonen et al. 2011, Stat. Med. (tolerance .02 as there)."""
    random = generator()
    names = ["parox", "fluox", "sert", "ven"]
    efficacy = [(0.086, 0.056), (0.0, 0.0), (0.095, 0.044), (0.113, 0.048)]
    side_effects = [
        [(9.2, 1.86), (11.7, 2.5), (15.4, 2.65), (5.5, 2.32)], [(10.6, 1.58), (7.2, 1.45), (7.5, 1.48), (15.7, 4.44)],
        [(21.2, 5.15), (16.6, 3.27), (20.2, 3.78), (12.8, 2.45)], [(14.3, 2.93), (13.7, 1.89), (15.0, 3.21), (11.2, 3.98)],
        [(18.3, 3.7), (18.6, 1.79), (19.5, 2.6), (31.0, 1.68)],
    ]  # fmt: skip
    draws = 60_000
    scores = np.empty((draws, len(names), 6))
    low = min(np.exp(m - 1.959964 * s) for m, s in efficacy)
    high = max(np.exp(m + 1.959964 * s) for m, s in efficacy)
    for place, (m, s) in enumerate(efficacy):
        scores[:, place, 0] = (np.exp(random.normal(m, s, draws)) - low) / (high - low)
    for column, cells in enumerate(side_effects, start=1):
        low, high = min(m - 1.959964 * s for m, s in cells), max(m + 1.959964 * s for m, s in cells)
        for place, (m, s) in enumerate(cells):
            scores[:, place, column] = (high - random.normal(m, s, draws)) / (high - low)
    found = rank_acceptability(scores, uniform(draws, 6, random))
    printed = [[0.25, 0.29, 0.27, 0.19], [0.20, 0.28, 0.30, 0.22], [0.17, 0.25, 0.29, 0.30], [0.39, 0.18, 0.15, 0.29]]
    assert found.ranks == pytest.approx(np.array(printed), abs=0.02)
    assert found.confidence == pytest.approx(np.array([0.44, 0.48, 0.34, 0.74]), abs=0.02)
    assert found.central[3] == pytest.approx(np.array([0.18, 0.21, 0.12, 0.21, 0.19, 0.09]), abs=0.02)


def test_weights_around_the_agreed_ones_have_their_mean_and_spread():
    drawn = around(DRAWS, [50, 30, 20], 50, generator())
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn.mean(axis=0) == pytest.approx([0.5, 0.3, 0.2], abs=0.002)
    assert drawn[:, 1].std() == pytest.approx(sqrt(0.3 * 0.7 / 51), abs=0.001)


def test_ordinal_weights_keep_the_order_and_mean_the_rank_order_centroids():
    drawn = ordinal(DRAWS, [20, 50, 30], generator())
    assert (drawn[:, 1] >= drawn[:, 2]).all()
    assert (drawn[:, 2] >= drawn[:, 0]).all()
    assert drawn.mean(axis=0) == pytest.approx([1 / 9, 11 / 18, 5 / 18], abs=0.003)  # ROC(3): .6111 .2778 .1111


def test_hit_and_run_keeps_statements_and_spreads_evenly_within_them():
    bounds = [Bound((1, 0, 0), 0.2), Bound((-1, 0, 0), -0.5), Bound((0, 1, -2), 0.0)]
    drawn = within(20_000, 3, bounds, generator())
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn.min() >= -1e-12
    for bound in bounds:
        assert (drawn @ np.array(bound.factors) >= bound.least - 1e-9).all()
    free = uniform(400_000, 3, generator())
    kept = free[np.all([free @ np.array(b.factors) >= b.least for b in bounds], axis=0)]
    assert drawn.mean(axis=0) == pytest.approx(kept.mean(axis=0), abs=0.006)


def test_statements_that_no_weights_keep_are_refused():
    with pytest.raises(NoWeightsError):
        within(10, 2, [Bound((1, 0), 0.7), Bound((0, 1), 0.7)], generator())


# --- tiers under open weights ----------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=40)
def test_tier_acceptability_is_what_counting_gives(data):
    people, count = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    scores = np.array(data.draw(st.lists(st.lists(st.integers(0, 3), min_size=count, max_size=count), min_size=people, max_size=people)), float)  # fmt: skip
    top = data.draw(st.integers(0, people))
    quotas = Quotas(top, 0, 0)
    bottom = data.draw(st.integers(0, people - top))
    quotas = Quotas(top, people - top - bottom, bottom)
    line = data.draw(st.sampled_from([None, 1.5]))
    weights = uniform(120, count, generator())
    totals = weights @ scores.T
    got = tier_acceptability(lambda piece: totals[piece], 120, quotas, pass_line=line)
    wanted = np.zeros((people, 3))
    for row in totals:
        first = np.sort(row)[people - top] if top else np.inf
        crowded = (row >= first - 1e-9).sum() > 2 * top
        for person in range(people):
            above, below = (row > row[person] + 1e-9).sum(), (row < row[person] - 1e-9).sum()
            tier = 0 if above < top else 2 if below < bottom and above >= people - bottom else 1
            if tier == 0 and crowded and abs(row[person] - first) <= 1e-9:
                tier = 1  # too many equals at the cut
            if tier == 2 and line is not None and row[person] >= line:
                tier = 1
            wanted[person, tier] += 1
    assert got == pytest.approx(wanted / 120)


def test_nobody_to_place_is_no_shares():
    assert tier_acceptability(lambda piece: np.zeros((0, 0)), 0, Quotas(0, 0, 0)).shape == (0, 3)


def test_published_weight_stability_intervals():
    """u_A = (.9,.4,.5), u_B = (.6,.8,.5), w = (.5,.3,.2): A leads iff w1 > 4/9; iff w2 < 15/43; for every w3."""
    scores, weights = np.array([[0.9, 0.4, 0.5], [0.6, 0.8, 0.5]]), np.array([0.5, 0.3, 0.2])
    assert scores @ weights == pytest.approx([0.67, 0.64])
    room = tier_intervals(scores, weights, Quotas(1, 1, 0))
    assert room[0] == pytest.approx(np.array([[4 / 9, 1], [0, 15 / 43], [0, 1]]))


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_tiers_hold_inside_their_intervals_and_change_just_outside(seed):
    random = np.random.default_rng(seed)
    people, count = random.integers(3, 12), random.integers(2, 6)
    scores = random.integers(0, 5, (people, count)) / 4 if seed % 2 else random.random((people, count))
    weights = random.dirichlet(np.ones(count))
    quotas = Quotas(1, people - 2, 1)
    members = random.random(people) < 0.8
    fixed = random.random(people) * (~members) + 0.01 * random.random(people)

    def tiers(tried):
        totals = fixed + (scores @ tried) * members
        return tier_of_rank((totals[None, :] > totals[:, None] + 1e-10).sum(axis=1), quotas)

    now, room = tiers(weights), tier_intervals(scores, weights, quotas, fixed=fixed, members=list(members))
    for at in range(count):
        rest = np.delete(weights, at) / (1 - weights[at])
        for person in range(people):
            low, high = room[person, at]
            for place, holds in ((low + 1e-6, True), (high - 1e-6, True), (low - 1e-6, False), (high + 1e-6, False)):
                if 0 < place < 1 and low + 2e-6 < high:
                    tried = np.insert(rest * (1 - place), at, place)
                    assert (tiers(tried)[person] == now[person]) is np.bool_(holds) or (not holds and 0 in (low, high))


def test_the_smallest_flip_is_enough_and_nothing_smaller_is():
    random = np.random.default_rng(5)
    for _ in range(20):
        scores, weights = random.random((8, 4)), random.dirichlet(np.ones(4))
        totals = scores @ weights
        tiers = tier_of_rank((totals[None, :] > totals[:, None]).sum(axis=1), Quotas(2, 5, 1))
        flip = smallest_flip(scores, weights, list(tiers))
        assert flip is not None
        moved = weights.copy()
        for source, into, share in flip.moves:
            moved[source] -= share
            moved[into] += share
        assert moved.min() >= -1e-12
        assert (scores @ moved)[flip.up] == pytest.approx((scores @ moved)[flip.down])
        for _ in range(200):
            shift = random.random(4) - 0.5
            shift = (shift - shift.mean()) / np.abs(shift - shift.mean()).sum() * 2 * flip.shift * 0.98
            tried = weights + shift
            if tried.min() >= 0:
                other = scores @ tried
                assert (tier_of_rank((other[None, :] > other[:, None]).sum(axis=1), Quotas(2, 5, 1)) == tiers).all()
    assert smallest_flip(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([0.5, 0.5]), [0, 1]) is None


def test_effective_weights_tell_a_weight_that_does_nothing():
    scores = np.array([[100, 60], [100, 80], [100, 95], [99, 70]], float)
    effective = effective_weights(scores, np.array([0.5, 0.5]))
    assert effective.sum() == pytest.approx(1)
    assert abs(effective[0]) < 0.05
    assert effective_weights(np.ones((3, 2)), np.array([0.5, 0.5])) is None
    found = redundancy(np.array([[1, 2, 5.0], [2, 4, 5], [3, 6.1, 5]]))
    assert found.constant == (2,)
    assert [pair[:2] for pair in found.twins] == [(0, 1)]


def test_entropy_of_the_published_fighter_aircraft_and_of_constant_columns():
    """Hwang & Yoon 1981, unrounded .0642 .2061 .0134 .0813 .3587 .2763 (printed ones within .002)."""
    table = np.array([(2.0, 1500, 20000, 5.5, 5, 9), (2.5, 2700, 18000, 6.5, 3, 5), (1.8, 2000, 21000, 4.5, 7, 7), (2.2, 1800, 20000, 5.0, 5, 5)])  # fmt: skip
    assert entropy_weights(table).round(4).tolist() == [0.0642, 0.2061, 0.0134, 0.0813, 0.3587, 0.2763]
    assert entropy_weights(table) == pytest.approx([0.0649, 0.2055, 0.0133, 0.0829, 0.3570, 0.2764], abs=0.002)
    assert entropy_weights(np.ones((3, 2))).tolist() == [0, 0]
    assert not np.isnan(entropy_weights(np.array([[0.0, 1], [0, 2]]))).any()
    with pytest.raises(ValueError, match="at least 0"):
        entropy_weights(np.array([[-1.0, 1]]))


def test_critic_of_the_published_eight_firms():
    """Diakoulaki et al. 1995: .2022 .4809 .3169."""
    table = np.array([(61, 1.08, 4.33), (20.7, 0.26, 4.34), (16.3, 1.98, 2.53), (9, 3.29, 1.65), (5.4, 2.77, 2.33), (4, 4.12, 1.21), (-6.1, 3.52, 2.10), (-34.6, 3.31, 0.98)])  # fmt: skip
    assert critic_weights(table).round(4).tolist() == [0.2022, 0.4809, 0.3169]
    assert not np.isnan(critic_weights(np.column_stack([table, np.ones(8)]))).any()
    assert critic_weights(np.ones((3, 2))).tolist() == [0, 0]


# --- measurement -----------------------------------------------------------------------------------------------------


def test_spearman_brown_prints_68_76_81():
    assert [round(spearman_brown(0.52, k), 2) for k in (1, 2, 3, 4)] == [0.52, 0.68, 0.76, 0.81]


@pytest.mark.parametrize(
    ("reliability", "bottom", "top", "median", "agreement"),
    [(0.45, 0.444, 0.544, 0.067, 0.707), (0.52, 0.486, 0.580, 0.044, 0.730), (0.61, 0.543, 0.629, 0.022, 0.760),
     (0.80, 0.680, 0.743, 0.001, 0.833), (0.90, 0.776, 0.821, 0.000, 0.884)],
)  # fmt: skip
def test_what_a_placed_tier_is_worth(reliability, bottom, top, median, agreement):
    found = placement(reliability)
    got = (found.bottom_true, found.top_true, found.bottom_above_median, found.agreement)
    assert tuple(round(value, 3) for value in got) == (bottom, top, median, agreement)


@pytest.mark.parametrize(("selected", "success"), [(0.1, 0.7414), (0.2, 0.6966), (0.5, 0.6138)])
def test_taylor_russell_success_ratios(selected, success):
    """Base rate .50, validity .35 (R package personnelSelectionUtility)."""
    from statistics import NormalDist

    assert round(both_above(NormalDist().inv_cdf(1 - selected), 0.0, 0.35) / selected, 4) == success


def test_shrout_and_fleiss_intraclass_correlations():
    """Shrout & Fleiss 1979: .17 .29 .71 .44 .62 .91."""
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    found = intraclass(table)
    got = (found.one_way, found.two_way, found.fixed, found.one_way_mean, found.two_way_mean, found.fixed_mean)
    assert [round(float(value), 4) for value in got] == [0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093]
    pairs = intraclass(np.array([[2, 4], [4, 6], [6, 8]], float))  # MedCalc: consistency 1, agreement .6667
    assert (round(float(pairs.fixed), 4), round(float(pairs.two_way), 4)) == (1.0, 0.6667)
    with pytest.raises(ValueError, match="two targets"):
        intraclass(np.ones((1, 3)))


def test_chances_sum_to_one_follow_the_score_and_sharpen_with_reliability():
    scores = [95.0, 90.0, 85.0, 80.0, 60.0]
    chances = tier_chances(scores, (95.0, 60.0), 0.52)
    assert all(sum(row) == pytest.approx(1) for row in chances)
    assert [row[0] for row in chances] == sorted((row[0] for row in chances), reverse=True)
    assert tier_chances(scores, (95.0, 60.0), 0.99)[-1][2] > chances[-1][2]
    assert tier_chances([80.0, 80.0], (80.0, 10.0), 0.5) == [(0.0, 1.0, 0.0)] * 2


def test_ranks_over_redrawn_cycles_repeat_and_hold_the_rank():
    cycles = np.array([[90, 92, 91, 93.0], [80, 85, 83, 82], [81, 84, 82, 83], [60, np.nan, 62, 61]])
    found = bootstrap_ranks(cycles)
    assert found[0].tolist() == [1, 1]
    assert found[3].tolist() == [4, 4]
    assert found[1][0] <= 2 <= found[1][1]
    assert (bootstrap_ranks(cycles) == found).all()


# --- raters ----------------------------------------------------------------------------------------------------------


def test_a_severity_of_half_a_point_is_recovered_and_shrunk():
    random = np.random.default_rng(3)
    able = random.normal(0, 1, 80)
    ratings = [
        (f"p{i}", f"r{j}", float(able[i] + shift + random.normal(0, 0.4)))
        for i in range(80) for j, shift in enumerate((0.5, 0.0, -0.5))
    ]  # fmt: skip
    found = {line.rater: line.points for line in rater_severity(ratings).raters}
    assert found["r0"] == pytest.approx(0.5, abs=0.12)
    assert found["r2"] == pytest.approx(-0.5, abs=0.12)


@pytest.mark.parametrize(
    ("ratings", "refusal"),
    [
        ([("a", "x", 1.0), ("b", "x", 2.0)], "one_rater"), ([], "one_rater"),
        ([("a", "x", 1.0), ("b", "x", 2.0), ("c", "y", 1.0), ("d", "y", 2.0)], "no_overlap"),
        ([("a", "x", 1.0), ("b", "x", 2.0), ("a", "y", 1.0)], "too_few"),
    ],
)  # fmt: skip
def test_severity_that_cannot_be_known_is_refused(ratings, refusal):
    found = rater_severity(ratings)
    assert (found.raters, found.refusal) == ((), refusal)


# --- fairness --------------------------------------------------------------------------------------------------------


def test_four_fifths_is_not_below_four_fifths():
    """29 CFR 1607, Q&A 11: 60/45/48/51 % give 75 % (flag), 80 % (none), 85 %."""
    result = compare_groups("hired", {"a": (60, 100), "b": (45, 100), "c": (48, 100), "d": (51, 100)})
    assert [group.ratio for group in result.groups[1:]] == [Fraction(3, 4), Fraction(4, 5), Fraction(17, 20)]
    assert [group.flagged for group in result.groups] == [False, True, False, False]


def test_published_four_fifths_cases():
    """Q&A 12: 48/80 and 12/40 give 50 %, Fisher p = .0034. Q&A 21: 3/20 and 1/10 are too few to conclude."""
    result = compare_groups("hired", {"white": (48, 80), "black": (12, 40)})
    assert result.groups[1].ratio == Fraction(1, 2)
    assert round(float(result.p), 4) == 0.0034
    assert result.flagged
    result = compare_groups("hired", {"men": (3, 20), "women": (1, 10)})
    assert result.groups[1].ratio == Fraction(2, 3)
    assert result.too_small
    assert not result.flagged
    outcomes = [
        compare_groups("x", pair).groups for pair in ({"a": (1, 18), "b": (2, 12)}, {"a": (17, 18), "b": (10, 12)})
    ]
    assert round(float(outcomes[0][0].ratio), 2) == 0.33  # bottom-tier rates
    assert round(float(outcomes[1][1].ratio), 2) == 0.88  # staying out of it: the two disagree


def test_small_groups_are_hidden_and_one_group_is_nothing_to_compare():
    result = compare_groups("top", {"a": (3, 20), "b": (1, 4)})
    assert (result.groups, result.hidden, result.p) == ((), ("a", "b"), None)
    assert compare_groups("top", {"a": (0, 9), "b": (0, 9)}).groups[0].ratio is None


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((20, 12, 4), ()),
        ((20, 12, 9, 4), (20, 12)),
        ((20, 12, 3, 2), (20, 12)),
        ((20, 12, 2, 1), ()),
        ((20, 5), (20, 5)),
    ],
)
def test_no_small_group_is_what_is_left_of_the_whole(sizes, shown):
    result = compare_groups("top", {f"g{size}": (1, size) for size in sizes})
    assert tuple(group.size for group in result.groups) == shown


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=40)
def test_fisher_agrees_with_scipy(a, b, c, d):
    from scipy.stats import fisher_exact

    assert float(fisher(a, b, c, d)) == pytest.approx(fisher_exact([[a, b], [c, d]]).pvalue, abs=1e-9)


# --- in the report ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def summary():
    return summarize_cycle(load_client(ROOT / "client_data" / "lumen-brand"), "2026-10")


def test_a_cycle_says_how_sure_each_tier_is_and_the_same_every_time(summary):
    data = summary.to_json()
    again = summarize_cycle(load_client(ROOT / "client_data" / "lumen-brand"), "2026-10").to_json()
    assert data == again
    for person in data["people"]:
        own = person["confidence"]
        assert (own is None) == (person["tier"] is None)
        if own:
            assert sum(own["weights"].values()) == pytest.approx(1, abs=2e-4)
            assert sum(own["measurement"].values()) == pytest.approx(1, abs=2e-4)
            assert own["label"] in {"firm", "likely", "open"}


def test_a_tier_that_rests_on_a_tie_or_a_decision_is_never_firm(summary):
    tied = [line for line in summary.ranking if line.reason in {"tie_shared", "calibrated"}]
    assert {line.reason for line in tied} == {"tie_shared", "calibrated"}
    for line in tied:
        own = summary.confidence.people[line.id]
        assert own.rests_on in {"tie", "decision"}
        assert own.label != "firm"


def test_a_calibration_decision_is_told_with_before_and_after(summary):
    [decision] = summary.decisions
    assert summary.person(decision.person).tier == decision.after
    assert summary.person(decision.person).reason == "calibrated"
    assert tuple(summary.worked_out) == (10, 30, 4)
    assert tuple(summary.counts) == (10, 31, 3)
    assert summary.to_json()["calibration"][0]["from"] == "bottom"


def test_the_agenda_names_people_by_visible_rules(summary):
    by_rule = {entry.rule: dict(entry.people) for entry in summary.agenda}
    for rule, number in (("swing", 10), ("near_cut", 1)):
        assert by_rule[rule]
        assert all((value >= number) if rule == "swing" else (value <= number) for value in by_rule[rule].values())
    swings = {line.id for line in summary.ranking if line.change is not None and abs(line.change) >= 10}
    assert set(by_rule["swing"]) == swings


def test_groups_are_compared_only_where_the_client_asks(summary):
    assert [result.outcome for result in summary.fairness] == ["top", "not_bottom"]
    assert {group.group for group in summary.fairness[0].groups} == {"上海 Shanghai", "成都 Chengdu"}
    other = summarize_cycle(load_client(ROOT / "client_data" / "home-goods"), "2026-10")
    assert other.fairness == ()


def test_targets_are_judged_over_the_cycles_shown(summary):
    for fit in summary.target_fit:
        assert fit.count >= 10
        assert 0 <= fit.capped <= fit.met <= 1
        assert fit.verdict in {"fits", "too_easy", "too_hard", "harsh"}
