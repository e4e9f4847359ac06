"""What no value can show by itself: each is compared with its target, its unit, its column and its indicator's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import FULL, MONEY, TIME, Measured, plain_unit
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Table, Tables, rows_of
from kpi_toolkit.method.wording import Wording, matches

VIEWS = ("self", "appraiser", "others")
_HIGHEST_VIEW = Decimal(200)
_FRACTION = Decimal(3)
"""A share up to here may be a fraction: 1.05 is 105 %, 2 is 200 %."""
_SEVERAL, MAGNITUDE, _FAR = 5, 8, 80
"""Ours: so many times off its target a value is looked at again; sooner where it makes the score better."""
_SCALES = (5, 10, 20, 25, 30, 40, 50)
_LONG_SCALES = (120, 150, 200)
"""Points that appraisers are used to instead of per cent."""
_LOW, _APART = 30, Decimal("2.5")
_LOW_SEVERAL, _APART_SEVERAL = 50, Decimal("1.75")
"""Ours: views up to here may be points where the next ones are so many times as high; several sooner than one."""
FEW = 20
"""Ours: a target under it is missed by an order of magnitude without any slip."""
_FAR_ABOVE, _FAR_BELOW, _SOME, _SOME_OF_A_ROLE = Decimal("1.5"), Decimal("0.6"), 6, 4
"""Ours: two thirds of so many amounts, or all of a role, so far off their targets are rather another period's."""
_PERIODS = {Fraction(3), Fraction(6), Fraction(12), Fraction(1, 3), Fraction(1, 6), Fraction(1, 12)}
"""So many times a month's target is rather that of a quarter or a year, or the other way round."""
_RANK = re.compile(r"(排名|名次|位次)$|\b(rank|ranking|position)$", re.IGNORECASE)
_PRICE = re.compile(r"成本|单价|均价|\bcosts? (per|of|for)\b|\bprice\b|\b(CPA|CPL|CPC|CPM|CAC)\b", re.IGNORECASE)
"""What has a price is never had for nothing."""
MUCH = Decimal(20)
"""Ours: points for one event that are looked at again where no bound was agreed."""
LITTLE = Decimal("0.1")
"""Points up to it are rather a slip of the decimal point."""
_LOST_TIME = re.compile(
    r"返工|加班|停机|宕机|故障|中断|延误|延期|逾期|超时|缺勤|迟到|请假|空置|闲置|误工"
    r"|rework|overtime|down ?time|outage|delay|late|overdue|absen|idle|lost|sick|leave|defect",
    re.IGNORECASE,
)
_PER_CENT = re.compile(r"[%％]|\bper ?cent|\bpct\b|百分|率$|^rate$", re.IGNORECASE)

_PER_CENT_ALONE = re.compile(r"[%％]|per ?cent|pct\.?", re.IGNORECASE)
"""All that may stand behind a number of per cent: anything else there says something of it."""


def is_per_cent(indicator: Indicator) -> bool:
    """Whether an indicator is counted in per cent, however its unit is written."""
    return any(_PER_CENT.search(unit.strip()) for unit in indicator.unit.words)


def in_own_unit(value: Decimal | None, indicator: Indicator) -> Decimal | None:
    """Return a typed number as the indicator counts it; unchanged where the unit behind it is not the indicator's.

    The indicator's own unit goes before a Chinese multiple: ``3.5万元`` of an indicator in 万元 is 3.5.
    """
    return in_units(value, indicator.unit.words) if isinstance(value, Measured) else value


def in_units(value: Measured, names: Collection[str]) -> Decimal:
    """Return a typed number in a unit of several names; unchanged where what stands behind it is another one."""
    units = {plain_unit(name) for name in names}
    if plain_unit(value.typed_unit) in units:
        return value.typed
    per_cent = any(_PER_CENT.search(name.strip()) for name in names)
    same = plain_unit(value.unit) in units or (per_cent and _PER_CENT_ALONE.fullmatch(value.unit))
    scaled = value.typed_unit != value.unit and any(unit[:1] in "千万亿" for unit in units if unit)
    return Decimal(value) if same or (not value.unit and not scaled) else value


