"""Fonts that need no system: the faces come with packages, each page carries the glyphs it uses.

HarfBuzz cuts a subset in about two milliseconds and pins the weight of the variable Latin face on the way, so screen,
paper and PDF show the same letters. The subset maps only the characters asked for; a PDF engine therefore cannot write
Kangxi-radical look-alikes (U+2F00 and up) where text was meant, and what was printed can be searched.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import uharfbuzz as hb
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.pages.kinds import MEASURING

_LATIN = Path(str(files("fontpkg_inter"))) / "files"
_HAN = Path(str(files("pylopdf_fonts_zh_cn")))
FONTS_HERE = "/*fonts*/"
"""Where a page's style waits for its faces."""
_SILENT = {
    chr(code) for code in (*range(0x20), 0xA0, 0xAD, 0xFE0F, 0xFEFF, *range(0x200B, 0x2010), *range(0x2066, 0x206A))
}
"""Controls, joiners and marks of direction: nobody misses a glyph of theirs."""


@dataclass(frozen=True)
class Face:
    """One static face as pages know it."""

    family: str
    weight: int
    path: Path
    pinned: dict[str, float] = field(default_factory=dict)
    latin: bool = False

    @property
    def source(self) -> hb.Face:
        """The face as HarfBuzz reads it."""
        return _load(self.path)[0]


FACES = (
    Face("Inter", 400, _LATIN / "Inter[opsz,wght].ttf", {"wght": 400, "opsz": 14}, latin=True),
    Face("Inter", 600, _LATIN / "Inter[opsz,wght].ttf", {"wght": 600, "opsz": 14}, latin=True),
    Face("Noto Sans SC", 400, _HAN / "NotoSansSC-Regular.otf"),
    Face("Noto Serif SC", 400, _HAN / "NotoSerifSC-Regular.otf"),
)


@cache
def _load(path: Path) -> tuple[hb.Face, frozenset[int]]:
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    return face, frozenset(face.unicodes)


def font_css(text: str, headings: str, *, full_width: str = "") -> str:
    """Return ``@font-face`` rules that hold the glyphs of these texts; ``headings`` are set in the serif face.

    Marks that are ``full_width`` come from the Han face alone.
    """
    rules = []
    for face in FACES:
        wanted = set(headings if "Serif" in face.family else text)
        data = subset(face, wanted - {*full_width} if face.latin else wanted)
        if data:
            source = f"data:font/{'ttf' if face.latin else 'otf'};base64,{base64.b64encode(data).decode()}"
            rules.append(f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};src:url({source})}}')
    return "".join(rules)


def characters(face: Face) -> frozenset[int]:
    """Return the code points that a face can show."""
    return _load(face.path)[1]


def subset(face: Face, wanted: Iterable[str]) -> bytes:
    """Return a face as pages carry it, with these characters only; empty where it has none of them."""
    codes = {ord(char) for char in wanted} & characters(face)
    if not codes:
        return b""
    data = _cut(face, codes)
    return saved(_with_tabular_figures(data)) if face.latin else data


def _cut(face: Face, codes: Iterable[int]) -> bytes:
    source = face.source
    request = hb.SubsetInput()
    request.unicode_set.update(codes)
    if face.latin:
        request.layout_feature_tag_set.update({_tag("tnum")})
    else:
        request.drop_table_tag_set.update({_tag("GSUB")})  # nothing in a report needs glyph substitution
    for axis, value in face.pinned.items():
        request.pin_axis_location(source, axis, value)
    return bytes(hb.subset(source, request).blob.data)


def _tag(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


def _with_tabular_figures(data: bytes) -> TTFont:
    """Return the face with figures of one width as its plain figures, so that decimals stand below each other.

    Asking for them by CSS would do for the eye, but a PDF engine cannot map substituted glyphs back to characters.
    """
    figures = hb.Buffer()
    figures.add_str("0123456789")
    figures.guess_segment_properties()
    hb.shape(hb.Font(hb.Face(hb.Blob(data))), figures, {"tnum": True})
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    names = {ord("0") + info.cluster: font.getGlyphName(info.codepoint) for info in figures.glyph_infos}
    for table in font["cmap"].tables:
        table.cmap.update({code: name for code, name in names.items() if code in table.cmap})
    for layout in ("GSUB", "GDEF"):
        if layout in font:
            del font[layout]
    return font


def saved(font: TTFont) -> bytes:
    """Return a font as a file holds it."""
    stream = io.BytesIO()
    font.save(stream, reorderTables=None)
    return stream.getvalue()


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Return the characters that none of the faces can show, each once, in the order in which they come.

    >>> missing_glyphs("网店 ABC")
    ()
    """
    known = frozenset().union(*map(characters, FACES))
    return tuple(char for char in dict.fromkeys(text) if ord(char) not in known and char not in _SILENT)


_BASELINE = 0.12  # how much of a Han character's square lies below the line


def measuring_faces() -> list[bytes]:
    """Return a TrueType file for each weight of the Latin face, with the Han face's widths added; always the same."""
    han = next(face for face in FACES if "Sans" in face.family)
    return [_with_widths_of(face, han) for face in FACES if face.latin]


def _with_widths_of(face: Face, han: Face) -> bytes:
    own = characters(face)
    font = _with_tabular_figures(_cut(face, own))
    font.recalcBBoxes = False  # of the Latin outlines: working out each glyph again would take most of the time
    size, glyphs = font["head"].unitsPerEm, font["glyf"]
    shown = dict(font.getBestCmap())
    for width, codes in _by_width(han.path, size, leave_out=own).items():
        name = f"width{width}"
        glyphs[name], font["hmtx"][name] = _box(width, size), (width, 0)
        glyphs[name].recalcBounds(glyphs)
        shown |= dict.fromkeys(codes, name)
    table = CmapSubtable.newSubtable(13)  # whole ranges of characters are one glyph: a file of 0.3 instead of 0.6 MB
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, shown
    font["cmap"].tables = [table]
    font["name"].setName(MEASURING, 1, 3, 1, 0x409)
    return saved(font)


@cache
def _by_width(path: Path, size: int, *, leave_out: frozenset[int]) -> dict[int, list[int]]:
    """Return the characters of a face by their width in units of which the em has ``size``."""
    face, known = _load(path)
    font = hb.Font(face)
    codes = sorted(known - leave_out)
    widths = (font.get_glyph_h_advance(font.get_nominal_glyph(code)) for code in codes)
    return gathered((round(width * size / face.upem), code) for width, code in zip(widths, codes, strict=True))


def _box(width: int, size: int) -> object:
    pen = TTGlyphPen(None)
    low, high = -round(_BASELINE * size), round((1 - _BASELINE) * size)
    pen.moveTo((0, low))
    for corner in ((0, high), (width, high), (width, low)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()
