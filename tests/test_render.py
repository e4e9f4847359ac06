"""The batch end to end: executed notebooks, HTML, PDF, manifests, index; failures named, others delivered."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from filelock import FileLock

from kpi_toolkit import __version__
from kpi_toolkit.batch.index import write_index
from kpi_toolkit.batch.manifest import Delivered, read_manifest, write_manifest
from kpi_toolkit.batch.planning import Request
from kpi_toolkit.batch.planning import plan as plan_requested
from kpi_toolkit.batch.production import check_parameters, execute
from kpi_toolkit.batch.render import LOCK, render
from kpi_toolkit.batch.run import Run
from kpi_toolkit.clients.client import input_hashes, load_client
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import NotStartedError, WorkbookError
from kpi_toolkit.kernels.limits import Limits
from kpi_toolkit.pages.kinds import RenderError
from kpi_toolkit.results.board import board

GIVEN = {"client": "home-goods", "cycle": "2026-10", "language": "zh"}
TEAM = ROOT / "notebooks" / "40_team_report.ipynb"


def plan(workbook, clients=None, **asked):
    return plan_requested(workbook, clients, Request(**asked))


def test_a_batch_is_planned_from_clients_reports_people_and_languages(workbook):
    jobs, refused = plan(workbook)
    assert not refused
    assert len(jobs) == (1 + 8) + (1 + 14) + 2 * (1 + 45)
    jobs, _ = plan(workbook, ["lumen-brand"], reports=["person"], people=["p01"], languages=["en"])
    assert [job.name for job in jobs] == ["lumen-brand/2026-10/people/p01.en"]
    assert {job.cycle for job in plan(workbook, cycle="2026-09")[0]} == {"2026-09"}


def test_a_client_whose_files_are_wrong_is_refused_and_the_others_are_planned(workbook):
    (workbook.client_data / "cloudboard" / "people.csv").unlink()
    jobs, refused = plan(workbook, reports=["team"])
    assert {job.client for job in jobs} == {"home-goods", "lumen-brand"}
    assert [(refusal.client, refusal.issues[0].code) for refusal in refused] == [("cloudboard", "file-missing")]


@pytest.mark.parametrize(
    "call",
    [
        {"clients": ["x"]},
        {"reports": ["team", "x"]},
        {"formats": ["x"]},
        {"languages": ["x"]},
        {"people": ["x"]},
        {"people": [""]},
    ],
)
def test_a_name_that_does_not_exist_stops_the_batch_before_it_starts(workbook, call):
    with pytest.raises(WorkbookError, match=r"There is no |Nobody in this cycle is called “x?”"):
        plan(workbook, **call)


@pytest.mark.slow
def test_a_job_reads_its_own_workbook_whatever_the_shell_says(workbook, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    (other / "client_data").mkdir()
    monkeypatch.setenv("KPI_WORKBOOK", str(other))
    finished = render(workbook, ["home-goods"], reports=["team"], formats=["html"])
    assert finished.ok, finished.failed


def test_a_file_made_from_older_data_is_marked_in_the_index(workbook):

    folder = workbook.reports / "home-goods" / "2026-10"

    def deliver(path: str, report: str, person: str | None) -> None:
        digest = write_file(folder / path, path)
        client = load_client(workbook.client_data / "home-goods")
        files = [Delivered(path, report, person, person or "", "zh", digest, 1)]
        write_manifest(folder, client, "2026-10", files, input_hashes(client, "2026-10"))

    deliver("people/lin.zh.html", "person", "lin")
    people = workbook.client_data / "home-goods" / "people.csv"
    people.write_bytes(people.read_bytes() + b"\r\n")
    deliver("team.zh.html", "team", None)
    page = write_index(workbook, Run()).read_text("utf-8")
    assert "HTML†</a>" in page.split("people/lin.zh.html")[1][:40]
    assert "HTML</a>" in page.split("team.zh.html")[1][:40]


def test_the_index_of_many_clients_takes_as_long_as_they_need_however_little_a_report_may_take(workbook, monkeypatch):
    def of_many(*given):
        until = time.process_time() + 1.5
        while time.process_time() < until:
            pass
        return board(*given)

    monkeypatch.setattr("kpi_toolkit.batch.index.board", of_many)
    assert render(workbook, ["home-goods"], reports=["results"]).ok
    done = render(workbook, ["home-goods"], reports=["results"], limits=Limits(1, 1))
    assert done.ok, done.trouble
    assert 'data-client="home-goods"' in (workbook.reports / "index.html").read_text("utf-8")


def test_namesakes_and_every_kind_of_report_are_told_apart_in_the_index(workbook):
    client = load_client(workbook.client_data / "home-goods")
    folder = workbook.reports / "home-goods/2026-10"
    given = [
        ("people/wei-1.zh.html", "person", "wei-1", "张伟"), ("people/wei-2.zh.html", "person", "wei-2", "张伟"),
        ("people/lin.zh.html", "person", "lin", "王琳"), ("team.zh.html", "team", None, ""),
        ("design.zh.html", "design", None, ""), ("whatif.html", "whatif", None, ""),
        ("whatif-pseudonyms.html", "whatif-pseudonyms", None, ""),
    ]  # fmt: skip
    files = [
        Delivered(path, report, person, name, "zh", write_file(folder / path, path), len(path))
        for path, report, person, name in given
    ]
    write_manifest(folder, client, "2026-10", files, input_hashes(client, "2026-10"))
    page = write_index(workbook, Run()).read_text("utf-8")
    people = re.findall(r'<div class="person" data-id="[a-z0-9-]+">(.*?) <span class="in-order">', page)
    assert people == ["王琳", '张伟 <span class="soft">wei-1</span>', '张伟 <span class="soft">wei-2</span>']
    kinds = re.findall(r'<span class="kind"><span lang="zh">(.*?)</span><span lang="en">(.*?)</span></span>', page)
    assert kinds == [
        ("团队", "Team"),
        ("方案书", "Design book"),
        ("模拟测算", "What-if"),
        ("模拟测算（代号）", "What-if, no names"),
    ]


def test_a_second_run_in_a_workbook_is_told_to_wait_and_changes_nothing(workbook):
    before = sorted(workbook.reports.rglob("*"))
    with FileLock(workbook.reports / LOCK), pytest.raises(NotStartedError, match="is running"):
        render(workbook, [])
    assert sorted(path for path in workbook.reports.rglob("*") if path.name != LOCK) == before


def test_reports_are_told_of_even_where_the_index_cannot_be_written(workbook):
    page = workbook.root / "templates" / "report" / "index.html.j2"
    page.parent.mkdir(parents=True)
    page.write_text("{{ nothing }}", "utf-8")
    finished = render(workbook, [])
    assert not finished.ok
    assert "nothing" in finished.trouble


def test_what_is_wrong_with_a_refused_client_is_in_the_run_record_with_its_remedy(workbook):
    (workbook.client_data / "cloudboard" / "people.csv").unlink()
    render(workbook, ["cloudboard"])
    [entry] = json.loads((workbook.reports / "run.json").read_text("utf-8"))["refused"]
    assert entry["issues"][0] | {"fix": ""} == {
        "code": "file-missing", "severity": "error", "where": "people.csv", "message": "This file is missing.", "fix": "",
    }  # fmt: skip
    assert entry["issues"][0]["fix"].startswith("Put it back from a backup")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (GIVEN | {"clinet": "x"}, r"unknown parameter 'clinet' \(did you mean 'client'\?\)"),
        ({"client": "x", "cycle": "y"}, "parameter 'language' was not given"),
    ],
)
def test_an_unknown_or_missing_parameter_is_fatal_and_says_which(given, message):
    with pytest.raises(RenderError, match=message):
        check_parameters(nbformat.read(TEAM, as_version=4), given, TEAM.name)


def test_a_notebook_without_its_parameters_cell_is_refused():
    with pytest.raises(RenderError, match="exactly one cell tagged 'parameters'"):
        check_parameters(nbformat.v4.new_notebook(), GIVEN, "x.ipynb")


def test_nothing_to_do_still_leaves_an_index(workbook):
    finished = render(workbook, [])
    assert finished.ok
    html = (workbook.reports / "index.html").read_text("utf-8")
    assert "还没有报告" in html
    assert json.loads((workbook.reports / "run.json").read_text("utf-8"))["toolkit"] == __version__


def test_a_client_without_a_month_is_called_by_name_on_the_index(kpi, workbook):
    kpi("new", "nova", "--name", "Nova", "--country", "GB", "--rationale", "first", "--lang", "en")
    (workbook.client_data / "nova/people.csv").write_text("id,name,role\np1,Ann Bell,network-editor\n", "utf-8")
    render(workbook, ["nova"], reports=["results"])
    assert "nova has no cycle with actuals yet" in (workbook.reports / "index.html").read_text("utf-8")


def test_a_refused_client_stands_on_the_index_with_its_reason(workbook):
    (workbook.client_data / "cloudboard" / "people.csv").unlink()
    finished = render(workbook, ["cloudboard"])
    assert not finished.ok
    html = (workbook.reports / "index.html").read_text("utf-8")
    assert "This file is missing." in html
    assert "缺少这个文件" in html


@pytest.mark.slow
class TestWithKernels:
    def test_reports_are_delivered_whole(self, workbook):
        seen = []
        finished = render(
            workbook,
            ["home-goods"],
            people=["wang-lin"],
            progress=lambda outcome, pace: seen.append((pace.done, pace.total)),
        )
        assert finished.ok
        assert seen == [(1, 2), (2, 2)]
        folder = workbook.reports / "home-goods" / "2026-10"
        expected = {
            "team.zh.html", "team.zh.pdf", "people/wang-lin.zh.html", "people/wang-lin.zh.pdf", "notebooks/team.zh.ipynb",
            "notebooks/people-wang-lin.zh.ipynb",
        }  # fmt: skip
        manifest = read_manifest(folder)
        assert {entry["path"] for entry in manifest["files"]} == expected
        for entry in manifest["files"]:
            data = (folder / entry["path"]).read_bytes()
            assert sha256(data).hexdigest() == entry["sha256"]
            assert stat.S_IMODE((folder / entry["path"]).stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert set(manifest["inputs"]) >= {"client.toml", "design.toml", "people.csv", "actuals.csv"}
        notebook = nbformat.read(folder / "notebooks/team.zh.ipynb", as_version=4)
        nbformat.validate(notebook)
        text = (folder / "notebooks/team.zh.ipynb").read_text("utf-8")
        assert str(workbook.root) not in text
        assert str(ROOT) not in text
        assert "application/vnd.vegalite" in text
        assert '"image/svg+xml":' not in text
        index = (workbook.reports / "index.html").read_text("utf-8")
        assert 'href="home-goods/2026-10/team.zh.pdf"' in index
        assert not list(workbook.reports.rglob("*.kpi-tmp"))
        assert {path.name for path in workbook.root.iterdir()} == {"client_data", "reports"}
        # The same again: byte for byte; what was not made again stays in the manifest.
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert finished.own_files == {}
        assert render(workbook, ["home-goods"], people=["wang-lin"], force=True).ok
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        assert {entry["path"] for entry in read_manifest(folder)["files"]} == expected

    @pytest.mark.clients("home-goods")
    def test_each_tool_is_made_of_its_own_notebook(self, kpi, workbook):
        holds = {"regulation": "第一条", "forms": "被考核人签字：", "process": 'class="process"'}
        code, _, err = kpi("render", "home-goods", "--report", ",".join(holds), "--format", "html")
        assert code == 0, err
        folder = workbook.reports / "home-goods" / "2026-10"
        assert {entry["report"] for entry in read_manifest(folder)["files"]} == {*holds}
        for kind, text in holds.items():
            page = (folder / f"{kind}.zh.html").read_text("utf-8")
            assert text in page
            assert not [other for other in holds if other != kind and holds[other] in page]
            made = nbformat.read(folder / f"notebooks/{kind}.zh.ipynb", as_version=4)
            sources = ["".join(cell.source) for cell in made.cells if cell.cell_type == "code"]
            assert any('report.section("document")' in source for source in sources)

    def test_one_bad_report_never_stops_the_others(self, workbook):
        notebooks = workbook.root / "notebooks"
        notebooks.mkdir()
        broken = nbformat.read(ROOT / "notebooks/41_person_report.ipynb", as_version=4)
        broken.cells[-1].source = 'raise ValueError(f"cannot place {person}")'
        nbformat.write(broken, notebooks / "41_person_report.ipynb")
        finished = render(workbook, ["home-goods"], people=["wang-lin"], formats=["html"])
        states = {outcome.job.report: outcome for outcome in finished.outcomes}
        assert (states["team"].state, states["team"].reason) == ("delivered", "")
        assert (states["person"].state, states["person"].reason) == (
            "failed", "41_person_report.ipynb, code cell 7: ValueError",
        )  # fmt: skip
        assert not (workbook.reports / "home-goods/2026-10/people").exists()
        told = workbook.reports / "home-goods/2026-10/failures/people-wang-lin.zh.txt"
        assert told.read_text("utf-8").startswith("ValueError: cannot place wang-lin")
        assert "cannot place" not in (workbook.reports / "run.json").read_text("utf-8")
        assert "cannot place" not in (workbook.reports / "index.html").read_text("utf-8")
        assert list(finished.own_files) == ["notebooks/41_person_report.ipynb"]  # named, for it is not the shipped one

    def test_a_cell_that_leaves_early_is_a_failure_and_no_half_report(self, workbook):
        notebooks = workbook.root / "notebooks"
        notebooks.mkdir()
        early = nbformat.read(TEAM, as_version=4)
        early.cells[4].source = "import sys; sys.exit(0)"
        nbformat.write(early, notebooks / TEAM.name)
        finished = render(workbook, ["home-goods"], reports=["team"], formats=["html"])
        assert [outcome.state for outcome in finished.outcomes] == ["failed"]
        assert not (workbook.reports / "home-goods/2026-10/team.zh.html").exists()

    def test_a_batch_ignores_the_stand_ins_for_blank_parameters(self, workbook, monkeypatch):
        monkeypatch.setenv("KPI_CLIENT", "cloudboard")
        monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
        notebook = execute(TEAM, GIVEN, cwd=workbook.root)
        assert "KPI_CLIENT" not in os.environ
        text = nbformat.writes(notebook)
        assert "栖木家居" in text
        assert "Cloudboard" not in text

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc for what is left running")
    @pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    def test_a_batch_that_is_ended_leaves_nothing_running_no_file_of_a_client_and_goes_on_later(self, workbook, end):
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            batch = subprocess.Popen(
                [sys.executable, "-m", "kpi_toolkit", "render", "home-goods"], cwd=workbook.root, stderr=subprocess.PIPE,
                text=True, env=os.environ | {"TMPDIR": folder},
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )  # fmt: skip
            ledger = workbook.reports / "ledger.jsonl"
            assert wait_for(lambda: ledger.exists() and b'"files"' in ledger.read_bytes(), 60)
            batch.send_signal(end)
            _, talk = batch.communicate(timeout=30)
            assert batch.returncode == (-end if end is signal.SIGKILL else 130)
            assert "Traceback" not in talk
            assert wait_for(lambda: not running_with(folder), 10), running_with(folder)
            assert wait_for(lambda: not list(Path(folder).iterdir()), 5)
        finished = render(workbook, ["home-goods"], formats=["html", "pdf"])
        assert finished.ok
        assert 1 <= [outcome.state for outcome in finished.outcomes].count("unchanged") < len(finished.outcomes)
        assert not list(workbook.root.rglob("*.kpi-tmp"))


def wait_for(reached, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.1)
    return reached()


def running_with(folder: str) -> list[str]:
    """Return the processes that were started with this folder for their temporary files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
