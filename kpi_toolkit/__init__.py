"""kpi_toolkit: a consultant's workbook for performance appraisal.

A client folder goes in at one end; scores, tiers and finished, printable reports come out at the other.
Names are loaded when they are first used, so ``import kpi_toolkit`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from kpi_toolkit.batch.render import render
    from kpi_toolkit.batch.whatif import write_whatif
    from kpi_toolkit.clients.client import Client, load_client, read_cycle
    from kpi_toolkit.clients.scenarios import adopt, parse_scenario, read_scenario, save_scenario
    from kpi_toolkit.clients.sheets import read_sheet
    from kpi_toolkit.clients.tabular import read_table
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.live.choosing import open_library, open_month, open_report
    from kpi_toolkit.live.design import open_design
    from kpi_toolkit.live.importing import open_import
    from kpi_toolkit.live.start import start_form
    from kpi_toolkit.live.taking import take_into_design
    from kpi_toolkit.live.talking import talk_form
    from kpi_toolkit.live.whatif import open_what_if
    from kpi_toolkit.method.checks import check_cycle, check_design
    from kpi_toolkit.method.cycle import Cycle
    from kpi_toolkit.method.issues import Issue, Issues, IssuesError
    from kpi_toolkit.method.model import Design, Indicator, Role, Tier, TierScheme
    from kpi_toolkit.method.profile import Profile
    from kpi_toolkit.method.quotas import Quotas, tier_quotas
    from kpi_toolkit.method.scoring import score_cycle, score_indicators, score_people
    from kpi_toolkit.method.tables import Tables
    from kpi_toolkit.method.tiers import Tiering, assign_tiers
    from kpi_toolkit.pages.gallery import gallery
    from kpi_toolkit.results.summary import CycleSummary, summarize_cycle
    from kpi_toolkit.whatif.confidence import assess
    from kpi_toolkit.whatif.fairness import compare_groups
    from kpi_toolkit.whatif.reliability import tier_chances
    from kpi_toolkit.whatif.scenarios import outcome

_HOMES = {
    name: module
    for module, names in {
        "clients.client": "Client load_client read_cycle",
        "clients.scenarios": "adopt parse_scenario read_scenario save_scenario",
        "clients.sheets": "read_sheet",
        "clients.tabular": "read_table",
        "clients.workbook": "Workbook",
        "live.choosing": "open_library open_month open_report",
        "live.design": "open_design",
        "live.importing": "open_import",
        "method.checks": "check_cycle check_design",
        "method.cycle": "Cycle",
        "method.issues": "Issue Issues IssuesError",
        "method.model": "Design Indicator Role Tier TierScheme",
        "method.profile": "Profile",
        "method.quotas": "Quotas tier_quotas",
        "method.scoring": "score_cycle score_indicators score_people",
        "method.tables": "Tables",
        "method.tiers": "Tiering assign_tiers",
        "live.start": "start_form",
        "live.taking": "take_into_design",
        "live.talking": "talk_form",
        "live.whatif": "open_what_if",
        "pages.gallery": "gallery",
        "batch.render": "render",
        "results.summary": "CycleSummary summarize_cycle",
        "batch.whatif": "write_whatif",
        "whatif.confidence": "assess",
        "whatif.fairness": "compare_groups",
        "whatif.reliability": "tier_chances",
        "whatif.scenarios": "outcome",
    }.items()
    for name in names.split()
}

__all__ = [
    "Client", "Cycle", "CycleSummary", "Design", "Indicator", "Issue", "Issues", "IssuesError", "Profile", "Quotas",
    "Role", "Tables", "Tier", "TierScheme", "Tiering", "Workbook", "adopt", "assess", "assign_tiers", "check_cycle",
    "check_design", "compare_groups", "gallery", "load_client", "open_design", "open_import", "open_library",
    "open_month",
    "open_report", "open_what_if", "outcome", "parse_scenario", "read_cycle", "read_scenario", "read_sheet",
    "read_table", "render", "save_scenario", "score_cycle", "score_indicators", "score_people", "start_form",
    "summarize_cycle", "take_into_design", "talk_form", "tier_chances", "tier_quotas", "write_whatif",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():  # in a notebook
        import_module(f"{__name__}.pages.said").speak_plainly()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # it loads all that reads mail

    try:
        return version("kpi-toolkit")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
