"""``kpi forms`` and ``kpi collect``: the month's forms go out as Excel workbooks and come back."""

from __future__ import annotations

import gettext as translations
import sys
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
    CLIENT,
    CLIENT_NAME,
    DONE,
    FOLDER,
    ask,
    command,
    flag,
    meant,
    of_each,
    open_questions,
    option,
)
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.terminal import Shell, as_is, print_issues, print_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kpi_toolkit.clients.collecting import Collected
    from kpi_toolkit.clients.form_reading import Return
    from kpi_toolkit.method.forms import Phase
    from kpi_toolkit.method.value import Language
    from kpi_toolkit.pages.forms import By
    from kpi_toolkit.pages.words import Words

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
    from kpi_toolkit.pages.forms import hand_out

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
        whose = done[0][0] if len(done) == 1 else "*"
        counts: Counter[Path] = Counter()
        for name, folder, files, *_ in done:
            counts[Path(*(whose if part == name else part for part in folder.parts))] += len(files)
        for where, count in counts.items():
            shell.say("forms_out.written" if by == "person" else "forms_out.several", n=count, folder=str(where))
            key = "key" if len(done) == 1 else "keys"
            shell.say(f"forms_out.{key}", path=f"client_data/{whose}/.form-key")
        for name in [name for name, *_, held, _ in done if held and phase != "talk"]:
            shell.say("forms_out.held", client=name, cycle=cycle)
        if not all(held for *_, held, _ in done):
            shell.say("cli.next", command=f"kpi collect {'--all --cycle' if everyone else client} {cycle}")
    _end(shell, [*wrong, *((name, aimless) for name, *_, aimless in done if aimless)], cycle=cycle)


def _end(shell: Shell, wrong: Sequence[tuple[str, Issues]], *, whole: bool = True, cycle: str = "") -> None:
    """Say what kept a client's forms from being written or collected, and end."""
    from kpi_toolkit.pages.forms import AIMLESS

    if wrong:
        print_issues(shell, wrong, talk=True)
        for name, issues in wrong if cycle else ():
            codes = {issue.code for issue in issues if issue.severity == "error" or issue.code == AIMLESS}
            if codes == {AIMLESS}:
                shell.say("cli.next_plan", client=name, cycle=cycle)
    sys.exit(DONE if whole and not wrong else CLIENT)


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
    marks = [_marks(shell, one) for one in done]
    if shell.as_json:
        told = [_data(shell, *one) for one in zip(done, marks, strict=True)]
        shell.data({"clients": told, "nobodys": [str(path) for path in nobodys]} if everyone else told[0])
    else:
        for one, marked in zip(done, marks, strict=True):
            _print_collected(shell, one, marked, counted=everyone and not shell.verbose)
            open_questions(shell, one.questions, of=f"{one.client}/" if everyone else "")
        if everyone and folder:
            _print_beside(shell, folder, nobodys, any_forms=bool(names))
    _end(shell, wrong, whole=not nobodys and all(one.whole for one in done))


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


def _marks(shell: Shell, done: Collected) -> dict[str, Path | None]:
    files = gathered((each.path.name, each) for each in done.files)
    return {name: _marked(shell, done.folder, returns) for name, returns in files.items()}


def _data(shell: Shell, done: Collected, marks: Mapping[str, Path | None]) -> dict[str, Any]:
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


def _marked(shell: Shell, folder: Path, returns: Sequence[Return]) -> Path | None:
    """Write a copy of a file in which what is wrong or asked is marked; return it, None where nothing has a cell."""
    from kpi_toolkit.clients.form_origins import MARKED
    from kpi_toolkit.clients.storage import write_file
    from kpi_toolkit.pages.form_marks import marked

    words, blocked = _words_of(shell, returns), [each for each in returns if each.blocked]
    marks: dict[str, dict[str, list[str]]] = {}
    issues, questions = ([one for each in blocked for one in getattr(each, kind)] for kind in ("issues", "questions"))
    said = [(issue.place, _for_who_filled_in(words, issue)) for issue in issues if issue.severity != "hint"]
    asked = [(each.place, words(each.text.replace(*_BACK), **each.values)) for each in questions if each.place.cell]
    for place, text in dict.fromkeys((*said, *asked)):
        if place.sheet and place.cell:
            marks.setdefault(place.sheet, {}).setdefault(place.cell, []).append(text)
    source = returns[0].path
    data = marked(returns[0].data, marks, ours=source.parent.name != MARKED) if marks else None
    if data is None:
        return None
    path = folder / MARKED / source.name
    write_file(path, data)
    return path


