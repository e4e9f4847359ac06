"""Where entries of forms come from: which file of an inbox counts, which cell, and what a line brought before."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from kpi_toolkit.clients.form_reading import PROPERTIES, SUMS, Entries, Key, Return, properties_in, read_return
from kpi_toolkit.clients.provenance import Origin
from kpi_toolkit.clients.questions import Asking
from kpi_toolkit.clients.record import Record
from kpi_toolkit.clients.tabular import may_hold_data
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import nearest

_OURS = re.compile(rb"[0-9a-f]{64}")
"""The comment of an archive that we marked and nobody saved since: the hash of what was marked."""
_HIDDEN, _FEW_BYTES = ("~$", "."), 100_000
"""What files nobody sees begin with; how large what a workbook says it is may be to be read before it was looked at."""
MARKED = "marked"
"""The folder of copies in which what is wrong is marked."""


@dataclass(frozen=True)
class Before:
    """What a cycle's record says of returns so far, by their ids."""

    taken: set[str]
    """What was asked about these was answered."""
    left: set[str]
    mixed: set[str]
    bare: set[str]
    sent: set[str]
    """The hashes of the files that went out."""
    waiting: Mapping[str, set[str]]
    printed: set[tuple[str, str]]
    """Whose plans went out, and the marks of what was printed on them."""

    @classmethod
    def of(cls, record: Record) -> Before:
        """Return what the record of a cycle says."""
        lines = record.of("received")
        said = {name: {one for line in lines for one in line.facts.get(name, ())} for name in ("left", "mixed", "bare")}
        files = {one for line in lines for one in line.facts.get("files", ())}
        forms = [(person, form["sha256"]) for line in lines for person, form in line.facts["forms"].items()]
        taken = files | {name for person, sha in forms for name in (sha, f"{sha} {person}")}
        sent = {one for line in record.of("sent") for one in line.facts.get("files", ())}
        printed = {one for line in record.of("sent") for one in line.facts.get("printed", {}).items()}
        return cls(taken=taken, sent=sent, printed=printed, waiting=record.waiting, **said)


def client_of(path: Path) -> str:
    """Return the id of the client whose form a file says it is; empty where it says nothing."""
    with suppress(OSError, zipfile.BadZipFile, KeyError, ParseError), zipfile.ZipFile(path) as archive:
        if archive.getinfo(PROPERTIES).file_size <= _FEW_BYTES and any(stated := properties_in(archive)):
            return stated[0]
    return next(iter(read_return(path, {}, {SUMS: {}}, Asking({})).stated), "")  # a program lost them: its cells say it


def event_of(rows: Iterable[Any], origins: Iterable[Origin], key: Key, entries: Entries) -> Any:
    """Return the row of ``adjustments.csv`` that an event on a form already is; None where it is a new one.

    It is the one that says the same; else the one that this line of the form brought, as long as more than half of
    it is the same: what was mended in the form, or in the table, is still the same event.
    """
    mine = [row for row in rows if row.person == key[1]]
    lines = _by_line(origin for origin in origins if origin.key[:2] == key[:2])
    said = {column: came.value for column, came in entries.items()}
    if same := next((row for row in mine if _alike(row, said) == len(said)), None):
        return same
    was = lines.pop(key, {})
    others = [row for row in mine if any(_as_taken(row, line) == len(line) for line in lines.values())]
    free = [row for row in mine if row not in others]
    row = max(free, key=lambda row: _as_taken(row, was), default=None)
    kept = row is not None and _as_taken(row, was) * 2 > len(was)
    return row if was and kept and _alike(row, said) * 2 > len(said) else None


def events_gone(rows: Iterable[Any], origins: Iterable[Origin], found: Return) -> Iterator[tuple[Any, list[Origin]]]:
    """Go through the events that a file brought before and whose line is blank in it now: the row, and its origins."""
    lines = _by_line(each for each in origins if each.table == "adjustments" and each.file == found.path.name)
    blank = {(row.table, row.person, row.line) for row, _ in found.entries} - {*found.values}
    for key in [key for key in lines if key in blank]:
        was = lines[key]
        row = next((row for row in rows if row.person == key[1] and _as_taken(row, was) == len(was)), None)
        if row is not None:
            yield row, [*was.values()]


