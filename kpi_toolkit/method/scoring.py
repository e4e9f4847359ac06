"""From actuals to scores, in whole numbers throughout (architecture decision 3).

An indicator's score is a whole number of millionths of a point, a weight a whole number of hundredths; a person's sum
of score x weight, divided by the weights that counted and rounded half up once to hundredths, is the *official score*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kpi_toolkit.method.checks import check_cycle, check_design
from kpi_toolkit.method.curve import Veto
from kpi_toolkit.method.curves import CurveValue, score_micro
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.lines import IndicatorLine, Result, counts
from kpi_toolkit.method.model import VIEWS, Basis, Design, Indicator, Role, Side
from kpi_toolkit.method.numbers import CENTI, FULL, MICRO, centi, from_centi, half_up, round_half_up
from kpi_toolkit.method.regulation import AdjustmentRules
from kpi_toolkit.method.segments import Direction, attainment
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.tables import Tables, rows_of

if TYPE_CHECKING:
    from pandas import DataFrame

INDICATOR_COLUMNS = [
    "person", "role", "indicator", "side", "weight", "target", "actual", "self", "appraiser", "others", "attainment",
    "state", "score_micro", "points",
]  # fmt: skip
SCORE_COLUMNS = [
    "person", "name", "role", "team", "counted_weight", "sum_micro", "item_score", "team_points", "adjustment",
    "cap_cut", "score", "gates", "barred", "too_little", "apart",
]  # fmt: skip
TIE_COLUMN = "tie:"
"""Columns of a score table that break ties are named by this and their criterion."""
_Marks = tuple[tuple[int, ...], tuple[str, ...]]
"""A person's scores in millionths and their states, in the order of the role's form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides about somebody's tier. Equals are parted by ``ties``: what they have of each agreed criterion."""

    person: str
    score: Decimal | None
    role: str = ""
    team: str = ""
    barred: bool = False
    """Whether a veto keeps the person out of the top tier."""
    too_little: bool = False
    """Whether less was filled in than the design's ``least_weight`` asks for."""
    apart: bool = False
    """Whether it was decided that this cycle gives the person no tier (``spells.csv``)."""
    ties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Standing):
    """A person's official score and what it is made of: ``score = item_score + adjustment + cap_cut``."""

    name: str
    counted_weight: int
    """In hundredths."""
    sum_micro: int
    """``sum_micro / (1_000_000 * counted_weight)`` is the unrounded weighted sum."""
    item_score: Decimal | None
    team_points: Decimal
    adjustment: Decimal
    cap_cut: Decimal
    """What the bounds and the vetoes of the design took or gave back."""
    vetoed: bool
    """Whether it was a veto that took it, beyond the bounds."""
    gates: tuple[str, ...]
    """The vetoes that fell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One cycle by person, in the order of ``people.csv``: the lines of the form, the result, the official score."""

    lines: Mapping[str, tuple[IndicatorLine, ...]]
    results: Mapping[str, Result]
    scores: Mapping[str, Score]

    @property
    def official(self) -> dict[str, Decimal]:
        """The official score of everybody who has one."""
        return {person: own.score for person, own in self.scores.items() if own.score is not None}

    def to_frame(self) -> DataFrame:
        """Return the lines as the table that :func:`score_indicators` describes."""
        from pandas import DataFrame

        rows = [
            [line.person, line.role, line.id, line.indicator.side.value, line.weight, line.target,
             line.actual, line.self, line.appraiser, line.others, line.attainment, line.state, micro, line.points]
            for person, own in self.lines.items()
            for line, micro in zip(own, self.results[person].scores, strict=True)
        ]  # fmt: skip
        return DataFrame(rows, columns=INDICATOR_COLUMNS)

    def scores_to_frame(self) -> DataFrame:
        """Return the scores as the table that :func:`score_people` describes, and a column a criterion for ties."""
        from pandas import Series

        frame = _score_table(self.scores)
        for name in dict.fromkeys(name for score in self.scores.values() for name in score.ties):
            own = [score.ties[name] for score in self.scores.values()]
            frame[f"{TIE_COLUMN}{name}"] = Series(own, dtype=object, index=frame.index)
        return frame


