"""The appraisal form before a cycle: what it asks, who fills it in, who signs, who keeps a copy (S146, S134, S157)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.namesakes import with_superiors
from kpi_toolkit.method.numbers import CENTI, deal
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Id, Name, Text, Value

Phase = Literal["plan", "appraisal", "talk"]
Holder = Literal["appraiser", "superior", "personnel", "appraised"]
Party = Literal["appraised", "appraiser", "superior", "supervisor", "personnel"]


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


TABLE_OF = {
    "plan": "goals", "appraisal": "actuals", "talk": "disputes", "event": "adjustments",
    "answers": "answers", "measures": "measures", "earlier": "measures",
}  # fmt: skip
"""The tables that keep what is filled in, each in the column of its name: the lines of a phase, and blocks."""
_KEPT_ELSEWHERE = {
    "review": ("report", "guidance", "improvement"),
    "sign": ("on", "planner", "signed", "how"),
}
"""Blocks that no table keeps: follow-up is counted and stays on the form, signatures go to the record."""
Kind = Literal["text", "number", "percent", "points", "day", "choice", "before", "open"]
"""What may be entered in a cell. The last two are worked out: what the row before carries over,
and how much of this one is open."""
WORKED_OUT = frozenset({"before", "open"})


class Cell(Value):
    """A column of the form in Excel, or an entry in the rows of a block: who fills it in, and with what."""

    id: Id
    name: Text = Text()
    """Absent: as on paper."""
    phases: tuple[Phase, ...] = ()
    width: int = Field(default=0, ge=0, le=80)
    """Characters; an entry of a block under the lines has the width of the columns that it reaches over."""
    plan: tuple[Id, Id] = ("", "")
    appraisal: tuple[Id, Id] = ("", "")
    talk: tuple[Id, Id] = ("", "")
    """From which column of the form to which it reaches."""
    options: tuple[Id, ...] = ()
    """What there is to choose from; each is called by the label ``<id>_<option>``."""
    by: Literal["", "appraised", "appraiser"] = ""
    kind: Kind = "text"
    help: Text = Text()

    def entered(self, phase: Phase) -> bool:
        """Whether somebody fills it in; a target is agreed in the plan and stands fast afterwards."""
        here = not self.phases or phase in self.phases
        return bool(self.by) and here and not (self.id == "target" and phase != "plan")


class Block(Value):
    """Rows under the lines of the form: points by rules, follow-up by both sides (S130), signatures (S157); or a sheet.

    Sheets are for the work of a day, a week, a quarter or a year (S187-S189) and for tasks that were assigned (S155).
    """

    id: Id
    name: Name
    lead: Text = Text()
    """What a sheet of its own says first; a block without it stands under the lines."""
    phases: tuple[Phase, ...]
    rows: int = Field(default=0, ge=0, le=31)
    height: int = Field(default=22, ge=10, le=400)
    """Points that a row has at least."""
    every: Literal["", "day", "week", "quarter", "year"] = ""
    """A row for each worked day or each week of the cycle; ``lines`` where it closes a quarter or a year."""
    lines: tuple[Name, ...] = ()
    checklists: tuple[Id, ...] = ()
    """The checklists whose lines are its rows."""
    fields: tuple[Cell, ...]

    @property
    def apart(self) -> bool:
        """Whether it has a sheet of its own."""
        return bool(self.lead.words)

    @property
    def table(self) -> str:
        """The table that its entries go to; empty where they go to none."""
        return TABLE_OF.get(self.id, "work" if self.apart else "")

    @property
    def kept(self) -> Collection[str]:
        """What may be filled in: each is kept."""
        return ROW_TYPES[self.table].model_fields if self.table else _KEPT_ELSEWHERE.get(self.id, ())

    def row_ids(self, cycle: Cycle, days: WorkDays) -> tuple[str, ...]:
        """Return what its rows are called in a cycle: a day, the first day of a week, or a number.

        A cycle of so many months has as many times the reviews of one.
        """
        if self.every == "day":
            return tuple(f"{day}" for day in cycle.each_day() if days.works(day))
        if self.every == "week":
            return tuple(f"{monday}" for monday in cycle.mondays())
        closes = not self.every or cycle.ends(self.every)
        count = len(self.lines) if self.every else self.rows * (cycle.months if self.id == "review" else 1)
        return tuple(str(number) for number in range(1, count + 1)) if closes else ()


class FormLayout(Value):
    """How the form looks on paper and in Excel: ``templates/forms/monthly.toml``."""

    columns: tuple[Column, ...] = Field(min_length=1)
    signatures: tuple[Signature, ...]
    glossary: tuple[Term, ...] = ()
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
    labels: dict[str, Text] = Field(default_factory=dict)
    not_signed: tuple[str, ...] = ()
    """What people write where a signature is missing, beside what they write where a figure is."""

    @model_validator(mode="after")
    def _kept(self) -> FormLayout:
        """Refuse a column that somebody fills in and nothing keeps: what is written there would be lost."""
        lines = [(cell, ROW_TYPES[TABLE_OF[phase]].model_fields) for cell in self.cells for phase in cell.phases
                 if cell.entered(phase)]  # fmt: skip
        for cell, known in [*lines, *((cell, block.kept) for block in self.blocks for cell in block.fields if cell.by)]:
            if cell.id not in known:
                message, near = "no table keeps the column {column}", nearest(cell.id, known)
                raise PydanticCustomError("column-not-kept", message, {"column": cell.id, "nearest": near})
        if self.cells and self.cells[-1].id != "code":
            raise PydanticCustomError("code-not-last", "the last column is the code")
        return self

    def with_missing(self, shipped: FormLayout) -> FormLayout:
        """Return the card with the phases that it says nothing of as another has them: it may be older than a phase."""
        cells, blocks = self.cells, self.blocks
        known = {phase for cell in cells for phase in cell.phases}
        known |= {phase for block in blocks for phase in block.phases}
        for phase in {phase for each in shipped.blocks for phase in each.phases} - known:
            alone = {"phases": (phase,)}
            more = (cell.model_copy(update=alone) for cell in shipped.cells_of(phase) if cell.id != "code")
            cells = (*cells[:-1], *more, *cells[-1:])
            blocks = (*blocks, *(block.model_copy(update=alone) for block in shipped.blocks_of(phase)))
        return self.model_copy(update={"cells": cells, "blocks": blocks})

    def cells_of(self, phase: Phase) -> tuple[Cell, ...]:
        """Return the columns of the form in Excel in one phase, each with a name: its own, or that on paper."""
        printed = {column.id: column.name for column in self.columns}
        named = (
            cell.model_copy(update={"name": printed[cell.id]}) if cell.id in printed and not cell.name.words else cell
            for cell in self.cells
        )  # fmt: skip
        return tuple(cell for cell in named if phase in cell.phases or cell.id == "code")

    def blocks_of(self, phase: Phase) -> tuple[Block, ...]:
        """Return the blocks under the lines in one phase."""
        return tuple(block for block in self.blocks if phase in block.phases)


@dataclass(frozen=True)
class PlanForm:
    """One form ready to be talked over and signed; without a person it is a role's blank form for all its holders."""

    role_id: str
    role: Role
    person: Text | None
    holders: tuple[Text, ...]
    lines: tuple[tuple[Indicator, Any], ...]
    """Each indicator with its line of ``goals.csv``, None where there is none."""
    copies: tuple[Holder, ...]
    parties: tuple[tuple[Party, str | Text], ...]
    """Who has a part in it (S144); blank where the form is blank or nobody is named."""


