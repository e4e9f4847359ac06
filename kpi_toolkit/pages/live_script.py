"""The one script that a delivered page may hold, its look, and the policy that lets it and nothing else run."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from kpi_toolkit.pages.templating import QUIET
from kpi_toolkit.pages.tokens import css_variables

DATA_ID = "kpi-what-if-data"
"""The id of the block of inert JSON that the script looks for; a page that has it gets the script."""

_DOC = re.compile(r"^ *(?:/\*\*(?:(?!\*/).)*\*/|// @ts-check)\n", re.M | re.S)
"""What stands above something to explain it, types included: whoever reads a page reads no source."""
_EXPORT = re.compile(r"^export (?=const|let|class|async|function)", re.M)
_IMPORT = re.compile(r'^import \{\s*\w+(?:,\s*\w+)*,?\s*\} from "\./(\w+)\.mjs";\n', re.M)
_TOP_LEVEL = re.compile(r"^(?:export )?(?:const|let|var|class|(?:async )?function\*?) (\w+)", re.M)


@cache
def live_script() -> str:
    """Return the files of ``whatif/live`` as the one module that works a session out and shows it."""
    return one_script("widget", _live)


@cache
def live_style() -> str:
    """Return its look."""
    return f".kwi{{{css_variables()}}}\n{_live('style.css')}"


def one_script(first: str, read: Callable[[str], str]) -> str:
    """Return a module and all that it imports as one text, each after what it needs, without imports, exports and docs.

    Browsers get it as it stands, so nothing has to be built. Top-level names share one scope then: ValueError names two
    that are the same, files that import each other, and an import that is not a plain one of a neighbour.
    """
    parts: dict[str, str] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{' -> '.join((*above, name))}: these import each other")
        if name not in parts:
            text = read(f"{name}.mjs")
            for needed in _IMPORT.findall(text):
                add(needed, (*above, name))
            parts[name] = _EXPORT.sub("", _IMPORT.sub("", _DOC.sub("", text))).strip()

    add(first, ())
    whole = "\n\n".join(parts.values()) + "\n"
    if left := re.search(r"^(?:import|export (?!default \{)).*", whole, re.M):
        raise ValueError(f"only plain imports of a neighbour are joined: {left[0]}")
    twice = [name for name, count in Counter(_TOP_LEVEL.findall(whole)).items() if count > 1]
    if twice:
        raise ValueError(f"two files name something of their own alike: {', '.join(twice)}")
    return whole


def _live(name: str) -> str:
    return files("kpi_toolkit.whatif").joinpath("live", name).read_text("utf-8")


def policy(*, live: bool) -> str:
    """Return what a page may do: load nothing and run nothing, or run the one script and a Worker of its own."""
    if not live:
        return f"{QUIET}script-src 'none'"
    return f"{policy_for(live_script())}; worker-src blob:"


def policy_for(script: str) -> str:
    """Return the policy of a page that loads nothing and runs this one script."""
    return f"{QUIET}script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def inert(data: Any) -> str:
    """Return data as JSON that can stand in a page: no ``<`` can end the block it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
