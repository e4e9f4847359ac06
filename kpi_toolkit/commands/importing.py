"""``kpi import``: a client's own Excel becomes people, targets and figures; nothing is typed twice."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit.commands.options import (
    CLIENT,
    DONE,
    answer_options,
    ask,
    json_option,
    open_questions,
    pass_shell,
    talk_options,
)
from kpi_toolkit.terminal import Shell, as_is, print_issues, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.importing import Import

_MOST = 40


@click.command("import")
@click.argument("client")
@click.argument("what", metavar="people|goals|actuals|design")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--cycle", help="The month that the figures belong to (default: the newest).")
@click.option("--dry-run", is_flag=True, help="Show what would be imported; write nothing.")
@answer_options
@json_option
@talk_options
@pass_shell
def import_(
    shell: Shell, /, client: str, what: str, files: tuple[Path, ...], cycle: str | None, dry_run: bool,
    answer: tuple[str, ...], answers: Path | None,
) -> None:  # fmt: skip
    """Take over a client's own files: XLSX, XLS, ODS or CSV, as they are.

    A sheet may have titles, totals and signatures, one person or many. What is uncertain is asked once and remembered.
    """
    from kpi_toolkit.clients.apart import read_apart
    from kpi_toolkit.clients.imports import as_data, run_import
    from kpi_toolkit.clients.questions import parse_answers

    shell.workbook.client_folder(client)
    said, sources = parse_answers(answer, answers), read_apart(files)
    while True:
        into, written = run_import(shell.workbook, client, what, sources, cycle=cycle, answers=said, dry_run=dry_run)
        if not into.questions or not ask(shell, into.questions, said):
            break
    issues = [shell.words.finding(issue, client) for issue in into.issues]
    questions = [shell.words.question(question) for question in into.questions]
    if shell.as_json:
        shell.data(as_data(into, written, questions, issues))
    else:
        print_import(shell, client, into, written)
    sys.exit(DONE if into.complete else CLIENT)


def print_import(shell: Shell, client: str, into: Import, written: list[Path]) -> None:
    """Show what each heading was taken for, the first rows, what was left out, what is open, and what was written."""
    words = shell.words
    head = [words(f"import.{key}") for key in ("file", "cell", "heading", "column")]
    rows = [[as_is(entry["file"]), entry["cell"], as_is(entry["heading"]),
             words(f"import.is.{entry['column']}") if entry["column"] else f"[dim]{words('import.left_out')}[/]"]
            for entry in into.mapping]  # fmt: skip
    print_table(shell, head, rows)
    _print_rows(shell, into)
    print_issues(shell, [(client, into_issues(into))], talk=True)
    for entry in (each for each in into.left_out if "row" in each):
        place = words("place.join").join(
            filter(None, (entry["file"], entry["sheet"], words("place.row", value=entry["row"])))
        )
        shell.talk.print(words("import.line_left_out", place=place, text=entry["text"]), style="dim", markup=False)
    open_questions(shell, into.questions)
    for path in written:
        shell.talk.print(words("cli.created", path=str(path)), markup=False)
    if not written:
        shell.errors.print(words("import.nothing_written"), style="yellow", markup=False)


def into_issues(into: Import) -> Any:
    """Return the findings of an import."""
    from kpi_toolkit.method.issues import Issues

    return Issues(into.issues)


def _print_rows(shell: Shell, into: Import) -> None:
    columns = list(dict.fromkeys(key for row in into.rows for key, value in row.items() if value not in {"", None}))
    shown = [[as_is(str(row.get(column) or "")) for column in columns] for row in into.rows[:_MOST]]
    if shown:
        print_table(shell, columns, shown)
        shell.talk.print(shell.words("import.rows", n=len(into.rows)), markup=False)
