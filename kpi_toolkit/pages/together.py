"""What stays together: a heading with what it heads, a table's head with its rows, a number or a name within a line.

Engines that print break a page wherever it is full, and a line within "10.64". What must not part is therefore put into
boxes: ``keep`` stays whole, ``start`` needs room below it (the style gives it and takes it back), ``nb`` is one line.
"""

from __future__ import annotations

import re

SMALL_TABLE = 6
"""A table of so many rows or fewer stands on one page, but where its rows are long (``parted``)."""
_MANY_COLUMNS = 6  # more than a phone is wide
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
_LONG, _PIECE = re.compile(r"[!-%'-;=?-ɏ]{25,}"), 12  # a word of so many letters, and the parts it may be broken into
_HAN_MARKS = set("，。；：、")
_HAN = "\u3400-\u9fff"
_UNBROKEN = re.compile(
    rf"(?:(?P<name>[{_HAN}]+(?:·[{_HAN}]+)+)|(?<![\w.])(?:[−+]?\d[\d,]*\.\d+%?|\d{{4}}-\d\d-\d\d)(?!\w))"
    r"(?P<after>[.,;:，。；：、]?)"
)


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

    >>> unbroken("<p>戴维·奥康纳 10.64</p>")
    '<p><span class="nb">戴维·奥康纳</span> <span class="nb">10.64</span></p>'
    """
    pieces = _MARKUP.split(html)
    # Every second piece is text between tags; what is nothing but a number stands in a cell of its own.
    pieces[::2] = [_LONG.sub(_in_parts, text) for text in pieces[::2]]
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
