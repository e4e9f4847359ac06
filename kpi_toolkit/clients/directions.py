"""Whether somebody has confirmed which way an indicator is better: nothing later shows that it was taken wrongly."""

from __future__ import annotations

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.declared import read_own
from kpi_toolkit.clients.headings import without_unit
from kpi_toolkit.clients.questions import remembered
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.model import Design, Indicator


def unconfirmed(client: Client, design: Design) -> list[Indicator]:
    """Return the indicators of a design of which nobody has said which way is better.

    That is said by an answer at their import, or by a month that was shown or closed with just this direction.
    """
    answered, about = remembered(client.folder), remembered(client.folder, "about")
    names = {folded(said) for asked, told in about.items() if asked.startswith("new:") and asked in answered
             for name in told for said in (name, without_unit(name))}  # fmt: skip
    held = (each for each in reversed(client.cycles)
            if read_record(client.folder / "cycles" / each).state is not State.DRAFT)  # fmt: skip
    last = next(held, None)
    shown = read_own(client.folder, last)[1] if last else None
    before = {item.id: item.scored_direction for item in _indicators(shown)} if shown else {}
    return [item for item in _indicators(design) if before.get(item.id) != item.scored_direction
            and names.isdisjoint(map(folded, item.name.words))]  # fmt: skip


def _indicators(design: Design) -> list[Indicator]:
    return [item for role in design.roles.values() for item in role.indicators]
