"""How people are called: a name is no identity; people who share one are distinguished by team, role, number or id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import LANGUAGES, Text


def namesakes(people: Table) -> Iterable[list[Any]]:
    """Return the people in groups of one name, as it looks; most are alone."""
    return gathered((skeleton(person.name), person) for person in rows_of(people)).values()


def names_of(people: Table, roles: Mapping[str, Any]) -> dict[str, Text]:
    """Return what each person of ``people.csv`` is called, by id: the name, and what distinguishes it if two share it.

    ``roles`` are the design's, for their names. The first of team, role, both of them, number and id that is different
    for all namesakes stands in brackets; names that look the same are the same.
    """
    found: dict[str, Text] = {}
    for group in namesakes(people):
        if len(group) == 1:
            found[group[0].id] = Text.of(group[0].name)
            continue
        ways = list(zip(*(_marks(person, roles) for person in group), strict=True))
        marks = next((way for way in ways if _parts(way)), ways[-1])  # an id that stands twice is an error of its own
        found |= {person.id: mark.after(person.name) for person, mark in zip(group, marks, strict=True)}
    return found


def with_superiors(people: Table, roles: Mapping[str, Any]) -> dict[str, Text]:
    """Return what everybody is called, and superiors whom nobody appraises: as they are written."""
    return {name: Text.of(name) for name in people["manager"] if name} | names_of(people, roles)


def _marks(person: Any, roles: Mapping[str, Any]) -> tuple[Text, ...]:
    """Return what may tell somebody from namesakes: team, role, both, number, id."""
    role = roles[person.role].name if person.role in roles else Text.of(person.role)
    both = Text.each(lambda lang: f"{person.team} · {role.pick(lang)}")
    number = str(getattr(person, "number", None) or "")
    return Text.of(person.team), role, both, Text.of(number), Text.of(person.id)


def _parts(marks: Sequence[Text]) -> bool:
    """Whether each mark says something, and something else than the others, in both languages."""
    said = [{skeleton(mark.pick(lang)) for mark in marks} for lang in LANGUAGES]
    return all(len(each) == len(marks) and "" not in each for each in said)
