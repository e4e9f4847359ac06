"""The values of an appraisal system, declared once: designs, roles, indicators, tier schemes.

The JSON Schemas for editors (``templates/schemas``) are drawn from these declarations.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from kpi_toolkit.method.charter import Charter, CustomerGrades, Decision
from kpi_toolkit.method.counting import Formula
from kpi_toolkit.method.curves import CurveValue, Ratio
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.naming import Curve, called_card
from kpi_toolkit.method.numbers import FULL, Hundredths, Number
from kpi_toolkit.method.organisation import Cadence, Focus, Post
from kpi_toolkit.method.regulation import AdjustmentRules, Mute, Regulation
from kpi_toolkit.method.scheme import TierScheme
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.settings import Change, Confidence, Fairness, Missing, MissingRule, RaterShares
from kpi_toolkit.method.value import Id, Name, Text, Value, each_once
from kpi_toolkit.method.yearly import YearGoal

VIEWS = ("actual", "self", "appraiser", "others")
"""What may have come in for an indicator: the measured actual, and views of its completion in per cent."""


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
        return Side.PROCESS if self in {"workload", "quality", "uptime", "management"} else Side.RESULT


class Method(StrEnum):
    """The three appraisal methods (S114-S117): which side of a role's indicators counts."""

    WORKLOAD = "workload"
    PERFORMANCE = "performance"
    COMBINED = "combined"

    def counts(self, side: Side) -> bool:
        """Whether indicators of this side count under this method."""
        return self is Method.COMBINED or (side is Side.PROCESS) == (self is Method.WORKLOAD)


class Basis(StrEnum):
    """What a score is made from: the measured actual, the appraiser's view of completion (S158), or several raters'."""

    ACTUAL = "actual"
    APPRAISER = "appraiser"
    RATERS = "raters"


class Aggregation(StrEnum):
    """How a person's indicator scores become one: their weighted sum, or their weighted geometric mean."""

    SUM = "sum"
    GEOMETRIC = "geometric"


class Indicator(Value):
    """One line of a role's monthly form: what is counted, from where, towards what, and how much it weighs."""

    card: Id | None = Field(default=None, alias="indicator")
    """The card of the library, by its id or name, that says whatever this line does not say itself."""
    id: Id
    name: Name
    kind: IndicatorClass = Field(alias="class")
    weight: Hundredths = Field(ge=0, le=1000)
    """Planned points: exactly 100 in a role, in a block its maximum; none for a veto, a bonus, a deduction."""
    block: Id | None = None
    direction: Direction = Direction.HIGHER
    unit: Text = Text.of("%")
    formula: Formula | None = None
    """What is counted; with a whole, part and whole may be reported instead of the figure."""
    source: Text | None = None
    """Where the number comes from."""
    standard: Text | None = None
    """Completion standard: specific, quantified, assessable (S113)."""
    curve: Curve = Ratio()
    target: Number | None = None
    """The agreed target of a month; ``goals.csv`` replaces it for one cycle."""
    year: YearGoal | None = None
    """The target of a year instead: each cycle's is what of it falls to its months (S138)."""
    basis: Basis = Basis.ACTUAL
    cap: Hundredths | None = Field(default=None, gt=0, le=1000)
    """Highest score of this indicator; the design's ``item_cap`` where absent."""
    serves_goal: Id | None = None
    """The operating goal that it serves (S001)."""
    prorated: bool | None = None
    """Whether part of a month asks for that part of the target; where absent, the unit and the name decide."""
    frequency: Cadence | None = None
    """How often the number is looked at (S020)."""
    owner: Text | None = None
    """Who brings the number (S222)."""
    counter: Text | None = None
    """The indicator that shows whether this one is won at the cost of another thing."""
    deliverable: Text | None = None
    """What is handed over, so that all can judge it themselves (S120)."""
    capacity: Number | None = Field(default=None, gt=0)
    """What can be done with the ability there is; a target may stretch it (S085)."""
    focus: Focus | None = None
    """Which task of a manager it looks at (S050)."""
    shared: bool = False
    """Whether it counts the work of the whole team (S297)."""
    fed_by: Literal["ad_hoc_log", "spot_checks"] | None = None
    """The log that its result comes from; such a row needs no goal of its own (S155)."""

    @property
    def side(self) -> Side:
        """Whether it counts work done or what came of it."""
        return self.kind.side

    @property
    def is_quotient(self) -> bool:
        """Whether its figure is a quotient, of which part and whole can be reported."""
        return self.basis is Basis.ACTUAL and bool(self.formula and self.formula.whole)

    @property
    def scored_direction(self) -> Direction:
        """Which way is better in what is scored: of a view of completion, always more."""
        return self.direction if self.basis is Basis.ACTUAL else Direction.HIGHER

    @property
    def scored_curve(self) -> CurveValue:
        """The curve as this weight makes it (steps counted in points of the form depend on it)."""
        curve: CurveValue = self.curve.on_weight(self.weight)
        return curve

    @property
    def needs_target(self) -> bool:
        """Whether it is scored against a target: views of completion and curves of the actual itself are not."""
        return self.basis is Basis.ACTUAL and self.curve.needs_target

    @property
    def aimless(self) -> bool:
        """Whether its target is to be agreed with each person: it needs one, and the design has none."""
        return self.target is None and self.year is None and self.needs_target

    @property
    def reads(self) -> str:
        """What its curve reads: ``attainment``, ``margin``, ``margin_percent``, ``actual``, or ``view`` of a rating."""
        rated = self.basis is not Basis.ACTUAL and self.curve.by in {"attainment", "actual"}
        return "view" if rated else self.curve.by

    @property
    def outside(self) -> bool:
        """Whether its score is added to the total instead of weighed into it."""
        return self.curve.adds

    @property
    def may_weigh_nothing(self) -> bool:
        """Whether it has an effect without a weight."""
        return self.outside or self.curve.veto is not None


