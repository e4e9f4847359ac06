"""How far a rating can be trusted at all: reliability, what it means for tiers, and the spread over cycles.

Doubt about the measurement is a different thing from doubt about the weights, and is always shown apart from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import ceil, lgamma
from typing import Literal

import numpy as np

from kpi_toolkit.method.numbers import CENTI
from kpi_toolkit.method.quotas import Quotas
from kpi_toolkit.method.scheme import TieRule
from kpi_toolkit.whatif.placing import Floats, places_of, tier_shares
from kpi_toolkit.whatif.stability import LEAST_PEOPLE
from kpi_toolkit.whatif.weights import DRAWS, generator

_FEWEST_ROWS, _FEWEST_CYCLES = 10, 3


@cache
def _quadrature() -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss and Legendre; working them out takes longer than all that uses them."""
    return np.polynomial.legendre.leggauss(200)


def spearman_brown(reliability: float, raters: float) -> float:
    """Return the reliability of the mean of several raters: k r / (1 + (k - 1) r).

    >>> [round(spearman_brown(0.52, k), 2) for k in (2, 3, 4)]
    [0.68, 0.76, 0.81]
    """
    return raters * reliability / (1 + (raters - 1) * reliability)


@dataclass(frozen=True, slots=True)
class Classification:
    """How well bounded scores place people at cuts, on average (Livingston & Lewis 1995, two-parameter beta)."""

    length: float
    """The effective length of the test before it is rounded."""
    accuracy: float
    """The share of people whose placed tier is their true one."""
    consistency: float
    """The share that a second, equally reliable appraisal would place alike."""
    kappa: float
    """The same beyond chance."""
    true: tuple[float, ...]
    """Of those placed in each tier, lowest first, the share that truly belongs there."""


def classification(
    mean: float, spread: float, reliability: float, cuts: Sequence[float], *, high: float = 100
) -> Classification:
    """Return accuracy and consistency of placing people at ``cuts``, of scores from 0; one on a cut stands above it.

    >>> found = classification(78, 8, .8, (68, 85))
    >>> round(found.length, 2), round(found.accuracy, 4), round(found.consistency, 4), round(found.kappa, 4)
    (130.06, 0.8307, 0.7604, 0.4969)
    """
    variance, share = spread**2, mean / high
    length = (mean * (high - mean) - reliability * variance) / (variance * (1 - reliability))
    n = max(round(length), 1)
    size = share * (1 - share) / (reliability * variance / high**2) - 1
    alpha, beta = share * size, (1 - share) * size
    nodes, true_parts = _beta_nodes(alpha, beta, [cut / high for cut in cuts])
    below = np.stack([_binomial_below(ceil(n * cut / high - 1e-9), n, nodes) for cut in cuts])
    placed = np.diff(np.vstack([np.zeros(len(nodes)), below, np.ones(len(nodes))]), axis=0)
    joint = true_parts @ placed.T  # true tier x placed tier
    margin = joint.sum(axis=0)
    consistency = float((true_parts.sum(axis=0) * (placed**2).sum(axis=0)).sum())
    chance = float((margin**2).sum())
    return Classification(
        length, float(np.trace(joint)), consistency, (consistency - chance) / (1 - chance),
        tuple(float(each) for each in np.diag(joint) / margin),
    )  # fmt: skip


def _beta_nodes(alpha: float, beta: float, cuts: Sequence[float]) -> tuple[Floats, Floats]:
    """Return true proportions, and how much of a beta distribution each stands for by true tier (tiers x nodes)."""
    edges = [0.0, *cuts, 1.0]
    at, shares = _quadrature()
    parts = [((b - a) / 2 * at + (a + b) / 2, (b - a) / 2 * shares) for a, b in pairwise(edges)]
    nodes = np.concatenate([nodes for nodes, _ in parts])
    logs = (alpha - 1) * np.log(nodes) + (beta - 1) * np.log1p(-nodes)
    density = np.exp(logs + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)) * np.concatenate([s for _, s in parts])
    tier = np.repeat(np.arange(len(parts)), len(at))
    found = np.where(tier[None, :] == np.arange(len(parts))[:, None], density, 0.0)
    return nodes, found / density.sum()


