"""Doubt, fairness and decisions as plain data: the part of ``kpi score --json`` that says how sure it is."""

from __future__ import annotations

from typing import Any

from kpi_toolkit.method.model import Tier
from kpi_toolkit.whatif.confidence import Assessment, PersonConfidence
from kpi_toolkit.whatif.fairness import FairnessResult

_PLACES = 4


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PLACES)


def _by_tier(shares: tuple[float, float, float]) -> dict[str, float]:
    return {tier.value: round(share, _PLACES) for tier, share in zip(Tier, shares, strict=True)}


def confidence_json(own: PersonConfidence | None) -> dict[str, Any] | None:
    """Return how sure one person's tier is; None for whoever has none."""
    if own is None:
        return None
    narrowest = None
    if own.narrowest:
        narrowest = dict(zip(("indicator", "low", "high"), own.narrowest, strict=True))
    return {
        "label": own.label, "rests_on": own.rests_on or None, "weights": _by_tier(own.weights),
        "measurement": _by_tier(own.measurement), "narrowest": narrowest,
    }  # fmt: skip


def assessment_json(found: Assessment) -> dict[str, Any]:
    """Return what is said about doubt in the whole cycle."""
    return {
        "draws": found.draws, "reliability": round(found.reliability, _PLACES),
        "placement": {
            "bottom_true": _rounded(found.placement.bottom_true),
            "top_true": _rounded(found.placement.top_true),
            "agreement": _rounded(found.placement.agreement),
        },
        "tipping": [
            {"pool": t.pool, "role": t.role, "up": t.up, "down": t.down, "shift": t.shift,
             "moves": [{"from": a, "to": b, "points": points} for a, b, points in t.moves]}
            for t in found.tipping
        ],
        "grey_zones": [
            {"pool": z.pool, "below": z.upper.value, "low": round(z.low, 2), "high": round(z.high, 2),
             "people": list(z.people)}
            for z in found.grey
        ],
        "effective_weights": [
            {"role": r.role, "people": r.people,
             "indicators": [{"id": i, "nominal": nominal, "effective": real} for i, nominal, real in r.lines],
             "constant": list(r.constant), "twins": [[a, b, round(alike, _PLACES)] for a, b, alike in r.twins]}
            for r in found.roles
        ],
    }  # fmt: skip


def fairness_json(result: FairnessResult) -> dict[str, Any]:
    """Return an outcome by group, small groups hidden."""
    return {
        "outcome": result.outcome, "flagged": result.flagged, "too_small": result.too_small,
        "p": None if result.p is None else round(float(result.p), _PLACES), "hidden": list(result.hidden),
        "groups": [
            {"group": g.group, "count": g.count, "size": g.size,
             "ratio": None if g.ratio is None else round(float(g.ratio), _PLACES)}
            for g in result.groups
        ],
    }  # fmt: skip
