"""What a design calls by name: a curve, or an indicator of the library.

``curve = "banded"``, or ``{ use = "deduct-per-step", step = 5 }`` with numbers of its own; ``indicator =
"media-published"`` in a line of a role, with whatever the line has otherwise. The names are data (``templates/``);
whoever reads a file hands them in as the validation context ``curves`` and ``cards``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, LiteralString

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curves import KINDS, CurveValue
from kpi_toolkit.method.issues import Known, nearest
from kpi_toolkit.method.value import Value


def unknown(code: LiteralString, name: str, known: Iterable[str], meant: str | None = None) -> PydanticCustomError:
    """Return what is wrong with a name that nothing has; by default the nearest of those ``known`` is meant."""
    near = nearest(name, known) if meant is None else meant
    return PydanticCustomError(code, "unknown", {"name": name, "nearest": near, "known": ", ".join(known)})


def _called_by_name(value: Any, info: ValidationInfo) -> Any:
    """Let a curve be called by a name, alone or with parameters of its own: ``{use = "...", step = 5}``."""
    if isinstance(value, str):
        value = {"use": value}
    if not isinstance(value, dict) or "use" not in value:
        return value
    known = (info.context or {}).get("curves", {})
    name = value["use"]
    if name not in known and name not in KINDS:
        raise unknown("unknown-curve", str(name), sorted({*known, *KINDS}))
    own = {key: given for key, given in value.items() if key != "use"}
    if name not in known:
        return {"kind": name, **own}
    curve = known[name]
    if isinstance(curve, Value):  # whoever reads again and again hands in what was read already
        if not own:
            return curve.model_copy(update={"named": name})
        curve = curve.model_dump(by_alias=True)
    return {**curve, "named": name, **own}


def called_card(value: Any, info: ValidationInfo) -> Any:
    """Let a line of a role call an indicator of the library by its id or name; what the line says itself comes first.

    ``cards`` in the context returns the cards' own lines by id; they are read only where one is called.
    """
    read = (info.context or {}).get("cards")
    if not isinstance(value, dict) or "indicator" not in value or read is None:
        return value
    cards, said = read(), str(value["indicator"])
    known = Known({card: _names(line) for card, line in cards.items()})
    found = said if said in cards else next(iter(sorted(known.exactly(said))), "")
    if not found:
        raise unknown("unknown-indicator-card", said, cards, known.meant(said))
    return {**cards[found], **value, "indicator": found}


def _names(line: Mapping[str, Any]) -> Iterable[str]:
    name = line["name"]
    return name.values() if isinstance(name, Mapping) else (name,)


Curve = Annotated[Annotated[CurveValue, Field(discriminator="kind")], BeforeValidator(_called_by_name)]
