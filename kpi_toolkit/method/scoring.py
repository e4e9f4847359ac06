"""From actuals to scores, in whole numbers throughout (architecture decision 3).

An indicator's score is a whole number of millionths of a point, a weight a whole number of hundredths; a person's sum
of score x weight, divided by the weights that counted and rounded half up once to hundredths, is the *official score*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import gcd, lcm, prod
from typing import Any

import pandas as pd

from kpi_toolkit.method.checks import check_cycle, check_design
from kpi_toolkit.method.columns import score_many
from kpi_toolkit.method.curves import Gate
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import FULL, Aggregation, Basis, Design, Indicator, Role
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, deal, from_centi, round_half_up
from kpi_toolkit.method.segments import Direction, attainment
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.tables import Tables, rows_of

INDICATOR_COLUMNS = [
    "person", "role", "indicator", "side", "weight", "target", "actual", "self", "appraiser", "others", "attainment",
    "state", "score_micro", "points",
]  # fmt: skip
SCORE_COLUMNS = [
    "person", "name", "role", "team", "counted_weight", "sum_micro", "item_score", "team_points", "adjustment",
    "cap_cut", "score", "gates", "barred", "too_little",
]  # fmt: skip
_VIEWS = ("actual", "self", "appraiser", "others")
_PRECISE = Context(prec=60)
_HAIR = Fraction(1, 10**30)
"""Nearer to a whole number than this a root is looked at in whole powers."""


def score_indicators(design: Design, tables: Tables, *, check: bool = True) -> pd.DataFrame:
    """Return one row a person x indicator of the role, in the order of ``people.csv`` and of the form.

    ``weight`` and ``points`` are decimals (of 100), ``score_micro`` whole millionths of a point, ``attainment`` a
    decimal (1 = met). ``state`` is ``scored``, ``missing`` (left out), ``filled`` (missing, the policy's score stands
    in), ``not_counted`` (the role's method leaves this side out), ``added`` (points outside the weights) or ``gate`` (a
    veto without a weight). Points and a person's ``team_points`` add up to ``item_score``.

    Raises IssuesError when the design or the tables hold an error; without ``check`` a draft that was looked at in a
    what-if is scored as it is (an indicator there may weigh nothing).
    """
    refuse = (check_design(design) + check_cycle(design, tables)).errors if check else ()
    if refuse:
        raise IssuesError(refuse)
    lines = list(_lines(design, tables))
    by_indicator: dict[int, list[dict[str, Any]]] = {}
    for line in lines:
        by_indicator.setdefault(id(line["item"]), []).append(line)
    for group in by_indicator.values():
        _score_group(design, group)
    by_person: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_person.setdefault(line["person"], []).append(line)
    results = results_of(design, tables, by_person)
    for person, own in by_person.items():
        for line, points in zip(own, results[person].points, strict=True):
            line["points"] = points
    return pd.DataFrame(lines, columns=INDICATOR_COLUMNS)


def _lines(design: Design, tables: Tables) -> Iterator[dict[str, Any]]:
    """Go through everyone's indicators with what was agreed and what came in."""
    goals = {(r.person, r.indicator): r.target for r in rows_of(tables.goals)}
    actuals = {(r.person, r.indicator): r for r in rows_of(tables.actuals)}
    for person in rows_of(tables.people):
        for item in design.roles[person.role].indicators:
            goal, given = goals.get((person.id, item.id)), actuals.get((person.id, item.id))
            yield {
                "item": item, "person": person.id, "role": person.role, "indicator": item.id, "side": item.side.value,
                "weight": item.weight, "target": item.target if goal is None else goal,
                **{view: getattr(given, view, None) for view in _VIEWS},
            }  # fmt: skip


def value_of(design: Design, item: Indicator, line: Mapping[str, Any]) -> Any:
    """Return the exact number that an indicator's curve reads, None where it is missing."""
    if design.lacking(item, line):
        return None
    if item.basis is Basis.RATERS:
        return design.raters.mix(line)
    return line["appraiser" if item.basis is Basis.APPRAISER else "actual"]


