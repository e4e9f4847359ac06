"""Batches: what is skipped, what is made again, whose death is whose fault, and other executors."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, altered
from many import many_clients

from kpi_toolkit.batch import makers
from kpi_toolkit.batch import render as module
from kpi_toolkit.batch.ledger import LEDGER
from kpi_toolkit.batch.makers import LocalMakers, _prepare, makers_for
from kpi_toolkit.batch.manifest import read_manifest
from kpi_toolkit.batch.parcel import pack, unpack
from kpi_toolkit.batch.planning import Request, plan
from kpi_toolkit.batch.production import Product, Task, produce
from kpi_toolkit.batch.render import DIED, produced, render
from kpi_toolkit.batch.run import FEW, File, Job, Outcome, Pace
from kpi_toolkit.batch.versions import differences, versions
from kpi_toolkit.clients import storage
from kpi_toolkit.clients.storage import sha256, write_file
from kpi_toolkit.clients.workbook import NotStartedError, WorkbookError
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.pages.drawing import started
from kpi_toolkit.pages.report import report_of


class FakeMakers:
    """Makers whose workers die on some jobs; every death breaks the executor, as a process pool's does."""

    refused = ()
    lost = ""

    def __init__(self, deadly: set[str], workers: int = 3, *, once: bool = False) -> None:
        self.workers, self.deadly, self.once = workers, deadly, once
        self.started = self.expected = 0
        self.under_way = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def expect(self, jobs):
        self.expected += jobs

    def start(self, most=None):
        self.started += 1
        return FakeExecutor(self)


class FakeExecutor(Executor):
    def __init__(self, makers: FakeMakers) -> None:
        self.makers, self.broken = makers, False

    def submit(self, _, task):
        if self.broken:
            raise BrokenExecutor
        future: Future[Product] = Future()
        if task.job.person in self.makers.deadly:
            self.broken = True
            if self.makers.once:
                self.makers.deadly.discard(task.job.person)
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(Product({"html": b"x"}))
        return future

    def shutdown(self, wait=True):  # as Dask's: it knows no other argument
        pass


def tasks(count: int) -> list[Task]:
    jobs = [Job("c", "2026-10", "person", "zh", ("html",), f"p{n}") for n in range(count)]
    return [Task(job, job.formats, None, Limits(), {}) for job in jobs]


@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("deadly", [set(), {"p0"}, {"p3", "p4", "p19"}, {f"p{n}" for n in range(20)}])
def test_a_dying_worker_is_replaced_and_only_the_job_that_kills_it_alone_too_has_failed(workers, deadly):
    made = list(produced(tasks(20), FakeMakers(set(deadly), workers)))
    assert sorted(task.job.person for task, _ in made) == sorted(f"p{n}" for n in range(20))
    assert {task.job.person for task, product in made if product.reason == DIED} == deadly
    assert all(product.content for task, product in made if task.job.person not in deadly)


def test_a_job_whose_worker_died_once_is_made_again(workers=2):
    made = list(produced(tasks(9), FakeMakers({"p4"}, workers, once=True)))
    assert not [product for _, product in made if product.reason]


def test_tasks_are_taken_as_workers_come_free_and_not_all_at_once():
    taken = []

    def due():
        for task in tasks(100):
            taken.append(task)
            yield task

    for number, _ in enumerate(produced(due(), FakeMakers(set(), workers=2)), start=1):
        assert len(taken) <= number + 2 * 2


def test_what_an_executor_says_of_a_lost_task_is_the_reason(monkeypatch):
    class Losing(FakeExecutor):
        def submit(self, _, task):
            future: Future[Product] = Future()
            future.set_exception(OSError("lost on the way"))
            return future

    makers = FakeMakers(set())
    monkeypatch.setattr(makers, "start", lambda most=None: Losing(makers))
    [(_, product)] = produced(tasks(1), makers)
    assert product.reason == "OSError: lost on the way"


def test_whoever_waits_for_a_worker_is_told_of_its_end_although_the_file_of_the_call_is_gone(tmp_path):
    done, found = Future(), Future()
    done.set_exception(OSError("lost on the way"))
    makers._pass_on(done, tmp_path / "gone", found)
    assert isinstance(found.exception(timeout=0), OSError)


def test_where_the_makers_are_lost_as_a_whole_everything_left_has_failed_and_nothing_hangs(monkeypatch):
    class Losing(FakeExecutor):
        def submit(self, _, task):
            if task.job.person == "p2":
                makers.lost = "the scheduler was lost"
            future: Future[Product] = Future()
            if not makers.lost:
                future.set_result(Product({"html": b"x"}))
            return future

    makers = FakeMakers(set(), workers=1)
    monkeypatch.setattr(makers, "start", lambda most=None: Losing(makers))
    monkeypatch.setattr(module, "_SECONDS_TO_LOOK", 0.01)
    made = {task.job.person: product.reason for task, product in produced(tasks(9), makers)}
    assert made == {f"p{n}": "the scheduler was lost" if n > 1 else "" for n in range(9)}


