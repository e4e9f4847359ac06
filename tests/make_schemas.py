"""JSON Schemas for editors, drawn from the declarations: completion and red underlines while a file is typed.

``make schemas`` writes them into ``templates/schemas/``; a test holds them true.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, get_args

from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.method.cards import IndicatorSet, Note, Regulation, RoleCard
from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.goals import GoalCard
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.organisation import Department, OrganisationStarter
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.regulation import CountryCard
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.scenario import Scenario
from kpi_toolkit.method.settings import MissingRule, Reliability
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


@cache
def json_schemas() -> dict[str, str]:
    """Return the text of every schema by file name."""
    _describe(Value, {})
    built: set[type[Value]] = set()
    for kind in _TYPES.values():
        _build_again(kind, built)
    return {f"{name}.schema.json": _dump(kind) for name, kind in _TYPES.items()}


def _describe(kind: type[Value], above: Mapping[str, str]) -> None:
    """Give the fields of a declaration and of those made from it the texts below them as descriptions.

    Declarations do not do this themselves: reading the source of each would cost every command a part of its start.
    """
    docs = {**above, **_texts_below(kind)}
    for name, field in kind.__pydantic_fields__.items():
        if field.description is None and name in docs:
            field.description = docs[name]
    for below in kind.__subclasses__():
        _describe(below, docs)


def _build_again(kind: type[Value], built: set[type[Value]]) -> None:
    """Build a declaration anew, its parts before it: it takes them over as they were built."""
    if kind not in built:
        built.add(kind)
        for field in kind.__pydantic_fields__.values():
            for part in _declared_in(field.annotation):
                _build_again(part, built)
        kind.model_rebuild(force=True)


def _declared_in(annotation: Any) -> Iterator[type[Value]]:
    """Go through the declarations that the type of a field names."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for part in get_args(annotation):
        yield from _declared_in(part)


def _texts_below(kind: type[Value]) -> dict[str, str]:
    try:
        (declared,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except OSError:  # made by a call, not written
        return {}
    found: dict[str, str] = {}
    for line, below in pairwise(getattr(declared, "body", [])):
        match line, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


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
    if Reliability.__name__ in definitions:
        trust = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
        words, classes = {"enum": ["cycles", "left_out"]}, {"type": "object", "additionalProperties": trust}
        definitions[Reliability.__name__] = {"anyOf": [trust, words, classes]}
    if MissingRule.__name__ in definitions:
        definitions[MissingRule.__name__] = {"anyOf": [{"$ref": "#/$defs/Missing"}, definitions[MissingRule.__name__]]}
    if Indicator.__name__ in definitions and schema["title"] == Design.__name__:
        line = definitions[Indicator.__name__]  # what a line must say, unless a card of the library says it
        line["anyOf"] = [{"required": line.pop("required")}, {"required": ["indicator", "weight"]}]
    for declared in definitions.values():
        curve = declared.get("properties", {}).get("curve")
        if curve:
            declared["properties"]["curve"] = {"anyOf": [{"type": "string"}, _NAMED, curve]}
    return schema


if __name__ == "__main__":
    for file, text in json_schemas().items():
        (shipped() / "templates" / "schemas" / file).write_text(text, "utf-8")
