"""How a cycle's values stand to those of the cycle before: what moved otherwise than everybody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from statistics import median_high, median_low
from typing import Any, TypeVar

from kpi_toolkit.method.checks.plausible import FEW, adds_up, in_pieces
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import FULL, digits, half_up
from kpi_toolkit.method.rows import ActualRow
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Table, Tables, rows_of, table
from kpi_toolkit.method.value import Text
from kpi_toolkit.method.wording import numbers_before

Figures = Mapping[tuple[str, str, str], Decimal]
"""What was reported in a cycle, by person, indicator and column."""
_Key = TypeVar("_Key", bound=Hashable)
_Held = Mapping[tuple[str, str], Decimal]
"""Targets by person and indicator."""
_LEAST, _ONE_OTHER, _ALONE, _NOISE = Decimal("1.25"), Decimal("1.5"), Decimal("1.6"), Decimal("2.5")
"""Ours: so far off what the others' moves make likely; farther where one or nobody else shows it, or of few pieces."""
_TARGET, _TARGET_ALONE = Decimal("1.2"), Decimal("1.5")
"""Ours: targets are agreed, so chance moves them less."""
_FEW_PEOPLE = 3
"""Among so many, one figure for all may be chance."""
_MANY_TIMES = 4
"""Ours: so many times the points of all others of its rule."""
_SEEN = Decimal("1.1")
"""Ours: so near to what the person has reached before, nothing is asked."""
_BACKED = 12
"""Ours: a view so few points from what was reached knows the figure."""
_SHORT_OF_FULL = 6
"""Ours: many views end at 100; one so few points from it knows of more."""
_SLIP = Decimal("1.06")
"""Ours: so near to what is likely comes a slip once its digits change places, or it is doubled or halved."""
_WEIGHED = 12
"""Among so many people each is held against the others alone; among more, one does not move the middle."""


@dataclass(frozen=True)
class Before:
    """The cycle before."""

    id: str
    figures: Figures = field(default_factory=dict)
    targets: _Held = field(default_factory=dict)
    """People's own."""
    design: Design | None = None
    people: Table = field(default_factory=lambda: table("people"))
    adjustments: Table = field(default_factory=lambda: table("adjustments"))
    away: frozenset[str] = frozenset()
    """Whoever was there, or in the role, for a part of it."""


def by_key(actuals: Table) -> Figures:
    """Return what a table of actuals reports, by person, indicator and column."""
    found = ((row, column, getattr(row, column)) for row in rows_of(actuals) for column in ActualRow.figures)
    return {(row.person, row.indicator, column): Decimal(value) for row, column, value in found if value is not None}


def own_targets(goals: Table) -> _Held:
    """Return the targets of people's own."""
    found = ((row, row.target) for row in rows_of(goals))
    return {(row.person, row.indicator): Decimal(target) for row, target in found if target is not None}


@dataclass(frozen=True)
class _Moves:
    """How far values of one thing moved since the cycle before: by person, now over then."""

    of: dict[str, Decimal]

    def others(self, person: str) -> tuple[Decimal, Decimal, int]:
        """Return how the others moved, how many times they usually lie apart, and how many they are.

        Of two middle moves the one nearer to the person's own counts: one slip of two is not the other's.
        """
        if len(self.of) > _WEIGHED:
            return self._all
        return _middle([move for who, move in self.of.items() if who != person], self.of.get(person, Decimal(1)))

    @cached_property
    def _all(self) -> tuple[Decimal, Decimal, int]:
        return _middle([*self.of.values()], Decimal(1))

    def all_beyond(self, far: Decimal) -> bool:
        """Whether everybody's, and more than one person's, moved so far, and all the same way."""
        moves = self.of.values()
        return len(moves) > 1 and (min(moves) >= far or max(moves) * far <= 1)


def _middle(moves: Sequence[Decimal], own: Decimal) -> tuple[Decimal, Decimal, int]:
    if not moves:
        return Decimal(1), Decimal(1), 0
    usual = min((median_low(moves), median_high(moves)), key=lambda move: _times(move, own))
    return usual, median_high(_times(move, usual) for move in moves), len(moves)


def _times(one: Decimal, other: Decimal) -> Decimal:
    """Return how many times the larger of two numbers is the smaller."""
    return max(one / other, other / one)


