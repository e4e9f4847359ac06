"""What a result asks for: drafts of measures, needs for training, from a person's lines and the cycles before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.training import TalkRules, TrainingCard, need
from kpi_toolkit.results.history import PastCycle
from kpi_toolkit.results.lines import PersonLine


@dataclass(frozen=True, slots=True)
class Draft:
    """A measure that a result asks for; cause, deadline and owner are for the talk to find."""

    kind: Literal["corrective", "preventive"]
    line: IndicatorLine
    falls: int = 0
    """How many times in a row the indicator fell."""


@dataclass(frozen=True, slots=True)
class Need:
    """A need for training that a weak indicator points to."""

    card: str
    line: IndicatorLine


def drafts(person: PersonLine, history: Sequence[PastCycle], rules: TalkRules) -> tuple[Draft, ...]:
    """Return the measures that a person's result asks for, most points lost first (S009, S251).

    An indicator under the limit is corrected; one that fell several times in a row is looked after in time.
    """
    corrective = [Draft("corrective", line) for line in person.shortfalls if (line.score or 0) < rules.corrective_below]
    weak = {draft.line.id for draft in corrective}
    sliding = [
        Draft("preventive", line, falls)
        for line in person.lines
        if line.counted and line.id not in weak
        and (falls := _falls(person.id, line, history)) >= rules.preventive_after
    ]  # fmt: skip
    return (*corrective, *sorted(sliding, key=lambda draft: draft.falls, reverse=True))


def _falls(person: str, line: IndicatorLine, history: Sequence[PastCycle]) -> int:
    """Return how many cycles in a row an indicator's attainment fell, up to this cycle; a gap ends the row."""
    before = [_attainment(person, line.id, past) for past in history]
    values = [*before, line.attainment]
    falls = 0
    for earlier, later in pairwise(values):
        falls = falls + 1 if earlier is not None and later is not None and later < earlier else 0
    return falls


def _attainment(person: str, indicator: str, past: PastCycle) -> Decimal | None:
    line = past.line(person, indicator)
    return line.attainment if line is not None and line.counted else None


def needs(person: PersonLine, cards: Mapping[str, TrainingCard], rules: TalkRules) -> tuple[Need, ...]:
    """Return what a person's weak indicators say should be learned, each need once, most points lost first (S242)."""
    found: dict[str, Need] = {}
    for line in person.shortfalls:
        card = need(line.indicator, cards)
        if card and (line.score or 0) < rules.training_below:
            found.setdefault(card, Need(card, line))
    return tuple(found.values())


def training_list(
    people: Iterable[PersonLine], cards: Mapping[str, TrainingCard], rules: TalkRules
) -> list[tuple[PersonLine, tuple[Need, ...]]]:
    """Return everybody in the middle tier with their needs, most points lost first (S246)."""
    middle = [person for person in people if person.tier is Tier.MIDDLE]
    return [(person, needs(person, cards, rules)) for person in sorted(middle, key=lambda p: p.lost, reverse=True)]
