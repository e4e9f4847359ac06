"""``kpi score --json`` is enough: an outsider works out every official score, rank and tier from it, exactly."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import whatif_cases
from conftest import ROOT

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.method.checks import check_cycle, check_design
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import MICRO, deal
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.results.summary import summarize_cycle

TIERS = ("top", "middle", "bottom")
Line = dict[str, Any]


# --- what the outsider does: nothing of ours but the text of the JSON ---------------------------------------------------


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def measured(by: str, a: Fraction, t: Fraction, way: str) -> Fraction | None:
    """Return what a curve reads; None: better than any number."""
    if by == "actual":
        return a
    if by == "attainment":
        if way == "lower":
            return 100 * t / a if a > 0 else Fraction(100) if t == 0 else None
        return 100 * a / t if way == "higher" else 100 * (1 - abs(a - t) / abs(t))
    beyond = {"higher": a - t, "lower": t - a, "target": -abs(a - t)}[way]
    return beyond if by == "margin" else 100 * beyond / abs(t)


def of_ratio(curve: Line, m: Fraction | None) -> Fraction | None:
    if m is None:
        return None if curve["over"] else Fraction(100)
    m += 100 if curve["by"] == "margin_percent" else 0
    return max(m if m <= 100 else 100 + Fraction(curve["over"]) * (m - 100), Fraction(curve["floor"]))


def of_corners(curve: Line, m: Fraction | None) -> Fraction | None:
    corners = [(Fraction(p["at"]), Fraction(p["score"])) for p in curve["points"]]
    lines = [(a, b) for a, b in pairwise(corners) if a[0] != b[0]]
    on = lambda line, x: line[0][1] + (line[1][1] - line[0][1]) / (line[1][0] - line[0][0]) * (x - line[0][0])  # noqa: E731
    if m is None:
        rising = curve["above"] == "extend" and lines[-1][1][1] > lines[-1][0][1]
        return None if rising else corners[-1][1]
    if m < corners[0][0]:
        return on(lines[0], m) if curve["below"] == "extend" else corners[0][1]
    if m >= corners[-1][0]:
        return on(lines[-1], m) if curve["above"] == "extend" and m > corners[-1][0] else corners[-1][1]
    return on(next(line for line in reversed(lines) if line[0][0] <= m), m)


def of_bands(curve: Line, m: Fraction | None) -> Fraction:
    found = Fraction(curve["bands"][0]["score"])
    for band in curve["bands"][1:]:
        start = Fraction(band["from"])
        if m is None or m > start or (m == start and curve["edge"] == "opens"):
            found = Fraction(band["score"])
    return found


def of_steps(curve: Line, m: Fraction, item: Line) -> Fraction:
    steps = m / Fraction(curve["step"])
    if curve["counted"] != "parts":
        whole = floor(abs(steps)) if curve["counted"] == "full" else ceil(abs(steps))
        steps = Fraction(whole if steps >= 0 else -whole)
    share = Fraction(1)
    if curve["unit"] == "points" and not item["outside"] and item["weight_centi"]:
        share = Fraction(10_000, item["weight_centi"])
    off, more = Fraction(curve["deduct"]) * share, Fraction(curve["bonus"]) * share
    if curve["by"] == "actual":
        off, more, steps = Fraction(0), more - off, max(steps, Fraction(0))
    score = Fraction(curve["start"]) + (more if steps > 0 else off) * steps
    score = max(score, Fraction(curve["floor"]))
    return score if curve["ceiling"] is None else min(score, Fraction(curve["ceiling"]))


def micro_of(item: Line, line: Line, raters: Line) -> int | None:
    """Return an indicator's score in millionths, None where its value is missing."""
    curve, views = item["curve"], {name: line[name] for name in ("self", "appraiser", "others")}
    value, target = line["actual"], Fraction(line["target"] or 0)
    if item["basis"] != "actual":
        target = Fraction(100)
        value = views["appraiser"]
    if item["basis"] == "raters":
        if raters["appraiser"] and views["appraiser"] is None:
            return None
        given = {name: Fraction(view) for name, view in views.items() if view is not None}
        whole = sum(Fraction(raters[name]) for name in given)
        value = sum(Fraction(raters[name]) * view for name, view in given.items()) / whole if whole else None
    if value is None or (curve["kind"] == "table" and views["appraiser"] is None):
        return None
    m = measured(curve["by"], Fraction(value), target, item["direction"])
    score: Fraction | None
    if curve["kind"] == "ratio":
        score = of_ratio(curve, m)
    elif curve["kind"] == "piecewise":
        score = of_corners(curve, m)
    elif curve["kind"] == "bands":
        score = of_bands(curve, m)
    elif curve["kind"] == "steps":
        assert m is not None
        score = of_steps(curve, m, item)
    elif curve["kind"] == "table":
        column = max([n for n, start in enumerate(curve["columns"]) if start <= views["appraiser"]], default=0)
        row = max([n for n, start in enumerate(curve["rows"]) if m is None or start <= m], default=0)
        score = Fraction(curve["scores"][row][column])
    else:
        score = Fraction(100 if m is None or m >= Fraction(curve["at"]) else 0)
    most = int(Fraction(item["cap"]) * MICRO)
    if score is None:
        return most
    return min(most, half_up((score if item["outside"] else max(score, Fraction(0))) * MICRO))


