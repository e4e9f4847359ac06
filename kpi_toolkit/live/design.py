"""The design workbook of ``10_design.ipynb``: forms for a client's design, what the linter says of it beside them.

Every change is a step in one history of drafts; the form only shows the draft and forwards what is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape
from textwrap import shorten
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.draft import Draft, number_or_text, open_draft, save_draft
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.library import case_of
from kpi_toolkit.clients.workbook import WorkbookError, asked_client, find_workbook
from kpi_toolkit.method.changes import nearest_starter
from kpi_toolkit.method.checks import Case, check_design, lint_design, with_mutes
from kpi_toolkit.method.forms import rescaled
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.model import Design, IndicatorClass, Method, Role
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.said import speak_plainly
from kpi_toolkit.pages.words import Words

_NAMES = {"class": "kind", "missing": "missing_rule"}
"""What a value calls a key of the file otherwise."""
_RULES = ("item_cap", "tiers.pass_line", "team_share", "tiers.min_group")
_TYPED = ("weight", "target", "cap")
_SAID = ("standard", "source")
_WIDE, _WRAP = widgets.Layout(width="100%"), widgets.Layout(flex_flow="row wrap")
_NEW = {"class": "workload", "weight": 5}


class DesignWorkbook:
    """A client's design on the bench. Open it with :func:`open_design`; everything works by keyboard."""

    def __init__(self, client: str, draft: Draft, words: Words, case: Case) -> None:
        self.client, self.draft, self.words = client, draft, words
        self._workbook, self._case = find_workbook(), case
        roles = [(words.show(role.name), name) for name, role in case.design.roles.items()]
        self.role = widgets.Dropdown(options=roles, description=words("design_form.role"))
        self.form = widgets.VBox(layout=widgets.Layout(width="58%"))
        self.findings = widgets.HTML(layout=widgets.Layout(width="40%", margin="0 0 0 2%"))
        self.log, self.said = widgets.HTML(), widgets.HTML()
        actions = (self.undo, self.redo, self.add, self.balance, self.save)
        self.buttons = {action.__name__: self._button(action.__name__, action) for action in actions}
        self.fields: dict[str, Any] = {}
        bar = widgets.HBox([self.role, *self.buttons.values()], layout=_WRAP)
        self.view = widgets.VBox([bar, self.said, widgets.HBox([self.form, self.findings]), self.log])
        self.role.observe(lambda _: self._lay_out(), names="value")
        self._lay_out()

    def _ipython_display_(self) -> None:
        display(self.view)  # type: ignore[no-untyped-call]

    def change(self, key: str, typed: Any) -> None:
        """Take one change into the history and look at the design again."""
        self.draft = self.draft.change(key, typed)
        self._look()

    def undo(self) -> None:
        """Go one step back."""
        self._go(self.draft.undo())

    def redo(self) -> None:
        """Go one step forward again."""
        self._go(self.draft.redo())

    def add(self) -> None:
        """Put a fresh indicator at the end of the role's form."""
        taken = {item.id for item in self._role().indicators}
        name = next(f"indicator-{n}" for n in range(1, len(taken) + 2) if f"indicator-{n}" not in taken)
        self._go(self.draft.add(self.role.value, {"id": name, "name": self.words("design_form.new"), **_NEW}))

    def balance(self) -> None:
        """Bring the role's planned points to 100 in whole numbers, their proportions kept."""
        draft, items = self.draft, [item for item in self._role().indicators if not item.outside and item.weight]
        for item, weight in zip(items, rescaled([item.weight for item in items]), strict=True):
            draft = draft.change(f"roles.{self.role.value}.indicators.{item.id}.weight", weight)
        self._go(draft)

    def drop(self, indicator: str) -> None:
        """Take an indicator off the role's form."""
        self._go(self.draft.drop(self.role.value, indicator))

    def save(self) -> None:
        """Write the design into the client's folder, comments kept; say so, or say what keeps it from being written."""
        try:
            self.draft = save_draft(self._workbook, self.client, self.draft)
        except (IssuesError, WorkbookError) as problem:
            issues = problem.issues if isinstance(problem, IssuesError) else Issues([problem.issue])
            self.said.value = _note(" ".join(f"{self.words.message(i)} {self.words.remedy(i)}" for i in issues), "#a33")
            return
        self.said.value = _note(self.words("design_form.saved", file=f"{self.client}/design.toml"), "#2a6")
        self._look()

    def issues(self) -> Issues:
        """Return what is wrong with the draft and what the method cautions against."""
        design = self.draft.design
        if design is None:
            return self.draft.issues
        return with_mutes(design.mute, check_design(design), lint_design(replace(self._case, design=design)))

    @property
    def _readable(self) -> Design:
        """The design as it was when the draft could last be read; the first state always can."""
        earlier = (replace(self.draft, place=place).design for place in range(self.draft.place, -1, -1))
        return next(design for design in earlier if design is not None)

    def _role(self) -> Role:
        return self._readable.roles[self.role.value]

    def _go(self, draft: Draft) -> None:
        self.draft = draft
        self._lay_out()

    def _lay_out(self) -> None:
        """Build the form anew: the design's rules, then the role and its indicators."""
        self.fields = {}
        path, role = f"roles.{self.role.value}", self._role()
        rules = [self._number(key) for key in _RULES]
        missing = "missing.policy" if self._readable.missing_rule.least_weight else "missing"
        self.form.children = (
            self._heading("rules"), widgets.HBox(rules, layout=_WRAP), self._choice(missing, Missing, "missing"),
            self._heading("role"), self._choice(f"{path}.method", Method, "method"), self._tick(path, role),
            self._heading("indicators"),
            *(self._indicator(f"{path}.indicators.{item.id}", item) for item in role.indicators),
        )  # fmt: skip
        self._look()

    def _indicator(self, path: str, item: Any) -> Any:
        """Return the fields of one indicator."""
        name = self._text(f"{path}.name", item.name, "name")
        numbers = [self._number(f"{path}.{key}", key) for key in _TYPED]
        kinds = [
            self._choice(f"{path}.class", IndicatorClass, "class"),
            self._choice(f"{path}.direction", Direction, "direction"),
        ]
        said = [self._text(f"{path}.{key}", getattr(item, key), key) for key in _SAID]
        away = self._button("drop", lambda: self.drop(item.id), tooltip=self.words.show(item.name))
        frame = widgets.Layout(border_left="2px solid #cdd5dc", padding="0 0 6px 8px", margin="4px 0")
        return widgets.VBox(
            [widgets.HBox([name, away]), widgets.HBox([*numbers, *kinds], layout=_WRAP), *said], layout=frame
        )

    def _number(self, key: str, label: str = "") -> Any:
        value = self._value(key)
        shown = "" if value is None else f"{value:f}" if hasattr(value, "is_finite") else str(value)
        field = widgets.Text(value=shown, continuous_update=False, layout=widgets.Layout(width="170px"))
        return self._watched(field, key, label, number_or_text)

    def _text(self, key: str, value: Text | None, label: str) -> Any:
        field = widgets.Text(value=self.words.show(value) if value else "", continuous_update=False, layout=_WIDE)

        def said(typed: str) -> Any:
            other = {"zh": value.zh, "en": value.en} if value and value.zh != value.en else {}
            return (other | {self.words.language: typed} if other else typed) if typed.strip() else None

        return self._watched(field, key, label, said)

    def _choice(self, key: str, kinds: Iterable[Any], label: str = "") -> Any:
        section = "missing_name" if label == "missing" else label
        options = [(self.words(f"{section}.{kind.value}"), kind.value) for kind in kinds]
        field = widgets.Dropdown(options=options, value=self._value(key), layout=widgets.Layout(width="230px"))
        return self._watched(field, key, label, lambda chosen: chosen)

    def _tick(self, path: str, role: Role) -> Any:
        field = widgets.Checkbox(value=role.may_bear_sales_quota, indent=False)
        return self._watched(field, f"{path}.may_bear_sales_quota", "may_bear_sales_quota", bool)

    def _watched(self, field: Any, key: str, label: str, read: Callable[[Any], Any]) -> Any:
        field.description = self.words(f"design_form.{label or key.rpartition('.')[2]}")
        field.style.description_width = "initial"
        field.observe(lambda change: self.change(key, read(change["new"])), names="value")
        self.fields[key] = field
        return field

    def _value(self, key: str) -> Any:
        """Return what a key says now, as the form shows it."""
        place: Any = self._readable
        for step in key.split("."):
            if isinstance(place, tuple):
                place = next(item for item in place if item.id == step)
            else:
                place = place[step] if isinstance(place, dict) else getattr(place, _NAMES.get(step, step))
        return getattr(place, "value", place)

    def _button(self, name: str, action: Callable[[], None], tooltip: str = "") -> Any:
        button = widgets.Button(description=self.words(f"design_form.{name}"), tooltip=tooltip)
        button.on_click(lambda _: action())
        return button

    def _heading(self, name: str) -> Any:
        return widgets.HTML(f"<h4>{escape(self.words(f'design_form.{name}'))}</h4>")

    def _look(self) -> None:
        """Show what is found, how far the history goes, and what differs from the nearest starter."""
        found = self.issues()
        self.findings.value = self._findings(found)
        self.buttons["undo"].disabled = self.draft.place == 0
        self.buttons["redo"].disabled = self.draft.place == len(self.draft.texts) - 1
        design = self.draft.design
        near = nearest_starter(design, self._case.starters) if design else None
        if near:
            name, log = near
            lines = "".join(
                f"<li><code>{escape(c.key)}</code> {self._said(c.before)} → {self._said(c.after)}</li>" for c in log
            )
            title = escape(self.words("design_form.log", starter=self._case.starters[name].name, n=len(log)))
            self.log.value = f"<details><summary>{title}</summary><ul>{lines}</ul></details>"

    def _said(self, value: Any) -> str:
        """Return a value of the design in a reader's words, cut where it is long."""
        return escape(shorten(self._in_words(value) or "–", 60, placeholder="…"))

    def _in_words(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.words(f"design_form.{value}".lower())
        if isinstance(value, dict) and value.keys() <= {"zh", "en"}:
            return self.words.show(Text.model_validate(value))
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, (list, tuple)):
            return self.words.join(said for part in value if (said := self._in_words(part)))
        return self.words.show(value)

    def _findings(self, found: Issues) -> str:
        words = self.words
        title = f"<h4>{escape(words('design_form.findings', n=sum(issue.muted is None for issue in found)))}</h4>"
        lines = "".join(
            f"<li><b>{escape(words(f'cli.{issue.severity}'))}</b> {escape(words.message(issue))}<br>"
            f"<small>{escape(words('cli.muted', reason=issue.muted) if issue.muted else words.remedy(issue))}"
            f" · <code>{escape(words.place(issue.place))}</code></small></li>"
            for issue in found
        )
        clean = "" if found else f"<p>{escape(words('cli.clean'))}</p>"
        return f'<div role="status" aria-live="polite">{title}<ul>{lines}</ul>{clean}</div>'


def open_design(client: str = "", *, language: str = "") -> DesignWorkbook:
    """Return the design workbook of a client.

    A blank client is ``KPI_CLIENT``, else the only one; a blank language is ``KPI_LANG``, else the system's.

    Raises WorkbookError for an unknown client, IssuesError for a design that cannot be read.
    """
    speak_plainly()
    workbook = find_workbook()
    chosen = asked_client(workbook, client)
    draft = open_draft(workbook, chosen)
    assert draft.design is not None  # noqa: S101 - open_draft has refused what cannot be read
    words = Words(spoken(language), workbook)
    known, _ = read_client(workbook.client_folder(chosen))
    country = known.profile.country if known else None
    return DesignWorkbook(chosen, draft, words, case_of(workbook, draft.design, country))


def _note(text: str, colour: str) -> str:
    return f'<p role="status" style="border-left:3px solid {colour};padding-left:8px">{escape(text)}</p>'
