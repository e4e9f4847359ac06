"""The cells of a form: how each looks, what is locked, what may be entered where, and the rows of its blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import WORKED_OUT, Block, Cell, Kind, Phase
from kpi_toolkit.method.model import Basis, Design, Role
from kpi_toolkit.method.numbers import decimals_of
from kpi_toolkit.method.work import DAILY
from kpi_toolkit.pages.form_scores import Worked
from kpi_toolkit.pages.form_style import COPY, ENTRY, GREY, SOFT, Styles, height, prepare_page, room_on_page

_LARGE = 1_000
"""From here on a number is written with its thousands apart, as pages write it."""
_MOST, MOST_VIEW = 10**12, Decimal(200)
"""The largest number, and the highest per cent of completion unless a cap lies higher."""
_HEIGHT_OF_A_PAGE = 760
"""Points that are still read well where they are made to fit on one page."""
_LONGEST_LIST = 255
"""Characters that a drop-down takes."""
WHICH = frozenset({"indicator", "kind"})
"""What says which measure a row of the plan is."""
USUAL_HEIGHT = 22
_DAYS = {"minimum": date(2000, 1, 1), "maximum": date(2199, 12, 31)}


@dataclass(frozen=True, kw_only=True)
class Form:
    """One person's form in one phase, with all that is said on it."""

    client: str
    cycle: str
    phase: Phase
    design: Design
    role: Role
    title: str
    under: str
    """What stands under the title: client, period, phase."""
    person: str
    called: str
    facts: tuple[tuple[str, str], ...]
    """The person's role and team, and who is who."""
    rows: tuple[FormRow, ...]
    codes: tuple[str, ...]
    """The code of each row."""
    goals: Mapping[str, Any]
    given: Mapping[str, Any]
    """Rows of goals and actuals, by indicator."""
    worked: Worked | None
    """What Python scored; nothing in the plan."""
    known: Mapping[tuple[str, str], Mapping[str, Any]]
    """What is known already of the rows of blocks, by block and row."""
    labels: Mapping[str, Mapping[str, str]]
    """What the rows of a block are for, by block and row: days, weeks, talks."""
    before: str
    """What the last day before this cycle carries over."""
    until: str
    """By when everything is done; of the lines in ``ends`` it is earlier."""
    ends: Mapping[str, str]
    in_part: Mapping[str, str]
    """Which part of a target counts, of the lines of which a part is asked for."""
    code: str


@dataclass(frozen=True)
class Entry:
    """A cell that somebody fills in."""

    sheet: str
    cell: str
    person: str
    table: str
    indicator: str | None
    row: int | str | None
    """In a block: the row's number, its day, or the first day of its week."""
    column: str


