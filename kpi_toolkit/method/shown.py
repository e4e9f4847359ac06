"""Texts as a terminal, a calendar or a log may hold them: nothing moves a cursor, forges a line or turns letters round.

What somebody wrote, a file's name and a key are all the same here: any of them may hold anything.
"""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import east_asian_width

_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Control characters (C0, C1), and those that turn the order of letters round.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def one_line(text: str, *, gap: str = "⏎") -> str:
    r"""Return a text on one line: line breaks as ``gap``, what cannot be seen by its number.

    >>> one_line("a\nb"), one_line("\x1b[31m red")
    ('a⏎b', '<U+001B>[31m red')
    """
    return _HIDDEN.sub(_numbered, _BREAK.sub(gap, text))


def some_lines(text: str) -> str:
    """Return a text with its line breaks as plain ones, and what cannot be seen by its number."""
    return _HIDDEN.sub(_numbered, _BREAK.sub("\n", text))


def json_text(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Return plain data as JSON in readable letters; what cannot be seen stands there escaped, and reads as it was."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    return _HIDDEN.sub(lambda char: f"\\u{ord(char[0]):04x}", text)  # JSON has such characters within texts only


def _numbered(char: re.Match[str]) -> str:
    return f"<U+{ord(char[0]):04X}>"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(1 + (east_asian_width(char) in "WF") for char in text)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most so many columns; no mark that closes begins a line.

    >>> wrapped("检查一个客户，或所有客户 kpi check", 14)
    ['检查一个客户，', '或所有客户 kpi', 'check']
    """
    lines = [""]
    for part in _PART.findall(text):
        if lines[-1] and columns_of((lines[-1] + part).rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


_PART = re.compile(r"[“（《]*[\u2e80-\uffef][，。；：、）！？”》…]*\s*|[^\u2e80-\uffef\s]+\s*|\s+")


FEW = 8
"""Columns of a terminal that Chinese text, which may be parted anywhere, keeps at least."""


def least_columns(texts: list[str]) -> int:
    """Return in how many columns of a terminal texts can be wrapped without parting a word."""
    longest = max((columns_of(part.rstrip()) for text in texts for part in _PART.findall(text)), default=0)
    return max(longest, min(FEW, max(map(columns_of, texts))))


def narrowed(full: list[int], least: list[int], room: int) -> list[int]:
    """Return widths that fit, the widest narrowed first; none where no column may be narrower and they do not."""
    widths = [*full]
    while sum(widths) > room:
        may = [at for at, width in enumerate(widths) if width > least[at]]
        if not may:
            return []
        widths[max(may, key=widths.__getitem__)] -= 1
    return widths


def in_lines(text: str, width: int) -> str:
    """Return a text in lines of a terminal, those that follow as far in as the first: paths and words stay whole."""
    start = text[: len(text) - len(text.lstrip(" →"))]
    left = " " * columns_of(start)
    lines = wrapped(text.removeprefix(start), width - len(left))
    return "\n".join([start + lines[0], *(left + line for line in lines[1:])])
