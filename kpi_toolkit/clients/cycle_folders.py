"""The cycles in a client's folder, and what lies there and is none: no month is passed over for its name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from kpi_toolkit.clients.months import in_figures, month_of_heading, months_said
from kpi_toolkit.clients.provenance import PROVENANCE
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.clients.tabular import is_like, is_there, may_hold_data, neighbours, table_file
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.cycle import EXAMPLES, KINDS, Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.tables import AFTERWARDS
from kpi_toolkit.method.wording import matches

CYCLE_TABLES = ("goals", "actuals", "adjustments", "calibration", "cascade", "steps", "disputes", "spells")
_TABLES = ("people", *CYCLE_TABLES, *AFTERWARDS)
_OWN = {
    "client": "client.toml", "design": "design.toml", "cycles": "cycles", "scenarios": "scenarios",
    "imports": "imports.toml",
}  # fmt: skip
_KEPT = (
    "client.toml", "design.toml", "curves.toml", "record.jsonl", "results.json", "deliveries", "inbox", "forms",
    "workdays.csv", "amounts.csv", PROVENANCE,
)  # fmt: skip
"""What a cycle's folder holds beside its tables: its own copies, its record, what was delivered, what came in."""
_MOST_INSIDE = 500
_Says = Callable[..., Issue]
"""How grave it is that something is not read: ``error``, ``warning`` or ``hint``."""


def cycles_in(folder: Path) -> tuple[tuple[str, ...], Issues]:
    """Return the cycles in a client's folder, and what else lies there: no month that is not read is passed over."""
    linked = [name for name in ("cycles", "scenarios") if (folder / name).is_symlink()]
    if linked:
        return (), Issues(error("link-refused", Place(name)) for name in linked)
    beside = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    odd = [
        error("bad-cycle", Place(name), cycle=name, nearest="cycles", examples=EXAMPLES)
        for name in beside
        if name != "cycles" and name.casefold() == "cycles"
    ]
    found: list[Cycle] = []
    opened: list[Path] = []
    for path in sorted((folder / "cycles").iterdir()) if (folder / "cycles").is_dir() else ():
        place = Place(f"cycles/{path.name}")
        try:
            cycle = Cycle.parse(path.name)
        except ValueError:
            odd += _no_cycle_by_name(path, place)
            continue
        fault = _no_cycle_inside(path, place, cycle)
        if fault is None:
            found.append(cycle)
        else:
            odd.append(fault)
        if path.is_dir():
            opened.append(path)
    in_order = sorted(found, key=lambda cycle: (cycle.last_day, cycle.months))
    newest = in_order[-1].last_day if in_order else date.min
    odd += _not_read(folder, Place(), ("people",), newest)
    odd += _not_read(folder / "scenarios", Place("scenarios"), (), newest)
    for path in opened:
        odd += _not_read(path, Place(f"cycles/{path.name}"), _TABLES, newest)
    return tuple(cycle.id for cycle in in_order), Issues(odd)


def _no_cycle_by_name(path: Path, place: Place) -> Iterator[Issue]:
    """Say of something among the cycles that its name is none's."""
    make = error if _inside(path) else warning  # it may be the newest month; the one before must not stand in for it
    if make is error or path.is_dir():
        yield make("bad-cycle", place, cycle=path.name, nearest=likely_cycle(path.name), examples=EXAMPLES)


def _no_cycle_inside(path: Path, place: Place, cycle: Cycle) -> Issue | None:
    """Return why what is called as a cycle is none; None where it is one."""
    file = path / "actuals.csv"
    if path.is_symlink():
        return error("link-refused", place)
    if not path.is_dir():
        return error("bad-cycle", place, cycle=path.name, nearest="", examples=EXAMPLES)
    if is_there(file) or _was_held(path):
        return None  # what cannot be read, or is gone since the month was closed, is there all the same
    return warning("cycle-not-begun", Place(f"{place.file}/{file.name}"), cycle=cycle.id)


def _was_held(cycle: Path) -> bool:
    """Say whether figures of a cycle were held fast: losing its table makes it no month that was never begun."""
    kept = (cycle / "results.json", cycle / "deliveries")
    return any(map(os.path.lexists, kept)) or read_record(cycle).state is not State.DRAFT


def _not_read(folder: Path, place: Place, tables: tuple[str, ...], newest: date) -> Iterator[Issue]:
    """Name what lies in a folder and is read by nothing; ``tables`` are those that belong there.

    What could be a table that is missing there, or a month after the newest that is read, stops scoring.
    """
    files = [table_file(folder / f"{name}.csv") for name in tables]
    missing = {*_TABLES} - {file.stem for file in files if os.path.lexists(file)}
    told = {file.name for file in files}.union(*(neighbours(folder / f"{name}.csv") for name in tables))
    told |= {PROVENANCE, "cycles", *_OWN.values()} if place == Place() else {*_KEPT}
    told |= {path.name for path in folder.glob("*.toml")} if place.file == "scenarios" else set()
    names: dict[_Says, list[str]] = {}
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        inside = [] if each.name in told or each.name.casefold() == "cycles" else _inside(each)
        parts = {part for path in inside for part in path.relative_to(folder).parts}
        if says := _says_of(each, parts, missing, newest, at_home=place == Place()):
            names.setdefault(says, []).append(each.name)
    for make, code in ((error, "data-beside"), (warning, "not-read"), (hint, "not-read")):
        if make in names:
            yield make(code, place, names=names[make])


