"""The one summary of a client's cycle: all that a report, a terminal table or a JSON file may show, nothing of how.

All faces (charts, tables, words, notebook, JSON) read this; none computes anything a reader could dispute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

from kpi_toolkit.clients.client import Client, Latest, PassedOver, as_of, issues_behind, read_cycle
from kpi_toolkit.clients.frozen import disputed_since
from kpi_toolkit.clients.library import agenda_rules, countable_units
from kpi_toolkit.clients.record import Record, State, read_record
from kpi_toolkit.method.cards import AgendaRules, CountableUnits
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Design, Indicator, Role
from kpi_toolkit.method.plain import picked, plain
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.quotas import Quotas
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import Decision, Pool, decisions_of
from kpi_toolkit.method.value import Text, Word
from kpi_toolkit.results import plain as faces
from kpi_toolkit.results.certainty import Ranks, compare_by, decided_by, hinges, ranks_over
from kpi_toolkit.results.history import PastCycle, just_before, mean, past_cycles, ratings_of, worked_after
from kpi_toolkit.results.lines import AdjustmentLine, PersonLine, people_lines, person_json
from kpi_toolkit.results.official import Worked, check_held
from kpi_toolkit.results.patterns import Cut, Returned, own_warnings, self_appraisals, shared_misses, tier_cuts
from kpi_toolkit.whatif.agenda import AgendaEntry, agenda
from kpi_toolkit.whatif.confidence import Assessment, assess
from kpi_toolkit.whatif.cuts import Alternative, compare_cuts, compare_missing
from kpi_toolkit.whatif.fairness import FairnessResult
from kpi_toolkit.whatif.fit import TargetFit, target_fit
from kpi_toolkit.whatif.lift import Lift, lift_of
from kpi_toolkit.whatif.measurement import rating_consistency, within_groups
from kpi_toolkit.whatif.reliability import Estimate, SeverityResult, consistency_over, rater_severity
from kpi_toolkit.whatif.scenarios import Basis


@dataclass(frozen=True, kw_only=True)
class CycleSummary:
    """All of one client's cycle."""

    client_id: str
    profile: Profile
    design: Design
    cycle: Cycle
    people: tuple[PersonLine, ...]
    history: tuple[PastCycle, ...]
    left_out: tuple[str, ...]
    agenda_rules: AgendaRules
    issues: Issues = field(default_factory=Issues)
    """Everything found in the files that these figures come from; none of it an error."""
    passed_over: tuple[PassedOver, ...] = ()
    """Newer cycles that were not taken for the latest, where none was named."""
    record: Record = field(default_factory=Record)
    _countable: CountableUnits
    tables: Tables
    """What the cycle was scored from."""
    _done: Worked

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The pools that were ranked, as they stand after the meeting."""
        return self._done.tiering.pools

    @property
    def earlier(self) -> Mapping[str, int]:
        """How many people each pool held in the cycles before, for the carry-over rule."""
        return self._done.before

    @cached_property
    def quotas(self) -> Quotas:
        """How many seats each tier has, over all pools."""
        return Quotas.over(pool.quotas for pool in self.pools)

    @cached_property
    def worked_out(self) -> Quotas:
        """The counts before what the calibration meeting decided."""
        return Quotas.over(pool.counts for pool in self._done.worked_out.pools)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What the calibration meeting moved."""
        return decisions_of(self.tables.calibration)

    def own_warnings(self, person: str) -> tuple[list[Issues], int]:
        """Return the warnings that touch a person's figures, by kind; how many more kinds name somebody else."""
        return own_warnings(self.issues.warnings, self.people, person)

    @property
    def further_warnings(self) -> Issues:
        """The warnings beyond the values that were not returned, which a page lists by themselves."""
        return Issues(each for each in self.issues.warnings if each.code != "missing-actual" or not self.missing)

    def about(self, issues: Issues) -> list[Text]:
        """Return what the people whom findings are about are called, each once."""
        return [self.who(person) for person in dict.fromkeys(person for each in issues for person in each.about)]

    def person(self, person: str) -> PersonLine:
        """Return one person's line; KeyError where there is none."""
        return self._by_id[person]

    def names(self, people: Iterable[str]) -> list[Text]:
        """Return what these people are called."""
        return [self._by_id[person].called for person in people]

    def who(self, person: str) -> Text:
        """Return what a person is called, by id; whoever is not on the list as written."""
        return self._by_id[person].called if person in self._by_id else Text.of(person)

    @cached_property
    def _by_id(self) -> dict[str, PersonLine]:
        return {line.id: line for line in self.people}

    @cached_property
    def ranking(self) -> tuple[PersonLine, ...]:
        """Everyone with a score, best first; equals by rank where an order was agreed, else as in ``people.csv``."""
        scored = [line for line in self.people if line.score is not None]
        return tuple(sorted(scored, key=lambda line: (-(line.score or 0), line.rank or 0)))

    @cached_property
    def counted(self) -> tuple[PersonLine, ...]:
        """Those whose results stand for the whole: without whom it was decided not to give a tier this cycle."""
        return tuple(line for line in self.people if line.id not in self.tables.apart)

    @cached_property
    def at_cap(self) -> tuple[PersonLine, ...]:
        """Those who stand in the middle because too many are equal, and who are equal because of the caps."""
        tied = (each for each in self.ranking if each.reason == "tie_too_many")
        return tuple(x for x in tied if all(i.score == self.design.cap(i.indicator) for i in x.lines if i.counted))

    @cached_property
    def unscored(self) -> tuple[PersonLine, ...]:
        """Everyone without a score."""
        return tuple(line for line in self.people if line.score is None)

    @cached_property
    def mean(self) -> Decimal | None:
        """The mean official score of those who count, two decimals."""
        return mean([line.score for line in self.counted if line.score is not None])

    @property
    def previous(self) -> PastCycle | None:
        """The cycle right before, None where there is none."""
        return just_before(self.history, self.cycle)

    @property
    def rescored(self) -> bool:
        """Whether an earlier cycle has a mean under this design beside its own."""
        return any(past.again.mean is not None for past in self.history)

    @cached_property
    def counts(self) -> Quotas:
        """How many people are in each tier, over all pools."""
        return Quotas.counted(line.tier for line in self.people)

    def tier(self, name: str) -> tuple[PersonLine, ...]:
        """Return the people of a tier, best first."""
        return tuple(line for line in self.ranking if line.tier == name)

    @cached_property
    def met(self) -> tuple[int, int]:
        """How many scored indicators were fully reached, and how many there are."""
        scored = [line for person in self.people for line in person.lines if line.state == "scored"]
        return sum(line.met for line in scored), len(scored)

    @cached_property
    def shared_misses(self) -> list[tuple[Role, Indicator, int, int]]:
        """Indicators that four in five people of a role miss: look at goal or strategy (S223)."""
        return list(shared_misses(self.roles))

    @cached_property
    def missing(self) -> tuple[tuple[PersonLine, IndicatorLine], ...]:
        """Every indicator whose actual is missing, by person."""
        return tuple((p, line) for p in self.people for line in p.lines if line.state in {"missing", "filled"})

    @cached_property
    def adjustments(self) -> tuple[tuple[PersonLine, AdjustmentLine], ...]:
        """Every event of the plus/minus row with its person, by date."""
        found = [(p, event) for p in self.people for event in p.adjustments]
        return tuple(sorted(found, key=lambda pair: pair[1].date))

    def decision(self, person: str) -> Decision:
        """Return the last decision of the meeting about a person; StopIteration where there is none."""
        return next(made for made in reversed(self.decisions) if made.person == person)

    def why_untiered(self, person: str) -> Text | Word | None:
        """Return why a person with a score is left out of the tiers; None where that was not decided."""
        if person in self.tables.apart:
            return Word("reason.apart")
        return next((entry.reason for entry in self.design.tiers.exempt if entry.person == person), None)

    @cached_property
    def gaps(self) -> tuple[tuple[PersonLine, IndicatorLine], ...]:
        """Every line on which both self and appraiser said something, those that part the widest first (S158)."""
        found = [(p, line) for p in self.people for line in p.lines if line.gap is not None]
        return tuple(sorted(found, key=lambda pair: abs(pair[1].gap or Decimal(0)), reverse=True))

    @cached_property
    def self_appraisals(self) -> Returned:
        """Whose self-appraisal came back whole, in part, or not at all."""
        return self_appraisals(self.people)

    @cached_property
    def roles(self) -> tuple[tuple[Role, tuple[PersonLine, ...]], ...]:
        """The roles that people hold, in the design's order, each with its people, best first."""
        held = gathered((line.role_id, line) for line in (*self.ranking, *self.unscored))
        return tuple((role, tuple(held[name])) for name, role in self.design.roles.items() if name in held)

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """What other quota rules, pools and tie rules would have given."""
        return compare_cuts(
            tuple(self._done.scored.scores.values()), self.design.tiers, self._done.worked_out,
            before=self.earlier, decided=self._decided,
        )  # fmt: skip

    @cached_property
    def missing_alternatives(self) -> tuple[Alternative, ...]:
        """What other policies for missing actuals would have given; empty where the design refuses to score them."""
        if self.design.missing is Missing.REFUSE:
            return ()
        return compare_missing(
            self.design, self.tables, self._done.worked_out, previous=self.basis.previous, before=self.earlier,
            decided=self._decided,
        )  # fmt: skip

    @cached_property
    def _decided(self) -> dict[str, Tier]:
        """The tiers that the meeting decided, by person."""
        return {line.id: line.tier for line in self.people if line.reason == "calibrated" and line.tier}

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """Where the tiers of each pool part, as they stand after the meeting if that left them in order."""
        first = {person: place.tier for person, place in self._done.worked_out.places.items() if place.tier}
        return tuple(tier_cuts(self.pools, self.ranking, first))

    @property
    def closest_cut(self) -> Cut | None:
        """The cut at which the fewest points part people, None where there is none."""
        return min(self.cuts, key=attrgetter("gap"), default=None)

    def lift(self, person: str) -> Lift | None:
        """Return what would lift a person into the next tier; None for whoever a decision has moved."""
        if self._by_id[person].reason == "calibrated":
            return None
        return lift_of(
            person, design=self.design, scored=self._done.scored, tiering=self._done.tiering, before=self.earlier,
            countable=self._countable,
        )  # fmt: skip

    @cached_property
    def confidence(self) -> Assessment:
        """How sure each tier is, after what the meeting decided."""
        return self._assessed()

    @cached_property
    def verdicts(self) -> Assessment:
        """The same verdicts without what only pages show of them, which takes longest."""
        return self._assessed(tipping=False)

    def _assessed(self, *, tipping: bool = True) -> Assessment:
        reliability = self.design.confidence.reliability
        return decided_by(self._decided, assess(
            self.basis, self._done.scored, self._done.worked_out,
            hinges=hinges((*self.alternatives, *self.missing_alternatives)),
            estimates=rating_consistency(self.design, self._cycles) if reliability.source == "cycles" else {},
            closed=self.record.state is State.CLOSED, tipping=tipping,
        ))  # fmt: skip

    @property
    def _cycles(self) -> list[tuple[IndicatorLine, ...]]:
        """The lines of all cycles shown, this one last."""
        return [*(past.again.lines for past in self.history), tuple(chain(*(person.lines for person in self.people)))]

    @cached_property
    def month_to_month(self) -> Estimate | None:
        """How alike people's scores come out from cycle to cycle, within their role; None for too few."""
        role = {line.id: line.role_id for line in self.people}
        scores = [*(past.scores for past in self.history), self._done.scored.official]
        return consistency_over(within_groups(scores, role))

    @cached_property
    def agenda(self) -> tuple[AgendaEntry, ...]:
        """Whom a calibration meeting should talk about, by visible rules."""
        return agenda(self.agenda_rules.rules, self.ranking, self.confidence.people)

    @cached_property
    def usual_ranks(self) -> dict[str, Ranks]:
        """Each person's usual rank in the pool over the cycles shown, and its spread; empty for few cycles."""
        now = {line.id: line.score for line in self.ranking}
        return ranks_over([*(past.scores for past in self.history), now], self.pools, self.ranking)

    @cached_property
    def severity(self) -> SeverityResult:
        """Whether some appraisers are stricter than others, over all cycles shown; or why that cannot be said."""
        ratings = [rating for past in self.history for rating in past.again.ratings]
        return rater_severity([*ratings, *ratings_of(self.tables)])

    @cached_property
    def target_fit(self) -> tuple[TargetFit, ...]:
        """How each indicator's target has worked over all cycles shown."""
        return target_fit(self.design, chain(*self._cycles))

    @cached_property
    def fairness(self) -> tuple[FairnessResult, ...]:
        """How the top and the bottom tier are spread over the groups that the client asked about."""
        column = self.design.fairness.column
        if not column or column not in self.tables.people.columns:
            return ()
        return compare_by(dict(zip(self.tables.people["id"], self.tables.people[column], strict=True)), self.ranking)

    @property
    def basis(self) -> Basis:
        """What every scenario of this cycle is worked out from."""
        last = self.previous
        past, scores = (last.tables, last.scores) if last else (None, {})
        return Basis(design=self.design, tables=self.tables, previous=scores, past=past, before=self.earlier)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain data: the contract of ``kpi score --json``.

        Findings need words to be said in; whoever has some fills ``issues``.
        """
        sure = self.confidence.people
        return {
            "client": self.client_id,
            "cycle": self.cycle.id,
            **faces.standing_json(self.record),
            "passed_over": [picked(each, "cycle reason") for each in self.passed_over],
            "people": [
                {
                    **person_json(line), "verdict": faces.verdict_json(sure.get(line.id)),
                    "confidence": faces.confidence_json(sure.get(line.id)),
                    "usual_rank": faces.usual_json(self.usual_ranks.get(line.id)),
                }
                for line in self.people
            ],
            "confidence": faces.assessment_json(self.confidence, self.design, self.month_to_month),
            "calibration": [
                picked(made, "date person from=before to=after reason approver") for made in self.decisions
            ],
            "fairness": [faces.fairness_json(result) for result in self.fairness],
            "agenda": [
                picked(entry, "rule number", people=dict(entry.people)) for entry in self.agenda
            ],
            "pools": [faces.pool_json(pool) for pool in self.pools],
            "quotas": plain(self.quotas),
            "policy": faces.policy_json(self.design),
            "rules": faces.rules_json(self.design, self.basis.previous, self.earlier),
            "issues": [],
        }  # fmt: skip


def summarize_cycle(client: Client, cycle: str | Latest, *, disputed: bool = False) -> CycleSummary:
    """Return the summary of a client's cycle: one that is named, or the latest as :func:`latest` found it.

    ``disputed``: also where disputes changed figures since they were shown for the talks, which go on.

    Raises IssuesError listing everything in the client's files that keeps the cycle from being scored.
    """
    chosen = cycle if isinstance(cycle, Latest) else Latest(cycle)
    client = as_of(client, chosen.cycle)
    return summarize_tables(client, read_cycle(client, chosen.cycle), chosen, disputed=disputed)


def summarize_tables(client: Client, tables: Tables, chosen: Latest, *, disputed: bool = False) -> CycleSummary:
    """Return the summary of a cycle whose tables were read, and whose client is as it was then. Raises as above."""
    book, period = client.workbook, Cycle.parse(chosen.cycle)
    history, left_out = past_cycles(client, period)
    done, record = worked_after(client, tables, period, history), read_record(client.folder / "cycles" / period.id)
    folder = client.folder / "cycles" / period.id
    if not (disputed and disputed_since(folder, record)):
        check_held(folder, record, done)
    return CycleSummary(
        client_id=client.id, profile=client.profile, design=client.design, cycle=period, tables=tables, record=record,
        people=tuple(people_lines(client.design, tables, done.scored, done.tiering, history, period)),
        history=history, left_out=left_out, issues=issues_behind(client, tables, period.id),
        passed_over=chosen.passed_over, agenda_rules=agenda_rules(book), _countable=countable_units(book), _done=done,
    )  # fmt: skip
