"""The design workbook, driven as a user drives it: typed values, live findings, undo, saving with comments kept."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest
from conftest import ROOT, altered
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.draft import open_draft, save_draft
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.live.design import open_design

WEIGHT = "roles.web-art.indicators.approval-rate.weight"


@pytest.fixture
def bench(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    opened = open_design("home-goods", language="en")
    opened.role.value = "web-art"
    return opened


def codes(bench) -> set[str]:
    return {issue.code for issue in bench.issues()}


def test_what_is_typed_is_looked_at_at_once_and_can_be_undone(bench):
    before = bench.draft.text
    bench.fields[WEIGHT].value = "25.5"
    assert "sum-not-100" in codes(bench)
    assert "sum to 95.5, not 100" in bench.findings.value
    assert "weight = 25.5" in bench.draft.text
    bench.fields["roles.web-art.indicators.rework.weight"].value = "24.5"
    assert "sum-not-100" not in codes(bench)
    bench.buttons["undo"].click()
    bench.buttons["undo"].click()
    assert bench.draft.text == before
    assert bench.fields[WEIGHT].value == "30"
    assert bench.buttons["undo"].disabled
    bench.buttons["redo"].click()
    assert bench.fields[WEIGHT].value == "25.5"


def test_saving_keeps_every_comment_and_changes_one_line(bench, workbook):
    path = workbook.client_data / "home-goods/design.toml"
    before = path.read_text("utf-8")
    bench.fields["roles.web-art.indicators.design-completion.weight"].value = "45"
    bench.fields["roles.web-art.indicators.approval-rate.weight"].value = "35"
    assert path.read_text("utf-8") == before
    bench.buttons["save"].click()
    after = path.read_text("utf-8")
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert changed == [("weight = 50", "weight = 45"), ("weight = 30", "weight = 35")]
    assert re.findall(r"#.*", after) == re.findall(r"#.*", before)
    role = load_client(path.parent).design.roles["web-art"]
    assert [int(item.weight) for item in role.indicators] == [45, 35, 20]
    assert "home-goods/design.toml" in bench.said.value


def test_what_cannot_be_read_is_said_and_never_saved(bench, workbook):
    path = workbook.client_data / "home-goods/design.toml"
    before = path.read_text("utf-8")
    bench.fields[WEIGHT].value = "thirty"
    assert {issue.severity for issue in bench.issues()} == {"error"}
    bench.buttons["save"].click()
    assert path.read_text("utf-8") == before
    assert "thirty" in bench.said.value
    bench.fields[WEIGHT].value = "30"
    assert codes(bench) == set()


def test_somebody_elses_change_is_not_undone(bench, workbook):
    path = workbook.client_data / "home-goods/design.toml"
    path.write_text(altered(path.read_text("utf-8"), ("version = ", "version = 9")), "utf-8")
    bench.fields[WEIGHT].value = "31"
    bench.buttons["save"].click()
    assert "version = 9" in path.read_text("utf-8")
    assert "changed by somebody else" in bench.said.value
    with pytest.raises(WorkbookError, match="changed by somebody else"):
        save_draft(workbook, "home-goods", bench.draft)


def test_another_policy_for_gaps_leaves_the_least_weight_beside_it(bench):
    assert bench.fields["missing.policy"].value == "leave_out"
    bench.fields["missing.policy"].value = "neutral"
    assert 'missing = { policy = "neutral", least_weight = 60 }' in bench.draft.text
    assert "least-weight-unused" in codes(bench)
    bench.buttons["undo"].click()
    assert "least-weight-unused" not in codes(bench)


def test_indicators_come_and_go(bench):
    bench.buttons["add"].click()
    assert "roles.web-art.indicators.indicator-1.weight" in bench.fields
    assert {"sum-not-100", "not-measurable"} <= codes(bench)
    bench.drop("indicator-1")
    assert "roles.web-art.indicators.indicator-1.weight" not in bench.fields
    assert codes(bench) == set()


def test_texts_keep_the_other_language_and_choices_their_kind(bench):
    bench.fields["roles.web-art.indicators.approval-rate.standard"].value = "Designs approved in one draft"
    assert bench.draft.design.roles["web-art"].indicators[1].standard.zh == "两稿之内通过的设计占完成设计的比例"
    bench.fields["roles.web-art.indicators.approval-rate.class"].value = "sales_quota"
    assert "quota-on-support-role" in codes(bench)
    bench.fields["team_share"].value = ""
    bench.fields["tiers.pass_line"].value = "70"
    assert "approval-rate.class" in bench.log.value
    assert bench.draft.design.tiers.pass_line == 70


def test_S159_weights_are_scaled_to_100_in_whole_numbers(bench):
    bench.fields[WEIGHT].value = "25"
    assert "sum-not-100" in codes(bench)
    bench.buttons["balance"].click()
    assert [int(item.weight) for item in bench.draft.design.roles["web-art"].indicators] == [53, 26, 21]
    assert "sum-not-100" not in codes(bench)


def test_text_that_looks_like_markup_is_shown_as_text(bench):
    bench.fields["roles.web-art.indicators.approval-rate.name"].value = "<img src=x onerror=alert(1)>"
    bench.fields["roles.web-art.indicators.approval-rate.class"].value = "sales_quota"
    assert "<img" not in bench.findings.value + bench.log.value + bench.said.value


def test_a_draft_is_a_value(workbook):
    first = open_draft(workbook, "home-goods")
    second = first.change("item_cap", 120)
    assert first.text != second.text
    assert second.undo().text == first.text
    assert second.undo().redo().text == second.text
    assert second.undo().change("item_cap", 110).redo().text.count("item_cap = 110") == 1


@pytest.mark.slow
@pytest.mark.browser
def test_the_notebook_works_in_jupyterlab_by_keyboard_alone(workbook, chromium, tmp_path):
    shutil.copy(ROOT / "notebooks/10_design.ipynb", tmp_path / "10_design.ipynb")
    home = {name: str(tmp_path / name) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = {"KPI_WORKBOOK": str(workbook.root), "KPI_CLIENT": "home-goods"}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=kpi",
        f"--ServerApp.root_dir={tmp_path}",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **home, **asked}, stderr=subprocess.DEVNULL)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1500, "height": 1000})
            address = f"http://127.0.0.1:{port}/lab/tree/10_design.ipynb?token=kpi&reset"
            for _ in range(60):
                try:
                    page.goto(address)
                    break
                except PlaywrightError:
                    time.sleep(1)
            page.locator(".jp-RenderedMarkdown h1").first.wait_for(timeout=90_000)
            page.get_by_text("| Idle").first.wait_for(timeout=90_000)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            weight = page.get_by_label("权重").first
            weight.wait_for(timeout=90_000)
            weight.focus()
            page.keyboard.press("Control+A")
            page.keyboard.type("55")
            page.keyboard.press("Tab")
            page.get_by_text("权重合计为 105").wait_for(timeout=20_000)
            assert page.evaluate("document.activeElement.tagName") == "INPUT"
            undo = page.get_by_role("button", name="撤销")
            undo.focus()
            page.keyboard.press("Enter")
            page.get_by_text("权重合计为 105").wait_for(state="detached", timeout=20_000)
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
