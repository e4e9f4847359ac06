"""What the method cautions against in the form of a role: how many indicators, how heavy, how worded, whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from kpi_toolkit.method.changes import untouched_starter
from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import DESIGN_FILE, indicator_place
from kpi_toolkit.method.curves import CurveValue
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, hint, warning
from kpi_toolkit.method.model import Basis, Indicator, IndicatorClass, Role
from kpi_toolkit.method.numbers import FULL
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.method.wording import matches

_MOST = 10
"""Most indicators on a form: the source's own has nine (S147)."""
_LIGHTEST, _HEAVIEST = Decimal(5), Decimal(50)
"""The source's own forms run from 5 to 30; above 50 one number outweighs all others together."""
_FEW = 2
"""Of two indicators one weighs half or more."""
_WON = {IndicatorClass.LEAD, IndicatorClass.RESULT, IndicatorClass.SALES_QUOTA}


def _forms_are_readable(case: Case) -> Iterator[Issue]:
    for name, role in case.design.roles.items():
        if len(role.indicators) > _MOST:
            place = Place(DESIGN_FILE, key=f"roles.{name}.indicators")
            yield hint("many-indicators", place, role=role.name, n=len(role.indicators), most=_MOST)
    for _, role, item, place in case.indicators():
        if 0 < item.weight < _LIGHTEST:
            yield hint("tiny-weight", place, indicator=item.name, weight=item.weight, least=_LIGHTEST)
        if item.weight > _HEAVIEST and len(role.indicators) > _FEW:
            yield hint("heavy-indicator", place, indicator=item.name, weight=item.weight, most=_HEAVIEST)


def _curves_and_caps_agree(case: Case) -> Iterator[Issue]:
    """Find curves on which nobody reaches full marks, or the cap that the indicator was given, and scores above it."""
    for _, _, item, place in case.indicators():
        wanted, cap = FULL if item.cap is None else item.cap, case.design.cap(item)
        if item.outside or item.curve.passes_at is not None:
            continue
        if not _reaches(item.scored_curve, wanted):
            yield hint("cap-unreachable", place, indicator=item.name, score=wanted)
        if _pays_above(item.scored_curve, cap):
            yield hint("above-the-cap", place, indicator=item.name, cap=cap)


@lru_cache(maxsize=4096)
def _reaches(curve: CurveValue, score: Decimal) -> bool:
    return curve.reaches(Fraction(score))


@lru_cache(maxsize=4096)
def _pays_above(curve: CurveValue, cap: Decimal) -> bool:
    return curve.pays_above(cap)


def _each_number_has_one_owner(case: Case) -> Iterator[Issue]:
    """Find what is won once and counted for two roles, and what no single person can answer for."""
    alone = [each for each in case.indicators() if not each[2].shared]
    for name, role, item, place in alone:
        if not case.decides(name) and matches(case.wording.company, " ".join(item.name.words)):
            yield hint("not-for-individuals", place, indicator=item.name, role=role.name)
    won = gathered((item.id, (role, item, place)) for _, role, item, place in alone if item.kind in _WON)
    for owned in won.values():
        if len(owned) > 1:
            _, item, place = owned[-1]
            yield hint("owned-twice", place, indicator=item.name, roles=[role.name for role, _, _ in owned])
    shared = case.design.team_share or len(alone) < len([*case.indicators()])
    if len(case.design.roles) > 1 and not shared:
        yield hint("individual-only", Place(DESIGN_FILE, key="team_share"))


def _same_post_same_weights(case: Case) -> Iterator[Issue]:
    """Find two sheets of one post that weigh the same thing differently (S105)."""
    seen: dict[tuple[str, str], tuple[str, Decimal]] = {}
    for name, role, item, place in case.indicators():
        key = (role.name.pick(LANGUAGES[0]), item.id)
        first = seen.setdefault(key, (name, item.weight))
        if first[0] != name and first[1] != item.weight:
            said = {"role": role.name, "indicator": item.name, "weight": item.weight, "other": first[1]}
            yield warning("unfair-weights", place, **said)


def _standards_say_something(case: Case) -> Iterator[Issue]:
    for _, _, item, place in case.indicators():
        if not item.source and item.basis is Basis.ACTUAL:
            yield warning("not-measurable", place, indicator=item.name)
        if item.standard is None:
            yield hint("no-standard", place, indicator=item.name)
        for text in item.standard.words if item.standard else ():
            if not case.wording.judge({"text": text}, ("specific",))["specific"]:
                yield hint("vague-standard", place, indicator=item.name, standard=text)


def _work_is_not_presence(case: Case) -> Iterator[Issue]:
    """Find indicators of presence: visible work counts, not hours at a desk (X04)."""
    for _, role, item, place in case.indicators():
        if matches(case.wording.presence, " ".join(item.name.words)):
            yield hint("presence-counted", place, indicator=item.name, role=role.name)


def _renamed_things_are_their_own(case: Case) -> Iterator[Issue]:
    """Find what has another name than in the starter, and still its standard or its quota."""
    for name, role in case.design.roles.items():
        before = [starter.roles[name] for starter in case.starters.values() if name in starter.roles]
        idle = role.may_bear_sales_quota and IndicatorClass.SALES_QUOTA not in {item.kind for item in role.indicators}
        if before and idle and _all_another(role, before):
            place = Place(DESIGN_FILE, key=f"roles.{name}.may_bear_sales_quota")
            yield hint("quota-of-starter", place, role=role.name, was=before[0].name)
        old = [item for each in before for item in each.indicators]
        for item in role.indicators:
            own = {*item.standard.words} if item.standard else set()
            like = [each for each in old if each.id == item.id and each.standard and own <= {*each.standard.words}]
            if own and like and _all_another(item, like):
                place = indicator_place(name, item)
                yield hint("standard-of-starter", place, indicator=item.name, was=like[0].name, standard=item.standard)


def _all_another(now: Role | Indicator, before: Iterable[Role | Indicator]) -> bool:
    """Whether a name has words that none of those before had, and is no longer or shorter form of any of them."""
    return all(
        any(all(word not in old and old not in word for old in each.name.words) for word in now.name.words)
        for each in before
    )


def _tailored(case: Case) -> Iterator[Issue]:
    if name := untouched_starter(case.design, case.starters):
        yield warning("untouched-template", Place(DESIGN_FILE), starter=case.starters[name].name)


CHECKS = (
    _forms_are_readable,
    _curves_and_caps_agree,
    _each_number_has_one_owner,
    _same_post_same_weights,
    _standards_say_something,
    _work_is_not_presence,
    _renamed_things_are_their_own,
    _tailored,
)
