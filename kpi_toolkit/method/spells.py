"""Who was there for part of a cycle only, and what was decided about it: ``spells.csv``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.goals import blank_goal
from kpi_toolkit.method.issues import Issue, Place, error, hint, warning
from kpi_toolkit.method.model import Design, Indicator, Method, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.numbers import CENTI, centi, deal, from_centi, half_up
from kpi_toolkit.method.tables import Table, Tables, by_person, roles_of, rows_of
from kpi_toolkit.method.value import Text

PRO_RATA = ("days", "workdays")
_LONGEST = 48
_FEW = 5
"""Ours: under so small a part of a cycle, a fifth, a tier rests on little."""
Works = Callable[[date], bool]
Adds = Callable[[str, Indicator], bool]
"""Whether an indicator of a role is an amount that grows with the days."""
Rows = Mapping[str, Sequence[Any]]
"""The rows of ``spells.csv`` by person."""


class Part(NamedTuple):
    """A role that a person holds in a cycle: on how many days, and which part of an amount is asked for that."""

    role: str
    days: int
    share: Fraction


def still_there(people: Table, cycle: Cycle) -> Table:
    """Return the people without those who had left before a cycle began."""
    return people.only(lambda row: not row.left or row.left >= cycle.first_day)


def _days(row: Any, cycle: Cycle) -> list[date]:
    """Return the days that a row speaks of: blank ones are the first and the last of the cycle."""
    first, last = row.from_ or cycle.first_day, row.to or cycle.last_day
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def _spans(own: str, rows: Sequence[Any], cycle: Cycle) -> list[tuple[str, str, list[date]]]:
    """Return the roles that a person held, each with how that is treated and its days.

    Whoever is said to have held other roles holds their own on all other days.
    """
    found = [(row.role or own, row.treat, _days(row, cycle)) for row in rows if row.kind == "role"]
    if own not in {role for role, *_ in found}:
        told = {day for *_, days in found for day in days}
        rest = [day for day in cycle.each_day() if day not in told]
        found += [(own, found[0][1] if found else "as-is", rest)] if rest else []
    return sorted(found, key=lambda span: span[2])


def _parts(own: str, rows: Sequence[Any], cycle: Cycle, works: Works) -> list[Part]:
    """Return the roles that a person held with their days, less those of a leave that is not asked for."""
    counted = {"days": lambda _: True, "workdays": works}
    away: list[tuple[str, set[date]]] = []
    for row in rows:
        if row.kind == "leave":  # nobody is away twice on one day
            away.append((row.treat, set(_days(row, cycle)).difference(*(gone for _, gone in away))))
    found: dict[str, Part] = {}
    for role, treat, days in _spans(own, rows, cycle):
        counts = counted.get(treat, counted["days"])
        here = sum(map(counts, days))
        share = _part_of(cycle, days, counts) if treat in PRO_RATA else Fraction(1)
        for how, gone in away:
            if how in PRO_RATA:
                missed = [day for day in days if day in gone]
                share -= _part_of(cycle, missed, counted[how])
                here -= sum(map(counts, missed))
        before = found.get(role, Part(role, 0, Fraction(0)))
        found[role] = Part(role, before.days + here, min(max(before.share + share, Fraction(0)), Fraction(1)))
    return [part for part in found.values() if part.days > 0]


def _part_of(cycle: Cycle, days: Sequence[date], counts: Works) -> Fraction:
    """Return which part of the days of a cycle that count some days are."""
    return Fraction(sum(map(counts, days)), sum(map(counts, cycle.each_day())) or 1)


def _lines(design: Design, parts: Sequence[Part]) -> dict[str, list[tuple[Part, Indicator]]]:
    """Return the lines of the form of whoever holds these roles, by id, each with the parts that it is a line of.

    What two roles ask for alike is one line; what they call by one id and mean otherwise is two.
    """
    found: dict[str, list[tuple[Part, Indicator]]] = {}
    for part in parts:
        for item in design.roles[part.role].indicators:
            known = found.get(item.id, [])
            if known and known[0][1].model_copy(update={"weight": item.weight, "target": item.target}) != item:
                found[f"{part.role}-{item.id}"[:_LONGEST]] = [(part, item)]
            else:
                found[item.id] = [*known, (part, item)]
    return found


def _joined(design: Design, parts: Sequence[Part]) -> Role:
    """Return the form of whoever held several roles: each line weighs what it weighs in its role, times the days."""
    lines, days = _lines(design, parts), sum(part.days for part in parts)
    weights = {id_: sum(centi(item.weight) * part.days for part, item in own) for id_, own in lines.items()}
    inside = [id_ for id_, own in lines.items() if not own[0][1].outside]
    dealt = dict(zip(inside, deal(100 * CENTI, [weights[id_] for id_ in inside], days), strict=True))
    items = [
        own[0][1].model_copy(update={
            "id": id_, "target": _mean_target(own),
            "weight": from_centi(dealt[id_]) if id_ in dealt else half_up(Fraction(weights[id_], days * CENTI), 2),
        })
        for id_, own in lines.items()
    ]  # fmt: skip
    name = Text.each(
        lambda lang: " + ".join(f"{design.roles[part.role].name.pick(lang)} {part.days}/{days}" for part in parts)
    )
    methods = {design.roles[part.role].method for part in parts}
    method = methods.pop() if len(methods) == 1 else Method.COMBINED
    last = design.roles[parts[-1].role]
    return last.model_copy(update={"name": name, "indicators": tuple(items), "method": method})


def _mean_target(own: Sequence[tuple[Part, Indicator]]) -> Decimal | None:
    if any(item.target is None for _, item in own):
        return None
    if len(own) == 1:
        return own[0][1].target
    days = sum(part.days for part, _ in own)
    return half_up(sum((Fraction(item.target or 0) * part.days for part, item in own), Fraction(0)) / days, 2)


def _can_be_joined(design: Design, parts: Sequence[Part]) -> bool:
    """Whether these roles are worked out in one way. A method of which all lines count is the combined one."""
    roles = [design.roles[part.role] for part in parts if part.role in design.roles]
    ways = {(_method(role), role.aggregation, bool(role.blocks), role.weight_sum) for role in roles}
    return len(roles) == len(parts) and len(ways) == 1 and not roles[0].blocks


def _method(role: Role) -> Method:
    whole = all(role.method.counts(item.side) for item in role.indicators)
    return Method.COMBINED if whole else role.method


def last_days(design: Design, person: Any, rows: Sequence[Any], cycle: Cycle) -> dict[str, date]:
    """Return until when each line of somebody's form runs, where that is before the cycle ends: a role or they left.

    ``person`` is their row of ``people.csv``, ``rows`` theirs of ``spells.csv``.
    """
    spans, gone = _spans(person.role, rows, cycle), person.left or cycle.last_day
    ends = {role: max(day for own, _, days in spans if own == role for day in days) for role, *_ in spans}
    lines = _lines(design, [Part(role, 1, Fraction(1)) for role in ends])
    found = {id_: min(max(ends[part.role] for part, _ in own), gone) for id_, own in lines.items()}
    return {id_: day for id_, day in found.items() if day < cycle.last_day}


def joined(design: Design, tables: Tables, cycle: Cycle, works: Works) -> tuple[Design, Tables]:
    """Return design and tables in which whoever held several roles has one form of them, their days deciding.

    Its id has a ``+``, which no role of a design has; nobody agrees on it, it follows from the roles.
    """
    own, held = roles_of(tables.people), {}
    roles: dict[str, Role] = {}
    for person, rows in by_person(tables.spells.rows).items():
        parts = _parts(own[person], rows, cycle, works) if person in own else []
        if len(parts) > 1 and _can_be_joined(design, parts):
            held[person] = "+".join(f"{part.role}-{part.days}" for part in parts)
            roles[held[person]] = _joined(design, parts)
    if not roles:
        return design, tables
    fresh = [held.get(person, role) for person, role in own.items()]
    people = tables.people.assign(role=fresh)
    whole = design.model_copy(update={"roles": {**design.as_agreed.roles, **roles}})
    return whole, replace(tables, people=people)


def pro_rated(
    design: Design, tables: Tables, roles: Mapping[str, str], cycle: Cycle, works: Works, adds: Adds
) -> tuple[Tables, list[Issue]]:
    """Return the tables with the targets of amounts as large as the part of the cycle that each person counts for.

    What does not add up over days (``adds``) stays as it is, so do vetoes and what is scored without a target. A target
    is rounded half up to two decimals, as it stands on the form. ``roles`` are those of ``people.csv``, by person. With
    the tables comes what is to be said of them: which targets of whom are a part, and which are whole.
    """
    told: list[Issue] = []
    names = names_of(tables.people, design.roles)
    goals = {(row["person"], row["indicator"]): row for row in tables.goals.records()}
    held = roles_of(tables.people)
    follows: set[tuple[str, str]] = set()
    in_part: dict[tuple[str, str], tuple[Fraction, Decimal | None]] = {}
    for person, rows in by_person(tables.spells.rows).items():
        items = {item.id: item for item in design.roles[held[person]].indicators}
        less: list[Text] = []
        whole: list[Text] = []
        for id_, own in _lines(design, _parts(roles[person], rows, cycle, works)).items():
            share = min(sum((part.share for part, _ in own), Fraction(0)), Fraction(1))
            item = items.get(id_)
            row = goals.get((person, id_)) or blank_goal(tables.goals, person, id_)
            target = None if item is None else item.target if row["target"] is None else row["target"]
            if item is None or share in {0, 1} or not item.needs_target:
                continue
            if not adds(own[0][0].role, own[0][1]):
                whole += [] if target is None else [item.name]
                continue
            in_part[person, id_] = share, target
            if target is None:
                continue
            part = half_up(Fraction(target) * share, 2)
            less.append(item.name.became(f"{target:f}", f"{part:f}"))
            goals[person, id_] = {**row, "target": part}
            follows |= {(person, id_)} if row["target"] is None else set()
        if less or whole:
            place = Place(tables.file("spells"), rows[0].row, "treat")
            said = {"person": names[person], "whole": whole, "less": less}
            told.append(hint(_WHICH[bool(less), bool(whole)], place, **said))
    agreed = Table.of(tables.goals.columns, (row.values() for row in goals.values()))
    return replace(tables, goals=agreed, follows=frozenset(follows), in_part=in_part), told


_WHICH = {(True, True): "targets-in-part", (True, False): "targets-all-in-part", (False, True): "targets-all-whole"}
"""What is said of somebody's targets, by whether some are a part and some are whole."""


