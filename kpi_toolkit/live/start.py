"""From what is known of a client to a first design, without typing code: the form of ``00_start.ipynb``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape
from itertools import chain, combinations
from typing import Any

import ipywidgets as widgets
from pydantic import ValidationError

from kpi_toolkit.clients.countries import countries, country_codes, country_of
from kpi_toolkit.clients.frozen import DESIGN
from kpi_toolkit.clients.language import spoken, system_country
from kpi_toolkit.clients.library import Library, design_template, form_fields
from kpi_toolkit.clients.scaffold import new_client
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.answering import Answer
from kpi_toolkit.live.drafted import id_of
from kpi_toolkit.live.fields import Form, typed
from kpi_toolkit.live.form import open_form
from kpi_toolkit.live.frame import framed
from kpi_toolkit.live.welcome import renew
from kpi_toolkit.method.organisation import Post, organise, payroll, total_heads
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.gallery import heads_text
from kpi_toolkit.pages.said import at_work, paragraphs, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "290px"}, "layout": {"width": "680px"}}
_FACTS = ("size", "city_tier", "site_build", "low_budget", "manager_promotes")
_FULL = 100
_WITH_CITIES = {"", "CN"}
"""Where it matters which city a client is in: the pay lists are of Chinese cities."""
_SOME = [*chain.from_iterable(combinations(LANGUAGES, n) for n in range(1, len(LANGUAGES) + 1))]
"""The languages that reports may be in: each one, then several of them."""
_OWN = "own"
"""Posts and indicators are one's own: nothing ready-made is put into the design."""


