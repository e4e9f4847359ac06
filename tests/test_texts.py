"""What delivered pages and messages say: nothing that only a machine understands, nothing that its neighbour denies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest
from conftest import ROOT, SECTIONS
from openpyxl import load_workbook
from texts import HAN, pages_of, said, stress_client, walk, without_charts

from kpi_toolkit.batch.index import write_index
from kpi_toolkit.batch.manifest import Delivered, write_manifest
from kpi_toolkit.batch.planning import Refusal
from kpi_toolkit.batch.run import Run
from kpi_toolkit.clients.client import input_hashes, load_client
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook, shipped_checks
from kpi_toolkit.live.design import DesignWorkbook, open_design
from kpi_toolkit.live.panels import desk_panel
from kpi_toolkit.live.start import start_form
from kpi_toolkit.live.whatif import open_what_if
from kpi_toolkit.method.calendar import Entry
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.value import LANGUAGES, Word
from kpi_toolkit.pages.dates import dates_of
from kpi_toolkit.pages.gallery import SHELVES, gallery
from kpi_toolkit.pages.report import Report
from kpi_toolkit.pages.whatif_page import live_data
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle

CHECKS = shipped_checks()
CODES = "|".join(sorted((code for code in CHECKS if "-" in code), key=len, reverse=True))
MACHINE = re.compile(
    r"built-in|object at 0x|\bzh=|\bNone\b|\bTrue\b|\bFalse\b|[{}]|\bDecimal\b|\b[SXY]\d{2,3}\b|\d{3}_[0-9a-f]{16}"
    r"|\b[a-z]+(?:_[a-z0-9]+)+\b|(?<![\w-])(?:" + CODES + r")(?![\w-])"
)
"""A row of the method's catalogue, a seed file, a code, a value of a file, a Python object: no reader's words."""
WORDS = {language: Words(language, Workbook(ROOT)) for language in LANGUAGES}
HOUSE = {"kpi_toolkit"}
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]+")
NAMES_OF_THINGS = re.compile(
    r"\b(?:Zhou|Sackett|Shen|Beatty|Salgado|Moscoso|Sturman|Lahdelma|Salminen|Tervonen|Figueira|Corrente|Greco|Kadziński|Słowiński"
    r"|Mosier|Kelley|Livingston|Lewis|Goldstein|Spiegelhalter|Collins|Morris|CFR)\b"  # whom a source is by
    r"|\b[A-Z][A-Z0-9]+s?\b|\b[\w/-]+\.(?:toml|csv|svg|ics)\b|\bkpi_toolkit\b|\bExcel\b|SHA-256|\b[0-9a-f]{12,16}\b"
)
"""Abbreviations, files by their names and their hashes: the same in every language."""


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Workbook:
    """Return a workbook with a client that uses everything, beside the examples."""
    return stress_client(tmp_path_factory.mktemp("texts"))


@pytest.fixture(scope="module")
def pages(book) -> Callable[[str], dict[str, tuple[Report, dict[str, tuple[Any, ...]]]]]:
    """Return a factory: a client's reports by page, each with the pieces of its sections, made once."""

    @cache
    def made(client: str) -> dict[str, tuple[Report, dict[str, tuple[Any, ...]]]]:
        workbook = book if client == "stress" else Workbook(ROOT)
        return {
            page: (report, {name: tuple(report.section(name).pieces) for name in SECTIONS[report.kind]})
            for page, report in pages_of(workbook, client)
        }

    return made


def spoken(report: Report, sections: Mapping[str, Iterable[Any]]) -> Iterator[tuple[str, str]]:
    """Go through the sections of a report and what each says."""
    data = report.page().data
    yield (
        "title",
        " ".join(data[key] for key in ("title", "client", "cycle", "head", "foot", "mark", "who", "contents")),
    )
    for name, pieces in sections.items():
        yield name, " ".join(map(said, pieces))


