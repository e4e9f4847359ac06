"""How far weights may move before a tier changes, the smallest move that changes one, and what weights do in practice.

The first two are looked up, not calculated: weights in tenths of a point, and moves in hundredths, are scored by the
official rules, so they hold for every design, and what is printed is what adopting those weights would give. Of a
weight nothing is claimed between two tenths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations
from typing import NamedTuple

import numpy as np

from kpi_toolkit.method.numbers import CENTI
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.whatif.placing import NO_TIER, Flags, Floats, Tiers, Whole
from kpi_toolkit.whatif.rescoring import Form, Rescoring

_TIERS = (*Tier, None)
_SAME = 1e-12
_TENTHS = 1000
"""The steps in which a weight is moved, of the whole."""
_WHOLE = 10_000
_STAGES = (50, 100, 200, 400, 800, 1600, 3200, 6400, _WHOLE)
"""How far a move is looked for, in hundredths of a point, before it is looked for further out."""
LEAST_PEOPLE = 8
"""Fewer people than this show neither what weights do nor which indicators move alike, nor who rates severely (ours):
among five people two indicators that have nothing in common correlate beyond 0.8 once in ten times."""


class Room(NamedTuple):
    """Between which weights (of 100) of an indicator a tier holds: at each tenth of a point from low to high."""

    indicator: str
    low: float
    high: float


def narrowest_rooms(rescoring: Rescoring, now: Tiers) -> dict[int, Room]:
    """Return for each person the indicator of their form whose weight has the least room, others in proportion.

    Whoever keeps the tier at any weight of any one indicator is not there. ``now`` are the tiers agreed.
    """
    found: dict[int, Room] = {}
    nearest = np.full(len(now), np.inf)
    for name, form in rescoring.forms.items():
        for at in form.weighing if len(form.weighing) > 1 else ():
            points, rows = _ray(form, at)
            tiers = rescoring.tiers_under({**rescoring.agreed, name: rows})[:, form.places]
            lows, highs = _ends(tiers == now[form.places], points, float(form.agreed[at]))
            gap = np.fmin(form.agreed[at] - lows, highs - form.agreed[at])  # nan where nothing ends
            for place, low, high, size in zip(form.places, lows, highs, gap, strict=True):
                if size < nearest[place] - _SAME and now[place] != NO_TIER:
                    nearest[place] = size
                    ends = 0.0 if np.isnan(low) else low, 1.0 if np.isnan(high) else high
                    found[int(place)] = Room(form.items[at], *(round(100 * float(end), 2) for end in ends))
    return found


def _ray(form: Form, at: int) -> tuple[Floats, Floats]:
    """Return the weights of one indicator, in tenths of a point, and the forms they make, others in proportion."""
    agreed = form.agreed[at]
    points = np.unique(np.append(np.arange(_TENTHS + 1) / _TENTHS, agreed))
    rows = (1 - points)[:, None] * form.agreed[None, :] / max(1 - agreed, _SAME)
    rows[:, at] = points
    return points, rows


def _ends(holds: Flags, points: Floats, agreed: float) -> tuple[Floats, Floats]:
    """Return by person the outermost points next to the agreed one at which the tier holds; nan for an open end."""
    centre = int(np.argmin(np.abs(points - agreed)))
    below, above = ~holds[:centre][::-1], ~holds[centre + 1 :]
    lows = np.where(below.any(axis=0), points[centre - below.argmax(axis=0)] if centre else np.nan, np.nan)
    steps = np.minimum(centre + (above.argmax(axis=0) if len(above) else 0), len(points) - 1)
    return lows, np.where(above.any(axis=0), points[steps], np.nan)


@dataclass(frozen=True, slots=True)
class Move:
    """The smallest move of weight from one indicator to another that changes a tier."""

    role: str
    source: str
    into: str
    hundredths: int
    """Of a point of 100."""
    people: tuple[tuple[str, Tier | None, Tier | None], ...]
    """Whose tier changes, from what to what."""

    @property
    def shift(self) -> float:
        """The move in points of 100."""
        return self.hundredths / CENTI


def smallest_move(rescoring: Rescoring, now: Tiers) -> Move | None:
    """Return the smallest move of weight between two indicators of a role that changes a tier; None where none does.

    Every hundredth of a point is tried, the finest that a weight can be stated in, so nothing smaller changes one. An
    indicator is not emptied: a design gives each some weight.
    """
    stages = pairwise((1, *_STAGES))
    return next(filter(None, (_first_move(rescoring, now, range(*stage)) for stage in stages)), None)


def _first_move(rescoring: Rescoring, now: Tiers, shifts: range) -> Move | None:
    """Return the first move of one of these sizes (hundredths of a point) that changes a tier."""
    first: Move | None = None
    for name, form in rescoring.agreed_on.items():
        sizes, pairs, rows = _moves(form, shifts if first is None else range(shifts.start, first.hundredths))
        tiers = rescoring.tiers_under({**rescoring.agreed, name: rows}) if len(rows) else np.empty((0, len(now)))
        for at in np.flatnonzero((tiers != now).any(axis=1))[:1]:
            who = np.flatnonzero(tiers[at] != now)
            people = tuple((rescoring.people[one], _TIERS[now[one]], _TIERS[tiers[at, one]]) for one in who)
            source, into = (form.items[place] for place in pairs[at])
            first = Move(name, source, into, int(sizes[at]), people)
    return first


def _moves(form: Form, shifts: range) -> tuple[Whole, Whole, Floats]:
    """Return the moves of these sizes, the smallest first: how much, from where to where, and the weights they make."""
    pairs = np.array(list(permutations(form.weighing, 2)), dtype=int).reshape(-1, 2)
    sizes, pairs = np.repeat(np.array(shifts), len(pairs)), np.tile(pairs, (len(shifts), 1))
    some = sizes / _WHOLE < form.agreed[pairs[:, 0]] - _SAME
    sizes, pairs = sizes[some], pairs[some]
    rows = np.tile(form.agreed, (len(sizes), 1))
    for column, sign in enumerate((-1, 1)):
        rows[np.arange(len(rows)), pairs[:, column]] += sign * sizes / _WHOLE
    return sizes, pairs, rows


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


def alike_and_constant(scores: Floats, *, alike: float = 0.95) -> tuple[list[int], list[tuple[int, int, float]]]:
    """Return the indicators on which all score the same, and pairs whose scores correlate at least ``alike``.

    >>> alike_and_constant(np.array([[1, 2, 5], [2, 4, 5], [3, 6, 5]]))
    ([2], [(0, 1, 1.0)])
    """
    spread = scores - scores.mean(axis=0)
    size = np.sqrt((spread**2).sum(axis=0))
    constant = [int(at) for at in np.flatnonzero(size <= 1e-9)]
    pairs = combinations(np.flatnonzero(size > 1e-9).tolist(), 2)
    twins = [(a, b, round(float(spread[:, a] @ spread[:, b] / (size[a] * size[b])), 12)) for a, b in pairs]
    return constant, [pair for pair in twins if pair[2] >= alike]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWeights:
    """What a role's weights do in practice: nominal and effective, in per cent, and indicators that separate nobody."""

    role: str
    people: int
    lines: tuple[tuple[str, float, float], ...]
    constant: tuple[str, ...]
    twins: tuple[tuple[str, str, float], ...]


def role_weights(rescoring: Rescoring) -> Iterator[RoleWeights]:
    """Go through what the weights of each role do, among those for whom everything that weighs was scored."""
    for name, form in rescoring.forms.items():
        weighing = form.weighing
        full = form.counted[:, weighing].all(axis=1)
        scores, weights = form.scores[full][:, weighing], form.agreed[weighing]
        effective = effective_weights(scores, weights) if len(scores) >= LEAST_PEOPLE else None
        if effective is not None:
            names = [form.items[at] for at in weighing]
            constant, twins = alike_and_constant(scores)
            yield RoleWeights(
                role=name, people=len(scores), constant=tuple(names[at] for at in constant),
                twins=tuple((names[a], names[b], alike) for a, b, alike in twins),
                lines=tuple(
                    (item, round(100 * float(weight), 2), round(100 * float(real), 2))
                    for item, weight, real in zip(names, weights, effective, strict=True)
                ),
            )  # fmt: skip
