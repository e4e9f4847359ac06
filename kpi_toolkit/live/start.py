"""From what is known of a client to a first design, without typing code: the form of ``00_start.ipynb``."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets
from pydantic import ValidationError

from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.countries import country_codes, country_of
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.scaffold import new_client
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.organisation import organise, payroll, total_heads
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.pages.gallery import heads_text
from kpi_toolkit.pages.said import speak_plainly, told
from kpi_toolkit.pages.words import Words

_WIDE = {"style": {"description_width": "290px"}, "layout": {"width": "680px"}}
_FACTS = {
    "size": ("small", "medium", "large"), "city_tier": ("sz_gz", "other"), "site_build": ("own", "outsourced"),
    "low_budget": (True, False), "manager_promotes": (True, False),
}  # fmt: skip
_FULL = 100


class StartForm:
    """A form of client facts; what they lead to stands under it and follows every change."""

    def __init__(self, workbook: Workbook, words: Words) -> None:
        self.workbook, self.words, self.library = workbook, words, Library(workbook)
        self.id = self._labelled(widgets.Text, "id", placeholder="acme-shop")
        self.name = self._labelled(widgets.Text, "name")
        languages = [(words(f"start_form.{key}"), tuple(key.split("_"))) for key in ("zh", "en", "zh_en")]
        self.languages = self._labelled(widgets.Dropdown, "languages", options=languages, value=(words.language,))
        goals = {goal: card for goal, card in self.library.goals.items() if not card.diagnosis_only}
        self.country = self._labelled(widgets.Text, "country", placeholder="CN")
        self.goals = {
            goal: widgets.BoundedIntText(
                value=_FULL if goal == "product-sales" else 0, max=_FULL, description=words.show(card.name), **_WIDE
            )
            for goal, card in goals.items()
        }
        self.unclear = self._labelled(widgets.Checkbox, "unclear", value=False, indent=True)
        self.worksheet = {
            line.id: widgets.Textarea(description=words.show(line.text), rows=2, **_WIDE)
            for line in self.library.checklists["goal-finding"].lines
        }
        unstated = (words("start_form.unstated"), None)
        self.facts = {
            name: self._labelled(
                widgets.Dropdown, name,
                options=[unstated, *((words(f"start_form.{name}_{one}".lower()), one) for one in known)],
            )
            for name, known in _FACTS.items()
        }  # fmt: skip
        self.launch = self._labelled(widgets.DatePicker, "launch")
        starters = [(words.show(card.name), name) for name, card in self.library.organisations.items()]
        self.organisation = self._labelled(
            widgets.Dropdown, "organisation", options=[unstated, *starters], value="sme-v2"
        )
        self.button = widgets.Button(description=words("start_form.create"), button_style="primary")
        self.preview, self.result = widgets.HTML(), widgets.HTML()
        self._sheet = widgets.VBox(list(self.worksheet.values()))
        self.box = self._laid_out()
        self._follow()

    def _laid_out(self) -> widgets.VBox:
        """Return the controls one below the other, and let what they lead to follow them."""
        deciding = [self.country, *self.goals.values(), self.unclear, *self.facts.values(), self.launch]
        for control in (*deciding, self.organisation):
            control.observe(self._follow, "value")
        self.button.on_click(self._create)
        return widgets.VBox([
            self.id, self.name, self.country, self.languages, self._heading("goals"), *self.goals.values(),
            self.unclear, self._sheet, self._heading("facts"), *self.facts.values(), self.launch,
            self.organisation, self.preview, self.button, self.result,
        ])  # fmt: skip

    def _labelled(self, kind: Any, key: str, **options: Any) -> Any:
        return kind(description=self.words(f"start_form.{key}"), **options, **_WIDE)

    def _heading(self, key: str) -> Any:
        return widgets.HTML(f"<h3>{escape(self.words(f'start_form.{key}'))}</h3>")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.box)  # type: ignore[no-untyped-call]

    def stated(self) -> dict[str, Any]:
        """Return the facts as ``client.toml`` says them; what is not stated is left out."""
        facts = {name: control.value for name, control in self.facts.items() if control.value is not None}
        if self.country.value.strip():
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
        said = [words("start_form.sum", total=total)] if not self.unclear.value and total != _FULL else []
        if self.unclear.value:
            said = [words("start_form.unclear_text")]
        self.button.disabled = profile is None or not profile.goals
        if profile is None or not self.organisation.value:
            self.preview.value = _paragraphs(said)
            return
        posts = organise(self.library.organisations[self.organisation.value], profile)
        low, high = total_heads(posts)
        rows = "".join(
            f"<tr><td>{escape(words.show(post.title or self.library.roles[post.role].name))}</td>"
            f"<td>{escape(heads_text(post.headcount, words))}</td>"
            f"<td>{post.starts(profile.launch) or ''}</td><td>{escape(words.show(post.note))}</td></tr>"
            for post in posts
        )
        said.append(words("organisation.lead", n=high, heads=f"{low}–{high}"))
        cost = payroll(posts)
        if cost.high:
            named = country_of(self.workbook, profile.country) if profile.country in country_codes() else None
            unit = words.show(named.currency) if named else ""
            cost_said = f"{words.number(cost.low)}–{words.number(cost.high)} {unit}".strip()
            said.append(words("organisation.cost", cost=cost_said))
        self.preview.value = f"{_paragraphs(said)}<table>{rows}</table>"

    def _create(self, _: object = None) -> None:
        """Make the client's files and say what the checks find and what comes next."""
        stated, words, client = self.stated(), self.words, self.id.value.strip() or "–"
        main = max(stated["goals"], key=lambda goal: float(stated["goals"][goal]), default="")
        template = self.library.goals[main].design or "sells-products"
        try:
            new_client(
                self.workbook, client, template=template, name=self.name.value,
                language=words.language, facts={**stated, "languages": self.languages.value},
                organisation=self.organisation.value,
            )  # fmt: skip
            made, found = read_client(self.workbook.client_folder(client))
        except (WorkbookError, IssuesError) as problem:
            self.result.value = told(problem, words)
            return
        said = [words("start_form.made", folder=str(self.workbook.client_data / client))]
        held = {post.role for post in made.design.posts} if made else set()
        idle = [role.name for name, role in made.design.roles.items() if name not in held] if made and held else []
        said += [words("start_form.without_post", names=idle)] if idle else []
        self.result.value = f"{_paragraphs(said)}{told(found, words) or _paragraphs([words('findings.clean')])}"


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def start_form(language: str = "") -> StartForm:
    """Return the form of ``00_start.ipynb``; a blank language is ``KPI_LANG``, else the system's."""
    speak_plainly()
    workbook = find_workbook()
    return StartForm(workbook, Words(spoken(language), workbook))
