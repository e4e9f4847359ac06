"""What cannot be decided from the files: a question for each value, answered once, in a terminal or beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.months import month_of_heading
from kpi_toolkit.clients.reading import load_toml_file
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import NOWHERE, Place, folded, nearest
from kpi_toolkit.method.value import Text

REMEMBERED = "imports.toml"
"""The file of a client in which its answers are kept."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One value to decide. Its sentence is the words of ``text`` with ``values`` filled in (``Words.question``)."""

    id: str
    text: str
    options: Mapping[str, Text] = field(default_factory=dict)
    """What may be answered, each with what it is called, which may be answered too."""
    proposed: str = ""
    """The option that is most probably right; empty where none is."""
    place: Place = NOWHERE
    values: Mapping[str, Any] = field(default_factory=dict)
    free: bool = False
    """Whether something else than the options may be answered."""
    about: tuple[str, ...] = ()
    """What it decides on, where that may be something else next month: a remembered answer holds for this alone."""

    def answer(self, said: str) -> str:
        """Return the option that was meant by an answer; WorkbookError where it is none.

        >>> seo = {"seo": Text(zh="搜索优化", en="Search"), "skip": Text()}
        >>> ask = Question(id="role:cook", text="ask.role", options=seo)
        >>> ask.answer("search"), ask.answer("SKIP")
        ('seo', 'skip')
        """
        names = {folded(name): own for own, text in self.options.items() for name in (own, *text.words) if name}
        found = names.get(folded(said))
        if found is None and not (self.free and said.strip()):
            known = [text.after(own) for own, text in self.options.items()]
            raise WorkbookError("bad-reply", id=self.id, value=said, known=known, nearest=nearest(said, names))
        return found if found is not None else said.strip()


@dataclass
class Asking:
    """The answers that there are, remembered ones among them, and what is still open."""

    answers: Mapping[str, str]
    limits: Mapping[str, Collection[str]] = field(default_factory=dict)
    """What remembered answers were about, by the ids of the questions."""
    open: dict[str, Question] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    """What was answered, by the ids of the questions; to be remembered."""
    about: dict[str, list[str]] = field(default_factory=dict)
    """What was answered so, where it holds for nothing else."""
    asked: set[str] = field(default_factory=set)
    """The ids of all questions, answered ones among them."""
    kept: Sequence[str] = ()
    """The marks of answers that were given before while something else was open, oldest first."""
    marks: dict[str, str] = field(default_factory=dict)
    """The marks of the answers given now, by the ids of the questions."""

    def only(self, wanted: Callable[[Question], bool]) -> Asking:
        """Return it with those open questions alone that are wanted."""
        return replace(self, open={name: one for name, one in self.open.items() if wanted(one)})

    def ask(self, question: Question) -> str | None:
        """Return the answer to a question, None while there is none; it is asked once."""
        self.asked.add(question.id)
        name = self._remembered_as(question)
        limit = self.limits.get(name, question.about)
        held = [option for option in question.options if self._mark(question, option) in self.kept]
        held.sort(key=lambda option: self.kept[::-1].index(self._mark(question, option)))
        said = self.answers.get(name, *held[:1])
        if said is None or not {*question.about} <= {*limit}:
            self.open.setdefault(question.id, question)
            return None
        if limit:
            self.about[question.id] = [*dict.fromkeys((*self.about.get(question.id, ()), *limit))]
        self.taken[question.id] = question.answer(said)
        if question.id in self.answers:
            self.marks[question.id] = self._mark(question, self.taken[question.id])
        return self.taken[question.id]

    def _remembered_as(self, question: Question) -> str:
        """Return the name under which it was answered: what a file or sheet is called but for its month is the same."""
        if question.id in self.answers or not question.about:
            return question.id
        return next((name for name in self.limits if _undated(name) == _undated(question.id)), question.id)

    @staticmethod
    def _mark(question: Question, option: str) -> str:
        """Return an answer as the record may hold it: no name, and only of this question about these values."""
        return sha256(f"{question.id} {question.values!r} {option}".encode())


def _undated(name: str) -> list[str]:
    return [month_of_heading(part)[1] for part in name.split(":")]


def parse_answers(said: Iterable[str], file: Path | None = None) -> dict[str, str]:
    """Return answers by the ids of their questions: those of a JSON file, then ``ID=VALUE`` of the command line.

    >>> parse_answers(["role:cook=seo", "hidden=take"])
    {'role:cook': 'seo', 'hidden': 'take'}
    """
    answers = _from_file(file) if file is not None else {}
    for text in said:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise WorkbookError("answer-without-id", value=text)
        answers[name.strip()] = value.strip()
    return answers


def _from_file(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text("utf-8-sig"))
        return {str(name): str(value) for name, value in content.items()}
    except (OSError, ValueError, AttributeError) as problem:
        raise WorkbookError("answers-unread", file=str(file)) from problem


def unasked(answers: Mapping[str, str], asked: Iterable[str]) -> None:
    """Raise WorkbookError for an answer to what was never asked: a slip in its id would leave the question open."""
    known = list(dict.fromkeys(asked))
    for name in answers:
        if name not in known:
            raise WorkbookError("answer-unasked", id=name, nearest=nearest(name, known), known=", ".join(known))


def remembered(folder: Path, section: str = "answers") -> dict[str, Any]:
    """Return what was decided in earlier imports by the ids of the questions, or what each answer was ``about``."""
    content = load_toml_file(folder / REMEMBERED, REMEMBERED).get(section, {})
    return {str(name): said if isinstance(said, list) else str(said) for name, said in content.items()}
