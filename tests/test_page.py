"""A page is whole and harmless: nothing is loaded, client text stays text, every glyph is there, no number is lost."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from conftest import SECTIONS
from hostile import ATTACKS, plant

from kpi_toolkit import open_report
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.pages.charts import CHARTS, draw_chart
from kpi_toolkit.pages.drawing import ChartError, draw
from kpi_toolkit.pages.fonts import font_css, missing_glyphs
from kpi_toolkit.pages.kinds import MEASURING
from kpi_toolkit.pages.page import PageError, ReportExporter, css_text, margins
from kpi_toolkit.pages.ranking import contributions
from kpi_toolkit.pages.report import data_uri, report_of
from kpi_toolkit.results.summary import summarize_cycle

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
    "script-src 'none'"
)
REPORTS = [
    ("team", "home-goods", "zh"),
    ("team", "cloudboard", "en"),
    ("team", "lumen-brand", "en"),
    ("person", "home-goods", "zh"),
]


@pytest.mark.parametrize(("kind", "client", "language"), REPORTS)
def test_a_page_loads_nothing_and_says_so_first(example_page, kind, client, language):
    html, _ = example_page(kind, client, language=language)
    head = BeautifulSoup(html, "html.parser").head
    first = head.find(True)
    assert (first.name, first.get("http-equiv"), first.get("content")) == ("meta", "Content-Security-Policy", CSP)
    assert "<script" not in html.lower()
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"'](?!data:|#)", html)
    assert not re.search(r"url\((?!data:|#)", html)
    assert "@import" not in html
    assert {"nan", "inf", "None", "undefined"}.isdisjoint(
        re.findall(r"\b\w+\b", BeautifulSoup(html, "html.parser").main.get_text(" "))
    )


@pytest.mark.parametrize(("kind", "client", "language"), REPORTS)
def test_a_page_has_language_title_headings_captions_and_unique_ids(example_page, kind, client, language):
    html, page = example_page(kind, client, language=language)
    soup = BeautifulSoup(html, "html.parser")
    assert soup.html["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    assert soup.title.get_text() == page["title"]
    assert len(soup.find_all("main")) == len(soup.find_all("h1")) == 1
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for figure in soup.find_all("figure"):
        assert figure["aria-label"]
        assert figure.find("svg")
    for table in soup.find_all("table", class_="heat"):
        assert table.find("tr", class_="title").get_text(strip=True)
        assert all(cell.get("scope") for cell in table.find_all("th"))
    for link in soup.nav.find_all("a") if soup.nav else []:
        assert soup.find(id=link["href"][1:])


def test_no_chinese_stands_in_an_english_page_but_names(example_page):
    html, page = example_page("team", "cloudboard", language="en")
    assert not re.findall(r"[\u4e00-\u9fff]", BeautifulSoup(html, "html.parser").get_text() + page["title"])
    assert page["missing_glyphs"] == ()


@pytest.mark.parametrize("client", ["home-goods", "lumen-brand"])
def test_every_official_score_and_every_name_is_on_the_page(workbook, example_page, client):
    text = BeautifulSoup(example_page("team", client)[0], "html.parser").get_text("\n")
    summary = summarize_cycle(load_client(workbook.client_data / client), "2026-10")
    for line in summary.people:
        assert line.name in text
        assert str(line.score) in text


def test_S146_S157_S160_the_form_has_six_columns_the_total_two_times_and_four_signatures(workbook, example_page):
    soup = BeautifulSoup(example_page("person", "home-goods", person="wang-lin")[0], "html.parser")
    form = soup.find("table", class_="form")
    assert [cell.get_text().replace("\n", "") for cell in form.thead.find_all("th")] == [
        "目标项目及完成时间", "项目完成程度描述（具体、量化、可考核）", "计划得分", "自考核完成情况", "考核人考核完成情况", "考核得分",
    ]  # fmt: skip
    signs = [
        cell.get_text(strip=True)
        for cell in soup.find("table", class_="sign").find_all("td")
        if cell.get_text(strip=True)
    ]
    assert [text for text in signs if "时间" in text] == ["计划交流时间：2026年9月30日", "考核交流时间："]
    assert len([text for text in signs if "签字" in text]) == 4
    line = summarize_cycle(load_client(workbook.client_data / "home-goods"), "2026-10").person("wang-lin")
    for sub in form.find_all(class_="sub"):
        sub.decompose()
    printed = [Decimal(row.find_all("td")[-1].get_text().replace("−", "-")) for row in form.tbody.find_all("tr")]
    assert sum(printed) == line.score == Decimal(form.tfoot.find_all("td")[-1].get_text())
    assert form.tfoot.td.get_text() == "100"


def test_the_form_is_the_same_in_english(example_page):
    soup = BeautifulSoup(example_page("person", "cloudboard", person="r-silva")[0], "html.parser")
    assert [cell.get_text().replace("\n", " ") for cell in soup.find("table", class_="form").thead.find_all("th")] == [
        "Goal item and finish time", "Completion standard (specific, quantified, assessable)", "Planned points",
        "Self-appraised completion", "Appraiser's view of completion", "Appraisal score",
    ]  # fmt: skip


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "nav", "a", "section", "div", "h1", "h2", "h3", "p", "b", "br", "span",
    "wbr", "i", "img", "ol", "ul", "li", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "colgroup", "col", "figure", "svg", "g", "path", "rect",
    "line", "circle", "text", "tspan", "defs", "clippath",
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize(
    ("kind", "attack"),
    [
        pytest.param(kind, attack, marks=[pytest.mark.slow] if place else [])
        for kind in ("team", "person", "design") for place, attack in enumerate((" ".join(ATTACKS), *ATTACKS))
    ],
)  # fmt: skip
def test_V18_client_text_is_data_wherever_it_stands(workbook, make_page, attack, kind):
    """Names, teams, notes, reasons, goals, indicator names, the client's name and footer: shown as they were written."""
    plant(workbook, attack)
    html, _ = make_page(workbook, kind, "home-goods", person="ouyang-ruoxi" if kind == "person" else None)
    tags = Tags()
    tags.feed(html)
    assert tags.found <= ALLOWED, tags.found - ALLOWED
    for name, value in tags.attributes:
        assert not name.startswith("on"), name
        assert not value.lstrip().lower().startswith("javascript:")
    text = BeautifulSoup(html, "html.parser").main.get_text()
    assert attack in text


