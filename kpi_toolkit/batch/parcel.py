"""What a report is made from, carried as bytes: one client's files and the workbook's own templates and notebooks.

A job is given this and nothing else, on this machine as on another: no shared disk is assumed, and the kernel of one
client runs in a folder that holds no other's files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_toolkit.clients.frozen import DELIVERIES, INPUTS, PEOPLE, RESULTS, SPELLS
from kpi_toolkit.clients.reading import MAX_BYTES
from kpi_toolkit.clients.record import RECORD, up_to_state
from kpi_toolkit.clients.storage import make_folder, settle, sha256_of_all
from kpi_toolkit.clients.workbook import Workbook, shipped


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files by their path below a workbook, sorted, and one hash over them."""

    files: tuple[tuple[str, bytes], ...]
    digest: str


def pack(workbook: Workbook, client: str) -> Parcel:
    """Return the parcel of a client. Links, hidden and too large files and what lies open in Excel stay behind."""
    settle(workbook.client_data / client)
    files = tuple(sorted(_files(workbook, client)))
    return Parcel(files, sha256_of_all(files))


def unpack(parcel: Parcel, folder: Path) -> Workbook:
    """Write a parcel into an empty folder and return it as a workbook."""
    for path, data in parcel.files:
        make_folder((folder / path).parent)
        (folder / path).write_bytes(data)
    return Workbook(folder)


def _files(workbook: Workbook, client: str) -> Iterator[tuple[str, bytes]]:
    own = () if workbook.root.resolve() == shipped() else ("templates", "notebooks")
    for folder in (f"client_data/{client}", *own):
        base = workbook.root / folder
        for path in base.rglob("*"):
            inner = path.relative_to(base)
            left_out = any(part.startswith((".", "~$")) for part in inner.parts)
            left_out = left_out or _is_elsewhere(inner.parts)
            if path.is_file() and not path.is_symlink() and not left_out and path.stat().st_size <= MAX_BYTES:
                data = path.read_bytes()
                yield f"{folder}/{inner.as_posix()}", up_to_state(data) if path.name == RECORD else data


def _is_elsewhere(parts: tuple[str, ...]) -> bool:
    """Whether no report is made from a file: what came in; what was delivered, but for what later months compare with.

    That is its results, the hashes of its inputs, and who was set apart then.
    """
    held = len(parts) == _HELD_DEPTH and parts[-1] in {RESULTS, f"{INPUTS}.sha256"}
    held = held or (parts[_HELD_DEPTH - 1 : -1] == (INPUTS,) and parts[-1] in {PEOPLE, SPELLS})
    return parts[2:3] == ("inbox",) or (parts[2:3] == (DELIVERIES,) and not held)


_HELD_DEPTH = len(("cycles", "2026-10", DELIVERIES, "1", RESULTS))
