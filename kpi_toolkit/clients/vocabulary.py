"""What people write over columns, beside names and behind numbers: data, in both languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kpi_toolkit.clients.headings import folded
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.value import Text

_BRACKETED = re.compile(r"[（(\[【]([^（()）\]】]*)[)）\]】]\s*$")
_SURE = 0.75
"""So much of a heading must be a known one for this to be proposed."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of a workbook's own file where it has one, and what a client has answered about its own headings."""

    workbook: Workbook
    answers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _content(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for file in self.workbook.versions("imports.toml"):
            for section, entries in tomllib.loads(file.read_text("utf-8-sig")).items():
                merged[section] = {**merged.get(section, {}), **entries}
        return merged

    @cached_property
    def _columns(self) -> dict[str, str]:
        return {
            folded(word): concept for concept, words in self._content["columns"].items() for word in (concept, *words)
        }

    @cached_property
    def _private(self) -> dict[str, Text]:
        kinds = self._content["private"].values()
        return {folded(word): Text(zh=kind["zh"], en=kind["en"]) for kind in kinds for word in kind["words"]}

    def concept(self, heading: str) -> str:
        """Return what a heading says exactly, or what this client has said it means; empty for anything else.

        >>> words = Vocabulary(Workbook.nearest(Path()))
        >>> words.concept("考核项目："), words.concept("Target (GBP)"), words.concept("Targat")
        ('indicator', 'target', '')
        """
        plain = heading.strip().rstrip(":：")
        said = self.answers.get(f"column:{plain}", "")
        own = "" if said == "skip" else said
        return own or self._columns.get(folded(plain), "") or self._columns.get(folded(_BRACKETED.sub("", plain)), "")

    def similar(self, heading: str) -> str:
        """Return what a heading may mean, to be asked; empty where it is like nothing, or like two things."""
        plain = folded(_BRACKETED.sub("", heading))
        if not plain or f"column:{heading.strip()}" in self.answers:
            return ""
        inside = {self._columns[word] for word in self._columns if len(word) >= _SURE * len(plain) and word in plain}
        near = self._columns.get(nearest(plain, self._columns), "") if plain.isascii() else ""
        found = inside or ({near} if near else set())
        return found.pop() if len(found) == 1 else ""

    def private(self, heading: str) -> Text | None:
        """Return what a column holds that an appraisal has no use for, by its heading; None where it may be used."""
        return self._private.get(folded(heading))

    def unit_in(self, heading: str) -> str:
        """Return the unit that a heading has in brackets: what stands behind every number below it."""
        found = _BRACKETED.search(heading)
        return found[1].strip() if found else ""

    def unit(self, word: str) -> Text | None:
        """Return a unit in both languages by what is written for it; None where it is not known."""
        for entry in self._content["units"].values():
            if folded(word) in {folded(each) for each in entry["words"]}:
                return Text(zh=entry["zh"], en=entry["en"])
        return None

    def direction(self, text: str) -> str:
        """Return ``higher`` or ``lower``; empty where a text says neither."""
        said = (key for key, words in self._content["direction"].items() if folded(text) in {*map(folded, words)})
        return next(said, "")

    def is_one(self, kind: str, text: str) -> bool:
        """Whether a text is one of the words of a kind: ``total``, ``leavers``, ``nobody``."""
        return folded(text).rstrip(":：") in {folded(word) for word in self._content["words"][kind]}

    def holds(self, kind: str, texts: Iterable[str]) -> str:
        """Return the first text that has a word of a kind in it: ``signature``, ``leave``, ``probation``."""
        words = [folded(word) for word in self._content["words"][kind]]
        found = (text for text in texts for word in words if word in folded(text))
        return next(found, "")

    def guess(self, name: str) -> str:
        """Return the class that an indicator's name says; the plainest where it says none."""
        kinds = {kind: words for kind, words in self._content["guess"].items() if kind != "lower"}
        return next(
            (kind for kind, words in kinds.items() if any(word in name.casefold() for word in words)), "workload"
        )

    def is_lower(self, name: str) -> bool:
        """Whether an indicator's name says that less is better."""
        return any(
            re.search(rf"\b{re.escape(word)}" if word.isascii() else word, name.casefold())
            for word in self._content["guess"]["lower"]
        )
