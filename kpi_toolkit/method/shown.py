"""Texts as a terminal, a calendar or a log may hold them: nothing moves a cursor, forges a line or turns letters round.

What somebody wrote, a file's name and a key are all the same here: any of them may hold anything.
"""

from __future__ import annotations

import json
import re
from typing import Any

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
