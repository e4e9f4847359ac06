"""Who and what is meant: people by number or name, indicators by name, ids made of names. Never a guess."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kpi_toolkit.clients.headings import without_unit
from kpi_toolkit.clients.workbook import valid_id
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.issues import Known, folded
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Table
from kpi_toolkit.method.value import Text, likely_id, not_taken

Person = Mapping[str, Any]
"""A row of people as text: ``id``, ``name``, and where there are ``number``, ``role``, ``team``, ``title``."""
_BRACKETED = re.compile(r"\s*[（(]([^（()）]+)[)）]\s*$")


class Names:
    """People, found by what somebody wrote."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = list(people)
        self._numbers: dict[str, list[Person]] = {}
        self._names: dict[str, list[Person]] = {}
        for one in self.people:
            self._numbers.setdefault(folded(str(one.get("number") or "")), []).append(one)
            for name in {skeleton(str(one["name"])), str(one["id"])}:
                self._names.setdefault(name, []).append(one)

    def named(self, text: str, number: str = "") -> list[Person]:
        """Return everybody who may be meant: by number where there is one, else by name, in either order.

        >>> people = Names({"id": one, "name": "Ann Lee", "team": team} for one, team in (("a", "Sales"), ("b", "IT")))
        >>> [one["id"] for one in people.named("Lee, Ann")], [one["id"] for one in people.named("Ann Lee (IT)")]
        (['a', 'b'], ['b'])
        """
        if number and folded(number) in self._numbers:
            return self._numbers[folded(number)]
        keys = dict.fromkeys(skeleton(name) for name in (text, in_order(text)) if name)
        found = next((self._names[key] for key in keys if key in self._names), [])
        found = found or (self._numbers.get(folded(text), []) if text.strip() else [])
        hint = _BRACKETED.search(text)
        if found or not hint:
            return found
        near = self.named(_BRACKETED.sub("", text))
        told = [one for one in near if folded(hint[1]) in _said_of(one)]
        return told or ([] if len(near) == 1 else near)

    def labels(self, roles: Mapping[str, Any]) -> dict[str, Text]:
        """Return by ids what each person is called, told apart from others of the same name."""
        columns = ("id", "name", "role", "team", "number")
        rows = [[one.get(key) or "" for key in columns] for one in self.people]  # whose role may still be open
        return names_of(Table.of(columns, rows), roles)


class Items:
    """Indicators, found by the exact name of one, with or without the unit behind it."""

    def __init__(self, items: Iterable[Indicator]) -> None:
        self.by_id = {item.id: item for item in items}
        self._names = Known.named(self.by_id)

    def named(self, name: str) -> Indicator | None:
        """Return the indicator that a line names exactly; None where none or more than one is called so."""
        ids = next((ids for each in (name, without_unit(name)) if len(ids := self._names.exactly(each)) == 1), ())
        return next((self.by_id[own] for own in ids), None)

    def proposed(self, name: str) -> str:
        """Return the id of the only indicator whose name is like another; empty where none is."""
        return self._names.proposed(name)


def told_apart(candidates: list[Person], **said: str) -> list[Person]:
    """Return those of one name whom role or team leave."""
    for key, text in said.items():
        fits = [one for one in candidates if text and folded(str(one.get(key) or "")) == folded(text)]
        candidates = fits or candidates
    return candidates


def _said_of(person: Person) -> set[str]:
    return {folded(str(person.get(key) or "")) for key in ("team", "role", "title", "number", "id")} - {""}


def in_order(name: str) -> str:
    """Return a name with the surname last where a comma parts it: ``Jones, Sarah``."""
    parts = [part.strip() for part in name.split(",")]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and all(parts) else name.strip()  # noqa: PLR2004


def new_id(texts: Iterable[str], taken: Collection[str]) -> str:
    """Return an id made of the first of the texts that gives one, Chinese names by their sound; never one twice.

    >>> new_id(["", "王建国"], []), new_id(["Rafał Nowak"], ["rafal-nowak"]), new_id(["007"], [])
    ('wang-jian-guo', 'rafal-nowak-2', 'p007')
    """
    base = next(filter(None, map(likely_id, texts)), "x")[:44].strip("-")
    base = f"p{base}" if base.isdigit() or not valid_id(base) else base
    return not_taken(base, taken)
