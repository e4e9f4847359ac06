"""One kind of finding for everything that can be wrong: a design, a client's file, the machine.

An issue carries a code and the values that fill its sentence; the sentences, in Chinese and English, are data
(``templates/checks/``), so a finding can be shown in either language long after it was made.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher, get_close_matches
from itertools import chain
from typing import Any, Literal, NamedTuple, get_args

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.value import Text

Severity = Literal["error", "warning", "hint"]
Level = Literal["muted", "hint", "caution", "warning", "error"]
"""What a finding is shown and counted as, in the order of showing: what must be mended stands last."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: a file, in a workbook a sheet, and in it a row and column, or a key."""

    file: str = ""
    row: int | None = None
    column: str | None = None
    key: str | None = None
    sheet: str | None = None
    cell: str = ""
    """What Excel calls it, ``J10``: said instead of row and column."""

    def at(self, row: int, column: str | None = None) -> Place:
        """Return a row, or a cell, of the same file."""
        return Place(self.file, row, column, self.key, self.sheet, self.cell)

    def __str__(self) -> str:
        """Return the place in one line: ``people.csv, row 3, column role``."""
        return ", ".join(f"{name} {value}".strip() for name, value in self.parts())

    def parts(self) -> Iterator[tuple[str, str]]:
        """Go through what is known of the place, each part with what it is; files and keys speak for themselves."""
        at = (("cell", self.cell),) if self.cell else (("row", self.row), ("column", self.column))
        for name, value in (("", self.file or None), ("sheet", self.sheet), *at, ("", self.key)):
            if value is not None:
                yield name, str(value)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: its code, how bad it is, where it is, and the values of its sentence."""

    code: str
    severity: Severity
    place: Place = Place()
    values: Mapping[str, Any] = field(default_factory=dict)
    muted: Text | None = None
    """Why this client lives with it; None where nobody said so."""
    about: tuple[str, ...] = ()
    """Ids of the people whose figures it touches; empty where it touches all or none in particular."""
    caution: bool = False
    """Whether the method cautions against it, and no figure is wrong for it; such an error can be muted."""

    @property
    def named(self) -> set[str]:
        """The names and other words that its sentence has, one by one."""
        lists = (value if isinstance(value, (list, tuple)) else [value] for value in self.values.values())
        return {word for each in chain(*lists) for word in (each.words if isinstance(each, Text) else [str(each)])}

    @property
    def called(self) -> Level:
        """What every face calls it: a ``warning`` is of the figures, a ``caution`` for the consultant alone."""
        return "caution" if self.caution and self.severity == "warning" else self.severity

    @property
    def level(self) -> Level:
        """What it is counted as, in the order of ``Level``: as what it is called, unless somebody lives with it."""
        return self.called if self.muted is None else "muted"


def error(code: str, place: Place, about: Iterable[str] = (), /, **values: Any) -> Issue:
    """Return a finding that stops scoring; as a caution it is only what the method does not allow."""
    return Issue(code, "error", place, values, about=tuple(dict.fromkeys(about)))


def warning(code: str, place: Place, about: Iterable[str] = (), /, **values: Any) -> Issue:
    """Return a finding that a person should look at before the report goes out."""
    return Issue(code, "warning", place, values, about=tuple(dict.fromkeys(about)))


def hint(code: str, place: Place, about: Iterable[str] = (), /, **values: Any) -> Issue:
    """Return a finding that is worth a thought and no more."""
    return Issue(code, "hint", place, values, about=tuple(dict.fromkeys(about)))


class Behind(NamedTuple):
    """How many findings stand behind a cycle's figures, as every face counts them."""

    warnings: int = 0
    """Of the figures and the files that they come from."""
    cautions: int = 0
    """Of the design, the goals or the steps: what the method advises against; no figure is wrong for them."""
    errors: int = 0
    """Like cautions, but what the method does not allow. An error of the figures stops scoring instead."""


NOTHING = Behind()


