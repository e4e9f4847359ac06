"""One form that came back, checked: whose it is, each entry by the rules of its table, its figures by its formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.cell_values import in_other_money, in_unit, likely_number, number_in
from kpi_toolkit.clients.days import HALF_A_YEAR, dates_of, day_within
from kpi_toolkit.clients.form_cycle import CycleForms
from kpi_toolkit.clients.form_reading import Came, Columns, Entries, Key, Return, columns_of, read_return
from kpi_toolkit.clients.form_signatures import SIGNED, read_signature
from kpi_toolkit.clients.form_talks import TALKED, TalkEntries
from kpi_toolkit.clients.form_values import FIGURE, all_there, figures_fit, implausible, odd_points, printed, validated
from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.months import months_said
from kpi_toolkit.clients.questions import Asking
from kpi_toolkit.clients.record import now
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.method.form_rows import PHASES, FormRow
from kpi_toolkit.method.issues import Issue, Issues, Known, Place, error, hint, warning
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.numbers import digits, is_not_reported
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import Text
from kpi_toolkit.method.work import ASSIGNED, fed_column, mean_completion

_STATED, _SOME = 5, 2
"""What a file itself says: client, cycle, phase, version, and whose copy it is; so many letters tell a word."""
_OTHER = {"name": "form-other-name", "role": "form-other-role"}
"""What a head of a form says otherwise than the codes of its lines, by its label."""
_PARTS = "·"
"""What stands between the parts of a form's second line: the client, the cycle and the phase."""
_FIGURES = {"target", "actual", "part", "whole", "self", "others", "appraiser"}
_FRACTIONS = {"fraction-for-percent", "fraction-for-target", "fraction-for-view"}
"""What a form is asked about, and a table only warned of: 0.98 where 98 is usual."""


Typed = Mapping[tuple[str, str], tuple[str, str]]
"""By the code of a row and the column: what was typed, and what the field is called."""


