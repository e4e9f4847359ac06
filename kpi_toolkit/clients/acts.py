"""One thing done to a client's file: in its text, and beside it in the plain data; both must come to the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import tomlkit

from kpi_toolkit.clients import toml_edit
from kpi_toolkit.clients.frozen import DESIGN, PROFILE
from kpi_toolkit.clients.table_lines import TABLES, entries_in, table_of, text_with
from kpi_toolkit.clients.toml_parts import Path as Steps
from kpi_toolkit.clients.toml_parts import content_of
from kpi_toolkit.clients.toml_text import entry_id
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile

MODELS: dict[str, Any] = {DESIGN: Design, PROFILE: Profile, **TABLES}
Op = Literal["set", "add", "put", "remove", "move", "copy", "rename", "carry"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a file. ``path`` names entries of lists by their id, or by their number from 0.

    ``set`` a key (None takes it away), ``add`` an entry to a list, ``put`` one under a new key, ``remove`` an entry,
    ``move`` it before ``to`` (None: to the end), ``copy`` it with ``value`` changed (in a section: under the key
    ``to``), ``rename`` its key to ``to``, ``carry`` it to the end of the list at the path ``value``.
    """

    op: Op
    path: tuple[str | int, ...]
    value: Any = None
    to: str | int | None = None
    file: str = DESIGN


def content_in(text: str, file: str) -> tuple[dict[str, Any] | None, Issues]:
    """Return what a text of a file says, or what keeps it from being read."""
    table = table_of(file)
    return (entries_in(text, table), Issues()) if table else content_of(text, file)


def done(text: str, *acts: Act) -> str:
    """Return a file's text after acts, one after another; what it says then is just what they ask for.

    The data are changed beside the text, which is read back at the end. WorkbookError where it says another thing,
    with the act that did it.
    """
    file, table = acts[0].file, table_of(acts[0].file)
    made, meant = text, content_in(text, file)[0]
    if meant is None:
        raise _refused(acts[0])
    try:
        for given in acts:
            path = located(meant, given.path)
            act = replace(given, value=_as_cells(given.value)) if table else given
            meant = _unshared(meant, path)
            if act.op == "carry":
                meant = _unshared(meant, tuple(act.value))
            _APPLIED[act.op](meant, path, act)
            made = text_with(made, table, meant[table]) if table else _edited(made, path, act)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, StopIteration) as problem:
        raise _refused(given) from problem
    if not _same(content_in(made, file)[0], meant):
        for n in range(1, len(acts)):
            done(text, *acts[:n])  # the first that comes to another thing says so
        raise _refused(acts[-1])
    return made


def _refused(act: Act) -> WorkbookError:
    return WorkbookError("edit-refused", file=act.file, name=".".join(map(str, act.path)))


def _edited(text: str, path: Steps, act: Act) -> str:
    order = [field.alias or name for name, field in MODELS[act.file].model_fields.items()]
    made = _EDITS[act.op](text.replace("\r\n", "\n"), path, act, order)
    return made.replace("\n", "\r\n") if text.count("\n") == text.count("\r\n") else made


def _as_cells(value: Any) -> Any:
    """Return a value as a table holds it: texts, and nothing where there is none."""
    if isinstance(value, Mapping):
        return {key: _as_cells(cell) for key, cell in value.items() if cell not in (None, "")}
    if isinstance(value, (list, tuple)):
        return "/".join(map(str, value))
    return None if value in (None, "") else str(value).lower() if isinstance(value, bool) else str(value)


def _unshared(content: Any, path: Steps) -> Any:
    """Return data in which what holds a path may be changed; all else is shared with the data as it was."""
    place: Any = copy(content)
    top = place
    for step in path:
        below = place.get(step) if isinstance(place, dict) else place[int(step)]
        if not isinstance(below, (dict, list)):
            break
        place[step] = place = copy(below)
    return top


def located(content: Any, path: Sequence[str | int]) -> Steps:
    """Return a path with the number of an entry where its id was named. ValueError where there is no such entry."""
    steps: list[str | int] = []
    place = content
    for step in path:
        if isinstance(place, list) and isinstance(step, str):
            step = [entry_id(entry) for entry in place].index(step)  # noqa: PLW2901
        steps.append(step)
        known = isinstance(place, list) or (isinstance(place, dict) and step in place)
        place = place[step] if known else None
    return tuple(steps)


def _edit_set(text: str, path: Steps, act: Act, order: Sequence[str]) -> str:
    if act.value is None:
        return toml_edit.drop_value(text, path)
    return toml_edit.set_value(text, path, act.value, order)


