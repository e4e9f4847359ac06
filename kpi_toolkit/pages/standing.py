"""Where a cycle stands, in sentences: a draft, for the talks, closed; what a corrected page replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_toolkit.clients.record import Record, State
from kpi_toolkit.pages.words import Words


def mark_text(words: Words, record: Record) -> str:
    """Return what stands at the foot of each page: the line of the record that it rests on, or that it is a draft."""
    line = record.deciding
    if line is None or record.state == State.DRAFT:
        return words("record.page.draft")
    key = "presented" if record.state == State.PRESENTED else "closed"
    return words(f"record.page.{key}", mark=line.mark)


def standing_text(words: Words, record: Record) -> str:
    """Return where a cycle stands, as a page says it once: with what was talked about, or what is replaced."""
    line, said = record.deciding, [mark_text(words, record)]
    if line is None or record.state == State.DRAFT:
        return words("record.page.draft_long")
    if record.state == State.PRESENTED:
        said.append(words("record.page.presented_long"))
    talked = next((each for each in record.lines if each.n == line.facts.get("presented")), None)
    if talked is not None:
        said.append(words("record.page.as_talked", mark=talked.mark))
    replaced = next((each for each in record.lines if each.n == line.facts.get("replaces")), None)
    if replaced is not None:
        said.append(words("record.page.corrected", day=line.at[:10], mark=replaced.mark))
        said.append(changed_text(words, line.facts))
    return words("list.space").join(said)


def changed_text(words: Words, facts: Mapping[str, Any]) -> str:
    """Return what a correction changed, counted."""
    counts = [words(f"record.{key}", n=n) for key in ("values", "scores", "ranks", "tiers") if (n := facts.get(key))]
    return words("record.changed", changed=words.join(counts) if counts else words("record.nothing"))
