"""``kpi whatif``: the live page of a cycle, scenarios from the meeting, who they move, and the way into the design."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from kpi_toolkit.commands.options import A_CLIENT, ANY_CYCLE, check_idle, command, flag, option
from kpi_toolkit.terminal import Shell, print_behind, print_issues, print_own_files

if TYPE_CHECKING:
    from kpi_toolkit.clients.client import Client, Latest


@command(
    A_CLIENT, ANY_CYCLE,
    flag("--pseudonyms", "Number the people in a random order instead of naming them."),
    option(
        "--import", "text", type=click.File("rb"), told="Keep what was copied from the page as a scenario; - is stdin."
    ),
    option("--as", "name", metavar="ID", told="Under which id it is kept (default: after its name)."),
    option("--compare", metavar="NAME[,NAME]", told="Whom a scenario moves, against what was agreed or another one."),
    option("--adopt", metavar="NAME", told="Make a scenario a new version of the design."),
    flag("--take-back", "Make the design again what it was before the last adoption."),
    option("--by", default="", told="Who decided that; needed with --adopt and --take-back."),
)  # fmt: skip
def whatif(
    shell: Shell, client: str, cycle: str | None, pseudonyms: bool, text: BinaryIO | None, name: str | None,
    compare: str | None, adopt: str | None, take_back: bool, by: str,
) -> None:  # fmt: skip
    """Write the live what-if page of a cycle (default: the latest); keep, compare or adopt scenarios."""
    from kpi_toolkit.clients.client import Latest, latest, load_client, named_cycle
    from kpi_toolkit.clients.workbook import WorkbookError

    value = load_client(shell.workbook.client_folder(client), cycle or "")
    if sum(part is not None for part in (text, compare, adopt)) + take_back > 1:
        raise WorkbookError("whatif-one-thing")
    deciding = take_back or adopt is not None
    check_idle(name=text is None, by=not deciding, pseudonyms=deciding or text is not None or compare is not None)
    if text is not None:
        _import(shell, value, text, name)
    elif take_back:
        _take_back(shell, value, by)
    elif adopt is not None:
        _adopt(shell, value, adopt, by)
    else:
        chosen = latest(value) if cycle is None else Latest(named_cycle(value, cycle))
        if compare is not None:
            _compare(shell, value, chosen.cycle, tuple(name.strip() for name in compare.split(",")))
        else:
            _write(shell, value, chosen.cycle, pseudonyms)
        _tell_behind(shell, value, chosen)


def _tell_behind(shell: Shell, client: Client, chosen: Latest) -> None:
    """Say which cycles were passed over, what stands behind the figures, and which scenarios could not be read."""
    from kpi_toolkit.clients.client import issues_behind, read_cycle
    from kpi_toolkit.clients.scenarios import read_scenarios

    unread = read_scenarios(client)[1].errors
    if unread:
        print_issues(shell, [(client.id, unread)], talk=True)
    found = issues_behind(client, read_cycle(client, chosen.cycle), chosen.cycle)
    print_behind(shell, client.id, chosen.cycle, found.behind, chosen.passed_over)


def _write(shell: Shell, client: Client, cycle: str, pseudonyms: bool) -> None:
    from kpi_toolkit.batch.whatif import write_whatif
    from kpi_toolkit.pages.fonts import missing_glyphs
    from kpi_toolkit.terminal import print_missing_glyphs

    print_own_files(shell, shell.workbook.own_files())
    made = write_whatif(shell.workbook, client.id, cycle, pseudonyms=pseudonyms)
    path = (shell.workbook.reports / client.id / cycle / made.path).resolve()
    missing = missing_glyphs(path.read_text("utf-8"))
    if shell.as_json:
        shell.data({"path": str(path), "bytes": made.bytes, "sha256": made.sha256, "missing_glyphs": list(missing)})
    print_missing_glyphs(shell, made.path, missing)
    shell.say("cli.open", path=str(path))


def _import(shell: Shell, client: Client, text: BinaryIO, name: str | None) -> None:
    from kpi_toolkit.clients.scenarios import SCENARIOS, free_id, kept_as, parse_scenario, save_scenario
    from kpi_toolkit.clients.workbook import WorkbookError

    source, data = getattr(text, "name", "<stdin>").strip("<>"), text.read()
    if not data.strip():
        raise WorkbookError("nothing-pasted")
    scenario, issues = parse_scenario(client, data, Path(source).name)
    if issues:
        print_issues(shell, [(client.id, issues)], talk=True)
    there = None if name else kept_as(client, scenario)
    chosen = name or there or free_id(client, scenario)
    path = client.folder / SCENARIOS / f"{there}.toml" if there else save_scenario(client, chosen, scenario)
    if shell.as_json:
        shell.data({"id": chosen, "path": str(path)})
    said = "cli.kept_already" if there else "cli.created"
    shell.say(said, path=str(path))
    following = f"kpi whatif {client.id} {scenario.cycle} --compare {chosen}"
    shell.say("cli.next", command=following)


def _compare(shell: Shell, client: Client, cycle: str, names: tuple[str, ...]) -> None:
    from kpi_toolkit.clients.scenarios import read_scenarios, scenario_id
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.method.issues import Issues
    from kpi_toolkit.pages.scenarios import compare_scenarios, comparison_json
    from kpi_toolkit.terminal import print_comparison

    ids = tuple(scenario_id(client, name) for name in names) if len(set(names)) == len(names) <= 2 else ()  # noqa: PLR2004
    if len(set(ids)) < len(names):  # one against what was agreed, or two against each other
        raise WorkbookError("compare-one-or-two", names=list(names))
    found = compare_scenarios(client, cycle, ids)
    older = Issues(issue for issue in read_scenarios(client)[1] if Path(issue.place.file).stem in ids)
    if older:
        print_issues(shell, [(client.id, older)], talk=True)
    if shell.as_json:
        shell.data(comparison_json(found))
        return
    print_comparison(shell, found)


def _adopt(shell: Shell, client: Client, name: str, by: str) -> None:
    from kpi_toolkit.pages.scenarios import adopt_as_shown, adopted_json, adopted_lines

    done = adopt_as_shown(client, name, by=by, day=date.today())  # noqa: DTZ011 - the day where the decision is typed
    words = shell.words
    if shell.as_json:
        issues = [words.finding(issue, client.id) for issue in done.issues]
        shell.data({**adopted_json(done), "issues": issues})
    first, *rest = adopted_lines(done, words)
    shell.talk.print(first, soft_wrap=True)
    style = "yellow" if done.differs or done.issues or done.kept_targets else None
    for line in rest:
        shell.talk.print(line, soft_wrap=True, style=style)


def _take_back(shell: Shell, client: Client, by: str) -> None:
    from kpi_toolkit.clients.scenarios import take_back

    written = take_back(client.folder, by=by)
    if shell.as_json:
        shell.data({"written": [str(path) for path in written]})
    for path in written:
        if path.suffix == ".toml":
            shell.say("cli.taken_back", path=str(path))