def score_cycle(design: Design, tables: Tables, *, previous: Mapping[str, Decimal] | None = None) -> Scored:
    """Return a cycle's lines, results and scores. ``previous`` are scores of the cycle before, which may break ties.

    Nothing is checked: whoever read the tables has. :func:`score_indicators` and :func:`score_people` check, and show
    the same as tables.
    """
    people, entries = list(rows_of(tables.people)), list(_entries(design, tables))
    marks = _marks(design, entries)
    both = zip(entries, marks, strict=True)
    own = {person.id: tuple(islice(both, len(design.roles[person.role].indicators))) for person in people}
    results = _results(
        design, people,
        {person: (tuple(m.score for _, m in rows), tuple(m.state for _, m in rows)) for person, rows in own.items()},
    )  # fmt: skip
    return Scored(
        lines={
            person: tuple(
                _line(entry, mark, points, results[person])
                for (entry, mark), points in zip(rows, results[person].points, strict=True)
            )
            for person, rows in own.items()
        },
        results=results,
        scores=_scores(design, tables, people, results, previous or {}),
    )


def score_indicators(design: Design, tables: Tables) -> DataFrame:
    """Return one row a person x indicator of the role, in the order of ``people.csv`` and of the form.

    ``weight`` and ``points`` are decimals (of 100), ``score_micro`` whole millionths of a point, ``attainment`` a
    decimal (1 = met); ``state`` is one of those of :class:`IndicatorLine`. Points and a person's ``team_points`` add up
    to ``item_score``.

    Raises IssuesError when the design or the tables hold an error.
    """
    _refuse(design, tables)
    return score_cycle(design, tables).to_frame()


def _refuse(design: Design, tables: Tables) -> None:
    wrong = (check_design(design) + check_cycle(design, tables)).errors
    if wrong:
        raise IssuesError(wrong)


class _Entry(NamedTuple):
    """An indicator of a person's form, with this cycle's goal and what came in, where there is any."""

    person: Any
    item: Indicator
    target: Decimal | None
    goal: Any
    given: Any


class _Mark(NamedTuple):
    score: int
    state: str
    attainment: Decimal | None


def _entries(design: Design, tables: Tables) -> Iterator[_Entry]:
    for person in rows_of(tables.people):
        for item in design.roles[person.role].indicators:
            key, target = (person.id, item.id), tables.target(person.id, item)
            yield _Entry(person, item, target, tables.goal.get(key), tables.actual.get(key))


def value_of(design: Design, item: Indicator, row: Any) -> Any:
    """Return the exact number of a row that an indicator's curve reads, None where it is missing."""
    if design.lacking(item, row):
        return None
    if item.basis is Basis.RATERS:
        return design.raters.mix({view: getattr(row, view) for view in VIEWS})
    return row.appraiser if item.basis is Basis.APPRAISER else row.actual


def aim_of(item: Indicator, target: Decimal | None) -> Decimal | None:
    """Return the target that an indicator's curve reads: of a view of completion, all of it."""
    return target if item.basis is Basis.ACTUAL else FULL


def _marks(design: Design, entries: Sequence[_Entry]) -> list[_Mark]:
    """Return what each entry scored; what all entries of one indicator share is made ready once."""
    rules: dict[int, _Rule] = {}
    for entry in entries:
        if id(entry.item) not in rules:
            rules[id(entry.item)] = _rule(design, entry.item, design.roles[entry.person.role])
    return [_mark(design, rules[id(entry.item)], entry) for entry in entries]


class _Rule(NamedTuple):
    """How an indicator is scored, whoever has it."""

    curve: CurveValue
    cap: Decimal
    counts: bool
    """Whether the role's method counts its side."""
    present: str
    absent: str
    """The states of a line with a value, and of one without."""
    stand_in: int


