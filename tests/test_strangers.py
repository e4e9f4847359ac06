"""Workbooks from elsewhere: what their templates, records, links and numbers can do, and what they cannot."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import unicodedata
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, SECTIONS, altered
from pace import at_most

from kpi_toolkit.batch import makers, planning
from kpi_toolkit.batch.index import write_index
from kpi_toolkit.batch.manifest import read_manifest
from kpi_toolkit.batch.parcel import pack
from kpi_toolkit.batch.places import check_output
from kpi_toolkit.batch.planning import Request, plan
from kpi_toolkit.batch.production import Product
from kpi_toolkit.batch.run import Run
from kpi_toolkit.clients import client as client_module
from kpi_toolkit.clients import declared, storage
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.scenarios import save_scenario
from kpi_toolkit.clients.storage import sha256, write_file
from kpi_toolkit.clients.toml_text import load_toml
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.scenario import Scenario, fingerprint
from kpi_toolkit.method.shown import json_text
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages import templating
from kpi_toolkit.pages.gallery import Gallery
from kpi_toolkit.pages.month import month_html
from kpi_toolkit.pages.scene import TIER_COLOUR
from kpi_toolkit.pages.templating import template_environment
from kpi_toolkit.pages.whatif_page import whatif_page
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.board import board
from kpi_toolkit.results.prepared import PREPARED, name_of, prepare, prepared_or_new
from kpi_toolkit.results.summary import summarize_cycle

rendering = import_module("kpi_toolkit.batch.render")


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
MAKERS = {
    "gallery": lambda own: Gallery(Library(own), "roles", Words("en", own))._repr_html_(),
    "index": lambda own: write_index(own, Run()),
    "whatif": lambda own: whatif_page(own, load_client(own.client_data / "home-goods"), "2026-10"),
}  # fmt: skip
"""How each page that the main process fills is made."""
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
    make = MAKERS.get(kind, lambda own: make_page(own, kind, "home-goods"))
    with pytest.raises(WorkbookError):
        make(workbook)
    assert not marker.exists()


@pytest.mark.parametrize("path", ["report/index.html.j2", "report/whatif.html.j2"])
@pytest.mark.parametrize("change", [("{{ policy }}", "default-src *"), ("<head>", "<head><script>alert(1)</script>")])
def test_a_page_template_cannot_leave_the_policy_out_or_run_a_script_before_it(kpi, workbook, path, change):
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True)
    own.write_text(altered((ROOT / "templates" / path).read_text("utf-8"), change), "utf-8")
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


# Records that are read back -------------------------------------------------------------------------------------------


def told(path: str, content: bytes, **more: object) -> dict[str, object]:
    return {"path": path, "report": "whatif", "person": None, "name": "", "language": "zh", "sha256": sha256(content),
            "bytes": len(content), "inputs": ""} | more  # fmt: skip


def manifest_of(*files: dict[str, object], **more: object) -> str:
    about = {
        "schema": 1,
        "client": "home-goods",
        "name": {"zh": "栖木", "en": "Qimu"},
        "cycle": "2026-10",
        "warnings": 0,
        "inputs": {},
    }
    return json.dumps(about | {"files": list(files)} | more)


@pytest.mark.parametrize("way", ["up", "absolute", "by a link", "hidden up"])
def test_a_manifest_from_elsewhere_removes_no_file_outside_its_folder(kpi, workbook, tmp_path_factory, way):
    victim = tmp_path_factory.mktemp("outside") / "victim.html"
    victim.write_text("mine", "utf-8")
    folder = workbook.reports / "home-goods/2026-10"
    folder.mkdir(parents=True)
    up = os.path.relpath(victim, folder)
    path = {"up": up, "absolute": str(victim), "by a link": "team.zh.html", "hidden up": f"people/../{up}"}[way]
    if way == "by a link":
        (folder / path).symlink_to(victim)
    (folder / "manifest.json").write_text(manifest_of(told(path, b"mine")), "utf-8")
    assert kpi("whatif", "home-goods", "2026-10")[0] == 0
    assert victim.read_text("utf-8") == "mine"
    assert [file["path"] for file in read_manifest(folder)["files"]] == ["whatif.html"]


STRANGE = [
    told("javascript:alert(1)//.html", b""), told("https://evil.example/x.html", b""), told("..\\x.html", b""),
    told("team.zh.html", b"", report="no-report"), told("people/x.zh.html", b"", report="person", person="../x"),
    told("team.zh.html", b"", language="xx"), told("team.zh.html", b"", report="person"), told("team.zh.html", b"", name=3),
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE, ids=str)
def test_the_index_links_only_to_files_below_reports_and_breaks_over_nothing_it_reads(workbook, strange):
    write_file(workbook.reports / "home-goods/2026-10/manifest.json", manifest_of(strange))
    page = write_index(workbook, Run()).read_text("utf-8")
    assert "href=" not in page.split("<body", 1)[1]


@pytest.mark.parametrize(
    "content",
    [
        manifest_of(client="../../x"), manifest_of(cycle="2026-13"), manifest_of(cycle="0000-01"),
        manifest_of(name={"zh": 1}), manifest_of(client="cloudboard"), "[" * 100_000,
    ],
    ids=["client", "cycle", "year", "name", "other client", "depth"],
)  # fmt: skip
def test_a_manifest_that_is_not_of_its_folder_counts_as_none(workbook, content):
    write_file(workbook.reports / "home-goods/2026-10/manifest.json", content)
    assert read_manifest(workbook.reports / "home-goods/2026-10") == {}
    assert "href=" not in write_index(workbook, Run()).read_text("utf-8").split("<body", 1)[1]


# Where reports go -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("whatif", "home-goods", "2026-10"), ("render", "home-goods")])
@pytest.mark.parametrize("link", ["home-goods", "home-goods/2026-10", "home-goods/2026-10/people"])
def test_reports_do_not_follow_a_link_into_another_clients_folder(kpi, workbook, arguments, link):
    other = workbook.reports / "cloudboard"
    other.mkdir(parents=True)
    (workbook.reports / link).parent.mkdir(parents=True, exist_ok=True)
    (workbook.reports / link).symlink_to(other, target_is_directory=True)
    code, _, err = kpi(*arguments)
    assert (code, f"reports/{link} is a link" in err) == (3, True)
    assert list(other.iterdir()) == []


@pytest.mark.parametrize("arguments", [("whatif", "home-goods", "2026-10"), ("render", "home-goods", "cloudboard")])
@pytest.mark.parametrize("place", ["home-goods", "home-goods/2026-10", "home-goods/2026-10/notebooks"])
def test_a_file_where_a_folder_belongs_is_told_before_the_work_without_a_path_of_the_machine(
    kpi, workbook, monkeypatch, arguments, place
):
    monkeypatch.setattr(rendering, "produced", lambda tasks, _: [(task, Product(reason="made")) for task in tasks])
    monkeypatch.setattr(makers.LocalMakers, "expect", lambda *_: None)  # no process is started for nothing
    write_file(workbook.reports / place, "in the way")
    code, _, err = kpi(*arguments)
    assert (code, "output-no-folder" in err, f"reports/{place}" in err) == (3, True, True)
    assert "home-goods/2026-10/team.zh: made" not in err
    if arguments[0] == "render":
        assert "cloudboard/2026-10/team.en: made" in err
        written = [(workbook.reports / name).read_text("utf-8") for name in ("run.json", "index.html")]
        assert all(str(workbook.root) not in text and "Errno" not in text for text in written)
        assert "output-no-folder" in written[0]


def test_a_folder_that_may_not_be_written_to_is_told_before_the_work(workbook, monkeypatch):
    folder = workbook.reports / "home-goods"
    folder.mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != folder)
    [issue] = check_output(workbook, "home-goods", ["2026-10"])
    assert (issue.code, issue.values["folder"]) == ("output-unwritable", "reports/home-goods")


@pytest.mark.parametrize("arguments", [("whatif", "home-goods", "2026-10"), ("render", "home-goods")])
def test_where_reports_is_a_file_nothing_is_started(kpi, workbook, arguments):
    workbook.reports.write_text("x", "utf-8")
    code, _, err = kpi(*arguments)
    assert (code, "cannot be written to" in err, str(workbook.root) in err) == (4, True, False)


@pytest.mark.parametrize("name", ["ledger.jsonl", "run.json", "index.html", ".kpi-run.lock"])
def test_a_link_in_the_place_of_our_own_records_is_refused(kpi, workbook, tmp_path_factory, name):
    victim = tmp_path_factory.mktemp("outside") / "victim"
    victim.write_text("mine", "utf-8")
    workbook.reports.mkdir()
    (workbook.reports / name).symlink_to(victim)
    code, _, err = kpi("render", "home-goods")
    assert (code, f"reports/{name} is a link" in err, victim.read_text("utf-8")) == (4, True, "mine")


def test_V25_a_full_disk_is_told_before_the_work(kpi, workbook, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000))
    monkeypatch.setattr(makers.LocalMakers, "expect", lambda *_: None)
    code, _, err = kpi("render", "home-goods")
    assert (code, "200 kB left" in err, "No report was started" in err) == (4, True, True)
    assert not (workbook.reports / "home-goods").exists()


# What records say of a failure ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cycles/2026-10/actuals.csv", "wang-lin,", "王琳琳,"),
        ("cycles/2026-10/actuals.csv", "wang-lin,opportunities,211,", "wang-lin,opportunities,很难相处 7,"),
        ("people.csv", "chen-yutong,陈雨桐,network-editor,", "chen-yutong,陈雨桐,王琳,"),
        ("design.toml", 'method = "combined"', 'method = "王琳"'),
        ("design.toml", "[roles.operation-manager]", '[roles."王琳"]\nname = "x"\n\n[roles.operation-manager]'),
    ],
)
def test_no_value_of_a_clients_files_goes_into_what_holds_all_clients(kpi, workbook, file, old, new):
    path = workbook.client_data / "home-goods" / file
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(altered(text, (old, new, 1)), "utf-8")
    code, out, err = kpi("render", "home-goods", "--json")
    assert code == 3, err
    record = json.loads((workbook.reports / "run.json").read_text("utf-8"))
    [refused] = record["refused"]
    for written in (json.dumps(refused, ensure_ascii=False), (workbook.reports / "index.html").read_text("utf-8")):
        assert "王琳" not in written
        assert "很难相处" not in written
    assert refused["issues"][0]["where"].startswith(file)
    assert "王琳" in out or "很难相处" in out  # the one at the keyboard is helped


@pytest.mark.parametrize("fault", ["nothing filled in", "too many rows"])
def test_what_is_about_cycles_and_counts_alone_is_said_whole_on_the_index(kpi, workbook, fault):
    folder = workbook.client_data / "home-goods"
    for path in (folder / "cycles").glob("*/actuals.csv"):
        header = path.read_text("utf-8-sig").splitlines()[0]
        more = "a,b,1" + "," * (header.count(",") - 2) + "\n"
        path.write_text(header + "\n" + more * (0 if fault == "nothing filled in" else 100_100), "utf-8")
    assert kpi("render", "home-goods")[0] == 3
    page = (workbook.reports / "index.html").read_text("utf-8")
    assert "…" not in BeautifulSoup(page, "html.parser").get_text()
    assert ("2026-10" if fault == "nothing filled in" else "100000") in page.replace(",", "")


@pytest.mark.parametrize("told", ["nothing", "another digest", "a wrong cycle"])
def test_only_a_summary_that_the_batch_itself_announced_is_read(workbook, tmp_path, monkeypatch, told):
    marker, file = tmp_path / "marker", workbook.root / ".summary"
    file.write_bytes(pickle.dumps(_Touch(marker)))
    client = load_client(workbook.client_data / "home-goods")
    if told == "another digest":
        monkeypatch.setenv(PREPARED, name_of(b"", file))
    if told == "a wrong cycle":
        file.write_bytes(prepare(summarize_cycle(client, "2026-09")))
        monkeypatch.setenv(PREPARED, name_of(file.read_bytes(), file))
    assert prepared_or_new(client, "2026-10").to_json() == summarize_cycle(client, "2026-10").to_json()
    assert not marker.exists()


# Numbers, nesting, time -----------------------------------------------------------------------------------------------

DESIGN = "client_data/home-goods/design.toml"
ITEM_CAP = re.search(r"^item_cap = \d+$", (ROOT / DESIGN).read_text("utf-8"), re.MULTILINE)[0]
HOSTILE_TOML = {
    "target": ("target = 90\n", "target = 1e999999999\n", "too-many-digits"),
    "weight": ("weight = 20\n", "weight = 4e-999999999\n", "too-many-digits"),
    "item_cap": (ITEM_CAP, "item_cap = 1e99999999", "too-many-digits"),
    "beyond any exponent": (ITEM_CAP, "item_cap = 1e" + "9" * 300, "too-many-digits"),
    "many digits": (ITEM_CAP, "item_cap = 1." + "1" * 100_000, "too-many-digits"),
    "a whole number": (ITEM_CAP, "item_cap = 0x" + "f" * 100_000, "too-many-digits"),
    "digits without end": (ITEM_CAP, "item_cap = " + "9" * 5000, "too-many-digits"),
    "digits below zero": (ITEM_CAP, "x = -" + "1_0" * 4000, "too-many-digits"),
    "negative": (ITEM_CAP, "item_cap = -1E+88888888", "too-many-digits"),
    "dotted keys": (ITEM_CAP, ".".join("a" * 50_000) + " = 1", "too-deep"),
    "dotted keys with quotes": (ITEM_CAP, ".".join(["'a.b'"] * 20_000) + " = 1", "too-deep"),
    "a dotted header": (ITEM_CAP, "[" + " . ".join("a" * 30_000) + "]", "too-deep"),
    "dotted keys in a table": (ITEM_CAP, "x = {" + ".".join("b" * 40_000) + " = 1}", "too-deep"),
    "lists": (ITEM_CAP, "x = " + "[" * 50_000, "too-deep"),
    "size": (ITEM_CAP, "# " + "x" * 2_000_000, "too-large"),
    "a text without an end": (ITEM_CAP, 'x = "' + '\\"' * 60_000, "toml-syntax"),
    "a long text without an end": (ITEM_CAP, 'x = """' + '\\"' * 60_000, "toml-syntax"),
    "keys behind a text of quotes": (ITEM_CAP, 'x = [""" a"""", {' + ".".join("a" * 50_000) + ' = 1}, ""]', "too-deep"),
    "unknown keys": (ITEM_CAP, "\n".join(f"x{n} = 1" for n in range(60_000)), "more-problems"),
}


