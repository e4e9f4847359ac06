"""``kpi render`` and ``kpi demo``: reports of many clients in one batch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_toolkit.commands.options import CLIENT, DONE, json_option, lang_option, listed, pass_shell
from kpi_toolkit.terminal import Shell, print_run

if TYPE_CHECKING:
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.reports.batch import Job, Outcome, Refusal


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--jobs", type=click.IntRange(1), help="Reports made at the same time (default: one per core).")
@json_option
@lang_option
@pass_shell
def demo(shell: Shell, folder: Path | None, jobs: int | None) -> None:
    """Render the three example clients; without a workbook here, in a new folder kpi-demo."""
    from kpi_toolkit.clients.scaffold import init_workbook
    from kpi_toolkit.clients.workbook import EXAMPLES, Workbook
    from kpi_toolkit.reports.render import plan

    here = shell.workbook
    if folder is not None or not (here.exists() and set(EXAMPLES) <= set(here.clients())):
        here = Workbook(folder or shell.root / "kpi-demo")
        init_workbook(here.root, examples=True)
    team, refused = plan(here, EXAMPLES, reports=("team",))
    people, _ = plan(here, EXAMPLES[:1], reports=("person",))
    _render(shell, here, [*team, *people], refused, jobs)


@click.command()
@click.argument("clients", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All clients (the default when none is named).")
@click.option("--cycle", help="Cycle id (default: each client's latest with actuals).")
@click.option(
    "--report", "reports", default="team,person", show_default=True, help="Which reports, separated by commas."
)
@click.option("--person", "people", multiple=True, help="Only these people's reports; may be given again.")
@click.option("--format", "formats", default="html,pdf", show_default=True, help="Which files, separated by commas.")
@click.option("--languages", help="zh, en or zh,en (default: each client's).")
@click.option("--jobs", type=click.IntRange(1), help="Reports made at the same time (default: one per core).")
@json_option
@lang_option
@pass_shell
def render(
    shell: Shell, clients: tuple[str, ...], everyone: bool, cycle: str | None, reports: str, people: tuple[str, ...],
    formats: str, languages: str | None, jobs: int | None,
) -> None:  # fmt: skip
    """Render reports: executed notebooks, HTML and PDF."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.reports.render import plan

    if clients and everyone:
        raise WorkbookError("clients-and-all")
    planned, refused = plan(
        shell.workbook, clients or None, cycle=cycle, reports=listed(reports), people=people or None,
        formats=listed(formats), languages=None if languages is None else listed(languages),
    )  # fmt: skip
    _render(shell, shell.workbook, planned, refused, jobs)


def _render(
    shell: Shell, workbook: Workbook, planned: Sequence[Job], refused: Sequence[Refusal], jobs: int | None
) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kpi_toolkit.reports.render import run

    words = shell.words
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[last]}"),
    )
    with Progress(*columns, console=shell.talk, transient=True) as bar:
        task = bar.add_task(words("cli.progress"), total=len(planned), last="")

        def report(outcome: Outcome, _: int) -> None:
            bar.update(task, advance=1, last=outcome.job.name)

        finished = run(workbook, planned, refused, jobs=jobs, progress=report)
    if shell.as_json:
        shell.data(finished.to_json(shell.words))
    else:
        print_run(shell, workbook, finished)
    sys.exit(DONE if finished.ok else CLIENT)
