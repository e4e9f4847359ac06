"""``reports/ledger.jsonl``: a line for every report made, never changed, only added to. It holds ids, never names.

A report whose key is in it, and whose files still are what was written, is not made again. That is also how an
interrupted batch goes on: what was finished is in the ledger. It is read back as input like any other: it may have come
with somebody else's workbook, so what it says of places is checked before anything is looked for there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kpi_toolkit.batch.run import File, Job, Outcome
from kpi_toolkit.clients.client import PassedOver
from kpi_toolkit.clients.storage import FILE_MODE, sha256
from kpi_toolkit.clients.workbook import valid_id
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.shown import json_text
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.kinds import KINDS

LEDGER = "ledger.jsonl"
_START, _KEY = b'{"key": "', 64
_FILES = {"html", "pdf", "csv", "ipynb"}


def key_of(*parts: object) -> str:
    """Return the content key of these parts, all of them plain data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Ledger:
    """What earlier runs in a workbook made, and a place for what this one makes."""

    def __init__(self, reports: Path) -> None:
        self._reports = reports
        self._path = reports / LEDGER
        self._lines: dict[str, bytes] = {}
        data = self._path.read_bytes() if self._path.is_file() else b""
        self._torn = bool(data) and not data.endswith(b"\n")  # the machine stopped within the last line
        for line in data.splitlines():
            if line.startswith(_START) and line.endswith(b"}"):
                self._lines[line[len(_START) : len(_START) + _KEY].decode("ascii", "replace")] = line

    def __contains__(self, key: str) -> bool:
        """Whether something was made, or planned, under this key."""
        return key in self._lines

    def planned(self, key: str, client: str) -> list[Job] | None:
        """Return the jobs that a client's plan of this key had; None where there was none."""
        with suppress(KeyError, TypeError, ValueError):  # a line that says something else counts as none
            jobs = [_job(record) for record in self._record(key)["jobs"]]
            if all(job.client == client and _is_sound(job) for job in jobs):
                return jobs
        return None

    def note_plan(self, key: str, jobs: Sequence[Job]) -> None:
        """Remember the jobs of a plan."""
        self._add(key, {"jobs": [asdict(job) for job in jobs]})

    def unchanged(self, job: Job) -> Outcome | None:
        """Return the outcome of an earlier run for a job of the same key whose files still are what was written."""
        folder = self._reports / job.place
        with suppress(KeyError, TypeError, ValueError, OSError):  # a damaged line, or a file that nobody may read
            record = self._record(job.key)
            files = tuple(File(**each) for each in record["files"])
            glyphs, no_pdf = tuple(record["missing_glyphs"]), str(record["no_pdf"])
            sound = files and {file.kind for file in files} <= _FILES and all(len(glyph) == 1 for glyph in glyphs)
            if sound and all(_is_still(folder / job.path(file.kind), file) for file in files):
                return Outcome(job, "unchanged", files, missing_glyphs=glyphs, no_pdf=no_pdf)
        return None

    def note(self, outcome: Outcome) -> None:
        """Remember a delivered report."""
        job = outcome.job
        self._add(job.key, {
            "report": job.name, "missing_glyphs": list(outcome.missing_glyphs),
            "no_pdf": outcome.no_pdf, "seconds": round(outcome.seconds, 2),
            "files": [file._asdict() for file in outcome.files],
        })  # fmt: skip

    def _record(self, key: str) -> dict[str, Any]:
        """Return what a line says; nothing where there is none that can be read."""
        try:
            found = json.loads(self._lines[key])
        except (KeyError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _add(self, key: str, record: Mapping[str, Any]) -> None:
        line = json_text({"key": key, **record}).encode()
        with self._path.open("ab") as ledger:
            ledger.write((b"\n" if self._torn else b"") + line + b"\n")
            ledger.flush()
            os.fsync(ledger.fileno())
        self._torn = False
        self._path.chmod(FILE_MODE)


def _is_sound(job: Job) -> bool:
    """Whether a job is one as they are planned: its names lead nowhere but into its client's folder."""
    return (
        Cycle.parse(job.cycle).id == job.cycle
        and job.report in KINDS
        and set(job.formats) <= _FILES
        and job.language in LANGUAGES
        and (valid_id(job.person) if KINDS[job.report].once_a_person else not job.person)
        and isinstance(job.key, str)
    )


def _is_still(path: Path, file: File) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and sha256(path.read_bytes()) == file.sha256


def _job(record: dict[str, Any]) -> Job:
    passed = tuple(PassedOver(*each) for each in record["passed_over"])
    return Job(**{**record, "formats": tuple(record["formats"]), "passed_over": passed})
