"""An indicator of the library called by its name in a design: read as that card, told as such, kept by a month."""

from __future__ import annotations

import json

import pytest

from kpi_toolkit.clients.client import as_of, load_client
from kpi_toolkit.clients.draft import open_draft
from kpi_toolkit.clients.library import Library
from kpi_toolkit.live.form import open_form

CALLED = """
[[roles.network-editor.indicators]]
indicator = "{name}"
weight = 35
target = 12
serves_goal = "product-sales"
"""
FORM = ("roles", "network-editor", "indicators")


@pytest.fixture
def acme(kpi, workbook):
    """Return a client whose editor's last line is a card of the library by its name."""
    assert kpi("new", "acme", "--name", "Acme")[0] == 0
    folder = workbook.client_data / "acme"
    (folder / "people.csv").write_text(
        "id,name,role,team,manager,joined\nlin,Lin,network-editor,,,2024-03-01\n", "utf-8"
    )
    _call(folder, "media-published")
    return folder


def _call(folder, name):
    file = folder / "design.toml"
    text = file.read_text("utf-8")
    first = text.index("[[roles.network-editor.indicators]]", text.index('"special-topics"'))
    last = text.index("[roles.network-promotion]")
    file.write_text(text[:first].rstrip() + "\n" + CALLED.format(name=name) + "\n" + text[last:], "utf-8")


def _line(client):
    return client.design.roles["network-editor"].indicators[-1]


@pytest.mark.parametrize(
    "name", ["media-published", "图片与视频的收集和发布", "pictures and videos collected and published"]
)
def test_a_line_of_a_design_is_a_card_of_the_library_by_its_id_or_name(acme, workbook, name):
    _call(acme, name)
    item, card = _line(load_client(acme)), Library(workbook).indicators["media-published"]
    assert (item.card, item.id, item.name, item.unit, item.kind) == (card.id, card.id, card.name, card.unit, card.kind)
    assert (item.curve, item.source, item.weight, item.target) == (card.curve, card.source, 35, 12)


def test_what_the_line_says_itself_comes_before_the_card(acme):
    file = acme / "design.toml"
    file.write_text(file.read_text("utf-8").replace("weight = 35\n", 'weight = 35\nname = "Clips"\nunit = "clips"\n'))
    assert (_line(load_client(acme)).name.en, _line(load_client(acme)).unit.en) == ("Clips", "clips")


def test_check_says_which_lines_are_cards_and_offers_what_is_like_a_misspelt_one(acme, kpi):
    found = json.loads(kpi("check", "acme", "--json")[1])["issues"]
    (said,) = [each for each in found if each["code"] == "read-from-card"]
    assert said["where"].endswith("roles.network-editor.indicators.media-published") and said["severity"] == "hint"
    assert not [each for each in found if each["severity"] == "error"]
    _call(acme, "media-publishd")
    (wrong,) = [e for e in json.loads(kpi("check", "acme", "--json")[1])["issues"] if e["severity"] == "error"]
    assert (wrong["code"], "media-published" in wrong["fix"]) == ("unknown-indicator-card", True)


def test_a_month_keeps_the_cards_that_its_design_calls(acme, kpi, workbook):
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    kept = _line(as_of(load_client(acme), "2026-11"))
    assert kpi("library", "indicators", "media-published", "--copy")[0] == 0
    (own,) = (workbook.root / "templates/indicators").glob("*.toml")
    own.write_text(own.read_text("utf-8").replace("图片与视频的收集和发布", "改过的名字"), "utf-8")
    client = load_client(acme)
    assert _line(client).name.zh == "改过的名字"
    assert _line(as_of(client, "2026-11")) == kept
    assert kpi("new", "acme", "--cycle", "2026-11", "--take", "design", "--by", "Eva")[0] == 0
    assert _line(as_of(load_client(acme), "2026-11")).name.zh == "改过的名字"


def test_the_form_shows_what_the_card_says_and_writes_only_what_is_otherwise(acme, workbook):
    bench = open_form(workbook, "acme", "en")
    bench.open("roles/network-editor")
    shown = bench.state(bench.issues())["values"]["indicators"][-1]
    assert (shown["indicator"], shown["id"], shown["unit"]["zh"]) == ("media-published", "media-published", "条")
    before = bench.draft.text
    bench.set((*FORM, "media-published", "target"), "15")
    assert bench.draft.text == before.replace("weight = 35\ntarget = 12", "weight = 35\ntarget = 15")
    bench.set((*FORM, "media-published", "unit"), {"zh": "支", "en": "clips"})
    assert _line_of(bench).unit.en == "clips"
    bench.save()
    assert _line(load_client(acme)).unit.zh == "支"
    assert open_draft(workbook, "acme").text == (acme / "design.toml").read_text("utf-8")


def _line_of(bench):
    return bench.draft.design.roles["network-editor"].indicators[-1]
