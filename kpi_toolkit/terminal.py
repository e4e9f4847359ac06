"""How results look in a terminal: tables, findings, role cards. It only shows; nothing is computed here."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from kpi_toolkit.method.shown import FEW, columns_of, in_lines, json_text, least_columns, narrowed, one_line, wrapped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text as Line

    from kpi_toolkit.clients.client import Client, PassedOver
    from kpi_toolkit.clients.workbook import Workbook
    from kpi_toolkit.method.issues import Behind, Issues, Level
    from kpi_toolkit.method.model import Design
    from kpi_toolkit.method.value import Text
    from kpi_toolkit.pages.gallery import Gallery
    from kpi_toolkit.pages.scenarios import Comparison
    from kpi_toolkit.pages.words import Words
    from kpi_toolkit.results.summary import CycleSummary

_LEVEL: dict[Level, str] = {
    "muted": "dim", "hint": "cyan", "caution": "cyan", "warning": "yellow", "error": "bold red",
}  # fmt: skip
_MOST_FILES = 5
_SHOWN, _EXAMPLES = 5, 2
"""How many findings of a kind are shown, unless all are asked for; the rest is counted."""
VERDICT = {"firm": "●", "likely": "○", "open": "◌"}
"""The marks of how sure a tier is, as pages draw them."""
_TIER = {"top": "blue", "middle": "", "bottom": "dark_orange3"}


_TAKEN = frozenset({"path", "file", "files", "folder", "command"})
"""What of a sentence is taken as it is: copied, opened or run."""


class Shell:
    """What every command shares: workbook, language, and where to write."""

    def __init__(self, language: str) -> None:
        self.root, self.language = Path(), language
        self.as_json = self.quiet = self.verbose = self.debug = False
        self._words: dict[tuple[str, Workbook], Words] = {}

    @property
    def workbook(self) -> Workbook:
        """The workbook of this call."""
        from kpi_toolkit.clients.workbook import Workbook

        return Workbook.nearest(self.root) if self.root == Path() else Workbook(self.root)

    @property
    def words(self) -> Words:
        """The words of this call's language, read once."""
        from kpi_toolkit.pages.words import Words

        key = (self.language, self.workbook)
        if key not in self._words:
            self._words[key] = Words(self.language, self.workbook)
        return self._words[key]

    @property
    def out(self) -> Console:
        """Where data go."""
        return _console()

    @property
    def talk(self) -> Console:
        """Where talk goes."""
        return _console(stderr=True, quiet=self.quiet)

    @property
    def errors(self) -> Console:
        """Where errors go: talk that ``-q`` does not silence."""
        return _console(stderr=True)

    def say(self, key: str, *, style: str | None = None, **values: Any) -> None:
        """Talk: say a sentence; one with a path or a command in it is not broken, so that it can be taken as it is."""
        said = self.words(key, **values)
        whole = not _TAKEN.isdisjoint(values) or "kpi " in said
        self.talk.print(said, style=style, soft_wrap=whole or None)

    def data(self, value: Any) -> None:
        """Write plain data to stdout."""
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        click.echo(json_text(value, indent=2, ascii_only=not utf8))


@cache
def _lines_only() -> type[Console]:
    from rich.console import Console

    class Lines(Console):
        """A console that prints lines: whatever is in them, each stays one, and nothing in it is a command.

        Brackets in a text are what they are, unless ``markup`` is asked for; a table's cells say themselves.
        """

        def print(self, *objects: Any, markup: bool | None = False, **options: Any) -> None:
            parts = [one_line(part) if isinstance(part, str) else part for part in objects]
            if not markup and not self.soft_wrap and not options.get("soft_wrap"):
                parts = [in_lines(part, self.width) if isinstance(part, str) else part for part in parts]
                options["soft_wrap"] = True
            text = any(isinstance(part, str) for part in parts)
            super().print(*parts, markup=markup if text else None, **options)

    return Lines


