"""What the team report's sections ask about what-if: the live view's data, kept scenarios, small changes on paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.scenarios import read_scenarios
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.scenario import Scenario
from kpi_toolkit.method.settings import Elicitation
from kpi_toolkit.pages.live_script import inert
from kpi_toolkit.pages.scenarios import Nudges, Told, how_found, nudges, told_scenarios
from kpi_toolkit.pages.whatif_page import live_data
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import CycleSummary


@dataclass(frozen=True)
class WhatIf:
    """One cycle's what-if in one language. Nothing is worked out before a section asks."""

    summary: CycleSummary
    client: Client
    words: Words

    @cached_property
    def _kept(self) -> dict[str, Scenario]:
        return read_scenarios(self.client)[0]

    def data(self) -> Markup:
        """Return what the live view in this page works with."""
        workbook = Workbook(self.client.folder.parent.parent)
        data = live_data(self.summary, workbook, self._kept, only=self.words.language)
        return Markup(inert(data))  # noqa: S704 - there is no < in it

    def scenarios(self) -> list[Told]:
        """Return the scenarios of the cycle, who asked, and who would cross a cut."""
        return told_scenarios(self.summary, self._kept, self.words)

    def nudges(self) -> Nudges:
        """Return what ten points less or more on each indicator would do."""
        return nudges(self.summary)

    def how_found(self, record: Elicitation) -> str:
        """Return how weights were found."""
        return how_found(record, self.words)
