"""The forms of a client's cycle, one value for those who write and those who read them: whose rows, by which codes.

The key behind the codes is ``client_data/<client>/.form-key``, for its owner only. Whoever has it can make a form that
counts as one of ours; whoever loses it sends new forms.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.afterwards import earlier_measures, table_of, work_of
from kpi_toolkit.clients.client import Client, as_of, load_client, named_cycle
from kpi_toolkit.clients.countries import work_days_of
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import FormRow, form_rows, row_code
from kpi_toolkit.method.forms import TABLE_OF, FormLayout, Phase
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables, by_person, rows_of
from kpi_toolkit.method.talk_rows import TALK, measure_ids, talk_rows

KEY = ".form-key"
_BYTES = 32


def client_in(workbook: Workbook, client: str, cycle: str) -> tuple[Client, Cycle]:
    """Return a client as one of its cycles has it, and that cycle. Raises WorkbookError where there is none."""
    value = load_client(workbook.client_folder(client))
    period = Cycle.parse(named_cycle(value, cycle))
    return as_of(value, period.id), period


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

    @cached_property
    def checklists(self) -> Mapping[str, Checklist]:
        """The checklists of the library; a talk answers some of them."""
        return Library(self.client.workbook).checklists

    @cached_property
    def told(self) -> list[Any]:
        """The rows of ``answers.csv`` that there are."""
        return list(rows_of(table_of(self.client, self.cycle.id, "answers")))

    @cached_property
    def measures(self) -> dict[tuple[str, str], Any]:
        """The rows of ``measures.csv`` that there are, by person and by what they are called on the form."""
        own = by_person(rows_of(table_of(self.client, self.cycle.id, "measures")))
        return {(person, name): row for person, rows in own.items() for name, row in measure_ids(rows).items()}

    @cached_property
    def earlier(self) -> dict[tuple[str, str], Any]:
        """What was agreed in cycles before, by person and by what it is called on the form."""
        people = set(self.tables.people["id"])
        return {
            (person, f"{cycle.id} {name}"): row
            for cycle, measures in earlier_measures(self.client, self.cycle)
            for person, own in measures.items() if person in people
            for name, row in measure_ids(own).items()
        }  # fmt: skip

    def rows(self, phase: Phase) -> dict[str, tuple[FormRow, ...]]:
        """Return everybody's rows in one phase, by the person's id."""
        if phase == TALK:
            rows = talk_rows(self.design, self.tables, self.layout, self.checklists, self.measures.values())
        else:
            rows = form_rows(self.design, self.tables, self.layout, phase, self.cycle, self.days)
        asked = any(block.id == "earlier" for block in self.layout.blocks_of(phase))
        for person, name in self.earlier if asked else ():
            rows[person] += (FormRow(person, phase, "earlier", name, TABLE_OF["earlier"]),)
        return rows

    def code(self, row: FormRow) -> str:
        """Return the code by which a row is known wherever it turns up."""
        return row_code(self.key, self.client.id, self.cycle.id, row)


def form_key(folder: Path) -> bytes | None:
    """Return the key of a client's folder, None where there is none or it is damaged."""
    path = folder / KEY
    try:
        key = bytes.fromhex(path.read_text("ascii").strip()) if path.is_file() and not path.is_symlink() else b""
    except (ValueError, OSError):
        return None
    return key if len(key) == _BYTES else None


def make_key(folder: Path) -> bytes:
    """Return the key of a client's folder, a new one where there is none. Who calls this holds the client's lock."""
    key = form_key(folder)
    if key is None:
        key = secrets.token_bytes(_BYTES)
        write_file(folder / KEY, key.hex() + "\n")
    return key
