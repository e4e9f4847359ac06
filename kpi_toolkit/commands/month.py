"""``kpi month``: what is there from whom in a month, what is late since when, whom to remind."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kpi_toolkit.commands.options import CLIENT_NAME, DAY, command, end, option, told_apart
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.board import Board, ClientMonth, Step


@command(
    click.argument("named", nargs=-1, metavar="[CLIENT]... [CYCLE]"),
    option("--client", "clients", multiple=True, type=CLIENT_NAME, told="Only this client, person by person."),
    option("--on", type=DAY, metavar="YYYY-MM-DD", told="As of this day (default: today)."),
)
def month(shell: Shell, named: tuple[str, ...], clients: tuple[str, ...], on: datetime | None) -> None:
    """Show how far all clients are with a month: goals agreed, forms sent and back, talks, signatures, what is late."""
    from kpi_toolkit.pages.month import month_data
    from kpi_toolkit.results.board import board, period_of

    more, cycle = told_apart(shell.workbook, named)
    clients = tuple(dict.fromkeys((*clients, *more)))
    day = on.date() if on else date.today()  # noqa: DTZ011 - the day where it is looked at
    found = board(shell.workbook, period_of(shell.workbook, cycle, day, clients), day, clients)
    if shell.as_json:
        shell.data(month_data(shell.workbook, found))
    else:
        _print_month(shell, found, one_by_one=bool(clients))
    end(not any(each.issues for each in found.clients))


def _print_month(shell: Shell, of: Board, *, one_by_one: bool) -> None:
    """Show a month: a row a client, those without a cycle first; of named clients a row a person, and the reminders."""
    from kpi_toolkit.pages.month import work_lines
    from kpi_toolkit.results.steps import STEPS

    words = shell.words
    head = [words("month.client"), *(words(f"month.step.{step}") for step in STEPS), words("month.late")]
    rows = [row for client in of.clients if client.people for row in _rows(shell, client, one_by_one=one_by_one)]
    title = f"{words('month.title', period=words.cycle(of.cycle))} · {words('month.on', day=of.on)}"
    if not rows:
        shell.out.print(title, style="bold")
    for client in of.clients:
        if not client.people:
            _print_unopened(shell, of, client)
    if rows:
        print_table(shell, head, rows, title=title, whole=range(1, len(head)))
    if one_by_one:
        shell.say("month.legend", style="dim")
        for client in of.clients:
            for line in work_lines(client, words):
                shell.out.print(line)
            _print_reminders(shell, of, client)
            _print_progress(shell, of, client)
    elif any(client.reminders for client in of.clients):
        shell.say("month.hint", cycle=of.cycle.id, style="dim")


def _print_unopened(shell: Shell, of: Board, client: ClientMonth) -> None:
    words = shell.words
    said = words(f"month.state.{client.state}")
    if client.issues:
        said += words("list.colon") + words.message(client.issues[0])
    shell.out.print(f"[bold red]![/] [bold]{as_is(words.show(client.name))}[/]  {as_is(said)}", markup=True)
    if client.state == "no-cycle":
        command = f"kpi new {client.id} --cycle {of.cycle.id}"
        shell.out.print("  " + words("month.open", command=command), style="dim")


def _rows(shell: Shell, client: ClientMonth, *, one_by_one: bool) -> Iterator[list[str]]:
    from kpi_toolkit.results.steps import STEPS

    words = shell.words
    name = f"[bold]{as_is(words.show(client.name))}[/]"
    name += f" [dim]{words(f'month.state.{client.state}')}[/]" if client.state in {"presented", "closed"} else ""
    name += f" [red]{words('month.errors', n=len(client.issues))}[/]" if client.issues else ""
    name += f" [red]{words('month.gaps', known=', '.join(client.gaps))}[/]" if client.gaps else ""
    counts = [client.total(step) for step in STEPS]
    shown = (f"[{'green' if done == of else 'yellow'}]{done}/{of}[/]" if of else "–" for done, of in counts)
    yield [name, *shown, _late(client.late_since, words) or ("[green]✓[/]" if client.settled else "[dim]–[/]")]
    for person in client.people if one_by_one else ():
        steps = [_step(person.steps[step], words) for step in STEPS]
        yield [f"  {as_is(words.show(person.called))}", *steps, _late(person.late_since, words)]


def _print_reminders(shell: Shell, of: Board, client: ClientMonth) -> None:
    from kpi_toolkit.pages.month import reminder_text

    for each in client.reminders:
        shell.out.print()
        shell.out.print(shell.words("month.send", manager=each.manager), style="dim")
        for line in reminder_text(shell.workbook, of, client, each).split("\n"):
            shell.out.print(line)


def _late(since: date | None, words: Words) -> str:
    return f"[red]{words.day_of_month(since)}[/]" if since else ""


def _step(step: Step, words: Words) -> str:
    if not step.of:
        return "[dim]–[/]"
    if step.came_late:
        return f"[yellow]✓ {words.day_of_month(step.came_late)}[/]"
    style = "green" if step.whole else "red" if step.late_since else "yellow"
    return f"[{style}]{'✓' if step.whole else '○' if step.of == 1 else f'{step.done}/{step.of}'}[/]"


def _print_progress(shell: Shell, of: Board, client: ClientMonth) -> None:
    """Show what was done so far of what was due by the day, while the month runs."""
    from kpi_toolkit.clients.client import as_of, inspect_cycle, load_client
    from kpi_toolkit.results.progress import progress

    if not client.people or client.issues:
        return
    value = as_of(load_client(shell.workbook.client_folder(client.id)), of.cycle.id)
    found = progress(value.design, inspect_cycle(value, of.cycle.id)[0], of.cycle, of.on)
    words, called = shell.words, {person.id: person.called for person in client.people}
    rows = [
        [as_is(words.show(called.get(each.person, each.person))), as_is(words.show(each.item.name)),
         words.number(each.actual), words.number(each.due), words.number(each.ratio, 2),
         words("progress.behind" if each.behind else "progress.in_time")]
        for each in found
    ]  # fmt: skip
    if rows:
        head = [words(f"progress.{key}") for key in ("person", "indicator", "actual", "due", "ratio", "state")]
        print_table(shell, head, rows, title=words("progress.title", day=of.on), right=range(2, 5))
