"""A month as a record: closed, opened again, corrected, verified; whole or not at all wherever it is broken off."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date

import pytest
from conftest import ROOT, altered, called
from months import DESIGN, PEOPLE, actuals, at_every_operation, contents, lay_out, record

from kpi_toolkit.batch.deliveries import keep
from kpi_toolkit.clients import toml_text
from kpi_toolkit.clients.client import as_of, load_client, read_client, read_cycle
from kpi_toolkit.clients.draft import monthly_in
from kpi_toolkit.clients.frozen import replaced
from kpi_toolkit.clients.migrating import migrate
from kpi_toolkit.clients.record import Line, Record, append, read_record
from kpi_toolkit.clients.scaffold import new_cycle, take
from kpi_toolkit.clients.scenarios import adopt, take_back
from kpi_toolkit.clients.storage import settle, sha256
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.monthly import Holding
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.scenario import fingerprint
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.pages.standing import changed_text
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.closing import close, correct, reopen
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.results.verifying import verify


@pytest.fixture
def acme(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_NOW", "2026-11-03T09:00:00Z")
    return lay_out(tmp_path)


@pytest.fixture
def kpi(acme, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *given, lang="en": called(capsys, "--workbook", str(acme.parent.parent), "--lang", lang, *given)


def figures(kpi, cycle="2026-10"):
    code, out, err = kpi("score", "acme", cycle, "--json")
    assert code == 0, err
    data = json.loads(out)
    return data["state"], [(p["id"], p["score"], p["rank"], p["tier"]) for p in data["people"]]


def problems(kpi, *given):
    code, out, _ = kpi("verify", *given, "--json")
    found = json.loads(out)["problems"]
    assert code == (3 if found else 0)
    return found


def test_a_design_that_months_have_copies_of_is_parsed_once_and_a_fault_is_told_of_each_copy(acme, monkeypatch):
    read, parsed = toml_text.tomllib.loads, []
    monkeypatch.setattr(toml_text.tomllib, "loads", lambda text, **how: parsed.append(text) or read(text, **how))
    months = [acme / "cycles" / name for name in load_client(acme).cycles]
    assert len(months) > 1

    def inspected(design):
        for month in months:
            (month / "design.toml").write_text(design, "utf-8")
        return [read_client(acme, month.name) for month in months]

    right = DESIGN + "# of these months\n"
    assert len({client.design.model_dump_json() for client, _ in inspected(right)}) == 1
    assert parsed.count(right) == 1
    wrong = DESIGN + "wrong = \n"
    places = [issue.place for _, issues in inspected(wrong) for issue in issues.errors if issue.code == "toml-syntax"]
    assert [place.file for place in places] == [f"cycles/{month.name}/design.toml" for month in months]


def test_october_stays_october_whatever_the_client_changes_afterwards(kpi, acme):
    before = figures(kpi)[1]
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    month = acme / "cycles/2026-10"
    results, kept = (month / "results.json").read_bytes(), contents(month)
    (acme / "design.toml").write_text(altered(DESIGN, ("weight = 60", "weight = 30"), ("weight = 40", "weight = 70")))
    (acme / "people.csv").write_text("id,name,role\np2,Bo,editor\n", "utf-8")
    own = acme.parent.parent / "templates"
    own.mkdir()
    gone = '[curves.capped-ratio]\nname = "r"\nnote = "n"\nsource = "s"\nexamples = [{ actual = 9, target = 9, direction = "higher", score = 100 }]\ncurve = { kind = "gate" }\n'
    (own / "curves.toml").write_text(gone, "utf-8")
    assert figures(kpi) == ("closed", before)
    assert (problems(kpi, "acme"), contents(month), (month / "results.json").read_bytes()) == ([], kept, results)
    (acme / "design.toml").write_text("this = is no design", "utf-8")
    assert figures(kpi) == ("closed", before) and problems(kpi) == []


def test_a_later_month_is_held_against_what_was_closed_and_rescoring_is_a_second_figure(kpi, acme):
    kpi("close", "acme", "2026-09", "--by", "Fiona")
    from kpi_toolkit import summarize_cycle

    september = {p: s for p, s, *_ in figures(kpi, "2026-09")[1]}
    (acme / "design.toml").write_text(altered(DESIGN, ("weight = 60", "weight = 10"), ("weight = 40", "weight = 90")))
    summary = summarize_cycle(load_client(acme), "2026-10")
    assert {line.id: float(line.previous) for line in summary.people} == september
    assert float(summary.previous.mean) == pytest.approx(sum(september.values()) / 4, abs=0.005)
    assert summary.history[0].again.mean not in {None, summary.previous.mean}


def test_results_are_exact_whole_numbers_without_a_name(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    text = (acme / "cycles/2026-10/results.json").read_text("utf-8")
    data = json.loads(text, parse_float=lambda value: pytest.fail(f"no whole number: {value}"))
    assert (data["schema"], data["client"], data["cycle"], data["design_version"]) == (1, "acme", "2026-10", 3)
    own = next(person for person in data["people"] if person["id"] == "p2")
    # 160/200 x 60 + 85/95 x 40 = 48 + 35.789...
    assert (own["score_centi"], own["tier"], own["indicators"][0]["actual"]) == (8379, "middle", "160")
    assert "王建国" not in text + record(acme, "2026-10") and '"p2"' in text.splitlines()[6]


def test_what_may_be_done_in_which_state(kpi, acme):
    assert kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "x")[0] == 3
    assert "already" in kpi("reopen", "acme", "2026-10", "--by", "Fiona", "--reason", "x")[2]
    assert kpi("close", "acme", "2026-10")[0] == 2 and kpi("close", "acme", "--by", "Fiona")[0] == 2
    assert kpi("close", "acme", "2026-10", "--by", "Fiona", "--for-talk")[0] == 0
    assert figures(kpi)[0] == "presented"
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p2=(161, 85)), "utf-8")
    code, _, err = kpi("score", "acme", "2026-10")
    assert code == 3 and "kpi reopen acme 2026-10" in err and "deliveries/1/inputs/" in err
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 3
    assert kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "x")[0] == 3
    assert kpi("reopen", "acme", "2026-10", "--by", "Fiona", "--reason", "a dispute")[0] == 0
    assert figures(kpi)[0] == "draft" and problems(kpi) == []
    assert kpi("close", "acme", "2026-10", "--by", "Fiona", "--for-talk")[0] == 0
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    lines = read_record(acme / "cycles/2026-10").lines
    assert [line.kind for line in lines] == ["presented", "reopened", "presented", "closed"]
    assert [line.facts["delivery"] for line in lines] == [1, 1, 2, 2]
    same = ("delivery", "inputs", "results")  # what is signed rests on the figures of what is closed
    assert [lines[3].facts[key] for key in same] == [lines[2].facts[key] for key in same]
    assert kpi("close", "acme", "2026-10", "--by", "Fiona", "--for-talk")[0] == 3
    assert "closed before" in kpi("close", "acme", "2026-10", "--by", "Max")[2]
    assert kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "x")[0] == 3  # nothing is otherwise
    append(acme / "cycles/2026-10", "delivered", "", delivery=2, list="0" * 64)
    assert "delivered" in kpi("reopen", "acme", "2026-10", "--by", "Fiona", "--reason", "x")[2]
    assert kpi("close", "acme", "2026-13", "--by", "Fiona")[0] == 2
    assert kpi("close", "--all", "--cycle", "2026-09", "--by", "Fiona")[0] == 0


def test_a_correction_says_what_changed_and_who_must_get_a_new_page(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    first = contents(acme / "cycles/2026-10/deliveries/1")
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p3=(190, 70)), "utf-8")
    assert kpi("render", "acme", "--cycle", "2026-10")[0] == 3
    assert {(p["kind"], p["person"], p["line"]) for p in problems(kpi)} == {("changed", "p3", 6)}
    kept = contents(acme)
    code, _, err = kpi("correct", "acme", "2026-10", "--dry-run")
    assert code == 0 and "nothing was written" in err and "Cy (p3) · Articles published · actual: 142 → 190" in err
    assert contents(acme) == kept
    code, out, err = kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "Cy: typed 142 for 190")
    assert "Cy (p3) · Articles published · actual: 142 → 190" in err
    assert code == 0 and "one value, one score and 2 ranks" in err
    assert "2 people must get a new page: Bo (p2), Cy (p3)" in err and "everybody else hold" in err
    assert contents(acme / "cycles/2026-10/deliveries/1") == first and problems(kpi) == []
    line = read_record(acme / "cycles/2026-10").deciding
    assert (line.facts["delivery"], line.facts["values"], line.facts["people"]) == (2, 1, ["p2", "p3"])
    assert "typed" not in record(acme, "2026-10")
    assert "typed" in (acme / "cycles/2026-10/deliveries/2/reason.txt").read_text("utf-8")
    assert {p: s for p, s, *_ in figures(kpi)[1]}["p3"] == pytest.approx(86.47)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["opened", "design agreed", "targets signed (王建国)", "signed (王建国)", "talk held (gone)"]),
        ("zh", ["打开周期", "方案确定", "目标已签（王建国）", "已签字（王建国）", "已面谈（gone）"]),
    ],
)  # fmt: skip
def test_a_record_is_read_with_what_was_agreed_about_the_design_and_with_whom_about_targets(kpi, acme, lang, said):
    done = (("opened", ""), ("agreed", ""), ("agreed", "p1"), ("signed", "p1"), ("talk", "gone"))
    for kind, person in done:
        append(acme / "cycles/2026-10", kind, "Fiona", **({"person": person} if person else {}))
    code, out, _ = kpi("log", "acme", "2026-10", lang=lang)
    rows = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines() if "Fiona" in line]
    assert (code, [row[2] for row in rows]) == (0, said)
    plain = json.loads(kpi("log", "acme", "2026-10", "--json")[1])["lines"]
    assert [(line["kind"], line.get("person", "")) for line in plain] == [*done]


@pytest.mark.parametrize("harm", ["gone", "another"])
@pytest.mark.parametrize("file", ["deliveries/1/results.json", "deliveries/1/inputs.sha256", "design.toml"])
def test_where_what_is_held_fast_is_lost_nothing_is_scored_or_corrected_and_the_file_is_named(acme, file, harm):
    close(acme, "2026-10", by="Fiona")
    path, words = acme / "cycles/2026-10" / file, Words("en", Workbook(acme.parent.parent))
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p3=(190, 70)), "utf-8")
    held = path.read_bytes()
    path.unlink() if harm == "gone" else path.write_bytes(held + b"#\n")
    with pytest.raises(IssuesError) as scored:
        summarize_cycle(load_client(acme), "2026-10")
    assert f"cycles/2026-10/{file}" in {issue.place.file for issue in scored.value.issues.errors}
    if file == "design.toml" and harm == "another":  # that is what corrections are for
        assert correct(acme, "2026-10", by="", reason="", dry_run=True).changed.scores
        return
    with pytest.raises(IssuesError) as told:
        correct(acme, "2026-10", by="Fiona", reason="Cy: typed 142 for 190")
    (issue,) = told.value.issues
    assert (issue.code, issue.place.file) == ("held-lost", f"cycles/2026-10/{file}")
    assert "kept in client_data/acme/cycles/2026-10/deliveries/1/inputs/" in words.remedy(issue)
    path.write_bytes(held)
    assert correct(acme, "2026-10", by="Fiona", reason="Cy: typed 142 for 190").changed.people == ("p2", "p3")


def test_S260_a_new_version_says_on_the_pages_which_weights_are_others_than_in_the_month_before(kpi, acme):
    kpi("close", "acme", "2026-09", "--by", "Fiona")
    words, where = "Weights changed since the previous cycle", {"client": "acme", "language": "en"}
    workbook = Workbook(acme.parent.parent)
    assert words not in report_of(workbook, "team", **where).section("headline").pieces[0]
    for name, weight in (("less", 45), ("more", 70)):
        scenario(acme, "2026-10", name, weight)
    assert kpi("whatif", "acme", "--adopt", "less", "--by", "Fiona")[0] == 0
    for kind, section, role in (("team", "headline", "Network editor: "), ("person", "form", "")):
        report = report_of(workbook, kind, **where, person="p2" if kind == "person" else "")
        text = re.sub(r"<[^>]*>", "", report.section(section).pieces[0])
        said = f"{words} (design version 3 → 4); each cycle stands under its own.{role}"
        assert f"{said}Articles published 60 → 45, Pass rate 40 → 55" in text


def test_disputes_settled_after_the_talks_name_the_way_on_and_it_works(kpi, acme):
    kpi("close", "acme", "2026-10", "--for-talk", "--by", "Fiona")
    month = acme / "cycles/2026-10"
    head = "person,indicator,column,from,to,outcome,reason,by,date\n"
    (month / "disputes.csv").write_text(head + "p3,articles,actual,142,150,changed,eight were late,p1,2026-11-02\n")
    code, _, err = kpi("score", "acme", "2026-10")
    assert code == 3 and "disputed-since" in err and "disputes changed figures (people: 1)" in err
    assert "kpi close acme 2026-10 --by NAME" in err and problems(kpi) == []
    assert "kpi score acme 2026-10 --disputed" in err
    assert kpi("talk", "acme", "2026-10")[0] == 0  # the talks go on
    code, out, _ = kpi("score", "acme", "2026-10", "--disputed", "--json")
    assert {p["id"]: p["score"] for p in json.loads(out)["people"]}["p3"] == pytest.approx(74.47) and code == 0
    code, _, err = kpi("render", "acme", "--cycle", "2026-10")  # said once, not for each report
    assert code == 3 and err.count("disputes changed figures") == 1 and "kpi close acme 2026-10 --by NAME" in err
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    assert {p: s for p, s, *_ in figures(kpi)[1]}["p3"] == pytest.approx(74.47) and problems(kpi) == []


def test_a_correction_names_the_later_months_that_show_the_old_figures_and_all_reports_to_be_made_anew(kpi, acme):
    september = acme / "cycles/2026-09"
    for cycle in ("2026-09", "2026-10"):
        kpi("close", "acme", cycle, "--by", "Fiona")
    listed = f"{'a' * 64}  results.en.html\n{'b' * 64}  people/p1.en.html\n{'c' * 64}  note-2.en.txt\n"
    (september / "deliveries/1/line-2.sha256").write_text(listed, "utf-8")
    append(september, "delivered", "", delivery=1, list=sha256(listed.encode()))
    (september / "actuals.csv").write_text(actuals(p1=(171, 88)), "utf-8")
    first = kpi("correct", "acme", "2026-09", "--by", "Fiona", "--reason", "typed wrong")[2]
    assert "2026-09 --report team,person,results" in first and "compare with" not in first
    append(acme / "cycles/2026-10", "delivered", "", delivery=1, list="0" * 64)
    (september / "actuals.csv").write_text(actuals(p1=(172, 88)), "utf-8")
    again = kpi("correct", "acme", "2026-09", "--by", "Fiona", "--reason", "and again")[2]
    assert "Pages of 2026-10 that were delivered compare with 2026-09 as it was before" in again
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p3=(150, 70)), "utf-8")
    assert "--report" not in kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "typed wrong")[2]


def test_a_month_is_held_against_those_before_as_they_were_when_it_was_closed_not_as_they_are_corrected_later(
    kpi, acme, monkeypatch
):
    def act(day, *given):
        monkeypatch.setenv("KPI_NOW", f"2026-11-{day:02d}T09:00:00Z")
        assert kpi(*given, "--by", "Fiona")[0] == 0

    def before_and_order():
        summary = summarize_cycle(load_client(acme, "2026-10"), "2026-10")
        return summary.previous.mean, {line.id: (line.rank, str(line.tier)) for line in summary.people}

    design = acme / "design.toml"
    design.write_text(design.read_text("utf-8").replace("[tiers]", '[tiers]\ntie_break = ["previous"]'), "utf-8")
    (acme / "cycles/2026-09/actuals.csv").write_text(actuals(p1=(170, 88), p2=(169, 88)), "utf-8")
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p1=(180, 90), p2=(180, 90)), "utf-8")
    act(1, "close", "acme", "2026-09")
    act(2, "close", "acme", "2026-10", "--for-talk")
    then, first = before_and_order()
    (acme / "cycles/2026-09/actuals.csv").write_text(actuals(p1=(100, 88), p2=(169, 88)), "utf-8")
    act(3, "correct", "acme", "2026-09", "--reason", "typed wrong")
    assert before_and_order() == (then, first)
    act(4, "close", "acme", "2026-10")  # as it was shown for the talks
    assert before_and_order() == (then, first) and problems(kpi) == []
    act(5, "reopen", "acme", "2026-10", "--reason", "September was corrected")
    act(6, "close", "acme", "2026-10")
    now, order = before_and_order()
    assert now < then and order != first and problems(kpi) == []


def test_a_correction_says_that_the_month_before_is_another_since_where_it_is(kpi, acme, monkeypatch):
    def act(day, *given):
        monkeypatch.setenv("KPI_NOW", f"2026-11-{day:02d}T09:00:00Z")
        assert kpi(*given, "--by", "Fiona")[0] == 0

    act(1, "close", "acme", "2026-09")
    act(2, "close", "acme", "2026-10")
    people, said = acme / "cycles/2026-10/people.csv", []
    for day, name in ((3, "Bob"), (5, "Rob")):
        people.write_text(re.sub("p2,\\w+", f"p2,{name}", people.read_text("utf-8")), "utf-8")
        act(day, "correct", "acme", "2026-10", "--reason", "name")
        said.append(changed_text(Words("en", Workbook(ROOT)), read_record(acme / "cycles/2026-10").deciding.facts))
        (acme / "cycles/2026-09/actuals.csv").write_text(actuals(p1=(100, 88)), "utf-8")
        act(4, "correct", "acme", "2026-09", "--reason", "typed wrong") if day == 3 else None
    assert said == ["Changed: no figure.", "Changed: no figure. September 2026 is shown as it was corrected since."]
    assert problems(kpi) == []


TAMPERED = {
    "actuals.csv": (lambda path: path.write_text(actuals(p4=(139, 75)), "utf-8"), [("changed", "p4", 9)]),
    "actuals.csv ": (lambda path: path.unlink(), [("missing", None, None)]),
    "goals.csv": (lambda path: path.write_text("person,indicator,target\np1,pass,90\n"), [("added", None, None)]),
    "design.toml": (lambda path: path.unlink(), [("missing", None, None)]),
    "results.json": (lambda path: path.write_text(path.read_text().replace("8379", "8380")), [("changed", None, None)]),
    "deliveries/1/results.json": (
        lambda path: path.write_text(path.read_text().replace("8379", "8380")),
        [("changed", None, 1), ("changed", None, None)],
    ),
    "deliveries/1/inputs/people.csv": (lambda path: path.unlink(), [("missing", None, 1)]),
    "deliveries/1/inputs.sha256": (lambda path: path.write_text(""), [("changed", None, 1)]),
    "deliveries/1/extra.pdf": (lambda path: path.write_bytes(b"%PDF"), [("added", None, None)]),
    "record.jsonl": (lambda path: path.write_text(path.read_text().replace("Fiona", "Max")), [("rewritten", None, 1)]),
    "record.jsonl ": (lambda path: path.unlink(), [("cut", None, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_names_what_no_longer_fits(kpi, acme, name):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    tamper, expected = TAMPERED[name]
    tamper(acme / "cycles/2026-10" / name.strip())
    found = problems(kpi, "acme", "2026-10")
    assert set(expected) <= {(p["kind"], p["person"], p["line"]) for p in found}
    assert {p["path"] for p in found} >= {f"client_data/acme/cycles/2026-10/{name.strip()}"}
    assert kpi("verify", lang="zh")[0] == 3


def test_a_closed_month_of_which_only_its_record_is_left_is_no_month_that_was_never_begun(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    month = acme / "cycles/2026-10"
    for path in (month / "deliveries", month / "results.json", month / "actuals.csv"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "client_data/acme/cycles/2026-10/deliveries/1/results.json" in {p["path"] for p in problems(kpi)}
    code, _, said = kpi("score", "acme")
    assert code == 3 and "cycles/2026-10/actuals.csv" in said


def test_what_of_the_workbook_keeps_figures_from_being_worked_out_again_is_named_by_its_own_path(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    wording = acme.parent.parent / "templates" / "wording.toml"
    wording.parent.mkdir(exist_ok=True)
    wording.write_text("levels = [", "utf-8")
    assert {p["path"] for p in problems(kpi)} == {"templates/wording.toml"}


def test_two_kinds_of_tampering_are_named_together_and_a_copy_verifies_like_the_original(kpi, acme, tmp_path, capsys):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    shutil.copytree(acme.parent.parent, tmp_path / "copy", ignore=shutil.ignore_patterns("copy"))
    code, out, _ = called(capsys, "--workbook", str(tmp_path / "copy"), "verify", "--json")
    assert (code, json.loads(out)) == (0, {"problems": []})
    month = acme / "cycles/2026-10"
    TAMPERED["actuals.csv"][0](month / "actuals.csv")
    TAMPERED["deliveries/1/extra.pdf"][0](month / "deliveries/1/extra.pdf")
    TAMPERED["record.jsonl"][0](month / "record.jsonl")
    assert {p["kind"] for p in problems(kpi)} == {"changed", "added", "rewritten"}


def test_figures_that_come_out_otherwise_are_named_by_person_even_if_every_hash_was_made_to_fit(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    month = acme / "cycles/2026-10"
    changed = (month / "results.json").read_text("utf-8").replace("8379", "9379")
    for name in ("results.json", "deliveries/1/results.json"):
        (month / name).write_text(changed, "utf-8")
    line = read_record(month).lines[0]
    (month / "record.jsonl").unlink()
    append(month, "closed", line.by, **{**line.facts, "results": sha256(changed.encode())})
    assert [(p["kind"], p["person"]) for p in problems(kpi)] == [("changed", "p2")]


def as_it_is(acme):
    """The folder's files, as whoever reads them next finds them."""
    settle(acme)
    return contents(acme)


