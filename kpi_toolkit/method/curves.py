"""Curves: from what was achieved to a score. Each kind is a small frozen value that says how points are earned.

Every curve first *measures* (attainment, margin, or the actual itself) and then reads the score off a few straight
*segments*, so one evaluation and one inverse serve all kinds. Fractions in, fractions out,
rounded half up once, to millionths, as the score leaves (:func:`score_micro`). Named curves are data:
``templates/curves.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curve import BaseCurve, PlainCurve, Said, Veto
from kpi_toolkit.method.numbers import MICRO, Hundredths, Number, round_half_up
from kpi_toolkit.method.segments import (
    Direction,
    Segment,
    flat,
    through,
)
from kpi_toolkit.method.steps import Steps
from kpi_toolkit.method.value import Value

_FULL = Fraction(100)


class Ratio(PlainCurve):
    """Score = what is measured (比率法): 100 x attainment, or 100 and the margin in per cent. Never below ``floor``.

    ``over`` is what each per cent above 100 counts (2: excess counted double).
    """

    kind: Literal["ratio"] = "ratio"
    by: Literal["attainment", "margin_percent"] = "attainment"
    over: Number = Field(default=Decimal(1), ge=0)
    floor: Number = Field(default=Decimal(0), ge=0, le=100)
    only_whole: bool = False
    """Only whole pieces are counted: articles, videos, designs (工作量, S115)."""

    @property
    def plain(self) -> bool:
        """Whether the score is the share of the target that was reached, and nothing else."""
        return self.by == "attainment" and self.over == 1 and not self.floor

    @property
    def whole(self) -> bool:
        """Whether it counts whole pieces only."""
        return self.only_whole

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The floor, up to the target, beyond it."""
        met = Fraction(0) if self.by == "margin_percent" else _FULL
        level, over, low = _FULL - met, Fraction(self.over), Fraction(self.floor)
        return (
            flat(None, low),
            Segment(low - level, False, level, Fraction(1)),
            Segment(met, False, _FULL - over * met, over),
        )

    def said(self, direction: Direction) -> Iterator[Said]:
        """Go through the formula, what counts otherwise beyond 100, and the floor."""
        by_margin = self.by == "margin_percent" and direction is Direction.LOWER
        yield Said("ratio_margin" if by_margin else f"ratio_{direction.value}")
        yield from [Said("over", score=self.over)] if self.over != 1 else []
        yield from [Said("floor", score=self.floor)] if self.floor else []
        yield from [Said("whole")] if self.whole else []

    def pays_above(self, cap: Decimal) -> bool:
        """Whether what is beyond 100 was to count more than as it is, and the cap lets it count nothing."""
        return self.over > 1 and cap <= _FULL


class Point(Value):
    """A corner of a piecewise curve: at this measure, this score."""

    at: Number
    score: Number = Field(ge=0)


Outside = Literal["hold", "extend"]


class Piecewise(PlainCurve):
    """Score by straight lines between corners (目标分段): threshold, target, stretch and the like.

    Two corners at one place are a jump; the later one holds there. Outside the corners the score holds, or the line
    goes on (``extend``).
    """

    kind: Literal["piecewise"] = "piecewise"
    points: tuple[Point, ...] = Field(min_length=2)
    below: Outside = "hold"
    above: Outside = "hold"

    @model_validator(mode="after")
    def _ordered(self) -> Piecewise:
        if any(a.at > b.at for a, b in pairwise(self.points)) or self.points[0].at == self.points[-1].at:
            raise PydanticCustomError("points-order", "points must stand in order")
        return self

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """A piece between each two corners, and one at each end."""
        corners = [(Fraction(point.at), Fraction(point.score)) for point in self.points]
        return through(corners, extend_below=self.below == "extend", extend_above=self.above == "extend")

    def said(self, direction: Direction) -> Iterator[Said]:  # noqa: ARG002 - the same both ways
        """Go through the corners, the lower side of a jump first, and how it goes on beyond them."""
        yield Said(f"by_{self.by}")
        last = len(self.points) - 1
        for place, point in enumerate(self.points):
            jumps = place < last and self.points[place + 1].at == point.at
            held = (place == 0 and self.below == "hold", place == last and self.above == "hold")
            key = ("under" if held[0] else "near") if jumps else "low" if held[0] else "high" if held[1] else "at"
            yield Said(key, point.at, point.score)
        yield Said("lines")
        yield from [Said("on_low")] if self.below == "extend" else []
        yield from [Said("on_high")] if self.above == "extend" else []


class Band(Value):
    """One step of a banded curve: from this measure on, this score."""

    start: Number = Field(alias="from")
    score: Number = Field(ge=0)


