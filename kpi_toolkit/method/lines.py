"""The one row that a cycle is made of: an indicator of a person's form, scored. Every face reads it; none copies it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.numbers import MICRO, half_up

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
