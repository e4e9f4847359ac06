"""``kpi forms`` and ``kpi collect``: the month's forms go out as Excel workbooks and come back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kpi_toolkit.commands.options import json_option, pass_shell, talk_options
from kpi_toolkit.terminal import Shell

_PHASES = {"plan": "plan", "appraise": "appraisal"}


@click.command()
@click.argument("client")
@click.argument("cycle")
@click.option(
    "--phase", type=click.Choice([*_PHASES]), default="appraise", show_default=True,
    help="Before the month (goals and targets), or after it (actuals and appraisal).",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(["person", "manager", "sheet"]), default="person", show_default=True,
    help="A file a person and copy, a file a manager, or one sheet with everybody's lines.",
)  # fmt: skip
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to (default: the cycle's forms/)."
)
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="Language of the forms (default: the client's first)."
)
@click.option("--person", "people", multiple=True, help="Only this person's form; may be given again.")
@click.option("--force", is_flag=True, help="Replace forms that were changed since they were written.")
@json_option
@talk_options
@pass_shell
def forms(
    shell: Shell, client: str, cycle: str, phase: str, by: str, to: Path | None, language: str | None,
    people: tuple[str, ...], force: bool,
) -> None:  # fmt: skip
    """Write the month's forms as Excel workbooks, to be sent to managers and people."""
    from kpi_toolkit.pages.forms import hand_out

    folder, files = hand_out(
        shell.workbook, client, cycle, phase=_PHASES[phase], by=by, to=to, language=language, people=people, force=force
    )  # type: ignore[arg-type]  # click has checked the choices
    if shell.as_json:
        shell.data({"files": [
            {"path": str(folder / each.path), "person": each.person, "manager": each.manager, "copy": each.copy,
             "code": each.code, "cells": [asdict(entry) for entry in each.entries]}
            for each in files
        ]})  # fmt: skip
        return
    shell.talk.print(shell.words("forms_out.written", n=len(files), folder=str(folder)), markup=False)
    shell.talk.print(shell.words("forms_out.key", path=f"client_data/{client}/.form-key"), markup=False)
    shell.talk.print(shell.words("cli.next", command=f"kpi collect {client} {cycle} FOLDER"), markup=False)
