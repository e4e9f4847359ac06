"""What a curve looks like on paper: its line as an SVG path, and its numbers in one language-free line."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.method.columns import score_many
from kpi_toolkit.method.curves import Bands, CurveValue, Gate, Piecewise, Ratio, Steps, Table
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
    curve, cap = item.scored_curve, design.cap(item)
    aim = Fraction(item.target or 100) if item.basis.value == "actual" else Fraction(100)
    view = curve.column_starts()[-1]
    low, high = _span(curve, aim, item)
    places = [low + (high - low) * n / _STEPS for n in range(_STEPS + 1)]
    aims, views = [aim] * len(places), [view] * len(places)
    scores = [
        Fraction(micro, MICRO) for micro in score_many(curve, places, aims, item.scored_direction, cap, views).tolist()
    ]
    top = max(Fraction(100), *scores)
    floor = min(Fraction(0), *scores)
    points = (
        f"{float(WIDTH * n / _STEPS):.4g},{float(HEIGHT * (top - score) / (top - floor)):.4g}"
        for n, score in enumerate(scores)
    )
    printed = numbers(curve, item.scored_direction)
    return CurvePicture("M" + " L".join(points), _short(low), _short(high), _short(top), printed, item.reads)


def _span(curve: CurveValue, aim: Fraction, item: Indicator) -> tuple[Fraction, Fraction]:
    if curve.needs_target and aim > 0:
        return Fraction(0), aim * 3 / 2
    edges = [
        curve.actual_at(piece.start, aim, item.scored_direction)
        for piece in curve.pieces(curve.column_starts()[-1]) if piece.start is not None
    ]  # fmt: skip
    known = [edge for edge in edges if edge is not None] or [Fraction(0), Fraction(10)]
    room = (max(known) - min(known)) / 5 or Fraction(5)
    return min(known) - room, max(known) + room


def _short(number: Fraction) -> Decimal:
    return half_up(number, 1)


_OF = {
    Direction.HIGHER: ("a ÷ t", "a ÷ t"),
    Direction.LOWER: ("t ÷ a", "(2 − a ÷ t)"),
    Direction.TARGET: ("(1 − |a − t| ÷ t)",) * 2,
}
"""Attainment, and 1 and the margin, of an actual ``a`` and a target ``t``."""


def numbers(curve: CurveValue, direction: Direction = Direction.HIGHER) -> str:
    """Return a curve's numbers: ``75 → 50 · 100 → 100 · 150 → 300``; before an arrow what it reads, after it the score.

    >>> numbers(Gate(at=Decimal(95)))
    '≥ 95 → 100'
    """
    if isinstance(curve, Ratio):
        text = f"100 × {_OF[direction][curve.by == 'margin_percent']}"
        text += f" · > 100: × {curve.over:f}" if curve.over != 1 else ""
        return text + (f" · ≥ {curve.floor:f}" if curve.floor else "")
    if isinstance(curve, Piecewise):
        ends = ["… "[: 2 * (curve.below == "extend")], " …"[: 2 * (curve.above == "extend")]]
        return ends[0] + " · ".join(f"{point.at:f} → {point.score:f}" for point in curve.points) + ends[1]
    if isinstance(curve, Bands):
        sign = "≥" if curve.edge == "opens" else ">"
        return " · ".join(f"{sign} {band.start:f} → {band.score:f}" for band in curve.bands)
    if isinstance(curve, Steps):
        parts = [f"{curve.start:f}"]
        parts += [f"− {_plain(curve.deduct)} / {curve.step:f}"] if curve.deduct else []
        parts += [f"+ {_plain(curve.bonus)} / {curve.step:f}"] if curve.bonus else []
        ceiling = "" if curve.ceiling is None else f" … {curve.ceiling:f}"
        return " ".join(parts) + f" ({curve.floor:f}{ceiling or ' …'})"
    if isinstance(curve, Table):
        return " | ".join(
            f"≥ {row:f}: " + " · ".join(
                f"≥ {start:f} → {score:f}" for start, score in zip(curve.columns, line, strict=True)
            )
            for row, line in zip(curve.rows, curve.scores, strict=True)
        )  # fmt: skip
    return f"≥ {curve.at:f} → 100" if isinstance(curve, Gate) else ""


def _plain(number: Decimal | Fraction) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else f"{float(number):.4g}"
