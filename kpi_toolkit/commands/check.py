"""``kpi check``: what is wrong with designs and cycles, and why it matters."""

from __future__ import annotations

from kpi_toolkit.commands.options import ANY_CLIENT, ANY_CYCLE, check_whose, command, end, option, verbose_option
from kpi_toolkit.terminal import Shell, print_directions, print_issues

_why = option("--explain", metavar="CODE", told="Why a check exists, and where it comes from.")


@command(ANY_CLIENT, ANY_CYCLE, _why, verbose_option)
def check(shell: Shell, client: str | None, cycle: str | None, explain: str | None) -> None:
    """Check all clients, one client, or one cycle: sums, names, ranges, what is missing."""
    if explain is not None:
        _explain(shell, explain)
        return
    from kpi_toolkit.results.inspection import check_client, check_clients, read_for

    check_whose(client, cycle)
    read = read_for(shell.workbook, client, cycle) if client else None
    if client is None:
        found = list(check_clients(shell.workbook))
    else:
        found = [(client, issues) for issues in check_client(shell.workbook, client, cycle, read=read)]
    if shell.as_json:
        shell.data({"issues": [shell.words.finding(issue, name) for name, issues in found for issue in issues]})
    else:
        print_issues(shell, found)
        if client and read and read[0]:
            print_directions(shell, read[0], read[0].design)
    end(not any(issues.errors for _, issues in found))


def _explain(shell: Shell, code: str) -> None:
    from kpi_toolkit.clients.workbook import check_known

    words = shell.words
    check_known("unknown-check", code, words.codes())
    why, source = words.explain(code)
    if shell.as_json:
        shell.data({"code": code, "why": why, "source": source})
        return
    shell.out.print(code, style="bold")
    shell.out.print(why)
    shell.out.print(f"{words('cli.source')}{words('list.colon')}{words.origin(code)}", style="dim")
