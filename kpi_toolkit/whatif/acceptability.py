"""How often each tier comes out when the weights are open (SMAA).

Sources: Lahdelma & Salminen 2001; Tervonen & Figueira 2008. b = the share of admissible weights; its 95 % error with K
draws is at most 0.98 / sqrt(K), 1 point of a hundred for K = 9 604.
"""

from __future__ import annotations

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
