"""The talk as a workbook: it goes out with the result and the drafts, and what comes back is the record of the talk."""

from __future__ import annotations

import io
import json
import re
from datetime import date, datetime
from pathlib import Path

import forms as made
import pytest
from conftest import ROOT, altered
from openpyxl import load_workbook
from test_forms import table

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.record import State, read_record
from kpi_toolkit.live.talking import TalkForm
from kpi_toolkit.pages.forms import talk_forms
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.results.talks import talks_of

CYCLE, WHO = "2026-10", "ouyang-ruoxi"
SIGNED = {("2", "on"): "2026-11-06", ("2", "planner"): "欧阳若曦", ("2", "signed"): "王琳", ("2", "how"): "扫描件"}
DRAFT = "order-amount corrective 1"


@pytest.fixture
def home(kpi, workbook):
    """The folder of a cycle that was shown for the talks."""
    assert kpi("close", "home-goods", CYCLE, "--by", "王琳", "--for-talk")[0] == 0
    return workbook.client_folder("home-goods") / "cycles" / CYCLE


@pytest.fixture
def round_trip(kpi, home, tmp_path):
    """Write somebody's talk form, fill it in, collect it; return what became of the file."""

    def run(values, person=WHO, answers=(), again=False):
        if not again:
            code, out, err = kpi("forms", "home-goods", CYCLE, "--phase", "talk", "--person", person,
                                 "--to", str(tmp_path / "out"), "--force", "--json")  # fmt: skip
            assert code == 0, err
            (run.file,) = json.loads(out)["files"]
        data, cells = Path(run.file["path"]).read_bytes(), run.file["cells"]
        book = made.filled(data, cells, {(person, *key): value for key, value in values.items()})
        (home / "inbox").mkdir(exist_ok=True)
        (home / "inbox" / "back.xlsx").write_bytes(made.saved(book))
        (file,) = json.loads(kpi("collect", "home-goods", CYCLE, "--json", *answers)[1])["files"]
        return file

    return run


def codes(file):
    return sorted({issue["code"] for issue in file["issues"] if issue["severity"] == "error"})


def talk_about(home, person=WHO):
    client = load_client(home.parent.parent)
    return talks_of(client, summarize_cycle(client, CYCLE, disputed=True)).of(person)


def test_S166_S170_S251_what_is_written_on_the_talks_form_is_the_record_of_the_talk(round_trip, home):
    assert read_record(home).state is State.PRESENTED
    before = talk_about(home).person.score
    file = round_trip({
        **SIGNED, ("talk-prompts view", "answer"): "报价单要有人复核", ("support coach", "answer"): "每周三陪练",
        ("order-amount", "column"): "实际", ("order-amount", "to"): 140_000, ("order-amount", "outcome"): "changed",
        ("order-amount", "reason"): "两单月底到账", (DRAFT, "deadline"): "2026-12-04", (DRAFT, "cause"): "市场",
        ("1", "kind"): "培训", ("1", "indicator"): "首次响应时间", ("1", "measure"): "话术课", ("1", "moment"): "上岗前",
        ("1", "deadline"): "2026/12/1", ("1", "owner"): "王琳",
    })  # fmt: skip
    assert (file["state"], codes(file)) == ("accepted", [])
    talk = talk_about(home)
    assert (f"{talk.held}", talk.supported, talk.person.score > before) == ("2026-11-06", True, True)
    (row,) = table(home / "disputes.csv")
    assert (row["from"], row["to"], row["by"], row["date"]) == ("112238", "140000", "王琳", "2026-11-06")
    agreed = [(r.indicator, r.kind, r.cause, r.moment, r.owner, f"{r.deadline}") for r in talk.agreed]
    assert agreed == [
        ("order-amount", "corrective", "market", None, WHO, "2026-12-04"),
        ("response-time", "training", None, "before-post", "wang-lin", "2026-12-01"),
    ]
    assert round_trip({}, again=True)["state"] in {"unchanged", "accepted"}


def test_a_talks_form_that_comes_back_twice_changes_nothing_and_a_mended_line_is_the_same_measure(round_trip, home):
    line = {**SIGNED, ("3", "kind"): "task", ("3", "measure"): "带新人", ("3", "deadline"): "2026-12-10"}
    assert round_trip(line)["state"] == "accepted"
    assert round_trip(line, again=True)["state"] == "unchanged"
    assert round_trip({**line, ("3", "deadline"): "2026-12-18"}, again=True)["state"] == "accepted"
    assert [(row["measure"], row["deadline"]) for row in table(home / "measures.csv")] == [("带新人", "2026-12-18")]


