"""A design as a sheet, or the client's own forms, become ``design.toml``: what they do not hold stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import tomlkit
from pydantic_core import PydanticCustomError

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.figures import form_of, indicator_named, share_of, without_unit
from kpi_toolkit.clients.importing import SKIP, Import
from kpi_toolkit.clients.library import Library, curve_cards, curves_by_name
from kpi_toolkit.clients.matching import in_order, new_id
from kpi_toolkit.clients.reading import parse_toml
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks import check_design, check_goals
from kpi_toolkit.method.checks.plausible import in_own_unit
from kpi_toolkit.method.issues import Issues, error, folded, hint
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.numbers import Measured, deal, from_centi, parse_measured
from kpi_toolkit.method.value import Text

_DESIGN = "design.toml"
_KEPT = ("unit", "weight", "target", "direction", "curve", "source", "goal")
_FULL = 100_00


@dataclass
class Line:
    """An indicator of a role as the files have it: of each column all that is said, with where."""

    name: str
    records: list[Record] = field(default_factory=list)

    def said(self, concept: str) -> list[str]:
        """Return what a column says, each thing once."""
        return list(dict.fromkeys(text for record in self.records if (text := record.text(concept))))

    def has(self, concept: str) -> bool:
        """Whether the files have such a column, if only with blank cells."""
        return any(concept in record.columns for record in self.records)


def import_design(into: Import) -> None:
    """Make ``design.toml`` anew: roles of the files with their indicators, all others as they were."""
    roles = _lines_by_role(into)
    if not roles and not into.asking.open:
        into.issues.append(error("nothing-found", into.nowhere, table=_DESIGN))
        return
    page: Any = tomlkit.parse((into.client.folder / _DESIGN).read_text("utf-8-sig"))
    lower = _lower(into, roles)
    taken = set(into.client.design.roles)
    for title, lines in roles.items():
        own = into.own_roles.exactly(title)
        name = next(iter(own)) if len(own) == 1 else new_id([title], taken)
        taken.add(name)
        if name not in page["roles"]:
            page["roles"][name] = _new_role(into, title)
        _write_role(into, page["roles"][name], name, list(lines.values()), lower)
    _drop_others(into, page, roles)
    if into.client.cycles:
        page["version"] = into.client.design.version + 1
    text = tomlkit.dumps(page)
    design, issues = parse_toml(text.encode(), Design, _DESIGN, curves=curves_by_name(into.workbook))
    into.issues += issues.errors
    if design is not None and not into.asking.open:
        library = Library(into.workbook)
        found = check_design(design) + check_goals(into.client.profile, design, library.goals, library.indicators)
        into.issues += [issue for issue in Issues(found).errors if issue.code != "no-target"]
    into.files[into.client.folder / _DESIGN] = text


def _lines_by_role(into: Import) -> dict[str, dict[str, Line]]:
    """Return the lines of each role, by its title, then by the indicator's name."""
    titles: dict[str, list[str]] = {}
    for one in into.people.people:
        titles.setdefault(skeleton(one["name"]), []).append(into.client.design.roles[one["role"]].name.pick("en"))
    for record in into.found.records:
        if "indicator" not in record.cells and record.text("name") and record.text("role"):
            titles.setdefault(skeleton(in_order(record.text("name"))), []).append(record.text("role"))
    forms: dict[tuple[Any, ...], list[Record]] = {}
    for record in into.found.records:
        if "indicator" in record.cells and into.seen(record) and into.certain(record, ("indicator", *_KEPT)):
            forms.setdefault((form_of(record), record.text("role")), []).append(record)
    roles: dict[str, dict[str, Line]] = {}
    later = []
    for records in forms.values():
        first = records[0]
        known = titles.get(skeleton(in_order(first.text("name") or first.sheet)), [])
        title = first.text("role") or (known[0] if len(set(known)) == 1 else "")
        if title:
            _add(roles, title, records)
        else:
            later.append((records, list(dict.fromkeys(known))))
    for known, records in _told_apart(roles, later):
        name = records[0].text("name") or records[0].sheet
        title = known[0] if len(known) == 1 else _asked_title(into, records[0], name, known or list(roles))
        if title:
            _add(roles, title, records)
    return roles


