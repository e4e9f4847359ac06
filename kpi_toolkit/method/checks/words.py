"""What the words of a cycle's tables and of its design say against each other (``templates/wording.toml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.plausible import shares_beyond_all
from kpi_toolkit.method.issues import Issue, Issues, Place, warning
from kpi_toolkit.method.tables import Table, Tables, rows_of
from kpi_toolkit.method.wording import matches

_TWO_NAMES = re.compile(
    r"[\u4e00-\u9fff]{2,4}\s*[/+]\s*[\u4e00-\u9fff]{2,4}$|\w{2}\s*(&|＆|、| and )\s*\w{2}", re.IGNORECASE
)


def check_words(case: Case, tables: Tables, found: Issues) -> Iterator[Issue]:
    """Find what the words say otherwise than the numbers; what has been ``found`` is not told again."""
    yield from shares_beyond_all(case, tables, found)
    yield from _points_against_rules(case, tables)
    yield from _names_say_more(case, tables.people, tables.file("people"))


def _points_against_rules(case: Case, tables: Tables) -> Iterator[Issue]:
    """Find points that a rule adds whose name says what they are taken away for."""
    if case.wording is None or tables.adjustments.empty:
        return
    names = {rule.id: (f"{rule.name.zh}\n{rule.name.en}", rule) for rule in case.design.adjustments.rules}
    for row in rows_of(tables.adjustments):
        said, rule = names.get(row.rule, (row.rule, None))
        if row.points > 0 and matches(case.wording.faults, said) and not matches(case.wording.handled, said):
            place = Place(tables.file("adjustments"), row.row, "points")
            yield warning("points-against-rule", place, rule=rule.name if rule else row.rule, points=row.points)


def _names_say_more(case: Case, people: Table, file: str) -> Iterator[Issue]:
    """Find names that also say that somebody left or is away, or that are two people's."""
    for person in rows_of(people):
        words = case.wording.away if case.wording else ()
        said = next((found[0] for word in words if (found := re.search(word, person.name, re.IGNORECASE))), None)
        if said := said or (person.name if _TWO_NAMES.search(person.name) else None):
            yield warning("name-says-more", Place(file, person.row, "name"), value=person.name, remark=said)
