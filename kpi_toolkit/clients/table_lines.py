"""A table as entries of a form: whoever is changed has another line, and every other line keeps its bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from kpi_toolkit.clients.frozen import CASCADE, PEOPLE
from kpi_toolkit.clients.tables_out import guarded, table_text, unguarded
from kpi_toolkit.method.rows import ROW_TYPES, ActualRow, CascadeRow, GoalRow, PersonRow
from kpi_toolkit.method.value import Value

_MARKS = ",;\t|"


class People(Value):
    """Everybody whom a client appraises."""

    people: tuple[PersonRow, ...] = ()


class Goals(Value):
    """Every goal of a cycle above those of people."""

    cascade: tuple[CascadeRow, ...] = ()


class Targets(Value):
    """What was agreed with each person for a cycle."""

    goals: tuple[GoalRow, ...] = ()


class Figures(Value):
    """What came of it."""

    actuals: tuple[ActualRow, ...] = ()


MONTHLY: dict[str, type[Value]] = {CASCADE: Goals, "goals.csv": Targets, "actuals.csv": Figures}
"""Those that each cycle has for itself."""
TABLES: dict[str, type[Value]] = {PEOPLE: People, **MONTHLY}
"""The tables that a form changes, by the names of their files; what each holds is a field called as the table is."""


class _Sheet(NamedTuple):
    mark: str
    columns: list[str]
    head: str
    rows: list[tuple[int, str, dict[str, str]]]
    """The number of each line, the line, and what its cells hold; blank ones are none."""


def table_of(file: str) -> str:
    """Return which table a file of a client holds; empty where it is none that a form changes.

    >>> table_of("cycles/2026-10/cascade.csv"), table_of("design.toml")
    ('cascade', '')
    """
    name = file.rpartition("/")[2]
    return name.removesuffix(".csv") if name in TABLES else ""


def entries_in(text: str, table: str) -> dict[str, Any] | None:
    r"""Return the entries of a table, each by what holds something; None where the text is no plain table of them.

    >>> entries_in("id,name,role\nli-na,Li Na,editor\n", "people")
    {'people': [{'id': 'li-na', 'name': 'Li Na', 'role': 'editor'}]}
    """
    sheet = _sheet(text, table)
    return None if sheet is None else {table: [cells for _, _, cells in sheet.rows]}


def row_of(text: str, table: str, row: int | None) -> int | None:
    """Return which entry stands in a row of the file, counted from 0; None where none does."""
    sheet = _sheet(text, table)
    return next((n for n, (line, _, _) in enumerate(sheet.rows if sheet else ()) if line == row), None)


def text_with(text: str, table: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return a text with other entries in it; lines that stay are as they were. ValueError if it is no table."""
    sheet = _sheet(text, table)
    if sheet is None:
        raise ValueError(text)
    columns = [*dict.fromkeys([*sheet.columns, *(key for entry in entries for key in entry)])]
    kept = {tuple(cells.items()): line for _, line, cells in sheet.rows} if columns == sheet.columns else {}
    end = "\r\n" if sheet.head.endswith("\r\n") else "\n"
    head = sheet.head.rstrip("\r\n") + end if kept or columns == sheet.columns else _line(columns, sheet.mark, end)
    fresh = [_line([guarded(str(one.get(key, ""))) for key in columns], sheet.mark, end) for one in entries]
    lines = [kept.get(tuple(one.items()), line) for one, line in zip(entries, fresh, strict=True)]
    return head + "".join(line.rstrip("\r\n") + end for line in lines)


def with_roles(text: str, roles: Mapping[str, str]) -> str:
    """Return a text in which roles have other words, wherever somebody has one; what is no plain table stays."""
    people = (entries_in(text, "people") or {}).get("people")
    moved = [one | {"role": roles.get(one["role"], one["role"])} if "role" in one else one for one in people or ()]
    return text if moved == (people or []) else text_with(text, "people", moved)


def _line(cells: Sequence[str], mark: str, end: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator=end).writerow(cells)
    return out.getvalue()


@lru_cache(maxsize=16)
def _sheet(text: str, table: str) -> _Sheet | None:
    head, *lines = io.StringIO(text or table_text(table).removeprefix("\ufeff"), newline="")
    mark = max(_MARKS, key=head.count)
    columns = [cell.strip() for cell in next(csv.reader([head], delimiter=mark), [])]
    rows = []
    for number, line in enumerate(lines, start=2):
        cells = next(csv.reader([line], delimiter=mark), [])
        if any(cell.strip() for cell in cells):
            if len(cells) != len(columns) or line.count('"') % 2:
                return None
            own = {key: unguarded(cell.strip()) for key, cell in zip(columns, cells, strict=True) if cell.strip()}
            rows.append((number, line, own))
    needed = {name for name, field in ROW_TYPES[table].model_fields.items() if field.is_required()}
    plain = needed <= {*columns} and len({*columns}) == len(columns) and "" not in columns
    return _Sheet(mark, columns, head, rows) if plain else None
