"""Appraisal cycles by id: a month ``2026-10``, a quarter ``2026-Q4``, a year ``2026``.

Another kind of whole months is one entry.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of cycle: so many whole months of a year."""

    months: int
    place: str
    """Its place in the year as an id has it, with the number as a group."""
    written: str
    """The same, to be filled in."""
    said: str
    """How people write that place behind a year, in small letters; empty for months and years, which are no pattern."""
    skeleton: str
    """How a reader sees it, as CLDR names the parts of a date."""
    example: str


KINDS = {
    "month": Kind(1, "-(0[1-9]|1[0-2])", "-{:02d}", "", "yMMMM", "2026-10"),
    "quarter": Kind(
        3, "-Q([1-4])", "-Q{}", r"年? ?第?(?:q([1-4])|([1-4])(?:季度?|(?:st|nd|rd|th) quarter))", "yQQQQ", "2026-Q4"
    ),
    "year": Kind(12, "()", "", "", "y", "2026"),
}
EXAMPLES = ", ".join(kind.example for kind in KINDS.values())
_YEAR = "((?:19|20|21)[0-9]{2})"


def is_cycle(text: str) -> bool:
    """Whether a text is the id of a cycle.

    >>> [is_cycle(text) for text in ("2026-10", "2026-Q4", "2026", "2026-13")]
    [True, True, True, False]
    """
    return any(re.fullmatch(_YEAR + kind.place, text) for kind in KINDS.values())


@dataclass(frozen=True, slots=True, order=True)
class Cycle:
    """A stretch of days that is appraised as one.

    >>> cycle = Cycle.parse("2026-Q4")
    >>> cycle.first_day.isoformat(), cycle.last_day.isoformat(), cycle.kind, cycle.previous.id
    ('2026-10-01', '2026-12-31', 'quarter', '2026-Q3')
    """

    first_day: date
    last_day: date
    kind: str
    """A key of :data:`KINDS`; cycles of one kind are compared with each other."""

    @classmethod
    def parse(cls, text: str) -> Cycle:
        """Return the cycle of an id; ValueError says how an id looks."""
        for name, kind in KINDS.items():
            match = re.fullmatch(_YEAR + kind.place, text)
            if match:
                year, last = int(match[1]), int(match[2] or 1) * kind.months
                return cls(date(year, last - kind.months + 1, 1), date(year, last, monthrange(year, last)[1]), name)
        msg = f"{text!r} is no cycle: write it as one of these: {EXAMPLES}"
        raise ValueError(msg)

    @classmethod
    def around(cls, day: date, kind: str) -> Cycle:
        """Return the cycle of a kind that a day is in."""
        months, written = KINDS[kind].months, KINDS[kind].written
        return cls.parse(f"{day.year}{written.format((day.month - 1) // months + 1)}")

    @property
    def id(self) -> str:
        """The id, as a folder is named."""
        return f"{self.year}{KINDS[self.kind][2].format(self.last_day.month // self.months)}"

    @property
    def year(self) -> int:
        """The year that it belongs to."""
        return self.first_day.year

    @property
    def months(self) -> int:
        """How many months it lasts."""
        return KINDS[self.kind][0]

    @property
    def previous(self) -> Cycle:
        """The cycle of the same kind before this one."""
        return Cycle.around(self.first_day - timedelta(days=1), self.kind)

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.last_day - self.first_day).days + 1

    def each_day(self) -> Iterator[date]:
        """Go through its days."""
        return (self.first_day + timedelta(days=place) for place in range(self.days))

    def mondays(self) -> list[date]:
        """Return the first days of its weeks; that of the first may lie before it."""
        return list(dict.fromkeys(day - timedelta(days=day.weekday()) for day in self.each_day()))

    def ends(self, kind: str) -> list[date]:
        """Return the last day of each month, quarter or year that ends in it.

        >>> [day.isoformat() for day in Cycle.parse("2026-Q4").ends("quarter")], Cycle.parse("2026-10").ends("quarter")
        (['2026-12-31'], [])
        """
        months = KINDS[kind][0]
        return [month.last_day for month in self.each_month() if month.last_day.month % months == 0]

    def each_month(self) -> Iterator[Cycle]:
        """Go through its months."""
        for month in range(self.first_day.month, self.last_day.month + 1):
            yield Cycle.around(date(self.year, month, 1), "month")
