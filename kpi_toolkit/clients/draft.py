"""A client's files under work: a history of their texts. Comments stay, one act is one step, saving is explicit.

Every change is made in the text itself (:mod:`toml_edit`) and, beside it, in the plain data; it enters the history only
if the text, read back, says just that. A draft is kept in the client's folder until it is saved, so that no kernel,
browser or power cut takes it away.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import tomlkit

from kpi_toolkit.clients import toml_edit
from kpi_toolkit.clients.client import PEOPLE
from kpi_toolkit.clients.library import curves_by_name
from kpi_toolkit.clients.reading import as_declared, raise_errors, read_bytes
from kpi_toolkit.clients.storage import client_lock, write_file, write_together
from kpi_toolkit.clients.toml_edit import Path as Steps
from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile

DESIGN, PROFILE, KEPT = "design.toml", "client.toml", ".draft.json"
MODELS: dict[str, Any] = {DESIGN: Design, PROFILE: Profile}
Op = Literal["set", "add", "put", "remove", "move", "copy", "rename", "carry"]
_BOM = "\ufeff"


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


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says: plain data, the value it declares (None where it declares none), and what is wrong."""

    content: dict[str, Any] | None
    value: Any
    issues: Issues


@dataclass(frozen=True, slots=True)
class State:
    """The texts of the files, and the roles that were renamed since they were opened: people follow on saving."""

    texts: Mapping[str, str]
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draft:
    """A value: a change gives a new draft that remembers those before it."""

    states: tuple[State, ...]
    """Every state, oldest first."""
    opened: Mapping[str, str]
    """The texts as they were opened or last saved."""
    read: Callable[[str, str], Read] = field(repr=False, compare=False)
    """Reads a text: by the file's name and what stands in it."""
    place: int = 0
    """Which state is shown."""
    touch: str = ""
    """What is being typed in: what goes on there is the same step."""

    @property
    def state(self) -> State:
        """What is shown."""
        return self.states[self.place]

    @property
    def text(self) -> str:
        """The text of the design as it would be saved."""
        return self.state.texts[DESIGN]

    def of(self, file: str) -> Read:
        """Return what a file says now."""
        return self.read(file, self.state.texts[file])

    @property
    def design(self) -> Design | None:
        """The design, None where what was typed cannot be read."""
        design: Design | None = self.of(DESIGN).value
        return design

    @property
    def issues(self) -> Issues:
        """What keeps the files from being read."""
        return Issues(issue for file in self.state.texts for issue in self.of(file).issues)

    @property
    def changed(self) -> bool:
        """Whether anything is not saved."""
        return dict(self.state.texts) != dict(self.opened) or bool(self.state.renamed)

    def change(self, *acts: Act, renamed: tuple[str, str] | None = None, touch: str = "") -> Draft:
        """Return the draft after some acts, all of them one step. WorkbookError where one cannot be done to the file.

        With the same ``touch`` as the change before it goes on with that step instead of adding one.
        """
        texts = dict(self.state.texts)
        for act in acts:
            texts[act.file] = _done(texts[act.file], act, self.read)
        state = State(texts, self.state.renamed + ((renamed,) if renamed else ()))
        if state == self.state:
            return self
        going_on = bool(touch) and touch == self.touch and self.place == len(self.states) - 1 > 0
        kept = self.states[: self.place + (not going_on)]
        return replace(self, states=(*kept, state), place=len(kept), touch=touch)

    def undo(self) -> Draft:
        """Return the state before."""
        return replace(self, place=max(0, self.place - 1), touch="")

    def redo(self) -> Draft:
        """Return the state that was undone last."""
        return replace(self, place=min(len(self.states) - 1, self.place + 1), touch="")


