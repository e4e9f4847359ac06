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

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from many import many_clients

from kpi_toolkit.clients.workbook import Workbook, shipped

SERIES = (10, 100, 1000)
STOCK, STOCK_TWO, STOCK_CLI = 10, 20, 2
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
        names = sorted(path.name for path in workbook.client_data.iterdir())
        made = base / "stock"
        made.mkdir()
        one = in_process("api", workbook, names[:STOCK], made) / STOCK
        two = in_process("api", workbook, names[:STOCK_TWO], made, processes=2) / STOCK_TWO
        cli = in_process("cli", workbook, names[:STOCK_CLI], made) / STOCK_CLI
        ours: dict[int, Watched] = {}
        for count in SERIES:
            shutil.rmtree(workbook.reports, ignore_errors=True)
            ours[count] = Watched(workbook, count)
        again = Watched(workbook, max(SERIES))
        lines = [
            f"# Batches, measured {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} cores",
            "",
            f"Team reports of generated clients, HTML and PDF, cold start included. Stock: {STOCK} reports in one process, "
            f"{STOCK_TWO} over two, {STOCK_CLI} as command lines.",
            "",
            "| | seconds a report | ours at 100 is faster by |",
            "|---|---|---|",
        ]
        hundred = ours[100].seconds / 100
        for name, value in (("stock, one process", one), ("stock, two processes", two), ("stock, command lines", cli)):
            lines.append(f"| {name} | {value:.2f} | {value / hundred:.1f} |")
        lines += [
            "",
            "| kpi render | seconds | a report | parent MB | open files | left behind |",
            "|---|---|---|---|---|---|",
        ]
        for count, run in ours.items():
            megabytes, files = run.samples[-1][1], max(sample[2] for sample in run.samples)
            lines.append(
                f"| {count} reports | {run.seconds:.1f} | {run.seconds / count:.2f} | {megabytes:.0f} | {files} | {run.left} |"
            )
        longest = ours[max(SERIES)]
        lines.append(
            f"| {max(SERIES)} unchanged | {again.seconds:.1f} | {again.seconds / longest.seconds:.1%} of the first run | "
            f"{again.samples[-1][1]:.0f} | {max(sample[2] for sample in again.samples)} | {again.left} |"
        )
        growing = [sample for sample in longest.samples if max(SERIES) // 10 <= sample[0] < max(SERIES)]
        grown = (growing[-1][1] - growing[0][1]) / (growing[-1][0] - growing[0][0]) * 1000
        steady = {count: run.run["seconds"] / count for count, run in ours.items()}
        stages = {stage: spent / max(SERIES) for stage, spent in longest.run["stages"].items()}
        lines += [
            "",
            f"The parent grew by {grown:.2f} MB per 1,000 reports. From 100 to {max(SERIES)} reports the cost of one changed by "
            f"{longest.seconds / max(SERIES) / hundred - 1:+.1%}.",
            f"Seconds of a worker a report: {', '.join(f'{stage} {spent:.2f}' for stage, spent in stages.items())} "
            f"(wall time {steady[max(SERIES)]:.2f}).",
        ]
    text = "\n".join(lines) + "\n"
    with out.open("a", encoding="utf-8") as file:
        file.write("\n" + text)
    print(text)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "--stock":
        _, _, kind, root, made, *clients = sys.argv
        {"api": stock, "cli": stock_cli}[kind](Workbook(Path(root)), clients, Path(made))
    else:
        if len(sys.argv) > 2:  # a shorter series for a first look
            SERIES = tuple(int(count) for count in sys.argv[2].split(","))
        main(Path(sys.argv[1]))
