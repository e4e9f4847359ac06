"""What a workbook stands on: Python, packages, engines, fonts, its folders, and what of its own it would run."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import NamedTuple

from kpi_toolkit import __version__
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, warning
from kpi_toolkit.pages.fonts import FACES
from kpi_toolkit.pages.kinds import NOTEBOOKS
from kpi_toolkit.pages.pdf import engine_version, first_engine

_LEAST_SPACE = 500_000_000
"""Bytes; a hundred reports with both files take some 50 MB, and each is made in a folder of its own."""


class Health(NamedTuple):
    """What was looked at, each with what was found, and what is wrong or worth knowing."""

    facts: dict[str, str]
    issues: Issues


def examine(workbook: Workbook) -> Health:
    """Look at everything that a command needs; nothing is changed."""
    facts = {
        "toolkit": __version__, "python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(), "pdf": engine_version(),
        "kernels": "fork" if hasattr(os, "fork") else "spawn", "workbook": str(workbook.root.resolve()),
        "clients": str(len(workbook.clients())) if workbook.exists() else "–",
        "encoding": sys.stdout.encoding or "–",
    }  # fmt: skip
    return Health(facts, Issues((*_packages(), *_faces(), *_console(), *_workbook(workbook))))


def _packages() -> Iterator[Issue]:
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in requires("kpi-toolkit") or ()]
    except PackageNotFoundError:  # run from a folder that was never installed
        needed = []
    for one in needed:
        if one.marker and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(one.name)
        except PackageNotFoundError:
            found = ""
        if not one.specifier.contains(found or "0", prereleases=True) or not found:
            yield error("package-not-fit", Place(), name=one.name, found=found or "–", needed=str(one.specifier) or "*")
    if first_engine() is None:
        yield warning("no-pdf-engine", Place())


def _faces() -> Iterator[Issue]:
    for path in sorted({face.path for face in FACES}):
        if not path.is_file():
            yield error("no-font", Place(), file=path.name)


def _console() -> Iterator[Issue]:
    try:
        "绩效 – →".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        yield hint("narrow-console", Place(), encoding=sys.stdout.encoding or "–")


def _workbook(workbook: Workbook) -> Iterator[Issue]:
    if not workbook.exists():
        yield hint("no-workbook", Place(), folder=str(workbook.root))
        return
    for folder in (workbook.client_data, workbook.reports):
        there = folder if folder.exists() else workbook.root
        if not os.access(there, os.W_OK):
            yield error("not-writable", Place(), folder=str(there))
    free = shutil.disk_usage(workbook.root).free
    if free < _LEAST_SPACE:
        yield warning("little-space", Place(), free=free // 1_000_000, needed=_LEAST_SPACE // 1_000_000)
    own = workbook.own_files(NOTEBOOKS.values())
    for path, digest in own.items():
        yield warning("own-file", Place(path), digest=digest[:12])
    for mark in sorted(workbook.client_data.glob("*/**/~$*.xlsx")):  # Excel's, beside a file that is open there
        yield hint("open-in-excel", Place(mark.parent.relative_to(workbook.root).as_posix()), name=mark.name[2:])
