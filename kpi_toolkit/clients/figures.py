"""The month's figures, and the targets beside them, become ``actuals.csv`` and ``goals.csv``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.importing import SKIP, Import, label
from kpi_toolkit.clients.months import months_said
from kpi_toolkit.clients.tables_out import table_text
from kpi_toolkit.clients.tabular import read_table, table_file
from kpi_toolkit.method.checks.plausible import in_own_unit, is_per_cent
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, Known, Place, error, folded, hint, nearest, warning
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import Measured, is_not_reported, parse_measured, parse_number
from kpi_toolkit.method.tables import ROW_TYPES

_TABLES = {"target": "goals", **dict.fromkeys(("actual", "part", "whole", "self", "appraiser"), "actuals")}
_PLAIN = frozenset({"part", "whole", "self", "appraiser"})
"""Columns of plain numbers: in per cent, or of what the unit says nothing about."""
_ONE_NUMBER = re.compile(r"[^\d]*?(\d[\d,]*(?:\.\d+)?\s*[万亿]?)[^\d]*")
_UNIT_IN_NAME = re.compile(r"\s*[（(%][^（()）]*[)）]?\s*$")
_AS_SHOWN, _TARGET = "as-shown", "target"


@dataclass
class Figure:
    """A figure as it was written, and the number that it is; ``reading`` proposes one where it is not plain."""

    record: Record
    person: str
    item: Indicator
    column: str
    text: str
    value: Decimal | None = None
    reading: str = ""

    @property
    def question(self) -> str:
        """The name under which its reading is remembered."""
        return f"{self.column}:{self.item.id}:{self.text}"


def import_figures(into: Import, cycle: str, columns: set[str]) -> None:
    """Make ``goals.csv`` and ``actuals.csv`` of a cycle with those ``columns`` that the files have."""
    found: dict[tuple[str, str, str], Figure] = {}
    for figure in _figures(into, Cycle.parse(cycle), columns):
        key = figure.person, figure.item.id, figure.column
        first = found.setdefault(key, figure)
        if first is not figure and first.value != figure.value:
            cells = [one.record.cells[figure.column].name for one in (first, figure)]
            at = into.place(figure.record, figure.column)
            into.issues.append(error("two-values", at, cells=cells, values=[first.text, figure.text]))
    _read_all(into, found)
    if not found and not into.asking.open and not Issues(into.issues).errors:
        into.issues.append(error("nothing-found", into.nowhere, table="actuals.csv"))
    folder = into.client.folder / "cycles" / cycle
    for table in ("goals", "actuals"):
        mine = {key: figure for key, figure in found.items() if _TABLES[figure.column] == table}
        if mine:
            _merge(into, folder, table, mine)
    wide: dict[tuple[str, str], dict[str, str]] = {}
    for (person, item, column), figure in found.items():
        row = wide.setdefault((person, item), {"person": person, "indicator": item})
        row[column] = "" if figure.value is None else f"{figure.value:f}"
    into.rows = list(wide.values())


def _figures(into: Import, cycle: Cycle, columns: set[str]) -> Iterator[Figure]:
    blocks: dict[tuple[Any, ...], list[Record]] = {}
    for record in into.found.records:
        if "indicator" in record.cells and _of_the_month(into, record, cycle):
            blocks.setdefault(form_of(record), []).append(record)
    for records in blocks.values():
        person = person_of(into, records)
        if person is None:
            continue
        items = into.client.design.roles[person["role"]].indicators
        matched = [(record, indicator_named(record.text("indicator"), items)) for record in records]
        if not any(item for _, item in matched):
            role = into.client.design.roles[person["role"]].name
            names = [record.text("indicator") for record in records]
            place = into.place(records[0], "indicator")
            into.issues.append(error("other-indicators", place, role=role, names=names, client=into.client.id))
            continue
        _compare_weights(into, matched)
        for record, known in matched:
            item = known or _asked_indicator(into, person["role"], record)
            shown = [column for column in columns if column in record.cells]
            if item and into.seen(record) and into.certain(record, shown):
                yield from (_figure(into, record, person["id"], item, column) for column in sorted(shown))


def form_of(record: Record) -> tuple[Any, ...]:
    """Return what the lines of one person's form share: who it says it is, and where it says so if only once."""
    name, line = record.cells.get("name"), record.cells["indicator"]
    once = name.row if name and name.row < line.row and line.column else 0
    return (record.source.name, record.sheet, record.text("name"), record.text("number"), record.text("team"), once)


def _of_the_month(into: Import, record: Record, cycle: Cycle) -> bool:
    """Whether a form is of the cycle's month as far as it says; another month's is only taken if somebody says so."""
    said = months_said(record.text("month")) if cycle.months == 1 else []
    if not said or (cycle.year, cycle.first_day.month) in {(year or cycle.year, month) for year, month in said}:
        return True
    name = f"month:{record.source.name}:{cycle.id}"
    at = record.cells["month"].name
    return (
        into.ask(record, name, "ask.month", (SKIP, "take"), month=record.text("month"), cycle=cycle.id, cell=at)
        == "take"
    )


