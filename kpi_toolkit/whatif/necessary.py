"""Whose tier holds under every weighting that is admissible: proved, where shares of draws only make it likely.

A draw of ten thousand that finds no exception is no proof. Here each pair of people is compared at the corners of the
admissible weights, where a straight line is largest (necessary relations: Corrente, Greco, Kadziński & Słowiński
2013). Whoever is not proved is not claimed to be open: the proof is sufficient, not the only one there may be.
"""

from __future__ import annotations

import numpy as np

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import CENTI, centi
from kpi_toolkit.method.quotas import seats_of
from kpi_toolkit.method.scheme import QuotaRule
from kpi_toolkit.whatif.placing import NO_TIER, Flags, Floats, Tiers, Whole
from kpi_toolkit.whatif.rescoring import Form, Rescoring

_ROUNDING = 0.01
"""Two totals that are further apart than this (points) are not tied by rounding."""
_HAIR = 1e-9
_PAIRS = 1_000_000
"""How many differences of two people by an indicator are held at once."""


def largest(values: Floats, agreed: Floats, *, ordinal: bool) -> Floats:
    """Return the most that a weighted mean of the last axis can be, over all weights or those in the agreed order.

    >>> u = np.array([[.9, .4], [.6, .8], [.5, .5]])
    >>> (largest(u[2] - u, np.array([.6, .4]), ordinal=True) <= 1e-9).tolist()  # w1 >= w2: c never beats a nor b
    [True, True, True]
    """
    if not ordinal:
        return np.asarray(values.max(axis=-1))
    order = np.lexsort((-values, np.broadcast_to(-agreed, values.shape)), axis=-1)
    sums = np.cumsum(np.take_along_axis(values, order, axis=-1), axis=-1)
    return np.asarray((sums / np.arange(1, values.shape[-1] + 1)).max(axis=-1))


def always(design: Design, rescoring: Rescoring, now: Tiers) -> Flags:
    """Return who has the tier agreed under every admissible weighting, as far as that can be proved.

    Weights may be anything that the design's ``confidence.weights`` allows; those within statements or around the
    agreed ones are held against all weights there are, which proves more than was asked.
    """
    found = np.zeros(len(now), dtype=bool)
    if design.least_weight and any(form.absent.any() for form in rescoring.forms.values()):
        return found  # who is ranked depends on the weights
    reach = _Reach(design, rescoring)
    low, high = reach.floor, reach.ceiling
    slack = int(design.tiers.rule is QuotaRule.BOUNDARY_GAP)
    line = np.inf if design.tiers.pass_line is None else float(centi(design.tiers.pass_line))
    for pool, places in rescoring.pools.items():
        who = places[now[places] != NO_TIER]
        if len(who):
            room = seats_of(design.tiers, pool, len(who), rescoring.before.get(pool, 0))
            near, far = reach.among(who)
            above, below, barred = len(who) - 1 - far, len(who) - 1 - near, rescoring.barred[who]
            top = (near < room.top - slack) & ~barred
            middle = ((above >= room.top + slack) | barred) & ((below >= room.bottom + slack) | (low[who] >= line))
            bottom = (far < room.bottom - slack) & (high[who] < line)
            found[who] = np.choose(now[who], [top, middle, bottom])
    return found


def ranges(rescoring: Rescoring) -> tuple[Floats, Floats]:
    """Return between which totals (hundredths, before bounds) each person lies under any weights, or further apart."""
    low, high = np.zeros(len(rescoring.people)), np.zeros(len(rescoring.people))
    for form in rescoring.forms.values():
        counted = form.counted > 0
        low[form.places] = np.where(counted, form.scores, np.inf).min(axis=1)
        high[form.places] = np.where(counted, form.scores, -np.inf).max(axis=1)
        for one in form.stepped:
            low[form.places], high[form.places] = 0.0, np.maximum(high[form.places], one.high)
    has, share = np.isfinite(low), rescoring.share
    low, high = np.where(has, low, 0.0), np.where(has, high, 0.0)
    for places in rescoring.groups.values() if share else ():
        mates = places[has[places]]
        for ends in (low, high) if len(mates) else ():
            ends[mates] = (1 - share) * ends[mates] + share * ends[mates].mean()
    return tuple(
        np.floor(CENTI * (ends + rescoring.outside) + 0.5 + way * _HAIR) + rescoring.plus
        for ends, way in ((low, -1), (high, 1))
    )


class _Reach:
    """Who may come to stand as high as whom. Pairs are counted in blocks: never all of them are held at once."""

    def __init__(self, design: Design, rescoring: Rescoring) -> None:
        low, high = ranges(rescoring)
        self.floor, self.ceiling = (np.clip(ends, 0.0, rescoring.limits) for ends in (low, high))
        # A bound could make equal what is apart: the lower one must lie below it, the higher one above 0.
        self._below, self._above = high < rescoring.limits, self.floor > 0
        self._beside = rescoring.outside + rescoring.plus / CENTI
        self._ordinal, self._kept = design.confidence.weights == "ordinal", 1 - rescoring.share
        self._alike = [
            (form, rows) for form in rescoring.forms.values() for rows in _alike(rescoring, form, teams=self._kept < 1)
        ]

    def among(self, who: Whole) -> tuple[Whole, Whole]:
        """Return by how many of the others each may be reached, and how many of the others each may reach."""
        floor, ceiling = self.floor[who], self.ceiling[who]
        near = len(who) - 1 - np.searchsorted(np.sort(ceiling), floor, side="left")
        far = np.searchsorted(np.sort(floor), ceiling, side="right") - 1
        for form, rows in self._alike:
            here = rows[np.isin(form.places[rows], who)]
            at = np.searchsorted(who, form.places[here])
            size = max(_PAIRS // max(len(here) * form.counted.shape[1], 1), 1)
            for start in range(0, len(here), size):
                block = slice(start, start + size)
                never = self._apart(form, here[block], here) & (ceiling[at[block], None] >= floor[at])
                near[at] -= never.sum(axis=0)
                far[at[block]] -= never.sum(axis=1)
        return near, far

    def _apart(self, form: Form, lower: Whole, higher: Whole) -> Flags:
        """Return of whom among some rows of a form it is proved that they stay below which others."""
        taking = np.flatnonzero(form.counted[higher[0]])
        first, second = (
            (self._kept * form.scores[np.ix_(rows, taking)] + self._beside[form.places[rows], None]).T
            for rows in (lower, higher)
        )
        apart = np.moveaxis(first[:, :, None] - second[:, None, :], 0, -1)  # so laid out, a maximum is quick
        most = largest(apart, form.agreed[taking], ordinal=self._ordinal)
        return np.asarray(
            (most < -_ROUNDING) & self._below[form.places[lower], None] & self._above[form.places[higher]]
        )


def _alike(rescoring: Rescoring, form: Form, *, teams: bool) -> list[Whole]:
    """Return the people of a role whose totals differ by a straight line: scored by the same indicators."""
    if form.geometric or form.stepped:
        return []
    own = enumerate(zip(form.places, form.counted, strict=True))
    groups = gathered(((rescoring.teams[place] if teams else "", *pattern), at) for at, (place, pattern) in own)
    return [np.array(rows) for rows in groups.values() if len(rows) > 1 and form.counted[rows[0]].any()]
