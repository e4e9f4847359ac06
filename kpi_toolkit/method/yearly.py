"""A year's goal over its months: alike, or by what each month counts; the months always add up to the year (S138)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import Number, deal, decimals_of
from kpi_toolkit.method.value import Value

_MONTHS = 12


class YearGoal(Value):
    """What is to be reached in a calendar year: ``year = { target = 1200 }``."""

    target: Number = Field(gt=0)
    months: tuple[Annotated[Number, Field(gt=0)], ...] = (Decimal(1),) * _MONTHS
    """What each month counts, January first: the seasons of the business. Alike where nothing is said."""

    @field_validator("months")
    @classmethod
    def _twelve(cls, months: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if len(months) != _MONTHS:
            raise PydanticCustomError("not-twelve-months", "{n}", {"n": len(months)})
        return months

    @property
    def by_month(self) -> tuple[Decimal, ...]:
        """Each month's target, with the decimals of the year's; together they are the year's.

        >>> [str(target) for target in YearGoal(target=1000).by_month]
        ['84', '84', '84', '84', '83', '83', '83', '83', '83', '83', '83', '83']
        """
        places = decimals_of(self.target)
        whole, parts = int(self.target.scaleb(places)), [Fraction(month) for month in self.months]
        common = lcm(*(part.denominator for part in parts))
        counted = [int(part * common) for part in parts]
        return tuple(Decimal(n).scaleb(-places) for n in deal(whole, [whole * n for n in counted], sum(counted)))

    def within(self, first_month: int, last_month: int) -> Decimal:
        """Return the target of some months together, both ends counted.

        >>> YearGoal(target=1200).within(10, 12)
        Decimal('300')
        """
        return sum(self.by_month[first_month - 1 : last_month], Decimal(0))
