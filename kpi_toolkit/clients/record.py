"""A cycle's record: ``record.jsonl``, one line for everything that was done, each bound to the line before by its hash.

It holds ids and hashes, no names and no free text about people. A line's ``hash`` is the SHA-256 of the line up to
``, "hash"`` and a line end, so that a text editor and ``sha256sum`` are enough to check it (``docs/record.md``).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.reading import MAX_BYTES
from kpi_toolkit.clients.storage import sha256, write_file
from kpi_toolkit.method.issues import Issue, IssuesError, Place, error
from kpi_toolkit.method.shown import json_text

RECORD = "record.jsonl"
KINDS = (
    "opened", "agreed", "sent", "received", "appraised", "talk", "signed", "presented", "closed", "delivered",
    "corrected", "reopened", "forgotten", "scanned",
)  # fmt: skip
"""What a line may say was done."""
SHORT = 16
"""So many digits of a line's hash stand on each page."""
_ENDING = re.compile(r', "hash": "([0-9a-f]{64})"\}')
_OWN = ("n", "at", "kind", "by", "before", "hash")


class State(StrEnum):
    """Where a cycle stands: its figures may change, were shown for the talks, or hold."""

    DRAFT = "draft"
    PRESENTED = "presented"
    CLOSED = "closed"


_LEADS_TO = {
    "opened": State.DRAFT, "presented": State.PRESENTED, "closed": State.CLOSED, "corrected": State.CLOSED,
    "reopened": State.DRAFT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a record: number, when (UTC), what was done, by whom, ids and hashes, and its place in the chain."""

    n: int
    at: str
    kind: str
    by: str
    facts: Mapping[str, Any]
    before: str
    hash: str

    @property
    def mark(self) -> str:
        """The line as a page names it.

        >>> Line(7, "", "closed", "", {}, "", "0123456789abcdef" * 4).mark
        '7 · 0123456789abcdef'
        """
        return f"{self.n} · {self.hash[:SHORT]}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that no longer fits what was recorded: its kind, the file, the person and the line it is about."""

    kind: str
    path: str
    person: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The lines of a cycle's record, oldest first, and what is wrong with it."""

    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def state(self) -> State:
        """Where the cycle stands; a cycle without a record is a draft."""
        return _LEADS_TO[self.deciding.kind] if self.deciding else State.DRAFT

    @property
    def deciding(self) -> Line | None:
        """The line that says where the cycle stands; later ones move no figure."""
        return next((line for line in reversed(self.lines) if line.kind in _LEADS_TO), None)

    @property
    def delivered(self) -> Line | None:
        """The newest line whose figures were delivered: what everybody holds in their hands."""
        numbers = {line.facts.get("delivery") for line in self.of("delivered")}
        held = (line for line in reversed(self.of("closed", "corrected")) if line.facts.get("delivery") in numbers)
        return next(held, None)

    def until(self, at: str) -> Record:
        """Return the record as it stood at a moment (UTC, as lines state it)."""
        return Record(tuple(line for line in self.lines if line.at <= at))

    @property
    def agreed_with(self) -> set[str]:
        """Whose plan both sides have signed."""
        return {str(line.facts.get("person")) for line in self.of("agreed")}

    def of(self, *kinds: str) -> tuple[Line, ...]:
        """Return the lines of these kinds."""
        return tuple(line for line in self.lines if line.kind in kinds)

    @property
    def waiting(self) -> dict[str, set[str]]:
        """By inbox whose forms of which phase wait for an answer, or were refused and did not come again.

        Of each inbox that is what was open when it was collected last; what was accepted since waits no more.
        """
        found: dict[str, set[str]] = {}
        for line in self.of("received"):
            taken = {f"{person} {form['phase']}" for person, form in line.facts["forms"].items()}
            found = {inbox: forms - taken for inbox, forms in found.items()}
            found[line.facts.get("inbox", "")] = {*line.facts.get("waiting", ())}
        return found


def read_record(folder: Path) -> Record:
    """Return the record of a cycle's folder; an empty one where there is none. What is wrong is among its problems."""
    path = folder / RECORD
    if not os.path.lexists(path):
        return Record()
    try:
        data = b"" if path.is_symlink() or path.stat().st_size > MAX_BYTES else path.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text.endswith("\n"):  # never written so: lines are added whole
        text = text[: text.rfind("\n") + 1]
        return Record(*_lines(text, [Problem("cut", RECORD, line=text.count("\n") + 1)]))
    return Record(*_lines(text, []))


def _lines(text: str, problems: list[Problem]) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Return the lines of a record and, after those known, each problem of the chain once."""
    found: list[Line] = []
    number, before = 1, ""
    for at, written in enumerate(text.split("\n")[:-1], start=1):
        line = _parsed(written)
        if line is None or hash_of(written) != line.hash:
            problems.append(Problem("rewritten", RECORD, line=at))
        elif line.n != number:
            problems.append(Problem("cut", RECORD, line=at))
        elif line.before != before:  # a line bound itself anew, and the one that follows it does not know it
            problems.append(Problem("rewritten", RECORD, line=max(at - 1, 1)))
        number, before = (line.n if line else number) + 1, line.hash if line else ""
        found += [line] if line else []
    return tuple(found), tuple(dict.fromkeys(problems))


def broken(record: Record, cycle: str) -> list[Issue]:
    """Return the finding that a cycle's record no longer holds together, at the first line where it does not."""
    return [error("record-broken", Place(f"cycles/{cycle}/{RECORD}", problem.line)) for problem in record.problems[:1]]


def hash_of(written: str) -> str:
    """Return what the hash of a written line has to be."""
    return sha256(f"{_ENDING.split(written)[0]}\n".encode())


def _parsed(written: str) -> Line | None:
    """Return a line as it is written, None where it says something else than lines do."""
    try:
        said = json.loads(written)
        line = Line(facts={key: value for key, value in said.items() if key not in _OWN}, **{k: said[k] for k in _OWN})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    texts = (line.at, line.kind, line.by, line.before, line.hash)
    sound = isinstance(line.n, int) and all(isinstance(text, str) for text in texts) and line.kind in KINDS
    return line if sound and _ENDING.search(written) else None


def with_line(folder: Path, kind: str, by: str, **facts: Any) -> tuple[Line, bytes]:
    """Return a new line of a cycle's record and the whole file with it, for who writes it together with others.

    Raises IssuesError where the record no longer holds together.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of line: {kind}")
    record = read_record(folder)
    if record.problems:
        raise IssuesError(broken(record, folder.name))
    start = {"n": len(record.lines) + 1, "at": now(), "kind": kind, "by": by}
    open_end = json_text({**start, **facts, "before": record.lines[-1].hash if record.lines else ""})[:-1]
    bound = f'{open_end}, "hash": "{hash_of(open_end)}"}}'
    line = _parsed(bound)
    if line is None:
        raise ValueError(f"a line of a record holds plain data: {bound}")
    earlier = (folder / RECORD).read_bytes() if record.lines else b""
    return line, earlier + bound.encode() + b"\n"


def up_to_state(data: bytes) -> bytes:
    """Return a record up to the last line that a page shows: where the cycle stands, goals agreed, talks held."""
    lines = data.splitlines(keepends=True)
    last = max((at for at, line in enumerate(lines) if _is_shown(line)), default=-1)
    return b"".join(lines[: last + 1])


def _is_shown(line: bytes) -> bool:
    said = _parsed(line.decode("utf-8", "replace").rstrip("\n"))
    return said is not None and said.kind in {*_LEADS_TO, "agreed", "talk"}


def append(folder: Path, kind: str, by: str, **facts: Any) -> Line:
    """Add a line to a cycle's record and return it. Who calls this holds the client's lock.

    ``facts`` are plain data: ids, hashes, numbers; no names and no free text. Raises IssuesError where the record no
    longer holds together, OSError where it cannot be written; it is as it was then.
    """
    line, data = with_line(folder, kind, by, **facts)
    write_file(folder / RECORD, data)
    return line


def now() -> str:
    """Return this moment in UTC as records state it; ``KPI_NOW`` sets another one, for records that are made again."""
    return os.environ.get("KPI_NOW") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
