"""Strangers' files are read in a process of their own: what crashes, hangs or eats memory there ends nothing here."""

from __future__ import annotations

import gc
import io
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kpi_toolkit.clients.grids import Grid, read_grids
from kpi_toolkit.clients.reading import read_bytes
from kpi_toolkit.clients.storage import sha256
from kpi_toolkit.method.issues import Issues, Place, error

SECONDS, MEMORY = 30, 2_000_000_000
"""Of processor time for all files together, and bytes; on Windows the time alone is held, by the clock."""


@dataclass(frozen=True)
class Source:
    """A file that was handed over: its name, what its bytes add up to, its sheets, and what was wrong with it."""

    name: str
    sha256: str = ""
    grids: tuple[Grid, ...] = ()
    issues: Issues = field(default_factory=Issues)


def read_apart(paths: Sequence[Path]) -> list[Source]:
    """Return files as they were read, in their order; one that ends the reader's process costs none of the others."""
    done: list[Source] = []
    while len(done) < len(paths):
        due = [path.resolve() for path in paths[len(done) :]]
        done += _in_a_process(due)
        if len(done) < len(paths):  # what ended the process was the file after the last that it has told of
            name = paths[len(done)].name
            done.append(Source(name, issues=Issues([error("file-ends-reader", Place(name), seconds=SECONDS)])))
    return done


def _in_a_process(paths: Sequence[Path]) -> list[Source]:
    command = [sys.executable, "-c", f"import sys, {__name__} as apart; apart.main(sys.argv[1:])", *map(str, paths)]
    try:
        said = subprocess.run(command, capture_output=True, timeout=2 * SECONDS, check=False).stdout  # noqa: S603 - our own
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    stream, found = io.BytesIO(said), list[Source]()
    with suppress(EOFError, pickle.UnpicklingError):  # the end, or what was cut off
        while True:
            found.append(pickle.load(stream))  # noqa: S301 - our own process wrote it
    return found


def _read(path: Path) -> Source:
    data, issues = read_bytes(path, path.name)
    grids, more = read_grids(data, path.name) if data is not None else ([], Issues())
    return Source(path.name, sha256(data or b""), tuple(grids), issues + more)


def main(names: Sequence[str]) -> None:
    """Read files and write each to stdout as soon as it is read: what the process of its own does."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits, and a machine may have lower ones
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it, to write what nobody here writes
    gc.disable()  # a fifth of the time goes into looking for rings that nothing here makes; memory has its limit
    for name in names:
        sys.stdout.buffer.write(pickle.dumps(_read(Path(name))))
        sys.stdout.buffer.flush()
