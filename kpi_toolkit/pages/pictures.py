"""What a curve looks like on paper: its line as an SVG path, and its numbers in one language-free line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kpi_toolkit.method.curves import CurveValue, score_micro
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.numbers import MICRO, half_up
from kpi_toolkit.method.segments import Direction

WIDTH, HEIGHT = 120, 44
_STEPS = 120


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """An indicator's curve: the path in a box of 120 x 44, what the box spans, and its numbers."""

    path: str
    low: Decimal
    high: Decimal
    top: Decimal
    numbers: str
    reads: str
    """What the numbers before an arrow are: :attr:`Indicator.reads`."""


def curve_picture(design: Design, item: Indicator) -> CurvePicture:
    """Return the picture of an indicator's curve, from nothing to half as much again as the target."""
    aim = Fraction(item.target or 100) if item.basis.value == "actual" else Fraction(100)
    return _drawn(item.scored_curve, aim, item.scored_direction, design.cap(item), item.reads)


@lru_cache(maxsize=512)
def _drawn(curve: CurveValue, aim: Fraction, direction: Direction, cap: Decimal, reads: str) -> CurvePicture:
    view = curve.column_starts()[-1]
    low, high = _span(curve, aim, direction)
    places = [low + (high - low) * n / _STEPS for n in range(_STEPS + 1)]
    scores = [Fraction(score_micro(curve, place, aim, direction, cap, view), MICRO) for place in places]
    top = max(Fraction(100), *scores)
    floor = min(Fraction(0), *scores)
    points = (
        f"{float(WIDTH * n / _STEPS):.4g},{float(HEIGHT * (top - score) / (top - floor)):.4g}"
        for n, score in enumerate(scores)
    )
    printed = curve.printed(direction)
    return CurvePicture("M" + " L".join(points), _short(low), _short(high), _short(top), printed, reads)


def _span(curve: CurveValue, aim: Fraction, direction: Direction) -> tuple[Fraction, Fraction]:
    if curve.needs_target and aim > 0:
        return Fraction(0), aim * 3 / 2
    edges = [
        curve.actual_at(piece.start, aim, direction)
        for piece in curve.pieces(curve.column_starts()[-1]) if piece.start is not None
    ]  # fmt: skip
    known = [edge for edge in edges if edge is not None] or [Fraction(0), Fraction(10)]
    room = (max(known) - min(known)) / 5 or Fraction(5)
    return min(known) - room, max(known) + room


def _short(number: Fraction) -> Decimal:
    return half_up(number, 1)
