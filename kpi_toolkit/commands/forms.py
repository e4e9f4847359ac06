"""``kpi forms`` and ``kpi collect``: the month's forms go out as Excel workbooks and come back."""

from __future__ import annotations

import gettext as translations
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit.commands.options import (
    ALL,
    ANSWERS,
    ANY_CLIENT,
    ANY_CYCLE,
    CLIENT_NAME,
    FOLDER,
    ask,
    command,
    end,
    flag,
    meant,
    of_each,
    open_questions,
    option,
)
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.terminal import Shell, as_is, print_issues, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpi_toolkit.clients.collecting import Collected
    from kpi_toolkit.clients.form_reading import Return
    from kpi_toolkit.method.forms import Phase
    from kpi_toolkit.method.value import Language
    from kpi_toolkit.pages.forms import By
    from kpi_toolkit.pages.returned import Marks

_STYLE = {"accepted": "green", "asked": "yellow", "refused": "bold red"}
_PHASES: dict[str, Phase] = {"plan": "plan", "appraise": "appraisal", "talk": "talk"}


@command(
    ANY_CLIENT, ANY_CYCLE, ALL,
    option(
        "--phase", type=click.Choice([*_PHASES]), default="appraise", show_default=True,
        told="Before the month (goals and targets), after it (actuals and appraisal), or for the talk about its result."
    ),
    option(
        "--by", type=click.Choice(["person", "manager", "sheet"]), default="person", show_default=True,
        told="One file for each person and copy, one for each manager, or one sheet with everybody's lines.",
    ),
    option("--to", type=FOLDER, told="Folder to write to (default: the cycle's forms/)."),
    option("--language", type=click.Choice(LANGUAGES), told="Language of the forms (default: the client's first)."),
    option("--person", "people", multiple=True, told="Only this person's form; may be given again."),
    flag("--force", "Replace forms that were changed since they were written."),
)  # fmt: skip
def forms(
    shell: Shell, client: str | None, cycle: str | None, everyone: bool, phase: str, by: By, to: Path | None,
    language: Language | None, people: tuple[str, ...], force: bool,
) -> None:  # fmt: skip
    """Write the month's forms as Excel workbooks: to be sent to managers and people."""
    from kpi_toolkit.pages.forms import hand_out, written_before

    names, cycle = meant(shell, client, cycle, everyone)

    def write(name: str) -> tuple[str, Path, list[Any], bool, Issues]:
        own, how = to / name if to and everyone else to, _PHASES[phase]
        made = hand_out(
            shell.workbook, name, cycle, phase=how, by=by, to=own, language=language, people=people, force=force
        )
        return name, *made

    done, wrong = of_each(names, write)
    if shell.as_json:
        shell.data({"files": [
            {"path": str(folder / each.path), "person": each.person, "manager": each.manager, "copy": each.copy,
             "code": each.code, "cells": [asdict(entry) for entry in each.entries]}
            for _, folder, files, *_ in done for each in files
        ]})  # fmt: skip
    else:
        _say_written(shell, done, by)
        for name, folder, files, *_ in () if people else done:
            if old := written_before(shell.workbook.client_folder(name) / "cycles" / cycle, folder, files):
                shell.say("forms_out.before", files=old)
        for name in [name for name, *_, held, _ in done if held and phase != "talk"]:
            shell.say("forms_out.held", client=name, cycle=cycle)
        if not all(held for *_, held, _ in done):
            shell.say("cli.next", command=f"kpi collect {'--all --cycle' if everyone else client} {cycle}")
    _end(shell, [*wrong, *((name, aimless) for name, *_, aimless in done if aimless)], cycle=cycle)


def _say_written(shell: Shell, done: Sequence[tuple[str, Path, list[Any], bool, Issues]], by: By) -> None:
    """Say how many forms were written where; many clients' folders in one line, with a star for the client."""
    whose = done[0][0] if len(done) == 1 else "*"
    counts: Counter[Path] = Counter()
    for name, folder, files, *_ in done:
        counts[Path(*(whose if part == name else part for part in folder.parts))] += len(files)
    for where, count in counts.items():
        shell.say("forms_out.written" if by == "person" else "forms_out.several", n=count, folder=str(where))
        key = "key" if len(done) == 1 else "keys"
        shell.say(f"forms_out.{key}", path=f"client_data/{whose}/.form-key")


def _end(shell: Shell, wrong: Sequence[tuple[str, Issues]], *, whole: bool = True, cycle: str = "") -> None:
    """Say what kept a client's forms from being written or collected, and end."""
    from kpi_toolkit.pages.forms import AIMLESS

    if wrong:
        print_issues(shell, wrong, talk=True)
        for name, issues in wrong if cycle else ():
            codes = {issue.code for issue in issues if issue.severity == "error" or issue.code == AIMLESS}
            if codes == {AIMLESS}:
                shell.say("cli.next_plan", client=name, cycle=cycle)
    end(whole and not wrong)


