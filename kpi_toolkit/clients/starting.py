"""A client's first design: a starter's text without the starter's own words, in the client's currency."""

from __future__ import annotations

from typing import Any

import tomlkit

from kpi_toolkit.clients.toml_text import inline, written
from kpi_toolkit.method.value import Text

_OF_STARTERS = Text(zh="元", en="CNY")
"""The currency that starters are written in."""


def first_design(text: str, *, rationale: str, currency: Text, routines: str = "") -> str:
    """Return a starter's text as a client's ``design.toml``: its comments stay, its name and its reason do not.

    What is counted in the starters' currency is counted in ``currency``, without a unit where that is blank. Meetings
    and reports stand in it only if their text is handed in (``library.usual_meetings``).
    """
    page: Any = tomlkit.parse(_without_title(text).replace("#:schema ../schemas/", "#:schema ../../templates/schemas/"))
    page.pop("name", None)
    page["rationale"] = rationale.strip()
    for role in page["roles"].values():
        for item in role["indicators"]:
            if "unit" in item and Text.model_validate(item["unit"].unwrap()) == _OF_STARTERS:
                item["unit"] = inline(written(currency.model_dump()))
    return _with_routines(tomlkit.dumps(page), routines)


def _without_title(text: str) -> str:
    """Drop the comment that says which starter a file is."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# Starter: "))


def _with_routines(text: str, routines: str) -> str:
    """Put meetings and reports before the roles, above the comment that belongs to these."""
    if not routines:
        return text
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("[roles."))
    while place and (lines[place - 1].startswith("#") or not lines[place - 1].strip()):
        place -= 1
    return "\n".join([*lines[:place], "", *routines.splitlines(), *lines[place:]]) + "\n"
