"""Weights that move together: one is set, the others are rescaled in proportion, and the sum stays. Whole hundredths.

Where what is left is a whole number of points, it is dealt in whole points, else in hundredths (largest remainder).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kpi_toolkit.method.numbers import CENTI, deal


def linked(
    weights: Sequence[int], at: int, to: int, *, locked: Collection[int] = (), typed: Collection[int] = ()
) -> list[int]:
    """Return the weights with place ``at`` set to ``to``, as far as the unlocked others can give or take.

    Those ``typed`` stay as long as the others can give way; what the others cannot, they do.

    >>> linked([5000, 3000, 2000], 0, 6000)
    [6000, 2400, 1600]
    >>> linked([5000, 3000, 2000], 0, 6000, locked={1})
    [6000, 3000, 1000]
    >>> linked([5000, 3000, 2000], 0, 6000, typed={1}), linked([5000, 3000, 2000], 0, 8000, typed={1})
    ([6000, 3000, 1000], [8000, 2000, 0])
    """
    return _given(_given(weights, at, to, {*locked, *typed}), at, to, locked)


def _given(weights: Sequence[int], at: int, to: int, locked: Collection[int]) -> list[int]:
    others = [place for place in range(len(weights)) if place != at and place not in locked]
    room = weights[at] + sum(weights[place] for place in others)
    to = min(max(to, 0), room)
    if not others or to == weights[at]:
        return list(weights)
    found = shared_out(weights, others, room - to)
    found[at] = to
    return found


def shared_out(weights: Sequence[int], places: Sequence[int], total: int) -> list[int]:
    """Return the weights with ``total`` shared among some places in proportion; evenly where they weigh nothing.

    >>> shared_out([5000, 3000, 2000], [1, 2], 4000)
    [5000, 2400, 1600]
    """
    unit = 1 if total % CENTI else CENTI
    shares = [weights[place] for place in places]
    if not sum(shares):
        shares = [1] * len(places)
    units = total // unit
    found = list(weights)
    for place, dealt in zip(places, deal(units, [units * share for share in shares], sum(shares)), strict=True):
        found[place] = dealt * unit
    return found
