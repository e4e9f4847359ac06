"""Whether groups fare alike: each against the best and against all others, by four fifths and exactly.

29 CFR 1607.4 D and its questions and answers 11, 12 and 21. Small groups are hidden, and so many others that nothing
hidden can be worked out from what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb

SMALLEST_GROUP = 5
"""Groups of fewer people are not compared: a figure about four people is a figure about persons."""
LEVEL = Fraction(1, 20)
_FOUR_FIFTHS = Fraction(4, 5)
_LEAST_WIDTH = 2
"""How far apart the least and the most must be that a hidden group may hold: less would tell who is in it."""
Counts = Mapping[str, tuple[int, int]]
"""How many of how many had an outcome, by group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """A group: how many of how many had the outcome, against the best group and against all others together."""

    group: str
    count: int
    size: int
    best: bool
    """Whether no group fares better."""
    ratio: Fraction | None
    """Rate over the best group's rate (of an unwanted outcome the lowest over the own); None where there is none."""
    flips: int | None
    """How many outcomes would have to move from the best group to this one until it no longer fares worse."""
    p_best: Fraction | None
    """Fisher's exact p, two-sided, against the best group."""
    p_others: Fraction
    """The same against all others."""
    mid_p: Fraction
    """The exact mid-p against all others: twice the smaller one-sided one."""
    behind: bool
    """Whether all others together fare better."""
    detectable: Fraction | None
    """The smallest difference from the others' rate (behind them) that groups of these sizes could show."""

    @property
    def rate(self) -> Fraction:
        """The share that had the outcome."""
        return Fraction(self.count, self.size)

    @property
    def below(self) -> bool:
        """Whether it is below four fifths of the best; exactly four fifths is not."""
        return self.ratio is not None and self.ratio < _FOUR_FIFTHS

    @property
    def too_small(self) -> bool:
        """Whether it is below four fifths, and one person's outcome would turn that round (Q&A 21)."""
        return self.below and self.flips == 1

    @property
    def flagged(self) -> bool:
        """Whether it is below four fifths of the best, behind all others together, by more than one person."""
        return self.below and self.behind and not self.too_small


@dataclass(frozen=True, slots=True)
class FairnessResult:
    """An outcome by group, what is not shown, and who belongs to no group."""

    outcome: str
    groups: tuple[GroupRate, ...]
    hidden: int = 0
    """How many groups are not shown: too small, or what would give a small one away."""
    hidden_people: int = 0
    without: int = 0
    """People whose group is not known: they are compared with nobody."""

    @property
    def flagged(self) -> tuple[GroupRate, ...]:
        """The groups below four fifths whose finding rests on more than one person."""
        return tuple(group for group in self.groups if group.flagged)


def compare_groups(
    outcome: str, counts: Counts, *, smallest: int = SMALLEST_GROUP, unwanted: bool = False
) -> FairnessResult:
    """Return how one outcome is spread over groups; of an ``unwanted`` one the lowest rate is the best.

    >>> result = compare_groups("hired", {"a": (48, 80), "b": (12, 40)})
    >>> float(result.groups[1].ratio), round(float(result.groups[1].p_best), 4), result.groups[1].flagged
    (0.5, 0.0034, True)
    """
    return compare_outcomes({outcome: counts}, smallest=smallest, unwanted=[outcome] if unwanted else ())[0]


