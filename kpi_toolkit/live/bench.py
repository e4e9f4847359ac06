"""What can be done to a client's design and page in a form: each act is one step of the draft, and is kept at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pypinyin import lazy_pinyin

from kpi_toolkit.clients.draft import (
    DESIGN,
    MODELS,
    PROFILE,
    Act,
    Clash,
    ClashError,
    Draft,
    keep_draft,
    located,
    open_draft,
    save_draft,
)
from kpi_toolkit.clients.library import Library, curve_cards, form_fields
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.fields import Form, Node, as_words, typed
from kpi_toolkit.live.pasting import rows_of_paste
from kpi_toolkit.method.curves import KINDS
from kpi_toolkit.method.forms import rescaled
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import IndicatorClass
from kpi_toolkit.method.value import Text, likely_id
from kpi_toolkit.pages.words import Words

Path = tuple[str | int, ...]
_FRESH = re.compile(r"(role|indicator|block|goal|rule)-\d+")
FULL = Decimal(100)


class Bench:
    """A client's design and page under work; what each act does, and what follows from it."""

    def __init__(self, workbook: Workbook, client: str, words: Words) -> None:
        self.workbook, self.client, self.words = workbook, client, words
        self.fields, self.library = form_fields(workbook), Library(workbook)
        self.forms = {file: Form(model, self.fields, words) for file, model in MODELS.items()}
        self.draft: Draft = open_draft(workbook, client)
        self.note: dict[str, Any] = {}
        self.part, self.made = self.fields.parts[0].id, ""
        self.clashes: tuple[Clash, ...] = ()
        self.later: list[Issues] = []
        """What was last found in cycles."""
        self.decided = False
        """Whether somebody has said if this is a new version."""
        if self.draft.place:
            self.say("restored")

    def set(
        self, path: Sequence[str | int], said: Any, *, file: str = DESIGN, touch: str = "", idle: bool = False
    ) -> None:
        """Write what was typed into a field; nothing takes the key away. ``idle``: it is still being typed."""
        self._do(*self._setting(file, tuple(path), said, idle=idle), touch=touch)

    def add(self, path: Sequence[str | int], given: Mapping[str, Any] | None = None, *, file: str = DESIGN) -> None:
        """Put a fresh entry into a list or a section: blank, or what is ``given``; a ``card`` is from the library."""
        path, given = tuple(path), dict(given or {})
        node = self.forms[file].at(path)
        if node["kind"] == "texts":
            return self._do(Act("add", path, self.words("workbench.new"), file=file))
        key = str(given.pop("key", "")) or self._free(_keys(self._at(file, path)), _NOUNS.get(str(path[-1]), "entry"))
        entry = self._entry(path, node["item"], given, key)
        if path == ("roles",):
            name = likely_id(key) or key
            items = [Act("add", (*path, name, "indicators"), item) for item in entry.pop("indicators", ())]
            self._do(Act("put", (*path, name), entry), *items)
            self.part, self.made = f"roles/{name}", place_of((*path, name, "name"))
        elif node["kind"] == "map":
            name = likely_id(key) if node["ids"] else key
            self._do(Act("put", (*path, name or key), entry, file=file))
            self.made = place_of((*path, name or key))
        else:
            self._do(Act("add", path, entry, file=file))
            held = self._at(file, path) or [None]
            self.made = place_of((*path, entry.get("id") or len(held) - 1))
        return None

    def remove(self, path: Sequence[str | int], *, file: str = DESIGN) -> None:
        """Take an entry away."""
        self._do(Act("remove", tuple(path), file=file))

    def move(self, path: Sequence[str | int], by: int, *, file: str = DESIGN) -> None:
        """Move an entry up (-1) or down (1) among its like."""
        *above, step = tuple(path)
        held = self._at(file, above)
        keys: list[Any] = list(held) if isinstance(held, dict) else list(range(len(held)))
        place = located(held, (step,))[0]
        at = keys.index(place) + by
        if not 0 <= at < len(keys):
            return
        order = at if by < 0 else at + 1
        self._do(Act("move", tuple(path), to=keys[order] if order < len(keys) else None, file=file))

    def copy(self, path: Sequence[str | int], *, file: str = DESIGN) -> None:
        """Put a copy of an entry behind it, under an id of its own."""
        *above, step = tuple(path)
        held = self._at(file, above)
        if isinstance(held, dict):
            key = self._free(held, f"{step}")
            self._do(Act("copy", tuple(path), {}, to=key, file=file))
        else:
            key = self._free(_keys(held), str(step)) if isinstance(step, str) else ""
            self._do(Act("copy", tuple(path), {"id": key} if key else {}, file=file))
        self.made = place_of((*above, key or int(step) + 1))

    def carry(self, path: Sequence[str | int], role: str) -> None:
        """Move an indicator to another role."""
        self._do(Act("carry", tuple(path), ("roles", role, "indicators")))

    def rename(self, path: Sequence[str | int], to: str, *, file: str = DESIGN) -> None:
        """Give an entry another id; whatever names it follows, people of a renamed role when it is saved."""
        *above, old = tuple(path)
        name = likely_id(to) or to.strip()
        held = self._at(file, above)
        if not name or name == old:
            return
        if name in _keys(held):
            raise WorkbookError("key-taken", name=name)
        kind = {"own_goals": "goals"}.get(str(above[-1]), str(above[-1]))
        own = (
            Act("rename", tuple(path), to=name, file=file)
            if isinstance(held, dict)
            else Act("set", (*path, "id"), name)
        )
        within = tuple(above[:2]) if kind == "blocks" else ()
        follow = [*self._following(kind, str(old), name, within)]
        self._do(*follow, own, renamed=(str(old), name) if kind == "roles" else None)
        if kind == "roles" and self.part == f"roles/{old}":
            self.part = f"roles/{name}"

    def balance(self, role: str, locked: Iterable[str] = ()) -> None:
        """Bring the free weights of a role to its full sum in whole numbers, their proportions kept."""
        held, path = set(locked), ("roles", role, "indicators")
        acts: list[Act] = []
        for block, items, full in self._blocks(role):
            fixed = sum((weight for name, weight in items if name in held), Decimal(0))
            free = [(name, weight) for name, weight in items if name not in held and weight]
            if not free or fixed >= full or (block and not full):
                continue
            fine = 1 if fixed == fixed.to_integral_value() else 100  # locked fractions leave fractions
            whole = rescaled([weight for _, weight in free], int((full - fixed) * fine))
            pairs = zip(free, whole, strict=True)
            acts += [Act("set", (*path, name, "weight"), Decimal(weight) / fine) for (name, _), weight in pairs]
        self._do(*acts)

    def _blocks(self, role: str) -> Iterator[tuple[str, list[tuple[str, Decimal]], Decimal]]:
        """Go through the blocks of a role: the indicators with their weights, and what these are to come to."""
        items, blocks = self._items(role), self._section(DESIGN, ("roles", role, "blocks"))
        for block in [*blocks] or [""]:
            own = [
                (str(i.get("id")), decimal_of(i.get("weight"))) for i in items if not block or i.get("block") == block
            ]
            yield block, own, decimal_of(blocks[block].get("maximum")) if block else FULL

    def paste(self, role: str, text: str, *, at: str = "", column: str = "name") -> None:
        """Take lines of a spreadsheet as indicators: from a row on where one is named, else as new ones; one step."""
        path: Path = ("roles", role, "indicators")
        node = self.forms[DESIGN].at(path)["item"]
        held = _keys(self._at(DESIGN, path))
        first = held.index(at) if at in held else len(held)
        acts, taken = [], list(held)
        for place, row in enumerate(rows_of_paste(text, node, column), start=first):
            said = {key: value for key, value in row.items() if value}
            if place < len(held):
                acts += [
                    act
                    for key, value in said.items()
                    for act in self._setting(DESIGN, (*path, held[place], key), value)
                ]
                continue
            key = likely_id(str(said.pop("id", ""))) or self._free(taken, _id_of(said.get("name", "")) or "indicator")
            entry = self._entry(path, node, said, key)
            taken.append(key)
            acts.append(Act("add", path, entry))
        self._do(*acts)

    def accept(self, code: str) -> None:
        """Live with a finding from now on; the form asks for the reason."""
        held = self._at(DESIGN, ("mute",)) or []
        self._do(Act("add", ("mute",), {"code": code, "reason": self.words("workbench.new")}))
        self.part, self.made = "mute", place_of(("mute", len(held), "reason"))

    def undo(self) -> None:
        """Go one step back."""
        self._go(self.draft.undo())

    def redo(self) -> None:
        """Go one step forward again."""
        self._go(self.draft.redo())

    def save(self, *, by: str = "", why: str = "", over: bool = False) -> None:
        """Write the files. With ``by`` this is a new version: agreed today, the reason in the change log."""
        self.decided = True
        if by.strip():
            self._new_version(by.strip(), why.strip())
        try:
            self.draft = save_draft(self.workbook, self.client, self.draft, over=over)
        except ClashError as problem:
            self.clashes = problem.clashes
            raise
        self.clashes = ()
        wrong = len([issue for issue in self.issues() if issue.severity == "error" and issue.muted is None])
        self.say("saved_wrong" if wrong else "saved", bad=bool(wrong), n=wrong, client=self.client)

    def reload(self, *, keep: bool = False) -> None:
        """Read the files again; what was not saved is dropped, or kept as the newest step."""
        if not keep:
            keep_draft(
                self.workbook,
                self.client,
                replace(self.draft, states=self.draft.states[:1], place=0, opened=self.draft.states[0].texts),
            )
        self.clashes = ()
        self.draft = open_draft(self.workbook, self.client)

    def say(self, key: str, *, bad: bool = False, **values: Any) -> None:
        """Leave a word for the reader of the form."""
        self.note = {"text": self.words(f"workbench.{key}", **values), "bad": bad}

    def _new_version(self, by: str, why: str) -> None:
        version = int(decimal_of(self._at(DESIGN, ("version",)) or 1)) + 1
        today = date.today()  # noqa: DTZ011 - the day where it is decided
        entry = {"version": version, "date": today, "by": by} | ({"why": why} if why else {})
        acts = [Act("set", ("version",), version), Act("set", ("agreed",), today)]
        acts += [Act("set", ("rationale",), why)] if why else []
        self._do(*acts, Act("add", ("changes",), entry))

    def issues(self) -> Issues:
        """Return what is found; a form says how."""
        raise NotImplementedError

    @property
    def options(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """What there is to choose from; a form says what."""
        raise NotImplementedError

    def _do(self, *acts: Act, renamed: tuple[str, str] | None = None, touch: str = "") -> None:
        self._go(self.draft.change(*acts, renamed=renamed, touch=touch))

    def _go(self, draft: Draft) -> None:
        if draft is not self.draft:
            self.draft, self.note = draft, {}
            keep_draft(self.workbook, self.client, draft)

    def _setting(self, file: str, path: Path, said: Any, *, idle: bool = False) -> list[Act]:
        """Return the acts that write what was typed: words by language, a part of a plain value, an id that follows."""
        *above, key = path
        parent, held = self.forms[file].at(above), self._at(file, above)
        if held is None and any(self._at(file, path[: at + 1]) is None for at in self._entries(file, path)):
            raise WorkbookError("edit-refused", file=file, name=place_of(path))
        if parent["kind"] == "curve" and key == "use":
            return [Act("set", tuple(above), self._curve(said), file=file)]
        node, before = self.forms[file].at(path), self._at(file, path)
        if node["kind"] == "text":
            follows = [] if idle else self._id_follows(file, path, said)
            return [*self._words(file, path, before, said), *follows]
        value = typed(node, said)
        if value is None and node.get("needed") and node["kind"] in {"number", "string"}:
            value = ""
        if parent.get("plain") and not isinstance(held, dict):
            return [Act("set", tuple(above), _opened(parent, str(key), held, value), file=file)]
        if node["kind"] == "bool" and not value and before is None:
            return []
        return [Act("set", path, value, file=file)]

    def _entries(self, file: str, path: Path) -> Iterator[int]:
        """Go through the places of a path where it names an entry of a list or a section."""
        node = self.forms[file].root
        for at, _ in enumerate(path[:-1]):
            if node["kind"] in {"list", "map"}:
                yield at
            node = self.forms[file].at(path[: at + 1])

    def _curve(self, said: Any) -> Any:
        """Return a curve by its name, or one of a kind with the numbers of the first of that kind, to be changed."""
        if said not in KINDS:
            return said or None
        cards = curve_cards(self.workbook).values()
        first = next((card.curve for card in cards if card.curve.kind == said), None)
        numbers = first.model_dump(by_alias=True, exclude_defaults=True, exclude={"named", "kind"}) if first else {}
        return {"kind": said, **_lists(numbers)}

    def _words(self, file: str, path: Path, before: Any, said: Mapping[str, str]) -> list[Act]:
        new = as_words(said)
        if isinstance(before, dict) and isinstance(new, dict):
            pairs = [(each, new[each]) for each in ("zh", "en") if before.get(each) != new[each]]
            return [Act("set", (*path, each), word, file=file) for each, word in pairs]
        return [] if new == before else [Act("set", path, new, file=file)]

    def _id_follows(self, file: str, path: Path, said: Mapping[str, str]) -> list[Act]:
        """Return what gives a fresh entry an id after its name, as long as nobody gave it one."""
        if len(path) <= len(("roles", "name")):
            return []
        *above, step, key = path
        if key != "name" or not _FRESH.fullmatch(str(step)):
            return []
        held = self._at(file, above)
        name = _id_of(said)
        if not name:
            return []
        name = self._free(_keys(held), name)
        if isinstance(held, dict):
            if self.part == f"roles/{step}":
                self.part = f"roles/{name}"
            return [
                *self._following(str(above[-1]), str(step), name, ()),
                Act("rename", (*above, step), to=name, file=file),
            ]
        return [Act("set", (*above, step, "id"), name, file=file)]

    def _following(self, kind: str, old: str, new: str, within: Path) -> Iterator[Act]:
        """Go through the acts that let whatever names an entry name it by its new id."""
        kinds = {"roles": ("roles", "cards")}.get(kind, (kind,))
        root = self.forms[DESIGN].root
        for path, node, value in _leaves(root, self.draft.of(DESIGN).content or {}):
            if node.get("options") not in kinds or path[: len(within)] != within or old == new:
                continue
            if value == old:
                yield Act("set", path, new)
            elif isinstance(value, list) and old in value:
                yield Act("set", path, [new if each == old else each for each in value])

    def _entry(self, path: Path, node: Node, given: Mapping[str, Any], key: str) -> Any:
        """Return a fresh entry: what is given, what is needed besides, and what can be told from the rest."""
        card = str(given.get("card", ""))
        if path == ("roles",):
            return self._role(card, given)
        if path[:1] == ("roles",) and path[-1] == "indicators":
            return self._indicator(path, card, given, key, node)
        if node["kind"] != "object":
            return (0 if self._at(PROFILE, path) else 1) if node["kind"] == "number" else self.words("workbench.new")
        said = {name: typed(_field(node, name), value) for name, value in given.items()}
        return {**{f["key"]: self._needed(f, key) for f in node["fields"] if f.get("needed")}, **said}

    def _needed(self, field: Node, key: str) -> Any:
        known = self.options.get(field.get("options", ""), [])
        if known:
            return known[0][0]
        blank: dict[str, Any] = {
            "text": self.words("workbench.new"),
            "number": 100 if field.get("above") else 0,
            "string": key,
            "numbers": [1],
        }
        if field["kind"] == "choices":
            return [field["choices"][0][0]]
        return field["choices"][0][0] if field["kind"] == "choice" else blank.get(field["kind"], key)

    def _role(self, card: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if not card:
            return {"name": given.get("name") or self.words("workbench.new_role")}
        known = self.library.roles[card]
        items = known.indicators
        weights = rescaled([Decimal(1)] * len(items)) if items else []
        made = [self._from_card(item, Decimal(weight)) for item, weight in zip(items, weights, strict=True)]
        return {"name": _said(known.name), "method": known.method.value, "indicators": made}

    def _indicator(self, path: Path, card: str, given: Mapping[str, Any], key: str, node: Node) -> dict[str, Any]:
        held = self._at(DESIGN, path) or []
        rest = {
            block: max(Decimal(0), full - sum((w for _, w in items), Decimal(0)))
            for block, items, full in self._blocks(str(path[1]))
        }
        block = next((name for name, free in rest.items() if free), next(iter(rest)))
        left = rest[block]
        if card:
            made = self._from_card(self.library.indicators[card], left)
            return made | {"id": self._free(_keys(held), card)} | ({"block": block} if block else {})
        entry: dict[str, Any] = {
            "id": key,
            "name": self.words("workbench.new_indicator"),
            "class": IndicatorClass.WORKLOAD.value,
            "weight": left,
        }
        entry |= {"block": block} if block else {}
        entry |= {"serves_goal": self._main_goal} if self._main_goal else {}
        said = {
            name: as_words(value) if isinstance(value, Mapping) else typed(_field(node, name), value)
            for name, value in given.items()
        }
        return entry | {name: value for name, value in said.items() if value is not None}

    def _from_card(self, card: Any, weight: Decimal) -> dict[str, Any]:
        item = card.indicator(weight, serves=self._main_goal or None)
        said = item.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"curve", "weight"})
        made = {
            name: _said(value) if isinstance(value, dict) else value
            for name, value in said.items()
            if value is not None
        }
        curve = (
            {"curve": item.curve.named or item.curve.kind}
            if item.curve != type(item).model_fields["curve"].default
            else {}
        )
        first = {key: made.pop(key) for key in ("id", "name", "class")}
        return {**first, "weight": weight, **made, **curve}

    def _goals(self) -> list[str]:
        goals = self._at(PROFILE, ("goals",))
        own = self._at(PROFILE, ("own_goals",))
        known = [name for name in (goals if isinstance(goals, dict) else {}) if decimal_of(goals[name])]
        return [*known, *(name for name in (own if isinstance(own, dict) else {}) if name not in known)]

    @property
    def _main_goal(self) -> str:
        shares = self._at(PROFILE, ("goals",))
        known = shares if isinstance(shares, dict) else {}
        return max(self._goals(), key=lambda goal: decimal_of(known.get(goal)), default="")

    def _free(self, taken: Iterable[Any], stem: str) -> str:
        """Return an id that is not taken: the stem, or the stem with a number."""
        known, short = set(taken), stem[:44]
        if stem not in known and stem not in _NOUNS.values():
            return stem
        return next(f"{short}-{n}" for n in range(1, len(known) + 3) if f"{short}-{n}" not in known)

    def _section(self, file: str, path: Sequence[str | int]) -> dict[str, dict[str, Any]]:
        """Return the entries of a section that are sections themselves."""
        held = self._at(file, path)
        return (
            {name: entry for name, entry in held.items() if isinstance(entry, dict)} if isinstance(held, dict) else {}
        )

    def _items(self, role: str) -> list[dict[str, Any]]:
        """Return the indicators of a role as the file has them."""
        held = self._at(DESIGN, ("roles", role, "indicators"))
        return [item for item in held if isinstance(item, dict)] if isinstance(held, list) else []

    def _at(self, file: str, path: Sequence[str | int]) -> Any:
        """Return what the file says at a path, None where it says nothing."""
        place: Any = self.draft.of(file).content
        with suppress(KeyError, IndexError, TypeError, StopIteration):
            for step in located(place, path):
                place = place[step]
            return place
        return None