def test_a_dispute_that_comes_back_twice_is_one_and_said_otherwise_it_is_that_one_mended(round_trip, home):
    dispute = {
        ("order-amount", "column"): "实际",
        ("order-amount", "to"): 140_000,
        ("order-amount", "outcome"): "changed",
        ("order-amount", "reason"): "两单",
    }
    assert round_trip({**SIGNED, **dispute})["state"] == "accepted"
    before = (home / "disputes.csv").read_bytes()
    assert round_trip({**SIGNED, **dispute}, again=True)["state"] == "unchanged"
    assert (home / "disputes.csv").read_bytes() == before
    file = round_trip({**SIGNED, **dispute, ("order-amount", "reason"): "两单月底到账"}, again=True)
    assert file["state"] == "accepted", codes(file)
    assert [(row["from"], row["to"], row["reason"]) for row in table(home / "disputes.csv")] == [
        ("112238", "140000", "两单月底到账")
    ]


def test_next_month_the_talks_form_asks_what_became_of_what_was_agreed(round_trip, home):
    asked = f"2026-09 {DRAFT}"
    assert round_trip({**SIGNED, (asked, "done"): "2026-10-20"})["state"] == "accepted"
    before = {row["indicator"]: row["done"] for row in table(home.parent / "2026-09" / "measures.csv")
              if row["person"] == WHO}  # fmt: skip
    assert before["order-amount"] == "2026-10-20"
    assert not any(entry["table"] == "earlier" for entry in round_trip_cells(round_trip))


def round_trip_cells(run):
    """Return the cells of a form that is written once more."""
    run({})
    return run.file["cells"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({("order-amount", "column"): "实际"}, "blank-cell"),
        ({("order-amount", "column"): "产值", ("order-amount", "outcome"): "维持", ("order-amount", "reason"): "x"}, "not-one-of"),
        ({("order-amount", "column"): "他人评价", ("order-amount", "outcome"): "维持", ("order-amount", "reason"): "x"}, "not-one-of"),
        ({("1", "kind"): "罚款", ("1", "measure"): "x"}, "not-one-of"),
        ({("1", "kind"): "培训", ("1", "indicator"): "没有的指标", ("1", "measure"): "x"}, "not-one-of"),
        ({("1", "kind"): "培训", ("1", "deadline"): "2026-12-01"}, "blank-cell"),
        ({("1", "kind"): "培训", ("1", "measure"): "x", ("1", "deadline"): "月底"}, "bad-date"),
    ],
)  # fmt: skip
def test_what_a_talks_form_cannot_mean_is_refused_at_its_cell(round_trip, values, code):
    file = round_trip({**SIGNED, **values})
    assert (file["state"], codes(file)) == ("refused", [code])
    assert all(issue["cell"] for issue in file["issues"])


def test_what_is_wrong_in_a_line_of_a_talks_form_is_told_at_once(round_trip):
    line = {("1", "kind"): "罚款", ("1", "measure"): "x", ("1", "deadline"): "月底"}
    dispute = {("order-amount", "column"): "产值", ("order-amount", "to"): "很多", ("order-amount", "outcome"): "changed",
               ("order-amount", "reason"): "x"}  # fmt: skip
    file = round_trip({**SIGNED, **line, **dispute})
    assert codes(file) == ["bad-date", "bad-number", "not-one-of"]
    assert len({issue["cell"] for issue in file["issues"] if issue["severity"] == "error"}) == 4


