"""Altair, without the two seconds that jsonschema takes where JupyterLab is installed (:mod:`kernels.quick`)."""

from kpi_toolkit.kernels.quick import load_jsonschema

load_jsonschema()

import altair as alt  # noqa: E402
from altair.utils.schemapi import debug_mode  # noqa: E402

__all__ = ["alt", "debug_mode"]