def compare_outcomes(
    outcomes: Mapping[str, Counts], *, smallest: int = SMALLEST_GROUP, unwanted: Collection[str] = (),
    without: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[FairnessResult, ...]:  # fmt: skip
    """Return several outcomes of the same people by group: what one hides no other shows."""
    alone = dict(without or {})
    shown = shown_groups(outcomes, alone, smallest)
    found, adverse = [], set(unwanted)
    for outcome, counts in outcomes.items():
        kept = {group: counts[group] for group in counts if group in shown}
        hidden = [size for group, (_, size) in counts.items() if group not in shown]
        groups = tuple(_group(group, kept, adverse=outcome in adverse) for group in kept)
        found.append(FairnessResult(outcome, groups, len(hidden), sum(hidden), alone.get(outcome, (0, 0))[1]))
    return tuple(found)


def shown_groups(
    outcomes: Mapping[str, Counts], without: Mapping[str, tuple[int, int]], smallest: int = SMALLEST_GROUP
) -> set[str]:
    """Return the groups that may be shown.

    Whole counts are known to every reader, so the hidden ones are known together. Groups go, the smallest first, until
    nobody can tell of a hidden group within less than two people how many had an outcome; one group by itself is
    compared with nothing.
    """
    sizes = {group: size for counts in outcomes.values() for group, (_, size) in counts.items()}
    order = sorted(sizes, key=lambda group: sizes[group])
    hidden = [group for group in order if sizes[group] < smallest]
    while hidden and len(hidden) < len(order) and not _safe(outcomes, without, hidden, smallest):
        hidden.append(order[len(hidden)])
    shown = set(order) - set(hidden)
    return shown if len(shown) > 1 else set()


def _safe(
    outcomes: Mapping[str, Counts], without: Mapping[str, tuple[int, int]], hidden: list[str], smallest: int
) -> bool:
    for outcome, counts in outcomes.items():
        cells = [counts[group] for group in hidden] + [without.get(outcome, (0, 0))]
        total, people = sum(count for count, _ in cells), sum(size for _, size in cells)
        if people < smallest:
            return False
        for _, size in cells[: len(hidden)]:
            if min(size, total) - max(0, total - (people - size)) < _LEAST_WIDTH:
                return False
    return True


def _group(name: str, counts: Counts, *, adverse: bool) -> GroupRate:
    """Return a group beside the best and all others. To be spared an unwanted outcome is to fare well."""
    (count, size), fared = counts[name], {g: (n - a if adverse else a, n) for g, (a, n) in counts.items()}
    best = max(fared, key=lambda group: (Fraction(*fared[group]), fared[group][1]))
    rate, highest = (Fraction(*counts[group]) for group in (name, best))
    part, whole = (highest, rate) if adverse else (rate, highest)
    rest = [own for group, own in fared.items() if group != name]
    others = sum(well for well, _ in rest), sum(n for _, n in rest)
    well = fared[name][0]
    to_best, to_others = (_row(well, size, *beside) for beside in (fared[best], others))
    return GroupRate(
        group=name, count=count, size=size, best=rate == highest, ratio=part / whole if whole else None,
        flips=None if rate == highest else _flips(fared[name], fared[best]),
        p_best=None if name == best else fisher(*to_best), p_others=fisher(*to_others), mid_p=mid_p(*to_others),
        behind=Fraction(*others) > Fraction(well, size), detectable=_detectable(size, others),
    )  # fmt: skip


def _row(well: int, size: int, others: int, of: int) -> tuple[int, int, int, int]:
    """Return the table of those who fared well and the rest, of a group and of those it is held against."""
    return well, size - well, others, of - others


def _flips(own: tuple[int, int], best: tuple[int, int]) -> int | None:
    """Return after how many outcomes moved the own group is no longer behind; None where none can be moved."""
    for moved in range(1, min(own[1] - own[0], best[0]) + 1):
        if Fraction(own[0] + moved, own[1]) > Fraction(best[0] - moved, best[1]):
            return moved
    return None


def _detectable(size: int, others: tuple[int, int]) -> Fraction | None:
    """Return the smallest difference behind the others' rate with a mid-p below the level; None where there is none."""
    for well in range(size, -1, -1):
        behind = Fraction(*others) - Fraction(well, size)
        if behind > 0 and mid_p(*_row(well, size, *others)) < LEVEL:
            return behind
    return None


def _tables(a: int, b: int, c: int, d: int) -> tuple[dict[int, int], int]:
    """Return in how many ways each table with the same margins comes about, and how many there are in all."""
    row, column, n = a + b, a + c, a + b + c + d
    counts = range(max(0, column - (n - row)), min(row, column) + 1)
    return {k: comb(row, k) * comb(n - row, column - k) for k in counts}, comb(n, column)


def fisher(a: int, b: int, c: int, d: int) -> Fraction:
    """Return Fisher's exact p, two-sided, of the table a b / c d: all tables at most as likely as this one, exactly.

    >>> round(float(fisher(48, 32, 12, 28)), 4)
    0.0034
    """
    ways, whole = _tables(a, b, c, d)
    return Fraction(sum(each for each in ways.values() if each <= ways[a]), whole)


def mid_p(a: int, b: int, c: int, d: int) -> Fraction:
    """Return the exact mid-p of the table a b / c d: twice the smaller one-sided p, half of the table itself counted.

    Fisher's test is deaf in small groups (Collins & Morris 2008). Of the two conventions this is the doubled one.

    >>> round(float(mid_p(7, 3, 2, 8)), 4)
    0.0376
    """
    ways, whole = _tables(a, b, c, d)
    sides = (sum(each for k, each in ways.items() if (k < a if lower else k > a)) for lower in (True, False))
    return min(Fraction(1), *(Fraction(2 * side + ways[a], whole) for side in sides))
