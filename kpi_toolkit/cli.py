"""``kpi``: a thin shell. Everything it does can be done from Python; stdout is data, stderr is talk.

Exit codes: 0 done, 1 unexpected failure, 2 the command line or the workbook's settings are wrong, 3 something inside a
client's files is wrong or a report failed, 4 could not start and nothing changed, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit import __version__
from kpi_toolkit.clients.workbook import starter_names
from kpi_toolkit.terminal import Shell, print_card, print_issues, print_run, print_scores, print_table

if TYPE_CHECKING:
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.method.issues import Issues
    from kpi_toolkit.reports.batch import Job, Outcome, Refusal

DONE, FAILED, USAGE, CLIENT, NOT_STARTED, INTERRUPTED = 0, 1, 2, 3, 4, 130


pass_shell = click.make_pass_decorator(Shell)


def _default_language() -> str:
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


@click.group(
    context_settings={"auto_envvar_prefix": "KPI", "help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "--workbook",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The workbook's folder (default: here).",
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=_default_language,
    help="Language of messages (default: the system's).",
)
@click.option("--json", "as_json", is_flag=True, help="Write data as JSON to stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No talk, only data and errors.")
@click.option("-v", "--verbose", is_flag=True, help="More talk.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(__version__, prog_name="kpi")
@click.pass_context
def cli(
    context: click.Context, workbook: Path, lang: str, as_json: bool, quiet: bool, verbose: bool, debug: bool
) -> None:
    """Appraisal for internet-marketing teams: designs, scores, 20/70/10 tiers, and reports fit to hand over.

    互联网营销团队的绩效考核：方案、计分、20/70/10 分档，以及可以直接交付的报告。
    """
    shell = context.ensure_object(Shell)
    shell.root, shell.language, shell.as_json = workbook, lang, as_json
    shell.verbosity = -1 if quiet else int(verbose)
    shell.debug = debug


def _said_again(attribute: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return what takes an option of all commands where it stands behind a command instead of before it."""

    def remember(context: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            setattr(context.find_object(Shell), attribute, value)

    return remember


_json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_said_again("as_json"), help="Write data as JSON to stdout."
)
_lang_option = click.option(
    "--lang", type=click.Choice(["zh", "en"]), expose_value=False, callback=_said_again("language"),
    help="Language of messages.",
)  # fmt: skip


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--jobs", type=click.IntRange(1), help="Reports made at the same time (default: one per core).")
@_json_option
@_lang_option
@pass_shell
def demo(shell: Shell, folder: Path | None, jobs: int | None) -> None:
    """Render the three example clients; without a workbook here, in a new folder kpi-demo."""
    from kpi_toolkit.clients.scaffold import init_workbook
    from kpi_toolkit.clients.workbook import EXAMPLES, Workbook
    from kpi_toolkit.reports.render import plan

    here = shell.workbook
    if folder is not None or not (here.exists() and set(EXAMPLES) <= set(here.clients())):
        here = Workbook(folder or shell.root / "kpi-demo")
        init_workbook(here.root, examples=True)
    team, refused = plan(here, EXAMPLES, reports=("team",))
    people, _ = plan(here, EXAMPLES[:1], reports=("person",))
    _render(shell, here, [*team, *people], refused, jobs)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--examples", is_flag=True, help="With the three made-up example clients.")
@_lang_option
@pass_shell
def init(shell: Shell, folder: Path, examples: bool) -> None:
    """Lay out a fresh workbook."""
    from kpi_toolkit.clients.scaffold import init_workbook

    made = init_workbook(folder, examples=examples)
    shell.talk.print(shell.words("cli.created" if made else "cli.skipped_copy", path=str(folder)), markup=False)
    shell.talk.print(shell.words("cli.next", command=f"cd {folder} && kpi new acme-shop"), markup=False)


@cli.command()
@click.argument("client")
@click.option(
    "--template",
    default="sells-products",
    show_default=True,
    help=f"Design to start from: {', '.join(starter_names())}.",
)
@click.option("--name", default="", help="The client's name as reports show it.")
@click.option("--cycle", help="Open this cycle of a client that is there: people and goals are copied, actuals never.")
@click.option("--from", "source", help="The cycle whose goals are copied (default: the latest before).")
@_lang_option
@pass_shell
def new(shell: Shell, client: str, template: str, name: str, cycle: str | None, source: str | None) -> None:
    """Start a client, or open a client's next cycle."""
    from kpi_toolkit.clients.scaffold import new_client, new_cycle
    from kpi_toolkit.clients.workbook import WorkbookError

    if source is not None and cycle is None:
        raise WorkbookError("from-without-cycle")
    if cycle is not None:
        made = new_cycle(shell.workbook, client, cycle, source=source)
        following = f"kpi check {client} {cycle}"
    else:
        made = new_client(shell.workbook, client, template=template, name=name, language=shell.language)
        following = f"kpi check {client}"
    for path in made:
        shell.talk.print(shell.words("cli.created", path=str(path)), markup=False)
    shell.talk.print(shell.words("cli.next", command=following), markup=False)


