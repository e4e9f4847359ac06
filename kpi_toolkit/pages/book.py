"""The design book: everything that a design says, put together for whoever has to agree to it.

A section is a template that reads this value; what nobody has settled yet is listed, never filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client, inspect_cycle
from kpi_toolkit.clients.library import Library, form_layout
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cards import Article, IndicatorCard, RoleCard
from kpi_toolkit.method.checklists import Checklist, Line, Stock, take_stock
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.forms import FormLayout, PlanForm, Term, plan_forms
from kpi_toolkit.method.goals import Cascade, ChosenGoal, chosen_goals, goal_weights, horizon, served_shares
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, folded
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.organisation import (
    OUTSOURCED,
    STEPS,
    Payroll,
    Post,
    Step,
    chain_owners,
    payroll,
    people_needed,
)  # fmt: skip
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import LANGUAGES, Text, Word
from kpi_toolkit.pages.clauses import regulation_values
from kpi_toolkit.pages.gallery import formula_text
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import KEPT_COPIES, check_client

_PLANNED = {*KEPT_COPIES, "goals.csv", "cascade.csv", "steps.csv"}
"""The files of a cycle that a design answers for."""


@dataclass(frozen=True)
class RolePage:
    """A role's job description: what the design says, else what its card says (S054)."""

    id: str
    role: Role
    card: RoleCard | None
    people: tuple[Text, ...]
    team_spirit: Text
    """The line that is asked of every post (S082)."""

    def lines(self, part: str) -> tuple[Text, ...]:
        """Return the duties, requirements or authority of the role; nothing where they are still to be agreed."""
        return getattr(self.role, part) or (getattr(self.card, part) if self.card else ())

    @property
    def asked(self) -> tuple[Text, ...]:
        """What is asked of a candidate: the requirements and team spirit, unless they hold it already."""
        held = self.card and self.card.team_spirit and not self.role.requirements
        return self.lines("requirements") + (() if held else (self.team_spirit,))

    @property
    def interview(self) -> Checklist:
        """The lines on which candidates are rated in an interview (S043, S080)."""
        lines = [Line(id=f"r{number}", text=text) for number, text in enumerate(self.asked, start=1)]
        return Checklist(name=self.role.name, lead=Text(), kind="rating", move="select", lines=tuple(lines))


@dataclass(frozen=True)
class IndicatorPage:
    """An indicator of the design beside the library's card of the same id."""

    indicator: Indicator
    card: IndicatorCard | None
    roles: tuple[Text, ...]

    def said(self, field: str) -> Any:
        """Return what the design says of a field, else the card, else None.

        A completion standard is signed, and checked as missing: none is taken from a card.
        """
        own = getattr(self.indicator, field, None)
        return own if own is not None or field == "standard" else getattr(self.card, field, None)

    def formula(self, words: Words) -> str:
        """Return how the figure is made."""
        return formula_text(self.said("formula"), words)


