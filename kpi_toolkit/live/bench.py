"""What can be done to a client's design and page in a form: each act is one step of the draft, and is kept at once."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.acts import MODELS, Act, located
from kpi_toolkit.clients.draft import ClashError, Draft, keep_draft, open_draft, save_draft
from kpi_toolkit.clients.frozen import DESIGN
from kpi_toolkit.clients.merging import changed
from kpi_toolkit.clients.starting import as_words
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.live.drafted import NOUNS, Entries, Path, decimal_of, id_of, keys_of, path_said, text_of
from kpi_toolkit.live.fields import Form, leaves, opened, typed
from kpi_toolkit.method.issues import Issues, Place
from kpi_toolkit.method.numbers import CENTI
from kpi_toolkit.method.value import LANGUAGES, likely_id
from kpi_toolkit.whatif.linking import linked, shared_out

FRESH = re.compile(rf"({'|'.join(NOUNS.values())})-\d+")


class Bench(Entries):
    """What each act does, and what follows from it."""

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
            fresh, held = self.words("workbench.new"), self._at(file, path) or []
            self._do(Act("add", path, fresh, file=file) if held else Act("set", path, [fresh], file=file))
            self.made = path_said((*path, len(held)))
            return
        key = str(given.pop("key", "")) or self._free(keys_of(self._at(file, path)), NOUNS.get(str(path[-1]), "entry"))
        entry = self._entry(path, node["item"], given, key, file)
        if path == ("roles",):
            name = likely_id(key) or key
            items = [Act("add", (*path, name, "indicators"), item) for item in entry.pop("indicators", ())]
            self._do(Act("put", (*path, name), entry), *items)
            self.part, self.made = f"roles/{name}", path_said((*path, name, "name"))
        elif node["kind"] == "map":
            name = likely_id(key) if node["ids"] else key
            self._do(Act("put", (*path, name or key), entry, file=file), *self._into_first(path, name or key))
            self.made = path_said((*path, name or key))
        else:
            self._do(Act("add", path, entry, file=file))
            held = self._at(file, path) or [None]
            self.made = path_said((*path, entry.get("id") or len(held) - 1))

    def _into_first(self, path: Path, name: str) -> list[Act]:
        """Return what puts the indicators of a role into its first block: a form of blocks has none beside them."""
        if path[-1] != "blocks" or self._section(DESIGN, path):
            return []
        items = (*path[:-1], "indicators")
        return [Act("set", (*items, item["id"], "block"), name) for item in self._items(str(path[1])) if "id" in item]

    def remove(self, path: Sequence[str | int], *, file: str = DESIGN) -> None:
        """Take an entry away, and say so."""
        entry, path = self._at(file, path), tuple(path)
        name = entry.get("name") if isinstance(entry, dict) else None
        posts = self._without_posts({str(path[1])}) if file == DESIGN and path[:-1] == ("roles",) else []
        self._do(Act("remove", path, file=file), *posts)
        self.say("removed_post" if posts else "removed", name=self.words.show(text_of(name)) or path[-1])

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
            key = self._free(keys_of(held), id_of(step) or step) if isinstance(step, str) else ""
            self._do(Act("copy", tuple(path), {"id": key} if key else {}, file=file))
        self.made = path_said((*above, key or int(step) + 1))

    def carry(self, path: Sequence[str | int], role: str) -> None:
        """Move an indicator to another role."""
        self._there(role)
        self._do(Act("carry", tuple(path), ("roles", role, "indicators")))

    def rename(self, path: Sequence[str | int], to: str, *, file: str = DESIGN) -> None:
        """Give an entry another id; whatever names it follows."""
        *above, old = tuple(path)
        name = id_of(to) or to.strip()
        held = self._at(file, above)
        if not name or name == old:
            return
        if name in keys_of(held):
            raise WorkbookError("key-taken", name=name)
        self._do(*self._renaming(file, tuple(path), name))

    def weigh(
        self,
        path: Sequence[str | int],
        said: Any,
        *,
        locked: Iterable[str] = (),
        held: Iterable[str] = (),
        touch: str = "",
    ) -> None:
        """Write a weight; the others of its form or block give way, but not those locked, and those ``held`` the last.

        Going on with a ``touch`` starts from the weights before it, so that a drag there and back changes nothing.
        """
        now, path = self.draft, tuple(path)
        self.draft = start = now.undo() if touch and touch == now.touch else now
        try:
            acts = self._linked(path, said, frozenset(locked), frozenset(held)) or self._setting(DESIGN, path, said)
        finally:
            self.draft = now
        self._go(start.change(*acts, touch=touch))

    def _linked(self, path: Path, said: Any, locked: frozenset[str], held: frozenset[str]) -> list[Act]:
        """Return the acts for a weight and what the others give for it; none where they have no more to give."""
        meant = typed(self.forms[DESIGN].at(path), said)
        to = decimal_of(meant) * CENTI
        blocks = (_centi(own) for _, own, _ in self._blocks(str(path[1])) if path[3] in dict(own))
        names, weights = next(blocks, ([], []))
        if isinstance(meant, str) or path[3] not in names or to != to.to_integral_value():
            return []
        at, places = names.index(str(path[3])), {name: place for place, name in enumerate(names)}
        shut, last = ({places[name] for name in some & {*names}} for some in (locked, held))
        found = linked(weights, at, int(to), locked=shut, typed=last)
        return _weighing(str(path[1]), names, weights, found) if found[at] == to else []

    def balance(self, role: str, locked: Iterable[str] = ()) -> None:
        """Bring the free weights of a role, and of each block, to their full sum, their proportions kept."""
        fixed, acts = set(locked), []
        for _, items, full in self._blocks(role):
            names, weights = _centi(items)
            free = [at for at, (name, weight) in enumerate(items) if name not in fixed and weight]
            left = int(full * CENTI) - sum(weight for at, weight in enumerate(weights) if at not in free)
            if free and left > 0:
                acts += _weighing(role, names, weights, shared_out(weights, free, left))
        self._do(*acts)

    def _without_posts(self, roles: Collection[str]) -> list[Act]:
        """Return what takes away the posts of roles that there are no more: posts and roles are one list."""
        posts = self._at(DESIGN, ("posts",)) or []
        gone = [n for n, post in enumerate(posts) if isinstance(post, dict) and post.get("role") in roles]
        return [Act("remove", ("posts", n)) for n in reversed(gone)]

    def posts(self) -> None:
        """Add a post for each role that has none."""
        posts = self._at(DESIGN, ("posts",)) or []
        held = {post.get("role") for post in posts if isinstance(post, dict)}
        self._do(
            *(Act("add", ("posts",), {"role": role}) for role in self._section(DESIGN, ("roles",)) if role not in held)
        )
        self.made = path_said(("posts", len(posts), "headcount"))

    def _there(self, role: str) -> None:
        if role not in self._section(DESIGN, ("roles",)):
            raise WorkbookError("edit-refused", file=DESIGN, name=path_said(("roles", role)))

    def accept(self, code: str) -> None:
        """Live from now on with what is found of a kind, not with what may be later; the form asks for the reason."""
        held = self._at(DESIGN, ("mute",)) or []
        at = next((n for n, one in enumerate(held) if one.get("code") == code and not one.get("reason")), len(held))
        entry: dict[str, Any] = {"code": code, "reason": ""}
        own = [one.place for one in self.found if one.code == code and not one.muted and not self.of_a_copy(one.place)]
        about = [self._innermost(place) for place in own]
        entry |= {"about": [*dict.fromkeys(about)]} if all(about) else {}
        self._do(*([Act("add", ("mute",), entry)] if at == len(held) else []))
        self.part, self.made = "mute", path_said(("mute", at, "reason"))

    def of_a_copy(self, place: Place) -> bool:
        """Whether a place is in what a cycle keeps as its own copy: it is mended, and accepted, there."""
        return place.file not in self.forms and place.file.rpartition("/")[2] in MODELS

    def _innermost(self, place: Place) -> str:
        """Return the id of the entry of the design that a place is in; nothing where it is in none."""
        steps = tuple((place.key or "").split(".")) if place.file == DESIGN else ()
        named = ""
        with suppress(KeyError):
            for at in self._entries(DESIGN, (*steps, "")):
                named = steps[at]
        return "" if named.startswith("[") else named

    def undo(self) -> None:
        """Go one step back."""
        self._go(self.draft.undo())

    def redo(self) -> None:
        """Go one step forward again."""
        self._go(self.draft.redo())

    def save(self, *, by: str = "", why: str = "", sides: Sequence[bool] = ()) -> None:
        """Write the files. With ``by`` this is a new version: agreed today, the reason in the change log.

        ``sides`` says of each clash that was shown whether what stands here is to be written.
        """
        self.decided = True
        if by.strip():
            self._new_version(by.strip(), why.strip())
        before, cycles = self.draft.texts, bool({*self.draft.touched} & {*self.monthly})
        try:
            self.draft = save_draft(self.workbook, self.client, self.draft, sides=sides)
        except ClashError as problem:
            self.clashes = problem.clashes
            raise
        self.clashes = ()
        now = self.draft.texts
        self.taken = [change for file, text in now.items() for change in changed(file, before[file], text)]
        found = self.issues(cycles=cycles)
        wrong = found.blocking or found.errors
        called = self.words.show(self.workbook.called(self.client))
        key = "saved_wrong" if found.blocking else "saved_against" if wrong else "saved"
        self.say(key, bad=bool(wrong), n=len(wrong), client=called)

    def reload(self) -> None:
        """Read the files again; what was not saved is the newest step."""
        self.clashes = ()
        self.draft = open_draft(self.workbook, self.client)

    @property
    def next_version(self) -> int:
        """The number of what is agreed next: a design that was never agreed keeps the one that it has."""
        known = int(decimal_of(self._at(DESIGN, ("version",)) or 1))
        return known + any(self._at(DESIGN, (key,)) for key in ("agreed", "changes"))

    def _new_version(self, by: str, why: str) -> None:
        version, today = self.next_version, date.today()  # noqa: DTZ011 - the day where it is decided
        held, saved = self._at(DESIGN, ("rationale",)), self.draft.read(DESIGN, self.draft.opened[DESIGN]).content or {}
        fresh = bool(held) and held != saved.get("rationale")  # typed for this version: the reason does not replace it
        why = why or (self.words.show(text_of(held)) if fresh else "")
        entry = {"version": version, "date": today, "by": by} | ({"why": why} if why else {})
        acts = [Act("set", ("version",), version), Act("set", ("agreed",), today)]
        acts += [Act("set", ("rationale",), why)] if why and not fresh else []
        self._do(*acts, Act("add", ("changes",), entry))

    @abstractmethod
    def issues(self, *, cycles: bool = False) -> Issues:
        """Return what is found, in cycles too if asked; a form says how."""

    def _do(self, *acts: Act, touch: str = "") -> None:
        self._go(self.draft.change(*acts, touch=touch))

    def _go(self, draft: Draft) -> None:
        if draft is not self.draft:
            before, role = [*self._section(DESIGN, ("roles",))], self.part.partition("/")[2]
            self.draft, self.note, self.taken = keep_draft(self.workbook, self.client, draft), {}, []
            now = [*self._section(DESIGN, ("roles",))]
            if role in before and role not in now and len(now) == len(before):  # it has another id, and stays open
                self.part = f"roles/{now[before.index(role)]}"

    def _setting(
        self, file: str, path: Path, said: Any, *, idle: bool = False, beside: Mapping[str, Any] | None = None
    ) -> list[Act]:
        """Return the acts that write what was typed: words by language, a part of a plain value, an id that follows.

        ``beside`` is what is written into the same entry with it.
        """
        # One piece: what is written, and in what form, is decided by one look after the other at the same place.
        *above, key = path
        parent, held = self.forms[file].at(above), self._at(file, above)
        if held is None and any(self._at(file, path[: at + 1]) is None for at in self._entries(file, path)):
            raise WorkbookError("edit-refused", file=file, name=path_said(path))
        if parent["kind"] == "curve" and key == "use":
            return [Act("set", tuple(above), self._curve(said, self._at(file, (*above[:-1], "direction"))), file=file)]
        node, before = self.forms[file].at(path), self._at(file, path)
        follows = [] if idle else self._id_follows(file, path, said)
        if node["kind"] == "text":
            return [*self._words(file, path, before, said), *self._title_follows(path, before, said), *follows]
        read = self._read(node, {**held, **beside} if beside and isinstance(held, dict) else held, said)
        value = read.pop(node["key"]) if "key" in node else typed(node, said)
        others = [Act("set", (*above, name), unit, file=file) for name, unit in read.items()]
        if isinstance(held, dict) and held.get(f"{key}_inferred"):  # now somebody says it
            others.append(Act("set", (*above, f"{key}_inferred"), None, file=file))
        if value is None and node.get("needed") and node["kind"] in {"number", "string"}:
            value = ""
        if parent.get("plain") and not isinstance(held, dict):
            return [Act("set", tuple(above), opened(parent, str(key), held, value), file=file)]
        if node["kind"] == "bool" and not value and before is None:
            return []
        return [Act("set", path, value, file=file), *others, *follows]

    def _entries(self, file: str, path: Path) -> Iterator[int]:
        """Go through the places of a path where it names an entry of a list or a section."""
        node = self.forms[file].root
        for at, _ in enumerate(path[:-1]):
            if node["kind"] in {"list", "map"}:
                yield at
            node = self.forms[file].at(path[: at + 1])

    def _words(self, file: str, path: Path, before: Any, said: Mapping[str, str]) -> list[Act]:
        new = as_words(said)
        if isinstance(before, dict) and isinstance(new, dict):
            pairs = [(each, new.get(each)) for each in LANGUAGES if before.get(each) != new.get(each)]
            return [Act("set", (*path, each), word, file=file) for each, word in pairs]
        return [] if new == before else [Act("set", path, new, file=file)]

    def _title_follows(self, path: Path, before: Any, said: Mapping[str, str]) -> list[Act]:
        """Return what lets posts that are called as their role was be called as it is now."""
        if path[:1] != ("roles",) or len(path) != 3 or path[2] != "name":  # noqa: PLR2004
            return []
        starters = (post.title for each in self.library.organisations.values() for post in each.posts if post.title)
        old = {word for title in (text_of(before), *starters) for word in title.words}
        posts = enumerate(self._at(DESIGN, ("posts",)) or ())
        named = [(n, {*text_of(post.get("title")).words}) for n, post in posts if post.get("role") == path[1]]
        return [Act("set", ("posts", n, "title"), None) for n, title in named if title & old and as_words(said)]

    def _id_follows(self, file: str, path: Path, said: Any) -> list[Act]:
        """Return what gives a fresh entry an id after its name, as long as nobody gave it one."""
        *above, key = path
        name = id_of(said) if key == "name" and above and FRESH.fullmatch(str(above[-1])) else ""
        if not name:
            return []
        free = self._free(keys_of(self._at(file, above[:-1])), name)
        self._followed[tuple(above)] = (*above[:-1], free)
        return self._renaming(file, tuple(above), free)

    def _renaming(self, file: str, path: Path, name: str) -> list[Act]:
        """Return what gives an entry another id, wherever it is named."""
        *above, old = path
        kind = {"own_goals": "goals"}.get(str(above[-1]), str(above[-1]))
        within = tuple(above[:2]) if kind == "blocks" else ()
        keyed = isinstance(self._at(file, above), dict)
        own = Act("rename", path, to=name, file=file) if keyed else Act("set", (*path, "id"), name, file=file)
        beside = {f: form for f, form in self.forms.items() if self.monthly.get(f) == self.monthly.get(file)}
        return [*self._following(kind, str(old), name, within, beside), own]

    def _following(self, kind: str, old: str, new: str, within: Path, forms: Mapping[str, Form]) -> Iterator[Act]:
        """Go through the acts that let whatever names an entry name it by its new id."""
        kinds = (*{"roles": ("roles", "cards"), "indicators": ("indicators", "ties")}.get(kind, (kind,)), "entries")
        for file, form in forms.items():
            for path, node, value in leaves(form.root, self.draft.of(file).content or {}):
                if node.get("options") not in kinds or path[: len(within)] != within or old == new:
                    continue
                if value == old:
                    yield Act("set", path, new, file=file)
                elif isinstance(value, list) and old in value:
                    yield Act("set", path, [new if each == old else each for each in value], file=file)


def _centi(items: Iterable[tuple[str, Decimal]]) -> tuple[list[str], list[int]]:
    """Return the names and the weights of indicators, these in hundredths."""
    pairs = [(name, int(weight * CENTI)) for name, weight in items]
    return [name for name, _ in pairs], [weight for _, weight in pairs]


def _weighing(role: str, names: Sequence[str], old: Sequence[int], new: Sequence[int]) -> list[Act]:
    path = ("roles", role, "indicators")
    return [
        Act("set", (*path, name, "weight"), Decimal(to) / CENTI)
        for name, was, to in zip(names, old, new, strict=True) if was != to
    ]  # fmt: skip
