"""Writing the what-if page of a client's cycle beside its reports."""

from __future__ import annotations

from kpi_toolkit.batch.manifest import Delivered, write_manifest
from kpi_toolkit.batch.places import check_output, open_output
from kpi_toolkit.clients.client import input_hashes, issues_behind, load_client, read_cycle
from kpi_toolkit.clients.reading import raise_errors
from kpi_toolkit.clients.storage import client_lock, make_folder, write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.pages.kinds import PSEUDONYMS, WHATIF
from kpi_toolkit.pages.whatif_page import whatif_page


def write_whatif(workbook: Workbook, client: str, cycle: str, *, pseudonyms: bool = False) -> Delivered:
    """Write ``reports/<client>/<cycle>/whatif.html`` (without names: ``whatif-pseudonyms.html``) and the manifest.

    Raises WorkbookError for unknown names, IssuesError for what is wrong in the client's files.
    """
    value = load_client(workbook.client_folder(client), cycle)
    open_output(workbook, ())
    raise_errors(check_output(workbook, client, [cycle]))
    page = whatif_page(workbook, value, cycle, pseudonyms=pseudonyms).encode()
    name = PSEUDONYMS if pseudonyms else WHATIF
    folder = workbook.reports / client / cycle
    make_folder(folder.parent)
    with client_lock(folder.parent):
        digest = write_file(folder / f"{name}.html", page)
        made = Delivered(f"{name}.html", name, None, "", value.profile.languages[0], digest, len(page))
        behind = issues_behind(value, read_cycle(value, cycle), cycle).behind
        write_manifest(folder, value, cycle, [made], input_hashes(value, cycle), behind)
    return made
