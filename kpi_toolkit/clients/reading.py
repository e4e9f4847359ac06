"""Strict reading of what people hand over: every problem of a file at once, each with its place and its value.

Nothing is guessed: numbers, dates and ids are read one way or refused, and a file is decoded by a fixed order.
"""

from __future__ import annotations

import csv
import io
import reprlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, nearest, warning
from kpi_toolkit.method.tables import ROW_TYPES
from kpi_toolkit.method.value import CONTROL, Text, Value

V = TypeVar("V", bound=Value)

MAX_BYTES = 25_000_000
MAX_ROWS = 20_000
_KINDS = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "old-excel"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"<!DOCTYPE", "html"),
    (b"<html", "html"),
)


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


def decode(data: bytes, name: str) -> tuple[str | None, Issues]:
    """Return the text of a file: by its byte-order mark, else as UTF-8, else as GB 18030, in this order.

    GB 18030 is what Excel writes on a Chinese Windows. It reads almost any bytes, so it is believed only where the text
    holds no control characters.
    """
    place = Place(name)
    for magic, kind in _KINDS:
        if data[: len(magic)].lower() == magic.lower():
            return None, Issues([error("wrong-kind", place, kind=kind)])
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
        assumed = [warning("assumed-encoding", place)] if encoding == "gb18030" else []
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
    try:
        content = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        return None, Issues([error("not-utf8", Place(name, line))])
    except (ValueError, RecursionError) as problem:  # not well formed, or a number that no machine keeps
        return None, Issues([error("toml-syntax", Place(name), detail=str(problem))])
    try:
        return model.model_validate(content, context=known), Issues()
    except ValidationError as problem:
        found = problem.errors()
        inside = {detail["loc"][:depth] for detail in found for depth in range(len(detail["loc"]))}
        told = [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in inside]
        return None, Issues(_config_issue(name, model, content, detail) for detail in told)


def read_table(path: Path, table: str, name: str) -> tuple[pd.DataFrame, Issues]:
    """Return a table of a client's folder (empty where it could not be read) and every problem in the file.

    Where there is no ``.csv``, an Excel workbook of the same name is read; where there are both, neither is believed.
    Rows that hold a problem are left out of the table and named, so later checks do not report them twice.
    """
    row_type = ROW_TYPES[table]
    columns = ["row", *row_type.model_fields]
    header, rows, issues, name = _header_and_rows(path, name)
    issues += _header_issues(header, rows, row_type, name)
    records: list[dict[str, Any]] = []
    if header and not any(issue.code in {"missing-column", "duplicate-column", "nameless-column"} for issue in issues):
        for number, cells in rows:
            record, more = _row(dict(zip(header, cells, strict=True)), row_type, Place(name, number))
            issues += more
            if record is not None:
                records.append(record)
    extra = [column for column in header if column not in {"", "row", *row_type.model_fields}]
    return pd.DataFrame(records, columns=[*columns, *dict.fromkeys(extra)], dtype=object), issues


def table_file(path: Path) -> Path:
    """Return the file that holds a table: the ``.csv``, or the ``.xlsx`` where only that is there."""
    sheet = path.with_suffix(".xlsx")
    return sheet if sheet.exists() and not path.exists() else path


def _header_and_rows(path: Path, name: str) -> tuple[list[str], list[tuple[int, list[str]]], Issues, str]:
    file = table_file(path)
    name = name.removesuffix(path.suffix) + file.suffix
    data, issues = read_bytes(file, name)
    if path.exists() and path.with_suffix(".xlsx").exists():
        return [], [], Issues([error("two-files", Place(name), other=path.with_suffix(".xlsx").name)]), name
    if data is None:
        return [], [], issues, name
    if file.suffix == ".xlsx":
        from kpi_toolkit.clients.sheets import read_sheet

        header, rows, more = read_sheet(data, name, max_rows=MAX_ROWS)
    else:
        text, more = decode(data, name)
        header, rows, found = _split(text, name) if text is not None else ([], [], Issues())
        more += found
    if len(rows) > MAX_ROWS:
        return [], [], Issues([error("too-many-rows", Place(name), rows=len(rows), limit=MAX_ROWS)]), name
    return header, rows, issues + more, name


