"""The library of templates: cards of every kind and design starters, the workbook's own before the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from os import scandir
from pathlib import Path
from typing import Any, TypeVar

from kpi_toolkit.clients.reading import load_card
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, shipped
from kpi_toolkit.method.cards import (
    AgendaRules,
    CountableUnits,
    CurveCard,
    CurveLibrary,
    IndicatorCard,
    IndicatorSet,
    Note,
    NoteEntry,
    Regulation,
    RoleCard,
    RoleFacts,
)  # fmt: skip
from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.checks import Case
from kpi_toolkit.method.fields import FormFields
from kpi_toolkit.method.forms import FormLayout
from kpi_toolkit.method.goals import GoalCard
from kpi_toolkit.method.issues import Known, nearest
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.organisation import Department, OrganisationStarter
from kpi_toolkit.method.procedures import Procedure
from kpi_toolkit.method.regulation import CountryCard, Routines
from kpi_toolkit.method.training import TalkRules, TrainingCard
from kpi_toolkit.method.value import Text, Value

V = TypeVar("V", bound=Value)
CURVES = "curves.toml"


def curve_cards(workbook: Workbook) -> dict[str, CurveCard]:
    """Return all named curves, the workbook's own before the shipped ones of the same name."""
    cards: dict[str, CurveCard] = {}
    for file in workbook.versions(CURVES):
        cards |= load_card(file, CurveLibrary, {"curves": _declared(cards)} if cards else None).curves
    return cards


def agenda_rules(workbook: Workbook) -> AgendaRules:
    """Return the rules of the calibration agenda, the workbook's own file before the shipped one."""
    return load_card(workbook.template("agenda.toml"), AgendaRules)


def countable_units(workbook: Workbook) -> CountableUnits:
    """Return which units are counted in whole pieces, the workbook's own file before the shipped one."""
    return load_card(workbook.template("units.toml"), CountableUnits)


def form_layout(workbook: Workbook) -> FormLayout:
    """Return how the appraisal form looks; what a workbook's own card does not say is as in the shipped one."""
    given, *own = (load_card(path, FormLayout) for path in workbook.versions("forms/monthly.toml"))
    said = {name: getattr(own[-1], name) for name in FormLayout.model_fields} if own else {}
    labels = {**given.labels, **said.pop("labels", {})}
    own_card = given.model_copy(update={name: value for name, value in said.items() if value} | {"labels": labels})
    return own_card.with_missing(given)


def form_fields(workbook: Workbook) -> FormFields:
    """Return how the fields of a design are called in a form."""
    return load_card(workbook.template("forms/fields.toml"), FormFields)


def usual_meetings(workbook: Workbook) -> str:
    """Return the meetings and reports of the method as text of a design. IssuesError where they cannot be read."""
    path = workbook.template("meetings.toml")
    load_card(path, Routines)
    text = path.read_text("utf-8-sig")
    return text[text.index("[[routines]]") :].replace("[[routines]]", "[[regulation.routines]]").strip()


def design_starters(workbook: Workbook) -> dict[str, Design]:
    """Return all starters by name."""
    starters: dict[str, Design] = _around(*_files_around(workbook))["starters"]
    return starters


def country_card(workbook: Workbook, code: str) -> CountryCard:
    """Return what is known of a country; ``any.toml`` where it has no card, or where nobody stated a country."""
    known = {path.stem: path for path in workbook.templates("countries")}
    return load_card(known.get(code.lower(), known["any"]), CountryCard)


def case_of(workbook: Workbook, design: Design, country: str | None = None) -> Case:
    """Return what the linter holds a design against: the workbook's starters, role cards, rules of wording, the law."""
    return Case(design=design, country=country_card(workbook, country or ""), **_around(*_files_around(workbook)))


_OF_A_CASE = ("", "designs", "roles", "indicators", "procedures")


def _files_around(workbook: Workbook) -> tuple[Workbook, tuple[tuple[str, int], ...]]:
    """Return whose templates stand around a design, and when each was changed; few workbooks have any of their own."""
    given, own = ([base / "templates" / name for name in _OF_A_CASE] for base in (shipped(), workbook.root))
    files = (each for folder in (*given, *own) if folder.is_dir() for each in scandir(folder))
    alone = not any(folder.is_dir() for folder in own)
    return (
        Workbook(shipped()) if alone else workbook,
        tuple((each.path, each.stat(follow_symlinks=False).st_mtime_ns) for each in files),
    )


