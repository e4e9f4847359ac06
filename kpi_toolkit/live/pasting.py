"""Lines that were copied from a spreadsheet, as rows of a form: read as a sheet that is imported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Found, find_records
from kpi_toolkit.clients.cell_values import number_in
from kpi_toolkit.clients.days import dates_of
from kpi_toolkit.clients.grids import Grid
from kpi_toolkit.clients.headings import Lines, meant
from kpi_toolkit.clients.library import curve_cards
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.drafted import FULL
from kpi_toolkit.live.fields import Node
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.value import LANGUAGES

COLUMNS = ("name", "unit", "weight", "target", "direction", "curve", "standard", "source")
"""What the columns of indicators are where no line says it; those of other lists are the fields that are not folded."""
_CALLED = {"name": "indicator", "serves_goal": "goal"}
"""What an imported sheet calls two of the form's columns of indicators."""

_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]$")
"""What stands behind a heading: its unit, which others may leave out."""
_CALLED_OTHERWISE = {"direction", "curve"}
"""What people have more words for than the form."""
_TITLES = 4
"""So many lines of titles may stand above headings."""

Said = str | Mapping[str, str]
Options = Mapping[str, Sequence[Sequence[str]]]


def rows_of_paste(
    workbook: Workbook, text: str, node: Node, options: Options, column: str = "name"
) -> tuple[list[dict[str, Said]], list[str]]:
    """Return the rows of a paste, by its own headings, or by the usual order from a column on; a blank line is empty.

    Beside them stand the headings of columns that nothing was taken from.

    Names, choices and ``options`` are understood in either language; what is not is left as it was typed.
    """
    lines = [
        [" ".join(cell.split()) for cell in line] for line in csv.reader(io.StringIO(text.rstrip()), delimiter="\t")
    ]
    fields = {field["key"]: field for field in node["fields"]}
    called = _CALLED if "weight" in fields else {}
    labels = {
        f"column:{label}": called.get(key, key)
        for key, field in fields.items()
        for label in (field["label"], _BRACKET.sub("", field["label"]))
    }
    words, known = Vocabulary(workbook, labels), {"serial", *(called.get(key, key) for key in fields)}
    if not called:
        return _plain(lines, fields, words, options, column)
    besides = {f"column:{cell}": words.means("pasted", cell) for line in lines for cell in line}
    words = Vocabulary(workbook, labels | {cell: key for cell, key in besides.items() if key})
    found = _headed([*enumerate(lines, start=1)], words)
    rows = [
        {key: each.text(called.get(key, key)) for key in fields if key not in called.values()} for each in found.records
    ]
    left = [each.heading for each in found.columns if rows and each.texts and each.concept not in known]
    rows = rows or [*_in_order(lines, words, column)]
    shares = {place: number_in(row["weight"]) or FULL for place, row in enumerate(rows) if row.get("weight")}
    if all(share <= 1 for share in shares.values()):  # 0.3 of 1, as a cell shows it that has lost its format
        rows = [
            {**row, "weight": f"{(shares[n] * FULL).normalize():f}"} if n in shares else row
            for n, row in enumerate(rows)
        ]
    said = [
        {key: _said(fields[key], cell, words, options) for key, cell in row.items() if key in fields and cell}
        for row in rows
    ]
    cards = curve_cards(workbook)
    for row in said:  # a curve for one direction only says which it is, where no column does
        if "direction" not in row and (card := cards.get(str(row.get("curve")))) and card.direction:
            row["direction"] = card.direction.value
    return said, left


