"""How a figure is counted: a number of pieces, or a part of a whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.value import Text, Value


class Formula(Value):
    """How a figure is made: a part, or a part of a whole in per cent, or what is left of the whole (S027-S041)."""

    part: Text
    whole: Text | None = None
    percent: bool = True
    """False: so much of the part for one of the whole, such as cost for each inquiry."""
    less: bool = False
    """What is left after the part is taken away: running time after outages."""
    beyond: bool = False
    """Whether the part may be more than the whole: done of what was planned, not passed of what was handed in."""

    def figure(self, part: Decimal, whole: Decimal = Decimal(1)) -> Decimal:
        """Return the figure, of which six decimals are kept. ZeroDivisionError where there is no whole.

        >>> Formula(part="approved", whole="articles").figure(Decimal(190), Decimal(200))
        Decimal('95')
        >>> Formula(part="outage", whole="minutes", less=True).figure(Decimal(1), Decimal(7))
        Decimal('85.714286')
        """
        kept = Fraction(whole - part if self.less else part)
        value = kept / Fraction(whole) if self.whole else kept
        return half_up(value * 100 if self.whole and self.percent else value, 6).normalize() + 0
