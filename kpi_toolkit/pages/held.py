"""What closing, opening again and correcting a month came to, said alike in a terminal and a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from kpi_toolkit.clients.cycle_folders import cycles_in
from kpi_toolkit.clients.frozen import delivered
from kpi_toolkit.clients.record import read_record
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.pages.kinds import KINDS
from kpi_toolkit.pages.standing import changed_text
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.board import board
from kpi_toolkit.results.closing import Done
from kpi_toolkit.results.official import Difference, Worked


class Said(NamedTuple):
    """A line, and whether it is a caution: of something that whoever decides should know."""

    text: str
    caution: bool = False


def held(workbook: Workbook, done: Done, words: Words, *, typed: bool = True) -> Iterator[Said]:
    """Go through what is said of an act: what it is now, each value that changed, what is not in the record yet.

    Client and month are named as they are ``typed``, with commands that show more, or else as people call them.
    """
    did = "corrected" if done.line.kind == "corrected" else done.state.value
    state = did if done.anew else "dry" if done.changed else f"{done.state}_already"
    line, client, cycle = done.line, done.client, done.cycle
    if not typed:
        client, cycle = words.show(workbook.called(client)), words.cycle(Cycle.parse(cycle))
    yield Said(words(f"record.done.{state}", client=client, cycle=cycle, line=line.n, hash=line.hash))
    if done.changed and done.worked:
        yield from _changes(done.changed, done.worked, _later(workbook.client_folder(done.client), done.cycle), words)
    if done.state == "closed" and done.anew:
        if behind := words.behind(done.behind):
            command = f"kpi check {done.client} {done.cycle}"
            said = words("cli.behind", said=behind, command=command) if typed else words("record.behind", said=behind)
            yield Said(said, caution=True)
        yield from _missing(workbook, done, words, typed)


def wanted(folder: Path, cycle: str) -> list[str]:
    """Return which reports to ask for where more kinds than the usual were delivered of a month; else none."""
    names = delivered(folder, cycle, read_record(folder / "cycles" / cycle).of("delivered"))
    heads = {name.partition("/")[0].partition(".")[0] for name in names}
    made = {"person" if head == "people" else head for head in heads}
    kinds = [kind for kind in KINDS.values() if kind.usual or (kind.in_batches and kind.name in made)]
    return [] if all(kind.usual for kind in kinds) else [kind.name for kind in kinds]


def _changes(found: Difference, worked: Worked, later: list[str], words: Words) -> Iterator[Said]:
    """Say what a correction changes, value by value, whose page becomes another, where old figures stand."""
    people = dict(zip(worked.tables.people["id"], worked.tables.people["name"], strict=True))
    items = {item.id: item.name for role in worked.design.roles.values() for item in role.indicators}

    def who(person: str) -> str:
        return words("record.more", said=people[person], more=person) if person in people else person

    for each in found.values:
        about = f"{who(each.person)} · {words.show(items.get(each.indicator, each.indicator))}"
        column, blank = words(f"import.is.{each.column}"), words("record.blank")
        yield Said(f"   {about} · {column}{words('list.colon')}{each.before or blank} → {each.after or blank}")
    yield Said(changed_text(words, {key: len(getattr(found, key)) for key in ("values", "scores", "ranks", "tiers")}))
    if found.people:
        whom = words("list.comma").join(map(who, found.people))
        yield Said(words("record.new_pages", n=len(found.people), people=whom), caution=True)
    if found.scores and len(found.people) < len(people):
        yield Said(words("record.others"))
    if found.scores and later:
        yield Said(words("record.later", cycles=later, cycle=worked.cycle.id))


def _later(folder: Path, cycle: str) -> list[str]:
    """Return the months after this one of which pages were delivered: they show this one as it was then."""
    months = sorted(each for each in cycles_in(folder)[0] if each > cycle)
    return [each for each in months if read_record(folder / "cycles" / each).of("delivered")]


def _missing(workbook: Workbook, done: Done, words: Words, typed: bool) -> Iterator[Said]:
    """Say who has no score, and whose talk or signature is not in the record: closing does not make up for them."""
    if worked := done.worked:
        names = names_of(worked.tables.people, worked.design.roles)
        bare = [words.show(names[own.person]) for own in worked.scored.scores.values() if own.score is None]
        if bare:
            yield Said(words("record.unscored", n=len(bare), people=bare), caution=True)
    today = date.today()  # noqa: DTZ011 - the day where it is closed; talks are held after the cycle's last one
    (month,) = board(workbook, Cycle.parse(done.cycle), today, (done.client,)).clients
    counts = {step: month.total(step) for step in ("talk", "signed")}
    open_steps = [f"{words(f'month.step.{step}')} {of - whole}" for step, (whole, of) in counts.items() if whole < of]
    if open_steps:
        steps = words("list.comma").join(open_steps)
        whose = words("record.undone_whose", cycle=done.cycle, client=done.client) if typed else ""
        yield Said(words("record.undone", steps=steps) + whose, caution=True)
