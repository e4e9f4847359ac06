"""The month's figures, and the targets beside them, become ``actuals.csv`` and ``goals.csv``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.cell_values import TARGET, number_in, read_figure, share_of, unit_said, without_commas
from kpi_toolkit.clients.days import month_of
from kpi_toolkit.clients.figures import AS_SHOWN, TABLE_OF, Figure, Key, merge_figures, note_of
from kpi_toolkit.clients.heads import VALUES
from kpi_toolkit.clients.importing import SKIP, TAKE, Import
from kpi_toolkit.clients.matching import Items, Person, told_apart
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.checks.places import target_usable
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Place, error, hint, warning
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import is_not_reported
from kpi_toolkit.method.value import LANGUAGES, Text

_PLAIN = frozenset({"part", "whole", "self", "appraiser"})
"""Columns of plain numbers: in per cent, or of what the unit says nothing about."""
_A_MONTH = re.compile(r"\d{4}-\d\d")
_ALL = "all"
_LABELS = ("name", "number", "role", "month", "indicator")
Matched = tuple[Record, Indicator | None]
"""A line and the indicator of somebody's role that it names, if it names one."""


def import_figures(into: Import, cycle: str, columns: Collection[str]) -> None:
    """Make ``goals.csv`` and ``actuals.csv`` of a cycle with those ``columns`` that the files have."""
    found: dict[Key, Figure] = {}
    for figure in _of_the_sheets_meant(into, list(_figures(into, Cycle.parse(cycle), columns))):
        first = found.setdefault(figure.key, figure)
        if (first.value, first.reading) != (figure.value, figure.reading):
            both = [one.record.place(one.column) for one in (first, figure)]
            cells = ["!".join(filter(None, (at.sheet, at.cell))) for at in both]
            into.issues.append(error("two-values", both[1], cells=cells, values=[first.text, figure.text]))
    _decide(into, found)
    if not found:
        into.say_nothing_found("actuals.csv")
    lines = gathered((key[:2], figure) for key, figure in found.items())
    into.rows = [{"person": person, "indicator": item, **{one.column: one.plain for one in own}, **note_of(into, own)}
                 for (person, item), own in lines.items()]  # fmt: skip
    for table in dict.fromkeys(TABLE_OF[figure.column] for figure in found.values()):
        merge_figures(into, into.client.folder / "cycles" / cycle, table, found.values())


def _figures(into: Import, cycle: Cycle, columns: Collection[str]) -> Iterator[Figure]:
    of_the_month = _of_the_month(into, cycle)
    forms = (form for form in forms_of(of_the_month) if _is_somebodys(into, form) and not _is_nobodys(into, form))
    for person, records in (each for form in forms for each in people_of(into, form)):
        matched, left = _lines_of(into, person, records, columns)
        if not matched or _are_all_others(into, person, matched):
            continue
        for record, named in matched:
            item = named or _asked_indicator(into, person["role"], record, left)
            shown = [column for column in columns if column in record.cells]
            if item and into.seen(record) and into.certain(record, shown):
                _compare_weight(into, record, item)
                yield from (_figure(into, record, person["id"], item, column) for column in shown)


def _lines_of(
    into: Import, person: Person, records: list[Record], columns: Collection[str]
) -> tuple[list[Matched], dict[str, Indicator]]:
    """Return the lines that say something and can be somebody's, and which of the role's indicators no line names.

    What is another role's is warned of and left out before anything is asked, so that nobody is asked line by line.
    """
    own = into.items[person["role"]]
    matched = [(record, own.named(record.text("indicator"))) for record in records]
    matched = [(record, item) for record, item in matched if item or _says_something(record, columns)]
    found = {item.id for _, item in matched if item}
    left = {name: item for name, item in own.by_id.items() if name not in found}
    others = [record for record, item in matched if not item and not _may_be_theirs(into, record, person, left)]
    if others:
        values = {"person": into.names[person["id"]], "names": [one.text("indicator") for one in others]}
        at = next(others[0].place(column) for column in columns if column in others[0].cells)
        into.issues.append(warning("not-their-indicator", at, **values))
    return [(record, item) for record, item in matched if record not in others], left


def _are_all_others(into: Import, person: Person, matched: list[Matched]) -> bool:
    """Whether no line is, or is like, an indicator of somebody's role, and none was answered for: that is an error."""
    own, names = into.items[person["role"]], [record.text("indicator") for record, _ in matched]
    answered = any(f"indicator:{person['role']}:{name}" in into.asking.answers for name in names)
    if answered or any(item or own.proposed(record.text("indicator")) for record, item in matched):
        return False
    of = {"role": into.client.design.roles[person["role"]].name, "client": into.client.id}
    into.issues.append(error("other-indicators", matched[0][0].place("indicator"), names=names, **of))
    return True


