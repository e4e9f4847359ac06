"""An executed notebook to one self-contained HTML page: no script, nothing loaded from anywhere (decision 8)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default

from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.pages.drawing import draw, svg_of, twins
from kpi_toolkit.pages.fonts import FONTS_HERE, font_css, missing_glyphs
from kpi_toolkit.pages.kinds import CHART_MIME, PAGE_MIME, RenderError
from kpi_toolkit.pages.live_script import DATA_ID, live_script, live_style, policy
from kpi_toolkit.pages.tokens import COLOURS

_SERIF = {"h1", "h2", "h3", "caption"}
_VOID = {"meta", "br", "hr", "img", "link", "col", "input", "wbr"}
_FIRST_HAN, _HEAD_WIDTH, _FOOT_WIDTH = 0x2E7F, 84, 108  # beside a head stands the cycle, beside a foot a page number
_WIDE = "‘’“”…—·"  # in Chinese these are as wide as Han glyphs
_ENGINES_OWN = "0123456789/…•"  # page numbers, shortened heads, list marks: shown, but in no element


class PageError(RenderError):
    """A notebook cannot become a page: it was not run, or not to its end."""


class ReportExporter(TemplateExporter):  # type: ignore[misc]
    """``jupyter nbconvert --to kpi-html``: the house's own page from an executed report notebook.

    Not an ``HTMLExporter``: that one parses every page again to mend what only its own templates write.
    """

    export_from_notebook = "kpi_toolkit report"
    output_mimetype = "text/html"
    template_name = "kpi"

    @default("file_extension")  # type: ignore[untyped-decorator]
    def _file_extension_default(self) -> str:
        return ".html"

    @property
    def extra_template_basedirs(self) -> list[str]:
        """Where nbconvert finds our template, in a wheel as in a checkout."""
        return [str(shipped() / "templates" / "report" / "nbconvert")]

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and what was noticed on the way (``missing_glyphs``)."""
        resources = dict(resources or {})
        page = page_data(nb)
        body = _body(nb)
        margin = margins(page)
        css = {"soft": COLOURS["soft"]} | {key: css_text(text) for key, text in margin.items()}
        cover, end, rest = body.partition("<!--end of cover-->")
        live = f'id="{DATA_ID}"' in body
        resources["kpi"] = {
            **page, "cover": cover if end else "", "body": rest if end else cover, "css": css,
            "contents_list": contents(body), "policy": policy(live=live), "script": live_script() if live else "",
            "live_style": live_style() if live else "",
        }  # fmt: skip
        bare = NotebookNode(nb, cells=[])  # the template gets its cells as the body; each would be copied twice
        html, resources = super().from_notebook_node(bare, resources, **options)
        seen = _Seen(page)
        seen.feed(html)
        text = seen.text + "".join(margin.values()) + _ENGINES_OWN
        fonts = font_css(text, seen.headings, full_width=page["full_width"])
        resources["missing_glyphs"] = missing_glyphs(text)
        return html.replace(FONTS_HERE, fonts, 1), resources


def page_data(nb: NotebookNode) -> dict[str, Any]:
    """Return what the setup cell said about the page. PageError where the notebook was not run to its end."""
    code = [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]
    not_run = [number for number, cell in enumerate(code, start=1) if cell.execution_count is None]
    if not_run:
        msg = f"code cell {not_run[0]} of {len(code)} was not run: run the notebook to its end first"
        raise PageError(msg)
    found = [output.data[PAGE_MIME] for output in _outputs(nb) if PAGE_MIME in output.get("data", {})]
    if len(found) != 1:
        msg = "a report notebook shows report.page() exactly once, in its setup cell"
        raise PageError(msg)
    return dict(found[0])


def draw_charts(nb: NotebookNode) -> None:
    """Draw the charts of a notebook ahead of its page, which then finds them drawn."""
    for output in _outputs(nb):
        if CHART_MIME in output.get("data", {}):
            for _, twin in twins(output.data[CHART_MIME]):
                svg_of(twin)


