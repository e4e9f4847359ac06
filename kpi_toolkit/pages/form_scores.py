"""The score of a form in formulas: a line's working beside it, its points, the sums and the score at the end.

Each formula carries the figure that Python worked out, so that a program that does not calculate shows it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import log
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.formulas import in_per_cent, measured, number, reading, scored
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.lines import IndicatorLine, Result
from kpi_toolkit.method.model import Aggregation, Design, Indicator, Role
from kpi_toolkit.method.numbers import CENTI, FULL, MICRO, centi, from_centi, half_up
from kpi_toolkit.method.scoring import aim_of, value_of
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.work import fed_column
from kpi_toolkit.pages.form_style import GREY, LINE, SCORE, SOFT, Styles

_WORK = ("value", "measure", "score", "weight", "part", "floor", "rest")
"""The columns of the working: the number read, what the curve looks at, the score of 100, the weight in hundredths,
score by weight, the points in whole hundredths and what remains of them."""


@dataclass(frozen=True)
class Worked:
    """What Python worked out for one form."""

    design: Design
    role: Role
    lines: Mapping[str, IndicatorLine]
    result: Result
    score: Decimal | None
    label: str = "total"
    """What the score is called on the form."""


class Scores:
    """Writes the formulas of one form, whose lines stand in the rows ``first`` to ``last``."""

    def __init__(
        self, sheet: Worksheet, styles: Styles, worked: Worked, at: Mapping[str, int], first: int, last: int,
        mean: str,
    ) -> None:  # fmt: skip
        self.sheet, self.styles, self.worked, self.mean = sheet, styles, worked, mean
        self.first, self.last = first, last
        beside = max(at.values()) + 2
        self.at = {**at, **{f"w_{name}": beside + place for place, name in enumerate(_WORK)}}
        self.geometric = worked.role.aggregation is Aggregation.GEOMETRIC
        self.weights = f"SUM({self._range('w_weight')})"
        self.whole = f"MAX(1,{self.weights})*10000"

    def head(self, row: int) -> None:
        """Write what the columns of the working are."""
        look = self.styles(font_color=GREY, font_size=8, bottom=1, bottom_color=LINE, align="right")
        for name in _WORK:
            self.sheet.write_string(row, self.at[f"w_{name}"], self.styles.say(f"w_{name}"), look)
        self.sheet.write_string(row - 1, self.at["w_value"], self.styles.say("working"), look)
        self.sheet.set_column(self.at["w_value"] - 1, self.at["w_value"] - 1, 3)
        self.sheet.set_column(self.at["w_value"], self.at["w_rest"], 12)

    def _cell(self, name: str, row: int, *, fixed: bool = False) -> str:
        return str(xl_rowcol_to_cell(row, self.at[name], row_abs=fixed, col_abs=fixed))

    def _range(self, name: str, last: int | None = None) -> str:
        last = self.last if last is None else last
        return f"{self._cell(name, self.first, fixed=True)}:{self._cell(name, last, fixed=True)}"

    def _work(self, row: int, name: str, formula: str, value: Any) -> None:
        """Write a formula of the working, with Python's figure."""
        look = self.styles(font_color=GREY, font_size=8, text_wrap=False)
        self.sheet.write_formula(row, self.at[name], formula, look, "" if value is None else float(value))

    # --- a line ------------------------------------------------------------------------------------------------------

    def line(self, row: int, item: Indicator) -> None:
        """Write a line's working and its points. IssuesError for a curve that no formula can hold."""
        worked, line = self.worked, self.worked.lines[item.id]
        counted = worked.role.method.counts(item.side)
        micro = line.score_micro if counted and line.state != "missing" else None
        names = ("actual", "self", "others", "appraiser", "target")
        cells = {name: self._cell(name, row) for name in names if name in self.at}
        fed = fed_column(item) if self.mean else ""  # what nobody typed there comes from the assigned tasks
        for name in cells.keys() & {"self", "others", "appraiser", *(["actual"] if is_per_cent(item) else ()), fed}:
            cells[name] = in_per_cent(cells[name], *([self.mean] if name == fed else ()))
        value, aim = value_of(worked.design, item, line), Fraction(aim_of(item, line.target) or 0)
        seen = None if value is None else item.scored_curve.looked_at(Fraction(value), aim, item.scored_direction)
        if value is not None and seen is None:  # nothing was used where something was allowed: shown as met
            seen = Fraction(FULL)
        read, measure, score = (self._cell(f"w_{name}", row) for name in _WORK[:3])
        try:
            formula = scored(item, worked.design.cap(item), cells, read, measure, self._stand_in(item))
        except ValueError as problem:
            raise IssuesError([error("form-curve-too-long", Place("design.toml"), indicator=item.name)]) from problem
        self._work(row, "w_value", reading(worked.design, item, cells), value)
        self._work(row, "w_measure", measured(item, read, cells["target"]), seen)
        self._work(row, "w_score", formula if counted else '=""', None if micro is None else Fraction(micro, MICRO))
        weight = centi(item.weight) if counted and not item.outside else 0
        self._work(row, "w_weight", f"=IF(ISNUMBER({score}),{weight},0)", 0 if micro is None else weight)
        self._part(row, item, micro)
        self._points(row, item, line, micro)

    def _stand_in(self, item: Indicator) -> str:
        """Return what a missing value scores under the design's policy, as a formula holds it."""
        design = self.worked.design
        if not item.weight or design.missing not in {Missing.NEUTRAL, Missing.ZERO}:
            return '""'
        return "0" if design.missing is Missing.ZERO else number(min(design.neutral_score, design.cap(item)))

    def _part(self, row: int, item: Indicator, micro: int | None) -> None:
        """Write a line's part of the whole, in whole numbers over one denominator, and what it is in hundredths."""
        score, weight, part = (self._cell(name, row) for name in ("w_score", "w_weight", "w_part"))
        own, all_ = centi(item.weight), max(self.worked.result.weight, 1)
        if self.geometric:
            mine = 0 if micro is None or item.outside else own * log(max(micro, 1) / MICRO)
            self._work(row, "w_part", f"=IF({weight}>0,{weight}*LN(MAX({score},0.000001)),0)", mine)
            return
        by, times = (f"MAX(1,{self.weights})", all_) if item.outside else (weight, own)
        floor, rest = divmod((micro or 0) * times, all_ * CENTI * CENTI)
        self._work(row, "w_part", f"=IF(ISNUMBER({score}),ROUND({score}*{MICRO},0)*{by},0)", (micro or 0) * times)
        self._work(row, "w_floor", f"=INT({part}/({self.whole}))", floor)
        self._work(row, "w_rest", f"={part}-{self._cell('w_floor', row)}*{self.whole}", rest)

    def _points(self, row: int, item: Indicator, line: IndicatorLine, micro: int | None) -> None:
        """Write the points of a line: its whole hundredths, and one more where the remainders say so (decision 3)."""
        score, say = self._cell("w_score", row), self.styles.say
        points: Any = line.points
        if not self.worked.role.method.counts(item.side):
            formula = f'="{(points := say("not_counted"))}"'
        elif not item.weight and not item.outside:
            formula = f'=IF(ISNUMBER({score}),IF({score}>0,"{say("passed")}","{say("failed")}"),"–")'
            points = None if micro is None else say("passed" if micro else "failed")
        elif self.geometric:
            formula = f'=IF(ISNUMBER({score}),ROUND({score},2),"–")'
            points = None if micro is None else half_up(Fraction(micro, MICRO), 2)
        else:
            rest = self._cell("w_rest", row)
            turn = f"SUMPRODUCT(--({self._range('w_rest')}>{rest}))"
            turn += f"+SUMPRODUCT(--({self._range('w_rest', row - 1)}={rest}))" if row > self.first else ""
            left = f"{self._cell('w_part', self.last + 1, fixed=True)}-SUM({self._range('w_floor')})"
            formula = f'=IF(ISNUMBER({score}),({self._cell("w_floor", row)}+IF({turn}<{left},1,0))/100,"–")'
        look = self.styles.box(bold=True, align="center", bg_color=SCORE, num_format="0.00")
        shown = "–" if points is None else points if isinstance(points, str) else float(points)
        self.sheet.write_formula(row, self.at["score"], formula, look, shown)

    # --- the sums ----------------------------------------------------------------------------------------------------

    def sums(self, row: int) -> None:
        """Write what the lines come to: rounded half up once, from whole numbers."""
        parts = f"SUM({self._range('w_part')})"
        found = f"INT((2*{parts}+{self.whole})/(2*{self.whole}))"
        if self.geometric:
            items = enumerate(self.worked.role.indicators, start=self.first)
            added = "".join(f"+100*N({self._cell('w_score', at)})" for at, item in items if item.outside)
            none = f'COUNTIFS({self._range("w_weight")},">0",{self._range("w_score")},0)'
            found = f"ROUND(IF(OR({self.weights}=0,{none}>0),0,100*EXP({parts}/MAX(1,{self.weights}))){added},0)"
        result = self.worked.result
        self._work(row, "w_part", f"={found}", result.item_centi)
        said = self.styles.sum(align="right", font_color=SOFT, bold=False)
        self.sheet.write_string(row, self.at["note"], self.styles.say("lines_total"), said)
        look = self.styles.sum(align="center", num_format="0.00")
        self._unless_open(
            row, f"{self._cell('w_part', row)}/100", look, from_centi(result.item_centi) if result.weight else None
        )

    def final(self, row: int, events: range) -> None:
        """Write the score: lines and points by rules, held by the bounds and the vetoes of the design."""
        design, rules = self.worked.design, self.worked.design.adjustments
        points = f"{self._cell('score', events[0])}:{self._cell('score', events[-1])}"
        plus, minus = f'SUMIF({points},">0")', f'-SUMIF({points},"<0")'
        plus = plus if rules.max_plus is None else f"MIN({plus},{number(rules.max_plus)})"
        minus = minus if rules.max_minus is None else f"MIN({minus},{number(rules.max_minus)})"
        cap = number(design.total_cap)
        limits = [cap]
        for at, item in enumerate(self.worked.role.indicators, start=self.first):
            veto, score = item.curve.veto, self._cell("w_score", at)
            if veto and veto.scope == "total":
                limits.append(f"IF(ISNUMBER({score}),IF({score}>0,{cap},{number(veto.limit)}),{cap})")
        net = f"ROUND({plus}-({minus}),2)"
        found = f"ROUND(MIN(MAX({self._cell('score', self.last + 1)}+{net},0),{','.join(limits)}),2)"
        self.sheet.write_string(row, 0, self.styles.say(self.worked.label), self.styles.bar(indent=1, text_wrap=False))
        self._unless_open(row, found, self.styles.bar(align="center", num_format="0.00"), self.worked.score)

    def _unless_open(self, row: int, found: str, look: Any, value: Any) -> None:
        """Write a figure that stays blank while nothing counts, or while something is missing that the design wants."""
        needed = 1
        if self.worked.design.missing is Missing.REFUSE:
            needed = sum(self.worked.role.method.counts(item.side) for item in self.worked.role.indicators)
            value = None if any(line.state == "missing" for line in self.worked.lines.values()) else value
        formula = f'=IF(OR({self.weights}=0,COUNT({self._range("w_score")})<{needed}),"",{found})'
        self.sheet.write_formula(row, self.at["score"], formula, look, "" if value is None else float(value))
