"""Rules, doubt and fairness as plain data: what ``kpi score --json`` is worked out by, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.calibration import Decision
from kpi_toolkit.method.model import Design, Role, Tier
from kpi_toolkit.method.numbers import centi
from kpi_toolkit.method.tiers import Pool
from kpi_toolkit.results.lines import plain
from kpi_toolkit.whatif.confidence import FIRM, OPEN, Assessment, PersonConfidence
from kpi_toolkit.whatif.fairness import FairnessResult
from kpi_toolkit.whatif.measurement import Measurement
from kpi_toolkit.whatif.reliability import Estimate
from kpi_toolkit.whatif.weights import SEED

_PLACES = 4


def rules_json(design: Design, previous: Mapping[str, Decimal], before: Mapping[str, int]) -> dict[str, Any]:
    """Return every rule that turns the actuals into scores, ranks and tiers, so that anybody can work them out again.

    ``previous`` are scores of the cycle before, which part ties; ``before`` how many people each pool held in earlier
    cycles, for seats that are carried over. Numbers are written as they were agreed; points and weights are of 100.
    """
    tiers, bounds = design.tiers, design.adjustments
    return {
        "missing": design.missing.value, "least_weight": plain(design.least_weight),
        "neutral_score": plain(design.neutral_score), "item_cap": plain(design.item_cap),
        "total_cap": plain(design.total_cap), "max_plus": plain(bounds.max_plus), "max_minus": plain(bounds.max_minus),
        "team_share": plain(design.team_share), "raters": plain(design.raters.model_dump()),
        "tiers": {
            "shares": plain(tiers.shares), "rule": tiers.rule.value, "pool": tiers.pool.value, "tie": tiers.tie.value,
            "tie_break": list(tiers.tie_break), "min_group": tiers.min_group, "pass_line": plain(tiers.pass_line),
            "exempt": [entry.person for entry in tiers.exempt],
        },
        "roles": {name: _role_json(design, role) for name, role in design.roles.items()},
        "previous": plain(dict(previous)), "before": dict(before),
    }  # fmt: skip


def policy_json(design: Design) -> dict[str, Any]:
    """Return the rules that a meeting asks for first."""
    tiers = design.tiers
    return {
        "missing": design.missing.value, "item_cap": plain(design.item_cap), "total_cap": plain(design.total_cap),
        "shares": plain(tiers.shares), "rule": tiers.rule.value, "pool": tiers.pool.value, "tie": tiers.tie.value,
        "tie_break": list(tiers.tie_break), "min_group": tiers.min_group, "pass_line": plain(tiers.pass_line),
        "least_weight": plain(design.least_weight), "design_version": design.version,
    }  # fmt: skip


def _role_json(design: Design, role: Role) -> dict[str, Any]:
    return {
        "method": role.method.value, "aggregation": role.aggregation.value,
        "blocks": {name: plain(block.maximum) for name, block in role.blocks.items()},
        "indicators": [
            {
                "id": item.id, "class": item.kind.value, "side": item.side.value, "block": item.block,
                "weight_centi": centi(item.weight), "direction": item.scored_direction.value,
                "basis": item.basis.value, "unit": item.unit.pick("en"), "cap": plain(design.cap(item)),
                "outside": item.outside, "curve": plain(item.curve.model_dump(by_alias=True, exclude={"named"})),
            }
            for item in role.indicators
        ],
    }  # fmt: skip


def pool_json(pool: Pool) -> dict[str, Any]:
    """Return a pool: how many people, how many seats, how many it became, and why."""
    return {
        "id": pool.id, "n": pool.n, "quotas": pool.quotas.as_dict(), "counts": pool.counts.as_dict(),
        "advisory": pool.advisory,
        "notes": [{"code": note.code, **{k: plain(v) for k, v in note.values}} for note in pool.notes],
        "guidelines": [
            {"tiers": [tier.value for tier in g.guideline.tiers], "is": g.guideline.is_,
             "share": plain(g.guideline.share), "low": g.low, "high": g.high, "count": g.count, "kept": g.kept}
            for g in pool.guidelines
        ],
    }  # fmt: skip


def decision_json(made: Decision) -> dict[str, Any]:
    """Return a decision of the calibration meeting."""
    return {
        "date": made.date.isoformat(), "person": made.person, "from": made.before.value, "to": made.after.value,
        "reason": made.reason, "approver": made.approver,
    }  # fmt: skip


def verdict_json(own: PersonConfidence | None) -> dict[str, Any] | None:
    """Return how sure a tier is, in a word and two shares: of the weights tried, and given how ratings vary."""
    if own is None:
        return None
    return {"word": own.label, "rule": _rounded(own.rule), "measurement": _rounded(own.chance)}


def usual_json(ranks: tuple[int, int, int] | None) -> dict[str, int] | None:
    """Return a usual rank and its spread over the cycles shown."""
    return None if ranks is None else dict(zip(("rank", "low", "high"), ranks, strict=True))


def _rounded(value: float | Fraction | None) -> float | None:
    return None if value is None else round(float(value), _PLACES)


def _by_tier(shares: tuple[float, float, float] | None) -> dict[str, float] | None:
    return shares and {tier.value: round(share, _PLACES) for tier, share in zip(Tier, shares, strict=True)}


def confidence_json(own: PersonConfidence | None) -> dict[str, Any] | None:
    """Return how sure one person's tier is; None for whoever has none."""
    if own is None:
        return None
    narrowest = None
    if own.narrowest:
        narrowest = dict(zip(("indicator", "low", "high"), own.narrowest, strict=True))
    return {
        "label": own.label, "rests_on": own.rests_on or None, "always": own.always, "weights": _by_tier(own.weights),
        "measurement": _by_tier(own.measurement), "narrowest": narrowest,
    }  # fmt: skip


