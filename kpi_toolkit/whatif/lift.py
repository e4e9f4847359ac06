"""What would lift a person into the next tier: the score needed, and what each indicator alone would have to reach.

Every answer is found by the same scoring and the same cut that made the report, so it can be checked by doing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_toolkit.method.curves import Count, Direction, score_micro
from kpi_toolkit.method.model import FULL, Basis, Design, Indicator, PoolBy, TierScheme
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, from_centi
from kpi_toolkit.method.scoring import counts, lines_of, weighted_sum
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.tiers import Tier, Tiering, assign_tiers, tier_quotas

_HUNDREDTH = Decimal("0.01")
_LARGE = 1000
"""From such targets on an answer in whole numbers is plain enough."""


@dataclass(frozen=True, slots=True)
class Step:
    """One indicator's way up: the actual (or the appraiser's view, in per cent) that would be enough by itself."""

    indicator: str
    needed: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Lift:
    """The way to the next tier, all other scores as they are; no ``steps`` where no single indicator is enough."""

    tier: Tier
    score: Decimal
    gap: Decimal
    steps: tuple[Step, ...]


def lift_of(
    person: str, *, design: Design, scores: pd.DataFrame, indicators: pd.DataFrame, tiering: Tiering
) -> Lift | None:
    """Return what would lift a person into the next tier; None for the top tier and for whoever has no tier."""
    place, own = _row(tiering.table, person), _row(scores, person)
    if place.tier is None or place.tier == Tier.TOP:
        return None
    goal = Tier.TOP if place.tier == Tier.MIDDLE else Tier.MIDDLE
    pool = scores[scores["person"].isin(tiering.table.loc[tiering.table["pool"] == place.pool, "person"])]
    needed = _needed_score(person, pool, design.tiers, goal, ceiling=design.total_cap)
    if needed is None:
        return None
    mine = indicators[indicators["person"] == person]
    steps = _steps(design, mine, needed - (own.score - own.item_score))
    return Lift(goal, needed, needed - own.score, steps)


def _row(frame: pd.DataFrame, person: str) -> Any:
    return next(row for row in rows_of(frame) if row.person == person)


def _needed_score(
    person: str, pool: pd.DataFrame, scheme: TierScheme, goal: Tier, *, ceiling: Decimal
) -> Decimal | None:
    """Return the lowest score that puts the person into the wanted tier or a better one."""
    own = _row(pool, person).score
    others = sorted(pool.loc[(pool["person"] != person) & pool["score"].notna(), "score"], reverse=True)
    quotas = tier_quotas(len(others) + 1, scheme.shares, scheme.rule)
    room = quotas.top if goal is Tier.TOP else quotas.top + quotas.middle
    # With as many people strictly above as the tier has room for, nobody is in it: only scores from there on can do.
    seat = others[room - 1] if 0 < room <= len(others) else Decimal(0)
    edges = {edge for score in others if score >= seat for edge in (score, score + _HUNDREDTH)}
    if scheme.pass_line is not None:
        edges.add(scheme.pass_line)
    alone = scheme.model_copy(update={"pool": PoolBy.CLIENT})
    for candidate in sorted(edge for edge in edges if own < edge <= ceiling):
        tried = pool.assign(score=pool["score"].where(pool["person"] != person, candidate))
        tier = _row(assign_tiers(tried, alone).table, person).tier
        if tier is not None and list(Tier).index(Tier(tier)) <= list(Tier).index(goal):
            return Decimal(candidate).quantize(_HUNDREDTH)
    return None


def _steps(design: Design, mine: pd.DataFrame, item_score: Decimal) -> tuple[Step, ...]:
    by_id = {item.id: item for item in design.roles[mine["role"].iloc[0]].indicators}
    sum_micro, weight = weighted_sum(lines_of(mine))
    # The smallest sum that rounds half up to the wanted score (official_centi, solved for the sum).
    smallest = -(-(2 * centi(item_score) - 1) * MICRO * weight // (2 * CENTI))
    found = []
    for row in rows_of(mine):
        indicator = by_id[row.indicator]
        if not counts(row.state):
            continue
        wanted = int(row.score_micro) + -(-(smallest - sum_micro) // centi(indicator.weight))
        aim = FULL if indicator.basis is Basis.APPRAISER else row.target
        cap = design.cap(indicator)
        needed = _actual_for(indicator, wanted, aim, cap)
        if needed is not None:
            reached = score_micro(indicator.curve, needed, aim, indicator.scored_direction, cap)
            found.append(Step(row.indicator, needed, from_centi(reached * CENTI // MICRO)))
    return tuple(found)


def _actual_for(indicator: Indicator, wanted: int, aim: Decimal | None, cap: Decimal) -> Decimal | None:
    """Return the plainest actual that scores at least this much (millionths), None where none can."""
    if wanted > cap * MICRO or aim is None:
        return None
    exact = indicator.curve.actual_for(Fraction(wanted, MICRO), Fraction(aim), indicator.scored_direction)
    if exact is None:
        return None
    rounding = ROUND_CEILING if indicator.scored_direction is Direction.HIGHER else ROUND_FLOOR
    decimals = (0,) if isinstance(indicator.curve, Count) else ((0, 1, 2) if aim >= _LARGE else (1, 2, 4))
    for places in decimals:
        number = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1).scaleb(-places), rounding)
        if _beyond_whole(indicator, number):
            return None
        if number >= 0 and score_micro(indicator.curve, number, aim, indicator.scored_direction, cap) >= wanted:
            return number
    return None


def _beyond_whole(indicator: Indicator, number: Decimal) -> bool:
    """Whether a share of a whole would have to be more than the whole."""
    return indicator.basis is Basis.ACTUAL and indicator.unit.en == "%" and number > FULL
