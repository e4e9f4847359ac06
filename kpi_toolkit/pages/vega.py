"""Altair, without the two seconds that jsonschema takes where JupyterLab is installed (:mod:`kernels.quick`)."""

import kpi_toolkit.kernels.quick  # noqa: F401 - before what loads jsonschema

# isort: split
import altair as alt
from altair.utils.schemapi import debug_mode

__all__ = ["alt", "debug_mode"]