@command(
    click.argument("client", required=False, shell_complete=CLIENT_NAME.shell_complete), ANY_CYCLE,
    click.argument("folder", required=False, type=FOLDER), ALL, *ANSWERS,
)  # fmt: skip
def collect(
    shell: Shell, client: str | None, cycle: str | None, folder: Path | None, everyone: bool,
    answer: tuple[str, ...], answers: Path | None,
) -> None:  # fmt: skip
    """Collect the forms that came back: from a folder (default: the cycle's inbox/), whatever the files are called."""
    from kpi_toolkit.clients.collecting import collect as take
    from kpi_toolkit.clients.form_origins import by_client
    from kpi_toolkit.clients.questions import parse_answers
    from kpi_toolkit.pages.returned import marked_copies

    if everyone and client is not None and folder is None:  # the one word is a folder with everybody's
        folder, client = Path(client), None
    elif client is not None:
        (client,) = shell.workbook.named_clients([client])
    names, cycle = meant(shell, client, cycle, everyone)
    own: Mapping[str, Sequence[Path]] = {}
    nobodys: Sequence[Path] = ()
    if everyone and folder:
        own, nobodys = by_client(folder, names)
        names = [*own]
    elif everyone:
        names = [name for name in names if (shell.workbook.client_folder(name) / f"cycles/{cycle}/inbox").is_dir()]
    said = _by_client(parse_answers(answer, answers), names, everyone=everyone)

    def each(name: str) -> Collected:
        given = said.get(name, {})
        done = take(shell.workbook, name, cycle, folder, given, own.get(name))
        if done.questions and ask(shell, done.questions, given):
            done = take(shell.workbook, name, cycle, folder, given, own.get(name))
        return done

    done, wrong = of_each(names, each)
    marks = [marked_copies(one, shell.words, shell.workbook) for one in done]
    _show_collected(shell, list(zip(done, marks, strict=True)), nobodys, everyone=everyone)
    if everyone and folder and not shell.as_json:
        _print_beside(shell, folder, nobodys, any_forms=bool(names))
    _end(shell, wrong, whole=not nobodys and all(one.whole for one in done))


def _show_collected(
    shell: Shell, found: Sequence[tuple[Collected, Marks]], nobodys: Sequence[Path], *, everyone: bool
) -> None:  # fmt: skip
    """Write or print what became of the forms of one client, or of all."""
    if shell.as_json:
        told = [_data(shell, *one) for one in found]
        shell.data({"clients": told, "nobodys": [str(path) for path in nobodys]} if everyone else told[0])
        return
    for one, marked in found:
        _print_collected(shell, one, marked, counted=everyone and not shell.verbose)
        open_questions(shell, one.questions, of=f"{one.client}/" if everyone else "")


def _by_client(answers: Mapping[str, str], names: Sequence[str], *, everyone: bool) -> dict[str, dict[str, str]]:
    """Return answers by client: with ``--all`` each begins with whose forms it is about."""
    if not everyone:
        return {name: dict(answers) for name in names}
    found: dict[str, dict[str, str]] = {}
    for about, said in answers.items():
        name, _, question = about.partition("/")
        if not question or name not in names:
            raise click.UsageError(
                translations.gettext("With --all an answer begins with its client: CLIENT/ID=VALUE.")
            )
        found.setdefault(name, {})[question] = said
    return found


def _print_beside(shell: Shell, folder: Path, nobodys: Sequence[Path], *, any_forms: bool) -> None:
    """Say what in a folder with many clients' forms is none of theirs."""
    from kpi_toolkit.clients.form_origins import beside_forms

    if not any_forms and not nobodys:
        shell.say("collected.empty", folder=str(folder))
    if nobodys:
        shell.errors.print(shell.words("collected.nobodys", files=[path.name for path in nobodys]), style="yellow")
    if aside := beside_forms(folder):
        shell.say("collected.aside_of_all", files=[path.name for path in aside])


def _data(shell: Shell, done: Collected, marks: Marks) -> dict[str, Any]:
    return {
        "client": done.client, "cycle": done.cycle,
        "files": [_file_data(shell, each, marks[each.path.name]) for each in done.files],
        "questions": [shell.words.question(question) for question in done.questions], "written": list(done.written),
        "scans": [{"file": file, "person": person} for file, person in done.scans.items()], "aside": list(done.aside),
    }  # fmt: skip


def _file_data(shell: Shell, each: Return, marks: Path | None) -> dict[str, Any]:
    issues = [
        {**shell.words.finding(issue), "sheet": issue.place.sheet or "", "cell": issue.place.cell}
        for issue in each.issues
    ]
    return {
        "path": str(each.path), "state": each.state, "person": each.person, "issues": issues,
        "marked": None if marks is None else str(marks), "follow_up": each.follow_up(),
        "questions": [question.id for question in each.questions],
    }  # fmt: skip


def _print_collected(shell: Shell, done: Collected, marks: Marks, *, counted: bool) -> None:
    """Show what became of the forms that came back and what is wrong with them."""
    from kpi_toolkit.pages.returned import returned

    told = returned(done, marks, shell.words, shell.workbook.called(done.client), counted=counted)
    if told.rows:
        rows = [
            [as_is(file), f"[{_STYLE.get(state, 'dim')}]{called}[/]", what, as_is(whose)]
            for (file, called, what, whose), state in zip(told.rows, told.states, strict=True)
        ]
        print_table(shell, told.head, rows, title=told.title)
    for line in told.first:
        (shell.out if done.files else shell.talk).print(line)
    if told.issues:
        print_issues(shell, [("", told.issues)], talk=True, apart=False)  # of a kind the first few of all files
    for line in told.copies:
        shell.talk.print(line)
    for line in told.unmarked:
        shell.errors.print(line, style="yellow")
    for line in told.last:
        shell.talk.print(line)
