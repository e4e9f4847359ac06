"""Where findings stand, and what several checks ask for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.issues import Issue, Known, Place, error, nearest
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.tables import Table, rows_of

DESIGN_FILE, PROFILE_FILE = "design.toml", "client.toml"


def indicator_place(role: str, indicator: Indicator) -> Place:
    """Return where an indicator of a role stands in the design."""
    return Place(DESIGN_FILE, key=f"roles.{role}.indicators.{indicator.id}")


def indicators_of(design: Design) -> Iterator[tuple[str, Role, Indicator, Place]]:
    """Go through all indicators of a design with the id of their role, the role and their place."""
    for name, role in design.roles.items():
        for indicator in role.indicators:
            yield name, role, indicator, indicator_place(name, indicator)


def target_usable(indicator: Indicator, target: Decimal, place: Place) -> Iterator[Issue]:
    """Yield what a target is refused for by the indicator's curve."""
    match indicator.curve.problem_with(Fraction(target), indicator.direction):
        case "negative-target":
            yield error("negative-target", place, indicator=indicator.name, target=target)
        case "zero-target":
            yield error("zero-target", place, indicator=indicator.name)


def unknown_line(known: Mapping[str, Checklist], checklist: str, line: str, at: Place, of: Place) -> Iterator[Issue]:
    """Yield what is wrong with the name of a checklist (at its place) or of a line in it."""
    if checklist not in known:
        names = [each.name.after(name) for name, each in known.items()]
        yield error("unknown-card", of, name=checklist, nearest=Known.named(known).meant(checklist), known=names)
    elif line not in (lines := [each.id for each in known[checklist].lines]):
        yield error("unknown-line", at, line=line, nearest=nearest(line, lines), known=lines)


def twice(table: Table, file: str, keys: list[str]) -> Iterator[Issue]:
    """Yield every row whose keys stand in an earlier row already."""
    first: dict[tuple[Hashable, ...], Any] = {}
    for row in rows_of(table):
        key = tuple(getattr(row, name) for name in keys)
        if (before := first.setdefault(key, row)) is not row:
            place = Place(file, row.row, keys[-1])
            yield error("duplicate-row", place, key=" + ".join(map(str, key)), first=before.row)
