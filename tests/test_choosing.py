"""The chooser above a notebook: what stands below follows, and what cannot be shown is said; without a reader, no chooser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from conftest import ROOT, altered
from ipywidgets import Output

from kpi_toolkit import open_import, open_library, open_month, open_report, take_into_design
from kpi_toolkit.clients.draft import open_draft
from kpi_toolkit.clients.one_language import in_language
from kpi_toolkit.clients.questions import Question
from kpi_toolkit.clients.scaffold import new_client
from kpi_toolkit.live import choosing
from kpi_toolkit.live.answering import Asking
from kpi_toolkit.live.choosing import ChosenReport
from kpi_toolkit.live.frame import framed
from kpi_toolkit.live.panels import desk_panel
from kpi_toolkit.live.start import StartForm
from kpi_toolkit.live.whatif import open_what_if
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.value import LANGUAGES, Text
from kpi_toolkit.pages.report import Report
from kpi_toolkit.pages.words import Words


class Shown:
    """What a cell shows, and what it is changed into."""

    def __init__(self) -> None:
        self.html: list[str] = []

    def __call__(self, widget):
        if not isinstance(widget, Output):
            self.html.append("")
            return
        widget.observe(lambda change: self.note(change.new), "outputs")
        self.note(widget.outputs)

    def note(self, outputs):
        self.html.append(outputs[0]["data"]["text/html"])


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


@pytest.fixture
def fresh(shown, workbook):
    """A client with one person and no month, first of the workbook."""
    new_client(workbook, "acme", template="sells-products", name="Acme", language="en")
    people = workbook.client_data / "acme/people.csv"
    people.write_text("id,name,role\nann,Ann Bell,operation-manager\n", "utf-8")
    return "acme"


def opening(chooser):
    """Return the list of months and the button below a row of lists."""
    lead, row, said = chooser.opening.children[0].children
    return row.children[1], row.children[2], said


def test_a_notebook_without_its_month_says_so_and_opens_it_as_the_command_does(shown, workbook, fresh, monkeypatch):
    report = open_report("team", client=fresh, cycle="", language="en")
    report.page()._ipython_display_()
    report.section("headline")._ipython_display_()
    assert "Acme" in report.chooser.told.value and "Traceback" not in report.chooser.told.value
    assert report.chooser.lists["client"].value == fresh and shown.html == ["", "", ""]
    months, button, _ = opening(report.chooser)
    months.value = "2026-07"
    assert button.description == "Open July 2026"
    button.click()
    done = report.chooser.opening.children[0].value
    assert "July 2026 is open for Acme" in done and "15_import.ipynb" in done and "20_month.ipynb" in done
    assert [*(workbook.client_data / "acme/cycles").iterdir()] == [workbook.client_data / "acme/cycles/2026-07"]
    assert not report.chooser.told.value
    report.chooser.lists["client"].value = "home-goods"
    assert report.client == "home-goods" and all(shown.html[-2:])


def test_a_month_that_cannot_be_opened_says_why_and_where_in_the_notebooks_it_is_mended(shown, workbook, fresh):
    (workbook.client_data / "acme/people.csv").write_text("id,name,role\n", "utf-8")
    month = open_month(client=fresh, language="zh")
    _, button, said = opening(month.chooser)
    button.click()
    assert "15_import.ipynb" in said.value and "kpi import" not in said.value
    assert not (workbook.client_data / "acme/cycles").exists()


def test_a_design_is_read_before_its_first_month(shown, workbook, fresh):
    book = open_report("design", client=fresh, cycle="", language="en")
    book.section("title")._ipython_display_()
    assert "Acme" in shown.html[-1] and not book.chooser.told.value
    assert book.chooser.lists["cycle"].value is not None
    assert "is not open yet" in book.chooser.opening.children[0].children[0].value


def test_a_what_if_turns_from_a_client_without_figures_to_another(shown, workbook, fresh, monkeypatch):
    monkeypatch.setattr("kpi_toolkit.live.whatif.somebody_can_choose", lambda: True)
    desk = open_what_if(client=fresh)
    panel = desk_panel(desk)
    lists, told, *_ = panel.children[0].children
    assert "Acme" in told.value and len(panel.children) == 1
    lists.children[0].value = "cloudboard"
    assert desk.client.id == "cloudboard" and not told.value and len(panel.children) > 1


def test_a_page_that_needs_a_month_is_refused_where_nobody_can_press_a_button(workbook, fresh, monkeypatch):
    monkeypatch.setattr(choosing, "somebody_can_choose", lambda: False)
    for opened in (open_what_if, lambda client: open_report("team", client=client, cycle="", language="en")):
        with pytest.raises(IssuesError, match="no-cycle-yet"):
            opened(client=fresh)


def test_files_of_a_month_that_is_not_open_offer_that_month(shown, workbook, fresh, tmp_path):
    path = tmp_path / "Figures May 2026.csv"
    path.write_text("Name,Role,Indicator,Target,Actual\nAnn Bell,Operation manager,Network sales,100,90\n", "utf-8")
    form = open_import(client=fresh, language="en", files=str(path))
    form.what.value = "actuals"
    _, button, _ = opening(form.chooser)
    assert button.description == "Open May 2026" and form.write.disabled
    button.click()
    assert form.chooser.values["cycle"] == "2026-05" and "Network sales" in form.shown.value


def test_notebooks_and_the_start_page_call_each_other_by_one_name(workbook):
    for language in LANGUAGES:
        books = Words(language, workbook).section("welcome")["notebook"]
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            cells = json.loads(in_language(path.read_text("utf-8"), language))["cells"]
            text = "".join(line for cell in cells if cell["cell_type"] == "markdown" for line in cell["source"])
            assert text.startswith(f"# {books[path.stem]['title']}\n")
            for title, name in re.findall(r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)", text):
                assert title.casefold() == books[name]["title"].casefold()


def test_the_design_book_of_a_client_without_a_month_opens_in_this_one(shown, workbook):
    new_client(
        workbook,
        "fresh",
        template="sells-products",
        name="Fresh",
        language="en",
        facts={"goals": {"product-sales": "1"}},
    )
    report = open_report("design", client="fresh", cycle="", language="en")
    this = f"{date.today():%Y-%m}"  # noqa: DTZ011 - as whoever looks has it
    assert report.subject.cycle.id == report.chooser.lists["cycle"].value == this
    report.section("curves")._ipython_display_()
    assert "Ratio to target" in shown.html[-1]
    report.chooser.lists["client"].value = "home-goods"
    assert report.subject.cycle.id == "2026-10"


def test_the_design_as_it_is_today_can_be_read_beside_that_of_a_month(shown, workbook):
    page = workbook.client_data / "home-goods/design.toml"
    (page.parent / "cycles/2026-10/design.toml").write_bytes(page.read_bytes())
    before = open_report("design", client="home-goods", cycle="", language="en")
    version = before.report.subject.design.version
    page.write_bytes(altered(page.read_bytes(), (f"version = {version}".encode(), f"version = {version + 1}".encode())))
    lists = before.chooser.lists
    assert lists["cycle"].options[-1][0] == "The design as it is today"
    lists["cycle"].value = lists["cycle"].options[-1][1]
    assert before.report.subject.design.version == version + 1 and not before.chooser.told.value
    lists["cycle"].value = "2026-10"
    assert before.report.subject.design.version == version


def test_keys_pressed_in_a_form_stay_in_it_and_readers_have_a_main_part(shown, workbook):
    script = framed().children[-1]._esm
    for frame in (
        open_import(client="home-goods", language="en").chooser.box,
        StartForm(workbook, Words("en", workbook)).box,
    ):
        assert frame.children[-1]._esm == script
    assert "stopPropagation" in str(script) and '"role", "main"' in str(script)


def test_a_mistyped_month_is_told_in_the_notebook_and_another_can_be_chosen(shown, workbook):
    month = open_month(cycle="Novembr 2026", client="home-goods", language="en")
    month._ipython_display_()
    assert "Novembr 2026" in month.chooser.told.value and "2026-" in month.chooser.told.value
    month.chooser.lists["cycle"].value = "2026-10"
    assert month.month == "2026-10" and not month.chooser.told.value


def test_a_section_without_content_says_so_below_its_heading(shown):
    report = open_report("team", client="cloudboard", cycle="2026-10", language="en")
    report.section("fairness")._ipython_display_()
    assert "Nothing to show here." in shown.html[-1]


@pytest.mark.parametrize(("proposing", "answers"), [(True, {"a": "take", "b": "12"}), (False, {})])
def test_what_is_proposed_is_an_answer_only_where_a_button_takes_all_in(workbook, proposing, answers):
    asking = Asking(lambda: None, proposing=proposing)
    questions = [
        Question(id="a", text="ask.month", options={"take": Text(), "skip": Text()}, proposed="take"),
        Question(id="b", text="ask.month", proposed="12", free=True),
    ]
    asked = [replace(each, values={"month": "2026-09", "cycle": "2026-10"}) for each in questions]
    asking.ask(asked, Words("en", workbook))
    assert asking.answers == answers and asking.open(asked) == 2 - len(answers)


def test_a_cell_that_lacks_a_language_stays_english_and_no_line_of_code_goes_with_its_comment():
    def cell(kind, *lines):
        return {"cell_type": kind, "source": [*lines]}

    notebook = json.dumps({"cells": [
        cell("markdown", "# Start · 开始\n", "Fill in.\n", "请填写。"), cell("markdown", "Only English.\n"),
        cell("code", "a = 1  # one · 一\n", "b = 2  # 二\n", "c = 3\n"),
    ]})  # fmt: skip
    texts = {
        each: ["".join(cell["source"]) for cell in json.loads(in_language(notebook, each))["cells"]]
        for each in ("zh", "en", "de")
    }
    assert texts["zh"] == ["# 开始\n请填写。", "Only English.\n", "a = 1  # 一\nb = 2  # 二\nc = 3\n"]
    assert texts["en"] == texts["de"] == ["# Start\nFill in.\n", "Only English.\n", "a = 1  # one\nb = 2\nc = 3\n"]
