"""The board of a month: what is there from whom, what is late since when, whom to remind. One summary, many faces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from kpi_toolkit.clients.client import Client, as_of, inspect_cycle, read_client
from kpi_toolkit.clients.holidays import work_days_of
from kpi_toolkit.clients.record import Record, State, read_record
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.calendar import cycle_dates
from kpi_toolkit.method.checks.lint import lint_cycles
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.model import Basis
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.procedures import GOAL_SETTING
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Language, Text

STEPS = ("agreed", "sent", "actual", "self", "appraiser", "talk", "signed")
"""Goals agreed, form sent, actuals, self-appraisal, appraiser's view, talk held, signed: in the order of a month."""
_SHOWN_BY = {
    "agreed": {(GOAL_SETTING, "confirm"), ("sign-off", "plan-appraiser")},
    "talk": {("talk", "hold"), ("sign-off", "appraisal-talk")},
    "signed": {("talk", "sign"), ("sign-off", "appraisal-appraiser")},
}
"""The steps of procedures, as ``steps.csv`` has them, that say the same."""
OURS = "sent"
"""The step that is the consultant's own; nobody else is reminded of it."""


@dataclass(frozen=True)
class Step:
    """How far one step of a month is: so many of so many, by when, and since when it is late."""

    done: int
    of: int
    due: date
    late_since: date | None = None
    """None where it is done, was not asked for, or is not due yet."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.done >= self.of


@dataclass(frozen=True)
class PersonMonth:
    """One person's month."""

    id: str
    called: Text
    manager: str | None
    steps: Mapping[str, Step]

    @property
    def late_since(self) -> date | None:
        """Since when something of it is late."""
        return min((step.late_since for step in self.steps.values() if step.late_since), default=None)

    @property
    def missing(self) -> list[str]:
        """What others have to bring, and is late."""
        return [name for name, step in self.steps.items() if step.late_since and name != OURS]


@dataclass(frozen=True)
class Reminder:
    """Whom to remind, of what of whom, and by when it should have been there."""

    manager: Text
    people: tuple[PersonMonth, ...]


@dataclass(frozen=True)
class ClientMonth:
    """One client's month. ``state``: no-cycle, unreadable, draft, presented or closed."""

    id: str
    name: Text
    language: Language
    state: str
    people: tuple[PersonMonth, ...] = ()
    issues: Issues = field(default_factory=Issues)
    gaps: tuple[str, ...] = ()
    """Cycles that are missing between the first and this one (S165)."""
    called: Mapping[str, Text] = field(default_factory=dict)

    def total(self, step: str) -> tuple[int, int]:
        """Return how many people have done a step, and of how many it is asked."""
        asked = [person.steps[step] for person in self.people if person.steps[step].of]
        return sum(each.whole for each in asked), len(asked)

    @property
    def late_since(self) -> date | None:
        """Since when something is late."""
        return min((person.late_since for person in self.people if person.late_since), default=None)

    @cached_property
    def reminders(self) -> tuple[Reminder, ...]:
        """Whom to remind: the managers of those of whom something is late; whoever has none is asked directly."""
        found: dict[str, list[PersonMonth]] = {}
        for person in self.people:
            if person.missing:
                found.setdefault(person.manager or person.id, []).append(person)
        return tuple(Reminder(self.called[manager], tuple(people)) for manager, people in found.items())


