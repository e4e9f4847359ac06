"""Appraisal cycles by id: a month ``2026-10``, a quarter ``2026-Q4``, a year ``2026``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_CYCLE = re.compile(r"((?:19|20|21)[0-9]{2})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
_QUARTER = 3
_YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Cycle:
    """A stretch of whole months.

    >>> cycle = Cycle.parse("2026-Q4")
    >>> cycle.first_day.isoformat(), cycle.last_day.isoformat(), cycle.previous.id
    ('2026-10-01', '2026-12-31', '2026-Q3')
    """

    year: int
    month: int
    months: int

    @classmethod
    def parse(cls, text: str) -> Cycle:
        """Return the cycle of an id; ValueError says how an id looks."""
        match = _CYCLE.fullmatch(text)
        if not match:
            msg = f"{text!r} is no cycle: write a month like 2026-10, a quarter like 2026-Q4 or a year like 2026"
            raise ValueError(msg)
        year, quarter, month = match.groups()
        if month:
            return cls(int(year), int(month), 1)
        if quarter:
            return cls(int(year), int(quarter) * _QUARTER - 2, _QUARTER)
        return cls(int(year), 1, _YEAR)

    @property
    def id(self) -> str:
        """The id, as a folder is named."""
        if self.months == _YEAR:
            return f"{self.year}"
        return (
            f"{self.year}-Q{self.month // _QUARTER + 1}" if self.months == _QUARTER else f"{self.year}-{self.month:02d}"
        )

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        last = self.month + self.months - 1
        return date(self.year, last, monthrange(self.year, last)[1])

    @property
    def previous(self) -> Cycle:
        """The cycle of the same length before this one."""
        start = self.year * _YEAR + self.month - 1 - self.months
        return Cycle(start // _YEAR, start % _YEAR + 1, self.months)
