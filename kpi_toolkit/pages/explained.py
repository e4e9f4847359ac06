"""The copy of a client's own scoring workbook with one column more: what our score is, and why theirs is another."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticCustomError

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.numbers import parse_number
from kpi_toolkit.pages.form_style import lay_on_paper, new_book
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.explaining import Compared, Comparison


def explained(source: Source, found: Sequence[Compared], words: Words) -> bytes:
    """Return the workbook: the same sheets and cells, and behind the last column what was found in each row."""
    stream, book = new_book()
    plain = book.add_format({"font_color": "#2E7D32", "text_wrap": True})
    marked = book.add_format({"font_color": "#C0392B", "bold": True, "text_wrap": True})
    first = next((one for one in found if one.cause), None)
    for number, grid in enumerate(source.grids, start=1):
        page = book.add_worksheet(grid.name[:31] or str(number))
        width = max((len(cells) for _, cells in grid.lines), default=0)
        rows = gathered((one.place.row or 0 if (one.place.sheet or "") == grid.name else 0, one) for one in found)
        for row, cells in grid.lines:
            for column, text in enumerate(cells):
                page.write(row - 1, column, _value(text))
            if row in rows:
                said = words("explain.join").join(_said(one, words) for one in rows[row])
                page.write_string(row - 1, width, said, marked if any(one.cause for one in rows[row]) else plain)
            if first in rows.get(row, ()):
                page.write_comment(row - 1, width, words("explain.here"))
        page.autofit(400)
        lay_on_paper(page)
    book.close()
    return stream.getvalue()


def _value(text: str) -> Any:
    """Return a cell's text as it stood: a plain number as a number."""
    try:
        number = parse_number(text)
    except PydanticCustomError:
        return text
    return number if isinstance(number, Decimal) and f"{number:f}" == text.strip() else text


def _said(one: Compared, words: Words) -> str:
    return words("explain.ours_is", ours=words.number(one.ours), cause=cause_of(one, words) or words("explain.agrees"))


def cause_of(one: Compared, words: Words) -> str:
    """Return why a number of theirs is another than ours; empty where they agree."""
    caps = dict(zip(("cap", "ours"), map(words.number, one.caps), strict=False))
    return words(f"explain.cause.{one.cause}", cell=one.typed, **caps) if one.cause else ""


def left_of(compared: Comparison, words: Words) -> str:
    """Return which columns with numbers were not compared, and where they stand; empty where all were."""
    columns = [words("explain.column", heading=one.heading, place=words.place(one.place)) for one in compared.left]
    return words("explain.left", columns=columns) if columns else ""
