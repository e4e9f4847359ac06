"""What words in tables, titles and reasons tell, as the workbook's file of them says."""

from __future__ import annotations

from functools import lru_cache

from kpi_toolkit.clients.reading import load_card
from kpi_toolkit.clients.workbook import Workbook, shipped
from kpi_toolkit.method.wording import Wording


def wording_rules(workbook: Workbook) -> Wording:
    """Return how free text is judged; what a workbook's own file does not say is as in the shipped one."""
    given, *own = (load_card(path, Wording) for path in workbook.versions("wording.toml"))
    said = {name: getattr(own[-1], name) for name in own[-1].model_fields_set} if own else {}
    return given.model_copy(update=said)


@lru_cache(maxsize=1)
def usual_words() -> Wording:
    """Return the shipped rules, for readers of files who have no workbook."""
    return wording_rules(Workbook(shipped()))
