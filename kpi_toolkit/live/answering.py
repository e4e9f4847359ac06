"""A line under a button of a notebook: what came of a click, or what kept it from being done and how that is mended."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.said import told
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