def scored(rules: Line, item: Line, line: Line) -> tuple[str, int]:
    """Return the state of a line and the score that it counts with."""
    process = item["side"] == "process"
    found = micro_of(item, line, rules["raters"])
    weighs = bool(item["weight_centi"])
    if found is not None:
        state, score = "added" if item["outside"] else "scored" if weighs else "gate", found
    elif not weighs or rules["missing"] == "leave_out":
        state, score = "missing", 0
    else:
        stand_in = min(Fraction(rules["neutral_score"]), Fraction(item["cap"])) if rules["missing"] == "neutral" else 0
        state, score = "filled", int(stand_in * MICRO)
    method = rules["method"]
    return (state if method == "combined" or process == (method == "workload") else "not_counted"), score


def own_score(role: Line, lines: list[tuple[Line, str, int]]) -> tuple[Fraction, list[Fraction], int]:
    """Return a person's own score in millionths, each line's part of it, and the weight that counted."""
    taking = [(item["weight_centi"] * (state in {"scored", "filled"}), score) for item, state, score in lines]
    weight, total = sum(w for w, _ in taking), sum(w * score for w, score in taking)
    if role["aggregation"] == "sum" or not total:
        return Fraction(total, weight or 1), [Fraction(w * score, weight or 1) for w, score in taking], weight
    if any(w and not score for w, score in taking):
        return Fraction(0), [Fraction(0)] * len(taking), weight
    with localcontext(Context(prec=90)):
        mean = Fraction((sum(w * Decimal(score).ln() for w, score in taking if w) / weight).exp())
    mean = Fraction(round(mean)) if abs(mean - round(mean)) < Fraction(1, 10**40) else mean
    return mean, [mean * w * score / total for w, score in taking], weight


def seats(n: int, tiers: Line, before: int, scores: list[Fraction]) -> tuple[int, int, int]:
    """Return how many of n people each tier has room for."""
    shares = [Fraction(share) / 100 for share in tiers["shares"]]

    def remainder(count: int) -> list[int]:
        exact = [share * count for share in shares]
        found = [floor(part) for part in exact]
        order = sorted((1, 0, 2), key=lambda at: -(exact[at] - found[at]))
        for at in order[: count - sum(found)]:
            found[at] += 1
        return found

    def held(top: int, bottom: int) -> tuple[int, int, int]:
        top = min(n, max(0, top))
        bottom = min(n - top, max(0, bottom))
        return top, n - top - bottom, bottom

    rule = tiers["rule"]
    if rule == "largest_remainder":
        return tuple(remainder(n))  # type: ignore[return-value]
    if rule == "carry_over":
        owed, had = remainder(before + n), remainder(before)
        return held(owed[0] - had[0], owed[2] - had[2])
    if rule == "boundary_gap":
        top, middle, bottom = remainder(n)
        fall = lambda at: scores[at - 1] - scores[at]  # noqa: E731
        move = lambda cut, low: max((at for at in (cut, cut - 1, cut + 1) if low < at < n), key=fall, default=cut)  # noqa: E731
        first = move(top, 0) if 0 < top < n else top
        if not middle:
            return first, 0, n - first
        last = move(n - bottom, first) if 0 < bottom < n else n - bottom
        return first, last - first, n - last
    if rule == "cap_minimum":
        return held(ceil(n * shares[0]), max(floor(n * shares[2]), 1 if shares[2] else 0))
    half = Fraction(1, 2) if rule == "half_up" else Fraction(0)
    return held(floor(n * shares[0] + half), floor(n * shares[2] + half))


