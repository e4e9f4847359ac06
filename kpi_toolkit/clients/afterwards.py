"""What was said and agreed after a cycle was scored: ``answers.csv`` and ``measures.csv`` of its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pandas as pd

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.tabular import neighbours, read_table, table_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks.talks import check_afterwards
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.tables import AFTERWARDS, Tables, table


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """The talk and the plan of everybody in a cycle, and what is wrong with them. No score comes from either."""

    answers: pd.DataFrame
    measures: pd.DataFrame
    issues: Issues


def read_afterwards(client: Client, cycle: str, tables: Tables) -> Afterwards:
    """Return what was said and agreed after a cycle; empty tables where nothing was. ``tables`` are the cycle's own."""
    frames, files, issues = {}, {}, Issues()
    for name in AFTERWARDS:
        file, at = client.folder / "cycles" / cycle / f"{name}.csv", f"cycles/{cycle}/{name}.csv"
        files[name] = at.removesuffix(".csv") + table_file(file).suffix
        if os.path.lexists(table_file(file)) or neighbours(file):
            frames[name], more = read_table(file, name, at)
            issues += more
        else:
            frames[name] = table(name)
    checklists = Library(Workbook(client.folder.parent.parent)).checklists
    issues += Issues(
        check_afterwards(
            client.design, tables.people, frames["answers"], frames["measures"], checklists, Cycle.parse(cycle), files
        )
    )
    return Afterwards(answers=frames["answers"], measures=frames["measures"], issues=issues)
