"""The reliability exam: whole batches, killed, doubled and made again elsewhere (V23, V24, V26, V28).

V18 is in ``test_page.py``, V27 in ``test_batch.py``. At the size that the exam asks for it takes hours:
``KPI_EXAM=1 pytest -m slow -o faulthandler_timeout=0 tests/test_exam.py tests/test_page.py tests/test_batch.py -k _V``.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT
from many import many_clients

from kpi_toolkit.batch.render import LOCK
from kpi_toolkit.clients.storage import TEMPORARY
from kpi_toolkit.clients.workbook import Workbook

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="kills groups of processes")]
_WHOLE = bool(os.environ.get("KPI_EXAM"))
_OWN = {"run.json", "ledger.jsonl", LOCK, "index.html"}
"""What tells of a run and not of a client."""


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(folder), "render", *arguments]
    known = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=known, start_new_session=True, **pipes)


def made(folder: Path) -> dict[str, bytes]:
    """Return everything that was delivered, by its path."""
    files = (path for path in (folder / "reports").rglob("*") if path.is_file() and path.name not in _OWN)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)}


def ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    said = run.communicate(timeout=900)[1]
    assert "Traceback" not in said
    return run.returncode, said


@pytest.mark.parametrize("count", [100 if _WHOLE else 10])
def test_V23_of_many_clients_none_holds_a_word_of_another(tmp_path, count):
    workbook = many_clients(tmp_path, count)
    clients = [*workbook.clients()]
    for number, client in enumerate(clients):
        folder = workbook.client_data / client
        for path in folder.rglob("people.csv"):
            path.write_text(path.read_text("utf-8-sig").replace("王琳", f"CANARY{number:03}P"), "utf-8")
        for path in folder.rglob("client.toml"):
            named = re.sub(r"^name = .*", f'name = "CANARY{number:03}C"', path.read_text("utf-8"), count=1, flags=re.M)
            path.write_text(named, "utf-8")
    random.Random(3).shuffle(clients)
    run = start(tmp_path, *clients, "--report", "team", "--format", "html", "--languages", "zh", "--jobs", "2")
    code, said = ended(run)
    assert code == 0, said
    seen = 0
    for number, client in enumerate(sorted(clients)):
        for path in (tmp_path / "reports" / client).rglob("*"):
            found = set(re.findall(rb"CANARY(\d{3})", path.read_bytes())) if path.is_file() else set()
            assert found <= {f"{number:03}".encode()}, path
            seen += bool(found)
    assert seen >= 2 * len(clients)  # the page and the notebook of each say who they are about


@pytest.mark.parametrize(("seed", "clients", "kills"), [(seed, 40, 10) for seed in range(6)] if _WHOLE else [(0, 6, 3)])
def test_V24_a_batch_killed_again_and_again_ends_as_one_that_was_never_killed(tmp_path, seed, clients, kills):
    many_clients(tmp_path, clients)
    asked = ("--all", "--report", "team", "--format", "html", "--languages", "en", "--jobs", "2")
    began = time.monotonic()
    assert ended(start(tmp_path, *asked))[0] == 0
    took, whole = time.monotonic() - began, made(tmp_path)
    chance, left, between = random.Random(seed), kills, 0
    while left:
        run = start(tmp_path, *asked)
        try:
            assert run.wait(chance.uniform(0, took)) == 0
            assert made(tmp_path) == whole
            shutil.rmtree(tmp_path / "reports")
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            left -= 1
            now = {name: data for name, data in made(tmp_path).items() if TEMPORARY not in name}
            pages = {name: data for name, data in now.items() if name.endswith(".html")}
            assert all(whole[name] == data for name, data in pages.items())  # whole, or not there
            between += 0 < len(pages) < clients
        run.wait()
        run.stderr.close()
    assert not _WHOLE or between >= kills // 6  # or they all fell before the first page, and showed nothing
    assert ended(start(tmp_path, *asked))[0] == 0
    assert made(tmp_path) == whole  # no temporary file among them either


def test_V25_where_no_room_is_left_old_reports_stay_whole_and_the_reason_is_said(tmp_path):
    many_clients(tmp_path, 1)
    asked = ("--all", "--report", "team", "--format", "html", "--languages", "en", "--jobs", "1")
    assert ended(start(tmp_path, *asked))[0] == 0
    whole = made(tmp_path)
    command = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(tmp_path), "render", *asked, "--force"]
    known = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}

    def little_room():
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(command, env=known, check=False, capture_output=True, text=True, preexec_fn=little_room)
    assert done.returncode in {3, 4}, done.stderr
    assert re.search(r"too large|[Nn]o space|room", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert {name: data for name, data in made(tmp_path).items() if name in whole} == whole


@pytest.mark.parametrize("rounds", [20 if _WHOLE else 2])
def test_V26_of_two_batches_at_once_one_is_told_to_wait_and_harms_nothing(tmp_path, rounds):
    many_clients(tmp_path, 1)
    asked = ("--all", "--report", "team", "--format", "html", "--languages", "en", "--jobs", "1")
    assert ended(start(tmp_path, *asked))[0] == 0
    whole = made(tmp_path)
    for _ in range(rounds):
        codes = sorted(ended(run) for run in [start(tmp_path, *asked, "--force") for _ in range(2)])
        assert [code for code, _ in codes] in ([0, 4], [0, 0])  # one after the other is no harm
        assert codes[1][0] == 0 or "is running" in codes[1][1]
        assert made(tmp_path) == whole


def test_V28_made_again_elsewhere_at_another_time_everything_is_the_same(tmp_path):
    asked = ("--all", "--languages", "zh,en", "--report", "team,person,design,whatif", "--format", "html")
    here, there = tmp_path / "a", tmp_path / "一个 很深的文件夹" / ("x" * 120)
    for folder in (here, there):
        many_clients(folder, 1)
    assert ended(start(here, *asked, "--jobs", "1", TZ="UTC", LANG="C", PYTHONHASHSEED="1"))[0] == 0
    os.utime(next((there / "client_data").rglob("actuals.csv")), (0, 0))
    elsewhere = {"TZ": "Pacific/Kiritimati", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "77", "HOME": str(tmp_path)}
    assert ended(start(there, *asked, "--jobs", "2", **elsewhere))[0] == 0
    assert Workbook(here).clients() == Workbook(there).clients()
    assert made(here) == made(there)
