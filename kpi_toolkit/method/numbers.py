"""Exact numbers: how typed numbers are read, and the one rounding rule (architecture decision 3).

Weights are whole hundredths, indicator scores whole millionths of a point, official scores and points whole hundredths.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

MICRO = 1_000_000
FULL = Decimal(100)
CENTI = 100
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
# More digits than a spreadsheet keeps are a typing slip, and whole-number sums stay far below 2**53.
_MAX_DIGITS, _MAX_PLACES = 15, 12


NOT_REPORTED = frozenset({
    "/", "\\", "-", "--", "—", "——", "–", "n/a", "na", "n.a.", "nil", "none", "tbd", "not reported", "not available",
    "无", "未报", "未填", "未填报", "未提交", "未上报", "暂无", "缺",
})  # fmt: skip
"""What people write where a figure was not reported, folded: never a zero, and never silently a blank."""
_SIGNS = str.maketrans("．－＋％，−　\xa0", ".-+%,-  ")
_MULTIPLES = {"千": 3, "万": 4, "亿": 8}
_MEASURED = re.compile(r"([+-]?[\d.,]*\d)\s*+((?!\d)[^²³¹⁰-₟½⅓¼¾.,+-][^\d\r\n]*)")
"""A number and behind it, in its line, something without digits that begins as no number goes on: 95m², not 10²."""
_MONEY = re.compile(r"([+-]?)([A-Z]{0,3}[$¥￥€£]|[A-Z]{3})\s*+(\d.*)")
_MONEY_NAMES = {"元": "¥ ￥ cny rmb 人民币 人民币元", "$": "us$ usd 美元", "€": "eur 欧元", "£": "gbp 英镑"}
_TIME_NAMES = {
    "seconds": "s sec secs second 秒", "minutes": "min mins minute 分钟", "hours": "h hr hrs hour 小时",
    "days": "d day 天 日", "milliseconds": "ms millisecond 毫秒", "working days": "workday workdays 工作日",
}  # fmt: skip
_SAME_UNIT = {name: unit for unit, names in (_MONEY_NAMES | _TIME_NAMES).items() for name in names.split()}
TIME, MONEY = frozenset(_TIME_NAMES), frozenset(_MONEY_NAMES)
"""Units by the one name that :func:`plain_unit` gives them."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")


_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_ROUGHLY = re.compile(
    r"(?:约|大约|大概|近|超过?|至少|不少于|[~≈≥≤<>]|about|approx\.?|circa|ca\.?|over|around)\s*(\d+(?:\.\d+)?)", re.I
)
_TENTHS = re.compile(r"([1-9一二两三四五六七八九])成([1-9一二两三四五六七八九])?")
"""A share as it is said in Chinese: eight tenths, and a half of one."""
_DIGITS = {
    word: number
    for number, words in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for word in words
}


def _in_words(text: str) -> str:
    """Return the number that a rough figure or Chinese digits up to 99 probably mean; empty for anything else.

    >>> [_in_words(text) for text in ("约40", "四十二", "十", "many", "八成", "8成五")]
    ['40', '42', '10', '', '80', '85']
    """
    if rough := _ROUGHLY.fullmatch(text):
        return rough[1]
    if tenths := _TENTHS.fullmatch(text):
        return "".join(str(_DIGITS.get(each, each)) for each in tenths.groups("0"))
    tens, ten, ones = text.partition("十")
    if not text or not {*tens, *ones} <= {*_DIGITS} or len(tens) > 1 or len(ones) > 1:
        return ""
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)) if ten else str(_DIGITS[tens])


class Measured(Decimal):
    """A number as it was typed with a unit: ``120篇``, ``90%``, ``3.5万元``, ``¥200``. It counts as the number.

    Whether the unit is the indicator's own is asked where the indicator is known.
    """

    __slots__ = ("typed", "typed_unit", "unit")
    unit: str
    """The unit without a multiple."""
    typed: Decimal
    typed_unit: str

    @classmethod
    def of(cls, number: Decimal, unit: str, typed: Decimal, typed_unit: str) -> Measured:
        """Return a number with its unit, and both as they were typed."""
        made = cls(number)
        made.unit, made.typed, made.typed_unit = unit, typed, typed_unit
        return made

    @property
    def as_typed(self) -> str:
        """Number and unit as somebody typed them."""
        return f"{self.typed:f}{self.typed_unit}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the unit where a number goes to another process."""
        return Measured.of, (Decimal(self), self.unit, self.typed, self.typed_unit)


