"""Our batch against the stock pipeline, on the same notebook and the same generated clients, in one run: ``make bench``.

Stock is papermill's and nbconvert's Python API: ``execute_notebook`` with its own engine and kernel, a new
``HTMLExporter``, one headless Chromium printing to PDF, for each report; in one process, in two, and as command lines.
Ours is ``kpi render`` from the shell, cold start included. Both sides are byte-compiled first.
"""

from __future__ import annotations

import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from many import many_clients

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import EXAMPLES, Workbook, shipped

SERIES = (10, 100, 1000)
STOCK, STOCK_TWO, STOCK_CLI = 10, 20, 2
MIXED = 90
"""So many teams of all three examples' sizes in turn; stock makes one of each."""
NOTEBOOK = "40_team_report.ipynb"
CHROMIUM = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer")


def stock(workbook: Workbook, clients: list[str], out: Path) -> None:
    """Make these clients' reports as papermill, nbconvert and a browser are used without more ado."""
    import nbformat
    import papermill
    from nbconvert.exporters import HTMLExporter

    os.environ["KPI_WORKBOOK"] = str(workbook.root)
    for client in clients:
        made = out / f"{client}.ipynb"
        parameters = {"client": client, "cycle": "2026-10", "language": "zh"}
        notebook = workbook.notebook(NOTEBOOK)
        papermill.execute_notebook(
            str(notebook), str(made), parameters, kernel_name="python3", progress_bar=False, cwd=str(workbook.root)
        )
        html, _ = HTMLExporter().from_notebook_node(nbformat.read(made, as_version=4))
        _print(html, made)


def stock_cli(workbook: Workbook, clients: list[str], out: Path) -> None:
    """Make them with the command lines of the same tools."""
    environment = os.environ | {"KPI_WORKBOOK": str(workbook.root)}
    here = Path(sys.executable).parent
    for client in clients:
        made = out / f"{client}.ipynb"
        given = [
            part for pair in (("client", client), ("cycle", "2026-10"), ("language", "zh")) for part in ("-p", *pair)
        ]
        quiet = {"env": environment, "cwd": workbook.root, "capture_output": True}
        subprocess.run(
            [here / "papermill", workbook.notebook(NOTEBOOK), made, *given, "-k", "python3"], check=True, **quiet
        )
        subprocess.run([here / "jupyter-nbconvert", "--to", "html", made], check=True, **quiet)
        _print(made.with_suffix(".html").read_text("utf-8"), made)


