"""What an import has found, as tables of words: the same in a terminal and in the notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.matching import Names
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Place
from kpi_toolkit.pages.words import Words

Table = tuple[list[str], list[list[str]]]
"""Its headings and its rows."""
_NAMED = {"person", "role", "indicator", "manager"}
"""Columns of ids whose names are shown."""


def mapping_table(into: Import, words: Words) -> Table:
    """Return what each heading was taken for, and where it stands."""
    places = gathered(
        ((column.heading, column.concept if column.concept in into.wanted else ""), column.place)
        for column in into.found.columns
    )
    rows = [
        [
            heading,
            words(f"import.is.{meant}") if meant else words("import.left_out"),
            some(places[heading, meant], words),
        ]
        for heading, meant in places
    ]
    return [words(f"import.{key}") for key in ("heading", "column", "place")], rows


def rows_table(into: Import, words: Words, most: int | None = None) -> Table:
    """Return the rows that would be imported, people, roles and indicators by their names; no more than ``most``."""
    columns = list(dict.fromkeys(key for row in into.rows for key, value in row.items() if value not in {"", None}))
    names: dict[str, Any] = {**into.names, **{key: role.name for key, role in into.client.design.roles.items()}}
    names |= Names(row for row in into.rows if row.get("id") and row.get("name")).labels(into.client.design.roles)
    names |= {item.id: item.name for role in into.client.design.roles.values() for item in role.indicators}
    cells = [[str(row.get(column) or "") for column in columns] for row in into.rows[:most]]
    shown = [
        [
            words(f"direction.{cell or 'higher'}")
            if column == "direction"
            else words.show(names.get(cell, cell) if column in _NAMED else cell)
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in cells
    ]
    heads = (words(f"import.is.{column}") for column in columns)
    return [f"{head[:1].upper()}{head[1:]}" for head in heads], shown


def lines_left_out(into: Import, words: Words) -> list[str]:
    """Return a sentence for each kind of line that is no data: totals, signatures."""
    alike = gathered((text, at) for at, text in into.found.left_out)
    return [words("import.line_left_out", place=some(places, words), text=text) for text, places in alike.items()]


def some(places: Iterable[Place], words: Words) -> str:
    """Return the first of some places, and how many there are beside it."""
    first, *others = dict.fromkeys(words.place(place) for place in places)
    return words("import.more_files", place=first, n=len(others)) if others else first
