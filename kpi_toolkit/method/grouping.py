"""What belongs together, by what it has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

_Key = TypeVar("_Key", bound="Hashable")
_Item = TypeVar("_Item")


def gathered(pairs: Iterable[tuple[_Key, _Item]]) -> dict[_Key, list[_Item]]:
    """Return what each key is paired with, keys and items in the order they come in.

    >>> gathered([("content", "lin"), ("sales", "wang"), ("content", "zhao")])
    {'content': ['lin', 'zhao'], 'sales': ['wang']}
    """
    found: dict[_Key, list[_Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return found
