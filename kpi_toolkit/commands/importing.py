"""``kpi import``: a client's own Excel becomes people, targets and figures; nothing is typed twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_toolkit.commands.options import (
    A_CLIENT,
    ANSWERS,
    CYCLE,
    GIVEN_FILE,
    ask,
    check_idle,
    command,
    end,
    flag,
    open_questions,
    option,
)
from kpi_toolkit.terminal import Shell, as_is, print_issues, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.importing import Import
    from kpi_toolkit.pages.imported import Table

_MOST, _KINDS = 40, click.Choice(["people", "goals", "actuals", "design"])


@command(
    A_CLIENT,
    click.argument("what", type=_KINDS, metavar="people|goals|actuals|design"),
    click.argument("files", nargs=-1, required=True, type=GIVEN_FILE),
    option("--cycle", type=CYCLE, told="The month that the figures belong to (default: the newest)."),
    flag("--correct", "Change the tables of a closed month, for kpi correct."),
    flag("--dry-run", "Show what would be imported; write nothing."),
    *ANSWERS, name="import",
)  # fmt: skip
def import_(
    shell: Shell, /, client: str, what: str, files: tuple[Path, ...], cycle: str | None, correct: bool,
    dry_run: bool,     answer: tuple[str, ...], answers: Path | None,
) -> None:  # fmt: skip
    """Bring in a client's own files: XLSX, XLS, ODS or CSV, as they are.

    A sheet may have titles, totals and signatures, one person or many. What is uncertain is asked once and remembered.
    """
    from kpi_toolkit.clients.apart import read_apart
    from kpi_toolkit.clients.imports import run_import
    from kpi_toolkit.clients.questions import parse_answers

    shell.workbook.client_folder(client)
    check_idle(**dict.fromkeys(("cycle", "correct"), what in {"people", "design"}))  # they are of no month
    said, sources = parse_answers(answer, answers), read_apart(files)
    while True:
        into, written = run_import(
            shell.workbook, client, what, sources, cycle=cycle, answers=said, correct=correct, dry_run=dry_run
        )
        if not into.questions or not ask(shell, into.questions, said):
            break
    if shell.as_json:
        shell.data({
            "mapping": into.mapping, "rows": into.rows, "left_out": into.left_out,
            "questions": [shell.words.question(question) for question in into.questions],
            "issues": [shell.words.finding(issue, client) for issue in into.issues],
            "written": [path.relative_to(shell.workbook.root).as_posix() for path in written],
        })  # fmt: skip
    else:
        print_import(shell, client, into, written, whole=dry_run)
        if correct and into.complete and written:
            shell.say("cli.next", command=f"kpi correct {client} {cycle or ''} --dry-run")
    end(into.complete)


def print_import(shell: Shell, client: str, into: Import, written: list[Path], *, whole: bool) -> None:
    """Show what each heading was taken for, the first rows, what was left out, what is open, and what was written."""
    from kpi_toolkit.method.issues import Issues
    from kpi_toolkit.pages.imported import lines_left_out, mapping_table, rows_table

    words = shell.words
    if into.found.columns:
        _print(shell, mapping_table(into, words))
    if into.rows:
        heads, rows = rows_table(into, words, None if whole else _MOST)
        _print(shell, (heads, rows))
        shell.say("import.rows", n=len(into.rows))
        if len(into.rows) > len(rows):
            shell.say("import.more_rows", n=len(into.rows) - len(rows))
    if into.issues:
        print_issues(shell, [(client, Issues(into.issues))], talk=True)
    for said in lines_left_out(into, words):
        shell.talk.print(said, style="dim", soft_wrap=True)
    open_questions(shell, into.questions)
    if written:
        shell.say("import.written", files=[str(path) for path in written])
    if not written:
        shell.errors.print(words("import.nothing_written"), style="yellow")
        if into.asking.taken and not whole:
            shell.say("import.remembered", n=len(into.asking.taken))


def _print(shell: Shell, table: Table) -> None:
    print_table(shell, table[0], [[as_is(cell) for cell in row] for row in table[1]])
