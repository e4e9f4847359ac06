"""What shapes a report besides its data: this package, its templates, libraries and fonts, by name and version."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kpi_toolkit import __version__
from kpi_toolkit.clients.storage import sha256_of_all
from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.pages.pdf import engine_version

_LIBRARIES = (
    "altair", "babel", "fontpkg-inter", "fonttools", "holidays", "ipykernel", "ipython", "jinja2", "nbclient",
    "nbconvert", "nbformat", "numpy", "openpyxl", "pandas", "papermill", "plutoprint", "pydantic", "pydantic-core",
    "pylopdf-fonts-zh-cn", "pypdf", "uharfbuzz", "vl-convert-python", "weasyprint",
)  # fmt: skip


@cache
def versions() -> Mapping[str, str]:
    """Return name and version of everything that a report's bytes depend on; our own with the hash of its files."""
    own = {"kpi-toolkit": f"{__version__}+{_own_files()}", "python": platform.python_version()}
    return own | {"pdf-engine": engine_version()} | {name: _version(name) for name in _LIBRARIES}


@cache  # an installed library does not change in a process
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@cache
def fingerprint() -> str:
    """Return one hash for :func:`versions`."""
    return hashlib.sha256(json.dumps(dict(versions()), sort_keys=True).encode()).hexdigest()


def look_again() -> None:
    """Forget what was found: templates of a checkout, or its code, may have been changed in a process that goes on."""
    versions.cache_clear()
    fingerprint.cache_clear()


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Return what differs between two sets of versions, by name; empty where nothing does.

    >>> differences({"pandas": "3.0"}, {"pandas": "3.1"})
    'pandas 3.0 (here 3.1)'
    """
    names = sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))
    return ", ".join(f"{name} {theirs.get(name, 'none')} (here {ours.get(name, 'none')})" for name in names)


def _own_files() -> str:
    """Return a short hash of the package's code and of the shipped templates and notebooks."""
    package = Path(__file__).resolve().parent.parent
    code = (path for path in package.rglob("*") if path.suffix in {".py", ".mjs", ".css"})
    files = {path.relative_to(package).as_posix(): path for path in code}
    for folder in ("templates", "notebooks"):
        base = shipped() / folder
        files |= {f"{folder}/{path.relative_to(base).as_posix()}": path for path in base.rglob("*") if path.is_file()}
    return sha256_of_all((name, files[name].read_bytes()) for name in sorted(files))[:16]
