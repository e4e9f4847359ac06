"""A name is no identity: whoever shares one is told apart wherever people are named."""

from __future__ import annotations

import re

import pytest
from conftest import SECTIONS
from texts import pages_of, said, stress_client

from kpi_toolkit import cli
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.method.checks.people import check_people
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.pages.whatif_page import live_data
from kpi_toolkit.results.summary import summarize_cycle


def called(*people: dict[str, str]) -> list[str]:
    """Return what people are called in English; their roles are ``ed`` and ``pr``."""
    items = [{"id": "a", "name": "A", "class": "workload", "weight": 100, "target": 1}]
    roles = {name: {"name": said, "indicators": items} for name, said in (("ed", "Editor"), ("pr", "Promoter"))}
    design = Design.model_validate({"roles": roles})
    rows = [{"id": f"p{number}", "role": "ed"} | person for number, person in enumerate(people, start=1)]
    return [text.en for text in names_of(Tables.of(people=rows).people, design.roles).values()]


@pytest.mark.parametrize(
    ("people", "names"),
    [
        pytest.param([{"name": "Li Wei"}, {"name": "Mei Lin"}], ["Li Wei", "Mei Lin"], id="different names stay bare"),
        pytest.param(
            [{"name": "张伟", "team": "North"}, {"name": "张伟", "team": "South"}], ["张伟 (North)", "张伟 (South)"],
            id="by team",
        ),
        pytest.param(
            [{"name": "Sarah Jones", "team": "Shop"}, {"name": "Sarah Jones", "team": "Shop", "role": "pr"}],
            ["Sarah Jones (Editor)", "Sarah Jones (Promoter)"], id="by role in one team",
        ),
        pytest.param(
            [{"name": "Z", "team": "N"}, {"name": "Z", "team": "N", "role": "pr"}, {"name": "Z", "team": "S"}],
            ["Z (N · Editor)", "Z (N · Promoter)", "Z (S · Editor)"], id="by both",
        ),
        pytest.param([{"name": "Z"}, {"name": "Z"}], ["Z (p1)", "Z (p2)"], id="by id where nothing else parts them"),
        pytest.param(
            [{"name": "Ｓarah  Jones", "team": "N"}, {"name": "sarah jones", "team": "S"}],
            ["Ｓarah  Jones (N)", "sarah jones (S)"], id="width, case and spaces make no other name",
        ),
    ],
)  # fmt: skip
def test_namesakes_are_told_apart_by_what_is_different(people, names):
    assert called(*people) == names


def test_every_page_tells_namesakes_apart(tmp_path):
    workbook = stress_client(tmp_path)
    bare = re.compile(r"(?:张伟|Sarah Jones)(?! ?[（(])")
    for page, report in pages_of(workbook, "stress"):
        for section in SECTIONS[report.kind]:
            text = " ".join(said(piece) for piece in report.section(section).pieces)
            if section != "form":  # its head names team and role beside the name
                assert not bare.search(text), (page, section)
        assert not bare.search(report.title)
    team = next(report for page, report in pages_of(workbook, "stress") if page == "team.zh")
    assert "张伟（推广一组）" in " ".join(said(piece) for piece in team.section("ranking").pieces)


def test_namesakes_are_told_apart_in_the_what_if_page_the_terminal_and_in_findings(tmp_path, monkeypatch, capsys):
    workbook = stress_client(tmp_path)
    client = load_client(workbook.client_folder("stress"))
    people = live_data(summarize_cycle(client, "2026-10"), workbook, {})["session"]["people"]
    assert [one["name"] for one in people[:3]] == [
        {"zh": "张伟（推广一组）", "en": "张伟 (推广一组)"}, {"zh": "张伟（推广二组）", "en": "张伟 (推广二组)"}, "李㛃",
    ]  # fmt: skip
    monkeypatch.setenv("COLUMNS", "200")
    cli.main(["--workbook", str(workbook.root), "--lang", "zh", "score", "stress"])
    assert "张伟（推广二组）" in capsys.readouterr().out
    people = client.people.assign(manager=client.people["id"])
    found = [issue for issue in check_people(Roster(client.design, people)) if issue.code == "appraiser-is-appraised"]
    assert [issue.values["person"].zh for issue in found][:2] == ["张伟（推广一组）", "张伟（推广二组）"]
