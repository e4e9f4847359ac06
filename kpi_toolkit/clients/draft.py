"""A client's files under work: a history of their texts. Comments stay, one act is one step, saving is explicit.

Every change is made in the text itself (:mod:`toml_edit`) and, beside it, in the plain data; it enters the history only
if the text, read back, says just that. A draft is kept in the client's folder until it is saved, so that no kernel,
browser or power cut takes it away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit

from kpi_toolkit.clients.acts import MODELS, Act, content_in, done
from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.frozen import DESIGN, PEOPLE, PROFILE
from kpi_toolkit.clients.library import called_by_name, curve_cards
from kpi_toolkit.clients.merging import Clash, merged, settled
from kpi_toolkit.clients.reading import as_declared, decode, raise_errors, read_bytes
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.clients.storage import client_lock, write_file, write_together
from kpi_toolkit.clients.table_lines import MONTHLY, table_of
from kpi_toolkit.clients.tabular import neighbours, table_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Design

KEPT = ".draft.json"
_BOM = "\ufeff"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
"""A number as TOML has it."""
Texts = Mapping[str, str]
"""The texts of the files, by their names."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says: plain data, the value it declares (None where it declares none), and what is wrong."""

    content: dict[str, Any] | None
    value: Any
    issues: Issues


@dataclass(frozen=True)
class Draft:
    """A value: a change gives a new draft that remembers those before it."""

    states: tuple[Texts, ...]
    """The files after each step, oldest first."""
    opened: Texts
    """The texts as they were opened or last saved."""
    read: Callable[[str, str], Read]
    """Reads a text: by the file's name and what stands in it."""
    place: int = 0
    """Which state is shown."""
    touch: str = ""
    """What is being typed in: what goes on there is the same step."""
    kept: Texts | None = None
    """The texts as this draft was kept last beside the files."""

    @property
    def texts(self) -> Texts:
        """The files as they would be saved."""
        return self.states[self.place]

    @property
    def text(self) -> str:
        """The text of the design as it would be saved."""
        return self.texts[DESIGN]

    def of(self, file: str) -> Read:
        """Return what a file says now; nothing where it is none that a form can change."""
        text = self.texts.get(file)
        return Read(None, None, Issues()) if text is None else self.read(file, text)

    @property
    def design(self) -> Design | None:
        """The design, None where what was typed cannot be read."""
        design: Design | None = self.of(DESIGN).value
        return design

    @property
    def issues(self) -> Issues:
        """What keeps the files from being read."""
        return Issues(issue for file in self.texts for issue in self.of(file).issues)

    @property
    def changed(self) -> bool:
        """Whether anything is not saved."""
        return bool(self.touched)

    @property
    def touched(self) -> list[str]:
        """The files in which something is not saved."""
        return [file for file, text in self.texts.items() if text != self.opened[file]]

    def change(self, *acts: Act, touch: str = "") -> Draft:
        """Return the draft after some acts, all of them one step. WorkbookError where one cannot be done to the file.

        With the same ``touch`` as the change before it goes on with that step instead of adding one.
        """
        texts = dict(self.texts)
        for file, own in gathered((act.file, act) for act in acts).items():
            if file not in texts:
                raise WorkbookError("table-elsewhere", file=file)
            texts[file] = done(texts[file], *own)
        if texts == self.texts:
            return self
        going_on = bool(touch) and touch == self.touch and self.place == len(self.states) - 1 > 0
        kept = self.states[: self.place + (not going_on)]
        return replace(self, states=(*kept, texts), place=len(kept), touch=touch)

    def undo(self) -> Draft:
        """Return the state before."""
        return replace(self, place=max(0, self.place - 1), touch="")

    def redo(self) -> Draft:
        """Return the state that was undone last."""
        return replace(self, place=min(len(self.states) - 1, self.place + 1), touch="")


def number_or_text(typed: str) -> Any:
    """Return a typed value for a TOML file: a number as it was written, anything else as a text; None for nothing.

    >>> number_or_text("12.50").as_string(), number_or_text("many"), number_or_text("-.5"), number_or_text(" ")
    ('12.50', 'many', '-.5', None)
    """
    plain = typed.strip()
    return tomlkit.value(plain) if _NUMBER.fullmatch(plain) else plain or None


