"""From a cell to a number, one way for designs, targets and figures: what it says in its own unit, or may mean."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from decimal import Decimal

from pydantic_core import PydanticCustomError

from kpi_toolkit.clients.blocks import MULTIPLES, Record
from kpi_toolkit.clients.importing import SKIP, Import
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.method.checks.plausible import in_own_unit, is_per_cent
from kpi_toolkit.method.issues import hint
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import Measured, is_money, parse_measured, parse_number
from kpi_toolkit.method.value import Text

TARGET = "target"
"""What is proposed for a cell that says it was done: as much as the target."""
_ONE_NUMBER = re.compile(r"[^\d]*?(\d+(?:\.\d+)?\s*[千万亿]?)(?!\s*[kKmM]\b)([^\d]*)")
_SIGN_FIRST = re.compile(r"\s*([£$€¥])\s*([+-]?[\d.,]+\s*[千万亿]?)\s*")
"""A figure behind the sign of its currency."""
_SHORT = re.compile(r"([£$€¥]?\s*[\d.,]*\d)\s*([kKwW])(\s*[^\dA-Za-z]*|\s+\D*)")
"""A figure cut short: thousands of money (9.5k), ten thousands as they are typed in Chinese (4.86W)."""
_NEGATIVE = re.compile(r"(?:^\s*[(（]|(?<![A-Za-z])[-−负])\s*\d")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(\.\d+)?(?![\d,])")
_DOTTED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.])")
_BETWEEN_THOUSANDS = re.compile(r"(?<=\d)[,' ’](?=\d{3}(?!\d))")


def number_in(text: str) -> Decimal | None:
    """Return the number that a text is; None where it is none."""
    try:
        return parse_number(text)
    except PydanticCustomError:
        return None


def share_of(text: str) -> Decimal | None:
    """Return a weight in per cent as it is typed: ``25%``, ``25``, ``25分`` or ``0.25``."""
    bare = re.sub(r"\s*(?:[%％分]|points?|pts)\s*$", "", text.strip(), flags=re.I)
    number = number_in(bare)
    return number * 100 if number is not None and number <= 1 and bare == text.strip() else number


def read_figure(into: Import, record: Record, item: Indicator, column: str) -> tuple[Decimal | None, str]:
    """Return the number that a cell says in its indicator's unit, else what it may mean: a number, the target, nothing.

    A fraction where per cent are counted is such a cell without its format; of one alone nobody can tell.
    """
    text = without_commas(into, record, item, column)
    number = in_unit(text, item) if text else None
    if number is None:
        return None, "" if not text else _likely(into, text, item, column)
    own = unit_said(into, record, item)
    if (unit := own or record.text("units")) and number_in(text) is not None:
        digits = unit[0].isdecimal()  # a 1000 beside a 7 is not the rest of its number
        scaled = None if digits else in_unit(text + unit, item)
        if digits or (
            scaled is None and own and _is_another(into, unit, item)
        ):  # above a table it may not hold for all
            return None, _likely(into, text if digits else text + unit, item, column)
        number = number if scaled is None else scaled
    if not _is_fraction(text) or not is_per_cent(item) or set("%％") & {*text, *record.text("indicator")}:
        return number, ""
    whole = Decimal(f"{(number * 100).normalize():f}")
    if not _is_fraction(record.text("target" if column == "actual" else "actual")):
        return None, f"{whole:f}"
    values = {"value": text, "percent": whole, "indicator": item.name, "client": into.client.id}
    into.issues.append(hint("read-as-percent", record.place(column), **values))
    return whole, ""


def _is_another(into: Import, unit: str, item: Indicator) -> bool:
    known, *ours = (into.words.named("units", each) for each in (unit, item.unit.zh, item.unit.en))
    return unit[0] in MULTIPLES or bool(known and known not in ours)


def unit_said(into: Import, record: Record, item: Indicator) -> str:
    """Return the unit that a line says its figures are in: in a column of its own, or behind the indicator's name."""
    name = record.text("indicator")
    return record.text("unit") or ("" if name in {item.name.zh, item.name.en} else into.words.unit_in(name))


def without_commas(into: Import, record: Record, item: Indicator, column: str) -> str:
    """Return a cell's text without commas in its number, nor a currency's sign before it if that is the unit.

    Of one comma before three digits it is asked, once a client.
    So it is of a point before three digits, where the file has commas before decimals. Empty while that is open.
    """
    text = unicodedata.normalize("NFKC", record.text(column))
    sign = _SIGN_FIRST.fullmatch(text)
    text = sign[2] if sign and into.words.named("units", sign[1]) == item.unit else text
    if _DOTTED.search(text) and record.source.name in into.with_decimal_commas:
        said = into.ask(record.place(column), "dots", ("thousands", "decimals"), value=text)
        return text if said == "decimals" else text.replace(".", "").replace(",", ".") if said else ""
    found = _GROUPED.search(text)
    if not found:
        return text
    sure = found[1] or found[0].count(",") > 1
    said = "thousands" if sure else into.ask(record.place(column), "commas", ("thousands", "decimals"), value=text)
    return text.replace(",", {"thousands": "", "decimals": "."}[said]) if said else ""


