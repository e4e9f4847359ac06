"""kpi_toolkit: a consultant's workbook for performance appraisal.

A client folder goes in at one end; scores, tiers and finished, printable reports come out at the other.
Names are loaded when they are first used, so ``import kpi_toolkit`` costs nothing; ``__init__.pyi`` says them once, for
editors and for this module.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_HOMES = {
    name: home
    for home, name in re.findall(
        r"^from (\S+) import (\w+)", Path(__file__).with_suffix(".pyi").read_text("utf-8"), re.M
    )
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - said in the stub


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():  # in a notebook
        import_module(f"{__name__}.pages.said").speak_plainly()
    return getattr(import_module(_HOMES[name]), name)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # it loads all that reads mail

    try:
        return version("kpi-toolkit")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
