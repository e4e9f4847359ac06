"""Weights that might have been agreed instead: evenly over all, around the agreed ones, in an order, within statements.

Every sampler returns an array draws x indicators whose rows sum to 1, from a generator whose seed the caller fixes.
Weights that are normalised uniforms crowd in the middle; exponentials do not (Lahdelma & Salminen 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SEED = 20_261_121
DRAWS = 10_000
_SPARE_STEPS = 200
"""Steps of the walk that are not used, so that it forgets where it started."""


class NoWeightsError(ValueError):
    """No weights keep all of the statements."""


def generator(seed: int = SEED) -> np.random.Generator:
    """Return the generator that makes every figure repeatable."""
    return np.random.Generator(np.random.PCG64(seed))


def uniform(draws: int, count: int, random: np.random.Generator) -> Floats:
    """Return weights spread evenly over all that sum to 1."""
    exponentials = random.standard_exponential((draws, count), dtype=np.float32)
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float64)


def around(draws: int, agreed: Sequence[float], concentration: float, random: np.random.Generator) -> Floats:
    """Return weights around the agreed ones (Dirichlet): SD of a weight w is sqrt(w (1 - w) / (concentration + 1))."""
    shares = np.asarray(agreed, dtype=float)
    drawn = random.gamma(np.maximum(shares / shares.sum() * concentration, 1e-12), size=(draws, len(shares)))
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def ordinal(draws: int, agreed: Sequence[float], random: np.random.Generator) -> Floats:
    """Return weights in the order of the agreed ones; equal ones may come either way."""
    levels = np.asarray(agreed, dtype=float)
    drawn = -np.sort(-uniform(draws, len(levels), random), axis=1)
    keys = np.argsort(np.argsort(-levels[None, :] + random.random((draws, len(levels))) * 1e-9, axis=1), axis=1)
    return np.asarray(np.take_along_axis(drawn, keys, axis=1))


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement as an inequality: ``factors @ weights >= least``, weights summing to 1."""

    factors: tuple[float, ...]
    least: float


def within(draws: int, count: int, bounds: Sequence[Bound], random: np.random.Generator) -> Floats:
    """Return weights spread evenly over those that keep all bounds (hit-and-run: straight steps in random directions).

    Raises NoWeightsError where nothing keeps them all.
    """
    rows = np.vstack([np.eye(count), *(np.asarray(bound.factors)[None, :] for bound in bounds)])
    least = np.concatenate([np.zeros(count), [bound.least for bound in bounds]])
    here = _inside(rows, least, count)
    found = np.empty((draws, count))
    steps = random.standard_normal((draws * count + _SPARE_STEPS, count))
    steps -= steps.mean(axis=1, keepdims=True)
    places = random.random(len(steps))
    for number, (step, place) in enumerate(zip(steps, places, strict=True)):
        slope, room = rows @ step, rows @ here - least
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = -room / slope
        low = max(reach[slope > 1e-15], default=0.0)
        high = min(reach[slope < -1e-15], default=0.0)
        here = here + (low + place * (high - low)) * step
        if number >= _SPARE_STEPS and (number - _SPARE_STEPS) % count == count - 1:
            found[(number - _SPARE_STEPS) // count] = here
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _inside(rows: Floats, least: Floats, count: int) -> Floats:
    """Return weights that keep every bound as clearly as can be: the middle of the widest room (by projections)."""
    here = np.full(count, 1 / count)
    for margin in (1e-2, 1e-3, 1e-4, 1e-6):
        for _ in range(20_000):
            short = least + margin - rows @ here
            worst = int(np.argmax(short))
            if short[worst] <= 1e-12:
                return here
            normal = rows[worst] - rows[worst].mean()
            size = float(normal @ normal)
            if size < 1e-15:
                break
            here = here + normal * (short[worst] / size)
    msg = "no weights keep all of these statements"
    raise NoWeightsError(msg)
