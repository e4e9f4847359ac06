"""What other rules would have done with the same scores: quota rules, pools, the pass line, the missing-value policy.

A cut shown without its alternatives cannot be defended (decisions 4 and 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.model import Design
from kpi_toolkit.method.quotas import Quotas
from kpi_toolkit.method.scheme import PoolBy, QuotaRule, Tier, TierScheme, TieRule
from kpi_toolkit.method.scoring import Standing, score_cycle
from kpi_toolkit.method.settings import Missing, MissingRule
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import Tiering, assign_tiers


@dataclass(frozen=True, slots=True)
class Move:
    """A person whose tier another rule would have changed; None stands for no tier."""

    person: str
    before: Tier | None
    after: Tier | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another rule, the counts it gives, and whom it moves. ``code`` names its sentence in ``templates/words``."""

    code: str
    counts: Quotas
    moves: tuple[Move, ...]


def compare_cuts(
    scores: Sequence[Standing], scheme: TierScheme, agreed: Tiering, *, before: Mapping[str, int] | None = None,
    decided: Mapping[str, Tier] | None = None,
) -> tuple[Alternative, ...]:  # fmt: skip
    """Return what the other quota rules, pools and tie rules, no tie-break and no pass line would have given.

    Tie rules are listed only where somebody is tied at a cut. ``before`` counts each pool's people in earlier cycles;
    ``decided`` are tiers by person that a meeting decided: they stand under every rule that tiers the person at all.
    """
    reasons = {place.reason for place in agreed.places.values()}
    tied = reasons & {"tie_shared", "tie_lowered"}
    others: list[tuple[str, str, Any]] = [
        *((f"rule_{rule}", "rule", rule) for rule in QuotaRule if before or rule is not QuotaRule.CARRY_OVER),
        *((f"pool_{pool}", "pool", pool) for pool in PoolBy if pool is PoolBy.CLIENT or _several(scores, pool)),
        *((f"tie_{tie}", "tie", tie) for tie in TieRule if tied),
        *([("no_tie_break", "tie_break", ())] if "tie_break" in reasons else []),
        ("no_pass_line", "pass_line", None),
    ]
    schemes = ((code, scheme.model_copy(update={name: other})) for code, name, other in others)
    found = ((code, assign_tiers(scores, other, before=before)) for code, other in schemes if other != scheme)
    return tuple(_alternative(code, agreed, tiering, decided or {}) for code, tiering in found)


def _several(scores: Sequence[Standing], pool: PoolBy) -> bool:
    return len({getattr(one, pool.value) for one in scores}) > 1


def compare_missing(
    design: Design,
    tables: Tables,
    agreed: Tiering,
    *,
    previous: Mapping[str, Decimal] | None = None,
    before: Mapping[str, int] | None = None,
    decided: Mapping[str, Tier] | None = None,
) -> tuple[Alternative, ...]:
    """Return what the other policies for missing actuals would have given; empty where nothing is missing.

    The design and the tables are those that ``agreed`` was worked out from: they are not checked again.
    """
    states = (state for result in score_cycle(design, tables).results.values() for state in result.states)
    if not {"missing", "filled"}.intersection(states):
        return ()
    found = []
    for policy in (Missing.LEAVE_OUT, Missing.NEUTRAL, Missing.ZERO):
        if policy is not design.missing:
            other = design.model_copy(update={"missing_rule": MissingRule(policy=policy)})
            scored = score_cycle(other, tables, previous=previous)
            tiering = assign_tiers(scored.scores.values(), design.tiers, before=before)
            found.append(_alternative(f"missing_{policy.value}", agreed, tiering, decided or {}))
    return tuple(found)


def _alternative(code: str, agreed: Tiering, other: Tiering, decided: Mapping[str, Tier]) -> Alternative:
    before, after = (
        {person: place.tier and decided.get(person, place.tier) for person, place in side.places.items()}
        for side in (agreed, other)
    )
    moves = tuple(Move(person, before[person], tier) for person, tier in after.items() if tier != before[person])
    return Alternative(code, Quotas.counted(after.values()), moves)
