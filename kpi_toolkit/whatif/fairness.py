"""Whether groups fare alike: the four-fifths rule with its one-person flip, and Fisher's exact test. In whole numbers.

29 CFR 1607.4 D and its questions and answers 11, 12 and 21; small groups are not shown at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb

SMALLEST_GROUP = 5
"""Groups of fewer people are not compared: a figure about four people is a figure about persons."""


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A group: how many of how many had the outcome, and its rate against the best group's."""

    group: str
    count: int
    size: int
    ratio: Fraction | None
    """Rate over the highest rate; None where nobody had the outcome."""

    @property
    def rate(self) -> Fraction:
        """The share that had the outcome."""
        return Fraction(self.count, self.size)

    @property
    def flagged(self) -> bool:
        """Whether the rate is below four fifths of the highest; exactly four fifths is not."""
        return self.ratio is not None and self.ratio < Fraction(4, 5)


@dataclass(frozen=True, slots=True)
class FairnessResult:
    """An outcome by group: rates, whether a single person would turn the finding round, and Fisher's p."""

    outcome: str
    groups: tuple[GroupRate, ...]
    too_small: bool
    """Moving one person between the groups would make the worst the best: too small to conclude."""
    p: Fraction | None
    """Fisher's exact test, two-sided, worst against best group; None for fewer than two groups."""
    hidden: tuple[str, ...] = ()
    """Groups that are not shown: too small, or what would give a small one away."""

    @property
    def flagged(self) -> bool:
        """Whether a group is below four fifths and that rests on more than one person."""
        return any(group.flagged for group in self.groups) and not self.too_small


def compare_groups(
    outcome: str, counts: Mapping[str, tuple[int, int]], *, smallest: int = SMALLEST_GROUP
) -> FairnessResult:
    """Return how an outcome is spread over groups; ``counts`` is how many of how many by group.

    >>> result = compare_groups("hired", {"a": (48, 80), "b": (12, 40)})
    >>> float(result.groups[1].ratio), round(float(result.p), 4), result.flagged
    (0.5, 0.0034, True)
    """
    shown = _shown(counts, smallest)
    hidden = tuple(group for group in counts if group not in shown)
    rates = {group: Fraction(count, size) for group, (count, size) in shown.items()}
    best = max(rates.values(), default=Fraction(0))
    groups = tuple(
        GroupRate(group, count, size, rates[group] / best if best else None) for group, (count, size) in shown.items()
    )
    if len(groups) < 2:
        return FairnessResult(outcome, groups, too_small=True, p=None, hidden=hidden)
    low, high = min(groups, key=lambda group: group.rate), max(groups, key=lambda group: group.rate)
    return FairnessResult(
        outcome, groups, too_small=_turns_round(low, high),
        p=fisher(high.count, high.size - high.count, low.count, low.size - low.count), hidden=hidden,
    )  # fmt: skip


def _shown(counts: Mapping[str, tuple[int, int]], smallest: int) -> dict[str, tuple[int, int]]:
    """Return the groups that may be shown: no small one, nor what would give the others away by subtraction.

    The whole is known to every reader, so those hidden are ``smallest`` people or more together; one group by itself
    is compared with nothing.
    """
    shown, hidden = dict(counts), 0
    for group in sorted(counts, key=lambda name: counts[name][1]):
        if counts[group][1] < smallest or 0 < hidden < smallest:
            hidden += shown.pop(group)[1]
    return shown if len(shown) > 1 else {}


def _turns_round(low: GroupRate, high: GroupRate) -> bool:
    """Whether one outcome moved from the best group to the worst would make the worst lead (Q&A 21)."""
    if not high.count or low.count == low.size:
        return False
    return Fraction(low.count + 1, low.size) > Fraction(high.count - 1, high.size)


def fisher(a: int, b: int, c: int, d: int) -> Fraction:
    """Return Fisher's exact p, two-sided, of the table a b / c d: all tables at most as likely as this one, exactly.

    >>> round(float(fisher(48, 32, 12, 28)), 4)
    0.0034
    """
    row, column, n = a + b, a + c, a + b + c + d
    ways = {
        k: comb(row, k) * comb(n - row, column - k) for k in range(max(0, column - (n - row)), min(row, column) + 1)
    }
    here = ways[a]
    return Fraction(sum(each for each in ways.values() if each <= here), comb(n, column))
