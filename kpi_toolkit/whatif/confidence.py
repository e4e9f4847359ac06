"""How sure each tier is: one verdict from two doubts, the weaker deciding, and what would tip it (decision 20).

The *rule* may place a person elsewhere under other weights, tie rules, quota rules or missing policies; the
*measurement* may be off where people were rated. While figures of others in the pool are still out, what they may
change counts as well. A tier that rests on that, a tie, the rounding, a veto, the pass line, one of several quota rules
or a decision is never called firm, whatever the draws say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np

from kpi_toolkit.method.lines import Result
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import CENTI, MICRO
from kpi_toolkit.method.quotas import Quotas, seats_of
from kpi_toolkit.method.scheme import Tier, TieRule
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.method.spells import PRO_RATA
from kpi_toolkit.method.statements import bounds_of
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.tiers import Placed, Tiering, assign_tiers, exempt_from, tier_of
from kpi_toolkit.whatif.measurement import Measurement, classify, measure
from kpi_toolkit.whatif.necessary import always
from kpi_toolkit.whatif.placing import NO_TIER, Floats, Tiers, tier_shares
from kpi_toolkit.whatif.reliability import Estimate
from kpi_toolkit.whatif.rescoring import Rescoring
from kpi_toolkit.whatif.scenarios import Basis
from kpi_toolkit.whatif.stability import Move, RoleWeights, Room, narrowest_rooms, role_weights, smallest_move
from kpi_toolkit.whatif.weights import DRAWS, around, generator, ordinal, uniform, within

Three = tuple[float, float, float]
FIRM, OPEN = 0.9, 0.6
_RESTS_ON = {
    **dict.fromkeys(("tie_shared", "tie_lowered", "tie_too_many", "tie_break"), "tie"),
    "gate": "veto", "pass_line": "pass_line", "calibrated": "decision",
}  # fmt: skip


def word(*shares: float | None, rests_on: str = "") -> str:
    """Return the verdict: ``firm`` where all shares leave nine in ten and nothing else decides, ``likely`` six.

    >>> word(0.95, None), word(0.95, 0.7), word(0.95, rests_on="tie"), word(0.95, 0.5)
    ('firm', 'likely', 'likely', 'open')
    """
    weaker = min(share for share in shares if share is not None)
    return "firm" if weaker >= FIRM and not rests_on else "likely" if weaker >= OPEN else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonConfidence:
    """How sure one person's tier is. Shares are in the order top, middle, bottom."""

    person: str
    tier: Tier
    """The tier that is shown: after a meeting's decision where there is one."""
    weights: Three
    """How often each tier came out when the weights were drawn."""
    measurement: Three | None
    """The chances of truly standing in each tier; None where no rating enters, or its error was left out."""
    always: bool = False
    """Whether the tier is proved to hold under every admissible weighting."""
    rests_on: str = ""
    """``pending``, ``tie``, ``rounding``, ``veto``, ``pass_line``, ``quota``, ``missing`` or ``decision`` where one
    decides."""
    complete: float | None = None
    """The chance that the tier stays when figures of the pool that are still out come in; None where none are."""
    narrowest: Room | None = None
    """The indicator whose weight decides soonest, and between which weights (of 100) the tier holds."""

    @property
    def label(self) -> str:
        """The verdict of :func:`word`."""
        return word(self.by_weights, self.by_ratings, self.complete, rests_on=self.rests_on)

    @property
    def by_weights(self) -> float:
        """In which share of the weights drawn the tier came out."""
        return self.weights[list(Tier).index(self.tier)]

    @property
    def by_ratings(self) -> float | None:
        """The chance of truly standing in the tier; None where nothing can be said of it."""
        return None if self.measurement is None else self.measurement[list(Tier).index(self.tier)]

    @property
    def weaker(self) -> str:
        """Which of the two doubts decides: ``rule`` or ``measurement``."""
        return "measurement" if self.by_ratings is not None and self.by_ratings < self.by_weights else "rule"


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """How sure the tiers of one cycle are, in full."""

    people: Mapping[str, PersonConfidence]
    tipping: Move | None
    """None where no move of weight between two indicators of a role changes any tier."""
    roles: tuple[RoleWeights, ...]
    measurement: Measurement = field(default_factory=Measurement)
    draws: int = DRAWS
    pending: tuple[str, ...] = ()
    """Whose figures are still out."""
    closed: bool = False
    """Whether nothing comes in any more."""
    in_part: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who was there for a part of the cycle, as :func:`in_part` says."""

    def count(self, label: str) -> int:
        """Return how many tiers have a verdict."""
        return len(self.having(label))

    def having(self, label: str) -> tuple[str, ...]:
        """Return the people whose tiers have a verdict."""
        return tuple(person for person, own in self.people.items() if own.label == label)

    def resting(self, on: str) -> tuple[str, ...]:
        """Return the people whose tiers rest on one thing beside the rank."""
        return tuple(person for person, own in self.people.items() if own.rests_on == on)


def assess(
    basis: Basis, scored: Scored, tiering: Tiering, *, draws: int = DRAWS,
    estimates: Mapping[str, Estimate | None] | None = None, hinges: Mapping[str, str] | None = None,
    closed: bool = False, tipping: bool = True,
) -> Assessment:  # fmt: skip
    """Return how sure the tiers of a cycle are. The same inputs give the same figures: seeds are fixed.

    ``estimates`` are reliabilities by class from earlier cycles, ``hinges`` what other rules would move people:
    ``quota`` or ``missing`` by person. In a ``closed`` cycle nothing comes in any more. Without ``tipping`` the
    verdicts alone are found: not how far weights may move, which takes longest, nor how well cuts place people.
    """
    design = basis.design
    rescoring = Rescoring(design, basis.tables, scored, basis.before)
    tiers = [tiering.places[person].tier for person in rescoring.people]
    now = np.array([NO_TIER if tier is None else list(Tier).index(tier) for tier in tiers])
    measured = measure(design, scored, rescoring, estimates or {}, draws)
    shares = tier_shares(rescoring.tiers_under(drawn_weights(design, draws, rescoring)))
    complete = {} if closed else when_complete(design, scored, tiering, basis.before)
    pending = {person: "pending" for person, own in complete.items() if not own.certain}
    rests_on = _rests_on(rescoring, scored, tiering, basis, {**(hinges or {}), **pending})
    proved = always(design, rescoring, now)
    rooms = narrowest_rooms(rescoring, now) if tipping else {}
    people = {
        person: PersonConfidence(
            person=person, tier=list(Tier)[now[at]], weights=_three(shares[at]), rests_on=rests_on[at],
            always=bool(proved[at]) and rests_on[at] != "pending",
            measurement=None if measured.chances is None else _three(measured.chances[at]),
            complete=float(complete[person].stays) if person in complete else None,
            narrowest=rooms.get(at),
        )
        for at, person in enumerate(rescoring.people)
        if now[at] != NO_TIER
    }  # fmt: skip
    found = Assessment(
        people=people, tipping=None, draws=draws, roles=(), measurement=measured, closed=closed,
        pending=() if closed else still_out(design, scored), in_part=in_part(design, basis.tables),
    )  # fmt: skip
    if not tipping:
        return found
    return replace(
        found, tipping=smallest_move(rescoring, now), roles=tuple(role_weights(rescoring)),
        measurement=_classified(measured, rescoring, now, design),
    )  # fmt: skip


def in_part(design: Design, tables: Tables) -> dict[str, tuple[str, ...]]:
    """Return who was there for a part of the cycle, by what that means for tiers: each person under one name.

    ``apart``: no tier, as was decided. ``joined``: one form of two roles. ``days``: targets of the days there.
    """
    joined = {row.id for row in rows_of(tables.people) if row.role not in design.as_agreed.roles}
    there = dict.fromkeys(tables.spells["person"])
    partly = {row.person for row in rows_of(tables.spells) if row.treat in PRO_RATA}
    ways = {"apart": tables.apart, "joined": joined - tables.apart, "days": partly - joined - tables.apart}
    return {name: tuple(person for person in there if person in people) for name, people in ways.items()}


def drawn_weights(design: Design, draws: int, rescoring: Rescoring) -> dict[str, Floats]:
    """Return each role's possible weights, draws x indicators: roles are drawn independently of one another."""
    return {name: _weights(design, name, draws, list(design.roles).index(name)) for name in rescoring.forms}


