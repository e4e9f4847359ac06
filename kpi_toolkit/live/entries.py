"""Fresh entries of a form: what is given, what is needed besides, and what can be told from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.frozen import DESIGN, PROFILE
from kpi_toolkit.live.drafted import Drafted, Path, keys_of
from kpi_toolkit.live.fields import Node, as_words, typed
from kpi_toolkit.method.forms import rescaled
from kpi_toolkit.method.model import IndicatorClass
from kpi_toolkit.method.value import Text


class Entries(Drafted):
    """Makes the entries that a form adds."""

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
        return {"name": said_of(known.name), "method": known.method.value, "indicators": made}

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
            return made | {"id": self._free(keys_of(held), card)} | ({"block": block} if block else {})
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
            name: said_of(value) if isinstance(value, dict) else value
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


def _field(node: Node, key: str) -> Node:
    return next(field for field in node["fields"] if field["key"] == key)


def said_of(words: Any) -> Any:
    """Return words as a file has them; anything else as it is."""
    said = words.model_dump() if isinstance(words, Text) else words
    return as_words(said) if isinstance(said, Mapping) and said.keys() <= {"zh", "en"} else said
