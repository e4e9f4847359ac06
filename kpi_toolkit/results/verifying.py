"""Whether what was held fast still is what the record says: every file, every hash, every figure worked out again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client, read_client
from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.frozen import (
    DELIVERIES,
    INPUTS,
    REASON,
    REOPENED,
    RESULTS,
    delivered,
    disputed_since,
    held,
    input_problems,
    kept_bytes,
    list_name,
    listed,
)
from kpi_toolkit.clients.record import RECORD, SHORT, Line, Problem, Record, read_record
from kpi_toolkit.clients.storage import settle, sha256
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.results.closing import worked_out
from kpi_toolkit.results.official import differences, results_text

_HELD = ("presented", "closed", "corrected")


def verify(workbook: Workbook, client: str, cycle: str | None = None) -> list[Problem]:
    """Return what of a client's cycles (or the one named) no longer fits its record, by paths in the workbook."""
    folder = workbook.client_folder(client)
    settle(folder)
    found: list[Problem] = []
    for each in cycles_in(folder)[0] if cycle is None else (cycle,):
        record = read_record(folder / "cycles" / each)
        problems = [part for of in (_of_record, _of_files, _of_tables) for part in of(folder, each, record)]
        if held(record) and not problems and not disputed_since(folder / "cycles" / each, record):
            problems += _of_figures(folder, each)
        found += [_in_workbook(problem, client) for problem in dict.fromkeys(problems)]
        found += _of_reports(workbook, client, each, record)
    return found


def _in_workbook(problem: Problem, client: str) -> Problem:
    shared = problem.path.startswith("templates/")  # what cannot be read there keeps figures from being worked out
    return problem if shared else replace(problem, path=f"client_data/{client}/{problem.path}")


def _readable(folder: Path, cycle: str) -> Client:
    client, issues = read_client(folder, cycle)
    if client is None:
        raise IssuesError(issues)
    return client


def _of_record(folder: Path, cycle: str, record: Record) -> Iterator[Problem]:
    """Find what is wrong with the record itself; what lies there and no line speaks of was cut off it."""
    base = f"cycles/{cycle}"
    yield from (replace(problem, path=f"{base}/{problem.path}") for problem in record.problems)
    known = {str(line.facts.get("delivery")) for line in record.of(*_HELD)}
    there = folder / base / DELIVERIES
    unspoken = [path.name for path in sorted(there.iterdir()) if path.name not in known] if there.is_dir() else []
    numbers = [name for name in unspoken if name.isdigit()]
    yield from (Problem("added", f"{base}/{DELIVERIES}/{name}") for name in unspoken if not name.isdigit())
    if numbers or (not held(record) and (folder / base / RESULTS).exists()):
        yield Problem("cut", f"{base}/{RECORD}", line=len(record.lines) + 1)


def _of_files(folder: Path, cycle: str, record: Record) -> Iterator[Problem]:
    """Find what of the files that were held or delivered is changed or missing, and what was put among them."""
    base = f"cycles/{cycle}/{DELIVERIES}"
    numbers = {line.facts.get("delivery") for line in record.of(*_HELD)}
    for number in sorted(number for number in numbers if isinstance(number, int)):
        at = f"{base}/{number}"
        lines = [line for line in record.lines if line.facts.get("delivery") == number]
        told = {name for line in lines for name in _named(line)}
        for line in lines:
            yield from _of_line(folder, at, line, told)
        marks = {line.hash[:SHORT].encode() for line in lines if line.kind in _HELD}
        for path in sorted((folder / at).rglob("*")):
            name = path.relative_to(folder / at).as_posix()
            if not path.is_dir() and name not in told:
                yield Problem("added", f"{at}/{name}")
            elif name.endswith(".html") and not any(mark in path.read_bytes() for mark in marks):
                yield Problem("rewritten", f"cycles/{cycle}/{RECORD}", line=lines[0].n)


