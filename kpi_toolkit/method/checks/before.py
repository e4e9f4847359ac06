"""What only the cycles before can show: points that slipped, figures exchanged, rules that are others unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations
from typing import Any

from kpi_toolkit.method.changes import changes
from kpi_toolkit.method.checks.plausible import FEW, MAGNITUDE
from kpi_toolkit.method.checks.relation import Figures, by_key
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.tables import Tables, rows_of

_Key = tuple[str, str]
"""An indicator and a column."""
_Own = dict[_Key, Decimal]
"""One person's figures."""
_APART, _NEARER, _LEAST = Decimal("0.1"), 3, 2
"""Ours: figures a tenth apart tell two people apart; so many of them, so much nearer to the other's, are exchanged."""
_USUAL, _KINDS, _MANY = {Decimal(0), Decimal(100)}, 3, 6
"""Ours: figures that many reach tell nothing; so many different ones, so many rows, are no chance."""
_BETTER = 2
"""Ours: figures that fit so many times better a row above or below have slipped; of three people, three times."""
_PAIRED = 60
"""Of so many people of a role with unusual figures each pair is held against each other."""
_SHOWN = 8
"""So many changes of a design are told one by one."""


def against_before(design: Design, tables: Tables, earlier: Sequence[Figures], found: Issues) -> Iterator[Issue]:
    """Hold a cycle's figures against those of the cycles before; what has been ``found`` is not asked about again."""
    yield from _slipped_points(design, tables, earlier, found)
    yield from _exchanged(tables, earlier)
    yield from _slid(tables, earlier, Roster(design, tables.people))
    yield from _copied(tables)
    yield from _targets_copied(design, tables)


def _slipped_points(
    design: Design, tables: Tables, earlier: Sequence[Figures], found: Iterable[Issue]
) -> Iterator[Issue]:
    """Find actuals ten, a hundred or a thousand times what the person reached in each earlier cycle, or a part of it.

    What is near its target is believed, and what has been ``found`` wrong is not asked about again.
    """
    file, roster = tables.file("actuals"), Roster(design, tables.people)
    told = {issue.place.row for issue in found if issue.place.file == file}
    for row in rows_of(tables.actuals):
        indicator = roster.item(row)
        past = [figures.get((row.person, row.indicator, "actual"), Decimal(0)) for figures in earlier]
        past = [value for value in past if value > 0]
        if indicator is None or row.row in told or not past or not row.actual or row.actual < 0:
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


def _exchanged(tables: Tables, earlier: Sequence[Figures]) -> Iterator[Issue]:
    """Find two people of a role each of whom has the figures that are usual for the other, or were the last time.

    All their figures, or those of a column.
    """
    now = {who: {key: of[0] for key, of in own.items()} for who, own in _by_person([by_key(tables.actuals)]).items()}
    people = {person.id: person for person in rows_of(tables.people)}
    rows = {(row.person, row.indicator): row.row for row in reversed([*rows_of(tables.actuals)])}
    told: set[tuple[str, str]] = set()
    for months in (earlier, earlier[-1:]):
        past = _by_person(months)
        usual = {who: {key: sum(of, Decimal(0)) / len(of) for key, of in own.items()} for who, own in past.items()}
        odd: dict[str, list[str]] = {}
        for who, person in people.items():
            before = usual.get(who, {})
            if any(_apart(value, before.get(key, value)) for key, value in now.get(who, {}).items()):
                odd.setdefault(person.role, []).append(who)
        small = (group for group in odd.values() if len(group) <= _PAIRED)  # where most moved, a pair tells nothing
        for pair in chain.from_iterable(combinations(group, 2) for group in small):
            found = pair not in told and _each_others(pair, now, usual)
            if found:
                told.add(pair)
                one, other = (people[who].name for who in pair)
                first, second = (rows[who, found[0]] for who in pair)
                place = Place(tables.file("actuals"), first, found[1])
                yield warning("figures-exchanged", place, person=one, other=other, row=second)


def _slid(tables: Tables, earlier: Sequence[Figures], roster: Roster) -> Iterator[Issue]:
    """Find an indicator in which everybody of a role has what is usual for whoever stands a row above, or below."""
    past = _by_person(earlier)
    groups = gathered(
        ((roster.roles.get(row.person), row.indicator), (row, sum(of, Decimal(0)) / len(of)))
        for row in rows_of(tables.actuals)
        if row.actual and row.actual > 0 and (of := past.get(row.person, {}).get((row.indicator, "actual")))
    )
    for own in groups.values():
        usual = [before for _, before in own]
        if len(own) < _KINDS or min(usual) < FEW:
            continue
        turned = (zip(own, usual[-step:] + usual[:-step], strict=True) for step in (0, 1, -1))
        off, *slid = (sum(abs((row.actual / like).ln()) for (row, _), like in pairs) for pairs in turned)
        if off >= len(own) * _APART and min(slid) * max(_BETTER, 2 * _KINDS - len(own)) <= off:
            item, place = roster.item(own[0][0]), Place(tables.file("actuals"), own[0][0].row, "actual")
            yield warning("rows-slipped", place, indicator=item.name if item else "", n=len(own))


