"""Cards of the library: what a post is for and which indicators suit it (catalogue section D); what a curve is."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, create_model, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.counting import Formula
from kpi_toolkit.method.curves import Ratio
from kpi_toolkit.method.model import Indicator, IndicatorClass, Method
from kpi_toolkit.method.naming import Curve, unknown
from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.organisation import Cadence, Focus, Step
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import LANGUAGES, Id, Sourced, Text, Value


def _from_library(value: Any, info: ValidationInfo) -> Any:
    """Let an indicator be called by its id; whoever reads a card hands the library in as ``indicators``."""
    if not isinstance(value, str):
        return value
    known = (info.context or {}).get("indicators", {})
    if value not in known:
        raise unknown("unknown-indicator-card", value, known)
    return known[value]


_OF_A_LINE = {
    "id", "name", "kind", "direction", "unit", "source", "frequency", "owner", "counter", "standard", "focus",
    "formula",
}  # fmt: skip


class IndicatorCard(Value):
    """An indicator as the library knows it; weight and target are agreed with the client."""

    id: Id
    name: Text
    kind: IndicatorClass = Field(alias="class")
    question: Text | None = None
    """The question that it answers."""
    formula: Formula | None = None
    direction: Direction = Direction.HIGHER
    unit: Text = Text.of("%")
    curve: Curve = Ratio()
    source: Text | None = None
    frequency: Cadence | None = None
    owner: Text | None = None
    counter: Text | None = None
    """What shows whether it is won at the cost of something else."""
    gaming: Text | None = None
    """How the figure could be made to look better than the work."""
    standard: Text | None = None
    focus: Focus | None = None
    side: Text | None = None
    """A part of its system: on the site, off the site."""
    rows: tuple[str, ...] = ()
    ours: bool = False
    """True where the seeds name no such indicator."""

    def line(self) -> dict[str, Any]:
        """Return what it says of a line of a role's form, as a file has it; what holds anyway is left out."""
        said = self.model_dump(by_alias=True, include=_OF_A_LINE, exclude_defaults=True)
        if self.curve == Ratio():
            return said
        numbers = self.curve.model_dump(by_alias=True, exclude_none=True, exclude={"named", "kind"})
        named = self.curve.named
        return {**said, "curve": {"use": named, **numbers} if named else {"kind": self.curve.kind, **numbers}}

    def indicator(self, weight: Decimal, target: Decimal | None = None, *, serves: str | None = None) -> Indicator:
        """Return it as a line of a role's form, with a weight and a target."""
        own = {"curve": self.curve, "weight": weight, "target": target, "serves_goal": serves}
        return Indicator.model_validate({**self.line(), **own})