def _plain(
    lines: list[list[str]], fields: Mapping[str, Node], words: Vocabulary, options: Options, column: str
) -> tuple[list[dict[str, Said]], list[str]]:
    """Return pasted entries by their headings or in the usual order; one day settles how all are meant."""
    heads = [[_of_list(cell, fields, words) for cell in line] for line in lines[: _TITLES + 1]]
    at = next((at for at, head in enumerate(heads) if _heads(head, lines[at], lines[:at])), None)
    headed, head = at is not None, heads[at or 0] if heads else []
    lines = lines[at or 0 :]
    usual = [key for key, field in fields.items() if not field["fold"]]
    columns = head if headed else usual[usual.index(column) :] if column in usual else [column]
    rows = [
        {key: cell for key, cell in zip(columns, cells, strict=False) if key in fields and cell}
        for cells in lines[bool(headed) :]
    ]
    dated = [{key: dates_of(row[key]) for key in row if fields[key]["kind"] == "date"} for row in rows]
    orders = [{*said} for days in dated for said in days.values() if said]
    known = set.intersection(*orders) if orders else set()  # 14/06 in one line says how 01/03 in another is meant
    for row, days in zip(rows, dated, strict=True):
        found = {key: {said[order] for order in known & {*said} or said} for key, said in days.items()}
        row |= {key: each.pop().isoformat() for key, each in found.items() if len(each) == 1}
    said = [{key: _said(fields[key], cell, words, options) for key, cell in row.items()} for row in rows]
    left = [cell for cell, key in zip(lines[0], head, strict=True) if cell and key not in fields] if headed else []
    return said, left


def _heads(head: list[str], line: list[str], above: list[list[str]]) -> bool:
    """Whether a line holds headings: most of its cells are known, and what stands above it is titles."""
    known = len([*filter(None, head)])
    titles = all(len([*filter(None, each)]) <= 1 for each in above)
    return bool(known) and known * 2 >= len([*filter(None, line)]) and titles and known > bool(above)


def _of_list(heading: str, fields: Mapping[str, Node], words: Vocabulary) -> str:
    """Return the field that a heading means; empty for none."""
    concept = words.concept(heading)
    meant = (concept, words.means("pasted", heading), {"name": "person"}.get(concept, ""))
    return next((key for key in meant if key in fields), "")


def _headed(lines: Lines, words: Vocabulary) -> Found:
    """Return the rows below headings and these; none where there are none."""
    grid, none = Grid(name="1", lines=lines), {"people": set[str](), "indicators": set[str]()}
    return find_records([Source("", grids=(grid,))], words, none, "target")


def _in_order(lines: list[list[str]], words: Vocabulary, column: str) -> Iterator[dict[str, str]]:
    """Go through rows without headings: numbered or not, with units in a column of their own or not."""
    usual = COLUMNS[COLUMNS.index(column) :] if column in COLUMNS else (column,)
    lines = lines[1:] if lines and all(map(words.concept, lines[0])) else lines
    lines = [line for line in lines if not any(line) or not meant(line[0], "total")]
    filled = [line for line in lines if any(line)]
    if (
        column == "name"
        and len(filled) > 1
        and [line[0] for line in filled] == [f"{n + 1}" for n in range(len(filled))]
    ):  # the numbers of the lines, which Excel copies with them
        lines, filled = [line[1:] for line in lines], [line[1:] for line in filled]
    second = [line[1] for line in filled if len(line) > 1]
    if column == "name" and second and all(re.match(r"[\d.]+%?$", cell) for cell in second):
        usual = tuple(key for key in usual if key != "unit")
    yield from (dict(zip(usual, line, strict=False)) for line in lines)


def _said(field: Node, cell: str, words: Vocabulary, options: Options) -> Said:
    if field["kind"] == "text":
        return dict.fromkeys(LANGUAGES, cell)
    known = [*field.get("choices", ()), *options.get(field.get("options", ""), ())]
    meant = words.means(field["key"], cell) if field["key"] in _CALLED_OTHERWISE else ""
    if field["key"] == "curve":
        known += options["curves"]
        known += [[name, word] for name, card in curve_cards(words.workbook).items() for word in card.name.words]
    named = {folded(word): value for value, label, *_ in known for word in (value, label)}
    return named.get(folded(cell)) or meant or cell