def _outputs(nb: NotebookNode) -> list[NotebookNode]:
    return [output for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]


def _body(nb: NotebookNode) -> str:
    """Return the sections in order, their charts drawn, with what belongs together kept so."""
    parts = []
    charts = 0
    for output in _outputs(nb):
        data = output.get("data", {})
        if CHART_MIME in data:
            charts += 1
            parts.append(draw(data[CHART_MIME], prefix=f"c{charts}"))
        elif "text/html" in data and PAGE_MIME not in data:
            html = data["text/html"]
            parts.append(html.removeprefix('<div class="kpi">').removesuffix("</div>"))
    return together("".join(parts))


def contents(body: str) -> list[tuple[str, str]]:
    """Return id and words of every second-level heading."""
    found = re.findall(r'<h2 id="([a-z0-9-]+)">(.*?)</h2>', body, flags=re.DOTALL)
    return [(name, re.sub(r"<[^>]+>|\s+", " ", words).strip()) for name, words in found]


def css_text(text: str) -> str:
    """Return a text as a CSS string: what could end it, or the style element around it, as escapes."""
    return '"' + "".join(f"\\{ord(char):x} " if char in '"\\\\<>&\n\r\f' else char for char in text) + '"'


def margins(page: dict[str, Any]) -> dict[str, str]:
    """Return what stands in the margins of each page; in a foot the record's mark has a line of its own if need be."""
    mark = str(page["mark"])
    whom = shortened(str(page["foot"]), _FOOT_WIDTH)
    between = " · " if _width(whom + mark) <= _FOOT_WIDTH else "\n"
    short = {key: shortened(str(page[key]), _HEAD_WIDTH) for key in ("head", "cycle")}
    return short | {"foot": between.join(filter(None, (whom, mark)))}


def shortened(text: str, limit: int) -> str:
    """Return a text no wider than so many Latin letters; Han glyphs are twice as wide."""
    if _width(text) <= limit:
        return text
    kept = next(place for place in range(len(text), -1, -1) if _width(text[:place]) <= limit)
    return text[:kept].rstrip() + "…"


def _width(text: str) -> int:
    return sum(2 if ord(char) > _FIRST_HAN or char in _WIDE else 1 for char in text)