def _is_somebodys(into: Import, form: list[Record]) -> bool:
    """Whether lines are of a known person, or hold anything but a name: a title between two tables is nobody."""
    beside = any(cell.text or cell.odd for record in form for key, cell in record.cells.items()
                 if key in VALUES and key not in record.shared)  # fmt: skip
    return beside or bool(into.people.named(form[0].text("name") or form[0].sheet, form[0].text("number")))


def _is_nobodys(into: Import, form: list[Record]) -> bool:
    """Whether lines are a design's, and tell that they are: of no person, with a role each or on a sheet for all."""
    first = form[0]
    who = first.text("name") or first.text("number") or into.people.named(first.sheet)
    if who or f"person:{first.sheet}" in into.asking.answers:
        return False
    roles = "role" in first.cells and (first.place("role").row or 0) >= (first.place("indicator").row or 0)
    nobodys = roles or bool(into.roles_named(first.sheet) or into.words.concept(first.sheet))
    if nobodys:
        own = [one.heading for one in into.found.columns if (one.source, one.sheet) == (first.source, first.sheet)]
        at = Place(first.source.name, sheet=first.sheet or None)
        into.issues.append(error("design-for-figures", at, headings=own, client=into.client.id))
    return nobodys


def _says_something(record: Record, columns: Collection[str]) -> bool:
    said = (record.text(column) for column in columns if column not in record.shared)
    return any(text and not is_not_reported(text) for text in said)


def _may_be_theirs(into: Import, record: Record, person: Person, left: Mapping[str, Indicator]) -> bool:
    """Whether a line that is none of somebody's indicators can be one: one is left, and no other role's has its name.

    On a form of their own it is asked about, whatever other roles have.
    """
    name = record.text("indicator")
    if f"indicator:{person['role']}:{name}" in into.asking.answers:
        return True
    on_a_form = (record.place("indicator").row or 0) >= (record.place("name").row or 0)
    return bool(left) and (on_a_form or not any(items.named(name) for items in into.items.values()))


def _of_the_sheets_meant(into: Import, figures: list[Figure]) -> Iterator[Figure]:
    """Go through the figures; where somebody stands on several sheets of a file it is asked which of them count."""
    sheets: dict[tuple[str, str], dict[str, None]] = {}
    for one in figures:
        sheets.setdefault((one.record.source.name, one.person), {})[one.record.sheet] = None
    kept = {one.key: one.record.sheet for one in figures}
    apart = {str(one["id"]) for one in into.people.people if "+" in str(one["role"])}
    apart -= {one.person for one in figures if kept[one.key] != one.record.sheet}
    for one in figures:
        others = list(sheets[one.record.source.name, one.person])
        if len(others) == 1 or one.person in apart:  # each of two roles in the month has a sheet
            yield one
            continue
        at, name = Place(one.record.source.name), f"sheets:{' + '.join(others)}"
        said = into.ask(at, name, (*others, _ALL), person=into.names[one.person], sheets=others)
        if said in {one.record.sheet, _ALL}:
            yield one


def forms_of(records: Iterable[Record]) -> Iterable[list[Record]]:
    """Return the lines of indicators form by form: those that share whose it is and, if only once, where it says so."""
    forms: dict[tuple[Any, ...], list[Record]] = {}
    for record in (each for each in records if "indicator" in each.cells):
        name, line = record.cells.get("name"), record.place("indicator")
        once = name.place.row if name and (name.place.row or 0) < (line.row or 0) else 0
        whose = tuple(map(record.text, ("name", "number", "team")))
        forms.setdefault((record.source.name, record.sheet, whose, once), []).append(record)
    return forms.values()


