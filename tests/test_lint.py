"""Seeded faults, each found and nothing else with it; sound designs are clean; the sources' own forms fail as they should."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from conftest import DATA, ROOT

from kpi_toolkit.clients.library import case_of, curves_by_name
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks import (
    Case,
    check_design,
    check_people,
    lint_cycle,
    lint_cycles,
    lint_design,
    unused_mutes,
    with_mutes,
)
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables

WORKBOOK = Workbook(ROOT)
CURVES = {"curves": curves_by_name(WORKBOOK)}
CORPUS = tomllib.loads((DATA / "faults.toml").read_text("utf-8"))
FAULTS = CORPUS["fault"]
CLEAN = list(CORPUS["tailored"])
PEOPLE = [
    {"id": "p1", "name": "P1", "role": "network-editor"},
    {"id": "p2", "name": "P2", "role": "network-editor"},
    {"id": "p3", "name": "P3", "role": "network-promotion"},
]


@pytest.fixture(scope="module")
def library() -> Case:
    design = Design.model_validate({"roles": {"clerk": {"name": "Clerk"}}})
    return case_of(WORKBOOK, design)


def entry(place: Any, key: str) -> Any:
    """Return what a key names: in a list the entry of that id."""
    return next(each for each in place if each["id"] == key) if isinstance(place, list) else place.setdefault(key, {})


def walk(raw: dict[str, Any], path: str) -> tuple[Any, str]:
    *above, last = path.split(".")
    for key in above:
        raw = entry(raw, key)
    return raw, last


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / f"templates/designs/{name}.toml").read_text("utf-8"), parse_float=Decimal)


def starter(name: str) -> dict[str, Any]:
    raw = read(name)
    for path, value in CORPUS["tailored"][name].items():
        change(raw, path, value)
    return raw


def change(raw: dict[str, Any], path: str, value: Any) -> None:
    place, key = walk(raw, path)
    if isinstance(place, list):
        place[[each["id"] for each in place].index(key)] = value
    else:
        place[key] = value


def seeded(fault: dict[str, Any]) -> Design:
    name = fault.get("base", "sells-products")
    raw = read("sells-products") if name == "untouched" else starter(name)
    for path in fault.get("drop", ()):
        place, key = walk(raw, path)
        del place[key]
    for path, value in fault.get("set", {}).items():
        change(raw, path, value)
    for path, value in fault.get("add", {}).items():
        place, key = walk(raw, path)
        if path.count(".") == 1 and path.startswith("roles."):
            place[key] = value
        else:
            place.setdefault(key, []).extend(value if isinstance(value, list) else [value])
    return Design.model_validate(raw, context=CURVES)


def tables_of(fault: dict[str, Any]) -> Tables:
    rows: dict[str, Any] = {
        "people": fault.get("people", PEOPLE),
        "goals": [CORPUS["goal"] | fault.get("goal", {}), *fault.get("goals", ())],
    }
    if "target" in fault.get("goal", {}) and "text" not in fault["goal"]:  # words and target say the same
        rows["goals"][0]["text"] = f"{fault['goal']['target']} articles, edited and entered"
    rows["steps"] = [{"person": "p1", "step": step, "date": day} for step, day in fault.get("steps", ())]
    if "parent" in fault.get("goal", {}):
        changed = fault.get("cascade", {})
        rows["cascade"] = [{"id": name} | row | changed.get(name, {}) for name, row in CORPUS["cascade"].items()]
    return Tables.of(**rows)


def lint(library: Case, design: Design, tables: Tables, history: Any = None) -> Issues:
    case = replace(library, design=design)
    sound = check_design(design) + check_people(Roster(design, tables.people))
    cautions = lint_design(case) + lint_cycle(case, tables, Cycle.parse("2026-12"), history or {})
    found = with_mutes(design.mute, sound + cautions)
    return found + unused_mutes(design.mute, found)


ROWS = {
    "purpose-exposes-faults": "S004", "goal-without-parent": "S006", "not-measurable": "S020", "over-stretch": "S085",
    "kinship-single-appraiser": "S086", "department-without-result": "S087", "quota-on-support-role": "S088",
    "everyone-sells": "S090", "territory-overlap": "S092", "no-support-plan": "S093", "out-of-scope-department": "S094",
    "overhead": "S098", "role-without-indicator": "S099", "untouched-template": "S100", "report-burden": "S101",
    "one-hand": "S102", "combined-without-process": "S103", "pay-only-use": "S104", "unfair-weights": "S105",
    "penalty-without-reward": "S107", "exception-without-expiry": "S108", "delegation-unmonitored": "S110",
    "dismiss-by-rank": "S111", "not-specific": "S113", "not-quantified": "S113", "not-assessable": "S113",
    "no-deliverable": "S120", "no-quantity": "S121", "no-quality": "S121", "no-deadline": "S121", "not-reachable": "S123",
    "same-post-unequal-load": "S124", "not-challenging": "S125", "no-improvement": "S126", "cascade-gap": "S127",
    "cascade-duplicate": "S127", "goal-before-superior": "S127", "step-out-of-order": "S128", "late-confirmation": "S129",
    "no-risk": "S131", "risk-without-answer": "S131", "cascade-over": "S135", "not-relevant": "S136",
    "assigned-incomplete": "S137", "copy-without-holder": "S144", "sum-not-100": "S159", "routine-without-purpose": "S192",
    "no-first-action": "S193", "one-channel": "S194", "commission-on-support-role": "S200", "legal-review": "S215",
    "sell-before-train": "S245", "individual-only": "S297",
}  # fmt: skip
"""The row of the method's catalogue that a check is for."""


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{ROWS.get(fault['code'], '')} {fault['code']}: {fault['say']}"
)
def test_a_seeded_fault_is_found_and_nothing_else(library, fault):
    design = seeded(fault)
    history = {("p1", "rolling-update"): fault["history"]} if "history" in fault else {}
    tables = tables_of(fault) if set(fault) & {"goal", "goals", "steps", "cascade", "people"} else Tables.of(people=[])
    found = lint(library, design, tables, history)
    assert {issue.code for issue in found} == {fault["code"], *fault.get("also", ())}, [
        (issue.code, str(issue.place), issue.values) for issue in found
    ]


