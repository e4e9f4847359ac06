"""From the library into a client's design: a card, a role, a button; it lands in the draft that 10_design opens."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import WorkbookError, find_workbook
from kpi_toolkit.live.choosing import Chooser, first_client
from kpi_toolkit.live.form import DesignForm, open_form
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.said import speak_plainly, told
from kpi_toolkit.pages.words import Words


def take_into_design(client: str = "", language: str = "") -> w.Widget:
    """Return what takes a role or an indicator of the library into the design of the client that is chosen."""
    speak_plainly()
    workbook, box = find_workbook(), w.VBox()

    def turned(asked: dict[str, str]) -> None:
        words = Words(asked["language"], workbook)
        chooser.offer_all(workbook, asked["client"], words)
        box.children = [chooser.box, _shelf_and_button(open_form(workbook, asked["client"], words.language), words)]

    asked = {"client": first_client(workbook, client), "language": spoken(language)}
    chooser = Chooser(Words(asked["language"], workbook), ("client", "language"), turned)
    turned(asked)
    return box


def _shelf_and_button(form: DesignForm, t: Words) -> w.Widget:
    kind = w.Dropdown(
        options=[(t(f"shelf.{name}"), name) for name in ("indicators", "roles")], description=t("workbench.kind")
    )
    card, role = w.Dropdown(description=t("workbench.card")), w.Dropdown(description=t("cli.role"))
    button, said = w.Button(description=t("workbench.take"), button_style="primary"), w.HTML()

    def listed(*_: object) -> None:
        form.reload()  # what was done in 10_design meanwhile is in it
        card.options = [(label, name) for name, label, _ in form.cards[kind.value]]
        role.options = [(label, name) for name, label in form.options["roles"]]
        card.index, role.index = 0, 0 if role.options else None
        role.layout.display = "" if kind.value == "indicators" else "none"

    def taken(*_: object) -> None:
        path = ("roles", role.value, "indicators") if kind.value == "indicators" else ("roles",)
        key = "" if kind.value == "indicators" else card.value
        try:
            form.reload()
            form.add(path, {"card": card.value, "key": key})
        except (WorkbookError, IssuesError) as problem:
            said.value = told(problem, t)
            return
        said.value = escape(t("workbench.taken", name=card.label, client=form.client))

    kind.observe(listed, "value")
    button.on_click(taken)
    listed()
    return w.VBox([w.HBox([kind, card, role, button]), said])