@pytest.fixture
def made(monkeypatch):
    """Make reports in threads, each a line of text, and list what was made."""
    jobs: list[Job] = []

    class Threads(FakeMakers):
        def start(self, most=None):
            return ThreadPoolExecutor(2)

    def fake(task: Task) -> Product:
        jobs.append(task.job)
        text = f"{task.job.name} {task.parcel.digest}".encode()
        return Product(dict.fromkeys(("ipynb", *task.job.formats), text), seconds={"run": 0.25, "print": 0.5})

    monkeypatch.setattr(module, "produce", fake)
    monkeypatch.setattr(module, "makers_for", lambda *_: Threads(set()))
    return jobs


def test_what_is_unchanged_is_not_made_again_and_force_makes_all(workbook, made):
    first = render(workbook, ["home-goods", "cloudboard"])
    assert [outcome.state for outcome in first.outcomes] == ["delivered"] * 24
    manifest = workbook.reports / "home-goods/2026-10/manifest.json"
    before = manifest.stat().st_mtime_ns
    again = render(workbook, ["home-goods", "cloudboard"])
    assert [outcome.state for outcome in again.outcomes] == ["unchanged"] * 24
    assert [replace(outcome, seconds=0, state="") for outcome in again.outcomes] == [
        replace(outcome, seconds=0, state="") for outcome in first.outcomes
    ]
    assert manifest.stat().st_mtime_ns == before
    assert len(made) == 24
    assert json.loads((workbook.reports / "run.json").read_text("utf-8"))["counts"] == {
        "delivered": 0, "unchanged": 24, "failed": 0,
    }  # fmt: skip
    render(workbook, ["cloudboard"], force=True)
    assert len(made) == 24 + 15


@pytest.mark.parametrize(
    "change",
    ["client_data/cloudboard/cycles/2026-08/actuals.csv", "client_data/cloudboard/design.toml", "templates/words/en.toml", "notebooks/40_team_report.ipynb"],
)  # fmt: skip
def test_only_what_depends_on_a_changed_file_is_made_again(workbook, made, change):
    render(workbook, reports=["team"], languages=["zh"])
    made.clear()
    path = workbook.root / change
    source = path if path.exists() else ROOT / change
    write_file(path, source.read_bytes() + b"\n")
    render(workbook, reports=["team"], languages=["zh"])
    expected = {"cloudboard"} if "cloudboard" in change else {"cloudboard", "home-goods", "lumen-brand"}
    assert {job.client for job in made} == expected


@pytest.mark.clients("home-goods")
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_report_whose_files_are_not_what_was_written_is_made_again(workbook, made, damage):
    render(workbook, ["home-goods"], reports=["team"])
    html = workbook.reports / "home-goods/2026-10/team.zh.html"
    html.unlink() if damage == "gone" else html.write_bytes(html.read_bytes()[::-1])
    render(workbook, ["home-goods"], reports=["team"])
    assert len(made) == 2


@pytest.mark.clients("home-goods")
def test_a_torn_or_foreign_line_of_the_ledger_costs_one_report_and_no_error(workbook, made):
    render(workbook, ["home-goods"], reports=["team"])
    ledger = workbook.reports / LEDGER
    ledger.write_bytes(b"not ours\n" + ledger.read_bytes()[:-20])
    assert [o.state for o in render(workbook, ["home-goods"], reports=["team"]).outcomes] == ["delivered"]
    assert [o.state for o in render(workbook, ["home-goods"], reports=["team"]).outcomes] == ["unchanged"]
    assert len(made) == 2
    assert ledger.stat().st_mode & 0o777 == 0o600


@pytest.mark.clients("home-goods")
@pytest.mark.parametrize("damage", [(b'"jobs"', b'"jobz"'), (b'"files"', b'"filez"'), (b'"bytes"', b'"bite"')])
def test_a_line_of_the_ledger_that_says_something_else_counts_as_none(workbook, made, damage):
    render(workbook, ["home-goods"], reports=["team"])
    ledger = workbook.reports / LEDGER
    ledger.write_bytes(altered(ledger.read_bytes(), damage))
    assert render(workbook, ["home-goods"], reports=["team"]).ok
    assert [o.state for o in render(workbook, ["home-goods"], reports=["team"]).outcomes] == ["unchanged"]


@pytest.mark.clients("home-goods")
@pytest.mark.parametrize(
    "change",
    [
        ('"client": "home-goods"', '"client": "../../elsewhere"'), ('"cycle": "2026-10"', '"cycle": "../2026-10"'),
        ('"person": ""', '"person": "../../x"'), ('"report": "team"', '"report": "../x"'),
        ('"language": "zh"', '"language": "/zh"'), ('["html", "pdf"]', '["html", "../pdf"]'),
        ('"kind": "pdf"', '"kind": "../../../../etc/passwd"'), ('"missing_glyphs": []', '"missing_glyphs": ["ab", 3]'),
    ],
)  # fmt: skip
def test_a_ledger_from_elsewhere_leads_nowhere_outside(workbook, made, change):
    render(workbook, ["home-goods"], reports=["team"])
    before = set(workbook.root.parent.rglob("*"))
    ledger = workbook.reports / LEDGER
    assert change[0] in ledger.read_text("utf-8")
    ledger.write_text(altered(ledger.read_text("utf-8"), change), "utf-8")
    finished = render(workbook, ["home-goods"], reports=["team"])
    assert [outcome.job.name for outcome in finished.outcomes] == ["home-goods/2026-10/team.zh"]
    assert finished.ok
    assert set(workbook.root.parent.rglob("*")) == before


