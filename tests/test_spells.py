"""Who was there for part of a cycle: it is said until it is decided, and the decision is worked out exactly."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal

import pytest
from conftest import ROOT, altered, called
from months import PEOPLE, actuals, lay_out
from openpyxl import load_workbook

from kpi_toolkit.batch.parcel import pack, unpack
from kpi_toolkit.clients.client import as_of, load_client, read_cycle
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.scenario import Scenario, fingerprint
from kpi_toolkit.pages.scenarios import nudges
from kpi_toolkit.pages.whatif_page import live_data
from kpi_toolkit.results.history import mean
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.scenarios import Basis, kept_targets
from kpi_toolkit.whatif.session import session_data


@pytest.fixture
def acme(tmp_path):
    folder = lay_out(tmp_path)
    people = PEOPLE.replace("manager,joined", "manager,joined,left").replace(
        "p2,Bo,editor,,,", "p2,Bo,editor,,,2026-10-16,"
    )
    people = people.replace("p3,Cy,editor,,,", "p3,Cy,editor,,,,2026-10-10")
    (folder / "people.csv").write_text(
        "\n".join(line + "," * (6 - line.count(",")) for line in people.split()), "utf-8"
    )
    return folder


@pytest.fixture
def kpi(acme, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *given: called(capsys, "--workbook", str(acme.parent.parent), "--lang", "en", *given)


def decided(acme, *rows):
    path = acme / "cycles/2026-10/spells.csv"
    path.write_text("\n".join(["person,role,from,to,kind,treat", *rows, ""]), "utf-8")


def scored(kpi):
    people = json.loads(kpi("score", "acme", "2026-10", "--json")[1])["people"]
    return {
        p["id"]: (p["score"], p["tier"], p["indicators"][0]["target"], p["indicators"][1]["target"]) for p in people
    }


def codes(kpi):
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    return sorted(
        row["code"] for row in found if "inside" in row["code"] or "spell" in row["code"] or "role-held" in row["code"]
    )


def test_a_plan_asks_for_targets_of_the_whole_cycle_and_the_score_takes_the_part(kpi, acme, tmp_path):
    """What stands on a plan is agreed, and made a part once: what was printed as a part came back as the whole."""
    decided(acme, "p2,,2026-10-16,,role,days")
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np2,articles,150\n", "utf-8")
    inbox, plan = (
        acme / "cycles/2026-10/inbox",
        ("forms", "acme", "2026-10", "--phase", "plan", "--json", "--person", "p2"),
    )
    inbox.mkdir()
    file = json.loads(kpi(*plan, "--to", str(tmp_path / "out"))[1])["files"][0]
    book = load_workbook(file["path"], rich_text=True)
    cell = next(one for one in file["cells"] if (one["indicator"], one["column"]) == ("articles", "target"))
    sheet = book[cell["sheet"]]
    assert sheet[cell["cell"]].value == 150
    assert "16/31" in str(sheet.cell(sheet[cell["cell"]].row, 1).value)
    for number, (value, state) in enumerate(((None, "unchanged"), (120, "accepted"))):
        if value:
            sheet[cell["cell"]] = value
        book.save(inbox / f"{number}.xlsx")
        found = json.loads(kpi("collect", "acme", "2026-10", "--json")[1])["files"][-1]
        assert (found["state"], found["questions"]) == (state, [])
    assert "p2,articles,120" in (acme / "cycles/2026-10/goals.csv").read_text("utf-8-sig")
    assert scored(kpi)["p2"][2] == 61.94  # 120 x 16/31
    shown = load_workbook(
        json.loads(kpi("forms", "acme", "2026-10", "--json", "--person", "p2")[1])["files"][0]["path"]
    )
    assert 61.94 in [each.value for row in shown.worksheets[0].iter_rows() for each in row]


def test_what_is_not_decided_is_said_until_it_is(kpi, acme):
    before = scored(kpi)
    assert codes(kpi) == ["joined-inside-cycle", "left-inside-cycle"]
    decided(acme, "p2,,2026-10-16,,role,as-is", "p3,,,2026-10-10,role,as-is")
    assert (codes(kpi), scored(kpi)) == ([], before)


@pytest.mark.parametrize(
    ("row", "target"),
    [
        ("p2,,2026-10-16,,role,days", 103.23),  # 200 x 16/31
        ("p2,,2026-10-16,,role,workdays", 122.22),  # 200 x 11/18: the National Day week is not worked
        ("p2,,2026-10-05,2026-10-11,leave,days", 154.84),  # 200 x 24/31
        ("p2,,,,role,days", 200),
    ],
)
def test_amounts_are_held_to_their_part_of_the_target_and_shares_are_not(kpi, acme, row, target):
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np1,articles,190\n", "utf-8")
    decided(acme, row)
    found = scored(kpi)
    assert (found["p2"][2:], found["p1"][2]) == ((target, 95), 190)


@pytest.mark.parametrize(
    ("zh", "en", "unit", "direction", "target"),
    [
        ("首次响应时间", "First response time", "minutes", "lower", 200),  # nobody answers faster in half a month
        ("核心词排名", "Core keyword rank", "places", "lower", 200),
        ("客单价", "Average order value", "CNY", "higher", 200),
        ("投放ROI", "Ads paid back", "元", "higher", 200),
        ("投放回报", "Ads paid back", "倍", "higher", 200),
        ("场均停留时长", "Time watched", "秒", "higher", 200),
        ("停机时间", "Downtime", "minutes", "lower", 154.84),
        ("培训时长", "Training given", "hours", "higher", 154.84),
        ("每月发帖", "Posts per month", "posts", "higher", 154.84),
    ],
)
def test_what_does_not_add_up_over_days_is_asked_for_whole(kpi, acme, zh, en, unit, direction, target):
    design = acme / "design.toml"
    design.write_text(
        altered(
            design.read_text("utf-8"),
            ('zh = "发帖数量", en = "Articles published"', f'zh = "{zh}", en = "{en}"'),
            ('{ zh = "篇", en = "articles" }', f'"{unit}"\ndirection = "{direction}"'),
        ),
        "utf-8",
    )
    decided(acme, "p2,,2026-10-05,2026-10-11,leave,days")
    assert scored(kpi)["p2"][2:] == (target, 95)


def test_a_day_of_two_leaves_is_missed_once(kpi, acme):
    decided(acme, "p2,,2026-10-05,2026-10-11,leave,days", "p2,,2026-10-09,2026-10-14,leave,days")
    assert scored(kpi)["p2"][2] == 135.48  # 200 x 21/31


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("p2,,2026-10-05,2026-10-31,leave,days",), True),
        (("p2,,2026-10-05,2026-10-31,leave,no-tier",), False),
        (("p2,,2026-10-05,2026-10-20,leave,days",), False),
    ],
)
def test_a_tier_for_a_few_days_is_asked_about(kpi, acme, rows, said):
    decided(acme, *rows)
    assert ("counts for 4 of 31 days" in kpi("check", "acme", "2026-10")[1]) is said


def test_whoever_is_meant_in_the_spells_is_offered_by_id_and_name(kpi, acme):
    decided(acme, "Boo,,2026-10-05,2026-10-11,leave,days")
    assert "Did you mean p2 (Bo)?" in kpi("check", "acme", "2026-10")[1]


def test_no_tier_is_a_score_without_a_place_and_the_pages_say_why(kpi, acme, make_page):
    decided(acme, "p2,,2026-10-16,,role,no-tier")
    score, tier, *_ = scored(kpi)["p2"]
    assert (score, tier) == (83.79, None)
    assert "not tiered this cycle" in kpi("score", "acme", "2026-10")[1]
    workbook = Workbook(acme.parent.parent)
    for kind, person, said in (
        ("team", None, "Bo is not tiered: was there for part of the period only."),
        ("person", "p2", "No tier in this cycle: was there for part of the period only."),
    ):
        html, _ = make_page(workbook, kind, "acme", language="en", person=person)
        assert said in " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_own_page_says_that_targets_are_those_of_the_days_there(kpi, acme, make_page):
    decided(acme, "p2,,2026-10-16,,role,days")
    said = {
        person: "targets of amounts are those of the days present"
        in make_page(Workbook(acme.parent.parent), "person", "acme", language="en", person=person)[0]
        for person in ("p2", "p1")
    }
    assert said == {"p2": True, "p1": False}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("p2,,2026-09-16,,role,days", "spell-outside-cycle"), ("p2,,2026-10-16,2026-10-15,role,days", "spell-outside-cycle"),
        ("p9,,,,role,days", "unknown-person"), ("p2,seo,,2026-10-15,role,days", "unknown-role"),
        ("p2,,16,,role,days", "bad-date"), ("p2,,,,role,half", "not-one-of"),
        ("p2,,2026-10-01,2026-10-31,leave,days", "away-all-cycle"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_decision_is_named(kpi, acme, row, code):
    decided(acme, row)
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert code in {issue["code"] for issue in found}


def test_a_value_that_is_none_of_a_column_is_answered_with_the_ids_and_in_chinese_the_words_that_are_read(kpi, acme):
    decided(acme, "p2,,,,role,按日")
    said = kpi("--lang", "zh", "check", "acme", "2026-10")[1]
    assert "“按日”不在可选值里：days（按天）、workdays（按工作日）、no-tier（不分档）和 as-is（照此执行）" in "".join(
        said.split("\n")
    )
    assert "is not one of days, workdays, no-tier and as-is" in " ".join(kpi("check", "acme", "2026-10")[1].split())


SEO = """
[roles.seo]
name = { zh = "搜索优化专员", en = "SEO specialist" }
[[roles.seo.indicators]]
id = "keywords"
name = { zh = "上首页关键词", en = "Keywords on page one" }
class = "workload"
unit = { zh = "个", en = "keywords" }
source = "rank tracker"
weight = 50
target = 60
[[roles.seo.indicators]]
id = "pass"
name = { zh = "审核通过率", en = "Pass rate" }
class = "reach"
source = "CMS"
weight = 50
target = 90
curve = "capped-ratio"
"""


@pytest.fixture
def seo(acme):
    """Bo (p2) was SEO specialist up to 15 October and is an editor since; 12 keywords stand under that."""
    with (acme / "design.toml").open("a", encoding="utf-8") as design:
        design.write(SEO)
    with (acme / "cycles/2026-10/actuals.csv").open("a", encoding="utf-8") as figures:
        figures.write("p2,keywords,12\n")
    return acme


def test_whoever_changed_role_is_scored_by_both_joined_by_their_days(kpi, seo):
    decided(seo, "p2,seo,,2026-10-15,role,days")
    own = next(p for p in json.loads(kpi("score", "acme", "2026-10", "--json")[1])["people"] if p["id"] == "p2")
    lines = {line["id"]: (line["weight"], line["target"]) for line in own["indicators"]}
    # 15 days of 31 as SEO, 16 as editor: 50 x 15/31, (50 x 15 + 40 x 16)/31, 60 x 16/31; the pass rate (90 x 15 + 95 x 16)/31
    assert lines == {"keywords": (24.19, 29.03), "pass": (44.84, 92.58), "articles": (30.97, 103.23)}
    # 12/29.03 x 24.19 + 85/92.58 x 44.84 + 100 x 30.97
    assert (own["score"], own["role"]) == (82.14, "seo-15+editor-16")
    assert "SEO specialist 15/31 + Network editor 16/31" in " ".join(kpi("score", "acme", "2026-10")[1].split())
    assert codes(kpi) == ["joined-inside-cycle", "left-inside-cycle"]  # of Bo, SEO before he came, and of Cy, who left
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0 and kpi("verify")[0] == 0
    decided(seo, "p2,seo,,2026-10-15,role,as-is")
    assert kpi("score", "acme", "2026-10")[0] == 3  # closed


@pytest.mark.parametrize(
    ("rows", "weights", "targets"),
    [
        # 8 and 10 of 18 working days: the National Day week is not worked
        (("p2,seo,,2026-10-20,role,workdays",), (27.78, 45.55, 26.67), (33.33, 92.22, 88.89)),
        # targets stay whole; the shared line is held to the mean of both
        (("p2,seo,,2026-10-15,role,as-is",), (24.19, 44.84, 30.97), (60, 92.58, 200)),
        # ten days away as an editor: 15 and 6 days count
        (("p2,seo,,2026-10-15,role,days", "p2,,2026-10-20,2026-10-29,leave,days"), (35.72, 47.14, 17.14), (29.03, 91.43, 38.71)),
    ],
)  # fmt: skip
def test_working_days_leave_and_whole_targets_in_a_joined_form(kpi, seo, rows, weights, targets):
    decided(seo, *rows)
    own = next(p for p in json.loads(kpi("score", "acme", "2026-10", "--json")[1])["people"] if p["id"] == "p2")
    found = own["indicators"]
    assert tuple(line["weight"] for line in found) == weights and sum(weights) == pytest.approx(100)
    assert tuple(line["target"] for line in found) == targets


def test_on_a_form_the_lines_of_a_role_that_was_left_run_until_that_day(kpi, seo, tmp_path):
    decided(seo, "p2,seo,,2026-10-15,role,days")
    sent = {}
    for who in ("p2", "p3", "p1"):
        out = kpi(
            "forms", "acme", "2026-10", "--person", who, "--to", str(tmp_path / "out"), "--language", "en", "--json"
        )[1]
        path = next(file["path"] for file in json.loads(out)["files"] if file["copy"] == "appraiser")
        sheet = load_workbook(path).worksheets[0]
        texts = [str(cell.value) for row in sheet.iter_rows(max_col=1) for cell in row]
        sent[who] = [found[1] for text in texts if (found := re.search(r"\n.*?by (\d+) October", text))]
    # as SEO; held by both; as an editor · left on 10 October · there all month
    assert sent == {"p2": ["15", "31", "31"], "p3": ["10", "10"], "p1": ["31", "31"]}


def test_roles_that_make_no_form_together_are_refused_and_the_remedies_pass(kpi, seo):
    decided(seo, "p2,seo,,2026-10-15,role,days", "p2,,2026-10-15,,role,days")
    assert "roles-overlap" in kpi("check", "acme", "2026-10", "--json")[1]
    text = (seo / "design.toml").read_text("utf-8")
    (seo / "design.toml").write_text(text.replace("[roles.seo]", '[roles.seo]\nmethod = "workload"'), "utf-8")
    decided(seo, "p2,seo,,2026-10-15,role,days")
    assert "roles-not-joined" in kpi("check", "acme", "2026-10", "--json")[1]
    decided(seo, "p2,,2026-10-16,,role,days")
    assert "roles-not-joined" not in kpi("check", "acme", "2026-10", "--json")[1]


def test_roles_of_other_methods_make_one_form_where_every_line_counts_in_its_own(kpi, seo):
    text = (seo / "design.toml").read_text("utf-8")
    assert text.count('class = "reach"') == 2
    only_work = text.replace("[roles.seo]", '[roles.seo]\nmethod = "workload"').replace('"reach"', '"quality"')
    (seo / "design.toml").write_text(only_work, "utf-8")
    decided(seo, "p2,seo,,2026-10-15,role,days")
    own = next(p for p in json.loads(kpi("score", "acme", "2026-10", "--json")[1])["people"] if p["id"] == "p2")
    assert (own["score"], own["role"]) == (82.14, "seo-15+editor-16")


def test_days_of_which_nothing_is_said_are_told_until_something_is(kpi, seo):
    def told():
        return "away-untold" in kpi("check", "acme", "2026-10", "--json")[1]

    decided(seo, "p1,,,2026-10-13,,days")  # a blank kind is a role; Wang was there all month
    assert told()
    shown = " ".join(kpi("check", "acme", "2026-10")[1].split())
    assert "answers for 13 of 31 days" in shown and "(14 October 2026 to 31 October 2026)" in shown
    for rows in (
        ("p1,,,,,as-is",), ("p1,,,2026-10-13,,days", "p1,,2026-10-14,,leave,days"),
        ("p1,seo,2026-10-14,,,days", "p1,,,2026-10-13,,days"), ("p2,,2026-10-16,,,days",), ("p3,,,2026-10-10,,days",),
    ):  # fmt: skip
        decided(seo, *rows)
        assert not told(), rows
    people = seo / "people.csv"
    people.write_text(
        people.read_text("utf-8").replace("p1,王建国,editor,,,,", "p1,王建国,editor,,,,2026-10-13"), "utf-8"
    )
    decided(seo, "p1,,,2026-10-13,,days")
    assert not told()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("p2,,2026-10-20,2026-10-21,leave,days", True),  # two days off say nothing of the fifteen before
        ("p2,,,,,days", True), ("p2,,2026-10-10,,,workdays", True), ("p2,,2026-10-16,,,days", False),
        ("p2,,2026-10-20,,,days", False), ("p2,,,2026-10-15,leave,days", False), ("p2,,,,,as-is", False),
        ("p2,,2026-10-20,2026-10-21,leave,no-tier", False), ("p3,,,2026-10-10,,days", True),
    ],
)  # fmt: skip
def test_days_before_somebody_came_are_decided_about_or_told(kpi, acme, row, told):
    decided(acme, row)
    assert ("joined-inside-cycle" in codes(kpi)) is told


def test_a_day_off_does_not_decide_about_the_days_after_somebody_went(kpi, acme):
    for row, told in (("p3,,2026-10-05,2026-10-06,leave,days", True), ("p3,,,2026-10-10,,days", False)):
        decided(acme, row)
        assert ("left-inside-cycle" in codes(kpi)) is told


def test_another_role_than_the_month_before_is_asked_about_until_it_is_decided(kpi, seo):
    (seo / "cycles/2026-09/people.csv").write_text(PEOPLE.replace("p2,Bo,editor", "p2,Bo,seo"), "utf-8")

    def asked():
        found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
        return [row for row in found if row["code"] == "role-changed"]

    (finding,) = asked()
    assert (
        "Bo" in finding["message"]
        and "SEO specialist" in finding["message"]
        and "person p2, role seo" in finding["fix"]
    )
    assert finding["severity"] == "error"  # 12 keywords are no editor's
    code, _, err = kpi("score", "acme", "2026-10")
    assert code == 3 and "unknown-indicator" not in err and "role-changed" in err
    decided(seo, "p2,seo,,2026-10-15,role,days")
    assert asked() == [] and kpi("score", "acme", "2026-10")[0] == 0
    (seo / "cycles/2026-10/spells.csv").unlink()
    (seo / "cycles/2026-10/actuals.csv").write_text(actuals(), "utf-8")
    assert asked()[0]["severity"] == "warning"
    decided(seo, "p2,,,,role,as-is")
    assert asked() == []


def test_what_if_and_the_design_know_a_joined_form_and_it_is_none_of_the_designs(seo, kpi):
    decided(seo, "p2,seo,,2026-10-15,role,days")
    today = load_client(seo)
    then = as_of(today, "2026-10")
    assert fingerprint(then.design) == fingerprint(today.design) and then.design.as_agreed == today.design
    session = session_data(Basis(design=then.design, tables=read_cycle(then, "2026-10")), "acme", "2026-10")
    assert {person.id: person.agreed[0] for person in session.people}["p2"] == 8214
    assert [role["id"] for role in session.roles if role["joined"]] == [session.roles[-1]["id"]]
    summary = summarize_cycle(today, "2026-10")
    assert summary.confidence.in_part["joined"] == ("p2",)
    assert all("+" not in move.role for move in [summary.confidence.tipping] if move)
    assert all("+" not in role.name.en for role, _ in nudges(summary).roles)
    data = live_data(summary, Workbook(seo.parent.parent), {})
    assert any("two roles" in note for note in data["notes"]["en"])


def test_findings_of_a_joined_form_name_only_what_stands_in_a_file(seo, kpi):
    decided(seo, "p2,seo,,2026-10-02,role,days")  # 3.23 of 100 points
    design = seo / "design.toml"
    for target, code in (("60", ""), ("", "no-target")):
        design.write_text(
            altered(design.read_text("utf-8"), ("target = 60\n", target and f"target = {target}\n")), "utf-8"
        )
        found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
        assert (code in {row["code"] for row in found}) == bool(code)
        assert not [row for row in found if "+" in row["where"] or row["code"] == "tiny-weight"]


def test_a_part_of_the_designs_target_moves_with_it_and_an_agreed_one_does_not(acme, kpi):
    """Adopting moves the design's target, and with it the part that is asked of whoever was there for some days."""
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np1,articles,190\np2,articles,\n", "utf-8")
    decided(acme, "p2,,2026-10-16,,role,days")
    client = load_client(acme)
    summary = summarize_cycle(client, "2026-10")
    design = summary.design
    moved = Scenario(
        name="more", client="acme", cycle="2026-10", design_version=design.version, design=fingerprint(design),
        targets={"editor": {"articles": Decimal(110)}},
    )  # fmt: skip
    assert [kept.person for kept in kept_targets(summary.basis.tables, moved)] == ["p1"]
    session = session_data(summary.basis, "acme", "2026-10")
    own = {item["id"]: item["own_targets"] for item in session.roles[0]["items"]}
    assert len(own) > 1 and own == dict.fromkeys(own, 0) | {"articles": 1}
    assert summary.confidence.in_part == {"apart": (), "joined": (), "days": ("p2",)}