def _edit_put(text: str, path: Steps, act: Act, order: Sequence[str]) -> str:
    if not isinstance(act.value, Mapping):
        return toml_edit.set_value(text, path, act.value, order)
    return toml_edit.add_entry(text, path, act.value, listed=False, order=order)


_EDITS: dict[str, Callable[[str, Steps, Act, Sequence[str]], str]] = {
    "set": _edit_set,
    "add": lambda text, path, act, order: toml_edit.add_entry(text, path, act.value, listed=True, order=order),
    "put": _edit_put,
    "remove": lambda text, path, act, _: toml_edit.drop_value(text, path),  # noqa: ARG005
    "move": lambda text, path, act, _: toml_edit.move_entry(text, path, _beside(path, act.to)),
    "copy": lambda text, path, act, _: toml_edit.copy_entry(text, path, act.value or {}, str(act.to or "")),
    "rename": lambda text, path, act, _: toml_edit.rename_key(text, path, str(act.to)),
    "carry": lambda text, path, act, _: toml_edit.carry_entry(text, path, tuple(act.value)),
}


def _beside(path: Steps, to: str | int | None) -> Steps | None:
    return None if to is None else (*path[:-1], to)


def _apply_set(content: Any, path: Steps, act: Act) -> None:
    place = content
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) and act.value is not None else place[step]
    if act.value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = act.value


def _apply_add(content: Any, path: Steps, act: Act) -> None:
    for step in path[:-1]:
        content = content.setdefault(step, {}) if isinstance(content, dict) else content[step]
    entries = content.setdefault(path[-1], []) if isinstance(content, dict) else content[path[-1]]
    entries.append(act.value)


Pairs = list[tuple[Any, Any]]
"""The entries of a section with their keys, those of a list with their numbers."""


def _among(change: Callable[[Pairs, list[Any], int, Act], object]) -> Callable[[Any, Steps, Act], None]:
    """Return what does an act among the entries of a section or a list."""

    def applied(content: Any, path: Steps, act: Act) -> None:
        place = toml_edit.part_at(content, path[:-1])
        pairs: Pairs = list(place.items()) if isinstance(place, dict) else list(enumerate(place))
        keys = [key for key, _ in pairs]
        change(pairs, keys, keys.index(path[-1]), act)
        place.clear()
        place.update(pairs) if isinstance(place, dict) else place.extend(value for _, value in pairs)

    return applied


def _move(pairs: Pairs, keys: list[Any], at: int, act: Act) -> None:
    before = len(keys) if act.to is None else keys.index(act.to)
    pairs.insert(before - (before > at), pairs.pop(at))


def _copy(pairs: Pairs, _: list[Any], at: int, act: Act) -> None:
    pairs.insert(at + 1, (act.to, {**deepcopy(pairs[at][1]), **(act.value or {})}))


def _rename(pairs: Pairs, keys: list[Any], at: int, act: Act) -> None:
    if act.to in keys:
        raise KeyError(act.to)
    pairs[at] = (act.to, pairs[at][1])


_apply_remove = _among(lambda pairs, _, at, __: pairs.pop(at))


def _apply_carry(content: Any, path: Steps, act: Act) -> None:
    entry = toml_edit.part_at(content, path)
    _apply_remove(content, path, act)
    _apply_add(content, tuple(act.value), replace(act, value=entry))


_APPLIED: dict[str, Callable[[Any, Steps, Act], None]] = {
    "set": _apply_set, "add": _apply_add, "put": _apply_set, "remove": _apply_remove, "move": _among(_move),
    "copy": _among(_copy), "rename": _among(_rename), "carry": _apply_carry,
}  # fmt: skip


def _same(read: Any, meant: Any) -> bool:
    """Whether a text says what was meant: the same keys with the same values, exactly as typed."""
    if isinstance(meant, Mapping):
        if not isinstance(read, Mapping):
            return False
        known, said = ({k: v for k, v in each.items() if v is not None and v not in ([], {})} for each in (meant, read))
        return said.keys() == known.keys() and all(_same(said[key], value) for key, value in known.items())
    if isinstance(meant, (list, tuple)):
        return isinstance(read, list) and len(read) == len(meant) and all(map(_same, read, meant))
    meant = meant.unwrap() if isinstance(meant, tomlkit.items.Item) else meant
    if isinstance(meant, (int, float, Decimal)) and not isinstance(meant, bool):
        return not isinstance(read, (bool, str)) and Decimal(str(read)) == Decimal(str(meant))
    return type(read) is type(meant) and bool(read == meant)
