"""By notebooks alone, in a real browser: from an empty workbook to a scored month, a what-if and a design book."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date

import pytest
from openpyxl import Workbook as Sheet
from playwright.sync_api import sync_playwright
from test_door import served

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.scaffold import init_workbook
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAMES = {
    "en": ("Otter Kayaks", "otter-kayaks", ["Ann Bell", "Bo Dale", "Cy Eddy", "Di Ford", "Ed Gray", "Flo Hill"]),
    "zh": ("水獭皮艇", "shui-ta-pi-ting", ["安宁", "白露", "陈晨", "丁当", "方圆", "高山"]),
}
HEADS = {"en": ("Name", "Role", "Indicator", "Target", "Actual"), "zh": ("姓名", "岗位", "指标", "目标", "实际完成")}


class Lab:
    """JupyterLab in a browser: one notebook is in front, which is run as the start page says."""

    def __init__(self, page, address: str, words: Words) -> None:
        self.page, self.address, self.words = page, address, words
        self.known: set[str] = set()

    @property
    def front(self):
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def open(self, name: str) -> None:
        self.page.get_by_role("tab", name="START.md").click()  # the page that every notebook is opened from
        self.run(name, self.page.locator(f".jp-RenderedMarkdown a[href*='{name}']").click)

    def run(self, name: str, opened: Callable[[], object]) -> None:
        """Open a notebook and press the double arrow; wait until its first cell was run and nothing runs."""
        again = name in self.known
        if again:  # its tab comes to the front, with the kernel that it has
            opened()
            self.page.get_by_role("tab", name=f"{name}.ipynb", selected=True).wait_for()
        else:
            with self.page.expect_websocket(lambda socket: "/channels" in socket.url):
                opened()
        self.known.add(name)
        idle = self.front.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first
        idle.wait_for(state="attached")  # until there is a kernel JupyterLab forgets what it was asked
        self.front.locator("[data-command='notebook:restart-run-all']").click()
        if again:
            self.front.locator(".jp-InputPrompt", has_text="[*]:").first.wait_for()
        self.front.locator(".jp-InputPrompt", has_text="[1]:").wait_for()
        idle.wait_for(state="attached")

    def press(self, said: str) -> None:
        self.front.get_by_role("button", name=said, exact=True).first.click()

    def says(self, said: str) -> None:
        self.front.get_by_text(said).first.wait_for()

    def follow(self, name: str) -> None:
        """Follow a link that an answer gives to another notebook, and run that."""
        title = self.words.section("welcome")["notebook"][name]["title"]
        self.run(name, self.front.get_by_role("link", name=title, exact=True).last.click)

    def bring(self, path, kind: str) -> None:
        """Choose what to import and a file, and import it once nothing is asked any more."""
        chosen = self.front.get_by_label(self.words("import_form.what"))
        chosen.select_option(self.words(f"import_form.{kind}"))
        with self.page.expect_file_chooser() as asked:
            self.front.get_by_role("button", name=self.words("import_form.files")).click()
        asked.value.set_files(path)
        self.press(self.words("import_form.write"))
        self.says(self.words("import.written", files="client_data").rstrip("."))


def sheet(path, rows) -> None:
    book = Sheet()
    for row in rows:
        book.active.append(row)
    book.save(path)


@contextmanager
def lab(root, language: str, chromium: str):
    with served(root, "--lang", language, "start", "--no-browser") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(60000)
        yield Lab(page, url, Words(language, Workbook(root)))
        browser.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_an_empty_workbook_to_a_scored_month_a_what_if_and_a_book_by_notebooks_alone(tmp_path, chromium, language):
    init_workbook(tmp_path, language=language)
    name, client, people = NAMES[language]
    month = Cycle.around(date.today(), "month")  # noqa: DTZ011 - as the notebooks look
    with lab(tmp_path, language, chromium) as at:
        at.page.goto(at.address)
        at.run("00_start", at.page.locator(".jp-RenderedMarkdown a[href*='00_start']").click)
        at.front.locator("input[type=text]").first.fill(name)
        at.press(at.words("start_form.create"))
        at.says(at.words("start_form.made", client=name).partition("[")[0])
        assert name in (tmp_path / "START.md").read_text("utf-8")

        at.follow("42_design_book")  # before its first month: the design as it is
        named = at.words.cycle(month)
        at.says(at.words("opening.design", cycle=named))
        assert at.front.locator("[role=alert]").count() == 0

        at.open("20_month")
        at.press(at.words("opening.open", cycle=named))
        at.says(max(re.split(r"\[\w+\]", at.words("by_hand.no-people")), key=len))
        at.follow("15_import")
        design = load_client(tmp_path / "client_data" / client).design
        roles = [*design.roles.values()][-1:] * len(people)
        heads, show = HEADS[language], at.words.show
        sheet(
            tmp_path / "staff.xlsx",
            [heads[:2], *([who, show(role.name)] for who, role in zip(people, roles, strict=True))],
        )
        at.bring(tmp_path / "staff.xlsx", "people")
        at.follow("20_month")
        at.press(at.words("opening.open", cycle=named))
        at.says(at.words("opening.opened", cycle=named, client=name, people=6, n=6 * len(roles[0].indicators))[:20])
        assert named in at.front.locator("table").first.inner_text()

        at.open("30_what_if")  # no figures yet: said, with the way on
        at.follow("15_import")
        rows = [
            [who, show(role.name), show(item.name), 100, 70 + 4 * place + n]
            for place, (who, role) in enumerate(zip(people, roles, strict=True)) for n, item in enumerate(role.indicators)
        ]  # fmt: skip
        sheet(tmp_path / f"{month.id}.xlsx", [heads, *rows])
        at.bring(tmp_path / f"{month.id}.xlsx", "actuals")
        at.follow("30_what_if")
        at.front.locator(".kwi input[type=range]").first.wait_for()
        at.says(people[-1])
    value = load_client(tmp_path / "client_data" / client)
    assert value.cycles == (month.id,)
    assert [line.rank for line in summarize_cycle(value, month.id).ranking] == [1, 2, 3, 4, 5, 6]
