"""What the method cautions against in who is held to what, and in the rules around it (catalogue section G)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import DESIGN_FILE
from kpi_toolkit.method.issues import Issue, Place, error, hint, warning
from kpi_toolkit.method.model import IndicatorClass, Side
from kpi_toolkit.method.regulation import shared_territories
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.value import Word
from kpi_toolkit.method.wording import matches

_OUTSIDE = {"finance", "personnel", "administration"}
_SALES_SIDE = {IndicatorClass.LEAD, IndicatorClass.RESULT, IndicatorClass.SALES_QUOTA}
_MANY_REPORTS = 5


def _place(key: str) -> Place:
    return Place(DESIGN_FILE, key=key)


def _rule_place(key: str) -> Place:
    return _place(f"regulation.{key}")


def _quota_only_where_sold(case: Case) -> Iterator[Issue]:
    """Find quotas and commissions on support roles (S088, S200), and what looks like a quota by its name."""
    for name, role, item, place in case.indicators():
        if case.bears_quota(name) or role.department in _OUTSIDE:
            continue
        if item.kind is IndicatorClass.SALES_QUOTA:
            yield error("quota-on-support-role", place, role=role.name, indicator=item.name)
        elif any(matches(case.wording.sales, said) for said in item.name.words):
            yield warning("quota-by-name", place, role=role.name, indicator=item.name)
    for name, role in case.design.roles.items():
        if role.commission and not case.bears_quota(name):
            place = _place(f"roles.{name}.commission")
            yield error("commission-on-support-role", place, role=role.name, share=role.commission)


def _curves_of_their_direction(case: Case) -> Iterator[Issue]:
    """Find a curve that was made for the other direction: read the other way round it rewards what it should not."""
    for _, _, item, place in case.indicators():
        card = case.curves.get(item.curve.named)
        if card and card.direction and card.direction is not item.direction:
            meant, own = (Word(f"direction.{way.value}") for way in (card.direction, item.direction))
            yield warning("curve-of-other-direction", place, indicator=item.name, curve=card.name, meant=meant, own=own)


def _somebody_sells_not_everybody(case: Case) -> Iterator[Issue]:
    roles = case.design.roles
    sellers = [
        role.name for role in roles.values() if any(i.kind is IndicatorClass.SALES_QUOTA for i in role.indicators)
    ]
    if len(sellers) == len(roles) > 1:
        yield error("everyone-sells", _place("roles"), roles=sellers)
    inside = [role for role in roles.values() if role.department not in _OUTSIDE and role.indicators]
    if inside and not any(role.share(Side.RESULT) for role in inside):
        place = _place("roles")
        if len(inside) > 1:
            yield error("department-without-result", place)
        else:  # one post's form, like the source's own Form B, is no department
            yield warning("department-without-result", place)


def _departments_in_scope(case: Case) -> Iterator[Issue]:
    for _, role, item, place in case.indicators():
        if role.department in _OUTSIDE and item.kind in _SALES_SIDE:
            yield error("out-of-scope-department", place, role=role.name, indicator=item.name)


def _territories_apart(case: Case) -> Iterator[Issue]:
    design = case.design
    for territory in shared_territories(role.territories for role in design.roles.values()):
        if territory not in design.regulation.coordination:
            roles = [role.name for role in design.roles.values() if territory in role.territories]
            yield error("territory-overlap", _rule_place("coordination"), territory=territory, roles=roles)


def _reports_stay_light(case: Case) -> Iterator[Issue]:
    rules = case.design.regulation
    for name, role in case.design.roles.items():
        hours = rules.hours(name)
        share = hours * 100 / Fraction(rules.month_hours)
        if share > rules.overhead_limit:
            yield warning(
                "overhead", _rule_place("routines"), role=role.name, limit=rules.overhead_limit,
                share=f"{float(share):.3g}", hours=f"{float(hours):.3g}",
            )  # fmt: skip
        reports = [routine.name for routine in rules.routines if routine.kind == "report" and routine.takes(name)]
        if len(reports) >= _MANY_REPORTS and not rules.checked(name):
            yield warning("report-burden", _rule_place("routines"), role=role.name, n=len(reports), reports=reports)
    for routine in rules.routines:
        if routine.purpose is None:
            yield hint("routine-without-purpose", _rule_place("routines"), routine=routine.name)
    if len(rules.channels) == 1:
        yield hint("one-channel", _rule_place("channels"), channel=rules.channels[0])


def _both_hands(case: Case) -> Iterator[Issue]:
    """Find results that nobody checks for truth (S102)."""
    results = [role.name for role in case.design.roles.values() if role.share(Side.RESULT)]
    if results and not case.design.regulation.spot_checks:
        yield warning("one-hand", _rule_place("spot_checks"), roles=results)


def _rewards_beside_penalties(case: Case) -> Iterator[Issue]:
    rules = case.design.adjustments.rules
    penalties = [rule.name for rule in rules if rule.punishes]
    if penalties and not any(rule.rewards for rule in rules):
        yield warning("penalty-without-reward", _place("adjustments.rules"), penalties=penalties)
    for rule in rules:
        if (rule.money or 0) < 0:
            place = _place(f"adjustments.rules.{rule.id}")
            yield warning("legal-review", place, what=rule.name)


def _consequences_lawful(case: Case) -> Iterator[Issue]:
    """Find dismissal on less than the method and the country's law ask for (S111), and what needs a look at the law."""
    law = case.country.law
    for step in case.design.regulation.consequences:
        place = _rule_place("consequences")
        wanting = [need.name for need in case.country.dismissal if not set(need.grounds) & set(step.grounds)]
        if step.action == "dismissal" and wanting:
            grounds = [Word(f"ground.{ground}") for ground in step.grounds]
            said = {"grounds": grounds or "–", "missing": wanting, "law": law.lawful if law else ""}
            yield error("dismiss-by-rank", place, **said)
        elif step.action in {"dismissal", "fine", "location_tracking", "pay_cut"}:
            yield warning("legal-review", place, what=Word(f"action.{step.action}"))


