"""A client as a value: who they are, their design, their people, and the cycles in their folder.

A cycle has its own copy of the first three (``cycles/<cycle>/client.toml``, ``design.toml``, ``curves.toml``,
``people.csv``) from when it was opened or closed; a cycle without them reads the client's. :func:`as_of` is the one way
to a client as a cycle has it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from kpi_toolkit.clients.another_month import Where, people_before
from kpi_toolkit.clients.cycle_folders import CYCLE_TABLES, cycles_in, known_cycle, meant_cycle, no_cycle
from kpi_toolkit.clients.deadline import READING_SECONDS, OutOfTimeError, time_limit
from kpi_toolkit.clients.declared import Drafts, named_in, read_own
from kpi_toolkit.clients.frozen import (
    AMOUNTS,
    CURVES,
    DELIVERIES,
    DESIGN,
    PEOPLE,
    PROFILE,
    SPELLS,
    WORKDAYS,
    adds_in,
    amounts_text,
    changed_since,
    copies_of,
    inputs_of,
    own_file,
    workdays_text,
    works_in,
)
from kpi_toolkit.clients.library import case_of
from kpi_toolkit.clients.looking import found_in, odd_in
from kpi_toolkit.clients.reading import raise_errors, read_bytes
from kpi_toolkit.clients.record import RECORD, State, broken, read_record
from kpi_toolkit.clients.storage import settle, sha256
from kpi_toolkit.clients.tables_out import people_text
from kpi_toolkit.clients.tabular import is_there, read_people, read_table, table_file
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, copies_beside, usable_id, valid_id
from kpi_toolkit.method.checks import in_own_units, lint_cycles, with_mutes
from kpi_toolkit.method.checks.goals import review_is_due
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.goals import with_year_goals
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.rows import has_figures
from kpi_toolkit.method.spells import PRO_RATA, check_spells, joined, pro_rated, still_there
from kpi_toolkit.method.tables import Table, Tables, rows_of, table


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a client's folder says. ``cycles`` are those with a file of actuals, readable or not, oldest first."""

    id: str
    folder: Path
    profile: Profile
    design: Design
    people: Table
    cycles: tuple[str, ...]
    issues: Issues = field(default_factory=Issues)
    """Everything that was found wrong in the folder, cycles apart."""
    cycle: str = ""
    """The cycle that profile, design and people are those of; empty: as the client is today."""
    drafts: Drafts = field(default_factory=dict, repr=False)
    """Tables of its cycles that are under work: what each says, and what is wrong with it, in the place of the file."""

    @property
    def workbook(self) -> Workbook:
        """The workbook that it is in."""
        return Workbook(self.folder.parent.parent)

    def logo(self) -> tuple[str, bytes] | None:
        """Return the file name and bytes of the client's logo, None where there is none."""
        name = self.profile.brand.logo
        if name is None:
            return None
        data, issues = read_bytes(self.folder / name, name)
        raise_errors(issues)
        return (name, data) if data is not None else None


def load_client(path: Path | str, cycle: str = "") -> Client:
    """Return the client of a folder, as it is or as one of its cycles has it.

    IssuesError lists every problem of its three files at once.
    """
    client, issues = read_client(Path(os.path.abspath(path)), cycle)  # noqa: PTH100 - a link stays one
    if client is None or issues.errors:
        raise IssuesError(issues)
    return client


def read_client(folder: Path, cycle: str = "", drafts: Drafts | None = None) -> tuple[Client | None, Issues]:
    """Return the client of a folder (None where it cannot be made) and everything that is wrong with it.

    ``drafts`` are files of the client that are under work, as :func:`read_own` takes them.
    """
    try:
        with time_limit(READING_SECONDS):
            settle(folder)
            return _read_client(folder, cycle, drafts)
    except OutOfTimeError:
        return None, _too_long("")


def _too_long(place: str) -> Issues:
    return Issues([error("reading-too-long", Place(place), seconds=READING_SECONDS)])


def _read_client(folder: Path, cycle: str, drafts: Drafts | None) -> tuple[Client | None, Issues]:
    cycles, more = cycles_in(folder)
    cycle = cycle if cycle in cycles else ""
    profile, design, people, issues = read_own(folder, cycle, drafts)
    issues += more + lint_cycles(cycles)
    if design is not None and cycles:
        issues += review_is_due(design, Cycle.parse(cycles[-1]))
    if not valid_id(folder.name):
        issues += [error("unusable-id", Place(), name=folder.name, suggestion=usable_id(folder.name))]
    issues += [warning("client-twice", Place(), other=other) for other in copies_beside(folder)]
    if profile is None or design is None:
        return None, issues
    return Client(
        id=folder.name, folder=folder, profile=profile, design=design, people=people, cycles=cycles, issues=issues,
        cycle=cycle, drafts=drafts or {},
    ), issues  # fmt: skip


