"""``kpi talk``: who is still to be talked with, what is open, and a draft of the measures."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_toolkit.commands.options import A_CLIENT, ANY_CYCLE, FILE, check_idle, command, flag, option
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.client import Client
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.talks import Talk, Talks


@command(
    A_CLIENT, ANY_CYCLE,
    flag("--draft", "Write the measures that the results ask for into measures.csv."),
    option(
        "--history", type=FILE,
        told="Write every line of every form of all cycles, as people were told them, into this CSV file.",
    ),
)  # fmt: skip
def talk(shell: Shell, client: str, cycle: str | None, draft: bool, history: Path | None) -> None:
    """Show the talks about a cycle (default: the latest): held or missing, what is open, measures agreed."""
    from kpi_toolkit.clients.afterwards import add_measures
    from kpi_toolkit.clients.client import latest, load_client, named_cycle
    from kpi_toolkit.pages.form_talk import drafted
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.summary import summarize_cycle
    from kpi_toolkit.results.talks import talks_of

    value = load_client(shell.workbook.client_folder(client))
    words = Words(value.profile.languages[0], shell.workbook)
    if history is not None:
        check_idle(draft=True, cycle=True, named_cycle=True)
        lines = _write_history(value, history, words)
        shell.say("talks.history_written", n=lines, file=str(history))
        return
    summary = summarize_cycle(value, latest(value) if cycle is None else named_cycle(value, cycle), disputed=True)
    talks = talks_of(value, summary)
    rows = [row for each in talks.people for row in drafted(talks, each, words)] if draft else []
    written = add_measures(value, summary.cycle.id, rows) if rows else None
    talks = talks_of(value, summary) if written else talks
    if shell.as_json:
        found = {"client": value.id, "cycle": summary.cycle.id, "missing": [each.person.id for each in talks.missing]}
        shell.data(found | {"people": [_plain(each) for each in talks.people], "written": len(rows)})
        return
    _print(shell, talks)
    if draft:
        said = shell.words("talks.drafted", n=len(rows), file=written) if written else shell.words("talks.no_drafts")
        shell.talk.print(said)


def _write_history(client: Client, path: Path, words: Words) -> int:
    """Write what people were told, cycle after cycle, as a table for Excel in the client's words; return its lines."""
    from kpi_toolkit.clients.client import as_of
    from kpi_toolkit.clients.storage import write_file
    from kpi_toolkit.clients.tables_out import csv_text
    from kpi_toolkit.method.checks.roster import Roster
    from kpi_toolkit.results.told import COLUMNS, told_in

    lines: list[list[Any]] = [[words(f"told_line.{column}") for column in (COLUMNS[0], "id", *COLUMNS[1:])]]
    for cycle in client.cycles:
        own = as_of(client, cycle)
        roster = Roster(own.design, own.people)
        items = {item.id: item.name for role in own.design.roles.values() for item in role.indicators}
        for row in told_in(client, [cycle]).records():
            who, what = roster.called(row["person"]), items.get(row["indicator"], row["indicator"])
            state = words("told_line.held" if row["closed"] else "told_line.open")
            figures = (value.normalize() if isinstance(value, Decimal) else value for value in [*row.values()][3:-1])
            lines.append([cycle, row["person"], words.show(who), words.show(what), *figures, state])
    write_file(path, csv_text(lines))
    return len(lines) - 1


def _plain(talk_: Talk) -> dict[str, Any]:
    person = talk_.person
    return {
        "id": person.id, "name": person.name, "tier": person.tier.value if person.tier else None,
        "held": talk_.held.isoformat() if talk_.held else None, "open": list(talk_.open_points), "stage": talk_.stage,
        "drafts": [{"indicator": draft.line.id, "kind": draft.kind} for draft in talk_.drafts],
        "needs": [each.card for each in talk_.needs], "measures": len(talk_.agreed),
        "earlier": [
            {"cycle": each.cycle.id, "measure": each.row.measure, "state": each.state} for each in talk_.earlier
        ],
    }  # fmt: skip


def _measures(talk_: Talk, words: Words) -> str:
    """Return how many measures were agreed, how they stand, and what became of earlier ones."""
    comma = words("list.comma")
    done = sum(row.done is not None for row in talk_.agreed)
    after = [words("talks.done", n=done)] if done else []
    after += [words("talks.past_deadline", n=len(talk_.past_deadline))] if talk_.past_deadline else []
    told = f" ({comma.join(after)})" if after else ""
    said = [f"{len(talk_.agreed)}{told}"] if talk_.agreed else []
    said += [words("talks.drafts", n=len(talk_.unfinished))] if talk_.unfinished else []
    states = Counter(each.state for each in talk_.earlier)
    found = comma.join(f"{words(f'plan.state_{state}')} {n}" for state, n in states.items())
    said += [words("talks.earlier", states=found)] if found else []
    return comma.join(said) or "–"


def _print(shell: Shell, talks: Talks) -> None:
    words = shell.words
    comma = words("list.comma")
    rows = [
        [
            as_is(words.show(each.person.called)),
            words(f"tier.letter.{each.person.tier.value}") if each.person.tier else "–",
            each.held.isoformat() if each.held else "–",
            _measures(each, words),
            words("talks.has_left")
            if each.has_left
            else comma.join(words(f"actions.open_{point}") for point in each.open_points),
        ]
        for each in talks.people
    ]
    head = [words(f"talks.{key}") for key in ("person", "tier", "held", "measures", "open")]
    print_table(shell, head, rows)
    due = [
        [as_is(words.show(talk_.person.called)), as_is(each.row.measure), str(each.row.deadline or "–"),
         words(f"plan.state_{each.state}")]
        for talk_ in talks.people for each in talk_.earlier if each.state in {"open", "missed"}
    ]  # fmt: skip
    if due:
        heads = [head[0], *(words(f"plan.{key}") for key in ("measure", "deadline", "state"))]
        print_table(shell, heads, due, title=words("talks.still_due"))
    missing = len(talks.missing)
    shell.say("talks.missing" if missing else "talks.all_held", n=missing)
