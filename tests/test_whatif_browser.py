"""The what-if in real browsers: the delivered page with its network cut, JupyterLab and Voilà with a kernel."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, end
from test_browser import browser, visit
from test_whatif import hold_equal
from whatif_cases import cases

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.scenarios import parse_scenario
from kpi_toolkit.pages.live_script import live_script
from kpi_toolkit.pages.whatif_page import whatif_page
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.scenarios import compare, outcome

pytestmark = [pytest.mark.slow, pytest.mark.browser]
browser = browser  # noqa: PLW0127 - a fixture that is shared
SLIDER = ".kwi-item input[type=range]"


@pytest.fixture
def opened(browser, workbook, tmp_path):
    """Return a factory: an example client's page, its network cut."""

    def open_(client="lumen-brand", width=1366, change=lambda html: html, wait=".kwi-row button"):
        value = load_client(workbook.client_folder(client))
        path = tmp_path / "whatif.html"
        path.write_text(change(whatif_page(workbook, value, "2026-10")), "utf-8")
        page, asked, said = visit(browser, path, width)
        page.wait_for_selector(wait)
        return page, [url for url in asked if not url.startswith("blob:")], said, value

    return open_


def until(page, expression, seconds=60):
    """Wait for an expression to hold; a page's own policy lets no library evaluate one inside it."""
    for _ in range(seconds * 10):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never came true: {expression}")


def shares_are_fine(page):
    """Wait for the ten thousand draws."""
    until(page, "[...document.querySelectorAll('.kwi-held')].some(e => e.title.includes('10000'))")  # fmt: skip


def press(page, key, times, place=0):
    page.locator(SLIDER).nth(place).focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_the_page_works_by_keyboard_with_the_network_cut(opened):
    page, asked, said, _ = opened()
    assert len(asked) == 1
    before = page.locator(".kwi-list").inner_text()
    agreed = page.locator(SLIDER).first.input_value()
    press(page, "PageUp", 3)
    press(page, "ArrowRight", 2)
    until(page, f"[...document.querySelectorAll('{SLIDER}')].slice(0, -1).reduce((sum, s) => sum + Number(s.value), 0) === 100")  # fmt: skip
    until(page, f"document.querySelector('.kwi-list').innerText !== {json.dumps(before)}")
    until(page, "document.querySelector('[aria-live]').textContent === document.querySelector('.kwi-said').textContent")  # fmt: skip
    assert "档位变化" in page.locator(".kwi-said").inner_text()
    shares_are_fine(page)
    page.keyboard.press("Control+z")
    until(page, f"document.querySelector('{SLIDER}').value === '{agreed}'")
    page.keyboard.press("Control+y")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "change tier" in page.locator(".kwi-said").inner_text()
    assert said == []


def test_a_locked_weight_stays_and_a_box_beside_the_slider_does_the_same(opened):
    page, *_ = opened("home-goods")
    last = page.locator(SLIDER).nth(3)
    kept = last.input_value()
    page.locator(".kwi-lock").nth(3).click()
    assert page.locator(".kwi-lock").nth(3).get_attribute("aria-pressed") == "true"
    page.locator(".kwi-item input.kwi-box").first.fill("12.5")
    until(
        page, f"document.querySelector('{SLIDER}').value === '13' || document.querySelector('{SLIDER}').value === '12'"
    )
    assert last.input_value() == kept
    assert last.is_disabled()


def type_into(page, box, text):
    """Type as people do: into the box, all of it marked, key by key."""
    box.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text, delay=15)


def shares_boxes(page):
    if page.locator(".kwi-rules:not([open]) summary").count():
        page.locator(".kwi-rules > summary").click()
    return page.locator(".kwi-tiers input")


def show_values(page, wanted):
    """Wait for the next picture to show these tier shares."""
    until(page, f"JSON.stringify([...document.querySelectorAll('.kwi-tiers input')].map(b => b.value)) === {json.dumps(json.dumps(wanted, separators=(',', ':')))}")  # fmt: skip


