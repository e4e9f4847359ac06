"""What can be wrong with a client's answers to checklists, and what they say loudly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpi_toolkit.method.checklists import Checklist, Line
from kpi_toolkit.method.checks.places import DESIGN_FILE, PROFILE_FILE
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Answer, Profile
from kpi_toolkit.method.value import Text, Word

_LEAST_ALTERNATIVES = 2


def check_answers(profile: Profile, checklists: Mapping[str, Checklist]) -> Issues:
    """Return unknown checklists and lines, answers that do not fit, and what a no gives cause to say."""
    return Issues(_answers(profile, checklists))


def _answers(profile: Profile, checklists: Mapping[str, Checklist]) -> Iterator[Issue]:
    for name, answers in profile.checklists.items():
        place = Place(PROFILE_FILE, key=f"checklists.{name}")
        if name not in checklists:
            near = nearest(name, checklists)
            yield error("unknown-card", place, name=name, nearest=near, known=", ".join(checklists))
            continue
        lines = {line.id: line for line in checklists[name].lines}
        for line, answer in answers.items():
            at = Place(PROFILE_FILE, key=f"checklists.{name}.{line}")
            if line not in lines:
                yield error("unknown-line", at, line=line, nearest=nearest(line, lines), known=", ".join(lines))
            elif not _fits(checklists[name], answer):
                yield error(
                    "answer-unfit", at, kind=Word(f"answers.{checklists[name].kind}"), highest=checklists[name].highest
                )
            elif answer is False and lines[line].alarm:
                yield _alarm(at, checklists[name], lines[line])


def _alarm(place: Place, checklist: Checklist, line: Line) -> Issue:
    return warning("not-ready", place, checklist=checklist.name, alarm=line.alarm)


def _fits(checklist: Checklist, answer: Answer) -> bool:
    """Whether an answer is of the kind that the checklist asks for."""
    if checklist.kind == "yes":
        return isinstance(answer, bool)
    if checklist.kind == "words":
        return isinstance(answer, str)
    numbers = answer if isinstance(answer, tuple) else (answer,)
    whole = all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers)
    return whole and (checklist.kind == "count" or all(int(number) <= checklist.highest for number in numbers))


def choices_are_compared(design: Design) -> Iterator[Issue]:
    """Find a choice without at least two alternatives (S285)."""
    decision = design.decision
    if decision and decision.chosen and len(decision.alternatives) < _LEAST_ALTERNATIVES:
        yield hint("one-alternative", Place(DESIGN_FILE, key="decision"), n=len(decision.alternatives))
    elif decision and decision.chosen and not any(_same(decision.chosen, one) for one in decision.alternatives):
        place = Place(DESIGN_FILE, key="decision.chosen")
        yield warning("chosen-no-alternative", place, chosen=decision.chosen, alternatives=decision.alternatives)


def _same(chosen: Text, alternative: Text) -> bool:
    """Whether what was chosen is an alternative, in whichever language both are written."""
    pairs = ((chosen.zh, alternative.zh), (chosen.en, alternative.en))
    return any(one.strip() and one.strip().casefold() == other.strip().casefold() for one, other in pairs)


CHECKS = (choices_are_compared,)
