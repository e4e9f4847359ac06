"""In a notebook: a line under a button, what came of a click or kept it from being done; and what is asked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, TypeVar

import ipywidgets as w

from kpi_toolkit.clients.questions import Question
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.said import issues_of, linked, told
from kpi_toolkit.pages.words import Words


class Answer:
    """The line, as HTML in ``shown``."""

    def __init__(self, words: Words) -> None:
        self.words, self.shown = words, w.HTML()

    def to(self, action: Callable[[], str], whose: Text | str = "") -> bool:
        """Do something and show what it returned, as HTML; whether nothing kept it from being done.

        What did is shown below ``whose`` it is, where a button is for one of several.
        """
        try:
            said = action()
        except (WorkbookError, IssuesError) as problem:
            who = f"<p><b>{escape(self.words.show(whose))}</b></p>" if whose else ""
            self.shown.value = who + told(problem, self.words)
            return False
        self.shown.value = f'<div role="status">{said}</div>'
        return True

    def button(self, key: str, action: Callable[[], str], **look: Any) -> w.Button:
        """Return a button that does something; what came of it is said here. While it is off, a press does nothing."""
        made = w.Button(description=self.words(key), **look)
        made.on_click(lambda button: button.disabled or self.to(action))
        return made


T = TypeVar("T")

_WIDE = {"style": {"description_width": "200px"}, "layout": {"width": "640px"}}


class Asking:
    """The questions one below the other in ``box``; ``then`` is called when one of them is answered.

    ``proposing``: what is proposed stands there as the answer; not where answering one takes all of them in.
    """

    def __init__(self, then: Callable[[], object], *, proposing: bool = True) -> None:
        self.box, self._then, self._proposing = w.VBox([]), then, proposing
        self._asked: dict[str, Question] = {}
        self.controls: dict[str, Any] = {}
        """By the id of a question: where it is answered."""

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by the id of the question."""
        return {name: control.value for name, control in self.controls.items() if control.value}

    def open(self, questions: Sequence[Question]) -> int:
        """Return how many of the questions are still to be answered."""
        return sum(question.id not in self.answers for question in questions)

    def clear(self) -> None:
        """Ask nothing any more; what was answered is forgotten."""
        self._asked, self.controls, self.box.children = {}, {}, ()

    def close(self) -> None:
        """Leave what was asked and answered in sight; nothing of it can be changed any more."""
        for control in self.controls.values():
            control.disabled = True

    def settle(self, work: Callable[[Mapping[str, str]], T]) -> T:
        """Do something with the answers; one to a question that another answer made needless is taken back."""
        while True:
            try:
                return work(self.answers)
            except (WorkbookError, IssuesError) as problem:
                needless = [issue.values["id"] for issue in issues_of(problem) if issue.code == "answer-unasked"]
                if not needless:
                    raise
                for name in needless:
                    self._drop(name)

    def ask(self, questions: Sequence[Question], words: Words) -> None:
        """Show a control for every question; those that were answered stay, to be answered otherwise."""
        now = {question.id for question in questions}
        for name in [name for name, control in self.controls.items() if name not in now and not control.value]:
            self._drop(name)  # another answer made it needless
        for question in questions:
            if question.id not in self.controls:
                self._asked[question.id], self.controls[question.id] = question, self._control(question, words)
        self.box.children = [
            part for name, one in self._asked.items() for part in (_text(one, words), self.controls[name])
        ]

    def _drop(self, name: str) -> None:
        self._asked.pop(name, None), self.controls.pop(name)

    def _control(self, question: Question, words: Words) -> Any:
        labels = {one: words.show(label) or one for one, label in question.options.items()}
        proposed = question.proposed if self._proposing else ""
        if question.free:
            said = labels.get(proposed, proposed)
            control = w.Combobox(options=[*labels.values()], value=said, continuous_update=False, **_WIDE)
        else:
            options = [("–", ""), *((label, one) for one, label in labels.items())]
            control = w.Dropdown(options=options, value=proposed, **_WIDE)
        control.observe(lambda _: self._then(), "value")
        return control


def _text(question: Question, words: Words) -> w.HTML:
    own = words.section("by_hand").get(question.text)  # without what only a command line can do
    said = words.fill(own, question.values) if own else words.question(question)["text"]
    return w.HTML(f"<b>{linked(said, words)}</b><br>{escape(words.place(question.place))}")
