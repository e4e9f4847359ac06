"""What a cycle says of certainty beside its verdicts: ranks over the cycles, groups, what other rules would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.tiers import Pool
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.whatif.confidence import Assessment
from kpi_toolkit.whatif.cuts import Alternative
from kpi_toolkit.whatif.fairness import FairnessResult, compare_outcomes
from kpi_toolkit.whatif.reliability import usual_ranks

_FEWEST_CYCLES = 3
_KINDS = {"rule": "quota", "tie": "tie", "no_tie_break": "tie", "missing": "missing"}
_OUTCOMES = {"top": {Tier.TOP}, "not_bottom": {Tier.TOP, Tier.MIDDLE}, "bottom": {Tier.BOTTOM}}
Ranks = tuple[int, int, int]
"""A usual rank, and between which ranks it lies."""


def hinges(alternatives: Sequence[Alternative]) -> dict[str, str]:
    """Return what else than the weights would move whom: another quota rule, tie rule or missing policy."""
    return {
        move.person: kind
        for other in reversed(alternatives)
        if (kind := _KINDS.get(other.code) or _KINDS.get(other.code.partition("_")[0]))
        for move in other.moves
    }


def decided_by(moved: Mapping[str, Tier], found: Assessment) -> Assessment:
    """Return how sure tiers are after a meeting: whom it moved stands where it decided, and on that."""
    people = {
        person: replace(own, tier=moved[person], rests_on="decision", always=False) if person in moved else own
        for person, own in found.people.items()
    }
    return replace(found, people=people)


def ranks_over(
    cycles: Sequence[Mapping[str, Decimal | None]], pools: Iterable[Pool], ranking: Iterable[PersonLine]
) -> dict[str, Ranks]:
    """Return each person's rank by the mean of the cycles, among the pool, and its spread; empty for few cycles."""
    found: dict[str, Ranks] = {}
    for pool in pools if len(cycles) >= _FEWEST_CYCLES else ():
        people = [line.id for line in ranking if line.pool == pool.id and line.rank]
        table = np.array([[float(own.get(person) or "nan") for own in cycles] for person in people])
        for person, ranks in zip(people, usual_ranks(table) if people else (), strict=True):
            if not np.isnan(ranks).any():
                usual, low, high = (int(rank) for rank in ranks)
                found[person] = usual, low, high
    return found


def compare_by(group: Mapping[str, Any], ranking: Iterable[PersonLine]) -> tuple[FairnessResult, ...]:
    """Return how the tiers are spread over groups; ``group`` is each person's, blank for none."""
    own = gathered((str(group.get(line.id) or "").strip(), line) for line in ranking if line.tier)
    alone = own.pop("", [])

    def counted(lines: Sequence[PersonLine], wanted: set[Tier]) -> tuple[int, int]:
        return sum(line.tier in wanted for line in lines), len(lines)

    return compare_outcomes(
        {name: {each: counted(own[each], tiers) for each in sorted(own)} for name, tiers in _OUTCOMES.items()},
        unwanted=["bottom"], without={name: counted(alone, tiers) for name, tiers in _OUTCOMES.items()},
    )  # fmt: skip
