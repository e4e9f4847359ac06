"""Who lands in which tier, draw by draw: whole columns placed by the rules of :mod:`kpi_toolkit.method.tiers`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.model import TieRule

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Tiers = npt.NDArray[np.int8]
"""0, 1, 2 (top, middle, bottom), or :data:`NO_TIER`."""
NO_TIER = 3


def places_of(
    keys: npt.NDArray[Any], top: Whole, bottom: Whole, tie: TieRule, *, reached: Flags, barred: Flags
) -> Tiers:
    """Return the tiers (draws x people) that ``tiers._Cut`` gives: whole numbers order people, equal ones are tied.

    ``top`` and ``bottom`` are the seats in each draw, ``reached`` who reaches the pass line, ``barred`` whom a veto
    keeps out of the top.
    """
    draws, n = keys.shape
    each, ordered = np.arange(draws), np.sort(keys, axis=1)[:, ::-1]
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max

    def at(place: Whole, exists: Flags, other: int) -> npt.NDArray[Any]:
        return np.where(exists, ordered[each, np.clip(place, 0, n - 1)], other)[:, None]

    last_top = at(top - 1, top > 0, high)
    first_bottom = at(n - bottom, bottom > 0, low)
    last_middle = at(n - bottom - 1, (bottom > 0) & (bottom < n), high)
    above, below = keys >= last_top, keys <= first_bottom
    crowd, lower = np.count_nonzero(above, axis=1)[:, None], np.count_nonzero(below, axis=1)[:, None]
    too_many = (last_top == first_bottom) | (crowd > 2 * top[:, None])
    shared_top = (keys == last_top) & (crowd > top[:, None])
    first = above & ~(shared_top & (too_many | (tie is not TieRule.BETTER)))
    shared_low = (keys == first_bottom) & (last_middle == first_bottom)
    spared = shared_low & ((lower > 2 * bottom[:, None]) | (tie is not TieRule.WORSE))
    last = below & ~above & ~spared & ~reached
    found = np.ones(keys.shape, dtype=np.int8)
    found[last] = 2
    found[first & ~barred] = 0
    return found


def dense(keys: npt.NDArray[Any]) -> Whole:
    """Return each row's keys as 0, 1, 2 …; equal ones stay equal."""
    order = np.argsort(keys, axis=1)
    ordered = np.take_along_axis(keys, order, axis=1)
    places = np.zeros(keys.shape, dtype=np.int64)
    np.cumsum(ordered[:, 1:] != ordered[:, :-1], axis=1, out=places[:, 1:])
    found = np.empty_like(places)
    np.put_along_axis(found, order, places, axis=1)
    return found


def widest_gaps(ordered: Whole, top: int, bottom: int) -> tuple[Whole, Whole]:
    """Return the seats after each cut has moved by at most one person to the widest gap (``quotas``)."""
    draws, n = ordered.shape
    gaps = ordered[:, :-1] - ordered[:, 1:]  # behind the first, the second …

    def widest(cut: int, low: Whole) -> Whole:
        near = np.array([cut, cut - 1, cut + 1])
        allowed = (near[None, :] > low[:, None]) & (near[None, :] < n)
        size = np.where(allowed, gaps[:, np.clip(near - 1, 0, n - 2)], -1)
        return np.where(allowed.any(axis=1), near[size.argmax(axis=1)], cut)

    tops = widest(top, np.zeros(draws, dtype=np.int64)) if 0 < top < n else np.full(draws, top)
    if top + bottom == n:  # the top and the bottom tier meet in one cut
        return tops, n - tops
    below = widest(n - bottom, tops) if 0 < bottom < n else np.full(draws, n - bottom)
    return tops, n - below


def tier_shares(tiers: Tiers) -> Floats:
    """Return people x 3: in which share of the draws each is in the top, the middle and the bottom tier.

    Of drawn weights this is the acceptability of a tier (SMAA: Lahdelma & Salminen 2001; Tervonen & Figueira 2008). Its
    95 % error with K draws is at most 0.98 / sqrt(K), 1 point of a hundred for K = 9 604.

    >>> tier_shares(np.array([[0, 1], [0, 2]], dtype=np.int8)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]
    """
    return np.stack([np.count_nonzero(tiers == tier, axis=0) for tier in range(3)], axis=1) / len(tiers)
