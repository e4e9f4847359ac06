"""The batch: every client's reports in one run. One bad client or report never stops the others.

A report is one job in a process of its own: papermill runs the notebook, nbconvert makes the page, the same page
becomes the PDF, and only finished files get their names. Nothing is shared between two reports.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import active_children, get_context
from pathlib import Path

from filelock import FileLock, Timeout

from kpi_toolkit.clients.client import inspect_cycle, load_client, read_client
from kpi_toolkit.clients.storage import FILE_MODE, make_folder, sweep, write_file
from kpi_toolkit.clients.workbook import NotStartedError, Workbook, WorkbookError
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError, nearest
from kpi_toolkit.reports.batch import Job, Outcome, Refusal, Run
from kpi_toolkit.reports.execution import execute
from kpi_toolkit.reports.history import latest_cycle
from kpi_toolkit.reports.index import write_index
from kpi_toolkit.reports.manifest import Delivered, write_manifest
from kpi_toolkit.reports.words import Words

NOTEBOOKS = {"team": "40_team_report.ipynb", "person": "41_person_report.ipynb"}
LOCK = ".kpi-run.lock"
_SECONDS_TO_LEAVE = 10
REPORTS, FORMATS = tuple(NOTEBOOKS), ("html", "pdf")


def render(
    workbook: Workbook,
    clients: Sequence[str] | None = None,
    *,
    cycle: str | None = None,
    reports: Sequence[str] = REPORTS,
    people: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] | None = None,
    jobs: int | None = None,
    progress: Callable[[Outcome, int], None] | None = None,
) -> Run:
    """Make the reports of these clients (default: all) and return what became of each.

    ``cycle`` defaults to each client's latest with actuals, ``languages`` to the client's own. ``progress`` is called
    with each outcome and the number of jobs. Raises WorkbookError for names that do not exist.
    """
    planned, refusals = plan(
        workbook, clients, cycle=cycle, reports=reports, people=people, formats=formats, languages=languages
    )
    return run(workbook, planned, refusals, jobs=jobs, progress=progress)


def plan(
    workbook: Workbook,
    clients: Sequence[str] | None = None,
    *,
    cycle: str | None = None,
    reports: Sequence[str] = REPORTS,
    people: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] | None = None,
) -> tuple[list[Job], list[Refusal]]:
    """Return the jobs of a batch, and the clients whose files keep it from being started."""
    for given, known, what in (
        (reports, REPORTS, "report"),
        (formats, FORMATS, "format"),
        (("zh",) if languages is None else languages, ("zh", "en"), "language"),
    ):
        for word in given or ("",):
            if word not in known:
                raise WorkbookError(f"unknown-{what}", name=word, nearest=nearest(word, known), known=", ".join(known))
    if people is not None and "person" not in reports:
        raise WorkbookError("people-without-report", people=list(people), reports=list(reports))
    if cycle is not None:
        try:
            Cycle.parse(cycle)
        except ValueError as problem:
            raise WorkbookError("bad-cycle", cycle=cycle, nearest="") from problem
    chosen = workbook.clients() if clients is None else tuple(dict.fromkeys(clients))
    jobs: list[Job] = []
    everyone: set[str] = set()
    refusals: list[Refusal] = []
    for client in chosen:
        folder = workbook.client_folder(client)
        try:
            jobs += _jobs_of(workbook, folder, cycle, reports, people, tuple(formats), languages, everyone)
        except IssuesError as problem:
            refusals.append(Refusal(client, problem.issues))
    made = {job.person for job in jobs if job.person}
    for person in people or ():
        if person not in made and not refusals:
            raise WorkbookError("unknown-person", person=person, nearest=nearest(person, everyone))
    return jobs, refusals


def _jobs_of(
    workbook: Workbook,
    folder: Path,
    cycle: str | None,
    reports: Sequence[str],
    people: Sequence[str] | None,
    formats: tuple[str, ...],
    languages: Sequence[str] | None,
    everyone: set[str],
) -> list[Job]:
    client, issues = read_client(folder)
    if client is None or issues.errors:
        raise IssuesError(issues)
    name = latest_cycle(client) if cycle is None else cycle
    tables, issues = inspect_cycle(client, name)
    if issues.errors:
        raise IssuesError(issues)
    ids = list(tables.people["id"])
    everyone |= set(ids)
    found = []
    for language in languages or client.profile.languages:
        for report in reports:
            who = [person for person in ids if people is None or person in people] if report == "person" else [""]
            found += [Job(str(workbook.root), client.id, name, report, language, formats, person) for person in who]
    return found


def run(
    workbook: Workbook,
    planned: Sequence[Job],
    refusals: Sequence[Refusal] = (),
    *,
    jobs: int | None = None,
    progress: Callable[[Outcome, int], None] | None = None,
    executor: Executor | None = None,
) -> Run:
    """Do the jobs and write manifests, ``run.json`` and ``index.html``.

    Raises NotStartedError where another run is at work in the same workbook.
    """
    make_folder(workbook.reports)
    try:
        with FileLock(workbook.reports / LOCK, timeout=0, mode=FILE_MODE):
            sweep(workbook.reports)
            return _run(workbook, planned, refusals, jobs, progress, executor)
    except Timeout as problem:
        raise NotStartedError("run-at-work", folder=str(workbook.reports)) from problem


def _run(
    workbook: Workbook,
    planned: Sequence[Job],
    refusals: Sequence[Refusal],
    jobs: int | None,
    progress: Callable[[Outcome, int], None] | None,
    executor: Executor | None,
) -> Run:
    outcomes = list(_outcomes(planned, jobs or os.cpu_count() or 1, executor, progress))
    place = {job: number for number, job in enumerate(planned)}
    finished = Run(tuple(sorted(outcomes, key=lambda outcome: place[outcome.job])), tuple(refusals))
    try:
        _take_stock(workbook, planned, finished)
    except Exception as problem:  # noqa: BLE001 - whatever it is: the reports are there; what is told of them must say what is not
        return replace(finished, trouble=f"{type(problem).__name__}: {problem}")
    return finished


def _take_stock(workbook: Workbook, planned: Sequence[Job], finished: Run) -> None:
    """Write what was delivered: a manifest for each cycle, the run, the page over all."""
    for folder, client, cycle in dict.fromkeys((job.folder, job.client, job.cycle) for job in planned):
        files = [file for outcome in finished.outcomes if outcome.job.folder == folder for file in outcome.files]
        if files:
            write_manifest(folder, load_client(workbook.client_data / client), cycle, files)
    record = finished.to_json(Words("en", workbook))
    write_file(workbook.reports / "run.json", json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    write_index(workbook, finished)


def _outcomes(
    planned: Sequence[Job], workers: int, executor: Executor | None, progress: Callable[[Outcome, int], None] | None
) -> Iterable[Outcome]:
    if not planned:
        return
    with tempfile.TemporaryDirectory(prefix="kpi-", ignore_cleanup_errors=True) as folder:
        pool = executor or ProcessPoolExecutor(
            min(workers, len(planned)), get_context("spawn"), initializer=_prepare_worker, initargs=(folder,)
        )
        try:
            futures = {pool.submit(do_job, job): job for job in planned}
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    outcome = Outcome(futures[future], "failed", reason="its process died")
                if progress:
                    progress(outcome, len(planned))
                yield outcome
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _stop_workers()
            raise
        if executor is None:
            pool.shutdown()


def _prepare_worker(folder: str) -> None:
    """Let a worker keep its temporary files where the parent removes them; Ctrl-C is the parent's to handle."""
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop_workers() -> None:
    """End the workers at once; a kernel ends by itself when its worker is gone."""
    for child in active_children():
        child.terminate()
    for child in active_children():
        child.join(_SECONDS_TO_LEAVE)
        if child.is_alive():
            child.kill()


