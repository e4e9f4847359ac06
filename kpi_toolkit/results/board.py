"""The board of a month: what is there from whom, what is late since when, whom to remind. One summary, many faces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any

from kpi_toolkit.clients.afterwards import table_of, work_of
from kpi_toolkit.clients.client import Client, as_of, inspect_cycle, read_client
from kpi_toolkit.clients.countries import work_days_of
from kpi_toolkit.clients.cycle_folders import cycles_in, meant_cycle
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.record import Record, State, read_record
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.calendar import cycle_dates
from kpi_toolkit.method.checks.lint import lint_cycles
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.model import Basis, Role
from kpi_toolkit.method.namesakes import with_superiors
from kpi_toolkit.method.plain import picked
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.training import TalkRules
from kpi_toolkit.method.value import LANGUAGES, Language, Text
from kpi_toolkit.method.work import OpenDay, common_problems, open_days
from kpi_toolkit.results.measures import Followed, Following, over_by
from kpi_toolkit.results.steps import STEPS, has_left, steps_done

OURS = "sent"
"""The step that is the consultant's own; nobody else is reminded of it."""
_WITH_SUPERIOR = ("appraiser", "talk", "signed")
"""What takes somebody above: of whoever has nobody there, the owner of the company is asked."""


@dataclass(frozen=True)
class Step:
    """How far one step of a month is: so many of so many, by when, and since when it is late."""

    done: int
    of: int
    due: date
    late_since: date | None = None
    """None where it is done, was not asked for, or is not due yet."""
    came_late: date | None = None
    """When it was done, where that was after its day (S139)."""
    counts: bool = True
    """Whether it counts among the client's: what was done with somebody who has left, and asked no more, does not."""

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
    waiting: frozenset[str] = frozenset()
    """What came back on a form that is asked about or was refused: nobody is reminded of it."""
    measures: tuple[Followed, ...] = ()
    """What was agreed in earlier months and was not marked as kept before this one."""

    @property
    def late_since(self) -> date | None:
        """Since when something of it is late that others have to bring."""
        late = (self.steps[name].late_since for name in (*self.missing, *self.owners))
        return min((since for since in late if since), default=None)

    @property
    def missing(self) -> list[str]:
        """What is late and to be brought by the person or whoever is above."""
        others = {OURS, *self.owners, *self.waiting}
        return [name for name, step in self.steps.items() if step.late_since and name not in others]

    @property
    def owners(self) -> list[str]:
        """What is late and for the owner of the company to do, since nobody else is above the person."""
        return [name for name in _WITH_SUPERIOR if self.steps[name].late_since and not self.manager]


@dataclass(frozen=True)
class Reminder:
    """Whom to remind, of what of whom, and by when it should have been there."""

    id: str
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
    open_days: tuple[OpenDay, ...] = ()
    """Days whose work was not cleared on them (S188)."""
    common: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Problems that several people reported, with them: what the weekly meeting is about (S189)."""

    def total(self, step: str) -> tuple[int, int]:
        """Return how many people have done a step, and of how many it is asked."""
        asked = [each for person in self.people if (each := person.steps[step]).of and each.counts]
        return sum(each.whole for each in asked), len(asked)

    @property
    def late_since(self) -> date | None:
        """Since when something is late."""
        return min((person.late_since for person in self.people if person.late_since), default=None)

    @property
    def settled(self) -> bool:
        """Whether nothing is missing that could still be late: what is closed is not waited for, and not done."""
        steps = (step for person in self.people for step in person.steps.values())
        return self.state != State.CLOSED.value or all(step.whole for step in steps)

    @cached_property
    def reminders(self) -> tuple[Reminder, ...]:
        """Whom to remind: the managers of those of whom something is late; whoever has none is asked directly."""
        found = gathered((person.manager or person.id, person) for person in self.people if person.missing)
        return tuple(Reminder(manager, self.called[manager], tuple(people)) for manager, people in found.items())


@dataclass(frozen=True)
class Board:
    """All clients in one month, as of a day: those without a cycle or that cannot be read first."""

    cycle: Cycle
    on: date
    clients: tuple[ClientMonth, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the board as plain data; the texts of reminders are a face's."""
        return {"cycle": self.cycle.id, "on": f"{self.on}", "clients": [_client_data(each) for each in self.clients]}


