"""Older folders made like today's: each month gets its own copy of what its result depends on, after a backup."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import load_client, own_copies
from kpi_toolkit.clients.record import RECORD, State, read_record, with_line
from kpi_toolkit.clients.storage import client_lock, sha256, write_all, write_file
from kpi_toolkit.clients.workbook import Workbook

BACKUPS = ".kpi/backups"
"""Below the workbook, where git does not look."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration writes, or would write, by path in the client's folder; and the copy of the folder before."""

    client: str
    files: tuple[str, ...]
    backup: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"client": self.client, "files": list(self.files), "backup": str(self.backup) if self.backup else None}


def migrate(workbook: Workbook, client: str, *, by: str = "", dry_run: bool = False) -> Migrated:
    """Give every open month of a client its own page, design, curves and people; no score changes by it.

    The folder as it is goes into a zip file first. Months that have them are left alone, so that a second time nothing
    is done. Raises IssuesError where the client's own files cannot be read.
    """
    folder = workbook.client_folder(client)
    with client_lock(folder):
        value = load_client(folder)
        files: dict[str, bytes] = {}
        for cycle in value.cycles:
            home = folder / "cycles" / cycle
            copies = own_copies(value, cycle) if read_record(home).state == State.DRAFT else {}
            if copies:
                _, record = with_line(home, "opened", by.strip(), take="all")
                files |= copies | {f"cycles/{cycle}/{RECORD}": record}
        if dry_run or not files:
            return Migrated(client, tuple(files))
        backup = _backup(workbook, folder)
        write_all(folder, files)
        return Migrated(client, tuple(files), backup)


def _backup(workbook: Workbook, folder: Path) -> Path:
    """Write a client's folder as a zip file, named by what it holds: the same folder makes the same file."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    files = {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in paths if path.name[0] != "."}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    data = packed.getvalue()
    path = workbook.root / BACKUPS / f"{folder.name}-{sha256(data)[:12]}.zip"
    write_file(path, data)
    return path
