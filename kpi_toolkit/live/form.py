"""The form of a client's design as the browser gets it: what each field shows, what is found, what there is to choose.

The browser draws and forwards; every rule is here or below. :class:`DesignForm` can be driven from code as well.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.countries import countries
from kpi_toolkit.clients.declared import Drafts
from kpi_toolkit.clients.frozen import CASCADE, DESIGN, PEOPLE, PROFILE
from kpi_toolkit.clients.library import curve_cards
from kpi_toolkit.clients.merging import Clash
from kpi_toolkit.clients.table_lines import MONTHLY, row_of, table_of
from kpi_toolkit.clients.tabular import read_table, table_in
from kpi_toolkit.clients.toml_text import entry_id
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.drafted import FULL, decimal_of, path_said, text_of
from kpi_toolkit.live.fields import plain, shown
from kpi_toolkit.live.pasted import Pasted
from kpi_toolkit.live.preview import preview
from kpi_toolkit.method.cards import CurveCard
from kpi_toolkit.method.curves import KINDS
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place
from kpi_toolkit.method.model import IndicatorClass
from kpi_toolkit.method.numbers import digits
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import Language
from kpi_toolkit.pages.pictures import curve_picture, earned_text
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import check_client

_QUOTED = re.compile("“(.+?)”")
_MOST = 30
"""So many findings of one kind are sent; the rest is counted."""


class DesignForm(Pasted):
    """A client's design and page on the bench. Open it with :func:`open_form`."""

    def issues(self, *, cycles: bool = False) -> Issues:
        """Return what ``kpi check`` would say of the client if the draft were saved; cycles are looked at if asked."""
        found = check_client(self.workbook, self.client, drafts=self._drafts)
        first = next(found, Issues())
        if cycles:
            self.later = list(found)
        self.found = Issues(issue for part in (first, *self.later) for issue in part)
        return self.found

    @property
    def _drafts(self) -> Drafts:
        read = {file: self.draft.of(file) for file in (DESIGN, PROFILE)}
        changed = [(file, table_of(file)) for file in self.draft.touched if table_of(file)]
        tables = {file: table_in(self.draft.texts[file], table, file) for file, table in changed}
        return {file: (one.value, one.issues) for file, one in read.items()} | tables

    _previewed: tuple[Any, str] = (None, "")

    def open(self, part: str) -> None:
        """Turn to a page of the form; months that were opened meanwhile are there."""
        self.part = part
        self.look_for_months()

    def state(self, found: Issues) -> dict[str, Any]:
        """Return everything that the browser shows of the page that is open."""
        file, node, values = self._page()
        sections = next((part.sections for part in self.fields.parts if part.id == self.part), ())
        roles = self._section(DESIGN, ("roles",))
        return {
            "client": self.client, "part": self.part, "file": file, "made": self.made, "note": self.note,
            "values": values, "fields": node, "options": self.options, "sums": self._sums(roles),
            "roles": self._named(roles),
            "cycles": self._cycles,
            "kinds": [[kind, self.words(f"curves.{kind}")] for kind in KINDS], "pictures": self._pictures(),
            "findings": [self._finding(group) for group in found.by_kind(worst_first=True)],
            "undo": self.draft.place > 0, "redo": self.draft.place < len(self.draft.states) - 1,
            "changed": self.draft.changed, "unread": self.draft.design is None,
            "decided": self.decided or DESIGN not in self.draft.touched,
            "preview": self._preview(found, sections) if sections else "",
            "version": plain(self._at(DESIGN, ("version",)) or 1), "next": self.next_version,
            "languages": plain(self._at(PROFILE, ("languages",)) or Profile.model_fields["languages"].default),
            "clashes": [self._clash(clash) for clash in self.clashes],
            "taken": [self._clash(change) for change in self.taken],
        }  # fmt: skip

    def _preview(self, found: Issues, sections: Sequence[str]) -> str:
        """Return what the draft looks like on paper; nothing where it cannot be read."""
        key = (self.draft.texts, self.words.language, sections)
        if self._previewed[0] != key:
            client, _ = read_client(self.workbook.client_folder(self.client), drafts=self._drafts)
            made = ""
            with suppress(IssuesError):  # what keeps it from being shown is among the findings
                made = preview(self.workbook, client, found, self.words, sections) if client else ""
            self._previewed = (key, made)
        return self._previewed[1]

    def _page(self) -> tuple[str, Any, Any]:
        """Return the file of the open page, its fields and their values."""
        group, _, role = self.part.partition("/")
        part = next((part for part in self.fields.parts if part.id == group), self.fields.parts[0])
        own = self._of_cycle(part.file) if part.file in MONTHLY else part.file
        if own not in self.draft.texts:  # there is no cycle that could be changed, or its table is no plain one
            return DESIGN, [], {}
        root = self.forms[own].root
        if group == "roles" and role:
            held = self._at(DESIGN, ("roles", role))
            if held is None:
                self.part = "roles"
            else:
                node = self.forms[DESIGN].at(("roles", role))
                lines = {"indicators": self._items(role)} if "indicators" in held else {}
                return DESIGN, node["fields"], shown(node, {**held, **lines})
        if group == "roles":
            return DESIGN, [], {}
        content = self.draft.of(own).content or {}
        fields = [field for field in root["fields"] if field["key"] in part.fields]
        order = sorted(fields, key=lambda field: part.fields.index(field["key"]))
        return own, order, shown({"kind": "object", "fields": order}, content)

    def _of_cycle(self, table: str) -> str:
        """Return the file of a table of the cycle that is open, which the open page is called after; or nothing."""
        cycles, (part, _, asked) = [*self.monthly.values()], self.part.partition("/")
        cycle = asked if asked in cycles else next(iter(cycles), "")
        if part != "roles":
            self.part = f"{part}/{cycle}" if cycle else part
        return f"cycles/{cycle}/{table}" if cycle else ""

    @property
    def _cycles(self) -> list[list[str]] | None:
        """The cycles that can be changed, on a page of one; None on another page."""
        if not any(part.file in MONTHLY for part in self.fields.parts if part.id == self.part.partition("/")[0]):
            return None
        return [[cycle, self.words.cycle(Cycle.parse(cycle))] for cycle in dict.fromkeys(self.monthly.values())]

    @property
    def options(self) -> dict[str, list[list[str]]]:
        """What there is to choose from, as the draft stands: ids, and what they are called."""
        show, roles = self.words.show, self._section(DESIGN, ("roles",))
        named = self._named(roles)
        cards = [[name, show(self.library.roles[name].name)] for name in self.library.roles if name not in roles]
        own = self._named(self._section(PROFILE, ("own_goals",)))
        goals = {name: show(card.name) for name, card in self.library.goals.items()} | dict(own)
        types = [[name, goals[name]] for name, card in self.library.goals.items() if not card.diagnosis_only]
        items = [item for role in roles for item in self._items(role)]
        items_named = [[str(item.get("id")), show(text_of(item.get("name")))] for item in items]
        return {
            "roles": named, "cards": [*named, *cards],
            "goals": [[name, goals.get(name, name)] for name in self._goals()],
            "goal_types": types + own,
            "blocks": self._named(self._section(DESIGN, ("roles", self.part.partition("/")[2], "blocks"))),
            "people": self._people, "owners": [[name, name] for _, name in self._people],
            "cascade": [[row["id"], row.get("name", row["id"])] for row in self._above if "id" in row],
            "indicators": items_named,
            "ties": [[one, self.words(f"tie_by.{one}")] for one in ("result", "process", "previous")] + items_named,
            "classes": [[each.value, self.words(f"class.{each.value}")] for each in IndicatorClass],
            "codes": self._codes, "curves": self._curves, "entries": named + items_named, "countries": self._countries,
        }  # fmt: skip

    @property
    def _above(self) -> list[dict[str, str]]:
        """The goals above those of people, on a page of their cycle."""
        return (self._at(self._of_cycle(CASCADE), ("cascade",)) or []) if self._cycles else []

    def _named(self, section: Mapping[str, Any]) -> list[list[str]]:
        """Return the ids of a section's entries, each with what it is called."""
        return [[name, self.words.show(text_of(entry.get("name"))) or name] for name, entry in section.items()]

    @property
    def _people(self) -> list[list[str]]:
        """Everybody's id and name, also where they stand in a table that the form does not change."""
        if PEOPLE in self.draft.texts:
            rows = self._at(PEOPLE, ("people",))
            return [[row.get("id", ""), row.get("name", "")] for row in rows]
        read = read_table(self.workbook.client_folder(self.client) / PEOPLE, "people", PEOPLE)[0]
        return [[row.id, self.words.show(row.name)] for row in rows_of(read)]

    @property
    def _codes(self) -> list[list[str]]:
        """What can be accepted, and what is: each with the first of its findings."""
        said = {
            str(entry.get("code", "")): "" for entry in self._at(DESIGN, ("mute",)) or () if isinstance(entry, dict)
        }
        said |= {one.code: self.words.message(one) for one in reversed(self.found) if one.level != "error"}
        self._said |= {code: text for code, text in said.items() if text}  # while an error hides the others, too
        return [[code, self._said.get(code, code)] for code in said]

    @property
    def _countries(self) -> list[list[str]]:
        """The countries, where they are asked for: there are many."""
        return countries(self.workbook, self.words.language) if self.part == "client" else []

    @cached_property
    def _curves(self) -> list[list[str]]:
        return [
            [name, self._curve_for(card), self.words.show(card.note), card.curve.kind]
            for name, card in curve_cards(self.workbook).items()
        ]

    def _curve_for(self, card: CurveCard) -> str:
        """Return what a curve is called, and for which direction it is where that is not the usual one."""
        name = self.words.show(card.name)
        if card.direction is None:
            return name
        return self.words("workbench.curve_for", name=name, direction=self.words(f"direction.{card.direction.value}"))

    @cached_property
    def cards(self) -> dict[str, Any]:
        """The library, for whoever takes something from it."""
        show = self.words.show
        sets = {item: show(group.name) for group in self.library.sets.values() for item in group.ids}
        return {
            "roles": [[name, show(card.name), ""] for name, card in self.library.roles.items()],
            "indicators": [
                [name, show(card.name), f"{sets.get(name, '')} · {show(card.unit)}"]
                for name, card in self.library.indicators.items()
            ],
        }  # fmt: skip

    def _sums(self, roles: Iterable[str]) -> dict[str, Any]:
        """Return what the weights of each role come to, and of each of its blocks."""
        found = {}
        for role in roles:
            blocks = [(name, sum((w for _, w in own), Decimal(0)), full) for name, own, full in self._blocks(role)]
            called = dict(self._named(self._section(DESIGN, ("roles", role, "blocks"))))
            parts = [f"{called[name]} {digits(has)}/{digits(full)}" for name, has, full in blocks if name]
            total = sum((decimal_of(item.get("weight")) for item in self._items(role)), Decimal(0))
            right = total == FULL and all(has == full for _, has, full in blocks)
            found[role] = {"sum": digits(total), "right": right, "blocks": parts}
        return found

    def _pictures(self) -> dict[str, Any]:
        """Return the curve of each indicator of the open role: its line, how points are earned, and its numbers.

        While the design cannot be read there is no picture, but the numbers as they were typed, to be put right.
        """
        design, role = self.draft.design, self.part.partition("/")[2]
        if design is None or role not in design.roles:
            typed = {entry_id(item): self._as_typed(item.get("curve")) for item in self._items(role)}
            return {name: {"path": "", "curve": curve} for name, curve in typed.items() if curve}
        found = {}
        for entry, item in zip(self._items(role), design.roles[role].indicators, strict=True):
            picture = curve_picture(design, item)
            curve = plain(item.curve.model_dump(by_alias=True))
            says = earned_text(design, item, self.words)
            found[entry_id(entry)] = {"path": picture.path, "curve": curve, "says": says}
        return found

    def _as_typed(self, said: Any) -> dict[str, Any] | None:
        """Return a curve as a file has it, with the numbers of the card that it calls; None for one of no kind."""
        own = said if isinstance(said, Mapping) else {"use": said} if said else {"kind": "ratio"}
        name = own.get("use")
        card = curve_cards(self.workbook).get(str(name))
        called = {**card.curve.model_dump(by_alias=True), "named": name} if card else {"kind": name}
        curve = {**(called if name else {}), **own}
        return plain(curve) if curve.get("kind") in KINDS else None

    def _clash(self, clash: Clash) -> dict[str, Any]:
        """Return what was changed here and by somebody else: where, and both sides in the form's own words."""
        place: Any = self.draft.read(clash.file, self.draft.opened[clash.file]).content
        names = []
        for step in clash.path:
            place = place[step]
            names += [self.words.show(text_of(place["name"]))] if isinstance(place, dict) and "name" in place else []
        sides = {"ours": clash.ours, "theirs": clash.theirs}
        said = {side: [self._in_words(clash, line) for line in lines] for side, lines in sides.items()}
        return {"where": " › ".join(names), **said}

    def _in_words(self, clash: Clash, line: str) -> str:
        """Return a line of a file as the form shows it; as it stands where it is no value of a field."""
        with suppress(ValueError, KeyError):
            ((key, value),) = tomllib.loads(line, parse_float=Decimal).items()
            node = self.forms[clash.file].at((*clash.path, key))
            text = self.words.show(text_of(value)) if node["kind"] == "text" else _line(shown(node, value))
            known = [*node.get("choices", ()), *self.options.get(node.get("options", ""), ())]
            said = next((label for name, label, *_ in known if name == text), text)
            return f"{node['label']}{self.words('list.colon')}{said}"
        return line

    def _finding(self, group: Issues) -> dict[str, Any]:
        words, first = self.words, group[0]
        shown = [self._by_label(one) for one in group[:_MOST]]
        return {
            "severity": first.level, "caution": first.caution, "code": first.code, "n": len(group),
            "mutable": first.muted is None and first not in group.blocking
            and not all(self.of_a_copy(one.place) for one in group),
            "items": [
                {
                    "text": words.message(one),
                    "fix": words("cli.muted", reason=one.muted) if one.muted else self.remedy(one),
                    "place": words.place(one.place), "part": self._part_of(one), "at": self._field_of(one),
                }
                for one in shown
            ],
        }  # fmt: skip

    def remedy(self, issue: Issue) -> str:
        """Return how a finding is mended in the form; what a cycle has as its own copy is mended in that file."""
        return self.words.remedy(issue, None if self.of_a_copy(issue.place) else self.fields.fixes.get(issue.code))

    def _by_label(self, issue: Issue) -> Issue:
        """Return a finding with what its missing field, and what may be chosen, is called in the form."""
        form, path = self.forms.get(issue.place.file), (issue.place.key or "").split(".")
        label = form.label(path) if form and issue.code == "missing-key" else ""
        with suppress(KeyError):
            choices = form.at(path).get("choices", ()) if form and issue.code == "not-one-of" else ()
            said = {"key": label} if label else {"known": [one for _, one in choices]} if choices else {}
            return replace(issue, values={**issue.values, **said})
        return issue

    def _field_of(self, issue: Issue) -> str:
        """Return the place of the field that a finding is about: of an entry the one that the fix names first."""
        form, key = self.forms.get(issue.place.file), issue.place.key or ""
        if table_of(issue.place.file):
            return self._cell_of(issue.place)
        while form and key:
            with suppress(KeyError):
                named = _QUOTED.findall(self.remedy(issue))
                labels = {field["label"]: field["key"] for field in form.at(key.split(".")).get("fields", ())}
                return next((f"{key}.{labels[label]}" for label in named if label in labels), key)
            key = key.rpartition(".")[0]  # one of several numbers is a part of the field that holds them
        return key

    def _cell_of(self, place: Place) -> str:
        """Return the field of a cell of a table."""
        table = table_of(place.file)
        entry = row_of(self.draft.texts.get(place.file, ""), table, place.row)
        step = "" if entry is None else self._at(place.file, (table, entry)).get("id") or entry
        return path_said((table, *([step] if step != "" else []), *([place.column] if place.column else [])))

    def _part_of(self, issue: Issue) -> str:
        """Return the page of the form on which a finding is mended; nothing where it is in another file."""
        file, key = issue.place.file, (issue.place.key or table_of(issue.place.file)).split(".")
        if file not in self.forms:
            return ""
        if key[0] == "roles" and file == DESIGN:
            return "/".join(key[:2])
        name = file.rpartition("/")[2]
        found = (part.id for part in self.fields.parts if part.file == name and key[0] in part.fields)
        return "/".join(filter(None, [next(found, ""), self.monthly.get(file)]))


def _line(value: Any) -> str:
    """Return what a field shows in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def open_form(workbook: Workbook, client: str, language: Language) -> DesignForm:
    """Return the form of a client. WorkbookError for an unknown client, IssuesError for files that cannot be read."""
    workbook.client_folder(client)
    return DesignForm(workbook, client, Words(language, workbook))
