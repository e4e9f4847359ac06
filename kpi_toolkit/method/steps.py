"""Steps: points taken off, or given, for each step away from the target (扣分)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curve import PlainCurve, Said
from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.segments import Direction, Segment, actual_of, flat

_FULL = Fraction(100)


class Steps(PlainCurve):
    """Score = ``start``, less ``deduct`` for each step short of the target, plus ``bonus`` for each beyond (扣分).

    By ``actual`` it counts events from zero (each complaint costs). ``floor`` and ``ceiling`` bound the score. Where
    the ``unit`` is points of the form instead of per cent of the indicator, a point is 100 / weight per cent.
    ``outside`` the 100 weights the score is added to the total as points, and the indicator weighs nothing
    (bonus-only, deduction).
    """

    kind: Literal["steps"] = "steps"
    by: Literal["margin", "margin_percent", "actual"] = "margin"
    start: Number = Field(default=Decimal(100), ge=0, le=1000)
    step: Number = Field(default=Decimal(1), gt=0)
    deduct: Number = Field(default=Decimal(0), ge=0, le=1000)
    bonus: Number = Field(default=Decimal(0), ge=0, le=1000)
    floor: Number = Decimal(0)
    ceiling: Number | None = None
    counted: Literal["full", "started", "parts"] = "full"
    """Which steps count: full ones, any that was started, or parts of a step as parts."""
    unit: Literal["percent", "points"] = "percent"
    outside: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> Steps:
        if self.floor > self.start or (self.ceiling is not None and self.ceiling < self.start):
            raise PydanticCustomError("steps-bounds", "the start must lie between floor and ceiling")
        return self

    @property
    def adds(self) -> bool:
        """Whether its score is added to the total as points, outside the weights."""
        return self.outside

    @property
    def in_points(self) -> bool:
        """Whether its steps are points of the form, so that its score follows the weight."""
        return self.unit == "points" and not self.outside

    def on_weight(self, weight: Decimal) -> Steps:
        """Return the curve in per cent of an indicator of this weight."""
        if not self.in_points or not weight:
            return self
        share = _FULL / Fraction(weight)
        changed = {"deduct": Fraction(self.deduct) * share, "bonus": Fraction(self.bonus) * share, "unit": "percent"}
        return Steps.model_construct(**{name: getattr(self, name) for name in Steps.model_fields} | changed)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Down to the floor, the start, up to the ceiling; measured in steps."""
        start, low = Fraction(self.start), Fraction(self.floor)
        deduct, bonus = Fraction(self.deduct), Fraction(self.bonus)
        if self.by == "actual":  # events are counted from zero: more of them cost, or earn
            rise = bonus - deduct
            fall = flat((low - start) / rise, low) if rise < 0 else None
            pieces = [flat(None, start), Segment(Fraction(0), False, start, rise), *([fall] if fall else [])]
            bonus = rise
        else:
            pieces = [flat(None, low if deduct else start)]
            if deduct:
                pieces.append(Segment((low - start) / deduct, False, start, deduct))
            pieces.append(Segment(Fraction(0), False, start, bonus))
        if bonus > 0 and self.ceiling is not None:
            high = Fraction(self.ceiling)
            pieces.append(flat((high - start) / bonus, high))
        return tuple(pieces)

    def _reached(self, value: Fraction, *, falling: bool) -> Fraction:
        """Return the next whole step where only whole steps count."""
        return value if self.counted == "parts" else Fraction(floor(value) if falling else ceil(value))

    def actual_at(self, value: Fraction, target: Fraction, direction: Direction) -> Fraction | None:
        """Return the actual that lies so many steps away."""
        return actual_of(self.by, value * Fraction(self.step), target, direction)

    def _stepped(self, value: Fraction | None) -> Fraction | None:
        if value is None:
            return None
        steps = value / Fraction(self.step)
        if self.counted == "parts":
            return steps
        size = floor(abs(steps)) if self.counted == "full" else ceil(abs(steps))
        return Fraction(size if steps >= 0 else -size)

    def said(self, direction: Direction) -> Iterator[Said]:  # noqa: ARG002 - the same both ways
        """Go through where it starts, what a step takes or gives, which steps count, and the bounds."""
        way = "each" if self.by == "actual" else "step"
        yield Said("none" if self.by == "actual" else "met", score=self.start)
        yield from [Said(f"{way}_off", self.step, self.deduct)] if self.deduct else []
        yield from [Said(f"{way}_more", self.step, self.bonus)] if self.bonus else []
        yield Said(f"steps_{self.counted}")
        yield from [Said("floor", score=self.floor)] if self.deduct else []
        yield from [Said("ceiling", score=self.ceiling)] if self.bonus and self.ceiling is not None else []
        yield from [Said("outside")] if self.outside else []
