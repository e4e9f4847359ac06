"""Numbers, dates and lists as a reader of each language expects them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, error, hint
from kpi_toolkit.pages.words import Words

ZH, EN = (Words(language, Workbook(Path())) for language in ("zh", "en"))


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (1234567, {}, "1,234,567"), (Decimal("99.0"), {}, "99"), (Decimal("0.5"), {}, "0.5"), (Decimal("-2"), {"places": 2}, "−2.00"),
        (Decimal("2"), {"sign": True}, "+2"), (Decimal("-0.001"), {"places": 2}, "0.00"), (None, {}, "–"), (Decimal("1E+3"), {}, "1,000"),
    ],
)  # fmt: skip
def test_numbers(value, options, text):
    assert ZH.number(value, **options) == EN.number(value, **options) == text


def test_of_more_than_twenty_things_the_first_ten_are_named():
    things = [f"P{number}" for number in range(21)]
    assert EN.few("people", things[:20]) == things[:20]
    assert EN.few("people", things) == "P0, P1, P2, P3, P4, P5, P6, P7, P8, P9 and 11 more"
    assert EN.few("rows", ", ".join(things)) == EN.few("people", things)


@pytest.mark.parametrize(
    ("cycle", "zh", "en"),
    [
        ("2026-10", "2026年10月", "October 2026"),
        ("2026-Q4", "2026年第4季度", "4th quarter 2026"),
        ("2026", "2026年", "2026"),
    ],
)
def test_cycles_are_said_as_people_say_them(cycle, zh, en):
    assert (ZH.cycle(Cycle.parse(cycle)), EN.cycle(Cycle.parse(cycle))) == (zh, en)


def test_dates_lists_and_plurals():
    assert ZH.day(date(2026, 10, 31)) == "2026年10月31日"
    assert EN.day(date(2026, 10, 31)) == "31 October 2026"
    assert (ZH.join(["甲", "乙", "丙"]), EN.join(["a", "b", "c"])) == ("甲、乙和丙", "a, b and c")
    assert EN("headline.top", n=1) == "One person is in the top tier"
    assert EN("headline.top", n=3) == "3 people are in the top tier"
    assert ZH("headline.top", n=1) == "1 人进入前段"


def test_a_key_that_is_not_there_is_never_blank():
    with pytest.raises(KeyError, match=r"no words for 'tier\.tpo'"):
        EN("tier.tpo")


def test_a_consultant_changes_a_word_in_a_text_file(tmp_path):
    own = tmp_path / "templates/words/en.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[tier]\ntop = "Leading {firm}"\nmiddle = "Core"\n', "utf-8")
    words = Words("en", Workbook(tmp_path))
    assert (words("tier.middle"), words("tier.bottom")) == ("Core", "Bottom")
    with pytest.raises(WorkbookError, match="ask for firm"):
        words("tier.top")
    own.write_text("[tier]\ntop = Leading", "utf-8")
    with pytest.raises(WorkbookError, match=r"words/en\.toml"):
        Words("en", Workbook(tmp_path))("tier.top")


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "26-10", "2026-1", "2026-10-01", ""])
def test_a_cycle_that_is_none_is_refused_with_the_right_form(text):
    with pytest.raises(ValueError, match=r"one of these: 2026-10, 2026-Q4, 2026$"):
        Cycle.parse(text)


@pytest.mark.parametrize(("cycle", "before", "last"), [("2026-01", "2025-12", "2026-01-31"), ("2026-Q1", "2025-Q4", "2026-03-31"), ("2026", "2025", "2026-12-31"), ("2028-02", "2028-01", "2028-02-29")])  # fmt: skip
def test_cycles_know_their_days_and_the_one_before(cycle, before, last):
    period = Cycle.parse(cycle)
    assert (period.id, period.previous.id, period.last_day.isoformat()) == (cycle, before, last)


@pytest.mark.parametrize(
    ("key", "values", "said"),
    [
        ("report.for_person", {"person": "Maximiliane"}, "仅供 Maximiliane 本人及其直接上级使用"),
        ("report.for_person", {"person": "李㛃"}, "仅供李㛃本人及其直接上级使用"),
        ("note.no_score", {"person": "Person 4"}, "Person 4 没有得分，不参与分档。"),
        ("ranking.unscored", {"people": ["p01", "p02"]}, "没有得分：p01 和 p02。"),
        ("ranking.unscored", {"people": ["李㛃", "Zoë", "张伟"]}, "没有得分：李㛃、Zoë 和张伟。"),
        ("ranking.unscored", {"people": ["Zoë", "Zoë（一组）"]}, "没有得分：Zoë 和 Zoë（一组）。"),
        ("whatif.more_of", {}, "目标与封顶"), ("whatif.weight_of", {"indicator": "SEO"}, "SEO 的权重"),
        ("did_you_mean", {"word": "design"}, "是不是想写 design？"), ("growth.best", {"name": "“SEO”", "score": 90}, "最接近的是“SEO”（90 分）。"),
    ],
)  # fmt: skip
def test_in_chinese_a_blank_parts_a_latin_name_from_the_han_beside_it(key, values, said):
    assert ZH(key, **values) == said


@pytest.mark.parametrize(
    ("key", "values", "said"),
    [
        ("regulation.note", {"version": 2, "day": date(2026, 10, 1)}, "依据考核方案第 2 版拟定，自2026年10月1日起施行。"),
        ("regulation.article", {"n": 21}, "第21条"), ("regulation.article", {"n": "二十"}, "第二十条"),
        ("ranking.unscored", {"people": ["12", "13"]}, "没有得分：12和13。"),
    ],
)  # fmt: skip
def test_numbers_and_dates_stand_in_chinese_as_they_are(key, values, said):
    assert ZH(key, **values) == said


def test_in_english_nothing_is_put_between():
    assert EN("ranking.unscored", people=["李㛃", "p02"]) == "Without a score: 李㛃 and p02."


def test_a_list_of_names_has_the_marks_of_its_language():
    issue = error("unknown-role", Place("people.csv"), role="x", nearest="", known="web-art, seo")
    assert EN.remedy(issue) == "Write one of the design's roles, by its id or its name: web-art, seo."
    assert ZH.remedy(issue) == "写方案里的一个岗位，编号或名称都可以：web-art、seo。"
    hidden = error("hidden-rows", Place("people.csv"), rows="2, 4–6")
    assert ZH.message(hidden) == "表格里有隐藏的行：2、4–6。"


@pytest.mark.parametrize("words", [ZH, EN])
def test_a_sentence_that_points_to_a_section_calls_it_by_its_title(words):
    """What Chinese puts in quotation marks after 见, English after ``see`` in capitals, is a title of a section."""
    titles = {words(f"{section}.title") for section in ("notes", "agenda")}
    pointing = [words.section(section)[key] for section, key in (("headline", "missing"), ("note", "calibrated"))]
    said = [line["other"] if isinstance(line, dict) else line for line in pointing]
    named = {name for line in said for name in re.findall(r"见“([^”]+)”|see ([A-Z]\w+)", line) for name in name if name}
    assert named <= titles
    assert named


@pytest.mark.parametrize(("key", "more"), [
    ("cover.design", {"version": 1}), ("cut.sentence_small", {"min_group": 5}), ("whatif.small_pool", {"least": 5}),
    ("note.guidelines_conflict", {}), ("whatif.quotas", {"top": 0, "middle": 1, "bottom": 0}), ("uses.stage_of", {}),
])  # fmt: skip
def test_one_person_is_never_one_people(key, more):
    assert "one person" in EN(key, n=1, **more).lower()
    assert "2 people" in EN(key, n=2, **more)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        ("48000", "£", "£48,000"), ("6.5", "£", "£6.50"), ("4.2", "£ per visit", "£4.20 per visit"), ("-3", "€", "−€3"),
        ("3.0", "£", "£3"), ("1.234", "$", "$1.234"), ("18", "%", "18%"), ("1200", "visits", "1,200 visits"),
        ("9", "CNY", "CN¥9"), ("18000.5", "GBP", "£18,000.50"), ("9", "ROI", "9 ROI"), ("5", "", "5"),
        ("1", "minutes", "1 minute"), ("-1", "inquiries per day", "−1 inquiry per day"), ("1.5", "minutes", "1.5 minutes"),
        ("1", "boxes", "1 box"), ("1", "branches", "1 branch"), ("1", "bus", "1 bus"), ("1", "class", "1 class"),
        ("1", "articles", "1 article"), ("1", "places", "1 place"), ("1", "hours", "1 hour"), ("1", "hrs", "1 hrs"),
    ],
)  # fmt: skip
def test_an_amount_stands_with_its_unit_as_people_write_it(examples, value, unit, said):
    assert Words("en", examples).amount(Decimal(value), unit) == said


def test_a_part_of_a_goal_is_rounded_to_cents_and_not_to_whole_numbers(examples):
    assert Words("en", examples).amount(Fraction(100, 3), "£") == "£33.33"
    assert Words("en", examples).amount(Fraction(1, 2), "visits") == "0.5 visits"
    assert Words("en", examples).amount(None, "£") == "–"


def test_a_finding_names_the_first_of_very_many_and_how_many_there_are():
    def said(words, n, value=lambda names: names):
        names = value([f"N{number}" for number in range(1, n + 1)])
        return words.message(hint("no-figures-yet", Place("actuals.csv"), people=names, client="acme"))

    assert "N19 and N20" in said(EN, 20)
    assert "N9, N10 and 2,990 more" in said(EN, 3000)
    assert "N9、N10 等共 3,000 个" in said(ZH, 3000)
    assert "N11" not in said(EN, 21) + said(ZH, 21)
    unknown = Issue(
        "unknown-scenario", "error", values={"name": "x", "nearest": "", "known": ", ".join("abcdefghijklmnopqrstuvw")}
    )
    assert "i, j and 13 more" in EN.remedy(unknown) + EN.message(unknown)


def test_a_list_of_what_has_an_and_of_its_own_is_parted_by_semicolons():
    zh, en = (Words(language, Workbook(Path())) for language in ("zh", "en"))
    assert (zh.join(["甲", "乙", "丙"]), en.join(["a", "b"])) == ("甲、乙和丙", "a and b")
    assert zh.join(["目标填齐", "考核面谈和双方签字"]) == "目标填齐；考核面谈和双方签字"
    assert en.join(["targets agreed and signed", "talk held"]) == "targets agreed and signed; talk held"
