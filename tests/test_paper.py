"""The printed page as a reader sees it: nothing overprinted, no beginning left alone at a foot, logos in their place."""

from __future__ import annotations

import ctypes
import io
import re
from functools import cache, partial

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, page_of
from paper import overprinted, plain, printed, problems
from stress import ITEMS, NAMES, STRESS, Stress, stress_workbook

from kpi_toolkit.pages import pdf
from kpi_toolkit.pages.fitting import figure_size, heads, text_width, wrapped
from kpi_toolkit.pages.fonts import font_css
from kpi_toolkit.pages.page import SMALL_TABLE, together, unbroken
from kpi_toolkit.pages.report import report_of

pytest.importorskip("plutoprint", reason="PlutoPrint has no wheel for this platform")
DEMO = [
    (kind, client, language)
    for client, languages in (("home-goods", ["zh"]), ("cloudboard", ["en"]), ("lumen-brand", ["zh", "en"]))
    for language in languages
    for kind in ("team", "person", "design")
]
ODD = {kind.name: kind for kind in STRESS}
EVERY = [
    (kind, name, language)
    for name, odd in ODD.items()
    for language in ("zh", "en")
    for kind in ("team", "person", "design")
    if kind != "person" or odd.scores != "none"
]
GOLD = (201, 163, 106)  # the colour of the odd logos


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Return the odd clients in a workbook that nobody changes."""
    return stress_workbook(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def odd_page(odd):
    """Return a factory of their pages, each made once."""
    return cache(partial(page_of, odd))


@pytest.fixture(scope="module")
def paper(odd_page, example_page):
    """Return a factory: a report of an example or of an odd client, as HTML and as it is printed."""

    @cache
    def make(kind, client, language):
        html, page = (odd_page if client in ODD else example_page)(kind, client, language=language)
        return html, pdf.print_pdf(html, title=page["title"], language=language, made=page["date"])

    return make


@pytest.mark.parametrize(
    "case",
    [
        ("team", "lumen-brand", "en"),
        ("team", "home-goods", "zh"),
        ("team", "equal", "en"),
        ("person", "many", "en"),
        ("person", "cloudboard", "en"),
        ("results", "lumen-brand", "zh"),
    ],
    ids="-".join,
)
def test_nothing_is_overprinted_and_no_beginning_stands_alone(paper, case):
    assert problems(*paper(*case)) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", DEMO + EVERY, ids="-".join)
def test_every_page_of_the_examples_and_of_odd_clients_is_in_order(paper, case):
    html, data = paper(*case)
    assert problems(html, data) == []
    assert not re.search(r"[^\d]0 / 0 / 0", BeautifulSoup(html, "html.parser").main.get_text())


def one_table(before, rows, boxed):
    """Return a page of a table after so many lines, as one runs into a page's foot."""
    body = "".join(f"<p>x{n}</p>" for n in range(before)) + "<h3>HEADING</h3><p>LEAD</p>"
    body += "<table><caption>CAPTION</caption><thead><tr><th>HEAD</th></tr></thead><tbody>"
    body = f"<section>{body}{''.join(f'<tr><td>row{n}</td></tr>' for n in range(rows))}</tbody></table></section>"
    style = re.sub(r"\{\{.*?\}\}|\{#.*?#\}", "#222", (ROOT / "templates/report/style.css.j2").read_text("utf-8"))
    faces = font_css("HEADINGLEADCAPTIONrowx0123456789", "HEADINGCAPTION")  # no font of the machine
    style = f"{faces}@page{{size:A4;margin:21mm}}{style}.kpi p,.kpi h3{{margin:0}}"
    html = f'<html><head><style>{style}</style></head><body class="kpi"><main>{boxed(body)}</main></body></html>'
    return html, pdf.print_pdf(html, title="t", language="en", made="2026-10-31")


