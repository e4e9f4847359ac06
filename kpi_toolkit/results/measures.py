"""What became of the measures that were agreed: kept, reached, due, or overdue, as of a day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from kpi_toolkit.clients.afterwards import earlier_measures, table_of
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.record import Record, State
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.spells import PRO_RATA
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


def figure_of(item: Indicator | None, row: Any) -> Decimal | None:
    """Return what an indicator came to: the actual, or where that is rated, the appraiser's view.

    Of one that the person's form asks for no more, it is the view where there is no actual.
    """
    rated = row is not None and (row.actual is None if item is None else item.basis is not Basis.ACTUAL)
    found: Decimal | None = None if row is None else row.appraiser if rated else row.actual
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
    _parts: dict[Cycle, set[str]] = field(default_factory=dict)

    def of(
        self, person: str, items: Iterable[Indicator], given: Mapping[Any, Any], targets: Mapping[Any, Decimal | None]
    ) -> Iterator[Followed]:
        """Go through what was agreed with somebody, oldest first.

        ``given`` and ``targets`` are the cycle's rows and targets by person and indicator.

        One that nobody marked as done is ``reached`` where its check is a figure, and the figure was reached in the
        cycle of its deadline, the one after the talk at the earliest. Whoever was there for a part of that cycle has
        the target of that part to reach.
        """
        own = {item.id: item for item in items}
        for agreed, measures in self._agreed:
            for row in measures.get(person, ()):
                item, then = own.get(row.indicator), None if row.done else self._due(agreed, row.deadline)
                key = person, row.indicator
                now, due = given.get(key), self._told(then).get(key) if then else given.get(key)
                target = None
                if due is not None and due.actual is not None and person in self._in_part(then or self.cycle):
                    target = due.target if then else targets.get(key)
                state = _state(row, figure_of(item, due), target, self.rules, self.over)
                yield Followed(agreed, row, state, figure_of(item, now))

    @cached_property
    def _agreed(self) -> list[tuple[Cycle, dict[str, list[Any]]]]:
        return list(earlier_measures(self.client, self.cycle))

    def _due(self, agreed: Cycle, deadline: date | None) -> Cycle | None:
        """Return the cycle before this one in which a measure was to be done; None where that is this one."""
        return next((each for each in self._before if deadline and each > agreed and each.last_day >= deadline), None)

    @cached_property
    def _before(self) -> list[Cycle]:
        return sorted(each for each in map(Cycle.parse, self.client.cycles) if each < self.cycle)

    def _in_part(self, cycle: Cycle) -> Collection[str]:
        """Return whose targets of amounts are those of a part of a cycle."""
        if cycle not in self._parts:
            rows = rows_of(table_of(self.client, cycle.id, "spells"))
            self._parts[cycle] = {row.person for row in rows if row.treat in PRO_RATA}
        return self._parts[cycle]

    def _told(self, cycle: Cycle) -> Mapping[Any, Any]:
        """Return the lines of an earlier cycle; none where it cannot be read any more."""
        if cycle not in self._figures:
            with suppress(IssuesError):
                lines = rows_of(told_in(self.client, [cycle.id]))
                self._figures[cycle] = {(line.person, line.indicator): line for line in lines}
        return self._figures.setdefault(cycle, {})


def _state(row: Any, figure: Decimal | None, target: Decimal | None, rules: TalkRules, over: date) -> MeasureState:
    if row.done is not None:
        return "late" if row.deadline and row.done > row.deadline else "kept"
    if reached(row.check, figure, rules, target):
        return "reached"
    return "missed" if row.deadline and row.deadline <= over else "open"


def reached(check: str, figure: Decimal | None, rules: TalkRules, target: Decimal | None = None) -> bool:
    """Return whether a figure is what a check asks for; False where the check is no sentence that drafts are made of.

    ``target`` is what is to be reached instead of the check's figure, which is that of a whole cycle.

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
                aim = Decimal(number[1].replace(",", "")) if target is None else target
                return figure <= aim if lower else figure >= aim
    return False
