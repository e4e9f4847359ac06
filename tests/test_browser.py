"""What a reader's browser does with a delivered page, its network cut."""

from __future__ import annotations

import pytest
from conftest import altered, need
from hostile import plant

from kpi_toolkit.batch.render import render

pytestmark = [pytest.mark.slow, pytest.mark.browser]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
PAGES = [("team", "home-goods", "zh"), ("team", "cloudboard", "en"), ("team", "lumen-brand", "zh"), ("team", "lumen-brand", "en"), ("person", "cloudboard", "en"), ("person", "home-goods", "zh"), ("design", "home-goods", "zh"), ("design", "cloudboard", "en")]  # fmt: skip


@pytest.fixture
def browser(chromium):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def visit(browser, path, width=1280, locale="en-GB"):
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, locale=locale)
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return page, [url for url in asked if not url.startswith("data:")], said


@pytest.mark.parametrize(("kind", "client", "language"), PAGES)
def test_V30_a_page_opens_whole_with_the_network_cut(browser, workbook, make_page, tmp_path, kind, client, language):
    html, _ = make_page(workbook, kind, client, language=language)
    path = tmp_path / "page.html"
    path.write_text(html, "utf-8")
    for width in (1280, 390):
        page, asked, said = visit(browser, path, width)
        assert asked == [path.as_uri()]
        assert said == []
        assert page.evaluate("[...document.fonts].filter(f => f.status === 'error').length") == 0
        face = "Noto Sans SC" if language == "zh" else "Inter"
        assert page.evaluate(f"document.fonts.check('12px \"{face}\"')")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 1, f"{overflow} px too wide at {width}"
        clipped = page.evaluate(
            "[...document.querySelectorAll('.figure .value')].filter(e => e.scrollWidth > e.parentElement.clientWidth + 1).length"
        )
        assert clipped == 0


RUNS = (
    "</script><script>owned=1</script><img src=x onerror=owned=1><svg onload=alert(1)><iframe src=javascript:alert(1)></iframe>"
    "<a href=javascript:owned=1>x</a><link rel=stylesheet href=//x.example/a.css><object data=//x.example/b></object>"
)
"""What a browser would run, ask for or open if it were anything but text."""


@pytest.mark.parametrize("kind", ["person", "team"])
def test_V18_a_browser_runs_asks_for_and_opens_nothing_that_a_client_wrote(
    browser, workbook, make_page, tmp_path, kind
):
    plant(workbook, RUNS)
    html, _ = make_page(workbook, kind, "home-goods", person="ouyang-ruoxi" if kind == "person" else None)
    path = tmp_path / "page.html"
    path.write_text(html, "utf-8")
    page, asked, said = visit(browser, path)
    opened = []
    page.on("dialog", lambda dialog: opened.append(dialog.message) or dialog.dismiss())
    for link in page.locator("main a:visible").all():
        link.click()
    assert page.evaluate("typeof owned") == "undefined"
    assert (asked, said, opened) == ([path.as_uri()], [], [])
    assert page.locator("main").text_content().count(RUNS) > 3  # as it was typed, in several places


def test_the_index_opens_whole_with_the_network_cut(browser, workbook):
    render(workbook, [])
    path = workbook.reports / "index.html"
    _, asked, said = visit(browser, path)
    assert asked == [path.as_uri()]
    assert said == []


def test_the_index_is_searched_with_the_network_cut(browser, workbook, monkeypatch):
    from kpi_toolkit.batch.manifest import Delivered, write_manifest
    from kpi_toolkit.clients.client import input_hashes, load_client
    from kpi_toolkit.clients.storage import write_file

    for client, who in (("home-goods", "王琳"), ("cloudboard", "A. Novak")):
        folder = workbook.reports / client / "2026-10"
        files = []
        for path, report, person in (
            ("team.zh.html", "team", None), ("team.en.html", "team", None), ("people/p.zh.html", "person", "p"),
            ("whatif.html", "whatif", None),
        ):  # fmt: skip
            digest = write_file(folder / path, path)
            language = "en" if ".en." in path else "zh"
            files.append(Delivered(path, report, person, who if person else "", language, digest, len(path)))
        value = load_client(workbook.client_data / client)
        write_manifest(folder, value, "2026-10", files, input_hashes(value, "2026-10"))
    (workbook.client_data / "lumen-brand" / "people.csv").unlink()
    assert not render(workbook, ["lumen-brand"]).ok
    page, asked, said = visit(browser, workbook.reports / "index.html")
    page.fill("#filter", "novak")
    shown = page.locator("[data-client]:visible")
    assert [client.get_attribute("data-client") for client in shown.all()] == ["cloudboard"]
    assert page.locator("details[open]").count() == 1
    assert page.locator(".person:visible").count() == 1
    assert [kind.inner_text() for kind in page.locator(".kind:visible").all()] == ["Team", "What-if"]
    assert page.locator("#found").inner_text() == "1 / 2"
    assert page.locator(".failed").is_visible()
    page.fill("#filter", "cloudboard 2026-10 p")
    assert [client.get_attribute("data-client") for client in shown.all()] == ["cloudboard"]
    page.fill("#filter", "home-goods")
    assert [client.get_attribute("data-client") for client in shown.all()] == ["home-goods"]
    page.fill("#filter", "")
    assert shown.count() == 2
    assert len(asked) == 1
    assert said == []
    for locale, language, other in (("en-GB", "en", "zh"), ("zh-CN", "zh", "en")):  # the reader's language comes first
        page = visit(browser, workbook.reports / "index.html", 390, locale)[0]
        team = page.locator("[data-client=home-goods] .report").first
        first, then = (team.locator(f"[data-in={name}]").bounding_box() for name in (language, other))
        assert (first["y"], first["x"]) < (then["y"], then["x"])
        assert page.locator("a[href*=whatif]").first.get_attribute("href").endswith(f"whatif.html#{language}")
        name = page.locator("[data-client=home-goods] th").bounding_box()
        assert name["width"] > 300  # a phone's width, not a quarter of it


def test_client_text_never_runs(browser, workbook, make_page, tmp_path):
    from test_page import ATTACKS

    folder = workbook.client_data / "home-goods"
    names = iter(ATTACKS * 2)
    lines = (folder / "people.csv").read_text("utf-8-sig").splitlines()
    for place, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        plain = next(names).replace("{{", "{").replace("}}", "}").replace("${", "{").replace('"', '""')
        cells[1] = f'"何{plain}何"'  # a bare blank of a template names nobody and is refused
        lines[place] = ",".join(cells)
    (folder / "people.csv").write_text("\n".join(lines), "utf-8")
    path = tmp_path / "page.html"
    html, _ = make_page(workbook, "team", "home-goods")
    path.write_text(html, "utf-8")
    page, asked, said = visit(browser, path)
    assert asked == [path.as_uri()]
    assert said == []
    assert "owned" not in page.title()


def test_axe_finds_nothing_serious(browser, workbook, make_page, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    need(axe, "axe-playwright-python")
    for kind, client, language in PAGES[:2] + PAGES[4:]:
        html, _ = make_page(workbook, kind, client, language=language)
        # axe itself is a script; the page's own policy would refuse it.
        path = tmp_path / "page.html"
        path.write_text(altered(html, ("script-src 'none'", "script-src 'unsafe-inline' 'unsafe-eval'")), "utf-8")
        page, _, _ = visit(browser, path)
        found = axe.Axe().run(page).response["violations"]
        serious = [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
        assert serious == [], [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]
