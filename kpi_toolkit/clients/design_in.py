"""A design as a sheet, or the client's own forms, become ``design.toml``: what they do not hold stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import tomlkit

from kpi_toolkit.clients.cell_values import in_unit, number_in, read_figure, share_of, typed_unit
from kpi_toolkit.clients.design_changes import DESIGN, take_over
from kpi_toolkit.clients.design_guesses import Guesses, Taken, card_of, taken_lines
from kpi_toolkit.clients.design_lines import Line, Lines, lines_by_title, roster
from kpi_toolkit.clients.headings import without_unit
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.library import curve_cards
from kpi_toolkit.clients.matching import Items, new_id
from kpi_toolkit.clients.starting import indicator_of_card
from kpi_toolkit.clients.toml_text import inline, written
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.issues import Issue, Known, Place, error, folded, hint
from kpi_toolkit.method.model import Indicator, IndicatorClass, Method, Side
from kpi_toolkit.method.numbers import deal, from_centi, is_not_reported
from kpi_toolkit.method.value import Text

_KEYS = {"source": "source", "goal": "serves_goal", "unit": "unit", "direction": "direction", "curve": "curve",
         "standard": "standard"}  # fmt: skip
"""Columns that become a key of an indicator as they are, or by the name of a card."""
_FULL = 100_00


def import_design(into: Import, _: str = "") -> None:
    """Make ``design.toml`` anew: roles of the files with their indicators, all others as they were."""
    roles = lines_by_title(into)
    if not roles:
        into.say_nothing_found(DESIGN)
        return
    page: Any = tomlkit.parse((into.client.folder / DESIGN).read_text("utf-8-sig"))
    ids = _role_ids(into, roles)
    known = {title: _known(into, ids[title], lines) for title, lines in roles.items()}
    guesses, cells = taken_lines(into, roles, known), dict[str, Place]()
    for title, lines in roles.items():
        name = ids[title]
        if name not in page["roles"]:
            page["roles"][name] = _new_role(into, title)
        elif not into.own_roles.exactly(title):  # known by an alias: from now on by the client's own word
            page["roles"][name]["name"] = title
        written = _write_role(into, page["roles"][name], name, list(lines.values()), known[title], guesses)
        rows = dict(zip(lines, written, strict=True))
        into.rows += [{"role": title, "indicator": line, **row} for line, row in rows.items()]
        cells[f"roles.{name}"] = next(iter(lines.values())).place("weight")
        cells |= {f"roles.{name}.{row['id']}": lines[line].place("indicator") for line, row in rows.items()}
    _drop_others(into, page, {*ids.values()})
    take_over(into, page, cells)


def _role_ids(into: Import, titles: Iterable[str]) -> dict[str, str]:
    """Return the id of each title's role: one that has just this name, else one that this alias alone is for."""
    own = {title: found for title in titles if len(found := into.own_roles.exactly(title)) == 1}
    like = {title: into.roles.exactly(title) - set().union(*own.values()) for title in titles if title not in own}
    once = {title: found for title, found in like.items() if len(found) == 1 and [*like.values()].count(found) == 1}
    ids = {title: next(iter(found)) for title, found in {**own, **once}.items()}
    for title in titles:
        if title not in ids:
            ids[title] = new_id([title], {*into.client.design.roles, *ids.values()})
    return ids


def _items(into: Import, role: str) -> tuple[Indicator, ...]:
    return into.client.design.roles[role].indicators if role in into.client.design.roles else ()


def _known(into: Import, role: str, lines: Lines) -> dict[str, Indicator]:
    """Return by a line's name which of the role's indicators it is: one of that name, or one whose id says so still.

    Else the one that stands in its place with its weight and its target: it is called otherwise now.
    """
    items = _items(into, role)
    known = Items(items)
    found = {name: item for name in lines if (item := known.named(name))}
    due = {name: line for name, line in lines.items() if name not in found and not card_of(into, name)}
    left = {item.id: item for item in items if item not in found.values()}
    for name in due:
        if item := left.pop(new_id([without_unit(name)], ()), None):
            found[name] = item
    places = zip(lines, items, strict=True) if len(lines) == len(items) else ()
    return found | {
        name: item for name, item in places
        if name in due.keys() - found.keys() and item.id in left and _fits(lines[name], item)
    }  # fmt: skip


