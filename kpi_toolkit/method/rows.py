"""A line of each table in a client's folder, declared once: what may stand in which column."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, LiteralString

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.numbers import (
    FULL,
    Hundredths,
    MeasuredNumber,
    Number,
    Percent,
    is_not_reported,
    parse_number,
    parse_percent,
)
from kpi_toolkit.method.printed import printed
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.value import Id, Value, undamaged, visible


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _optional(inner: Any) -> Any:
    return Annotated[inner | None, BeforeValidator(_blank_is_none)]


def _blank_is(default: str, inner: Any) -> Any:
    return Annotated[inner, BeforeValidator(lambda value: default if _blank_is_none(value) is None else value)]


def _plain_text(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _year_first(value: Any) -> Any:
    """Read 2026/10/5, 2026年10月5日, 20261005 and 5 Oct 2026 as 2026-10-05: each has one meaning."""
    if not isinstance(value, str):
        return value
    named = re.fullmatch(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*\.?,?[- ](\d{4})", value.strip())
    if named and named[2].lower() in _MONTHS:
        value = f"{named[3]}-{_MONTHS.index(named[2].lower()) + 1}-{named[1]}"
    value = re.sub(r"^((?:19|20)\d\d)([01]\d)([0-3]\d)$", r"\1-\2-\3", value.strip())
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", value)
    if match is None:  # a lone number would be read as seconds since 1970
        raise PydanticCustomError(_odd_day(value), "no date")
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"


def _odd_day(value: str) -> LiteralString:
    """Return what is wrong with a day that is not read: its code."""
    if NO_YEAR.fullmatch(value):
        return "day-without-year"
    parts = _TWO_WAYS.fullmatch(value)
    return "date-two-ways" if parts and all(int(part) <= len(_MONTHS) for part in parts.groups()) else "bad-date"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NO_YEAR = re.compile(r"\d{1,2}月\d{1,2}[日号]?|\d{1,2}(st|nd|rd|th)?[- ][A-Za-z]{3,9}|[A-Za-z]{3,9} \d{1,2}")
"""A day that does not say of which year it is."""
_TWO_WAYS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}")
"""A day of which either number may be the month."""
Day = Annotated[date, BeforeValidator(_year_first)]
Words = Annotated[str, BeforeValidator(_plain_text), AfterValidator(visible)]
Called = Annotated[Words, AfterValidator(undamaged)]
"""A name of somebody or something, by which rows are distinguished."""
Ref = Annotated[Words, Field(min_length=1)]
"""What names a row of another table or of the design; whether there is one is asked in that table's own names."""
Yes = Annotated[bool, printed]


def _stages(value: Any) -> Any:
    """Read 20/30/50; the stages of one goal make 100."""
    parts = [parse_number(part) for part in value.split("/")] if isinstance(value, str) else value
    code = "stage-of-nothing" if min(parts) <= 0 else "stages-not-100" if sum(parts) != FULL else None
    if code:
        raise PydanticCustomError(code, "{total}", {"total": str(sum(parts)), "least": str(min(parts))})
    return tuple(parts)


def completions(parts: str) -> tuple[Fraction, ...]:
    """Return how far each part of a goal is, in per cent: of ``100%; 15/20`` 100 and 75.

    A part is per cent, or so many done of so many. ValueError where one is neither.

    >>> [str(part) for part in completions("100%; 15/20；1/3")]
    ['100', '75', '100/3']
    """
    found = []
    for part in re.split("[;；]", parts):
        done, _, asked = part.partition("/")
        known = parse_number(asked) if asked else FULL
        share = Fraction(parse_number(done) if asked else parse_percent(done)) * 100 / Fraction(known)
        if share < 0 or known < 0:
            raise ValueError(part)
        found.append(share)
    return tuple(found)


def _parts(text: str) -> str:
    try:
        completions(text)
    except (ValueError, ZeroDivisionError) as problem:  # a number that cannot be read is a ValueError too
        raise PydanticCustomError("bad-parts", "no parts") from problem
    return text


Parts = Annotated[str, BeforeValidator(_plain_text), AfterValidator(_parts)]
Stages = Annotated[tuple[Decimal, ...], BeforeValidator(_stages)]
_NO_TEAM = re.compile(
    "(待定|待分|未定|未分|未知|未编|暂定|暂无|暂缺|临时|没有|无|空白?)(团队|小组|部门|分组|[组队配])?"
    "|(no|not|un|tobe)(team|group|department|assigned|yetassigned|known|decided|confirmed|defined)"
    "|blank|empty|pending|nan|null|tb[acd]|keine?|ohne|misc|x{2,3}"
)


def _team_or_none(team: Any) -> Any:
    """Return a team's name; what only says that there is none, or holds nothing that could name one, is none."""
    said = "".join(char for char in skeleton(str(team)) if char.isalnum())
    return "" if not said.strip("0") or _NO_TEAM.fullmatch(said) or is_not_reported(str(team)) else team


Level = Literal["company", "department", "team", "post"]


