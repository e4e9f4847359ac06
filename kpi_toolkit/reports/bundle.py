"""What passes from a kernel to the page: the kinds of output that a report notebook shows."""

PAGE_MIME = "application/vnd.kpi.page+json"
CHART_MIME = "application/vnd.vegalite.v5+json"
"""JupyterLab draws this kind by itself, without a network."""
