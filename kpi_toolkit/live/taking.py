"""From the library into a client's design: a card, a role, a button; it lands in the draft that 10_design opens."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as w

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.choosing import Chooser, below_chooser, first_client
from kpi_toolkit.live.form import DesignForm, open_form
from kpi_toolkit.pages.said import at_work, linked
from kpi_toolkit.pages.words import Words


def take_into_design(client: str = "", language: str = "") -> w.Widget:
    """Return what takes a role or an indicator of the library into the design of the client that is chosen."""
    workbook = at_work()

    def made(chooser: Chooser, asked: dict[str, str]) -> Sequence[w.Widget]:
        words = Words(asked["language"], workbook)
        chooser.offer_all(asked["client"], words)
        return _shelf_and_button(open_form(workbook, asked["client"], words.language), words)

    asked = {"client": first_client(workbook, client), "language": spoken(language)}
    return below_chooser(workbook, asked, made)


def _shelf_and_button(form: DesignForm, t: Words) -> Sequence[w.Widget]:
    kind = w.Dropdown(
        options=[(t(f"shelf.{name}"), name) for name in ("indicators", "roles")], description=t("workbench.kind")
    )
    card, role = w.Dropdown(description=t("workbench.card")), w.Dropdown(description=t("cli.role"))
    answer = Answer(t)

    def listed(*_: object) -> None:
        form.reload()  # what was done in 10_design meanwhile is in it
        card.options = [(label, name) for name, label, _ in form.cards[kind.value]]
        role.options = [(label, name) for name, label in form.options["roles"]]
        card.index, role.index = 0, 0 if role.options else None
        role.layout.display = "" if kind.value == "indicators" else "none"

    def taken() -> str:
        path = ("roles", role.value, "indicators") if kind.value == "indicators" else ("roles",)
        form.reload()
        form.add(path, {"card": card.value, "key": "" if kind.value == "indicators" else card.value})
        return linked(t("workbench.taken", name=card.label, client=t.show(form.workbook.called(form.client))), t)

    kind.observe(listed, "value")
    listed()
    button = answer.button("workbench.take", taken, button_style="primary")
    return [w.HBox([kind, card, role, button]), answer.shown]
