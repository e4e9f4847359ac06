"""What can be wrong with the people of a client, as the client or one of its cycles has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.checks.places import DESIGN_FILE, twice
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Known, Place, error, warning
from kpi_toolkit.method.model import Design, PoolBy
from kpi_toolkit.method.namesakes import namesakes
from kpi_toolkit.method.tables import Table, rows_of
from kpi_toolkit.method.value import Text

_PROTECTED = re.compile(
    r"\b(age|sex|gender|birth\w*|born|race|ethnic\w*|religio\w*|faith|national\w*|disab\w*|pregnan\w*|marital|union|health)\b"
    "|年龄|性别|出生|生日|民族|种族|宗教|信仰|国籍|残疾|怀孕|孕|婚|生育|户籍|户口|籍贯|健康|工会"
)
"""Names of columns that say what the law protects: nothing may be decided by it, nor may it be shown freely."""
_KIND_OF_TEAM = re.compile("^(team|group|dept)|(team|group|dept|department|团队|小组|部门|大区|组|部|队|区|科)$")
_EARLIEST = 1950
"""Nobody at work today joined before."""
Aliases = Mapping[str, tuple[str, ...]]
"""Further names of roles, by the id of the role."""


def check_people(design: Design, people: Table, *, file: str = "people.csv", aliases: Aliases | None = None) -> Issues:
    """Return what is wrong with the people against the design; ``file`` is where they stand."""
    found = list(twice(people, file, ["id"]))
    roles = {name: (*role.name.words, *(aliases or {}).get(name, ())) for name, role in design.roles.items()}
    roster, known_roles = Roster(design, people), Known(roles)
    known, named = roster.roles, roster.names
    for person in rows_of(people):
        if person.joined is not None and person.joined.year < _EARLIEST:
            place = Place(file, person.row, "joined")
            found.append(warning("unlikely-date", place, person=person.name, date=person.joined))
        if person.role not in design.roles:
            place = Place(file, person.row, "role")
            names = [role.name.after(name) for name, role in design.roles.items()]
            found.append(
                error("unknown-role", place, role=person.role, nearest=known_roles.meant(person.role), known=names)
            )
        if (design.tiers.pool is PoolBy.TEAM or design.team_share) and not person.team:
            found.append(warning("no-team", Place(file, person.row, "team"), person=named[person.id]))
        if person.manager == person.id:
            found.append(error("appraiser-is-appraised", Place(file, person.row, "manager"), person=named[person.id]))
        elif person.manager is not None and person.manager not in known:
            place = Place(file, person.row, "manager")
            near = roster.known.meant(person.manager)
            found.append(warning("unknown-manager", place, manager=person.manager, nearest=near))
        if person.related_to_appraiser and not person.second_appraiser:
            place = Place(file, person.row, "second_appraiser")
            found.append(warning("kinship-single-appraiser", place, person=named[person.id]))
    found += _namesakes(people, named, file)
    found += _teams_spelt_once(people, file)
    found += _circles(people, named, file)
    column = design.fairness.column
    if column and column not in people.columns:
        found.append(warning("unknown-group-column", Place(file, 1), column=column))
    elif _PROTECTED.search(column.casefold()):
        found.append(warning("protected-group-column", Place(DESIGN_FILE, key="fairness.column"), column=column))
    for entry in design.tiers.exempt:
        if entry.person not in known:
            place = Place(DESIGN_FILE, key="tiers.exempt")
            found.append(error("unknown-person", place, person=entry.person, nearest=roster.known.meant(entry.person)))
    return Issues(found)


def check_service(roster: Roster, filled: set[str], adjusted: set[str], cycle: Cycle, file: str) -> Iterator[Issue]:
    """Find who joined after a cycle, or inside it: ``filled`` have values, ``adjusted`` lower targets than others."""
    exempt = {entry.person for entry in roster.design.tiers.exempt}
    days = (cycle.last_day - cycle.first_day).days + 1
    for person in rows_of(roster.people):
        place, who = Place(file, person.row, "joined"), roster.names[person.id]
        if person.joined is None or person.joined <= cycle.first_day:
            continue
        if person.joined > cycle.last_day:
            make = error if person.id in filled and person.id not in exempt else warning
            yield make("joined-after-cycle", place, person=who, date=person.joined, cycle=cycle.id)
        elif person.id not in exempt | adjusted:
            present = (cycle.last_day - person.joined).days + 1
            yield warning("joined-inside-cycle", place, person=who, date=person.joined, present=present, days=days)


def _namesakes(people: Table, names: Mapping[str, Text], file: str) -> Iterator[Issue]:
    for own in namesakes(people):
        ids = list(dict.fromkeys(person.id for person in own))
        if len(ids) > 1:
            place = Place(file, own[1].row, "name")
            found = warning("namesakes", place, n=len(ids), name=own[0].name, people=[names[each] for each in ids])
            yield replace(found, about=tuple(ids))


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
