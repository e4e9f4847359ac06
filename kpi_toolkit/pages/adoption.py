"""Adopting a scenario, and the proof: the cycle is scored again and held against what the scenario had shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_toolkit.clients.client import Client, load_client
from kpi_toolkit.clients.record import State
from kpi_toolkit.clients.scenarios import Adoption, adopt, read_scenario
from kpi_toolkit.method.issues import Issues, IssuesError
from kpi_toolkit.method.plain import picked
from kpi_toolkit.pages.scenarios import kept_target_lines, kept_targets_json
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import CycleSummary, summarize_cycle
from kpi_toolkit.whatif.scenarios import KeptTarget, Moved, compare, kept_targets, outcome


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A scenario that became the design, and what is otherwise now than it had shown."""

    adoption: Adoption
    summary: CycleSummary
    """The cycle as it was before, whose people the rest names."""
    kept_targets: tuple[KeptTarget, ...]
    differs: tuple[Moved, ...]
    """From what was shown to what holds."""
    issues: Issues
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
    done = adopt(client, name, by=by, day=day)
    differs: tuple[Moved, ...] = ()
    issues = Issues()
    if summary.record.state != State.DRAFT:  # its figures stay as they are
        return Adopted(adoption=done, summary=summary, kept_targets=(), differs=(), issues=issues)
    try:
        now = summarize_cycle(load_client(client.folder), scenario.cycle)
    except IssuesError as problem:
        issues = problem.issues
    else:
        differs = compare(shown, outcome(now.basis))
    return Adopted(
        adoption=done, summary=summary, kept_targets=kept_targets(summary.basis.tables, scenario), differs=differs,
        issues=issues,
    )  # fmt: skip


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
