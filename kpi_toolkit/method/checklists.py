"""Checklists: one form for every list of questions, and one way to take stock of the answers.

A line is answered with yes or no, a rating, a count, words, or one of its options, which carry points; several people's
ratings of a line count by their mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from kpi_toolkit.method.profile import Answer
from kpi_toolkit.method.value import Id, Sourced, Text, Value

CONFLICT = "conflict"
"""Its answers are about two people: the person, and whoever gave it (S298)."""
Kind = Literal["yes", "rating", "count", "words", "choice"]


class Option(Value):
    """One of the answers that a line offers."""

    id: Id
    text: Text
    points: int = Field(default=0, ge=0)
    why: Text | None = None
    """What whoever chose it is told."""


class Band(Value):
    """What a sum of points says, from this many on."""

    least: int = Field(ge=0)
    text: Text


class Line(Value):
    """One question of a checklist."""

    id: Id
    text: Text
    hint: Text | None = None
    source: str = ""
    """Row and place in the seed."""
    alarm: Text | None = None
    """The finding when the answer is no."""
    options: tuple[Option, ...] = ()
    """What can be chosen, where the checklist asks for a choice."""
    ahead: bool = False
    """Whether it is about what comes next: nobody who has left is asked."""

    def option(self, answer: Answer | None) -> Option | None:
        """Return the option that was chosen; None where there is no such option."""
        return next((option for option in self.options if option.id == answer), None)

    @property
    def best(self) -> int:
        """The points of the best option."""
        return max((option.points for option in self.options), default=0)


class Checklist(Sourced):
    """A list of questions: ``templates/checklists/<id>.toml``."""

    name: Text
    lead: Text
    move: Literal["select", "use", "appraise", "train", "retain"] = "use"
    """Which of the five moves to a strong team it serves (S083)."""
    kind: Kind
    highest: int = Field(default=5, gt=0)
    """The best rating."""
    seek: Literal["weakest", "best"] = "weakest"
    """What the ratings are for: to find what to mend first, or what fits best."""
    in_order: bool = False
    """A line can be passed only after the one before it."""
    least_answers: int = Field(default=1, ge=1)
    """With fewer answers a line is not shown, so that nobody is recognised."""
    lines: tuple[Line, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = ()
    note: Text | None = None
    ours: bool = False
    """True where no source has the list."""

    def asked(self, *, left: bool) -> tuple[Line, ...]:
        """Return the lines that somebody is asked: of whoever has ``left``, none about what comes next."""
        return tuple(line for line in self.lines if not (left and line.ahead))

    @model_validator(mode="after")
    def _choices_have_options(self) -> Checklist:
        if any(bool(line.options) != (self.kind == "choice") for line in self.lines):
            raise ValueError("the lines of a choice, and no others, have options")
        return self

    def band(self, points: Fraction) -> Band | None:
        """Return what a sum of points says: the band with the highest least points that it reaches."""
        reached = [band for band in self.bands if band.least <= points]
        return max(reached, key=lambda band: band.least, default=None)


@dataclass(frozen=True)
class Stock:
    """What the answers to a checklist come to."""

    checklist: Checklist
    values: dict[str, Fraction | str | None]
    """By line, in its order: 1 or 0, a mean rating, a count, words, points; None where unanswered or too
    few answered."""
    hidden: tuple[str, ...]
    """Lines with too few answers to be shown."""

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Lines without a yes, without words, without a rating.

        Of yes and no a no is missing too: such a list is there to find what is not ready.
        """
        yes = self.checklist.kind == "yes"
        return tuple(line for line, value in self.values.items() if not value and (value is None or yes))

    @property
    def share(self) -> Fraction:
        """Lines with yes (or words, or a rating) among all."""
        return 1 - Fraction(len(self.missing), len(self.values))

    @cached_property
    def _numbers(self) -> dict[str, Fraction]:
        return {line: value for line, value in self.values.items() if isinstance(value, Fraction)}

    @property
    def _rated(self) -> dict[str, Fraction]:
        return self._numbers if self.checklist.kind == "rating" else {}

    @property
    def mean(self) -> Fraction | None:
        """Mean of the ratings."""
        return sum(self._rated.values(), Fraction(0)) / len(self._rated) if self._rated else None

    @property
    def points(self) -> Fraction | None:
        """Sum of the points of a choice; None where a line is unanswered."""
        chosen = self.checklist.kind == "choice" and not self.missing
        return sum(self._numbers.values(), Fraction(0)) if chosen else None

    @property
    def costly(self) -> tuple[str, ...]:
        """Lines where another option has more points than the one that was chosen."""
        return tuple(each.id for each in self.checklist.lines if self._numbers.get(each.id, each.best) < each.best)

    @property
    def weakest(self) -> tuple[str, ...]:
        """Lines with the lowest rating, all of them where several are equal."""
        return tuple(line for line, value in self._rated.items() if value == min(self._rated.values()))

    @property
    def best(self) -> tuple[str, ...]:
        """Lines with the highest number, all of them where several are equal."""
        return tuple(line for line, value in self._numbers.items() if value == max(self._numbers.values()))

    @property
    def locked(self) -> tuple[str, ...]:
        """Lines that cannot be passed yet, because one before them is open."""
        order = list(self.values)
        open_ones = self.checklist.in_order and self.missing
        return tuple(order[order.index(self.missing[0]) + 1 :]) if open_ones else ()

    def picked(self, seek: Literal["weakest", "best"]) -> tuple[str, ...]:
        """Return the lines that are looked for, several where they are equal."""
        return self.best if seek == "best" else self.weakest

    def ranking(self, seek: Literal["weakest", "best"]) -> list[str]:
        """Return the rated lines, those that are looked for first, in their own order where equal."""
        return sorted(self._numbers, key=self._numbers.__getitem__, reverse=seek == "best")

    def part(self, line: str) -> Fraction | None:
        """Return a line's part in the sum of all counts (S078)."""
        total = sum(self._numbers.values())
        return self._numbers[line] / total if total and line in self._numbers else None


def take_stock(checklist: Checklist, answers: Mapping[str, Answer]) -> Stock:
    """Return what the answers come to; a line without an answer is open, never a no or a nought.

    >>> lines = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]
    >>> ready = Checklist(name="Ready", lead="", kind="yes", lines=lines)
    >>> found = take_stock(ready, {"a": True, "b": False})
    >>> found.share, found.missing
    (Fraction(1, 2), ('b',))
    """
    few = checklist.least_answers
    hidden = tuple(line.id for line in checklist.lines if line.id in answers and _size(answers[line.id]) < few)
    values = {line.id: None if line.id in hidden else _value(line, answers.get(line.id)) for line in checklist.lines}
    return Stock(checklist, values, hidden)


def _size(answer: Answer) -> int:
    return len(answer) if isinstance(answer, tuple) else 1


def _value(line: Line, answer: Answer | None) -> Fraction | str | None:
    """Return an answer as a number or as words; blank words and no answers are none."""
    if line.options:
        option = line.option(answer)
        return None if option is None else Fraction(option.points)
    if isinstance(answer, tuple):
        return Fraction(sum(answer), len(answer)) if answer else None
    if isinstance(answer, str):
        return answer.strip() or None
    return None if answer is None else Fraction(int(answer))
