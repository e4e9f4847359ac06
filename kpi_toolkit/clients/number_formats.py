"""What a number format makes of a cell: the text that a reader of the sheet sees, or nothing where that is not certain.

A format is understood whole or not at all: what is not known here is not passed over.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from kpi_toolkit.method.numbers import kept_places

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<wide>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]|(?P<end>;)'
    r"|(?P<place>General|G/通用格式|[0#?.,]|E[+-])|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_COLOUR_OR_SIGN = re.compile(r"(?:black|blue|cyan|green|magenta|red|yellow|color ?\d+)|\$([^-]*)(?:-[0-9a-f]*)?", re.I)
_PLACES = re.compile(r"General|G/通用格式|[0#?]+(,[0#?]+)*(\.(?P<decimals>[0#?]*))?(E[+-][0#?]+)?", re.I)
_ITSELF = re.compile(r"[ $()%¥£-]|[^\x00-\xff]")
"""What stands for itself without quotation marks; other letters and percents may be codes."""
_CONDITION = re.compile(r"\[[<>=]")
_OF_A_NUMBER = re.compile(r"[-+−().,'\d]")
_TEXT = re.compile(r"(_.|\* | )*(@|General)(_.|\* | )*", re.IGNORECASE)


def shown_number(number: Decimal, number_format: str) -> str | None:
    r"""Return a number as Excel shows it, with what its format writes beside it.

    None where the format is not certain to show just this number: nothing, other digits, thousands as ones.

    >>> [shown_number(Decimal("0.9"), one) for one in ("General", "0%", '0"%"', '0.0"篇"', ";;;", "0,", '"200"')]
    ['0.9', '90%', '0.9%', '0.9篇', None, None, None]
    >>> [shown_number(Decimal(180), one) for one in (r"0\.0", "0-0", "-0", "(0)", "[>9]0", "[$¥-804]#,##0", "0[$万]")]
    [None, None, None, None, None, '¥180', '180万']
    >>> comma = '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)'
    >>> [shown_number(Decimal(one), comma) for one in (180, -5, 0)]
    ['180', '-5', '0']
    >>> shown_number(Decimal(7), "000"), shown_number(Decimal(-5), '0;[Red]-0"次"'), shown_number(Decimal(0), "#,###")
    ('007', '-5次', None)
    """
    if number_format == "@":
        return kept_places(number)
    section = _section_of(number, number_format)
    known = _PLACES.fullmatch(section[1]) if section else None
    if section and section[0].strip() == "-" and not (number or section[1].strip("?") or section[2].strip()):
        return "0"  # in accounting a dash is a zero
    if section is None or known is None:
        return None
    before, places, behind, percents = section
    shown = number * 100**percents
    if _OF_A_NUMBER.search(before + behind) or any(char.isdigit() for char in before + behind):
        return None
    if places[0] in "#?" and "0" not in places and not round(shown, len(known["decimals"] or "")):
        return None  # places that need not be filled show a zero as nothing
    digits = kept_places(abs(shown))
    if re.fullmatch("0{2,}", places) and "." not in digits:
        digits = digits.zfill(len(places))
    return f"{'-' if number < 0 else ''}{before.strip()}{digits}{behind.rstrip()}"


def _section_of(number: Decimal, number_format: str) -> tuple[str, str, str, int] | None:
    """Return the section of a format that shows a number, without the sign that one for negative numbers writes.

    None where that is not certain: which section a condition takes is Excel's business.
    """
    sections = _sections(number_format)
    used = 2 if not number and len(sections) > 2 else 1 if number < 0 and len(sections) > 1 else 0  # noqa: PLR2004
    section = None if _CONDITION.search(number_format) else sections[used]
    if section is None or used != 1:
        return section
    before, places, behind, percents = section
    if "-" in before:
        return before.replace("-", "", 1), places, behind, percents
    if "(" in before and ")" in behind:
        return before.replace("(", "", 1), places, behind.replace(")", "", 1), percents
    return None


def shown_text(text: str, number_format: str) -> str | None:
    """Return a text as Excel shows it; None where its format is not certain to show just this text.

    >>> [shown_text("18", one) for one in ("General", "0.00", "@", ";;;@", '@"0"', ";;;", '0;0;0;"p2"')]
    ['18', '18', '18', '18', None, None, None]
    """
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    of_texts = sections[3] if len(sections) > 3 else sections[-1]  # noqa: PLR2004
    plain = len(sections) < 4 and "@" not in number_format  # noqa: PLR2004
    return text if plain or _TEXT.fullmatch(of_texts) else None


def shown_day(day: date, number_format: str, *, months: bool) -> str | None:
    """Return a day if a format shows all of it, or year and month where these will do; None for anything else.

    >>> formats = ("yyyy-mm-dd", 'm"月"d"日"', "mmm yyyy", '[$-411]ggge"年"m"月"d"日"', "yyyy h:mm")
    >>> [shown_day(date(2026, 10, 1), one, months=True) for one in formats]
    ['2026-10-01', None, '2026-10', '2026-10-01', None]
    >>> shown_day(date(2026, 10, 1), "mmm yyyy", months=False)
    """
    codes = {token["bare"].lower() for token in _TOKEN.finditer(number_format.partition(";")[0]) if token["bare"]}
    if not codes & {"y", "e"} or "m" not in codes:
        return None
    if "d" in codes:
        return f"{day:%Y-%m-%d}"
    return f"{day:%Y-%m}" if months and not codes & {"h", "s"} else None


@lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[tuple[str, str, str, int] | None, ...]:
    """Return of each section the text before its digits, their places, the text behind, and how many signs of per cent.

    None for a section that holds something else: a condition, a code, a text between the digits.
    """
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(number_format):
        if token["end"]:
            sections.append([])
        else:
            sections[-1].append(token)
    return tuple(_parts(tokens) for tokens in sections)


def _parts(tokens: list[re.Match[str]]) -> tuple[str, str, str, int] | None:
    before, places, behind, percents = "", "", "", 0
    for token in tokens:
        if token["place"] and not behind:
            places += token["place"]
            continue
        bracket = _COLOUR_OR_SIGN.fullmatch(token["bracket"]) if token["bracket"] is not None else None
        itself = token["bare"] and _ITSELF.fullmatch(token["bare"])
        literal = token["quoted"] if token["quoted"] is not None else token["escaped"] or (itself and token["bare"])
        if token["wide"] or token["fill"] == " ":
            literal = " "
        elif bracket:
            literal = bracket[1] or ""
        if token["place"] or literal is None:
            return None
        percents += token["bare"] == "%"
        before, behind = (before, behind + literal) if places else (before + literal, behind)
    return before.strip() if places else before, places, behind, percents