def _opened(parent: Node, key: str, held: Any, value: Any) -> Any:
    """Return a plain value with one of its parts set: plain still where that part is the plain value."""
    if key == parent["plain"]:
        return value
    base = {parent["plain"]: held} if held is not None else {"kind": "ratio"} if parent["kind"] == "curve" else {}
    if parent["kind"] == "object" and held is None:
        default = next(f["default"] for f in parent["fields"] if f["key"] == parent["plain"])
        base = {parent["plain"]: default}
    return {**base, key: value}


_NOUNS = {"roles": "role", "indicators": "indicator", "blocks": "block", "own_goals": "goal", "rules": "rule"}


def _keys(held: Any) -> list[Any]:
    """Return what the entries of a list or a section are called by."""
    return list(held) if isinstance(held, dict) else [e.get("id") for e in held or () if isinstance(e, dict)]


def _field(node: Node, key: str) -> Node:
    return next(field for field in node["fields"] if field["key"] == key)


def _lists(value: Any) -> Any:
    """Return data with lists where a value has tuples."""
    if isinstance(value, Mapping):
        return {key: _lists(entry) for key, entry in value.items()}
    return [_lists(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _leaves(node: Node, value: Any, path: Path = ()) -> Iterator[tuple[Path, Node, Any]]:
    """Go through the fields of a form that a file fills, each with its path and its value."""
    children: list[tuple[Any, Node, Any]] = []
    if node["kind"] == "object" and isinstance(value, dict):
        children = [(f["key"], f, value[f["key"]]) for f in node["fields"] if f["key"] in value]
    elif node["kind"] == "map" and isinstance(value, dict):
        children = [(key, node["item"], entry) for key, entry in value.items()]
    elif node["kind"] == "list" and isinstance(value, list):
        children = [(n, node["item"], entry) for n, entry in enumerate(value)]
    else:
        yield path, node, value
    for key, child, entry in children:
        yield from _leaves(child, entry, (*path, key))


def _said(words: Any) -> Any:
    said = words.model_dump() if isinstance(words, Text) else words
    return as_words(said) if isinstance(said, Mapping) and said.keys() <= {"zh", "en"} else said


def _id_of(said: Any) -> str:
    """Return an id after a name: its English one, or how the Chinese one is spoken."""
    name = said if isinstance(said, Mapping) else {"en": str(said), "zh": str(said)}
    spoken = (" ".join(lazy_pinyin(name.get("zh", ""))), name.get("en", ""))
    return next((found for each in (name.get("en", ""), *spoken) if (found := likely_id(each))), "")


def decimal_of(value: Any) -> Decimal:
    """Return a number of a file; 0 for what is none."""
    with suppress(ArithmeticError, ValueError, TypeError):
        number = Decimal(str(value))
        return number if number.is_finite() else Decimal(0)
    return Decimal(0)


def place_of(path: Iterable[str | int]) -> str:
    """Return a path as findings say it."""
    return ".".join(f"[{step + 1}]" if isinstance(step, int) else step for step in path)
