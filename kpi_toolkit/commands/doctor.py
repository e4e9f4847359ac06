"""``kpi doctor`` and ``kpi config``: what this installation stands on, and where each setting comes from."""

from __future__ import annotations

import os
import sys

import click
from click.core import ParameterSource

from kpi_toolkit.clients.language import system_setting
from kpi_toolkit.commands.options import DONE, NOT_STARTED, command, flag
from kpi_toolkit.terminal import Shell, print_issues, print_table

_SETTINGS = ("WORKBOOK", "LANG", "JSON", "QUIET", "VERBOSE", "DEBUG", "CLIENT", "CYCLE", "ONLY", "CHROMIUM")
"""What a variable ``KPI_…`` can set."""


@command()
def doctor(shell: Shell) -> None:
    """Check the installation: versions, PDF engine, fonts, folders, and what a workbook runs of its own."""
    from kpi_toolkit.batch.doctor import examine

    words, found = shell.words, examine(shell.workbook)
    if shell.as_json:
        shell.data({"facts": found.facts, "issues": [words.finding(issue) for issue in found.issues]})
    else:
        print_table(shell, [words("doctor.what"), words("doctor.found")],
                    [[words(f"doctor.{key}"), value] for key, value in found.facts.items()])  # fmt: skip
        print_issues(shell, [("", found.issues)])
    sys.exit(NOT_STARTED if found.issues.errors else DONE)


@click.group()
def config() -> None:
    """Show settings, and where each comes from."""


@command(flag("--origin", "Say where each setting comes from."), name="show", of=config)
def show_config(shell: Shell, origin: bool) -> None:
    """Show the settings in force: an option beats a variable, a variable beats the default."""
    context = click.get_current_context()
    words, contexts, rows = shell.words, (context, context.find_root()), []
    in_force = {
        "WORKBOOK": str(shell.workbook.root.resolve()), "LANG": shell.language, "JSON": shell.as_json,
        "QUIET": shell.quiet, "VERBOSE": shell.verbose, "DEBUG": shell.debug,
    }  # fmt: skip
    for name in _SETTINGS:
        typed = any(each.get_parameter_source(name.lower()) is ParameterSource.COMMANDLINE for each in contexts)
        variable = f"KPI_{name}" if os.environ.get(f"KPI_{name}") else ""
        value = str(in_force.get(name) or os.environ.get(f"KPI_{name}", ""))
        came = "option" if typed else variable or ("system" if name == "LANG" and system_setting() else "default")
        rows.append({"setting": name.lower(), "value": value, "origin": came})
    if shell.as_json:
        shell.data({"settings": rows})
        return
    head = [words(f"doctor.{key}") for key in ("setting", "value", "origin")[: 3 if origin else 2]]
    known = {key: words(f"doctor.origin_{key}") for key in ("option", "system", "default")}
    shown = [[row["setting"], row["value"] or "–", known.get(row["origin"], row["origin"])] for row in rows]
    print_table(shell, head, [line[: len(head)] for line in shown])
