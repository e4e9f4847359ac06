"""How a workbook of ours looks: its formats, its words, its page, the heights of its rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter import Workbook as Book
from xlsxwriter.worksheet import Worksheet

from kpi_toolkit.method.colour import nearest_readable, tint
from kpi_toolkit.method.forms import FormLayout
from kpi_toolkit.method.profile import Brand
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.fitting import wrapped
from kpi_toolkit.pages.words import Words

LINE, GREY, SOFT, ENTRY, SCORE = "#b8bfc6", "#8a939b", "#5d666e", "#fff8dc", "#f3f5f7"
_LINE_POINTS = 14.5
_PAGE = (777, 516)
"""Points between the margins of A4, landscape: across and down."""
_DIGIT, _PADDING = 5.25, 3.75
"""Points that a column takes for each character of its width, and beside them."""
COPY, HOLDER = "\ue000", "\ue001"
"""What stands for whose copy it is, in words and by its id, until a workbook is made a copy of: letters of nobody's."""
_PIXELS, _BESIDE, _SIZE = 7, 4, 13.3
"""What a column has for each character of its width, what stays free beside a text, and how large its letters are."""


@dataclass
class Styles:
    """The formats of a workbook, each made once."""

    book: Book
    words: Words
    layout: FormLayout
    brand: Brand
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def __call__(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            base = {"font_name": self.words.traits.form_font, "font_size": 10, "valign": "vcenter", "text_wrap": True}
            self.made[key] = self.book.add_format({**base, **properties})
        return self.made[key]

    def say(self, label: str, **values: Any) -> str:
        """Return a label of the card in the reader's language."""
        return self.words.fill(self.layout.labels[label].pick(self.words.language), values)

    def pick(self, text: Text) -> str:
        """Return words of the card in the reader's language."""
        return text.pick(self.words.language)

    def box(self, **properties: Any) -> Any:
        """Return the format of a cell with a thin line around it."""
        return self(border=1, border_color=LINE, **properties)

    def head(self) -> Any:
        """Return the format of a header."""
        return self.box(bold=True, font_size=9, font_color=self.ink, bg_color=self.shade, align="center")

    def sum(self, **properties: Any) -> Any:
        """Return the format of a row with sums."""
        return self(**{"top": 2, "top_color": self.ink, "bg_color": self.shade, "bold": True, **properties})

    def bar(self, **properties: Any) -> Any:
        """Return the format of the row with the score."""
        return self(bold=True, font_color="#ffffff", bg_color=self.ink, font_size=12, **properties)

    @cached_property
    def ink(self) -> str:
        """The brand's colour, dark enough to be read."""
        return nearest_readable(self.brand.primary)

    @cached_property
    def shade(self) -> str:
        """A light shade of the brand's colour."""
        return tint(self.brand.primary, 10)


def new_book() -> tuple[io.BytesIO, Book]:
    """Return a workbook to write and the bytes that it becomes; no text in it becomes a formula or a link."""
    stream = io.BytesIO()
    return stream, Book(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})


def with_texts(data: bytes, texts: Mapping[str, str]) -> bytes:
    """Return a workbook with texts in the place of letters of nobody's, wherever they stand in it."""
    changed = io.BytesIO()
    put = [(letter.encode(), escape(text).encode()) for letter, text in texts.items()]
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as other:
        for part in book.infolist():
            said = book.read(part)
            for letter, text in put:
                said = said.replace(letter, text)
            other.writestr(part, said)
    return changed.getvalue()


def room_on_page(widths: Iterable[float]) -> float:
    """Return how many points of rows one page takes where columns so wide are made to fit it."""
    return _PAGE[1] * max(1, sum(width * _DIGIT + _PADDING for width in widths) / _PAGE[0])


def lay_on_paper(sheet: Worksheet, *, whole: bool = False) -> None:
    """Print a sheet on A4, landscape, as wide as the page; ``whole``: on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, int(whole))


def prepare_page(sheet: Worksheet, styles: Styles, footer: str, *, whole: bool = False) -> None:
    """Set a form's sheet up for its page, with a foot."""
    sheet.hide_gridlines(2)
    lay_on_paper(sheet, whole=whole)
    sheet.set_margins(left=0.45, right=0.45, top=0.5, bottom=0.6)
    sheet.center_horizontally()
    font = styles.words.traits.form_font
    plain = footer.replace("&", "&&")
    sheet.set_footer(f'&L&"{font}"&8 {plain}&R&"{font}"&8 {styles.say("page")}')


def height(cells: Iterable[tuple[str, float]], least: float = 1) -> float:
    """Return the height in points of a row, from its texts and the widths that they have."""
    lines = [
        sum(len(wrapped(part, width * _PIXELS - _BESIDE, _SIZE)) for part in text.split("\n")) for text, width in cells
    ]
    return _LINE_POINTS * max([least, *lines]) + 3
