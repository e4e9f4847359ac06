"""How a finding is said where a cell fails: what is wrong, where, and how to put it right, as the terminal says it.

IPython asks an exception for its own lines before it prints a traceback. Ours give them; ``KPI_DEBUG=1`` brings the
traceback back.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator

from IPython.core.getipython import get_ipython

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import WorkbookError, find_workbook
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, nearest
from kpi_toolkit.method.shown import one_line
from kpi_toolkit.pages.words import Words

_COLOUR = {"error": "31", "warning": "33", "hint": "36"}
_MOST = 20
PARAMETERS = ("client", "cycle", "language", "person")
"""What a notebook may be given."""


def speak_plainly() -> None:
    """Let the package's own errors speak in notebooks instead of showing Python."""
    WorkbookError._render_traceback_ = _lines  # type: ignore[attr-defined]
    IssuesError._render_traceback_ = _lines  # type: ignore[attr-defined]
    for name in _handed_in():
        if name not in PARAMETERS:
            near = nearest(name, PARAMETERS)
            raise WorkbookError("unknown-parameter", name=name, nearest=near, known=", ".join(PARAMETERS))


def _handed_in() -> list[str]:
    """Return the names that papermill was given: it puts a cell of its own that sets them before the others."""
    shell = get_ipython()
    cells = shell.user_ns.get("In", ()) if shell else ()
    given = next((cell for cell in cells if cell.startswith("# Parameters\n")), "")
    return re.findall(r"^(\w+) = ", given, re.MULTILINE)


def _lines(problem: WorkbookError | IssuesError) -> list[str]:
    if os.environ.get("KPI_DEBUG"):
        return traceback.format_exception(problem)
    found = problem.issues if isinstance(problem, IssuesError) else Issues([problem.issue])
    words = Words(spoken(), find_workbook())
    shown = sorted(found.errors or found, key=lambda issue: issue.severity != "error")
    lines = [line for issue in shown[:_MOST] for line in _told(issue, words)]
    if len(shown) > _MOST:
        lines.append(words("cli.more", n=len(shown) - _MOST))
    return [*lines, f"\x1b[2m{words('cli.traceback_hint')}\x1b[0m"]


def _told(issue: Issue, words: Words) -> Iterator[str]:
    place = " ".join(filter(None, (words(f"cli.{issue.severity}"), words.place(issue.place))))
    yield f"\x1b[1;{_COLOUR[issue.severity]}m{one_line(place)}\x1b[0m"
    yield f"   {one_line(words.message(issue))}"
    yield f"   → {one_line(words.remedy(issue))}"