def check_spells(design: Design, tables: Tables, cycle: Cycle, before: Mapping[str, str]) -> Iterable[Issue]:
    """Find who left or has another role than ``before`` with nothing decided, and what is wrong with what was."""
    roles = roles_of(tables.people)
    names = names_of(tables.people, design.roles)
    decided = by_person(tables.spells.rows)
    for person, rows in decided.items():
        who = names.get(person, person)
        found = [issue for row in rows for issue in _wrong_with(row, design, tables, roles, cycle, who)]
        yield from found or _do_not_fit(rows, design, tables, roles[person], cycle, who)
        yield from () if found else _hardly_there(rows, tables, cycle, who)
        yield from () if found else _away_untold(rows, tables, roles[person], cycle, who)
    for person in rows_of(tables.people):
        then = before.get(person.id, person.role)
        if then != person.role and not any(row.kind == "role" for row in decided.get(person.id, ())):
            place = Place(tables.file("people"), person.row, "role")
            old, new = (design.roles[name].name if name in design.roles else name for name in (then, person.role))
            said = error if _has_other_rows(design, tables, person) else warning
            yield said("role-changed", place, person=names[person.id], id=person.id, before=then, old=old, new=new)
        if person.left and person.left < cycle.first_day:
            place = Place(tables.file("people"), person.row, "left")
            yield error("left-before-cycle", place, person=names[person.id], date=person.left, cycle=cycle.id)
        elif person.left and person.left < cycle.last_day and not settled(person, decided.get(person.id, ()), cycle):
            place = Place(tables.file("people"), person.row, "left")
            days = {"present": (person.left - cycle.first_day).days + 1, "days": cycle.days}
            yield warning("left-inside-cycle", place, person=names[person.id], date=person.left, **days)


