"""The talk on the screen: the same form as in Excel, drawn from the same card, and taken down as the same record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from typing import Any

import ipywidgets as w

from kpi_toolkit.clients.client import latest, load_client, named_cycle
from kpi_toolkit.clients.collecting import take_down
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.choosing import Chooser, below_chooser, first_client
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import Cell
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.talk_rows import TALK
from kpi_toolkit.pages.form_cells import WHICH, Form
from kpi_toolkit.pages.forms import Forms, talk_forms
from kpi_toolkit.pages.said import at_work, html_table, paragraphs, told
from kpi_toolkit.pages.words import Words

SOURCE = "46_talk.ipynb"
"""Where a value that was typed here comes from."""
_SHORT = frozenset({"to", "owner", "planner", "signed"})
_RESULT = ("goal", "planned", "target", "actual", "self", "appraiser", "points", "way")
_WIDE = {"style": {"description_width": "190px"}, "layout": {"width": "720px"}}


class TalkForm:
    """One person's talk: fields by the code of their row and the column; :meth:`save` takes down what they hold."""

    def __init__(self, workbook: Workbook, forms: Forms, person: str) -> None:
        self.workbook, self.forms = workbook, forms
        self.form = next(form for form in forms.forms if form.person == person)
        self.words = forms.words
        self.fields: dict[tuple[str, str], Any] = {}
        self._labels: dict[tuple[str, str], str] = {}
        answer = Answer(self.words)
        button, self.said = answer.button("talks.save", self.save, button_style="primary"), answer.shown
        self.box = w.VBox([w.HTML(self._result()), *self._parts(), button, self.said])

    def save(self) -> str:
        """Take down what stands in the fields and return what became of it; WorkbookError, IssuesError where not."""
        typed = {at: (_text(field), self._labels[at]) for at, field in self.fields.items()}
        done = take_down(self.workbook, self.forms.client.id, self.forms.cycle.id, SOURCE, typed)
        (found,) = done.files
        n = sum(map(len, found.values.values())) if done.written else 0
        what = "unchanged" if not done.written else "entries" if n else "signed"
        line = self.words(f"collected.{what}", n=n)
        return paragraphs(self.words, "" if found.wrong else line) + told(Issues(found.issues), self.words)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _result(self) -> str:
        """Return who it is and the lines of the result, with how to speak of each."""
        form, pick = self.form, self.words.show
        names = {cell.id: pick(cell.name) for cell in self.forms.layout.cells_of(TALK)}
        lines = (
            {"goal": pick(row.item.name), "planned": row.item.weight, **form.known.get(("item", row.id), {})}
            for row in form.rows
            if row.item is not None
        )
        rows = ([_shown(line.get(one), self.words) for one in _RESULT] for line in lines)
        table = html_table(map(names.__getitem__, _RESULT), rows)
        sum_ = form.known.get(("item", ""), {})
        said = filter(None, (_shown(sum_.get("points"), self.words), sum_.get("tier")))
        total = pick(self.forms.layout.labels["total"]) + self.words("list.colon") + self.words("list.comma").join(said)
        facts = self.words("list.comma").join(f"{name} {said}" for name, said in form.facts if said)
        return (
            f"<h3>{escape(form.called)}</h3><p>{escape(form.under)}</p><p>{escape(facts)}</p>{table}"
            f"<p><b>{escape(total)}</b></p>"
        )

    def _parts(self) -> Iterator[Any]:
        """Go through the parts of the form: disputes, and each block of the card."""
        cells = [cell for cell in self.forms.layout.cells_of(TALK) if cell.entered(TALK)]
        yield self._folded(self.words("talk.disagree"), list(self._rows("item", cells)))
        for block in self.forms.layout.blocks_of(TALK):
            rows = list(self._rows(block.id, [cell for cell in block.fields if cell.by]))
            if rows:
                yield self._folded(self.words.show(block.name), rows, open_=block.id != "sign")

    def _folded(self, title: str, rows: list[Any], *, open_: bool = False) -> Any:
        return w.Accordion([w.VBox(rows)], titles=[title], selected_index=0 if open_ else None)

    def _rows(self, kind: str, cells: list[Cell]) -> Iterator[Any]:
        own = [(row, code) for row, code in zip(self.form.rows, self.form.codes, strict=True) if row.kind == kind]
        for row, code in own:
            title = self._title(row)
            fields = (self._field(row, code, cell, title) for cell in cells)
            yield w.VBox([w.HTML(f"<b>{escape(title)}</b>"), *fields])

    def _title(self, row: FormRow) -> str:
        """Return what a row is about."""
        known = self.form.known.get((row.kind, row.id), {})
        if row.item is not None:
            return self.words.show(row.item.name)
        if row.kind in {"measures", "earlier"}:
            about = [known.get("indicator"), known.get("kind" if row.kind == "measures" else "measure")]
            return " · ".join(filter(None, about)) or self.words("talks.another", n=row.id)
        return self.form.labels[row.kind][row.id]

    def _field(self, row: FormRow, code: str, cell: Cell, title: str) -> Any:
        """Return the field of an entry, with what is known already."""
        words, known = self.words, self.form.known.get((row.kind, row.id), {})
        value, name = known.get(cell.id), words.show(cell.name).replace("\n", " ")
        listed = _listed(cell, row, self.form, self.forms, words)
        if listed:
            made = w.Dropdown(options=[("–", ""), *((one, one) for one in listed)], description=name, **_WIDE)
            made.value = str(value) if str(value) in listed else ""
            made.disabled = bool(known) and row.kind == "measures" and cell.id in WHICH
        elif cell.kind == "day":
            made = w.DatePicker(description=name, value=value if isinstance(value, date) else None, **_WIDE)
        elif cell.id in _SHORT:
            made = w.Text(description=name, value=_shown(value, None), **_WIDE)
        else:
            made = w.Textarea(description=name, value=_shown(value, None), rows=2, **_WIDE)
        self.fields[code, cell.id] = made
        self._labels[code, cell.id] = made.tooltip = f"{title}{words('list.colon')}{name}"
        return made


