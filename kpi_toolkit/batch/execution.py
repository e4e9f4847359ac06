"""Running a notebook: papermill over a warm kernel, strict about parameters and limits."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

from kpi_toolkit.kernels.limits import LimitError, Limits
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.pages.kinds import RenderError
from kpi_toolkit.results.prepared import PREPARED

_INJECTED = "injected-parameters"
"""The tag of the cell that papermill puts in."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def execute(
    path: Path, parameters: dict[str, str], *, cwd: Path, limits: Limits | None = None, prepared: str = ""
) -> Any:
    """Return the executed notebook; its kernel may be told of a summary that was worked out before (``prepared``).

    RenderError for unknown or missing parameters, failing cells and what takes more than the limits.
    """
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from kpi_toolkit.kernels.engine import KpiEngine

    given = limits or Limits()
    papermill_engines.register("kpi", KpiEngine)  # also where the package was not installed but put on the path
    check_parameters(nbformat.read(path, as_version=4), parameters, path.name)
    for name in ("KPI_CLIENT", "KPI_CYCLE"):
        os.environ.pop(name, None)  # they stand in for blanks when a person runs the notebook, never in a batch
    os.environ[PREPARED] = prepared
    os.environ["KPI_WORKBOOK"] = str(cwd.resolve())  # the job's own workbook, whatever the caller's shell says
    try:
        notebook = papermill.execute_notebook(
            str(path), None, parameters, engine_name="kpi", kernel_name="python3", progress_bar=False,
            cwd=str(cwd.resolve()), limits=given,
        )  # fmt: skip
    except PapermillExecutionError as problem:
        above = f" (the limit is {given.memory_mb} MB)" if "MemoryError" in problem.ename else ""
        kind = problem.ename if problem.ename.isascii() and problem.ename.isidentifier() else "an exception"
        msg = f"{path.name}, code cell {problem.exec_count}: {kind}{above}"
        trace = _COLOUR.sub("", "\n".join(problem.traceback or ()))
        raise RenderError(msg, f"{problem.ename}: {problem.evalue}\n\n{trace}") from problem
    except LimitError as problem:
        msg = f"{path.name}: {problem}"
        raise RenderError(msg) from problem
    except DeadKernelError as problem:
        msg = f"{path.name}: its kernel died"
        raise RenderError(msg) from problem
    return _lasting(notebook)


def check_parameters(notebook: Any, given: dict[str, str], name: str) -> None:
    """Refuse parameters that the notebook does not know, and know what it was not given.

    papermill only warns about both, and would render the default client under another client's name.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        msg = f"{name} needs exactly one cell tagged 'parameters', it has {len(cells)}"
        raise RenderError(msg)
    known = [
        target.id
        for statement in ast.parse(cells[0].source).body
        for target in (
            [statement.target] if isinstance(statement, ast.AnnAssign) else getattr(statement, "targets", [])
        )
        if isinstance(target, ast.Name)
    ]
    unknown, absent = [key for key in given if key not in known], [key for key in known if key not in given]
    if unknown or absent:
        parts = [
            f"unknown parameter {key!r}" + (f" (did you mean {near!r}?)" if (near := nearest(key, known)) else "")
            for key in unknown
        ]
        parts += [f"parameter {key!r} was not given" for key in absent]
        msg = f"{name}: " + "; ".join(parts)
        raise RenderError(msg)


def _lasting(notebook: Any) -> Any:
    """Return the notebook without what differs from run to run: times, random ids, and paths of this machine."""
    noted = notebook.metadata.pop("papermill", {})
    notebook.metadata["papermill"] = {key: noted[key] for key in ("parameters", "version") if key in noted}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if _INJECTED in cell.metadata.get("tags", []):
            cell["id"] = _INJECTED
    return notebook
