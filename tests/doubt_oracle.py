"""A second way from a cycle to tiers, many weights at once, written from the rules alone: whole numbers, ranks counted.

It shares no line with the package: scores are worked out from the tables' raw numbers, a total is a whole number over
one denominator, and a tier follows from how many stand above a person and how many with them. It knows the kinds of
design of ``doubt_cases.KINDS`` and refuses none of them; what else a design can say it does not look at.

``python tests/doubt_oracle.py [CYCLES] [FROM]`` holds what the package says against it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
from doubt_cases import KINDS, a_basis

from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tiers import assign_tiers
from kpi_toolkit.whatif.confidence import Assessment, assess
from kpi_toolkit.whatif.scenarios import Basis

Whole = npt.NDArray[np.int64]
DRAWS, MILLION, NONE = 8_000, 1_000_000, 3
_AT_ONCE = 4_000
"""Rows of weights that are placed together: rows x people x people comparisons are held."""
_TIERS = ("top", "middle", "bottom", None)


@dataclass(frozen=True)
class Role:
    """A form: what each person scored on it, in millionths, and which of that counts."""

    people: list[int]
    items: list[str]
    weights: list[int]
    """As agreed, in hundredths; those of the indicators that have a weight."""
    scores: Whole
    counts: Whole
    geometric: bool


class Cycle:
    """A cycle as its raw tables say it."""

    def __init__(self, basis: Basis) -> None:
        design, rows = basis.design, list(basis.tables.people.rows)
        self.ids = [row.id for row in rows]
        self.scheme, self.share = design.tiers, Fraction(design.team_share) / 100
        cap, given = Fraction(design.item_cap), {(a.person, a.indicator): a.actual for a in basis.tables.actuals.rows}
        self.limit = np.full(len(rows), int(100 * (design.adjustments.total_cap or design.item_cap)))
        self.barred = np.zeros(len(rows), dtype=bool)
        self.plus = np.zeros(len(rows), dtype=np.int64)
        for event in basis.tables.adjustments.rows:
            self.plus[self.ids.index(event.person)] += int(100 * event.points)
        self.teams = [[at for at, row in enumerate(rows) if row.team == team] for team in {row.team for row in rows}]
        self.roles: dict[str, Role] = {}
        for name, role in design.roles.items():
            people = [at for at, row in enumerate(rows) if row.role == name]
            weighing = [item for item in role.indicators if item.weight]
            found = [[given.get((self.ids[at], item.id)) for item in weighing] for at in people]
            scores = [[0 if a is None else _micro(a, item.target, cap) for a, item in zip(own, weighing, strict=True)] for own in found]  # fmt: skip
            for item in role.indicators:
                for at in people:
                    self._veto(item.curve, given.get((self.ids[at], item.id)), item.target, at)
            if people:
                self.roles[name] = Role(
                    people, [item.id for item in weighing], [int(100 * item.weight) for item in weighing],
                    np.array(scores, dtype=np.int64), np.array([[a is not None for a in own] for own in found], dtype=np.int64),
                    role.aggregation.value == "geometric",
                )  # fmt: skip

    def _veto(self, curve: Any, actual: Any, target: Any, at: int) -> None:
        if curve.kind == "gate" and actual is not None and 100 * Fraction(actual) / Fraction(target) < curve.at:
            if curve.scope == "tier":
                self.barred[at] = True
            else:
                self.limit[at] = min(self.limit[at], int(100 * curve.limit))

    def scored(self, weights: Mapping[str, Whole]) -> Whole:
        """Return rows x people in hundredths, -1 for whoever has nothing that counts; weights are any whole numbers."""
        count = max(len(rows) for rows in weights.values())
        top, under = np.zeros((count, len(self.ids)), dtype=np.int64), np.ones((count, len(self.ids)), dtype=np.int64)
        has = np.zeros((count, len(self.ids)), dtype=bool)
        for name, role in self.roles.items():
            own = np.broadcast_to(weights[name], (count, len(role.items)))
            whole = own @ role.counts.T
            has[:, role.people] = whole > 0
            sums = _geometric(role, own, whole) if role.geometric else own @ (role.scores * role.counts).T
            top[:, role.people], under[:, role.people] = sums, np.maximum(whole, 1)
        if self.share:
            top, under = self._shared(top, under)
        bottom = under * (MILLION // 100)
        rounded = (2 * top + bottom) // (2 * bottom)
        return np.where(has, np.clip(rounded + self.plus, 0, self.limit), -1)

    def _shared(self, top: Whole, under: Whole) -> tuple[Whole, Whole]:
        """Return totals with the team's share; everybody's own is over the same number where there is one."""
        found, below = top.copy(), under.copy()
        s, t = self.share.numerator, self.share.denominator
        for team in self.teams:
            assert (under[:, team] == under[:, team[:1]]).all()
            found[:, team] = (t - s) * len(team) * top[:, team] + s * top[:, team].sum(axis=1, keepdims=True)
            below[:, team] = under[:, team] * t * len(team)
        return found, below

    def tiers(self, weights: Mapping[str, Whole]) -> npt.NDArray[np.int8]:
        """Return rows x people: 0, 1, 2, or NONE."""
        count = max(len(rows) for rows in weights.values())
        parts = []
        for start in range(0, count, _AT_ONCE):
            some = {name: rows if len(rows) == 1 else rows[start : start + _AT_ONCE] for name, rows in weights.items()}
            parts.append(self._placed(self.scored(some)))
        return np.concatenate(parts)

    def _placed(self, centi: Whole) -> npt.NDArray[np.int8]:
        """Return the tiers of scores; an indicator that weighs nothing may leave somebody without one."""
        found = np.full(centi.shape, NONE, dtype=np.int8)
        for ranked in np.unique(centi >= 0, axis=0):
            rows, who = np.flatnonzero(((centi >= 0) == ranked).all(axis=1)), np.flatnonzero(ranked)
            if len(who) >= self.scheme.min_group:
                found[np.ix_(rows, who)] = self._among(centi[np.ix_(rows, who)], self.barred[who])
        return found

    def _among(self, own: Whole, barred: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        """Return the tiers of those who are ranked: how many stand above each, and how many with them."""
        n = own.shape[1]
        best = 1 + (own[:, None, :] > own[:, :, None]).sum(axis=2)
        worst = (own[:, None, :] >= own[:, :, None]).sum(axis=2)
        top, bottom = self._seats(own)
        last = n - bottom  # the last rank that is not the bottom's
        over, under = (best <= top) & (worst > top), (best <= last) & (worst > last)
        crowd, crew = np.where(over, worst, 0), np.where(under, n - best + 1, 0)
        better, worse = self.scheme.tie.value == "better", self.scheme.tie.value == "worse"
        first = (worst <= top) | (over & ~under & (crowd <= 2 * top) & better)
        low = (best > last) | (under & ~over & (crew <= 2 * bottom) & worse)
        if self.scheme.pass_line is not None:
            low &= own < int(100 * self.scheme.pass_line)
        return np.where(first & ~barred, 0, np.where(low, 2, 1)).astype(np.int8)

    def _seats(self, own: Whole) -> tuple[Whole, Whole]:
        """Return the seats at both ends in each row (n x 1 each): largest remainder, and cuts that move to a gap."""
        n, shares = own.shape[1], [Fraction(share) for share in self.scheme.shares]
        seats = [int(n * share // 100) for share in shares]
        left = sorted((1, 0, 2), key=lambda at: seats[at] - n * shares[at] / 100)
        for at in left[: n - sum(seats)]:
            seats[at] += 1
        tops, bottoms = np.full((len(own), 1), seats[0]), np.full((len(own), 1), seats[2])
        if self.scheme.rule.value == "boundary_gap":
            for row, values in enumerate((-np.sort(-own, axis=1)).tolist()):
                tops[row], bottoms[row] = _moved(values, seats[0], seats[2])
        return tops, bottoms


def _micro(actual: Any, target: Any, cap: Fraction) -> int:
    score = min(max(100 * Fraction(actual) / Fraction(target), Fraction(0)), cap)
    return int((2 * MILLION * score + 1) // 2)


def _geometric(role: Role, weights: Whole, whole: Whole) -> Whole:
    """Return weighted geometric means times the weights that counted, so that they are over it as sums are."""
    logs = np.log(np.maximum(role.scores, 1).astype(np.longdouble)) * role.counts
    means = np.exp(weights.astype(np.longdouble) @ logs.T / np.maximum(whole, 1))
    zero = (weights > 0).astype(np.int64) @ ((role.scores <= 0) * role.counts).T > 0
    return np.where(zero, 0, np.rint(means * whole)).astype(np.int64)


def _moved(values: list[int], top: int, bottom: int) -> tuple[int, int]:
    """Return the seats of a row (best first) after each cut went to the widest gap at most one place away."""
    n, last = len(values), len(values) - bottom

    def to(cut: int, above: int) -> int:
        gaps = {at: values[at - 1] - values[at] for at in (cut, cut - 1, cut + 1) if above < at < n}
        return next(at for at, gap in gaps.items() if gap == max(gaps.values())) if gaps else cut

    if 0 < top < n:
        moved = to(top, 0)
        if top == last:
            return moved, n - moved
        top = moved
    return top, n - (to(last, top) if 0 < last < n else last)


# --- what is held against it ------------------------------------------------------------------------------------------


def drawn(cycle: Cycle, seed: int, concentration: float = 50.0) -> dict[str, Whole]:
    """Return independent draws around the weights agreed, in millionths of the whole."""
    random = np.random.Generator(np.random.Philox(seed))
    found = {}
    for name, role in cycle.roles.items():
        each = random.standard_gamma(concentration * np.array(role.weights) / 10_000, size=(DRAWS, len(role.weights)))
        parts = np.floor(MILLION * each / each.sum(axis=1, keepdims=True)).astype(np.int64)
        parts[np.arange(DRAWS), parts.argmax(axis=1)] += MILLION - parts.sum(axis=1)
        found[name] = parts
    return found


def shares_off(cycle: Cycle, said: Assessment, seed: int) -> list[float]:
    """Return for everybody how far the shares said lie from those of the draws, at most."""
    tiers = cycle.tiers(drawn(cycle, seed))
    return [
        max(abs(own.weights[tier] - (tiers[:, at] == tier).mean()) for tier in range(3))
        for at, person in enumerate(cycle.ids)
        if (own := said.people.get(person))
    ]


def agreed(cycle: Cycle) -> dict[str, Whole]:
    """Return one row a role: the weights agreed."""
    return {name: np.array([role.weights]) for name, role in cycle.roles.items()}


def rooms_off(cycle: Cycle, said: Assessment) -> list[str]:
    """Return what is wrong of the narrowest rooms: each tenth of a point of each weight is tried."""
    now, wrong = cycle.tiers(agreed(cycle))[0], []
    ends: dict[int, dict[str, tuple[float, float]]] = {at: {} for at in range(len(now)) if now[at] != NONE}
    for name, role in cycle.roles.items():
        for at, item in enumerate(role.items if len(role.items) > 1 else []):
            points = sorted({*range(0, 10_001, 10), role.weights[at]})
            rest = 10_000 - role.weights[at]
            rows = np.array([[(10_000 - p) * w for w in role.weights] for p in points], dtype=np.int64)
            rows[:, at] = np.array(points) * rest
            holds = cycle.tiers({**agreed(cycle), name: rows}) == now
            for person in role.people:
                if now[person] != NONE and not holds[:, person].all():
                    ends[person][item] = _around(points, holds[:, person].tolist(), role.weights[at])
    for person, by_item in ends.items():
        printed = said.people[cycle.ids[person]].narrowest
        if printed is None or not by_item:
            wrong += [f"{cycle.ids[person]}: {printed} but {by_item}"] if (printed is None) != (not by_item) else []
            continue
        item, low, high = printed
        least = min(_gap(each, _weight(cycle, name)) for name, each in by_item.items())
        if by_item.get(item) != (low, high) or _gap((low, high), _weight(cycle, item)) > least + 1e-9:
            wrong.append(f"{cycle.ids[person]}: {printed} but {by_item}")
    return wrong


def _around(points: list[int], holds: list[bool], weight: int) -> tuple[float, float]:
    low = high = points.index(weight)
    while low > 0 and holds[low - 1]:
        low -= 1
    while high < len(points) - 1 and holds[high + 1]:
        high += 1
    return points[low] / 100, points[high] / 100


def _weight(cycle: Cycle, item: str) -> float:
    return next(role.weights[role.items.index(item)] / 100 for role in cycle.roles.values() if item in role.items)


def _gap(ends: tuple[float, float], weight: float) -> float:
    """Return how far the nearer end is; one that is the end of all weights is none."""
    found = [weight - ends[0]] * (ends[0] > 0) + [ends[1] - weight] * (ends[1] < 100)
    return min(found, default=100.0)


def move_off(cycle: Cycle, said: Assessment) -> list[str]:
    """Return what is wrong of the smallest change: every hundredth of a point below it is tried, and it itself."""
    now, printed = cycle.tiers(agreed(cycle))[0], said.tipping
    most = printed.hundredths if printed else 10_000
    for name, role in cycle.roles.items():
        for a, b in permutations(range(len(role.items)), 2):
            shifts = np.arange(1, min(most - 1, role.weights[a] - 1) + 1)
            if len(shifts):
                rows = np.tile(role.weights, (len(shifts), 1))
                rows[:, a] -= shifts
                rows[:, b] += shifts
                moved = (cycle.tiers({**agreed(cycle), name: rows}) != now).any(axis=1)
                if moved.any():
                    return [
                        f"{printed and printed.hundredths} but {shifts[moved][0]} from {role.items[a]} to {role.items[b]}"
                    ]
    if not printed:
        return []
    row, role = agreed(cycle)[printed.role].copy(), cycle.roles[printed.role]
    row[0, role.items.index(printed.source)] -= printed.hundredths
    row[0, role.items.index(printed.into)] += printed.hundredths
    after = cycle.tiers({**agreed(cycle), printed.role: row})[0]
    crossed = [(cycle.ids[at], _TIERS[now[at]], _TIERS[after[at]]) for at in np.flatnonzero(after != now)]
    told = [(who, a and a.value, b and b.value) for who, a, b in printed.people]
    return [] if crossed == told and crossed else [f"{told} but {crossed}"]


def held(kind: str, seed: int) -> dict[str, Any]:
    """Return how one cycle's figures stand against this way."""
    basis = a_basis(kind, seed)
    scored = score_cycle(basis.design, basis.tables)
    said = assess(basis, scored, assign_tiers(scored.scores.values(), basis.design.tiers))
    cycle = Cycle(basis)
    first = [-1 if own.score is None else int(100 * own.score) for own in scored.scores.values()]
    return {
        "kind": kind, "seed": seed, "scores": first == cycle.scored(agreed(cycle))[0].tolist(),
        "off": [round(each, 5) for each in shares_off(cycle, said, 7_000 + seed)],
        "rooms": rooms_off(cycle, said), "roomy": sum(1 for own in said.people.values() if own.narrowest),
        "move": move_off(cycle, said), "moves": said.tipping is not None,
    }  # fmt: skip


def results(seeds: range) -> Iterator[dict[str, Any]]:
    """Go through all kinds, one cycle of each after the other."""
    for seed in seeds:
        for kind in KINDS:
            yield held(kind, seed)


def main(cycles: int = 60, first: int = 0) -> None:
    """Print a line a cycle (JSON), so that a run that is ended early says what it has found until then."""
    for found in results(range(first, first + cycles)):
        sys.stdout.write(json.dumps({**found, "cpu": round(time.process_time(), 1)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
