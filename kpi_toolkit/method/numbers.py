"""Exact numbers: how typed numbers are read, and the one rounding rule (architecture decision 3).

Weights are whole hundredths, indicator scores whole millionths of a point, official scores and points whole hundredths.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

MICRO = 1_000_000
CENTI = 100
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
# More digits than a spreadsheet keeps are a typing slip, and whole-number sums stay far below 2**53.
_MAX_DIGITS, _MAX_PLACES = 15, 12


def parse_number(value: Any) -> Decimal:
    """Return the typed number exactly; refuse what two readers could read as two numbers.

    >>> parse_number(" 12.50 "), parse_number("３０")
    (Decimal('12.50'), Decimal('30'))
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise PydanticCustomError("bad-number", "not a number")
    if isinstance(value, int) and abs(value) >= 10**12:
        raise PydanticCustomError("too-many-digits", "more digits than can be kept")
    text = unicodedata.normalize("NFKC", _written(value)).strip()
    if not _PLAIN.fullmatch(text):
        raise PydanticCustomError("bad-number", "not a plain number")
    number = Decimal(text)
    too_fine = int(number.as_tuple().exponent) < -_MAX_PLACES
    if too_fine or len(number.as_tuple().digits) > _MAX_DIGITS or abs(number) >= 10**12:
        raise PydanticCustomError("too-many-digits", "more digits than can be kept")
    return number


def _written(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def parse_percent(value: Any) -> Decimal:
    """Return a number of per cent, its sign allowed: ``80`` and ``80%`` are both 80."""
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value
    return parse_number(text.removesuffix("%") if isinstance(text, str) else text)


Number = Annotated[Decimal, BeforeValidator(parse_number)]
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


def centi(value: Decimal) -> int:
    """Return a number of at most two decimals as whole hundredths."""
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
