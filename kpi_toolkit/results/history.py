"""The cycles before: means, everyone's scores and ratings, as they were closed or as their own design has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client, as_of, latest, read_cycle
from kpi_toolkit.clients.frozen import DELIVERIES, INPUTS, PEOPLE, SPELLS
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.tabular import read_people, read_table
from kpi_toolkit.method.checks import check_cycle
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.scheme import QuotaRule, TierScheme
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.tables import Tables, apart, rows_of
from kpi_toolkit.method.tiers import left_out
from kpi_toolkit.results.official import Worked, held_line, held_since, official_scores, results_of, work_out

HISTORY = 6


@dataclass(frozen=True)
class PastCycle:
    """Mean score and every person's score of an earlier cycle: the official ones where they are held fast.

    Lines and ratings (``again``) are for holding targets and appraisers of the design that is shown against it; its
    tables are read when one of them is asked for.
    """

    cycle: Cycle
    mean: Decimal
    scores: dict[str, Decimal]
    sizes: dict[str, int]
    """How many people each pool held."""
    tables: Tables | None = None
    """What it was scored from, where its scores still follow the client's design."""
    client: Client | None = None
    """Whose it is, with the design that is shown; None where nothing more is to be known of it."""
    read: tuple[Client, Tables] | None = None
    """The client as it was then, with the tables, where they were read for its scores; they do not travel with it."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "read": None}

    @cached_property
    def again(self) -> Again:
        """What its tables say under the design that is shown; nothing where they cannot be read any more."""
        try:
            return _again(self.client, *(self.read or _read(self.client, self.cycle))) if self.client else Again()
        except IssuesError:
            return Again()

    @cached_property
    def design(self) -> Design | None:
        """Its own design; None where it cannot be read any more."""
        try:
            return as_of(self.client, self.cycle.id).design if self.client else None
        except IssuesError:
            return None

    def reweighted(self, design: Design) -> tuple[tuple[Role, tuple[tuple[Indicator, Decimal, Decimal], ...]], ...]:
        """Return the roles that a design weighs otherwise, with those lines: what they weighed, what they weigh."""
        then, now = (each.as_agreed.roles if each else {} for each in (self.design, design))
        moved = ((role, tuple(_other_weights(then[name], role))) for name, role in now.items() if name in then)
        return tuple((role, lines) for role, lines in moved if lines)

    def line(self, person: str, indicator: str) -> IndicatorLine | None:
        """Return a person's line of an indicator, None where there was none."""
        return self._by_key.get((person, indicator))

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], IndicatorLine]:
        return {(line.person, line.id): line for line in self.again.lines}


def just_before(history: Sequence[PastCycle], period: Cycle) -> PastCycle | None:
    """Return the cycle right before one, None where there is none that could be scored."""
    return history[-1] if history and history[-1].cycle == period.previous else None


def _other_weights(before: Role, role: Role) -> Iterator[tuple[Indicator, Decimal, Decimal]]:
    """Go through the lines that weigh something else; one that was not there, or is no longer, weighs nothing."""
    was, now = ({item.id: item for item in each.indicators} for each in (before, role))
    for id_, item in (was | now).items():
        old, new = (held[id_].weight if id_ in held else Decimal(0) for held in (was, now))
        if old != new:
            yield item, old, new


def mean(values: list[Decimal]) -> Decimal | None:
    """Return the mean, rounded half up to two decimals; None of nothing.

    >>> mean([Decimal("90.00"), Decimal("90.01")])
    Decimal('90.01')
    """
    return half_up(Fraction(sum(values, Decimal(0))) / len(values), 2) if values else None


@dataclass(frozen=True, slots=True)
class Again:
    """What the tables of an earlier cycle say under the design that is shown."""

    lines: tuple[IndicatorLine, ...] = ()
    ratings: tuple[tuple[str, str, float], ...] = ()
    """(person, appraiser, mean view) of everybody who was appraised by somebody named."""
    mean: Decimal | None = None
    """None where the design that is shown is the cycle's own."""


def past_cycles(
    client: Client, period: Cycle, *, most: int | None = HISTORY - 1, at: str | None = None
) -> tuple[tuple[PastCycle, ...], tuple[str, ...]]:
    """Return earlier cycles of the same length, and the ids of those that cannot be scored.

    Once a cycle's figures are held fast, earlier ones are what they were at that moment: what is corrected of them
    later moves no tier of it, and its pages all compare with the same. ``at`` is another moment, blank for now.
    """
    earlier = [Cycle.parse(name) for name in client.cycles]
    same = [cycle for cycle in earlier if cycle.kind == period.kind and cycle < period]
    chosen = sorted(same)[-most if most else 0 :]
    moment = held_since(client.folder / "cycles" / period.id) if at is None else at
    found = {cycle.id: _past_cycle(client, cycle, moment) for cycle in chosen}
    return tuple(past for past in found.values() if past and past.scores), tuple(c for c, p in found.items() if not p)


