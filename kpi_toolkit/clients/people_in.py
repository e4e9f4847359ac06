"""A roster becomes ``people.csv``: who there is, in which role, whose appraiser is whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.days import SERIAL, dates_of
from kpi_toolkit.clients.figures_in import forms_of
from kpi_toolkit.clients.frozen import PEOPLE
from kpi_toolkit.clients.importing import SKIP, Import
from kpi_toolkit.clients.matching import Names, in_order, new_id, told_apart
from kpi_toolkit.clients.tables_out import own_columns, table_text
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import error, hint, warning

_PADDED = re.compile(r"([\u3400-\u9fff\U00020000-\U0003ffff]\s*){2,3}")
"""A Chinese name of two or three characters, be it spread over the width of its cell."""
_NOBODY, _OUTSIDE, _KEPT = "nobody", "outside", ("role", "team", "manager", "joined", "number")


def import_people(into: Import, _: str = "") -> None:
    """Make the rows of ``people.csv``: those of the roster, then whoever was there and does not stand in it."""
    gone: dict[str, str] = {}
    beside: set[str] = set()
    """Who stands on the roster and is not appraised."""
    entries = _entries(into, gone, beside)
    told = {*entries, *gone}
    rest = [one for one in into.people.people if one["id"] not in told]  # a list of newcomers, say
    names = Names([*(row for row, _ in entries.values()), *rest])
    under = gathered((record.text("manager"), record.text("name")) for _, record in entries.values())
    for row, record in entries.values():
        _appraiser(into, row, record, names, under, beside)
        if row["role"]:
            into.check_row("people", row, record)
    _tell_of_heads(into, entries)
    into.rows = [row for row, _ in entries.values()]
    missing = [row | ({"left": gone[row["id"]]} if gone.get(row["id"]) else {})
               for row in map(dict, into.people.people) if row["id"] not in entries]  # fmt: skip
    if unnamed := [row["name"] for row in missing if row["id"] not in gone]:
        into.issues += [warning("not-in-roster", into.nowhere, people=unnamed)] if entries else []
    if not entries:
        into.say_nothing_found(PEOPLE)
    extra = own_columns("people", into.client.people)
    into.files[into.client.folder / PEOPLE] = table_text("people", [*into.rows, *missing], more=extra)


def _entries(into: Import, gone: dict[str, str], beside: set[str]) -> dict[str, tuple[dict[str, Any], Record]]:
    """Return by ids the rows of those on the roster, with their lines.

    Who is ``gone``, and who stands ``beside`` the others and is not appraised, is put there.
    """
    entries: dict[str, tuple[dict[str, Any], Record]] = {}
    taken = set(into.client.people["id"])
    order = _order(record.text("joined") for record in into.found.records)
    lines = Counter(skeleton(_name(record)) for record in _lines(into))
    namesakes: dict[str, list[Record]] = {}
    for record in _people(into, gone, order):
        role = into.role(record)
        if role == SKIP:
            beside.add(skeleton(record.text("name")))
        elif not _stands_twice(into, record, namesakes.setdefault(skeleton(record.text("name")), [])):
            shared = lines[skeleton(record.text("name"))] > 1
            row = _person(into, record, role or "", entries, taken, order, shared=shared)
            namesakes[skeleton(row["name"])].append(record)
            entries[row["id"]] = row, record
            taken.add(row["id"])
    return entries


def _stands_twice(into: Import, record: Record, namesakes: Iterable[Record]) -> bool:
    """Whether a line is once more somebody of whom a line was taken; asked where nothing tells two of a name apart."""
    name, number = record.text("name"), record.text("number")
    for other in namesakes:
        numbers = {number, other.text("number")} - {""}
        if len(numbers) < 2 and all(other.text(key) == record.text(key) for key in ("role", "team")):  # noqa: PLR2004
            cells = [each.place("name").cell or str(each.place("name").row) for each in (other, record)]
            return into.ask(record.place("name"), f"twins:{name}", ("two", "one"), name=name, cells=cells) == "one"
    return False


def _people(into: Import, gone: dict[str, str], order: str) -> Iterator[Record]:
    """Go through the records of people, each once, with whole names; leavers are named and left out.

    Who of the client's people has left goes into ``gone``, by id, with the day where one is given.
    """
    for record in _lines(into):
        named = _name(record)
        if not set(_KEPT) & set(record.cells):
            continue
        if not named:  # a formula that nobody has worked out is no blank cell
            into.certain(record, ("name", "surname", "given"))
        elif record.text("left") or any(
            into.words.is_one("leavers", each) for each in (record.sheet, record.text("status"), record.text("note"))
        ):
            known = [one["id"] for one in into.people.named(named, record.text("number"))]
            day = _day(into, record, "left", order) if len(known) == 1 and dates_of(record.text("left")) else ""
            gone.update(dict.fromkeys(known, day) if len(known) == 1 else {})
            code, values = ("leaves-on", {"day": day}) if day else ("left-out-leaver", {})
            into.issues.append(hint(code, record.place(), person=named, **values))
        elif into.seen(record) and into.certain(record, ("name", *_KEPT)):
            at = next(record.cells[key] for key in ("name", "surname", "given") if key in record.cells)
            yield replace(record, cells={"name": replace(at, text=named), **record.without("name").cells})


def _lines(into: Import) -> Iterable[Record]:
    """Return the lines of people; where there are none, one for each person whose form of indicators is there."""
    roster = [record for record in into.found.records if "indicator" not in record.cells]
    forms = (form[0] for form in forms_of(into.found.records)) if not roster else ()
    return roster or {tuple(map(record.text, ("name", *_KEPT))): record for record in forms}.values()


def _name(record: Record) -> str:
    given, surname = record.text("given"), record.text("surname")
    western = given.isascii() or surname.isascii()
    name = in_order(record.text("name")) or (f"{given} {surname}".strip() if western else surname + given)
    return "".join(name.split()) if _PADDED.fullmatch(name) else name


def _person(
    into: Import, record: Record, role: str, named: Collection[str], taken: Collection[str], order: str, *, shared: bool
) -> dict[str, Any]:
    """Return a row of people; whoever was there before keeps the id and what the roster does not say."""
    name, number = record.text("name"), record.text("number")
    same = [one for one in into.people.named(name, number) if one["id"] not in named]
    said = {"team": record.text("team"), "number": number, "joined": _day(into, record, "joined", order)}
    if shared and not any(number and one.get("number") == number for one in same):
        same = [one for one in same if one["role"] == role]  # else one of them would take the other's id
    same = told_apart(same, role=role, team=said["team"], joined=said["joined"])
    kept = next(iter(same), {})  # whom nothing tells apart stand in the order of before
    known = {"id": kept.get("id") or new_id((number, name), taken), "name": name, "role": role}
    row = {**kept, **known, **{key: text or kept.get(key, "") for key, text in said.items()}}
    for column in (key for key in ("name", *_KEPT) if key in record.cells):
        into.origin(record, "people", column, record.text(column), person=row["id"])
    remarks, at = (record.text("note"), record.text("role")), record.place("note")
    for kind, code in (("leave", "remark-leave"), ("probation", "remark-probation")):
        if remark := into.words.holds(kind, remarks):
            into.issues.append(hint(code, at, remark=remark, person=name))
    return row


def _order(texts: Iterable[str]) -> str:
    """Return the order of day and month that all dates have which can be read in one only; empty where none tells."""
    sure = {next(iter(days)) for text in texts if len(days := dates_of(text)) == 1}
    return sure.pop() if len(sure) == 1 else ""


def _day(into: Import, record: Record, column: str, order: str) -> str:
    text = record.text(column)
    days = dates_of(text)
    if not text or into.words.is_one("nobody", text):
        return ""
    if len(set(days.values())) > 1:
        said = order or into.ask(record.place(column), f"dates:{record.source.name}", days, value=text)
        return days[said].isoformat() if said else ""
    if not days:
        into.issues.append(error("bad-date", record.place(column), value=text))
    day = next((day.isoformat() for day in days.values()), "")
    if day and SERIAL.fullmatch(text):
        into.issues.append(hint("read-as-date", record.place(column), value=text, day=day))
    return day


def _tell_of_heads(into: Import, entries: Mapping[str, tuple[dict[str, Any], Record]]) -> None:
    """Say of whoever is new, has others below and nobody above how it is answered that they are not appraised."""
    known, above = {one["id"] for one in into.people.people}, {row["manager"] for row, _ in entries.values()}
    heads = [record for own, (row, record) in entries.items() if row["role"] and own in above - known
             and (not (boss := record.text("manager")) or into.words.is_one("nobody", boss))]  # fmt: skip
    into.issues += [
        hint("head-is-appraised", record.place("role"), person=record.text("name"), title=record.text("role"))
        for record in heads if f"role:{record.text('role')}" not in into.asking.answers
    ]  # fmt: skip


def _appraiser(
    into: Import, row: dict[str, Any], record: Record, names: Names, under: dict[str, list[str]],
    beside: Collection[str],
) -> None:  # fmt: skip
    """Put in who appraises somebody; of two people of one name nobody is guessed, and each may have another.

    Whoever appraises others and is not appraised is in no table, and stays as written: it is said of whom.
    """
    boss, was, row["manager"] = record.text("manager"), row.get("manager", ""), ""
    if boss and not into.words.is_one("nobody", boss):
        found = [one for one in names.named(boss) if one["id"] != row["id"]]
        at = record.place("manager")
        own, all_alike = f"boss:{row['name']}:{boss}", f"boss:{boss}"
        asked = own if own in into.asking.answers else all_alike
        into.asking.asked.add(all_alike)
        if not found and was and skeleton(was) == skeleton(in_order(boss)):  # as it was decided before
            row["manager"] = was
            return
        if not found and asked not in into.asking.answers and skeleton(in_order(boss)) in beside:
            told = hint("superior-not-appraised", into.nowhere, boss=boss, people=under[boss])
            into.issues += [] if told in into.issues else [told]
            row["manager"] = in_order(boss)
            return
        others = (_NOBODY,) if found else (_OUTSIDE, _NOBODY)
        meant = into.which(names, found, at, asked, boss, others, people=under[boss], boss=boss)
        outside = into.asking.taken.get(asked) == _OUTSIDE
        row["manager"] = meant["id"] if meant else in_order(boss) if outside else ""
