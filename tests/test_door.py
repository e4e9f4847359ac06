"""The door from the terminal to the notebooks: a page that says what comes next, and nothing in reach but what is meant."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from conftest import ROOT, altered, end
from nbformat import from_dict
from nbformat.v4 import new_output

from kpi_toolkit.clients.scaffold import init_workbook
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.live import server
from kpi_toolkit.live.server import lay_desk
from kpi_toolkit.live.welcome import welcome
from kpi_toolkit.pages.words import Words


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("as it is", "All figures are in. Open **What if?**"), ("delivered", "kpi whatif cloudboard"), ("one page", "kpi render cloudboard"),
        ("one missing", "One figure is missing (`kpi check cloudboard` names it), the rest are in. Open"), ("blank", "cycles/2026-10/actuals.csv"),
        ("no cycle", "kpi new cloudboard --cycle"), ("no people", "client_data/cloudboard/people.csv"),
        ("damaged", "One thing in the files is wrong; `kpi check cloudboard`"), ("unreadable", "kpi check cloudboard"),
    ],
)  # fmt: skip
def test_the_start_page_says_what_comes_next_for_a_client(workbook, change, said):
    folder = workbook.client_data / "cloudboard"
    actuals = folder / "cycles/2026-10/actuals.csv"
    match change:
        case "delivered" | "one page":
            name = "team.en.html" if change == "delivered" else "people/may.en.html"
            path = workbook.reports / "cloudboard/2026-10" / name
            path.parent.mkdir(parents=True)
            path.write_text("", "utf-8")
            said = "kpi whatif cloudboard" if change == "delivered" else "kpi render cloudboard"
        case "one missing":
            first = next(line for line in actuals.read_text("utf-8-sig").splitlines()[1:] if line.split(",")[2])
            blank = re.sub(r"^([^,]*,[^,]*),[^,]*", r"\1,", first)
            actuals.write_text(altered(actuals.read_text("utf-8-sig"), (first, blank)), "utf-8")
        case "blank":
            head, *rows = actuals.read_text("utf-8-sig").splitlines()
            actuals.write_text(
                "\n".join([head, *(",".join(row.split(",")[:2]) + "," * (head.count(",") - 1) for row in rows)]),
                "utf-8",
            )
        case "no cycle" | "no people":
            shutil.rmtree(folder / "cycles")
            if change == "no people":
                (folder / "people.csv").write_text("id,name,role,team,manager,joined\n", "utf-8")
        case "damaged":
            actuals.write_text(actuals.read_text("utf-8-sig").replace("\n", "\nnobody,nothing,1,,,\n", 1), "utf-8")
            said = "kpi check cloudboard"
        case "unreadable":
            (folder / "design.toml").write_text("= 3", "utf-8")
    page = welcome(workbook, Words("en", workbook), "cloudboard")
    row = next(line for line in page.splitlines() if "(cloudboard" in line or "| cloudboard" in line)
    assert said in row


def test_the_start_page_is_in_one_language_and_shows_a_clients_text_as_it_is(workbook):
    file = workbook.client_data / "cloudboard" / "client.toml"
    text = file.read_text("utf-8").replace(
        'name = { zh = "云板软件", en = "Cloudboard Software" }', 'name = "[x](javascript:1) <b>|"'
    )
    file.write_text(text, "utf-8")
    page = welcome(workbook, Words("en", workbook))
    assert r"\[x\]\(javascript:1\) \<b\>\|" in page
    assert not any("\u4e00" <= char <= "\u9fff" for char in page)
    for name in ("cloudboard", "home-goods", "lumen-brand"):
        shutil.rmtree(workbook.client_data / name)
    assert "还没有客户" in welcome(workbook, Words("zh", workbook))


def test_one_clients_desk_holds_nothing_of_another(tmp_path, monkeypatch):
    init_workbook(tmp_path, examples=True, language="en")
    workbook = Workbook(tmp_path)
    report = workbook.root / "notebooks" / "40_team_report.ipynb"
    notebook = from_dict(json.loads(report.read_text("utf-8")))
    notebook.cells[1].outputs = [new_output("stream", text="Qimu Home Goods")]
    report.write_text(json.dumps(notebook), "utf-8")
    desk = lay_desk(workbook, Words("en", workbook), "cloudboard")
    texts = [path.read_text("utf-8") for path in desk.rglob("*") if path.is_file()]
    assert len(texts) > 7
    assert not any("Qimu" in text or "home-goods" in text for text in texts)
    assert workbook.own_files(["40_team_report.ipynb"]) == {}  # what a cell printed is no change of a notebook
    notebook.cells[1].source += "\nimport os"
    report.write_text(json.dumps(notebook), "utf-8")
    assert list(workbook.own_files(["40_team_report.ipynb"])) == ["notebooks/40_team_report.ipynb"]
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    monkeypatch.setenv("KPI_ONLY", "cloudboard")
    assert find_workbook().clients() == ("cloudboard",)
    with pytest.raises(WorkbookError, match=r"Clients: cloudboard\."):
        find_workbook().client_folder("home-goods")


@pytest.mark.parametrize(("language", "shown"), [("en", "default"), ("zh", "zh_CN")])
def test_jupyter_speaks_the_language_and_keeps_what_it_keeps_apart_for_each_client(tmp_path, language, shown):
    workbook = Workbook(tmp_path)
    of = {client: server.profile(workbook, Words(language, workbook), client) for client in ("", "acme", "bell")}
    for client, said in of.items():
        home = tmp_path.resolve() / ".kpi" / "lab" / (client or "all clients")
        places = {name: place for name, place in said.items() if name.endswith("DIR")}
        assert len(places) == 6 and all(
            Path(place).is_dir() and Path(place).is_relative_to(home) for place in places.values()
        )
        settings = json.loads((home / "config/labconfig/default_setting_overrides.json").read_text("utf-8"))
        assert settings["@jupyterlab/translation-extension:plugin"] == {"locale": shown}
        assert (said["KPI_LANG"], said["KPI_WORKBOOK"]) == (language, str(tmp_path.resolve()))
        assert [said.get("KPI_ONLY"), said.get("KPI_CLIENT")] == [client or None] * 2, (
            "of one client nothing else is in reach"
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fresh_workbooks_notebooks_are_in_its_language(kpi, tmp_path, language):
    assert kpi("--lang", language, "init", str(tmp_path / "new"))[0] == 0
    for path in (tmp_path / "new/notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            text = "".join(cell["source"])
            assert text.strip()
            if cell["cell_type"] == "markdown" or "  # " in text:  # what a parameter is, its comment says
                assert any("\u4e00" <= char <= "\u9fff" for char in text) == (language == "zh")
    assert Workbook(tmp_path / "new").own_files(path.name for path in (ROOT / "notebooks").glob("*.ipynb")) == {}


@pytest.mark.parametrize(
    ("language", "browser"), [("zh", "在浏览器里用表单填写：kpi start"), ("en", "by a form: kpi start")]
)
def test_a_new_client_is_led_to_the_form_or_to_its_own_excel_and_a_month_to_its_figures(kpi, language, browser):
    said = kpi("--lang", language, "new", "acme", "--name", "Acme", "--country", "GB")[2]
    assert browser in said
    assert "kpi import acme people " in said
    said = kpi("--lang", language, "new", "home-goods", "--cycle", "2026-11")[2]
    assert "kpi import home-goods actuals " in said
    assert "--cycle 2026-11" in said
    assert "kpi forms home-goods 2026-11" in said


def test_a_server_that_waits_for_a_kernel_ends_all_the_same(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(server, "_SECONDS_TO_END", 0.01)
    monkeypatch.setattr(server.os, "_exit", lambda _: ended.set())
    asked = []
    server._within_limit(lambda number, _: asked.append(number), threading.Event())(signal.SIGINT, None)
    assert asked == [signal.SIGINT]  # Jupyter is asked first
    assert ended.wait(5)


@pytest.mark.parametrize("asked", [False, True])
def test_what_fails_in_jupyter_while_it_ends_on_request_is_no_failure_and_before_that_it_is(
    tmp_path, monkeypatch, asked
):
    class Jupyter:
        connection_url, port = "http://127.0.0.1:1/", 1
        io_loop = SimpleNamespace(add_callback=lambda _: None)
        log = SimpleNamespace(setLevel=lambda _: None)

        def start(self):
            if asked:
                signal.getsignal(signal.SIGINT)(signal.SIGINT, None)
            raise RuntimeError("a kernel went first")

    from jupyterlab.labapp import LabApp

    before = [(each, signal.signal(each, lambda *_: None)) for each in (signal.SIGINT, signal.SIGTERM)]
    monkeypatch.setattr(LabApp, "initialize_server", lambda **_: Jupyter())
    monkeypatch.setattr(server.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: None, daemon=True))
    try:
        with nullcontext() if asked else pytest.raises(RuntimeError, match="went first"):
            server.serve(tmp_path, {}, browser=False, ready=lambda _: None)
    finally:
        for each, handler in before:
            signal.signal(each, handler)


@contextmanager
def served(folder, *arguments):
    """Yield the address that a command serves JupyterLab at, and what it wrote; end it by Ctrl-C."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder / "home"), "LANG": "en_GB.UTF-8"}
    command = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(folder), *arguments, "--json"]
    talk = folder / "said.txt"  # not a pipe: a kernel that is slow to end would hold it open
    with talk.open("wb") as stream:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stream, env=environment)
    try:
        lines = [process.stdout.readline().decode("utf-8") for _ in range(4)]
        yield json.loads("".join(lines))["url"]
    finally:
        started = psutil.Process(process.pid).children(recursive=True)
        for wait in (90, 180):  # on a busy machine somebody presses Ctrl-C a second time
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(wait)
                break
        process.stdout.close()
        end(process)
        for kernel in started:
            with suppress(psutil.NoSuchProcess):
                kernel.kill()
    said = talk.read_text("utf-8")
    assert process.returncode == 0, said
    assert [line for line in said.splitlines() if "DeprecationWarning" in line or line.startswith("[")] == []


