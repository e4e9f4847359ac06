"""``kpi doctor`` names what is wrong with an installation, ``kpi config`` where a setting comes from, ``kpi demo`` what is shown."""

from __future__ import annotations

import json
import re

import pytest

from kpi_toolkit.batch import doctor
from kpi_toolkit.batch.index import write_index
from kpi_toolkit.batch.run import Run
from kpi_toolkit.commands import render as rendering


def found(kpi, *arguments) -> tuple[int, dict[str, str]]:
    code, out, _ = kpi("doctor", "--json", *arguments)
    data = json.loads(out)
    assert {"python", "pdf", "workbook"} <= data["facts"].keys()
    return code, {issue["code"]: issue["message"] for issue in data["issues"]}


def test_a_sound_installation_has_nothing_wrong(kpi):
    code, issues = found(kpi)
    assert (code, set(issues) - {"narrow-console"}) == (0, set())


def test_what_is_wrong_is_named_with_its_fix(kpi, workbook, monkeypatch):
    from packaging.requirements import Requirement

    versions = {"pandas": "1.5"}
    monkeypatch.setattr(
        doctor, "version", lambda name: versions.get(name, str(next(iter(Requirement("x>=99").specifier)).version))
    )
    monkeypatch.setattr(doctor, "requires", lambda _: ["pandas>=3", "dask>=1; extra == 'cluster'", "click>=8"])
    monkeypatch.setattr(doctor, "first_engine", lambda: None)
    monkeypatch.setattr(doctor, "_LEAST_SPACE", 10**18)
    (workbook.root / "templates/words").mkdir(parents=True)
    (workbook.root / "templates/words/en.toml").write_text('[tier]\ntop = "Gold"\n', "utf-8")
    (workbook.client_data / "cloudboard" / "~$people.xlsx").write_bytes(b"x")
    code, issues = found(kpi)
    assert code == 4
    assert {"package-not-fit", "no-pdf-engine", "little-space", "own-file", "open-in-excel"} <= issues.keys()
    assert "pandas is 1.5; >=3 is needed" in issues["package-not-fit"]
    monkeypatch.setattr(doctor, "FACES", [type("Lost", (), {"path": workbook.root / "lost.otf"})])
    assert "lost.otf" in found(kpi)[1]["no-font"]


def test_outside_a_workbook_it_says_so_and_looks_on(kpi, tmp_path):
    code, out, _ = kpi("doctor", "--json", root=tmp_path / "nothing")
    assert (code, [issue["code"] for issue in json.loads(out)["issues"]][-1]) == (0, "no-workbook")


@pytest.mark.parametrize(
    ("environment", "arguments", "language", "origin"),
    [
        ({}, (), "en", "system"), ({"KPI_LANG": "zh"}, (), "zh", "KPI_LANG"),
        ({"KPI_LANG": "zh"}, ("--lang", "en"), "en", "option"), ({"LANG": "zh_CN.UTF-8"}, (), "zh", "system"),
    ],
)  # fmt: skip
def test_config_says_where_a_setting_comes_from(kpi, monkeypatch, environment, arguments, language, origin):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = {row["setting"]: row for row in json.loads(kpi(*arguments, "config", "show", "--json")[1])["settings"]}
    assert (settings["lang"]["value"], settings["lang"]["origin"]) == (language, origin)
    assert settings["workbook"]["origin"] == "option"
    assert settings["debug"]["origin"] == "default"


@pytest.mark.parametrize("screen", [True, False])
def test_the_demo_opens_its_page_at_once_and_the_index_at_the_end(kpi, workbook, monkeypatch, screen):
    done = []

    def make(*_, **given):
        assert set(given["languages"]) == {"zh", "en"}  # nobody opens a report of the demo that he cannot read
        done.append("reports")
        return True

    def show(path, language=""):
        done.append(path.relative_to(workbook.root).as_posix())
        return True

    monkeypatch.setattr(rendering, "_render", make)
    monkeypatch.setattr(rendering, "open_page", show)
    code, _, err = kpi("demo", *(() if screen else ("--no-browser",)))
    assert code == 0
    page = "reports/home-goods/2026-10/whatif.html"
    assert done == ([page, "reports", "reports/index.html"] if screen else ["reports"])
    assert (workbook.root / page).is_file()
    assert "Qimu Home Goods" in err
    assert "minutes" in err
    assert ("open in the browser" in err) == screen


def test_the_index_speaks_the_readers_language_and_says_what_to_open_first(workbook):
    page = write_index(workbook, Run()).read_text("utf-8")
    spans = dict(
        re.findall(r'<span lang="(zh|en)">([^<]*Open a team report first[^<]*|[^<]*先打开团队报告[^<]*)</span>', page)
    )
    assert spans.keys() == {"zh", "en"}
    assert "navigator.language" in page
    assert ".kpi.zh .index [lang=en]" in page