def _split(text: str, name: str) -> tuple[list[str], list[tuple[int, list[str]]], Issues]:
    """Return header and rows (each with its line) of separated values; lines that are not whole are named."""
    if not text.strip():
        return [], [], Issues([error("empty-file", Place(name))])
    first = next(line for line in text.splitlines() if line.strip())
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    found: list[Issue] = []
    start = 1
    try:
        for cells in reader:
            number, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                while header and not header[-1]:
                    header.pop()
                continue
            while len(cells) > len(header) and not cells[-1].strip():
                cells.pop()
            if len(cells) != len(header):
                found.append(error("ragged-row", Place(name, number), fields=len(cells), expected=len(header)))
                continue
            rows.append((number, cells))
    except csv.Error as problem:
        found.append(error("csv-syntax", Place(name, reader.line_num), detail=str(problem)))
    return header, rows, Issues(found)


def _header_issues(header: list[str], rows: list[tuple[int, list[str]]], row_type: type[Value], name: str) -> Issues:
    fields = row_type.model_fields
    found: list[Issue] = []
    for number, column in enumerate(header):
        if not column and any(cells[number].strip() for _, cells in rows):  # a blank column keeps nothing from anybody
            found.append(error("nameless-column", Place(name, 1), number=number + 1))
    for column in dict.fromkeys(filter(None, header)):
        place = Place(name, 1, column)
        if header.count(column) > 1:
            found.append(error("duplicate-column", place))
        elif column not in fields:
            near = nearest(column, (field for field in fields if field not in header))
            found.append(warning("unknown-column", place, nearest=near))
    required = [field for field, info in fields.items() if info.is_required()]
    absent = [field for field in required if field not in header]
    if header and absent:
        found += [error("missing-column", Place(name, 1, field), header=", ".join(header)) for field in absent]
    return Issues(found)


def _row(cells: dict[str, str], row_type: type[Value], place: Place) -> tuple[dict[str, Any] | None, Issues]:
    known = {column: cell.strip() for column, cell in cells.items() if column in row_type.model_fields}
    try:
        row = row_type.model_validate(known)
    except ValidationError as problem:
        return None, Issues(_cell_issue(place, known, detail) for detail in problem.errors())
    extra = {column: cell for column, cell in cells.items() if column not in known and column not in {"", "row"}}
    return {"row": place.row, **dict(row), **extra}, Issues()


def _cell_issue(place: Place, cells: dict[str, str], detail: ErrorDetails) -> Issue:
    column = str(detail["loc"][0]) if detail["loc"] else None
    value = cells.get(column or "", "")
    at = Place(place.file, place.row, column)
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
        word, known = str(detail["loc"][-1]), set(_known_keys(model))
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


def _known_keys(model: type[Value]) -> Iterable[str]:
    """Return every key that may stand somewhere in a file of this kind."""
    schema = model.model_json_schema(by_alias=True)
    for declared in (schema, *schema.get("$defs", {}).values()):
        yield from declared.get("properties", {})


_EXAMPLE_IDS = {"role": "network-editor", "indicator": "rolling-update"}
_SHOWABLE = 10**15
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
    "blank-text", "control-character", "text-too-long",
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
        code, values = "bad-id", {"suggestion": _suggest_id(str(value)) or _EXAMPLE_IDS.get(at.column or "", "p01")}
    elif kind in {"enum", "literal_error", "union_tag_invalid"}:
        known = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "").replace(" or ", ", ")
        value = context.get("tag", value)
        near = nearest(str(value), known.split(", "))
        code, values = "not-one-of", {"known": known, "nearest": "" if near == str(value) else near}
    elif kind.startswith("date_"):
        code, values = "bad-date", {}
    elif kind in {"string_too_long", "too_long"} and isinstance(value, str):
        code, values = "text-too-long", {"most": context["max_length"]}
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
