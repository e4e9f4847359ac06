"""From what people say to weights: points, swings, an order, comparisons in pairs, statements. Each keeps a record.

Sources: Saaty 1980, 2008 (pairs, consistency); Barron & Barrett 1996 (rank weights).
Shares are machine numbers that sum to 1; weights are dealt from them in whole hundredths (largest remainder).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import log
from typing import Any, Literal

import numpy as np

from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.model import Role
from kpi_toolkit.method.numbers import CENTI, deal, from_centi
from kpi_toolkit.method.scenario import groups
from kpi_toolkit.method.settings import Elicitation, ElicitedBy, Statement
from kpi_toolkit.method.statements import Floats, bounds_of
from kpi_toolkit.whatif.weights import DRAWS, generator, within

RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""What the consistency index of random judgements is (Saaty 1980)."""
ACCEPTED = 0.10
"""The highest consistency ratio that is accepted."""


class ElicitationError(IssuesError):
    """What was said gives no weights; ``code`` names the sentence in ``templates/checks/``."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__([error(code, Place(), **values)])


@dataclass(frozen=True, kw_only=True)
class Elicited:
    """Shares found by a method, in the order of the indicators, and how consistent what was said is."""

    method: ElicitedBy
    names: tuple[str, ...]
    shares: tuple[float, ...]
    said: str
    consistency: float | None = None
    triad: tuple[str, str, str] | None = None
    """The three indicators whose comparisons contradict each other most."""

    @property
    def accepted(self) -> bool:
        """Whether the weights may be used: comparisons in pairs must be consistent."""
        return self.consistency is None or self.consistency <= ACCEPTED

    def weights(self, total: Decimal = Decimal(100)) -> dict[str, Decimal]:
        """Return weights of two decimals that sum to ``total``.

        >>> rank_order(["b", "a", "c"], method="roc").weights()
        {'b': Decimal('61.11'), 'a': Decimal('27.78'), 'c': Decimal('11.11')}
        """
        fine = [round(share * 10**12) for share in self.shares]
        whole = int(total * CENTI)
        dealt = deal(whole, [whole * part for part in fine], sum(fine))
        return {name: from_centi(part) for name, part in zip(self.names, dealt, strict=True)}

    def record(self, role: str) -> Elicitation:
        """Return what goes into the scenario and, once adopted, into the design's change log."""
        ratio = None if self.consistency is None else Decimal(str(round(self.consistency, 4)))
        return Elicitation(role=role, method=self.method, said=self.said, consistency=ratio)


def direct_points(points: Mapping[str, Decimal | int]) -> Elicited:
    """Return the shares of points given directly; they need not sum to anything."""
    return _rated("direct", points)


def swing(ratings: Mapping[str, Decimal | int]) -> Elicited:
    """Return the shares of swings: how much it matters to bring each indicator from its worst to its best, best = 100.

    >>> swing({"sales": 100, "traffic": 50, "posts": 50}).shares
    (0.5, 0.25, 0.25)
    """
    if ratings and max(ratings.values()) != 100:
        raise ElicitationError("swing-without-100", highest=max(ratings.values()))
    return _rated("swing", ratings)


def _rated(method: ElicitedBy, points: Mapping[str, Decimal | int]) -> Elicited:
    if not points or min(points.values()) < 0 or not sum(points.values()):
        raise ElicitationError("no-points", points=", ".join(f"{name} {given}" for name, given in points.items()))
    whole = float(sum(points.values()))
    shares = tuple(float(given) / whole for given in points.values())
    said = ", ".join(f"{name} {given}" for name, given in points.items())
    return Elicited(method=method, names=tuple(points), shares=shares, said=said)


def rank_order(names: Sequence[str], *, method: Literal["roc", "rs", "rr"] = "roc") -> Elicited:
    """Return the shares of indicators named in order, most important first.

    ``roc`` (centroid): w_i = (1/n) sum 1/j for j from i to n; ``rs`` (rank sum): 2 (n + 1 - i) / (n (n + 1)); ``rr``
    (reciprocal): in proportion to 1/i. Source: Barron & Barrett 1996.

    >>> [round(share, 4) for share in rank_order("abcd").shares]
    [0.5208, 0.2708, 0.1458, 0.0625]
    """
    n = len(names)
    if not n or len(set(names)) != n:
        raise ElicitationError("rank-twice", names=", ".join(names))
    places = range(1, n + 1)
    raw = {
        "roc": [sum(1 / j for j in range(i, n + 1)) / n for i in places],
        "rs": [2 * (n + 1 - i) / (n * (n + 1)) for i in places],
        "rr": [1 / i for i in places],
    }[method]
    called: dict[str, ElicitedBy] = {"roc": "rank-roc", "rs": "rank-rs", "rr": "rank-rr"}
    shares = tuple(share / sum(raw) for share in raw)
    return Elicited(method=called[method], names=tuple(names), shares=shares, said=" > ".join(names))


