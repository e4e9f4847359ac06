"""Pages that open by themselves where there is a screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

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