def test_nobody_waits_for_figures_of_whoever_gets_no_tier_for_a_leave(acme, kpi):
    decided(acme, "p2,,,,leave,no-tier")
    (acme / "cycles/2026-10/actuals.csv").write_text("".join(line for line in actuals().splitlines(True) if not line.startswith("p2,")), "utf-8")  # fmt: skip
    found = summarize_cycle(load_client(acme), "2026-10")
    assert found.confidence.in_part["apart"] == ("p2",)
    assert "p2" not in (*found.confidence.pending, *found.confidence.people)


def test_a_closed_month_has_one_mean_on_its_own_pages_and_on_those_of_the_next_wherever_these_are_made(
    kpi, acme, tmp_path
):
    decided(acme, "p2,,2026-10-16,,role,no-tier")
    own = summarize_cycle(load_client(acme), "2026-10").mean
    assert kpi("close", "acme", "2026-10", "--by", "Ann")[0] == 0
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    rows = "".join(row for row in actuals().splitlines(True) if not row.startswith("p3,"))  # who has left
    (acme / "cycles/2026-11/actuals.csv").write_text(rows, "utf-8")
    away = unpack(pack(Workbook(acme.parents[1]), "acme"), tmp_path / "away")
    for folder in (acme, away.client_folder("acme")):
        (past,) = summarize_cycle(load_client(folder), "2026-11").history
        assert past.mean == own != mean([*past.scores.values()])
    (away.client_folder("acme") / "cycles/2026-10/deliveries/1/inputs/people.csv").unlink()
    assert (
        summarize_cycle(load_client(away.client_folder("acme")), "2026-11").history == ()
    )  # and it is told as left out


