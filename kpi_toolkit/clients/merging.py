"""Two people's changes of one text, put together line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that were changed here and by somebody else: as they were, here, and there."""

    file: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def merged(base: str, ours: str, theirs: str) -> str | None:
    r"""Return a text with both changes in it; None where both changed the same lines in different ways.

    >>> merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    'A\nb\nC\n'
    """
    if theirs in {base, ours} or ours == base:
        return theirs if ours == base else ours
    lines, out, at = base.splitlines(keepends=True), [], 0
    both = sorted({*_hunks(base, ours), *_hunks(base, theirs)})
    for n, (first, after, new) in enumerate(both):
        if n and first < both[n - 1][1] + (both[n - 1][0] == both[n - 1][1] or first == after):
            return None
        out += [*lines[at:first], *new]
        at = after
    return "".join([*out, *lines[at:]])


def clashing(file: str, base: str, ours: str, theirs: str) -> list[Clash]:
    """Return the lines that differ between the two texts that came of one."""
    mine, other = ours.splitlines(), theirs.splitlines()
    opcodes = SequenceMatcher(None, mine, other, autojunk=False).get_opcodes()
    changed = set(base.splitlines())
    return [
        Clash(file, tuple(mine[a:b]), tuple(other[c:d])) for kind, a, b, c, d in opcodes
        if kind != "equal" and not (set(mine[a:b]) | set(other[c:d])) <= changed
    ]  # fmt: skip


def _hunks(base: str, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    old, new = base.splitlines(keepends=True), text.splitlines(keepends=True)
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, tuple(new[c:d])) for kind, a, b, c, d in opcodes if kind != "equal"]