def test_the_running_head_cannot_leave_its_string():
    assert css_text('"}</style><script>\n\\') == '"\\22 }\\3c /style\\3e \\3c script\\3e \\a \\5c "'


def test_a_chart_element_that_is_not_allowed_is_refused():
    spec = {
        "data": {"values": [{"u": "data:image/png;base64,AAAA"}]},
        "mark": {"type": "image"},
        "encoding": {"url": {"field": "u"}},
    }
    with pytest.raises(ChartError, match="image is not allowed"):
        draw(spec, prefix="c1")


def test_ids_of_two_charts_never_meet():
    spec = {
        "data": {"values": [{"x": 1}]},
        "mark": {"type": "bar", "clip": True},
        "encoding": {"x": {"field": "x", "type": "quantitative"}},
    }
    found = [set(re.findall(r'id="([^"]+)"', draw(spec, prefix=prefix))) for prefix in ("c1", "c2")]
    assert found[0]
    assert not found[0] & found[1]


def test_a_glyph_that_no_font_has_is_named():
    assert missing_glyphs("名字\U0001f600ok\U0001f600") == ("\U0001f600",)


def test_only_asked_characters_are_in_the_fonts_so_no_radical_can_be():
    import base64

    import uharfbuzz as hb

    css = font_css("一网角 Abc", "一")
    data = re.findall(r"base64,([A-Za-z0-9+/=]+)", css)
    assert len(data) == 4
    faces = [set(hb.Face(hb.Blob(base64.b64decode(part))).unicodes) for part in data]
    assert set().union(*faces) == {ord(char) for char in "一网角 Abc"}


def test_charts_are_measured_with_the_widths_that_pages_show_in_one_face_that_needs_no_other():
    import uharfbuzz as hb
    from fontTools.ttLib import TTFont

    from kpi_toolkit.pages.fonts import FACES, characters, measuring_faces, subset

    def widths(data: bytes, text: str) -> list[float]:
        face = hb.Face(hb.Blob(data))
        font = hb.Font(face)
        return [font.get_glyph_h_advance(font.get_nominal_glyph(ord(char))) / face.upem for char in text]

    latin, han = [face for face in FACES if face.latin], FACES[2]
    made = measuring_faces()
    assert made == measuring_faces()
    for face, data in zip(latin, made, strict=True):
        font = TTFont(io.BytesIO(data))
        assert font["name"].getBestFamilyName() == MEASURING
        assert characters(face) | characters(han) == set(font.getBestCmap())
        assert widths(data, "Wi 018,.%") == widths(subset(face, "Wi 018,.%"), "Wi 018,.%")
        assert widths(data, "网店！ㄅ") == pytest.approx(widths(subset(han, "网店！ㄅ"), "网店！ㄅ"), abs=1e-3)


