"""The board of a month as readers see it: on a page, in a notebook, and as texts to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.pages.said import at_work
from kpi_toolkit.pages.templating import filled
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.board import Board, ClientMonth, Reminder, board, period_of
from kpi_toolkit.results.steps import STEPS


def reminder_text(workbook: Workbook, of: Board, client: ClientMonth, reminder: Reminder) -> str:
    """Return a message to a manager, ready to be pasted, in the client's own language."""
    words = Words(client.language, workbook)
    days = {person.steps[name].due for person in reminder.people for name in person.missing}
    due = min(days)
    values = {"manager": reminder.manager, "client": client.name, "period": words.cycle(of.cycle), "due": due}
    alike: dict[str, list[Any]] = {}  # several of whom the same is missing stand in one line
    for person in sorted(reminder.people, key=lambda each: each.id == reminder.id):  # yourself comes last
        wanted = gathered((person.steps[name].due, words(f"month.wanted.{name}")) for name in person.missing)
        said = [
            words.show(steps) if len(days) == 1 else words("month.wanted_by", step=words.show(steps), due=day)
            for day, steps in wanted.items()
        ]
        called = words("month.you") if person.id == reminder.id else person.called
        alike.setdefault(words.show(said), []).append(called)
    lines = (words("month.of", person=people, steps=steps) for steps, people in alike.items())
    please = "month.please" if len(days) == 1 else "month.please_each"
    return "\n".join([words("month.dear", **values), *lines, words(please, n=(of.on - due).days, **values)])


def measure_lines(client: ClientMonth, words: Words) -> list[str]:
    """Return what became of measures that were agreed in earlier months: each that is overdue, how many were kept."""
    lines = []
    for person in client.people:
        for each in person.measures:
            if each.state in {"missed", "reached"}:
                state, day = words(f"plan.state_{each.state}"), each.row.deadline or words("plan.no_deadline")
                lines.append(
                    words("month.measure", person=person.called, state=state, measure=each.row.measure, day=day)
                )
        if kept := sum(each.state in {"kept", "late"} for each in person.measures):
            lines.append(words("month.measures_kept", person=person.called, n=kept))
    return lines


def work_lines(client: ClientMonth, words: Words) -> list[str]:
    """Return what is to be seen to beside the steps: measures, work that was not cleared, problems several share."""
    called = {person: words.show(name) for person, name in client.called.items()}
    waiting = [person.called for person in client.people if person.waiting]
    return [
        *([words("month.waiting", people=waiting)] if waiting else []),
        *measure_lines(client, words),
        *(words("month.no_superior", person=person.called,
                steps=[words(f"month.wanted.{name}") for name in person.owners])
          for person in client.people if person.owners),
        *(words("month.open_day", person=called.get(each.person, each.person), day=each.day, n=each.open,
                why=each.why or words("month.no_reason")) for each in client.open_days),
        *(words("month.common", problem=problem, people=[called.get(one, one) for one in people])
          for problem, people in client.common),
    ]  # fmt: skip


def month_data(workbook: Workbook, of: Board) -> dict[str, Any]:
    """Return a board as plain data, with the texts of its reminders."""
    data = of.to_json()
    for plain, client in zip(data["clients"], of.clients, strict=True):
        plain["reminders"] = [
            {"people": [person.id for person in each.people], "text": reminder_text(workbook, of, client, each)}
            for each in client.reminders
        ]
    return data


def month_html(workbook: Workbook, of: Board, words: Words) -> str:
    """Return a board as a table: a row a client, which unfolds into its people and its reminders."""
    texts = {
        client.id: [reminder_text(workbook, of, client, each) for each in client.reminders] for client in of.clients
    }
    return filled(
        workbook, "report/month.html.j2", over=len(of.clients), board=of, t=words, words=words, steps=STEPS,
        texts=texts, work=work_lines,
    )  # fmt: skip


@dataclass(frozen=True)
class MonthView:
    """A board in a notebook."""

    workbook: Workbook
    board: Board
    words: Words

    @property
    def html(self) -> str:
        """The board as HTML."""
        return month_html(self.workbook, self.board, self.words)

    def _repr_html_(self) -> str:
        return self.html


def month_view(cycle: str = "", client: str = "", language: str = "") -> MonthView:
    """Return the board of a month (blank: the one before this, or the newest) for all clients or one.

    Raises WorkbookError for a month or a client there is not.
    """
    workbook, today = at_work(), date.today()  # noqa: DTZ011 - the day where it is looked at
    clients = [client] if client else []
    shown = board(workbook, period_of(workbook, cycle, today, clients), today, clients)
    return MonthView(workbook, shown, Words(spoken(language), workbook))
