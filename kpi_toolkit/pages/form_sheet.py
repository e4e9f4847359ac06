"""The sheets of a form: a person's own, everybody's lines in a list, and a block on a sheet of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import Block, Cell, Phase
from kpi_toolkit.method.formulas import in_per_cent, quotient
from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.numbers import FULL
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.work import ASSIGNED, fed_column, mean_completion
from kpi_toolkit.pages.form_cells import USUAL_HEIGHT, Entry, Form, Sheet
from kpi_toolkit.pages.form_scores import Scores
from kpi_toolkit.pages.form_style import GREY, SOFT, Styles, height

_GOOD, _BAD = "#1b7a4b", "#b3261e"
_FACTS: dict[Phase, tuple[str, str]] = {
    "plan": ("quality", "approach"), "appraisal": ("planned", "note"), "talk": ("target", "way")
}  # fmt: skip
"""The columns at which the second and the third pair of facts stand."""
_OF_A_QUOTIENT = frozenset({"part", "whole"})


class FormSheet(Sheet):
    """Writes one form."""

    scores: Scores | None = None

    def write(self) -> list[Entry]:
        """Write the whole sheet; return the cells that are filled in."""
        head = self._top()
        for form in self.forms:
            self._lines(form)
        self._total(head + 1)
        for block in self.styles.layout.blocks_of(self.form.phase):
            if not block.apart:
                self._block(block)
        return self._finish(head)

    def _top(self) -> int:
        """Write what stands above the lines; return the row of their header."""
        self._masthead(self.form.title, self.form.under)
        self._facts()
        self._head([(at, at, self.styles.pick(cell.name)) for at, cell in enumerate(self.cells)])
        return self.row - 1

    def _facts(self) -> None:
        """Write who is who, in pairs of a word and a name, each pair in a stretch of the columns."""
        value = self.styles(bold=True)
        begin = [0, *(self.at[name] for name in _FACTS[self.form.phase])]
        stretches = list(zip(begin, [*(at - 1 for at in begin[1:]), self.last], strict=True))
        for start in range(0, len(self.form.facts), len(stretches)):
            texts: list[tuple[str, float]] = []
            for (first, last), (name, said) in zip(stretches, self.form.facts[start:], strict=False):
                before = f"{name}{self.styles.words('list.colon')}"
                label = self.styles(font_color=GREY, font_size=9, indent=int(first > 0))  # not at the name before
                self.sheet.merge_range(self.row, first, self.row, last, "", label)
                self.sheet.write_rich_string(self.row, first, label, before, value, said or "–", label)
                texts.append((before + said, sum(cell.width for cell in self.cells[first : last + 1])))
            self._tall(height(texts))
            self.row += 1
        self._tall(6)
        self.row += 1

    def _lines(self, form: Form) -> None:
        """Write the lines of a form, with their formulas where there is a score."""
        self.form = form
        items = self._rows("item")
        if form.worked is not None and "score" in self.at:
            self.scores = Scores(
                self.sheet, self.styles, form.worked, self.at, self.row, self.row + len(items) - 1,
                self.mean or _rated(form),
            )  # fmt: skip
            self.scores.head(self.row - 1)
        for row, code in items:
            self._line(row, code)

    def _line(self, row: FormRow, code: str) -> None:
        """Write the line of an indicator."""
        self.lines.append((self.row, self.height))
        assert row.item is not None  # noqa: S101 - for the type only
        values = self._values(row, row.item, code)
        for column, cell in enumerate(self.cells):
            value, entered = values.get(cell.id), self._entered(cell, row.item)
            bound = row.bound if cell.id == "target" and not (entered and is_per_cent(row.item)) else ""  # 3% is typed
            look = self._look(cell.kind, entered=entered, name=cell.id, value=value, bound=bound)
            if cell.id == "goal":
                self._goal(column, str(value), look)
            elif cell.id == "actual" and row.item.is_quotient:
                self._quotient(column, row.item, value, look)
            elif cell.id != "score":
                self._put(column, column, value, look)
            if entered:
                self._entry(column, row.table, row, cell)
        if self.scores is not None:
            self.scores.line(self.row, row.item)
        texts = [(str(values.get(cell.id) or ""), float(cell.width)) for cell in self.cells]
        self._tall(height(texts, least=2))
        self.row += 1

    def _entered(self, cell: Cell, item: Indicator) -> bool:
        """Whether a cell of a line is filled in; of a quotient it is part and whole, and the actual follows."""
        fitting = item.is_quotient == (cell.id in _OF_A_QUOTIENT) if cell.id in {"actual", *_OF_A_QUOTIENT} else True
        return fitting and cell.entered(self.form.phase)

    def _quotient(self, column: int, item: Indicator, value: Any, look: Any) -> None:
        part, whole = (xl_rowcol_to_cell(self.row, self.at[name]) for name in ("part", "whole"))
        formula = quotient(item, part, whole)
        self.sheet.write_formula(self.row, column, formula, look, "" if value is None else float(value))

    def _goal(self, column: int, value: str, look: Any) -> None:
        """Write what the line is about in bold and, under it, until when."""
        name, _, until = value.partition("\n")
        if not until:
            self.sheet.write_string(self.row, column, name, look)
            return
        bold, small = self.styles(bold=True), self.styles(font_color=SOFT, font_size=9)
        self.sheet.write_rich_string(self.row, column, bold, f"{name}\n", small, until, look)

    def _values(self, row: FormRow, item: Indicator, code: str) -> dict[str, Any]:
        """Return what is known of a line, by column: what is filled in as its table has it."""
        form, pick = self.form, self.styles.pick
        goal, name = form.goals.get(item.id), pick(item.name)
        known = goal if form.phase == "plan" else form.given.get(item.id)
        text, quality, until = (getattr(goal, said, "") or "" for said in ("text", "quality", "deadline"))
        standard = pick(item.standard) if item.standard else ""
        counted = self._counted(item) if form.phase == "appraisal" else ""
        told = dict.fromkeys(filter(None, (text, quality, standard, counted)))
        until = self.styles.words.day_short(until) if until else form.ends.get(item.id, form.until)
        part = form.in_part.get(item.id, "") if form.phase == "plan" else ""
        under = [self.direction(item), until if self.scores else "", part]
        return {
            **{cell.id: getattr(known, cell.id, None) for cell in self.cells if cell.entered(form.phase)},
            **row.stated, "text": text or standard, "goal": "\n".join([name, " · ".join(filter(None, under))]).strip(),
            "standard": self.styles.words("list.semicolon").join(told), "unit": pick(item.unit),
            "person": form.called, "code": code,
        }  # fmt: skip

    def direction(self, item: Indicator) -> str:
        """Return which way an indicator is better, where that is not the higher the better as usual."""
        said = item.basis is Basis.ACTUAL and item.scored_direction is not Direction.HIGHER
        return self.styles.words(f"direction.{item.scored_direction}") if said else ""

    def _counted(self, item: Indicator) -> str:
        """Return what part and whole are of a quotient."""
        formula, pick = item.formula, self.styles.pick
        if not item.is_quotient or formula is None or formula.whole is None:
            return ""
        return self.styles.say("counted", part=pick(formula.part), whole=pick(formula.whole))

    def _total(self, first: int) -> None:
        """Write the sums: planned points with their light, and what the lines come to."""
        style, sheet, row = self.styles, self.sheet, self.row
        planned = f"{xl_rowcol_to_cell(first, self.at['planned'])}:{xl_rowcol_to_cell(row - 1, self.at['planned'])}"
        total = self.form.role.weight_sum
        self._fill(row, style.sum())
        sheet.write_string(row, 0, style.say("sum"), style.sum(indent=1))
        sheet.write_formula(row, self.at["planned"], f"=SUM({planned})", style.sum(align="center"), float(total))
        right, wrong = style.say("sum_right"), style.say("sum_wrong")
        light = f'=IF(ROUND(SUM({planned}),2)=100,"{right}","{wrong}")'
        sheet.write_formula(row, 1, light, style.sum(), right if total == FULL else wrong)
        for begins, colour in ((right[0], _GOOD), (wrong[0], _BAD)):
            look = {"type": "text", "criteria": "begins with", "value": begins}
            sheet.conditional_format(row, 1, row, 1, {**look, "format": style.book.add_format({"font_color": colour})})
        self._tall(22)
        if self.scores is not None:
            self.scores.sums(row)
        self.row += 1

    def _block(self, block: Block) -> None:
        """Write a block: its title, its header, its rows, and under points by rules the score."""
        rows = self._rows(block.id)
        self.starts.append((self.row, self.height))
        self._tall(8)
        title = self.styles(bold=True, font_color=self.styles.ink, text_wrap=False)
        self.sheet.write_string(self.row + 1, 0, self.styles.pick(block.name), title)
        if block.id == "review":
            self._follow_up(block, len(rows))
        self._tall(20, 1)
        self.row += 2
        begins = self._block_rows(block, rows)
        if block.id == "event" and self.scores is not None:
            self._fill(self.row, self.styles.bar())
            self.scores.final(self.row, range(begins, self.row))
            self._tall(24)
            self.row += 1

    def _follow_up(self, block: Block, rows: int) -> None:
        """Say in how many reviews the supervisor followed up (S130)."""
        column = self._span(next(each for each in block.fields if each.id == "guidance"))[0]
        first = self.row + 3
        cells = f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(first + rows - 1, column)}"
        share = f'TEXT(ROUND(100*SUMPRODUCT(--(LEN(TRIM({cells}))>0))/{rows},0),"0")&"%"'
        look = self.styles(font_color=SOFT, font_size=9, align="right", text_wrap=False)
        shown = self.styles.say("follow_up", share="0%")
        formula = f'="{self.styles.say("follow_up", share="")}"&{share}'
        self.sheet.write_formula(self.row + 1, self.last, formula, look, shown)


class ListSheet(FormSheet):
    """Writes everybody's lines one below the other, for whoever enters them all."""

    def write(self) -> list[Entry]:
        """Write the whole sheet; return the cells that are filled in."""
        who = Cell(id="person", name=self.styles.layout.labels["name"], phases=(self.form.phase,), width=13)
        self.cells = [who, *(cell for cell in self.cells if cell.id != "score")]
        self.form = replace(self.form, facts=())
        head = self._top()
        for form in self.forms:
            self._lines(form)
        return self._finish(head)


