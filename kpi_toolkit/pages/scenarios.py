"""Scenarios of a cycle as a reader sees them: who moved and by which indicator, and how the weights were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from kpi_toolkit.clients.client import Client, load_client
from kpi_toolkit.clients.record import State
from kpi_toolkit.clients.scenarios import Adoption, adopt, read_scenario
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.model import Indicator, Role
from kpi_toolkit.method.numbers import CENTI, centi, from_centi
from kpi_toolkit.method.plain import picked, plain
from kpi_toolkit.method.scenario import Scenario, fingerprint, groups
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.settings import Elicitation
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.scene import TIER_COLOUR, chart_of
from kpi_toolkit.pages.tokens import COLOURS
from kpi_toolkit.pages.vega import alt
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import CycleSummary, summarize_cycle
from kpi_toolkit.whatif.linking import linked
from kpi_toolkit.whatif.scenarios import KeptTarget, Moved, Outcome, compare, kept_targets, outcome

_NAMED = 4
"""So many of those who share a rank are named beside a chart."""


class Overturned(NamedTuple):
    """A decision of the meeting that no longer starts from the tier worked out under a scenario."""

    scenario: Text | None
    person: str
    before: Tier
    after: Tier
    now: str | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two outcomes of one cycle side by side; ``names`` are what they are called, None for what was agreed."""

    summary: CycleSummary
    names: tuple[Text | None, Text | None]
    outcomes: tuple[Outcome, Outcome]
    moved: tuple[Moved, ...]
    kept_targets: tuple[KeptTarget, ...]
    """Targets of ``goals.csv`` that stay when one of the two is adopted, so that scores will differ from these."""

    @property
    def crossed(self) -> tuple[Moved, ...]:
        """Who is in another tier."""
        return tuple(line for line in self.moved if line.crossed)

    @property
    def overturned(self) -> tuple[Overturned, ...]:
        """The meeting's decisions that one of the two overturns."""
        found = []
        for name, side in zip(self.names, self.outcomes, strict=True):
            for person in side.overturned:
                own = [decision for decision in self.summary.decisions if decision.person == person]
                found.append(Overturned(name, person, own[0].before, own[-1].after, side.tiering.places[person].tier))
        return tuple(found)

    def indicator(self, line: Moved) -> Text | None:
        """Return the name of the indicator that moved a person most."""
        items = self.summary.person(line.person).role.indicators
        return next((item.name for item in items if item.id == line.by), None)


def compare_outcomes(summary: CycleSummary, first: Scenario | None, second: Scenario | None) -> Comparison:
    """Return two scenarios of a cycle side by side; None stands for what was agreed."""
    outcomes = outcome(summary.basis, first), outcome(summary.basis, second)
    names = (first.name if first else None, second.name if second else None)
    kept = {target: None for one in (first, second) if one for target in kept_targets(summary.basis.tables, one)}
    return Comparison(
        summary=summary, names=names, outcomes=outcomes, moved=compare(*outcomes), kept_targets=tuple(kept)
    )


