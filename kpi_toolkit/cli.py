"""``kpi``: a thin shell. Everything it does can be done from Python; stdout is data, stderr is talk.

Exit codes: 0 done, 1 unexpected failure, 2 the command line or the workbook's settings are wrong, 3 something inside a
client's files is wrong or a report failed, 4 could not start and nothing changed, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.commands.calendar import calendar
from kpi_toolkit.commands.check import check
from kpi_toolkit.commands.doctor import config, doctor
from kpi_toolkit.commands.door import lab, start
from kpi_toolkit.commands.explain import explain
from kpi_toolkit.commands.forms import collect, forms
from kpi_toolkit.commands.importing import import_
from kpi_toolkit.commands.month import month
from kpi_toolkit.commands.options import CLIENT, CLIENT_NAME, FAILED, INTERRUPTED, NOT_STARTED, USAGE, all_options
from kpi_toolkit.commands.record import close, correct, log, migrate, reopen, verify
from kpi_toolkit.commands.render import demo, render
from kpi_toolkit.commands.roles import library, roles
from kpi_toolkit.commands.score import score
from kpi_toolkit.commands.speech import asked_in, early, shown, speak
from kpi_toolkit.commands.start import init, new
from kpi_toolkit.commands.talk import talk
from kpi_toolkit.commands.whatif import whatif
from kpi_toolkit.method.shown import one_line
from kpi_toolkit.terminal import Shell, print_issues


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        import kpi_toolkit  # its version is looked up among all that is installed

        click.echo(f"kpi {kpi_toolkit.__version__}")
        context.exit()


@click.group(
    context_settings={"auto_envvar_prefix": "KPI", "help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@all_options
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def cli() -> None:
    """Appraisal for internet-marketing teams: designs, scores, 20/70/10 tiers, and reports fit to hand over."""


_COMPLETION = "_KPI_COMPLETE"

for _command in (
    demo, start, lab, doctor, config,
    init, new, import_, roles, library,
    check, score, explain, talk, whatif, calendar, render,
    forms, collect, month,
    close, reopen, correct, log, verify, migrate,
):  # fmt: skip
    cli.add_command(_command)
    for _parameter in _command.params:
        if _parameter.name == "client" and _command is not new:
            _parameter.type = CLIENT_NAME


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code; no traceback without ``--debug``."""
    gc.set_threshold(50_000)  # reading makes much and drops little: a collector that goes through it finds nothing
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console of an old code page must not end the run
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal ends a batch like Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"]:  # what many type first
        given = [*given[1:], "--help"]
    workbook = Workbook.nearest(Path(early(given, "--workbook") or os.environ.get("KPI_WORKBOOK", "")))
    shell = Shell(asked_in(given, workbook))
    try:
        speak(cli, shell.language, workbook)
        if _COMPLETION in os.environ:  # a shell asks how a word may go on
            from click.shell_completion import shell_complete

            sys.exit(shell_complete(cli, {"obj": shell}, "kpi", _COMPLETION, os.environ[_COMPLETION]))
        _check_letters(given)
        with cli.make_context("kpi", given, obj=shell) as context:
            cli.invoke(context)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as problem:
        if not isinstance(problem, click.exceptions.NoArgsIsHelpError):  # its message is the help
            problem.message = one_line(problem.message)  # type: ignore[misc]
        click.echo(shown(problem, shell.language), err=True)
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(shell.words("cli.interrupted"), err=True)
        sys.exit(INTERRUPTED)
    except Exception as problem:
        if shell.debug:
            raise
        sys.exit(_explain_failure(problem, shell))


def _check_letters(given: Sequence[str]) -> None:
    from kpi_toolkit.clients.workbook import WorkbookError

    for text in given:
        shown = text.encode("utf-8", "backslashreplace").decode()
        if shown.encode() != text.encode("utf-8", "surrogatepass"):
            raise WorkbookError("argument-not-text", value=shown)


def _open_streams() -> None:
    """Open the standard streams that were closed before the start; else the next file would take a stream's place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it takes the lowest number that is free
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _interrupt(*_: object) -> None:
    """Take a request to end like Ctrl-C: what is delivered stays whole, nothing is left running."""
    raise KeyboardInterrupt


def _explain_failure(problem: Exception, shell: Shell) -> int:
    from kpi_toolkit.clients.workbook import NotStartedError, WorkbookError
    from kpi_toolkit.method.issues import Issues, IssuesError

    if isinstance(problem, (IssuesError, WorkbookError)):
        issues = problem.issues.errors if isinstance(problem, IssuesError) else Issues([problem.issue])
        try:
            print_issues(shell, [("", issues)], talk=True)
        except WorkbookError as damaged:  # the words themselves are damaged: said in plain English
            _complain(f"kpi: {damaged if damaged.issue.code == 'damaged-words' else problem}")
            return USAGE
        if isinstance(problem, NotStartedError):
            return NOT_STARTED
        in_workbook = all(issue.place.file.startswith("templates/") for issue in issues)
        return USAGE if isinstance(problem, WorkbookError) or in_workbook else CLIENT
    if isinstance(problem, OSError):
        _complain(f"kpi: {problem.strerror or problem}: {problem.filename or ''}".rstrip(": "))
        return NOT_STARTED
    _complain(f"kpi: unexpected {type(problem).__name__}: {problem} (run again with --debug for details)")
    return FAILED


def _complain(text: str) -> None:
    click.echo(one_line(text), err=True)