def person_of(into: Import, records: list[Record]) -> dict[str, Any] | None:
    """Return whose form it is: by number and name, and of two of one name by role, team, or what the form counts."""
    first, names = records[0], into.people
    name = first.text("name") or first.sheet
    found = names.named(name, first.text("number"))
    if len(found) > 1:
        title = into.roles.exactly(first.text("role"))
        found = names.told_apart(found, first, next(iter(title)) if len(title) == 1 else "")
    if len(found) > 1:
        roles = into.client.design.roles
        counted = [
            one
            for one in found
            if all(indicator_named(record.text("indicator"), roles[one["role"]].indicators) for record in records)
        ]
        found = counted or found
    if len(found) == 1:
        return dict(found[0])
    near = nearest(name, [one["name"] for one in names.people]) if not found else ""
    others = sorted(names.people, key=lambda one: one["name"] != near)
    options = [one["id"] for one in found] or [one["id"] for one in others]
    cell = first.cells["name"].name if "name" in first.cells else ""
    asked = f"person:{name}" if not found else f"person:{first.sheet or first.source.name}:{name}"
    said = into.ask(
        first,
        asked,
        "ask.person" if found else "ask.no_person",
        [*options, SKIP],
        name=name,
        proposed="" if found or not near else options[0],
        labels={one["id"]: label(one, into.client) for one in names.people},
        cell=cell,
    )
    return next((dict(one) for one in names.people if one["id"] == said), None)


def indicator_named(name: str, items: tuple[Indicator, ...]) -> Indicator | None:
    """Return the indicator that a line names exactly, with or without the unit behind its name."""
    for said in (folded(name), folded(without_unit(name))):
        found = [item for item in items if said in {folded(item.id), folded(item.name.zh), folded(item.name.en)}]
        if len(found) == 1:
            return found[0]
    return None


def without_unit(name: str) -> str:
    """Return an indicator's name without the unit behind it.

    >>> without_unit("Revenue (GBP)"), without_unit("Return rate %")
    ('Revenue', 'Return rate')
    """
    return _UNIT_IN_NAME.sub("", name) or name


def _asked_indicator(into: Import, role: str, record: Record) -> Indicator | None:
    items = {item.id: item for item in into.client.design.roles[role].indicators}
    known, name = Known({key: (item.name.zh, item.name.en) for key, item in items.items()}), record.text("indicator")
    said = into.ask(
        record,
        f"indicator:{role}:{name}",
        "ask.indicator",
        (*items, SKIP),
        name=name,
        proposed=known.meant(name),
        role=into.client.design.roles[role].name,
        cell=record.cells["indicator"].name,
        labels={key: item.name for key, item in items.items()},
    )
    return items.get(said or "")


def _compare_weights(into: Import, matched: list[tuple[Record, Indicator | None]]) -> None:
    """Say where the form counts an indicator otherwise than the design."""
    for record, item in matched:
        weight = share_of(record.text("weight"))
        if item and weight is not None and weight != item.weight:
            place = into.place(record, "weight")
            values = {"theirs": weight, "ours": item.weight, "indicator": item.name, "client": into.client.id}
            into.issues.append(warning("weight-differs", place, **values))


def share_of(text: str) -> Decimal | None:
    """Return a weight in per cent as it is typed: ``25%``, ``25`` or ``0.25``."""
    try:
        number = parse_number(text.strip().removesuffix("%").removesuffix("％"))
    except PydanticCustomError:
        return None
    return number * 100 if number <= 1 and "%" not in text else number


def _figure(into: Import, record: Record, person: str, item: Indicator, column: str) -> Figure:
    """Return a figure with its number where it is plain, with a proposal where it is not."""
    text = record.text(column)
    made = Figure(record, person, item, column, text)
    if not text or is_not_reported(text):
        if text:
            into.issues.append(hint("not-reported", into.place(record, column), value=text))
        return made
    plain = column in _PLAIN
    try:
        number = parse_number(text.removesuffix("%")) if plain else in_own_unit(parse_measured(text), item)
    except PydanticCustomError:
        number = None
    if number is None or isinstance(number, Measured):
        one = _ONE_NUMBER.fullmatch(text)
        made.reading = _proposed(one[1], item) if one and not plain else "" if one else _TARGET
        made.reading = made.reading or SKIP
        return made
    made.value = number
    if not plain and is_per_cent(item) and 0 < number <= 1 and "%" not in text and "%" not in record.text("indicator"):
        other = record.text("target" if column == "actual" else "actual")
        if _is_fraction(other):  # both are: cells of per cent that lost their format
            made.value = (number * 100).normalize()
            into.issues.append(
                hint("read-as-percent", into.place(record, column), value=text, percent=f"{made.value:f}")
            )
        else:
            made.reading, made.value = f"{(number * 100).normalize():f}", None
    return made


