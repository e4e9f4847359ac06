"""The page on which JupyterLab opens: what is here, what comes next, and for which client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kpi_toolkit.clients.client import Client, inspect_cycle, latest, read_client
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.shown import one_line
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import lines_asked

START = "START.md"
NEW_CLIENT = "00_start"
"""The notebook that is of no use where one client is open alone."""
_MOST = 30
"""For so many clients the page says what comes next; of more it gives the names."""


def welcome(workbook: Workbook, words: Words, client: str = "") -> str:
    """Return the start page as Markdown, for one client or for all."""
    clients = (client,) if client else workbook.clients()
    lines = [f"# {_title(workbook, words, client)}", words("welcome.lead"), f"## {words('welcome.next')}"]
    if not clients:
        lines.append(words("welcome.no_client"))
    head = [words(f"welcome.{key}") for key in ("client", "cycle", "what_next")]
    lines.append(_table(head, [list(_next(workbook, words, name)) for name in clients[:_MOST]]) if clients else "")
    if len(clients) > _MOST:
        lines.append(words("cli.more", n=len(clients) - _MOST) + words("list.colon") + words.join(clients[_MOST:]))
    books = words.section("welcome")["notebook"]
    rows = [
        [f"[{said['title']}](notebooks/{name}.ipynb)", said["use"]] for name, said in books.items()
        if not (client and name == NEW_CLIENT)
    ]  # fmt: skip
    lines += [
        f"## {words('welcome.notebooks')}",
        words("welcome.how"),
        _table([words("welcome.open"), words("welcome.use")], rows),
    ]
    lines.append(words("welcome.end"))
    return "\n\n".join(filter(None, lines)) + "\n"


def desk_of(workbook: Workbook, client: str = "") -> Path:
    """Return the folder that the browser shows: the workbook, or that of one client alone."""
    root = workbook.root.resolve()
    return root / ".kpi" / "desks" / client if client else root


def renew(workbook: Workbook, words: Words) -> None:
    """Write the start page anew where there is one: a client or a month was made."""
    client = os.environ.get("KPI_ONLY", "")
    page = desk_of(workbook, client) / START
    if page.is_file():
        write_file(page, welcome(workbook, words, client))


def _title(workbook: Workbook, words: Words, client: str) -> str:
    value = read_client(workbook.client_folder(client))[0] if client else None
    return _text(words.show(value.profile.name) if value else client or workbook.root.resolve().name)


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, [":---"] * len(head), *rows))


def _text(said: str) -> str:
    """Return a client's text as Markdown shows it: as it is, on one line."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-.!|~&$" else char for char in one_line(said))


def _next(workbook: Workbook, words: Words, client: str) -> Iterator[str]:
    """Return the cells of a client's row: its name, its latest cycle, what comes next."""
    value, issues = read_client(workbook.client_folder(client))
    yield _text(f"{words.show(value.profile.name)} ({client})" if value else client)
    if value is None:
        yield words("welcome.none")
        yield words("welcome.mend", n=len(issues.errors), command=_code(f"kpi check {client}"))
        return
    yield words.cycle(Cycle.parse(value.cycles[-1])) if value.cycles else words("welcome.none")
    yield _step(workbook, words, value)


def _step(workbook: Workbook, words: Words, value: Client) -> str:
    """Return what to do next: the first step of a month that has not been taken."""
    client = value.id
    cycle = value.cycles[-1] if value.cycles else ""
    issues = inspect_cycle(value, cycle)[1] if cycle else Issues()
    found = [*value.issues.errors, *issues.errors]
    wrong, aimless = sum(issue.code != "no-target" for issue in found), lines_asked(value, cycle)[1] if cycle else 0
    if value.people.empty:
        return words("welcome.people", file=_code(f"client_data/{client}/people.csv"))
    if wrong:
        return words("welcome.mend", n=wrong, command=_code(f"kpi check {client}"))
    if not cycle:
        return words("welcome.cycle_next", command=_code(f"kpi new {client} --cycle {date.today():%Y-%m}"))  # noqa: DTZ011 - the month where it is read
    if aimless:
        return words("welcome.aim", n=aimless, command=_code(f"kpi forms {client} {cycle} --phase plan"))
    missing = sum(issue.code == "missing-actual" for issue in issues)
    return _shown_next(workbook, words, value, cycle, missing)


def _shown_next(workbook: Workbook, words: Words, value: Client, cycle: str, missing: int) -> str:
    """Return what to do next with a month whose targets are agreed, so many figures of which are missing."""
    client = value.id
    try:
        filled = latest(value).cycle
    except IssuesError:
        filled = ""
    if filled != cycle:
        return words("welcome.fill", file=_code(f"client_data/{client}/cycles/{cycle}/actuals.csv"))
    if not any((workbook.reports / client / cycle).glob("team.*")):  # one person's page made by itself is not all
        look = _code(f"kpi check {client}")
        state = words("welcome.missing", n=missing, command=look) if missing else words("welcome.all_in")
        return state + words("welcome.render", command=_code(f"kpi render {client}"))
    return words("welcome.meet", command=_code(f"kpi whatif {client}"))


def _code(text: str) -> str:
    return f"`{text}`"