def _binomial_below(count: int, n: int, shares: Floats) -> Floats:
    """Return P(fewer than ``count`` of ``n``) for each share."""
    each = np.arange(min(max(count, 0), n + 1))
    ways = np.array([lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) for k in each])
    logs = ways[:, None] + each[:, None] * np.log(shares)[None, :] + (n - each)[:, None] * np.log1p(-shares)[None, :]
    return np.asarray(np.exp(logs).sum(axis=0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from a client's own cycles, with an interval that holds it nine times out of ten."""

    value: float
    low: float
    high: float
    targets: int
    cycles: int


def consistency_over(table: Floats, *, draws: int = 1000) -> Estimate | None:
    """Return how alike the rows of a table (people x cycles) come out from cycle to cycle: ICC(1,1).

    Rows with gaps are left out; None for fewer than ten rows, fewer than three cycles, or rows that never differ. The
    interval is of rows drawn again. What truly changed from month to month counts as inconsistency too.
    """
    whole = np.asarray(table, dtype=float)
    whole = whole[~np.isnan(whole).any(axis=1)] if whole.ndim == 2 else np.zeros((0, 0))
    n, k = whole.shape
    if n < _FEWEST_ROWS or k < _FEWEST_CYCLES:
        return None
    picked = np.vstack([np.arange(n), generator().integers(0, n, size=(draws, n))])
    found = one_way(whole[picked])  # the rows as they are, then drawn again
    if np.isnan(found[0]):
        return None
    low, high = np.nanquantile(found[1:], [0.05, 0.95])
    return Estimate(float(found[0]), float(low), float(high), n, k)


def one_way(tables: Floats) -> Floats:
    """Return ICC(1,1) of each table (targets x judges): how much of all variance lies between targets; nan of none.

    Shrout & Fleiss 1979.
    """
    n, k = tables.shape[1:]
    means = tables.mean(axis=2)
    between = k * means.var(axis=1, ddof=1)
    within = ((tables - means[:, :, None]) ** 2).sum(axis=(1, 2)) / (n * (k - 1))
    whole = between + (k - 1) * within
    return np.asarray(np.divide(between - within, whole, out=np.full(len(tables), np.nan), where=whole > 0))


def true_errors(own: Floats, means: Floats, errors: Floats, spreads: Floats, free: Floats, draws: int) -> Floats:
    """Return draws x people of how far true own scores may lie from the scores, in points.

    A true score is expected between the score and the mean of its role (Kelley): ``errors`` are variances of error,
    ``spreads`` the variances of scores within the role, known from few people only. So they are drawn too, from as
    many degrees of freedom as ``free`` says: small groups say less (inverse chi-square).
    """
    random = generator()
    share = np.clip(1 - np.divide(errors, spreads, out=np.ones(len(own)), where=spreads > 0), 0.0, 1.0)
    width = np.sqrt(share * errors)
    scale = {each: np.sqrt(each / random.chisquare(each, draws)) for each in dict.fromkeys(free.tolist())}
    found = random.standard_normal((draws, len(own))) * width
    for each, drawn in scale.items():
        found[:, free == each] *= drawn[:, None]
    return np.asarray(found + (share - 1) * (own - means))


def in_order(chances: Floats, expected: Floats) -> Floats:
    """Return chances (people x 3) that rise and fall with the expected score, equal ones alike.

    Drawn chances err by half a point of a hundred: neighbours that this put out of order share their mean (pool
    adjacent violators). Only for people whose scores are equally certain.
    """
    order = np.argsort(-expected, kind="stable")
    top = _falling(chances[order, 0], expected[order])
    bottom = _falling(chances[order, 2][::-1], -expected[order][::-1])[::-1]
    found = np.empty_like(chances)
    found[order] = np.stack([top, np.maximum(1 - top - bottom, 0.0), bottom], axis=1)
    return found


def _falling(values: Floats, expected: Floats) -> Floats:
    blocks: list[list[float]] = []  # sum, count, expected
    for value, at in zip(values.tolist(), expected.tolist(), strict=True):
        blocks.append([value, 1, at])
        while len(blocks) > 1 and (
            blocks[-1][0] * blocks[-2][1] > blocks[-2][0] * blocks[-1][1] or blocks[-1][2] == blocks[-2][2]
        ):
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0] + last[0], blocks[-1][1] + last[1], last[2]]
    return np.concatenate([np.full(int(count), whole / count) for whole, count, _ in blocks]) if blocks else values


def tier_chances(
    scores: Sequence[float], quotas: Quotas, reliability: float, *, pass_line: float | None = None, draws: int = DRAWS
) -> list[tuple[float, float, float]]:
    """Return each person's chances of truly standing in the top, the middle and the bottom tier, given the score.

    One pool of one role. True scores are drawn: each lies between the score and the mean (Kelley), SD * sqrt(r (1 - r))
    around it. The drawn ones are placed by the same seats, so the cut moves with them.

    >>> near, far = (tier_chances([*range(82, 91), last], Quotas(2, 7, 1), 0.52)[-1][2] for last in (80, 60))
    >>> near < far
    True
    """
    values = np.asarray(scores, dtype=float)
    n, spread = len(values), float(values.var(ddof=1)) if len(values) > 1 else 0.0
    error, free = (np.full(n, each) for each in ((1 - reliability) * spread, max(n - 1, 1)))
    means = np.full(n, values.mean() if n else 0.0)
    drawn = values + true_errors(values, means, error, np.full(n, spread), free, draws)
    keys = np.floor(CENTI * drawn + 0.5).astype(np.int64)
    top, bottom = np.full(draws, quotas.top), np.full(draws, quotas.bottom)
    reached = None if pass_line is None else drawn >= pass_line
    tiers = places_of(keys, top, bottom, TieRule.BETTER, reached=reached)
    return [(float(a), float(b), float(c)) for a, b, c in in_order(tier_shares(tiers), values)]


