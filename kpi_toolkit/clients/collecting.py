"""Forms that came back become goals and actuals: each file is taken whole, asked about, or refused.

Nothing is written before everything is read; then tables, their provenance and the record are written together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client, inspect_cycle
from kpi_toolkit.clients.form_checks import Reading, Typed
from kpi_toolkit.clients.form_cycle import KEY, client_in, form_key
from kpi_toolkit.clients.form_origins import Before, beside_forms, event_of, events_gone, forms_in, origins_of, says
from kpi_toolkit.clients.form_reading import Came, Entries, Key, Return
from kpi_toolkit.clients.form_returns import Apart, agreed_targets, one_return_each
from kpi_toolkit.clients.form_signatures import BY, Signatures
from kpi_toolkit.clients.form_tables import BY_ROW, file_of, table_with
from kpi_toolkit.clients.form_talks import TALKED
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.provenance import PROVENANCE, Origin, provenance_text, read_provenance
from kpi_toolkit.clients.questions import Question, unasked
from kpi_toolkit.clients.record import RECORD, State, now, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_together
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.calendar import Entry, cycle_dates
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import mark_of
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.procedures import done_by
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.talk_rows import TALK
from kpi_toolkit.method.value import Text

_OF_THE_APPRAISER = {"appraiser", "others"}
"""Views that the person's own copy has no say in."""
_ASKED = {"return", "targets", "value", "reading", "percent", "view", "stale", "hidden", "gone", "columns", "twice"}
"""Questions about one person's form; what comes next in their ids is the person."""
_OF_SEVERAL = {"return", "targets"}
"""Questions that other files decide on too: an answer is not kept for one file alone."""


@dataclass(frozen=True)
class Collected:
    """What became of an inbox."""

    client: str
    cycle: str
    folder: Path
    files: tuple[Return, ...]
    called: Mapping[str, Text]
    """What people are called, by id."""
    written: tuple[str, ...] = ()
    scans: Mapping[str, str] = field(default_factory=dict)
    """Scans of signed forms that are on record: by file, whose."""
    aside: tuple[str, ...] = ()
    """What else lay there and is no form."""

    @property
    def questions(self) -> list[Question]:
        """What is open, each once."""
        return list({question.id: question for each in self.files for question in each.questions}.values())

    @property
    def whole(self) -> bool:
        """Whether nothing was asked or refused."""
        return all(each.state in {"accepted", "unchanged", "left"} for each in self.files)


def collect(
    workbook: Workbook, client: str, cycle: str, folder: Path | None = None, answers: Mapping[str, str] | None = None,
    files: Sequence[Path] | None = None,
) -> Collected:  # fmt: skip
    """Take what came back in a folder (default: the cycle's ``inbox``) into the tables of a cycle.

    Of a folder with forms of many clients ``files`` are the client's own (``form_origins.by_client``); what else lies
    there is nobody's. Raises WorkbookError where there is nothing to collect into or from, IssuesError where the tables
    cannot be read.
    """
    value, period = client_in(workbook, client, cycle)
    inbox = folder or value.folder / "cycles" / period.id / "inbox"
    with client_lock(value.folder):
        taking = open_inbox(workbook, value, period, answers or {})
        found = taking.take(forms_in(inbox) if files is None else files)
        given = {name: said for name, said in (answers or {}).items() if not taking.settled(name, found)}
        unasked(given, [name for each in found for name in each.asking.asked])
        written, aside = taking.write(found, inbox), [] if files is not None else beside_forms(inbox)
        scans = taking.signatures.file_scans(aside)
        return Collected(
            value.id, period.id, inbox, tuple(found), taking.called, tuple(written), scans,
            tuple(path.name for path in aside if path.name not in scans),
        )  # fmt: skip


def take_down(workbook: Workbook, client: str, cycle: str, source: str, said: Typed) -> Collected:
    """Take what was typed on a form on the screen, as if its file had come back from ``source``.

    The screen showed what is known already, so what was typed there takes its place. Raises as :func:`collect`.
    """
    value, period = client_in(workbook, client, cycle)
    with client_lock(value.folder):
        taking = open_inbox(workbook, value, period, {})
        files = taking.weigh([taking.typed(source, said)])
        if meant := {question.id: "form" for each in files for question in each.questions}:
            taking = open_inbox(workbook, value, period, meant)
            files = taking.weigh([taking.typed(source, said)])
        written = taking.write(files, taking.home)
        return Collected(value.id, period.id, taking.home, tuple(files), taking.called, tuple(written))


