"""Doubt, worked out: published figures of stability, acceptability, reliability and fairness, and what must always hold."""

from __future__ import annotations

from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from conftest import ROOT
from doubt_cases import composite_reliability, placement, rank_acceptability
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.method.quotas import Quotas, tier_quotas
from kpi_toolkit.method.statements import Bound, NoWeightsError
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.fairness import compare_groups, compare_outcomes, fisher, mid_p
from kpi_toolkit.whatif.reliability import (
    classification,
    one_way,
    rater_severity,
    spearman_brown,
    tier_chances,
    usual_ranks,
)
from kpi_toolkit.whatif.stability import alike_and_constant, effective_weights
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


def test_eight_weights_in_order_are_spread_evenly_though_the_last_have_little_room():
    """Walked in all directions alike the first weight was above .3 in 48 of 100 sets; evenly it is in 61.5."""
    order = [Bound(tuple((at == k) - (at == k + 1) for at in range(8)), 0.0) for k in range(7)]
    drawn, even = within(10_000, 8, order, generator()), ordinal(100_000, range(8, 0, -1), generator())
    for at, more in ((0, 0.3), (1, 0.15), (2, 0.1), (7, 0.01)):
        assert (drawn[:, at] > more).mean() == pytest.approx((even[:, at] > more).mean(), abs=0.03)


def test_statements_that_no_weights_keep_are_refused():
    with pytest.raises(NoWeightsError):
        within(10, 2, [Bound((1, 0), 0.7), Bound((0, 1), 0.7)], generator())


# --- tiers under open weights ----------------------------------------------------------------------------------------


def test_effective_weights_tell_a_weight_that_does_nothing():
    scores = np.array([[100, 60], [100, 80], [100, 95], [99, 70]], float)
    effective = effective_weights(scores, np.array([0.5, 0.5]))
    assert effective.sum() == pytest.approx(1)
    assert abs(effective[0]) < 0.05
    assert effective_weights(np.ones((3, 2)), np.array([0.5, 0.5])) is None
    constant, twins = alike_and_constant(np.array([[1, 2, 5.0], [2, 4, 5], [3, 6.1, 5]]))
    assert constant == [2]
    assert [pair[:2] for pair in twins] == [(0, 1)]


# --- measurement -----------------------------------------------------------------------------------------------------


def test_spearman_brown_prints_68_76_81():
    assert [round(spearman_brown(0.52, k), 2) for k in (1, 2, 3, 4)] == [0.52, 0.68, 0.76, 0.81]


def test_the_published_intraclass_correlation_of_one_judge():
    """Shrout & Fleiss 1979: ICC(1,1) = .17."""
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    assert round(float(one_way(table[None])[0]), 4) == 0.1657


def test_errors_of_the_parts_add_up_to_that_of_the_whole():
    """Mosier 1943: weights .40 .35 .25, spreads 12 10 8, reliabilities .95 .80 .52; then what a placed tier is worth."""
    alike = np.array([[1, 0.3, 0.2], [0.3, 1, 0.4], [0.2, 0.4, 1]])
    whole, error = composite_reliability(np.array([0.4, 0.35, 0.25]), np.array([12, 10, 8]), np.array([0.95, 0.8, 0.52]), alike)  # fmt: skip
    assert (round(whole, 4), round(error, 3), round(error**2, 3)) == (0.9061, 2.35, 5.522)
    found = placement(whole)
    assert [round(each, 3) for each in (found.bottom_true, found.top_true, found.agreement)] == [0.783, 0.827, 0.887]


@pytest.mark.parametrize(
    ("reliability", "bottom"),
    [(0.45, 0.444), (0.57, 0.517), (0.65, 0.569), (0.68, 0.590), (0.80, 0.680), (0.90, 0.776)],
)
def test_in_a_large_cohort_chances_are_those_of_the_normal_distribution(reliability, bottom):
    """The oracle is the bivariate normal (Taylor-Russell); ours draws true scores and places them by the seats."""
    assert round(placement(reliability).bottom_true, 3) == bottom
    scores = [80 + 8 * NormalDist().inv_cdf((n + 0.5) / 400) for n in range(400)]
    chances = tier_chances(scores, Quotas(80, 280, 40), reliability, draws=1500)
    assert np.mean([row[2] for row in chances[:40]]) == pytest.approx(bottom, abs=0.02)
    assert np.mean([row[0] for row in chances[-80:]]) == pytest.approx(placement(reliability).top_true, abs=0.02)


