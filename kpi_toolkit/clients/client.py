"""A client as a value: who they are, their design, their people, and the cycles in their folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_toolkit.clients.countries import check_country
from kpi_toolkit.clients.cycle_folders import CYCLE_TABLES, cycles_in, meant_cycle
from kpi_toolkit.clients.deadline import READING_SECONDS, OutOfTimeError, time_limit
from kpi_toolkit.clients.library import Library, curves_by_name
from kpi_toolkit.clients.months import months_said
from kpi_toolkit.clients.reading import raise_errors, read_bytes, read_toml
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.clients.tabular import neighbours, read_table, sheet_names, table_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, usable_id, valid_id
from kpi_toolkit.method.checks import (
    check_answers,
    check_cycle,
    check_design,
    check_goals,
    check_organisation,
    check_people,
    check_profile,
    in_own_units,
    with_mutes,
)  # fmt: skip
from kpi_toolkit.method.checks.goals import review_is_due
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.rows import ActualRow
from kpi_toolkit.method.tables import ROW_TYPES, Tables, table

PEOPLE = "people.csv"
Drafts = Mapping[str, tuple[Any, Issues]]


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a client's folder says. ``cycles`` are those with a file of actuals, readable or not, oldest first."""

    id: str
    folder: Path
    profile: Profile
    design: Design
    people: pd.DataFrame
    cycles: tuple[str, ...]
    issues: Issues = field(default_factory=Issues)
    """Everything that was found wrong in the folder, cycles apart."""

    def logo(self) -> tuple[str, bytes] | None:
        """Return the file name and bytes of the client's logo, None where there is none."""
        name = self.profile.brand.logo
        if name is None:
            return None
        data, issues = read_bytes(self.folder / name, name)
        raise_errors(issues)
        return (name, data) if data is not None else None


def load_client(path: Path | str) -> Client:
    """Return the client of a folder. IssuesError lists every problem of its three files at once."""
    client, issues = read_client(Path(path))
    if client is None or issues.errors:
        raise IssuesError(issues)
    return client


def read_client(folder: Path, drafts: Drafts | None = None) -> tuple[Client | None, Issues]:
    """Return the client of a folder (None where it cannot be made) and everything that is wrong with it.

    ``drafts`` are files that are under work: what each declares, and what is wrong with it, in the place of the file.
    """
    try:
        with time_limit(READING_SECONDS):
            return _read_client(folder, drafts or {})
    except OutOfTimeError:
        return None, _too_long("")


def _too_long(place: str) -> Issues:
    return Issues([error("reading-too-long", Place(place), seconds=READING_SECONDS)])


def _read_client(folder: Path, drafts: Drafts) -> tuple[Client | None, Issues]:
    workbook = Workbook(folder.parent.parent)
    profile, issues = drafts.get("client.toml") or read_toml(folder / "client.toml", Profile, "client.toml")
    design, more = drafts.get("design.toml") or read_toml(
        folder / "design.toml", Design, "design.toml", curves=curves_by_name(workbook)
    )
    issues += more
    people, unread = drafts.get(PEOPLE) or read_table(folder / PEOPLE, "people", PEOPLE)
    issues += unread
    if people.empty and not unread.errors:
        issues += [warning("no-people", Place(PEOPLE))]
    if profile is not None:
        issues += check_profile(profile) + check_country(profile)
        if profile.brand.logo is not None:
            picture, more = read_bytes(folder / profile.brand.logo, profile.brand.logo)
            issues += more
            if picture is not None and not _is_harmless_picture(profile.brand.logo, picture):
                issues += [error("bad-logo", Place(profile.brand.logo))]
    if design is not None:
        issues = _without_asked_for(issues, design)
        issues += check_design(design) + _check_people(design, people, unread, folder, workbook)
    if design is not None and profile is not None:
        issues += _check_against_library(profile, design, people, Library(workbook))
    cycles, more = cycles_in(folder)
    issues += more
    if design is not None and cycles:
        issues += review_is_due(design, Cycle.parse(cycles[-1]))
    if not valid_id(folder.name):
        issues += [error("unusable-id", Place(), name=folder.name, suggestion=usable_id(folder.name))]
    if profile is None or design is None:
        return None, issues
    client = Client(
        id=folder.name, folder=folder, profile=profile, design=design, people=people, cycles=cycles, issues=issues
    )
    return client, issues


def _check_people(design: Design, people: pd.DataFrame, unread: Issues, folder: Path, workbook: Workbook) -> Issues:
    """Return what is wrong with the people; who stands in a row that could not be read is not missed as well."""
    found = check_people(design, people, file=table_file(folder / PEOPLE).name)
    if any(issue.code == "unknown-role" and not issue.values["nearest"] for issue in found):
        cards = Library(workbook).roles  # their further names are read only where they are needed
        named = {name: role.card or name for name, role in design.roles.items()}
        aliases = {name: cards[card].aliases for name, card in named.items() if card in cards}
        found = check_people(design, people, file=table_file(folder / PEOPLE).name, aliases=aliases)
    followers = {"unknown-manager", "unknown-person"} if unread.errors else set()
    return Issues(issue for issue in found if issue.code not in followers)


