"""The lines that every face shows: an indicator of a person's form, an adjustment, a person's whole result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.curves import Gate
from kpi_toolkit.method.model import Basis, Indicator, Role, Tier
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, half_up
from kpi_toolkit.method.scoring import counts
from kpi_toolkit.method.value import Text

_FULL_SCORE = 100
_MOST_PLACES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine:
    """One line of a person's monthly form, scored."""

    indicator: Indicator
    target: Decimal | None
    actual: Decimal | None
    self: Decimal | None
    appraiser: Decimal | None
    others: Decimal | None
    attainment: Decimal | None
    state: str
    score: Decimal | None
    score_micro: int | None
    """The score as it counts, in millionths; :attr:`score` is what is printed of it."""
    points: Decimal | None
    share: Decimal | None
    """What of 100 points the line stands for, after what is missing was shared out."""
    text: str
    deadline: str
    note: str

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.indicator.id

    @property
    def weight(self) -> Decimal:
        """The planned points."""
        return self.indicator.weight

    @property
    def lost(self) -> Decimal:
        """Points short of what it could earn at a full score; 0 for over-fulfilment."""
        short = (self.share or Decimal(0)) - (self.points or Decimal(0))
        return max(Decimal("0.00"), half_up(Fraction(short), 2))

    @property
    def operands(self) -> tuple[Decimal, Decimal, bool] | None:
        """The score and the share with the fewest decimals that multiply to the printed points, and whether any do.

        Points are dealt so that the column adds up, which moves a few of them by 0.01 from their product.
        """
        if self.score_micro is None or self.share is None or self.points is None:
            return None
        for places in range(1, _MOST_PLACES + 1):
            score, share = self._factors(places)
            if half_up(Fraction(score) * Fraction(share) / _FULL_SCORE, 2) == self.points:
                return score, share, True
        return *self._factors(2), False

    def _factors(self, places: int) -> tuple[Decimal, Decimal]:
        return half_up(Fraction(self.score_micro or 0, MICRO), places), half_up(Fraction(self.share or 0), places)

    @property
    def counted(self) -> bool:
        """Whether it takes part in the score."""
        return counts(self.state)

    @property
    def met(self) -> bool:
        """Whether it earned the full score."""
        return self.score is not None and self.score >= _FULL_SCORE

    @property
    def passes_from(self) -> Decimal | None:
        """The actual from which on a veto without a weight is passed; None where it is read off something else."""
        curve, item = self.indicator.curve, self.indicator
        if not isinstance(curve, Gate) or item.basis is not Basis.ACTUAL:
            return None
        exact = curve.actual_at(Fraction(curve.at), Fraction(self.target or 0), item.scored_direction)
        return None if exact is None else half_up(exact, 2).normalize() + 0

    @property
    def gap(self) -> Decimal | None:
        """Self minus appraiser, in points of per cent (S158)."""
        return None if self.self is None or self.appraiser is None else self.self - self.appraiser


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
        return sum((line.lost for line in self.shortfalls), self.team_lost + max(Decimal(0), -self.adjustment))

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


def indicator_line(
    indicator: Indicator,
    row: Any,
    goal: Any,
    notes: dict[tuple[str, str], str],
    counted_weight: int,
    own_share: Decimal = Decimal(1),
) -> IndicatorLine:
    """Return the line of one scored indicator (a row of ``score_indicators``) with this cycle's goal and note."""
    scored = counts(row.state)
    micro = int(row.score_micro) if scored or row.state in {"added", "gate"} else None
    return IndicatorLine(
        indicator=indicator,
        target=row.target,
        actual=row.actual,
        self=row.self,
        appraiser=row.appraiser,
        others=row.others,
        attainment=row.attainment,
        state=row.state,
        score=None if micro is None else half_up(Fraction(micro, MICRO), 2),
        score_micro=micro,
        points=row.points,
        share=half_up(Fraction(own_share * indicator.weight * 100 * CENTI) / counted_weight, 6) if scored else None,
        text=goal.text if goal else "",
        deadline=goal.deadline if goal else "",
        note=notes.get((row.person, indicator.id), ""),
    )


def plain(value: Any) -> Any:
    """Return a value as JSON writes it: decimals of at most 15 digits survive the way through a float unharmed."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def person_json(line: PersonLine) -> dict[str, Any]:
    """Return a person's result as plain data."""
    return {
        "id": line.id, "name": line.name, "role": line.role_id, "team": line.team, "pool": line.pool or None,
        "method": line.role.method.value, "score": plain(line.score), "sum_micro": line.sum_micro,
        "counted_centi": line.counted_centi, "outside_micro": line.outside_micro, "rank": line.rank,
        "tier": line.tier.value if line.tier else None, "level": None, "reason": line.reason,
        "item_score": plain(line.item_score), "team_points": plain(line.team_points),
        "gates": list(line.gate_ids), "cap_cut": plain(line.cap_cut),
        "indicators": [
            {
                "id": item.id, "weight": plain(item.weight), "weight_centi": centi(item.weight),
                "target": plain(item.target), "actual": plain(item.actual), "attainment": plain(item.attainment),
                "score": plain(item.score), "score_micro": item.score_micro,
                "points": plain(item.points), "state": item.state, "basis": item.indicator.basis.value,
                "self": plain(item.self), "appraiser": plain(item.appraiser), "others": plain(item.others),
            }
            for item in line.lines
        ],
        "adjustments": [
            {"date": a.date.isoformat(), "rule": a.rule_id, "points": plain(a.points), "reason": a.reason,
             "approver": a.approver_id}
            for a in line.adjustments
        ],
    }  # fmt: skip
