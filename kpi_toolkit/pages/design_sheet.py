"""A design as an Excel sheet: what a consultant agrees with the client, a line an indicator, choices as drop-downs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpi_toolkit.clients.library import Library, curve_cards
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.pages.form_style import lay_on_paper, new_book
from kpi_toolkit.pages.words import Words

_COLUMNS = {
    "role": 20, "indicator": 28, "unit": 12, "weight": 9, "target": 12, "direction": 26, "curve": 22, "source": 34,
    "goal": 20, "sum": 12,
}  # fmt: skip
"""The columns, and how wide they are in characters."""
_HEADER, _SPARE = 3, 30
"""Rows above the first line, and blank lines below the last that have the drop-downs too."""
_DIRECTIONS = ("higher", "lower", "target")


def design_sheet(design: Design, words: Words, workbook: Workbook, title: str) -> bytes:
    """Return a workbook that holds the agreed part of a design; ``kpi import … design`` reads it back as it was."""
    stream, book = new_book()
    page, lists = book.add_worksheet(words("sheet.name")), book.add_worksheet(words("sheet.choices"))
    rows = [(role.name, item) for role in design.roles.values() for item in role.indicators]
    last = _HEADER + len(rows) + _SPARE
    _frame(book, page, words, title, last)
    choices = _choices(words, workbook)
    for at, (column, options) in enumerate(choices.items()):
        lists.write_column(0, at, [words(f"sheet.{column}"), *options])
        lists.set_column(at, at, _COLUMNS[column])
        source = f"='{words('sheet.choices')}'!${'ABC'[at]}$2:${'ABC'[at]}${len(options) + 1}"
        place = list(_COLUMNS).index(column)
        page.data_validation(_HEADER + 1, place, last, place, {"validate": "list", "source": source})
    sums = {name: sum(item.weight for other, item in rows if other == name) for name, _ in rows}
    text, number = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"valign": "top"})
    for row, (name, item) in enumerate(rows, start=_HEADER + 1):
        for at, value in enumerate(_line(words.show(name), item, words, workbook)):
            if value is not None:
                page.write(row, at, value, number if at in {3, 4} else text)
        cells = f"$A${_HEADER + 2}:$A${last + 1},A{row + 1},$D${_HEADER + 2}:$D${last + 1}"
        page.write_formula(row, len(_COLUMNS) - 1, f"=SUMIF({cells})", number, sums[name])
    book.close()
    return stream.getvalue()


def _frame(book: Any, page: Any, words: Words, title: str, last: int) -> None:
    """Write what stands around the lines: title, what to do, headings; a sum that is not 100 turns red."""
    dark = {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
    head = book.add_format(dark)
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, words("sheet.help"), book.add_format({"font_color": "#555555"}))
    for at, (column, width) in enumerate(_COLUMNS.items()):
        page.write_string(_HEADER, at, words(f"sheet.{column}"), head)
        page.set_column(at, at, width)
    page.freeze_panes(_HEADER + 1, 2)
    red = book.add_format({"font_color": "#C0392B", "bold": True})
    wrong = f'=AND($J{_HEADER + 2}<>"",ROUND($J{_HEADER + 2},2)<>100)'
    page.conditional_format(_HEADER + 1, 9, last, 9, {"type": "formula", "criteria": wrong, "format": red})
    lay_on_paper(page)
    page.repeat_rows(_HEADER)


def _choices(words: Words, workbook: Workbook) -> dict[str, list[str]]:
    curves = [words.show(card.name) for card in curve_cards(workbook).values()]
    goals = [words.show(card.name) for card in Library(workbook).goals.values() if not card.diagnosis_only]
    ways = [words(f"direction.{one}") for one in _DIRECTIONS]
    return {"direction": ways, "curve": [*curves, words("sheet.own_curve")], "goal": goals}


def _line(role: str, item: Indicator, words: Words, workbook: Workbook) -> Iterator[Any]:
    cards, goals = curve_cards(workbook), Library(workbook).goals
    default = item.curve == Indicator.model_fields["curve"].default
    named = item.curve.named or "" if item.curve.named in cards else "capped-ratio" if default else ""
    yield from (role, words.show(item.name), words.show(item.unit), item.weight, item.target)
    yield words(f"direction.{item.direction.value}")
    yield words.show(cards[named].name) if named else words("sheet.own_curve")
    yield words.show(item.source) if item.source else None
    goal = goals.get(item.serves_goal or "")
    yield words.show(goal.name) if goal else item.serves_goal