def acts(acme):
    """Each act with what has to have been done before."""
    month = acme / "cycles/2026-10"

    def closed():
        close(acme, "2026-10", by="Fiona")

    def mended():
        closed()
        (month / "actuals.csv").write_text(actuals(p3=(190, 70)), "utf-8")

    def shown():
        close(acme, "2026-10", by="Fiona", for_talk=True)

    book = Workbook(acme.parent.parent)

    def redesigned():
        (acme / "people.csv").write_text(PEOPLE + "p5,Eve,editor,,,2026-10-16\n", "utf-8")
        (acme / "design.toml").write_text(
            altered(DESIGN, ("weight = 60", "weight = 30"), ("weight = 40", "weight = 70"))
        )

    def opened():
        new_cycle(book, "acme", "2026-11")
        redesigned()

    def kept():
        new_cycle(book, "acme", "2026-11")
        for name, weight in (("more", 80), ("less", 20)):
            scenario(acme, "2026-11", name, weight)

    def adopted():
        kept()
        adopt(load_client(acme), "less", by="Fiona", day=date(2026, 11, 3))

    return {
        "new": (lambda: None, lambda: new_cycle(book, "acme", "2026-11")),
        "take": (opened, lambda: take(book, "acme", "2026-11", "all", by="Fiona")),
        "new again": (opened, lambda: new_cycle(book, "acme", "2026-11")),
        "adopt": (kept, lambda: adopt(load_client(acme), "less", by="Fiona", day=date(2026, 11, 3))),
        "take back": (adopted, lambda: take_back(acme, by="Fiona")),
        "migrate": (lambda: None, lambda: migrate(book, "acme")),
        "close": (lambda: None, closed),
        "close what was shown": (shown, closed),
        "correct": (mended, lambda: correct(acme, "2026-10", by="Fiona", reason="typed wrong")),
        "reopen": (shown, lambda: reopen(acme, "2026-10", by="Fiona", reason="a dispute")),
    }