@dataclass(frozen=True)
class _Pair:
    """A cycle and the one before, with people who were there for the whole of both."""

    roster: Roster
    tables: Tables
    last: Before
    earlier: Sequence[Figures]
    part: frozenset[str]

    @cached_property
    def targets(self) -> dict[str, _Moves]:
        """How the targets moved, by indicator."""
        everybody = ((item.id, person, item) for (person, _), item in self.roster.items.items())
        return self._moves(
            (name, person, self.tables.target(person, item), self.target_then(person, item))
            for name, person, item in everybody
        )

    def _moves(self, both: Iterable[tuple[_Key, str, Decimal | None, Decimal | None]]) -> dict[_Key, _Moves]:
        """Return how far everybody's values moved, now over then, by what they are of; of noughts there is no ratio."""
        whole = ((key, who, now, then) for key, who, now, then in both if who not in self.part and now and then)
        moves = gathered((key, (who, now / then)) for key, who, now, then in whole if min(now, then) > 0)
        return {key: _Moves(dict(of)) for key, of in moves.items()}

    def target_then(self, person: str, item: Indicator) -> Decimal | None:
        """Return a person's target of the cycle before: the own one or that of its design."""
        return self.last.targets.get((person, item.id), self._designed.get(item.id, item.target))

    @cached_property
    def _designed(self) -> dict[str, Decimal | None]:
        roles = self.last.design.roles.values() if self.last.design else ()
        return {item.id: item.target for role in roles for item in role.indicators}

    @cached_property
    def figures(self) -> dict[tuple[str, str], _Moves]:
        """How the figures that count moved, by indicator and column."""
        figures = by_key(self.tables.actuals).items()
        return self._moves((key[1:], key[0], now, self.last.figures.get(key)) for key, now in figures)

    def explained(self, person: str, item: Indicator) -> Decimal:
        """Return how far a person's target moved against the others', which a figure may follow."""
        moves = self.targets.get(item.id)
        return moves.of.get(person, Decimal(1)) / moves.others(person)[0] if moves else Decimal(1)


def against_the_cycle_before(
    design: Design, tables: Tables, cycle: Cycle, last: Before, earlier: Sequence[Figures], found: Issues
) -> Iterator[Issue]:
    """Find figures and targets that moved otherwise since the cycle before than everybody else's.

    Whoever was there for a part of either cycle is not asked about, and what has been ``found`` is not asked again.
    """
    first = cycle.previous.first_day
    comes_or_goes = {
        person.id
        for person in rows_of(tables.people)
        if (person.joined and person.joined > first) or (person.left and person.left <= cycle.last_day)
    }
    part = last.away | comes_or_goes | {*tables.spells["person"]}
    pair = _Pair(Roster(design, tables.people), tables, last, earlier, part)
    asked = Issues(_targets_moved(pair, _told(found, tables.file("goals"))))
    asked += _targets_gone(pair) if tables.file("goals") not in {issue.place.file for issue in found.errors} else ()
    yield from asked
    told = _told(found, tables.file("actuals"))
    yield from _all_moved(pair, told)
    rows = _told(found + asked, tables.file("goals"))
    by_target = {(row.person, row.indicator) for row in rows_of(tables.goals) if row.row in rows}
    told |= {row.row for row in rows_of(tables.actuals) if (row.person, row.indicator) in by_target}
    yield from _figures_moved(pair, told)
    yield from _adjustments_compared(tables, last, {rule.id: rule.name for rule in design.adjustments.rules})


def _adjustments_compared(tables: Tables, last: Before, names: Mapping[str, Text]) -> Iterator[Issue]:
    """Find adjustments that are those of the cycle before, and one of a rule that is many times all others of it."""
    file, rows, then = tables.file("adjustments"), [*rows_of(tables.adjustments)], [*rows_of(last.adjustments)]
    told = [(row.person, row.rule, row.points, row.reason) for row in rows]
    before = [(row.person, row.rule, row.points, row.reason) for row in then]
    if len(before) > 1 and not Counter(before) - Counter(told):
        yield warning("adjustments-of-before", Place(file), n=len(before), other=last.id)
    for row in rows:
        of_rule = [abs(each.points) for each in (*rows, *then) if each.rule == row.rule and each is not row]
        if len(of_rule) > 1 and abs(row.points) >= max(of_rule) * _MANY_TIMES:
            place, rule = Place(file, row.row, "points"), names.get(row.rule, row.rule)
            yield warning("points-unusual", place, rule=rule, points=row.points, n=len(of_rule), most=max(of_rule))