def test_a_disputed_figure_may_have_its_unit_behind_it_and_answers_say_who_heard_them_and_when(round_trip, home):
    unit = load_client(home.parent.parent).design
    unit = next(item.unit for role in unit.roles.values() for item in role.indicators if item.id == "order-amount")
    dispute = {("order-amount", "column"): "实际", ("order-amount", "to"): f"141000 {unit.zh}",
               ("order-amount", "outcome"): "changed", ("order-amount", "reason"): "x"}  # fmt: skip
    file = round_trip({**SIGNED, **dispute, ("talk-prompts view", "answer"): "要复核"})
    assert (file["state"], codes(file)) == ("accepted", [])
    assert table(home / "disputes.csv")[0]["to"] == "141000"
    assert [(row["answer"], row["by"], row["date"]) for row in table(home / "answers.csv")] == [
        ("要复核", "王琳", "2026-11-06")
    ]
    assert round_trip({("talk-prompts view", "answer"): "不必复核"})["state"] == "accepted"
    told = home / "answers.csv"
    assert [row["answer"] for row in table(told)] == ["不必复核"]
    told.write_text(altered(told.read_text("utf-8"), ("不必复核", "再谈")), "utf-8")
    (question,) = round_trip({("talk-prompts view", "answer"): "要复核"}, again=True)["questions"]
    assert question.endswith("view:answer") and [row["answer"] for row in table(told)] == ["再谈"]


def test_a_form_that_brings_nothing_but_signatures_says_so(kpi, round_trip, home):
    round_trip({})
    data, cells = Path(round_trip.file["path"]).read_bytes(), round_trip.file["cells"]
    book = made.filled(data, cells, {(WHO, *key): value for key, value in SIGNED.items()})
    (home / "inbox" / "back.xlsx").write_bytes(made.saved(book))
    out = kpi("collect", "home-goods", CYCLE)[1]
    assert "signatures or the day of the talk" in " ".join(out.split()) and "0 entries" not in out


def test_a_figure_that_was_typed_over_on_the_talks_form_is_not_disputed_by_it(kpi, round_trip):
    round_trip({})
    shown = {("order-amount", "column"): "actual", ("order-amount", "outcome"): "kept", ("order-amount", "reason"): "x"}
    cells = [c for c in round_trip.file["cells"] if c["indicator"] == "order-amount"]
    row = cells[0]["cell"][1:]
    round_trip.file["cells"].append({**cells[0], "cell": f"D{row}", "column": "typed"})
    assert codes(round_trip({**SIGNED, **shown, ("order-amount", "typed"): 150_000}, again=True)) == [
        "talk-figure-moved"
    ]


def test_once_a_month_is_closed_a_talk_is_still_taken_and_its_dispute_is_not(kpi, round_trip, home):
    assert kpi("close", "home-goods", CYCLE, "--by", "王琳")[0] == 0
    kept = {("order-amount", "column"): "actual", ("order-amount", "outcome"): "kept", ("order-amount", "reason"): "x"}
    assert codes(round_trip({**SIGNED, **kept})) == ["talk-dispute-closed"]
    assert round_trip({**SIGNED, ("career study", "answer"): "投放"}, again=True)["state"] == "accepted"
    assert kpi("verify", "home-goods")[0] == 0


def test_a_draft_without_a_deadline_is_named_and_left_out_of_the_plan(round_trip, home):
    file = round_trip({**SIGNED, (DRAFT, "measure"): ""})
    assert [issue["code"] for issue in file["issues"]] == ["talk-draft-left"] * 3, "whose text was taken out is none"
    assert not (home / "measures.csv").exists()


def test_the_talk_on_the_screen_is_the_same_form_and_the_same_record(round_trip, home, workbook):
    form = TalkForm(workbook, talk_forms(workbook, "home-goods", CYCLE, Words("zh", workbook)), WHO)
    assert form.form.labels["answers"]["support coach"].startswith("上级的支持承诺：")
    round_trip({})
    asked = {(cell["table"], cell["indicator"] or cell["row"], cell["column"]) for cell in round_trip.file["cells"]}
    rows = dict(zip(form.form.codes, form.form.rows, strict=True))
    drawn = {(rows[code].table or rows[code].kind, rows[code].id, column): field
             for (code, column), field in form.fields.items()}  # fmt: skip
    assert len(drawn) == len(asked) + 2 * 4  # which measure a draft is stands fast: in Excel it is no entry
    drawn["answers", "talk-prompts duties", "answer"].value = "先把话术写下来"
    drawn["measures", DRAFT, "deadline"].value = date(2026, 12, 4)
    drawn["sign", "2", "on"].value = date(2026, 11, 9)
    drawn["measures", "1", "measure"].value = "写手册"
    click = form.box.children[-2].click
    click()
    assert "种类" in form.said.value and "另加（1）" in form.said.value
    drawn["measures", "1", "kind"].value = "任务"
    drawn["measures", "1", "deadline"].value = date(2026, 12, 11)
    click()
    assert {path.name for path in home.iterdir()} >= {"answers.csv", "measures.csv", "record.jsonl"}
    talk = talk_about(home)
    assert [(row.measure[:3], f"{row.deadline}") for row in talk.agreed] == [
        ("每天回", "2026-12-04"),
        ("写手册", "2026-12-11"),
    ]
    assert (talk.held, talk.said["talk-prompts"]["duties"]) == (date(2026, 11, 9), ("先把话术写下来",))
    drawn["measures", DRAFT, "deadline"].value = date(2026, 12, 18)  # who looks at what is known means it
    click()
    assert f"{talk_about(home).agreed[0].deadline}" == "2026-12-18"