def period_of(workbook: Workbook, cycle: str, today: date, clients: Iterable[str] = ()) -> Cycle:
    """Return the month that is meant: where none is named the one before this, or the newest if no client has that.

    Raises WorkbookError for what is no month.
    """
    if cycle.strip():
        return meant_cycle(cycle, ())
    clients = [*clients] or workbook.some_clients()
    before = Cycle.around(today, "month").previous
    known = [Cycle.parse(each) for name in clients for each in cycles_in(workbook.client_folder(name))[0]]
    held = not known or any(each.first_day <= before.last_day <= each.last_day for each in known)
    return before if held else max(known, key=lambda each: each.last_day)


def board(workbook: Workbook, cycle: Cycle, on: date, clients: Iterable[str] = ()) -> Board:
    """Return the board of a month for some clients (default: all). WorkbookError for a client there is not."""
    wanted = [workbook.client_folder(name).name for name in clients] or workbook.some_clients()
    found = [_client(workbook, name, cycle, on) for name in wanted]
    first = {"no-cycle": 0, "unreadable": 1}
    return Board(cycle, on, tuple(sorted(found, key=lambda each: (first.get(each.state, 2), each.id))))


_BROUGHT = {"plan": {"agreed"}, "appraisal": {"actual", "self", "appraiser"}}
"""Which steps a form of a phase is about."""
_AWAITED = "no-target"
"""No error of a month whose goals are still to come: the board counts those."""


def _client(workbook: Workbook, name: str, cycle: Cycle, on: date) -> ClientMonth:
    folder = workbook.client_folder(name)
    client, issues = read_client(folder)
    if client is None:
        return ClientMonth(name, Text.of(name), LANGUAGES[0], "unreadable", issues=Issues(issues.errors))
    language = client.profile.languages[0]
    if cycle.id not in client.cycles:
        return ClientMonth(name, client.profile.name, language, "no-cycle", gaps=_gaps(client, cycle))
    try:
        client = as_of(client, cycle.id)
        tables, found = inspect_cycle(client, cycle.id, past=True)  # of what is wrong it counts errors alone
        work = list(rows_of(work_of(client, cycle.id)))
    except IssuesError as problem:
        return ClientMonth(name, client.profile.name, language, "unreadable", issues=problem.issues.errors)
    record = read_record(folder / "cycles" / cycle.id)
    return ClientMonth(
        name, client.profile.name, language, record.state.value,
        tuple(_Month(client, cycle, tables, record, Library(workbook).talk, on).people()),
        Issues(issue for issue in found.errors if issue.code != _AWAITED), _gaps(client, cycle),
        with_superiors(tables.people, client.design.roles),
        tuple(open_days(work)), tuple(common_problems(work)),
    )  # fmt: skip


def _gaps(client: Client, cycle: Cycle) -> tuple[str, ...]:
    found = lint_cycles([*(each for each in client.cycles if Cycle.parse(each) < cycle), cycle.id])
    return tuple(found[0].values["missing"]) if found else ()