def _told_apart(
    roles: dict[str, dict[str, Line]], forms: list[tuple[list[Record], list[str]]]
) -> Iterator[tuple[list[str], list[Record]]]:
    """Go through the forms of people whose name alone does not tell their title, with the titles that are left.

    A form that counts what another title's forms count is of that title; the last title is the last form's.
    """
    gone: dict[str, set[str]] = {}
    rest = []
    for records, known in forms:
        named = {folded(record.text("indicator")) for record in records}
        same = [title for title in known if {folded(name) for name in roles.get(title, {})} == named]
        if len(same) == 1:
            gone.setdefault(records[0].text("name"), set()).update(same)
            yield same, records
        else:
            rest.append((records, known))
    for records, known in rest:
        yield [title for title in known if title not in gone.get(records[0].text("name"), ())], records


def _asked_title(into: Import, record: Record, name: str, known: list[str]) -> str:
    cell = record.cells["name"].name if "name" in record.cells else ""
    where = f"title:{record.sheet or record.source.name}:{name}"
    said = into.ask(record, where, "ask.title", (*known, SKIP), name=name, cell=cell, free=True)
    return "" if said in {None, SKIP} else str(said)


def _add(roles: dict[str, dict[str, Line]], title: str, records: Iterable[Record]) -> None:
    lines = roles.setdefault(title, {})
    for record in records:
        name = record.text("indicator")
        lines.setdefault(name, Line(name)).records.append(record)


def _lower(into: Import, roles: dict[str, dict[str, Line]]) -> set[str]:
    """Return the names of new indicators of which less is better; asked once about all that nothing else decides."""
    unknown: dict[str, Line] = {}
    for title, lines in roles.items():
        items = _items(into, title)
        for name, line in lines.items():
            if not (line.said("direction") or indicator_named(name, items) or _card(into, name)):
                unknown.setdefault(name, line)
    if not unknown:
        return set()
    guessed = [name for name in unknown if into.words.is_lower(name)]
    first = next(iter(unknown.values())).records[0]
    shown = "; ".join(guessed) or "–"
    said = into.ask(
        first,
        f"lower:{first.source.name}",
        "ask.lower",
        ("as-shown", "none"),
        proposed="as-shown",
        free=True,
        lower=shown,
        n=len(unknown),
    )
    chosen = guessed if said == "as-shown" else [] if said in {None, "none"} else str(said).split(";")
    return {folded(name) for name in chosen}


def _items(into: Import, title: str) -> tuple[Indicator, ...]:
    own = into.own_roles.exactly(title)
    return into.client.design.roles[next(iter(own))].indicators if len(own) == 1 else ()


def _card(into: Import, name: str) -> Any:
    cards = Library(into.workbook).indicators
    said = {folded(name), folded(without_unit(name))}
    found = [card for card in cards.values() if said & {folded(card.name.zh), folded(card.name.en)}]
    return found[0] if len(found) == 1 else None


def _new_role(into: Import, title: str) -> Any:
    cards = Library(into.workbook).roles
    known = [
        key
        for key, card in cards.items()
        if folded(title) in {folded(word) for word in (card.name.zh, card.name.en, *card.aliases)}
    ]
    table = tomlkit.table()
    table.update({"name": title, **({"card": known[0]} if known else {})})
    return table


