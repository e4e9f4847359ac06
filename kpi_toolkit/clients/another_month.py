"""Signs that a cycle's actuals are another's: the figures of an earlier one, or a title that says another month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from kpi_toolkit.clients.declared import named_in
from kpi_toolkit.clients.frozen import DESIGN, PEOPLE, own_file
from kpi_toolkit.clients.months import days_said, months_said, periods_said
from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.tabular import read_table, sheet_names, table_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.before import Figures, by_key, changed_unsaid
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Table, Tables, rows_of, table

_BEFORE = 6
_USUAL = {Decimal(0), Decimal(100)}
"""Figures that many reach month after month; they tell nothing."""
_ENOUGH, _KINDS, _CHANGED = 4, 3, 10
"""Ours: so many equal figures, so many of them different, and one in so many put right, are no chance."""
_MADE = timedelta(days=62)
"""A day so soon after a cycle is the one on which its file was made."""
_LAST_MONTH = re.compile(r"\W*(上个?月|(last|previous|prior) month)(?!.{0,12}(compar|vs|比))", re.IGNORECASE)
_HEADINGS = {"column-called-otherwise", "which-column"}


def of_another_month(
    folder: Path, cycles: Sequence[str], cycle: Cycle, tables: Tables, issues: Issues, design: Design
) -> Iterator[Issue]:
    """Find actuals that are an earlier cycle's, by their figures or by what title, sheet or headings say.

    Also ids that stood for somebody else in the cycle before, goals that only that one had, and a design that is
    another one under the same version.
    """
    yield from _names_changed(people_before(folder, cycles, cycle), tables.people, tables.file("people"))
    yield from _goals_gone(folder, cycles, cycle, tables)
    yield from _design_changed(folder, cycles, cycle, design)
    file, own = tables.file("actuals"), by_key(tables.actuals)
    if any(issue.place.file == file for issue in issues.errors):  # what is left of a table is no table
        own = {}
    earlier = cycles[: cycles.index(cycle.id)] if cycle.id in cycles else ()
    for other in reversed(earlier):
        path = folder / "cycles" / other / "actuals.csv"
        follows = other == earlier[-1]
        if _same_lines(folder / file, table_file(path)) or _same_figures(own, _figures(path), follows=follows):
            yield warning("same-as-before", Place(file), other=other)
            break
    else:
        for other in earlier[-1:]:
            then = _figures(folder / "cycles" / other / "actuals.csv")
            yield from _whoever_is_as_before(own, then, other, tables)
    titles = (i.values["said"] for i in issues if i.code == "rows-above-header" and i.place.file == file)
    above = (line for title in titles for line in title.splitlines())
    called = (str(i.values["called"]) for i in issues if i.code in _HEADINGS and i.place.file == file)
    headings = (word for heading in called for word in re.findall(r"[\w.-]+", heading))
    for text in (*above, *headings, *sheet_names(folder / file).split("  |  ")) if cycle.kind == "month" else ():
        months = _other_months(text, cycle)
        if months and (cycle.year, cycle.first_day.month) not in months:
            year, month = min(months)
            yield warning("other-month", Place(file), text=text[:60], month=f"{year}-{month:02d}", cycle=cycle.id)


def _whoever_is_as_before(own: Figures, then: Figures, other: str, tables: Tables) -> Iterator[Issue]:
    """Find people all of whose figures that tell something are those of the cycle before."""
    names = {person.id: person.name for person in rows_of(tables.people)}
    telling: dict[str, list[bool]] = {}
    for key, value in own.items():
        if key[2] == "actual" and value not in _USUAL and len(value.as_tuple().digits) > 1:
            telling.setdefault(key[0], []).append(then.get(key) == value)
    for person, same in telling.items():
        if len(same) >= _KINDS and all(same):
            row = next(row.row for row in rows_of(tables.actuals) if row.person == person)
            place = Place(tables.file("actuals"), row, "actual")
            yield warning("figures-of-before", place, person=names.get(person, person), other=other)


def figures_before(folder: Path, cycles: Sequence[str], cycle: Cycle) -> list[Figures]:
    """Return the figures of the last earlier cycles of the same length."""
    earlier = [Cycle.parse(each) for each in (cycles[: cycles.index(cycle.id)] if cycle.id in cycles else ())]
    same = [each.id for each in earlier if each.months == cycle.months][-_BEFORE:]
    return [_figures(folder / "cycles" / each / "actuals.csv") for each in same]


def reached(before: Iterable[Figures]) -> dict[tuple[str, str], list[Decimal]]:
    """Return what each person reached in each indicator, oldest first."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for figures in before:
        for (person, indicator, column), value in figures.items():
            if column == "actual":
                found.setdefault((person, indicator), []).append(value)
    return found


