"""Strict reading of what people hand over: every problem of a file at once, each with its place and its value.

Nothing is guessed: numbers, dates and ids are read one way or refused, and a file is decoded by a fixed order.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile, ZipFile, is_zipfile

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kpi_toolkit.clients.toml_text import entry_id, inline, load_toml, written
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, nearest, warning
from kpi_toolkit.method.printed import with_printed
from kpi_toolkit.method.value import CONTROL, Value, Word, likely_id

V = TypeVar("V", bound=Value)

MAX_BYTES = 25_000_000
MAX_ROWS = 20_000
"""Of a table or a form in Excel: with twelve columns they are read in four of the ten seconds that a client has."""
_MOST_PROBLEMS = 100
_KINDS = (
    ("opendocument", rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument"),
    ("zip", rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd"),
    ("pdf", rb"%PDF"),
    ("picture", rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|.{4}ftyphei"),
    ("html", rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|table|div|meta|p>)"),
    ("xml", rb"(\xef\xbb\xbf)?\s*<(\?|!--|\w)"),
    ("json", rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[{\"\]])"),
    ("rich_text", rb"\{\\rtf"),
    ("database", rb"SQLite format 3"),
    ("pointer", rb"version https://git-lfs"),
    ("sylk", rb"ID;P"),
    ("zip", rb".{257}ustar"),
    ("columns", rb"PAR1|ARROW1|ORC"),
    ("dbase", rb"[\x03\x30\x83\x8b\xf5].[\x01-\x0c][\x01-\x1f].{8}\0{2}"),
    ("markdown", rb"(\xef\xbb\xbf)?\s*\|[^\n]*\|\s*\n\s*\|[\s:|-]+\|\s*\n"),
)
"""Kinds of files that are no tables, each with what the bytes of one begin with; the first that fits is told."""
_PACKED = (
    ("workbook", "xl/workbook.xml"), ("binary_workbook", "xl/workbook.bin"), ("word", "word/"), ("slides", "ppt/"),
    ("numbers", "Index/"),
)  # fmt: skip
"""Kinds of packed files, each with the beginning of a name that only it holds."""
_OLD = (("password", "EncryptedPackage"), ("word", "WordDocument"), ("slides", "PowerPoint Document"))
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})( .*)?\r?$", re.MULTILINE)
_RARE_NULLS = 8
"""Every second byte, or three of four, of plain text in UTF-16 or UTF-32 is none."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_NAMES_SHOWN = 3


def read_bytes(path: Path, name: str) -> tuple[bytes | None, Issues]:
    """Return the bytes of a client's file, or what keeps it from being read. Links are not followed."""
    place = Place(name)
    try:
        if path.is_symlink():
            return None, Issues([error("link-refused", place)])
        if not path.exists():
            return None, Issues([error("file-missing", place)])
        if not path.is_file():  # reading a pipe would wait for somebody to write into it
            kind = Word("kind.folder" if path.is_dir() else "kind.special")
            return None, Issues([error("wrong-kind", place, kind=kind)])
        if path.stat().st_size > MAX_BYTES:
            return None, Issues([error("too-large", place, size=path.stat().st_size, limit=MAX_BYTES)])
        return path.read_bytes(), Issues()
    except OSError as problem:
        return None, Issues([error("unreadable", place, detail=problem.strerror or str(problem))])


def kind_problem(data: bytes, place: Place, *, workbook: bool = False) -> Issue | None:
    """Return what a file is when its bytes say that it is no such table; None where they do not.

    ``workbook``: whether the table is to be an Excel workbook, and not a text.
    """
    # One piece: each look at the bytes starts from what the look before took them for.
    kind = next((kind for kind, begins in _KINDS if re.match(begins, data[:500], re.IGNORECASE | re.DOTALL)), "")
    if data.startswith(_OLD_OFFICE):  # an old workbook, or a new one inside an envelope that its password locks
        kind = next((kind for kind, inside in _OLD if inside.encode("utf-16-le") in data), "")
        if kind in {"", "password"}:
            return error("password-protected" if kind else "old-workbook", place)
    if kind == "zip":
        with suppress(BadZipFile, NotImplementedError, ValueError), ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            kind = next((kind for kind, own in _PACKED if any(name.startswith(own) for name in names)), kind)
        if workbook and (kind == "workbook" or (data.startswith(b"PK") and not is_zipfile(BytesIO(data)))):
            return None  # what is wrong with it, if anything, is found where it is read
    if workbook and not kind and data.strip():
        kind = "text" if decode(data, place.file)[0] is not None else ""
    return error("wrong-kind", place, kind=Word(f"kind.{kind}")) if kind else None