@pytest.mark.clients("home-goods")
def test_no_name_stands_in_the_ledger_and_those_of_older_versions_leave_it(workbook, made, monkeypatch):
    def fake(task: Task) -> Product:
        return Product(dict.fromkeys(("ipynb", *task.job.formats), b"x"), who="王琳")

    monkeypatch.setattr(module, "produce", fake)
    render(workbook, ["home-goods"], people=["wang-lin"])
    ledger, manifest = workbook.reports / LEDGER, workbook.reports / "home-goods/2026-10/manifest.json"
    assert "王琳" not in ledger.read_text("utf-8")
    assert "王琳" in manifest.read_text("utf-8")
    manifest.unlink()  # made anew from reports that are there: the name comes from the client's own table
    assert {o.state for o in render(workbook, ["home-goods"], people=["wang-lin"]).outcomes} == {"unchanged"}
    assert "王琳" not in ledger.read_text("utf-8")
    assert "王琳" in manifest.read_text("utf-8")


@pytest.mark.clients("home-goods")
def test_what_a_failure_says_stands_in_the_clients_own_folder_only_and_goes_once_it_is_mended(
    workbook, made, monkeypatch
):
    right = module.produce
    monkeypatch.setattr(
        module, "produce", lambda _: Product(reason="41.ipynb, code cell 5: KeyError", detail="王琳: no")
    )
    [outcome] = render(workbook, ["home-goods"], reports=["team"]).outcomes
    told = workbook.reports / "home-goods/2026-10/failures/team.zh.txt"
    assert (outcome.detail, told.read_text("utf-8")) == ("王琳: no", "王琳: no\n")
    for name in ("run.json", "index.html", LEDGER):
        text = (workbook.reports / name).read_text("utf-8")
        assert "王琳" not in text
    assert "code cell 5: KeyError" in (workbook.reports / "run.json").read_text("utf-8")
    monkeypatch.setattr(module, "produce", right)
    assert render(workbook, ["home-goods"], reports=["team"]).ok
    assert not told.exists()


@pytest.mark.clients("home-goods")
@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_the_files_of_a_report_appear_together(workbook, made, monkeypatch, step):
    render(workbook, ["home-goods"], reports=["team"])
    folder = workbook.reports / "home-goods/2026-10"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.suffix in {".html", ".pdf", ".ipynb"}}
    assert len(before) == 3
    real, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) == 2:  # the second file of the report finds no room
            raise OSError(28, "No space left on device")
        real(handle)

    if step == "rename":
        (folder / "team.zh.pdf").unlink()
        (folder / "team.zh.pdf").mkdir()
        before.pop(folder / "team.zh.pdf")
    else:
        monkeypatch.setattr(storage, "_flush_folder", lambda _: None)
        monkeypatch.setattr(os, "fsync", full)
    [outcome] = render(workbook, ["home-goods"], reports=["team"], force=True).outcomes
    assert outcome.state == "failed"
    assert {path: path.read_bytes() for path in before} == before
    assert not list(workbook.root.rglob("*.kpi-tmp"))


@pytest.mark.clients("home-goods")
@pytest.mark.parametrize("content", ['{"a": 1}', '{"files": [{}]}', '{"files": null}', "[]", "x"])
def test_a_manifest_that_is_none_keeps_nobody_from_the_index_and_is_written_anew(workbook, made, content):
    for place in ("old/2025-01", "home-goods/2026-10"):
        write_file(workbook.reports / place / "manifest.json", content)
    finished = render(workbook, ["home-goods"], reports=["team"])
    assert finished.ok, finished.trouble
    assert len(read_manifest(workbook.reports / "home-goods/2026-10")["files"]) == 3


def test_an_interrupted_batch_goes_on_where_it_was(workbook, made):
    def stop(outcome: Outcome, pace: Pace) -> None:
        if pace.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(workbook, ["cloudboard"], progress=stop)
    finished = render(workbook, ["cloudboard"])
    assert [outcome.state for outcome in finished.outcomes].count("unchanged") == 5
    manifest = json.loads((workbook.reports / "cloudboard/2026-10/manifest.json").read_text("utf-8"))
    assert len(manifest["files"]) == 45


