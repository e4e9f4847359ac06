"""What a number format makes of a number: the text that a reader of the sheet sees."""

from __future__ import annotations

import re
from decimal import Decimal

from kpi_toolkit.method.numbers import kept_places

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<place>[0#?.,%]|[eE][+-])|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # a semicolon that stands in no quotes
_NO_UNIT = re.compile(r"[\s\-+()/:¥￥$€£]")


def shown_number(number: Decimal, number_format: str) -> str | None:
    r"""Return a number as Excel shows it: per cent as per cent, with the unit that its format writes behind it.

    None where the format shows something else than the number: nothing, digits of its own, thousands as ones.

    >>> [shown_number(Decimal("0.9"), one) for one in ("General", "0%", '0"%"', '0.0"篇"', ";;;", "0,", '"200"')]
    ['0.9', '90%', '0.9%', '0.9篇', None, None, None]
    >>> shown_number(Decimal(7), "000"), shown_number(Decimal(-5), '0;[Red]-0"次"'), shown_number(Decimal(0), "0;-0;")
    ('007', '-5次', None)
    """
    sections = _SECTION.split(number_format)
    if not number_format or number_format == "@":
        return kept_places(number)
    if re.search(r"\[[<>=]", number_format):
        return None
    used = 2 if not number and len(sections) > 2 else 1 if number < 0 and len(sections) > 1 else 0  # noqa: PLR2004
    before, places, behind = _parts(sections[used])
    hidden = not places.strip(",.%")
    scaled = re.search(r"[0#?],+($|[.%])", places)
    if hidden or scaled or before or any(char.isdigit() for char in behind):
        return None
    signs = places.count("%")
    text = kept_places(number * 100**signs)
    if re.fullmatch("0{2,}", places) and number == number.to_integral_value():
        text = text.zfill(len(places))
    return None if signs and behind else text + ("%" if signs else behind)


def _parts(section: str) -> tuple[str, str, str]:
    """Return the text before a section's digits, its places for digits, and the text behind them."""
    before, places, behind = "", "", ""
    for token in _TOKEN.finditer(section):
        literal = token["quoted"] or token["escaped"] or token["bare"] or ""
        if token["place"] or token["general"]:
            places += "0" if token["general"] else token["place"]
        elif literal:
            kept = _NO_UNIT.sub("", literal)
            before, behind = (before, behind + kept) if places else (before + kept, behind)
    return before, places, behind
