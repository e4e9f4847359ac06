"""Warm kernels: each of its own, forked or waiting, watched and limited; papermill and nbval over them."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import nbformat
import pytest
from conftest import forked

from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.kernels import warm
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.kernels.provisioner import Template

linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"], ["-f", "x.json"]),
        (["python3", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x", "--a=b"], ["-f", "x", "--a=b"]),
        (["/opt/other/bin/python3.9", "-m", "ipykernel_launcher", "-f", "x"], None),
        ([sys.executable, "-c", "pass", "-m", "ipykernel_launcher", "-f", "x"], None),
        (["R", "--slave", "-e", "IRkernel::main()"], None),
    ],
)
def test_only_an_ipykernel_of_this_python_is_taken_from_a_warm_process(command, arguments):
    assert warm.kernel_arguments(command) == arguments


def run_cells(tmp_path, *cells: str, limits: Limits | None = None, engine: str = "kpi", **options):
    import papermill

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    source = tmp_path / "given.ipynb"
    nbformat.write(notebook, source)
    given = {"limits": limits} if limits else {}
    return papermill.execute_notebook(
        str(source), str(tmp_path / "made.ipynb"), engine_name=engine, kernel_name="python3", progress_bar=False,
        cwd=str(tmp_path), **given, **options,
    )  # fmt: skip


def texts(notebook) -> list[str]:
    return ["".join(output.get("text", "") for output in cell.outputs).strip() for cell in notebook.cells]


STATE = "import os, sys, random, numpy as np; print(os.getpid(), random.random(), np.random.random(), os.getcwd())"


def test_a_client_tries_again_within_milliseconds_to_reach_a_kernel_that_does_not_listen_yet():
    import zmq

    from kpi_toolkit.kernels.client import PromptClient

    assert PromptClient().context.getsockopt(zmq.RECONNECT_IVL) < 10


def test_what_is_written_into_a_kernels_folder_while_it_goes_stops_no_report(monkeypatch, tmp_path):
    from kpi_toolkit.kernels import provisioner
    from kpi_toolkit.kernels.client import private_kernels

    def full(*_, **__):
        raise OSError(errno.ENOTEMPTY, "Directory not empty")

    monkeypatch.setattr(provisioner, "short_folder", lambda: str(tmp_path))
    with private_kernels(Limits()):
        monkeypatch.setattr(os, "rmdir", full)


@linux
@pytest.mark.slow
class TestForked:
    def test_a_kernel_is_never_used_twice_and_shares_no_random_numbers(self, tmp_path):
        seen = [texts(run_cells(tmp_path, STATE))[0].split() for _ in range(2)]
        assert all(seen[0][place] != seen[1][place] for place in range(3))
        assert {line[3] for line in seen} == {str(tmp_path)}

    def test_a_kernel_reads_nothing_from_and_writes_to_what_its_template_does(self, tmp_path):
        (said,) = texts(run_cells(tmp_path, "import os; print(os.readlink('/proc/self/fd/0'), os.write(1, b''))"))
        assert said.split() == [os.devnull, "0"]

    def test_a_warm_kernel_has_everything_loaded_and_no_grammar_hidden(self, tmp_path):
        loaded = "import sys; print({'pandas', 'altair', 'kpi_toolkit.pages.report'} <= set(sys.modules))"
        hidden = "import rfc3987_syntax; print(bool(rfc3987_syntax))"
        assert texts(run_cells(tmp_path, loaded, hidden)) == ["True", "True"]

    def test_what_a_kernel_leaves_behind_is_gone_with_it(self, tmp_path):
        from kpi_toolkit.kernels import provisioner

        run_cells(tmp_path, "x = 1")
        before = sorted(Path(provisioner.short_folder()).glob("kpi-*")), len(list(Path("/proc/self/fd").iterdir()))
        pids = [int(texts(run_cells(tmp_path, "import os; print(os.getpid())"))[0]) for _ in range(3)]
        assert (
            sorted(Path(provisioner.short_folder()).glob("kpi-*")),
            len(list(Path("/proc/self/fd").iterdir())),
        ) == before
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]

    def test_a_kernel_that_was_ended_is_seen_to_be_gone_at_once(self, tmp_path):
        import asyncio

        from kpi_toolkit.kernels.client import private_kernels

        async def end_one() -> tuple[int, int | None]:
            with private_kernels(Limits()) as manager_class:
                manager = manager_class(kernel_name="python3")
                await manager.start_kernel(cwd=str(tmp_path))
                pid = manager.provisioner.pid
                await manager.provisioner.kill()
                code = await manager.provisioner.poll()
                await manager.cleanup_resources()
                return pid, code

        pid, code = asyncio.run(end_one())
        assert code == -signal.SIGKILL
        assert not Path(f"/proc/{pid}").exists()

    def test_kernels_asked_for_at_once_come_from_one_template(self, monkeypatch):
        from concurrent.futures import ThreadPoolExecutor

        from kpi_toolkit.kernels import provisioner

        monkeypatch.delenv(provisioner.TEMPLATE, raising=False)
        supply = provisioner._Supply()
        with ThreadPoolExecutor(4) as threads:
            sockets = {future.result() for future in [threads.submit(supply._socket) for _ in range(4)]}
        supply.close()
        assert len(sockets) == 1

    def test_a_waiting_process_that_nobody_asks_ends_without_a_word(self):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "kpi_toolkit.kernels.warm"], stdin=subprocess.DEVNULL, check=False,
            capture_output=True, text=True, env=os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_template_ends_with_its_starter_and_takes_its_kernels_along(self, tmp_path):
        code = (
            "import os, subprocess, sys, time\n"
            "from kpi_toolkit.kernels.provisioner import ForkedKernel, Template\n"
            "template = Template()\n"
            "kernel = ForkedKernel(template.socket, {'arguments': ['-f', sys.argv[1]], 'env': dict(os.environ), 'cwd': '/'})\n"
            "print(template._process.pid, kernel.pid, flush=True)\n"
            "os.kill(os.getpid(), 9)\n"
        )
        starter = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "c.json")], stdout=subprocess.PIPE, text=True
        )
        pids = [int(pid) for pid in starter.communicate(timeout=60)[0].split()]
        end = time.monotonic() + 10
        while time.monotonic() < end and any(Path(f"/proc/{pid}").exists() for pid in pids):
            time.sleep(0.1)
        assert len(pids) == 2
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]

    def test_a_process_with_two_threads_refuses_to_fork_and_the_kernel_comes_another_way(self, tmp_path):
        code = (
            "import threading, time\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
            "import socket\n"
            "from kpi_toolkit.kernels.warm import serve\n"
            "serve(socket.socket())\n"
        )
        refused = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1
        assert "2 threads, and forking is safe with one only" in refused.stderr
        script = (
            "import papermill, sys\n"
            "made = papermill.execute_notebook(sys.argv[1], None, engine_name='kpi', kernel_name='python3', progress_bar=False)\n"
            "print(made.cells[0].outputs[0].text)\n"
        )
        run_cells(tmp_path, "print('served')")
        gone = tmp_path / "no-template"
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "given.ipynb")],
            env=os.environ | {"KPI_KERNEL_TEMPLATE": str(gone)}, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert "served" in done.stdout, done.stderr

    def test_where_forking_is_not_safe_a_waiting_process_becomes_the_kernel_and_the_next_waits(self, tmp_path):
        script = (
            "import papermill, sys, psutil\n"
            "for _ in range(2):\n"
            "    made = papermill.execute_notebook(sys.argv[1], None, engine_name='kpi', kernel_name='python3', progress_bar=False)\n"
            "    print(made.cells[0].outputs[0].text.strip())\n"
            "print(len([c for c in psutil.Process().children() if 'kernels.warm' in ' '.join(c.cmdline())]))\n"
        )
        run_cells(tmp_path, "import os, sys; print(os.getpid(), 'altair' in sys.modules)")
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "given.ipynb")],
            env=os.environ | {"KPI_KERNELS": "pool"}, check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        first, second, waiting = done.stdout.split("\n")[:3]
        assert first.split()[0] != second.split()[0]
        assert first.split()[1] == second.split()[1] == "True"
        assert waiting == "1"

    def test_jupyter_and_nbval_take_warm_kernels_when_told_by_the_environment(self, tmp_path):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("import sys; assert 'altair' in sys.modules")],
            metadata={"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}},
        )
        nbformat.write(notebook, tmp_path / "cold.ipynb")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--nbval-lax",
            str(tmp_path / "cold.ipynb"),
        ]
        for name, code in (("kpi-warm", 0), ("local-provisioner", 1)):
            environment = os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": name}
            done = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, timeout=120)
            assert done.returncode == code, done.stdout


@pytest.mark.slow
class TestEngine:
    def test_results_are_papermills_own_with_one_save(self, tmp_path, monkeypatch):
        from papermill import engines, execute

        saves = []
        write = execute.write_ipynb
        for module in (engines, execute):
            monkeypatch.setattr(module, "write_ipynb", lambda nb, path: (saves.append(path), write(nb, path)))
        ours, theirs = (run_cells(tmp_path, "1 + 1", "print(2)", engine=engine) for engine in ("kpi", "nbclient"))
        assert saves[:1] == [str(tmp_path / "made.ipynb")]
        assert len(saves) > 2  # papermill's own engine went on saving
        for mine, other in zip(ours.cells, theirs.cells, strict=True):
            assert mine.outputs == other.outputs
            assert mine.execution_count == other.execution_count
            assert set(mine.metadata.papermill) == set(other.metadata.papermill)
            assert mine.metadata.papermill.status == other.metadata.papermill.status == "completed"
        assert set(ours.metadata.papermill) == set(theirs.metadata.papermill)

    @pytest.mark.parametrize(
        ("cell", "limits", "message"),
        [
            ("while True: pass", Limits(cell_seconds=2), "code cell 1 ran longer than 2 seconds"),
            ("import time; time.sleep(3600)", Limits(report_seconds=2), "the report ran longer than 2 seconds"),
            (
                "import time\nwhile True: print('x' * 10_000); time.sleep(0.001)",
                Limits(output_mb=1),
                "brought the output above 1 MB",
            ),
        ],
    )
    def test_a_notebook_that_takes_more_than_it_may_is_stopped_and_told(self, tmp_path, cell, limits, message):
        from kpi_toolkit.kernels.limits import LimitError

        with pytest.raises(LimitError, match=message):
            run_cells(tmp_path, cell, limits=limits)

    @linux
    def test_memory_beyond_the_limit_is_an_error_of_the_cell(self, tmp_path):
        from papermill.exceptions import PapermillExecutionError

        with pytest.raises(PapermillExecutionError, match="MemoryError"):
            run_cells(tmp_path, "x = bytearray(3 << 30)", limits=Limits(memory_mb=1024))

    def test_a_notebook_that_fails_is_saved_with_its_error(self, tmp_path):
        from papermill.exceptions import PapermillExecutionError

        with pytest.raises(PapermillExecutionError, match="boom"):
            run_cells(tmp_path, "raise ValueError('boom')", "1")
        saved = nbformat.read(tmp_path / "made.ipynb", as_version=4)
        assert "boom" in str(saved.cells)


@pytest.mark.slow
def test_a_template_that_is_closed_leaves_nothing():
    if sys.platform != "linux":
        pytest.skip("kernels are forked on Linux only")
    template = Template()
    template.close()
    assert not template.socket.parent.exists()
    assert template._process.returncode is not None


def test_a_section_that_cannot_be_made_beforehand_stops_no_other_report(monkeypatch):
    from kpi_toolkit.batch import warming

    class Broken:
        asked: ClassVar[list[str]] = []

        def page(self) -> None: ...

        def section(self, name: str) -> None:
            self.asked.append(name)
            raise WorkbookError("unknown-card", name="x", nearest="", known="")

    monkeypatch.setattr(warming, "report_of", lambda *given, **named: Broken())
    warming.warm_up()
    assert {"ranking", "talk"} <= {*Broken.asked}


@pytest.mark.parametrize(("said", "code"), [(3, 3), (0, 0), (None, -9)])
def test_a_kernel_that_is_waited_for_before_it_has_ended_counts_as_killed(monkeypatch, said, code):
    from kpi_toolkit.kernels.provisioner import ForkedKernel

    monkeypatch.setattr(ForkedKernel, "poll", lambda self: said)
    assert ForkedKernel.__new__(ForkedKernel).wait() == code


def test_what_a_warm_process_prints_by_mistake_is_talk_and_with_two_threads_it_refuses(monkeypatch, tmp_path):
    class Nursery:
        def __init__(self, _):
            pass

        def run(self):
            os.write(1, b"stray")

    def work():
        os.dup2(os.open(tmp_path / "talk", os.O_CREAT | os.O_WRONLY), 2)
        warm.serve(None)

    monkeypatch.setattr(warm, "_Nursery", Nursery)
    monkeypatch.setattr(warm, "threads_here", lambda: 1)
    assert (forked(work), (tmp_path / "talk").read_text("utf-8")) == (0, "stray")
    monkeypatch.setattr(warm, "threads_here", lambda: 2)
    with pytest.raises(SystemExit, match="2 threads"):
        warm.serve(None)