def placed(keys: dict[str, tuple], barred: set[str], tiers: Line, before: int) -> dict[str, str | None]:
    """Return the tier of each person of a pool by what they are ordered by."""
    ordered = sorted(keys.values(), reverse=True)
    n = len(ordered)
    if n < tiers["min_group"]:
        return dict.fromkeys(keys)
    top, _, bottom = seats(n, tiers, before, [key[0] for key in ordered])
    last_top = ordered[top - 1] if top else None
    first_bottom = ordered[n - bottom] if bottom else None
    crowd = sum(key >= last_top for key in ordered) if last_top else 0
    below = sum(key <= first_bottom for key in ordered) if first_bottom else 0
    found: dict[str, str | None] = {}
    for person, key in keys.items():
        tier = "middle"
        if last_top is not None and key >= last_top:
            tier = "top"
            if key == last_top and crowd > top:
                crowded = last_top == first_bottom or crowd > 2 * top
                tier = "middle" if crowded or tiers["tie"] != "better" else "top"
        elif first_bottom is not None and key <= first_bottom:
            tier = "bottom"
            if key == first_bottom and below > bottom:
                tier = "middle" if tiers["tie"] != "worse" or below > 2 * bottom else "bottom"
            if tiers["pass_line"] is not None and key[0] >= Fraction(tiers["pass_line"]):
                tier = "middle"
        found[person] = "middle" if tier == "top" and person in barred else tier
    return found


Found = list[tuple[Line, str, int]]
"""A person's lines: the rules of the indicator, the state, the score in millionths."""
Place = tuple[Fraction | None, int | None, str | None]


def lines_of(data: Line, person: Line) -> Found:
    """Return a person's lines, having held what the JSON says of each against what its numbers come to."""
    role = data["rules"]["roles"][person["role"]]
    items = {item["id"]: item for item in role["indicators"]}
    found = []
    for line in person["indicators"]:
        item = items[line["id"]]
        state, score = scored(data["rules"] | {"method": role["method"]}, item, line)
        assert line["state"] == state
        assert line["score_micro"] == (score if state in {"scored", "filled", "added", "gate"} else None)
        assert line["weight_centi"] == item["weight_centi"]
        found.append((item, state, score))
    assert person["method"] == role["method"]
    assert person["sum_micro"] == sum(i["weight_centi"] * s for i, st, s in found if st in {"scored", "filled"})
    assert person["outside_micro"] == sum(s for _, st, s in found if st == "added")
    return found


def vetoes(found: Found) -> list[Line]:
    return [
        item["curve"] for item, state, score in found
        if item["curve"]["kind"] == "gate" and item["curve"]["scope"] != "indicator" and state in {"scored", "gate"} and not score
    ]  # fmt: skip


def held(rules: Line, person: Line, centi: int, found: Found) -> Fraction:
    """Return a score with the plus/minus row, within every bound."""
    points = [Fraction(event["points"]) for event in person["adjustments"]]
    net = Fraction(0)
    for sign, bound in ((1, rules["max_plus"]), (-1, rules["max_minus"])):
        moved = sum((sign * p for p in points if sign * p > 0), Fraction(0))
        net += sign * (moved if bound is None else min(moved, Fraction(bound)))
    most = [Fraction(rules["total_cap"]), *(Fraction(c["limit"]) for c in vetoes(found) if c["scope"] == "total")]
    return min(max(Fraction(centi, 100) + net, Fraction(0)), *most)


def key_of(rules: Line, person: Line, score: Fraction, found: Found, dealt: list[int]) -> tuple:
    """Return what a person is ordered by."""
    key: list[Any] = [score]
    for criterion in rules["tiers"]["tie_break"]:
        value: Any = None
        if criterion == "previous":
            value = rules["previous"].get(person["id"])
        elif criterion in {"process", "result"}:
            own = [
                points for points, (item, state, _) in zip(dealt, found, strict=False)
                if item["side"] == criterion and state in {"scored", "filled", "added"}
            ]  # fmt: skip
            value = sum(own) if own else None
        else:
            value = next((s for i, st, s in found if i["id"] == criterion and st in {"scored", "filled"}), None)
        key.append((value is not None, value or 0))
    return tuple(key)