@pytest.mark.parametrize("rows", [1, SMALL_TABLE, SMALL_TABLE + 1, 60])
def test_a_table_of_six_rows_is_never_in_two_and_a_longer_one_begins_with_rows(rows):
    whole = "".join(f"row{n}" for n in range(rows if rows <= SMALL_TABLE else 2))
    for before in range(36, 52):
        html, data = one_table(before, rows, together)
        flat = [plain("".join(run.text for run in runs)) for runs in printed(data)]
        assert any(f"HEADINGLEADCAPTIONHEAD{whole}" in sheet for sheet in flat), before
        assert problems(html, data) == [], before


def test_the_check_sees_what_a_reader_sees_where_nothing_is_kept_together():
    """The engine as it is: it prints a table's head twice over, and leaves heading, caption and head alone."""
    found = " ".join(what for before in range(36, 52) for what in problems(*one_table(before, 3, lambda body: body)))
    assert "'HEAD' over 'HEAD'" in found
    assert "ends with the heading HEADING" in found
    assert "ends with the heading CAPTION" in found
    assert "ends with the beginning HEAD" in found
    assert "table in two, or its head alone" in found


def test_the_same_page_is_printed_the_same_twice(odd, odd_page, make_page):
    once, twice = odd_page("team", "eight", language="zh"), make_page(odd, "team", "eight", language="zh")
    assert once[0] == twice[0]
    first, second = (pdf.print_pdf(html, title="t", language="zh", made="2026-10-31") for html, _ in (once, twice))
    assert first == second


def gold_box(data):
    """Return width and height in millimetres of what is drawn on the first page in the logo's colour."""
    page = pypdfium2.PdfDocument(io.BytesIO(data))[0]
    boxes = []
    for item in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=8):
        colour = [ctypes.c_uint() for _ in range(4)]
        pdfium.FPDFPageObj_GetFillColor(item, *colour)
        if tuple(part.value for part in colour[:3]) == GOLD:
            boxes.append(item.get_bounds())
    assert boxes, "the logo is not there"
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return (max(rights) - min(lefts)) * 25.4 / 72, (max(tops) - min(bottoms)) * 25.4 / 72


@pytest.mark.parametrize("client", ["wide-logo", "tall-logo"])
@pytest.mark.parametrize(("kind", "most"), [("team", (60, 18)), ("design", (60, 18)), ("person", (36, 12))])
def test_a_logo_of_any_shape_stays_in_its_box_and_leaves_title_and_name(paper, client, kind, most):
    html, data = paper(kind, client, "en")
    width, height = gold_box(data)
    assert width <= most[0] + 0.3
    assert height <= most[1] + 0.3
    assert max(width / most[0], height / most[1]) > 0.7
    first = printed(data)[0]
    text = plain("".join(run.text for run in first))
    soup = BeautifulSoup(html, "html.parser")
    assert plain(soup.h1.get_text()) in text
    if kind == "person":
        assert plain(soup.select_one(".who").get_text()) in text
    title = max(run.box[3] - run.box[1] for run in first if run.serif)
    assert title > (20 if kind != "person" else 12), "the page was scaled down"
    assert overprinted(first) == []


@pytest.mark.parametrize(
    ("count", "length", "named", "decimals", "tables"),
    [(1, 60, True, 1, 1), (3, 40, True, 1, 1), (7, 14, True, 1, 1), (7, 40, False, 1, 1), (8, 9, False, 1, 1), (14, 60, False, 0, 1), (15, 9, False, 1, 2), (29, 9, False, 1, 3)],
)  # fmt: skip
def test_columns_are_headed_by_a_rule_for_their_count(count, length, named, decimals, tables):
    plan = heads([("published posts " * 9)[:length]] * count)
    assert (plan.named, plan.decimals, len(plan.groups)) == (named, decimals, tables)
    assert [place for group in plan.groups for place in group] == list(range(count))