def settled(person: Any, rows: Sequence[Any], cycle: Cycle) -> bool:
    """Whether rows of ``spells.csv`` say what becomes of the days before somebody came and after they went.

    They do if none of these days counts, or if the person is left out of the tiers or taken as if there all the time.
    """
    if any(row.treat == "no-tier" or (row.kind == "role" and row.treat == "as-is") for row in rows):
        return True
    away = {day for row in rows if row.kind == "leave" for day in _days(row, cycle)}
    days = {day for *_, held in _spans(person.role, rows, cycle) for day in held} - away
    first, last = person.joined or cycle.first_day, person.left or cycle.last_day
    return bool(rows) and all(first <= day <= last for day in days)


def _hardly_there(rows: Sequence[Any], tables: Tables, cycle: Cycle, who: Any) -> Iterator[Issue]:
    """Find who gets a tier for a few days: the rest was a leave that is not asked for."""
    away = {day for row in rows if row.kind == "leave" and row.treat in PRO_RATA for day in _days(row, cycle)}
    present = cycle.days - len(away)
    if 0 < present * _FEW < cycle.days and all(row.treat != "no-tier" for row in rows):
        place = Place(tables.file("spells"), rows[0].row, "treat")
        yield warning("hardly-there", place, person=who, present=present, days=cycle.days)


