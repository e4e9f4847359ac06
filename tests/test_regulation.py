"""The regulation that is printed to be signed says what the settings say: every number comes from its setting."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, altered

from kpi_toolkit.pages.report import report_of

ARTICLES = tomllib.loads((ROOT / "templates/regulation.toml").read_text("utf-8"))["articles"]
CLAUSES = [(article["id"], clause) for article in ARTICLES for clause in article["clauses"]]
NUMBERS = {
    "zh": r"\d|[零一二两三四五六七八九十百]+(个|份|天|次|日|月|年|人|档|分|级|周|旬|项|%)|第[一二三四五六七八九十]|上、中、下旬|半数|双倍",
    "en": r"\d|(?i:\b(two|three|four|five|six|seven|eight|nine|ten|twelve|hundred|once|twice|thrice|second|third|half|double)\b)",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_clause_says_a_number_that_is_not_a_setting(language):
    said = [(name, re.sub(r"\{\w+\}", "", clause[language])) for name, clause in CLAUSES]
    assert [(name, text) for name, text in said if re.search(NUMBERS[language], text)] == []


@pytest.fixture
def show(workbook):
    """Return a factory: change a client's settings and read a section of its design book."""

    def section(name="regulation", language="en", *, design=(), profile=()):
        for file, pairs in (("design.toml", design), ("client.toml", profile)):
            path = workbook.client_data / "home-goods" / file
            path.write_text(altered(path.read_text("utf-8"), *((old, new, 1) for old, new in pairs)), "utf-8")
        opened = report_of(workbook, "design", client="home-goods", language=language, cycle="2026-12")
        return " ".join(
            BeautifulSoup("".join(map(str, opened.section(name).pieces)), "html.parser").get_text(" ").split()
        )

    return section


FOUR = '[regulation]\ncopies = ["appraiser", "superior", "personnel", "appraised"]\n'
MANY = '[1, 7]\nday_mode = "workday"\ncounting = "exclusive"\nlevels = 4\nlevel_days = 1\npayout_days = 8\n'


def test_the_regulation_says_the_copies_and_the_days_of_this_client(show):
    text = show(design=[("[regulation]\n", FOUR)], profile=[("[1, 7]", MANY)])
    assert (
        "issued in 4 copies, for the appraiser; the direct superior; personnel and administration; the appraised person"
        in text
    )
    assert (
        "6 working days before its last working day, the company states its overall goal; "
        "5 working days before its last working day, goals of level 2 are stated; "
        "4 working days before its last working day, goals of level 3 are stated; "
        "3 working days before its last working day, superiors publish their goals; "
        "2 working days before its last working day, subordinates propose their goals; "
        "on its last working day, both sides discuss and agree them"
    ) in text
    assert "within 8 days of the end of appraisal" in text
    assert "or the last working day before each" in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "settings",
    [
        "[1, 7]",
        MANY,
        '[1, 5]\nday_mode = "workday"\n',
        '[2, 9]\ncounting = "exclusive"\nlevels = 3\nlevel_days = 2\n',
        "[1, 7]\nlevels = 3\n",
    ],
)
def test_regulation_and_calendar_name_the_same_days(kpi, workbook, show, language, settings):
    """Count the days of the regulation back from the month's end and find them in the calendar."""
    text = show(language=language, profile=[("[1, 7]", settings)])
    entries = json.loads(kpi("calendar", "home-goods", "2026-12", "--json")[1])["entries"]
    days = [entry["start"] for entry in entries if entry["kind"] in {"goals", "proposal", "fixed"}]
    if language == "zh":
        part = re.search(r"周期开始之前的那个月：(.*?)。", text)[1]
        places = [int(n) for n in re.findall(r"倒数第 (\d+) ", part)] + [1]
    else:
        part = re.search(r"In the month before a cycle begins: (.*?)\.", text)[1]
        places = [{"one": 1}.get(n, n) for n in re.findall(r"(\w+) (?:working )?days? before", part)]
        places = [int(n) + 1 for n in places] + [1]
    working = "workday" in settings
    off = {"2026-11-28", "2026-11-29", "2026-11-21", "2026-11-22"} if working else set()
    month = [day for day in (f"2026-11-{n:02d}" for n in range(1, 31)) if day not in off]
    assert [month[-place] for place in places] == days


