"""Rules, doubt and fairness as plain data: what ``kpi score --json`` is worked out by, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.clients.record import Record
from kpi_toolkit.method.model import Design, Role
from kpi_toolkit.method.numbers import centi
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.tiers import Pool
from kpi_toolkit.whatif.confidence import FIRM, OPEN, Assessment, PersonConfidence
from kpi_toolkit.whatif.fairness import FairnessResult
from kpi_toolkit.whatif.measurement import Measurement
from kpi_toolkit.whatif.reliability import Estimate
from kpi_toolkit.whatif.weights import SEED

_PLACES = 4
_SOURCES = (
    "shares of weights: Lahdelma & Salminen 2001; Tervonen & Figueira 2008",
    "always: Corrente, Greco, Kadziński & Słowiński 2013", "reliability of a weighted sum: Mosier 1943",
    "reliability of a rating: Zhou, Sackett, Shen & Beatty 2024; Salgado & Moscoso 2019",
    "true scores: Kelley 1947; placing at cuts: Livingston & Lewis 1995",
    "from month to month: Shrout & Fleiss 1979; Sturman, Cheramie & Cashen 2005",
    "groups: 29 CFR 1607; Collins & Morris 2008",
)  # fmt: skip
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
                weight_centi=centi(item.weight), unit=item.unit.pick(), cap=design.cap(item),
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


def verdict_json(own: PersonConfidence | None) -> dict[str, Any] | None:
    """Return how sure a tier is: a word, and shares of weights, of ratings, of orders of figures still out."""
    return None if own is None else _rounded(picked(own, "word=label rule=by_weights measurement=by_ratings complete"))


def usual_json(ranks: tuple[int, int, int] | None) -> dict[str, int] | None:
    """Return a usual rank and its spread over the cycles shown."""
    return None if ranks is None else dict(zip(("rank", "low", "high"), ranks, strict=True))


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    """Return plain data with its shares in four places."""
    return {key: _short(value) for key, value in data.items()}


def _short(value: Any) -> Any:
    match value:
        case float() | Fraction():
            return round(float(value), _PLACES)
        case dict():
            return _rounded(value)
        case list() | tuple():
            return [_short(part) for part in value]
        case _:
            return value


def _by_tier(shares: tuple[float, float, float] | None) -> dict[str, float] | None:
    return shares and _rounded(dict(zip(map(str, Tier), shares, strict=True)))


def confidence_json(own: PersonConfidence | None) -> dict[str, Any] | None:
    """Return how sure one person's tier is; None for whoever has none."""
    if own is None:
        return None
    narrowest = own.narrowest and dict(zip(("indicator", "low", "high"), own.narrowest, strict=True))
    return picked(
        own, "label", rests_on=own.rests_on or None, always=own.always, weights=_by_tier(own.weights),
        measurement=_by_tier(own.measurement), narrowest=narrowest,
    )  # fmt: skip


def assessment_json(found: Assessment, design: Design, monthly: Estimate | None) -> dict[str, Any]:
    """Return what is said about doubt in the whole cycle, and how it was worked out."""
    settings, tip = design.confidence, found.tipping
    return {
        "verdicts": {label: found.count(label) for label in ("firm", "likely", "open")},
        "thresholds": {"firm": FIRM, "likely": OPEN},
        "pending": list(found.pending),
        "weights": {
            "sampler": settings.weights, "draws": found.draws, "seed": SEED, "generator": "PCG64, one stream a role",
            "concentration": float(settings.concentration) if settings.weights == "around" else None,
            "searched": "official rules at each tenth of a point; the smallest move to the hundredth",
        },
        "sources": list(_SOURCES),
        "measurement": _measurement_json(found.measurement),
        "month_to_month": _estimate_json(monthly),
        "tipping": [] if tip is None else [picked(tip, "role from=source to=into shift", people=[
            dict(zip(("person", "before", "after"), each, strict=True)) for each in tip.people
        ])],
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
    return _rounded(picked(found, "value low high targets cycles", method="ICC(1,1), 90 % of rows drawn again"))


def _measurement_json(found: Measurement) -> dict[str, Any] | None:
    """Return how far ratings are trusted; None where none counts."""
    if not found.trust:
        return None
    return _rounded({
        "reliability": found.reliability,
        "classes": [
            picked(each, "class=kind reliability=value source", estimate=_estimate_json(each.estimate))
            for each in found.trust
        ],
        "roles": [
            picked(role, "role people rated_weight=rated", error=round(role.error, 2), reliability=role.reliability)
            for role in found.roles
        ],
        "pools": [{"pool": pool, **picked(one, "accuracy consistency kappa true")} for pool, one in found.classified],
    })  # fmt: skip


def fairness_json(result: FairnessResult) -> dict[str, Any]:
    """Return an outcome by group; of hidden groups no more than how many they are."""
    return picked(
        result, "outcome hidden_groups=hidden hidden_people without_group=without",
        flagged=[group.group for group in result.flagged],
        mid_p="exact, conditional; twice the smaller one-sided p, half of the table itself counted",
        groups=[
            _rounded(picked(
                each, "group count size flips below_four_fifths=below too_small ratio p_best p_others "
                "mid_p_others=mid_p detectable",
            ))
            for each in result.groups
        ],
    )  # fmt: skip
