"""What became of the measures that were agreed: kept, reached, due, or overdue, as of a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from kpi_toolkit.clients.afterwards import earlier_measures
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.record import Record, State
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.training import TalkRules
from kpi_toolkit.results.told import told_in

MeasureState = Literal["open", "kept", "late", "reached", "missed"]


@dataclass(frozen=True, slots=True)
class Followed:
    """A measure of an earlier cycle, and how it stands in this one."""

    cycle: Cycle
    row: Any
    state: MeasureState
    figure: Decimal | None
    """What its indicator came to in this cycle."""


def figure_of(item: Indicator, row: Any) -> Decimal | None:
    """Return what an indicator came to: the actual, or where that is rated, the appraiser's view."""
    found: Decimal | None = row.actual if item.basis is Basis.ACTUAL else row.appraiser
    return found


def over_by(cycle: Cycle, record: Record, on: date) -> date:
    """Return the last day that is over in a cycle, seen on a day: all of them once its figures are held fast."""
    return min(cycle.last_day, on - timedelta(days=1)) if record.state == State.DRAFT else cycle.last_day


@dataclass(frozen=True)
class Following:
    """What was agreed before a cycle, and how it stands once a day is ``over``, on which it might still be kept."""

    client: Client
    cycle: Cycle
    rules: TalkRules
    over: date
    _figures: dict[Cycle, Mapping[Any, Any]] = field(default_factory=dict)

    def of(self, person: str, items: Iterable[Indicator], given: Mapping[Any, Any]) -> Iterator[Followed]:
        """Go through what was agreed with somebody, oldest first; ``given``: the cycle's rows by person and indicator.

        One that nobody marked as done is ``reached`` where its check is a figure, and the figure was reached in the
        cycle of its deadline, the one after the talk at the earliest.
        """
        own = {item.id: item for item in items}
        for agreed, measures in self._agreed:
            for row in measures.get(person, ()):
                item, then = own.get(row.indicator), None if row.done else self._due(agreed, row.deadline)
                key = person, row.indicator
                now, figure = (
                    figure_of(item, rows[key]) if item and key in rows else None
                    for rows in (given, self._told(then) if then else given)
                )
                yield Followed(agreed, row, _state(row, figure, self.rules, self.over), now)

    @cached_property
    def _agreed(self) -> list[tuple[Cycle, dict[str, list[Any]]]]:
        return list(earlier_measures(self.client, self.cycle))

    def _due(self, agreed: Cycle, deadline: date | None) -> Cycle | None:
        """Return the cycle before this one in which a measure was to be done; None where that is this one."""
        return next((each for each in self._before if deadline and each > agreed and each.last_day >= deadline), None)

    @cached_property
    def _before(self) -> list[Cycle]:
        return sorted(each for each in map(Cycle.parse, self.client.cycles) if each < self.cycle)

    def _told(self, cycle: Cycle) -> Mapping[Any, Any]:
        """Return the lines of an earlier cycle; none where it cannot be read any more."""
        if cycle not in self._figures:
            with suppress(IssuesError):
                lines = rows_of(told_in(self.client, [cycle.id]))
                self._figures[cycle] = {(line.person, line.indicator): line for line in lines}
        return self._figures.setdefault(cycle, {})


def _state(row: Any, figure: Decimal | None, rules: TalkRules, over: date) -> MeasureState:
    if row.done is not None:
        return "late" if row.deadline and row.done > row.deadline else "kept"
    if reached(row.check, figure, rules):
        return "reached"
    return "missed" if row.deadline and row.deadline <= over else "open"


def reached(check: str, figure: Decimal | None, rules: TalkRules) -> bool:
    """Return whether a figure is what a check asks for; False where the check is no sentence that drafts are made of.

    >>> from kpi_toolkit.method.value import Text
    >>> rules = TalkRules.model_construct(reach=Text(zh="达到 {value}", en="{value}"), reach_lower=Text.of(""))
    >>> reached("达到 1,200 条", Decimal(1200), rules), reached("看记录", Decimal(1200), rules)
    (True, False)
    """
    for sentence, lower in ((rules.reach_lower, True), (rules.reach, False)):
        for said in sentence.words:
            before, found, after = (said or "").partition("{value}")
            number = re.fullmatch(re.escape(before) + r"([\d,.]*\d).*" + re.escape(after), check.strip())
            if found and number and figure is not None:
                aim = Decimal(number[1].replace(",", ""))
                return figure <= aim if lower else figure >= aim
    return False
