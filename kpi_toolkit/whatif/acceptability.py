"""How often each rank and each tier comes out when the weights are open (SMAA).

Sources: Lahdelma & Salminen 2001; Tervonen & Figueira 2008. b = the share of admissible weights; its 95 % error with K
draws is at most 0.98 / sqrt(K), 1 point of a hundred for K = 9 604.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_toolkit.whatif.rescoring import Rescoring, Weights, blocks

Floats = npt.NDArray[np.float64]


def tier_acceptability(rescoring: Rescoring, weights: Weights, draws: int, *, errors: Floats | None = None) -> Floats:
    """Return people x 3: in which share of the draws each is in the top, the middle and the bottom tier.

    Every draw is scored by the official rules. ``errors`` (draws x people, points) are added to own scores.
    """
    counted = np.zeros((3, len(rescoring.people)))
    for at, rows in blocks(weights, draws):
        tiers = rescoring.tiers(rescoring.scored(rows, None if errors is None else errors[at]))
        counted += np.stack([np.count_nonzero(tiers == tier, axis=0) for tier in range(3)])
    return np.asarray(counted.T / max(draws, 1))


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
