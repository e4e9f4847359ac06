"""The chooser above a notebook: what stands below follows, and what cannot be shown is said; without a reader, no chooser."""

from __future__ import annotations

import pytest

from kpi_toolkit import open_report
from kpi_toolkit.live import choosing
from kpi_toolkit.live.choosing import ChosenReport
from kpi_toolkit.live.panels import desk_panel
from kpi_toolkit.live.whatif import open_what_if
from kpi_toolkit.pages.report import Report


class Shown:
    """What a cell shows, and what it is changed into."""

    def __init__(self) -> None:
        self.html: list[str] = []

    def __call__(self, data, *, raw=False, display_id=False):
        self.html.append(data["text/html"] if isinstance(data, dict) else "")
        return self

    update = __call__


@pytest.fixture
def shown(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    made = Shown()
    monkeypatch.setattr(choosing, "display", made)
    monkeypatch.setattr(choosing, "somebody_can_choose", lambda: True)
    return made


def test_a_section_follows_what_is_chosen_above_it(shown):
    report = open_report("person", client="", cycle="", language="en", person="")  # the first client
    assert isinstance(report, ChosenReport) and report.client == "cloudboard"
    report.page()._ipython_display_()
    report.section("form")._ipython_display_()
    lists = report.chooser.lists
    lists["client"].value = "home-goods"
    assert (lists["cycle"].options[0][1], lists["cycle"].value) == ("2026-10", "2026-10")
    lists["person"].value = lists["person"].options[-1][1]
    assert lists["person"].options[-1][0] in shown.html[-1]
    lists["language"].value = "zh"
    assert "考核" in shown.html[-1] and lists["client"].description == report.report.words("cli.client")


def test_what_cannot_be_shown_is_said_and_what_was_shown_stays(shown, workbook):
    report = open_report("team", client="home-goods", cycle="2026-10", language="en")
    report.section("headline")._ipython_display_()
    path, before = workbook.client_data / "cloudboard/design.toml", len(shown.html)
    path.write_text(path.read_text("utf-8").replace("weight = 40", "weight = 41", 1), "utf-8")
    report.chooser.lists["client"].value = "cloudboard"
    assert "cloudboard" in report.chooser.told.value and "100" in report.chooser.told.value
    assert (report.client, report.chooser.lists["client"].value, len(shown.html)) == (
        "home-goods",
        "home-goods",
        before,
    )


def test_where_nobody_can_choose_a_report_is_what_its_parameters_say(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    assert isinstance(open_report("design", client="home-goods", cycle="", language="en"), Report)


def test_the_what_if_turns_to_another_client_and_language(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    desk = open_what_if(client="home-goods")
    panel = desk_panel(desk)
    client, _, language = panel.children[0].children[0].children
    client.value = "cloudboard"
    language.value = "en"
    assert (desk.client.id, desk.live.language, client.value) == ("cloudboard", "en", "cloudboard")
    assert panel.children[-1].titles[0] == desk.words("desk.keep")
