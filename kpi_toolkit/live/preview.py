"""What a design looks like on paper before it is saved: sections of its book, made from the draft."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kpi_toolkit import __version__
from kpi_toolkit.clients.client import Client, inspect_cycle
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.pages.book import DesignBook
from kpi_toolkit.pages.live_script import policy
from kpi_toolkit.pages.report import Report, data_uri
from kpi_toolkit.pages.words import Words


def preview(workbook: Workbook, client: Client, found: Issues, words: Words, sections: Iterable[str]) -> str:
    """Return sections of the design book as a page of its own, for the newest cycle or, without one, this month.

    IssuesError where the logo cannot be read.
    """
    cycle = client.cycles[-1] if client.cycles else f"{date.today():%Y-%m}"  # noqa: DTZ011 - the month of whoever looks
    tables = inspect_cycle(client, cycle)[0] if client.cycles else None
    book = DesignBook(client, Cycle.parse(cycle), Library(workbook), found, tables)
    trail = {"toolkit": __version__}
    report = Report("design", book, words, workbook, client, data_uri(client.logo()), trail)
    pieces = [piece for name in sections for piece in report.section(name).pieces if isinstance(piece, str)]
    return (
        f'<!DOCTYPE html><html lang="{words.traits.tag}"><head>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(live=False)}"><meta charset="utf-8">'
        f"<style>{report.page().style}</style></head>"
        f'<body class="kpi"><main class="design">{"".join(pieces)}</main></body></html>'
    )