@cli.group(invoke_without_command=True)
@click.pass_context
def roles(context: click.Context) -> None:
    """Role cards: duties, requirements and indicators of each post."""
    if context.invoked_subcommand is None:
        context.invoke(list_roles)


@roles.command("list")
@_json_option
@_lang_option
@pass_shell
def list_roles(shell: Shell) -> None:
    """List the role cards."""
    from kpi_toolkit.clients.library import role_cards

    cards, language = role_cards(shell.workbook), shell.words.language
    if shell.as_json:
        shell.data(
            {"roles": [{"id": role, **card.model_dump(mode="json", by_alias=True)} for role, card in cards.items()]}
        )
        return
    rows = [
        [role, card.name.pick(language), shell.words(f"method.{card.method.value}"),
         shell.words.join(item.name.pick(language) for item in card.indicators)]
        for role, card in cards.items()
    ]  # fmt: skip
    print_table(shell, ["id", shell.words("cli.role"), "", shell.words("cli.indicators")], rows)


@roles.command("show")
@click.argument("role")
@click.option("--copy", is_flag=True, help="Copy the card into the workbook's templates/ to tailor it there.")
@_json_option
@_lang_option
@pass_shell
def show_role(shell: Shell, role: str, copy: bool) -> None:
    """Show a role card, found by id, name or alias (网站运营经理 finds the operation manager)."""
    from kpi_toolkit.clients.library import find_role
    from kpi_toolkit.clients.storage import write_file

    name, card = find_role(shell.workbook, role)
    if copy:
        words = shell.words
        shell.workbook.clients()  # outside a workbook it says so instead of starting one
        own = shell.workbook.root / "templates" / "roles" / f"{name}.toml"
        if own.exists():
            shell.talk.print(words("cli.skipped_copy", path=str(own)), markup=False)
        else:
            write_file(own, shell.workbook.template(f"roles/{name}.toml").read_bytes())
            shell.talk.print(words("cli.created", path=str(own)), markup=False)
    if shell.as_json:
        shell.data({"id": name, **card.model_dump(mode="json", by_alias=True)})
        return
    print_card(shell, name, card)


@cli.command()
@click.argument("client", required=False)
@click.argument("cycle", required=False)
@click.option("--explain", metavar="CODE", help="Why a check exists, and where it comes from.")
@_json_option
@_lang_option
@pass_shell
def check(shell: Shell, client: str | None, cycle: str | None, explain: str | None) -> None:
    """Check all clients, one client, or one cycle: sums, names, ranges, what is missing."""
    if explain is not None:
        _explain(shell, explain)
        return
    from kpi_toolkit.reports.inspection import check_client

    found: list[tuple[str, Issues]] = []
    for name in shell.workbook.clients() if client is None else [client]:
        found += [(name, issues) for issues in check_client(shell.workbook, name, cycle)]
    rows = [shell.words.finding(issue, name) for name, issues in found for issue in issues]
    if shell.as_json:
        shell.data({"issues": rows})
    else:
        print_issues(shell, found)
    sys.exit(CLIENT if any(row["severity"] == "error" for row in rows) else DONE)


def _explain(shell: Shell, code: str) -> None:
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.method.issues import nearest

    words = shell.words
    if code not in words.codes():
        raise WorkbookError(
            "unknown-check", name=code, nearest=nearest(code, words.codes()), known=", ".join(words.codes())
        )
    why, source = words.explain(code)
    if shell.as_json:
        shell.data({"code": code, "why": why, "source": source})
        return
    shell.out.print(code, style="bold", markup=False)
    shell.out.print(why, markup=False)
    shell.out.print(f"{words('cli.source')}: {source}", style="dim", markup=False)


