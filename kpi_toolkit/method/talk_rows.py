"""The rows of the talk's form: the lines of the result, questions of checklists, the plan, what was agreed before.

A measure has no id of its own: it is the first, second … of its indicator and kind for its person, wherever its row
stands. Room for what is new is numbered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import Block, FormLayout, Phase
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables, by_person, rows_of

TALK: Phase = "talk"
_SIGNED = "2"
"""The row of the signatures under the appraisal, which are given in the talk."""
_DRAFTED = ("corrective", "preventive")


def measure_ids(rows: Iterable[Any]) -> dict[str, Any]:
    """Return somebody's measures by what they are called on the form.

    >>> from types import SimpleNamespace as Row
    >>> list(measure_ids([Row(indicator="visits", kind="task"), Row(indicator="", kind="task")]))
    ['visits task 1', '- task 1']
    """
    seen: Counter[str] = Counter()
    found: dict[str, Any] = {}
    for row in rows:
        own = f"{row.indicator or '-'} {row.kind}"
        seen[own] += 1
        found[f"{own} {seen[own]}"] = row
    return found


def talk_rows(
    design: Design, tables: Tables, layout: FormLayout, checklists: Mapping[str, Checklist], measures: Iterable[Any]
) -> dict[str, tuple[FormRow, ...]]:
    """Return everybody's rows that the form of a talk may have, but what was agreed before it, by the person's id."""
    agreed = by_person(measures)
    found: dict[str, tuple[FormRow, ...]] = {}
    for person in rows_of(tables.people):
        items = design.roles[person.role].indicators
        drafted = [f"{item.id} {kind} 1" for item, kind in product(items, _DRAFTED)]
        ids = {"measures": [*dict.fromkeys([*measure_ids(agreed.get(person.id, ())), *drafted])]}
        lines = [
            FormRow(person.id, TALK, "item", item.id, "disputes", item, tables.target(person.id, item))
            for item in items
        ]
        blocks = [
            FormRow(person.id, TALK, block.id, one, block.table)
            for block in layout.blocks_of(TALK)
            for one in [*ids.get(block.id, ()), *_numbered(block, checklists)]
        ]
        found[person.id] = (*lines, *blocks)
    return found


def _numbered(block: Block, checklists: Mapping[str, Checklist]) -> Iterator[str]:
    """Go through the rows of a block that are the same for everybody."""
    for name in block.checklists:
        if name in checklists:
            yield from (f"{name} {line.id}" for line in checklists[name].lines)
    yield from [_SIGNED] if block.id == "sign" else map(str, range(1, block.rows + 1))
