"""What every curve is made of: a measure of what was achieved, and straight segments to read the score off.

Fractions in, fractions out. Direction is the indicator's field and is handed in (catalogue S116, S224).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple


class Direction(StrEnum):
    """Which way is better: more, less, or nearer to the target."""

    HIGHER = "higher"
    LOWER = "lower"
    TARGET = "target"


By = Literal["attainment", "margin", "margin_percent", "actual"]
"""What a curve looks at: per cent of the target reached; units, or per cent of the target, on the better side of it
(short of it: negative); or the actual itself, for which no target is needed."""


def attainment(actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
    """Return how far the target was reached, 1 when met; None where nothing was to be used and nothing was.

    Lower is better: target / actual (S224: a limit of 10 000 and 12 000 spent is 10/12). No defects where none were
    allowed counts as met, any defect then as not met at all. Nearer is better: 1 less the share that it is off.

    >>> attainment(Fraction(12_000), Fraction(10_000), Direction.LOWER)
    Fraction(5, 6)
    """
    if direction is Direction.HIGHER:
        return actual / target
    if direction is Direction.TARGET:
        return 1 - abs(actual - target) / abs(target)
    if actual <= 0:
        return Fraction(1) if target == 0 else None
    return target / actual


def measure(by: By, actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
    """Return what a curve looks at; None stands for "better than any number".

    >>> measure("margin_percent", Fraction(125), Fraction(100), Direction.LOWER)
    Fraction(-25, 1)
    """
    if by == "actual":
        return actual
    if by == "attainment":
        reached = attainment(actual, target, direction)
        return None if reached is None else 100 * reached
    gap = actual - target
    better = {Direction.HIGHER: gap, Direction.LOWER: -gap, Direction.TARGET: -abs(gap)}[direction]
    return better if by == "margin" else 100 * better / abs(target)


def actual_of(by: By, value: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
    """Return the actual that measures as this value; None where none does.

    >>> actual_of("attainment", Fraction(80), Fraction(5), Direction.LOWER)
    Fraction(25, 4)
    """
    lower = direction is Direction.LOWER
    if by == "actual":
        return value
    if direction is Direction.TARGET and value > (100 if by == "attainment" else 0):
        return None  # nothing is nearer than on it
    if by == "attainment":
        if not lower:
            return value * target / 100
        return 100 * target / value if target > 0 and value > 0 else None
    gap = value if by == "margin" else value * abs(target) / 100
    return target - gap if lower else target + gap


class Segment(NamedTuple):
    """A straight piece: from ``start`` on (not counting it where ``after``), score = ``level + slope * measure``."""

    start: Fraction | None
    after: bool
    level: Fraction
    slope: Fraction


def flat(start: Fraction | None, level: Fraction, *, after: bool = False) -> Segment:
    """Return a level piece."""
    return Segment(start, after, level, Fraction(0))


def read_off(pieces: Sequence[Segment], value: Fraction | None) -> Fraction | None:
    """Return the score at a measure; None where it is beyond every bound and the last piece still rises.

    >>> read_off(through([(Fraction(0), Fraction(0)), (Fraction(100), Fraction(100))]), Fraction(85))
    Fraction(85, 1)
    """
    last = pieces[-1]
    if value is None:
        return None if last.slope > 0 else last.level
    piece = pieces[0]
    for other in pieces[1:]:
        if other.start is None or value < other.start or (other.after and value == other.start):
            break
        piece = other
    return piece.level + piece.slope * value


def _ends(pieces: Sequence[Segment]) -> Iterator[tuple[Segment, Fraction | None]]:
    yield from zip(pieces, [piece.start for piece in pieces[1:]] + [None], strict=True)


def _crossing(piece: Segment, end: Fraction | None, score: Fraction) -> Fraction | None:
    """Return where a piece that ends there has just this score; None where it has it nowhere."""
    place = (score - piece.level) / piece.slope
    return place if (piece.start is None or place >= piece.start) and (end is None or place < end) else None


def first_reaching(pieces: Sequence[Segment], score: Fraction) -> Fraction | None:
    """Return the lowest measure with at least this score, None where none has it.

    >>> first_reaching(through([(Fraction(50), Fraction(0)), (Fraction(100), Fraction(100))]), Fraction(60))
    Fraction(80, 1)
    """
    for piece, end in _ends(pieces):
        if piece.start is not None and piece.level + piece.slope * piece.start >= score:
            return piece.start
        if piece.slope > 0 and (place := _crossing(piece, end, score)) is not None:
            return place
    return None


def last_reaching(pieces: Sequence[Segment], score: Fraction) -> Fraction | None:
    """Return the highest measure with at least this score, None where none has it.

    >>> last_reaching(through([(Fraction(0), Fraction(100)), (Fraction(10), Fraction(0))]), Fraction(60))
    Fraction(4, 1)
    """
    for piece, end in reversed(list(_ends(pieces))):
        if end is not None and piece.level + piece.slope * end >= score:
            return end
        if piece.slope < 0 and (place := _crossing(piece, end, score)) is not None:
            return place
    return None


def through(
    corners: Sequence[tuple[Fraction, Fraction]], *, extend_below: bool = False, extend_above: bool = False
) -> tuple[Segment, ...]:
    """Return the straight pieces through corners; two at one place are a jump."""
    lines = []
    for (x1, y1), (x2, y2) in pairwise(corners):
        if x1 != x2:
            slope = (y2 - y1) / (x2 - x1)
            lines.append(Segment(x1, False, y1 - slope * x1, slope))
    first = lines[0]._replace(start=None) if extend_below else flat(None, corners[0][1])
    end = lines[-1]._replace(start=corners[-1][0]) if extend_above else flat(corners[-1][0], corners[-1][1])
    return (first, *lines, end)
