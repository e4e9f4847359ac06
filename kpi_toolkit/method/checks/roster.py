"""The people of a cycle against the design: who there is, in which role, held to which indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kpi_toolkit.method.issues import Issue, Known, Place, error, nearest_name
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Table, roles_of, rows_of
from kpi_toolkit.method.value import Text
from kpi_toolkit.method.wording import Wording


@dataclass(frozen=True, eq=False)
class Roster:
    """Everybody of ``people.csv`` as a design has them. A row of another table names one of them, or nobody."""

    design: Design
    people: Table
    aliases: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """Further names of roles, by the id of the role."""
    checklists: Mapping[str, Any] = field(default_factory=dict)
    """The checklists that answers are to; only they are asked for them."""

    @cached_property
    def roles(self) -> dict[str, str]:
        """The id of everybody's role, whether the design has such a role or not."""
        return roles_of(self.people)

    @cached_property
    def names(self) -> dict[str, Text]:
        """What everybody is called."""
        return names_of(self.people, self.design.roles)

    @cached_property
    def known(self) -> Known:
        """The people by all that they go by: id, name, what tells them apart in either language, number."""
        own = self.names
        return Known({
            person.id: (person.name, *own[person.id].words, person.number or "")
            for person in rows_of(self.people)
        })  # fmt: skip

    def going_by(self, said: str) -> set[str]:
        """Return the ids of those whom a word names: whose id it is, else all who go by it."""
        return {said} if said in self.roles else self.known.exactly(said)

    @cached_property
    def known_roles(self) -> Known:
        """The roles of the design by id and name."""
        return Known.named(self.design.as_agreed.roles, self.aliases)

    @cached_property
    def known_rules(self) -> Known:
        """The rules of plus and minus by id and name."""
        return Known.named({rule.id: rule for rule in self.design.adjustments.rules})

    @cached_property
    def items(self) -> dict[tuple[str, str], Indicator]:
        """What everybody is held to, by person and the indicator's id."""
        roles = ((person, self.role(person)) for person in self.roles)
        return {(person, item.id): item for person, role in roles if role for item in role.indicators}

    def role(self, person: str) -> Role | None:
        """Return a person's role; None for a stranger, or where the design has no such role."""
        return self.design.roles.get(self.roles.get(person, ""))

    def item(self, row: Any) -> Indicator | None:
        """Return the indicator that a row of a table is about; None where the person is not held to it."""
        return self.items.get((row.person, row.indicator))

    def lines(self, table: Table) -> Iterator[tuple[Any, Indicator]]:
        """Go through the rows of a table that are about what their person is held to, each with the indicator."""
        return ((row, item) for row in rows_of(table) if (item := self.item(row)) is not None)

    def called(self, person: str) -> Text | str:
        """Return what a person is called; a stranger by the id that was written."""
        return self.names.get(person, person)

    def figures_of(self, note: str, person: str, words: Wording) -> str:
        """Return whose figures a note says that these are, if that is somebody else; empty where it says nobody's."""
        plain = note.casefold().replace("’s", "").replace("'s", "")
        people = ((each.id, plain.replace(each.name.casefold(), " ")) for each in rows_of(self.people))
        said = {each for each, rest in people if rest != plain and words.of_figures(rest)}
        return "" if person in said else next(iter(sorted(said)), "")

    def unknown(self, row: Any, file: str) -> Iterator[Issue]:
        """Find a row of somebody who is not there, or of an indicator that the person's role does not have."""
        role, indicator = self.role(row.person), getattr(row, "indicator", "")
        if row.person not in self.roles:
            yield self.stranger(row.person, Place(file, row.row, "person"))
        elif role and indicator and self.item(row) is None:
            near = self._indicators[self.roles[row.person]].meant(indicator)
            yield error(
                "unknown-indicator", Place(file, row.row, "indicator"), indicator=indicator, role=role.name,
                nearest=near, known=[item.name.after(item.id) for item in role.indicators],
            )  # fmt: skip

    def no_role(self, said: str, place: Place) -> Issue:
        """Return what is wrong with a role that the design does not have."""
        names = [role.name.after(name) for name, role in self.design.as_agreed.roles.items()]
        return error("unknown-role", place, role=said, nearest=self.known_roles.meant(said), known=names)

    def likely(self, said: str) -> Text | str:
        """Return, by id and name, whom a word most probably means that names nobody; empty where nobody is like it."""
        ids = {name: person for person, each in self.names.items() for name in each.words}
        near = self.known.meant(said) or ids.get(nearest_name(said, ids), "")
        return self.names[near].after(near) if near else ""

    def stranger(self, said: str, place: Place) -> Issue:
        """Return what is wrong with a word that is nobody's id: several go by it, or nobody does."""
        several = sorted(self.known.exactly(said))
        if len(several) > 1:
            return error("which-person", place, name=said, people=[self.names[each].after(each) for each in several])
        return error("unknown-person", place, person=said, nearest=self.likely(said))

    @cached_property
    def _indicators(self) -> dict[str, Known]:
        """The indicators of each role by id and name."""
        return {
            name: Known({item.id: item.name.words for item in role.indicators})
            for name, role in self.design.roles.items()
        }

    @cached_property
    def _all_indicators(self) -> Known:
        """The indicators of all roles: somebody may have had another role for a part of the cycle."""
        roles = self.design.as_agreed.roles.values()
        return Known.named({item.id: item for role in roles for item in role.indicators})

    def _person(self, said: str | None) -> str | None:
        return said if said is None or said in self.roles else self.known.one(said)

    def _indicator(self, person: str, said: str) -> str:
        own = self._indicators.get(self.roles.get(person, ""))
        if not said or (person, said) in self.items:
            return said
        return str((own if own and own.exactly(said) else self._all_indicators).one(said))

    def in_own_ids(self, name: str, table: Table) -> Table:
        """Return a table of this name with ids where people, roles, rules and indicators stand by another name.

        An id is what it is; what several or none go by stays as it is written, and the checks say so. An indicator is
        the person's, or else any role's.
        """
        fields, own = ROW_TYPES[name].model_fields, {}
        finders: dict[str, Callable[[Any], Any]] = dict.fromkeys(_PEOPLE, self._person)
        finders |= {"role": self.known_roles.one, "rule": self.known_rules.one}
        finders |= {"checklist": Known.named(self.checklists).one} if self.checklists else {}
        for column in finders.keys() & fields.keys():
            own[column] = [*map(finders[column], table[column])]
        if "indicator" in fields:
            own["indicator"] = [*map(self._indicator, own["person"], table["indicator"])]
        changed = {column: values for column, values in own.items() if values != table[column]}
        return table.assign(**changed) if changed else table


_PEOPLE = ("person", "manager", "second_appraiser")
