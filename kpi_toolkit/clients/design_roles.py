"""Roles of a client's design from the library's cards: added, renamed, removed; the file's comments stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from kpi_toolkit.clients.acts import Act, done
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.draft import as_bytes, reader, text_of_table
from kpi_toolkit.clients.frozen import DESIGN, PEOPLE
from kpi_toolkit.clients.library import Library, card_names
from kpi_toolkit.clients.reading import raise_errors, read_bytes
from kpi_toolkit.clients.starting import indicator_of_card, role_of_card
from kpi_toolkit.clients.storage import client_lock, write_file
from kpi_toolkit.clients.table_lines import with_roles
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cards import RoleCard
from kpi_toolkit.method.issues import Known
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import centi, deal
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import not_taken


def add_role(workbook: Workbook, client: str, card: str, name: str = "") -> str:
    """Add a role from a card, with the card's indicators in equal weights, and return its id. Targets stay open.

    Raises WorkbookError for an unknown card, IssuesError where the design could not be read before or after.
    """
    library = Library(workbook)
    card_id = library.find("roles", card)
    said = role_of_card(library.roles[card_id], _only_goal(workbook, client))
    items = said.pop("indicators")
    if not items:
        raise WorkbookError("card-without-indicators", name=card_id)

    def acts(design: Design) -> tuple[str, list[Act]]:
        made = not_taken(card_id, design.roles)
        role = said | ({"name": name} if name else {})
        lines = [Act("add", ("roles", made, "indicators"), item) for item in items]
        return made, [Act("put", ("roles", made), role), *lines]

    return _changed(workbook, client, acts)


def add_line(
    workbook: Workbook, client: str, role: str, card: str, *, quantity: int, weight: int, quality: str = ""
) -> str:
    """Put an indicator of the library into a role's form as its last line, and return the role's id (S031).

    A new line has the card's unit, ``quantity`` as its target, ``quality`` (blank: the card's) as its standard and
    ``weight`` points of the 100; those of the other lines become less in proportion, in whole points. It is due on the
    last day of each cycle unless a goal says otherwise. Of a line that the form has already only these change.
    WorkbookError for an unknown role or card, IssuesError where the design could not be read before or after.
    """
    library, goal = Library(workbook), _only_goal(workbook, client)
    own = library.find("indicators", card)
    said = {"weight": weight, "target": quantity} | ({"standard": quality} if quality else {})

    def acts(design: Design) -> tuple[str, list[Act]]:
        meant = role_named(design, role, Library(workbook).roles)
        path, items = ("roles", meant, "indicators"), design.roles[meant].indicators
        held = next((n for n, item in enumerate(items) if own in {item.id, item.card}), None)
        sharing = [n for n, item in enumerate(items) if item.weight and item.block is None and n != held]
        parts, rest = [centi(items[n].weight) for n in sharing], 100 - weight
        shares = deal(rest, [rest * part for part in parts], sum(parts))
        made = [Act("set", (*path, n, "weight"), points) for n, points in zip(sharing, shares, strict=True)]
        if held is None:
            line = indicator_of_card(library.indicators[own], Decimal(weight), goal)
            return meant, [*made, Act("add", path, line | said)]
        changes = said | ({"serves_goal": goal} if goal else {})
        return meant, made + [Act("set", (*path, held, key), value) for key, value in changes.items()]

    return _changed(workbook, client, acts)


def rename_role(workbook: Workbook, client: str, role: str, name: str) -> str:
    """Give a role another name, and return its id; the id stays, because people and months refer to it.

    Who had the old name in ``people.csv`` has the id from then on.
    """
    before: dict[str, str] = {}

    def acts(design: Design) -> tuple[str, list[Act]]:
        meant = role_named(design, role, Library(workbook).roles)
        before.update(dict.fromkeys(design.roles[meant].name.words, meant))
        return meant, [Act("set", ("roles", meant, "name"), name)]

    meant = _changed(workbook, client, acts)
    path = workbook.client_folder(client) / PEOPLE
    people = text_of_table(path)
    if people and (followed := with_roles(people, before)) != people:
        write_file(path, as_bytes(path, followed))
    return meant


def remove_role(workbook: Workbook, client: str, role: str) -> str:
    """Take a role out of the design, and return its id. WorkbookError while somebody has it."""
    people = load_client(workbook.client_folder(client)).people

    def acts(design: Design) -> tuple[str, list[Act]]:
        meant = role_named(design, role, Library(workbook).roles)
        if holders := [row.name for row in rows_of(people) if row.role == meant]:
            raise WorkbookError("role-in-use", role=meant, people=holders)
        return meant, [Act("remove", ("roles", meant))]

    return _changed(workbook, client, acts)


def _only_goal(workbook: Workbook, client: str) -> str | None:
    """Return the goal that everything serves where the client has one."""
    goals = load_client(workbook.client_folder(client)).profile.goals
    return next(iter(goals)) if len(goals) == 1 else None


def role_named(design: Design, role: str, cards: Mapping[str, RoleCard]) -> str:
    """Return the id of the role that an id or a name means; WorkbookError names the nearest, or all that share it."""
    known = Known.named(design.roles, card_names(design, cards))
    found = sorted(Known.named(design.roles).exactly(role) or known.exactly(role))
    if len(found) != 1:
        named = [design.roles[each].name.after(each) for each in found or design.roles]
        raise WorkbookError("unknown-role-name", name=role, nearest="" if found else known.meant(role), known=named)
    return found[0]


def _changed(workbook: Workbook, client: str, acts: Callable[[Design], tuple[str, list[Act]]]) -> str:
    """Do something to a client's design, under its lock, and return the id of the role that it is done to.

    IssuesError where the design could not be read before or after.
    """
    path, read = workbook.client_folder(client) / DESIGN, reader(workbook)
    with client_lock(path.parent):
        data, issues = read_bytes(path, DESIGN)
        raise_errors(issues)
        text = (data or b"").decode("utf-8-sig")
        before = read(DESIGN, text)
        raise_errors(before.issues)
        meant, asked = acts(before.value)
        text = done(text, *asked)
        raise_errors(read(DESIGN, text).issues)
        write_file(path, as_bytes(path, text))
    return meant