def _told(found: Issues, file: str) -> set[int | None]:
    """Return the rows of a file that something was found in; None where it was of the whole file."""
    return {issue.place.row for issue in found if issue.place.file == file and issue.severity != "hint"}


def _targets_moved(pair: _Pair, told: set[int | None]) -> Iterator[Issue]:
    """Find targets that moved otherwise than the others', unless the goal's words say the number too."""
    file = pair.tables.file("goals")
    for row, item in pair.roster.lines(pair.tables.goals):
        moves = pair.targets.get(row.indicator)
        if row.target is None or row.row in told or moves is None or row.person not in moves.of:
            continue
        usual, _, others = moves.others(row.person)
        if not _said(row, item) and _times(moves.of[row.person], usual) >= (_TARGET if others else _TARGET_ALONE):
            then, who = pair.target_then(row.person, item), pair.roster.names[row.person]
            code, place = "target-stayed" if then == row.target else "target-moved", Place(file, row.row, "target")
            yield warning(code, place, person=who, indicator=item.name, target=row.target, then=then)


def _targets_gone(pair: _Pair) -> Iterator[Issue]:
    """Find targets of people's own that they had in the cycle before, and the design's now."""
    file, held = pair.tables.file("goals"), own_targets(pair.tables.goals)
    for (person, indicator), then in pair.last.targets.items() if held else ():
        moved = pair.targets[indicator].of.get(person) if indicator in pair.targets else None
        if (person, indicator) not in held and moved is not None and _times(moved, Decimal(1)) >= _SEEN:
            item, who = pair.roster.items[person, indicator], pair.roster.called(person)
            said = {"person": who, "indicator": item.name, "then": then, "target": item.target}
            yield warning("own-target-gone", Place(file), **said)


def _said(row: Any, item: Indicator) -> bool:
    """Whether a goal's words give its target too: nobody mistypes a number twice."""
    words = f"{row.text or ''} {row.quantity or ''}"
    return digits(row.target) in {n for unit in item.unit.words for n in numbers_before(unit, words)}


def _all_moved(pair: _Pair, told: set[int | None]) -> Iterator[Issue]:
    """Find an indicator whose figures all became many times what they were, one and the same, or parts of pieces."""
    for (indicator, column), moves in pair.figures.items():
        rows = [row for row in rows_of(pair.tables.actuals) if row.indicator == indicator and row.person in moves.of]
        item = pair.roster.item(rows[0])
        if column != "actual" or item is None:
            continue
        now = [row.actual for row in rows]
        then = [pair.last.figures[row.person, indicator, column] for row in rows]
        place = Place(pair.tables.file("actuals"), rows[0].row, column)
        said = {"indicator": item.name, "n": len(rows), "other": pair.last.id}
        if len(rows) > _FEW_PEOPLE and len({*now}) == 1 < len({*then}) and now[0] > FULL:
            yield warning("one-figure-for-all", place, moves.of, value=now[0], **said)
        yield from _parts_of_pieces(pair, item, (row for row in rows if row.row not in told), place)
        sums = Decimal(sum(now)), Decimal(sum(then))
        known = None in told or any(_seen(pair, row, column, row.actual) for row in rows)
        if not known and _all_unexplained(pair, item, moves) and _times(*sums) >= _by_chance(*sums, pieces=True):
            yield warning("all-moved", place, moves.of, **said)


def _all_unexplained(pair: _Pair, item: Indicator, moves: _Moves) -> bool:
    """Whether everybody's amounts moved far, and their targets did not."""
    held = pair.targets.get(item.id)
    explained = held is not None and _times(held.others("")[0], Decimal(1)) >= _LEAST
    return adds_up(item, None) and moves.all_beyond(_ALONE) and not explained


def _parts_of_pieces(pair: _Pair, item: Indicator, rows: Iterable[Any], place: Place) -> Iterator[Issue]:
    """Find figures that are no whole pieces of what was counted in whole ones in all earlier cycles."""
    past = [value for cycle in pair.earlier for key, value in cycle.items() if key[1:] == (item.id, "actual")]
    whole = len(past) > _FEW_PEOPLE and all(value == int(value) for value in past) and in_pieces(item)
    for row in rows if whole else ():
        if row.actual != int(row.actual):
            at = place.at(row.row, place.column)
            yield warning("part-of-a-piece", at, value=row.actual, indicator=item.name, unit=item.unit)