@pytest.mark.parametrize("trick", HOSTILE_TOML)
def test_no_number_and_no_nesting_makes_reading_a_design_long(kpi, workbook, trick):
    path, (old, new, code) = workbook.root / DESIGN, HOSTILE_TOML[trick]
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(altered(text, (old, new, 1)), "utf-8")
    with at_most(100):  # each of them took minutes, or for ever
        exit_code, out, _ = kpi("check", "home-goods", "--json")
    assert exit_code == 3
    issues = json.loads(out)["issues"]
    assert code in {issue["code"] for issue in issues}
    assert len(issues) <= 102
    assert kpi("score", "home-goods")[0] == 3


@pytest.mark.parametrize("opens", ['"', '"""', "'''", "x = '"])
@pytest.mark.parametrize("path", ["client_data/home-goods/client.toml", "templates/curves.toml"])
def test_a_text_without_an_end_makes_reading_no_file_long(kpi, workbook, path, opens):
    file = workbook.root / path
    file.parent.mkdir(exist_ok=True)
    text = (ROOT / path).read_text("utf-8")
    file.write_text(f"{text}\nx = {opens}" + '\\"' * 60_000, "utf-8")
    with at_most(100):  # it took half a minute, and four times as long at twice the length
        code, out, err = kpi("check", "home-goods")
    assert code in {2, 3}
    assert "This line cannot be read" in out + err


