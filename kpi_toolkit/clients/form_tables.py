"""The tables that forms bring something to: in which file a row is kept, and the file with what is new in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from kpi_toolkit.clients.form_cycle import CycleForms
from kpi_toolkit.clients.form_reading import Entries, Key
from kpi_toolkit.clients.form_values import named
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.tables_out import own_columns, table_text
from kpi_toolkit.clients.tabular import read_table, rows_as_written, table_file
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.tables import table

BY_ROW = frozenset({"adjustments", "measures"})
"""Tables whose rows have no id: what a form says is held against what stands in them."""


def file_of(home: Path, key: Key) -> Path:
    """Return where a row is kept: in the cycle of a folder, or in the earlier one in which a measure was agreed."""
    words = key[2].split(" ")
    earlier = key[0] == "measures" and words[0] == "earlier"
    return (home.parent / words[1] if earlier else home) / f"{key[0]}.csv"


def table_with(
    forms: CycleForms, path: Path, changes: Sequence[tuple[Key, Entries]], at: Mapping[Key, int],
    removed: Collection[int],
) -> str:  # fmt: skip
    """Return a table with what is new in it; its other rows and columns stay.

    ``at`` are the rows that entries without an id are already, ``removed`` the rows of events that are no more.
    """
    file, name = table_file(path), path.stem
    if file.suffix != ".csv":
        raise WorkbookError("collect-into-workbook", file=file.name, client=forms.client.id, cycle=forms.cycle.id)
    frame, issues = table(name), Issues()
    if file.exists():
        roster = Roster(forms.client.design, forms.tables.people, checklists=forms.checklists)
        frame, issues = read_table(file, name, f"cycles/{file.parent.name}/{file.name}", roster)
        raise_errors(issues)
    rows = [row for row in rows_as_written(frame, issues) if name != "adjustments" or row["row"] not in removed]
    ids = () if name in BY_ROW else tuple(named(changes[0][0]))
    places = {tuple(row[column] for column in ids): row for row in rows if ids}
    by_row = {row.get("row"): row for row in rows}
    for key, entries in changes:
        own = named(key)
        row = by_row.get(at.get(key)) if name in BY_ROW else places.get(tuple(own.values()))
        if row is None:
            rows.append(row := dict(own))
            places[tuple(own.values())] = row
        row.update({column: came.value for column, came in entries.items()})
    return table_text(name, rows, more=own_columns(name, frame))
