"""From the library into a client's design: a card, a role, a button; it lands in the draft that 10_design opens."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import WorkbookError, find_workbook
from kpi_toolkit.live.form import DesignForm, open_form
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.said import speak_plainly, told
from kpi_toolkit.pages.words import Words


def take_into_design(client: str = "", language: str = "") -> w.Widget:
    """Return what takes a role or an indicator of the library into a client's design."""
    speak_plainly()
    workbook, speaks = find_workbook(), spoken(language)
    t = Words(speaks, workbook)
    asked = workbook.named_clients([client])[0] if client else None
    clients = w.Dropdown(options=workbook.clients(), value=asked, description=t("workbench.client"))
    kind = w.Dropdown(options=[(t(f"shelf.{name}"), name) for name in ("indicators", "roles")])
    card, role = w.Dropdown(), w.Dropdown(description=t("cli.role"))
    button, said = w.Button(description=t("workbench.take"), button_style="primary"), w.HTML()

    def form() -> DesignForm:
        return open_form(workbook, clients.value, speaks)

    def listed(*_: object) -> None:
        if not clients.value:
            return
        now = form()
        card.options = [(label, name) for name, label, _ in now.cards[kind.value]]
        role.options = [(label, name) for name, label in now.options["roles"]]
        card.index, role.index = 0, 0 if role.options else None
        role.layout.display = "" if kind.value == "indicators" else "none"

    def taken(*_: object) -> None:
        path = ("roles", role.value, "indicators") if kind.value == "indicators" else ("roles",)
        key = "" if kind.value == "indicators" else card.value
        try:
            form().add(path, {"card": card.value, "key": key})
        except (WorkbookError, IssuesError) as problem:
            said.value = told(problem, t)
            return
        said.value = escape(t("workbench.taken", name=card.label, client=clients.value))

    for box in (clients, kind):
        box.observe(listed, "value")
    button.on_click(taken)
    listed()
    return w.VBox([w.HBox([clients, kind, card, role, button]), said])
