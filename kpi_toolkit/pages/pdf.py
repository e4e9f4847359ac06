"""The same HTML on paper: cover and body printed as two books, joined, with outline, language and title set.

PlutoPrint is the default (a wheel, fast); where it has none, WeasyPrint or an installed Chromium takes over.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import date
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, Fit, NameObject, TextStringObject

from kpi_toolkit.kernels.limits import scratch_prefix

BASE = "http://report/"  # never fetched; lets the engine tell links within the page from others
_BODY = '<body class="kpi">'
_FOOT, _HEAD = 60.0, 774.0  # points from below: where the text of a page ends and begins
_READERS_PRINT = re.compile(r"/\*a reader's own print\*/.*?/\*ends\*/", re.DOTALL)  # cover and body as one book
_HEADING = re.compile(r'<(h[23])\b[^>]*\bid="([a-z0-9-]+)"[^>]*>(.*?)</\1>', re.DOTALL)


class NoEngineError(RuntimeError):
    """There is no engine that could print a page."""


def print_pdf(html: str, *, title: str, language: str, made: str, engine: str | None = None) -> bytes:
    """Return a page as A4 PDF. ``made`` is the ISO date that stands in the file: the same page gives the same PDF.

    Raises NoEngineError when no engine is there.
    """
    name = engine or first_engine()
    if name is None:
        msg = "no PDF engine: install PlutoPrint or WeasyPrint (pip install 'kpi-toolkit[weasyprint]'), or a Chromium"
        raise NoEngineError(msg)
    write = ENGINES[name][1]
    # Engines only keep the places that something links to.
    links = "".join(f'<a href="#{place}"></a>' for _, place, _ in _HEADING.findall(html))
    html = html.replace("</main>", f'<div style="display:none">{links}</div></main>', 1)
    html = _READERS_PRINT.sub("", html, count=1)
    writer = PdfWriter()
    if '<section class="cover"' in html:
        cover = write(html.replace(_BODY, '<body class="kpi only-cover">', 1).replace("/*page*/", _COVER_PAGE))
        writer.append(io.BytesIO(cover), pages=(0, 1), import_outline=False)
    body = PdfReader(io.BytesIO(write(html.replace(_BODY, '<body class="kpi only-body">', 1))))
    before = len(writer.pages)
    writer.append(body, import_outline=False)
    _outline(writer, body, html, offset=before)
    _describe(writer, title=title, language=language, made=made)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


_COVER_PAGE = (
    "@page{margin:0;@top-left{content:none}@top-right{content:none}"
    "@bottom-left{content:none}@bottom-right{content:none}}"
)


def _outline(writer: PdfWriter, reader: PdfReader, html: str, *, offset: int) -> None:
    """Add a bookmark for every heading that has an id, nested by level."""
    places = reader.named_destinations
    parent = None
    for level, name, words in _HEADING.findall(html):
        place = places.get(name)
        number = reader.get_destination_page_number(place) if place is not None else None
        if place is None or number is None:
            continue
        top = float(place.top or 0)
        if top < _FOOT and number + 1 < len(reader.pages):  # its block was kept whole and moved overleaf
            number, top = number + 1, _HEAD
        text = unescape(re.sub(r"<[^>]+>|\s+", " ", words)).strip()
        fit = Fit.xyz(left=0, top=top + 12)
        item = writer.add_outline_item(
            title=text, page_number=offset + number, parent=parent if level == "h3" else None, fit=fit
        )
        if level == "h2":
            parent = item


def _describe(writer: PdfWriter, *, title: str, language: str, made: str) -> None:
    stamp = f"D:{date.fromisoformat(made):%Y%m%d}000000Z"
    writer.metadata = None
    writer.add_metadata({
        "/Title": title, "/Creator": "kpi_toolkit", "/Producer": "kpi_toolkit",
        "/CreationDate": stamp, "/ModDate": stamp,
    })  # fmt: skip
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject(language)
    root[NameObject("/ViewerPreferences")] = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})


def _pluto(html: str) -> bytes:
    import plutoprint

    class OnlyData(plutoprint.ResourceFetcher):
        """Serves data: addresses and refuses all others."""

        def fetch_url(self, url: str) -> Any:
            if url.startswith("data:"):
                return super().fetch_url(url)
            msg = f"a report loads nothing, and here is {url[:80]}"
            raise ValueError(msg)

    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.custom_resource_fetcher = OnlyData()
    book.load_html(html, base_url=BASE)
    stream = io.BytesIO()
    book.write_to_pdf_stream(stream)
    return stream.getvalue()


def _weasy(html: str) -> bytes:
    import weasyprint
    from weasyprint.urls import URLFetcher

    only_data = URLFetcher(allowed_protocols=["data"])
    return bytes(weasyprint.HTML(string=html, base_url=BASE, url_fetcher=only_data).write_pdf())


def _chromium_program() -> str | None:
    names = (os.environ.get("KPI_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def _chromium(html: str) -> bytes:
    program = _chromium_program()
    if program is None:
        msg = "no Chromium found"
        raise NoEngineError(msg)
    with tempfile.TemporaryDirectory(prefix=scratch_prefix()) as folder:
        page, out = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, "utf-8")
        subprocess.run(  # noqa: S603 - a browser that the user installed, with fixed flags
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--no-first-run", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", f"--print-to-pdf={out}",
             page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return out.read_bytes()


Engine = tuple[Callable[[], bool], Callable[[str], bytes]]
ENGINES: dict[str, Engine] = {
    "plutoprint": (lambda: find_spec("plutoprint") is not None, _pluto),
    "weasyprint": (lambda: find_spec("weasyprint") is not None, _weasy),
    "chromium": (lambda: _chromium_program() is not None, _chromium),
}


def first_engine() -> str | None:
    """Return the first engine that is there, None where there is none."""
    return next((name for name, (there, _) in ENGINES.items() if there()), None)


def engine_version() -> str:
    """Return the first engine by name; a browser, which is no Python package, with its version."""
    name = first_engine()
    program = _chromium_program() if name == "chromium" else None
    if program is None:
        return name or "none"
    asked = subprocess.run([program, "--version"], check=False, capture_output=True, text=True, timeout=30)  # noqa: S603
    return f"chromium {asked.stdout.strip()}"
