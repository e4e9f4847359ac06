"""The batch: every client's reports in one run. One bad client or report never stops the others.

Plan, skip what is unchanged, let the makers produce, write each finished file under its name, note it in the ledger.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from kpi_toolkit.batch.deliveries import KEPT, closed, deliver_again, keep
from kpi_toolkit.batch.index import INDEX, write_index
from kpi_toolkit.batch.ledger import LEDGER, Ledger
from kpi_toolkit.batch.makers import Makers, makers_for
from kpi_toolkit.batch.manifest import MANIFEST, covers, other_design, write_manifest
from kpi_toolkit.batch.parcel import pack
from kpi_toolkit.batch.places import check_room, open_output
from kpi_toolkit.batch.planning import EVERY_CYCLE, FORMATS, Request, Seen, job_key, plan
from kpi_toolkit.batch.production import Product, Task, produce
from kpi_toolkit.batch.run import FEW, STAGES, File, Job, Outcome, Pace, Run
from kpi_toolkit.batch.versions import look_again, versions
from kpi_toolkit.clients.client import Client, Latest, input_hashes, load_client
from kpi_toolkit.clients.deadline import time_limit
from kpi_toolkit.clients.storage import FILE_MODE, sweep, sweep_scratch, write_file, write_together
from kpi_toolkit.clients.workbook import NotStartedError, Workbook, WorkbookError
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.shown import json_text, some_lines
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.value import ENGLISH
from kpi_toolkit.pages.kinds import KINDS, NOTEBOOKS
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.prepared import prepare
from kpi_toolkit.results.summary import summarize_tables

LOCK = ".kpi-run.lock"
RECORD = "run.json"
DIED = "its process died, and again when it was made alone"
SHARED_FROM = 4
"""From so many reports of one cycle on, its summary is worked out once for all: loading what that takes pays off."""
_TASKS_A_WORKER = 2
_SECONDS_TO_LOOK = 5
Progress = Callable[[Outcome, Pace], None]


def render(
    workbook: Workbook,
    clients: Sequence[str] | None = None,
    *,
    cycle: str | None = None,
    reports: Sequence[str] = EVERY_CYCLE,
    people: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] | None = None,
    jobs: int | None = None,
    executor: str = "local",
    force: bool = False,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Run:
    """Make the reports of these clients (default: all) and return what became of each.

    ``cycle`` defaults to each client's latest with actuals, ``languages`` to the client's own. What is unchanged since
    it was made is not made again unless ``force`` says so. ``executor`` is ``local`` (``jobs`` processes, default: one
    per core) or ``dask:ADDRESS``. ``progress`` is called with each outcome and the pace so far. A cycle's manifest is
    written when its last report is there, ``run.json`` and ``index.html`` at the end.

    Raises WorkbookError for names that do not exist, NotStartedError where another run is at work in the same workbook
    or the cluster cannot be used.
    """
    started = time.monotonic()
    request = Request(cycle, reports, people, formats, languages, force)
    open_output(workbook, (LOCK, LEDGER, RECORD, INDEX))
    look_again()
    try:
        with FileLock(workbook.reports / LOCK, timeout=0, mode=FILE_MODE):
            for folder in (workbook.reports, workbook.client_data, workbook.root / "templates"):
                sweep(folder)
            sweep_scratch()
            ledger = Ledger(workbook.reports)
            with makers_for(executor, jobs, reports) as makers:
                seen: Seen = {}
                planned, refusals = plan(workbook, clients, request, ledger, makers.expect, seen)
                batch = _Batch(workbook, ledger, limits or Limits(), planned, started, progress, seen)
                own = workbook.own_files(NOTEBOOKS[report] for report in reports if report in NOTEBOOKS)
                return batch.run(Run(refusals=tuple(refusals), own_files=own), makers, force=force)
    except Timeout as problem:
        raise NotStartedError("run-at-work", folder=str(workbook.reports)) from problem


class _Batch:
    """One run over one workbook."""

    def __init__(
        self, workbook: Workbook, ledger: Ledger, limits: Limits, planned: Sequence[Job], started: float,
        progress: Progress | None, seen: Seen,
    ) -> None:  # fmt: skip
        self._workbook, self._ledger, self._limits = workbook, ledger, limits
        self._planned, self._started, self._progress, self._seen = planned, started, progress, seen
        self._read: dict[str, tuple[Client, dict[str, str]]] = {}
        self._unreadable: dict[Job, str] = {}
        self._places: dict[str, list[Outcome]] = {}
        self._due = Counter(job.place for job in planned)
        self._trouble: dict[str, None] = {}
        self._redesigned: dict[str, int] = {}
        self._marks: dict[str, str] = {}
        self._kept: dict[Job, tuple[File, ...]] = {}
        self._summaries: dict[str, bytes] = {}
        self.pace = Pace(0, len(planned), 0, 0.0, dict.fromkeys(STAGES, 0.0))

    def run(self, begun: Run, makers: Makers, *, force: bool) -> Run:
        """Return a run with what became of each job, in the order of the plan."""
        there = () if force else ((job, self._already_made(job)) for job in self._planned)
        outcomes = {job: self._tell(same) for job, same in there if same}
        changed = [job for job in self._planned if job not in outcomes]
        if changed:
            check_room(self._workbook)
            makers.due = len(changed)
            makers.one_client = len(self._seen) <= 1 == len({job.client for job in changed})
            for task, product in produced(self._tasks(changed), makers):
                made = self._deliver(task.job, product)
                files = (*self._kept.get(task.job, ()), *made.files)  # what was delivered before, in another format
                outcomes[task.job] = self._tell(replace(made, files=files), product.seconds)
        for job, reason in self._unreadable.items():
            outcomes[job] = self._tell(Outcome(job, "failed", reason=reason))
        finished = replace(
            begun, outcomes=tuple(outcomes[job] for job in self._planned), trouble="; ".join(self._trouble),
            pace=self.pace, refused_workers=makers.refused, redesigned=dict(self._redesigned),
        )  # fmt: skip
        self._try(f"{RECORD}, {INDEX}", lambda: self._write_record(finished))
        return replace(finished, trouble="; ".join(self._trouble))

    def _already_made(self, job: Job) -> Outcome | None:
        """Return the outcome of a report that is there already: as delivered if its cycle is closed, else unchanged."""
        record = closed(self._workbook, job)
        if record is None or record.deciding is None:
            return self._ledger.unchanged(job)
        self._marks[job.place] = record.deciding.hash
        try:
            files = self._kept[job] = deliver_again(self._workbook, job, record)
        except (IssuesError, OSError) as problem:
            return Outcome(job, "failed", reason=_in_short(problem))
        return Outcome(job, "unchanged", files) if {file.kind for file in files} >= {*job.formats} else None

    def _try(self, what: str, write: Callable[[], object]) -> None:
        """Write something about the reports; where that fails they are there all the same, and it is said."""
        try:
            write()
        except Exception as problem:  # noqa: BLE001
            self._trouble[f"{what}: {_in_short(problem)}"] = None

    def _tasks(self, jobs: Sequence[Job]) -> Iterator[Task]:
        """Go through the tasks; a client's files are read when its first report is due."""
        client, parcel = "", None
        sharing, few = Counter(job.place for job in jobs if KINDS[job.report].of_summary), len(jobs) <= FEW
        for job in jobs:
            try:
                if parcel is None or job.client != client:
                    parcel = pack(self._workbook, job.client)
                seen = self._seen.get((parcel.digest, job.place))
                if job.place not in self._read:
                    self._read[job.place] = _as_it_lies(self._workbook, job, seen and seen[0])
                    before = other_design(self._workbook.reports / job.place, self._read[job.place][1])
                    self._redesigned |= {} if before is None else {job.place: before}
            except (OSError, IssuesError) as problem:  # since it was planned
                which = f"{Path(problem.filename).name}: " if isinstance(problem, OSError) and problem.filename else ""
                self._unreadable[job] = f"its files cannot be read any more: {which}{_in_short(problem)}"
                parcel = None
                continue
            client = job.client
            key = job_key(job, parcel.digest)  # what was read now, should it have changed since it was planned
            shared = KINDS[job.report].of_summary and sharing[job.place] >= SHARED_FROM
            kept = {file.kind for file in self._kept.get(job, ())}
            formats = tuple(kind for kind in job.formats if kind not in kept)
            summary = self._summary(job, *seen) if seen and few and KINDS[job.report].of_summary else b""
            yield Task(replace(job, key=key), formats, parcel, self._limits, versions(), shared, summary)

    def _summary(self, job: Job, client: Client, tables: Tables) -> bytes:
        """Return the summary of a cycle that planning has read, while what makes the reports is still loading.

        Where it cannot be worked out, the report tries itself, and fails with its own words.
        """
        if job.place not in self._summaries:
            self._summaries[job.place] = b""
            with suppress(Exception), time_limit(self._limits.report_seconds):
                summary = summarize_tables(client, tables, Latest(job.cycle))
                self._summaries[job.place] = prepare(summary)
        return self._summaries[job.place]

    def _deliver(self, job: Job, product: Product) -> Outcome:
        """Write a finished report under its names."""
        seconds = sum(product.seconds.values())
        folder = self._workbook.reports / job.place
        told = folder / job.path("txt")
        if product.reason:
            if product.detail:
                self._try(job.path("txt"), lambda: write_file(told, some_lines(product.detail) + "\n"))
            return Outcome(job, "failed", reason=product.reason, detail=product.detail, seconds=seconds)
        try:
            made = write_together({folder / job.path(kind): data for kind, data in product.content.items()})
            told.unlink(missing_ok=True)
        except OSError as problem:
            return Outcome(job, "failed", reason=f"it could not be written: {_in_short(problem)}", seconds=seconds)
        files = tuple(File(kind, made[folder / job.path(kind)], len(data)) for kind, data in product.content.items())
        return Outcome(job, "delivered", files, product.who, "", "", product.missing_glyphs, product.no_pdf, seconds)

    def _tell(self, outcome: Outcome, seconds: Mapping[str, float] | None = None) -> Outcome:
        """Note an outcome in the ledger and tell how the batch gets on."""
        if outcome.state == "delivered":
            self._try(LEDGER, lambda: self._ledger.note(outcome))
        pace, now = self.pace, time.monotonic() - self._started
        stages = {stage: spent + (seconds or {}).get(stage, 0.0) for stage, spent in pace.stages.items()}
        self.pace = Pace(pace.done + 1, pace.total, pace.made + (outcome.state != "unchanged"), now, stages)
        place = outcome.job.place
        self._places.setdefault(place, []).append(outcome)
        self._due[place] -= 1
        if not self._due[place]:
            self._try(f"{place}/{MANIFEST}", lambda: self._take_stock(place))
        if self._progress:
            self._progress(outcome, self.pace)
        return outcome

    def _take_stock(self, place: str) -> None:
        """Write the manifest of a cycle whose last report has come, unless it says just that."""
        outcomes = [outcome for outcome in self._places.pop(place) if outcome.files]
        files = [file for outcome in outcomes for file in outcome.delivered()]
        folder = self._workbook.reports / place
        known = self._read.pop(place, None)
        if any(outcome.state == "delivered" for outcome in outcomes) or not covers(folder, files):
            client, inputs = known or _as_it_lies(self._workbook, outcomes[0].job)
            job = outcomes[0].job
            closed_by_now = place in self._marks
            write_manifest(folder, client, job.cycle, files, inputs, job.behind, closed=closed_by_now)
            made = [file.path for outcome in outcomes if outcome.state == "delivered" for file in outcome.delivered()]
            if closed_by_now:
                paths = [path for path in made if path.endswith(KEPT)]
                keep(self._workbook, client, job.cycle, paths, self._marks[place])

    def _write_record(self, finished: Run) -> None:
        """Write the record of the run and the page over everything that lies there."""
        bare = finished.without_values()
        record = bare.to_json(Words(ENGLISH, self._workbook))
        write_file(self._workbook.reports / RECORD, json_text(record, indent=1) + "\n")
        write_index(self._workbook, bare)


