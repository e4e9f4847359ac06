"""Which language a reader is spoken to in: what was asked for, else ``KPI_LANG``, else the system's.

There is a language for every ``templates/words/<code>.toml``, shipped or of a workbook.
"""

from __future__ import annotations

import locale
import os
import re
import sys

from kpi_toolkit.clients.workbook import Workbook, WorkbookError, find_workbook
from kpi_toolkit.method.issues import nearest
from kpi_toolkit.method.value import LANGUAGES, Language


def system_setting() -> str:
    """Return the system's language setting, such as ``zh_CN.UTF-8``; empty where there is none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    if sys.platform == "win32":  # Windows keeps it elsewhere
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


def system_country() -> str:
    """Return the country that the system's language setting names, to be proposed; empty where it names none."""
    found = re.match(r"[a-z]{2,3}_([A-Z]{2})\b", system_setting())
    return found[1] if found else ""


def languages(workbook: Workbook) -> tuple[Language, ...]:
    """Return all languages there are words for: the shipped ones first."""
    found = (path.stem for path in workbook.templates("words"))
    return (*LANGUAGES, *(name for name in found if name not in LANGUAGES and "." not in name))


def check_language(name: str, workbook: Workbook) -> Language:
    """Return a language's code as it is written. WorkbookError where there are no words for it."""
    known = languages(workbook)
    if name.casefold() not in known:
        raise WorkbookError("unknown-language", name=name, nearest=nearest(name, known), known=", ".join(known))
    return name.casefold()


def spoken(given: str = "", workbook: Workbook | None = None) -> Language:
    """Return a given language, else ``KPI_LANG``, else the system's. WorkbookError for one that there is not."""
    asked = given or os.environ.get("KPI_LANG", "")
    if asked.casefold() in LANGUAGES:
        return asked.casefold()
    if asked:
        return check_language(asked, workbook or find_workbook())
    return "zh" if system_setting().lower().startswith("zh") else "en"
