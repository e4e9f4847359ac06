"""Everybody's result in a cycle as lines that every face shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any

import pandas as pd

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Design, Tier
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.tiers import Tiering
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.history import PastCycle
from kpi_toolkit.results.lines import AdjustmentLine, PersonLine, indicator_line


def people_lines(
    design: Design,
    tables: Tables,
    indicators: pd.DataFrame,
    scores: pd.DataFrame,
    tiering: Tiering,
    history: tuple[PastCycle, ...],
    period: Cycle,
) -> Iterator[PersonLine]:
    """Go through everybody in the order of ``people.csv``: score, place, indicators and adjustments, with names."""
    placed = {row.person: row for row in rows_of(tiering.table)}
    score_of = {row.person: row for row in rows_of(scores)}
    goals = {(row.person, row.indicator): row for row in rows_of(tables.goals)}
    notes = {(row.person, row.indicator): row.note for row in rows_of(tables.actuals)}
    before = history[-1].scores if history and history[-1].cycle == period.previous else {}
    rules = {rule.id: rule.name for rule in design.adjustments.rules}
    names = names_of(tables.people, design.roles)
    items, events = _by_person(rows_of(indicators)), _by_person(sorted(rows_of(tables.adjustments), key=_date))
    for person in rows_of(tables.people):
        role, row, place = design.roles[person.role], score_of[person.id], placed[person.id]
        own = {item.id: item for item in role.indicators}
        yield PersonLine(
            id=person.id,
            name=person.name,
            called=names[person.id],
            role_id=person.role,
            role=role,
            team=person.team,
            manager=names.get(person.manager) or (_as_written(person.manager) if person.manager else None),
            score=row.score,
            item_score=row.item_score,
            team_points=row.team_points,
            team_share=design.team_share if row.team_points else Decimal(0),
            sum_micro=int(row.sum_micro),
            counted_centi=int(row.counted_weight),
            outside_micro=sum(int(item.score_micro) for item in items.get(person.id, ()) if item.state == "added"),
            gate_ids=row.gates,
            gates=tuple(own[gate].name for gate in row.gates),
            adjustment=row.adjustment,
            cap_cut=row.cap_cut,
            pool=place.pool or "",
            rank=place.rank,
            tier=Tier(place.tier) if place.tier else None,
            reason=place.reason,
            previous=before.get(person.id),
            lines=tuple(
                indicator_line(
                    own[item.indicator], item, goals.get((person.id, item.indicator)), notes, row.counted_weight,
                    1 - design.team_share / 100,
                )
                for item in items.get(person.id, ())
            ),
            adjustments=tuple(
                AdjustmentLine(
                    date=event.date, rule_id=event.rule, rule=rules.get(event.rule, Text(zh=event.rule, en=event.rule)),
                    points=event.points, reason=event.reason, approver_id=event.approver,
                )
                for event in events.get(person.id, ())
            ),
        )  # fmt: skip


_date = attrgetter("date")


def _as_written(name: str) -> Text:
    return Text(zh=name, en=name)


def _by_person(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.person, []).append(row)
    return found
