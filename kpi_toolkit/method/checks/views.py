"""Views that look alike, stand in each other's column, or say another thing than the figure beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from statistics import median_high

from kpi_toolkit.method.checks.plausible import VIEWS
from kpi_toolkit.method.checks.relation import Before, Figures, by_key, completion
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, hint, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import FULL, half_up
from kpi_toolkit.method.tables import Tables, rows_of

_KINDS, _MANY = 3, 6
"""Ours: so many different views, so many rows, are no chance."""
_CLEAR, _LEANING = Decimal("0.75"), Decimal("0.8")
"""Ours: where so many of a person's (of all) views are better than the appraiser's, or worse, these lean so."""
_RARE = Fraction(1, 50)
"""Ours: what chance makes in fewer of so many tables is asked about."""
_FAR, _CLOSE = 30, 8
"""Ours: where views usually lie so close to what was reached, one so far from it is looked at again."""


def check_views(design: Design, tables: Tables, last: Before | None, found: Issues) -> Iterator[Issue]:
    """Find views that were copied, exchanged, left over, or are far from what was reached."""
    yield from _views_alike(tables)
    if last is not None:
        yield from _views_left_over(tables, last)
        yield from _views_turned(Roster(design, tables.people), tables, last.figures)
    yield from _far_from_what_was_reached(Roster(design, tables.people), tables, found)


def _views_alike(tables: Tables) -> Iterator[Issue]:
    """Find a column of appraisers' views that is everywhere the person's own view, and columns of one view only."""
    for column in VIEWS:
        rows = [row for row in rows_of(tables.actuals) if getattr(row, column) is not None]
        if len(rows) >= _MANY and len(people := {row.person for row in rows}) > 1:
            views = {getattr(row, column) for row in rows}
            if len(views) == 1:
                place = Place(tables.file("actuals"), rows[0].row, column)
                yield hint("one-view-for-all", place, n=len(rows), people=len(people), value=views.pop())
    both = [row for row in rows_of(tables.actuals) if row.self is not None and row.appraiser is not None]
    kinds = {row.self for row in both}
    if len(both) >= _MANY and len(kinds) >= _KINDS and all(row.self == row.appraiser for row in both):
        place = Place(tables.file("actuals"), both[0].row, "appraiser")
        yield warning("views-copied", place, (row.person for row in both), n=len(both))


def _views_left_over(tables: Tables, last: Before) -> Iterator[Issue]:
    """Find appraisers' views of a team or of a role that are all those of the cycle before."""
    people = {person.id: person for person in rows_of(tables.people)}
    groups = gathered(
        ((kind, getattr(people[row.person], kind) or ""), row)
        for row in rows_of(tables.actuals)
        if row.appraiser is not None and not row.parts and row.person in people
        for kind in ("team", "role", "manager")
    )
    told: set[int] = set()
    for rows in groups.values():
        same = all(last.figures.get((row.person, row.indicator, "appraiser")) == row.appraiser for row in rows)
        if same and len(rows) >= _MANY and len({row.appraiser for row in rows}) >= _KINDS and rows[0].row not in told:
            told |= {row.row for row in rows}
            place, whose = Place(tables.file("actuals"), rows[0].row, "appraiser"), {row.person: None for row in rows}
            yield warning("views-of-before", place, whose, n=len(rows), people=len(whose), other=last.id)


def _views_turned(roster: Roster, tables: Tables, then: Figures) -> Iterator[Issue]:
    """Find people, or a whole table, whose two views lie the other way round than in the cycle before."""
    leaned, leans = _leanings(then), _leanings(by_key(tables.actuals))
    rows = {row.person: row.row for row in reversed([*rows_of(tables.actuals)])}
    before, now = ([way for ways in all_.values() for way in ways] for all_ in (leaned, leans))
    leaning, leans_now = (_most(ways, _MANY, _LEANING) for ways in (before, now))
    if leaning * leans_now < 0:
        yield warning("views-exchanged", Place(tables.file("actuals"), column="self"), people=[], n=len(now))
        return
    against = [who for who, ways in leans.items() if {_most(leaned.get(who, [])) * way for way in ways} == {-1}]
    usual = Fraction(1 + min(before.count(1), before.count(-1)), 2 + len(before))  # how often a view lies so by itself
    turned = [who for who in against if len(leans) * usual ** len(leans[who]) <= _RARE]
    if turned and leaning and 2 * len(turned) <= len(leans):
        place = Place(tables.file("actuals"), rows[turned[0]], "self")
        yield warning("views-exchanged", place, turned, people=[roster.called(who) for who in turned], n=len(turned))


def _leanings(figures: Figures) -> dict[str, list[int]]:
    """Return for each person's indicators with two different views whether the own one is higher (1) or lower (-1)."""
    own = ((key, value) for key, value in figures.items() if key[2] == "self")
    both = ((who, value, figures.get((who, indicator, "appraiser"), value)) for (who, indicator, _), value in own)
    return gathered((who, 1 if value > other else -1) for who, value, other in both if other != value)


def _most(ways: list[int], least: int = _KINDS, share: Decimal = _CLEAR) -> int:
    """Return which way this share of so many views lies, 1 where the own ones are higher; 0 for neither."""
    return next((way for way in (1, -1) if len(ways) >= least and ways.count(way) >= share * len(ways)), 0)


def _far_from_what_was_reached(roster: Roster, tables: Tables, found: Iterable[Issue]) -> Iterator[Issue]:
    """Find an appraiser's view that is far from the completion, where all others are close to theirs."""
    told = {issue.place.row for issue in found if issue.place.file == tables.file("actuals")}
    partly = {*tables.spells["person"]}  # whose targets are made smaller afterwards
    apart = [
        (abs(min(done, FULL) - min(row.appraiser, FULL)), row, item, done)
        for row, item in roster.lines(tables.actuals)
        if row.appraiser is not None and row.person not in partly
        and (done := completion(row.actual, tables.target(row.person, item), item)) is not None
    ]  # fmt: skip
    if len(apart) < _MANY or median_high(gap for gap, *_ in apart) > _CLOSE:
        return
    for gap, row, item, done in apart:
        if gap >= _FAR and row.row not in told:
            place, said = Place(tables.file("actuals"), row.row, "actual"), half_up(done, 0)
            who = roster.called(row.person)
            yield warning("view-against-actual", place, person=who, indicator=item.name, view=row.appraiser, done=said)
