"""Changes to a TOML file in its own text: one key, one entry. Everything else, comments included, stays byte for byte.

A file is cut at its headers into *parts* (:mod:`toml_parts`); a part is edited alone, so that no comment can move to
another entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.items import Array

from kpi_toolkit.clients.toml_lists import Entry, Listed, cut_list
from kpi_toolkit.clients.toml_parts import Part, Path, comments_in, content_of, parts_of

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _under(part: Part, path: Path) -> bool:
    return part.path is not None and part.path[: len(path)] == path


class _Held:
    """The part that holds a key, with what stands under its header, to be changed."""

    def __init__(self, parts: Sequence[Part], path: Path) -> None:
        fits = [n for n, part in enumerate(parts) if part.path is not None and path[: len(part.path)] == part.path]
        within = (n for n in fits if len(_path_of(parts[n])) < len(path))
        self.parts, self.place = parts, max(within, key=lambda n: len(_path_of(parts[n])))
        self.rest: Path = path[len(_path_of(parts[self.place])) :]
        """The keys that lead on from the part's header."""
        self.body: Any = tomlkit.parse(parts[self.place].body)

    @property
    def whole(self) -> str:
        """The text of the file with the part as it is now."""
        changed = replace(self.parts[self.place], body=tomlkit.dumps(self.body))
        return _spaced([*self.parts[: self.place], changed, *self.parts[self.place + 1 :]])


def set_value(text: str, path: Path, value: Any, order: Sequence[str] = ()) -> str:
    """Return a text with one key set; containers that are not there are made. ``order`` is that of new sections.

    What stood there under headers of its own is gone.
    """
    parts = [part for part in parts_of(text) if not _under(part, path)]
    held = _Held(parts, path)
    headed = parts[held.place].path and not any(_under(part, path[:-1]) for part in parts)
    if len(held.rest) > 1 and held.rest[0] not in held.body and not headed:
        return _with_section(parts, path[:-1], {str(path[-1]): value}, order)
    place = held.body
    for step in held.rest[:-1]:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, tomlkit.inline_table())
    place[held.rest[-1]] = _item(value)
    return held.whole


def drop_value(text: str, path: Path) -> str:
    """Return a text without a key, or without an entry and all that stands under it."""
    held = _Held([part for part in parts_of(text) if not _under(part, path)], path)
    with suppress(KeyError, IndexError, tomlkit.exceptions.NonExistentKey):
        if isinstance(part_at(held.body, held.rest[:-1]), Array):
            return _in_list(held, held.rest[:-1], lambda known: known.without(int(path[-1])))
        del part_at(held.body, held.rest[:-1])[held.rest[-1]]
    return held.whole


def add_entry(
    text: str, path: Path, value: Any, *, listed: bool, order: Sequence[str] = (), comments: Sequence[str] = ()
) -> str:
    """Return a text with an entry at the end of a list (``path`` names the list) or under a new key (the key)."""
    parts = parts_of(text)
    held = _Held(parts, path)
    place = held.body
    for step in held.rest if listed else held.rest[:-1]:
        place = place.get(step) if isinstance(place, Mapping) else place[step]
        if place is None:
            return _with_section(parts, path, value, order, listed=listed, comments=comments)
    if listed and not len(place):  # an empty list gives way to entries with headers of their own
        return add_entry(drop_value(text, path), path, value, listed=True, order=order, comments=comments)
    if not listed and place is held.body:
        return _with_section(parts, path, value, order)
    if listed:
        entry = Entry(_written(value), "".join(f"{comment}\n  " for comment in comments))
        return _in_list(held, held.rest, lambda known: known.with_entry(entry, len(known.entries)))
    place[held.rest[-1]] = _item(value)
    return held.whole


def move_entry(text: str, path: Path, before: Path | None) -> str:
    """Return a text with an entry put before another one of its list or section; None puts it at the end."""
    parts = parts_of(text)
    own = [part for part in parts if _under(part, path)]
    if not own:
        held, to = _Held(parts, path), None if before is None else int(before[-1])
        return _in_list(held, held.rest[:-1], lambda known: known.moved(int(path[-1]), to))
    rest = [part for part in parts if not _under(part, path)]
    if before is None:
        at = 1 + max(n for n, part in enumerate(rest) if _under(part, path[:-1]))
    else:
        at = next(n for n, part in enumerate(rest) if _under(part, before))
    return _spaced([*rest[:at], *own, *rest[at:]])


def carry_entry(text: str, path: Path, to: Path) -> str:
    """Return a text with an entry at the end of another list, its comments with it, as that list writes its entries."""
    parts = parts_of(text)
    own = [part for part in parts if _under(part, path)]
    rest = [part for part in parts if not _under(part, path)]
    if own and not _in_brackets(rest, to):
        moved = [_with_header(part, (*to, 0, *_path_of(part)[len(path) :])) for part in own]
        at = _place_for(rest, to, (), listed=True)
        return _spaced([*rest[:at], *moved, *rest[at:]])
    value = part_at(content_of(text, "")[0], path)
    if own:
        left, said = _spaced(rest), "".join(part.text for part in own)
    else:
        held = _Held(parts, path)
        entry = cut_list(part_at(held.body, held.rest[:-1])).entries[int(path[-1])]
        left, said = drop_value(text, path), f"{entry.above}{entry.behind}"
    return add_entry(left, to, value, listed=True, comments=comments_in(said))


