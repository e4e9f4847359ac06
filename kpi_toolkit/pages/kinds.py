"""The kinds of report there are, and the kinds of output that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What one copy of a report is about."""

    CYCLE = "cycle"
    PERSON = "person"
    """One person's result in a cycle: one copy a person."""
    DESIGN = "design"
    """The appraisal design, which can be shown before anything was filled in."""


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report. A new one is an entry here, its title in the words, its notebook and the sections it names."""

    name: str
    subject: Subject
    notebook: str = ""
    """Which notebook shows it; without one the page is written directly, once for all languages (decision 7)."""
    usual: bool = False
    """Whether it is made of each cycle where no kinds are named."""
    in_batches: bool = True
    excerpt: bool = False
    """Whether it holds nothing but sections of the design book, for whoever hands them over one by one (S118)."""

    @property
    def once_a_person(self) -> bool:
        """Whether there is a copy for each person."""
        return self.subject is Subject.PERSON

    @property
    def of_summary(self) -> bool:
        """Whether it shows the summary of a cycle in a notebook."""
        return bool(self.notebook) and self.subject is not Subject.DESIGN


WHATIF, PSEUDONYMS = "whatif", "whatif-pseudonyms"
KINDS = {
    kind.name: kind
    for kind in (
        ReportKind("team", Subject.CYCLE, "40_team_report.ipynb", usual=True),
        ReportKind("person", Subject.PERSON, "41_person_report.ipynb", usual=True),
        ReportKind("results", Subject.CYCLE, "50_results.ipynb"),
        ReportKind("design", Subject.DESIGN, "42_design_book.ipynb"),
        ReportKind("regulation", Subject.DESIGN, "43_regulation.ipynb", excerpt=True),
        ReportKind("forms", Subject.DESIGN, "44_forms.ipynb", excerpt=True),
        ReportKind("process", Subject.DESIGN, "45_process.ipynb", excerpt=True),
        ReportKind(WHATIF, Subject.CYCLE),
        ReportKind(PSEUDONYMS, Subject.CYCLE, in_batches=False),
    )
}
"""Every kind of report that can lie in a cycle's folder, by name, in the order in which they are listed."""
NOTEBOOKS = {kind.name: kind.notebook for kind in KINDS.values() if kind.notebook}
PAGE_MIME = "application/vnd.kpi.page+json"
CHART_MIME = "application/vnd.vegalite.v5+json"
"""JupyterLab draws this kind by itself, without a network."""
MEASURING = "KPI Measure"
"""The family of the faces that charts are measured with, first of the fonts that a chart asks for."""


class RenderError(RuntimeError):
    """A report could not be made; the message says which cell or step, and of what kind the failure is.

    ``detail`` is what the failure itself said. It may hold names and values.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
