"""The lines that every face shows beside an indicator's: an adjustment, a person's whole result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Role, Tier
from kpi_toolkit.method.numbers import MICRO, centi, deal, from_centi, half_up
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.value import Text

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
        return tuple(
            sorted(
                (line for line in self.lines if line.counted and line.met), key=lambda line: line.weight, reverse=True
            )
        )

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
