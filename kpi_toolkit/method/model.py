"""The values of an appraisal system, declared once: clients, designs, roles, indicators, tier schemes, table rows.

The JSON Schemas for editors (``templates/schemas``) are drawn from these declarations.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curves import Curve, Direction, Ratio
from kpi_toolkit.method.numbers import Hundredths, Number, Percent
from kpi_toolkit.method.value import Id, Language, Name, Text, Value, visible

FULL = Decimal(100)


class Side(StrEnum):
    """The two kinds of work that the three methods weigh (S114): what was done, and what came of it."""

    PROCESS = "process"
    RESULT = "result"


class IndicatorClass(StrEnum):
    """What kind of thing an indicator counts; decides its side, and later who may carry it (S088, X01)."""

    WORKLOAD = "workload"
    QUALITY = "quality"
    UPTIME = "uptime"
    MANAGEMENT = "management"
    REACH = "reach"
    LEAD = "lead"
    RESULT = "result"
    SALES_QUOTA = "sales_quota"

    @property
    def side(self) -> Side:
        """Whether it counts work done or what came of it."""
        return Side.PROCESS if self in _PROCESS_CLASSES else Side.RESULT


_PROCESS_CLASSES = {
    IndicatorClass.WORKLOAD,
    IndicatorClass.QUALITY,
    IndicatorClass.UPTIME,
    IndicatorClass.MANAGEMENT,
}


class Method(StrEnum):
    """The three appraisal methods (S114-S117): which side of a role's indicators counts."""

    WORKLOAD = "workload"
    PERFORMANCE = "performance"
    COMBINED = "combined"

    def counts(self, side: Side) -> bool:
        """Whether indicators of this side count under this method."""
        return self is Method.COMBINED or (side is Side.PROCESS) == (self is Method.WORKLOAD)


class Missing(StrEnum):
    """What a missing actual does to the score: a declared part of the design (decision 6)."""

    LEAVE_OUT = "leave_out"
    NEUTRAL = "neutral"
    ZERO = "zero"
    REFUSE = "refuse"


class Basis(StrEnum):
    """What a score is made from: the measured actual, or the appraiser's view of completion (S158)."""

    ACTUAL = "actual"
    APPRAISER = "appraiser"


class PoolBy(StrEnum):
    """Among whom the tiers are dealt."""

    CLIENT = "client"
    TEAM = "team"
    ROLE = "role"


class QuotaRule(StrEnum):
    """How shares of a head count become whole people."""

    LARGEST_REMAINDER = "largest_remainder"
    HALF_UP = "half_up"
    AT_MOST = "at_most"


class Indicator(Value):
    """One line of a role's monthly form: what is counted, from where, towards what, and how much it weighs."""

    id: Id
    name: Name
    kind: IndicatorClass = Field(alias="class")
    weight: Hundredths = Field(gt=0, le=100)
    """Planned points; the weights of a role sum to exactly 100."""
    direction: Direction = Direction.HIGHER
    unit: Text = Text(zh="%", en="%")
    source: Text | None = None
    """Where the number comes from."""
    standard: Text | None = None
    """Completion standard: specific, quantified, assessable (S113)."""
    curve: Curve = Ratio()
    target: Number | None = None
    """The agreed target; ``goals.csv`` replaces it for one cycle."""
    basis: Basis = Basis.ACTUAL
    cap: Hundredths | None = Field(default=None, gt=0, le=1000)
    """Highest score of this indicator; the design's ``item_cap`` where absent."""
    serves_goal: Id | None = None

    @property
    def side(self) -> Side:
        """Whether it counts work done or what came of it."""
        return self.kind.side

    @property
    def scored_direction(self) -> Direction:
        """Which way is better in what is scored: of a view of completion, always more."""
        return Direction.HIGHER if self.basis is Basis.APPRAISER else self.direction


