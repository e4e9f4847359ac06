"""One form as a sheet of an Excel workbook: what is seen, what is locked, and the formulas behind the score.

Every formula carries the figure that Python worked out, so that a program that does not calculate shows it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, log
from typing import Any

from xlsxwriter import Workbook as Book
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.colour import nearest_readable, tint
from kpi_toolkit.method.curves import Gate
from kpi_toolkit.method.form_rows import FormRow, followed_up
from kpi_toolkit.method.forms import Block, BlockField, Cell, FormLayout, Holder, Kind, Phase
from kpi_toolkit.method.formulas import measured, number, reading, scored
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import FULL, Aggregation, Basis, Design, Indicator, Role
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, from_centi, half_up
from kpi_toolkit.method.profile import Brand
from kpi_toolkit.method.result import Result
from kpi_toolkit.method.scoring import aim_of, value_of
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.words import Words

_FONT = {"zh": "Microsoft YaHei", "en": "Calibri"}
_ENTRY, _LINE, _GREY, _SOFT = "#fff8dc", "#b8bfc6", "#8a939b", "#5d666e"
_GOOD, _BAD = "#1b7a4b", "#b3261e"
_WORK = ("value", "measure", "score", "weight", "part", "floor", "rest")
_LINE_POINTS = 14.5
_WIDE = 0x2E7F
"""Letters behind it are as wide as two."""
_LARGE = 10_000
"""From here on a whole number is written with its thousands apart."""
MOST_VIEW = Decimal(200)
"""Per cent of completion that may be entered, unless a cap lies higher."""
_FACTS: dict[Phase, tuple[str, str]] = {"plan": ("quality", "approach"), "appraisal": ("planned", "note")}
"""The columns at which the second and the third pair of facts stand."""
_ROWS_OF_A_PAGE = 36
_DAYS = (date(2000, 1, 1), date(2199, 12, 31))


@dataclass(frozen=True, kw_only=True)
class Form:
    """One person's form in one phase, with all that is said on it."""

    client: str
    cycle: str
    phase: Phase
    design: Design
    role: Role
    title: str
    period: str
    client_name: str
    person: str
    called: str
    facts: tuple[tuple[str, str], ...]
    """What stands under the title: the person's role, team, and who is who."""
    rows: tuple[FormRow, ...]
    codes: tuple[str, ...]
    """The code of each row."""
    goals: Mapping[str, Any]
    given: Mapping[str, Any]
    """Rows of goals and actuals, by indicator."""
    lines: Mapping[str, IndicatorLine]
    """What Python scored, by indicator; empty in the plan."""
    result: Result | None
    total: Decimal | None
    events: tuple[tuple[str, ...], ...]
    """Points by rules that are known already: date, rule, reason, approver, points."""
    reviews: tuple[str, ...]
    talks: tuple[str, ...]
    """What the rows for signatures are for."""
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
    row: int | None
    column: str


