"""What can be wrong with a client's answers to checklists, and what they say loudly."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kpi_toolkit.method.checklists import Checklist, take_stock
from kpi_toolkit.method.checks.places import DESIGN_FILE, PROFILE_FILE, unknown_line
from kpi_toolkit.method.issues import Issue, Issues, Place, error, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Answer, Profile
from kpi_toolkit.method.value import Text, Word

_LEAST_ALTERNATIVES = 2


def check_answers(profile: Profile, checklists: Mapping[str, Checklist], people: Collection[str] = ()) -> Issues:
    """Return unknown checklists and lines, answers that do not fit, and what a no gives cause to say."""
    found = [*_answers("checklists", profile.checklists, checklists)]
    for person, answers in profile.answers_about.items():
        key = f"answers_about.{person}"
        found += _answers(key, answers, checklists)
        candidate = any(name in checklists and checklists[name].move == "select" for name in answers)
        if person not in people and not candidate:
            place = Place(PROFILE_FILE, key=key)
            found.append(error("unknown-person", place, person=person, nearest=nearest(person, people)))
    return Issues(found)


def _answers(
    key: str, given: Mapping[str, Mapping[str, Answer]], checklists: Mapping[str, Checklist]
) -> Iterator[Issue]:
    for name, answers in given.items():
        place = Place(PROFILE_FILE, key=f"{key}.{name}")
        if name not in checklists:
            yield from unknown_line(checklists, name, "", place, place)
            continue
        lines = {line.id: line for line in checklists[name].lines}
        for line, answer in answers.items():
            at = Place(PROFILE_FILE, key=f"{key}.{name}.{line}")
            if line not in lines:
                yield from unknown_line(checklists, name, line, at, place)
            elif checklists[name].kind == "choice" and lines[line].option(answer) is None:
                options = [option.id for option in lines[line].options]
                yield error("unknown-option", at, answer=str(answer), known=", ".join(options))
            elif not _fits(checklists[name], answer):
                yield error(
                    "answer-unfit", at, kind=Word(f"answers.{checklists[name].kind}"), highest=checklists[name].highest
                )
            elif answer is False and lines[line].alarm:
                yield warning("not-ready", at, checklist=checklists[name].name, alarm=lines[line].alarm)
        yield from _passed_too_early(key, name, checklists[name], answers)


def _passed_too_early(key: str, name: str, checklist: Checklist, answers: Mapping[str, Answer]) -> Iterator[Issue]:
    """Find steps that were passed while one before them is open (S079)."""
    stock = take_stock(checklist, answers)
    words = {line.id: line.text for line in checklist.lines}
    for line in stock.locked:
        if answers.get(line) is True:
            place = Place(PROFILE_FILE, key=f"{key}.{name}.{line}")
            yield error("step-locked", place, step=words[line], missing=words[stock.missing[0]])


def _fits(checklist: Checklist, answer: Answer) -> bool:
    """Whether an answer is of the kind that the checklist asks for."""
    if checklist.kind == "yes":
        return isinstance(answer, bool)
    if checklist.kind in ("words", "choice"):
        return isinstance(answer, str)
    numbers = answer if isinstance(answer, tuple) else (answer,)
    whole = all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers)
    return whole and (checklist.kind == "count" or all(int(number) <= checklist.highest for number in numbers))


def choices_are_compared(design: Design) -> Iterator[Issue]:
    """Find a choice without two different alternatives, or of something that is none of them (S285)."""
    decision, place = design.decision, Place(DESIGN_FILE, key="decision")
    if decision is None or decision.chosen is None:
        return
    compared = {_said(text) for text in decision.alternatives}
    if len(compared) < _LEAST_ALTERNATIVES:
        yield warning("one-alternative", place, n=len(compared))
    if compared and _said(decision.chosen) not in compared:
        near = nearest(decision.chosen.pick(), [text.pick() for text in decision.alternatives])
        yield warning("chosen-not-compared", place, chosen=decision.chosen, nearest=near)


def _said(text: Text) -> tuple[str, ...]:
    return tuple(map(str.strip, text.words))


CHECKS = (choices_are_compared,)
