"""What heads a notebook that somebody reads by hand: client, cycle, person, language; what stands below follows.

Where nobody can choose (papermill, nbconvert, a test), a notebook shows what its parameters ask for, and no chooser.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.language import languages, spoken, traits
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.opening import UNOPENED, Opening, clients_by_name, following, last_changed_first
from kpi_toolkit.live.printing import print_button
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.gallery import gallery
from kpi_toolkit.pages.kinds import KINDS, Subject
from kpi_toolkit.pages.month import MonthView, month_view
from kpi_toolkit.pages.report import Report, report_of
from kpi_toolkit.pages.report import open_report as opened
from kpi_toolkit.pages.said import at_work, issues_of, paragraphs, told
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
    """A row of lists; ``turn`` hears of what was chosen, and what keeps it from being shown is said below the row.

    Where what is missing is a month, a button there opens it.
    """

    words: Words
    """Those of the language that was offered last."""

    def __init__(self, workbook: Workbook, names: Sequence[str], turn: Callable[[dict[str, str]], None]) -> None:
        import ipywidgets as w

        from kpi_toolkit.live.frame import framed

        self.workbook, self._turn, self._silent = workbook, turn, False
        self.lists = {name: w.Dropdown() for name in names}
        self.told, self.opening = w.HTML(), w.VBox()
        row = w.HBox([*self.lists.values()], layout={"flex_flow": "row wrap"})
        self.box = framed(row, self.told, self.opening)
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
        self.turn_to(asked)

    def turn_to(self, asked: dict[str, str]) -> None:
        """Show what is asked for, or what keeps it from being shown and the way on."""
        self.told.value, self.opening.children = "", ()
        try:
            self._turn(asked)
        except (WorkbookError, IssuesError) as problem:
            client = asked.get("client", "")
            if not any(each.options for each in self.lists.values()):  # nothing was shown before
                words = Words(spoken(asked["language"]), self.workbook)
                self.offer_all(client, words, asked.get("cycle", ""))
            who = self.words.show(self.workbook.called(client)) if client else ""
            said = told(problem, self.words)
            self.told.value = f"<p role='alert'><b>{escape(who)}</b></p>{said}" if who else said
            if any(issue.code in UNOPENED for issue in issues_of(problem)):
                self.offer_opening([client], asked.get("cycle", ""))

    def offer_opening(self, clients: Sequence[str], cycle: str = "", lead: str = "") -> None:
        """Show a button that opens a month for one of some clients, below a line; what it opens is turned to."""

        def opened(client: str, cycle: str) -> None:
            asked = {**self.values, "cycle": cycle} | ({"client": client} if self.lists["client"].value else {})
            self.turn_to(asked)
            self.told.value = ""  # what the month still lacks is what the button has said
            self.opening.children = [made.shown, *self.opening.children]

        made = Opening(self.workbook, self.words, clients, cycle, lead, opened)
        self.opening.children = [made.box]

    def offer_all(self, client: str, words: Words, cycle: str = "") -> None:
        """Offer the workbook's clients and languages and the cycles (of one client or all), in the words chosen.

        ``cycle`` is chosen, a blank one is the newest; what is no cycle is not: somebody mistyped it.
        """
        self.words, workbook = words, self.workbook
        for name, each in self.lists.items():
            each.description = words(_LABELS[name])
        self.offer("client", clients_by_name(workbook, words), client)
        spoken = [(traits(name, workbook).name, name) for name in languages(workbook)]
        self.offer("language", spoken, words.language)
        folders = map(workbook.client_folder, [client] if client else workbook.clients())
        known = {each: Cycle.parse(each) for folder in folders for each in cycles_in(folder)[0]}
        shown = cycle or max(known, default="")
        with suppress(ValueError):
            known |= {shown: Cycle.parse(shown)} if shown else {}
        self.offer("cycle", [(words.cycle(known[each]), each) for each in sorted(known, reverse=True)], shown)


_LABELS = {"client": "cli.client", "cycle": "cli.cycle", "person": "cli.person", "language": "workbench.language"}


def below_chooser(
    workbook: Workbook, asked: dict[str, str], made: Callable[[Chooser, dict[str, str]], Sequence[w.Widget]]
) -> w.Widget:
    """Return lists of what is asked for and, below them, what is made of what is chosen there, anew with each choice.

    What keeps it from being made is said there, and raised where nobody could choose otherwise.
    """
    import ipywidgets as w

    def turned(asked: dict[str, str]) -> None:
        box.children = [chooser.box, *made(chooser, asked)]

    chooser = Chooser(workbook, [*asked], turned)
    box = w.VBox([chooser.box])
    (chooser.turn_to if somebody_can_choose() else turned)(asked)
    return box


class Headed(ABC):
    """What the cells of a notebook show below a row of lists: shown again when something else is chosen there."""

    words: Words
    """The words of the language that is chosen."""
    opened = False
    """Whether there is anything to show yet."""

    def __init__(self, workbook: Workbook, names: Sequence[str], asked: dict[str, str]) -> None:
        self.workbook = workbook
        self._shown: list[tuple[w.Output, Callable[[], str]]] = []
        self.chooser = Chooser(workbook, names, self.turn)
        self.chooser.turn_to(asked)

    @abstractmethod
    def _open(self, asked: dict[str, str]) -> None:
        """Turn to what is asked for. Raises where it cannot be shown."""

    @abstractmethod
    def _offer(self) -> None:
        """Offer what there is to choose from now."""

    def turn(self, asked: dict[str, str]) -> None:
        """Show something else in the place of what is shown, which stays if that cannot be."""
        try:
            self._open(asked)
        finally:
            if self.opened:
                self._offer()
        for shown, made in self._shown:
            _show(shown, made())

    def head(self, made: Callable[[], str]) -> Following:
        """Return the chooser, and below it something that follows."""
        return Following(self, made, self.chooser.box)

    def follow(self, made: Callable[[], str]) -> None:
        """Show something, as soon as there is anything, and again whenever something else is chosen."""
        import ipywidgets as w

        def now() -> str:
            return made() if self.opened else ""

        shown = w.Output()  # a display that is updated afterwards would stand still in Voilà
        _show(shown, now())
        self._shown.append((shown, now))
        display(shown)  # type: ignore[no-untyped-call]


def _show(where: w.Output, html: str) -> None:
    where.outputs = ({"output_type": "display_data", "data": {"text/html": html}, "metadata": {}},)


class ChosenReport(Headed):
    """A report headed by a chooser: its sections are shown again when another one is chosen."""

    printing: w.VBox | None = None
    """The button that prints it, once there is a chooser."""

    def __init__(self, kind: str, workbook: Workbook, asked: dict[str, str]) -> None:
        self.kind = kind
        names = ("client", "cycle", *(["person"] if "person" in asked else []), "language")
        super().__init__(workbook, names, asked)
        self.printing = print_button(workbook, self.chooser.words, lambda: (self.client, self.report))
        self.chooser.box.children += (self.printing,)

    def __getattr__(self, name: str) -> Any:
        if not self.opened:
            raise AttributeError(name)
        return getattr(self.report, name)

    def page(self) -> Following:
        """Return the chooser, and below it the look of the page."""
        return self.head(lambda: self.report.page().html)

    def section(self, name: str) -> Following:
        """Return a section that follows the chooser."""
        return Following(self, lambda: self._section(name))

    def _section(self, name: str) -> str:
        from kpi_toolkit.pages.drawing import draw  # whoever runs a notebook for a page draws its charts elsewhere

        pieces = self.report.section(name).pieces
        drawn = [p if isinstance(p, str) else draw(p, prefix=f"{name}{n}") for n, p in enumerate(pieces)]
        if not "".join(drawn).strip():  # a heading of the notebook stands above
            return paragraphs(self.words, self.words("report.no_section"))
        return f'<div class="kpi">{"".join(drawn)}</div>'

    def _open(self, asked: dict[str, str]) -> None:
        if KINDS[self.kind].subject is Subject.DESIGN and not asked["cycle"]:  # no month is needed to look at a design
            known = cycles_in(self.workbook.client_folder(asked["client"]))[0]
            asked |= {"cycle": "" if known else f"{date.today():%Y-%m}"}  # noqa: DTZ011 - the month of whoever looks
        report = report_of(self.workbook, self.kind, **{**asked, "person": asked.get("person") or None})  # type: ignore[arg-type]
        self.report, self.client, self.words, self.opened = report, asked["client"], report.words, True

    def _offer(self) -> None:
        report, words = self.report, self.words
        if self.printing:
            self.printing.children[0].description = words("printing.print")
        cycle, known = report.subject.cycle, cycles_in(self.workbook.client_folder(self.client))[0]
        self.chooser.offer_all(self.client, words, cycle.id)
        if KINDS[self.kind].subject is Subject.DESIGN:  # a month keeps the design it began with; today's may be newer
            named = {each: words.cycle(Cycle.parse(each)) for each in [cycle.id, *reversed(known)]}
            named |= {following(known): words("opening.as_it_is")}
            self.chooser.offer("cycle", [(name, each) for each, name in named.items()], cycle.id)
        if cycle.id not in known:
            self.chooser.offer_opening([self.client], cycle.id, words("opening.design", cycle=words.cycle(cycle)))
        if report.person is not None:
            people = [(words.show(line.called), line.id) for line in report.scene.summary.ranking]
            self.chooser.offer("person", people, report.person.id)


class ChosenMonth(Headed):
    """The board of a month, of all clients or one; another client is looked at in the same month."""

    month = named = ""
    """The month that is shown, and the one that somebody asked for."""

    def __init__(self, workbook: Workbook, names: Sequence[str], asked: dict[str, str]) -> None:
        from kpi_toolkit.live.monthly import Handing, Holding

        self.panels = [panel(workbook, lambda: self.turn(self.chooser.values)) for panel in (Handing, Holding)]
        super().__init__(workbook, names, asked)

    def _open(self, asked: dict[str, str]) -> None:
        self.view = month_view(asked["cycle"] or self.month, asked["client"], asked["language"])
        self.words, self.month, self.client = self.view.words, self.view.board.cycle.id, asked["client"]
        self.named, self.opened = asked["cycle"], True

    def _offer(self) -> None:
        words, known = self.words, clients_by_name(self.workbook, self.words)
        self.chooser.offer_all("", words, self.month)
        self.chooser.offer("client", [(words("month.everyone"), ""), *known], self.client)
        begun = [each.id for each in self.view.board.clients if each.state != "no-cycle"]
        for panel in self.panels:
            panel.turn(words, begun, self.month)
        lacking = [each.id for each in self.view.board.clients if each.state == "no-cycle"]
        if self.client or lacking:  # where nobody lacks it, the next one
            self.chooser.offer_opening(lacking or [self.client], self.named if lacking else "")

    def _ipython_display_(self) -> None:
        self.head(lambda: self.view.html)._ipython_display_()
        for panel in self.panels:
            display(panel.box)  # type: ignore[no-untyped-call]


class ChosenLibrary(Headed):
    """The cards of the library, in the language that is chosen."""

    def _open(self, asked: dict[str, str]) -> None:
        self.words, self.opened = Words(spoken(asked["language"]), self.workbook), True

    def _offer(self) -> None:
        self.chooser.offer_all("", self.words)

    def shelf(self, name: str) -> Following:
        """Return all cards of a kind."""
        return Following(self, lambda: gallery(name, self.words.language)._repr_html_())

    def _ipython_display_(self) -> None:
        if somebody_can_choose():
            display(self.chooser.box)  # type: ignore[no-untyped-call]


class Following:
    """What a cell shows and a chooser changes."""

    def __init__(self, chosen: Headed, made: Callable[[], str], first: w.Widget | None = None) -> None:
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
    workbook = at_work()
    chosen = {"client": first_client(workbook, client), "cycle": cycle or os.environ.get("KPI_CYCLE", "")}
    chosen |= {"language": language} | ({"person": person} if person is not None else {})
    return ChosenReport(kind, workbook, chosen)


def first_client(workbook: Workbook, asked: str) -> str:
    """Return the client that a name means; a blank one is ``KPI_CLIENT``, else the first, or who was changed last."""
    known = workbook.clients()
    if somebody_can_choose():  # where one works goes on: what was changed last
        known = last_changed_first(workbook, known)
    named = asked.strip() or os.environ.get("KPI_CLIENT", "") or next(iter(known), "")
    if not named:
        raise WorkbookError("without-clients")
    return workbook.named_clients([named])[0]


def open_month(cycle: str = "", client: str = "", language: str = "") -> MonthView | ChosenMonth:
    """Return the board of a month (blank: the one before this, or the newest) for all clients or one, for a notebook.

    In JupyterLab and Voilà it is headed by a chooser. WorkbookError for a month or a client there is not.
    """
    if not somebody_can_choose():
        return month_view(cycle, client, language)
    asked = {"cycle": cycle, "client": client, "language": language}
    return ChosenMonth(at_work(), ("client", "cycle", "language"), asked)


def open_library(language: str = "") -> ChosenLibrary:
    """Return the library for a notebook: ``shelf`` shows all cards of a kind, in the language that is chosen above.

    A blank language is ``KPI_LANG``, else the system's. WorkbookError for an unknown one.
    """
    return ChosenLibrary(at_work(), ("language",), {"language": spoken(language)})
