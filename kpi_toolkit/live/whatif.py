"""The what-if session in JupyterLab and Voilà: the live view, and a desk around it to keep, compare and adopt.

The view is the very module of the delivered page (``whatif/live``). Python hears of every change and recomputes
what is kept: a scenario is refused should the browser ever have shown something else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import anywidget
import traitlets

from kpi_toolkit.clients.client import Client, load_client
from kpi_toolkit.clients.design_roles import role_named
from kpi_toolkit.clients.language import check_language
from kpi_toolkit.clients.library import Library, called_by_name
from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.scenarios import free_id, read_scenario, read_scenarios, save_scenario
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.live.choosing import first_client, somebody_can_choose
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Design, Role
from kpi_toolkit.method.scenario import Scenario, fingerprint
from kpi_toolkit.method.settings import Elicitation
from kpi_toolkit.method.value import LANGUAGES, Text
from kpi_toolkit.pages.live_script import live_script, live_style
from kpi_toolkit.pages.said import at_work
from kpi_toolkit.pages.scenarios import Adopted, Comparison, adopt_as_shown, compare_outcomes
from kpi_toolkit.pages.whatif_page import changes_of, live_data
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.history import latest_cycle
from kpi_toolkit.results.summary import CycleSummary, summarize_cycle
from kpi_toolkit.whatif.elicit import Elicited, fitted, rank_order
from kpi_toolkit.whatif.scenarios import outcome

_DARK = 'body[data-jp-theme-light="false"] .kwi{filter:invert(.93) hue-rotate(180deg)}'
"""In a dark theme the view is turned round as a whole: light and dark change places, hues stay."""


class LiveView(anywidget.AnyWidget):  # type: ignore[misc]
    """The live ranking. ``told`` is what the browser shows now; setting ``ask`` opens changes in it."""

    _esm = live_script()
    _css = f"{live_style()}\n{_DARK}"
    data = traitlets.Dict().tag(sync=True)
    ask = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode(LANGUAGES[0]).tag(sync=True)
    role = traitlets.Unicode("").tag(sync=True)


class Desk:
    """A what-if session on one cycle of one client. Open it with :func:`open_what_if`.

    Nothing here touches the design but :meth:`adopt`.
    """

    def __init__(self, workbook: Workbook, client: str, cycle: str, language: str) -> None:
        self.workbook = workbook
        self.live = LiveView()
        self.records: dict[str, tuple[Elicitation, dict[str, Decimal]]] = {}
        """How a role's weights were found, and which weights those were."""
        self.listeners: list[Callable[[], None]] = []
        self.asked = {"client": client, "cycle": cycle, "language": language}
        try:
            self.open(client, cycle, language)
        except (WorkbookError, IssuesError):
            if not somebody_can_choose():
                raise  # else the row above the view says it, with the way on

    def open(self, client: str, cycle: str = "", language: str = "") -> None:
        """Turn to a cycle (default: the client's latest). Raises as :func:`open_what_if` does."""
        value = load_client(self.workbook.client_folder(client))
        summary = summarize_cycle(value, cycle or latest_cycle(value))
        self.client: Client = value
        self.summary: CycleSummary = summary
        self.words = Words(check_language(language or value.profile.languages[0], self.workbook), self.workbook)
        self.records = {}
        self.asked = {"client": value.id, "cycle": summary.cycle.id, "language": self.words.language}
        self.refresh()
        self.live.language = self.words.language

    def refresh(self) -> None:
        """Read the client's scenarios anew and tell the view and whoever listens."""
        self.scenarios: dict[str, Scenario] = {
            name: one for name, one in read_scenarios(self.client)[0].items() if one.cycle == self.summary.cycle.id
        }
        self.live.data = live_data(self.summary, self.workbook, self.scenarios)
        for listener in self.listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this whenever the cycle or its scenarios change."""
        self.listeners.append(listener)

    @property
    def changes(self) -> dict[str, Any]:
        """What the browser shows, against what was agreed."""
        return dict(self.live.told.get("changes", {}))

    def show(self, changes: Mapping[str, Any]) -> None:
        """Show these changes in the browser, as one step that can be undone there."""
        self.live.ask = {"turn": self.live.ask.get("turn", 0) + 1, "changes": dict(changes)}

    def scenario(self, name: str, *, asked_by: str = "", why: str = "") -> Scenario:
        """Return what the browser shows as a scenario; weights moved since they were found are told as moved ones."""
        exact = {key: _exactly(value) for key, value in self.changes.items()}
        design, weights = self.summary.design, exact.get("weights", {})
        used = tuple(record for role, (record, found) in self.records.items() if weights.get(role) == found)
        return Scenario(
            name=Text.of(name), client=self.client.id, cycle=self.summary.cycle.id,
            design_version=design.version, design=fingerprint(design), asked_by=asked_by, why=why,
            elicited=used, **exact,
        )  # fmt: skip

    def save(self, name: str, *, asked_by: str = "", why: str = "", file: str = "") -> str:
        """Keep what the browser shows as ``scenarios/<id>.toml`` and return the id.

        Raises WorkbookError without a name, for an id that is taken, or should browser and Python differ.
        """
        if not name.strip():
            raise WorkbookError("scenario-without-name")
        scenario = self.scenario(name.strip(), asked_by=asked_by.strip(), why=why.strip())
        if not self._as_shown(scenario):
            raise WorkbookError("scenario-differs")
        chosen = file or free_id(self.client, scenario)
        save_scenario(self.client, chosen, scenario)
        self.refresh()
        return chosen

    def recall(self, name: str) -> None:
        """Show a kept scenario again, with how its weights were found. KeyError where there is none such."""
        one = self.scenarios[name]
        self.records |= {record.role: (record, dict(one.weights.get(record.role, {}))) for record in one.elicited}
        self.show(changes_of(one))

    def _as_shown(self, scenario: Scenario) -> bool:
        """Whether Python finds the official scores that the browser has."""
        shown = self.live.told.get("official")
        if shown is None:
            return True
        found = outcome(self.summary.basis, scenario).scored.scores.values()
        return [-1 if own.score is None else int(own.score * 100) for own in found] == list(shown)

    def compare(self, first: str, second: str = "") -> Comparison:
        """Return two scenarios side by side; an empty id is what was agreed, ``*`` what the browser shows now."""
        one, two = (self._named(name) for name in (first, second))
        return compare_outcomes(self.summary, one, two)

    def _named(self, name: str) -> Scenario | None:
        if name == "*":
            return self.scenario(self.words("desk.now"))
        return read_scenario(self.client, name) if name else None

    def adopt(self, name: str, *, by: str) -> Adopted:
        """Make a kept scenario a new version of the design; the one step here that changes it."""
        done = adopt_as_shown(self.client, name, by=by, day=date.today())  # noqa: DTZ011 - the day where it is decided
        self.open(self.client.id, self.summary.cycle.id, self.words.language)
        return done

    def use(self, role: str, found: Elicited) -> dict[str, Decimal]:
        """Show a role's weights as elicited and keep the record. ElicitationError where they may not be used."""
        weights = fitted(self.role(role), found)
        self.records[role] = found.record(role), weights
        self.weigh(role, weights)
        return weights

    def weigh(self, role: str, weights: Mapping[str, Decimal]) -> None:
        """Show a role's weights."""
        shown = {name: float(weight) for name, weight in weights.items()}
        self.show({**self.changes, "weights": {**self.changes.get("weights", {}), role: shown}})

    def role(self, name: str) -> Role:
        """Return a role by its id or name; WorkbookError names the nearest one."""
        return self.summary.design.roles[role_named(self.summary.design, name, Library(self.workbook).roles)]

    def starters(self, role: str) -> dict[str, dict[str, Decimal]]:
        """Return ready-made weights for a role: equal ones, the agreed order alone, and designs that weigh the same."""
        items = [item for item in self.role(role).indicators if item.weight]
        order = [item.id for item in sorted(items, key=lambda item: -item.weight)]
        even = Elicited(method="direct", names=tuple(order), shares=tuple(1 / len(order) for _ in order), said="")
        found = {
            self.words("desk.equal"): fitted(self.role(role), even),
            self.words("desk.by_order"): fitted(self.role(role), rank_order(order)),
        }
        named = called_by_name(self.workbook)
        for path in self.workbook.templates("designs"):
            design, _ = read_toml(path, Design, path.name, **named)
            other = design.roles.get(role) if design else None
            weights = {item.id: item.weight for item in other.indicators if item.weight} if other else {}
            if weights and set(weights) == set(order):
                found[path.stem] = weights
        return found

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the whole desk where a cell ends in it."""
        from kpi_toolkit.live.panels import desk_panel

        return desk_panel(self)._repr_mimebundle_(**options)


def open_what_if(*, client: str = "", cycle: str = "", language: str = "") -> Desk:
    """Return a what-if session of a client's cycle, ready to be shown in a notebook.

    A blank client is taken from ``KPI_CLIENT``, or is the workbook's first; a blank cycle is the latest, a blank
    language the client's first. Raises WorkbookError for unknown names, IssuesError for what is wrong in the files.
    """
    workbook = at_work()
    return Desk(workbook, first_client(workbook, client), cycle or os.environ.get("KPI_CYCLE", ""), language)


def _exactly(value: Any) -> Any:
    """Return what came from the browser with its numbers as they print."""
    if isinstance(value, Mapping):
        return {key: _exactly(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_exactly(part) for part in value)
    return Decimal(str(value)) if isinstance(value, float) else value
