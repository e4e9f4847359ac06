"""What a curve looks like on paper: its line as an SVG path, how points are earned in words, and a few scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from kpi_toolkit.method.cards import CurveCard
from kpi_toolkit.method.cliffs import Cliff, steepest
from kpi_toolkit.method.curve import Said
from kpi_toolkit.method.curves import CurveValue, score_micro
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.numbers import MICRO, half_up
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.pages.words import Words

WIDTH, HEIGHT = 120, 44
_STEPS = 120
SHARES = (80, 100, 120)
"""Of which per cent of the target the score is shown beside a curve."""
_WORTH_SAYING = 2
"""Points that one per cent of an actual moves; above its target a plain ratio moves a little more than one."""


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """An indicator's curve: the path in a box of 120 x 44, and what the box spans."""

    path: str
    low: Decimal
    high: Decimal
    top: Decimal
    unit: str = ""
    """Per cent, where the box spans that."""


class Earned(NamedTuple):
    """One way of earning points: its name and line, its picture, its steepest places, for what, its scores."""

    name: str
    how: str
    picture: CurvePicture
    cliffs: list[str]
    items: list[str]
    scores: list[Decimal | None]


def ways_of_earning(
    design: Design, roles: Iterable[Role], cards: Mapping[str, CurveCard], words: Words
) -> list[Earned]:
    """Return each way of earning points in some roles, with the indicators that have it."""
    found = gathered(
        ((item.curve.named, earned_text(design, item, words)), item) for role in roles for item in role.indicators
    )
    return [
        Earned(
            words.show(cards[named].name) if named in cards else words(f"curves.{items[0].curve.kind}"),
            how, curve_picture(design, items[0]), _steepest_places(design, items, words),
            [*dict.fromkeys(words.show(item.name) for item in items)], scores_at(design, items[0]),
        )
        for (named, how), items in found.items()
    ]  # fmt: skip


def _steepest_places(design: Design, items: Sequence[Indicator], words: Words) -> list[str]:
    """Return where a curve is steepest: each place once, with the indicators it belongs to unless it is all."""
    found = gathered(
        (_place(cliff, words.show(item.unit), words), words.show(item.name))
        for item in items
        if (cliff := steepest(item.scored_curve, item.target, item.scored_direction, design.cap(item)))
        and cliff.height >= _WORTH_SAYING
    )
    if [len(names) for names in found.values()] == [len(items)]:
        return [*found]
    return [words("curves.place_of", items=[*dict.fromkeys(names)], place=place) for place, names in found.items()]


def _place(cliff: Cliff, unit: str, words: Words) -> str:
    """Return where a curve is how steep; of a per cent, one per cent more is not one percentage point."""
    said = {"at": words.amount(cliff.at, unit), "points": words.number(cliff.height)}
    if unit == "%":
        return words("curves.place_percent", change=words.number(cliff.at / 100, 2), **said)
    return words("curves.place", **said)


def curve_picture(design: Design, item: Indicator) -> CurvePicture:
    """Return the picture of an indicator's curve, from nothing to half as much again as the target.

    What it spans is per cent of the target, or of completion, where the design states no target.
    """
    share = item.basis.value != "actual" or (item.target is None and item.scored_curve.needs_target)
    aim = Fraction(100 if share else item.target or 100)
    drawn = _drawn(item.scored_curve, aim, item.scored_direction, design.cap(item))
    return replace(drawn, unit="%" if share or "%" in item.unit.words else "")


@lru_cache(maxsize=512)
def _drawn(curve: CurveValue, aim: Fraction, direction: Direction, cap: Decimal) -> CurvePicture:
    view = curve.column_starts()[-1]
    low, high = _span(curve, aim, direction)
    places = [low + (high - low) * n / _STEPS for n in range(_STEPS + 1)]
    scores = [Fraction(score_micro(curve, place, aim, direction, cap, view), MICRO) for place in places]
    top = max(Fraction(100), *scores)
    floor = min(Fraction(0), *scores)
    points = (
        f"{float(WIDTH * n / _STEPS):.4g},{float(HEIGHT * (top - score) / (top - floor)):.4g}"
        for n, score in enumerate(scores)
    )
    return CurvePicture("M" + " L".join(points), half_up(low, 1), half_up(high, 1), half_up(top, 1))


