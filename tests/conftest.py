"""Factories that tests build from, and the rule that a required browser must be there."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kpi_toolkit.clients.workbook import EXAMPLES, Workbook
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.pages.kinds import NOTEBOOKS

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).parent / "data"


# A module is compiled once, not once in each process of a run; and what tests load and read holds few rings to look for.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.set_threshold(50_000)
# No test asserts seconds: a busy machine is no fault of the code.
settings.register_profile("kpi", deadline=None, max_examples=60)
settings.load_profile("kpi")


def need(thing: object, why: str) -> None:
    """Skip with a reason, unless this machine promised to have everything (``KPI_REQUIRE_ALL``)."""
    if thing:
        return
    if os.environ.get("KPI_REQUIRE_ALL"):
        pytest.fail(f"required here: {why}")
    pytest.skip(why)


def end(process: subprocess.Popen[Any], seconds: float = 30) -> None:
    """Ask a process to end; one that does not is killed, so that no test waits for it without a limit."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def forked(work: Callable[[], object], seconds: float = 60) -> int:
    """Do something in a copy of this process and return its exit code: 0, what it chose itself, or 1 with its traceback.

    The copy never goes on as a second test run, and nobody waits for one that stands still.
    """
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - also what ends the interpreter is told, and the copy ends
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise TimeoutError(f"the copy did not end within {seconds} s")


def altered(text: Any, *changes: tuple[Any, ...]) -> Any:
    """Return a text with each ``(old, new)`` or ``(old, new, times)`` replaced; a change that changes nothing proves nothing."""
    for change in changes:
        assert change[0] in text, f"not there to be changed: {change[0]!r}"
        text = text.replace(*change)
    return text


def indicator(name: str, weight: Any, **changes: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "class": "workload", "weight": weight, "source": "log", "target": 100} | changes


def called(capsys, *arguments: str) -> tuple[int, str, str]:
    """Call the command line; return its exit code and what it wrote to both streams."""
    from kpi_toolkit import cli

    try:
        cli.main(list(arguments))
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return code, printed.out, printed.err


@pytest.fixture
def make_design() -> Callable[..., Design]:
    """Return a factory: one role ``clerk`` with indicators ``a`` 60 and ``b`` 40, unless told otherwise."""

    def make(*indicators: dict[str, Any], method: str = "combined", **changes: Any) -> Design:
        items = list(indicators) or [indicator("a", 60), indicator("b", 40)]
        return Design.model_validate(
            {"roles": {"clerk": {"name": "Clerk", "method": method, "indicators": items}}} | changes
        )

    return make


@pytest.fixture
def make_tables() -> Callable[..., Tables]:
    """Return a factory: actuals by person and indicator."""

    def make(actuals: dict[str, dict[str, Any]], role: str = "clerk", column: str = "actual", **more: Any) -> Tables:
        people = [{"id": person, "name": person.upper(), "role": role} for person in actuals]
        rows = [
            {"person": person, "indicator": name, column: value}
            for person, values in actuals.items()
            for name, value in values.items()
        ]
        return Tables.of(people=people, actuals=rows, **more)

    return make


def held_fast(folder: str, names: list[str]) -> set[str]:
    """What a cycle of the examples holds because it is closed or was shown for the talks."""
    own = {"record.jsonl", "results.json", "deliveries", "client.toml", "design.toml", "curves.toml", "people.csv"}
    return own & {*names} if Path(folder).parent.name == "cycles" else set()


def with_examples(root: Path, clients: Iterable[str] = EXAMPLES) -> Workbook:
    """Return a fresh workbook with the example clients, whose months are all open: they follow their files.

    All were changed an hour ago, at once: notebooks open with the client that was worked on last.
    """
    for client in clients:
        shutil.copytree(ROOT / "client_data" / client, root / "client_data" / client, ignore=held_fast)
    before = time.time() - 3600
    for path in root.glob("client_data/**/*"):
        os.utime(path, (before, before))
    return Workbook(root)


def small_client(root: Path, design: str, people: str, page: str = 'languages = ["en"]', **months: str) -> Path:
    """Write the client Acme below a workbook's root and return its folder; a month (``_2026_11``) with its actuals."""
    folder = root / "client_data" / "acme"
    texts = {"client.toml": f'name = "Acme"\n{page}\n', "design.toml": design, "people.csv": people}
    texts |= {f"cycles/{name[1:].replace('_', '-')}/actuals.csv": text for name, text in months.items()}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def workbook(tmp_path: Path, request: pytest.FixtureRequest) -> Workbook:
    """Return the example clients in a workbook that a test may change; ``@pytest.mark.clients`` names those it needs."""
    named = request.node.get_closest_marker("clients")
    return with_examples(tmp_path, named.args if named else EXAMPLES)


@pytest.fixture(scope="session")
def examples(tmp_path_factory) -> Workbook:
    """Return the example clients in a workbook that nobody changes."""
    return with_examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture
def kpi(workbook: Workbook, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run ``kpi`` in a workbook of the example clients; return exit code, stdout and stderr."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "KPI_LANG", "KPI_WORKBOOK", "KPI_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, root: Path | None = None) -> tuple[int, str, str]:
        return called(capsys, "--workbook", str(root or workbook.root), *arguments)

    return run


@pytest.fixture
def chromium() -> str:
    found = shutil.which(os.environ.get("KPI_CHROMIUM", "chromium")) or shutil.which("google-chrome")
    need(found, "no Chromium on this machine (Debian: apt-get install chromium; or set KPI_CHROMIUM)")
    assert found
    return found


def sections(notebook: str) -> tuple[str, ...]:
    """Return the sections that a report notebook shows."""
    return tuple(re.findall(r'report\.section\(\\"([a-z]+)\\"\)', (ROOT / "notebooks" / notebook).read_text("utf-8")))


SECTIONS = {kind: sections(name) for kind, name in NOTEBOOKS.items()}


def page_of(
    workbook: Workbook, kind: str, client: str, *, cycle: str = "2026-10", language: str = "", person: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Make a page without a kernel: the same cells, their outputs collected here."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from kpi_toolkit.pages import report as module
    from kpi_toolkit.pages.page import ReportExporter, page_data

    outputs: list[Any] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KPI_WORKBOOK", str(workbook.root))
        patched.setattr(module, "display", lambda data, raw: outputs.append(new_output("display_data", data)))
        opened = module.open_report(kind, client=client, cycle=cycle, language=language, person=person)
        opened.page()._ipython_display_()
        for name in SECTIONS[kind]:
            opened.section(name)._ipython_display_()
        notebook = new_notebook(cells=[new_code_cell("made", outputs=outputs, execution_count=1)])
        html, resources = ReportExporter().from_notebook_node(notebook)
    return html, {**page_data(notebook), **resources}


@pytest.fixture
def make_page() -> Callable[..., tuple[str, dict[str, Any]]]:
    """Return a factory of pages of a workbook that a test has changed."""
    return page_of


@pytest.fixture(scope="session")
def example_page(examples: Workbook) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Return a factory of pages of the examples as they stand, each made once."""
    return cache(partial(page_of, examples))
