"""Procedures: steps in their order, who acts, and what has to be done before anything is reported (S128, S157)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Place, error, nearest, warning
from kpi_toolkit.method.rows import has_figures
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Id, Text, Value

GOAL_SETTING = "goal-setting"
"""The procedure that a row of ``steps.csv`` is of where it names none."""


class Step(Value):
    """A step of a procedure and who acts in it."""

    id: Id
    name: Text
    by: Literal["appraised", "appraiser", "superior", "personnel"]


def _not_one_of(value: str, known: list[str], place: Place) -> Issue:
    return error("not-one-of", place, value=value, known=known, nearest=nearest(value, known))


class Procedure(Value):
    """Steps in their order: ``templates/procedures/<id>.toml``."""

    name: Text
    source: str
    steps: tuple[Step, ...] = Field(min_length=1)
    before_values: tuple[Id, ...] = ()
    """Steps that come before anything is reported of a person."""

    def called(self, step: str) -> Text:
        """Return what a step is called; by its id where the procedure has none such."""
        return next((own.name for own in self.steps if own.id == step), Text.of(step))

    def problem_with(self, done: Sequence[tuple[str, date]], step: str, on: date) -> Issue | None:
        """Return why a step cannot follow those that were ``done``, each with its day; None where it can."""
        known, place = [own.id for own in self.steps], Place("steps.csv", column="step")
        if step not in known:
            return _not_one_of(step, known, place)
        following = known[len(done)] if len(done) < len(known) else None
        said = {"step": self.called(step), "procedure": self.name}
        if step != following:
            return error("step-out-of-order", place, missing=self.called(following) if following else "–", **said)
        return error("step-before-last", place, date=on, **said) if done and on < done[-1][1] else None


SHOWN_BY = {
    "agreed": {(GOAL_SETTING, "confirm"), ("sign-off", "plan-appraiser")},
    "talk": {("talk", "hold"), ("sign-off", "appraisal-talk")},
    "signed": {("talk", "sign"), ("sign-off", "appraisal-appraiser")},
}
"""The steps of procedures, as ``steps.csv`` has them, by which goals are agreed, a talk is held, a result signed."""


def done_by(tables: Tables) -> dict[str, dict[str, date]]:
    """Return for each of these who has done it, and when, as the tables say."""
    told: dict[str, dict[str, date]] = {name: {} for name in SHOWN_BY}
    for row in rows_of(tables.steps):
        for name, steps in SHOWN_BY.items():
            told[name] |= {row.person: row.date} if (row.procedure or GOAL_SETTING, row.step) in steps else {}
    told["agreed"] |= {row.person: row.confirmed for row in rows_of(tables.goals) if row.confirmed is not None}
    return told


def check_plans(procedures: Mapping[str, Procedure], tables: Tables, names: Mapping[str, Text]) -> Iterator[Issue]:
    """Find who has figures while a step is missing that comes before them, of the procedures that the cycle keeps."""
    kept = gathered((row.procedure or GOAL_SETTING, (row.person, row.step)) for row in rows_of(tables.steps))
    filled = [row.person for row in rows_of(tables.actuals) if has_figures(row)]
    for name, done in kept.items():
        if name not in procedures:
            yield _not_one_of(name, list(procedures), Place(tables.file("steps"), column="procedure"))
            continue
        steps = {*done}
        for person in dict.fromkeys(filled):
            missing = [step for step in procedures[name].before_values if (person, step) not in steps]
            if missing:
                said = {"procedure": procedures[name].name, "missing": procedures[name].called(missing[0])}
                place, who = Place(tables.file("steps")), names.get(person, person)
                yield warning("plan-not-agreed", place, [person], person=who, **said)
