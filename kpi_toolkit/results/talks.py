"""What a talk needs and what came of it: one person's agenda, answers, measures and open points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from kpi_toolkit.clients.afterwards import read_afterwards
from kpi_toolkit.clients.client import Client, as_of
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.record import now
from kpi_toolkit.method.checklists import CONFLICT, Line, take_stock
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Basis, Design
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.tables import by_person, roles_of, rows_of
from kpi_toolkit.method.training import TalkRules
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.measures import Followed, Following, over_by
from kpi_toolkit.results.plan import Draft, Need, drafts, needs
from kpi_toolkit.results.steps import COACHING, NO_DAY, has_left, steps_done
from kpi_toolkit.results.summary import CycleSummary

PROMPTS, SUPPORT, CAREER, PROSPECTS = "talk-prompts", "support", "career", "prospects"
SHARING = "share"
QUIZ, POTENTIAL = "appraise-correctly", "potential"
_CORRECTED = "corrective"
OUTSIDE = frozenset({"market", "product"})
"""Causes that go to the owner instead of the person (S213, S267)."""
Stage = Literal["find-problem", "deadline", "repeat", "decision"]
"""The four steps with the bottom tier (S237)."""
_STAGE = {"missed": "missed", "open": "set"}
_DECISION_AFTER = 2
_LEVEL = 20
"""One part in so many, more or less, is no change to talk about."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One person's talk about one cycle: what to say, what was said, what was agreed."""

    person: PersonLine
    drafts: tuple[Draft, ...]
    """Measures that the result asks for."""
    needs: tuple[Need, ...]
    ahead: frozenset[str]
    """The indicators that are asked for next time; none of whoever has left."""
    disputes: tuple[Any, ...]
    said: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Answers by checklist and line."""
    took_place: bool
    """Whether the talk is on record: a form that came back, a step, or answers (:mod:`kpi_toolkit.results.steps`)."""
    held: date | None
    """When the talk was held; None where nobody wrote that down."""
    planned: date | None
    """When the goals were agreed."""
    has_left: bool
    """Whether this is somebody who is gone by today: no talk is missing, nothing is planned."""
    left: date | None
    """The last day of whoever leaves."""
    measures: tuple[Any, ...]
    """What was written down for this cycle, drafts among it."""
    conflicts: tuple[tuple[str, str], ...]
    """With whom something is to be cleared up, by id, and what it is (S298)."""
    earlier: tuple[Followed, ...]
    """What was agreed before, oldest first."""
    today: date
    asked: Mapping[str, tuple[Line, ...]]
    """What both sides are asked, by checklist: of whoever has left, nothing about what comes next."""
    rules: TalkRules
    before: Mapping[str, IndicatorLine] = field(default_factory=dict)
    """The lines of the cycle before, by indicator."""

    @property
    def achievements(self) -> tuple[IndicatorLine, ...]:
        """What was fully reached, the farthest over its target first: a talk begins with it (S167)."""
        return tuple(sorted(self.person.strengths, key=lambda line: line.attainment or 0, reverse=True))

    @property
    def differences(self) -> tuple[IndicatorLine, ...]:
        """Lines on which self and appraiser are clearly apart, the widest gap first (S158)."""
        least = max(self.rules.apart_from, Decimal(1))
        apart = [line for line in self.person.lines if abs(line.gap or Decimal(0)) >= least]
        return tuple(sorted(apart, key=lambda line: abs(line.gap or Decimal(0)), reverse=True))

    @property
    def gaps(self) -> tuple[IndicatorLine, ...]:
        """What fell short by enough to be talked about, most points lost first."""
        return tuple(line for line in self.person.shortfalls if (line.score or 0) < self.rules.talked_below)

    def since(self, line: IndicatorLine) -> Literal["first", "fell", "rose", "level"]:
        """Return what became of an indicator since the cycle before; a twentieth more or less is level."""
        past = self.before.get(line.id)
        if past is None or past.attainment is None or line.attainment is None:
            return "first"
        if abs(line.attainment - past.attainment) * _LEVEL <= past.attainment:
            return "level"
        return "rose" if line.attainment > past.attainment else "fell"

    def comparable(self, line: IndicatorLine) -> bool:
        """Whether its figure can be held against that of the cycle before as it is: a view, or of the same target.

        Where somebody was there for a part of either cycle the targets differ, and so do the figures.
        """
        past = self.before.get(line.id)
        rated = line.indicator.basis is not Basis.ACTUAL
        return past is not None and (rated or past.target == line.target)

    def line(self, indicator: str) -> IndicatorLine | None:
        """Return the person's line of an indicator, None where there is none."""
        return next((line for line in self.person.lines if line.id == indicator), None)

    def need(self, indicator: str) -> Need | None:
        """Return the need for training that an indicator of this person points to."""
        return next((each for each in self.needs if each.line.id == indicator), None)

    @property
    def agreed(self) -> tuple[Any, ...]:
        """The measures that have a deadline; one without is still a draft."""
        return tuple(row for row in self.measures if row.deadline)

    @property
    def past_deadline(self) -> tuple[Any, ...]:
        """The agreed measures whose last day is over by today and that nobody marked as done."""
        return tuple(row for row in self.agreed if row.done is None and row.deadline < self.today)

    @property
    def unfinished(self) -> tuple[Any, ...]:
        """The measures that are still drafts."""
        return tuple(row for row in self.measures if not row.deadline)

    @property
    def coached(self) -> int:
        """How many times coaching was put on record (S172)."""
        return sum(map(len, self.said.get(COACHING, {}).values()))

    @property
    def shared(self) -> int:
        """How many sessions in which knowledge was shared are on record (S250)."""
        return len(self.said.get(COACHING, {}).get(SHARING, ()))

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The prompts of the talk that nobody answered (S013)."""
        return tuple(line.id for line in self.asked[PROMPTS] if line.id not in self.said.get(PROMPTS, {}))

    @property
    def supported(self) -> bool:
        """Whether the superior committed to something (S005)."""
        return bool(self.said.get(SUPPORT)) or any(row.support for row in self.measures)

    @property
    def plan_missing(self) -> bool:
        """Whether the result demands a plan and there is none (S251, S237)."""
        return not (self.agreed or self.has_left) and (self.person.tier is Tier.BOTTOM or bool(self.drafts))

    @property
    def open_points(self) -> tuple[str, ...]:
        """What keeps the talk from being finished, by key (S005, S012, S013, S166)."""
        held = self.took_place
        if self.has_left:
            return ()
        still_open = {
            "talk": not held, "prompts": held and bool(self.unanswered), "support": held and not self.supported,
            "prospects": held and PROSPECTS not in self.said.get(CAREER, {}), "plan": held and self.plan_missing,
            "deadlines": bool(self.unfinished),
            "appeal": any(row.outcome == "escalated" for row in self.disputes),
        }  # fmt: skip
        return tuple(point for point, is_open in still_open.items() if is_open)

    @property
    def undrafted(self) -> tuple[Draft, ...]:
        """Drafts for which nothing was agreed yet."""
        agreed = {row.indicator for row in self.measures}
        return tuple(draft for draft in self.drafts if draft.line.id not in agreed)

    @property
    def stage(self) -> Stage | None:
        """Where somebody of the bottom tier stands; None for all others. A rank alone decides nothing (S111, S237)."""
        if self.person.tier is not Tier.BOTTOM:
            return None
        missed = sum(how == "missed" for how, _ in self.stages)
        if missed >= _DECISION_AFTER:
            return "decision"
        if missed:
            return "repeat"
        return "deadline" if any(row.kind == _CORRECTED for row in self.agreed) else "find-problem"

    @property
    def stages(self) -> tuple[tuple[str, date], ...]:
        """The days that the steps with the bottom tier rest on, in their order: deadlines kept, missed, set (S237).

        What market or product are the cause of is for the owner: no such deadline is held against the person.
        """
        before = [(_STAGE.get(each.state, "kept"), each.row) for each in self.earlier]
        rows = [*before, *(("set", row) for row in self.agreed)]
        own = [(how, row) for how, row in rows if row.kind == _CORRECTED and row.cause not in OUTSIDE]
        return tuple((how, row.deadline) for how, row in own if row.deadline)


@dataclass(frozen=True, kw_only=True)
class Talks:
    """The talks about one cycle."""

    summary: CycleSummary
    library: Library
    people: tuple[Talk, ...]
    issues: Any
    """What is wrong with answers and measures."""

    def of(self, person: str) -> Talk:
        """Return one person's talk; KeyError where there is no such person."""
        return self._by_id[person]

    @cached_property
    def _by_id(self) -> dict[str, Talk]:
        return {talk.person.id: talk for talk in self.people}

    @property
    def missing(self) -> tuple[Talk, ...]:
        """The talks that are still to be held (S256)."""
        return tuple(talk for talk in self.people if not (talk.took_place or talk.has_left))

    @property
    def appraisers(self) -> tuple[str, ...]:
        """The ids of those who appraise somebody, in the order of the list of people."""
        bosses = {row.manager for row in rows_of(self.summary.tables.people)}
        return tuple(row.id for row in rows_of(self.summary.tables.people) if row.id in bosses)

    @cached_property
    def not_briefed(self) -> tuple[str, ...]:
        """The appraisers who did not finish the self-test on appraising correctly (S164)."""
        quiz, said = self.library.checklists[QUIZ], self.summary.profile.answers_about
        return tuple(who for who in self.appraisers if take_stock(quiz, said.get(who, {}).get(QUIZ, {})).points is None)


