"""What is to be made: the reports of each client, each with a key over everything its bytes depend on.

A client whose files are what they were when it was planned last is not even read again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, replace

from kpi_toolkit.batch.ledger import Ledger, key_of
from kpi_toolkit.batch.parcel import pack
from kpi_toolkit.batch.places import check_output
from kpi_toolkit.batch.run import FEW, Job, Refusal
from kpi_toolkit.batch.versions import fingerprint
from kpi_toolkit.clients.client import (
    Client,
    Latest,
    as_of,
    inspect_cycle,
    issues_behind,
    latest,
    person_named,
    read_client,
)
from kpi_toolkit.clients.cycle_folders import meant_cycle
from kpi_toolkit.clients.frozen import held
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, check_known
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Behind, IssuesError, Place, error, nearest, nearest_name
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import LANGUAGES, Text
from kpi_toolkit.pages.kinds import KINDS, ReportKind, Subject
from kpi_toolkit.results.closing import worked_from
from kpi_toolkit.results.history import planned_cycle
from kpi_toolkit.results.inspection import trouble_with
from kpi_toolkit.results.official import check_held

REPORTS = tuple(kind.name for kind in KINDS.values() if kind.in_batches)
FORMATS: tuple[str, ...] = ("html", "pdf")
EVERY_CYCLE: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.usual)
"""The reports that are made of each cycle unless others are asked for."""
Seen = MutableMapping[tuple[str, str], tuple[Client, Tables]]
"""What planning has read of a few cycles, by the digest of the client's files and the cycle's place."""


@dataclass(frozen=True)
class Request:
    """What was asked for. WorkbookError for names that do not exist."""

    cycle: str | None = None
    reports: Sequence[str] = EVERY_CYCLE
    people: Sequence[str] | None = None
    formats: Sequence[str] = FORMATS
    languages: Sequence[str] | None = None
    force: bool = False

    def __post_init__(self) -> None:
        for given, known, what in (
            (self.reports, REPORTS, "report"),
            (self.formats, FORMATS, "format"),
            (LANGUAGES if self.languages is None else self.languages, LANGUAGES, "language"),
        ):
            for word in given or ("",):
                check_known(f"unknown-{what}", word or "''", known)
        if self.people is not None and not any(KINDS[name].once_a_person for name in self.reports):
            raise WorkbookError("people-without-report", people=list(self.people), reports=list(self.reports))
        if self.cycle is not None:
            object.__setattr__(self, "cycle", meant_cycle(self.cycle, ()).id)


def plan(
    workbook: Workbook,
    clients: Sequence[str] | None,
    request: Request,
    ledger: Ledger | None = None,
    on_news: Callable[[int], object] = lambda _: None,
    seen: Seen | None = None,
) -> tuple[list[Job], list[Refusal]]:
    """Return the jobs of a batch, and the clients whose files keep it from being started.

    ``on_news`` is told at once of how many jobs of a client the ledger has no report: there will be something to make.
    ``seen`` is given what was read of the first few cycles, which need not be read again where nothing has changed.
    """
    chosen = workbook.clients() if clients is None else workbook.named_clients(clients)
    typed = request.people or ()
    if typed:
        request = replace(request, people=_ids_of(workbook, chosen, request))
    jobs: list[Job] = []
    refusals: list[Refusal] = []
    for client in chosen:
        try:
            found = _jobs_of(workbook, client, request, ledger, seen if seen is not None and len(seen) < FEW else {})
            raise_errors(check_output(workbook, client, {job.cycle for job in found}))
        except WorkbookError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is this client's, and the others go on
            refusals.append(Refusal(client, trouble_with(client, problem)))
        else:
            jobs += found
            new = sum(ledger is None or job.key not in ledger for job in found)
            if new:
                on_news(new)
    named = dict(zip(request.people or (), typed, strict=True))
    without = [word for person, word in named.items() if not any(job.person == person for job in jobs)]
    if without and not refusals:
        there = plan(workbook, clients, replace(request, people=None), ledger)[0]
        raise _not_in_cycle(workbook, there, without[0])
    return jobs, refusals


def _not_in_cycle(workbook: Workbook, there: Sequence[Job], word: str) -> WorkbookError:
    """Return what is said of somebody who was named and has no page, beside those who have one."""
    names = _names_of(workbook, {job.client: job.cycle for job in there}, {job.person for job in there} - {""})
    near = nearest_name(word, [*names.values()]) or nearest(word, names)
    known = [Text.of(name).after(who) for who, name in names.items()]
    return WorkbookError("unknown-in-cycle", name=word, nearest=near, known=known)


def _names_of(workbook: Workbook, cycles: Mapping[str, str], people: Collection[str]) -> dict[str, str]:
    """Return what people are called in the cycles that are shown, by their ids."""
    clients = (read_client(workbook.client_data / name, cycle)[0] for name, cycle in cycles.items())
    rows = [row for client in clients if client for row in rows_of(client.people) if row.id in people]
    return {row.id: row.name for row in rows} or {person: person for person in sorted(people)}


def _ids_of(workbook: Workbook, chosen: Sequence[str], request: Request) -> list[str]:
    """Return the ids of the people who were named; a word stays where its client cannot be read, which is said."""
    clients = [read_client(workbook.client_data / name, request.cycle or "")[0] for name in chosen]
    rosters = [Roster(value.design, value.people) for value in clients if value is not None]
    said, whole = request.people or (), len(rosters) == len(chosen)
    return [person_named(rosters, word) if whole else word for word in said]


def _jobs_of(workbook: Workbook, client: str, request: Request, ledger: Ledger | None, seen: Seen) -> list[Job]:
    digest = pack(workbook, client).digest
    key = key_of("plan", fingerprint(), digest, client, asdict(request))
    known = ledger.planned(key, client) if ledger else None
    if known is not None:
        return known
    read, tables, found = _read(workbook, client, request)
    jobs = [replace(job, key=job_key(job, digest)) for job in found]
    seen.update({(digest, job.place): (read, tables) for job in jobs[:1]})
    if ledger:
        ledger.note_plan(key, jobs)
    return jobs


def job_key(job: Job, digest: str) -> str:
    """Return the content key of a job: its parameters, what it is made from and what makes it."""
    return key_of("job", fingerprint(), digest, job.place, job.report, job.person, job.language, list(job.formats))


def _read(workbook: Workbook, name: str, request: Request) -> tuple[Client, Tables, list[Job]]:
    folder = workbook.client_data / name
    client, issues = read_client(folder, request.cycle or "")  # whatever the client's design is like by now
    if client is None or issues.errors:
        raise IssuesError(issues)
    kinds = [KINDS[report] for report in request.reports]
    design_only = all(kind.subject is Subject.DESIGN for kind in kinds)  # shown before anything is filled in
    chosen = Latest(request.cycle or planned_cycle(client)) if request.cycle or design_only else latest(client)
    cycle = chosen.cycle
    client = as_of(client, cycle)
    tables, behind = _to_show(client, cycle, request, design_only=design_only)
    jobs = _jobs(client, cycle, kinds, request, list(tables.people["id"]))
    return client, tables, [replace(job, behind=behind, passed_over=chosen.passed_over) for job in jobs]


def _to_show(client: Client, cycle: str, request: Request, *, design_only: bool) -> tuple[Tables, Behind]:
    """Return the tables of a cycle that reports may show, and what stands behind them. Raises IssuesError."""
    folder = client.folder
    if request.force and read_record(folder / "cycles" / cycle).state == State.CLOSED:
        raise IssuesError([error("closed-force", Place(f"cycles/{cycle}"), cycle=cycle, client=client.id)])
    tables, issues = inspect_cycle(client, cycle)
    if issues.blocking and not design_only:
        raise IssuesError(issues)
    record = read_record(folder / "cycles" / cycle)
    if held(record) and not design_only:
        check_held(folder / "cycles" / cycle, record, worked_from(client, tables, Cycle.parse(cycle)))
    opened = cycle in client.cycles  # else there are no tables, and nothing is wrong with them
    return tables, (issues_behind(client, tables, cycle) if opened else client.issues).behind


def _jobs(client: Client, cycle: str, kinds: Sequence[ReportKind], request: Request, everyone: list[str]) -> list[Job]:
    people = [person for person in everyone if request.people is None or person in request.people]
    languages = request.languages or client.profile.languages
    pages = [Job(client.id, cycle, kind.name, languages[0], ("html",)) for kind in kinds if not kind.notebook]
    return pages + [
        Job(client.id, cycle, kind.name, language, tuple(request.formats), person)
        for language in languages
        for kind in kinds
        if kind.notebook
        for person in (people if kind.once_a_person else [""])
    ]
