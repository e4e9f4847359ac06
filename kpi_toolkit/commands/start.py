"""``kpi init`` and ``kpi new``: a workbook, a client, a cycle."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

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
@click.option("--organisation", help="Posts to start from (kpi library organisations).")
@click.option(
    "--size", type=click.Choice(["small", "medium", "large"]), help="Size of the firm; drives how many promoters."
)
@click.option("--city-tier", type=click.Choice(["sz_gz", "other"]), help="Shenzhen and Guangzhou, or another city.")
@click.option("--launch", type=click.DateTime(["%Y-%m-%d"]), help="When the site goes live.")
@click.option("--low-budget", is_flag=True, default=None, help="No separate promoter: the manager promotes.")
@click.option("--site-build", type=click.Choice(["own", "outsourced"]), help="Who builds the site.")
@click.option("--cycle", help="Open this cycle of a client that is there: people and goals are copied, actuals never.")
@click.option("--from", "source", help="The cycle whose goals are copied (default: the latest before).")
@lang_option
@pass_shell
def new(
    shell: Shell, /, client: str, template: str, name: str, organisation: str | None, launch: datetime | None,
    cycle: str | None, source: str | None, **facts: Any,
) -> None:  # fmt: skip
    """Start a client, or open a client's next cycle."""
    from kpi_toolkit.clients.scaffold import new_client, new_cycle
    from kpi_toolkit.clients.workbook import WorkbookError

    if source is not None and cycle is None:
        raise WorkbookError("from-without-cycle")
    if cycle is not None:
        made = new_cycle(shell.workbook, client, cycle, source=source)
        following = f"kpi check {client} {cycle}"
    else:
        stated = {key: value for key, value in facts.items() if value is not None}
        made = new_client(
            shell.workbook, client, template=template, name=name, language=shell.language, organisation=organisation,
            facts=stated | ({"launch": launch.date()} if launch else {}),
        )  # fmt: skip
        following = f"kpi check {client}"
    for path in made:
        shell.talk.print(shell.words("cli.created", path=str(path)), markup=False)
    shell.talk.print(shell.words("cli.next", command=following), markup=False)
