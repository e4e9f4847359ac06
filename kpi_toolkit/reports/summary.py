"""The one summary of a client's cycle: all that a report, a terminal table or a JSON file may show, nothing of how.

All faces (charts, tables, words, notebook, JSON) read this; none computes anything a reader could dispute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from kpi_toolkit.clients.client import Client, has_actuals, inspect_cycle, read_cycle
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.model import Design, Missing, Profile, Role
from kpi_toolkit.method.scoring import score_indicators, score_people
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.tiers import Pool, Quotas, Tier, Tiering, assign_tiers, tier_quotas
from kpi_toolkit.method.value import Text
from kpi_toolkit.reports.lines import AdjustmentLine, IndicatorLine, PersonLine, indicator_line, person_json, plain
from kpi_toolkit.whatif.cuts import Alternative, compare_cuts, compare_missing
from kpi_toolkit.whatif.lift import Lift, lift_of

HISTORY = 6
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PastCycle:
    """Mean score and every person's score of an earlier cycle, under today's design."""

    cycle: Cycle
    mean: Decimal
    scores: dict[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class CycleSummary:
    """All of one client's cycle."""

    client_id: str
    profile: Profile
    design: Design
    cycle: Cycle
    people: tuple[PersonLine, ...]
    pools: tuple[Pool, ...]
    quotas: Quotas
    alternatives: tuple[Alternative, ...]
    missing_alternatives: tuple[Alternative, ...]
    history: tuple[PastCycle, ...]
    left_out: tuple[str, ...]
    _tables: Tables
    _scores: pd.DataFrame
    _indicators: pd.DataFrame
    _tiering: Tiering

    def person(self, person: str) -> PersonLine:
        """Return one person's line; KeyError where there is none."""
        return self._by_id[person]

    def names(self, people: Iterable[str]) -> list[str]:
        """Return the names of these people."""
        return [self._by_id[person].name for person in people]

    @cached_property
    def _by_id(self) -> dict[str, PersonLine]:
        return {line.id: line for line in self.people}

    @cached_property
    def ranking(self) -> tuple[PersonLine, ...]:
        """Everyone with a score, best first; equals as they stand in ``people.csv``."""
        return tuple(sorted((p for p in self.people if p.score is not None), key=lambda p: p.score or 0, reverse=True))

    @cached_property
    def unscored(self) -> tuple[PersonLine, ...]:
        """Everyone without a score."""
        return tuple(line for line in self.people if line.score is None)

    @cached_property
    def mean(self) -> Decimal | None:
        """The mean official score, two decimals."""
        return mean([line.score for line in self.ranking if line.score is not None])

    @property
    def previous_mean(self) -> Decimal | None:
        """The mean of the cycle before, None where there is none."""
        return self.history[-1].mean if self.history and self.history[-1].cycle == self.cycle.previous else None

    @cached_property
    def counts(self) -> Quotas:
        """How many people are in each tier, over all pools."""
        dealt = Counter(line.tier for line in self.people)
        return Quotas(*(dealt[tier] for tier in Tier))

    def tier(self, name: str) -> tuple[PersonLine, ...]:
        """Return the people of a tier, best first."""
        return tuple(line for line in self.ranking if line.tier == name)

    @cached_property
    def met(self) -> tuple[int, int]:
        """How many scored indicators were fully reached, and how many there are."""
        scored = [line for person in self.people for line in person.lines if line.state == "scored"]
        return sum(line.met for line in scored), len(scored)

    @cached_property
    def missing(self) -> tuple[tuple[PersonLine, IndicatorLine], ...]:
        """Every indicator whose actual is missing, by person."""
        return tuple((p, line) for p in self.people for line in p.lines if line.state in {"missing", "filled"})

    @cached_property
    def adjustments(self) -> tuple[tuple[PersonLine, AdjustmentLine], ...]:
        """Every event of the plus/minus row with its person, by date."""
        found = [(p, event) for p in self.people for event in p.adjustments]
        return tuple(sorted(found, key=lambda pair: pair[1].date))

    def why_untiered(self, line: PersonLine) -> Text | None:
        """Return the reason given for a person's exemption, None where there is none."""
        return next((entry.reason for entry in self.design.tiers.exempt if entry.person == line.id), None)

    @cached_property
    def gaps(self) -> tuple[tuple[PersonLine, IndicatorLine], ...]:
        """Where self and appraiser part, widest first (S158)."""
        found = [(p, line) for p in self.people for line in p.lines if line.gap]
        return tuple(sorted(found, key=lambda pair: abs(pair[1].gap or Decimal(0)), reverse=True))

    @cached_property
    def roles(self) -> tuple[tuple[Role, tuple[PersonLine, ...]], ...]:
        """The roles that people hold, in the design's order, each with its people, best first."""
        order = {line.id: place for place, line in enumerate(self.ranking)}
        groups = [
            (
                role,
                tuple(sorted((p for p in self.people if p.role_id == name), key=lambda p: order.get(p.id, len(order)))),
            )
            for name, role in self.design.roles.items()
        ]
        return tuple((role, people) for role, people in groups if people)

    @property
    def cuts(self) -> Iterator[tuple[PersonLine, PersonLine]]:
        """Neighbours in the ranking of a single pool whose tiers differ: the last above a cut, the first below."""
        tiered = [line for line in self.ranking if line.tier]
        for above, below in pairwise(tiered):
            if above.pool == below.pool and above.tier != below.tier:
                yield above, below

    def lift(self, person: str) -> Lift | None:
        """Return what would lift a person into the next tier."""
        return lift_of(
            person, design=self.design, scores=self._scores, indicators=self._indicators, tiering=self._tiering
        )

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain data: the contract of ``kpi score --json``."""
        return {
            "client": self.client_id,
            "cycle": self.cycle.id,
            "people": [person_json(line) for line in self.people],
            "pools": [
                {
                    "id": pool.id, "n": pool.n, "quotas": pool.quotas.as_dict(), "counts": pool.counts.as_dict(),
                    "advisory": pool.advisory,
                    "notes": [{"code": note.code, **{k: plain(v) for k, v in note.values}} for note in pool.notes],
                }
                for pool in self.pools
            ],
            "quotas": self.quotas.as_dict(),
            "policy": {
                "missing": self.design.missing.value,
                "item_cap": plain(self.design.item_cap),
                "total_cap": plain(self.design.total_cap),
                "shares": [plain(share) for share in self.design.tiers.shares],
                "rule": self.design.tiers.rule.value,
                "pool": self.design.tiers.pool.value,
                "min_group": self.design.tiers.min_group,
                "pass_line": plain(self.design.tiers.pass_line),
                "design_version": self.design.version,
            },
        }  # fmt: skip


def mean(values: list[Decimal]) -> Decimal | None:
    """Return the mean, rounded half up to two decimals; None of nothing.

    >>> mean([Decimal("90.00"), Decimal("90.01")])
    Decimal('90.01')
    """
    return (sum(values, Decimal(0)) / len(values)).quantize(_HUNDREDTH, ROUND_HALF_UP) if values else None


def summarize_cycle(client: Client, cycle: str) -> CycleSummary:
    """Return the summary of a client's cycle.

    Raises IssuesError listing everything in the client's files that keeps the cycle from being scored.
    """
    tables = read_cycle(client, cycle)
    design, period = client.design, Cycle.parse(cycle)
    if tables.people.empty:
        raise IssuesError([error("no-people", Place("people.csv"))])
    indicators = score_indicators(design, tables)
    scores = score_people(design, tables, indicators=indicators)
    tiering = assign_tiers(scores, design.tiers)
    history, left_out = _history(client, period)
    n = sum(pool.n for pool in tiering.pools)
    return CycleSummary(
        client_id=client.id,
        profile=client.profile,
        design=design,
        cycle=period,
        people=tuple(_people(design, tables, indicators, scores, tiering, history, period)),
        pools=tiering.pools,
        quotas=tier_quotas(n, design.tiers.shares, design.tiers.rule),
        alternatives=compare_cuts(scores, design.tiers, tiering),
        missing_alternatives=compare_missing(design, tables, tiering) if design.missing is not Missing.REFUSE else (),
        history=history,
        left_out=left_out,
        _tables=tables,
        _scores=scores,
        _indicators=indicators,
        _tiering=tiering,
    )


def _history(client: Client, period: Cycle) -> tuple[tuple[PastCycle, ...], tuple[str, ...]]:
    """Return earlier cycles of the same length under today's design, and the ids of those that cannot be scored."""
    earlier = [Cycle.parse(name) for name in client.cycles]
    same = [cycle for cycle in earlier if cycle.months == period.months and cycle < period]
    found, left_out = [], []
    for cycle in sorted(same)[-HISTORY + 1 :]:
        tables, issues = inspect_cycle(client, cycle.id)
        if issues.errors:
            left_out.append(cycle.id)
            continue
        scores = score_people(client.design, tables)
        known = {p: s for p, s in zip(scores["person"], scores["score"], strict=True) if s is not None}
        average = mean(list(known.values()))
        if average is not None:
            found.append(PastCycle(cycle, average, known))
    return tuple(found), tuple(left_out)


