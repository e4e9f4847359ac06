"""How far weights may move before a tier changes: intervals, the smallest change, and what weights do in practice.

Everything is on unrounded totals, which are straight lines in one weight when the others keep their proportions
(Mareschal 1988; Triantaphyllou & Sánchez 1997), so the answers are exact, not sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.quotas import Quotas

Floats = npt.NDArray[np.float64]
_SAME = 1e-12
_AT_ONCE = 2_000_000
"""How many meetings of two people are looked at together; memory stays the same for any number of people."""
LEAST_PEOPLE = 8
"""Fewer people than this show neither what weights do nor which indicators move alike, nor who rates severely (ours):
among five people two indicators that have nothing in common correlate beyond 0.8 once in ten times."""


def tier_of_rank(above: npt.NDArray[np.int64], quotas: Quotas) -> npt.NDArray[np.int64]:
    """Return 0, 1 or 2 (top, middle, bottom) for how many people stand above."""
    n = sum(quotas)
    return np.asarray((above >= quotas.top).astype(np.int64) + (above >= n - quotas.bottom))


def tier_intervals(
    scores: Floats,
    weights: Floats,
    quotas: Quotas,
    *,
    fixed: Floats | None = None,
    members: Sequence[bool] | None = None,
) -> Floats:
    """Return people x indicators x 2: between which values each weight may move while the person's tier holds.

    ``scores`` (people x indicators) and ``weights`` (summing to 1) make the totals of the ``members``; ``fixed`` is
    added to each total, and is all that other people have. One weight moves, the others keep their proportions.

    >>> u, w = np.array([[.9, .4, .5], [.6, .8, .5]]), np.array([.5, .3, .2])
    >>> np.round(tier_intervals(u, w, Quotas(1, 1, 0))[0, 0], 4)  # A leads iff w1 > 4/9
    array([0.4444, 1.    ])
    """
    people, count = scores.shape
    inside = np.ones(people, dtype=bool) if members is None else np.asarray(members, dtype=bool)
    base = np.zeros(people) if fixed is None else np.asarray(fixed, dtype=float)
    own = np.where(inside[:, None], scores, 0.0)
    total = own @ weights
    room = 1 - weights
    rest = np.divide(total[:, None] - own * weights, room, out=np.zeros((people, count)), where=room > _SAME)
    slope = (own - rest) * inside[:, None]
    now = base + total
    step = max(1, _AT_ONCE // max(1, people * count))
    parts = [_ends(slice(at, at + step), now, slope, quotas) for at in range(0, people, step)]
    return np.asarray(np.clip(weights[None, :, None] + np.concatenate(parts), 0.0, 1.0))


def _ends(piece: slice, now: Floats, slope: Floats, quotas: Quotas) -> Floats:
    """Return how far each weight may go down and up for a piece of the people: piece x indicators x 2."""
    people, count = slope.shape
    # Where persons i and j meet, as a distance from the weight agreed (i x indicator x j); infinite where never.
    gap = now[piece, None] - now[None, :]
    turn = slope.T[None, :, :] - slope[piece, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        meet = gap[:, None, :] / turn
        never = ~(np.abs(meet) > _SAME) | (np.abs(turn) <= _SAME)
    np.copyto(meet, np.inf, where=never)
    # Who comes from below is kept in the last bit of the place, so that one fast sort of plain numbers is enough.
    marked = meet.view(np.int64)
    marked &= ~1
    marked |= turn > 0
    meet.sort(axis=2)
    step = ((marked & 1) * 2 - 1).astype(np.int16)
    passed = np.cumsum(step, axis=2, dtype=np.int16)
    behind = np.count_nonzero(meet < 0, axis=2)[:, :, None]
    start = np.where(behind > 0, np.take_along_axis(passed, np.maximum(behind - 1, 0), axis=2), 0)
    before = (gap < 0).sum(axis=1)
    first, last = _ranks_of(tier_of_rank(before, quotas), quotas)
    shift = before[:, None, None] - start
    low, high = (first[:, None, None] - shift).astype(np.int16), (last[:, None, None] - shift).astype(np.int16)
    apart = np.ones((len(gap), count, people + 1), dtype=bool)  # lines that meet in one point count as one
    with np.errstate(invalid="ignore"):  # between two that never meet
        np.greater(meet[:, :, 1:] - meet[:, :, :-1], _SAME, out=apart[:, :, 1:-1])
    left_of = passed - step
    right = np.where(((passed < low) | (passed >= high)) & apart[:, :, 1:] & (meet > 0), meet, np.inf)
    left = np.where(((left_of < low) | (left_of >= high)) & apart[:, :, :-1] & (meet < 0), meet, -np.inf)
    return np.stack([left.max(axis=2), right.min(axis=2)], axis=2)


def _ranks_of(tier: npt.NDArray[np.int64], quotas: Quotas) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return between how many people above (from, below) each tier lies."""
    n = sum(quotas)
    edges = np.array([0, quotas.top, n - quotas.bottom, max(n, len(tier)) + 1])
    return edges[tier], edges[tier + 1]


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest shift of weight that lets one person overtake another across a cut."""

    up: int
    down: int
    shift: float
    """How much weight moves, of 1."""
    moves: tuple[tuple[int, int, float], ...]
    """From which indicator to which, and how much of 1."""


def smallest_flip(
    scores: Floats,
    weights: Floats,
    tiers: Sequence[int],
    *,
    fixed: Floats | None = None,
    members: Sequence[bool] | None = None,
) -> Flip | None:
    """Return the smallest shift of weight that changes who is in which tier; None where no shift does.

    ``tiers`` are 0, 1, 2. Moving a share from indicator a to b lets j gain d_a - d_b on i, d being i's scores less
    j's: the best moves empty the indicators where i leads most into the one where j does. Exact: each pair at a cut is
    tried, but for those that are too far apart for any change as small as the best.
    """
    people = len(scores)
    inside = np.ones(people, dtype=bool) if members is None else np.asarray(members, dtype=bool)
    own = np.where(inside[:, None], scores, 0.0)
    now = own @ weights + (np.zeros(people) if fixed is None else np.asarray(fixed, dtype=float))
    most = 2 * float(np.ptp(own, axis=1).max(initial=0.0))  # what one unit of weight can at most do to a pair
    best: Flip | None = None
    for tier in set(tiers):
        above = sorted((i for i in range(people) if tiers[i] == tier), key=lambda i: (now[i], i))
        below = sorted((j for j in range(people) if tiers[j] == tier + 1), key=lambda j: (-now[j], j))
        for i in above:
            for j in below:
                gap = float(now[i] - now[j])
                if gap > ((best.shift if best else 1.0) + _SAME) * most:
                    break  # no pair that is further apart needs less, and there is no more weight than one
                if gap < 0 or not (inside[i] or inside[j]):
                    continue
                shift, moves = _shift(own[i] - own[j], weights, gap)
                if moves is not None and (best is None or _is_before((shift, i, j), best)):
                    best = Flip(j, i, shift, moves)
    return best


def _is_before(found: tuple[float, int, int], best: Flip) -> bool:
    """Whether a pair needs less than the best so far, or as much and stands before it in the order of people."""
    shift, i, j = found
    return shift < best.shift - _SAME or (shift <= best.shift + _SAME and (i, j) < (best.down, best.up))


def _shift(lead: Floats, weights: Floats, gap: float) -> tuple[float, tuple[tuple[int, int, float], ...] | None]:
    into = int(np.argmin(lead))
    moves: list[tuple[int, int, float]] = []
    for place in np.argsort(-lead):
        gain = float(lead[place] - lead[into])
        if gap <= _SAME or gain <= _SAME:
            break
        taken = min(float(weights[place]), gap / gain)
        if taken > 0:
            moves.append((int(place), into, taken))
            gap -= taken * gain
    return sum(move[2] for move in moves), tuple(moves) if gap <= _SAME else None


def effective_weights(scores: Floats, weights: Floats) -> Floats | None:
    """Return what each indicator does to the differences between people: cov(w u, total) / var(total); they sum to 1.

    None where everybody has the same total. A weight of 50 on which all score the same does nothing (cf. Paruolo,
    Saisana & Saltelli 2013).
    """
    parts = scores * weights
    total = parts.sum(axis=1)
    spread = total - total.mean()
    variance = float(spread @ spread)
    if variance <= _SAME:
        return None
    return np.asarray((parts - parts.mean(axis=0)).T @ spread / variance)


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Indicators that separate nobody, and pairs that separate the same people."""

    constant: tuple[int, ...]
    twins: tuple[tuple[int, int, float], ...]


