"""The one row that a cycle is made of, an indicator of a person's form scored; and a person's result.

Every face reads the rows, none copies them; a result stays in whole numbers until it is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod

from kpi_toolkit.method.model import Aggregation, Basis, Indicator, Role
from kpi_toolkit.method.numbers import CENTI, MICRO, centi, deal, from_centi, half_up, round_half_up

_FULL_SCORE = 100
_MOST_PLACES = 6


def counts(state: str) -> bool:
    """Whether an indicator in this state takes part in the weighted score."""
    return state in {"scored", "filled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine:
    """One indicator of one person's form: what was agreed, what came in, what it scored."""

    person: str
    role: str
    indicator: Indicator
    target: Decimal | None
    actual: Decimal | None
    part: Decimal | None
    whole: Decimal | None
    """What the actual is the quotient of, where that was reported."""
    parts: str | None
    """How far each part of the goal is, as it was reported."""
    stages: tuple[Decimal, ...]
    """What each of them counts, in per cent; empty where all count alike."""
    self: Decimal | None
    appraiser: Decimal | None
    others: Decimal | None
    attainment: Decimal | None
    state: str
    """``scored``, ``missing`` (left out), ``filled`` (the policy's score stands in), ``not_counted`` (the role's method
    leaves this side out), ``added`` (points outside the weights) or ``gate`` (a veto without a weight)."""
    score: Decimal | None
    score_micro: int | None
    """The score as it counts, in millionths; :attr:`score` is what is printed of it."""
    points: Decimal | None
    share: Decimal | None
    """What of 100 points the line stands for, after what is missing was shared out."""
    text: str
    deadline: str
    note: str

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.indicator.id

    @property
    def weight(self) -> Decimal:
        """The planned points."""
        return self.indicator.weight

    @property
    def short(self) -> Decimal:
        """What it could earn at a full score less what it earned, to six decimals; below 0 for over-fulfilment."""
        return (self.share or Decimal(0)) - (self.points or Decimal(0))

    @property
    def lost(self) -> Decimal:
        """Points short of what it could earn at a full score; 0 for over-fulfilment."""
        return max(Decimal("0.00"), half_up(Fraction(self.short), 2))

    @property
    def operands(self) -> tuple[Decimal, Decimal, bool] | None:
        """The score and the share with the fewest decimals that multiply to the printed points, and whether any do.

        Points are dealt so that the column adds up, which moves a few of them by 0.01 from their product.
        """
        if self.score_micro is None or self.share is None or self.points is None:
            return None
        for places in range(1, _MOST_PLACES + 1):
            score, share = self._factors(places)
            if half_up(Fraction(score) * Fraction(share) / _FULL_SCORE, 2) == self.points:
                return score, share, True
        return *self._factors(2), False

    def _factors(self, places: int) -> tuple[Decimal, Decimal]:
        return half_up(Fraction(self.score_micro or 0, MICRO), places), half_up(Fraction(self.share or 0), places)

    def rounded(self, places: int) -> Decimal | None:
        """Return the score to so many decimals, rounded once; None without one.

        :attr:`score` has been rounded to two already: 79.5454… is 79.55 there, and 79.5 here.
        """
        return None if self.score_micro is None else half_up(Fraction(self.score_micro, MICRO), places)

    @property
    def reported(self) -> bool:
        """Whether anything came in for it."""
        return any(view is not None for view in (self.actual, self.self, self.appraiser, self.others))

    @property
    def counted(self) -> bool:
        """Whether it takes part in the score."""
        return counts(self.state)

    @property
    def met(self) -> bool:
        """Whether it earned the full score."""
        return self.score is not None and self.score >= _FULL_SCORE

    @property
    def passes_from(self) -> Decimal | None:
        """The actual from which on a veto without a weight is passed; None where it is read off something else."""
        item, at = self.indicator, self.indicator.curve.passes_at
        if at is None or item.basis is not Basis.ACTUAL:
            return None
        exact = item.curve.actual_at(Fraction(at), Fraction(self.target or 0), item.scored_direction)
        return None if exact is None else half_up(exact, 2).normalize() + 0

    @property
    def gap(self) -> Decimal | None:
        """Self minus appraiser, in points of per cent (S158)."""
        return None if self.self is None or self.appraiser is None else self.self - self.appraiser


_PRECISE = Context(prec=60)
_HAIR = Fraction(1, 10**30)
"""Nearer to a whole number than this a root is looked at in whole powers."""


def weighted_sum(lines: Iterable[tuple[int, Decimal, str]]) -> tuple[int, int]:
    """Return the sum of score x weight (millionths x hundredths) and the weight that counted (hundredths).

    Each line is score in millionths, weight, state.

    >>> weighted_sum([(90_000_000, Decimal(60), "scored"), (0, Decimal(40), "missing")])
    (540000000000, 6000)
    """
    taking_part = [(int(score), centi(weight)) for score, weight, state in lines if counts(state)]
    return sum(score * weight for score, weight in taking_part), sum(weight for _, weight in taking_part)


