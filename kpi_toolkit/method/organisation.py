"""Posts: how many people, at what pay, from when, in which steps of the value chain; starters that fill them in.

What a source does not give stays None and is shown as such: never 0, never a guess (S056, S064).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.numbers import Number
from kpi_toolkit.method.profile import CityTier, Country, Profile, Size
from kpi_toolkit.method.value import Id, Sourced, Text, Value

Step = Literal["planning", "construction", "content", "promotion", "evaluation"]
STEPS: tuple[Step, ...] = get_args(Step)
Cadence = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
Focus = Literal["decomposition", "planning", "team", "inspection", "dispatch", "contact", "execution"]
"""What sales management looks at (the first five), and what selling does (S050)."""
OUTSOURCED, CONCURRENT = "outsourced", "concurrent"


def _range(value: Any) -> Any:
    """Read 2 as 2 to 2; refuse a range that runs backwards."""
    pair = value if isinstance(value, (list, tuple)) else (value, value)
    whole = all(isinstance(end, (int, Decimal)) and not isinstance(end, bool) and end >= 0 for end in pair)
    if len(pair) != len(("low", "high")) or not whole or pair[0] > pair[1]:
        raise PydanticCustomError("bad-range", "no range")
    return tuple(pair)


def _headcount(value: Any) -> Any:
    return value if isinstance(value, str) and value in {OUTSOURCED, CONCURRENT} else _range(value)


_NUMBER: dict[str, Any] = {"type": "number", "minimum": 0}
_PAIR: dict[str, Any] = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
_CODES = {"enum": [OUTSOURCED, CONCURRENT]}
Range = Annotated[tuple[Decimal, Decimal], BeforeValidator(_range), WithJsonSchema({"anyOf": [_NUMBER, _PAIR]})]
Heads = Annotated[tuple[int, int], BeforeValidator(_range), WithJsonSchema({"anyOf": [_NUMBER, _PAIR]})]
Headcount = Annotated[
    tuple[int, int] | Literal["outsourced", "concurrent"],
    BeforeValidator(_headcount),
    WithJsonSchema({"anyOf": [_NUMBER, _PAIR, _CODES]}),
]


class Post(Value):
    """A row of the organisation form (S071), with what the method needs besides."""

    role: Id
    """A role of the design, or a role card."""
    title: Text | None = None
    """The role's name where absent."""
    headcount: Headcount | None = None
    """A number, a range, ``outsourced`` or ``concurrent``; absent: to be filled in."""
    holders: tuple[str, ...] = ()
    """People, by id or name; who doubles in a ``concurrent`` post stands here too."""
    arrival: date | None = None
    """When the holder starts; from the launch and ``start_days`` where absent."""
    start_days: int | None = None
    """Days after the launch, negative before it."""
    start_reason: Text | None = None
    pay: Range | None = None
    """Pay a month from and to; absent: not priced."""
    pay_note: Text | None = None
    pay_as_of: int | None = None
    """The year that the pay figures are of (S112)."""
    pay_index: Number | None = None
    """What the source's figures were multiplied by; absent where they are as they were."""
    base_share: Number | None = Field(default=None, ge=0, le=100)
    """Per cent of the pay that is fixed."""
    base_share_inferred: bool = False
    """True where the source does not say it of this post."""
    steps: tuple[Step, ...] = ()
    """The steps of the value chain that this post answers for (S024)."""
    critical: bool = False
    reserve: tuple[str, ...] = ()
    """Who can take over at once (S075)."""
    capacity: int | None = Field(default=None, gt=0)
    """Orders a month that one holder can serve (S047)."""
    note: Text | None = None

    @property
    def counted(self) -> tuple[int, int] | None:
        """How many people of one's own it takes; outsourced and doubled posts take none, None where nobody said."""
        return (0, 0) if isinstance(self.headcount, str) else self.headcount

    @property
    def filled(self) -> bool:
        """Whether somebody does this post's work, inside or outside the house."""
        return self.headcount is None or isinstance(self.headcount, str) or self.headcount[1] > 0

    def starts(self, launch: date | None) -> date | None:
        """Return the day on which the holder starts, None where it cannot be known.

        >>> Post(role="operation-manager", start_days=-20).starts(date(2027, 3, 1))
        datetime.date(2027, 2, 9)
        """
        if self.arrival or launch is None or self.start_days is None:
            return self.arrival
        return launch + timedelta(days=self.start_days)

    def split(self, total: Decimal) -> tuple[Decimal, Decimal] | None:
        """Return fixed and floating pay of a total, None where no ratio is stated (S065).

        >>> Post(role="operation-manager", base_share=60).split(Decimal(6000))
        (Decimal('3600'), Decimal('2400'))
        """
        if self.base_share is None:
            return None
        base = total * self.base_share / 100
        return base.normalize() + 0, (total - base).normalize() + 0


class StarterPost(Value):
    """A post as a source proposes it: numbers by size of company, pay by city."""

    role: Id
    title: Text | None = None
    headcount: Heads | None = None
    headcount_by_size: dict[Size, Heads] = Field(default_factory=dict)
    headcount_low_budget: Heads | None = None
    pay: dict[CityTier, Range] = Field(default_factory=dict)
    pay_note: Text | None = None
    """The words printed where there is no figure for a city."""
    base_share: Number | None = None
    base_share_inferred: bool = False
    start_days: int | None = None
    start_reason: Text | None = None
    steps: tuple[Step, ...] = ()
    critical: bool = False
    with_site: bool = False
    """Whether the post goes out of the house with the building of the site (S072)."""
    note_low_budget: Text | None = None
    note_manager_promotes: Text | None = None


