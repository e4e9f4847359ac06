"""Training: which need a weak indicator points to, and what is offered for it (sections L and V of the method)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from kpi_toolkit.method.model import Indicator, IndicatorClass
from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import Id, Sourced, Text, Value

OfferKind = Literal["internal", "external", "conference", "sharing"]


class Offer(Value):
    """A way to meet a need (S243)."""

    kind: OfferKind
    name: Text
    hours: int | None = Field(default=None, gt=0)
    cost: Number | None = Field(default=None, ge=0)
    """For each person, in the client's currency; None where it is to be asked for."""


class TrainingCard(Sourced):
    """A need: ``templates/training/<id>.toml``."""

    name: Text
    study: Text
    """What somebody can do alone, from tomorrow on (S174)."""
    study_lower: Text | None = None
    """The same where less is better, if that is something else."""
    indicators: tuple[Id, ...] = ()
    """The indicators that point to it."""
    classes: tuple[IndicatorClass, ...] = ()
    """Classes of indicators that point to it where no card names the indicator itself."""
    offers: tuple[Offer, ...] = Field(min_length=1)
    ours: bool = False

    def study_of(self, item: Indicator) -> Text:
        """Return what somebody can do alone about an indicator."""
        return (item.scored_direction is Direction.LOWER and self.study_lower) or self.study


class TalkRules(Value):
    """When a result asks for something: ``templates/talk.toml``. All numbers are ours and can be changed."""

    corrective_below: Number = Field(ge=0)
    """An indicator that scores less gets a corrective measure."""
    preventive_after: int = Field(ge=2)
    """So many falls in a row ask for a preventive measure, though the indicator still has its full score."""
    talked_below: Number = Field(default=Decimal(98), ge=0)
    """An indicator that scores this or more is no gap to talk about."""
    apart_from: Number = Field(default=Decimal(5), ge=0)
    """Self and appraiser so many points apart are talked about first."""
    training_below: Number = Field(ge=0)
    """An indicator that scores less points to a need for training."""
    promote_after: int = Field(default=3, ge=1)
    """Who was in the top tier in so many closed cycles in a row is proposed for promotion (S255)."""
    reach: Text
    """The check of a drafted measure: which figure is to be reached; ``{value}`` stands for it with its unit."""
    reach_lower: Text
    """The same of an indicator of which less is better."""
    tiers: Mapping[Literal["top", "middle", "bottom"], Text]
    """What is done with each tier (S238)."""


def need(item: Indicator, cards: Mapping[str, TrainingCard]) -> str:
    """Return the id of the need that an indicator points to: named by a card, else by its class; empty for none."""
    named = (card_id for card_id, card in cards.items() if item.id in card.indicators)
    of_class = (card_id for card_id, card in cards.items() if item.kind in card.classes)
    return next(named, "") or next(of_class, "")