def date_or_text(typed: str) -> Any:
    """Return a typed day as a date, anything else as a text; None for nothing."""
    with suppress(ValueError):
        return date.fromisoformat(typed.strip())
    return typed.strip() or None


def open_draft(workbook: Workbook, client: str) -> Draft:
    """Return a client's files as a draft, with what was kept of an earlier one as its newest step.

    IssuesError where a file cannot be read at all.
    """
    opened = _texts(workbook, client)
    draft = Draft((opened,), opened, reader(workbook))
    raise_errors(draft.issues)
    kept = _kept(workbook.client_folder(client), opened)
    if not kept:
        return draft
    return replace(draft, states=(*draft.states, kept[0]), opened=kept[1], place=1, kept=kept[2])


def with_texts(workbook: Workbook, client: str, draft: Draft) -> Draft:
    """Return a draft with the client's files that have come since it was opened."""
    fresh = {file: text for file, text in _texts(workbook, client).items() if file not in draft.opened}
    states = tuple({**state, **fresh} for state in draft.states)
    return replace(draft, opened={**draft.opened, **fresh}, states=states) if fresh else draft


def reader(workbook: Workbook) -> Callable[[str, str], Read]:
    """Return what reads a text of a client's file; the last few are remembered."""
    named = called_by_name(workbook) | {"curves": {name: card.curve for name, card in curve_cards(workbook).items()}}

    @lru_cache(maxsize=16)
    def read(file: str, text: str) -> Read:
        content, issues = content_in(text, file)
        if content is None or table_of(file):  # what is wrong in a table keeps nobody from working on the design
            return Read(content, None, issues)
        return Read(content, *as_declared(content, MODELS[file], file, **named))

    return read


def _texts(workbook: Workbook, client: str) -> dict[str, str]:
    """Return the texts of a client's files; a table that stands in an Excel workbook, say, is changed there."""
    folder = workbook.client_folder(client)
    texts = {}
    for file in (DESIGN, PROFILE):
        data, issues = read_bytes(folder / file, file)
        raise_errors(issues)
        texts[file] = (data or b"").decode("utf-8", "surrogateescape").removeprefix(_BOM)
    tables = {file: text_of_table(folder / file) for file in (PEOPLE, *monthly_in(folder))}
    return texts | {
        file: text for file, text in tables.items() if text is not None and content_in(text, file)[0] is not None
    }


def monthly_in(folder: Path) -> dict[str, str]:
    """Return the tables of the cycles whose figures may change, newest first, each with its cycle."""
    records = {cycle: read_record(folder / "cycles" / cycle) for cycle in reversed(cycles_in(folder)[0])}
    cycles = [name for name, record in records.items() if record.state == State.DRAFT and not record.problems]
    return {f"cycles/{cycle}/{name}": cycle for cycle in cycles for name in MONTHLY}


def text_of_table(path: Path) -> str | None:
    """Return the text of a table, blank where there is none yet; None where it stands in another file."""
    if not path.exists():
        return "" if table_file(path) == path and not neighbours(path) else None
    data, _ = read_bytes(path, path.name)
    return decode(data, path.name)[0] if data is not None else None


def keep_draft(workbook: Workbook, client: str, draft: Draft) -> Draft:
    """Write down what is not saved, beside the files, and return it; a draft that holds nothing new leaves nothing.

    What another form of the client has kept there meanwhile (a card taken from the library, say) comes in as a step.
    """
    path = workbook.client_folder(client) / KEPT
    draft = _with_others(draft, _content_of(path))
    if draft.changed:
        kept = {
            key: {file: texts[file] for file in draft.touched}
            for key, texts in (("opened", draft.opened), ("texts", draft.texts))
        }
        write_file(path, json.dumps(kept, ensure_ascii=False))
    else:
        path.unlink(missing_ok=True)
    return replace(draft, kept=draft.texts)


