"""What can be wrong with one cycle's tables against the design."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.people import check_people, check_service
from kpi_toolkit.method.checks.places import indicator_place, target_usable, twice
from kpi_toolkit.method.checks.plausible import LITTLE, MUCH, adds_up, check_values, is_per_cent
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.checks.rules import curve_knows_the_target
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, warning
from kpi_toolkit.method.model import Basis, Design, Indicator, Role
from kpi_toolkit.method.regulation import AdjustmentRule
from kpi_toolkit.method.rows import has_figures
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.spells import settled
from kpi_toolkit.method.tables import Table, Tables, by_person, rows_of
from kpi_toolkit.method.value import Word

_MEETING_BEFORE, _MEETING = timedelta(days=7), timedelta(days=183)
"""Ours: a cycle's calibration meets in its last week at the earliest, and within half a year after it."""


def check_cycle(design: Design, tables: Tables, *, cycle: Cycle | None = None) -> Issues:
    """Return what is wrong with one cycle's tables against the design: unknown names, doubles, ranges, gaps."""
    roster = Roster(design, tables.people)
    found = list(check_people(roster, file=tables.file("people")))
    for name in ("goals", "actuals"):
        found += twice(getattr(tables, name), tables.file(name), ["person", "indicator"])
    for name in ("goals", "actuals"):
        found += _names_known(roster, getattr(tables, name), tables.file(name))
    found += _goals_usable(roster, tables)
    found += check_values(roster, tables, cycle.months if cycle else 1)
    found += _nothing_missing(roster, tables)
    found += _self_appraisals_returned(roster, tables)
    found += _targets_fit_the_cycle(roster, tables, cycle)
    found += _decisions_sound(roster, tables, cycle)
    found += adjustments_allowed(roster, tables, cycle)
    if cycle is not None:
        spells = by_person(tables.spells.rows)
        adjusted = _with_lower_targets(roster, tables.goals, cycle)
        adjusted |= {row.id for row in rows_of(tables.people) if settled(row, spells.get(row.id, ()), cycle)}
        filled = {row.person for row in rows_of(tables.actuals) if has_figures(row)}
        found += check_service(roster, filled, adjusted, cycle, tables.file("people"))
    return Issues(found)


def _said(text: str) -> str:
    return "".join(char for char in skeleton(text) if char.isalnum())


def _decisions_sound(roster: Roster, tables: Tables, cycle: Cycle | None) -> Iterator[Issue]:
    file = tables.file("calibration")
    for row in rows_of(tables.calibration):
        if cycle and not cycle.last_day - _MEETING_BEFORE <= row.date <= cycle.last_day + _MEETING:
            yield warning("decision-outside-cycle", Place(file, row.row, "date"), date=row.date, cycle=cycle.id)
        yield from roster.unknown(row, file)
        if row.from_tier is row.to_tier:
            place, tier = Place(file, row.row, "to_tier"), Word(f"tier.{row.to_tier.value}")
            yield error("nobody-moved", place, person=roster.called(row.person), tier=tier)
        yield from _answered_for(row, roster, file)


def _answered_for(row: Any, roster: Roster, file: str) -> Iterator[Issue]:
    """Find what was decided without a reason, or by whom it is about."""
    if not any(map(str.isalnum, row.reason)):
        yield warning("no-reason-said", Place(file, row.row, "reason"), value=row.reason)
    if row.person in roster.known.exactly(row.approver):
        yield warning("self-approved", Place(file, row.row, "approver"), person=roster.called(row.person))


def _names_known(roster: Roster, table: Table, file: str) -> Iterator[Issue]:
    strangers: set[str] = set()
    for row in rows_of(table):
        if row.person not in strangers:  # all rows of one person have one cause
            yield from roster.unknown(row, file)
        if row.person not in roster.roles:
            strangers.add(row.person)


def _goals_usable(roster: Roster, tables: Tables) -> Iterator[Issue]:
    for row, indicator in roster.lines(tables.goals):
        if row.target is not None:
            place = Place(tables.file("goals"), row.row, "target")
            yield from target_usable(indicator, row.target, place)
            yield from curve_knows_the_target(indicator, row.target, place, roster.design.cap(indicator))


