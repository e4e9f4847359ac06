"""Running a notebook: papermill, strict about parameters, in a kernel nobody else can reach."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from kpi_toolkit.method.issues import nearest

CELL_SECONDS = 120
_LONGEST_FOLDER = 60
"""A socket's path may have about 100 characters."""


class RenderError(RuntimeError):
    """A report could not be made; the message says which cell or step, and why."""


def execute(path: Path, parameters: dict[str, str], *, cwd: Path) -> Any:
    """Return the executed notebook. RenderError for unknown or missing parameters, failing cells and early ends."""
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_parameters(nbformat.read(path, as_version=4), parameters, path.name)
    for name in ("KPI_CLIENT", "KPI_CYCLE"):
        os.environ.pop(name, None)  # they stand in for blanks when a person runs the notebook, never in a batch
    os.environ["KPI_WORKBOOK"] = str(cwd.resolve())  # the job's own workbook, whatever the caller's shell says
    try:
        with private_kernels() as manager:
            notebook = papermill.execute_notebook(
                str(path), None, parameters, kernel_name="python3", progress_bar=False, cwd=str(cwd.resolve()),
                request_save_on_cell_execute=False, execution_timeout=CELL_SECONDS,
                kernel_manager_class=manager, shutdown_kernel="immediate",
                extra_arguments=["--IPKernelApp.log_level=40"],
            )  # fmt: skip
    except PapermillExecutionError as problem:
        msg = f"{path.name}, cell {problem.exec_count}: {problem.ename}: {problem.evalue}"
        raise RenderError(msg) from problem
    except CellTimeoutError as problem:
        msg = f"{path.name}: a cell ran longer than {CELL_SECONDS} seconds"
        raise RenderError(msg) from problem
    except DeadKernelError as problem:
        msg = f"{path.name}: its kernel died"
        raise RenderError(msg) from problem
    return _without_paths(notebook)


@contextmanager
def private_kernels() -> Iterator[type]:
    """Give a manager whose kernels talk over sockets in a folder of their own, not over a port that others can reach.

    The folder also stands in for the user's IPython profile, so that no start-up file of theirs runs in a report.
    Windows has no such sockets; there the kernel listens on the loopback address, with a key.
    """
    from jupyter_client.manager import AsyncKernelManager

    short = gettempdir() if len(gettempdir()) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108 - made private below
    if os.name == "nt":
        yield AsyncKernelManager
        return
    with (
        TemporaryDirectory(prefix="kpi-", dir=short) as folder,
        _environment(JUPYTER_RUNTIME_DIR=folder, IPYTHONDIR=folder),
    ):

        class PrivateKernelManager(AsyncKernelManager):
            def __init__(self, **options: Any) -> None:
                super().__init__(transport="ipc", ip=f"{folder}/kernel", **options)

        yield PrivateKernelManager


@contextmanager
def _environment(**changes: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


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


def _without_paths(notebook: Any) -> Any:
    """Return the notebook without what papermill notes about this machine: paths and environment."""
    noted = notebook.metadata.get("papermill", {})
    for key in ("input_path", "output_path", "environment_variables"):
        noted.pop(key, None)
    return notebook
