"""One page over everything that was delivered: ``reports/index.html``. It loads nothing; its one script filters."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kpi_toolkit import __version__
from kpi_toolkit.batch.manifest import MANIFEST, digest, read_manifest
from kpi_toolkit.batch.run import Run
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook, shipped
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Behind
from kpi_toolkit.method.profile import Brand
from kpi_toolkit.method.value import LANGUAGES, Text
from kpi_toolkit.pages.fonts import FONTS_HERE, font_css
from kpi_toolkit.pages.kinds import KINDS
from kpi_toolkit.pages.live_script import policy_for
from kpi_toolkit.pages.month import month_html
from kpi_toolkit.pages.templating import filled, filled_page
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.board import board

INDEX = "index.html"
Links = dict[str, dict[str, list[dict[str, str]]]]


def write_index(workbook: Workbook, run: Run) -> Path:
    """Write the page over all manifests below ``reports/``, what failed in this run first."""
    manifests = [read_manifest(folder) for folder in _folders(workbook)]
    files = [(at, file) for at, manifest in enumerate(manifests) for file in manifest.get("files", [])]
    reports = {(at, file["report"], file["person"], file["language"]) for at, file in files}
    spoken = {language: Words(language, workbook) for language in LANGUAGES}
    brand = Brand()
    style = filled(workbook, "report/style.css.j2", primary=brand.primary, accent=brand.accent)
    script = (shipped() / "templates" / "report" / "index.js").read_text("utf-8")  # a script is code, no template
    months = [Cycle.parse(manifest["cycle"]) for manifest in manifests if manifest]
    newest = max((cycle for cycle in months if cycle.kind == "month"), default=None)
    month = None if newest is None else board(workbook, newest, date.today())  # noqa: DTZ011 - the day where it is made
    clients = gathered((manifest["client"], _entry(manifest)) for manifest in filter(None, manifests))
    html = filled_page(
        workbook, "report/index.html.j2", policy_for(script), over=len(manifests),
        style=style, spoken=spoken, clients=clients, version=__version__,
        reports=len(reports), run=run, script=script,
        month={lang: Markup(month_html(workbook, month, words)) for lang, words in spoken.items()} if month else {},  # noqa: S704 - filled in and escaped there
        older=any(entry["older"] for entries in clients.values() for entry in entries),
    )  # fmt: skip
    full_width = spoken[LANGUAGES[0]].traits.full_width
    page = html.replace(FONTS_HERE, font_css(html, html, full_width=full_width), 1)
    path = workbook.reports / INDEX
    write_file(path, page)
    return path


def _folders(workbook: Workbook) -> list[Path]:
    """Return the folders of all cycles that something was delivered of; links are not followed."""
    found = (path.parent for path in sorted(workbook.reports.glob(f"*/*/{MANIFEST}")))
    return [folder for folder in found if not (folder.is_symlink() or folder.parent.is_symlink())]


def _entry(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of one cycle. A file made from other data than the newest is marked."""
    folder = f"{manifest['client']}/{manifest['cycle']}"
    now = digest(manifest["inputs"])
    reports: Links = {}
    people: dict[str, dict[str, Any]] = {}
    older = False
    for file in manifest["files"]:
        ending = file["path"].rsplit(".", 1)[-1]
        if ending == "ipynb":
            continue
        if file["person"]:
            entry = {"id": file["person"], "name": file["name"], "languages": {}}
            languages = people.setdefault(file["person"], entry)["languages"]
        else:
            languages = reports.setdefault(file["report"], {})
        mark = "†" * (file.get("inputs", now) != now)
        older = older or bool(mark)
        language = file["language"] if KINDS[file["report"]].notebook else ""  # such a page holds all
        link = {"href": f"{folder}/{file['path']}", "label": f"{ending.upper()}{mark}"}
        languages.setdefault(language, []).append(link)
    names = Counter(person["name"] for person in people.values())
    for person in people.values():
        person["namesake"] = names[person["name"]] > 1
    in_order = sorted(reports, key=list(KINDS).index)
    return {
        "name": Text.model_validate(manifest["name"]), "cycle": Cycle.parse(manifest["cycle"]), "older": older,
        "behind": {kind: n for kind in Behind._fields if isinstance(n := manifest.get(kind), int)},
        "reports": {report: reports[report] for report in in_order}, "people": list(people.values()),
    }  # fmt: skip
