"""Where reports go: looked at before anything is made, so that nothing is made in vain or written elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from kpi_toolkit.clients.storage import make_folder
from kpi_toolkit.clients.workbook import NotStartedError, Workbook
from kpi_toolkit.method.issues import Issue, Issues, Place, error

BELOW_CYCLE = ("people", "notebooks", "failures")
"""The folders in a cycle's folder."""
_LEAST_BYTES = 1_000_000


def open_output(workbook: Workbook, names: Iterable[str]) -> None:
    """Make sure that ``reports/`` is there and can be written to, and that none of these files in it is a link.

    Raises NotStartedError, with a remedy, where it is not so; WorkbookError where there is no workbook to report on.
    """
    if not workbook.exists():
        workbook.clients()  # says that it is none
    try:
        make_folder(workbook.reports)
    except OSError as problem:
        raise NotStartedError("output-blocked", detail=problem.strerror or type(problem).__name__) from problem
    if not os.access(workbook.reports, os.W_OK | os.X_OK):
        raise NotStartedError("output-blocked", detail=os.strerror(13))
    for name in names:
        if (workbook.reports / name).is_symlink():
            raise NotStartedError("output-link", folder=f"reports/{name}")


def check_output(workbook: Workbook, client: str, cycles: Iterable[str]) -> Issues:
    """Return what keeps a client's reports from being written where they belong."""
    base = workbook.reports.resolve()
    folders = [client, *(f"{client}/{c}{below}" for c in cycles for below in ("", *(f"/{n}" for n in BELOW_CYCLE)))]
    found = (_wrong_with(base, folder) for folder in folders)
    return Issues([issue for issue in found if issue][:1])  # those below it are wrong for the same reason


def _wrong_with(base: Path, name: str) -> Issue | None:
    folder, told = base / name, {"folder": f"reports/{name}"}  # no place in the client's own folder
    if folder.resolve() != folder:
        return error("output-link", Place(), **told)
    if not folder.exists():
        return None
    if not folder.is_dir():
        return error("output-no-folder", Place(), **told)
    return None if os.access(folder, os.W_OK | os.X_OK) else error("output-unwritable", Place(), **told)


def check_room(workbook: Workbook) -> None:
    """Raise NotStartedError where the disk has no room for even one report."""
    free = shutil.disk_usage(workbook.reports).free
    if free < _LEAST_BYTES:
        raise NotStartedError("disk-full", free=free // 1000, least=_LEAST_BYTES // 1000)