BROKEN_OFF = ("close", "correct", "reopen", "new", "new again", "take", "adopt", "take back", "migrate")


@pytest.mark.parametrize(
    ("name", "kill"),
    [
        ("close what was shown", False),
        *(pytest.param(name, kill, marks=pytest.mark.slow) for name in BROKEN_OFF for kill in (False, True)),
    ],
)  # fmt: skip
def test_a_month_is_before_or_after_wherever_an_act_is_broken_off_and_the_same_command_finishes_it(
    acme, monkeypatch, name, kill
):
    prepare, act = acts(acme)[name]
    prepare()
    start, states, seen = as_it_is(acme), {}, set()
    for number in at_every_operation(monkeypatch, acme, act, kill=kill):
        states[number] = as_it_is(acme)
        seen.add(states[number] == start)
        if states[number] == start:
            act()
            states[number] = as_it_is(acme)
    end = as_it_is(acme)
    assert seen == {True, False} and len(states) > 10
    assert all(now == end for now in states.values())
    assert verify(Workbook(acme.parent.parent), "acme") == []


def test_a_signed_target_stays_when_the_month_takes_a_design_with_another(kpi, acme):
    assert kpi("new", "acme", "--cycle", "2026-11", "--by", "Fiona")[0] == 0
    month = acme / "cycles/2026-11"
    append(month, "agreed", "kpi", person="p1", on="2026-11-01")
    (acme / "design.toml").write_text(altered(DESIGN, ("target = 200", "target = 90")))
    assert kpi("new", "acme", "--cycle", "2026-11", "--take", "design", "--by", "Fiona")[0] == 0
    tables = read_cycle(as_of(load_client(acme), "2026-11"), "2026-11")
    [item] = (
        item for item in as_of(load_client(acme), "2026-11").design.roles["editor"].indicators if item.target == 90
    )
    assert (tables.target("p1", item), tables.target("p2", item)) == (200, 90)


