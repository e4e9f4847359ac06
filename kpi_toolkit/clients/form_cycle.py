"""The forms of a client's cycle, one value for those who write and those who read them: whose rows, by which codes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from kpi_toolkit.clients.afterwards import work_of
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.holidays import work_days_of
from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import FormRow, form_rows, row_code
from kpi_toolkit.method.forms import FormLayout, Phase
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables, rows_of


@dataclass(frozen=True, kw_only=True)
class CycleForms:
    """A client's cycle with what is known of it, the card of its forms and the key behind their codes."""

    client: Client
    cycle: Cycle
    tables: Tables
    layout: FormLayout
    key: bytes

    @cached_property
    def design(self) -> Design:
        """The design that forms show scores by: a person's own, before a team's part."""
        return self.client.design.model_copy(update={"team_share": Decimal(0)})

    @cached_property
    def days(self) -> WorkDays:
        """Which days of the cycle and around it are worked."""
        return work_days_of(self.cycle, self.client.profile.country)

    @cached_property
    def work(self) -> list[Any]:
        """The rows of ``work.csv`` that there are."""
        return list(rows_of(work_of(self.client, self.cycle.id)))

    def rows(self, phase: Phase) -> dict[str, tuple[FormRow, ...]]:
        """Return everybody's rows in one phase, by the person's id."""
        return form_rows(self.design, self.tables, self.layout, phase, self.cycle, self.days)

    def code(self, row: FormRow) -> str:
        """Return the code by which a row is known wherever it turns up."""
        return row_code(self.key, self.client.id, self.cycle.id, row)