class Sheet:
    """A sheet of a form, written from top to bottom."""

    def __init__(self, sheet: Worksheet, styles: Styles, forms: Sequence[Form], code: str, mean: str = "") -> None:
        """``mean``: the cell of the workbook that holds the mean of the tasks that were assigned."""
        self.sheet, self.styles, self.forms, self.mean = sheet, styles, forms, mean
        self.form = form = forms[0]
        self.identification = f"{form.client} / {form.cycle} / {form.phase} / v{form.design.version} / {code}"
        items = [row.item for each in forms for row in each.rows if row.item is not None]
        quotients = any(item.is_quotient for item in items)
        asked = {"others": any(item.basis is Basis.RATERS for item in items), "part": quotients, "whole": quotients}
        self.cells = [cell for cell in styles.layout.cells_of(form.phase) if asked.get(cell.id, True)]
        self.entries: list[Entry] = []
        self.row, self.height = 0, 0.0
        self.lines: list[tuple[int, float]] = []
        self.starts: list[tuple[int, float]] = []
        """Where each line, and each block under them, begins: its row, and the points above."""

    def _rows(self, kind: str) -> list[tuple[FormRow, str]]:
        return [(row, code) for row, code in zip(self.form.rows, self.form.codes, strict=True) if row.kind == kind]

    def _masthead(self, title: str, under: str) -> None:
        style, sheet = self.styles, self.sheet
        self.at = {cell.id: place for place, cell in enumerate(self.cells)}
        self.last = len(self.cells) - 1
        self._tall(34)
        sheet.write_string(0, 0, title, style(font_size=20, bold=True, font_color=style.ink, text_wrap=False))
        mark = style(font_size=11, bold=True, align="right", font_color=style.ink, text_wrap=False)
        sheet.write_string(0, self.last, COPY, mark)
        self._tall(19, 1)
        ruled = {"text_wrap": False, "bottom": 2, "bottom_color": style.ink}
        self._fill(1, style(font_size=11, font_color=SOFT, **ruled))
        sheet.write_string(1, 0, under, style(font_size=11, font_color=SOFT, **ruled))
        right = style(font_size=9, font_color=GREY, align="right", **ruled)
        sheet.write_string(1, self.last, f"{style.say('identification')}  {self.identification}", right)
        self._tall(6, 2)
        self.row = 3

    def _tall(self, points: float, below: int = 0) -> None:
        """Make this row, or one so many rows below it, so high."""
        self.sheet.set_row(self.row + below, points)
        self.height += points

    def _fill(self, row: int, look: Any) -> None:
        for column in range(self.last + 1):
            self.sheet.write_blank(row, column, None, look)

    def _head(self, names: Sequence[tuple[int, int, str]]) -> None:
        for first, last, name in names:
            self._put(first, last, name, self.styles.head())
        widths = [(name, sum(cell.width for cell in self.cells[first : last + 1])) for first, last, name in names]
        self._tall(height(widths))
        self.row += 1

    def _put(self, first: int, last: int, value: Any, look: Any) -> None:
        """Write a value into a cell of this row, or into several that are merged."""
        if last > first:
            self.sheet.merge_range(self.row, first, self.row, last, "", look)
        if value is None or value == "":
            self.sheet.write_blank(self.row, first, None, look)
        elif isinstance(value, Decimal):
            self.sheet.write_number(self.row, first, float(value), look)
        elif isinstance(value, date):
            self.sheet.write_datetime(self.row, first, value, look)
        else:
            self.sheet.write_string(self.row, first, str(value), look)

    def _look(self, kind: Kind, *, entered: bool, name: str = "", value: Any = None, bound: str = "") -> Any:
        """Return how a cell looks: pale yellow where somebody fills it in; a ``bound`` stands before its number."""
        look: dict[str, Any] = {"bg_color": ENTRY, "locked": False} if entered else {}
        if kind == "day" or isinstance(value, date):
            look |= {"num_format": self.styles.words.traits.form_day, "align": "center"}
        elif kind in {"number", "percent", "points", "open"} or name == "planned":
            before = f'"{bound} "' if bound else ""
            shown = "0.00" if name == "points" else number_format(value)
            look |= {"align": "center", "num_format": before + shown}
        elif name == "code":
            look |= {"align": "center", "font_size": 8, "font_color": GREY, "text_wrap": False}
        else:
            look |= {"align": "center"} if name == "unit" else {"indent": 1, "bold": name in {"goal", "day", "talk"}}
        return self.styles.box(**look)

    def _entry(self, column: int, table: str, row: FormRow, cell: Cell) -> None:
        """Take a cell for an entry: with what it may hold, and what is said of it."""
        place = xl_rowcol_to_cell(self.row, column)
        line = row.id if row.kind == "item" else None
        within = None if line else int(row.id) if row.id.isdigit() else row.id
        self.entries.append(Entry(self.sheet.name, place, row.person, table, line, within, cell.id))
        if rule := self._told(cell) | self._rule(cell, row):
            self.sheet.data_validation(place, {"validate": "any", **rule})

    def _told(self, cell: Cell) -> dict[str, Any]:
        """Return what is said of an entry where somebody stands on its cell."""
        if not (told := self.styles.pick(cell.help)):
            return {}
        title = re.split("[(（]", self.styles.pick(cell.name))[0].replace("\n", "").strip()
        return {"input_title": title[:32], "input_message": told[:255]}  # so many letters Excel takes

    def _rule(self, cell: Cell, row: FormRow) -> dict[str, Any]:
        """Return what a program checks as a value is typed, with the message that it shows."""
        say, kind, name = self.styles.say, cell.kind, cell.id
        between = {"validate": "decimal", "criteria": "between", "minimum": -_MOST, "maximum": _MOST}
        high = max(MOST_VIEW, self.form.design.cap(row.item)) if row.item else MOST_VIEW
        whole = name == "actual" and row.item is not None and row.item.curve.whole
        day = f"{self.form.cycle[:4]}-10-31"
        rules: dict[str, Callable[[], tuple[dict[str, Any], str]]] = {  # made of the one that is needed
            "percent": lambda: (between | {"minimum": 0, "maximum": float(high)}, say("range_percent", high=high)),
            "number": lambda: (between, say("range_number")), "points": lambda: (between, say("range_number")),
            "day": lambda: (between | {"validate": "date", **_DAYS}, say("range_day", day=day)),
            "choice": lambda: ({"validate": "list", "source": [say(f"{name}_{one}") for one in cell.options]},
                               say("range_choice")),
        }  # fmt: skip
        rules_of, items = self.form.design.adjustments.rules, self.form.role.indicators
        listed: Mapping[str, Sequence[Any]] = {"rule": rules_of, "indicator": items}
        names = [self.styles.pick(one.name) for one in listed.get(name, ())]
        if names and len(",".join(names)) < _LONGEST_LIST:
            rules["text"] = lambda: ({"validate": "list", "source": names}, say("range_choice"))
        if whole:
            rules["number"] = lambda: (between | {"validate": "integer", "minimum": 0}, say("range_whole"))
        if kind not in rules:
            return {}
        rule, told = rules[kind]()
        return {**rule, "error_title": say("range_title"), "error_message": told}

    def _block_rows(self, block: Block, rows: Sequence[tuple[FormRow, str]]) -> int:
        """Write the header and the rows of a block; return the first of its rows."""
        heads = [(*self._span(each), self.styles.pick(each.name)) for each in block.fields]
        self._head([*heads, (self.last, self.last, self.styles.pick(self.cells[self.last].name))])
        begins = self.row
        for place, (row, code) in enumerate(rows):
            self._put(self.last, self.last, code, self._look("text", entered=False, name="code"))
            texts = [self._block_cell(block, each, row, place) for each in block.fields]
            self._tall(max(block.height, height(texts)))
            self.row += 1
        return begins

    def _span(self, each: Cell) -> tuple[int, int]:
        left, right = (each.id, each.id) if each.width else getattr(each, self.form.phase)
        return self.at[left], self.at[right]

    def _block_cell(self, block: Block, each: Cell, row: FormRow, place: int) -> tuple[str, float]:
        """Write a cell of a block and return what stands in it and its width.

        Of what is known already an event stands fast, and which measure it is.
        """
        known = self.form.known.get((block.id, row.id), {})
        entered = bool(each.by) and not (known and (block.id == "event" or each.id in WHICH))
        left, right = self._span(each)
        said: Any = ""
        look = self._look(each.kind, entered=entered, name=each.id, value=known.get(each.id))
        if each.kind in WORKED_OUT:
            self._worked_out(each, known, place, look)
        else:
            mine = each.by or each.id in known
            said = known.get(each.id) if mine else self.form.labels[block.id][row.id]
            self._put(left, right, said, look)
        if entered:
            self._entry(left, block.id, row, each)
        return str(said or ""), float(sum(cell.width for cell in self.cells[left : right + 1]))

    def _worked_out(self, each: Cell, known: Mapping[str, Any], place: int, look: Any) -> None:
        """Write what is open of a day's work, or what the day before carries over (S188)."""
        column = self.at[each.id]
        if each.kind == "before" and not place:
            self._put(column, column, self.form.before, look)
        elif each.kind == "before":
            cell = xl_rowcol_to_cell(self.row - 1, self.at["carried"])
            carried = self.form.known.get((DAILY, self._rows(DAILY)[place - 1][0].id), {}).get("carried") or ""
            self.sheet.write_formula(self.row, column, f'=IF({cell}="","",{cell})', look, carried)
        else:
            planned, done = (xl_rowcol_to_cell(self.row, self.at[name]) for name in ("planned", "done"))
            had, got = known.get("planned"), known.get("done")
            left = "" if had is None or got is None else float(max(had - got, 0))
            formula = f'=IF(COUNT({planned},{done})=2,MAX(0,{planned}-{done}),"")'
            self.sheet.write_formula(self.row, column, formula, look, left)

    def _pages(self, head: int) -> None:
        """Set up the page; where one is not enough each block begins where it is whole, signatures never alone."""
        footer, whole = f"{self.identification}  ·  {COPY}", self.height <= _HEIGHT_OF_A_PAGE
        prepare_page(self.sheet, self.styles, footer, whole=whole)
        room = room_on_page(cell.width for cell in self.cells)
        starts = [start for start in self.starts if start != self.starts[-1] or self._alone(room)]
        breaks, top = [], 0.0
        for (row, above), (_, below) in pairwise([*self.lines[1:], *starts, (self.row, self.height)]):
            if self.starts and not whole and below - top > room:
                breaks.append(row)
                top = above
        if not self.starts or {*breaks} & {row for row, _ in self.lines}:  # else no line stands on a later page
            self.sheet.repeat_rows(head)
        self.sheet.set_h_pagebreaks(breaks)

    def _alone(self, room: float) -> bool:
        """Whether the last block cannot be on one page with the one before it."""
        return self.height - self.starts[-2:][0][1] > room

    def _finish(self, head: int) -> list[Entry]:
        """Write the legend and set up the sheet: widths, page, panes, protection."""
        legend = self.styles(font_size=9, font_color=SOFT, text_wrap=False)
        self._tall(20)
        self.sheet.write_string(self.row, 0, self.styles.say("legend"), legend)
        for column, cell in enumerate(self.cells):
            self.sheet.set_column(column, column, cell.width)
        self.sheet.print_area(0, 0, self.row, self.last)
        self.sheet.freeze_panes(head + 1, 1)
        self._pages(head)
        # formats as well: else Excel keeps 26.2% that was typed as a bare 0.262
        self.sheet.protect("", {"format_cells": True, "format_columns": True, "format_rows": True})
        return self.entries


def number_format(value: Any) -> str:
    """Return the format of a number: of a large one with its thousands apart and with its own decimals."""
    if not isinstance(value, Decimal) or abs(value) < _LARGE:
        return "General"
    return ".".join(filter(None, ("#,##0", "0" * decimals_of(value.normalize()))))