@dataclass(frozen=True)
class DesignBook:
    """What the sections of the design book are made from."""

    client: Client
    cycle: Cycle
    library: Library
    issues: Issues
    tables: Tables | None
    """The tables of the cycle, None where it is not opened yet."""

    @property
    def profile(self) -> Profile:
        """Who the client is."""
        return self.client.profile

    @property
    def design(self) -> Design:
        """What was agreed."""
        return self.client.design.as_agreed

    @cached_property
    def cascade(self) -> Cascade | None:
        """The goals of the cycle from the company's down; None where it is not opened yet."""
        return Cascade.of(self.tables) if self.tables else None

    @cached_property
    def layout(self) -> FormLayout:
        """How the appraisal form is printed."""
        return form_layout(self.library.workbook)

    @cached_property
    def forms(self) -> list[PlanForm]:
        """The forms of the cycle, ready to be talked over and signed."""
        tables = self.tables or replace(Tables.of(), people=self.client.people)
        return list(plan_forms(self.client.design, tables, self.cycle.last_day))

    def duties(self, role: str) -> tuple[Text, ...]:
        """Return the duties of a role (S008)."""
        return next(page.lines("duties") for page in self.pages if page.id == role)

    def terms(self) -> list[Term]:
        """Return the words of the forms that need a definition (S148)."""
        used = {page.indicator.id: page.indicator.name for page in self.indicators}
        return [term for term in self.layout.glossary if term.id in used and _holds(used[term.id], term.name)]

    @cached_property
    def goals(self) -> tuple[ChosenGoal, ...]:
        """The goals of the client's mix, the largest share first."""
        return chosen_goals(self.profile, self.library.goals)

    @property
    def goal_weights(self) -> list[tuple[Text | None, Decimal, list[Text]]]:
        """The indicators that a mix of goals suggests, their goal weights in per cent, the roles measured by them.

        None for what has no indicator yet; nothing where there is no mix, or no role is measured by any of them.
        """
        names = {name: card.name for name, card in self.library.indicators.items()}
        roles = {page.indicator.id: list(page.roles) for page in self.indicators if page.card}
        found = [(names.get(name), weight, roles.get(name, [])) for name, weight in goal_weights(self.goals).items()]
        return found if len(self.goals) > 1 and any(held for *_, held in found) else []

    @property
    def horizon(self) -> str | None:
        """How far ahead the goals look; None where nobody said."""
        return None if self.profile.horizon_years is None else horizon(self.profile.horizon_years)

    def serving(self, goal: str) -> list[tuple[Text, list[Text]]]:
        """Return the roles that serve a goal, each with the indicators by which it does."""
        found = [
            (role.name, [item.name for item in role.indicators if item.serves_goal == goal])
            for role in self.design.roles.values()
        ]
        return [(name, items) for name, items in found if items]

    def suggested(self, goal: ChosenGoal) -> list[Text]:
        """Return the names of the indicators that a goal suggests at the top."""
        return [self.library.indicators[name].name for name in goal.indicators]

    @cached_property
    def pages(self) -> list[RolePage]:
        """A job description for every role of the design."""
        spirit = self.library.department.team_spirit
        return [
            RolePage(name, role, self._role_card(name, role), tuple(self._held.get(name, ())), spirit)
            for name, role in self.design.roles.items()
        ]

    @cached_property
    def indicators(self) -> list[IndicatorPage]:
        """Every indicator of the design, each once."""
        found: dict[str, tuple[Indicator, list[Text]]] = {}
        for role in self.design.roles.values():
            for item in role.indicators:
                found.setdefault(item.id, (item, []))[1].append(role.name)
        return [IndicatorPage(item, self._indicator_card(item), tuple(roles)) for item, roles in found.values()]

    def _role_card(self, name: str, role: Role) -> RoleCard | None:
        """Return the card that the design names, else the one of the same id and name: a client's own role has none."""
        if role.card:
            return self.library.roles.get(role.card)
        card = self.library.roles.get(name)
        return card if card and _alike(card.name, role.name) else None

    def _indicator_card(self, item: Indicator) -> IndicatorCard | None:
        """Return the card that an indicator was taken from: what the client's own one means no card can say.

        It has the card's id and name, and its source or its standard: an own one may have the same name.
        """
        card = self.library.indicators.get(item.id)
        if card is None or not _alike(card.name, item.name):
            return None
        return card if item.source == card.source or (item.standard and item.standard == card.standard) else None

    @cached_property
    def payroll(self) -> Payroll:
        """What the posts cost a month, as far as they are priced."""
        return payroll(self.design.posts)

    def title(self, post: Post) -> Text:
        """Return a post's name."""
        if post.title:
            return post.title
        named = self.design.roles.get(post.role) or self.library.roles.get(post.role)
        return named.name if named else Text.of(post.role)

    def role_of(self, post: Post) -> Text | None:
        """Return the role that a post of another name is appraised by; None where the names are the same."""
        role = self.design.roles.get(post.role)
        return role.name if role and post.title and role.name != post.title else None

    def titles(self, posts: tuple[Post, ...]) -> list[Text]:
        """Return the names of posts."""
        return [self.title(post) for post in posts]

    def holders(self, post: Post) -> list[Text]:
        """Return who holds a post: whom the design names, else everybody of its role where no other post is of it."""
        alone = [each.role for each in self.design.posts].count(post.role) == 1
        return self.names(post.holders) or (self._held.get(post.role, []) if alone else [])

    def names(self, holders: tuple[str, ...]) -> list[Text]:
        """Return what people are called, whoever is not in the list as written."""
        return [self._names.get(holder, Text.of(holder)) for holder in holders]

    @cached_property
    def _held(self) -> dict[str, list[Text]]:
        return gathered((person.role, self._names[person.id]) for person in rows_of(self.client.people))

    @cached_property
    def _names(self) -> dict[str, Text]:
        return names_of(self.client.people, self.design.roles)

    @cached_property
    def planned(self) -> list[tuple[date, Post]]:
        """Who starts when, in order of time, where days are counted from the launch."""
        counted = [post for post in self.design.posts if post.filled and post.start_days is not None]
        days = [(post.starts(self.profile.launch), post) for post in counted]
        return sorted(((day, post) for day, post in days if day), key=lambda start: start[0])

    @cached_property
    def steps(self) -> list[Step]:
        """The steps of the value chain that concern this client: not those that are accepted to be nobody's."""
        accepted = [
            issue.values["step"] for issue in self.issues if issue.code == "structure-incomplete" and issue.muted
        ]
        return [step for step in STEPS if Word(f"step.{step}") not in accepted]

    def has_part(self, post: Post, step: Step) -> bool:
        """Whether a post has a part in a step without answering for it."""
        role = self.design.roles.get(post.role)
        card = self._role_card(post.role, role) if role else self.library.roles.get(post.role)
        return bool(card and step in card.value_chain and post.filled)

    def sellers(self, post: Post) -> int | None:
        """Return how many people the stated orders take in a post, None where nothing is stated."""
        if self.profile.orders is None or post.capacity is None:
            return None
        return people_needed(self.profile.orders, post.capacity)

    @cached_property
    def answered(self) -> list[tuple[Checklist, Stock]]:
        """The checklists that the client answered, and what the answers come to."""
        lists = self.library.checklists
        return [(lists[name], take_stock(lists[name], answers)) for name, answers in self.profile.checklists.items()]

    @cached_property
    def answered_about(self) -> list[tuple[Checklist, list[tuple[str, Stock]]]]:
        """The checklists that were answered about people, each with the people it was answered about."""
        names = dict(zip(self.client.people["id"], self.client.people["name"], strict=True))
        about, lists = self.profile.answers_about, self.library.checklists
        found = gathered(
            (name, (names.get(person, person), take_stock(lists[name], answers)))
            for person, own in about.items() for name, answers in own.items()
        )  # fmt: skip
        return [(lists[name], people) for name, people in found.items()]

    def articles(self, words: Words) -> Iterator[tuple[Article, list[str]]]:
        """Go through the regulation, its places filled by the design; a clause about what nobody stated is left out."""
        values = regulation_values(self.design, self.profile, words)
        for article in self.library.regulation.articles:
            clauses = [words.fill(words.show(clause), values).strip() for clause in article.clauses]
            yield article, [clause for clause in clauses if clause]

    @cached_property
    def open_points(self) -> list[tuple[str, list[Any]]]:
        """What nobody has settled yet: a key of words each, and what it concerns; an empty list is the whole design."""
        found: list[tuple[str, list[Any]]] = [] if self.design.posts else [("posts", [])]
        found += [] if self.design.agreed else [("agreed", [])]
        found += [] if any(self.profile.department.words) else [("department", [])]
        pairs = chain(self._open_in_charter(), self._open_in_posts(), self._open_in_indicators())
        return found + [(name, items) for name, items in pairs if items]

    @property
    def open_count(self) -> int:
        """How many points are open, as the cover and their list say: each thing that one concerns is one."""
        return sum(len(items) or 1 for _, items in self.open_points)

    def _open_in_charter(self) -> Iterator[tuple[str, list[Any]]]:
        decision, served = self.design.decision, {goal for goal, _ in self.design.serving}
        yield "charter", [Word(f"charter.{name}") for name in self.design.charter.blanks]
        chosen = {"book.chosen": decision.chosen, "column.reason": decision.because} if decision else {}
        yield "decision", [Word(name) for name, said in chosen.items() if not said]
        yield "goals", [goal.name for goal in self.goals if goal.id not in served]
        yield "shares", [own.name for name, own in self.profile.own_goals.items() if not self.profile.goals.get(name)]
        yield "clauses", [Word(f"clause.{name}") for name in self.design.regulation.open_points]
        yield "answers", [each.name for each, stock in self.answered if None in stock.values.values()]

    def _open_in_posts(self) -> Iterator[tuple[str, list[Any]]]:
        posts, owners = self.design.posts, chain_owners(self.design.posts)
        inside = [post for post in posts if post.filled and not isinstance(post.headcount, str)]
        for part in ("duties", "requirements", "authority"):
            yield part, [page.role.name for page in self.pages if not page.lines(part)]
        # Each post is asked about one thing at a time: who has no number is not asked about pay as well.
        yield "headcount", [self.title(post) for post in posts if post.headcount is None]
        yield "pay", [self.title(post) for post in self.payroll.unpriced if post.headcount is not None]
        yield (
            "arrival",
            [self.title(post) for post in inside if not (post.starts(self.profile.launch) or self.holders(post))],
        )
        outside = {"construction"} if self.profile.site_build == OUTSOURCED else set()
        bare = [step for step in self.steps if posts and not owners[step] and step not in outside]
        yield "chain", [Word(f"step.{step}") for step in bare]

    def _open_in_indicators(self) -> Iterator[tuple[str, list[Any]]]:
        yield "targets", [page.indicator.name for page in self.indicators if page.indicator.aimless]
        for field in ("standard", "source", "owner", "counter"):
            yield field, [page.indicator.name for page in self.indicators if not page.said(field)]

    def findings(self, *, accepted: bool) -> list[list[Issue]]:
        """Return what the checks say by kind, the gravest first: what is open, or what the client lives with."""
        told = Issues(issue for issue in self.issues if bool(issue.muted) == accepted)
        return [[*kind] for kind in told.by_kind(worst_first=True, apart=False)]

    @property
    def priced_as_of(self) -> int | None:
        """The year of pay figures that come from a source; None where there are none (S112)."""
        return min((post.pay_as_of for post in self.design.posts if post.pay_as_of), default=None)

    @property
    def interviews(self) -> list[list[RolePage]]:
        """The roles whose candidates are asked the same, together; none whose requirements nobody has stated."""
        asked = [page for page in self.pages if page.lines("requirements")]
        return list(gathered((page.asked, page) for page in asked).values())

    @cached_property
    def goal_shares(self) -> dict[str, int]:
        """What part of all weights serves each goal, in whole per cents."""
        return served_shares([goal.id for goal in self.goals], self.design.serving)


