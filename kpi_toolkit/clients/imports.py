"""One import from beginning to end, the same for the command line and the notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.client import named_cycle, read_client
from kpi_toolkit.clients.design_in import import_design
from kpi_toolkit.clients.figures import import_figures
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.people_in import import_people
from kpi_toolkit.clients.provenance import PROVENANCE, provenance_text
from kpi_toolkit.clients.questions import unasked
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.clients.storage import client_lock, write_together
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import IssuesError, nearest

KINDS = ("people", "goals", "actuals", "design")
_WHO = {"name", "number", "role", "team", "surname", "given"}
_FORM = {*_WHO, "month", "indicator", "weight", "target"}
WANTED = {
    "people": frozenset({*_WHO, "manager", "joined", "left"}),
    "goals": frozenset(_FORM),
    "actuals": frozenset({*_FORM, "actual", "part", "whole", "self", "appraiser"}),
    "design": frozenset({*_FORM, "unit", "direction", "curve", "source", "goal"}),
}


def run_import(
    workbook: Workbook,
    client: str,
    what: str,
    sources: list[Source],
    *,
    cycle: str | None = None,
    answers: Mapping[str, str],
    dry_run: bool = False,
) -> tuple[Import, list[Path]]:
    """Import files into a client's tables; return what was found and asked, and the files that were written.

    Nothing is written while a question is open or something is wrong. Of ``actuals`` the targets that stand beside them
    are taken too. Raises WorkbookError for a cycle that is not there and for answers to what was not asked.
    """
    if what not in KINDS:
        raise WorkbookError("unknown-import", name=what, nearest=nearest(what, KINDS), known=", ".join(KINDS))
    folder = workbook.client_folder(client)
    with client_lock(folder):
        value, issues = read_client(folder)
        if value is None or (issues.errors and what in {"goals", "actuals"}):
            raise IssuesError(issues)
        if what in {"goals", "actuals"}:
            cycle = named_cycle(value, cycle or (value.cycles[-1] if value.cycles else "–"))
            if read_record(folder / "cycles" / cycle).state is not State.DRAFT:
                raise WorkbookError("import-held", client=client, cycle=cycle)
        into = Import(value, sources, answers, WANTED[what], crosswise="target" if what == "goals" else "actual")
        _STEPS[what](into, cycle or "")
        unasked(answers, [*into.asking.open, *into.asking.asked])
        into.remember()
        if dry_run or not into.complete:
            return into, []
        own = folder / "cycles" / cycle if cycle and what != "people" else folder
        into.files[own / PROVENANCE] = provenance_text(own, into.origins)
        write_together(into.files)
        return into, list(into.files)


_STEPS: dict[str, Callable[[Import, str], None]] = {
    "people": lambda into, _: import_people(into),
    "design": lambda into, _: import_design(into),
    "goals": lambda into, cycle: import_figures(into, cycle, {"target"}),
    "actuals": lambda into, cycle: import_figures(
        into, cycle, {"target", "actual", "part", "whole", "self", "appraiser"}
    ),
}


def as_data(
    into: Import, written: Sequence[Path], questions: list[dict[str, object]], issues: list[dict[str, str]]
) -> dict[str, object]:
    """Return an import as plain data: the contract of ``kpi import --json``."""
    folder = into.client.folder.parent.parent
    return {
        "mapping": into.mapping,
        "rows": into.rows,
        "left_out": into.left_out,
        "questions": questions,
        "issues": issues,
        "written": [path.relative_to(folder).as_posix() for path in written],
    }