def _fits(line: Line, item: Indicator) -> bool:
    """Whether a line has the weight and the target of an indicator."""
    weights = {share_of(text) for text in line.said("weight")}
    return weights == {item.weight} and {in_unit(text, item) for text in line.said("target")} == {item.target}


def _new_role(into: Import, title: str) -> Any:
    table = tomlkit.table()
    table["name"] = title
    for card in sorted(Known.named(into.library.roles).exactly(title))[:1]:
        table["card"] = card
    return table


def _write_role(
    into: Import, table: Any, name: str, lines: list[Line], known: Mapping[str, Indicator], guesses: Guesses
) -> list[dict[str, str]]:
    """Put the lines of a role into its table, and return what is shown of each."""
    items = _items(into, name)
    held = {item.id: item for item in items}
    before = {item.id: entry for item, entry in zip(items, table.get("indicators", []), strict=True)}
    fresh = [line for line in lines if line.name not in known]
    goal = _purpose(into, fresh)
    short = [without_unit(line.name) for line in lines]
    taken: dict[str, Any] = {}
    for line, plain in zip(lines, short, strict=True):
        item, called = known.get(line.name), line.name if short.count(plain) > 1 else plain
        own = item.id if item else _id_of(into, line, called, taken)
        guess = guesses.get(folded(line.name), Taken())
        taken[own] = entry = before.get(own) or _new_entry(into, line, own, called, guess)
        if guess.again and own in before:
            _answer_again(entry, guess)
        if own in held and not _keeps_name(into, held[own], called, line.name):
            entry["name"] = called  # known by an alias or its place: from now on by the client's own word, as roles are
        _put(into, entry, line, item)
        if goal and item is None:
            entry.setdefault("serves_goal", goal)
    rows = _entries(table, before, taken)
    _tell_of_cards(into, fresh)
    _weights(into, rows, lines, name, kept=before.keys() == taken.keys())
    _tell_dropped(into, name, taken, lines[0].place("indicator"))
    _combine_only_two_sides(table, items, taken)
    return [
        {"id": own} | {key: str(entry[key]) for key in ("weight", "target", "direction") if key in entry}
        for own, entry in taken.items()
    ]


def _id_of(into: Import, line: Line, called: str, taken: Collection[str]) -> str:
    """Return the id of an indicator that the role did not have: its card's where that is not taken, else a new one."""
    card = card_of(into, line.name)
    return str(card.id) if card and card.id not in taken else new_id([called], taken)


def _answer_again(entry: Any, guess: Taken) -> None:
    """Put into the entry of an indicator that the design had before what was answered of it anew."""
    if guess.less is not None:
        entry.pop("direction", None)
    entry.update({"direction": "lower"} if guess.less else {})
    entry.update({"class": guess.kind} if guess.kind else {})


def _tell_dropped(into: Import, role: str, taken: Collection[str], place: Place) -> None:
    """Name the indicators of a role that the files do not have, and that it has no more."""
    if dropped := [item.name for item in _items(into, role) if item.id not in taken]:
        values = {"role": into.client.design.roles[role].name, "names": dropped}
        into.issues.append(hint("indicators-dropped", place, **values))


def _combine_only_two_sides(table: Any, items: Iterable[Indicator], taken: Mapping[str, Any]) -> None:
    """Let a role whose indicators are all of one side be scored by that side's method: there is nothing to combine."""
    kinds = {item.id: item.kind for item in items}  # a line that calls a card of the library has no class of its own
    sides = {(kinds.get(own) or IndicatorClass(str(entry["class"]))).side for own, entry in taken.items()}
    if len(sides) == 1 and str(table.get("method", Method.COMBINED)) == Method.COMBINED:
        table["method"] = (Method.WORKLOAD if Side.PROCESS in sides else Method.PERFORMANCE).value


def _entries(table: Any, before: Mapping[str, Any], taken: Mapping[str, Any]) -> Any:
    """Put entries into a role in their order and return them; where the old keep theirs, what is around them stays."""
    if [own for own in taken if own in before] != [*before] or not before:
        table.pop("indicators", None)
        table["indicators"] = tomlkit.aot()
    for place, (own, entry) in enumerate(taken.items()):
        if own not in before or len(table["indicators"]) <= place:
            table["indicators"].insert(place, entry)
    return table["indicators"]