def test_a_first_sale_on_the_day_of_the_first_training_is_no_fault(library):
    def found(training: int, sale: int) -> bool:
        raw = starter("sells-products")
        next(iter(raw["roles"].values())).update(first_training=training, first_sale=sale)
        design = Design.model_validate(raw, context=CURVES)
        return "sell-before-train" in {issue.code for issue in lint_design(replace(library, design=design))}

    assert (found(9, 9), found(9, 10), found(9, 8)) == (False, False, True)


@pytest.mark.parametrize("name", CLEAN)
def test_a_realistically_tailored_design_is_clean(library, name):
    design = Design.model_validate(starter(name), context=CURVES)
    assert lint(library, design, Tables.of(people=[])) == Issues()


def test_a_sound_cycle_with_goals_steps_and_cascade_is_clean(library):
    fault = {"goal": {"parent": "network", "confirmed": "2026-11-30", "starts": "2026-12-02"}}
    fault["steps"] = [(step, "2026-11-30") for step in ("explain", "ask", "fill", "check", "confirm")]
    design = Design.model_validate(starter("sells-products"), context=CURVES)
    assert lint(library, design, tables_of(fault)) == Issues()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_S121_the_sources_own_form_b_lacks_two_deadlines_and_three_qualities(library, language):
    design = Design.model_validate(read("form-promotion-department"), context=CURVES)
    role = design.roles["promotion-department"]
    goals = [
        {"person": "p", "indicator": item.id, "text": item.name.pick(language), "target": item.target,
         "standard": item.standard.pick(language)}
        for item in role.indicators
    ]  # fmt: skip
    tables = Tables.of(people=[{"id": "p", "name": "P", "role": "promotion-department"}], goals=goals)
    case = Case(design, wording=library.wording)
    found = lint_cycle(case, tables, Cycle.parse("2026-05"), {})
    names = [item.id for item in role.indicators]
    wrong = [(issue.code, names[issue.place.row - 2]) for issue in found if issue.code in {"no-deadline", "no-quality"}]
    assert sorted(wrong) == [
        ("no-deadline", "recruitment"), ("no-deadline", "theme-videos"),
        ("no-quality", "recruitment"), ("no-quality", "site-promotion"), ("no-quality", "theme-videos"),
    ]  # fmt: skip