def _past_cycle(client: Client, cycle: Cycle, at: str) -> PastCycle | None:
    """Return an earlier cycle; None where its tables cannot be read and its results are not held fast."""
    folder = client.folder / "cycles" / cycle.id
    line = held_line(folder, at)
    results = results_of(folder, line)
    if line and results:
        known = official_scores(results)
        sizes = {pool["id"]: pool["n"] for pool in results["pools"]}
        kept = folder / DELIVERIES / str(line.facts["delivery"]) / INPUTS
        try:
            return PastCycle(cycle, _mean_of(known, _apart_in(kept, client.design)), known, sizes, client=client)
        except IssuesError:
            return None
    try:
        then, tables = _read(client, cycle)
    except IssuesError:
        return None
    own = score_cycle(then.design, tables)
    return PastCycle(
        cycle, _mean_of(own.official, tables.apart), own.official, _sizes(own, then.design.tiers),
        tables=None if then.cycle else tables, client=client, read=(then, tables),
    )  # fmt: skip


def _read(client: Client, cycle: Cycle) -> tuple[Client, Tables]:
    """Return a client as it was in an earlier cycle, and its tables. Raises IssuesError."""
    then = as_of(client, cycle.id)
    return then, read_cycle(then, cycle.id, past=True)


def _apart_in(kept: Path, design: Design) -> Collection[str]:
    """Return of whom the inputs of a delivery say that they get no tier. Raises IssuesError."""
    if not (kept / SPELLS).is_file():
        return ()
    people, unread = read_people(kept / PEOPLE, PEOPLE, design)
    raise_errors(unread)
    spells, unread = read_table(kept / SPELLS, "spells", SPELLS, Roster(design, people))
    raise_errors(unread)
    return apart(spells)


def _mean_of(scores: Mapping[str, Decimal], without: Collection[str]) -> Decimal:
    """Return the mean of those who count: without whom it was decided to give no tier."""
    return mean([score for person, score in scores.items() if person not in without]) or Decimal(0)


def _again(client: Client, then: Client, tables: Tables) -> Again:
    """Return what the tables of an earlier cycle say under the design that is shown."""
    same = then.design.as_agreed == client.design.as_agreed
    design = then.design if same else _under(client.design, then.design)
    if not same and check_cycle(design, tables).errors:
        return Again(ratings=tuple(ratings_of(tables)))
    shown = score_cycle(design, tables)
    return Again(
        lines=tuple(line for own in shown.lines.values() for line in own), ratings=tuple(ratings_of(tables)),
        mean=None if same else _mean_of(shown.official, tables.apart),
    )  # fmt: skip


def _under(design: Design, then: Design) -> Design:
    """Return a design with the forms that another cycle put together of several roles, as they were then."""
    joined = {name: role for name, role in then.roles.items() if name not in then.as_agreed.roles}
    return design.model_copy(update={"roles": design.as_agreed.roles | joined}) if joined else design


def _sizes(scored: Scored, scheme: TierScheme) -> dict[str, int]:
    """Return how many people of each pool were ranked."""
    unranked = left_out(scored.scores.values(), scheme)
    return Counter(scheme.pool_of(own) for person, own in scored.scores.items() if person not in unranked)


def ratings_of(tables: Tables) -> Iterator[tuple[str, str, float]]:
    """Go through the mean view that each named appraiser gave each person."""
    manager = dict(zip(tables.people["id"], tables.people["manager"], strict=True))
    views = gathered(
        (row.person, float(row.appraiser))
        for row in rows_of(tables.actuals)
        if row.appraiser is not None and manager.get(row.person)
    )
    for person, own in views.items():
        yield person, manager[person], sum(own) / len(own)


def worked_after(
    client: Client, tables: Tables, period: Cycle, history: tuple[PastCycle, ...], at: str | None = None
) -> Worked:
    """Return a cycle worked out after those before it, of which the latest are given.

    Seats are carried over since the year began, however many cycles a reader is shown. Raises IssuesError where nobody
    is to be scored, or a decision of the meeting does not fit.
    """
    if tables.people.empty:
        raise IssuesError([error("no-people", Place(tables.file("people")))])
    last = just_before(history, period)
    if client.design.tiers.rule is QuotaRule.CARRY_OVER:
        found, _ = past_cycles(client, period, most=None, at=at)
        history = tuple(past for past in found if past.cycle.year == period.year)
    before = sum((Counter(past.sizes) for past in history), Counter[str]())
    return work_out(client.design, period, tables, last.scores if last else {}, before)


def planned_cycle(client: Client) -> str:
    """Return the cycle that a design is shown for: the latest that was opened. IssuesError where there is none."""
    if client.cycles:
        return client.cycles[-1]
    raise IssuesError([error("no-cycle-named", Place("cycles"), client=client.id)])


def latest_cycle(client: Client) -> str:
    """Return the cycle that is meant where none is named. IssuesError where none was filled in."""
    return latest(client).cycle
