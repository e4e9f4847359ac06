"""What the words of a cycle's tables and of its design say against each other (``templates/wording.toml``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.plausible import shares_beyond_all
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.rows import ActualRow
from kpi_toolkit.method.tables import Table, Tables, rows_of
from kpi_toolkit.method.wording import Wording, matches

_TWO_NAMES = re.compile(
    r"[\u4e00-\u9fff]{2,4}\s*[/+]\s*[\u4e00-\u9fff]{2,4}$|\w{2}\s*(&|＆|、| and )\s*\w{2}", re.IGNORECASE
)
_TAKEN, _ADDED = r"[-−扣减罚]|minus|less|los(?:es?|t)|deduct(?:s|ed)?", r"[+加奖]|plus|add(?:s|ed)?"
_POINTS_SAID = re.compile(
    rf"(?:({_TAKEN})|({_ADDED}))\s*(\d+(?:\.\d+)?)\s*分(?!钟|之)"
    rf"|(?:({_TAKEN})|({_ADDED})|\b(?<![\d.]))\s*(\d+(?:\.\d+)?)\s*(?:points?|pts?)\b",
    re.IGNORECASE,
)
"""Points that a reason names."""


def check_words(case: Case, tables: Tables, found: Issues) -> Iterator[Issue]:
    """Find what the words say otherwise than the numbers; what has been ``found`` is not told again."""
    yield from shares_beyond_all(case, tables, found)
    yield from points_against_rules(case, tables)
    yield from _reasons_name_another(case, tables)
    yield from _notes_agree(case, tables.actuals, tables.file("actuals"))
    yield from _names_say_more(case, tables.people, tables.file("people"))


def points_against_rules(case: Case, tables: Tables) -> Iterator[Issue]:
    """Find points that a rule adds whose name says what they are taken away for."""
    names = {rule.id: ("\n".join(rule.name.words), rule) for rule in case.design.adjustments.rules}
    for row in rows_of(tables.adjustments):
        said, rule = names.get(row.rule, (row.rule, None))
        place = Place(tables.file("adjustments"), row.row, "points")
        if row.points > 0 and _is_fault(said, case.wording):
            yield warning("points-against-rule", place, rule=rule.name if rule else row.rule, points=row.points)
        elif row.points > 0 and _is_fault(row.reason, case.wording):
            yield warning("points-against-reason", place, reason=row.reason, points=row.points)
            continue
        elif row.points < 0 and _is_merit(row.reason, case.wording):
            yield warning("merit-taken-away", place, reason=row.reason, points=-row.points)
            continue
        said_of_them = [*_POINTS_SAID.finditer(unicodedata.normalize("NFKC", row.reason))]
        if len(said_of_them) == 1 and not _same_points(said_of_them[0], row.points):
            yield warning("points-other-than-said", place, reason=row.reason, points=row.points)


def _is_fault(said: str, wording: Wording) -> bool:
    return matches(wording.faults, said) and not matches(wording.handled, said)


def _is_merit(said: str, wording: Wording) -> bool:
    return matches(wording.merits, said) and not matches((*wording.faults, *wording.no_merit), said)


def _reasons_name_another(case: Case, tables: Tables) -> Iterator[Issue]:
    """Find points and decisions whose reason begins with somebody else's name, or blames somebody else."""
    called = {person.id: person.name for person in rows_of(tables.people)}
    for table in ("adjustments", "calibration"):
        for row in rows_of(getattr(tables, table)):
            said, own = row.reason.casefold(), called.get(row.person, "").casefold()
            blames = getattr(row, "points", 0) < 0
            others = (name for name in called.values() if own and own not in said and name.casefold() in said)
            for name in others:
                before, _, behind = said.partition(name.casefold())
                if not before.strip() or (blames and not case.wording.beside_the_fault(before, behind)):
                    place = Place(tables.file(table), row.row, "person")
                    yield warning(
                        "reason-names-another", place, person=called[row.person], other=name, reason=row.reason
                    )


def _same_points(said: re.Match[str], points: Decimal) -> bool:
    """Whether points are those that are said; where nothing says which way they count, that is left open."""
    number = Decimal(said[3] or said[6])
    meant = {-number} if said[1] or said[4] else {number} if said[2] or said[5] else {number, -number}
    return points in meant


def _notes_agree(case: Case, actuals: Table, file: str) -> Iterator[Issue]:
    """Find notes that say another figure than any of their line, or that it is not final."""
    for row in rows_of(actuals):
        figures = [value for column in ActualRow.figures if (value := getattr(row, column)) is not None]
        if row.note and figures and all(case.wording.doubts(row.note, f"{v:f}") for v in figures):
            yield warning("note-doubts", Place(file, row.row, "note"), note=row.note)


def _names_say_more(case: Case, people: Table, file: str) -> Iterator[Issue]:
    """Find names that also say that somebody left or is away, or that are two people's."""
    for person in rows_of(people):
        found = (re.search(word, person.name, re.IGNORECASE) for word in case.wording.away)
        said = next((each[0] for each in found if each), None)
        if said := said or (person.name if _TWO_NAMES.search(person.name) else None):
            yield warning("name-says-more", Place(file, person.row, "name"), value=person.name, remark=said)
