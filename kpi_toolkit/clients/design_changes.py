"""What an import changes in a client's design: told, with who decided on it and why, and held against all checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import tomlkit

from kpi_toolkit.clients.another_month import design_of
from kpi_toolkit.clients.importing import Import
from kpi_toolkit.clients.language import in_all
from kpi_toolkit.clients.library import called_by_name
from kpi_toolkit.clients.reading import parse_toml
from kpi_toolkit.clients.record import now
from kpi_toolkit.clients.wording import wording_rules
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.checks import Case, check_design, check_goals
from kpi_toolkit.method.checks.plausible import directions_fit_names
from kpi_toolkit.method.issues import Issue, Issues, Place, hint, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.value import Text, Word

DESIGN = "design.toml"


def take_over(into: Import, page: Any, cells: Mapping[str, Place]) -> None:
    """Hold the new design against all that is checked of one, and keep it if it says something else than before.

    What is found in it is told by the ``cells`` of the files that it comes from.
    """
    design, issues = parse_toml(tomlkit.dumps(page).encode(), Design, DESIGN, **called_by_name(into.client.workbook))
    if design == into.client.design:
        return
    into.issues += issues.errors
    told = _told(into, design) if design is not None else {}
    if into.client.cycles:
        page["version"] = into.client.design.version + 1
        _say_why(into, page, told)
    if design is not None:
        into.issues += _what_changes(into, design, told)
    if design is not None and not into.asking.open:  # what is to be answered may be all that is missing
        _confirm_directions(into, design, page)
        goals = check_goals(into.client.profile, design, into.library.goals, into.library.indicators)
        for issue in Issues([*check_design(design), *goals]).errors:
            parts = f"{issue.place.key}".split(".")
            at = cells.get(".".join(parts[:3])) or cells.get(".".join(parts[:2])) or issue.place
            into.issues += [] if issue.code == "no-target" else [replace(issue, place=at)]  # a month's own come with it
    into.files[into.client.folder / DESIGN] = tomlkit.dumps(page)


def _told(into: Import, design: Design) -> dict[str, list[Text]]:
    """Return what the files say otherwise than the design, by the field of an indicator."""
    before, told = _stated(into.client.design), dict[str, list[Text]]()
    names, called = _names(into.client.design), _names(design)
    for key, after in _stated(design).items():
        for field, said in after.items():
            was = before.get(key, {}).get(field, "")
            if was and said and was != said:
                told.setdefault(field, []).append(names[key].became(was, said))
        if key in names and names[key] != called[key]:
            told.setdefault("indicator", []).append(_renamed(names[key], called[key]))
    return told


def _names(design: Design) -> dict[tuple[str, str], Text]:
    return {(name, item.id): item.name for name, role in design.roles.items() for item in role.indicators}


def _renamed(was: Text, other: Text) -> Text:
    return Text.each(lambda language: f"{was.pick(language)} → {other.pick(language)}")


def _stated(design: Design) -> dict[tuple[str, str], dict[str, str]]:
    """Return what a design states of each indicator of a role; empty where it states nothing."""
    return {
        (name, item.id): {
            "weight": f"{item.weight.normalize():f}",
            "target": "" if item.target is None else f"{item.target.normalize():f}",
            "direction": item.direction.value,
        }
        for name, role in design.roles.items() for item in role.indicators
    }  # fmt: skip


def _say_why(into: Import, page: Any, told: Mapping[str, list[Text]]) -> None:
    """Write down who decided on other weights and directions, and why, as an adoption does; it is asked."""
    changed = [each for field in ("weight", "direction", "indicator") for each in told.get(field, ())]
    asked = f"change:{page['version']}"
    said = into.ask(into.nowhere, asked, (), changes=changed, free=True) if changed else None
    if said is None:
        return
    by, sign, why = said.replace("：", ":").partition(":")
    if not (by.strip() and sign and why.strip()):
        raise WorkbookError("bad-reply", id=asked, value=said, known=Word("ask.change_like"), nearest="")
    day, entry = date.fromisoformat(now()[:10]), tomlkit.table()
    entry.update({"version": page["version"], "date": day, "by": by.strip(), "why": why.strip()})
    page.setdefault("changes", tomlkit.aot()).append(entry)
    page.update({"agreed": day, "rationale": why.strip()})


def _what_changes(into: Import, design: Design, told: Mapping[str, list[Text]]) -> Iterator[Issue]:
    """Name what the files say otherwise than the design, and the cycle to whose weights and targets they go back."""
    before, at = into.client.design, Place(DESIGN)
    for field, said in told.items():
        yield hint("design-changes", at, column=Word(f"sheet.{field}"), changes=said)
    for cycle in reversed(into.client.cycles) if told else ():
        then = design_of(into.client.folder, cycle, into.client.workbook)
        if then and then.version < before.version and _stated(then) == _stated(design) != _stated(before):
            yield warning("design-goes-back", at, cycle=cycle, version=then.version, current=before.version)
            return


def _confirm_directions(into: Import, design: Design, page: Any) -> None:
    """Write down which new indicators are better the lower without saying so: it was asked, and is not asked again."""
    wording = wording_rules(into.client.workbook)
    keys = [
        {f"{issue.place.key}".rpartition(".")[2] for issue in directions_fit_names(Case(each, wording=wording))
         if issue.code == "lower-by-name"}
        for each in (into.client.design, design)
    ]  # fmt: skip
    if confirmed := sorted(keys[1] - keys[0]):
        reason, entry = tomlkit.inline_table(), tomlkit.table()
        reason.update(in_all("written.lower", into.client.workbook).model_dump())
        entry.update({"code": "lower-by-name", "reason": reason, "about": confirmed})
        page.setdefault("mute", tomlkit.aot()).append(entry)