def _people(
    design: Design,
    tables: Tables,
    indicators: pd.DataFrame,
    scores: pd.DataFrame,
    tiering: Tiering,
    history: tuple[PastCycle, ...],
    period: Cycle,
) -> Iterator[PersonLine]:
    placed = {row.person: row for row in rows_of(tiering.table)}
    score_of = {row.person: row for row in rows_of(scores)}
    goals = {(row.person, row.indicator): row for row in rows_of(tables.goals)}
    notes = {(row.person, row.indicator): row.note for row in rows_of(tables.actuals)}
    before = history[-1].scores if history and history[-1].cycle == period.previous else {}
    rules = {rule.id: rule.name for rule in design.adjustments.rules}
    names = dict(zip(tables.people["id"], tables.people["name"], strict=True))
    for person in rows_of(tables.people):
        role, row, place = design.roles[person.role], score_of[person.id], placed[person.id]
        events = tables.adjustments[tables.adjustments["person"] == person.id]
        own = {item.id: item for item in role.indicators}
        yield PersonLine(
            id=person.id,
            name=person.name,
            role_id=person.role,
            role=role,
            team=person.team,
            manager=names.get(person.manager, person.manager or ""),
            score=row.score,
            item_score=row.item_score,
            adjustment=row.adjustment,
            cap_cut=row.cap_cut,
            pool=place.pool,
            rank=place.rank,
            tier=Tier(place.tier) if place.tier else None,
            reason=place.reason,
            previous=before.get(person.id),
            lines=tuple(
                indicator_line(
                    own[item.indicator], item, goals.get((person.id, item.indicator)), notes, row.counted_weight
                )
                for item in rows_of(indicators[indicators["person"] == person.id])
            ),
            adjustments=tuple(
                AdjustmentLine(
                    date=event.date, rule=rules.get(event.rule, Text(zh=event.rule, en=event.rule)),
                    points=event.points, reason=event.reason, approver=names.get(event.approver, event.approver),
                )
                for event in events.sort_values("date").itertuples()
            ),
        )  # fmt: skip


def latest_cycle(client: Client) -> str:
    """Return the client's latest cycle with actuals. IssuesError where there is none."""
    for cycle in reversed(client.cycles):
        if has_actuals(client, cycle):
            return cycle
    raise IssuesError([error("no-cycle-yet", Place("cycles"), client=client.id)])
