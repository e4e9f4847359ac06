"""``kpi month``: what is there from whom in a month, what is late since when, whom to remind."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click

from kpi_toolkit.commands.options import CLIENT, CLIENT_NAME, DONE, json_option, pass_shell, talk_options
from kpi_toolkit.terminal import Shell, print_month


@click.command()
@click.argument("cycle")
@click.option("--client", "clients", multiple=True, type=CLIENT_NAME, help="Only this client, person by person.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of this day (default: today).")
@json_option
@talk_options
@pass_shell
def month(shell: Shell, cycle: str, clients: tuple[str, ...], on: datetime | None) -> None:
    """Show a month of all clients: goals agreed, forms sent, what came in, talks, signatures, and what is late."""
    from kpi_toolkit.clients.cycle_folders import meant_cycle
    from kpi_toolkit.pages.month import month_data
    from kpi_toolkit.results.month import board

    period = meant_cycle(cycle, ())
    found = board(shell.workbook, period, on.date() if on else date.today(), clients)  # noqa: DTZ011 - the day here
    if shell.as_json:
        shell.data(month_data(shell.workbook, found))
    else:
        print_month(shell, found, one_by_one=bool(clients))
    sys.exit(CLIENT if any(each.state == "unreadable" for each in found.clients) else DONE)
