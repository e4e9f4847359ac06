"""The month's forms as Excel workbooks: a file a person and copy, one a manager, or one list of everybody's lines."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from xlsxwriter import Workbook as Book

from kpi_toolkit.clients.afterwards import work_of
from kpi_toolkit.clients.client import Client, as_of, inspect_cycle, load_client, named_cycle
from kpi_toolkit.clients.form_key import make_key
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.record import RECORD, with_line
from kpi_toolkit.clients.storage import client_lock, write_together
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import content_code, form_rows, row_code
from kpi_toolkit.method.forms import Block, FormLayout, Holder, Phase, parties_of
from kpi_toolkit.method.issues import Issues, nearest
from kpi_toolkit.method.model import Design, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Language
from kpi_toolkit.method.work import ASSIGNED, carried_over, fed
from kpi_toolkit.pages.dates import Dates, dates_of
from kpi_toolkit.pages.form_cells import Entry, Form
from kpi_toolkit.pages.form_scores import Worked
from kpi_toolkit.pages.form_sheet import BlockSheet, FormSheet, ListSheet, mean_cell
from kpi_toolkit.pages.form_style import Styles
from kpi_toolkit.pages.words import Words

By = Literal["person", "manager", "sheet"]
COPIES: tuple[Holder, ...] = ("appraised", "appraiser", "personnel")
"""Who gets a copy to fill in, unless the design says otherwise."""
_NO_NAME = re.compile(r"[\\/:*?\"<>|\[\]\x00-\x1f']+")
_SHEET_NAME, _SHOWN = 28, 5
_WEEK = timedelta(days=6)


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
                named = self._say("of_manager", manager=self.called.get(manager or "", ""))
                whose = named if manager else self._say("without_manager")
                yield self._file(own, "appraiser", whose, manager=manager)
        else:
            yield self._file(self.forms, "personnel", self._say("everybody"), many=True)

    def _say(self, label: str, **values: Any) -> str:
        return _label(self.layout, self.words, label, **values)

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
        apart = [
            (block, _free(styles.pick(block.name), names))
            for block in self.layout.blocks_of(self.phase)
            if person is not None and block.apart and any(row.kind == block.id for row in forms[0].rows)
        ]
        means = [mean_cell(name, block, forms[0]) for block, name in apart if block.id == ASSIGNED]
        for each in [forms] if many else [[form] for form in forms]:
            sheet = book.add_worksheet(_free(each[0].title if many else each[0].called, names))
            kind, own = (ListSheet, code) if many else (FormSheet, each[0].code)
            entries += kind(sheet, styles, each, holder, own, *means).write()
        for block, name in apart:
            entries += BlockSheet(book.add_worksheet(name), styles, forms, holder, code, block).write()
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
    people: Sequence[str] = (), work: Sequence[Any] = (), before: Mapping[str, str] = MappingProxyType({}),
) -> Forms:  # fmt: skip
    """Return the forms of a cycle in one phase and language, everybody's or only those of some people.

    A score on them is the person's own, before a team's part. ``work`` are rows of ``work.csv``, ``before`` is what
    each person's last day before the cycle carries over.
    """
    design = client.design.model_copy(update={"team_share": Decimal(0)})
    layout, dates = form_layout(workbook), dates_of(client.profile, client.design, cycle)
    tables = fed(design, tables, work)
    names = names_of(tables.people, design.roles)
    rows = form_rows(design, tables, layout, phase, cycle, dates.days)
    called = {person: words.show(name) for person, name in names.items()}
    scored = score_cycle(design, tables) if phase == "appraisal" else None
    labels = {block.id: _row_labels(block, words, cycle, dates) for block in layout.blocks}
    labels["sign"] = [words.show(each.time) for each in layout.signatures]
    title = words(f"form.title_{cycle.kind}")
    under = f"{words.show(client.profile.name)}  ·  {words.cycle(cycle)}  ·  {_label(layout, words, phase)}"
    goals, given, events = (_by_person(rows_of(each)) for each in (tables.goals, tables.actuals, tables.adjustments))
    done, rules = _by_person(work), {rule.id: words.show(rule.name) for rule in design.adjustments.rules}
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
            goals={row.indicator: row for row in goals[person.id]},
            given={row.indicator: row for row in given[person.id]},
            worked=None if scored is None else _worked(client.design, role, scored, person.id), labels=labels,
            known=_known(events[person.id], done[person.id], rules), before=before.get(person.id, ""),
            until=_label(layout, words, "until", day=cycle.last_day),
        ))  # fmt: skip
    managers = {person.id: person.manager for person in rows_of(tables.people)}
    return Forms(client, cycle, phase, words, layout, tuple(forms), managers, called)


def _row_labels(block: Block, words: Words, cycle: Cycle, dates: Dates) -> list[str]:
    """Return what the rows of a block begin with."""
    ids = block.row_ids(cycle, dates.days)
    if block.id == "review":
        return [words.day(entry.start) for entry in dates.entries if entry.kind == "checkpoint"]
    if block.every == "week":
        weeks = [date.fromisoformat(one) for one in ids]
        return [words.days(max(day, cycle.first_day), min(day + _WEEK, cycle.last_day)) for day in weeks]
    return [words.show(line) for line in block.lines] if block.lines else list(ids)


def _by_person(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.person].append(row)
    return found


def _known(
    events: Iterable[Any], work: Iterable[Any], rules: Mapping[str, str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is known of the rows of somebody's blocks: points by rules, and the work of days and weeks."""
    by_rules = [row._asdict() | {"rule": rules.get(row.rule, row.rule)} for row in events]
    found = {("event", str(number)): row for number, row in enumerate(by_rules, start=1)}
    return found | {(row.sheet, row.line): row._asdict() for row in work}


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
        work = [*rows_of(work_of(value, period.id))]
        before = carried_over(rows_of(work_of(value, period.previous.id)))
        key = make_key(value.folder)
        forms = make_forms(workbook, value, period, tables, phase, key, words, people, work, before)
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
        (folder / "inbox").mkdir(mode=0o700, exist_ok=True)
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
