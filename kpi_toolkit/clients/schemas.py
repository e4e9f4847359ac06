"""JSON Schemas for editors, drawn from the declarations: completion and red underlines while a file is typed.

``python -m kpi_toolkit.clients.schemas`` writes them into a checkout's ``templates/schemas/``; a test holds them true.
"""

from __future__ import annotations

import json
from typing import Any

from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.method.cards import IndicatorSet, Note, Regulation, RoleCard
from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.country import CountryCard
from kpi_toolkit.method.goals import GoalCard
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.organisation import Department, OrganisationStarter
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.scenario import Scenario
from kpi_toolkit.method.settings import MissingRule
from kpi_toolkit.method.tables import ROW_TYPES
from kpi_toolkit.method.training import TalkRules, TrainingCard
from kpi_toolkit.method.value import Text, Value

_TYPES: dict[str, type[Value]] = {
    "client": Profile, "design": Design, "role": RoleCard, "indicator": IndicatorSet, "goal": GoalCard,
    "checklist": Checklist, "note": Note, "organisation": OrganisationStarter, "department": Department,
    "regulation": Regulation, "country": CountryCard, "scenario": Scenario,
    "training": TrainingCard, "talk": TalkRules, **ROW_TYPES,
}  # fmt: skip


_NAMED = {"type": "object", "properties": {"use": {"type": "string"}}, "required": ["use"]}
"""A curve by its name in ``templates/curves.toml``, with numbers of its own."""


def json_schemas() -> dict[str, str]:
    """Return the text of every schema by file name."""
    return {f"{name}.schema.json": _dump(kind) for name, kind in _TYPES.items()}


def _dump(kind: type[Value]) -> str:
    schema = _with_plain_text(kind.model_json_schema(by_alias=True))
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, ensure_ascii=False, indent=1)
        + "\n"
    )


def _with_plain_text(schema: dict[str, Any]) -> dict[str, Any]:
    """Say what a reader of the file allows besides: words as one plain string, a curve by its name."""
    definitions = schema.get("$defs", {})
    if Text.__name__ in definitions:
        definitions[Text.__name__] = {"anyOf": [{"type": "string"}, definitions[Text.__name__]]}
    if MissingRule.__name__ in definitions:
        definitions[MissingRule.__name__] = {"anyOf": [{"$ref": "#/$defs/Missing"}, definitions[MissingRule.__name__]]}
    for declared in definitions.values():
        curve = declared.get("properties", {}).get("curve")
        if curve:
            declared["properties"]["curve"] = {"anyOf": [{"type": "string"}, _NAMED, curve]}
    return schema


if __name__ == "__main__":
    for file, text in json_schemas().items():
        write_file(shipped() / "templates" / "schemas" / file, text)
        (shipped() / "templates" / "schemas" / file).chmod(0o644)