def ranked(rules: Line, person: Line, weight: int, found: Found) -> str:
    """Return the pool in which a person is ranked, empty where in none."""
    by = rules["tiers"]["pool"]
    pool = "all" if by == "client" else person[by]
    assert person["pool"] == (pool or None)
    absent = sum(item["weight_centi"] for item, state, _ in found if state == "missing")
    thin = rules["missing"] == "leave_out" and 100 * weight < Fraction(rules["least_weight"]) * (weight + absent)
    return "" if person["id"] in rules["tiers"]["exempt"] or thin else pool


def recomputed(data: Line) -> dict[str, Place]:
    """Return everybody's score, rank and tier from the JSON's actuals, views, targets and rules."""
    rules, people = data["rules"], data["people"]
    lines = {person["id"]: lines_of(data, person) for person in people}
    own = {p["id"]: own_score(rules["roles"][p["role"]], lines[p["id"]]) for p in people}
    result: dict[str, Place] = {}
    keys: dict[str, dict[str, tuple]] = {}
    for person in people:
        name, found = person["id"], lines[person["id"]]
        mean, parts, weight = own[name]
        assert person["counted_centi"] == weight
        result[name] = (None, None, None)
        if not weight:
            continue
        mates = [own[p["id"]][0] for p in people if person["team"] and p["team"] == person["team"] and own[p["id"]][2]]
        share = Fraction(rules["team_share"]) / 100 if mates else Fraction(0)
        team = share * sum(mates, Fraction(0)) / (len(mates) or 1)
        centi = half_up(((1 - share) * mean + team + person["outside_micro"]) / 10_000)
        score = held(rules, person, centi, found)
        result[name] = (score, None, None)
        pool = ranked(rules, person, weight, found)
        if pool:
            exact = [(1 - share) * p + s * (st == "added") for p, (_, st, s) in zip(parts, found, strict=True)]
            common = lcm(*(part.denominator for part in (*exact, team)))
            dealt = deal(centi, [int(part * common) for part in (*exact, team)], common * 10_000)
            keys.setdefault(pool, {})[name] = key_of(rules, person, score, found, dealt)
    barred = {name for name, found in lines.items() if any(c["scope"] == "tier" for c in vetoes(found))}
    for pool, own_keys in keys.items():
        tiers = placed(own_keys, barred, rules["tiers"], rules["before"].get(pool, 0))
        ordered = sorted(own_keys.values(), reverse=True)
        for name, key in own_keys.items():
            result[name] = (result[name][0], ordered.index(key) + 1, tiers[name])
    for moved in data["calibration"]:
        assert result[moved["person"]][2] == moved["from"]
        result[moved["person"]] = (*result[moved["person"]][:2], moved["to"])
    return result


def hold(data: Line) -> None:
    """Hold a JSON text's scores, ranks and tiers against what its own numbers come to."""
    read = json.loads(json.dumps(data, allow_nan=False), parse_float=Decimal)
    told = {
        p["id"]: (None if p["score"] is None else Fraction(p["score"]), p["rank"], p["tier"]) for p in read["people"]
    }
    assert recomputed(read) == told


# --- our clients, and random ones ----------------------------------------------------------------------------------------

CLIENTS = ("home-goods", "cloudboard", "lumen-brand")


