"""What a client declares of itself: its page, its design, its people; or what a cycle keeps as its own of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.countries import check_country
from kpi_toolkit.clients.frozen import CURVES, DESIGN, PEOPLE, PROFILE, SPELLS, own_file, works_in
from kpi_toolkit.clients.library import Library, called_by_name, card_names
from kpi_toolkit.clients.reading import read_bytes, read_toml
from kpi_toolkit.clients.tabular import read_table
from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks import (
    check_answers,
    check_design,
    check_goals,
    check_organisation,
    check_people,
    check_profile,
)
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, Place, error, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.spells import joined
from kpi_toolkit.method.tables import Table, Tables

Drafts = Mapping[str, tuple[Any, Issues]]


def read_own(
    folder: Path, cycle: str, drafts: Drafts | None = None
) -> tuple[Profile | None, Design | None, Table, Issues]:
    """Return what a cycle has a copy of, and everything that is wrong with it.

    ``drafts`` are files under work: what each declares, and what is wrong with it, in the place of the file.
    """
    known = drafts or {}
    page, plan, roster = (own_file(folder, cycle, name) for name in (PROFILE, DESIGN, PEOPLE))
    profile, issues = known.get(page) or read_toml(folder / page, Profile, page)
    workbook = Workbook(folder.parent.parent)
    named, more = named_in(folder, cycle, workbook)
    issues += more
    design, more = known.get(plan) or read_toml(folder / plan, Design, plan, **named)
    issues += more
    stem = roster.rpartition(".")[0] + ".csv"
    people, unread = known.get(stem) or read_table(folder / stem, "people", stem)
    issues += unread
    if people.empty and not unread.errors:
        issues += [warning("no-people", Place(roster))]
    if profile is not None:
        today = date.today()  # noqa: DTZ011 - the day where it is looked at
        issues += in_file(check_profile(profile, today) + check_country(profile), PROFILE, page)
        if profile.brand.logo is not None:
            picture, logo = read_bytes(folder / profile.brand.logo, "")[0], profile.brand.logo
            if picture is None or not _is_harmless_picture(logo, picture):
                code = "no-logo" if picture is None else "bad-logo"
                issues += [error(code, Place(page, key="brand.logo"), logo=logo)]
    if design is not None:
        issues = _without_asked_for(issues, design)
        people, found = _check_people(design, people, unread, roster, workbook)
        found += check_design(design)
        issues += in_file(found, DESIGN, plan)
    if design is not None and profile is not None:
        found = _check_against_library(profile, design, people, Library(workbook))
        issues += in_file(in_file(found, DESIGN, plan), PROFILE, page)
        design = _with_joined_roles(folder, cycle, profile, design, people)
    return profile, design, people, issues


def _with_joined_roles(folder: Path, cycle: str, profile: Profile, design: Design, people: Table) -> Design:
    """Return a design with the forms of those who held several roles in a cycle; what is wrong there is found there."""
    name = own_file(folder, cycle, SPELLS)
    if not name.startswith("cycles/"):
        return design
    spells, unread = read_table(folder / "cycles" / cycle / SPELLS, "spells", name, Roster(design, people))
    if unread.errors or spells.empty:
        return design
    period, tables = Cycle.parse(cycle), replace(Tables.of(), people=people, spells=spells)
    return joined(design, tables, period, works_in(folder, period, profile.country))[0]


def named_in(folder: Path, cycle: str, workbook: Workbook) -> tuple[dict[str, Any], Issues]:
    """Return what a design may call by name: what the workbook has, and before it what a cycle keeps of that."""
    known, name = called_by_name(workbook), own_file(folder, cycle, CURVES)
    if name == CURVES:
        return known, Issues()
    data, issues = read_bytes(folder / name, name)
    content, more = load_toml(data, name) if data is not None else (None, Issues())
    kept = {key: held for key, held in (content or {}).items() if isinstance(held, dict)}
    own = kept.get("indicators", {})
    cards = (lambda: {**known["cards"](), **own}) if own else known["cards"]
    return {"curves": known["curves"] | kept.get("curves", {}), "cards": cards}, issues + more


def in_file(found: Issues, name: str, own: str) -> Issues:
    """Return findings about a file of the client with the place of the cycle's own copy."""
    if name == own:
        return found
    return Issues(
        replace(i, place=replace(i.place, file=own)) if i.place.file == name else i for i in found
    )  # fmt: skip


def _check_people(design: Design, people: Table, unread: Issues, file: str, workbook: Workbook) -> tuple[Table, Issues]:
    """Return the people by ids and what is wrong with them; who stands in a row that was not read is not missed too."""
    people = Roster(design, people).in_own_ids("people", people)
    roster = Roster(design, people)
    if not design.roles.keys() >= {*people["role"]}:
        # their further names are read only where they are needed
        roster = Roster(design, people, card_names(design, Library(workbook).roles))
        roster = replace(roster, people=roster.in_own_ids("people", people))
    followers = {"unknown-manager", "unknown-person"} if unread.errors else set()
    found = check_people(roster, file=file)
    return roster.people, Issues(issue for issue in found if issue.code not in followers)


def _check_against_library(profile: Profile, design: Design, people: Table, library: Library) -> Issues:
    """Return what is wrong between a client and what the library knows: goals, posts, answers."""
    indicators = library.indicators if profile.own_goals else ()  # what is not asked for is not read
    found = check_goals(profile, design, library.goals, indicators) + check_answers(
        profile, library.checklists, set(people["id"])
    )
    if design.posts:
        known, held = {*people["id"], *people["name"]}, Counter(people["role"])
        found += check_organisation(design, profile, library.department, library.roles, known, held)
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
