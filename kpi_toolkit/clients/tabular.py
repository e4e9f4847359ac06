"""Tables that people hand over, as CSV or Excel: found by their names, read by their headers, every problem placed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_toolkit.clients.days import in_the_cycle
from kpi_toolkit.clients.headings import (
    FORMULA_ERROR,
    Lines,
    Wanted,
    folded,
    may_be_a_name,
    meant,
    names_nobody,
)
from kpi_toolkit.clients.personal import personal_data
from kpi_toolkit.clients.reading import MAX_ROWS, decode, issue_of, kind_problem, read_bytes
from kpi_toolkit.clients.separated import MAX_LINES, remark_in, split
from kpi_toolkit.clients.storage import TEMPORARY
from kpi_toolkit.clients.tables_out import unguarded
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import is_not_reported
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import Table
from kpi_toolkit.method.value import Value

MAX_PEOPLE = 10_000
"""Ours: a client of so many people is scored in some seconds; larger ones are several clients."""


def read_table(path: Path, table: str, name: str, roster: Roster | None = None) -> tuple[Table, Issues]:
    """Return a table of a client's folder (empty where it could not be read) and every problem in the file.

    What goes by a name in it stands by its id where there is a ``roster`` to know it.

    Where there is no ``.csv``, an Excel workbook of the same name is read; where there are both, neither is believed.
    Rows that hold a problem are left out of the table and named, so later checks do not report them twice.
    """
    file = table_file(path)
    place = Place(name.removesuffix(path.suffix) + file.suffix)
    data, issues = _the_file(path, file, place)
    if data is None:
        return _frame([], table), issues
    cycle = path.parent.name if path.parent.parent.name == "cycles" else ""
    frame, found = (
        _remembered(data, place, table, cycle) if len(data) < _SMALL else _read(data, place, table, cycle, roster)
    )
    return roster.in_own_ids(table, frame) if roster else frame, issues + found


def rows_as_written(frame: Table, issues: Issues) -> list[dict[str, Any]]:
    """Return the rows of a table as they are to be written again: what says that nothing was reported still says so."""
    rows = frame.records()
    by_number = {row["row"]: row for row in rows}
    for issue in issues:
        if issue.code == "not-reported" and issue.place.column and (row := by_number.get(issue.place.row)):
            row[issue.place.column] = issue.values["value"]
    return rows


def read_people(path: Path, name: str, design: Design) -> tuple[Table, Issues]:
    """Return a table of people by the ids of a design's roles and of each other, as :func:`read_table` does."""
    people, issues = read_table(path, "people", name)
    return Roster(design, people).in_own_ids("people", people), issues


def table_in(text: str, table: str, name: str) -> tuple[Table, Issues]:
    """Return what a table says that is not written yet, and every problem in it."""
    return _remembered(text.encode(), Place(name), table)


_SMALL = 20_000
"""Bytes of a table that is remembered: a month's are read for itself, for the months after it and for every page."""


def _frame(records: list[dict[str, Any]], table: str, extra: Iterable[str] = ()) -> Table:
    columns = ["row", *ROW_TYPES[table].model_fields, *dict.fromkeys(extra)]
    return Table.of(columns, (map(record.get, columns) for record in records))


def _read(data: bytes, place: Place, table: str, cycle: str = "", roster: Roster | None = None) -> tuple[Table, Issues]:
    row_type = ROW_TYPES[table]
    at, header, rows, issues = _header_and_rows(data, place, table)
    if whole := [*_no_such_table(header, rows, table, at, roster)]:
        header, rows, issues = [], [], Issues(whole)
    faults = _header_issues(header, rows, table, at)
    sound = not any(issue.code in _HEADER_FAULTS for issue in faults)
    if not sound:
        issues = _of_the_header(issues, at)
    again = _second_header(header, rows) if sound else None
    if again is not None:
        rows = [row for row in rows if row[0] < again]
        issues = Issues(issue for issue in issues if (issue.place.row or 0) < again)
        faults += [error("second-header", at.at(again), row=again)]
    records: list[dict[str, Any]] = []
    found: list[Issue] = [*issues, *faults]
    for number, cells in rows if sound else ():
        dated, told = in_the_cycle(dict(zip(header, cells, strict=True)), table, cycle, at.at(number))
        record, more = _row(dated, row_type, at.at(number))
        found += [*told, *more]
        if record is not None:
            records.append(record)
    extra = [column for column in header if column not in {"", "row", *row_type.model_fields}]
    merged = any(issue.code == "merged-cells" for issue in found)  # what it covers is no blank that somebody left
    return _frame(records, table, extra), Issues(i for i in found if not (merged and i.code == "blank-cell"))


