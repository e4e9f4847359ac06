"""Whom a calibration meeting should talk about, by visible rules: ``templates/agenda.toml`` holds their numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import ge, le, lt
from typing import Any

from kpi_toolkit.method.cards import Rule, RuleName
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.whatif.confidence import PersonConfidence

_Scores = Mapping[str, Mapping[Tier, Sequence[Decimal]]]
"""The scores of each pool by tier, rising."""
_PLACES = 4
"""What a value keeps on its way out; it is compared with the rule's number unrounded."""


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """A rule, its number, and whom it names with the value that made it."""

    rule: str
    number: Decimal
    people: tuple[tuple[str, Decimal], ...]


def agenda(
    rules: Mapping[RuleName, Rule], people: Sequence[Any], confidence: Mapping[str, PersonConfidence]
) -> tuple[AgendaEntry, ...]:
    """Return whom each rule names, in the order of the rules. ``people`` are the lines of the cycle's summary."""
    found, scores = [], _scores_by_tier(people)
    for name, rule in rules.items():
        value_of, hits = _RULES[name]
        named = [(line.id, value_of(line, scores, confidence)) for line in people]
        hit = tuple(
            (who, half_up(value, _PLACES)) for who, value in named if value is not None and hits(value, rule.number)
        )
        if hit:
            found.append(AgendaEntry(name, rule.number, hit))
    return tuple(found)


def _self_gap(line: Any, *_: Any) -> Fraction | None:
    pairs = [(item.weight, item.gap) for item in line.lines if item.gap is not None]
    whole = sum((weight for weight, _ in pairs), Decimal(0))
    gap = sum((weight * gap for weight, gap in pairs), Decimal(0))
    return abs(Fraction(gap) / Fraction(whole)) if whole else None


def _swing(line: Any, *_: Any) -> Decimal | None:
    return None if line.change is None else abs(line.change)


def _near_cut(line: Any, scores: _Scores, _: Any) -> Decimal | None:
    """Return how far the nearest person of another tier of the pool is; whom a veto holds down stands at no cut."""
    if not line.tier or line.reason == "gate":
        return None
    near = (
        abs(line.score - own[place])
        for tier, own in scores[line.pool].items()
        if tier is not line.tier
        for place in (bisect_left(own, line.score) - 1, bisect_left(own, line.score))
        if 0 <= place < len(own)
    )
    return min(near, default=None)


def _scores_by_tier(people: Sequence[Any]) -> _Scores:
    found: dict[str, dict[Tier, list[Decimal]]] = {}
    for line in sorted(people, key=lambda line: line.score or 0):
        if line.tier and line.reason != "gate":
            found.setdefault(line.pool, {}).setdefault(line.tier, []).append(line.score)
    return found


def _open_tier(line: Any, _: Any, confidence: Mapping[str, PersonConfidence]) -> Decimal | None:
    own = confidence.get(line.id)
    return None if own is None or line.tier is None else Decimal(str(own.by_weights))


def _little_counted(line: Any, *_: Any) -> Fraction | None:
    whole = sum((item.weight for item in line.lines if item.state != "not_counted"), Decimal(0))
    counted = sum((item.weight for item in line.lines if item.counted), Decimal(0))
    return 100 * Fraction(counted) / Fraction(whole) if whole else None


def _adjusted(line: Any, *_: Any) -> Decimal | None:
    return abs(line.adjustment) if line.adjustment else None


def _bottom_with_results(line: Any, *_: Any) -> Decimal | None:
    scores = [item.score for item in line.lines if item.counted and item.indicator.side.value == "result"]
    return min(scores) if line.tier is Tier.BOTTOM and scores else None


_RULES: dict[str, tuple[Callable[..., Decimal | Fraction | None], Callable[[Any, Any], bool]]] = {
    "self_gap": (_self_gap, ge),
    "swing": (_swing, ge),
    "near_cut": (_near_cut, le),
    "open_tier": (_open_tier, lt),
    "little_counted": (_little_counted, lt),
    "adjusted": (_adjusted, ge),
    "bottom_with_results": (_bottom_with_results, ge),
}
"""What each rule looks at, and how that is held against the rule's number."""