def _of_the_month(into: Import, cycle: Cycle) -> list[Record]:
    """Return the records of the cycle's month as far as they say one.

    Another month's are left out of a file that has this one's too; of a file without it they are only taken if somebody
    says so.
    """
    said = [(record, month_of(record, cycle)) for record in into.found.records if into.certain(record, _LABELS)]
    months = [  # of another month it does not matter what else it is called
        (record, month if month != cycle.id and _A_MONTH.fullmatch(month) else _no_result(into, record) or month)
        for record, month in said
    ]
    right = {record.source.name for record, month in months if month == cycle.id}
    others: dict[str, set[str]] = {}
    kept = []
    for record, month in months:
        file, values = record.source.name, {"month": month, "cycle": cycle.id, "client": into.client.id}
        if month in {"", cycle.id}:
            kept.append(record)
        elif file in right and (clear := _A_MONTH.fullmatch(month)):
            others.setdefault(file, set()).add(clear[0])
        else:
            asked = f"month:{file}" if _A_MONTH.fullmatch(month) else f"month-unclear:{file}:{month}"
            kept += [record] if into.choose(record.place("month"), f"{asked}:{cycle.id}", (TAKE,), **values) else []
    into.issues += [hint("other-months", Place(file), months=sorted(said)) for file, said in others.items()]
    return kept


def _no_result(into: Import, record: Record) -> str:
    """Return what says that an actual is none: the form, its sheet or its file is called a plan, a draft or void."""
    called = (record.text("month"), record.sheet, *record.grid.around, Path(record.source.name).stem)
    held = "actual" in record.cells and "actual" in into.wanted
    return next(filter(usual_words().no_result, called), "") if held else ""


def people_of(into: Import, records: list[Record]) -> Iterator[tuple[Person, list[Record]]]:
    """Go through the people whose lines these are: by number and name, of one name by role, team, or what is counted.

    Lines of one name may be two people's: each goes to the only one whose role has its indicator; about the others is
    asked, once more from where an indicator stands for the second time.
    """
    first, name = records[0], records[0].text("name") or records[0].sheet
    title = into.roles_named(first.text("role"))
    found = into.people.named(name, first.text("number"))
    found = told_apart(found, role=next(iter(title)) if len(title) == 1 else "", team=first.text("team"))
    parts: dict[str, list[Record]] = {}
    for record in records if len(found) > 1 else ():
        mine = [one["id"] for one in found if into.items[one["role"]].named(record.text("indicator"))]
        parts.setdefault(mine[0] if len(mine) == 1 else "", []).append(record)
    told = [(one, parts[one["id"]]) for one in found if one["id"] in parts]
    if len(told) == 1:  # what could be anybody's stands in the form of the one that it can only be
        told, parts = [(told[0][0], records)], {}
    yield from told
    asked = f"person:{first.sheet or first.source.name}:{name}" if found else f"person:{name}"
    if not found and _is_elsewhere(into, first, asked):
        return
    for number, block in enumerate(_blocks(parts.get("", [] if told else records)), start=1):
        at, name_of_it = block[0].place("name"), asked if number == 1 else f"{asked}:{number}"
        person = into.which(into.people, found, at, name_of_it, name, (SKIP,), name=name)
        if person:
            yield person, block


def _is_elsewhere(into: Import, record: Record, asked: str) -> bool:
    """Whether the client's list of people has somebody whom the month's has not; it is told with the dates there.

    Not of whom it was answered who is meant.
    """
    name = record.text("name") or record.sheet
    found = [] if asked in into.asking.answers else into.elsewhere.named(name, record.text("number"))
    for one in found[:1]:
        dates = {key: one.get(key) or "–" for key in ("joined", "left")}
        into.issues.append(warning("not-in-the-month", record.place("name"), person=name, **dates))
    return bool(found)


def _blocks(records: list[Record]) -> list[list[Record]]:
    """Part lines where an indicator stands for the second time."""
    blocks: list[list[Record]] = []
    for record in records:
        if not blocks or record.text("indicator") in {one.text("indicator") for one in blocks[-1]}:
            blocks.append([])
        blocks[-1].append(record)
    return blocks


def _asked_indicator(into: Import, role: str, record: Record, left: Mapping[str, Indicator]) -> Indicator | None:
    """Return which of those that the other lines ``left`` a line is; None where none is left, or it is none."""
    own, name = into.client.design.roles[role], record.text("indicator")
    at, asked = record.place("indicator"), f"indicator:{role}:{name}"
    items = {item.id: item for item in own.indicators} if asked in into.asking.answers else left
    about = {"labels": {key: item.name for key, item in items.items()}, "proposed": Items(left.values()).proposed(name)}
    return items.get(into.choose(at, asked, items, name=name, role=own.name, **about))


def _compare_weight(into: Import, record: Record, item: Indicator) -> None:
    """Say where the form counts an indicator otherwise than the design."""
    weight, agreed = share_of(record.text("weight")), into.client.design.as_agreed.roles.values()
    ours = {own.weight for role in agreed for own in role.indicators if own.id == item.id}  # of two roles: of either
    if weight is not None and weight not in {item.weight, *(ours if item.weight not in ours else ())}:
        values = {"theirs": weight, "ours": item.weight, "indicator": item.name, "client": into.client.id}
        into.issues.append(warning("weight-differs", record.place("weight"), **values))


