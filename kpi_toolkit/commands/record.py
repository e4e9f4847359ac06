"""``kpi close``, ``reopen``, ``correct``, ``log``, ``verify`` and ``migrate``: a month as a record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from kpi_toolkit.commands.options import (
    A_CLIENT,
    A_CYCLE,
    ALL,
    ANY_CLIENT,
    ANY_CYCLE,
    CLIENT,
    DONE,
    command,
    flag,
    meant,
    of_each,
    option,
)
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.terminal import Shell, print_behind, print_issues, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.record import Line
    from kpi_toolkit.method.value import Text
    from kpi_toolkit.results.closing import Done
    from kpi_toolkit.results.official import Difference, Worked

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
    act = partial(hold, cycle=cycle, by=by, for_talk=for_talk, early=early)
    _each(shell, names, lambda name: act(shell.workbook.client_folder(name)))


@command(A_CLIENT, A_CYCLE, _by, _reason)
def reopen(shell: Shell, client: str, cycle: str, by: str, reason: str) -> None:
    """Reopen a month: its figures may change again if it was shown for the talks, or closed and not yet delivered."""
    from kpi_toolkit.results.closing import reopen as act

    _each(shell, (client,), lambda name: act(shell.workbook.client_folder(name), cycle, by=by, reason=reason))


@command(A_CLIENT, A_CYCLE, _by, _reason, _dry_run)
def correct(shell: Shell, client: str, cycle: str, by: str, reason: str, dry_run: bool) -> None:
    """Correct a closed month: what its tables say by now is its result, with a new number; what was delivered stays."""
    from kpi_toolkit.results.closing import correct as act

    folder = shell.workbook.client_folder
    _each(shell, (client,), lambda name: act(folder(name), cycle, by=by, reason=reason, dry_run=dry_run))


def _end(shell: Shell, done: list[dict[str, Any]], wrong: list[tuple[str, Issues]]) -> NoReturn:
    """Write what was done as data, or what is wrong for people, and end."""
    if shell.as_json:
        issues = [shell.words.finding(issue, name) for name, found in wrong for issue in found]
        shell.data({"done": done, "issues": issues})
    elif wrong:
        print_issues(shell, wrong, talk=True)
    sys.exit(CLIENT if wrong else DONE)


def _each(shell: Shell, names: Iterable[str], act: Callable[[str], Done]) -> NoReturn:
    done, wrong = of_each(names, act)
    for each in done:
        _tell(shell, each)
    _end(shell, [each.to_json() for each in done], wrong)


def _tell(shell: Shell, done: Done) -> None:
    did = "corrected" if done.line.kind == "corrected" else done.state.value
    state = did if done.anew else "dry" if done.changed else f"{done.state}_already"
    line = done.line
    shell.say(f"record.done.{state}", client=done.client, cycle=done.cycle, line=line.n, hash=line.hash, whole=True)
    if done.changed and done.worked:
        _tell_changes(shell, done.changed, done.worked, _later(shell, done))
    if done.state == "closed" and done.anew:
        print_behind(shell, done.client, done.cycle, done.behind)
        _tell_missing(shell, done)
        shell.say("cli.next", command=f"kpi render {done.client} --cycle {done.cycle}{_reports(shell, done)}")


def _reports(shell: Shell, done: Done) -> str:
    """Return which reports to ask for, where more kinds than the usual were delivered of a month before it changed."""
    from kpi_toolkit.clients.frozen import delivered
    from kpi_toolkit.clients.record import read_record
    from kpi_toolkit.pages.kinds import KINDS

    folder = shell.workbook.client_folder(done.client)
    record = read_record(folder / "cycles" / done.cycle)
    names = delivered(folder, done.cycle, record.of("delivered"))
    heads = {name.partition("/")[0].partition(".")[0] for name in names}
    made = {"person" if head == "people" else head for head in heads}
    wanted = [kind.name for kind in KINDS.values() if kind.usual or (kind.in_batches and kind.name in made)]
    return "" if all(KINDS[name].usual for name in wanted) else f" --report {','.join(wanted)}"


def _tell_missing(shell: Shell, done: Done) -> None:
    """Say who has no score, and whose talk or signature is not in the record: closing does not make up for them."""
    from kpi_toolkit.method.cycle import Cycle
    from kpi_toolkit.method.namesakes import names_of
    from kpi_toolkit.results.board import board

    words, worked = shell.words, done.worked
    if worked:
        names = names_of(worked.tables.people, worked.design.roles)
        bare = [words.show(names[own.person]) for own in worked.scored.scores.values() if own.score is None]
        if bare:
            shell.say("record.unscored", n=len(bare), people=bare, style="yellow")
    today = date.today()  # noqa: DTZ011 - the day where it is closed; talks are held after the cycle's last one
    (month,) = board(shell.workbook, Cycle.parse(done.cycle), today, (done.client,)).clients
    counts = {step: month.total(step) for step in ("talk", "signed")}
    open_steps = [f"{words(f'month.step.{step}')} {of - whole}" for step, (whole, of) in counts.items() if whole < of]
    if open_steps:
        steps = words("list.comma").join(open_steps)
        shell.say("record.undone", steps=steps, cycle=done.cycle, client=done.client, style="yellow", whole=True)


def _later(shell: Shell, done: Done) -> list[str]:
    """Return the months after this one of which pages were delivered: they show this one as it was then."""
    from kpi_toolkit.clients.cycle_folders import cycles_in
    from kpi_toolkit.clients.record import read_record

    folder = shell.workbook.client_folder(done.client)
    months = sorted(each for each in cycles_in(folder)[0] if each > done.cycle)
    return [each for each in months if read_record(folder / "cycles" / each).of("delivered")]


def _tell_changes(shell: Shell, found: Difference, worked: Worked, later: list[str]) -> None:
    """Say what a correction changes, value by value, whose page becomes another, where old figures stand."""
    from kpi_toolkit.pages.standing import changed_text

    words, people = shell.words, dict(zip(worked.tables.people["id"], worked.tables.people["name"], strict=True))
    items = {item.id: item.name for role in worked.design.roles.values() for item in role.indicators}

    def who(person: str) -> str:
        return words("record.more", said=people[person], more=person) if person in people else person

    for each in found.values:
        about = f"{who(each.person)} · {words.show(items.get(each.indicator, each.indicator))}"
        column, blank = words(f"import.is.{each.column}"), words("record.blank")
        said = f"{column}{words('list.colon')}{each.before or blank} → {each.after or blank}"
        shell.talk.print(f"   {about} · {said}", soft_wrap=True)
    sizes = {key: len(getattr(found, key)) for key in ("values", "scores", "ranks", "tiers")}
    shell.talk.print(changed_text(words, sizes))
    if found.people:
        whom = words("list.comma").join(map(who, found.people))
        shell.say("record.new_pages", n=len(found.people), people=whom, style="yellow")
    if found.scores and len(found.people) < len(people):
        shell.say("record.others")
    if found.scores and later:
        shell.say("record.later", cycles=later, cycle=worked.cycle.id)


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
        shell.errors.print(words("list.comma").join([said, *about]), style="red", soft_wrap=True)
    if not found:
        shell.say("record.clean", style="green")
    sys.exit(CLIENT if found else DONE)


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