def _listed(cell: Cell, row: FormRow, form: Form, forms: Forms, words: Words) -> list[str]:
    """Return what there is to choose from, in the reader's language."""
    if row.kind == "measures" and cell.id == "indicator":
        return [words.show(item.name) for item in form.role.indicators]
    return [words.show(forms.layout.labels[f"{cell.id}_{option}"]) for option in cell.options]


def _shown(value: Any, words: Words | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return words.number(value) if words else f"{value:f}"


def _text(field: Any) -> str:
    value = field.value
    return value.isoformat() if isinstance(value, date) else str(value or "")


def talk_form(client: str = "", cycle: str = "", person: str = "", language: str = "") -> w.Widget:
    """Return the form of a talk, headed by lists of clients, cycles, people and languages.

    Blanks: the first client, its latest cycle, the first of its people, ``KPI_LANG`` or the system's language. Raises
    WorkbookError for unknown names, IssuesError for what is wrong in the client's files.
    """
    workbook = at_work()

    def made(chooser: Chooser, asked: dict[str, str]) -> Sequence[w.Widget]:
        words, value = Words(asked["language"], workbook), load_client(workbook.client_folder(asked["client"]))
        period = named_cycle(value, asked["cycle"]) if asked["cycle"] else latest(value).cycle
        everybody = talk_forms(workbook, value.id, period, words)
        people = [(each.called, each.person) for each in everybody.forms]
        ids = [who for _, who in people]
        who = asked["person"] if asked["person"] in ids else ids[0]
        chooser.offer_all(value.id, words, period)
        chooser.offer("person", people, who)
        return [TalkForm(workbook, everybody, who).box]

    asked = {"client": first_client(workbook, client), "cycle": cycle, "person": person, "language": spoken(language)}
    return below_chooser(workbook, asked, made)