def _with_others(draft: Draft, there: Mapping[str, Any]) -> Draft:
    """Return a draft with what another one has kept in other lines."""
    base, ours = draft.kept or draft.opened, draft.texts
    theirs = there.get("texts", base)
    pieces = {file: merged(file, base[file], text, theirs.get(file, base[file])) for file, text in ours.items()}
    texts = {file: ours[file] if _clashes(each) else settled(each) for file, each in pieces.items()}
    if texts == dict(ours):
        return draft
    states = (*draft.states[: draft.place + 1], texts)
    return replace(draft, states=states, place=len(states) - 1, touch="")


def _content_of(path: Path) -> dict[str, Any]:
    """Return what was kept; nothing where there is nothing to read."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _kept(folder: Path, opened: Texts) -> tuple[Texts, Texts, Texts] | None:
    """Return what was kept of an earlier draft, put together with what the files have become since, its origin, itself.

    Where both changed the same lines it is as it was kept, and of the files before that: saving it shows both.
    """
    try:
        kept = _content_of(folder / KEPT)
        was, texts = ({file: kept[key].get(file, now) for file, now in opened.items()} for key in ("opened", "texts"))
        pieces = {file: merged(file, was[file], texts[file], text) for file, text in opened.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    both = {file: bool(_clashes(each)) for file, each in pieces.items()}
    own = {file: texts[file] if both[file] else settled(each) for file, each in pieces.items()}
    origin = {file: was[file] if both[file] else text for file, text in opened.items()}
    return (own, origin, texts) if own != dict(opened) else None


class ClashError(WorkbookError):
    """A file was changed by somebody else in the same lines; ``clashes`` says where."""

    def __init__(self, code: str, clashes: Sequence[Clash], file: str) -> None:
        super().__init__(code, file=file)
        self.clashes = tuple(clashes)


def save_draft(workbook: Workbook, client: str, draft: Draft, *, sides: Sequence[bool] = ()) -> Draft:
    """Write a draft into the client's files and return it as saved; its history stays.

    What somebody else changed meanwhile in other lines is kept. Where both changed the same, ``sides`` says of each
    clash in its order whether this draft's side is to stand.
    Raises IssuesError where it could not be read again, ClashError while that is not said.
    """
    raise_errors(draft.issues)
    folder = workbook.client_folder(client)
    with client_lock(folder):
        here = _texts(workbook, client)
        gone = [file for file in draft.touched if file not in here]
        if gone:  # its month was closed meanwhile, say
            raise WorkbookError("table-elsewhere", file=gone[0])
        now = {**draft.opened, **here}
        texts = _together(client, draft, now, sides)
        for file, text in texts.items():
            raise_errors(draft.read(file, text).issues)
        changed = {file: text for file, text in texts.items() if text != now[file]}
        write_together({folder / file: as_bytes(folder / file, text) for file, text in changed.items()})
        (folder / KEPT).unlink(missing_ok=True)
    return _saved(draft, texts)


def _saved(draft: Draft, texts: Texts) -> Draft:
    """Return the draft as saved: what somebody else changed is a step of its own."""
    here = replace(draft, opened=texts, touch="", kept=None)
    if dict(texts) == dict(draft.texts):
        return here
    return replace(here, states=(*draft.states[: draft.place + 1], texts), place=draft.place + 1)


def _together(client: str, draft: Draft, now: Texts, sides: Sequence[bool]) -> dict[str, str]:
    pieces = {file: merged(file, draft.opened[file], ours, now[file]) for file, ours in draft.texts.items()}
    clashes = [clash for each in pieces.values() for clash in _clashes(each)]
    if len(clashes) > len(sides):
        raise ClashError("design-changed", clashes, f"{client}/{clashes[0].file}")
    said = iter(sides)
    return {file: settled(each, said) for file, each in pieces.items()}


def _clashes(pieces: Sequence[str | Clash]) -> list[Clash]:
    return [piece for piece in pieces if isinstance(piece, Clash)]


def as_bytes(path: Path, text: str) -> bytes:
    """Return a text as the file has it: with its byte-order mark, if any; a table always with it, for Excel."""
    marked = bool(table_of(path.name)) or (path.exists() and path.read_bytes().startswith(_BOM.encode()))
    return (_BOM if marked else "").encode() + text.encode("utf-8", "surrogateescape")
