"""A roster becomes ``people.csv``: who there is, in which role, whose appraiser is whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.frozen import PEOPLE
from kpi_toolkit.clients.importing import Import, label
from kpi_toolkit.clients.matching import Names, any_day, in_order, is_nobody, new_id, read_as
from kpi_toolkit.clients.scaffold import table_text
from kpi_toolkit.method.issues import error, hint, nearest, warning
from kpi_toolkit.method.tables import ROW_TYPES

_NOBODY, _KEPT = "nobody", ("role", "team", "manager", "joined", "number")


def import_people(into: Import) -> None:
    """Make the rows of ``people.csv``: those of the roster, then whoever was there and does not stand in it."""
    entries = [entry for record in _people(into) if (entry := _person(into, record))]
    names = Names([row for row, _ in entries])
    for row, record in entries:
        _appraiser(into, row, record, names)
    known = {row["id"] for row, _ in entries}
    missing = [dict(row) for row in into.people.people if row["id"] not in known]
    if missing and entries:
        place = into.place(entries[0][1])
        into.issues.append(warning("not-in-roster", place, people=[row["name"] for row in missing]))
    rows = [row for row, _ in entries] + missing
    extra = [
        column for column in into.client.people.columns if column not in {"row", *ROW_TYPES["people"].model_fields}
    ]
    for row, record in entries:
        into.check_row(
            "people", {key: value for key, value in row.items() if key in ROW_TYPES["people"].model_fields}, record
        )
    if not entries and not into.asking.open:
        into.issues.append(error("nothing-found", into.nowhere, table=PEOPLE))
    into.rows = [{key: value for key, value in row.items() if key != "title"} for row, _ in entries]
    into.files[into.client.folder / PEOPLE] = table_text("people", rows, more=extra)


def _people(into: Import) -> Iterator[Record]:
    """Go through the records of people, each once; leavers are named and left out."""
    for record in into.found.records:
        about = {"role", "team", "manager", "joined", "number"} & set(record.cells)
        named = _name(record)
        if "indicator" in record.cells or not named or not about:
            continue
        if into.words.is_one("leavers", record.sheet) or record.text("left"):
            into.issues.append(hint("left-out-leaver", into.place(record), person=named))
        elif into.seen(record) and into.certain(record, ("name", *_KEPT)):
            yield record


def _name(record: Record) -> str:
    given, surname = record.text("given"), record.text("surname")
    glue = " " if given.isascii() or surname.isascii() else ""
    parts = (given, surname) if glue else (surname, given)
    return in_order(record.text("name")) or glue.join(filter(None, parts))


def _person(into: Import, record: Record) -> tuple[dict[str, Any], Record] | None:
    name, number = _name(record), record.text("number")
    role = into.role(record)
    if role is None:
        return None
    same = [one for one in into.people.named(name, number) if one["id"] not in into.named]
    same = into.people.told_apart(same, record, role) if len(same) > 1 else same
    kept = same[0] if len(same) == 1 else {}
    row = {
        **kept,
        "id": kept.get("id") or new_id((number, name), into.named | {one["id"] for one in into.people.people}),
        "name": name,
        "role": role,
        "team": record.text("team") or kept.get("team", ""),
        "number": number or kept.get("number", ""),
        "joined": _joined(into, record) or kept.get("joined", ""),
        "title": record.text("role"),
    }
    into.rows.append(row)
    into.named.add(row["id"])
    for column in ("name", *_KEPT):
        if column in record.cells:
            into.origin(record, "people", column, record.text(column), person=row["id"])
    said = [cell.text for key, cell in record.cells.items() if key in {"note", "role"}]
    if remark := into.words.holds("leave", said):
        into.issues.append(hint("remark-leave", into.place(record, "note"), person=name, remark=remark))
    if remark := into.words.holds("probation", said):
        into.issues.append(hint("remark-probation", into.place(record, "note"), person=name, remark=remark))
    return row, record


def _joined(into: Import, record: Record) -> str:
    text = record.text("joined")
    day = any_day(text)
    if is_nobody(text, into.words):
        return ""
    if day is None and any_day(text, day_first=True) is not None:
        texts = [other.text("joined") for other in into.found.records]
        told = {first for other in texts if (first := read_as(other)) is not None and _two(other)}
        said = next(iter(told)) if len(told) == 1 else None
        if said is None:
            answer = into.ask(
                record,
                f"dates:{record.source.name}",
                "ask.dates",
                ("day-month", "month-day"),
                value=text,
                cell=record.cells["joined"].name,
            )
            said = answer == "day-month"
        day = any_day(text, day_first=said)
    if day is None:
        into.issues.append(error("bad-date", into.place(record, "joined"), value=text))
    return day.isoformat() if day else ""


def _two(text: str) -> bool:
    """Whether day and month of a date are two numbers."""
    parts = [part for part in text.replace("/", " ").replace(".", " ").replace("-", " ").split() if part.isdigit()]
    return len(set(parts[:2])) > 1


def _appraiser(into: Import, row: dict[str, Any], record: Record, names: Names) -> None:
    """Put in who appraises somebody; of two people of one name nobody is guessed."""
    boss = record.text("manager")
    if is_nobody(boss, into.words):
        row["manager"] = ""
        return
    found = [one for one in names.named(boss) if one["id"] != row["id"]]
    if len(found) != 1:
        near = nearest(boss, [str(one["name"]) for one in names.people])
        others = sorted((one for one in names.people if one["id"] != row["id"]), key=lambda one: one["name"] != near)
        options = [str(one["id"]) for one in found] or [_NOBODY, *(str(one["id"]) for one in others)]
        said = into.ask(
            record,
            f"boss:{boss}",
            "ask.boss" if found else "ask.no_boss",
            [*options, _NOBODY],
            person=row["name"],
            boss=boss,
            labels={str(one["id"]): label(one, into.client) for one in names.people},
            cell=record.cells["manager"].name,
        )
        found = [one for one in names.people if one["id"] == said]
    row["manager"] = str(found[0]["id"]) if len(found) == 1 else ""