def values(boxes):
    return [box.input_value() for box in boxes.all()]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_tier_shares_are_typed_in_any_order(opened, order):
    page, *_ = opened("home-goods")
    boxes = shares_boxes(page)
    for wanted in (["30", "60", "10"], ["25", "62.5", "12.5"]):
        for place in order:
            type_into(page, boxes.nth(place), wanted[place])
        page.keyboard.press("Tab")
        assert values(boxes) == wanted
    assert page.locator(".kwi-tiers .kwi-note").inner_text() == ""
    page.wait_for_timeout(200)
    assert page.locator(".kwi-said").inner_text() != "这是约定的方案。拖动权重，看谁的档位会变。"
    page.get_by_label("名称").fill("比例")
    page.get_by_role("button", name="复制为文字").click()
    assert "shares = [25, 62.5, 12.5]" in page.locator("textarea").input_value()


def test_tier_shares_move_by_tab_arrows_and_undo_and_what_cannot_be_is_said(opened):
    page, *_ = opened("cloudboard")
    boxes = shares_boxes(page)
    boxes.first.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("30")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    show_values(page, ["30", "59", "11"])
    page.keyboard.press("Tab")
    page.keyboard.press("Control+z")
    show_values(page, ["30", "60", "10"])
    for typed, left, said in (("-5", "0", "-5"), ("120", "100", "120")):
        type_into(page, boxes.first, typed)
        page.keyboard.press("Tab")
        assert boxes.first.input_value() == left
        assert said in page.locator(".kwi-tiers .kwi-note").inner_text()
        assert sum(float(value) for value in values(boxes)) == 100


def weight_boxes(page):
    return page.locator(".kwi-line > input.kwi-box")


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_whole_sets_of_weights_typed_one_after_another_end_as_they_were_typed(opened, order):
    page, _, said, _ = opened("home-goods")
    boxes = weight_boxes(page)
    for wanted in (["40", "25", "20", "15"], ["10", "12.5", "37.5", "40"]):
        for place in order:
            type_into(page, boxes.nth(place), wanted[place])
            page.keyboard.press("Tab")
        assert values(boxes)[:4] == wanted
        assert [note for note in page.locator(".kwi-item > .kwi-note").all_inner_texts() if note] == []
    page.keyboard.press("Control+z")
    page.wait_for_timeout(200)
    assert values(boxes)[:4] != wanted
    assert said == []


def test_the_last_weight_of_a_set_says_the_sum_and_what_is_missing(opened):
    page, *_ = opened("home-goods")
    boxes, notes = weight_boxes(page), page.locator(".kwi-item > .kwi-note")
    for place, text in enumerate(("40", "25", "20", "10")):
        type_into(page, boxes.nth(place), text)
    page.keyboard.press("Tab")
    assert values(boxes)[:4] == ["40", "25", "20", "15"]
    assert notes.nth(3).inner_text().startswith("填 10 时这些权重合计 95，距 100 还差 5。")
    page.get_by_role("button", name="English").click()
    type_into(page, boxes.nth(3), "30")
    page.keyboard.press("Tab")
    assert notes.nth(3).inner_text().startswith("With 30 these weights come to 115, not 100: 15 too much.")
    type_into(page, boxes.nth(0), " ")
    page.keyboard.press("Tab")
    type_into(page, boxes.nth(3), "30")
    page.keyboard.press("Tab")
    assert values(boxes)[:4] == ["25", "25", "20", "30"], "the emptied one gave way"


@pytest.mark.parametrize(("typed", "left"), [("40,5", "40"), ("4,0", "4"), ("3x", "3")])
def test_what_is_no_number_is_said_and_never_read_as_another(opened, typed, left):
    page, *_ = opened("home-goods")
    boxes = [weight_boxes(page).first, *shares_boxes(page).all()[:1]]
    for box, place in zip(boxes, (".kwi-item > .kwi-note", ".kwi-tiers .kwi-note"), strict=True):
        type_into(page, box, typed)
        page.keyboard.press("Tab")
        assert box.input_value() == left
        assert f"“{typed}”不是可用的数字" in page.locator(place).first.inner_text()


