"""``kpi month``: what is there from whom in a month, what is late since when, whom to remind."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kpi_toolkit.commands.options import CLIENT, CLIENT_NAME, DONE, json_option, pass_shell, talk_options
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from kpi_toolkit.results.month import Board, Step


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
        _print_month(shell, found, one_by_one=bool(clients))
    sys.exit(CLIENT if any(each.state == "unreadable" for each in found.clients) else DONE)


def _print_month(shell: Shell, of: Board, *, one_by_one: bool) -> None:
    """Show a month: a row a client, those without a cycle first; of named clients a row a person, and the reminders."""
    from kpi_toolkit.pages.month import reminder_text
    from kpi_toolkit.results.month import STEPS

    words = shell.words
    head = [words("month.client"), *(words(f"month.short.{step}") for step in STEPS), words("month.short.late")]
    rows = []
    for client in of.clients:
        name = f"[bold]{as_is(words.show(client.name))}[/]"
        name += f" [dim]{words(f'month.state.{client.state}')}[/]" if client.state in {"presented", "closed"} else ""
        if not client.people:
            problem = f": {words.message(client.issues[0])}" if client.issues else ""
            shell.out.print(f"[bold red]![/] {name}  {as_is(words(f'month.state.{client.state}') + problem)}")
            continue
        name += f" [red]{words('month.errors', n=len(client.issues))}[/]" if client.issues else ""
        name += f" [red]{words('month.gaps', known=', '.join(client.gaps))}[/]" if client.gaps else ""
        counts = [client.total(step) for step in STEPS]
        rows.append([name, *(f"{_how(done == of_all)}{done}/{of_all}[/]" if of_all else "–" for done, of_all in counts),
                     _late(client.late_since) or "[green]✓[/]"])  # fmt: skip
        for person in client.people if one_by_one else ():
            steps = [_step(person.steps[step]) for step in STEPS]
            rows.append([f"  {as_is(words.show(person.called))}", *steps, _late(person.late_since)])
    title = f"{words('month.title', period=words.cycle(of.cycle))} · {words('month.on', day=of.on)}"
    if rows:
        print_table(shell, head, rows, title=title, whole=range(1, len(head)))
    for client in of.clients if one_by_one else ():
        for each in client.reminders:
            shell.talk.print(words("month.send"), style="dim")
            for line in reminder_text(shell.workbook, of, client, each).split("\n"):
                shell.out.print(line, markup=False)
    if not one_by_one and any(client.reminders for client in of.clients):
        shell.talk.print(words("month.hint", cycle=of.cycle.id), style="dim", markup=False)


def _how(done: bool) -> str:
    return "[green]" if done else "[yellow]"


def _late(since: date | None) -> str:
    return f"[red]{since:%m-%d}[/]" if since else ""


def _step(step: Step) -> str:
    if not step.of:
        return "[dim]–[/]"
    style = "green" if step.whole else "red" if step.late_since else "yellow"
    return f"[{style}]{'✓' if step.whole else '○' if step.of == 1 else f'{step.done}/{step.of}'}[/]"