def test_a_cycle_is_listed_as_soon_as_its_last_report_is_there_also_in_a_batch_that_is_interrupted(workbook, made):
    def stop(outcome: Outcome, pace: Pace) -> None:
        if outcome.job.client == "lumen-brand":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(workbook, ["home-goods", "lumen-brand"], languages=["zh"], progress=stop)
    assert (workbook.reports / "home-goods/2026-10/manifest.json").is_file()
    assert not (workbook.reports / "lumen-brand/2026-10/manifest.json").exists()


def test_makers_get_ready_for_what_is_new_while_the_rest_is_planned_and_not_at_all_for_nothing(
    workbook, made, monkeypatch
):
    makers = FakeMakers(set())
    monkeypatch.setattr(makers, "start", lambda most=None: ThreadPoolExecutor(2))
    monkeypatch.setattr(module, "makers_for", lambda *_: makers)
    asked = {"reports": ["team"], "languages": ["zh"]}
    render(workbook, ["home-goods", "cloudboard"], **asked)
    assert makers.expected == 2
    render(workbook, **asked)
    assert makers.expected == 3
    assert [outcome.state for outcome in render(workbook, **asked).outcomes] == ["unchanged"] * 3
    render(workbook, ["home-goods"], cycle="2026-10", **asked)  # asked for in another way
    (workbook.client_data / "cloudboard" / "people.csv").unlink()
    assert render(workbook, ["cloudboard"], **asked).refusals
    assert makers.expected == 3


def test_nothing_is_started_and_no_cluster_asked_where_there_is_nothing_to_make(workbook):
    (workbook.client_data / "cloudboard" / "people.csv").unlink()
    finished = render(workbook, ["cloudboard"], executor="dask:tcp://127.0.0.1:9")
    assert [refusal.client for refusal in finished.refusals] == ["cloudboard"]


def test_a_worker_that_dies_while_it_loads_does_not_stop_the_planning(tmp_path, monkeypatch):
    makers = LocalMakers(2, [])

    class Broken:
        def submit(self, *_):
            raise BrokenExecutor

    monkeypatch.setattr(makers, "_first", Broken())
    makers.expect(5)
    assert makers._loading == 0


@pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux only")
@pytest.mark.slow
@pytest.mark.parametrize(("count", "kinds"), [(1, b""), (4, b""), (5, b"team,person")])
def test_a_few_reports_get_nothing_ready_that_they_do_not_need_and_many_only_their_kinds(monkeypatch, count, kinds):
    monkeypatch.setattr(sys, "of_the_parent", 1, raising=False)
    before = _templates()  # of earlier tests in this process
    with LocalMakers(2, ["team", "person"]) as makers:
        makers.expect(count)
        assert bool(makers._folder) == bool(kinds)
        makers.due, makers.one_client = count, True
        copied = not kinds and threading.active_count() == 1 and not started()  # an earlier test may have left threads
        assert makers.start().submit(eval, "getattr(__import__('sys'), 'of_the_parent', 0)").result(60) == copied
        template = Path(makers._template).parent
        lines = [read.read_bytes() for read in _templates() - before]
        if copied:  # so is the kernels' process: what is loaded here need not be loaded again
            assert not lines
        else:
            assert b"--ready=" + kinds in lines[0].split(b"\0")
    assert not template.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux only")
@pytest.mark.slow
@pytest.mark.clients("home-goods")
def test_one_report_made_by_copies_of_the_command_is_that_of_a_batch_to_the_byte(workbook, tmp_path):
    def made(*asked: str) -> dict[Path, bytes]:
        command = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(workbook.root), "render", "home-goods"]
        subprocess.run([*command, *asked], check=True, capture_output=True)
        folder = workbook.reports / "home-goods"
        files = {path.relative_to(folder): path for path in folder.rglob("*") if path.suffix in {".html", ".pdf"}}
        found = {name: path.read_bytes() for name, path in files.items()}
        shutil.rmtree(workbook.reports)
        return found

    batch = made()
    assert len(batch) > 2 * FEW
    person = next(name.name.split(".")[0] for name in batch if name.parent.name == "people")
    alone = made("--report", "person", "--person", person) | made("--report", "team")
    assert len(alone) > 2
    assert alone.items() <= batch.items()


def _templates() -> set[Path]:
    return {read for read in Path("/proc").glob("[0-9]*/cmdline") if _is_ours(read, os.getpid())}


def _is_ours(read: Path, parent: int) -> bool:
    """Whether a process is a template that this one has started; others come and go meanwhile."""
    try:
        return b"kernels.warm" in read.read_bytes() and f"PPid:\t{parent}\n" in (read.parent / "status").read_text()
    except OSError:
        return False


def test_a_file_that_cannot_be_read_is_its_clients_trouble_only(workbook, made, monkeypatch):
    read = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "people.csv" and "cloudboard" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    finished = render(workbook, reports=["team"], languages=["zh"])
    assert {outcome.job.client for outcome in finished.outcomes} == {"home-goods", "lumen-brand"}
    [refusal] = finished.refusals
    [issue] = refusal.issues
    assert (issue.code, issue.place.file) == ("unreadable", "people.csv")


