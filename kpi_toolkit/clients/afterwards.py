"""What was said and agreed after a cycle was scored: ``answers.csv`` and ``measures.csv`` of its folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kpi_toolkit.clients.client import Client, as_of
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.looking import follows_from_roster
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.storage import client_lock, write_file
from kpi_toolkit.clients.tables_out import own_columns, table_text
from kpi_toolkit.clients.tabular import is_there, read_table, table_file
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.checks.talks import check_afterwards
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, Place, error
from kpi_toolkit.method.tables import Table, Tables, by_person, rows_of, table


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """The talk and the plan of everybody in a cycle, and what is wrong with them. No score comes from either."""

    answers: Table
    measures: Table
    issues: Issues


def read_afterwards(client: Client, cycle: str, tables: Tables) -> Afterwards:
    """Return what was said and agreed after a cycle; empty tables where nothing was. ``tables`` are the cycle's own."""
    client = as_of(client, cycle)
    answers, answers_file, issues = _read(client, cycle, "answers")
    measures, measures_file, more = _read(client, cycle, "measures")
    files = {"answers": answers_file, "measures": measures_file}
    checklists = Library(client.workbook).checklists
    found = check_afterwards(
        client.design, tables.people, answers, measures, checklists, Cycle.parse(cycle), files
    )  # fmt: skip
    quiet = follows_from_roster(tables.file("people"), client.issues, tables.issues)
    wrong = Issues(issue for issue in found if issue.code not in quiet)
    return Afterwards(answers=answers, measures=measures, issues=issues + more + wrong)


def table_of(client: Client, cycle: str, name: str) -> Table:
    """Return a table of a cycle without another look at it; empty where there is none."""
    return _read(client, cycle, name)[0]


def earlier_measures(client: Client, cycle: Cycle) -> Iterator[tuple[Cycle, dict[str, list[Any]]]]:
    """Go through the cycles before one, each with what was agreed by person; drafts without a deadline were not."""
    for name in client.cycles:
        before = Cycle.parse(name)
        if before.last_day < cycle.last_day and before != cycle:
            agreed = (row for row in rows_of(table_of(client, name, "measures")) if row.deadline or row.done)
            yield before, by_person(agreed)


def work_of(client: Client, cycle: str) -> Table:
    """Return the work of each day and week, and tasks that were assigned; empty where a cycle has none of it.

    Raises IssuesError where the file cannot be read.
    """
    frame, _, issues = _read(client, cycle, "work")
    raise_errors(issues)
    return frame


def _read(client: Client, cycle: str, name: str) -> tuple[Table, str, Issues]:
    file, at = client.folder / "cycles" / cycle / f"{name}.csv", f"cycles/{cycle}/{name}.csv"
    there = is_there(file)
    checklists = Library(client.workbook).checklists if there and name == "answers" else {}
    roster = Roster(client.design, client.people, checklists=checklists)
    frame, issues = read_table(file, name, at, roster) if there else (table(name), Issues())
    return frame, at.removesuffix(".csv") + table_file(file).suffix, issues


def add_measures(client: Client, cycle: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Add rows to what was agreed after a cycle; return the file, as its path in the client's folder.

    Raises IssuesError where the file cannot be read or is an Excel workbook, which this does not write.
    """
    path = client.folder / "cycles" / cycle / "measures.csv"
    with client_lock(client.folder):
        before, file, issues = _read(client, cycle, "measures")
        if not file.endswith(".csv"):
            issues += Issues([error("not-a-csv", Place(file))])
        raise_errors(issues)
        more = own_columns("measures", before)
        write_file(path, table_text("measures", [*before.records(), *rows], more=more))
    return file