class PersonRow(Value):
    """A row of ``people.csv``."""

    rare: ClassVar[frozenset[str]] = frozenset({"related_to_appraiser", "second_appraiser", "number", "left"})
    """Columns that a fresh file does not have; whoever needs one adds it."""
    id: Id
    name: Annotated[Called, Field(min_length=1)]
    role: Ref
    team: Annotated[Called, BeforeValidator(_team_or_none)] = ""
    manager: _optional(Ref) = None  # type: ignore[valid-type]
    joined: _optional(Day) = None  # type: ignore[valid-type]
    related_to_appraiser: _optional(Yes) = None  # type: ignore[valid-type]
    """Whether the appraiser is kin; declared, not hidden (S086)."""
    second_appraiser: _optional(Words) = None  # type: ignore[valid-type]
    number: Words = ""
    """The client's own number of the person."""
    left: _optional(Day) = None  # type: ignore[valid-type]
    """The last day with the client."""


class GoalRow(Value):
    """A row of ``goals.csv``: this cycle's target instead of the design's, and the goal in words (sections I and K)."""

    rare: ClassVar[frozenset[str]] = frozenset({
        "measure", "standard", "deliverable", "relevance", "stages", "area", "reward", "importance", "benefit",
        "capacity", "starts", "made", "assigned", "confirmed",
    })  # fmt: skip
    figures: ClassVar[tuple[str, ...]] = ("target",)

    person: Ref
    indicator: Ref
    target: _optional(MeasuredNumber) = None  # type: ignore[valid-type]
    text: Words = ""
    """What is to be done; the linter asks for a quantity, a quality and a time limit (S121)."""
    quantity: Words = ""
    measure: _optional(Literal["time", "date", "amount", "quantity", "score"]) = None  # type: ignore[valid-type]
    """Which of the five measures states it (S122)."""
    quality: Words = ""
    deadline: Words = ""
    standard: Words = ""
    deliverable: Words = ""
    approach: Words = ""
    """How it will be done and what support there is (S093)."""
    parent: _optional(Id) = None  # type: ignore[valid-type]
    """The goal above it: an id of ``cascade.csv``."""
    relevance: Words = ""
    improves: Words = ""
    """What it makes better (S126)."""
    risks: Words = ""
    answers: Words = ""
    """What may go wrong, and what is done then (S131)."""
    stages: _optional(Stages) = None  # type: ignore[valid-type]
    """Per cent that each stage, or part, of the goal counts: ``20/30/50`` (S122)."""
    area: Words = ""
    reward: Words = ""
    importance: Words = ""
    benefit: Words = ""
    """With the columns above, the nine points to be explained when work is assigned (S137)."""
    capacity: _optional(Number) = None  # type: ignore[valid-type]
    starts: _optional(Day) = None  # type: ignore[valid-type]
    made: _optional(Day) = None  # type: ignore[valid-type]
    assigned: _optional(Day) = None  # type: ignore[valid-type]
    confirmed: _optional(Day) = None  # type: ignore[valid-type]


class CascadeRow(Value):
    """A row of ``cascade.csv``: a goal above those of people, and the one it is split from (S135)."""

    id: Id
    level: Level
    parent: _optional(Id) = None  # type: ignore[valid-type]
    name: Annotated[Words, Field(min_length=1)]
    owner: Words = ""
    value: _optional(Number) = None  # type: ignore[valid-type]
    share: _optional(Percent) = None  # type: ignore[valid-type]
    """Per cent of the parent's value; gives the value where none is written."""
    unit: Words = ""
    made: _optional(Day) = None  # type: ignore[valid-type]


class StepRow(Value):
    """A row of ``steps.csv``: a step of a procedure with a person (blank: setting goals), and when it was done."""

    rare: ClassVar[frozenset[str]] = frozenset({"procedure", "by"})
    person: Ref
    step: Ref
    date: Day
    procedure: Words = ""
    by: Words = ""


class WorkRow(Value):
    """A row of ``work.csv``: the work of a day, week, quarter or year, or a task that was assigned (S155, S187-S189).

    ``sheet`` is the sheet of the form that it stands on, ``line`` its day, the first day of its week, or its number.
    """

    person: Ref
    sheet: Id
    line: Ref
    text: Words = ""
    result: Words = ""
    planned: _optional(Annotated[Number, Field(ge=0)]) = None  # type: ignore[valid-type]
    """How many things were to be done."""
    done: _optional(Annotated[Number, Field(ge=0)]) = None  # type: ignore[valid-type]
    carried: Words = ""
    """What is carried over, and why."""
    problem: Words = ""
    assigned: _optional(Day) = None  # type: ignore[valid-type]
    by: Words = ""
    due: Words = ""
    completion: _optional(Percent) = None  # type: ignore[valid-type]


