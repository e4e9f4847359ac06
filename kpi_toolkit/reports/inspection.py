"""Everything that can be said to be wrong with a client: files, design, cycles, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_toolkit.clients.client import Client, inspect_cycle, named_cycle, read_client
from kpi_toolkit.clients.library import agenda_rules
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.reports.summary import summarize_cycle


def check_client(workbook: Workbook, name: str, cycle: str | None = None) -> Iterator[Issues]:
    """Go through the findings of a client's files, then of each cycle (or the one named), each finding once."""
    agenda_rules(workbook)  # the workbook's own settings are looked at as well
    client, issues = read_client(workbook.client_folder(name))
    yield issues
    if client is None:
        return
    unread = any(issue.place.file.startswith("people.") for issue in issues.errors)  # then nobody is known
    for each in client.cycles if cycle is None else [named_cycle(client, cycle)]:
        _, more = inspect_cycle(client, each)
        yield Issues(i for i in more if i not in issues and not (unread and i.code == "unknown-person"))
        if not issues.errors and not more.errors:
            yield _check_decisions(client, each)


def _check_decisions(client: Client, cycle: str) -> Issues:
    """Return what is wrong with the decisions of a cycle's calibration: they are held against the tiers worked out."""
    if inspect_cycle(client, cycle)[0].calibration.empty:
        return Issues()
    try:
        summarize_cycle(client, cycle)
    except IssuesError as problem:
        return problem.issues
    return Issues()
