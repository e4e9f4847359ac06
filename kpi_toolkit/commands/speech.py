"""The command line in one language: what it says of itself, and what click says in its name.

English stands in the code. Another language is ``templates/words/<code>.help.toml``: English sentence = what stands for
it, by plural form where there are several. What it lacks stays English.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import Any

import click

from kpi_toolkit.clients.language import of_system, spoken
from kpi_toolkit.clients.word_files import read_merged
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.shown import columns_of, wrapped
from kpi_toolkit.method.value import Language

_ASIDE, _FURTHER = re.compile(r" ?[(（][^)）]*[)）]"), re.compile(r"[.:;] |[.:;]$|[。：；]")
"""What a list of commands leaves out of what a command says of itself: asides, and what follows its first clause."""
_WORD = re.compile(r"[A-Z]{2,}(?: [A-Z]{2,})*|\.{3}")


def early(arguments: Sequence[str], option: str) -> str:
    """Return the last value of an option in a command line that is not read yet; empty where it is not there."""
    given = [*arguments[: arguments.index("--") if "--" in arguments else None], ""]
    said = [after for before, after in pairwise(given) if before == option]
    said += [word.removeprefix(f"{option}=") for word in given if word.startswith(f"{option}=")]
    return (said or [""])[-1]


def asked_in(arguments: Sequence[str], workbook: Workbook) -> Language:
    """Return the language of a command line before it is read; one that there is not is refused by whoever reads it."""
    for asked in (early(arguments, "--lang"), ""):
        with suppress(WorkbookError):
            return spoken(asked, workbook)
    return of_system()


def speak(command: click.Command, language: Language, workbook: Workbook) -> None:
    """Let a command line, and click, speak a language from now on."""
    texts = _texts(command)  # in English, before click speaks another language
    said: Mapping[str, Any] = read_merged(workbook, f"words/{language}.help.toml")

    def plural(one: str, many: str, n: int) -> str:
        found = said.get(one, {"one": one, "other": many})
        return str(found if isinstance(found, str) else found["one" if n == 1 and "one" in found else "other"])

    # click asks gettext, and gettext asks for compiled files; ours are text that a consultant can edit.
    gettext.dgettext = lambda _, text: plural(text, text, 1)  # type: ignore[assignment]
    gettext.dngettext = lambda _, one, many, n: plural(one, many, n)  # type: ignore[assignment]
    for owner, attribute, english in texts:
        text = said.get(english) or _WORD.sub(lambda word: str(said.get(word[0], word[0])), english)
        setattr(owner, attribute, text)
        if attribute == "help" and isinstance(owner, click.Command):
            owner.short_help = _FURTHER.split(_ASIDE.sub("", text), maxsplit=1)[0]
            owner.context_class = _Context if said else click.Context


@cache
def _texts(command: click.Command) -> tuple[tuple[Any, str, str], ...]:
    """Return every text of a command and those below it: whose it is, its name there, what it says in English."""
    return tuple(_all_texts(command, click.Context(command, info_name=command.name, **command.context_settings)))


def _all_texts(command: click.Command, context: click.Context) -> Iterator[tuple[Any, str, str]]:
    yield command, "help", " ".join((command.help or "").split())
    yield command, "options_metavar", command.options_metavar or ""
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and parameter.help:
            yield parameter, "help", parameter.help
        yield parameter, "metavar", parameter.make_metavar(context)
    if isinstance(command, click.Group):
        yield command, "subcommand_metavar", command.subcommand_metavar or ""
        for name, below in command.commands.items():
            yield from _all_texts(below, click.Context(below, info_name=name, parent=context))


def shown(problem: click.ClickException, marks: Iterable[tuple[str, str]]) -> str:
    """Return what click says of a wrong command line, with the ``marks`` of a language."""
    buffer = io.StringIO()
    problem.show(buffer)
    text = buffer.getvalue().rstrip()
    for said, instead in marks:
        text = re.sub(said, instead, text)
    return text


class _Formatter(click.HelpFormatter):
    """Help in a language whose letters are two columns wide and need no blanks between words."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        self.write(f"{gettext.gettext('Usage:')}{prog} {args}\n" if prefix is None else f"{prefix}{prog} {args}\n")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{heading}{gettext.gettext(':')}\n")

    def write_text(self, text: str) -> None:
        for line in wrapped(text, self.width - self.current_indent):
            self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 34, col_spacing: int = 2) -> None:
        rows = list(rows)
        start = min(max((columns_of(first) for first, _ in rows), default=0), col_max) + col_spacing
        for first, second in rows:
            room = start - columns_of(first)
            lines = wrapped(second.replace("; ", gettext.gettext("; ")), self.width - start - self.current_indent)
            beside, below = ([], lines) if room < col_spacing else (lines[:1], lines[1:])
            self.write(f"{'':>{self.current_indent}}{first}{' ' * room if beside else ''}{''.join(beside)}\n")
            for line in below:
                self.write(f"{'':>{self.current_indent + start}}{line}\n")


class _Context(click.Context):
    formatter_class = _Formatter
