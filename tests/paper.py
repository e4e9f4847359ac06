"""What a reader sees wrong first on a printed page: texts over one another, beginnings left alone, small tables in two."""

from __future__ import annotations

import ctypes
import io
import re
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
from bs4 import BeautifulSoup, Tag

from kpi_toolkit.pages.page import SMALL_TABLE

_FOOT, _HEAD = 60, 780  # points from below: the margins, where running heads and page numbers stand
_DRAWING = "\x1f"  # stands for a drawing, whose own texts are printed there
_GAP = 4  # points between words
_LONG = 25  # letters; so long a word may be broken anywhere
_ACROSS, _BETWEEN = 1.5, 1.0  # points: texts above one another for more than the one need more than the other between


@dataclass
class Run:
    """Characters of one font in one line."""

    text: str
    box: tuple[float, float, float, float]
    serif: bool


def printed(pdf: bytes) -> list[list[Run]]:
    """Return the texts of each page, without its margins, in the order they were printed."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [_runs(page.get_textpage()) for page in document]


def _runs(page: pypdfium2.PdfTextPage) -> list[Run]:
    runs: list[Run] = []
    last = ("", 0.0)
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    for place in range(page.count_chars()):
        char = chr(pdfium.FPDFText_GetUnicode(page, place))
        if char.isspace() or pdfium.FPDFText_IsGenerated(page, place) == 1:
            continue
        left, bottom, right, top = page.get_charbox(place)
        if right <= left or not _FOOT < bottom < _HEAD:
            continue
        pdfium.FPDFText_GetFontInfo(page, place, name, 128, flags)
        font = name.value.decode()
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(page, place, x, y)
        if runs and font == last[0] and abs(y.value - last[1]) < 0.5 and -1 < left - runs[-1].box[2] < _GAP:
            box = runs[-1].box
            runs[-1].text += char
            runs[-1].box = (box[0], min(box[1], bottom), max(box[2], right), max(box[3], top))
        else:
            runs.append(Run(char, (left, bottom, right, top), "Serif" in font))
        last = (font, y.value)
    return runs


def overprinted(runs: list[Run]) -> list[str]:
    """Return the pairs of texts of a page that lie over one another, or touch."""
    found = []
    for place, one in enumerate(runs):
        for other in runs[place + 1 :]:
            across = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
            down = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
            if across > _ACROSS and down > -_BETWEEN:
                found.append(f"{one.text!r} over {other.text!r}")
    return found


def beside_the_page(runs: list[Run], width: float = 595) -> list[str]:
    """Return the texts that leave the sheet."""
    return [run.text for run in runs if run.box[0] < 0 or run.box[2] > width]


def plain(text: str) -> str:
    """Return letters and digits only: what survives line breaks, hyphens and ligatures."""
    return re.sub(r"[\W_]+", "", text)


def problems(html: str, pdf: bytes) -> list[str]:
    """Return everything wrong on the printed pages of a report."""
    pages = printed(pdf)
    flat = [plain("".join(run.text for run in runs)) for runs in pages]
    soup = BeautifulSoup(html, "html.parser")
    for unseen in soup.select("script, style, nav, .live, .cover"):
        unseen.decompose()
    for drawing in soup.find_all("svg"):
        drawing.replace_with(_DRAWING)
    found = []
    for number, runs in enumerate(pages, start=1):
        found += [f"page {number}: {what}" for what in overprinted(runs)]
        found += [f"page {number}: {what!r} leaves the sheet" for what in beside_the_page(runs)]
    found += [f"page {number}: {what}" for number, what in _alone(pages, soup)]
    found += [f"torn beside an element in its line: {word}" for word in _torn(pdf, soup)]
    found += [
        f"bookmark {title!r} leads to page {number}"
        for number, title in _bookmarks(pdf)
        if plain(title) not in flat[number - 1]
    ]
    for table in soup.find_all("table"):
        rows = table.select("tbody tr") or table.find_all("tr")
        long_rows = "parted" in table.get("class", [])
        together = rows[:1] if long_rows else rows if len(rows) <= SMALL_TABLE else rows[:2]
        head = [table.caption, table.thead]
        text = "".join(part.get_text() for part in [*head, *together] if part)
        wanted = [plain(piece) for piece in text.split(_DRAWING)]
        if not any(all(piece in page for piece in wanted) for page in flat):
            found.append(f"table in two, or its head alone: {wanted[0][:60]}")
    return found


def _torn(pdf: bytes, soup: BeautifulSoup) -> list[str]:
    """Return the words of Latin letters that a line's end broke though their cell or paragraph was wide enough."""
    blocks = [
        tag for tag in soup.find_all(["td", "th", "li", "p"]) if tag.find(["span", "b", "i", "a"], recursive=False)
    ]
    words = {word for tag in blocks for word in re.findall(r"[A-Za-z]{2,}", tag.get_text(" ")) if len(word) < _LONG}
    lines = [line.split() for page in pypdfium2.PdfDocument(io.BytesIO(pdf)) for line in _lines(page)]
    ends = [(line[-1], after[0].rstrip(".,;:)")) for line, after in pairwise(lines) if line and after]
    known = {word for tag in soup.find_all(True) for word in tag.get_text(" ").split()}
    return [f"{end}|{start}" for end, start in ends if f"{end}{start}" in words and end not in known]


def _lines(page: pypdfium2.PdfPage) -> list[str]:
    return page.get_textpage().get_text_range().splitlines()


def _alone(pages: list[list[Run]], soup: BeautifulSoup) -> list[tuple[int, str]]:
    """Return the beginnings with which a page ends: headings and captions, leads and legends, heads of tables."""
    openings = [
        plain(part.get_text())
        for part in soup.select("p.lead, p.legend:not(.key), thead, caption")
        if part.name != "thead"
        or plain(part.find_next_sibling("tbody").get_text())  # blank lines to write on print none
    ]
    found = []
    for number, runs in enumerate(pages[:-1], start=1):
        if not runs:
            continue
        foot = min(run.box[1] for run in runs)
        last = [run for run in runs if run.box[1] < foot + 4]
        text = plain("".join(run.text for run in last))
        if all(run.serif for run in last):
            found.append((number, f"ends with the heading {text}"))
        elif len(text) > 3 and any(opening.endswith(text) for opening in openings) and not _is_cell(text, soup):
            found.append((number, f"ends with the beginning {text}"))
    return found


def _bookmarks(pdf: bytes) -> list[tuple[int, str]]:
    entries = list(pypdfium2.PdfDocument(io.BytesIO(pdf)).get_toc())
    return [(entry.get_dest().get_index() + 1, entry.get_title()) for entry in entries]


def _is_cell(text: str, soup: BeautifulSoup) -> bool:
    return any(text in plain(row.get_text()) for row in soup.select("tbody tr, tfoot tr") if isinstance(row, Tag))