def _of_the_header(issues: Issues, at: Place) -> Issues:
    """Return the findings without what is wrong below a header that is not understood: it follows from that."""
    kept = (i for i in issues if i.code not in _BELOW_HEADER or (i.code, i.place.row) == ("merged-cells", at.row))
    return Issues(kept)


_remembered = lru_cache(maxsize=256)(_read)


def _no_such_table(header: list[str], rows: Lines, table: str, at: Place, roster: Roster | None) -> Iterator[Issue]:
    """Find why no row of a table is worth reading: there are too many, or the first many name hardly anybody."""
    limit = MAX_PEOPLE if table == "people" else MAX_LINES
    if len(rows) > limit:
        yield error("too-many-rows", Place(at.file), rows=len(rows), limit=limit)
    elif roster and roster.roles and len(rows) >= _MANY_ROWS and header.count("person") == 1:
        column = header.index("person")
        ours = sum(bool(roster.going_by(cells[column].strip())) for _, cells in rows[:_MANY_ROWS])
        if ours * _HARDLY < _MANY_ROWS:
            yield error("of-another-client", at, n=_MANY_ROWS, ours=ours, called=rows[0][1][column][:_HARDLY])


_MANY_ROWS, _HARDLY = 1000, 50
"""Ours: where fewer than one in so many of so many rows names one of the people, the file is somebody else's."""


_WORKBOOKS = (".xlsx", ".xlsm")
_HEADER_FAULTS = {"missing-column", "column-called-otherwise", "duplicate-column", "nameless-column", "which-column"}
_BELOW_HEADER = {
    "ragged-row", "value-beside-table", "formula-without-value", "merged-cells", "hidden-rows", "filtered-rows",
    "hidden-columns",
}  # fmt: skip
_LOCKS = ("~$", ".~lock", ".")
"""How the names of files begin that a program keeps beside an open one."""


def table_file(path: Path) -> Path:
    """Return the file that holds a table: the ``.csv``, or the Excel workbook where only that is there."""
    if os.path.lexists(path):
        return path
    found = (path.with_suffix(ending) for ending in _WORKBOOKS)
    return next((file for file in found if os.path.lexists(file)), path)


def is_there(path: Path) -> bool:
    """Whether there is a table, or a file that was probably meant to be it."""
    return os.path.lexists(table_file(path)) or bool(neighbours(path))


def neighbours(path: Path) -> list[str]:
    """Return the names in a table's folder that were probably meant to be it: ``People.csv``, ``people.xls``.

    A file that is read, and what Excel keeps beside an open one, are none.
    """
    own = {path.name, *(path.with_suffix(ending).name for ending in _WORKBOOKS)}
    names = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    return sorted(name for name in names if name not in own and _is_meant(name, path.stem))


@lru_cache(maxsize=4096)
def _is_meant(name: str, stem: str) -> bool:
    return not name.startswith(_LOCKS) and may_hold_data(name) and "." in name and is_like(name, stem)


@lru_cache(maxsize=4096)
def is_like(name: str, stem: str) -> bool:
    """Whether a file's name is a table's: in capitals, with a number or words beside it, or with one letter off."""
    plain = name.partition(".")[0].casefold()
    slips = SequenceMatcher(None, plain, stem).ratio() >= _ALIKE
    return slips or re.search(rf"(?<![a-z]){stem}(?![a-z])", plain) is not None


def may_hold_data(name: str) -> bool:
    """Whether a file of this name could be a table; notes, pictures, copies of editors and half-written files are none.

    A text file is a note unless its name has a number in it or is like a table's.
    """
    plain = name.lower()
    if plain.endswith((*_NOTES, TEMPORARY)) or plain.startswith("#") or plain in _BARE:
        return False
    like = any(is_like(name, stem) for stem in (*ROW_TYPES, "client", "design"))
    return like or not plain.endswith(".txt") or re.search(r"\d", plain) is not None


