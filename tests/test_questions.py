"""What cannot be decided is asked, and where values came from is kept: the two seams of every way in."""

from __future__ import annotations

import json

import pytest

from kpi_toolkit.clients.grids import place_of
from kpi_toolkit.clients.provenance import PROVENANCE, Origin, provenance_text, read_provenance
from kpi_toolkit.clients.questions import Question, parse_answers, unasked
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.words import Words

ROLE = Question(
    id="role:美工", text="ask.answer", options={"web-art": Text(zh="网页美工", en="Web art"), "skip": Text()},
    place=place_of("花名册.xlsx", "花名册", 9, 7),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "meant"), [("web-art", "web-art"), ("网页美工", "web-art"), ("WEB ART", "web-art"), ("Skip", "skip")]
)
def test_an_answer_is_an_option_or_what_the_option_is_called(said, meant):
    assert ROLE.answer(said) == meant


def test_answers_come_from_a_file_and_the_command_line_which_counts_more(tmp_path):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"a": 8, "b=": "x"}), "utf-8-sig")
    assert parse_answers(["a=9=9", "c= d"], file) == {"a": "9=9", "b=": "x", "c": "d"}


def test_a_slip_in_an_answer_is_named_and_never_taken(tmp_path):
    (tmp_path / "list.json").write_text("[1]", "utf-8")
    tries = {
        "bad-reply": lambda: ROLE.answer("cook"),
        "answer-without-id": lambda: parse_answers(["web-art"]),
        "answers-unread": lambda: parse_answers([], tmp_path / "list.json"),
        "answer-unasked": lambda: unasked({"role:美エ": "web-art"}, ["role:美工"]),
    }
    for code, attempt in tries.items():
        with pytest.raises(WorkbookError) as refused:
            attempt()
        assert refused.value.issue.code == code
        for language in ("zh", "en"):
            words = Words(language, Workbook(tmp_path))
            assert words.message(refused.value.issue)
            assert words.remedy(refused.value.issue)


def test_a_question_as_data_has_what_the_contract_says(tmp_path):
    shown = Words("zh", Workbook(tmp_path)).question(ROLE)
    assert shown == {
        "id": "role:美工", "text": "回答", "options": ["web-art", "skip"],
        "file": "花名册.xlsx", "sheet": "花名册", "cell": "G9",
    }  # fmt: skip


def test_an_origin_replaces_the_one_of_the_same_value_and_no_other(tmp_path):
    first = Origin(table="actuals", person="p1", indicator="a", column="actual", value="=3", file="x.xlsx", cell="E4")
    other = Origin(table="actuals", person="p1", indicator="b", column="actual", value="4", file="x.xlsx", cell="E5")
    path = tmp_path / PROVENANCE
    write_file(path, provenance_text(tmp_path, [first, other]))
    later = Origin(table="actuals", person="p1", indicator="a", column="actual", value="5", file="y.csv", cell="C2")
    write_file(path, provenance_text(tmp_path, [later]))
    assert read_provenance(tmp_path) == (later, other)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_provenance(tmp_path / "none") == ()