def _done(text: str, act: Act, read: Callable[[str, str], Read]) -> str:
    """Return a text after an act; what it says then is exactly what the act asks for, or nothing is changed."""
    before = read(act.file, text).content
    if before is None:
        raise WorkbookError("edit-refused", file=act.file, name=".".join(map(str, act.path)))
    after = deepcopy(before)
    try:
        path = located(before, act.path)
        order = [field.alias or name for name, field in MODELS[act.file].model_fields.items()]
        made = _as_lines_end(text, _EDITS[act.op](text.replace("\r\n", "\n"), path, act, order))
        _APPLIED[act.op](after, path, act)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, StopIteration) as problem:
        raise WorkbookError("edit-refused", file=act.file, name=".".join(map(str, act.path))) from problem
    if not _same(read(act.file, made).content, after):
        raise WorkbookError("edit-refused", file=act.file, name=".".join(map(str, act.path)))
    return made


def _as_lines_end(text: str, made: str) -> str:
    return made.replace("\n", "\r\n") if text.count("\n") == text.count("\r\n") else made


def located(content: Any, path: Sequence[str | int]) -> Steps:
    """Return a path with the number of an entry where its id was named. ValueError where there is no such entry."""
    steps: list[str | int] = []
    place = content
    for step in path:
        if isinstance(place, list) and isinstance(step, str):
            ids = [entry.get("id") if isinstance(entry, dict) else None for entry in place]
            step = ids.index(step)  # noqa: PLW2901
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
    content.setdefault(path[-1], []).append(act.value) if isinstance(content, dict) else content[path[-1]].append(
        act.value
    )


def _apply_remove(content: Any, path: Steps, act: Act) -> None:  # noqa: ARG001
    place = _at(content, path[:-1])
    del place[path[-1]]


def _apply_move(content: Any, path: Steps, act: Act) -> None:
    place = _at(content, path[:-1])
    if isinstance(place, list):
        entry = place.pop(int(path[-1]))
        at = len(place) if act.to is None else int(act.to) - (int(act.to) > int(path[-1]))
        place.insert(at, entry)
        return
    names = [name for name in place if name != path[-1]]
    names.insert(len(names) if act.to is None else names.index(str(act.to)), str(path[-1]))
    _reordered(place, {name: place[name] for name in names})


def _apply_copy(content: Any, path: Steps, act: Act) -> None:
    place = _at(content, path[:-1])
    twin = {**deepcopy(place[path[-1]]), **(act.value or {})}
    if isinstance(place, list):
        place.insert(int(path[-1]) + 1, twin)
    else:
        _reordered(place, dict(_with_twin(place, path[-1], str(act.to), twin)))


def _with_twin(place: Mapping[Any, Any], key: Any, name: str, twin: Any) -> Any:
    for each, value in place.items():
        yield each, value
        if each == key:
            yield name, twin


def _apply_rename(content: Any, path: Steps, act: Act) -> None:
    place = _at(content, path[:-1])
    if act.to in place:
        raise KeyError(act.to)
    _reordered(place, {act.to if name == path[-1] else name: value for name, value in place.items()})


def _apply_carry(content: Any, path: Steps, act: Act) -> None:
    entry = _at(content, path)
    _apply_remove(content, path, act)
    _apply_add(content, tuple(act.value), replace(act, value=entry))


_APPLIED: dict[str, Callable[[Any, Steps, Act], None]] = {
    "set": _apply_set, "add": _apply_add, "put": _apply_set, "remove": _apply_remove, "move": _apply_move,
    "copy": _apply_copy, "rename": _apply_rename, "carry": _apply_carry,
}  # fmt: skip


def _reordered(table: dict[Any, Any], entries: Mapping[Any, Any]) -> None:
    table.clear()
    table.update(entries)


def _at(content: Any, path: Steps) -> Any:
    for step in path:
        content = content[step]
    return content


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


def number_or_text(typed: str) -> Any:
    """Return a typed value for a TOML file: a number as it was written, anything else as a text; None for nothing.

    >>> number_or_text("12.50").as_string(), number_or_text("many"), number_or_text(" ")
    ('12.50', 'many', None)
    """
    plain = typed.strip()
    digits = plain.removeprefix("-").replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and not plain.endswith(".") and not plain.startswith("."):
        head = plain.removeprefix("-").split(".")[0]
        if head == str(int(head)):
            return tomlkit.value(plain)
    return plain or None


