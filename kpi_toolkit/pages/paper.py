"""``jupyter nbconvert --to kpi-pdf``: the same page as ``kpi-html``, printed."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from kpi_toolkit.pages.page import ReportExporter, page_data
from kpi_toolkit.pages.pdf import print_pdf


class PaperExporter(ReportExporter):
    """The house's own page from an executed report notebook, as an A4 PDF."""

    export_from_notebook = "kpi_toolkit report (PDF)"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and what was noticed on the way. NoEngineError where nothing can print."""
        html, resources = super().from_notebook_node(nb, resources, **options)
        page = page_data(nb)
        resources["output_extension"] = ".pdf"
        return print_pdf(html, title=page["title"], language=page["tag"], made=page["date"]), resources
