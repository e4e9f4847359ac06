"""The PDF: A4, cover, running head, page x of y, outline, language, our fonts embedded, text that can be searched."""

from __future__ import annotations

import base64
import http.server
import io
import re
import threading
from contextlib import contextmanager
from functools import cache

import pytest
from conftest import altered
from pypdf import PdfReader

from kpi_toolkit.pages import pdf

pytest.importorskip("plutoprint", reason="PlutoPrint has no wheel for this platform")
REPORTS = [
    ("team", "home-goods", "zh", None),
    ("team", "lumen-brand", "en", None),
    ("team", "lumen-brand", "zh", None),
    ("person", "cloudboard", "en", "m-schoenfeldt"),
]


@contextmanager
def only_fonts_of_the_page(folder):
    """Point fontconfig at an empty folder: what is printed can only come from the page."""
    (folder / "fonts.conf").write_text("<fontconfig></fontconfig>", "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FONTCONFIG_FILE", str(folder / "fonts.conf"))
        patched.setenv("FONTCONFIG_PATH", str(folder))
        yield


@pytest.fixture
def no_system_fonts(tmp_path):
    with only_fonts_of_the_page(tmp_path):
        yield


@pytest.fixture(scope="module")
def printed(example_page, tmp_path_factory):
    """Return a factory: a report of an example as it is printed, once."""
    folder = tmp_path_factory.mktemp("fonts")

    @cache
    def make(kind, client, language, person):
        html, page = example_page(kind, client, language=language, person=person)
        with only_fonts_of_the_page(folder):
            data = pdf.print_pdf(html, title=page["title"], language=page["tag"], made=page["date"])
        return PdfReader(io.BytesIO(data)), page, data

    return make


@pytest.mark.parametrize("case", REPORTS, ids=lambda case: "-".join(filter(None, case)))
def test_a_report_on_paper(printed, case):
    reader, page, _ = printed(*case)
    kind, _, language, _ = case
    for sheet in reader.pages:
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (595, 842)
    assert reader.metadata.title == page["title"]
    assert reader.trailer["/Root"]["/Lang"] == {"zh": "zh-CN", "en": "en"}[language]
    texts = [sheet.extract_text() for sheet in reader.pages]
    body = texts[1:] if kind == "team" else texts
    for number, text in enumerate(body, start=1):
        flat = re.sub(r"\s+", "", text)
        assert re.sub(r"\s+", "", page["head"]) in flat
        assert re.sub(r"\s+", "", page["cycle"]) in flat
        assert f"{number}/{len(body)}" in flat
    if kind == "team":
        assert re.sub(r"\s+", "", page["client"]) in re.sub(r"\s+", "", texts[0])
        assert "1 / " not in texts[0]
    assert not re.search(r"[\u2e80-\u2fdf\ufffd]", "".join(texts))


@pytest.mark.parametrize("case", REPORTS[:2], ids=lambda case: "-".join(filter(None, case)))
def test_only_our_fonts_and_all_of_them_embedded(printed, case):
    reader, *_ = printed(*case)
    fonts = {}
    for sheet in reader.pages:
        for font in sheet["/Resources"].get("/Font", {}).values():
            whole = font.get_object()
            inner = whole["/DescendantFonts"][0].get_object() if "/DescendantFonts" in whole else whole
            described = inner["/FontDescriptor"]
            fonts[str(whole["/BaseFont"]).split("+")[-1]] = any(f"/FontFile{n}" in described for n in ("", "2", "3"))
    assert fonts
    assert all(fonts.values())
    assert all(re.match(r"/?(Inter|NotoSansSC|NotoSerifSC)", name) for name in fonts), fonts


def test_the_outline_leads_to_the_headings(printed):
    reader, *_ = printed(*REPORTS[0])
    found = {}

    def walk(items):
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                found[item.title] = reader.get_destination_page_number(item)

    walk(reader.outline)
    assert list(found)[:3] == ["1 人进入前段，1 人需制定改进计划", "排名与得分构成", "档位界线如何划定"]
    for title, number in found.items():
        assert re.sub(r"\s", "", title) in re.sub(r"\s", "", reader.pages[number].extract_text())


def test_table_heads_come_again_and_rows_stay_whole(no_system_fonts):
    """A table of a hundred two-line rows over several pages."""
    rows = "".join(f"<tr><td>row{n}a<br>row{n}b</td><td>{n}</td></tr>" for n in range(100))
    style = "@page{size:A4;margin:20mm}thead{display:table-header-group}tr{break-inside:avoid}"
    html = f'<html lang="en"><head><style>{style}</style></head><body class="kpi"><main><table><thead><tr><th>HEADWORD</th><th>n</th></tr></thead><tbody>{rows}</tbody></table></main></body></html>'
    from kpi_toolkit.pages.fonts import font_css

    css = font_css("abcdefghijklmnopqrstuvwxyzHEADWORD0123456789", "")
    html = altered(html, ("<style>", f"<style>{css}td,th{{font-family:Inter}}"))
    reader = PdfReader(io.BytesIO(pdf.print_pdf(html, title="t", language="en", made="2026-10-31")))
    texts = [sheet.extract_text() for sheet in reader.pages]
    assert len(texts) > 2
    assert all("HEADWORD" in text for text in texts)
    for n in range(100):
        assert [f"row{n}a" in text.split() for text in texts] == [f"row{n}b" in text.split() for text in texts]


