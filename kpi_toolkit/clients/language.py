"""Which language a reader is spoken to in: what was asked for, else ``KPI_LANG``, else the system's."""

from __future__ import annotations

import locale
import os
import sys

from kpi_toolkit.clients.workbook import WorkbookError
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


def spoken(given: str = "") -> Language:
    """Return a given language, else ``KPI_LANG``, else the system's. WorkbookError for one that there is not."""
    asked = given or os.environ.get("KPI_LANG", "")
    for language in LANGUAGES:
        if asked.casefold() == language:
            return language
    if asked:
        known = ", ".join(LANGUAGES)
        raise WorkbookError("unknown-language", name=asked, nearest=nearest(asked, LANGUAGES), known=known)
    return "zh" if system_setting().lower().startswith("zh") else "en"
