"""Which language a reader is spoken to in: what was asked for, else ``KPI_LANG``, else the system's.

There is a language for every ``templates/words/<code>.toml``, shipped or of a workbook.
"""

from __future__ import annotations

import locale
import os
import re
import sys
from collections.abc import Iterable
from functools import cache, reduce
from operator import getitem
from typing import Any

from pydantic import ValidationError

from kpi_toolkit.clients.word_files import read_merged
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook, shipped
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.value import ENGLISH, LANGUAGES, Language, Text, Value


class Traits(Value):
    """What a language needs besides words: the section ``[language]`` of its words, which says what each is for."""

    name: str
    locale: str
    tag: str
    lab: str
    letters: str
    full_width: str
    form_font: str
    form_day: str
    english_plurals: bool
    marks: tuple[tuple[str, str], ...]

    @property
    def in_browsers(self) -> dict[str, str]:
        """What a page needs to offer the language."""
        return {"name": self.name, "tag": self.tag}


def traits(language: Language, workbook: Workbook) -> Traits:
    """Return what a language needs besides words; one that reports cannot be in has the habits of English.

    WorkbookError where the section says something else than it can.
    """
    path = f"words/{language}.toml"
    said = read_merged(workbook, path)
    if "locale" in said:
        raise WorkbookError("damaged-words", file=path, detail="locale must stand below [language]")
    own = said.get("language", {})
    if language not in LANGUAGES:
        own = {**read_merged(workbook, f"words/{ENGLISH}.toml")["language"], **dict.fromkeys(_OF_ONE, language), **own}
    try:
        return Traits.model_validate(own)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, ("language", *first["loc"])))
        raise WorkbookError("damaged-words", file=path, detail=f"{where}: {first['msg']}") from problem


_OF_ONE = ("name", "locale", "tag")
"""What no language shares with another."""


@cache
def own_traits(language: Language) -> Traits:
    """Return what a language of reports needs besides words, as it is shipped."""
    return traits(language, Workbook(shipped()))


@cache
def _letters() -> tuple[tuple[Language, re.Pattern[str]], ...]:
    known = ((each, own_traits(each).letters) for each in LANGUAGES)
    return tuple((each, re.compile(letters)) for each, letters in known if letters)


def language_of(text: str) -> Language:
    """Return the language, of those of reports, whose letters stand in a text: English where none does.

    >>> language_of("开始"), language_of("Start")
    ('zh', 'en')
    """
    return next((each for each, letters in _letters() if letters.search(text)), ENGLISH)


def in_all(key: str, workbook: Workbook) -> Text:
    """Return words of a key in each language of reports."""
    files: dict[str, Any] = {each: read_merged(workbook, f"words/{each}.toml") for each in LANGUAGES}
    return Text.each(lambda it: str(reduce(getitem, key.split("."), files[it])))


def told_in(language: Language, texts: Iterable[str]) -> Language:
    """Return in which language texts are read that stand in several: in this one if any of them is, else in English."""
    return language if language in map(language_of, texts) else ENGLISH


def system_setting() -> str:
    """Return the system's language setting, such as ``zh_CN.UTF-8``; empty where there is none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    if sys.platform == "win32":  # Windows keeps it elsewhere
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


def of_system() -> Language:
    """Return the system's language if reports can be in it, else English."""
    return next((each for each in LANGUAGES if system_setting().casefold().startswith(each)), ENGLISH)


def system_country() -> str:
    """Return the country that the system's language setting names, to be proposed; empty where it names none."""
    found = re.match(r"[a-z]{2,3}_([A-Z]{2})\b", system_setting())
    return found[1] if found else ""


def languages(workbook: Workbook) -> tuple[Language, ...]:
    """Return all languages there are words for: the shipped ones first."""
    found = (path.stem for path in workbook.templates("words"))
    return (*LANGUAGES, *(name for name in found if name not in LANGUAGES and "." not in name))


def check_language(name: str, workbook: Workbook) -> Language:
    """Return a language's code as it is written. WorkbookError where there are no words for it."""
    known = languages(workbook)
    if name.casefold() not in known:
        raise WorkbookError("unknown-language", name=name, nearest=nearest(name, known), known=", ".join(known))
    return name.casefold()


def spoken(given: str = "", workbook: Workbook | None = None) -> Language:
    """Return a given language, else ``KPI_LANG``, else the system's. WorkbookError for one that there is not."""
    asked = given or os.environ.get("KPI_LANG", "")
    if asked.casefold() in LANGUAGES:
        return asked.casefold()
    if asked:
        return check_language(asked, workbook or find_workbook())
    return of_system()