@lru_cache(maxsize=32)
def _around(workbook: Workbook, _state: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    """Return what a design is held against; all of it is read once in a process as long as no file of it changes."""
    return {
        "starters": {path.stem: design_template(workbook, path.stem)[1] for path in workbook.templates("designs")},
        "wording": wording_rules(workbook), "procedures": procedures(workbook), "roles": Library(workbook).facts,
        "curves": curve_cards(workbook),
    }  # fmt: skip


def procedures(workbook: Workbook) -> dict[str, Procedure]:
    """Return the procedures by id, the workbook's own before the shipped ones."""
    return {path.stem: load_card(path, Procedure) for path in workbook.templates("procedures")}


def curves_by_name(workbook: Workbook) -> dict[str, Any]:
    """Return what a design may call by name, as a file declares it."""
    return _declared(curve_cards(workbook))


def _declared(cards: Mapping[str, CurveCard]) -> dict[str, Any]:
    return {name: card.curve.model_dump(by_alias=True, exclude={"named"}) for name, card in cards.items()}


def called_by_name(workbook: Workbook) -> dict[str, Any]:
    """Return what a design may call by name: curves, and cards of indicators, read only where one is called."""
    library = Library(workbook)

    @cache
    def cards() -> dict[str, Any]:
        return {name: card.line() for name, card in library.indicators.items()}

    return {"curves": curves_by_name(workbook), "cards": cards}


_Named = TypeVar("_Named", bound=Value)


def with_names_of(card: Value | None, one: _Named, *fields: str) -> _Named:
    """Return a thing with the texts of its card, each where the thing's own is one of them.

    A starter is in one language, and a client's forms may be in the other.
    """
    of_both = ((field, getattr(one, field), getattr(card, field, Text())) for field in fields)
    return one.model_copy(update={field: both for field, own, both in of_both if {*own.words} <= {*both.words}})


def _shelf(folder: str, model: type[V], *known: str) -> cached_property[Mapping[str, V]]:
    """Return the cards of a folder by id as a property of a library; ``known`` is what of it they may call by name."""

    def shelf(library: Library) -> Mapping[str, V]:
        paths = {path.stem: path for path in library.workbook.templates(folder)}
        return _Shelf(paths, model, lambda: {name: getattr(library, name) for name in known})

    return cached_property(shelf)


def _page(file: str, model: type[V]) -> cached_property[V]:
    """Return what stands in one file as a property of a library."""
    return cached_property(lambda library: load_card(library.workbook.template(file), model))


@dataclass(frozen=True)
class Library:
    """All cards of a workbook by kind and id; each kind is read when it is first asked for."""

    workbook: Workbook

    sets = _shelf("indicators", IndicatorSet, "curves")
    """Indicator cards by system: content, seo, social, ads, sales and more."""
    roles = _shelf("roles", RoleCard, "curves", "indicators")
    """Role cards; they call indicators by id, or have some of their own."""
    facts = _shelf("roles", RoleFacts)
    """What the linter asks of role cards; no indicator is read for it."""
    goals = _shelf("goals", GoalCard)
    """Types of operating goals."""
    checklists = _shelf("checklists", Checklist)
    """Checklists, surveys, worksheets."""
    notes = _shelf("notes", Note)
    """Background notes."""
    organisations = _shelf("organisations", OrganisationStarter)
    """Ready-made organisations."""
    training = _shelf("training", TrainingCard)
    """Needs for training and what is offered for them."""
    talk = _page("talk.toml", TalkRules)
    """When a result asks for a measure or for training, and what is done with each tier."""
    department = _page("department.toml", Department)
    """What the department is there for."""
    regulation = _page("regulation.toml", Regulation)
    """The articles of the appraisal regulation."""

    @cached_property
    def indicators(self) -> Mapping[str, IndicatorCard]:
        """Indicator cards by id."""
        return {card.id: card for group in self.sets.values() for card in group.indicators}

    @cached_property
    def curves(self) -> Mapping[str, Any]:
        """Curves by name, as a file declares them."""
        return curves_by_name(self.workbook)

    def in_all_languages(self, item: Indicator) -> Indicator:
        """Return an indicator with its card's name and unit in all languages, as far as it is called so in its own."""
        return with_names_of(self.indicators.get(item.id), item, "name", "unit")

    def find(self, shelf: str, name: str) -> str:
        """Return the id of a card by id, name in either language or alias (S055); WorkbookError names the nearest.

        >>> Library(Workbook(Path())).find("roles", "网站运营经理")
        'operation-manager'
        """
        cards = getattr(self, shelf)
        known, as_id = Known.named(cards), name.strip().lower().replace("_", "-")
        found = as_id if as_id in cards else next(iter(sorted(known.exactly(name))), "")
        if not found:
            near = known.meant(name)
            raise WorkbookError("no-such-card", name=name, shelf=shelf, nearest=near and cards[near].name.after(near))
        return found

    def file_of(self, shelf: str, card: str) -> str:
        """Return the template that holds a card; indicators stand together by system."""
        if shelf == "indicators":
            return next(f"indicators/{name}.toml" for name, group in self.sets.items() if card in group.ids)
        return f"{'indicators' if shelf == 'sets' else shelf}/{card}.toml"

    def search(self, word: str) -> list[tuple[str, Note, NoteEntry]]:
        """Return the headings of all notes that hold a word, those named so first (S284)."""
        sought = word.casefold()

        def holds(*texts: Text) -> bool:
            return any(sought in said.casefold() for text in texts for said in text.words)

        every = [(name, note, entry) for name, note in self.notes.items() for entry in note.entries]
        found = [hit for hit in every if holds(hit[2].name, hit[2].text)]
        return sorted(found, key=lambda hit: not holds(hit[2].name))


def card_names(design: Design, cards: Mapping[str, RoleCard]) -> dict[str, tuple[str, ...]]:
    """Return what else a design's roles go by: the names of their cards, in both languages, and their aliases."""
    found = {name: cards.get(role.card or name) for name, role in design.roles.items()}
    return {name: (*card.name.words, *card.aliases) for name, card in found.items() if card}


class _Shelf(Mapping[str, V]):
    """The cards of one folder by id; each is read when it is asked for, their ids without reading any."""

    def __init__(self, paths: Mapping[str, Path], model: type[V], context: Callable[[], Mapping[str, Any]]) -> None:
        self._paths, self._model, self._context = paths, model, context
        self._read: dict[str, V] = {}

    def __getitem__(self, card: str) -> V:
        if card not in self._read:
            self._read[card] = load_card(self._paths[card], self._model, self._context())
        return self._read[card]

    def __contains__(self, card: object) -> bool:
        return card in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def design_template(workbook: Workbook, name: str) -> tuple[Path, Design]:
    """Return file and value of a design template; WorkbookError names the nearest one."""
    known = {path.stem: path for path in workbook.templates("designs")}
    if name not in known:
        raise WorkbookError("unknown-template", name=name, nearest=nearest(name, known), known=", ".join(known))
    return known[name], load_card(known[name], Design, called_by_name(workbook))