_BACK = ("ask.form_", "form_back.")
"""What is asked of whoever collects is put otherwise to whoever filled in."""


def _for_who_filled_in(words: Words, issue: Issue) -> str:
    """Return a finding with its remedy, if that is one in the form itself."""
    remedy = words.remedy(issue)
    return words.message(issue) if "kpi " in remedy else f"{words.message(issue)}\n{remedy}"


def _words_of(shell: Shell, returns: Sequence[Return]) -> Words:
    """Return the words of the language in which a form's columns are headed: whoever fills it in mends it."""
    from kpi_toolkit.pages.words import Words

    headings = "".join(came.place.key or "" for each in returns for came in each.entries.values())
    if not headings:
        return shell.words
    return Words("en" if headings.isascii() else "zh", shell.workbook)


def _is_told(each: Return, issue: Issue) -> bool:
    """Whether a finding is shown: hints once, when a form is taken; what is not read as long as it is not."""
    again = each.blocked and issue.severity != "hint"
    return each.state == "accepted" or again or issue.code == "hidden-sheets"


def _brought(words: Words, each: Return) -> str:
    """Return how many entries a form brought and how many figures it leaves blank, or that it was signed."""
    count, blank = sum(map(len, each.values.values())), _blank(each)
    said = words("collected.signed" if not count and each.written_in("sign") else "collected.entries", n=count)
    return said + (words("list.comma") + words("collected.blank", n=blank) if blank else "")


_OWN = frozenset({"actual", "self"})
"""What an appraisal brings from the person; the appraiser's view comes later."""


def _blank(each: Return, columns: Collection[str] = (*_OWN, "appraiser")) -> int:
    """Return how many figures of an appraisal nobody filled in."""
    own = (came for came in each.entries.values() if came.row.item is not None and came.row.phase == "appraisal")
    return sum(not came.text and came.column in columns for came in own)


def _print_collected(shell: Shell, done: Collected, marks: Mapping[str, Path | None], *, counted: bool) -> None:
    """Show what became of the forms that came back, what is wrong with them, and what has to be answered.

    ``counted``: of accepted ones that are filled in only how many there are.
    """
    words, style = shell.words, {"accepted": "green", "asked": "yellow", "refused": "bold red"}
    if not done.files:
        shell.say("collected.empty", folder=str(done.folder))
    several = words("collected.nobody")
    head = [words(f"collected.{key}") for key in ("file", "state", "what")] + [words("cli.person")]
    told = [
        each for each in done.files  # of forms without news all was told before
        if each.state != "unchanged" and not (counted and each.state == "accepted" and not _blank(each, _OWN))
    ]  # fmt: skip
    before = (None, *(each.path for each in told))
    rows = [
        [as_is(each.path.name) if each.path != last else "",
         f"[{style.get(each.state, 'dim')}]{words(f'collected.{each.state}')}[/]",
         _brought(words, each) if each.state == "accepted" else "",
         as_is(words.show(done.called[each.person]) if each.person else several) if each.forms else ""]
        for each, last in zip(told, before, strict=False)
    ]  # fmt: skip
    whose = shell.workbook.called(done.client)
    if rows:
        print_table(shell, head, rows, title=f"{words.show(whose)} · {words.cycle(Cycle.parse(done.cycle))}")
    for state, said in (("accepted", "taken"), ("unchanged", "same")):
        if count := sum(each.state == state and each not in told for each in done.files):
            shell.out.print(words(f"collected.{said}", n=count, cycle=done.cycle, client=whose))
    if found := Issues(one for each in done.files for one in each.issues if _is_told(each, one)):
        print_issues(shell, [("", found)], talk=True, apart=False)  # of a kind the first few of all files
    if copies := [path for path in marks.values() if path is not None]:
        shell.say("collected.marked", folder=str(copies[0].parent), files=[path.name for path in copies])
    unmarked = [
        each.path.name for each in done.files
        if each.blocked and marks[each.path.name] is None
        and any(one.place.cell and one.severity != "hint" for one in each.issues)
    ]  # fmt: skip
    for name in dict.fromkeys(unmarked):
        shell.errors.print(words("collected.unmarked", file=name), style="yellow")
    if done.written:
        shell.say("collected.written", files=list(done.written))
    if done.scans:
        filed = [words("collected.scan", file=file, person=done.called[who]) for file, who in done.scans.items()]
        shell.say("collected.scans", files=filed)
    if done.aside:
        shell.say("collected.aside", files=list(done.aside))