@pytest.mark.parametrize(("typed", "left"), [("４０．５", "40.5"), ("40。5", "40.5"), (" 41 ", "41")])
def test_numbers_as_chinese_keyboards_type_them_are_read(opened, typed, left):
    page, *_ = opened("home-goods")
    box = weight_boxes(page).first
    type_into(page, box, typed)
    page.keyboard.press("Tab")
    assert box.input_value() == left
    assert page.locator(".kwi-item > .kwi-note").first.inner_text() == ""


def test_no_refusal_is_silent(opened):
    page, *_ = opened("home-goods")
    first, box = page.locator(".kwi-item").first, page.locator(".kwi-item input.kwi-box").first
    note = first.locator("> .kwi-note")
    agreed = box.input_value()
    for typed, left in (("101", "100"), ("-5", "0")):
        type_into(page, box, typed)
        page.keyboard.press("Tab")
        assert box.input_value() == left
        assert typed in note.inner_text()
        assert left in note.inner_text()
    assert "不能保留" in note.inner_text(), "a weight of 0 may be looked at only"
    page.get_by_role("button", name="恢复约定").click()
    assert note.inner_text() == ""
    for place in (1, 2, 3):
        page.locator(".kwi-lock").nth(place).click()
    type_into(page, box, "90")
    page.keyboard.press("Tab")
    assert box.input_value() == agreed
    assert "锁定" in note.inner_text()
    press(page, "ArrowRight", 2)
    until(page, f"document.querySelector('{SLIDER}').value === '{agreed}'")
    until(page, "document.querySelector('.kwi-hold').textContent === '其余权重已锁定，无法调整'")
    page.locator(".kwi-rules > summary").click()
    cap = page.locator(".kwi-rules > .kwi-number input")
    type_into(page, cap, "5000")
    page.keyboard.press("Tab")
    assert cap.input_value() == "1000"
    assert "5000" in page.locator(".kwi-rules > .kwi-number .kwi-note").inner_text()


def test_a_weight_of_nothing_is_neither_kept_nor_copied_and_says_why(opened):
    page, *_ = opened("home-goods")
    type_into(page, page.locator(".kwi-line > input.kwi-box").nth(1), "0")
    for button in ("保留这个测算方案", "复制为文字"):
        page.get_by_role("button", name=button).click()
        assert "未保留" in page.locator(".kwi-scenarios .kwi-hint").inner_text()
    assert page.locator(".kwi-chips button").count() == 0
    assert not page.locator("textarea").is_visible()


def say_in_form(page, name, asked_by="", why=""):
    for label, text in (("名称", name), ("提出人", asked_by), ("理由", why)):
        type_into(page, page.get_by_label(label, exact=True), text or " ")


def chosen(page):
    return page.evaluate("document.querySelector('.kwi-over select').selectedOptions[0].textContent")


KEEP, COPY, AGREED = "保留这个测算方案", "复制为文字", "恢复约定"


def two_kept(page):
    """Keep what the owner asks for and, from what was agreed, what the HR lead asks for."""
    type_into(page, page.locator(".kwi-line > input.kwi-box").first, "60")
    say_in_form(page, "Owner: promotion", "Owner", "growth")
    page.get_by_role("button", name=KEEP).click()
    page.get_by_role("button", name=AGREED).click()
    assert page.get_by_label("提出人", exact=True).input_value() == "", "who asked goes with what was asked"
    type_into(page, page.locator(".kwi-line > input.kwi-box").nth(1), "55")
    say_in_form(page, "HR: sales", "HR lead", "cash")
    page.get_by_role("button", name=KEEP).click()