def decode(data: bytes, name: str) -> tuple[str | None, Issues]:
    """Return the text of a file: by its byte-order mark, else as UTF-8, else as GB 18030, in this order.

    GB 18030 is what Excel writes on a Chinese Windows. It reads almost any bytes, so it is believed only where the text
    holds no control characters.
    """
    place = Place(name)
    other = kind_problem(data, place)
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
        if damaged and text.count("\0") > len(text) // _RARE_NULLS:  # two or four bytes a letter, and no mark
            break
        if damaged:
            return None, Issues([error("control-character", Place(name, text.count("\n", 0, damaged.start()) + 1))])
        conflict = _CONFLICT.search(text)
        if conflict:
            at = Place(name, text.count("\n", 0, conflict.start()) + 1)
            return None, Issues([error("conflict-marks", at, value=conflict[0].strip())])
        if encoding != "gb18030":
            return text, Issues()
        seen = list(dict.fromkeys(re.findall(r"[^\x00-\x7f，。、；：（）“”]{2,}", text)))[:_NAMES_SHOWN]
        return text, Issues([warning("assumed-encoding", place, seen=seen or "–")])
    return None, Issues([error("unknown-encoding", place)])


def read_toml(path: Path, model: type[V], name: str, **known: Any) -> tuple[V | None, Issues]:
    """Return the value that a TOML file declares, or every problem in it.

    ``known`` is what it may call by name: ``curves``, ``cards``, ``indicators``.
    """
    data, issues = read_bytes(path, name)
    if data is None:
        return None, issues
    return parse_toml(data, model, name, **known)


def load_card(path: Path, model: type[V], context: Mapping[str, Any] | None = None) -> V:
    """Return what a file below ``templates/`` declares; ``context`` is what it may call. Raises IssuesError."""
    if context:
        value, issues = _parse(path, model, context)
    else:
        now = path.stat() if path.is_file() else None  # a missing file is said to be missing by whoever reads it
        value, issues = _parse_once(path, now.st_mtime_ns if now else 0, now.st_size if now else 0, model)
    if value is None:
        raise IssuesError(issues)
    return value


@lru_cache(maxsize=256)
def _parse_once(path: Path, _modified: int, _size: int, model: type[V]) -> tuple[V | None, Issues]:
    """Read a card once in a process as long as its file does not change: every client is compared with them."""
    return _parse(path, model, {})


def _parse(path: Path, model: type[V], context: Mapping[str, Any]) -> tuple[V | None, Issues]:
    folder = "templates" if path.parent.name == "templates" else f"templates/{path.parent.name}"
    return read_toml(path, model, f"{folder}/{path.name}", **context)


def load_toml_file(path: Path, name: str) -> dict[str, Any]:
    """Return what a TOML file of our own holds, nothing where there is none. IssuesError where it cannot be read."""
    if not path.exists():
        return {}
    data, issues = read_bytes(path, name)
    content, more = load_toml(data or b"", name)
    raise_errors(issues + more)
    return content or {}


def parse_toml(data: bytes, model: type[V], name: str, **known: Any) -> tuple[V | None, Issues]:
    """Return the value that the bytes of a TOML file declare, or every problem in them."""
    content, issues = load_toml(data, name)
    return (None, issues) if content is None else as_declared(content, model, name, **known)


def as_declared(content: dict[str, Any], model: type[V], name: str, **known: Any) -> tuple[V | None, Issues]:
    """Return the value that plain data of a file declare, or every problem in them."""
    try:
        return model.model_validate(content, context=known), Issues()
    except ValidationError as problem:
        found = problem.errors()
        inside = {detail["loc"][:depth] for detail in found for depth in range(len(detail["loc"]))}
        told = [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in inside]
        first = Issues(_config_issue(name, model, content, detail) for detail in told[:_MOST_PROBLEMS])
        return None, first + ([error("more-problems", Place(name), count=n)] if (n := len(told) - len(first)) else [])


def _config_issue(name: str, model: type[Value], content: dict[str, Any], detail: ErrorDetails) -> Issue:
    key = ".".join(_key_parts(content, detail["loc"]))
    at = Place(name, key=key.removesuffix(".[key]") or None)
    if detail["type"] == "extra_forbidden":
        word, known = str(detail["loc"][-1]), _sections_of_keys(model)
        if word in known:
            return error("misplaced-key", at, key=word, sections=list(known[word]))
        above = [str(step) for step in detail["loc"][:-1] if not isinstance(step, int)]
        here = [key for key, headers in known.items() if any(_is_header(header, above) for header in headers)]
        return error("unknown-key", at, key=word, nearest=nearest(word, here or known))
    if detail["type"] == "missing":
        return error("missing-key", at, key=str(detail["loc"][-1]))
    return issue_of(detail, at, detail["input"])


def _is_header(header: str, above: list[str]) -> bool:
    """Whether a header is that of the keys below some steps; names that somebody chose stand as … in it."""
    steps = [] if isinstance(header, Word) else header.strip("[]").split(".")
    return len(steps) == len(above) and all(step in {"…", own} for step, own in zip(steps, above, strict=True))


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
            yield entry_id(entry) or f"[{step + 1}]"
        else:
            entry = content.get(step) if isinstance(content, dict) else None
            yield step
        content = entry


