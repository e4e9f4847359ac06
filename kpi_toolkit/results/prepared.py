"""A cycle's summary worked out once for many reports: a batch hands it as a file to each kernel of one client.

The file is a pickle, which runs what it holds. Only one whose SHA-256 stands in the environment is read: a batch sets
it for its own kernels, a workbook that comes from strangers cannot.
"""

from __future__ import annotations

import os
import pickle
from hashlib import sha256
from pathlib import Path

from kpi_toolkit.clients.client import Client
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.results.summary import CycleSummary, summarize_cycle

PREPARED = "KPI_PREPARED"
"""The environment variable that names the file: its SHA-256, a blank, its path."""


def prepare(summary: CycleSummary) -> bytes:
    """Return a summary as bytes, with what takes longest to work out."""
    _ = summary.confidence, summary.usual_ranks  # kept with it; of cycles before, what only the client's folder tells
    _ = [(past.again, past.design) for past in summary.history]
    return pickle.dumps(summary)


def name_of(data: bytes, path: Path) -> str:
    """Return what :data:`PREPARED` says of a prepared summary that lies in a file."""
    return f"{sha256(data).hexdigest()} {path}"


def prepared_or_new(client: Client, cycle: str) -> CycleSummary:
    """Return the summary of a cycle: the prepared one where this process was given it. Raises as summarize_cycle."""
    digest, _, path = os.environ.get(PREPARED, "").partition(" ")
    if digest:
        data = Path(path).read_bytes()
        if sha256(data).hexdigest() == digest:
            summary = pickle.loads(data)  # noqa: S301 - the batch that started this process wrote it
            if (summary.client_id, summary.cycle) == (client.id, Cycle.parse(cycle)):
                return summary  # type: ignore[no-any-return]
    return summarize_cycle(client, cycle)