class Bands(PlainCurve):
    """Score by the band in which the measure lies (层差法); an edge belongs to the band it opens, or ``closes``."""

    kind: Literal["bands"] = "bands"
    bands: tuple[Band, ...] = Field(min_length=1)
    edge: Literal["opens", "closes"] = "opens"
    """Whether a measure exactly on an edge lies in the band that starts there, or in the one that ends there."""

    @model_validator(mode="after")
    def _rising(self) -> Bands:
        starts = [band.start for band in self.bands]
        scores = [band.score for band in self.bands]
        if self.by == "attainment" and starts[0] > 0:
            raise PydanticCustomError("bands-gap", "the first band must start at 0")
        if any(a >= b for a, b in pairwise(starts)):
            raise PydanticCustomError("bands-order", "bands must start higher and higher")
        if self.by != "actual" and any(a > b for a, b in pairwise(scores)):
            raise PydanticCustomError("bands-fall", "a higher band must not score lower")
        return self

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """A level piece for each band; below the first, its score."""
        rest = (
            flat(Fraction(band.start), Fraction(band.score), after=self.edge == "closes") for band in self.bands[1:]
        )
        return (flat(None, Fraction(self.bands[0].score)), *rest)

    def said(self, direction: Direction) -> Iterator[Said]:  # noqa: ARG002 - the same both ways
        """Go through the bands: below the second the first one's score holds, whatever its start."""
        yield Said(f"by_{self.by}")
        opens = self.edge == "opens"
        if len(self.bands) == 1:
            yield Said("always", score=self.bands[0].score)
            return
        yield Said("under" if opens else "up_to", self.bands[1].start, self.bands[0].score)
        for band in self.bands[1:]:
            yield Said("from" if opens else "beyond", band.start, band.score)


class Table(BaseCurve):
    """Score from a two-way table: how much (rows, by the measure) and how well (columns, by the appraiser's view).

    Each row and column starts ``from`` its number; both numbers are per cent.
    """

    kind: Literal["table"] = "table"
    rows: tuple[Number, ...] = Field(min_length=1)
    columns: tuple[Number, ...] = Field(min_length=1)
    scores: tuple[tuple[Number, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _shaped(self) -> Table:
        if len(self.scores) != len(self.rows) or {len(line) for line in self.scores} != {len(self.columns)}:
            raise PydanticCustomError("table-shape", "scores must have a line for each row")
        if any(a >= b for edges in (self.rows, self.columns) for a, b in pairwise(edges)):
            raise PydanticCustomError("bands-order", "rows and columns must start higher and higher")
        return self

    @property
    def needs_view(self) -> bool:
        """Whether it cannot be read without the appraiser's view."""
        return True

    def column_starts(self) -> tuple[Decimal, ...]:
        """Where the columns start."""
        return self.columns

    def pieces(self, view: Any) -> tuple[Segment, ...]:
        """Return the level pieces of the column in which a view lies."""
        if view is None:
            msg = "a two-way table needs the appraiser's view as well"
            raise ValueError(msg)
        column = max([place for place, start in enumerate(self.columns) if start <= view], default=0)
        level = [Fraction(line[column]) for line in self.scores]
        rest = (flat(Fraction(start), score) for start, score in zip(self.rows[1:], level[1:], strict=True))
        return (flat(None, level[0]), *rest)

    def said(self, direction: Direction) -> Iterator[Said]:  # noqa: ARG002 - the same both ways
        """Go through the cells row by row: which view earns which score."""
        for row, line in zip(self.rows, self.scores, strict=True):
            yield Said("row", row)
            yield from (Said("cell", start, score) for start, score in zip(self.columns, line, strict=True))


class Gate(PlainCurve):
    """All or nothing (非此即彼), and what a failure does beyond its own indicator (一票否决).

    Passed from ``at`` on. ``scope``: the ``indicator`` alone, the ``total`` (then at most ``limit``), or the ``tier``
    (then not the top one). A gate may weigh nothing.
    """

    kind: Literal["gate"] = "gate"
    at: Number = Decimal(100)
    scope: Literal["indicator", "total", "tier"] = "indicator"
    limit: Hundredths = Field(default=Decimal(0), ge=0)

    @property
    def passes_at(self) -> Decimal:
        """From where on all is earned."""
        return self.at

    @property
    def veto(self) -> Veto | None:
        """What a failure does beyond the indicator; None where it does nothing."""
        return None if self.scope == "indicator" else Veto(self.scope, self.limit)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Nothing before, everything after."""
        return (flat(None, Fraction(0)), flat(Fraction(self.at), _FULL))

    def rises(self, direction: Direction) -> bool:
        """Whether a better actual never lowers the score."""
        return self.by != "actual" or direction is Direction.HIGHER

    def said(self, direction: Direction) -> Iterator[Said]:  # noqa: ARG002 - the same both ways
        """Go through where it is passed, and what a failure does.

        >>> [said.key for said in Gate(at=Decimal(95), scope="tier").said(Direction.HIGHER)]
        ['by_attainment', 'passed', 'scope_tier']
        """
        yield Said(f"by_{self.by}")
        yield Said("passed", self.at, _FULL)
        yield from [] if self.scope == "indicator" else [Said(f"scope_{self.scope}", score=self.limit)]


CurveValue = Ratio | Piecewise | Bands | Steps | Table | Gate


KINDS = tuple(kind.model_fields["kind"].default for kind in get_args(CurveValue))
"""What a curve is called by where it has no name of its own."""


def score_micro(
    curve: BaseCurve, actual: Any, target: Any, direction: Direction, cap: Decimal, view: Decimal | None = None
) -> int:
    """Return the score in millionths of a point, from 0 to the cap, rounded half up once (decision 3).

    What stands outside the weights may be below 0.

    >>> score_micro(Ratio(), Decimal(180), Decimal(200), Direction.HIGHER, Decimal(100)) / MICRO
    90.0
    """
    score = curve.score(Fraction(actual), Fraction(target or 0), direction, view)
    limit = int(cap * MICRO)
    if score is None:
        return limit
    return min(limit, round_half_up(score if curve.adds else max(score, Fraction(0)), MICRO))