@pytest.mark.parametrize(
    ("given", "length"), [((78, 8, 0.8, 100), 130.06), ((78, 8, 0.52, 100), 54.78), ((78, 10, 0.8, 120), 159.80)]
)
def test_the_effective_length_of_livingston_and_lewis(given, length):
    mean, spread, reliability, high = given
    assert round(classification(mean, spread, reliability, (68, 85), high=high).length, 2) == length


def test_accuracy_and_consistency_of_placing_at_two_cuts():
    """Livingston & Lewis 1995, two-parameter beta (as R's betafunctions has it)."""
    found = classification(78, 8, 0.8, (68, 85))
    got = (found.accuracy, found.consistency, found.kappa, found.true[0], found.true[2])
    assert [round(each, 3) for each in got] == [0.831, 0.760, 0.497, 0.612, 0.657]


def test_chances_sum_to_one_follow_the_score_and_sharpen_with_reliability():
    scores = [95.0, 90.0, 85.0, 85.0, 80.0, 60.0]
    chances = tier_chances(scores, Quotas(1, 4, 1), 0.52)
    assert all(sum(row) == pytest.approx(1) for row in chances)
    assert [row[0] for row in chances] == sorted((row[0] for row in chances), reverse=True)
    assert [row[2] for row in chances] == sorted(row[2] for row in chances)
    assert chances[2] == chances[3], "equal scores have equal chances"
    assert tier_chances(scores, Quotas(1, 4, 1), 0.99)[-1][2] > chances[-1][2]
    assert tier_chances(scores, Quotas(1, 4, 1), 0.52, pass_line=40)[-1][2] < chances[-1][2]


def test_the_further_behind_the_higher_the_chance_of_the_bottom():
    """Nine people at 82 to 90 and a tenth ever further behind (once it fell: 24.9, 13.7, 12.8 of a hundred)."""
    found = [tier_chances([*range(82, 91), last], Quotas(2, 7, 1), 0.52)[-1][2] for last in (81, 80, 70, 60, 40, 20, 0)]
    assert found == sorted(found)
    assert found[1] > 0.4
    assert found[-1] > 0.85


def cohorts(n, reliability, count, draws):
    """Return what is said and what is true of the own tier, over simulated cohorts: mean of chances, share, by tier."""
    random = np.random.default_rng(n)
    quotas = tier_quotas(n)
    said, true = ([[], [], []] for _ in range(2))
    for _ in range(count):
        real = random.normal(80, 8 * sqrt(reliability), n)
        scores = np.round(real + random.normal(0, 8 * sqrt(1 - reliability), n), 2)
        chances = tier_chances(scores, quotas, reliability, draws=draws)
        placed, truly = (np.argsort(np.argsort(-values, kind="stable")) for values in (scores, real))
        for person in range(n):
            tier, other = (int(rank[person] >= quotas.top) + int(rank[person] >= n - quotas.bottom) for rank in (placed, truly))  # fmt: skip
            said[tier].append(chances[person][tier])
            true[tier].append(tier == other)
    return [(float(np.mean(a)), float(np.mean(b)), len(a)) for a, b in zip(said, true, strict=True)]


@pytest.mark.parametrize(("n", "reliability"), [(8, 0.5), (20, 0.9)])
def test_chances_that_are_said_come_true(n, reliability):
    for said, true, count in cohorts(n, reliability, 150, 200):
        assert said == pytest.approx(true, abs=0.03 + 3 * sqrt(true * (1 - true) / count))