def _purpose(into: Import, lines: list[Line]) -> str:
    """Return the operating goal that new indicators serve: the client's only one, or the one that is answered."""
    goals, due = [*into.client.profile.goals], [line for line in lines if not line.said("goal")]
    if len(goals) == 1 or not goals or not due:
        return goals[0] if goals else ""
    at, labels = due[0].place("indicator"), {name: card.name for name, card in into.library.goals.items()}
    return into.ask(at, f"goal:{at.file}", goals, labels=labels) or ""


def _new_entry(into: Import, line: Line, own: str, called: str, guess: Taken) -> Any:
    """Return the entry of an indicator that the design did not have: by its card, else by what its name says."""
    card, entry = card_of(into, line.name), tomlkit.table()
    typed, down = _unit_of(into, line), {"direction": "lower"} if guess.less else {}
    rate = "%" if line.name.rstrip().endswith(("%", "率", "％")) else ""
    unit = typed or rate
    values = {"name": called, "class": guess.kind, **down, "unit": unit}
    if card:
        own_name = {} if _is_called(called, card.id, card.name) else {"name": called}
        values = _of_card(into, line, card, unit) | own_name | ({"unit": typed} if typed else {})
    entry.update({key: inline(value) for key, value in (values | {"id": own}).items()})
    return entry


def _of_card(into: Import, line: Line, card: Any, unit: Any) -> dict[str, Any]:
    """Return what a card of the library says of an indicator, but for what is its own company's or another unit's."""
    values = indicator_of_card(card, Decimal(0), None)
    for mine in ("weight", "owner", "source"):
        values.pop(mine, None)
    figures = [number_in(text) or 0 for concept in ("target", "actual") for text in line.said(concept)]
    if card.curve.whole and any(number % 1 for number in figures):
        values["curve"] = "capped-ratio"  # what the client has in fractions is not counted in pieces
    theirs = [_plain(into.words.named("units", word) or word) for word in line.said("unit")] or [unit]
    if any(each and each not in (*card.unit.words, _plain(card.unit)) for each in theirs):
        values.pop("standard", None)  # it speaks of the card's unit
        values.pop("" if card.curve.by == "attainment" else "curve", None)
    if not line.has("part", "whole"):
        values.pop("formula", None)  # the client has the figure itself, and need not count its parts
    return values


def _is_called(name: str, own: str, words: Text) -> bool:
    return name == own or skeleton(name) in map(skeleton, words.words)


def _keeps_name(into: Import, item: Indicator, *said: str) -> bool:
    """Whether an indicator has a name that is said, or had it when it got its id: one that was changed since stays."""
    card = into.library.indicators.get(item.id)
    since = new_id(said, ()) == item.id and not (card and card.name == item.name)
    return since or any(_is_called(each, item.id, item.name) for each in said)


def _tell_of_cards(into: Import, lines: Iterable[Line]) -> None:
    """Name the new lines that a card of the library fills in: what the file does not say of them is the card's."""
    cards = [(line, card) for line in lines if (card := card_of(into, line.name))]
    if cards:
        names = [f"{line.name} ← {card.id}" for line, card in cards]
        into.issues.append(hint("filled-from-cards", cards[0][0].place("indicator"), names=names))


def _unit_of(into: Import, line: Line) -> Any:
    """Return the unit behind a new indicator's name, else behind its figures."""
    typed = map(typed_unit, (*line.said("target"), *line.said("actual")))
    word = next(filter(None, (into.words.unit_in(line.name), *typed)), "")
    return _plain(into.words.named("units", word) or word)


def _plain(text: Text | str) -> Any:
    return text if isinstance(text, str) else written(text.model_dump())


def _put(into: Import, entry: Any, line: Line, item: Indicator | None) -> None:
    """Put what the files say of an indicator into its entry; a blank cell of a design's sheet takes it away."""
    for concept, key in _KEYS.items():
        said = line.said(concept)
        if not said and concept in {"source", "goal"} and line.has(concept, "curve"):
            entry.pop(key, None)
        if len(said) != 1 or (item and _says(into, item, concept, said[0])):
            continue
        if concept == "standard" and (into.words.is_one("less", said[0]) or into.words.means("direction", said[0])):
            continue  # it says which way is better, and is heard where that is asked
        value = _read(into, concept, said[0])
        if value:
            entry[key] = inline(value)
        else:
            into.issues.append(error("not-in-library", line.place(concept), value=said[0]))
    if line.has("target"):
        _put_target(into, entry, line, item)


