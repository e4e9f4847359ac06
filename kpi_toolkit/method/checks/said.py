"""What the name and the standard of an indicator say of its unit and its target, against what the design holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.issues import Issue, warning
from kpi_toolkit.method.model import Basis, Indicator, IndicatorClass
from kpi_toolkit.method.numbers import FULL, MONEY, TIME, plain_unit
from kpi_toolkit.method.wording import Wording, matches

_OF_NAME = re.compile(
    r"[(\[【]\s*(?:in |单位:?|unit:?)?\s*([^()\[\]【】]{1,14}?)\s*[)\]】]|(?:,|\bin)\s+([a-z% ]{1,14})$", re.IGNORECASE
)
"""A unit behind a name: in brackets, or after a comma or "in" at its end."""
_MULTIPLE = re.compile(
    r"^([百千万亿]+)|^(k|thousands?|millions?|bn|mn)\b|\b(k|thousands?|millions?|bn|mn)$", re.IGNORECASE
)
_SAME_MULTIPLE = {"thousand": "千", "k": "千", "million": "百万", "mn": "百万", "bn": "十亿"}
_POINTS = {"分", "points", "point", "pts", "score"}
_LIKE = {"working days": "days"}
_TOLD_APART = TIME | MONEY | {"%", "‰", "points"}
"""Units that are never another word for a piece."""


def units_fit_names(case: Case) -> Iterator[Issue]:
    """Find a unit in an indicator's name that is not the one which its figures are counted in."""
    for _, role, item, place in case.indicators():
        said = next((unit for name in item.name.words for unit in _named(name) if _is_another(unit, item)), "")
        if said and item.basis is Basis.ACTUAL:
            yield warning("unit-by-name", place, role=role.name, indicator=item.name, said=said, unit=item.unit)


def units_are_said(case: Case) -> Iterator[Issue]:
    """Find what is counted in per cent only because no unit was written: amounts of work, and targets beyond all."""
    for _, role, item, place in case.indicators():
        said = "unit" in item.model_fields_set or item.card or item.basis is not Basis.ACTUAL
        if said or not item.target:
            continue
        shares = (*case.wording.shares, *case.wording.beyond, *case.wording.levels)
        amount = item.kind is IndicatorClass.WORKLOAD or item.target > FULL
        if amount and not matches(shares, "\n".join(item.name.words)):
            yield warning("unit-unsaid", place, role=role.name, indicator=item.name, target=item.target)


def _named(name: str) -> Iterator[str]:
    for found in _OF_NAME.finditer(unicodedata.normalize("NFKC", name)):
        yield (found[1] or found[2]).strip()


def _is_another(said: str, item: Indicator) -> bool:
    """Whether a unit is money, time, per cent, points or a multiple, and none of an indicator's own."""
    multiple, unit = _parts(said)
    own = [_parts(unit) for unit in item.unit.words]
    if not own or not (multiple or unit in _TOLD_APART):
        return False
    if unit == "points" and any(each in TIME for _, each in own):  # 分 is a minute, too
        return False
    if not unit or (multiple and all(each not in _TOLD_APART for _, each in own)):
        return all(each != multiple for each, _ in own)
    return (multiple, unit) not in own


def _parts(said: str) -> tuple[str, str]:
    """Return the multiple in a unit and the unit as units are compared, each empty where there is none.

    >>> _parts("万元"), _parts("thousand GBP"), _parts("hrs"), _parts("％"), _parts("k")
    (('万', '元'), ('千', '£'), ('', 'hours'), ('', '%'), ('千', ''))
    """
    said = unicodedata.normalize("NFKC", said).strip()
    found = _MULTIPLE.search(said)
    multiple = next(filter(None, found.groups())).casefold() if found else ""
    bare = _MULTIPLE.sub("", said, count=1).strip() if found else said
    unit = plain_unit(bare)
    if bare in _POINTS:
        unit = "points"
    elif bare.casefold() in {"%", "percent", "per cent", "pct", "百分比"}:
        unit = "%"
    return _SAME_MULTIPLE.get(multiple.removesuffix("s"), multiple), _LIKE.get(unit, unit)


def targets_fit_standards(case: Case) -> Iterator[Issue]:
    """Find a standard that asks for another number of an indicator's unit than its target."""
    for _, role, item, place in case.indicators():
        if item.target is None or item.basis is not Basis.ACTUAL:
            continue
        texts = [text for each in (item.standard, item.deliverable) if each for text in each.words]
        asked = asked_for(texts, item, case.wording)
        if asked and item.target not in asked:
            said = {"said": sorted(asked), "target": item.target, "unit": item.unit}
            yield warning("standard-number", place, role=role.name, indicator=item.name, **said)


def asked_for(texts: Iterable[str], item: Indicator, wording: Wording) -> set[Decimal]:
    """Return the numbers of an indicator's unit that texts ask to reach, or not to pass; of a part of it none."""
    units = [*item.unit.words, *(("per cent", "percent") if is_per_cent(item) else ())]
    whole = (text for text in texts if not matches(wording.partly, text))
    return {number for text in whole for number in wording.bounds(text, units, item.direction.value)}


CHECKS = (units_fit_names, units_are_said, targets_fit_standards)