def own_copies(client: Client, cycle: str) -> dict[str, bytes]:
    """Return what one of a client's cycles does not have its own of yet, by path in the client's folder."""
    named, issues = named_in(client.folder, cycle, client.workbook)
    raise_errors(issues)
    value = as_of(client, cycle)
    files = copies_of(client.folder, value.design, named, people_text(value.people, value.design))
    spells = table_file(client.folder / "cycles" / cycle / SPELLS)
    treats = {*read_table(spells, "spells", SPELLS)[0]["treat"]} if spells.is_file() else set()
    if treats & {*PRO_RATA}:
        adds = adds_in(client.folder, cycle, wording_rules(client.workbook))
        files[AMOUNTS] = amounts_text(value.design, adds).encode()
    if "workdays" in treats:
        period = Cycle.parse(cycle)
        works = works_in(client.folder, period, value.profile.country)
        files[WORKDAYS] = workdays_text(period, works).encode()
    own = {name: own_file(client.folder, cycle, name) for name in files}
    return {f"cycles/{cycle}/{name}": files[name] for name in files if not own[name].startswith("cycles/")}


def as_of(client: Client, cycle: str) -> Client:
    """Return a client as one of its cycles has it; what is wrong with the cycle's own files is among its issues.

    Raises IssuesError where they cannot be read at all.
    """
    names = [own_file(client.folder, cycle, name) for name in (PROFILE, DESIGN, CURVES, PEOPLE, SPELLS)]
    if client.cycle == cycle or not any(name.startswith("cycles/") for name in names):
        return client
    profile, design, people, issues = read_own(client.folder, cycle)
    if profile is None or design is None:
        raise IssuesError(issues)
    shared = Issues(i for i in client.issues if i.place.file.partition(".")[0] not in {"client", "design", "people"})
    return replace(
        client, profile=profile, design=design, people=people, cycle=cycle,
        issues=shared + Issues(issue for issue in issues if issue not in shared),
    )  # fmt: skip


def person_named(rosters: Sequence[Roster], said: str) -> str:
    """Return the id of the one whom a word names, in any way that a table may; WorkbookError where it names none."""
    found = {said} if any(said in each.roles for each in rosters) else {
        person for each in rosters for person in each.going_by(said)
    }  # fmt: skip
    if len(found) == 1:
        return found.pop()
    named = [(person, name) for each in rosters for person, name in each.names.items() if person in found or not found]
    known = [name.after(person) for person, name in named]
    if found:
        raise WorkbookError("shared-person-name", name=said, known=known)
    near = next((near for each in rosters if (near := each.likely(said))), "")
    raise WorkbookError("unknown-in-cycle", name=said, nearest=near, known=known)


def read_cycle(client: Client, cycle: str, *, past: bool = False) -> Tables:
    """Return the tables of one cycle. IssuesError lists every problem of its files and of their contents at once."""
    tables, issues = inspect_cycle(client, cycle, past=past)
    raise_errors(issues)
    return tables


def named_cycle(client: Client, cycle: str) -> str:
    """Return a cycle that was asked for by name; WorkbookError where there is none such."""
    return known_cycle(cycle, client.cycles, client.id)


def inspect_cycle(
    client: Client, cycle: str, *, as_held: bool = True, as_agreed: bool = False, past: bool = False
) -> tuple[Tables, Issues]:
    """Return the tables of one cycle as far as they can be read, and everything that is wrong with them.

    This is what every command counts: what makes figures wrong, and what the method cautions against in the cycle's
    design and goals, marked as muted where the client lives with it. An error stops scoring, a caution does not.

    Only ``actuals.csv`` must be there: without the others the design's targets hold, and nothing was adjusted or moved.
    They are read against the cycle's own design (:func:`as_of`). Where its figures are held fast, what is otherwise
    since is an error, unless it is not asked for (``as_held``); what a later version would object to is none any more.
    Targets of whoever was there for a part of the cycle are that part, or as they were agreed (``as_agreed``).
    What is odd about a cycle that only stands behind another (``past``) is not looked for: nobody asks, and it is half
    of the work. None of it stops scoring.
    """
    try:
        with time_limit(READING_SECONDS):
            return _inspect_cycle(client, cycle, as_held, as_agreed, past)
    except OutOfTimeError:
        return _no_tables(client, _too_long(f"cycles/{cycle}"))


def _no_tables(client: Client, issues: Issues) -> tuple[Tables, Issues]:
    return replace(Tables.of(), people=client.people, issues=issues), issues


