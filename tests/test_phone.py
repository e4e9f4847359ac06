"""Delivered pages on a phone of 390 pixels: the result is in sight, and what can be scrolled can be reached by keyboard."""

from __future__ import annotations

import pytest
from conftest import altered
from conftest import workbook as demo
from stress import STRESS, stress_workbook
from test_browser import browser, visit

from kpi_toolkit.pages.report import report_of
from kpi_toolkit.results.excerpt import Excerpt

pytestmark = [pytest.mark.slow, pytest.mark.browser]
browser, demo = browser, demo  # noqa: PLW0127 - fixtures that are shared
WIDTH = 390
ODD = {kind.name: kind for kind in STRESS}
TEAMS = [("home-goods", "zh"), ("cloudboard", "en"), ("lumen-brand", "en"), ("many", "zh"), ("twenty-indicators", "en"), ("crowd", "en"), ("wide-logo", "zh")]  # fmt: skip
IN_SIGHT = """element => {
  const box = element.getBoundingClientRect()
  return box.width > 0 && box.height > 0 && box.left >= -0.5 && box.right <= innerWidth + 0.5
}"""

AS_DRAWN = r"""() => {
  const drawn = [], cut = []
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
  for (let node; node = walk.nextNode();) {
    if (!node.data.trim() || node.parentElement.closest('svg,script,style') || !node.parentElement.offsetParent) continue
    const range = document.createRange()
    for (const word of node.data.matchAll(/[\d.,]*\d|\p{Script=Latin}+/gu)) {
      range.setStart(node, word.index)
      range.setEnd(node, word.index + word[0].length)
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) cut.push(word[0])
    }
    range.selectNodeContents(node)
    for (const box of range.getClientRects()) if (box.width > 1) drawn.push({ box, said: node.data.trim().slice(0, 30) })
  }
  drawn.sort((one, other) => one.box.top - other.box.top)
  const over = []
  for (const [place, { box, said }] of drawn.entries()) {
    for (const other of drawn.slice(place + 1)) {
      if (other.box.top > box.bottom) break
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
      const down = Math.min(box.bottom, other.box.bottom) - other.box.top
      if (across > 1.5 && down > 0.5 * Math.min(box.height, other.box.height)) over.push(`${said} × ${other.said}`)
    }
  }
  return { over, cut }
}"""
"""Which texts are printed over each other, and which numbers and words are cut between two lines."""


@pytest.fixture
def opened(browser, demo, make_page, tmp_path):
    """Return a factory: a page of an example or of an odd client at a phone's width."""

    def open_(kind, client, language, width=WIDTH, person=None):
        if client in ODD and not (demo.client_data / client).exists():
            stress_workbook(demo.root, ODD[client])
        html, _ = make_page(demo, kind, client, language=language, person=person)
        path = tmp_path / "page.html"
        path.write_text(altered(html, ("script-src 'none'", "script-src 'unsafe-inline' 'unsafe-eval'")), "utf-8")
        return visit(browser, path, width)[0]

    return open_


def in_sight(page, selector):
    """Return the texts of the elements that are wholly within the width of the screen."""
    return _texts(page, selector, IN_SIGHT)


def unseen(page, selector):
    """Return the texts of the elements that are not; a logo counts as one."""
    return _texts(page, selector, f"element => !({IN_SIGHT})(element)")


def _texts(page, selector, which):
    found = (
        f"[...document.querySelectorAll({selector!r})].filter({which}).map(e => e.alt === '' ? 'logo' : e.textContent)"
    )
    return [text for text in page.evaluate(found) if text]


@pytest.mark.parametrize(("client", "language"), TEAMS)
def test_score_and_tier_of_everyone_are_in_sight(opened, demo, client, language):
    page = opened("team", client, language)
    summary = report_of(demo, "team", client=client, language=language).subject
    people = Excerpt(summary).of(summary.ranking)  # everybody but in a very large team
    drawn = in_sight(page, "figure.chart svg.phone text")
    scores = [text for text in drawn if text in {str(line.score) for line in people}]
    assert len(scores) >= len(people)
    assert len([text for text in drawn if text in {"A", "B", "C"}]) >= len([line for line in people if line.tier])
    rows = page.locator("table.heat tbody tr").count()
    assert rows >= len(people)
    assert unseen(page, "table.heat td:nth-child(-n+3)") == []
    assert unseen(page, "table.sure td:nth-child(-n+3)") == []
    assert unseen(page, "figure.chart svg.phone text") == []
    assert page.evaluate(
        "[...document.querySelectorAll('svg.wide')].every(e => getComputedStyle(e).display === 'none')"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize(("client", "language"), TEAMS)
def test_the_form_shows_each_score_and_what_it_is(opened, client, language):
    page = opened("person", client, language)
    assert page.locator("table.form td.score").count() >= 4
    assert (
        unseen(page, "table.form td, .figure .value, .masthead h1, .masthead .who, .masthead .logo, svg.phone text")
        == []
    )
    labels = page.evaluate(
        "[...document.querySelectorAll('table.form tbody td[data-label]')].map(e => getComputedStyle(e, '::before').content)"
    )
    assert len(labels) >= 12
    assert all(len(label.strip('"')) > 1 and label != "none" for label in labels)
    crowded = "[...document.querySelectorAll('table.form td')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert page.evaluate(f"{crowded}.map(e => e.textContent)") == []
    whole = page.evaluate(
        "[...document.querySelectorAll('table.form tbody tr')].map(e => e.getBoundingClientRect().width)"
    )
    assert min(whole) > 0.8 * WIDTH, "each indicator is a card of the screen's width"
    wide = page.evaluate("[...document.querySelectorAll('table.form tbody td:nth-child(2)')].map(e => e.clientWidth)")
    assert min(wide) > 0.8 * WIDTH, "and what is to be done has a line of its own"
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize(("kind", "client", "language"), [
    ("design", "home-goods", "zh"), ("design", "home-goods", "en"), ("design", "cloudboard", "en"),
    ("team", "cloudboard", "en"), ("person", "cloudboard", "en"), ("team", "lumen-brand", "zh"),
])  # fmt: skip
def test_no_text_covers_another_and_no_number_or_word_is_cut(opened, kind, client, language):
    page = opened(kind, client, language)
    assert page.evaluate(AS_DRAWN) == {"over": [], "cut": []}
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


@pytest.mark.parametrize("kind", ["team", "person", "design"])
@pytest.mark.parametrize(("client", "language"), TEAMS[:4])
def test_what_can_be_scrolled_can_be_reached_by_keyboard(opened, kind, client, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(kind, client, language)
    found = axe.Axe().run(page).response["violations"]
    serious = [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
    assert serious == [], [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]
    boxes = page.locator(".scroll")
    for box in boxes.all()[:2]:
        box.focus()
        before = box.evaluate("e => e.scrollLeft")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(250)
        wide = box.evaluate("e => e.scrollWidth - e.clientWidth")
        assert wide <= 1 or box.evaluate("e => e.scrollLeft") > before
        assert box.get_attribute("aria-label")


@pytest.mark.parametrize(("client", "language"), TEAMS[:3])
def test_wide_screens_and_paper_show_the_wide_drawings_only(opened, client, language):
    page = opened("team", client, language, width=1366)
    display = "[...document.querySelectorAll('svg.%s')].map(e => getComputedStyle(e).display)"
    assert set(page.evaluate(display % "wide")) == {"block"}
    assert set(page.evaluate(display % "phone")) == {"none"}
    page.emulate_media(media="print")
    assert set(page.evaluate(display % "phone")) == {"none"}
