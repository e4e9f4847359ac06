"""What can be wrong with the goals of a cycle in words, with how they were set, and with what they were split from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.days import days_of_the_plan
from kpi_toolkit.method.checks.quotas import goals_keep_their_number, quotas_in_words
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.goals import ASSIGNMENT_POINTS, LEVELS, Cascade, above_level, days_late, untold_points
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, folded, hint, nearest, warning
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.procedures import GOAL_SETTING, Procedure
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Word
from kpi_toolkit.method.wording import Criterion, Wording

History = Mapping[tuple[str, str], Sequence[Decimal]]
"""What people reached in earlier cycles, oldest first, by person and indicator."""
_UNEQUAL = Fraction(11, 10)
"""How far targets of one post may differ before they are unequal (ours)."""
_SOON = timedelta(days=7)
"""Until when a first action is taken (S193, ours)."""


def lint_cycle(case: Case, tables: Tables, cycle: Cycle, history: History) -> Issues:
    """Return what the method cautions against in a cycle's goals, and which of them say another number than they hold.

    A goal without words is not judged.
    """
    file = f"cycles/{cycle.id}/goals.csv"
    roster = Roster(case.design, tables.people)
    goals = [(row, item) for row, item in roster.lines(tables.goals) if item.fed_by is None]
    stated = [(row, item) for row, item in goals if row.text and not _is_printed(row.text, item)]
    found: list[Issue] = []
    wrong: list[Issue] = []
    for row, item in stated:
        found += _contents(case.wording, row, Place(file, row.row))
        found += _support(row, item, Place(file, row.row), cycle)
        found += _challenge(case, row, item, Place(file, row.row, "target"), history)
    for row, item in goals:
        if any(_is_printed(text, item) for text in (row.text, row.standard)):
            continue
        wrong += goals_keep_their_number(case, row, item, Place(file, row.row, "text" if row.text else "target"))
    found += quotas_in_words(case, tables, file, f"cycles/{cycle.id}/cascade.csv")
    found += _equal_load(roster, goals, cycle)
    found += days_of_the_plan(tables, cycle)
    found += _steps_in_order(roster, tables, cycle, case.procedures)
    found += _cascade_whole(Cascade.of(tables), roster, tables, f"cycles/{cycle.id}/cascade.csv", file)
    return Issues(found).as_cautions() + wrong


def _is_printed(text: str, item: Indicator) -> bool:
    """Whether a goal's words are the design's own, as a form printed them: nobody has written a goal yet."""
    return item.standard is not None and folded(text) in map(folded, item.standard.words)


def _contents(wording: Wording, row: Any, place: Place) -> Iterator[Issue]:
    """Ask each criterion of the four lists once (X12)."""
    goal, said = row._asdict(), {"goal": row.text}
    met = wording.judge(goal)
    for criterion, code in _UNMET.items():
        asked = criterion != "quantity" or met["quantified"]  # of nothing counted no amount is asked
        if asked and not met[criterion]:
            yield warning(code, place, **said)
    if not met["relevant"]:
        met_criteria, of, _ = wording.card(goal, "smart")
        yield hint("not-relevant", place, met=met_criteria, of=of, **said)


_UNMET: dict[Criterion, str] = {
    "specific": "not-specific", "quantified": "not-quantified", "quantity": "no-quantity",
    "assessable": "not-assessable", "quality": "no-quality", "deadline": "no-deadline",
    "deliverable": "no-deliverable",
}  # fmt: skip


def _support(row: Any, item: Indicator, place: Place, cycle: Cycle) -> Iterator[Issue]:
    named = {"indicator": item.name}
    blank = (
        (row.approach, warning("no-support-plan", place, **named)),
        (row.improves, hint("no-improvement", place, **named)),
        (row.risks, hint("no-risk", place, **named)),
    )
    yield from (issue for said, issue in blank if not said)
    if row.risks and not row.answers:
        yield warning("risk-without-answer", place, **named)
    if row.starts is not None and row.starts >= cycle.first_day + _SOON:
        yield hint("no-first-action", place, date=row.starts, **named)
    missing = untold_points(row._asdict())
    if row.assigned is not None and missing:
        untold, told = [Word(f"told.{one}") for one in missing], len(ASSIGNMENT_POINTS) - len(missing)
        yield warning("assigned-incomplete", place, missing=untold, told=told, **named)
    if row.confirmed is not None and (late := days_late(row.confirmed, cycle.first_day)):
        yield warning("late-confirmation", place, date=row.confirmed, n=late, **named)


def _challenge(case: Case, row: Any, item: Indicator, place: Place, history: History) -> Iterator[Issue]:
    """Hold a target against what was reached before and against what can be done (S085, S123, S125, X05)."""
    if row.target is None or row.target <= 0:
        return
    more = item.direction is not Direction.LOWER
    capacity = row.capacity or item.capacity
    if capacity and more and row.target > capacity * case.design.stretch:
        most = capacity * case.design.stretch
        yield warning("over-stretch", place, indicator=item.name, target=row.target, capacity=capacity, most=most)
    elif capacity and more and row.target <= capacity:
        yield hint("no-stretch", place, indicator=item.name, target=row.target, capacity=capacity)
    past = history.get((row.person, row.indicator), ())
    if not past or min(past) <= 0 or item.direction is Direction.TARGET:
        return
    mean = sum(past, Decimal(0)) / len(past)
    ratio = Fraction(row.target) / Fraction(mean) if more else Fraction(mean) / Fraction(row.target)
    shown = {"indicator": item.name, "target": row.target, "mean": half_up(mean, 1), "last": past[-1]}
    if ratio > Fraction(case.design.stretch):
        yield warning("not-reachable", place, ratio=f"{float(ratio):.2f}", **shown)
    elif (row.target <= past[-1]) if more else (row.target >= past[-1]):
        yield warning("not-challenging", place, **shown)


def _equal_load(roster: Roster, goals: Iterable[tuple[Any, Indicator]], cycle: Cycle) -> Iterator[Issue]:
    """Find people of one post whose targets for the same weight lie apart (S124).

    Who joined inside the cycle is held to a target by days, which is lower and fair.
    """
    roles = {
        person.id: person.role
        for person in rows_of(roster.people)
        if person.joined is None or not cycle.first_day < person.joined <= cycle.last_day
    }
    file = f"cycles/{cycle.id}/goals.csv"
    own = ((row, item) for row, item in goals if not item.shared and row.person in roles)
    held = ((row, item, row.target if row.target is not None else item.target) for row, item in own)
    loads = gathered(
        ((roles[row.person], item.id), (aim, row, item)) for row, item, aim in held if aim is not None and aim > 0
    )
    for (role, _), load in loads.items():
        least, most = (pick(load, key=lambda entry: entry[0]) for pick in (min, max))
        if Fraction(most[0]) > Fraction(least[0]) * _UNEQUAL:
            yield warning(
                "same-post-unequal-load", Place(file, most[1].row, "target"), role=roster.design.roles[role].name,
                indicator=most[2].name, low=least[0], high=most[0],
                people=[roster.names[least[1].person], roster.names[most[1].person]],
            )  # fmt: skip


def _steps_in_order(
    roster: Roster, tables: Tables, cycle: Cycle, procedures: Mapping[str, Procedure]
) -> Iterator[Issue]:
    file = f"cycles/{cycle.id}/steps.csv"
    done: dict[tuple[str, str], list[tuple[str, date]]] = {}
    for row in rows_of(tables.steps):
        name = row.procedure or GOAL_SETTING
        if name not in procedures:  # said where the tables were read
            continue
        own, who = done.setdefault((row.person, name), []), roster.called(row.person)
        problem = procedures[name].problem_with(own, row.step, row.date)
        if problem:
            yield error(problem.code, Place(file, row.row, "step"), person=who, **problem.values)
            continue
        own.append((row.step, row.date))
        confirmed = name == GOAL_SETTING and len(own) == len(procedures[name].steps)
        if confirmed and (late := days_late(row.date, cycle.first_day)):
            yield warning("late-confirmation", Place(file, row.row, "date"), date=row.date, n=late, indicator=who)


def _cascade_whole(cascade: Cascade, roster: Roster, tables: Tables, file: str, goals_file: str) -> Iterator[Issue]:
    """Find broken chains, gaps, doubles and goals made before the one above (S127, S135)."""
    goals = cascade.goals
    names: dict[tuple[str | None, str], str] = {}
    for row in rows_of(tables.cascade):
        place = Place(file, row.row)
        above = goals.get(row.parent)
        if goals[row.id].row != row.row:
            yield error("duplicate-row", place, key=row.id, first=goals[row.id].row)
            continue
        if above is None and (row.parent or row.level != LEVELS[0]):
            yield error("unknown-parent", place, parent=row.parent or "–", nearest=nearest(row.parent or "", goals))
        elif above is not None and not above_level(above.level, row.level):
            yield error("cascade-order", place, goal=row.name, parent=above.name)
        yield from _made_after(row, above, row.name, place)
        first = names.setdefault((row.parent, row.name), row.id)
        if first != row.id:
            yield error("cascade-duplicate", place, goal=row.name, other=first)
        yield from _other_units(row, cascade.parts.get(row.id, ()), place)
        gap = cascade.gap(row.id)
        if row.level != LEVELS[-1] and not cascade.parts.get(row.id) and not cascade.carried.get(row.id):
            yield error("cascade-gap", place, goal=row.name, gap="100")
        elif gap is not None and gap > 0:
            yield error("cascade-gap", place, goal=row.name, gap=f"{float(gap):.4g}")
        elif gap is not None and gap < 0:
            yield warning("cascade-over", place, goal=row.name, over=f"{float(-gap):.4g}")
    yield from _own_goals_hang(cascade, roster, goals_file)


def _other_units(row: Any, parts: Iterable[Any], place: Place) -> Iterator[Issue]:
    """Find a goal whose value is in another unit than those that it is split into: nothing tells what is missing."""
    others = dict.fromkeys(part.unit or "–" for part in parts if part.value is not None and part.unit != row.unit)
    if row.value is not None and others:
        yield warning("cascade-units", place, goal=row.name, unit=row.unit or "–", others=list(others))


def _made_after(row: Any, above: Any, name: str, place: Place) -> Iterator[Issue]:
    if above is not None and row.made and above.made and row.made < above.made:
        values = {"goal": name, "date": row.made, "parent": above.name, "above": above.made}
        yield error("goal-before-superior", place, **values)


def _own_goals_hang(cascade: Cascade, roster: Roster, file: str) -> Iterator[Issue]:
    said: dict[str, Any] = {}
    for row in cascade.own:
        place = Place(file, row.row, "parent")
        above = cascade.goals.get(row.parent)
        if row.parent and above is None:
            yield error("unknown-parent", place, parent=row.parent, nearest=nearest(row.parent, cascade.goals))
        elif above is None and cascade.goals:
            share = cascade.coverage() or Fraction(0)
            yield warning("goal-without-parent", place, goal=row.text, coverage=f"{float(share * 100):.3g}")
        yield from _made_after(row, above, row.text, place)
        first = said.setdefault(row.text, row)
        held = [roster.role(each.person) for each in (first, row)]  # whoever cannot be read has no role yet
        if row.text and all(held) and roster.roles[first.person] != roster.roles[row.person]:
            yield error("cascade-duplicate", place, goal=row.text, other=first.person)
