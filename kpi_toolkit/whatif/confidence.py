"""How firm each tier is: uncertainty of weights and of measurement, kept apart, and what would tip it.

Works on unrounded totals (decision 14). A tier that rests on a tie, a tie-break or the rounding is never called firm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.lines import counts
from kpi_toolkit.method.model import Aggregation, Design, Role, Tier
from kpi_toolkit.method.numbers import MICRO
from kpi_toolkit.method.result import Result
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.method.statements import bounds_of
from kpi_toolkit.method.tiers import Placed, Pool, Tiering
from kpi_toolkit.whatif.acceptability import tier_acceptability
from kpi_toolkit.whatif.reliability import Placement, placement, spearman_brown, tier_chances
from kpi_toolkit.whatif.stability import (
    LEAST_PEOPLE,
    Flip,
    effective_weights,
    redundancy,
    smallest_flip,
    tier_intervals,
    tier_of_rank,
)
from kpi_toolkit.whatif.weights import DRAWS, around, generator, ordinal, uniform, within

Floats = npt.NDArray[np.float64]
FIRM, OPEN = 0.9, 0.6
_RESTS_ON = {
    **dict.fromkeys(("tie_shared", "tie_lowered", "tie_too_many", "tie_break"), "tie"),
    "gate": "veto", "pass_line": "pass_line", "calibrated": "decision",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonConfidence:
    """How firm one person's tier is. Shares are in the order top, middle, bottom."""

    person: str
    weights: tuple[float, float, float]
    """How often each tier came out when the weights were drawn."""
    measurement: tuple[float, float, float]
    """The chances of truly standing in each tier, given how reliable a rating is."""
    label: str
    """``firm`` (own tier in 90 of 100), ``likely`` (60) or ``open``."""
    rests_on: str
    """``tie``, ``rounding``, ``veto``, ``pass_line`` or ``decision`` where one of them decides, else empty."""
    narrowest: tuple[str, float, float] | None
    """The indicator whose weight decides soonest, and between which weights (of 100) the tier holds."""

    @property
    def shares(self) -> dict[str, float]:
        """The shares under open weights, by tier name."""
        return dict(zip((tier.value for tier in Tier), self.weights, strict=True))

    @property
    def measured(self) -> dict[str, float]:
        """The chances of truly standing in each tier, by tier name."""
        return dict(zip((tier.value for tier in Tier), self.measurement, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """The smallest shift of weight in a pool that changes who is in which tier."""

    pool: str
    role: str
    up: str
    down: str
    shift: float
    """Points of 100 that have to move."""
    moves: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWeights:
    """What a role's weights do in practice: nominal and effective, in per cent, and indicators that separate nobody."""

    role: str
    people: int
    lines: tuple[tuple[str, float, float], ...]
    constant: tuple[str, ...]
    twins: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyZone:
    """Scores around a cut that one standard error of measurement does not tell from it, and who has them."""

    pool: str
    upper: Tier
    low: float
    high: float
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """How firm the tiers of one cycle are, in full."""

    people: Mapping[str, PersonConfidence]
    tipping: tuple[TippingPoint, ...]
    roles: tuple[RoleWeights, ...]
    grey: tuple[GreyZone, ...]
    placement: Placement
    reliability: float
    draws: int


def assess(design: Design, scored: Scored, tiering: Tiering, *, draws: int = DRAWS) -> Assessment:
    """Return how sure the tiers of a cycle are. The same inputs give the same figures: seeds are fixed."""
    reliability = spearman_brown(float(design.confidence.reliability), design.confidence.raters)
    official = {person: float(score) for person, score in scored.official.items()}
    drawn = {name: _weights(design, name, role, draws) for name, role in design.roles.items() if role.indicators}
    held = {person: bool(own.gates) and not own.barred for person, own in scored.scores.items()}
    people: dict[str, PersonConfidence] = {}
    tipping: list[TippingPoint] = []
    grey: list[GreyZone] = []
    highest = float(design.total_cap)
    for pool in tiering.pools:
        if not pool.tiered:
            continue
        placed = [place for place in tiering.places.values() if place.pool == pool.id and place.tier is not None]
        members = _Members(design, [place.person for place in placed], scored.results, official, held)
        found = _pool_confidence(design, pool, placed, members, drawn, reliability, draws)
        people |= {line.person: line for line in found}
        tipping += _tipping(design, pool, placed, members)
        grey += _grey(pool, [row for row in placed if row.reason != "gate"], official, reliability, highest)
    shares = [float(share) / 100 for share in design.tiers.shares]
    return Assessment(
        people=people, tipping=tuple(tipping), grey=tuple(grey), draws=draws, reliability=reliability,
        roles=tuple(_role_weights(design, scored.results)), placement=placement(reliability, shares[0], shares[2]),
    )  # fmt: skip


def _weights(design: Design, name: str, role: Role, draws: int) -> Floats:
    """Return draws x indicators of a role's possible weights."""
    agreed = [float(item.weight) for item in role.indicators]
    settings, random = design.confidence, generator()
    weighing = [place for place, weight in enumerate(agreed) if weight]
    shares = [agreed[place] for place in weighing]
    if settings.weights == "uniform":
        found = uniform(draws, len(shares), random)
    elif settings.weights == "ordinal":
        found = ordinal(draws, shares, random)
    elif settings.weights == "statements":
        found = within(draws, len(shares), bounds_of(role, settings.statements, name), random)
    else:
        found = around(draws, shares, float(settings.concentration), random)
    weights = np.zeros((draws, len(agreed)))
    weights[:, weighing] = found
    return weights


class _Members:
    """The people of a pool as numbers: scores of each indicator by role, and what stands beside the weighted score."""

    def __init__(
        self,
        design: Design,
        people: Sequence[str],
        results: Mapping[str, Result],
        official: Mapping[str, float],
        gates: Mapping[str, bool],
    ) -> None:
        self.people = list(people)
        self.results = [results[person] for person in people]
        self.own_share = 1 - float(design.team_share) / 100
        self.official = np.array([official[person] for person in people])
        self.exact = np.array([float(result.own) / MICRO for result in self.results])
        # Team, plus/minus row, bounds and vetoes stand as they are while weights move.
        self.beside = self.official - self.own_share * np.round(self.exact, 9)
        # Whom a veto holds down stays there whatever the weights are.
        self.held = np.array([bool(gates.get(person)) for person in people], dtype=bool)
        self.roles: dict[str, list[int]] = {}
        names = {id(role): name for name, role in design.roles.items()}
        for place, result in enumerate(self.results):
            self.roles.setdefault(names[id(result.role)], []).append(place)
        self.matrices = {name: self._matrix(places) for name, places in self.roles.items()}

    def _matrix(self, places: Sequence[int]) -> tuple[Floats, Floats]:
        """Return scores (points) and which of them count, people x indicators of their role."""
        own = [self.results[place] for place in places]
        scores = np.array([[score / MICRO for score in result.scores] for result in own])
        counted = np.array([[counts(state) for state in result.states] for result in own], dtype=float)
        return scores, counted

    def totals(self, design: Design, drawn: Mapping[str, Floats], piece: slice) -> Floats:
        """Return draws x people of totals under drawn weights; missing ones are left out, the rest rescaled."""
        width = len(next(iter(drawn.values()))[piece]) if drawn else 0
        found = np.empty((width, len(self.people)))
        for name, places in self.roles.items():
            scores, counted = self.matrices[name]
            weights = drawn[name][piece]
            whole = weights @ counted.T
            if design.roles[name].aggregation is Aggregation.GEOMETRIC:
                logs = np.log(np.maximum(scores, 1e-12))
                own = np.exp(np.divide(weights @ (logs * counted).T, whole, where=whole > 0, out=np.zeros_like(whole)))
            else:
                own = np.divide(weights @ (scores * counted).T, whole, where=whole > 0, out=np.zeros_like(whole))
            found[:, places] = self.own_share * own + self.beside[places]
        found[:, self.held] = self.official[self.held]
        return found


def _pool_confidence(
    design: Design, pool: Pool, placed: Sequence[Placed], members: _Members, drawn: Mapping[str, Floats],
    reliability: float, draws: int,
) -> list[PersonConfidence]:  # fmt: skip
    line = design.tiers.pass_line
    shares = tier_acceptability(
        lambda piece: members.totals(design, drawn, piece), draws, pool.quotas,
        pass_line=None if line is None else float(line),
    )  # fmt: skip
    tiers = [list(Tier).index(place.tier) for place in placed if place.tier]
    ordered = np.sort(members.official)[::-1]
    n = len(ordered)
    cuts = (
        float(ordered[pool.quotas.top - 1]) if pool.quotas.top else np.inf,
        float(ordered[n - pool.quotas.bottom]) if pool.quotas.bottom else -np.inf,
    )
    chances = tier_chances([float(value) for value in members.official], cuts, reliability)
    exact = members.own_share * members.exact + members.beside
    unrounded = tier_of_rank((exact[None, :] > exact[:, None] + 1e-9).sum(axis=1), pool.quotas)
    narrowest = _narrowest(design, pool, members)
    found = []
    for place, row in enumerate(placed):
        reason = row.reason
        rests_on = _RESTS_ON.get(reason, "")
        if not rests_on and members.held[place]:
            rests_on = "veto"
        if not rests_on and reason == "rank" and unrounded[place] != tiers[place]:
            rests_on = "rounding"
        share = float(shares[place][tiers[place]])
        label = "firm" if share >= FIRM and not rests_on else "likely" if share >= OPEN else "open"
        found.append(
            PersonConfidence(
                person=members.people[place],
                weights=_three(shares[place]),
                measurement=chances[place],
                label=label,
                rests_on=rests_on,
                narrowest=narrowest.get(place),
            )
        )  # fmt: skip
    return found


def _three(row: Floats) -> tuple[float, float, float]:
    top, middle, bottom = (float(value) for value in row)
    return top, middle, bottom


def _role_lines(
    design: Design, members: _Members, name: str, places: Sequence[int]
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]] | None:
    """Return scores of all people on a role's indicators, its weights, the others' totals, and who is of the role.

    None where the totals are no straight lines in the weights: a geometric mean, or people scored by different
    indicators.
    """
    role = design.roles[name]
    scores, pattern = members.matrices[name]
    counted = pattern[0]
    if role.aggregation is not Aggregation.SUM or not (pattern == counted).all():
        return None
    weights = np.array([float(item.weight) for item in role.indicators]) * counted
    if not weights.sum():
        return None
    inside = np.zeros(len(members.people), dtype=bool)
    inside[places] = True
    inside &= ~members.held
    own = np.zeros((len(members.people), len(weights)))
    own[places] = members.own_share * scores
    fixed = np.where(inside, members.beside, members.own_share * members.exact + members.beside)
    fixed = np.where(members.held, members.official, fixed)
    return own, weights / weights.sum(), fixed, inside


def _narrowest(design: Design, pool: Pool, members: _Members) -> dict[int, tuple[str, float, float]]:
    """Return for each person the indicator of their own role whose weight has the least room."""
    found: dict[int, tuple[str, float, float]] = {}
    for name, places in members.roles.items():
        lines = _role_lines(design, members, name, places)
        if lines is None:
            continue
        own, weights, fixed, inside = lines
        room = tier_intervals(own, weights, pool.quotas, fixed=fixed, members=list(inside))
        items = design.roles[name].indicators
        for place in places:
            distance = np.minimum(
                np.where(room[place, :, 0] > 0, weights - room[place, :, 0], np.inf),
                np.where(room[place, :, 1] < 1, room[place, :, 1] - weights, np.inf),
            )
            at = int(np.argmin(distance))
            if np.isfinite(distance[at]):
                low, high = (round(100 * float(end), 2) for end in room[place, at])
                found[place] = (items[at].id, low, high)
    return found


def _tipping(design: Design, pool: Pool, placed: Sequence[Placed], members: _Members) -> list[TippingPoint]:
    """Return the smallest change of weights that moves somebody; nothing where it cannot be known for every role."""
    barred = 9  # who is kept out of the top by a veto stands at no cut
    tiers = [barred if p.reason == "gate" else list(Tier).index(p.tier) for p in placed if p.tier]
    best: tuple[float, str, Flip] | None = None
    for name, places in members.roles.items():
        lines = _role_lines(design, members, name, places)
        if lines is None:
            return []  # another role's smallest change may be larger than one that is not known
        own, weights, fixed, inside = lines
        flip = smallest_flip(own, weights, tiers, fixed=fixed, members=list(inside))
        if flip is not None and (best is None or flip.shift < best[0]):
            best = (flip.shift, name, flip)
    if best is None:
        return []
    shift, name, flip = best
    items = design.roles[name].indicators
    moves = tuple((items[a].id, items[b].id, round(100 * share, 2)) for a, b, share in flip.moves)
    up, down = members.people[flip.up], members.people[flip.down]
    return [TippingPoint(pool=pool.id, role=name, up=up, down=down, shift=round(100 * shift, 2), moves=moves)]


def _role_weights(design: Design, results: Mapping[str, Result]) -> list[RoleWeights]:
    found = []
    for name, role in design.roles.items():
        own = [result for result in results.values() if result.role is role and result.weight]
        items = [item for item in role.indicators if item.weight]
        full = [result for result in own if all(counts(state) for item, _, state in result.marks if item.weight)]
        if len(full) < LEAST_PEOPLE:
            continue
        scores = np.array([[score / MICRO for item, score, _ in result.marks if item.weight] for result in full])
        weights = np.array([float(item.weight) for item in items])
        effective = effective_weights(scores, weights / weights.sum())
        if effective is None:
            continue
        names = [item.id for item in items]
        same = redundancy(scores)
        found.append(
            RoleWeights(
                role=name,
                people=len(full),
                lines=tuple(
                    (item, float(100 * nominal / weights.sum()), round(100 * float(real), 2))
                    for item, nominal, real in zip(names, weights, effective, strict=True)
                ),
                constant=tuple(names[place] for place in same.constant),
                twins=tuple((names[a], names[b], alike) for a, b, alike in same.twins),
            )
        )  # fmt: skip
    return found


def _grey(
    pool: Pool, placed: Sequence[Placed], official: Mapping[str, float], reliability: float, highest: float
) -> list[GreyZone]:
    """Return the scores (0 to ``highest``) within one standard error of measurement of each cut: SD * sqrt(1 - r)."""
    by_tier: dict[Tier, list[str]] = {tier: [] for tier in Tier}
    for row in placed:
        if row.tier:
            by_tier[row.tier].append(row.person)
    values = [official[row.person] for row in placed]
    error = float(np.std(values, ddof=1)) * sqrt(1 - reliability)
    found = []
    for upper, lower in ((Tier.TOP, Tier.MIDDLE), (Tier.MIDDLE, Tier.BOTTOM)):
        if by_tier[upper] and by_tier[lower]:
            cut = (min(official[p] for p in by_tier[upper]) + max(official[p] for p in by_tier[lower])) / 2
            near = tuple(p for p in (*by_tier[upper], *by_tier[lower]) if abs(official[p] - cut) <= error)
            low, high = max(cut - error, 0.0), min(cut + error, highest)
            found.append(GreyZone(pool=pool.id, upper=upper, low=low, high=high, people=near))
    return found
