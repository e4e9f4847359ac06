"""A button that prints a report as ``kpi render`` does: the PDF lies in ``reports/``, and can be taken from there."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.pages.report import Report
from kpi_toolkit.pages.said import LINK, paragraphs
from kpi_toolkit.pages.words import Words

if TYPE_CHECKING:
    import ipywidgets as w


def print_button(workbook: Workbook, words: Words, asked: Callable[[], tuple[str, Report]]) -> w.VBox:
    """Return the button for a client's report, and below it what came of it, with a link."""
    import ipywidgets as w

    from kpi_toolkit.live.answering import Answer

    answer = Answer(words)

    def printed() -> str:
        client, report = asked()
        answer.words = report.words
        answer.shown.value = paragraphs(report.words, report.words("printing.under_way"))
        return _printed(workbook, report.words, client, report)

    button = answer.button("printing.print", printed, layout={"width": "auto"})
    return w.VBox([button, answer.shown])


def rendered(workbook: Workbook, words: Words, client: str, *asked: str) -> tuple[list[str], dict[str, Any]]:
    """Make reports in a process of its own, as a terminal would; return what went wrong, and the record of the run."""
    command = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(workbook.root), "--lang", words.language]
    done = subprocess.run(  # noqa: S603 - this Python, this package
        [*command, "render", client, *asked, "--json"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    found = json.loads(done.stdout or "{}")
    if not done.returncode:
        return [], found
    wrong = [made["reason"] for made in found.get("reports", ()) if made["reason"]]
    wrong += [f"{one['message']} {one['fix']}" for each in found.get("refused", ()) for one in each["issues"]]
    return [words("printing.failed"), *(wrong or done.stderr.strip().splitlines())], found


def _printed(workbook: Workbook, words: Words, client: str, report: Report) -> str:
    """Print a report, and return what came of it as HTML."""
    asked = ["--cycle", report.subject.cycle.id, "--report", report.kind, "--languages", report.words.language]
    asked += ["--person", report.person.id] if report.person else []
    wrong, found = rendered(workbook, words, client, *asked, "--format", "pdf")
    paths = [
        file["path"] for made in found.get("reports", ()) for file in made["files"] if file["path"].endswith("pdf")
    ]
    if wrong or not paths:
        return paragraphs(words, *wrong)
    path = f"{client}/{report.subject.cycle.id}/{paths[0]}"
    file = workbook.reports / path
    data = b64encode(file.read_bytes()).decode()
    name = escape(file.name)
    link = f'<a style="{LINK}" download="{name}" href="data:application/pdf;base64,{data}">{name}</a>'
    return f"<p>{escape(words('printing.printed', path=f'reports/{path}'))} {link}</p>"
