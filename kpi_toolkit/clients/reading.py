"""Strict reading of what people hand over: every problem of a file at once, each with its place and its value.

Nothing is guessed: numbers, dates and ids are read one way or refused, and a file is decoded by a fixed order.
"""

from __future__ import annotations

import csv
import io
import os
import re
import reprlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_toolkit.clients.headings import WITHIN, Lines, find_header, folded, meant, runs
from kpi_toolkit.clients.storage import TEMPORARY
from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, hint, nearest, warning
from kpi_toolkit.method.numbers import is_not_reported
from kpi_toolkit.method.tables import ROW_TYPES
from kpi_toolkit.method.value import CONTROL, Text, Value, Word

V = TypeVar("V", bound=Value)

MAX_BYTES = 25_000_000
_MOST_PROBLEMS = 100
MAX_ROWS = 20_000
_KINDS = (
    (b"PK\x03\x04", Word("kind.zip")),
    (b"%PDF", Word("kind.pdf")),
    (b"\x89PNG", Word("kind.picture")),
    (b"\xff\xd8\xff", Word("kind.picture")),
    (b"<!DOCTYPE", Word("kind.html")),
    (b"<html", Word("kind.html")),
    (b"\xef\xbb\xbf<html", Word("kind.html")),
    (b"<?xml", Word("kind.xml")),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_NAMES_SHOWN = 3


def read_bytes(path: Path, name: str) -> tuple[bytes | None, Issues]:
    """Return the bytes of a client's file, or what keeps it from being read. Links are not followed."""
    place = Place(name)
    try:
        if path.is_symlink():
            return None, Issues([error("link-refused", place)])
        if not path.is_file():
            return None, Issues([error("file-missing", place)])
        if path.stat().st_size > MAX_BYTES:
            return None, Issues([error("too-large", place, size=path.stat().st_size, limit=MAX_BYTES)])
        return path.read_bytes(), Issues()
    except OSError as problem:
        return None, Issues([error("unreadable", place, detail=problem.strerror or str(problem))])


def _kind_problem(data: bytes, place: Place) -> Issue | None:
    """Return what a file is when its first bytes say that it is no such table; None where they do not."""
    if data.startswith(_OLD_OFFICE):  # an old workbook, or a new one inside an envelope that its password locks
        locked = "EncryptedPackage".encode("utf-16-le") in data
        return error("password-protected" if locked else "old-workbook", place)
    kind = next((kind for magic, kind in _KINDS if data[: len(magic)].lower() == magic.lower()), None)
    return error("wrong-kind", place, kind=kind) if kind else None


def decode(data: bytes, name: str) -> tuple[str | None, Issues]:
    """Return the text of a file: by its byte-order mark, else as UTF-8, else as GB 18030, in this order.

    GB 18030 is what Excel writes on a Chinese Windows. It reads almost any bytes, so it is believed only where the text
    holds no control characters.
    """
    place = Place(name)
    other = _kind_problem(data, place)
    if other is not None:
        return None, Issues([other])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        damaged = CONTROL.search(text)
        if damaged:
            return None, Issues([error("control-character", Place(name, text.count("\n", 0, damaged.start()) + 1))])
        seen = list(dict.fromkeys(re.findall(r"[^\x00-\x7f，。、；：（）“”]{2,}", text)))[:_NAMES_SHOWN]
        assumed = [warning("assumed-encoding", place, seen=seen or "–")] if encoding == "gb18030" else []
        return text, Issues(assumed)
    return None, Issues([error("unknown-encoding", place)])


def read_toml(path: Path, model: type[V], name: str, **known: Mapping[str, Any]) -> tuple[V | None, Issues]:
    """Return the value that a TOML file declares, or every problem in it.

    ``known`` is what it may call by name: ``curves``, ``indicators``.
    """
    data, issues = read_bytes(path, name)
    if data is None:
        return None, issues
    return parse_toml(data, model, name, **known)


def parse_toml(data: bytes, model: type[V], name: str, **known: Mapping[str, Any]) -> tuple[V | None, Issues]:
    """Return the value that the bytes of a TOML file declare, or every problem in them."""
    content, issues = load_toml(data, name)
    if content is None:
        return None, issues
    try:
        return model.model_validate(content, context=known), Issues()
    except ValidationError as problem:
        found = problem.errors()
        inside = {detail["loc"][:depth] for detail in found for depth in range(len(detail["loc"]))}
        told = [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in inside]
        first = Issues(_config_issue(name, model, content, detail) for detail in told[:_MOST_PROBLEMS])
        return None, first + ([error("more-problems", Place(name), count=n)] if (n := len(told) - len(first)) else [])


def read_table(path: Path, table: str, name: str) -> tuple[pd.DataFrame, Issues]:
    """Return a table of a client's folder (empty where it could not be read) and every problem in the file.

    Where there is no ``.csv``, an Excel workbook of the same name is read; where there are both, neither is believed.
    Rows that hold a problem are left out of the table and named, so later checks do not report them twice.
    """
    row_type = ROW_TYPES[table]
    columns = ["row", *row_type.model_fields]
    at, header, rows, issues = _header_and_rows(path, row_type, name)
    if len(rows) > MAX_ROWS:
        header, rows, issues = [], [], Issues([error("too-many-rows", Place(at.file), rows=len(rows), limit=MAX_ROWS)])
    issues += _header_issues(header, rows, table, at)
    records: list[dict[str, Any]] = []
    if header and not any(issue.code in _HEADER_FAULTS for issue in issues):
        for number, cells in rows:
            record, more = _row(dict(zip(header, cells, strict=True)), row_type, at.at(number))
            issues += more
            if record is not None:
                records.append(record)
    extra = [column for column in header if column not in {"", "row", *row_type.model_fields}]
    return pd.DataFrame(records, columns=[*columns, *dict.fromkeys(extra)], dtype=object), issues


_WORKBOOKS = (".xlsx", ".xlsm")
_HEADER_FAULTS = {"missing-column", "column-called-otherwise", "duplicate-column", "nameless-column"}
_LOCKS = ("~$", ".~lock", ".")
"""How the names of files begin that a program keeps beside an open one."""


def table_file(path: Path) -> Path:
    """Return the file that holds a table: the ``.csv``, or the Excel workbook where only that is there."""
    found = [path.with_suffix(ending) for ending in _WORKBOOKS if os.path.lexists(path.with_suffix(ending))]
    return found[0] if found and not os.path.lexists(path) else path


def neighbours(path: Path) -> list[str]:
    """Return the names in a table's folder that were probably meant to be it: ``People.csv``, ``people.xls``.

    A file that is read, and what Excel keeps beside an open one, are none.
    """
    own = {path.name, *(path.with_suffix(ending).name for ending in _WORKBOOKS)}
    names = sorted(each.name for each in path.parent.iterdir()) if path.parent.is_dir() else []
    return [
        name
        for name in names
        if name not in own and not name.startswith(_LOCKS) and not name.endswith(TEMPORARY)
        and "." in name and _is_like(name.split(".")[0], path.stem)
    ]  # fmt: skip


def _is_like(name: str, stem: str) -> bool:
    """Whether a file's name is a table's: in capitals, with a number or a word behind it, or with one letter off."""
    plain = name.casefold()
    slips = SequenceMatcher(None, plain, stem).ratio() >= _ALIKE
    return slips or re.match(rf"{stem}($|[^a-z])", plain) is not None


_ALIKE = 0.85


def _header_and_rows(path: Path, row_type: type[Value], name: str) -> tuple[Place, list[str], Lines, Issues]:
    """Return where a table's header stands, the header, the rows below it, and what is wrong with the file."""
    file = table_file(path)
    place = Place(name.removesuffix(path.suffix) + file.suffix)
    data, issues = _the_file(path, file, place)
    if data is None:
        return place, [], [], issues
    fields = row_type.model_fields
    if file.suffix in _WORKBOOKS:
        from kpi_toolkit.clients.sheets import read_workbook

        needed = [field for field, info in fields.items() if info.is_required()]
        place, header, rows, more = read_workbook(data, place.file, max_rows=MAX_ROWS, known=fields, needed=needed)
        return place, header, rows, issues + more
    text, more = decode(data, place.file)
    if text is None:
        return place, [], [], issues + more
    place, header, rows, found = _split(text, place.file, fields)
    return place, header, rows, issues + more + found


def _the_file(path: Path, file: Path, place: Place) -> tuple[bytes | None, Issues]:
    """Return the bytes of the one file that is a table, or why there is no such."""
    beside = [each.name for each in (path, *map(path.with_suffix, _WORKBOOKS)) if os.path.lexists(each)]
    if len(beside) > 1:
        return None, Issues([error("two-files", place, other=beside[1])])
    otherwise = [] if beside else neighbours(path)
    if otherwise:
        return None, Issues([error("file-called-otherwise", place, names=otherwise)])
    data, issues = read_bytes(file, place.file)
    if data is not None and file.suffix in _WORKBOOKS and not data.startswith(b"PK"):
        return None, Issues([_kind_problem(data, place) or error("xlsx-damaged", place)])
    return data, issues


def _split(text: str, name: str, known: Collection[str] = ()) -> tuple[Place, list[str], Lines, Issues]:
    """Return header (with its place) and rows (each with its line) of separated values; broken lines are named.

    The separator is the one by which most of the ``known`` columns are found, or the line ``sep=;`` that Excel knows.
    """
    place = Place(name)
    if not text.strip():
        return place, [], [], Issues([error("empty-file", place)])
    told = re.match(r"sep=(.)\r?\n", text)
    first = next(line for line in text.splitlines() if line.strip())
    separators = [told[1]] if told else sorted(_SEPARATORS, key=first.count, reverse=True)
    top = "\n".join(text.splitlines()[:WITHIN])
    names = {folded(field) for field in known}
    best = max(separators, key=lambda mark: max(
        len({folded(cell) for cell in cells} & names) for _, cells in [*_lines(top, mark, []), (0, [])]
    ))  # fmt: skip
    found: list[Issue] = []
    lines = _lines(text, best, found, name)
    if told:
        lines = lines[1:]
    if len(lines) > MAX_ROWS + WITHIN:
        return place, [], [], Issues([error("too-many-rows", place, rows=lines[-1][0], limit=MAX_ROWS)])
    header, above, table = find_header(lines, known)
    found += [hint("rows-above-header", place, rows=runs([number for number, _ in above]))] if above else []
    rows: Lines = []
    for number, cells in table[1:]:
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            found.append(error("ragged-row", place.at(number), fields=len(cells), expected=len(header)))
            continue
        rows.append((number, cells))
    at = place.at(table[0][0]) if table else place
    return at, header, rows, Issues(sorted(found, key=lambda issue: issue.place.row or 0))


def _lines(text: str, separator: str, found: list[Issue], name: str = "") -> Lines:
    """Return the lines that hold something, each with its number, no more of them than a table may have."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: Lines = []
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if any(cell.strip() for cell in cells):
                lines.append((number, cells))
            if len(lines) > MAX_ROWS + WITHIN:
                break
    except csv.Error as problem:
        found.append(error("csv-syntax", Place(name, reader.line_num), detail=str(problem)))
    return lines


_SEPARATORS = ",;\t|"


def _header_issues(header: list[str], rows: Lines, table: str, at: Place) -> Issues:
    fields = ROW_TYPES[table].model_fields
    found: list[Issue] = []
    for number, column in enumerate(header):
        if not column and any(cells[number].strip() for _, cells in rows):  # a blank column keeps nothing from anybody
            found.append(error("nameless-column", at, number=number + 1))
    required = [field for field, info in fields.items() if info.is_required()]
    absent = [field for field in required if field not in header] if header else []
    otherwise = {meant(column, table): column for column in header if column not in fields}
    renamed = {otherwise.get(field) for field in absent}
    for column in dict.fromkeys(filter(None, header)):
        place = replace(at, column=column)
        if header.count(column) > 1:
            found.append(error("duplicate-column", place))
        elif column not in fields and column not in renamed:
            near = meant(column, table) or nearest(column, (field for field in fields if field not in header))
            found.append(warning("unknown-column", place, nearest="" if near in header else near))
    for field in absent:
        place = replace(at, column=field)
        if field in otherwise:
            found.append(error("column-called-otherwise", place, called=otherwise[field]))
        else:
            found.append(error("missing-column", place, header=list(filter(None, header))))
    return Issues(found)


_FORMULA_ERROR = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!)")


def _row(cells: dict[str, str], row_type: type[Value], place: Place) -> tuple[dict[str, Any] | None, Issues]:
    known = {column: cell.strip() for column, cell in cells.items() if column in row_type.model_fields}
    told: list[Issue] = []
    for column in getattr(row_type, "figures", ()):
        if is_not_reported(known.get(column, "")):
            told.append(hint("not-reported", replace(place, column=column), value=known[column]))
            known[column] = ""
    broken = [column for column, cell in known.items() if _FORMULA_ERROR.fullmatch(cell)]
    if broken:
        return None, Issues(
            error("formula-error", replace(place, column=column), value=known[column]) for column in broken
        )
    try:
        row = row_type.model_validate(known)
    except ValidationError as problem:
        return None, Issues(_cell_issue(place, known, detail) for detail in problem.errors())
    extra = {column: cell for column, cell in cells.items() if column not in known and column not in {"", "row"}}
    return {"row": place.row, **dict(row), **extra}, Issues(told)


def _cell_issue(place: Place, cells: dict[str, str], detail: ErrorDetails) -> Issue:
    column = str(detail["loc"][0]) if detail["loc"] else None
    value = cells.get(column or "", "")
    at = replace(place, column=column)
    if (
        not value
        and detail["type"] in {"string_too_short", "too_short", "string_pattern_mismatch", "bad-number", "missing"}
    ) or (not value and detail["type"].startswith("date_")):
        return error("blank-cell", at)
    return _issue_of(detail, at, value)


def _config_issue(name: str, model: type[Value], content: dict[str, Any], detail: ErrorDetails) -> Issue:
    key = ".".join(_key_parts(content, detail["loc"]))
    at = Place(name, key=key.removesuffix(".[key]") or None)
    if detail["type"] == "extra_forbidden":
        word, known = str(detail["loc"][-1]), _known_keys(model)
        if word in known:
            return error("misplaced-key", at, key=word)
        return error("unknown-key", at, key=word, nearest=nearest(word, known))
    if detail["type"] == "missing":
        return error("missing-key", at, key=str(detail["loc"][-1]))
    return _issue_of(detail, at, detail["input"])


def _key_parts(content: Any, loc: tuple[int | str, ...]) -> Iterator[str]:
    """Name every step to a key; an entry of a list by its id where it has one: ``roles.editor.articles``.

    The kind of a curve, which the validator puts between a curve and its keys, stands in no file and is left out.
    """
    kinds_passed: list[Any] = []
    for step in loc:
        if isinstance(content, dict) and content.get("kind") == step and content not in kinds_passed:
            kinds_passed.append(content)
            continue
        if isinstance(step, int):
            entry = content[step] if isinstance(content, list) and step < len(content) else None
            yield str(entry["id"]) if isinstance(entry, dict) and "id" in entry else f"[{step + 1}]"
        else:
            entry = content.get(step) if isinstance(content, dict) else None
            yield step
        content = entry


@cache
def _known_keys(model: type[Value]) -> frozenset[str]:
    """Return every key that may stand somewhere in a file of this kind."""
    schema = model.model_json_schema(by_alias=True)
    return frozenset(key for part in (schema, *schema.get("$defs", {}).values()) for key in part.get("properties", {}))


_SHOWABLE = 10**15
_FIRST = 2  # the row of a table's first line; an id made of a row is another in each
_LIMITS = {
    "greater_than": "not-above", "greater_than_equal": "below-limit",
    "less_than": "not-below", "less_than_equal": "above-limit",
}  # fmt: skip
_TYPES = {
    "string": Text(zh="文字", en="a text in quotes"),
    "int": Text(zh="整数", en="a whole number"),
    "bool": Text(zh="true 或 false", en="true or false"),
    "tuple": Text(zh="列表 [ … ]", en="a list [ … ]"),
    "dict": Text(zh="一节 [ … ] 或 { … }", en="a section [ … ] or { … }"),
    "model": Text(zh="一节 [ … ] 或 { … }", en="a section [ … ] or { … }"),
}
_SAME_CODE = {
    "bad-number", "bad-date", "too-many-digits", "duplicate-id", "shares-not-100", "negative-share", "goal-mix-not-1",
    "blank-text", "control-character", "unseen-character", "damaged-text", "grouped-number",
    "no-shares", "agenda-number", "exempt-twice", "guideline-empty", "unknown-curve", "points-order", "steps-bounds",
    "table-shape", "stages-not-100", "bad-pattern", "bands-gap", "bands-order", "bands-fall",
    "bad-range", "limits-not-falling", "unknown-indicator-card", "bad-answer",
}  # fmt: skip


def _issue_of(detail: ErrorDetails, at: Place, value: Any) -> Issue:
    """Translate what the validator says into our own codes, so that one sentence explains each."""
    kind, context = detail["type"], detail.get("ctx") or {}
    values: dict[str, Any]
    code, values = "bad-value", {"detail": detail["msg"]}
    if kind in _SAME_CODE:
        code, values = kind, context
    elif kind == "string_pattern_mismatch" and at.key and at.key.startswith("brand"):
        code, values = "bad-brand", {}
    elif kind == "string_pattern_mismatch":
        code, values = "bad-id", {"suggestion": _suggest_id(str(value)) or f"p{(at.row or _FIRST) - 1:02d}"}
    elif kind in {"enum", "literal_error", "union_tag_invalid"}:
        known = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "").replace(" or ", ", ")
        value = context.get("tag", value)
        near = nearest(str(value), known.split(", "))
        code, values = "not-one-of", {"known": known, "nearest": "" if near == str(value) else near}
    elif kind.startswith("date_"):
        code, values = "bad-date", {}
    elif kind == "decimal_max_places":
        code, values = "too-many-decimals", {"places": context["decimal_places"]}
    elif kind.startswith(("greater_than", "less_than")):
        code, values = _LIMITS[kind], {"bound": next(iter(context.values()))}
    elif kind.removesuffix("_type") in _TYPES or kind.removesuffix("_parsing") in _TYPES:
        code, values = "wrong-type", {"expected": _TYPES[kind.removesuffix("_type").removesuffix("_parsing")]}
    return error(code, at, value=_shown(value), **values)


def _shown(value: Any) -> Any:
    """Return a value as a sentence can show it: numbers that are none, or endless ones, as text."""
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    if isinstance(value, (str, date)) or (isinstance(value, (int, Decimal)) and abs(Decimal(value)) < _SHOWABLE):
        return value
    return reprlib.repr(value)


def _suggest_id(text: str) -> str:
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in text.lower()).strip("-")
    return kept[:48]


def raise_errors(issues: Issues) -> None:
    """Raise IssuesError when one of the findings is an error."""
    if issues.errors:
        raise IssuesError(issues)
