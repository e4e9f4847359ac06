"""Rules, doubt and fairness as plain data: what ``kpi score --json`` is worked out by, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.clients.record import Record
from kpi_toolkit.method.calibration import Decision
from kpi_toolkit.method.model import Design, Role, Tier
from kpi_toolkit.method.numbers import centi
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.tiers import Pool
from kpi_toolkit.whatif.confidence import Assessment, PersonConfidence
from kpi_toolkit.whatif.fairness import FairnessResult

_PLACES = 4
_TIERS = "shares rule pool tie tie_break min_group pass_line"


def rules_json(design: Design, previous: Mapping[str, Decimal], before: Mapping[str, int]) -> dict[str, Any]:
    """Return every rule that turns the actuals into scores, ranks and tiers, so that anybody can work them out again.

    ``previous`` are scores of the cycle before, which part ties; ``before`` how many people each pool held in earlier
    cycles, for seats that are carried over. Numbers are written as they were agreed; points and weights are of 100.
    """
    return picked(
        design, "missing least_weight neutral_score item_cap total_cap team_share raters",
        **picked(design.adjustments, "max_plus max_minus"),
        tiers=picked(design.tiers, _TIERS, exempt=[entry.person for entry in design.tiers.exempt]),
        roles={name: _role_json(design, role) for name, role in design.roles.items()},
        previous=previous, before=before,
    )  # fmt: skip


def policy_json(design: Design) -> dict[str, Any]:
    """Return the rules that a meeting asks for first."""
    return picked(design, "missing item_cap total_cap least_weight design_version=version") | picked(
        design.tiers, _TIERS
    )


def _role_json(design: Design, role: Role) -> dict[str, Any]:
    return picked(
        role, "method aggregation", blocks={name: block.maximum for name, block in role.blocks.items()},
        indicators=[
            picked(
                item, "id side block direction=scored_direction basis outside class=kind",
                weight_centi=centi(item.weight), unit=item.unit.pick("en"), cap=design.cap(item),
                curve=item.curve.model_dump(by_alias=True, exclude={"named"}),
            )
            for item in role.indicators
        ],
    )  # fmt: skip


def standing_json(record: Record) -> dict[str, Any]:
    """Return where a cycle stands, and the line of its record that says so (None where it has none)."""
    line = record.deciding
    said = {"line": line.n, "hash": line.hash, "kind": line.kind, "at": line.at} if line else None
    return {"state": record.state.value, "record": said}


def pool_json(pool: Pool) -> dict[str, Any]:
    """Return a pool: how many people, how many seats, how many it became, and why."""
    return picked(
        pool, "id n quotas counts advisory",
        notes=[{"code": note.code, **dict(note.values)} for note in pool.notes],
        guidelines=[
            picked(g, "low high count kept") | picked(g.guideline, "tiers is=is_ share") for g in pool.guidelines
        ],
    )  # fmt: skip


def decision_json(made: Decision) -> dict[str, Any]:
    """Return a decision of the calibration meeting."""
    return picked(made, "date person from=before to=after reason approver")


def verdict_json(own: PersonConfidence | None, tier: Tier | None) -> dict[str, Any] | None:
    """Return how sure a tier is, in a word and two shares: of the weights tried, and given how ratings vary."""
    if own is None or tier is None:
        return None
    return {
        "word": own.label, "rule": _rounded(own.shares[tier.value]), "measurement": _rounded(own.measured[tier.value]),
    }  # fmt: skip


def _rounded(value: float | Fraction | None) -> float | None:
    return None if value is None else round(float(value), _PLACES)


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
    return picked(
        result, "outcome flagged too_small hidden", p=_rounded(result.p),
        groups=[picked(g, "group count size", ratio=_rounded(g.ratio)) for g in result.groups],
    )  # fmt: skip
