"""Parts of a design beside roles and tiers: exemptions, gaps, whose views count, doubt, what is compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import Hundredths, Number
from kpi_toolkit.method.value import Id, Text, Value, visible

_FULL = Decimal(100)
Line = Annotated[str, AfterValidator(visible), Field(max_length=2000)]
"""A remark in whatever language it was made in."""


class Exemption(Value):
    """A person who is scored but given no tier, and why."""

    person: Id
    reason: Text


class Missing(StrEnum):
    """What a missing actual does to the score: a declared part of the design (decision 6)."""

    LEAVE_OUT = "leave_out"
    NEUTRAL = "neutral"
    ZERO = "zero"
    REFUSE = "refuse"


class MissingRule(Value):
    """What a missing actual does, and how little may be filled in: ``"leave_out"``, or a section with both.

    Under ``leave_out`` whoever has less than ``least_weight`` per cent of the weight filled in has a score, but no rank
    and no tier: a score from a tenth of the form says little about the form. Under other policies nothing is left out.
    """

    policy: Missing = Missing.LEAVE_OUT
    least_weight: Hundredths = Field(default=Decimal(0), ge=0, le=100)

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        return {"policy": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _as_written(self, whole: SerializerFunctionWrapHandler) -> Any:
        return whole(self) if self.least_weight else self.policy.value

    @property
    def value(self) -> str:
        """The policy's name."""
        return self.policy.value


class RaterShares(Value):
    """Per cent that each rater's view counts under the basis ``raters`` (self, superior, others); they sum to 100."""

    self: Number = Field(default=Decimal(0), ge=0)
    appraiser: Number = Field(default=_FULL, ge=0)
    others: Number = Field(default=Decimal(0), ge=0)

    @model_validator(mode="after")
    def _something_counts(self) -> RaterShares:
        total = self.self + self.appraiser + self.others
        if not total:
            raise PydanticCustomError("no-shares", "nothing counts")
        if total != _FULL:
            raise PydanticCustomError("raters-not-100", "{total}", {"total": str(total)})
        return self

    def mix(self, views: Mapping[str, Decimal | None]) -> Fraction | None:
        """Return the views in one, over those that were given; None where the appraiser's counts and is not there.

        >>> RaterShares(self=30, appraiser=70).mix({"self": Decimal(100), "appraiser": Decimal(90)})
        Fraction(93, 1)
        """
        if self.appraiser and views.get("appraiser") is None:
            return None
        given = [
            (Fraction(getattr(self, rater)), Fraction(view))
            for rater in RaterShares.model_fields
            if (view := views.get(rater)) is not None
        ]
        whole = sum(share for share, _ in given)
        return sum(share * view for share, view in given) / whole if whole else None


class Reliability(Value):
    """How far ratings can be trusted: one number, ``"cycles"`` or ``"left_out"``, or a section with a number a class.

    Zhou, Sackett, Shen & Beatty 2024 find .65 for one supervisor's rating over all (.57 managers, .68 others) and
    advise against one mean for everything; Salgado & Moscoso 2019 find .45 where ratings decide about people.
    ``cycles`` estimates it from the client's own cycles. What a machine counted has no rater and asks for none.
    """

    source: Literal["assumed", "stated", "cycles", "left_out"] = "assumed"
    rated: Number = Field(default=Decimal("0.65"), gt=0, lt=1)
    by_class: dict[str, Annotated[Number, Field(gt=0, lt=1)]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        if value in ("cycles", "left_out"):
            return {"source": value}
        if isinstance(value, str) and not any(char.isdigit() for char in value):
            raise PydanticCustomError("bad-reliability", "{said}", {"said": value})
        if not isinstance(value, Mapping):
            return {"source": "stated", "rated": value}
        return value if "source" in value or not value else {"source": "stated", "by_class": dict(value)}

    @model_serializer(mode="wrap")
    def _as_written(self, whole: SerializerFunctionWrapHandler) -> Any:
        if self.source in {"cycles", "left_out"}:
            return self.source
        plain = whole(self)
        if self.source == "assumed":
            return plain
        return plain.get("by_class") or plain.get("rated", self.rated)  # either may be left out as a default


class Confidence(Value):
    """How firm a tier is, is worked out from this."""

    weights: Literal["around", "uniform", "ordinal", "statements"] = "around"
    """Which weights are possible: around the agreed ones, all, all in the same order, all that fit the statements."""
    concentration: Number = Field(default=Decimal(50), gt=0)
    """How near to the agreed weights ``around`` stays; at 50 a weight of 30 varies by about 6.4 points (one SD)."""
    statements: tuple[Statement, ...] = ()
    reliability: Reliability = Reliability()
    """Reliability of one appraiser's rating."""
    raters: int = Field(default=1, ge=1)


class Statement(Value):
    """What a client said about weights: between two numbers, or at least so many times another indicator's."""

    role: Id
    indicator: Id
    at_least: Number = Field(default=Decimal(0), ge=0, le=100)
    at_most: Number = Field(default=_FULL, ge=0, le=100)
    over: Id | None = None
    times: Number = Field(default=Decimal(1), gt=0)


class Fairness(Value):
    """A column of ``people.csv`` by which outcomes are compared; nothing is compared unless a client asks for it."""

    column: str = ""


ElicitedBy = Literal["direct", "swing", "rank-roc", "rank-rs", "rank-rr", "pairwise", "statements"]


class Elicitation(Value):
    """How a role's weights were found: the method, what was said, and how consistent that was."""

    role: Id
    method: ElicitedBy
    said: Line
    consistency: Number | None = None
    """The consistency ratio of pairwise comparisons; at most 0.10 is accepted (Saaty)."""


class Change(Value):
    """An entry of a design's change log: which version, when, who decided, and from which scenario."""

    version: int = Field(ge=1)
    date: dt.date
    by: Line
    scenario: Line = ""
    asked_by: Line = ""
    why: Line = ""
    alternatives: tuple[Line, ...] = ()
    """The scenarios that were kept beside it and not chosen."""
    elicited: tuple[Elicitation, ...] = ()
