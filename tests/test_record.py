"""The record of a cycle: every line bound to the one before; what was cut out or rewritten is named."""

from __future__ import annotations

import hashlib
import json

import pytest

from kpi_toolkit.clients.record import RECORD, append, read_record, up_to_state
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.pages.standing import mark_text, standing_text
from kpi_toolkit.pages.words import Words

CHAIN = (
    ("opened", {}),
    ("agreed", {"form": "ab" * 32}),
    ("presented", {"results": "cd" * 32}),
    ("closed", {"delivery": 1}),
)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_NOW", "2026-11-03T09:00:00Z")
    for kind, facts in CHAIN:
        append(tmp_path, kind, "Fiona \u202e", **facts)
    return tmp_path


def test_lines_say_what_was_done_and_a_stranger_checks_each_with_sha256(kept):
    record = read_record(kept)
    assert [(line.n, line.kind) for line in record.lines] == [(n, k) for n, (k, _) in enumerate(CHAIN, start=1)]
    assert record.state == "closed" and not record.problems and record.deciding.facts == {"delivery": 1}
    before = ""
    for written in (kept / RECORD).read_text("utf-8").splitlines():
        start, ending = written.split(', "hash": ')
        assert json.loads(written)["before"] == before
        before = hashlib.sha256(f"{start}\n".encode()).hexdigest()
        assert ending == f'"{before}"}}'
    assert (kept / RECORD).stat().st_mode & 0o777 == 0o600


def test_the_state_follows_the_last_line_that_decides(tmp_path):
    assert read_record(tmp_path).state == "draft"
    for kind, state in (
        ("opened", "draft"), ("presented", "presented"), ("talk", "presented"), ("reopened", "draft"),
        ("closed", "closed"), ("delivered", "closed"), ("corrected", "closed"),
    ):  # fmt: skip
        append(tmp_path, kind, "Fiona")
        assert read_record(tmp_path).state == state
    with pytest.raises(ValueError, match="no kind"):
        append(tmp_path, "closd", "Fiona")


def test_what_a_page_rests_on_ends_with_the_last_line_that_it_shows(tmp_path):
    for kind in ("opened", "talk", "agreed", "delivered"):
        append(tmp_path, kind, "Fiona")
    data = (tmp_path / RECORD).read_bytes()
    assert up_to_state(data) == b"".join(data.splitlines(keepends=True)[:3])
    assert up_to_state(b"no record\n") == b""


def test_the_foot_of_a_page_says_on_which_line_it_rests(tmp_path):
    words = Words("en", Workbook(tmp_path))
    for kind, said, open_ in (
        ("opened", "Draft", False), ("presented", "For the talk, record 2 · ", True), ("reopened", "Draft", False),
        ("closed", "Record 4 · ", False),
    ):  # fmt: skip
        append(tmp_path, kind, "Fiona")
        record = read_record(tmp_path)
        assert mark_text(words, record).startswith(said)
        assert ("can be disputed" in standing_text(words, record, None)) is open_


def bound_anew(line: str, **changes) -> str:
    """A line changed by somebody who knows how its hash is made."""
    said = {**json.loads(line), **changes}
    said.pop("hash")
    start = json.dumps(said, ensure_ascii=False)[:-1]
    return f'{start}, "hash": "{hashlib.sha256((start + chr(10)).encode()).hexdigest()}"}}'


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (lambda lines: [lines[0], lines[1].replace("agreed", "talk"), *lines[2:]], [("rewritten", 2)]),
        (lambda lines: [lines[0], bound_anew(lines[1], by="Max"), *lines[2:]], [("rewritten", 2)]),
        (lambda lines: [bound_anew(lines[0], before="ab" * 32), *lines[1:]], [("rewritten", 1)]),
        (lambda lines: [lines[0], *lines[2:]], [("cut", 2)]),
        (lambda lines: lines[1:], [("cut", 1)]),
        (lambda lines: [lines[1], lines[0], *lines[2:]], [("cut", 1), ("cut", 2), ("cut", 3)]),
        (lambda lines: [lines[0].replace("Fiona", "Max"), lines[1], lines[3]], [("rewritten", 1), ("cut", 3)]),
        (lambda lines: [*lines[:3], "{}"], [("rewritten", 4)]),
        (lambda lines: [*lines[:3], "[" * 100_000], [("rewritten", 4)]),
    ],
)  # fmt: skip
def test_what_was_cut_out_or_rewritten_is_named_and_nothing_is_added_after_it(kept, tamper, found):
    (kept / RECORD).write_text("\n".join(tamper((kept / RECORD).read_text("utf-8").splitlines())) + "\n", "utf-8")
    assert [(problem.kind, problem.line) for problem in read_record(kept).problems] == found
    data = (kept / RECORD).read_bytes()
    with pytest.raises(IssuesError, match="record-broken"):
        append(kept, "talk", "Fiona")
    assert (kept / RECORD).read_bytes() == data


def test_a_torn_last_line_is_cut_and_a_link_is_no_record(kept, tmp_path_factory):
    path = kept / RECORD
    path.write_bytes(path.read_bytes()[:-40])
    assert [(problem.kind, problem.line) for problem in read_record(kept).problems] == [("cut", 4)]
    other = tmp_path_factory.mktemp("other")
    (other / RECORD).symlink_to(path)
    assert read_record(other).problems and not read_record(other).lines
