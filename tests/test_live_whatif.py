"""The desk around the live view, driven as its forms drive it."""

from __future__ import annotations

import re

import ipywidgets
import pytest

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.live.panels import comparison_html, desk_panel
from kpi_toolkit.live.whatif import open_what_if
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.whatif.elicit import rank_order

ROLE = "network-promotion"


@pytest.fixture
def desk(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    return open_what_if(client="home-goods", language="en")


def test_without_a_language_it_opens_in_the_clients_first(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    assert open_what_if(client="home-goods").words.language == "zh"


def shown(desk, **weights):
    """Do what the browser does: tell Python what it shows."""
    desk.live.told = {"changes": {"weights": {ROLE: weights}} if weights else {}}


WEIGHTS = {"posts": 40, "traffic": 22.5, "keyword-rank": 12.5, "network-customers": 25}


def widgets_of(panel, kind):
    """Return all widgets of a kind in a panel."""
    found = [panel] if isinstance(panel, kind) else []
    for child in getattr(panel, "children", ()):
        found += widgets_of(child, kind)
    return found


def clicked(panel, label):
    """Click a button and return what the panel says then."""
    next(one for one in widgets_of(panel, ipywidgets.Button) if one.description == label).click()
    return [one.value for one in widgets_of(panel, ipywidgets.HTML) if "role=" in one.value]


def test_what_is_shown_is_kept_compared_and_only_then_adopted(desk, workbook):
    file = workbook.client_data / "home-goods/design.toml"
    before = file.read_bytes()
    shown(desk, **WEIGHTS)
    name = desk.save("More posts", asked_by="Wang", why="autumn")
    assert name == "more-posts"
    assert [one["id"] for one in desk.live.data["scenarios"]] == ["more-posts"]
    moved = desk.compare("", "more-posts").moved
    assert moved == desk.compare("", "*").moved
    drawn = comparison_html(desk, desk.compare("", "more-posts"))
    assert all(f">{side}</text>" in drawn for side in ("As agreed", "More posts"))
    assert {line.person for line in moved if line.points} <= set(desk.summary.tables.people["id"])
    assert file.read_bytes() == before
    with pytest.raises(IssuesError, match="one-scenario"):
        desk.adopt("more-posts", by="Lin")
    shown(desk)
    desk.save("As agreed")
    assert file.read_bytes() == before
    done = desk.adopt("more-posts", by="Lin")
    assert done.adoption.version == desk.client.design.version == load_client(file.parent).design.version


def test_what_the_browser_shows_otherwise_than_python_is_not_kept(desk):
    desk.live.told = {"changes": {}, "official": [0] * len(desk.summary.people)}
    with pytest.raises(WorkbookError, match="differs"):
        desk.save("wrong")
    with pytest.raises(WorkbookError, match="name"):
        desk.save("  ")


def test_elicited_weights_are_shown_and_their_record_is_kept(desk):
    names = [item.id for item in desk.role(ROLE).indicators]
    weights = desk.use(ROLE, rank_order(names))
    assert desk.live.ask["changes"]["weights"][ROLE] == {name: float(weight) for name, weight in weights.items()}
    shown(desk, **{name: float(weight) for name, weight in weights.items()})
    desk.save("by rank")
    (record,) = desk.scenarios["by-rank"].elicited
    assert (record.role, record.method, record.said) == (ROLE, "rank-roc", " > ".join(names))


def test_a_record_of_elicited_weights_goes_with_those_weights_alone(desk):
    names = [item.id for item in desk.role(ROLE).indicators]
    found = {name: float(weight) for name, weight in desk.use(ROLE, rank_order(names)).items()}
    shown(desk, **found)
    desk.save("as ranked")
    shown(desk, **dict(zip(names, (10, 10, 10, 70), strict=True)))
    desk.save("dragged")
    assert desk.scenarios["dragged"].elicited == ()
    shown(desk)
    desk.save("undone")
    assert desk.scenarios["undone"].elicited == ()
    shown(desk, **found)
    desk.save("redone")
    assert [record.method for record in desk.scenarios["redone"].elicited] == ["rank-roc"]
    desk.records.clear()
    desk.recall("as-ranked")
    desk.save("recalled")
    assert desk.scenarios["recalled"].elicited == desk.scenarios["as-ranked"].elicited


def test_pairs_that_contradict_each_other_are_named_as_the_form_names_them(desk):
    panel = desk_panel(desk)
    (method,) = [one for one in widgets_of(panel, ipywidgets.Dropdown) if one.description == "Method"]
    method.value = "pairwise"
    first, second, *others = [one for one in widgets_of(panel, ipywidgets.Dropdown) if " : " in one.description]
    for pair in others:
        pair.value = 1
    first.value, second.value = 9, 1 / 9
    use = [one for one in widgets_of(panel, ipywidgets.Button) if one.description == "Use these"][-1]
    use.click()
    (said,) = [one.value for one in widgets_of(panel, ipywidgets.HTML) if "contradict" in one.value]
    assert "Posts" in said
    assert "keyword-rank" not in said
    method.value = "rank_roc"
    for box in widgets_of(panel, ipywidgets.BoundedIntText):
        box.value = 1
    use.click()
    (said,) = [one.value for one in widgets_of(panel, ipywidgets.HTML) if "alert" in one.value]
    assert "Posts" in said
    assert "keyword-rank" not in said


def test_starters_are_ready_made_weights_that_fit_the_role(desk):
    for weights in desk.starters(ROLE).values():
        assert sum(weights.values()) == 100
        assert set(weights) == set(WEIGHTS)
    assert {"All equal", "sells-products"} <= set(desk.starters(ROLE))
    with pytest.raises(WorkbookError, match=ROLE):
        desk.starters("network-promotoin")


def test_the_forms_do_what_their_buttons_say_and_name_what_is_wrong(desk):
    panel = desk_panel(desk)
    assert any("no name" in said for said in clicked(panel, "Keep this scenario"))
    shown(desk, **WEIGHTS)
    texts = {one.description: one for one in widgets_of(panel, ipywidgets.Text)}
    texts["Name"].value = "Posts 40"
    assert any("posts-40.toml" in said for said in clicked(panel, "Keep this scenario"))
    said = clicked(panel, "Compare")
    assert any("change" in one for one in said)
    assert any("<table" in one.value for one in widgets_of(panel, ipywidgets.HTML))


def test_every_method_of_asking_has_a_form_that_ends_in_weights(desk):
    panel = desk_panel(desk)
    (method,) = [one for one in widgets_of(panel, ipywidgets.Dropdown) if one.description == "Method"]
    for _, key in method.options:
        method.value = key
        if key == "statements":
            (box,) = widgets_of(panel, ipywidgets.Textarea)
        use = [one for one in widgets_of(panel, ipywidgets.Button) if one.description == "Use these"][-1]
        if key in {"statements", "swing", "pairwise"}:  # silence is no answer
            asked = desk.live.ask.get("turn", 0)
            use.click()
            assert desk.live.ask.get("turn", 0) == asked
            assert any("still open" in one.value for one in widgets_of(panel, ipywidgets.HTML)), key
        if key == "statements":
            box.value = "posts >= traffic\nkeyword-rank 5..40"
        if key == "pairwise":
            for pair in [one for one in widgets_of(panel, ipywidgets.Dropdown) if " : " in one.description]:
                pair.value = 1
        if key == "swing":
            next(one for one in widgets_of(panel, ipywidgets.BoundedFloatText)).value = 100
        ask = desk.live.ask.get("turn", 0)
        use.click()
        assert desk.live.ask["turn"] == ask + 1, key
        assert sum(desk.live.ask["changes"]["weights"][ROLE].values()) == pytest.approx(100)
        (said,) = [
            one.value for one in widgets_of(panel, ipywidgets.HTML) if "role=" in one.value and "Posts" in one.value
        ]
        ratio = re.findall(r"Consistency ratio (.+) \(at most 0\.10 is accepted\)", said)
        assert ratio == (["0.000"] if key == "pairwise" else []), "only pairs can contradict each other"


def test_another_client_or_cycle_is_one_choice_away(desk):
    panel = desk_panel(desk)
    client = next(one for one in widgets_of(panel, ipywidgets.Dropdown) if one.description == "Client")
    client.value = "cloudboard"
    assert desk.live.data["session"]["client"] == "cloudboard"
    cycle = next(one for one in widgets_of(panel, ipywidgets.Dropdown) if one.description == "Cycle")
    cycle.value = "2026-09"
    assert desk.live.data["session"]["cycle"] == "2026-09"