def _check_against_library(profile: Profile, design: Design, people: pd.DataFrame, library: Library) -> Issues:
    """Return what is wrong between a client and what the library knows: goals, posts, answers."""
    indicators = library.indicators if profile.own_goals else ()  # what is not asked for is not read
    found = check_goals(profile, design, library.goals, indicators) + check_answers(
        profile, library.checklists, set(people["id"])
    )
    if design.posts:
        found += check_organisation(design, profile, library.department, library.roles, set(people["id"]))
    return found


def _without_asked_for(issues: Issues, design: Design) -> Issues:
    """Drop the word on an extra column that the design itself asks for."""
    return Issues(i for i in issues if (i.code, i.place.column) != ("unknown-column", design.fairness.column))


def _is_harmless_picture(name: str, data: bytes) -> bool:
    """Whether a logo is what its name says; a drawing may hold no script and nothing from elsewhere."""
    if name.endswith(".svg"):
        text = data.decode("utf-8", "replace").lower()
        return "<svg" in text and not re.search(
            r"<script|<image|<foreignobject|\bon\w+\s*=|href\s*=\s*[\"'](?!#)|<!entity", text
        )
    return data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff"))


def read_cycle(client: Client, cycle: str) -> Tables:
    """Return the tables of one cycle. IssuesError lists every problem of its files and of their contents at once."""
    tables, issues = inspect_cycle(client, cycle)
    raise_errors(issues)
    return tables


def named_cycle(client: Client, cycle: str) -> str:
    """Return a cycle that was asked for by name; WorkbookError where there is none such."""
    period = meant_cycle(cycle, client.cycles)
    if period.id not in client.cycles:
        raise WorkbookError("no-cycle", **without_cycle(client, period.id))
    return period.id


def without_cycle(client: Client, cycle: str) -> dict[str, str]:
    """Return the values of the finding that a client has no such cycle."""
    return {"cycle": cycle, "known": ", ".join(client.cycles) or "–", "client": client.id}


def inspect_cycle(client: Client, cycle: str) -> tuple[Tables, Issues]:
    """Return the tables of one cycle as far as they can be read, and everything that is wrong with them.

    Only ``actuals.csv`` must be there: without the others the design's targets hold, and nothing was adjusted or moved.
    """
    try:
        with time_limit(READING_SECONDS):
            return _inspect_cycle(client, cycle)
    except OutOfTimeError:
        issues = _too_long(f"cycles/{cycle}")
        return _no_tables(client, issues), issues


def _inspect_cycle(client: Client, cycle: str) -> tuple[Tables, Issues]:
    try:
        period = meant_cycle(cycle, client.cycles)
    except WorkbookError as problem:
        issues = Issues([error(problem.issue.code, Place(f"cycles/{cycle}"), **problem.issue.values)])
        return _no_tables(client, issues), issues
    folder = client.folder / "cycles" / period.id
    if not folder.is_dir() or folder.is_symlink():
        place = Place(f"cycles/{period.id}")
        issues = Issues([error("no-cycle", place, **without_cycle(client, period.id))])
        return _no_tables(client, issues), issues
    issues, tables, people = Issues(), {}, client.people
    files = {"people": table_file(client.folder / PEOPLE).name}
    for name in ("people", *CYCLE_TABLES):
        file, at = folder / f"{name}.csv", f"cycles/{period.id}/{name}.csv"
        there = os.path.lexists(table_file(file)) or neighbours(file)
        if name != "actuals" and not there:
            tables[name] = table(name) if name != "people" else people
            files.setdefault(name, at)
            continue
        tables[name], more = read_table(file, name, at)  # people: as they were in this cycle
        files[name] = at.removesuffix(".csv") + table_file(file).suffix
        issues += _without_asked_for(more, client.design) if name == "people" else more
    read = in_own_units(client.design, replace(Tables.of(), **tables, files=files))  # type: ignore[arg-type]
    found = check_cycle(client.design, read, cycle=period)
    quiet = {"missing-actual", "blank-cycle", "no-target", "self-appraisal-missing"} if issues.errors else set()
    if any(issue.place.file == files["people"] for issue in (*issues.errors, *client.issues.errors)):
        quiet |= {"unknown-person", "unknown-manager"}
    found = Issues(issue for issue in found if issue.code not in quiet)  # what could not be read is not missing as well
    issues = _with_people(issues + found + _of_another_month(client, period, read, issues), read)
    return replace(read, issues=issues), issues


def _no_tables(client: Client, issues: Issues) -> Tables:
    return replace(Tables.of(), people=client.people, issues=issues)


def _of_another_month(client: Client, cycle: Cycle, tables: Tables, issues: Issues) -> Iterator[Issue]:
    """Find signs that a cycle's actuals are another's: the same figures, a title or sheet that says another month."""
    file = tables.file("actuals")
    own = client.folder / file
    for number, other in enumerate(client.cycles):
        path = client.folder / "cycles" / other / "actuals.csv"
        follows = client.cycles[number + 1 : number + 2] == (cycle.id,)
        if other != cycle.id and (_same_lines(own, table_file(path)) or (follows and _same_figures(tables, path))):
            yield warning("same-as-before", Place(file), other=other)
    above = (i.values["said"] for i in issues if i.code == "rows-above-header" and i.place.file == file)
    for text in (*above, sheet_names(own)) if cycle.months == 1 else ():
        months = [(year or cycle.year, month) for year, month in months_said(text)]
        if months and (cycle.year, cycle.month) not in months:
            year, month = min(months)
            yield warning("other-month", Place(file), text=text[:60], month=f"{year}-{month:02d}", cycle=cycle.id)


