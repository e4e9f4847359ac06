"""``kpi render`` and ``kpi demo``: reports of many clients in one batch."""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit.commands.door import browser_option, open_page
from kpi_toolkit.commands.options import (
    CYCLE,
    FOLDER,
    Number,
    command,
    end,
    flag,
    listed,
    one_cycle,
    option,
    several,
    told_apart,
)
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.terminal import (
    Shell,
    as_is,
    print_behind,
    print_issues,
    print_missing_glyphs,
    print_own_files,
    print_redesigned,
    print_table,
)

if TYPE_CHECKING:
    from kpi_toolkit.batch.run import Outcome, Pace, Run
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.pages.words import Words

_jobs = option("--jobs", type=Number(1, 1000), told="Reports made at the same time (default: one per core).")
_force = flag("--force", "Make every report again, unchanged or not.")


@command(click.argument("folder", required=False, type=FOLDER), _jobs, _force, browser_option)
def demo(shell: Shell, folder: Path | None, jobs: int | None, force: bool, no_browser: bool) -> None:
    """Render every report of three made-up clients; the what-if page opens at once, the index when all is done.

    Without a workbook here, they are put into a new folder kpi-demo.
    """
    from kpi_toolkit.batch.whatif import write_whatif
    from kpi_toolkit.clients.scaffold import init_workbook
    from kpi_toolkit.clients.workbook import EXAMPLES, Workbook
    from kpi_toolkit.pages.kinds import KINDS

    here = shell.workbook
    if folder is not None or not (here.exists() and set(EXAMPLES) <= set(here.clients())):
        here = Workbook(folder or shell.root / "kpi-demo")
        init_workbook(here.root, examples=True, language=shell.language)
    shell.say("demo.lead")
    client, cycle = "home-goods", "2026-10"
    page = here.reports / client / cycle / write_whatif(here, client, cycle).path
    shown = not (no_browser or shell.as_json) and open_page(page, shell.language)
    shell.say("demo.opened" if shown else "demo.open", path=str(page.resolve()))
    shell.say("demo.wait")
    reports = [kind.name for kind in KINDS.values() if kind.in_batches and not kind.excerpt]
    well = _render(shell, here, EXAMPLES, reports=reports, languages=LANGUAGES, jobs=jobs, force=force)
    if shown:
        open_page(here.reports / "index.html")
    shell.say("demo.next", kpi=_program(), folder=str(here.root))
    end(well)


def _program() -> str:
    """Return how kpi is called here: by its name where a shell finds it, else as it was started just now."""
    started = Path(sys.argv[0])
    if shutil.which("kpi"):
        return "kpi"
    return str(started) if started.stem == "kpi" else "python -m kpi_toolkit"


@command(
    click.argument("named", nargs=-1, metavar="[CLIENT]... [CYCLE]"),
    click.option("--all", "everyone", is_flag=True, help="All clients (the default when none is named)."),
    option("--cycle", type=CYCLE, told="The cycle (default: each client's latest with actuals)."),
    several("--report", "reports", default="team,person", told="Which reports, separated by commas."),
    option("--person", "people", multiple=True, told="Only these people's reports; may be given again."),
    several("--format", "formats", default="html,pdf", told="Which files, separated by commas."),
    several("--languages", told="zh, en or zh,en (default: each client's)."),
    _jobs,
    option(
        "--executor", default="local", show_default=True, metavar="local|dask:ADDRESS",
        told="Who makes them: processes here, or the workers of a Dask scheduler (extra: cluster).",
    ),
    _force,
    option(
        "--timeout", type=Number(1, 86_400), default=Limits().report_seconds, show_default=True, metavar="SECONDS",
        told="Longest that one report may take.",
    ),
    option(
        "--memory", type=Number(384, 1_048_576), default=Limits().memory_mb, show_default=True, metavar="MB",
        told="Most memory that one report may take (on Linux).",
    ),
)  # fmt: skip
def render(
    shell: Shell, named: tuple[str, ...], everyone: bool, cycle: str | None, reports: tuple[str, ...],
    people: tuple[str, ...], formats: tuple[str, ...], languages: tuple[str, ...],
    jobs: int | None, executor: str, force: bool, timeout: int, memory: int,
) -> None:  # fmt: skip
    """Render reports: executed notebooks, HTML and PDF. What is unchanged since the last run is not made again."""
    from kpi_toolkit.clients.workbook import WorkbookError

    clients, word = told_apart(shell.workbook, named)
    one_cycle(word, cycle or word)
    if clients and everyone:
        raise WorkbookError("clients-and-all")
    limits = Limits(min(Limits().cell_seconds, timeout), timeout, memory)
    chosen = clients or shell.workbook.some_clients()
    end(_render(
        shell, shell.workbook, chosen, cycle=cycle or word or None, reports=listed(reports),
        people=people or None, formats=listed(formats), languages=listed(languages) if languages else None, jobs=jobs,
        executor=executor, force=force, limits=limits,
    ))  # fmt: skip


_M_MMAP_THRESHOLD, _LARGE = -3, 128 * 1024  # glibc's malloc.h


