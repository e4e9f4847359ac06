"""Whether some appraisers are stricter than others, by shrinkage, and an honest refusal where that cannot be known.

x_ij = mean + person_i + appraiser_j + error. Appraisers and people can be separated only where their circles overlap:
where everybody has one appraiser and teams do not mix, a strict appraiser and a weak team look the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpi_toolkit.whatif.stability import LEAST_PEOPLE

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
