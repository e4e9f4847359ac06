"""The form of 00_start.ipynb and the gallery of 01_library.ipynb, driven as a hand would drive them."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from kpi_toolkit.clients.client import load_client, read_client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.start import StartForm, start_form
from kpi_toolkit.pages.gallery import SHELVES, gallery
from kpi_toolkit.pages.words import Words


@pytest.fixture
def form(workbook):
    made = StartForm(workbook, Words("en", workbook))
    made.name.value = "Acme"
    return made


def said(widget):
    return BeautifulSoup(widget.value, "html.parser").get_text(" ", strip=True)


def test_from_facts_to_a_first_clean_design_without_code(form, workbook):
    form.id.value, form.name.value, form.country.value = "acme-tea", "Acme Tea", "CN"
    form.languages.value = ("zh", "en")
    assert {control.label for control in form.facts.values()} == {form.words("start_form.unstated")}
    form.facts["size"].value, form.facts["city_tier"].value = "medium", "sz_gz"
    form.facts["site_build"].value = "outsourced"
    form.launch.value = date(2027, 3, 1)
    assert "2–3" in said(form.preview)
    assert "2027-02-09" in said(form.preview)
    assert "CN¥12,500–20,500" in said(form.preview)
    form.button.click()
    client = load_client(workbook.client_folder("acme-tea"))
    assert client.profile.languages == ("zh", "en")
    assert client.profile.goals == {"product-sales": 1}
    assert client.profile.launch == date(2027, 3, 1)
    assert [post.role for post in client.design.posts] == [
        "operation-manager", "network-promotion", "network-editor", "online-sales",
    ]  # fmt: skip
    assert {*client.design.roles} == {post.role for post in client.design.posts}
    _, issues = read_client(client.folder)
    assert {issue.code for issue in issues} == {"no-people", "no-reserve", "department-unnamed"}
    assert {a["href"] for a in BeautifulSoup(form.result.value, "html.parser")("a")} == {
        "10_design.ipynb",
        "15_import.ipynb",
        "20_month.ipynb",
        "42_design_book.ipynb",
    }
    assert "Acme Tea" in said(form.result)
    assert "Starter: sells products" in said(form.preview)


def test_an_id_follows_the_name_and_findings_say_where_in_the_form_they_are_mended(form, workbook):
    form.name.value = "青山茶业"
    form.button.click()
    assert "qing-shan-cha-ye" in workbook.clients()
    assert "page “People”" in said(form.result) and "[regulation]" not in said(form.result)


def test_what_is_left_open_is_not_stated(form, workbook):
    form.id.value, form.name.value = "acme", "Acme"
    form.organisation.value = ""
    form.button.click()
    page = (workbook.client_data / "acme" / "client.toml").read_text("utf-8")
    for fact in ("size", "city_tier", "site_build", "low_budget", "launch"):
        assert fact not in page
    assert "[[posts]]" not in (workbook.client_data / "acme" / "design.toml").read_text("utf-8")


def test_S018_shares_that_do_not_add_up_hold_the_button(form):
    form.goals["brand"].value = 40
    assert form.button.disabled
    assert "140" in said(form.total) and "alert" in form.total.value
    assert "must sum to 100; they sum to 140" in said(form.preview)  # above the button, where it is missed
    form.goals["product-sales"].value = 60
    assert not form.button.disabled
    assert form.stated()["goals"] == {"brand": "0.40", "product-sales": "0.60"}


def test_S017_no_clear_goal_opens_the_worksheet_and_is_kept_as_a_diagnosis(form, workbook):
    assert form._sheet.layout.display == "none"
    form.unclear.value = True
    assert form._sheet.layout.display == ""
    assert len(form.worksheet) == len(Library(workbook).checklists["goal-finding"].lines)
    form.id.value, form.worksheet["customer"].value = "acme", "Small restaurants"
    form.button.click()
    client, issues = read_client(workbook.client_folder("acme"))
    assert "no-operating-goal" in [issue.code for issue in issues]
    assert client.profile.checklists == {"goal-finding": {"customer": "Small restaurants"}}
    assert "worksheet" in said(form.result)


def test_a_second_press_makes_nothing_twice_and_leaves_what_was_said(form, workbook):
    form.id.value, form.name.value = "acme", "Acme"
    form.button.click()
    made = said(form.result)
    form.button.click()
    assert "Created Acme" in made and said(form.result) == made
    assert form.button.disabled
    form.id.value = "acme-2"
    assert not form.button.disabled and said(form.result) == ""


def test_a_city_is_asked_for_where_its_pay_lists_hold_and_own_posts_have_no_starter(form):
    city = form.facts["city_tier"]
    city.value = "other"
    form.country.value = "GB"
    assert city.layout.display == "none" and "city_tier" not in form.stated()
    form.country.value = "CN"
    assert city.layout.display == "" and form.stated()["city_tier"] == "other"
    assert "The design starts as" in said(form.preview)
    form.organisation.value = "own"
    assert "The design starts as" not in said(form.preview)


@pytest.mark.parametrize(("client", "message"), [("Acme Tea", "Acme Tea cannot be"), ("home-goods", "already")])
def test_an_id_that_cannot_be_is_answered_in_the_form_until_something_is_changed(form, workbook, client, message):
    form.id.value = client
    form.button.click()
    assert message in said(form.result)
    assert len(workbook.clients()) == 3
    form.id.value = "acme"
    assert said(form.result) == ""


def test_without_a_name_nothing_is_made_and_a_client_that_is_made_stands_on_the_start_page(form, workbook):
    form.name.value = " "
    assert form.button.disabled and "Write the client's name first." in said(form.preview)
    (workbook.root / "START.md").write_text("of yesterday", "utf-8")
    form.name.value = "Birch Tea"
    form.button.click()
    assert "Birch Tea" in (workbook.root / "START.md").read_text("utf-8")


@pytest.mark.parametrize(("setting", "country"), [("en_GB.UTF-8", "GB"), ("zh_CN.UTF-8", "CN"), ("C.UTF-8", "")])
def test_the_country_proposed_is_the_systems(workbook, monkeypatch, setting, country):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, setting)
    assert StartForm(workbook, Words("en", workbook)).country.value == country


def test_every_control_says_what_it_is_and_can_be_reached_by_tab(form):
    for control in (
        form.id,
        form.name,
        form.languages,
        *form.goals.values(),
        form.unclear,
        *form.facts.values(),
        form.launch,
    ):
        assert control.description
        assert control.tabbable is None  # the browser's own order, nothing is taken out of it


def test_the_forms_language_is_the_notebooks(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    assert start_form("en").button.description == "Create the client"
    monkeypatch.setenv("KPI_LANG", "zh")
    assert start_form().button.description == "建立客户"


@pytest.mark.parametrize("shelf", SHELVES)
def test_the_gallery_shows_every_card_of_a_kind(monkeypatch, shelf):
    monkeypatch.setenv("KPI_WORKBOOK", str(ROOT))
    shown = gallery(shelf, "en")
    cards = getattr(Library(Workbook(ROOT)), shelf)
    soup = BeautifulSoup(shown._repr_html_(), "html.parser")
    assert len(soup.find_all("details")) == len(cards)
    assert all(card.summary.get_text(strip=True) for card in soup.find_all("details"))
    assert "None" not in soup.get_text()


def test_a_mistyped_kind_of_cards_is_answered(monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(ROOT))
    with pytest.raises(WorkbookError, match="Did you mean roles"):
        gallery("role")