def test_caps_sums_and_bounds_are_those_of_the_design(show):
    text = show(design=[("weight = 40", "weight = 40\ncap = 130"), ("max_plus = 5", "max_plus = 7")])
    assert "at most 100; by agreement" in text
    assert "130" in text
    assert "At most 7 points are added in a cycle. At most 10 points are deducted in a cycle." in text
    assert "weights sum to 100" in text


def test_what_the_design_states_is_printed_and_what_it_does_not_state_leaves_no_clause(show):
    text = show()
    assert "Reported work is spot-checked: Work logs and promotion reports (10%)." in text
    assert "What may follow" not in text
    assert "Exceptions" not in text
    more = (
        '[[regulation.exceptions]]\nperson = "liu-kai"\nwhat = "No weekly report"\nreason = "Launch"\nexpires = 2026-12-31\n\n'
        '[[regulation.consequences]]\naction = "award"\ngrounds = ["score"]\n\n[[regulation.spot_checks]]'
    )
    text = show(design=[("[[regulation.spot_checks]]", more), ("share = 10", "share = 25")])
    assert "(25%)" in text
    assert "liu-kai: No weekly report (reason: Launch; until 31 December 2026)" in text
    assert "an award (grounds: a score)" in text


def test_the_forms_say_which_columns_are_filled_in_first_by_their_layout(workbook, show):
    assert "Columns 1–3 are filled in at planning" in show("forms")
    own = workbook.root / "templates" / "forms" / "monthly.toml"
    own.parent.mkdir(parents=True)
    layout = (ROOT / "templates/forms/monthly.toml").read_text("utf-8")
    third = 'id = "planned"\nname = { zh = "计划得分", en = "Planned points" }\nphase = "plan"'
    own.write_text(altered(layout, (third, third.replace('"plan"', '"appraisal"'))), "utf-8")
    assert "Columns 1–2 are filled in at planning" in show("forms")


RULES = 'missing = { policy = "leave_out", least_weight = 65 }\n'
MISSING = 'missing = { policy = "leave_out", least_weight = 60 }\n'
TIERS = 'pool = "client"\nmin_group = 5\npass_line = 75\n'


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "Whoever has less than 65% of the weight reported has a score, but no rank and no tier",
                "In groups of 7 to 9 people tiers are advisory.", "Ties at a cut go to the lower tier",
                "Ties are first broken by the agreed order: result points.", "Ranked over each role",
                "The calibration meeting may move a person to another tier, each time with a reason",
                "15% of everyone's score is the mean of their team's own scores.",
            ],
        ),
        (
            "zh",
            [
                "已填报的权重不足 65% 的，有得分，不排名、不分档", "7 至 9 人的，档位仅供参考。", "分界处同分者归入较低一档",
                "同分先按约定的顺序区分：结果类得分。", "各岗位一起排名", "校准会议可以调整个人的档位：逐人写明理由",
                "每人得分的 15% 取自本团队各人得分的平均。",
            ],
        ),
    ],
)  # fmt: skip
def test_every_rule_in_force_stands_in_the_regulation(show, language, said):
    stated = 'pool = "role"\nmin_group = 7\ntie = "worse"\ntie_break = ["result"]\n'
    text = show(language=language, design=[(MISSING, RULES + "team_share = 15\n"), (TIERS, stated)])
    assert [line for line in said if line not in text] == []


@pytest.mark.parametrize(
    ("group", "said"),
    [(10, None), (12, None), (9, "In groups of 9 people tiers are advisory."), (3, "In groups of 3 to 9 ")],
)
def test_a_rule_that_is_not_in_force_has_no_clause(show, group, said):
    text = show(design=[(MISSING, 'missing = "zero"\n'), (TIERS, f"min_group = {group}\n")])
    assert said in text if said else "advisory" not in text
    for absent in ("reported has a score", "pass line", "agreed order", "is the mean of their team"):
        assert absent not in text


@pytest.mark.parametrize(
    ("language", "agreed", "said"),
    [
        ("en", "agreed = 2026-03-02\n", "in force from 2 March 2026."), ("zh", "agreed = 2026-03-02\n", "自2026年3月2日起施行。"),
        ("en", "", "in force from ____________."), ("zh", "", "自 年 月 日起施行。"),
    ],
)  # fmt: skip
def test_the_regulation_is_in_force_from_the_day_that_was_agreed_or_leaves_it_blank(show, language, agreed, said):
    assert said in show(language=language, design=[("agreed = 2026-09-28\n", agreed)])
