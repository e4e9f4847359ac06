"""How often a person lands in each tier when the weights are open: tier acceptability (SMAA), on unrounded totals.

Sources: Lahdelma & Salminen 2001; Tervonen & Figueira 2008. b = the share of admissible weights; its 95 % error with K
draws is at most 0.98 / sqrt(K), 1 point of a hundred for K = 9 604.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.quotas import Quotas

Floats = npt.NDArray[np.float64]
_SAME = 1e-9
_BLOCK = 512


def tier_acceptability(
    totals: Callable[[slice], Floats], draws: int, quotas: Quotas, *, pass_line: float | None = None
) -> Floats:
    """Return people x 3: how often each is in the top, the middle and the bottom tier.

    ``totals`` gives the totals (draws x people) of a slice of the draws, so that they stay in the processor's cache.
    Equals share the better tier, and whoever reaches the pass line is not in the bottom.
    """
    counted: Floats | None = None
    for start in range(0, draws, _BLOCK):
        block = totals(slice(start, min(start + _BLOCK, draws)))
        top, bottom = _tiers(block, quotas, pass_line)
        rows = np.stack([top.sum(axis=0), np.zeros(block.shape[1]), bottom.sum(axis=0)], axis=1)
        counted = rows if counted is None else counted + rows
    if counted is None:
        return np.zeros((0, 3))
    counted[:, 1] = draws - counted[:, 0] - counted[:, 2]
    return counted / draws


def _tiers(
    totals: Floats, quotas: Quotas, pass_line: float | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    n = totals.shape[1]
    ordered = np.sort(totals, axis=1)  # sorting plain numbers is faster than partitioning at two places
    nobody = np.zeros(totals.shape, dtype=bool)
    edge = ordered[:, [n - quotas.top]] if quotas.top else np.full((len(totals), 1), np.inf)
    top = totals >= edge - _SAME
    crowded = np.count_nonzero(top, axis=1) > 2 * quotas.top  # too many tied: they go to the middle (decision 4)
    top[crowded] &= totals[crowded] > edge[crowded] + _SAME
    if not quotas.bottom:
        return top, nobody
    above = ordered[:, [quotas.bottom]] if quotas.bottom < n else np.full((len(totals), 1), np.inf)
    bottom = (totals < above - _SAME) & ~top
    return top, bottom if pass_line is None else bottom & (totals < pass_line)


@dataclass(frozen=True)
class Ranks:
    """SMAA-2: how often each is at each rank, the mean weights of those that put it first, and how sure that is."""

    ranks: Floats
    """People x ranks: the share of draws."""
    central: Floats
    """People x indicators: mean weights of the draws in which the person is first; nan where there are none."""
    confidence: Floats
    """The share of draws in which the person is first under its own central weights; nan where there are none."""


def rank_acceptability(scores: Floats, weights: Floats) -> Ranks:
    """Return the rank acceptabilities. ``scores`` is people x indicators, or draws x people x indicators.

    With scores of their own for each draw (uncertain measurements) the confidence factor is uncertain too.
    """
    each = scores if scores.ndim == 3 else np.broadcast_to(scores, (len(weights), *scores.shape))
    totals = np.einsum("kij,kj->ki", each, weights)
    place = np.argsort(np.argsort(-totals, axis=1, kind="stable"), axis=1)
    n = totals.shape[1]
    ranks = np.stack([(place == rank).mean(axis=0) for rank in range(n)], axis=1)
    first = place == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        central = (first.T.astype(float) @ weights) / first.sum(axis=0)[:, None]
    confidence = np.full(n, np.nan)
    for person in range(n):
        if not np.isnan(central[person, 0]):
            own = each @ central[person]
            confidence[person] = (own.argmax(axis=1) == person).mean()
    return Ranks(ranks, central, confidence)
