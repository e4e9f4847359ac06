"""kpi_toolkit: a consultant's workbook for performance appraisal.

A client folder goes in at one end; scores, tiers and finished, printable reports come out at the other.
Names are loaded when they are first used, so ``import kpi_toolkit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpi_toolkit.clients.client import Client, load_client, read_cycle
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.method.checks import check_cycle, check_design
    from kpi_toolkit.method.cycle import Cycle
    from kpi_toolkit.method.issues import Issue, Issues, IssuesError
    from kpi_toolkit.method.model import Design, Indicator, Profile, Role, TierScheme
    from kpi_toolkit.method.scoring import score_indicators, score_people
    from kpi_toolkit.method.tables import Tables
    from kpi_toolkit.method.tiers import Quotas, Tier, Tiering, assign_tiers, tier_quotas
    from kpi_toolkit.reports.render import render
    from kpi_toolkit.reports.report import open_report
    from kpi_toolkit.reports.summary import CycleSummary, summarize_cycle

_HOMES = {
    "Client": "clients.client",
    "Cycle": "method.cycle",
    "CycleSummary": "reports.summary",
    "Design": "method.model",
    "Indicator": "method.model",
    "Issue": "method.issues",
    "Issues": "method.issues",
    "IssuesError": "method.issues",
    "Profile": "method.model",
    "Quotas": "method.tiers",
    "Role": "method.model",
    "Tables": "method.tables",
    "Tier": "method.tiers",
    "TierScheme": "method.model",
    "Tiering": "method.tiers",
    "Workbook": "clients.workbook",
    "assign_tiers": "method.tiers",
    "check_cycle": "method.checks",
    "check_design": "method.checks",
    "load_client": "clients.client",
    "open_report": "reports.report",
    "read_cycle": "clients.client",
    "render": "reports.render",
    "score_indicators": "method.scoring",
    "score_people": "method.scoring",
    "summarize_cycle": "reports.summary",
    "tier_quotas": "method.tiers",
}

__all__ = [
    "Client", "Cycle", "CycleSummary", "Design", "Indicator", "Issue", "Issues", "IssuesError", "Profile", "Quotas",
    "Role", "Tables", "Tier", "TierScheme", "Tiering", "Workbook", "assign_tiers", "check_cycle", "check_design",
    "load_client", "open_report", "read_cycle", "render", "score_indicators", "score_people", "summarize_cycle",
    "tier_quotas",
]  # fmt: skip

try:
    __version__ = version("kpi-toolkit")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
