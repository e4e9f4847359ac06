"""What of the scores was rated, how far that can be trusted, and what it leaves of a person's tier.

A count of orders has no rater: of it nothing is said here. Where ratings enter, their errors are summed by weight
(Mosier 1943), and true scores are drawn and placed by the official rules. A table that scores a count beside a view is
such a sum itself: the count is taken as it is, and what views alone can change of the score is as true as views are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kpi_toolkit.method.curves import score_micro
from kpi_toolkit.method.lines import IndicatorLine, counts
from kpi_toolkit.method.model import Basis, Design, Indicator, Role
from kpi_toolkit.method.numbers import CENTI, MICRO
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.whatif.placing import Floats, tier_shares
from kpi_toolkit.whatif.reliability import (
    Classification,
    Estimate,
    classification,
    consistency_over,
    in_order,
    spearman_brown,
    true_errors,
)
from kpi_toolkit.whatif.rescoring import Form, Rescoring

_FEW = 5
"""Roles of fewer people take the spread within all roles together."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far ratings of a class of indicator are trusted, and where that comes from."""

    kind: str
    value: float | None
    """None: left out, nothing is said of their error."""
    source: str
    """``assumed``, ``stated``, ``cycles``, ``left_out``, or ``too_few`` cycles to estimate it."""
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class RoleTrust:
    """What the ratings of a role come to: the reliability of its scores, and their error in points (one SD)."""

    role: str
    people: int
    reliability: float
    error: float
    rated: float
    """How many of 100 points of weight are rated."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What doubt about the measurement there is in a cycle. ``chances`` is None where no rating enters."""

    trust: tuple[Trust, ...] = ()
    roles: tuple[RoleTrust, ...] = ()
    errors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By role and indicator: the variance of error of what is rated (points²)."""
    reliability: float | None = None
    """Of the scores of everybody, within roles."""
    chances: Floats | None = None
    """People x 3: the chances of truly standing in each tier."""
    classified: tuple[tuple[str, Classification], ...] = ()
    """By pool: how well its cuts place people on average."""


def is_rated(item: Indicator) -> bool:
    """Whether a person's view enters an indicator's score: alone, or in a table beside a count."""
    return item.basis is not Basis.ACTUAL or item.curve.needs_view


def trust_in(design: Design, estimates: Mapping[str, Estimate | None]) -> tuple[Trust, ...]:
    """Return how far each class of rated indicators is trusted; empty where nothing that counts is rated."""
    kinds = [item.kind.value for role in design.roles.values() for item in _rated(role)]
    return tuple(_trust(design, kind, estimates.get(kind)) for kind in dict.fromkeys(kinds))


def _rated(role: Role) -> list[Indicator]:
    return [item for item in role.indicators if item.weight and role.method.counts(item.side) and is_rated(item)]


def _trust(design: Design, kind: str, estimate: Estimate | None) -> Trust:
    said, raters = design.confidence.reliability, design.confidence.raters
    if said.source == "left_out":
        return Trust(kind, None, "left_out")
    if said.source == "cycles":
        known = None if estimate is None else min(max(estimate.value, 0.0), 0.99)
        return Trust(kind, known, "too_few" if estimate is None else "cycles", estimate)
    source = "stated" if kind in said.by_class or (not said.by_class and said.source == "stated") else "assumed"
    return Trust(kind, spearman_brown(float(said.by_class.get(kind, said.rated)), raters), source)


def measure(
    design: Design, scored: Scored, rescoring: Rescoring, estimates: Mapping[str, Estimate | None], draws: int
) -> Measurement:
    """Return the doubt about the measurement of a cycle."""
    trust = trust_in(design, estimates)
    known, rated = _known(trust), rating_errors(design, scored, trust)
    own = rescoring.own()
    errors, roles = np.zeros(len(own)), []
    forms = {name: form.only(form.counted @ form.agreed > 0) for name, form in rescoring.forms.items()}
    pooled = _pooled([own[form.places] for form in forms.values() if len(form.places)])
    means, spreads, free = own.copy(), np.zeros(len(own)), np.ones(len(own))
    for name, form in forms.items():
        places = form.places
        if not len(places):
            continue
        errors[places] = _errors(form, own[places], np.array([rated.get((name, item), 0.0) for item in form.items]))
        spread, count = pooled if len(places) < _FEW else (float(own[places].var(ddof=1)), len(places) - 1)
        means[places], spreads[places], free[places] = own[places].mean(), spread, max(count, 1)
        if errors[places].any():
            roles.append(_role_trust(design.roles[name], name, form, float(errors[places].mean()), spread, known))
    if not errors.any():
        return Measurement(trust=trust, errors=rated)
    drawn = true_errors(own, means, errors, spreads, free, draws)
    chances = tier_shares(rescoring.tiers_under(rescoring.agreed, drawn))
    _put_in_order(rescoring, chances, own, errors)
    here = np.concatenate([form.places for form in forms.values()])
    error, spread = errors[here].mean(), spreads[here].mean()
    whole = float(1 - error / spread) if spread > error else 0.0
    return Measurement(trust=trust, roles=tuple(roles), errors=rated, reliability=whole, chances=chances)


def _known(trust: Sequence[Trust]) -> dict[str, float]:
    return {each.kind: each.value for each in trust if each.value is not None}


def rating_errors(design: Design, scored: Scored, trust: Sequence[Trust]) -> dict[tuple[str, str], float]:
    """Return the variance of error (points²) of each indicator that is rated, by role and indicator.

    It is what ratings spread of its scores within the role, times one less their reliability. An indicator that only
    one person of a role has takes the spread that its class has within the other roles.
    """
    known = _known(trust)
    spreads: dict[tuple[str, str], tuple[str, float, int]] = {}  # class, variance, degrees of freedom
    for name, role in design.roles.items():
        own = [person for person, score in scored.scores.items() if score.role == name and score.counted_weight]
        for at, item in enumerate(role.indicators):
            here = [scored.lines[person][at] for person in own if counts(scored.results[person].states[at])]
            if here and is_rated(item) and item.kind.value in known:
                spreads[name, item.id] = item.kind.value, _rated_spread(design, item, here), len(here) - 1

    def within_the_class(kind: str) -> float:
        alike = [(spread, free) for other, spread, free in spreads.values() if other == kind]
        return sum(spread * free for spread, free in alike) / max(sum(free for _, free in alike), 1)

    return {
        key: (1 - known[kind]) * (spread if free else within_the_class(kind))
        for key, (kind, spread, free) in spreads.items()
    }


def _rated_spread(design: Design, item: Indicator, lines: Sequence[IndicatorLine]) -> float:
    """Return the variance (points²) that ratings make of an indicator's scores; nothing of one.

    Beside a count, in a table, it is what the views of all would make of each count, on average.
    """
    if item.basis is not Basis.ACTUAL:
        scores = np.array([line.score_micro or 0 for line in lines]) / MICRO
        return float(scores.var(ddof=1)) if len(scores) > 1 else 0.0
    seen, curve = [line for line in lines if line.state == "scored"], item.scored_curve
    starts, cap = curve.column_starts(), design.cap(item)
    columns = Counter(
        max((each for each in starts if each <= (line.appraiser or 0)), default=starts[0]) for line in seen
    )
    made = np.array([
        [score_micro(curve, line.actual, line.target, item.scored_direction, cap, start) for line in seen]
        for start in columns
    ]).reshape(len(columns), len(seen)) / MICRO  # fmt: skip
    often = np.array([*columns.values()])
    apart = often @ (made - often @ made / max(len(seen), 1)) ** 2
    return float(apart.mean()) / (len(seen) - 1) if len(seen) > 1 else 0.0


def _errors(form: Form, own: Floats, rated: Floats) -> Floats:
    """Return each person's variance of error: the sum of weight² x that of each indicator, of what counts."""
    share = form.counted * form.agreed
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    if form.geometric:  # what a point more of one indicator does to the mean
        share = share * np.divide(own[:, None], form.scores, out=np.zeros_like(share), where=form.scores > 0)
    return np.asarray(share**2 @ rated)