def _inspect_cycle(client: Client, cycle: str, as_held: bool, as_agreed: bool, past: bool) -> tuple[Tables, Issues]:
    # One piece: each step reads the tables as the one before has made them, and none can change its place.
    try:
        period = meant_cycle(cycle, client.cycles)
        folder = client.folder / "cycles" / period.id
        if not folder.is_dir() or folder.is_symlink():
            raise no_cycle(period.id, client.cycles, client.id)
        client = as_of(client, period.id)
    except WorkbookError as problem:
        place = Place(f"cycles/{cycle}")
        return _no_tables(client, Issues([error(problem.issue.code, place, **problem.issue.values)]))
    except IssuesError as problem:
        return _no_tables(client, problem.issues)
    read, unread = _tables_of(client, period.id)
    then = people_before(client.folder, client.cycles, period, client.design)
    spelled = Issues(check_spells(client.design, read, period, dict(zip(then["id"], then["role"], strict=True))))
    held, works = dict(zip(read.people["id"], read.people["role"], strict=True)), None
    if not read.spells.empty and not any(issue.place.file == read.file("spells") for issue in unread.errors):
        works = works_in(client.folder, period, client.profile.country)
        read = joined(client.design, read, period, works)[1]
    goals, read = read.goals, with_year_goals(client.design, read, period)
    case = case_of(client.workbook, client.design, client.profile.country)
    where = Where(client.folder, client.cycles, period, Roster(client.design, read.people))
    read, found = found_in(case, where, read, unread, spelled, client.issues)
    odd, cautions = (Issues(), Issues()) if past else odd_in(case, where, read, unread, found)
    found += odd
    standing = Issues(_standing(client, period.id, as_held))
    if as_held and not standing.errors and read_record(folder).state != State.DRAFT:
        found, cautions = found.softened(), cautions.softened()
    issues = _with_people(with_mutes(client.design.mute, unread + found + standing + cautions), read)
    moved = {(issue.values["id"],) for issue in spelled if issue.code == "role-changed"}  # one cause for all their rows
    issues = Issues(issue for issue in issues if issue.code != "unknown-indicator" or issue.about not in moved)
    if as_agreed:  # what follows from the year and from the days is nobody's agreement
        read = replace(read, goals=goals)
    elif works and not issues.blocking:
        adds = adds_in(client.folder, period.id, case.wording)
        read, told = pro_rated(client.design, read, held, period, works, adds)
        if read_record(folder).state == State.DRAFT and not past:
            issues += with_mutes(client.design.mute, Issues(told))
    return replace(read, issues=issues), issues


def _tables_of(client: Client, cycle: str) -> tuple[Tables, Issues]:
    """Return the tables in a cycle's folder as they stand, each with its file, and what is wrong with the files."""
    own = f"cycles/{cycle}/"
    issues = Issues(issue for issue in client.issues if issue.place.file.startswith(own))
    tables: dict[str, Table] = {"people": client.people}
    roster = Roster(client.design, client.people)
    files = {"people": own_file(client.folder, cycle, PEOPLE)}
    for name in CYCLE_TABLES:
        file, at = client.folder / own / f"{name}.csv", f"{own}{name}.csv"
        files[name], drafted = at.removesuffix(".csv") + table_file(file).suffix, client.drafts.get(at)
        if drafted is None and name != "actuals" and not is_there(file):
            tables[name] = table(name)
            continue
        found, more = drafted or read_table(file, name, at, roster)
        tables[name] = roster.in_own_ids(name, found) if drafted else found
        issues += more
    return in_own_units(client.design, replace(Tables.of(), **tables, files=files)), issues  # type: ignore[arg-type]


def _standing(client: Client, cycle: str, as_held: bool) -> Iterator[Issue]:
    """Find what is otherwise since a cycle was held fast; while it is open, what the client has otherwise by now."""
    folder = client.folder / "cycles" / cycle
    record = read_record(folder)
    if as_held and record.problems:  # nobody can tell what it is by now: open, for the talks, closed
        yield from broken(record, cycle)
        return
    if not record.lines and any((folder / DELIVERIES).glob("*/")):
        yield warning("record-gone", Place(f"cycles/{cycle}/{RECORD}"), cycle=cycle)
    if record.state != State.DRAFT:
        yield from changed_since(client.folder, cycle, record) if as_held else ()
        return
    values = {"cycle": cycle, "client": client.id}
    if record.of("opened"):
        copies = (PROFILE, DESIGN, PEOPLE)
        gone = [name for name in copies if not own_file(client.folder, cycle, name).startswith("cycles/")]
        for name in gone if len(gone) < len(copies) else ():  # a month of an older folder has none of them
            yield warning("own-copy-gone", Place(f"cycles/{cycle}/{name}"), file=name, **values)
    if cycle != client.cycles[-1]:
        return
    own, theirs = own_file(client.folder, cycle, DESIGN), client.folder / DESIGN
    if own != DESIGN and theirs.is_file() and (client.folder / own).read_bytes().split() != theirs.read_bytes().split():
        yield replace(warning("design-differs", Place(own), **values), caution=True)
    if roster_differs(client.folder, client, cycle):
        yield warning("roster-differs", Place(own_file(client.folder, cycle, PEOPLE)), **values)


