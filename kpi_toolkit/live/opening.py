"""Where a month is missing: a button that opens it, exactly as ``kpi new CLIENT --cycle`` does, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.scaffold import new_cycle
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.welcome import renew
from kpi_toolkit.method.cycle import KINDS, Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.said import paragraphs
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import lines_asked

if TYPE_CHECKING:
    import ipywidgets as w

UNOPENED = frozenset({"no-cycle", "no-cycle-named", "no-cycle-yet", "no-month-open"})
"""What is found where a month is asked for that nobody opened."""
_BEHIND, _AHEAD = 12, 2
"""So many months before and after this one are offered."""
_MINUTE = 60
_WIDE = {"style": {"description_width": "auto"}}


def clients_by_name(workbook: Workbook, words: Words, clients: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Return what clients (default: all) are called, with their ids; an id is said too where two have one name."""
    known = workbook.clients() if clients is None else clients
    called = [(words.show(workbook.called(client)), client) for client in known]
    names = [name for name, _ in called]
    return [(name if names.count(name) == 1 else f"{name} ({client})", client) for name, client in called]


def offer_clients(of: w.Dropdown, box: w.Widget, workbook: Workbook, words: Words, clients: Sequence[str]) -> None:
    """Offer these clients in a list and keep the one that is chosen; where there is none, its box is hidden."""
    chosen, options = of.value, clients_by_name(workbook, words, clients)
    if options != list(of.options):
        of.options = options
        of.value = chosen if chosen in clients else next(iter(clients), None)
    of.layout.display = "" if len(clients) > 1 else "none"
    box.layout.display = "" if clients else "none"


def last_changed_first(workbook: Workbook, clients: Sequence[str]) -> tuple[str, ...]:
    """Return clients in the order in which they were worked on, to the minute, the last one first."""

    def changed(client: str) -> float:
        folder = workbook.client_folder(client)
        return max((each.stat().st_mtime for each in (*folder.glob("*"), *folder.glob("cycles/*"))), default=0)

    return tuple(sorted(clients, key=lambda client: -changed(client) // _MINUTE))


class Opening:
    """A month to choose, a button, and what came of it; ``then`` hears of the client and the month that were opened."""

    def __init__(
        self, workbook: Workbook, words: Words, clients: Sequence[str], cycle: str, lead: str,
        then: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        import ipywidgets as w  # loaded where somebody can choose

        from kpi_toolkit.live.answering import Answer

        self.workbook, self.words, self.then = workbook, words, then
        self._asked, self._lead = cycle, lead
        self.client = w.Dropdown(
            options=clients_by_name(workbook, words, clients), description=words("cli.client"),
            value=next(iter(last_changed_first(workbook, clients)), None),
        )  # fmt: skip
        self.month = w.Dropdown(description=words("opening.month"), **_WIDE)
        self.lead, answer = w.HTML(), Answer(words)
        self.shown = answer.shown
        self.button = w.Button(button_style="primary", layout={"width": "auto"})
        self.button.on_click(lambda _: answer.to(self._open, self.workbook.called(self.client.value)))
        self.client.layout.display = "" if len(clients) > 1 else "none"
        row = w.HBox([self.client, self.month, self.button], layout={"flex_flow": "row wrap"})
        self.box = w.VBox([self.lead, row, self.shown])
        self.client.observe(self._turn, "value")
        self.month.observe(self._name, "value")
        self._turn()

    def _turn(self, _: object = None) -> None:
        """Offer the months that the client does not have, and say what it lacks for opening one."""
        client, words = self.client.value, self.words
        known = cycles_in(self.workbook.client_folder(client))[0]
        proposed = self._asked if self._asked and self._asked not in known else following(known)
        offered = [each for each in (*offered_months(), proposed) if each not in known]
        named = {each: words.cycle(Cycle.parse(each)) for each in sorted(offered, reverse=True)}
        self.month.options = [(name, each) for each, name in named.items()]
        self.month.value = proposed
        said = [self._lead]
        with suppress(IssuesError):
            value = load_client(self.workbook.client_folder(client))
            open_ = sum(item.aimless for role in value.design.roles.values() for item in role.indicators)
            said += [words("opening.targets", client=value.profile.name, n=open_)] if open_ else []
        self.lead.value = paragraphs(words, *said)
        self._name()

    def _name(self, _: object = None) -> None:
        cycle = self.month.value
        named = self.words.cycle(Cycle.parse(cycle)) if cycle else "–"
        self.button.description = self.words("opening.open", cycle=named)

    def _open(self) -> str:
        client, cycle = self.client.value, self.month.value
        new_cycle(self.workbook, client, cycle)
        renew(self.workbook, self.words)
        self.then(client, cycle)
        return paragraphs(self.words, *_came(self.workbook, client, cycle, self.words))


def _came(workbook: Workbook, client: str, cycle: str, words: Words) -> list[str]:
    """Return what was opened, what it still lacks, and what comes next."""
    value = load_client(workbook.client_folder(client))
    lines, aimless = lines_asked(value, cycle)
    named = words.cycle(Cycle.parse(cycle))
    said = words("opening.opened", cycle=named, client=value.profile.name, people=len(value.people), n=lines)
    return [said, *([words("opening.aimless", n=aimless)] if aimless else []), words("opening.next")]


def following(known: Sequence[str]) -> str:
    """Return the month to be opened next: the one after the newest, for a new client this month."""
    if not known:
        return Cycle.around(date.today(), "month").id  # noqa: DTZ011 - the month of whoever looks
    newest = Cycle.parse(known[-1])
    return Cycle.around(newest.last_day + timedelta(days=1), newest.kind).id


def offered_months() -> list[str]:
    """Return the months around this one, and the quarters and the year that they are in."""
    today = date.today()  # noqa: DTZ011 - the month of whoever looks
    at = today.year * 12 + today.month - 1
    months = [f"{n // 12}-{n % 12 + 1:02d}" for n in range(at - _BEHIND, at + _AHEAD + 1)]
    this = [Cycle.around(today, kind) for kind in KINDS if kind != "month"]
    return [*months, *(each.id for cycle in this for each in (cycle.previous, cycle))]