def _pooled(groups: Sequence[Floats]) -> tuple[float, int]:
    """Return the variance within groups, and its degrees of freedom."""
    free = sum(len(each) - 1 for each in groups)
    return (sum(float(((each - each.mean()) ** 2).sum()) for each in groups) / free if free else 0.0), free


def _role_trust(
    role: Role, name: str, form: Form, error: float, spread: float, known: Mapping[str, float]
) -> RoleTrust:
    rated = sum(item.weight for item in _rated(role) if item.kind.value in known)
    return RoleTrust(name, len(form.places), max(1 - error / spread, 0.0) if spread else 0.0, error**0.5, float(rated))


def _put_in_order(rescoring: Rescoring, chances: Floats, own: Floats, errors: Floats) -> None:
    """Let chances follow the scores, among people of a pool who differ in nothing but their own score."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for name, form in rescoring.forms.items():
        for pool, places in rescoring.pools.items():
            for at in np.intersect1d(form.places, places):
                team = rescoring.teams[at] if rescoring.share else ""
                key = name, pool, team, errors[at], rescoring.limits[at], rescoring.barred[at]
                alike.setdefault(key, []).append(int(at))
    for who in alike.values():
        if (chances[who].sum(axis=1) > 1 - 1e-9).all():  # whoever is not ranked in every draw stands by themselves
            chances[who] = in_order(chances[who], own[who] + rescoring.plus[who] / CENTI)


def classify(measured: Measurement, totals: Floats, cuts: Sequence[float], highest: float) -> Classification | None:
    """Return how well the cuts of a pool place people on average; None where that has no meaning.

    ``totals`` are the official scores of the pool, from 0 to ``highest``.
    """
    trust, spread = measured.reliability, float(totals.std(ddof=1)) if len(totals) > 1 else 0.0
    inside = [cut for cut in cuts if 0 < cut < highest]
    mean = float(totals.mean()) if len(totals) else 0.0
    if not trust or not spread or not inside or spread**2 >= mean * (highest - mean):
        return None
    return classification(mean, spread, trust, inside, high=highest)


def rating_consistency(design: Design, cycles: Sequence[Sequence[IndicatorLine]]) -> dict[str, Estimate | None]:
    """Return by class how alike a person's ratings come out from cycle to cycle, from the scored lines of the cycles.

    Each line is held against the mean of its indicator in its cycle. What truly changed counts as inconsistency, so
    ratings may be better than this says.
    """
    kind = {(name, item.id): item.kind.value for name, role in design.roles.items() for item in _rated(role)}
    found: dict[str, Estimate | None] = {}
    for wanted in dict.fromkeys(kind.values()):
        scores = [
            {(line.person, line.role, line.id): (line.score_micro or 0) / MICRO for line in lines
             if line.state == "scored" and kind.get((line.role, line.id)) == wanted}
            for lines in cycles
        ]  # fmt: skip
        groups = {line: line[1:] for own in scores for line in own}
        found[wanted] = consistency_over(within_groups(scores, groups))
    return found


def within_groups(cycles: Sequence[Mapping[Any, Any]], group: Mapping[Any, object]) -> Floats:
    """Return a table of values (rows x cycles) less the mean of their group in each cycle; nan where there is none."""
    rows = [key for key in dict.fromkeys(key for own in cycles for key in own) if key in group]
    table = np.array([[float(own.get(row, "nan")) for own in cycles] for row in rows]).reshape(len(rows), len(cycles))
    for name in dict.fromkeys(group.values()):
        here = [at for at, row in enumerate(rows) if group[row] == name]
        known = ~np.isnan(table[here])
        table[here] -= np.where(known, table[here], 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return table
