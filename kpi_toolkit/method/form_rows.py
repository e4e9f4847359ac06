"""The rows of a form in Excel, and the code by which each is known wherever it turns up.

A row's code is a keyed checksum over whose it is, of which client, cycle and phase, and what was agreed in it. A row
may therefore be sorted, moved or copied into another workbook: it is still itself, and one of another client, another
month or an older version is not one of these.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.forms import TABLE_OF, FormLayout, Phase
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import digits, half_up
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables, rows_of

CODE = re.compile(r"(?<![A-Z])[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}(?![A-Z])")
"""How a code looks: letters only, without vowels, so that no program takes it for a number, a date or a word."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
PHASES: tuple[Phase, ...] = ("plan", "appraisal", "talk")


@dataclass(frozen=True)
class FormRow:
    """A row that is filled in: an indicator's line, or a numbered row of a block."""

    person: str
    phase: Phase
    kind: str
    """``item``, or the id of a block."""
    id: str
    """The indicator's id; in a block its number, its day, or the first day of its week."""
    table: str = field(default="", compare=False)
    """Where its entries go; empty where they go to no table."""
    item: Indicator | None = field(default=None, compare=False)
    target: Decimal | None = field(default=None, compare=False)
    whole: Decimal | None = field(default=None, compare=False)
    """The target that is agreed, where a part of it is asked for in the score."""
    agreed: tuple[str, ...] = field(default=(), compare=False)
    """What holds for it and may not have changed since the form was sent."""

    @property
    def stated(self) -> dict[str, Decimal | None]:
        """What its locked columns say."""
        return {"planned": self.item.weight, "target": self.target} if self.item else {}

    @property
    def bound(self) -> str:
        """What stands before its target where that is the most that it may be."""
        lower = self.item is not None and self.item.basis is Basis.ACTUAL
        return "≤" if lower and self.item and self.item.scored_direction is Direction.LOWER else ""

    @property
    def line(self) -> str:
        """What its table calls it beside the person."""
        return f"{self.kind} {self.id}" if self.table == "work" or self.kind == "earlier" else self.id


def form_rows(
    design: Design, tables: Tables, layout: FormLayout, phase: Phase, cycle: Cycle, days: WorkDays
) -> dict[str, tuple[FormRow, ...]]:
    """Return everybody's rows of a form in one phase, by the person's id, in the order of the form.

    There is always room for one event more.
    """
    known = Counter(row.person for row in rows_of(tables.adjustments))
    blocks = [(block, block.row_ids(cycle, days)) for block in layout.blocks_of(phase)]
    found: dict[str, tuple[FormRow, ...]] = {}
    for person in rows_of(tables.people):
        rows = [*_lines(design, person, tables, phase)]
        for block, ids in blocks:
            more = range(len(ids) + 1, known[person.id] + 2) if block.id == "event" else ()
            rows += [FormRow(person.id, phase, block.id, one, block.table) for one in (*ids, *map(str, more))]
        found[person.id] = tuple(rows)
    return found


def _lines(design: Design, person: Any, tables: Tables, phase: Phase) -> Iterator[FormRow]:
    role = design.roles[person.role]
    for item in role.indicators:
        whole = tables.target(person.id, item, whole=True)
        target = whole if phase == "plan" else tables.target(person.id, item)
        agreed = [digits(item.weight), *item.unit.model_dump().values(), item.curve.model_dump_json()]
        if phase == "appraisal":
            agreed += ["" if target is None else digits(target), digits(design.cap(item))]
            agreed += [item.formula.model_dump_json()] if item.is_quotient and item.formula else []
            agreed += [item.basis, item.direction, role.method, role.aggregation, design.missing, str(design.raters)]
        yield FormRow(person.id, phase, "item", item.id, TABLE_OF[phase], item, target, whole, tuple(agreed))


def row_code(key: bytes, client: str, cycle: str, row: FormRow) -> str:
    """Return the code of a row.

    >>> row_code(b"key", "acme", "2026-10", FormRow("lin", "plan", "review", "1"))
    'XCFM-TPRK'
    """
    return keyed(key, (client, cycle, row.person, row.phase, row.kind, row.id, *row.agreed))


def keyed(key: bytes, parts: Iterable[str]) -> str:
    """Return some texts as eight letters that only somebody with the key can make; a form's are its rows' codes."""
    digest = hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).digest()
    number, letters = int.from_bytes(digest, "big"), ""
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"{letters[:4]}-{letters[4:]}"


def mark_of(said: Mapping[tuple[str, str], Any]) -> str:
    """Return the mark of what a plan says of its goals, by line and column; what is blank says nothing."""
    texts = sorted(
        f"{line}\x1f{column}\x1f{value.normalize() if isinstance(value, Decimal) else value}"
        for (line, column), value in said.items() if value is not None and value != ""
    )  # fmt: skip
    return hashlib.sha256("\x1e".join(texts).encode()).hexdigest()[:16]


def followed_up(helped: int, reviews: int) -> Decimal:
    """Return in how many of the reviews the goal supervisor followed up, in whole per cent (S130).

    >>> followed_up(1, 3)
    Decimal('33')
    """
    return half_up(Fraction(100 * helped, reviews), 0)