def test_a_wrong_template_of_a_section_is_named_with_its_line(workbook):
    path = workbook.root / "templates/report/sections/notes.html.j2"
    path.parent.mkdir(parents=True)
    for text, message in (("\n{% if %}", "line 2 cannot be used: Expected"), ("{{ nope }}", "'nope' is undefined")):
        path.write_text(text, "utf-8")
        report = report_of(workbook, "team", client="home-goods")
        with pytest.raises(WorkbookError, match=re.escape("templates/report/sections/notes.html.j2") + ".*" + message):
            report.section("notes")


def test_a_fault_of_our_own_template_is_not_put_on_the_workbook(workbook):
    report = report_of(workbook, "team", client="home-goods")
    del report._context["summary"]
    with pytest.raises(WorkbookError) as caught:
        report.section("notes")
    assert caught.value.issue.code == "our-template"
    assert caught.value.issue.values["file"].startswith("templates/report/sections/notes.html.j2, line ")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="puts a font where Linux looks for a user's own")
def test_a_chart_does_not_depend_on_the_fonts_of_the_machine(tmp_path):
    from fontTools.ttLib import TTFont

    from kpi_toolkit.pages.fonts import FACES, subset

    other = TTFont(io.BytesIO(subset(FACES[0], "abcdefghijklmnopqrstuvwxyz 0123456789")))
    for name, (width, bearing) in other["hmtx"].metrics.items():
        other["hmtx"][name] = (2 * width, bearing)
    (tmp_path / "with" / ".fonts").mkdir(parents=True)
    (tmp_path / "without").mkdir()
    other.save(tmp_path / "with" / ".fonts" / "Inter-Regular.ttf")
    code = (
        "from kpi_toolkit.pages.scene import FONT\nfrom kpi_toolkit.pages.drawing import draw\n"
        "rows = [{'name': 'a long name of a person 网店', 'value': 3}]\n"
        "spec = {'data': {'values': rows}, 'mark': 'bar', 'config': {'font': FONT}, 'encoding': {\n"
        "    'x': {'field': 'value', 'type': 'quantitative'}, 'y': {'field': 'name', 'type': 'nominal'}}}\n"
        "print(draw(spec, prefix='c'))\n"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True,
            env=os.environ | {"HOME": str(tmp_path / home), "PYTHONUTF8": "1"},
        ).stdout
        for home in ("with", "without")
    ]  # fmt: skip
    assert drawn[0] == drawn[1]
    assert "KPI Measure" not in drawn[0]
    assert "Inter, Noto Sans SC" in drawn[0]


def test_a_notebook_that_was_not_run_to_its_end_is_no_page():
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell("1", execution_count=1), new_code_cell("2")]
    with pytest.raises(PageError, match="code cell 2 of 2 was not run"):
        ReportExporter().from_notebook_node(new_notebook(cells=cells))
    with pytest.raises(PageError, match=r"report\.page\(\) exactly once"):
        ReportExporter().from_notebook_node(new_notebook(cells=cells[:1]))


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("team", {"client": "home-godds"}, "Did you mean home-goods"), ("team", {"client": ""}, "not said which client"),
        ("team", {"client": "home-goods", "language": "fr"}, "no language fr"), ("tem", {"client": "home-goods"}, "no report tem"),
        ("person", {"client": "home-goods", "person": "wang-li"}, "Did you mean wang-lin"),
    ],
)  # fmt: skip
def test_a_mistyped_name_is_answered_with_the_nearest(workbook, monkeypatch, kind, options, message):
    from kpi_toolkit.pages.report import open_report

    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    monkeypatch.delenv("KPI_CLIENT", raising=False)
    with pytest.raises(WorkbookError, match=message):
        open_report(kind, **({"cycle": "", "language": ""} | options))


def test_an_unknown_section_is_answered_with_the_nearest(workbook, monkeypatch):
    from kpi_toolkit.pages.report import open_report

    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    report = open_report("team", client="home-goods", cycle="", language="")
    with pytest.raises(KeyError, match="did you mean 'headline'"):
        report.section("headlin")


