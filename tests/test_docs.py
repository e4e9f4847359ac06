"""README and docs: their commands run as they stand, their pictures and lists show what there is, both languages say the same."""

from __future__ import annotations

import csv
import json
import re
import shlex

import click
import pytest
from conftest import ROOT, called
from make_pictures import CLIENT, CYCLE, PERSON, PICTURES, headings, shown_client
from make_reference import PAGES, reference

from kpi_toolkit.batch.whatif import write_whatif
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.commands.group import cli

ENGLISH = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").glob("*.md") if not path.name.endswith(".zh-CN.md")),
]
CHINESE = {path: path.with_name(path.name.replace(".md", ".zh-CN.md")) for path in ENGLISH}
BOTH_IN_ONE = {"glossary.md", "method.md"}
EVERY = [path for pair in CHINESE.items() for path in pair if path.exists()]
CODE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_every_link_and_picture_is_there(path):
    text = CODE.sub("", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", [path for path in ENGLISH if path.name not in BOTH_IN_ONE], ids=lambda path: path.name)
def test_both_languages_have_the_same_parts(path):
    english, chinese = (each.read_text("utf-8") for each in (path, CHINESE[path]))
    for part in (r"(?m)^#+ ", r"(?m)^```\w*", r"!\["):
        assert len(re.findall(part, english)) == len(re.findall(part, chinese)), part


def test_every_page_is_in_the_contents():
    for index, name in ((ROOT / "docs/index.md", "{}.md"), (ROOT / "docs/index.zh-CN.md", "{}.zh-CN.md")):
        listed = set(re.findall(r"\]\(([\w.-]+\.md)\)", index.read_text("utf-8")))
        pages = {path.stem for path in ENGLISH[1:]} - {"index"}
        missing = {page for page in pages if not {name.format(page), f"{page}.md"} & listed}
        assert missing == set()


@pytest.mark.parametrize("language", PAGES)
def test_the_reference_is_what_the_code_says(language):
    assert PAGES[language].read_text("utf-8") == reference(language), "run: make reference"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pictures_show_the_headings_of_todays_pages(tmp_path, make_page, language):
    shows = json.loads((PICTURES / "shows.json").read_text("utf-8"))
    shown_client(tmp_path, language)
    workbook = Workbook(tmp_path)
    person = make_page(workbook, "person", CLIENT, cycle=CYCLE, language=language, person=PERSON)[0]
    whatif = workbook.reports / CLIENT / CYCLE / write_whatif(workbook, CLIENT, CYCLE).path
    for name, page in (("person", person), ("whatif", whatif.read_text("utf-8"))):
        assert headings(page) == shows[f"{name}.{language}"], "run: make pictures"
        assert (PICTURES / f"{name}.{language}.png").read_bytes().startswith(b"\x89PNG")


def run_page(path, folder, capsys, monkeypatch, *, skip=()) -> None:
    """Do what a page says, in a folder of its own: its commands in their order, its tables where they belong."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("KPI_WORKBOOK", raising=False)
    for kind, block in CODE.findall(path.read_text("utf-8")):
        if kind == "csv":
            (folder / "practice/client_data/acme-shop/people.csv").write_text(block, "utf-8")
        for line in block.splitlines() if kind == "sh" else ():
            words = shlex.split(line)
            verb = next((word for word in words[1:] if word.isalpha() and word not in {"zh", "en"}), "")
            if words[0] == "cd":
                monkeypatch.chdir(folder / words[1])
            elif words[0] == "kpi" and verb not in skip:
                code, out, err = called(capsys, *words[1:])
                assert code == 0, f"{line}\n{out}{err}"
                if "--cycle" in words:
                    fill(folder / "practice/client_data/acme-shop/cycles/2026-11")


def commands(text: str) -> list[str]:
    """Return every whole command of ours that a page shows, in blocks and in its sentences."""
    blocks = [line for kind, block in CODE.findall(text) if kind in {"sh", "bash"} for line in block.splitlines()]
    said = re.findall(r"`(kpi [^`]+)`", CODE.sub("", text))
    return [line for line in (*blocks, *said) if re.match("kpi [a-z-]", line) and not re.search("…|\\.{3}|[|]", line)]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_every_command_and_option_that_a_page_shows_is_there(path):
    for line in commands(path.read_text("utf-8")):
        words, at, context = shlex.split(line, comments=True)[1:], cli, click.Context(cli, info_name="kpi")
        while isinstance(at, click.Group) and words:
            _, words, _ = at.make_parser(context).parse_args(words)
            assert not words or words[0] in at.commands, line
            at = at.commands[words[0]] if words else at
            words, context = words[1:], click.Context(at, info_name=at.name, parent=context)
        assert at.make_parser(context).parse_args(words)[1] == [], line


def fill(cycle) -> None:
    """Write a target and an actual into every row, as the page asks."""
    for table, column in (("goals", "target"), ("actuals", "actual")):
        with (cycle / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for place, row in enumerate(rows):
            row[column] = str(100 if table == "goals" else 80 + place)
        with (cycle / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


TUTORIALS = [ROOT / "docs/tutorial.md", ROOT / "docs/tutorial.zh-CN.md"]


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.name)
def test_the_tutorial_can_be_followed_to_the_letter(path, tmp_path, capsys, monkeypatch):
    run_page(path, tmp_path, capsys, monkeypatch, skip=("start", "render"))


@pytest.mark.slow
@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.name)
def test_the_tutorial_ends_in_reports(path, tmp_path, capsys, monkeypatch):
    run_page(path, tmp_path, capsys, monkeypatch, skip=("start",))
    language = "zh" if "zh" in path.name else "en"
    assert (tmp_path / f"practice/reports/acme-shop/2026-11/team.{language}.pdf").stat().st_size > 10_000
    assert len(list(tmp_path.glob("practice/reports/acme-shop/2026-11/people/*.pdf"))) == 3


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "README.zh-CN.md"], ids=lambda path: path.name)
def test_the_readmes_first_commands_run_and_fit_every_terminal(path, tmp_path, capsys, monkeypatch):
    text = path.read_text("utf-8")
    for kind, block in CODE.findall(text):
        if kind == "sh":
            assert not re.search(r"&&|#|\\$|^\$ ", block, re.MULTILINE), "what PowerShell or cmd cannot take"
    run_page(path, tmp_path, capsys, monkeypatch, skip=("start", "check", "score", "render", "demo"))
    assert (tmp_path / "practice/client_data/acme-shop/design.toml").exists()


def test_line_ends_are_left_alone_and_windows_has_a_file_to_start_with():
    assert "* -text" in (ROOT / ".gitattributes").read_text("utf-8")
    start = (ROOT / "start.bat").read_bytes()
    assert start.count(b"\n") == start.count(b"\r\n")
    assert start.isascii()
    lines = start.decode().splitlines()
    for command in ("chcp 65001 >nul", 'set "TOOLKIT=%~dp0"', "pause"):
        assert command in lines
    assert not any(line.startswith("cd ") for line in lines)  # with words behind it, it works where somebody is
    bare = [re.sub('"[^"]*"', "", line) for line in lines]  # paths may have blanks: none stands outside quotes
    assert not any(place in line for line in bare for place in ("%TOOL", "%~dp0", ".venv"))
    assert '-r "%TOOLKIT%constraints.txt"' in start.decode()
