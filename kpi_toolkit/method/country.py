"""What the country of a client decides: law, currency, calendar defaults. What no card says is not said on a page."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from kpi_toolkit.method.profile import AppraisalCalendar
from kpi_toolkit.method.regulation import Ground
from kpi_toolkit.method.value import Name, Text, Value


class Requirement(Value):
    """What has to be there before somebody is dismissed; one of several grounds may do (training or a transfer)."""

    name: Name
    grounds: tuple[Ground, ...] = Field(min_length=1)


class Law(Value):
    """What a country's law says of low ranks."""

    notice: Name
    """Beside the method: what a low rank is not, what follows from unlawful dismissal, and the lawful way."""
    bottom: Name
    """In short, on the page of somebody in the bottom tier."""
    lawful: Name
    """What a remedy says: the lawful way with its articles."""


class CountryCard(Value):
    """What is known of a country: ``templates/countries/<code>.toml``; ``any.toml`` is for all that have no card."""

    currency: Text | None = None
    """The word behind an amount; the usual one where absent."""
    calendar: AppraisalCalendar | None = None
    """What a new client's calendar starts with."""
    law: Law | None = None
    dismissal: tuple[Requirement, ...] = ()
    """What a dismissal has to rest on."""


@dataclass(frozen=True)
class Country:
    """The country of a client; a blank code is a client whose country nobody stated."""

    code: str
    currency: Text
    """The word behind an amount; blank where nobody stated a country."""
    card: CountryCard
