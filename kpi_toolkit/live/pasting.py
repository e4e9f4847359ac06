"""Lines that were copied from a spreadsheet, as rows of a form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from kpi_toolkit.live.fields import Node
from kpi_toolkit.method.issues import folded

COLUMNS = ("name", "unit", "weight", "target", "direction", "curve", "standard", "source")
"""What the columns are where no line says it."""
_LEAST_HEADINGS = 2


def rows_of_paste(text: str, node: Node, column: str = "name") -> Iterator[dict[str, str | Mapping[str, str]]]:
    """Go through the rows of a paste: by its own headings, or by the usual order from a column on.

    Names and choices are understood in the form's language; what is not is left as it was typed.
    """
    lines = [line for line in csv.reader(io.StringIO(text), delimiter="\t") if any(cell.strip() for cell in line)]
    fields = {field["key"]: field for field in node["fields"]}
    names = {folded(word): key for key, field in fields.items() for word in (key, field["label"])}
    first = [names.get(folded(cell), "") for cell in lines[0]] if lines else []
    headed = sum(map(bool, first)) >= min(_LEAST_HEADINGS, len(first))
    usual = COLUMNS[COLUMNS.index(column) :] if column in COLUMNS else (column,)
    for line in lines[1:] if headed else lines:
        pairs = zip(first if headed else usual, line, strict=False)
        yield {key: _said(fields[key], cell.strip()) for key, cell in pairs if key}


def _said(field: Node, cell: str) -> str | Mapping[str, str]:
    if field["kind"] == "text":
        return {"zh": cell, "en": cell} if cell else ""
    meant = {folded(word): value for value, label in field.get("choices", ()) for word in (value, label)}
    if field["kind"] == "number":
        return cell.replace(",", "").removesuffix("%")
    return str(meant.get(folded(cell), cell))
