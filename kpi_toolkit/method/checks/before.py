"""What only the cycles before can show: points that slipped, figures exchanged, rules that are others unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from kpi_toolkit.method.changes import changes
from kpi_toolkit.method.checks.exchanged import exchanged
from kpi_toolkit.method.checks.plausible import FEW, MAGNITUDE
from kpi_toolkit.method.checks.relation import Figures, by_key
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.tables import Tables, rows_of

_USUAL, _KINDS = {Decimal(0), Decimal(100)}, 3
"""Ours: figures that many reach tell nothing; so many different ones are no chance."""
_BEYOND, _APART, _NEAR = 4, 2, Decimal("1.25")
"""Ours: so many times the target and all others', or so far from it and near another's instead, is rather a slip."""


def against_before(design: Design, tables: Tables, earlier: Sequence[Figures], found: Issues) -> Iterator[Issue]:
    """Hold a cycle's figures against those of the cycles before; what has been ``found`` is not asked about again.

    Those of a first cycle are held against the targets and everybody else's.
    """
    roster = Roster(design, tables.people)
    yield from _slipped_points(roster, tables, earlier, found)
    yield from exchanged(tables, earlier, roster) if earlier else _against_targets(tables, roster, found)
    held = ((row, item) for row, item in roster.lines(tables.goals) if row.target and row.target > 0)
    aims = ((row, item, row.target, item.target) for row, item in held if item.target and item.target > 0)
    yield from _turned(aims, Place(tables.file("goals"), column="target"), roster)
    yield from _copied(tables)
    yield from _targets_copied(roster, tables)


def _slipped_points(
    roster: Roster, tables: Tables, earlier: Sequence[Figures], found: Iterable[Issue]
) -> Iterator[Issue]:
    """Find actuals ten, a hundred or a thousand times what the person reached in each earlier cycle, or a part of it.

    What is near its target is believed, and what has been ``found`` wrong is not asked about again.
    """
    file = tables.file("actuals")
    told = {issue.place.row for issue in found if issue.place.file == file}
    for row, indicator in roster.lines(tables.actuals):
        past = [figures.get((row.person, row.indicator, "actual"), Decimal(0)) for figures in earlier]
        past = [value for value in past if value > 0]
        if row.row in told or not past or not row.actual or row.actual < 0:
            continue
        target = tables.target(row.person, indicator)
        if target and abs(row.actual - target) * 2 <= abs(target):
            continue
        low, high = sorted((row.actual, sum(past, Decimal(0)) / len(past)))
        places = int(half_up(Fraction((high / low).log10()), 0))
        steady = high >= FEW and max(past) < min(past) * 2
        if steady and places and MAGNITUDE * high <= low * 10 ** (places + 1) <= high * 100 / MAGNITUDE:
            place = Place(file, row.row, "actual")
            yield warning("point-slipped", place, value=row.actual, past=past[-1], indicator=indicator.name)


def _against_targets(tables: Tables, roster: Roster, found: Iterable[Issue]) -> Iterator[Issue]:
    """Find figures of a first cycle that are several times their target and all others', or each other's."""
    file = tables.file("actuals")
    told = {issue.place.row for issue in found if issue.place.file == file}
    read = ((row, item) for row, item in roster.lines(tables.actuals) if row.actual and row.row not in told)
    aimed = ((row, item, tables.target(row.person, item)) for row, item in read if item.basis is Basis.ACTUAL)
    lines = [(row, item, target) for row, item, target in aimed if target and min(target, row.actual) > 0]
    shares = gathered((row.indicator, row.actual / target) for row, _, target in lines)
    highest = {name: sorted(of, reverse=True)[: _KINDS + 1] for name, of in shares.items()}
    for row, item, target in lines:
        most, *others = highest[row.indicator]
        if row.actual / target == most >= _BEYOND * max([1, *others[:1]]) and len(others) >= _KINDS:
            place = Place(file, row.row, "actual")
            yield warning("far-from-target", place, value=row.actual, target=target, indicator=item.name)
    yield from _turned(
        ((row, item, row.actual, target) for row, item, target in lines), Place(file, column="actual"), roster
    )


def _turned(lines: Iterable[tuple[Any, Indicator, Decimal, Decimal]], at: Place, roster: Roster) -> Iterator[Issue]:
    """Find two values of a person that are far from what is usual for them, and near to what is for each other."""
    for person, own in gathered((line[0].person, line) for line in lines).items():
        for (row, item, value, usual), (_, its, other, aim) in combinations(own, 2):
            off = [max(each, 1 / each) for each in (value / aim, other / usual, value / usual, other / aim)]
            if max(off[:2]) <= _NEAR and min(off[2:]) >= _APART:
                who, place = [roster.called(person)], at.at(row.row, at.column)
                yield warning("indicators-exchanged", place, indicator=item.name, other=its.name, people=who)


def _copied(tables: Tables) -> Iterator[Issue]:
    """Find people all of whose figures are another's of the same cycle: rows that were copied."""
    rows = {row.person: row.row for row in reversed([*rows_of(tables.actuals)])}
    names = {person.id: person.name for person in rows_of(tables.people)}
    first: dict[frozenset[Any], str] = {}
    figures_of = gathered((key[0], (key[1:], value)) for key, value in by_key(tables.actuals).items())
    for person, own in figures_of.items():
        figures = frozenset(own)
        telling = {value for _, value in figures if value not in _USUAL and len(value.as_tuple().digits) > 1}
        other = first.setdefault(figures, person)
        if other != person and len(telling) >= _KINDS:
            place = Place(tables.file("actuals"), rows[person])
            called = {"person": names.get(person, person), "other": names.get(other, other)}
            yield warning("figures-of-another", place, [person, other], **called)


def _targets_copied(roster: Roster, tables: Tables) -> Iterator[Issue]:
    """Find people all of whose actuals are their targets, to the digit."""
    given = ((row, item) for row, item in roster.lines(tables.actuals) if row.actual is not None)
    own = gathered((row.person, (row, tables.target(row.person, item))) for row, item in given)
    for person, lines in own.items():
        telling = {target for _, target in lines if target not in _USUAL}
        if len(telling) >= _KINDS and all(row.actual == target for row, target in lines):
            place = Place(tables.file("actuals"), lines[0][0].row, "actual")
            yield warning("actuals-are-targets", place, person=roster.called(person))


def changed_unsaid(before: Design, design: Design, place: Place, other: str) -> Iterator[Issue]:
    """Find what a design says otherwise than that of the cycle before of the same version."""
    found = changes(before.as_agreed, design.as_agreed) if before.version == design.version else ()
    said = [f"{each.key}: {_shown(each.before)} → {_shown(each.after)}" for each in found]
    if said:
        yield warning("design-changed-unsaid", place, other=other, version=design.version, changes=said)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " / ".join(str(part) for part in dict.fromkeys(value.values()))
    if isinstance(value, list):
        return " / ".join(map(_shown, value))
    return "–" if value is None else str(value)
