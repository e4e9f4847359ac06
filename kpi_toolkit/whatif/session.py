"""All that a live session works with, as one inert value in whole numbers: the page, the widget and Node read it.

Scores are millionths, weights and points hundredths, everything else an exact fraction written ``"n/d"``. The outcome
that Python worked out goes along, so that a page can hold itself against it when it opens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from kpi_toolkit.method.curves import CurveValue
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Aggregation, Design, Indicator, Method, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.numbers import centi, centi_or_none
from kpi_toolkit.method.plain import plain
from kpi_toolkit.method.scenario import fingerprint
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.scoring import Scored, aim_of, bounded, events_of, score_cycle, value_of
from kpi_toolkit.method.statements import bounds_of
from kpi_toolkit.method.steps import Steps
from kpi_toolkit.method.tables import Tables, roles_of, rows_of
from kpi_toolkit.method.tiers import ADVISORY_BELOW, Decision, decisions_of, exempt_from
from kpi_toolkit.method.value import Text
from kpi_toolkit.whatif.confidence import Assessment, PersonConfidence
from kpi_toolkit.whatif.measurement import rating_errors, trust_in
from kpi_toolkit.whatif.scenarios import Basis, Outcome, outcome
from kpi_toolkit.whatif.weights import DRAWS, SEED, generator, settled_walk

SCHEMA = 1
Exact = str
Named = Mapping[str, str]
Plain = dict[str, Any]
"""Part of a design as the browser reads it; its fields are declared once, in ``whatif/live/types.mjs``."""
_Line = tuple[int, Exact | None, Exact | None, Exact | None]
"""Score, value, aim and view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberData:
    """Whoever has scores, nameless; lines are in the order of the role's form."""

    role: int
    team: str
    """Empty for whoever is in none."""
    adjustment: int
    lines: tuple[_Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastData(MemberData):
    """Somebody in the previous cycle, whose score there breaks ties."""

    fixed: tuple[int, ...]
    """The lines whose target was agreed with the person: no scenario moves what is past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData(MemberData):
    """A person of this cycle."""

    id: str
    name: str | Named
    pool: str
    """Empty for whoever is in none."""
    previous: int | None
    past: int | None
    """The person's place among those of the cycle before, where their scores break ties."""
    exempt: bool
    decided: tuple[str, str, bool] | None
    """The tier that a meeting moved the person from and to, and whether a step of it was into the bottom tier."""
    agreed: tuple[int | None, int | None, Tier | None, str]
    """Score in hundredths, rank, tier and reason as Python has them."""
    sure: tuple[str, str, bool, tuple[float, float, float], bool] | None
    """How sure that tier is as agreed: the verdict, what it rests on, whether it always holds, the shares drawn, and
    whether the doubt about ratings is the larger one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """One cycle, ready for a live session."""

    schema: int
    client: str
    cycle: str
    version: int
    design: str
    rules: Plain
    doubt: Plain
    roles: tuple[Plain, ...]
    people: tuple[PersonData, ...]
    past: tuple[PastData, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return dict(plain(self))


def session_data(basis: Basis, client: str, cycle: str, assessed: Assessment | None = None) -> SessionData:
    """Return what a live session of a client's cycle works with; ``assessed`` is how sure the tiers are as agreed."""
    sure: Mapping[str, PersonConfidence] = assessed.people if assessed else {}
    found, design = outcome(basis), basis.design
    own_targets = _own_targets(basis.tables)
    errors = assessed.measurement.errors if assessed else rating_errors(design, found.scored, trust_in(design, {}))
    past = basis.past if "previous" in design.tiers.tie_break else None
    roles = {*basis.tables.people["role"], *(past.people["role"] if past else ())}
    held = [name for name, role in design.roles.items() if role.indicators and name in roles]
    places = {person: at for at, person in enumerate(past.people["id"] if past else ())}
    return SessionData(
        schema=SCHEMA, client=client, cycle=cycle, version=design.version, design=fingerprint(design),
        rules=_rules(basis), doubt=_doubt(design, assessed), people=_people(basis, found, held, places, sure),
        past=_past(design, past, held) if past else (),
        roles=tuple(_role(design, name, own_targets, errors) for name in held),
    )  # fmt: skip


def without_names(data: SessionData, order: Sequence[int], names: Sequence[Named]) -> SessionData:
    """Return a session whose people stand in another order and are called by other names and ids; teams stay."""
    people = [data.people[place] for place in order]
    called = zip(people, names, strict=True)
    here = [one.past for one in people if one.past is not None]
    turn = [*here, *(at for at in range(len(data.past)) if at not in here)]  # the old order would tell who is who
    place = {old: new for new, old in enumerate(turn)}
    return replace(
        data, past=tuple(data.past[at] for at in turn),
        people=tuple(
            replace(one, id=f"p{at}", name=name, past=None if one.past is None else place[one.past])
            for at, (one, name) in enumerate(called, start=1)
        ),
    )  # fmt: skip


def exact(value: Any) -> Exact:
    """Return a number as a fraction: ``5/2``; whole ones without a denominator.

    >>> exact(Fraction(5, 2)), exact(3)
    ('5/2', '3')
    """
    return str(Fraction(value))


def _maybe(value: Any) -> Exact | None:
    return None if value is None else exact(value)


def _rules(basis: Basis) -> Plain:
    design, tiers = basis.design, basis.design.tiers
    return tiers.model_dump(mode="json", include={"rule", "min_group", "tie", "tie_break"}) | {
        "item_cap": centi(design.item_cap), "total_cap": centi_or_none(design.adjustments.total_cap),
        "missing": design.missing.value, "least_weight": centi(design.least_weight),
        "neutral": centi(design.neutral_score), "team_share": centi(design.team_share),
        "shares": [exact(share) for share in tiers.shares], "advisory_below": ADVISORY_BELOW,
        "pass_line": centi_or_none(tiers.pass_line), "before": dict(basis.before),
    }  # fmt: skip


def _doubt(design: Design, assessed: Assessment | None) -> Plain:
    settings = design.confidence
    return {
        "weights": settings.weights, "concentration": float(settings.concentration), "draws": DRAWS, "seed": SEED,
        "closed": bool(assessed and assessed.closed),
    }  # fmt: skip


def _own_targets(tables: Tables) -> Counter[tuple[str, str]]:
    """Return by role and indicator how many people have a target of their own for the cycle."""
    role = roles_of(tables.people)
    given = ((row.person, row.indicator) for row in rows_of(tables.goals) if row.target is not None)
    return Counter((role.get(person, ""), item) for person, item in given if (person, item) not in tables.follows)


def _role(
    design: Design, name: str, own_targets: Mapping[tuple[str, str], int], errors: Mapping[tuple[str, str], float]
) -> Plain:
    role = design.roles[name]
    return {
        "id": name, "name": role.name.model_dump(), "joined": name not in design.as_agreed.roles,
        "geometric": role.aggregation is Aggregation.GEOMETRIC,
        "combined": role.method is Method.COMBINED and not role.blocks, "walk": _walk(design, name, role),
        "items": [
            _item(role, item) | {"own_targets": own_targets.get(key, 0), "error": errors.get(key)}
            for item in role.indicators
            for key in [(name, item.id)]
        ],
    }  # fmt: skip


def _walk(design: Design, name: str, role: Role) -> Plain | None:
    """Return where a walk through the weights that keep all statements starts, its bounds, and where it may go."""
    count = sum(bool(item.weight) for item in role.indicators)
    if design.confidence.weights != "statements" or not count:
        return None
    walk = settled_walk(bounds_of(role, design.confidence.statements, name), count, generator())
    parts = {"rows": walk.rows, "least": walk.least, "start": walk.here[0], "free": walk.ways.T}
    return {key: np.asarray(part).tolist() for key, part in parts.items()}


def _item(role: Role, item: Indicator) -> Plain:
    veto = item.curve.veto
    gate = (veto.scope, centi(veto.limit)) if veto else None
    return item.model_dump(mode="json", include={"id", "name", "kind", "block"}) | {
        "side": item.side.value, "weight": centi(item.weight), "cap": centi_or_none(item.cap),
        "counted": role.method.counts(item.side), "outside": item.outside, "may_weigh_nothing": item.may_weigh_nothing,
        "gate": gate, "scaled": item.needs_target, "curve": _curve(item.curve, item),
    }  # fmt: skip


def _curve(curve: CurveValue, item: Indicator) -> Plain:
    """Return a curve as straight pieces: columns by the appraiser's view, a piece is start, after, level, slope."""
    steps = curve if isinstance(curve, Steps) else None
    return {
        "by": curve.by, "direction": item.scored_direction.value, "step": exact(steps.step) if steps else None,
        "counted": steps.counted if steps else "",
        "points": curve.in_points,
        "columns": [
            (exact(start), [(_maybe(p.start), p.after, exact(p.level), exact(p.slope)) for p in curve.pieces(start)])
            for start in curve.column_starts()
        ],
    }  # fmt: skip


def _line(design: Design, line: IndicatorLine, score: int) -> _Line:
    value, aim = value_of(design, line.indicator, line), aim_of(line.indicator, line.target)
    return score, _maybe(value), _maybe(aim), _maybe(line.appraiser)


def _members(design: Design, tables: Tables, scored: Scored, held: list[str]) -> Iterator[tuple[Any, Plain]]:
    """Go through the people of a cycle, each with the fields of :class:`MemberData`."""
    events = events_of(tables)
    for person in rows_of(tables.people):
        own = zip(scored.lines.get(person.id, ()), scored.results[person.id].scores, strict=True)
        yield person, {
            "role": held.index(person.role), "team": person.team,
            "adjustment": centi(bounded(design.adjustments, events.get(person.id, []))),
            "lines": tuple(_line(design, line, score) for line, score in own),
        }  # fmt: skip


def _past(design: Design, tables: Tables, held: list[str]) -> tuple[PastData, ...]:
    own = {(row.person, row.indicator) for row in rows_of(tables.goals) if row.target is not None}
    return tuple(
        PastData(**member, fixed=tuple(
            at for at, item in enumerate(design.roles[person.role].indicators) if (person.id, item.id) in own
        ))
        for person, member in _members(design, tables, score_cycle(design, tables), held)
    )  # fmt: skip


def _people(
    basis: Basis, found: Outcome, held: list[str], places: Mapping[str, int], sure: Mapping[str, PersonConfidence]
) -> tuple[PersonData, ...]:
    score, placed = found.scored.scores, found.tiering.places
    exempt = exempt_from(basis.design.tiers, score.values())
    called = names_of(basis.tables.people, basis.design.roles)
    decided = gathered((one.person, one) for one in decisions_of(basis.tables.calibration))

    def person_data(person: Any, member: Plain) -> PersonData:
        place, name = placed[person.id], called[person.id]
        return PersonData(
            **member, id=person.id, name=person.name if name == Text.of(person.name) else name.model_dump(),
            pool=place.pool or "", past=places.get(person.id), exempt=person.id in exempt,
            previous=centi_or_none(score[person.id].ties.get("previous")),
            decided=_decided(decided.get(person.id, [])), sure=_sure(sure.get(person.id)),
            agreed=(centi_or_none(place.score), place.rank, place.tier, place.reason),
        )  # fmt: skip

    return tuple(person_data(*each) for each in _members(basis.design, basis.tables, found.scored, held))


def _sure(own: PersonConfidence | None) -> tuple[str, str, bool, tuple[float, float, float], bool] | None:
    return None if own is None else (own.label, own.rests_on, own.always, own.weights, own.weaker == "measurement")


def _decided(own: Sequence[Decision]) -> tuple[str, str, bool] | None:
    if not own:
        return None
    return own[0].before.value, own[-1].after.value, any(one.after is Tier.BOTTOM for one in own)