@dataclass
class Styles:
    """The formats of a workbook, each made once."""

    book: Book
    words: Words
    layout: FormLayout
    brand: Brand
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def __call__(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            base = {"font_name": _FONT[self.words.language], "font_size": 10, "valign": "vcenter", "text_wrap": True}
            self.made[key] = self.book.add_format({**base, **properties})
        return self.made[key]

    def say(self, label: str, **values: Any) -> str:
        """Return a label of the card in the reader's language."""
        return self.words.fill(self.layout.labels[label].pick(self.words.language), values)

    def pick(self, text: Text) -> str:
        """Return words of the card in the reader's language."""
        return text.pick(self.words.language)

    @cached_property
    def ink(self) -> str:
        """The brand's colour, dark enough to be read."""
        return nearest_readable(self.brand.primary)

    @cached_property
    def shade(self) -> str:
        """A light shade of the brand's colour."""
        return tint(self.brand.primary, 10)


def prepare_page(sheet: Worksheet, styles: Styles, footer: str, *, whole: bool = False) -> None:
    """Set a sheet up for A4, landscape, as wide as the page; ``whole``: on one page."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, int(whole))
    sheet.set_margins(left=0.45, right=0.45, top=0.5, bottom=0.6)
    sheet.center_horizontally()
    font = _FONT[styles.words.language]
    plain = footer.replace("&", "&&")
    sheet.set_footer(f'&L&"{font}"&8 {plain}&R&"{font}"&8 {styles.say("page")}')


def units(text: str) -> float:
    """Return how wide a text is, in characters: a Chinese one is as wide as two."""
    return sum(2 if ord(char) > _WIDE else 1.05 for char in text)


def height(cells: Iterable[tuple[str, float]], least: float = 1) -> float:
    """Return the height in points of a row, from its texts and the widths that they have."""
    lines = [sum(max(1, ceil(units(part) / max(width - 1, 1))) for part in text.split("\n")) for text, width in cells]
    return _LINE_POINTS * max([least, *lines]) + 3


class FormSheet:
    """Writes one form; :attr:`entries` are the cells that are filled in."""

    def __init__(self, sheet: Worksheet, styles: Styles, form: Form, holder: Holder, code: str) -> None:
        self.sheet, self.styles, self.form, self.holder, self.code = sheet, styles, form, holder, code
        raters = any(row.item is not None and row.item.basis is Basis.RATERS for row in form.rows)
        cells = styles.layout.cells_of(form.phase)
        self.cells = [cell for cell in cells if cell.id != "others" or raters]
        self._arrange()

    def _arrange(self) -> None:
        self.at = {cell.id: place for place, cell in enumerate(self.cells)}
        self.widths = [cell.width for cell in self.cells]
        self.last = len(self.cells) - 1
        self.beside = {name: self.last + 2 + place for place, name in enumerate(_WORK)}
        self.entries: list[Entry] = []
        self.row = 0

    def write(self, _: Sequence[Form]) -> None:
        """Write the whole sheet."""
        self._masthead()
        head = self.row
        self._header()
        items = [(row, code) for row, code in zip(self.form.rows, self.form.codes, strict=True) if row.kind == "item"]
        first, last = self.row, self.row + len(items) - 1
        for row, code in items:
            self._line(row, code, first, last)
        self._total(first, last)
        for block in self.styles.layout.blocks_of(self.form.phase):
            self._block(block, first, last)
        self._finish(head)

    # --- what stands above -------------------------------------------------------------------------------------------

    def _masthead(self) -> None:
        form, style = self.form, self.styles
        title = style(font_size=20, bold=True, font_color=style.ink, text_wrap=False)
        self.sheet.set_row(0, 34)
        self.sheet.write_string(0, 0, form.title, title)
        mark = style(font_size=11, bold=True, align="right", font_color=style.ink, text_wrap=False)
        self.sheet.write_string(0, self.last, self.copy, mark)
        self.sheet.set_row(1, 19)
        plain = style(font_size=11, font_color=_SOFT, text_wrap=False, bottom=2, bottom_color=style.ink)
        for column in range(self.last + 1):
            self.sheet.write_blank(1, column, None, plain)
        self.sheet.write_string(1, 0, f"{form.client_name}  ·  {form.period}  ·  {style.say(form.phase)}", plain)
        right = style(font_size=9, font_color=_GREY, text_wrap=False, align="right", bottom=2, bottom_color=style.ink)
        self.sheet.write_string(1, self.last, f"{style.say('identification')}  {self.identification}", right)
        self.row = 2
        self._facts()

    @property
    def copy(self) -> str:
        """Whose copy it is, in words."""
        return self.styles.say("copy", holder=self.styles.words(f"copy.{self.holder}"))

    @property
    def identification(self) -> str:
        """What form it is, for whoever asks."""
        form = self.form
        return f"{form.client} / {form.cycle} / {form.phase} / v{form.design.version} / {self.code}"

    def _facts(self) -> None:
        """Write who is who, in pairs of a word and a name, each pair in a stretch of the columns."""
        label = self.styles(font_color=_GREY, font_size=9, text_wrap=False)
        value = self.styles(bold=True, text_wrap=False)
        places = [0, *(self.at[name] for name in _FACTS[self.form.phase])]
        for start in range(0, len(self.form.facts), len(places)):
            for place, (name, said) in zip(places, self.form.facts[start : start + len(places)], strict=False):
                colon = self.styles.words("list.colon")
                self.sheet.write_rich_string(self.row, place, label, f"{name}{colon}", value, said or "–", label)
            self.sheet.set_row(self.row, 18)
            self.row += 1
        self.sheet.set_row(self.row, 6)
        self.row += 1

    def _header(self) -> None:
        names = [self.styles.pick(cell.name).replace("\n", "") for cell in self.cells]
        self._head(self.row, [(column, column, name) for column, name in enumerate(names)])
        if "score" in self.at:
            words = [self.styles.say(f"w_{name}") for name in _WORK]
            look = self.styles(font_color=_GREY, font_size=8, bottom=1, bottom_color=_LINE, align="right")
            for name, word in zip(_WORK, words, strict=True):
                self.sheet.write_string(self.row, self.beside[name], word, look)
            self.sheet.write_string(self.row - 1, self.beside["value"], self.styles.say("working"), look)
        self.row += 1

    def _head(self, row: int, names: Sequence[tuple[int, int, str]]) -> None:
        look = self.styles(
            bold=True, font_size=9, font_color=self.styles.ink, bg_color=self.styles.shade, align="center", border=1,
            border_color=_LINE,
        )  # fmt: skip
        for first, last, name in names:
            self._put(row, first, last, name, look)
        widths = [(name, sum(self.widths[first : last + 1]) * 1.05) for first, last, name in names]
        self.sheet.set_row(row, height(widths))

    def _put(self, row: int, first: int, last: int, value: Any, look: Any) -> None:
        """Write a value into a cell, or into several that are merged in one row."""
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", look)
        if value is None or value == "":
            self.sheet.write_blank(row, first, None, look)
        elif isinstance(value, (Decimal, int)):
            self.sheet.write_number(row, first, float(value), look)
        else:
            self.sheet.write_string(row, first, str(value), look)

    # --- the lines ---------------------------------------------------------------------------------------------------

    def _line(self, row: FormRow, code: str, first: int, last: int) -> None:
        """Write the line of an indicator."""
        assert row.item is not None  # noqa: S101 - for the type only
        values = self._values(row, row.item, code)
        texts = []
        for column, cell in enumerate(self.cells):
            value = values.get(cell.id)
            entered = cell.entered(self.form.phase)
            large = isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) >= _LARGE
            look = self._look(cell.kind, entered, cell.id, thousands=large)
            if cell.id == "goal":
                self._goal(column, str(value), look)
            elif cell.id != "score":
                self._put(self.row, column, column, value, look)
            if entered:
                table = "goals" if self.form.phase == "plan" else "actuals"
                self._entry(column, table, row, cell.id, cell.kind, self.styles.pick(cell.help))
            texts.append((str(value or ""), self.widths[column]))
        if "score" in self.at:
            self._formulas(row.item, first, last)
        self.sheet.set_row(self.row, height(texts, least=2))
        self.row += 1

    def _goal(self, column: int, value: str, look: Any) -> None:
        """Write what the line is about in bold and, under it, until when."""
        name, _, until = value.partition("\n")
        if not until:
            self.sheet.write_string(self.row, column, name, look)
            return
        small = self.styles(font_color=_SOFT, font_size=9)
        self.sheet.write_rich_string(self.row, column, self.styles(bold=True), f"{name}\n", small, until, look)

    def _values(self, row: FormRow, item: Indicator, code: str) -> dict[str, Any]:
        goal, given, pick = self.form.goals.get(item.id), self.form.given.get(item.id), self.styles.pick
        until = getattr(goal, "deadline", "") or self.form.until
        standard = pick(item.standard) if item.standard else ""
        said = [getattr(goal, name, "") or "" for name in ("text", "quality", "standard")]
        fields = ("text", "quality", "deadline", "approach", "risks", "answers")
        return {
            **{name: getattr(goal, name, "") or "" for name in fields},
            **{name: getattr(given, name, None) for name in ("actual", "self", "others", "appraiser", "note")},
            "goal": f"{pick(item.name)}\n{until}" if self.form.phase == "appraisal" else pick(item.name),
            "standard": self.styles.words("list.semicolon").join(dict.fromkeys(filter(None, (*said[:2], standard)))),
            "person": self.form.called, "planned": item.weight, "target": row.target, "unit": pick(item.unit),
            "code": code,
        } | ({"text": said[0] or standard} if self.form.phase == "plan" else {})  # fmt: skip

    def _look(self, kind: Kind, entered: bool, name: str = "", *, thousands: bool = False) -> Any:
        """Return how a cell looks: pale yellow where somebody fills it in."""
        look: dict[str, Any] = {"border": 1, "border_color": _LINE}
        if entered:
            look |= {"bg_color": _ENTRY, "locked": False}
        if kind == "day":
            look |= {"num_format": "yyyy-mm-dd", "align": "center"}
        elif kind in {"number", "percent", "points"} or name == "planned":
            look |= {"align": "center", "num_format": "#,##0" if thousands else "General"}
        elif name in {"unit", "code"}:
            look |= {"align": "center", "font_size": 8 if name == "code" else 10}
            look |= {"font_color": _GREY} if name == "code" else {}
        else:
            look |= {"indent": 1, "bold": name == "goal"}
        return self.styles(**look)

    def _entry(self, column: int, table: str, row: FormRow, name: str, kind: Kind, told: str) -> None:
        """Take a cell for an entry: with what it may hold, and what is said of it."""
        place = xl_rowcol_to_cell(self.row, column)
        indicator = row.id if row.kind == "item" else None
        self.entries.append(
            Entry(self.sheet.name, place, row.person, table, indicator, None if indicator else int(row.id), name)
        )
        rule = self._rule(kind, name, row)
        if told:
            title = self.styles.pick(next(cell.name for cell in self.cells if cell.id == name))
            rule |= {"input_title": title[:32], "input_message": told[:255]}
        if rule:
            self.sheet.data_validation(place, {"validate": "any", **rule})

    def _rule(self, kind: Kind, name: str, row: FormRow) -> dict[str, Any]:
        """Return what a program checks as the value is typed, with the message that it shows."""
        say, most = self.styles.say, 10**12
        rule: dict[str, Any]
        if kind == "percent":
            high = max(MOST_VIEW, self.form.design.cap(row.item)) if row.item else MOST_VIEW
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": float(high)}
            told = say("range_percent", high=high)
        elif kind == "number" and name == "actual" and row.item is not None and row.item.curve.whole:
            rule, told = (
                {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": most},
                say("range_whole"),
            )
        elif kind in {"number", "points"}:
            rule, told = (
                {"validate": "decimal", "criteria": "between", "minimum": -most, "maximum": most},
                say("range_number"),
            )
        elif kind == "day":
            rule = {"validate": "date", "criteria": "between", "minimum": _DAYS[0], "maximum": _DAYS[1]}
            told = say("range_day", day=f"{self.form.cycle[:4]}-10-31")
        elif kind == "choice":
            rule = {"validate": "list", "source": [say(f"how_{way}") for way in ("paper", "scan", "reply")]}
            told = say("range_choice")
        else:
            return {}
        return {**rule, "error_title": say("range_title"), "error_message": told}

    # --- the formulas ------------------------------------------------------------------------------------------------

    def _cell(self, name: str, row: int | None = None, *, fixed: bool = False) -> str:
        column = self.beside[name[2:]] if name.startswith("w_") else self.at[name]
        return str(xl_rowcol_to_cell(self.row if row is None else row, column, row_abs=fixed, col_abs=fixed))

    def _column(self, name: str, first: int, last: int) -> str:
        return f"{self._cell(name, first, fixed=True)}:{self._cell(name, last, fixed=True)}"

    def _work(self, name: str, formula: str, value: Any) -> None:
        """Write a formula of the working, with Python's figure."""
        look = self.styles(font_color=_GREY, font_size=8, text_wrap=False)
        self.sheet.write_formula(self.row, self.beside[name], formula, look, "" if value is None else float(value))

    def _formulas(self, item: Indicator, first: int, last: int) -> None:
        """Write a line's working and its score, each with Python's figure."""
        form, line, cap = self.form, self.form.lines[item.id], self.form.design.cap(item)
        counted = form.role.method.counts(item.side)
        shown = counted and line.state != "missing"
        cells: dict[str, str] = {
            name: self._cell(name) for name in ("actual", "self", "others", "appraiser", "target") if name in self.at
        }
        value, aim = value_of(form.design, item, line), Fraction(aim_of(item, line.target) or 0)
        seen = None if value is None else item.scored_curve.looked_at(Fraction(value), aim, item.scored_direction)
        self._work("value", reading(form.design, item, cells), value)
        self._work(
            "measure",
            measured(item, self._cell("w_value"), cells["target"]),
            FULL if value is not None and seen is None else seen,
        )
        formula = scored(item, cap, cells, self._cell("w_value"), self._cell("w_measure"), self._stand_in(item))
        self._work("score", formula if counted else '=""', Fraction((line.score_micro or 0), MICRO) if shown else None)
        weight = 0 if item.outside or not counted else centi(item.weight)
        self._work("weight", f"=IF(ISNUMBER({self._cell('w_score')}),{weight},0)", weight if shown else 0)
        self._part(item, line.score_micro if shown else None, first, last)
        self._score(item, line, first, last)

    def _stand_in(self, item: Indicator) -> str:
        """Return what a missing value scores under the design's policy, as a formula holds it."""
        design = self.form.design
        if not item.weight or design.missing not in {Missing.NEUTRAL, Missing.ZERO}:
            return '""'
        return "0" if design.missing is Missing.ZERO else number(min(design.neutral_score, design.cap(item)))

    def _part(self, item: Indicator, micro: int | None, first: int, last: int) -> None:
        """Write a line's part of the whole: in whole numbers over one denominator, and what it is in hundredths."""
        score, weight, part = self._cell("w_score"), self._cell("w_weight"), self._cell("w_part")
        counted = self._counted
        mine: float = 0 if micro is None else micro * (counted if item.outside else centi(item.weight))
        whole = counted * CENTI * CENTI
        if self.geometric:
            mine = 0 if micro is None or item.outside else centi(item.weight) * log(max(micro, 1) / MICRO)
            self._work("part", f"=IF({weight}>0,{weight}*LN(MAX({score},0.000001)),0)", mine)
            return
        weights = self._weights(first, last)
        by = weights if item.outside else weight
        self._work("part", f"=IF(ISNUMBER({score}),ROUND({score}*{MICRO},0)*{by},0)", mine)
        self._work("floor", f"=IF({weights}=0,0,INT({part}/({weights}*10000)))", mine // whole if whole else 0)
        floor = self._cell("w_floor")
        self._work("rest", f"={part}-{floor}*{weights}*10000", mine % whole if whole else 0)

    def _weights(self, first: int, last: int) -> str:
        return f"SUM({self._column('w_weight', first, last)})"

    @property
    def _counted(self) -> int:
        """The weight that took part, in hundredths."""
        return 0 if self.form.result is None else self.form.result.weight

    @property
    def geometric(self) -> bool:
        """Whether the lines become one by their geometric mean."""
        return self.form.role.aggregation is Aggregation.GEOMETRIC

    def _score(self, item: Indicator, line: IndicatorLine, first: int, last: int) -> None:
        """Write the points of a line: its whole hundredths, and one more where the remainders say so (decision 3)."""
        score, floor, rest = self._cell("w_score"), self._cell("w_floor"), self._cell("w_rest")
        look = self.styles(
            border=1, border_color=_LINE, bold=True, align="center", bg_color="#f3f5f7", num_format="0.00"
        )
        say = self.styles.say
        value: Any = line.points
        if not self.form.role.method.counts(item.side):
            formula, value = f'="{say("not_counted")}"', say("not_counted")
        elif not item.weight and not item.outside:
            formula = f'=IF(ISNUMBER({score}),IF({score}>0,"{say("passed")}","{say("failed")}"),"–")'
            value = "–" if line.state == "missing" else say("passed" if line.score_micro else "failed")
        elif self.geometric:
            formula, value = f'=IF(ISNUMBER({score}),ROUND({score},2),"–")', self._of_hundred(line)
        else:
            rests = self._column("w_rest", first, last)
            before = (
                f"+SUMPRODUCT(--({self._column('w_rest', first, self.row - 1)}={rest}))" if self.row > first else ""
            )
            turn = f"SUMPRODUCT(--({rests}>{rest})){before}"
            left = f"{self._cell('w_part', last + 1, fixed=True)}-SUM({self._column('w_floor', first, last)})"
            formula = f'=IF(ISNUMBER({score}),({floor}+IF({turn}<{left},1,0))/100,"–")'
        shown = "–" if value is None else value if isinstance(value, str) else float(value)
        self.sheet.write_formula(self.row, self.at["score"], formula, look, shown)

    def _of_hundred(self, line: IndicatorLine) -> Decimal | None:
        missing = line.state == "missing"
        return None if missing else half_up(Fraction((line.score_micro or 0), MICRO), 2)

    def _total(self, first: int, last: int) -> None:
        """Write the sums: planned points with their light, lines, points by rules, and the score."""
        planned = f"{self._cell('planned', first)}:{self._cell('planned', last)}"
        light = f'=IF(ROUND(SUM({planned}),2)=100,"{self.styles.say("sum_right")}","{self.styles.say("sum_wrong")}")'
        fits = self.form.role.weight_sum == FULL
        look = self.styles(bold=True, top=2, top_color=self.styles.ink, bg_color=self.styles.shade)
        middle = self.styles(
            bold=True,
            top=2,
            top_color=self.styles.ink,
            bg_color=self.styles.shade,
            align="center",
            num_format="General",
        )
        for column in range(self.last + 1):
            self.sheet.write_blank(self.row, column, None, look)
        self.sheet.write_string(self.row, 0, self.styles.say("sum"), look)
        self.sheet.write_formula(
            self.row, self.at["planned"], f"=SUM({planned})", middle, float(self.form.role.weight_sum)
        )
        at = self.row, 1
        self.sheet.write_formula(*at, light, look, self.styles.say("sum_right" if fits else "sum_wrong"))
        for begins, colour in (("●", _GOOD), ("▲", _BAD)):
            self.sheet.conditional_format(
                *at,
                *at,
                {
                    "type": "text",
                    "criteria": "begins with",
                    "value": begins,
                    "format": self.styles.book.add_format({"font_color": colour}),
                },
            )
        self.sheet.set_row(self.row, 22)
        if "score" in self.at:
            self._sums(first, last)
        self.row += 1

    def _sums(self, first: int, last: int) -> None:
        """Write what the lines come to: rounded half up once, from whole numbers."""
        weights, parts = self._weights(first, last), f"SUM({self._column('w_part', first, last)})"
        scores, whole = self._column("w_score", first, last), f"{self._weights(first, last)}*10000"
        found = f"INT((2*{parts}+{whole})/(2*{whole}))"
        if self.geometric:
            outside = [
                self._cell("w_score", first + at) for at, item in enumerate(self.form.role.indicators) if item.outside
            ]
            added = "".join(f"+100*N({cell})" for cell in outside)
            none = f'COUNTIFS({self._column("w_weight", first, last)},">0",{scores},0)'
            found = f"ROUND(IF({none}>0,0,100*EXP({parts}/{weights})){added},0)"
        self._work("part", f"=IF({weights}=0,0,{found})", self._item_centi)
        look = self.styles(
            bold=True, top=2, top_color=self.styles.ink, bg_color=self.styles.shade, align="center", num_format="0.00"
        )
        said = self.styles(
            top=2, top_color=self.styles.ink, bg_color=self.styles.shade, align="right", font_color=_SOFT
        )
        self.sheet.write_string(self.row, self.at["note"], self.styles.say("lines_total"), said)
        shown = "" if not self._counted or self._refused else float(from_centi(self._item_centi))
        self.sheet.write_formula(
            self.row, self.at["score"], self._unless_open(f"{self._cell('w_part')}/100", first, last), look, shown
        )

    @property
    def _item_centi(self) -> int:
        return 0 if self.form.result is None or not self._counted else self.form.result.item_centi

    @property
    def _refused(self) -> bool:
        """Whether the design gives no score while something is missing, and something is."""
        states = {line.state for line in self.form.lines.values()}
        return self.form.design.missing is Missing.REFUSE and "missing" in states

    def _unless_open(self, found: str, first: int, last: int) -> str:
        """Return a formula that stays blank while nothing counts, or what the design wants whole is not."""
        needed = 1
        if self.form.design.missing is Missing.REFUSE:
            needed = sum(self.form.role.method.counts(item.side) for item in self.form.role.indicators)
        return (
            f'=IF(OR({self._weights(first, last)}=0,COUNT({self._column("w_score", first, last)})<{needed}),"",{found})'
        )

    def _final(self, first: int, last: int, events: range) -> None:
        """Write the score: lines and points by rules, held by the bounds and the vetoes of the design."""
        form, rules = self.form, self.form.design.adjustments
        points = f"{self._cell('score', events[0])}:{self._cell('score', events[-1])}"
        plus, minus = f'SUMIF({points},">0")', f'-SUMIF({points},"<0")'
        plus = plus if rules.max_plus is None else f"MIN({plus},{number(rules.max_plus)})"
        minus = minus if rules.max_minus is None else f"MIN({minus},{number(rules.max_minus)})"
        look = {"bold": True, "font_color": "#ffffff", "bg_color": self.styles.ink, "font_size": 12}
        for column in range(self.last + 1):
            self.sheet.write_blank(self.row, column, None, self.styles(**look))
        label = "own_total" if form.design.team_share else "total"
        self.sheet.write_string(self.row, 0, self.styles.say(label), self.styles(**look, text_wrap=False))
        limits = [number(form.design.total_cap)]
        for at, item in enumerate(form.role.indicators):
            if isinstance(item.curve, Gate) and item.curve.scope == "total" and form.role.method.counts(item.side):
                cell = self._cell("w_score", first + at)
                limits.append(f"IF(ISNUMBER({cell}),IF({cell}>0,{limits[0]},{number(item.curve.limit)}),{limits[0]})")
        lines = self._cell("score", last + 1)
        found = f"ROUND(MIN(MAX({lines}+ROUND({plus}-({minus}),2),0),{','.join(limits)}),2)"
        shown = "" if form.total is None or self._refused else float(form.total)
        number_look = self.styles(**look, align="center", num_format="0.00")
        self.sheet.write_formula(self.row, self.at["score"], self._unless_open(found, first, last), number_look, shown)
        self.sheet.set_row(self.row, 24)
        self.row += 1

    # --- what stands below -------------------------------------------------------------------------------------------

    def _block(self, block: Block, first: int, last: int) -> None:
        rows = [(row, code) for row, code in zip(self.form.rows, self.form.codes, strict=True) if row.kind == block.id]
        self.sheet.set_row(self.row, 8)
        title = self.styles(bold=True, font_color=self.styles.ink, text_wrap=False)
        self.sheet.write_string(self.row + 1, 0, self.styles.pick(block.name), title)
        if block.id == "review":
            self._follow_up(block, len(rows))
        self.sheet.set_row(self.row + 1, 20)
        self.row += 2
        spans = [(*self._span(each), each) for each in block.fields]
        code = self.cells[self.last]
        heads = [(left, right, self.styles.pick(each.name)) for left, right, each in spans]
        self._head(self.row, [*heads, (self.last, self.last, self.styles.pick(code.name))])
        self.row += 1
        begins = self.row
        for number_, (row, mark) in enumerate(rows):
            for left, right, each in spans:
                self._block_cell(block, each, row, number_, left, right)
            self._put(self.row, self.last, self.last, mark, self._look("text", entered=False, name="code"))
            self.sheet.set_row(self.row, {"event": 18, "review": 32, "sign": 27}[block.id])
            self.row += 1
        if block.id == "event":
            self._final(first, last, range(begins, self.row))

    def _span(self, each: BlockField) -> tuple[int, int]:
        left, right = each.plan if self.form.phase == "plan" else each.appraisal
        return self.at[left], self.at[right]

    def _block_cell(self, block: Block, each: BlockField, row: FormRow, number_: int, left: int, right: int) -> None:
        """Write a cell of a block: what is known already stands fast, the rest is filled in."""
        known = self.form.events[number_] if block.id == "event" and number_ < len(self.form.events) else None
        said: Any = ""
        if known is not None:
            said = known[[one.id for one in block.fields].index(each.id)]
        elif each.id in {"day", "talk"}:
            said = (self.form.reviews if each.id == "day" else self.form.talks)[number_]
        entered = bool(each.by) and known is None
        self._put(
            self.row, left, right, said, self._look(each.kind, entered, "goal" if each.id in {"day", "talk"} else "")
        )
        if entered:
            self._entry(left, block.id, row, each.id, each.kind, "")

    def _follow_up(self, block: Block, rows: int) -> None:
        """Say in how many reviews the supervisor followed up (S130)."""
        name = next(each for each in block.fields if each.id == "guidance")
        column, first = self.at[getattr(name, self.form.phase)[0]], self.row + 3
        cells = f"{xl_rowcol_to_cell(first, column)}:{xl_rowcol_to_cell(first + rows - 1, column)}"
        share = f'TEXT(ROUND(100*SUMPRODUCT(--(LEN(TRIM({cells}))>0))/{rows},0),"0")&"%"'
        formula = f'="{self.styles.say("follow_up", share="")}"&{share}'
        look = self.styles(font_color=_SOFT, font_size=9, align="right", text_wrap=False)
        done = followed_up([("", "")] * rows, rows)
        self.sheet.write_formula(self.row + 1, self.last, formula, look, self.styles.say("follow_up", share=f"{done}%"))

    def _finish(self, head: int) -> None:
        legend = self.styles(font_size=9, font_color=_SOFT, text_wrap=False)
        self.sheet.set_row(self.row, 20)
        self.sheet.write_string(self.row, 0, self.styles.say("legend"), legend)
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_column(self.last + 1, self.last + 1, 3)
        if "score" in self.at:
            self.sheet.set_column(self.beside["value"], self.beside["rest"], 12)
        self.sheet.print_area(0, 0, self.row, self.last)
        self.sheet.repeat_rows(head)
        self.sheet.freeze_panes(head + 1, 1)
        footer = f"{self.identification}  ·  {self.copy}"
        prepare_page(self.sheet, self.styles, footer, whole=self.row <= _ROWS_OF_A_PAGE)
        self.sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})


class ListSheet(FormSheet):
    """Writes everybody's lines one below the other, for whoever enters them all."""

    def write(self, forms: Sequence[Form]) -> None:
        """Write the whole sheet."""
        who = Cell(id="person", name=self.styles.layout.labels["name"], phases=(self.form.phase,), width=13)
        self.cells = [who, *(cell for cell in self.cells if cell.id != "score")]
        self._arrange()
        self.form = replace(self.form, facts=())
        self._masthead()
        head = self.row
        self._header()
        for form in forms:
            self.form = form
            for row, code in zip(form.rows, form.codes, strict=True):
                if row.kind == "item":
                    self._line(row, code, 0, 0)
        self._finish(head)
