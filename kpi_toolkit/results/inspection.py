"""Everything that can be said to be wrong with a client: files, design, cycles, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kpi_toolkit.clients.afterwards import read_afterwards
from kpi_toolkit.clients.client import Client, as_of, inspect_cycle, issues_behind, named_cycle, read_client
from kpi_toolkit.clients.cycle_folders import meant_cycle
from kpi_toolkit.clients.declared import Drafts
from kpi_toolkit.clients.frozen import CURVES, DESIGN, PROFILE
from kpi_toolkit.clients.library import agenda_rules, case_of
from kpi_toolkit.clients.record import read_record
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.checks import lint_design, unused_mutes, with_mutes
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.results.history import past_cycles, worked_after
from kpi_toolkit.results.official import check_held

KEPT_COPIES = {PROFILE, DESIGN, CURVES, *(f"people.{ending}" for ending in ("csv", "xlsx", "xlsm"))}
"""What a cycle keeps a copy of."""


def check_client(
    workbook: Workbook,
    name: str,
    cycle: str | None = None,
    *,
    drafts: Drafts | None = None,
    read: tuple[Client | None, Issues] | None = None,
) -> Iterator[Issues]:
    """Go through the findings of a client's files and design, then of each cycle (or the one named), each finding once.

    A cycle is held against its own design, people and mutes where it has them (:func:`as_of`), and so is the design of
    one that is named.

    Those that the client lives with are marked as muted; a mute that silences nothing is named at the end. A form hands
    in its ``drafts`` (:func:`read_client`); who has the client from :func:`read_for` hands in what was ``read``.
    """
    agenda_rules(workbook)  # the workbook's own settings are looked at as well
    client, issues = read or read_for(workbook, name, cycle, drafts)
    if client is None:
        yield issues
        return
    wanted = client.cycles if cycle is None else (named_cycle(client, cycle),)
    mutes = client.design.mute
    everything = Issues()
    if cycle is None:
        case = case_of(workbook, client.design, client.profile.country)
        everything = with_mutes(mutes, issues + lint_design(case))
    yield everything
    told = {_same(issue) for issue in everything}
    for each in wanted:
        then = _as_of(client, each)
        tables, more = inspect_cycle(then, each)
        found = issues_behind(client, tables, each) if cycle else Issues(i for i in more if _same(i) not in told)
        later = read_afterwards(then, each, tables).issues
        if not issues.errors and not more.blocking and not tables.calibration.empty:
            later += _check_decisions(then, each, tables)
        found += with_mutes(then.design.mute, later)
        everything += found
        yield found
    if cycle is None:
        yield unused_mutes(mutes, everything)


def read_for(
    workbook: Workbook, name: str, cycle: str | None = None, drafts: Drafts | None = None
) -> tuple[Client | None, Issues]:
    """Return a client as it is checked, with the design of the cycle that is named. Raises as meant_cycle."""
    return read_client(workbook.client_folder(name), meant_cycle(cycle, ()).id if cycle else "", drafts)


def _same(issue: Issue) -> tuple[str, Place, str]:
    """Return what tells a finding from another: a cycle's copy of a file is the client's where it says the same."""
    place, name = issue.place, issue.place.file.rpartition("/")[2]
    return issue.code, replace(place, file=name) if name in KEPT_COPIES else place, repr(issue.values)


def _as_of(client: Client, cycle: str) -> Client:
    """Return a client as a cycle has it; as it is where the cycle's own files cannot be read, which is found there."""
    try:
        return as_of(client, cycle)
    except IssuesError:
        return client


def check_clients(workbook: Workbook) -> Iterator[tuple[str, Issues]]:
    """Go through the findings of all clients, each with its client; what nobody foresaw in one stops no other."""
    for name in workbook.some_clients():
        try:
            yield from [(name, issues) for issues in check_client(workbook, name)]
        except WorkbookError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is this client's
            yield name, trouble_with(name, problem)


def trouble_with(client: str, problem: Exception) -> Issues:
    """Return what kept one client of several from being looked at as findings."""
    match problem:
        case IssuesError():
            return problem.issues
        case OSError():
            place = Place(Path(problem.filename or "").name)
            return Issues([error("unreadable", place, detail=problem.strerror or "")])
        case _:
            return Issues([error("client-failed", Place(), kind=type(problem).__name__, client=client)])


def _check_decisions(client: Client, cycle: str, tables: Tables) -> Issues:
    """Return what is wrong with the decisions of a cycle's calibration: they are held against the tiers worked out."""
    period, folder = Cycle.parse(cycle), client.folder / "cycles" / cycle
    try:
        done = worked_after(client, tables, period, past_cycles(client, period)[0])
        check_held(folder, read_record(folder), done)
    except IssuesError as problem:
        return problem.issues
    return Issues()


def lines_asked(client: Client, cycle: str) -> tuple[int, int]:
    """Return how many lines a cycle asks its people for, and how many of them still have no target but need one."""
    then = as_of(client, cycle)
    tables, _ = inspect_cycle(then, cycle)
    lines = [
        tables.target(person.id, item) is None and item.needs_target and role.method.counts(item.side)
        for person in rows_of(tables.people)
        if (role := then.design.roles.get(person.role))
        for item in role.indicators
    ]
    return len(lines), sum(lines)