def talks_of(client: Client, summary: CycleSummary) -> Talks:
    """Return everybody's talk about a cycle, in the order of the list of people."""
    library = Library(client.workbook)
    after = read_afterwards(client, summary.cycle.id, summary.tables)
    today = date.fromisoformat(now()[:10])
    following = Following(client, summary.cycle, library.talk, over_by(summary.cycle, summary.record, today))
    done = steps_done(summary.tables, summary.record, after.answers)
    answers, measures = by_person(after.answers.rows), by_person(after.measures.rows)
    conflicts = [row for row in rows_of(after.answers) if row.checklist == CONFLICT]
    disputes = by_person(summary.tables.disputes.rows)
    last = by_person(summary.history[-1].again.lines if summary.history else ())
    rows = {row.id: row for row in rows_of(summary.tables.people)}
    roles = roles_of(as_of(client, summary.cycle.id).people)

    def talk(person: PersonLine) -> Talk:
        gone, held = has_left(rows[person.id], today), done["talk"].get(person.id)
        ahead = replace(person, lines=() if gone else _asked_next(person, summary.design, roles[person.id]))
        by_key = {(line.person, line.id): line for line in person.lines}
        targets = {key: line.target for key, line in by_key.items()}
        return Talk(
            person=person,
            drafts=drafts(ahead, summary.history, library.talk),
            needs=needs(ahead, library.training, library.talk),
            ahead=frozenset(line.id for line in ahead.lines),
            disputes=tuple(disputes.get(person.id, ())),
            said=_said(answers.get(person.id, ())),
            took_place=held is not None,
            held=None if held == NO_DAY else held,
            planned=done["agreed"].get(person.id),
            has_left=gone,
            left=rows[person.id].left,
            measures=tuple(measures.get(person.id, ())),
            conflicts=_with_whom(person.id, conflicts),
            earlier=tuple(following.of(person.id, person.role.indicators, by_key, targets)),
            today=today,
            asked={name: library.checklists[name].asked(left=gone) for name in (PROMPTS, CAREER, SUPPORT)},
            rules=library.talk,
            before={} if person.id in summary.tables.apart else {line.id: line for line in last.get(person.id, ())},
        )

    people = tuple(talk(person) for person in summary.people)
    return Talks(summary=summary, library=library, people=people, issues=after.issues)


def _with_whom(person: str, conflicts: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Return with whom somebody has something to clear up, and what it is."""
    own = (row for row in conflicts if person in {row.person, row.by})
    return tuple((row.by if row.person == person else row.person, row.answer) for row in own)


def _asked_next(person: PersonLine, design: Design, role: str) -> tuple[IndicatorLine, ...]:
    """Return the lines that a person goes on with: of whoever held several roles, those of the role that they have."""
    if person.role_id in design.as_agreed.roles:
        return person.lines
    names = [item.name for item in design.roles[role].indicators]
    return tuple(line for line in person.lines if line.indicator.name in names)


def _said(rows: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        lines = found.setdefault(row.checklist, {})
        lines[row.line] = (*lines.get(row.line, ()), row.answer)
    return found
