"""The month's forms as Excel workbooks: a file a person and copy, one a manager, or one list of everybody's lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from xlsxwriter import Workbook as Book

from kpi_toolkit.clients.afterwards import work_of
from kpi_toolkit.clients.client import inspect_cycle, person_named
from kpi_toolkit.clients.form_cycle import CycleForms, client_in, make_key
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.record import RECORD, State, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_together
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.calendar import cycle_dates
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.form_rows import keyed, mark_of
from kpi_toolkit.method.forms import Block, Holder, Phase, parties_of
from kpi_toolkit.method.issues import Issue, Issues
from kpi_toolkit.method.model import Role
from kpi_toolkit.method.namesakes import with_superiors
from kpi_toolkit.method.scoring import Scored, score_cycle
from kpi_toolkit.method.spells import last_days
from kpi_toolkit.method.tables import by_person, rows_of
from kpi_toolkit.method.talk_rows import TALK
from kpi_toolkit.method.value import Language, Text
from kpi_toolkit.method.work import ASSIGNED, carried_over, fed
from kpi_toolkit.pages.form_cells import Entry, Form
from kpi_toolkit.pages.form_scores import Worked
from kpi_toolkit.pages.form_sheet import BlockSheet, FormSheet, ListSheet, mean_cell
from kpi_toolkit.pages.form_style import COPY, HOLDER, Styles, new_book, with_texts
from kpi_toolkit.pages.form_talk import TalkSheet, known_of, shown_rows
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.results.talks import Talks, talks_of

By = Literal["person", "manager", "sheet"]
"""Who gets a copy to fill in, unless the design says otherwise."""
_NO_NAME, _NO_SHEET = re.compile(r"[\\/:*?\"<>|\[\]\x00-\x1f]+"), re.compile(r"[\\/:*?\"<>|\[\]\x00-\x1f']+")
"""What the name of a file, and that of a sheet, does without."""
_SHEET_NAME, _SHOWN = 28, 5
_WEEK = timedelta(days=6)
_KEPT_BY_THE_SUPERIOR: tuple[Holder, ...] = ("appraiser",)
"""A talk has one form: its superior fills it in."""


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


@dataclass(frozen=True, kw_only=True)
class Forms(CycleForms):
    """Everybody's forms of one cycle and phase, in one language: :meth:`files` makes them."""

    phase: Phase
    words: Words
    people: Sequence[str] = ()
    """Whose forms; all where nobody is named."""
    before: Mapping[str, str] = field(default_factory=dict)
    """What each person's last day before the cycle carries over."""
    talks: Talks | None = None
    """What the talks are about, where these are their forms."""

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Each person's form, in the order of the roster."""
        # One piece: what all forms share is gone through once, and dealt out to everybody in one list at the end.
        design, tables, words, rows = self.design, self.tables, self.words, self.rows(self.phase)
        appraised = replace(tables, people=tables.people.only(lambda row: not self.people or row.id in self.people))
        scored = score_cycle(design, fed(design, appraised, self.work)) if self.phase == "appraisal" else None
        names, client = with_superiors(tables.people, design.roles), words.show(self.client.profile.name)
        own = (tables.goals.rows, tables.actuals.rows, tables.adjustments.rows, self.work)
        goals, given, events, work = map(by_person, own)
        rules = {rule.id: words.show(rule.name) for rule in design.adjustments.rules}
        called = {who: words.show(name) for who, name in names.items()}
        noted = {who: _known(events.get(who, ()), work.get(who, ()), rules, called) for who in rows}
        for (who, name), row in self.earlier.items() if self.phase == "plan" else ():
            if row.done is None:
                noted[who]["earlier", name] = row._asdict() | {"indicator": self._measured(who, row)}
        if self.talks is not None:
            noted = {each.person.id: known_of(self.talks, each, words, self._say) for each in self.talks.people}
        talks = {} if self.talks is None else {each.person.id: each for each in self.talks.people}
        rows = {who: tuple(shown_rows(own, noted.get(who, {}), talks.get(who))) for who, own in rows.items()}
        spells, held = by_person(tables.spells.rows), {row.id: row for row in rows_of(self.client.people)}
        ends = {who: last_days(design, held[who], spells.get(who, ()), self.cycle) for who in rows if who in held}
        codes = {person: tuple(map(self.code, own)) for person, own in rows.items()}
        shared: dict[str, Any] = {
            "client": self.client.id, "cycle": self.cycle.id, "phase": self.phase, "design": design,
            "title": words(f"form.title_{self.cycle.kind}"), "until": self._say("until", day=self.cycle.last_day),
            "under": f"{client}  ·  {words.cycle(self.cycle)}  ·  {self._say(self.phase)}",
            "labels": {block.id: self._row_labels(block) for block in self.layout.blocks},
        }  # fmt: skip
        return tuple(
            Form(
                **shared, person=person.id, role=design.roles[person.role], called=words.show(names[person.id]),
                rows=rows[person.id], codes=codes[person.id], code=keyed(self.key, codes[person.id]),
                facts=tuple(self._facts(person, names)), before=self.before.get(person.id, ""),
                goals={row.indicator: row for row in goals.get(person.id, ())},
                given={row.indicator: row for row in given.get(person.id, ())},
                worked=None if scored is None else self._worked(design.roles[person.role], scored, person.id),
                known=noted.get(person.id, {}),
                ends={item: self._say("until", day=day) for item, day in ends.get(person.id, {}).items()},
                in_part={item: words("form.in_part", share=f"{share}")
                         for (who, item), (share, _) in tables.in_part.items() if who == person.id},
            )
            for person in rows_of(tables.people) if not self.people or person.id in self.people
        )  # fmt: skip

    @property
    def printed(self) -> dict[str, str]:
        """What each plan says of its goals as it goes out, as a mark: by it one is known on which nobody wrote."""
        columns = [cell.id for cell in self.layout.cells_of(self.phase) if cell.entered(self.phase)]
        lines = {form.person: [(row, form.goals.get(row.id)) for row in form.rows if row.item] for form in self.forms}
        return {
            person: mark_of({
                (row.id, column): row.target if column == "target" else getattr(goal, column, None)
                for row, goal in own for column in columns
            })
            for person, own in lines.items() if self.phase == "plan"
        }  # fmt: skip

    def _measured(self, person: str, measure: Any) -> str:
        """Return what a measure is about: its indicator, if the person's role still has it, else its kind."""
        role = next(row.role for row in rows_of(self.tables.people) if row.id == person)
        names = {item.id: self.words.show(item.name) for item in self.design.roles[role].indicators}
        return names.get(measure.indicator) or self._say(f"kind_{measure.kind}")

    def _facts(self, person: Any, names: Mapping[str, Text]) -> Iterator[tuple[str, str]]:
        """Go through what stands above the lines: who it is, and who is who."""
        show = self.words.show
        role = show(self.client.design.roles[person.role].name)
        for name, said in (("name", show(names[person.id])), ("role", role), ("team", person.team)):
            yield self._say(name), said
        parties = dict(parties_of(self.client.design, names[person.id], names.get(person.manager)))
        for who in ("appraiser", "supervisor", "personnel"):
            yield self.words(f"party.{who}"), show(parties[who])

    def _worked(self, role: Role, scored: Scored, person: str) -> Worked:
        lines = {line.id: line for line in scored.lines[person]}
        label = "own_total" if self.client.design.team_share else "total"
        return Worked(self.design, role, lines, scored.results[person], scored.scores[person].score, label)

    def _row_labels(self, block: Block) -> dict[str, str]:
        """Return what the rows of a block begin with, by their ids."""
        words, cycle, ids = self.words, self.cycle, block.row_ids(self.cycle, self.days)
        if block.checklists:
            lists = {name: self.checklists[name] for name in block.checklists if name in self.checklists}
            heads = {name: words.show(each.name) + words("list.colon") for name, each in lists.items()}
            heads[block.checklists[0]] = ""  # what the block is about itself
            return {
                f"{name} {line.id}": heads[name] + words.show(line.text)
                for name, each in lists.items() for line in each.lines
            }  # fmt: skip
        labels = [words.show(line) for line in block.lines] or list(ids)
        if block.id == "review":
            dates = cycle_dates(cycle, self.client.profile.calendar, self.days)
            labels = [words.day(entry.start) for entry in dates if entry.kind == "checkpoint"]
        elif block.id == "sign":
            labels = [words.show(each.time) for each in self.layout.signatures]
        elif block.every == "day":
            labels = [words.day_of_month(date.fromisoformat(one)) for one in ids]
        elif block.every == "week":
            weeks = [date.fromisoformat(one) for one in ids]
            labels = [words.days(max(day, cycle.first_day), min(day + _WEEK, cycle.last_day)) for day in weeks]
        return dict(zip(ids, labels, strict=False))

    def files(self, by: By) -> Iterator[FormFile]:
        """Make the workbooks, one after the other."""
        if by == "person":
            copies = self.client.design.regulation.copies if self.talks is None else _KEPT_BY_THE_SUPERIOR
            for form in self.forms:
                yield from self._copies([form], copies, form.called, person=form.person)
        elif by == "manager":
            managers = {person.id: person.manager for person in rows_of(self.tables.people)}
            names = with_superiors(self.tables.people, self.client.design.roles)
            for manager in dict.fromkeys(managers[form.person] for form in self.forms):
                own = [form for form in self.forms if managers[form.person] == manager]
                named = self._say("of_manager", manager=names[manager]) if manager else self._say("without_manager")
                yield from self._copies(own, ("appraiser",), named, manager=manager)
        else:
            yield from self._copies(self.forms, ("personnel",), self._say("everybody"), many=self.talks is None)

    def _say(self, label: str, **values: Any) -> str:
        return self.words.fill(self.layout.labels[label].pick(self.words.language), values)

    def _copies(
        self, forms: Sequence[Form], holders: Sequence[Holder], whose: str, *, person: str | None = None,
        manager: str | None = None, many: bool = False,
    ) -> Iterator[FormFile]:  # fmt: skip
        """Make a workbook and its copies: they differ in whose copy they say they are, so it is written once."""
        # One piece: sheets are made in the order in which they stand, and each takes a name that is free by then.
        stream, book = new_book()
        styles = Styles(book, self.words, self.layout, self.client.profile.brand)
        code = forms[0].code if len(forms) == 1 else keyed(b"", [form.code for form in forms])
        entries: list[Entry] = []
        names: set[str] = set()
        alone = person is not None or self.talks is not None
        apart = [
            (block, form, _free(self._sheet_of(block, form, styles, alone=len(forms) == 1), names))
            for form in forms
            for block in self.layout.blocks_of(self.phase)
            if block.apart and (alone or block.table == "measures") and any(row.kind == block.id for row in form.rows)
        ]  # fmt: skip
        means = [mean_cell(name, block, form) for block, form, name in apart if block.id == ASSIGNED]
        for each in [forms] if many else [[form] for form in forms]:
            sheet = book.add_worksheet(_free(each[0].title if many else each[0].called, names))
            one = FormSheet if self.talks is None else TalkSheet
            kind, own = (ListSheet, code) if many else (one, each[0].code)
            entries += kind(sheet, styles, each, own, *means).write()
        for block, form, name in apart:
            entries += BlockSheet(book.add_worksheet(name), styles, [form], code, block).write()
        self._identify(book, forms[0], code)
        book.close()
        for holder in holders:
            copy = self._say("copy", holder=self.words(f"copy.{holder}"))
            of = self.words.show(self.client.profile.name)
            parts = [self.cycle.id, of, self._say(f"form_{self.phase}"), whose, self.words(f"copy.{holder}")]
            path = "_".join(_NO_NAME.sub(" ", part).strip() for part in parts) + ".xlsx"
            data = with_texts(stream.getvalue(), {COPY: copy, HOLDER: holder})
            yield FormFile(path, person, manager, holder, code, tuple(entries), data)

    @staticmethod
    def _sheet_of(block: Block, form: Form, styles: Styles, *, alone: bool) -> str:
        """Return what the sheet of a block is called, with whose it is where a workbook holds several people's."""
        return styles.pick(block.name) if alone else f"{form.called} {styles.pick(block.name)}"

    def _identify(self, book: Book, form: Form, code: str) -> None:
        """Write into the workbook's properties which form it is; the same bytes come out of the same form."""
        day = self.cycle.first_day
        created = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - such a property has no zone
        book.set_properties({"title": f"{form.title} {self.words.cycle(self.cycle)}", "created": created})
        said = {"client": form.client, "cycle": form.cycle, "phase": form.phase, "version": str(form.design.version)}
        for name, value in {**said, "copy": HOLDER, "code": code}.items():
            book.set_custom_property(f"kpi-{name}", value)