def _rule(design: Design, item: Indicator, role: Role) -> _Rule:
    cap = design.cap(item)
    neutral = centi(min(design.neutral_score, cap)) * (MICRO // CENTI)
    stand_in = None if not item.weight else {Missing.NEUTRAL: neutral, Missing.ZERO: 0}.get(design.missing)
    return _Rule(
        curve=item.scored_curve, cap=cap, counts=role.method.counts(item.side),
        present="added" if item.outside else "scored" if item.weight else "gate",
        absent="missing" if stand_in is None else "filled", stand_in=stand_in or 0,
    )  # fmt: skip


def _mark(design: Design, rule: _Rule, entry: _Entry) -> _Mark:
    item, value, aim = entry.item, value_of(design, entry.item, entry.given), aim_of(entry.item, entry.target)
    state = (rule.absent if value is None else rule.present) if rule.counts else "not_counted"
    if value is None:
        return _Mark(rule.stand_in, state, None)
    if aim is None and rule.curve.needs_target:
        msg = f"indicator {item.id} has no target"  # check_cycle has refused this before; said for whoever skips it
        raise ValueError(msg)
    score = score_micro(rule.curve, value, aim, item.scored_direction, rule.cap, entry.given.appraiser)
    return _Mark(score, state, attainment_of(item, value, aim))


def _line(entry: _Entry, mark: _Mark, points: Decimal | None, result: Result) -> IndicatorLine:
    item, counted = entry.item, counts(mark.state)
    micro = mark.score if counted or mark.state in {"added", "gate"} else None
    share = Fraction(item.weight * 100 * CENTI) * result.own_share / result.weight if counted else None
    return IndicatorLine(
        person=entry.person.id, role=entry.person.role, indicator=item, target=entry.target,
        **{name: getattr(entry.given, name, None) for name in (*VIEWS, "part", "whole", "parts")},
        attainment=mark.attainment, state=mark.state, score_micro=micro, points=points,
        score=None if micro is None else half_up(Fraction(micro, MICRO), 2),
        share=None if share is None else half_up(share, 6),
        text=getattr(entry.goal, "text", ""), deadline=getattr(entry.goal, "deadline", ""),
        note=getattr(entry.given, "note", ""), stages=getattr(entry.goal, "stages", None) or (),
    )  # fmt: skip


def attainment_of(indicator: Indicator, value: Any, aim: Decimal | None) -> Decimal | None:
    """Return how far the target was reached, to six decimals; None where it has no bound or nothing was to reach."""
    direction = indicator.scored_direction
    if aim is None or aim < 0 or (aim == 0 and direction is not Direction.LOWER):
        return None
    reached = attainment(Fraction(value), Fraction(aim), direction)
    return None if reached is None else Decimal(round_half_up(reached, MICRO)).scaleb(-6)


def _results(design: Design, people: Sequence[Any], marks: Mapping[str, _Marks]) -> dict[str, Result]:
    """Return everyone's result; a share of it may be the mean of the team's own scores (decision 3: exact).

    Whoever is in no team has no mates: people without one are not a team of their own.
    """
    found = {person.id: Result(design.roles[person.role], *marks[person.id]) for person in people}
    if design.team_share:
        teams = gathered((person.team, person.id) for person in people if found[person.id].weight and person.team)
        share = Fraction(design.team_share) / 100
        for mates in teams.values():
            whole = sum((found[mate].own for mate in mates), Fraction(0))
            for mate in mates:
                own = found[mate]
                found[mate] = replace(own, share=share, mates=whole - own.own, team_size=len(mates))
    return found


def score_people(design: Design, tables: Tables) -> DataFrame:
    """Return one row a person, in the order of ``people.csv``; the columns are the fields of :class:`Score`.

    ``score`` is the official score (two decimals) or None where nothing could be scored.

    Raises IssuesError when the design or the tables hold an error.
    """
    _refuse(design, tables)
    return _score_table(score_cycle(design, tables).scores)


def _score_table(scores: Mapping[str, Score]) -> DataFrame:
    from pandas import DataFrame

    rows = [[getattr(score, column) for column in SCORE_COLUMNS] for score in scores.values()]
    return DataFrame(rows, columns=SCORE_COLUMNS).astype({"item_score": object, "score": object})


def _scores(
    design: Design,
    tables: Tables,
    people: Sequence[Any],
    results: Mapping[str, Result],
    previous: Mapping[str, Decimal],
) -> dict[str, Score]:
    events = events_of(tables)
    scores = {
        person.id: _score(design, person, results[person.id], events.get(person.id, []), previous.get(person.id))
        for person in people
    }
    return {person: replace(own, apart=True) if person in tables.apart else own for person, own in scores.items()}


def _score(design: Design, person: Any, result: Result, events: list[Decimal], before: Decimal | None) -> Score:
    fallen = fallen_gates(result)
    adjustment = sum(events, Decimal("0.00"))
    item_score, score, cut, vetoed = None, None, Decimal(0), False
    if result.weight:
        item_score = from_centi(result.item_centi)
        free = min(max(item_score + bounded(design.adjustments, events), Decimal(0)), design.total_cap)
        held = min(free, limit_of(design, fallen))
        score, cut, vetoed = from_centi(centi(held)), held - item_score - adjustment, held < free
    return Score(
        person=person.id, name=person.name, role=person.role, team=person.team, counted_weight=result.weight,
        sum_micro=result.sum_micro, item_score=item_score, score=score, cap_cut=cut, vetoed=vetoed,
        adjustment=adjustment,
        team_points=from_centi(result.dealt[-1]) if result.weight else Decimal("0.00"),
        gates=tuple(item.id for item, _ in fallen), barred=any(gate.scope == "tier" for _, gate in fallen),
        too_little=_too_little(design, result), ties=_ties(design.tiers.tie_break, result, before),
    )  # fmt: skip


def _ties(chain: Sequence[str], result: Result, before: Decimal | None) -> dict[str, Any]:
    """Return what a person has of each criterion: a side's points, the score before, an indicator's score, or None."""
    found: dict[str, Any] = {}
    for name in chain:
        if name == "previous":
            found[name] = before
        elif name in set(Side):
            found[name] = result.earned(name)
        else:
            found[name] = next((s for item, s, state in result.marks if item.id == name and counts(state)), None)
    return found


def _too_little(design: Design, result: Result) -> bool:
    """Whether a person is scored from less of the form's weight than the design asks for (exact)."""
    absent = sum(centi(item.weight) for item, _, state in result.marks if state == "missing")
    return bool(result.weight) and 100 * result.weight < design.least_weight * (result.weight + absent)


def fallen_gates(result: Result) -> list[tuple[Indicator, Veto]]:
    """Return the indicators whose veto fell, nothing being earned; one whose value is missing has not."""
    return [
        (item, veto)
        for item, score, state in result.marks
        if (veto := item.curve.veto) and state in {"scored", "gate"} and score <= 0
    ]


def limit_of(design: Design, fallen: Iterable[tuple[Indicator, Veto]]) -> Decimal:
    """Return the most that a score can be once these vetoes fell."""
    return min([design.total_cap, *(gate.limit for _, gate in fallen if gate.scope == "total")])


def events_of(tables: Tables) -> dict[str, list[Decimal]]:
    """Return the points of each event of the plus/minus row by person; nobody without one is there."""
    return gathered((event.person, event.points) for event in rows_of(tables.adjustments))


def bounded(rules: AdjustmentRules, points: list[Decimal]) -> Decimal:
    """Return the net of the plus/minus row, each side held by its bound (Y03).

    >>> bounded(AdjustmentRules(max_plus=3), [Decimal(2), Decimal(4), Decimal(-1)])
    Decimal('2')
    """
    plus = sum((value for value in points if value > 0), Decimal(0))
    minus = -sum((value for value in points if value < 0), Decimal(0))
    plus = plus if rules.max_plus is None else min(plus, rules.max_plus)
    minus = minus if rules.max_minus is None else min(minus, rules.max_minus)
    return plus - minus