def _in_short(problem: Exception) -> str:
    """Return what a failure may be called in every record: no path of this machine, nothing of what was read."""
    if isinstance(problem, OSError):
        return problem.strerror or type(problem).__name__
    return str(problem) if isinstance(problem, (IssuesError, WorkbookError)) else type(problem).__name__


def _as_it_lies(workbook: Workbook, job: Job, client: Client | None = None) -> tuple[Client, dict[str, str]]:
    """Return a job's client (read anew unless it is given), and the hashes of the files that the scores come from."""
    client = client or load_client(workbook.client_data / job.client, job.cycle)
    return client, input_hashes(client, job.cycle)


def produced(tasks: Iterable[Task], makers: Makers) -> Iterator[tuple[Task, Product]]:
    """Let the makers produce and go through the products as they come.

    Two tasks a worker are under way at most, so that neither tasks nor products pile up. Where a worker's death broke
    the executor nobody can say whose fault it was: those under way are made again, each alone, and a second death names
    it.
    """
    due = iter(tasks)
    while True:
        suspects: list[Task] = []
        with _executor(makers) as executor:
            yield from _until_broken(executor, due, makers, suspects)
        if not suspects:
            return
        while suspects:
            with _executor(makers, 1) as executor:
                yield from _one_by_one(executor, suspects)