def _with_lower_targets(roster: Roster, goals: Table, cycle: Cycle) -> set[str]:
    """Return who joined inside the cycle and has amounts to reach that are all nearer to that part of it than to whole.

    Whole is what the design and most others of the role have.
    """
    part = {
        row.id: Fraction((cycle.last_day - row.joined).days + 1, cycle.days)
        for row in rows_of(roster.people)
        if row.joined and cycle.first_day < row.joined <= cycle.last_day
    }
    held = gathered(
        ((roster.roles[row.person], row.indicator), (row.person, row.target))
        for row in rows_of(goals)
        if row.target is not None and row.person in roster.roles
    )
    lower: dict[str, bool] = {}
    for row, item in roster.lines(goals):
        if row.person not in part or item.direction is not Direction.HIGHER:  # a rank is whole
            continue
        if row.target is not None and adds_up(item, None):
            whole = [target for who, target in held[roster.roles[row.person], row.indicator] if who != row.person]
            whole += [item.target] if item.target else []
            near = bool(whole) and 2 * Fraction(row.target) <= Fraction(median(whole)) * (1 + part[row.person])
            lower[row.person] = lower.get(row.person, True) and near
    return {person for person, all_lower in lower.items() if all_lower}


def _nothing_missing(roster: Roster, tables: Tables) -> Iterator[Issue]:
    """Find targets that are nowhere, which stops scoring, and actuals that are, which the policy meets."""
    design, file, given = roster.design, tables.file("actuals"), tables.actual
    if given and not any(map(has_figures, given.values())):
        yield warning("blank-cycle", Place(file))
        given = {}
    aimless = []
    for person, role, item in _counted(roster):
        row, aimed = given.get((person, item.id)), tables.target(person, item) is not None
        view = design.lacking(item, row)
        if item.needs_target and not aimed and not (view and given):  # what is not reported needs no target
            aimless.append(((role, item.id), (person, item)))
        if view and (given or tables.actuals.empty):
            make = error if design.missing is Missing.REFUSE else warning
            place, policy = Place(file, row.row if row else None, view), Word(f"missing_name.{design.missing.value}")
            said = {"person": roster.names[person], "indicator": item.name, "policy": policy}
            yield make("missing-actual", place, [person], **said)
    for (role, _), own in gathered(aimless).items():
        item, people = own[0][1], [person for person, _ in own]
        place = indicator_place(role, item) if role in design.as_agreed.roles else Place(tables.file("goals"))
        make = error if given else hint  # as long as nobody has reported anything, targets may still be agreed
        yield make("no-target", place, people, indicator=item.name, people=[roster.names[person] for person in people])


def _counted(roster: Roster) -> Iterator[tuple[str, str, Indicator]]:
    """Go through everybody's indicators that count by the method of their role: person, role, indicator."""
    for (person, _), item in roster.items.items():
        role = roster.roles[person]
        if roster.design.roles[role].method.counts(item.side):
            yield person, role, item


def _self_appraisals_returned(roster: Roster, tables: Tables) -> Iterator[Issue]:
    """Name whose self-appraisal is not whole, where others handed theirs in (V14)."""
    given = {(row.person, row.indicator) for row in rows_of(tables.actuals) if row.self is not None}
    asked = {
        person: [(person, item.id) in given for item in role.indicators if item.weight]
        for person in roster.roles
        if (role := roster.role(person))
    }
    late = [roster.names[person] for person, lines in asked.items() if not all(lines)]
    if late and any(any(lines) for lines in asked.values()):
        place = Place(tables.file("actuals"), column="self")
        yield hint("self-appraisal-missing", place, n=len(late), of=len(asked), people=late)


def _targets_fit_the_cycle(roster: Roster, tables: Tables, cycle: Cycle | None) -> Iterator[Issue]:
    """Find what a longer cycle would measure against the design's targets, which are for a month."""
    if cycle is None or cycle.kind == "month":
        return
    goals = {(row.person, row.indicator) for row in rows_of(tables.goals) if row.target is not None}
    for person, name in roster.names.items():
        role = roster.role(person)
        items = [item for item in role.indicators if not is_per_cent(item) and item.target is not None] if role else []
        bare = [item.name for item in items if item.basis is Basis.ACTUAL and (person, item.id) not in goals]
        if bare:
            place = Place(tables.file("goals"))
            yield warning("monthly-target", place, person=name, indicators=bare, months=cycle.months)


