"""Frozen values as plain data: the one way into JSON, and the numbers and texts that TOML holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel


def plain(value: Any) -> Any:
    """Return a value as dictionaries, lists, texts and numbers; decimals of at most 15 digits survive as floats.

    >>> plain({"day": date(2026, 10, 1), "shares": (Decimal("12.50"), Decimal("20.0")), "none": None})
    {'day': '2026-10-01', 'shares': [12.5, 20], 'none': None}
    """
    if isinstance(value, BaseModel):
        value = value.model_dump(by_alias=True)
    elif is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    match value:
        case Decimal():
            found: Any = int(value) if value == value.to_integral_value() else float(value)
        case Enum():
            found = value.value
        case date():
            found = value.isoformat()
        case Mapping():
            found = {plain(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            found = [plain(part) for part in value]
        case _:
            found = value
    return found


def picked(value: Any, names: str, **others: Any) -> dict[str, Any]:
    """Return some attributes of a value as plain data, then others; ``key=name`` gives an attribute another key.

    >>> picked(date(2026, 10, 1), "year month=month", kind="day")
    {'year': 2026, 'month': 10, 'kind': 'day'}
    """
    pairs = [name.partition("=") for name in names.split()]
    found = {key: plain(getattr(value, name or key)) for key, _, name in pairs}
    return found | {key: plain(part) for key, part in others.items()}
