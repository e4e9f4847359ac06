"""Decisions of a calibration meeting: who was moved, when, why, from where to where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from kpi_toolkit.method.issues import Issue, IssuesError, Place, error
from kpi_toolkit.method.model import Tier, TierScheme
from kpi_toolkit.method.quotas import Quotas
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.tiers import Note, Tiering
from kpi_toolkit.method.value import Word

CALIBRATION_FILE = "calibration.csv"


@dataclass(frozen=True, slots=True)
class Decision:
    """One recorded move."""

    date: date
    person: str
    before: Tier
    after: Tier
    reason: str
    approver: str


def decisions_of(calibration: pd.DataFrame) -> tuple[Decision, ...]:
    """Return the recorded moves in the order of the file."""
    return tuple(
        Decision(row.date, row.person, row.from_tier, row.to_tier, row.reason, row.approver)
        for row in rows_of(calibration)
    )


def apply_calibration(
    tiering: Tiering, calibration: pd.DataFrame, scores: pd.DataFrame, scheme: TierScheme, *, folder: str = ""
) -> Tiering:
    """Return the tiers after the recorded moves; their reason is ``calibrated``, pools count what came of it.

    Raises IssuesError where a move does not start from the tier that was worked out (the data changed since), or would
    put somebody who reached the pass line into the bottom tier.
    """
    tiers: dict[str, Any] = dict(zip(tiering.table["person"], tiering.table["tier"], strict=True))
    official = dict(zip(scores["person"], scores["score"], strict=True))
    wrong = list(_wrong(calibration, dict(tiers), official, scheme, folder))
    if wrong:
        raise IssuesError(wrong)
    moved = {row.person: row.to_tier.value for row in rows_of(calibration)}
    table = tiering.table.copy()
    after = [moved.get(person, tier) for person, tier in zip(table["person"], table["tier"], strict=True)]
    table["tier"] = pd.Series(after, dtype=object, index=table.index)
    table["reason"] = [
        "calibrated" if moved.get(person, tier) != tier else reason
        for person, tier, reason in zip(tiering.table["person"], tiering.table["tier"], table["reason"], strict=True)
    ]
    pools = []
    for pool in tiering.pools:
        dealt = Counter(table.loc[table["pool"] == pool.id, "tier"])
        counts = Quotas(*(dealt.get(tier.value, 0) for tier in Tier))
        here = (table["pool"] == pool.id) & (table["reason"] == "calibrated")
        who = tuple(table.loc[here, "person"])
        notes = (*pool.notes, Note("calibrated", (("people", who),))) if who else pool.notes
        pools.append(replace(pool, counts=counts, notes=notes))
    return Tiering(table, tuple(pools))


def apply_standing(
    tiering: Tiering, calibration: pd.DataFrame, scores: pd.DataFrame, scheme: TierScheme
) -> tuple[Tiering, tuple[str, ...]]:
    """Return the tiers after those decisions that still hold, and the people whose decision does not.

    A decision holds as long as it starts from the tier that is worked out and keeps to the pass line. Otherwise
    the tier worked out stays, and the meeting has to look at that person again.
    """
    tiers = dict(zip(tiering.table["person"], tiering.table["tier"], strict=True))
    official = dict(zip(scores["person"], scores["score"], strict=True))
    overturned = tuple(
        str(person)
        for person, own in calibration.groupby("person", sort=False)
        if any(_wrong(own, dict(tiers), official, scheme, ""))
    )
    standing = calibration[~calibration["person"].isin(overturned)]
    return apply_calibration(tiering, standing, scores, scheme), overturned


def _wrong(
    calibration: pd.DataFrame, tiers: dict[str, Any], official: dict[str, Decimal], scheme: TierScheme, folder: str
) -> Iterator[Issue]:
    for row in rows_of(calibration):
        now, place = tiers.get(row.person), Place(f"{folder}{CALIBRATION_FILE}", row.row, "from_tier")
        if now != row.from_tier.value:
            yield error(
                "calibration-stale", place, person=row.person, before=Word(f"tier.{row.from_tier.value}"),
                now=Word(f"tier.{now}") if now else "–",
            )  # fmt: skip
        tiers[row.person] = row.to_tier.value
        line = scheme.pass_line
        if row.to_tier is Tier.BOTTOM and line is not None and official.get(row.person, Decimal(0)) >= line:
            place = Place(f"{folder}{CALIBRATION_FILE}", row.row, "to_tier")
            yield error("calibration-below-line", place, person=row.person, line=line)
