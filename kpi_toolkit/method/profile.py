"""Who a client is: the facts that a design is made for. What is not stated stays unset and is never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt, StrictStr, field_validator
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import Number, digits
from kpi_toolkit.method.value import Id, Language, Name, Spoken, Text, Value, undamaged, visible

Size = Literal["small", "medium", "large"]
CityTier = Literal["sz_gz", "other"]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


def _answer(value: Any) -> Any:
    entries = value if isinstance(value, (list, tuple)) else (value,)
    if not all(isinstance(entry, int) for entry in entries) and not isinstance(value, str):
        raise PydanticCustomError("bad-answer", "no answer")
    return tuple(value) if isinstance(value, list) else value


Answer = Annotated[StrictBool | StrictInt | StrictStr | tuple[StrictInt, ...], BeforeValidator(_answer)]
"""An answer to a line of a checklist: yes or no, a rating or count, words, or several people's ratings."""


Country = Annotated[str, AfterValidator(lambda said: visible(said).strip().upper()), Field(max_length=60)]


class Brand(Value):
    """How the client's reports look."""

    logo: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(svg|png|jpg|jpeg)$")] | None = None
    """A picture in the client's folder."""
    primary: Colour = "#17324d"
    accent: Colour = "#0072b2"
    footer: Text = Text()


MonthDay = Annotated[int, Field(ge=1, le=31)]


class AppraisalCalendar(Value):
    """When a cycle is appraised (S139); the full calendar is derived from it."""

    appraisal_days: tuple[MonthDay, MonthDay] = (1, 7)
    """First and last day, in the month after the cycle."""
    day_mode: Literal["calendar", "workday"] = "calendar"
    """Whether the days at a month's end are counted with weekends and holidays (S140)."""
    counting: Literal["inclusive", "exclusive"] = "inclusive"
    """Whether the last day is the first day counted back (Y10)."""
    levels: int = Field(default=2, ge=2, le=6)
    """Levels whose goals are announced from above: company and superior, or more between them (X13)."""
    level_days: int = Field(default=0, ge=0, le=5)
    """Days between one level's goals and the next; none: the same day, in order of level."""
    payout_days: int | None = Field(default=None, ge=0, le=60)
    """Days from the end of appraisal until everything is honoured (S106); absent: not agreed."""


class OwnGoal(Value):
    """An operating goal beside the common ones (S018)."""

    name: Name
    indicators: tuple[Id, ...] = ()
    """Ids of indicator cards that show whether it is reached."""


class Profile(Value):
    """Who a client is: ``client.toml``."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: Name
    country: Country | None = None
    """Two letters of ISO 3166, such as CN or GB: decides law, currency and holidays; absent: nobody stated it."""
    languages: tuple[Spoken, ...] = Field(default=get_args(Spoken)[:1], min_length=1)
    size: Size | None = None
    """Drives how many promoters an organisation starts with (S058)."""
    city_tier: CityTier | None = None
    """Shenzhen and Guangzhou, or a city with lower average pay (S061)."""
    low_budget: bool | None = None
    """A small budget: no separate promoter, the manager promotes (S059)."""
    manager_promotes: bool | None = None
    """The manager is the main promoter, the promoter hired mainly carries out (S060)."""
    site_build: Literal["own", "outsourced"] | None = None
    """Outsourced: programmer and artist are in general not hired (S072)."""
    launch: date | None = None
    """When the site goes live; arrivals are counted from it (S067-S070)."""
    orders: int | None = Field(default=None, ge=0)
    """Online orders a month; sales staff grow with them (S076)."""
    pay_index: Number | None = Field(default=None, gt=0)
    """What the pay figures of the source are multiplied by, by the consultant's own judgement (S061)."""
    goals: dict[str, Annotated[Number, Field(ge=0)]] = Field(default_factory=dict)
    """Goal mix: shares of 1 by goal type (S018)."""
    own_goals: dict[Id, OwnGoal] = Field(default_factory=dict)
    horizon_years: Number | None = Field(default=None, gt=0)
    """How far the goals look ahead (S021)."""
    checklists: dict[Id, dict[Id, Answer]] = Field(default_factory=dict)
    """Answers to checklists of the library, line by line."""
    answers_about: dict[Id, dict[Id, dict[Id, Answer]]] = Field(default_factory=dict)
    """Answers about one person: ``[answers_about.liu-kai.placement]``; candidates in lists of selection (S084)."""
    department: Text = Text()
    brand: Brand = Brand()
    what_if: bool = False
    """Whether the team report holds the live what-if: its readers then see everybody's scores and weights move."""
    calendar: AppraisalCalendar = AppraisalCalendar()

    @field_validator("name")
    @classmethod
    def _kept(cls, name: Text) -> Text:
        for said in name.words:
            undamaged(said)
        return name

    @field_validator("languages")
    @classmethod
    def _once(cls, languages: tuple[Language, ...]) -> tuple[Language, ...]:
        if twice := next((each for each in languages if languages.count(each) > 1), None):
            raise PydanticCustomError("language-twice", "{language}", {"language": twice})
        return languages

    @field_validator("goals")
    @classmethod
    def _mix(cls, goals: dict[str, Decimal]) -> dict[str, Decimal]:
        total = sum(goals.values(), Decimal(0)) * 100
        if goals and total != 100:  # noqa: PLR2004 - per cent
            raise PydanticCustomError("goal-mix-not-1", "{total}", {"total": digits(total)})
        return goals
