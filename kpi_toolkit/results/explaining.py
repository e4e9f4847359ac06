"""A client's own scoring workbook held against ours, cell by cell: where it first deviates, and why."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Column, Record
from kpi_toolkit.clients.cell_values import number_in, share_of
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.days import month_of
from kpi_toolkit.clients.figures_in import forms_of, people_of
from kpi_toolkit.clients.grids import place_of
from kpi_toolkit.clients.heads import is_sum
from kpi_toolkit.clients.importing import SKIP, Import
from kpi_toolkit.clients.matching import Items
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues, IssuesError, Place, error
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.numbers import CENTI, MICRO, decimals_of, half_up, is_not_reported
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

_WANTED = frozenset({"name", "number", "role", "team", "indicator", "weight", "target", "actual", "appraiser", "score",
                     "rank"})  # fmt: skip
_TINY = Fraction(1, MICRO)
"""What Excel's own arithmetic leaves behind the comma is no deviation."""
_NEAR = Fraction(1, 1000)
"""A cause that makes no more of a score than this, makes none: attainments have been rounded before."""
_FULL, _CENT = Fraction(100), Decimal("0.01")
_PRINTED = 2
"""Decimals of an official score; what agrees to them agrees."""
_CAPS = range(100, 201, 5)
"""What workbooks cap scores at."""
_UNCOMPARED = {"", "score", "ratio", "self"}
"""What columns mean that may hold scores, or are taken for such, and are named where nothing in them was compared."""

_OTHER_WAY = {Direction.HIGHER: Direction.LOWER, Direction.LOWER: Direction.HIGHER}
_SCORE = re.compile(r"\s*([+-]?[\d.,]+)\s*(?:分|点|pts?\.?|points?|%)?\s*", re.IGNORECASE)
_NONE = Text()
Pair = tuple[Record, IndicatorLine, Decimal]
"""A line of theirs, ours, and their score."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A score, sum or rank of theirs beside ours; ``cause`` is empty where they agree."""

    source: Source
    place: Place
    person: str
    indicator: Text = _NONE
    theirs: Decimal | None
    """None where what stands there is no number."""
    ours: Decimal | None
    cause: str = ""
    """A key of the words under ``explain.cause``."""
    typed: str = ""
    """The cell where a number was typed over a formula, as ``cause`` says."""
    caps: tuple[Decimal, ...] = ()
    """The cap that the workbook has and that of the design, as ``cause`` says."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A whole workbook beside ours."""

    cells: list[Compared]
    """Every score, sum and rank, in the order in which they stand there."""
    left: list[Column]
    """Columns with numbers of which none was compared."""


def compare_workbook(client: Client, summary: CycleSummary, sources: list[Source]) -> Comparison:
    """Return a client's workbook beside ours, and what of it could not be compared.

    Raises WorkbookError where the files hold no scores of people that we know.
    """
    into = Import(client, sources, {}, _WANTED, crosswise="score")
    found, unread = list[Compared](), Issues()
    for skipped in _others(into, summary):  # of several columns of scores each is compared by itself
        own = Import(client, sources, dict.fromkeys(skipped, SKIP), _WANTED, crosswise="score") if skipped else into
        found += _of_one_score(own, summary)
        if not all(own.certain(record, ("score", "rank")) for record in own.found.records):
            unread = unread or Issues(own.issues).errors
    if not found and unread:
        raise IssuesError(unread)  # formulas that nobody has worked out
    if not found:
        raise WorkbookError("nothing-to-explain", file=", ".join(source.name for source in sources))
    typed = _typed_over(into)
    over = (typed.get((one.source.name, one.place.sheet or "", one.place.row), "") for one in found)
    found = [replace(one, cause="typed-over", typed=cell) if cell and one.cause == "unknown" else one
             for one, cell in zip(found, over, strict=True)]  # fmt: skip
    order = {(one.source.name, one.place, one.person, one.indicator): one for one in found}  # ranks stand but once
    by_column = {(one.source.name, one.place.sheet, one.place.column) for one in found}
    left = [column for column in into.found.columns if _may_be_scores(into, column)
            and (column.source.name, column.place.sheet, column.place.column) not in by_column]  # fmt: skip
    return Comparison(left=left, cells=sorted(order.values(), key=lambda one: (sources.index(one.source), *_at(one))))


