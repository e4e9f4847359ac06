"""What can be wrong with the rules of scoring and tiers: curves, targets, tie-breaks, statements, lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.places import DESIGN_FILE, indicator_place, indicators_of, target_usable
from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.cliffs import Cliff, highest_jump, steepest
from kpi_toolkit.method.curves import Bands, CurveValue, Gate, Piecewise, Table, score_micro
from kpi_toolkit.method.issues import Issue, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Aggregation, Basis, Design, Indicator, IndicatorClass, Side
from kpi_toolkit.method.numbers import FULL, MICRO, half_up
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.steps import Steps
from kpi_toolkit.method.value import Word

_ROUND, _OF_TEN = 5, 10
"""Ours: pass lines are agreed in round numbers; up to ten they may be points out of ten, which is told as such."""
_CLIFF = 20
"""Points that a score may jump at one place before it is called a cliff."""
_HARDLY, _LITTLE = Fraction(9, 10), 50
"""Ours: a target is worth more than so many points, and nothing at all less than so much of them."""
_LOW_CAP, _HIGH_CAP = FULL, 5 * FULL
"""Under the one nobody gets what the target is worth; from the other on a single indicator decides over a month."""


def _indicators_can_be_scored(design: Design) -> Iterator[Issue]:
    for _, _, indicator, place in indicators_of(design):
        if indicator.curve.whole and indicator.direction is Direction.LOWER:
            yield error("count-lower", place, indicator=indicator.name)
        if indicator.target is not None and indicator.basis is Basis.ACTUAL:
            yield from target_usable(indicator, indicator.target, place)
        yield from _year_can_be_split(indicator, place)


def _year_can_be_split(indicator: Indicator, place: Place) -> Iterator[Issue]:
    """Find what makes no targets of months: a share, too few pieces, or a month's target beside it."""
    if indicator.year is None:
        return
    named = {"indicator": indicator.name, "target": indicator.year.target}
    empty = [number for number, part in enumerate(indicator.year.by_month, start=1) if not part]
    if indicator.target is not None:
        yield error("target-and-year", place, **named | {"target": indicator.target})
    if is_per_cent(indicator):
        yield error("year-of-a-share", place, **named)
    elif empty:
        yield error("year-month-empty", place, months=empty, **named)


def _names_tell_apart(design: Design) -> Iterator[Issue]:
    for name, role in design.roles.items():
        called: set[str] = set()
        for item in role.indicators:
            own = {skeleton(text) for text in item.name.words} - {""}
            if own & called:
                yield warning("name-in-role-twice", indicator_place(name, item), role=role.name, indicator=item.name)
            called |= own


def _curves_follow_the_direction(design: Design) -> Iterator[Issue]:
    for _, role, indicator, place in indicators_of(design):
        curve, direction = indicator.scored_curve, indicator.scored_direction
        if role.aggregation is Aggregation.GEOMETRIC and isinstance(curve, Gate) and curve.scope == "indicator":
            yield warning("gate-in-geometric", place, role=role.name, indicator=indicator.name)
        rises, found = _shape(curve, indicator.target, direction, design.cap(indicator))
        if not rises:
            way = Word(f"direction.{direction.value}")
            yield error("curve-against-direction", place, indicator=indicator.name, direction=way)
        elif found and found.height > _CLIFF:
            yield hint("cliff", place, indicator=indicator.name, actual=found.at, low=found.before, high=found.after)
        yield from curve_knows_the_target(indicator, indicator.target, place, design.cap(indicator))


def curve_knows_the_target(indicator: Indicator, target: Decimal | None, place: Place, cap: Decimal) -> Iterator[Issue]:
    """Find a curve by which the target is worth little, or hardly more than nothing at all (of plain ones, half)."""
    curve, way = indicator.scored_curve, indicator.scored_direction
    if isinstance(curve, Table) or curve.adds or not target or target < 0 or way is Direction.TARGET:
        return
    plain = isinstance(curve, (Piecewise, Bands))
    worse, nothing = (Decimal("1.5"), Decimal("0.5")) if plain else (Decimal(100), Decimal(0))
    missed = target * (worse if way is Direction.LOWER else nothing)
    cap = max(cap, FULL)  # a lower one is told as such
    met, then = (score_micro(curve, value, target, way, cap) for value in (target, missed))
    if then >= met * (1 if plain else _HARDLY) or met < _LITTLE * MICRO:
        points = {
            name: half_up(Fraction(micro, MICRO), 2).normalize() for name, micro in (("met", met), ("score", then))
        }
        said = {"target": target, "actual": missed.normalize(), **points}
        yield warning("target-not-on-curve", place, indicator=indicator.name, **said)


