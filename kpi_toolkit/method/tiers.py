"""Tiers 20/70/10: whole people from shares, and who is where, with the reason (S235-S241, decisions 4 and 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm
from typing import Any

import pandas as pd

from kpi_toolkit.method.model import FULL, PoolBy, QuotaRule, TierScheme
from kpi_toolkit.method.numbers import deal

ADVISORY_BELOW = 10
"""Pools of fewer people get tiers labelled advisory (decision 4)."""


_DOUBT_GOES_TO = (1, 0, 2)
"""Equal remainders go to the middle, then to the top (S235)."""


class Tier(StrEnum):
    """The three tiers, best first."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many people each tier has room for."""

    top: int
    middle: int
    bottom: int

    def __iter__(self) -> Iterator[int]:
        """Go through the three counts, best tier first."""
        return iter((self.top, self.middle, self.bottom))

    def as_dict(self) -> dict[str, int]:
        """Return the counts by tier name."""
        return {tier.value: count for tier, count in zip(Tier, self, strict=True)}


def tier_quotas(
    n: int,
    shares: Sequence[int | Decimal | Fraction] = (20, 70, 10),
    rule: QuotaRule | str = QuotaRule.LARGEST_REMAINDER,
) -> Quotas:
    """Return how many of ``n`` people each tier has room for, in exact arithmetic.

    ``largest_remainder`` (default): whole parts first, the left-over places to the largest remainders, equal remainders
    to the middle, then to the top. ``half_up``: top and bottom each rounded half up, the middle takes the rest.
    ``at_most``: top and bottom rounded down, so no share is ever exceeded. Source: S235; facts on forced distributions.

    Raises ValueError for a negative ``n`` or shares that do not sum to 100.

    >>> [tuple(tier_quotas(n)) for n in (3, 5, 7, 8, 10, 12, 20)]
    [(1, 2, 0), (1, 4, 0), (1, 5, 1), (1, 6, 1), (2, 7, 1), (2, 9, 1), (4, 14, 2)]
    """
    parts = [Fraction(share) for share in shares]
    if len(parts) != len(Tier) or sum(parts) != FULL or min(parts) < 0:
        msg = f"three shares that sum to 100 are needed, got {', '.join(map(str, shares))} (sum {sum(shares)})"
        raise ValueError(msg)
    if n < 0:
        msg = f"a head count cannot be negative, got {n}"
        raise ValueError(msg)
    if QuotaRule(rule) is QuotaRule.LARGEST_REMAINDER:
        scale = lcm(*(part.denominator for part in parts))
        return Quotas(*deal(n, [int(n * part * scale) for part in parts], 100 * scale, turn=_DOUBT_GOES_TO))
    half = Fraction(1, 2) if QuotaRule(rule) is QuotaRule.HALF_UP else Fraction(0)
    top = min(n, int(n * parts[0] / 100 + half))
    bottom = min(n - top, int(n * parts[2] / 100 + half))
    return Quotas(top, n - top - bottom, bottom)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a pool that its readers must know; the sentence is in ``templates/words``."""

    code: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """The people among whom tiers were dealt: how many, room for how many, how many it became, and why."""

    id: str
    n: int
    quotas: Quotas
    counts: Quotas
    tiered: bool
    advisory: bool
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Tiering:
    """Tiers of a cycle: ``table`` (person, pool, rank, tier, reason) and the pools they were dealt in.

    ``rank`` is 1, 2, 2, 4 within the pool and None without a score; ``tier`` is a tier's name or None; ``reason`` says
    why: ``rank``, ``tie_shared``, ``tie_too_many``, ``pass_line``, ``exempt``, ``small_pool`` or ``no_score``.
    """

    table: pd.DataFrame
    pools: tuple[Pool, ...]


def assign_tiers(scores: pd.DataFrame, scheme: TierScheme | None = None) -> Tiering:
    """Return who is in which tier. ``scores`` has ``person`` and ``score`` (None: not scored), and the pool's column.

    Equals at a cut share the better tier; a group of equals that would more than double that tier's seats, or that
    spans both cuts, goes to the middle with a note (decision 4). Nobody who reaches the pass line is put in the bottom.

    >>> scores = pd.DataFrame({"person": list("abcdefghij"), "score": [95, 90, 90, 85, 84, 83, 82, 81, 80, 60]})
    >>> tiering = assign_tiers(scores)
    >>> list(tiering.table["tier"])[:4], tuple(tiering.pools[0].counts)
    (['top', 'top', 'top', 'middle'], (3, 6, 1))
    """
    scheme = scheme or TierScheme()
    groups = [("all", scores)] if scheme.pool is PoolBy.CLIENT else list(scores.groupby(scheme.pool.value, sort=False))
    exempt = {entry.person for entry in scheme.exempt}
    placed: dict[str, dict[str, Any]] = {}
    pools = []
    for name, members in groups:
        pool, rows = _place_pool(str(name), members, scheme, exempt)
        pools.append(pool)
        placed |= rows
    rows_in_order = [{"person": person, **placed[person]} for person in scores["person"]]
    columns = ["person", "pool", "rank", "tier", "reason"]
    return Tiering(pd.DataFrame(rows_in_order, columns=columns, dtype=object), tuple(pools))


def _place_pool(
    name: str, members: pd.DataFrame, scheme: TierScheme, exempt: set[str]
) -> tuple[Pool, dict[str, dict[str, Any]]]:
    score = {
        person: value for person, value in zip(members["person"], members["score"], strict=True) if not pd.isna(value)
    }
    ranked = {person: value for person, value in score.items() if person not in exempt}
    n = len(ranked)
    quotas = tier_quotas(n, scheme.shares, scheme.rule)
    tiered = n >= scheme.min_group
    tiers, reasons, notes = _cut(ranked, quotas, scheme.pass_line) if tiered else ({}, {}, [])
    if not tiered:
        notes = [Note("small_pool", (("n", n), ("min_group", scheme.min_group)))]
    best_first = sorted(ranked.values(), reverse=True)
    ranks = {value: 1 + place for place, value in reversed(list(enumerate(best_first)))}
    rows: dict[str, dict[str, Any]] = {}
    for person in members["person"]:
        if person not in score:
            reason = "no_score"
        elif person in exempt:
            reason = "exempt"
        else:
            reason = reasons.get(person, "small_pool")
        rank = ranks[ranked[person]] if person in ranked else None
        tier = tiers.get(person)
        rows[person] = {"pool": name, "rank": rank, "tier": tier.value if tier else None, "reason": reason}
    unranked = [p for p in members["person"] if rows[p]["reason"] in {"exempt", "no_score"}]
    notes += [Note(rows[p]["reason"], (("person", p),)) for p in unranked]
    dealt = Counter(tiers.values())
    counts = Quotas(*(dealt.get(tier, 0) for tier in Tier))
    return Pool(name, n, quotas, counts, tiered, tiered and n < ADVISORY_BELOW, tuple(notes)), rows


def _cut(
    score: dict[str, Any], quotas: Quotas, pass_line: Decimal | None
) -> tuple[dict[str, Tier], dict[str, str], list[Note]]:
    """Return tier and reason of everyone in a pool, and the notes on where counts and quotas part."""
    values = sorted(score.values(), reverse=True)
    n = len(values)
    last_top = values[quotas.top - 1] if quotas.top else None
    first_bottom = values[n - quotas.bottom] if quotas.bottom else None
    spans = last_top is not None and last_top == first_bottom
    crowd = sum(value >= last_top for value in values) if last_top is not None else 0
    top_crowded = spans or crowd > 2 * quotas.top
    top_tied = crowd > quotas.top
    last_middle = values[n - quotas.bottom - 1] if quotas.bottom and n > quotas.bottom else None
    bottom_tied = last_middle is not None and last_middle == first_bottom

    tiers: dict[str, Tier] = {}
    reasons: dict[str, str] = {}
    for person, value in score.items():
        tier, reason = Tier.MIDDLE, "rank"
        if last_top is not None and value >= last_top:
            if value == last_top and top_crowded:
                reason = "tie_too_many"
            else:
                tier, reason = Tier.TOP, "tie_shared" if value == last_top and top_tied else "rank"
        elif first_bottom is not None and value <= first_bottom:
            if value == first_bottom and bottom_tied:
                reason = "tie_shared"
            elif pass_line is not None and value >= pass_line:
                reason = "pass_line"
            else:
                tier = Tier.BOTTOM
        tiers[person], reasons[person] = tier, reason
    return tiers, reasons, _notes(score, tiers, reasons, pass_line)


def _notes(
    score: dict[str, Any], tiers: dict[str, Tier], reasons: dict[str, str], pass_line: Decimal | None
) -> list[Note]:
    def people(reason: str, tier: Tier) -> tuple[str, ...]:
        return tuple(person for person in score if reasons[person] == reason and tiers[person] is tier)

    found = [
        ("tie_top", people("tie_shared", Tier.TOP)),
        ("tie_bottom", people("tie_shared", Tier.MIDDLE)),
        ("tie_too_many", people("tie_too_many", Tier.MIDDLE)),
        ("pass_line", people("pass_line", Tier.MIDDLE)),
    ]
    extra = {"pass_line": (("pass_line", pass_line),)}
    return [Note(code, (("people", who), ("score", score[who[0]]), *extra.get(code, ()))) for code, who in found if who]