def test_S113_the_seven_characters_are_judged_one_by_one(library):
    bad = library.wording.card({"text": "do promotion well"}, "seven-characters")
    good = {"text": "20 blogs opened, 10 posts each, by 30 May, list checked by manager"}
    assert bad == (0, 3, ["specific", "quantified", "assessable"])
    assert library.wording.card(good, "seven-characters") == (3, 3, [])


def test_S136_smart_counts_what_is_met_and_names_the_rest(library):
    goal = {"text": "200 articles", "deadline": "30 May", "approach": "7 a day"}
    assert library.wording.card(goal, "smart") == (4, 5, ["relevant"])


def test_X12_four_lists_share_one_checker(library):
    asked = {name for profile in library.wording.profiles.values() for name in profile.criteria}
    assert set(library.wording.profiles) == {"seven-characters", "contents", "smart", "deliverable"}
    assert asked == set(library.wording.criteria)


def test_S085_a_target_may_stretch_the_capacity_to_ten_eighths(library):
    for target, codes in (("160", {"no-stretch"}), ("161", set()), ("200", set()), ("201", {"over-stretch"})):
        fault = {"goal": {"capacity": "160", "target": target}}
        design = Design.model_validate(starter("sells-products"), context=CURVES)
        assert {issue.code for issue in lint(library, design, tables_of(fault))} == codes


def test_S123_reachable_is_held_against_the_mean_of_what_was_reached(library):
    design = Design.model_validate(starter("sells-products"), context=CURVES)
    found = lint(library, design, tables_of({"goal": {"target": "190"}}), {("p1", "rolling-update"): [160, 160]})
    assert found == Issues()
    found = lint(library, design, tables_of({"goal": {"target": "300"}}), {("p1", "rolling-update"): [160, 160, 161]})
    told = [(issue.code, *(issue.values[name] for name in ("ratio", "mean", "last"))) for issue in found]
    assert told == [("not-reachable", "1.87", Decimal("160.3"), 161)]


def test_S165_a_month_without_an_appraisal_is_named():
    found = lint_cycles(["2026-01", "2026-02", "2026-04", "2026-Q1"])
    assert [(issue.code, issue.values["missing"]) for issue in found] == [("irregular", ["2026-03"])]
    assert lint_cycles(["2025-12", "2026-01"]) == Issues()


def test_S098_eight_hours_of_160_are_fine_and_24_are_not(library):
    for hours, codes in ((8, set()), (16, set()), (24, {"overhead"})):
        raw = starter("sells-products")
        routine = {"name": "All", "kind": "meeting", "cadence": "monthly", "hours": hours, "purpose": "x"}
        raw["regulation"]["routines"] = [routine]
        found = lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[]))
        assert {issue.code for issue in found} == codes


def test_S092_a_rule_of_coordination_settles_a_shared_territory(library):
    raw = starter("sells-products")
    raw["roles"]["online-sales"]["territories"] = ["GD"]
    raw["roles"]["operation-manager"]["territories"] = ["GD", "FJ"]
    found = lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[]))
    assert [(issue.code, issue.values["territory"]) for issue in found] == [("territory-overlap", "GD")]
    raw["regulation"]["coordination"] = {"GD": "first contact owns"}
    assert lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[])) == Issues()