class Role(Value):
    """A post as this client appraises it."""

    name: Name
    method: Method = Method.COMBINED
    may_bear_sales_quota: bool = False
    indicators: tuple[Indicator, ...] = ()

    @field_validator("indicators")
    @classmethod
    def _unique(cls, indicators: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
        ids = [indicator.id for indicator in indicators]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise PydanticCustomError("duplicate-id", "{ids}", {"ids": ", ".join(twice)})
        return indicators

    @property
    def weight_sum(self) -> Decimal:
        """The sum of the weights; 100 in a design that may be scored."""
        return sum((indicator.weight for indicator in self.indicators), Decimal(0))

    def share(self, side: Side) -> Decimal:
        """Return the sum of one side's weights; the process side's *is* the combined method's share (decision 6)."""
        return sum((indicator.weight for indicator in self.indicators if indicator.side == side), Decimal(0))


class Exemption(Value):
    """A person who is scored but given no tier, and why."""

    person: Id
    reason: Text


class TierScheme(Value):
    """How tiers are dealt: shares, pool, small groups, pass line (S235-S241, decisions 4 and 5)."""

    shares: tuple[Number, Number, Number] = (Decimal(20), Decimal(70), Decimal(10))
    rule: QuotaRule = QuotaRule.LARGEST_REMAINDER
    pool: PoolBy = PoolBy.CLIENT
    min_group: int = Field(default=5, ge=2)
    """Smaller pools get scores and no tiers; up to nine people, tiers are advisory."""
    pass_line: Hundredths | None = Field(default=None, ge=0, le=1000)
    """Whoever reaches it is not in the bottom tier, whatever the rank (S240)."""
    exempt: tuple[Exemption, ...] = ()

    @field_validator("shares")
    @classmethod
    def _sum(cls, shares: tuple[Decimal, Decimal, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
        if min(shares) < 0:
            raise PydanticCustomError("negative-share", "{least}", {"least": str(min(shares))})
        if sum(shares) != FULL:
            raise PydanticCustomError("shares-not-100", "{total}", {"total": str(sum(shares))})
        return shares


class AdjustmentRule(Value):
    """A rule of the plus/minus row of the form (规章制度管理增减分, S156)."""

    id: Id
    name: Text
    add_only: bool = False
    """Points under this rule may only be added (voluntary contribution, S091)."""


class AdjustmentRules(Value):
    """The plus/minus row: its rules and its bounds (Y03)."""

    rules: tuple[AdjustmentRule, ...] = ()
    """Empty: any rule name may stand in the log."""
    max_plus: Hundredths | None = Field(default=None, ge=0)
    max_minus: Hundredths | None = Field(default=None, ge=0)
    total_cap: Hundredths | None = Field(default=None, gt=0)
    """Highest score after adjustments; the item cap where absent, so 100 unless the design says otherwise."""


class Design(Value):
    """A client's appraisal design: who is appraised by what, and by which rules."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    version: int = Field(default=1, ge=1)
    rationale: Text = Text()
    name: Text = Text()
    item_cap: Hundredths = Field(default=FULL, gt=0, le=1000)
    """Highest score of an indicator; 100 means over-fulfilment earns nothing extra."""
    missing: Missing = Missing.LEAVE_OUT
    neutral_score: Hundredths = Field(default=FULL, ge=0)
    """The score of a missing actual under the neutral policy (Y04: full points)."""
    tiers: TierScheme = TierScheme()
    adjustments: AdjustmentRules = AdjustmentRules()
    roles: dict[Id, Role] = Field(min_length=1)

    def cap(self, indicator: Indicator) -> Decimal:
        """Return the highest score that this indicator can earn."""
        return self.item_cap if indicator.cap is None else indicator.cap

    @property
    def total_cap(self) -> Decimal:
        """The highest score a person can have after adjustments."""
        return self.item_cap if self.adjustments.total_cap is None else self.adjustments.total_cap


class Brand(Value):
    """How the client's reports look."""

    logo: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(svg|png|jpg|jpeg)$")] | None = None
    """A picture in the client's folder."""
    primary: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#17324d"
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#0072b2"
    footer: Text = Text()


MonthDay = Annotated[int, Field(ge=1, le=31)]


class AppraisalCalendar(Value):
    """When a cycle is appraised (S139); the full calendar is derived from it."""

    appraisal_days: tuple[MonthDay, MonthDay] = (1, 7)
    day_mode: Literal["calendar", "workday"] = "calendar"


class Profile(Value):
    """Who a client is: ``client.toml``."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: Name
    languages: tuple[Language, ...] = Field(default=("zh",), min_length=1)
    size: Literal["small", "medium", "large"] = "small"
    city_tier: Literal["sz_gz", "other"] = "other"
    goals: dict[str, Number] = Field(default_factory=dict)
    """Goal mix: shares of 1 by goal type (S018)."""
    department: Text = Text()
    brand: Brand = Brand()
    calendar: AppraisalCalendar = AppraisalCalendar()

    @field_validator("languages")
    @classmethod
    def _once(cls, languages: tuple[Language, ...]) -> tuple[Language, ...]:
        return tuple(dict.fromkeys(languages))

    @field_validator("goals")
    @classmethod
    def _mix(cls, goals: dict[str, Decimal]) -> dict[str, Decimal]:
        if goals and sum(goals.values()) != 1:
            raise PydanticCustomError("goal-mix-not-1", "{total}", {"total": str(sum(goals.values()))})
        return goals


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _optional(inner: Any) -> Any:
    return Annotated[inner | None, BeforeValidator(_blank_is_none)]


def _plain_text(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _year_first(value: Any) -> Any:
    """Read 2026/10/5 as 2026-10-05: year, month, day has one meaning, and Excel in China writes it so."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", value.strip())
    if match is None:  # a lone number would be read as seconds since 1970
        raise PydanticCustomError("bad-date", "no date")
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"


Day = Annotated[date, BeforeValidator(_year_first)]
Words = Annotated[str, BeforeValidator(_plain_text), AfterValidator(visible)]


class PersonRow(Value):
    """A row of ``people.csv``."""

    id: Id
    name: Annotated[Words, Field(min_length=1)]
    role: Id
    team: Words = ""
    manager: _optional(Id) = None  # type: ignore[valid-type]
    joined: _optional(Day) = None  # type: ignore[valid-type]


class GoalRow(Value):
    """A row of ``goals.csv``: replaces the design's target for this cycle."""

    person: Id
    indicator: Id
    target: _optional(Number) = None  # type: ignore[valid-type]
    text: Words = ""
    deadline: Words = ""


class ActualRow(Value):
    """A row of ``actuals.csv``: the measured actual, and both views of completion in per cent."""

    person: Id
    indicator: Id
    actual: _optional(Number) = None  # type: ignore[valid-type]
    self: _optional(Percent) = None  # type: ignore[valid-type]
    appraiser: _optional(Percent) = None  # type: ignore[valid-type]
    note: Words = ""


class AdjustmentRow(Value):
    """A row of ``adjustments.csv``: one event of the plus/minus row."""

    date: Day
    person: Id
    rule: Annotated[Words, Field(min_length=1)]
    points: Hundredths
    reason: Annotated[Words, Field(min_length=1)]
    approver: Annotated[Words, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _trim(cls, row: Any) -> Any:
        return {key: _plain_text(value) for key, value in row.items()} if isinstance(row, dict) else row
