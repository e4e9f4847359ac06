"""What one report may take, and how the folders that it works in are called."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a cell and for the whole report, MB of memory (on Linux) and of output."""

    cell_seconds: int = 120
    report_seconds: int = 300
    memory_mb: int = 2048
    output_mb: int = 50


class LimitError(RuntimeError):
    """A notebook took more than it may; the message says of what, and the limit."""


def scratch_prefix() -> str:
    """Return how this process names its folders of temporary files: its number says whose they are."""
    return f"kpi-{os.getpid()}-"
