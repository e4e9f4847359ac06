"""``kpi talk``: who is still to be talked with, what is open, and a draft of the measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit.commands.options import cycle_argument, json_option, pass_shell, talk_options
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.talks import Talk, Talks


@click.command()
@click.argument("client")
@cycle_argument(required=False)
@click.option("--draft", is_flag=True, help="Write the measures that the results ask for into measures.csv.")
@json_option
@talk_options
@pass_shell
def talk(shell: Shell, client: str, cycle: str | None, draft: bool) -> None:
    """Show the talks about a cycle (default: the latest): held or missing, what is open, measures agreed."""
    from kpi_toolkit.clients.afterwards import add_measures
    from kpi_toolkit.clients.client import latest, load_client, named_cycle
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.summary import summarize_cycle
    from kpi_toolkit.results.talks import talks_of

    value = load_client(shell.workbook.client_folder(client))
    summary = summarize_cycle(value, latest(value) if cycle is None else named_cycle(value, cycle))
    talks = talks_of(value, summary)
    words = Words(value.profile.languages[0], shell.workbook)
    rows = [row for each in talks.people for row in _drafted(talks, each, words)] if draft else []
    written = add_measures(value, summary.cycle.id, rows) if rows else None
    if shell.as_json:
        found = {"client": value.id, "cycle": summary.cycle.id, "missing": [each.person.id for each in talks.missing]}
        shell.data(found | {"people": [_plain(each) for each in talks.people], "written": len(rows)})
        return
    _print(shell, talks)
    if draft:
        said = shell.words("talks.drafted", n=len(rows), file=written) if written else shell.words("talks.no_drafts")
        shell.talk.print(said, markup=False)


def _drafted(talks: Talks, talk_: Talk, words: Words) -> list[dict[str, Any]]:
    """Return rows of ``measures.csv`` in the client's language; cause, deadline and check are for the talk to find."""
    rows = []
    for draft in talk_.undrafted:
        need, score = talk_.need(draft.line.id), words.number(draft.line.score, 1)
        study = words.show(talks.library.training[need.card].study) if need else words("talk.agree_here")
        fell = words("plan.fell", n=draft.falls) if draft.falls else words("plan.scored", score=score)
        problem = f"{words.show(draft.line.indicator.name)}{words('list.colon')}{fell}"
        who = talk_.person.id
        rows.append({
            "person": who, "owner": who, "indicator": draft.line.id, "kind": draft.kind, "problem": problem,
            "measure": study,
        })  # fmt: skip
    return rows


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


def _print(shell: Shell, talks: Talks) -> None:
    words = shell.words
    comma = words("list.comma")
    rows = [
        [
            as_is(words.show(each.person.called)),
            words(f"tier.letter.{each.person.tier.value}") if each.person.tier else "–",
            each.held.isoformat() if each.held else "–",
            str(len(each.agreed) or "–"),
            comma.join(words(f"actions.open_{point}") for point in each.open_points),
        ]
        for each in talks.people
    ]
    head = [words(f"talks.{key}") for key in ("person", "tier", "held", "measures", "open")]
    print_table(shell, head, rows)
    missing = len(talks.missing)
    shell.talk.print(words("talks.missing", n=missing) if missing else words("talks.all_held"), markup=False)
