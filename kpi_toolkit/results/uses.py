"""How a cycle's results were used: the eight ways that the method demands, and where the points were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.library import procedures
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.model import Indicator, Role
from kpi_toolkit.method.numbers import deal
from kpi_toolkit.method.organisation import Post
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.tables import by_person, rows_of
from kpi_toolkit.method.value import Text
from kpi_toolkit.results.history import mean
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.plan import training_list
from kpi_toolkit.results.talks import OUTSIDE, POTENTIAL, Talk, Talks
from kpi_toolkit.results.told import leading, top_in_a_row, year_so_far
from kpi_toolkit.whatif.fit import TargetFit

_MORE = 2
"""The potential of whoever could take on more."""
URGING = "urging"
"""The procedure with somebody who does not come along: urged, given a day, decided."""
_TOO_HARD = frozenset({"too_hard", "harsh"})


@dataclass(frozen=True, slots=True)
class Use:
    """One way of using the results: whether it was done, and the key and values of the sentence that says why."""

    way: str
    done: bool
    why: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Where points were lost: a team, or a person in it."""

    team: str
    person: PersonLine | None
    score: Decimal | None
    """The person's score, or the team's mean."""
    lost: Decimal
    share: int
    """Per cent of all points lost; persons of a team add up to it, and teams to 100."""


def uses(talks: Talks, proposed: Iterable[str] = ()) -> tuple[Use, ...]:
    """Return the eight ways in which results must be used (S261), each with its reason where it is open.

    ``proposed`` are the people whom the rule proposes for promotion.
    """
    summary, people = talks.summary, talks.people
    unplanned = [talk for talk in people if talk.plan_missing]
    untrained = [talk for talk in people if talk.needs and all(row.kind != "training" for row in talk.agreed)]
    unanswered = [each for each in strategy(talks) if not each.causes]
    return (
        Use("plan", not unplanned, "without_plan", {"n": len(unplanned)}),
        Use("deviation", bool(summary.ranking), "nothing_scored"),
        Use("training", not untrained, "without_training", {"n": len(untrained)}),
        Use("pay", False, "no_pay"),
        Use("promotion", any(True for _ in proposed), "no_promotion", {"n": talks.library.talk.promote_after}),
        Use("talk", not talks.missing, "without_talk", {"n": len(talks.missing)}),
        Use("strategy", not unanswered, "pattern", {"n": len(unanswered)}),
        Use("history", bool(summary.history), "first_cycle"),
    )  # fmt: skip


def deviations(people: Iterable[PersonLine]) -> tuple[Deviation, ...]:
    """Return where points were lost: each team and below it its people, most lost first (S252).

    Points of 100 are one unit for all, so they can be shared out; persons without a score have no part in it.
    """
    order = sorted((p for p in people if p.score is not None), key=attrgetter("lost"), reverse=True)
    teams = [tuple(p for p in order if p.team == team) for team in dict.fromkeys(p.team for p in order)]
    teams.sort(key=_lost, reverse=True)
    found = []
    for own, share in zip(teams, _shares(100, [_lost(own) for own in teams]), strict=True):
        average = mean([p.score for p in own if p.score is not None])
        found.append(Deviation(team=own[0].team, person=None, score=average, lost=_lost(own), share=share))
        for p, part in zip(own, _shares(share, [p.lost for p in own]), strict=True):
            found.append(Deviation(team=p.team, person=p, score=p.score, lost=p.lost, share=part))
    return tuple(found)


def _lost(people: Iterable[PersonLine]) -> Decimal:
    return sum((p.lost for p in people), Decimal(0))


def league(rows: Iterable[Deviation]) -> tuple[tuple[int, Deviation], ...]:
    """Return the teams by their mean, each with its place, which equals share (S217); nothing where there is one."""
    teams = sorted((row for row in rows if row.person is None), key=lambda row: row.score or 0, reverse=True)
    means = [row.score for row in teams]
    return tuple((1 + means.index(row.score), row) for row in teams) if len(teams) > 1 else ()


