"""What lies in a cycle's folder: every delivered file with its hash, and the hashes of what it was made from.

A manifest is read back as input like any other: it may have come with somebody else's workbook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.client import Client
from kpi_toolkit.clients.storage import client_lock, sha256, write_file
from kpi_toolkit.clients.workbook import valid_id
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import NOTHING, Behind
from kpi_toolkit.method.shown import json_text
from kpi_toolkit.method.value import LANGUAGES, Text
from kpi_toolkit.pages.kinds import KINDS

MANIFEST, _DESIGN = "manifest.json", "design.toml"
_PATH = re.compile(r"((people|notebooks)/)?[a-z0-9][\w.-]*\.(html|pdf|csv|ipynb)", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


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
    folder: Path, client: Client, cycle: str, delivered: Sequence[Delivered], inputs: dict[str, str],
    behind: Behind = NOTHING, *, closed: bool = False,
) -> None:  # fmt: skip
    """Write what lies in a cycle's folder: these files, and earlier ones that are still what they were.

    ``inputs`` are the hashes of what these files were made from, ``behind`` how many findings stand behind them. The
    same report in a format that was not made again may say something else by now and is taken away; that of a
    ``closed`` cycle says the same as long as it was made from the same.
    """
    from kpi_toolkit import __version__  # looked up among all that is installed

    with client_lock(folder.parent):
        entries = _kept(folder, delivered, digest(inputs) if closed else None)
        names = {entry["path"]: entry["name"] for entry in entries.values()}  # the ledger knows no names
        now = dict(zip(client.people["id"], client.people["name"], strict=True))
        entries |= {
            file.path: {
                **asdict(file), "inputs": digest(inputs),
                "name": file.name or names.get(file.path, "") or now.get(file.person, file.person or ""),
            }
            for file in delivered
        }  # fmt: skip
        manifest = {
            "schema": 1,
            "toolkit": __version__,
            "client": client.id,
            "name": client.profile.name.model_dump(),
            "cycle": cycle,
            "design_version": client.design.version,
            **behind._asdict(),
            "inputs": inputs,
            "files": [entries[path] for path in sorted(entries)],
        }
        write_file(folder / MANIFEST, json_text(manifest, indent=1) + "\n")


def _kept(folder: Path, delivered: Sequence[Delivered], same: str | None) -> dict[str, dict[str, Any]]:
    """Return the entries of earlier files that stay, and take the others' files away."""
    entries = {entry["path"]: entry for entry in read_manifest(folder).get("files", []) if _unchanged(folder, entry)}
    made = {file.path for file in delivered}
    for path, entry in [*entries.items()]:
        if path not in made and entry.get("inputs") != same and any(_same_report(entry, file) for file in delivered):
            (folder / path).unlink()
            del entries[path]
    return entries


def covers(folder: Path, delivered: Sequence[Delivered]) -> bool:
    """Whether a cycle's manifest lists these files as they are."""
    listed = {entry["path"]: entry["sha256"] for entry in read_manifest(folder).get("files", [])}
    return all(listed.get(file.path) == file.sha256 for file in delivered)


def digest(inputs: dict[str, str]) -> str:
    """Return one hash for all files that reports were made from."""
    return sha256(json.dumps(inputs, sort_keys=True).encode())


def other_design(folder: Path, inputs: Mapping[str, str]) -> int | None:
    """Return the version of the design that a cycle's reports were delivered under, None where it is today's.

    ``inputs`` are the hashes of the files as they are now.
    """
    manifest = read_manifest(folder)
    then, version = manifest.get("inputs", {}).get(_DESIGN), manifest.get("design_version")
    return version if then and then != inputs.get(_DESIGN) and isinstance(version, int) else None


def _same_report(entry: dict[str, Any], file: Delivered) -> bool:
    return all(entry[key] == getattr(file, key) for key in ("report", "person", "language"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a cycle's manifest; empty where there is none that can be read."""
    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    here = folder.parent.name, folder.name
    return content if _is_manifest(content) and (content["client"], content["cycle"]) == here else {}


def _is_manifest(content: Any) -> bool:
    """Whether it says what a manifest says, of files in its own folder only; anything else is written anew."""
    needed = {"client": str, "name": dict, "cycle": str, "warnings": int, "inputs": dict, "files": list}
    if not isinstance(content, dict) or not all(isinstance(content.get(key), kind) for key, kind in needed.items()):
        return False
    try:
        Text.model_validate(content["name"])
        _ = Cycle.parse(content["cycle"]).first_day
    except ValueError:
        return False
    return valid_id(content["client"]) and all(map(_is_ours, content["files"]))


def _is_ours(file: Any) -> bool:
    """Whether an entry is of a file as we name them: a plain path below the cycle's folder, a report that there is."""
    return (
        isinstance(file, dict)
        and all(isinstance(file.get(key), str) for key in ("path", "report", "name", "language", "sha256"))
        and bool(_PATH.fullmatch(file["path"]))
        and file["report"] in KINDS
        and (valid_id(str(file.get("person"))) if KINDS[file["report"]].once_a_person else file.get("person") is None)
        and file["language"] in LANGUAGES
        and bool(_SHA256.fullmatch(file["sha256"]))
    )


def _unchanged(folder: Path, entry: dict[str, Any]) -> bool:
    path = folder / entry["path"]
    inside = path.resolve() == folder.resolve() / entry["path"]  # no link leads it elsewhere
    return inside and path.is_file() and sha256(path.read_bytes()) == str(entry["sha256"])
