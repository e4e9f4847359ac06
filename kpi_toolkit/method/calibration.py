"""Decisions of a calibration meeting: who was moved, when, why, from where to where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, IssuesError, Place, error
from kpi_toolkit.method.model import Tier, TierScheme
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.tiers import Note, Placed, Tiering, count_tiers
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


def decisions_of(calibration: Table) -> tuple[Decision, ...]:
    """Return the recorded moves in the order of the file."""
    return tuple(
        Decision(row.date, row.person, row.from_tier, row.to_tier, row.reason, row.approver)
        for row in rows_of(calibration)
    )


def apply_calibration(tiering: Tiering, calibration: Table, scheme: TierScheme, *, folder: str = "") -> Tiering:
    """Return the tiers after the recorded moves; their reason is ``calibrated``, pools count what came of it.

    Raises IssuesError where a move does not start from the tier that was worked out (the data changed since), or would
    put somebody who reached the pass line into the bottom tier.
    """
    wrong = list(_wrong(calibration, tiering.places, scheme, folder))
    if wrong:
        raise IssuesError(wrong)
    after = {row.person: row.to_tier for row in rows_of(calibration)}
    places = {
        person: replace(place, tier=after[person], reason="calibrated")
        if after.get(person, place.tier) is not place.tier else place
        for person, place in tiering.places.items()
    }  # fmt: skip
    members = gathered((place.pool, place) for place in places.values())
    pools = []
    for pool in tiering.pools:
        own = members.get(pool.id, [])
        who = tuple(place.person for place in own if place.reason == "calibrated")
        notes = (*pool.notes, Note("calibrated", (("people", who),))) if who else pool.notes
        pools.append(replace(pool, counts=count_tiers(own), notes=notes))
    return Tiering(places, tuple(pools))


def apply_standing(tiering: Tiering, calibration: Table, scheme: TierScheme) -> tuple[Tiering, tuple[str, ...]]:
    """Return the tiers after those decisions that still hold, and the people whose decision does not.

    A decision holds as long as it starts from the tier that is worked out and keeps to the pass line. Otherwise
    the tier worked out stays, and the meeting has to look at that person again.
    """
    wrong = {issue.values["person"] for issue in _wrong(calibration, tiering.places, scheme, "")}
    overturned = tuple(person for person in dict.fromkeys(calibration["person"]) if person in wrong)
    standing = calibration.only(lambda row: row.person not in wrong)
    return apply_calibration(tiering, standing, scheme), overturned


def _wrong(calibration: Table, places: Mapping[str, Placed], scheme: TierScheme, folder: str) -> Iterator[Issue]:
    tiers = {person: place.tier for person, place in places.items()}
    for row in rows_of(calibration):
        now, place = tiers.get(row.person), Place(f"{folder}{CALIBRATION_FILE}", row.row, "from_tier")
        if now is not row.from_tier:
            yield error(
                "calibration-stale", place, person=row.person, before=Word(f"tier.{row.from_tier.value}"),
                now=Word(f"tier.{now.value}") if now else "–",
            )  # fmt: skip
        tiers[row.person] = row.to_tier
        score, line = places[row.person].score if row.person in places else None, scheme.pass_line
        if row.to_tier is Tier.BOTTOM and score is not None and line is not None and score >= line:
            place = Place(f"{folder}{CALIBRATION_FILE}", row.row, "to_tier")
            yield error("calibration-below-line", place, person=row.person, line=line)