def test_an_open_month_takes_the_clients_design_and_people_over_when_it_is_told_to(kpi, acme):
    assert kpi("new", "acme", "--cycle", "2026-11", "--by", "Fiona")[0] == 0
    month = acme / "cycles/2026-11"
    assert {"client.toml", "design.toml", "curves.toml", "people.csv"} <= {path.name for path in month.iterdir()}
    assert "wage" not in (month / "people.csv").read_text("utf-8")
    (month / "actuals.csv").write_text(actuals(), "utf-8")
    (acme / "design.toml").write_text(altered(DESIGN, ("weight = 60", "weight = 30"), ("weight = 40", "weight = 70")))
    before = figures(kpi, "2026-11")
    found = {issue["code"] for issue in json.loads(kpi("check", "acme", "2026-11", "--json")[1])["issues"]}
    assert "design-differs" in found and "roster-differs" not in found
    (acme / "people.csv").write_text((acme / "people.csv").read_text("utf-8") + "p5,Eve,editor,,,2026-11-16\n", "utf-8")
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0  # brings in the roster, not the design
    assert "p5,pass" in (month / "actuals.csv").read_text("utf-8-sig")
    assert [p for p in figures(kpi, "2026-11")[1] if p[0] != "p5"] == before[1]
    code, _, err = kpi("new", "acme", "--cycle", "2026-11", "--take", "design")
    assert code == 2 and "--by" in err
    assert kpi("new", "acme", "--cycle", "2026-11", "--take", "design", "--by", "Fiona")[0] == 0
    assert read_record(acme / "cycles/2026-11").lines[-1].by == "Fiona"
    assert [p[1] for p in figures(kpi, "2026-11")[1]][:4] != [p[1] for p in before[1]]
    assert [line.facts.get("take") for line in read_record(month).lines] == [None, "people", "design"]
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 2 and kpi("new", "acme", "--take", "design")[0] == 2
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    assert kpi("new", "acme", "--cycle", "2026-10", "--take", "all", "--by", "Fiona")[0] == 3


