"""Where a table begins: its header is the row that names its columns, also under a title and in other writing.

What people usually write over a column is data, ``templates/headings.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.method.issues import Issue, Place, error, hint, nearest
from kpi_toolkit.method.numbers import is_not_reported

Lines = list[tuple[int, list[str]]]
"""Rows that hold something, each with its number in the file and its cells."""
FORMULA_ERROR = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!|FIELD!)")
WITHIN = 20
"""In how many rows from the top the header is looked for."""


class Wanted(NamedTuple):
    """What a table is known by: the columns that it may have, those that it has to have, and whose they are."""

    known: Collection[str] = ()
    needed: Collection[str] = ()
    table: str = ""


def find_header(lines: Lines, wanted: Wanted) -> tuple[list[str], Lines, Lines]:
    """Return a table's header, the rows above it, and the rows from the header on.

    The header is, among the first twenty rows, the one that names most of the known columns, or says most of what
    people usually write over those of the table; the first of equals, and the first row where nothing is known. A
    known column is recognised in capitals, full width and its own Chinese name, too, whoever is meant also by "Name".

    >>> lines = [(1, ["October"]), (3, ["Person", "ACTUAL", "x"]), (4, ["p1", "3", ""])]
    >>> find_header(lines, Wanted(["person", "actual"]))
    (['person', 'actual', 'x'], [(1, ['October'])], [(3, ['Person', 'ACTUAL', 'x']), (4, ['p1', '3', ''])])
    """
    known = wanted.known
    if not lines:
        return [], [], []
    names = {folded(word): name for name, word in _native(wanted.table).items() if name in known}
    names |= {folded(name): name for name in known}
    instead = _content()["native"]["instead"].items()
    named = [_named(cells, wanted) for _, cells in lines[:WITHIN]]
    start = named.index(max(named))
    missing = {*known} - {names.get(folded(cell)) for cell in lines[start][1]}
    names |= {folded(word): name for name, words in instead if name in missing for word in words}
    header = [names.get(folded(cell), cell.strip()) for cell in lines[start][1]]
    while header and not header[-1]:
        header.pop()
    return header, lines[:start], lines[start:]


def without_header(lines: Lines, wanted: Wanted, place: Place) -> Issue | None:
    """Return what is said where none of the first twenty rows names a column, or almost two; None where one does."""
    if not lines:
        return error("empty-file", place)
    top, known = lines[:WITHIN], wanted.known
    if not known or any(_named(cells, wanted) for _, cells in top):
        return None
    if any(sum(bool(nearest(cell, known)) for cell in cells) > 1 for _, cells in top):
        return None
    low = next((row for row, cells in lines[WITHIN:] if _named(cells, wanted) > 1), None)
    if low is not None:
        return error("header-too-low", place.at(low), row=low, limit=WITHIN)
    text = " ".join(filter(None, lines[0][1]))[:_SHOWN]
    return error("no-header", place, text=text, limit=WITHIN, columns=list(known))


def _named(cells: list[str], wanted: Wanted) -> int:
    """Return how many columns a row names, in their own words or in those that people use."""
    known, _, table = wanted
    own = {folded(word) for name, word in _native(table).items() if name in known}
    usual = own | {folded(name) for name in known} | (_usual(table).keys() if table else set())
    return len(usual & {folded(cell) for cell in cells})


def above_header(above: Lines, place: Place) -> Issue:
    """Return the finding on the rows above a header, with the text of the first."""
    texts = [" ".join(filter(None, cells)).strip() for _, cells in above]
    rows = runs([number for number, _ in above])
    return hint("rows-above-header", place, rows=rows, text=texts[0][:_SHOWN], said="\n".join(texts))


_SHOWN = 60


@lru_cache(maxsize=16_384)  # the cells of a table are asked about several times
def folded(heading: str) -> str:
    """Return a heading as it is compared: without capitals, full width, blanks and what nobody can see.

    >>> folded(" Ａctual "), folded("From Tier") == folded("from_tier")
    ('actual', True)
    """
    seen = (char for char in unicodedata.normalize("NFKC", heading) if unicodedata.category(char) != "Cf")
    return "".join("".join(seen).casefold().split()).replace("_", "")


def without_unit(name: str) -> str:
    """Return a name without the unit, team or remark behind it.

    >>> without_unit("Revenue (GBP)"), without_unit("Return rate %"), without_unit("Cost as % of revenue")
    ('Revenue', 'Return rate', 'Cost as % of revenue')
    """
    return _UNIT_IN_NAME.sub("", name) or name


_UNIT_IN_NAME = re.compile(r"\s*(?:[（(][^（()）]*[)）]?|%)\s*$")


def meant(heading: str, table: str) -> str:
    """Return the column of a table that people usually mean by a heading; empty where that is not known.

    >>> meant("姓名", "people"), meant("Job title", "people"), meant("colour", "people")
    ('name', 'role', '')
    """
    return _usual(table).get(folded(heading), "")


def _native(table: str) -> dict[str, str]:
    """Return what a table's columns are called in Chinese: accepted as they stand, unlike what people usually write."""
    native: dict[str, dict[str, str]] = _content()["native"]
    return native["any"] | native.get(table, {})


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    return tomllib.loads((shipped() / "templates" / "headings.toml").read_text("utf-8"))


def names_nobody(name: str) -> bool:
    """Whether what stands for a person's name is a heading, a blank of a template, or says that there is none.

    >>> [names_nobody(name) for name in ("TBD", "姓名", "{{name}}", "##", "Null", "欧阳娜娜")]
    [True, True, True, True, False, False]
    """
    plain = name.strip()
    said = meant(plain, "people") or meant(plain, "nobody") or is_not_reported(plain)
    lettered = any(map(str.isalnum, plain)) and not _BLANK_OF_TEMPLATE.search(plain)
    return not lettered or (bool(said) and not may_be_a_name(plain))


def may_be_a_name(name: str) -> bool:
    """Whether a name is also what programs write for nothing: it is kept and asked about."""
    return name.strip().casefold() in {"null", "none", "nan", "na"} and name.strip() != "Nan"


_BLANK_OF_TEMPLATE = re.compile(r"\{\{|\}\}|\$\{|%[sd]$|^[<［【\[{].*[>］】\]}]$|^\$\w+$|^[x×_*.…]{2,}$", re.IGNORECASE)


@lru_cache(maxsize=16)
def _usual(table: str) -> dict[str, str]:
    return {folded(word): column for column, words in _content().get(table, {}).items() for word in words}


def runs(items: list[Any]) -> str:
    """Return places as a list; runs of rows as ranges, and no more than ten of them.

    >>> runs([3, 5, 6, 7])
    '3, 5–7'
    """
    runs: list[list[Any]] = []
    for item in items:
        if runs and isinstance(item, int) and item == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], item]
        else:
            runs.append([item])
    shown = ["–".join(str(end) for end in run) for run in runs[:10]]
    return ", ".join(shown) + ("…" if len(runs) > len(shown) else "")
