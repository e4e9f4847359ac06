"""``kpi close``, ``reopen``, ``correct``, ``log``, ``verify`` and ``migrate``: a month as a record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from kpi_toolkit.commands.options import CLIENT, DONE, json_option, pass_shell, talk_options
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.terminal import Shell, print_issues, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.record import Line
    from kpi_toolkit.results.closing import Done

T = TypeVar("T")
_by = click.option("--by", default="", help="Who decides that.")


@click.command()
@click.argument("client", required=False)
@click.argument("cycle", required=False)
@click.option("--all", "everyone", is_flag=True, help="All clients; with --cycle.")
@click.option("--cycle", "of_all", metavar="ID", help="The cycle to close, with --all.")
@click.option("--for-talk", is_flag=True, help="Hold the figures fast for the talks; they can still be disputed.")
@_by
@json_option
@talk_options
@pass_shell
def close(
    shell: Shell, client: str | None, cycle: str | None, everyone: bool, of_all: str | None, for_talk: bool, by: str
) -> None:
    """Close a month: its figures and what they come from are held fast, and a line of its record says so."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.results.closing import close as hold

    period = of_all or cycle
    if everyone == (client is not None) or period is None or (cycle and of_all):
        raise WorkbookError("close-what")
    names = shell.workbook.clients() if everyone else (str(client),)
    _each(shell, names, lambda name: hold(shell.workbook.client_folder(name), str(period), by=by, for_talk=for_talk))


def _decision(name: str, told: str) -> click.Command:
    """Return a command that does something to one month of one client, with a reason."""

    @click.command(name, help=told)
    @click.argument("client")
    @click.argument("cycle")
    @_by
    @click.option("--reason", default="", help="Why, in a sentence.")
    @json_option
    @talk_options
    @pass_shell
    def command(shell: Shell, client: str, cycle: str, by: str, reason: str) -> None:
        from kpi_toolkit.results import closing

        act = {"reopen": closing.reopen, "correct": closing.correct}[name]
        _each(shell, (client,), lambda each: act(shell.workbook.client_folder(each), cycle, by=by, reason=reason))

    return command


reopen = _decision(
    "reopen", "Let the figures of a month change again that was shown for the talks, or closed and not yet delivered."
)
correct = _decision(
    "correct",
    "Make what a closed month's tables say by now its results, under a new number; what was delivered stays.",
)


def _of_each(names: Iterable[str], act: Callable[[str], T]) -> tuple[list[T], list[tuple[str, Issues]]]:
    """Do something to each client and return what was done and what kept it from being; one stops no other."""
    done: list[T] = []
    wrong: list[tuple[str, Issues]] = []
    for name in names:
        try:
            done.append(act(name))
        except IssuesError as problem:
            wrong.append((name, problem.issues.errors or problem.issues))
    return done, wrong


def _end(shell: Shell, done: list[dict[str, Any]], wrong: list[tuple[str, Issues]]) -> NoReturn:
    """Write what was done as data, or what is wrong for people, and end."""
    if shell.as_json:
        issues = [shell.words.finding(issue, name) for name, found in wrong for issue in found]
        shell.data({"done": done, "issues": issues})
    elif wrong:
        print_issues(shell, wrong, talk=True)
    sys.exit(CLIENT if wrong else DONE)


def _each(shell: Shell, names: Iterable[str], act: Callable[[str], Done]) -> NoReturn:
    done, wrong = _of_each(names, act)
    for each in done:
        _tell(shell, each)
    _end(shell, [each.to_json() for each in done], wrong)


