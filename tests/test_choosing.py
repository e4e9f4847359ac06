"""The chooser above a notebook: what stands below follows, and what cannot be shown is said; without a reader, no chooser."""

from __future__ import annotations

import pytest

from kpi_toolkit import open_import, open_library, open_month, open_report, take_into_design
from kpi_toolkit.clients.draft import open_draft
from kpi_toolkit.live import choosing
from kpi_toolkit.live.choosing import ChosenReport
from kpi_toolkit.live.panels import desk_panel
from kpi_toolkit.live.whatif import open_what_if
from kpi_toolkit.pages.report import Report
from kpi_toolkit.pages.words import Words


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
    assert "Cloudboard" in report.chooser.told.value and "100" in report.chooser.told.value
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


def test_the_month_is_chosen_with_its_client_and_language(shown):
    month = open_month(cycle="2026-10", client="home-goods", language="en")
    month._ipython_display_()
    lists = month.chooser.lists
    assert lists["client"].value == "home-goods" and lists["cycle"].value == "2026-10"
    lists["cycle"].value = "2026-09"
    assert "September" in shown.html[-1] and "Lumen" not in shown.html[-1]
    lists["client"].value = ""
    assert "September" in shown.html[-1] and "Lumen" in shown.html[-1]
    lists["language"].value = "zh"
    assert lists["client"].options[0] == ("全部客户", "") and "9月" in shown.html[-1]


def test_the_library_is_shown_in_the_language_chosen_above_it(shown):
    library = open_library("en")
    library._ipython_display_()
    library.shelf("goals")._ipython_display_()
    assert "Sell products" in shown.html[-1] or "sales" in shown.html[-1].lower()
    library.chooser.lists["language"].value = "zh"
    assert "目标" in shown.html[-1] and "sales" not in shown.html[-1].lower().split("</summary>")[0]


def test_an_import_turns_to_another_client_cycle_and_language(shown, workbook):
    form = open_import(client="home-goods", language="en")
    lists = form.chooser.lists
    assert (lists["client"].value, lists["cycle"].value) == ("home-goods", "2026-10")
    lists["client"].value = "cloudboard"
    assert lists["cycle"].value in [value for _, value in lists["cycle"].options] and form.what.value == "people"
    lists["language"].value = "zh"
    assert form.write.description == Words("zh", workbook)("import_form.write")
    assert lists["client"].value == "cloudboard"


def test_a_card_goes_into_the_design_of_the_client_that_is_chosen(shown, workbook):
    box = take_into_design(language="en")
    lists = {each.description: each for each in box.children[0].children[0].children}
    lists["Client"].value = "home-goods"
    kind, card, role, button = box.children[1].children
    role.value, card.value = "web-art", "media-published"
    button.click()
    assert "Qimu Home Goods" in box.children[2].value
    kept = open_draft(workbook, "home-goods").design.roles["web-art"].indicators
    assert "media-published" in [item.id for item in kept]