def test_a_new_section_costs_a_template_and_no_code(workbook, monkeypatch):
    from kpi_toolkit.pages.report import open_report

    own = workbook.root / "templates/report/sections/thanks.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text("<p>{{ summary.people | length }} {{ show(profile.name) }}</p>{{ chart('trend') }}", "utf-8")
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    pieces = open_report("team", client="home-goods", cycle="", language="zh").section("thanks").pieces
    assert pieces[0] == "<p>8 栖木家居网店有限公司</p>"
    assert pieces[1]["description"]


def test_a_tailored_section_cannot_reach_into_the_machine(workbook, monkeypatch):
    own = workbook.root / "templates/report/sections/bad.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text("{{ report.__class__.__mro__ }}", "utf-8")
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    with pytest.raises(WorkbookError, match="'__class__' of 'Report' object is unsafe"):
        open_report("team", client="home-goods", cycle="", language="zh").section("bad")


@pytest.mark.parametrize("people", [1, 3, 60])
def test_a_report_of_any_size_is_made(workbook, make_page, people):
    folder = workbook.client_data / "home-goods"
    names = [f"p{n}" for n in range(people)]
    (folder / "people.csv").write_text(
        "id,name,role\n" + "".join(f"{n},{n},technical-support\n" for n in names), "utf-8"
    )
    cycle = folder / "cycles/2026-10"
    for other in (folder / "cycles").iterdir():
        (other / "goals.csv").unlink()
        (other / "adjustments.csv").unlink()
        (other / "cascade.csv").unlink(missing_ok=True)
        (other / "actuals.csv").write_text("person,indicator,actual\n", "utf-8")
    rows = "".join(
        f"{n},{item},{70 + k % 30}\n"
        for k, n in enumerate(names)
        for item in ("task-completion", "safe-running", "response-time")
    )
    (cycle / "actuals.csv").write_text("person,indicator,actual\n" + rows, "utf-8")
    html, _ = make_page(workbook, "team", "home-goods")
    assert html.count("<figure") >= (1 if people == 1 else 2)


def test_a_report_with_no_data_at_all_says_so(workbook, make_page):
    (workbook.client_data / "home-goods/cycles/2026-10/actuals.csv").write_text("person,indicator,actual\n", "utf-8")
    (workbook.client_data / "home-goods/cycles/2026-10/adjustments.csv").unlink()
    html, _ = make_page(workbook, "team", "home-goods")
    assert "本期没有可计分的数据" in html


def test_every_section_is_in_a_notebook():
    from conftest import ROOT

    shown = "".join(
        (ROOT / "notebooks" / name).read_text("utf-8") for name in ("40_team_report.ipynb", "41_person_report.ipynb")
    )
    for name in (*SECTIONS["team"], *SECTIONS["person"]):
        assert f'report.section(\\"{name}\\")' in shown


def test_the_same_text_gives_the_same_fonts_at_any_time(monkeypatch):
    import time

    before = font_css("Abc 0123", "")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4000)
    assert font_css("Abc 0123", "") == before


@pytest.mark.parametrize(
    ("whom", "mark", "foot"),
    [
        ("For Ann", "Closed, record 3 · 0f", "For Ann · Closed, record 3 · 0f"),
        (
            "For Maximiliane and Anna Novak (direct superior)" + "." * 60,
            "Draft",
            "For Maximiliane and Anna Novak (direct superior)" + "." * 60 + "\nDraft",
        ),
        ("For " + "Ann " * 30, "Draft", "For " + "Ann " * 25 + "Ann…\nDraft"),
        ("仅供" + "林" * 70, "已关闭，记录 3 · 0f", None),
        ("", "Draft", "Draft"),
    ],
)
def test_a_foot_says_who_may_read_and_the_records_mark_in_two_lines_where_one_is_too_short(whom, mark, foot):
    made = margins({"head": "h" * 200, "cycle": "October 2026", "foot": whom, "mark": mark})
    assert foot is None or made["foot"] == foot
    assert made["foot"].endswith(mark)
    assert max(len(line.replace("林", "林林")) for line in made["foot"].split("\n")) <= 109
    assert (len(made["head"]), made["cycle"]) == (85, "October 2026")