class Block(Value):
    """A part of a role's form with a maximum of its own: results 70, conduct 30; quantitative and qualitative."""

    name: Name
    maximum: Hundredths = Field(gt=0, le=1000)


class Role(Value):
    """A post as this client appraises it."""

    name: Name
    method: Method = Method.COMBINED
    aggregation: Aggregation = Aggregation.SUM
    blocks: dict[Id, Block] = Field(default_factory=dict)
    """Empty: the form is one block of 100."""
    may_bear_sales_quota: bool = False
    card: Id | None = None
    """The role card that describes this role, where it is not the one of the same id."""
    duties: tuple[Text, ...] = ()
    """Instead of the card's, as the following two."""
    requirements: tuple[Text, ...] = ()
    authority: tuple[Text, ...] = ()
    """What the holder may decide alone (S054)."""
    foci: tuple[Focus, ...] = ()
    """The tasks of a manager that this role's indicators must look at (S050)."""
    department: Literal["network", "sales", "finance", "personnel", "administration"] = "network"
    """The last three stand outside sales appraisal (S094)."""
    territories: tuple[str, ...] = ()
    """Where it sells; two roles in one territory need a rule (S092)."""
    commission: Hundredths = Field(default=Decimal(0), ge=0, le=100)
    """Per cent of sales that is paid as commission (S200)."""
    first_training: int | None = Field(default=None, ge=0)
    """Days after arrival until the first training, and until the first sale (S245)."""
    first_sale: int | None = Field(default=None, ge=0)
    indicators: Annotated[
        tuple[Annotated[Indicator, BeforeValidator(called_card)], ...], each_once("duplicate-id", "id")
    ] = ()

    @property
    def weight_sum(self) -> Decimal:
        """The sum of the weights; 100 in a design that may be scored."""
        return sum((indicator.weight for indicator in self.indicators), Decimal(0))

    @property
    def in_blocks(self) -> list[tuple[Block | None, list[str]]]:
        """The ids of the indicators block by block; one part without a block where the form is one."""
        parts = gathered((item.block or "", item.id) for item in self.indicators)
        return [(self.blocks.get(key), items) for key, items in parts.items()]

    def share(self, side: Side) -> Decimal:
        """Return the sum of one side's weights; the process side's *is* the combined method's share (decision 6)."""
        return sum((indicator.weight for indicator in self.indicators if indicator.side == side), Decimal(0))