def _at(one: Compared) -> tuple[str, int, int, str]:
    """Return where it stands as people read: line by line, and in these from left to right."""
    column = one.place.column or ""
    return one.place.sheet or "", one.place.row or 0, len(column), column


def _may_be_scores(into: Import, column: Column) -> bool:
    """Whether a column has numbers that are none of those by which causes are found, nor personal data."""
    known = column.concept in _UNCOMPARED and not into.words.named("private", column.heading)
    return known and any(_number(text) is not None for text in column.texts)


def _typed_over(into: Import) -> dict[tuple[str, str, int | None], str]:
    """Return, by file, sheet and row, the first cell with a number in a column where most other rows have formulas."""
    found: dict[tuple[str, str, int | None], str] = {}
    every = (*into.found.records, *into.found.totals)
    lines = gathered(((one.source.name, one.sheet), one.place().row) for one in every)
    for name, grid in ((source.name, grid) for source in into.sources for grid in source.grids if grid.formulas):
        rows = {*lines.get((name, grid.name), ())}
        counts = Counter(at for row, at in grid.formulas if row in rows)
        most = sorted(at for at, count in counts.items() if 2 * count > len(rows))
        for row, cells in grid.lines:
            numbers = {at for at, text in enumerate(cells, start=1) if _number(text) is not None}
            over = (at for at in most if row in rows and at in numbers and (row, at) not in grid.formulas)
            if at := next(over, 0):
                found[name, grid.name, row] = place_of(name, grid.name, row, at).cell
    return found


def _others(into: Import, summary: CycleSummary) -> list[list[str]]:
    """Return, for each heading over scores, and for all that stand over one indicator's each, what is left out then."""
    scores = [column for column in into.found.columns if column.concept == "score"]
    figures = _over_figures(into, summary)
    of_each = {column.heading for column in scores if column.label} - figures
    apart = [{heading} for heading in dict.fromkeys(column.heading for column in scores if not column.label)]
    groups = [*apart, of_each] if of_each else apart
    every = dict.fromkeys(column.heading for column in scores)
    return [[f"column:{other}" for other in every if other not in group] for group in groups] or [[]]


def _over_figures(into: Import, summary: CycleSummary) -> set[str]:
    """Return the headings, no more than an indicator's or person's name, over what are targets or actuals, not scores.

    More of their numbers are what was agreed or came out than what was scored, or have a unit.
    """
    bare = {(column.source.name, column.sheet, column.label): column.heading for column in into.found.columns
            if column.concept == "score" and column.label == column.heading}  # fmt: skip
    votes: Counter[str] = Counter()
    for _, line, record in _lines(into, summary) if bare else ():
        keys = ((record.source.name, record.sheet, record.text(concept)) for concept in ("indicator", "name"))
        theirs, heading = _number(record.text("score")), next((bare[key] for key in keys if key in bare), "")
        scored, given = theirs in {line.points, line.score}, theirs in {line.actual, line.target}
        with_unit = theirs is None and any(map(str.isdigit, record.text("score")))
        votes[heading] += (given if theirs is not None else with_unit) - (scored and theirs is not None)
    return {heading for heading, count in votes.items() if heading and count > 0}


