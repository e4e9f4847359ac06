"""The batch: every client's reports in one run. One bad client or report never stops the others.

Plan, skip what is unchanged, let the makers produce, write each finished file under its name, note it in the ledger.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from filelock import FileLock, Timeout

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.storage import FILE_MODE, make_folder, sweep, write_file
from kpi_toolkit.clients.workbook import NotStartedError, Workbook
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.reports import drawing
from kpi_toolkit.reports.batch import STAGES, File, Job, Outcome, Pace, Refusal, Run
from kpi_toolkit.reports.index import write_index
from kpi_toolkit.reports.ledger import Ledger
from kpi_toolkit.reports.makers import Makers, makers_for
from kpi_toolkit.reports.manifest import covers, write_manifest
from kpi_toolkit.reports.parcel import pack
from kpi_toolkit.reports.planning import EVERY_CYCLE, FORMATS, Request, job_key, plan
from kpi_toolkit.reports.production import Product, Task, produce
from kpi_toolkit.reports.versions import versions
from kpi_toolkit.reports.words import Words

LOCK = ".kpi-run.lock"
CHARTS = ".charts"
DIED = "its process died, and again when it was made alone"
_TASKS_A_WORKER = 2
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
    per core) or ``dask:ADDRESS``. ``progress`` is called with each outcome and the pace so far. Manifests, ``run.json``
    and ``index.html`` are written at the end.

    Raises WorkbookError for names that do not exist, NotStartedError where another run is at work in the same workbook
    or the cluster cannot be used.
    """
    request = Request(cycle, reports, people, formats, languages)
    make_folder(workbook.reports)
    try:
        with FileLock(workbook.reports / LOCK, timeout=0, mode=FILE_MODE):
            sweep(workbook.reports)
            drawing.forget_old(workbook.reports / CHARTS)
            ledger = Ledger(workbook.reports)
            planned, refusals = plan(workbook, clients, request, ledger)
            makers = makers_for(executor, jobs, workbook.reports / CHARTS)
            batch = _Batch(workbook, ledger, limits or Limits(), len(planned), progress)
            return batch.run(planned, refusals, makers, force=force)
    except Timeout as problem:
        raise NotStartedError("run-at-work", folder=str(workbook.reports)) from problem


class _Batch:
    """One run over one workbook."""

    def __init__(
        self, workbook: Workbook, ledger: Ledger, limits: Limits, total: int, progress: Progress | None
    ) -> None:
        self._workbook, self._ledger, self._limits = workbook, ledger, limits
        self._progress = progress
        self._started = time.monotonic()
        self.pace = Pace(0, total, 0, 0.0, dict.fromkeys(STAGES, 0.0))

    def run(self, planned: Sequence[Job], refusals: Sequence[Refusal], makers: Makers, *, force: bool) -> Run:
        """Return what became of each job, in the order of the plan."""
        outcomes: dict[Job, Outcome] = {}
        for job in planned:
            same = None if force else self._ledger.unchanged(job)
            if same:
                outcomes[job] = self._tell(same)
        changed = [job for job in planned if job not in outcomes]
        if changed:
            with makers:
                for task, product in produced(self._tasks(changed), makers):
                    outcomes[task.job] = self._tell(self._deliver(task.job, product), product.seconds)
        in_order = tuple(outcomes[job] for job in planned)
        finished = Run(in_order, tuple(refusals), pace=self.pace, refused_workers=makers.refused)
        try:
            self._take_stock(finished)
        except Exception as problem:  # noqa: BLE001 - the reports are there; what is told of them must say what is not
            return replace(finished, trouble=f"{type(problem).__name__}: {problem}")
        return finished

    def _tasks(self, jobs: Iterable[Job]) -> Iterator[Task]:
        """Go through the tasks; a client's files are read when its first report is due."""
        client, parcel = "", None
        for job in jobs:
            if parcel is None or job.client != client:
                client, parcel = job.client, pack(self._workbook, job.client)
            key = job_key(job, parcel.digest)  # what was read now, should it have changed since it was planned
            yield Task(replace(job, key=key), parcel, self._limits, versions())

    def _deliver(self, job: Job, product: Product) -> Outcome:
        """Write a finished report under its names."""
        seconds = sum(product.seconds.values())
        if product.reason:
            return Outcome(job, "failed", reason=product.reason, seconds=seconds)
        folder = self._workbook.reports / job.place
        try:
            files = tuple(
                File(kind, write_file(folder / job.path(kind), data), len(data))
                for kind, data in product.content.items()
            )
        except OSError as problem:
            return Outcome(job, "failed", reason=f"it could not be written: {problem}", seconds=seconds)
        glyphs = product.missing_glyphs
        return Outcome(job, "delivered", files, product.who, "", glyphs, product.no_pdf, seconds)

    def _tell(self, outcome: Outcome, seconds: Mapping[str, float] | None = None) -> Outcome:
        """Note an outcome in the ledger and tell how the batch gets on."""
        if outcome.state == "delivered":
            self._ledger.note(outcome)
        pace, now = self.pace, time.monotonic() - self._started
        stages = {stage: spent + (seconds or {}).get(stage, 0.0) for stage, spent in pace.stages.items()}
        self.pace = Pace(pace.done + 1, pace.total, pace.made + (outcome.state != "unchanged"), now, stages)
        if self._progress:
            self._progress(outcome, self.pace)
        return outcome

    def _take_stock(self, finished: Run) -> None:
        """Write what lies there: a manifest for each cycle, the run, the page over all."""
        places: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in finished.outcomes:
            if outcome.files:
                places.setdefault((outcome.job.client, outcome.job.cycle), []).append(outcome)
        for (client, cycle), outcomes in places.items():
            folder = self._workbook.reports / client / cycle
            files = [file for outcome in outcomes for file in outcome.delivered()]
            if any(outcome.state == "delivered" for outcome in outcomes) or not covers(folder, files):
                write_manifest(folder, load_client(self._workbook.client_data / client), cycle, files)
        record = finished.to_json(Words("en", self._workbook))
        write_file(self._workbook.reports / "run.json", json.dumps(record, ensure_ascii=False, indent=1) + "\n")
        write_index(self._workbook, finished)


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
            yield from _until_broken(executor, due, _TASKS_A_WORKER * makers.workers, suspects)
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
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def _until_broken(
    executor: Executor, due: Iterator[Task], most: int, suspects: list[Task]
) -> Iterator[tuple[Task, Product]]:
    """Go through products until all tasks are done or a worker has died; then ``suspects`` holds those under way."""
    waiting: dict[Future[Product], Task] = {}
    while not suspects:
        for task in islice(due, most - len(waiting)):
            try:
                waiting[executor.submit(produce, task)] = task
            except BrokenExecutor:
                suspects.append(task)
        if not waiting:
            return
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
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