def test_a_client_that_cannot_be_read_any_more_when_its_turn_comes_fails_and_the_others_are_made(
    workbook, made, monkeypatch
):
    packed = module.pack

    def gone(there, client):
        if client == "home-goods":
            raise FileNotFoundError(2, "No such file or directory", "people.csv")
        return packed(there, client)

    monkeypatch.setattr(module, "pack", gone)
    states = {o.job.client: o for o in render(workbook, reports=["team"], languages=["zh"]).outcomes}
    assert {client: outcome.state for client, outcome in states.items()} == {
        "home-goods": "failed", "cloudboard": "delivered", "lumen-brand": "delivered",
    }  # fmt: skip
    assert "people.csv" in states["home-goods"].reason


@pytest.mark.clients("home-goods")
def test_a_manifest_says_what_a_report_was_made_from_not_what_lies_there_by_then(workbook, made):
    table = workbook.client_data / "home-goods" / "people.csv"
    before = sha256(table.read_bytes())

    def change(outcome: Outcome, pace: Pace) -> None:
        table.write_bytes(table.read_bytes() + b"\r\n")

    render(workbook, ["home-goods"], languages=["zh"], progress=change)
    assert read_manifest(workbook.reports / "home-goods/2026-10")["inputs"]["people.csv"] == before


@pytest.mark.slow
@pytest.mark.parametrize("how", ["file", "stdin"])
def test_a_script_without_a_main_guard_may_render(workbook, tmp_path, how):
    script = (
        "from pathlib import Path\nfrom kpi_toolkit.clients.workbook import Workbook\n"
        "from kpi_toolkit.batch.render import render\n"
        "print(render(Workbook(Path('.')), ['home-goods'], reports=['team'], formats=['html']).ok)\n"
    )
    (workbook.root / "script.py").write_text(script, "utf-8")
    command, given = ([sys.executable, "script.py"], "") if how == "file" else ([sys.executable, "-"], script)
    done = subprocess.run(command, input=given, cwd=workbook.root, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("True", "")


@pytest.mark.slow
def test_other_children_of_a_program_that_renders_are_left_alone(tmp_path):
    import multiprocessing
    import time

    other = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    other.start()
    with LocalMakers(1, []) as makers:
        assert makers.start().submit(len, "four").result(60) == 4
    assert other.is_alive()
    other.kill()
    other.join()


@pytest.mark.clients("home-goods")
def test_a_file_that_changes_while_a_batch_runs_is_noted_as_it_was_read(workbook, made, monkeypatch):
    table = workbook.client_data / "home-goods" / "people.csv"
    before = table.read_bytes()
    packed = module.pack
    monkeypatch.setattr(module, "pack", lambda *given: (table.write_bytes(before + b"\r\n"), packed(*given))[1])
    render(workbook, ["home-goods"], reports=["team"])
    monkeypatch.setattr(module, "pack", packed)
    table.write_bytes(before)
    assert [o.state for o in render(workbook, ["home-goods"], reports=["team"]).outcomes] == ["delivered"]


@pytest.mark.clients("home-goods")
def test_outputs_that_cannot_be_written_are_failures_with_their_reason(workbook, made):
    blocked = workbook.reports / "home-goods/2026-10/team.zh.html"
    blocked.mkdir(parents=True)
    [outcome] = render(workbook, ["home-goods"], reports=["team"]).outcomes
    assert outcome.state == "failed"
    assert outcome.reason.startswith("it could not be written: ")


def test_progress_tells_pace_time_left_and_the_slowest_stage(workbook, made):
    seen: list[Pace] = []
    render(workbook, ["cloudboard"], progress=lambda _, pace: seen.append(pace))
    assert [pace.done for pace in seen] == list(range(1, 16))
    assert {pace.total for pace in seen} == {15}
    assert seen[-1].slowest == "print"
    assert seen[-1].stages["print"] == 7.5
    assert seen[-1].seconds_left == 0
    assert Pace(20, 40, 10, 5.0, {}).seconds_left == 10
    assert Pace(0, 40, 0, 5.0, {}).seconds_left is None


def test_a_parcel_holds_one_client_and_the_workbooks_own_templates_and_nothing_hidden(workbook, tmp_path):
    folder = workbook.client_data / "home-goods"
    (folder / "~$people.csv").write_text("lock", "utf-8")
    (folder / ".notes").write_text("secret", "utf-8")
    (folder / "link.csv").symlink_to("/etc/hostname")
    write_file(workbook.root / "templates" / "words" / "zh.toml", "x")
    parcel = pack(workbook, "home-goods")
    names = [name for name, _ in parcel.files]
    assert "templates/words/zh.toml" in names
    assert {name.split("/")[1] for name in names if name.startswith("client_data/")} == {"home-goods"}
    assert not [name for name in names if "~$" in name or ".notes" in name or "link" in name]
    assert dict(parcel.files)["client_data/home-goods/people.csv"] == (folder / "people.csv").read_bytes()
    assert pack(unpack(parcel, tmp_path / "there"), "home-goods") == parcel


def test_a_worker_with_other_versions_makes_nothing_and_says_which(workbook):
    [job] = plan(workbook, ["home-goods"], Request(reports=["team"]))[0]
    product = produce(Task(job, job.formats, pack(workbook, "home-goods"), Limits(), {**versions(), "pandas": "0.1"}))
    assert product.reason == f"the worker has other versions: pandas {versions()['pandas']} (here 0.1)"
    assert differences(versions(), versions()) == ""


@pytest.mark.parametrize("name", ["dask", "dask:", "celery:x", ""])
def test_an_executor_that_there_is_not_is_told(name, tmp_path):
    with pytest.raises(WorkbookError, match="There is no executor"):
        makers_for(name, None, [])


def test_an_outcome_is_small_so_that_a_thousand_stay_below_a_megabyte():
    import tracemalloc

    def outcome(number: int) -> Outcome:
        job = jobs[number]
        files = tuple(File(kind, f"{number:064x}", 1_000_000 + number) for kind in ("ipynb", "html", "pdf"))
        return Outcome(job, "delivered", files, seconds=number / 7)

    jobs = [Job(f"client-{number}", "2026-10", "team", "zh", ("html", "pdf")) for number in range(1000)]
    tracemalloc.start()
    kept = [outcome(number) for number in range(1000)]
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(kept) == 1000
    assert size < 1_000_000, size


BROKEN = {
    "dying": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "endless": "while True: pass",
    "greedy": "x = bytearray(8 << 30)",
    "leaving": "import sys; sys.exit(0)",
}
REASONS = {
    "dying": "its kernel died", "endless": "ran longer than 15 seconds", "greedy": "MemoryError",
    "leaving": "was not run",
}  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="workers are copied on Linux only")
@pytest.mark.parametrize(("others", "one", "way"), [(0, True, "fork"), (1, True, "spawn"), (0, False, "spawn")])
def test_no_worker_is_a_copy_of_a_process_with_threads_or_with_files_of_two_clients(monkeypatch, others, one, way):
    ways = []
    monkeypatch.setattr(makers.threading, "active_count", lambda: 1 + others)
    monkeypatch.setattr(makers, "started", lambda: False)
    monkeypatch.setattr(LocalMakers, "_pool", lambda self, size, way="spawn": ways.append(way) or ThreadPoolExecutor(1))
    local = LocalMakers(1, [])
    local.due, local.one_client = 1, one
    local.start().shutdown()
    assert ways == [way]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