def test_an_open_month_that_is_opened_again_gets_the_rows_it_lacks_and_a_closed_one_is_there(kpi, acme):
    file, again = acme / "cycles/2026-10/actuals.csv", ("new", "acme", "--cycle", "2026-10")
    whole = file.read_text("utf-8")
    file.write_text("".join(whole.splitlines(keepends=True)[:-1]), "utf-8")
    assert kpi(*again)[0] == 0
    asked = ({tuple(row[:2]) for row in csv.reader(text.splitlines())} for text in (whole, file.read_text("utf-8-sig")))
    assert next(asked) == next(asked)
    file.write_text(whole, "utf-8")
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    code, _, err = kpi(*again)
    assert code == 2 and "already has the cycle" in err


def scenario(acme, cycle, name, weights):
    design = as_of(load_client(acme), cycle).design
    text = (
        f'schema = 1\nclient = "acme"\ncycle = "{cycle}"\ndesign = "{fingerprint(design)}"\ndesign_version = {design.version}\n'
        f'name = "{name}"\nwhy = "agreed in the meeting"\n[weights.editor]\narticles = {weights}\npass = {100 - weights}\n'
    )
    (acme / "scenarios").mkdir(exist_ok=True)
    (acme / "scenarios" / f"{name}.toml").write_text(text, "utf-8")


def test_adopting_moves_the_open_month_and_the_client_and_is_taken_back_by_one_command(kpi, acme):
    kpi("close", "acme", "2026-09", "--by", "Fiona")
    kpi("new", "acme", "--cycle", "2026-11")
    (acme / "cycles/2026-11/actuals.csv").write_text(actuals(), "utf-8")
    for name, weight in (("more", 80), ("less", 20)):
        scenario(acme, "2026-11", name, weight)
    before, closed = contents(acme), figures(kpi, "2026-09")
    code, _, err = kpi("whatif", "acme", "--adopt", "less", "--by", "Fiona")
    assert code == 0, err
    for design in ("design.toml", "cycles/2026-11/design.toml"):
        text = (acme / design).read_text("utf-8")
        assert "version = 4" in text and "agreed in the meeting" in text and "weight = 20" in text
    assert read_record(acme / "cycles/2026-11").lines[-1].kind == "agreed"
    assert figures(kpi, "2026-09") == closed and problems(kpi) == []
    assert (acme / "cycles/2026-10/design.toml").read_bytes() == before["cycles/2026-10/design.toml"]
    assert kpi("whatif", "acme", "--take-back")[0] == 2
    assert kpi("whatif", "acme", "--take-back", "--by", "Fiona")[0] == 0
    after = contents(acme)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {
        "cycles/2026-11/record.jsonl"
    }
    assert kpi("whatif", "acme", "--take-back", "--by", "Fiona")[0] == 2  # there is nothing left to take back
    kpi("whatif", "acme", "--adopt", "more", "--by", "Fiona")
    (acme / "design.toml").write_text((acme / "design.toml").read_text("utf-8") + "# by hand\n", "utf-8")
    assert kpi("whatif", "acme", "--take-back", "--by", "Fiona")[0] == 3