def _says_of(each: Path, parts: set[str], missing: set[str], newest: date, *, at_home: bool) -> _Says | None:
    """Return how it is said that something is read by nothing; None where that is nobody's business.

    ``parts`` are the names of what in it could hold data, ``missing`` the tables that are not there under their name.
    """
    like = _like_ours(parts)
    months = [Cycle.parse(month) for month in map(likely_cycle, parts) if month]
    newer = any(month.last_day > newest for month in months)
    if matches(usual_words().put_away, each.name):
        return warning if newer else None
    if newer or (like & missing and not months):
        return error
    if like or any(months_said(part) and not likely_cycle(part) for part in parts):
        return warning
    if not parts or each.is_dir():  # what else is in a folder of somebody's own is nobody's business
        return None
    return warning if months or not at_home else hint


def _like_ours(parts: Iterable[str]) -> set[str]:
    """Return the tables and files of ours that names are like."""
    return {name for name in (*_TABLES, *_OWN) if any(is_like(part, name) for part in parts)}


def _inside(path: Path) -> list[Path]:
    """Return a file, or what a folder holds at any depth, as far as it could hold data and is looked at."""
    found = islice(path.rglob("*"), _MOST_INSIDE) if path.is_dir() and not path.is_symlink() else [path]
    return [
        each
        for each in found
        if may_hold_data(each.name) and (each.is_symlink() or not each.is_dir())
        and not any(part[0] in "~." for part in each.relative_to(path.parent).parts)
    ]  # fmt: skip


def meant_cycle(text: str, known: Iterable[str]) -> Cycle:
    """Return the cycle that was asked for, by its id or as pages and spreadsheets write it.

    WorkbookError offers the one that was meant, or the nearest known one.

    >>> [meant_cycle(text, ()).id for text in ("2026年10月", "October 2026", "2026/9", "2026年第4季度", "2026年")]
    ['2026-10', '2026-10', '2026-09', '2026-Q4', '2026']
    """
    try:
        return Cycle.parse(written_out(text))
    except ValueError as problem:
        said = tuple(f"-{month:02d}" for year, month in months_said(text) if not year)
        near = likely_cycle(text) or ([each for each in known if each.endswith(said)] or [nearest(text, known)])[-1]
        raise WorkbookError("bad-cycle", cycle=text, nearest=near, examples=EXAMPLES) from problem


def written_out(text: str) -> str:
    """Return the id of a month, quarter or year that is all that a text says; else the text."""
    plain = in_figures(text)
    year, rest = re.search(r"20\d\d", plain), re.sub(r"20\d\d", "", plain, count=1).strip(" -")
    months, beside = month_of_heading(text)
    if year and (part := _part_of_a_year(year[0], rest)):
        return part
    if year and plain == f"{year[0]}年":
        return year[0]
    return f"{months[0][0]}-{months[0][1]:02d}" if len(months) == 1 and months[0][0] and not beside else text


def _part_of_a_year(year: str, said: str) -> str:
    """Return the id of the quarter, say, that people call so; empty for what is none."""
    found = ((kind, re.fullmatch(kind.said, said)) for kind in KINDS.values() if kind.said)
    return next((f"{year}{kind.written.format(*filter(None, at.groups()))}" for kind, at in found if at), "")


def known_cycle(text: str, known: Sequence[str], client: str) -> str:
    """Return the cycle that was asked for; WorkbookError where the client has none such."""
    cycle = meant_cycle(text, known).id
    if cycle not in known:
        raise no_cycle(cycle, known, client)
    return cycle


def no_cycle(cycle: str, known: Iterable[str], client: str) -> WorkbookError:
    """Return the refusal of a cycle that a client does not have."""
    return WorkbookError("no-cycle", cycle=cycle, known=", ".join(known), client=client)


def likely_cycle(name: str) -> str:
    """Return the cycle that a name was meant to be or speaks of, empty where that cannot be told.

    >>> likely_cycle("2026年十月"), likely_cycle("26-10 final"), likely_cycle("2026q4"), likely_cycle("Nov 2026 (1)")
    ('2026-10', '2026-10', '2026-Q4', '2026-11')
    """
    text = in_figures(name)
    parts = "|".join(kind.said for kind in KINDS.values() if kind.said)
    part = re.search(rf"(?<!\d)(20\d\d)\D{{0,2}}?({parts})", text)
    month = next(((year, month) for year, month in months_said(text) if year), None)
    short = re.match(r"(\d\d)\D{0,2}0?(\d{1,2})(?!\d)", text)
    if part:
        likely = _part_of_a_year(part[1], part[2])
    elif month:
        likely = f"{month[0]}-{month[1]:02d}"
    else:
        likely = f"20{short[1]}-{int(short[2]):02d}" if short else ""
    try:
        return Cycle.parse(likely).id
    except ValueError:
        return ""