class IndicatorSet(Sourced):
    """Indicators of one system or purpose: ``templates/indicators/<system>.toml``."""

    name: Text
    note: Text = Text()
    indicators: tuple[IndicatorCard, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of its indicators."""
        return [card.id for card in self.indicators]


class Duty(Text):
    """A duty; some recur, some are measured by an indicator of the form."""

    id: Id | None = None
    cadence: Cadence | None = None
    indicator: Id | None = None


Function = Literal["plan", "organise", "command", "coordinate", "control"]
Stratum = Literal["decision", "technical", "operating"]


class RoleFacts(Value, extra="ignore"):
    """What the linter asks of a role's card, whatever else stands there."""

    name: Text = Text()
    may_bear_sales_quota: bool = False
    stratum: Stratum


class RoleCard(Sourced):
    """A post of internet marketing, as the sources describe it: ``templates/roles/<id>.toml``."""

    name: Text
    aliases: tuple[str, ...] = ()
    method: Method
    may_bear_sales_quota: bool = False
    influences_results: bool = True
    """Whether its work shows in the results: recorded, never a quota (S048)."""
    stratum: Stratum
    value_chain: tuple[Step, ...] = ()
    """The steps of the value chain that this post has a part in (S024)."""
    optional: bool = False
    """Offered, not expected (S046)."""
    headcount: int | None = None
    """How many the source names; absent where it names no number."""
    duties: tuple[Duty, ...] = ()
    requirements: tuple[Text, ...] = ()
    team_spirit: int | None = Field(default=None, ge=1)
    """Which requirement asks for team spirit; absent: a line of its own is added (S082)."""
    authority: tuple[Text, ...] = ()
    """What the holder may decide alone; absent: to be agreed (S054)."""
    foci: tuple[Focus, ...] = ()
    functions: tuple[Function, ...] = ()
    """The functions of management that it fulfils (S286)."""
    indicators: tuple[Annotated[IndicatorCard, BeforeValidator(_from_library)], ...] = ()


class NoteEntry(Value):
    """One heading of a note."""

    id: Id
    mark: str = ""
    """Its letter or number in the source."""
    name: Text
    text: Text
    kind: Text | None = None
    """A class that entries of this note fall into: controllable, external."""
    owner: Text | None = None
    serves: tuple[str, ...] = ()
    """Parts of this workbook that belong to it: ``notebook:40_team_report``, ``checklist:readiness``."""


class Note(Sourced):
    """Background for a consultant, kept as data: ``templates/notes/<id>.toml``."""

    name: Text
    text: Text
    missing: Text | None = None
    """What the source announces and does not have."""
    entries: tuple[NoteEntry, ...] = Field(min_length=1)


class Article(Value):
    """One article of the regulation."""

    id: Id
    name: Text
    clauses: tuple[Text, ...] = Field(min_length=1)
    rows: tuple[str, ...] = ()


class Regulation(Value):
    """The appraisal regulation, its places filled by a client's design: ``templates/regulation.toml``."""

    articles: tuple[Article, ...] = Field(min_length=1)


class CurveExample(Value):
    """A figure that a curve must give: printed by its source to so many places, or exactly."""

    actual: Number
    target: Number | None = None
    direction: Direction
    view: Number | None = None
    score: Number
    places: int | None = None


class CurveCard(Value):
    """A named curve: a kind with its numbers, its source and its examples."""

    name: Text
    note: Text
    source: str
    curve: Curve
    examples: tuple[CurveExample, ...] = Field(min_length=1)

    @property
    def direction(self) -> Direction | None:
        """The direction for which alone a curve was made, where that is not the usual one."""
        only = {example.direction for example in self.examples}
        return next(iter(only)) if len(only) == 1 and Direction.HIGHER not in only else None


class CurveLibrary(Value):
    """All named curves: ``templates/curves.toml``."""

    curves: dict[Id, CurveCard]


RuleName = Literal[
    "self_gap", "swing", "near_cut", "open_tier", "little_counted", "adjusted", "bottom_with_results"
]  # fmt: skip


class Rule(Value):
    """The number of a rule: points, or a share."""

    at: Number | None = Field(default=None, ge=0)
    share: Number | None = Field(default=None, ge=0, le=1)

    @property
    def number(self) -> Decimal:
        """The number, whichever it is."""
        return self.at if self.at is not None else self.share or Decimal(0)


_ByLanguage: Any = create_model("_ByLanguage", __base__=Value, **dict.fromkeys(LANGUAGES, (tuple[str, ...], ())))  # type: ignore[call-overload]


class CountableUnits(_ByLanguage):
    """Words for what is counted in whole pieces, by language: ``templates/units.toml``."""

    def __contains__(self, unit: object) -> bool:
        """Whether a unit is counted in whole pieces: each word that it has is one of ours."""
        if not isinstance(unit, Text):
            return False
        known = {word.casefold() for each in LANGUAGES for word in getattr(self, each)}
        words = [word.strip().casefold() for word in unit.words if word.strip()]
        return bool(words) and all(word in known or f"{word}s" in known for word in words)


class AgendaRules(Value):
    """All rules of a workbook: ``templates/agenda.toml``."""

    rules: dict[RuleName, Rule] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _numbers(self) -> AgendaRules:
        for name, rule in self.rules.items():
            by_share = name == "open_tier"
            if (rule.at is None) is not by_share or (rule.share is None) is by_share:
                raise PydanticCustomError(
                    "agenda-number", "wrong number", {"rule": name, "key": "share" if by_share else "at"}
                )
        return self