def _shares(whole: int, lost: list[Decimal]) -> list[int]:
    hundredths = [int(points * 100) for points in lost]
    total = sum(hundredths)
    return deal(whole, [whole * part for part in hundredths], total) if total else [0] * len(lost)


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the five parts of a cycle: how many people it was done with, of how many (S173)."""

    name: str
    done: int
    of: int


def stages(talks: Talks) -> tuple[Stage, ...]:
    """Return how far a cycle has come: plan, coach, appraise, talk, use; of those who are still there."""
    people = [talk for talk in talks.people if not talk.has_left]
    done = {
        "plan": [talk.planned is not None for talk in people],
        "coach": [bool(talk.coached) or talk.supported for talk in people],
        "appraise": [talk.person.score is not None for talk in people],
        "talk": [talk.took_place for talk in people],
        "use": [bool(talk.agreed) for talk in people],
    }
    return tuple(Stage(name, sum(each), len(each)) for name, each in done.items())


def by_superior(talks: Talks) -> list[tuple[str, tuple[Talk, ...]]]:
    """Return who talks with whom: each superior's id with their people who are still there, in their order (S168)."""
    people = zip(rows_of(talks.summary.tables.people), talks.people, strict=True)
    found = gathered((row.manager or "", talk) for row, talk in people if not talk.has_left)
    return [(superior, tuple(own)) for superior, own in found.items()]


