"""What a batch came to and how it gets on, as a terminal shows it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.terminal import (
    Shell,
    as_is,
    print_behind,
    print_issues,
    print_missing_glyphs,
    print_own_files,
    print_redesigned,
    print_table,
)  # fmt: skip

if TYPE_CHECKING:
    from kpi_toolkit.batch.run import Pace, Run
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.pages.words import Words

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
    counts += [words("cli.unchanged_reports", n=unchanged)] if unchanged else []
    counts += [words("cli.failed_reports", n=failed)] if failed else []
    shell.talk.print(words("list.comma").join(counts))
    if len(finished.outcomes) > len(finished.failed):
        shell.say("cli.open", path=str((workbook.reports / "index.html").resolve()), whole=True)


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
