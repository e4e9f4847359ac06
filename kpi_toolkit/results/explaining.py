"""A client's own scoring workbook held against ours, cell by cell: where it first deviates, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.figures import forms_of, indicator_named, number_in, people_of, share_of
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import Place
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.numbers import CENTI, MICRO, half_up
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

_WANTED = frozenset({"name", "number", "role", "team", "indicator", "weight", "target", "actual", "appraiser", "score",
                     "rank"})  # fmt: skip
_TINY = Decimal("0.000001")
"""What Excel's own arithmetic leaves behind the comma is no deviation."""
_FULL = Decimal(100)
_PRINTED = 2
"""Decimals of an official score; what agrees to them agrees."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A score, sum or rank of theirs beside ours; ``cause`` is empty where they agree."""

    source: Source
    place: Place
    person: str
    indicator: str = ""
    theirs: Decimal
    ours: Decimal | None
    cause: str = ""
    """A key of the words under ``explain.cause``."""


def compare_workbook(client: Client, summary: CycleSummary, sources: list[Source]) -> tuple[list[Compared], Import]:
    """Return every score, sum and rank of a client's workbook beside ours, in the order in which they stand there.

    Raises WorkbookError where the files hold no scores of people that we know.
    """
    into = Import(client, sources, {}, _WANTED)
    people = {line.id: line for line in summary.people}
    listed = ([record] for record in into.found.records if "indicator" not in record.cells)
    found: list[Compared] = []
    for records in (*forms_of(into.found.records), *listed):
        whose = people_of(into, records) if records[0].text("name") or records[0].text("number") else ()
        for person, own in whose:
            if person["id"] in people:
                found += _form(summary, people[person["id"]], own, into.found.totals)
    if not found:
        raise WorkbookError("nothing-to-explain", file=", ".join(source.name for source in sources))
    return sorted(found, key=lambda one: (sources.index(one.source), one.place.sheet or "", one.place.row or 0)), into


def _form(summary: CycleSummary, person: PersonLine, records: list[Record], totals: list[Record]) -> Iterator[Compared]:
    own = {line.indicator.id: line for line in person.lines}
    items = tuple(line.indicator for line in person.lines)
    pairs = [(record, own[item.id], theirs) for record in records if "indicator" in record.cells
             and (item := indicator_named(record.text("indicator"), items))
             and (theirs := _number(record.text("score"))) is not None]  # fmt: skip
    in_points = _in_points(pairs)
    for record, line, theirs in pairs:
        ours = line.points if in_points else line.score
        cause = _cause(summary, record, line, theirs, in_points=in_points)
        yield _compared(record, "score", person, line.indicator.name.pick("en"), theirs, ours, cause)
    if not pairs:
        yield from _of_person(summary, person, records[0])
    shares = [share_of(record.text("weight")) for record, _, _ in pairs]
    said = [theirs for _, _, theirs in pairs]
    for total in (one for one in totals if pairs and _same_form(one, records[0])):
        theirs = _number(total.text("score"))
        if theirs is not None:
            cause = _of_total(person, theirs, said, shares, pairs)
            yield _compared(total, "score", person, "", theirs, person.score, cause)


def _same_form(total: Record, record: Record) -> bool:
    same = (total.source, total.sheet) == (record.source, record.sheet)
    return same and total.cells.get("name") == record.cells.get("name")


def _of_person(summary: CycleSummary, person: PersonLine, record: Record) -> Iterator[Compared]:
    """Compare the total and the rank that a list of people gives."""
    theirs, rank = _number(record.text("score")), _number(record.text("rank"))
    if theirs is not None:
        yield _compared(record, "score", person, "", theirs, person.score, _of_total(person, theirs, [], [], []))
    if rank is not None:
        same = [line for line in summary.people if line.score == person.score and line.score is not None]
        cause = "" if rank == person.rank else "ties" if len(same) > 1 else "order"
        yield _compared(record, "rank", person, "", rank, Decimal(person.rank) if person.rank else None, cause)


def _compared(
    record: Record, concept: str, person: PersonLine, indicator: str, theirs: Decimal, ours: Decimal | None, cause: str
) -> Compared:
    return Compared(source=record.source, place=record.place(concept), person=person.name, indicator=indicator,
                    theirs=theirs, ours=ours, cause=cause)  # fmt: skip


def _number(text: str) -> Decimal | None:
    return number_in(text.strip().rstrip("分%"))


