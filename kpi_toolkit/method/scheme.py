"""How tiers are dealt, as a design declares it: shares, pools, small groups, pass line, ties, guidelines."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import FULL, Hundredths, Number
from kpi_toolkit.method.settings import Exemption
from kpi_toolkit.method.value import Value, each_once


class PoolBy(StrEnum):
    """The people among whom tiers are assigned."""

    CLIENT = "client"
    TEAM = "team"
    ROLE = "role"


class Tier(StrEnum):
    """The three tiers, best first."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class QuotaRule(StrEnum):
    """How shares of a head count become whole people (see :func:`kpi_toolkit.method.quotas.tier_quotas`)."""

    LARGEST_REMAINDER = "largest_remainder"
    HALF_UP = "half_up"
    AT_MOST = "at_most"
    CAP_MINIMUM = "cap_minimum"
    CARRY_OVER = "carry_over"
    BOUNDARY_GAP = "boundary_gap"


class TieRule(StrEnum):
    """Where people tied at a cut go together: the better tier, the worse one, or the middle."""

    BETTER = "better"
    WORSE = "worse"
    MIDDLE = "middle"


class Guideline(Value):
    """A guideline for one tier, or several together, that a distribution is compared with: at most 20 % at the top."""

    tiers: tuple[Tier, ...] = Field(min_length=1)
    is_: Literal["=", "<", "<=", ">", ">=", "between"] = Field(alias="is")
    share: Number = Field(ge=0, le=100)
    to: Number = Field(default=FULL, ge=0, le=100)
    """The other end of ``between``."""

    @model_validator(mode="after")
    def _open(self) -> Guideline:
        if self.is_ == "between" and self.share > self.to:
            raise PydanticCustomError("guideline-empty", "empty", {"low": str(self.share), "high": str(self.to)})
        return self


class TierScheme(Value):
    """How tiers are assigned: shares, pool, small groups, pass line (S235-S241, decisions 4 and 5)."""

    shares: tuple[Number, Number, Number] = (Decimal(20), Decimal(70), Decimal(10))
    rule: QuotaRule = QuotaRule.LARGEST_REMAINDER
    pool: PoolBy = PoolBy.CLIENT
    min_group: int = Field(default=5, ge=2)
    """Smaller pools get scores and no tiers; up to nine people, tiers are advisory."""
    pass_line: Hundredths | None = Field(default=None, ge=0, le=1000)
    """Whoever reaches it is not in the bottom tier, whatever the rank (S240)."""
    tie: TieRule = TieRule.BETTER
    tie_break: tuple[str, ...] = ()
    """What breaks ties at a cut, first to last: ``result`` or ``process`` points, ``previous`` score, an indicator."""
    guidelines: tuple[Guideline, ...] = ()
    exempt: Annotated[tuple[Exemption, ...], each_once("exempt-twice", "person")] = ()

    def pool_of(self, one: Any) -> Any:
        """Return the pool of somebody with a role and a team; blank for whoever has no team where teams are pools."""
        return "all" if self.pool is PoolBy.CLIENT else getattr(one, self.pool.value)

    def shares_of(self, pool: str) -> tuple[Decimal, Decimal, Decimal]:  # noqa: ARG002 - all pools have the same today
        """Return the shares of top, middle and bottom, in per cent, among the people of a pool."""
        return self.shares

    @field_validator("shares")
    @classmethod
    def _sum(cls, shares: tuple[Decimal, Decimal, Decimal]) -> tuple[Decimal, Decimal, Decimal]:
        if min(shares) < 0:
            raise PydanticCustomError("negative-share", "{least}", {"least": str(min(shares))})
        if sum(shares) != FULL:
            raise PydanticCustomError("shares-not-100", "{total}", {"total": str(sum(shares))})
        return shares
