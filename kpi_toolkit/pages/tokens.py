"""The colours that everything we show shares, by name: ``templates/report/tokens.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from types import MappingProxyType

from kpi_toolkit.clients.workbook import shipped

COLOURS: Mapping[str, str] = MappingProxyType(
    tomllib.loads((shipped() / "templates/report/tokens.toml").read_text("utf-8"))
)


def css_variables() -> str:
    """Return the colours as a style sheet declares them; whoever writes a style takes them by ``var(--name)``."""
    return ";".join(f"--{name}:{colour}" for name, colour in COLOURS.items())