def _away_untold(rows: Sequence[Any], tables: Tables, own: str, cycle: Cycle, who: Any) -> Iterator[Issue]:
    """Find who answers for part of the cycle only, though nobody says where they were on the other days."""
    person = next(row for row in rows_of(tables.people) if row.id == rows[0].person)
    first, last = max(person.joined or cycle.first_day, cycle.first_day), person.left or cycle.last_day
    told = {day for *_, days in _spans(own, rows, cycle) for day in days}
    told |= {day for row in rows if row.kind == "leave" for day in _days(row, cycle)}
    untold = [day for day in cycle.each_day() if first <= day <= last and day not in told]
    if untold and any(row.kind == "role" and row.treat in PRO_RATA for row in rows):
        said = {"present": len(told), "days": cycle.days, "first": untold[0], "last": untold[-1]}
        yield warning("away-untold", Place(tables.file("spells"), rows[0].row), person=who, **said)


def _has_other_rows(design: Design, tables: Tables, person: Any) -> bool:
    """Whether goals or actuals have rows of a person for what the person's role does not ask for."""
    role = design.roles.get(person.role)
    own = {item.id for item in role.indicators} if role else set()
    return any(
        row.person == person.id and row.indicator not in own
        for table in (tables.goals, tables.actuals) for row in rows_of(table)
    )  # fmt: skip


def _wrong_with(
    row: Any, design: Design, tables: Tables, roles: Mapping[str, str], cycle: Cycle, who: Any
) -> Iterator[Issue]:
    place = Place(tables.file("spells"), row.row)
    first, last = row.from_ or cycle.first_day, row.to or cycle.last_day
    roster = Roster(design, tables.people)
    if row.person not in roles:
        yield roster.stranger(row.person, replace(place, column="person"))
    elif not cycle.first_day <= first <= last <= cycle.last_day:
        yield error("spell-outside-cycle", replace(place, column="from"), person=who, first=first, last=last)
    elif row.kind == "leave" and row.treat in PRO_RATA and (first, last) == (cycle.first_day, cycle.last_day):
        yield error("away-all-cycle", replace(place, column="treat"), person=who)
    elif row.kind == "role" and row.role and row.role not in design.as_agreed.roles:
        yield roster.no_role(row.role, replace(place, column="role"))


def _do_not_fit(
    rows: Sequence[Any], design: Design, tables: Tables, own: str, cycle: Cycle, who: Any
) -> Iterator[Issue]:
    """Find roles held on the same day, and roles that make no form together."""
    place = Place(tables.file("spells"), rows[-1].row, "role")
    spans = _spans(own, rows, cycle)
    days = [day for *_, own_days in spans for day in own_days]
    parts = list({role: Part(role, 1, Fraction(1)) for role, *_ in spans}.values())
    if len(days) != len(set(days)):
        twice = min(day for day in days if days.count(day) > 1)
        yield error("roles-overlap", replace(place, column="from"), person=who, day=twice)
    elif len(parts) > 1 and not _can_be_joined(design, parts):
        yield error("roles-not-joined", place, person=who, roles=[design.roles[part.role].name for part in parts])
