"""The client's own Excel in, step by step without typing code: the form of ``15_import.ipynb``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from kpi_toolkit.clients.apart import Source, read_apart
from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.imports import KINDS, run_import
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.questions import Question
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.kernels.limits import scratch_prefix
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.pages.imported import Table, mapping_table, rows_table
from kpi_toolkit.pages.said import speak_plainly, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "200px"}, "layout": {"width": "640px"}}
_MOST = 30
"""So many rows are shown before anything is written."""


class ImportForm:
    """Choose a client and files, look at what they were taken for, answer what is asked, and import."""

    def __init__(self, workbook: Workbook, words: Words, client: str, cycle: str) -> None:
        self.workbook, self.words = workbook, words
        clients = workbook.clients()
        chosen = workbook.named_clients([client])[0] if client else next(iter(clients), None)
        self.client = self._labelled(widgets.Dropdown, "client", options=clients, value=chosen)
        kinds = [(words(f"import_form.{kind}"), kind) for kind in KINDS]
        self.what = self._labelled(widgets.Dropdown, "what", options=kinds)
        self.cycle = self._labelled(widgets.Dropdown, "cycle")
        self.files = widgets.FileUpload(description=words("import_form.files"), multiple=True)
        self.look = widgets.Button(description=words("import_form.look"), disabled=True)
        self.write = widgets.Button(description=words("import_form.write"), button_style="primary", disabled=True)
        self.shown, self.asked = widgets.HTML(), widgets.VBox([])
        self.box = widgets.VBox(
            [self.client, self.what, self.cycle, self.files, self.look, self.shown, self.asked, self.write]
        )
        self._sources: list[Source] = []
        self._replies: dict[str, Any] = {}
        self.client.observe(self._cycles, "value")
        self.files.observe(self._read, "value")
        self.look.on_click(lambda _: self._run(dry=True))
        self.write.on_click(lambda _: self._run(dry=False))
        self._cycles()
        if cycle in self.cycle.options:
            self.cycle.value = cycle

    def _labelled(self, kind: Any, key: str, **options: Any) -> Any:
        return kind(description=self.words(f"import_form.{key}"), **options, **_WIDE)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.box)  # type: ignore[no-untyped-call]

    def _cycles(self, _: object = None) -> None:
        value = read_client(self.workbook.client_folder(self.client.value))[0] if self.client.value else None
        self.cycle.options = tuple(reversed(value.cycles)) if value else ()

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
        answers = {name: control.value for name, control in self._replies.items() if control.value}
        try:
            into, written = run_import(
                self.workbook, self.client.value, self.what.value, self._sources, cycle=self.cycle.value,
                answers=answers, dry_run=dry,
            )  # fmt: skip
        except (WorkbookError, IssuesError) as problem:
            self.shown.value, self.write.disabled = told(problem, self.words), True
            return
        made = "".join(f"<p>{escape(self.words('cli.created', path=str(path)))}</p>" for path in written)
        tables = _html(mapping_table(into, self.words)) + _html(rows_table(into, self.words, _MOST))
        total = f"<p>{escape(self.words('import.rows', n=len(into.rows)))}</p>"
        self.shown.value = tables + total + told(Issues(into.issues), self.words) + made
        self._ask(into.questions)
        self.write.disabled = bool(written) or not into.complete

    def _ask(self, questions: list[Question]) -> None:
        """Show a control for every open question; the answers that were given stay."""
        for question in questions:
            if question.free:
                control = widgets.Combobox(options=list(question.options), value=question.proposed, **_WIDE)
            else:
                labels = [(self.words.show(label) or one, one) for one, label in question.options.items()]
                control = widgets.Dropdown(options=[("–", ""), *labels], value=question.proposed, **_WIDE)
            self._replies.setdefault(question.id, control)
        self.asked.children = [
            part for question in questions for part in (self._text(question), self._replies[question.id])
        ]  # fmt: skip

    def _text(self, question: Question) -> widgets.HTML:
        place = self.words.place(question.place)
        return widgets.HTML(f"<b>{escape(self.words.question(question)['text'])}</b><br>{escape(place)}")


def _html(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table[1])
    return f"<table><tr>{head}</tr>{body}</table>" if table[1] else ""


def open_import(*, client: str = "", cycle: str = "", files: str = "", language: str = "") -> ImportForm:
    """Return the form of ``15_import.ipynb``; blank: the first client, its newest cycle, the system's language."""
    speak_plainly()
    workbook = find_workbook()
    form = ImportForm(workbook, Words(spoken(language), workbook), client, cycle)
    form.read(read_apart([Path(file.strip()) for file in files.split(";") if file.strip()]))
    return form