def date_or_text(typed: str) -> Any:
    """Return a typed day as a date, anything else as a text; None for nothing."""
    with suppress(ValueError):
        return date.fromisoformat(typed.strip())
    return typed.strip() or None


def open_draft(workbook: Workbook, client: str) -> Draft:
    """Return a client's files as a draft, with what was kept of an earlier one as its newest step.

    IssuesError where a file cannot be read at all.
    """
    opened = {file: _file_text(workbook, client, file) for file in MODELS}
    draft = Draft((State(opened),), opened, reader(workbook))
    raise_errors(draft.issues)
    kept = _kept(_folder(workbook, client), opened)
    return replace(draft, states=(*draft.states, kept), place=1) if kept else draft


def reader(workbook: Workbook) -> Callable[[str, str], Read]:
    """Return what reads a text of a client's file; the last few are remembered."""
    curves = curves_by_name(workbook)

    @lru_cache(maxsize=16)
    def read(file: str, text: str) -> Read:
        content, issues = load_toml(text.encode("utf-8", "surrogateescape"), file)
        if content is None:
            return Read(None, None, issues)
        return Read(content, *as_declared(content, MODELS[file], file, curves=curves))

    return read


def _file_text(workbook: Workbook, client: str, file: str) -> str:
    data, issues = read_bytes(_folder(workbook, client) / file, file)
    raise_errors(issues)
    text = (data or b"").decode("utf-8", "surrogateescape")
    return text.removeprefix(_BOM)


def keep_draft(workbook: Workbook, client: str, draft: Draft) -> None:
    """Write down what is not saved, beside the files; a draft that holds nothing new leaves nothing behind."""
    path = _folder(workbook, client) / KEPT
    if not draft.changed:
        path.unlink(missing_ok=True)
        return
    kept = {"opened": draft.opened, "texts": draft.state.texts, "renamed": draft.state.renamed}
    write_file(path, json.dumps(kept, ensure_ascii=False))