def do_job(job: Job) -> Outcome:
    """Make one report; a failure is an outcome, never an exception."""
    started = time.monotonic()
    try:
        outcome = _make(job)
    except IssuesError as problem:
        outcome = Outcome(job, "failed", reason=str(problem))
    except Exception as problem:  # noqa: BLE001 - whatever breaks one report must not stop the others
        outcome = Outcome(job, "failed", reason=f"{type(problem).__name__}: {problem}")
    return Outcome(
        **{name: getattr(outcome, name) for name in outcome.__slots__} | {"seconds": time.monotonic() - started}
    )


def _make(job: Job) -> Outcome:
    import nbformat

    from kpi_toolkit.reports import pdf
    from kpi_toolkit.reports.page import ReportExporter, page_data

    workbook = Workbook(Path(job.root))
    parameters = {"client": job.client, "cycle": job.cycle, "language": job.language}
    if job.person:
        parameters["person"] = job.person
    notebook = execute(workbook.notebook(NOTEBOOKS[job.report]), parameters, cwd=workbook.root)
    html, resources = ReportExporter().from_notebook_node(notebook)
    page = page_data(notebook)
    content: dict[str, bytes] = {
        f"notebooks/{job.stem.replace('/', '-')}.ipynb": nbformat.writes(notebook).encode() + b"\n"
    }
    if "html" in job.formats:
        content[f"{job.stem}.html"] = html.encode()
    no_pdf = ""
    if "pdf" in job.formats:
        try:
            made = pdf.print_pdf(html, title=page["title"], language=page["language"], made=page["date"])
            content[f"{job.stem}.pdf"] = made
        except pdf.NoEngineError as problem:
            no_pdf = str(problem)
            content[f"{job.stem}.html"] = html.encode()
    files = tuple(
        Delivered(
            path,
            job.report,
            job.person or None,
            page["who"],
            job.language,
            write_file(job.folder / path, data),
            len(data),
        )
        for path, data in content.items()
    )
    return Outcome(job, "delivered", files, missing_glyphs=tuple(resources["missing_glyphs"]), no_pdf=no_pdf)
