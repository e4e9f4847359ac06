"""What can be wrong with the people of a client, as the client or one of its cycles has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.places import DESIGN_FILE, twice
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.namesakes import namesakes
from kpi_toolkit.method.scheme import PoolBy
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import Text

_PROTECTED = re.compile(
    r"\b(age|sex|gender|birth\w*|born|race|ethnic\w*|religio\w*|faith|national\w*|disab\w*|pregnan\w*|marital|union|health)\b"
    "|年龄|性别|出生|生日|民族|种族|宗教|信仰|国籍|残疾|怀孕|孕|婚|生育|户籍|户口|籍贯|健康|工会"
)
"""Names of columns that say what the law protects: nothing may be decided by it, nor may it be shown freely."""
_KIND_OF_TEAM = re.compile("^(team|group|dept|第)|(team|group|dept|department|团队|小组|部门|大区|组|部|队|区|科)$")
_EARLIEST, _AHEAD = 1950, 2
"""Ours: nobody at work today joined before; so many years ahead it is not known who leaves."""
_CONTACT = re.compile(r"@|\d[\d -]{5,}\d")
"""An address or a telephone number."""


def check_people(roster: Roster, *, file: str = "people.csv") -> Issues:
    """Return what is wrong with the people against the design; ``file`` is where they stand."""
    people = roster.people
    found = list(twice(people, file, ["id"]))
    found += Issues(twice(people.only(lambda row: bool(row.number)), file, ["number"])).softened()
    for person in rows_of(people):
        found += _person(person, roster, Place(file, person.row))
    found += _beside(people, roster, file)
    found += _namesakes(people, roster.names, file)
    found += _teams_spelt_once(people, file)
    found += _alone_in_teams(roster, file)
    found += _circles(people, roster.names, file)
    return Issues((*found, *_named_in_the_design(roster, file)))


def _person(person: Any, roster: Roster, place: Place) -> Iterator[Issue]:
    design, who = roster.design, {"person": roster.names[person.id]}
    if person.joined is not None and person.joined.year < _EARLIEST:
        yield warning("unlikely-date", replace(place, column="joined"), person=person.name, date=person.joined)
    if _CONTACT.search(person.name):
        yield warning("name-is-contact", replace(place, column="name"), value=person.name)
    if person.role not in design.roles:
        yield roster.no_role(person.role, replace(place, column="role"))
    if _teams_count(design) and not person.team:
        yield warning("no-team", replace(place, column="team"), **who)
    if person.manager == person.id:
        yield error("appraiser-is-appraised", replace(place, column="manager"), **who)
    elif person.manager and _is_strange(person.manager, roster):
        near = roster.likely(person.manager)
        yield warning("unknown-manager", replace(place, column="manager"), manager=person.manager, nearest=near)
    if person.related_to_appraiser and not person.second_appraiser:
        yield warning("kinship-single-appraiser", replace(place, column="second_appraiser"), **who)


def _is_strange(manager: str, roster: Roster) -> bool:
    """Whether a superior is nobody's id or name, and looks as if it were: like somebody's, or as ids and numbers do."""
    return manager not in roster.roles and bool(re.search(r"\d|^[a-z-]+$", manager) or roster.known.meant(manager))


def _beside(people: Table, roster: Roster, file: str) -> Iterator[Issue]:
    """Name the superiors whom nobody appraises: they are printed as they are written."""
    above = gathered((person.manager, person) for person in rows_of(people) if person.manager)
    for boss, own in above.items():
        if boss not in roster.roles and not _is_strange(boss, roster):
            who = [roster.names[person.id] for person in own]
            yield hint("superior-not-appraised", Place(file, own[0].row, "manager"), boss=boss, people=who)


def _named_in_the_design(roster: Roster, file: str) -> Iterator[Issue]:
    """Find a column or a person that the design names and the list of people does not have."""
    column = roster.design.fairness.column
    if column and column not in roster.people.columns:
        yield warning("unknown-group-column", Place(file, 1), column=column)
    elif _PROTECTED.search(column.casefold()):
        yield warning("protected-group-column", Place(DESIGN_FILE, key="fairness.column"), column=column)
    for entry in roster.design.tiers.exempt:
        if entry.person not in roster.roles:
            near = roster.likely(entry.person)
            yield error("unknown-person", Place(DESIGN_FILE, key="tiers.exempt"), person=entry.person, nearest=near)


def check_service(roster: Roster, filled: set[str], adjusted: set[str], cycle: Cycle, file: str) -> Iterator[Issue]:
    """Find who joined after a cycle, or inside it: ``filled`` have values, ``adjusted`` lower targets than others."""
    exempt = {entry.person for entry in roster.design.tiers.exempt}
    for person in rows_of(roster.people):
        place, who = Place(file, person.row, "joined"), roster.names[person.id]
        if person.left is not None and person.left.year > cycle.last_day.year + _AHEAD:
            yield warning("left-far-ahead", replace(place, column="left"), person=who, date=person.left)
        if person.joined is None or person.joined <= cycle.first_day:
            continue
        if person.joined > cycle.last_day:
            make = error if person.id in filled and person.id not in exempt else warning
            yield make("joined-after-cycle", place, person=who, date=person.joined, cycle=cycle.id)
        elif person.id not in exempt | adjusted:
            days = {"present": (cycle.last_day - person.joined).days + 1, "days": cycle.days}
            yield warning("joined-inside-cycle", place, person=who, date=person.joined, **days)


def _namesakes(people: Table, names: Mapping[str, Text], file: str) -> Iterator[Issue]:
    for own in namesakes(people):
        ids = list(dict.fromkeys(person.id for person in own))
        if len(ids) > 1:
            place = Place(file, own[1].row, "name")
            found = warning("namesakes", place, ids, n=len(ids), name=own[0].name, people=[names[each] for each in ids])
            yield replace(found, caution=True)  # told apart wherever they are named


def _teams_spelt_once(people: Table, file: str) -> Iterator[Issue]:
    """Find one team in two spellings: they would be two teams."""
    spelt: dict[str, str] = {}
    for person in rows_of(people):
        first = spelt.setdefault(skeleton(person.team), person.team)
        if first != person.team:
            yield error("team-spelt-twice", Place(file, person.row, "team"), team=person.team, other=first)
    bare: dict[str, str] = {}
    for look, team in spelt.items():
        other = bare.setdefault(_KIND_OF_TEAM.sub("", look) or look, look)
        if other != look:
            row = next(person.row for person in rows_of(people) if person.team == team)
            yield warning("teams-alike", Place(file, row, "team"), team=team, other=spelt[other])


def _teams_count(design: Design) -> bool:
    return design.tiers.pool is PoolBy.TEAM or bool(design.team_share)


def _alone_in_teams(roster: Roster, file: str) -> Iterator[Issue]:
    """Find whoever is alone in a team where teams count and others have several people: the name may be a slip."""
    size = Counter(person.team for person in rows_of(roster.people) if person.team)
    for person in rows_of(roster.people) if _teams_count(roster.design) and max(size.values(), default=0) > 1 else ():
        if size[person.team] == 1:
            place, near = Place(file, person.row, "team"), nearest(person.team, size.keys() - {person.team})
            yield warning("alone-in-team", place, person=roster.names[person.id], team=person.team, nearest=near)


def _circles(people: Table, names: Mapping[str, Text], file: str) -> Iterator[Issue]:
    """Find managers who are, by way of others, their own managers; each circle once."""
    above = {person.id: person.manager for person in rows_of(people)}
    rows = {person.id: person for person in rows_of(people)}
    passed: set[str] = set()
    for start in above:
        way: list[str] = []
        each: str | None = start
        while each is not None and each in above and each not in passed and each not in way:
            way.append(each)
            each = above[each]
        if each in way and above[each] != each:
            circle = way[way.index(each) :]
            place = Place(file, rows[circle[0]].row, "manager")
            yield warning("manager-circle", place, people=[names[one] for one in (*circle, circle[0])])
        passed.update(way)
