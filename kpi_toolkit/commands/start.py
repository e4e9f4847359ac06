"""``kpi init`` and ``kpi new``: a workbook, a client, a cycle."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_toolkit.clients.workbook import starter_names
from kpi_toolkit.commands.options import lang_option, pass_shell
from kpi_toolkit.terminal import Shell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--examples", is_flag=True, help="With the three made-up example clients.")
@lang_option
@pass_shell
def init(shell: Shell, folder: Path, examples: bool) -> None:
    """Lay out a fresh workbook."""
    from kpi_toolkit.clients.scaffold import init_workbook

    made = init_workbook(folder, examples=examples)
    shell.talk.print(shell.words("cli.created" if made else "cli.skipped_copy", path=str(folder)), markup=False)
    shell.talk.print(shell.words("cli.next", command=f"cd {folder} && kpi new acme-shop"), markup=False)


@click.command()
@click.argument("client")
@click.option(
    "--template",
    default="sells-products",
    show_default=True,
    help=f"Design to start from: {', '.join(starter_names())}.",
)
@click.option("--name", default="", help="The client's name as reports show it.")
@click.option("--cycle", help="Open this cycle of a client that is there: people and goals are copied, actuals never.")
@click.option("--from", "source", help="The cycle whose goals are copied (default: the latest before).")
@lang_option
@pass_shell
def new(shell: Shell, client: str, template: str, name: str, cycle: str | None, source: str | None) -> None:
    """Start a client, or open a client's next cycle."""
    from kpi_toolkit.clients.scaffold import new_client, new_cycle
    from kpi_toolkit.clients.workbook import WorkbookError

    if source is not None and cycle is None:
        raise WorkbookError("from-without-cycle")
    if cycle is not None:
        made = new_cycle(shell.workbook, client, cycle, source=source)
        following = f"kpi check {client} {cycle}"
    else:
        made = new_client(shell.workbook, client, template=template, name=name, language=shell.language)
        following = f"kpi check {client}"
    for path in made:
        shell.talk.print(shell.words("cli.created", path=str(path)), markup=False)
    shell.talk.print(shell.words("cli.next", command=following), markup=False)
