"""What is done to a month once its figures stand: shown for the talks, closed, opened again, corrected.

Each act is one step (:func:`kpi_toolkit.clients.storage.write_all`): the files it holds fast, the results and a line of
the record are there together, or none of them is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client, inspect_cycle, issues_behind, load_client, own_copies
from kpi_toolkit.clients.cycle_folders import cycles_in, known_cycle
from kpi_toolkit.clients.frozen import (
    DELIVERIES,
    DESIGN,
    INPUTS,
    PEOPLE,
    PROFILE,
    REASON,
    REOPENED,
    RESULTS,
    held,
    input_problems,
    inputs_of,
    kept_bytes,
    kept_inputs,
    list_of,
)
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.record import RECORD, Line, Record, State, now, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_all
from kpi_toolkit.clients.tabular import read_people
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import NOTHING, Behind, Issue, Issues, IssuesError, Place, error
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.plain import picked, plain
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.results.history import past_cycles, worked_after
from kpi_toolkit.results.official import (
    Difference,
    Worked,
    differences,
    held_line,
    held_since,
    results_of,
    results_text,
)


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: the state, the line that says so, the number its files are held under, what it changed."""

    client: str
    cycle: str
    state: State
    line: Line
    delivery: int
    worked: Worked | None = None
    """The cycle as it was worked out for that."""
    changed: Difference | None = None
    anew: bool = True
    """False where all of it had been done before, or nothing was to be written."""
    behind: Behind = NOTHING

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        found = self.changed and {
            **plain(self.changed), "values": len(self.changed.values),
            "figures": [each._asdict() for each in self.changed.values],
        }  # fmt: skip
        return {
            **picked(self, "client cycle delivery anew"), **self.behind._asdict(),
            "state": self.state.value, "line": self.line.n, "hash": self.line.hash, "changed": found,
        }  # fmt: skip


def close(folder: Path, cycle: str, *, by: str, for_talk: bool = False, early: bool = False) -> Done:
    """Hold a cycle's figures fast: as its results, or as what is shown for the talks, until then open to dispute.

    One without a value is refused, and one that has not ended unless ``early`` says that this is meant.

    Raises WorkbookError where nobody takes it on or there is no such cycle, IssuesError listing everything that keeps
    the cycle from being scored, or where its figures are no longer those that were held.
    """
    with client_lock(folder):
        period, record = _begun(folder, cycle, by)
        client = load_client(folder, period)
        wanted = State.PRESENTED if for_talk else State.CLOSED
        base = folder / "cycles" / period
        if record.state == State.CLOSED and for_talk:
            raise IssuesError([error("closed-not-for-talk", _place(period), cycle=period, client=client.id)])
        worked = worked_out(client, period, at="")
        behind = _behind(client, worked)
        raise_errors(Issues(_too_early(client, worked, not early and not for_talk)))
        if record.state == wanted and record.deciding:
            return Done(client.id, period, wanted, record.deciding, held(record), worked, anew=False)
        shown = record.deciding if record.state == State.PRESENTED else None
        if shown and shown.facts[INPUTS] == sha256(_inputs_list(folder, period).encode()):  # kept under the same number
            same = {key: shown.facts[key] for key in ("delivery", INPUTS, "results")}
            line, data = with_line(base, "closed", by.strip(), **same, presented=shown.n)
            write_all(folder, {f"cycles/{period}/{RECORD}": data})
            return Done(client.id, period, wanted, line, held(record), worked, behind=behind)
        same_figures = shown and shown.facts["results"] == sha256(results_text(client.id, worked).encode())
        facts = {"presented" if same_figures else "disputed": shown.n} if shown else {}
        return _hold(client, worked, "presented" if for_talk else "closed", by, _next(record), facts=facts)


