"""A whole cycle scored under many weights at once, by the official rules: sums, bounds, vetoes, team, ties, seats.

Nothing is taken for a straight line: each row of weights is scored as ``score_people`` and ``assign_tiers`` would, in
whole columns. Totals are rounded half up to hundredths as official scores are, so ties come out as ties do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.curves import score_micro
from kpi_toolkit.method.lines import IndicatorLine, Result, counts
from kpi_toolkit.method.model import Aggregation, Design, Indicator, Role, Side
from kpi_toolkit.method.numbers import CENTI, FULL, MICRO, centi
from kpi_toolkit.method.quotas import seats_of
from kpi_toolkit.method.scheme import QuotaRule
from kpi_toolkit.method.scoring import Scored, aim_of, bounded, events_of, fallen_gates, limit_of, value_of
from kpi_toolkit.method.steps import Steps
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import exempt_from
from kpi_toolkit.whatif.placing import NO_TIER, Flags, Floats, Tiers, Whole, dense, places_of, widest_gaps

Weights = Mapping[str, Floats]
"""Rows of weights by role, each row summing to 1; one row stands for all."""
_BLOCK = 512
"""Rows of weights that are scored together, so that they stay in the processor's cache."""
_HAIR = 1e-7
"""By how little machine numbers may miss a half hundredth that is one."""
_LEAST = 1e-12
_ANY = Decimal(100_000)
"""A cap that holds nobody."""