def data_of(folder: Path) -> str:
    """Return what a client's own files say, where a word of the other language is the client's."""
    tables = "\n".join(path.read_text("utf-8-sig") for path in folder.rglob("*.csv"))
    texts = "\n".join(
        match for path in folder.rglob("*.toml") for match in re.findall(r'= *"([^"]*)"', path.read_text("utf-8"))
        if not re.fullmatch(r"[a-z_-]+", match)
    )  # fmt: skip
    return tables + texts


def foreign(text: str, language: str, own: str) -> list[str]:
    """Return the words of the other language that a page has of its own."""
    if language == "en":
        return [run for run in re.findall(r"[\u4e00-\u9fff]+", text) if run not in own]
    return [word for word in LATIN.findall(NAMES_OF_THINGS.sub(" ", text)) if word not in own]


CLIENTS = ["stress", "home-goods", "cloudboard", pytest.param("lumen-brand", marks=pytest.mark.slow)]


@pytest.mark.parametrize("client", CLIENTS)
def test_no_page_says_what_only_a_machine_or_the_other_language_understands(book, pages, client):
    own = data_of((book if client == "stress" else Workbook(ROOT)).client_folder(client))
    faults = []
    for page, (report, sections) in pages(client).items():
        language = page[-2:]
        for section, text in spoken(report, sections):
            if section != "whatif" and (dates := re.findall(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}", text)):
                faults.append(f"{page} {section}: {dates} is no date as a reader writes it")
            own_data = HOUSE if section in {"trail", "method", "moves"} else set()
            found = [hit for hit in MACHINE.findall(text) if hit not in own_data and hit not in own]
            if section != "whatif":  # words of both sides in a script's data
                found += foreign(text, language, own)
            faults += [f"{page} {section}: {hit}" for hit in dict.fromkeys(found)]
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shelf", SHELVES)
def test_no_card_of_the_gallery_shows_what_only_a_machine_understands(book, monkeypatch, shelf, language):
    monkeypatch.setenv("KPI_WORKBOOK", str(book.root))
    text = said(re.sub(r"<code>[^<]*</code>", "", gallery(shelf, language)._repr_html_()))
    assert [hit for hit in MACHINE.findall(text) if not re.fullmatch(r"[SXY]\d{2,3}|\d{3}_[0-9a-f]{16}", hit)] == []
    if language == "en":
        assert not HAN.findall(text)


@pytest.mark.parametrize("pseudonyms", [False, True])
def test_the_words_of_the_what_if_page_are_a_readers(book, pseudonyms):
    client = load_client(book.client_folder("stress"))
    data = live_data(summarize_cycle(client, "2026-10"), book, {}, pseudonyms=pseudonyms)
    for language in LANGUAGES:
        forms = [list(said.values()) if isinstance(said, dict) else [said] for said in data["words"][language].values()]
        text = re.sub(r"\{\w+\}|kpi whatif .* -", "", "\n".join(form for all_forms in forms for form in all_forms))
        assert not MACHINE.findall(text)
        assert not foreign(text, language, "")
        assert all(person["name"] for person in data["session"]["people"])


def test_the_index_says_what_failed_in_words(workbook):
    folder = workbook.reports / "home-goods" / "2026-10"
    files = [
        Delivered(path, report, person, name, "zh", write_file(folder / path, path), len(path))
        for path, report, person, name in (
            ("team.zh.html", "team", None, ""), ("people/zhou-hao.zh.pdf", "person", "zhou-hao", "周浩"),
            ("whatif.html", "whatif", None, ""), ("notebooks/team.zh.ipynb", "team", None, ""),
        )
    ]  # fmt: skip
    client = load_client(workbook.client_folder("home-goods"))
    write_manifest(folder, client, "2026-10", files, input_hashes(client, "2026-10"))
    refusal = Refusal("acme", Issues([error("blank-cycle", Place("cycles/2026-10/actuals.csv"))]))
    page = write_index(workbook, Run(refusals=(refusal,))).read_text("utf-8")
    text = said(page.partition("<body")[2])
    assert "This cycle has no values yet." in text
    assert not [hit for hit in MACHINE.findall(text) if hit not in HOUSE]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", ["plan", "appraise", "talk"])
def test_no_excel_form_says_what_only_a_machine_or_the_other_language_understands(
    kpi, workbook, tmp_path, phase, language
):
    own = data_of(workbook.client_folder("home-goods"))
    given = ("--phase", phase, "--language", language, "--person", "周浩", "--to", str(tmp_path))
    assert kpi("forms", "home-goods", "2026-10", *given)[0] == 0
    for path in tmp_path.glob("*.xlsx"):
        book = load_workbook(path)
        prompts = [rule for sheet in book for rule in sheet.data_validations.dataValidation]
        told = [text for rule in prompts for text in (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error)]
        cells = [
            cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
        ]
        said = [text for text in (*cells, *filter(None, told)) if not re.match("=|.* / 2026-10 / ", text)]
        assert [hit for text in said for hit in MACHINE.findall(text) if hit not in own] == []
        assert [word for text in said for word in foreign(text, language, own + "周浩王琳")] == []
        assert all(len(re.findall("[(（]", text)) == len(re.findall("[)）]", text)) for text in said), "a cut sentence"


@pytest.mark.parametrize("code", CHECKS)
def test_a_message_is_words_and_leaves_nothing_unfilled(code):
    for language in LANGUAGES:
        words = WORDS[language]
        texts = [CHECKS[code][language][part] for part in ("message", "fix")]
        places = {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
        issue = Issue(code, "warning", values={name: Word("tier.top") for name in places})
        message, fix = words.message(issue), words.remedy(issue)
        assert not re.search(r"\{\w+\}", message + fix)
        if language == "zh":
            bare = NAMES_OF_THINGS.sub(" ", message)
            assert not [word for word in LATIN.findall(bare) if not _TYPED.fullmatch(word)]
            assert not re.search(
                r"[\u4e00-\u9fff][,;:!?]|[,;:!?(][\u4e00-\u9fff]", message + re.sub(r"--\w+ .*|dask:.*", "", fix)
            )
        else:
            assert not HAN.search(message + fix)


_TYPED = re.compile(
    r"true|false|import|compare|adopt|kpi|render|take|from|cycle|all|people|client|data|reports|head|kB|xls|Strict|Open"
)  # the last three: what Excel calls its formats
"""What somebody typed or has to type."""


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_multiplied_on_a_form_gives_what_is_printed(pages, client, language):
    """62.4 × 50 % does not stand under 31.18: a product is printed with the decimals it needs, or marked as moved."""
    products = moved = 0
    for page, (report, sections) in pages(client).items():
        if report.kind != "person" or page[-2:] != language:
            continue
        html = without_charts(sections["form"])
        for cell in html.select("table.form tbody td.num:last-child"):
            printed = next((span for span in cell.find_all("span") if "×" in span.text), None)
            if printed is None:
                continue
            score, share, mark = re.fullmatch(r"([\d.,]+) × ([\d.]+)%( \*)?", printed.text).groups()
            exact = Decimal(score.replace(",", "")) * Decimal(share) / 100
            points = Decimal(cell.contents[0].strip())
            assert abs(exact - points) <= (Decimal("0.015") if mark else Decimal("0.005")), (page, cell.text)
            products, moved = products + 1, moved + bool(mark)
        assert ("0.01" in html.find_all("p", class_="note")[0].text) == ("*" in html.find("table", class_="form").text)
    assert (products > 0) == (client != "stress")  # with a team's share in the score no product is printed
    assert moved * 5 <= products


def test_what_is_lost_adds_up_to_what_is_missing(pages):
    """The points of a rule stand among the gaps, and so does what the four largest leave out."""
    text = without_charts(pages("home-goods")["wang-lin.en"][1]["growth"]).get_text(" ", strip=True)
    assert "Plus and minus points by rule cost 1.00 points of the total" in text
    assert "In all 8.33 points: 100 − 8.33 = 91.67." in text
    for report, sections in pages("cloudboard").values():
        if report.kind == "person" and report.words.language == "en":
            gaps = without_charts(sections["growth"]).find(id="gaps").find_parent("div")
            listed = re.findall(r"([\d.]+) points of the total", gaps.text)
            assert sum(map(Decimal, listed)) == report.person.lost


@pytest.mark.parametrize(
    ("cycle", "language", "note"),
    [
        ("2026-02", "en", "Day off (substituted from 14 Feb 2026)"), ("2026-02", "zh", "休息日（由2026年2月14日调休）"),
        ("2026-10", "en", "National Day"),
    ],
)  # fmt: skip
def test_a_holiday_is_dated_as_the_page_is(cycle, language, note):
    workbook, words = Workbook(ROOT), WORDS[language]
    client = load_client(workbook.client_folder("home-goods"))
    dates = dates_of(client.profile, client.design, Cycle.parse(cycle))
    off = {"2026-02": date(2026, 2, 20), "2026-10": date(2026, 10, 1)}[cycle]
    assert note in dates.note(Entry(off, off, "checkpoint"), words)


def test_a_persons_page_says_for_whom_it_is(pages):
    """What the client prints under the team's report is not printed under a sheet that the person signs."""
    feet = {
        page: " · ".join(report.page().data[key] for key in ("foot", "mark"))
        for page, (report, _) in pages("stress").items()
    }
    assert feet["team.zh"] == "机密 · 仅供管理层 · 草稿"
    assert feet["design.zh"] == "机密 · 仅供管理层 · 方案第 3 版 · 尚未议定，草案"
    assert feet["p01.zh"] == "仅供张伟（推广一组）本人及其直接上级使用 · 草稿"
    assert feet["p03.zh"] == "仅供李㛃本人及其直接上级张伟（推广一组）使用 · 草稿"
    assert feet["p03.en"] == "For 李㛃 and 张伟 (推广一组) (direct superior) only · Draft"
    assert not [page for page, foot in feet.items() if page.startswith("p") and "管理层" in foot]


def control_texts(control: Any) -> Iterator[str]:
    """Go through what a reader meets in a form: labels, choices, texts; keys of files stand in ``<code>``."""
    yield from (text for name in ("description", "tooltip") if isinstance(text := getattr(control, name, None), str))
    if isinstance(control, widgets.HTML):
        yield said(re.sub(r"<code>.*?</code>", "", control.value))
    if isinstance(control, DesignWorkbook):
        yield from (
            re.sub(r"\{\w+\}", "", text)
            for said in control.view.words.values()
            for text in ([said] if isinstance(said, str) else said.values())
        )
        for form in control.form.forms.values():
            for _, node in walk(form.root):
                yield from (node[key] for key in ("label", "help") if key in node)
                yield from (label for _, label in node.get("choices", ()))
    for option in getattr(control, "options", None) or ():
        yield str(option[0] if isinstance(option, tuple) else option)
    yield from getattr(control, "titles", None) or ()
    for child in getattr(control, "children", ()):
        yield from control_texts(child)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["start", "design", "what-if"])
def test_no_form_of_a_notebook_says_what_only_a_machine_understands(workbook, monkeypatch, form, language):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    made = {
        "start": lambda: start_form(language).box,
        "design": lambda: open_design("home-goods", language=language),
        "what-if": lambda: desk_panel(open_what_if(client="home-goods", language=language)),
    }[form]()
    text = "\n".join(control_texts(made)).replace(WORDS["zh"].traits.name, "")  # a language by its own name
    assert len(text) > 200
    assert not MACHINE.findall(text)
    if language == "en":
        assert not foreign(text, language, data_of(workbook.client_folder("home-goods")))