def test_an_own_card_that_is_older_than_the_talks_form_has_it_as_it_is_shipped(workbook, round_trip):
    shipped = (ROOT / "templates/forms/monthly.toml").read_text("utf-8")
    older = re.sub(
        r"\n\[\[(cells|blocks)\]\]\n(?:(?!\n\[).)*?phases = \[\"talk\"\](?:(?!\n\[).)*", "\n", shipped, flags=re.DOTALL
    )
    older = older.replace(', "talk"]', "]")
    assert 'phases = ["talk"]' not in older and '"appraisal", "talk"' not in older
    own = workbook.root / "templates/forms/monthly.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(older, "utf-8")
    assert (
        round_trip(
            {**SIGNED, ("support lead", "answer"): "每周一谈", ("1", "kind"): "任务", ("1", "measure"): "写手册"}
        )["state"]
        == "accepted"
    )


@pytest.fixture
def leaving(workbook):
    """Somebody has left by the day of the talk; what was agreed with her and a colleague in September is not done."""
    folder = workbook.client_folder("home-goods")
    lines = (folder / "people.csv").read_text("utf-8-sig").splitlines()
    left = [f"{line},{'2026-10-30' if line.startswith(WHO) else ''}" for line in lines[1:]]
    (folder / "people.csv").write_text("\n".join([f"{lines[0]},left", *left, ""]), "utf-8-sig")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_has_left_is_asked_nothing_about_what_comes_next(workbook, leaving, language):
    made = talk_forms(workbook, "home-goods", CYCLE, Words(language, workbook))
    rows = {form.person: [(row.kind, row.id) for row in form.rows if row.kind != "item"] for form in made.forms}
    asked = [("answers", f"talk-prompts {line}") for line in ("duties", "view", "policy")]
    assert rows[WHO] == [*asked, ("sign", "2")]
    stays = rows["wu-mengyao"]
    assert ("answers", "talk-prompts expects") in stays and ("answers", "support coach") in stays
    assert any(kind == "measures" for kind, _ in stays)
    (file,) = talk_forms(workbook, "home-goods", CYCLE, Words(language, workbook), [WHO]).files("person")
    book = load_workbook(io.BytesIO(file.data))
    assert len(book.sheetnames) == 1, "no sheet of a plan"
    said = {cell.value for line in book.worksheets[0].iter_rows() for cell in line}
    view = {"zh": "本人：你对上级和公司有什么看法和要求？"}
    view["en"] = "Person: how do you see your superior and the company, and what do you need from them?"
    assert view[language] in said


@pytest.mark.parametrize(("language", "shown"), [("zh", 'yyyy"年"m"月"d"日"'), ("en", "d mmm yyyy")])
def test_what_was_agreed_before_and_was_reached_can_be_marked_as_done_and_days_are_days(workbook, language, shown):
    measures = workbook.client_folder("home-goods") / "cycles/2026-09/measures.csv"
    text = measures.read_text("utf-8-sig").replace("每个报价都有回访记录", "下期达到 1 元")
    measures.write_text(text, "utf-8-sig")
    words = Words(language, workbook)
    forms = talk_forms(workbook, "home-goods", CYCLE, words, [WHO])
    assert "reached" in {each.state for each in forms.talks.of(WHO).earlier}
    (file,) = forms.files("person")
    place = next(entry for entry in file.entries if (entry.table, entry.column) == ("earlier", "done"))
    line = load_workbook(io.BytesIO(file.data))[place.sheet][place.cell[-1]]
    until = next(cell for cell in line if isinstance(cell.value, datetime))
    assert until.number_format == shown
