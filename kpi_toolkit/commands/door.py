"""``kpi start`` and ``kpi lab``: the door from the terminal to the notebooks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from kpi_toolkit.commands.options import A_CLIENT, command
from kpi_toolkit.terminal import Shell

browser_option = click.option("--no-browser", is_flag=True, help="Open no browser; only print where to look.")


def has_screen() -> bool:
    """Whether a page can be opened where somebody sees it."""
    if sys.platform in {"win32", "darwin"} or os.environ.get("BROWSER"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def open_page(path: Path, language: str = "") -> bool:
    """Open a page in the browser where there is a screen, and return whether that was done.

    A page in several languages begins with the one that its address ends in.
    """
    import webbrowser

    return has_screen() and webbrowser.open(path.resolve().as_uri() + (f"#{language}" if language else ""))


@command(browser_option)
def start(shell: Shell, no_browser: bool) -> None:
    """Open the workbook in JupyterLab: a page says what is here and what comes next."""
    _open(shell, "", browser=not no_browser)


@command(A_CLIENT, browser_option)
def lab(shell: Shell, client: str, no_browser: bool) -> None:
    """Open one client in JupyterLab: no other client is in reach, for working where others look on."""
    _open(shell, client, browser=not no_browser)


def _open(shell: Shell, client: str, *, browser: bool) -> None:
    from kpi_toolkit.live.server import lay_desk, profile, running, serve

    workbook, words = shell.workbook, shell.words
    workbook.clients()  # outside a workbook this says so
    desk, environment = lay_desk(workbook, words, client), profile(workbook, words, client)
    browser = browser and has_screen() and not shell.as_json

    def ready(address: str, said: str = "opened" if browser else "address") -> None:
        shell.say(f"door.{said}")
        if shell.as_json:
            shell.data({"url": address, "folder": str(desk)})
        else:
            shell.errors.print(address, soft_wrap=True)
        shell.say("door.end")

    there = running(environment)
    if there:
        ready(there, "already")
    else:
        serve(desk, environment, browser=browser, ready=ready)
