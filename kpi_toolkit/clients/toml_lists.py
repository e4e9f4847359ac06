"""A list in brackets in its own text: what is moved takes its comments along, what stands free stays.

The comments right above an entry and the one behind it are its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tomlkit.items import Array, Null

_OWN = re.compile(r"(.*?\n[ \t]*)((?:#[^\n]*\n[ \t]*)+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """The text of an entry and of its comments."""

    value: str
    above: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The entries of a list, and what stands before each place: blanks, and comments that are nobody's."""

    entries: tuple[Entry, ...]
    gaps: tuple[str, ...] = field(repr=False)
    """One more than there are entries: the last stands before the closing bracket."""
    comma: str = ""
    """What stands behind the last entry."""

    @property
    def text(self) -> str:
        """The list as it stands in a file."""
        text, behind = "[", ""
        for place, gap in enumerate(self.gaps):
            text += "\n" if behind and not gap.startswith(("\n", "\r\n")) else ""
            behind = ""
            if place < len(self.entries):
                entry, behind = self.entries[place], self.entries[place].behind
                comma = "," if place + 1 < len(self.entries) else self.comma
                gap += f"{entry.above}{entry.value}{comma}{behind}"  # noqa: PLW2901
            text += gap
        return f"{text}]"

    def without(self, at: int) -> Listed:
        """Return the list without an entry."""
        gone = min(at or 1, len(self.gaps) - 1) if len(self.entries) > 1 else 0
        gaps = [*self.gaps]
        free = gaps.pop(gone)
        if "#" in free:
            after = min(gone, len(gaps) - 1)
            blank = gaps[after].startswith(("\n", "\r\n"))
            gaps[after] = f"{free.rstrip()}\n{gaps[after]}" if blank else free + gaps[after].lstrip(" \t")
        return Listed((*self.entries[:at], *self.entries[at + 1 :]), tuple(gaps), self.comma)

    def with_entry(self, entry: Entry, at: int) -> Listed:
        """Return the list with an entry at a place, on a line of its own where the others have one."""
        line = next((found[0] for gap in self.gaps[:-1] if (found := re.search(r"\r?\n[ \t]*$", gap))), " ")
        gap = line if self.entries and (at or line != " ") else ""
        gaps = (*self.gaps[:at], gap, *self.gaps[at:]) if at else (self.gaps[0], line, *self.gaps[1:])
        gaps = gaps if self.entries else ("", self.gaps[0])
        return Listed((*self.entries[:at], entry, *self.entries[at:]), gaps, self.comma)

    def moved(self, at: int, before: int | None) -> Listed:
        """Return the list with an entry before another one, None: the last; what stands between the entries stays."""
        rest = [*self.entries]
        entry, to = rest.pop(at), len(rest) if before is None else before - (before > at)
        rest.insert(to, entry)
        return Listed(tuple(rest), self.gaps, self.comma)


def cut_list(array: Array) -> Listed:
    """Return the entries of a list with their comments. ValueError where one cannot tell whose a comment is."""
    entries: list[Entry] = []
    gaps: list[str] = []
    lead, comma = "", ""
    for group in array._value:  # nothing else tells which comment is whose
        behind = group.comment.as_string() if group.comment else ""
        lead += group.indent.s if group.indent else ""
        if group.value is None or isinstance(group.value, Null):
            lead += behind
            continue
        own = _OWN.fullmatch(lead)
        gaps.append(own[1] if own else lead)
        comma = group.comma.s if group.comma else ""
        value = group.value.as_string() + comma.removesuffix(",")
        entries.append(Entry(value, own[2] if own else "", behind))
        lead = ""
    found = Listed(tuple(entries), (*gaps, lead), "," if comma else "")
    if found.text != array.as_string():
        raise ValueError(found.text)
    return found
