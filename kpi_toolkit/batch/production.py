"""Making one report, in whatever process: unpack, run the notebook, draw, make the page, print it.

Nothing is written except into a folder that is gone afterwards; the files go back as bytes to who asked.
"""

from __future__ import annotations

import ast
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kpi_toolkit.batch.parcel import Parcel, unpack
from kpi_toolkit.batch.run import Job
from kpi_toolkit.batch.versions import differences, versions
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.deadline import OutOfTimeError, time_limit
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.kernels.limits import LimitError, Limits, scratch_prefix
from kpi_toolkit.method.issues import IssuesError, nearest
from kpi_toolkit.pages.kinds import KINDS, RenderError
from kpi_toolkit.results.prepared import PREPARED

# papermill changes the process's folder, vl-convert has one engine: a worker of several threads makes one at a time.
_LONGEST_REASON = 600
_ONE_AT_A_TIME = threading.Lock()
_SUMMARIES: dict[tuple[str, str], bytes] = {}
"""The summary that this process worked out last, by what it was read from."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job with all that is needed to do it elsewhere, and what the result depends on."""

    job: Job
    formats: tuple[str, ...]
    """Those of its formats that are to be made: of a closed cycle, others may have been delivered."""
    parcel: Parcel
    limits: Limits
    versions: Mapping[str, str]
    shared: bool = False
    """Whether so many reports show the same cycle that its summary is worked out once for all of them."""
    summary: bytes = b""
    """The cycle's summary, where whoever planned had read all that it takes."""


@dataclass(slots=True)
class Product:
    """A finished report: its files by kind, about whom it is, what was noticed; or the reason why there is none.

    ``reason`` may stand anywhere; ``detail``, what the failure itself said, may hold names and values.
    """

    content: dict[str, bytes] = field(default_factory=dict)
    who: str = ""
    missing_glyphs: tuple[str, ...] = ()
    no_pdf: str = ""
    reason: str = ""
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds that something takes to a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


def load() -> None:
    """Do ahead of the first task what takes time only once: loading libraries, starting the converter of charts."""
    import kpi_toolkit.kernels.quick  # noqa: F401 - before papermill, which the next line brings
    from kpi_toolkit.kernels import client  # noqa: F401
    from kpi_toolkit.pages import drawing

    _exporter()
    drawing.start()


def produce(task: Task) -> Product:
    """Make one report; a failure is a reason, never an exception."""
    product = Product()
    different = differences(versions(), task.versions)
    if different:
        product.reason = f"the worker has other versions: {different}"
        return product
    try:
        with _ONE_AT_A_TIME, TemporaryDirectory(prefix=scratch_prefix(), ignore_cleanup_errors=True) as folder:
            workbook = unpack(task.parcel, Path(folder).resolve())
            prepared = _prepared(task, workbook, product) if task.shared or task.summary else ""
            _make(task, workbook, product, prepared)
    except OutOfTimeError:
        product.reason, product.content = f"it took more than {task.limits.report_seconds} seconds", {}
    except Exception as problem:  # noqa: BLE001 - whatever breaks one report must not stop the others
        ours = isinstance(problem, (RenderError, IssuesError))
        told = str(problem) if ours else type(problem).__name__
        product.reason = told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON]}…"
        product.detail = getattr(problem, "detail", "") if ours else f"{told}: {problem}"
        product.content = {}
    return product


def _prepared(task: Task, workbook: Workbook, product: Product) -> str:
    """Write the cycle's summary beside the unpacked files and return how a kernel is told of it."""
    from kpi_toolkit.results.prepared import name_of, prepare
    from kpi_toolkit.results.summary import summarize_cycle

    job, which, summary = task.job, (task.parcel.digest, task.job.place), task.summary
    if not summary and which not in _SUMMARIES:
        _SUMMARIES.clear()  # reports of one cycle follow each other
        with product.timed("run"), time_limit(task.limits.report_seconds):
            client = load_client(workbook.client_data / job.client, job.cycle)
            _SUMMARIES[which] = prepare(summarize_cycle(client, job.cycle))
    summary = summary or _SUMMARIES[which]
    path = workbook.root / ".summary"
    path.write_bytes(summary)
    return name_of(summary, path)


