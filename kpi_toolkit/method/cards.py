"""Role cards: what a post is for, what it asks for, and which indicators suit it (catalogue section D)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kpi_toolkit.method.curves import Curve, Direction, Ratio
from kpi_toolkit.method.model import IndicatorClass, Method
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
