"""The trace from the catalogue's rows to tests claims nothing that is not there."""

from __future__ import annotations

import re

from conftest import ROOT
from trace_rows import catalogue, open_rows, report, rows_to_tests


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
    told = report({"S027": ["test_x"], "S088": ["test_y"]})
    assert re.search(r"^S027 .* open: the share is typed", told, flags=re.M)
    assert re.search(r"^S088 .* test_y$", told, flags=re.M)
    assert "S027" in re.search(r"open: (.*)$", told.splitlines()[-2])[1]
    rows = [row["id"] for row in catalogue()]
    assert list(open_rows()) == sorted(open_rows())
    assert set(open_rows()) <= set(rows)
    assert all(why.strip() for why in open_rows().values())