def _by_line(origins: Iterable[Origin]) -> dict[Key, dict[str, Origin]]:
    """Return where values came from by the line of a form that brought them, and by column."""
    lines = gathered((origin.key[:3], origin) for origin in origins)
    return {line: {origin.column: origin for origin in own} for line, own in lines.items()}


def _alike(row: Any, said: Mapping[str, Any]) -> int:
    """Return in how many columns a row of a table says what a form says."""
    return sum(getattr(row, column) == value for column, value in said.items())


def _as_taken(row: Any, line: Mapping[str, Origin]) -> int:
    """Return in how many columns a row of a table still says what a line of a form brought."""
    return sum(says(origin, getattr(row, column, None)) for column, origin in line.items())


def says(origin: Origin, value: Any) -> bool:
    """Whether a value is the one that was taken."""
    if not isinstance(value, Decimal):
        return value is not None and origin.value == str(value)
    try:
        return Decimal(origin.value) == value
    except InvalidOperation:
        return False


def origins_of(key: Key, entries: Entries, found: Return) -> Iterator[Origin]:
    """Go through where the entries of a row came from."""
    for column, came in entries.items():
        yield Origin(
            table=key[0], person=key[1], indicator=key[2], column=column,
            value=f"{came.value:f}" if isinstance(came.value, Decimal) else str(came.value), file=found.path.name,
            sheet=came.place.sheet or "", cell=came.place.cell, sha256=found.sha256,
        )  # fmt: skip


def told_apart(line: tuple[str, str, str], person: str, phase: str, returns: Sequence[Return]) -> dict[str, list[str]]:
    """Return in which cells the returns that fill in a line do so, and what they say."""
    table, row, column = line
    cells = [each.values[table, person, row][column] for each in returns if line in each.said(person, phase)]
    return {"cells": [*dict.fromkeys(came.place.cell for came in cells)], "said": [came.text for came in cells]}


def latest(path: Path) -> Path:
    """Return the marked copy of a file where somebody went on in that.

    What we marked says of which file it is, until a program saves it: then somebody was in it. A copy that still says
    so is nobody's return, whichever file the file system takes for the newer one.
    """
    copy = path.parent / MARKED / path.name
    if not copy.is_file() or copy.is_symlink() or copy.stat().st_mtime < path.stat().st_mtime:
        return path
    try:
        with zipfile.ZipFile(copy) as archive:
            return path if _OURS.fullmatch(archive.comment) else copy
    except (OSError, zipfile.BadZipFile):
        return path


def forms_in(folder: Path) -> list[Path]:
    """Return the files of an inbox that somebody could have filled in, marked copies in the place of what they mark.

    Raises WorkbookError where there is no such folder, with the one beside it whose name is most like it.
    """
    if not folder.is_dir():
        above = folder.parent
        beside = [path.name for path in above.iterdir() if path.is_dir()] if above.is_dir() else []
        near = nearest(folder.name, beside)
        raise WorkbookError("no-inbox", folder=str(folder), nearest=str(above / near) if near else "")
    return [latest(path) for path in sorted(folder.iterdir()) if _may_be_form(path)]


def by_client(folder: Path, clients: Collection[str]) -> tuple[dict[str, list[Path]], list[Path]]:
    """Return the forms in a folder by the client whose they say they are, and those of none of these ``clients``."""
    found = gathered((client_of(path), path) for path in forms_in(folder))
    nobodys = [path for name, paths in found.items() if name not in clients for path in paths]
    return {name: found[name] for name in clients if name in found}, nobodys


def beside_forms(folder: Path) -> list[Path]:
    """Return what in an inbox is no form, and nothing of a program's or of ours: a picture, a mail, a folder."""
    return [path for path in sorted(folder.iterdir())
            if not (path.name == MARKED or path.name.startswith(_HIDDEN) or _may_be_form(path))]  # fmt: skip


def _may_be_form(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(_HIDDEN) and may_hold_data(path.name)