@lru_cache(maxsize=4096)
def _shape(curve: CurveValue, target: Decimal | None, direction: Direction, cap: Decimal) -> tuple[bool, Cliff | None]:
    """Return whether a curve rises and its highest step; a form asks the same of most indicators after each change."""
    highest = steepest if isinstance(curve, Steps) else highest_jump  # many small steps fall as far as one
    return curve.rises(direction), highest(curve, target, direction, cap)


def _tie_breaks_exist(design: Design) -> Iterator[Issue]:
    indicators = {item.id for role in design.roles.values() for item in role.indicators}
    known = {"previous", *Side, *indicators}
    for criterion in design.tiers.tie_break:
        if criterion not in known:
            place = Place(DESIGN_FILE, key="tiers.tie_break")
            yield error("unknown-tie-break", place, name=criterion, nearest=nearest(criterion, known))


def _statements_can_hold(design: Design) -> Iterator[Issue]:
    for number, said in enumerate(design.confidence.statements, start=1):
        place = Place(DESIGN_FILE, key=f"confidence.statements.[{number}]")
        role = design.roles.get(said.role)
        known = [item.id for item in role.indicators] if role else list(design.roles)
        for word in [said.indicator, *([said.over] if said.over else [])] if role else [said.role]:
            if word not in known:
                yield error("unknown-in-statement", place, name=word, nearest=nearest(word, known))
        if said.at_least > said.at_most:
            yield error("statement-empty", place, low=said.at_least, high=said.at_most)
    if design.confidence.weights == "statements":
        from kpi_toolkit.method.statements import statements_fit  # with numpy, which few designs need

        for name, role in design.roles.items():
            if not statements_fit(role, design.confidence.statements, name):
                place = Place(DESIGN_FILE, key="confidence.statements")
                yield error("statements-conflict", place, role=role.name)


def _reliability_is_of_a_class(design: Design) -> Iterator[Issue]:
    for kind in design.confidence.reliability.by_class:
        if kind not in set(IndicatorClass):
            place = Place(DESIGN_FILE, key="confidence.reliability")
            yield error("unknown-reliability-class", place, name=kind, nearest=nearest(kind, set(IndicatorClass)))


def _pass_line_in_reach(design: Design) -> Iterator[Issue]:
    line = design.tiers.pass_line
    if line is not None and line > design.total_cap:
        place = Place(DESIGN_FILE, key="tiers.pass_line")
        yield error("pass-line-out-of-reach", place, line=line, cap=design.total_cap)
    elif line == 0:
        yield warning("pass-line-nothing", Place(DESIGN_FILE, key="tiers.pass_line"))
    elif line is not None and line > _OF_TEN and line % _ROUND:
        yield hint("pass-line-odd", Place(DESIGN_FILE, key="tiers.pass_line"), line=line)