def _alike(first: Text, second: Text) -> bool:
    """Whether two things have the same name in one of the languages in which both have one."""
    return any(folded(a) == folded(b) for a, b in _both(first, second))


def _holds(name: Text, term: Text) -> bool:
    """Whether a term stands in a name, in one of the languages in which both say something."""
    return any(folded(b) in folded(a) for a, b in _both(name, term))


def _both(first: Text, second: Text) -> list[tuple[str, str]]:
    pairs = ((getattr(first, language), getattr(second, language)) for language in LANGUAGES)
    return [pair for pair in pairs if all(pair)]


def design_book(workbook: Workbook, client: Client, cycle: str) -> DesignBook:
    """Return what a client's design book is made from; WorkbookError where no goal is stated yet (S019)."""
    if not client.profile.goals:
        raise WorkbookError("goals-first", client=client.id)
    opened = cycle in client.cycles
    found = chain.from_iterable(check_client(workbook, client.id, cycle if opened else None))
    # Of what lies in a cycle a design answers for itself and for the goals, not for what came back.
    issues = Issues(i for i in found if not i.place.file.startswith("cycles/") or Path(i.place.file).name in _PLANNED)
    tables = inspect_cycle(client, cycle)[0] if opened else None
    return DesignBook(client, Cycle.parse(cycle), Library(workbook), issues, tables)
