"""Curves called by name: ``curve = "banded"``, or ``{ use = "deduct-per-step", step = 5 }`` with numbers of its own.

The names are data (``templates/curves.toml``); whoever reads a file hands them in as the validation context ``curves``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from kpi_toolkit.method.curves import KINDS, CurveValue
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.value import Value


def _called_by_name(value: Any, info: ValidationInfo) -> Any:
    """Let a curve be called by a name, alone or with parameters of its own: ``{use = "...", step = 5}``."""
    if isinstance(value, str):
        value = {"use": value}
    if not isinstance(value, dict) or "use" not in value:
        return value
    known = (info.context or {}).get("curves", {})
    name = value["use"]
    if name not in known and name not in KINDS:
        names = sorted({*known, *KINDS})
        raise PydanticCustomError(
            "unknown-curve",
            "unknown",
            {"name": str(name), "nearest": nearest(str(name), names), "known": ", ".join(names)},
        )
    own = {key: given for key, given in value.items() if key != "use"}
    if name not in known:
        return {"kind": name, **own}
    curve = known[name]
    if isinstance(curve, Value):  # whoever reads again and again hands in what was read already
        if not own:
            return curve.model_copy(update={"named": name})
        curve = curve.model_dump(by_alias=True)
    return {**curve, "named": name, **own}


Curve = Annotated[Annotated[CurveValue, Field(discriminator="kind")], BeforeValidator(_called_by_name)]