_NOTES = (
    ".md", ".rtf", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".html", ".htm", ".eml", ".msg", ".ics", ".url", ".lnk",
    ".ini", ".db", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".heic", ".bmp", ".mp3", ".m4a", ".mp4", ".mov",
    "~", ".bak", ".orig",
)  # fmt: skip
_BARE = {"license", "makefile", "readme", "icon\r"}
_ALIKE = 0.85


def said_of_sheets(file: Path) -> tuple[list[str], tuple[str, ...]]:
    """Return the names of a workbook's visible sheets with what their pages say around them, and its titles."""
    if file.suffix not in _WORKBOOKS or not file.is_file():
        return [], ()
    from kpi_toolkit.clients.sheet_parts import said_around, sheet_parts, titles_of

    with suppress(Exception), ZipFile(file) as archive:  # what is wrong with it has been found where it was read
        shown = [part for part in sheet_parts(archive) if part.state == "visible"]
        around = [said for part in shown for said in said_around(archive, part)]
        return [part.name for part in shown] + around, titles_of(archive)
    return [], ()


def _header_and_rows(data: bytes, place: Place, table: str) -> tuple[Place, list[str], Lines, Issues]:
    """Return where a table's header stands, the header, the rows below it, and what is wrong with the file."""
    wanted = Wanted(ROW_TYPES[table].model_fields, _needed(ROW_TYPES[table]), table)
    if place.file.endswith(_WORKBOOKS):
        from kpi_toolkit.clients.sheets import read_workbook

        return read_workbook(data, place.file, wanted, max_rows=MAX_ROWS)
    text, issues = decode(data, place.file)
    if text is None:
        return place, [], [], issues
    place, header, rows, found = split(text, place.file, wanted)
    return place, header, rows, issues + found


def _the_file(path: Path, file: Path, place: Place) -> tuple[bytes | None, Issues]:
    """Return the bytes of the one file that is a table, or why there is no such."""
    beside = [each.name for each in (path, *map(path.with_suffix, _WORKBOOKS)) if os.path.lexists(each)]
    if len(beside) > 1:
        return None, Issues([error("two-files", place, other=beside[1])])
    alike = neighbours(path)
    if alike and not beside:
        return None, Issues([error("file-called-otherwise", place, names=alike)])
    data, issues = read_bytes(file, place.file)
    issues += [warning("copy-beside", place, names=alike)] if alike else []
    other = kind_problem(data, place, workbook=True) if data is not None and file.suffix in _WORKBOOKS else None
    return (None, Issues([other])) if other else (data, issues)


_PARTS = re.compile(r"\s+|(?=[合总小共]计|平均)")
"""What parts a word for a sum from the name of whose it is."""
_BLANK = {"string_too_short", "too_short", "string_pattern_mismatch", "bad-number", "missing"}


@lru_cache
def _needed(row_type: type[Value]) -> tuple[str, ...]:
    return tuple(field for field, info in row_type.model_fields.items() if info.is_required())


@lru_cache
def _figures(row_type: type[Value]) -> tuple[str, ...]:
    return getattr(row_type, "figures", ())


def _header_issues(header: list[str], rows: Lines, table: str, at: Place) -> Issues:
    fields = ROW_TYPES[table].model_fields
    figures = _figures(ROW_TYPES[table])
    required = {*_needed(ROW_TYPES[table])}
    needed = [field for field in fields if field in {*required, *figures} and field not in header] if header else []
    otherwise: dict[str, list[str]] = {}
    found: list[Issue] = [*_nameless(header, rows, at)]
    for column in dict.fromkeys(filter(None, header)):
        if header.count(column) > 1:
            found.append(error("duplicate-column", replace(at, column=column)))
        elif column not in fields:
            near = meant(column, table) or nearest(column, (field for field in fields if field not in header))
            if near in needed:  # a column that scores come from must not be missed for its name
                otherwise.setdefault(near, []).append(column)
            else:
                texts = [cells[header.index(column)] for _, cells in rows]
                found.append(_of_their_own(texts, replace(at, column=column), "" if near in header else near))
    for field in needed:
        place = replace(at, column=field)
        if called := otherwise.get(field):
            found.append(_called_otherwise(called, place))
        elif field in required:
            found.append(error("missing-column", place, header=list(filter(None, header))))
    if header and len(figures) > 1 and not {*figures} & {*header, *otherwise}:
        found.append(error("missing-column", replace(at, column=figures[0]), header=list(filter(None, header))))
    return Issues(found)


