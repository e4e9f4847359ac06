"""The months that a title, the name of a sheet or of a file speaks of."""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_HAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NAMED = re.compile(rf"(?<![a-z])(?:{'|'.join(f'{name[:3]}(?:{name[3:]}|t)?' for name in _ENGLISH)})(?![a-z])")
_SAID = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)[^\d(（]{0,2}(?P<month>1[0-2]|0?[1-9])(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d\d)\s*年\D?(?P<month>1[0-2]|0?[1-9])\s*月"),
    re.compile(r"(?<!\d)(?P<month>1[0-2]|0?[1-9])月?\D{1,2}(?P<year>20\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>1[0-2]|0?[1-9])\s*月"),
)
"""How months are written, by years and numbers; those that other words give are put into numbers first."""
_NO_OTHER_WORD = 7
"""Letters of an English month that is neither a first name nor a verb."""


def months_said(text: str) -> list[tuple[int | None, int]]:
    """Return the months that a text speaks of, each with its year, or None where it gives none.

    >>> [months_said(text) for text in ("September 2026 results", "九月份业绩", "26年9月业绩", "Sep-26", "202609")]
    [[(2026, 9)], [(None, 9)], [(2026, 9)], [(None, 9)], [(2026, 9)]]
    >>> months_said("Prepared by June, you may print it"), months_said("May 2026")
    ([], [(2026, 5)])
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    plain = re.sub("十[一二]?(?=月)|[一二三四五六七八九](?=月)", lambda found: str(_HAN.index(found[0]) + 1), plain)
    plain = _NAMED.sub(_in_numbers, plain)
    for pattern in _SAID:
        found = [(match.groupdict().get("year"), int(match["month"])) for match in pattern.finditer(plain)]
        if found:
            return [(int(year) % 100 + 2000 if year else None, month) for year, month in found]
    return []


def _in_numbers(found: re.Match[str]) -> str:
    """Return a named month as a number and 月; as it was where the name may be another word."""
    beside = found.string[: found.start()], found.string[found.end() :]
    dated = re.search(r"\d\W{0,2}$", beside[0]) or re.match(r"\W{0,2}\d", beside[1])
    month = next(n for n, name in enumerate(_ENGLISH, start=1) if name[:3] == found[0][:3])
    return f"{month}月" if dated or beside == ("", "") or len(found[0]) >= _NO_OTHER_WORD else found[0]
