"""People of a pool whose figures are still out, and what they may do to the tiers of those whose figures are in.

Nothing is known of them but their pool. So every order in which they may fall among the others is taken as equally
likely (Pólya's urn), which is exact and asks for no scores; what no order and no number of them can change is certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from kpi_toolkit.method.model import Design, QuotaRule, Tier, TieRule
from kpi_toolkit.method.quotas import Quotas, tier_quotas
from kpi_toolkit.method.scoring import Scored
from kpi_toolkit.method.tiers import Placed, Tiering, exempt_from, tier_of


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody is among those of a pool whose figures are in; equals share places ``first`` to ``last``."""

    first: int
    last: int
    count: int
    tie: TieRule = TieRule.BETTER
    reached: bool = False
    """Whether the pass line keeps them out of the bottom."""
    barred: bool = False
    """Whether a veto keeps them out of the top."""

    def tier(self, above: int, seats: Quotas) -> Tier:
        """Return the tier once so many more stand above."""
        first, last = self.first + above, self.last + above
        return tier_of(first, last, seats, self.tie, reached=self.reached, barred=self.barred)[0]

    def above(self, more: int, of: int) -> Fraction:
        """Return the chance that of so many who come in so many stand above.

        >>> [str(Here(1, 1, 2).above(more, of=2)) for more in range(3)]
        ['1/2', '1/3', '1/6']
        """
        over, under = comb(more + self.first - 1, more), comb(of - more + self.count - self.first, of - more)
        return Fraction(over * under, comb(self.count + of, of))


@dataclass(frozen=True, slots=True)
class Completed:
    """What becomes of a tier when figures still out come in: its chance to stay, and whether anything can change it."""

    stays: Fraction
    certain: bool


def still_out(design: Design, scored: Scored) -> tuple[str, ...]:
    """Return the people without a figure of their own, or with too few to be ranked, who have blanks.

    Nobody waits for figures of whoever gets no tier.
    """
    exempt = exempt_from(design.tiers, scored.scores.values())
    return tuple(
        person
        for person, own in scored.results.items()
        if person not in exempt
        and {"missing", "filled"}.intersection(own.states)
        and ("scored" not in own.states or scored.scores[person].score is None or scored.scores[person].too_little)
    )


def when_complete(
    design: Design, scored: Scored, tiering: Tiering, before: Mapping[str, int]
) -> dict[str, Completed]:  # fmt: skip
    """Return what may become of each tier in pools where somebody's figures are out; nobody else is there."""
    out = set(still_out(design, scored))
    found: dict[str, Completed] = {}
    for pool in tiering.pools:
        places = {person: place for person, place in tiering.places.items() if place.pool == pool.id}
        inside = {person: place for person, place in places.items() if place.rank and person not in out}
        missing = len(out & set(places))
        if missing:
            seats = [_seats(design, pool.id, len(inside) + more, before) for more in range(missing + 1)]
            tiered = [person for person, place in places.items() if place.tier]
            found |= {person: _completed(design, scored, places[person], inside, seats) for person in tiered}
    return found


def _seats(design: Design, pool: str, n: int, before: Mapping[str, int]) -> Quotas:
    gap = design.tiers.rule is QuotaRule.BOUNDARY_GAP  # where gaps will be is not known
    rule = QuotaRule.LARGEST_REMAINDER if gap else design.tiers.rule
    return tier_quotas(n, design.tiers.shares_of(pool), rule, before=before.get(pool, 0))


def _completed(
    design: Design, scored: Scored, place: Placed, inside: Mapping[str, Placed], seats: list[Quotas]
) -> Completed:
    """Return what becomes of a tier; ``seats`` are those with none, one … all of the people who are still out."""
    missing, tier = len(seats) - 1, place.tier or Tier.MIDDLE
    if place.person not in inside:  # ranked by what was filled in for blanks: any place is as likely as another
        return Completed(Fraction(tuple(seats[-1])[list(Tier).index(tier)], sum(seats[-1])), certain=False)
    line, ranks = design.tiers.pass_line, [other.rank or 0 for other in inside.values()]
    rank, own = place.rank or 0, scored.scores[place.person]
    here = Here(
        1 + sum(other < rank for other in ranks), sum(other <= rank for other in ranks), len(ranks), design.tiers.tie,
        reached=line is not None and own.score is not None and own.score >= line, barred=own.barred,
    )  # fmt: skip
    stays = (here.above(more, missing) for more in range(missing + 1) if here.tier(more, seats[-1]) is tier)
    held = all(here.tier(more, seats[n]) is tier for n in range(missing + 1) for more in (0, n))
    return Completed(sum(stays, Fraction(0)), held and not design.team_share)
