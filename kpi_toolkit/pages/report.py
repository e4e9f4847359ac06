"""A report while it is made: opened in a notebook, shown section by section. A section is a template, not code.

``templates/report/sections/<name>.html.j2`` reads the summary; a new section costs a template and a notebook cell.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from IPython.display import display
from jinja2 import pass_context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from kpi_toolkit import __version__
from kpi_toolkit.clients.client import Client, as_of, input_hashes, load_client, person_named
from kpi_toolkit.clients.countries import country_of
from kpi_toolkit.clients.frozen import replaced
from kpi_toolkit.clients.language import check_language
from kpi_toolkit.clients.library import curve_cards, design_starters
from kpi_toolkit.clients.record import Record, read_record
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, asked_client, check_known, shipped
from kpi_toolkit.method.changes import own_words, untouched_starter
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.organisation import chain_owners, reserve_coverage, total_heads
from kpi_toolkit.method.regulation import Country
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.value import Text, Word
from kpi_toolkit.pages.book import DesignBook, design_book
from kpi_toolkit.pages.charts import draw_chart
from kpi_toolkit.pages.clauses import bounds_text, extras_text, tiers_text
from kpi_toolkit.pages.dates import Dates, dates_of
from kpi_toolkit.pages.everybody import everybody_csv
from kpi_toolkit.pages.fitting import figure_size, heads
from kpi_toolkit.pages.gallery import heads_text
from kpi_toolkit.pages.kinds import CHART_MIME, KINDS, NOTEBOOKS, PAGE_MIME, Subject
from kpi_toolkit.pages.pictures import SHARES, Earned, earned_text, ways_of_earning
from kpi_toolkit.pages.ranking import pages_of
from kpi_toolkit.pages.said import at_work
from kpi_toolkit.pages.scene import TEAM_COLOUR, TIER_COLOUR, Scene, class_colours
from kpi_toolkit.pages.standing import mark_text, own_changes, standing_text
from kpi_toolkit.pages.templating import encodable, template_environment, told_by_place
from kpi_toolkit.pages.whatif_page import WhatIf
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.excerpt import mean_of, mean_score
from kpi_toolkit.results.history import latest_cycle, planned_cycle
from kpi_toolkit.results.lines import PersonLine
from kpi_toolkit.results.prepared import prepared_or_new
from kpi_toolkit.results.summary import CycleSummary
from kpi_toolkit.results.talks import Talk, Talks, talks_of
from kpi_toolkit.results.uses import used
from kpi_toolkit.whatif.stability import LEAST_PEOPLE

_SPLIT = "\x1e"
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Section:
    """One finished section: pieces of HTML and, between them, charts."""

    name: str
    pieces: tuple[str | dict[str, Any], ...]

    def _ipython_display_(self) -> None:
        for piece in self.pieces:
            if isinstance(piece, str):
                display({"text/html": f'<div class="kpi">{piece}</div>', "text/plain": f"[{self.name}]"}, raw=True)  # type: ignore[no-untyped-call]
            else:
                display({CHART_MIME: piece, "text/plain": piece.get("description", self.name)}, raw=True)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Page:
    """What the whole page needs to know: title, language, running head and foot, colours."""

    data: dict[str, Any]
    style: str

    @property
    def html(self) -> str:
        """The look of the page, and how it keeps it in a notebook."""
        own = (shipped() / "templates/report/notebook.css").read_text("utf-8")
        return f"<style>{self.style}\n{own}</style>"

    def _ipython_display_(self) -> None:
        display({PAGE_MIME: self.data, "text/html": self.html, "text/plain": self.data["title"]}, raw=True)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class Report:
    """One report of one client's cycle in one language. Open it with :func:`open_report`."""

    kind: str
    subject: CycleSummary | DesignBook
    words: Words
    _workbook: Workbook
    _client: Client
    _logo: str
    _trail: dict[str, str]
    """What the page was made from."""
    person: PersonLine | None = None

    @property
    def title(self) -> str:
        """The title in one line: what it is, of whom, for which cycle."""
        words = self.words
        who = words.show(self.person.called if self.person else self.subject.profile.name)
        return f"{words(f'report.{self.kind}')} · {who} · {words.cycle(self.subject.cycle)}"

    @cached_property
    def dates(self) -> Dates:
        """The calendar of the cycle."""
        return dates_of(self.subject.profile, self.subject.design, self.subject.cycle)

    @cached_property
    def country(self) -> Country:
        """The client's country: what its law says, how its amounts are named."""
        return country_of(self._workbook, self.subject.profile.country)

    @cached_property
    def _record(self) -> Record:
        return read_record(self._client.folder / "cycles" / self.subject.cycle.id)

    @property
    def standing(self) -> str:
        """Where the cycle stands, as the page says it once."""
        folder = self._client.folder / "cycles" / self.subject.cycle.id
        who, record = self.person.id if self.person else "", self._record
        before = replaced(self._client.folder, self.subject.cycle.id, record, who, kind=self.kind)
        exempt = {entry.person for entry in self.subject.design.tiers.exempt}
        own = own_changes(self.words, folder, record, before, who, exempt) if who else ""
        return self.words("list.space").join(filter(None, (standing_text(self.words, record, before), own)))

    def problem(self, row: Any) -> str:
        """Return the problem of a measure: a drafted one names the score, which a correction may have changed."""
        line = self.talk.line(row.indicator) if self.talk else None
        if line is None or line.score is None:
            return str(row.problem)
        words, mark = self.words, "\0"
        scored = f"{words.show(line.indicator.name)}{words('list.colon')}{words('plan.scored', score=mark)}"
        drafted = re.fullmatch(re.escape(scored).replace(re.escape(mark), r"[\d.,]+"), row.problem)
        return scored.replace(mark, words.number(line.rounded(1), 1)) if drafted else str(row.problem)

    @property
    def untailored(self) -> bool:
        """Whether the design is a starter that nobody tailored yet, as the check ``untouched-template`` says."""
        return bool(untouched_starter(self.subject.design, self._starters))

    @cached_property
    def _starters(self) -> dict[str, Design]:
        return design_starters(self._workbook)

    @cached_property
    def scene(self) -> Scene:
        """What charts of scores are drawn from. TypeError in a design book, which has none."""
        if isinstance(self.subject, DesignBook):
            msg = "a design book has no scores to draw"
            raise TypeError(msg)
        return Scene(self.subject, self.words, self.person)

    @cached_property
    def talks(self) -> Talks:
        """The talks about the cycle. TypeError in a design book, which has none."""
        return talks_of(self._client, self.scene.summary)

    @property
    def talk(self) -> Talk | None:
        """The talk with the person that the page is about."""
        return self.talks.of(self.person.id) if self.person else None

    @cached_property
    def use(self) -> dict[str, Any]:
        """How the results are used, by name. TypeError in a design book, which has none."""
        return used(self._client, self.talks)

    def page(self) -> Page:
        """Return the page's own data and style; the setup cell of a report shows it."""
        words, profile = self.words, self.subject.profile
        style = self._environment.get_template("report/style.css.j2").render(
            primary=profile.brand.primary, accent=profile.brand.accent
        )
        data = {
            "title": self.title,
            "language": words.language,
            "tag": words.traits.tag,
            "full_width": words.traits.full_width,
            "client": words.show(profile.name),
            "cycle": words.cycle(self.subject.cycle),
            "head": f"{words.show(profile.name)} · {words(f'report.{self.kind}')}",
            "foot": self._for_whom(),
            "mark": mark_text(words, self._record, self._of_design),
            "date": self.subject.cycle.last_day.isoformat(),
            "kind": self.kind,
            "who": words.show(self.person.called) if self.person else "",
            "style": style,
            "contents": words("report.contents"),
        }
        if self.everybody:
            data["csv"] = everybody_csv(self.scene.summary, words)
        return Page(data, style)

    @property
    def _of_design(self) -> str:
        """Which design a page shows, and when it was agreed; empty on a page of results."""
        words, design = self.words, self.subject.design
        if not isinstance(self.subject, DesignBook):
            return ""
        day = words("document.agreed", day=design.agreed) if design.agreed else words("document.draft")
        return f"{words('document.version', version=design.version)} · {day}"

    def _some(self, names: list[Text]) -> str:
        """Return names in words; in a large team the first, and how many others there are."""
        return self.words.first([*map(self.words.show, names)], len(self.scene.excerpt.named(names)))

    @property
    def everybody(self) -> str:
        """The name of the table of everybody that goes with a page of very many people; empty where it shows all."""
        team = self.kind == "team" and not self.scene.excerpt.whole
        return f"{self.kind}.{self.words.language}.csv" if team else ""

    def _for_whom(self) -> str:
        """Return whom the page is for: the client's words, but on a person's page that person and the superior."""
        words, person = self.words, self.person
        if person is None:
            return words.show(self.subject.profile.brand.footer)
        if person.manager is None:
            return words("report.for_person", person=person.called)
        return words("report.for_both", person=person.called, superior=person.manager)

    def section(self, name: str) -> Section:
        """Return a finished section. KeyError names the sections there are, WorkbookError a template that is wrong."""
        path = f"report/sections/{name}.html.j2"
        if not self._workbook.template(path).is_file():
            files = self._workbook.templates("report/sections", ".html.j2")
            known = [file.name.removesuffix(".html.j2") for file in files]
            meant = f"; did you mean {hint!r}?" if (hint := nearest(name, known)) else ""
            msg = f"no report section {name!r}{meant} (sections: {', '.join(known)})"
            raise KeyError(msg)
        charts: list[dict[str, Any]] = []
        with told_by_place(path):
            html = encodable(self._environment.get_template(path).render(self._context, _charts=charts))
        parts = enumerate(html.split(_SPLIT))  # between two marks stands the number of a chart
        return Section(name, tuple(charts[int(part)] if at % 2 else part for at, part in parts if part.strip()))

    def extras(self) -> str:
        """Return what the design adds to the plain weighted sum of the roles that people hold, in sentences."""
        summary = self.scene.summary
        return extras_text(summary.design, [role for role, _ in summary.roles], self.words)

    def tiers_text(self) -> str:
        """Return how people are dealt into tiers, in sentences."""
        return tiers_text(self.subject.design, self.words)

    def bounds_text(self) -> str:
        """Return how many points may be added and taken away, in sentences."""
        return bounds_text(self.subject.design, self.words)

    def earned(self, item: Indicator, *, brief: bool = False) -> str:
        """Return how an indicator's points are earned, in one line; in brief nothing where it is actual ÷ target."""
        plain = item.curve.plain and item.cap is None and item.scored_direction is not Direction.TARGET
        return "" if brief and plain else earned_text(self.subject.design, item, self.words)

    def curves(self) -> list[Earned]:
        """Return each way of earning points: in the design book of all roles, else of those that people hold."""
        subject = self.subject
        roles = subject.design.roles.values() if isinstance(subject, DesignBook) else [one for one, _ in subject.roles]
        return ways_of_earning(subject.design, roles, curve_cards(self._workbook), self.words)

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        """The template environment, with what sections may ask for."""
        environment = template_environment(self._workbook)
        environment.filters["zip"] = lambda first, second: list(zip(first, second, strict=False))
        words = self.words
        items = {item.id: item.name for role in self.subject.design.roles.values() for item in role.indicators}
        environment.filters["criteria"] = lambda chain: [
            words.show(items[name]) if name in items else words(f"tie_by.{name}") for name in chain
        ]
        environment.filters["words"] = words.show
        environment.filters["code"] = self._code
        environment.filters["keyed"] = lambda keys, section: [Word(f"{section}.{key}") for key in keys]
        environment.filters["sort_as"] = lambda lines, ids: sorted(
            lines, key=lambda line: ids.index(line.id) if line.id in ids else len(ids)
        )
        environment.filters["who"] = getattr(self.subject, "who", None)
        environment.filters["tier_names"] = lambda tiers: [words(f"tier.{tier}") for tier in tiers]
        environment.globals |= {
            "t": words, "number": words.number, "percent": words.percent, "day": words.day,
            "amount": lambda *amount: words.amount(*amount).replace(" ", "\u00a0", 1),  # a unit stays by its number
            "join": words.join, "date": words.day_short, "days": words.days,
            "show": words.show, "chart": self._place_chart, "TIER_COLOUR": TIER_COLOUR, "heads": heads,
            "LEAST_PEOPLE": LEAST_PEOPLE, "TEAM_COLOUR": TEAM_COLOUR, "SHARES": SHARES, "heads_text": heads_text,
            "chain_owners": chain_owners, "reserve_coverage": reserve_coverage, "total_heads": total_heads,
            "figure_size": figure_size, "mean_score": mean_score, "mean_of": mean_of, "some": self._some,
            "pages_of": lambda pool: pages_of(self.scene, pool),
        }  # fmt: skip
        return environment

    @cached_property
    def _context(self) -> dict[str, Any]:
        subject = self.subject
        if isinstance(subject, DesignBook):
            own: dict[str, Any] = {"book": subject}
        else:
            own = {
                "colours": class_colours(self.scene),
                "excerpt": self.scene.excerpt,
                "what_if": WhatIf(subject, self._client, self.words),
            }
        return {
            "report": self, "summary": subject, "person": self.person, "profile": subject.profile,
            "design": own_words(subject.design, self._starters), "period": self.words.cycle(subject.cycle),
            "logo": self._logo, "trail": self._trail, **own,
        }  # fmt: skip

    def _code(self, sheet: str) -> str:
        """Return what all copies of one form share: twelve hexadecimal digits over everything that is printed on it."""
        said = " ".join(_TAG.sub(" ", sheet).split())
        whose = (self._client.id, self.subject.cycle.id, said)
        return hashlib.sha256(repr(whose).encode()).hexdigest()[:12]

    @pass_context
    def _place_chart(self, context: Any, name: str, **options: Any) -> Markup:
        chart = draw_chart(name, self.scene, **options)
        chart["description"] = self.words(f"chart.alt.{name}", client=self.subject.profile.name)
        context["_charts"].append(chart)
        return Markup(f"{_SPLIT}{len(context['_charts']) - 1}{_SPLIT}")  # noqa: S704 - a control character and a number


