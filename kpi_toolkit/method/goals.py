"""Operating goals: the common types, a client's weighted mix of them, how far ahead they look (S014-S021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Literal

from kpi_toolkit.method.numbers import CENTI, centi, deal, from_centi
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.value import Id, Text, Value

_WHOLE = 100 * CENTI
Horizon = Literal["short", "choose", "mid", "long"]
_MID_FROM, _SHORT_TO, _LONG_FROM = Decimal(3), Decimal(2), Decimal(5)


class GoalCard(Value):
    """A type of operating goal: ``templates/goals/<id>.toml``."""

    name: Text
    aim: Text
    indicators: tuple[Id, ...] = ()
    """Indicator cards that show whether it is reached, the main ones first."""
    diagnosis_only: bool = False
    """True for the want of a goal: it may be found, but nothing can be built on it (S017)."""
    worksheet: Id | None = None
    """The checklist that helps on."""
    design: str | None = None
    """The design starter that is made for it."""
    rows: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenGoal:
    """One goal of a client's mix."""

    id: str
    name: Text
    aim: Text
    share: Decimal
    indicators: tuple[str, ...]


def chosen_goals(profile: Profile, cards: Mapping[str, GoalCard]) -> tuple[ChosenGoal, ...]:
    """Return the goals of a client's mix, the largest share first; unknown ones are left to the checks."""
    found = []
    for goal, share in profile.goals.items():
        own, card = profile.own_goals.get(goal), cards.get(goal)
        if own:
            found.append(ChosenGoal(goal, own.name, Text(), share, own.indicators))
        elif card:
            found.append(ChosenGoal(goal, card.name, card.aim, share, card.indicators))
    return tuple(sorted(found, key=lambda goal: -goal.share))


def goal_weights(goals: Sequence[ChosenGoal]) -> dict[str, Decimal]:
    """Return the indicators that a mix of goals suggests at the top, each once, with per cent of the mix (S018).

    A goal's share falls to its indicators alike; one that serves two goals has a part of both. The weights add up to
    100, with two decimals; what goals without an indicator leave open stands under an empty id.

    >>> brand = ChosenGoal("brand", Text(en="Brand"), Text(), Decimal("0.5"), ("awareness", "traffic"))
    >>> sales = ChosenGoal("sales", Text(en="Sales"), Text(), Decimal("0.5"), ("orders", "traffic"))
    >>> {name: str(weight) for name, weight in goal_weights([brand, sales]).items()}
    {'awareness': '25.00', 'traffic': '50.00', 'orders': '25.00'}
    """
    found: dict[str, Fraction] = {}
    for goal in goals:
        served = goal.indicators or ("",)
        for name in served:
            found[name] = found.get(name, Fraction(0)) + Fraction(goal.share) / len(served)
    common = lcm(*(weight.denominator for weight in found.values()))
    dealt = deal(_WHOLE, [int(weight * common) * _WHOLE for weight in found.values()], common) if found else []
    return {name: from_centi(weight) for name, weight in zip(found, dealt, strict=True)}


def served_shares(goals: Sequence[str], weights: Sequence[tuple[str | None, Decimal]]) -> dict[str, int]:
    """Return what part of all weights serves each goal, in whole per cents that add up as the parts do.

    >>> served_shares(["brand", "sales"], [("brand", Decimal(50)), ("sales", Decimal(25)), (None, Decimal(25))])
    {'brand': 50, 'sales': 25}
    """
    goals = sorted(goals)  # of equal remainders the same one is rounded up, whoever asks in whatever order
    parts = [sum(centi(weight) for served, weight in weights if served == goal) for goal in goals]
    whole = sum(centi(weight) for _, weight in weights)
    if not whole:
        return dict.fromkeys(goals, 0)
    shares = deal(100, [100 * part for part in (*parts, whole - sum(parts))], whole)
    return dict(zip(goals, shares, strict=False))  # the last serves none of them


def horizon(years: Decimal) -> Horizon:
    """Return how far ahead goals look: short to 2 years, mid from 3, long from 5 (S021, X16).

    Between 2 and 3 the source is silent: the user chooses.

    >>> [horizon(Decimal(years)) for years in ("1.5", "4", "6", "5", "2.5")]
    ['short', 'mid', 'long', 'long', 'choose']
    """
    if years >= _LONG_FROM:
        return "long"
    if years >= _MID_FROM:
        return "mid"
    return "short" if years <= _SHORT_TO else "choose"