def _console(*, stderr: bool = False, **options: Any) -> Console:
    """Return a console; where nobody looks at a terminal, lines are as long as they are."""
    seen = _seen(sys.stderr if stderr else sys.stdout)
    return _lines_only()(highlight=False, emoji=False, soft_wrap=not seen, stderr=stderr, **options)


def _seen(stream: TextIO) -> bool:
    return stream.isatty()


def print_scores(shell: Shell, summary: CycleSummary, client: Client) -> None:
    """Show a cycle's ranking."""
    words, sure_of = shell.words, summary.verdicts
    rows = []
    for line in (*summary.ranking, *summary.unscored):
        tier = f"{words(f'tier.letter.{line.tier.value}')} {words(f'tier.{line.tier.value}')}" if line.tier else "–"
        tier = f"[{style}]{tier}[/]" if line.tier and (style := _TIER[line.tier.value]) else tier
        score = words.number(line.score, 2) + ("*" if any(item.state == "missing" for item in line.lines) else "")
        called, role = words.show(line.called), words.show(line.role.name)
        own = sure_of.people.get(line.id)
        sure = f"{VERDICT[own.label]} {words(f'confidence.{own.label}')}" if own else ""
        rows.append([str(line.rank or "–"), as_is(called), as_is(role), as_is(line.team),
                     score, tier, sure, words(f"reason.{line.reason}")])  # fmt: skip
    head = [words(f"cli.{key}") for key in ("rank", "person", "role", "team", "score", "tier", "verdict", "reason")]
    title = f"{words.show(summary.profile.name)} · {words.cycle(summary.cycle)}"
    print_table(shell, head, rows, title=title, right={0, 4})
    print_directions(shell, client, summary.design, [line.role.name for line in (*summary.ranking, *summary.unscored)])
    for pool in summary.pools:
        if pool.advisory:
            shell.say("cut.advisory", n=pool.n)
    if summary.at_cap:
        shell.say("cli.at_cap", said=words("cut.at_cap", n=len(summary.at_cap)))
    if summary.missing:
        shell.say("cli.incomplete", n=len(summary.missing))
    if sure_of.pending and sure_of.people:
        shell.say("confidence.pending", n=len(sure_of.pending), all=len(rows), style="yellow")
    for reason in ("pending", "quota", "missing", "rounding"):  # the others are among the reasons in the table
        if rest := summary.names(sure_of.resting(reason)):
            said = words(f"confidence.rests_{reason}") + words("list.colon")
            shell.talk.print(said[:1].upper() + said[1:] + words.show(rest))
    print_behind(shell, summary.client_id, summary.cycle.id, summary.issues.behind, summary.passed_over)


def print_directions(shell: Shell, client: Client, design: Design, roles: Collection[Text] = ()) -> None:
    """Say what is better the lower it is, until somebody has confirmed it: this late nothing else of it is seen."""
    from kpi_toolkit.clients.directions import unconfirmed

    items = [item for role in design.roles.values() if not roles or role.name in roles for item in role.indicators]
    if not {item.id for item in items} & {item.id for item in unconfirmed(client, design)}:
        return
    lower = [item.name for item in items if item.scored_direction == "lower"]
    names = shell.words("list.item").join(dict.fromkeys(map(shell.words.show, lower)))
    shell.say("cli.lower" if lower else "cli.all_higher", indicators=names)


def print_behind(shell: Shell, client: str, cycle: str, behind: Behind, passed_over: Sequence[PassedOver] = ()) -> None:
    """Say which newer cycles were passed over, and how many findings stand behind what is shown."""
    for passed in passed_over:
        reason = passed.reason.replace("-", "_")
        shell.say(f"cli.passed_{reason}", client=client, cycle=passed.cycle, taken=cycle, style="yellow")
    if said := shell.words.behind(behind):
        shell.say("cli.behind", said=said, command=f"kpi check {client} {cycle}".strip(), style="yellow")


