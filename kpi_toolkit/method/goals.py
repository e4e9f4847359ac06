"""Operating goals: the common types, a client's weighted mix of them, how far ahead they look (S014-S021)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.value import Id, Text, Value

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


def merged_indicators(goals: tuple[ChosenGoal, ...]) -> tuple[str, ...]:
    """Return the indicators that a mix of goals suggests at the top, each once (S018)."""
    return tuple(dict.fromkeys(indicator for goal in goals for indicator in goal.indicators))


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
