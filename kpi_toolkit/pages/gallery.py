"""The library as a reader sees it: every card as labelled lines, for the terminal and for the gallery in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kpi_toolkit.clients.language import language_of, spoken, told_in
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import check_known
from kpi_toolkit.method.cards import IndicatorCard, NoteEntry
from kpi_toolkit.method.checklists import Line
from kpi_toolkit.method.counting import Formula
from kpi_toolkit.method.organisation import StarterPost
from kpi_toolkit.method.profile import Brand
from kpi_toolkit.method.training import Offer
from kpi_toolkit.method.value import Language, Text
from kpi_toolkit.pages.said import at_work
from kpi_toolkit.pages.templating import filled
from kpi_toolkit.pages.words import Words

SHELVES: dict[str, dict[str, str]] = {
    "roles": {
        "aliases": "", "method": "method", "stratum": "stratum", "value_chain": "step", "duties": "",
        "requirements": "", "authority": "", "indicators": "", "foci": "focus",
    },
    "indicators": {
        "question": "", "kind": "class", "formula": "", "direction": "direction", "unit": "", "source": "",
        "frequency": "cadence", "owner": "", "counter": "", "gaming": "", "standard": "",
    },
    "sets": {"note": "", "indicators": ""},
    "goals": {"aim": "", "indicators": "indicator"},
    "checklists": {"lead": "", "kind": "answers", "lines": "", "note": ""},
    "training": {"indicators": "indicator", "classes": "class", "study": "", "offers": ""},
    "notes": {"text": "", "entries": "", "missing": ""},
    "organisations": {"note": "", "posts": ""},
}  # fmt: skip
"""The kinds of cards, and of each the fields that are shown; words of a section where a field holds a key."""
_ALWAYS = {"requirements", "authority"}
"""Fields that are shown even where they are empty: to be agreed."""


@dataclass(frozen=True)
class Gallery:
    """Cards of one kind, shown one under the other; each opens by mouse or keyboard."""

    library: Library
    shelf: str
    words: Words

    def _repr_html_(self) -> str:
        cards = [(name, card, list(self.lines(card))) for name, card in shelf_of(self.library, self.shelf).items()]
        return filled(
            self.library.workbook, "report/gallery.html.j2", cards=cards, t=self.words, show=self.words.show,
            brand=Brand(),
        )  # fmt: skip

    def lines(self, card: Any) -> Iterator[tuple[str, list[str]]]:
        """Go through a card's fields: a label and what is said, one line or several."""
        for field, section in SHELVES[self.shelf].items():
            value = getattr(card, field)
            entries = value if isinstance(value, tuple) else (value,)
            if field == "aliases":  # cards are found by names in all languages; a reader is shown those of one
                own = told_in(self.words.language, entries)
                entries = tuple(name for name in entries if _spoken(name, own))
            said = [self._said(entry, section) for entry in entries if entry is not None and entry != Text()]
            if said or field in _ALWAYS:
                yield self.words(f"card.{field}"), said or [self.words("card.to_be_agreed")]
        yield self.words("cli.source"), [self.words("source.method" if getattr(card, "seeds", ()) else "source.rule")]

    def _said(self, value: Any, section: str) -> str:
        words, show = self.words, self.words.show
        if section == "indicator":
            return show(self.library.indicators[value].name)
        if section:
            return words(f"{section}.{value}")
        colon = words("list.colon")
        match value:
            case IndicatorCard():
                line = f"{show(value.name)} ({words(f'class.{value.kind}')}){words('cli.ours') if value.ours else ''}"
            case Line():
                offered = words("list.semicolon").join(
                    f"{option.id}) {show(option.text)} [{option.points}]" for option in value.options
                )
                hint = f" ({show(value.hint)})" if value.hint else ""
                line = f"{value.id}{colon}{show(value.text)}{hint}" + (f" {offered}" if offered else "")
            case NoteEntry():
                line = f"{value.mark} {show(value.name)}{colon}{show(value.text)}".strip()
            case Offer():
                line = offer_text(value, words)
            case Formula():
                line = formula_text(value, words)
            case StarterPost():
                title = value.title or self.library.roles[value.role].name
                line = f"{show(title)}{colon}{heads_text(value.headcount, words)}"
            case _:
                line = show(value)
        return line


def _spoken(name: str, language: Language) -> bool:
    """Whether a name is one of this language; an abbreviation is one of all."""
    return (name.isascii() and name.isupper()) or language_of(name) == language


def gallery(shelf: str, language: str = "") -> Gallery:
    """Return all cards of a kind for a notebook; a blank language is ``KPI_LANG``, else the system's.

    WorkbookError for an unknown kind or language.
    """
    workbook = at_work()
    library = Library(workbook)
    shelf_of(library, shelf)
    return Gallery(library, shelf, Words(spoken(language), workbook))


def shelf_of(library: Library, shelf: str) -> dict[str, Any]:
    """Return all cards of a kind; WorkbookError names the nearest kind there is."""
    check_known("unknown-shelf", shelf, SHELVES)
    return dict(getattr(library, shelf))


def formula_text(formula: Formula | None, words: Words) -> str:
    """Return how a figure is made, in words: ``articles approved ÷ articles handed in × 100``."""
    if formula is None:
        return ""
    part, whole = words.show(formula.part), words.show(formula.whole)
    if not formula.whole:
        return part
    line = f"({whole} − {part}) ÷ {whole}" if formula.less else f"{part} ÷ {whole}"
    return f"{line} × 100" if formula.percent else line


def offer_text(offer: Offer, words: Words) -> str:
    """Return an offer in words: its name, its kind, how long it takes and what it costs."""
    about = [words(f"training.{offer.kind}")]
    about += [words("training.hours", n=offer.hours)] if offer.hours else []
    about += [words("training.cost", cost=words.number(offer.cost))] if offer.cost is not None else []
    return f"{words.show(offer.name)} ({words('list.comma').join(about)})"


def heads_text(heads: tuple[int, int] | str | None, words: Words) -> str:
    """Return a number of people as a form shows it: a number, a range, a code, or what is to be filled in."""
    if heads is None:
        return words("post.fill_in")
    if isinstance(heads, str):
        return words(f"post.{heads}")
    return str(heads[0]) if heads[0] == heads[1] else f"{heads[0]}–{heads[1]}"
