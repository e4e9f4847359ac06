"""Random designs with everything a design may say: ties, missing values, small teams, vetoes, team shares, locks."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.checks import check_cycle, check_design
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.scenario import Scenario, fingerprint
from kpi_toolkit.method.scoring import score_people
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.whatif.linking import linked, shared_out
from kpi_toolkit.whatif.scenarios import Basis
from kpi_toolkit.whatif.session import SessionData, session_data

CURVES: list[dict[str, Any]] = [
    {"kind": "ratio"}, {"kind": "ratio", "over": 2, "floor": 20}, {"kind": "ratio", "by": "margin_percent"},
    {"kind": "piecewise", "points": [{"at": 60, "score": 0}, {"at": 80, "score": 55}, {"at": 80, "score": 60}, {"at": 120, "score": 110}], "above": "extend"},
    {"kind": "bands", "bands": [{"from": 0, "score": 0}, {"from": 70, "score": 60}, {"from": 95, "score": 90}, {"from": 100, "score": 100}]},
    {"kind": "bands", "edge": "closes", "bands": [{"from": 0, "score": 0}, {"from": 70, "score": 60}, {"from": 100, "score": 100}]},
    {"kind": "steps", "step": 3, "deduct": 7, "bonus": 2}, {"kind": "steps", "step": "0.7", "deduct": 7, "counted": "started", "floor": 10},
    {"kind": "steps", "step": 2, "deduct": "0.5", "unit": "points", "counted": "parts"}, {"kind": "steps", "by": "actual", "step": 40, "deduct": 9},
    {"kind": "table", "rows": [0, 60, 90], "columns": [0, 80], "scores": [[0, 10], [40, 60], [70, 100]]},
    {"kind": "gate", "scope": "indicator", "at": 70},
]  # fmt: skip


def weights_of(rng: random.Random, count: int, whole: bool) -> list[int]:
    """Return weights in hundredths that sum to 100."""
    unit = 500 if whole else rng.choice([1, 50, 100])
    cuts = sorted(rng.sample(range(1, 10_000 // unit), count - 1))
    return [(b - a) * unit for a, b in zip([0, *cuts], [*cuts, 10_000 // unit], strict=True)]


def a_role(rng: random.Random, prefix: str) -> dict[str, Any]:
    count = rng.randint(2, 6)
    items = [
        {
            "id": f"{prefix}{place}", "name": f"{prefix}{place}", "weight": Decimal(weight) / 100, "source": "log", "target": rng.choice([50, 100, "99.5"]),
            "class": "workload" if not place else rng.choice(["workload", "quality", "result", "lead"]),
            "direction": rng.choice(["higher", "higher", "lower", "target"]), "curve": rng.choice(CURVES), "basis": rng.choice(["actual", "actual", "actual", "appraiser", "raters"]),
        }
        for place, weight in enumerate(weights_of(rng, count, rng.random() < 0.6))
    ]  # fmt: skip
    for item in items:
        curve = item["curve"]
        if curve.get("by") == "actual" and item["basis"] == "actual":
            item["direction"] = "lower"
        if rng.random() < 0.2:
            item["cap"] = rng.choice([80, 110, "99.95"])
    if rng.random() < 0.3:
        items.append({**items[0], "id": f"{prefix}veto", "weight": 0, "curve": {"kind": "gate", "scope": rng.choice(["total", "tier"]), "limit": "59.99", "at": 40}, "basis": "actual", "direction": "higher"})  # fmt: skip
    if rng.random() < 0.2:
        items.append({**items[0], "id": f"{prefix}extra", "weight": 0, "curve": {"kind": "steps", "step": 10, "bonus": "0.5", "deduct": "0.3", "start": 0, "floor": -5, "ceiling": 3, "outside": True}, "basis": "actual", "direction": "higher"})  # fmt: skip
    return {
        "name": prefix.upper(), "indicators": items,
        "method": rng.choice(["combined", "combined", "combined", "workload"]), "aggregation": rng.choice(["sum", "sum", "sum", "geometric"]),
    }  # fmt: skip


def a_design(rng: random.Random, people: list[str]) -> Design:
    tiers: dict[str, Any] = {
        "rule": rng.choice(["largest_remainder", "largest_remainder", "half_up", "at_most", "cap_minimum", "carry_over", "boundary_gap"]),
        "pool": rng.choice(["client", "client", "team", "role"]), "min_group": rng.choice([2, 3, 5]), "tie": rng.choice(["better", "worse", "middle"]),
        "shares": rng.choice([[20, 70, 10], [30, 50, 20], ["33.3", "33.4", "33.3"], [0, 90, 10], [100, 0, 0], [10, 90, 0]]),
    }  # fmt: skip
    if rng.random() < 0.4:
        tiers["tie_break"] = rng.sample(["result", "process", "previous", "a0"], rng.randint(1, 3))
    if rng.random() < 0.3:
        tiers["pass_line"] = rng.choice([60, "75.5"])
    if rng.random() < 0.2:
        tiers["exempt"] = [{"person": rng.choice(people), "reason": "leave"}]
    top: dict[str, Any] = {"item_cap": rng.choice([100, 100, 120]), "missing": rng.choice(["leave_out", {"policy": "leave_out", "least_weight": rng.choice([60, "50.5"])}, "neutral", "zero"]), "team_share": rng.choice([0, 0, 0, 20, "12.5"])}  # fmt: skip
    if rng.random() < 0.3:
        top["adjustments"] = {"max_plus": 2, "max_minus": 3, "total_cap": 105}
    roles = {name: a_role(rng, name) for name in ("a", "b")[: rng.randint(1, 2)]}
    return Design.model_validate({"tiers": tiers, "roles": roles, "raters": {"self": 30, "appraiser": 70}, **top})


def a_cycle(rng: random.Random, design: Design, people: list[str]) -> Tables:
    coarse = rng.random() < 0.6  # equal numbers make ties
    number = (
        (lambda: rng.choice([30, 50, 60, 90, 100, 120])) if coarse else lambda: Decimal(rng.randint(0, 15_000)) / 100
    )
    rows = [{"id": p, "name": p.upper(), "role": rng.choice(list(design.roles)), "team": rng.choice(["x", "y", ""])} for p in people]  # fmt: skip
    gap = rng.choice([0, 0.1, 0.3])
    actuals, goals = [], []
    for row in rows:
        for item in design.roles[row["role"]].indicators:
            line: dict[str, Any] = {"person": row["id"], "indicator": item.id, "self": number(), "appraiser": number()}
            if rng.random() >= gap:
                line["actual"] = number()
            elif rng.random() < 0.5:
                del line["appraiser"]
            actuals.append(line)
            if rng.random() < 0.2:
                goals.append({"person": row["id"], "indicator": item.id, "target": rng.choice([80, 100, "112.5"])})
    adjustments = [{"date": "2026-10-05", "person": rng.choice(people), "rule": "r", "points": rng.choice([-4, "-0.25", 1, 3]), "reason": "x", "approver": "y"} for _ in range(rng.randint(0, 3))]  # fmt: skip
    moved = rng.sample(people, rng.choice([0, 0, 1, 2]) if len(people) > 1 else 0)
    decided = [
        dict(zip(("from_tier", "to_tier"), rng.sample(["top", "middle", "bottom"], 2), strict=True)) for _ in moved
    ]
    calibration = [{"date": "2026-11-05", "person": p, "reason": "x", "approver": "y", **d} for p, d in zip(moved, decided, strict=True)]  # fmt: skip
    return Tables.of(people=rows, actuals=actuals, goals=goals, adjustments=adjustments, calibration=calibration)


def some_moves(rng: random.Random, data: SessionData) -> list[dict[str, Any]]:
    moves: list[dict[str, Any]] = []
    for r, role in enumerate(data.roles):
        own = [i for i, item in enumerate(role["items"]) if item["weight"]]
        locked = rng.sample(own, rng.randint(0, len(own) - 2)) if rng.random() < 0.4 and len(own) > 2 else []
        free = [i for i in own if i not in locked]
        moves += [{"role": r, "item": rng.choice(free), "part": "weight", "to": rng.randint(0, 100) * rng.choice([100, 100, 25]), "locked": locked, "typed": rng.sample(free, rng.randint(0, len(free)))} for _ in range(rng.randint(1, 3))]  # fmt: skip
        if role["combined"] and rng.random() < 0.3:
            moves.append({"role": r, "part": "share", "to": rng.randint(1, 99) * 100, "locked": []})
        if rng.random() < 0.3:
            aims = [i for i, item in enumerate(role["items"]) if item["scaled"]]
            moves += [{"role": r, "item": i, "part": "target", "to": rng.choice([9_000, 11_000, 10_250])} for i in aims[:1]]  # fmt: skip
        if rng.random() < 0.2:
            moves.append({"role": r, "item": rng.choice(own), "part": "cap", "to": rng.choice([7_500, 10_550])})
    if rng.random() < 0.2:
        moves.append({"role": 0, "part": "itemCap", "to": rng.choice([9_000, 11_000])})
    if rng.random() < 0.2:
        moves.append({"role": 0, "part": "tiers", "to": rng.choice([[2500, 6000, 1500], [1000, 8000, 1000]])})
    return moves


def after(data: SessionData, moves: list[dict[str, Any]]) -> list[list[int]]:
    """Return the weights after the moves, as Python links them."""
    weights = [[item["weight"] for item in role["items"]] for role in data.roles]
    for move in moves:
        if move["part"] not in {"weight", "share"}:
            continue
        items, own = data.roles[move["role"]]["items"], weights[move["role"]]
        places = [i for i, item in enumerate(items) if item["weight"]]
        locked = {places.index(i) for i in move["locked"]}
        now = [own[i] for i in places]
        if move["part"] == "weight":
            typed = {places.index(i) for i in move["typed"]}
            found: list[int] | None = linked(now, places.index(move["item"]), move["to"], locked=locked, typed=typed)
        else:
            found = with_share(now, {p for p, i in enumerate(places) if items[i]["side"] == "process"}, move["to"], locked=locked)  # fmt: skip
        for place, weight in zip(places, found or now, strict=True):
            own[place] = weight
    return weights


def with_share(
    weights: Sequence[int], side: Collection[int], to: int, *, locked: Collection[int] = ()
) -> list[int] | None:
    """Return the weights with one side's places summing to ``to`` and the others' to the rest; proportions stay.

    None where what is locked leaves no way. The share of a side *is* the sum of its weights (decision 6).

    >>> with_share([4000, 2000, 3000, 1000], {0, 1}, 3000)
    [2000, 1000, 5300, 1700]
    """
    found = list(weights)
    both = [[p for p in range(len(weights)) if (p in side) == inside] for inside in (True, False)]
    for places, total in zip(both, (to, sum(weights) - to), strict=True):
        free = [place for place in places if place not in locked]
        left = total - sum(weights[place] for place in places if place in locked)
        now = sum(weights[place] for place in free)
        if left < 0 or (not free and left):
            return None
        if left != now:
            found = shared_out(found, free, left)
    return found


def cases(count: int, seed: int) -> list[tuple[Basis, SessionData, list[dict[str, Any]]]]:
    """Return so many random cycles that could be scored, each with moves of a session."""
    rng = random.Random(seed)
    found: list[tuple[Basis, SessionData, list[dict[str, Any]]]] = []
    while len(found) < count:
        people = [f"p{number}" for number in range(rng.choice([2, 4, 5, 8, 12, 20]))]
        design = a_design(rng, people)
        tables = a_cycle(rng, design, people)
        if (check_design(design) + check_cycle(design, tables)).errors:
            continue
        previous = {p: Decimal(rng.randint(40, 100)) for p in people if rng.random() < 0.8}
        past = None
        if rng.random() < 0.6:  # some have left since, some are new, some had another role
            past = a_cycle(rng, design, [*people[1:], "left1", "left2"])
            if check_cycle(design, past).errors:
                continue
            scores = score_people(design, past)
            previous = {p: s for p, s in zip(scores["person"], scores["score"], strict=True) if s is not None}
        basis = Basis(design=design, tables=tables, previous=previous, past=past, before={"all": rng.choice([0, 7])})
        data = session_data(basis, "made-up", "2026-10")
        found.append((basis, data, some_moves(rng, data)))
    return found


def scenario_of(basis: Basis, changes: dict[str, Any]) -> Scenario:
    """Return the scenario that a session told of."""
    return Scenario.model_validate(
        {
            "name": "tried",
            "client": "made-up",
            "cycle": "2026-10",
            "design_version": 1,
            "design": fingerprint(basis.design),
        }
        | {key: _exactly(value) for key, value in changes.items()}
    )


def _exactly(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exactly(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_exactly(part) for part in value]
    return Decimal(str(value)) if isinstance(value, float) else value
