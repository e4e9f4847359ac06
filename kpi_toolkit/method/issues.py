"""One kind of finding for everything that can be wrong: a design, a client's file, the machine.

An issue carries a code and the values that fill its sentence; the sentences, in Chinese and English, are data
(``templates/checks.toml``), so a finding can be shown in either language long after it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal

from kpi_toolkit.method.value import Text

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: a file, in a workbook a sheet, and in it a row and column, or a key."""

    file: str = ""
    row: int | None = None
    column: str | None = None
    key: str | None = None
    sheet: str | None = None

    def at(self, row: int, column: str | None = None) -> Place:
        """Return a row, or a cell, of the same file."""
        return replace(self, row=row, column=column)

    def __str__(self) -> str:
        """Return the place in one line: ``people.csv, row 3, column role``."""
        parts = [self.file] if self.file else []
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.key is not None:
            parts.append(self.key)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: its code, how bad it is, where it is, and the values of its sentence."""

    code: str
    severity: Severity
    place: Place = Place()
    values: Mapping[str, Any] = field(default_factory=dict)
    muted: Text | None = None
    """Why this client lives with it; None where nobody said so."""


def error(code: str, place: Place, **values: Any) -> Issue:
    """Return a finding that stops scoring, or that the method does not allow."""
    return Issue(code, "error", place, values)


def warning(code: str, place: Place, **values: Any) -> Issue:
    """Return a finding that a person should look at before the report goes out."""
    return Issue(code, "warning", place, values)


def hint(code: str, place: Place, **values: Any) -> Issue:
    """Return a finding that is worth a thought and no more."""
    return Issue(code, "hint", place, values)


class Issues(tuple[Issue, ...]):
    """Findings in the order in which they were made.

    >>> found = Issues([error("no-target", Place("design.toml")), warning("unknown-column", Place("people.csv"))])
    >>> [issue.code for issue in found.errors]
    ['no-target']
    """

    __slots__ = ()

    @property
    def errors(self) -> Issues:
        """Only those that are errors and not muted."""
        return Issues(issue for issue in self if issue.severity == "error" and issue.muted is None)

    def __add__(self, other: Iterable[Issue]) -> Issues:  # type: ignore[override]
        """Return both lists in one."""
        return Issues((*self, *other))

    def __iter__(self) -> Iterator[Issue]:
        """Go through the findings."""
        return super().__iter__()


class IssuesError(ValueError):
    """Something that a client's files or a design hold is wrong; every finding is in ``issues``."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = Issues(issues)
        super().__init__("; ".join(f"{issue.code} ({issue.place})" for issue in self.issues.errors or self.issues))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like the given one, or an empty string.

    >>> nearest("wieght", ["weight", "target"])
    'weight'
    """
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[found[0]] if found else ""
