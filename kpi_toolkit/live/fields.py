"""A form drawn from a declared value: its JSON Schema, with what ``templates/forms/fields.toml`` calls each field.

A *node* is plain data that the browser draws: what kind of field it is, what it is called, what may stand in it.
``shown`` turns what a file says into what a field shows, ``typed`` what was typed into what the file is to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from typing import Any

from kpi_toolkit.clients.days import dates_of
from kpi_toolkit.clients.draft import date_or_text, number_or_text
from kpi_toolkit.method.checks.plausible import in_units
from kpi_toolkit.method.fields import FieldCard, FormFields
from kpi_toolkit.method.numbers import Measured, parse_measured, without_groups
from kpi_toolkit.method.value import LANGUAGES, Text, Value
from kpi_toolkit.pages.words import Words

Node = dict[str, Any]
Steps = tuple[str | int, ...]
_PARTED = re.compile(r"[,，、;；\n]+")
_BETWEEN = re.compile(r"[\s/／:：%％~～至到–—]+(?:to\s+)?|(?<=\d)-(?=\d)")
"""What else people write between numbers of a line: 20/65/15, 20 : 65 : 15, 20% 65% 15%, 1-5."""
_SPAN = re.compile(r"\s*(\S.*?)\s*(?:[-–—~～至到]|\bto\b|[,，]|(?<=\d)\s(?=[\d$¥￥€£]))\s*([\d$¥￥€£].*)")
_TIMES = {"千": 1000, "万": 10_000, "亿": 100_000_000}
_MULTIPLE = re.compile("[千万亿]")


@cache
def _declared(model: type[Value]) -> Mapping[str, Any]:
    """Return the JSON Schema of a model, worked out once in a process: every form that opens needs all of them."""
    return model.model_json_schema(by_alias=True)


class Form:
    """The nodes of a value in one language."""

    def __init__(self, model: type[Value], fields: FormFields, words: Words) -> None:
        self._fields, self._words = fields, words
        schema = _declared(model)
        self._values: Mapping[str, Any] = schema.get("$defs", {})
        self.root: Node = {"kind": "object", "fields": list(self._of(model.__name__, schema))}

    def at(self, path: Sequence[str | int]) -> Node:
        """Return the node of a path in the file. KeyError where the form has none."""
        node = self.root
        for step in path:
            node = _below(node, step)
        return node

    def _of(self, owner: str, schema: Mapping[str, Any]) -> Iterator[Node]:
        needed = set(schema.get("required", ()))
        for name, declared in schema["properties"].items():
            if "const" in declared or self._fields.omits(owner, name):
                continue
            card = self._fields.fields.get(owner, {}).get(name) or FieldCard(label=Text.of(name))
            node = self._node(declared, card)
            default = declared.get("default")
            said = {"key": name, "label": self._words.show(card.label), "needed": name in needed, "fold": card.fold}
            said |= {"help": self._words.show(card.help)} if card.help else {}
            said |= card.model_dump(include=_HANDED_ON, exclude_defaults=True)
            said |= {"units": _units(card)} if node["kind"] in {"number", "numbers", "range"} else {}
            said |= (
                {"default": shown(node, default)} if default not in (None, [], {}) and node["kind"] in _FILLED else {}
            )
            yield {**node, **said}

    def label(self, path: Sequence[str | int]) -> str:
        """Return what the field at a path is called, else the one that it is a part of; nothing where there is none."""
        node, found = self.root, ""
        with suppress(KeyError):
            for step in path:
                node = _below(node, step)
                found = node.get("label") or found
        return found

    def _node(self, declared: Mapping[str, Any], card: FieldCard) -> Node:  # noqa: PLR0911 - one for each kind
        """Return what kind of field a declaration asks for."""
        declared, optional = _without_null(declared)
        name = declared.get("$ref", "").rpartition("/")[2]
        if name == "Text":
            return {"kind": "text"}
        target = self._values.get(name, declared)
        if "enum" in target and "anyOf" not in target:
            return {"kind": "choice", "choices": self._choices(target["enum"], card)}
        if "discriminator" in target:
            return {"kind": "curve", "kinds": dict(self._curves(target))}
        if "properties" in target:
            return {"kind": "object", "fields": list(self._of(name, target))}
        for kind in ("patternProperties", "additionalProperties"):
            if kind in target:
                item = next(iter(target[kind].values())) if kind == "patternProperties" else target[kind]
                below = self._node(item, card) | ({"of_one": True} if card.of_one else {})
                return {"kind": "map", "item": below, "ids": kind == "patternProperties"}
        if "anyOf" in target:
            return self._of_several(target["anyOf"])
        return self._plain(target, card, optional=optional)

    def _plain(self, target: Mapping[str, Any], card: FieldCard, *, optional: bool) -> Node:
        if target.get("type") == "array":
            return self._list(target, card)
        if target.get("type") == "boolean" and optional:
            return {
                "kind": "choice",
                "choices": self._choices(("true", "false"), FieldCard(label="-", words="workbench.")),
            }
        if target.get("format") == "date":
            return {"kind": "date"}
        if card.choices:  # numbers that have names, as days of the week
            return {"kind": "choice", "choices": self._choices([*card.choices], card), "counted": True}
        return {"kind": {"boolean": "bool", "integer": "number"}.get(target["type"], "string")}

    def _of_several(self, ways: Sequence[Mapping[str, Any]]) -> Node:
        """Return the field of what may be written in several ways: a number, a pair of them, a word instead."""
        words = [word for way in ways for word in way.get("enum", ())]
        if any(way.get("type") == "array" for way in ways):
            return {"kind": "range", "choices": [[word, self._words(f"post.{word}")] for word in words]}
        return {"kind": "number", "above": any("exclusiveMinimum" in way for way in ways)}

    def _list(self, target: Mapping[str, Any], card: FieldCard) -> Node:
        if "prefixItems" in target:
            return {"kind": "numbers"}
        item = self._node(target["items"], card)
        match item["kind"]:
            case "choice":
                return {**item, "kind": "choices"}
            case "string" | "number":
                return {"kind": f"{item['kind']}s"}
            case "text" | "numbers":
                return {"kind": "texts" if item["kind"] == "text" else "matrix"}
        return {"kind": "list", "item": item}

    def _choices(self, values: Sequence[str], card: FieldCard) -> list[list[str]]:
        show, words = self._words.show, self._words
        own = {value: show(said) for value, said in card.choices.items()}
        return [[value, own.get(value) or (words(f"{card.words}{value}") if card.words else value)] for value in values]

    def _curves(self, target: Mapping[str, Any]) -> Iterator[tuple[str, list[Node]]]:
        for kind, ref in target["discriminator"]["mapping"].items():
            name = ref.rpartition("/")[2]
            yield kind, list(self._of(name, self._values[name]))


_HANDED_ON = {"options", "free", "keys", "unit", "bound", "plain", "lined"}
_FILLED = {"number", "string", "choice", "choices", "bool", "text", "numbers", "date", "range"}


def _units(card: FieldCard) -> list[str]:
    """Return what may be typed behind a number: what its label has in brackets, in both languages."""
    said = [found[1] for label in card.label.words if (found := re.search(r"[(（](.+?)[)）]", label))]
    return [*said, *card.units.split()]


def _without_null(declared: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    ways = [way for way in declared.get("anyOf", ()) if way != {"type": "null"}]
    optional = len(ways) < len(declared.get("anyOf", ()))
    if optional and len(ways) == 1:
        return ways[0], True
    return ({**declared, "anyOf": ways} if ways else declared), optional


def _below(node: Node, step: str | int) -> Node:
    match node["kind"]:
        case "object":
            return field_of(node["fields"], step)
        case "list" | "map":
            return dict(node["item"])
        case "curve":
            return field_of([field for fields in node["kinds"].values() for field in fields], step)
        case "texts":
            return {"kind": "text"}
    raise KeyError(step)


def field_of(fields: Sequence[Node], key: str | int) -> Node:
    """Return the field of a key. KeyError where there is none."""
    for field in fields:
        if field["key"] == key:
            return field
    raise KeyError(key)


def shown(node: Node, value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return what a file says as the browser shows it: numbers and dates as texts, sections as pairs in their order."""
    # One piece: a branch for each kind of field; so the list is read, and added to.
    kind = node["kind"]
    if kind == "text":
        return value if isinstance(value, dict) else {**dict.fromkeys(LANGUAGES, value or ""), "plain": True}
    if node.get("plain") and isinstance(value, str):
        value = {node["plain"]: value}
    if kind == "object" and isinstance(value, dict):
        return {field["key"]: shown(field, value[field["key"]]) for field in node["fields"] if field["key"] in value}
    if kind == "map" and isinstance(value, dict):
        return [[key, shown(node["item"], entry)] for key, entry in value.items()]
    if kind == "list" and isinstance(value, list):
        return [shown(node["item"], entry) for entry in value]
    if kind == "texts" and isinstance(value, list):
        return [shown({"kind": "text"}, entry) for entry in value]
    if kind in {"choices", "bool", "curve"}:
        return plain(value)
    if node.get("of_one") and isinstance(value, (int, Decimal)):
        return f"{(Decimal(value) * 100).normalize():f}"
    # Also what is of another kind than the field's: as it was typed, so that somebody can put it right.
    return _line(value, "; " if kind == "matrix" else ", ", node)


