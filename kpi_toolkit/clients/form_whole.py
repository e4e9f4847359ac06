"""Whether a form came back whole: lines, columns and sheets that it was sent with and that are not in the file."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_toolkit.clients.form_reading import Columns, Return
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import Cell
from kpi_toolkit.method.issues import Place, warning
from kpi_toolkit.method.model import Basis
from kpi_toolkit.method.value import Text

_IF = {"others": "raters", "part": "quotient", "whole": "quotient"}
"""Columns that only lines of a kind have."""


def all_there(found: Return, known: Mapping[str, FormRow], columns: Columns) -> None:
    """Ask about what a form was sent with and the file lacks; a hidden sheet that may be the reason is named."""
    for person, phase in dict.fromkeys((row.person, row.phase) for row in found.coded):
        lines = [row for row in known.values() if (row.person, row.phase, row.kind) == (person, phase, "item")]
        gone = [row.item.name for row in lines if row not in found.coded and row.item is not None]
        if gone:
            text = "gone_hidden" if found.unseen else "gone"
            found.ask("gone", f"{person}:{phase}", ("leave",), text=text, n=len(gone), indicators=gone,
                      sheets=found.unseen)  # fmt: skip
        own = [row for row in found.coded if (row.person, row.phase) == (person, phase)]
        lost = {cell.id: cell.name for row in own for cell in _entered(row, columns) if cell.id not in found.coded[row]}
        if lost:
            sheet = next((came.place.sheet for (row, _), came in found.entries.items() if row.person == person), None)
            names = [Text(zh="".join(name.zh.split()), en=" ".join(name.en.split())) for name in lost.values()]
            place = Place(found.path.name, sheet=sheet)
            found.ask("columns", f"{person}:{phase}", ("leave",), place, n=len(names), columns=names)
    if found.unseen and not any(name.startswith("gone:") for name in found.asking.asked):
        found.issues.append(warning("hidden-sheets", Place(found.path.name), sheets=found.unseen))


def _entered(row: FormRow, columns: Columns) -> list[Cell]:
    """Return the columns in which something may be entered for a row."""
    item = row.item
    has = {"raters": item is not None and item.basis is Basis.RATERS, "quotient": item is not None and item.is_quotient}
    return [
        cell for cell in columns[row.kind].values() if cell.entered(row.phase) and has.get(_IF.get(cell.id, ""), True)
    ]