def test_adopting_for_a_closed_month_changes_the_clients_design_only(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    for name, weight in (("more", 80), ("less", 20)):
        scenario(acme, "2026-10", name, weight)
    before = figures(kpi)
    code, _, err = kpi("whatif", "acme", "--adopt", "less", "--by", "Fiona")
    assert code == 0 and "stays as it is" in err, err
    assert (figures(kpi), problems(kpi)) == (before, [])
    assert "weight = 20" in (acme / "design.toml").read_text("utf-8")


@pytest.mark.slow
def test_what_was_delivered_is_delivered_again_and_a_correction_makes_only_what_it_changed(kpi, acme):
    given = ("render", "acme", "--cycle", "2026-10", "--languages", "en", "--format", "html")
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    assert kpi(*given)[0] == 0
    month, reports = acme / "cycles/2026-10", acme.parent.parent / "reports/acme/2026-10"
    line = read_record(month).deciding
    first = contents(month / "deliveries/1")
    for page in ("team.en.html", "people/p1.en.html"):
        assert line.hash[:16] in first[page].decode() and (reports / page).read_bytes() == first[page]
    note = next(text for name, text in first.items() if name.startswith("note-")).decode()
    assert line.hash in note and kpi("verify")[0] == 0
    (acme / "design.toml").write_text(altered(DESIGN, ("weight = 60", "weight = 30"), ("weight = 40", "weight = 70")))
    (reports / "people/p1.en.html").write_text("forged", "utf-8")
    assert {(p["kind"], p["path"]) for p in problems(kpi)} == {("changed", "reports/acme/2026-10/people/p1.en.html")}
    shutil.rmtree(reports / "notebooks")
    assert kpi(*given)[0] == 0 and (reports / "people/p1.en.html").read_bytes() == first["people/p1.en.html"]
    assert contents(month / "deliveries/1") == first
    assert kpi(*given, "--force")[0] == 3
    (month / "actuals.csv").write_text(actuals(p3=(150, 70)), "utf-8")
    assert kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "typed wrong")[0] == 0
    assert kpi(*given)[0] == 0 and contents(month / "deliveries/1") == first
    second = contents(month / "deliveries/2")
    assert {name for name in second if name.endswith("html")} == {"team.en.html", "people/p3.en.html"}
    page = re.sub(r"<[^>]*>", "", second["people/p3.en.html"].decode())
    assert "corrected on 3 Nov 2026, replaces the page with record 1" in page and "one value and one score" in page
    assert problems(kpi) == []
    (month / "deliveries/2/people/p3.en.html").unlink()
    (reports / "people/p3.en.html").unlink()
    code, out, err = kpi(*given)
    assert code == 3 and "p3" in out + err


def test_check_holds_an_old_month_against_its_own_design(kpi, acme):
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    changed = altered(DESIGN, ('id = "articles"', 'id = "posts"'), ("weight = 40", "weight = 45"))
    (acme / "design.toml").write_text(changed, "utf-8")

    def errors(*named):
        found = json.loads(kpi("check", "acme", *named, "--json")[1])["issues"]
        return {(issue["code"], issue["where"].split(",")[0]) for issue in found if issue["severity"] == "error"}

    assert errors("2026-10") == set()
    today = {file for _, file in errors()}  # September was never closed: it reads the client's
    assert any("design.toml" in file for file in today) and not any("2026-10" in file for file in today)


def test_V29_an_older_folder_is_migrated_after_a_backup_and_a_second_time_nothing_is_done(kpi, acme):
    kpi("close", "acme", "2026-09", "--by", "Fiona")
    before, september, october = contents(acme), contents(acme / "cycles/2026-09"), figures(kpi)
    code, out, _ = kpi("migrate", "acme", "--dry-run", "--json")
    wanted = json.loads(out)["done"][0]
    assert (code, contents(acme), wanted["backup"]) == (0, before, None)
    assert kpi("migrate", "acme", "--by", "Fiona")[0] == 0
    after = contents(acme)
    assert {name for name in after if before.get(name) != after[name]} == set(wanted["files"])
    assert {f"cycles/2026-10/{name}" for name in ("client.toml", "design.toml", "people.csv")} < set(wanted["files"])
    assert (figures(kpi), contents(acme / "cycles/2026-09"), problems(kpi)) == (october, september, [])
    (backup,) = (acme.parent.parent / ".kpi/backups").iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(backup) as archive:
        assert {name.removeprefix("acme/"): archive.read(name) for name in archive.namelist()} == before
    assert json.loads(kpi("migrate", "--json")[1])["done"] == [{"client": "acme", "files": [], "backup": None}]
    assert contents(acme) == after


@pytest.mark.parametrize(("language", "page"), [("en", "docs/record.md"), ("zh", "docs/record.zh-CN.md")])
def test_a_note_names_the_page_of_its_own_language(language, page):
    assert (
        f"{page}" in Words(language, Workbook(ROOT))("record.note.check").replace("。", " ") and (ROOT / page).is_file()
    )