@pytest.mark.slow
@pytest.mark.parametrize("client", ["eight", "many", "twenty-indicators"])
def test_every_score_of_a_wide_table_stands_apart_and_each_number_has_its_key(odd_page, client):
    soup = BeautifulSoup(odd_page("team", client, language="en")[0], "html.parser")
    tables = soup.select("table.heat")
    assert len(tables) == (2 if client == "twenty-indicators" else 1)
    numbers = [cell.get_text() for table in tables for cell in table.select("thead .nr")]
    assert numbers == [str(n + 1) for n in range(ODD[client].indicators)]
    keys = [key.get_text(" ", strip=True) for key in soup.select(".legend.key .key")]
    assert [key.split(" ")[0] for key in keys] == numbers
    assert all(ITEMS["en"][n % 4] in key for n, key in enumerate(keys))
    for table in tables:
        for row in table.select("tbody tr"):
            cells = row.find_all("td")
            assert re.fullmatch(r"\d+\.\d\d", cells[1].get_text())
            assert cells[2].select_one(".tier")


def test_a_whole_number_of_a_wide_table_never_rounds_up_to_a_full_score(tmp_path, make_page):
    demo = stress_workbook(tmp_path, Stress("near", people=6, indicators=12))
    table = demo.client_folder("near") / "cycles" / "2026-10" / "actuals.csv"
    head, *rows = table.read_text("utf-8").splitlines()
    changed = [re.sub(r"(i03|i04),\d+", lambda m: f"{m[1]},{'99.9' if m[1] == 'i03' else '100'}", row) for row in rows]
    table.write_text("\n".join([head, *changed]) + "\n", "utf-8")
    soup = BeautifulSoup(make_page(demo, "team", "near", language="en")[0], "html.parser")
    for row in soup.select("table.heat tbody tr"):
        cells = row.find_all("td")
        assert (cells[3 + 3].get_text(), cells[3 + 4].get_text()) == ("99", "100")


@pytest.mark.slow
@pytest.mark.parametrize("client", ["eight", "many"])
def test_no_name_is_cut_in_a_chart(odd, odd_page, client):
    soup = BeautifulSoup(odd_page("team", client, language="zh")[0], "html.parser")
    for drawing in soup.select("figure.chart svg"):
        assert "…" not in drawing.get_text()
    for size in ("wide", "phone"):
        shown = plain("".join(text.get_text() for svg in soup.select(f"svg.{size}") for text in svg.find_all("text")))
        people = report_of(odd, "team", client=client, language="zh").subject.ranking
        assert [line.name for line in people if plain(line.name) not in shown] == []


@pytest.mark.parametrize("name", [name for names in NAMES.values() for name in names] + ["司马" * 20, "a" * 70])
def test_a_wrapped_name_is_whole_and_fits(name):
    lines = wrapped(name, 110)
    assert plain("".join(lines)) == plain(name)
    assert all(text_width(line) <= 110 for line in lines)
    assert not any(line.startswith("·") for line in lines)


@pytest.mark.slow
def test_key_figures_fit_their_tiles(paper):
    for values in (["86.12", "27 / 600", "40 / 140 / 20"], ["85.1", "1,120 / 11,200", "1,000 / 3,500 / 500"]):
        size = float(figure_size(*values).removesuffix("pt"))
        assert max(text_width(value, size * 4 / 3) for value in values) <= 142.5
    assert figure_size("86.12", "2 / 9 / 1") == "20pt"
    _, data = paper("team", "crowd", "zh")
    page = printed(data)[1]
    mean = next(run for run in page if run.text == "86.12" and run.box[3] - run.box[1] > 8)
    row = sorted((run for run in page if abs(run.box[1] - mean.box[1]) < 2), key=lambda run: run.box[0])
    assert "".join(run.text for run in row) == "86.1227/60040/140/200.01"
    assert row[-1].text == "0.01"
    assert row[-1].box[0] - row[-2].box[2] > 8


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("何思远 10.64，戴维·奥康纳 11.54", ["何思远 10.64，", "戴维·奥康纳", "11.54"]),
        ("阿卜杜热合曼·买买提艾力·吐尔逊江", ["阿卜杜热合曼·", "买买提艾力·", "吐尔逊江"]),
        ("−1,204.5 points on 2026-10-31.", ["−1,204.5", "2026-10-31."]),
        ("83.5% of v1.2.3", ["83.5%"]),
        ("第 12 条", []),
    ],
)
def test_a_number_a_date_and_a_name_stay_in_one_line(text, lines):
    html = unbroken(f"<p>{text}</p>")
    soup = BeautifulSoup(html, "html.parser")
    assert [part.get_text() for part in soup.select(".nb")] == lines
    assert soup.get_text().replace("\xa0", " ") == text
    assert (
        unbroken(f'<svg><text>{text}</text></svg><a title="{text}"></a>')
        == f'<svg><text>{text}</text></svg><a title="{text}"></a>'
    )


