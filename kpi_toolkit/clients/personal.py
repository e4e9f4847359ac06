"""Personal data that nothing here needs: found in columns that no table has, so that they are not carried along."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache

from kpi_toolkit.clients.workbook import shipped
from kpi_toolkit.method.value import Text


def personal_data(cells: Iterable[str]) -> tuple[Text, int] | None:
    """Return of what kind the personal data in a column are and how many cells hold them; None where none does."""
    plain = [re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", cell)) for cell in cells]
    for name, form in _forms():
        found = sum(form.fullmatch(cell) is not None for cell in plain)
        if found:
            return name, found
    return None


@cache
def _forms() -> tuple[tuple[Text, re.Pattern[str]], ...]:
    kinds = tomllib.loads((shipped() / "templates" / "personal.toml").read_text("utf-8")).values()
    return tuple((Text.model_validate(kind["name"]), re.compile("|".join(kind["forms"]))) for kind in kinds)