def _print(html: str, made: Path) -> None:
    page = made.with_suffix(".html")
    page.write_text(html, "utf-8")
    with tempfile.TemporaryDirectory() as profile:
        command = [*CHROMIUM, f"--user-data-dir={profile}", f"--print-to-pdf={made.with_suffix('.pdf')}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_process(kind: str, workbook: Workbook, clients: list[str], out: Path, processes: int = 1) -> float:
    """Return the seconds that stock takes in so many fresh processes."""

    def run() -> None:
        shares = [clients[number::processes] for number in range(processes)]
        started = [
            subprocess.Popen([sys.executable, __file__, "--stock", kind, workbook.root, out, *share])
            for share in shares
        ]
        for process in started:
            if process.wait():
                sys.exit("the stock pipeline failed")

    return seconds(run)


class Watched:
    """A ``kpi render`` that is watched while it runs: time, the parent's memory and open files, what it leaves."""

    def __init__(self, workbook: Workbook, count: int, *options: str) -> None:
        clients = [f"client-{number:04d}" for number in range(count)]
        before = set(Path(tempfile.gettempdir()).glob("kpi-*"))
        started = time.perf_counter()
        command = [sys.executable, "-m", "kpi_toolkit", "-q", "render", "--report", "team", *options, *clients]
        process = subprocess.Popen(command, cwd=workbook.root, stdout=subprocess.DEVNULL)
        self.samples = list(_watch(process, workbook.reports / "ledger.jsonl"))
        self.seconds = time.perf_counter() - started
        if process.returncode:
            sys.exit(f"kpi render ended with {process.returncode}")
        self.run = json.loads((workbook.reports / "run.json").read_text("utf-8"))
        self.files = max(files for _, _, files in self.samples)
        time.sleep(1)
        self.left = len(set(Path(tempfile.gettempdir()).glob("kpi-*")) - before) + _still_there(workbook.root)


def _watch(process: subprocess.Popen[bytes], ledger: Path) -> Iterator[tuple[int, float, int]]:
    """Go through (reports made, MB, open files) of the parent until it ends."""
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            with parent.oneshot():
                made = ledger.read_bytes().count(b'"who"') if ledger.exists() else 0
                yield made, parent.memory_info().rss / 2**20, parent.num_fds()
        except psutil.Error:
            break
        time.sleep(0.5)
    process.wait()


def _still_there(root: Path) -> int:
    found = 0
    for process in psutil.process_iter():
        try:
            found += Path(process.cwd()).is_relative_to(root)
        except psutil.Error:
            continue
    return found


@contextmanager
def compiled() -> Iterator[None]:
    """Byte-compile every installed module, and let nobody be kept from using that."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with Path(os.devnull).open("w", encoding="utf-8") as nothing, redirect_stdout(nothing):
        for folder in {path for path in sys.path if "site-packages" in path} | {str(shipped() / "kpi_toolkit")}:
            compileall.compile_dir(folder, quiet=2, workers=os.cpu_count() or 1)
    yield


def main(out: Path) -> None:
    """Measure and add the tables to a file."""
    with compiled(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        base = Path(folder)
        workbook = many_clients(base / "workbook", max(SERIES))
        names = list(workbook.clients())
        made = base / "stock"
        made.mkdir()
        stocks = {
            "stock, one process": in_process("api", workbook, names[:STOCK], made) / STOCK,
            "stock, two processes": in_process("api", workbook, names[:STOCK_TWO], made, processes=2) / STOCK_TWO,
            "stock, command lines": in_process("cli", workbook, names[:STOCK_CLI], made) / STOCK_CLI,
        }
        ours: dict[int, Watched] = {}
        for count in SERIES:
            shutil.rmtree(workbook.reports, ignore_errors=True)
            ours[count] = Watched(workbook, count)
        again = Watched(workbook, max(SERIES))
        mixed = in_turn(base / "mixed", made)
    text = "\n".join([
        f"# Batches, measured {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores", "",
        f"Team reports of generated clients, HTML and PDF, cold start included. Stock: {STOCK} reports in one process, "
        f"{STOCK_TWO} over two, {STOCK_CLI} as command lines.", "",
        *ratios(stocks, ours[100].seconds / 100), "", *mixed, "", *runs(ours, again), "", *over_time(ours[max(SERIES)]), "",
    ])  # fmt: skip
    with out.open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    print(text)  # noqa: T201


def in_turn(root: Path, made: Path) -> list[str]:
    """Measure teams of all sizes in turn, ours against stock in one process, and return the lines of it."""
    workbook = many_clients(root, MIXED, EXAMPLES)
    sizes = ", ".join(str(len(load_client(workbook.client_folder(name)).people)) for name in workbook.clients()[:3])
    theirs = in_process("api", workbook, list(workbook.clients())[: len(EXAMPLES)], made) / len(EXAMPLES)
    ours = Watched(workbook, MIXED, "--languages", "zh").seconds / MIXED
    return [
        f"| {MIXED} teams of {sizes} people in turn | seconds a report | times |", "|---|---|---|",
        f"| kpi render | {ours:.2f} | |", f"| stock, one process | {theirs:.2f} | {theirs / ours:.1f} |",
    ]  # fmt: skip


def ratios(stocks: dict[str, float], ours: float) -> Iterator[str]:
    """Go through the lines of stock against ours, in seconds a report."""
    yield from ("| | seconds a report | ours at 100 is faster by |", "|---|---|---|")
    yield from (f"| {name} | {value:.2f} | {value / ours:.1f} |" for name, value in stocks.items())


def runs(ours: dict[int, Watched], again: Watched) -> Iterator[str]:
    """Go through the lines of our runs."""
    yield from ("| kpi render | seconds | a report | open files | left behind |", "|---|---|---|---|---|")
    for count, run in ours.items():
        yield f"| {count} reports | {run.seconds:.1f} | {run.seconds / count:.2f} | {run.files} | {run.left} |"
    most = max(ours)
    share = again.seconds / ours[most].seconds
    yield f"| {most} unchanged | {again.seconds:.1f} | {share:.1%} of the first run | {again.files} | {again.left} |"
    yield ""
    yield f"From 100 to {most} reports the cost of one changed by {ours[most].seconds / most / (ours[100].seconds / 100) - 1:+.1%}."


def over_time(run: Watched) -> Iterator[str]:
    """Go through the lines of what the longest run took as it went on."""
    last = run.samples[-1][0]  # by then the index is being written
    made, size = zip(*((made, size) for made, size, _ in run.samples if 100 <= made < last), strict=True)
    grown = np.polyfit(made, size, 1)[0] * 1000 if len(set(made)) > 1 else 0.0
    yield from ("| reports made | parent MB | open files |", "|---|---|---|")
    for share in (0.1, 0.25, 0.5, 0.75, 1):
        sample = min(run.samples, key=lambda sample: abs(sample[0] - share * run.samples[-1][0]))
        yield f"| {sample[0]} | {sample[1]:.1f} | {sample[2]} |"
    yield from (
        "",
        f"The parent grew by {grown:.2f} MB per 1,000 reports (a line through all samples from the 100th report on).",
    )
    count = len(run.run["reports"])
    stages = ", ".join(f"{stage} {spent / count:.2f}" for stage, spent in run.run["stages"].items())
    yield f"Seconds of a worker a report: {stages} (wall time {run.run['seconds'] / count:.2f})."


if __name__ == "__main__":
    if sys.argv[1] == "--stock":
        _, _, kind, root, made, *clients = sys.argv
        {"api": stock, "cli": stock_cli}[kind](Workbook(Path(root)), clients, Path(made))
    else:
        if len(sys.argv) > 2:  # a shorter series for a first look
            SERIES = tuple(int(count) for count in sys.argv[2].split(","))
        main(Path(sys.argv[1]))