def roster_differs(folder: Path, client: Client, cycle: str) -> bool:
    """Whether a cycle has its own people and the client's are others by now, in the columns that something needs."""
    if not own_file(folder, cycle, PEOPLE).startswith("cycles/"):
        return False
    today, issues = read_people(folder / PEOPLE, PEOPLE, client.design)
    today = still_there(today, Cycle.parse(cycle))
    return not issues.errors and people_text(today, client.design) != people_text(client.people, client.design)


def _with_people(issues: Issues, tables: Tables) -> Issues:
    """Return findings with the people whose figures they touch: those of their rows, or of a whole column."""
    placed = {issue.place.file for issue in issues if issue.place.row is not None or issue.place.column}
    owners: dict[tuple[str, int | None], tuple[str, ...]] = {}
    for name, file in tables.files.items():
        frame, column = getattr(tables, name), "id" if name == "people" else "person"
        if file in placed and column in frame.columns:
            owners |= {(file, row): (owner,) for row, owner in zip(frame["row"], frame[column], strict=True)}
            owners[file, None] = tuple(dict.fromkeys(frame[column]))
    return Issues(
        replace(issue, about=owners.get((issue.place.file, issue.place.row), ()))
        if not issue.about and (issue.place.row is not None or issue.place.column)
        else issue
        for issue in issues
    )


def issues_behind(client: Client, tables: Tables, cycle: str) -> Issues:
    """Return what was found in the files that a cycle's figures come from: the client's own, and the cycle's.

    What the client lives with is marked as muted.
    """
    client, read = as_of(client, cycle), {*tables.files.values(), f"cycles/{cycle}"}
    own = (i for i in client.issues if not i.place.file.startswith(("cycles/", "people.")) or i.place.file in read)
    seen = {(issue.code, issue.place) for issue in tables.issues}
    found = with_mutes(client.design.mute, Issues(own))
    return Issues(issue for issue in found if (issue.code, issue.place) not in seen) + tables.issues


class PassedOver(NamedTuple):
    """A cycle that was not taken for the latest: it is ``blank``, or was ``not-begun``."""

    cycle: str
    reason: str


class Latest(NamedTuple):
    """The cycle that is meant where none is named, and the newer ones that were passed over, each with the reason."""

    cycle: str
    passed_over: tuple[PassedOver, ...] = ()


def latest(client: Client) -> Latest:
    """Return the newest cycle, passing over those that read cleanly and hold no value.

    A cycle that cannot be read is the latest all the same: its findings are the answer. Raises IssuesError where no
    cycle was filled in.
    """
    newest = [Cycle.parse(cycle).last_day for cycle in client.cycles[-1:]]
    begun = (issue.values["cycle"] for issue in client.issues if issue.code == "cycle-not-begun")
    passed = [PassedOver(cycle, "not-begun") for cycle in begun if [Cycle.parse(cycle).last_day] > newest]
    roster = Roster(client.design, client.people)
    for cycle in reversed(client.cycles):
        name = f"cycles/{cycle}/actuals.csv"
        actuals, issues = read_table(client.folder / name, "actuals", name, roster)
        if issues.errors or any(map(has_figures, rows_of(actuals))):
            return Latest(cycle, tuple(passed))
        passed.append(PassedOver(cycle, "blank"))
    if not passed:
        first = [error("no-people", Place(PEOPLE))] if client.people.empty else []  # without whom none can be opened
        raise IssuesError([*first, error("no-cycle-yet", Place("cycles"), client=client.id)])
    at = Place(f"cycles/{passed[-1].cycle}/actuals.csv")
    raise IssuesError([error("cycle-not-filled", at, cycles=[each.cycle for each in passed])])


def input_hashes(client: Client, cycle: str) -> dict[str, str]:
    """Return the SHA-256 of every file that a cycle's scores come from, by its name in the cycle's folder."""
    found = {name: sha256(data) for name, data in sorted(inputs_of(client.folder, cycle).items())}
    logo = client.profile.brand.logo
    if logo and (client.folder / logo).is_file():
        found[logo] = sha256((client.folder / logo).read_bytes())
    return found
