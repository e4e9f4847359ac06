"""The wheel is a workbook too: notebooks, templates and example clients are in it, and its demo works by itself."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_carries_the_workbook_and_nothing_private(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name.removeprefix("kpi_toolkit/_workbook/") for name in names if "_workbook" in name}
    for path in (
        "notebooks/40_team_report.ipynb", "templates/checks/files.toml", "templates/words/zh.toml", "templates/roles/web-art.toml",
        "templates/report/nbconvert/kpi/index.html.j2", "client_data/home-goods/cycles/2026-10/actuals.csv", "client_data/cloudboard/logo.svg",
    ):  # fmt: skip
        assert path in inside
    assert "kpi_toolkit/py.typed" in names
    assert not [
        name
        for name in names
        if "make_examples" in name or "tests" in name or name.startswith(("reports", "client_data"))
    ]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_an_installed_wheel_runs_its_demo_in_an_empty_folder(wheel, tmp_path):
    """Dependencies are borrowed from this environment, the package is the wheel's own."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    zipfile.ZipFile(wheel).extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"], "utf-8")

    def run(*arguments):
        command = [python, "-m", "kpi_toolkit", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "empty", check=False)

    (tmp_path / "empty").mkdir()
    where = subprocess.run(
        [python, "-c", "import kpi_toolkit; print(kpi_toolkit.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path / "empty",
    ).stdout
    assert str(site) in where
    made = run("init", "practice", "--examples")
    assert made.returncode == 0, made.stderr
    done = run("--workbook", "practice", "render", "cloudboard", "--report", "team", "--json")
    assert done.returncode == 0, done.stderr
    assert [report["state"] for report in json.loads(done.stdout)["reports"]] == ["delivered"]
    assert (tmp_path / "empty/practice/reports/cloudboard/2026-10/team.en.pdf").read_bytes().startswith(b"%PDF")