def test_X03_two_reports_with_a_check_are_no_burden(library):
    raw = starter("sells-products")
    raw["regulation"]["routines"] = [
        {"name": name, "kind": "report", "cadence": "weekly", "purpose": "x"} for name in ("a", "b")
    ]
    assert lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[])) == Issues()


def test_S088_traffic_on_a_support_role_is_no_quota(library):
    raw = starter("sells-products")
    raw["roles"]["web-art"] |= {"method": "combined"}
    change(raw, "roles.web-art.indicators.approval-rate.class", "reach")
    assert lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[])) == Issues()


CASCADE = {
    "company": {"level": "company", "name": "Sales of the month", "value": "600000", "unit": "CNY"},
    "shop": {"level": "department", "parent": "company", "name": "Web shop", "share": "60"},
    "desk": {"level": "department", "parent": "company", "name": "Phone", "share": "40"},
    "sellers": {"level": "post", "parent": "desk", "name": "Sales by phone", "share": "100"},
}


def quotas(library, *, text="200 articles, edited and entered", role="network-editor", parent="shop", **rows):
    """Return what is said of quotas in the words of a person's goal and of the goals above."""
    design = Design.model_validate(starter("sells-products"), context=CURVES)
    item = design.roles[role].indicators[0]
    tables = Tables.of(
        people=[{"id": "p1", "name": "Mei Lin", "role": role}],
        goals=[CORPUS["goal"] | {"indicator": item.id, "text": text, "parent": parent, "target": "200"}],
        cascade=[{"id": name} | row for name, row in {**CASCADE, **rows}.items()],
    )
    found = lint_cycle(replace(library, design=design), tables, Cycle.parse("2026-12"), {})
    return [issue.place.file.rpartition("/")[2] for issue in found if issue.code == "quota-in-goal"]


@pytest.mark.parametrize(
    "text",
    [
        "Sales of 240000 CNY, paid in", "本月成交额 24 万元，月底到账", "完成销售额20万", "Sell goods for £5,000", "Revenue: EUR 30k",
        "回款 8 万元", "Bring in orders worth 12,000 dollars", "Win sales of 50,000", "Sales target: 50000 by 30 November", "Turnover of 80k",
        "Close 10 deals", "Sell 200 subscriptions", "完成销售业绩 50000", "本月签单 12 单", "Reach 30,000 in sales of 50,000",
    ],
)  # fmt: skip
def test_X02_S088_a_sales_goal_in_words_is_found_on_a_supporting_post_only(library, text):
    assert quotas(library, text=text) == ["goals.csv"]
    assert quotas(library, text=text, role="online-sales") == []


@pytest.mark.parametrize(
    "text",
    [
        "200 articles that support sales", "发布销售支持文章 200 篇", "Ad costs below 5,000 CNY", "阅读量 20 万次", "粉丝增加2万",
        "200 sales leads handed over", "Support sales with 1,200 articles", "Sales pages: 12 pages by 2026-11-20", "为销售部写文案 1200 篇",
        "Sales training of 2026 prepared", "Answer 40 clients a day",
    ],
)  # fmt: skip
def test_work_that_serves_sales_is_no_quota(library, text):
    assert quotas(library, text=text) == []


@pytest.mark.parametrize(
    ("post", "parent"),
    [
        ({"name": "Editor's own sales", "share": "40", "parent": "shop"}, "own"),
        ({"name": "内容组任务", "share": "40", "parent": "shop"}, "own"),
        ({"name": "Editor's own sales", "value": "240000", "parent": "shop", "owner": "Mei Lin"}, "shop"),
        ({"name": "Team revenue", "value": "240000", "parent": "shop", "owner": "网络编辑", "level": "team"}, "shop"),
    ],
)  # fmt: skip
def test_X02_S088_a_share_of_sales_in_the_cascade_is_found_on_a_supporting_post_only(library, post, parent):
    row = {"level": "post", "unit": "CNY", **post}
    assert quotas(library, parent=parent, own=row) == ["cascade.csv"]
    seller = {**row, "owner": "网上销售"} if "owner" in row and row["owner"] != "Mei Lin" else row
    assert quotas(library, parent=parent, own=seller, role="online-sales") == []


