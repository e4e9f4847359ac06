"""Roles of a client's design from the library's cards: added, renamed, removed; the file's comments stay."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.draft import as_bytes, text_of_people
from kpi_toolkit.clients.frozen import PEOPLE
from kpi_toolkit.clients.library import Library, called_by_name
from kpi_toolkit.clients.people_lines import with_roles
from kpi_toolkit.clients.reading import parse_toml, raise_errors, read_bytes
from kpi_toolkit.clients.storage import client_lock, write_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import Known
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import centi, deal
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import LANGUAGES

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
    with _design_of(workbook, client) as (design, page):
        names = (card_id, *(f"{card_id}-{n}" for n in range(2, len(design.roles) + 3)))
        made = next(each for each in names if each not in design.roles)
        page["roles"][made] = with_inline_words(role)
    return made


def add_line(
    workbook: Workbook, client: str, role: str, card: str, *, quantity: int, weight: int, quality: str = ""
) -> str:
    """Put an indicator of the library into a role's form as its last line, and return the role's id (S031).

    A new line has the card's unit, ``quantity`` as its target, ``quality`` (blank: the card's) as its standard and
    ``weight`` points of the 100; those of the other lines become less in proportion, in whole points. It is due on the
    last day of each cycle unless a goal says otherwise. Of a line that the form has already only these change.
    WorkbookError for an unknown role or card, IssuesError where the design could not be read before or after.
    """
    own = Library(workbook).find("indicators", card)
    goals = load_client(workbook.client_folder(client)).profile.goals
    more = {"standard": quality} if quality else {}
    more |= {"serves_goal": next(iter(goals))} if len(goals) == 1 else {}

    with _design_of(workbook, client) as (design, page):
        meant = role_named(design, role)
        lines = page["roles"][meant]["indicators"]
        held = next((each for each in lines if own in (each.get("id"), each.get("indicator"))), None)
        sharing = [each for each in lines if each.get("weight") and "block" not in each and each is not held]
        parts = [centi(Decimal(str(each["weight"]))) for each in sharing]
        rest = 100 - weight
        for each, points in zip(sharing, deal(rest, [rest * part for part in parts], sum(parts)), strict=True):
            each["weight"] = points
        said = {"weight": weight, "target": quantity} | more
        if held is not None:
            held.update(with_inline_words(said))
        else:
            made = tomlkit.item(with_inline_words(card_line(workbook, own) | said))
            lines.append(made.add(tomlkit.nl()))  # a blank line before what follows
    return meant


def rename_role(workbook: Workbook, client: str, role: str, name: str) -> str:
    """Give a role another name, and return its id; the id stays, because people and months refer to it.

    Who had the old name in ``people.csv`` has the id from then on.
    """
    with _design_of(workbook, client) as (design, page):
        meant = role_named(design, role)
        page["roles"][meant]["name"] = name
        before = dict.fromkeys((design.roles[meant].name.zh, design.roles[meant].name.en), meant)
        path = workbook.client_folder(client) / PEOPLE
        people = text_of_people(path)
        if people and (followed := with_roles(people, before)) != people:
            write_file(path, as_bytes(path, followed))
    return meant


def remove_role(workbook: Workbook, client: str, role: str) -> str:
    """Take a role out of the design, and return its id. WorkbookError while somebody has it."""
    people = load_client(workbook.client_folder(client)).people
    with _design_of(workbook, client) as (design, page):
        meant = role_named(design, role)
        if holders := [row.name for row in rows_of(people) if row.role == meant]:
            raise WorkbookError("role-in-use", role=meant, people=holders)
        del page["roles"][meant]
    return meant


def role_named(design: Design, role: str) -> str:
    """Return the id of the role that an id or a name means; WorkbookError names the nearest, or all that share it."""
    known = Known.named(design.roles)
    found = sorted(known.exactly(role))
    if len(found) != 1:
        named = [design.roles[each].name.after(each) for each in found or design.roles]
        raise WorkbookError("unknown-role-name", name=role, nearest="" if found else known.meant(role), known=named)
    return found[0]


@contextmanager
def _design_of(workbook: Workbook, client: str) -> Iterator[tuple[Design, Any]]:
    """Open a client's design under its lock, as a value and as a page to change, which is written at the end.

    IssuesError where it could not be read before or after.
    """
    path = workbook.client_folder(client) / _FILE
    with client_lock(path.parent):
        data, issues = read_bytes(path, _FILE)
        raise_errors(issues)
        page: Any = tomlkit.parse((data or b"").decode("utf-8-sig"))
        yield _read(workbook, data or b""), page
        text = tomlkit.dumps(page)
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
    raise WorkbookError("no-such-card", name=indicator, shelf="indicators")


def with_inline_words(value: Any) -> Any:
    """Return plain data with words in two languages, and formulas made of them, on one line each."""
    if isinstance(value, Mapping):
        if value.keys() <= {*LANGUAGES} or "part" in value:
            inline = tomlkit.inline_table()
            inline.update(value)
            return inline
        return {key: with_inline_words(each) for key, each in value.items()}
    return [with_inline_words(each) for each in value] if isinstance(value, list) else value
