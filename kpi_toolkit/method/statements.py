"""What a client said about weights, as inequalities: between two numbers, at least so many times another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.model import Role
from kpi_toolkit.method.settings import Statement

Floats = npt.NDArray[np.float64]


class NoWeightsError(IssuesError):
    """No weights keep all of the statements."""

    def __init__(self) -> None:
        super().__init__([error("statements-without-weights", Place())])


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement as an inequality: ``factors @ weights >= least``, weights summing to 1."""

    factors: tuple[float, ...]
    least: float


def bounds_of(role: Role, statements: Sequence[Statement], name: str) -> list[Bound]:
    """Return the inequalities that hold for a role's weighing indicators, in their order."""
    place = {item.id: number for number, item in enumerate(item for item in role.indicators if item.weight)}
    bounds = []
    for said in statements:
        if said.role != name or said.indicator not in place:
            continue
        one = np.eye(len(place))[place[said.indicator]]
        bounds.append(Bound(tuple(one), float(said.at_least) / 100))
        bounds.append(Bound(tuple(-one), -float(said.at_most) / 100))
        if said.over in place:
            other = np.eye(len(place))[place[said.over]]
            bounds.append(Bound(tuple(one - float(said.times) * other), 0.0))
    return bounds


def statements_fit(role: Role, statements: Sequence[Statement], name: str) -> bool:
    """Whether any weights of a role keep all that was said about them."""
    bounds = bounds_of(role, statements, name)
    count = sum(bool(item.weight) for item in role.indicators)
    if not bounds or not count:
        return True
    rows, least, _ = inequalities(bounds, count)
    try:
        inside(rows, least, count)
    except NoWeightsError:
        return False
    return True


def inequalities(bounds: Sequence[Bound], count: int) -> tuple[Floats, Floats, Floats]:
    """Return rows and least values (no weight below 0, then the bounds), and the rows that leave no room at all."""
    rows = np.vstack([np.eye(count), *(np.asarray(bound.factors)[None, :] for bound in bounds)])
    least = np.concatenate([np.zeros(count), [bound.least for bound in bounds]])
    exact = [
        first.factors
        for at, first in enumerate(bounds)
        for second in bounds[at + 1 :]
        if np.allclose(first.factors, [-factor for factor in second.factors])
        and abs(first.least + second.least) < 1e-12
    ]
    return rows, least, np.array(exact).reshape(-1, count)


def inside(rows: Floats, least: Floats, count: int) -> Floats:
    """Return weights that keep every bound as clearly as can be (by projections); NoWeightsError where none do."""
    here = np.full(count, 1 / count)
    for margin in (1e-2, 1e-3, 1e-4, 1e-6, 0.0):
        for _ in range(5_000):
            short = least + margin - rows @ here
            worst = int(np.argmax(short))
            if short[worst] <= 1e-10:
                return here
            normal = rows[worst] - rows[worst].mean()
            size = float(normal @ normal)
            if size < 1e-15:
                break
            here = here + normal * (short[worst] / size)
    raise NoWeightsError
