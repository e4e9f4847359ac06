"""A design under work: the text of its file, state by state. Comments stay, steps can be undone, saving is explicit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.library import curves_by_name
from kpi_toolkit.clients.reading import parse_toml, raise_errors, read_bytes
from kpi_toolkit.clients.storage import client_lock, sha256, write_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Design

_FILE = "design.toml"


@dataclass(frozen=True)
class Draft:
    """A value: a change gives a new draft that remembers those before it."""

    texts: tuple[str, ...]
    """Every state, oldest first."""
    place: int = 0
    """Which of them is shown."""
    saved: str = ""
    """SHA-256 of the file as it was opened or last saved."""
    curves: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """The text of the file as it would be saved."""
        return self.texts[self.place]

    @cached_property
    def _read(self) -> tuple[Design | None, Issues]:
        return parse_toml(self.text.encode(), Design, _FILE, curves=self.curves)

    @property
    def design(self) -> Design | None:
        """The design, None where what was typed cannot be read."""
        return self._read[0]

    @property
    def issues(self) -> Issues:
        """What keeps it from being read."""
        return self._read[1]

    def change(self, key: str, typed: Any) -> Draft:
        """Return the draft with one key set: ``roles.editor.indicators.articles.weight``; None takes the key away.

        A number is given as it was typed, so that 12.50 stays 12.50. What is no number stands as a text, and the
        reader of the file says so.
        """
        document = tomlkit.parse(self.text)
        *above, last = key.split(".")
        place: Any = document
        for step in above:
            place = _entry(place, step)
        if typed is None:
            place.pop(last, None)
        else:
            place[last] = typed
        return self._with(tomlkit.dumps(document))

    def add(self, role: str, indicator: Mapping[str, Any]) -> Draft:
        """Return the draft with an indicator put at the end of a role's form."""
        document = tomlkit.parse(self.text)
        lines: Any = document["roles"][role].setdefault("indicators", tomlkit.aot())
        lines.append(tomlkit.item(dict(indicator)))
        return self._with(tomlkit.dumps(document))

    def drop(self, role: str, indicator: str) -> Draft:
        """Return the draft without an indicator of a role."""
        document = tomlkit.parse(self.text)
        lines: Any = document["roles"][role]["indicators"]
        del lines[[line["id"] for line in lines].index(indicator)]
        return self._with(tomlkit.dumps(document))

    def undo(self) -> Draft:
        """Return the state before."""
        return replace(self, place=max(0, self.place - 1))

    def redo(self) -> Draft:
        """Return the state that was undone last."""
        return replace(self, place=min(len(self.texts) - 1, self.place + 1))

    def _with(self, text: str) -> Draft:
        if text == self.text:
            return self
        kept = self.texts[: self.place + 1]
        return replace(self, texts=(*kept, text), place=len(kept))


def number_or_text(typed: str) -> Any:
    """Return a typed value for a TOML file: a number as it was written, anything else as a text; None for nothing.

    >>> number_or_text("12.50").as_string(), number_or_text("many"), number_or_text(" ")
    ('12.50', 'many', None)
    """
    plain = typed.strip()
    digits = plain.removeprefix("-").replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and not plain.endswith(".") and not plain.startswith("."):
        head = plain.removeprefix("-").split(".")[0]
        if head == str(int(head)):
            return tomlkit.value(plain)
    return plain or None


def open_draft(workbook: Workbook, client: str) -> Draft:
    """Return a client's design as a draft. IssuesError where the file cannot be read at all."""
    data, issues = read_bytes(_path(workbook, client), _FILE)
    raise_errors(issues)
    draft = Draft(((data or b"").decode("utf-8-sig"),), saved=sha256(data or b""), curves=curves_by_name(workbook))
    raise_errors(draft.issues)
    return draft


def save_draft(workbook: Workbook, client: str, draft: Draft) -> Draft:
    """Write a draft into the client's ``design.toml`` and return it as saved; its history stays.

    Raises IssuesError where it could not be read again, WorkbookError where somebody else changed the file meanwhile.
    """
    raise_errors(draft.issues)
    path = _path(workbook, client)
    with client_lock(path.parent):
        if sha256(path.read_bytes()) != draft.saved:
            raise WorkbookError("design-changed", file=f"{client}/{_FILE}")
        return replace(draft, saved=write_file(path, draft.text))


def _path(workbook: Workbook, client: str) -> Path:
    return workbook.client_folder(client) / _FILE


def _entry(place: Any, step: str) -> Any:
    """Return what a step of a key leads to: in a list the entry of that id; a table that is not there is made."""
    if isinstance(place, list):
        return next(line for line in place if line["id"] == step)
    return place.setdefault(step, tomlkit.table())