def _kept(folder: Path, opened: Mapping[str, str]) -> State | None:
    """Return what was kept of an earlier draft, put together with what the files have become since."""
    try:
        kept = json.loads((folder / KEPT).read_text("utf-8"))
        texts = {file: merged(kept["opened"][file], kept["texts"][file], text) for file, text in opened.items()}
        renamed = tuple((str(old), str(new)) for old, new in kept["renamed"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    own = {file: kept["texts"][file] if text is None else text for file, text in texts.items()}
    return State(own, renamed) if own != dict(opened) or renamed else None


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that were changed here and by somebody else: as they were, here, and there."""

    file: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


class ClashError(WorkbookError):
    """A file was changed by somebody else in the same lines; ``clashes`` says where."""

    def __init__(self, file: str, clashes: Sequence[Clash], theirs: Mapping[str, str]) -> None:
        super().__init__("design-changed", file=file)
        self.clashes, self.theirs = tuple(clashes), theirs


def save_draft(workbook: Workbook, client: str, draft: Draft, *, over: bool = False) -> Draft:
    """Write a draft into the client's files and return it as saved; its history stays.

    What somebody else changed meanwhile in other lines is kept; ``over`` writes this draft whatever they did.
    Raises IssuesError where it could not be read again, ClashError where both changed the same lines.
    """
    raise_errors(draft.issues)
    folder = _folder(workbook, client)
    with client_lock(folder):
        now = {file: _file_text(workbook, client, file) for file in draft.opened}
        texts = dict(draft.state.texts) if over else _together(client, draft, now)
        for file, text in texts.items():
            raise_errors(draft.read(file, text).issues)
        written = {folder / file: _as_bytes(folder / file, text) for file, text in texts.items() if text != now[file]}
        written |= _people_following(folder, draft.state.renamed)
        if written:
            write_together(written)
        (folder / KEPT).unlink(missing_ok=True)
    return _saved(draft, texts)


def _saved(draft: Draft, texts: Mapping[str, str]) -> Draft:
    """Return the draft as saved: people have followed, and what somebody else changed is a step of its own."""
    states = tuple(replace(state, renamed=()) for state in draft.states)
    here = replace(draft, states=states, opened=texts, touch="")
    if dict(texts) == dict(draft.state.texts):
        return here
    return replace(here, states=(*states[: draft.place + 1], State(texts)), place=draft.place + 1)


def _together(client: str, draft: Draft, now: Mapping[str, str]) -> dict[str, str]:
    texts, clashes = {}, []
    for file, ours in draft.state.texts.items():
        text = merged(draft.opened[file], ours, now[file])
        texts[file] = ours if text is None else text
        clashes += clashing(file, draft.opened[file], ours, now[file]) if text is None else []
    if clashes:
        raise ClashError(f"{client}/{clashes[0].file}", clashes, now)
    return texts


def merged(base: str, ours: str, theirs: str) -> str | None:
    r"""Return a text with both changes in it; None where both changed the same lines in different ways.

    >>> merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    'A\nb\nC\n'
    """
    if theirs in {base, ours} or ours == base:
        return theirs if ours == base else ours
    lines, out, at = base.splitlines(keepends=True), [], 0
    both = sorted({*_hunks(base, ours), *_hunks(base, theirs)})
    for n, (first, after, new) in enumerate(both):
        if n and first < both[n - 1][1] + (both[n - 1][0] == both[n - 1][1] or first == after):
            return None
        out += [*lines[at:first], *new]
        at = after
    return "".join([*out, *lines[at:]])


def clashing(file: str, base: str, ours: str, theirs: str) -> list[Clash]:
    """Return the lines that differ between the two texts that came of one."""
    mine, other = ours.splitlines(), theirs.splitlines()
    opcodes = SequenceMatcher(None, mine, other, autojunk=False).get_opcodes()
    changed = set(base.splitlines())
    return [
        Clash(file, tuple(mine[a:b]), tuple(other[c:d])) for kind, a, b, c, d in opcodes
        if kind != "equal" and not (set(mine[a:b]) | set(other[c:d])) <= changed
    ]  # fmt: skip


def _hunks(base: str, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    old, new = base.splitlines(keepends=True), text.splitlines(keepends=True)
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, tuple(new[c:d])) for kind, a, b, c, d in opcodes if kind != "equal"]


def _as_bytes(path: Path, text: str) -> bytes:
    """Return a text as the file has it: with its byte-order mark, if any."""
    mark = path.read_bytes()[:3] if path.exists() else b""
    return (mark if mark == _BOM.encode() else b"") + text.encode("utf-8", "surrogateescape")


def _people_following(folder: Path, renamed: Sequence[tuple[str, str]]) -> dict[Path, bytes]:
    """Return ``people.csv`` with the new ids of renamed roles; other lines stay as they are."""
    path = folder / PEOPLE
    if not renamed or not path.is_file():
        return {}
    data = path.read_bytes()
    text = data.decode("utf-8", "surrogateescape")
    lines = text.splitlines(keepends=True)
    header = next(csv.reader([lines[0].removeprefix(_BOM)])) if lines else []
    if "role" not in header or len(list(csv.reader(io.StringIO(text)))) != len(lines):
        return {}
    column, new = header.index("role"), [*lines[:1]]
    for line in lines[1:]:
        cells = next(csv.reader([line]), [])
        role = cells[column] if len(cells) > column else ""
        for old, name in renamed:
            role = name if role == old else role
        new.append(line if len(cells) <= column or role == cells[column] else _csv_line(cells, column, role, line))
    return {path: "".join(new).encode("utf-8", "surrogateescape")}


def _csv_line(cells: Sequence[str], column: int, value: str, line: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([*cells[:column], value, *cells[column + 1 :]])
    return out.getvalue() + line[len(line.rstrip("\r\n")) :]


def _folder(workbook: Workbook, client: str) -> Path:
    return workbook.client_folder(client)