def pairwise(names: Sequence[str], judgements: Mapping[tuple[str, str], float]) -> Elicited:
    """Return the principal eigenvector of comparisons in pairs, their consistency ratio and the worst triad.

    ``judgements`` says how many times as important the first of a pair is (1/9 to 9); each pair once. More than ten
    indicators are refused: nobody compares 55 pairs consistently.

    >>> said = {("a", "b"): 4, ("a", "c"): 3, ("a", "d"): 7, ("c", "b"): 3, ("b", "d"): 3, ("c", "d"): 5}
    >>> found = pairwise("abcd", said)
    >>> [round(share, 3) for share in found.shares], round(found.consistency, 3), found.accepted
    ([0.548, 0.127, 0.27, 0.056], 0.044, True)
    """
    n = len(names)
    if n not in RANDOM_INDEX:
        raise ElicitationError("too-many-pairs", n=n, most=max(RANDOM_INDEX))
    ratios = _matrix(names, judgements)
    values, vectors = np.linalg.eig(ratios)
    at = int(np.argmax(values.real))
    vector = np.abs(vectors[:, at].real)
    index = (float(values[at].real) - n) / (n - 1) if n > 1 else 0.0
    ratio = max(0.0, index / RANDOM_INDEX[n]) if RANDOM_INDEX[n] else 0.0
    said = ", ".join(f"{first}/{second} {_as_said(given)}" for (first, second), given in judgements.items())
    return Elicited(
        method="pairwise", names=tuple(names), shares=tuple(float(share) for share in vector / vector.sum()),
        said=said, consistency=ratio, triad=_worst_triad(names, ratios),
    )  # fmt: skip


def _as_said(ratio: float) -> str:
    return f"1:{1 / ratio:.4g}" if ratio < 1 else f"{ratio:.4g}"


def _matrix(names: Sequence[str], judgements: Mapping[tuple[str, str], float]) -> Floats:
    place = {name: number for number, name in enumerate(names)}
    ratios = np.eye(len(names))
    for (first, second), given in judgements.items():
        if first not in place or second not in place or not 1 / 9 - 1e-9 <= given <= 9 + 1e-9:
            raise ElicitationError("bad-pair", first=first, second=second, given=given)
        ratios[place[first], place[second]], ratios[place[second], place[first]] = given, 1 / given
    for first, second in combinations(names, 2):
        if not ratios[place[first], place[second]]:
            raise ElicitationError("pair-missing", first=first, second=second)
    return ratios


def _worst_triad(names: Sequence[str], ratios: Floats) -> tuple[str, str, str] | None:
    """Return the three whose direct comparison differs most from the way round over the third."""
    triads = list(combinations(range(len(names)), 3))
    off = [abs(log(ratios[a, b] * ratios[b, c] / ratios[a, c])) for a, b, c in triads]
    if not off or max(off) < 1e-9:
        return None
    a, b, c = triads[int(np.argmax(off))]
    return names[a], names[b], names[c]


def from_statements(role: Role, name: str, statements: Sequence[Statement]) -> Elicited:
    """Return the middle of all weights that keep what was said: their mean over even draws with a fixed seed.

    Raises NoWeightsError where nothing keeps it all.
    """
    names = tuple(item.id for item in role.indicators if item.weight)
    drawn = within(DRAWS, len(names), bounds_of(role, statements, name), generator())
    said = "; ".join(_statement(one) for one in statements)
    shares = tuple(float(share) for share in drawn.mean(axis=0))
    return Elicited(method="statements", names=names, shares=shares, said=said)


def _statement(said: Statement) -> str:
    """Return a statement as :func:`parse_statement` reads it."""
    bounded = said.at_least != 0 or said.at_most != 100
    parts = [f"{said.indicator} {said.at_least}..{said.at_most}"] if bounded else []
    if said.over:
        parts.append(f"{said.indicator} >= {said.over}" + (f" * {said.times}" if said.times != 1 else ""))
    return ", ".join(parts)


def parse_statement(role: str, text: str) -> Statement:
    """Return what a line says: ``visits >= leads``, ``visits >= leads * 2``, ``visits 5..40``.

    >>> parse_statement("editor", "visits 5..40").at_most
    Decimal('40')
    """
    words = text.replace(">=", " >= ").replace("*", " * ").replace("..", " .. ").split()
    match words:
        case [first, ">=", second]:
            return _said(text, role=role, indicator=first, over=second)
        case [first, ">=", second, "*", times]:
            return _said(text, role=role, indicator=first, over=second, times=times)
        case [first, low, "..", high]:
            return _said(text, role=role, indicator=first, at_least=low, at_most=high)
    raise ElicitationError("bad-statement", text=text)


def _said(text: str, **parts: str) -> Statement:
    try:
        return Statement.model_validate(parts)
    except ValueError as problem:
        raise ElicitationError("bad-statement", text=text) from problem


def fitted(role: Role, found: Elicited) -> dict[str, Decimal]:
    """Return a role's weights with what was found in the place of what was agreed; blocks keep their maxima.

    Raises ElicitationError for indicators that the role does not have, and for comparisons that contradict themselves.
    """
    if not found.accepted:
        name = {item.id: item.name for item in role.indicators}
        first, second, third = (name.get(one, one) for one in found.triad or ("", "", ""))
        ratio = round(found.consistency or 0, 3)
        raise ElicitationError("inconsistent-pairs", ratio=ratio, first=first, second=second, third=third)
    weighing = {item.id for item in role.indicators if item.weight}
    if set(found.names) != weighing:
        odd = sorted(set(found.names) ^ weighing)
        raise ElicitationError("not-the-roles", names=", ".join(odd))
    share = dict(zip(found.names, found.shares, strict=True))
    weights: dict[str, Decimal] = {}
    for items in groups(role).values():
        own = tuple(item.id for item in items if item.weight)
        if own:
            part = Elicited(method=found.method, names=own, shares=tuple(share[name] for name in own), said="")
            weights |= part.weights(sum((item.weight for item in items), Decimal(0)))
    return weights