def check_values(roster: Roster, tables: Tables, months: int = 1) -> Iterator[Issue]:
    """Go through the values of a cycle of so many months that cannot be right, and those that probably are not."""
    for row, indicator in roster.lines(tables.goals):
        place, given = Place(tables.file("goals"), row.row, "target"), tables.actual.get((row.person, row.indicator))
        yield from unit_fits(row.target, indicator, place)
        yield from _near_the_designs(row.target, indicator, months, place)
        yield from _target_no_fraction(row.target, given.actual if given else None, indicator, place)
    for row, indicator in roster.lines(tables.actuals):
        yield from _views_in_range(row, indicator, roster.design, tables.file("actuals"))
        if row.actual is not None:
            yield from _actual_plausible(row, indicator, tables)
    yield from _views_in_per_cent(tables)
    yield from _added_up(roster, tables)


def _added_up(roster: Roster, tables: Tables) -> Iterator[Issue]:
    """Find a table, or a role in it, whose amounts nearly all lie far off their targets: those of another period."""
    upwards = (
        (row, tables.target(row.person, item) or 0)
        for row, item in roster.lines(tables.actuals)
        if item.direction is Direction.HIGHER and adds_up(item, None)
    )
    far = [(roster.roles[row.person], row.actual / aim) for row, aim in upwards if row.actual and aim >= FEW]
    groups = {"": [ratio for _, ratio in far], **gathered(far)}
    place = Place(tables.file("actuals"), column="actual")
    for group, ratios in groups.items():
        least, share = (_SOME, Fraction(2, 3)) if not group else (_SOME_OF_A_ROLE, Fraction(1))
        above, below = sum(ratio > _FAR_ABOVE for ratio in ratios), sum(ratio < _FAR_BELOW for ratio in ratios)
        if len(ratios) >= least and max(above, below) >= len(ratios) * share:
            yield (
                warning("all-far-above", place, n=above, of=len(ratios)) if above > below
                else warning("all-far-below", place, n=below, of=len(ratios))
            )  # fmt: skip
            return


def in_own_units(design: Design, tables: Tables) -> Tables:
    """Return the tables with every typed unit that is the indicator's own taken into the number."""
    roster = Roster(design, tables.people)
    changed: dict[str, Table] = {}
    for name, column in (("actuals", "actual"), ("goals", "target"), ("disputes", "from"), ("disputes", "to")):
        frame = changed.get(name) or getattr(tables, name)
        if any(isinstance(value, Measured) for value in frame[column]):
            named = map(partial(_units_of, roster), rows_of(frame))
            own = [
                in_units(value, units) if isinstance(value, Measured) and units is not None else value
                for value, units in zip(frame[column], named, strict=True)
            ]
            changed[name] = frame.assign(**{column: own})
    return replace(tables, **changed) if changed else tables  # type: ignore[arg-type]


def _units_of(roster: Roster, row: Any) -> Collection[str] | None:
    """Return what a row's figure is counted in, by the names of that; None where nobody knows what it is of."""
    item = roster.item(row)
    view = item is not None and getattr(row, "column", "actual") != "actual"
    return ("%",) if view else item.unit.words if item is not None else None


def unit_fits(value: Decimal | None, indicator: Indicator, place: Place) -> Iterator[Issue]:
    """Find a unit behind a number that is not the indicator's."""
    if isinstance(in_own_unit(value, indicator), Measured):
        assert isinstance(value, Measured)  # noqa: S101 - for the type only
        code = "other-unit" if indicator.unit.words else "bad-number"  # of one without a unit every unit is another
        yield error(code, place, value=value.as_typed, unit=indicator.unit, indicator=indicator.name)


