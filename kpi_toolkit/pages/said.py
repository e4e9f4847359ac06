"""How findings and results are said in a notebook; where a cell fails, what is wrong, where and the fix.

IPython asks an exception for its own lines before it prints a traceback. Ours give them; ``KPI_DEBUG=1`` brings the
traceback back.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from html import escape

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, check_known, find_workbook
from kpi_toolkit.method.issues import Issue, Issues, IssuesError
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.shown import one_line
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import CycleSummary

_COLOUR = {"error": "31", "warning": "33", "caution": "33", "hint": "36"}
_MOST = 20
LINK = "color:var(--jp-content-link-color,#0645ad);text-decoration:underline"
_NOTEBOOK = re.compile(r"\[(\d\d_\w+)\]")
PARAMETERS = ("client", "cycle", "language", "person")
"""What a notebook may be given."""


def speak_plainly() -> None:
    """Let the package's own errors speak in notebooks instead of showing Python, and its values show as tables."""
    WorkbookError._render_traceback_ = _lines  # type: ignore[attr-defined]
    IssuesError._render_traceback_ = _lines  # type: ignore[attr-defined]
    Issues._repr_html_ = _issues_table  # type: ignore[attr-defined]
    CycleSummary._repr_html_ = _ranking_table  # type: ignore[attr-defined]
    Design._repr_html_ = _design_table  # type: ignore[attr-defined]
    for name in _handed_in():
        check_known("unknown-parameter", name, PARAMETERS)


def at_work() -> Workbook:
    """Return the workbook that a notebook works in; what goes wrong there is said plainly from now on."""
    speak_plainly()
    return find_workbook()


def issues_of(problem: WorkbookError | IssuesError) -> Issues:
    """Return what kept something from being done as findings: the errors where there are some."""
    return (problem.issues.errors or problem.issues) if isinstance(problem, IssuesError) else Issues([problem.issue])


def told(
    found: WorkbookError | IssuesError | Issues, words: Words, remedy: Callable[[Issue], str] | None = None
) -> str:
    """Return findings as a list for a widget, each with its remedy (by default as in a file); nothing for none."""
    issues = found if isinstance(found, Issues) else issues_of(found)
    fixes = [remedy(issue) if remedy else by_hand(issue, words) for issue in issues]
    lines = [
        f"<li><b>{escape(words(f'cli.{issue.called}'))}</b> {escape(words.place(issue.place))} "
        f"{escape(words.message(issue))}{'' if fix == after else f' → {linked(fix, words)}'}</li>"
        for issue, fix, after in zip(issues, fixes, [*fixes, ""][1:], strict=True)  # the same one is said once
    ]
    return f'<ul role="alert">{"".join(lines)}</ul>' if lines else ""


def by_hand(issue: Issue, words: Words) -> str:
    """Return how to put something right for whoever works by notebooks alone."""
    own = words.section("by_hand").get(issue.code)
    return words.fill(own, issue.values) if own else words.remedy(issue)


def linked(text: str, words: Words) -> str:
    """Return text as HTML in which the name of a notebook in brackets is a link: its title, as the start page has it.

    JupyterLab opens it beside what is open; elsewhere it is a plain link.
    """
    titles = words.section("welcome")["notebook"]

    def link(found: re.Match[str]) -> str:
        name = found[1]
        if name not in titles:
            return found[0]
        args = escape(json.dumps({"path": f"notebooks/{name}.ipynb"}))
        return (
            f'<a href="{name}.ipynb" style="{LINK}" data-commandlinker-command="docmanager:open" '
            f'data-commandlinker-args="{args}">{escape(titles[name]["title"])}</a>'
        )

    return _NOTEBOOK.sub(link, escape(text))


def paragraphs(words: Words, *lines: str) -> str:
    """Return lines of text as HTML, empty ones left out, their notebooks linked."""
    return "".join(f"<p>{linked(line, words)}</p>" for line in lines if line)


def shown_folder(path: str, said: str) -> str:
    """Return a line of HTML that shows a folder of the workbook in JupyterLab's list of files when it is pressed."""
    args = escape(json.dumps({"path": path}))
    command = f'data-commandlinker-command="filebrowser:open-path" data-commandlinker-args="{args}"'
    return f'<p><a style="{LINK}" {command}>{escape(said)}</a></p>'


def _handed_in() -> list[str]:
    """Return the names that papermill was given: it puts a cell of its own that sets them before the others."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None  # loaded where there is a shell
    cells = shell.user_ns.get("In", ()) if shell else ()
    given = next((cell for cell in cells if cell.startswith("# Parameters\n")), "")
    return re.findall(r"^(\w+) = ", given, re.MULTILINE)


def _lines(problem: WorkbookError | IssuesError) -> list[str]:
    if os.environ.get("KPI_DEBUG"):
        return traceback.format_exception(problem)
    words = Words(spoken(), find_workbook())
    shown = sorted(issues_of(problem), key=lambda issue: issue.severity != "error")
    lines = [line for issue in shown[:_MOST] for line in _told(issue, words)]
    if len(shown) > _MOST:
        lines.append(words("cli.more", n=len(shown) - _MOST))
    return [*lines, f"\x1b[2m{words('cli.traceback_hint')}\x1b[0m"]


def _told(issue: Issue, words: Words) -> Iterator[str]:
    place = " ".join(filter(None, (words(f"cli.{issue.called}"), words.place(issue.place))))
    yield f"\x1b[1;{_COLOUR[issue.called]}m{one_line(place)}\x1b[0m"
    yield f"   {one_line(words.message(issue))}"
    yield f"   → {one_line(words.remedy(issue))}"


def html_table(head: Iterable[str], rows: Iterable[Iterable[str]], *, caption: str = "", kind: str = "") -> str:
    """Return a table for a notebook, ``kind`` being its class; whatever is in it is text."""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    own = f' class="{kind}"' if kind else ""
    return f"<table{own}>{above}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _issues_table(issues: Issues) -> str:
    words = Words(spoken(), find_workbook())
    rows = ((words(f"cli.{i.called}"), words.place(i.place), words.message(i), words.remedy(i)) for i in issues)
    return html_table((words(f"cli.{key}") for key in ("severity", "where", "what", "fix")), rows)


def _ranking_table(summary: CycleSummary) -> str:
    words = Words(spoken(), find_workbook())
    rows = (
        (str(line.rank or "–"), words.show(line.called), words.show(line.role.name), words.number(line.score, 2),
         words(f"tier.{line.tier.value}") if line.tier else "–")
        for line in (*summary.ranking, *summary.unscored)
    )  # fmt: skip
    title = f"{words.show(summary.profile.name)} · {words.cycle(summary.cycle)}"
    head = (words(f"cli.{key}") for key in ("rank", "person", "role", "score", "tier"))
    return html_table(head, rows, caption=title)


def _design_table(design: Design) -> str:
    words = Words(spoken(), find_workbook())
    rows = (
        (words.show(role.name), words.show(item.name), words.number(item.weight), words.number(item.target),
         words.show(item.unit))
        for role in design.roles.values()
        for item in role.indicators
    )  # fmt: skip
    head = (words(f"said.{key}") for key in ("role", "indicator", "weight", "target", "unit"))
    return html_table(head, rows, caption=words.show(design.name))