def test_the_same_page_gives_the_same_pdf(example_page):
    html, page = example_page("person", "home-goods", person="liu-kai")
    twice = [pdf.print_pdf(html, title=page["title"], language="zh", made=page["date"]) for _ in range(2)]
    assert twice[0] == twice[1]


def test_the_person_report_has_the_form_what_comes_next_the_talk_and_the_plan_on_four_or_five_pages(printed):
    """S160: the form to sign is one sheet, and so is the plan; between them what comes next and the talk."""
    pages = [page.extract_text() for page in printed("person", "home-goods", "zh", "wang-lin")[0].pages]
    assert len(pages) in {4, 5}


def test_without_an_engine_the_reason_and_the_remedy_are_told(monkeypatch):
    monkeypatch.setattr(pdf, "ENGINES", {name: ((lambda: False), write) for name, (_, write) in pdf.ENGINES.items()})
    with pytest.raises(pdf.NoEngineError, match="install PlutoPrint or WeasyPrint"):
        pdf.print_pdf("<html></html>", title="", language="en", made="2026-10-31")


@pytest.mark.parametrize(
    ("named", "there", "found"),
    [("", ["msedge", "chrome"], "chrome"), ("mine", ["chromium", "mine"], "mine"), ("gone", ["chromium"], "chromium"), ("", [], None)],
)  # fmt: skip
def test_pages_are_printed_by_the_browser_that_is_named_else_the_first_that_is_there(monkeypatch, named, there, found):
    monkeypatch.delenv("KPI_CHROMIUM", raising=False)
    if named:
        monkeypatch.setenv("KPI_CHROMIUM", named)
    monkeypatch.setattr(pdf.shutil, "which", {name: name for name in there}.get)
    assert pdf._chromium_program() == found


@pytest.mark.slow
@pytest.mark.browser
def test_chromium_takes_over_where_there_is_no_plutoprint(workbook, make_page, chromium, monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", chromium)
    html, page = make_page(workbook, "team", "home-goods")
    data = pdf.print_pdf(html, title=page["title"], language="zh", made=page["date"], engine="chromium")
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) >= 4
    assert "欧阳若曦" in "".join(sheet.extract_text() for sheet in reader.pages)


def test_long_words_never_shrink_the_page(workbook, make_page, no_system_fonts):
    """An engine scales everything down to the widest table; so no table may be wider than the page."""
    import plutoprint

    folder = workbook.client_data / "cloudboard"
    design = (folder / "design.toml").read_text("utf-8")
    design = altered(
        design, ('en = "Site visits"', 'en = "Original long-form and short posts published on the agreed platforms"')
    )
    (folder / "design.toml").write_text(
        altered(design, ('en = "Network promotion"', 'en = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"')),
        "utf-8",
    )
    people = (folder / "people.csv").read_text("utf-8-sig")
    people = altered(
        people,
        ("James Mercer", "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren"),
        ("Leo Tanaka", "卢卡斯·费尔南德斯·达席尔瓦·德·奥利维拉"),
    )
    (folder / "people.csv").write_text(people, "utf-8")
    for kind in ("team", "person", "design"):
        html, _ = make_page(workbook, kind, "cloudboard", person="j-mercer" if kind == "person" else None)
        book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
        book.load_html(altered(html, ('<body class="kpi">', '<body class="kpi only-body">')), base_url=pdf.BASE)
        text_width = (210 - 2 * 20) * 96 / 25.4
        assert book.get_document_width() <= text_width + 1, kind


@pytest.mark.parametrize("engine", ["plutoprint", "weasyprint"])
def test_an_engine_fetches_nothing_neither_from_the_network_nor_from_the_disk(tmp_path, engine):
    pytest.importorskip(engine)
    asked = []

    class Asked(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    (tmp_path / "x.png").write_bytes(picture)
    inside = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    with http.server.HTTPServer(("127.0.0.1", 0), Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        made = [
            pdf.ENGINES[engine][1](
                f'<html><head><link rel="stylesheet" href="{base}/style"></head><body><img src="{base}/picture">'
                f'<p style="background:url({base}/back)">words</p><img src="{source}"></body></html>'
            )
            for source in (inside, (tmp_path / "x.png").as_uri())
        ]
        server.shutdown()
    pictures = [sum(len(page.images) for page in PdfReader(io.BytesIO(data)).pages) for data in made]
    assert (pictures, asked) == ([1, 0], [])
