"""What stands beside the figures and says otherwise is told: page headers, titles, names, standards, reasons, notes.

Figures that are last month's with a small change are told, too; right ones of all these kinds never are.
"""

from __future__ import annotations

import json
import random

import pytest
from openpyxl.comments import Comment
from test_silence import DESIGN, GOOD, ROWS, acme, codes, excel, in_excel, kpi, now

acme, kpi = acme, kpi  # noqa: PLW0127 - fixtures that are shared


def messages(kpi, lang="en"):
    _, out, _ = kpi("check", "acme", "2026-10", "--json", lang=lang)
    return {row["code"]: row["message"] for row in json.loads(out)["issues"]}


def header(text):
    def change(sheet):
        sheet.oddHeader.center.text = text

    return change


def footer(text):
    def change(sheet):
        sheet.oddFooter.right.text = text

    return change


def titled(text, part="title"):
    def change(sheet):
        setattr(sheet.parent.properties, part, text)

    return change


def comment(text):
    def change(sheet):
        sheet["C2"].comment = Comment(text, "Li")

    return change


# --- around a sheet --------------------------------------------------------------------------------------------------

OF_ANOTHER = {
    "a header": header("Results of September 2026"), "a footer": footer("9月业绩 第 &P 页"), "a name of a month": footer("Figures of June"), "a name before figures": header("April results"),
    "a header with fonts": header('&"Arial,Bold"&14&KFF0000August 2026'), "a title": titled("KPI 2026-09"),
    "a subject": titled("八月绩效", "subject"), "a comment": comment("Li:\nSeptember figures"),
}  # fmt: skip


@pytest.mark.parametrize("change", OF_ANOTHER.values(), ids=OF_ANOTHER)
def test_another_month_around_the_cells_is_told_and_travels_to_the_score(kpi, acme, change):
    in_excel(acme, excel(ROWS, change))
    assert codes(kpi) == (0, ["other-month"])
    assert "2026-10" in messages(kpi, "zh")["other-month"]
    assert "1 warning" in "".join(kpi("score", "acme")[1:])


RIGHT_AROUND = {
    "this month": header("Results of October 2026"), "no month": header("Acme · Confidential · page &P of &N"),
    "printed on a day after it": footer("Printed 2026-11-03"), "how old the form is": footer("Form KPI-03, rev. 2025-03"),
    "since when it is used": footer("2025年3月修订"), "a version of this month": header("10月业绩（2026年3月版）"),
    "a title without a month": titled("KPI Template"), "a comment of this month": comment("October figures"),
    "a comment that speaks of another": comment("more than in September"),
}  # fmt: skip


@pytest.mark.parametrize("change", RIGHT_AROUND.values(), ids=RIGHT_AROUND)
def test_what_stands_around_the_cells_is_not_asked_about_where_it_fits(kpi, acme, change):
    in_excel(acme, excel(ROWS, change))
    assert codes(kpi) == (0, [])


@pytest.mark.parametrize(("change", "told"), [(header("Targets of September"), True), (titled("9月目标"), True),
                                              (header("October targets"), False), (header("Plan"), False)])  # fmt: skip
def test_targets_under_another_months_title_are_told(kpi, acme, change, told):
    rows = [
        ["person", "indicator", "target"],
        ["p1", "articles", 210],
        ["p2", "articles", 210],
        ["p3", "articles", 210],
    ]
    (acme / "cycles/2026-10/goals.xlsx").write_bytes(excel(rows, change))
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert [i["where"].endswith("goals.xlsx") for i in found if i["code"] == "other-month"] == ([True] if told else [])


# --- an indicator against its own words --------------------------------------------------------------------------------

NAMED = {
    "minutes for hours": ("Handling time (hours)", "minutes", "hours"), "ten thousands": ("销售额（万元）", "元", "万元"),
    "the other way": ("销售额（元）", "万元", "元"), "points for per cent": ("满意度（分）", "%", "分"),
    "another money": ("Cost per lead (USD)", "CNY", "USD"), "thousands": ("Reach (k)", "people", "k"),
    "behind a comma": ("Working time, hours", "days", "hours"), "seconds": ("响应时间（秒）", "分钟", "秒"),
}  # fmt: skip