@pytest.mark.parametrize(("client", "language"), [("lumen-brand", "zh"), ("many", "en"), ("crowd", "zh")])
def test_no_printed_line_ends_within_a_number_or_before_a_names_dot(paper, client, language):
    _, data = paper("team", client, language)
    for page in pypdfium2.PdfDocument(io.BytesIO(data)):
        text = page.get_textpage().get_text_range().replace("\r", "")
        assert re.findall(r"\d\.\n\d(?!\s*roles)", text) == []
        if client != "many":  # its charts set the dot in another font, which the reading of a line takes apart
            assert re.findall(r"[\u3400-\u9fff]\n·", text) == []


@pytest.mark.parametrize("shares", [(0.9955, 0.0045, 0.0), (0.0042, 0.9913, 0.0045), (0.5, 0.5, 0.0), (0.3, 0.3, 0.4)])
def test_no_bar_has_a_negative_width(examples, shares):
    report = report_of(examples, "team", client="home-goods")
    template = report._environment.from_string(
        '{% import "report/parts.html.j2" as part with context %}{{ part.strip(shares, 0.5) }}'
    )
    html = template.render(report._context, shares=shares)
    widths = [float(width) for width in re.findall(r'width="([-\d.]+)"', html)]
    assert widths
    assert all(width > 0 for width in widths)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_data_no_legend_stands_without_its_chart(odd_page, language):
    soup = BeautifulSoup(odd_page("team", "no-data", language=language)[0], "html.parser")
    for legend in soup.select("p.legend"):
        assert legend.find_next(["figure", "table"]) in legend.parent.find_all(["figure", "table"])
    assert not soup.select("figure.chart")
    assert not soup.select("p.legend")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize(("client", "language"), [("lumen-brand", "en"), ("home-goods", "zh")])
def test_a_readers_own_print_keeps_the_cover_on_one_page(example_page, chromium, monkeypatch, client, language):
    monkeypatch.setenv("KPI_CHROMIUM", chromium)
    html, _ = example_page("team", client, language=language)
    pages = printed(pdf._chromium(html))
    cover = BeautifulSoup(html, "html.parser").select_one(".cover")
    texts = [plain("".join(run.text for run in runs)) for runs in pages]
    assert all(plain(part.get_text()) in texts[0] for part in cover.select("h1, .of, .foot"))
    heading = plain(BeautifulSoup(html, "html.parser").h2.get_text())
    assert heading in texts[1]


def test_a_cell_full_of_long_names_is_broken_between_them_and_shrinks_no_page():
    """An engine that sees no place to break makes the table as wide as all its names, and the whole page smaller."""
    name = "阿卜杜拉·买买提·艾力·库尔班江"

    def height(names):
        cells = f"<td>{'字' * 40}</td><td>{'，'.join([name] * names)}</td>"
        html = together(f"<table><thead><tr><th>甲</th><th>乙</th></tr></thead><tbody><tr>{cells}</tr></tbody></table>")
        page = f"<html><style>{font_css(name + '字甲乙，', '')}body{{font-family:Noto Sans SC}}.nb{{white-space:nowrap}}</style>"
        made = pdf.print_pdf(f'{page}<body class="kpi"><main>{html}</main></body></html>', title="", language="zh", made="2026-10-31")  # fmt: skip
        _, bottom, _, top = pypdfium2.PdfDocument(made)[0].get_textpage().get_charbox(0)
        return round(top - bottom, 1)

    assert height(9) == height(1) > 0
    assert unbroken(f"<p>{name}，李四·王五，</p>").count("<wbr>") == 5