@pytest.mark.parametrize("page", ["record.md", "record.zh-CN.md"])
@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_a_stranger_checks_a_page_with_a_shell_alone(kpi, acme, page):
    kpi("new", "acme", "--cycle", "2026-11", "--by", 'Ma "x", "hash": Wu')
    (acme / "cycles/2026-11/actuals.csv").write_text(actuals(), "utf-8")
    kpi("close", "acme", "2026-11", "--early", "--by", 'Fiona "Fi", "hash" Müller')
    month = acme / "cycles/2026-11"
    line = read_record(month).deciding
    script = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)[1]

    def run(*given):
        done = subprocess.run(
            ["sh", "-c", script, "check", *given], cwd=month, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    code, said = run(str(line.n), line.hash[:16])
    assert code == 0 and said.count("OK") >= 7 and "inputs/actuals.csv: OK" in said
    assert run(str(line.n), "0" * 16)[0] == run(str(line.n - 1), line.hash[:16])[0] == 1
    for name in ("inputs/actuals.csv", "results.json", "inputs.sha256"):
        path, kept = month / "deliveries/1" / name, (month / "deliveries/1" / name).read_bytes()
        path.write_bytes(kept.replace(b"1", b"2", 1))
        assert run(str(line.n), line.hash[:16])[0] == 1, name
        path.write_bytes(kept)
    whole = (month / "record.jsonl").read_text("utf-8")
    (month / "record.jsonl").write_text(whole.replace("Müller", "Miller"), "utf-8")
    assert run(str(line.n), line.hash[:16])[0] == 1


def test_a_month_without_a_value_or_before_its_end_is_not_closed_by_a_slip(kpi, acme):
    kpi("new", "acme", "--cycle", "2026-11", "--by", "Fiona")
    before = contents(acme)
    for more in ((), ("--for-talk",), ("--early",)):
        code, out, err = kpi("close", "acme", "2026-11", "--by", "Fiona", *more)
        assert code == 3 and "has no values yet" in out + err, more
    (acme / "cycles/2026-11/actuals.csv").write_text(actuals(), "utf-8")
    code, out, err = kpi("close", "acme", "2026-11", "--by", "Fiona")
    assert code == 3 and "--early" in err and "ends on 30 November 2026" in err
    assert contents(acme) == before | {"cycles/2026-11/actuals.csv": actuals().encode()}
    code, _, err = kpi("close", "acme", "2026-11", "--by", "Fiona", "--early")
    assert code == 0 and "behind these figures" in err and "Not in the record yet: Talk 4, Signed 4" in err


def test_talks_and_signatures_after_the_last_day_of_a_month_are_in_the_record_when_it_is_closed(kpi, acme):
    for person in ("p1", "p2", "p3"):
        append(acme / "cycles/2026-10", "talk", "Fiona", person=person, on="2026-11-05")
        append(acme / "cycles/2026-10", "signed", "Fiona", person=person, on="2026-11-06")
    code, _, err = kpi("close", "acme", "2026-10", "--by", "Fiona")
    assert code == 0 and "Not in the record yet: Talk 1, Signed 1" in err


def test_closing_all_stops_at_no_client_that_has_no_such_month(kpi, acme):
    other = acme.with_name("beta")
    shutil.copytree(acme, other)
    shutil.rmtree(other / "cycles/2026-10")
    code, out, err = kpi("close", "--all", "--cycle", "2026-10", "--by", "Fiona")
    assert code == 3 and "beta" in err and "no-cycle" in err and figures(kpi)[0] == "closed"
    assert (
        kpi("close", "--all", "--cycle", "2026-10")[0] == kpi("close", "--all", "--cycle", "26-10", "--by", "F")[0] == 2
    )


def test_a_correction_is_counted_against_what_was_delivered_not_against_one_that_never_was(kpi, acme):
    month = acme / "cycles/2026-10"
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    append(month, "delivered", "", delivery=1, list="0" * 64)
    table = month / "actuals.csv"
    table.write_text(actuals(p3=(190, 70)), "utf-8")  # p3 overtakes p2
    kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "a slip")
    table.write_text(actuals(p3=(191, 70)), "utf-8")
    err = kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "the right one")[2]
    assert "142 → 191" in err and "Bo (p2), Cy (p3)" in err
    line = read_record(month).deciding
    assert (line.facts["replaces"], line.facts["people"], line.facts["ranks"]) == (1, ["p2", "p3"], 2)
    table.write_text(actuals(), "utf-8")
    err = kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "it was right at first")[2]
    assert "no figure" in err and "new page" not in err


@pytest.mark.parametrize(
    ("file", "old", "new", "people"),
    [
        ("people.csv", "p2,Bo,", "p2,Bob,", ["p2", "p4"]),  # p4's page names the appraiser
        ("people.csv", "p3,Cy,editor,,", "p3,Cy,editor,North,", ["p3"]),
        ("client.toml", '"Acme"', '"Acme Ltd"', ["p1", "p2", "p3", "p4"]),
    ],
)
def test_a_correction_of_what_is_no_figure_names_whose_page_says_something_else(kpi, acme, file, old, new, people):
    (acme / "people.csv").write_text(altered(PEOPLE, ("p4,Di,editor,,", "p4,Di,editor,,p2")), "utf-8")
    kpi("close", "acme", "2026-10", "--by", "Fiona")
    table = acme / "cycles/2026-10" / file
    table.write_text(altered(table.read_text("utf-8"), (old, new)), "utf-8")
    code, _, err = kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "a slip")
    assert code == 0 and "no figure" in err and "must get a new page" in err
    assert read_record(acme / "cycles/2026-10").deciding.facts["people"] == people


def test_a_person_whose_rank_moved_reads_what_moved_on_the_own_page(kpi, acme):
    from kpi_toolkit.pages.standing import own_changes
    from kpi_toolkit.pages.words import Words

    kpi("close", "acme", "2026-10", "--by", "Fiona")
    (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p3=(190, 70)), "utf-8")
    kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "typed wrong")
    month, words = acme / "cycles/2026-10", Words("en", Workbook(acme.parent.parent))
    record = read_record(month)
    before = replaced(acme, "2026-10", record, "p2")
    told = {person: own_changes(words, month, record, before, person) for person in ("p2", "p3", "p9")}
    assert told["p2"] == "On this page: Rank 2 → 3 and Mean of all 79.91 → 83.51. Unchanged: Score and Tier."
    assert (
        told["p3"].startswith("On this page: Score 72.07 → 86.47, Rank 3 → 2 and Mean of all 79.91 → 83.51.")
        and told["p9"] == ""
    )


@pytest.mark.parametrize(("kinds", "number"), [(("presented", "closed"), 1), (("opened", "closed"), 2)])
def test_a_correction_of_what_was_never_delivered_replaces_the_page_of_the_talks(tmp_path, kinds, number):
    lines = [Line(at, "", kind, "", {"delivery": at}, "", f"{at}" * 64) for at, kind in enumerate(kinds, start=1)]
    facts = {"delivery": len(lines) + 1, "replaces": len(lines)}
    corrected = Line(len(lines) + 1, "", "corrected", "", facts, "", "f" * 64)
    found = replaced(tmp_path, "2026-10", Record((*lines, corrected)), "p1", kind="person")
    assert (found and found.n) == number


def test_a_page_says_which_page_it_replaces_the_one_that_its_reader_holds(kpi, acme):
    def deliver(*people: str) -> None:
        paths = [f"people/{person}.en.html" for person in people]
        for path in paths:
            at = acme.parent.parent / "reports/acme/2026-10" / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_text(f"{path} {line().mark}", "utf-8")
        keep(Workbook(acme.parent.parent), load_client(acme), "2026-10", paths, line().hash)

    def line():
        return read_record(acme / "cycles/2026-10").deciding

    def held(person):
        return replaced(acme, "2026-10", read_record(acme / "cycles/2026-10"), person)

    kpi("close", "acme", "2026-10", "--by", "Fiona")
    first = line()
    deliver("p2", "p3")
    for number, pages in ((190, ["p3"]), (200, [])):
        (acme / "cycles/2026-10/actuals.csv").write_text(actuals(p3=(number, 70)), "utf-8")
        kpi("correct", "acme", "2026-10", "--by", "Fiona", "--reason", "typed wrong")
        second = line() if pages else second  # noqa: F821
        deliver(*pages) if pages else None
    assert (held("p2").n, held("p3").n, held("p4")) == (first.n, second.n, None)  # Bo never got one of the second


