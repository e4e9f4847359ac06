"""Where imported values came from: for each of them the file, sheet and cell, kept beside the cycle's tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

from kpi_toolkit.clients.tables_out import csv_text, unguarded

PROVENANCE = "provenance.csv"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One value that was imported, as it stands in a table, and the cell of the file that it was taken from."""

    table: str
    person: str
    indicator: str = ""
    column: str
    value: str
    file: str
    sheet: str = ""
    cell: str = ""
    sha256: str = ""
    """Of the file."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What there is one value of: table, person, indicator and column."""
        return self.table, self.person, self.indicator, self.column


_COLUMNS = [field.name for field in fields(Origin)]


def read_provenance(folder: Path) -> tuple[Origin, ...]:
    """Return where the imported values of a folder came from, in their order; nothing where none was imported."""
    path = folder / PROVENANCE
    if not path.is_file():
        return ()
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    return tuple(
        Origin(**{key: unguarded(cell or "") for key, cell in row.items() if key in _COLUMNS})
        for row in rows
        if {*_COLUMNS} - set(row) <= {"sha256"}
    )


def provenance_text(folder: Path, rows: Iterable[Origin], without: Collection[Origin] = ()) -> str:
    """Return a folder's origins with others among them, each in the place of an earlier one of the same value."""
    kept = {origin.key: origin for origin in (*read_provenance(folder), *rows) if origin not in without}
    return csv_text([_COLUMNS, *map(attrgetter(*_COLUMNS), kept.values())])
