"""``kpi calendar``: every date of a cycle, as a table or for a calendar program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_toolkit.commands.options import A_CLIENT, A_CYCLE, FILE, command, option
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.client import Client
    from kpi_toolkit.pages.dates import Dates

_BEGINS = b"BEGIN:VCALENDAR"


@command(A_CLIENT, A_CYCLE, option("--ics", type=FILE, told="Write an iCalendar file."))
def calendar(shell: Shell, client: str, cycle: str, ics: Path | None) -> None:
    """Show every date of a cycle: goals, reviews, appraisal, meetings and reports. The cycle need not be open yet."""
    from kpi_toolkit.clients.client import load_client
    from kpi_toolkit.clients.cycle_folders import meant_cycle
    from kpi_toolkit.clients.storage import sweep, write_file
    from kpi_toolkit.pages.dates import dates_of, write_ics

    value = load_client(shell.workbook.client_folder(client))
    period = meant_cycle(cycle, value.cycles)
    dates = dates_of(value.profile, value.design, period)
    if ics is not None:
        text = write_ics(dates, value.id, value.profile, shell.words)
        if str(ics) == "-":
            click.echo(text, nl=False)
            return
        _check_target(ics)
        sweep(ics.parent, deep=False)
        write_file(ics, text)
        shell.say("calendar.written", path=str(ics))
    if shell.as_json:
        shell.data({"client": value.id, "cycle": period.id, "entries": dates.to_json(shell.words)})
    elif ics is None:
        _print(shell, value, dates)


def _check_target(path: Path) -> None:
    """Raise WorkbookError for a file that would be overwritten and is no calendar."""
    from kpi_toolkit.clients.workbook import WorkbookError

    begins = b""
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(len(_BEGINS) + 3).removeprefix(b"\xef\xbb\xbf")
    if path.exists() and not begins.upper().startswith(_BEGINS):
        raise WorkbookError("no-calendar", path=str(path), suggestion=f"{path.stem}.ics")


def _print(shell: Shell, client: Client, dates: Dates) -> None:
    """Show a cycle's calendar: the dates that the regulation sets, then meetings and reports."""
    words = shell.words
    rows = []
    for entry in dates.entries:
        until = "" if entry.start == entry.end else f" – {words.day(entry.end)}"
        rows.append([words.day(entry.start) + until, as_is(dates.name(entry, words)), as_is(dates.note(entry, words))])
    title = f"{words.show(client.profile.name)} · {words.cycle(dates.cycle)}"
    print_table(shell, [words("cli.date"), words("cli.entry"), ""], rows, title=title)
    rows = [
        [words(f"calendar.{routine.cadence}"), as_is(words.show(routine.name)), words("calendar.times", n=len(own))]
        for routine, own in dates.routines
    ]
    if rows:
        print_table(shell, [words("calendar.when"), words("calendar.routines"), ""], rows)
    if dates.unannounced:
        shell.say("calendar.unannounced", years=dates.unannounced, style="yellow")