def test_a_decimal_comma_in_one_row_is_no_second_value(kpi, acme):
    head, *rows = actuals().splitlines()
    wrong = [f"{row},,," for row in rows]
    wrong[3] = "p2,pass,89,8,,,"
    text = "\n".join([f"{head},self,appraiser,note", *(f"{row}" for row in wrong), ""])
    (acme / "cycles/2026-10/actuals.csv").write_text(text, "utf-8")
    code, _, err = kpi("score", "acme", "2026-10")
    assert code == 3 and "ragged-row" in err and "row 5" in err


def test_the_notebook_closes_opens_again_and_corrects_a_month_as_the_commands_do(kpi, acme, monkeypatch):
    from kpi_toolkit.live import monthly

    workbook, told, asked = Workbook(acme.parent.parent), [], []
    made = iter([([], {"counts": {"delivered": 2, "unchanged": 1}}), (["Not made."], {})])
    monkeypatch.setattr(monthly, "rendered", lambda *given: asked.append(given[2:]) or next(made))
    panel = monthly.Holding(workbook, lambda: told.append(read_record(acme / "cycles/2026-10").state))
    panel.turn(Words("en", workbook), ["acme"], "2026-10")

    def offered():
        return [act for act, button in panel.buttons.items() if button.layout.display != "none"]

    def pressed(act):
        panel.buttons[act].click()
        return panel.answer.shown.value

    assert offered() == ["render", "present", "close"] and panel.reason.layout.display == "none"
    assert "field for it" in pressed("close") and "--by" not in panel.answer.shown.value  # nobody takes it on
    panel.by.value = "Zhang"
    assert "Acme October 2026 is ready for the talks" in pressed("present") and offered() == [
        "render",
        "close",
        "reopen",
    ]
    assert "in a sentence" in pressed("reopen")
    panel.reason.value = "a slip"
    assert "is open again" in pressed("reopen") and panel.reason.value == ""
    assert "Acme October 2026 is closed" in pressed("close") and "Now make the pages" in panel.answer.shown.value
    assert offered() == ["render", "look", "correct", "reopen"] and told == ["presented", "draft", "closed"]
    assert "2 reports delivered, one unchanged" in pressed("render").replace("1 unchanged", "one unchanged")
    assert asked == [("acme", "--cycle", "2026-10")] and "filebrowser:open-path" in panel.answer.shown.value
    monkeypatch.setattr(monthly, "wanted", lambda *_: ["team", "results"])  # what was delivered besides the usual
    assert "Not made." in pressed("render") and "open-path" not in panel.answer.shown.value
    assert asked[-1] == ("acme", "--cycle", "2026-10", "--report", "team,results")
    panel.reason.value = "the shop's export was late"
    assert "Put the value right" in pressed("look")
    table = acme / "cycles/2026-10/actuals.csv"
    lines = table.read_text("utf-8-sig").splitlines()
    at = next(n for n, line in enumerate(lines) if n and line.split(",")[2])
    lines[at] = re.sub(r"^([^,]*,[^,]*),[^,]*", r"\1,77", lines[at])
    table.write_text("\n".join(lines) + "\n", "utf-8")
    before = (acme / "cycles/2026-10/record.jsonl").read_bytes()
    assert "nothing was written" in pressed("look") and "→ 77" in panel.answer.shown.value
    assert (acme / "cycles/2026-10/record.jsonl").read_bytes() == before
    assert "is corrected" in pressed("correct") and read_record(acme / "cycles/2026-10").deciding.kind == "corrected"
    assert "kpi " not in panel.answer.shown.value
    panel.turn(Words("zh", workbook), ["acme"], "2026-10")
    assert panel.buttons["correct"].description == "更正" and not panel.answer.shown.value


@pytest.mark.parametrize("ticked", [False, True])
def test_a_month_that_has_not_ended_is_closed_from_the_notebook_only_where_that_is_meant(acme, monkeypatch, ticked):
    monkeypatch.setenv("KPI_NOW", "2026-10-20T09:00:00Z")
    workbook = Workbook(acme.parent.parent)
    panel = Holding(workbook, lambda: None)
    panel.turn(Words("zh", workbook), ["acme"], "2026-10")
    panel.by.value, panel.early.value = "张", ticked
    panel.buttons["close"].click()
    assert ("勾选上面的方框" in panel.answer.shown.value) is not ticked and "--early" not in panel.answer.shown.value
    assert read_record(acme / "cycles/2026-10").state == ("closed" if ticked else "draft")


@pytest.mark.parametrize(("lost", "code", "said"), [("a line", 3, "record-broken"), ("all", 0, "record-gone")])
def test_a_record_that_was_damaged_or_lost_is_never_taken_for_an_open_month_in_silence(kpi, acme, lost, code, said):
    assert kpi("close", "acme", "2026-10", "--by", "Zhang")[0] == 0
    path = acme / "cycles/2026-10/record.jsonl"
    if lost == "all":
        path.unlink()
    else:
        path.write_text(altered(path.read_text("utf-8"), ('"by": "Zhang"', '"by": "Wang"')), "utf-8")
    found = kpi("check", "acme", "2026-10")
    assert found[0] == code and said in "".join(found[1:])
    for command in (
        ["score", "acme", "2026-10"],
        ["render", "acme", "2026-10", "--report", "team", "--format", "html"],
    ):
        done = kpi(*command)
        assert done[0] == code and ("warning" if code == 0 else said) in "".join(done[1:])
    table = acme.parent / "figures.csv"
    table.write_text("Name,Indicator,Actual\nAda,Content volume,7\n", "utf-8")
    if lost == "a line":
        assert "record-broken" in kpi("import", "acme", "actuals", str(table), "--cycle", "2026-10")[2]
        assert "cycles/2026-10/actuals.csv" not in monthly_in(acme)
    panel = Holding(Workbook(acme.parent.parent), lambda: None)
    panel.turn(Words("en", panel.workbook), ["acme"], "2026-10")
    assert ("no longer holds together" in panel.state.value) is (code == 3)
    assert (panel.buttons["close"].layout.display == "none") is (code == 3)
