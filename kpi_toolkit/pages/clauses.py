"""What the places of the regulation say: every number of an article comes from the setting that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kpi_toolkit.method.calendar import PHASES, REVIEW_DAYS, month_end_places
from kpi_toolkit.method.model import Aggregation, Basis, Design, Role
from kpi_toolkit.method.profile import AppraisalCalendar, Profile
from kpi_toolkit.method.tiers import ADVISORY_BELOW
from kpi_toolkit.method.value import Word
from kpi_toolkit.pages.dates import which_level
from kpi_toolkit.pages.words import Words


def regulation_values(design: Design, profile: Profile, words: Words) -> dict[str, Any]:
    """Return what stands in each place of ``templates/regulation.toml``; blank where nothing was agreed."""
    tiers, rules = design.tiers, design.regulation
    first, last = profile.calendar.appraisal_days
    copies, payout = design.regulation.copies, profile.calendar.payout_days
    uses = [words(f"use.{use}") for use in design.charter.uses]
    sums = dict.fromkeys(role.weight_sum for role in design.roles.values() if role.indicators)
    return {
        "department": words.show(profile.department) or words("regulation.firm"),
        "roles": [role.name for role in design.roles.values()],
        "month_end": words("list.semicolon").join(_month_end(profile.calendar, words)),
        "copies": words("regulation.copies", n=len(copies)),
        "holders": [Word(f"copy.{holder}") for holder in copies],
        "supervisor": rules.supervisor or Word("copy.superior"),
        "reviews": words("regulation.reviews", n=len(PHASES)), "review_days": _review_days(profile.calendar, words),
        "first_day": first, "last_day": last, "weights": list(sums) or [100],
        "item_cap": _item_cap(design, words), "total_cap": design.total_cap, "bounds": bounds_text(design, words),
        "missing": words(f"missing.{design.missing.value}", score=design.neutral_score),
        "least_weight": _least_weight(design, words), "extras": extras_text(design, design.roles.values(), words),
        "tiers": tiers_text(design, words), "min_group": tiers.min_group, "advisory": _advisory(design, words),
        "top": tiers.shares[0], "middle": tiers.shares[1], "bottom": tiers.shares[2],
        "pass_line": _pass_line(design, words), "review_months": design.review_months,
        "uses": uses or words("card.to_be_agreed"),
        "payout": words("regulation.soon") if payout is None else words("regulation.within", n=payout),
        "routines": _stated("routines", _routines(design, words), words),
        "spot_checks": _stated("spot_checks", _spot_checks(design, words), words),
        "consequences": _stated("consequences", _consequences(design, words), words),
        "exceptions": _stated("exceptions", _exceptions(design, words), words),
    }  # fmt: skip


def extras_text(design: Design, roles: Iterable[Role], words: Words) -> str:
    """Return what a design adds to the plain weighted sum of these roles, in sentences; empty where nothing."""
    chosen, shares = list(roles), design.raters
    items = [item for role in chosen for item in role.indicators]
    geometric = [role.name for role in chosen if role.aggregation is Aggregation.GEOMETRIC]
    holding = {
        "team": bool(design.team_share),
        "raters": any(item.basis is Basis.RATERS for item in items),
        "geometric": bool(geometric),
        "blocks": any(role.blocks for role in chosen),
        "outside": any(item.outside for item in items),
        "veto": any(item.curve.veto for item in items),
    }
    values: dict[str, Any] = {"self": shares.self, "appraiser": shares.appraiser, "others": shares.others}
    values |= {"share": design.team_share, "roles": geometric}
    return words("list.space").join(words(f"how.{name}", **values) for name, holds in holding.items() if holds)


def tiers_text(design: Design, words: Words) -> str:
    """Return how people are dealt into tiers in sentences: shares, pass line, ties and how they are parted."""
    tiers = design.tiers
    top, middle, bottom = tiers.shares
    said = [
        words(
            "how.tiers_text", top=top, middle=middle, bottom=bottom, rule=Word(f"rule.{tiers.rule.value}"),
            pool=Word(f"pool.{tiers.pool.value}"),
        )
    ]  # fmt: skip
    said += [_pass_line(design, words), words(f"how.ties_{tiers.tie.value}")]
    if tiers.tie_break:
        names = {item.id: item.name for role in design.roles.values() for item in role.indicators}
        said += [words("how.tie_break", chain=[names.get(by) or Word(f"tie_by.{by}") for by in tiers.tie_break])]
    return words("list.space").join(filter(None, said))


def _pass_line(design: Design, words: Words) -> str:
    line = design.tiers.pass_line
    return "" if line is None else words("how.pass_line", line=line)


def _least_weight(design: Design, words: Words) -> str:
    return words("how.least_weight", least=design.least_weight) if design.least_weight else ""


def _advisory(design: Design, words: Words) -> str:
    """Return that tiers of a small group are advisory; nothing where such a group has no tiers."""
    least, most = design.tiers.min_group, ADVISORY_BELOW - 1
    if least > most:
        return ""
    return words("regulation.advisory_one" if least == most else "regulation.advisory", least=least, most=most)


def _month_end(settings: AppraisalCalendar, words: Words) -> Iterator[str]:
    """Go through what happens before a cycle begins, each with its day."""
    for kind, level, place in month_end_places(settings):
        before = place - 1
        key = f"last_{settings.day_mode}" if not before else f"before_{settings.day_mode}"
        day = words(f"month_end.{key}", n=before, place=place)
        if kind == "goals":
            yield words(f"month_end.goals_{which_level(settings, level)}", day=day, n=level + 1)
        else:
            yield words(f"month_end.{kind}", day=day)


def _review_days(settings: AppraisalCalendar, words: Words) -> str:
    days = [words("regulation.review_day", day=day) if day else words("regulation.review_last") for day in REVIEW_DAYS]
    return words(f"regulation.review_{settings.day_mode}", days=days)


def _item_cap(design: Design, words: Words) -> str:
    """Return the highest score of an indicator, and those that have another one."""
    items = [item for role in design.roles.values() for item in role.indicators]
    own = {f"{words.show(item.name)} {words.number(item.cap)}" for item in items if item.cap is not None}
    cap = words.number(design.item_cap)
    return words("regulation.own_caps", cap=cap, own=sorted(own)) if own else cap


def bounds_text(design: Design, words: Words) -> str:
    """Return how many points may be added and taken away in a cycle, in sentences; nothing where both are free."""
    limits = {"plus": design.adjustments.max_plus, "minus": design.adjustments.max_minus}
    said = [words(f"regulation.most_{name}", points=limit) for name, limit in limits.items() if limit is not None]
    return words("list.space").join(said)


def _routines(design: Design, words: Words) -> list[str]:
    return [
        words("regulation.routine", name=routine.name, when=Word(f"calendar.{routine.cadence}"))
        + (words("regulation.routine_for", purpose=routine.purpose) if routine.purpose else "")
        for routine in design.regulation.routines
    ]


def _spot_checks(design: Design, words: Words) -> list[str]:
    checks = design.regulation.spot_checks
    return [words("regulation.spot_check", what=check.what, share=check.share) for check in checks]


def _consequences(design: Design, words: Words) -> list[str]:
    return [
        words(
            "regulation.consequence", action=Word(f"action.{step.action}"),
            grounds=[Word(f"ground.{ground}") for ground in step.grounds] or words("card.to_be_agreed"),
        )
        for step in design.regulation.consequences
    ]  # fmt: skip


def _exceptions(design: Design, words: Words) -> list[str]:
    open_ = words("card.to_be_agreed")
    return [
        words(
            "regulation.exception", person=exception.person, what=exception.what,
            reason=exception.reason or open_, until=exception.expires or open_,
        )
        for exception in design.regulation.exceptions
    ]  # fmt: skip


def _stated(kind: str, lines: list[str], words: Words) -> str:
    """Return a clause about what a design states, nothing where it states nothing."""
    return words(f"regulation.{kind}", lines=words("list.semicolon").join(lines)) if lines else ""