def _figure(into: Import, record: Record, person: str, item: Indicator, column: str) -> Figure:
    """Return a figure with its number where it is plain, with a proposal where it is not."""
    text, at = record.text(column), record.place(column)
    made = Figure(record, person, item, column, text)
    if column == "actual" and usual_words().doubts(record.text("note"), text):
        into.issues.append(warning("note-doubts", record.place("note"), note=record.text("note")))
    if not text or is_not_reported(text):
        into.issues += [hint("not-reported", at, value=text)] if text else []
    elif column in _PLAIN:
        made.value = number_in(without_commas(into, record, item, column).rstrip("%％"))
        made.reading = "" if made.value is not None else SKIP
    else:
        made.value, made.reading = read_figure(into, record, item, column)
        if made.value is None and number_in(text) is not None:
            unit = unit_said(into, record, item) or record.text("units")  # it is why nobody can tell
            made.text += f" {unit}" if unit[:1].isdecimal() else unit
    return made


def _decide(into: Import, found: Mapping[Key, Figure]) -> None:
    """Put in what is no plain number: as it was read before, or as is answered for all of a file at once."""
    due = gathered(
        (one.record.source.name, one) for one in found.values() if one.reading and not one.answer(into.asking.answers)
    )
    read = {**into.asking.answers, **dict(chain.from_iterable(_read_together(into, *each) for each in due.items()))}
    told = [(one.unit, {way for way, is_ in one.ways.items() if is_ == one.answer(read)}) for one in found.values()]
    ways = {unit: set.intersection(*of_it) for unit, of_it in gathered(told).items() if unit}
    for figure in sorted(found.values(), key=lambda one: one.column != "target"):  # others may be as much as these
        said = figure.answer(read) if figure.reading else ""
        if said:
            into.asking.asked.add(figure.said)
            if said == SKIP and figure.unit in into.asking.answers:
                values = {"indicator": figure.item.name, "value": figure.text, "name": figure.unit}
                into.issues.append(hint("left-out-as-answered", figure.record.place(figure.column), **values))
            way = next(iter(ways.get(figure.unit, ())), "")  # as all in that unit are read, these are next month
            into.asking.taken |= {figure.unit: way} if way else {figure.said: said}
            target = found.get((figure.person, figure.item.id, "target"))
            aim = target.value if target else figure.item.target
            figure.value = aim if said == TARGET else number_in(said)
        if figure.column == "target" and figure.value is not None:
            into.issues += target_usable(figure.item, figure.value, figure.record.place("target"))


def _read_together(into: Import, file: str, parts: list[Figure]) -> Iterator[tuple[str, str]]:
    """Ask about what is no plain number in a file; the answer takes all as proposed, none, or says each."""
    shown = Text.each(lambda lang: "; ".join(dict.fromkeys(f"{one.label(lang)}={one.reading}" for one in parts)))
    places, name = [one.record.place(one.column) for one in parts], f"figures:{file}"
    cells = [*dict.fromkeys(at.cell for at in places)]
    called = {reply: into.words.named("replies", reply) or Text.of(reply) for reply in (SKIP, TARGET)}
    read = Text.each(
        lambda lang: "; ".join(
            f"{into.names[one.person].pick(lang)}, {one.label(lang)} → "
            f"{called[one.reading].pick(lang) if one.reading in called else one.reading}"
            for one in parts
        )
    )
    about: dict[str, Any] = {"n": len(cells), "parts": shown, "read": read, "cells": cells, "free": True}
    said = into.ask(places[0], name, (AS_SHOWN, SKIP), proposed=AS_SHOWN, **about)
    into.asking.taken.pop(name, None)  # what is remembered is the reading of each, not of a file
    if said is None:
        return
    pairs = (part.rpartition("=") for part in re.split("[;；]", said))
    each = {text.strip(): number.strip() for text, _, number in pairs}
    for one in parts:
        told = next((each[name] for name in (one.text, *map(one.label, LANGUAGES)) if name in each), "")
        meant = {AS_SHOWN: one.reading, SKIP: SKIP}.get(said, told)
        if meant not in {SKIP, TARGET} and number_in(meant) is None:
            raise WorkbookError("bad-reply", id=name, value=said, known=shown, nearest="")
        yield one.said, meant