@pytest.mark.slow
@pytest.mark.parametrize("reliability", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("n", [8, 10, 20, 50, 200])
def test_over_800_cohorts_the_mean_said_is_within_three_points_of_the_truth(n, reliability):
    for said, true, count in cohorts(n, reliability, 800, 300):
        assert said == pytest.approx(true, abs=0.03 + sqrt(true * (1 - true) / count))


def test_ranks_over_redrawn_cycles_repeat_and_hold_the_usual_rank():
    cycles = np.array([[90, 92, 91, 93.0], [80, 85, 83, 82], [81, 84, 82, 83], [60, np.nan, 62, 61]])
    found = usual_ranks(cycles)
    assert found[0].tolist() == [1, 1, 1]
    assert found[3].tolist() == [4, 4, 4]
    assert all(low <= usual <= high for usual, low, high in found)
    assert (usual_ranks(cycles) == found).all()


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


def rows(result):
    """Return of each group by name: ratio to the best, whether it is flagged, whether it is too small to say."""
    return {
        g.group: (None if g.ratio is None else round(float(g.ratio), 3), g.flagged, g.too_small) for g in result.groups
    }


def test_four_fifths_is_not_below_four_fifths():
    """29 CFR 1607, Q&A 11: 60/45/48/51 % give 75 % (flag), 80 % (none), 85 %."""
    result = compare_groups("hired", {"a": (60, 100), "b": (45, 100), "c": (48, 100), "d": (51, 100)})
    assert [group.ratio for group in result.groups[1:]] == [Fraction(3, 4), Fraction(4, 5), Fraction(17, 20)]
    assert [group.flagged for group in result.groups] == [False, True, False, False]


def test_published_four_fifths_cases():
    """Q&A 12: 48/80 and 12/40 give 50 %, Fisher p = .0034. Q&A 21: 3/20 and 1/10 are too few to conclude."""
    result = compare_groups("hired", {"white": (48, 80), "black": (12, 40)})
    assert rows(result)["black"] == (0.5, True, False)
    assert round(float(result.groups[1].p_best), 4) == 0.0034
    assert rows(compare_groups("hired", {"men": (3, 20), "women": (1, 10)}))["women"] == (0.667, False, True)


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        # A tiny group is too small for itself, and hides nothing of the others.
        ({"a": (40, 100), "b": (24, 100), "c": (1, 5)}, {"a": (1, False, False), "b": (0.6, True, False), "c": (0.5, False, True)}),
        # Nor does a tiny best group put everybody else below four fifths: a fares better than all others together.
        ({"a": (40, 100), "b": (24, 100), "c": (5, 5)}, {"a": (0.4, False, False), "b": (0.24, True, False), "c": (1, False, False)}),
        ({"a": (0, 9), "b": (0, 9)}, {"a": (None, False, False), "b": (None, False, False)}),
    ],
)  # fmt: skip
def test_each_group_is_held_against_the_best_and_all_others(counts, wanted):
    assert rows(compare_groups("x", counts)) == wanted


def test_both_sides_of_a_selection_are_compared():
    """1 of 18 against 2 of 12 in the bottom: staying out of it passes (.88), being in it is three times as frequent."""
    both = {"not_bottom": {"a": (17, 18), "b": (10, 12)}, "bottom": {"a": (1, 18), "b": (2, 12)}}
    stays, sinks = compare_outcomes(both, unwanted=["bottom"])
    assert rows(stays)["b"] == (0.882, False, False)
    assert rows(sinks)["b"] == (0.333, False, True)


def test_mid_p_is_the_doubled_one_and_hears_more_than_fisher():
    """Collins & Morris 2008: 7/10 and 2/10 give .0698 and .0376; at 12 + 12 and p = .2 the levels are .0119, .0385."""
    assert [round(float(test(7, 3, 2, 8)), 4) for test in (fisher, mid_p)] == [0.0698, 0.0376]

    def passes(test, n, first, second):
        ways = [[comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)] for p in (first, second)]
        small = {(a, b) for a in range(n + 1) for b in range(n + 1) if test(a, n - a, b, n - b) < 0.05}
        return round(sum(ways[0][a] * ways[1][b] for a, b in small), 4)

    assert [passes(test, 12, 0.2, 0.2) for test in (fisher, mid_p)] == [0.0119, 0.0385]
    assert [round(passes(test, 12, 0.2, 0.5), 3) for test in (fisher, mid_p)] == [0.21, 0.321]


def test_the_smallest_difference_that_could_show_is_the_smallest():
    found = compare_groups("x", {"a": (20, 40), "b": (5, 12)}).groups[1]
    worse = [k for k in range(13) if Fraction(k, 12) < Fraction(1, 2)]
    shows = [k for k in worse if mid_p(k, 12 - k, 20, 20) < 0.05]
    assert found.detectable == Fraction(1, 2) - Fraction(max(shows), 12)
    assert compare_groups("x", {"a": (1, 9), "b": (1, 9)}).groups[0].detectable is None, "not even nobody could show"


