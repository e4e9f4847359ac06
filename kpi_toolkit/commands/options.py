"""What commands share: their shell, their exit codes and the options all of them take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kpi_toolkit.terminal import Shell

DONE, FAILED, USAGE, CLIENT, NOT_STARTED, INTERRUPTED = 0, 1, 2, 3, 4, 130

F = TypeVar("F", bound=Callable[..., Any])

pass_shell = click.make_pass_decorator(Shell)


def _said_again(attribute: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return what takes an option of all commands where it stands behind a command instead of before it."""

    def remember(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            setattr(context.find_object(Shell), attribute, value)

    return remember


def _quiet(context: click.Context, _: click.Parameter, value: Any) -> None:
    if value:
        context.find_object(Shell).verbosity = -1  # type: ignore[union-attr]


json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_said_again("as_json"), help="Write data as JSON to stdout."
)
_lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False, callback=_said_again("language"),
    help="Language of messages.",
)  # fmt: skip
_quiet_option = click.option(
    "-q", "--quiet", is_flag=True, expose_value=False, callback=_quiet, help="No talk, only data and errors."
)


def talk_options(command: F) -> F:
    """Let a command take the language and ``-q`` behind its name too."""
    return _lang_option(_quiet_option(command))


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of what was given separated by commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