def _same_lines(one: Path, other: Path) -> bool:
    """Whether two files hold the same, whatever the order and the ends of their lines."""
    return one.is_file() and other.is_file() and sorted(one.read_bytes().split()) == sorted(other.read_bytes().split())


def _same_figures(tables: Tables, path: Path) -> bool:
    """Whether a cycle's figures are those of another file, also one of another kind."""
    columns = ["person", "indicator", *ActualRow.figures]
    one, other = (
        {tuple(row) for row in frame[columns].dropna(how="all", subset=columns[2:]).fillna("").to_numpy().tolist()}
        for frame in (tables.actuals, read_table(path, "actuals", path.name)[0])
    )
    return bool(one) and one == other


def _with_people(issues: Issues, tables: Tables) -> Issues:
    """Return findings with the people whose figures they touch: those of their rows."""
    placed = {issue.place.file for issue in issues if issue.place.row is not None}
    owners: dict[str, dict[int, str]] = {}
    for name, file in tables.files.items():
        if file in placed:
            frame, column = getattr(tables, name), "id" if name == "people" else "person"
            owners[file] = dict(zip(frame["row"], frame[column], strict=True)) if column in frame else {}
    return Issues(
        replace(issue, about=(owner,)) if not issue.about and (owner := _owner(issue.place, owners)) else issue
        for issue in issues
    )


def _owner(place: Place, owners: dict[str, dict[int, str]]) -> str | None:
    return None if place.row is None else owners.get(place.file, {}).get(place.row)


def issues_behind(client: Client, tables: Tables, cycle: str) -> Issues:
    """Return what was found in the files that a cycle's figures come from: the client's own, and the cycle's.

    What the client lives with is marked as muted.
    """
    read = {*tables.files.values(), f"cycles/{cycle}"}
    own = [i for i in client.issues if not i.place.file.startswith(("cycles/", "people.")) or i.place.file in read]
    seen = {(issue.code, issue.place) for issue in tables.issues}
    found = Issues(issue for issue in own if (issue.code, issue.place) not in seen) + tables.issues
    return with_mutes(client.design.mute, found, Issues())


@dataclass(frozen=True)
class Latest:
    """The cycle that is meant where none is named, and the newer ones that were passed over, each with the reason."""

    cycle: str
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True)
class PassedOver:
    """A cycle that was not taken for the latest: it is ``blank``, or was ``not-begun``."""

    cycle: str
    reason: str


def latest(client: Client) -> Latest:
    """Return the newest cycle, passing over those that read cleanly and hold no value.

    A cycle that cannot be read is the latest all the same: its findings are the answer. Raises IssuesError where no
    cycle was filled in.
    """
    newest = [Cycle.parse(cycle).last_day for cycle in client.cycles[-1:]]
    begun = (issue.values["cycle"] for issue in client.issues if issue.code == "cycle-not-begun")
    passed = [PassedOver(cycle, "not-begun") for cycle in begun if [Cycle.parse(cycle).last_day] > newest]
    for cycle in reversed(client.cycles):
        name = f"cycles/{cycle}/actuals.csv"
        actuals, issues = read_table(client.folder / name, "actuals", name)
        if issues.errors or not _is_blank(actuals):
            return Latest(cycle, tuple(passed))
        passed.append(PassedOver(cycle, "blank"))
    if not passed:
        raise IssuesError([error("no-cycle-yet", Place("cycles"), client=client.id)])
    at = Place(f"cycles/{passed[-1].cycle}/actuals.csv")
    raise IssuesError([error("cycle-not-filled", at, cycles=[each.cycle for each in passed])])


def _is_blank(actuals: pd.DataFrame) -> bool:
    return bool(actuals[list(ActualRow.figures)].isna().all(axis=None))


def input_hashes(client: Client, cycle: str) -> dict[str, str]:
    """Return the SHA-256 of every file that a cycle's scores come from, by its name in the client's folder."""
    tables = [PEOPLE, *(f"cycles/{cycle}/{name}.csv" for name in ("people", *CYCLE_TABLES))]
    files = [client.folder / name for name in ("client.toml", "design.toml")]
    files += [table_file(client.folder / name) for name in tables]
    if client.profile.brand.logo:
        files.append(client.folder / client.profile.brand.logo)
    return {file.relative_to(client.folder).as_posix(): sha256(file.read_bytes()) for file in files if file.is_file()}


def columns(name: str) -> list[str]:
    """Return the columns of a fresh table of a client's folder."""
    rare = getattr(ROW_TYPES[name], "rare", ())
    return [column for column in ROW_TYPES[name].model_fields if column not in rare]