def print_redesigned(shell: Shell, place: str, version: int | None) -> None:
    """Say that a cycle's reports were delivered under another design than the one that is shown."""
    if version is not None:
        client, _, cycle = place.partition("/")
        shell.say("cli.redesigned", client=client, cycle=cycle, version=version, style="yellow")


def print_comparison(shell: Shell, found: Comparison) -> None:
    """Show who another scenario moves, and by which indicator."""
    from kpi_toolkit.pages.scenarios import comparison_notes, comparison_rows

    words = shell.words
    names = [words.show(name) if name else words("whatif.agreed") for name in found.names]
    head = [words(f"whatif.{key}") for key in ("person", "tier", "rank", "score", "mostly")]
    rows = [[as_is(cell) for cell in row] for row in comparison_rows(found, words)]
    print_table(shell, head, rows, title=" → ".join(names))
    shell.say("cli.crossed", n=len(found.crossed))
    for line in comparison_notes(found, words):
        shell.talk.print(line, style="yellow")


def print_card(shell: Shell, name: str, card: Any, gallery: Gallery) -> None:
    """Show a card of the library: its name, then its fields."""
    words, out = shell.words, shell.out
    out.print(f"[bold]{as_is(words.show(card.name))}[/]  {name}", markup=True)
    if hasattr(card, "may_bear_sales_quota"):
        out.print(words("cli.quota_yes" if card.may_bear_sales_quota else "cli.quota_no"), style="dim")
    for label, said in gallery.lines(card):
        if len(said) == 1:
            out.print(f"[bold]{label}[/]{words('list.colon')}{as_is(said[0])}", markup=True)
            continue
        out.print(f"[bold]{label}[/]", markup=True)
        for number, line in enumerate(said, start=1):
            out.print(f"  {number}. {line}")


def print_missing_glyphs(shell: Shell, report: str, missing: Sequence[str]) -> None:
    """Warn of characters that no font of the package has: a reader's machine may show a box instead."""
    if missing:
        chars = " ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        shell.say("cli.missing_glyph", report=report, chars=chars, style="yellow")


def print_own_files(shell: Shell, files: Mapping[str, str]) -> None:
    """Say what is not the toolkit's own and is used all the same: page templates, words, notebooks, by their hashes."""
    if not files:
        return
    words = shell.words
    named = [f"{path} ({digest[:12]})" for path, digest in files.items()]
    text = words("list.comma").join(named[:_MOST_FILES])
    if len(named) > _MOST_FILES:
        text = words("cli.own_files_more", files=text, n=len(named) - _MOST_FILES)
    shell.say("cli.own_files", files=text, style="yellow")