def _write_role(into: Import, table: Any, name: str, lines: list[Line], lower: set[str]) -> None:
    before = {str(entry["id"]): entry for entry in table.get("indicators", [])}
    role = into.client.design.roles.get(name)
    items = role.indicators if role else ()
    goal = _purpose(into, [line for line in lines if not indicator_named(line.name, items)])
    rows, short = tomlkit.aot(), [without_unit(line.name) for line in lines]
    taken: set[str] = set()
    for line in lines:
        item, card = indicator_named(line.name, items), _card(into, line.name)
        called = line.name if short.count(without_unit(line.name)) > 1 else without_unit(line.name)
        own = item.id if item else card.id if card and card.id not in taken else new_id([called], taken)
        taken.add(own)
        entry = before.get(own) or _new_entry(into, line, own, called, card, folded(line.name) in lower)
        _put(into, entry, line, item)
        if goal and item is None and "serves_goal" not in entry:
            entry["serves_goal"] = goal
        rows.append(entry)
    _weights(into, rows, lines, name, kept=set(before) == taken)
    dropped = [item.name for item in items if item.id not in taken]
    if dropped:
        place = into.place(lines[0].records[0], "indicator")
        into.issues.append(hint("indicators-dropped", place, role=role.name if role else name, names=dropped))
    table["indicators"] = rows
    into.rows += [
        {"role": name, **{key: str(entry[key]) for key in ("id", "weight", "target") if key in entry}} for entry in rows
    ]


def _purpose(into: Import, lines: list[Line]) -> str:
    """Return the operating goal that new indicators serve: the client's only one, or the one that is answered."""
    goals = [*into.client.profile.goals]
    due = [line for line in lines if not line.said("goal")]
    if len(goals) < 2 or not due:  # noqa: PLR2004
        return goals[0] if goals else ""
    labels = {name: card.name for name, card in Library(into.workbook).goals.items()}
    first = due[0].records[0]
    return into.ask(first, f"goal:{first.source.name}", "ask.goal", goals, labels=labels) or ""


def _new_entry(into: Import, line: Line, own: str, called: str, card: Any, less: bool) -> Any:
    entry = tomlkit.table()
    known = card.indicator(Decimal(0)).model_dump(by_alias=True, exclude_defaults=True, mode="json") if card else {}
    known = {key: value for key, value in known.items() if key in {"class", "direction", "standard", "source"}}
    typed = [text for text in (*line.said("target"), *line.said("actual")) if text]
    behind = (
        into.words.unit_in(line.name),
        *(m.typed_unit for m in _measured(typed)),
        "%" if into.words.guess(called) == "quality" and _is_rate(line.name) else "",
    )
    unit = (
        card.unit
        if card
        else next((into.words.unit(word) or Text(zh=word, en=word) for word in behind if word), Text())
    )
    values = {
        "id": own,
        "name": _plain(card.name if card else called),
        "class": into.words.guess(line.name),
        **({"direction": "lower"} if less else {}),
        **known,
        "unit": _plain(unit),
    }
    if card and card.curve.named:
        values["curve"] = card.curve.named
    entry.update(
        {key: tomlkit.item(value) if not isinstance(value, dict) else _inline(value) for key, value in values.items()}
    )
    return entry


def _is_rate(name: str) -> bool:
    return name.rstrip().endswith(("%", "率", "％"))


def _measured(texts: Iterable[str]) -> Iterator[Measured]:
    for text in texts:
        try:
            number = parse_measured(text)
        except PydanticCustomError:
            continue
        if isinstance(number, Measured):
            yield number


def _plain(text: Text | str) -> Any:
    return text if isinstance(text, str) else text.zh if text.zh == text.en else {"zh": text.zh, "en": text.en}


def _inline(value: dict[str, str]) -> Any:
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _put(into: Import, entry: Any, line: Line, item: Indicator | None) -> None:
    """Put what the files say of an indicator into its entry; a blank cell of a design's sheet takes it away."""
    for concept, key in (
        ("source", "source"),
        ("goal", "serves_goal"),
        ("unit", "unit"),
        ("direction", "direction"),
        ("curve", "curve"),
    ):
        said = line.said(concept)
        if len(said) != 1:
            if concept in {"source", "goal"} and not said and line.has(concept) and line.has("curve"):
                entry.pop(key, None)
            continue
        value = _READ[concept](into, said[0], item)
        if value is None:
            into.issues.append(error("not-in-library", into.place(line.records[0], concept), value=said[0]))
        elif value != "":
            entry[key] = _inline(value) if isinstance(value, dict) else value
    if not line.has("target"):
        return
    entry.pop("target", None)
    targets = line.said("target")
    number = _target(targets[0], entry) if len(targets) == 1 else None
    if number is not None:
        entry["target"] = tomlkit.value(f"{number:f}")
    elif targets:
        place = into.place(line.records[0], "target")
        into.issues.append(hint("target-left-open", place, indicator=str(line.name), values=targets))


