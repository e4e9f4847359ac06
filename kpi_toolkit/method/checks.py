"""What can be wrong with a design and with a cycle's tables. Every check is a small function that yields findings.

Texts, reasons and sources of the codes are data: ``templates/checks.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_toolkit.method.cliffs import highest_jump
from kpi_toolkit.method.colour import READABLE, contrast, nearest_readable
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import FULL, Basis, Design, Indicator, Method, Missing, PoolBy, Profile, Side
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.statements import statements_fit
from kpi_toolkit.method.tables import Tables, rows_of

DESIGN_FILE, PROFILE_FILE = "design.toml", "client.toml"
_HIGHEST_VIEW = Decimal(200)
_CLIFF = 20
"""Points that a score may jump at one place before it is called a cliff."""


def check_profile(profile: Profile) -> Issues:
    """Return what is wrong with a client's own page: brand colours that cannot be read."""
    found = []
    for key in ("primary", "accent"):
        colour = getattr(profile.brand, key)
        if contrast(colour) < READABLE:
            place = Place(PROFILE_FILE, key=f"brand.{key}")
            found.append(error("low-contrast", place, colour=colour, nearest=nearest_readable(colour)))
    return Issues(found)


def check_design(design: Design) -> Issues:
    """Return what is wrong with a design by itself."""
    return Issues(issue for check in _DESIGN_CHECKS for issue in check(design))


def _indicator_place(role: str, indicator: Indicator) -> Place:
    return Place(DESIGN_FILE, key=f"roles.{role}.indicators.{indicator.id}")


