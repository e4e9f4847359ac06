"""The cycles before: means, everyone's scores and ratings, under today's design."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.clients.client import Client, inspect_cycle, latest
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import PoolBy, QuotaRule, TierScheme
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.tables import Tables, rows_of

HISTORY = 6


@dataclass(frozen=True, slots=True)
class PastCycle:
    """Mean score and every person's score of an earlier cycle, under today's design."""

    cycle: Cycle
    mean: Decimal
    scores: dict[str, Decimal]
    sizes: dict[str, int]
    """How many people each pool held."""
    lines: tuple[IndicatorLine, ...] = ()
    ratings: tuple[tuple[str, str, float], ...] = ()
    """(person, appraiser, mean view) of everybody who was appraised by somebody named."""
    tables: Tables | None = field(default=None, compare=False, repr=False)
    """What it was scored from."""


def mean(values: list[Decimal]) -> Decimal | None:
    """Return the mean, rounded half up to two decimals; None of nothing.

    >>> mean([Decimal("90.00"), Decimal("90.01")])
    Decimal('90.01')
    """
    return half_up(Fraction(sum(values, Decimal(0))) / len(values), 2) if values else None


def past_cycles(
    client: Client, period: Cycle, *, most: int | None = HISTORY - 1
) -> tuple[tuple[PastCycle, ...], tuple[str, ...]]:
    """Return earlier cycles of the same length under today's design, and the ids of those that cannot be scored."""
    earlier = [Cycle.parse(name) for name in client.cycles]
    same = [cycle for cycle in earlier if cycle.kind == period.kind and cycle < period]
    found, left_out = [], []
    for cycle in sorted(same)[-most if most else 0 :]:
        tables, issues = inspect_cycle(client, cycle.id)
        if issues.errors:
            left_out.append(cycle.id)
            continue
        scored = score_cycle(client.design, tables)
        average = mean(list(scored.official.values()))
        if average is not None:
            lines = tuple(line for own in scored.lines.values() for line in own)
            sizes = _sizes(scored, client.design.tiers)
            found.append(PastCycle(cycle, average, scored.official, sizes, lines, tuple(ratings_of(tables)), tables))
    return tuple(found), tuple(left_out)


def _sizes(scored: Scored, scheme: TierScheme) -> dict[str, int]:
    """Return how many people of each pool were ranked."""
    exempt = {entry.person for entry in scheme.exempt}
    ranked = [
        own
        for own in scored.scores.values()
        if own.score is not None and own.person not in exempt and not own.too_little
    ]
    return Counter("all" if scheme.pool is PoolBy.CLIENT else getattr(own, scheme.pool.value) for own in ranked)


def ratings_of(tables: Tables) -> Iterator[tuple[str, str, float]]:
    """Go through the mean view that each named appraiser gave each person."""
    manager = dict(zip(tables.people["id"], tables.people["manager"], strict=True))
    views: dict[str, list[float]] = {}
    for row in rows_of(tables.actuals):
        if row.appraiser is not None and manager.get(row.person):
            views.setdefault(row.person, []).append(float(row.appraiser))
    for person, own in views.items():
        yield person, manager[person], sum(own) / len(own)


def carried_over(client: Client, period: Cycle, shown: tuple[PastCycle, ...]) -> Iterable[PastCycle]:
    """Return the cycles whose seats are carried over: since the year began, however many a reader is shown."""
    if client.design.tiers.rule is not QuotaRule.CARRY_OVER:
        return shown
    return [past for past in past_cycles(client, period, most=None)[0] if past.cycle.year == period.year]


def planned_cycle(client: Client) -> str:
    """Return the cycle that a design is shown for: the latest that was opened. IssuesError where there is none."""
    if client.cycles:
        return client.cycles[-1]
    raise IssuesError([error("no-cycle-named", Place("cycles"), client=client.id)])


def latest_cycle(client: Client) -> str:
    """Return the cycle that is meant where none is named. IssuesError where none was filled in."""
    return latest(client).cycle