def _weights(design: Design, name: str, draws: int, stream: int) -> Floats:
    """Return the weights that might have been agreed for a role."""
    role = design.roles[name]
    agreed = [float(item.weight) for item in role.indicators]
    settings, random = design.confidence, generator(stream)
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


def _rests_on(
    rescoring: Rescoring, scored: Scored, tiering: Tiering, basis: Basis, hinges: Mapping[str, str]
) -> list[str]:
    """Return for each person what the tier rests on beside the rank, empty for nothing."""
    exact = [
        replace(own, score=_unrounded(rescoring, scored.results[own.person], at))  # compared, never shown
        for at, own in enumerate(scored.scores.values())
    ]
    unrounded = assign_tiers(exact, basis.design.tiers, before=basis.before).places
    found = []
    for person, own in scored.scores.items():
        place = tiering.places[person]
        held = "veto" if own.gates and not own.barred else ""
        rounding = "rounding" if place.tier is not unrounded[person].tier else ""
        other = hinges.get(person, "")
        found.append(other if other == "pending" else _RESTS_ON.get(place.reason, "") or held or rounding or other)
    return found


def _unrounded(rescoring: Rescoring, result: Result, at: int) -> Any:
    """Return a person's total before it was rounded, within the same bounds, as a fraction."""
    if not result.weight:
        return None
    whole = result.exact / MICRO + Fraction(int(rescoring.plus[at]), CENTI)
    return min(max(whole, Fraction(0)), Fraction(int(rescoring.limits[at]), CENTI))


