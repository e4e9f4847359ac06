"""Weights that might have been agreed instead: evenly over all, around the agreed ones, in an order, within statements.

Every sampler returns an array draws x indicators whose rows sum to 1, from a generator whose seed the caller fixes.
Weights that are normalised uniforms crowd in the middle; exponentials do not (Lahdelma & Salminen 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_toolkit.method.statements import Bound, Floats, inequalities, inside

SEED = 20_261_121
DRAWS = 10_000
_WALKERS, _FLAT = 200, 1e-15
_ROUNDS, _SPARE_STEPS = 5, 50
"""Steps of the walk that are not used, so that it forgets where it started."""


def generator(stream: int = 0) -> np.random.Generator:
    """Return the generator that makes every figure repeatable; what is independent draws from a stream of its own."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(stream,) if stream else ())))


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
    walk, found = settled_walk(bounds, count, random), []
    for _ in range(-(-draws // _WALKERS)):
        for _ in range(count):
            walk = walk.stepped(random)
        found.append(walk.here)
    drawn = np.concatenate(found)[:draws]
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Walk:
    """Walkers among the weights that keep all bounds, and the directions in which they go."""

    here: Floats
    """Walkers x indicators."""
    rows: Floats
    least: Floats
    """The bounds: ``rows @ weights >= least``."""
    ways: Floats
    """Indicators x directions: as long as there is room, so that narrow sets are filled as soon as wide ones."""

    def stepped(self, random: np.random.Generator) -> Walk:
        """Return where everybody is after a step to anywhere on a line that keeps the bounds."""
        step = random.standard_normal((len(self.here), self.ways.shape[1])) @ self.ways.T
        slope, room = step @ self.rows.T, self.here @ self.rows.T - self.least
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = -room / slope
        low = np.minimum(np.max(np.where(slope > _FLAT, reach, -np.inf), axis=1), 0.0)
        high = np.maximum(np.min(np.where(slope < -_FLAT, reach, np.inf), axis=1), 0.0)
        low, high = (np.where(np.isfinite(end), end, 0.0) for end in (low, high))  # exact statements leave no room
        far = low + random.random(len(step)) * (high - low)
        return replace(self, here=self.here + far[:, None] * step)

    def reshaped(self) -> Walk:
        """Return the walk with directions as long as the walkers are spread in them."""
        _, sizes, axes = np.linalg.svd(self.here - self.here.mean(axis=0), full_matrices=False)
        return replace(self, ways=axes.T * sizes / max(sizes[0], _FLAT))


def settled_walk(bounds: Sequence[Bound], count: int, random: np.random.Generator) -> Walk:
    """Return a walk that has forgotten where it started. Raises NoWeightsError where nothing keeps all bounds.

    Where weights are in order the room of the last is a twentieth of that of the first: walked in all directions alike
    such a set is not filled in thousands of steps. So the directions are taken from the walkers' own spread, again and
    again.
    """
    rows, least, fixed = inequalities(bounds, count)
    start = np.tile(inside(rows, least, count), (_WALKERS, 1))
    walk = Walk(start, rows, least, free_directions(fixed, count))
    for _ in range(_ROUNDS):
        for _ in range(_SPARE_STEPS):
            walk = walk.stepped(random)
        walk = walk.reshaped()
    return walk


def free_directions(fixed: Floats, count: int) -> Floats:
    """Return an orthonormal basis of the directions in which weights may move: their sum and exact statements hold."""
    held = np.vstack([np.ones(count), fixed])
    _, sizes, basis = np.linalg.svd(held)
    return np.asarray(basis[int((sizes > 1e-9).sum()) :].T)