def _lines(into: Import, summary: CycleSummary) -> Iterator[tuple[PersonLine, IndicatorLine, Record]]:
    """Go through the lines that are of somebody's indicators."""
    people = {line.id: line for line in summary.people}
    for form in forms_of(into.found.records):
        whose = people_of(into, form) if form[0].text("name") or form[0].text("number") else ()
        for person, records in ((people[each["id"]], own) for each, own in whose if each["id"] in people):
            lines = {line.indicator.id: line for line in person.lines}
            items = Items(line.indicator for line in person.lines)
            named = ((items.named(record.text("indicator")), record) for record in records)
            yield from ((person, lines[item.id], record) for item, record in named if item)


def _of_one_score(into: Import, summary: CycleSummary) -> list[Compared]:
    _one_score_a_line(into)
    into.found.records = [
        each for each in into.found.records if month_of(each, summary.cycle) in {"", summary.cycle.id}
    ]
    people = {line.id: line for line in summary.people}
    of_person = any(one.concept == "score" and is_sum(into.words, one.heading) for one in into.found.columns)
    listed = ([record] for record in into.found.records if "indicator" not in record.cells)
    found: list[Compared] = []
    for records in (*forms_of(into.found.records), *listed):
        whose = people_of(into, records) if records[0].text("name") or records[0].text("number") else ()
        for person, own in whose:
            if person["id"] in people and of_person and "indicator" in own[0].cells:  # in a cell beside all their lines
                found += _of_person(summary, people[person["id"]], own[0])
            elif person["id"] in people:
                found += _form(summary, people[person["id"]], own, into.found.totals)
    return found


def _one_score_a_line(into: Import) -> None:
    """Refuse a table with two columns of scores that differ: which of them is meant, nobody can tell."""
    seen: dict[tuple[Any, ...], Column] = {}
    for column in into.found.columns:
        if column.concept == "score":
            first = seen.setdefault((column.table, column.label), column)
            if first.texts != column.texts:
                headings = [first.heading, column.heading]
                cells = [first.place.cell, column.place.cell]
                raise IssuesError([error("two-scores", first.place, headings=headings, cells=cells)])


def _form(summary: CycleSummary, person: PersonLine, records: list[Record], totals: list[Record]) -> Iterator[Compared]:
    own = {line.indicator.id: line for line in person.lines}
    items = Items(line.indicator for line in person.lines)
    pairs = [(record, own[item.id], theirs) for record in records if "indicator" in record.cells
             and (item := items.named(record.text("indicator")))
             and (theirs := _number(record.text("score"))) is not None]  # fmt: skip
    for record in records:
        if (item := items.named(record.text("indicator"))) and _unread(record.text("score")):
            ours = own[item.id].points
            yield _compared(record, "score", person, item.name, None, ours, "unread")
    in_points = _in_points(pairs)
    for record, line, theirs in pairs:
        ours = line.points if in_points else line.score
        cause = _cause(summary, record, line, theirs, in_points=in_points)
        made = _compared(record, "score", person, line.indicator.name, theirs, ours, cause)
        yield replace(made, caps=_caps(summary, line, theirs, in_points)) if cause == "other-cap" else made
    if not pairs:
        yield from _of_person(summary, person, records[0])
    below = (one for one in totals if pairs and _is_total_of(one, records[-1]))
    total = min(below, key=lambda one: one.place().row or 0, default=None)
    if total and (theirs := _number(total.text("score"))) is not None:
        cause = _of_total(person, theirs, pairs, records)
        yield _with_cap(summary, person, _compared(total, "score", person, _NONE, theirs, person.score, cause))


def _caps(summary: CycleSummary, line: IndicatorLine, theirs: Decimal, in_points: bool) -> tuple[Decimal, Decimal]:
    """Return the cap that a score of theirs is, and the design's."""
    item = line.indicator
    whole = Fraction(theirs) * 100 / Fraction(item.weight) if in_points else Fraction(theirs)
    return half_up(whole, 0), summary.design.cap(item)


def _is_total_of(total: Record, last: Record) -> bool:
    """Whether a sum stands below the lines of a form: under its name, or in a form that says above whose it is."""
    where = [(one.source, one.sheet, one.text("name")) for one in (total, last)]
    return where[0] == where[1] and (total.place().row or 0) > (last.place().row or 0)


