"""An indicator of the library called by its name in a design: read as that card, told as such, kept by a month."""

from __future__ import annotations

import json
from datetime import date

import pytest
from openpyxl import load_workbook

from kpi_toolkit.clients.acts import Act
from kpi_toolkit.clients.client import as_of, load_client
from kpi_toolkit.clients.draft import ClashError, open_draft, save_draft
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.scenarios import adopt, save_scenario, take_back
from kpi_toolkit.live.form import open_form
from kpi_toolkit.method.scenario import Scenario, fingerprint

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


def test_a_copy_of_a_line_that_calls_a_card_by_its_name_has_an_id_that_can_be_used(acme, workbook):
    _call(acme, "图片与视频的收集和发布")
    bench = open_form(workbook, "acme", "zh")
    bench.copy((*FORM, "图片与视频的收集和发布"))
    assert not bench.draft.issues
    assert _line_of(bench).id not in {"media-published", "图片与视频的收集和发布"}


@pytest.mark.parametrize("name", ["media-published", "图片与视频的收集和发布"])
def test_a_design_sheet_changes_a_line_that_calls_a_card_and_leaves_it_one(acme, kpi, tmp_path, name):
    """Such a line has no name and no class of its own; the import failed over it, or wrote it anew without its goal."""
    _call(acme, name)
    before = _line(load_client(acme))
    sheet = tmp_path / "design.xlsx"
    made = kpi("new", "acme", "--sheet", str(sheet), "--lang", "en", "--json")
    assert (made[0], json.loads(made[1])["created"]) == (0, [str(sheet)])
    book = load_workbook(sheet)
    (row,) = [row for row in book.worksheets[0].iter_rows() if row[1].value == before.name.en]
    (target,) = [cell for cell in row if cell.value == before.target]
    target.value = 19
    book.save(sheet)
    code, said, problems = kpi("import", "acme", "design", str(sheet))
    assert (code, before.id in said) == (0, True), problems
    assert _line(load_client(acme)) == before.model_copy(update={"target": 19})
    assert f'indicator = "{name}"' in (acme / "design.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["media-published", "图片与视频的收集和发布"])
def test_a_scenario_is_adopted_into_a_line_that_calls_a_card(acme, kpi, name):
    _call(acme, name)
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    client = load_client(acme)
    before, text = _line(client), (acme / "design.toml").read_text("utf-8")
    weights = [item.weight for item in client.design.roles["network-editor"].indicators]
    for called, more in (("more", 4), ("less", -4)):
        ids = [item.id for item in client.design.roles["network-editor"].indicators]
        changed = dict(zip(ids, [weights[0] - more, *weights[1:-1], weights[-1] + more], strict=True))
        scenario = Scenario(
            name=called, client="acme", cycle="2026-11", design_version=1, design=fingerprint(client.design),
            weights={"network-editor": changed}, targets={"network-editor": {before.id: 150}}, why="Agreed",
        )  # fmt: skip
        save_scenario(client, called, scenario)
    adopt(client, "more", by="Eva", day=date(2026, 11, 3))
    now = load_client(acme)
    for design in (now.design, as_of(now, "2026-11").design):
        assert design.roles["network-editor"].indicators[-1] == before.model_copy(update={"weight": 39, "target": 18})
    assert f'indicator = "{name}"\nweight = 39\ntarget = 18\n' in (acme / "design.toml").read_text("utf-8")
    take_back(acme, by="Eva")
    assert (acme / "design.toml").read_text("utf-8") == text


def test_two_peoples_changes_of_a_line_that_calls_a_card_are_put_together_or_shown(acme, workbook):
    file = acme / "design.toml"
    text = file.read_text("utf-8")
    ours = open_draft(workbook, "acme").change(Act("set", (*FORM, "media-published", "weight"), 30))
    file.write_text(text.replace("target = 12", "target = 20"), "utf-8")
    saved = save_draft(workbook, "acme", ours)
    assert 'indicator = "media-published"\nweight = 30\ntarget = 20\n' in saved.text == file.read_text("utf-8")
    ours = saved.change(Act("set", (*FORM, "media-published", "target"), 25))
    file.write_text(
        saved.text.replace(CALLED.format(name="media-published").replace("35", "30").replace("12", "20"), "")
    )
    with pytest.raises(ClashError, match="somebody else"):
        save_draft(workbook, "acme", ours)


def test_my_target_and_a_colleagues_other_card_are_shown_side_by_side_and_nothing_else_is_lost(acme, workbook):
    file = acme / "design.toml"
    text = file.read_text("utf-8")
    bench = open_form(workbook, "acme", "en")
    bench.set((*FORM, "media-published", "target"), "18")
    bench.set(("item_cap",), "110")
    other = text.replace('indicator = "media-published"', 'indicator = "paid-promotion"')
    file.write_text(f"# seen by Bo\n{other}", "utf-8")
    with pytest.raises(ClashError):
        bench.save()
    (clash,) = bench.state(bench.issues())["clashes"]
    assert clash["ours"] == ["Card of the library: media-published", "Weight: 35", "Target: 18"]
    assert clash["theirs"] == ["Card of the library: paid-promotion", "Weight: 35", "Target: 12"]
    bench.save(sides=[False])
    saved = file.read_text("utf-8")
    assert saved == f"# seen by Bo\n{other}".replace("item_cap = 100", "item_cap = 110")
    state = bench.state(bench.issues())
    assert state["clashes"] == []
    assert [change["theirs"] for change in state["taken"]] == [
        ["# seen by Bo"],
        clash["theirs"][:1],
        clash["theirs"][2:],
    ]
    bench.undo()
    assert "target = 18" in bench.draft.text


def _line_of(bench):
    return bench.draft.design.roles["network-editor"].indicators[-1]