def open_report(kind: str, *, client: str, cycle: str, language: str, person: str | None = None) -> Report:
    """Return a report of a client's cycle, ready to show its sections.

    A blank ``client`` or ``cycle`` is taken from ``KPI_CLIENT`` and ``KPI_CYCLE``, for running a notebook by hand; the
    only client needs no name. A blank cycle is then the latest, a blank language the client's first, a blank person the
    first of the ranking.

    Raises WorkbookError for unknown names, IssuesError for what is wrong in the client's files.
    """
    workbook = at_work()
    check_known("unknown-report", kind, NOTEBOOKS)
    client, cycle = asked_client(workbook, client), cycle or os.environ.get("KPI_CYCLE", "")
    return report_of(workbook, kind, client=client, cycle=cycle, language=language, person=person)


def report_of(
    workbook: Workbook, kind: str, *, client: str, cycle: str = "", language: str = "", person: str | None = None
) -> Report:
    """Return a report of a client; blanks stand for the latest cycle and the first language and person."""
    value = load_client(workbook.client_folder(client), cycle)
    words = Words(check_language(language or value.profile.languages[0], workbook), workbook)
    chosen_cycle = cycle or (planned_cycle(value) if KINDS[kind].subject is Subject.DESIGN else latest_cycle(value))
    value = as_of(value, chosen_cycle)
    trail = {"toolkit": __version__, **input_hashes(value, chosen_cycle)}
    logo = data_uri(value.logo())
    if KINDS[kind].subject is Subject.DESIGN:
        return Report(kind, design_book(workbook, value, chosen_cycle), words, workbook, value, logo, trail)
    summary = prepared_or_new(value, chosen_cycle)
    about = None
    if KINDS[kind].once_a_person:
        chosen_person = person or summary.ranking[0].id
        known = [line.id for line in summary.people]
        if chosen_person not in known:
            chosen_person = person_named([Roster(value.design, value.people)], chosen_person)
        if chosen_person not in known:
            raise WorkbookError("unknown-person", person=chosen_person, nearest=nearest(chosen_person, known))
        about = summary.person(chosen_person)
    return Report(kind, summary, words, workbook, value, logo, trail, about)


def data_uri(picture: tuple[str, bytes] | None) -> str:
    """Return a picture as a page holds it; empty where there is none."""
    if picture is None:
        return ""
    name, data = picture
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
