"""Cycles of ten kinds of design, and what full re-scoring makes of them: an oracle that knows no shortcut."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import deal
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import assign_tiers
from kpi_toolkit.whatif.placing import NO_TIER
from kpi_toolkit.whatif.rescoring import Rescoring
from kpi_toolkit.whatif.scenarios import Basis

Floats = npt.NDArray[np.float64]
_NORMAL, _FAR = NormalDist(), 9.0
_NODES, _SHARES = np.polynomial.legendre.leggauss(200)
KINDS = (
    "plain", "missing", "geometric", "pass_line", "gap", "over_cap", "team_share", "worse", "two_roles", "vetoes",
)  # fmt: skip
MORE = ("mixed", "stepped", "little", "tie_break", "outside", "leave")


def a_basis(kind: str, seed: int) -> Basis:
    """Return a random cycle of a kind; seven to fourteen people."""
    rng = random.Random(f"{kind}{seed}")
    n, two = rng.randint(7, 14), kind in {"two_roles", "mixed", "tie_break"}
    coarse = kind in {"worse", "tie_break", "mixed"}
    roles = {name: _role(rng, name, kind) for name in ("a", "b")[: 1 + two]}
    people = [{"id": f"p{i}", "name": f"P{i}", "role": rng.choice(list(roles)), "team": rng.choice(["x", "y", "z"])} for i in range(n)]  # fmt: skip
    actuals = [
        {"person": person["id"], "indicator": item["id"], "actual": _number(rng, kind, coarse)}
        for person in people
        for item in roles[person["role"]]["indicators"]
        if not (kind in {"missing", "mixed", "little"} and rng.random() < 0.15)
    ]
    tiers: dict[str, Any] = {"min_group": 3, "shares": rng.choice([[20, 70, 10], [30, 50, 20]])}
    top: dict[str, Any] = {}
    if kind in {"pass_line", "mixed"}:
        tiers["pass_line"] = rng.choice([70, 80])
    if kind == "gap":
        tiers["rule"] = "boundary_gap"
    if kind in {"worse", "mixed"}:
        tiers["tie"] = "worse"
    if kind == "tie_break":
        tiers["tie_break"] = rng.choice([["result"], ["a0", "process"], ["process", "a1"]])
    if kind in {"over_cap", "mixed"}:
        top = {"item_cap": 130, "adjustments": {"total_cap": 100}}
    if kind in {"team_share", "mixed"}:
        top["team_share"] = rng.choice([20, 40])
    if kind == "little":
        top["missing"] = {"policy": "leave_out", "least_weight": 80}
    plus = [{"date": "2026-10-05", "person": p["id"], "rule": "r", "points": rng.choice([-3, 2]), "reason": "x", "approver": "y"} for p in people[:2]]  # fmt: skip
    away = [{"person": p["id"], "kind": "leave", "treat": "no-tier"} for p in people[:2]] if kind == "leave" else []
    tables = Tables.of(
        people=people, actuals=actuals, adjustments=plus if kind in {"mixed", "over_cap"} else [], spells=away
    )
    return Basis(design=Design.model_validate({"tiers": tiers, "roles": roles, **top}), tables=tables)


def _number(rng: random.Random, kind: str, coarse: bool) -> Any:
    if coarse:
        return rng.choice([60, 80, 90, 100])
    return Decimal(rng.randint(4000, 13_000 if kind == "over_cap" else 10_500)) / 100


def _role(rng: random.Random, name: str, kind: str) -> dict[str, Any]:
    count = rng.randint(2, 5)
    cuts = sorted(rng.sample(range(1, 20), count - 1))
    weights = [5 * (b - a) for a, b in zip([0, *cuts], [*cuts, 20], strict=True)]
    items: list[dict[str, Any]] = [
        {"id": f"{name}{at}", "name": f"{name}{at}", "class": "result" if at % 2 else "workload", "weight": weight, "target": 100, "source": "x"}
        for at, weight in enumerate(weights)
    ]  # fmt: skip
    if kind in {"vetoes", "mixed"}:
        scope = rng.choice(["total", "tier"])
        items.append({**items[0], "id": f"{name}v", "weight": 0, "curve": {"kind": "gate", "scope": scope, "limit": 75, "at": 60}})  # fmt: skip
    if kind == "stepped":
        items[0]["curve"] = {"kind": "steps", "step": 10, "deduct": 2, "unit": "points", "counted": rng.choice(["full", "parts"])}  # fmt: skip
    if kind == "outside":
        items.append({**items[0], "id": f"{name}o", "weight": 0, "curve": {"kind": "steps", "step": 10, "bonus": "0.5", "deduct": "0.3", "start": 0, "floor": -5, "ceiling": 3, "outside": True}})  # fmt: skip
    return {"name": name, "indicators": items, "aggregation": "geometric" if kind == "geometric" else "sum"}


def rescoring_of(basis: Basis) -> Rescoring:
    """Return the whole-column way of a cycle."""
    scored = score_cycle(basis.design, basis.tables, previous=basis.previous)
    return Rescoring(basis.design, basis.tables, scored, basis.before)


def in_hundredths(row: npt.NDArray[np.float64]) -> list[int]:
    """Return weights that sum to 1 as whole hundredths of 100."""
    parts = [int(share * 10**12) for share in row]
    return deal(10_000, [10_000 * part for part in parts], max(sum(parts), 1))


def fully_rescored(basis: Basis, weights: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """Return each person's score (hundredths, -1 without) and tier under other weights (hundredths), one by one."""
    design = basis.design
    roles = {
        name: role.model_copy(update={"indicators": tuple(
            item.model_copy(update={"weight": Decimal(weight) / 100}) for item, weight in zip(role.indicators, weights[name], strict=True)
        )}) if name in weights else role
        for name, role in design.roles.items()
    }  # fmt: skip
    design = design.model_copy(update={"roles": roles})
    scored = score_cycle(design, basis.tables, previous=basis.previous)
    places = assign_tiers(scored.scores.values(), design.tiers, before=basis.before).places
    return [
        (-1 if own.score is None else int(own.score * 100), list(Tier).index(tier) if (tier := places[person].tier) else NO_TIER)
        for person, own in scored.scores.items()
    ]  # fmt: skip


