"""Quotas, ties, small groups, pass line, exemptions: the counts always add up and every deviation has its reason."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_toolkit.method.quotas import tier_quotas
from kpi_toolkit.method.scheme import QuotaRule, TierScheme
from kpi_toolkit.method.tiers import assign_tiers

# facts/whatif §3.1 and catalogue S235, Y08: exact largest remainder, equal remainders to the middle.
PUBLISHED = {
    0: (0, 0, 0), 1: (0, 1, 0), 2: (0, 2, 0), 3: (1, 2, 0), 4: (1, 3, 0), 5: (1, 4, 0), 6: (1, 4, 1), 7: (1, 5, 1),
    8: (1, 6, 1), 9: (2, 6, 1), 10: (2, 7, 1), 11: (2, 8, 1), 12: (2, 9, 1), 15: (3, 11, 1), 18: (3, 13, 2),
    20: (4, 14, 2), 22: (4, 16, 2), 25: (5, 18, 2), 28: (5, 20, 3), 30: (6, 21, 3),
}  # fmt: skip


def scores(*values, **columns):
    people = [f"p{n}" for n in range(len(values))]
    return pd.DataFrame({"person": people, "score": list(values), **columns})


def tiers_of(*values, **scheme):
    tiering = assign_tiers(scores(*values), TierScheme.model_validate(scheme))
    return "".join((tier or "-")[0] for tier in tiering.table["tier"]), tiering


@pytest.mark.parametrize(("n", "expected"), PUBLISHED.items())
def test_S235_quotas(n, expected):
    assert tuple(tier_quotas(n)) == expected


def test_quotas_sum_are_monotone_and_agree_with_exact_fractions():
    before = (0, 0, 0)
    for n in range(1001):
        quotas = tuple(tier_quotas(n))
        assert sum(quotas) == n
        assert all(a >= b for a, b in zip(quotas, before, strict=True)), n
        assert all(abs(q - Fraction(n * share, 100)) < 1 for q, share in zip(quotas, (20, 70, 10), strict=True))
        before = quotas


@given(
    n=st.integers(0, 400),
    cuts=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(sorted),
    rule=st.sampled_from(list(QuotaRule)),
)
def test_every_quota_rule_sums_for_any_shares(n, cuts, rule):
    low, high = cuts
    shares = [Decimal(low) / 100, Decimal(high - low) / 100, Decimal(10_000 - high) / 100]
    quotas = tier_quotas(n, shares, rule, before=n // 3, scores=range(n))
    assert sum(quotas) == n
    assert min(quotas) >= 0
    if rule is QuotaRule.AT_MOST:
        assert quotas.top <= n * shares[0] / 100
        assert quotas.bottom <= n * shares[2] / 100


@pytest.mark.parametrize("shares", [(20, 70, 20), (20, 70), (-10, 100, 10)])
def test_S241_shares_that_are_not_100_are_refused_with_their_sum(shares):
    with pytest.raises(ValueError, match=str(sum(shares)) if sum(shares) != 100 else "three shares"):
        tier_quotas(10, shares)


def test_a_negative_head_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        tier_quotas(-1)


def test_S236_equals_at_the_top_cut_share_the_top_tier_with_a_note():
    letters, tiering = tiers_of(95, 90, 90, 85, 84, 83, 82, 81, 80, 60)
    assert letters == "tttmmmmmmb"
    assert tuple(tiering.pools[0].quotas) == (2, 7, 1)
    assert [note.code for note in tiering.pools[0].notes] == ["tie_top"]
    assert list(tiering.table["rank"]) == [1, 2, 2, 4, 5, 6, 7, 8, 9, 10]
    assert list(tiering.table["reason"])[:3] == ["rank", "tie_shared", "tie_shared"]


def test_equals_at_the_bottom_cut_share_the_middle():
    letters, tiering = tiers_of(95, 90, 85, 84, 83, 82, 81, 80, 60, 60)
    assert letters == "ttmmmmmmmm"
    assert [note.code for note in tiering.pools[0].notes] == ["tie_bottom"]


def test_a_crowd_that_would_more_than_double_the_top_tier_goes_to_the_middle():
    letters, tiering = tiers_of(95, 90, 90, 90, 90, 83, 82, 81, 80, 60)
    assert letters == "tmmmmmmmmb"
    assert [note.code for note in tiering.pools[0].notes] == ["tie_too_many"]


def test_a_crowd_that_exactly_doubles_the_top_tier_still_shares_it():
    assert tiers_of(95, 90, 90, 90, 84, 83, 82, 81, 80, 60)[0] == "ttttmmmmmb"


def test_ten_equal_scores_make_no_ten_top_performers():
    letters, tiering = tiers_of(*[88] * 10)
    assert letters == "m" * 10
    assert [note.code for note in tiering.pools[0].notes] == ["tie_too_many"]


def test_equals_across_both_cuts_go_to_the_middle():
    assert tiers_of(95, 80, 80, 80, 80, 80, 80, 80, 80, 80)[0] == "tmmmmmmmmm"


def test_S240_the_pass_line_can_empty_the_bottom_tier():
    letters, tiering = tiers_of(*range(99, 89, -1), pass_line=60)
    assert letters == "ttmmmmmmmm"
    assert [note.code for note in tiering.pools[0].notes] == ["pass_line"]
    assert tiering.table["reason"].iloc[-1] == "pass_line"


@pytest.mark.parametrize(
    ("n", "tiered", "advisory"), [(4, False, False), (5, True, True), (9, True, True), (10, True, False)]
)
def test_small_pools_get_no_tiers_and_middling_ones_advisory_tiers(n, tiered, advisory):
    letters, tiering = tiers_of(*range(90, 90 - n, -1))
    pool = tiering.pools[0]
    assert (pool.tiered, pool.advisory) == (tiered, advisory)
    assert ("-" in letters) is not tiered


def test_tiers_can_be_dealt_within_teams():
    frame = scores(*range(90, 80, -1), team=["x"] * 6 + ["y"] * 4)
    tiering = assign_tiers(frame, TierScheme.model_validate({"pool": "team"}))
    assert [(pool.id, pool.n, pool.tiered) for pool in tiering.pools] == [("x", 6, True), ("y", 4, False)]
    assert list(tiering.table["tier"])[:6] == ["top", "middle", "middle", "middle", "middle", "bottom"]
    assert tiering.table["reason"].iloc[-1] == "small_pool"


def test_an_exempt_person_is_scored_but_neither_ranked_nor_counted():
    letters, tiering = tiers_of(99, *range(90, 80, -1), exempt=[{"person": "p0", "reason": "leave"}])
    assert letters[0] == "-"
    assert tiering.pools[0].n == 10
    assert tiering.table["rank"].iloc[1] == 1
    assert tiering.table["reason"].iloc[0] == "exempt"


def test_whoever_has_no_score_is_named():
    letters, tiering = tiers_of(*range(90, 80, -1), None)
    assert letters[-1] == "-"
    assert tiering.table["reason"].iloc[-1] == "no_score"
    assert [note.code for note in tiering.pools[0].notes] == ["no_score"]


def test_nobody_at_all_is_no_error():
    assert len(assign_tiers(scores()).table) == 0


points = st.lists(st.integers(0, 40).map(lambda n: Decimal(n) / 4 + 60), min_size=5, max_size=40)


@given(values=points, data=st.data())
def test_order_of_rows_never_matters(values, data):
    frame = scores(*values)
    shuffled = frame.iloc[data.draw(st.permutations(range(len(values))))]
    first = assign_tiers(frame).table.set_index("person")
    second = assign_tiers(shuffled).table.set_index("person").loc[first.index]
    assert first.equals(second)


@given(values=points)
def test_equals_are_never_split_and_a_lower_score_never_gets_a_better_tier(values):
    table = assign_tiers(scores(*values)).table
    place = {"top": 0, "middle": 1, "bottom": 2}
    seen = sorted(zip(values, (place[tier] for tier in table["tier"]), strict=True), reverse=True)
    assert [tier for _, tier in seen] == sorted(tier for _, tier in seen)
    by_score = {}
    for value, tier in seen:
        assert by_score.setdefault(value, tier) == tier


@given(values=points)
def test_counts_differ_from_quotas_only_with_a_note(values):
    pool = assign_tiers(scores(*values)).pools[0]
    assert sum(pool.counts) == pool.n
    if tuple(pool.counts) != tuple(pool.quotas):
        assert pool.notes


@pytest.mark.parametrize(("last", "letter"), [(60, "m"), (Decimal("59.99"), "b")])
def test_the_pass_line_is_reached_at_its_very_score(last, letter):
    assert tiers_of(*range(99, 90, -1), last, pass_line=60)[0][-1] == letter