def _present(came: Came, known: Any) -> Any:
    """Return what is known already of an entry: of a target what was printed on the form."""
    held = "from_" if came.column == "from" else came.column
    return came.row.target if held == "target" else getattr(known, held, None)


def open_inbox(workbook: Workbook, client: Client, cycle: Cycle, answers: Mapping[str, str]) -> Inbox:
    """Return what takes in the forms of a cycle. WorkbookError where none can be."""
    key = form_key(client.folder)
    if key is None:
        raise WorkbookError("no-form-key", path=f"client_data/{client.id}/{KEY}", client=client.id, cycle=cycle.id)
    tables, layout = inspect_cycle(client, cycle.id)[0], form_layout(workbook)
    record = read_record(client.folder / "cycles" / cycle.id)
    kept = [mark for line in record.of("received") for mark in line.facts.get("answered", ())]
    before = Before.of(record)
    return Inbox(
        client=client, cycle=cycle, tables=tables, layout=layout, key=key, answers=answers, kept=kept, before=before,
        apart=Apart({*before.left}, {*before.mixed}, {*before.bare}),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Inbox(Reading):
    """Where returns are compared with each other and with what is known, and written."""

    before: Before
    apart: Apart
    removed: dict[int, list[Origin]] = field(default_factory=dict)
    """The lines of ``adjustments.csv`` whose event was taken out of its form, with where they came from."""
    events: dict[Key, int] = field(default_factory=dict)
    """The lines of ``adjustments.csv`` that events on forms are already."""

    @property
    def home(self) -> Path:
        """The folder of the cycle."""
        return self.client.folder / "cycles" / self.cycle.id

    @cached_property
    def origins(self) -> dict[tuple[str, str, str, str], Origin]:
        """Where values came from that are known already."""
        return {origin.key: origin for origin in read_provenance(self.home)}

    @cached_property
    def signatures(self) -> Signatures:
        """What forms say of signatures, held against the record."""
        return Signatures(self.home, self.called)

    @cached_property
    def window(self) -> Entry:
        """The days on which the cycle is appraised."""
        dates = cycle_dates(self.cycle, self.client.profile.calendar, self.days)
        return next(each for each in dates if each.kind == "appraisal")

    def take(self, paths: Sequence[Path]) -> list[Return]:
        """Read files and say what becomes of each; nothing is written."""
        return self.weigh([each for path in paths for each in self.read(path)])

    def weigh(self, files: list[Return]) -> list[Return]:
        """Hold what was read against each other and against what is known; nothing is written."""
        taken, left = self.before.taken, self.before.left
        for each in files:
            self._as_before(each)
        free = [each for each in files if each.id not in left and not self._held(each)]  # else nothing new is taken
        one_return_each(free, self.called, self._untouched, self.apart)
        for each in free:
            if each.id in self.apart.left:  # what else was asked about it decides nothing any more
                each.asking.open.clear()
        agreed_targets([each for each in files if each.id not in taken])
        for each in files:
            held = self._held(each)
            if self.client.design.regulation.signed_plan and not held:
                count = [one for one in files if one.id not in self.apart.left | self.apart.mixed]
                each.issues += self.signatures.unsigned(each, count, done_by(self.tables)["agreed"])
            each.issues += self.signatures.given_before(each) if each.id in self.apart.mixed else ()
            self.against_tables(each)
            self._refuse_held(each, held)
            each.issues += self._late(each)
        whole = [each for state in ("accepted", "unchanged") for each in files if each.state == state]
        self.signatures.missing(whole, files)
        return files

    def _as_before(self, found: Return) -> None:
        """Ask nothing again that was answered of a file that is the same; keep nothing that was decided on then."""
        taken, left = self.before.taken, self.before.left
        done = taken | left if self._held(found) else left
        if found.id in taken | left:
            for person in [name.partition(":")[2] for name in found.asking.open if name.startswith("stale:")]:
                found.drop(person, "appraisal")  # taken, it is in the tables; left out, it stays out
            found.asking.open.clear()
            found.issues[:] = [one for one in found.issues if one.code != "form-other-version"]  # it was not, then
        if found.id in done | self.before.bare or found.sha256 in self.before.sent:  # nobody wrote on it
            found.values.clear()

    def _untouched(self, found: Return, person: str, phase: str) -> bool:
        """Whether nobody wrote on somebody's form: all that it says was printed on it."""
        own = [came for came in found.entries.values() if (came.row.person, came.row.phase) == (person, phase)]
        if found.id in self.before.taken or any(came.text for came in own if not came.row.table):
            return False
        said = {key: entries for key, entries in found.values.items() if key[1] == person}
        goals = {key[1:]: value for key, value in found.said(person, "plan").items() if key[0] == "goals"}
        sent = {"goals"} if (person, mark_of(goals)) in self.before.printed else ()
        return all(
            came.value == _present(came, self._known(key, entries))
            for key, entries in said.items() if key[0] not in sent
            for came in entries.values() if came.row.phase == phase
        )  # fmt: skip

    @cached_property
    def state(self) -> State:
        """Where the cycle stands: outside a draft figures are held fast."""
        return read_record(self.home).state

    def _held(self, found: Return) -> set[str]:
        """Return what a return brings that is held fast; nothing in a draft."""
        free = {State.PRESENTED: TALKED, State.CLOSED: TALKED - {"disputes"}}
        brings = {name for name, *_ in found.values} | {"" for _, phase in found.forms if phase != TALK}
        return brings - free[self.state] if self.state in free else set()

    def _refuse_held(self, found: Return, held: set[str]) -> None:
        """Refuse a return that would move what is held fast; one that says only what is known already may stay."""
        if held and found.state not in {"unchanged", "left"}:
            code = "talk-dispute-closed" if held == {"disputes"} else "collect-held"
            found.issues[:] = [error(code, Place(found.path.name), client=self.client.id, cycle=self.cycle.id)]
            found.asking.open.clear()
            found.values, found.state = {}, "refused"

    def settled(self, name: str, files: Sequence[Return]) -> bool:
        """Whether an answer is to a question that its person's forms do not raise any more."""
        kind, person, *_ = (*name.split(":"), "", "")
        asked = {question for each in files for question in each.asking.asked}
        about = f"{kind}:{person}:"
        return kind in _ASKED and person in self.called and not any(f"{one}:".startswith(about) for one in asked)

    def _late(self, found: Return) -> Iterator[Issue]:
        """Say that what a return brings came after the window of the appraisal had closed (S139)."""
        window, today = self.window, date.fromisoformat(now()[:10])
        brings = any(name == "actuals" for name, _, _ in found.values)
        if window.late(today) and brings and found.state == "accepted":
            yield warning("form-late", Place(found.path.name), day=window.end, n=(today - window.end).days)

    # --- against what is known ---------------------------------------------------------------------------------------

    def against_tables(self, found: Return) -> None:
        """Keep of a return what is new, and ask where something else is known already; say what becomes of it."""
        new: dict[Key, Entries] = {}
        for key, entries in found.values.items():
            known = self._known(key, entries)
            if known is not None and key[0] in BY_ROW:
                self.events[key] = known.row
            own = {name: came for name, came in entries.items() if self._brings(found, key, came, known)}
            if own:
                new[key] = own
        gone = self._events_gone(found)
        found.values = new
        if found.wrong:
            found.state = "refused"
        elif found.questions:
            found.state = "asked"
        else:
            self.removed.update(gone)
            found.state = "accepted" if new or gone else "left" if found.id in self.apart.left else "unchanged"

    def _brings(self, found: Return, key: Key, came: Came, known: Any) -> bool:
        """Whether an entry says something new that is to be taken; asked where something else is known already."""
        column = came.column
        present = _present(came, known)
        if came.value == present:
            return False
        if present not in {None, ""}:
            options, about = ("form", "table"), ":".join((*key[1:], column))
            anew = f"value:{about}" in self.answers or self._decided_now(found, key[1])
            if found.id in self.before.taken and not anew:
                return False  # decided then, or the table was mended since: the form says nothing new
            if not self._may_replace(key, column, found, known, present) and (
                self._taken_before(key, column, found, came.value)
                or found.ask("value", about, options, came.place, value=came.text, known=present) != "form"
            ):
                return False
        if column in _OF_THE_APPRAISER and found.stated[4:] == ("appraised",):
            at, options = came.place, ("leave", "take")
            return found.ask("view", key[1], options, at, value=came.text, person=self.called[key[1]]) == "take"
        return True

    def _events_gone(self, found: Return) -> dict[int, list[Origin]]:
        """Return the events to be removed: a line that brought one before and is blank now is asked about."""
        gone: dict[int, list[Origin]] = {}
        events = rows_of(self.tables.adjustments) if self.state is State.DRAFT else ()
        for row, was in events_gone(events, self.origins.values(), found):
            if row.row not in self.events.values() and found.id not in self.before.taken:
                at = Place(found.path.name, sheet=was[0].sheet, cell=was[0].cell)
                about = f"{row.person}:{was[0].indicator}"
                reason, who = row.reason or row.rule or "–", self.called[row.person]
                said = {"person": who, "points": row.points, "reason": reason}
                if found.ask("event", about, ("remove", "keep"), at, **said) == "remove":
                    gone[row.row] = was
        return gone

    def _known(self, key: Key, entries: Entries) -> Any:
        """Return the row of its table that a row of a form is already, None where there is none."""
        rows = {"adjustments": rows_of(self.tables.adjustments), "measures": self.measures.values()}
        if key[0] in rows and (key[0] == "adjustments" or key[2].isdigit()):
            return event_of(rows[key[0]], self.origins.values(), key, entries)
        return self.talks.known(key, entries) if key[0] in TALKED else self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[Key, Any]:
        """The rows that are known already: of goals, actuals, and the work of days and weeks."""
        return {("work", row.person, f"{row.sheet} {row.line}"): row for row in self.work} | {
            (name, row.person, row.indicator): row
            for name in ("goals", "actuals")
            for row in rows_of(getattr(self.tables, name))
        }

    def _may_replace(self, key: Key, column: str, found: Return, known: Any, present: Any) -> bool:
        """Whether an entry may take the place of another: a goal that no form has said yet, or the same file again."""
        origin = self.origins.get((*key, column))
        if self._decided_now(found, key[1]):
            return True
        if (key[0] == "goals" and origin is None) or (key[0] == "work" and column != "completion"):
            return True
        if key[0] == "measures" and known.deadline is None:  # nothing more than a draft
            return True
        return self._taken_before(key, column, found, present)

    def _decided_now(self, found: Return, person: str) -> bool:
        """Whether it was said just now which return of somebody's form holds."""
        return any(form in self.apart.decided for form in found.forms if form[0] == person)

    def _taken_before(self, key: Key, column: str, found: Return, value: Any) -> bool:
        """Whether this value was taken from this entry of the same file."""
        origin = self.origins.get((*key, column))
        return origin is not None and origin.file == found.path.name and says(origin, value)

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, files: Sequence[Return], inbox: Path) -> list[str]:
        """Write what an inbox brought, with where it came from and a line of the record, all of it or nothing."""
        # One piece: tables, provenance and the line of the record are made of the same returns and written together.
        taken = [each for each in files if each.state == "accepted"]
        rows = [(each, key, entries) for each in taken for key, entries in each.values.items() if entries]
        origins = [origin for each, key, entries in rows for origin in origins_of(key, entries, each)]
        changes = {self.home / "adjustments.csv": list[tuple[Key, Entries]]()} if self.removed else {}
        changes |= gathered((file_of(self.home, key), (key, entries)) for _, key, entries in rows)
        texts: dict[Path, bytes | str] = {}
        texts |= {path: table_with(self, path, own, self.events, self.removed) for path, own in changes.items()}
        fresh = [each for each in files if each.id not in self.before.taken]
        told = [each for each in fresh if each.state == "unchanged" and each.asking.taken]
        here, open_ones = {each.id for each in files}, [each for each in files if each.state in {"asked", "refused"}]
        more = {
            "answered": {
                mark for each in files if each.state in {"asked", "accepted"}
                for name, mark in each.asking.marks.items() if name.partition(":")[0] not in _OF_SEVERAL
            },
            "bare": here & self.apart.bare - self.before.bare,
            "waiting": {" ".join(form) for each in open_ones for form in each.forms},
        }  # fmt: skip
        mark = sha256(str(inbox.resolve()).encode())[:12]  # tells it from another; no path comes into a record
        held_up = self.state is State.DRAFT and more["waiting"] != self.before.waiting.get(mark, set())
        if texts or told or more["answered"] or more["bare"] or held_up:
            gone = [origin for was in self.removed.values() for origin in was]
            if texts:
                texts[self.home / PROVENANCE] = provenance_text(self.home, origins, without=gone)
            back = [(phase, person, each.sha256) for each in taken for person, phase in each.forms]
            forms = {person: {"phase": phase, "sha256": said} for phase, person, said in sorted(back, reverse=True)}
            facts = {
                "forms": forms, "files": sorted({each.id for each in (*taken, *told)}),
                "left": sorted(here & self.apart.left), "mixed": sorted(here & self.apart.mixed), "inbox": mark,
                **{name: sorted(own) for name, own in more.items() if own},
            }  # fmt: skip
            texts[self.home / RECORD] = with_line(self.home, "received", BY, **facts)[1]
            write_together(texts)
        # one that changes no figure may bring a signature: the other side's copy does
        held = [each for each in files if each.state in {"accepted", "unchanged"} and each.id not in self.apart.left]
        signed = self.signatures.keep(held, self.apart.mixed, self.day, partial(self.choice, "sign", "how"))
        return sorted({*(path.name for path in texts), *([RECORD] if signed else [])})