def _exceptions_end(case: Case) -> Iterator[Issue]:
    rules = case.design.regulation
    for exception in rules.exceptions:
        if exception.expires is None or exception.reason is None:
            yield warning(
                "exception-without-expiry", _rule_place("exceptions"), person=exception.person, what=exception.what
            )
    for delegation in rules.delegations:
        if delegation.monitored_by is None:
            yield warning("delegation-unmonitored", _rule_place("delegations"), what=delegation.what, to=delegation.to)


def _trained_before_selling(case: Case) -> Iterator[Issue]:
    for name, role in case.design.roles.items():
        if role.first_sale is not None and (role.first_training is None or role.first_sale < role.first_training):
            yield warning("sell-before-train", _place(f"roles.{name}.first_sale"), role=role.name, day=role.first_sale)


def _agreed_in_general(case: Case) -> Iterator[Issue]:
    """Find an odd purpose or use, people ranked on however little was filled in, and a copy that nobody holds."""
    charter, rules = case.design.charter, case.design.regulation
    unheld = rules.personnel is None and "personnel" in rules.copies
    little = case.design.missing is Missing.LEAVE_OUT and not case.design.least_weight
    odd = (
        (charter.purpose == "expose_faults", warning("purpose-exposes-faults", _place("charter.purpose"))),
        (charter.uses == ("pay",), warning("pay-only-use", _place("charter.uses"))),
        (little, hint("no-least-weight", _place("missing"))),
        (unheld, warning("copy-without-holder", _rule_place("personnel"))),
    )
    yield from (issue for holds, issue in odd if holds)


def _cards_called(case: Case) -> Iterator[Issue]:
    for _, _, item, place in case.indicators():
        if item.card:
            yield hint("read-from-card", place, indicator=item.name, card=item.card, unit=item.unit)


CHECKS = (
    _agreed_in_general,
    _quota_only_where_sold,
    _curves_of_their_direction,
    _somebody_sells_not_everybody,
    _departments_in_scope,
    _territories_apart,
    _reports_stay_light,
    _both_hands,
    _rewards_beside_penalties,
    _consequences_lawful,
    _exceptions_end,
    _trained_before_selling,
    _cards_called,
)
