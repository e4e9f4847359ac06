"""Fresh entries of a form: what is given, what is needed besides, and what can be told from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.frozen import DESIGN, PROFILE
from kpi_toolkit.clients.library import curve_cards, wording_rules
from kpi_toolkit.clients.starting import as_words, indicator_of_card, role_of_card
from kpi_toolkit.live.drafted import FULL, Drafted, Path, keys_of
from kpi_toolkit.live.fields import Node, field_of, typed
from kpi_toolkit.method.curves import KINDS
from kpi_toolkit.method.model import IndicatorClass
from kpi_toolkit.method.numbers import parse_measured, without_groups

_CHOSEN = frozenset({"people", "codes"})
"""Of whom something holds is for somebody to say."""


class Entries(Drafted):
    """Makes the entries that a form adds."""

    def _entry(self, path: Path, node: Node, given: Mapping[str, Any], key: str, file: str = DESIGN) -> Any:
        """Return a fresh entry: what is given, what is needed besides, and what can be told from the rest."""
        card = str(given.get("card", ""))
        if path == ("roles",):
            return self._role(card, given)
        if path[:1] == ("roles",) and path[-1] == "indicators":
            return self._indicator(path, card, given, key, node)
        if node["kind"] != "object":
            return (0 if self._at(PROFILE, path) else 1) if node["kind"] == "number" else self.words("workbench.new")
        said = self._typed(node, given)
        alike = [entry for entry in self._at(file, path) or () if isinstance(entry, Mapping)]
        needed = {f["key"]: self._needed(f, key, alike) for f in node["fields"] if f.get("needed")}
        if path[-1] == "blocks" and (left := FULL - sum(full for *_, full in self._blocks(str(path[1])))) > 0:
            needed["maximum"] = left
        return {**needed, **said}

    def _read(self, field: Node, held: Any, said: Any) -> dict[str, Any]:
        """Return what a field is to say; and those beside it, where a number is the first to say its unit or side."""
        beside, whole = field.get("unit", ""), self._whole(held) if isinstance(held, dict) else {}
        said, side = self._without_bound(field, whole, said)
        if not beside:
            return {field["key"]: typed(field, said), **side} if "key" in field else {}
        known = whole.get(beside)
        units = [unit for unit in (known.values() if isinstance(known, Mapping) else [known]) if unit]
        fresh = _unit_behind(said) if not units else ""
        read = {field["key"]: typed({**field, "units": [fresh] if fresh else units}, said), **side}
        return {**read, beside: fresh} if fresh else read

    def _without_bound(self, field: Node, whole: Mapping[str, Any], said: Any) -> tuple[Any, dict[str, Any]]:
        """Return a target without words such as "at most", and the direction that they give, unless it is another."""
        if not (beside := field.get("bound", "")) or not isinstance(said, str):
            return said, {}
        plain, side = wording_rules(self.workbook).without_bound(said)
        known = whole.get(beside)
        return (said, {}) if known not in {None, side} else (plain, {beside: side} if side and not known else {})

    def _needed(self, field: Node, key: str, alike: Sequence[Mapping[str, Any]]) -> Any:
        """Return what a field starts with: of names that can be chosen the first that no entry like it has."""
        if field.get("options") in _CHOSEN:
            return ""
        known = [name for name, _ in self.options.get(field.get("options", ""), [])]
        if known:
            taken = {str(entry.get(field["key"])) for entry in alike}
            own = [name for name, _ in self.options["roles"]] if field["options"] == "cards" else known
            return next((name for name in own if name not in taken), known[0])
        blank: dict[str, Any] = {
            "text": self.words("workbench.new"),
            "number": 100 if field.get("above") else 0,
            "string": self.words("workbench.new") if field["key"] == "name" else key,
            "numbers": [1],
        }
        if field["kind"] == "choices":
            return [field["choices"][0][0]]
        return field["choices"][0][0] if field["kind"] == "choice" else blank.get(field["kind"], key)

    def _role(self, card: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if not card:
            return {"name": given.get("name") or self.words("workbench.new_role")}
        return role_of_card(self.library.roles[card], self._main_goal or None)

    def _indicator(self, path: Path, card: str, given: Mapping[str, Any], key: str, node: Node) -> dict[str, Any]:
        held = self._at(DESIGN, path) or []
        rest = {
            block: max(Decimal(0), full - sum((w for _, w in items), Decimal(0)))
            for block, items, full in self._blocks(str(path[1]))
        }
        block = next((name for name, free in rest.items() if free), next(iter(rest)))
        left = rest[block]
        if card:
            made = indicator_of_card(self.library.indicators[card], left, self._main_goal or None)
            return made | {"id": self._free(keys_of(held), card)} | ({"block": block} if block else {})
        entry: dict[str, Any] = {
            "id": key,
            "name": self.words("workbench.new_indicator"),
            "class": IndicatorClass.WORKLOAD.value,
            "weight": left,
        }
        entry |= {"block": block} if block else {}
        entry |= {"serves_goal": self._main_goal} if self._main_goal else {}
        return entry | {name: value for name, value in self._typed(node, given).items() if value is not None}

    def _typed(self, node: Node, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of an entry as the file is to say them."""
        said: dict[str, Any] = {}
        for name, value in given.items():
            own = field_of(node["fields"], name)
            said |= {name: as_words(value)} if isinstance(value, Mapping) else self._read(own, given, value)
        return said

    def _curve(self, said: Any, direction: str | None) -> Any:
        """Return a curve by its name, or one of a kind with numbers that suit the direction, to be changed."""
        if said not in KINDS:
            return said or None
        cards = [card for card in curve_cards(self.workbook).values() if card.curve.kind == said]
        fitting = [card for card in cards if (direction or "higher") in {one.direction.value for one in card.examples}]
        first = next((card.curve for card in (*fitting, *cards)), None)
        numbers = first.model_dump(by_alias=True, exclude_defaults=True, exclude={"named", "kind"}) if first else {}
        return {"kind": said, **_lists(numbers)}


def _unit_behind(said: Any) -> str:
    """Return the unit that is typed behind a number, without its multiple; nothing where there is none."""
    with suppress(ValueError):
        return str(getattr(parse_measured(without_groups(f"{said}")), "unit", ""))
    return ""


def _lists(value: Any) -> Any:
    """Return data with lists where a value has tuples."""
    if isinstance(value, Mapping):
        return {key: _lists(entry) for key, entry in value.items()}
    return [_lists(entry) for entry in value] if isinstance(value, (list, tuple)) else value
