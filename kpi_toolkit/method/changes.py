"""What two designs differ in, by key: the change log against a starter, and how far a copy was tailored (S100)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kpi_toolkit.method.model import Design
from kpi_toolkit.method.value import LANGUAGES, Text

_SAID_ONLY = {"name", "rationale", "version", "schema", "mute", "agreed"}
"""What says something about a design and changes nobody's appraisal."""


class Change(NamedTuple):
    """One key that differs: where, and both values; None where it is not there."""

    key: str
    before: Any
    after: Any


def changes(before: Design, after: Design) -> tuple[Change, ...]:
    """Return what differs between two designs, in the order of the keys; words about a design do not count."""
    old, new = (dict(_leaves(_dumped(design))) for design in (before, after))
    found = (Change(key, old.get(key), new.get(key)) for key in dict.fromkeys([*old, *new]))
    return tuple(each for each in found if each.before != each.after and not _in_one_language(each))


def _in_one_language(change: Change) -> bool:
    """Whether words in several languages became those in one of them, as a client of one language has a starter's."""
    both = (change.before, change.after)
    words = [{*each.values()} for each in both if isinstance(each, dict) and each.keys() == {*LANGUAGES}]
    return len(words) == len(both) and len(words[1]) == 1 and words[1] <= words[0]


def untouched_starter(design: Design, starters: Mapping[str, Design]) -> str:
    """Return the starter that a design is still a copy of, else nothing.

    Posts, meetings and units of money, which are written for a client at the start, and roles put behind those of the
    starter do not tailor it.
    """
    for name, starter in starters.items():
        added = tuple(f"roles.{role}." for role in list(design.roles)[len(starter.roles) :])
        if list(starter.roles) == list(design.roles)[: len(starter.roles)] and all(
            _at_the_start(each.key) or each.key.startswith(added) for each in changes(starter, design)
        ):
            return name
    return ""


def own_words(design: Design, starters: Mapping[str, Design]) -> Design:
    """Return a design without a name or a reason that it only has from a starter."""
    for starter in starters.values():
        blank = {name: Text() for name in ("name", "rationale") if getattr(design, name) == getattr(starter, name)}
        design = design.model_copy(update=blank)
    return design


def _at_the_start(key: str) -> bool:
    return key.startswith(("posts", "regulation.routines")) or key.endswith(".unit")


def _dumped(design: Design) -> dict[str, Any]:
    return design.model_dump(mode="json", by_alias=True, exclude=_SAID_ONLY)


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Go through the values of nested data; an entry of a list goes by its id where it has one."""
    if isinstance(value, dict) and value and not set(value) <= {*LANGUAGES}:
        for name, part in value.items():
            yield from _leaves(part, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
        for number, part in enumerate(value, start=1):
            yield from _leaves(part, f"{key}.{part.get('id', number) if isinstance(part, dict) else number}")
    else:
        yield key, value