def test_a_kept_scenario_is_copied_with_its_own_name_person_and_reason(opened, workbook):
    page, _, said, client = opened("home-goods")
    two_kept(page)
    for name, asked_by, why, place, weight in (("Owner: promotion", "Owner", "growth", 0, 60), ("HR: sales", "HR lead", "cash", 1, 55)):  # fmt: skip
        page.get_by_role("button", name=name).click()
        page.get_by_role("button", name=COPY).click()
        scenario, _ = parse_scenario(client, page.locator("textarea").input_value(), "stdin")
        assert (scenario.name.en, scenario.asked_by, scenario.why) == (name, asked_by, why)
        assert list(scenario.weights["network-promotion"].values())[place] == weight
    assert page.locator(".kwi-chips button").count() == 2
    assert said == []


def test_keeping_again_under_a_name_asks_first_and_leaves_the_comparison_where_it_is(opened):
    page, *_ = opened("home-goods")
    two_kept(page)
    page.locator(".kwi-over select").select_option(label="Owner: promotion")
    page.get_by_role("button", name="Owner: promotion").click()
    type_into(page, page.locator(".kwi-line > input.kwi-box").first, "65")
    page.get_by_role("button", name=KEEP).click()
    hint = page.locator(".kwi-scenarios .kwi-hint")
    assert "再按一次" in hint.inner_text()
    assert chosen(page) == "Owner: promotion"
    page.get_by_role("button", name="HR: sales").click()
    page.get_by_role("button", name="Owner: promotion").click()
    assert page.locator(".kwi-line > input.kwi-box").first.input_value() == "60", "nothing was overwritten"
    type_into(page, page.locator(".kwi-line > input.kwi-box").first, "65")
    page.get_by_role("button", name=KEEP).click()
    page.get_by_role("button", name=KEEP).click()
    assert "已保留" in hint.inner_text()
    page.wait_for_timeout(300)
    assert chosen(page) == "Owner: promotion"
    assert page.locator(".kwi-chips button").all_inner_texts() == ["Owner: promotion", "HR: sales"]
    page.get_by_role("button", name="HR: sales").click()
    page.get_by_role("button", name="Owner: promotion").click()
    assert page.locator(".kwi-line > input.kwi-box").first.input_value() == "65"
    page.wait_for_timeout(300)
    assert page.locator(".kwi-moves").is_hidden(), "compared with itself nobody moves"


def test_what_was_unfolded_and_typed_stays_so_in_the_other_language(opened):
    page, _, said, _ = opened("home-goods")
    page.locator(".kwi-more summary").nth(2).click()
    page.locator(".kwi-scenarios > summary").click()
    type_into(page, weight_boxes(page).nth(1), "40")
    shares_boxes(page)

    def seen():
        folds = page.evaluate("[...document.querySelectorAll('details')].map(d => d.open)")
        return folds, values(weight_boxes(page)), values(page.locator(".kwi-tiers input"))

    page.keyboard.press("Tab")
    before = seen()
    assert before[0].count(True) == 2
    page.get_by_role("button", name="English").click()
    assert seen() == before
    type_into(page, weight_boxes(page).nth(0), "30")
    page.keyboard.press("Tab")
    assert values(weight_boxes(page))[:2] == ["30", "40"]
    assert said == []


def test_leaving_the_page_is_asked_about_while_something_would_be_lost(opened):
    page, *_ = opened("home-goods")
    asked = []

    def answer(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)

    def reload():
        before = len(asked)
        with contextlib.suppress(Exception):
            page.reload(timeout=2500)
        return asked[before:]

    assert reload() == []
    page.wait_for_selector(".kwi-row button")
    type_into(page, page.locator(".kwi-line > input.kwi-box").first, "60")
    assert reload() == ["beforeunload"]
    page.get_by_role("button", name=KEEP).click()
    assert reload() == ["beforeunload"], "kept in the page only"
    page.get_by_role("button", name=COPY).click()
    page.locator(".kwi-name").first.click()
    assert page.locator(".kwi-detail table").count() == 2, "the indicators, and the way through the scenarios"
    page.locator(".kwi-scenarios input").nth(1).fill("Mia")
    assert reload() == []
    page.wait_for_selector(".kwi-chips button")  # a reload keeps what was put together
    assert page.locator(".kwi-chips button").count() == 1
    assert page.locator(".kwi-detail").is_visible()
    assert page.locator(".kwi-scenarios input").nth(1).input_value() == "Mia"
    page.locator(".kwi-tools [lang=en]").click()
    assert reload() == []
    page.wait_for_selector(".kwi-chips button")
    assert page.locator(".kwi-tools [aria-pressed=true]").inner_text() == "English"  # nor is the language lost


