"""What every curve can do: measure, read a score off its straight pieces, find the actual for a score."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

from kpi_toolkit.method.numbers import MICRO
from kpi_toolkit.method.segments import (
    By,
    Direction,
    Segment,
    actual_of,
    first_reaching,
    last_reaching,
    measure,
    read_off,
)
from kpi_toolkit.method.value import Value


class Said(NamedTuple):
    """One thing that a curve says of itself: a key of words, where it holds, and the score there."""

    key: str
    at: Decimal | None = None
    score: Decimal | Fraction | None = None


class Veto(NamedTuple):
    """What a failure does beyond its own indicator: to the ``total`` (then at most ``limit``), or to the ``tier``."""

    scope: str
    limit: Decimal


class BaseCurve(Value):
    """What all curves share, and what a few of them do otherwise: nobody has to ask of which kind one is."""

    named: str = ""
    """The name in ``templates/curves.toml`` that it was called by."""
    by: By = "attainment"

    @abstractmethod
    def pieces(self, view: Any) -> tuple[Segment, ...]:
        """Return the straight pieces, in order, that hold for an appraiser's view (only a table looks at it)."""

    @abstractmethod
    def said(self, direction: Direction) -> Iterator[Said]:
        """Go through how points are earned, each number with the words it is printed in."""

    def reaches(self, score: Fraction) -> bool:
        """Whether any measure, under any view, earns at least this score."""
        tables = [self.pieces(column) for column in self.column_starts()]
        return any(found(pieces, score) is not None for pieces in tables for found in (first_reaching, last_reaching))

    def pays_above(self, cap: Decimal) -> bool:
        """Whether it names scores above a cap, which nobody can get."""
        return self.reaches(Fraction(cap) + Fraction(1, MICRO))

    @property
    def needs_target(self) -> bool:
        """Whether it cannot be read without a target."""
        return self.by != "actual"

    @property
    def plain(self) -> bool:
        """Whether the score is the share of the target that was reached, and nothing else."""
        return False

    @property
    def whole(self) -> bool:
        """Whether it counts whole pieces only."""
        return False

    @property
    def adds(self) -> bool:
        """Whether its score is added to the total as points, outside the weights."""
        return False

    @property
    def in_points(self) -> bool:
        """Whether its steps are points of the form, so that its score follows the weight."""
        return False

    @property
    def passes_at(self) -> Decimal | None:
        """From where on all is earned, of a curve that is all or nothing; None for any other."""
        return None

    @property
    def veto(self) -> Veto | None:
        """What a failure does beyond the indicator; None for a curve that is no veto."""
        return None

    @property
    def needs_view(self) -> bool:
        """Whether it cannot be read without the appraiser's view."""
        return False

    def on_weight(self, weight: Decimal) -> Any:  # noqa: ARG002 - only steps in points of the form depend on it
        """Return the curve in per cent of an indicator of this weight."""
        return self

    def problem_with(self, target: Fraction, direction: Direction) -> str:
        """Return the code of what keeps this target from being used, empty where nothing does.

        A share of a target needs one above zero; zero is allowed where less is better ("no defects"). A margin is
        measured from any target.
        """
        if self.by in {"actual", "margin"} or target > 0:
            return ""
        if target < 0:
            return "negative-target"
        return "" if self.by == "attainment" and direction is Direction.LOWER else "zero-target"

    def score(self, actual: Fraction, target: Fraction, direction: Direction, view: Any = None) -> Fraction | None:
        """Return the score in points; None means "as high as the cap lets it be". ``view`` is for tables."""
        return read_off(self.pieces(view), self.looked_at(actual, target, direction))

    def looked_at(self, actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the measure that a score is read off at; None stands for "better than any number"."""
        return self._stepped(measure(self.by, actual, target, direction))

    def actual_for(self, score: Fraction, target: Fraction, direction: Direction, view: Any = None) -> Fraction | None:
        """Return the nearest actual that earns at least this score, None where no actual does."""
        pieces = self.pieces(view)
        falling = self.by == "actual" and direction is Direction.LOWER
        found = last_reaching(pieces, score) if falling else first_reaching(pieces, score)
        if found is None:
            return None
        exact = self.actual_at(self._reached(found, falling=falling), target, direction)
        if exact is None or not self.whole:
            return exact
        return Fraction(floor(exact) if direction is Direction.LOWER else ceil(exact))

    def rises(self, direction: Direction) -> bool:
        """Whether a better actual, in this direction, never lowers the score."""
        if direction is Direction.TARGET and self.by == "actual":
            return False
        sign = -1 if self.by == "actual" and direction is Direction.LOWER else 1
        tables = [self.pieces(Decimal(column)) for column in self.column_starts()]
        return all(
            all(sign * piece.slope >= 0 for piece in pieces)
            and all(
                sign * (b.level + b.slope * b.start - a.level - a.slope * b.start) >= 0
                for a, b in pairwise(pieces)
                if b.start is not None
            )
            for pieces in tables
        )

    def actual_at(self, value: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the actual that measures as this value; None where none does."""
        return actual_of(self.by, value, target, direction)

    def column_starts(self) -> tuple[Decimal, ...]:
        """Where the columns of a table start; a plain curve has one."""
        return (Decimal(0),)

    def _reached(self, value: Fraction, *, falling: bool) -> Fraction:  # noqa: ARG002 - only steps are counted whole
        """Return the nearest measure from this one on that counts."""
        return value

    def _stepped(self, value: Fraction | None) -> Fraction | None:
        return value


class PlainCurve(BaseCurve):
    """A curve that is the same for every appraiser's view."""

    @property
    @abstractmethod
    def segments(self) -> tuple[Segment, ...]:
        """The straight pieces, in order; the first has no start."""

    def pieces(self, view: Any) -> tuple[Segment, ...]:  # noqa: ARG002 - only a table looks at it
        """Return the straight pieces, whatever the view."""
        return self.segments
