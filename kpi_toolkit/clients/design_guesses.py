"""What a design's new lines are, whether less is better and whether they are results: by files, names and answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from kpi_toolkit.clients.design_lines import Lines
from kpi_toolkit.clients.headings import without_unit
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import Known, folded, spelt_alike
from kpi_toolkit.method.model import Indicator, IndicatorClass, Side
from kpi_toolkit.method.value import Word
from kpi_toolkit.method.wording import matches


class Taken(NamedTuple):
    """What a line is taken to be: whether less is better, None where a column says it, and of which class."""

    less: bool | None = None
    kind: str = ""
    again: bool = False
    """Whether this holds for an indicator that the design had before, too."""


def taken_lines(into: Import, roles: Mapping[str, Lines], known: Mapping[str, Mapping[str, Indicator]]) -> Guesses:
    """Return by folded names what lines are that nothing else decides: asked once about all that are new.

    Whoever answers again where nothing is new means those that are in the design by now; so does who names them.
    """
    first = next(chain.from_iterable(lines.values() for lines in roles.values()))
    asked = f"new:{first.place('indicator').file}"
    all_, new = _without_cards(into, roles, known)
    due = new or (all_ if asked in into.answers else {})
    if not due:
        return {}
    silent = {name: line for name, line in all_.items() if not line.said("direction")}
    less = [name for name in _less(into, silent) if name in due]
    kinds = _guessed_kinds(into, due, less)
    results = [name for name, kind in kinds.items() if IndicatorClass(kind).side is Side.RESULT]
    shown = {key: "; ".join(names) or _NO_NAMES for key, names in (("lower", less), ("results", results))}
    at, sentence = next(iter(due.values())).place("indicator"), "" if due.keys() & silent else "ask.new_results"
    options: dict[str, Any] = {"proposed": _AS_SHOWN, "free": True, "about": tuple(due)}
    said = into.ask(at, asked, (_AS_SHOWN, _NONE), text=sentence, n=len(due), **options, **shown) or _AS_SHOWN
    lower, sides = _listed(asked, said, all_)
    lower = less if lower is None else lower
    kinds |= {name: _kind(side, kinds.get(name, ""), less=name in lower) for name, side in sides.items()}
    again = {*due} - {*new} | ({*lower, *sides} if asked in into.answers else set())
    return {
        folded(name): Taken(name in lower if name in silent else None, kinds.get(name, ""), again=name in again)
        for name in {*new, *again}
    }


def _without_cards(
    into: Import, roles: Mapping[str, Lines], known: Mapping[str, Mapping[str, Indicator]]
) -> tuple[Lines, Lines]:
    """Return the lines that no card of the library decides on, and of them those that are new in their role."""
    all_, new = Lines(), Lines()
    for title, lines in roles.items():
        own = {name: line for name, line in lines.items() if not card_of(into, name)}
        all_ = {**own, **all_}
        new = {**{name: line for name, line in own.items() if name not in known[title]}, **new}
    return all_, new


def _guessed_kinds(into: Import, lines: Lines, less: Collection[str]) -> dict[str, str]:
    """Return by lines' names what class they probably are; of which less is better, a column or ``less`` says."""
    ways = {name: map(partial(into.words.means, "direction"), line.said("direction")) for name, line in lines.items()}
    down = {name for name, found in ways.items() if "lower" in found}
    return {name: into.words.guess(name, less=name in down or name in less) for name in lines}


Guesses = Mapping[str, Taken]
_AS_SHOWN, _NONE, _NO_NAMES = "as-shown", "none", Word("import.none_of_them")
_SIDES = {"result": Side.RESULT, "work": Side.PROCESS}


def _kind(side: str, guessed: str, *, less: bool) -> str:
    """Return the class of a line that is answered to count on a side: the guessed one if it does."""
    if guessed and IndicatorClass(guessed).side is _SIDES[side]:
        return guessed
    plain = IndicatorClass.QUALITY if less else IndicatorClass.WORKLOAD
    return (IndicatorClass.RESULT if _SIDES[side] is Side.RESULT else plain).value


def _less(into: Import, lines: Lines) -> list[str]:
    """Return which lines' names, or remarks beside or above them, say that less is better.

    Where remarks say it of some, a word that is only often in such names says nothing of the others.
    """
    rules, above = wording_rules(into.client.workbook), _named_as_less(into)
    said = {
        name for name, line in lines.items()
        if into.words.holds("less", [record.text(said) for record in line.records for said in ("note", "standard")])
        or any(part in name.casefold() for part in above)
    }  # fmt: skip
    sure = said | {name for name in lines if matches(rules.fewer, name) and not matches(rules.handled, name)}
    return [name for name in lines if name in sure or (not said and into.words.hints("lower", name))]


def _named_as_less(into: Import) -> list[str]:
    """Return what a sentence on a sheet names as better the lower: "Lower is better for: open chats, overtime"."""
    cells = (cell for source in into.sources for grid in source.grids for _, cells in grid.lines for cell in cells)
    parts = (part for cell in cells if into.words.holds("less", [cell]) for part in _PARTED.split(cell.casefold())[1:])
    return [part.strip() for part in parts if part.strip()]


_PARTED = re.compile("[:：,，、;；。.\n]|\\band\\b|[和与]")


def _listed(asked: str, said: str, known: Collection[str]) -> tuple[list[str] | None, dict[str, str]]:
    """Return the names of which less is better, None where an answer lists none, and the sides that it gives to names.

    Any sign that people part names with parts them. Raises WorkbookError for a name that is none of those ``known``.
    """
    names = {folded(name): name for name in known}
    texts = (text if folded(text) in names else re.sub("[,，、]", ";", text) for text in re.split("[;；\n]", said))
    lower: list[str] | None = None
    sides: dict[str, str] = {}
    for part in (part for text in texts for each in text.split(";") if (part := each.strip())):
        name, sign, side = (each.strip() for each in part.rpartition("=")) if "=" in part else (part, "", "")
        if part == _NONE:
            lower = []
        elif folded(name) in names and side in ("", *_SIDES):
            own = names[folded(name)]
            sides |= {own: side} if sign else {}
            lower = lower if sign else [*(lower or []), own]
        elif part != _AS_SHOWN:
            near = next(iter(spelt_alike(folded(name), names)), "")
            told = {"known": ", ".join(known), "nearest": names.get(near, "")}
            raise WorkbookError("bad-reply", id=asked, value=part, **told)
    return lower, sides


def card_of(into: Import, name: str) -> Any:
    """Return the library's card of an indicator; None where none, or more than one, has its name."""
    known = Known.named(into.library.indicators)
    found = known.exactly(name) | known.exactly(without_unit(name))
    return into.library.indicators[found.pop()] if len(found) == 1 else None
