"""The talk as a workbook: the result and how to speak of it, what is disputed and said; the plan on another sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.lines import IndicatorLine
from kpi_toolkit.method.model import Basis, Indicator
from kpi_toolkit.method.numbers import FULL
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import rows_of, table
from kpi_toolkit.method.talk_rows import measure_ids
from kpi_toolkit.method.training import TalkRules
from kpi_toolkit.pages.form_sheet import FormSheet
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.talks import Talk, Talks


class TalkSheet(FormSheet):
    """Writes what both sides talk about, and room for what came of it."""

    def _values(self, row: FormRow, item: Indicator, code: str) -> dict[str, Any]:
        unit = self.styles.pick(item.unit)
        known = self.form.known.get(("item", row.id), {})
        under = " · ".join(filter(None, [unit, self.direction(item)]))
        goal = f"{self.styles.pick(item.name)}\n{under}".strip()
        return {**known, "goal": goal, "planned": item.weight, "code": code}

    def _quotient(self, column: int, item: Indicator, value: Any, look: Any) -> None:  # noqa: ARG002 - no formula here
        self._put(column, column, value, look)

    def _total(self, first: int) -> None:  # noqa: ARG002 - as they stand, not as sums
        """Write what the lines come to."""
        style = self.styles
        known = self.form.known.get(("item", ""), {})
        self._fill(self.row, style.bar())
        self.sheet.write_string(self.row, 0, style.say("total"), style.bar(indent=1))
        self.sheet.write_number(
            self.row, self.at["planned"], float(self.form.role.weight_sum), style.bar(align="center")
        )
        if known.get("points") is not None:
            look = style.bar(align="center", num_format="0.00")
            self.sheet.write_number(self.row, self.at["points"], float(known["points"]), look)
        self.sheet.write_string(self.row, self.at["way"], known.get("tier", ""), style.bar(indent=1))
        self._tall(24)
        self.row += 1


def shown_rows(
    rows: Sequence[FormRow], known: Mapping[tuple[str, str], Any], talk: Talk | None = None
) -> Iterator[FormRow]:
    """Go through the rows of somebody's form: of measures those that there are or are drafted, and room for more.

    Whoever has left is asked nothing about what comes next, and nothing more is planned with them.
    """
    room = talk is None or not talk.has_left
    asked = {f"{name} {line.id}" for name, lines in talk.asked.items() for line in lines} if talk else set()
    for row in rows:
        free = row.id in asked if row.kind == "answers" else room and row.id.isdigit()
        if row.kind not in {"measures", "earlier", "answers"} or free or (row.kind, row.id) in known:
            yield row


def known_of(talks: Talks, talk: Talk, words: Words, say: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what a talk's form holds before anybody writes on it, by kind of row and row.

    ``say`` gives a label of the form's card.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    disputed = {row.indicator: row for row in talk.disputes}
    for line in talk.person.lines:
        found["item", line.id] = {
            "target": line.target, "actual": line.actual, "self": line.self, "appraiser": line.appraiser,
            "points": line.points, "way": _way(talk, line, say), **_disputed(disputed.get(line.id), say),
        }  # fmt: skip
    tier = words(f"tier.{talk.person.tier.value}") if talk.person.tier else ""
    found["item", ""] = {"points": talk.person.score, "tier": tier}
    for name, lines in talk.said.items():
        for one, texts in lines.items():
            found["answers", f"{name} {one}"] = {"answer": texts[-1]}
    drafts = rows_of(table("measures", drafted(talks, talk, words)))
    names = {line.id: words.show(line.indicator.name) for line in talk.person.lines}
    for name, row in measure_ids([*talk.measures, *drafts]).items():
        who = words.show(talks.summary.who(row.owner)) if row.owner else ""
        found["measures", name] = row._asdict() | {
            "indicator": names.get(row.indicator, ""), "owner": who,
            **{part: say(f"{part}_{value}") for part in ("kind", "cause", "moment") if (value := getattr(row, part))},
        }  # fmt: skip
    for cycle, own in gathered((each.cycle.id, each) for each in talk.earlier).items():
        for name, row in measure_ids([one.row for one in own]).items():
            if row.done is None and not talk.has_left:
                shown = names.get(row.indicator, say(f"kind_{row.kind}"))
                found["earlier", f"{cycle} {name}"] = row._asdict() | {"indicator": shown}
    return found


def _way(talk: Talk, line: IndicatorLine, say: Any) -> str:
    """Return how a superior speaks of a line: the widest difference first, praise, then what fell short."""
    if line in talk.differences:
        return str(say("way_apart", gap=abs(line.gap or 0)))
    return str(say("way_praise")) if line in talk.achievements else str(say("way_gap")) if line in talk.gaps else ""


def _disputed(row: Any, say: Any) -> dict[str, Any]:
    if row is None:
        return {}
    said = {"column": say(f"column_{row.column}"), "outcome": say(f"outcome_{row.outcome}")}
    return said | {"to": row.to, "reason": row.reason, "deadline": row.deadline}


def drafted(talks: Talks, talk: Talk, words: Words) -> list[dict[str, Any]]:
    """Return rows of ``measures.csv`` in the client's language; cause, deadline and check are for the talk to find."""
    rows = []
    for draft in talk.undrafted:
        need, score = talk.need(draft.line.id), words.number(draft.line.rounded(1), 1)
        card = talks.library.training[need.card] if need else None
        study = words.show(card.study_of(draft.line.indicator)) if card else words("talk.agree_here")
        fell = words("plan.fell", n=draft.falls) if draft.falls else words("plan.scored", score=score)
        problem = f"{words.show(draft.line.indicator.name)}{words('list.colon')}{fell}"
        who = talk.person.id
        rows.append({
            "person": who, "owner": who, "indicator": draft.line.id, "kind": draft.kind, "problem": problem,
            "measure": study, "check": _check(draft.line, _next_target(talks, draft.line), words, talks.library.talk),
        })  # fmt: skip
    return rows


def _next_target(talks: Talks, line: IndicatorLine) -> Decimal | None:
    """Return the target of a whole cycle: this one's may be of the part of it that somebody was there for."""
    in_part = any(row.person == line.person for row in rows_of(talks.summary.tables.spells))
    return line.indicator.target if in_part else line.target


def _check(line: IndicatorLine, target: Decimal | None, words: Words, rules: TalkRules) -> str:
    """Return by what it will be seen that a measure worked: the target, where there is one to reach."""
    item = line.indicator
    rated = item.basis is not Basis.ACTUAL
    aim, unit = (FULL, "%") if rated else (target, item.unit)
    if aim is None:
        return ""
    lower = item.scored_direction is Direction.LOWER
    return words.show(rules.reach_lower if lower else rules.reach).format(value=words.amount(aim, unit))