def _too_early(client: Client, worked: Worked, ended: bool) -> Iterator[Issue]:
    """Find that nothing was filled in, or that where it has to be over the cycle is not, or an appeal waits."""
    cycle, base = worked.cycle, f"cycles/{worked.cycle.id}"
    values = {"cycle": cycle.id, "client": client.id, "last": cycle.last_day}
    for row in rows_of(worked.tables.disputes) if ended else ():
        if row.outcome == "escalated":
            item = next(line.indicator.name for line in worked.scored.lines[row.person] if line.id == row.indicator)
            who = names_of(worked.tables.people, worked.design.roles)[row.person]
            said = {"person": who, "indicator": item, "day": row.deadline or "–"}
            yield error("appeal-open", Place(f"{base}/disputes.csv", row.row, "outcome"), **values, **said)
    if all(not line.reported for own in worked.scored.lines.values() for line in own):
        yield error("cycle-not-filled", Place(f"{base}/actuals.csv"), cycles=[cycle.id])
    elif ended and now()[:10] <= cycle.last_day.isoformat():
        yield error("close-before-end", Place(base), **values)


def _behind(client: Client, worked: Worked) -> Behind:
    return issues_behind(client, worked.tables, worked.cycle.id).behind


def _inputs_list(folder: Path, cycle: str) -> str:
    return list_of({f"{INPUTS}/{name}": data for name, data in inputs_of(folder, cycle, own=True).items()})


def correct(folder: Path, cycle: str, *, by: str, reason: str, dry_run: bool = False) -> Done:
    """Make what the tables say by now the results of a closed cycle, under the next number; what was held stays.

    What it changes is counted against what was delivered last. A ``dry_run`` only says what it would change.

    Raises as :func:`close`, and IssuesError where the cycle is not closed or none of its files is otherwise.
    """
    if not (reason.strip() or dry_run):
        raise WorkbookError("reason-wanted")
    with client_lock(folder):
        period, record = _begun(folder, cycle, by or ("–" if dry_run else ""))
        client = load_client(folder, period)
        place, values = _place(period), {"cycle": period, "client": client.id}
        if record.state != State.CLOSED or record.deciding is None:
            code = "correct-presented" if record.state == State.PRESENTED else "correct-draft"
            raise IssuesError([error(code, place, **values)])
        replaced = record.delivered or record.deciding
        then = results_of(folder / "cycles" / period, replaced)
        problems = list(input_problems(folder, period, record))
        lost = {each.path for each in problems if each.kind == "missing" or DELIVERIES in each.path}
        if then is None:
            lost.add(f"cycles/{period}/{DELIVERIES}/{replaced.facts['delivery']}/{RESULTS}")
        if then is None or lost:
            kept = kept_inputs(folder, period, record)
            raise IssuesError(error("held-lost", Place(path), **values, kept=kept) for path in sorted(lost))
        if not problems:
            raise IssuesError([error("nothing-to-correct", place, **values)])
        worked = worked_out(client, period, as_held=False, at="")
        changed = differences(then, json.loads(results_text(client.id, worked)))
        reworded = _reworded(client, period, int(replaced.facts["delivery"]))
        changed = replace(changed, people=tuple(sorted({*changed.people, *reworded})))
        facts = {
            "replaces": replaced.n, "values": len(changed.values), "scores": len(changed.scores),
            "ranks": len(changed.ranks), "tiers": len(changed.tiers), "people": list(changed.people),
        } | _against(folder, worked.cycle)  # fmt: skip
        if dry_run:
            return Done(client.id, period, State.CLOSED, record.deciding, held(record), worked, changed, anew=False)
        return _hold(client, worked, "corrected", by, _next(record), reason=reason, changed=changed, facts=facts)


def _against(folder: Path, cycle: Cycle) -> dict[str, str]:
    """Return the cycle before where it is another since: new pages compare with it as it was corrected."""
    base, before = folder / "cycles", cycle.previous.id
    then, now = (held_line(base / before, at) for at in (held_since(base / cycle.id), ""))
    return {"against": before} if then != now else {}


def _reworded(client: Client, cycle: str, number: int) -> set[str]:
    """Return whose page says something else than it did, figures apart: a name, a team, who appraised.

    That is everybody where the client's own page or design is another. ``number`` is the delivery that they hold.
    """
    kept = client.folder / "cycles" / cycle / DELIVERIES / str(number) / INPUTS
    now = inputs_of(client.folder, cycle, own=True)
    if any(kept_bytes(kept / name) != now.get(name) for name in (PROFILE, DESIGN)):
        return set(client.people["id"])
    before, _ = read_people(kept / PEOPLE, PEOPLE, client.design)
    then, rows = ({row["id"]: {**row, "row": 0} for row in table.records()} for table in (before, client.people))
    moved = {person for person, row in rows.items() if then.get(person) != row}
    return moved | {person for person, row in rows.items() if row["manager"] in moved}


