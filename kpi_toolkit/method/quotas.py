"""Whole people from shares: one apportionment with its rules, and guidelines beside it (S235, S241)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

from kpi_toolkit.method.numbers import FULL, deal
from kpi_toolkit.method.scheme import Guideline, QuotaRule, Tier, TierScheme

_DOUBT_GOES_TO = (1, 0, 2)
"""Equal remainders go to the middle, then to the top (S235)."""
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many people each tier has room for."""

    top: int
    middle: int
    bottom: int

    @classmethod
    def over(cls, pools: Iterable[Quotas]) -> Quotas:
        """Return the counts of several pools together; nothing of none.

        >>> Quotas.over([Quotas(1, 3, 1), Quotas(2, 7, 1)])
        Quotas(top=3, middle=10, bottom=2)
        """
        seats = list(pools)
        return cls(sum(one.top for one in seats), sum(one.middle for one in seats), sum(one.bottom for one in seats))

    @classmethod
    def counted(cls, tiers: Iterable[Tier | None]) -> Quotas:
        """Return how often each tier comes; None is none of them."""
        dealt = Counter(tiers)
        return cls(*(dealt[tier] for tier in Tier))

    def __iter__(self) -> Iterator[int]:
        """Go through the three counts, best tier first."""
        return iter((self.top, self.middle, self.bottom))


def tier_quotas(
    n: int,
    shares: Sequence[int | Decimal | Fraction] = (20, 70, 10),
    rule: QuotaRule | str = QuotaRule.LARGEST_REMAINDER,
    *,
    before: int = 0,
    scores: Sequence[Any] = (),
) -> Quotas:
    """Return how many of ``n`` people each tier has room for, in exact arithmetic. The three always sum to ``n``.

    ``largest_remainder`` (default): whole parts first, the left-over places to the largest remainders, equal
    remainders to the middle, then to the top. ``half_up``: top and bottom each rounded half up, the middle takes the
    rest. ``at_most``: top and bottom rounded down, so no share is ever exceeded. ``cap_minimum`` (2-7-1): the top
    rounded up, the bottom rounded down but at least one (271's readiness rule). ``carry_over``: the seats
    that all people so far (``before`` + n) are owed, less those that the ``before`` people of earlier cycles were owed.
    ``boundary_gap``: largest remainder, then each cut moved by at most one person to the widest gap between
    neighbouring ``scores``. Source: S235, facts on
    forced distributions.

    Raises ValueError for a negative ``n``, shares that do not sum to 100, and scores that are not those of n people.

    >>> [tuple(tier_quotas(n)) for n in (3, 5, 7, 8, 10, 12, 20)]
    [(1, 2, 0), (1, 4, 0), (1, 5, 1), (1, 6, 1), (2, 7, 1), (2, 9, 1), (4, 14, 2)]
    """
    parts = [Fraction(share) for share in shares]
    if len(parts) != len(Tier) or sum(parts) != FULL or min(parts) < 0:
        msg = f"three shares that sum to 100 are needed, got {', '.join(map(str, shares))} (sum {sum(shares)})"
        raise ValueError(msg)
    if n < 0 or before < 0:
        msg = f"a head count cannot be negative, got {min(n, before)}"
        raise ValueError(msg)
    rule = QuotaRule(rule)
    if rule is QuotaRule.CARRY_OVER:
        owed, had = _largest_remainder(before + n, parts), _largest_remainder(before, parts)
        return _held(n, owed.top - had.top, owed.bottom - had.bottom)
    if rule is QuotaRule.BOUNDARY_GAP:
        return _widest_gaps(_largest_remainder(n, parts), scores)
    if rule is QuotaRule.LARGEST_REMAINDER:
        return _largest_remainder(n, parts)
    top, bottom = n * parts[0] / 100, n * parts[2] / 100
    if rule is QuotaRule.CAP_MINIMUM:
        return _held(n, ceil(top), max(floor(bottom), 1 if parts[2] else 0))
    half = _HALF if rule is QuotaRule.HALF_UP else Fraction(0)
    return _held(n, floor(top + half), floor(bottom + half))


