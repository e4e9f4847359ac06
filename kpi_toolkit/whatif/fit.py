"""Whether targets fit: how often each indicator was missed, met and capped in the cycles there are.

Rules of thumb from practice: a threshold is passed in 8 or 9 of 10 cases, a target met in about half, a cap reached in
about one of ten. A target that everybody meets tells nobody apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import FULL, MICRO

FEWEST = 10
"""Fewer scores of an indicator say nothing about its target."""
_MOST, _FEW = 0.9, 0.1
Verdict = Literal["fits", "too_easy", "too_hard", "harsh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFit:
    """How an indicator's target and curve have worked: shares of its scores."""

    role: str
    indicator: str
    count: int
    nothing: float
    """Scored nothing."""
    met: float
    """Scored at least 100."""
    capped: float
    """Reached the cap."""
    verdict: Verdict


def target_fit(design: Design, lines: Iterable[IndicatorLine]) -> tuple[TargetFit, ...]:
    """Return how each indicator's target has worked over the lines of any cycles; too few scores are left out.

    ``harsh``: more than one of five scored nothing; ``too_easy``: nine of ten met it; ``too_hard``: one of ten or
    fewer.
    """
    scores = gathered(
        ((line.role, line.id), line.score_micro)
        for line in lines
        if line.state == "scored" and line.score_micro is not None
    )
    found = []
    for name, role in design.roles.items():
        for item in role.indicators:
            own = scores.get((name, item.id), [])
            if len(own) < FEWEST:
                continue
            nothing = sum(score <= 0 for score in own) / len(own)
            met, capped = (sum(score >= cap * MICRO for score in own) / len(own) for cap in (FULL, design.cap(item)))
            found.append(TargetFit(
                role=name, indicator=item.id, count=len(own), nothing=nothing, met=met, capped=capped,
                verdict=_verdict(nothing, met),
            ))  # fmt: skip
    return tuple(found)


def _verdict(nothing: float, met: float) -> Verdict:
    return "harsh" if nothing > 0.2 else "too_easy" if met >= _MOST else "too_hard" if met <= _FEW else "fits"