def test_a_cell_of_blanks_makes_reading_no_table_long(kpi, workbook):
    path = workbook.client_data / "home-goods/cycles/2026-10/actuals.csv"
    first, *rest = path.read_text("utf-8-sig").splitlines()
    person, indicator, *_ = rest[0].split(",")
    blanks = f'{person},{indicator},"1{" " * 60_000}\nx\ny"' + "," * (first.count(",") - 2)
    path.write_text("\n".join([first, blanks, *rest[1:]]), "utf-8")
    with at_most(60):  # ten seconds a cell
        code, out, _ = kpi("check", "home-goods", "2026-10", "--json")
    assert code == 3
    assert "bad-number" in {issue["code"] for issue in json.loads(out)["issues"]}


def test_points_in_texts_and_numbers_are_no_nesting(workbook):
    path = workbook.root / DESIGN
    more = 'rationale = "' + "v1.2.3 " * 20 + '"\n# ' + "." * 100 + '\nnote = """' + "a.b." * 40 + '"""\n'
    points = "x = [" + ", ".join(["1.5"] * 100) + "]\n"
    content, issues = load_toml(
        (more + points + altered(path.read_text("utf-8"), ("rationale", "other"))).encode(), "x"
    )
    assert issues == ()
    assert len(content["x"]) == 100


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("point", ["", ".0"])
def test_a_number_of_thirty_digits_is_read_and_one_of_more_is_refused(sign, point):
    assert load_toml(f"x = {sign}{'9' * 30}{point}".encode(), "x")[1] == ()
    assert [issue.code for issue in load_toml(f"x = {sign}1{'0' * 30}{point}".encode(), "x")[1]] == ["too-many-digits"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no clock of the processor's time")
def test_a_client_whose_reading_does_not_end_is_refused_and_the_others_are_planned(workbook, monkeypatch):
    real = declared.check_people

    def endless(roster, **more):
        while "a-novak" in set(roster.people["id"]):
            pass
        return real(roster, **more)

    monkeypatch.setattr(declared, "check_people", endless)
    monkeypatch.setattr(client_module, "READING_SECONDS", 1.5)
    jobs, [refusal] = plan(workbook, None, Request())
    assert {job.client for job in jobs} == {"home-goods", "lumen-brand"}
    assert (refusal.client, [issue.code for issue in refusal.issues]) == ("cloudboard", ["reading-too-long"])


def test_an_index_template_that_does_not_end_is_stopped(kpi, workbook):
    own = workbook.root / "templates/report/index.html.j2"
    own.parent.mkdir(parents=True)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    own.write_text(loop + (ROOT / "templates/report/index.html.j2").read_text("utf-8"), "utf-8")
    for client in ("home-goods", "cloudboard", "lumen-brand"):
        (workbook.client_data / client / "people.csv").unlink()  # so that nothing is made
    code, _, err = kpi("render")
    assert (code, "report/index.html.j2 cannot be used: it takes too long to fill in" in err) == (3, True), err


ENDLESS = {
    "range": "{% for i in range(100000000) %}x{% endfor %}",
    "times": "{{ 'a' * 2000000000 }}",
    "times a text": "{{ 2000000000 * 'a' }}",
    "a list": "{{ [1] * 2000000000 }}",
    "width": "{{ '%0999999999d' % 1 }}",
    "given width": "{{ '%*d' % (999999999, 1) }}",
    "format": "{{ '{:0999999999d}'.format(1) }}",
    "inner width": "{{ '{:{}d}'.format(1, 999999999) }}",
    "format filter": "{{ '%0999999999d' | format(1) }}",
    "by nothing": "{{ 1 / 0 }}",
    "no number": "{{ 'a' ** 'b' }}",
    "power": "{{ 7 ** 99999999 }}",
    "powers": "{{ 9 ** 999 ** 999 }}",
    "centred": "{{ 'a'.center(2000000000) }}",
    "filled up": "{{ 'a'.zfill(2000000000) }}",
    "centre filter": "{{ 'a' | center(2000000000) }}",
    "indent": "{{ 'a\nb' | indent(2000000000) }}",
    "replace": "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
    "join": "{{ range(99999) | join('b' * 100000) }}",
    "doubling": "{% set x = namespace(s='aaaa') %}{% for i in range(40) %}{% set x.s = x.s ~ x.s %}{% endfor %}",
    "adding": "{% set x = namespace(s='aaaa') %}{% for i in range(40) %}{% set x.s = x.s + x.s %}{% endfor %}",
    "block": "{% set x = namespace(s='aa') %}{% for i in range(40) %}{% set y %}{{ x.s }}{{ x.s }}{% endset %}"
    "{% set x.s = y %}{% endfor %}",
}  # fmt: skip


def filled_with(workbook, path, attack):
    """Fill in a workbook's own template that is nothing but an attack; return the refusal's code and where it was."""
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(attack, "utf-8")
    with pytest.raises(WorkbookError) as refused:
        templating.filled(workbook, path)
    return refused.value.issue.code, refused.value.issue.values["file"]


@pytest.mark.parametrize("trick", ENDLESS)
def test_a_template_that_makes_something_endless_is_refused_at_once(workbook, trick):
    with at_most(100):  # without an end, or with gigabytes of text
        code, where = filled_with(workbook, "report/whatif.html.j2", ENDLESS[trick])
    assert (code, where.partition(",")[0]) == ("bad-template", "templates/report/whatif.html.j2")


WRONG = [
    "'a'.index('z')", "'{}'.format()", "'{a}'.format()", "'a'.encode('nope')", "'a'.encode('utf-16').decode('ascii')", "'x'|xmlattr",
    "'x'|wordwrap(0)", "'x'|filesizeformat", "'a'|urlize(rel=3)", "range(0,5,0)", "'\\ud800'", "[][0]", "{}['a']", "1|round(1,'q')",
    "'x'|nope", "nope()",
]  # fmt: skip


@pytest.mark.parametrize("expression", WRONG)
def test_whatever_an_expression_raises_is_told_with_template_and_line(workbook, expression):
    for path in ("report/whatif.html.j2", f"report/sections/{SECTIONS['team'][0]}.html.j2"):
        code, where = filled_with(workbook, path, "\n{{ " + expression + " }}\n")
        line = "" if "ud800" in expression else ", line 2"  # half a character is found once all is written
        assert (code, where) == ("bad-template", f"templates/{path}{line}")


def test_what_is_wrong_with_a_template_is_told_wherever_it_is_filled_in(kpi, workbook, make_page):
    section = f"report/sections/{SECTIONS['team'][0]}.html.j2"
    for path in ("report/whatif.html.j2", section):
        filled_with(workbook, path, "\n{{ 'a'.index('z') }}\n")
    code, _, err = kpi("whatif", "home-goods", "2026-10")
    assert (code, "bad-template" in err, "report/whatif.html.j2, line 2" in err) == (2, True, True)
    with pytest.raises(WorkbookError, match=f"{section}, line 2"):
        make_page(workbook, "team", "home-goods")


def test_a_wrong_line_of_an_included_template_is_named_and_one_that_is_not_utf_8(kpi, workbook):
    folder = workbook.root / "templates/report"
    folder.mkdir(parents=True)
    shipped = (ROOT / "templates/report/whatif.html.j2").read_text("utf-8")
    (folder / "whatif.html.j2").write_text("{% include 'report/more.html.j2' %}" + shipped, "utf-8")
    (folder / "more.html.j2").write_text("\n\n{{ 1 // 0 }}", "utf-8")
    assert "templates/report/more.html.j2, line 3" in kpi("whatif", "home-goods", "2026-10")[2]
    (folder / "whatif.html.j2").write_bytes("假设分析".encode("gbk") + shipped.encode("gbk", "ignore"))
    code, _, err = kpi("whatif", "home-goods", "2026-10")
    assert (code, "is not saved as UTF-8" in err) == (2, True)


@pytest.mark.parametrize(
    "link",
    ["templates", "templates/report", "templates/report/leak.html.j2", "templates/curves.toml", "templates/words"],
)
def test_no_link_in_a_workbooks_templates_is_followed(kpi, workbook, tmp_path_factory, link):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "report").mkdir()
    for name in ("leak.html.j2", "report/leak.html.j2", "curves.toml", "en.toml"):
        (outside / name).write_text("SECRET", "utf-8")
    own = workbook.root / "templates/report"
    if link not in {"templates", "templates/report"}:
        own.mkdir(parents=True)
        shipped = (ROOT / "templates/report/whatif.html.j2").read_text("utf-8")
        (own / "whatif.html.j2").write_text("{% include 'report/leak.html.j2' ignore missing %}" + shipped, "utf-8")
    (workbook.root / link).parent.mkdir(exist_ok=True)
    target = outside / link.rpartition("/")[2] if "." in link else outside
    (workbook.root / link).symlink_to(target, target_is_directory=target.is_dir())
    code, out, err = kpi("whatif", "home-goods", "2026-10")
    assert (code, "linked-template" in err or "is a link" in err, "SECRET" in out + err) == (2, True, False)


