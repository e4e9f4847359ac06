"""What a warm kernel has done before it is asked for a report: every section of an example, in both languages.

What takes time only the first time - modules, compiled templates, locales, Altair's classes - is done then, once for
all kernels that are forked afterwards. Nothing of a client is touched.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from kpi_toolkit.clients.workbook import EXAMPLES, Workbook, WorkbookError, shipped
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.kinds import KINDS, NOTEBOOKS
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.results.prepared import PREPARED


def warm_up(kinds: Collection[str] | None = None) -> None:
    """Make every section of these kinds of report once (default: of all), of a made-up client, and throw them away."""
    os.environ.pop(PREPARED, None)  # of a batch's own client, whose folder may be gone by now
    workbook = Workbook(shipped())
    for kind, notebook in NOTEBOOKS.items():
        if KINDS[kind].excerpt or not (kinds is None or kind in kinds):
            continue
        names = list(_sections(json.loads(workbook.notebook(notebook).read_text("utf-8"))))
        for language in LANGUAGES:
            report = report_of(workbook, kind, client=EXAMPLES[0], language=language)
            report.page()
            for name in names:
                with suppress(WorkbookError):  # it is told by the report that asks for this section, and by no other
                    report.section(name)


def _sections(notebook: dict[str, Any]) -> Iterator[str]:
    """Go through the names that a notebook gives to ``report.section``."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "section":
                    yield ast.literal_eval(node.args[0])