def test_a_decision_of_the_meeting_is_shown_as_what_it_is_and_told_when_it_is_overturned(opened):
    page, _, said, _ = opened("lumen-brand")
    told = page.locator(".kwi-decided")
    assert told.inner_text() == "会议决定：崔鹤 B（会前 C）。"
    assert page.locator(".kwi-said").inner_text().startswith("这是约定的方案")
    page.locator(".kwi-ranking").evaluate("e => { e.scrollTop = e.scrollHeight; }")
    row = page.locator(".kwi-row", has_text="崔鹤")
    row.wait_for()
    assert row.locator(".kwi-badge").inner_text() == "B"
    assert row.locator(".kwi-tier s").inner_text() == "会前 C"
    boxes = shares_boxes(page)
    type_into(page, boxes.nth(2), "0")
    page.keyboard.press("Tab")
    assert "推翻了会议的决定：崔鹤（会议由 C 定为 B，现在算出 B）" in told.inner_text()
    page.get_by_role("button", name="English").click()
    assert (
        "This scenario overturns what the meeting decided about 崔鹤 (decided C → B, now worked out as B)."
        in told.inner_text()
    )
    assert said == []


def test_one_person_changes_tier_and_two_change_it_with_an_and_between(opened):
    page, *_ = opened("home-goods")
    page.get_by_role("button", name="English").click()
    until(page, "document.querySelector('.kwi-first').textContent !== ''")
    boxes, found = shares_boxes(page), set()
    for shares in ("30", "40", "50", "20"):
        type_into(page, boxes.first, shares)
        page.keyboard.press("Tab")
        page.wait_for_timeout(700)
        found |= {page.locator(".kwi-said").inner_text(), page.locator(".kwi-first").inner_text()}
    said = " ".join(found)
    assert re.search(r"\w and \w", said)
    for line in found:
        several = " and " in line.partition(":")[2] or ", " in line.partition("):")[2]
        assert not (several and "changes tier" in line), line
        assert several or "people change tier" not in line, line


def test_a_moved_target_says_how_many_agreed_targets_adopting_leaves_as_they_are(opened):
    page, *_ = opened("home-goods")
    page.locator(".kwi-more summary").first.click()
    target = page.get_by_label("目标 · 发帖数量")
    note = page.locator(".kwi-more .kwi-note").first
    assert note.inner_text() == ""
    type_into(page, target, "120")
    page.keyboard.press("Tab")
    until(page, "document.querySelector('.kwi-more .kwi-note').textContent === '本期有 1 人另有个人目标，采纳后不变。'")
    type_into(page, target, "0")
    page.keyboard.press("Tab")
    assert target.input_value() == "1"
    assert "0 过小，这里最少 1" in note.inner_text()


def test_a_refused_worker_leaves_the_draws_to_the_page(opened):
    page, _, said, _ = opened(change=lambda html: html.replace("worker-src blob:", "worker-src 'none'"))
    shares_are_fine(page)
    assert all("worker-src" in line for line in said)


