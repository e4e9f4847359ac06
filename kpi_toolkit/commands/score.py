"""``kpi score``: the official scores of a cycle."""

from __future__ import annotations

from kpi_toolkit.commands.options import A_CLIENT, ANY_CYCLE, command, flag
from kpi_toolkit.terminal import Shell, print_redesigned, print_scores


@command(A_CLIENT, ANY_CYCLE, flag("--disputed", "With the disputes that changed figures since the talks."))
def score(shell: Shell, client: str, cycle: str | None, disputed: bool) -> None:
    """Score a client's cycle (default: the latest): official scores, ranks, tiers and what they are made of."""
    from kpi_toolkit.batch.manifest import other_design
    from kpi_toolkit.clients.client import input_hashes, latest, load_client, named_cycle
    from kpi_toolkit.results.summary import summarize_cycle

    value = load_client(shell.workbook.client_folder(client), cycle or "")
    summary = summarize_cycle(value, latest(value) if cycle is None else named_cycle(value, cycle), disputed=disputed)
    place = f"{value.id}/{summary.cycle.id}"
    delivered_under = other_design(shell.workbook.reports / place, input_hashes(value, summary.cycle.id))
    if shell.as_json:
        found = [shell.words.finding(issue, value.id) for issue in summary.issues]
        shell.data({**summary.to_json(), "issues": found})
    else:
        print_scores(shell, summary, value)
        for note in (note for pool in summary.pools for note in pool.notes if note.code == "pass_line_missed"):
            shell.say("note.pass_line_missed", **dict(note.values), style="yellow")
    print_redesigned(shell, place, delivered_under)
