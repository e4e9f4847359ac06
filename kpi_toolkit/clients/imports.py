"""One import from beginning to end, the same for the command line and the notebook."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from kpi_toolkit.clients.apart import Source
from kpi_toolkit.clients.client import as_of, inspect_cycle, named_cycle, read_client
from kpi_toolkit.clients.design_in import import_design
from kpi_toolkit.clients.figures_in import import_figures
from kpi_toolkit.clients.frozen import SPELLS
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.library import Library, with_names_of
from kpi_toolkit.clients.people_in import import_people
from kpi_toolkit.clients.provenance import PROVENANCE, provenance_text
from kpi_toolkit.clients.questions import REMEMBERED, remembered, unasked
from kpi_toolkit.clients.record import State, broken, read_record
from kpi_toolkit.clients.storage import client_lock, write_together
from kpi_toolkit.clients.tabular import table_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, check_known
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import table

_WHO = {"name", "number", "role", "team", "surname", "given"}
_FORM = {*_WHO, "month", "indicator", "weight", "target", "unit"}
_RATED = ("actual", "part", "whole", "self", "appraiser")
KINDS: dict[str, tuple[Callable[[Import, str], None], set[str]]] = {
    "people": (import_people, {*_WHO, "manager", "joined", "left", "status"}),
    "goals": (partial(import_figures, columns=["target"]), _FORM),
    "actuals": (partial(import_figures, columns=["target", *_RATED]), _FORM | {*_RATED, "note"}),
    "design": (import_design, {*_FORM, "direction", "curve", "source", "goal", "standard"}),
}
"""What there is to import: how it is done, and the meanings of columns that are taken over."""
_HELD = {State.DRAFT: "import-draft", State.PRESENTED: "import-presented", State.CLOSED: "import-closed"}
"""What is said of a month whose tables are not to be changed in this way, by where it stands."""


def _in_all_languages(design: Design, library: Library) -> Design:
    """Return a design whose roles and indicators have all names of the library's cards that they are called by."""
    roles = {}
    for name, role in design.roles.items():
        card, items = library.roles.get(role.card or name), tuple(map(library.in_all_languages, role.indicators))
        roles[name] = with_names_of(card, role.model_copy(update={"indicators": items}), "name")
    return design.model_copy(update={"roles": roles})


@contextmanager
def _rings_left() -> Iterator[None]:
    """Look for no rings of values meanwhile: nothing here makes any, and of very many rows it takes a quarter."""
    looked_for = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked_for:
            gc.enable()


def _check_open(cycle: Path, client: str, what: str, *, correct: bool) -> None:
    """Raise what keeps the tables of a month from being changed, or a month that is not closed from being corrected."""
    record = read_record(cycle)
    if record.problems:  # it may be closed
        raise IssuesError(broken(record, cycle.name))
    if record.state is not (State.CLOSED if correct else State.DRAFT):
        raise WorkbookError(_HELD[record.state], client=client, cycle=cycle.name, what=what)


@_rings_left()
def run_import(
    workbook: Workbook, client: str, what: str, sources: list[Source], *, cycle: str | None = None,
    answers: Mapping[str, str], correct: bool = False, dry_run: bool = False,
) -> tuple[Import, list[Path]]:  # fmt: skip
    """Import files into a client's tables; return what was found and asked, and the files that were written.

    Nothing is written while a question is open or something is wrong. Of ``actuals`` the targets that stand beside them
    are taken too. The tables of a closed month are changed only to ``correct`` it. Raises WorkbookError for a cycle
    that is not there and for answers to what was not asked.
    """
    check_known("unknown-import", what, KINDS)
    folder, of_a_month = workbook.client_folder(client), what in {"goals", "actuals"}
    register = table("people")
    take, wanted = KINDS[what]
    with client_lock(folder):
        value, issues = read_client(folder)
        if value is None or (issues.errors and of_a_month):
            raise IssuesError(issues)
        if of_a_month:
            if not cycle and not value.cycles:
                raise WorkbookError("no-month-open", client=client)
            cycle = named_cycle(value, cycle or value.cycles[-1])
            _check_open(folder / "cycles" / cycle, client, what, correct=correct)
            register = value.people
            value = as_of(value, cycle)  # by the month's own design; whoever held two roles in it has one form of both
            if table_file(folder / "cycles" / cycle / SPELLS).is_file():
                value = replace(value, people=inspect_cycle(value, cycle, past=True)[0].people)
        if what != "design":
            value = replace(value, design=_in_all_languages(value.design, Library(workbook)))
        into = Import(value, sources, answers, frozenset(wanted), crosswise="target" if what == "goals" else "actual")
        into.register = register
        take(into, cycle or "")
        held = remembered(folder)  # whatever was once asked may be answered again; only what is asked now is named
        unasked({name: said for name, said in answers.items() if name not in held}, sorted(into.asking.asked))
        into.remember()
        if dry_run:
            return into, []
        if not into.complete:  # what was answered is not asked again, and nothing else is kept
            into.files = {path: text for path, text in into.files.items() if path.name == REMEMBERED}
            write_together(into.files)
            return into, []
        own = folder / "cycles" / cycle if of_a_month and cycle else folder
        into.files[own / PROVENANCE] = provenance_text(own, into.origins)
        write_together(into.files)
        return into, list(into.files)