def test_what_the_page_copies_is_a_scenario_that_python_finds_the_same(opened, workbook):
    page, _, _, client = opened()
    press(page, "PageUp", 3)
    page.get_by_label("名称").fill("如果 <b> 更重")
    page.get_by_role("button", name="复制为文字").click()
    text = page.locator("textarea").input_value()
    scenario, issues = parse_scenario(client, text, "stdin")
    assert issues == ()
    basis = summarize_cycle(client, "2026-10").basis
    crossed = [line for line in compare(outcome(basis), outcome(basis, scenario)) if line.crossed]
    assert len(crossed) > 0
    page.locator(".kwi-moves summary").click()
    names = page.locator(".kwi-moves tr.kwi-crossed th").all_inner_texts()
    people = dict(zip(client.people["id"], client.people["name"], strict=True))
    assert set(names) == {people[line.person] for line in crossed}


def test_a_page_whose_data_python_would_not_agree_with_shows_nothing(opened):
    def forged(html):
        return re.sub(r'"agreed":\[(\d+)', lambda found: f'"agreed":[{int(found[1]) + 1}', html, count=1)

    page, *_ = opened("home-goods", change=forged, wait=".kwi-alarm")
    assert page.locator(".kwi-row").count() == 0


def test_client_text_never_runs_in_the_page(browser, workbook, tmp_path):
    from test_page import ATTACKS

    folder = workbook.client_data / "home-goods"
    lines = (folder / "people.csv").read_text("utf-8-sig").splitlines()
    for place, attack in zip(range(1, len(lines)), ATTACKS * 3, strict=False):
        cells = lines[place].split(",")
        plain = attack.replace("{{", "{").replace("}}", "}").replace("${", "{").replace('"', '""')
        cells[1] = f'"何{plain}何"'  # a bare blank of a template names nobody and is refused
        lines[place] = ",".join(cells)
    (folder / "people.csv").write_text("\n".join(lines), "utf-8")
    path = tmp_path / "page.html"
    path.write_text(whatif_page(workbook, load_client(folder), "2026-10"), "utf-8")
    page, _, said = visit(browser, path)
    page.wait_for_selector(".kwi-row button")
    page.locator(".kwi-row button").first.click()
    assert said == []
    assert "owned" not in page.title()


