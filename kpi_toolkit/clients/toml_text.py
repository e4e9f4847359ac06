"""TOML as plain data, within bounds: nothing that somebody wrote makes reading long or a number endless.

And values as TOML writes them; whoever changes a file that is there does it with tomlkit, so that comments stay.
"""

from __future__ import annotations

import pickle
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.plain import plain
from kpi_toolkit.method.value import LANGUAGES, Value

MAX_BYTES, _SMALL = 1_000_000, 50_000
"""The largest designs of the examples have 15 kB."""
DEEPEST = 16
"""How many parts a dotted key may have; ours have seven at most. tomllib takes quadratic time over them."""
_LONGEST_NUMBER, _LARGEST, _FINEST = 60, 30, -30
_OUT_OF_BOUNDS = 10**_LARGEST
# What may hold a point that is none of a key's: texts in quotes, and comments. A text that nobody closed goes on to the
# end, and what follows it may be absent, so that every character is looked at once. (No group may be possessive: Python
# before 3.11.5 takes them wrongly.)
_QUOTED = re.compile(
    r'"""(?:[^"\\]+|\\.|"{1,2}(?!"))*(?:"{3,5})?|'
    r"'''(?:[^']+|'{1,2}(?!'))*(?:'{3,5})?|"
    r'"(?:[^"\\\n]+|\\.)*"?|'
    r"'[^'\n]*+'?|"
    r"#[^\n]*+",
    re.DOTALL,
)
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_ENDLESS = re.compile(r"[0-9_]{4300,}+")


class _Written(str):
    """A number as it was written, too large, too small or too long to be worked with."""

    __slots__ = ()


def load_toml(data: bytes, name: str) -> tuple[dict[str, Any] | None, Issues]:
    """Return what a TOML file holds, or what keeps it from being read: its size, its depth, its syntax, its numbers.

    Numbers with a point are Decimals. None of them has more than some sixty digits, written out in full.
    """
    if len(data) < _SMALL and (kept := _remembered(data)):
        return pickle.loads(kept), Issues()  # noqa: S301 - made below, of plain data
    return _loaded(data, name)


@lru_cache(maxsize=256)
def _remembered(data: bytes) -> bytes:
    """Read a small file once in a process, whatever its name: months keep copies, library cards serve every client.

    Nothing is remembered of one that cannot be read, whose problems have its name.
    """
    content, _ = _loaded(data, "")
    return b"" if content is None else pickle.dumps(content, pickle.HIGHEST_PROTOCOL)


def _loaded(data: bytes, name: str) -> tuple[dict[str, Any] | None, Issues]:
    if len(data) > MAX_BYTES:
        return None, Issues([error("too-large", Place(name), size=len(data), limit=MAX_BYTES)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return None, Issues([error("not-utf8", Place(name, data[: problem.start].count(b"\n") + 1))])
    bare = _QUOTED.sub("''", text)
    if any(part.count(".") >= DEEPEST for part in re.split(r"[=,{}\[\]\n]", bare)):
        return None, Issues([error("too-deep", Place(name), limit=DEEPEST)])
    try:
        content = tomllib.loads(text, parse_float=_number)
    except RecursionError:
        return None, Issues([error("too-deep", Place(name), limit=DEEPEST)])
    except ValueError as problem:
        return None, Issues([_not_read(problem, text, name)])
    wrong = Issues(
        error("too-many-digits", Place(name, key=".".join(key)), value=_shortened(value))
        for key, value in _leaves(content)
        if isinstance(value, _Written) or (isinstance(value, int) and abs(value) >= _OUT_OF_BOUNDS)
    )
    return (None, wrong) if wrong else (content, wrong)


def _not_read(problem: ValueError, text: str, name: str) -> Issue:
    """Return why a file cannot be read; Python takes no whole number of thousands of digits, in words of its own."""
    endless = None if isinstance(problem, tomllib.TOMLDecodeError) else _ENDLESS.search(text)
    if endless is None:
        said, lines = _AT_LINE.search(str(problem)), text.splitlines() or [""]
        row = int(said[1]) if said else len(lines)  # else it is the end that is missed
        return error("toml-syntax", Place(name, row), text=_shortened(lines[min(row, len(lines)) - 1].strip()))
    place = Place(name, text.count("\n", 0, endless.start()) + 1)
    return error("too-many-digits", place, value=_shortened(endless[0]))


def _number(text: str) -> Decimal | str:
    try:
        number = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except ArithmeticError:
        number = None
    if number is None or (
        number.is_finite() and (number.adjusted() >= _LARGEST or int(number.as_tuple().exponent) < _FINEST)
    ):
        return _Written(text)
    return number


def _leaves(content: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Go through all values that hold no others, each with its key."""
    due: list[tuple[tuple[str, ...], Any]] = [((), content)]
    while due:
        key, value = due.pop()
        if isinstance(value, dict):
            due += [((*key, name), part) for name, part in reversed(value.items())]
        elif isinstance(value, list):
            due += [
                ((*key, entry_id(part) or f"[{number}]"), part)
                for number, part in reversed([*enumerate(value, start=1)])
            ]
        else:
            yield key, value


def entry_id(entry: Any) -> str:
    """Return what an entry of a list is known by: its id, or the card of the library that it calls; else nothing."""
    known = (entry.get("id") or entry.get("indicator")) if isinstance(entry, Mapping) else None
    return str(known) if known else ""


def _shortened(value: Any) -> str:
    text = hex(value) if isinstance(value, int) else value  # Python writes no whole number of 4,300 digits or more
    return text if len(text) <= _LONGEST_NUMBER else f"{text[:20]}…"


def stated(value: Value) -> dict[str, Any]:
    """Return what somebody stated, as TOML writes it, without what is so by default."""
    return dict(written(value.model_dump(by_alias=True, exclude_defaults=True)))


def written(value: Any) -> Any:
    """Return plain data as TOML writes it: numbers digit by digit, a text that is the same in all languages once."""
    if isinstance(value, (list, tuple)):
        return [written(part) for part in value]
    if isinstance(value, Decimal) and value != value.to_integral_value():
        from tomlkit.items import Float, Trivia

        return Float(float(value), Trivia(), f"{value:f}")
    if not isinstance(value, Mapping):
        return value if isinstance(value, date) else plain(value)
    once = value.get(LANGUAGES[0])
    if value.keys() == {*LANGUAGES} and isinstance(once, str) and all(each == once for each in value.values()):
        return once
    return {str(key): written(part) for key, part in value.items() if part is not None}


def inline(value: Any) -> Any:
    """Return a value as it stands behind a key: a table on one line."""
    import tomlkit

    if not isinstance(value, dict):
        return tomlkit.item(value)
    table = tomlkit.inline_table()
    table.update(value)
    return table
