"""Tables of a client's folder as text: what the toolkit itself writes into them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.model import Design
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Table


def columns(name: str) -> list[str]:
    """Return the columns of a fresh table of a client's folder."""
    rare = getattr(ROW_TYPES[name], "rare", ())
    return [column for column in ROW_TYPES[name].model_fields if column not in rare]


def own_columns(name: str, frame: Table | None) -> list[str]:
    """Return the columns of a table that are the client's own."""
    known = {"row", *ROW_TYPES[name].model_fields}
    return [str(column) for column in (() if frame is None else frame.columns) if column not in known]


def table_text(name: str, rows: Iterable[Mapping[str, Any]] = (), *, more: Sequence[str] = ()) -> str:
    """Return a table of a client's folder as CSV: the columns that it has and, behind them, ``more``."""
    lines = [*rows]
    rare = [key for key in ROW_TYPES[name].model_fields if any(typed(line.get(key)) for line in lines)]
    header = [key for key in ROW_TYPES[name].model_fields if key in {*columns(name), *rare}] + [*more]
    return csv_text([header, *([line.get(key) for key in header] for line in lines)])


def csv_text(lines: Iterable[Iterable[Any]]) -> str:
    """Return lines of values as CSV, with the byte-order mark that Excel on a Chinese Windows wants."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([typed(value) for value in line] for line in lines)
    return "\ufeff" + stream.getvalue()


def typed(value: Any) -> Any:
    """Return a value as a person types it: nothing for None, 0.0000001 rather than 1E-7, stages as 20/30/50."""
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else value


def people_text(people: Table, design: Design) -> str:
    """Return ``people.csv`` as a cycle keeps it: the columns that something needs, and no other."""
    asked_for = [design.fairness.column] if design.fairness.column in people.columns else []
    return table_text("people", people.records(), more=asked_for)


_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text as it stands in a cell: with an apostrophe before what a spreadsheet would work out.

    >>> guarded("=1+1"), guarded("plain")
    ("'=1+1", 'plain')
    """
    return _GUARD + text if text.lstrip(_GUARD).startswith(_BEGINS_FORMULA) and len(text) > 1 else text


def unguarded(cell: str) -> str:
    """Return what a cell was before it was guarded."""
    return cell[1:] if cell[:1] == _GUARD and cell.lstrip(_GUARD).startswith(_BEGINS_FORMULA) else cell
