"""Words, numbers and dates in a reader's language. The words are text files: ``templates/words/<language>.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, reduce
from pathlib import Path
from typing import Any
from unicodedata import category

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, get_currency_symbol
from markupsafe import Markup

from kpi_toolkit.clients.days import dates_of
from kpi_toolkit.clients.language import Traits, check_language, traits
from kpi_toolkit.clients.questions import Question
from kpi_toolkit.clients.word_files import merged, read_merged, said_in
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cycle import KINDS, Cycle
from kpi_toolkit.method.issues import Behind, Issue, Place
from kpi_toolkit.method.numbers import decimals_of, half_up
from kpi_toolkit.method.value import ENGLISH, LANGUAGES, Language, Text, Word

MISSING = "–"
_CENTS = 2
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_CODE = re.compile(r"[A-Z]{3}")
_PLURAL = re.compile(r"([a-z]{3,}?)(?:(?<=[sxz])es|(?<=[cs]h)es|(?<=[a-z]{4})(ies)|(?<![su])s)(?= |$)")
"""The first word of a unit where it is an English plural, without its ending."""
_LISTS = {"known", "examples", "rows", "columns", "ranges"}
"""Places of ids, rows and cells that code joins with commas; Chinese lists have a mark of their own."""
_MOST_NAMED, _FIRST_NAMED = 20, 10
"""So many things are named one by one in a finding; of more than that the first ones."""
_OF_THE_METHOD = re.compile(r"[SXY]\d{2,3}$|\d{3}_[0-9a-f]{16}\.txt$")
"""A row of the method or a source text: docs/method.md."""


def _check_files(workbook: Workbook) -> dict[Path, dict[str, Any]]:
    """Return the sentences of findings by file, the workbook's own last: one for each subject, or one for all."""
    names = (*(f"checks/{path.name}" for path in workbook.templates("checks")), "checks.toml")
    files = [(place, file) for name in names for place, file in enumerate(workbook.versions(name))]
    return said_in(file for _, file in sorted(files))


def _letter_or_digit(char: str) -> bool:
    return char.isdecimal() or _LATIN.fullmatch(char) is not None