def nine_boxes(talks: Talks) -> dict[tuple[int, Tier], tuple[Talk, ...]]:
    """Return everybody who has a tier and a potential, by both; the tier is the result's alone (S239)."""
    rated = (((potential(talks, talk), talk.person.tier), talk) for talk in talks.people)
    found = gathered(((box, tier), talk) for (box, tier), talk in rated if tier and box is not None)
    return {box: tuple(own) for box, own in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A critical post and who is in reserve for it: with their result and potential, or by name where nobody knows."""

    post: Post
    reserve: tuple[tuple[str, Talk | None, int | None], ...]
    """Who it is, their talk in this cycle, their potential; None where there is none."""

    @property
    def ready(self) -> bool:
        """Whether one of them could take more on: potential of 2 or 3, and not in the bottom tier."""
        return any(
            talk is not None and not talk.has_left and talk.person.tier is not Tier.BOTTOM and (potential or 0) >= _MORE
            for _, talk, potential in self.reserve
        )


def covered(talks: Talks) -> tuple[Covered, ...]:
    """Return the posts that are critical, each with its reserve (S075): who is meant by id or name."""
    known = {name: talk for talk in talks.people for name in (talk.person.id, talk.person.name)}
    return tuple(
        Covered(
            post=post,
            reserve=tuple((name, known.get(name), potential(talks, known.get(name))) for name in post.reserve),
        )
        for post in talks.summary.design.posts
        if post.critical
    )


def potential(talks: Talks, talk: Talk | None) -> int | None:
    """Return a superior's view of somebody's potential, 1 to 3; None where nobody said, or of nobody."""
    about = talks.summary.profile.answers_about.get(talk.person.id if talk else "", {})
    rating = about.get(POTENTIAL, {}).get(POTENTIAL)
    return rating if isinstance(rating, int) else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What an indicator scored in the cycle in which a training was agreed, and scores now (S248)."""

    talk: Talk
    measure: Any
    before: Decimal
    after: Decimal


def effects(talks: Talks) -> tuple[Effect, ...]:
    """Return the trainings that took place, with the score of their indicator before and now."""
    past = {each.cycle: each for each in talks.summary.history}
    found = []
    for talk in talks.people:
        for each in talk.earlier:
            then = past[each.cycle].line(talk.person.id, each.row.indicator) if each.cycle in past else None
            now, trained = talk.line(each.row.indicator), each.row.kind == "training" and each.row.done is not None
            if trained and then and now and then.score is not None and now.score is not None:
                found.append(Effect(talk, each.row, then.score, now.score))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class StrategyEntry:
    """What a cycle asks of goal or strategy instead of people: an indicator, and what points to it (S257)."""

    role: Role
    indicator: Indicator
    missed: int
    """How many of ``of`` people did not reach it."""
    of: int
    attainment: Decimal | None
    """The mean attainment of those people, in per cent."""
    causes: Mapping[str, int]
    """How often each cause outside the people was agreed on in the talks."""
    fit: TargetFit | None = None
    """How its target has worked over the cycles, where hardly anybody reached it or many scored nothing."""

    @property
    def reached(self) -> int:
        """How many of the scores that the fit rests on reached the target."""
        return round(self.fit.met * self.fit.count) if self.fit else 0


def urged(talks: Talks) -> list[tuple[Talk, tuple[tuple[Text, date], ...], Text | None]]:
    """Return who was urged: their steps with the days, and the step that comes next (S219)."""
    card = procedures(talks.library.workbook)[URGING]
    done = by_person(row for row in rows_of(talks.summary.tables.steps) if row.procedure == URGING)
    found = []
    for person, rows in done.items():
        following = card.steps[len(rows)].name if len(rows) < len(card.steps) else None
        found.append((talks.of(person), tuple((card.called(row.step), row.date) for row in rows), following))
    return found


def strategy(talks: Talks) -> tuple[StrategyEntry, ...]:
    """Return what is a question to goal or strategy rather than to people.

    That is what nearly everybody of a role misses, now or over cycles, or what talks put down to market or product.
    """
    shared = {(role.name, item.id) for role, item, _, _ in talks.summary.shared_misses}
    hard = {(fit.role, fit.indicator): fit for fit in talks.summary.target_fit if fit.verdict in _TOO_HARD}
    found = []
    for role, people in talks.summary.roles:
        said = [row for person in people for row in talks.of(person.id).agreed if row.cause in OUTSIDE]
        for item in role.indicators:
            causes = Counter(row.cause for row in said if row.indicator == item.id)
            fit = hard.get((people[0].role_id, item.id))
            # any one of the three is enough to ask: what is missed, what was said of it, or a target nobody reaches
            if (role.name, item.id) in shared or causes or fit:
                found.append(_asked(role, item, people, causes, fit))
    return tuple(found)


def _asked(
    role: Role, item: Indicator, people: Iterable[PersonLine], causes: Mapping[str, int], fit: TargetFit | None
) -> StrategyEntry:
    """Return what a question to goal or strategy rests on, of the people of a role who were scored by an indicator."""
    lines = [line for person in people for line in person.lines if line.id == item.id and line.state == "scored"]
    reached = [line.attainment * 100 for line in lines if line.attainment is not None]
    return StrategyEntry(role, item, sum(not line.met for line in lines), len(lines), mean(reached), causes, fit)


def used(client: Client, talks: Talks) -> dict[str, Any]:
    """Return all that is said of how results are used, by name.

    ``proposed`` are those whom the rule proposes for promotion or the reserve, with their cycles in a row in the top
    tier (S255); ``to_train`` is the middle tier that is still there, most points lost first (S246); ``offered`` how
    many people each need is of, the commonest first: its offers are said once, for all of them (S243).
    """
    summary, library = talks.summary, talks.library
    tiers = [(tier, [talks.of(line.id) for line in summary.tier(tier)]) for tier in Tier]
    rows = top_in_a_row(client, summary.cycle, [line.id for line in summary.tier(Tier.TOP)])
    longest = sorted(rows.items(), key=lambda each: each[1], reverse=True)
    proposed = [(talks.of(who), n) for who, n in longest if n >= library.talk.promote_after]
    listed = training_list((t.person for t in talks.people if not t.has_left), library.training, library.talk)
    year = year_so_far(client, summary.cycle, {p.id: p.score for p in summary.ranking if p.score is not None})
    lost = deviations(summary.counted)
    return {
        "ways": uses(talks, [talk.person.id for talk, _ in proposed]), "proposed": proposed, "stages": stages(talks),
        "tiers": tiers, "superiors": by_superior(talks), "boxes": nine_boxes(talks), "effects": effects(talks),
        "to_train": listed, "offered": dict(Counter(each.card for _, own in listed for each in own).most_common()),
        "year": year, "leading": leading(year), "deviations": lost, "league": league(lost),
        "strategy": strategy(talks), "covered": covered(talks), "urged": urged(talks),
    }  # fmt: skip