class Issues(tuple[Issue, ...]):
    """Findings in the order in which they were made.

    >>> found = Issues([error("no-target", Place("design.toml")), warning("unknown-column", Place("people.csv"))])
    >>> [issue.code for issue in found.errors]
    ['no-target']
    """

    __slots__ = ()

    @property
    def errors(self) -> Issues:
        """Only those that are errors and not muted."""
        return Issues(issue for issue in self if issue.severity == "error" and issue.muted is None)

    @property
    def blocking(self) -> Issues:
        """Only the errors that a figure would be wrong for: they stop scoring, a caution does not."""
        return Issues(issue for issue in self.errors if not issue.caution)

    @property
    def warnings(self) -> Issues:
        """Only those that a figure may be wrong for, and that nobody lives with; cautions are others."""
        return Issues(issue for issue in self if issue.level == "warning")

    @property
    def behind(self) -> Behind:
        """How many of them stand behind the figures that they were found for.

        >>> found = [warning("missing-actual", NOWHERE), warning("overhead", NOWHERE), error("cascade-gap", NOWHERE)]
        >>> (Issues(found[:1]) + Issues(found[1:]).as_cautions()).behind
        Behind(warnings=1, cautions=1, errors=1)
        """
        counts = Counter(issue.level for issue in self)
        return Behind(counts["warning"], counts["caution"], counts["error"])

    def as_cautions(self) -> Issues:
        """Return them as what the method cautions against."""
        return Issues(replace(issue, caution=True) for issue in self)

    def softened(self) -> Issues:
        """Return them with warnings in place of errors: what was found in figures that are held fast."""
        return Issues(replace(issue, severity="warning") if issue.severity == "error" else issue for issue in self)

    def by_kind(self, *, worst_first: bool = False, apart: bool = True) -> list[Issues]:
        """Return them in groups of one code in one file and column, hints first and errors last, or the other way.

        Not ``apart``: of one code in all files, where these are many of a kind.

        >>> found = Issues(warning("bad-number", Place("a.csv", row, "actual")) for row in (2, 3))
        >>> [len(group) for group in (found + [error("no-target", Place("design.toml"))]).by_kind()]
        [2, 1]
        """
        order = get_args(Level).index

        def kind(each: Issue) -> tuple[Any, ...]:
            stands = (each.place.file, each.place.sheet, each.place.column) if apart else ()
            return order(each.level), each.severity, each.code, *stands

        groups = gathered((kind(each), each) for each in self)
        return [Issues(groups[of]) for of in sorted(groups, key=lambda of: of[0], reverse=worst_first)]

    def __add__(self, other: Iterable[Issue]) -> Issues:  # type: ignore[override]
        """Return both lists in one."""
        return Issues((*self, *other))