def status(url: str, host: str = "") -> int:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        return urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.slow
@pytest.mark.browser
def test_one_client_opens_in_jupyterlab_and_nothing_else_is_in_reach(tmp_path, chromium):
    from playwright.sync_api import sync_playwright

    init_workbook(tmp_path, examples=True, language="zh")
    asked = []
    with served(tmp_path, "--lang", "zh", "lab", "云板软件") as url:
        base, _, token = url.partition("lab/tree/START.md?")
        assert base.startswith("http://127.0.0.1:")
        reached = {path: status(f"{base}{path}?{token}") for path in ("api/contents/START.md", "api/contents/client_data", "api/contents/../../..", "api/terminals", "voila/tree")}  # fmt: skip
        assert list(reached.values()) == [200, 404, 404, 404, 404], reached
        assert status(f"{base}api/contents/START.md") == 403
        assert status(f"{base}api/contents/START.md?{token}", "elsewhere.example") == 403
        with sync_playwright() as playwright:
            page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto(url)
            page.get_by_text("文件", exact=True).first.wait_for(timeout=60000)
            with page.expect_websocket(lambda socket: "/channels" in socket.url, timeout=60000):
                page.locator(".jp-RenderedMarkdown a[href*='10_design']").click(timeout=60000)
            # Its mark says idle before there is a kernel; until it answers, JupyterLab forgets what it was asked.
            page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for(
                state="attached", timeout=60000
            )
            page.locator("[data-command='notebook:restart-run-all']").click(timeout=60000)
            page.get_by_role("button", name="撤销", exact=True).first.wait_for(timeout=90000)
            assert page.get_by_text("news", exact=False).count() == 0
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {base.split("/")[2]}
    assert not (tmp_path / "home" / ".jupyter").exists()