def test_whoever_left_before_a_month_is_not_in_it(kpi, acme):
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0  # Cy left on 10 October
    month = acme / "cycles/2026-11"
    assert not any("p3" in (month / name).read_text("utf-8") for name in ("people.csv", "goals.csv", "actuals.csv"))
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 2  # and the roster is no other for that
    shutil.copy(acme / "people.csv", month / "people.csv")
    assert "left-before-cycle" in kpi("check", "acme", "2026-11", "--json")[1]


def test_the_next_month_gets_the_agreed_target_never_the_part_of_it(kpi, acme):
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np2,articles,180\n", "utf-8")
    decided(acme, "p2,,2026-10-16,,role,days")
    assert scored(kpi)["p2"][2] == 92.9  # 180 x 16/31
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    assert "p2,articles,180," in (acme / "cycles/2026-11/goals.csv").read_text("utf-8")
    assert "p2,pass,," in (acme / "cycles/2026-11/goals.csv").read_text("utf-8")


def test_new_again_adds_the_rows_that_a_second_role_asks_for(kpi, seo):
    (seo / "cycles/2026-10/actuals.csv").write_text(actuals(), "utf-8")
    assert kpi("new", "acme", "--cycle", "2026-10")[0] == 2
    decided(seo, "p2,seo,,2026-10-15,role,days")
    assert kpi("new", "acme", "--cycle", "2026-10")[0] == 0
    assert "p2,keywords," in (seo / "cycles/2026-10/actuals.csv").read_text("utf-8")
    assert kpi("new", "acme", "--cycle", "2026-10")[0] == 2