def _tell(shell: Shell, done: Done) -> None:
    words = shell.words
    state = f"{done.state}" if done.anew else f"{done.state}_already"
    said = words(f"record.done.{state}", client=done.client, cycle=done.cycle, line=done.line.n, hash=done.line.hash)
    shell.talk.print(said, soft_wrap=True, markup=False)
    if done.changed:
        found = done.changed
        whose = {"scores": found.scores, "ranks": found.ranks, "tiers": found.tiers}
        sizes = {"values": found.values, **{key: len(people) for key, people in whose.items()}}
        counts = words.join([words(f"record.{key}", n=n) for key, n in sizes.items() if n])
        shell.talk.print(words("record.changed", changed=counts or words("record.nothing")), markup=False)
        if found.people:
            whom = words("list.comma").join(found.people)
            shell.talk.print(words("record.new_pages", n=len(found.people), people=whom), style="yellow", markup=False)
    if done.state == "closed" and done.anew:
        shell.talk.print(words("cli.next", command=f"kpi render {done.client} --cycle {done.cycle}"), markup=False)


@click.command()
@click.argument("client")
@click.argument("cycle", required=False)
@json_option
@talk_options
@pass_shell
def log(shell: Shell, client: str, cycle: str | None) -> None:
    """Show the record of a month (default: of all months): what was done, when and by whom."""
    from kpi_toolkit.clients.cycle_folders import cycles_in
    from kpi_toolkit.clients.record import read_record
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
    words = shell.words
    head = [words(f"record.column.{key}") for key in ("line", "when", "what", "by", "hash")]
    for each, record in found.items():
        lines = [
            [str(line.n), line.at[:16].replace("T", " "), _what(shell, line), line.by, line.hash[:16]]
            for line in record.lines
        ]
        title = words("record.title", client=client, cycle=each, state=words(f"record.state.{record.state}"))
        if lines:
            print_table(shell, head, lines, title=title)
        else:
            shell.out.print(title, markup=False)


def _what(shell: Shell, line: Line) -> str:
    said = shell.words(f"record.kind.{line.kind}")
    number, taken = line.facts.get("delivery"), line.facts.get("take")
    more = shell.words("record.delivery", n=number) if number else shell.words(f"record.take.{taken}") if taken else ""
    return f"{said} ({more})" if more else said


@click.command()
@click.argument("client", required=False)
@click.argument("cycle", required=False)
@json_option
@talk_options
@pass_shell
def verify(shell: Shell, client: str | None, cycle: str | None) -> None:
    """Verify that closed and delivered months are what their records say: every file, every figure worked out again."""
    from kpi_toolkit.results.closing import cycle_of
    from kpi_toolkit.results.verifying import verify as look

    workbook, words = shell.workbook, shell.words
    names = workbook.clients() if client is None else (client,)
    period = cycle_of(workbook.client_folder(str(client)), cycle) if cycle else None
    found = [problem for name in names for problem in look(workbook, name, period)]
    if shell.as_json:
        shell.data({
            "problems": [{"kind": p.kind, "path": p.path, "person": p.person or None, "line": p.line} for p in found]
        })  # fmt: skip
    for problem in () if shell.as_json else found:
        said = words(f"record.problem.{problem.kind}", path=problem.path)
        about = [words("record.about_person", person=problem.person)] if problem.person else []
        about += [words("record.about_line", line=problem.line)] if problem.line else []
        shell.errors.print(words("list.comma").join([said, *about]), style="red", soft_wrap=True, markup=False)
    if not found:
        shell.talk.print(words("record.clean"), style="green", markup=False)
    sys.exit(CLIENT if found else DONE)


@click.command()
@click.argument("client", required=False)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@_by
@json_option
@talk_options
@pass_shell
def migrate(shell: Shell, client: str | None, dry_run: bool, by: str) -> None:
    """Give the open months of older folders their own copy of design and people, after a backup; no score changes."""
    from kpi_toolkit.clients.migrating import migrate as act

    names = shell.workbook.clients() if client is None else (client,)
    done, wrong = _of_each(names, lambda name: act(shell.workbook, name, by=by, dry_run=dry_run))
    for each in done:
        said = "dry" if each.files and dry_run else "done" if each.files else "nothing"
        shell.talk.print(shell.words(f"record.migrate.{said}", client=each.client, n=len(each.files)), markup=False)
        for path in (*each.files, *([shell.words("record.migrate.backup", path=each.backup)] if each.backup else [])):
            shell.talk.print(f"   {path}", soft_wrap=True, markup=False)
    _end(shell, [each.to_json() for each in done], wrong)