def aim_of(item: Indicator, target: Decimal | None) -> Decimal | None:
    """Return the target that an indicator's curve reads: of a view of completion, all of it."""
    return target if item.basis is Basis.ACTUAL else FULL


def _score_group(design: Design, lines: list[dict[str, Any]]) -> None:
    """Score one indicator of one role for everybody who has it."""
    item: Indicator = lines[0]["item"]
    curve, cap, role = item.scored_curve, design.cap(item), design.roles[lines[0]["role"]]
    values = [value_of(design, item, line) for line in lines]
    aims = [aim_of(item, line["target"]) for line in lines]
    here = [place for place, value in enumerate(values) if value is not None]
    if curve.needs_target and any(aims[place] is None for place in here):
        msg = f"indicator {item.id} has no target"  # check_cycle has refused this before; said for whoever skips it
        raise ValueError(msg)
    scores = score_many(
        curve, [values[place] for place in here], [aims[place] or Decimal(0) for place in here],
        item.scored_direction, cap, [lines[place]["appraiser"] for place in here],
    )  # fmt: skip
    found = dict(zip(here, scores.tolist(), strict=True))
    neutral = centi(min(design.neutral_score, cap)) * (MICRO // CENTI)
    stand_in = None if not item.weight else {Missing.NEUTRAL: neutral, Missing.ZERO: 0}.get(design.missing)
    scored = "added" if item.outside else "scored" if item.weight else "gate"
    for place, line in enumerate(lines):
        line["attainment"] = attainment_of(item, values[place], aims[place]) if place in found else None
        line["score_micro"] = found.get(place, stand_in or 0)
        line["state"] = scored if place in found else "missing" if stand_in is None else "filled"
        if not role.method.counts(item.side):
            line["state"] = "not_counted"


def attainment_of(indicator: Indicator, value: Any, aim: Decimal | None) -> Decimal | None:
    """Return how far the target was reached, to six decimals; None where it has no bound or nothing was to reach."""
    direction = indicator.scored_direction
    if aim is None or aim < 0 or (aim == 0 and direction is not Direction.LOWER):
        return None
    reached = attainment(Fraction(value), Fraction(aim), direction)
    return None if reached is None else Decimal(round_half_up(reached, MICRO)).scaleb(-6)


def counts(state: str) -> bool:
    """Whether an indicator in this state takes part in the weighted score."""
    return state in {"scored", "filled"}


def weighted_sum(lines: Iterable[tuple[int, Decimal, str]]) -> tuple[int, int]:
    """Return the sum of score x weight (millionths x hundredths) and the weight that counted (hundredths).

    Each line is score in millionths, weight, state.
    """
    taking_part = [(int(score), centi(weight)) for score, weight, state in lines if counts(state)]
    return sum(score * weight for score, weight in taking_part), sum(weight for _, weight in taking_part)


def geometric_mean(lines: Iterable[tuple[int, Decimal, str]]) -> Fraction:
    """Return the weighted geometric mean in millionths, unrounded; 0 as soon as one score is 0.

    A root of a whole number is whole or irrational. Whole ones are returned as they are, so that halves are halves; of
    the others sixty digits are kept, and no sum of such roots lies on a half, so these decide every rounding.

    >>> geometric_mean([(40_000_000, Decimal(50), "scored"), (90_000_000, Decimal(50), "scored")])
    Fraction(60000000, 1)
    """
    taking_part = [(int(score), centi(weight)) for score, weight, state in lines if counts(state) and weight]
    scores = {score for score, _ in taking_part}
    if not taking_part or min(scores) <= 0:
        return Fraction(0)
    if len(scores) == 1:
        return Fraction(scores.pop())
    common = gcd(*(weight for _, weight in taking_part))
    root = sum(weight for _, weight in taking_part) // common
    with localcontext(_PRECISE):  # plain sums would be cut to the 28 digits of Python's own setting
        logs = sum((weight * Decimal(score).ln() for score, weight in taking_part), Decimal(0))
        mean = Fraction((logs / (root * common)).exp())
    near = round_half_up(mean, 1)
    if abs(mean - near) < _HAIR and near**root == prod(score ** (weight // common) for score, weight in taking_part):
        return Fraction(near)
    return mean


class Result:
    """A person's score before adjustments: what was earned by weight, what the team gave, what was added outside.

    Nothing is rounded but the whole, once (:attr:`item_centi`).
    """

    def __init__(self, role: Role, lines: Sequence[Mapping[str, Any]]) -> None:
        self.role, self.lines = role, lines
        plain = [(line["score_micro"], line["weight"], line["state"]) for line in lines]
        self.sum_micro, self.weight = weighted_sum(plain)
        shares = [int(score) * centi(weight) * counts(state) for score, weight, state in plain]
        # Each line's part of the person's own score, as whole numbers over one denominator (millionths).
        self.parts, self.denominator = shares, max(self.weight, 1)
        if role.aggregation is Aggregation.GEOMETRIC:
            mean = geometric_mean(plain)
            self.parts = [mean.numerator * share for share in shares]
            self.denominator = mean.denominator * max(sum(shares), 1)
        self.share, self.mates, self.team_size = Fraction(0), Fraction(0), 1

    def in_team(self, share: Fraction, mates: Fraction, size: int) -> Result:
        """Return it with a share taken from the team: the sum of the mates' own scores, and how many all are."""
        shared = copy(self)
        shared.share, shared.mates, shared.team_size = share, mates, size
        return shared

    def with_score(self, place: int, score_micro: int) -> Result:
        """Return what the result would be with another score on one line."""
        lines = [{**line, "score_micro": score_micro} if at == place else line for at, line in enumerate(self.lines)]
        return Result(self.role, lines).in_team(self.share, self.mates, self.team_size)

    @property
    def own(self) -> Fraction:
        """The person's own score in millionths."""
        return Fraction(sum(self.parts), self.denominator)

    @property
    def team(self) -> Fraction:
        """The mean of the team's own scores in millionths."""
        return (self.mates + self.own) / self.team_size

    @property
    def added(self) -> list[int]:
        """Points outside the weights, in millionths, line by line."""
        return [int(line["score_micro"]) * (line["state"] == "added") for line in self.lines]

    @property
    def exact(self) -> Fraction:
        """The unrounded score in millionths: own, team, and what was added outside."""
        return (1 - self.share) * self.own + self.share * self.team + sum(self.added)

    @property
    def item_centi(self) -> int:
        """The score in hundredths, rounded half up once."""
        return round_half_up(self.exact / MICRO, CENTI)

    @property
    def dealt(self) -> list[int]:
        """Printed hundredths of each line, and of the team last: they add up to :attr:`item_centi`."""
        lines = [
            Fraction(part, self.denominator) * (1 - self.share) + added
            for part, added in zip(self.parts, self.added, strict=True)
        ]
        shares = [share * CENTI / MICRO for share in (*lines, self.share * self.team)]
        common = lcm(*(share.denominator for share in shares))
        return deal(self.item_centi, [int(share * common) for share in shares], common)

    @property
    def points(self) -> list[Decimal | None]:
        """Printed points, line by line."""
        return [
            from_centi(dealt) if counts(line["state"]) or line["state"] == "added" else None
            for dealt, line in zip(self.dealt[:-1], self.lines, strict=True)
        ]


def lines_by_person(indicators: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of scored indicators as records, by person."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(indicators):
        found.setdefault(row.person, []).append(row._asdict())
    return found


def results_of(
    design: Design, tables: Tables, by_person: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Result]:
    """Return everyone's result; a share of it may be the mean of the team's own scores (decision 3: exact).

    Whoever is in no team has no mates: people without one are not a team of their own.
    """
    found = {
        person.id: Result(design.roles[person.role], by_person.get(person.id, ())) for person in rows_of(tables.people)
    }
    if design.team_share:
        teams: dict[str, list[str]] = {}
        for person in rows_of(tables.people):
            if found[person.id].weight and person.team:
                teams.setdefault(person.team, []).append(person.id)
        for mates in teams.values():
            whole = sum((found[mate].own for mate in mates), Fraction(0))
            for mate in mates:
                found[mate] = found[mate].in_team(
                    Fraction(design.team_share) / 100, whole - found[mate].own, len(mates)
                )
    return found


def score_people(design: Design, tables: Tables, *, indicators: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row a person, in the order of ``people.csv``.

    ``score`` is the official score (two decimals) or None where nothing could be scored; ``score = item_score +
    adjustment + cap_cut``, where ``cap_cut`` is what the bounds and the vetoes of the design took or gave back.
    ``sum_micro / (1_000_000 * counted_weight)`` is the unrounded weighted sum; ``counted_weight`` is in hundredths.
    ``gates`` names the vetoes that fell, ``barred`` says whether one keeps the person out of the top tier,
    ``too_little`` whether less was filled in than the design's ``least_weight`` asks for.

    Raises IssuesError when the design or the tables hold an error.
    """
    scored = score_indicators(design, tables) if indicators is None else indicators
    results = results_of(design, tables, lines_by_person(scored))
    events = tables.adjustments.groupby("person")["points"].agg(list).to_dict() if len(tables.adjustments) else {}
    rows = []
    for person in rows_of(tables.people):
        result = results[person.id]
        fallen = fallen_gates(design.roles[person.role], result.lines)
        row: dict[str, Any] = {
            "person": person.id, "name": person.name, "role": person.role, "team": person.team,
            "counted_weight": result.weight, "sum_micro": result.sum_micro,
            "adjustment": sum(events.get(person.id, []), Decimal("0.00")),
            "gates": tuple(item.id for item, _ in fallen), "barred": any(gate.scope == "tier" for _, gate in fallen),
            "too_little": _too_little(design, result),
        }  # fmt: skip
        if result.weight:
            item_score = from_centi(result.item_centi)
            limits = [gate.limit for _, gate in fallen if gate.scope == "total"]
            held = item_score + bounded(design, events.get(person.id, []))
            score = min(max(held, Decimal(0)), design.total_cap, *limits)
            row |= {
                "item_score": item_score,
                "team_points": from_centi(result.dealt[-1]),
                "cap_cut": score - item_score - row["adjustment"],
                "score": from_centi(centi(score)),
            }
        else:
            row |= {"item_score": None, "team_points": Decimal("0.00"), "cap_cut": Decimal(0), "score": None}
        rows.append(row)
    return pd.DataFrame(rows, columns=SCORE_COLUMNS).astype({"item_score": object, "score": object})


def _too_little(design: Design, result: Result) -> bool:
    """Whether a person is scored from less of the form's weight than the design asks for (exact)."""
    absent = sum(centi(line["weight"]) for line in result.lines if line["state"] == "missing")
    return bool(result.weight) and 100 * result.weight < design.least_weight * (result.weight + absent)


def fallen_gates(role: Role, lines: Iterable[Mapping[str, Any]]) -> list[tuple[Indicator, Gate]]:
    """Return the indicators whose veto fell; one whose value is missing has not."""
    items = {item.id: item for item in role.indicators}
    found = []
    for line in lines:
        item = items[line["indicator"]]
        curve, judged = item.curve, line["state"] in {"scored", "gate"}
        if isinstance(curve, Gate) and curve.scope != "indicator" and judged and not curve.passed(line["score_micro"]):
            found.append((item, curve))
    return found


def bounded(design: Design, points: list[Decimal]) -> Decimal:
    """Return the net of the plus/minus row, each side held by the design's bound (Y03)."""
    plus = sum((value for value in points if value > 0), Decimal(0))
    minus = -sum((value for value in points if value < 0), Decimal(0))
    rules = design.adjustments
    plus = plus if rules.max_plus is None else min(plus, rules.max_plus)
    minus = minus if rules.max_minus is None else min(minus, rules.max_minus)
    return plus - minus
