"""The linter of designs: what the method cautions against, beside what would make scores wrong.

A caution may be muted by its code with a reason (``[[mute]]``); what would make scores wrong may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kpi_toolkit.method.checks import cautions, forms
from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import DESIGN_FILE
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest
from kpi_toolkit.method.regulation import Mute
from kpi_toolkit.method.value import Text

_CAUTIONS: tuple[Callable[[Case], Iterable[Issue]], ...] = (*cautions.CHECKS, *forms.CHECKS)


def lint_design(case: Case) -> Issues:
    """Return what the method cautions against in a design; nothing is muted yet."""
    return Issues(issue for caution in _CAUTIONS for issue in caution(case))


def with_mutes(mutes: Sequence[Mute], sound: Issues, cautions: Issues, *, whole: bool) -> Issues:
    """Return all findings, those that a client lives with marked as muted and no longer counted.

    ``sound`` are findings of what scores rest on: their errors stay. ``whole`` says that all of a client was looked
    at, so that a mute that silences nothing can be named.
    """
    reasons = {mute.code: mute.reason for mute in mutes}
    found = [issue if issue.severity == "error" else _muted(issue, reasons) for issue in sound]
    found += [_muted(issue, reasons) for issue in cautions]
    silenced = {issue.code for issue in found if issue.muted}
    for code in reasons:
        if any(issue.code == code for issue in sound.errors):
            found.append(error("cannot-mute", Place(DESIGN_FILE, key="mute"), name=code))
        elif whole and code not in silenced:
            near = nearest(code, {issue.code for issue in found} - silenced)
            found.append(hint("mute-unused", Place(DESIGN_FILE, key="mute"), name=code, nearest=near))
    return Issues(found)


def _muted(issue: Issue, reasons: dict[str, Text]) -> Issue:
    return replace(issue, muted=reasons[issue.code]) if issue.code in reasons else issue