class ActualRow(Value):
    """A row of ``actuals.csv``: the measured actual, and both views of completion in per cent."""

    rare: ClassVar[frozenset[str]] = frozenset({"part", "whole", "parts"})
    figures: ClassVar[tuple[str, ...]] = ("actual", "part", "whole", "self", "appraiser", "others")
    """Columns where "/" or "N/A" says that nothing was reported."""
    person: Ref
    indicator: Ref
    actual: _optional(MeasuredNumber) = None  # type: ignore[valid-type]
    part: _optional(Number) = None  # type: ignore[valid-type]
    whole: _optional(Number) = None  # type: ignore[valid-type]
    """What the actual is the quotient of, reported instead of it."""
    parts: _optional(Parts) = None  # type: ignore[valid-type]
    """How far each part of the goal is, in per cent or as so many of so many: ``100%; 15/20`` (S153)."""
    self: _optional(Percent) = None  # type: ignore[valid-type]
    appraiser: _optional(Percent) = None  # type: ignore[valid-type]
    others: _optional(Percent) = None  # type: ignore[valid-type]
    note: Words = ""


def has_figures(row: Any) -> bool:
    """Whether a row of the actuals says anything: a figure, or what somebody thinks of the completion."""
    return any(getattr(row, column) is not None for column in ActualRow.figures)


class AdjustmentRow(Value):
    """A row of ``adjustments.csv``: one event of the plus/minus row."""

    date: Day
    person: Ref
    rule: Annotated[Words, Field(min_length=1)]
    points: Hundredths
    reason: Annotated[Words, Field(min_length=1)]
    approver: Annotated[Words, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _trim(cls, row: Any) -> Any:
        return {key: _plain_text(value) for key, value in row.items()} if isinstance(row, dict) else row


class CalibrationRow(Value):
    """A row of ``calibration.csv``: one decision of a calibration meeting that moved somebody."""

    date: Day
    person: Ref
    from_tier: Annotated[Tier, printed]
    to_tier: Annotated[Tier, printed]
    reason: Annotated[Words, Field(min_length=1)]
    approver: Annotated[Words, Field(min_length=1)]


_DISPUTE: dict[str, Any] = {
    "person": Ref,
    "indicator": Ref,
    "column": Annotated[Literal["actual", "self", "appraiser", "others"], printed],
    "from": MeasuredNumber,
    "to": (_optional(MeasuredNumber), None),
    "outcome": Annotated[Literal["kept", "changed", "escalated"], printed],
    "reason": Annotated[Words, Field(min_length=1)],
    "by": Annotated[Words, Field(min_length=1)],
    "date": Day,
    "deadline": (_optional(Day), None),
    "answer": (Words, ""),
}
"""``column`` is the value of ``actuals.csv`` that it is about; ``from`` stood there, ``to`` holds since.

What goes to whoever is above (``escalated``) is an appeal: until ``deadline`` comes the ``answer`` in writing.
"""
DisputeRow = create_model(
    "DisputeRow",
    __base__=Value,
    __doc__="A row of ``disputes.csv``: a value that a person did not agree with, and what came of it (S170).",
    **_DISPUTE,
)


_SPELL: dict[str, Any] = {
    "person": Ref,
    "role": (_optional(Ref), None),
    "from": (_optional(Day), None),
    "to": (_optional(Day), None),
    "kind": (_blank_is("role", Annotated[Literal["role", "leave"], printed]), "role"),
    "treat": Annotated[Literal["days", "workdays", "no-tier", "as-is"], printed],
}
"""Blank days are the first and the last of the cycle; a blank role is that of ``people.csv``, a blank kind a role."""
SpellRow = create_model(
    "SpellRow",
    __base__=Value,
    __doc__="A row of ``spells.csv``: a role held, or a leave, for part of the cycle, and how that is treated.",
    **_SPELL,
)


class AnswerRow(Value):
    """A row of ``answers.csv``: what somebody answered to a line of a checklist, about a person of this cycle."""

    person: Ref
    checklist: Ref
    line: Id
    answer: Annotated[Words, Field(min_length=1)]
    by: Words = ""
    date: _optional(Day) = None  # type: ignore[valid-type]


MeasureKind = Annotated[Literal["corrective", "preventive", "training", "task"], printed]
Cause = Annotated[Literal["person", "process", "market", "product"], printed]


class MeasureRow(Value):
    """A row of ``measures.csv``: what was agreed to be done, by whom, until when, and what came of it (S251)."""

    person: Ref
    indicator: Words = ""
    kind: MeasureKind
    problem: Words = ""
    cause: _optional(Cause) = None  # type: ignore[valid-type]
    measure: Annotated[Words, Field(min_length=1)]
    support: Words = ""
    """What the superior does for it (S005)."""
    owner: Words = ""
    deadline: _optional(Day) = None  # type: ignore[valid-type]
    moment: _optional(Literal["before-post", "before-work", "during", "after"]) = None  # type: ignore[valid-type]
    """When a training takes place (S244)."""
    check: Words = ""
    """How it will be seen that it worked."""
    done: _optional(Day) = None  # type: ignore[valid-type]


ROW_TYPES: dict[str, type[Value]] = {
    "people": PersonRow,
    "goals": GoalRow,
    "actuals": ActualRow,
    "adjustments": AdjustmentRow,
    "calibration": CalibrationRow,
    "cascade": CascadeRow,
    "steps": StepRow,
    "disputes": DisputeRow,
    "spells": SpellRow,
    "answers": AnswerRow,
    "measures": MeasureRow,
    "work": WorkRow,
}