def _line(value: Any, mark: str, node: Node) -> str:
    if isinstance(value, (list, tuple)):
        joined = "-" if node["kind"] == "range" else mark
        return joined.join(_line(entry, " ", node) for entry in value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(plain(value))


def plain(value: Any) -> Any:
    """Return data of a file as JSON takes it: exact numbers and dates as texts."""
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, (bool, str)) or value is None else str(value)


def typed(node: Node, said: Any) -> Any:
    """Return what was typed as the file is to say it; None for nothing."""
    read = _TYPED.get(node["kind"])
    if read is None or said is None:
        return said
    return read(node, said)


def _number(node: Node, said: Any) -> Any:
    """Return a number, with the unit that the field has or without; what has another one is left as it was typed."""
    with suppress(ValueError):
        number, share = parse_measured(without_groups(str(said))), node.get("of_one")
        if isinstance(number, Measured):
            number = in_units(number, ("%",) if share else node.get("units", ()))
        if not isinstance(number, Measured):
            return number_or_text(f"{number / 100 if share else number:f}")
        if not node.get("units"):  # each line of a table has its own
            return number_or_text(without_groups(str(said)))
    return number_or_text(str(said))


def _entries(said: Any) -> list[str]:
    return [entry.strip() for entry in _PARTED.split(str(said)) if entry.strip()]


