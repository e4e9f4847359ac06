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
    from kpi_toolkit.pages.words import Words

_MOST = 40
_NAMED = {"person", "role", "indicator", "manager"}
"""Columns of ids whose names are shown."""


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
    from kpi_toolkit.clients.imports import run_import
    from kpi_toolkit.clients.questions import parse_answers

    shell.workbook.client_folder(client)
    said, sources = parse_answers(answer, answers), read_apart(files)
    while True:
        into, written = run_import(shell.workbook, client, what, sources, cycle=cycle, answers=said, dry_run=dry_run)
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
        print_import(shell, client, into, written)
    sys.exit(DONE if into.complete else CLIENT)


def print_import(shell: Shell, client: str, into: Import, written: list[Path]) -> None:
    """Show what each heading was taken for, the first rows, what was left out, what is open, and what was written."""
    from kpi_toolkit.method.issues import Issues

    words = shell.words
    places: dict[tuple[str, str], list[str]] = {}
    for entry in into.mapping:
        places.setdefault((entry["heading"], entry["column"]), []).append(f"{entry['file']} {entry['cell']}")
    rows = [
        [as_is(heading), words(f"import.is.{column}") if column else f"[dim]{words('import.left_out')}[/]",
         as_is(_some(words, where))]
        for (heading, column), where in places.items()
    ]  # fmt: skip
    print_table(shell, [words(f"import.{key}") for key in ("heading", "column", "place")], rows)
    _print_rows(shell, into)
    if into.issues:
        print_issues(shell, [(client, Issues(into.issues))], talk=True)
    alike: dict[str, list[str]] = {}
    for at, text in into.found.left_out:
        alike.setdefault(text, []).append(words.place(at))
    for text, where in alike.items():
        said = words("import.line_left_out", place=_some(words, where), text=text)
        shell.talk.print(said, style="dim", markup=False, soft_wrap=True)
    open_questions(shell, into.questions)
    for path in written:
        shell.talk.print(words("cli.created", path=str(path)), markup=False)
    if not written:
        shell.errors.print(words("import.nothing_written"), style="yellow", markup=False)


def _some(words: Words, where: list[str]) -> str:
    """Return the first of some places, and how many there are beside it."""
    return where[0] if len(where) == 1 else words("import.more_files", place=where[0], n=len(where) - 1)


def _print_rows(shell: Shell, into: Import) -> None:
    columns = list(dict.fromkeys(key for row in into.rows for key, value in row.items() if value not in {"", None}))
    names: dict[str, Any] = {str(one["id"]): one["name"] for one in into.client.people.records()}
    names |= {key: role.name for key, role in into.client.design.roles.items()}
    names |= {item.id: item.name for role in into.client.design.roles.values() for item in role.indicators}
    shown = [
        [as_is(shell.words.show(names.get(value, value) if column in _NAMED else value)) for column in columns
         for value in [str(row.get(column) or "")]]
        for row in into.rows[:_MOST]
    ]  # fmt: skip
    if shown:
        print_table(shell, [shell.words(f"import.is.{column}") for column in columns], shown)
        shell.talk.print(shell.words("import.rows", n=len(into.rows)), markup=False)
