"""The design workbook of ``10_design.ipynb``: the form in a notebook, what the browser asks, cards that go into it."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from importlib.resources import files
from inspect import signature
from typing import Any

import anywidget
import ipywidgets as w
import traitlets
from IPython.display import display

from kpi_toolkit.clients.frozen import DESIGN
from kpi_toolkit.clients.language import spoken, traits
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.choosing import Chooser, below_chooser, first_client
from kpi_toolkit.live.form import DesignForm, open_form
from kpi_toolkit.live.frame import framed
from kpi_toolkit.live.opening import clients_by_name
from kpi_toolkit.method.issues import Issue, IssuesError
from kpi_toolkit.method.value import LANGUAGES, Language
from kpi_toolkit.pages.live_script import one_script
from kpi_toolkit.pages.said import at_work, issues_of, linked
from kpi_toolkit.pages.words import Words


def _file(name: str) -> str:
    return files("kpi_toolkit.live").joinpath("form", name).read_text("utf-8")


class FormView(anywidget.AnyWidget):  # type: ignore[misc]
    """The form in the browser. ``state`` is what it shows; what is done there comes back as a message."""

    _esm = one_script("form", _file)
    _css = _file("style.css")
    state = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    cards = traitlets.Dict().tag(sync=True)
    parts = traitlets.List().tag(sync=True)
    language = traitlets.Unicode(LANGUAGES[0]).tag(sync=True)
    tag = traitlets.Unicode("").tag(sync=True)
    spoken = traitlets.List().tag(sync=True)


_ASKED = frozenset({
    "set", "add", "posts", "remove", "move", "copy", "rename", "carry", "weigh", "balance", "paste", "accept", "undo",
    "redo", "save", "open",
})  # fmt: skip
"""What the browser may ask for: acts of the form, each with what the act takes."""


class DesignWorkbook:
    """A client's design on the bench. Open it with :func:`open_design`; everything works by keyboard."""

    def __init__(self, workbook: Workbook, client: str, language: Language) -> None:
        self.workbook, self.view, self._turn = workbook, FormView(), 0
        self.view.on_msg(self._heard)
        self.turn_to(client, language)
        gc.freeze()  # a collector that goes through all that was loaded interrupts the typing for 150 ms

    @property
    def client(self) -> str:
        """The client whose form is open."""
        return self.form.client

    @property
    def words(self) -> Words:
        """The words of the form's language."""
        return self.form.words

    def _ipython_display_(self) -> None:
        display(framed(self.view))  # type: ignore[no-untyped-call]

    def turn_to(self, client: str, language: Language) -> None:
        """Open a client's form, in a language."""
        words = Words(language, self.workbook)
        self.form = DesignForm(self.workbook, client, words)
        self._clients = [[client, name] for name, client in clients_by_name(self.workbook, words)]
        show = [[part.id, words.show(part.label)] for part in self.form.fields.parts]
        with self.view.hold_sync():
            self.view.language, self.view.words, self.view.parts = language, words.section("workbench"), show
            self.view.tag, self.view.spoken = words.traits.tag, [self._spoken(each) for each in LANGUAGES]
            self.view.cards = self.form.cards
            self._tell(0, cycles=True)

    def _spoken(self, language: Language) -> dict[str, str]:
        return {
            "code": language, "called": self.words(f"languages.{language}"),
            **traits(language, self.workbook).in_browsers,
        }  # fmt: skip

    def _heard(self, _view: Any, said: Mapping[str, Any], _buffers: Any) -> None:
        """Do what the browser asks for and tell it what came of it; whatever goes wrong is said there."""
        act, n = said.get("do"), int(said.get("n", 0))
        if act == "ping":
            self.view.send({"n": n})
            return
        try:
            self._do(str(act), said)
        except (WorkbookError, IssuesError) as problem:
            text = " ".join(_said(one, self.form) for one in issues_of(problem))
            self.form.note = {"text": text, "bad": True}
        except Exception as problem:  # noqa: BLE001 - nothing that is asked in a form may end in silence
            self._failed(problem)
        try:
            self._tell(n, cycles=act == "look")
        except Exception as problem:  # noqa: BLE001 - a page that cannot be shown keeps nobody from the others
            self._failed(problem)
            self.form.open(self.form.fields.parts[0].id)
            self._tell(n)

    def _failed(self, problem: Exception) -> None:
        self.form.say("failed", bad=True, detail=f"{type(problem).__name__}: {problem}")

    def _do(self, act: str, said: Mapping[str, Any]) -> None:
        self.form.made = ""
        self.form.note = self.form.note if act == "look" else {}
        if act in {"client", "language"}:
            before = self.form
            client = str(said["to"]) if act == "client" else before.client
            self.turn_to(client, said["to"] if act == "language" else before.words.language)
            if act == "language":  # the same work in other words
                self.form.draft, self.form.part, self.form.note = before.draft, before.part, {}
                self.form.decided = before.decided
        elif act in _ASKED:
            done, by_now = getattr(self.form, act), self.form.by_now
            given = {name: said[name] for name in signature(done).parameters if name in said}
            given |= {"path": by_now(said["path"], str(said.get("file", DESIGN)))} if "path" in given else {}
            given |= {"role": by_now(("roles", said["role"]))[1]} if "role" in given else {}
            done(**given)

    def _tell(self, answered: int, *, cycles: bool = False) -> None:
        self._turn += answered > 0 and not cycles
        found = self.form.issues(cycles=cycles)
        self.view.state = {
            **self.form.state(found), "answered": answered, "turn": self._turn,
            "clients": self._clients,
        }  # fmt: skip


def _said(issue: Issue, form: DesignForm) -> str:
    where = form.words.place(issue.place)
    return f"{where + form.words('list.colon') if where else ''}{form.words.message(issue)} {form.remedy(issue)}"


def open_design(client: str = "", *, language: str = "") -> DesignWorkbook:
    """Return the design workbook of a client; a blank one is ``KPI_CLIENT``, or the workbook's first.

    A blank language is ``KPI_LANG``, else the system's; both can be changed above the form. Raises WorkbookError for an
    unknown client or language, IssuesError for a design that cannot be read.
    """
    workbook = at_work()
    return DesignWorkbook(workbook, first_client(workbook, client), spoken(language))


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
    shelves = [(t(f"shelf.{name}"), name) for name in ("indicators", "roles")]
    kind = w.Dropdown(options=shelves, description=t("workbench.kind"))
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