def _numbers(node: Node, said: Any) -> Any:
    return [_number(node, one) for entry in _entries(said) for one in _BETWEEN.split(entry) if one] or None


def _range(node: Node, said: Any) -> Any:
    for code, word in node["choices"]:
        if said.strip() in {code, word}:
            return code
    if re.fullmatch(r"\d{1,3}(,\d{3})+", said.strip()):  # one number, or two: nobody can tell
        return said.strip()
    pair = _SPAN.fullmatch(said if re.fullmatch(r"[\d\s,，]*", said) else without_groups(said))
    ends = [_number(node, end) for end in pair.groups()] if pair else []
    if pair and {*map(type, ends)} & {str}:
        return said
    multiple = pair and not _MULTIPLE.search(pair[1]) and _MULTIPLE.search(pair[2])
    if pair and not (multiple and ends[0] * _TIMES[multiple[0]] <= ends[1]):  # 6-8千: of what are the six?
        return ends
    return _number(node, said)


def _day(_: Node, said: Any) -> Any:
    """Return a day in whatever writing; what can be read as two days, or as none, is left as it was typed."""
    days = {*dates_of(str(said)).values()}
    return days.pop() if len(days) == 1 else date_or_text(str(said))


def _choice(node: Node, said: Any) -> Any:
    if node.get("counted"):
        return number_or_text(said)
    booleans = {"true": True, "false": False}
    three = [value for value, _ in node["choices"]] == [*booleans]
    return booleans.get(said) if three else said or None


_TYPED: dict[str, Callable[[Node, Any], Any]] = {
    "number": _number, "date": _day, "string": lambda _, said: said.strip() or None,
    "strings": lambda _, said: _entries(said) or None, "numbers": _numbers, "range": _range, "choice": _choice,
    "choices": lambda node, said: list(said) or ([] if node.get("default") else None),
    "bool": lambda _, said: bool(said),
    "list": lambda node, said: [_of_entry(node["item"], entry) for entry in said] or None,
    "matrix": lambda node, said: [_numbers(node, line) for line in re.split("[;；\n]+", said) if line.strip()] or None,
}  # fmt: skip


def _of_entry(item: Node, said: Mapping[str, Any]) -> dict[str, Any]:
    read = {key: typed(field_of(item["fields"], key), value) for key, value in said.items()}
    return {key: "" if value is None else value for key, value in read.items()}


def opened(parent: Node, key: str, held: Any, value: Any) -> Any:
    """Return a plain value with one of its parts set: plain still where that part is the plain value."""
    if key == parent["plain"]:
        return value
    base = {parent["plain"]: held} if held is not None else {"kind": "ratio"} if parent["kind"] == "curve" else {}
    if parent["kind"] == "object" and held is None:
        default = next(f["default"] for f in parent["fields"] if f["key"] == parent["plain"])
        base = {parent["plain"]: default}
    return {**base, key: value}


def leaves(node: Node, value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Node, Any]]:
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
        yield from leaves(child, entry, (*path, key))