def geometric_mean(lines: Iterable[tuple[int, Decimal, str]]) -> Fraction:
    """Return the weighted geometric mean in millionths, unrounded; 0 as soon as one score is 0.

    A root of a whole number is whole or irrational. Whole ones are returned as they are, so that halves are halves; of
    the others sixty digits are kept, and no sum of such roots lies on a half, so these decide every rounding.

    >>> geometric_mean([(40_000_000, Decimal(50), "scored"), (90_000_000, Decimal(50), "scored")])
    Fraction(60000000, 1)
    >>> geometric_mean([(0, Decimal(1), "scored"), (90_000_000, Decimal(99), "scored")])
    Fraction(0, 1)
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


@dataclass(frozen=True)
class Result:
    """A person's score before adjustments: what was earned by weight, what the team gave, what was added outside.

    ``scores`` (millionths) and ``states`` are in the order of the role's form. Nothing is rounded but the whole, once
    (:attr:`item_centi`).
    """

    role: Role
    scores: tuple[int, ...]
    states: tuple[str, ...]
    share: Fraction = Fraction(0)
    """What part of the score is the mean of the team's own scores."""
    mates: Fraction = Fraction(0)
    """The sum of the mates' own scores."""
    team_size: int = 1

    def with_score(self, place: int, score_micro: int) -> Result:
        """Return what the result would be with another score on one line."""
        return replace(self, scores=(*self.scores[:place], score_micro, *self.scores[place + 1 :]))

    @property
    def marks(self) -> Iterator[tuple[Indicator, int, str]]:
        """Each indicator of the form with its score and state."""
        return zip(self.role.indicators, self.scores, self.states, strict=True)

    @cached_property
    def _lines(self) -> list[tuple[int, Decimal, str]]:
        return [(score, item.weight, state) for item, score, state in self.marks]

    @cached_property
    def _weighed(self) -> tuple[int, int]:
        return weighted_sum(self._lines)

    @property
    def sum_micro(self) -> int:
        """The sum of score x weight (millionths x hundredths)."""
        return self._weighed[0]

    @property
    def weight(self) -> int:
        """The weight that counted, in hundredths."""
        return self._weighed[1]

    @cached_property
    def parts(self) -> tuple[list[int], int]:
        """Each line's part of the person's own score, as whole numbers over one denominator (millionths)."""
        shares = [score * centi(weight) * counts(state) for score, weight, state in self._lines]
        if self.role.aggregation is not Aggregation.GEOMETRIC:
            return shares, max(self.weight, 1)
        mean = geometric_mean(self._lines)
        return [mean.numerator * share for share in shares], mean.denominator * max(sum(shares), 1)

    @cached_property
    def own(self) -> Fraction:
        """The person's own score in millionths."""
        parts, denominator = self.parts
        return Fraction(sum(parts), denominator)

    @property
    def own_share(self) -> Fraction:
        """What part of the score is the person's own."""
        return 1 - self.share

    @property
    def team(self) -> Fraction:
        """The mean of the team's own scores in millionths."""
        return (self.mates + self.own) / self.team_size

    @property
    def added(self) -> list[int]:
        """Points outside the weights, in millionths, line by line."""
        return [score * (state == "added") for score, state in zip(self.scores, self.states, strict=True)]

    @property
    def exact(self) -> Fraction:
        """The unrounded score in millionths: own, team, and what was added outside."""
        return self.own_share * self.own + self.share * self.team + sum(self.added)

    @property
    def item_centi(self) -> int:
        """The score in hundredths, rounded half up once."""
        return round_half_up(self.exact / MICRO, CENTI)

    @cached_property
    def _exact_parts(self) -> list[Fraction]:
        """What each line brings to the score, in millionths."""
        parts, denominator = self.parts
        both = zip(parts, self.added, strict=True)
        return [Fraction(part, denominator) * self.own_share + added for part, added in both]

    def earned(self, side: str) -> Decimal | None:
        """Return what the lines of a side bring together, rounded half up once; None where none of them counts.

        Printed points are dealt line by line so that they add up: their sum may tell it the other way round.
        """
        own = zip(self.marks, self._exact_parts, strict=True)
        here = [part for (item, _, state), part in own if item.side == side and (counts(state) or state == "added")]
        return half_up(sum(here, Fraction(0)) / MICRO, 2) if here else None

    @cached_property
    def dealt(self) -> list[int]:
        """Printed hundredths of each line, and of the team last: they add up to :attr:`item_centi`."""
        shares = [share * CENTI / MICRO for share in (*self._exact_parts, self.share * self.team)]
        common = lcm(*(share.denominator for share in shares))
        return deal(self.item_centi, [int(share * common) for share in shares], common)

    @cached_property
    def points(self) -> list[Decimal | None]:
        """Printed points, line by line."""
        return [
            from_centi(dealt) if counts(state) or state == "added" else None
            for dealt, state in zip(self.dealt[:-1], self.states, strict=True)
        ]