def _in_brackets(parts: Sequence[Part], path: Path) -> bool:
    """Whether a list stands in brackets, with entries in it."""
    with suppress(KeyError, IndexError):
        held = _Held(parts, path)
        return bool(part_at(held.body, held.rest))
    return False


def _in_list(held: _Held, path: Path, change: Callable[[Listed], Listed]) -> str:
    """Return the text with a list in brackets changed; ``path`` leads there from the header."""
    made = change(cut_list(part_at(held.body, path))).text
    part_at(held.body, path[:-1])[path[-1]] = tomlkit.parse(f"list = {made}\n")["list"]
    return held.whole


def copy_entry(text: str, path: Path, changes: Mapping[str, Any], key: str = "") -> str:
    """Return a text with a copy of an entry right behind it: some values changed, under ``key`` in a section."""
    parts = parts_of(text)
    own = [n for n, part in enumerate(parts) if _under(part, path)]
    if not own:
        held, at = _Held(parts, path), int(path[-1])
        twin = deepcopy(part_at(held.body, held.rest))
        twin.update({name: _item(value) for name, value in changes.items()})
        return _in_list(held, held.rest[:-1], lambda known: known.with_entry(Entry(twin.as_string()), at + 1))
    twins = [_renamed(parts[n], path, key) if key else parts[n] for n in own]
    body = tomlkit.parse(twins[0].body)
    body.update({name: _item(value) for name, value in changes.items()})
    twins[0] = replace(twins[0], body=tomlkit.dumps(body), lead=_without_comment(twins[0].lead))
    return _spaced([*parts[: own[-1] + 1], *twins, *parts[own[-1] + 1 :]])


def rename_key(text: str, path: Path, key: str) -> str:
    """Return a text with another key for a section, wherever a header says it."""
    parts = parts_of(text)
    if any(_under(part, path) for part in parts):
        return _spaced([_renamed(part, path, key) if _under(part, path) else part for part in parts])

    held = _Held(parts, path)
    table = part_at(held.body, held.rest[:-1])
    entries = {key if name == path[-1] else name: deepcopy(value) for name, value in table.items()}
    table.clear()
    table.update(entries)
    return held.whole


def _renamed(part: Part, path: Path, key: str) -> Part:
    return _with_header(part, (*path[:-1], key, *_path_of(part)[len(path) :]))


def _with_header(part: Part, renamed: Path) -> Part:
    comment = re.search(r"\]\]?([ \t]*(?:#.*)?\r?\n?)$", part.header)
    listed = part.header.lstrip().startswith("[[")
    return replace(part, path=renamed, header=_header(renamed, listed=listed) + (comment[1] if comment else "\n"))


def part_at(place: Any, path: Path) -> Any:
    """Return what stands in a value at a path of keys and numbers."""
    for step in path:
        place = place[step]
    return place


def _path_of(part: Part) -> Path:
    return part.path or ()


def _with_section(
    parts: Sequence[Part], path: Path, value: Mapping[str, Any], order: Sequence[str], *, listed: bool = False,
    comments: Sequence[str] = (),
) -> str:  # fmt: skip
    body = tomlkit.document()
    for name, entry in value.items():
        body[name] = _item(entry)
    at = _place_for(parts, path, order, listed=listed)
    newline = "\r\n" if parts[0].text.endswith("\r\n") else "\n"
    lead = newline + "".join(f"{comment}{newline}" for comment in comments)
    made = Part(path, lead, _header(path, listed=listed) + newline, tomlkit.dumps(body).replace("\n", newline))
    return _spaced([*parts[:at], made, *parts[at:]])


def _place_for(parts: Sequence[Part], path: Path, order: Sequence[str], *, listed: bool) -> int:
    """Return where a new section goes: behind its like, else its parent, else where the order has it."""
    for depth in range(len(path), 0, -1):
        alike = [n for n, part in enumerate(parts) if _under(part, path[:depth])]
        if alike:  # what so far only stands in headers below it gets its own before them
            return alike[0] if depth == len(path) and not listed else alike[-1] + 1
    after = order[order.index(str(path[0])) + 1 :] if path[0] in order else ()
    later = [n for n, part in enumerate(parts) if _path_of(part)[:1] and _path_of(part)[0] in after]
    return later[0] if later else len(parts)


def _spaced(parts: Sequence[Part]) -> str:
    """Return the parts as one text: each header on a line of its own, and no comment becomes that of what follows."""
    text, comment = "", False
    for part in (part for part in parts if part.text):
        text += "\n" if text and not text.endswith("\n") else ""
        text += "\n" if comment and part.text.splitlines()[0].strip() else ""
        text += part.text
        comment = part.ends_in_comment
    return text


def _without_comment(lead: str) -> str:
    return "".join(line for line in lead.splitlines(keepends=True) if not line.strip()) or "\n"


def _header(path: Path, *, listed: bool) -> str:
    names = ".".join(_key(step) for step in path if isinstance(step, str))
    return f"[[{names}]]" if listed else f"[{names}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else tomlkit.string(name).as_string()


def _item(value: Any) -> Any:
    """Return a value as it is written: sections and lists in one line, numbers as they were typed."""
    return value if isinstance(value, tomlkit.items.Item) else tomlkit.value(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, tomlkit.items.Item):
        return value.as_string()
    if isinstance(value, Mapping):
        entries = ", ".join(f"{_key(name)} = {_written(entry)}" for name, entry in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else tomlkit.item(value).as_string()
