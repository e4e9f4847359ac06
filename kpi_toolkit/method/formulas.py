"""The scoring of one line as spreadsheet formulas: the same chain as in Python, in functions that every program has.

Excel 2016, WPS and LibreOffice know all of them. A measure is compared as rounded to nine decimals, so that a value on
an edge lies on it; the score is worked out from the measure itself and rounded once, to millionths (decision 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm

from kpi_toolkit.method.curves import CurveValue
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import digits
from kpi_toolkit.method.segments import Direction, Segment, read_off
from kpi_toolkit.method.steps import Steps

LONGEST = 8000
"""Characters that a formula may have; Excel takes 8192."""
_EDGE, _STEP = 9, 9
_GAP = {Direction.HIGHER: "{a}-{t}", Direction.LOWER: "{t}-{a}", Direction.TARGET: "-ABS({a}-{t})"}
_SHARE = {
    Direction.HIGHER: "100*{a}/{t}",
    Direction.TARGET: "100*(1-ABS({a}-{t})/ABS({t}))",
    Direction.LOWER: "IF({a}<=0,100,100*{t}/{a})",
}


def number(value: Decimal | Fraction) -> str:
    """Return an exact number as a formula holds it.

    >>> number(Decimal("0.50")), number(Fraction(1, 3)), number(Fraction(-5, 2))
    ('0.5', '(1/3)', '(-5/2)')
    """
    if isinstance(value, Decimal):
        return digits(value)
    return str(value) if value.denominator == 1 else f"({value})"


def in_per_cent(cell: str, otherwise: str = '""') -> str:
    """Return the formula of what was typed into a cell in per cent, as 26.2 or as Excel's 26.2%, which is 0.262."""
    by = f'IF(IFERROR(LEFT(CELL("format",{cell}))="P",FALSE),100,1)'
    return f"IF(ISNUMBER({cell}),ROUND({cell}*{by},{_EDGE}),{otherwise})"


def reading(design: Design, item: Indicator, cells: dict[str, str]) -> str:
    """Return the formula of the number that an indicator's curve reads, blank where it is missing.

    ``cells`` are the addresses of a line's actual, self, appraiser, others and target.
    """
    if item.basis is not Basis.RATERS:
        cell = cells["actual" if item.basis is Basis.ACTUAL else "appraiser"]
        also = f",ISNUMBER({cells['appraiser']})" if item.curve.needs_view else ""
        return f'=IF(AND(ISNUMBER({cell}){also}),{cell},"")'
    shares = {rater: getattr(design.raters, rater) for rater in ("self", "appraiser", "others")}
    given = {rater: f"ISNUMBER({cells[rater]})*{number(share)}" for rater, share in shares.items() if share}
    parts = "+".join(f"{number(shares[rater])}*N({cells[rater]})" for rater in given)
    needed = f"ISNUMBER({cells['appraiser']})" if shares["appraiser"] else f"({'+'.join(given.values())})>0"
    return f'=IF({needed},({parts})/({"+".join(given.values())}),"")'


def quotient(item: Indicator, part: str, whole: str) -> str:
    """Return the formula of an actual that follows from part and whole, blank where there are none to divide."""
    formula = item.formula
    assert formula is not None  # noqa: S101 - for the type only
    kept = f"({whole}-{part})" if formula.less else part
    times = "100*" if formula.percent else ""
    return f'=IF(AND(ISNUMBER({part}),N({whole})>0),ROUND({times}{kept}/{whole},6),"")'


def measured(item: Indicator, value: str, target: str) -> str:
    """Return the formula of what a curve looks at, from the address of the value and of the target."""
    curve, direction = item.scored_curve, item.scored_direction
    aim = target if item.basis is Basis.ACTUAL else "100"
    if curve.by == "actual":
        found = value
    elif curve.by == "attainment":
        found = _SHARE[direction].format(a=value, t=aim)
    else:
        found = _GAP[direction].format(a=value, t=aim)
        found = f"({found})" if curve.by == "margin" else f"100*({found})/ABS({aim})"
    if isinstance(curve, Steps):
        steps = f"({found})/{number(curve.step)}"
        whole = "TRUNC(ROUND({0},{1}),0)" if curve.counted == "full" else "ROUNDUP(ROUND({0},{1}),0)"
        found = steps if curve.counted == "parts" else whole.format(steps, _STEP)
    return f'=IF(ISNUMBER({value}),{found},"")'


def scored(item: Indicator, cap: Decimal, cells: dict[str, str], value: str, measure: str, missing: str) -> str:
    """Return the formula of an indicator's score in points, rounded to millionths and held by its cap.

    ``missing`` stands in where there is no value. ValueError where the curve has too many pieces for one formula.
    """
    curve, view = item.scored_curve, cells["appraiser"]
    tree = _by_view(curve, view, [_tree(curve.pieces(start), measure) for start in curve.column_starts()])
    below_zero = f"INT(ROUND(({tree})*1000000,3)+0.5)/1000000"  # halves go up there too
    score = f"MIN({number(cap)},{below_zero if curve.adds else f'MAX(0,ROUND({tree},6))'})"
    if curve.by == "attainment" and item.scored_direction is Direction.LOWER:  # nothing was used of what was allowed
        best = _by_view(curve, view, [_best(curve.pieces(start), cap) for start in curve.column_starts()])
        score = f"IF(AND({value}<=0,{cells['target']}<>0),{best},{score})"
    formula = f"=IF(ISNUMBER({measure}),{score},{missing})"
    if len(formula) > LONGEST:
        raise ValueError(item.id)
    return formula


def _best(pieces: Sequence[Segment], cap: Decimal) -> str:
    """Return the score of what is better than any number."""
    score = read_off(pieces, None)
    return number(cap if score is None else min(Fraction(cap), max(score, Fraction(0))))


def _by_view(curve: CurveValue, view: str, values: Sequence[str]) -> str:
    """Return what holds in the column of a two-way table in which the appraiser's view lies."""
    return _either(values, [f"{view}<{number(start)}" for start in curve.column_starts()[1:]])


def _tree(pieces: Sequence[Segment], measure: str) -> str:
    tests = [
        f"ROUND({measure},{_EDGE}){'<=' if after.after else '<'}{number(after.start or Fraction(0))}"
        for _, after in pairwise(pieces)
    ]
    return _either([_line(piece, measure) for piece in pieces], tests)


def _either(values: Sequence[str], tests: Sequence[str]) -> str:
    """Return the value before the first test that holds, as IFs inside each other, no deeper than need be."""
    if len(set(values)) == 1:
        return values[0]
    half = len(values) // 2
    return f"IF({tests[half - 1]},{_either(values[:half], tests[: half - 1])},{_either(values[half:], tests[half:])})"


def _line(piece: Segment, measure: str) -> str:
    """Return a straight piece over one denominator, so that it is rounded as seldom as possible."""
    common = lcm(piece.level.denominator, piece.slope.denominator)
    level, slope = piece.level * common, piece.slope * common
    rising = "" if not slope else measure if slope == 1 else f"{slope}*{measure}"
    text = "+".join(filter(None, ([str(level)] if level or not rising else []) + [rising]))
    return text if common == 1 else f"({text})/{common}"
