"""What fits where: the width of a text, its lines in a column, and how the columns of a wide table are headed.

Widths are estimates in CSS pixels, on the safe side; no font is opened for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

TEXT_WIDTH = 642  # the text width of an A4 page in CSS pixels
_FIRST_HAN = 0x2E7F
_SIZE = 11  # the size in pixels that character widths are known for
_NAMED, _MOST, _DECIMALS = 7, 14, 10
_FEW, _LINES, _LINES_OF_FEW = 4, 3, 5
_HEAD = 11.4 / _SIZE  # a head is set a little larger and in semi-bold
_TILE = 142  # the width of a key figure, four to a page


def text_width(text: str, size: float = _SIZE) -> float:
    """Return about how many pixels a text takes: Han characters are twice as wide as Latin ones."""
    return sum(11.2 if ord(char) > _FIRST_HAN else 6.2 for char in text) * size / _SIZE


def wrapped(text: str, width: float, size: float = _SIZE) -> list[str]:
    """Return a text in as many lines as a width asks for, broken at spaces, hyphens and name dots where there are any.

    >>> wrapped("阿卜杜热合曼·买买提艾力", 80)
    ['阿卜杜热合曼·', '买买提艾力']
    """
    lines = [""]
    for word in re.findall(r"[^ \-·]*[ \-·]?", text):
        rest = word
        if lines[-1] and text_width((lines[-1] + rest).rstrip(), size) > width:
            lines.append("")
        while text_width(rest.rstrip(), size) > width and len(rest) > 1:
            most = min(len(rest), int(width / text_width(" ", size)) + 1)
            fits = next((n for n in range(most, 1, -1) if text_width(rest[:n], size) <= width), 1)
            lines[-1], rest = rest[:fits], rest[fits:]
            lines.append("")
        lines[-1] += rest
    return [line.strip() for line in lines if line.strip()] or [""]


@dataclass(frozen=True, slots=True)
class Heads:
    """How a table of many columns is headed: by name, or by number with a key, in groups of columns that fit a page."""

    named: bool
    decimals: int
    groups: tuple[range, ...]


def heads(names: Sequence[str]) -> Heads:
    """Return how columns of these names are headed beside the columns of person, score and tier.

    Up to seven columns bear their names where three lines hold each (five where there are no more than four columns);
    up to fourteen are numbered; more are split into tables of about equal numbers of columns.
    """
    count = len(names)
    width = 0.65 * TEXT_WIDTH / max(count, 1) - 13
    lines = _LINES_OF_FEW if count <= _FEW else _LINES
    named = count <= _NAMED and all(len(wrapped(name, width, 11 * _HEAD)) <= lines for name in names)
    pieces = -(-count // _MOST) or 1
    edges = [count * piece // pieces for piece in range(pieces + 1)]
    groups = tuple(range(first, last) for first, last in pairwise(edges))
    return Heads(named, 1 if max(map(len, groups)) <= _DECIMALS else 0, groups)


def figure_size(*values: str) -> str:
    """Return the size of key figures that stand in a row, in points: as large as the longest of them allows.

    >>> figure_size("81.04", "40 / 140 / 200")
    '13.5pt'
    """
    widest = max(text_width(value, 20 * 4 / 3) for value in values)
    return f"{min(20.0, 20 * _TILE / widest):.3g}pt"