def test_a_closed_month_keeps_its_working_days_whatever_a_later_calendar_says(kpi, acme, monkeypatch):
    from kpi_toolkit.clients import frozen

    decided(acme, "p2,,2026-10-16,,role,workdays")
    before = scored(kpi)
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    assert (acme / "cycles/2026-10/workdays.csv").read_text("utf-8").count("2026-10-") == 18
    monkeypatch.setattr(frozen, "work_days_of", lambda *_: pytest.fail("the calendar of today was asked"))
    assert scored(kpi) == before and kpi("verify")[0] == 0
    assert kpi("check", "acme", "2026-10")[0] in {0, 3} and "workdays.csv" not in kpi("check", "acme", "2026-10")[1]


def test_a_closed_month_keeps_which_targets_were_asked_for_in_part_whatever_is_known_of_names_later(kpi, acme):
    decided(acme, "p2,,2026-10-16,,role,days")
    before = scored(kpi)
    assert kpi("close", "acme", "2026-10", "--by", "Fiona")[0] == 0
    assert (acme / "cycles/2026-10/amounts.csv").read_text("utf-8").split() == ["role,indicator", "editor,articles"]
    wording = acme.parent.parent / "templates/wording.toml"
    wording.parent.mkdir(exist_ok=True)
    shipped = (ROOT / "templates/wording.toml").read_text("utf-8")
    wording.write_text(altered(shipped, ("levels = [\n", 'levels = [\n    "发帖数量",\n')), "utf-8")
    assert scored(kpi) == before and kpi("verify")[0] == 0


