"""What is done with a month below its board, without a command: forms out and in, pages made, figures held fast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import get_args

import ipywidgets as w

from kpi_toolkit.clients.collecting import collect
from kpi_toolkit.clients.record import State, broken, read_record
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.answering import Answer, Asking
from kpi_toolkit.live.frame import framed
from kpi_toolkit.live.opening import offer_clients
from kpi_toolkit.live.printing import rendered
from kpi_toolkit.live.welcome import renew
from kpi_toolkit.method.forms import Phase
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.value import ENGLISH
from kpi_toolkit.pages.forms import By, hand_out, written_before
from kpi_toolkit.pages.held import held, wanted
from kpi_toolkit.pages.returned import Returned, marked_copies, returned
from kpi_toolkit.pages.said import html_table, paragraphs, shown_folder, told
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.closing import Done, close, correct, reopen

_WIDE = {"style": {"description_width": "auto"}, "layout": {"width": "max-content"}}
_LINE = {"style": {"description_width": "auto"}, "layout": {"width": "min(32em, 100%)"}}
_ACTS: dict[str, Collection[State]] = {
    "render": {*State}, "present": {State.DRAFT}, "close": {State.DRAFT, State.PRESENTED}, "look": {State.CLOSED},
    "correct": {State.CLOSED}, "reopen": {State.PRESENTED, State.CLOSED},
}  # fmt: skip
"""What can be done with a month, and in which states; a month that was delivered is not opened again."""


class Holding:
    """A month's record in ``box``; ``then`` is called when the state of a month changed."""

    def __init__(self, workbook: Workbook, then: Callable[[], object]) -> None:
        self.workbook, self._then = workbook, then
        self.words, self.cycle = Words(ENGLISH, workbook), ""
        self.answer = Answer(self.words)
        self.client, self.by, self.reason = w.Dropdown(**_WIDE), w.Text(**_LINE), w.Text(**_LINE)
        self.early = w.Checkbox(indent=False, layout={"width": "max-content"})
        self.buttons = {act: self.answer.button(f"holding.{act}", partial(self._do, act)) for act in _ACTS}
        self.buttons["close"].button_style = "primary"
        self.head, self.state = w.HTML(), w.HTML()
        acts = w.HBox([*self.buttons.values()], layout={"flex_flow": "row wrap"})
        self.box = framed(
            self.head, self.client, self.state, self.by, self.reason, self.early, acts, self.answer.shown
        )  # fmt: skip
        self.client.observe(self._turned, "value")

    def turn(self, words: Words, clients: Sequence[str], cycle: str) -> None:
        """Turn to the clients that have a month open; what was said of another month or language is gone."""
        if (words.language, cycle) != (self.words.language, self.cycle):
            self.words = self.answer.words = words
            self.cycle, self.answer.shown.value = cycle, ""
            for name in ("client", "by", "reason", "early"):
                getattr(self, name).description = words(f"holding.{name}")
            for act, button in self.buttons.items():
                button.description, button.layout.width = words(f"holding.{act}"), "auto"
            self.head.value = f"<h2>{escape(words('holding.title'))}</h2>"
        offer_clients(self.client, self.box, self.workbook, words, clients)
        if clients:
            self._offer()

    def _turned(self, _: object) -> None:
        self.answer.shown.value = ""
        if self.client.value:
            self._offer()

    def _offer(self) -> None:
        """Show what can be done with the month as it is now."""
        path = self.workbook.client_folder(self.client.value) / "cycles" / self.cycle
        record, folder = read_record(path), path.relative_to(self.workbook.root).as_posix()
        final = record.state == State.CLOSED and bool(record.of("delivered"))
        for act, button in self.buttons.items():
            fits = not record.problems and record.state in _ACTS[act] and not (act == "reopen" and final)
            button.layout.display = "" if fits else "none"
        self.reason.layout.display = "none" if record.state == State.DRAFT else ""
        self.early.layout.display = "none" if record.state == State.CLOSED else ""
        if record.problems:
            self.state.value = told(IssuesError(broken(record, self.cycle)), self.words)
            return
        state = "delivered" if final else record.state.value
        self.state.value = paragraphs(self.words, self.words(f"holding.state_{state}", folder=folder))

    def _do(self, act: str) -> str:
        client, by, reason = self.client.value, self.by.value, self.reason.value
        folder = self.workbook.client_folder(client)
        if act == "render":
            return self._rendered(client)
        if act in {"present", "close"}:
            done = close(folder, self.cycle, by=by, for_talk=act == "present", early=self.early.value)
        elif act == "reopen":
            done = reopen(folder, self.cycle, by=by, reason=reason)
        else:
            done = correct(folder, self.cycle, by=by, reason=reason, dry_run=act == "look")
        return self._came_of(done)

    def _came_of(self, done: Done) -> str:
        said = [line.text for line in held(self.workbook, done, self.words, typed=False)]
        if done.anew:
            self.reason.value, self.early.value = "", False
            renew(self.workbook, self.words)
            self._offer()
            self._then()
            said += [self.words("holding.next")] if done.state == State.CLOSED else []
        return paragraphs(self.words, *said)

    def _rendered(self, client: str) -> str:
        words = self.words
        self.answer.shown.value = paragraphs(words, words("holding.under_way"))
        kinds = wanted(self.workbook.client_folder(client), self.cycle)
        asked = ("--report", ",".join(kinds)) if kinds else ()
        wrong, found = rendered(self.workbook, words, client, "--cycle", self.cycle, *asked)
        renew(self.workbook, words)
        counts = found.get("counts", {})
        said = [words("cli.rendered", n=counts.get("delivered", 0))] if found else []
        said += [words("cli.unchanged_reports", n=counts["unchanged"])] if counts.get("unchanged") else []
        self._then()
        made = shown_folder(f"reports/{client}/{self.cycle}", words("holding.show")) if counts.get("delivered") else ""
        return paragraphs(words, words("list.comma").join(said), *wrong) + made


class Handing:
    """Forms of a month out and in, in ``box``; ``then`` is called when something was taken in."""

    def __init__(self, workbook: Workbook, then: Callable[[], object]) -> None:
        self.workbook, self._then = workbook, then
        self.words, self.cycle = Words(ENGLISH, workbook), ""
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
        back = returned(done, marked_copies(done, words, self.workbook), words, self.workbook.called(client))
        return self._shown(back)

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
