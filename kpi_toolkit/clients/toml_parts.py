"""A TOML file cut at its headers into parts, so that one can be changed and the others stay as they are.

The comment right above a header belongs to it; one that stands free between two entries belongs to neither.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.method.issues import Issues

Path = tuple[str | int, ...]
"""Keys, and in lists the number of the entry."""

# No part may be possessive: Python before 3.11.5 takes them wrongly. All that may follow one another begin with
# characters of their own, so that little is tried twice.
_TEXT = r""""(?:\\.|[^"\\\n])*"(?!")|'[^'\n]*'(?!')"""
_PLAIN = rf"""[^"'\[\]{{}}\#\n]|{_TEXT}"""
_LINE = re.compile(rf"""(?:{_PLAIN}|\{{(?:{_PLAIN})*\}}|(?:(?<==)|(?<==\ ))\[(?:{_PLAIN})*\])*(?:\#[^\n]*)?\n""")
"""A line that is whole: all that opens in it closes in it, and it is no header."""
_TOKEN = re.compile(
    r"""(?P<gap>[ \t]+)|(?P<comment>\#[^\n]*)|(?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}"""
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*')|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\r?\n)|(?P<other>[^\s#"'\[\]{}]+)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A header with what stands under it; without a path it is text that belongs to no entry."""

    path: Path | None
    lead: str
    """Blank lines and the comment right above the header."""
    header: str
    body: str

    @property
    def text(self) -> str:
        """The part as it stands in the file."""
        return self.lead + self.header + self.body

    @property
    def ends_in_comment(self) -> bool:
        """Whether its last line is a comment, and not the end of a text that looks like one."""
        last = self.body.removesuffix("\n").rpartition("\n")[2]
        return last.lstrip().startswith("#") and [*_lines(self.body)][-1][0].strip().startswith("#")


@lru_cache(maxsize=4)
def parts_of(text: str) -> tuple[Part, ...]:
    """Return a file's parts in their order; the first holds what stands before all headers."""
    lines = list(_lines(text))
    heads = [n for n, (_, is_header) in enumerate(lines) if is_header]
    parts: list[Part] = []
    counts: dict[Path, int] = {}
    lead = ""
    for first, after in zip([-1, *heads], [*heads, len(lines)], strict=True):
        header = lines[first][0] if first >= 0 else ""
        inside = [line for line, _ in lines[first + 1 : after]]
        body, loose, following = _shared_out(inside, last=after == len(lines))
        parts.append(Part(_path(header, counts) if header else (), lead, header, body))
        parts += [Part(None, "", "", loose)] if loose else []
        lead = following
    return tuple(parts)


@lru_cache(maxsize=16)
def content_of(text: str, name: str) -> tuple[dict[str, Any] | None, Issues]:
    """Return what a file says, or what keeps it from being read; what is returned is shared, and not to be changed."""
    return load_toml(text.encode("utf-8", "surrogateescape"), name)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Go through the lines, those of one value together, each with whether it is a header."""
    start, depth, place, header = 0, 0, 0, False
    fresh = True
    while place < len(text):
        whole = _LINE.match(text, place) if place == start else None
        if whole:
            yield whole[0], False
            start = place = whole.end()
            continue
        token = _TOKEN.match(text, place)
        kind, place = (token.lastgroup, token.end()) if token else ("other", place + 1)
        header = header or (fresh and kind == "open" and text[place - 1] == "[")
        fresh = fresh and kind == "gap"
        depth += (kind == "open") - (kind == "close")
        if kind == "end" and (depth <= 0 or header):
            yield text[start:place], header
            start, depth, header, fresh = place, 0, False, True
    if start < len(text):
        yield text[start:], header


def comments_in(text: str) -> list[str]:
    """Return the comments of a text, and nothing of its values that looks like one."""
    return [token[0].rstrip("\r") for token in _TOKEN.finditer(text) if token.lastgroup == "comment"]


def _shared_out(lines: Sequence[str], *, last: bool) -> tuple[str, str, str]:
    """Return what of the lines under a header is its own, what is nobody's, and what belongs to the next header."""
    stop = len(lines)
    while stop and not last and lines[stop - 1].lstrip().startswith("#"):
        stop -= 1
    while stop and not last and not lines[stop - 1].strip():
        stop -= 1
    own = stop
    while own and lines[own - 1].strip().startswith("#"):
        own -= 1
    own = own if own and not lines[own - 1].strip() else stop  # a comment under a value stays with the value
    while own and not lines[own - 1].strip():
        own -= 1
    return "".join(lines[:own]), "".join(lines[own:stop]), "".join(lines[stop:])


def _path(header: str, counts: dict[Path, int]) -> Path:
    """Return what a header leads to; entries of lists are counted as they come."""
    listed = header.lstrip().startswith("[[")
    path: Path = ()
    keys = _keys_of(header)
    for depth, key in enumerate(keys, start=1):
        path = (*path, key)
        if listed and depth == len(keys):
            counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path]) if path in counts else path
    return path


@lru_cache(maxsize=4096)
def _keys_of(header: str) -> tuple[str, ...]:
    return tuple(_keys(tomllib.loads(header)))


def _keys(table: Any) -> Iterator[str]:
    for key, below in (table[0] if isinstance(table, list) else table).items():
        yield key
        yield from _keys(below)