def _views_in_range(row: Any, indicator: Indicator, design: Design, file: str) -> Iterator[Issue]:
    highest = max(_HIGHEST_VIEW, design.cap(indicator))
    for view in VIEWS:
        value, place = getattr(row, view), Place(file, row.row, view)
        if value is not None and not 0 <= value <= highest:
            yield error("out-of-range", place, value=value, low=0, high=highest)
        elif value is not None and 0 < value <= _FRACTION / 2:
            yield warning("fraction-for-view", place, value=value, percent=value * 100)


def _fraction(value: Decimal, indicator: Indicator, place: Place) -> Issue:
    return warning("fraction-for-percent", place, value=value, percent=value * 100, indicator=indicator.name)


def _actual_plausible(row: Any, indicator: Indicator, tables: Tables) -> Iterator[Issue]:
    value, place = row.actual, Place(tables.file("actuals"), row.row, "actual")
    yield from unit_fits(value, indicator, place)
    target, said = tables.target(row.person, indicator), {"value": value, "indicator": indicator.name}
    if indicator.curve.whole and value < 0:
        yield error("negative-count", place, **said)
    elif indicator.curve.whole and value != int(value):
        yield error("not-whole", place, **said)
    elif value < 0 <= (target or 0):
        yield warning("negative-actual", place, **said)
    if indicator.basis is not Basis.ACTUAL:
        return
    if value == 0 and target and target > 0:
        yield from _nothing_at_all(target, indicator, place)
    elif value > 0 and not isinstance(in_own_unit(value, indicator), Measured):
        goal = tables.goal.get((row.person, row.indicator))
        own = Place(tables.file("goals"), goal.row, "target") if goal and goal.target is not None else place
        yield from _slipped(value, target, indicator, place, own)


def _slipped(value: Decimal, target: Decimal | None, indicator: Indicator, place: Place, aim: Place) -> Iterator[Issue]:
    """Find a figure that is rather a slip. One looks like several: only the first that explains it is told."""
    if not target or target < 0:
        yield from _near_the_curve(value, indicator, place)
    elif is_per_cent(indicator) and value <= _FRACTION and value * MAGNITUDE <= target:
        yield _fraction(value, indicator, place)
    elif is_per_cent(indicator) and target <= _FRACTION and target * MAGNITUDE <= value:
        yield warning("fraction-for-target", aim, value=target, percent=target * 100, indicator=indicator.name)
    elif _far_off(value, target, indicator.direction):
        yield warning("far-from-target", place, value=value, target=target, indicator=indicator.name)


def _nothing_at_all(target: Decimal, indicator: Indicator, place: Place) -> Iterator[Issue]:
    """Find a nought that probably stands for a blank: much was expected, or a time was to be measured."""
    said = {"target": target, "indicator": indicator.name}
    if indicator.direction is Direction.LOWER and _of_time(indicator):
        yield warning("zero-duration", place, unit=indicator.unit, **said)
    elif target >= FEW if indicator.direction is Direction.HIGHER else _named(_PRICE, indicator):
        yield warning("far-from-target", place, value=Decimal(0), **said)
    elif indicator.direction is Direction.LOWER and _named(_RANK, indicator):
        yield warning("no-rank-zero", place, indicator=indicator.name)


def _named(pattern: re.Pattern[str], indicator: Indicator) -> bool:
    return any(map(pattern.search, indicator.name.words))


def _of_time(indicator: Indicator) -> bool:
    """Whether an indicator measures how long something takes: what went wrong for no time at all is well done."""
    name = " ".join(indicator.name.words)
    return not TIME.isdisjoint(_units(indicator)) and not _LOST_TIME.search(name)


def _units(indicator: Indicator) -> set[str]:
    return {"minutes" if unit == "分" else plain_unit(unit) for unit in indicator.unit.words}


def in_pieces(indicator: Indicator) -> bool:
    """Whether an indicator counts things: no share, time or money, of which there are parts."""
    return any(indicator.unit.words) and adds_up(indicator, None) and (TIME | MONEY).isdisjoint(_units(indicator))


