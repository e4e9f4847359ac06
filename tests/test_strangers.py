"""Workbooks from elsewhere: what their templates, records, links and numbers can do, and what they cannot."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from conftest import ROOT, SECTIONS

from kpi_toolkit import cli as command
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.reports.batch import Run
from kpi_toolkit.reports.gallery import Gallery
from kpi_toolkit.reports.index import write_index
from kpi_toolkit.reports.report import SectionError
from kpi_toolkit.reports.whatif_page import whatif_page
from kpi_toolkit.reports.words import Words


@pytest.fixture
def kpi(workbook, monkeypatch, capsys):
    """Run ``kpi`` in a workbook of the example clients; return exit code, stdout and stderr."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "KPI_LANG", "KPI_WORKBOOK", "KPI_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, root: Path | None = None) -> tuple[int, str, str]:
        try:
            command.main(["--workbook", str(root or workbook.root), *arguments])
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return code, printed.out, printed.err

    return run


# Templates ------------------------------------------------------------------------------------------------------------


class _Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


SHOWN = {
    "gallery": ("report/gallery.html.j2", "brand"), "index": ("report/index.html.j2", "zh"),
    "whatif": ("report/whatif.html.j2", "title"),
    **{kind: (f"report/sections/{names[0]}.html.j2", "profile.brand") for kind, names in SECTIONS.items()},
}  # fmt: skip
"""The template of each kind of page, and a name that is known in it."""
HOSTILE = {
    "globals": "{{{{ cycler.__init__.__globals__.os.system('touch {marker}') }}}}",
    "subclasses": "{{{{ ''.__class__.__mro__[1].__subclasses__() }}}}",
    "of a value": "{{{{ {name}.__class__.__init__.__globals__ }}}}",
    "by format": "{{{{ '{{0.__class__}}'.format({name}) }}}}",
    "by attr": "{{{{ {name} | attr('__class__') | attr('mro') }}}}",
    "pickle": "{{{{ {name}.parse_raw('{pickle}'.encode('latin-1'), proto='pickle', allow_pickle=True) }}}}",
}


@pytest.mark.parametrize("trick", HOSTILE)
@pytest.mark.parametrize("kind", SHOWN)
def test_no_template_of_a_workbook_runs_code_in_any_kind_of_page(workbook, make_page, tmp_path, kind, trick):
    path, name = SHOWN[kind]
    marker = tmp_path / "marker"
    loaded = (
        pickle.dumps(_Touch(marker), 0).decode("latin-1").replace("\\", "\\\\").replace("\n", "\\n").replace("'", "\\'")
    )
    attack = HOSTILE[trick].format(marker=marker, name=name, pickle=loaded)
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(attack + (ROOT / "templates" / path).read_text("utf-8"), "utf-8")
    make = {
        "gallery": lambda: Gallery(Library(workbook), "roles", Words("en", workbook))._repr_html_(),
        "index": lambda: write_index(workbook, Run()),
        "whatif": lambda: whatif_page(workbook, load_client(workbook.client_data / "home-goods"), "2026-10"),
    }.get(kind, lambda: make_page(workbook, kind, "home-goods"))
    with pytest.raises((WorkbookError, SectionError)):
        make()
    assert not marker.exists()


@pytest.mark.parametrize("path", ["report/index.html.j2", "report/whatif.html.j2"])
@pytest.mark.parametrize("change", [("{{ policy }}", "default-src *"), ("<head>", "<head><script>alert(1)</script>")])
def test_a_page_template_cannot_leave_the_policy_out_or_run_a_script_before_it(kpi, workbook, path, change):
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True)
    own.write_text((ROOT / "templates" / path).read_text("utf-8").replace(*change), "utf-8")
    arguments = ("whatif", "home-goods", "2026-10") if "whatif" in path else ("render", "nobody", "--format", "html")
    if "whatif" in path:
        code, _, err = kpi(*arguments)
        assert (code, "security policy first" in err) == (2, True)
        assert not (workbook.reports / "home-goods/2026-10/whatif.html").exists()
    else:
        with pytest.raises(WorkbookError, match="security policy first"):
            write_index(workbook, Run())


def test_a_workbook_brings_no_script_into_the_index(workbook):
    own = workbook.root / "templates/report/index.js"
    own.parent.mkdir(parents=True)
    own.write_text("alert(document.body.innerText)", "utf-8")
    assert "alert(" not in write_index(workbook, Run()).read_text("utf-8")