def reopen(folder: Path, cycle: str, *, by: str, reason: str) -> Done:
    """Let a cycle's figures change again: one that was shown for the talks, or closed and not yet delivered.

    Raises WorkbookError as :func:`close`, IssuesError where it is open already, or was delivered.
    """
    if not reason.strip():
        raise WorkbookError("reason-wanted")
    with client_lock(folder):
        period, record = _begun(folder, cycle, by)
        values = {"cycle": period, "client": folder.name}
        if record.state == State.DRAFT:
            raise IssuesError([error("reopen-draft", _place(period), **values)])
        number = held(record)
        if record.of("delivered"):
            raise IssuesError([error("reopen-delivered", _place(period), **values)])
        line, data = with_line(
            folder / "cycles" / period, "reopened", by.strip(), delivery=number, reason=sha256(reason.encode())
        )
        base = f"cycles/{period}"
        text = f"{base}/{DELIVERIES}/{number}/{REOPENED}"
        write_all(folder, {text: reason, f"{base}/{RESULTS}": None, f"{base}/{RECORD}": data})
        return Done(folder.name, period, State.DRAFT, line, number)


def worked_out(client: Client, cycle: str, *, as_held: bool = True, at: str | None = None) -> Worked:
    """Return a cycle worked out from its own files. IssuesError lists everything that keeps it from being scored.

    ``at`` is the moment that earlier cycles are seen from, as :func:`past_cycles` takes it.
    """
    tables, issues = inspect_cycle(client, cycle, as_held=as_held)
    raise_errors(issues)
    return worked_from(client, tables, Cycle.parse(cycle), at)


def worked_from(client: Client, tables: Tables, period: Cycle, at: str | None = None) -> Worked:
    """Return a cycle worked out from tables without errors. IssuesError where a decision does not fit."""
    breaks_ties = "previous" in client.design.tiers.tie_break
    history = past_cycles(client, period, most=1, at=at)[0] if breaks_ties else ()
    return worked_after(client, tables, period, history, at)


def _begun(folder: Path, cycle: str, by: str) -> tuple[str, Record]:
    if not by.strip():
        raise WorkbookError("by-whom")
    period = cycle_of(folder, cycle)
    return period, read_record(folder / "cycles" / period)


def cycle_of(folder: Path, cycle: str) -> str:
    """Return a cycle that was named, whatever the client's design is like by now."""
    return known_cycle(cycle, cycles_in(folder)[0], folder.name)


def _place(cycle: str) -> Place:
    return Place(f"cycles/{cycle}")


def _next(record: Record) -> int:
    numbers = (line.facts.get("delivery") or 0 for line in record.of("presented", "closed", "corrected"))
    return max(numbers, default=0) + 1


def _hold(
    client: Client, worked: Worked, kind: str, by: str, number: int, *,
    reason: str = "", changed: Difference | None = None, facts: Mapping[str, Any] | None = None,
) -> Done:  # fmt: skip
    """Hold a cycle's figures fast under a number: copies of all they come from, the results, the line that says so."""
    cycle = worked.cycle.id
    base = f"cycles/{cycle}"
    copies = own_copies(client, cycle)
    inputs = inputs_of(client.folder, cycle, own=True) | {Path(path).name: data for path, data in copies.items()}
    within = {f"{INPUTS}/{name}": data for name, data in inputs.items()}
    results, hashes = results_text(client.id, worked), list_of(within)
    held_files: dict[str, bytes | str | None] = {**within, f"{INPUTS}.sha256": hashes, RESULTS: results}
    said = {"delivery": number, INPUTS: sha256(hashes.encode()), "results": sha256(results.encode()), **(facts or {})}
    if reason:
        held_files[REASON] = reason
        said["reason"] = sha256(reason.encode())
    line, record = with_line(client.folder / base, kind, by.strip(), **said)
    placed = {f"{base}/{DELIVERIES}/{number}/{name}": data for name, data in held_files.items()}
    write_all(client.folder, {**copies, **placed, f"{base}/{RESULTS}": results, f"{base}/{RECORD}": record})
    state = State.PRESENTED if kind == "presented" else State.CLOSED
    return Done(client.id, cycle, state, line, number, worked, changed, behind=_behind(client, worked))
