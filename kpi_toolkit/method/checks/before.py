"""What only the cycles before can show: points that slipped, figures exchanged, rules that are others unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations

from kpi_toolkit.method.changes import changes
from kpi_toolkit.method.checks.plausible import FEW, MAGNITUDE
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.rows import ActualRow
from kpi_toolkit.method.tables import Tables, rows_of

Figures = Mapping[tuple[str, str, str], Decimal]
"""What was reported in a cycle, by person, indicator and column."""
_Own = dict[tuple[str, str], Decimal]
"""One person's figures, by indicator and column."""
_APART, _NEARER, _LEAST = Decimal("0.1"), 3, 2
"""Ours: figures a tenth apart tell two people apart; so many of them, so much nearer to the other's, are exchanged."""
_SHOWN = 8
"""So many changes of a design are told one by one."""


def against_before(design: Design, tables: Tables, earlier: Sequence[Figures], found: Issues) -> Iterator[Issue]:
    """Hold a cycle's figures against those of the cycles before; what has been ``found`` is not asked about again."""
    yield from _slipped_points(design, tables, earlier, found)
    yield from _exchanged(tables, earlier)


def _slipped_points(
    design: Design, tables: Tables, earlier: Sequence[Figures], found: Iterable[Issue]
) -> Iterator[Issue]:
    """Find actuals ten, a hundred or a thousand times what the person reached in each earlier cycle, or a part of it.

    What is near its target is believed, and what has been ``found`` wrong is not asked about again.
    """
    file, roster = tables.file("actuals"), Roster(design, tables.people)
    told = {issue.place.row for issue in found if issue.place.file == file}
    targets = {(row.person, row.indicator): row.target for row in rows_of(tables.goals)}
    for row in rows_of(tables.actuals):
        indicator = roster.item(row)
        past = [figures.get((row.person, row.indicator, "actual"), Decimal(0)) for figures in earlier]
        past = [value for value in past if value > 0]
        if indicator is None or row.row in told or not past or not row.actual or row.actual < 0:
            continue
        target = targets.get((row.person, row.indicator)) or indicator.target
        if target and abs(row.actual - target) * 2 <= abs(target):
            continue
        low, high = sorted((row.actual, sum(past, Decimal(0)) / len(past)))
        places = int(half_up(Fraction((high / low).log10()), 0))
        steady = high >= FEW and max(past) < min(past) * 2
        if steady and places and MAGNITUDE * high <= low * 10 ** (places + 1) <= high * 100 / MAGNITUDE:
            place = Place(file, row.row, "actual")
            yield warning("point-slipped", place, value=row.actual, past=past[-1], indicator=indicator.name)


def _exchanged(tables: Tables, earlier: Sequence[Figures]) -> Iterator[Issue]:
    """Find two people of a role each of whom has the figures that are usual for the other."""
    past: dict[str, dict[tuple[str, str], list[Decimal]]] = {}
    for (person, indicator, column), value in chain.from_iterable(figures.items() for figures in earlier):
        past.setdefault(person, {}).setdefault((indicator, column), []).append(value)
    usual = {who: {key: sum(of, Decimal(0)) / len(of) for key, of in own.items()} for who, own in past.items()}
    now: dict[str, _Own] = {}
    rows: dict[str, int] = {}
    for row in rows_of(tables.actuals):
        rows.setdefault(row.person, row.row)
        given = {(row.indicator, column): getattr(row, column) for column in ActualRow.figures}
        now.setdefault(row.person, {}).update({key: value for key, value in given.items() if value is not None})
    odd: dict[str, list[str]] = {}
    names = {person.id: person.name for person in rows_of(tables.people)}
    for person in rows_of(tables.people):
        own, before = now.get(person.id, {}), usual.get(person.id, {})
        if sum(_apart(value, before[key]) for key, value in own.items() if key in before) >= _LEAST:
            odd.setdefault(person.role, []).append(person.id)
    for one, other in chain.from_iterable(combinations(group, 2) for group in odd.values()):
        telling = [key for key in usual[one].keys() & usual[other].keys() if _apart(usual[one][key], usual[other][key])]
        if len(telling) >= _LEAST and all(
            key in now[who] and abs(now[who][key] - usual[like][key]) * _NEARER <= abs(now[who][key] - usual[who][key])
            for key in telling
            for who, like in ((one, other), (other, one))
        ):
            place = Place(tables.file("actuals"), rows[one])
            yield warning("figures-exchanged", place, person=names[one], other=names[other], row=rows[other])


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
    return "–" if value is None else str(value)