def _give_back_large_blocks() -> None:
    """Keep glibc from collecting the blocks that reports come in: the gaps between them grow with every report."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _render(shell: Shell, workbook: Workbook, clients: Sequence[str] | None, **options: Any) -> bool:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kpi_toolkit.batch.render import render as render_reports

    _give_back_large_blocks()
    words = shell.words
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[last]}"),
    )  # fmt: skip
    watched = shell.talk.is_terminal  # else nobody sees the bar move, and no thread is needed for it
    with Progress(*columns, console=shell.talk, transient=True, disable=not watched) as bar:
        task = bar.add_task(words("cli.progress"), total=None, last="")

        def report(_: Outcome, pace: Pace) -> None:
            bar.update(task, completed=pace.done, total=pace.total, last=pace_line(words, pace))

        finished = render_reports(workbook, clients, progress=report, **options)
    if shell.as_json:
        shell.data(finished.to_json(shell.words))
    else:
        print_run(shell, workbook, finished)
    return finished.ok


_LONGEST_DETAIL = 300


def print_run(shell: Shell, workbook: Workbook, finished: Run) -> None:
    """Show what became of a batch, what failed with its reason, and where to look."""
    words = shell.words
    head = [words(f"cli.{name}") for name in ("client", "cycle", "report", "count", "state", "seconds")]
    print_table(shell, head, _run_rows(words, workbook, finished), right={3, 5})
    for job in {outcome.job.place: outcome.job for outcome in finished.outcomes}.values():
        opened = (workbook.client_data / job.client / "cycles" / job.cycle).is_dir()
        print_behind(shell, job.client, job.cycle if opened else "", job.behind, job.passed_over)
        if not opened:
            shell.say("cli.not_opened", client=job.client, cycle=job.cycle, style="yellow")
    for place, version in finished.redesigned.items():
        print_redesigned(shell, place, version)
    _print_trouble(shell, finished)
    print_own_files(shell, finished.own_files)
    unchanged = sum(outcome.state == "unchanged" for outcome in finished.outcomes)
    failed = len(finished.failed) + len(finished.refusals)
    counts = [words("cli.rendered", n=len(finished.outcomes) - len(finished.failed) - unchanged)]
    counts += [words(f"cli.{key}_reports", n=n) for key, n in (("unchanged", unchanged), ("failed", failed)) if n]
    shell.talk.print(words("list.comma").join(counts))
    if len(finished.outcomes) > len(finished.failed):
        shell.say("cli.open", path=str((workbook.reports / "index.html").resolve()))


def _run_rows(words: Words, workbook: Workbook, finished: Run) -> list[list[str]]:
    """Return a row for each kind of report of each client, and one for each client that was refused."""

    def called(client: str) -> str:
        return as_is(words.show(workbook.called(client)))

    groups = gathered(
        ((outcome.job.client, outcome.job.cycle, outcome.job.report), outcome) for outcome in finished.outcomes
    )
    rows = []
    for (client, cycle, report), outcomes in groups.items():
        counts = Counter(outcome.state for outcome in outcomes)
        shown = [
            f"{n} {words(f'cli.{state}')}" if len(counts) > 1 else words(f"cli.{state}") for state, n in counts.items()
        ]
        state = f"[{'red' if counts['failed'] else 'green'}]{words('list.comma').join(shown)}[/]"
        seconds = words.number(sum(o.seconds for o in outcomes), 1)
        rows.append([called(client), cycle, words(f"report.{report}"), str(len(outcomes)), state, seconds])
    refused = f"[red]{words('cli.failed')}[/]"
    return rows + [[called(refusal.client), "–", "–", "0", refused, "–"] for refusal in finished.refusals]


def _print_trouble(shell: Shell, finished: Run) -> None:
    """Show what went wrong: clients refused, reports that failed, characters and engines that are missing."""
    words = shell.words
    for refusal in finished.refusals:
        print_issues(shell, [(refusal.client, refusal.issues.errors or refusal.issues)], talk=True)
    for outcome in finished.failed:
        shell.errors.print(f"{outcome.job.name}: {outcome.reason}", style="red")
        if outcome.detail:
            first, _, _ = outcome.detail.strip().partition("\n")
            shell.errors.print(f"   {first[:_LONGEST_DETAIL]}")
            path = f"reports/{outcome.job.place}/{outcome.job.path('txt')}"
            shell.errors.print("   " + words("cli.failure_text", path=path))
    for outcome in finished.outcomes:
        print_missing_glyphs(shell, outcome.job.name, outcome.missing_glyphs)
    no_pdf = next((outcome.no_pdf for outcome in finished.outcomes if outcome.no_pdf), "")
    if no_pdf:
        shell.say("cli.no_pdf", detail=no_pdf, style="yellow")
    if finished.trouble:
        shell.errors.print(words("cli.trouble", detail=finished.trouble), style="red")
    for worker in finished.refused_workers:
        shell.errors.print(words("cli.refused_worker", worker=worker), style="yellow")


def pace_line(words: Words, pace: Pace) -> str:
    """Return how a batch gets on in one line: reports per second, time left, slowest stage."""
    if not pace.made:
        return ""
    parts = [words("cli.per_second", n=words.number(pace.per_second, 1))]
    if pace.done < pace.total and pace.seconds_left is not None:
        minutes, seconds = divmod(round(pace.seconds_left), 60)
        parts.append(words("cli.time_left", minutes=minutes, seconds=f"{seconds:02d}"))
    if pace.slowest:
        parts.append(words("cli.slowest", stage=words(f"stage.{pace.slowest}")))
    return " · ".join(parts)
