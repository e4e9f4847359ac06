"""What lies in a cycle's folder: every delivered file with its hash, and the hashes of what it was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kpi_toolkit import __version__
from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.storage import sha256, write_file

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that was written: its path below the cycle's folder, what it is and about whom, its hash and size."""

    path: str
    report: str
    person: str | None
    name: str
    language: str
    sha256: str
    bytes: int


def write_manifest(
    folder: Path, client: Client, cycle: str, delivered: Sequence[Delivered], inputs: dict[str, str]
) -> None:
    """Write what lies in a cycle's folder: these files, and earlier ones that are still what they were.

    ``inputs`` are the hashes of what these files were made from.
    """
    entries = {entry["path"]: entry for entry in read_manifest(folder).get("files", []) if _unchanged(folder, entry)}
    for path in [path for path, entry in entries.items() if any(_same_report(entry, file) for file in delivered)]:
        if path not in {file.path for file in delivered}:  # the same report in a format that was not made again
            (folder / path).unlink()
            del entries[path]
    entries |= {file.path: {**asdict(file), "inputs": digest(inputs)} for file in delivered}
    manifest = {
        "schema": 1,
        "toolkit": __version__,
        "client": client.id,
        "name": client.profile.name.model_dump(),
        "cycle": cycle,
        "design_version": client.design.version,
        "inputs": inputs,
        "files": [entries[path] for path in sorted(entries)],
    }
    write_file(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


def covers(folder: Path, delivered: Sequence[Delivered]) -> bool:
    """Whether a cycle's manifest lists these files as they are."""
    listed = {entry["path"]: entry["sha256"] for entry in read_manifest(folder).get("files", [])}
    return all(listed.get(file.path) == file.sha256 for file in delivered)


def digest(inputs: dict[str, str]) -> str:
    """Return one hash for all files that reports were made from."""
    return sha256(json.dumps(inputs, sort_keys=True).encode())


def _same_report(entry: dict[str, Any], file: Delivered) -> bool:
    return all(entry[key] == getattr(file, key) for key in ("report", "person", "language"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a cycle's manifest; empty where there is none that can be read."""
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if _is_manifest(content) else {}


def _is_manifest(content: Any) -> bool:
    """Whether it says what a manifest says; anything else is written anew."""
    needed = {"client": str, "name": dict, "cycle": str, "inputs": dict, "files": list}
    of_file = {"path", "report", "person", "name", "language", "sha256"}
    return (
        isinstance(content, dict)
        and all(isinstance(content.get(key), kind) for key, kind in needed.items())
        and all(isinstance(file, dict) and of_file <= file.keys() for file in content["files"])
    )


def _unchanged(folder: Path, entry: dict[str, Any]) -> bool:
    path = folder / str(entry.get("path", ""))
    return path.is_file() and sha256(path.read_bytes()) == entry.get("sha256")
