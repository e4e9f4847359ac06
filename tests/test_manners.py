"""Manners of a good tool: other people's programs can use it, and old terminals, other systems and full disks do not break it."""

from __future__ import annotations

import errno
import importlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.inspection import inspect_notebook

from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.pages import report as reporting

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_nbconvert_knows_our_page_and_its_print(workbook, monkeypatch):
    names = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][
        "nbconvert.exporters"
    ]
    assert set(names) == {"kpi-html", "kpi-pdf"}
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    outputs: list = []
    monkeypatch.setattr(reporting, "display", lambda data, raw: outputs.append(new_output("display_data", data)))
    opened = reporting.open_report("person", client="home-goods", cycle="2026-10", language="en")
    opened.page()._ipython_display_()
    opened.section("form")._ipython_display_()
    notebook = new_notebook(cells=[new_code_cell("made", outputs=outputs, execution_count=1)])
    begins = {"kpi-html": "<!DOCTYPE html>", "kpi-pdf": b"%PDF-"}
    for name, home in names.items():
        module, _, kind = home.partition(":")
        exporter = getattr(importlib.import_module(module), kind)()
        made, resources = exporter.from_notebook_node(notebook)
        assert made.startswith(begins[name])
        assert resources["output_extension"] == f".{name.removeprefix('kpi-')}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_papermills_help_says_what_each_parameter_is(path):
    found = inspect_notebook(str(path))
    assert found
    for name, entry in found.items():
        assert entry["inferred_type_name"] == "str", name
        assert entry["help"], name


def kpi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    given = {key: value for key, value in os.environ.items() if not key.startswith(("KPI_", "LC_", "PYTHONUTF8"))}
    return subprocess.run(
        [sys.executable, "-m", "kpi_toolkit", *arguments], capture_output=True, check=False, cwd=ROOT,
        env={**given, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "language", "said"),
    [("cp936", "zh", "没有客户"), ("gb18030", "zh", "没有客户"), ("cp1252", "zh", "????"), ("cp1252", "en", "no client"), ("ascii", "en", "no client")],
)  # fmt: skip
def test_an_old_console_shows_what_it_can_and_ends_nothing(encoding, language, said):
    done = kpi("--lang", language, "check", "home-gods", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 2
    text = done.stderr.decode(encoding)
    assert said in text
    assert "home-goods" in text
    assert "Traceback" not in text
    helped = kpi("--lang", language, "--help", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (helped.returncode, b"render" in helped.stdout) == (0, True)


def test_no_color_is_obeyed_also_on_a_terminal_that_has_colours():
    loud, plain = (
        kpi("check", "home-gods", FORCE_COLOR="1", TTY_COMPATIBLE="1", **more) for more in ({}, {"NO_COLOR": "1"})
    )
    assert b"\x1b[" in loud.stderr
    assert not any(code in plain.stderr for code in (b"\x1b[31", b"\x1b[1;31", b"\x1b[33", b"\x1b[36"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete_commands(shell):
    done = kpi(_KPI_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert b"_KPI_COMPLETE" in done.stdout
    if shell == "fish":
        found = kpi(_KPI_COMPLETE="fish_complete", COMP_WORDS="kpi ro", COMP_CWORD="ro")
        assert b"roles" in found.stdout
        assert b"home-goods" in kpi(_KPI_COMPLETE="fish_complete", COMP_WORDS="kpi score ho", COMP_CWORD="ho").stdout


def test_a_file_that_is_open_elsewhere_is_left_as_it_was(tmp_path, monkeypatch):
    """Windows refuses to rename over a file that a program holds open."""
    target = tmp_path / "people.csv"
    target.write_text("before", "utf-8")

    def held(*_):
        raise PermissionError(
            13, "The process cannot access the file because it is being used by another process", str(target)
        )

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(type(target), "replace", held)
    monkeypatch.setattr(type(target), "rename", held)
    with pytest.raises(PermissionError):
        write_file(target, "after")
    assert target.read_text("utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_a_checkout_with_windows_line_ends_says_the_same(kpi, workbook):
    before = [kpi("check", "home-goods")[:2], kpi("score", "home-goods", "2026-10", "--json")[:2]]
    for path in (*workbook.client_data.glob("*/*.toml"), *workbook.client_data.rglob("*.csv")):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    own = workbook.root / "templates"
    for name in ("words/en.toml", "checks/cycle.toml", "curves.toml"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes((ROOT / "templates" / name).read_bytes().replace(b"\n", b"\r\n"))
    assert [kpi("check", "home-goods")[:2], kpi("score", "home-goods", "2026-10", "--json")[:2]] == before


def test_a_deep_folder_with_blanks_and_chinese_letters_is_a_workbook_like_any_other(kpi, workbook, tmp_path):
    deep = tmp_path / ("很长的文件夹名 with blanks " * 3).strip() / ("x" * 100) / ("y" * 60)
    deep.parent.mkdir(parents=True)
    workbook.root.joinpath("client_data").rename(tmp_path / "client_data.moved")
    deep.mkdir()
    (tmp_path / "client_data.moved").rename(deep / "client_data")
    assert len(str(deep)) > 260
    code, out, _ = kpi("score", "home-goods", "2026-10", "--json", root=deep)
    assert (code, json.loads(out)["client"]) == (0, "home-goods")
    assert kpi("whatif", "home-goods", root=deep)[0] == 0


def test_workers_and_kernels_are_started_and_not_forked_where_forking_is_not_possible(monkeypatch):
    from kpi_toolkit.batch import doctor
    from kpi_toolkit.clients.workbook import Workbook

    monkeypatch.delattr(os, "fork")
    assert doctor.examine(Workbook(ROOT)).facts["kernels"] == "spawn"


@pytest.mark.slow
def test_one_report_is_made_also_by_a_process_that_has_drawn_charts_itself(kpi, workbook):
    """A notebook that drew a chart and renders: its converter's threads would keep a forked worker waiting for ever."""
    from kpi_toolkit.pages import drawing

    drawing.start()
    assert drawing.started()
    code, out, _ = kpi(
        "render", "home-goods", "--report", "team", "--languages", "en", "--format", "html", "--jobs", "1"
    )
    assert code == 0


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (errno.EACCES, "可能正在 Excel 等程序里打开", "close it there"),
        (errno.EROFS, "没有写入那个文件夹的权限", "may not write"),
        (errno.ENOSPC, "磁盘已满", "The disk is full"), (errno.EIO, "系统拒绝了", "The system refused"),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_said_in_the_readers_language_with_a_way_out(kpi, monkeypatch, number, zh, en):
    """Windows refuses to rename over a file that Excel holds open."""

    def held(self, target):
        raise OSError(number, os.strerror(number), str(self), None, str(target))

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(Path, "rename", held)
    for language, said in (("zh", zh), ("en", en)):
        code, _, err = kpi("--lang", language, "roles", "add", "home-goods", "seo")
        assert (code, said in err, "home-goods/design.toml" in err, "kpi-tmp" in err) == (4, True, True, False), err
