"""What a team's pages show of very many people: whom a reader looks for, and everybody in counts, means and ranges.

The pages of up to :data:`WHOLE` people show everybody. Beyond that nobody reads a table of all on paper: it shows the
first and the last, whom the meeting decided about or a veto holds, and those next to the cuts, the narrowest cut first.
Nothing is left out of the figures, of ``results.json`` or of the table that is delivered beside the pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice
from operator import attrgetter
from typing import TypeVar

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.model import Indicator, Role
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.history import mean
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

T = TypeVar("T")
WHOLE = 100
"""So many people are shown whole, on twenty pages."""
MOST = 60
"""So many rows has a table of a part of them."""
_ENDS, _NEXT, _NAMED = 10, 3, 12


@dataclass(frozen=True, slots=True)
class Group:
    """A role's or a team's people in figures; ``counts`` are their tiers from the top, and how many have none."""

    name: Text | str
    people: int
    counts: tuple[int, int, int, int]
    mean: Decimal | None
    high: Decimal | None
    low: Decimal | None


@dataclass(frozen=True)
class Excerpt:
    """What is shown of the people of one cycle."""

    summary: CycleSummary

    most = MOST

    @property
    def whole(self) -> bool:
        """Whether everybody is shown."""
        return len(self.summary.people) <= WHOLE

    @cached_property
    def shown(self) -> frozenset[str]:
        """Who is shown, by id."""
        if self.whole:
            return frozenset(line.id for line in self.summary.people)
        return frozenset(islice(dict.fromkeys(line.id for line in self._wanted()), MOST))

    def _wanted(self) -> Iterator[PersonLine]:
        """Go through whom a reader looks for, those first who must not be left out."""
        ranking, decided = self.summary.ranking, {made.person for made in self.summary.decisions}
        yield from chain(ranking[:_ENDS], ranking[-_ENDS:])
        place = {line.id: at for at, line in enumerate(ranking)}
        cuts = sorted(self.summary.cuts, key=attrgetter("gap"))
        yield from chain.from_iterable((cut.above, cut.below) for cut in cuts[:_ENDS])
        yield from (line for line in ranking if line.id in decided or line.gates)
        for cut in cuts:
            pool = [line for line in ranking if line.pool == cut.above.pool]
            at = next(number for number, line in enumerate(pool) if place[line.id] >= place[cut.below.id])
            yield from pool[max(at - _NEXT, 0) : at + _NEXT]

    def of(self, people: Iterable[PersonLine]) -> list[PersonLine]:
        """Return those of some people who are shown."""
        return [line for line in people if line.id in self.shown]

    def named(self, people: Sequence[T]) -> Sequence[T]:
        """Return those of some people whom a sentence names: all, or in a large team the first."""
        return people if self.whole else people[:_NAMED]

    @cached_property
    def roles(self) -> list[Group]:
        """The roles in figures, in the design's order."""
        return [_group(role.name, people) for role, people in self.summary.roles]

    @cached_property
    def teams(self) -> list[Group]:
        """The teams in figures, the largest first; empty where there is but one."""
        found = gathered((line.team, line) for line in self.summary.people)
        largest = sorted(found.items(), key=lambda team: -len(team[1]))
        return [_group(name, people) for name, people in largest] if len(found) > 1 else []

    @cached_property
    def verdicts(self) -> list[tuple[Tier, tuple[int, int, int]]]:
        """How many tiers are firm, likely and open, by tier."""
        found = Counter((own.tier, own.label) for own in self.summary.confidence.people.values())
        return [(tier, (found[tier, "firm"], found[tier, "likely"], found[tier, "open"])) for tier in Tier]

    @cached_property
    def missing(self) -> list[tuple[Role, Indicator, int, int]]:
        """How many of how many actuals of each indicator were not reported, where any was not."""
        found = Counter((person.role_id, line.id) for person, line in self.summary.missing)
        return [
            (role, item, found[people[0].role_id, item.id], len(people))
            for role, people in self.summary.roles
            for item in role.indicators
            if found[people[0].role_id, item.id]
        ]


def mean_of(people: Iterable[PersonLine]) -> Decimal | None:
    """Return the mean official score of those who have one."""
    return mean([line.score for line in people if line.score is not None])


def mean_score(people: Iterable[PersonLine], at: int) -> Decimal | None:
    """Return the mean score of the indicator at a place of a role's form, of those who have one."""
    return mean([score for line in people if (score := line.lines[at].score) is not None])


def _group(name: Text | str, people: Sequence[PersonLine]) -> Group:
    scores = [line.score for line in people if line.score is not None]
    tiers = Counter(line.tier for line in people)
    counts = tiers[Tier.TOP], tiers[Tier.MIDDLE], tiers[Tier.BOTTOM], tiers[None]
    return Group(name, len(people), counts, mean_of(people), max(scores, default=None), min(scores, default=None))