@contextmanager
def _executor(makers: Makers, most: int | None = None) -> Iterator[Executor]:
    executor = makers.start(most)
    try:
        yield executor
    finally:
        with suppress(Exception):  # a cluster may be gone by now
            executor.shutdown(wait=False)  # what is under way ends with the makers; Dask's knows no other argument


def _until_broken(
    executor: Executor, due: Iterator[Task], makers: Makers, suspects: list[Task]
) -> Iterator[tuple[Task, Product]]:
    """Go through products until all tasks are done or a worker has died; then ``suspects`` holds those under way.

    Where the makers are lost as a whole, everything that is left has failed.
    """
    waiting: dict[Future[Product], Task] = {}
    most = _TASKS_A_WORKER * makers.workers
    while not suspects:
        for task in islice(due, most - len(waiting)):
            try:
                waiting[executor.submit(produce, task)] = task
            except BrokenExecutor:
                suspects.append(task)
            except OSError as problem:
                yield task, Product(reason=f"it could not be handed to a worker: {_in_short(problem)}")
        if not waiting:
            return
        done = wait(waiting, _SECONDS_TO_LOOK, return_when=FIRST_COMPLETED).done
        if not done and makers.lost:
            yield from ((task, Product(reason=makers.lost)) for task in (*waiting.values(), *due))
            return
        for future in done:
            task = waiting.pop(future)
            try:
                yield task, _result(future)
            except BrokenExecutor:
                suspects.append(task)
    suspects += waiting.values()


def _one_by_one(executor: Executor, suspects: list[Task]) -> Iterator[tuple[Task, Product]]:
    """Take suspects one by one until the executor breaks; who breaks it alone is named."""
    while suspects:
        task = suspects.pop(0)
        try:
            yield task, _result(executor.submit(produce, task))
        except BrokenExecutor:
            yield task, Product(reason=DIED)
            return


def _result(future: Future[Product]) -> Product:
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as problem:  # noqa: BLE001 - what a cluster says of a task it has lost
        return Product(reason=f"{type(problem).__name__}: {problem}")
