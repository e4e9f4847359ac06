"""The table beside the pages of very many people: everybody's place, score, certainty and scores by indicator."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_toolkit.clients.tables_out import csv_text
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.summary import CycleSummary

_HAIR = 1e-6  # a share is never rounded up: 99.98 of a hundred are not all
_FIXED = ("rank", "tier", "score", "id", "person", "role", "team")


def everybody_csv(summary: CycleSummary, words: Words) -> str:
    """Return everybody of a cycle as CSV for Excel, best first.

    A column an indicator holds its scores, or why there is none; it is blank for whoever does not have it.
    """
    items = {(line.id, words.show(line.indicator.name)): None for person in summary.people for line in person.lines}
    heads = [*(words(f"column.{key}") for key in _FIXED), words("confidence.verdict"), words("confidence.weights")]
    lines: list[list[object]] = [[*heads, *(name for _, name in items)]]
    for line in (*summary.ranking, *summary.unscored):
        scores = {(own.id, words.show(own.indicator.name)): _score(own, words) for own in line.lines}
        lines.append([*_place(line, words), *_sure(summary, line, words), *(scores.get(item) for item in items)])
    return csv_text(lines)


def _place(line: PersonLine, words: Words) -> Iterator[object]:
    tier = words(f"tier.letter.{line.tier}") if line.tier else None
    yield from (line.rank, tier, line.score, line.id, words.show(line.called), words.show(line.role.name), line.team)


def _sure(summary: CycleSummary, line: PersonLine, words: Words) -> tuple[object, object]:
    own = summary.confidence.people.get(line.id)
    if own is None:
        return None, None
    return words(f"confidence.{own.label}"), words.percent(int(own.by_weights * 100 + _HAIR) / 100)


def _score(own: IndicatorLine, words: Words) -> object:
    if own.state in {"missing", "not_counted"}:
        return words(f"indicators.{own.state}")
    return own.score
