"""What a design says beside indicators: meetings and reports, checks of truth, who decides, exceptions, consequences.

The linter reads these (``checks/cautions.py``); what is not stated stays empty and is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import Field

from kpi_toolkit.method.issues import Issue
from kpi_toolkit.method.numbers import Hundredths, Number
from kpi_toolkit.method.organisation import Cadence
from kpi_toolkit.method.profile import AppraisalCalendar
from kpi_toolkit.method.value import Id, Name, Text, Value

TIMES_A_MONTH: dict[Cadence, Fraction] = {
    "daily": Fraction(22), "weekly": Fraction(52, 12), "monthly": Fraction(1),
    "quarterly": Fraction(1, 3), "yearly": Fraction(1, 12),
}  # fmt: skip
"""How often each cadence comes in a month of 22 working days."""


class AdjustmentRule(Value):
    """A rule of the plus/minus row of the form (规章制度管理增减分, S156)."""

    id: Id
    name: Text
    add_only: bool = False
    """Points under this rule may only be added (voluntary contribution, S091)."""
    points: Hundredths | None = None
    """What one event usually counts; below zero for a penalty."""
    money: Number | None = None
    """What it pays, or costs below zero: a fine needs a look at the law (S111, S215)."""
    basis: Literal["sales", "appraisal"] | None = None
    """What it rests on: results of sales are only held against who sells (S218)."""
    since: date | None = None
    until: date | None = None
    """The first and the last day of a project or an activity that has rules of its own (S216); blank: always."""

    def holds(self, on: date) -> bool:
        """Whether it is a rule of that day."""
        return (self.since or on) <= on <= (self.until or on)

    @property
    def rewards(self) -> bool:
        """Whether it adds."""
        return self.add_only or (self.points or 0) > 0 or (self.money or 0) > 0

    @property
    def punishes(self) -> bool:
        """Whether it takes away."""
        return (self.points or 0) < 0 or (self.money or 0) < 0


class AdjustmentRules(Value):
    """The plus/minus row: its rules and its bounds (Y03)."""

    rules: tuple[AdjustmentRule, ...] = ()
    """Empty: any rule name may stand in the log."""
    max_plus: Hundredths | None = Field(default=None, ge=0)
    max_minus: Hundredths | None = Field(default=None, ge=0)
    total_cap: Hundredths | None = Field(default=None, gt=0)
    """Highest score after adjustments; the item cap where absent, so 100 unless the design says otherwise."""


class Routine(Value):
    """A meeting or a report that comes back (S187)."""

    name: Name
    kind: Literal["meeting", "report"]
    cadence: Cadence
    hours: Number = Field(default=Decimal(0), ge=0)
    """Hours that it takes a person each time."""
    purpose: Text | None = None
    """What it is for (S192)."""
    weekday: int = Field(default=1, ge=1, le=7)
    """The fixed day of a weekly one, Monday first (S189)."""
    sections: tuple[Text, ...] = ()
    """What it says, part by part; a part without an entry is shown, not hidden (S097)."""
    lines: int | None = Field(default=None, ge=1)
    """Most lines that it may have (S188)."""
    roles: tuple[Id, ...] = ()
    """Whom it is for; empty: everybody."""

    def takes(self, role: str) -> bool:
        """Whether a role takes part."""
        return not self.roles or role in self.roles


class Routines(Value):
    """The meetings and reports of the method: ``templates/meetings.toml``."""

    routines: tuple[Routine, ...]


class SpotCheck(Value):
    """A sample of reported work that is checked against the truth (S102, S228)."""

    what: Name
    share: Number = Field(default=Decimal(10), gt=0, le=100)
    """Per cent of the reported lines (ours, Y14)."""
    roles: tuple[Id, ...] = ()


class Delegation(Value):
    """A power that was handed on (S110)."""

    what: Name
    to: Name
    monitored_by: Text | None = None


class KeyException(Value):
    """An exception for a key person: with a reason and an end, or it is indulgence (S108)."""

    person: Id
    what: Name
    reason: Text | None = None
    expires: date | None = None


Action = Literal[
    "award", "raise", "promotion", "training", "plan", "transfer", "pay_cut", "fine", "location_tracking", "dismissal"
]
Ground = Literal[
    "score", "rank", "rule_broken", "incompetence", "training_given", "transferred", "second_failure", "notice_given",
    "month_paid", "union_informed", "not_protected",
]  # fmt: skip


class Consequence(Value):
    """What may follow from results, and on which grounds (S111)."""

    action: Action
    grounds: tuple[Ground, ...] = ()


class Mute(Value):
    """A finding that this client lives with, and why; printed beside it."""

    code: Id
    reason: Name
    about: tuple[Id, ...] = ()
    """The indicators, roles or rules it holds for; empty: all."""

    def covers(self, issue: Issue) -> bool:
        """Whether a finding is one of those that the client lives with."""
        return issue.code == self.code and (
            not self.about or not {*self.about}.isdisjoint((issue.place.key or "").split("."))
        )


class Regulation(Value):
    """The rules around the indicators (S118, S098-S111)."""

    routines: tuple[Routine, ...] = ()
    """Those that were agreed; ``kpi new --meetings`` writes those of ``templates/meetings.toml``."""
    month_hours: Number = Field(default=Decimal(160), gt=0)
    overhead_limit: Number = Field(default=Decimal(10), gt=0, le=100)
    """Most per cent of the hours that meetings and reports may take (ours, Y15)."""
    spot_checks: tuple[SpotCheck, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    exceptions: tuple[KeyException, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    coordination: dict[str, Text] = Field(default_factory=dict)
    """Which rule settles a territory that two roles work in: ``GD = "first contact owns"`` (S092)."""
    channels: tuple[Text, ...] = ()
    """Forms of communication: meetings, chat, suggestions, talks (S194)."""
    copies: tuple[Literal["appraiser", "superior", "personnel", "appraised"], ...] = Field(
        default=("appraised", "appraiser", "personnel"), min_length=1
    )
    """Who gets a copy of the signed form (S134, Y11)."""
    personnel: Text | None = None
    """Who holds the copy of the personnel department (S144)."""
    supervisor: Text | None = None
    """Who follows the goals up; the direct superior where absent (S144)."""
    signed_plan: bool = False
    """Whether nothing of the appraisal is taken from a form before both sides have signed the plan (S157)."""
    outside_contacts: int | None = Field(default=None, ge=1)
    """How often a day staff outside report (S195: once or twice)."""
    summary_every: Cadence | None = None
    """How often market staff write their summary (S196; the source gives no interval)."""

    def hours(self, role: str) -> Fraction:
        """Return the hours of a month that meetings and reports take a role (S098).

        >>> weekly = Routine(name="Weekly", kind="meeting", cadence="weekly", hours=3)
        >>> Regulation(routines=(weekly,)).hours("editor")
        Fraction(13, 1)
        """
        each_month = (Fraction(each.hours) * TIMES_A_MONTH[each.cadence] for each in self.routines if each.takes(role))
        return sum(each_month, Fraction(0))

    def checked(self, role: str) -> bool:
        """Whether what a role reports is sampled for truth."""
        return any(not check.roles or role in check.roles for check in self.spot_checks)

    @property
    def open_points(self) -> list[str]:
        """The clauses left blank (S196)."""
        return [name for name in ("outside_contacts", "summary_every", "personnel") if getattr(self, name) is None]


def shared_territories(territories: Iterable[Iterable[str]]) -> list[str]:
    """Return the territories that more than one role works in, each once.

    >>> shared_territories([["GD"], ["GD", "FJ"]])
    ['GD']
    """
    named = [name for own in territories for name in dict.fromkeys(own)]
    return [name for name in dict.fromkeys(named) if named.count(name) > 1]


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
