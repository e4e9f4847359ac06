"""What a scenario results in, and how two outcomes differ: the same tables under a changed design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import FULL, centi, deal, from_centi
from kpi_toolkit.method.scenario import Scenario, changed_design, scaled
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.tables import Tables, roles_of, rows_of
from kpi_toolkit.method.tiers import Tiering, apply_standing, assign_tiers

if TYPE_CHECKING:
    from pandas import DataFrame

_Part = tuple[int, Fraction]
"""Points in hundredths, and the share of the weight that counted."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What every scenario of a cycle is worked out from."""

    design: Design
    tables: Tables
    previous: Mapping[str, Decimal] = field(default_factory=dict)
    """Scores of the cycle before, for ties."""
    past: Tables | None = None
    """The tables of the cycle before, which a scenario scores by its own design, as adopting it will."""
    before: Mapping[str, int] = field(default_factory=dict)
    """How many people each pool held in earlier cycles, for the carry-over rule."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Scored indicators, official scores, and tiers: worked out, and after the meeting's decisions that still hold."""

    design: Design
    scored: Scored
    worked_out: Tiering
    tiering: Tiering
    overturned: tuple[str, ...]
    """Whose decision does not hold, because another tier is worked out than it starts from."""

    @property
    def indicators(self) -> DataFrame:
        """The scored indicators as a table."""
        return self.scored.to_frame()

    @property
    def scores(self) -> DataFrame:
        """The official scores as a table."""
        return self.scored.scores_to_frame()


def outcome(basis: Basis, scenario: Scenario | None = None) -> Outcome:
    """Return what a scenario comes to; without one, what was agreed."""
    design, tables = basis.design, basis.tables
    if scenario is not None:
        design, tables = changed_design(design, scenario), _with_targets(tables, scenario)
    previous = basis.previous if scenario is None else _previous(basis, design)
    scored = score_cycle(design, tables, previous=previous)
    worked_out = assign_tiers(scored.scores.values(), design.tiers, before=basis.before)
    tiering, overturned = apply_standing(worked_out, tables.calibration, design.tiers)
    return Outcome(design=design, scored=scored, worked_out=worked_out, tiering=tiering, overturned=overturned)


def _previous(basis: Basis, design: Design) -> Mapping[str, Decimal]:
    """Return the scores of the cycle before under a design; its own targets stay as they were agreed."""
    if basis.past is None or "previous" not in design.tiers.tie_break:
        return basis.previous
    return score_cycle(design, basis.past).official


@dataclass(frozen=True, slots=True)
class KeptTarget:
    """A target that was agreed with a person for this cycle: adopting a scenario moves the design's, never this one."""

    person: str
    indicator: str
    target: Decimal


def kept_targets(tables: Tables, scenario: Scenario) -> tuple[KeptTarget, ...]:
    """Return the targets of ``goals.csv`` that a scenario moves as a question and that stay when it is adopted."""
    role = roles_of(tables.people)
    moved = {(name, item) for name, own in scenario.targets.items() for item, share in own.items() if share != FULL}
    return tuple(
        KeptTarget(row.person, row.indicator, row.target)
        for row in rows_of(tables.goals)
        if row.target is not None
        and (role.get(row.person), row.indicator) in moved
        and (row.person, row.indicator) not in tables.follows
    )


def _with_targets(tables: Tables, scenario: Scenario) -> Tables:
    """Return the tables with this cycle's own targets moved as the scenario moves the design's."""
    if not scenario.targets or tables.goals.empty:
        return tables
    role = roles_of(tables.people)
    moved = [
        scaled(row.target, scenario.targets.get(role.get(row.person, ""), {}).get(row.indicator, Decimal(100)))
        for row in rows_of(tables.goals)
    ]
    goals = tables.goals.assign(target=moved)
    return replace(tables, goals=goals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One person in two outcomes; ``by`` is the indicator that did most to the score, None where none did anything."""

    person: str
    score: tuple[Decimal | None, Decimal | None]
    rank: tuple[int | None, int | None]
    tier: tuple[Tier | None, Tier | None]
    decided: tuple[Tier | None, Tier | None]
    """The tier before the meeting, where a decision of the meeting holds."""
    by: str | None
    points: Decimal
    """What it did: the points it brings more, less what the weight it took or gave would have brought at the person's
    own score before. Over all indicators that sums to the change of the score."""

    @property
    def crossed(self) -> bool:
        """Whether the tier is another one."""
        return self.tier[0] != self.tier[1]


def compare(first: Outcome, second: Outcome) -> tuple[Moved, ...]:
    """Return everybody whose score, rank or tier differs: who crossed a cut first, then by how far the rank moved."""
    one, two = _placed(first), _placed(second)
    sides = [_points(first), _points(second)]
    found = []
    for person, before in one.items():
        after = two[person]
        if before == after:
            continue
        changes = _effects(*(side.get(person, {}) for side in sides))
        way = sum(changes.values(), Decimal(0))  # what moved a score is what moved it most in its own direction
        by = max(changes, key=lambda name: changes[name] * way if way else abs(changes[name]), default=None)
        if by is not None and not changes[by]:
            by = None
        score, rank, tier, decided = zip(before, after, strict=True)
        points = changes[by] if by else Decimal(0)
        found.append(Moved(person=person, score=score, rank=rank, tier=tier, decided=decided, by=by, points=points))
    return tuple(sorted(found, key=lambda m: (not m.crossed, -abs((m.rank[0] or 0) - (m.rank[1] or 0)))))


def _placed(found: Outcome) -> dict[str, tuple[Any, Any, Any, Any]]:
    return {
        person: (
            place.score, place.rank, place.tier,
            found.worked_out.places[person].tier if place.reason == "calibrated" else None,
        )
        for person, place in found.tiering.places.items()
    }  # fmt: skip


def _effects(before: Mapping[str, _Part], after: Mapping[str, _Part]) -> dict[str, Decimal]:
    """Return what each indicator did to a score, in points: more weight on what lies below the own score pulls down.

    Hundredths are dealt (largest remainder), so that the effects sum to the change of the points exactly.
    """
    names = list({**before, **after})
    old, new = ([side.get(name, (0, Fraction(0))) for name in names] for side in (before, after))
    score = sum(points for points, _ in old)
    exact = [new[at][0] - old[at][0] - (new[at][1] - old[at][1]) * score for at in range(len(names))]
    under = lcm(*(part.denominator for part in exact))
    dealt = deal(int(sum(exact)), [int(part * under) for part in exact], under)
    return dict(zip(names, map(from_centi, dealt), strict=True))


def _points(found: Outcome) -> dict[str, dict[str, _Part]]:
    """Return by person and indicator the points and the share of the weight that counted."""
    return {
        person: {
            line.id: (
                centi(line.points or Decimal(0)),
                Fraction(centi(line.weight), found.scored.results[person].weight) if line.counted else Fraction(0),
            )
            for line in own
        }
        for person, own in found.scored.lines.items()
    }
