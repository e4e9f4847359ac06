"""The same curves over whole columns at once, exactly, in 64-bit integers.

Numbers of a column become whole multiples of one power of ten; a score is then a quotient of whole numbers, rounded
half up by whole-number division. Rows whose numbers would not fit into 64 bits go the scalar way
(:func:`score_micro`), so both ways agree to the last millionth. Nothing is ever decided by a floating-point number.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.curve import PlainCurve
from kpi_toolkit.method.curves import CurveValue, Steps, score_micro
from kpi_toolkit.method.numbers import MICRO
from kpi_toolkit.method.segments import Direction, Segment

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_LIMIT = 2.0**62
_LARGEST = 2.0**40
_SAMPLE = 1000
_WORTH = 64
"""Shorter columns are scored sooner row by row."""
_DECIMALS = (0, 1, 2, 3, 4, 6)
_ROUNDING = 2.0**-50
"""What floats may be off, as a share: numbers have at most 15 digits, so one with more decimals than a scale keeps is
further from a whole multiple."""


def score_many(
    curve: CurveValue,
    actual: Sequence[Any] | npt.NDArray[Any],
    target: Sequence[Any] | npt.NDArray[Any],
    direction: Direction,
    cap: Decimal,
    view: Sequence[Any] | npt.NDArray[Any] | None = None,
) -> Whole:
    """Return the capped scores of a column in millionths, each what :func:`score_micro` gives for its row.

    Columns hold decimals, or machine numbers as pandas keeps them, which count as the decimals that they print as.

    >>> from kpi_toolkit.method.curves import Ratio
    >>> score_many(Ratio(), [Decimal(180), Decimal("0.5")], [Decimal(200), Decimal(2)], Direction.HIGHER, Decimal(100))
    array([90000000, 25000000])
    """
    actuals, targets = _column(actual), _column(target)
    views = None if view is None else np.asarray(view, dtype=object)
    scores, done = np.zeros(len(actuals), dtype=np.int64), np.zeros(len(actuals), dtype=bool)
    limit = int(cap * MICRO)
    if isinstance(curve, PlainCurve) and len(actuals) >= _WORTH:
        given = targets if curve.needs_target else np.zeros(len(actuals))
        scores, done = _in_whole_numbers(curve, actuals, given, direction, limit)
    for place in np.flatnonzero(~done):
        seen = None if views is None else views[place]
        scores[place] = score_micro(curve, _exact(actuals[place]), _exact(targets[place]), direction, cap, seen)
    return scores


def _column(values: Sequence[Any] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column as it is where it holds machine numbers, else as exact numbers."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return values
    return np.asarray(values, dtype=object)


def _exact(value: Any) -> Any:
    """Return a machine number as the decimal that it prints as."""
    return Decimal(str(value)) if isinstance(value, (np.number, float)) else value


def _in_whole_numbers(
    curve: PlainCurve, actuals: npt.NDArray[Any], targets: npt.NDArray[Any], direction: Direction, limit: int
) -> tuple[Whole, Flags]:
    """Return the scores, and which rows could be scored in 64 bits."""
    a, t, scale, fits = _scaled(actuals.astype(float), targets.astype(float))
    top, bottom, usable, beyond = _measure(curve.by, a, t, scale, direction)
    if isinstance(curve, Steps):
        top, bottom, fits = _steps(curve, top, bottom, fits)
    scores, safe = _read_off(curve.segments, top, bottom)
    if not (isinstance(curve, Steps) and curve.outside):
        scores = np.maximum(scores, 0)
    last = curve.segments[-1]
    best = limit if last.slope > 0 else min(limit, int(last.level * MICRO))
    return np.where(beyond, best, np.minimum(scores, limit)), (fits & usable & safe) | (fits & beyond)


def _scaled(actual: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> tuple[Whole, Whole, int, Flags]:
    """Return both columns as whole multiples of 1 / scale, the scale, and the rows for which that is exact."""
    best: tuple[Whole, Whole, int, Flags] | None = None
    likely = next((p for p in _DECIMALS if _whole(actual[:_SAMPLE] * 10**p) and _whole(target[:_SAMPLE] * 10**p)), 0)
    for places in (likely, *(other for other in _DECIMALS if other != likely)):
        scale = 10**places
        columns, exact = [], np.ones(len(actual), dtype=bool)
        for numbers in (actual, target):
            scaled = numbers * scale
            whole = np.rint(scaled)
            size = np.abs(scaled)
            exact &= (np.abs(scaled - whole) <= size * _ROUNDING) & (size < _LARGEST)
            columns.append(np.where(exact, whole, 1).astype(np.int64))
        if best is None or exact.sum() > best[3].sum():
            best = columns[0], columns[1], scale, exact
        if exact.all():
            break
    if best is None:
        msg = "no scale was tried"
        raise AssertionError(msg)
    return best


def _whole(scaled: npt.NDArray[np.float64]) -> bool:
    return bool((np.abs(scaled - np.rint(scaled)) <= np.abs(scaled) * _ROUNDING).all())


def _measure(by: str, a: Whole, t: Whole, scale: int, direction: Direction) -> tuple[Whole, Whole, Flags, Flags]:
    """Return what a curve looks at as numerator and denominator, the usable rows, and those better than any number."""
    nothing = np.zeros(len(a), dtype=bool)
    unit = np.full(len(a), scale, dtype=np.int64)
    if by == "actual":
        return a, unit, ~nothing, nothing
    gap = {Direction.HIGHER: a - t, Direction.LOWER: t - a, Direction.TARGET: -np.abs(a - t)}[direction]
    if by == "margin":
        return gap, unit, ~nothing, nothing
    positive = t > 0
    size = np.where(positive, t, 1)
    if by == "margin_percent":
        return 100 * gap, size, positive, nothing
    if direction is Direction.HIGHER:
        return 100 * a, size, positive, nothing
    if direction is Direction.TARGET:
        return 100 * (size + gap), size, positive, nothing
    none_used = a <= 0
    return 100 * t, np.where(none_used, 1, a), (t >= 0) & ~none_used, none_used & positive


def _steps(curve: Steps, top: Whole, bottom: Whole, fits: Flags) -> tuple[Whole, Whole, Flags]:
    step = Fraction(curve.step)
    small = (np.abs(top) < _LIMIT / step.denominator) & (bottom < _LIMIT / step.numerator)
    top = np.where(small, top, 0) * step.denominator
    bottom = np.where(small, bottom, 1) * step.numerator
    if curve.counted != "parts":
        size = np.abs(top) // bottom if curve.counted == "full" else -(-np.abs(top) // bottom)
        top, bottom = np.sign(top) * size, np.ones_like(bottom)
    return top, bottom, fits & small


def _parts(number: Fraction) -> tuple[int, int]:
    return number.numerator * MICRO, number.denominator * MICRO


def _read_off(pieces: Sequence[Segment], top: Whole, bottom: Whole) -> tuple[Whole, Flags]:
    """Return the score of each row in millionths, rounded half up, and the rows for which 64 bits were enough."""
    place = np.zeros(len(top), dtype=np.int64)
    size = np.maximum(np.abs(top).astype(float), bottom.astype(float))
    safe = np.ones(len(top), dtype=bool)
    for piece in pieces[1:]:
        start = piece.start or Fraction(0)
        safe &= size * max(start.denominator, abs(start.numerator)) < _LIMIT
        left, right = top * start.denominator, bottom * start.numerator
        place += left > right if piece.after else left >= right
    if any(abs(part) >= _LIMIT for piece in pieces for number in piece[2:] for part in _parts(number)):
        return np.zeros(len(top), dtype=np.int64), np.zeros(len(top), dtype=bool)
    common = np.array([lcm(piece.level.denominator, piece.slope.denominator) for piece in pieces])
    level = np.array([int(piece.level * share) for piece, share in zip(pieces, common, strict=True)])
    slope = np.array([int(piece.slope * share) for piece, share in zip(pieces, common, strict=True)])
    largest = np.abs(level[place]) * bottom.astype(float) + np.abs(slope[place]) * np.abs(top).astype(float)
    safe &= 2 * MICRO * largest + 2 * common[place] * bottom.astype(float) < _LIMIT
    ground = np.where(safe, common[place] * bottom, 1)
    points = np.where(safe, level[place] * bottom + slope[place] * top, 0)
    return (2 * MICRO * points + ground) // (2 * ground), safe
