"""What a talk's form says, as its tables keep it: choices by codes, disputes with who decided and when, measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpi_toolkit.clients.cell_values import in_unit, number_in
from kpi_toolkit.clients.form_reading import Came, Entries, Key, Return
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.issues import Issue, Known, error, hint
from kpi_toolkit.method.rows import MeasureRow
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.talk_rows import TALK
from kpi_toolkit.method.value import Text

if TYPE_CHECKING:
    from kpi_toolkit.clients.form_checks import Reading

TALKED = frozenset({"disputes", "answers", "measures"})
"""The tables that a talk brings something to."""
_SIGN = "2"


@dataclass(frozen=True)
class TalkEntries:
    """The entries of talks about a cycle, read for its tables."""

    forms: Reading

    def read(self, found: Return, key: Key, entries: Entries) -> tuple[Key, Entries, Mapping[str, Any]] | None:
        """Return a row as its table has it: its key, its entries, and what the table says of it already.

        None where nothing is to be taken, or what is wrong was said.
        """
        if key[0] == "answers":
            return key, entries | self._told(found, key, entries), {}
        before = len(found.issues)
        read = {column: self.forms.chosen(found, came) for column, came in entries.items()}
        if len(found.issues) > before:
            return None
        taken = self._dispute(found, key, read) if key[0] == "disputes" else self._measure(found, key, read)
        return None if len(found.issues) > before and found.wrong else taken

    def _told(self, found: Return, key: Key, entries: Entries) -> Entries:
        """Return who heard an answer and when, where the form is signed and nobody has said so yet."""
        (came, *_), known = entries.values(), self.known(key, entries)
        if not came.text or (known is not None and (known.by or known.date)):
            return {}
        signed = self._signed(found, key[1])
        by, on = signed["signed"].text if signed["signed"] else "", self._on(signed["on"], None)
        return {name: replace(came, column=name, text=value) for name, value in (("by", by), ("date", on)) if value}

    @staticmethod
    def _signed(found: Return, person: str) -> dict[str, Came | None]:
        """Return the day of the talk and the superior's signature as they stand on the form."""
        row = FormRow(person, TALK, "sign", _SIGN)
        return {column: found.entries.get((row, column)) for column in ("on", "signed")}

    def known(self, key: Key, entries: Entries) -> Any:
        """Return the row of its table that a row of the form is already; None where it is new."""
        name, person, line = key
        if name == "answers":
            own = (row for row in self.forms.told if (row.person, f"{row.checklist} {row.line}") == (person, line))
            return next(reversed([*own]), None)
        if name == "disputes":
            column = entries["column"].text if "column" in entries else line.rpartition(" ")[2]
            return self._disputed.get((person, line.split(" ")[0], column))
        kind, _, rest = line.partition(" ")
        return self.forms.earlier.get((person, rest)) if kind == "earlier" else self.forms.measures.get((person, line))

    @cached_property
    def _disputed(self) -> dict[tuple[str, str, str], Any]:
        return {(row.person, row.indicator, row.column): row for row in rows_of(self.forms.tables.disputes)}

    # --- disputes ----------------------------------------------------------------------------------------------------

    def _dispute(self, found: Return, key: Key, said: Entries) -> tuple[Key, Entries, Mapping[str, Any]] | None:
        # One piece: each check needs what the one before let through, and only what the first finds wrong is told.
        _, person, indicator = key
        if blank := [said[name] for name in ("column", "outcome", "reason") if not said[name].text]:
            found.issues += [error("blank-cell", came.place) for came in blank]
            return None
        asked, to = said["column"], said.get("to")
        if to is not None and asked.text == "actual" and asked.row.item is not None:
            number = in_unit(to.text, asked.row.item)
            said["to"] = to if number is None else replace(to, text=f"{number:f}")
        held = self._given(person, indicator)
        known = self._disputed.get((person, indicator, asked.text))
        stood = getattr(held, asked.text, None) if known is None else known.from_
        if stood is None:
            there = [label for option, label in self.forms.choices["item", "column"].items()
                     if getattr(held, option, None) is not None]  # fmt: skip
            said_so = " / ".join(self.forms.layout.labels[f"column_{asked.text}"].words)
            found.issues.append(_unknown(replace(asked, text=said_so), there))
            return None
        if moved := self._shown_otherwise(found, asked, (stood, getattr(held, asked.text))):
            found.issues.append(moved)
            return None
        signed = self._signed(found, person)
        by, on = self._decided(person, signed["signed"], known), self._on(signed["on"], known)
        if missing := [signed[column] for column, value in (("signed", by), ("on", on)) if not value]:
            found.issues += [error("blank-cell", came.place) for came in missing if came is not None and not came.text]
            return None
        more = {"from": f"{stood:f}", "by": by, "date": on}
        entries = said | {name: replace(asked, column=name, text=value) for name, value in more.items()}
        return ("disputes", person, f"{indicator} {asked.text}"), entries, {}

    def _given(self, person: str, indicator: str) -> Any:
        rows = rows_of(self.forms.tables.actuals)
        return next((row for row in rows if (row.person, row.indicator) == (person, indicator)), None)

    def _shown_otherwise(self, found: Return, asked: Came, fitting: tuple[Any, ...]) -> Issue | None:
        """Return what is wrong where the form shows another figure than the one that it would change now."""
        shown = next((came for came in found.locked if (came.row, came.column) == (asked.row, asked.text)), None)
        number = None if shown is None else number_in(shown.text)
        if shown is None or number is None or number in fitting:
            return None
        name = asked.row.item.name if asked.row.item else ""
        own = {"client": self.forms.client.id, "cycle": self.forms.cycle.id, "indicator": name}
        return error("talk-figure-moved", shown.place, value=shown.text, now=fitting[-1], **own)

    def _decided(self, person: str, signed: Came | None, known: Any) -> str:
        """Return who decided: whoever signed for the superior, else the superior."""
        boss = next((row.manager for row in rows_of(self.forms.tables.people) if row.id == person), None)
        name = self.forms.called.get(boss or "", Text.of(boss or "")).pick(self.forms.client.profile.languages[0])
        return (signed.text if signed else "") or (known.by if known else "") or name

    def _on(self, came: Came | None, known: Any) -> str:
        return (self.forms.day(came.text) if came and came.text else "") or (f"{known.date}" if known else "")

    # --- measures ----------------------------------------------------------------------------------------------------

    def _measure(self, found: Return, key: Key, said: Entries) -> tuple[Key, Entries, Mapping[str, Any]] | None:
        known = self.known(key, said)
        told = {} if known is None else known._asdict()
        stated = {name: value for name, value in told.items() if name in MeasureRow.model_fields}
        if key[2].startswith("earlier "):
            return (key, {"done": said["done"]}, stated) if said["done"].text else None
        deadline, measure = said.get("deadline"), said.get("measure")
        if known is None and not key[2].isdigit() and not (deadline and deadline.text and measure and measure.text):
            if deadline and measure and measure.text:
                found.issues.append(hint("talk-draft-left", deadline.place, measure=measure.text))
            return None
        if "indicator" in said:
            said["indicator"] = self._indicator(found, said["indicator"])
        if "owner" in said:
            said["owner"] = self._owner(said["owner"])
        return key, said, stated

    def _indicator(self, found: Return, came: Came) -> Came:
        """Return the id of an indicator of the person's form, by its name or id."""
        role = next(row.role for row in rows_of(self.forms.tables.people) if row.id == came.row.person)
        items = {item.id: item for item in self.forms.design.roles[role].indicators}
        meant = Known.named(items).exactly(came.text)
        if came.text and not meant:
            found.issues.append(_unknown(came, [item.name for item in items.values()]))
        return replace(came, text=next(iter(meant), ""))

    def _owner(self, came: Came) -> Came:
        """Return who has a measure: the id of somebody of this cycle, else as it was written."""
        ids = [who for who, name in self.forms.called.items() if folded(came.text) in map(folded, name.words)]
        return replace(came, text=ids[0]) if len(ids) == 1 else came


def _unknown(came: Came, known: list[Text]) -> Issue:
    return error("not-one-of", came.place, value=came.text, known=[*dict.fromkeys(known)], nearest="")
