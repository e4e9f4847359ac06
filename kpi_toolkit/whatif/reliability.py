"""How far a rating can be trusted at all: reliability, what it means for tiers, and the spread over cycles.

Doubt about the measurement is a different thing from doubt about the weights, and is always shown apart from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from kpi_toolkit.whatif.weights import generator

Floats = npt.NDArray[np.float64]
_NORMAL = NormalDist()
_NODES, _SHARES = np.polynomial.legendre.leggauss(200)
_FAR = 9.0


def spearman_brown(reliability: float, raters: float) -> float:
    """Return the reliability of the mean of several raters: k r / (1 + (k - 1) r).

    >>> [round(spearman_brown(0.52, k), 2) for k in (2, 3, 4)]
    [0.68, 0.76, 0.81]
    """
    return raters * reliability / (1 + (raters - 1) * reliability)


def both_above(first: float, second: float, correlation: float) -> float:
    """Return P(X > first and Y > second) of two standard normals (Gauss-Legendre, to 1e-9)."""
    low, high = max(first, -_FAR), _FAR
    if low >= high:
        return 0.0
    x = (high - low) / 2 * _NODES + (high + low) / 2
    rest = sqrt(1 - correlation**2)
    tail = np.array([1 - _NORMAL.cdf((second - correlation * value) / rest) for value in x])
    density = np.exp(-(x**2) / 2) / sqrt(2 * np.pi)
    return float((high - low) / 2 * (_SHARES @ (density * tail)))


@dataclass(frozen=True, slots=True)
class Placement:
    """What placing people by a rating of some reliability is worth, on average (Taylor-Russell geometry)."""

    bottom_true: float | None
    """P(truly in the bottom share | placed there)."""
    top_true: float | None
    """P(truly in the top share | placed there)."""
    bottom_above_median: float | None
    """P(truly above the median | placed in the bottom)."""
    agreement: float
    """Share of people whose placed tier is their true one."""


def _edge(share: float) -> float:
    """Return where a share of a normal distribution ends; far out where it is nothing or everything."""
    return _NORMAL.inv_cdf(share) if 0 < share < 1 else (-_FAR if share <= 0 else _FAR)


def placement(reliability: float, top: float = 0.2, bottom: float = 0.1) -> Placement:
    """Return what shares of people placed in a tier truly belong there, true and rated standing being bivariate normal.

    >>> found = placement(0.52)
    >>> round(found.bottom_true, 3), round(found.top_true, 3), round(found.agreement, 2)
    (0.486, 0.58, 0.73)
    """
    rho = sqrt(reliability)
    high, low = -_edge(top), _edge(bottom)
    both_top = both_above(high, high, rho)
    both_bottom = both_above(-low, -low, rho)
    both_upper = both_above(low, low, rho)  # neither is in the bottom
    top_and_rest = both_above(high, low, rho) - both_top  # truly top, rated middle
    both_middle = both_upper - both_top - 2 * top_and_rest
    upper_half = both_above(-low, 0.0, -rho)  # rated bottom, truly above the median
    return Placement(
        bottom_true=both_bottom / bottom if bottom else None,
        top_true=both_top / top if top else None,
        bottom_above_median=upper_half / bottom if bottom else None,
        agreement=both_top + both_middle + both_bottom,
    )


def tier_chances(
    scores: Sequence[float], cuts: tuple[float, float], reliability: float
) -> list[tuple[float, float, float]]:
    """Return each person's chances of truly standing in the top, the middle and the bottom, given the score.

    The true score is expected between the score and the mean (Kelley), with SD * sqrt(r (1 - r)) around it; ``cuts``
    are the lowest top score and the highest bottom score of the cycle.
    """
    values = np.asarray(scores, dtype=float)
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    width = spread * sqrt(reliability * (1 - reliability))
    found = []
    for value in values:
        expected = float(values.mean()) + reliability * (float(value) - float(values.mean()))
        if width <= 0:  # all alike: nobody stands out
            found.append((0.0, 1.0, 0.0))
            continue
        around = NormalDist(expected, width)
        # Cuts are on the scale of scores; shrunk as scores are, so that equal shares stay equal shares.
        high, low = (float(values.mean()) + sqrt(reliability) * (cut - float(values.mean())) for cut in cuts)
        top, bottom = 1 - around.cdf(high), around.cdf(low)
        found.append((top, max(0.0, 1 - top - bottom), bottom))
    return found


def bootstrap_ranks(cycles: Floats, *, draws: int = 2000, share: float = 0.9) -> Floats:
    """Return each person's interval of ranks (people x 2) when whole cycles are resampled.

    ``cycles`` is people x cycles of scores; nan where there is none. The rank is that of the mean over the drawn
    cycles.
    """
    people, count = cycles.shape
    random = generator()
    picked = random.integers(0, count, size=(draws, count))
    drawn = cycles[:, picked]  # people x draws x cycles
    known = ~np.isnan(drawn)
    sums, numbers = np.where(known, drawn, 0.0).sum(axis=2), known.sum(axis=2)
    means = np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0)
    above = (means[None, :, :] > means[:, None, :] + 1e-9).sum(axis=1) + 1.0
    above[np.isnan(means)] = np.nan
    tail = (1 - share) / 2
    found = np.full((people, 2), np.nan)
    for person in range(people):
        ranks = above[person][~np.isnan(above[person])]
        if len(ranks):
            found[person] = np.quantile(ranks, [tail, 1 - tail], method="inverted_cdf")
    return found


@dataclass(frozen=True, slots=True)
class Agreement:
    """Intraclass correlations of targets x judges (Shrout & Fleiss 1979): one judge's, and the mean of all of them."""

    one_way: float
    two_way: float
    fixed: float
    one_way_mean: float
    two_way_mean: float
    fixed_mean: float


def intraclass(ratings: Floats) -> Agreement:
    """Return ICC(1,1), (2,1), (3,1) and their forms for the mean of the judges; at least two of each are needed."""
    table = np.asarray(ratings, dtype=float)
    n, k = table.shape
    if n < 2 or k < 2 or np.isnan(table).any():
        msg = "at least two targets and two judges are needed, each judge rating each target"
        raise ValueError(msg)
    grand = table.mean()
    rows = k * ((table.mean(axis=1) - grand) ** 2).sum()
    columns = n * ((table.mean(axis=0) - grand) ** 2).sum()
    whole = ((table - grand) ** 2).sum()
    between, within = rows / (n - 1), (whole - rows) / (n * (k - 1))
    judges, error = columns / (k - 1), (whole - rows - columns) / ((n - 1) * (k - 1))
    return Agreement(
        one_way=(between - within) / (between + (k - 1) * within),
        two_way=(between - error) / (between + (k - 1) * error + k * (judges - error) / n),
        fixed=(between - error) / (between + (k - 1) * error),
        one_way_mean=(between - within) / between,
        two_way_mean=(between - error) / (between + (judges - error) / n),
        fixed_mean=(between - error) / between,
    )
