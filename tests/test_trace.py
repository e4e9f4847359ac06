"""The trace from the catalogue's rows to tests claims nothing that is not there."""

from __future__ import annotations

import re

from conftest import ROOT
from trace_rows import catalogue, open_rows, report, rows_to_tests

from kpi_toolkit.clients.workbook import shipped_checks


def test_the_catalogue_has_its_300_rows_in_order_each_with_a_title_of_its_own():
    rows = catalogue()
    assert [row["id"] for row in rows] == [f"S{number:03d}" for number in range(1, 301)]
    assert {row["priority"] for row in rows} == {"M", "S", "C"}
    assert all(re.fullmatch(r"[^|]{4,48}", row["title"]) for row in rows)
    assert len({row["title"] for row in rows}) == 300


def test_a_row_is_proven_by_a_name_and_by_nothing_else():
    tests = rows_to_tests(
        ["t.py::test_S004_x", "t.py::test_y[S100 untouched]", "t.py::test_s101_and_S102", "t.py::test_S1234"]
    )
    assert set(tests) == {"S004", "S100", "S101", "S102"}
    told = report(tests)
    assert "S004  A M  a purpose that helps people" in told
    assert re.search(r"^S005 .* open$", told, flags=re.M)


def test_names_of_tests_carry_rows_that_exist():
    known = {row["id"] for row in catalogue()}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        named = set(re.findall(r"def test_\w*?(S\d{3})(?!\d)", path.read_text("utf-8")))
        assert named <= known, path


def test_a_row_of_which_a_part_is_wanting_is_open_whatever_tests_name_it():
    told = report({"S227": ["test_x"], "S088": ["test_y"]})
    assert re.search(r"^S227 .* open: the limits are printed", told, flags=re.M)
    assert re.search(r"^S088 .* test_y$", told, flags=re.M)
    assert "S227" in re.search(r"open: (.*)$", told.splitlines()[-2])[1]
    rows = [row["id"] for row in catalogue()]
    assert list(open_rows()) == sorted(open_rows())
    assert set(open_rows()) <= set(rows)
    assert all(why.strip() for why in open_rows().values())


# --- docs/method.md: what is cited is there, what is there is cited ---------------------------------------------------

_PLACES = ("kpi_toolkit", "templates", "tests", "notebooks", "client_data", "docs", "README.md", "ARCHITECTURE.md")
_READ = {".py", ".mjs", ".toml", ".j2", ".ipynb", ".md", ".csv"}
_ALL_ROWS = "catalogue.csv"  # lists every row of the method, cited or not
_ROW = r"S\d{3}|[XY]\d{2}"
_RANGE = re.compile(r"\bS(\d{3})\s*[-–]\s*S(\d{3})\b")
_NUMBERS = re.compile(r"\bdecisions?\s+(\d+(?:(?:, | and )\d+)*)")
_KEY = re.compile(r"[a-z]+(?::[a-z-]+|[a-z-]*)$")


def cited(text: str) -> set[str]:
    """Return the rows, decisions, source texts and rules that a text refers to.

    >>> sorted(cited("decisions 4 and 5, S001-S003, test_S010_x, 000_615f21bfd1498ad8.txt  # noqa: S603"))
    ['000_615f21bfd1498ad8', 'S001', 'S002', 'S003', 'S010', 'decision 4', 'decision 5']
    """
    text = re.sub(r"# noqa: [A-Z0-9, ]+", "", text)
    found = set(re.findall(rf"(?<![A-Za-z0-9])({_ROW})(?![A-Za-z0-9])", text.replace("_", " ")))
    for first, last in _RANGE.findall(text):
        found |= {f"S{number:03d}" for number in range(int(first), int(last) + 1)}
    for numbers in _NUMBERS.findall(text):
        found |= {f"decision {number}" for number in re.findall(r"\d+", numbers)}
    return found | set(re.findall(r"\b\d{3}_[0-9a-f]{16}\b", text)) | set(re.findall(r"\brule:[a-z-]+", text))


def cited_anywhere() -> dict[str, str]:
    """Return what is cited, each with one file that cites it."""
    found: dict[str, str] = {}
    files = [
        path
        for place in _PLACES
        for path in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*"))
    ]
    for path in sorted(files):
        if path.suffix in _READ and path.name not in {_ALL_ROWS, "method.md", "test_trace.py"}:
            found |= dict.fromkeys(cited(path.read_text("utf-8", errors="replace")), str(path.relative_to(ROOT)))
    checks = shipped_checks()
    keys = {item for check in checks.values() for item in re.split(r"[;,] ", check["source"]) if _KEY.match(item)}
    return found | dict.fromkeys(keys, "templates/checks")


def test_every_row_decision_and_source_that_is_cited_is_in_the_method_and_nothing_else_is():
    entries = re.findall(r"^\| `?([^|`]+?)`? \|", (ROOT / "docs/method.md").read_text("utf-8"), flags=re.M)
    entries = [entry for entry in entries if entry not in {"row", "source", "rule", "decision", "---"}]
    assert len(entries) == len(set(entries))
    places = cited_anywhere()
    assert {name: place for name, place in places.items() if name not in set(entries)} == {}
    assert sorted(set(entries) - set(places)) == []


def test_an_entry_of_the_method_is_one_sentence_with_its_source():
    for line in (ROOT / "docs/method.md").read_text("utf-8").splitlines():
        if re.match(rf"\| (?:{_ROW}) \|", line):
            _, name, said, source, _ = (cell.strip() for cell in line.split("|"))
            assert said.endswith(".") and len(said) <= 140, name
            assert re.fullmatch(r"ours|(?:00\d(?:, )?)+(?:derived)?", source), name


def test_a_term_of_the_glossary_stands_once_in_each_language_and_names_files_that_are_there():
    lines = [line for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("| term")]
    for column in (0, 1):
        terms = [row[column] for row in rows]
        assert sorted(term for term in set(terms) if terms.count(term) > 1) == []
    paths = re.findall(r"`((?:method|whatif|batch|templates)/[\w./-]*)`", "".join(lines))
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / "kpi_toolkit" / path).exists()] == []