@dataclass(frozen=True, slots=True)
class _Stepped:
    """An indicator whose steps are points of the form: its score is start + slope / weight, within bounds."""

    at: int
    start: float
    slope: Floats
    low: float
    high: float
    counted: Floats
    """1 for whoever has a value that counts."""

    def scores(self, weights: Floats) -> Floats:
        """Return its scores, draws x people."""
        share = np.maximum(weights[:, [self.at]], _LEAST)
        return np.clip(self.start + self.slope / share, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Form:
    """A role's people and what stands on their form: arrays are people x indicators."""

    places: Whole
    items: tuple[str, ...]
    """The ids of the indicators."""
    agreed: Floats
    """The weights agreed, summing to 1."""
    scores: Floats
    counted: Floats
    fixed: Floats
    """What counts and has the same score under all weights."""
    absent: Floats
    stepped: tuple[_Stepped, ...]
    geometric: bool
    sides: Mapping[str, Flags]

    @property
    def weighing(self) -> list[int]:
        """The places of the indicators that have a weight."""
        return [int(at) for at in np.flatnonzero(self.agreed > 0)]

    def only(self, rows: Flags) -> Form:
        """Return the form of some of its people, for what is asked of their scores as they are."""
        return replace(self, places=self.places[rows], scores=self.scores[rows], counted=self.counted[rows])


@dataclass(frozen=True, slots=True)
class Totals:
    """Draws x people: scores in hundredths (-1 without), who is ranked, and what each side earned (points)."""

    centi: Whole
    ranked: Flags
    sides: Mapping[str, Floats]


class Rescoring:
    """What of a cycle does not change with the weights, and the way from weights to tiers."""

    def __init__(self, design: Design, tables: Tables, cycle: Scored, before: Mapping[str, int]) -> None:
        rows = list(cycle.scores.values())
        own = list(cycle.results.values())
        events = events_of(tables)
        exempt = exempt_from(design.tiers, rows)
        self.people = [row.person for row in rows]
        self.forms = dict(_forms(design, [row.role for row in rows], own, list(cycle.lines.values())))
        self.barred = np.array([row.barred for row in rows], dtype=bool)
        self.teams = [row.team for row in rows]
        self.groups = _groups(self.teams)
        self.pools = _groups([design.tiers.pool_of(row) for row in rows])
        self.limits = np.array([centi(limit_of(design, fallen_gates(result))) for result in own], dtype=float)
        self.plus = np.array(
            [centi(bounded(design.adjustments, events.get(row.person, []))) for row in rows], dtype=float
        )
        self.added = {side: np.array([_added(result, side) for result in own]) for side in Side}
        self._taking_part = np.array([row.person not in exempt for row in rows], dtype=bool)
        self.share = float(design.team_share) / 100
        self.outside = sum(self.added.values(), np.zeros(len(rows)))
        self._design, self.before = design, before
        self._known = {
            name: dense(_column(row.ties[name] for row in rows)[None, :])
            for name in design.tiers.tie_break
            if name not in set(Side)
        }

    @property
    def agreed_on(self) -> dict[str, Form]:
        """The forms whose weights somebody agreed on; those put together of two roles follow from them."""
        return {name: form for name, form in self.forms.items() if name in self._design.as_agreed.roles}

    @property
    def agreed(self) -> dict[str, Floats]:
        """The weights agreed: one row a role."""
        return {name: form.agreed[None, :] for name, form in self.forms.items()}

    def own(self) -> Floats:
        """Return everybody's own score under the weights agreed, before the team's share, in points."""
        found = np.zeros(len(self.people))
        for name, form in self.forms.items():
            found[form.places] = _earned(form, self.agreed[name], [])[0][0]
        return found

    def scored(self, weights: Weights, errors: Floats | None = None) -> Totals:
        """Return everybody's score under each row of weights; ``errors`` (points) are added to own scores."""
        shape = _draws(weights, errors), len(self.people)
        own, whole = np.zeros(shape), np.zeros(shape)
        sides = {side: np.zeros(shape) for side in self._sides_needed}
        for name, form in self.forms.items():
            earned, counted, share = _earned(form, weights[name], list(sides))
            own[:, form.places], whole[:, form.places] = earned, counted
            for side, part in share.items():
                sides[side][:, form.places] = part
        own = own if errors is None else np.maximum(own + errors, 0.0)
        has = whole > _LEAST
        shared, kept = self._with_team(own, has)
        points = CENTI * shared
        points += CENTI * self.outside + 0.5 + _HAIR
        held = np.clip(np.floor(points, out=points) + self.plus, 0.0, self.limits)
        held[~has] = -1
        ranked = has & self._taking_part
        if self._design.least_weight:
            ranked &= self._enough(weights, whole)
        return Totals(
            held.astype(np.int64), ranked,
            {side: kept * part + self.added[Side(side)] for side, part in sides.items()},
        )  # fmt: skip

    def _enough(self, weights: Weights, whole: Floats) -> Flags:
        """Return for whom as much of the weight is filled in as the design asks for, given what is (``whole``)."""
        absent = np.zeros(whole.shape)
        for name, form in self.forms.items():
            absent[:, form.places] = weights[name] @ form.absent.T
        return np.asarray(whole >= float(self._design.least_weight) / 100 * (whole + absent) - _LEAST)

    @property
    def _sides_needed(self) -> list[str]:
        return [name for name in self._design.tiers.tie_break if name in set(Side)]

    def _with_team(self, own: Floats, has: Flags) -> tuple[Floats, Floats]:
        """Return scores with the team's share, and what share of the own score is left."""
        share, shared, kept = self.share, own, np.ones(len(self.people))
        if share:
            shared = own.copy()
            for places in self.groups.values():
                mates = np.where(has[:, places], own[:, places], 0.0)
                mean = mates.sum(axis=1) / np.maximum(has[:, places].sum(axis=1), 1)
                shared[:, places] = (1 - share) * own[:, places] + share * mean[:, None]
                kept[places] = 1 - share
        return shared, kept

    def tiers_under(self, weights: Weights, errors: Floats | None = None) -> Tiers:
        """Return everybody's tier (draws x people) under each row of weights; ``errors`` as in :meth:`scored`."""
        draws = _draws(weights, errors)
        found = np.empty((draws, len(self.people)), dtype=np.int8)
        for start in range(0, draws, _BLOCK):
            at = slice(start, start + _BLOCK)
            rows = {name: own if len(own) == 1 else own[at] for name, own in weights.items()}
            found[at] = self.tiers(self.scored(rows, None if errors is None else errors[at]))
        return found

    def tiers(self, scored: Totals) -> Tiers:
        """Return everybody's tier in each draw."""
        found = np.full(scored.centi.shape, NO_TIER, dtype=np.int8)
        for pool, places in self.pools.items():
            for rows, members in _patterns(scored.ranked[:, places]):
                who = places[members]
                if len(who) >= max(self._design.tiers.min_group, 1):
                    found[_cells(found, rows, who)] = self._placed(scored, pool, rows, who)
        return found

    def _placed(self, scored: Totals, pool: str, rows: Whole, who: Whole) -> Tiers:
        scheme, n = self._design.tiers, len(who)
        cells = _cells(scored.centi, rows, who)
        centi_ = scored.centi[cells]
        quotas = seats_of(scheme, pool, n, self.before.get(pool, 0))
        top, bottom = np.full(len(rows), quotas.top), np.full(len(rows), quotas.bottom)
        if scheme.rule is QuotaRule.BOUNDARY_GAP:
            top, bottom = widest_gaps(np.sort(centi_, axis=1)[:, ::-1], quotas.top, quotas.bottom)
        keys = centi_
        for name in scheme.tie_break:
            part = None
            if name in scored.sides:
                part = np.floor(CENTI * scored.sides[name][cells] + 0.5 + _HAIR)
            elif name in self._known:
                part = np.broadcast_to(self._known[name][:, who], keys.shape)
            if part is not None:
                keys = dense(keys) * n + dense(part)
        reached = None if scheme.pass_line is None else centi_ >= centi(scheme.pass_line)
        barred = self.barred[who] if self.barred.any() else None
        return places_of(keys, top, bottom, scheme.tie, reached=reached, barred=barred)


def _draws(weights: Weights, errors: Floats | None) -> int:
    return max([1, *map(len, weights.values()), *([] if errors is None else [len(errors)])])


def _cells(table: npt.NDArray[Any], rows: Whole, columns: Whole) -> Any:
    """Return what picks rows and columns of a table; all of it is not copied."""
    if len(rows) == len(table):
        return slice(None) if len(columns) == table.shape[1] else (slice(None), columns)
    return np.ix_(rows, columns)


def _earned(form: Form, weights: Floats, sides: Sequence[str]) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Return own scores, the weight that counted, and what each side earned of it: draws x people."""
    whole = weights @ form.counted.T
    parts = weights @ (form.scores * form.fixed).T
    by_side = {side: weights @ (form.scores * form.fixed * form.sides[side]).T for side in sides}
    for one in form.stepped:
        part = weights[:, [one.at]] * one.scores(weights) * one.counted
        parts += part
        by_side = {side: sums + part * form.sides[side][one.at] for side, sums in by_side.items()}
    own = _over(parts, whole)
    if form.geometric:
        own = _geometric(form, weights, whole)
    return own, whole, {side: own * _over(sums, parts) for side, sums in by_side.items()}


def _geometric(form: Form, weights: Floats, whole: Floats) -> Floats:
    logs = np.log(np.maximum(form.scores, _LEAST)) * form.fixed
    sums, nothing = weights @ logs.T, weights @ ((form.scores <= 0) * form.fixed).T
    for one in form.stepped:
        scores = one.scores(weights)
        counted = weights[:, [one.at]] * one.counted
        sums += counted * np.log(np.maximum(scores, _LEAST))
        nothing += counted * (scores <= 0)
    return np.where(nothing > 0, 0.0, np.exp(_over(sums, whole)) * (whole > 0))


def _over(sums: Floats, whole: Floats) -> Floats:
    """Return means from weighted sums; what has no weight is not looked at, whatever comes out of it."""
    return sums / np.maximum(whole, _LEAST)


def _forms(
    design: Design, roles: Sequence[str], results: Sequence[Result], everything: Sequence[Sequence[IndicatorLine]]
) -> Iterator[tuple[str, Form]]:
    for name, role in design.roles.items():
        places = [at for at, own in enumerate(roles) if own == name]
        if not role.indicators or not places:
            continue
        # one array for each fact, a row for each person: draws are scored by whole roles
        own = [results[at] for at in places]
        stepped = tuple(_all_stepped(design, role, [everything[at] for at in places]))
        counted = np.array([[counts(state) for state in result.states] for result in own], dtype=float)
        fixed = counted.copy()
        for one in stepped:
            fixed[:, one.at] -= one.counted
        weights = np.array([float(item.weight) for item in role.indicators])
        yield name, Form(
            places=np.array(places), items=tuple(item.id for item in role.indicators),
            agreed=weights / max(weights.sum(), _LEAST), counted=counted, fixed=fixed, stepped=stepped,
            scores=np.array([result.scores for result in own]) / MICRO,
            absent=np.array([[state == "missing" for state in result.states] for result in own], dtype=float),
            geometric=role.aggregation is Aggregation.GEOMETRIC,
            sides={side.value: np.array([item.side is side for item in role.indicators]) for side in Side},
        )  # fmt: skip


def _all_stepped(design: Design, role: Role, lines: Sequence[Sequence[IndicatorLine]]) -> Iterator[_Stepped]:
    """Go through the indicators of a form whose scores follow their weights."""
    for at, item in enumerate(role.indicators):
        if item.curve.in_points and item.weight:
            yield _stepped(design, item, at, [line[at] for line in lines])


def _stepped(design: Design, item: Indicator, at: int, lines: Sequence[IndicatorLine]) -> _Stepped:
    """Return how an indicator's scores follow its weight.

    At the whole weight a step takes or gives least: a score that meets a bound there meets it under any weight.
    """
    curve, cap = item.curve, design.cap(item)
    assert isinstance(curve, Steps)  # noqa: S101 - told by the caller
    here = [place for place, line in enumerate(lines) if line.state == "scored"]
    whole = curve.on_weight(FULL)
    full = [
        score_micro(
            whole, value_of(design, item, line), aim_of(item, line.target), item.scored_direction, _ANY, line.appraiser
        )
        for line in (lines[place] for place in here)
    ]
    slope, counted = np.zeros(len(lines)), np.zeros(len(lines))
    slope[here], counted[here] = np.array(full, dtype=float) / MICRO - float(curve.start), 1.0
    high = cap if curve.ceiling is None else min(cap, curve.ceiling)
    return _Stepped(at, float(curve.start), slope, max(float(curve.floor), 0.0), float(high), counted)


def _added(result: Result, side: Side) -> float:
    return sum(
        added / MICRO for added, item in zip(result.added, result.role.indicators, strict=True) if item.side is side
    )


def _groups(names: Sequence[str | None]) -> dict[str, Whole]:
    """Return the places of each name; whoever has none is in no group."""
    return {str(name): np.flatnonzero([own == name for own in names]) for name in dict.fromkeys(names) if name}


def _column(values: Iterable[Any]) -> Floats:
    """Return a tie-break column as numbers; what is unknown comes last."""
    return np.array([-np.inf if value is None else float(value) for value in values])


def _patterns(ranked: Flags) -> Iterator[tuple[Whole, Whole]]:
    """Go through who is ranked: the draws in which it is just these people, and their places."""
    if not len(ranked) or (ranked == ranked[0]).all():
        yield np.arange(len(ranked)), np.flatnonzero(ranked[0]) if len(ranked) else np.arange(0)
        return
    patterns, which = np.unique(ranked, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        yield np.flatnonzero(which.ravel() == number), np.flatnonzero(pattern)
