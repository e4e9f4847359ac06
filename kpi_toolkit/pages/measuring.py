"""Faces that charts are measured with: what pages show, as one face that needs no other.

A converter that looks for a Chinese character where Inter has none goes through every font of the machine, for every
text of a chart: slow, and another font on another machine. So Inter, as pages show it, gets a box of the right width
for each character that pages show in the Han face, and a name that no machine's own font has. Widths are all that
measuring asks for. Only a character that no page can show either is still looked for elsewhere.
"""

from __future__ import annotations

import io

import uharfbuzz as hb
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.pages.fonts import FACES, Face, characters, saved, subset
from kpi_toolkit.pages.kinds import MEASURING

_NAMES = (1, 16)
_BASELINE = 0.12  # how much of a Han character's square lies below the line


def measuring_faces() -> list[bytes]:
    """Return a TrueType file for each weight of the Latin face, with the Han face's widths added; always the same."""
    han = next(face for face in FACES if "Sans" in face.family)
    return [_with_widths_of(face, han) for face in FACES if face.latin]


def _with_widths_of(face: Face, han: Face) -> bytes:
    own = characters(face)
    # Boxes round the Latin outlines stay as they are: working out each glyph again would take most of the time.
    font = TTFont(io.BytesIO(subset(face, map(chr, own))), recalcBBoxes=False, recalcTimestamp=False)
    size, glyphs = font["head"].unitsPerEm, font["glyf"]
    shown = dict(font.getBestCmap())
    for width, codes in _by_width(han, size, leave_out=own).items():
        name = f"width{width}"
        glyphs[name], font["hmtx"][name] = _box(width, size), (width, 0)
        glyphs[name].recalcBounds(glyphs)
        shown |= dict.fromkeys(codes, name)
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, shown
    font["cmap"].tables = [table]
    for record in font["name"].names:
        if record.nameID in _NAMES:
            record.string = MEASURING
    return saved(font)


def _by_width(face: Face, size: int, *, leave_out: frozenset[int]) -> dict[int, list[int]]:
    """Return the characters of a face by their width in units of which the em has ``size``."""
    font = hb.Font(face.source)
    codes = sorted(characters(face) - leave_out)
    widths = (font.get_glyph_h_advance(font.get_nominal_glyph(code)) for code in codes)
    return gathered((round(width * size / face.source.upem), code) for width, code in zip(widths, codes, strict=True))


def _box(width: int, size: int) -> object:
    pen = TTGlyphPen(None)
    low, high = -round(_BASELINE * size), round((1 - _BASELINE) * size)
    pen.moveTo((0, low))
    for corner in ((0, high), (width, high), (width, low)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()