def test_whoever_has_no_score_gets_a_form_that_says_so(workbook, make_page):
    path = workbook.client_data / "home-goods/cycles/2026-10/actuals.csv"
    kept = [line for line in path.read_text("utf-8-sig").splitlines() if not line.startswith("wang-lin,")]
    path.write_text("\n".join(kept), "utf-8")
    html, _ = make_page(workbook, "person", "home-goods", person="wang-lin")
    assert "没有得分" in html


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_chart_is_valid_vega_lite_and_the_same_when_nothing_is_validated(workbook, monkeypatch, name):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    scene = open_report("team", client="home-goods", cycle="2026-10", language="zh").scene
    drawn = draw_chart(name, scene)
    assert draw_chart(name, scene, validate=True) == drawn
    left = [mark["encoding"]["x"]["value"] for mark in left_columns(drawn)]
    assert not left or min(left) == 0, "names begin at the edge"


@pytest.mark.parametrize(("language", "label"), [("en", "mean {}"), ("zh", "平均 {}")])
def test_how_scores_lie_is_drawn_with_a_dot_for_everybody_and_the_mean_as_the_page_prints_it(
    examples, monkeypatch, language, label
):  # fmt: skip
    monkeypatch.setenv("KPI_WORKBOOK", str(examples.root))
    scene = open_report("team", client="home-goods", cycle="2026-10", language=language).scene
    drawn, scores = draw_chart("distribution", scene), [line.score for line in scene.summary.ranking]
    rows = [row for data in drawn["datasets"].values() for row in data]
    assert sorted(row["x"] for row in rows if "label" not in row) == sorted(map(float, scores))
    (mean,) = [row for row in rows if "label" in row]
    assert mean["label"] == label.format((sum(scores) / len(scores)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def test_the_bars_of_a_ranking_end_where_what_was_earned_ends_and_an_outline_leads_on_to_the_score(
    workbook, monkeypatch
):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    scene = open_report("team", client="lumen-brand", cycle="2026-10", language="en").scene
    rows = list(contributions(scene).to_dict()["datasets"].values())
    bars = [row for table in rows for row in table if "class" in row and "x2" in row]
    outlined = sorted((row["x"], row["x2"]) for table in rows for row in table if "x2" in row and "class" not in row)
    people = [line for line in scene.summary.ranking if line.score is not None]
    earned = {
        line.id: float(sum(item.points for item in line.lines if item.points) + line.team_points) for line in people
    }
    ends = {row["y"]: max(other["x2"] for other in bars if other["y"] == row["y"]) for row in bars}
    assert sorted(ends.values()) == pytest.approx(sorted(earned.values()))
    moved = [(earned[line.id], float(line.score)) for line in people if line.score != line.item_score]
    assert 0 < len(moved) < len(people)
    assert [round(end, 2) for pair in outlined for end in pair] == [end for pair in sorted(moved) for end in pair]


@pytest.mark.parametrize(("phone", "room"), [(False, 52), (True, 24)])
def test_scores_end_just_before_the_marks_of_the_tiers_on_paper_and_on_a_phone(workbook, monkeypatch, phone, room):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    scene = replace(open_report("team", client="home-goods", cycle="2026-10", language="zh").scene, phone=phone)
    marks = [layer["encoding"] for layer in contributions(scene).to_dict()["layer"] if "encoding" in layer]
    places = {encoded["text"]["field"]: encoded["x"]["value"] for encoded in marks if "text" in encoded}
    tiers = next(e["x"]["value"] for e in marks if e.get("shape", {}).get("field") == "shape")
    assert (places["letter"], places["score"]) == (tiers, tiers + 9 - room)


def test_a_picture_is_held_by_the_page_itself_and_none_is_nothing():
    assert data_uri(None) == ""
    assert data_uri(("logo.svg", b"<svg/>")) == "data:image/svg+xml;base64,PHN2Zy8+"
    assert data_uri(("logo.what-is-it", b"x")).startswith("data:application/octet-stream;base64,")


def left_columns(drawn):
    """Go through the marks of a chart that are columns of text from the left, however deep they stand."""
    mark = drawn.get("mark") if isinstance(drawn, dict) else None
    if isinstance(mark, dict) and mark.get("align") == "left" and "value" in drawn["encoding"]["x"]:
        yield drawn
    for inside in drawn.values() if isinstance(drawn, dict) else drawn if isinstance(drawn, list) else ():
        yield from left_columns(inside)
