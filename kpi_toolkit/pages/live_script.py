"""The one script that a delivered page may hold, its look, and the policy that lets it and nothing else run."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

DATA_ID = "kpi-what-if-data"
"""The id of the block of inert JSON that the script looks for; a page that has it gets the script."""
QUIET = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "  # noqa: E501
"""The policy of a page that loads nothing, up to what it may run."""


@cache
def live_script() -> str:
    """Return the one module that works a session out and shows it."""
    return files("kpi_toolkit.whatif").joinpath("session.mjs").read_text("utf-8")


@cache
def live_style() -> str:
    """Return its look."""
    return files("kpi_toolkit.whatif").joinpath("session.css").read_text("utf-8")


def policy(*, live: bool) -> str:
    """Return what a page may do: load nothing and run nothing, or run the one script and a Worker of its own."""
    if not live:
        return f"{QUIET}script-src 'none'"
    digest = b64encode(sha256(live_script().encode()).digest()).decode()
    return f"{QUIET}script-src 'sha256-{digest}'; worker-src blob:"


def inert(data: Any) -> str:
    """Return data as JSON that can stand in a page: no ``<`` can end the block it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