@pytest.mark.parametrize("count", [100 if os.environ.get("KPI_EXAM") else 20])
def test_V27_of_many_clients_five_broken_in_five_ways_are_named_and_all_others_delivered(tmp_path, count):
    limit = 15
    workbook = many_clients(tmp_path, count)
    broken = dict(zip([*BROKEN, "unreadable"], workbook.clients()[:: count // 5], strict=True))
    (workbook.client_data / broken["unreadable"] / "people.csv").write_bytes(b"\x00\x01")
    notebook = nbformat.read(ROOT / "notebooks/40_team_report.ipynb", as_version=4)
    lines = [f"if client == {broken[name]!r}:\n    {code}" for name, code in BROKEN.items()]
    notebook.cells.insert(2, nbformat.v4.new_code_cell("\n".join(["import kpi_toolkit", *lines])))
    (workbook.root / "notebooks").mkdir()
    nbformat.write(notebook, workbook.root / "notebooks/40_team_report.ipynb")
    command = [sys.executable, "-m", "kpi_toolkit", *f"render --report team --format html --timeout {limit}".split()]
    done = subprocess.run(command, cwd=workbook.root, check=False, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    run = json.loads((workbook.reports / "run.json").read_text("utf-8"))
    assert (workbook.reports / "index.html").is_file(), done.stderr
    assert run["counts"] == {"delivered": count - 5, "unchanged": 0, "failed": 4}
    reports = {report["client"]: report for report in run["reports"]}
    for name, reason in REASONS.items():
        report = reports[broken[name]]
        assert report["state"] == "failed"
        assert reason in report["reason"]
        assert report["seconds"] < limit + 10
    assert [refused["client"] for refused in run["refused"]] == [broken["unreadable"]]
    page = (workbook.reports / "index.html").read_text("utf-8")
    told = page.split('class="failed"')[1].split("</div>")[0]
    assert all(client in told for client in broken.values())
    again = render(workbook, ["client-0001", broken["leaving"]], reports=["team"], formats=["html"])
    assert [outcome.state for outcome in again.outcomes] == ["unchanged", "failed"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_that_is_killed_is_replaced_and_everything_delivered(workbook):
    import psutil

    killed = []

    def kill_one(outcome: Outcome, pace: Pace) -> None:
        if not killed:
            worker = next(c for c in psutil.Process().children() if "spawn_main" in " ".join(c.cmdline()))
            worker.kill()
            killed.append(worker.pid)

    finished = render(workbook, ["cloudboard"], progress=kill_one, jobs=2, formats=["html"])
    assert killed
    assert finished.ok, finished.failed


def texts(workbook) -> dict[str, bytes]:
    return {
        path.relative_to(workbook.reports).as_posix(): path.read_bytes()
        for path in sorted(workbook.reports.rglob("*.html"))
        if path.name != "index.html"
    }


@pytest.mark.slow
def test_html_does_not_depend_on_how_many_workers_there_are_or_where_they_are(workbook, tmp_path_factory):
    pytest.importorskip("distributed")
    asked = {"reports": ["team"], "formats": ["html"], "force": True}
    assert render(workbook, jobs=1, **asked).ok
    alone = texts(workbook)
    assert render(workbook, ["lumen-brand", "home-goods", "cloudboard"], jobs=3, **asked).ok
    assert texts(workbook) == alone
    with cluster(tmp_path_factory.mktemp("cluster")) as address:
        finished = render(workbook, executor=f"dask:{address}", **asked)
    assert finished.ok, finished.failed
    assert len(finished.outcomes) == 4
    assert texts(workbook) == alone


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::Warning")
def test_a_cluster_worker_with_other_versions_is_refused_by_name(workbook, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    other = tmp_path / "other"
    other.mkdir()
    # Stands in for an older installation: the worker says that its pandas is another.
    (other / "sitecustomize.py").write_text(
        "import importlib.metadata as m\nreal = m.version\nm.version = lambda name: '0.1' if name == 'pandas' else real(name)\n",
        "utf-8",
    )
    with cluster(tmp_path, {"PYTHONPATH": str(other)}, {}) as address:
        finished = render(workbook, ["home-goods"], reports=["team"], executor=f"dask:{address}", formats=["html"])
        assert finished.ok
        [refused] = finished.refused_workers
        assert "pandas 0.1 (here" in refused
        assert refused.startswith("tcp://")
    with (
        cluster(tmp_path, {"PYTHONPATH": str(other)}) as address,
        pytest.raises(NotStartedError, match=r"No worker at .* can be used"),
    ):
        render(workbook, ["home-goods"], reports=["team"], executor=f"dask:{address}", force=True)


@pytest.mark.slow
def test_a_cluster_that_cannot_be_reached_changes_nothing(workbook, monkeypatch):
    pytest.importorskip("distributed")
    from kpi_toolkit.batch import makers

    monkeypatch.setattr(makers, "_SECONDS_TO_REACH", 1)
    with pytest.raises(NotStartedError, match="cannot be reached"):
        render(workbook, ["home-goods"], reports=["team"], executor="dask:tcp://127.0.0.1:9")


class cluster:  # noqa: N801 - used as a function
    """A real scheduler and its workers on loopback, each a process of its own."""

    def __init__(self, folder: Path, *environments: dict[str, str]) -> None:
        self.folder, self.environments = folder, environments or ({}, {})
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> str:
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        address = f"tcp://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--no-dashboard"]
        self._start({}, "scheduler", "--port", str(port), *options)
        for number, environment in enumerate(self.environments):
            place = ["--local-directory", str(self.folder / f"worker-{number}")]
            self._start(environment, "worker", address, "--nthreads", "2", "--no-nanny", *place, *options)
        from distributed import Client

        try:
            with Client(address, timeout=30, set_as_default=False) as client:
                client.wait_for_workers(len(self.environments), timeout=60)
        except BaseException:
            self.__exit__()
            raise
        return address

    def _start(self, environment: dict[str, str], kind: str, *options: str) -> None:
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(command, cwd=self.folder, env=os.environ | environment, **quiet))

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):  # the scheduler last: a worker says goodbye to it
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.mark.slow
def test_a_worker_that_dies_before_large_tasks_breaks_the_pool_and_hangs_nothing(tmp_path):
    large = b"x" * 5_000_000  # far above what a pipe holds
    with LocalMakers(2, []) as makers:
        pool = makers.start()
        assert pool.submit(len, large).result(60) == len(large)
        deadly = pool.submit(signal.raise_signal, signal.SIGKILL)
        waiting = []
        with suppress(BrokenExecutor):  # it may be known by now
            waiting += [pool.submit(len, large) for _ in range(6)]
        with pytest.raises(BrokenExecutor):
            deadly.result(60)
        for future in waiting:
            assert isinstance(future.exception(60), BrokenExecutor | None)
        pool.shutdown()
        assert not list(Path(makers._folder).glob("*.task"))


@pytest.mark.skipif(os.name == "nt", reason="the lines are for a POSIX shell")
@pytest.mark.parametrize("page", ["security.md", "security.zh-CN.md"])
def test_a_client_is_forgotten_by_the_lines_that_the_page_gives(workbook, made, page):
    render(workbook, ["cloudboard", "home-goods"], reports=["team"])
    block = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)[1]
    lines = [line for line in altered(block, ("acme", "cloudboard")).splitlines() if not line.startswith("kpi ")]
    subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=workbook.root, check=True)
    assert {o.state for o in render(workbook, ["home-goods"], reports=["team"]).outcomes} == {"unchanged"}
    left = [path for path in workbook.root.rglob("*") if "cloudboard" in path.name.lower()]
    left += [p for p in workbook.root.rglob("*") if p.is_file() and b"cloudboard" in p.read_bytes().lower()]
    assert left == []


@pytest.mark.clients("home-goods")
def test_templates_and_notebooks_of_the_workbook_are_named_with_their_hash_where_they_differ(workbook, made):
    shipped_file, own = "templates/report/sections/cut.html.j2", "notebooks/40_team_report.ipynb"
    for name, extra in (
        (shipped_file, b""),
        (own, b"\n"),
        ("templates/words/en.toml", None),
        ("notebooks/x.ipynb", b""),
    ):
        source = ROOT / name
        text = (
            b'[tier]\ntop = "Best"\n' if extra is None else (source.read_bytes() if source.exists() else b"x") + extra
        )
        if name == own:  # what it says between its cells is nobody's business, what it runs is
            text = altered(text, (b"report.page()", b"report.page(); 1"))
        write_file(workbook.root / name, text)
    finished = render(workbook, ["home-goods"], reports=["team"])
    expected = {name: sha256((workbook.root / name).read_bytes()) for name in (own, "templates/words/en.toml")}
    assert finished.own_files == expected
    record = json.loads((workbook.reports / "run.json").read_text("utf-8"))
    assert record["own_files"] == finished.own_files


@pytest.mark.slow
def test_a_report_made_among_many_is_the_one_made_alone(workbook):
    folder = workbook.reports / "home-goods" / "2026-10"
    names = [
        path for language in ("zh", "en") for path in (f"team.{language}.html", f"people/wang-lin.{language}.html")
    ]
    asked = {"clients": ["home-goods"], "formats": ["html"], "languages": ["zh", "en"], "force": True}
    made = []
    for people, reports in ((None, ["team", "person"]), (["wang-lin"], ["person"]), (None, ["team"])):
        run = render(workbook, reports=reports, people=people, jobs=1, **asked)
        assert {outcome.state for outcome in run.outcomes} == {"delivered"}
        made.append(
            {name: (folder / name).read_bytes() for name in names if name.startswith("people") or people is None}
        )
    assert made[0] == made[1] | made[2]


def test_pages_are_asked_for_by_name_as_well_and_who_is_nobody_is_answered_with_names_and_ids(workbook):
    jobs, _ = plan(workbook, ["home-goods"], Request(reports=["person"], people=["刘凯", "sun-jiaqi"]))
    assert {job.person for job in jobs} == {"liu-kai", "sun-jiaqi"}
    with pytest.raises(WorkbookError) as nobody:
        plan(workbook, ["home-goods"], Request(reports=["person"], people=["刘恺"]))
    assert nobody.value.issue.code == "unknown-in-cycle"
    assert "liu-kai（刘凯）" in {known.zh for known in nobody.value.issue.values["known"]}
    report = report_of(workbook, "person", client="home-goods", cycle="2026-10", language="zh", person="刘凯")
    assert report.person is not None and report.person.id == "liu-kai"


def test_who_came_after_the_month_has_no_page_of_it_and_where_a_client_is_refused_only_that_is_told(workbook):
    client, asked = workbook.client_data / "home-goods", Request(reports=["person"], people=["Late Comer"])
    text = (client / "people.csv").read_text("utf-8")
    (client / "cycles/2026-10/people.csv").write_text(text, "utf-8")
    (client / "people.csv").write_text(f"{text.rstrip()}\nlate,Late Comer,network-editor,,,2026-11-20\n", "utf-8")
    with pytest.raises(WorkbookError) as nobody:
        plan(workbook, ["home-goods"], asked)
    assert nobody.value.issue.code == "unknown-in-cycle" and nobody.value.issue.values["name"] == "Late Comer"
    assert "liu-kai（刘凯）" in {known.zh for known in nobody.value.issue.values["known"]}
    assert nobody.value.issue.values["nearest"] == ""  # nobody else is proposed for whom there is no page
    (client / "cycles/2026-10/actuals.csv").write_text("nothing of a table", "utf-8")
    jobs, refusals = plan(workbook, ["home-goods"], asked)
    assert not jobs and [refusal.client for refusal in refusals] == ["home-goods"]


def test_a_stage_that_is_gone_through_twice_took_what_both_took(monkeypatch):
    monkeypatch.setattr("time.perf_counter", iter((5.0, 7.5, 10.0, 11.0)).__next__)
    product = Product()
    for _ in range(2):
        with product.timed("page"):
            pass
    assert product.seconds == {"page": 3.5}


def test_a_worker_that_has_nothing_more_to_do_ends_by_itself(tmp_path):
    worker = get_context("fork").Process(target=_prepare, args=(str(tmp_path), ""))
    worker.start()
    worker.join(20)
    ended = worker.exitcode
    worker.kill()
    assert ended == 0
