"""The people of a cycle against the design: who there is, in which role, held to which indicators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kpi_toolkit.method.issues import Issue, Known, Place, error
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import Text


@dataclass(frozen=True)
class Roster:
    """Everybody of ``people.csv`` as a design has them. A row of another table names one of them, or nobody."""

    design: Design
    people: Table

    @cached_property
    def roles(self) -> dict[str, str]:
        """The id of everybody's role, whether the design has such a role or not."""
        return {person.id: person.role for person in rows_of(self.people)}

    @cached_property
    def names(self) -> dict[str, Text]:
        """What everybody is called."""
        return names_of(self.people, self.design.roles)

    @cached_property
    def known(self) -> Known:
        """The people by id and name."""
        return Known({person.id: (person.name,) for person in rows_of(self.people)})

    @cached_property
    def _items(self) -> dict[tuple[str, str], Indicator]:
        roles = ((person, self.role(person)) for person in self.roles)
        return {(person, item.id): item for person, role in roles if role for item in role.indicators}

    def role(self, person: str) -> Role | None:
        """Return a person's role; None for a stranger, or where the design has no such role."""
        return self.design.roles.get(self.roles.get(person, ""))

    def item(self, row: Any) -> Indicator | None:
        """Return the indicator that a row of a table is about; None where the person is not held to it."""
        return self._items.get((row.person, row.indicator))

    def called(self, person: str) -> Text | str:
        """Return what a person is called; a stranger by the id that was written."""
        return self.names.get(person, person)

    def unknown(self, row: Any, file: str) -> Iterator[Issue]:
        """Find a row of somebody who is not there, or of an indicator that the person's role does not have."""
        role, indicator = self.role(row.person), getattr(row, "indicator", "")
        if row.person not in self.roles:
            place = Place(file, row.row, "person")
            yield error("unknown-person", place, person=row.person, nearest=self.known.either(row.person))
        elif role and indicator and self.item(row) is None:
            near = self._indicators[self.roles[row.person]].meant(indicator)
            yield error(
                "unknown-indicator", Place(file, row.row, "indicator"), indicator=indicator, role=role.name,
                nearest=near, known=[item.name.after(item.id) for item in role.indicators],
            )  # fmt: skip

    @cached_property
    def _indicators(self) -> dict[str, Known]:
        """The indicators of each role by id and name."""
        return {
            name: Known({item.id: item.name.words for item in role.indicators})
            for name, role in self.design.roles.items()
        }
