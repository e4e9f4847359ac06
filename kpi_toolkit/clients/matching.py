"""Who and what is meant: people by number or name, dates in every usual writing, ids made of names. Never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from kpi_toolkit.clients.blocks import Record
from kpi_toolkit.clients.vocabulary import Vocabulary
from kpi_toolkit.clients.workbook import valid_id
from kpi_toolkit.method.alike import skeleton
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.value import likely_id

Person = Mapping[str, Any]
"""A row of people as text: ``id``, ``name``, and where there are ``number``, ``role``, ``team``, ``title``."""
_BRACKETED = re.compile(r"\s*[（(]([^（()）]+)[)）]\s*$")
_UNMARKED = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ı": "i", "ß": "ss", "æ": "ae"})
_DAY = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?( 00:00(:00)?)?")
_NAMED = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d")


class Names:
    """People, found by what somebody wrote."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = list(people)
        self._numbers: dict[str, list[Person]] = {}
        self._names: dict[str, list[Person]] = {}
        for one in self.people:
            self._numbers.setdefault(folded(str(one.get("number") or "")), []).append(one)
            for name in {skeleton(str(one["name"])), str(one["id"])}:
                self._names.setdefault(name, []).append(one)

    def named(self, text: str, number: str = "") -> list[Person]:
        """Return everybody who may be meant: by number where there is one, else by name, in either order.

        >>> people = Names({"id": one, "name": "Ann Lee", "team": team} for one, team in (("a", "Sales"), ("b", "IT")))
        >>> [one["id"] for one in people.named("Lee, Ann")], [one["id"] for one in people.named("Ann Lee (IT)")]
        (['a', 'b'], ['b'])
        """
        if number and folded(number) in self._numbers:
            return self._numbers[folded(number)]
        keys = dict.fromkeys(skeleton(name) for name in (text, in_order(text)) if name)
        found = next((self._names[key] for key in keys if key in self._names), [])
        found = found or (self._numbers.get(folded(text), []) if text.strip() else [])
        hint = _BRACKETED.search(text)
        if found or not hint:
            return found
        near = self.named(_BRACKETED.sub("", text))
        told = [one for one in near if folded(hint[1]) in _said_of(one)]
        return told or ([] if len(near) == 1 else near)

    def told_apart(self, candidates: list[Person], record: Record, role: str) -> list[Person]:
        """Return those of one name whom role or team of a record leave."""
        team = folded(record.text("team"))
        for fits in (
            [one for one in candidates if role and one["role"] == role],
            [one for one in candidates if team and folded(str(one.get("team") or "")) == team],
        ):
            candidates = fits or candidates
        return candidates


def _said_of(person: Person) -> set[str]:
    return {folded(str(person.get(key) or "")) for key in ("team", "role", "title", "number", "id")} - {""}


def in_order(name: str) -> str:
    """Return a name with the surname last where a comma parts it: ``Jones, Sarah``."""
    parts = [part.strip() for part in name.split(",")]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and all(parts) else name.strip()  # noqa: PLR2004


def new_id(texts: Iterable[str], taken: Collection[str]) -> str:
    """Return an id made of the first of the texts that gives one, Chinese names by their sound; never one twice.

    >>> new_id(["", "王建国"], []), new_id(["Rafał Nowak"], ["rafal-nowak"]), new_id(["007"], [])
    ('wang-jian-guo', 'rafal-nowak-2', 'p007')
    """
    base = next(filter(None, map(romanised, texts)), "x")[:44].strip("-")
    base = f"p{base}" if base.isdigit() or not valid_id(base) else base
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in taken)


def romanised(text: str) -> str:
    """Return the id that a text in any writing gives; empty where it gives none."""
    from pypinyin import lazy_pinyin

    return likely_id(" ".join(lazy_pinyin(unicodedata.normalize("NFC", text.translate(_UNMARKED)))))


def any_day(text: str, *, day_first: bool | None = None) -> date | None:
    """Return the date that a text says; None where it says none, or can be read in two ways.

    >>> [str(any_day(text)) for text in ("2022年7月1日", "2021.6.15", "1 March 2019", "13/04/2020", "04/05/2020")]
    ['2022-07-01', '2021-06-15', '2019-03-01', '2020-04-13', 'None']
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _YEAR_FIRST.fullmatch(plain):
            return date(*map(int, found.groups()[:3]))
        if found := _DAY.fullmatch(plain):
            one, two, year = map(int, found.groups())
            first = read_as(plain) if day_first is None else day_first
            return None if first is None else date(year, two, one) if first else date(year, one, two)
    except ValueError:
        return None
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b|,", "", " ".join(plain.split()), flags=re.IGNORECASE)
    for form in _NAMED:
        try:
            return datetime.strptime(words, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def read_as(text: str) -> bool | None:
    """Return whether the day stands first in a date of three numbers; None where both could be the month."""
    found = _DAY.fullmatch(text.strip())
    one, two = (int(found[1]), int(found[2])) if found else (0, 0)
    most = 12
    return True if one > most or one == two else False if two > most else None


def is_nobody(text: str, words: Vocabulary) -> bool:
    """Whether a cell for a name says that there is nobody."""
    return not text or words.is_one("nobody", text)