@pytest.mark.parametrize(
    ("name", "said", "target"),
    [
        ("单个询盘成本", "", 200), ("CPA", "", 200), ("获客成本", "", 200), ("订单次数", "", 103.23),
        ("单个询盘成本", "prorated = true\n", 103.23), ("发帖数量", "prorated = false\n", 200),
    ],
)  # fmt: skip
def test_what_one_thing_costs_is_not_asked_for_in_part_and_the_design_can_say_otherwise(kpi, acme, name, said, target):
    design = acme / "design.toml"
    text = altered(design.read_text("utf-8"), ('zh = "发帖数量", en = "Articles published"', f'zh = "{name}"'),
                   ("target = 200\n", f"target = 200\n{said}"))  # fmt: skip
    design.write_text(text, "utf-8")
    decided(acme, "p2,,2026-10-16,,role,days")
    assert scored(kpi)["p2"][2] == target
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    told = [row for row in found if row["code"].startswith("targets-")]
    assert [row["code"] for row in told] == ["targets-all-whole" if target == 200 else "targets-in-part"]
    assert ("200 → 103.23" in told[0]["message"]) == (target != 200) and "Pass rate" in told[0]["message"]


@pytest.mark.parametrize("partly", [True, False])
def test_a_target_is_not_held_against_a_month_that_somebody_was_there_for_in_part(kpi, acme, partly):
    (acme / "cycles/2026-09/actuals.csv").write_text(actuals(p4=(50, 88)), "utf-8")
    (acme / "cycles/2026-10/goals.csv").write_text(
        "person,indicator,target,text\np4,articles,120,write 120 good articles\n", "utf-8"
    )
    if partly:
        rows = "person,role,from,to,kind,treat\np4,,2026-09-21,,role,days\n"
        (acme / "cycles/2026-09/spells.csv").write_text(rows, "utf-8")
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert ("not-reachable" in {issue["code"] for issue in found}) is not partly


def test_figures_of_both_roles_of_a_month_are_imported_for_whoever_held_two(kpi, seo, tmp_path):
    decided(seo, "p2,seo,,2026-10-15,role,days")
    sheet = tmp_path / "figures.csv"
    sheet.write_text("Name,Indicator,Actual\nBo,Articles,77\nBo,Keywords,9\n", "utf-8")
    code, out, err = kpi("import", "acme", "actuals", str(sheet), "--cycle", "2026-10", "--json")
    found = json.loads(out)
    assert (code, found["questions"]) == (0, []), err
    assert [(row["person"], row["indicator"], row["actual"]) for row in found["rows"]] == [
        ("p2", "articles", "77"), ("p2", "keywords", "9"),
    ]  # fmt: skip


def test_a_date_that_cannot_be_read_makes_no_error_of_somebody_else(kpi, seo):
    decided(seo, "p2,seo,,2026-10-15,role,days", "p3,,16/10/2026,,leave,days")
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert "bad-date" in {issue["code"] for issue in found}
    assert not [issue for issue in found if "+" in issue["message"]]