def _nameless(header: list[str], rows: Lines, at: Place) -> Iterator[Issue]:
    """Find columns that say something and have no name; a blank one keeps nothing from anybody."""
    for number, column in enumerate(header):
        if not column and any(cells[number].strip() for _, cells in rows):
            yield error("nameless-column", at, number=number + 1)


def _of_their_own(texts: Iterable[str], at: Place, near: str) -> Issue:
    """Return what is said of a column that is none of ours: what it may be meant as, or that it holds private data."""
    if private := personal_data(texts):
        return warning("personal-data", at, kind=private[0], count=private[1])
    return warning("unknown-column", at, nearest=near)


def _called_otherwise(called: list[str], at: Place) -> Issue:
    """Return that a column has another name, or which of several is to be it."""
    if len(called) > 1:
        return error("which-column", at, called=called)
    return error("column-called-otherwise", at, called=called[0])


def _row(cells: dict[str, str], row_type: type[Value], place: Place) -> tuple[dict[str, Any] | None, Issues]:
    # One piece: of what is wrong with a row only the first is told, so that the order is what it says.
    fields = row_type.model_fields
    known = {column: unguarded(cell.strip()) for column, cell in cells.items() if column in fields}
    told: list[Issue] = []
    for column in _figures(row_type):
        if is_not_reported(known.get(column, "")):
            told.append(hint("not-reported", replace(place, column=column), value=known[column]))
            known[column] = ""
    # what makes a line none is all that is told of it: its cells were never meant as a row's
    first = next((cell for cell in cells.values() if cell.strip()), "")
    lacking = any(not known.get(name) for name in _needed(row_type))  # else it may be somebody's name
    parts = _PARTS.split(first.strip()) if lacking else [first.strip()]
    if any(meant(part.strip().rstrip(":："), "total") for part in parts):
        return None, Issues([error("total-row", place, value=first.strip())])
    if remark := remark_in([*cells.values()], place):
        return None, Issues([remark])
    errors = ((column, cell) for column, cell in known.items() if FORMULA_ERROR.fullmatch(cell))
    broken = Issues(error("formula-error", replace(place, column=column), value=cell) for column, cell in errors)
    if broken:
        return None, broken
    try:
        row = row_type.model_validate(known)
    except ValidationError as problem:
        return None, Issues(_cell_issue(place, known, detail) for detail in problem.errors())
    if may_be_a_name(known.get("name", "")):
        told.append(warning("name-or-nothing", replace(place, column="name"), value=known["name"]))
    elif "name" in known and names_nobody(known["name"]):
        return None, Issues([error("names-nobody", replace(place, column="name"), value=known["name"])])
    extra = {column: cell for column, cell in cells.items() if column not in known and column not in {"", "row"}}
    return {"row": place.row, **vars(row), **extra}, Issues(told)


def cell_issues(row_type: type[Value], cells: dict[str, str], place: Place) -> Issues:
    """Return what a table would not take of a row."""
    return _row(cells, row_type, place)[1].errors


def _second_header(header: list[str], rows: Lines) -> int | None:
    """Return the row in which the header stands once more, or another table's like it; None where there is none."""
    for number, cells in rows:
        pairs = zip(map(folded, cells), map(folded, header), strict=False)
        if sum(one == other != "" for one, other in pairs) > 1:
            return number
    return None


def _cell_issue(place: Place, cells: dict[str, str], detail: ErrorDetails) -> Issue:
    column = str(detail["loc"][0]) if detail["loc"] else None
    value = cells.get(column or "", "")
    at = replace(place, column=column)
    blank = detail["type"].startswith("date_") or detail["type"] in _BLANK
    none = "blank-role" if column == "role" else "blank-cell"  # whoever is not appraised is no row of people
    return error(none, at) if blank and not value else issue_of(detail, at, value)
