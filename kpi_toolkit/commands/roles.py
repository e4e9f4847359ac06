"""``kpi roles``: the library of role cards."""

from __future__ import annotations

import click

from kpi_toolkit.commands.options import json_option, lang_option, pass_shell
from kpi_toolkit.terminal import Shell, print_card, print_table


@click.group(invoke_without_command=True)
@click.pass_context
def roles(context: click.Context) -> None:
    """Role cards: duties, requirements and indicators of each post."""
    if context.invoked_subcommand is None:
        context.invoke(list_roles)


@roles.command("list")
@json_option
@lang_option
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
@json_option
@lang_option
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