def print_table(
    shell: Shell, head: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", right: Iterable[int] = (),
    whole: Iterable[int] = (),
) -> None:  # fmt: skip
    """Show rows under a head; figures stand ``right``, and ``whole`` columns are never wrapped.

    In a terminal too narrow for their words columns go in which all rows say the same, and else each row is a list;
    where nobody looks at one, lines are as long as needed.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    # One piece: how wide columns are decides which of them stand, and that whether there is a table at all.
    out, titled = shell.out, as_is(one_line(title))
    cells = [[Text.from_markup(one_line(cell)) for cell in row] for row in rows]
    columns = [[name, *(row[at].plain for row in cells if at < len(row))] for at, name in enumerate(head)]
    full = [max(map(columns_of, column)) for column in columns]
    right, whole = set(right), {*whole, *right}
    least = [full[at] if at in whole else least_columns(column) for at, column in enumerate(columns)]
    varied = [at for at, column in enumerate(columns) if len({*column[1:]}) > 1]
    for kept in ([*range(len(head))], varied):
        between = _BETWEEN * len(kept)
        wanted, fewest = ([sizes[at] for at in kept] for sizes in (full, least))
        widths = narrowed(wanted, fewest, out.width - between) if _seen(sys.stdout) else wanted
        if widths:
            break
    else:
        _print_lists(out, head, cells, title)
        return
    out.width = max(sum(widths) + between, columns_of(title), 1)
    table = Table(box=SIMPLE_HEAD, title=titled or None, title_justify="left", header_style="bold", pad_edge=False)
    for at, width in zip(kept, widths, strict=True):
        justify: Literal["right", "left"] = "right" if at in right else "left"
        table.add_column("\n".join(wrapped(head[at], width)), justify=justify, width=width)
    for row in cells:
        table.add_row(*(
            row[at] if row[at].spans else Text("\n".join(wrapped(row[at].plain, width)))
            for at, width in zip(kept, widths, strict=True) if at < len(row)
        ))  # fmt: skip
    out.print(table)


_BETWEEN = 3
"""Blanks between two columns."""


def _print_lists(out: Console, head: Sequence[str], rows: list[list[Line]], title: str) -> None:
    """Show each row as a list of what stands under each head."""
    from rich.text import Text

    if title:
        out.print(title, style="italic")
    width = max(map(columns_of, head))
    for row in rows:
        for name, cell in ((name, cell) for name, cell in zip(head, row, strict=False) if cell.plain.strip()):
            lines = wrapped(cell.plain, max(out.width - width - 2, FEW))
            said = ("\n" + " " * (width + 2)).join(lines)
            out.print(Text.assemble((name + " " * (width - columns_of(name)), "bold"), "  ", said), soft_wrap=True)
        out.print()


def print_issues(
    shell: Shell, found: Iterable[tuple[str, Issues]], *, talk: bool = False, apart: bool = True
) -> None:  # fmt: skip
    """Show findings, each with its place and remedy; of a kind the first few, and of the rest how many and where."""
    words = shell.words
    console = shell.errors if talk else shell.out
    found = [(name, group) for name, issues in found for group in issues.by_kind(apart=apart)]
    for level in _LEVEL:
        for name, group in found:
            if group[0].level == level:
                _print_kind(shell, console, name, group)
    counts = Counter(issue.level for _, group in found for issue in group)
    if not counts:
        console.print(words("cli.clean"))
    elif not talk:
        total = words("cli.found", **{f"{level}s": counts[level] for level in _LEVEL if level != "muted"})
        muted = words("list.comma") + words("cli.muted_count", n=counts["muted"]) if counts["muted"] else ""
        console.print(total + muted)


def _print_kind(shell: Shell, console: Console, name: str, group: Issues) -> None:
    from kpi_toolkit.clients.headings import runs

    words = shell.words
    few = _SHOWN if len(group) <= _SHOWN or group[0].severity == "error" else _EXAMPLES
    shown = group if shell.verbose else group[:few]
    remedies = [words("cli.muted", reason=i.muted) if i.muted else words.remedy(i) for i in shown]
    for issue, remedy, following in zip(shown, remedies, [*remedies[1:], ""], strict=True):
        level = f"[{_LEVEL[issue.level]}]{words(f'cli.{issue.called}')}[/]"
        place = as_is("/".join(filter(None, (name, words.place(issue.place)))))
        console.print(f"{level} {place}".rstrip() + f"  [dim]{issue.code}[/]", markup=True)
        style = "dim" if issue.muted else None
        console.print(f"   {words.message(issue)}", style=style)
        if remedy != following:  # the same advice once for all
            console.print(f"   → {remedy}", style=style)
    rest = group[len(shown) :]
    if rest:
        rows, files = [issue.place.row for issue in rest], {issue.place.file for issue in group}
        told = (
            words("cli.more_rows", n=len(rest), rows=runs(rows))
            if all(rows) and len(files) == 1
            else words("cli.more", n=len(rest))
        )
        console.print(f"   {told}", style="dim")


def as_is(text: str) -> str:
    """Return text that the terminal shows as it is: brackets are not markup."""
    from rich.markup import escape

    return escape(text)
