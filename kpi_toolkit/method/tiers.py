"""Who is in which tier, with the reason (S235-S241, decisions 4 and 5). How many have room is :mod:`.quotas`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from kpi_toolkit.method.model import PoolBy, Side, Tier, TierScheme, TieRule
from kpi_toolkit.method.quotas import (
    GuidelineLine,
    Quotas,
    guidelines_can_add_up,
    hold_against,
    tier_quotas,
)
from kpi_toolkit.method.scoring import counts
from kpi_toolkit.method.tables import rows_of

ADVISORY_BELOW = 10
"""Pools of fewer people get tiers labelled advisory (decision 4)."""

TIE_COLUMN = "tie:"
"""Columns of a score table that break ties are named by this and their criterion."""

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


@dataclass(frozen=True)
class Tiering:
    """Tiers of a cycle: ``table`` (person, pool, rank, tier, reason) and the pools they were assigned in.

    ``pool`` is None for whoever has no team where teams are the pools. ``rank`` is 1, 2, 2, 4 within the pool and None
    for whoever is not ranked; ``tier`` is a tier's name or None; ``reason`` says why: ``rank``, ``tie_shared``,
    ``tie_lowered``, ``tie_too_many``, ``tie_break``, ``pass_line``, ``gate``, ``exempt``, ``small_pool``, ``no_score``,
    ``no_team``, ``too-little-filled`` or ``calibrated``.
    """

    table: pd.DataFrame
    pools: tuple[Pool, ...]


def assign_tiers(
    scores: pd.DataFrame, scheme: TierScheme | None = None, *, before: Mapping[str, int] | None = None
) -> Tiering:
    """Return who is in which tier. ``scores`` has ``person`` and ``score`` (None: not scored), and the pool's column.

    People tied at a cut go where the scheme's tie rule sends them, by default into the better tier; a tied group that
    would more than double that tier's seats, or that spans both cuts, goes to the middle with a note (decision 4).
    Columns ``tie:<criterion>`` break ties in the order of the scheme's ``tie_break``. Nobody who reaches the pass
    line is put in the bottom, nobody with a true ``barred`` in the top. Whoever has a true ``too_little`` is not ranked
    and does not count in the pool, nor is whoever has no team where teams are the pools. ``before`` counts a pool's
    people in earlier cycles (carry-over).

    >>> scores = pd.DataFrame({"person": list("abcdefghij"), "score": [95, 90, 90, 85, 84, 83, 82, 81, 80, 60]})
    >>> tiering = assign_tiers(scores)
    >>> list(tiering.table["tier"])[:4], tuple(tiering.pools[0].counts)
    (['top', 'top', 'top', 'middle'], (3, 6, 1))
    """
    scheme = scheme or TierScheme()
    groups = [("all", scores)] if scheme.pool is PoolBy.CLIENT else list(scores.groupby(scheme.pool.value, sort=False))
    placed: dict[str, dict[str, Any]] = {}
    pools = []
    for name, members in groups:
        if not name:  # people without a team are not a team of their own
            placed |= {person: _unplaced(why) for person, why in _unranked(members, scheme, or_else="no_team").items()}
            continue
        pool, rows = _place_pool(str(name), members, scheme, (before or {}).get(str(name), 0))
        pools.append(pool)
        placed |= rows
    rows_in_order = [{"person": person, **placed[person]} for person in scores["person"]]
    columns = ["person", "pool", "rank", "tier", "reason"]
    return Tiering(pd.DataFrame(rows_in_order, columns=columns, dtype=object), tuple(pools))


def _unranked(members: pd.DataFrame, scheme: TierScheme, or_else: str = "") -> dict[str, str]:
    """Return who takes no part in ranking, and why; ``or_else`` is why the rest does not, where it does not."""
    exempt = {entry.person for entry in scheme.exempt}
    found = {}
    for row in rows_of(members):
        if pd.isna(row.score):
            found[row.person] = "no_score"
        elif row.person in exempt:
            found[row.person] = "exempt"
        elif getattr(row, "too_little", False):
            found[row.person] = "too-little-filled"
        elif or_else:
            found[row.person] = or_else
    return found


def _unplaced(reason: str, pool: str | None = None) -> dict[str, Any]:
    return {"pool": pool, "rank": None, "tier": None, "reason": reason}


def _place_pool(
    name: str, members: pd.DataFrame, scheme: TierScheme, before: int
) -> tuple[Pool, dict[str, dict[str, Any]]]:
    unranked = _unranked(members, scheme)
    keys = {person: key for person, key in _keys(members, scheme).items() if person not in unranked}
    n = len(keys)
    values = [key[0] for key in keys.values()]
    quotas = tier_quotas(n, scheme.shares, scheme.rule, before=before, scores=values)
    tiered = n >= scheme.min_group
    barred = set(members.loc[members["barred"].astype(bool), "person"]) if "barred" in members else set()
    cut = _Cut(keys, quotas, scheme, barred) if tiered else None
    ranks = _ranks(keys.values())
    rows: dict[str, dict[str, Any]] = {}
    for person in members["person"]:
        if person in unranked:
            rows[person] = _unplaced(unranked[person], name)
            continue
        tier, reason = cut.place(person) if cut else (None, "small_pool")
        rank, held = ranks[keys[person]], tier.value if tier else None
        rows[person] = {"pool": name, "rank": rank, "tier": held, "reason": reason}
    dealt = Counter(row["tier"] for row in rows.values())
    counts = Quotas(*(dealt.get(tier, 0) for tier in Tier))
    pool = Pool(name, n, quotas, counts, tiered, tiered and n < ADVISORY_BELOW)
    lines = hold_against(scheme.guidelines, counts) if tiered else ()
    return replace(pool, notes=tuple(_notes(pool, rows, keys, scheme)), guidelines=lines), rows


def _keys(members: pd.DataFrame, scheme: TierScheme) -> dict[str, _Key]:
    """Return what people are ordered by: the score, then the tie-break criteria; what is unknown comes last."""
    columns = [members[f"{TIE_COLUMN}{name}"] for name in scheme.tie_break if f"{TIE_COLUMN}{name}" in members]
    chains = zip(*([(value is not None, value or 0) for value in column] for column in columns), strict=True)
    parts = list(chains) if columns else [()] * len(members)
    people = zip(members["person"], members["score"], parts, strict=True)
    return {person: (score, *part) for person, score, part in people}


def _ranks(keys: Any) -> dict[_Key, int]:
    """Return the rank of each key: 1, 2, 2, 4."""
    ranks: dict[_Key, int] = {}
    for place, key in enumerate(sorted(keys, reverse=True), start=1):
        ranks.setdefault(key, place)
    return ranks


class _Cut:
    """The two cuts of a pool, and on which side of them each person is."""

    def __init__(self, keys: Mapping[str, _Key], quotas: Quotas, scheme: TierScheme, barred: set[str]) -> None:
        ordered = sorted(keys.values(), reverse=True)
        n = len(ordered)
        self._keys, self._scheme, self._barred = keys, scheme, barred
        self._last_top = ordered[quotas.top - 1] if quotas.top else None
        self._first_bottom = ordered[n - quotas.bottom] if quotas.bottom else None
        last_middle = ordered[n - quotas.bottom - 1] if quotas.bottom and n > quotas.bottom else None
        crowd = sum(key >= self._last_top for key in ordered) if self._last_top else 0
        spans = self._last_top is not None and self._last_top == self._first_bottom
        self._too_many = spans or crowd > 2 * quotas.top
        self._top_tied, self._bottom_tied = crowd > quotas.top, last_middle == self._first_bottom
        below = sum(key <= self._first_bottom for key in ordered) if self._first_bottom else 0
        self._too_many_below = below > 2 * quotas.bottom
        self._split = _split_scores(ordered, quotas)

    def place(self, person: str) -> tuple[Tier, str]:
        """Return a person's tier and why."""
        key = self._keys[person]
        if self._last_top is not None and key >= self._last_top:
            tier, reason = self._at_the_top(key)
        elif self._first_bottom is not None and key <= self._first_bottom:
            tier, reason = self._at_the_bottom(key)
        else:
            tier, reason = Tier.MIDDLE, "rank"
        if reason == "rank" and key[0] in self._split:
            reason = "tie_break"
        if tier is Tier.TOP and person in self._barred:
            return Tier.MIDDLE, "gate"
        return tier, reason

    def _at_the_top(self, key: _Key) -> tuple[Tier, str]:
        if key != self._last_top or not self._top_tied:
            return Tier.TOP, "rank"
        if self._too_many:
            return Tier.MIDDLE, "tie_too_many"
        return (Tier.TOP, "tie_shared") if self._scheme.tie is TieRule.BETTER else (Tier.MIDDLE, "tie_lowered")

    def _at_the_bottom(self, key: _Key) -> tuple[Tier, str]:
        tied, reason = key == self._first_bottom and self._bottom_tied, "rank"
        if tied and self._scheme.tie is not TieRule.WORSE:
            return Tier.MIDDLE, "tie_shared"
        if tied and self._too_many_below:
            return Tier.MIDDLE, "tie_too_many"
        if tied:
            reason = "tie_lowered"
        line = self._scheme.pass_line
        return (Tier.MIDDLE, "pass_line") if line is not None and key[0] >= line else (Tier.BOTTOM, reason)


