"""The linter of designs: what the method cautions against, beside what would make scores wrong.

A caution or a warning may be muted by its code with a reason (``[[mute]]``); an error that makes scores wrong may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kpi_toolkit.method.checks import cautions, forms, plausible, said, weights
from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import DESIGN_FILE
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.regulation import Mute

_CAUTIONS: tuple[Callable[[Case], Iterable[Issue]], ...] = (
    *cautions.CHECKS, *forms.CHECKS, *weights.CAUTIONS,
)  # fmt: skip


def lint_design(case: Case) -> Issues:
    """Return what the method cautions against in a design, and what its words contradict; nothing is muted yet."""
    case = replace(case, design=case.design.as_agreed)  # a month's joined forms stand in no file
    wrong = Issues(issue for check in (*plausible.CHECKS, *said.CHECKS) for issue in check(case))
    return Issues(issue for caution in _CAUTIONS for issue in caution(case)).as_cautions() + wrong


def with_mutes(mutes: Sequence[Mute], found: Issues) -> Issues:
    """Return all findings, those that a client lives with marked as muted and no longer counted.

    Errors in what scores rest on stay, and a wish to mute one is an error itself.
    """
    muted = {mute.code for mute in mutes}
    fixed = dict.fromkeys(issue.code for issue in found.errors if issue.code in muted and not issue.caution)
    place = Place(DESIGN_FILE, key="mute")
    refused = (error("cannot-mute", place, name=code) for code in fixed)
    reasons = ((issue, next((m.reason for m in mutes if m.covers(issue)), None)) for issue in (*found, *refused))
    return Issues(replace(i, muted=reason) if reason and i.code not in fixed else i for i, reason in reasons)


def unused_mutes(mutes: Sequence[Mute], found: Issues) -> Issues:
    """Return the mutes that silence nothing, compared with everything that was found with a client."""
    codes = {issue.code for issue in found}
    place = Place(DESIGN_FILE, key="mute")
    unused = [mute.code for mute in mutes if mute.code not in codes]
    return Issues(hint("mute-unused", place, name=code, nearest=nearest(code, codes)) for code in unused)


def lint_cycles(cycles: Iterable[str]) -> Issues:
    """Return the gaps between a client's cycles of one kind: appraisal is held regularly (S165)."""
    found = []
    by_kind = gathered((cycle.kind, cycle) for cycle in sorted(map(Cycle.parse, cycles)))
    for own in by_kind.values():
        missing, each = [], own[-1].previous
        while each > own[0]:
            missing += [] if each in own else [each.id]
            each = each.previous
        if missing:
            found.append(warning("irregular", Place("cycles"), missing=missing[::-1]))
    return Issues(found).as_cautions()