# --- what the literature works out, without any of our shortcuts ------------------------------------------------------


@dataclass(frozen=True)
class Ranks:
    """SMAA-2: how often each is at each rank, the mean weights of those that put it first, and how sure that is."""

    ranks: Floats
    """People x ranks: the share of draws."""
    central: Floats
    """People x indicators: mean weights of the draws in which the person is first; nan where there are none."""
    confidence: Floats
    """The share of draws in which the person is first under its own central weights; nan where there are none."""


def rank_acceptability(scores: Floats, weights: Floats) -> Ranks:
    """Return the rank acceptabilities. ``scores`` is people x indicators, or draws x people x indicators.

    With scores of their own for each draw (uncertain measurements) the confidence factor is uncertain too.
    """
    each = scores if scores.ndim == 3 else np.broadcast_to(scores, (len(weights), *scores.shape))
    totals = np.einsum("kij,kj->ki", each, weights)
    place = np.argsort(np.argsort(-totals, axis=1, kind="stable"), axis=1)
    n = totals.shape[1]
    ranks = np.stack([(place == rank).mean(axis=0) for rank in range(n)], axis=1)
    first = place == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        central = (first.T.astype(float) @ weights) / first.sum(axis=0)[:, None]
    confidence = np.full(n, np.nan)
    for person in range(n):
        if not np.isnan(central[person, 0]):
            own = each @ central[person]
            confidence[person] = (own.argmax(axis=1) == person).mean()
    return Ranks(ranks, central, confidence)


def both_above(first: float, second: float, correlation: float) -> float:
    """Return P(X > first and Y > second) of two standard normals (Gauss-Legendre, to 1e-9)."""
    low, high = max(first, -_FAR), _FAR
    if low >= high:
        return 0.0
    x = (high - low) / 2 * _NODES + (high + low) / 2
    rest = sqrt(1 - correlation**2)
    tail = np.array([1 - _NORMAL.cdf((second - correlation * value) / rest) for value in x])
    density = np.exp(-(x**2) / 2) / sqrt(2 * np.pi)
    return float((high - low) / 2 * (_SHARES @ (density * tail)))


@dataclass(frozen=True, slots=True)
class Placement:
    """What placing people by a rating of some reliability is worth, on average (Taylor-Russell geometry)."""

    bottom_true: float | None
    """P(truly in the bottom share | placed there)."""
    top_true: float | None
    """P(truly in the top share | placed there)."""
    bottom_above_median: float | None
    """P(truly above the median | placed in the bottom)."""
    agreement: float
    """Share of people whose placed tier is their true one."""


def _edge(share: float) -> float:
    """Return where a share of a normal distribution ends; far out where it is nothing or everything."""
    return _NORMAL.inv_cdf(share) if 0 < share < 1 else (-_FAR if share <= 0 else _FAR)


def placement(reliability: float, top: float = 0.2, bottom: float = 0.1) -> Placement:
    """Return what shares of people placed in a tier truly belong there, true and rated standing being bivariate normal.

    >>> found = placement(0.52)
    >>> round(found.bottom_true, 3), round(found.top_true, 3), round(found.agreement, 2)
    (0.486, 0.58, 0.73)
    """
    rho = sqrt(reliability)
    high, low = -_edge(top), _edge(bottom)
    both_top = both_above(high, high, rho)
    both_bottom = both_above(-low, -low, rho)
    both_upper = both_above(low, low, rho)  # neither is in the bottom
    top_and_rest = both_above(high, low, rho) - both_top  # truly top, rated middle
    both_middle = both_upper - both_top - 2 * top_and_rest
    upper_half = both_above(-low, 0.0, -rho)  # rated bottom, truly above the median
    return Placement(
        bottom_true=both_bottom / bottom if bottom else None,
        top_true=both_top / top if top else None,
        bottom_above_median=upper_half / bottom if bottom else None,
        agreement=both_top + both_middle + both_bottom,
    )


def composite_reliability(weights: Floats, spreads: Floats, parts: Floats, correlations: Floats) -> tuple[float, float]:
    """Return the reliability of a weighted sum, and its standard error of measurement, from its parts (Mosier 1943).

    >>> r = np.array([[1, .3, .2], [.3, 1, .4], [.2, .4, 1]])
    >>> found = composite_reliability(np.array([.4, .35, .25]), np.array([12, 10, 8]), np.array([.95, .8, .52]), r)
    >>> round(found[0], 4), round(found[1], 3)
    (0.9061, 2.35)
    """
    share = np.asarray(weights) * np.asarray(spreads)
    whole, error = float(share @ correlations @ share), float((share**2) @ (1 - np.asarray(parts)))
    return 1 - error / whole, sqrt(error)
