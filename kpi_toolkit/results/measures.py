"""What became of the measures that were agreed: kept, reached, due, or overdue, as of a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

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


def followed(cycle: Cycle, row: Any, figure: Decimal | None, rules: TalkRules, now: tuple[Cycle, date]) -> Followed:
    """Return how a measure stands at the end of a cycle, or today where that is still to come.

    Its deadline is a day on which it may still be kept. One that nobody marked as done is ``reached`` where its check
    is a figure and the figure was reached.
    """
    shown, today = now
    over = min(shown.last_day, today - timedelta(days=1))
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
