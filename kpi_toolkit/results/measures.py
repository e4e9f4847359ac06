"""What became of the measures that were agreed: kept, reached, due, or overdue, as of a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from kpi_toolkit.clients.record import Record, State
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.training import TalkRules

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


def followed(cycle: Cycle, row: Any, figure: Decimal | None, rules: TalkRules, over: date) -> Followed:
    """Return how a measure stands once a day is ``over``, on which it might still have been kept.

    One that nobody marked as done is ``reached`` where its check is a figure and the figure was reached.
    """
    return Followed(cycle, row, _state(row, figure, rules, over), figure)


def _state(row: Any, figure: Decimal | None, rules: TalkRules, over: date) -> MeasureState:
    if row.done is not None:
        return "late" if row.deadline and row.done > row.deadline else "kept"
    if reached(row.check, figure, rules):
        return "reached"
    return "missed" if row.deadline and row.deadline <= over else "open"


def reached(check: str, figure: Decimal | None, rules: TalkRules) -> bool:
    """Return whether a figure is what a check asks for; False where the check is no sentence that drafts are made of.

    >>> from kpi_toolkit.method.value import Text
    >>> rules = TalkRules.model_construct(reach=Text(zh="达到 {value}", en="{value}"), reach_lower=Text(zh="", en=""))
    >>> reached("达到 1,200 条", Decimal(1200), rules), reached("看记录", Decimal(1200), rules)
    (True, False)
    """
    for sentence, lower in ((rules.reach_lower, True), (rules.reach, False)):
        for said in (sentence.zh, sentence.en):
            before, found, after = (said or "").partition("{value}")
            number = re.fullmatch(re.escape(before) + r"([\d,.]*\d).*" + re.escape(after), check.strip())
            if found and number and figure is not None:
                aim = Decimal(number[1].replace(",", ""))
                return figure <= aim if lower else figure >= aim
    return False