class Words:
    """All words of one language, looked up by a dotted key.

    >>> from pathlib import Path
    >>> Words("en", Workbook(Path()))("tier.top")
    'Top'
    """

    def __init__(self, language: Language, workbook: Workbook) -> None:
        self.language: Language = language
        self._workbook = workbook

    @cached_property
    def _words(self) -> dict[str, Any]:
        own = read_merged(self._workbook, f"words/{self.language}.toml")
        if self.language in LANGUAGES:
            return own
        if not own:
            check_language(self.language, self._workbook)
        return merged(read_merged(self._workbook, f"words/{ENGLISH}.toml"), own)  # for whatever a translation lacks

    @cached_property
    def traits(self) -> Traits:
        """What the language needs besides words."""
        return traits(self.language, self._workbook)

    @cached_property
    def _locale(self) -> Locale:
        try:
            return Locale.parse(self.traits.locale)
        except (UnknownLocaleError, ValueError) as problem:
            raise self._damaged(f"language.locale: {problem}") from problem

    @cached_property
    def _checks(self) -> dict[str, Any]:
        checks = reduce(merged, _check_files(self._workbook).values())
        for code, said in read_merged(self._workbook, f"words/{self.language}.checks.toml").items():
            checks[code] = {**checks.get(code, {}), self.language: said}
        return checks

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the words of a key, with values filled in; ``n`` chooses between one and many.

        Raises KeyError when the words file has no such key, so that nothing is ever silently blank.
        """
        found: Any = self._words
        for part in key.split("."):
            if not isinstance(found, Mapping):
                raise self._damaged(f"{key.rpartition('.')[0]} must be a section of words")
            if part not in found:
                msg = f"no words for {key!r} in templates/words/{self.language}.toml"
                raise KeyError(msg)
            found = found[part]
        if isinstance(found, Mapping) and "n" in values and "other" in found:
            plural = self._locale.plural_form(values["n"])
            found = found.get(plural, found["other"])
        if not isinstance(found, str):
            raise self._damaged(f"{key} must be words")
        return self.fill(found, {name: _plain(value) for name, value in values.items()})

    def section(self, key: str) -> dict[str, Any]:
        """Return the words of a section as they stand, for whoever fills them in elsewhere."""
        found = self._words.get(key)
        if not isinstance(found, Mapping):
            raise self._damaged(f"{key} must be a section of words")
        return dict(found)

    def _damaged(self, detail: str) -> WorkbookError:
        return WorkbookError("damaged-words", file=f"words/{self.language}.toml", detail=detail)

    def fill(self, sentence: str, values: Mapping[str, Any]) -> str:
        """Return a sentence with its named places filled. Values are text, never part of the sentence's own syntax.

        A blank parts a value with Latin letters, or blanks of its own, from the Han beside it, and none parts
        Han from Han; numbers and dates stand as they are.
        """

        def value(place: re.Match[str]) -> str:
            lead, name, trail = place.groups()
            if name not in values:
                raise WorkbookError("unknown-place", words=sentence, name=name)
            shown = self.show(values[name])
            if name in _LISTS:
                shown = shown.replace(", ", self("list.item")) or self("list.none")
            before, after = sentence[: place.start()], sentence[place.end() :]
            lead = "" if _HAN.fullmatch(before[-1:]) and _HAN.match(shown) else lead
            trail = "" if _HAN.fullmatch(after[:1]) and _HAN.fullmatch(shown[-1:]) else trail
            return f"{lead}{self._parted(before + lead, shown, trail + after)}{trail}"

        return re.sub(r"( ?)\{(\w+)\}( ?)", value, sentence)

    def _parted(self, before: str, shown: str, after: str) -> str:
        """Return a value with blanks where it meets Han, if the value has letters or blanks."""
        if not (_LATIN.search(shown) or " " in shown):
            return shown
        first = " " if _HAN.fullmatch(before[-1:]) and _letter_or_digit(shown[0]) else ""
        last = " " if _HAN.fullmatch(after[:1]) and _letter_or_digit(shown[-1]) else ""
        return f"{first}{shown}{last}"

    def show(self, value: Any) -> str:
        """Return any value as a reader expects it."""
        if isinstance(value, (Text, Word)):
            return value.pick(self.language) if isinstance(value, Text) else self(value)
        if isinstance(value, bool) or value is None:
            return "" if value is None else str(value)
        if isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite()):
            return self.number(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, (list, tuple)):
            return self.join(self.show(item) for item in value)
        return str(value)

    def join(self, items: Any) -> str:
        """Return a list in words: ``a, b and c``; where one of them has an "and" of its own, with semicolons."""
        shown = list(items)
        last = format_list(["", ""], locale=self._locale)
        if len(shown) > 1 and any(last in item for item in shown):
            return self("list.semicolon").join(shown)
        if len(shown) > 1:
            shown[-2:] = self._parted("", shown[-2], last), self._parted(last, shown[-1], "")
        return format_list(shown, locale=self._locale)

    def first(self, names: Sequence[str], most: int) -> str:
        """Return so many of some names in words, and how many others there are."""
        others = len(names[most:])
        return self.join([*names[:most], self("excerpt.others", n=others)] if others else names)

    def number(self, value: Decimal | int | float | None, places: int | None = None, *, sign: bool = False) -> str:
        """Return a number with grouped thousands; with its own decimals, or with ``places`` of them."""
        if value is None:
            return MISSING
        if places is None:
            places = decimals_of(value.normalize()) if isinstance(value, Decimal) else 0
        exact = half_up(Decimal(str(value)), places)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        text = format_decimal(abs(exact), format=pattern, locale=self._locale)
        negative = exact < 0 and text.strip("0.,") != ""
        positive = sign and exact > 0 and text.strip("0.,") != ""
        return ("−" if negative else "+" if positive else "") + text

    def amount(self, value: Decimal | Fraction | None, unit: Text | str = "") -> str:
        """Return a number with its unit as people write it: 18%, 1,200 visits, £6.50, £4.20 per visit.

        A currency's sign, also where the unit is its code, stands before the number; such an amount has two decimals or
        none.
        """
        if value is None:
            return MISSING
        value = half_up(value, _CENTS) if isinstance(value, Fraction) else value
        said, _, rest = self.show(unit).partition(" ")
        if sign := self.sign(said):
            number = self.number(abs(value), _CENTS if 0 < decimals_of(value.normalize()) < _CENTS else None)
            return f"{'−' if value < 0 else ''}{sign}{number} {rest}".rstrip()
        one = abs(value) == 1 and self.traits.english_plurals
        counted = _of_one(self.show(unit)) if one else self.show(unit)
        return f"{self.number(value)}{'' if said.startswith('%') else ' '}{counted}".rstrip()

    def sign(self, currency: Text | str) -> str:
        """Return the sign of a currency that is named by it or by its code; empty for what is none, or has none."""
        said = self.show(currency)
        sign = get_currency_symbol(said, locale=self._locale) if _CODE.fullmatch(said) else said
        return sign if sign and category(sign[-1]) == "Sc" else ""

    def percent(self, value: Decimal | float | None, places: int = 0) -> str:
        """Return a ratio as per cent: 0.905 is 91 % (90.5 % with one place)."""
        return MISSING if value is None else self.number(Decimal(str(value)) * 100, places) + "%"

    def day(self, value: date) -> str:
        """Return a date."""
        return format_date(value, "long", locale=self._locale)

    def day_short(self, value: date | str) -> str:
        """Return a date as a table says it: ``5 Nov 2026``; words that say no day, or two, stay as they are."""
        days = {*dates_of(value).values()} if isinstance(value, str) else {value}
        return format_skeleton("yMMMd", days.pop(), locale=self._locale) if len(days) == 1 else str(value)

    def day_of_month(self, value: date) -> str:
        """Return a day as a column of days of one year says it: ``5 Nov``."""
        return format_skeleton("MMMd", value, locale=self._locale)

    def days(self, first: date, last: date) -> str:
        """Return a stretch of days: ``1–31 Oct 2026``."""
        return format_interval(first, last, "yMMMd", locale=self._locale).replace("\u2009", " ")

    def cycle(self, cycle: Cycle) -> str:
        """Return a cycle as a reader says it: ``October 2026``."""
        return format_skeleton(KINDS[cycle.kind].skeleton, cycle.first_day, locale=self._locale)

    def cycle_short(self, cycle: Cycle) -> str:
        """Return a cycle as an axis says it: ``Oct 2026``."""
        if cycle.kind == "month":
            return format_skeleton("yMMM", cycle.first_day, locale=self._locale)
        return self.cycle(cycle)

    def place(self, place: Place) -> str:
        """Return where a finding is."""
        return self("place.join").join(
            self(f"place.{name}", value=part) if name else part for name, part in place.parts()
        )

    def message(self, issue: Issue) -> str:
        """Return what is wrong, in one sentence."""
        return self._check(issue.code, "message", issue.values)

    def remedy(self, issue: Issue, own: Text | None = None) -> str:
        """Return how to put it right, in ``own`` words if any; the nearest known word is offered where there is one."""
        fix = self.fill(self.show(own), issue.values) if own else self._check(issue.code, "fix", issue.values)
        near = issue.values.get("nearest")
        if near and "{nearest}" not in self._raw(issue.code, "fix"):
            return f"{self('did_you_mean', word=near)}{self('list.space')}{fix}"
        return fix

    def finding(self, issue: Issue, client: str = "") -> dict[str, Any]:
        """Return a finding as plain data: the contract of ``kpi check --json``."""
        muted: dict[str, Any] = {"muted": self.show(issue.muted)} if issue.muted else {}
        muted |= {"caution": True} if issue.caution else {}
        return {
            "code": issue.code, "severity": issue.severity, "where": "/".join(filter(None, (client, str(issue.place)))),
            "message": self.message(issue), "fix": self.remedy(issue), **muted,
        }  # fmt: skip

    def behind(self, behind: Behind) -> str:
        """Return what stands behind a cycle's figures, in the words of every face; empty where nothing does."""
        return self("list.semicolon").join(self(f"behind.{kind}", n=n) for kind, n in behind._asdict().items() if n)

    def question(self, question: Question) -> dict[str, Any]:
        """Return a question as plain data: the contract of ``questions`` in ``--json``."""
        text = self(question.text, **question.values)
        at = question.place
        place = {"file": at.file, "sheet": at.sheet or "", "cell": at.cell}
        return {"id": question.id, "text": text, "options": list(question.options), **place}

    def explain(self, code: str) -> tuple[str, str]:
        """Return why a check exists and where it comes from. KeyError where there is no such code."""
        return self._raw(code, "why"), str(self._checks[code].get("source", ""))

    def origin(self, code: str) -> str:
        """Return where a check comes from in a reader's words: the method, a rule of ours, a law or a standard."""
        items = re.split(r"[;,] ", self.explain(code)[1])
        kinds = ("method" if _OF_THE_METHOD.match(item) else item.partition(":")[0] for item in items)
        known = self.section("source")
        return self("list.semicolon").join(known.get(kind, kind) for kind in dict.fromkeys(kinds))

    def codes(self) -> tuple[str, ...]:
        """Return every code that has a text."""
        return tuple(self._checks)

    def _raw(self, code: str, part: str) -> str:
        try:
            found = self._checks[code]
            return str(found[self.language if self.language in {*LANGUAGES, *found} else ENGLISH][part])
        except (KeyError, TypeError) as problem:
            said_in = [file for file, said in _check_files(self._workbook).items() if code in said] or [Path("checks")]
            raise WorkbookError(
                "damaged-words", file=str(said_in[-1]), detail=f"{code}.{self.language}.{part}"
            ) from problem

    def _check(self, code: str, part: str, values: Mapping[str, Any]) -> str:
        return self.fill(self._raw(code, part), {name: self.few(name, value) for name, value in values.items()})

    def few(self, name: str, value: Any) -> Any:
        """Return a value of a finding; of a long list its first and how many there are: nobody reads thousands."""
        listed = value.split(", ") if name in _LISTS and isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or len(listed) <= _MOST_NAMED:
            return value
        first = self("list.item").join(map(self.show, listed[:_FIRST_NAMED]))
        return self("list.folded", first=first, more=len(listed) - _FIRST_NAMED, all=len(listed))


def _plain(value: Any) -> Any:
    """Return a value as text where a template has made it safe for its page: the page makes the sentence safe again."""
    return value.unescape() if isinstance(value, Markup) else value


def _of_one(unit: str) -> str:
    """Return an English unit as one of it is called: 1 minute, 1 inquiry per day; what is no plural stays."""
    found = _PLURAL.match(unit)
    return f"{found[1]}{'y' if found[2] else ''}{unit[found.end() :]}" if found else unit
