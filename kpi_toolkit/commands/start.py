"""``kpi init`` and ``kpi new``: a workbook, a client, a cycle."""

from __future__ import annotations

import gettext as translations
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from kpi_toolkit.clients.language import system_country
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, starter_names
from kpi_toolkit.commands.options import (
    ALL,
    CYCLE,
    DAY,
    FILE,
    FOLDER,
    check_idle,
    command,
    end,
    flag,
    listed,
    meant,
    of_each,
    option,
    several,
)
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.terminal import Shell, print_issues

_LEFT_OPEN = "-"
_SIZES, _TAKEN = click.Choice(["small", "medium", "large"]), click.Choice(["design", "people", "all"])
_OF_A_CLIENT = (
    "template", "name", "country", "languages", "rationale", "meetings", "organisation", "size", "city_tier", "launch",
    "low_budget", "site_build",
)  # fmt: skip
"""What is said of a client that begins."""
_PEOPLE = ["next_people", "next_people_excel", "next_people_staff"]
_FIGURES = ["next_figures", "next_figures_excel"]
"""What is said to come next of a client, and of a cycle, that was just opened; most clients have it in Excel."""


@command(click.argument("folder", type=FOLDER), flag("--examples", "With the three made-up example clients."))
def init(shell: Shell, folder: Path, examples: bool) -> None:
    """Lay out a fresh workbook."""
    from kpi_toolkit.clients.scaffold import init_workbook

    made = init_workbook(folder, examples=examples, language=shell.language)
    if shell.as_json:
        shell.data({"created": [str(path) for path in made]})
    shell.say("cli.created" if made else "cli.skipped_copy", path=str(folder))
    there = [] if folder.resolve() == Path.cwd() else [f'cd "{folder}"' if " " in str(folder) else f"cd {folder}"]
    for following in (*there, "kpi start" if Workbook(folder).clients() else "kpi new acme-shop"):
        shell.say("cli.next", command=following)  # one each: not every shell joins two


@command(
    click.argument("client", required=False),
    option(
        "--template", default="sells-products", show_default=True,
        told=f"Design to start from: {', '.join(starter_names())}.",
    ),
    option("--name", told="The client's name as reports show it (default: its id)."),
    option("--country", told="Two letters, such as CN or GB: decides legal notice, currency and holidays."),
    several("--languages", told="Languages of the client's reports: zh, en or zh,en (default: that of messages)."),
    option("--rationale", told="Why this design: a sentence that reports show beside its version."),
    flag("--meetings", "With the method's meetings and reports; otherwise none are planned."),
    option("--organisation", told="Posts to start from (kpi library organisations)."),
    option("--size", type=_SIZES, told="Size of the firm; drives how many promoters."),
    option("--city-tier", type=click.Choice(["sz_gz", "other"]), told="Shenzhen and Guangzhou, or another city."),
    option("--launch", type=DAY, metavar="YYYY-MM-DD", told="When the site goes live."),
    flag("--low-budget", "No separate promoter: the manager promotes.", default=None),
    option("--site-build", type=click.Choice(["own", "outsourced"]), told="Who builds the site."),
    option("--sheet", type=FILE, told="Write the design as an Excel sheet."),
    option(
        "--cycle", type=CYCLE,
        told="Open this cycle of a client that is there: people and goals are copied, actuals never.",
    ),
    option("--from", "source", type=CYCLE, told="The cycle whose goals are copied (default: the latest before)."),
    ALL,
    option("--take", type=_TAKEN, told="Let an open cycle take over the client's own."),
    option("--by", default="", told="Who decides that, for the record of the cycle; needed with --take."),
)  # fmt: skip
def new(
    shell: Shell, /, client: str | None, template: str, name: str | None, country: str | None, rationale: str | None,
    meetings: bool, organisation: str | None, launch: datetime | None, cycle: str | None, source: str | None,
    languages: tuple[str, ...], everyone: bool, take: str | None, by: str, sheet: Path | None, **facts: Any,
) -> None:  # fmt: skip
    """Start a client, or open a client's next cycle. In a terminal, name, country and rationale are asked for."""
    from kpi_toolkit.clients.scaffold import take as take_over
    from kpi_toolkit.live.welcome import renew

    if everyone:
        said = (name, country, rationale, meetings, organisation, launch, languages, take, sheet, *facts.values())
        _open_all(shell, client, cycle, source, by, more=any(said))
    if client is None:
        raise click.UsageError(translations.gettext("Name a client, or give --all and --cycle."))
    _check_asked(cycle, source, take, sheet)
    only_sheet = sheet is not None and cycle is None and client in shell.workbook.clients()
    begins = cycle is None and not only_sheet
    check_idle(by=cycle is None, source=take is not None, **dict.fromkeys(_OF_A_CLIENT, not begins))
    aimless = 0
    if only_sheet:
        made, following, typed = [], ["next"], f"kpi import {client} design {sheet}"  # of a client that is there
    elif cycle is not None:
        client = shell.workbook.named_clients([client])[0]
        following, typed = ["next"] if take else _FIGURES, f"kpi check {client} {cycle}"
        if take:
            made = take_over(shell.workbook, client, cycle, take, by=by)
        else:
            _, made, aimless = _opened(shell, client, cycle, source, by)
    else:
        facts |= {"country": country, "languages": listed(languages) or None, "launch": launch and launch.date()}
        made = _new_client(
            shell, client, facts, name=name, rationale=rationale, template=template, organisation=organisation,
            meetings=meetings,
        )  # fmt: skip
        following, typed = _PEOPLE, ""
    if sheet is not None:
        made.append(_write_sheet(shell, client, sheet))
    renew(shell.workbook, shell.words)
    if shell.as_json:
        shell.data({"created": [str(path) for path in made]})
    for path in made:
        shell.say("cli.created", path=str(path))
    if aimless:
        shell.say("cli.aimless", n=aimless, client=client, cycle=cycle)
    for key in following:
        shell.say(f"cli.{key}", command=typed, client=client, cycle=cycle)