def compare_scenarios(client: Client, cycle: str, names: Sequence[str]) -> Comparison:
    """Return a scenario against what was agreed, or two scenarios against each other, by id.

    Raises WorkbookError for an unknown id, IssuesError for what is wrong in the client's files.
    """
    found = [read_scenario(client, name) for name in names]
    summary = summarize_cycle(client, cycle)
    first, second = (None, found[0]) if len(found) == 1 else (found[0], found[1])
    return compare_outcomes(summary, first, second)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data."""
    people = {line.id: line.name for line in found.summary.people}
    return {
        "client": found.summary.client_id, "cycle": found.summary.cycle.id,
        "names": plain(found.names),
        "moved": [
            picked(line, "id=person tier decided_from=decided rank score by points", name=people[line.person])
            for line in found.moved
        ],
        "overturned": [
            picked(line, "scenario id=person from=before to=after tier=now", name=people[line.person])
            for line in found.overturned
        ],
        "kept_targets": kept_targets_json(found.summary, found.kept_targets),
    }  # fmt: skip


def comparison_rows(found: Comparison, words: Words) -> list[list[str]]:
    """Return a comparison as cells: person, tier, rank, score, and the indicator that did most."""

    def arrow(before: str, after: str) -> str:
        return after if before == after else f"{before} → {after}"

    rows = []
    for line in found.moved:
        tiers = [_tier(tier, before, words) for tier, before in zip(line.tier, line.decided, strict=True)]
        name = found.indicator(line)
        by = f"{words.show(name)} {words.number(line.points, 2, sign=True)}" if name and line.points else "–"
        rows.append([
            words.show(found.summary.who(line.person)), arrow(*tiers), arrow(*(str(rank or "–") for rank in line.rank)),
            arrow(*(words.number(score, 2) for score in line.score)), by,
        ])  # fmt: skip
    return rows


def _tier(tier: str | None, before: str | None, words: Words) -> str:
    """Return the letter of a tier; where a meeting decided it, with the tier before."""
    letter = words(f"tier.letter.{tier or 'none'}")
    return words("whatif.decided_tier", tier=letter, before=words(f"tier.letter.{before}")) if before else letter


def kept_targets_json(summary: CycleSummary, kept: Sequence[KeptTarget]) -> list[dict[str, Any]]:
    """Return the targets that stay as plain data."""
    return [picked(one, "id=person indicator target", name=summary.person(one.person).name) for one in kept]


def kept_target_lines(summary: CycleSummary, kept: Sequence[KeptTarget], words: Words) -> list[str]:
    """Return a sentence for each indicator whose targets in ``goals.csv`` stay when a scenario is adopted."""
    people = gathered(
        (one.indicator, f"{words.show(summary.who(one.person))} {words.number(one.target)}") for one in kept
    )
    names = {item.id: item.name for role in summary.design.roles.values() for item in role.indicators}
    return [words("whatif.kept_targets", indicator=names[item], people=own) for item, own in people.items()]


def comparison_notes(found: Comparison, words: Words) -> list[str]:
    """Return what a reader of a comparison must know beside it: decisions overturned, targets that stay."""
    return overturned_lines(found, words) + kept_target_lines(found.summary, found.kept_targets, words)


def overturned_lines(found: Comparison, words: Words) -> list[str]:
    """Return a sentence for each decision of the meeting that a scenario overturns."""

    def one(line: Overturned) -> str:
        tiers = {"from": line.before, "to": line.after, "now": line.now or "none"}
        letters = {key: words(f"tier.letter.{tier}") for key, tier in tiers.items()}
        person = words("whatif.overturned_one", person=found.summary.who(line.person), **letters)
        return words("whatif.overturned_by", scenario=line.scenario or "", people=person)

    return [one(line) for line in found.overturned]


def slope_chart(found: Comparison, words: Words) -> alt.LayerChart:
    """Return ranks before and after as lines: whoever crosses a cut is drawn bold in the colour of the tier reached."""
    names = [words.show(name) if name else words("whatif.agreed") for name in found.names]
    if names[0] == names[1]:
        names[1] += " ·"
    ranked = [line for line in found.summary.people if _ranks(found, line.id) != (None, None)]
    moved = {line.person: line for line in found.crossed}
    rows = []
    for line in ranked:
        after = moved[line.id].tier[1] if line.id in moved else None
        for side, rank in zip(names, _ranks(found, line.id), strict=True):
            if rank is not None:
                rows.append({"person": words.show(line.called), "id": line.id, "side": side, "rank": rank,
                             "tier": words(f"tier.{after}") if after else words("whatif.same")})  # fmt: skip
    order = [words(f"tier.{tier}") for tier in Tier] + [words("whatif.same")]
    colour = alt.Color(
        "tier:N", title=words("whatif.now_in"),
        scale=alt.Scale(domain=order, range=[*(TIER_COLOUR[tier] for tier in Tier), COLOURS["rest"]]),
    )  # fmt: skip
    x = alt.X("side:N", sort=names, title=None, axis=alt.Axis(labelAngle=0, orient="top"))
    y = alt.Y(
        "rank:Q", scale=alt.Scale(reverse=True, nice=False, zero=False, padding=9), title=words("whatif.rank"),
        axis=alt.Axis(grid=False, tickMinStep=1),
    )  # fmt: skip
    width = alt.condition(alt.datum.tier == words("whatif.same"), alt.value(1.2), alt.value(3))
    base = chart_of(rows).encode(x=x, y=y, color=colour, detail="id:N")
    lines = base.mark_line(point=True).encode(strokeWidth=width, tooltip=["person:N", "side:N", "rank:Q"])
    ends = gathered((row["rank"], str(row["person"])) for row in rows if row["side"] == names[1])
    called = [{"side": names[1], "rank": rank, "people": words.first(people, _NAMED)} for rank, people in ends.items()]
    label = chart_of(called).mark_text(align="left", dx=9, color=COLOURS["ink"]).encode(x=x, y=y, text="people:N")
    chart: alt.LayerChart = (lines + label).properties(width=330, height=max(160, 17 * len(ranked)))
    return chart


def _ranks(found: Comparison, person: str) -> tuple[int | None, int | None]:
    first, second = (side.tiering.places[person].rank for side in found.outcomes)
    return first, second


def how_found(record: Elicitation, words: Words) -> str:
    """Return how weights were found, in one sentence: the method, what was said, how consistent that was."""
    said = words(f"elicited.{record.method.replace('-', '_')}", said=record.said)
    if record.consistency is None:
        return said
    return said + words("list.space") + words("elicited.consistency", ratio=words.number(record.consistency, 3))


@dataclass(frozen=True, slots=True)
class Told:
    """A kept scenario as a report prints it."""

    scenario: Scenario
    records: list[str]
    rows: list[list[str]]
    """Who crosses a cut, as cells."""
    notes: list[str]
    """Whose decision of the meeting it overturns, and which targets stay should it be adopted."""


def told_scenarios(summary: CycleSummary, known: Mapping[str, Scenario], words: Words) -> list[Told]:
    """Return the scenarios of a cycle: who asked, how the weights were found, and who would cross a cut."""
    found = []
    for one in known.values():
        if one.cycle == summary.cycle.id:
            compared = compare_outcomes(summary, None, one)
            rows = comparison_rows(replace(compared, moved=compared.crossed), words)
            records = [how_found(record, words) for record in one.elicited]
            found.append(Told(one, records, rows, comparison_notes(compared, words)))
    return found


@dataclass(frozen=True, slots=True)
class Nudge:
    """Who would cross a cut if an indicator counted some points less or more, the others giving way in proportion."""

    indicator: Indicator
    less: tuple[Moved, ...]
    more: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Nudges:
    """What small changes do, role by role, and the names of the roles in which they move nobody."""

    roles: list[tuple[Role, list[Nudge]]]
    still: list[Text]


def nudges(summary: CycleSummary, *, points: int = 10) -> Nudges:
    """Return what so many points less or more on each indicator would do: the live view's static twin."""
    basis, agreed, design = summary.basis, outcome(summary.basis), summary.design
    asked = Scenario(
        name=Text.of("nudge"), client=summary.client_id, cycle=summary.cycle.id, design_version=design.version,
        design=fingerprint(design),
    )  # fmt: skip
    found = Nudges([], [])
    for role, people in summary.roles:
        held = people[0].role_id
        if held not in design.as_agreed.roles:
            continue  # a form of two roles follows from them
        lines = []
        for items in groups(role).values():
            weighing = [item for item in items if item.weight]
            own = [centi(item.weight) for item in weighing]
            for at, item in enumerate(weighing):
                sides = []
                for step in (-1, 1):
                    weights = map(from_centi, linked(own, at, own[at] + step * points * CENTI))
                    given = dict(zip((one.id for one in weighing), weights, strict=True))
                    tried = outcome(basis, asked.model_copy(update={"weights": {held: given}}))
                    sides.append(tuple(line for line in compare(agreed, tried) if line.crossed))
                lines.append(Nudge(item, *sides))
        if any(line.less or line.more for line in lines):
            found.roles.append((role, lines))
        else:
            found.still.append(role.name)
    return found


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A scenario that became the design, and what is otherwise now than it had shown."""

    adoption: Adoption
    summary: CycleSummary
    """The cycle as it was before, whose people the rest names."""
    kept_targets: tuple[KeptTarget, ...] = ()
    differs: tuple[Moved, ...] = ()
    """From what was shown to what holds."""
    issues: Issues = field(default_factory=Issues)
    """What keeps the cycle from being scored under the new design."""

    def why(self, line: Moved) -> str:
        """Return why somebody differs: ``target`` (an own one stays), or ``others`` (theirs did, and ranks follow)."""
        return "target" if any(kept.person == line.person for kept in self.kept_targets) else "others"


def adopt_as_shown(client: Client, name: str, *, by: str, day: date) -> Adopted:
    """Adopt a scenario as :func:`adopt` does, score its cycle again and say who differs from what was shown.

    Raises as :func:`adopt`, and IssuesError where the scenario's cycle cannot be scored before.
    """
    scenario = read_scenario(client, name)
    summary = summarize_cycle(client, scenario.cycle)
    shown = outcome(summary.basis, scenario)
    done = Adopted(adoption=adopt(client, name, by=by, day=day), summary=summary)
    if summary.record.state != State.DRAFT:  # its figures stay as they are
        return done
    done = replace(done, kept_targets=kept_targets(summary.basis.tables, scenario))
    try:
        now = summarize_cycle(load_client(client.folder), scenario.cycle)
    except IssuesError as problem:
        return replace(done, issues=problem.issues)
    return replace(done, differs=compare(shown, outcome(now.basis)))


def adopted_json(found: Adopted) -> dict[str, Any]:
    """Return what came of an adoption as plain data, but for its findings."""
    person = found.summary.person
    return {
        "version": found.adoption.version, "path": str(found.adoption.path),
        "kept_targets": kept_targets_json(found.summary, found.kept_targets),
        "differs": [
            picked(line, "id=person score rank tier", name=person(line.person).name, why=found.why(line))
            for line in found.differs
        ],
    }  # fmt: skip


def adopted_lines(found: Adopted, words: Words) -> list[str]:
    """Return what came of an adoption in sentences: the version, targets that stay, and who is otherwise than shown."""
    lines = [words("cli.adopted", version=found.adoption.version, path=str(found.adoption.path))]
    lines += kept_target_lines(found.summary, found.kept_targets, words)
    for line in found.differs:
        shown, holds = (
            words("cli.placed", score=words.number(line.score[at], 2), rank=str(line.rank[at] or "–"),
                  tier=words(f"tier.letter.{line.tier[at] or 'none'}"))
            for at in (0, 1)
        )  # fmt: skip
        why = words(f"cli.differs_{found.why(line)}")
        lines.append(words("cli.differs", person=found.summary.who(line.person), shown=shown, holds=holds, why=why))
    if found.issues:
        lines.append(words("cli.not_scored_now", cycle=words.cycle(found.summary.cycle)))
        lines += [
            f"{words.place(issue.place)}: {words.message(issue)} {words.remedy(issue)}" for issue in found.issues.errors
        ]
    elif found.summary.record.state != State.DRAFT:
        lines.append(words("cli.adopted_later", cycle=words.cycle(found.summary.cycle)))
    elif not found.differs:
        lines.append(words("cli.as_shown", cycle=words.cycle(found.summary.cycle), client=found.summary.client_id))
    return lines
