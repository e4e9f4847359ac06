"""The appraisal form before a cycle: what it asks, who fills it in, who signs, who keeps a copy (S146, S134, S157)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.numbers import CENTI, deal
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Id, Name, Text, Value

Phase = Literal["plan", "appraisal"]
Holder = Literal["appraiser", "superior", "personnel", "appraised"]
Party = Literal["appraised", "appraiser", "superior", "supervisor", "personnel"]
THREE_COPIES: tuple[Holder, ...] = ("appraiser", "superior", "personnel")


class Column(Value):
    """A column of the form, and when it is filled in."""

    id: Literal["goal", "standard", "planned", "self", "appraiser", "score"]
    name: Name
    phase: Phase
    width: int = Field(ge=4, le=60)
    """Per cent of the page."""


class Signature(Value):
    """A row of the signature block: when both sides talked, and both their hands."""

    phase: Phase
    time: Name


class Term(Value):
    """A word of a form that its source leaves undefined, and what we take it to mean (S148)."""

    id: Id
    name: Name
    means: Name


Kind = Literal["text", "number", "percent", "points", "day", "choice"]
"""What may be entered in a cell."""


class Cell(Value):
    """A column of the form in Excel: in which phases it stands there, who fills it in, and with what."""

    id: Id
    name: Text = Text()
    """Absent: as on paper."""
    phases: tuple[Phase, ...]
    width: int = Field(ge=4, le=80)
    """Characters."""
    by: Literal["", "appraised", "appraiser"] = ""
    kind: Kind = "text"
    help: Text = Text()

    def entered(self, phase: Phase) -> bool:
        """Whether somebody fills it in; a target is agreed in the plan and stands fast afterwards."""
        return bool(self.by) and not (self.id == "target" and phase == "appraisal")


class BlockField(Value):
    """An entry of a block's rows, and from which column to which it reaches."""

    id: Id
    name: Name
    plan: tuple[Id, Id] = ("", "")
    appraisal: tuple[Id, Id] = ("", "")
    by: Literal["", "appraised", "appraiser"] = ""
    kind: Kind = "text"


class Block(Value):
    """Rows under the lines of the form: points by rules, follow-up by both sides (S130), signatures (S157)."""

    id: Literal["event", "review", "sign"]
    name: Name
    phases: tuple[Phase, ...]
    rows: int = Field(ge=1, le=12)
    fields: tuple[BlockField, ...]


class WorkField(Value):
    """A column of a sheet beside the form."""

    id: Literal["", "mean"] = ""
    name: Name
    width: int = Field(ge=4, le=80)


class WorkSheet(Value):
    """A sheet beside the form that is not read: work of the day, of the week, tasks that were assigned (S155)."""

    id: Id
    name: Name
    lead: Name
    rows: int = 0
    """0: a row for each day or week of the cycle."""
    fields: tuple[WorkField, ...]


class FormLayout(Value):
    """How the form looks on paper and in Excel: ``templates/forms/monthly.toml``."""

    columns: tuple[Column, ...] = Field(min_length=1)
    signatures: tuple[Signature, ...]
    glossary: tuple[Term, ...] = ()
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
    work: tuple[WorkSheet, ...] = ()
    labels: dict[str, Text] = Field(default_factory=dict)

    def cells_of(self, phase: Phase) -> tuple[Cell, ...]:
        """Return the columns of the form in Excel in one phase, each with a name: its own, or that on paper."""
        printed = {column.id: column.name for column in self.columns}
        named = (
            cell.model_copy(update={"name": printed[cell.id]}) if cell.id in printed and not cell.name.en else cell
            for cell in self.cells
        )  # fmt: skip
        return tuple(cell for cell in named if phase in cell.phases)

    def blocks_of(self, phase: Phase) -> tuple[Block, ...]:
        """Return the blocks under the lines in one phase."""
        return tuple(block for block in self.blocks if phase in block.phases)


@dataclass(frozen=True)
class PlanForm:
    """One form ready to be talked over and signed; without a person it is a role's blank form."""

    role_id: str
    role: Role
    person: Text | None
    lines: tuple[tuple[Indicator, Any], ...]
    """Each indicator with its line of ``goals.csv``, None where there is none."""
    copies: tuple[Holder, ...]
    parties: tuple[tuple[Party, str | Text], ...]
    """Who has a part in it (S144); blank where the form is blank or nobody is named."""


def copies_of(design: Design) -> tuple[Holder, ...]:
    """Return who gets a copy of the signed form: whom the design names, else the three of the source (S134)."""
    return design.regulation.copies or THREE_COPIES


def plan_forms(design: Design, tables: Tables) -> Iterator[PlanForm]:
    """Go through the forms of a cycle: a person's where goals are stated in words, else one blank form a role."""
    goals = {(row.person, row.indicator): row for row in rows_of(tables.goals)}
    names = names_of(tables.people, design.roles)
    stated = {row.person for row in goals.values() if row.text}
    copies = copies_of(design)
    for name, role in design.roles.items():
        own = [person for person in rows_of(tables.people) if person.role == name and person.id in stated]
        for person in own:
            lines = tuple((item, goals.get((person.id, item.id))) for item in role.indicators)
            parties = parties_of(design, names[person.id], names.get(person.manager))
            yield PlanForm(name, role, names[person.id], lines, copies, parties)
        if not own:
            yield PlanForm(
                name, role, None, tuple((item, None) for item in role.indicators), copies, parties_of(design)
            )


def parties_of(
    design: Design, person: Text | None = None, superior: Text | None = None
) -> tuple[tuple[Party, str | Text], ...]:
    """Return who is who on a form: the direct superior appraises, and follows up where nobody else is named."""
    rules = design.regulation
    return (
        ("appraised", person or ""), ("appraiser", superior or ""), ("superior", superior or ""),
        ("supervisor", rules.supervisor or superior or ""), ("personnel", rules.personnel or ""),
    )  # fmt: skip


def rescaled(weights: Sequence[Decimal], total: int = 100) -> tuple[int, ...]:
    """Return planned points as whole numbers of the same proportions that make 100 (S159).

    >>> rescaled([Decimal(30), Decimal(30), Decimal(25), Decimal(10)])
    (32, 32, 26, 10)
    """
    centi = [int(weight * CENTI) for weight in weights]
    return tuple(deal(total, [total * part for part in centi], sum(centi)))
