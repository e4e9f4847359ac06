"""The group of all commands, with what stands before any of them."""

from __future__ import annotations

import gettext

import click

from kpi_toolkit.commands.calendar import calendar
from kpi_toolkit.commands.check import check
from kpi_toolkit.commands.doctor import config, doctor
from kpi_toolkit.commands.door import lab, start
from kpi_toolkit.commands.explain import explain
from kpi_toolkit.commands.forms import collect, forms
from kpi_toolkit.commands.importing import import_
from kpi_toolkit.commands.month import month
from kpi_toolkit.commands.options import all_options
from kpi_toolkit.commands.record import close, correct, log, migrate, reopen, verify
from kpi_toolkit.commands.render import demo, render
from kpi_toolkit.commands.roles import library, roles
from kpi_toolkit.commands.score import score
from kpi_toolkit.commands.start import init, new
from kpi_toolkit.commands.talk import talk
from kpi_toolkit.commands.whatif import whatif

_STORY = {
    "Begin": (demo, start, lab, doctor, config),
    "Set up a client": (init, new, import_, roles, library),
    "Check, score, show": (check, score, explain, talk, whatif, calendar, render),
    "The month's forms": (forms, collect, month),
    "Keep the month": (close, reopen, correct, log, verify, migrate),
}


class _InOrder(click.Group):
    """Commands in the order in which they are needed, under what they are for."""

    def list_commands(self, _: click.Context) -> list[str]:
        return [*self.commands]

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.commands))
        for heading, commands in _STORY.items():
            with formatter.section(gettext.gettext(heading)):
                formatter.write_dl([(f"{each.name:{width}}", each.get_short_help_str(120)) for each in commands])

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take ``help``, which many type first, for ``--help`` of what follows it."""
        if args == ["help"]:
            click.echo(context.get_help(), color=context.color)
            context.exit()
        try:
            return super().resolve_command(context, [*args[1:], "--help"] if args[0] == "help" else args)
        except click.exceptions.NoSuchCommand as wrong:  # the most alike comes first, and only that one is proposed
            near = (wrong.possibilities or ())[:1]
            raise click.exceptions.NoSuchCommand(wrong.command_name, possibilities=near, ctx=context) from None


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        import kpi_toolkit  # its version is looked up among all that is installed

        click.echo(f"kpi {kpi_toolkit.__version__}")
        context.exit()


@click.group(
    cls=_InOrder,
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"auto_envvar_prefix": "KPI", "help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@all_options
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Appraisal for internet-marketing teams: designs, scores, 20/70/10 tiers, and reports fit to hand over."""
    if context.invoked_subcommand is None:
        raise click.exceptions.NoArgsIsHelpError(context)


for _commands in _STORY.values():
    for _command in _commands:
        cli.add_command(_command)