class BlockSheet(Sheet):
    """Writes a block on a sheet of its own: each day's work, each week's, a report, tasks that were assigned."""

    HEAD = 3

    def __init__(self, sheet: Worksheet, styles: Styles, forms: Sequence[Form], code: str, block: Block) -> None:
        super().__init__(sheet, styles, forms, code)
        self.block, self.cells = block, [*block.fields, self.cells[-1]]

    def write(self) -> list[Entry]:
        """Write the whole sheet; return the cells that are filled in."""
        name = f"{self.styles.pick(self.block.name)}  ·  {self.form.called}"
        lead = self.styles.pick(self.block.lead)
        fed = next((item for item in self.form.role.indicators if fed_column(item)), None)
        if fed is not None and self.block.id == ASSIGNED:
            lead += self.styles.say("mean_counts", indicator=fed.name)
        self._masthead(name, lead)
        rows = self._rows(self.block.id)
        begins = self._block_rows(self.block, rows)
        if self.block.id == ASSIGNED:
            self._mean(begins)
        return self._finish(self.HEAD)

    def _mean(self, begins: int) -> None:
        """Write the mean of what was rated, which the form's line is fed with (S155)."""
        column = self.at["completion"]
        cells = f"{xl_rowcol_to_cell(begins, column)}:{xl_rowcol_to_cell(self.row - 1, column)}"
        self._tall(USUAL_HEIGHT)
        self._fill(self.row, self.styles.sum())
        self.sheet.write_string(self.row, 0, self.styles.say("mean"), self.styles.sum(indent=1, text_wrap=False))
        rated = ",".join(in_per_cent(xl_rowcol_to_cell(row, column), "0") for row in range(begins, self.row))
        formula = f'=IF(COUNT({cells})=0,"",ROUND(SUM({rated})/COUNT({cells}),2))'
        look = self.styles.sum(align="center")
        self.sheet.write_formula(self.row, column, formula, look, float(mean) if (mean := _rated(self.form)) else "")
        self.row += 1


def _rated(form: Form) -> str:
    """Return the mean of somebody's assigned tasks as far as it is known; empty where none was rated."""
    mean = mean_completion(row.get("completion") for (block, _), row in form.known.items() if block == ASSIGNED)
    return "" if mean is None else f"{mean}"


def mean_cell(name: str, block: Block, form: Form) -> str:
    """Return where the sheet of assigned tasks has their mean, as formulas of other sheets name it."""
    row = BlockSheet.HEAD + 1 + sum(each.kind == block.id for each in form.rows)
    column = next(place for place, each in enumerate(block.fields) if each.id == "completion")
    return f"'{name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"
