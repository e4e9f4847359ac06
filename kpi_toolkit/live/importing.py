"""The client's own Excel in, step by step without typing code: the form of ``15_import.ipynb``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import ipywidgets as widgets

from kpi_toolkit.clients.apart import Source, read_apart
from kpi_toolkit.clients.cycle_folders import cycles_in, likely_cycle
from kpi_toolkit.clients.imports import KINDS, run_import
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.kernels.limits import scratch_prefix
from kpi_toolkit.live.answering import Asking
from kpi_toolkit.live.choosing import Chooser, first_client
from kpi_toolkit.live.opening import UNOPENED
from kpi_toolkit.live.welcome import renew
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.pages.imported import mapping_table, rows_table
from kpi_toolkit.pages.said import at_work, html_table, issues_of, paragraphs, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "200px"}, "layout": {"width": "640px"}}
_MOST, _HEAD = 30, 3
"""So many rows are shown before anything is written; in so many first lines the month may stand."""


class ImportForm:
    """Choose a client and files, look at what they were taken for, answer what is asked, and import."""

    def __init__(self, workbook: Workbook, words: Words, client: str, cycle: str) -> None:
        self.workbook, self.words = workbook, words
        self.chooser = Chooser(workbook, ("client", "cycle", "language"), self.turn)
        self.what = widgets.Dropdown(options=[(kind, kind) for kind in KINDS], **_WIDE)
        self.files = widgets.FileUpload(multiple=True)
        self.write = widgets.Button(button_style="primary", disabled=True, layout={"flex": "0 0 auto"})
        self.shown, self.asking, self.waits = widgets.HTML(), Asking(lambda: self._run(dry=True)), widgets.HTML()
        row = widgets.HBox([self.write, self.waits])
        self.box = widgets.VBox([self.chooser.box, self.what, self.files, self.shown, self.asking.box, row])
        self._sources: list[Source] = []
        self.turn({"client": client, "cycle": cycle, "language": words.language})
        self.files.observe(self._read, "value")
        self.what.observe(lambda _: self._look(), "value")
        self.write.on_click(lambda _: self._run(dry=False))

    def turn(self, asked: dict[str, str]) -> None:
        """Turn to another client, cycle or language; the files that were chosen are looked at again."""
        self.words = words = Words(asked["language"], self.workbook)
        self.chooser.offer_all(asked["client"], words, asked["cycle"])
        kind, self.what.options = self.what.value, [(words(f"import_form.{kind}"), kind) for kind in KINDS]
        self.what.value = kind
        for name in ("what", "files", "write"):
            getattr(self, name).description = words(f"import_form.{name}")
        self._look()

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
        """Take files that were read elsewhere, into the month that they speak of where it is open."""
        self._sources = list(sources)
        cycles = self.chooser.lists["cycle"].options
        if self._month in {cycle for _, cycle in cycles}:
            self.chooser.offer("cycle", cycles, self._month)
        self._look()

    def _look(self) -> None:
        """Look at the files from the beginning: what was asked of others is asked of nobody any more."""
        self.asking.clear()
        self.chooser.opening.children, self.waits.value = (), ""
        if self._sources:
            self._run(dry=True)

    def _run(self, *, dry: bool) -> None:
        chosen = self.chooser.values
        given = self.asking.answers
        try:
            into, written = self.asking.settle(
                lambda answers: run_import(
                    self.workbook, chosen["client"], self.what.value, self._sources, cycle=chosen["cycle"] or None,
                    answers=answers, dry_run=dry,
                )
            )  # fmt: skip
        except (WorkbookError, IssuesError) as problem:
            self.shown.value, self.write.disabled = told(problem, self.words), True
            self._offer_month(chosen, missing=any(issue.code in UNOPENED for issue in issues_of(problem)))
            return
        shown = (mapping_table(into, self.words), rows_table(into, self.words, _MOST))
        tables = "".join(html_table(head, rows) for head, rows in shown if rows)
        total = [self.words("import.rows", n=len(into.rows))]
        if (unseen := len(into.rows) - _MOST) > 0:
            total.append(self.words("import_form.more_rows", n=unseen))
        self.shown.value = tables + paragraphs(self.words, *total) + told(Issues(into.issues), self.words)
        self.asking.ask(into.questions, self.words)
        if self.asking.answers != given and not written:  # what is proposed is an answer: so the rows show it
            self._run(dry=dry)
            return
        self._offer_month(chosen, missing=any(name.startswith("month:") for name in self.asking.controls))
        open_ = self.asking.open(into.questions)
        self.write.disabled = bool(written) or open_ > 0 or bool(Issues(into.issues).errors)
        self.waits.value = paragraphs(self.words, self.words("import_form.waits", n=open_)) if open_ else ""
        if written:  # said where the button is that was pressed, which stays where it is
            self.asking.close()
            self.waits.value = self._made(written)

    def _made(self, written: Iterable[Path]) -> str:
        """Return what was written and what comes next."""
        files = [path.relative_to(self.workbook.root).as_posix() for path in written]
        renew(self.workbook, self.words)
        following = self.words(f"import_form.next_{self.what.value}")
        return paragraphs(self.words, self.words("import.written", files=files), following)

    def _offer_month(self, chosen: dict[str, str], *, missing: bool) -> None:
        """Offer to open the month that the files speak of, where the client does not have it."""
        if missing and self._month not in cycles_in(self.workbook.client_folder(chosen["client"]))[0]:
            self.chooser.offer_opening([chosen["client"]], self._month)

    @property
    def _month(self) -> str:
        """The month that the files speak of first, empty where they name none."""
        return next((month for month in map(likely_cycle, _titles(self._sources)) if month), "")


def _titles(sources: Iterable[Source]) -> Iterator[str]:
    """Go through what may say the month of files: their names, those of their sheets, and the first lines there."""
    for source in sources:
        yield Path(source.name).stem
        for grid in source.grids:
            yield grid.name
            yield from (text for _, line in islice(grid.lines, _HEAD) for text in line if text)


def open_import(*, client: str = "", cycle: str = "", files: str = "", language: str = "") -> ImportForm:
    """Return the form of ``15_import.ipynb``; blank: the first client, its newest cycle, the system's language."""
    workbook = at_work()
    form = ImportForm(workbook, Words(spoken(language), workbook), first_client(workbook, client), cycle)
    form.read(read_apart([Path(file.strip()) for file in files.split(";") if file.strip()]))
    return form