def _three(row: Floats) -> Three:
    top, middle, bottom = (float(value) for value in row)
    return top, middle, bottom


def _classified(measured: Measurement, rescoring: Rescoring, now: Tiers, design: Design) -> Measurement:
    """Add how well the cuts of each pool place people on average: half way between the neighbours at a cut."""
    totals, found = rescoring.scored(rescoring.agreed).centi[0] / CENTI, []
    for pool, places in rescoring.pools.items():
        tiers = [totals[places][now[places] == tier] for tier in (2, 1, 0)]
        cuts = [(low.max() + high.min()) / 2 for low, high in pairwise([each for each in tiers if len(each)])]
        one = classify(measured, np.concatenate(tiers), cuts, float(design.total_cap))
        if one:
            found.append((pool, one))
    return replace(measured, classified=tuple(found))


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody is among those of a pool whose figures are in; equals share places ``first`` to ``last``."""

    first: int
    last: int
    count: int
    tie: TieRule = TieRule.BETTER
    reached: bool = False
    """Whether the pass line keeps them out of the bottom."""
    barred: bool = False
    """Whether a veto keeps them out of the top."""

    def tier(self, above: int, seats: Quotas) -> Tier:
        """Return the tier once so many more stand above."""
        first, last = self.first + above, self.last + above
        return tier_of(first, last, seats, self.tie, reached=self.reached, barred=self.barred)[0]

    def above(self, more: int, of: int) -> Fraction:
        """Return the chance that of so many who come in so many stand above.

        >>> [str(Here(1, 1, 2).above(more, of=2)) for more in range(3)]
        ['1/2', '1/3', '1/6']
        """
        over, under = comb(more + self.first - 1, more), comb(of - more + self.count - self.first, of - more)
        return Fraction(over * under, comb(self.count + of, of))


@dataclass(frozen=True, slots=True)
class Completed:
    """What becomes of a tier when figures still out come in: its chance to stay, and whether anything can change it."""

    stays: Fraction
    certain: bool


def still_out(design: Design, scored: Scored) -> tuple[str, ...]:
    """Return the people without a figure of their own, or with too few to be ranked, who have blanks.

    Nobody waits for figures of whoever gets no tier.
    """
    exempt = exempt_from(design.tiers, scored.scores.values())
    return tuple(
        person
        for person, own in scored.results.items()
        if person not in exempt
        and {"missing", "filled"}.intersection(own.states)
        and ("scored" not in own.states or scored.scores[person].score is None or scored.scores[person].too_little)
    )


def when_complete(
    design: Design, scored: Scored, tiering: Tiering, before: Mapping[str, int]
) -> dict[str, Completed]:  # fmt: skip
    """Return what may become of each tier in pools where somebody's figures are out; nobody else is there."""
    out = set(still_out(design, scored))
    found: dict[str, Completed] = {}
    for pool in tiering.pools:
        places = {person: place for person, place in tiering.places.items() if place.pool == pool.id}
        inside = {person: place for person, place in places.items() if place.rank and person not in out}
        missing = len(out & set(places))
        if missing:
            earlier = before.get(pool.id, 0)
            room = [seats_of(design.tiers, pool.id, len(inside) + more, earlier) for more in range(missing + 1)]
            tiered = [person for person, place in places.items() if place.tier]
            found |= {person: _completed(design, scored, places[person], inside, room) for person in tiered}
    return found


def _completed(
    design: Design, scored: Scored, place: Placed, inside: Mapping[str, Placed], room: list[Quotas]
) -> Completed:
    """Return what becomes of a tier; ``room`` are the seats with none, one … all of the people who are still out."""
    missing, tier = len(room) - 1, place.tier or Tier.MIDDLE
    if place.person not in inside:  # ranked by what was filled in for blanks: any place is as likely as another
        return Completed(Fraction(tuple(room[-1])[list(Tier).index(tier)], sum(room[-1])), certain=False)
    line, ranks = design.tiers.pass_line, [other.rank or 0 for other in inside.values()]
    rank, own = place.rank or 0, scored.scores[place.person]
    here = Here(
        1 + sum(other < rank for other in ranks), sum(other <= rank for other in ranks), len(ranks), design.tiers.tie,
        reached=line is not None and own.score is not None and own.score >= line, barred=own.barred,
    )  # fmt: skip
    stays = (here.above(more, missing) for more in range(missing + 1) if here.tier(more, room[-1]) is tier)
    held = all(here.tier(more, room[n]) is tier for n in range(missing + 1) for more in (0, n))
    return Completed(sum(stays, Fraction(0)), held and not design.team_share)
