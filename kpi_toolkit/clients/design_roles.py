"""Roles of a client's design from the library's cards: added, renamed, removed; the file's comments stay."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.library import Library, called_by_name
from kpi_toolkit.clients.reading import parse_toml, raise_errors, read_bytes
from kpi_toolkit.clients.storage import client_lock, write_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import Known
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import deal
from kpi_toolkit.method.tables import rows_of

_FILE = "design.toml"
_OF_A_LINE = (
    "id", "name", "class", "direction", "unit", "formula", "curve", "source", "standard", "frequency", "owner",
    "counter", "focus",
)  # fmt: skip
"""What a card of the library says that a line of a role's form says too."""


def add_role(workbook: Workbook, client: str, card: str, name: str = "") -> str:
    """Add a role from a card, with the card's indicators in equal weights, and return its id. Targets stay open.

    Raises WorkbookError for an unknown card, IssuesError where the design could not be read before or after.
    """
    library = Library(workbook)
    card_id = library.find("roles", card)
    found = library.roles[card_id]
    lines = [card_line(workbook, item.id) for item in found.indicators]
    if not lines:
        raise WorkbookError("card-without-indicators", name=card_id)
    goals = load_client(workbook.client_folder(client)).profile.goals
    weights = deal(100, [100] * len(lines), len(lines))
    more = {"serves_goal": next(iter(goals))} if len(goals) == 1 else {}
    role = {
        "name": name or found.name.model_dump(), "method": found.method.value,
        "may_bear_sales_quota": found.may_bear_sales_quota,
        "indicators": [line | {"weight": weight} | more for line, weight in zip(lines, weights, strict=True)],
    }  # fmt: skip
    made: list[str] = []

    def add(text: str, design: Design) -> str:
        names = (card_id, *(f"{card_id}-{n}" for n in range(2, len(design.roles) + 3)))
        made.append(next(each for each in names if each not in design.roles))
        return f"{text.rstrip()}\n\n{tomlkit.dumps({'roles': {made[0]: with_inline_words(role)}})}"

    _rewrite(workbook, client, add)
    return made[0]


def rename_role(workbook: Workbook, client: str, role: str, name: str) -> str:
    """Give a role another name, and return its id; the id stays, because people and months refer to it."""
    return _edit(workbook, client, role, lambda roles, role_id: roles[role_id].__setitem__("name", name))


def remove_role(workbook: Workbook, client: str, role: str) -> str:
    """Take a role out of the design, and return its id. WorkbookError while somebody has it."""
    people = load_client(workbook.client_folder(client)).people

    def remove(roles: Any, role_id: str) -> None:
        holders = [row.name for row in rows_of(people) if row.role == role_id]
        if holders:
            raise WorkbookError("role-in-use", role=role_id, people=holders)
        del roles[role_id]

    return _edit(workbook, client, role, remove)


def _edit(workbook: Workbook, client: str, role: str, act: Callable[[Any, str], object]) -> str:
    """Do something to the role that an id or a name means, and return its id."""
    meant: list[str] = []

    def edit(text: str, design: Design) -> str:
        known = Known({each: (one.name.zh, one.name.en) for each, one in design.roles.items()})
        found = sorted(known.exactly(role))
        if len(found) != 1:
            named = ", ".join(found or design.roles)
            raise WorkbookError("unknown-role-name", name=role, nearest="" if found else known.meant(role), known=named)
        meant.append(found[0])
        document = tomlkit.parse(text)
        act(document["roles"], found[0])
        return tomlkit.dumps(document)

    _rewrite(workbook, client, edit)
    return meant[0]


def _rewrite(workbook: Workbook, client: str, edit: Callable[[str, Design], str]) -> None:
    """Write a client's design anew under its lock. IssuesError where it could not be read before or after."""
    path = workbook.client_folder(client) / _FILE
    with client_lock(path.parent):
        data, issues = read_bytes(path, _FILE)
        raise_errors(issues)
        text = edit((data or b"").decode("utf-8-sig"), _read(workbook, data or b""))
        _read(workbook, text.encode())
        write_file(path, text)


def _read(workbook: Workbook, data: bytes) -> Design:
    design, issues = parse_toml(data, Design, _FILE, **called_by_name(workbook))
    raise_errors(issues)
    assert design is not None  # noqa: S101 - its errors were raised
    return design


def card_line(workbook: Workbook, indicator: str) -> dict[str, Any]:
    """Return what the library says of an indicator, in the form of a line of a role."""
    for path in workbook.templates("indicators"):
        for card in tomllib.loads(Path(path).read_text("utf-8-sig")).get("indicators", []):
            if card["id"] == indicator:
                return {key: card[key] for key in _OF_A_LINE if key in card}
    raise WorkbookError("unknown-card", name=indicator, nearest="", known="")


def with_inline_words(value: Any) -> Any:
    """Return plain data with words in two languages on one line each."""
    if isinstance(value, Mapping):
        if value.keys() <= {"zh", "en"}:
            inline = tomlkit.inline_table()
            inline.update(value)
            return inline
        return {key: with_inline_words(each) for key, each in value.items()}
    return [with_inline_words(each) for each in value] if isinstance(value, list) else value