class OrganisationStarter(Sourced):
    """A ready-made organisation: ``templates/organisations/<id>.toml``."""

    name: Text
    note: Text = Text()
    as_of: int
    """The year of its figures."""
    country: Country | None = None
    """Where its pay figures are from; they say nothing of another country."""
    posts: tuple[StarterPost, ...]


class DepartmentTask(Value):
    """A task of the whole department and the roles that can carry it (S035)."""

    id: Id
    name: Text
    roles: tuple[Id, ...]


class Department(Sourced):
    """What the network marketing department is there for: ``templates/department.toml``."""

    name: Text
    team_spirit: Text
    """The requirement that stands in every job description and interview sheet (S082)."""
    tasks: tuple[DepartmentTask, ...]


def organise(starter: OrganisationStarter, profile: Profile) -> tuple[Post, ...]:
    """Return the posts of a starter as a client's facts make them; a fact that is not stated changes nothing."""
    priced = None in {profile.country, starter.country} or profile.country == starter.country
    return tuple(_post(post, starter.as_of, profile, priced=priced) for post in starter.posts)


def _post(post: StarterPost, as_of: int, facts: Profile, *, priced: bool) -> Post:
    headcount: tuple[int, int] | str | None = post.headcount
    note = None
    if facts.size in post.headcount_by_size:
        headcount = post.headcount_by_size[facts.size]
    if facts.manager_promotes or facts.low_budget:
        note = post.note_manager_promotes
    if facts.low_budget:
        headcount = headcount if post.headcount_low_budget is None else post.headcount_low_budget
        note = post.note_low_budget or note
    if facts.site_build == OUTSOURCED and post.with_site:
        headcount = OUTSOURCED
    pay = post.pay.get(facts.city_tier) if facts.city_tier and priced else None
    index = facts.pay_index if pay else None
    return Post(
        role=post.role, title=post.title, headcount=headcount, note=note, steps=post.steps, critical=post.critical,
        pay=(pay[0] * index, pay[1] * index) if pay and index else pay,
        pay_note=None if pay or not priced else post.pay_note, pay_as_of=as_of if pay else None, pay_index=index,
        base_share=post.base_share, base_share_inferred=post.base_share_inferred,
        start_days=post.start_days, start_reason=post.start_reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payroll:
    """What an organisation costs a month, as far as it is priced, and the posts that are not."""

    low: Decimal
    high: Decimal
    unpriced: tuple[Post, ...]


def payroll(posts: Iterable[Post]) -> Payroll:
    """Return the least and the most that the posts cost; those without pay or number are named, never guessed (S064).

    >>> found = payroll([Post(role="network-editor", headcount=1, pay=(2000, 2500)), Post(role="online-sales")])
    >>> found.low, found.high, [post.role for post in found.unpriced]
    (Decimal('2000'), Decimal('2500'), ['online-sales'])
    """
    wanted = [(post, post.counted, post.pay) for post in posts if post.counted != (0, 0)]
    priced = [(heads, pay) for _, heads, pay in wanted if heads is not None and pay is not None]
    low, high = (sum((heads[end] * pay[end] for heads, pay in priced), Decimal(0)) for end in (0, 1))
    return Payroll(low, high, tuple(post for post, heads, pay in wanted if heads is None or pay is None))


def total_heads(posts: Iterable[Post]) -> tuple[int, int]:
    """Return the least and the most people of the posts whose number is known.

    >>> total_heads([Post(role="a", headcount=1), Post(role="b", headcount=(1, 2)), Post(role="c")])
    (2, 3)
    """
    heads = [post.counted or (0, 0) for post in posts]
    return sum(low for low, _ in heads), sum(high for _, high in heads)


def chain_owners(posts: Iterable[Post]) -> dict[Step, list[Post]]:
    """Return the posts that answer for each step of the value chain: one each where the structure is sound (S073)."""
    filled = [post for post in posts if post.filled]
    return {step: [post for post in filled if step in post.steps] for step in STEPS}


def reserve_coverage(posts: Iterable[Post]) -> tuple[int, list[Post]]:
    """Return how many critical posts there are and those without a reserve (S075)."""
    critical = [post for post in posts if post.critical and post.filled]
    return len(critical), [post for post in critical if not post.reserve]


def people_needed(orders: int, capacity: int) -> int:
    """Return how many sellers so many orders a month take, one at least (S047, S076).

    >>> people_needed(300, 150), people_needed(100, 150), people_needed(400, 150)
    (2, 1, 3)
    """
    return max(1, ceil(orders / capacity))


def tasks_without_role(department: Department, posts: Sequence[Post], roles: Mapping[str, Any]) -> list[DepartmentTask]:
    """Return the department's tasks that nobody carries, neither by a post nor by a role of the design (S035)."""
    present = {post.role for post in posts if post.filled} | set(roles)
    return [task for task in department.tasks if not present & set(task.roles)]
