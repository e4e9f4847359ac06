"""The official results of a cycle: worked out from its tables, written as whole numbers, read back once they are held.

``results.json`` has a line a person: scores and points in hundredths (``_centi``), sums in millionths of a point times
hundredths of a weight (``_micro``), as decision 3 has them. Nobody's name stands in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from kpi_toolkit.clients.frozen import DELIVERIES, RESULTS, disputed_since, held, kept_bytes
from kpi_toolkit.clients.record import Line, Record, read_record
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError, Place, error
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import centi, centi_or_none, from_centi
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.shown import json_text
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import Tiering, apply_calibration, assign_tiers

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A cycle worked out under a design: everybody's lines and score, tiers before and after the meeting."""

    design: Design
    cycle: Cycle
    tables: Tables
    before: Mapping[str, int]
    """How many people each pool held in the cycles before, for the carry-over rule."""
    scored: Scored
    worked_out: Tiering
    tiering: Tiering


def work_out(
    design: Design, cycle: Cycle, tables: Tables, previous: Mapping[str, Decimal], before: Mapping[str, int]
) -> Worked:
    """Return a cycle worked out. ``previous`` scores part ties; ``before`` says how large pools were before.

    Raises IssuesError where a decision of the meeting does not fit the tiers that come out.
    """
    scored = score_cycle(design, tables, previous=previous)
    worked_out = assign_tiers(scored.scores.values(), design.tiers, before=before)
    tiering = apply_calibration(worked_out, tables.calibration, design.tiers, folder=f"cycles/{cycle.id}/")
    return Worked(
        design=design, cycle=cycle, tables=tables, before=before, scored=scored, worked_out=worked_out, tiering=tiering
    )


def results_text(client: str, worked: Worked) -> str:
    """Return ``results.json``: a line a person, so that one can be found and read with any editor."""
    start = {"schema": SCHEMA, "client": client, "cycle": worked.cycle.id, "design_version": worked.design.version}
    lines = {
        "pools": [picked(pool, "id n quotas counts") for pool in worked.tiering.pools],
        "people": [_person(worked, person) for person in worked.scored.scores],
    }
    lists = ((key, ",\n  ".join(map(json_text, own))) for key, own in lines.items())
    return ",\n".join([json_text(start)[:-1], *(f'"{key}": [\n  {own}\n]' for key, own in lists)]) + "}\n"


def _person(worked: Worked, person: str) -> dict[str, Any]:
    own, place = worked.scored.scores[person], worked.tiering.places[person]
    return {
        "id": person, "role": own.role, "pool": place.pool, "score_centi": centi_or_none(own.score), "rank": place.rank,
        "tier": place.tier, "reason": place.reason, "worked_out": worked.worked_out.places[person].tier,
        "sum_micro": own.sum_micro, "counted_centi": own.counted_weight, "team_centi": centi_or_none(own.team_points),
        "adjustment_centi": centi_or_none(own.adjustment), "gates": list(own.gates),
        "indicators": [
            {
                "id": line.id, "weight_centi": centi(line.weight), "target": _text(line.target),
                "actual": _text(line.actual), "self": _text(line.self), "appraiser": _text(line.appraiser),
                "score_micro": line.score_micro, "points_centi": centi_or_none(line.points), "state": line.state,
            }
            for line in worked.scored.lines[person]
        ],
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:f}"


def official(folder: Path, at: str = "") -> dict[str, Any] | None:
    """Return a cycle's results as they were held fast, None where they were not, or are no longer what they were.

    ``at`` is a moment, as records state it: a correction that was made later is none yet.
    """
    return results_of(folder, held_line(folder, at))


def held_line(folder: Path, at: str = "") -> Line | None:
    """Return the line of a cycle's record that holds its figures fast, at a moment if they were held by then."""
    record = read_record(folder)
    return next((each.deciding for each in (record.until(at), record) if held(each)), None)


def held_since(folder: Path) -> str:
    """Return the moment at which a cycle's figures were worked out as they are held fast; blank where they are not."""
    record = read_record(folder)
    lines = (line for line in record.lines if line.facts.get("delivery") == held(record) != 0)
    return next((line.at for line in lines), "")


def results_of(folder: Path, line: Line | None) -> dict[str, Any] | None:
    """Return the results that a line of the record holds fast, None where they are gone or were changed."""
    if line is None:
        return None
    data = kept_bytes(folder / DELIVERIES / str(line.facts.get("delivery")) / RESULTS)
    return json.loads(data) if data is not None and sha256(data) == line.facts.get("results") else None


def check_held(folder: Path, record: Record, worked: Worked) -> None:
    """Raise IssuesError where a cycle that is held fast is worked out otherwise than it was."""
    then = results_of(folder, record.deciding) if held(record) else None
    people = differences(then, json.loads(results_text("", worked))).people if then else ()
    if people:
        base, said = f"cycles/{worked.cycle.id}", {"cycle": worked.cycle.id, "n": len(people)}
        if disputed_since(folder, record):
            place = Place(f"{base}/disputes.csv")
            raise IssuesError([error("disputed-since", place, **said, client=folder.parent.parent.name)])
        raise IssuesError([error("worked-out-otherwise", Place(f"{base}/{RESULTS}"), **said)])


def official_scores(results: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return everybody's official score in points.

    >>> official_scores({"people": [{"id": "lin", "score_centi": 9345}, {"id": "wu", "score_centi": None}]})
    {'lin': Decimal('93.45')}
    """
    return {
        each["id"]: from_centi(each["score_centi"]) for each in results["people"] if each["score_centi"] is not None
    }


class Change(NamedTuple):
    """A value that scores come from and that is another: whose, of which indicator and column; None is a blank."""

    person: str
    indicator: str
    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two results of a cycle: values that scores come from, and whose score, rank or tier."""

    values: tuple[Change, ...]
    scores: tuple[str, ...]
    ranks: tuple[str, ...]
    tiers: tuple[str, ...]
    people: tuple[str, ...]
    """Everybody whose page is another."""


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Difference:
    """Return what differs between the results of a cycle as they were and as they are."""
    before, after = ({each["id"]: each for each in results["people"]} for results in (then, now))
    both = sorted({*before, *after})
    scores, ranks, tiers = (
        tuple(person for person in both if before.get(person, {}).get(key) != after.get(person, {}).get(key))
        for key in ("score_centi", "rank", "tier")
    )
    values = tuple(change for person in both for change in _changes(person, before.get(person), after.get(person)))
    return Difference(values, scores, ranks, tiers, tuple(each for each in both if before.get(each) != after.get(each)))


def _changes(person: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    then, now = ({line["id"]: line for line in own["indicators"]} if own else {} for own in (before, after))
    for name in dict.fromkeys((*then, *now)):
        for column in ("target", "actual", "self", "appraiser"):
            old, new = (lines.get(name, {}).get(column) for lines in (then, now))
            if old != new:
                yield Change(person, name, column, old, new)
