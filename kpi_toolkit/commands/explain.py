"""``kpi explain``: why a client's own workbook has other scores than ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_toolkit.commands.options import A_CLIENT, CYCLE, FILE, GIVEN_FILE, command, option
from kpi_toolkit.terminal import Shell, as_is, print_table

if TYPE_CHECKING:
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.explaining import Compared


_to = option("--to", type=FILE, told="Where to write the copy with one more column.")


@command(A_CLIENT, click.argument("cycle", type=CYCLE), click.argument("file", type=GIVEN_FILE), _to)
def explain(shell: Shell, client: str, cycle: str, file: Path, to: Path | None) -> None:
    """Compare a client's own scoring workbook with ours: the first cell that differs, and why."""
    from kpi_toolkit.clients.apart import read_apart
    from kpi_toolkit.clients.client import load_client, named_cycle
    from kpi_toolkit.clients.reading import raise_errors
    from kpi_toolkit.clients.storage import write_file
    from kpi_toolkit.method.plain import plain
    from kpi_toolkit.pages.explained import cause_of, explained, left_of
    from kpi_toolkit.results.explaining import compare_workbook
    from kpi_toolkit.results.summary import summarize_cycle

    value = load_client(shell.workbook.client_folder(client))
    summary = summarize_cycle(value, named_cycle(value, cycle))
    sources = read_apart([file])
    raise_errors(sources[0].issues)
    compared, words = compare_workbook(value, summary, sources), shell.words
    found = compared.cells
    to = to or Path(words("explain.name", stem=file.stem) + ".xlsx")
    write_file(to, explained(sources[0], found, words))
    first = next((one for one in found if one.cause), None)
    cells = [_shown(one, words) for one in found]
    if shell.as_json:
        shell.data(plain({"first": first and cells[found.index(first)], "cells": cells, "written": str(to), "left": [
            {"file": one.source.name, "sheet": one.sheet, "cell": one.place.cell, "heading": one.heading}
            for one in compared.left
        ]}))  # fmt: skip
        return
    if first is None:
        shell.out.print(words("explain.same", n=len(found)))
    else:
        rows = [
            [as_is(one.place.cell), as_is(one.person), as_is(words.show(one.indicator)), words.number(one.theirs),
             words.number(one.ours), cause_of(one, words)] for one in found if one.cause
        ]  # fmt: skip
        heads = [words(f"explain.{key}") for key in ("cell", "person", "what", "theirs", "ours", "why")]
        print_table(shell, heads, rows)
        said = words("explain.first", place=words.place(first.place), person=first.person)
        shell.out.print(said)
    if left := left_of(compared, words):
        shell.out.print(left, soft_wrap=True)
    shell.say("cli.created", path=str(to))


def _shown(one: Compared, words: Words) -> dict[str, Any]:
    return {
        "file": one.source.name, "sheet": one.place.sheet or "", "cell": one.place.cell, "person": one.person,
        "indicator": words.show(one.indicator), "theirs": one.theirs, "ours": one.ours, "cause": one.cause,
        "typed": one.typed, "caps": one.caps,
    }  # fmt: skip