@dataclass(frozen=True, kw_only=True)
class Reading(CycleForms):
    """The cycle that forms came back for, and what was answered."""

    answers: Mapping[str, str]
    kept: Sequence[str] = ()
    """The marks of what was answered about files in which something else was still open."""

    @cached_property
    def columns(self) -> Columns:
        """By what names columns go on a form."""
        return columns_of(self.layout)

    @cached_property
    def _own_copy(self) -> re.Pattern[str]:
        """What stands on the copy of the person who is appraised."""
        label = self.layout.labels["copy"]
        said = (
            re.escape(words).replace(re.escape("{holder}"), "(?:被考核人|(?:the )?appraised(?: person)?)")
            for words in label.words
        )
        return re.compile("|".join(said))

    @cached_property
    def called(self) -> dict[str, Text]:
        """What everybody is called on the forms, by id."""
        return names_of(self.tables.people, self.design.roles)

    @cached_property
    def known(self) -> dict[str, FormRow]:
        """Everybody's rows in all phases, by their codes."""
        return {self.code(row): row for phase in PHASES for own in self.rows(phase).values() for row in own}

    @cached_property
    def words(self) -> Vocabulary:
        """What people write behind numbers."""
        return Vocabulary(self.client.workbook)

    @cached_property
    def _days(self) -> set[tuple[str, str]]:
        """The columns that hold a day, by table."""
        blocks = {(block.table, cell.id) for block in self.layout.blocks for cell in block.fields if cell.kind == "day"}
        return blocks | {("disputes", cell.id) for cell in self.layout.cells if cell.kind == "day"}

    @cached_property
    def talks(self) -> TalkEntries:
        """What reads the entries of a talk."""
        return TalkEntries(self)

    def read(self, path: Path) -> list[Return]:
        """Read a file and check all that it says, each person's form by itself."""
        read = read_return(path, self.known, self.columns, Asking(self.answers, kept=self.kept))
        if len(read.stated) < _STATED and any(self._own_copy.fullmatch(text) for _, text in read.heads):
            read.stated = (*read.stated, *[""] * (_STATED - 1 - len(read.stated)), "appraised")
        all_there(read, self.known, self.columns)
        returns = read.of_each(self.called)
        for other in returns[1:]:  # what is said of the whole file is said once
            other.issues[:] = [issue for issue in other.issues if issue.code != "hidden-sheets"]
        for found in returns:
            unread = bool(found.wrong and not found.entries)
            if not unread and (foreign := self._foreign(found, several=len(returns) > 1)):
                found.issues.append(foreign)
            elif not unread:
                self._check(found)
        return returns

    def typed(self, source: str, said: Typed) -> Return:
        """Return what was typed on the screen, checked like a file."""
        found = Return(Path(source), Asking(self.answers), data=repr(sorted(said.items())).encode())
        for (code, column), (text, label) in said.items():
            row = self.known[code]
            found.entries[row, column] = Came(row, column, text.strip(), Place(source, key=label))
        self._check(found)
        return found

    def _foreign(self, found: Return, *, several: bool) -> Issue | None:
        """Return why a file holds rows that are none of this cycle's forms; None where it does not."""
        place = Place(found.path.name)
        if found.forms and not found.foreign:
            return None
        own = (self.client.id, self.cycle.id)
        client, cycle = (*found.stated, "", "")[:2]
        workbook = self.client.workbook
        said: dict[str, Any] = {"client": client or own[0], "cycle": cycle or own[1]}
        said["folder"] = "client_data/{client}/cycles/{cycle}/inbox".format(**said)
        if client and client != own[0]:
            name = workbook.called(client) if client in workbook.clients() else client
            return error("form-other-client", place, **said, name=name, own=workbook.called(own[0]))
        if cycle and cycle != own[1]:
            return error("form-other-cycle", place, **said, own=own[1])
        if found.foreign:
            return self._outdated(found, several=several)
        return error("no-form", place, client=own[0], cycle=own[1])

    def _outdated(self, found: Return, *, several: bool) -> Issue:
        """Return that rows were sent before something changed: where they are, and how such a form is written anew."""
        for name in [name for name in found.asking.open if name.startswith("gone:")]:
            del found.asking.open[name]  # these are the lines that are missing
        people = {person for person, _ in found.forms}
        _, _, phase, _, copy, *_ = (*found.stated, "", "", "", "", "")
        file = "--by manager" if copy == "appraiser" else "--by sheet"
        whose = [file] if several else [f"--person {one}" for one in people]
        options = " ".join([*(["--phase plan"] if phase == "plan" else []), *whose, "--force"])
        cells = [f"{at.sheet}!{at.cell}" for at in found.foreign]
        said = {"client": self.client.id, "cycle": self.cycle.id, "options": options, "cells": cells}
        return error("form-other-version", next(iter(found.foreign)), n=len(cells), **said)

    def _check(self, found: Return) -> None:
        """Check every entry of a return by the rules of the tables, and its figures by its formulas."""
        for key, entries in self._by_line(found).items():
            if any(name in entries and entries[name].text for name in ("part", "whole")):
                entries.pop("actual", None)  # the form's own formula
            if any(came.text for came in entries.values()):
                self._row(found, key, entries)
        self._fed(found)
        if renamed := [*self._renamed(found)]:  # whose entries these are, nobody can tell: nothing is asked about them
            found.issues += renamed
            found.values.clear()
            found.asking.open.clear()
        found.issues += [one for one in [*implausible(self, found)] if not self._in_per_cent(found, one)]
        found.issues += odd_points(self, found)
        found.issues += self._locked(found)
        if not found.blocked:
            figures_fit(self, found)

    def _by_line(self, found: Return) -> dict[Key, Entries]:
        """Return the entries by the lines of tables that they go into; what goes into none is checked at once."""
        rows: dict[Key, Entries] = {}
        odd = {issue.place for issue in found.issues}  # said already
        for (row, column), came in found.entries.items():
            if came.place in odd:
                continue
            if row.kind == "sign" and came.text:
                self._signed(found, came)
            aimed = row.item is None or not row.item.needs_target or row.target is not None
            if (row.phase, column, came.text) == ("plan", "target", "") and not aimed:
                found.issues.append(warning("blank-target", came.place, person=self.called[row.person]))
            if row.table and column in ROW_TYPES[row.table].model_fields:
                rows.setdefault((row.table, row.person, row.line), {})[column] = came
        return rows

    def _signed(self, found: Return, came: Came) -> None:
        """Check when, how and by whom something was signed."""
        row, people = came.row, {each.id: each for each in rows_of(self.tables.people)}
        who = {"planner": row.person, "signed": people[row.person].manager}.get(came.column) or ""
        if came.column in SIGNED:
            own = people[who].name if who in people else ""
            read, odd = read_signature(came, own, self.called.get(who), self.layout.not_signed)
            found.entries[row, came.column] = read
            found.issues += odd
        if came.column == "how":
            self.chosen(found, came)
        elif came.column == "on" and not (day := self.day(came.text)):
            found.issues.append(error("bad-date", came.place, value=came.text))
        elif came.column == "on" and day > now()[:10]:
            found.issues.append(warning("signed-ahead", came.place, value=came.text, day=now()[:10]))

    def day(self, text: str) -> str:
        """Return the day of a signature; empty where it is none, or the day and the month may be either.

        A day without a year is the one nearest to the beginning of the cycle.
        """
        start = self.cycle.first_day
        if day := day_within(text, start - HALF_A_YEAR, start + HALF_A_YEAR):
            return f"{day}"
        read = {*dates_of(text).values()}
        return f"{read.pop()}" if len(read) == 1 else ""

    @cached_property
    def choices(self) -> dict[tuple[str, str], dict[str, Text]]:
        """What may be chosen and what it is called, by kind of row and column."""
        cells = [("item", cell) for cell in self.layout.cells]
        cells += [(block.id, cell) for block in self.layout.blocks for cell in block.fields]
        called = self.layout.labels
        return {(kind, cell.id): {one: called[f"{cell.id}_{one}"] for one in cell.options} for kind, cell in cells
                if cell.options}  # fmt: skip

    def chosen(self, found: Return, came: Came) -> Came:
        """Return an entry with the code of what was chosen, by its name or a part of that; else it is an error."""
        known = self.choices.get((came.row.kind, came.column))
        if known is None or not came.text:
            return came
        if not (code := self.choice(came.row.kind, came.column, came.text)):
            found.issues.append(error("not-one-of", came.place, value=came.text, known=[*known.values()], nearest=""))
        return replace(came, text=code)

    def choice(self, kind: str, column: str, text: str) -> str:
        """Return the code of what a text chooses in a column; empty where it is nothing, or more than one thing."""
        options, said = self.choices[kind, column].items(), folded(text)
        names = {folded(name): one for one, called in options for name in (one, *called.words)}
        part = {one for name, one in names.items() if said in name} if len(said) >= _SOME else set()
        return names.get(said) or (part.pop() if len(part) == 1 else "")

    def _row(self, found: Return, key: Key, entries: Entries) -> None:
        stated: Mapping[str, Any] = {}
        if key[0] in TALKED:
            odd = len(Issues(found.issues).errors)
            if (talked := self.talks.read(found, key, entries)) is None:
                if len(Issues(found.issues).errors) > odd:
                    self._what_else(found, key, entries)
                return
            key, entries, stated = talked
        entries, unknown = {column: self._as_number(found, came) for column, came in entries.items()}, False
        said = self._texts(key, entries)
        if said.get("approver"):
            said["approver"] = self._approver(said["approver"])
        if said.get("rule") and self.client.design.adjustments.rules:
            rule = self._rule(found, said["rule"], entries["rule"].place)
            unknown = not rule
            said["rule"] = rule or self.client.design.adjustments.rules[0].id  # what else is wrong is said as well
        value, wrong = validated(found, key, entries, {**stated, **said}, next(iter(entries.values())))
        ours = printed(entries)
        given = {
            column: replace(came, value=getattr(value, column))
            for column, came in entries.items()
            if value is not None and came.text and column not in wrong
            and (column != "text" or came.text not in ours)
        }  # fmt: skip
        if given and not unknown:
            found.values[key] = given

    def _texts(self, key: Key, entries: Entries) -> dict[str, str]:
        """Return what entries of a line say, days as tables have them."""
        said = {column: came.text for column, came in entries.items()}
        days = {column: self.day(text) for column, text in said.items() if (key[0], column) in self._days}
        return said | {column: day for column, day in days.items() if day}

    def _rule(self, found: Return, text: str, place: Place) -> str:
        """Return the rule that is meant; empty, and that is an error, where it is none of the design's."""
        rules = {each.id: each for each in self.client.design.adjustments.rules}
        meant = next(iter(Known.named(rules).exactly(text)), "")
        if not meant:
            known = [each.name for each in rules.values()]
            found.issues.append(error("unknown-rule", place, rule=text, nearest="", known=known))
        return meant

    def _approver(self, text: str) -> str:
        """Return an approver as the table has them; on the form somebody's name stands for their id."""
        ids = {folded(word): who for who, name in self.called.items() for word in name.words}
        known: dict[str, str] = {ids.get(folded(one), one): one for one in self.tables.adjustments["approver"]}
        return known.get(ids.get(folded(text), text), text)

    def _what_else(self, found: Return, key: Key, entries: Entries) -> None:
        """Say what is wrong in the other cells of a line of which something was said already: all is mended at once."""
        said = {issue.place for issue in found.issues}
        free = {column: came for column, came in entries.items()
                if came.text and came.place not in said and (came.row.kind, column) not in self.choices}  # fmt: skip
        texts = self._texts(key, free)
        if came := free.get("to"):
            number = in_unit(came.text, came.row.item) if came.row.item else None
            texts["to"] = came.text if number is None else f"{number:f}"
        validated(found, key, free, texts, None)

    def _as_number(self, found: Return, came: Came) -> Came:
        """Return a figure as the number that is meant: it is asked where a text holds just one, as in 前8 or top 8."""
        row, column = came.row, came.column
        if row.item is None or column not in _FIGURES:
            return came
        if is_not_reported(came.text):
            found.issues.append(hint("not-reported", came.place, value=came.text))
            return replace(came, text="")
        doubtful = column == FIGURE[row.table] and in_unit(came.text, row.item) is None
        number = likely_number(self.words, came.text, row.item) if doubtful else ""
        if not number:  # of an amount with commas its currency is what is wrong
            money = doubtful and in_other_money(self.words, came.text, row.item)
            return replace(came, text=came.text.replace(",", "")) if money else came
        about, of = f"{row.person}:{row.id}:{column}", row.item
        said: dict[str, Any] = {"value": came.text, "number": number, "indicator": of.name, "unit": of.unit}
        answer = found.ask("reading", about, (number, "leave"), came.place, **said)
        return replace(came, text="" if answer == "leave" else answer)

    def _in_per_cent(self, found: Return, issue: Issue) -> bool:
        """Whether a finding is a fraction among values in per cent; it is asked whether that is meant in per cent."""
        if issue.code not in _FRACTIONS:
            return False
        places = {came.place: (key, name) for key, own in found.values.items() for name, came in own.items()}
        key, column = places[issue.place]
        came = found.values[key][column]
        as_it_is, percent = map(digits, (came.value, came.value * 100))
        said: dict[str, Any] = {"value": as_it_is, "percent": percent, "column": came.place.key}
        said["indicator"] = came.row.item.name if came.row.item else ""
        about = f"{came.row.person}:{came.row.id}:{column}"
        if found.ask("percent", about, (percent, as_it_is), came.place, **said) == percent:
            found.values[key][column] = replace(came, value=Decimal(percent))
        return True

    def _fed(self, found: Return) -> None:
        """Take the mean of the assigned tasks for a line that they feed and in which nothing was typed (S155)."""
        rated = {(row.person, f"{row.sheet} {row.line}"): row.completion for row in self.work if row.sheet == ASSIGNED}
        for (name, person, line), entries in found.values.items():
            if name == "work" and line.startswith(ASSIGNED) and "completion" in entries:
                rated[person, line] = entries["completion"].value
        for (row, column), came in found.entries.items():
            if row.item is not None and row.phase == "appraisal" and column == fed_column(row.item) and not came.text:
                mean = mean_completion(share for (person, _), share in rated.items() if person == row.person)
                if mean is not None:
                    key = row.table, row.person, row.line
                    found.values.setdefault(key, {})[column] = replace(came, text=f"{mean}", value=mean)

    def _locked(self, found: Return) -> Iterator[Issue]:
        """Find planned points and targets that are not those that were sent."""
        for came in found.locked:
            item, agreed, number = came.row.item, came.row.stated.get(came.column), number_in(came.text)
            if item and came.column in came.row.stated and number not in {None, agreed}:
                yield error("form-locked", came.place, value=came.text, agreed=agreed, indicator=item.name)

    def _renamed(self, found: Return) -> Iterator[Issue]:
        """Refuse a form that says above its lines that it is another person's, role's or month's than its codes say."""
        roles = {row.id: self.client.design.roles[row.role].name for row in rows_of(self.tables.people)}
        heads = {
            key: re.compile(f"(?:{'|'.join(map(re.escape, label.words))})\\s*[:：](.+)", re.DOTALL)
            for key, label in self.layout.labels.items() if key in _OTHER
        }  # fmt: skip
        for place, text in found.heads:
            people = {row.person for (row, _), came in found.entries.items() if came.place.sheet == place.sheet}
            for key, head in heads.items():
                said = head.fullmatch(text)
                if said and len(people) == 1:
                    (person,) = people
                    own = self.called[person] if key == "name" else roles[person]
                    if folded(said[1]) not in map(folded, own.words):
                        values = {"value": said[1].strip(), "person": self.called[person]}
                        yield error(_OTHER[key], place, **values, **({} if key == "name" else {"role": own}))
            yield from self._other_month(place, text)

    def _other_month(self, place: Place, text: str) -> Iterator[Issue]:
        months = months_said(text) if _PARTS in text and self.cycle.kind == "month" else []
        own_month = self.cycle.first_day.year, self.cycle.first_day.month
        if months and not {own_month, (None, own_month[1])} & {*months}:
            yield error("form-other-month", place, value=text, cycle=self.cycle.id)
