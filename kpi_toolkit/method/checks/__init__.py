"""What can be wrong with a client, a design and a cycle's tables. Every check is a small function that yields findings.

``check_design`` finds what would make scores wrong and stops scoring; ``lint_design`` what the method cautions against,
which a client may mute with a reason. A module here holds the checks of one concern and lists them in its ``CHECKS``.
Texts, reasons and sources of the codes are data: ``templates/checks/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kpi_toolkit.method.checks import answers, goals, rules, weights
from kpi_toolkit.method.checks.answers import check_answers
from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.contents import History, lint_cycle
from kpi_toolkit.method.checks.cycle import check_cycle
from kpi_toolkit.method.checks.goals import check_goals
from kpi_toolkit.method.checks.lint import lint_cycles, lint_design, unused_mutes, with_mutes
from kpi_toolkit.method.checks.organisation import check_organisation
from kpi_toolkit.method.checks.people import check_people
from kpi_toolkit.method.checks.plausible import in_own_units
from kpi_toolkit.method.checks.profile import check_profile
from kpi_toolkit.method.issues import Issue, Issues
from kpi_toolkit.method.model import Design

__all__ = [
    "Case", "History", "check_answers", "check_cycle", "check_design", "check_goals", "check_organisation",
    "check_people", "check_profile", "in_own_units", "lint_cycle", "lint_cycles", "lint_design", "unused_mutes",
    "with_mutes",
]  # fmt: skip

_DESIGN_CHECKS: tuple[Callable[[Design], Iterable[Issue]], ...] = (
    *weights.CHECKS, *rules.CHECKS, *goals.CHECKS, *answers.CHECKS,
)  # fmt: skip


def check_design(design: Design) -> Issues:
    """Return what is wrong with a design by itself."""
    return Issues(issue for check in _DESIGN_CHECKS for issue in check(design))
