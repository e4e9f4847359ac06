"""The what-if page: one HTML file with its data, its one script and all languages; it loads nothing (decision 8).

The only page that is written directly, without a notebook, and the only one without fonts of its own: its texts change
while it is used, so it takes the reader's system fonts.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.scenarios import read_scenarios
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.numbers import centi
from kpi_toolkit.method.scenario import Scenario
from kpi_toolkit.method.scheme import Tier
from kpi_toolkit.method.settings import Elicitation
from kpi_toolkit.method.value import LANGUAGES, Language
from kpi_toolkit.pages.live_script import inert, live_script, live_style, policy
from kpi_toolkit.pages.scenarios import Nudges, Told, how_found, nudges, told_scenarios
from kpi_toolkit.pages.scene import Scene, class_colours
from kpi_toolkit.pages.templating import filled_page
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import CycleSummary, summarize_cycle
from kpi_toolkit.whatif.session import Named, session_data, without_names

_REASONS = (
    "rank", "tie_shared", "tie_lowered", "tie_too_many", "tie_break", "pass_line", "gate", "exempt", "small_pool",
    "no_score", "no_team", "too-little-filled", "calibrated",
)  # fmt: skip

_IN_PART = {"apart": "whatif.part_apart", "joined": "whatif.part_joined", "days": "whatif.part_days"}


def live_data(
    summary: CycleSummary, workbook: Workbook, scenarios: Mapping[str, Scenario], *, pseudonyms: bool = False,
    only: Language | None = None, also: Language | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return all that a live session shows: the cycle, its scenarios, words and colours.

    Words are in every language of reports and ``also`` in another, or in ``only`` one.

    With ``pseudonyms`` people are numbered in a random order, and scenarios, whose names may name them, stay away.
    """
    every = dict.fromkeys((*summary.profile.languages, *LANGUAGES, *filter(None, [also])))
    languages = [only] if only else [*every]
    words = {language: Words(language, workbook) for language in dict.fromkeys((*every, *languages))}
    data = session_data(summary.basis, summary.client_id, summary.cycle.id, summary.confidence)
    if pseudonyms:
        order = list(range(len(data.people)))
        secrets.SystemRandom().shuffle(order)
        called: list[Named] = [
            {lang: own("whatif.pseudonym", n=n + 1) for lang, own in words.items()} for n in range(len(order))
        ]
        data, scenarios = without_names(data, order, called), {}
    return {
        "session": data.to_json(),
        "name": summary.profile.name.model_dump(),
        "cycle": {language: own.cycle(summary.cycle) for language, own in words.items()},
        "languages": languages,
        "spoken": {language: words[language].traits.in_browsers for language in languages},
        "near": centi(summary.agenda_rules.rules["near_cut"].number) if "near_cut" in summary.agenda_rules.rules else 0,
        "brand": {"primary": summary.profile.brand.primary, "accent": summary.profile.brand.accent},
        "colours": {
            kind.value: colour
            for kind, colour in class_colours(Scene(summary, words[languages[0]])).items()
        },
        "pools": {name: role.name.model_dump() for name, role in summary.design.roles.items()}
        if summary.design.tiers.pool == "role" else {},
        "scenarios": [
            {"id": name, "name": one.name.model_dump(), "changes": changes_of(one), "asked_by": one.asked_by,
             "why": one.why, "elicited": [record.model_dump(mode="json") for record in one.elicited]}
            for name, one in scenarios.items() if one.cycle == summary.cycle.id
        ],
        "notes": {language: part_notes(summary, words[language]) for language in languages},
        "words": {language: _live_words(words[language]) for language in languages},
    }  # fmt: skip


def part_notes(summary: CycleSummary, words: Words) -> list[str]:
    """Return what is said, without names, of people who were there for a part of the cycle."""
    return [words(_IN_PART[how], n=len(people)) for how, people in summary.confidence.in_part.items() if people]


def changes_of(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario changes as plain numbers, as the session reads it."""
    dumped = scenario.model_dump(include={"weights", "targets", "caps", "item_cap", "shares"}, exclude_defaults=True)
    return dict(json.loads(json.dumps(dumped, default=float)))


def _live_words(words: Words) -> dict[str, Any]:
    found = words.section("whatif")
    found["space"] = words("list.space")
    found |= {f"tier_{tier}": words(f"tier.{tier}") for tier in Tier}
    found |= {f"letter_{tier}": words(f"tier.letter.{tier}") for tier in Tier}
    found |= {f"sure_{name}": words(f"confidence.{name}") for name in ("firm", "likely", "open", "always")}
    reasons = ("rests_", "near_", "why_")
    found |= {name: said for name, said in words.section("confidence").items() if name.startswith(reasons)}
    found |= {f"class_{name}": said for name, said in words.section("class").items()}
    return found | {f"reason_{reason}": words(f"reason.{reason}") for reason in _REASONS}


def whatif_html(data: Mapping[str, Any], workbook: Workbook) -> str:
    """Return the page for a session's data."""
    language = data["languages"][0]
    return filled_page(
        workbook, "report/whatif.html.j2", policy(live=True), language=language, tag=data["spoken"][language]["tag"],
        style=live_style(), script=live_script(), data=inert(data),
        title=f"{data['words'][language]['title']} · {data['name'][language]} · {data['cycle'][language]}",
        noscript=data["words"][language]["noscript"],
    )  # fmt: skip


def whatif_page(workbook: Workbook, client: Client, cycle: str, *, pseudonyms: bool = False) -> str:
    """Return the page of a client's cycle. IssuesError lists what is wrong in the client's files."""
    summary = summarize_cycle(client, cycle)
    scenarios, _ = read_scenarios(client)
    return whatif_html(live_data(summary, workbook, scenarios, pseudonyms=pseudonyms), workbook)


@dataclass(frozen=True)
class WhatIf:
    """One cycle's what-if in one language. Nothing is worked out before a section asks."""

    summary: CycleSummary
    client: Client
    words: Words

    @cached_property
    def _kept(self) -> dict[str, Scenario]:
        return read_scenarios(self.client)[0]

    def data(self) -> Markup:
        """Return what the live view in this page works with."""
        workbook = self.client.workbook
        data = live_data(self.summary, workbook, self._kept, only=self.words.language)
        return Markup(inert(data))  # noqa: S704 - there is no < in it

    def scenarios(self) -> list[Told]:
        """Return the scenarios of the cycle, who asked, and who would cross a cut."""
        return told_scenarios(self.summary, self._kept, self.words)

    def nudges(self) -> Nudges:
        """Return what ten points less or more on each indicator would do."""
        return nudges(self.summary)

    def how_found(self, record: Elicitation) -> str:
        """Return how weights were found."""
        return how_found(record, self.words)
