"""``kpi roles`` and ``kpi library``: the cards that a design is built from."""

from __future__ import annotations

import click

from kpi_toolkit.commands.options import A_CLIENT, Number, check_idle, command, flag, option
from kpi_toolkit.terminal import Shell, print_card, print_table


@click.group(invoke_without_command=True)
@click.pass_context
def roles(context: click.Context) -> None:
    """Role cards: duties, requirements and indicators of each post."""
    if context.invoked_subcommand is None:
        context.invoke(list_roles)


@command(
    option("--step", told="Only posts with a part in this step of the value chain: planning, content …"),
    flag("--sales", "Only posts that may carry a sales quota."),
    name="list", of=roles,
)  # fmt: skip
def list_roles(shell: Shell, step: str | None, sales: bool) -> None:
    """List the role cards."""
    from kpi_toolkit.clients.library import Library
    from kpi_toolkit.clients.workbook import check_known
    from kpi_toolkit.method.organisation import STEPS

    if step is not None:
        check_known("unknown-step", step, STEPS)
    words = shell.words
    cards = {
        role: card
        for role, card in Library(shell.workbook).roles.items()
        if (step is None or step in card.value_chain) and (card.may_bear_sales_quota or not sales)
    }
    if shell.as_json:
        shell.data(
            {"roles": [{"id": role, **card.model_dump(mode="json", by_alias=True)} for role, card in cards.items()]}
        )
        return
    rows = [
        [role, words.show(card.name), words(f"method.{card.method.value}"),
         words.join(words.show(item.name) for item in card.indicators)]
        for role, card in cards.items()
    ]  # fmt: skip
    print_table(shell, [words("column.id"), words("cli.role"), "", words("cli.indicators")], rows)


_role = click.argument("role")
_copy = flag("--copy", "Copy the card into the workbook's templates/ to tailor it there.")


@command(_role, _copy, name="show", of=roles)
def show_role(shell: Shell, role: str, copy: bool) -> None:
    """Show a role card, found by id, name or alias (网站运营经理 finds the operation manager)."""
    _show(shell, "roles", role, copy=copy)


@command(
    A_CLIENT, _role,
    option("--as", "name", default="", metavar="NAME", told="What the client calls it (default: as on the card)."),
    name="add", of=roles,
)  # fmt: skip
def add_role_card(shell: Shell, client: str, role: str, name: str) -> None:
    """Add a role from a card of the library to a client's design; its weights are equal at first, targets are open."""
    from kpi_toolkit.clients.design_roles import add_role

    _tell(shell, client, "roles.added", add_role(shell.workbook, client, role, name))


@command(
    A_CLIENT, _role, click.argument("indicator", metavar="CARD"),
    option("--quantity", type=Number(1, 1_000_000), required=True, told="How many are asked for in a cycle."),
    option("--weight", type=Number(1, 99), required=True, told="Points of 100 that it counts."),
    option("--quality", default="", metavar="TEXT", told="When a piece is good enough (default: as on the card)."),
    name="put", of=roles,
)  # fmt: skip
def put_card(shell: Shell, client: str, role: str, indicator: str, quantity: int, weight: int, quality: str) -> None:
    """Put an indicator of the library into a role's form; the other weights become less in proportion."""
    from kpi_toolkit.clients.design_roles import add_line

    role_id = add_line(shell.workbook, client, role, indicator, quantity=quantity, weight=weight, quality=quality)
    _tell(shell, client, "roles.put", role_id)


@command(A_CLIENT, _role, click.argument("name"), name="rename", of=roles)
def rename_design_role(shell: Shell, client: str, role: str, name: str) -> None:
    """Rename a role of a client's design; its id stays, because people and months refer to it."""
    from kpi_toolkit.clients.design_roles import rename_role

    _tell(shell, client, "roles.renamed", rename_role(shell.workbook, client, role, name))


@command(A_CLIENT, _role, name="remove", of=roles)
def remove_design_role(shell: Shell, client: str, role: str) -> None:
    """Remove a role that nobody has from a client's design."""
    from kpi_toolkit.clients.design_roles import remove_role

    _tell(shell, client, "roles.removed", remove_role(shell.workbook, client, role))


def _tell(shell: Shell, client: str, said: str, role: str) -> None:
    """Say what was done, and what the design still lacks."""
    from kpi_toolkit.clients.client import read_client
    from kpi_toolkit.terminal import print_issues

    if shell.as_json:
        shell.data({"client": client, "role": role})
    shell.say(said, role=role, path=f"client_data/{client}/design.toml")
    found = read_client(shell.workbook.client_folder(client))[1].errors
    if found:
        print_issues(shell, [(client, found)], talk=True)
    shell.say("cli.next", command=f"kpi check {client}")


_search = option("--search", metavar="WORD", told="Find a word: in the names of a SHELF, or in the notes.")


@command(click.argument("shelf", required=False), click.argument("name", required=False), _copy, _search)
def library(shell: Shell, shelf: str | None, name: str | None, copy: bool, search: str | None) -> None:
    """Cards of every kind: roles, indicators, sets, goals, checklists, training, notes, organisations.

    Without a NAME lists those of the SHELF, without a SHELF lists the kinds.
    """
    from kpi_toolkit.clients.library import Library
    from kpi_toolkit.clients.workbook import WorkbookError
    from kpi_toolkit.pages.gallery import SHELVES, shelf_of

    words, cards = shell.words, Library(shell.workbook)
    shelf = next((kind for kind in SHELVES if words(f"shelf.{kind}") == shelf), shelf)
    if name is not None and shelf is not None:
        check_idle(search=True)
        _show(shell, shelf, name, copy=copy)
        return
    if copy:
        raise WorkbookError("copy-without-name")
    if search is not None and shelf is None:
        rows = [
            [
                f"{note_id}/{entry.id}",
                f"{entry.mark}/{len(note.entries)}",
                words.show(entry.name),
                words.show(note.name),
            ]
            for note_id, note, entry in cards.search(search)
        ]
    elif shelf is not None:
        sought = (search or "").casefold()
        rows = [
            [card_id, words.show(card.name)] for card_id, card in shelf_of(cards, shelf).items()
            if sought in " ".join((card_id, *card.name.words, *getattr(card, "aliases", ()))).casefold()
        ]  # fmt: skip
    else:
        rows = [[kind, words(f"shelf.{kind}"), str(len(shelf_of(cards, kind)))] for kind in SHELVES]
    if shell.as_json:
        shell.data({"cards": rows})
        return
    if not rows:
        shell.say("cli.nothing_found")
        return
    print_table(shell, [words("column.id"), "", "", ""][: len(rows[0])], rows)


def _show(shell: Shell, shelf: str, name: str, *, copy: bool) -> None:
    from kpi_toolkit.clients.library import Library
    from kpi_toolkit.clients.storage import sweep, write_file
    from kpi_toolkit.pages.gallery import Gallery, shelf_of

    cards = Library(shell.workbook)
    known = shelf_of(cards, shelf)
    card_id = cards.find(shelf, name)
    if copy:
        shell.workbook.clients()  # outside a workbook it says so instead of starting one
        path = cards.file_of(shelf, card_id)
        own = shell.workbook.root / "templates" / path
        said = "cli.skipped_copy" if own.exists() else "cli.created"
        sweep(own.parent, deep=False)
        if not own.exists():
            write_file(own, shell.workbook.template(path).read_bytes())
        shell.say(said, path=str(own))
    if shell.as_json:
        shell.data({"id": card_id, **known[card_id].model_dump(mode="json", by_alias=True)})
        return
    print_card(shell, card_id, known[card_id], Gallery(cards, shelf, shell.words))