def _make(task: Task, workbook: Workbook, product: Product, prepared: str) -> None:
    """Make the files of one report: from its notebook, or the page that is written without one."""
    job, kind = task.job, KINDS[task.job.report]
    if not kind.notebook:
        from kpi_toolkit.pages.fonts import missing_glyphs
        from kpi_toolkit.pages.whatif_page import whatif_page

        with product.timed("page"), time_limit(task.limits.report_seconds):
            html = whatif_page(workbook, load_client(workbook.client_data / job.client, job.cycle), job.cycle)
            product.content["html"], product.missing_glyphs = html.encode(), missing_glyphs(html)
        return
    import kpi_toolkit.kernels.quick  # noqa: F401 - before what loads jsonschema

    # isort: split
    import nbformat

    from kpi_toolkit.pages.page import draw_charts, page_data

    parameters = {"client": job.client, "cycle": job.cycle, "language": job.language}
    parameters |= {"person": job.person} if job.person else {}
    with product.timed("run"):
        path = workbook.notebook(kind.notebook)
        notebook = execute(path, parameters, cwd=workbook.root, limits=task.limits, prepared=prepared)
    page = page_data(notebook)
    with product.timed("charts"):
        draw_charts(notebook)
    with product.timed("page"):
        html, resources = _exporter().from_notebook_node(notebook)
        product.content["ipynb"] = nbformat.writes(notebook).encode() + b"\n"
    product.who, product.missing_glyphs = page["who"], tuple(resources["missing_glyphs"])
    if "csv" in page:
        product.content["csv"] = page["csv"].encode()
    if "html" in task.formats:
        product.content["html"] = html.encode()
    if "pdf" in task.formats:
        _print(html, page, product)


def _print(html: str, page: Mapping[str, str], product: Product) -> None:
    """Print a page; where no engine can, it is delivered as it is, and that is said."""
    from kpi_toolkit.pages import pdf

    try:
        with product.timed("print"):
            made = pdf.print_pdf(html, title=page["title"], language=page["language"], made=page["date"])
        product.content["pdf"] = made
    except pdf.NoEngineError as problem:
        product.no_pdf = str(problem)
        product.content["html"] = html.encode()


@cache
def _exporter() -> Any:
    """Return this process's exporter: one template environment for all its reports."""
    from kpi_toolkit.pages.page import ReportExporter

    return ReportExporter()


_INJECTED = "injected-parameters"
"""The tag of the cell that papermill puts in."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def execute(
    path: Path, parameters: dict[str, str], *, cwd: Path, limits: Limits | None = None, prepared: str = ""
) -> Any:
    """Return the executed notebook; its kernel may be told of a summary that was worked out before (``prepared``).

    RenderError for unknown or missing parameters, failing cells and what takes more than the limits.
    """
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from kpi_toolkit.kernels.engine import KpiEngine

    given = limits or Limits()
    papermill_engines.register("kpi", KpiEngine)  # also where the package was not installed but put on the path
    check_parameters(nbformat.read(path, as_version=4), parameters, path.name)
    for name in ("KPI_CLIENT", "KPI_CYCLE"):
        os.environ.pop(name, None)  # they stand in for blanks when a person runs the notebook, never in a batch
    os.environ[PREPARED] = prepared
    os.environ["KPI_WORKBOOK"] = str(cwd.resolve())  # the job's own workbook, whatever the caller's shell says
    try:
        notebook = papermill.execute_notebook(
            str(path), None, parameters, engine_name="kpi", kernel_name="python3", progress_bar=False,
            cwd=str(cwd.resolve()), limits=given, start_timeout=given.report_seconds,
        )  # fmt: skip
    except PapermillExecutionError as problem:
        above = f" (the limit is {given.memory_mb} MB)" if "MemoryError" in problem.ename else ""
        kind = problem.ename if problem.ename.isascii() and problem.ename.isidentifier() else "an exception"
        msg = f"{path.name}, code cell {problem.exec_count}: {kind}{above}"
        trace = _COLOUR.sub("", "\n".join(problem.traceback or ()))
        raise RenderError(msg, f"{problem.ename}: {problem.evalue}\n\n{trace}") from problem
    except LimitError as problem:
        msg = f"{path.name}: {problem}"
        raise RenderError(msg) from problem
    except DeadKernelError as problem:
        msg = f"{path.name}: its kernel died"
        raise RenderError(msg) from problem
    return _lasting(notebook)


def check_parameters(notebook: Any, given: dict[str, str], name: str) -> None:
    """Refuse parameters that the notebook does not know, and know what it was not given.

    papermill only warns about both, and would render the default client under another client's name.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        msg = f"{name} needs exactly one cell tagged 'parameters', it has {len(cells)}"
        raise RenderError(msg)
    known = [
        target.id
        for statement in ast.parse(cells[0].source).body
        for target in (
            [statement.target] if isinstance(statement, ast.AnnAssign) else getattr(statement, "targets", [])
        )
        if isinstance(target, ast.Name)
    ]
    unknown, absent = [key for key in given if key not in known], [key for key in known if key not in given]
    if unknown or absent:
        parts = [
            f"unknown parameter {key!r}" + (f" (did you mean {near!r}?)" if (near := nearest(key, known)) else "")
            for key in unknown
        ]
        parts += [f"parameter {key!r} was not given" for key in absent]
        msg = f"{name}: " + "; ".join(parts)
        raise RenderError(msg)


def _lasting(notebook: Any) -> Any:
    """Return the notebook without what differs from run to run: times, random ids, and paths of this machine."""
    noted = notebook.metadata.pop("papermill", {})
    notebook.metadata["papermill"] = {key: noted[key] for key in ("parameters", "version") if key in noted}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if _INJECTED in cell.metadata.get("tags", []):
            cell["id"] = _INJECTED
    return notebook
