"""Returns held against each other: which copy of a form holds, and whose targets where plan and appraisal differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_toolkit.clients.form_origins import told_apart
from kpi_toolkit.clients.form_reading import Came, Return
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.value import Text

Line = tuple[str, str, str]
"""An entry of a person's form: table, row and column."""
_FEW = 5
"""So many cells are written out where many differ."""


@dataclass(frozen=True)
class Apart:
    """What became of returns of one form, by their ids."""

    left: set[str]
    """Those that another one was preferred to."""
    mixed: set[str]
    """Those that others' entries were added to: nobody has signed what they make together."""
    bare: set[str]
    """Those on which nobody wrote while somebody did on another copy."""
    decided: set[tuple[str, str]] = field(default_factory=set)
    """The forms of which it was said which return holds."""


def one_return_each(
    files: Sequence[Return], called: Mapping[str, Text], untouched: Callable[[Return, str, str], bool], apart: Apart
) -> None:
    """Ask which return of a form holds where two of them differ; the same one again changes nothing.

    ``untouched`` says whether somebody's form of a phase in a file says no more than what was printed on it; what
    becomes of the returns is kept in ``apart``.
    """
    forms = gathered((form, each) for each in files if not each.wrong for form in each.forms)
    for (person, phase), copies in forms.items():
        returns = _written_on(copies, person, phase, untouched, apart)
        said = [each.said(person, phase) for each in returns]
        if all(one == said[0] for one in said):
            for again in returns[1:]:
                again.drop(person, phase)
            continue
        whole: dict[Any, Any] = {}
        differ = [key for one in said for key, value in one.items() if whole.setdefault(key, value) != value]
        holders = {copy for each in returns for copy in each.stated[4:] if copy}
        if differ or len(holders) != len(returns):  # else the copies of both sides, each filled in by its own
            _ask_which(returns, (person, phase), called[person], differ, apart)


def _written_on(
    copies: list[Return], person: str, phase: str, untouched: Callable[[Return, str, str], bool], apart: Apart
) -> list[Return]:
    """Return the copies of a form on which somebody wrote; all of them where nobody did."""
    blank = [each for each in copies if untouched(each, person, phase)]
    for each in blank if len(blank) < len(copies) else ():
        each.drop(person, phase)
        apart.bare.add(each.id)
    return [each for each in copies if each not in blank] or copies


def _ask_which(returns: list[Return], form: tuple[str, str], who: Text, differ: list[Line], apart: Apart) -> None:
    """Ask which of several returns of a form holds, whose entries ``differ``; what does not hold is left out."""
    said, names = [each.said(*form) for each in returns], [each.path.name for each in returns]
    about: dict[str, Any] = {"files": names, "person": who}
    alone = _alone(returns, form) if differ else []
    if differ:
        about |= told_apart(differ[0], *form, returns)
    if alone:
        about["rest"] = [f"{came.place.file} {came.place.cell}: {came.text}" for came in alone[:_FEW]]
        about["n"] = len(alone)
    with_rest = [f"{name}+" for name in names]
    more, text = (with_rest, "return_rest") if alone else ([], "return") if differ else (["together"], "parts")
    of_each = dict(zip(reversed(with_rest), reversed(said), strict=True))
    for each in returns:
        answer = each.ask("return", ":".join(form), (*names, *more), text=text, **about)
        if answer in {"together", each.path.name, f"{each.path.name}+"}:
            own = {_line(came) for came in each.of(*form)}
            if answer.endswith("+") and any(_line(came) not in own for came in alone):
                apart.mixed.add(each.id)
        else:
            each.drop(*form, _beside(alone, of_each.get(answer)))
            apart.left.update([each.id] if answer else [])
            apart.decided.update([form] if answer else [])


def _alone(returns: Sequence[Return], form: tuple[str, str]) -> list[Came]:
    """Return the entries of a form that not all of its returns have."""
    said = [each.said(*form) for each in returns]
    return [came for each in returns for came in each.of(*form) if any(_line(came) not in own for own in said)]


def _beside(alone: list[Came], holds: Collection[Line] | None) -> list[Line] | None:
    """Return which entries that stand on one return alone are added to the one that holds; None where none are."""
    return None if holds is None else [line for line in map(_line, alone) if line not in holds]


def agreed_targets(files: Sequence[Return]) -> None:
    """Ask whose target holds where a plan brings another one than the appraisal that came with it was written with."""
    plans = {(key[1], key[2]): (each, entries) for each in files for key, entries in each.values.items()
             if key[0] == "goals" and "target" in entries and not each.wrong}  # fmt: skip
    for each in files:
        appraised = dict.fromkeys(row for row, _ in each.entries if row.phase == "appraisal" and row.item is not None)
        apart = gathered(
            (row.person, (row, *plans[row.person, row.id])) for row in appraised
            if (row.person, row.id) in plans and plans[row.person, row.id][1]["target"].value != row.whole
        )  # fmt: skip
        for person, lines in apart.items():
            row, plan, entries = lines[0]
            came = entries["target"]
            said: dict[str, Any] = {"plan": plan.path.name, "appraisal": each.path.name}
            said |= {"value": came.text, "known": row.whole}
            said["indicators"] = [one.item.name for one, *_ in lines if one.item is not None]
            answers = [one.ask("targets", person, ("plan", "appraisal"), came.place, **said) for one in (plan, each)]
            for _, _, own in lines if "appraisal" in answers else ():
                own.pop("target", None)


def _line(came: Came) -> Line:
    """Return which entry of a person's form it is: table, row and column."""
    return came.row.table, came.row.line, came.column
