"""One form that came back, checked: whose it is, each entry by the rules of its table, its figures by its formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from kpi_toolkit.clients.afterwards import work_of
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.form_reading import Came, Columns, Returned, columns_of, read_return
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.holidays import work_days_of
from kpi_toolkit.clients.reading import issue_of, kind_problem, read_bytes
from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.checks.plausible import check_values, in_own_units
from kpi_toolkit.method.checks.quotients import check_quotients, worked_out
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import PHASES, FormRow, followed_up, form_rows, row_code
from kpi_toolkit.method.forms import FormLayout
from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.model import Aggregation, Design
from kpi_toolkit.method.numbers import MICRO, half_up
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import ROW_TYPES, Tables, rows_of, table
from kpi_toolkit.method.work import ASSIGNED, fed_column, mean_completion

FileState = Literal["accepted", "unchanged", "asked", "refused"]
Key = tuple[str, str, str]
"""A row of a table: the table, the person, and what the table calls the row beside the person."""
_OF_A_WHOLE_TABLE = {"points-for-percent"}
"""What only shows in everybody's values: ``kpi check`` says it."""
_FIGURE = {"goals": "target", "actuals": "actual"}


@dataclass
class Sent:
    """One file of the inbox: what it says, what was made of it."""

    path: Path
    data: bytes
    found: Returned
    state: FileState = "unchanged"
    values: dict[Key, dict[str, tuple[Any, Came]]] = field(default_factory=dict)
    """By table, person and row: the entries, each with the cell that it stands in."""

    @property
    def person(self) -> str | None:
        """Whose form it is; None where it holds several people's, or nobody's."""
        people = {person for person, _ in self.found.forms}
        return people.pop() if len(people) == 1 else None

    @property
    def blocked(self) -> bool:
        """Whether it is not taken: something in it is wrong, or has to be asked first."""
        return bool(Issues(self.found.issues).errors or self.found.questions)

    def said(self, person: str, phase: str) -> dict[tuple[str, str, str], Any]:
        """Return what a form says, blanks left out."""
        return {
            (name, row, column): value
            for (name, owner, row), entries in self.values.items()
            for column, (value, came) in entries.items()
            if owner == person and came.row.phase == phase
        }

    def drop(self, person: str, phase: str) -> None:
        """Leave a form out of what is taken."""
        for key, entries in self.values.items():
            if key[1] == person:
                self.values[key] = {name: each for name, each in entries.items() if each[1].row.phase != phase}

    def signatures(self) -> dict[FormRow, dict[str, str]]:
        """Return the rows in which something was talked over and signed, with what stands in them."""
        said: dict[FormRow, dict[str, str]] = {}
        for (row, column), came in self.found.entries.items():
            if row.kind == "sign" and came.text:
                said.setdefault(row, {})[column] = came.text
        return said

    def follow_up(self) -> dict[str, str]:
        """Return by person in what share of the reviews the supervisor followed up (S130)."""
        reviews: dict[str, dict[str, list[str]]] = {}
        for (row, column), came in self.found.entries.items():
            if row.kind == "review" and column in {"report", "guidance"}:
                reviews.setdefault(row.person, {}).setdefault(row.id, ["", ""])[column == "guidance"] = came.text
        shares = {person: followed_up([(a, b) for a, b in own.values()], len(own)) for person, own in reviews.items()}
        return {person: f"{share}" for person, share in shares.items()}