class _Month:
    """What everybody's month is read from, as of a day."""

    def __init__(
        self, client: Client, cycle: Cycle, tables: Tables, record: Record, rules: TalkRules, on: date
    ) -> None:  # fmt: skip
        self.client, self.cycle, self.tables, self.on = client, cycle, tables, on
        self.closed = record.state is State.CLOSED
        worked = work_days_of(cycle, client.profile.country)
        days = {entry.kind: entry for entry in cycle_dates(cycle, client.profile.calendar, worked)}
        start, agreed = days["appraisal"].start, days["fixed"].end
        written = any(line.facts.get("phase") == "appraisal" for line in record.of("sent"))
        phase = "appraisal" if written or on >= start else "plan"
        sent = start if phase == "appraisal" else agreed
        self.due = dict.fromkeys(STEPS, days["appraisal"].end) | {"agreed": agreed, "sent": sent}
        so_far = partial(steps_done, tables, record, table_of(client, cycle.id, "answers"), phase)
        self.told, self.by_now = so_far(until=on), so_far()
        self.views = written or any(row.self is not None for row in tables.actual.values())
        self.following = Following(client, cycle, rules, over_by(cycle, record, on))
        self.waiting = [one.split() for forms in record.waiting.values() for one in forms]

    def people(self) -> Iterator[PersonMonth]:
        """Go through everybody's month."""
        names = with_superiors(self.tables.people, self.client.design.roles)
        for person in rows_of(self.tables.people):
            role = self.client.design.roles[person.role]
            own = (_BROUGHT.get(phase, ()) for who, phase in self.waiting if who == person.id)
            brought: frozenset[str] = frozenset().union(*own)
            steps, measures = dict(self._steps(person, role)), tuple(self._measures(person, role))
            yield PersonMonth(person.id, names[person.id], person.manager, steps, brought, measures)

    def _steps(self, person: Any, role: Role) -> Iterator[tuple[str, Step]]:
        """Go through how far each step is with somebody; what is closed is not waited for any more."""
        counts, gone = self._counts(person, role), has_left(person, self.on)
        for name in STEPS:
            done, of = counts[name]
            waited_for = not gone or (name in {"actual", "appraiser"} and person.id not in self.tables.apart)
            done, of = (done, of) if waited_for or done >= of else (0, 0)
            due = max(self.due[name], person.joined or self.due[name])  # nobody is late before they came
            came, late = self.told[name].get(person.id), done < of and self.on > due and not self.closed
            came_late = came if done >= of and came is not None and came > due else None
            yield name, Step(done, of, due, due + timedelta(days=1) if late else None, came_late, waited_for)

    def _counts(self, person: Any, role: Role) -> dict[str, tuple[int, int]]:
        """Return how many of how many lines are there by step, or whether what is done once is done."""
        views = self.views and not has_left(person, self.on)
        asked = {
            "actual": [item for item in role.indicators if item.basis is Basis.ACTUAL],
            "self": role.indicators if self.views else (),
            "appraiser": [item for item in role.indicators if views or item.basis is not Basis.ACTUAL],
        }
        counts = {name: (int(person.id in self.told[name]), 1) for name in ("agreed", "sent", "talk", "signed")}
        for name, items in asked.items():
            rows = (self.tables.actual.get((person.id, item.id)) for item in items)
            # forms may have come back after the day as of which the board is asked for
            later = person.id in self.by_now[name] and person.id not in self.told[name]
            counts[name] = 0 if later else sum(getattr(row, name, None) is not None for row in rows), len(items)
        counted = [item for item in role.indicators if item.needs_target and role.method.counts(item.side)]
        aimless = any(self.tables.target(person.id, item) is None for item in counted)
        return counts | ({"agreed": (0, 1)} if aimless else {})

    def _measures(self, person: Any, role: Role) -> Iterator[Followed]:
        """Go through what was agreed with somebody before and was not marked as kept before this month."""
        targets = {(person.id, item.id): self.tables.target(person.id, item) for item in role.indicators}
        gone = has_left(person, self.on)
        for each in self.following.of(person.id, role.indicators, self.tables.actual, targets):
            if not gone if each.row.done is None else each.row.done >= self.cycle.first_day:
                yield each


def _client_data(each: ClientMonth) -> dict[str, Any]:
    return picked(
        each, "client=id state late_since missing_cycles=gaps open_days",
        errors=len(each.issues), people=[
            picked(
                person, "id manager late_since steps", waiting=sorted(person.waiting),
                measures=[{"cycle": m.cycle.id, "measure": m.row.measure, "state": m.state} for m in person.measures],
            )
            for person in each.people
        ],
        common_problems=[{"problem": problem, "people": people} for problem, people in each.common],
    )  # fmt: skip