@cli.command()
@click.argument("client")
@click.argument("cycle", required=False)
@_json_option
@_lang_option
@pass_shell
def score(shell: Shell, client: str, cycle: str | None) -> None:
    """Score a client's cycle (default: the latest): official scores, ranks, tiers and what they are made of."""
    from kpi_toolkit.clients.client import load_client, named_cycle
    from kpi_toolkit.reports.history import latest_cycle
    from kpi_toolkit.reports.summary import summarize_cycle

    value = load_client(shell.workbook.client_folder(client))
    summary = summarize_cycle(value, latest_cycle(value) if cycle is None else named_cycle(value, cycle))
    if shell.as_json:
        shell.data(summary.to_json())
        return
    print_scores(shell, summary)


@cli.command()
@click.argument("clients", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All clients (the default when none is named).")
@click.option("--cycle", help="Cycle id (default: each client's latest with actuals).")
@click.option(
    "--report", "reports", default="team,person", show_default=True, help="Which reports, separated by commas."
)
@click.option("--person", "people", multiple=True, help="Only these people's reports; may be given again.")
@click.option("--format", "formats", default="html,pdf", show_default=True, help="Which files, separated by commas.")
@click.option("--languages", help="zh, en or zh,en (default: each client's).")
@click.option("--jobs", type=click.IntRange(1), help="Reports made at the same time (default: one per core).")
@_json_option
@_lang_option
@pass_shell
def render(
    shell: Shell, clients: tuple[str, ...], everyone: bool, cycle: str | None, reports: str, people: tuple[str, ...],
    formats: str, languages: str | None, jobs: int | None,
) -> None:  # fmt: skip
    """Render reports: executed notebooks, HTML and PDF."""
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.reports.render import plan

    if clients and everyone:
        raise WorkbookError("clients-and-all")
    planned, refused = plan(
        shell.workbook, clients or None, cycle=cycle, reports=_list(reports), people=people or None,
        formats=_list(formats), languages=None if languages is None else _list(languages),
    )  # fmt: skip
    _render(shell, shell.workbook, planned, refused, jobs)


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _render(
    shell: Shell, workbook: Workbook, planned: Sequence[Job], refused: Sequence[Refusal], jobs: int | None
) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kpi_toolkit.reports.render import run

    words = shell.words
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[last]}"),
    )
    with Progress(*columns, console=shell.talk, transient=True) as bar:
        task = bar.add_task(words("cli.progress"), total=len(planned), last="")

        def report(outcome: Outcome, _: int) -> None:
            bar.update(task, advance=1, last=outcome.job.name)

        finished = run(workbook, planned, refused, jobs=jobs, progress=report)
    if shell.as_json:
        shell.data(finished.to_json(shell.words))
    else:
        print_run(shell, workbook, finished)
    sys.exit(DONE if finished.ok else CLIENT)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the contract's exit code; no traceback without ``--debug``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console of an old code page must not end the run
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal ends a batch like Ctrl-C does
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    given = list(sys.argv[1:] if arguments is None else arguments)
    shell = Shell(Path(), _default_language(), as_json=False, verbosity=0)
    try:
        with cli.make_context("kpi", given, obj=shell) as context:
            cli.invoke(context)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(shell.words("cli.interrupted"), err=True)
        sys.exit(INTERRUPTED)
    except Exception as problem:
        if shell.debug:
            raise
        sys.exit(_explain_failure(problem, shell))


def _interrupt(*_: object) -> None:
    """Take a request to end like Ctrl-C: what is delivered stays whole, nothing is left running."""
    raise KeyboardInterrupt


def _explain_failure(problem: Exception, shell: Shell) -> int:
    from kpi_toolkit.clients.workbook import NotStartedError, WorkbookError
    from kpi_toolkit.method.issues import Issues, IssuesError

    if isinstance(problem, (IssuesError, WorkbookError)):
        issues = problem.issues.errors if isinstance(problem, IssuesError) else Issues([problem.issue])
        try:
            print_issues(shell, [("", issues)], talk=True)
        except WorkbookError as damaged:  # the words themselves are damaged: said in plain English
            click.echo(f"kpi: {damaged if damaged.issue.code == 'damaged-words' else problem}", err=True)
            return USAGE
        if isinstance(problem, NotStartedError):
            return NOT_STARTED
        in_workbook = all(issue.place.file.startswith("templates/") for issue in issues)
        return USAGE if isinstance(problem, WorkbookError) or in_workbook else CLIENT
    if isinstance(problem, OSError):
        click.echo(f"kpi: {problem.strerror or problem}: {problem.filename or ''}".rstrip(": "), err=True)
        return NOT_STARTED
    click.echo(f"kpi: unexpected {type(problem).__name__}: {problem} (run again with --debug for details)", err=True)
    return FAILED
