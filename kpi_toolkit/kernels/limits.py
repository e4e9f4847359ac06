"""What one report may take."""

from __future__ import annotations

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