def with_indicator(acme, name, unit, more=""):
    text = DESIGN.replace('name = { zh = "发帖数量", en = "Articles published" }', f'name = "{name}"')
    text = text.replace('unit = { zh = "篇", en = "articles" }', f'unit = "{unit}"\n{more}')
    (acme / "design.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(("name", "unit", "said"), NAMED.values(), ids=NAMED)
def test_a_unit_in_a_name_that_is_not_the_units_is_told(kpi, acme, name, unit, said):
    with_indicator(acme, name, unit)
    assert f" {said} " in messages(kpi)["unit-by-name"]
    assert f"“{said}”" in messages(kpi, "zh")["unit-by-name"]


@pytest.mark.parametrize(("name", "unit"), [
    ("Working time (hours)", "h"), ("销售额（万元）", "万元"), ("新增粉丝（人）", "个"), ("发布数（抖音）", "条"), ("平均时长（分）", "分钟"),
    ("Posts (videos)", "posts"), ("Reach (millions)", "millions"), ("处理时长（天）", "工作日"), ("Sales (GBP)", "£"),
    ("Score (1-5)", "points"), ("Orders in the shop", "orders"), ("成本（元/条）", "元"),
])  # fmt: skip
def test_a_name_that_says_its_unit_or_no_unit_is_left_alone(kpi, acme, name, unit):
    with_indicator(acme, name, unit)
    assert "unit-by-name" not in messages(kpi)


@pytest.mark.parametrize(("unit", "standard", "told"), [
    ("articles", "At least 250 articles, reviewed", True), ("篇", "每月不少于150篇", True), ("篇", "不少于200篇", False),
    ("articles", "200 articles, of which at least 50 articles on video", False), ("篇", "每周不少于45篇", False),
    ("articles", "At least 180 articles pass, 200 articles or more is full", False),
    ("articles", "Each of at least 800 words", False), ("%", "≥ 95% of all", True), ("%", "错误率不超过 3%", False),
    ("篇", "当月合计，150篇以上", True), ("篇", "全部审核通过", False), ("articles", "1,000 articles or more", True),
])  # fmt: skip
def test_a_standard_that_asks_for_another_number_than_the_target_is_told(kpi, acme, unit, standard, told):
    with_indicator(acme, "Published", unit, f'standard = "{standard}"')
    assert ("standard-number" in messages(kpi)) is told
    assert ("standard-number" in messages(kpi, "zh")) is told


@pytest.mark.parametrize(("more", "told"), [("", True), ('unit = "%"', False), ('basis = "raters"', False)])
def test_an_amount_that_is_in_per_cent_only_for_want_of_a_unit_is_told(kpi, acme, more, told):
    text = DESIGN.replace('unit = { zh = "篇", en = "articles" }', more)
    (acme / "design.toml").write_text(text, "utf-8")
    said = messages(kpi)
    assert ("unit-unsaid" in said) is told
    assert not told or said["unit-unsaid"].endswith("its target is 200%.")


@pytest.mark.parametrize(("column", "words", "told"), [
    ("standard", "at least 250 articles", True), ("quantity", "250 articles", True), ("standard", "at least 210 articles", False),
    ("quantity", "210 articles", False), ("standard", "at least 5 articles a week", False),
])  # fmt: skip
def test_what_a_goal_says_beside_its_text_is_held_against_its_target(kpi, acme, column, words, told):
    (acme / "cycles/2026-10/goals.csv").write_text(
        f"person,indicator,target,{column}\np1,articles,210,{words}\n", "utf-8"
    )
    assert ("goal-number" in messages(kpi)) is told


# --- last month's figures, changed a little -------------------------------------------------------------------------


def two_months(acme, change, *, people=8, noise=0.08, seed=3, months=1):
    """Write a month of its own accord and then one that ``change`` makes of it."""
    rng = random.Random(seed)
    ids = [f"q{n}" for n in range(people)]
    names = ["王", "李", "赵", "钱", "孙", "周", "吴", "郑", "冯", "陈"]
    (acme / "people.csv").write_text(
        "id,name,role\n" + "".join(f"{who},{names[n]}一,editor\n" for n, who in enumerate(ids)), "utf-8"
    )
    level = {who: (round(200 * rng.uniform(0.7, 1.2)), round(95 * rng.uniform(0.85, 1), 1)) for who in ids}
    tables = [
        {who: tuple(round(v * rng.gauss(1, noise)) if n == 0 else round(min(99.9, v * rng.gauss(1, 0.02)), 1)
                    for n, v in enumerate(level[who])) for who in ids}
        for _ in range(months)
    ]  # fmt: skip
    tables.append({who: change(rng, *tables[-1][who]) for who in ids})
    for old in (acme / "cycles").iterdir():
        (old / "actuals.csv").unlink()
        old.rmdir()
    for number, table in enumerate(reversed(tables)):
        folder = acme / "cycles" / f"2026-{10 - number:02}"
        folder.mkdir()
        lines = (
            f"{who},{item},{value}\n"
            for who in ids
            for item, value in zip(("articles", "pass"), table[who], strict=True)
        )
        (folder / "actuals.csv").write_text("person,indicator,actual\n" + "".join(lines), "utf-8")


COPIED = {
    "two more each": (lambda r, a, b: (a + 2, round(b + 2, 1)), "moved-together"),
    "five per cent more": (lambda r, a, b: (round(a * 1.05), round(b * 1.05, 1)), "moved-together"),
    "one column scaled": (lambda r, a, b: (round(a * 1.1), round(b * r.gauss(1, 0.02), 1)), "moved-together"),
    "a little up or down": (lambda r, a, b: (a + r.choice((-2, -1, 1, 2)), round(b + r.choice((-0.1, 0.1)), 1)), "hardly-moved"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code"), COPIED.values(), ids=COPIED)
def test_last_months_figures_with_a_small_change_are_told(kpi, acme, change, code):
    two_months(acme, change)
    told = messages(kpi)
    assert "2026-09" in told[code]
    assert "2026-09" in messages(kpi, "zh")[code]
    assert not {"moved-together", "hardly-moved"} - {code} & {*told}
    assert "warning" in "".join(kpi("score", "acme")[1:])


RIGHT_MONTHS = {
    "as every month": lambda r, a, b: (round(a * r.gauss(1, 0.08)), round(min(99, b * r.gauss(1, 0.02)), 1)),
    "growth": lambda r, a, b: (round(a * r.gauss(1.1, 0.05)), round(min(99, b * r.gauss(1.02, 0.01)), 1)),
    "a quiet team": lambda r, a, b: (round(a * r.gauss(1, 0.04)), round(min(99, b * r.gauss(1, 0.005)), 1)),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("change", RIGHT_MONTHS.values(), ids=RIGHT_MONTHS)
def test_figures_that_moved_by_themselves_are_not_called_copied(kpi, acme, change, seed):
    two_months(acme, change, seed=seed)
    assert not {"moved-together", "hardly-moved"} & messages(kpi).keys()


def test_who_hardly_ever_moves_is_not_called_copied(kpi, acme):
    two_months(acme, lambda r, a, b: (a + r.choice((-1, 0, 1)), b), noise=0.004, months=3)
    assert "hardly-moved" not in messages(kpi)


# --- reasons and notes ------------------------------------------------------------------------------------------------


def with_points(acme, *rows, bounds=""):
    (acme / "people.csv").write_text(
        "id,name,role\np1,王建国,editor\np2,Amy Cole,editor\np3,Ben Hart,editor\n", "utf-8"
    )
    lines = "".join(f"2026-10-{day:02},{who},x,{points},{reason},Owner\n" for day, who, points, reason in rows)
    (acme / "cycles/2026-10/adjustments.csv").write_text("date,person,rule,points,reason,approver\n" + lines, "utf-8")
    (acme / "design.toml").write_text(f"{bounds}\n{DESIGN}", "utf-8")


def test_small_points_that_pass_the_bound_together_are_told(kpi, acme):
    rows = [(day, "p2", 2, f"trained newcomer no. {day}") for day in (5, 9, 20)]
    with_points(acme, *rows, bounds="[adjustments]\nmax_plus = 5")
    assert messages(kpi)["points-add-up"].startswith(
        "The 3 entries of Amy Cole add up to 6 points, beyond the design's limit of 5"
    )
    assert "Amy Cole 的 3 条加起来是 6 分" in messages(kpi, "zh")["points-add-up"]
    with_points(acme, *rows[:2], (8, "p3", 2, "stood in on Sunday"), bounds="[adjustments]\nmax_plus = 5")
    assert "points-add-up" not in messages(kpi)
    with_points(acme, *rows, (21, "p2", -1, "late report"), bounds="[adjustments]\nmax_plus = 6\nmax_minus = 5")
    assert "points-add-up" not in messages(kpi)


@pytest.mark.parametrize(("points", "reason", "code"), [
    (2, "Extra work in the September campaign", "reason-of-other-month"), (2, "9月大促表现突出", "reason-of-other-month"),
    (-2, "Late on 2026-09-12", "reason-of-other-month"), (2, "Q3 champion", "reason-of-other-month"),
    (-2, "Wrong prices published by mistake: Amy Cole", "reason-names-another"), (-2, "复核发现 Amy Cole 漏发三篇", "reason-names-another"),
    (2, "Amy Cole trained two newcomers", "reason-names-another"),
    (2, "Trained two newcomers in the October campaign", ""), (2, "20% more visits than in September", ""),
    (2, "比9月多带两名新人", ""), (2, "Prepared the campaign of November", ""), (2, "补记9月30日值班", ""),
    (2, "Trained Amy Cole and a newcomer", ""), (-2, "Rude to Amy Cole in a meeting", ""), (-2, "与Amy Cole争吵", ""),
    (-2, "Late handover, Amy Cole reported it", ""), (-2, "Ben Hart late; Amy Cole stood in", ""),
])  # fmt: skip
def test_a_reason_of_another_month_or_person_is_told_and_a_story_is_not(kpi, acme, points, reason, code):
    with_points(acme, (12, "p3", points, reason))
    told = {name for name in messages(kpi) if name.startswith("reason-")}
    assert told == ({code} if code else set())
    assert not code or messages(kpi, "zh")[code]


@pytest.mark.parametrize(("note", "told"), [
    ("Amy Cole's figures", True), ("Amy Cole的数据", True), ("Amy Cole", True), ("Ben Hart's figures", False),
    ("Amy Cole stood in for two weeks", False), ("with Amy Cole", False),
])  # fmt: skip
def test_a_note_that_says_the_figures_are_somebody_elses_is_told(kpi, acme, note, told):
    (acme / "people.csv").write_text(
        "id,name,role\np1,王建国,editor\np2,Amy Cole,editor\np3,Ben Hart,editor\n", "utf-8"
    )
    now(acme).write_text(GOOD.replace("p3,articles,140,,,", f"p3,articles,140,,,{note}"), "utf-8")
    assert ("note-names-another" in messages(kpi)) is told
    assert ("note-names-another" in messages(kpi, "zh")) is told