@dataclass(frozen=True)
class Board:
    """All clients in one month, as of a day: those without a cycle or that cannot be read first."""

    cycle: Cycle
    on: date
    clients: tuple[ClientMonth, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the board as plain data; the texts of reminders are a face's."""
        return {"cycle": self.cycle.id, "on": f"{self.on}", "clients": [_client_data(each) for each in self.clients]}


def board(workbook: Workbook, cycle: Cycle, on: date, clients: Iterable[str] = ()) -> Board:
    """Return the board of a month for some clients (default: all). WorkbookError for a client there is not."""
    wanted = [workbook.client_folder(name).name for name in clients] or workbook.clients()
    found = [_client(workbook, name, cycle, on) for name in wanted]
    first = {"no-cycle": 0, "unreadable": 1}
    return Board(cycle, on, tuple(sorted(found, key=lambda each: (first.get(each.state, 2), each.id))))


def _client(workbook: Workbook, name: str, cycle: Cycle, on: date) -> ClientMonth:
    folder = workbook.client_folder(name)
    client, issues = read_client(folder)
    if client is None:
        return ClientMonth(name, Text(zh=name, en=name), "zh", "unreadable", issues=Issues(issues.errors))
    language = client.profile.languages[0]
    if cycle.id not in client.cycles:
        return ClientMonth(name, client.profile.name, language, "no-cycle", gaps=_gaps(client, cycle))
    try:
        client = as_of(client, cycle.id)
        tables, found = inspect_cycle(client, cycle.id)
    except IssuesError as problem:
        return ClientMonth(name, client.profile.name, language, "unreadable", issues=problem.issues.errors)
    record = read_record(folder / "cycles" / cycle.id)
    return ClientMonth(
        name, client.profile.name, language, record.state.value, tuple(_people(client, cycle, tables, record, on)),
        Issues(found.errors), _gaps(client, cycle), names_of(tables.people, client.design.roles),
    )  # fmt: skip


def _gaps(client: Client, cycle: Cycle) -> tuple[str, ...]:
    earlier = [each for each in client.cycles if Cycle.parse(each) < cycle]
    return tuple(lint_cycles([*earlier, cycle.id])[0].values["missing"]) if lint_cycles([*earlier, cycle.id]) else ()


def _people(client: Client, cycle: Cycle, tables: Tables, record: Record, on: date) -> Iterator[PersonMonth]:
    """Go through everybody's month."""
    days = {
        entry.kind: entry
        for entry in cycle_dates(cycle, client.profile.calendar, work_days_of(cycle, client.profile.country))
    }
    start, end, agreed = days["appraisal"].start, days["appraisal"].end, days["fixed"].end
    due = dict.fromkeys(STEPS, end) | {"agreed": agreed, "sent": start}
    given = {(row.person, row.indicator): row for row in rows_of(tables.actuals)}
    told = _told(tables, record)
    views = any(row.self is not None for row in given.values()) or bool(record.of("sent"))
    names = names_of(tables.people, client.design.roles)
    for person in rows_of(tables.people):
        items = client.design.roles[person.role].indicators
        asked = {
            "actual": [item for item in items if item.basis is Basis.ACTUAL],
            "self": items if views else (),
            "appraiser": [item for item in items if views or item.basis is not Basis.ACTUAL],
        }
        counts = {
            name: (sum(getattr(given.get((person.id, item.id)), name, None) is not None for item in own), len(own))
            for name, own in asked.items()
        } | {name: (int(person.id in told[name]), 1) for name in ("agreed", "sent", "talk", "signed")}
        steps = {name: Step(*counts[name], due[name], _late(*counts[name], due[name], on, record)) for name in STEPS}
        yield PersonMonth(person.id, names[person.id], person.manager, steps)


def _late(done: int, of: int, due: date, on: date, record: Record) -> date | None:
    """Return the day from which a step is late; what is closed is not waited for any more."""
    return due if done < of and on > due and record.state is not State.CLOSED else None


def _told(tables: Tables, record: Record) -> dict[str, set[str]]:
    """Return by step who has done it, from the record and the tables in which it is written down."""
    told: dict[str, set[str]] = {
        name: {str(line.facts.get("person")) for line in record.of(name)} for name in ("agreed", "talk", "signed")
    }
    told["sent"] = {
        who for line in record.of("sent") if line.facts.get("phase") == "appraisal" for who in line.facts["forms"]
    }
    for row in rows_of(tables.steps):
        for name, steps in _SHOWN_BY.items():
            told[name] |= {row.person} if (row.procedure or GOAL_SETTING, row.step) in steps else set()
    told["agreed"] |= {row.person for row in rows_of(tables.goals) if row.confirmed is not None}
    return told


def _client_data(each: ClientMonth) -> dict[str, Any]:
    return {
        "client": each.id, "state": each.state, "late_since": _day(each.late_since), "missing_cycles": list(each.gaps),
        "errors": len(each.issues),
        "people": [
            {"id": person.id, "manager": person.manager, "late_since": _day(person.late_since),
             "steps": {name: _step_data(step) for name, step in person.steps.items()}}
            for person in each.people
        ],
    }  # fmt: skip


def _step_data(step: Step) -> dict[str, Any]:
    return {"done": step.done, "of": step.of, "due": _day(step.due), "late_since": _day(step.late_since)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