def usual_ranks(cycles: Floats, *, draws: int = 2000, share: float = 0.9) -> Floats:
    """Return each person's usual rank and between which ranks it lies when whole cycles are drawn again (people x 3).

    ``cycles`` is people x cycles of scores; nan where there is none. The usual rank is that of the mean over the
    cycles. Few months that follow one another are no sample of many: this is their spread, not a confidence interval.
    """
    count = cycles.shape[1]
    picked = np.vstack([np.arange(count), generator().integers(0, count, size=(draws, count))])
    drawn = cycles[:, picked]  # people x draws x cycles, first the cycles as they are
    known = ~np.isnan(drawn)
    sums, numbers = np.where(known, drawn, 0.0).sum(axis=2), known.sum(axis=2)
    means = np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0)
    above = (means[None, :, :] > means[:, None, :] + 1e-9).sum(axis=1) + 1.0
    above[np.isnan(means)] = np.nan
    found = np.full((len(cycles), 3), np.nan)
    for person, own in enumerate(above):
        ranks = own[1:][~np.isnan(own[1:])]
        if len(ranks) and not np.isnan(own[0]):
            found[person] = own[0], *np.quantile(ranks, [(1 - share) / 2, (1 + share) / 2], method="inverted_cdf")
    return found


_ROUNDS, _STILL = 500, 1e-10


@dataclass(frozen=True, slots=True)
class Severity:
    """An appraiser's leniency in points (negative: strict), shrunk towards nothing, from how many ratings."""

    rater: str
    points: float
    ratings: int


@dataclass(frozen=True, slots=True)
class SeverityResult:
    """What could be said: the raters, or why nothing can."""

    raters: tuple[Severity, ...] = ()
    refusal: Literal["", "one_rater", "no_overlap", "too_few", "few_people"] = ""


def rater_severity(ratings: Sequence[tuple[str, str, float]]) -> SeverityResult:
    """Return each rater's leniency from (person, rater, rating) triples, ratings of any cycles together.

    A mixed model with random persons and raters, its variances by EM, its effects shrunk (BLUP): a rater with few
    ratings is moved towards the others. Refused for one rater, fewer than :data:`LEAST_PEOPLE` people
    rated, fewer than two ratings a rater, or raters who share nobody.
    """
    raters = sorted({rater for _, rater, _ in ratings})
    people = sorted({person for person, _, _ in ratings})
    if len(raters) < 2:
        return SeverityResult(refusal="one_rater")
    counts = Counter(rater for _, rater, _ in ratings)
    if min(counts.values()) < 2:
        return SeverityResult(refusal="too_few")
    if not _connected(ratings, raters):
        return SeverityResult(refusal="no_overlap")
    if len(people) < LEAST_PEOPLE:
        return SeverityResult(refusal="few_people")
    value = np.array([rating for _, _, rating in ratings])
    design = np.zeros((len(ratings), len(people) + len(raters)))
    for row, (person, rater, _) in enumerate(ratings):
        design[row, people.index(person)] = design[row, len(people) + raters.index(rater)] = 1
    effects = _effects(value, design, len(people))
    found = [Severity(rater, float(effects[len(people) + place]), counts[rater]) for place, rater in enumerate(raters)]
    return SeverityResult(tuple(found))


def _connected(ratings: Sequence[tuple[str, str, float]], raters: Sequence[str]) -> bool:
    """Whether every rater is linked with every other by people whom several have rated."""
    reached = {raters[0]}
    for _ in raters:
        theirs = {person for person, rater, _ in ratings if rater in reached}
        reached |= {rater for person, rater, _ in ratings if person in theirs}
    return len(reached) == len(raters)


def _effects(value: np.ndarray, design: np.ndarray, people: int) -> np.ndarray:
    """Return the shrunk effects of people and raters (Henderson's equations, variances by EM)."""
    n, width = design.shape
    full = np.column_stack([np.ones(n), design])
    person, rater, error = (max(float(value.var()) / 3, 1e-6),) * 3
    effects = np.zeros(width)
    for _ in range(_ROUNDS):
        penalty = np.concatenate([[0.0], np.full(people, error / person), np.full(width - people, error / rater)])
        inverse = np.linalg.pinv(full.T @ full + np.diag(penalty))
        solution = inverse @ (full.T @ value)
        effects, spread = solution[1:], np.diag(inverse)[1:] * error
        left = value - full @ solution
        new = (
            float((effects[:people] ** 2 + spread[:people]).mean()),
            float((effects[people:] ** 2 + spread[people:]).mean()),
            max(float(left @ value / (n - 1)), 1e-9),
        )
        moved = max(abs(a - b) for a, b in zip(new, (person, rater, error), strict=True))
        person, rater, error = (max(each, 1e-9) for each in new)
        if moved < _STILL:
            break
    return effects