@pytest.mark.parametrize(("client", "width"), [("lumen-brand", 1366), ("home-goods", 1920), ("cloudboard", 390)])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(opened, client, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page, *_ = opened(client, width, change=lambda html: re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline' 'unsafe-eval'", html, count=1))  # fmt: skip
    page.locator(".kwi-row button").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    press(page, "PageUp", 2)
    page.wait_for_timeout(400)
    found = axe.Axe().run(page).response["violations"]
    serious = [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found if rule["impact"] in {"serious", "critical"}]  # fmt: skip
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


def test_the_team_report_holds_it_only_for_readers_who_may_see_it(browser, workbook, make_page, tmp_path):
    html, _ = make_page(workbook, "team", "home-goods")
    assert "kpi-what-if" not in html
    assert "script-src 'none'" in html
    file = workbook.client_data / "home-goods/client.toml"
    file.write_text(file.read_text("utf-8").replace("schema = 1", "schema = 1\nwhat_if = true", 1), "utf-8")
    html, _ = make_page(workbook, "team", "home-goods")
    path = tmp_path / "team.html"
    path.write_text(html, "utf-8")
    page, asked, said = visit(browser, path)
    page.wait_for_selector("#kpi-what-if .kwi-row button")
    assert page.locator("#kpi-what-if .kwi-kind").count() == 0  # the section has its title already
    press(page, "ArrowRight", 3)
    assert ([url for url in asked if not url.startswith("blob:")], said) == ([path.as_uri()], [])
    page.emulate_media(media="print")
    assert not page.locator("#kpi-what-if").is_visible()


def test_chromium_equals_python_over_500_random_designs(browser, tmp_path):
    made = cases(500, seed=88)
    solve = re.sub(r"^import .*\n", "", (ROOT / "tests/js/parity.mjs").read_text("utf-8"), flags=re.M)
    solve = solve.split("if (process.argv", maxsplit=1)[0].replace("export ", "")
    path = tmp_path / "parity.html"
    path.write_text(
        f'<!DOCTYPE html><script type="module">{live_script()}\n{solve}\nwindow.solve = solve;</script>', "utf-8"
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    until(page, "Boolean(window.solve)")
    lines = [{"data": data.to_json(), "moves": moves} for _, data, moves in made]
    answers = [page.evaluate("text => JSON.stringify(JSON.parse(text).map(solve))", json.dumps(lines[at : at + 50])) for at in range(0, 500, 50)]  # fmt: skip
    hold_equal(made, [answer for part in answers for answer in json.loads(part)])


# --- notebooks ----------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(command: list[str], port: int, folder: Path):
    """Run a server until the block ends; wait until it listens."""
    environment = os.environ | {"KPI_CLIENT": "lumen-brand", "KPI_WORKBOOK": str(folder), "JUPYTER_CONFIG_DIR": str(folder / ".jupyter")}  # fmt: skip
    log = folder / "server.log"
    with log.open("wb") as stream, subprocess.Popen(command, cwd=folder, env=environment, stdout=stream, stderr=stream) as server:  # fmt: skip
        try:
            for _ in range(240):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert server.poll() is None, log.read_text("utf-8")
                time.sleep(0.5)
            yield
        finally:
            end(server)


@pytest.fixture
def notebooks(workbook):
    (workbook.root / "notebooks").mkdir()
    source = (ROOT / "notebooks/30_what_if.ipynb").read_bytes()
    (workbook.root / "notebooks/30_what_if.ipynb").write_bytes(source)
    return workbook.root


def hold_a_session(page, folder):
    """Move a slider by keyboard, keep the scenario, compare it: the movers are those that Python finds."""
    page.wait_for_selector(".kwi-row button", timeout=120_000)
    page.wait_for_timeout(1500)
    before = page.locator(".kwi-list").inner_text()
    press(page, "ArrowRight", 25)
    until(page, f"document.querySelector('.kwi-list').innerText !== {json.dumps(before)}")
    page.get_by_label("名称", exact=True).fill("键盘试一试")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="保留这个测算方案").click()
    kept = folder / "client_data/lumen-brand/scenarios/jian-pan-shi-yi-shi.toml"
    for _ in range(100):
        if kept.is_file():
            break
        page.wait_for_timeout(200)
    client = load_client(folder / "client_data/lumen-brand")
    scenario, _ = parse_scenario(client, kept.read_bytes(), kept.name)
    basis = summarize_cycle(client, "2026-10").basis
    moved = compare(outcome(basis), outcome(basis, scenario))
    assert any(line.crossed for line in moved)
    page.get_by_role("tab", name="对照").click()
    page.get_by_role("button", name="对照").click()
    page.wait_for_selector(".kpi-moved tbody tr", timeout=60_000)
    names = page.locator(".kpi-moved tbody tr td:first-child").all_inner_texts()
    people = dict(zip(client.people["id"], client.people["name"], strict=True))
    assert names == [people[line.person] for line in moved]
    assert page.locator("figure.chart svg").count() == 1


def test_a_session_in_voila(browser, notebooks):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "voila",
        "notebooks/30_what_if.ipynb",
        "--no-browser",
        f"--port={port}",
        "--token=abc",
    ]
    with served(command, port, notebooks):
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/?token=abc", timeout=120_000)
        hold_a_session(page, notebooks)


def test_a_session_in_jupyterlab_where_arrow_keys_belong_to_the_sliders(browser, notebooks):
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--IdentityProvider.token=abc", f"--ServerApp.root_dir={notebooks}", "--allow-root", "--LabApp.news_url=None"]  # fmt: skip
    with served(command, port, notebooks):
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/30_what_if.ipynb?token=abc&reset", timeout=120_000)
        page.wait_for_selector(".jp-Notebook", timeout=120_000)
        page.wait_for_timeout(4000)
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.get_by_text("Run All Cells", exact=True).first.click()
        hold_a_session(page, notebooks)