def _free(name: str, taken: set[str]) -> str:
    """Return a name for a sheet that no other has; Excel takes 31 characters and minds some."""
    whole = _NO_SHEET.sub(" ", name).strip() or "–"
    plain = whole if len(whole) <= _SHEET_NAME else f"{whole[: _SHEET_NAME - 1].strip()}…"
    found, number = plain, 1
    while found.casefold() in taken:
        number += 1
        found = f"{plain} {number}"
    taken.add(found.casefold())
    return found


def _known(
    events: Iterable[Any], work: Iterable[Any], rules: Mapping[str, str], called: Mapping[str, str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is known of the rows of somebody's blocks: points by rules, and the work of days and weeks."""
    by_rules = [
        row._asdict() | {"rule": rules.get(row.rule, row.rule), "approver": called.get(row.approver, row.approver)}
        for row in events
    ]
    found = {("event", str(number)): row for number, row in enumerate(by_rules, start=1)}
    return found | {(row.sheet, row.line): row._asdict() for row in work}


AIMLESS = "no-target"
"""What keeps the people whom it is about from being appraised, and nobody else."""
_FILLED_IN = frozenset({AIMLESS, "missing-actual", "blank-cycle"})
"""What is wrong with a cycle only as long as its forms have not come back."""


def _aimed(people: Sequence[str], issues: Iterable[Issue]) -> tuple[list[str], Issues]:
    """Return who of some people has every target, and what is said of the others' targets."""
    aimless = Issues(issue for issue in issues if issue.code == AIMLESS and {*issue.about} & {*people})
    return [person for person in people if not any(person in issue.about for issue in aimless)], aimless


def hand_out(
    workbook: Workbook, client: str, cycle: str, *, phase: Phase, by: By, to: Path | None, language: Language | None,
    people: Sequence[str] = (), force: bool = False,
) -> tuple[Path, list[FormFile], bool, Issues]:  # fmt: skip
    """Write the forms of a cycle into a folder and say in its record that they were sent.

    Returns the folder, the files, whether the figures are held fast (then nothing written on them is collected), and
    the targets without which some people cannot be appraised: everybody else's forms are written. Raises IssuesError
    for what is wrong with the client or the cycle, WorkbookError for people nobody knows and for files in the folder
    that were changed since they were written: somebody's entries may stand in them.
    """
    value, period = client_in(workbook, client, cycle)
    folder = value.folder / "cycles" / period.id
    with client_lock(value.folder):
        tables, issues = inspect_cycle(value, period.id)
        people = [person_named([Roster(value.design, tables.people)], person) for person in people]
        people, aimless = _aimed(people or list(tables.people["id"]), issues if phase == "appraisal" else ())
        waits = {"plan": _FILLED_IN, "appraisal": {AIMLESS} if people else ()}.get(phase, ())
        raise_errors(Issues(issue for issue in issues if issue.code not in waits))
        words = Words(language or value.profile.languages[0], workbook)
        forms = Forms(
            client=value, cycle=period, tables=tables, layout=form_layout(workbook), key=make_key(value.folder),
            phase=phase, words=words, people=people, before=carried_over(rows_of(work_of(value, period.previous.id))),
            talks=talks_of(value, summarize_cycle(value, period.id, disputed=True)) if phase == TALK else None,
        )  # fmt: skip
        where = to or folder / "forms" / phase
        files = list(forms.files(by))
        ours = {one for line in read_record(folder).of("sent") for one in line.facts.get("files", ())}
        ours |= {sha256(each.data) for each in files}
        changed = [each.path for each in files if _holds_another(where / each.path, ours)]
        if changed and not force:
            said = {"client": value.id, "cycle": period.id, "folder": str(where)}
            raise WorkbookError("forms-changed", **said, names=changed[:_SHOWN], n=len(changed))
        _, record = with_line(
            folder, "sent", "kpi", phase=phase, version=value.design.version,
            forms={form.person: form.code for form in forms.forms}, files=sorted(sha256(each.data) for each in files),
            printed=forms.printed,
        )  # fmt: skip
        write_together({**{where / each.path: each.data for each in files}, folder / RECORD: record})
        (folder / "inbox").mkdir(mode=0o700, exist_ok=True)
    return where, files, read_record(folder).state is not State.DRAFT, aimless


def written_before(home: Path, folder: Path, files: Sequence[FormFile]) -> list[str]:
    """Return the names of the month's forms that lie in a folder from before and are none of those written now."""
    ours = {one for line in read_record(home).of("sent") for one in line.facts.get("files", ())}
    now = {each.path for each in files}
    return sorted(
        each.name for each in folder.glob("*.xlsx") if each.name not in now and not _holds_another(each, ours)
    )


def talk_forms(workbook: Workbook, client: str, cycle: str, words: Words, people: Sequence[str] = ()) -> Forms:
    """Return the forms of talks about a cycle, to be shown on the screen; a blank person is everybody."""
    value, period = client_in(workbook, client, cycle)
    with client_lock(value.folder):
        key = make_key(value.folder)
    summary = summarize_cycle(value, period.id, disputed=True)
    return Forms(
        client=value, cycle=period, tables=summary.tables, layout=form_layout(workbook), key=key, phase=TALK,
        words=words, people=people, talks=talks_of(value, summary),
    )  # fmt: skip


def _holds_another(path: Path, ours: Collection[str]) -> bool:
    """Whether a file is there that is none of those we wrote: somebody's entries may stand in it."""
    return path.is_file() and sha256(path.read_bytes()) not in ours
