"""One form as a sheet of an Excel workbook: what is seen, what is locked, what may be entered where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.form_rows import FormRow, followed_up
from kpi_toolkit.method.forms import WORKED_OUT, Block, Cell, Holder, Kind, Phase
from kpi_toolkit.method.model import FULL, Basis, Design, Indicator, Role
from kpi_toolkit.method.work import ASSIGNED, DAILY, mean_completion
from kpi_toolkit.pages.form_scores import Scores, Worked
from kpi_toolkit.pages.form_style import ENTRY, GREY, SOFT, Styles, height, prepare_page

_GOOD, _BAD = "#1b7a4b", "#b3261e"
_LARGE = 10_000
"""From here on a whole number is written with its thousands apart."""
_MOST, MOST_VIEW = 10**12, Decimal(200)
"""The largest number, and the highest per cent of completion unless a cap lies higher."""
_FACTS: dict[Phase, tuple[str, str]] = {"plan": ("quality", "approach"), "appraisal": ("planned", "note")}
"""The columns at which the second and the third pair of facts stand."""
_ROWS_OF_A_PAGE = 36
_LONGEST_LIST = 255
"""Characters that a drop-down takes."""
_HEIGHTS = {"event": 18, "review": 32, "sign": 27, "weekly": 58, "quarterly": 90, "yearly": 90}
_USUAL_HEIGHT = 22
_DAYS = {"minimum": date(2000, 1, 1), "maximum": date(2199, 12, 31)}
_GOAL = ("text", "quality", "deadline", "approach", "risks", "answers")
_GIVEN = ("actual", "self", "others", "appraiser", "note")


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
    labels: Mapping[str, Sequence[str]]
    """What the rows of a block are for, by block: days, weeks, talks."""
    before: str
    """What the last day before this cycle carries over."""
    until: str
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


class FormSheet:
    """Writes one form."""

    def __init__(
        self, sheet: Worksheet, styles: Styles, forms: Sequence[Form], holder: Holder, code: str, mean: str = ""
    ) -> None:
        """``mean``: the cell of the workbook that holds the mean of the tasks that were assigned."""
        self.sheet, self.styles, self.forms, self.mean = sheet, styles, forms, mean
        self.form = form = forms[0]
        self.copy = styles.say("copy", holder=styles.words(f"copy.{holder}"))
        self.identification = f"{form.client} / {form.cycle} / {form.phase} / v{form.design.version} / {code}"
        raters = any(row.item is not None and row.item.basis is Basis.RATERS for row in form.rows)
        self.cells = [cell for cell in styles.layout.cells_of(form.phase) if cell.id != "others" or raters]
        self.scores: Scores | None = None
        self.entries: list[Entry] = []
        self.row = 0

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

    def _rows(self, kind: str) -> list[tuple[FormRow, str]]:
        return [(row, code) for row, code in zip(self.form.rows, self.form.codes, strict=True) if row.kind == kind]

    def _top(self) -> int:
        """Write what stands above the lines; return the row of their header."""
        self._masthead(self.form.title, self.form.under)
        self._facts()
        self._head([(at, at, self.styles.pick(cell.name).replace("\n", "")) for at, cell in enumerate(self.cells)])
        return self.row - 1

    def _masthead(self, title: str, under: str) -> None:
        style, sheet = self.styles, self.sheet
        self.at = {cell.id: place for place, cell in enumerate(self.cells)}
        self.last = len(self.cells) - 1
        sheet.set_row(0, 34)
        sheet.write_string(0, 0, title, style(font_size=20, bold=True, font_color=style.ink, text_wrap=False))
        mark = style(font_size=11, bold=True, align="right", font_color=style.ink, text_wrap=False)
        sheet.write_string(0, self.last, self.copy, mark)
        sheet.set_row(1, 19)
        ruled = {"text_wrap": False, "bottom": 2, "bottom_color": style.ink}
        self._fill(1, style(font_size=11, font_color=SOFT, **ruled))
        sheet.write_string(1, 0, under, style(font_size=11, font_color=SOFT, **ruled))
        right = style(font_size=9, font_color=GREY, align="right", **ruled)
        sheet.write_string(1, self.last, f"{style.say('identification')}  {self.identification}", right)
        self.row = 2

    def _fill(self, row: int, look: Any) -> None:
        for column in range(self.last + 1):
            self.sheet.write_blank(row, column, None, look)

    def _facts(self) -> None:
        """Write who is who, in pairs of a word and a name, each pair in a stretch of the columns."""
        label, value = self.styles(font_color=GREY, font_size=9, text_wrap=False), self.styles(bold=True)
        places = [0, *(self.at[name] for name in _FACTS[self.form.phase])]
        for start in range(0, len(self.form.facts), len(places)):
            for place, (name, said) in zip(places, self.form.facts[start : start + len(places)], strict=False):
                colon = self.styles.words("list.colon")
                self.sheet.write_rich_string(self.row, place, label, f"{name}{colon}", value, said or "–", label)
            self.sheet.set_row(self.row, 18)
            self.row += 1
        self.sheet.set_row(self.row, 6)
        self.row += 1

    def _head(self, names: Sequence[tuple[int, int, str]]) -> None:
        for first, last, name in names:
            self._put(first, last, name, self.styles.head())
        widths = [(name, sum(cell.width for cell in self.cells[first : last + 1])) for first, last, name in names]
        self.sheet.set_row(self.row, height(widths))
        self.row += 1

    def _put(self, first: int, last: int, value: Any, look: Any) -> None:
        """Write a value into a cell of this row, or into several that are merged."""
        if last > first:
            self.sheet.merge_range(self.row, first, self.row, last, "", look)
        if value is None or value == "":
            self.sheet.write_blank(self.row, first, None, look)
        elif isinstance(value, Decimal):
            self.sheet.write_number(self.row, first, float(value), look)
        else:
            self.sheet.write_string(self.row, first, str(value), look)

    # --- the lines ---------------------------------------------------------------------------------------------------

    def _lines(self, form: Form) -> None:
        """Write the lines of a form, with their formulas where there is a score."""
        self.form = form
        items = self._rows("item")
        if form.worked is not None and "score" in self.at:
            self.scores = Scores(
                self.sheet, self.styles, form.worked, self.at, self.row, self.row + len(items) - 1, self.mean
            )  # fmt: skip
            self.scores.head(self.row - 1)
        for row, code in items:
            self._line(row, code)

    def _line(self, row: FormRow, code: str) -> None:
        """Write the line of an indicator."""
        assert row.item is not None  # noqa: S101 - for the type only
        values = self._values(row, row.item, code)
        for column, cell in enumerate(self.cells):
            value, entered = values.get(cell.id), cell.entered(self.form.phase)
            look = self._look(cell.kind, entered=entered, name=cell.id, value=value)
            if cell.id == "goal":
                self._goal(column, str(value), look)
            elif cell.id != "score":
                self._put(column, column, value, look)
            if entered:
                self._entry(column, row.table, row, cell)
        if self.scores is not None:
            self.scores.line(self.row, row.item)
        texts = [(str(values.get(cell.id) or ""), float(cell.width)) for cell in self.cells]
        self.sheet.set_row(self.row, height(texts, least=2))
        self.row += 1

    def _goal(self, column: int, value: str, look: Any) -> None:
        """Write what the line is about in bold and, under it, until when."""
        name, _, until = value.partition("\n")
        if not until:
            self.sheet.write_string(self.row, column, name, look)
            return
        bold, small = self.styles(bold=True), self.styles(font_color=SOFT, font_size=9)
        self.sheet.write_rich_string(self.row, column, bold, f"{name}\n", small, until, look)

    def _values(self, row: FormRow, item: Indicator, code: str) -> dict[str, Any]:
        """Return what is known of a line, by column."""
        goal, given, pick = self.form.goals.get(item.id), self.form.given.get(item.id), self.styles.pick
        said = {name: getattr(goal, name, "") or "" for name in _GOAL}
        standard, goal_name = pick(item.standard) if item.standard else "", pick(item.name)
        told = dict.fromkeys(filter(None, (said["text"], said["quality"], standard)))
        return {
            **said, **{name: getattr(given, name, None) for name in _GIVEN}, "text": said["text"] or standard,
            "goal": f"{goal_name}\n{said['deadline'] or self.form.until}" if self.scores else goal_name,
            "standard": self.styles.words("list.semicolon").join(told), "person": self.form.called, "code": code,
            "planned": item.weight, "target": row.target, "unit": pick(item.unit),
        }  # fmt: skip

    def _look(self, kind: Kind, *, entered: bool, name: str = "", value: Any = None) -> Any:
        """Return how a cell looks: pale yellow where somebody fills it in."""
        look: dict[str, Any] = {"bg_color": ENTRY, "locked": False} if entered else {}
        if kind == "day":
            look |= {"num_format": "yyyy-mm-dd", "align": "center"}
        elif kind in {"number", "percent", "points", "open"} or name == "planned":
            large = isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) >= _LARGE
            look |= {"align": "center", "num_format": "#,##0" if large else "General"}
        elif name == "code":
            look |= {"align": "center", "font_size": 8, "font_color": GREY}
        else:
            look |= {"align": "center"} if name == "unit" else {"indent": 1, "bold": name in {"goal", "day", "talk"}}
        return self.styles.box(**look)

    def _entry(self, column: int, table: str, row: FormRow, cell: Cell) -> None:
        """Take a cell for an entry: with what it may hold, and what is said of it."""
        place = xl_rowcol_to_cell(self.row, column)
        line = row.id if row.kind == "item" else None
        within = None if line else int(row.id) if row.id.isdigit() else row.id
        self.entries.append(Entry(self.sheet.name, place, row.person, table, line, within, cell.id))
        rule = self._rule(cell.kind, cell.id, row)
        told = self.styles.pick(cell.help)
        if told:
            rule |= {"input_title": self.styles.pick(cell.name)[:32], "input_message": told[:255]}
        if rule:
            self.sheet.data_validation(place, {"validate": "any", **rule})

    def _rule(self, kind: Kind, name: str, row: FormRow) -> dict[str, Any]:
        """Return what a program checks as a value is typed, with the message that it shows."""
        say = self.styles.say
        between = {"validate": "decimal", "criteria": "between", "minimum": -_MOST, "maximum": _MOST}
        high = max(MOST_VIEW, self.form.design.cap(row.item)) if row.item else MOST_VIEW
        whole = name == "actual" and row.item is not None and row.item.curve.whole
        ways = [say(f"how_{way}") for way in ("paper", "scan", "reply")]
        rules: dict[str, tuple[dict[str, Any], str]] = {
            "percent": (between | {"minimum": 0, "maximum": float(high)}, say("range_percent", high=high)),
            "number": (between, say("range_number")), "points": (between, say("range_number")),
            "day": (between | {"validate": "date", **_DAYS}, say("range_day", day=f"{self.form.cycle[:4]}-10-31")),
            "choice": ({"validate": "list", "source": ways}, say("range_choice")),
        }  # fmt: skip
        names = [self.styles.pick(rule.name) for rule in self.form.design.adjustments.rules]
        if name == "rule" and names and len(",".join(names)) < _LONGEST_LIST:
            rules["text"] = {"validate": "list", "source": names}, say("range_choice")
        if whole:
            rules["number"] = between | {"validate": "integer", "minimum": 0}, say("range_whole")
        if kind not in rules:
            return {}
        rule, told = rules[kind]
        return {**rule, "error_title": say("range_title"), "error_message": told}

    def _total(self, first: int) -> None:
        """Write the sums: planned points with their light, and what the lines come to."""
        style, sheet, row = self.styles, self.sheet, self.row
        planned = f"{xl_rowcol_to_cell(first, self.at['planned'])}:{xl_rowcol_to_cell(row - 1, self.at['planned'])}"
        total = self.form.role.weight_sum
        self._fill(row, style.sum())
        sheet.write_string(row, 0, style.say("sum"), style.sum())
        sheet.write_formula(row, self.at["planned"], f"=SUM({planned})", style.sum(align="center"), float(total))
        right, wrong = style.say("sum_right"), style.say("sum_wrong")
        light = f'=IF(ROUND(SUM({planned}),2)=100,"{right}","{wrong}")'
        sheet.write_formula(row, 1, light, style.sum(), right if total == FULL else wrong)
        for begins, colour in ((right[0], _GOOD), (wrong[0], _BAD)):
            look = {"type": "text", "criteria": "begins with", "value": begins}
            sheet.conditional_format(row, 1, row, 1, {**look, "format": style.book.add_format({"font_color": colour})})
        sheet.set_row(row, 22)
        if self.scores is not None:
            self.scores.sums(row)
        self.row += 1

    # --- what stands below -------------------------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        """Write a block: its title, its header, its rows, and under points by rules the score."""
        rows = self._rows(block.id)
        self.sheet.set_row(self.row, 8)
        title = self.styles(bold=True, font_color=self.styles.ink, text_wrap=False)
        self.sheet.write_string(self.row + 1, 0, self.styles.pick(block.name), title)
        if block.id == "review":
            self._follow_up(block, len(rows))
        self.sheet.set_row(self.row + 1, 20)
        self.row += 2
        begins = self._block_rows(block, rows)
        if block.id == "event" and self.scores is not None:
            self._fill(self.row, self.styles.bar())
            self.scores.final(self.row, range(begins, self.row))
            self.sheet.set_row(self.row, 24)
            self.row += 1

    def _block_rows(self, block: Block, rows: Sequence[tuple[FormRow, str]]) -> int:
        """Write the header and the rows of a block; return the first of its rows."""
        heads = [(*self._span(each), self.styles.pick(each.name)) for each in block.fields]
        self._head([*heads, (self.last, self.last, self.styles.pick(self.cells[self.last].name))])
        begins = self.row
        for place, (row, code) in enumerate(rows):
            for each in block.fields:
                self._block_cell(block, each, row, place)
            self._put(self.last, self.last, code, self._look("text", entered=False, name="code"))
            self.sheet.set_row(self.row, _HEIGHTS.get(block.id, _USUAL_HEIGHT))
            self.row += 1
        return begins

    def _span(self, each: Cell) -> tuple[int, int]:
        left, right = (each.id, each.id) if each.width else getattr(each, self.form.phase)
        return self.at[left], self.at[right]

    def _block_cell(self, block: Block, each: Cell, row: FormRow, place: int) -> None:
        """Write a cell of a block; an event that is known already stands fast."""
        known = self.form.known.get((block.id, row.id), {})
        entered = bool(each.by) and not (known and block.id == "event")
        left, right = self._span(each)
        look = self._look(each.kind, entered=entered, name=each.id)
        if each.kind in WORKED_OUT:
            self._worked_out(each, known, place, look)
        else:
            self._put(left, right, known.get(each.id) if each.by else self.form.labels[block.id][place], look)
        if entered:
            self._entry(left, block.id, row, each)

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

    def _follow_up(self, block: Block, rows: int) -> None:
        """Say in how many reviews the supervisor followed up (S130)."""
        column = self._span(next(each for each in block.fields if each.id == "guidance"))[0]
        first = self.row + 3
        cells = f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(first + rows - 1, column)}"
        share = f'TEXT(ROUND(100*SUMPRODUCT(--(LEN(TRIM({cells}))>0))/{rows},0),"0")&"%"'
        look = self.styles(font_color=SOFT, font_size=9, align="right", text_wrap=False)
        shown = self.styles.say("follow_up", share=f"{followed_up([], rows)}%")
        formula = f'="{self.styles.say("follow_up", share="")}"&{share}'
        self.sheet.write_formula(self.row + 1, self.last, formula, look, shown)

    def _finish(self, head: int) -> list[Entry]:
        """Write the legend and set up the sheet: widths, page, panes, protection."""
        legend = self.styles(font_size=9, font_color=SOFT, text_wrap=False)
        self.sheet.set_row(self.row, 20)
        self.sheet.write_string(self.row, 0, self.styles.say("legend"), legend)
        for column, cell in enumerate(self.cells):
            self.sheet.set_column(column, column, cell.width)
        self.sheet.print_area(0, 0, self.row, self.last)
        self.sheet.repeat_rows(head)
        self.sheet.freeze_panes(head + 1, 1)
        footer = f"{self.identification}  ·  {self.copy}"
        prepare_page(self.sheet, self.styles, footer, whole=self.row <= _ROWS_OF_A_PAGE)
        self.sheet.protect("", {"format_columns": True, "format_rows": True})
        return self.entries


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


class BlockSheet(FormSheet):
    """Writes a block on a sheet of its own: each day's work, each week's, a report, tasks that were assigned."""

    HEAD = 2

    def __init__(
        self, sheet: Worksheet, styles: Styles, forms: Sequence[Form], holder: Holder, code: str, block: Block
    ) -> None:
        super().__init__(sheet, styles, forms, holder, code)
        self.block, self.cells = block, [*block.fields, self.cells[-1]]

    def write(self) -> list[Entry]:
        """Write the whole sheet; return the cells that are filled in."""
        name = f"{self.styles.pick(self.block.name)}  ·  {self.form.called}"
        self._masthead(name, self.styles.pick(self.block.lead))
        rows = self._rows(self.block.id)
        begins = self._block_rows(self.block, rows)
        if self.block.id == ASSIGNED:
            self._mean(begins)
        return self._finish(self.HEAD)

    def _mean(self, begins: int) -> None:
        """Write the mean of what was rated, which the form's line is fed with (S155)."""
        column = self.at["completion"]
        cells = f"{xl_rowcol_to_cell(begins, column)}:{xl_rowcol_to_cell(self.row - 1, column)}"
        mean = mean_completion(
            row.get("completion") for (block, _), row in self.form.known.items() if block == ASSIGNED
        )
        self.sheet.set_row(self.row, _USUAL_HEIGHT)
        self._fill(self.row, self.styles.sum())
        self.sheet.write_string(self.row, 0, self.styles.say("mean"), self.styles.sum(text_wrap=False))
        formula = f'=IF(COUNT({cells})=0,"",ROUND(AVERAGE({cells}),2))'
        look = self.styles.sum(align="center")
        self.sheet.write_formula(self.row, column, formula, look, "" if mean is None else float(mean))
        self.row += 1


def mean_cell(name: str, block: Block, form: Form) -> str:
    """Return where the sheet of assigned tasks has their mean, as formulas of other sheets name it."""
    row = BlockSheet.HEAD + 1 + sum(each.kind == block.id for each in form.rows)
    column = next(place for place, each in enumerate(block.fields) if each.id == "completion")
    return f"'{name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"
