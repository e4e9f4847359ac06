"""Everybody's result in a cycle as lines that every face shows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.namesakes import with_superiors
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.method.tables import Tables, by_person, rows_of
from kpi_toolkit.method.tiers import Tiering
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.history import PastCycle, just_before
from kpi_toolkit.results.lines import AdjustmentLine, PersonLine


def people_lines(
    design: Design, tables: Tables, scored: Scored, tiering: Tiering, history: tuple[PastCycle, ...], period: Cycle
) -> Iterator[PersonLine]:
    """Go through everybody in the order of ``people.csv``: score, place, indicators and adjustments, with names."""
    last = just_before(history, period)
    rules = {rule.id: rule.name for rule in design.adjustments.rules}
    names = with_superiors(tables.people, design.roles)
    events = by_person(sorted(rows_of(tables.adjustments), key=attrgetter("date")))
    for person in rows_of(tables.people):
        role, row, place = design.roles[person.role], scored.scores[person.id], tiering.places[person.id]
        own = {item.id: item for item in role.indicators}
        yield PersonLine(
            id=person.id, name=person.name, called=names[person.id], role_id=person.role, role=role, team=person.team,
            manager=names.get(person.manager),
            score=row.score, item_score=row.item_score, adjustment=row.adjustment, cap_cut=row.cap_cut,
            team_points=row.team_points, team_share=design.team_share if row.team_points else Decimal(0),
            sum_micro=row.sum_micro, counted_centi=row.counted_weight,
            outside_micro=sum(scored.results[person.id].added),
            gate_ids=row.gates, gates=tuple(own[gate].name for gate in row.gates),
            pool=place.pool or "", rank=place.rank, tier=place.tier, reason=place.reason,
            previous=last.scores.get(person.id) if last else None, lines=scored.lines[person.id],
            adjustments=tuple(
                AdjustmentLine(
                    date=event.date, rule_id=event.rule, rule=rules.get(event.rule, Text.of(event.rule)),
                    points=event.points, reason=event.reason, approver_id=event.approver,
                )
                for event in events.get(person.id, ())
            ),
        )  # fmt: skip