def parse_number(value: Any) -> Decimal:
    """Return the typed number exactly; refuse what two readers could read as two numbers.

    >>> parse_number(" 12.50 "), parse_number("３０")
    (Decimal('12.50'), Decimal('30'))
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise PydanticCustomError("bad-number", "not a number")
    if isinstance(value, int) and abs(value) >= 10**12:
        raise PydanticCustomError("too-many-digits", "more digits than can be kept")
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) < _MAX_DIGITS):
        raise PydanticCustomError("too-many-digits" if value.is_finite() else "bad-number", "no number to keep")
    if not isinstance(value, str):
        return _kept(Decimal(f"{value:f}" if isinstance(value, Decimal) else value))
    text = _plain_signs(value)
    if _PLAIN.fullmatch(text):
        return _kept(Decimal(text))
    if _GROUPED.fullmatch(text):
        raise PydanticCustomError("grouped-number", "no plain number: {plain}", {"plain": text.replace(",", "")})
    if _DECIMAL_COMMA.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
        raise PydanticCustomError("decimal-comma", "no plain number: {plain}", {"plain": plain})
    if plain := _in_words(text):
        raise PydanticCustomError("number-in-words", "no plain number: {plain}", {"plain": plain})
    if _MEASURED.fullmatch(text):
        raise PydanticCustomError("unit-behind", "no plain number")
    raise PydanticCustomError("bad-number", "not a plain number")


def parse_measured(value: Any) -> Decimal:
    """Return a typed number, with its unit where one stands behind it, or money before it.

    >>> parse_measured("3.5万元"), parse_measured("3.5万元").unit, parse_measured("¥12").unit, parse_measured("12")
    (Decimal('35000'), '元', '¥', Decimal('12'))
    """
    text = _MONEY.sub(r"\1\3\2", _plain_signs(value)) if isinstance(value, str) else ""
    if _TENTHS.fullmatch(text):  # a share, whatever is counted here
        raise PydanticCustomError("number-in-words", "no plain number: {plain}", {"plain": f"{_in_words(text)}%"})
    match = _MEASURED.fullmatch(text)
    if match is None:
        return parse_number(value)
    try:
        typed, typed_unit = parse_number(match[1]), match[2].strip()
    except PydanticCustomError as problem:
        plain = (problem.context or {}).get("plain")
        if plain is None:
            raise
        kept = _plain_signs(value).replace(match[1], plain)  # what is to be written keeps its unit
        raise PydanticCustomError(problem.type, "no plain number: {plain}", {"plain": kept}) from None
    number, unit = typed, typed_unit
    if unit[0] in _MULTIPLES:
        number, unit = _kept(_whole(number * 10 ** _MULTIPLES[unit[0]])), unit[1:].strip()
    return Measured.of(number, unit, typed, typed_unit)


_SYMBOL = 2
"""So short a unit is a symbol: its capitals tell m from M."""


def plain_unit(unit: str) -> str:
    """Return a unit as units are compared: money and time by one name, and without capitals, which tell symbols apart.

    >>> plain_unit(" Articles"), plain_unit("¥") == plain_unit("CNY"), plain_unit("m") == plain_unit("M")
    ('articles', True, False)
    >>> plain_unit("h"), plain_unit("hrs"), plain_unit("小时")
    ('hours', 'hours', 'hours')
    """
    text = unit.strip()
    folded = text.casefold()
    return _SAME_UNIT.get(folded, text if len(text) <= _SYMBOL else folded)


def is_money(unit: str) -> bool:
    """Whether a unit is money.

    >>> is_money("GBP"), is_money("元"), is_money("万元"), is_money("posts")
    (True, True, False, False)
    """
    return plain_unit(unit) in _MONEY_NAMES


def _whole(number: Decimal) -> Decimal:
    return number.to_integral_value() if number == number.to_integral_value() else number


def _kept(number: Decimal) -> Decimal:
    _, digits, exponent = number.as_tuple()
    if int(exponent) < -_MAX_PLACES or len(digits) > _MAX_DIGITS or abs(number) >= 10**12:
        raise PydanticCustomError("too-many-digits", "more digits than can be kept")
    return number


def _plain_signs(text: str) -> str:
    """Return a text with every decimal digit and sign of a number in its plain form, and nothing else changed.

    Only what is a digit becomes one: ``10²`` is not 102, ``①80`` is not 180.
    """
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return text.translate(_SIGNS).strip()


def without_groups(text: str) -> str:
    """Return what was typed with plain digits and signs, and without the commas that can only part thousands.

    >>> [without_groups(text) for text in ("£42,000", "１２，０００.5", "40,5", "0,500", "1234,567")]
    ['£42000', '12000.5', '40,5', '0,500', '1234,567']
    """
    return _THOUSANDS.sub(lambda found: found[0].replace(",", ""), _plain_signs(text))


def is_not_reported(text: str) -> bool:
    """Whether a cell says that its figure was not reported.

    >>> is_not_reported(" N/A "), is_not_reported("—"), is_not_reported("0")
    (True, True, False)
    """
    return text.strip().casefold() in NOT_REPORTED


def kept_places(number: Decimal) -> str:
    """Return a computed number as text with as many digits as are kept; halves are rounded away from zero.

    >>> kept_places(Decimal("63.3333333333333")), kept_places(Decimal("-2.77E-17"))
    ('63.333333333333', '0')
    """
    rounded = number.quantize(Decimal(1).scaleb(-_MAX_PLACES), ROUND_HALF_UP) if number.is_finite() else number
    text = digits(rounded)
    return "0" if text == "-0" else text


def parse_percent(value: Any) -> Decimal:
    """Return a number of per cent, its sign allowed: ``80`` and ``80%`` are both 80.

    >>> parse_percent("80%"), parse_percent("12.50")
    (Decimal('80'), Decimal('12.50'))
    """
    return parse_number(_plain_signs(value).removesuffix("%") if isinstance(value, str) else value)


Number = Annotated[Decimal, BeforeValidator(parse_number)]
MeasuredNumber = Annotated[Decimal, PlainValidator(parse_measured, json_schema_input_type=Decimal)]
Percent = Annotated[Decimal, BeforeValidator(parse_percent)]
Hundredths = Annotated[Decimal, BeforeValidator(parse_number), Field(decimal_places=2)]


def round_half_up(value: Fraction, scale: int) -> int:
    """Return ``value * scale`` as a whole number, halves away from minus infinity.

    >>> round_half_up(Fraction(2675, 1000), 100)
    268
    """
    return (2 * value.numerator * scale + value.denominator) // (2 * value.denominator)


def half_up(value: Decimal | Fraction, places: int) -> Decimal:
    """Return a number with so many decimals, halves up: the one way in which a printed figure loses decimals.

    >>> half_up(Decimal("59.985"), 2), half_up(Fraction(1, 3), 1)
    (Decimal('59.99'), Decimal('0.3'))
    """
    return Decimal(round_half_up(Fraction(value), 10**places)).scaleb(-places)


def decimals_of(typed: Decimal) -> int:
    """Return with how many decimals a number was typed.

    >>> decimals_of(Decimal("12.50")), decimals_of(Decimal("1E+3"))
    (2, 0)
    """
    return max(0, -int(typed.as_tuple().exponent))


def digits(value: Decimal) -> str:
    """Return a number as a person types it, without noughts at its end.

    >>> digits(Decimal("12.50")), digits(Decimal("100"))
    ('12.5', '100')
    """
    return f"{value.normalize():f}"


def centi_or_none(value: Decimal | None) -> int | None:
    """Return whole hundredths, and nothing of nothing."""
    return None if value is None else centi(value)


def centi(value: Decimal) -> int:
    """Return a number of at most two decimals as whole hundredths.

    >>> centi(Decimal("90.50"))
    9050
    """
    return int(value * CENTI)


def from_centi(value: int) -> Decimal:
    """Return whole hundredths as a number with two decimals.

    >>> from_centi(9050)
    Decimal('90.50')
    """
    return Decimal(int(value)).scaleb(-2)


def deal(total: int, numerators: Sequence[int], denominator: int, turn: Sequence[int] | None = None) -> list[int]:
    """Return ``numerator / denominator`` as whole numbers that sum to ``total`` (largest remainder, exact).

    Equal remainders are served in ``turn`` (places of the sequence, first served first; by default as they stand).

    >>> votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100]
    >>> deal(10, [10 * count for count in votes], sum(votes))
    [5, 2, 1, 1, 1, 0]
    """
    places = range(len(numerators)) if turn is None else turn
    whole = [numerator // denominator for numerator in numerators]
    for place in sorted(places, key=lambda place: -(numerators[place] % denominator))[: total - sum(whole)]:
        whole[place] += 1
    return whole