def adds_up(indicator: Indicator, wording: Wording | None) -> bool:
    """Whether an indicator is an amount that grows with the days, and no share, rank, mean, mark or how long one takes.

    Only such a target is smaller for whoever was there for a part of a cycle: nobody answers faster in half a month.
    What the design says of it (``prorated``) goes before what its unit and its name let one think.
    """
    if indicator.needs_target and indicator.prorated is not None:
        return indicator.prorated
    if not indicator.needs_target or is_per_cent(indicator) or indicator.curve.passes_at is not None:
        return False
    how_long = indicator.direction is Direction.LOWER and _of_time(indicator)
    called = "\n".join((*indicator.name.words, *indicator.unit.words))
    return not how_long and not (wording and matches(wording.levels, called))


def shares_beyond_all(case: Case, tables: Tables, found: Iterable[Issue]) -> Iterator[Issue]:
    """Find actuals of more than 100 % of what, by its name and target, is a part of a whole."""
    roster = Roster(case.design, tables.people)
    parts = {(name, item.id) for name, _, item, _ in case.indicators() if _is_a_part(item, case.wording)}
    told = {issue.place for issue in found}
    for row, item in roster.lines(tables.actuals) if parts else ():
        place = Place(tables.file("actuals"), row.row, "actual")
        if row.actual is None or row.actual <= FULL or place in told or isinstance(row.actual, Measured):
            continue
        target = tables.target(row.person, item) or item.target
        if (roster.roles[row.person], item.id) in parts and target and _FRACTION < target <= FULL:
            yield warning("share-over-100", place, value=row.actual, target=target, indicator=item.name)


def _is_a_part(indicator: Indicator, wording: Wording) -> bool:
    """Whether an indicator is a part of a whole by its name, and nothing like growth, which can pass it."""
    name = "\n".join(indicator.name.words)
    if indicator.basis is not Basis.ACTUAL or matches(wording.beyond, name):
        return False
    return is_per_cent(indicator) or (not indicator.unit.words and matches(wording.shares, name))


def _far_off(value: Decimal, target: Decimal, direction: Direction) -> bool:
    """Whether a value is so far from its target that a slip of the unit or the point is likelier than the work."""
    if direction is Direction.LOWER:  # a few complaints instead of one are no slip, a tenth of an hour is
        return value * MAGNITUDE < target or value >= target * (_SEVERAL if target >= _SEVERAL else MAGNITUDE)
    few = direction is Direction.HIGHER and target < FEW
    return value >= target * _SEVERAL or value * (_FAR if few else MAGNITUDE) <= target


def _near_the_designs(target: Decimal | None, indicator: Indicator, months: int, place: Place) -> Iterator[Issue]:
    """Hold a person's target against the design's, which is for a month."""
    usual = indicator.target
    if target is None or usual is None or usual <= 0 or isinstance(target, Measured):
        return
    lower = indicator.direction is Direction.LOWER  # upwards nothing can be divided by 0
    nothing = target == 0 and lower and (usual >= _SEVERAL or _of_time(indicator))
    if target <= 0 and not nothing:
        return
    if is_per_cent(indicator) and 0 < target <= _FRACTION:  # which is asked about as such
        return
    ratios = [Fraction(target) / Fraction(usual) / span for span in (1, months)]
    periods = _PERIODS if max(target, usual) >= FEW else ()
    if all(not Fraction(1, MAGNITUDE) < ratio < MAGNITUDE or ratio in periods for ratio in ratios):
        yield warning("far-from-design", place, target=target, usual=usual, indicator=indicator.name)