def _target(text: str, entry: Any) -> Decimal | None:
    made = Indicator.model_validate({**{k: v for k, v in entry.unwrap().items() if k != "curve"}, "weight": 0})
    try:
        number = in_own_unit(parse_measured(text), made)
    except PydanticCustomError:
        return None
    return None if isinstance(number, Measured) else number


def _unit(into: Import, text: str, item: Indicator | None) -> Any:
    if item and folded(text) in {folded(item.unit.zh), folded(item.unit.en)}:
        return ""
    return _plain(into.words.unit(text) or text)


def _curve(into: Import, text: str, item: Indicator | None) -> Any:
    if into.words.is_one("own_curve", text):
        return ""
    for name, card in curve_cards(into.workbook).items():
        if folded(text) in {folded(name), folded(card.name.zh), folded(card.name.en)}:
            same = item is not None and (item.curve.named == name or (name == "capped-ratio" and item.curve == _RATIO))
            return "" if same else name
    return None


def _source(_: Import, text: str, item: Indicator | None) -> Any:
    own = item.source if item else None
    return "" if own and folded(text) in {folded(own.zh), folded(own.en)} else text


def _goal(into: Import, text: str, _: Indicator | None) -> Any:
    for name, card in Library(into.workbook).goals.items():
        if folded(text) in {folded(name), folded(card.name.zh), folded(card.name.en)}:
            return name
    return None


def _direction(into: Import, text: str, item: Indicator | None) -> Any:
    said = into.words.direction(text) or None
    return "" if item and said == item.direction.value else said


_RATIO = Indicator.model_fields["curve"].default
_READ = {"unit": _unit, "curve": _curve, "source": _source, "goal": _goal, "direction": _direction}


def _weights(into: Import, rows: Any, lines: list[Line], role: str, *, kept: bool) -> None:
    """Put in the weights of the files; where they have none those of the design stay, or equal ones are agreed to."""
    said = [dict.fromkeys(share_of(text) for text in line.said("weight")) for line in lines]
    place = into.place(lines[0].records[0], "weight")
    if any(len(each) > 1 for each in said):
        names = [line.name for line, each in zip(lines, said, strict=True) if len(each) > 1]
        into.issues.append(error("weights-disagree", place, role=lines[0].records[0].text("role") or role, names=names))
    elif all(each and None not in each for each in said):
        for entry, each in zip(rows, said, strict=True):
            entry["weight"] = tomlkit.value(f"{next(iter(each)):f}")
    elif not kept:
        first = lines[0].records[0]
        answer = into.ask(first, "weights", "ask.weights", ("equal", "stop"), file=first.source.name)
        if answer == "stop":
            into.issues.append(error("weights-missing", place, client=into.client.id))
        for entry, weight in zip(rows, deal(_FULL, [_FULL] * len(lines), len(lines)), strict=True):
            entry["weight"] = tomlkit.value(f"{from_centi(weight).normalize():f}")


def _drop_others(into: Import, page: Any, roles: dict[str, dict[str, Line]]) -> None:
    """Ask whether roles that neither the files nor any person has stay in the design."""
    named = {name for title in roles for name in into.own_roles.exactly(title)}
    others = {
        name: role.name
        for name, role in into.client.design.roles.items()
        if name not in named and name not in set(into.client.people["role"])
    }
    if not others or not any(_items(into, title) == () for title in roles):
        return
    first = next(iter(next(iter(roles.values())).values())).records[0]
    if into.ask(first, "other-roles", "ask.other_roles", ("drop", "keep"), roles=list(others.values())) == "drop":
        for name in others:
            del page["roles"][name]
