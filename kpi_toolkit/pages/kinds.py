"""What joins kernels, pages and batches: the notebook of each kind of report, and the kinds of output it shows."""

NOTEBOOKS = {
    "team": "40_team_report.ipynb", "person": "41_person_report.ipynb", "design": "42_design_book.ipynb",
}  # fmt: skip
"""The notebook of each kind of report."""
PERSON = "person"
"""The one report that is made once a person."""
WHATIF = "whatif"
"""The one report without a notebook: a page that is written directly, once for both languages (decision 7)."""
PSEUDONYMS = "whatif-pseudonyms"
"""The same page without names; only ``kpi whatif`` writes it."""
KINDS = (*NOTEBOOKS, WHATIF, PSEUDONYMS)
"""Every kind of report that can lie in a cycle's folder."""
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