def in_unit(text: str, item: Indicator) -> Decimal | None:
    """Return the number that a text says in an indicator's unit; None where it says none, or has another unit."""
    try:
        number = in_own_unit(parse_measured(text), item)
    except PydanticCustomError:
        return None
    return None if isinstance(number, Measured) else number


def _is_fraction(text: str) -> bool:
    return 0 < (number_in(text) or 0) <= 1


def _likely(into: Import, text: str, item: Indicator, column: str) -> str:
    """Return what a text most probably says: its only number, the target where it says that this was done."""
    done = column == "actual" and into.words.is_one("done", text)
    return likely_number(into.words, text, item) or (TARGET if done else SKIP)


def likely_number(words: Vocabulary, text: str, item: Indicator) -> str:
    """Return the number that a text most likely means, which is asked about; empty where there is none.

    >>> from pathlib import Path
    >>> from kpi_toolkit.clients.workbook import Workbook
    >>> said = {"id": "posts", "name": "Posts", "class": "workload", "weight": 1, "unit": "篇"}
    >>> words, posts = Vocabulary(Workbook(Path())), Indicator.model_validate(said)
    >>> told = ("前8名", "Top 8", "约1,200.5", "十篇", "3篇内", "约2万", "2,9篇", "-8 or so", "约3天", "30k", "most")
    >>> [likely_number(words, one, posts) for one in told]
    ['8', '8', '1200.5', '10', '3', '20000', '2.9', '', '', '', '']
    >>> sales = {unit: posts.model_copy(update={"unit": Text.each(lambda _: unit)}) for unit in ("GBP", "万元")}
    >>> [likely_number(words, one, sales["GBP"]) for one in ("9.5k", "£9.5k", "9.5k GBP", "$9.5k", "9.5m")]
    ['9500', '9500', '9500', '', '']
    >>> likely_number(words, "4.86W", posts), likely_number(words, "141.2万", sales["万元"])
    ('48600', '141.2')
    """
    # One piece: what a text may mean is tried in this order, and each try leaves it plainer for the next.
    if in_other_money(words, text, item):
        return ""
    bare, own = text.strip(), item.unit.words
    short = _SHORT.fullmatch(bare)
    if short and (short[2] in "wW" or any(map(is_money, own))):
        number = in_unit(f"{short[1]}{'万' if short[2] in 'wW' else '千'}{short[3]}", item)
        return "" if number is None else f"{number:f}"
    for unit in own:
        bare = bare.removesuffix(unit).strip()
    for each in (text, bare):
        try:
            typed = parse_measured(each)
        except PydanticCustomError as problem:
            plain = str((problem.context or {}).get("plain", ""))
            if problem.type == "number-in-words" or (problem.type == "decimal-comma" and number_in(plain) is None):
                text = plain  # a comma alone may part two numbers
        else:
            if isinstance(typed, Measured) and own and not typed.typed_unit.startswith(own):
                same = typed.typed_unit in {"万", "亿"} and any(unit.startswith(typed.typed_unit) for unit in own)
                return f"{typed.typed:f}" if same else ""
    one = _ONE_NUMBER.fullmatch(_BETWEEN_THOUSANDS.sub("", unicodedata.normalize("NFKC", text)))
    if not one or _NEGATIVE.search(text):
        return ""
    units = (words.named("units", one[2][:length]) for length in range(len(one[2]), 0, -1))
    named = next(filter(None, units), item.unit)
    number = in_unit("".join(one[1].split()), item)
    return "" if number is None or (item.unit != Text() and named not in {item.unit, Text()}) else f"{number:f}"


def in_other_money(words: Vocabulary, text: str, item: Indicator) -> bool:
    """Whether a figure stands behind a currency's sign where its indicator is counted in something else."""
    sign = _SIGN_FIRST.fullmatch(unicodedata.normalize("NFKC", text))
    return sign is not None and item.unit not in {Text(), words.named("units", sign[1])}


def number_before_unit(text: str) -> str:
    """Return the number that is typed before a unit; nothing where it is no plain one."""
    with suppress(PydanticCustomError):
        return f"{Decimal(parse_measured(text)):f}"
    return ""


def typed_unit(text: str) -> str:
    """Return the unit that is typed behind a figure, such as ``posts`` in ``30 posts``; nothing where there is none.

    >>> typed_unit("30 posts"), typed_unit("33万元"), typed_unit("£4,800"), typed_unit("30")
    ('posts', '元', '£', '')
    """
    if sign := _SIGN_FIRST.fullmatch(unicodedata.normalize("NFKC", text)):
        return sign[1]
    try:
        return getattr(parse_measured(text), "typed_unit", "").lstrip(MULTIPLES)
    except PydanticCustomError:
        return ""