def _put_target(into: Import, entry: Any, line: Line, item: Indicator | None) -> None:
    known = item.model_dump(by_alias=True) if item else {}  # what the library's card says of it
    said = {**known, **entry.unwrap(), "weight": 0}
    made = Indicator.model_validate(
        {key: value for key, value in said.items() if key not in {"curve", "indicator", "target"}}
    )
    made = into.library.in_all_languages(made)
    aims = {read_figure(into, record, made, "target")[0] for record in line.records if record.text("target")}
    number = aims.pop() if len(aims) == 1 else None
    if number is not None:  # where it stood, so that no other line of the file moves
        entry["target"] = tomlkit.value(f"{number:f}")
        return
    entry.pop("target", None)
    if targets := line.said("target"):
        values = {"indicator": line.name, "values": targets}
        into.issues.append(hint("target-left-open", line.place("target"), **values))


def _says(into: Import, item: Indicator, concept: str, text: str) -> bool:
    """Whether an indicator says already what a cell says."""
    if concept in {"unit", "source", "standard"}:
        own = getattr(item, concept) or Text()
        return folded(text) in map(folded, own.words)
    curve = item.curve.named or ("capped-ratio" if item.curve == _RATIO else "")
    own = {"direction": item.direction.value, "curve": curve, "goal": item.serves_goal}[concept]
    return into.words.is_one("own_curve", text) or _read(into, concept, text) == own


_RATIO = Indicator.model_fields["curve"].default


def _read(into: Import, concept: str, text: str) -> Any:
    """Return what a cell says as a design has it: of curves and goals the card's name; empty if unknown."""
    if concept == "unit":
        return _plain(into.words.named("units", text) or text)
    if concept in {"curve", "goal"}:
        cards = curve_cards(into.client.workbook) if concept == "curve" else into.library.goals
        otherwise = into.words.means("curve", text) if concept == "curve" else ""
        return next(iter(Known.named(cards).exactly(text)), otherwise)
    return into.words.means("direction", text) if concept == "direction" else text


def _weights(into: Import, rows: Any, lines: list[Line], role: str, *, kept: bool) -> None:
    """Put in the weights of the files; where they have none those of the design stay, or equal ones are agreed to."""
    said = [list(dict.fromkeys(share_of(text) for text in line.said("weight"))) for line in lines]
    at = lines[0].place("weight")
    if names := [line.name for line, each in zip(lines, said, strict=True) if len(each) > 1]:
        title = lines[0].records[0].text("role") or role
        into.issues.append(error("weights-disagree", at, role=title, names=names))
        return
    if odd := [*_no_weights(lines)]:
        into.issues += odd
        return
    weights: list[Decimal | None] = [each[0] if each else None for each in said]
    if None in weights:
        if kept:
            return
        about = tuple(f"{role}: {line.name}" for line in lines)
        if into.ask(at, "weights", ("equal", "stop"), file=at.file, about=about) == "stop":
            into.issues.append(error("weights-missing", at, client=into.client.id))
        weights = [from_centi(weight).normalize() for weight in deal(_FULL, [_FULL] * len(lines), len(lines))]
    for entry, weight in zip(rows, weights, strict=True):
        entry["weight"] = tomlkit.value(f"{weight:f}")


def _no_weights(lines: list[Line]) -> Iterator[Issue]:
    """Find what stands where a weight should, and is no number."""
    for record in (record for line in lines for record in line.records):
        text = record.text("weight")
        if text and share_of(text) is None and not is_not_reported(text):
            yield error("bad-number", record.place("weight"), value=text)


def _drop_others(into: Import, page: Any, named: set[str]) -> None:
    """Ask whether roles that neither the files nor any person has stay in the design."""
    held = set(into.client.people["role"]).union(*(into.roles_named(each.text("role")) for each in roster(into)))
    others = {name: role.name for name, role in into.client.design.roles.items() if name not in named | held}
    if not others or named <= set(into.client.design.roles):
        return
    about = tuple(others)
    if into.ask(into.nowhere, "other-roles", ("drop", "keep"), roles=list(others.values()), about=about) == "drop":
        for name in others:
            del page["roles"][name]
        if kept := [role.name for name, role in into.client.design.roles.items() if name in held - named]:
            into.issues.append(hint("roles-held", into.nowhere, roles=kept))
