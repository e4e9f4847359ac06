"""Who is in which tier, with the reason (S235-S241, decisions 4 and 5), and whom a calibration meeting moved.

How many have room is :mod:`.quotas`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, IssuesError, Place, error
from kpi_toolkit.method.quotas import GuidelineLine, Quotas, guidelines_can_add_up, hold_against, seats_of
from kpi_toolkit.method.scheme import Tier, TierScheme, TieRule
from kpi_toolkit.method.scoring import TIE_COLUMN, Standing
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import Word

if TYPE_CHECKING:
    from pandas import DataFrame

ADVISORY_BELOW = 10
"""Pools of fewer people get tiers labelled advisory (decision 4)."""

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a pool that its readers must know; the sentence is in ``templates/words``."""

    code: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """The people among whom tiers were assigned: how many, the quotas, the counts, and why they differ."""

    id: str
    n: int
    quotas: Quotas
    counts: Quotas
    tiered: bool
    advisory: bool
    notes: tuple[Note, ...] = ()
    guidelines: tuple[GuidelineLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where somebody is. ``rank`` is 1, 2, 2, 4 within the pool; no rank and no tier where ``reason`` says why."""

    person: str
    score: Decimal | None
    pool: str | None
    """None for whoever has no team where teams are the pools."""
    rank: int | None = None
    tier: Tier | None = None
    reason: str
    """``rank``, ``tie_shared``, ``tie_lowered``, ``tie_too_many``, ``tie_break``, ``pass_line``, ``gate``, ``exempt``,
    ``small_pool``, ``no_score``, ``no_team``, ``too-little-filled`` or ``calibrated``."""


@dataclass(frozen=True)
class Tiering:
    """Tiers of a cycle: everybody's place, by person, and the pools they were assigned in."""

    places: Mapping[str, Placed]
    pools: tuple[Pool, ...]

    @cached_property
    def table(self) -> DataFrame:
        """The places as a table: person, pool, rank, tier, reason."""
        rows = ((p.person, p.pool, p.rank, p.tier and p.tier.value, p.reason) for p in self.places.values())
        return Table.of(("person", "pool", "rank", "tier", "reason"), rows).to_frame()


def assign_tiers(
    scores: DataFrame | Iterable[Standing],
    scheme: TierScheme | None = None,
    *,
    before: Mapping[str, int] | None = None,
) -> Tiering:
    """Return who is in which tier. ``scores`` are standings, or a table of them: ``person``, ``score`` and the like.

    People tied at a cut go where the scheme's tie rule sends them, by default into the better tier; a tied group that
    would more than double the seats of the tier at the cut, or that spans both cuts, goes to the middle with a note
    (decision 4).
    Columns ``tie:<criterion>`` break ties in the order of the scheme's ``tie_break``. Nobody who reaches the pass
    line is put in the bottom, nobody with a true ``barred`` in the top. Whoever has a true ``too_little`` is not ranked
    and does not count in the pool, nor is whoever has no team where teams are the pools. ``before`` counts a pool's
    people in earlier cycles (carry-over).

    >>> from pandas import DataFrame
    >>> scores = DataFrame({"person": list("abcdefghij"), "score": [95, 90, 90, 85, 84, 83, 82, 81, 80, 60]})
    >>> tiering = assign_tiers(scores)
    >>> list(tiering.table["tier"])[:4], tuple(tiering.pools[0].counts)
    (['top', 'top', 'top', 'middle'], (3, 6, 1))
    """
    scheme = scheme or TierScheme()
    everybody = list(_standings(scores) if hasattr(scores, "columns") else scores)
    groups = gathered((scheme.pool_of(one), one) for one in everybody)
    placed: dict[str, Placed] = {}
    pools = []
    for name, members in groups.items():
        if not name:  # people without a team are not a team of their own
            why = left_out(members, scheme)
            placed |= {m.person: _unplaced(m, why.get(m.person, "no_team")) for m in members}
            continue
        pool, places = _place_pool(name, members, scheme, (before or {}).get(name, 0))
        pools.append(pool)
        placed |= places
    return Tiering({one.person: placed[one.person] for one in everybody}, tuple(pools))


def _standings(frame: Any) -> Iterable[Standing]:
    """Return the rows of a score table; a column that is not there says nothing about anybody."""
    ties = {name.removeprefix(TIE_COLUMN): name for name in map(str, frame.columns) if name.startswith(TIE_COLUMN)}
    plain = [name for name in ("person", "role", "team", "barred", "too_little", "apart") if name in frame]
    for row in frame.to_dict("records"):
        score = row["score"] if row["score"] == row["score"] else None
        yield Standing(
            score=score,
            ties={name: row[column] for name, column in ties.items()},
            **{name: row[name] for name in plain},
        )


def exempt_from(scheme: TierScheme, people: Iterable[Standing]) -> set[str]:
    """Return who gets no tier whatever the score: exempt by the design, or by what was decided of a leave."""
    return {entry.person for entry in scheme.exempt} | {one.person for one in people if one.apart}


def left_out(members: Collection[Standing], scheme: TierScheme) -> dict[str, str]:
    """Return who takes no part in ranking, and why."""
    exempt = exempt_from(scheme, members)
    whys = {
        one.person: "no_score" if one.score is None
        else "exempt" if one.person in exempt
        else "too-little-filled" if one.too_little else ""
        for one in members
    }  # fmt: skip
    return {person: why for person, why in whys.items() if why}


def _unplaced(one: Standing, reason: str, pool: str | None = None) -> Placed:
    return Placed(person=one.person, score=one.score, pool=pool, reason=reason)


def _place_pool(
    name: str, members: Sequence[Standing], scheme: TierScheme, before: int
) -> tuple[Pool, dict[str, Placed]]:
    unranked = left_out(members, scheme)
    keys = {one.person: _key(one, scheme) for one in members if one.person not in unranked}
    n = len(keys)
    quotas = seats_of(scheme, name, n, before, [key[0] for key in keys.values()])
    tiered = n >= scheme.min_group
    ordered = sorted(keys.values(), reverse=True)
    ranks = {key: place for place, key in sorted(enumerate(ordered, start=1), reverse=True)}  # 1, 2, 2, 4
    equals, split = Counter(ordered), _split_scores(ordered, quotas)
    line = scheme.pass_line
    places: dict[str, Placed] = {}
    for one in members:
        if one.person in unranked:
            places[one.person] = _unplaced(one, unranked[one.person], name)
            continue
        key, tier, reason = keys[one.person], None, "small_pool"
        rank = ranks[key]
        if tiered:
            reached, last = line is not None and key[0] >= line, rank + equals[key] - 1
            tier, reason = tier_of(rank, last, quotas, scheme.tie, reached=reached, barred=one.barred)
            reason = "tie_break" if reason == "rank" and key[0] in split else reason
        places[one.person] = Placed(person=one.person, score=one.score, pool=name, rank=rank, tier=tier, reason=reason)
    counts = Quotas.counted(place.tier for place in places.values())
    pool = Pool(name, n, quotas, counts, tiered, tiered and n < ADVISORY_BELOW)
    lines = hold_against(scheme.guidelines, counts) if tiered else ()
    return replace(pool, notes=tuple(_notes(pool, places, keys, scheme)), guidelines=lines), places


def _key(one: Standing, scheme: TierScheme) -> _Key:
    """Return what a person is ordered by: the score, then the tie-break criteria; what is unknown comes last."""
    chain = [one.ties[name] for name in scheme.tie_break if name in one.ties]
    return (one.score, *((value is not None, value or 0) for value in chain))


def tier_of(
    first: int, last: int, seats: Quotas, tie: TieRule, *, reached: bool = False, barred: bool = False
) -> tuple[Tier, str]:
    """Return the tier of somebody and why, if equals share the places ``first`` to ``last`` of a pool.

    ``reached`` says that the pass line keeps them out of the bottom, ``barred`` that a veto keeps them out of the top.

    >>> tier_of(2, 3, Quotas(2, 6, 2), TieRule.BETTER), tier_of(8, 9, Quotas(2, 6, 2), TieRule.WORSE)
    ((<Tier.TOP: 'top'>, 'tie_shared'), (<Tier.BOTTOM: 'bottom'>, 'tie_lowered'))
    """
    tier, reason = _tier_by_seats(first, last, seats, tie)
    if tier is Tier.TOP and barred:
        return Tier.MIDDLE, "gate"
    return (Tier.MIDDLE, "pass_line") if tier is Tier.BOTTOM and reached else (tier, reason)


def _tier_by_seats(first: int, last: int, seats: Quotas, tie: TieRule) -> tuple[Tier, str]:
    above_bottom = seats.top + seats.middle
    over_top, over_bottom = first <= seats.top < last, first <= above_bottom < last
    if not (over_top or over_bottom):
        return Tier.TOP if last <= seats.top else Tier.BOTTOM if first > above_bottom else Tier.MIDDLE, "rank"
    if over_top and (over_bottom or last > 2 * seats.top):
        return Tier.MIDDLE, "tie_too_many"
    if over_top:
        return (Tier.TOP, "tie_shared") if tie is TieRule.BETTER else (Tier.MIDDLE, "tie_lowered")
    if tie is not TieRule.WORSE:
        return Tier.MIDDLE, "tie_shared"
    many = sum(seats) - first >= 2 * seats.bottom
    return (Tier.MIDDLE, "tie_too_many") if many else (Tier.BOTTOM, "tie_lowered")


def _split_scores(ordered: Sequence[_Key], quotas: Quotas) -> set[Any]:
    """Return the official scores whose people a tie-break put on different sides of a cut."""
    n = len(ordered)
    edges = [place for place in (quotas.top, n - quotas.bottom) if 0 < place < n]
    return {
        ordered[place][0]
        for place in edges
        if ordered[place - 1][0] == ordered[place][0] and ordered[place - 1] != ordered[place]
    }


def _notes(pool: Pool, places: Mapping[str, Placed], keys: Mapping[str, _Key], scheme: TierScheme) -> list[Note]:
    """Return why counts differ from quotas, and who has no tier."""
    notes = []
    if not pool.tiered:
        notes.append(Note("small_pool", (("n", pool.n), ("min_group", scheme.min_group))))
    elif scheme.guidelines and not guidelines_can_add_up(pool.n, scheme.guidelines):
        notes.append(Note("guidelines_conflict", (("n", pool.n),)))
    if pool.tiered and scheme.pass_line is not None and all(key[0] < scheme.pass_line for key in keys.values()):
        notes.append(Note("pass_line_missed", (("pass_line", scheme.pass_line),)))
    more = {"pass_line": (("pass_line", scheme.pass_line),), "tie_break": (("chain", scheme.tie_break),)}
    for code, (reason, tier) in _TOLD.items():
        who = [p for p, place in places.items() if place.reason == reason and tier in {None, place.tier}]
        groups = _of_one_score(who, keys) if code.startswith("tie") else [who] if who else []
        said = ((("people", tuple(same)), ("score", keys[same[0]][0]), *more.get(code, ())) for same in groups)
        notes += [Note(code, values) for values in said]
    return notes + [Note(place.reason, (("person", p),)) for p, place in places.items() if p not in keys]


_TOLD: dict[str, tuple[str, Tier | None]] = {
    "tie_top": ("tie_shared", Tier.TOP), "tie_bottom": ("tie_shared", Tier.MIDDLE),
    "tie_top_lowered": ("tie_lowered", Tier.MIDDLE), "tie_bottom_lowered": ("tie_lowered", Tier.BOTTOM),
    "tie_too_many": ("tie_too_many", Tier.MIDDLE), "pass_line": ("pass_line", Tier.MIDDLE),
    "gate": ("gate", Tier.MIDDLE), "tie_break": ("tie_break", None),
}  # fmt: skip
"""The notes about people, in their order: by which reason, and in which tier, somebody is told of."""


def _of_one_score(who: Iterable[str], keys: Mapping[str, _Key]) -> Iterable[list[str]]:
    """Return people in groups of one score: a tie is told group by group."""
    return gathered((keys[person][0], person) for person in who).values()


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
        pools.append(replace(pool, counts=Quotas.counted(place.tier for place in own), notes=notes))
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