def _settings_in_per_cent(design: Design) -> Iterator[Issue]:
    """Find caps, lines and shares of a design that were probably written as fractions of one or of ten."""
    none, one, two, ten = map(Decimal, (0, 1, 2, 10))
    settings = {
        "item_cap": (design.item_cap, two, none), "adjustments.total_cap": (design.adjustments.total_cap, two, none),
        "tiers.pass_line": (design.tiers.pass_line, two, ten), "team_share": (design.team_share, one, none),
        "missing.least_weight": (design.least_weight, one, ten), "neutral_score": (design.neutral_score, two, none),
    }  # fmt: skip
    for number, line in enumerate(design.tiers.guidelines, start=1):
        settings[f"tiers.guidelines.[{number}]"] = (line.share, one, none)
    asked = [(Place(DESIGN_FILE, key=key), *given, key.endswith("_cap")) for key, given in settings.items()]
    for _, _, item, place in indicators_of(design):
        small = next((value for value in _in_per_cent(item) if 0 < value <= two), None)
        limit = item.curve.limit if isinstance(item.curve, Gate) and item.curve.scope == "total" else none
        asked += [(place, item.cap, two, none, True), (place, small, two, none, False)]
        asked += [(place, limit, none, ten, False)] if limit > two else []
    for place, value, of_one, of_ten, is_cap in asked:
        if value is not None and 0 < value <= max(of_one, of_ten):
            yield warning("fraction-in-design", place, value=value, percent=value * (100 if value <= of_one else 10))
        elif is_cap and value is not None and value < _LOW_CAP:
            yield warning("low-cap", place, cap=value)
        elif is_cap and value is not None and value >= _HIGH_CAP:
            yield warning("high-cap", place, cap=value)
    if design.neutral_score > max(design.item_cap, FULL):
        place = Place(DESIGN_FILE, key="neutral_score")
        yield warning("neutral-above-cap", place, value=design.neutral_score, cap=max(design.item_cap, FULL))


def _in_per_cent(item: Indicator) -> Iterator[Decimal]:
    """Go through the numbers of a curve that are read as per cent: where full marks begin, a gate, a floor, a limit."""
    curve = item.curve
    corners = [(Decimal(each.at), each.score) for each in getattr(curve, "points", ())]
    corners += [(each.start, each.score) for each in getattr(curve, "bands", ())]
    scores = [score for _, score in corners] or [score for row in getattr(curve, "scores", ()) for score in row]
    if item.reads == "attainment":
        yield from [min(at for at, score in corners if score >= min(FULL, max(scores)))] if corners else ()
        yield from [curve.at] if isinstance(curve, Gate) else ()
    yield from (max(getattr(curve, name)) for name in ("rows", "columns") if hasattr(curve, name))
    yield from [max(scores)] if scores else ()
    yield from (Decimal(getattr(curve, name, 0)) for name in ("floor", "limit"))


def _settings_used(design: Design) -> Iterator[Issue]:
    """Find what was agreed and does nothing, because of what was agreed beside it."""
    policy, items = design.missing, [(item, place) for _, _, item, place in indicators_of(design)]
    unused = {
        "confidence.statements": bool(design.confidence.statements) and design.confidence.weights != "statements",
        "missing.least_weight": bool(design.missing_rule.least_weight) and policy is not Missing.LEAVE_OUT,
        "neutral_score": "neutral_score" in design.model_fields_set and policy is not Missing.NEUTRAL,
        "raters": "raters" in design.model_fields_set and all(item.basis is not Basis.RATERS for item, _ in items),
    }
    for key, nothing in unused.items():
        if nothing:
            yield warning("setting-unused", Place(DESIGN_FILE, key=key), why=Word(f"unused.{key.rpartition('.')[2]}"))
    for item, place in items:
        curve = item.curve
        if isinstance(curve, Gate) and curve.scope == "total" and curve.limit >= design.total_cap:
            yield warning("setting-unused", place, why=Word("unused.limit"))


def _settings_in_order(design: Design) -> Iterator[Issue]:
    """Find shares of tiers that are not in the order top, middle, bottom, and a team's share that is everything."""
    shares = design.tiers.shares
    if shares[1] < max(shares):
        said = ", ".join(f"{share:f}" for share in shares)
        yield warning("shares-order", Place(DESIGN_FILE, key="tiers.shares"), shares=said)
    elif shares[-1] > shares[0] > 0:
        yield hint("shares-bottom", Place(DESIGN_FILE, key="tiers.shares"), top=shares[0], bottom=shares[-1])
    if design.team_share and design.team_share >= FULL:
        yield warning("team-share-whole", Place(DESIGN_FILE, key="team_share"), share=design.team_share)


SETTINGS = (_settings_in_per_cent, _settings_in_order, _settings_used)

CHECKS = (
    _indicators_can_be_scored,
    _names_tell_apart,
    _curves_follow_the_direction,
    _tie_breaks_exist,
    _statements_can_hold,
    _reliability_is_of_a_class,
    _pass_line_in_reach,
    *SETTINGS,
)