@pytest.mark.parametrize("cycle", ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"])
@pytest.mark.parametrize("client", CLIENTS)
def test_every_official_figure_of_the_examples_comes_out_of_the_json_alone(client, cycle):
    data = summarize_cycle(load_client(ROOT / "client_data" / client), cycle).to_json()
    hold(data)
    assert data["state"] == ("presented" if data["cycle"] == "2026-10" else "closed")
    assert data["passed_over"] == data["issues"] == []


def written(folder: Path, design: Design, cycles: dict[str, Tables]) -> Path:
    """Write a client: a design and its cycles, the people beside the newest."""
    folder.mkdir(parents=True)
    (folder / "client.toml").write_text('name = "Made up"\nlanguages = ["en"]\n', "utf-8")
    values = design.model_dump(mode="json", by_alias=True, exclude_none=True)
    (folder / "design.toml").write_text(tomlkit.dumps(values), "utf-8")
    for cycle, tables in cycles.items():
        (folder / "cycles" / cycle).mkdir(parents=True)
        places = {"people": folder / "cycles" / cycle, "goals": folder / "cycles" / cycle, "actuals": folder / "cycles" / cycle, "adjustments": folder / "cycles" / cycle}  # fmt: skip
        for name, place in places.items():
            frame = getattr(tables, name)
            columns = [each for each in frame.columns[1:] if frame.empty or {*frame[each]} != {None}]
            with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(columns)
                for row in frame.records():
                    cells = (row[each] for each in columns)
                    writer.writerow(f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in cells)
    (folder / "people.csv").write_bytes((folder / "cycles" / max(cycles) / "people.csv").read_bytes())
    return folder


@pytest.mark.parametrize("count", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_every_official_figure_of_random_designs_comes_out_of_the_json_alone(tmp_path, count):
    chance, reasons, made = random.Random(f"contract {count}"), Counter(), 0
    wanted = {"rank", "tie_shared", "tie_lowered", "tie_too_many", "small_pool", "too-little-filled", "no_team"}
    while made < count or (100 <= made < 300 and not wanted <= set(reasons)):  # a rare one may want some more
        people = [f"p{number}" for number in range(chance.choice([2, 5, 8, 12, 20]))]
        design = whatif_cases.a_design(chance, people)
        cycles = {cycle: whatif_cases.a_cycle(chance, design, people) for cycle in ("2026-09", "2026-10")}
        cycles["2026-09"] = Tables(**{**vars(cycles["2026-09"]), "people": cycles["2026-10"].people})
        roles = dict(zip(cycles["2026-10"].people["id"], cycles["2026-10"].people["role"], strict=True))
        known = {(name, item.id) for name, role in design.roles.items() for item in role.indicators}
        for name in ("goals", "actuals"):
            frame = getattr(cycles["2026-09"], name)
            kept = frame.only(lambda row: (roles[row.person], row.indicator) in known)  # noqa: B023
            cycles["2026-09"] = Tables(**{**vars(cycles["2026-09"]), name: kept})
        if any((check_design(design) + check_cycle(design, tables)).errors for tables in cycles.values()):
            continue
        made += 1
        summary = summarize_cycle(load_client(written(tmp_path / f"c{made}", design, cycles)), "2026-10")
        hold(summary.to_json())
        reasons.update(line.reason for line in summary.people)
    assert count < 100 or wanted <= set(reasons)


def test_the_json_has_every_key_that_was_promised():
    data = summarize_cycle(load_client(ROOT / "client_data" / "lumen-brand"), "2026-10").to_json()
    assert {"client", "cycle", "state", "passed_over", "people", "pools", "quotas", "policy", "rules", "issues"} <= set(data)  # fmt: skip
    for person in data["people"]:
        assert {
            "id", "name", "role", "team", "pool", "method", "score", "sum_micro", "counted_centi", "outside_micro", "rank", "tier",
            "level", "reason", "verdict", "indicators", "adjustments", "gates",
        } <= set(person)  # fmt: skip
        assert (person["verdict"] is None) == (person["tier"] is None)
        if person["verdict"]:
            assert set(person["verdict"]) == {"word", "rule", "measurement", "complete"}
            assert person["verdict"]["rule"] == person["confidence"]["weights"][person["tier"]]
            assert person["verdict"]["measurement"] is None, "nothing here is rated"
            assert person["verdict"]["word"] in {"firm", "likely", "open"}
        for item in person["indicators"]:
            assert {
                "id", "weight", "weight_centi", "target", "actual", "attainment", "score", "score_micro", "points", "state",
            } <= set(item)  # fmt: skip
        for event in person["adjustments"]:
            assert event["rule"] in {"late-report", "suggestion", "voluntary-contribution"}
            assert event["approver"] in {"p01", "总经理 GM"} | {p["id"] for p in data["people"]}
    for pool in data["pools"]:
        assert {"id", "n", "quotas", "counts", "notes"} <= set(pool)