def _seen(pair: _Pair, row: Any, column: str, value: Decimal) -> bool:
    """Whether a person reached about as much in one of several earlier cycles."""
    past = [cycle[key] for cycle in pair.earlier if (key := (row.person, row.indicator, column)) in cycle]
    return len(past) > 1 and min(past) <= value * _SEEN and value <= max(past) * _SEEN


def completion(value: Decimal | None, target: Decimal | None, item: Indicator) -> Decimal | None:
    """Return what part of its target a figure is, in per cent; None where that is no view of completion."""
    plain = item.basis is Basis.ACTUAL and item.reads != "actual" and item.direction is not Direction.TARGET
    if not plain or not value or not target or min(value, target) <= 0:
        return None
    return FULL * (value / target if item.direction is Direction.HIGHER else target / value)


def backed(row: Any, item: Indicator, target: Decimal | None) -> bool:
    """Whether a view knows the figure that counts: it lies near the completion, or both views near each other."""
    if item.basis is not Basis.ACTUAL:
        return None not in (row.self, row.appraiser) and bool(abs(row.self - row.appraiser) <= _BACKED)
    done = completion(row.actual, target, item)
    if done is None or row.appraiser is None or done >= FULL * _ALONE:  # of so much more no view says how much
        return False
    near = abs(done - row.appraiser) <= _BACKED
    return bool(near or (done > FULL and row.appraiser >= FULL - _SHORT_OF_FULL))


def _slipped(value: Decimal, likely: Decimal) -> bool:
    """Whether a figure is near what is likely once two neighbouring digits change places, or half or twice as much."""
    sign, digits, exponent = value.as_tuple()
    swapped = (
        Decimal((sign, (*digits[:at], digits[at + 1], digits[at], *digits[at + 2 :]), int(exponent)))
        for at in range(len(digits) - 1)
        if digits[at] != digits[at + 1]
    )
    return any(other > 0 and _times(other, likely) <= _SLIP for other in (*swapped, value * 2, value / 2))


def _by_chance(value: Decimal, likely: Decimal, *, pieces: bool) -> Decimal:
    """Return how many times one of two figures may be the other by chance alone; of a few pieces that is a lot."""
    if pieces and value == int(value):
        return (2 * (1 / value + 1 / max(likely, Decimal(1))).sqrt()).exp()
    return 1 + _NOISE / max(likely, Decimal(1)).sqrt()


def _figures_moved(pair: _Pair, told: set[int | None]) -> Iterator[Issue]:
    """Find figures that are far from what the person's last one and the moves of the others make likely."""
    for row, item in pair.roster.lines(pair.tables.actuals):
        column = "actual" if item.basis is Basis.ACTUAL else "appraiser"
        moves = pair.figures.get((row.indicator, column))
        if row.row in told or moves is None or row.person not in moves.of:
            continue
        value, move = getattr(row, column), moves.of[row.person]
        usual, apart, others = moves.others(row.person)
        then = pair.last.figures[row.person, row.indicator, column]
        likely = then * usual
        done = completion(row.actual, pair.tables.target(row.person, item), item) or Decimal(0)
        full = done > FULL and (row.appraiser or 0) >= FULL - _SHORT_OF_FULL  # of how much more it says nothing
        doubtful = (row.appraiser is not None and not full) or _slipped(value, likely)
        least = (_ALONE, _ONE_OTHER, _LEAST)[min(others, 2)] if doubtful else (_ALONE, _ONE_OTHER)[others > 1]
        limit = max(least, apart**3, _by_chance(value, likely, pieces=adds_up(item, None)))
        own = (move, move / pair.explained(row.person, item))  # whoever stays where they were is not asked about
        off = min(_times(each, way) for each in own for way in (usual, Decimal(1)))
        known = _seen(pair, row, column, value) or backed(row, item, pair.tables.target(row.person, item))
        if off >= limit and not known:
            place = Place(pair.tables.file("actuals"), row.row, column)
            said = {"value": value, "then": then, "likely": half_up(likely, 0 if likely >= FEW else 1)}
            yield warning("out-of-line", place, indicator=item.name, **said)
