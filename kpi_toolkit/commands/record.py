"""``kpi close``, ``reopen``, ``correct``, ``log``, ``verify`` and ``migrate``: a month as a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kpi_toolkit.commands.options import (
    A_CLIENT,
    A_CYCLE,
    ALL,
    ANY_CLIENT,
    ANY_CYCLE,
    check_whose,
    command,
    end,
    flag,
    meant,
    of_each,
    option,
)
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.terminal import Shell, print_issues, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.record import Line
    from kpi_toolkit.method.value import Text
    from kpi_toolkit.results.closing import Done

_by = option("--by", default="", told="Who decides that.")
_reason = option("--reason", default="", told="Why, in a sentence.")
_dry_run = flag("--dry-run", "Write nothing; show what would be written.")
_early = flag("--early", "Close on purpose before the month has ended, or over an appeal without an answer.")
_for_talk = flag("--for-talk", "Freeze the figures for the talks; they can still be disputed.")


@command(ANY_CLIENT, ANY_CYCLE, ALL, _early, _for_talk, _by)
def close(
    shell: Shell, client: str | None, cycle: str | None, everyone: bool, early: bool, for_talk: bool, by: str
) -> None:  # fmt: skip
    """Close a month: its figures and what they come from are frozen, and a line of its record says so."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.results.closing import close as hold

    names, cycle = meant(shell, client, cycle, everyone)
    if not by.strip():
        raise WorkbookError("by-whom")
    _each(shell, names, partial(hold, cycle=cycle, by=by, for_talk=for_talk, early=early))


@command(A_CLIENT, A_CYCLE, _by, _reason)
def reopen(shell: Shell, client: str, cycle: str, by: str, reason: str) -> None:
    """Reopen a month: its figures may change again if it was shown for the talks, or closed and not yet delivered."""
    from kpi_toolkit.results.closing import reopen as act

    _each(shell, (client,), partial(act, cycle=cycle, by=by, reason=reason))


@command(A_CLIENT, A_CYCLE, _by, _reason, _dry_run)
def correct(shell: Shell, client: str, cycle: str, by: str, reason: str, dry_run: bool) -> None:
    """Correct a closed month: what its tables say by now is its result, with a new number; what was delivered stays."""
    from kpi_toolkit.results.closing import correct as act

    _each(shell, (client,), partial(act, cycle=cycle, by=by, reason=reason, dry_run=dry_run))


def _end(shell: Shell, done: list[dict[str, Any]], wrong: list[tuple[str, Issues]]) -> NoReturn:
    """Write what was done as data, or what is wrong for people, and end."""
    if shell.as_json:
        issues = [shell.words.finding(issue, name) for name, found in wrong for issue in found]
        shell.data({"done": done, "issues": issues})
    elif wrong:
        print_issues(shell, wrong, talk=True)
    end(not wrong)


def _each(shell: Shell, names: Iterable[str], act: Callable[[Path], Done]) -> NoReturn:
    done, wrong = of_each(names, lambda name: act(shell.workbook.client_folder(name)))
    for each in done:
        _tell(shell, each)
    _end(shell, [each.to_json() for each in done], wrong)


def _tell(shell: Shell, done: Done) -> None:
    from kpi_toolkit.pages.held import held, wanted

    for said in held(shell.workbook, done, shell.words):
        shell.talk.print(said.text, style="yellow" if said.caution else None, soft_wrap=True)
    if done.state == "closed" and done.anew:
        kinds = wanted(shell.workbook.client_folder(done.client), done.cycle)
        asked = f" --report {','.join(kinds)}" if kinds else ""
        shell.say("cli.next", command=f"kpi render {done.client} --cycle {done.cycle}{asked}")