def _named(line: Line) -> dict[str, Any]:
    """Return the files that a line speaks of, each with the hash that the line says it has."""
    names = {"delivered": {list_name(line.n): "list"}, "reopened": {REOPENED: "reason"}}
    held_files = {f"{INPUTS}.sha256": INPUTS, RESULTS: "results"} if line.kind in _HELD else {}
    reason = {REASON: "reason"} if held_files and "reason" in line.facts else {}
    return {name: line.facts.get(key) for name, key in (names.get(line.kind, held_files) | reason).items()}


def _of_line(folder: Path, at: str, line: Line, told: set[str]) -> Iterator[Problem]:
    """Find what of one line's files is otherwise; what its lists name is added to what is ``told`` of."""
    for name, wanted in _named(line).items():
        yield from _compared(kept_bytes(folder / at / name), wanted, f"{at}/{name}", line=line.n)
        within = listed(kept_bytes(folder / at / name) or b"") if name.endswith(".sha256") else {}
        told.update(within)
        for inner, digest in within.items():
            yield from _compared(kept_bytes(folder / at / inner), digest, f"{at}/{inner}", line=line.n)


def _compared(data: bytes | None, wanted: object, path: str, *, line: int | None = None) -> Iterator[Problem]:
    """Find that a file is gone, or has another hash; whose page it is, its path says."""
    if data is None or sha256(data) != wanted:
        person = Path(path).name.split(".")[0] if Path(path).parent.name == "people" else ""
        yield Problem("missing" if data is None else "changed", path, person, line)


def _of_tables(folder: Path, cycle: str, record: Record) -> Iterator[Problem]:
    """Find what of a cycle's own files is otherwise than what was held, by person and line where that can be told."""
    for problem in input_problems(folder, cycle, record):
        kept = folder / "cycles" / cycle / DELIVERIES / str(held(record)) / INPUTS / Path(problem.path).name
        yield from _by_row(problem, kept, folder / problem.path) if problem.kind == "changed" else (problem,)
    if held(record):
        base = f"cycles/{cycle}"
        then = kept_bytes(folder / base / DELIVERIES / str(held(record)) / RESULTS)
        now = kept_bytes(folder / base / RESULTS)
        yield from _compared(now, sha256(then), f"{base}/{RESULTS}") if then is not None else ()


def _by_row(problem: Problem, kept: Path, now: Path) -> Iterator[Problem]:
    """Tell a changed table by the rows that are otherwise; as a whole where that cannot be said."""
    if now.suffix != ".csv" or not kept.is_file():
        yield problem
        return
    then, rows = (list(csv.reader(path.read_text("utf-8-sig", "replace").splitlines())) for path in (kept, now))
    column = next((rows[0].index(name) for name in ("person", "id") if rows and name in rows[0]), 0)
    odd = [(number, row[column]) for number, row in enumerate(rows, start=1) if row not in then and len(row) > column]
    named = {person for _, person in odd}
    gone = dict.fromkeys(row[column] for row in then if row not in rows and len(row) > column)
    found = [replace(problem, person=person, line=number) for number, person in odd]
    found += [replace(problem, person=person) for person in gone if person not in named]
    yield from found or [problem]


def _of_figures(folder: Path, cycle: str) -> Iterator[Problem]:
    """Work the results out again; the lines of people that come out otherwise are named."""
    path = f"cycles/{cycle}/{RESULTS}"
    try:
        now = results_text(folder.name, worked_out(_readable(folder, cycle), cycle))
    except IssuesError as problem:
        found = problem.issues.errors
        yield from (Problem("changed", issue.place.file or path, line=issue.place.row) for issue in found)
    else:
        then = json.loads((folder / path).read_text("utf-8"))
        yield from (Problem("changed", path, person) for person in differences(then, json.loads(now)).people)


def _of_reports(workbook: Workbook, client: str, cycle: str, record: Record) -> Iterator[Problem]:
    """Find pages below ``reports/`` that are otherwise than those that were delivered under the same name."""
    base = f"reports/{client}/{cycle}"
    for name, (_, digest) in delivered(workbook.client_folder(client), cycle, record.of("delivered")).items():
        data = kept_bytes(workbook.root / base / name)
        yield from _compared(data, digest, f"{base}/{name}") if data is not None else ()
