"""What heads a notebook that somebody reads by hand: client, cycle, person, language; what stands below follows.

Where nobody can choose (papermill, nbconvert, a test), a notebook shows what its parameters ask for, and no chooser.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.language import languages
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.report import Report, report_of
from kpi_toolkit.pages.report import open_report as opened
from kpi_toolkit.pages.said import speak_plainly, told
from kpi_toolkit.pages.words import Words

if TYPE_CHECKING:
    import ipywidgets as w

Options = Sequence[tuple[str, str]]


def somebody_can_choose() -> bool:
    """Whether a person sits in front of the notebook: JupyterLab answers questions, and Voilà shows widgets."""
    kernel = getattr(get_ipython(), "kernel", None)
    voila = "voila" in os.environ.get("SERVER_SOFTWARE", "").lower()
    return kernel is not None and (voila or bool(getattr(kernel, "_allow_stdin", False)))


class Chooser:
    """A row of lists; ``turn`` hears of what was chosen, and what keeps it from being shown is said below the row."""

    def __init__(self, words: Words, names: Sequence[str], turn: Callable[[dict[str, str]], None]) -> None:
        import ipywidgets as w

        self.words, self._turn, self._silent = words, turn, False
        self.lists = {name: w.Dropdown(description=words(_LABELS[name])) for name in names}
        self.told = w.HTML()
        self.box = w.VBox([w.HBox([*self.lists.values()], layout={"flex_flow": "row wrap"}), self.told])
        for name, each in self.lists.items():
            each.observe(lambda _, name=name: self._chosen(name), "value")

    @property
    def values(self) -> dict[str, str]:
        """What is chosen."""
        return {name: each.value or "" for name, each in self.lists.items()}

    def offer(self, name: str, options: Options, value: str) -> None:
        """Show what there is to choose from, and what is chosen, without telling anybody."""
        if name in self.lists:
            self._silent, each = True, self.lists[name]
            each.options = [*options]
            each.value = value if value in {code for _, code in options} else None
            self._silent = False

    def _chosen(self, name: str) -> None:
        if self._silent:
            return
        asked = self.values
        if name == "client":  # another client has cycles and people of its own
            asked |= {other: "" for other in ("cycle", "person") if other in asked}
        try:
            self.told.value = ""
            self._turn(asked)
        except (WorkbookError, IssuesError) as problem:
            self.told.value = f"<p role='alert'><b>{escape(asked.get('client', ''))}</b></p>{told(problem, self.words)}"

    def offer_all(self, workbook: Workbook, client: str, words: Words) -> None:
        """Offer the workbook's clients and languages, in the words of the one that is spoken."""
        self.words = words
        for name, each in self.lists.items():
            each.description = words(_LABELS[name])
        self.offer("client", [(name, name) for name in workbook.clients()], client)
        spoken = [(Words(name, workbook)("index.language"), name) for name in languages(workbook)]
        self.offer("language", spoken, words.language)


_LABELS = {"client": "cli.client", "cycle": "cli.cycle", "person": "cli.person", "language": "workbench.language"}


class ChosenReport:
    """A report headed by a chooser: its sections are shown again when another one is chosen."""

    def __init__(self, kind: str, workbook: Workbook, asked: dict[str, str]) -> None:
        self.kind, self.workbook = kind, workbook
        self._shown: list[tuple[Any, Callable[[], str]]] = []
        self._open(asked)
        names = ("client", "cycle", *(["person"] if "person" in asked else []), "language")
        self.chooser = Chooser(self.report.words, names, self.turn)
        self._offer()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.report, name)

    def turn(self, asked: dict[str, str]) -> None:
        """Open another report and show its sections in the place of those of the last, which stay if it cannot be."""
        try:
            self._open(asked)
        finally:
            self._offer()
        for handle, made in self._shown:
            handle.update({"text/html": made()}, raw=True)

    def page(self) -> Following:
        """Return the chooser, and below it the look of the page."""
        return Following(self, lambda: self.report.page().html, self.chooser.box)

    def section(self, name: str) -> Following:
        """Return a section that follows the chooser."""
        return Following(self, lambda: self._section(name))

    def follow(self, made: Callable[[], str]) -> None:
        """Show something, and again whenever another report is chosen."""
        self._shown.append((display({"text/html": made()}, raw=True, display_id=True), made))  # type: ignore[no-untyped-call]

    def _section(self, name: str) -> str:
        from kpi_toolkit.pages.drawing import draw  # whoever runs a notebook for a page draws its charts elsewhere

        pieces = self.report.section(name).pieces
        drawn = [p if isinstance(p, str) else draw(p, prefix=f"{name}{n}") for n, p in enumerate(pieces)]
        return f'<div class="kpi">{"".join(drawn)}</div>'

    def _open(self, asked: dict[str, str]) -> None:
        self.report: Report = report_of(self.workbook, self.kind, **{**asked, "person": asked.get("person") or None})  # type: ignore[arg-type]
        self.client = asked["client"]

    def _offer(self) -> None:
        report, words = self.report, self.report.words
        self.chooser.offer_all(self.workbook, self.client, words)
        known, _ = cycles_in(self.workbook.client_folder(self.client))
        cycles = [(words.cycle(Cycle.parse(cycle)), cycle) for cycle in reversed(known)]
        self.chooser.offer("cycle", cycles, report.subject.cycle.id)
        if report.person is not None:
            people = [(words.show(line.called), line.id) for line in report.scene.summary.ranking]
            self.chooser.offer("person", people, report.person.id)


class Following:
    """What a cell shows and a chooser changes."""

    def __init__(self, chosen: ChosenReport, made: Callable[[], str], first: w.Widget | None = None) -> None:
        self._chosen, self._made, self._first = chosen, made, first

    def _ipython_display_(self) -> None:
        if self._first is not None:
            display(self._first)  # type: ignore[no-untyped-call]
        self._chosen.follow(self._made)


def open_report(
    kind: str, *, client: str, cycle: str, language: str, person: str | None = None
) -> Report | ChosenReport:
    """Return a report of a client's cycle, ready to show its sections; in JupyterLab and Voilà headed by a chooser.

    Blanks are as in :func:`kpi_toolkit.pages.report.open_report`; where somebody can choose, a blank client is the
    first one. Raises WorkbookError for unknown names, IssuesError for what is wrong in the client's files.
    """
    if not somebody_can_choose():
        return opened(kind, client=client, cycle=cycle, language=language, person=person)
    speak_plainly()
    workbook = find_workbook()
    asked = client.strip() or os.environ.get("KPI_CLIENT", "") or next(iter(workbook.clients()), "")
    if not asked:
        raise WorkbookError("blank-client", known="–")
    chosen = {"client": workbook.named_clients([asked])[0], "cycle": cycle or os.environ.get("KPI_CYCLE", "")}
    chosen |= {"language": language} | ({"person": person} if person is not None else {})
    return ChosenReport(kind, workbook, chosen)