def _is_fraction(text: str) -> bool:
    try:
        return 0 < parse_number(text) <= 1
    except PydanticCustomError:
        return False


def _proposed(text: str, item: Indicator) -> str:
    number = in_own_unit(parse_measured(text.replace(",", "").replace(" ", "")), item)
    return f"{Decimal(number or 0):f}"


def _read_all(into: Import, found: dict[tuple[str, str, str], Figure]) -> None:
    """Ask about what is no plain number: alone, or together what stands in one column of a file."""
    due = {one.question: one for one in found.values() if one.reading and one.question not in into.asking.answers}
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in due.values():
        groups.setdefault((figure.record.source.name, figure.column), []).append(figure)
    waiting = {name for parts in groups.values() if len(parts) > 1 for name in _ask_together(into, parts)}
    for figure in sorted(
        found.values(), key=lambda one: one.column != "target"
    ):  # a figure may be as much as its target
        if figure.reading and figure.question not in waiting:
            _settle(into, figure, found)


def _ask_together(into: Import, parts: list[Figure]) -> set[str]:
    """Ask one question about several figures; the answer takes all as proposed, none, or says each.

    Return the names of those that are still open.
    """
    first = parts[0]
    name = f"{first.column}s:{first.record.source.name}"
    shown = "; ".join(f"{one.text}={one.reading}" for one in parts)
    cells = [one.record.cells[one.column].name for one in parts]
    said = into.ask(
        first.record,
        name,
        "ask.figures",
        (_AS_SHOWN, SKIP),
        proposed=_AS_SHOWN,
        n=len(parts),
        parts=shown,
        free=True,
        cells=cells,
        cell=cells[0],
    )
    into.asking.taken.pop(name, None)
    each = dict(part.strip().rsplit("=", 1) for part in (said or "").split(";") if "=" in part)
    answers = {
        one.question: {_AS_SHOWN: one.reading, SKIP: SKIP}.get(said or "", each.get(one.text, "")) for one in parts
    }
    known = {name: value.strip() for name, value in answers.items() if value.strip()}
    into.asking.answers = {**into.asking.answers, **known}
    return set(answers) - set(known) if said is None else set()


def _settle(into: Import, figure: Figure, found: dict[tuple[str, str, str], Figure]) -> None:
    target = found.get((figure.person, figure.item.id, "target"))
    own = _TARGET if figure.reading == _TARGET and figure.column == "actual" else figure.reading
    own = SKIP if own == _TARGET and figure.column != "actual" else own
    goal = target.text if target else figure.item.target
    said = into.ask(
        figure.record,
        figure.question,
        "ask.figure",
        (own, SKIP),
        proposed="" if own == SKIP else own,
        text=figure.text,
        indicator=figure.item.name,
        free=True,
        unit=figure.item.unit,
        cell=figure.record.cells[figure.column].name,
        labels={_TARGET: str(goal)} if goal else {},
    )
    if said in {None, SKIP}:
        return
    try:
        figure.value = (target.value if target else figure.item.target) if said == _TARGET else parse_number(said)
    except PydanticCustomError:
        into.issues.append(error("bad-number", into.place(figure.record, figure.column), value=said))


def _merge(into: Import, folder: Path, table: str, found: dict[tuple[str, str, str], Figure]) -> None:
    """Put figures into a cycle's table, row by row; whatever else stands there stays."""
    path, name = folder / f"{table}.csv", f"cycles/{folder.name}/{table}.csv"
    if table_file(path) != path:
        into.issues.append(error("table-is-workbook", Place(name.replace(".csv", table_file(path).suffix))))
        return
    frame, issues = read_table(path, table, name) if path.exists() else (None, Issues())
    into.issues += issues.errors
    before = frame.to_dict("records") if frame is not None else []
    rows = {(row["person"], row["indicator"]): {str(k): v for k, v in row.items() if k != "row"} for row in before}
    for (person, item, column), figure in found.items():
        row = rows.setdefault((person, item), {"person": person, "indicator": item})
        if not figure.text and row.get(column) is not None:
            continue
        row[column] = figure.value
        value = "" if figure.value is None else f"{figure.value:f}"
        into.origin(figure.record, table, column, value, person=person, indicator=item)
        into.check_row(table, {"person": person, "indicator": item, column: value}, figure.record)
    extra = [
        str(column)
        for column in (frame.columns if frame is not None else ())
        if column not in {"row", *ROW_TYPES[table].model_fields}
    ]
    into.files[path] = table_text(table, rows.values(), more=extra)
