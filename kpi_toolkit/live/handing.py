"""The month's forms without a command: written for whoever fills them in, and taken in when they come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import get_args

import ipywidgets as w

from kpi_toolkit.clients.collecting import collect
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.asking import Asking
from kpi_toolkit.live.frame import framed
from kpi_toolkit.live.opening import offer_clients
from kpi_toolkit.live.welcome import renew
from kpi_toolkit.method.forms import Phase
from kpi_toolkit.pages.forms import By, hand_out, written_before
from kpi_toolkit.pages.returned import Returned, marked_copies, returned
from kpi_toolkit.pages.said import html_table, paragraphs, shown_folder, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "auto"}, "layout": {"width": "max-content"}}


class Handing:
    """Forms of a month out and in, in ``box``; ``then`` is called when something was taken in."""

    def __init__(self, workbook: Workbook, then: Callable[[], object]) -> None:
        self.workbook, self._then = workbook, then
        self.words, self.cycle = Words("en", workbook), ""
        self.client, self.phase, self.by = w.Dropdown(**_WIDE), w.Dropdown(**_WIDE), w.Dropdown(**_WIDE)
        self.files = w.FileUpload(multiple=True, accept=".xlsx", layout={"width": "auto"})
        self.asking = Asking(self._take, proposing=False)
        self.written, self.taken = Answer(self.words), Answer(self.words)
        self.write = w.Button(button_style="primary", layout={"width": "auto"})
        self.take = w.Button(button_style="primary", layout={"width": "auto"})
        self.write.on_click(lambda _: self.written.to(self._write))
        self.take.on_click(lambda _: self._take())
        self.client.observe(lambda _: self._clear(), "value")
        out = [w.HBox([self.phase, self.by, self.write], layout={"flex_flow": "row wrap"}), self.written.shown]
        back = [w.HBox([self.files, self.take], layout={"flex_flow": "row wrap"}), self.taken.shown, self.asking.box]
        self.head = w.HTML()
        self.box = framed(self.head, self.client, *out, *back)

    def turn(self, words: Words, clients: Sequence[str], cycle: str) -> None:
        """Turn to the clients that have a month open; what was said of another month or language is gone."""
        if (words.language, cycle) != (self.words.language, self.cycle):
            self.words, self.cycle = words, cycle
            self.written.words = self.taken.words = words
            for name, kinds in (("phase", get_args(Phase)), ("by", get_args(By))):
                control = getattr(self, name)
                chosen = control.value or kinds[0]
                control.options, control.value = [(words(f"handing.{kind}"), kind) for kind in kinds], chosen
            for name in ("client", "phase", "by", "files", "write", "take"):
                getattr(self, name).description = words(f"handing.{name}")
            self.head.value = f"<h2>{escape(words('handing.title'))}</h2>"
            self._clear()
        offer_clients(self.client, self.box, self.workbook, words, clients)

    def _clear(self) -> None:
        self.written.shown.value = self.taken.shown.value = ""
        self.files.value = ()
        self.asking.clear()

    def _write(self) -> str:
        words, client, phase, by = self.words, self.client.value, self.phase.value, self.by.value
        folder, files, held, aimless = hand_out(
            self.workbook, client, self.cycle, phase=phase, by=by, to=None, language=None
        )  # fmt: skip
        path = folder.relative_to(self.workbook.root).as_posix()
        said = [words("forms_out.written" if by == "person" else "forms_out.several", n=len(files), folder=path)]
        old = written_before(self.workbook.client_folder(client) / "cycles" / self.cycle, folder, files)
        said += [words("forms_out.before", files=old)] if old else []
        said += [words("handing.held")] if held and phase != "talk" else []
        return paragraphs(words, *said) + shown_folder(path, words("handing.show")) + told(aimless, words)

    def _take(self) -> None:
        """Put what was chosen into the month's inbox, take in what lies there, and ask what is not plain."""
        if self.taken.to(self._took):
            renew(self.workbook, self.words)
            self._then()

    def _took(self) -> str:
        words, client = self.words, self.client.value
        inbox = self.workbook.client_folder(client) / "cycles" / self.cycle / "inbox"
        if not self.files.value and not any(inbox.glob("*.xls*")):
            return paragraphs(words, words("handing.none_yet"))
        for file in self.files.value:
            _put(inbox, Path(str(file["name"])).name, bytes(file["content"]))
        self.files.value = ()
        done = self.asking.settle(lambda answers: collect(self.workbook, client, self.cycle, None, answers))
        self.asking.ask(done.questions, words)
        return self._shown(
            returned(done, marked_copies(done, words, self.workbook), words, self.workbook.called(client))
        )

    def _shown(self, back: Returned) -> str:
        table = html_table(back.head, back.rows, caption=back.title) if back.rows else ""
        first = paragraphs(self.words, *back.first)
        last = paragraphs(self.words, *back.copies, *back.unmarked, *back.last)
        return table + first + told(back.issues, self.words) + last


def _put(inbox: Path, name: str, data: bytes) -> None:
    """Write a file into an inbox, under a further name where another one of its name lies there."""
    path, n = inbox / name, 1
    while path.exists() and path.read_bytes() != data:
        n += 1
        path = inbox / f"{Path(name).stem} ({n}){Path(name).suffix}"
    write_file(path, data)
