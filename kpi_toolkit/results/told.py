"""What people were told, cycle after cycle: every line of every form, and the mean of a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpi_toolkit.clients.client import Client, as_of, inspect_cycle
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.numbers import from_centi
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import Table
from kpi_toolkit.results.history import mean, past_cycles
from kpi_toolkit.results.official import held_since, official

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("cycle", "person", "indicator", "weight", "target", "self", "appraiser", "actual", "points", "closed")


def told(client: Client) -> DataFrame:
    """Return every line of every form of a client, oldest cycle first: one row a cycle, person and indicator.

    Columns are :data:`COLUMNS`; weight and points are of 100, views per cent. ``closed``: the results are held fast and
    come from the cycle's ``results.json``; of other cycles its own design scores them, and those that cannot be read
    are left out.
    """
    return told_in(client, client.cycles).to_frame()


def told_in(client: Client, cycles: Iterable[str]) -> Table:
    """Return every line of every form of these cycles."""
    return Table.of(COLUMNS, [row for cycle in cycles for row in _rows(client, cycle)])


def _rows(client: Client, cycle: str) -> Iterator[tuple[Any, ...]]:
    held = official(client.folder / "cycles" / cycle)
    if held is not None:
        for person in held["people"]:
            for line in person["indicators"]:
                said = (line[name] for name in ("target", "self", "appraiser", "actual"))
                views = tuple(None if text is None else Decimal(text) for text in said)
                points = None if line["points_centi"] is None else from_centi(line["points_centi"])
                yield (cycle, person["id"], line["id"], from_centi(line["weight_centi"]), *views, points, True)
        return
    tables, issues = inspect_cycle(client, cycle, past=True)
    for own in score_cycle(as_of(client, cycle).design, tables).lines.values() if not issues.blocking else ():
        for item in own:
            own_views = (item.target, item.self, item.appraiser, item.actual)
            yield (cycle, item.person, item.id, item.weight, *own_views, item.points, False)


@dataclass(frozen=True, slots=True)
class Year:
    """A person's months of one year so far."""

    scores: Mapping[Cycle, Decimal]
    mean: Decimal
    """The year's total: the mean of its months (S133), two decimals."""


def year_so_far(client: Client, cycle: Cycle, now: Mapping[str, Decimal]) -> dict[str, Year]:
    """Return everybody's months of the cycle's year up to it; ``now`` are its own scores. Empty for other cycles."""
    if cycle.months != 1:
        return {}
    past, _ = past_cycles(client, cycle, most=cycle.first_day.month - 1)
    months = {each.cycle: each.scores for each in past if each.cycle.year == cycle.year} | {cycle: now}
    people = dict.fromkeys(person for scores in months.values() for person in scores)
    own = {who: {month: scores[who] for month, scores in months.items() if who in scores} for who in people}
    return {who: Year(scores, mean(list(scores.values())) or Decimal(0)) for who, scores in own.items()}


def leading(year: Mapping[str, Year]) -> tuple[str, ...]:
    """Return who has the highest mean of those with all months, equals side by side (S217)."""
    most = max((len(each.scores) for each in year.values()), default=0)
    means = {who: each.mean for who, each in year.items() if len(each.scores) == most}
    return tuple(who for who, own in means.items() if own == max(means.values()))


def top_in_a_row(client: Client, cycle: Cycle, now: Iterable[str]) -> dict[str, int]:
    """Return how many cycles in a row, as they are held fast, each of ``now`` was in the top tier, up to this one.

    This one counts once it is held fast as well. An earlier one that is not, or in which somebody had another tier or
    none, ends the row.
    """
    moment = held_since(client.folder / "cycles" / cycle.id)
    rows = dict.fromkeys(now, int(bool(moment)))
    on = set(rows)
    before = [each for each in map(Cycle.parse, client.cycles) if each.last_day < cycle.first_day]
    for each in sorted((one for one in before if one.kind == cycle.kind), key=lambda one: one.last_day, reverse=True):
        held = official(client.folder / "cycles" / each.id, moment) if on else None
        on &= {person["id"] for person in (held or {"people": ()})["people"] if person["tier"] == Tier.TOP}
        for person in on:
            rows[person] += 1
    return rows
