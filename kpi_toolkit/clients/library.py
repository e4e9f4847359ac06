"""The library of templates: role cards and design starters, the workbook's own before the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cards import AgendaRules, CurveCard, CurveLibrary, RoleCard
from kpi_toolkit.method.issues import IssuesError, nearest
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.value import Value

V = TypeVar("V", bound=Value)
CURVES = "curves.toml"


def curve_cards(workbook: Workbook) -> dict[str, CurveCard]:
    """Return all named curves, the workbook's own before the shipped ones of the same name."""
    cards: dict[str, CurveCard] = {}
    for folder in reversed(workbook.template_folders("")):
        if (folder / CURVES).is_file():
            known = {name: card.curve.model_dump(by_alias=True, exclude={"named"}) for name, card in cards.items()}
            cards |= _load(folder / CURVES, CurveLibrary, known).curves
    return cards


def agenda_rules(workbook: Workbook) -> AgendaRules:
    """Return the rules of the calibration agenda, the workbook's own file before the shipped one."""
    return _load(workbook.template("agenda.toml"), AgendaRules)


def curves_by_name(workbook: Workbook) -> dict[str, Any]:
    """Return what a design may call by name, as a file declares it."""
    return {
        name: card.curve.model_dump(by_alias=True, exclude={"named"}) for name, card in curve_cards(workbook).items()
    }


def role_cards(workbook: Workbook) -> dict[str, RoleCard]:
    """Return all role cards by id. IssuesError names what is wrong in a tailored one."""
    curves = curves_by_name(workbook)
    return {path.stem: _load(path, RoleCard, curves) for path in workbook.templates("roles")}


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
    return known[name], _load(known[name], Design, curves_by_name(workbook))


def _load(path: Path, model: type[V], curves: Mapping[str, Any] | None = None) -> V:
    folder = "templates" if path.parent.name == "templates" else f"templates/{path.parent.name}"
    value, issues = read_toml(path, model, f"{folder}/{path.name}", curves=curves)
    if value is None:
        raise IssuesError(issues)
    return value


def _plain(word: str) -> str:
    return word.strip().lower().replace("_", "-").replace(" ", "-")
