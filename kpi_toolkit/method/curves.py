"""Curves: from what was achieved to a score. Each is a small frozen value that prints its own parameters.

A curve is exact: it takes and gives fractions, and its result is rounded half up once, to six decimals, as it leaves
(:func:`score_micro`). Direction is the indicator's field and is handed in (catalogue S116, S224).
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import MICRO, Number, round_half_up
from kpi_toolkit.method.value import Value


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


def attainment(actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
    """Return how far the target was reached, 1 when met; None where nothing was to be used and nothing was.

    Lower is better: target / actual (S224: a limit of 10 000 and 12 000 spent is 10/12). No defects where none were
    allowed counts as met, any defect then as not met at all.

    >>> attainment(Fraction(12_000), Fraction(10_000), Direction.LOWER)
    Fraction(5, 6)
    """
    if direction is Direction.HIGHER:
        return actual / target
    if actual <= 0:
        return Fraction(1) if target == 0 else None
    return target / actual


class Ratio(Value):
    """Score = 100 x attainment, never below 0 (比率法). The item cap stands above it (S115, S116)."""

    kind: Literal["ratio"] = "ratio"

    def score(self, actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the score in points; None means "as high as the cap lets it be"."""
        reached = attainment(actual, target, direction)
        return None if reached is None else max(Fraction(0), 100 * reached)

    def actual_for(self, score: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the actual that earns this score, None where no actual does."""
        if direction is Direction.HIGHER:
            return score * target / 100
        return 100 * target / score if target > 0 and score > 0 else None


class Count(Ratio):
    """Score = 100 x pieces done / pieces planned, whole pieces only (工作量: articles, videos, designs; S115)."""

    kind: Literal["count"] = "count"  # type: ignore[assignment]

    def actual_for(self, score: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the number of whole pieces that earns at least this score."""
        exact = super().actual_for(score, target, direction)
        if exact is None:
            return None
        return Fraction(-(-exact.numerator // exact.denominator) if direction is Direction.HIGHER else int(exact))


class Band(Value):
    """One step of a banded curve: from this per cent of the target on, this score."""

    start: Number = Field(alias="from")
    score: Number = Field(ge=0)


class Bands(Value):
    """Score by the band in which the attainment (in per cent) lies (层差法); an edge belongs to the band it opens."""

    kind: Literal["bands"] = "bands"
    bands: tuple[Band, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Bands:
        starts = [band.start for band in self.bands]
        scores = [band.score for band in self.bands]
        if starts[0] > 0:
            raise PydanticCustomError("bands-gap", "the first band must start at 0")
        if any(a >= b for a, b in pairwise(starts)):
            raise PydanticCustomError("bands-order", "bands must start higher and higher")
        if any(a > b for a, b in pairwise(scores)):
            raise PydanticCustomError("bands-fall", "a higher band must not score lower")
        return self

    def score(self, actual: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the score of the band; None means "as high as the cap lets it be"."""
        reached = attainment(actual, target, direction)
        if reached is None:
            return Fraction(self.bands[-1].score)
        return Fraction(max((b.score for b in self.bands if b.start <= 100 * reached), default=Decimal(0)))

    def actual_for(self, score: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the edge of the first band that scores enough, None where none does."""
        edge = next((band.start for band in self.bands if band.score >= score), None)
        return None if edge is None else Ratio().actual_for(Fraction(edge), target, direction)


def _named(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Curve = Annotated[Annotated[Ratio | Count | Bands, Field(discriminator="kind")], BeforeValidator(_named)]


def score_micro(curve: Ratio | Bands, actual: Decimal, target: Decimal, direction: Direction, cap: Decimal) -> int:
    """Return the capped score in millionths of a point, rounded half up once (decision 3).

    >>> score_micro(Ratio(), Decimal(180), Decimal(200), Direction.HIGHER, Decimal(100)) / MICRO
    90.0
    """
    score = curve.score(Fraction(actual), Fraction(target), direction)
    limit = int(cap * MICRO)
    return limit if score is None else min(limit, round_half_up(score, MICRO))
