"""What a batch is made of: jobs, what became of each, clients that were refused, the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_toolkit import __version__
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.reports.manifest import Delivered
from kpi_toolkit.reports.words import Words


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make: it carries all it needs to know."""

    root: str
    client: str
    cycle: str
    report: str
    language: str
    formats: tuple[str, ...]
    person: str = ""

    @property
    def stem(self) -> str:
        """The report's path below the cycle's folder, without its ending."""
        return f"people/{self.person}.{self.language}" if self.person else f"{self.report}.{self.language}"

    @property
    def folder(self) -> Path:
        """The folder of the client's cycle below ``reports/``."""
        return Workbook(Path(self.root)).reports / self.client / self.cycle

    @property
    def name(self) -> str:
        """The report in one line, for people."""
        return f"{self.client}/{self.cycle}/{self.stem}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: ``delivered`` or ``failed`` with its reason."""

    job: Job
    state: str
    files: tuple[Delivered, ...] = ()
    reason: str = ""
    missing_glyphs: tuple[str, ...] = ()
    no_pdf: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Refusal:
    """A client none of whose reports could be started, and everything that is wrong in its files."""

    client: str
    issues: Issues


@dataclass(frozen=True)
class Run:
    """A finished batch."""

    outcomes: tuple[Outcome, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    trouble: str = ""
    """What kept manifests, ``run.json`` or the index from being written."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The reports that could not be made."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")

    @property
    def ok(self) -> bool:
        """Whether everything was delivered."""
        return not self.failed and not self.refusals and not self.trouble

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return the run as plain data: ``reports/run.json``."""
        return {
            "schema": 1,
            "toolkit": __version__,
            "reports": [
                {
                    "client": o.job.client, "cycle": o.job.cycle, "report": o.job.report,
                    "person": o.job.person or None, "language": o.job.language, "state": o.state,
                    "reason": o.reason or None,
                    "missing_glyphs": list(o.missing_glyphs), "seconds": round(o.seconds, 2),
                    "files": [{"path": f.path, "sha256": f.sha256, "bytes": f.bytes} for f in o.files],
                }
                for o in self.outcomes
            ],
            "refused": [
                {"client": r.client, "issues": [words.finding(issue) for issue in r.issues.errors]}
                for r in self.refusals
            ],
            "trouble": self.trouble or None,
        }  # fmt: skip
