"""From what people say to weights: the published cases, what is refused, and the record that a report prints."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from conftest import indicator
from hypothesis import given
from hypothesis import strategies as st

from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.statements import NoWeightsError
from kpi_toolkit.pages.scenarios import how_found
from kpi_toolkit.pages.words import Words
from kpi_toolkit.whatif.elicit import (
    ElicitationError,
    direct_points,
    fitted,
    from_statements,
    pairwise,
    parse_statement,
    rank_order,
    swing,
)

EN = Words("en", Workbook(Path()))


def pairs(names, rows):
    """Return a published matrix as judgements about pairs."""
    return {(names[i], names[j]): rows[i][j] for i in range(len(names)) for j in range(i + 1, len(names))}


DRINKS = ("coffee", "wine", "tea", "beer", "soda", "milk", "water")
DRINK_ROWS = [
    [1, 9, 5, 2, 1, 1, 1 / 2], [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9], [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3], [1, 9, 4, 2, 1, 2, 1 / 2], [1, 9, 3, 1, 1 / 2, 1, 1 / 3], [2, 9, 9, 3, 2, 3, 1],
]  # fmt: skip


def test_pairs_reproduce_saatys_drinks():
    """Saaty 2008: the eigenvector and consistency ratio of seven drinks."""
    found = pairwise(DRINKS, pairs(DRINKS, DRINK_ROWS))
    assert [round(share, 3) for share in found.shares] == [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert round(found.consistency, 3) == 0.022
    assert found.accepted


def test_pairs_reproduce_the_leader():
    names = ("experience", "education", "charisma", "age")
    found = pairwise(names, pairs(names, [[1, 4, 3, 7], [0, 1, 1 / 3, 3], [0, 0, 1, 5], [0, 0, 0, 1]]))
    assert [round(share, 3) for share in found.shares] == [0.548, 0.127, 0.270, 0.056]
    assert round(found.consistency, 3) == 0.044


SCHOOL = [
    [1, 4, 3, 1, 3, 4], [1 / 4, 1, 7, 3, 1 / 5, 1], [1 / 3, 1 / 7, 1, 1 / 5, 1 / 5, 1 / 6],
    [1, 1 / 3, 5, 1, 1, 1 / 3], [1 / 3, 5, 5, 1, 1, 3], [1 / 4, 1, 6, 3, 1 / 3, 1],
]  # fmt: skip


def test_pairs_that_contradict_themselves_are_refused_with_the_worst_triad():
    """Saaty 1980, the choice of a school: weights as Wang & Chin 2011 print them, ratio .229, so not to be used."""
    found = pairwise("abcdef", pairs("abcdef", SCHOOL))
    assert [round(share, 3) for share in found.shares] == [0.321, 0.140, 0.035, 0.128, 0.237, 0.139]
    assert round(found.consistency, 3) == 0.229
    assert not found.accepted
    design = Design.model_validate({"roles": {"r": {"name": "R", "indicators": [indicator(name, weight) for name, weight in zip("abcdef", (20, 20, 20, 20, 10, 10), strict=True)]}}})  # fmt: skip
    with pytest.raises(ElicitationError) as told:
        fitted(design.roles["r"], found)
    assert told.value.code == "inconsistent-pairs"
    a, b, c = (ord(told.value.values[key].en) - ord("a") for key in ("first", "second", "third"))

    def contradiction(i, j, k):
        off = SCHOOL[i][j] * SCHOOL[j][k] / SCHOOL[i][k]
        return max(off, 1 / off)

    assert contradiction(a, b, c) == max(contradiction(*triad) for triad in combinations(range(6), 3)) > 9


@pytest.mark.parametrize(
    ("method", "n", "shares"),
    [
        ("roc", 2, [0.75, 0.25]), ("roc", 3, [0.6111, 0.2778, 0.1111]), ("roc", 4, [0.5208, 0.2708, 0.1458, 0.0625]),
        ("roc", 5, [0.4567, 0.2567, 0.1567, 0.09, 0.04]), ("rs", 5, [0.3333, 0.2667, 0.2, 0.1333, 0.0667]),
        ("rr", 5, [0.4380, 0.2190, 0.1460, 0.1095, 0.0876]),
    ],
)  # fmt: skip
def test_rank_weights_are_those_of_barron_and_barrett(method, n, shares):
    found = rank_order("abcde"[:n], method=method)
    assert [round(share, 4) for share in found.shares] == shares
    assert sum(found.weights().values()) == 100


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12).filter(any))
def test_weights_always_sum_to_exactly_one_hundred(points):
    weights = direct_points({f"i{place}": value for place, value in enumerate(points)}).weights()
    assert sum(weights.values()) == Decimal(100)
    assert all(weight >= 0 for weight in weights.values())


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda: swing({"a": 90, "b": 50}), "swing-without-100"), (lambda: direct_points({"a": 0}), "no-points"),
        (lambda: rank_order(["a", "a"]), "rank-twice"), (lambda: pairwise("ab", {}), "pair-missing"),
        (lambda: pairwise("ab", {("a", "b"): 12}), "bad-pair"), (lambda: pairwise([f"i{n}" for n in range(11)], {}), "too-many-pairs"),
        (lambda: parse_statement("r", "visits are important"), "bad-statement"), (lambda: parse_statement("r", "visits x..40"), "bad-statement"),
    ],
)  # fmt: skip
def test_what_gives_no_weights_is_said(action, code):
    with pytest.raises(ElicitationError) as told:
        action()
    assert told.value.code == code


@pytest.mark.parametrize("ratings", [(90, 50), (50, 90), (90, 90), (90, 120), (101, 100), (99,)])
def test_swings_without_100_as_the_highest_are_refused_with_the_highest_of_them(ratings):
    named = dict(zip("ab", ratings, strict=False))
    with pytest.raises(ElicitationError) as told:
        swing(named)
    assert told.value.values == {"highest": max(ratings)}
    assert swing({name: min(rating, 99) for name, rating in named.items()} | {"c": 100}).shares


def a_role(*weights, **more):
    items = [indicator(name, weight, **more.get(name, {})) for name, weight in zip("abc", weights, strict=False)]
    role = {"name": "R", "indicators": items, "blocks": more.get("blocks", {})}
    return Design.model_validate({"roles": {"r": role}}).roles["r"]


def test_statements_give_the_middle_of_what_they_allow():
    """a >= b >= c, nothing else: the centroid of the ordered weights is ROC (11/18, 5/18, 2/18)."""
    role = a_role(40, 30, 30)
    found = from_statements(role, "r", [parse_statement("r", "a >= b"), parse_statement("r", "b >= c")])
    assert found.shares == pytest.approx((11 / 18, 5 / 18, 2 / 18), abs=0.01)
    bounded = from_statements(role, "r", [parse_statement("r", "a 5..40"), parse_statement("r", "a >= b * 2")])
    assert 0.05 <= bounded.shares[0] <= 0.40
    with pytest.raises(NoWeightsError):
        from_statements(role, "r", [parse_statement("r", "a 60..70"), parse_statement("r", "b 50..60")])


def test_blocks_keep_their_maxima_and_other_indicators_are_refused():
    blocks = {"x": {"name": "X", "maximum": 70}, "y": {"name": "Y", "maximum": 30}}
    role = a_role(40, 30, 30, blocks=blocks, a={"block": "x"}, b={"block": "x"}, c={"block": "y"})
    assert fitted(role, rank_order("abc")) == {"a": Decimal("48.12"), "b": Decimal("21.88"), "c": Decimal("30.00")}
    with pytest.raises(ElicitationError) as told:
        fitted(role, rank_order("abd"))
    assert (told.value.code, told.value.values["names"]) == ("not-the-roles", "c, d")


def test_the_record_says_what_was_said():
    record = pairwise(DRINKS, pairs(DRINKS, DRINK_ROWS)).record("r")
    assert record.consistency == Decimal("0.0223")
    said = how_found(record, EN)
    assert said.startswith("Compared in pairs: coffee/wine 9, ")
    assert said.endswith("Consistency ratio 0.022 (at most 0.10 is accepted).")
    assert "wine/tea 1:3" in said
    assert how_found(rank_order("ba").record("r"), EN) == "Ranked, centroid weights (ROC): b > a."
