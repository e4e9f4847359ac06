"""The lines that every face shows beside an indicator's: an adjustment, everybody's whole result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Design, Role
from kpi_toolkit.method.namesakes import with_superiors
from kpi_toolkit.method.numbers import MICRO, centi, deal, from_centi, half_up
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.method.tables import Tables, by_person, rows_of
from kpi_toolkit.method.tiers import Tiering
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.history import PastCycle, just_before

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLine:
    """One event of the plus/minus row."""

    date: date
    rule_id: str
    rule: Text
    points: Decimal
    reason: str
    approver_id: str
    """An id, or whatever was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person's result: score, rank, tier and what they are made of."""

    id: str
    name: str
    called: Text
    """The name, and where somebody else has the same one, what tells the two apart."""
    role_id: str
    role: Role
    team: str
    manager: Text | None
    """What the superior is called; as written where that is nobody of the list."""
    sum_micro: int
    """Score x weight of what counts, in millionths x hundredths; over :attr:`counted_centi` it is the own score."""
    counted_centi: int
    outside_micro: int
    """Points outside the weights, in millionths."""
    score: Decimal | None
    item_score: Decimal | None
    team_points: Decimal
    team_share: Decimal
    """How many of 100 points are the team's; 0 for whoever is in none."""
    adjustment: Decimal
    cap_cut: Decimal
    vetoed: bool
    """Whether a veto, and not the bounds alone, made ``cap_cut``."""
    pool: str
    """Empty for whoever is in none: pools are teams, and the team is blank."""
    gate_ids: tuple[str, ...]
    gates: tuple[Text, ...]
    """The vetoes that fell."""
    rank: int | None
    tier: Tier | None
    reason: str
    previous: Decimal | None
    lines: tuple[IndicatorLine, ...]
    adjustments: tuple[AdjustmentLine, ...]

    @property
    def change(self) -> Decimal | None:
        """Score minus the score of the cycle before."""
        return None if self.score is None or self.previous is None else self.score - self.previous

    @property
    def team_lost(self) -> Decimal:
        """Points that the team's result falls short of its part."""
        return max(Decimal(0), self.team_share - self.team_points)

    @property
    def lost(self) -> Decimal:
        """Points lost by indicators, the team and rules; 100 − score where nothing was gained beside."""
        return sum(self.lost_by.values(), self.team_lost + max(Decimal(0), -self.adjustment))

    @property
    def lost_by(self) -> dict[str, Decimal]:
        """Points lost by each indicator that fell short, dealt so that they add up to what the score is short of."""
        short = self.shortfalls
        parts = [max(line.short, Decimal(0)) for line in short]
        rests = [line.short for line in self.lines if line.counted and line.met]
        dealt = sum(rests, Decimal(0)) if all(abs(rest) < _CENT for rest in rests) else Decimal(0)  # with the points
        total = centi(half_up(sum(parts, dealt), 2))
        micro = [int(part * MICRO) for part in parts]
        cents = deal(total, [total * part for part in micro], sum(micro)) if sum(micro) else [0] * len(micro)
        return {line.id: from_centi(each) for line, each in zip(short, cents, strict=True)}

    @property
    def strengths(self) -> tuple[IndicatorLine, ...]:
        """What was fully reached, heaviest first (S002, S171)."""
        whole = [line for line in self.lines if line.counted and line.met]
        return tuple(sorted(whole, key=lambda line: line.weight, reverse=True))

    @property
    def shortfalls(self) -> tuple[IndicatorLine, ...]:
        """What fell short, most points lost first (S002, S171)."""
        short = [line for line in self.lines if line.counted and not line.met]
        return tuple(sorted(short, key=lambda line: line.lost, reverse=True))


def person_json(line: PersonLine) -> dict[str, Any]:
    """Return a person's result as plain data."""
    return picked(
        line,
        "id name role=role_id team score sum_micro counted_centi outside_micro rank tier reason item_score team_points "
        "gates=gate_ids cap_cut",
        pool=line.pool or None, method=line.role.method, level=None,
        indicators=[
            picked(
                item, "id weight target actual attainment score score_micro points state self appraiser others",
                weight_centi=centi(item.weight), basis=item.indicator.basis,
                **({} if item.part is None else picked(item, "part whole")),
                **({} if item.parts is None else picked(item, "parts")),
            )
            for item in line.lines
        ],
        adjustments=[picked(own, "date rule=rule_id points reason approver=approver_id") for own in line.adjustments],
    )  # fmt: skip


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
            vetoed=row.vetoed,
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
