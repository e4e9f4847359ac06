"""Where a cycle stands, in sentences: a draft, for the talks, closed; what a corrected page replaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.record import Line, Record, State
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.history import mean
from kpi_toolkit.results.official import official_scores, results_of


def mark_text(words: Words, record: Record, design: str = "") -> str:
    """Return what stands at the foot of each page: the line of the record that it rests on, or that it is a draft.

    A page about a ``design`` says which one it shows as long as the month has no such line.
    """
    line = record.deciding
    if line is None or record.state == State.DRAFT:
        return design or words("record.page.draft")
    key = "presented" if record.state == State.PRESENTED else "closed"
    return words(f"record.page.{key}", mark=line.mark)


def standing_text(words: Words, record: Record, replaced: Line | None) -> str:
    """Return where a cycle stands, as a page says it once: with what was talked about, or what is replaced.

    ``replaced`` is the line on the page that this one replaces.
    """
    line, said = record.deciding, list[str]()
    if line is None or record.state == State.DRAFT:
        return words("record.page.draft_long")
    if record.state == State.PRESENTED:
        said.append(words("record.page.presented_long"))
    talked = next((each for each in record.lines if each.n == line.facts.get("presented")), None)
    if talked is not None:
        said.append(words("record.page.as_talked", mark=talked.mark))
    if replaced is not None:
        said.append(words("record.page.corrected", day=words.day_short(line.at[:10]), mark=replaced.mark))
        said.append(changed_text(words, line.facts))
    rest = words("list.space").join(said)
    return words("list.semicolon").join(filter(None, (mark_text(words, record), rest)))


def own_changes(
    words: Words, folder: Path, record: Record, replaced: Line | None, person: str, exempt: Collection[str] = ()
) -> str:
    """Return what is new on a person's own page since the one that it replaces; empty where there was none.

    ``exempt``: whom the design gives no tier. Others without one for that reason do not count in the mean.
    """
    results = [results_of(folder, each) or {"people": []} for each in (replaced, record.deciding) if replaced and each]
    both = [own for found in results for own in found["people"] if own["id"] == person]
    if len(both) < len(results) or not results:
        return ""
    then, now = (_own_shown(words, own, one["people"], exempt) for own, one in zip(both, results, strict=True))
    moved = [f"{key} {old} → {now[key]}" for key, old in then.items() if old != now[key]]
    same = [key for key, old in then.items() if old == now[key]]
    told = [words("record.page.own", changed=words.join(moved))] if moved else []
    told += [words("record.page.own_same", same=words.join(same))] if same else []
    return words("list.space").join(told)


def _own_shown(
    words: Words, own: Mapping[str, Any], people: Sequence[Mapping[str, Any]], exempt: Collection[str]
) -> dict[str, str]:
    """Return a person's results as their page shows them, with the mean of those who count in it."""
    counted = [each for each in people if each["reason"] != "exempt" or each["id"] in exempt]
    return {
        words("column.score"): words.number(official_scores({"people": [own]}).get(own["id"]), 2),
        words("column.rank"): str(own["rank"] or "–"),
        words("person.tier"): words(f"tier.{own['tier']}") if own["tier"] else "–",
        words("person.mean"): words.number(mean([*official_scores({"people": counted}).values()]), 2),
    }


def changed_text(words: Words, facts: Mapping[str, Any]) -> str:
    """Return what a correction changed, counted, and whether the month before is shown as it was corrected since."""
    counts = [words(f"record.{key}", n=n) for key in ("values", "scores", "ranks", "tiers") if (n := facts.get(key))]
    said = [words("record.changed", changed=words.join(counts) if counts else words("record.nothing"))]
    said += [words("record.against", cycle=words.cycle(Cycle.parse(facts["against"])))] if "against" in facts else []
    return words("list.space").join(said)
