"""Whether less is better of a design's new lines: what files say, what names sound like, what is answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from kpi_toolkit.clients.design_lines import Lines
from kpi_toolkit.clients.headings import without_unit
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.library import wording_rules
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.issues import Known, folded, spelt_alike
from kpi_toolkit.method.model import Indicator
from kpi_toolkit.method.wording import matches


def better_lower(
    into: Import, roles: Mapping[str, Lines], known: Mapping[str, Mapping[str, Indicator]]
) -> dict[str, bool]:
    """Return by folded names whether less is better; asked once about all new indicators that nothing else decides.

    Whoever answers again where nothing is new means those that are in the design by now; so does who names them.
    """
    asked = f"lower:{next(line for lines in roles.values() for line in lines.values()).place('indicator').file}"
    open_, new = Lines(), Lines()
    for title, lines in roles.items():
        silent = {name: line for name, line in lines.items() if not line.said("direction") and not card_of(into, name)}
        open_ = {**silent, **open_}
        new = {**{name: line for name, line in silent.items() if name not in known[title]}, **new}
    unknown = new or (open_ if asked in into.answers else {})
    if not unknown:
        return {}
    _forget_other_lines(into, asked, open_)
    guessed = [name for name in _less(into, open_) if name in unknown]
    at = next(iter(unknown.values())).place("indicator")
    about: dict[str, Any] = {
        "proposed": "as-shown",
        "free": True,
        "lower": "; ".join(guessed),
        "n": len(unknown),
    }
    sentence = "" if guessed else "ask.none_lower"
    said = into.ask(at, asked, ("as-shown", "none"), text=sentence, **about)
    chosen = guessed if said == "as-shown" else [] if said in {None, "none"} else _listed(asked, str(said), open_)
    named = chosen if asked in into.answers else ()
    return {folded(name): name in chosen for name in (*unknown, *named)}


def _forget_other_lines(into: Import, asked: str, lines: Lines) -> None:
    """Ask again where what was answered earlier names lines that the files no longer have."""
    kept = into.asking.answers.get(asked, "as-shown")
    if asked in into.answers or kept in {"as-shown", "none"}:
        return
    try:
        _listed(asked, kept, lines)
    except WorkbookError:
        into.asking.answers = {name: said for name, said in into.asking.answers.items() if name != asked}


def _less(into: Import, lines: Lines) -> list[str]:
    """Return which lines' names, or remarks beside or above them, say that less is better.

    Where remarks say it of some, a word that is only often in such names says nothing of the others.
    """
    rules, above = wording_rules(into.workbook), _named_as_less(into)
    said = {
        name for name, line in lines.items()
        if into.words.holds("less", [record.text("note") for record in line.records])
        or any(part in name.casefold() for part in above)
    }  # fmt: skip
    sure = said | {name for name in lines if matches(rules.fewer, name) and not matches(rules.handled, name)}
    return [name for name in lines if name in sure or (not said and into.words.is_lower(name))]


def _named_as_less(into: Import) -> list[str]:
    """Return what a sentence on a sheet names as better the lower: "Lower is better for: open chats, overtime"."""
    cells = (cell for source in into.sources for grid in source.grids for _, cells in grid.lines for cell in cells)
    parts = (part for cell in cells if into.words.holds("less", [cell]) for part in _PARTED.split(cell.casefold())[1:])
    return [part.strip() for part in parts if part.strip()]


_PARTED = re.compile("[:：,，、;；。.\n]|\\band\\b|[和与]")


def _listed(asked: str, said: str, known: Collection[str]) -> list[str]:
    """Return the names of an answer that lists them, parted by any sign that people part names with.

    Raises WorkbookError for one that is none of those ``known``.
    """
    names = {folded(name): name for name in known}
    texts = (text if folded(text) in names else re.sub("[,，、]", ";", text) for text in re.split("[;；\n]", said))
    parts = [part for text in texts for each in text.split(";") if (part := each.strip())]
    for part in parts:
        if folded(part) not in names:
            near = next(iter(spelt_alike(folded(part), names)), "")
            told = {"known": ", ".join(known), "nearest": names.get(near, "")}
            raise WorkbookError("bad-reply", id=asked, value=part, **told)
    return [names[folded(part)] for part in parts]


def card_of(into: Import, name: str) -> Any:
    """Return the library's card of an indicator; None where none, or more than one, has its name."""
    known = Known.named(into.library.indicators)
    found = known.exactly(name) | known.exactly(without_unit(name))
    return into.library.indicators[found.pop()] if len(found) == 1 else None
