"""Rows of the method's catalogue, the tests whose names carry them, and what is still open: ``make trace``.

A row is proven when a test names it (``test_S088_…``, or a case called ``S088 …``) and ``data/open_rows.csv`` does not hold
it: rows of which only a part is there, each with what is wanting. Nothing else counts.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
_ROW = re.compile(r"S\d{3}(?!\d)")


def catalogue() -> list[dict[str, str]]:
    """Return all rows: id, section, priority (M must, S should, C could) and our own short title."""
    return list(csv.DictReader(io.StringIO((HERE / "data/catalogue.csv").read_text("utf-8"))))


def open_rows() -> dict[str, str]:
    """Return the rows that have tests and do not keep their promise yet, each with what is wanting."""
    rows = csv.DictReader(io.StringIO((HERE / "data/open_rows.csv").read_text("utf-8")))
    return {row["id"]: row["why"] for row in rows}


def rows_to_tests(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the tests of each row by the row's id.

    >>> rows_to_tests(["tests/test_lint.py::test_S088_S089_quota", "tests/x.py::test_case[S004 purpose]"])["S089"]
    ['test_S088_S089_quota']
    """
    found: dict[str, list[str]] = {}
    for name in names:
        short = name.partition("::")[2]
        for row in dict.fromkeys(_ROW.findall(re.sub(r"\bs(?=\d{3})|_s(?=\d{3})", "S", short))):
            found.setdefault(row, []).append(short)
    return found


def collected() -> list[str]:
    """Return the names of all tests, slow ones too."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", "tests"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    return [line for line in run.stdout.splitlines() if "::" in line]


def report(tests: dict[str, list[str]]) -> str:
    """Return the table of rows and tests, then what is open by priority."""
    lines, rows, wanting = [], catalogue(), open_rows()
    proven = {name: own for name, own in tests.items() if name not in wanting}
    for row in rows:
        own = proven.get(row["id"], [])
        still = f"open: {wanting[row['id']]}" if row["id"] in wanting else "open"
        said = f"{own[0]}{f' (+{len(own) - 1})' if len(own) > 1 else ''}" if own else still
        lines.append(f"{row['id']} {row['section']:>2} {row['priority']}  {row['title']:<42} {said}")
    lines.append("")
    for priority, word in (("M", "must"), ("S", "should"), ("C", "could")):
        wanted = [row["id"] for row in rows if row["priority"] == priority]
        missing = [row for row in wanted if row not in proven]
        lines.append(
            f"{word:<6} {len(wanted) - len(missing)} of {len(wanted)} proven; open: {' '.join(missing) or '-'}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(rows_to_tests(collected())) + "\n")