@pytest.mark.parametrize("arguments", [("new", "l2", "--rationale", "\udcff"), ("new", "l2", "--name", "\ud800"), ("whatif", "home-goods", "--adopt", "s1", "--by", "\udcff"), ("\udcff",)])  # fmt: skip
def test_an_argument_that_is_no_text_is_told_and_nothing_is_made(kpi, workbook, arguments):
    code, _, err = kpi(*arguments)
    assert (code, "argument-not-text" in err, (workbook.client_data / "l2").exists()) == (2, True, False)


def test_filling_in_may_take_longer_the_more_clients_a_page_goes_over(workbook, monkeypatch):
    given = []
    monkeypatch.setattr(templating, "time_limit", lambda seconds: nullcontext(given.append(seconds)))
    shown = board(workbook, Cycle.parse("2026-10"), date(2026, 11, 20))
    month_html(workbook, replace(shown, clients=shown.clients * 5), Words("en", workbook))
    assert given == [4 + 15 / 50]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no clock of the processor's time")
@pytest.mark.parametrize("kind", ["whatif", "index", "gallery"])
def test_a_page_whose_template_does_not_end_is_stopped(workbook, monkeypatch, kind):
    monkeypatch.setattr(templating, "FILLING_SECONDS", 0.5)
    path = SHOWN[kind][0]
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    own.write_text(loop + (ROOT / "templates" / path).read_text("utf-8"), "utf-8")
    with pytest.raises(WorkbookError, match="takes too long"):
        MAKERS[kind](workbook)