def people_before(folder: Path, cycles: Sequence[str], cycle: Cycle) -> Table:
    """Return the people of the cycle before, where that one has people of its own; nobody where it has not."""
    before = table_file(folder / "cycles" / cycle.previous.id / PEOPLE)
    if cycle.previous.id not in cycles or not before.is_file():
        return table("people")
    return _read_people(before.with_suffix(".csv"), before.stat().st_mtime_ns, before.stat().st_size)


@lru_cache(maxsize=64)
def _read_people(path: Path, _changed: int, _size: int) -> Table:
    return read_table(path, "people", path.name)[0]


def _names_changed(before: Table, people: Table, file: str) -> Iterator[Issue]:
    """Find ids that stood for somebody of another name in the cycle before."""
    then = {person.id: person.name for person in rows_of(before)}
    for person in rows_of(people):
        old = then.get(person.id, person.name)
        if skeleton(old) != skeleton(person.name):
            yield warning("name-changed", Place(file, person.row, "name"), id=person.id, old=old, new=person.name)


def _goals_gone(folder: Path, cycles: Sequence[str], cycle: Cycle, tables: Tables) -> Iterator[Issue]:
    """Find a cycle without a target of anybody's own after one with some: all its goals are gone, or most had one.

    A newcomer's part of a target ends with the cycle that the newcomer joined in.
    """
    none = all(row.target is None for row in rows_of(tables.goals))
    if cycle.previous.id in cycles and none and not tables.actuals.empty:
        before, _ = read_table(folder / "cycles" / cycle.previous.id / "goals.csv", "goals", "goals.csv")
        first = cycle.previous.first_day
        there = {person.id for person in rows_of(tables.people) if not person.joined or person.joined < first}
        own = [row.target is not None for row in rows_of(before) if row.person in there]
        most = 2 * sum(own) >= len(own)  # a target or two for one occasion need not come again
        if any(own) and (most or tables.goals.empty):
            yield warning("goals-gone", Place(tables.file("goals")), other=cycle.previous.id)


def _design_changed(folder: Path, cycles: Sequence[str], cycle: Cycle, design: Design) -> Iterator[Issue]:
    """Find what the design says otherwise than that of the cycle before, though it is called the same version."""
    own, other = own_file(folder, cycle.id, DESIGN), own_file(folder, cycle.previous.id, DESIGN)
    if cycle.previous.id not in cycles or own == other or (folder / own).read_bytes() == (folder / other).read_bytes():
        return
    named, _ = named_in(folder, cycle.previous.id, Workbook(folder.parent.parent))
    before, _ = read_toml(folder / other, Design, other, **named)
    if before is not None:
        yield from changed_unsaid(before, design, Place(own), cycle.previous.id)


def _other_months(text: str, cycle: Cycle) -> list[tuple[int, int]]:
    """Return the months that a text speaks of; the day on which a file was made is none of them."""
    days, rest = days_said(text)
    dated = [day for day in days if not cycle.last_day < day <= cycle.last_day + _MADE]
    said = [(year or cycle.year, month) for year, month in (months_said(rest) or periods_said(rest))]
    if _LAST_MONTH.match(rest):
        before = cycle.first_day - timedelta(days=1)
        said.append((before.year, before.month))
    return [*((day.year, day.month) for day in dated), *said]


def _same_lines(one: Path, other: Path) -> bool:
    """Whether two files hold the same, whatever the order and the ends of their lines."""
    return one.is_file() and other.is_file() and sorted(one.read_bytes().split()) == sorted(other.read_bytes().split())


def _same_figures(one: Figures, other: Figures, *, follows: bool) -> bool:
    """Whether two cycles have all figures in common that say anything, but for a few that were put right."""
    if follows and one and one == other:
        return True
    telling = [key for key, value in one.items() if value not in _USUAL]
    equal = [key for key in telling if other.get(key) == one[key]]
    varied = len(equal) >= _ENOUGH and len({one[key] for key in equal}) >= _KINDS
    return varied and len(telling) - len(equal) <= len(telling) // _CHANGED


def _figures(path: Path) -> Figures:
    file = table_file(path)
    state = file.stat() if file.is_file() else None
    return _read_figures(path, state.st_mtime_ns, state.st_size) if state else {}


@lru_cache(maxsize=64)
def _read_figures(path: Path, _changed: int, _size: int) -> Figures:
    """Return a file's figures; read once as long as it is not changed."""
    return by_key(read_table(path, "actuals", f"cycles/{path.parent.name}/{path.name}")[0])