def _target_no_fraction(
    target: Decimal | None, actual: Decimal | None, indicator: Indicator, place: Place
) -> Iterator[Issue]:
    """Find a target in per cent that is rather a fraction: far under the design's, or, where it has none, up to 1.

    Where the actual is far above it, that is said of both (``fraction-for-target``).
    """
    if target is None or not 0 < target <= _FRACTION or not is_per_cent(indicator) or isinstance(target, Measured):
        return
    usual, told = indicator.target, actual is not None and target * MAGNITUDE <= actual
    alone = usual is None and target <= 1 and indicator.direction is Direction.HIGHER
    if not told and (alone or (usual is not None and target * MAGNITUDE <= usual)):
        yield _fraction(target, indicator, place)


def _near_the_curve(value: Decimal, indicator: Indicator, place: Place) -> Iterator[Issue]:
    """Hold a value without a target against the places of its curve."""
    at = [abs(Decimal(point.at)) for point in getattr(indicator.curve, "points", ()) if point.at]
    if indicator.reads == "actual" and at and not min(at) / MAGNITUDE < value < max(at) * MAGNITUDE:
        yield warning("far-from-curve", place, value=value, low=min(at), high=max(at), indicator=indicator.name)


def _views_in_per_cent(tables: Tables) -> Iterator[Issue]:
    """Find views that look like points: a whole column of them, or some among views in per cent.

    All views of an indicator, and all of an appraiser, are looked at for themselves as well.
    """
    managers = {person.id: person.manager for person in rows_of(tables.people)}
    for view in VIEWS:
        # what is in parts is worked out
        rows = (row for row in rows_of(tables.actuals) if not (row.parts and view == "appraiser"))
        seen = ((row, getattr(row, view)) for row in rows)
        given = [(row, value) for row, value in seen if value is not None and value > _FRACTION / 2]
        place, values = Place(tables.file("actuals"), column=view), [value for _, value in given]
        if scale := _scale(values):
            whose = (row.person for row, _ in given)
            yield warning("points-for-percent", place.at(given[0][0].row, view), whose, n=len(given), scale=scale)
            continue
        groups = gathered(
            (group, (row.row, value))
            for row, value in given
            for group in (("all", ""), ("indicator", row.indicator), ("appraiser", managers.get(row.person)))
        )
        points: dict[int, Decimal] = {}
        for own in groups.values():
            highest = _highest_point([value for _, value in own], values)
            points |= {number: value for number, value in own if value <= highest}
        for number, value in sorted(points.items()):
            yield warning("point-for-percent", place.at(number, view), value=value)


def _scale(values: Sequence[Decimal]) -> int | None:
    """Return the scale of points that a whole column of views fits; None where there are none, or they are per cent."""
    beyond = len(values) > 1 and min(values) > FULL
    return next((top for top in (_LONG_SCALES if beyond else _SCALES) if values and max(values) <= top), None)


def _highest_point(own: list[Decimal], column: list[Decimal]) -> Decimal:
    """Return the highest of a group's views that lie far below the others, as points do below per cent; 0 for none."""
    top = max(own)
    if len(own) > 1 and top <= _LOW:
        higher = sorted(value for value in column if value > top)
        if higher and higher[len(higher) // 2] >= top * _APART:
            return top
    points = Decimal(0)
    for number, (low, high) in enumerate(pairwise(sorted(own))):
        several = number and min(own) * 2 > low <= _LOW_SEVERAL and high >= low * _APART_SEVERAL
        if several or (low <= _LOW and high >= low * _APART):
            points = low
    return points


def directions_fit_names(case: Case) -> Iterator[Issue]:
    """Find what is counted against its name: complaints, costs, waiting upwards, and downwards what its name is not.

    Few things are counted downwards, so each has to say in its name that it is one of them.
    """
    for _, role, item, place in case.indicators():
        if item.basis is not Basis.ACTUAL or item.direction is Direction.TARGET:
            continue
        said = "\n".join(item.name.words)
        down = matches(case.wording.fewer, said) and not matches(case.wording.handled, said)
        if down is (item.direction is Direction.HIGHER):
            code = "direction-by-name" if down else "lower-by-name"
            yield warning(code, place, role=role.name, indicator=item.name)


CHECKS = (directions_fit_names,)
