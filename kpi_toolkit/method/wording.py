"""Whether a goal's words can be checked against facts: one checker, four lists of what to ask (X12).

The seven-character standard (S113), contents of a goal (S121), SMART (S136) and the deliverable (S120) share criteria;
each is asked once. What proves a criterion, a filled column or words, is data: ``templates/wording.toml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.value import Id, Text, Value

Criterion = Literal[
    "specific", "quantified", "assessable", "quantity", "quality", "deadline", "deliverable", "achievable", "relevant"
]  # fmt: skip


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as problem:
        raise PydanticCustomError("bad-pattern", "{detail}", {"detail": str(problem)}) from problem
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Patterns = tuple[Pattern, ...]


class Proof(Value):
    """What proves a criterion: a filled column, or words that match; and words that disprove it."""

    columns: tuple[str, ...] = ()
    words: Patterns = ()
    """Regular expressions, any case."""
    unless: Patterns = ()
    """Words that leave it unproven, whatever else is there: "as far as possible"."""
    least: int = Field(default=0, ge=0)
    """Fewest characters that say anything at all."""


class Profile(Value):
    """One of the field's lists of criteria."""

    name: Text
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Wording(Value):
    """How free text is judged: ``templates/wording.toml``, which says of each list what its words are."""

    criteria: dict[Criterion, Proof]
    profiles: dict[Id, Profile]
    partly: Patterns = ()
    sales: Patterns = ()
    sold: Patterns = ()
    money: Patterns = ()
    presence: Patterns = ()
    company: Patterns = ()
    shares: Patterns = ()
    beyond: Patterns = ()
    levels: Patterns = ()
    fewer: Patterns = ()
    handled: Patterns = ()
    away: Patterns = ()
    faults: Patterns = ()
    merits: Patterns = ()
    corrected: Patterns = ()
    unsure: Patterns = ()
    not_final: Patterns = ()
    planned: Patterns = ()
    reached: Patterns = ()
    only_figures: Patterns = ()
    compared: Patterns = ()
    with_others: Patterns = ()
    told_by: Patterns = ()
    issued: Patterns = ()
    put_away: Patterns = ()
    points: Patterns = ()
    no_merit: Patterns = ()
    at_most: Patterns = ()
    at_least: Patterns = ()

    def without_bound(self, target: str) -> tuple[str, str]:
        """Return a target without the words that say which side of it is meant, and the direction that they give.

        >>> rules = Wording(criteria={}, profiles={}, at_most=("^≤", "以内$"))
        >>> rules.without_bound("≤ 3%"), rules.without_bound("2天以内"), rules.without_bound("30")
        (('3%', 'lower'), ('2天', 'lower'), ('30', ''))
        """
        for direction, patterns in (("lower", self.at_most), ("higher", self.at_least)):
            joined = _joined(patterns)
            if joined and joined.search(target):
                return joined.sub("", target).strip(), direction
        return target, ""

    def bounds(self, text: str, units: Iterable[str], direction: str) -> set[Decimal]:
        """Return the numbers in some units that a text says are to be reached, or not to be passed.

        >>> rules = Wording(criteria={}, profiles={}, at_most=("^within ",), at_least=("^(≥|at least) ?", " or more$"))
        >>> said = "At least 1,200 posts or 95 % or more; replies within 24 hours"
        >>> sorted(rules.bounds(said, ("%", "posts"), "higher")), rules.bounds(said, ("hours",), "lower")
        ([Decimal('95'), Decimal('1200')], {Decimal('24')})
        """
        unit, plain = "|".join(map(re.escape, units)), unicodedata.normalize("NFKC", text)
        number = rf"(?<![\d.])(?<!\d,)(?P<n>\d[\d,]*(?:\.\d+)?)\s*(?:{unit})(?![a-z])"
        found: list[str] = []
        for pattern in {"lower": self.at_most, "higher": self.at_least}.get(direction, ()) if unit else ():
            bare = pattern.removeprefix("^").removesuffix("$")
            whole = f"(?:{bare}){number}" if pattern.startswith("^") else f"{number}(?:{bare})"
            found += (each["n"] for each in re.finditer(whole, plain, re.IGNORECASE))
        return {Decimal(each.replace(",", "")) for each in found}

    def doubts(self, remark: str, figure: str) -> bool:
        """Whether a remark says that the figure which it stands beside is another one, or not final."""
        plain = unicodedata.normalize("NFKC", remark)
        corrected = rf"(?:{'|'.join(self.corrected)})\D{{0,6}}(\d[\d,]*(?:\.\d+)?)"
        others = re.findall(corrected, plain, re.IGNORECASE) if self.corrected else ()
        return matches(self.unsure, plain) or any(other.replace(",", "") != figure for other in others)

    def without_issue(self, text: str) -> str:
        """Return a text without what it says of how old the form is."""
        joined = _joined(self.issued)
        return joined.sub(" ", unicodedata.normalize("NFKC", text)) if joined else text

    def beside_the_fault(self, before: str, behind: str) -> bool:
        """Whether the words around a name say that a fault is not that person's: it was done to, or told by, them.

        >>> rules = Wording(criteria={}, profiles={}, with_others=("rude to$",), told_by=("^reported",))
        >>> rules.beside_the_fault("Rude to ", ""), rules.beside_the_fault("Late: ", " again")
        (True, False)
        """
        return matches(self.with_others, before.rstrip()) or matches(self.told_by, behind.lstrip())

    def of_figures(self, remark: str) -> bool:
        r"""Whether a remark, without the month in it, says of figures only that they are that month's.

        >>> rules = Wording(criteria={}, profiles={}, only_figures=(r"^(from|data|\W)*$",))
        >>> rules.of_figures("data from"), rules.of_figures("more than in")
        (True, False)
        """
        return matches(self.only_figures, unicodedata.normalize("NFKC", remark))

    def no_result(self, text: str) -> bool:
        """Whether a title, or the name of a sheet or a file, says that its figures are a plan, not final or void."""
        plain = unicodedata.normalize("NFKC", text)
        only_planned = matches(self.planned, plain) and not matches(self.reached, plain)
        return only_planned or matches(self.not_final, plain)

    def judge(self, goal: Mapping[str, Any], criteria: Iterable[Criterion] = ()) -> dict[Criterion, bool]:
        """Return for each criterion whether a goal meets it. ``goal`` is a line of ``goals.csv`` by column."""
        said = " ".join(str(goal[name]) for name in ("text", "standard", "quality", "deadline") if goal.get(name))
        dated = _joined(self.criteria["deadline"].words) if "deadline" in self.criteria else None
        dateless = dated.sub(" ", said) if dated else said  # the 30 of 30 May is no quantity
        return {
            name: _proven(self.criteria[name], goal, said if name == "deadline" else dateless)
            for name in criteria or self.criteria
        }

    def card(self, goal: Mapping[str, Any], profile: str) -> tuple[int, int, list[Criterion]]:
        """Return how many criteria of a list a goal meets, of how many, and which it does not: SMART 4/5."""
        found = self.judge(goal, self.profiles[profile].criteria)
        return sum(found.values()), len(found), [name for name, met in found.items() if not met]


def matches(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns is in a text, in any case.

    >>> matches(["sales (amount|volume)"], "Net Sales Amount")
    True
    """
    joined = _joined(tuple(patterns))
    return bool(joined and joined.search(text))


def numbers_before(unit: str, text: str) -> list[str]:
    """Return the numbers that stand before a unit in a text, without their grouping.

    >>> numbers_before("articles", "1,200 articles on 3 pages")
    ['1200']
    """
    found = re.findall(rf"(?<![\d.])(?<!\d,)(\d[\d,]*(?:\.\d+)?)\s*{re.escape(unit)}(?![a-z])", text, re.IGNORECASE)
    return [number.replace(",", "") for number in found]


@lru_cache(maxsize=64)
def _joined(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined, re.IGNORECASE | re.MULTILINE) if patterns else None


def _proven(proof: Proof, goal: Mapping[str, Any], said: str) -> bool:
    if matches(proof.unless, said):
        return False
    if any(goal.get(column) not in (None, "") for column in proof.columns):
        return True
    if proof.columns or proof.words:
        return matches(proof.words, said)
    return len(said) >= proof.least