class StartForm:
    """A form of client facts; what they lead to stands under it and follows every change."""

    def __init__(self, workbook: Workbook, words: Words) -> None:
        self.workbook, self.words, self.library = workbook, words, Library(workbook)
        self._nodes = {node["key"]: node for node in Form(Profile, form_fields(workbook), words).root["fields"]}
        self.name = self._field(widgets.Text, "name")
        self.id = self._labelled(widgets.Text, "id", placeholder=words("start_form.id_hint"))
        languages = [(words.join(words(f"languages.{each}") for each in some), some) for some in _SOME]
        self.languages = self._field(widgets.Dropdown, "languages", options=languages, value=(words.language,))
        unstated = (words("start_form.unstated"), "")  # what has no value would be shown as nothing
        known = [(name, code) for code, name in countries(workbook, words.language)]
        here = {system_country()} & {*country_codes()}
        self.country = self._field(widgets.Dropdown, "country", options=[unstated, *known], value="".join(here))
        self.goals = {
            goal: widgets.BoundedIntText(
                value=_FULL if goal == "product-sales" else 0, max=_FULL, description=words.show(card.name), **_WIDE
            )
            for goal, card in self.library.goals.items() if not card.diagnosis_only
        }  # fmt: skip
        self.unclear = self._labelled(widgets.Checkbox, "unclear", value=False, indent=True)
        self.worksheet = {
            line.id: widgets.Textarea(description=words.show(line.text), rows=2, **_WIDE)
            for line in self.library.checklists["goal-finding"].lines
        }
        self.facts = {
            name: self._field(
                widgets.Dropdown, name,
                options=[unstated, *((label, one) for one, label in self._nodes[name]["choices"])],
            )
            for name in _FACTS
        }  # fmt: skip
        self.launch = self._field(widgets.DatePicker, "launch")
        starters = [(words.show(card.name), name) for name, card in self.library.organisations.items()]
        starters.append((words("start_form.own"), _OWN))
        self.organisation = self._labelled(
            widgets.Dropdown, "organisation", options=[unstated, *starters], value="sme-v2"
        )
        answer = Answer(words)
        self.button = answer.button("start_form.create", self._create, button_style="primary")
        self.total, self.preview, self.result = widgets.HTML(), widgets.HTML(), answer.shown
        self._sheet = widgets.VBox(list(self.worksheet.values()))
        self.box = self._laid_out()
        self._follow()

    def _laid_out(self) -> widgets.VBox:
        """Return the controls one below the other, and let what they lead to follow them."""
        deciding = [self.name, self.id, self.country, *self.goals.values(), self.unclear, *self.facts.values()]
        for control in (*deciding, self.launch, self.organisation):
            control.observe(self._follow, "value")
        return framed(
            self.name, self.id, self.country, self.languages, self._heading("goals"), *self.goals.values(),
            self.total, self.unclear, self._sheet, self._heading("facts"), *self.facts.values(), self.launch,
            self.organisation, self.preview, self.button, self.result, words=self.words,
        )  # fmt: skip

    def _labelled(self, kind: Any, key: str, **options: Any) -> Any:
        return kind(description=self.words(f"start_form.{key}"), **options, **_WIDE)

    def _field(self, kind: Any, name: str, **options: Any) -> Any:
        """Return a control for a field of the client's page, called as in the form of the design."""
        return kind(description=self._nodes[name]["label"], **options, **_WIDE)

    def _heading(self, key: str) -> Any:
        return widgets.HTML(f"<h2>{escape(self.words(f'start_form.{key}'))}</h2>")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.box)  # type: ignore[no-untyped-call]

    def stated(self) -> dict[str, Any]:
        """Return the facts as ``client.toml`` says them; what is not stated is left out."""
        asked = {name: each for name, each in self.facts.items() if each.layout.display != "none"}
        facts = {name: typed(self._nodes[name], each.value) for name, each in asked.items() if each.value}
        if self.country.value:
            facts["country"] = self.country.value
        if self.launch.value:
            facts["launch"] = self.launch.value
        if self.unclear.value:
            said = {line: control.value.strip() for line, control in self.worksheet.items() if control.value.strip()}
            return facts | {"goals": {"none": 1}} | ({"checklists": {"goal-finding": said}} if said else {})
        shares = {goal: control.value for goal, control in self.goals.items() if control.value}
        return facts | {"goals": {goal: f"{share / _FULL:.2f}" for goal, share in shares.items()}}

    def _profile(self) -> Profile | None:
        """Return the client as the form has it, None while the goals do not add up."""
        try:
            return Profile.model_validate({"name": self.name.value or "–", **self.stated()})
        except ValidationError:
            return None

    def _follow(self, _: object = None) -> None:
        """Show what the facts lead to: the posts of the organisation, and what is still wanting."""
        words, total = self.words, sum(control.value for control in self.goals.values())
        self._sheet.layout.display = "" if self.unclear.value else "none"
        profile = self._profile()
        wrong = not self.unclear.value and total != _FULL
        said = words("start_form.unclear_text" if self.unclear.value else "start_form.sum", total=total)
        self.total.value = f"<b role='{'alert' if wrong else 'status'}'>{'⚠ ' * wrong}{escape(said)}</b>"
        self.button.disabled = profile is None or not profile.goals or not self.name.value.strip()
        self.result.value = ""  # what was said of another client
        self.facts["city_tier"].layout.display = "" if self.country.value in _WITH_CITIES else "none"
        lines = [] if self.name.value.strip() else [words("start_form.name_first")]
        lines += [words("start_form.sum_first", total=total)] if wrong else []
        if profile is not None and self.organisation.value != _OWN:
            starter = design_template(self.workbook, self._starter(profile.goals))[1]
            lines.append(words("start_form.starter", name=words.show(starter.name)))
        if profile is None or self.organisation.value not in self.library.organisations:
            self.preview.value = paragraphs(words, *lines)
            return
        posts = organise(self.library.organisations[self.organisation.value], profile)
        lines += self._heads_and_cost(posts, profile)
        rows = "".join(
            f"<tr><td>{escape(words.show(post.title or self.library.roles[post.role].name))}</td>"
            f"<td>{escape(heads_text(post.headcount, words))}</td>"
            f"<td>{post.starts(profile.launch) or ''}</td><td>{escape(words.show(post.note))}</td></tr>"
            for post in posts
        )
        self.preview.value = f"{paragraphs(words, *lines)}<table>{rows}</table>"

    def _heads_and_cost(self, posts: Sequence[Post], profile: Profile) -> Iterator[str]:
        """Go through what the posts come to: heads, and pay in the currency of the client's country."""
        words, (low, high), cost = self.words, total_heads(posts), payroll(posts)
        if high:
            yield words("organisation.lead", n=high, heads=f"{low}–{high}")
        if cost.high:
            named = country_of(self.workbook, profile.country) if profile.country in country_codes() else None
            currency = named.currency if named else ""
            sign = words.sign(currency)
            unit = "" if sign else f" {words.show(currency)}"
            said = f"{sign}{words.number(cost.low)}–{words.number(cost.high)}{unit}"
            yield words("organisation.cost", cost=said.strip())

    def _starter(self, goals: Mapping[str, Any]) -> str:
        """Return the design that is started from: that of the goal with the largest share."""
        main = max(goals, key=lambda goal: Decimal(goals[goal]), default="")
        return self.library.goals[main].design or "sells-products"

    def _create(self) -> str:
        """Make the client's files and return what the checks find and what comes next."""
        stated, words = self.stated(), self.words
        client = self.id.value.strip() or id_of(self.name.value) or "–"
        new_client(
            self.workbook, client, template=self._starter(stated["goals"]), name=self.name.value,
            language=words.language, facts={**stated, "languages": self.languages.value},
            organisation=self.organisation.value if self.organisation.value in self.library.organisations else None,
        )  # fmt: skip
        form = open_form(self.workbook, client, words.language)
        held = {post["role"] for post in form._at(DESIGN, ("posts",)) or ()}
        own = self.organisation.value == _OWN
        idle = {role: name for role, name in form.options["roles"] if own or (held and role not in held)}
        if own:  # a design has one role at least: to be renamed, or replaced by what is pasted
            form.add(("roles",))
        for role in idle:  # posts and roles are one list
            form.remove(("roles", role))
        form.save()
        found = form.issues()
        renew(self.workbook, words)
        self.button.disabled = True  # until something is changed: a second press would make it twice
        said = [words("start_form.made", client=self.workbook.called(client))]
        said += [words("start_form.own_next")] if own else []
        said += [words("start_form.without_post", names=list(idle.values()))] if idle and not own else []
        wrong = told(found, words, form.remedy) or paragraphs(words, words("findings.clean"))
        return paragraphs(words, *said) + wrong


def start_form(language: str = "") -> StartForm:
    """Return the form of ``00_start.ipynb``; a blank language is ``KPI_LANG``, else the system's."""
    workbook = at_work()
    return StartForm(workbook, Words(spoken(language), workbook))