def _split_scores(ordered: Sequence[_Key], quotas: Quotas) -> set[Any]:
    """Return the official scores whose people a tie-break put on different sides of a cut."""
    n = len(ordered)
    edges = [place for place in (quotas.top, n - quotas.bottom) if 0 < place < n]
    return {
        ordered[place][0]
        for place in edges
        if ordered[place - 1][0] == ordered[place][0] and ordered[place - 1] != ordered[place]
    }


def _notes(
    pool: Pool, rows: Mapping[str, Mapping[str, Any]], keys: Mapping[str, _Key], scheme: TierScheme
) -> list[Note]:
    """Return why counts differ from quotas, and who has no tier."""
    notes = []
    if not pool.tiered:
        notes.append(Note("small_pool", (("n", pool.n), ("min_group", scheme.min_group))))
    elif scheme.guidelines and not guidelines_can_add_up(pool.n, scheme.guidelines):
        notes.append(Note("guidelines_conflict", (("n", pool.n),)))
    told = {
        "tie_top": ("tie_shared", Tier.TOP), "tie_bottom": ("tie_shared", Tier.MIDDLE),
        "tie_top_lowered": ("tie_lowered", Tier.MIDDLE), "tie_bottom_lowered": ("tie_lowered", Tier.BOTTOM),
        "tie_too_many": ("tie_too_many", Tier.MIDDLE), "pass_line": ("pass_line", Tier.MIDDLE),
        "gate": ("gate", Tier.MIDDLE),
    }  # fmt: skip
    extra: dict[str, tuple[tuple[str, Any], ...]] = {"pass_line": (("pass_line", scheme.pass_line),)}
    for code, (reason, tier) in told.items():
        who = tuple(p for p, row in rows.items() if row["reason"] == reason and row["tier"] == tier)
        for score in (
            dict.fromkeys(keys[p][0] for p in who) if code.startswith("tie") else [keys[p][0] for p in who[:1]]
        ):
            same = tuple(p for p in who if keys[p][0] == score) if code.startswith("tie") else who
            notes.append(Note(code, (("people", same), ("score", score), *extra.get(code, ()))))
    parted = [p for p, row in rows.items() if row["reason"] == "tie_break"]
    for score in dict.fromkeys(keys[p][0] for p in parted):
        who = tuple(p for p in parted if keys[p][0] == score)
        notes.append(Note("tie_break", (("people", who), ("score", score), ("chain", scheme.tie_break))))
    unranked = [p for p in rows if p not in keys]
    return notes + [Note(rows[p]["reason"], (("person", p),)) for p in unranked]


def with_tie_breaks(
    scores: pd.DataFrame, indicators: pd.DataFrame, chain: Sequence[str], previous: Mapping[str, Decimal]
) -> pd.DataFrame:
    """Return the score table with a column for each criterion of a tie-break chain.

    A criterion is a side's points, the ``previous`` score, or an indicator; what a person does not have is None.
    """
    columns: dict[str, list[Any]] = {}
    for name in chain:
        if name == "previous":
            known: Mapping[Any, Any] = previous
        elif name in set(Side):
            rows = indicators[(indicators["side"] == name) & indicators["points"].notna()]
            known = rows.groupby("person")["points"].sum().to_dict()
        else:
            rows = indicators[(indicators["indicator"] == name) & indicators["state"].map(counts)]
            known = dict(zip(rows["person"], rows["score_micro"], strict=True))
        columns[f"{TIE_COLUMN}{name}"] = [known.get(person) for person in scores["person"]]
    return scores.assign(
        **{name: pd.Series(values, dtype=object, index=scores.index) for name, values in columns.items()}
    )