def _under_rule(rule: AdjustmentRule, row: Any, role: Role | None, file: str) -> Iterator[Issue]:
    """Find an event that its rule does not allow: by its sign, its day, or whom it is for."""
    points = {"rule": rule.name, "points": row.points}
    if rule.add_only and row.points < 0:
        yield error("add-only", Place(file, row.row, "points"), **points)
    elif rule.punishes and not rule.rewards and row.points > 0:
        yield error("penalty-only", Place(file, row.row, "points"), **points)
    if rule.basis == "sales" and role and not role.may_bear_sales_quota:
        yield error("sales-rule-on-support-role", Place(file, row.row, "rule"), rule=rule.name, role=role.name)
    if not rule.holds(row.date):
        days = {"first": rule.since or "–", "last": rule.until or "–"}
        yield error("rule-of-other-days", Place(file, row.row, "date"), rule=rule.name, date=row.date, **days)


def adjustments_allowed(roster: Roster, tables: Tables, cycle: Cycle | None) -> Iterator[Issue]:
    """Go through points that no rule allows, or that are probably a slip."""
    design, file = roster.design, tables.file("adjustments")
    rules = {rule.id: rule for rule in design.adjustments.rules}
    bounds = (design.adjustments.max_minus, design.adjustments.max_plus)
    first: dict[tuple[Any, ...], int] = {}
    alike: dict[tuple[str, str, bool], Any] = {}
    for row in rows_of(tables.adjustments):
        same = alike.setdefault((row.rule, _said(row.reason), row.points > 0), row)
        if same.points != row.points:
            found = {"first": same.row, "before": same.points, "points": row.points, "reason": row.reason}
            yield warning("same-event-other-points", Place(file, row.row, "points"), **found)
        yield from roster.unknown(row, file)
        if rules and row.rule not in rules:
            written = [rule.name.after(name) for name, rule in rules.items()]
            place = Place(file, row.row, "rule")
            yield error("unknown-rule", place, rule=row.rule, nearest=roster.known_rules.meant(row.rule), known=written)
        elif rules:
            yield from _under_rule(rules[row.rule], row, roster.role(row.person), file)
        yield from _so_many_points(row.points, bounds[row.points > 0], Place(file, row.row, "points"))
        yield from _answered_for(row, roster, file)
        if cycle and not cycle.first_day <= row.date <= cycle.last_day:
            yield warning("date-outside-cycle", Place(file, row.row, "date"), date=row.date, cycle=cycle.id)
        days = (0, -1, 1) if row.points > 0 else (0,)  # a fault may come every day, one merit is told once
        events = [(row.date + timedelta(day), row.person, row.points, _said(row.reason)) for day in days]
        again = next((first[event] for event in events if event in first), None)
        if again is not None:
            yield warning("same-adjustment", Place(file, row.row), first=again, person=roster.called(row.person))
        first.setdefault(events[0], row.row)
    yield from _points_add_up(roster, tables, bounds)


def _so_many_points(points: Decimal, bound: Decimal | None, place: Place) -> Iterator[Issue]:
    """Find points of one event that pass their bound, or are probably a slip."""
    if bound is not None and abs(points) > bound:
        yield warning("points-beyond-bound", place, points=points, bound=bound)
    elif abs(points) <= LITTLE:
        yield warning("few-points", place, points=points)
    elif bound is None and abs(points) > MUCH:
        yield warning("many-points", place, points=points)


def _points_add_up(roster: Roster, tables: Tables, bounds: tuple[Decimal | None, Decimal | None]) -> Iterator[Issue]:
    """Find whose points pass a bound together, though none of them alone does."""
    sides = gathered(((row.person, row.points > 0), row) for row in rows_of(tables.adjustments))
    for (person, plus), rows in sides.items():
        bound, total = bounds[plus], sum((abs(row.points) for row in rows), Decimal(0))
        if bound is not None and max(abs(row.points) for row in rows) <= bound < total:
            place, who = Place(tables.file("adjustments"), rows[-1].row, "points"), roster.called(person)
            yield warning("points-add-up", place, person=who, n=len(rows), points=total, bound=bound)
