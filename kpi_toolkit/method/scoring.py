"""From actuals to scores, in whole numbers throughout (architecture decision 3).

An indicator's score is a whole number of millionths of a point, a weight a whole number of hundredths; a person's sum
of score x weight, divided by the weights that counted and rounded half up once to hundredths, is the *official score*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_toolkit.method.checks import check_cycle, check_design
from kpi_toolkit.method.curves import attainment, score_micro
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import FULL, Basis, Design, Indicator, Missing
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, deal, from_centi, round_half_up
from kpi_toolkit.method.tables import Tables, rows_of

INDICATOR_COLUMNS = [
    "person", "role", "indicator", "side", "weight", "target", "actual", "self", "appraiser", "attainment", "state",
    "score_micro", "points",
]  # fmt: skip
SCORE_COLUMNS = [
    "person", "name", "role", "team", "counted_weight", "sum_micro", "item_score", "adjustment", "cap_cut", "score",
]  # fmt: skip


def score_indicators(design: Design, tables: Tables) -> pd.DataFrame:
    """Return one row a person x indicator of the role, in the order of ``people.csv`` and of the form.

    ``weight`` and ``points`` are decimals (of 100), ``score_micro`` whole millionths of a point, ``attainment`` a
    decimal (1 = met). ``state`` is ``scored``, ``missing`` (left out), ``filled`` (missing, the policy's score stands
    in) or ``not_counted`` (the role's method leaves this side out). The points of a person add up to ``item_score``.

    Raises IssuesError when the design or the tables hold an error.
    """
    refuse = (check_design(design) + check_cycle(design, tables)).errors
    if refuse:
        raise IssuesError(refuse)
    goals = {(r.person, r.indicator): r.target for r in rows_of(tables.goals)}
    actuals = {(r.person, r.indicator): r for r in rows_of(tables.actuals)}
    rows: list[dict[str, Any]] = []
    for person in rows_of(tables.people):
        role = design.roles[person.role]
        lines = []
        for indicator in role.indicators:
            key = (person.id, indicator.id)
            goal = goals.get(key)
            target = indicator.target if goal is None else goal
            line = _score_one(design, indicator, target, actuals.get(key))
            if not role.method.counts(indicator.side):
                line["state"] = "not_counted"
            lines.append({"person": person.id, "role": person.role, "side": indicator.side.value, **line})
        for line, points in zip(lines, _deal_points(lines), strict=True):
            rows.append(line | {"points": points})
    return pd.DataFrame(rows, columns=INDICATOR_COLUMNS)


def _score_one(design: Design, indicator: Indicator, target: Decimal | None, given: Any) -> dict[str, Any]:
    """Return the scored line of one indicator, as it stands on the form."""
    by_appraiser = indicator.basis is Basis.APPRAISER
    aim = FULL if by_appraiser else target
    value = getattr(given, "appraiser" if by_appraiser else "actual", None)
    row = {
        "indicator": indicator.id,
        "weight": indicator.weight,
        "target": target,
        **{view: getattr(given, view, None) for view in ("actual", "self", "appraiser")},
        "attainment": None,
    }
    if value is None:
        neutral = min(design.neutral_score, design.cap(indicator))
        filled = {Missing.NEUTRAL: centi(neutral) * (MICRO // CENTI), Missing.ZERO: 0}.get(design.missing)
        return row | {"state": "missing" if filled is None else "filled", "score_micro": filled or 0}
    if aim is None:  # check_cycle has refused this before; said again for whoever calls in another order
        msg = f"indicator {indicator.id} has no target"
        raise ValueError(msg)
    reached = attainment_of(indicator, value, aim)
    return row | {
        "attainment": reached,
        "state": "scored",
        "score_micro": score_micro(indicator.curve, value, aim, indicator.scored_direction, design.cap(indicator)),
    }


def attainment_of(indicator: Indicator, value: Decimal, aim: Decimal) -> Decimal | None:
    """Return how far the target was reached, to six decimals; None where it has no bound."""
    reached = attainment(Fraction(value), Fraction(aim), indicator.scored_direction)
    return None if reached is None else Decimal(round_half_up(reached, MICRO)).scaleb(-6)


def counts(state: str) -> bool:
    """Whether an indicator in this state takes part in the person's score."""
    return state in {"scored", "filled"}


def weighted_sum(lines: Iterable[tuple[int, Decimal, str]]) -> tuple[int, int]:
    """Return the sum of score x weight (millionths x hundredths) and the weight that counted (hundredths).

    Each line is score in millionths, weight, state.
    """
    taking_part = [(int(score), centi(weight)) for score, weight, state in lines if counts(state)]
    return sum(score * weight for score, weight in taking_part), sum(weight for _, weight in taking_part)


def lines_of(indicators: pd.DataFrame) -> Iterator[tuple[int, Decimal, str]]:
    """Go through scored indicators as :func:`weighted_sum` takes them."""
    return zip(indicators["score_micro"], indicators["weight"], indicators["state"], strict=True)


def official_centi(sum_micro: int, counted_weight: int) -> int:
    """Return the official score in hundredths: the sum over the counted weight, rounded half up once.

    >>> official_centi(90_500_000 * 10_000, 10_000)
    9050
    """
    return (2 * CENTI * sum_micro + MICRO * counted_weight) // (2 * MICRO * counted_weight)


def _deal_points(lines: list[dict[str, Any]]) -> list[Decimal | None]:
    """Return a person's printed points: dealt by largest remainder, so that the column adds up to the item score."""
    total, weight = weighted_sum((line["score_micro"], line["weight"], line["state"]) for line in lines)
    if not weight:
        return [None] * len(lines)
    taking_part = [counts(line["state"]) for line in lines]
    shares = [
        CENTI * line["score_micro"] * centi(line["weight"]) * takes
        for line, takes in zip(lines, taking_part, strict=True)
    ]
    dealt = deal(official_centi(total, weight), shares, MICRO * weight)
    return [from_centi(points) if takes else None for points, takes in zip(dealt, taking_part, strict=True)]


def score_people(design: Design, tables: Tables, *, indicators: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row a person, in the order of ``people.csv``.

    ``score`` is the official score (two decimals) or None where nothing could be scored;
    ``score = item_score + adjustment + cap_cut``, where ``cap_cut`` is what the bounds of the design took or gave back.
    ``sum_micro / (1_000_000 * counted_weight)`` is the unrounded item score; ``counted_weight`` is in hundredths.

    Raises IssuesError when the design or the tables hold an error.
    """
    scored = score_indicators(design, tables) if indicators is None else indicators
    sums = {str(person): weighted_sum(lines_of(group)) for person, group in scored.groupby("person", sort=False)}
    events = tables.adjustments.groupby("person")["points"].agg(list).to_dict() if len(tables.adjustments) else {}
    rows = []
    for person in rows_of(tables.people):
        sum_micro, weight = sums.get(person.id, (0, 0))
        row: dict[str, Any] = {
            "person": person.id, "name": person.name, "role": person.role, "team": person.team,
            "counted_weight": weight, "sum_micro": sum_micro,
            "adjustment": sum(events.get(person.id, []), Decimal("0.00")),
        }  # fmt: skip
        if weight:
            item_score = from_centi(official_centi(sum_micro, weight))
            held = item_score + bounded(design, events.get(person.id, []))
            score = min(max(held, Decimal(0)), design.total_cap)
            row |= {
                "item_score": item_score,
                "cap_cut": score - item_score - row["adjustment"],
                "score": score.quantize(Decimal("0.01")),
            }
        else:
            row |= {"item_score": None, "cap_cut": Decimal(0), "score": None}
        rows.append(row)
    return pd.DataFrame(rows, columns=SCORE_COLUMNS).astype({"item_score": object, "score": object})


def bounded(design: Design, points: list[Decimal]) -> Decimal:
    """Return the net of the plus/minus row, each side held by the design's bound (Y03)."""
    plus = sum((value for value in points if value > 0), Decimal(0))
    minus = -sum((value for value in points if value < 0), Decimal(0))
    rules = design.adjustments
    plus = plus if rules.max_plus is None else min(plus, rules.max_plus)
    minus = minus if rules.max_minus is None else min(minus, rules.max_minus)
    return (plus - minus).quantize(Decimal("0.01"))
