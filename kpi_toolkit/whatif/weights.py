"""Weights that might have been agreed instead: evenly over all, around the agreed ones, in an order, within statements.

Every sampler returns an array draws x indicators whose rows sum to 1, from a generator whose seed the caller fixes.
Weights that are normalised uniforms crowd in the middle; exponentials do not (Lahdelma & Salminen 2001).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.statements import Bound, inequalities, inside

Floats = npt.NDArray[np.float64]
SEED = 20_261_121
DRAWS = 10_000
_WALKERS, _FLAT = 100, 1e-15
_SPARE_STEPS = 200
"""Steps of the walk that are not used, so that it forgets where it started."""


def generator(seed: int = SEED) -> np.random.Generator:
    """Return the generator that makes every figure repeatable."""
    return np.random.Generator(np.random.PCG64(seed))


def uniform(draws: int, count: int, random: np.random.Generator) -> Floats:
    """Return weights spread evenly over all that sum to 1.

    >>> uniform(2, 3, generator()).sum(axis=1).round(6)
    array([1., 1.])
    """
    exponentials = random.standard_exponential((draws, count), dtype=np.float32)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float64)


def around(draws: int, agreed: Sequence[float], concentration: float, random: np.random.Generator) -> Floats:
    """Return weights around the agreed ones (Dirichlet): SD of a weight w is sqrt(w (1 - w) / (concentration + 1)).

    >>> around(10_000, [60, 30, 10], 50.0, generator()).mean(axis=0).round(2)
    array([0.6, 0.3, 0.1])
    """
    shares = np.asarray(agreed, dtype=float)
    drawn = random.gamma(np.maximum(shares / shares.sum() * concentration, 1e-12), size=(draws, len(shares)))
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def ordinal(draws: int, agreed: Sequence[float], random: np.random.Generator) -> Floats:
    """Return weights in the order of the agreed ones; equal ones may come either way.

    >>> bool((np.diff(ordinal(100, [60, 30, 10], generator()), axis=1) <= 0).all())
    True
    """
    levels = np.asarray(agreed, dtype=float)
    drawn = -np.sort(-uniform(draws, len(levels), random), axis=1)
    keys = np.argsort(np.argsort(-levels[None, :] + random.random((draws, len(levels))) * 1e-9, axis=1), axis=1)
    return np.asarray(np.take_along_axis(drawn, keys, axis=1))


def within(draws: int, count: int, bounds: Sequence[Bound], random: np.random.Generator) -> Floats:
    """Return weights spread evenly over those that keep all bounds (hit-and-run: straight steps in random directions).

    Raises NoWeightsError where nothing keeps them all.
    """
    rows, least, fixed = inequalities(bounds, count)
    free = free_directions(fixed, count)
    walkers = min(draws, _WALKERS)
    here = np.tile(inside(rows, least, count), (walkers, 1))
    found = []
    for number in range(_SPARE_STEPS + -(-draws // walkers) * count):
        step = random.standard_normal((walkers, free.shape[1])) @ free.T
        slope, room = step @ rows.T, here @ rows.T - least
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = -room / slope
        low = np.minimum(np.max(np.where(slope > _FLAT, reach, -np.inf), axis=1), 0.0)
        high = np.maximum(np.min(np.where(slope < -_FLAT, reach, np.inf), axis=1), 0.0)
        low, high = (
            np.where(np.isfinite(end), end, 0.0) for end in (low, high)
        )  # exact statements leave nowhere to go
        far = low + random.random(walkers) * (high - low)
        here = here + far[:, None] * step
        if number >= _SPARE_STEPS and (number - _SPARE_STEPS) % count == count - 1:
            found.append(here)
    drawn = np.concatenate(found)[:draws]
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def free_directions(fixed: Floats, count: int) -> Floats:
    """Return an orthonormal basis of the directions in which weights may move: their sum and exact statements hold."""
    held = np.vstack([np.ones(count), fixed])
    _, sizes, basis = np.linalg.svd(held)
    return np.asarray(basis[int((sizes > 1e-9).sum()) :].T)
