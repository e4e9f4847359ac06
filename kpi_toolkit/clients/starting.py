"""A client's first design: a starter's text without the starter's own words, in the client's currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import tomlkit

from kpi_toolkit.clients.toml_edit import add_entry
from kpi_toolkit.clients.toml_text import inline, written
from kpi_toolkit.method.cards import IndicatorCard, RoleCard
from kpi_toolkit.method.forms import rescaled
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.value import LANGUAGES, Text

_OF_STARTERS = Text(zh="元", en="CNY")
"""The currency that starters are written in."""


def first_design(text: str, *, rationale: str, currency: Text, routines: str = "") -> str:
    """Return a starter's text as a client's ``design.toml``: comments in it stay, its name and its reason do not.

    What is counted in the starters' currency is counted in ``currency``, without a unit where that is blank. Meetings
    and reports stand in it only if their text is handed in (``library.usual_meetings``).
    """
    page: Any = tomlkit.parse(f"{_SCHEMA}\n{text[text.index('schema = ') :]}")
    page.pop("name", None)
    page["rationale"] = rationale.strip()
    for role in page["roles"].values():
        for item in role["indicators"]:
            if "unit" in item and Text.model_validate(item["unit"].unwrap()) == _OF_STARTERS:
                item["unit"] = inline(written(currency.model_dump()))
    return _with_routines(tomlkit.dumps(page), routines)


_SCHEMA = "#:schema ../../templates/schemas/design.schema.json"


def _with_routines(text: str, routines: str) -> str:
    """Put meetings and reports before the roles, above the comment that belongs to these."""
    if not routines:
        return text
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("[roles."))
    while place and (lines[place - 1].startswith("#") or not lines[place - 1].strip()):
        place -= 1
    return "\n".join([*lines[:place], "", *routines.splitlines(), *lines[place:]]) + "\n"


def as_words(said: Mapping[str, str]) -> Any:
    """Return words as a file has them: once where they are the same in all languages, or only one was typed."""
    typed = {language: text for language in LANGUAGES if (text := said.get(language, "").strip())}
    return typed if len({*typed.values()}) > 1 else next(iter(typed.values()), None)


def role_of_card(card: RoleCard, serves: str | None) -> dict[str, Any]:
    """Return a role as a design says it, from its card: equal weights in whole points, to be agreed."""
    weights = rescaled([Decimal(1)] * len(card.indicators)) if card.indicators else ()
    pairs = zip(card.indicators, weights, strict=True)
    items = [indicator_of_card(item, Decimal(weight), serves) for item, weight in pairs]
    quota = {"may_bear_sales_quota": True} if card.may_bear_sales_quota else {}
    return {"name": _once(card.name), "method": card.method.value, **quota, "indicators": items}


def indicator_of_card(card: IndicatorCard, weight: Decimal, serves: str | None) -> dict[str, Any]:
    """Return an indicator as a design says it, from its card: only what differs from what holds anyway."""
    item = card.indicator(weight, serves=serves)
    said = item.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"curve", "weight"})
    made = {name: _once(value) for name, value in said.items() if value is not None}
    usual = item.curve == Indicator.model_fields["curve"].default
    first = {key: made.pop(key) for key in ("id", "name", "class")}
    curve = item.curve.named or item.curve.model_dump(by_alias=True, exclude_none=True, exclude={"named"})
    return {**first, "weight": weight, **made, **({} if usual else {"curve": curve})}


def with_roles(text: str, roles: Mapping[str, RoleCard], serves: str | None) -> str:
    """Return a design's text with further roles at the end of its roles, each from its card."""
    for name, card in roles.items():
        said = role_of_card(card, serves)
        items = said.pop("indicators")
        text = add_entry(text, ("roles", name), said, listed=False)
        for item in items:
            text = add_entry(text, ("roles", name, "indicators"), item, listed=True)
    return text


def _once(value: Any) -> Any:
    said = value.model_dump() if isinstance(value, Text) else value
    return as_words(said) if isinstance(said, Mapping) and said.keys() <= {*LANGUAGES} else said