@command(A_CLIENT, ANY_CYCLE)
def log(shell: Shell, client: str, cycle: str | None) -> None:
    """Show the record of a month (default: of all months): what was done, when and by whom."""
    from kpi_toolkit.clients.client import read_client
    from kpi_toolkit.clients.cycle_folders import cycles_in
    from kpi_toolkit.clients.record import read_record
    from kpi_toolkit.method.namesakes import names_of
    from kpi_toolkit.results.closing import cycle_of

    folder = shell.workbook.client_folder(client)
    cycles = cycles_in(folder)[0] if cycle is None else (cycle_of(folder, cycle),)
    found = {each: read_record(folder / "cycles" / each) for each in cycles}
    if shell.as_json:
        rows = [
            {"cycle": each, **{k: getattr(line, k) for k in ("n", "at", "kind", "by", "before", "hash")}, **line.facts}
            for each, record in found.items() for line in record.lines
        ]  # fmt: skip
        shell.data({"client": client, "states": {each: record.state for each, record in found.items()}, "lines": rows})
        return
    client_now, words = read_client(folder)[0], shell.words
    if not found:
        shell.say("record.no_month")
    names = {} if client_now is None else names_of(client_now.people, client_now.design.roles)
    head = [words(f"record.column.{key}") for key in ("line", "when", "what", "by", "hash")]
    for each, record in found.items():
        lines = [
            [str(line.n), line.at[:16].replace("T", " "), _what(shell, line, names), line.by, line.hash[:16]]
            for line in record.lines
        ]
        title = words("record.title", client=client, cycle=each, state=words(f"record.state.{record.state}"))
        if lines:
            print_table(shell, head, lines, title=title)
        else:
            shell.out.print(title)


def _what(shell: Shell, line: Line, names: Mapping[str, Text]) -> str:
    number, taken, person = (line.facts.get(name) for name in ("delivery", "take", "person"))
    said = shell.words(f"record.kind.{'goals' if person and line.kind == 'agreed' else line.kind}")
    more = shell.words("record.delivery", n=number) if number else shell.words(f"record.take.{taken}") if taken else ""
    more = shell.words.show(names.get(person, person)) if person else more
    return shell.words("record.more", said=said, more=more) if more else said


@command(ANY_CLIENT, ANY_CYCLE)
def verify(shell: Shell, client: str | None, cycle: str | None) -> None:
    """Check closed and delivered months against their records: every file, every figure worked out again."""
    from kpi_toolkit.results.closing import cycle_of
    from kpi_toolkit.results.verifying import verify as look

    check_whose(client, cycle)
    workbook, words = shell.workbook, shell.words
    names = workbook.clients() if client is None else (client,)
    period = cycle_of(workbook.client_folder(names[0]), cycle) if cycle else None
    found = [problem for name in names for problem in look(workbook, name, period)]
    if shell.as_json:
        shell.data({
            "problems": [{"kind": p.kind, "path": p.path, "person": p.person or None, "line": p.line} for p in found]
        })  # fmt: skip
    for problem in () if shell.as_json else found:
        said = words(f"record.problem.{problem.kind}", path=problem.path)
        about = [words("record.about_person", person=problem.person)] if problem.person else []
        about += [words("record.about_line", line=problem.line)] if problem.line else []
        shell.errors.print(words("list.comma").join([said, *about]), style="red", soft_wrap=True)
    if not found:
        shell.say("record.clean", style="green")
    end(not found)


@command(ANY_CLIENT, _dry_run, _by)
def migrate(shell: Shell, client: str | None, dry_run: bool, by: str) -> None:
    """Bring older folders up to date: open months get their own design and people, after a backup; no score changes."""
    from kpi_toolkit.clients.migrating import migrate as act

    names = shell.workbook.clients() if client is None else (client,)
    done, wrong = of_each(names, lambda name: act(shell.workbook, name, by=by, dry_run=dry_run))
    for each in done:
        said = "dry" if each.files and dry_run else "done" if each.files else "nothing"
        shell.say(f"record.migrate.{said}", client=each.client, n=len(each.files))
        for path in (*each.files, *([shell.words("record.migrate.backup", path=each.backup)] if each.backup else [])):
            shell.talk.print(f"   {path}", soft_wrap=True)
    _end(shell, [each.to_json() for each in done], wrong)