def _weights_sum_to_100(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        place = Place(DESIGN_FILE, key=f"roles.{name}")
        if not role.indicators:
            yield error("role-without-indicator", place, role=role.name)
        elif not role.blocks and role.weight_sum != FULL:
            gap = f"{FULL - role.weight_sum:+f}"
            yield error("sum-not-100", place, role=role.name, total=role.weight_sum, gap=gap)


def _blocks_hold_their_maximum(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        for indicator in role.indicators:
            if indicator.block not in role.blocks and (role.blocks or indicator.block is not None):
                near = nearest(indicator.block or "", role.blocks)
                known = ", ".join(role.blocks) or "–"
                place = _indicator_place(name, indicator)
                yield error("unknown-block", place, block=indicator.block or "–", nearest=near, known=known)
        for key, block in role.blocks.items():
            total = sum((item.weight for item in role.indicators if item.block == key), Decimal(0))
            if total != block.maximum:
                place = Place(DESIGN_FILE, key=f"roles.{name}.blocks.{key}")
                yield error("block-sum", place, block=block.name, total=total, maximum=block.maximum)


def _weights_fit_curves(design: Design) -> Iterator[Issue]:
    """Find weights of nothing on what must weigh, and weights on what stands outside them."""
    for name, role in design.roles.items():
        for indicator in role.indicators:
            place = _indicator_place(name, indicator)
            if not indicator.weight and not indicator.may_weigh_nothing:
                yield error("no-weight", place, indicator=indicator.name)
            if indicator.weight and indicator.outside:
                yield error("weight-outside", place, indicator=indicator.name, weight=indicator.weight)


def _curves_follow_the_direction(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        for indicator in role.indicators:
            place = _indicator_place(name, indicator)
            curve, direction = indicator.scored_curve, indicator.scored_direction
            if not curve.rises(direction):
                yield error("curve-against-direction", place, indicator=indicator.name, direction=direction.value)
                continue
            found = highest_jump(curve, indicator.target, direction, design.cap(indicator))
            if found and found.height > _CLIFF:
                yield hint(
                    "cliff", place, indicator=indicator.name, actual=found.at, low=found.before, high=found.after
                )


def _tie_breaks_exist(design: Design) -> Iterator[Issue]:
    indicators = {item.id for role in design.roles.values() for item in role.indicators}
    known = {"previous", *Side, *indicators}
    for criterion in design.tiers.tie_break:
        if criterion not in known:
            place = Place(DESIGN_FILE, key="tiers.tie_break")
            yield error("unknown-tie-break", place, name=criterion, nearest=nearest(criterion, known))


def _statements_can_hold(design: Design) -> Iterator[Issue]:
    if design.confidence.statements and design.confidence.weights != "statements":
        place = Place(DESIGN_FILE, key="confidence.weights")
        yield warning("statements-unused", place, weights=design.confidence.weights)
    for number, said in enumerate(design.confidence.statements, start=1):
        place = Place(DESIGN_FILE, key=f"confidence.statements.[{number}]")
        role = design.roles.get(said.role)
        known = [item.id for item in role.indicators] if role else list(design.roles)
        for word in [said.indicator, *([said.over] if said.over else [])] if role else [said.role]:
            if word not in known:
                yield error("unknown-in-statement", place, name=word, nearest=nearest(word, known))
        if said.at_least > said.at_most:
            yield error("statement-empty", place, low=said.at_least, high=said.at_most)
    for name, role in design.roles.items():
        if design.confidence.weights == "statements" and not statements_fit(role, design.confidence.statements, name):
            place = Place(DESIGN_FILE, key="confidence.statements")
            yield error("statements-conflict", place, role=role.name)


def _method_fits(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        if not role.indicators:
            continue
        place = Place(DESIGN_FILE, key=f"roles.{name}.method")
        if role.method is Method.COMBINED:
            if not role.share(Side.PROCESS):
                yield error("combined-without-process", place, role=role.name)
            continue
        idle = [indicator.name for indicator in role.indicators if not role.method.counts(indicator.side)]
        if len(idle) == len(role.indicators):
            yield error("nothing-counts", place, role=role.name, method=role.method.value)
        elif idle:
            yield warning("not-counted", place, role=role.name, method=role.method.value, indicators=idle)


def _indicators_can_be_scored(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        for indicator in role.indicators:
            place = _indicator_place(name, indicator)
            if indicator.curve.whole and indicator.direction is Direction.LOWER:
                yield error("count-lower", place, indicator=indicator.name)
            if indicator.target is not None and indicator.basis is Basis.ACTUAL:
                yield from _target_usable(indicator, indicator.target, place)
            if not indicator.source and indicator.basis is Basis.ACTUAL:
                yield warning("not-measurable", place, indicator=indicator.name)


def _pass_line_in_reach(design: Design) -> Iterator[Issue]:
    line = design.tiers.pass_line
    if line is not None and line > design.total_cap:
        place = Place(DESIGN_FILE, key="tiers.pass_line")
        yield error("pass-line-out-of-reach", place, line=line, cap=design.total_cap)


_DESIGN_CHECKS: tuple[Callable[[Design], Iterable[Issue]], ...] = (
    _weights_sum_to_100,
    _blocks_hold_their_maximum,
    _weights_fit_curves,
    _method_fits,
    _indicators_can_be_scored,
    _curves_follow_the_direction,
    _tie_breaks_exist,
    _statements_can_hold,
    _pass_line_in_reach,
)


def _target_usable(indicator: Indicator, target: Decimal, place: Place) -> Iterator[Issue]:
    match indicator.curve.problem_with(Fraction(target), indicator.direction):
        case "negative-target":
            yield error("negative-target", place, indicator=indicator.name, target=target)
        case "zero-target":
            yield error("zero-target", place, indicator=indicator.name)


def check_people(design: Design, people: pd.DataFrame) -> Issues:
    """Return what is wrong with ``people.csv`` against the design."""
    found = list(_twice(people, "people.csv", ["id"]))
    known = set(people["id"])
    for person in rows_of(people):
        if person.role not in design.roles:
            near = nearest(person.role, design.roles)
            place = Place("people.csv", person.row, "role")
            found.append(error("unknown-role", place, role=person.role, nearest=near, known=", ".join(design.roles)))
        if (design.tiers.pool is PoolBy.TEAM or design.team_share) and not person.team:
            found.append(warning("no-team", Place("people.csv", person.row, "team"), person=person.name))
        if person.manager == person.id:
            found.append(
                error("appraiser-is-appraised", Place("people.csv", person.row, "manager"), person=person.name)
            )
        elif person.manager is not None and person.manager not in known:
            place = Place("people.csv", person.row, "manager")
            found.append(
                warning("unknown-manager", place, manager=person.manager, nearest=nearest(person.manager, known))
            )
    column = design.fairness.column
    if column and column not in people.columns:
        found.append(warning("unknown-group-column", Place("people.csv", 1), column=column))
    for entry in design.tiers.exempt:
        if entry.person not in known:
            place = Place(DESIGN_FILE, key="tiers.exempt")
            found.append(error("unknown-person", place, person=entry.person, nearest=nearest(entry.person, known)))
    return Issues(found)


def check_cycle(design: Design, tables: Tables, *, cycle: Cycle | None = None) -> Issues:
    """Return what is wrong with one cycle's tables against the design: unknown names, doubles, ranges, gaps."""
    found = list(check_people(design, tables.people))
    folder = f"cycles/{cycle.id}/" if cycle else ""
    roles = dict(zip(tables.people["id"], tables.people["role"], strict=True))
    files = {name: f"{folder}{name}.csv" for name in ("goals", "actuals", "adjustments", "calibration")}
    found += _twice(tables.goals, files["goals"], ["person", "indicator"])
    found += _twice(tables.actuals, files["actuals"], ["person", "indicator"])
    for name in ("goals", "actuals"):
        found += _names_known(design, roles, getattr(tables, name), files[name])
    found += _goals_usable(design, roles, tables.goals, files["goals"])
    goals = {(row.person, row.indicator): row.target for row in rows_of(tables.goals)}
    found += _values_plausible(design, roles, tables.actuals, goals, files["actuals"])
    found += _nothing_missing(design, tables, files["actuals"])
    found += _targets_fit_the_cycle(design, tables, cycle)
    found += [
        error(
            "unknown-person",
            Place(files["calibration"], row.row, "person"),
            person=row.person,
            nearest=nearest(row.person, roles),
        )
        for row in rows_of(tables.calibration)
        if row.person not in roles
    ]
    for row in rows_of(tables.calibration):
        if row.from_tier is row.to_tier:
            place = Place(files["calibration"], row.row, "to_tier")
            found.append(error("nobody-moved", place, person=row.person, tier=row.to_tier.value))
        if row.approver == row.person:
            found.append(warning("self-approved", Place(files["calibration"], row.row, "approver"), person=row.person))
    found += _adjustments_allowed(design, roles, tables.adjustments, files["adjustments"], cycle)
    return Issues(found)


def _twice(table: pd.DataFrame, file: str, keys: list[str]) -> Iterator[Issue]:
    first: dict[tuple[Hashable, ...], Any] = {}
    for row in rows_of(table):
        key = tuple(getattr(row, name) for name in keys)
        if key in first:
            place = Place(file, row.row, keys[-1])
            yield error("duplicate-row", place, key=" + ".join(map(str, key)), first=first[key])
        else:
            first[key] = row.row


def _find(design: Design, roles: dict[str, str], person: str, indicator: str) -> Indicator | None:
    role = design.roles.get(roles.get(person, ""))
    return next((item for item in role.indicators if item.id == indicator), None) if role else None


def _names_known(design: Design, roles: dict[str, str], table: pd.DataFrame, file: str) -> Iterator[Issue]:
    for row in rows_of(table):
        role = design.roles.get(roles.get(row.person, ""))
        if row.person not in roles:
            near = nearest(row.person, roles)
            yield error("unknown-person", Place(file, row.row, "person"), person=row.person, nearest=near)
        elif role and _find(design, roles, row.person, row.indicator) is None:
            near = nearest(row.indicator, (item.id for item in role.indicators))
            yield error(
                "unknown-indicator", Place(file, row.row, "indicator"),
                indicator=row.indicator, role=role.name, nearest=near,
                known=", ".join(item.id for item in role.indicators),
            )  # fmt: skip


def _goals_usable(design: Design, roles: dict[str, str], goals: pd.DataFrame, file: str) -> Iterator[Issue]:
    for row in rows_of(goals):
        indicator = _find(design, roles, row.person, row.indicator)
        if indicator is not None and row.target is not None:
            yield from _target_usable(indicator, row.target, Place(file, row.row, "target"))


def _values_plausible(
    design: Design, roles: dict[str, str], actuals: pd.DataFrame, goals: Mapping[tuple[str, str], Any], file: str
) -> Iterator[Issue]:
    for row in rows_of(actuals):
        indicator = _find(design, roles, row.person, row.indicator)
        if indicator is None:
            continue
        highest = max(_HIGHEST_VIEW, design.cap(indicator))
        for view in ("self", "appraiser", "others"):
            value = getattr(row, view)
            if value is not None and not 0 <= value <= highest:
                yield error("out-of-range", Place(file, row.row, view), value=value, low=0, high=highest)
            elif value is not None and 0 < value <= 1:
                place = Place(file, row.row, view)
                yield warning("fraction-for-percent", place, value=value, percent=value * 100, indicator=indicator.name)
        actual, target = row.actual, goals.get((row.person, row.indicator)) or indicator.target or 0
        if actual is not None and actual < 0 <= target and not indicator.curve.whole:
            place = Place(file, row.row, "actual")
            yield warning("negative-actual", place, value=actual, indicator=indicator.name)
        if actual is not None and indicator.unit.en == "%" and 0 < actual <= 1 < target:
            place = Place(file, row.row, "actual")
            yield warning("fraction-for-percent", place, value=actual, percent=actual * 100, indicator=indicator.name)
        if actual is not None and indicator.curve.whole and (actual < 0 or actual != int(actual)):
            yield error("not-whole", Place(file, row.row, "actual"), value=actual, indicator=indicator.name)


def _nothing_missing(design: Design, tables: Tables, file: str) -> Iterator[Issue]:
    """Find targets that are nowhere, which stops scoring, and actuals that are, which the policy meets."""
    given = {(r.person, r.indicator): r for r in rows_of(tables.actuals)}
    goals = {(r.person, r.indicator): r.target for r in rows_of(tables.goals)}
    if len(tables.actuals) and tables.actuals[["actual", "self", "appraiser", "others"]].isna().all(axis=None):
        yield warning("blank-cycle", Place(file))
        given = {}
    aimless: dict[tuple[str, str], list[str]] = {}
    for person in rows_of(tables.people):
        role = design.roles.get(person.role)
        for indicator in role.indicators if role else ():
            if role is None or not role.method.counts(indicator.side):
                continue
            key = (person.id, indicator.id)
            row = given.get(key)
            named = {"person": person.name, "indicator": indicator.name}
            aimed = indicator.basis is not Basis.ACTUAL or not indicator.curve.needs_target
            if not aimed and goals.get(key) is None and indicator.target is None:
                aimless.setdefault((person.role, indicator.id), []).append(person.name)
            view = _absent(design, indicator, row)
            if view and (given or tables.actuals.empty):
                make = error if design.missing is Missing.REFUSE else warning
                place = Place(file, row.row if row else None, view)
                yield make("missing-actual", place, policy=design.missing.value, **named)

    for (name, item), people in aimless.items():
        found = next(indicator for indicator in design.roles[name].indicators if indicator.id == item)
        yield error("no-target", _indicator_place(name, found), indicator=found.name, people=people)


def _absent(design: Design, indicator: Indicator, row: Any) -> str:
    """Return the column whose value is missing, empty where the indicator can be scored."""
    seen = {view: getattr(row, view, None) for view in ("actual", "self", "appraiser", "others")}
    if indicator.basis is Basis.RATERS:
        return "" if design.raters.mix(seen) is not None else "appraiser"
    needed = ["appraiser" if indicator.basis is Basis.APPRAISER else "actual"]
    needed += ["appraiser"] if indicator.curve.kind == "table" else []
    return next((view for view in needed if seen[view] is None), "")


def _targets_fit_the_cycle(design: Design, tables: Tables, cycle: Cycle | None) -> Iterator[Issue]:
    """Find what a longer cycle would measure against the design's targets, which are for a month."""
    if cycle is None or cycle.months == 1:
        return
    goals = {(row.person, row.indicator) for row in rows_of(tables.goals) if row.target is not None}
    for person in rows_of(tables.people):
        role = design.roles.get(person.role)
        items = [item for item in role.indicators if item.unit.en != "%" and item.target is not None] if role else []
        bare = [item.name for item in items if item.basis is Basis.ACTUAL and (person.id, item.id) not in goals]
        if bare:
            place = Place(f"cycles/{cycle.id}/goals.csv")
            yield warning("monthly-target", place, person=person.name, indicators=bare, months=cycle.months)


def _adjustments_allowed(
    design: Design, roles: dict[str, str], adjustments: pd.DataFrame, file: str, cycle: Cycle | None
) -> Iterator[Issue]:
    rules = {rule.id: rule for rule in design.adjustments.rules}
    for row in rows_of(adjustments):
        if row.person not in roles:
            near = nearest(row.person, roles)
            yield error("unknown-person", Place(file, row.row, "person"), person=row.person, nearest=near)
        if rules and row.rule not in rules:
            near = nearest(row.rule, rules)
            yield error(
                "unknown-rule", Place(file, row.row, "rule"), rule=row.rule, nearest=near, known=", ".join(rules)
            )
        elif rules and rules[row.rule].add_only and row.points < 0:
            yield error("add-only", Place(file, row.row, "points"), rule=rules[row.rule].name, points=row.points)
        if row.approver == row.person:
            yield warning("self-approved", Place(file, row.row, "approver"), person=row.person)
        if cycle and not cycle.first_day <= row.date <= cycle.last_day:
            yield warning("date-outside-cycle", Place(file, row.row, "date"), date=row.date, cycle=cycle.id)