def plan_forms(design: Design, tables: Tables, last_day: date) -> Iterator[PlanForm]:
    """Go through the forms of a cycle: a person's where a goal or a target is only theirs, else one blank form a role.

    A blank form asks for everything until the ``last_day`` of the cycle.

    Whoever alone is left for a role's blank form has it by name all the same.
    """
    names = with_superiors(tables.people, design.roles)
    copies, by_role = design.regulation.copies, gathered((person.role, person) for person in rows_of(tables.people))
    for name, role in design.roles.items():
        held = by_role.get(name, [])
        own = [person for person in held if _has_own_goals(person.id, role, tables, last_day)]
        rest = [person for person in held if person not in own]
        alone = [*own, *(rest if len(rest) == 1 else ())]
        for person in [*(person for person in held if person in alone), *([] if held and len(rest) <= 1 else [None])]:
            who = names[person.id] if person else None
            lines = tuple((item, tables.goal.get((person.id, item.id)) if person else None) for item in role.indicators)
            parties = parties_of(design, who, names.get(person.manager) if person else None)
            holders = tuple(names[each.id] for each in ([person] if person else rest))
            yield PlanForm(name, role, who, holders, lines, copies, parties)


def _has_own_goals(person: str, role: Role, tables: Tables, last_day: date) -> bool:
    """Whether the role's blank form would say something else than what is stated for a person."""
    stated = ((item, tables.goal.get((person, item.id))) for item in role.indicators)
    until = {"", last_day.isoformat()}
    return any(
        goal.text or goal.standard or goal.deadline not in until or goal.target not in {None, item.target}
        for item, goal in stated
        if goal is not None
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
