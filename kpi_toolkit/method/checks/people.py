"""What can be wrong with ``people.csv``."""

from __future__ import annotations

import pandas as pd

from kpi_toolkit.method.checks.places import DESIGN_FILE, twice
from kpi_toolkit.method.issues import Issues, Place, error, nearest, warning
from kpi_toolkit.method.model import Design, PoolBy
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import rows_of


def check_people(design: Design, people: pd.DataFrame) -> Issues:
    """Return what is wrong with ``people.csv`` against the design."""
    found = list(twice(people, "people.csv", ["id"]))
    known = set(people["id"])
    named = names_of(people, design.roles)
    for person in rows_of(people):
        if person.role not in design.roles:
            near = nearest(person.role, design.roles)
            place = Place("people.csv", person.row, "role")
            found.append(error("unknown-role", place, role=person.role, nearest=near, known=", ".join(design.roles)))
        if (design.tiers.pool is PoolBy.TEAM or design.team_share) and not person.team:
            found.append(warning("no-team", Place("people.csv", person.row, "team"), person=named[person.id]))
        if person.manager == person.id:
            found.append(
                error("appraiser-is-appraised", Place("people.csv", person.row, "manager"), person=named[person.id])
            )
        elif person.manager is not None and person.manager not in known:
            place = Place("people.csv", person.row, "manager")
            found.append(
                warning("unknown-manager", place, manager=person.manager, nearest=nearest(person.manager, known))
            )
        if person.related_to_appraiser and not person.second_appraiser:
            place = Place("people.csv", person.row, "second_appraiser")
            found.append(warning("kinship-single-appraiser", place, person=named[person.id]))
    column = design.fairness.column
    if column and column not in people.columns:
        found.append(warning("unknown-group-column", Place("people.csv", 1), column=column))
    for entry in design.tiers.exempt:
        if entry.person not in known:
            place = Place(DESIGN_FILE, key="tiers.exempt")
            found.append(error("unknown-person", place, person=entry.person, nearest=nearest(entry.person, known)))
    return Issues(found)
