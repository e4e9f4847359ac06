"""What a batch is made of: jobs, what became of each, clients that were refused, its pace, the whole run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from kpi_toolkit import __version__
from kpi_toolkit.batch.manifest import Delivered
from kpi_toolkit.clients.client import PassedOver
from kpi_toolkit.method.cycle import is_cycle
from kpi_toolkit.method.issues import NOTHING, Behind, Issue, Issues, Place
from kpi_toolkit.method.plain import picked
from kpi_toolkit.pages.kinds import KINDS
from kpi_toolkit.pages.words import Words

_PLAIN = re.compile(r"[a-z0-9_.\[\]-]+")
"""A column or key in our own words, not one that somebody made up."""
_COUNTS = {"count", "limit", "n", "size", "rows", "most", "free", "least", "fields", "expected"}
_PERIODS = {"cycle", "cycles", "source", "earlier", "other"}
FEW = 4
"""Up to so many reports, making something ready beforehand costs more than it saves; above, it pays."""
STAGES = ("run", "charts", "page", "print")
"""What the time of a report goes into: its kernel, its charts, its HTML, its PDF."""


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make. ``key`` is the hash of everything its bytes depend on."""

    client: str
    cycle: str
    report: str
    language: str
    formats: tuple[str, ...]
    person: str = ""
    key: str = field(default="", compare=False)
    behind: Behind = field(default=NOTHING, compare=False)
    passed_over: tuple[PassedOver, ...] = field(default=(), compare=False)
    """Newer cycles that were not taken, where none was named."""

    @property
    def stem(self) -> str:
        """The report's path below the cycle's folder, without its ending."""
        if not KINDS[self.report].notebook:  # one page, both languages
            return self.report
        return f"people/{self.person}.{self.language}" if self.person else f"{self.report}.{self.language}"

    @property
    def place(self) -> str:
        """The cycle's folder below ``reports/``."""
        return f"{self.client}/{self.cycle}"

    @property
    def name(self) -> str:
        """The report in one line, for people."""
        return f"{self.place}/{self.stem}"

    def path(self, kind: str) -> str:
        """Return the path of one of its files below the cycle's folder; ``kind`` is the ending (txt: of a failure)."""
        if kind == "txt":
            return f"failures/{self.stem.replace('/', '-')}.txt"
        return f"notebooks/{self.stem.replace('/', '-')}.ipynb" if kind == "ipynb" else f"{self.stem}.{kind}"


class File(NamedTuple):
    """A file of a report: its kind (the ending), hash and size."""

    kind: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: ``delivered``, ``unchanged`` since an earlier run, or ``failed`` with its reason."""

    job: Job
    state: str
    files: tuple[File, ...] = ()
    who: str = ""
    reason: str = ""
    """Why it failed: the step, the cell, the kind of failure. Nothing of what stands in a client's files."""
    detail: str = ""
    """What the failure itself said; it may hold names and values, so it stands in the client's own folder only."""
    missing_glyphs: tuple[str, ...] = ()
    no_pdf: str = ""
    seconds: float = 0.0

    def delivered(self) -> Iterator[Delivered]:
        """Go through its files as a manifest lists them."""
        job = self.job
        for file in self.files:
            yield Delivered(job.path(file.kind), job.report, job.person or None, self.who, job.language, *file[1:])

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
        job = self.job
        return {
            "client": job.client, "cycle": job.cycle, "report": job.report, "person": job.person or None,
            "language": job.language, "state": self.state, "reason": self.reason or None, **job.behind._asdict(),
            "missing_glyphs": list(self.missing_glyphs), "seconds": round(self.seconds, 2),
            "files": [picked(file, "path sha256 bytes") for file in self.delivered()],
        }  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A client none of whose reports could be started, and everything that is wrong in its files."""

    client: str
    issues: Issues


@dataclass(frozen=True, slots=True)
class Pace:
    """How a batch gets on: jobs done of all, how many of them were made now, in how many seconds, and on what."""

    done: int
    total: int
    made: int
    elapsed: float
    stages: Mapping[str, float]
    """Seconds by stage, over all workers."""

    @property
    def per_second(self) -> float:
        """Reports made a second; 0 before the first."""
        return self.made / self.elapsed if self.made and self.elapsed else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the rest is made at this pace; None before there is one."""
        return (self.total - self.done) / self.per_second if self.per_second else None

    @property
    def slowest(self) -> str:
        """The stage that took most; empty before there is one."""
        return max(self.stages, key=lambda stage: self.stages[stage], default="")


@dataclass(frozen=True)
class Run:
    """A finished batch."""

    outcomes: tuple[Outcome, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    trouble: str = ""
    """What kept manifests, ``run.json`` or the index from being written."""
    pace: Pace = field(default_factory=lambda: Pace(0, 0, 0, 0.0, {}))
    refused_workers: tuple[str, ...] = ()
    """Workers of a cluster that were not used, each with its reason."""
    redesigned: Mapping[str, int] = field(default_factory=dict)
    """Cycles (client/cycle) whose reports had been delivered under another design, with that design's version."""
    own_files: Mapping[str, str] = field(default_factory=dict)
    """Templates and notebooks that are the workbook's own, by path, with their SHA-256."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The reports that could not be made."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")

    @property
    def ok(self) -> bool:
        """Whether everything was delivered."""
        return not self.failed and not self.refusals and not self.trouble

    def without_values(self) -> Run:
        """Return the run as it may stand where all clients' are: nothing of what stands in anybody's files."""
        refusals = (
            Refusal(r.client, Issues(_without_values(issue, r.client) for issue in r.issues)) for r in self.refusals
        )
        return replace(self, refusals=tuple(refusals))

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return the run as plain data; ``reports/run.json`` is that of :meth:`without_values`."""
        states = [outcome.state for outcome in self.outcomes]
        return {
            "schema": 2,
            "toolkit": __version__,
            "counts": {state: states.count(state) for state in ("delivered", "unchanged", "failed")},
            "seconds": round(self.pace.elapsed, 2),
            "reports_per_second": round(self.pace.per_second, 2),
            "stages": {stage: round(seconds, 2) for stage, seconds in self.pace.stages.items()},
            "reports": [outcome.to_json() for outcome in self.outcomes],
            "refused": [
                {"client": r.client, "issues": [words.finding(issue) for issue in r.issues.errors]}
                for r in self.refusals
            ],
            "refused_workers": list(self.refused_workers),
            "redesigned": dict(self.redesigned),
            "own_files": dict(self.own_files),
            "trouble": self.trouble or None,
        }


def _is_of_nobody(name: str, value: Any) -> bool:
    """Whether a value says nothing of anybody: a count, a cycle, a folder of ours below reports."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    return (
        (name in _COUNTS and isinstance(value, int))
        or (name in _PERIODS and all(isinstance(part, str) and is_cycle(part) for part in parts))
        or name == "folder"
    )


def _without_values(issue: Issue, client: str) -> Issue:
    """Return a finding with its code, its place and its client, but without the values that it is about."""
    at = issue.place
    column, key = (part if part and _PLAIN.fullmatch(part) else None for part in (at.column, at.key))
    values = {name: "" if name == "nearest" else "…" for name in issue.values}
    values |= {name: value for name, value in issue.values.items() if value == client or _is_of_nobody(name, value)}
    return replace(issue, place=Place(at.file, at.row, column, key), values=values)