class _Seen(HTMLParser):
    """Collects the text that a page shows, and that of its headings."""

    def __init__(self, page: dict[str, Any]) -> None:
        super().__init__()
        self.text = str(page["title"])
        self.headings = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember where we are; a serif class counts as a heading."""
        if tag not in _VOID:
            self._open.append("h2" if ("class", "serif") in attrs else tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass over what holds nothing."""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser calls it so
        """Leave the element."""
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take the text, but not of styles."""
        if "style" in self._open:
            return
        self.text += data
        if _SERIF & set(self._open):
            self.headings += data


SMALL_TABLE = 6
"""A table of so many rows or fewer stands on one page, but where its rows are long (``parted``)."""
_MANY_COLUMNS = 4  # more than a phone is wide, where they hold long words
_OWN_SHAPE = ('<table class="form', '<table class="sure')  # on a phone these are no longer tables
_ONE_LINE = 8  # characters of a name, or of a part of one, that are never broken; names are broken after their dots

_BLOCK = re.compile(
    r"(?P<heads>(?:<h[23]\b[^>]*>.*?</h[23]>\s*(?:<p\b[^>]*>.*?</p>\s*){0,3})+)"
    r"(?P<headed><figure\b.*?</figure>|<table\b.*?</table>)?(?P<last>\s*</(?:section|div)>)?"
    r"|(?P<table><table\b.*?</table>)",
    re.DOTALL,
)
_MARKUP = re.compile(r"(<svg\b.*?</svg>|<script\b.*?</script>|<[^>]*>)", re.DOTALL)
_BREAK = "<wbr>"  # between two boxes without a blank an engine that prints sees no place to break a table's cell
_LONG, _PIECE = re.compile(r"[!-%'-,.-;=?-ɏ]{25,}"), 12  # a word of so many letters without a hyphen, and its parts
_HAN_MARKS = set("，。；：、")
_HAN = "\u3400-\u9fff"
_UNBROKEN = re.compile(
    rf"(?:(?P<name>[{_HAN}]+(?:·[{_HAN}]+)+)"
    rf"|(?<![\w.])(?:[{_HAN}]{{2,4}} )?(?:[−+]?\d[\d,]*\.\d+%?|\d{{4}}-\d\d-\d\d)(?!\w)"
    rf"|(?<=：)[{_HAN}]{{2,4}}(?![{_HAN}·]))"
    r"(?P<after>[.,;:，。；：、]?)"
)
_BOUND = re.compile(rf"(?<=[\d%]) (?=[{_HAN}])|(?<=\S) (?=→ \S)|(?<=→) (?=\S)")
"""The blank between a figure and its Chinese unit, and those of an arrow."""


def together(body: str) -> str:
    """Return the sections of a page with what belongs together boxed, on a page and in a line."""
    return unbroken(_BLOCK.sub(_boxed, body))


def _boxed(found: re.Match[str]) -> str:
    heads, block, last = found["heads"] or "", found["headed"] or found["table"] or "", found["last"] or ""
    if block.startswith('<table class="plain parted') or block.partition("<tbody>")[2].count("<tr") > SMALL_TABLE:
        return f'<div class="start">{heads}</div>{_scrolling(block, heads)}{last}'
    if block or last:
        return f'<div class="keep">{heads}{_scrolling(block, heads)}</div>{last}'
    return f'<div class="start few">{heads}</div>'


def _scrolling(block: str, heads: str = "") -> str:
    """Return a table of many columns in a box that can be scrolled, by keyboard too; other blocks as they are."""
    titled = block.startswith('<table class="heat')
    if not titled and (block[: block.find("<tbody")].count("<th ") < _MANY_COLUMNS or block.startswith(_OWN_SHAPE)):
        return block
    title = block[: block.find("</tr>")] if titled else heads or block[: block.find("</thead>")]
    label = " ".join(re.sub(r"<[^>]+>", " ", title).split())
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{block}</div>'


def unbroken(html: str) -> str:
    """Return HTML in which no line breaks within a number, a date or a short name, nor within the parts of a long one.

    Nor does one break before a Chinese unit, beside an arrow, or within a short Chinese name before its figure.

    >>> unbroken("<p>戴维·奥康纳 10.64</p>")
    '<p><span class="nb">戴维·奥康纳</span> <span class="nb">10.64</span></p>'
    >>> unbroken("<p>石榴 11.11、何思远 8.69。</p>")
    '<p><span class="nb">石榴 11.11、</span><wbr><span class="nb">何思远 8.69。</span><wbr></p>'
    """
    pieces = _MARKUP.split(html)
    # Every second piece is text between tags; what is nothing but a number stands in a cell of its own.
    pieces[::2] = [_BOUND.sub("\u00a0", _LONG.sub(_in_parts, text)) for text in pieces[::2]]
    pieces[::2] = [
        text if not text or (_UNBROKEN.fullmatch(text) and "·" not in text) else _UNBROKEN.sub(_in_one_line, text)
        for text in pieces[::2]
    ]
    return "".join(pieces)


def _in_parts(found: re.Match[str]) -> str:
    return _BREAK.join(found[0][at : at + _PIECE] for at in range(0, len(found[0]), _PIECE))


def _in_one_line(found: re.Match[str]) -> str:
    name, after = found["name"] or "", found["after"]
    if len(name) <= _ONE_LINE:
        return f'<span class="nb">{found[0]}</span>' + (_BREAK if after in _HAN_MARKS else "")
    parts = [
        f'<span class="nb">{part}</span>' if len(part) <= _ONE_LINE else part for part in re.findall(r"[^·]+·?", name)
    ]
    return _BREAK.join(parts) + after + (_BREAK if after else "")