def redundancy(scores: Floats, *, alike: float = 0.95) -> Redundancy:
    """Return constant indicators, and pairs whose scores correlate at least ``alike``."""
    spread = scores - scores.mean(axis=0)
    size = np.sqrt((spread**2).sum(axis=0))
    constant = tuple(int(place) for place in np.flatnonzero(size <= 1e-9))
    varying = [place for place in range(scores.shape[1]) if place not in constant]
    twins = []
    for at, first in enumerate(varying):
        for second in varying[at + 1 :]:
            correlation = float(spread[:, first] @ spread[:, second] / (size[first] * size[second]))
            if correlation >= alike:
                twins.append((first, second, correlation))
    return Redundancy(constant, tuple(twins))


def entropy_weights(table: Floats) -> Floats:
    """Return how much each column separates rows, by entropy; for diagnosis only (Hwang & Yoon 1981).

    A constant column gets 0; where all are constant, all are 0. Raises ValueError for negative numbers.
    """
    values = np.asarray(table, dtype=float)
    if (values < 0).any():
        msg = "entropy needs numbers of at least 0"
        raise ValueError(msg)
    sums = values.sum(axis=0)
    shares = np.divide(values, sums, out=np.full(values.shape, 1 / len(values)), where=sums > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    told = 1 + (shares * logs).sum(axis=0) / np.log(len(values))
    told[np.abs(told) < _SAME] = 0.0
    return np.asarray(told / told.sum() if told.sum() > 0 else told)


def critic_weights(table: Floats) -> Floats:
    """Return spread times independence of each column (CRITIC; Diakoulaki et al. 1995); for diagnosis only.

    A constant column gets 0.
    """
    values = np.asarray(table, dtype=float)
    low, span = values.min(axis=0), np.ptp(values, axis=0)
    scaled = np.divide(values - low, span, out=np.zeros_like(values), where=span > 0)
    spread = scaled - scaled.mean(axis=0)
    size = np.sqrt((spread**2).sum(axis=0))
    outer = np.outer(size, size)
    alike = np.divide(spread.T @ spread, outer, out=np.ones_like(outer), where=outer > 0)
    told = size * (1 - alike).sum(axis=1)
    return np.asarray(told / told.sum() if told.sum() > 0 else told)
