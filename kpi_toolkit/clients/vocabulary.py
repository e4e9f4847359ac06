"""What people write over columns, beside names and behind numbers: data, in both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.months import months_said
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import folded as as_name
from kpi_toolkit.method.issues import spelt_alike
from kpi_toolkit.method.value import Text

_BRACKETED = re.compile(r"[（(\[【]([^（()）\]】]*)[)）\]】]\s*$")
_PART = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z ]*[A-Za-z]")


def _one_line(heading: str) -> str:
    return " ".join(heading.split()).rstrip(":：")


def _spaced(text: str) -> str:
    return " ".join(text.casefold().split())


_FOLDS = (folded, _spaced)
"""How a text is looked through: without blanks, as Chinese is padded, and by words, as English is parted."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of a workbook's own file where it has one, and what a client has answered about its own headings."""

    workbook: Workbook
    answers: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[str, ...] = ("columns",)
    """Where it is looked up what a heading says; the first that knows it is right."""
    _known: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _content(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for file in self.workbook.versions("imports.toml"):
            for section, entries in tomllib.loads(file.read_text("utf-8-sig")).items():
                merged[section] = {**merged.get(section, {}), **entries}
        return merged

    @cached_property
    def _keys(self) -> dict[str, dict[str, str]]:
        """Of each section, what each of its words stands for; its keys stand for themselves where no word does."""
        return {
            section: {folded(key): key for key in entries}
            | {folded(word): key for key, said in entries.items()
               for word in (said["words"] if isinstance(said, dict) else said)}
            for section, entries in self._content.items()
        }  # fmt: skip

    def means(self, section: str, text: str) -> str:
        """Return what a text stands for in a section of the words; empty where it stands for nothing.

        >>> from pathlib import Path
        >>> Vocabulary(Workbook(Path())).means("direction", "越高越好")
        'higher'
        """
        return self._keys[section].get(folded(text).rstrip(":："), "")

    def is_one(self, kind: str, text: str) -> bool:
        """Whether a text is one of the words of a kind: ``total``, ``leavers``, ``nobody``."""
        return self.means("words", text) == kind

    def named(self, section: str, text: str) -> Text | None:
        """Return what a text stands for as readers are told: ``private`` columns, ``units``; None for anything else."""
        entry = self._content[section].get(self.means(section, text))
        return Text.each(entry.__getitem__) if entry else None

    def is_left_out(self, heading: str) -> bool:
        """Whether this client has said that a heading is not taken over."""
        return self.answers.get(f"column:{_one_line(heading)}") == "skip"

    def concept(self, heading: str) -> str:
        """Return what a heading says exactly, or what this client has said it means; empty for anything else.

        >>> from pathlib import Path
        >>> words = Vocabulary(Workbook(Path()))
        >>> words.concept("考核项目："), words.concept("Target (GBP)"), words.concept("Targat")
        ('indicator', 'target', '')
        """
        if heading not in self._known:
            plain = _one_line(heading)
            said = self.answers.get(f"column:{plain}", "")
            parts = {self._column(part) for part in _PART.findall(plain)}  # "姓名 Name", "Objective / KPI"
            bare = self._column(plain) or self._column(_BRACKETED.sub("", plain))
            bare = bare or (parts.pop() if len(parts) == 1 and not re.search(r"\d", plain) else "")
            self._known[heading] = "" if said == "skip" else said or bare
        return self._known[heading]

    def _column(self, text: str) -> str:
        return next(filter(None, (self.means(section, text) for section in self.sections)), "")

    def similar(self, heading: str) -> str:
        """Return what a heading may mean, to be asked; empty where it is like nothing, or like two things.

        >>> from pathlib import Path
        >>> words = Vocabulary(Workbook(Path()))
        >>> words.similar("Goals"), words.similar("Targat"), words.similar("Colour")
        ('target', 'target', '')
        """
        if self.holds("otherwise", [heading]):
            return ""
        words = {as_name(word): key for key, said in self._content["columns"].items() for word in said}
        found = {words[word] for word in spelt_alike(as_name(_BRACKETED.sub("", heading)), words)}
        return found.pop() if len(found) == 1 else ""

    def unit_in(self, heading: str) -> str:
        """Return the unit that a heading has in brackets: what stands behind every number below it.

        Not its month, nor what the numbers are.
        """
        found = _BRACKETED.search(heading)
        other = found and (self.is_one("no_unit", found[1]) or self.means("columns", found[1]) in {"target", "actual"})
        return "" if not found or other or months_said(found[1]) else found[1].strip()

    def holds(self, kind: str, texts: Iterable[str]) -> str:
        """Return the first text that has a word of a kind in it: ``signature``, ``leave``, ``probation``.

        A word of letters stands by itself: nothing is signed in "Pages designed".
        """
        said = (text for text in texts if text.strip())
        return next((text for text in said if any(self._alone[kind, fold].search(fold(text)) for fold in _FOLDS)), "")

    @cached_property
    def _alone(self) -> dict[tuple[str, Callable[[str], str]], re.Pattern[str]]:
        """The words of each kind, standing by themselves, for each way to look through a text."""
        return {(kind, fold): re.compile(rf"(?<![a-z])(?:{'|'.join(re.escape(fold(each)) for each in said)})(?![a-z])")
                for kind, said in self._content["words"].items() for fold in _FOLDS}  # fmt: skip

    def guess(self, name: str, *, less: bool = False) -> str:
        """Return the class that an indicator's name says; the plainest where it says none.

        What is better the lower, as faults and delays are, is then of quality: it is no amount of work.
        """
        kinds = (kind for kind in self._content["guess"] if kind != "lower" and self.hints(kind, name))
        return next(kinds, "quality" if less else "workload")

    def hints(self, kind: str, name: str) -> bool:
        """Whether an indicator's name has a word of a class, or of ``lower``: less is better."""
        words = self._content["guess"][kind]
        return any(re.search(rf"(?<![a-z]){re.escape(word)}", name.casefold()) for word in words)
