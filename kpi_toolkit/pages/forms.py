"""The month's forms as Excel workbooks: a file a person and copy, one a manager, or one list of everybody's lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from xlsxwriter import Workbook as Book
from xlsxwriter.utility import xl_rowcol_to_cell

from kpi_toolkit.clients.client import Client, as_of, inspect_cycle, load_client, named_cycle
from kpi_toolkit.clients.form_key import make_key
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.record import RECORD, with_line
from kpi_toolkit.clients.storage import client_lock, write_together
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import content_code, form_rows, row_code
from kpi_toolkit.method.forms import FormLayout, Holder, Phase, WorkSheet, parties_of
from kpi_toolkit.method.issues import Issues, nearest
from kpi_toolkit.method.model import Design, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Language
from kpi_toolkit.pages.dates import dates_of
from kpi_toolkit.pages.form_scores import Worked
from kpi_toolkit.pages.form_sheet import Entry, Form, FormSheet, ListSheet
from kpi_toolkit.pages.form_style import SOFT, Styles, prepare_page
from kpi_toolkit.pages.words import Words

By = Literal["person", "manager", "sheet"]
COPIES: tuple[Holder, ...] = ("appraised", "appraiser", "personnel")
"""Who gets a copy to fill in, unless the design says otherwise."""
_NO_NAME = re.compile(r"[\\/:*?\"<>|\[\]\x00-\x1f']+")
_SHEET_NAME, _SHOWN = 28, 5


@dataclass(frozen=True)
class FormFile:
    """A workbook that is handed out: its name, whose it is, whose copy, what is filled in, and its bytes."""

    path: str
    person: str | None
    manager: str | None
    copy: Holder
    code: str
    entries: tuple[Entry, ...]
    data: bytes


@dataclass(frozen=True)
class Forms:
    """Everybody's forms of one cycle and phase, in one language, ready to be written."""

    client: Client
    cycle: Cycle
    phase: Phase
    words: Words
    layout: FormLayout
    days: WorkDays
    forms: tuple[Form, ...]
    managers: dict[str, str | None]
    """Whose manager is who, and by id what managers are called."""
    called: dict[str, str]

    def files(self, by: By) -> Iterator[FormFile]:
        """Make the workbooks, one after the other."""
        if by == "person":
            for form in self.forms:
                for holder in self.client.design.regulation.copies or COPIES:
                    yield self._file([form], holder, form.called, person=form.person)
        elif by == "manager":
            for manager in dict.fromkeys(self.managers[form.person] for form in self.forms):
                own = [form for form in self.forms if self.managers[form.person] == manager]
                whose = self.called[manager] + self._say("of_manager") if manager else self._say("without_manager")
                yield self._file(own, "appraiser", whose, manager=manager)
        else:
            yield self._file(self.forms, "personnel", self._say("everybody"), many=True)

    def _say(self, label: str) -> str:
        return self.layout.labels[label].pick(self.words.language)

    def _file(
        self, forms: Sequence[Form], holder: Holder, whose: str, *, person: str | None = None,
        manager: str | None = None, many: bool = False,
    ) -> FormFile:  # fmt: skip
        stream = io.BytesIO()
        book = Book(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        styles = Styles(book, self.words, self.layout, self.client.profile.brand)
        code = forms[0].code if len(forms) == 1 else content_code(b"", [form.code for form in forms])
        entries: list[Entry] = []
        names: set[str] = set()
        for form in forms[: 1 if many else None]:
            name = _free(form.title if many else form.called, names)
            writer = (ListSheet if many else FormSheet)(
                book.add_worksheet(name), styles, form, holder, code if many else form.code
            )
            writer.write(forms if many else (form,))
            entries += writer.entries
        if person is not None:
            for work in self.layout.work:
                self._work_sheet(book, styles, work, _free(styles.pick(work.name), names))
        self._identify(book, forms[0], holder, code)
        book.close()
        parts = [self.cycle.id, self._say(f"form_{self.phase}"), whose, self.words(f"copy.{holder}")]
        path = "_".join(_NO_NAME.sub(" ", part).strip() for part in parts) + ".xlsx"
        return FormFile(path, person, manager, holder, code, tuple(entries), stream.getvalue())

    def _identify(self, book: Book, form: Form, holder: Holder, code: str) -> None:
        """Write into the workbook's properties which form it is; the same bytes come out of the same form."""
        day = self.cycle.first_day
        created = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - such a property has no zone
        book.set_properties({"title": f"{form.title} {self.words.cycle(self.cycle)}", "created": created})
        said = {"client": form.client, "cycle": form.cycle, "phase": form.phase, "version": str(form.design.version)}
        for name, value in {**said, "copy": holder, "code": code}.items():
            book.set_custom_property(f"kpi-{name}", value)

    def _work_sheet(self, book: Book, styles: Styles, work: WorkSheet, name: str) -> None:
        """Write a sheet for the person's own use, with a row for each day or week of the cycle."""
        sheet = book.add_worksheet(name)
        sheet.set_row(0, 28)
        sheet.write_string(
            0, 0, styles.pick(work.name), styles(font_size=16, bold=True, font_color=styles.ink, text_wrap=False)
        )
        sheet.set_row(1, 20)
        sheet.write_string(1, 0, styles.pick(work.lead), styles(font_color=SOFT, text_wrap=False))
        sheet.set_row(2, 20)
        first = self._work_rows(work)
        for column, each in enumerate(work.fields):
            sheet.set_column(column, column, each.width)
            sheet.write_string(2, column, styles.pick(each.name), styles.head())
            for row, said in enumerate(first, start=3):
                sheet.write_string(row, column, said if column == 0 else "", styles.box())
            if each.id == "mean":
                cells = f"{xl_rowcol_to_cell(3, column)}:{xl_rowcol_to_cell(2 + len(first), column)}"
                formula = f'=IF(COUNT({cells})=0,"",ROUND(AVERAGE({cells}),2))'
                sheet.write_formula(3 + len(first), column, formula, styles.box(bold=True, align="center"), "")
        for row in range(3, 3 + len(first)):
            sheet.set_row(row, 24)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        prepare_page(sheet, styles, f"{self.words.cycle(self.cycle)}  ·  {styles.pick(work.name)}")

    def _work_rows(self, work: WorkSheet) -> list[str]:
        """Return what the rows of such a sheet begin with: the worked days, the weeks, or nothing."""
        if work.rows:
            return [""] * work.rows
        every = [
            self.cycle.first_day + timedelta(days=n)
            for n in range((self.cycle.last_day - self.cycle.first_day).days + 1)
        ]
        if work.id == "daily":
            return [day.isoformat() for day in every if self.days.works(day)]
        weeks: dict[date, list[date]] = {}
        for day in every:
            weeks.setdefault(day - timedelta(days=day.weekday()), []).append(day)
        return [self.words.days(week[0], week[-1]) for week in weeks.values()]


def _free(name: str, taken: set[str]) -> str:
    """Return a name for a sheet that no other has; Excel takes 31 characters and minds some."""
    plain = _NO_NAME.sub(" ", name).strip()[:_SHEET_NAME] or "–"
    found, number = plain, 1
    while found.casefold() in taken:
        number += 1
        found = f"{plain} {number}"
    taken.add(found.casefold())
    return found


def make_forms(
    workbook: Workbook, client: Client, cycle: Cycle, tables: Tables, phase: Phase, key: bytes, words: Words,
    people: Sequence[str] = (),
) -> Forms:  # fmt: skip
    """Return the forms of a cycle in one phase and language, everybody's or only those of some people.

    A score on them is the person's own, before a team's part.
    """
    design = client.design.model_copy(update={"team_share": Decimal(0)})
    layout, dates = form_layout(workbook), dates_of(client.profile, client.design, cycle)
    rows, names = form_rows(design, tables, layout, phase, cycle.months), names_of(tables.people, design.roles)
    called = {person: words.show(name) for person, name in names.items()}
    scored = score_cycle(design, tables) if phase == "appraisal" else None
    labels = {
        "day": [words.day(entry.start) for entry in dates.entries if entry.kind == "checkpoint"],
        "talk": [words.show(each.time) for each in layout.signatures],
    }
    title = words(f"form.title_{cycle.kind}")
    under = f"{words.show(client.profile.name)}  ·  {words.cycle(cycle)}  ·  {_label(layout, words, phase)}"
    forms = []
    for person in rows_of(tables.people):
        if people and person.id not in people:
            continue
        role, codes = (
            design.roles[person.role],
            tuple(row_code(key, client.id, cycle.id, row) for row in rows[person.id]),
        )
        parties = {
            who: words.show(name) for who, name in parties_of(design, names[person.id], names.get(person.manager))
        }
        facts = {"name": called[person.id], "role": words.show(role.name), "team": person.team}
        forms.append(Form(
            client=client.id, cycle=cycle.id, phase=phase, design=design, role=role, person=person.id, title=title,
            under=under, called=called[person.id], rows=rows[person.id], codes=codes, code=content_code(key, codes),
            facts=(
                *((_label(layout, words, name), said) for name, said in facts.items()),
                *((words(f"party.{who}"), parties[who]) for who in ("appraiser", "supervisor", "personnel")),
            ),
            goals={row.indicator: row for row in rows_of(tables.goals) if row.person == person.id},
            given={row.indicator: row for row in rows_of(tables.actuals) if row.person == person.id},
            worked=None if scored is None else _worked(client.design, role, scored, person.id), labels=labels,
            events=tuple(row._asdict() for row in rows_of(tables.adjustments) if row.person == person.id),
            until=_label(layout, words, "until", day=cycle.last_day),
        ))  # fmt: skip
    managers = {person.id: person.manager for person in rows_of(tables.people)}
    return Forms(client, cycle, phase, words, layout, dates.days, tuple(forms), managers, called)


def _worked(design: Design, role: Role, scored: Scored, person: str) -> Worked:
    """Return what Python scored for one person; a team's part is not on a form."""
    lines = {line.id: line for line in scored.lines[person]}
    label = "own_total" if design.team_share else "total"
    own = design.model_copy(update={"team_share": Decimal(0)})
    return Worked(own, role, lines, scored.results[person], scored.scores[person].score, label)


_FILLED_IN = frozenset({"no-target", "missing-actual", "blank-cycle"})
"""What is wrong with a cycle only as long as its forms have not come back."""


def hand_out(
    workbook: Workbook, client: str, cycle: str, *, phase: Phase, by: By, to: Path | None, language: Language | None,
    people: Sequence[str] = (), force: bool = False, by_whom: str = "kpi",
) -> tuple[Path, list[FormFile]]:  # fmt: skip
    """Write the forms of a cycle into a folder and say in its record that they were sent; return folder and files.

    Raises IssuesError for what is wrong with the client or the cycle, WorkbookError for people nobody knows and for
    files in the folder that were changed since they were written: somebody's entries may stand in them.
    """
    value = load_client(workbook.client_folder(client))
    period = Cycle.parse(named_cycle(value, cycle))
    value = as_of(value, period.id)
    folder = value.folder / "cycles" / period.id
    with client_lock(value.folder):
        tables, issues = inspect_cycle(value, period.id)
        raise_errors(Issues(i for i in issues if not (phase == "plan" and i.code in _FILLED_IN)))
        people = [_meant(tables, person) for person in people]
        words = Words(language or value.profile.languages[0], workbook)
        forms = make_forms(workbook, value, period, tables, phase, make_key(value.folder), words, people)
        where = to or folder / "forms" / phase
        files = list(forms.files(by))
        changed = [each.path for each in files if _differs(where / each.path, each.data)]
        if changed and not force:
            raise WorkbookError("forms-changed", folder=str(where), names=changed[:_SHOWN], n=len(changed))
        _, record = with_line(
            folder, "sent", by_whom, phase=phase, version=value.design.version,
            forms={form.person: form.code for form in forms.forms},
        )  # fmt: skip
        write_together({**{where / each.path: each.data for each in files}, folder / RECORD: record})
    return where, files


def _meant(tables: Tables, said: str) -> str:
    """Return the id of somebody by id or by a name that nobody else has; WorkbookError where there is none."""
    own = list(rows_of(tables.people))
    named = [row.id for row in own if row.id == said] or [row.id for row in own if row.name == said]
    if len(named) != 1:
        known = [row.id for row in own]
        raise WorkbookError("unknown-in-cycle", name=said, nearest=nearest(said, known), known=", ".join(known))
    return str(named[0])


def _differs(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() != data


def _label(layout: FormLayout, words: Words, label: str, **values: Any) -> str:
    return words.fill(layout.labels[label].pick(words.language), values)
