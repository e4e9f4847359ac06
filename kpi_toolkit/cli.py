"""``kpi``: a thin shell. Everything it does can be done from Python; stdout is data, stderr is talk.

Exit codes: 0 done, 1 unexpected failure, 2 the command line or the workbook's settings are wrong, 3 something inside a
client's files is wrong or a report failed, 4 could not start and nothing changed, 130 interrupted.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kpi_toolkit.terminal import Shell

_COMPLETION, _INTERRUPTED = "_KPI_COMPLETE", 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code; no traceback without ``--debug``."""
    gc.set_threshold(50_000)  # loading and reading make much and drop little: a collector would find nothing there
    atexit.register(gc.freeze)  # nor need it look through everything once more before the process ends
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console of an old code page must not end the run
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal ends a batch like Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _run(given)
    except KeyboardInterrupt:  # while it was loaded, before there were words
        sys.exit(_INTERRUPTED)


def _run(given: list[str]) -> None:
    from kpi_toolkit.clients.workbook import Workbook, WorkbookError
    from kpi_toolkit.commands.group import cli
    from kpi_toolkit.commands.speech import asked_in, early, shown, speak
    from kpi_toolkit.method.shown import one_line
    from kpi_toolkit.terminal import Shell

    try:
        workbook = Workbook.nearest(Path(early(given, "--workbook") or os.environ.get("KPI_WORKBOOK", "")))
    except FileNotFoundError:  # somebody deleted the folder that the terminal is in
        os.chdir(os.sep)
        sys.exit(_explain_failure(WorkbookError("folder-gone"), Shell(asked_in(given, Workbook(Path(os.sep))))))
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
        if isinstance(problem, click.exceptions.NoArgsIsHelpError):
            said = problem.message  # the help
        else:
            problem.message = one_line(problem.message)  # type: ignore[misc]
            said = shown(problem, shell.words.traits.marks)
        click.echo(said, err=True)
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(shell.words("cli.interrupted"), err=True)
        sys.exit(_INTERRUPTED)
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
    from kpi_toolkit.commands.options import CLIENT, FAILED, NOT_STARTED, USAGE
    from kpi_toolkit.method.issues import Issues, IssuesError
    from kpi_toolkit.terminal import print_issues

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
        path, detail = str(problem.filename2 or problem.filename or ""), problem.strerror or str(problem)
        with suppress(OSError):  # the words themselves may be what cannot be read
            code = _REFUSED.get(problem.errno or 0, "system-refused")
            return _explain_failure(NotStartedError(code, path=path, detail=detail), shell)
        _complain(f"kpi: {detail}: {path}".rstrip(": "))
        return NOT_STARTED
    _complain(f"kpi: unexpected {type(problem).__name__}: {problem} (run again with --debug for details)")
    return FAILED


_REFUSED = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "no-access") | {errno.ENOSPC: "no-space"}


def _complain(text: str) -> None:
    from kpi_toolkit.method.shown import one_line

    click.echo(one_line(text), err=True)
