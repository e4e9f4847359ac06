"""What can be wrong between a client's goals and the indicators that should serve them (S001, S017, S018)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kpi_toolkit.method.checks.days import LONG
from kpi_toolkit.method.checks.places import DESIGN_FILE, PROFILE_FILE, indicators_of
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.goals import GoalCard, served_shares
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Basis, Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import Word

_FAR = 10
"""Per cent that a goal's part of the weights may lie from its share (ours)."""


def check_goals(profile: Profile, design: Design, cards: Mapping[str, GoalCard], indicators: Collection[str]) -> Issues:
    """Return what is wrong with the goals that a client states and with what serves them."""
    if not profile.goals:
        return Issues([hint("goals-not-stated", Place(PROFILE_FILE, key="goals"), known=_known(profile, cards))])
    found = Issues(_goals_exist(profile, cards, indicators))
    if any(issue.code == "no-operating-goal" for issue in found):
        return found  # nothing can serve a goal that is still to be found
    return found + Issues(_indicators_serve(profile, design, cards))


def _known(profile: Profile, cards: Mapping[str, GoalCard]) -> str:
    return ", ".join([*(goal for goal, card in cards.items() if not card.diagnosis_only), *profile.own_goals])


def _goals_exist(profile: Profile, cards: Mapping[str, GoalCard], indicators: Collection[str]) -> Iterator[Issue]:
    for goal in profile.goals:
        place = Place(PROFILE_FILE, key=f"goals.{goal}")
        if goal in cards and cards[goal].diagnosis_only:
            yield error("no-operating-goal", place, worksheet=cards[goal].worksheet or "–")
        elif goal not in cards and goal not in profile.own_goals:
            near = nearest(goal, [*cards, *profile.own_goals])
            yield error("unknown-goal", place, goal=goal, nearest=near, known=_known(profile, cards))
    for goal, own in profile.own_goals.items():
        for name in own.indicators:
            if name not in indicators:
                place, known = Place(PROFILE_FILE, key=f"own_goals.{goal}"), ", ".join(sorted(indicators))
                yield error("unknown-indicator-card", place, name=name, nearest=nearest(name, indicators), known=known)


def _indicators_serve(profile: Profile, design: Design, cards: Mapping[str, GoalCard]) -> Iterator[Issue]:
    served = set()
    for _, role, indicator, place in indicators_of(design):
        goal = indicator.serves_goal
        served.add(goal)
        if goal is None:
            yield error("serves-no-goal", place, indicator=indicator.name, role=role.name, known=list(profile.goals))
        elif goal not in profile.goals and goal not in cards:
            near = nearest(goal, profile.goals)
            yield error("unknown-goal", place, goal=goal, nearest=near, known=", ".join(profile.goals))
        elif goal not in profile.goals:
            yield warning("goal-not-pursued", place, indicator=indicator.name, goal=_name(goal, profile, cards))
    for goal, share in profile.goals.items():
        if share and goal not in served and (goal in cards or goal in profile.own_goals):
            place = Place(PROFILE_FILE, key=f"goals.{goal}")
            yield warning("goal-not-served", place, goal=_name(goal, profile, cards), share=share * 100)
    if served == {goal for goal, share in profile.goals.items() if share}:
        yield from _shares_differ(profile, design, cards)


def _shares_differ(profile: Profile, design: Design, cards: Mapping[str, GoalCard]) -> Iterator[Issue]:
    """Find the goal whose part of all weights is farthest from its share of the mix, where it is far."""
    parts = served_shares([*profile.goals], design.serving)
    gaps = {goal: abs(parts[goal] - share * 100) for goal, share in profile.goals.items() if parts[goal]}
    goal = max(gaps, key=lambda each: gaps[each], default="")
    if goal and gaps[goal] > _FAR:
        said = {"goal": _name(goal, profile, cards), "share": profile.goals[goal] * 100, "weights": parts[goal]}
        yield hint("goal-share-differs", Place(PROFILE_FILE, key=f"goals.{goal}"), **said)


def _name(goal: str, profile: Profile, cards: Mapping[str, GoalCard]) -> object:
    return profile.own_goals[goal].name if goal in profile.own_goals else cards[goal].name


def targets_stretch_too_far(design: Design) -> Iterator[Issue]:
    """Find targets outside the band of what there is ability for: ten parts for eight at the most (S085, X05)."""
    for _, _, item, place in indicators_of(design):
        if item.target is None or item.capacity is None or item.basis is not Basis.ACTUAL:
            continue
        most = item.capacity * design.stretch
        said = {"indicator": item.name, "target": item.target, "capacity": item.capacity}
        if item.target > most:
            yield warning("over-stretch", place, most=most.normalize() + 0, **said)
        elif item.direction is not Direction.LOWER and item.target <= item.capacity:
            yield hint("no-stretch", place, **said)


def managers_look_at_everything(design: Design) -> Iterator[Issue]:
    """Find tasks of management that a role says it has and that no indicator looks at (S050)."""
    for name, role in design.roles.items():
        seen = {item.focus for item in role.indicators}
        for focus in role.foci:
            if focus not in seen:
                place = Place(DESIGN_FILE, key=f"roles.{name}.foci")
                yield hint("focus-missing", place, role=role.name, focus=Word(f"focus.{focus}"))


def review_is_due(design: Design, cycle: Cycle) -> Iterator[Issue]:
    """Find a design that is older than its time to be looked at again (S299)."""
    if design.agreed is None:
        return
    last = cycle.last_day
    months = (last.year - design.agreed.year) * 12 + last.month - design.agreed.month - (last.day < design.agreed.day)
    if design.agreed > last + LONG:
        yield warning("date-far", Place(DESIGN_FILE, key="agreed"), date=design.agreed, cycle=cycle.id)
    if months >= design.review_months:
        place = Place(DESIGN_FILE, key="agreed")
        yield warning("review-due", place, agreed=design.agreed, months=months, limit=design.review_months)


CHECKS = (targets_stretch_too_far, managers_look_at_everything)
