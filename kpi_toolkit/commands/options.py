"""What commands share: their shell, their exit codes and the options all of them take."""

from __future__ import annotations

import gettext as translations
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.terminal import Shell, print_issues

if TYPE_CHECKING:
    from kpi_toolkit.clients.questions import Question
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.method.issues import Issues

DONE, FAILED, USAGE, CLIENT, NOT_STARTED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def end(well: bool) -> NoReturn:
    """End a command: all was done, or something is wrong with a client."""
    sys.exit(DONE if well else CLIENT)


class _ClientName(click.ParamType[str]):
    """A client by its id or its name, for every argument of that name; the command receives the id."""

    name = "client"

    def convert(self, value: str, _: click.Parameter | None, context: click.Context | None) -> str:
        shell = context.find_object(Shell) if context else None
        return shell.workbook.named_clients([value])[0] if shell else value

    def shell_complete(self, context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the clients that a word may become."""
        shell = context.find_object(Shell)
        known = shell.workbook.clients() if shell and shell.workbook.exists() else ()
        return [CompletionItem(name) for name in known if name.startswith(incomplete)]


class _Cycle(click.ParamType[str]):
    """A cycle by its id or as pages write it (2026年10月, October 2026); the command receives the id."""

    name = "cycle"

    def convert(self, value: str, _: click.Parameter | None, __: click.Context | None) -> str:
        from kpi_toolkit.clients.cycle_folders import written_out

        return written_out(value)


CLIENT_NAME, CYCLE = _ClientName(), _Cycle()


class _GivenFile(click.Path):
    """A file that is there; of one that is not, the most alike beside it is proposed, and other tables are told."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        from kpi_toolkit.clients.workbook import WorkbookError
        from kpi_toolkit.method.issues import Known

        path = Path(value)
        if not os.path.exists(path):  # noqa: PTH110 - unlike Path's, it takes any name
            there = next(each for each in (path.parent, *path.parent.parents) if each.is_dir())
            missing = path.relative_to(there).parts[0]
            names: list[str] = []
            with suppress(OSError):  # a folder into which nobody may look
                names = sorted(each.name for each in there.iterdir() if not each.name.startswith((".", "~$")))
            stems = {Path(name).stem: name for name in names}
            near = stems.get(Known(dict.fromkeys(stems, ())).meant(path.stem), "")
            tables = [name for name in names if name.lower().endswith(_OF_TABLES)]
            raise WorkbookError(
                "no-such-file", name=missing, folder=str(there.resolve()), nearest=near,
                known=", ".join([*dict.fromkeys(filter(None, (near, *tables)))][:_MOST_NAMES]),
            )  # fmt: skip
        return super().convert(value, parameter, context)


_OF_TABLES, _MOST_NAMES = (".xlsx", ".xlsm", ".xls", ".ods", ".et", ".csv", ".json"), 8
GIVEN_FILE = _GivenFile(path_type=Path, exists=True, dir_okay=False)

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def _of_all(attribute: str, *names: str, **more: Any) -> Callable[[F], F]:
    """Return an option that stands before a command or behind it: what is given is kept in the shell."""

    def remember(context: click.Context, _: click.Parameter, value: Any) -> None:
        shell = context.find_object(Shell)
        if value and shell:
            setattr(shell, attribute, spoken(value, shell.workbook) if attribute == "language" else value)

    return click.option(*names, expose_value=False, callback=remember, **more)


_OF_ALL = (
    _of_all("language", "--lang", metavar="zh|en", help="Language of messages (default: the system's)."),
    _of_all("as_json", "--json", is_flag=True, help="Write data as JSON to stdout."),
    _of_all("quiet", "-q", "--quiet", is_flag=True, help="No talk, only data and errors."),
)
_WORKBOOK = _of_all(
    "root", "--workbook", type=click.Path(path_type=Path, file_okay=False), is_eager=True,
    help="The workbook's folder (default: here).",
)  # fmt: skip
verbose_option = _of_all(
    "verbose", "-v", "--verbose", is_flag=True, help="Show every finding, not the first few of a kind."
)
_DEBUG = _of_all("debug", "--debug", is_flag=True, help="Show tracebacks.")


def _taking(options: Iterable[Callable[[F], F]], command: F) -> F:
    return reduce(lambda made, option: option(made), reversed([*options]), command)


def all_options(group: F) -> F:
    """Let the command line take what all commands take, its workbook, and whether tracebacks are shown."""
    return _taking((_WORKBOOK, *_OF_ALL, verbose_option, _DEBUG), group)


Taken = Callable[[Callable[..., Any]], Callable[..., Any]]
"""An argument or an option of a command."""


def command(*takes: Taken, name: str | None = None, of: click.Group | None = None) -> Callable[..., click.Command]:
    """Return what makes a function a command: what it takes, in the order of its help, and its :class:`Shell`.

    What all commands take it takes too, behind its name.
    """
    make = click.command(name) if of is None else of.command(name)
    return lambda act: make(_taking((*takes, *_OF_ALL), click.make_pass_decorator(Shell)(act)))


def flag(name: str, told: str, **more: Any) -> Taken:
    """Return an option that is there or not."""
    return click.option(name, is_flag=True, help=told, **more)


def option(*names: str, told: str, **more: Any) -> Taken:
    """Return an option that takes a value."""
    return click.option(*names, help=told, **more)


FOLDER, FILE = (click.Path(path_type=Path, dir_okay=folder, file_okay=not folder) for folder in (True, False))
"""A folder, and a file, that need not be there."""
DAY = click.DateTime(["%Y-%m-%d"])


class Number(click.IntRange):
    """A whole number; its range is told as people write it."""

    name = "number"

    def _describe_range(self) -> str:
        return f"{self.min}–{self.max}"


def one_cycle(word: str, named: str | None) -> None:
    """Refuse a cycle that was given as a word and with ``--cycle``, and not the same."""
    if word and word != named:
        raise click.UsageError(translations.gettext("Give the cycle once, as a word or with --cycle."))


def _cycle_argument(*, required: bool) -> Taken:
    """Return what lets a command take its ``cycle`` as a word or, as some others have it, with ``--cycle``."""

    def given(context: click.Context, parameter: click.Parameter, word: str | None) -> str | None:
        named = context.meta.get(_CYCLE)
        one_cycle(word or "", named or word)
        if required and word is None and named is None:
            raise click.MissingParameter(ctx=context, param=parameter)
        return named if word is None else word

    def remember(context: click.Context, _: click.Parameter, named: str | None) -> None:
        context.meta[_CYCLE] = named

    word = click.argument(
        "cycle", type=CYCLE, required=False, metavar="CYCLE" if required else "[CYCLE]", callback=given
    )
    named = option(
        "--cycle", "named_cycle", type=CYCLE, is_eager=True, expose_value=False, callback=remember,
        told="The cycle, as an option.",
    )  # fmt: skip
    return lambda act: word(named(act))


_CYCLE = "kpi_toolkit.cycle"
A_CLIENT, ANY_CLIENT = (click.argument("client", type=CLIENT_NAME, required=needed) for needed in (True, False))
A_CYCLE, ANY_CYCLE = (_cycle_argument(required=needed) for needed in (True, False))
ALL = click.option("--all", "everyone", is_flag=True, help="All clients; with --cycle.")


def check_whose(client: str | None, cycle: str | None) -> None:
    """Refuse a cycle of nobody where no client means all of them, with all their cycles."""
    if cycle is not None and client is None:
        raise click.UsageError(translations.gettext("Name the client of this cycle, or leave the cycle out."))


def check_idle(**idle: bool) -> None:
    """Refuse what was typed and does nothing beside what else was: options by their names in Python."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        if idle.get(name) and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            said = translations.gettext("{given} does nothing here: leave it out.")
            raise click.UsageError(said.format(given=parameter.get_error_hint(context)))


def told_apart(workbook: Workbook, named: Iterable[str]) -> tuple[list[str], str]:
    """Return which words name clients, and the cycle; WorkbookError for a word without a digit that names no client."""
    from kpi_toolkit.clients.workbook import WorkbookError

    clients: list[str] = []
    cycle: list[str] = []
    for word in named:
        try:
            clients += workbook.named_clients([word])
        except WorkbookError:
            if not word[:1].isdigit() and CYCLE.convert(word, None, None) == word:
                raise
            cycle.append(word)
    return clients, " ".join(cycle)


def meant(shell: Shell, client: str | None, cycle: str | None, everyone: bool) -> tuple[list[str], str]:
    """Return which clients a command is for, the one that is named or all, and of which cycle."""
    from kpi_toolkit.clients.cycle_folders import meant_cycle

    if cycle is None or everyone == (client is not None):
        raise click.UsageError(translations.gettext("Name a client and a cycle, or give --all and --cycle."))
    cycle = meant_cycle(cycle, ()).id
    return list(shell.workbook.clients()) if client is None else [client], cycle


def of_each(names: Iterable[str], act: Callable[[str], T]) -> tuple[list[T], list[tuple[str, Issues]]]:
    """Do something to each client and return what was done and what kept it from being; one stops no other."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.method.issues import Issues, IssuesError

    names = list(names)
    done: list[T] = []
    wrong: list[tuple[str, Issues]] = []
    for name in names:
        try:
            done.append(act(name))
        except IssuesError as problem:
            wrong.append((name, problem.issues.errors or problem.issues))
        except WorkbookError as problem:
            if len(names) == 1:
                raise
            wrong.append((name, Issues([problem.issue])))
    return done, wrong


ANSWERS = (
    option("--answer", multiple=True, metavar="ID=VALUE", told="The answer to a question; may be repeated."),
    option("--answers", type=GIVEN_FILE, told='A JSON file of answers: {"ID": "VALUE"}.'),
)
"""Answers to what a command would ask: as ``answer`` (a tuple) and ``answers`` (a file or None)."""


def ask(shell: Shell, questions: Iterable[Question], answers: dict[str, str]) -> bool:
    """Ask one by one in a terminal and put the answers among those given; elsewhere ask nothing and return False."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.method.issues import Issues

    if not sys.stdin.isatty() or shell.as_json:
        return False
    for question in questions:
        said = shell.words.question(question)
        shell.errors.print(shell.words.place(question.place), style="dim")
        shell.errors.print(said["text"])
        for option, label in question.options.items():
            shell.errors.print(f"   {option}  {shell.words.show(label)}".rstrip())
        while question.id not in answers:
            typed = click.prompt(shell.words("ask.answer"), default=question.proposed or None, err=True)
            try:
                answers[question.id] = question.answer(str(typed))
            except WorkbookError as problem:
                print_issues(shell, [("", Issues([problem.issue]))], talk=True)
    return True


_FEW = 3
"""So many answers are written out where none is proposed."""


def open_questions(shell: Shell, questions: Iterable[Question], of: str = "") -> None:
    """Name what is still to be answered, each with its place and how to answer it, where nobody could be asked.

    ``of`` stands before the ids where questions of several clients are answered together.
    """
    for question in questions:
        said = shell.words.question(question)
        place = shell.words.place(question.place)
        shell.errors.print(shell.words("ask.open", place=place, text=said["text"]), style="yellow", soft_wrap=True)
        few = [*question.options] if 0 < len(question.options) <= _FEW else ["…"]  # each as it can be copied
        replies = [question.proposed] if question.proposed else few
        answer = '"  /  --answer "'.join(f"{of}{question.id}={reply}" for reply in replies)
        known = shell.words("list.comma").join(
            f"{option} ({called})" if (called := shell.words.show(label)) else option
            for option, label in question.options.items()
        )
        shell.errors.print(f'   → --answer "{answer}"   {known}', soft_wrap=True)


def listed(given: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of what was given, once or several times, separated by commas; each once."""
    return tuple(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))


def several(*names: str, told: str, default: str = "") -> Callable[[F], F]:
    """Return an option that takes a list: separated by commas, or the option given again."""
    given = (default,) if default else ()
    return click.option(*names, multiple=True, default=given, show_default=bool(default), help=told)
