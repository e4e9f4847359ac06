"""The country of a client: which codes there are, and what follows from one. Currencies are those of the CLDR."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import cache, partial

from kpi_toolkit.clients.language import own_traits, traits
from kpi_toolkit.clients.library import country_card
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.checks.places import PROFILE_FILE
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, Place, error, hint, nearest
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.regulation import Country
from kpi_toolkit.method.value import ENGLISH, LANGUAGES, Language, Text, likely_id

_NO_COUNTRIES = frozenset({
    "AC", "BU", "CP", "CS", "DD", "DG", "EA", "EU", "IC", "SU", "TA", "TP", "YD", "YU", "ZR", "ZZ"
})  # fmt: skip
"""Codes of the CLDR that ISO 3166 does not have, or no longer."""
_MEANT = {"UK": "GB", "ENGLAND": "GB", "USA": "US", "AMERICA": "US", "PRC": "CN"}


@cache
def country_codes() -> frozenset[str]:
    """Return the two-letter codes of ISO 3166."""
    from babel.core import get_global

    return frozenset(get_global("territory_currencies")) - _NO_COUNTRIES


def country_of(workbook: Workbook, code: str | None) -> Country:
    """Return a country; None is a country that nobody stated. WorkbookError names the nearest code."""
    if code is None:
        return Country("", Text(), country_card(workbook, ""))
    if code not in country_codes():
        raise WorkbookError("unknown-country", name=code, nearest=_meant(code))
    card = country_card(workbook, code)
    return Country(code, card.currency or _currency(code), card)


def countries(workbook: Workbook, language: str) -> list[list[str]]:
    """Return the codes of all countries with what a language calls them, those first that have a card here."""
    carded = {path.stem.upper() for path in workbook.templates("countries")}
    return sorted(map(list, _by_name(traits(language, workbook).locale)), key=lambda pair: pair[0] not in carded)


@cache
def _by_name(locale: str) -> tuple[tuple[str, str], ...]:
    """Return the codes and names of all countries as an index has them: Chinese ones as they are spoken."""
    from babel import Locale

    called = Locale.parse(locale).territories
    known = [(code, str(called[code])) for code in country_codes() & {*called}]
    return tuple(sorted(known, key=lambda pair: (likely_id(pair[1]), pair[0])))


def check_country(profile: Profile) -> Issues:
    """Return what is wrong with the country that a client states, or that it states none."""
    place = Place(PROFILE_FILE, key="country")
    if profile.country is None:
        return Issues([hint("no-country", place)])
    if profile.country not in country_codes():
        return Issues([error("unknown-country", place, name=profile.country, nearest=_meant(profile.country))])
    return Issues()


def _currency(code: str) -> Text:
    """Return the country's currency: its own where another one is legal tender too."""
    from babel.numbers import get_currency_name, get_territory_currencies

    known = get_territory_currencies(code)
    own = next((name for name in known if name.startswith(code)), next(iter(known), ""))
    return (
        Text.each(lambda it: own if it == ENGLISH else get_currency_name(own, locale=own_traits(it).locale))
        if own
        else Text()
    )


def _meant(said: str) -> str:
    """Return the code that a word was meant to be: a code, or the name of a country in one of both languages."""
    names = {code: code for code in country_codes()} | _MEANT
    names |= {name.upper(): code for language in LANGUAGES for code, name in _by_name(own_traits(language).locale)}
    long = [name for name in names if len(name) > len("CN")]
    return names.get(said) or (names.get(nearest(said, long), "") if len(said) > len("CN") else "")


_AFTER = timedelta(weeks=10)
_UNSTATED = "CN"
"""Whose holidays hold for a client that states no country, as they did before countries could be stated."""
_PART = {"GB": "ENG"}
"""Of a country all of whose parts have holidays of their own: the part that is meant, where most people work."""
_KNOWN_YEARS = range(2020, 2026)
"""Whoever made up for a holiday in these years is expected to announce such days again."""


@cache  # the clients of a batch share a few countries and years
def work_days(country: str | None, *years: int) -> WorkDays:
    """Return which days of some years are worked in a country, by its two-letter code.

    Where weekend days are worked in place of others, they are announced year by year (in China by the State Council, in
    the autumn before); a year of which the package knows none is named in ``unannounced``, its statutory holidays are
    there all the same.
    """
    from holidays import country_holidays

    code, wanted = country or _UNSTATED, sorted(set(years))
    holidays_of = partial(country_holidays, code, subdiv=_PART.get(code))
    known = holidays_of()
    spoken = known.supported_languages or ()
    english = _of_package(spoken, ENGLISH, code)
    said = {each: holidays_of(years=wanted, language=_of_package(spoken, each, code) or english) for each in LANGUAGES}
    of_all = next(iter(said.values()))
    made_up = frozenset(day for day in of_all.weekend_workdays if day.year in wanted)
    before = holidays_of(years=_KNOWN_YEARS).weekend_workdays
    announces = any(day.year in _KNOWN_YEARS for day in before)
    return WorkDays(
        holidays={day: Text(**{each: own[day] for each, own in said.items()}) for day in sorted(of_all)},
        made_up=made_up,
        weekend=frozenset(day + 1 for day in known.weekend),
        unannounced=tuple(y for y in wanted if announces and y not in {day.year for day in made_up}),
    )


def _of_package(spoken: Collection[str], language: Language, country: str) -> str | None:
    """Return in which of the holidays' languages a language is: as most people write it, else as in the country."""
    from babel.core import get_global

    most = get_global("likely_subtags").get(language, "").rpartition("_")[2]
    own = (each for each in spoken if each.partition("_")[0] == language)
    order = (f"{language}_{most}", f"{language}_{country}")
    return min(own, key=lambda it: (*(it != each for each in order), it), default=None)


def work_days_of(cycle: Cycle, country: str | None = None) -> WorkDays:
    """Return the work days that a cycle's calendar touches: from the eve of it to ten weeks after."""
    return work_days(country, *range(cycle.previous.last_day.year, (cycle.last_day + _AFTER).year + 1))
