"""What a form knows of a client: its draft, read at any place, whatever stands there, and what a fresh entry says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from kpi_toolkit.clients.acts import MODELS, located
from kpi_toolkit.clients.draft import Draft, monthly_in, open_draft, with_texts
from kpi_toolkit.clients.frozen import DESIGN, PROFILE
from kpi_toolkit.clients.library import Library, curve_cards, form_fields
from kpi_toolkit.clients.merging import Clash
from kpi_toolkit.clients.starting import as_words, indicator_of_card, role_of_card
from kpi_toolkit.clients.table_lines import MONTHLY
from kpi_toolkit.clients.toml_text import entry_id
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.fields import Form, Node, field_of, typed
from kpi_toolkit.method.curves import KINDS
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import IndicatorClass
from kpi_toolkit.method.numbers import parse_measured, without_groups
from kpi_toolkit.method.value import LANGUAGES, Text, likely_id
from kpi_toolkit.pages.words import Words

Path = tuple[str | int, ...]
FULL = Decimal(100)
NOUNS = {
    "roles": "role", "indicators": "indicator", "blocks": "block", "own_goals": "goal", "rules": "rule",
    "people": "person", "cascade": "goal",
}  # fmt: skip
"""What a fresh entry of each kind is called until it has a name."""


class Drafted(ABC):
    """A client's design and page under work, as they stand."""

    def __init__(self, workbook: Workbook, client: str, words: Words) -> None:
        self.workbook, self.client, self.words = workbook, client, words
        self.fields, self.library = form_fields(workbook), Library(workbook)
        self.forms = {file: Form(model, self.fields, words) for file, model in MODELS.items()}
        self._shared = {name: self.forms.pop(name) for name in MONTHLY}
        self.monthly: dict[str, str] = {}
        """The tables of cycles whose figures may change, newest first, each with its cycle."""
        self.draft: Draft = open_draft(workbook, client)
        self.look_for_months()
        self.note: dict[str, Any] = {}
        self.part, self.made = self.fields.parts[0].id, ""
        self.clashes: tuple[Clash, ...] = ()
        self.taken: list[Clash] = []
        """What somebody else changed in the files and came in when they were saved last."""
        self.later: list[Issues] = []
        """What was last found in cycles."""
        self._followed: dict[Path, Path] = {}
        """Where entries are whose id followed their name: what is typed on before the browser knows goes there."""
        self.found = Issues()
        self._said: dict[str, str] = {}
        """What was last found."""
        self.decided = False
        """Whether somebody has said if this is a new version."""
        if self.draft.place:
            self.say("restored")

    @property
    @abstractmethod
    def options(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """What there is to choose from; a form says what."""

    def look_for_months(self) -> None:
        """Take in the tables of cycles that were opened since."""
        now = monthly_in(self.workbook.client_folder(self.client))
        if now.keys() - self.monthly.keys():
            self.monthly = now
            self.forms |= {file: self._shared[file.rpartition("/")[2]] for file in now}
            self.draft = with_texts(self.workbook, self.client, self.draft)

    def say(self, key: str, *, bad: bool = False, **values: Any) -> None:
        """Leave a word for the reader of the form."""
        self.note = {"text": self.words(f"workbench.{key}", **values), "bad": bad}

    def by_now(self, path: Sequence[str | int], file: str = DESIGN) -> Path:
        """Return a path with the ids that its entries have by now."""
        found = tuple(path)
        for at in range(1, len(found) + 1):
            head = found[:at]
            while head in self._followed and self._at(file, head) is None:
                head = self._followed[head]
            found = (*head, *found[at:])
        return found

    def _blocks(self, role: str) -> Iterator[tuple[str, list[tuple[str, Decimal]], Decimal]]:
        """Go through the blocks of a role: the indicators with their weights, and what these are to come to."""
        items, blocks = self._items(role), self._section(DESIGN, ("roles", role, "blocks"))
        for block in [*blocks] or [""]:
            own = [(entry_id(i), decimal_of(i.get("weight"))) for i in items if not block or i.get("block") == block]
            yield block, own, decimal_of(blocks[block].get("maximum")) if block else FULL

    def _goals(self) -> list[str]:
        known = [name for name, share in self._map(PROFILE, ("goals",)).items() if decimal_of(share)]
        return [*known, *(name for name in self._map(PROFILE, ("own_goals",)) if name not in known)]

    @property
    def _main_goal(self) -> str:
        shares = self._map(PROFILE, ("goals",))
        return max(self._goals(), key=lambda goal: decimal_of(shares.get(goal)), default="")

    def _free(self, taken: Iterable[Any], stem: str) -> str:
        """Return an id that is not taken: the stem, or the stem with a number."""
        known, short = {*taken, *(path[-1] for path in self._followed)}, stem[:44]
        if stem not in known and stem not in NOUNS.values():
            return stem
        return next(f"{short}-{n}" for n in range(1, len(known) + 3) if f"{short}-{n}" not in known)

    def _section(self, file: str, path: Sequence[str | int]) -> dict[str, dict[str, Any]]:
        """Return the entries of a section that are sections themselves."""
        return {name: entry for name, entry in self._map(file, path).items() if isinstance(entry, dict)}

    def _map(self, file: str, path: Sequence[str | int]) -> dict[str, Any]:
        """Return what a section says; nothing where none stands there."""
        held = self._at(file, path)
        return held if isinstance(held, dict) else {}

    def _items(self, role: str) -> list[dict[str, Any]]:
        """Return the indicators of a role as the file has them, with what the cards say that they call."""
        held = self._at(DESIGN, ("roles", role, "indicators"))
        return [self._whole(item) for item in held if isinstance(item, dict)] if isinstance(held, list) else []

    def _whole(self, item: dict[str, Any]) -> dict[str, Any]:
        with suppress(WorkbookError, KeyError):  # it calls no card, or one that there is not
            card = self.library.find("indicators", str(item["indicator"]))
            return {**self.library.indicators[card].line(), **item, "id": entry_id(item)}
        return item

    def _at(self, file: str, path: Sequence[str | int]) -> Any:
        """Return what the file says at a path, None where it says nothing."""
        place: Any = self.draft.of(file).content
        with suppress(KeyError, IndexError, TypeError, ValueError):
            for step in located(place, path):
                place = place[step]
            return place
        return None


def decimal_of(value: Any) -> Decimal:
    """Return a number of a file; 0 for what is none."""
    with suppress(ArithmeticError, ValueError, TypeError):
        number = Decimal(str(value))
        return number if number.is_finite() else Decimal(0)
    return Decimal(0)


def keys_of(held: Any) -> list[Any]:
    """Return what the entries of a list or a section are called by."""
    return list(held) if isinstance(held, dict) else [entry_id(e) for e in held or () if isinstance(e, dict)]


def id_of(said: Any) -> str:
    """Return an id after a name: its English one, or how the Chinese one is spoken."""
    name = text_of(said)
    return next((found for each in (name.pick(), *name.words) if (found := likely_id(each))), "")


def path_said(path: Iterable[str | int]) -> str:
    """Return a path as findings say it."""
    return ".".join(f"[{step + 1}]" if isinstance(step, int) else step for step in path)


def text_of(value: Any) -> Text:
    """Return words as a file has them, whatever stands there."""
    said = value if isinstance(value, dict) else dict.fromkeys(LANGUAGES, "" if value is None else value)
    return Text().model_copy(update={language: str(said.get(language, "")) for language in LANGUAGES})


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