def test_goals_that_are_shares_of_each_other_end(library):
    one = {"level": "post", "parent": "two", "name": "One", "share": "50", "value": "1", "owner": "Mei Lin"}
    assert quotas(library, one=one, two=one | {"parent": "one", "name": "Two"}) == []


def test_a_department_that_sells_may_have_supporting_posts_under_it(library):
    assert quotas(library, parent="shop") == []
    articles = {"level": "post", "parent": "shop", "name": "Articles", "value": "200", "unit": "articles"}
    assert quotas(library, parent="own", own=articles) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("200 articles, all reviewed", []), ("180 articles, all reviewed", [180]), ("滚动更新 1,200 篇", [1200]), ("5 topics, 200 articles", []), ("Articles, all reviewed", []), ("100 articles a fortnight", []), ("180 articles, including 12 interviews", []), ("每天 7 篇，周末不写", []), ("滚动更新，其中原创 30 篇", []), ("比上月多 15 篇", [])],
)  # fmt: skip
def test_the_words_of_a_goal_and_its_target_say_the_same_number(library, text, said):
    design = Design.model_validate(starter("sells-products"), context=CURVES)
    found = lint(library, design, tables_of({"goal": {"target": "200", "text": text}}))
    assert [issue.values["said"] for issue in found if issue.code == "goal-number"] == ([said] if said else [])


def test_a_muted_finding_is_kept_with_its_reason_and_no_longer_counts(library):
    raw = starter("sells-products")
    raw["roles"]["network-editor"]["commission"] = 5
    raw["mute"] = [{"code": "commission-on-support-role", "reason": "agreed until the year's end"}]
    found = lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[]))
    assert [(issue.code, issue.muted.en) for issue in found] == [
        ("commission-on-support-role", "agreed until the year's end")
    ]
    assert found.errors == Issues()


def test_what_makes_scores_wrong_counts_however_it_is_muted(library):
    raw = starter("sells-products")
    change(raw, "roles.web-art.indicators.approval-rate.weight", 40)
    raw["mute"] = [{"code": "sum-not-100", "reason": "never mind"}]
    found = lint(library, Design.model_validate(raw, context=CURVES), Tables.of(people=[]))
    assert [(issue.code, issue.muted) for issue in found.errors] == [("sum-not-100", None), ("cannot-mute", None)]


def test_the_corpus_holds_sixty_faults_and_every_caution():
    assert len(FAULTS) >= 60
    source = "".join(
        (ROOT / f"kpi_toolkit/method/checks/{name}.py").read_text("utf-8")
        for name in ("cautions", "forms", "lint", "contents", "quotas", "weights", "rules")
    )
    used = set(re.findall(r'\b(?:error|warning|hint)\(\s*"([a-z-]+)"', source))
    tested_elsewhere = {
        "cascade-units", "weights-exchanged", "pass-line-nothing", "pass-line-odd", "name-in-role-twice",
        "irregular", "duplicate-row", "block-sum", "weight-outside", "unknown-in-statement",
        "statement-empty", "statements-conflict", "unknown-reliability-class",
        "low-cap", "high-cap", "curve-of-other-direction", "gate-in-geometric", "neutral-above-cap", "fraction-in-design", "team-share-whole", "shares-order", "shares-bottom", "target-and-year", "year-of-a-share", "year-month-empty",
    }  # fmt: skip
    assert used - {fault["code"] for fault in FAULTS} == tested_elsewhere