def _new_client(
    shell: Shell, client: str, facts: dict[str, Any], *, name: str | None, rationale: str | None, **how: Any
) -> list[Path]:  # fmt: skip
    """Start a client; in a terminal, name, country and rationale are asked for where they were not given."""
    from kpi_toolkit.clients.countries import country_of
    from kpi_toolkit.clients.scaffold import check_new, new_client

    check_new(shell.workbook, client)
    name = _asked(shell, "name", name, client)
    here = system_country()
    country = _asked(shell, "country", facts["country"], here, lambda code: country_of(shell.workbook, code))
    rationale = _asked(shell, "rationale", rationale, "")
    stated = {key: value for key, value in (facts | {"country": country or None}).items() if value is not None}
    return new_client(
        shell.workbook, client, name=name, language=shell.language, facts=stated, rationale=rationale, **how
    )


def _check_asked(cycle: str | None, source: str | None, take: str | None, sheet: Path | None) -> None:
    """Refuse what only goes with a cycle, and a sheet that is there already."""
    if source is not None and cycle is None:
        raise WorkbookError("from-without-cycle")
    if take is not None and cycle is None:
        raise WorkbookError("take-without-cycle")
    if sheet is not None and sheet.exists():
        raise WorkbookError("sheet-exists", file=str(sheet))


def _open_all(
    shell: Shell, client: str | None, cycle: str | None, source: str | None, by: str, *, more: bool
) -> NoReturn:  # fmt: skip
    """Open a cycle of every client that has not opened it yet, and end; ``more`` would be for one client."""
    from kpi_toolkit.clients.cycle_folders import cycles_in
    from kpi_toolkit.live.welcome import renew

    if more:
        raise click.UsageError(translations.gettext("With --all a cycle is opened: it takes --cycle, --from and --by."))
    names, cycle = meant(shell, client, cycle, everyone=True)
    there = [name for name in names if cycle in cycles_in(shell.workbook.client_folder(name))[0]]
    due = [name for name in names if name not in there]
    done, wrong = of_each(due, lambda name: _opened(shell, name, cycle, source, by))
    renew(shell.workbook, shell.words)
    if shell.as_json:
        shell.data({"created": [str(path) for _, made, _ in done for path in made], "there": there})
    for name, _, aimless in done:
        shell.say("cli.opened", client=shell.workbook.called(name), cycle=cycle)
        if aimless:
            shell.say("cli.aimless", n=aimless, client=name, cycle=cycle)
    if there:
        shell.say("cli.open_already", clients=[shell.workbook.called(name) for name in there], cycle=cycle)
    if wrong:
        print_issues(shell, wrong, talk=True)
    shell.say("cli.next", command=f"kpi forms --all --cycle {cycle} --phase plan")
    end(not wrong)


def _opened(shell: Shell, client: str, cycle: str, source: str | None, by: str) -> tuple[str, list[Path], int]:
    """Open a client's cycle; return the client, the files that were made, and how many lines have no target yet."""
    from kpi_toolkit.clients.client import load_client
    from kpi_toolkit.clients.scaffold import new_cycle
    from kpi_toolkit.results.inspection import lines_asked

    made = new_cycle(shell.workbook, client, cycle, source=source, by=by)
    return client, made, lines_asked(load_client(shell.workbook.client_folder(client)), cycle)[1]


def _write_sheet(shell: Shell, client: str, path: Path) -> Path:
    from kpi_toolkit.clients.client import read_client
    from kpi_toolkit.clients.storage import write_file
    from kpi_toolkit.pages.design_sheet import design_sheet

    value, issues = read_client(shell.workbook.client_folder(client))
    if value is None:
        raise IssuesError(issues)
    title = shell.words("sheet.title", client=value.profile.name)
    write_file(path, design_sheet(value.design, shell.words, shell.workbook, title))
    return path


def _asked(
    shell: Shell, what: str, said: str | None, proposal: str, check: Callable[[str], object] = lambda _: None
) -> str:
    """Return what an option says; in a terminal a blank one is asked for, until it is right, elsewhere it stays unsaid.

    ``check`` raises WorkbookError for what is wrong.
    """
    if said is not None or not sys.stdin.isatty():
        return (said or "").strip()
    while True:
        answer = click.prompt(shell.words(f"new.{what}"), default=proposal, show_default=bool(proposal), err=True)
        stated = "" if str(answer).strip() == _LEFT_OPEN else str(answer).strip()
        try:
            if stated:
                check(stated)
        except WorkbookError as problem:
            print_issues(shell, [("", Issues([problem.issue]))], talk=True)
        else:
            return stated
