"""The client's own Excel in, step by step without typing code: the form of ``15_import.ipynb``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from kpi_toolkit.clients.apart import Source, read_apart
from kpi_toolkit.clients.imports import KINDS, run_import
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.questions import Question
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.kernels.limits import scratch_prefix
from kpi_toolkit.live.choosing import Chooser, first_client
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.pages.imported import mapping_table, rows_table
from kpi_toolkit.pages.said import html_table, speak_plainly, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "200px"}, "layout": {"width": "640px"}}
_MOST = 30
"""So many rows are shown before anything is written."""


class ImportForm:
    """Choose a client and files, look at what they were taken for, answer what is asked, and import."""

    def __init__(self, workbook: Workbook, words: Words, client: str, cycle: str) -> None:
        self.workbook, self.words = workbook, words
        self.chooser = Chooser(("client", "cycle", "language"), self.turn)
        self.what = widgets.Dropdown(options=[(kind, kind) for kind in KINDS], **_WIDE)
        self.files = widgets.FileUpload(multiple=True)
        self.look = widgets.Button(disabled=True)
        self.write = widgets.Button(button_style="primary", disabled=True)
        self.shown, self.asked = widgets.HTML(), widgets.VBox([])
        self.box = widgets.VBox(
            [self.chooser.box, self.what, self.files, self.look, self.shown, self.asked, self.write]
        )
        self._sources: list[Source] = []
        self._held = True
        """Whether something stands in the way that no answer mends."""
        self._replies: dict[str, Any] = {}
        self.turn({"client": client, "cycle": cycle, "language": words.language})
        self.files.observe(self._read, "value")
        self.look.on_click(lambda _: self._run(dry=True))
        self.write.on_click(lambda _: self._run(dry=False))

    def turn(self, asked: dict[str, str]) -> None:
        """Turn to another client, cycle or language; the files that were chosen are looked at again."""
        self.words = words = Words(asked["language"], self.workbook)
        self.chooser.offer_all(self.workbook, asked["client"], words, asked["cycle"])
        kind = self.what.value
        self.what.options = [(words(f"import_form.{kind}"), kind) for kind in KINDS]
        self.what.value = kind
        for name in ("what", "files", "look", "write"):
            getattr(self, name).description = words(f"import_form.{name}")
        self.read(self._sources)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.box)  # type: ignore[no-untyped-call]

    def _read(self, _: object = None) -> None:
        """Read what was uploaded, by way of a folder that nobody else can look into and that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix=scratch_prefix()) as folder:
            paths = [Path(folder) / Path(str(file["name"])).name for file in self.files.value]
            for path, file in zip(paths, self.files.value, strict=True):
                path.write_bytes(file["content"])
            self.read(read_apart(paths))

    def read(self, sources: Iterable[Source]) -> None:
        """Take files that were read elsewhere."""
        self._sources, self._replies = list(sources), {}
        self.look.disabled = not self._sources
        if self._sources:
            self._run(dry=True)

    def _run(self, *, dry: bool) -> None:
        chosen = self.chooser.values
        answers = {name: control.value for name, control in self._replies.items() if control.value}
        try:
            into, written = run_import(
                self.workbook, chosen["client"], self.what.value, self._sources, cycle=chosen["cycle"] or None,
                answers=answers, dry_run=dry,
            )  # fmt: skip
        except (WorkbookError, IssuesError) as problem:
            self.shown.value, self.write.disabled = told(problem, self.words), True
            return
        made = "".join(f"<p>{escape(self.words('cli.created', path=str(path)))}</p>" for path in written)
        shown = (mapping_table(into, self.words), rows_table(into, self.words, _MOST))
        tables = "".join(html_table(head, rows) for head, rows in shown if rows)
        total = f"<p>{escape(self.words('import.rows', n=len(into.rows)))}</p>"
        self.shown.value = tables + total + told(Issues(into.issues), self.words) + made
        self._ask(into.questions)
        self._held = bool(written) or bool(Issues(into.issues).errors)
        self._allow()

    def _allow(self, _: object = None) -> None:
        """Let it be imported once nothing is wrong and every question has an answer."""
        asked = (control.value for control in self.asked.children if control in self._replies.values())
        self.write.disabled = self._held or not all(asked)

    def _ask(self, questions: list[Question]) -> None:
        """Show a control for every open question; the answers that were given stay."""
        for question in questions:
            if question.free:
                control = widgets.Combobox(options=list(question.options), value=question.proposed, **_WIDE)
            else:
                labels = [(self.words.show(label) or one, one) for one, label in question.options.items()]
                control = widgets.Dropdown(options=[("–", ""), *labels], value=question.proposed, **_WIDE)
            self._replies.setdefault(question.id, control).observe(self._allow, "value")
        self.asked.children = [
            part for question in questions for part in (self._text(question), self._replies[question.id])
        ]  # fmt: skip

    def _text(self, question: Question) -> widgets.HTML:
        place = self.words.place(question.place)
        return widgets.HTML(f"<b>{escape(self.words.question(question)['text'])}</b><br>{escape(place)}")


def open_import(*, client: str = "", cycle: str = "", files: str = "", language: str = "") -> ImportForm:
    """Return the form of ``15_import.ipynb``; blank: the first client, its newest cycle, the system's language."""
    speak_plainly()
    workbook = find_workbook()
    form = ImportForm(workbook, Words(spoken(language), workbook), first_client(workbook, client), cycle)
    form.read(read_apart([Path(file.strip()) for file in files.split(";") if file.strip()]))
    return form
