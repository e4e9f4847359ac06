"""The library of templates: role cards and design starters, the workbook's own before the shipped ones."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cards import RoleCard
from kpi_toolkit.method.issues import IssuesError, nearest
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.value import Value

V = TypeVar("V", bound=Value)


def role_cards(workbook: Workbook) -> dict[str, RoleCard]:
    """Return all role cards by id. IssuesError names what is wrong in a tailored one."""
    return {path.stem: _load(path, RoleCard) for path in workbook.templates("roles")}


def find_role(workbook: Workbook, name: str) -> tuple[str, RoleCard]:
    """Return id and card of a role by its id, its name in either language or an alias (S055).

    >>> find_role(Workbook(Path()), "网站运营经理")[0]
    'operation-manager'
    """
    cards = role_cards(workbook)
    names: dict[str, str] = {}
    for role, card in cards.items():
        for word in (role, card.name.zh, card.name.en, *card.aliases):
            names.setdefault(_plain(word), role)
    role = names.get(_plain(name), "")
    if not role:
        raise WorkbookError("unknown-card", name=name, nearest=nearest(_plain(name), names), known=", ".join(cards))
    return role, cards[role]


def design_template(workbook: Workbook, name: str) -> tuple[Path, Design]:
    """Return file and value of a design template; WorkbookError names the nearest one."""
    known = {path.stem: path for path in workbook.templates("designs")}
    if name not in known:
        raise WorkbookError("unknown-template", name=name, nearest=nearest(name, known), known=", ".join(known))
    return known[name], _load(known[name], Design)


def _load(path: Path, model: type[V]) -> V:
    value, issues = read_toml(path, model, f"templates/{path.parent.name}/{path.name}")
    if value is None:
        raise IssuesError(issues)
    return value


def _plain(word: str) -> str:
    return word.strip().lower().replace("_", "-").replace(" ", "-")