def _in_points(pairs: list[tuple[Record, IndicatorLine, Decimal]]) -> bool:
    """Whether their scores are points of the form, as most of them say, or scores of a hundred."""
    near = [abs(theirs - (line.points or 0)) <= abs(theirs - (line.score or 0)) for _, line, theirs in pairs]
    return 2 * sum(near) >= len(near)


def _agrees(theirs: Decimal, exact: Fraction, least: int = 0) -> bool:
    """Whether a number is another one, exactly or rounded to its own decimals, ``least`` or more."""
    places = max(least, -int(theirs.as_tuple().exponent))
    return theirs == half_up(exact, places) or abs(Fraction(theirs) - exact) < Fraction(_TINY)


def _cause(summary: CycleSummary, record: Record, line: IndicatorLine, theirs: Decimal, *, in_points: bool) -> str:
    """Return the kind of cause for which a score deviates; the first that gives just their number."""
    item, design = line.indicator, summary.design
    weight = Fraction(item.weight) if in_points else Fraction(100)
    share = Fraction(line.share if line.share is not None else item.weight) if in_points else Fraction(100)
    score = Fraction(line.score_micro, MICRO) if line.score_micro is not None else None
    if score is None:
        return "missing-as-zero" if theirs == 0 else "missing-counted"
    if _agrees(theirs, score * share / 100, _PRINTED) or _agrees(theirs, score * weight / 100, _PRINTED):
        return ""
    target, actual = _told(record, "target"), _told(record, "actual")
    aim, value = line.target, line.actual
    tries: dict[str, Fraction | None] = {}
    if target is not None and target != aim:
        tries["other-target"] = _score(design.cap(item), line, value, target)
    if actual is not None and actual != value:
        tries["other-actual"] = _score(design.cap(item), line, actual, aim)
    tries["uncapped"] = _score(None, line, value, aim)
    tries["attainment"] = Fraction(line.attainment) * 100 if line.attainment is not None else None
    rating = _number(record.text("appraiser"))
    tries["rating"] = Fraction(rating) if rating is not None else None
    for cause, made in tries.items():
        if made is not None and made != score and _agrees(theirs, made * weight / 100):
            return cause
    other = share_of(record.text("weight"))
    if other is not None and other != item.weight and _agrees(theirs, score * Fraction(other) / 100):
        return "other-weight"
    for places in (0, 1, 2):
        cut = Fraction(half_up(score, places))
        if cut != score and _agrees(theirs, cut * weight / 100):
            return "rounded-between"
    return (
        "rounded" if abs(Fraction(theirs) - score * weight / 100) < 1 and theirs == theirs.to_integral() else "unknown"
    )


def _score(cap: Decimal | None, line: IndicatorLine, value: Decimal | None, aim: Decimal | None) -> Fraction | None:
    item = line.indicator
    if value is None or (aim is None and item.needs_target):
        return None
    made = item.scored_curve.score(Fraction(value), Fraction(aim or 0), item.scored_direction)
    return made if made is None or cap is None else min(made, Fraction(cap))


def _told(record: Record, concept: str) -> Decimal | None:
    text = re.sub(r"[^\d.]+$", "", record.text(concept))
    return _number(text)


def _of_total(
    person: PersonLine, theirs: Decimal, said: list[Decimal], shares: list[Decimal | None],
    pairs: list[tuple[Record, IndicatorLine, Decimal]],
) -> str:  # fmt: skip
    """Return the kind of cause for which a sum deviates."""
    if person.score is None or _agrees(theirs, Fraction(person.score), _PRINTED):
        return "" if person.score is not None else "no-score"
    whole = [share for share in shares if share is not None]
    missing = any(line.score_micro is None for _, line, _ in pairs)
    as_zero = Fraction(person.sum_micro, MICRO * CENTI * CENTI)
    added = bool(said) and theirs == sum(said)
    causes = {
        "weights-off": bool(whole) and len(whole) == len(shares) and sum(whole) != _FULL,
        "missing-as-zero": (added and missing) or (person.counted_centi < CENTI * CENTI and _agrees(theirs, as_zero)),
        "without-adjustments": person.adjustment != 0 and _agrees(theirs, Fraction(person.score - person.adjustment)),
        "follows": added,
        "rounded": theirs == theirs.to_integral() and abs(theirs - person.score) < 1,
    }
    return next((cause for cause, holds in causes.items() if holds), "unknown")
