"""Forms that came back become goals and actuals: each file is taken whole, asked about, or refused.

Nothing is written before everything is read; then tables, their provenance and the record are written together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from kpi_toolkit.clients.client import Client, inspect_cycle, load_client, named_cycle
from kpi_toolkit.clients.form_key import KEY, form_key
from kpi_toolkit.clients.form_reading import Came, Returned, read_return
from kpi_toolkit.clients.library import form_layout
from kpi_toolkit.clients.provenance import PROVENANCE, Origin, provenance_text, read_provenance
from kpi_toolkit.clients.questions import Question, unasked
from kpi_toolkit.clients.reading import issue_of, kind_problem, raise_errors, read_bytes
from kpi_toolkit.clients.record import RECORD, State, append, read_record, with_line
from kpi_toolkit.clients.scaffold import table_text
from kpi_toolkit.clients.storage import client_lock, sha256, write_together
from kpi_toolkit.clients.tabular import may_hold_data, read_table, table_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.checks.plausible import check_values, in_own_units
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.form_rows import PHASES, FormRow, followed_up, form_rows, row_code
from kpi_toolkit.method.forms import FormLayout, Phase
from kpi_toolkit.method.issues import Issue, Issues, Place, error
from kpi_toolkit.method.model import Aggregation
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.rows import ActualRow, AdjustmentRow, GoalRow
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import rows_of, table
from kpi_toolkit.method.value import Value

FileState = Literal["accepted", "unchanged", "asked", "refused"]
_TABLE: dict[Phase, str] = {"plan": "goals", "appraisal": "actuals"}
_FIELDS = {
    "goals": ("text", "quality", "deadline", "target", "approach", "risks", "answers"),
    "actuals": ("actual", "self", "appraiser", "others", "note"),
    "adjustments": ("date", "rule", "reason", "approver", "points"),
}
_ROWS: dict[str, type[Value]] = {"goals": GoalRow, "actuals": ActualRow, "adjustments": AdjustmentRow}
_PARTIES = {"appraised": "planner", "appraiser": "signed"}
"""Who signs, and the column of the signature."""
Person = tuple[str, Phase]


@dataclass
class Sent:
    """One file of the inbox: what it says, what was made of it."""

    path: Path
    data: bytes
    found: Returned
    state: FileState = "unchanged"
    values: dict[tuple[str, str, str], dict[str, tuple[Any, Came]]] = field(default_factory=dict)
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

    def said(self, person: str, phase: Phase) -> dict[tuple[str, str, str], Any]:
        """Return what a form says, blanks left out."""
        return {
            (name, row, column): value
            for (name, owner, row), entries in self.values.items()
            for column, (value, came) in entries.items()
            if owner == person and came.row.phase == phase
        }

    def follow_up(self) -> dict[str, str]:
        """Return by person in what share of the reviews the supervisor followed up (S130)."""
        reviews: dict[str, dict[str, list[str]]] = {}
        for (row, column), came in self.found.entries.items():
            if row.kind == "review" and column in {"report", "guidance"}:
                reviews.setdefault(row.person, {}).setdefault(row.id, ["", ""])[column == "guidance"] = came.text
        shares = {person: followed_up([(a, b) for a, b in own.values()], len(own)) for person, own in reviews.items()}
        return {person: f"{share}" for person, share in shares.items()}


@dataclass(frozen=True)
class Collected:
    """What became of an inbox."""

    client: str
    cycle: str
    folder: Path
    files: tuple[Sent, ...]
    written: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Question]:
        """What is open, each once."""
        return list({question.id: question for each in self.files for question in each.found.questions}.values())

    @property
    def whole(self) -> bool:
        """Whether nothing was asked or refused."""
        return all(each.state in {"accepted", "unchanged"} for each in self.files)


def collect(
    workbook: Workbook, client: str, cycle: str, folder: Path | None = None, answers: Mapping[str, str] | None = None,
    *, by: str = "kpi",
) -> Collected:  # fmt: skip
    """Take what came back in a folder (default: the cycle's ``inbox``) into the tables of a cycle.

    Raises WorkbookError where there is nothing to collect into or from, IssuesError where the tables themselves cannot be
    read.
    """
    value = load_client(workbook.client_folder(client))
    period = Cycle.parse(named_cycle(value, cycle))
    home = value.folder / "cycles" / period.id
    inbox = folder or home / "inbox"
    if not inbox.is_dir():
        raise WorkbookError("no-inbox", folder=str(inbox))
    with client_lock(value.folder):
        key = form_key(value.folder)
        if key is None:
            raise WorkbookError("no-form-key", path=f"client_data/{value.id}/{KEY}", client=value.id, cycle=period.id)
        if read_record(home).state is State.CLOSED:
            raise WorkbookError("collect-closed", client=value.id, cycle=period.id)
        desk = _Desk(value, period, form_layout(workbook), key, answers or {})
        files = [desk.read(path) for path in sorted(inbox.iterdir()) if _may_be_form(path)]
        desk.one_return_each(files)
        for each in files:
            desk.against_tables(each)
        done = Collected(value.id, period.id, inbox, tuple(files))
        unasked(answers or {}, [name for each in files for name in each.found.asked])
        return replace(done, written=tuple(desk.write(files, by)))


def _may_be_form(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(("~$", ".")) and may_hold_data(path.name)


class _Desk:
    """Where returns are compared with what was sent, with each other, and with what is known."""

    def __init__(
        self, client: Client, cycle: Cycle, layout: FormLayout, key: bytes, answers: Mapping[str, str]
    ) -> None:  # fmt: skip
        self.client, self.cycle, self.layout, self.answers = client, cycle, layout, answers
        self.home = client.folder / "cycles" / cycle.id
        self.tables = inspect_cycle(client, cycle.id)[0]
        self.design = client.design.model_copy(update={"team_share": Decimal(0)})
        self.rows: dict[str, FormRow] = {
            row_code(key, client.id, cycle.id, row): row
            for phase in PHASES
            for own in form_rows(self.design, self.tables, layout, phase, cycle.months).values()
            for row in own
        }
        self.origins = {origin.key: origin for origin in read_provenance(self.home)}

    # --- one file ----------------------------------------------------------------------------------------------------

    def read(self, path: Path) -> Sent:
        """Read a file and check all that it says."""
        data, issues = read_bytes(path, path.name)
        other = kind_problem(data, Place(path.name), workbook=True) if data is not None else None
        if data is None or other is not None:
            return Sent(path, b"", Returned(path.name, issues=[*issues, *([other] if other else [])]))
        found = read_return(data, path.name, self.rows, self.layout, self.answers)
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
        rows: dict[tuple[str, str, str], dict[str, Came]] = {}
        for (row, column), came in found.entries.items():
            name = "adjustments" if row.kind == "event" else _TABLE[row.phase] if row.kind == "item" else ""
            if name and column in _FIELDS[name]:
                rows.setdefault((name, row.person, row.id), {})[column] = came
        for key, entries in rows.items():
            if any(came.text for came in entries.values()):
                self._row(sent, key, entries)
        found.issues += self._implausible(sent)
        found.issues += self._locked(found)
        if not sent.blocked:
            self._figures_fit(sent)

    def _row(self, sent: Sent, key: tuple[str, str, str], entries: Mapping[str, Came]) -> None:
        name, person, row = key
        ids = {"person": person} if name == "adjustments" else {"person": person, "indicator": row}
        try:
            value = _ROWS[name].model_validate({**ids, **{column: came.text for column, came in entries.items()}})
        except ValidationError as problem:
            for detail in problem.errors():
                came = entries.get(str(detail["loc"][0]) if detail["loc"] else "", next(iter(entries.values())))
                blank = not came.text
                sent.found.issues.append(
                    error("blank-cell", came.place) if blank else issue_of(detail, came.place, came.text)
                )
            return
        sent.values[key] = {column: (getattr(value, column), came) for column, came in entries.items() if came.text}

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
        roles = dict(zip(self.tables.people["id"], self.tables.people["role"], strict=True))
        for name in ("goals", "actuals"):
            frame, cells = self._frame(sent, name)
            mine = replace(self.tables, **{"actuals": table("actuals"), name: frame}, files={name: sent.path.name})
            for issue in check_values(self.design, roles, mine, self.cycle.months):
                if issue.place.file == sent.path.name and issue.place.row is not None:
                    at = cells[issue.place.row - 2]
                    came = at.get(issue.place.column or "", next(iter(at.values())))
                    yield replace(issue, place=came.place, about=(came.row.person,))
            known = in_own_units(self.design, mine)
            for row, entries in zip(rows_of(getattr(known, name)), cells, strict=True):
                column = {"goals": "target", "actuals": "actual"}[name]
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
        """Ask about figures that do not follow from the entries: these were changed by something that calculates nothing."""
        shown = {came.row: came for came in sent.found.locked if came.column == "score"}
        people = {row.person for row in shown}
        if not people:
            return
        frame, _ = self._frame(sent, "actuals")
        mine = self.tables.people[self.tables.people["id"].isin(people)]
        scored = score_cycle(self.design, replace(self.tables, people=mine, actuals=frame))
        for person in people:
            geometric = self.design.roles[scored.scores[person].role].aggregation is Aggregation.GEOMETRIC
            odd = [
                (came, points) for line in scored.lines[person]
                if (came := shown.get(FormRow(person, "appraisal", "item", line.id))) is not None
                and not _fits(came.text, points := _of_hundred(line.score_micro) if geometric else line.points)
            ]  # fmt: skip
            if odd:
                came, points = odd[0]
                answer = sent.found.ask("stale", person, ("leave", "take"), came.place, value=came.text, points=points or "–",
                                        cells=[one.cell for one, _ in odd])  # fmt: skip
                if answer == "leave":
                    sent.values = {key: each for key, each in sent.values.items() if key[1] != person}

    # --- several files -----------------------------------------------------------------------------------------------

    def one_return_each(self, files: Sequence[Sent]) -> None:
        """Ask which return of a form holds where two of them differ; the same one again changes nothing."""
        forms: dict[Person, list[Sent]] = {}
        for each in files:
            for form in each.found.forms if not Issues(each.found.issues).errors else ():
                forms.setdefault(form, []).append(each)  # type: ignore[arg-type]
        for (person, phase), returns in forms.items():
            said = [each.said(person, phase) for each in returns]
            if len(returns) == 1 or all(one == said[0] for one in said):
                continue
            whole: dict[Any, Any] = {}
            apart = [key for one in said for key, value in one.items() if whole.setdefault(key, value) != value]
            names = (*(each.path.name for each in returns), *([] if apart else ["together"]))
            answers = [
                each.found.ask("return", f"{person}:{phase}", names, files=names[: len(returns)], person=self._called(person))
                for each in returns
            ]  # fmt: skip
            for each, answer in zip(returns, answers, strict=True):
                if answer not in {"together", each.path.name}:
                    each.values = {
                        key: {
                            c: (v, came)
                            for c, (v, came) in entries.items()
                            if (key[1], came.row.phase) != (person, phase)
                        }
                        for key, entries in each.values.items()
                    }

    def _called(self, person: str) -> str:
        return next(str(row.name) for row in rows_of(self.tables.people) if row.id == person)

    # --- against what is known ---------------------------------------------------------------------------------------

    def against_tables(self, sent: Sent) -> None:
        """Keep of a return what is new, and ask where something else is known already; say what becomes of it."""
        new: dict[tuple[str, str, str], dict[str, tuple[Any, Came]]] = {}
        for key, entries in sent.values.items():
            for column, (value, came) in entries.items():
                present = self._present(key, column, came.row)
                if value == present or (key[0] == "adjustments" and self._known_event(key[1], entries)):
                    continue
                if present not in {None, ""} and not self._may_replace(key, column, sent):
                    options, about = ("form", "table"), ":".join((*key[1:], column))
                    if sent.found.ask("value", about, options, came.place, value=came.text, known=present) != "form":
                        continue
                new.setdefault(key, {})[column] = value, came
        sent.values = new
        if Issues(sent.found.issues).errors:
            sent.state = "refused"
        elif sent.found.questions:
            sent.state = "asked"
        else:
            sent.state = "accepted" if new else "unchanged"

    def _present(self, key: tuple[str, str, str], column: str, row: FormRow) -> Any:
        if column == "target":
            return row.target
        found = self._by_key(key[0]).get(key[1:]) if key[0] != "adjustments" else None
        return getattr(found, column, None)

    def _by_key(self, name: str) -> dict[tuple[str, str], Any]:
        return {(row.person, row.indicator): row for row in rows_of(getattr(self.tables, name))}

    def _known_event(self, person: str, entries: Mapping[str, tuple[Any, Came]]) -> bool:
        said = {column: value for column, (value, _) in entries.items()}
        mine = (row for row in rows_of(self.tables.adjustments) if row.person == person)
        return any(all(getattr(row, column) == value for column, value in said.items()) for row in mine)

    def _may_replace(self, key: tuple[str, str, str], column: str, sent: Sent) -> bool:
        """Whether an entry may take the place of another: a goal that no form has said yet, or the same file again."""
        origin = self.origins.get((key[0], key[1], key[2], column))
        if key[0] == "goals" and origin is None:
            return True
        return origin is not None and origin.file == sent.path.name

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, files: Sequence[Sent], by: str) -> list[str]:
        """Write what was accepted, with where it came from and a line of the record, all of it or nothing."""
        taken = [each for each in files if each.state == "accepted"]
        texts: dict[Path, bytes | str] = {}
        origins: list[Origin] = []
        for name in _FIELDS:
            changes = [(key, entries, each) for each in taken for key, entries in each.values.items() if key[0] == name]
            if changes:
                texts[self.home / f"{name}.csv"] = self._table(name, [(key, entries) for key, entries, _ in changes])
                origins += [origin for key, entries, each in changes for origin in _origins(key, entries, each)]
        if texts:
            texts[self.home / PROVENANCE] = provenance_text(self.home, origins)
            forms = {
                person: {"phase": phase, "sha256": sha256(each.data)}
                for each in taken
                for person, phase in each.found.forms
            }
            texts[self.home / RECORD] = with_line(self.home, "received", by, forms=forms)[1]
            write_together(texts)
        self._signatures([each for each in files if each.state in {"accepted", "unchanged"}], by)
        return sorted(path.name for path in texts)

    def _table(self, name: str, changes: Sequence[tuple[tuple[str, str, str], Mapping[str, tuple[Any, Came]]]]) -> str:
        """Return a table of the cycle with what is new in it; its other rows and columns stay."""
        file = table_file(self.home / f"{name}.csv")
        if file.suffix != ".csv":
            raise WorkbookError("collect-into-workbook", file=file.name, client=self.client.id, cycle=self.cycle.id)
        there = file.exists()
        frame, issues = (
            read_table(self.home / f"{name}.csv", name, f"cycles/{self.cycle.id}/{file.name}")
            if there
            else (table(name), Issues())
        )
        raise_errors(issues)
        more = [column for column in frame.columns if column not in {"row", *_ROWS[name].model_fields}]
        rows = [{str(column): value for column, value in record.items()} for record in frame.to_dict("records")]
        places = {} if name == "adjustments" else {(row["person"], row["indicator"]): row for row in rows}
        for (_, person, row), entries in changes:
            said = {column: value for column, (value, _) in entries.items()}
            if name == "adjustments":
                rows.append({"person": person, **said})
            elif (person, row) in places:
                places[person, row].update(said)
            else:
                rows.append({"person": person, "indicator": row, **said})
        return table_text(name, rows, more=more)

    def _signatures(self, files: Sequence[Sent], by: str) -> None:
        """Say in the record what was talked over and signed, once each: who, when and how; no names."""
        record = read_record(self.home)
        told = {(line.kind, line.facts.get("person")) for line in record.lines}
        ways = {
            text: way for way in ("paper", "scan", "reply")
            for text in (self.layout.labels[f"how_{way}"].zh, self.layout.labels[f"how_{way}"].en)
        }  # fmt: skip
        for each in files:
            said: dict[FormRow, dict[str, str]] = {}
            for (row, column), came in each.found.entries.items():
                if row.kind == "sign" and came.text:
                    said.setdefault(row, {})[column] = came.text
            for row, entries in said.items():
                parties = [
                    who for who, column in _PARTIES.items() if entries.get(column)
                ]
                facts = {"person": row.person, "on": entries.get("on", ""), "parties": parties,
                         "how": ways.get(entries.get("how", ""), ""), "sha256": sha256(each.data)}  # fmt: skip
                kinds = [] if not entries.get("on") or row.id == "1" else ["talk"]
                kinds += [] if len(parties) < len(_PARTIES) else ["agreed" if row.id == "1" else "signed"]
                for kind in kinds:
                    if (kind, row.person) not in told:
                        append(self.home, kind, by, **facts)
                        told.add((kind, row.person))


def _origins(key: tuple[str, str, str], entries: Mapping[str, tuple[Any, Came]], sent: Sent) -> Iterator[Origin]:
    for column, (value, came) in entries.items():
        yield Origin(
            table=key[0], person=key[1], indicator=key[2], column=column,
            value=f"{value:f}" if isinstance(value, Decimal) else str(value), file=sent.path.name,
            sheet=came.place.sheet or "", cell=came.cell, sha256=sha256(sent.data),
        )  # fmt: skip


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _of_hundred(micro: int | None) -> Decimal | None:
    return None if micro is None else half_up(Fraction(micro, 1_000_000), 2)


def _fits(shown: str, points: Decimal | None) -> bool:
    """Whether a shown score is the one that follows; what shows no number says nothing."""
    number = _number(shown)
    return number is None if points is None else number in {None, points}