def _span(curve: CurveValue, aim: Fraction, direction: Direction) -> tuple[Fraction, Fraction]:
    if curve.needs_target and aim > 0:
        return Fraction(0), aim * 3 / 2
    edges = [
        curve.actual_at(piece.start, aim, direction)
        for piece in curve.pieces(curve.column_starts()[-1]) if piece.start is not None
    ]  # fmt: skip
    known = [edge for edge in edges if edge is not None] or [Fraction(0), Fraction(10)]
    room = (max(known) - min(known)) / 5 or Fraction(5)
    return min(known) - room, max(known) + room


def earned_text(design: Design, item: Indicator, words: Words) -> str:
    """Return how points are earned in one line: what is read, what earns how much, the highest score.

    Every page says it by this line: the design book, the form, a person's page, the design's form.
    """
    curve, cap = item.scored_curve, design.cap(item)
    lead, said = "", []
    for part in curve.said(item.scored_direction):
        text = _said(part, item, words)
        if part.key == "row" or part.key.startswith("by_"):
            lead = text + words("list.colon")
        else:
            said.append(lead + text)
            lead = ""
    lines = [] if item.reads == "view" else [words(f"direction.{item.scored_direction.value}")]
    lines.append(words("list.comma").join(said))
    if not item.outside and curve.passes_at is None:
        lines.append(words("earned.cap_cuts" if curve.pays_above(cap) else "earned.cap", cap=cap))
    return words("list.semicolon").join(lines)


def _said(part: Said, item: Indicator, words: Words) -> str:
    key = part.key
    if item.reads == "view" and key.startswith(("ratio_", "by_")):
        key = f"{key.partition('_')[0]}_view"
    elif item.target == 0 and item.reads == "attainment" and key in {"by_attainment", "ratio_lower"}:
        key = f"{key.partition('_')[0]}_zero"  # nothing is a share of 0
    score = None if part.score is None else half_up(Fraction(part.score), 2)
    at = "" if part.at is None else _measured(part.at, item, words)
    if part.at == 1 and key.startswith(("each_", "step_")) and (unit := words.show(item.unit)) not in {"", "%"}:
        at = words("earned.one", unit=unit)
    return words(f"earned.{key}", at=at, score=score)


def _measured(at: Decimal, item: Indicator, words: Words) -> str:
    """Return a place of a curve with its unit: per cent, or what the indicator is counted in."""
    unit = words.show(item.unit)
    if item.reads in {"attainment", "margin_percent", "view"} or (item.reads == "actual" and unit == "%"):
        return f"{words.number(at)}%"
    return words("earned.percentage_points", n=at) if unit == "%" else words.amount(at, unit)


def scores_at(design: Design, item: Indicator) -> list[Decimal | None]:
    """Return the score where so much of the target (or, of a rating, of all) is there (``SHARES``); None where unknown.

    A curve of the actual itself has no such shares, nor has a target of 0; a table needs a view as well, a margin a
    target.
    """
    curve, aim = item.scored_curve, Fraction(item.target or 100) if item.basis.value == "actual" else Fraction(100)
    nothing = item.target == 0 and item.reads == "attainment"
    unknown = nothing or curve.by == "actual" or (curve.by == "margin" and item.target is None and item.reads != "view")
    if unknown or len(curve.column_starts()) > 1:
        return [None for _ in SHARES]
    cap, way = design.cap(item), item.scored_direction
    return [half_up(Fraction(score_micro(curve, aim * share / 100, aim, way, cap), MICRO), 1) for share in SHARES]
