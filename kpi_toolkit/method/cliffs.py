"""Cliffs: where a small change of the actual moves the score most. Cliffs invite games with dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.method.curves import CurveValue, score_micro
from kpi_toolkit.method.numbers import MICRO, half_up
from kpi_toolkit.method.segments import Direction

_HALF_PER_CENT = Fraction(1, 200)
_HAIR = Fraction(1, 10**9)
_NEARLY = Fraction(98, 100)
"""Of places that are as steep but for this the first is named: a step where it is, not half a per cent beside it."""


@dataclass(frozen=True, slots=True)
class Cliff:
    """Where a score changes fastest: the actual, and the scores just before and just after it."""

    at: Decimal
    before: Decimal
    after: Decimal

    @property
    def height(self) -> Decimal:
        """How many points the score moves there."""
        return abs(self.after - self.before)


def steepest(curve: CurveValue, target: Decimal | None, direction: Direction, cap: Decimal) -> Cliff | None:
    """Return where one per cent of the actual moves the score most; None where it nowhere moves it by more than 1.

    Between edges a score is a straight line or a ratio, so one end of that per cent lies on an edge or just beside it.
    """
    aim = Fraction(target or 0)
    edges = [*_edges(curve, target, direction)]
    sides = [side * near for side in (1, 1 - _HALF_PER_CENT, 1 + _HALF_PER_CENT) for near in (1, 1 - _HAIR, 1 + _HAIR)]
    places = [edge / side for side in sides for edge in edges]  # of equal places the first, so a step is named itself
    places += [aim * n / 100 for n in range(1, 201) if aim > 0]
    found = _highest(curve, aim, direction, cap, places, _HALF_PER_CENT)
    return found if found and found.height > 1 else None


def highest_jump(curve: CurveValue, target: Decimal | None, direction: Direction, cap: Decimal) -> Cliff | None:
    """Return the highest step of a curve; None where it has no edge."""
    return _highest(curve, Fraction(target or 0), direction, cap, list(_edges(curve, target, direction)), _HAIR)


def _edges(curve: CurveValue, target: Decimal | None, direction: Direction) -> Iterator[Fraction]:
    if curve.passes_at is not None or (curve.needs_target and not target):  # all or nothing is a cliff on purpose
        return
    for column in curve.column_starts():
        for piece in curve.pieces(column):
            edge = None if piece.start is None else curve.actual_at(piece.start, Fraction(target or 0), direction)
            if edge is not None and edge > 0:
                yield edge


def _highest(
    curve: CurveValue, aim: Fraction, direction: Direction, cap: Decimal, places: list[Fraction], width: Fraction
) -> Cliff | None:
    if not places:
        return None
    view = curve.column_starts()[-1]
    sides = [
        [score_micro(curve, place * side, aim, direction, cap, view) for side in (1 - width, 1 + width)]
        for place in places
    ]
    heights = [abs(high - low) for low, high in sides]
    nearly = max(heights) * _NEARLY
    best = next(at for at, height in enumerate(heights) if height >= nearly)
    return Cliff(_decimal(places[best]), *(_decimal(Fraction(side, MICRO)) for side in sides[best]))


def _decimal(number: Fraction) -> Decimal:
    return half_up(number, 2).normalize() + 0