def _of_person(summary: CycleSummary, person: PersonLine, record: Record) -> Iterator[Compared]:
    """Compare the total and the rank that a list of people gives."""
    theirs, rank = _number(record.text("score")), _number(record.text("rank"))
    if theirs is not None:
        cause = _of_total(person, theirs, [], [])
        yield _with_cap(summary, person, _compared(record, "score", person, _NONE, theirs, person.score, cause))
    elif _unread(record.text("score")):
        yield _compared(record, "score", person, _NONE, None, person.score, "unread")
    if rank is not None:
        same = [line for line in summary.people if line.score == person.score and line.score is not None]
        cause = "not-ranked" if person.rank is None else "ties" if len(same) > 1 else "order"
        cause = "" if rank == person.rank else cause
        yield _compared(record, "rank", person, _NONE, rank, Decimal(person.rank) if person.rank else None, cause)


def _with_cap(summary: CycleSummary, person: PersonLine, total: Compared) -> Compared:
    """Return a total that nothing else explains with the cap of each line that gives it, where one does."""
    if total.cause != "unknown" or total.theirs is None:
        return total
    lines = [line for line in person.lines if line.counted and line.share is not None]

    def capped(cap: Decimal | None) -> Fraction | None:
        scores = [_score(summary.design.cap(line.indicator) if cap is None else cap, line, line.actual, line.target)
                  for line in lines]  # fmt: skip
        parts = (score and score * Fraction(line.share or 0) / _FULL for score, line in zip(scores, lines, strict=True))
        return None if None in scores else sum(filter(None, parts), Fraction(person.adjustment))

    ours = capped(None)  # what else makes a score, a team's share or a veto, is not tried
    if ours is None or person.score is None or not _agrees(person.score, ours, _PRINTED):
        return total
    tried = (cap for cap in map(Decimal, _CAPS) if (made := capped(cap)) is not None and made != ours
             and _agrees(total.theirs, made, _PRINTED))  # fmt: skip
    cap = next(tried, None)
    return total if cap is None else replace(total, cause="other-cap", caps=(cap, summary.design.item_cap))


def _compared(
    record: Record, concept: str, person: PersonLine, indicator: Text, theirs: Decimal | None, ours: Decimal | None,
    cause: str,
) -> Compared:  # fmt: skip
    return Compared(source=record.source, place=record.place(concept), person=person.name, indicator=indicator,
                    theirs=theirs, ours=ours, cause=cause)  # fmt: skip


def _unread(text: str) -> bool:
    """Whether a score says something, and no number: a grade, or words."""
    return bool(text.strip()) and not is_not_reported(text) and _number(text) is None


def _number(text: str) -> Decimal | None:
    found = _SCORE.fullmatch(unicodedata.normalize("NFKC", text))
    return number_in(found[1]) if found else None


def _in_points(pairs: list[Pair]) -> bool:
    """Whether their scores are points of the form, as most of them say, or scores of a hundred."""
    near = [abs(theirs - (line.points or 0)) <= abs(theirs - (line.score or 0)) for _, line, theirs in pairs]
    return 2 * sum(near) >= len(near)


def _agrees(theirs: Decimal, exact: Fraction, least: int = 0) -> bool:
    """Whether a number is another one, exactly or rounded to its own decimals, ``least`` or more."""
    places = max(least, decimals_of(theirs))
    return theirs == half_up(exact, places) or abs(Fraction(theirs) - exact) < _TINY


