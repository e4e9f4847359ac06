"""What the lines of a cycle show together: where tiers part, what nearly everybody misses, whose forms came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Indicator, Role
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.tiers import Pool
from kpi_toolkit.results.lines import PersonLine

_PATTERN_OF = 3
"""Fewer people than this show no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Whose forms of one kind came back."""

    whole: tuple[PersonLine, ...]
    partly: tuple[PersonLine, ...]
    absent: tuple[PersonLine, ...]

    @property
    def used(self) -> bool:
        """Whether anybody handed one in; where nobody does, none is asked for."""
        return bool(self.whole or self.partly)

    @property
    def asked(self) -> int:
        """How many people were to hand one in."""
        return len(self.whole) + len(self.partly) + len(self.absent)


def self_appraisals(people: Iterable[PersonLine]) -> Returned:
    """Return whose self-appraisal came back whole, in part, or not at all; lines without a weight ask for none."""
    asked = [(p, [line.self is not None for line in p.lines if line.weight]) for p in people]
    return Returned(
        whole=tuple(p for p, given in asked if given and all(given)),
        partly=tuple(p for p, given in asked if any(given) and not all(given)),
        absent=tuple(p for p, given in asked if given and not any(given)),
    )


_SAID_OTHERWISE = {"missing-actual", "namesakes"}
"""What a person's page shows where it stands, or by how it calls the person."""


def own_warnings(found: Issues, people: Iterable[PersonLine], person: str) -> tuple[list[Issues], int]:
    """Return the warnings that touch a person's figures, by kind, and how many more kinds name somebody else."""
    own = Issues(each for each in found if person in each.about and each.code not in _SAID_OTHERWISE).by_kind()
    names = {line.id: {line.name, *line.called.words} for line in people}
    others = set().union(*names.values()) - names[person]
    said = [group for group in own if others.isdisjoint(group[0].named)]
    return said, len(own) - len(said)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where two tiers of a pool part: the last above and the first below."""

    upper: Tier
    above: PersonLine
    below: PersonLine
    worked_out: bool
    """Whether it is the cut before the meeting: its decisions put the tiers out of order."""

    @property
    def gap(self) -> Decimal:
        """How many points lie between the two."""
        return (self.above.score or Decimal(0)) - (self.below.score or Decimal(0))


def tier_cuts(pools: Iterable[Pool], ranking: Sequence[PersonLine], before: Mapping[str, Tier]) -> Iterator[Cut]:
    """Go through the cuts by the tiers as they stand after the meeting; ``before`` are those it started from.

    Whom a veto holds down stands at no cut.
    """
    for pool in pools:
        here = [line for line in ranking if line.pool == pool.id and line.tier and line.reason != "gate"]
        after = {line.id: line.tier for line in here if line.tier}
        first = {line.id: before[line.id] for line in here}
        places = list(after.values())
        in_order = places == sorted(places, key=list(Tier).index)
        tiers = after if in_order else first
        for upper, lower in pairwise([tier for tier in Tier if tier in tiers.values()]):
            above = [line for line in here if tiers[line.id] is upper]
            below = [line for line in here if tiers[line.id] is lower]
            yield Cut(upper, above[-1], below[0], worked_out=not in_order)


def shared_misses(
    roles: Iterable[tuple[Role, Sequence[PersonLine]]],
) -> Iterator[tuple[Role, Indicator, int, int]]:
    """Go through indicators that four in five people of a role miss, three people or more: look at goal or strategy.

    In a small company a role is held by three or four: there it is what all of them miss.
    """
    for role, people in roles:
        for item in role.indicators:
            lines = [line for person in people for line in person.lines if line.id == item.id]
            scored = [line.met for line in lines if line.state == "scored"]
            missed = len(scored) - sum(scored)
            if len(scored) >= _PATTERN_OF and missed * 5 >= len(scored) * 4:
                yield role, item, missed, len(scored)