@dataclass(frozen=True)
class Cycling:
    """The cycle that forms came back for: its client, its tables, and the rows that were or could be sent."""

    client: Client
    cycle: Cycle
    layout: FormLayout
    tables: Tables
    key: bytes
    answers: Mapping[str, str]

    @cached_property
    def design(self) -> Design:
        """The design that forms show scores by: a person's own, before a team's part."""
        return self.client.design.model_copy(update={"team_share": Decimal(0)})

    @cached_property
    def columns(self) -> Columns:
        """By what names columns go on a form."""
        return columns_of(self.layout)

    @cached_property
    def days(self) -> WorkDays:
        """Which days of the cycle and around it are worked."""
        return work_days_of(self.cycle, self.client.profile.country)

    @cached_property
    def rows(self) -> dict[str, FormRow]:
        """Everybody's rows in both phases, by their codes."""
        return {
            row_code(self.key, self.client.id, self.cycle.id, row): row
            for phase in PHASES
            for own in form_rows(self.design, self.tables, self.layout, phase, self.cycle, self.days).values()
            for row in own
        }

    @cached_property
    def work(self) -> list[Any]:
        """The rows of ``work.csv`` that there are."""
        return list(rows_of(work_of(self.client, self.cycle.id)))

    def read(self, path: Path) -> Sent:
        """Read a file and check all that it says."""
        data, issues = read_bytes(path, path.name)
        other = kind_problem(data, Place(path.name), workbook=True) if data is not None else None
        if data is None or other is not None:
            return Sent(path, b"", Returned(path.name, issues=[*issues, *([other] if other else [])]))
        found = read_return(data, path.name, self.rows, self.columns, self.answers)
        sent = Sent(path, data, found)
        if not found.issues and (foreign := self._foreign(found)):
            found.issues.append(foreign)
        if not Issues(found.issues).errors:
            self._check(sent)
        return sent

    def _foreign(self, found: Returned) -> Issue | None:
        """Return why a file holds rows that are none of this cycle's forms; None where it does not."""
        place = Place(found.file)
        if found.forms and not found.foreign:
            return None
        own = (self.client.id, self.cycle.id)
        client, cycle = (*found.stated, "", "")[:2]
        if client and client != own[0]:
            return error("form-other-client", place, client=client, own=own[0])
        if cycle and cycle != own[1]:
            return error("form-other-cycle", place, cycle=cycle, own=own[1], client=own[0])
        if found.foreign:
            return error("form-other-version", place, n=found.foreign, client=own[0], cycle=own[1])
        return error("no-form", place, client=own[0], cycle=own[1])

    def _check(self, sent: Sent) -> None:
        """Check every entry of a return by the rules of the tables, and its figures by its formulas."""
        found = sent.found
        rows: dict[Key, dict[str, Came]] = {}
        for (row, column), came in found.entries.items():
            if row.table and column in ROW_TYPES[row.table].model_fields:
                rows.setdefault((row.table, row.person, row.line), {})[column] = came
        for key, entries in rows.items():
            if any(name in entries and entries[name].text for name in ("part", "whole")):
                entries.pop("actual", None)  # the form's own formula
            if any(came.text for came in entries.values()):
                self._row(sent, key, entries)
        self._fed(sent)
        found.issues += self._implausible(sent)
        found.issues += self._locked(found)
        if not sent.blocked:
            self._figures_fit(sent)

    def _row(self, sent: Sent, key: Key, entries: Mapping[str, Came]) -> None:
        said = {column: came.text for column, came in entries.items()}
        if said.get("rule") and self.client.design.adjustments.rules:
            rule = self._rule(said["rule"])
            if not rule:
                known = [each.name for each in self.client.design.adjustments.rules]
                place = entries["rule"].place
                sent.found.issues.append(error("unknown-rule", place, rule=said["rule"], nearest="", known=known))
                return
            said["rule"] = rule
        try:
            value = ROW_TYPES[key[0]].model_validate({**named(key), **said})
        except ValidationError as problem:
            for detail in problem.errors():
                came = entries.get(str(detail["loc"][0]) if detail["loc"] else "", next(iter(entries.values())))
                blank = not came.text
                sent.found.issues.append(
                    error("blank-cell", came.place) if blank else issue_of(detail, came.place, came.text)
                )
            return
        printed = _printed(entries)
        given = {column: came for column, came in entries.items() if came.text}
        if column_values := {
            column: (getattr(value, column), came)
            for column, came in given.items()
            if column != "text" or came.text not in printed
        }:
            sent.values[key] = column_values

    def _fed(self, sent: Sent) -> None:
        """Take the mean of the assigned tasks for a line that they feed and in which nothing was typed (S155)."""
        rated = {(row.person, f"{row.sheet} {row.line}"): row.completion for row in self.work if row.sheet == ASSIGNED}
        for (name, person, line), entries in sent.values.items():
            if name == "work" and line.startswith(ASSIGNED) and "completion" in entries:
                rated[person, line] = entries["completion"][0]
        for (row, column), came in sent.found.entries.items():
            if row.item is not None and row.phase == "appraisal" and column == fed_column(row.item) and not came.text:
                mean = mean_completion(share for (person, _), share in rated.items() if person == row.person)
                if mean is not None:
                    key = row.table, row.person, row.line
                    sent.values.setdefault(key, {})[column] = mean, replace(came, text=f"{mean}")

    def _rule(self, said: str) -> str:
        """Return the id of a rule by its name or id, empty where there is none."""
        names = {
            folded(name): rule.id
            for rule in self.client.design.adjustments.rules
            for name in (rule.id, rule.name.zh, rule.name.en)
        }
        return names.get(folded(said), "")

    def _frame(self, sent: Sent, name: str, person: str | None = None) -> tuple[Any, list[dict[str, Came]]]:
        """Return one table of a return, and for each of its rows the cells."""
        own = [(key, entries) for key, entries in sent.values.items() if key[0] == name and person in {None, key[1]}]
        rows = [
            {"person": key[1], "indicator": key[2], **{column: came.text for column, (_, came) in entries.items()}}
            for key, entries in own
        ]
        return table(name, rows), [{column: came for column, (_, came) in entries.items()} for _, entries in own]

    def _implausible(self, sent: Sent) -> Iterator[Issue]:
        """Go through what cannot be right, or probably is not: each finding at its cell of the form."""
        roster = Roster(self.design, self.tables.people)
        for name, column in _FIGURE.items():
            frame, cells = self._frame(sent, name)
            mine = replace(self.tables, **{"actuals": table("actuals"), name: frame}, files={name: sent.path.name})
            mine = worked_out(self.design, mine)
            issues = (*check_quotients(self.design, mine), *check_values(roster, mine, self.cycle.months))
            for issue in issues:
                place, alone = issue.place, issue.code not in _OF_A_WHOLE_TABLE
                if place.file == sent.path.name and place.row is not None and alone:
                    at = cells[place.row - 2]
                    came = at.get(place.column or "", next(iter(at.values())))
                    yield replace(issue, place=came.place, about=(came.row.person,))
            known = in_own_units(self.design, mine)
            for row, entries in zip(rows_of(getattr(known, name)), cells, strict=True):
                if column in entries:
                    came = entries[column]
                    sent.values[name, row.person, row.indicator][column] = getattr(row, column), came

    def _locked(self, found: Returned) -> Iterator[Issue]:
        """Find planned points and targets that are not those that were sent."""
        for came in found.locked:
            item = came.row.item
            agreed = {"planned": item.weight if item else None, "target": came.row.target}.get(came.column)
            number = _number(came.text)
            if came.column != "score" and came.text and number is not None and number != agreed:
                yield error(
                    "form-locked", came.place, value=came.text, agreed=agreed, indicator=item.name if item else ""
                )

    def _figures_fit(self, sent: Sent) -> None:
        """Ask about figures that do not follow from the entries: something that does not calculate changed these."""
        shown = {came.row: came for came in sent.found.locked if came.column == "score"}
        people = {row.person for row in shown}
        if not people:
            return
        frame, _ = self._frame(sent, "actuals")
        mine = self.tables.people.only(lambda row: row.id in people)
        scored = score_cycle(self.design, worked_out(self.design, replace(self.tables, people=mine, actuals=frame)))
        for person in people:
            geometric = self.design.roles[scored.scores[person].role].aggregation is Aggregation.GEOMETRIC
            odd = [
                (came, points) for line in scored.lines[person]
                if (came := shown.get(FormRow(person, "appraisal", "item", line.id))) is not None
                and not _fits(came.text, points := _of_hundred(line.score_micro) if geometric else line.points)
            ]  # fmt: skip
            if odd:
                came, points = odd[0]
                said = {"value": came.text, "points": points or "–", "cells": [one.cell for one, _ in odd]}
                answer = sent.found.ask("stale", person, ("leave", "take"), came.place, **said)
                if answer == "leave":
                    sent.drop(person, "appraisal")


def _printed(entries: Mapping[str, Came]) -> set[str]:
    """Return what the form itself says of a goal where nobody has said more: that is nobody's entry."""
    item = next(iter(entries.values())).row.item
    return {item.standard.zh, item.standard.en} if item is not None and item.standard else set()


def named(key: Key) -> dict[str, str]:
    """Return the columns of a table that say which row is meant."""
    name, person, line = key
    sheet, _, own = line.partition(" ")
    more = {"adjustments": {}, "work": {"sheet": sheet, "line": own}}
    return {"person": person, **more.get(name, {"indicator": line})}


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _of_hundred(micro: int | None) -> Decimal | None:
    return None if micro is None else half_up(Fraction(micro, MICRO), 2)


def _fits(shown: str, points: Decimal | None) -> bool:
    """Whether a shown score is the one that follows; what shows no number says nothing."""
    number = _number(shown)
    return number is None if points is None else number in {None, points}