def _cause(summary: CycleSummary, record: Record, line: IndicatorLine, theirs: Decimal, *, in_points: bool) -> str:
    """Return the kind of cause for which a score deviates; the first that gives just their number."""
    if line.score_micro is None:
        return "missing-as-zero" if theirs == 0 else "missing-counted"
    score, item = Fraction(line.score_micro, MICRO), line.indicator
    weight = Fraction(item.weight) if in_points else _FULL
    share = Fraction(item.weight if line.share is None else line.share) if in_points else _FULL
    printed = line.points if in_points else line.score  # of points that add up one may be a hundredth off its own
    if theirs == printed or any(_agrees(theirs, score * each / 100, _PRINTED) for each in (share, weight)):
        return ""
    if 0 < theirs <= 1 and any(_agrees(theirs, score * each / _FULL / _FULL) for each in (share, weight, _FULL)):
        return "per-cent-as-fraction"
    causes = _tries(record, line, score, summary.design.cap(item))
    found = (
        cause for cause, made in causes
        if made is not None and abs(made - score) > _NEAR and _agrees(theirs, made * weight / 100)
    )  # fmt: skip
    rounded = theirs == theirs.to_integral() and abs(Fraction(theirs) - score * weight / 100) < 1
    return next(found, "rounded" if rounded else "unknown")


def _tries(
    record: Record, line: IndicatorLine, score: Fraction, cap: Decimal | None
) -> Iterator[tuple[str, Fraction | None]]:
    """Go through what their score of a hundred would be for each usual cause, the plainest first."""
    aim, value, weight = line.target, line.actual, share_of(record.text("weight"))
    yield "turned", _score(cap, line, value, aim, turned=True)
    yield "other-target", _score(cap, line, value, _told(record, "target"))
    yield "other-actual", _score(cap, line, _told(record, "actual"), aim)
    yield "uncapped", _score(None, line, value, aim)
    yield "attainment", None if line.attainment is None else Fraction(line.attainment) * 100
    yield "rating", None if (rating := _number(record.text("appraiser"))) is None else Fraction(rating)
    yield "other-weight", score * Fraction(weight or 0) / Fraction(line.indicator.weight)
    yield from (("rounded-between", Fraction(half_up(score, places))) for places in (0, 1, 2))
    yield from (("other-cap", _score(Decimal(other), line, value, aim)) for other in _CAPS)


def _score(
    cap: Decimal | None, line: IndicatorLine, value: Decimal | None, aim: Decimal | None, *, turned: bool = False
) -> Fraction | None:
    item = line.indicator
    way = _OTHER_WAY.get(item.scored_direction) if turned else item.scored_direction
    if way is None or value is None or (aim is None and item.needs_target):
        return None
    made = item.scored_curve.score(Fraction(value), Fraction(aim or 0), way)
    return made if made is None or cap is None else min(made, Fraction(cap))


def _told(record: Record, concept: str) -> Decimal | None:
    text = re.sub(r"[^\d.]+$", "", record.text(concept))
    return _number(text)


def _of_total(person: PersonLine, theirs: Decimal, pairs: list[Pair], records: list[Record]) -> str:
    """Return the kind of cause for which a sum deviates, ``pairs`` being the lines that it adds up of a form's."""
    if person.score is None:
        return "no-score"
    if _agrees(theirs, Fraction(person.score), _PRINTED):
        return ""
    weights = [share_of(record.text("weight")) for record in records]
    missing = any(line.score_micro is None for _, line, _ in pairs)
    as_zero = Fraction(person.sum_micro, MICRO * CENTI * CENTI)
    added = bool(pairs) and theirs == sum(said for _, _, said in pairs)
    causes = {
        "weights-off": None not in weights and sum(filter(None, weights)) not in {0, _FULL},
        "missing-as-zero": (added and missing) or (person.counted_centi < CENTI * CENTI and _agrees(theirs, as_zero)),
        "without-adjustments": person.adjustment != 0 and _agrees(theirs, Fraction(person.score - person.adjustment)),
        "rounded-between": added and abs(theirs - person.score) <= _CENT * len(pairs),
        "follows": added,
        "rounded": theirs == theirs.to_integral() and abs(theirs - person.score) < 1,
    }
    return next((cause for cause, holds in causes.items() if holds), "unknown")