@pytest.mark.parametrize(
    ("groups", "alone", "shown", "hidden"),
    [
        ({"a": (7, 27), "b": (1, 14), "c": (1, 3)}, (0, 0), (), (3, 44)),  # 10 A and 3 C told "2 of 3 A, 1 of 3 C"
        ({"a": (7, 27), "b": (6, 14), "d": (2, 5), "c": (1, 4)}, (0, 0), ("a", "b"), (2, 9)),  # 3 among 4 and 5: 0 to 3
        ({"a": (0, 9), "b": (0, 7), "c": (2, 3)}, (0, 1), (), (3, 19)),  # what is left of the whole is the hidden group
        ({"a": (3, 20), "b": (1, 4)}, (0, 0), (), (2, 24)),
        ({"a": (3, 20), "b": (1, 5)}, (0, 0), ("a", "b"), (0, 0)),
    ],
)
def test_nothing_hidden_can_be_worked_out_from_what_is_shown(groups, alone, shown, hidden):
    [result] = compare_outcomes({"x": groups}, without={"x": alone})
    assert tuple(group.group for group in result.groups) == shown
    assert (result.hidden, result.hidden_people, result.without) == (*hidden, alone[1])


@given(st.lists(st.integers(1, 12), min_size=2, max_size=5), st.integers(0, 3), st.data())
def test_what_is_shown_leaves_at_least_two_people_of_doubt_about_each_hidden_group(sizes, alone, data):
    counts = {f"g{n}": (data.draw(st.integers(0, size)), size) for n, size in enumerate(sizes)}
    left = data.draw(st.integers(0, alone)), alone
    [result] = compare_outcomes({"x": counts}, without={"x": left})
    shown = {group.group for group in result.groups}
    if shown and len(shown) < len(counts):
        total = sum(a for name, (a, _) in counts.items() if name not in shown) + left[0]
        people = sum(n for name, (_, n) in counts.items() if name not in shown) + alone
        for name, (_, size) in counts.items():
            if name not in shown:
                assert min(size, total) - max(0, total - (people - size)) >= 2
    assert all(counts[name][1] >= 5 for name in shown)


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
            assert own["measurement"] is None, "nothing here is rated"
            assert own["label"] in {"firm", "likely", "open"}
    assert data["confidence"]["measurement"] is None
    assert sum(data["confidence"]["verdicts"].values()) == sum(person["tier"] is not None for person in data["people"])
    assert data["confidence"]["tipping"] == [{
        "role": "network-editor", "from": "rolling-update", "to": "review-pass", "shift": 0.82,
        "people": [{"person": "p11", "before": "top", "after": "middle"}],
    }]  # fmt: skip


def test_a_tier_that_rests_on_a_tie_or_a_decision_is_never_firm(summary):
    tied = [line for line in summary.ranking if line.reason in {"tie_shared", "calibrated"}]
    assert {line.reason for line in tied} == {"tie_shared", "calibrated"}
    for line in tied:
        own = summary.confidence.people[line.id]
        assert own.rests_on in {"tie", "decision"}
        assert own.label != "firm"


@pytest.mark.parametrize("client", ["home-goods", "cloudboard", "lumen-brand"])
def test_no_sure_verdict_stands_beside_a_doubtful_figure(client):
    folder = ROOT / "client_data" / client
    for cycle in ("2026-08", "2026-10"):
        found = summarize_cycle(load_client(folder), cycle)
        for own in found.confidence.people.values():
            if own.label == "firm":
                assert min(own.by_weights, 1 if own.by_ratings is None else own.by_ratings) >= 0.9
                assert not own.rests_on


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
    assert [result.outcome for result in summary.fairness] == ["top", "not_bottom", "bottom"]
    assert {group.group for group in summary.fairness[0].groups} == {"上海 Shanghai", "成都 Chengdu"}
    other = summarize_cycle(load_client(ROOT / "client_data" / "home-goods"), "2026-10")
    assert other.fairness == ()


def test_targets_are_judged_over_the_cycles_shown(summary):
    for fit in summary.target_fit:
        assert fit.count >= 10
        assert 0 <= fit.capped <= fit.met <= 1
        assert fit.verdict in {"fits", "too_easy", "too_hard", "harsh"}