class IssuesError(ValueError):
    """Something that a client's files or a design hold is wrong; every finding is in ``issues``.

    Nothing is stopped for nothing: a command would fail and say that nothing is wrong. Raises TypeError there.
    """

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = Issues(issues)
        if not self.issues:
            msg = "an error without a finding"
            raise TypeError(msg)
        super().__init__("; ".join(f"{issue.code} ({issue.place})" for issue in self.issues.errors or self.issues))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like the given one, or an empty string.

    >>> nearest("wieght", ["weight", "target"])
    'weight'
    """
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lower, n=1, cutoff=_ALIKE if word.isascii() else _ALIKE_SHORT)
    return lower[found[0]] if found else ""


def nearest_name(word: str, people: Iterable[str]) -> str:
    """Return the name of a person most like a word that is nobody's: also of three signs with one typed wrong.

    That is another's name where the surname is another, or where the name has two signs; of two so alike, neither.

    >>> nearest_name("欧阳那", ["欧阳娜", "王那"]), nearest_name("王建", ["王娜"]), nearest_name("李建国", ["王建国"])
    ('欧阳娜', '', '')
    >>> nearest_name("王建民", ["王建国", "王建军"]), nearest_name("王建民", ["王建国"])
    ('', '王建国')
    """
    known = list(people)
    alike = {name for name in known if not word.isascii() and len(word) == len(name) == _A_NAME
             and name[0] == word[0] and sum(map(str.__eq__, word, name)) == _A_NAME - 1}  # fmt: skip
    return nearest(word, known) or (alike.pop() if len(alike) == 1 else "")


# Chinese words are short: half of two characters alike is another word.
_ALIKE, _ALIKE_SHORT, _A_NAME = 0.6, 0.7, 3


def spelt_alike(word: str, known: Iterable[str]) -> list[str]:
    """Return the known names that a word is a spelling of, or of which one holds the other's words and few more.

    So much is needed to propose a name: "PPC Specialist" is no "SEO Specialist", and "Bonus" is no "Boss".

    >>> names = ["seo specialist", "online sales", "滚动更新", "boss"]
    >>> [spelt_alike(word, names) for word in ("ppc specialist", "bonus", "seo specialst", "online sales advisor")]
    [[], [], ['seo specialist'], ['online sales']]
    >>> spelt_alike("滚动更新数", names), spelt_alike("更新", ["滚动更新", "更新量"])
    (['滚动更新'], ['更新量'])
    """
    return [name for name in known if _same_spelling(word, name) or _one_holds_the_other(word, name)]


def _same_spelling(word: str, name: str) -> bool:
    words = word.split(), name.split()
    pairs = [*zip(*words, strict=False)] if len(words[0]) == len(words[1]) else [(word, name)]
    return min(len(word), len(name)) > _SHORT and all(
        SequenceMatcher(None, one, other).ratio() >= _A_SPELLING for one, other in pairs
    )


def _one_holds_the_other(word: str, name: str) -> bool:
    short, long = sorted((word, name), key=len)
    parts = (short.split(), long.split()) if long.isascii() else (short, long)
    inside = set(parts[0]) <= set(parts[1]) if long.isascii() else short in long
    return inside and len(parts[0]) > len(parts[1]) / 2


_A_SPELLING, _SHORT = 0.8, 3
"""So alike are two spellings of a word, and longer than so many letters each."""


class Known:
    """What there is of a kind, each with all names it goes by, to tell which one was meant.

    >>> roles = Known({"seo": ["搜索优化", "SEO"], "net": ["网络推广", "Network promotion"]})
    >>> roles.meant("网络推广"), roles.meant("network promotoin"), roles.meant("cook")
    ('net', 'net', '')
    """

    _MOST = 50
    """So many words are looked for; whoever mistypes more has one cause for all, and comparing costs time."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._own, self._ids = names.keys(), dict[str, set[str]]()
        for own, others in names.items():
            for name in filter(None, (own, *others)):
                self._ids.setdefault(folded(name), set()).add(own)
        self._found: dict[str, str] = {}

    @classmethod
    def named(cls, things: Mapping[str, Any], further: Mapping[str, Iterable[str]] | None = None) -> Known:
        """Return roles, indicators or cards by their names in both languages, their aliases and ``further`` names."""
        more = further or {}
        return cls({
            own: (*each.name.words, *getattr(each, "aliases", ()), *more.get(own, ())) for own, each in things.items()
        })  # fmt: skip

    def meant(self, word: str) -> str:
        """Return the id of what a word most probably means; empty where nothing or more than one is like it."""
        said = folded(word)
        if said in self._ids:
            return _only(self._ids[said])
        if said.isdigit() and (same := [name for name in self._ids if name.isdigit() and int(name) == int(said)]):
            return _only(self._ids[same[0]]) if len(same) == 1 else ""  # 7 is 007: Excel drops noughts
        if said not in self._found and len(self._found) < self._MOST:
            inside = [name for name in self._ids if len(name) > 1 and (name in said or said in name)]
            near = inside[0] if len(inside) == 1 and len(said) > 1 else nearest(said, self._ids)
            self._found[said] = _only(self._ids[near]) if near else ""
        return self._found.get(said, "")

    def proposed(self, word: str) -> str:
        """Return the id to propose for a word; empty where only something else is like it, or more than one thing."""
        said = folded(word)
        found = set().union(*(self._ids[name] for name in spelt_alike(said, self._ids)))
        return _only(self.exactly(word) or found)

    def one(self, word: Any) -> Any:
        """Return the id that a word is, or that alone goes by it; what was given where several do, or none does.

        >>> people = Known({"li": ["Li Na"], "li-2": ["Li Na"], "wu": ["Wu"]})
        >>> [people.one(word) for word in ("WU ", "Li Na", "li", None)]
        ['wu', 'Li Na', 'li', None]
        """
        return word if not word or word in self._own else _only(self.exactly(word)) or word

    def exactly(self, word: str) -> set[str]:
        """Return the ids of all that go by just this name."""
        return self._ids.get(folded(word), set())


def _only(ids: set[str]) -> str:
    return next(iter(ids)) if len(ids) == 1 else ""


def folded(word: str) -> str:
    """Return a name as names are compared: without capitals, full width and doubled blanks."""
    joined = "".join(char for char in unicodedata.normalize("NFKC", word) if char not in _JOINERS)
    return " ".join(joined.casefold().split())


_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""What changes how letters are joined or drawn, and leaves a name the same to everybody who reads it."""