def _by_person(cycles: Iterable[Figures]) -> dict[str, dict[_Key, list[Decimal]]]:
    """Return everybody's figures of several cycles, oldest first."""
    found: dict[str, dict[_Key, list[Decimal]]] = {}
    for (person, indicator, column), value in chain.from_iterable(figures.items() for figures in cycles):
        found.setdefault(person, {}).setdefault((indicator, column), []).append(value)
    return found


def _each_others(
    pair: tuple[str, str], now: Mapping[str, _Own], usual: Mapping[str, _Own]
) -> tuple[str, str | None] | None:
    """Return the first indicator and the column whose figures of two people are each other's usual ones, if any are.

    All that tells the two apart must be much nearer to what is usual for the other, for both: everything (then there is
    no column), or everything in a column.
    """
    one, other = pair
    telling = [key for key in usual[one].keys() & usual[other].keys() if _apart(usual[one][key], usual[other][key])]
    crossed = {key for key in telling if _crosses(pair, key, now, usual)}
    for column in (None, "actual", "appraiser", "others"):
        own = sorted(key for key in telling if column in (None, key[1]))
        if len(own) >= _LEAST + (column is not None) and crossed >= {*own}:
            return own[0][0], column
    return None


def _crosses(pair: tuple[str, str], key: _Key, now: Mapping[str, _Own], usual: Mapping[str, _Own]) -> bool:
    return all(
        key in now[who]
        and not _apart(now[who][key], usual[like][key])
        and abs(now[who][key] - usual[like][key]) * _NEARER <= abs(now[who][key] - usual[who][key])
        for who, like in (pair, pair[::-1])
    )


def _copied(tables: Tables) -> Iterator[Issue]:
    """Find people all of whose figures are another's of the same cycle: rows that were copied."""
    rows = {row.person: row.row for row in reversed([*rows_of(tables.actuals)])}
    names = {person.id: person.name for person in rows_of(tables.people)}
    first: dict[frozenset[Any], str] = {}
    for person, own in _by_person([by_key(tables.actuals)]).items():
        figures = frozenset((key, value) for key, (value,) in own.items())
        telling = {value for _, value in figures if value not in _USUAL and len(value.as_tuple().digits) > 1}
        other = first.setdefault(figures, person)
        if other != person and len(telling) >= _KINDS:
            place = Place(tables.file("actuals"), rows[person])
            yield warning("figures-of-another", place, person=names.get(person, person), other=names.get(other, other))


def _targets_copied(design: Design, tables: Tables) -> Iterator[Issue]:
    """Find people all of whose actuals are their targets, to the digit."""
    roster = Roster(design, tables.people)
    own = gathered(
        (row.person, (row, tables.target(row.person, item)))
        for row in rows_of(tables.actuals)
        if row.actual is not None and (item := roster.item(row)) is not None
    )
    for person, lines in own.items():
        telling = {target for _, target in lines if target not in _USUAL}
        if len(telling) >= _KINDS and all(row.actual == target for row, target in lines):
            place = Place(tables.file("actuals"), lines[0][0].row, "actual")
            yield warning("actuals-are-targets", place, person=roster.called(person))


def _apart(one: Decimal, other: Decimal) -> bool:
    """Whether two figures differ by more than chance makes them."""
    return abs(one - other) > max(abs(one), abs(other)) * _APART


def changed_unsaid(before: Design, design: Design, place: Place, other: str) -> Iterator[Issue]:
    """Find what a design says otherwise than that of the cycle before of the same version."""
    found = changes(before.as_agreed, design.as_agreed) if before.version == design.version else ()
    said = [f"{each.key}: {_shown(each.before)} → {_shown(each.after)}" for each in found]
    if said:
        shown = said if len(said) <= _SHOWN else [*said[:_SHOWN], "…"]
        yield warning("design-changed-unsaid", place, other=other, version=design.version, changes=shown)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " / ".join(str(part) for part in dict.fromkeys(value.values()))
    if isinstance(value, list):
        return " / ".join(map(_shown, value))
    return "–" if value is None else str(value)