@cache
def _sections_of_keys(model: type[Value]) -> Mapping[str, tuple[str, ...]]:
    """Return every key that may stand somewhere in a file of this kind, with the headers it may stand under."""
    schema = model.model_json_schema(by_alias=True)
    known: dict[str, list[str]] = {}
    seen: set[str] = set()

    def walk(part: dict[str, Any], path: str, header: str) -> None:
        name = part.get("$ref", "").rpartition("/")[2]
        if name in seen:
            return
        seen.update([name] if name else [])
        inside = schema["$defs"][name] if name else part
        for key, value in inside.get("properties", {}).items():
            known.setdefault(key, []).append(header.format(path) if path else Word("kind_of_value.top"))
            walk(value, f"{path}.{key}" if path else key, "[{}]")
        for entry in (inside.get("additionalProperties"), *inside.get("patternProperties", {}).values()):
            if isinstance(entry, dict):
                walk(entry, f"{path}.…", "[{}]")
        for entry in (inside.get("items", {}), *inside.get("prefixItems", ())):
            if entry:
                walk(entry, path, "[[{}]]")
        for entry in (*inside.get("anyOf", ()), *inside.get("oneOf", ())):
            walk(entry, path, header)

    walk(schema, "", "")
    return {key: tuple(dict.fromkeys(sections)) for key, sections in known.items()}


_SHOWABLE, _SHOWN = 10**15, 60
_FIRST = 2  # the row of a table's first line; an id made of a row is another in each
_LIMITS = {
    "greater_than": "not-above", "greater_than_equal": "below-limit",
    "less_than": "not-below", "less_than_equal": "above-limit",
}  # fmt: skip
_COUNTS = {
    "too_short": ("too-few-entries", "least", "min_length"), "too_long": ("too-many-entries", "most", "max_length"),
}  # fmt: skip
_TYPES = {"string", "int", "bool", "tuple", "dict", "model"}


def issue_of(detail: ErrorDetails, at: Place, value: Any) -> Issue:
    """Translate what the validator says into our own codes, so that one sentence explains each."""
    # One piece: a branch for each kind of the validator's; so the list is read, and added to.
    kind, context = detail["type"], detail.get("ctx") or {}
    wanted = kind.removesuffix("_type").removesuffix("_parsing")
    values: dict[str, Any]
    code, values = "bad-value", {"detail": detail["msg"]}
    if "-" in kind:  # one of our own, raised by a value; the validator's have underscores
        code, values = kind, context
    elif kind == "string_pattern_mismatch" and at.key and at.key.startswith("brand"):
        code, values = "bad-brand", {}
    elif kind == "string_pattern_mismatch" and at.key:
        code, values = "bad-id-of-key", {"suggestion": likely_id(str(value)) or "a1"}
    elif kind == "string_pattern_mismatch":
        code, values = "bad-id", {"suggestion": likely_id(str(value)) or f"p{(at.row or _FIRST) - 1:02d}"}
    elif kind in {"enum", "literal_error", "union_tag_invalid"}:
        known = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "").replace(" or ", ", ")
        value = context.get("tag", value)
        near = nearest(str(value), known.split(", "))
        told = [*map(with_printed, known.split(", "))] if at.column else known  # a table takes what pages print, too
        code, values = "not-one-of", {"known": told, "nearest": "" if near == str(value) else near}
    elif kind.startswith("date_"):
        code, values = "bad-date", {}
    elif kind in {"string_too_long", "too_long"} and isinstance(value, str):
        code, values = "text-too-long", {"most": context["max_length"]}
    elif kind in _COUNTS:
        code, name, limit = _COUNTS[kind]
        values = {name: context[limit]}
    elif kind == "int_from_float":
        code, values = "wrong-type", {"expected": Word("kind_of_value.int")}
    elif kind == "decimal_max_places":
        code, values = "too-many-decimals", {"places": context["decimal_places"]}
    elif kind.startswith(("greater_than", "less_than")):
        code, values = _LIMITS[kind], {"bound": next(iter(context.values()))}
    elif wanted in _TYPES:
        code, values = "wrong-type", {"expected": Word(f"kind_of_value.{wanted}")}
    return error(code, at, value=_shown(value), **values)


def _shown(value: Any) -> Any:
    """Return a value as a sentence can show it: numbers that are none, or endless ones, as text."""
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    if isinstance(value, (str, date)) or (isinstance(value, (int, Decimal)) and abs(Decimal(value)) < _SHOWABLE):
        return value
    text = inline(written(value)).as_string() if isinstance(value, (list, dict)) else reprlib.repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def raise_errors(issues: Issues) -> None:
    """Raise IssuesError when one of the findings is an error that a figure would be wrong for."""
    if issues.blocking:
        raise IssuesError(issues)