def seats_of(scheme: TierScheme, pool: str, n: int, before: int = 0, scores: Sequence[Any] = ()) -> Quotas:
    """Return the seats of a pool with so many people; without ``scores`` no gap is known, and none moves a cut."""
    unmoved = scheme.rule is QuotaRule.BOUNDARY_GAP and not scores
    rule = QuotaRule.LARGEST_REMAINDER if unmoved else scheme.rule
    return tier_quotas(n, scheme.shares_of(pool), rule, before=before, scores=scores)


def _held(n: int, top: int, bottom: int) -> Quotas:
    top = min(n, max(0, top))
    bottom = min(n - top, max(0, bottom))
    return Quotas(top, n - top - bottom, bottom)


def _largest_remainder(n: int, parts: Sequence[Fraction]) -> Quotas:
    scale = lcm(*(part.denominator for part in parts))
    return Quotas(*deal(n, [int(n * part * scale) for part in parts], 100 * scale, turn=_DOUBT_GOES_TO))


def _widest_gaps(quotas: Quotas, scores: Sequence[Any]) -> Quotas:
    """Move each cut by at most one person to where neighbouring scores part most; as it was where gaps are equal."""
    n = sum(quotas)
    if len(scores) != n:
        msg = f"boundary_gap needs the scores of all {n} people, got {len(scores)}"
        raise ValueError(msg)
    values = sorted(scores, reverse=True)

    def widest(cut: int, low: int, high: int) -> int:
        near = [place for place in (cut, cut - 1, cut + 1) if low < place < high]
        return max(near, key=lambda place: values[place - 1] - values[place]) if near else cut

    # A cut is between two tiers that hold somebody: where one holds nobody there is nothing to move on its side.
    top = widest(quotas.top, 0, n) if 0 < quotas.top < n else quotas.top
    if not quotas.middle:  # the top and the bottom tier meet in one cut
        return Quotas(top, 0, n - top)
    below = widest(n - quotas.bottom, top, n) if 0 < quotas.bottom < n else n - quotas.bottom
    return Quotas(top, below - top, n - below)


@dataclass(frozen=True, slots=True)
class GuidelineLine:
    """A guideline for a head count: between how many people it wants, how many there are, and whether that fits."""

    guideline: Guideline
    low: int
    high: int
    count: int

    @property
    def kept(self) -> bool:
        """Whether the count lies within."""
        return self.low <= self.count <= self.high


def guideline_bounds(n: int, guideline: Guideline) -> tuple[int, int]:
    """Return between how many of ``n`` people a guideline wants.

    Upper ends are rounded up and lower ends down, as SAP's calibration does (KBA 3634696); ``=`` is rounded down.

    >>> guideline_bounds(7, Guideline.model_validate({"tiers": ["top"], "is": "<=", "share": 20}))
    (0, 2)
    """
    share, to = n * Fraction(guideline.share) / 100, n * Fraction(guideline.to) / 100
    if guideline.is_ == "=":
        return floor(share), floor(share)
    if guideline.is_ in {"<", "<="}:
        return 0, ceil(share)
    return floor(share), n if guideline.is_ in {">", ">="} else ceil(to)


def hold_against(guidelines: Sequence[Guideline], counts: Quotas) -> tuple[GuidelineLine, ...]:
    """Return each guideline with the counts there are."""
    n, by_tier = sum(counts), dict(zip(Tier, counts, strict=True))
    inside = ((item, sum(by_tier[tier] for tier in set(item.tiers))) for item in guidelines)
    return tuple(GuidelineLine(item, *guideline_bounds(n, item), count) for item, count in inside)


def guidelines_can_add_up(n: int, guidelines: Sequence[Guideline]) -> bool:
    """Return whether any distribution of ``n`` people keeps all of these guidelines."""
    for top in range(n + 1):
        low, high = 0, n - top  # of the bottom
        for item in guidelines:
            least, most = guideline_bounds(n, item)
            wanted = set(item.tiers)
            fixed = top * (Tier.TOP in wanted)
            if (Tier.MIDDLE in wanted) == (Tier.BOTTOM in wanted):  # both or neither: the bottom does not matter
                fixed += (n - top) * (Tier.BOTTOM in wanted)
                if not least <= fixed <= most:
                    low, high = 1, 0
            elif Tier.BOTTOM in wanted:
                low, high = max(low, least - fixed), min(high, most - fixed)
            else:
                low, high = max(low, n - top + fixed - most), min(high, n - top + fixed - least)
        if low <= high:
            return True
    return False
