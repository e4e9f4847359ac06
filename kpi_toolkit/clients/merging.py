"""Two people's changes of one text, put together line by line; of what both changed one side is to be chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from kpi_toolkit.clients.toml_parts import Path, parts_of

_MEANING = re.compile(r"\s*(?:indicator|id|name|unit|direction)\s*=")
"""What says what an entry of a list is: where one changes that, the other's figures of it may fit no longer."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that were changed here and by somebody else: below which header, as they are here, and there."""

    file: str
    path: Path
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Hunk:
    first: int
    after: int
    new: tuple[str, ...]
    """What stands in place of the lines from ``first`` to before ``after``."""


def merged(file: str, base: str, ours: str, theirs: str) -> list[str | Clash]:
    r"""Return a text with both changes in it, piece by piece; a clash stands for the lines that both changed.

    >>> merged("design.toml", "a = 1\nb = 2\n", "a = 3\nb = 2\n", "a = 1\nb = 4\n")
    ['a = 3\n', 'b = 4\n']
    """
    if base in {ours, theirs}:  # as after nearly every key that is typed: to compare the lines would take longer
        return [theirs if ours == base else ours]
    lines, paths = base.splitlines(keepends=True), _paths(file, base)
    pieces: list[str | Clash] = []
    at = 0
    for own, other in _regions(_hunks(lines, ours), _hunks(lines, theirs), lines, paths):
        first, after = min(each.first for each in (*own, *other)), max(each.after for each in (*own, *other))
        mine, their = _with(lines, first, after, own), _with(lines, first, after, other)
        clash = Clash(file, _path_at(paths, first), tuple(mine.splitlines()), tuple(their.splitlines()))
        pieces += ["".join(lines[at:first]), mine if not other or mine == their else clash if own else their]
        at = after
    return [piece for piece in (*pieces, "".join(lines[at:])) if piece]


def changed(file: str, before: str, after: str) -> list[Clash]:
    """Return the lines that differ between two states of a text: as they were, and as they are."""
    lines, paths = before.splitlines(keepends=True), _paths(file, before)
    return [
        Clash(
            file,
            _path_at(paths, hunk.first),
            *(tuple("".join(side).splitlines()) for side in (lines[hunk.first : hunk.after], hunk.new)),
        )
        for hunk in _hunks(lines, after)
    ]


def settled(pieces: Iterable[str | Clash], sides: Iterable[bool] = ()) -> str:
    """Return the text with one side of each clash in its order: ours where it says so."""
    chosen = iter(sides)
    texts: list[str] = []
    for piece in pieces:
        lines = () if isinstance(piece, str) else piece.ours if next(chosen) else piece.theirs
        texts += [piece] if isinstance(piece, str) else [f"{line}\n" for line in lines]
    return "".join(texts)


def _paths(file: str, text: str) -> list[Path]:
    """Return what header each line stands below; in a table there are none."""
    parts = () if file.endswith(".csv") else parts_of(text)
    return [part.path or () for part in parts for _ in part.text.splitlines()]


def _path_at(paths: Sequence[Path], line: int) -> Path:
    return paths[min(line, len(paths) - 1)] if paths else ()


def _hunks(old: Sequence[str], text: str) -> list[_Hunk]:
    new = text.splitlines(keepends=True)
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [_Hunk(a, b, tuple(new[c:d])) for kind, a, b, c, d in opcodes if kind != "equal"]


def _with(lines: Sequence[str], first: int, after: int, hunks: Iterable[_Hunk]) -> str:
    """Return some lines with the changes of one side."""
    out: list[str] = []
    for hunk in hunks:
        out += [*lines[first : hunk.first], *hunk.new]
        first = hunk.after
    return "".join([*out, *lines[first:after]])


def _regions(
    ours: list[_Hunk], theirs: list[_Hunk], lines: Sequence[str], paths: Sequence[Path]
) -> Iterator[tuple[list[_Hunk], list[_Hunk]]]:
    """Go through what hangs together: changes of the same lines, or of an entry that became another thing."""
    entry = {hunk: _entry(_path_at(paths, hunk.first - (hunk.first == hunk.after > 0))) for hunk in (*ours, *theirs)}
    touched = {hunk: (*lines[hunk.first : hunk.after], *hunk.new) for hunk in entry}
    both = {entry[hunk] for hunk in ours} & {entry[hunk] for hunk in theirs}
    other = {at for hunk, at in entry.items() if at in both and any(map(_MEANING.match, touched[hunk]))} - {()}
    sides: tuple[list[_Hunk], list[_Hunk]] = ([], [])
    last: _Hunk | None = None
    end = 0
    for hunk, side in sorted([(hunk, 0) for hunk in ours] + [(hunk, 1) for hunk in theirs]):
        together = last is not None and (
            hunk.first < end + (last.first == last.after or hunk.first == hunk.after)
            or (entry[hunk] in other and entry[hunk] == entry[last])
        )
        if last is not None and not together:
            yield sides
            sides = ([], [])
        sides[side].append(hunk)
        end = max(end, hunk.after) if together else hunk.after
        last = hunk
    if last is not None:
        yield sides


def _entry(path: Path) -> Path:
    """Return the entry of a list that a header belongs to; nothing where it belongs to none."""
    return path[: max((n + 1 for n, step in enumerate(path) if isinstance(step, int)), default=0)]