class Design(Value):
    """A client's appraisal design: who is appraised by what, and by which rules."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    version: int = Field(default=1, ge=1, le=1_000_000)
    rationale: Text = Text()
    name: Text = Text()
    agreed: date | None = None
    """When the design was agreed or last reviewed (S299)."""
    review_months: int = Field(default=12, ge=1)
    """After how many months it is looked at again (ours)."""
    charter: Charter = Charter()
    posts: tuple[Post, ...] = ()
    """The organisation: who does what from when (S071); empty where it is not stated."""
    stretch: Number = Field(default=Decimal("1.25"), gt=1)
    """How far a target may go beyond the capacity: ten parts of work for eight of ability (S085, X05)."""
    decision: Decision | None = None
    customer_grades: CustomerGrades | None = None
    item_cap: Hundredths = Field(default=FULL, gt=0, le=1000)
    """Highest score of an indicator; 100 means over-fulfilment earns nothing extra."""
    missing_rule: MissingRule = Field(default=MissingRule(), alias="missing")
    neutral_score: Hundredths = Field(default=FULL, ge=0)
    """The score of a missing actual under the neutral policy (Y04: full points)."""
    tiers: TierScheme = TierScheme()
    adjustments: AdjustmentRules = AdjustmentRules()
    raters: RaterShares = RaterShares()
    team_share: Hundredths = Field(default=Decimal(0), ge=0, le=100)
    """Per cent of everyone's score that is the mean of their team's own scores."""
    confidence: Confidence = Confidence()
    fairness: Fairness = Fairness()
    regulation: Regulation = Regulation()
    mute: tuple[Mute, ...] = ()
    """Findings that this client lives with, each with its reason."""
    roles: dict[Id, Role] = Field(min_length=1)
    changes: tuple[Change, ...] = ()
    """The change log: what became of scenarios that were adopted."""

    @property
    def as_agreed(self) -> Design:
        """The design without the forms that a cycle puts together of several roles (``method/spells.py``)."""
        roles = {name: role for name, role in self.roles.items() if "+" not in name}
        return self if len(roles) == len(self.roles) else self.model_copy(update={"roles": roles})

    @property
    def missing(self) -> Missing:
        """What a missing actual does."""
        return self.missing_rule.policy

    @property
    def least_weight(self) -> Decimal:
        """Per cent of the weight that must be filled in for a rank and a tier; 0 where nothing is left out."""
        return self.missing_rule.least_weight if self.missing is Missing.LEAVE_OUT else Decimal(0)

    def lacking(self, indicator: Indicator, row: Any) -> str:
        """Return the column whose value an indicator lacks, empty where it can be scored; a row may be None.

        A table reads the appraiser's view in any case.
        """
        views = {view: getattr(row, view, None) for view in VIEWS}
        if indicator.basis is Basis.RATERS and self.raters.mix(views) is None:
            return "appraiser"
        needed = [] if indicator.basis is Basis.RATERS else [indicator.basis.value]
        needed += ["appraiser"] if indicator.curve.needs_view else []
        return next((view for view in needed if views[view] is None), "")

    @property
    def serving(self) -> list[tuple[Id | None, Decimal]]:
        """Of each indicator the goal that it serves, and its weight."""
        return [(item.serves_goal, item.weight) for role in self.roles.values() for item in role.indicators]

    def cap(self, indicator: Indicator) -> Decimal:
        """Return the highest score that this indicator can earn."""
        return self.item_cap if indicator.cap is None else indicator.cap

    @property
    def total_cap(self) -> Decimal:
        """The highest score a person can have after adjustments."""
        return self.item_cap if self.adjustments.total_cap is None else self.adjustments.total_cap
