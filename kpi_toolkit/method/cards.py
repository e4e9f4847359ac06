"""Cards of the library: what a post is for and which indicators suit it (catalogue section D); what a curve is."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curves import Ratio
from kpi_toolkit.method.model import IndicatorClass, Method
from kpi_toolkit.method.naming import Curve
from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import Id, Text, Value

Step = Literal["planning", "construction", "content", "promotion", "evaluation"]


class CardIndicator(Value):
    """An indicator as a card suggests it; weight and target are agreed with the client."""

    id: Id
    name: Text
    kind: IndicatorClass = Field(alias="class")
    direction: Direction = Direction.HIGHER
    unit: Text = Text(zh="%", en="%")
    curve: Curve = Ratio()
    source: Text | None = None
    standard: Text | None = None
    ours: bool = False
    """True where the seeds name no such indicator."""


class RoleCard(Value):
    """A post of internet marketing, as the sources describe it: ``templates/roles/<id>.toml``."""

    name: Text
    aliases: tuple[str, ...] = ()
    method: Method
    may_bear_sales_quota: bool = False
    influences_results: bool = True
    stratum: Literal["decision", "technical", "operating"]
    value_chain: tuple[Step, ...] = ()
    """The steps of the value chain that this post owns (S024)."""
    duties: tuple[Text, ...] = ()
    requirements: tuple[Text, ...] = ()
    indicators: tuple[CardIndicator, ...] = ()
    rows: tuple[str, ...] = ()
    """The catalogue rows that the card comes from."""
    seeds: tuple[str, ...] = ()


class CurveExample(Value):
    """A figure that a curve must give: printed by its source to so many places, or exactly."""

    actual: Number
    target: Number | None = None
    direction: Direction
    view: Number | None = None
    score: Number
    places: int | None = None


class CurveCard(Value):
    """A named curve: one of the six kinds with its numbers, its source and its examples."""

    name: Text
    note: Text
    source: str
    curve: Curve
    examples: tuple[CurveExample, ...] = Field(min_length=1)


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