def assessment_json(found: Assessment, design: Design, monthly: Estimate | None) -> dict[str, Any]:
    """Return what is said about doubt in the whole cycle, and how it was worked out."""
    settings, tip = design.confidence, found.tipping
    return {
        "verdicts": {label: found.count(label) for label in ("firm", "likely", "open")},
        "thresholds": {"firm": FIRM, "likely": OPEN},
        "weights": {
            "sampler": settings.weights, "draws": found.draws, "seed": SEED, "generator": "PCG64, one stream a role",
            "concentration": plain(settings.concentration) if settings.weights == "around" else None,
            "searched": "tenths of a point, official rules; moves between two indicators of one role",
        },
        "measurement": _measurement_json(found.measurement),
        "month_to_month": _estimate_json(monthly),
        "tipping": [] if tip is None else [{
            "role": tip.role, "from": tip.source, "to": tip.into, "shift": tip.shift,
            "people": [{"person": person, "before": before, "after": after} for person, before, after in tip.people],
        }],
        "effective_weights": [
            {"role": r.role, "people": r.people,
             "indicators": [{"id": i, "nominal": nominal, "effective": real} for i, nominal, real in r.lines],
             "constant": list(r.constant), "twins": [[a, b, round(alike, _PLACES)] for a, b, alike in r.twins]}
            for r in found.roles
        ],
    }  # fmt: skip


def _estimate_json(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "value": _rounded(found.value), "low": _rounded(found.low), "high": _rounded(found.high),
        "targets": found.targets, "cycles": found.cycles, "method": "ICC(1,1), 90 % of rows drawn again",
    }  # fmt: skip


def _measurement_json(found: Measurement) -> dict[str, Any] | None:
    """Return how far ratings are trusted; None where none counts."""
    if not found.trust:
        return None
    return {
        "reliability": _rounded(found.reliability),
        "classes": [
            {"class": each.kind, "reliability": _rounded(each.value), "source": each.source,
             "estimate": _estimate_json(each.estimate)}
            for each in found.trust
        ],
        "roles": [
            {"role": role.role, "people": role.people, "rated_weight": role.rated, "error": round(role.error, 2),
             "reliability": _rounded(role.reliability)}
            for role in found.roles
        ],
        "pools": [
            {"pool": pool, "accuracy": _rounded(one.accuracy), "consistency": _rounded(one.consistency),
             "kappa": _rounded(one.kappa), "true": [_rounded(each) for each in one.true]}
            for pool, one in found.classified
        ],
    }  # fmt: skip


def fairness_json(result: FairnessResult) -> dict[str, Any]:
    """Return an outcome by group; of hidden groups no more than how many they are."""
    return {
        "outcome": result.outcome, "flagged": [group.group for group in result.flagged],
        "hidden_groups": result.hidden, "hidden_people": result.hidden_people, "without_group": result.without,
        "mid_p": "exact, conditional; twice the smaller one-sided p, half of the table itself counted",
        "groups": [
            {"group": g.group, "count": g.count, "size": g.size, "ratio": _rounded(g.ratio), "flips": g.flips,
             "below_four_fifths": g.below, "too_small": g.too_small, "p_best": _rounded(g.p_best),
             "p_others": _rounded(g.p_others), "mid_p_others": _rounded(g.mid_p),
             "detectable": _rounded(g.detectable)}
            for g in result.groups
        ],
    }  # fmt: skip
