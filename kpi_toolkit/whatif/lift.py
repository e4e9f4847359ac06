"""What would lift a person into the next tier: the score needed, and what each indicator alone would have to reach.

Every answer is found by the same scoring and the same cut that made the report, so it can be checked by doing it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from kpi_toolkit.method.curves import score_micro
from kpi_toolkit.method.lines import IndicatorLine, Result
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import CENTI, FULL, MICRO, centi, from_centi
from kpi_toolkit.method.quotas import seats_of
from kpi_toolkit.method.scheme import PoolBy, Tier, TierScheme
from kpi_toolkit.method.scoring import Score, Scored, aim_of
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tiers import Tiering, assign_tiers, left_out
from kpi_toolkit.method.value import Text

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
    why: str = ""
    """Why there is no step though there is a gap: ``veto``, ``team`` (colleagues' scores rise too), else empty."""


def lift_of(
    person: str,
    *,
    design: Design,
    scored: Scored,
    tiering: Tiering,
    before: Mapping[str, int] | None = None,
    countable: Container[Text] = (),
) -> Lift | None:
    """Return what would lift a person into the next tier; None for the top tier and for whoever has no tier.

    Of ``countable`` units whole numbers are asked for, on the side that is enough.
    """
    place, own = tiering.places[person], scored.scores[person]
    if place.tier in (None, Tier.TOP) or place.pool is None or own.score is None or own.item_score is None:
        return None
    goal = Tier.TOP if place.tier is Tier.MIDDLE else Tier.MIDDLE
    pool = [score for score in scored.scores.values() if tiering.places[score.person].pool == place.pool]
    scheme = design.tiers.model_copy(update={"pool": PoolBy.CLIENT, "shares": design.tiers.shares_of(place.pool)})
    earlier = {"all": (before or {}).get(place.pool, 0)}
    needed = _needed_score(own, pool, scheme, goal, ceiling=design.total_cap, before=earlier)
    if needed is None:
        return None
    if own.gates:  # while a veto holds the score down no indicator lifts it by itself
        return Lift(goal, needed, needed - own.score, (), "veto")
    if design.team_share:  # what lifts one lifts the colleagues as well: no figure for one alone is true
        return Lift(goal, needed, needed - own.score, (), "team")
    earned = needed - (own.score - own.item_score)
    steps = _steps(design, scored.results[person], scored.lines[person], earned, countable)
    return Lift(goal, needed, needed - own.score, tuple(steps))


def _needed_score(
    person: Score, pool: Sequence[Score], scheme: TierScheme, goal: Tier, *, ceiling: Decimal, before: Mapping[str, int]
) -> Decimal | None:
    """Return the lowest score that puts a person of a pool into the wanted tier or a better one."""
    own = person.score or Decimal(0)
    unranked = {person.person, *left_out(pool, scheme)}
    others = sorted((one.score for one in pool if one.score is not None and one.person not in unranked), reverse=True)
    quotas = seats_of(scheme, "all", len(others) + 1, before["all"], [own, *others])
    # One seat more than there is now: the person's own move may win the pool one, where a rule follows the gaps.
    room = (quotas.top if goal is Tier.TOP else quotas.top + quotas.middle) + 1
    # With as many people strictly above as the tier has room for, nobody is in it: only scores from there on can do.
    seat = others[room - 1] if 0 < room <= len(others) else Decimal(0)
    edges = {edge for score in others if score >= seat for edge in (score, score + _HUNDREDTH)}
    if scheme.pass_line is not None:
        edges.add(scheme.pass_line)
    for candidate in sorted(edge for edge in edges if own < edge <= ceiling):
        tried = [replace(one, score=candidate) if one is person else one for one in pool]
        tier = assign_tiers(tried, scheme, before=before).places[person.person].tier
        if tier is not None and list(Tier).index(tier) <= list(Tier).index(goal):
            return from_centi(centi(candidate))
    return None


def _steps(
    design: Design, result: Result, lines: Sequence[IndicatorLine], item_score: Decimal, countable: Container[Text]
) -> Iterator[Step]:
    for place, line in enumerate(lines):
        indicator, cap = line.indicator, design.cap(line.indicator)
        if indicator.basis is Basis.RATERS or not line.counted:  # of several views in one no single figure can be asked
            continue
        wanted = _wanted_micro(result, place, centi(item_score), int(cap * MICRO))
        if wanted is None:
            continue
        aim = aim_of(indicator, line.target)
        needed = _actual_for(indicator, wanted, aim, cap, line.appraiser, whole=_in_pieces(line, countable))
        if needed is not None:
            reached = _score(indicator, needed, aim, cap, line.appraiser)
            yield Step(indicator.id, needed, from_centi(reached * CENTI // MICRO))


def _in_pieces(line: IndicatorLine, countable: Container[Text]) -> bool:
    """Whether a figure comes in whole pieces: by its curve or unit, or, where no unit is named, as it was written."""
    indicator = line.indicator
    if indicator.curve.whole or indicator.basis is not Basis.ACTUAL:
        return indicator.curve.whole
    written = [figure for figure in (line.actual, line.target) if figure is not None]
    unnamed = indicator.unit == Text() and bool(written)
    return indicator.unit in countable or (unnamed and all(figure == int(figure) for figure in written))


def _wanted_micro(result: Result, place: int, item_centi: int, highest: int) -> int | None:
    """Return the lowest score of one line (millionths) that reaches an item score, None if none does."""

    def enough(score: int) -> bool:
        tried = result.with_score(place, score)
        return tried.item_centi >= item_centi

    low, high = result.scores[place], highest
    if high <= low or not enough(high):
        return None
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _score(indicator: Indicator, value: Any, aim: Decimal | None, cap: Decimal, view: Decimal | None) -> int:
    return score_micro(indicator.scored_curve, value, aim, indicator.scored_direction, cap, view)


def _actual_for(
    indicator: Indicator, wanted: int, aim: Decimal | None, cap: Decimal, view: Decimal | None, *, whole: bool
) -> Decimal | None:
    """Return the plainest actual that scores at least this much (millionths), None where none can."""
    curve, direction = indicator.scored_curve, indicator.scored_direction
    exact = curve.actual_for(Fraction(wanted, MICRO), Fraction(aim or 0), direction, view)
    if exact is None:
        return None
    falling = direction is Direction.LOWER
    size = abs(Fraction(aim)) if aim else abs(exact)
    for places in (0,) if whole else ((0, 1, 2) if size >= _LARGE else (1, 2, 4)):
        scaled = exact * 10**places
        edge = Decimal(floor(scaled) if falling else ceil(scaled)).scaleb(-places)
        beyond = edge + Decimal(-1 if falling else 1).scaleb(-places)  # where the edge itself is not yet in the band
        for number in (edge, beyond):
            if _beyond_whole(indicator, number):
                return None
            if number >= 0 and _score(indicator, number, aim, cap, view) >= wanted:
                return number
    return None


def _beyond_whole(indicator: Indicator, number: Decimal) -> bool:
    """Whether a share of a whole would have to be more than the whole."""
    return indicator.basis is Basis.ACTUAL and "%" in indicator.unit.words and number > FULL
