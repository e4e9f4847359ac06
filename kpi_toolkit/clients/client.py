"""A client as a value: who they are, their design, their people, and the cycles in their folder."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_toolkit.clients.countries import check_country
from kpi_toolkit.clients.library import Library, curves_by_name
from kpi_toolkit.clients.reading import raise_errors, read_bytes, read_table, read_toml, table_file
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, valid_id
from kpi_toolkit.method.checks import (
    check_answers,
    check_cycle,
    check_design,
    check_goals,
    check_organisation,
    check_people,
    check_profile,
)  # fmt: skip
from kpi_toolkit.method.checks.goals import review_is_due
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, IssuesError, Place, error, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.tables import ROW_TYPES, Tables, table

PEOPLE = "people.csv"
CYCLE_TABLES = ("goals", "actuals", "adjustments", "calibration", "cascade", "steps")


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a client's folder says. ``cycles`` are those with an ``actuals.csv``, oldest first."""

    id: str
    folder: Path
    profile: Profile
    design: Design
    people: pd.DataFrame
    cycles: tuple[str, ...]

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


def read_client(folder: Path) -> tuple[Client | None, Issues]:
    """Return the client of a folder (None where it cannot be made) and everything that is wrong with it."""
    profile, issues = read_toml(folder / "client.toml", Profile, "client.toml")
    workbook = Workbook(folder.parent.parent)
    curves = curves_by_name(workbook)
    design, more = read_toml(folder / "design.toml", Design, "design.toml", curves=curves)
    issues += more
    people, more = read_table(folder / PEOPLE, "people", PEOPLE)
    if people.empty and not more.errors:
        more += [warning("no-people", Place(PEOPLE))]
    issues += more
    if profile is not None:
        issues += check_profile(profile) + check_country(profile)
        if profile.brand.logo is not None:
            picture, more = read_bytes(folder / profile.brand.logo, profile.brand.logo)
            issues += more
            if picture is not None and not _is_harmless_picture(profile.brand.logo, picture):
                issues += [error("bad-logo", Place(profile.brand.logo))]
    if design is not None:
        issues = _without_asked_for(issues, design)
        issues += check_design(design) + check_people(design, people)
    if design is not None and profile is not None:
        issues += _check_against_library(profile, design, people, Library(workbook))
    cycles, more = _cycles(folder)
    issues += more
    if design is not None and cycles:
        issues += review_is_due(design, Cycle.parse(cycles[-1]))
    if not valid_id(folder.name):
        issues += [error("unusable-id", Place(), name=folder.name)]
    if profile is None or design is None:
        return None, issues
    client = Client(id=folder.name, folder=folder, profile=profile, design=design, people=people, cycles=cycles)
    return client, issues


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


def _cycles(folder: Path) -> tuple[tuple[str, ...], Issues]:
    """Return the cycles in a client's folder, and the folders there that only look like one."""
    found, odd = [], []
    if (folder / "cycles").is_symlink():
        return (), Issues([error("link-refused", Place("cycles"))])
    for path in sorted((folder / "cycles").glob("*/")):
        place = f"cycles/{path.name}"
        try:
            cycle = Cycle.parse(path.name)
        except ValueError:
            odd.append(warning("bad-cycle", Place(place), cycle=path.name, nearest=_likely_cycle(path.name)))
            continue
        if path.is_symlink():
            odd.append(error("link-refused", Place(place)))
        elif table_file(path / "actuals.csv").is_file():
            found.append(cycle)
        else:
            odd.append(warning("file-missing", Place(f"{place}/actuals.csv")))
    return tuple(cycle.id for cycle in sorted(found, key=lambda cycle: (cycle.last_day, cycle.months))), Issues(odd)


def _likely_cycle(name: str) -> str:
    """Return the cycle that a folder's name was meant to be, empty where that cannot be told."""
    match = re.fullmatch(r"(\d{4})[-_./ ]?(?:[qQ季](\d)|(\d{1,2}))", unicodedata.normalize("NFKC", name).strip())
    text = f"{match[1]}-" + (f"Q{match[2]}" if match[2] else f"{int(match[3]):02d}") if match else ""
    try:
        return Cycle.parse(text).id
    except ValueError:
        return ""


def read_cycle(client: Client, cycle: str) -> Tables:
    """Return the tables of one cycle. IssuesError lists every problem of its files and of their contents at once."""
    tables, issues = inspect_cycle(client, cycle)
    raise_errors(issues)
    return tables


def named_cycle(client: Client, cycle: str) -> str:
    """Return a cycle that was asked for by name; WorkbookError where there is none such."""
    try:
        period = Cycle.parse(cycle)
    except ValueError as problem:
        raise WorkbookError("bad-cycle", cycle=cycle, nearest=nearest(cycle, client.cycles)) from problem
    if period.id not in client.cycles:
        raise WorkbookError("no-cycle", cycle=period.id, known=", ".join(client.cycles) or "–")
    return period.id


def inspect_cycle(client: Client, cycle: str) -> tuple[Tables, Issues]:
    """Return the tables of one cycle as far as they can be read, and everything that is wrong with them.

    Only ``actuals.csv`` must be there: without the others the design's targets hold, and nothing was adjusted or moved.
    """
    try:
        period = Cycle.parse(cycle)
    except ValueError:
        place = Place(f"cycles/{cycle}")
        near = nearest(cycle, client.cycles)
        issues = Issues([error("bad-cycle", place, cycle=cycle, nearest=near)])
        return Tables(people=client.people, **{name: table(name) for name in CYCLE_TABLES}), issues
    folder = client.folder / "cycles" / period.id
    if not folder.is_dir() or folder.is_symlink():
        place = Place(f"cycles/{period.id}")
        issues = Issues([error("no-cycle", place, cycle=period.id, known=", ".join(client.cycles) or "–")])
        return Tables(people=client.people, **{name: table(name) for name in CYCLE_TABLES}), issues
    issues, tables, people = Issues(), {}, client.people
    if table_file(folder / PEOPLE).exists():  # the people as they were in this cycle
        people, issues = read_table(folder / PEOPLE, "people", f"cycles/{period.id}/{PEOPLE}")
        issues = _without_asked_for(issues, client.design)
    for name in CYCLE_TABLES:
        file = folder / f"{name}.csv"
        if name != "actuals" and not table_file(file).exists() and not file.is_symlink():
            tables[name] = table(name)
            continue
        tables[name], more = read_table(file, name, f"cycles/{period.id}/{name}.csv")
        issues += more
    read = Tables(people=people, **tables)
    found = check_cycle(client.design, read, cycle=period)
    if issues.errors:  # what could not be read is not missing as well
        quiet = {"missing-actual", "blank-cycle", "no-target"}
        if any(issue.place.file.split("/")[-1].startswith("people.") for issue in issues.errors):
            quiet.add("unknown-person")
        found = Issues(issue for issue in found if issue.code not in quiet)
    return read, issues + found


def has_actuals(client: Client, cycle: str) -> bool:
    """Whether anything was filled in for a cycle."""
    name = f"cycles/{cycle}/actuals.csv"
    actuals, _ = read_table(client.folder / name, "actuals", name)
    return bool(actuals[["actual", "self", "appraiser", "others"]].notna().any(axis=None))


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
