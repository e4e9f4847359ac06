"""A figure of a file, and how figures get into a month's tables: whatever else stands there stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.afterwards import table_of
from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.cell_values import number_before_unit, typed_unit
from kpi_toolkit.clients.importing import SKIP, TAKE, Import
from kpi_toolkit.clients.record import read_record
from kpi_toolkit.clients.tables_out import own_columns, table_text
from kpi_toolkit.clients.tabular import read_table, rows_as_written, table_file
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Place, error, hint, warning
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.numbers import is_not_reported
from kpi_toolkit.method.rows import ActualRow
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import Text

TABLE_OF = {"target": "goals", **dict.fromkeys(("actual", "part", "whole", "self", "appraiser"), "actuals")}
"""Into which table the figures of a column go."""
AS_SHOWN = "as-shown"

Key = tuple[str, str, str]
"""Person, indicator and column."""


@dataclass
class Figure:
    """A figure as it was written, and the number that it is; ``reading`` proposes one where it is not plain."""

    record: Record
    person: str
    item: Indicator
    column: str
    text: str
    value: Decimal | None = None
    reading: str = ""

    @property
    def key(self) -> Key:
        """What there is one figure of."""
        return self.person, self.item.id, self.column

    @property
    def plain(self) -> str:
        """The number as tables have it; else what says that none was reported; empty where nothing does."""
        stated = self.text if self.column in ActualRow.figures and is_not_reported(self.text) else ""
        return stated if self.value is None else f"{self.value:f}"

    @property
    def kept(self) -> Decimal | str:
        """The number; else what says that none was reported."""
        return self.plain if self.value is None else self.value

    def label(self, language: str) -> str:
        """Return what it is of, and as it was written."""
        return f"{self.item.name.pick(language)} {self.text}"

    @property
    def said(self) -> str:
        """The name under which its reading is remembered."""
        return f"{self.column}:{self.item.id}:{self.text}"

    @property
    def unit(self) -> str:
        """The name under which it is remembered how figures are read in a unit that is not the indicator's own.

        Empty where its unit is not what is asked about.
        """
        unit = typed_unit(self.text) if bool(self.item.unit.words) == (self.reading == SKIP) else ""
        return unit and f"unit:{self.item.id}:{unit}"

    @property
    def ways(self) -> dict[str, str]:
        """What it is in each way to read its unit: as is proposed, or as if it were the indicator's."""
        return {AS_SHOWN: self.reading, TAKE: number_before_unit(self.text)} if self.unit else {}

    def answer(self, answers: Mapping[str, str]) -> str:
        """Return what was answered of it before, or of another figure in its unit; empty where nothing was."""
        return answers.get(self.said, "") or self.ways.get(answers.get(self.unit, ""), "")


def merge_figures(into: Import, folder: Path, table: str, found: Iterable[Figure]) -> None:
    """Put figures into a cycle's table, row by row; whatever else stands there stays."""
    path, name = folder / f"{table}.csv", f"cycles/{folder.name}/{table}.csv"
    if table_file(path) != path:
        into.issues.append(error("table-is-workbook", Place(name.replace(".csv", table_file(path).suffix))))
        return
    frame, before = _before(into, path, table, name)
    rows = {(row["person"], row["indicator"]): row for row in before}
    talked = _changed_in_talks(into, folder.name)
    mine, moved, kept = [one for one in found if TABLE_OF[one.column] == table], list[Text](), list[Text]()
    beside = into.crosswise == "actual"  # there a target is a note: what both sides have signed stands
    signed = read_record(folder).agreed_with if beside else set()
    for of_a_line in gathered((id(one.record), one) for one in mine).values():
        of = {"person": of_a_line[0].person, "indicator": of_a_line[0].item.id}
        row, told = rows.setdefault((of["person"], of["indicator"]), {**of}), {**of}
        for figure in of_a_line:
            column, was = figure.column, row.get(figure.column)
            if (agreed := _target_moved(figure, was, signed)) is not None:
                change = _moved(into.names[figure.person], figure, agreed)
                if figure.person in signed:
                    kept.append(change)
                    continue
                moved.append(change)
            if was is not None and talked.get(figure.key, was) == figure.value != was:
                continue  # the file has what a talk changed this to: what was scored before stands, with the change
            if figure.text or was is None:
                row[column], told[column] = figure.kept, figure.plain
                into.origin(figure.record, table, column, figure.plain, **of)
        note = note_of(into, of_a_line) if table == "actuals" else {}
        row |= note
        into.check_row(table, told | note, of_a_line[0].record)
    into.issues += [hint("targets-change", mine[0].record.place("target"), changes=moved)] if moved else []
    into.issues += [warning("targets-signed", mine[0].record.place("target"), changes=kept)] if kept else []
    into.files[path] = table_text(table, rows.values(), more=own_columns(table, frame))
    if table == "actuals":
        _name_absent(into, Place(name), rows.values())


def _before(into: Import, path: Path, table: str, name: str) -> tuple[Table | None, list[dict[str, Any]]]:
    """Return a table as it stands, and its rows as they are to be written again; None and none where there is none."""
    if not path.exists():
        return None, []
    frame, issues = read_table(path, table, name, Roster(into.client.design, into.client.people))
    into.issues += issues.errors
    return frame, rows_as_written(frame, issues)


def note_of(into: Import, of_a_line: Iterable[Figure]) -> dict[str, str]:
    """Return what a line remarks beside its figures, where that is taken over; nothing where it remarks nothing."""
    notes = (one.record.text("note") for one in of_a_line if "note" in into.wanted and one.column != "target")
    return {"note": note} if (note := next(filter(None, notes), "")) else {}


def _changed_in_talks(into: Import, cycle: str) -> dict[Key, Decimal | None]:
    """Return to what figures were changed after a talk."""
    disputes = rows_of(table_of(into.client, cycle, "disputes"))
    return {(row.person, row.indicator, row.column): row.to for row in disputes if row.outcome == "changed"}


def _target_moved(figure: Figure, was: Decimal | None, signed: Collection[str]) -> Decimal | None:
    """Return the target in whose place a figure would come with another value; None where it does not.

    With those who have ``signed``, the design's is agreed where the table has none.
    """
    agreed = figure.item.target if was is None and figure.person in signed else was
    moves = figure.column == "target" and figure.value not in {None, agreed}
    return agreed if moves else None


def _moved(person: Text, figure: Figure, was: Decimal) -> Text:
    return Text.each(lambda it: f"{person.pick(it)} {figure.item.name.pick(it)} {was:f} → {figure.plain}")


def _name_absent(into: Import, place: Place, rows: Iterable[Mapping[str, Any]]) -> None:
    """Say of whom no figure has come in yet, in these files or before."""
    told = {row["person"] for row in rows if any(row.get(column) not in {None, ""} for column in TABLE_OF)}
    if absent := [name for person, name in into.names.items() if person not in told]:
        into.issues.append(hint("no-figures-yet", place, people=absent, client=into.client.id))