# What a terminal, a calendar and a log are given ----------------------------------------------------------------------

COMMANDING = "\x1b]0;title\x07\x9b31m\u202e\u2066\r\x08"


def safe(text: str) -> bool:
    """Whether every line is one of ours, and nothing in them is a command (colours do not reach a pipe)."""
    hidden = [char for char in text if char != "\n" and (unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"})]
    return hidden == [] and not any(line.startswith("FORGED") for line in text.splitlines())


@pytest.mark.parametrize("trick", [COMMANDING, "\nFORGED: 0 errors\u2029FORGED"], ids=ascii)
def test_names_files_and_keys_command_no_terminal_and_forge_no_line(kpi, workbook, trick):
    client = workbook.client_data / "home-goods"
    name = json.dumps(f"a{trick}")  # JSON's escapes are TOML's
    page = (client / "client.toml").read_text("utf-8")
    (client / "client.toml").write_text(re.sub(r"^name = .*$", lambda _: f"name = {name}", page, flags=re.M), "utf-8")
    shutil.copytree(client, workbook.client_data / "keyed")
    design = (client / "design.toml").read_text("utf-8")
    (workbook.client_data / "keyed/design.toml").write_text(f"{name} = 1\n{design}", "utf-8")
    for folder in (workbook.client_data / f"b{trick}", client / "cycles" / f"c{trick}"):
        shutil.copytree(workbook.client_data / "cloudboard", folder)
    (client / "scenarios").mkdir(exist_ok=True)
    (client / "scenarios" / f"d{trick}.toml").write_text("schema = 1\n", "utf-8")
    for arguments in (
        ("check",), ("check", "--json"), ("score", "home-goods"), ("score", "home-goods", "--json"),
        ("calendar", "home-goods", "2026-12"), ("calendar", "home-goods", "2026-12", "--ics", "-"),
        ("whatif", "home-goods", "--compare", f"d{trick}"), ("whatif", "home-goods", "--adopt", "x", "--by", "y"),
        ("check", f"e{trick}"), (f"f{trick}",), ("new", f"g{trick}"), ("render", f"b{trick}"),
        ("calendar", "home-goods", "2026-12", "--ics", str(workbook.root / f"h{trick}.ics")),
        ("render", "keyed", "--cycle", f"i{trick}"),
    ):  # fmt: skip
        _, out, err = kpi(*arguments)
        assert safe(out.replace("\r\n", "\n") if "-" in arguments else out), arguments
        assert safe(err), arguments


def test_json_keeps_what_it_escapes(kpi, workbook):
    code, out, _ = kpi("check", "e\x9b\u202e", "--json")
    assert code == 2
    assert safe(out)
    assert json.loads(json_text({"a\u202e": "\x9b\n\u2028"})) == {"a\u202e": "\x9b\n\u2028"}
    assert safe(json_text({"a\u202e": "\x9b\n\u2028"}))


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028", "\n\nBEGIN:VEVENT\n"], ids=ascii)
def test_a_line_break_in_a_clients_words_ends_no_calendar(kpi, workbook, tmp_path, break_):
    client = workbook.client_data / "home-goods"
    page = (client / "client.toml").read_text("utf-8")
    said = json.dumps(f"one{break_}two")
    broken = re.sub(r"^name = .*$", lambda _: f"name = {said}", page, flags=re.M)
    (client / "client.toml").write_text(broken, "utf-8")
    code, _, err = kpi("calendar", "home-goods", "2026-12", "--ics", str(tmp_path / "x.ics"))
    assert (code, "unseen-character" in err or "control-character" in err) == (3, True)  # a name is one line
    (client / "client.toml").write_text(page, "utf-8")
    with (client / "design.toml").open("a", encoding="utf-8") as design:
        design.write(
            f'\n[[regulation.routines]]\nkind = "meeting"\nname = "one two"\ncadence = "weekly"\npurpose = {said}\n'
        )
    code, out, err = kpi("calendar", "home-goods", "2026-12", "--ics", str(tmp_path / "x.ics"))
    if code == 3:  # what nobody can see is refused by name
        assert ("unseen-character" in err or "control-character" in err) and break_ in {"\u2028", "\r"}
        return
    assert (code, out) == (0, "")
    from icalendar import Calendar

    calendar = Calendar.from_ical((tmp_path / "x.ics").read_bytes())
    events = [event for event in calendar.walk("VEVENT") if "one two" in str(event["summary"])]
    assert events
    assert all("two" in str(event["description"]) for event in events)


# Changes at the same time ------------------------------------------------------------------------------------------------

ADOPT = (
    "import sys, time\nfrom datetime import date\nfrom pathlib import Path\n"
    "from kpi_toolkit.clients.client import load_client\nfrom kpi_toolkit.clients.scenarios import adopt\n"
    "from kpi_toolkit.method.issues import IssuesError\n"
    "client = load_client(Path(sys.argv[1]))\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    "try:\n    print(adopt(client, sys.argv[2], by='lead', day=date(2026, 11, 1)).version)\n"
    "except IssuesError as problem:\n    print([issue.code for issue in problem.issues])\n"
)


def test_of_two_adoptions_at_once_the_second_is_refused_as_stale(workbook):
    folder = workbook.client_data / "home-goods"
    client = load_client(folder)
    name, form = next(iter(client.design.roles.items()))
    first, second = [one for one in form.indicators if one.weight > 5][:2]
    for number, by in (("one", 1), ("two", 2)):
        weights = {name: {first.id: first.weight + by, second.id: second.weight - by}}
        made = Scenario(
            name=Text(zh=number, en=number), client=client.id, cycle="2026-10", design_version=client.design.version,
            design=fingerprint(client.design), weights=weights,
        )  # fmt: skip
        save_scenario(client, number, made)
    pair = [
        subprocess.Popen(
            [sys.executable, "-c", ADOPT, str(folder), number], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in ("one", "two")
    ]
    for each in pair:
        assert each.stdout.readline() == "ready\n"
    for each in pair:
        each.stdin.write("\n")
        each.stdin.flush()
    said = sorted(each.communicate(timeout=60)[0].strip() for each in pair)
    assert said == [str(client.design.version + 1), "['scenario-stale']"]
    assert len(load_client(folder).design.changes) == len(client.design.changes) + 1


def test_the_terminal_names_what_is_the_workbooks_own(kpi, workbook):
    own = workbook.root / "templates/report/whatif.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text((ROOT / "templates/report/whatif.html.j2").read_text("utf-8") + "<!-- -->", "utf-8")
    code, _, err = kpi("whatif", "home-goods", "2026-10")
    assert (code, f"{own.relative_to(workbook.root)} ({sha256(own.read_bytes())[:12]})" in err) == (0, True)


# One client never stops the others ------------------------------------------------------------------------------------


def test_a_huge_file_in_a_clients_folder_is_neither_packed_nor_read_into_memory(workbook):
    huge = workbook.client_data / "home-goods/video.mp4"
    with huge.open("wb") as file:
        file.truncate(50_000_000_000)  # a file of holes
    assert "client_data/home-goods/video.mp4" not in dict(pack(workbook, "home-goods").files)
    jobs, refusals = plan(workbook, None, Request())
    assert ({job.client for job in jobs}, refusals) == ({"home-goods", "cloudboard", "lumen-brand"}, [])


@pytest.mark.parametrize("problem", [RecursionError("王琳"), MemoryError(), KeyError("王琳")], ids=repr)
def test_what_nobody_foresaw_in_one_client_is_its_own_trouble(workbook, monkeypatch, problem):
    real = planning.read_client

    def read(folder, *given, **more):
        if folder.name == "cloudboard":
            raise problem
        return real(folder, *given, **more)

    monkeypatch.setattr(planning, "read_client", read)
    jobs, [refusal] = plan(workbook, None, Request())
    assert {job.client for job in jobs} == {"home-goods", "lumen-brand"}
    [issue] = refusal.issues
    assert (refusal.client, issue.code, issue.values["kind"]) == ("cloudboard", "client-failed", type(problem).__name__)


def test_a_scenario_folder_that_is_a_link_is_refused(kpi, workbook, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    shutil.rmtree(workbook.client_data / "home-goods/scenarios", ignore_errors=True)
    (workbook.client_data / "home-goods/scenarios").symlink_to(outside, target_is_directory=True)
    code, _, err = kpi("whatif", "home-goods", "2026-10")
    assert (code, "link-refused" in err, list(outside.iterdir())) == (3, True, [])


@pytest.mark.slow
def test_no_room_for_the_processes_that_make_reports_is_told_with_the_place(kpi, workbook, monkeypatch):
    def full(*_given, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(makers, "ProcessPoolExecutor", full)
    code, _, err = kpi("render", "home-goods")
    assert (code, "No space left on device" in err, "/dev/shm" in err) == (4, True, True)


def test_V25_what_is_said_of_a_disk_that_fills_up_while_reports_are_written_is_true(kpi, workbook, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", str(workbook.reports / "home-goods"))

    made = Product({"ipynb": b"x", "html": b"x", "pdf": b"x"})
    monkeypatch.setattr(rendering, "produced", lambda tasks, _: [(task, made) for task in tasks])
    monkeypatch.setattr(storage, "_write_new", full)
    code, _, err = kpi("render", "home-goods", "--report", "team")
    assert (code, "home-goods/2026-10/team.zh: it could not be written: No space left on device" in err) == (3, True)
    assert "Some records of this run could not be written" in err
    assert "are written" not in err
    assert "0 reports delivered, one failed" in err
    assert str(workbook.reports / "home-goods") not in err


def test_what_a_killed_run_left_is_gone_after_the_next(kpi, workbook, monkeypatch, tmp_path_factory):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    left = [
        scratch / f"kpi-{ended.pid}-abc/client_data/home-goods/people.csv",
        workbook.reports / f"home-goods/2026-10/people/.{ended.pid}-12ab.kpi-tmp",
        workbook.client_data / f"home-goods/.{ended.pid}-12ab.kpi-tmp/goals.csv",
        workbook.client_data / f".{ended.pid}-34cd.kpi-tmp/client.toml",
        workbook.root / f"templates/roles/.{ended.pid}-12ab.kpi-tmp",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("王琳", "utf-8")
    monkeypatch.setattr(rendering, "produced", lambda tasks, _: [(task, Product(reason="x")) for task in tasks])
    kpi("render", "home-goods", "--report", "team")
    assert [path for path in left if path.exists()] == []


@pytest.mark.parametrize("share", [0.0042, 0.0049, 0.0001, 0.5])
def test_no_bar_has_a_width_below_zero(workbook, share):
    environment = template_environment(workbook)
    environment.globals |= {"TIER_COLOUR": TIER_COLOUR, "percent": Words("en", workbook).percent}
    page = environment.from_string('{% from "report/parts.html.j2" import strip %}{{ strip(shares, 0.1) }}')
    widths = re.findall(r'width="([^"]*)"', page.render(shares=(share, 1 - 2 * share, share)))
    assert all(float(width) >= 0 for width in widths)


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("roles", "show", "network-editor", "--copy"), "templates/roles"), (("new", "acme"), "client_data"),
        (("new", "home-goods", "--cycle", "2027-05"), "client_data/home-goods/cycles"),
        (("whatif", "home-goods", "2026-10"), "reports/home-goods/2026-10"),
        (("calendar", "home-goods", "2026-12", "--ics", "out/dates.ics"), "out"),
    ],
)  # fmt: skip
def test_what_a_killed_command_left_is_gone_once_it_is_run_again(kpi, workbook, monkeypatch, arguments, place):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.chdir(workbook.root)
    left = workbook.root / place / f".{ended.pid}-12ab.kpi-tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("half", "utf-8")
    code, _, err = kpi(*arguments)
    assert (code, left.exists()) == (0, False), err
