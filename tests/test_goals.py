"""Operating goals: types, mixes, horizons, what serves them (catalogue sections B and C)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from conftest import ROOT, indicator
from pydantic import ValidationError

from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checklists import take_stock
from kpi_toolkit.method.checks import Case, check_answers, check_goals, lint_design
from kpi_toolkit.method.goals import chosen_goals, goal_weights, horizon, served_shares
from kpi_toolkit.method.profile import Profile

LIBRARY = Library(Workbook(ROOT))


def profile(**facts) -> Profile:
    return Profile.model_validate({"name": "Acme", **facts})


def codes(issues) -> list[str]:
    return [issue.code for issue in issues]


@pytest.fixture
def check(make_design):
    def run(*served, weights=(), **facts):
        each = weights or [100 // len(served)] * len(served)
        items = [indicator(f"i{n}", each[n], serves_goal=goal) for n, goal in enumerate(served)]
        return check_goals(profile(**facts), make_design(*items), LIBRARY.goals, LIBRARY.indicators)

    return run


@pytest.mark.parametrize(
    ("goal", "indicators"),
    [
        pytest.param("brand", ("awareness", "reputation", "traffic"), id="S014"),
        pytest.param("platform", ("visits", "members"), id="S015"),
        pytest.param("product-sales", ("network-sales", "opportunities"), id="S016"),
    ],
)
def test_a_goal_suggests_its_indicators_in_order(goal, indicators):
    card = LIBRARY.goals[goal]
    assert card.indicators == indicators
    assert all(name in LIBRARY.indicators for name in indicators)


def test_S015_no_sales_quota_is_suggested_for_a_platform():
    assert not [
        name for name in LIBRARY.goals["platform"].indicators if LIBRARY.indicators[name].kind.value == "sales_quota"
    ]


def test_S016_the_managers_card_is_filled_with_what_the_sales_goal_suggests():
    manager = LIBRARY.roles["operation-manager"]
    assert tuple(item.id for item in manager.indicators) == LIBRARY.goals["product-sales"].indicators


def test_S017_no_clear_goal_is_a_diagnosis_that_stops_and_offers_a_worksheet(check):
    found = check("none", goals={"none": 1})
    issue = next(issue for issue in found if issue.code == "no-operating-goal")
    assert issue.severity == "error"
    assert LIBRARY.checklists[issue.values["worksheet"]].kind == "words"


def test_S018_a_mix_gives_the_merged_indicators_and_its_shares_sum_to_one():
    mix = profile(goals={"brand": "0.4", "product-sales": "0.6"})
    goals = chosen_goals(mix, LIBRARY.goals)
    assert [goal.share for goal in goals] == [Decimal("0.6"), Decimal("0.4")]
    assert {name: str(weight) for name, weight in goal_weights(goals).items()} == {
        "network-sales": "30.00", "opportunities": "30.00", "awareness": "13.34", "reputation": "13.33",
        "traffic": "13.33",
    }  # fmt: skip
    with pytest.raises(ValidationError, match="90"):
        profile(goals={"brand": "0.4", "product-sales": "0.5"})


def test_S018_a_goal_of_ones_own_stands_beside_the_common_ones(check):
    own = {"hiring": {"name": "Win talent", "indicators": ["visits"]}}
    assert not check("hiring", "brand", goals={"hiring": "0.5", "brand": "0.5"}, own_goals=own)
    assert goal_weights(chosen_goals(profile(goals={"hiring": 1}, own_goals=own), LIBRARY.goals)) == {"visits": 100}
    wrong = {"hiring": {"name": "Win talent", "indicators": ["vists"]}}
    found = check("hiring", goals={"hiring": 1}, own_goals=wrong)
    assert [(i.code, i.values["nearest"]) for i in found] == [("unknown-indicator-card", "visits")]


def test_S001_an_indicator_that_serves_no_goal_is_named_with_its_role(check):
    found = check(None, goals={"product-sales": 1})
    assert codes(found) == ["serves-no-goal", "goal-not-served"]
    assert (found[0].values["indicator"].en, found[0].values["role"].en) == ("i0", "Clerk")
    assert not check("product-sales", goals={"product-sales": 1})


@pytest.mark.parametrize(
    ("served", "goals", "expected"),
    [
        (["prodct-sales"], {"product-sales": 1}, ["unknown-goal", "goal-not-served"]),
        (["brand"], {"brnd": 1}, ["unknown-goal", "goal-not-pursued"]),
        (["brand", "platform"], {"brand": 1}, ["goal-not-pursued"]),
        (["brand"], {"brand": "0.7", "platform": "0.3"}, ["goal-not-served"]),
        (["brand"], {"brand": 1, "platform": 0}, []),
    ],
)
def test_what_indicators_serve_is_held_against_the_goals(check, served, goals, expected):
    assert codes(check(*served, goals=goals)) == expected


@pytest.mark.parametrize(
    ("shares", "weights", "said"),
    [
        (("0.6", "0.4"), (75, 25), (60, 75)), (("0.9", "0.1"), (50, 50), (90, 50)),
        (("0.6", "0.4"), (70, 30), None), (("0.6", "0.4"), (100, 0), None),
    ],
)  # fmt: skip
def test_S018_a_goals_share_is_held_against_the_weights_that_serve_it(check, shares, weights, said):
    served = [goal for goal, weight in zip(("brand", "platform"), weights, strict=True) if weight]
    goals = dict(zip(("brand", "platform"), shares, strict=True))
    found = [i.values for i in check(*served, goals=goals, weights=weights) if i.code == "goal-share-differs"]
    assert [(each["share"], each["weights"]) for each in found] == ([said] if said else [])


def test_S019_goals_that_nobody_stated_are_asked_for_once(check):
    assert codes(check("brand", None)) == ["goals-not-stated"]


@pytest.mark.parametrize(
    ("years", "name"),
    [("1.5", "short"), ("4", "mid"), ("6", "long"), ("2.5", "choose"), ("5", "long"), ("3", "mid"), ("2", "short")],
)
def test_S021_horizons(years, name):
    assert horizon(Decimal(years)) == name


def test_S020_an_indicator_without_a_source_cannot_be_measured(make_design):
    assert "not-measurable" in codes(lint_design(Case(make_design(indicator("a", 100, source=None)), usual_words())))
    for name, card in LIBRARY.indicators.items():
        assert card.unit.en, name
        assert card.source, name
        assert card.frequency, name


def test_S022_the_weakest_of_four_elements_is_mended_first():
    elements = LIBRARY.checklists["four-elements"]
    stock = take_stock(elements, {"website": 4, "positioning": 2, "promotion": 3, "operation": 1})
    assert stock.weakest == ("operation",)
    assert stock.ranking("weakest") == ["operation", "positioning", "promotion", "website"]
    assert len(elements.lines) == 4


def test_S023_speed_and_efficiency_are_two_ratings_beside_the_note_on_profit():
    stock = take_stock(LIBRARY.checklists["skills"], {"proficiency": 3, "professionalism": 4})
    assert list(stock.values.values()) == [3, 4]
    assert "checklist:skills" in LIBRARY.notes["profit"].entries[0].serves


@pytest.mark.parametrize(
    ("card", "part", "whole", "figure"),
    [
        pytest.param("content-quality", 190, 200, "95", id="S027"),
        pytest.param("continuity", 3, 4, "75", id="S029"),
        pytest.param("cost-per-inquiry", 6000, 240, "25", id="S030"),
        pytest.param("design-completion", 9, 10, "90", id="S039-designs"),
        pytest.param("approval-rate", 8, 9, "88.9", id="S039-approvals"),
        pytest.param("task-completion", 7, 8, "87.5", id="S040"),
        pytest.param("safe-running", 216, 43200, "99.5", id="S041"),
        pytest.param("customer-files", 180, 200, "90", id="S185"),
        pytest.param("key-customers-kept", 19, 20, "95", id="S225"),
    ],
)
def test_an_indicators_formula_gives_the_figure_of_the_source(card, part, whole, figure):
    formula = LIBRARY.indicators[card].formula
    assert round(formula.figure(Decimal(part), Decimal(whole)), 1) == Decimal(figure)


def test_S026_the_search_system_has_its_four_indicators():
    names = [item.id for item in LIBRARY.sets["seo"].indicators]
    assert names == ["keyword-rank", "indexed-pages", "inbound-links", "page-load-time"]
    assert {"content", "seo", "social", "ads"} <= set(LIBRARY.sets)


def test_S028_an_seo_specialist_is_appraised_on_the_site_and_off_it_and_never_by_sales():
    items = LIBRARY.roles["seo"].indicators
    assert {item.side.en for item in items} == {"On the site", "Off the site"}
    assert "sales_quota" not in {item.kind.value for item in items}


def test_S031_a_kind_of_traffic_work_becomes_a_line_of_the_form():
    assert [item.kind.value for item in LIBRARY.sets["traffic"].indicators] == ["workload"] * 4
    line = LIBRARY.indicators["media-published"].indicator(Decimal(20), Decimal(20), serves="brand")
    assert (line.unit.en, line.target, line.weight) == ("videos", 20, 20)


@pytest.mark.parametrize(
    ("role", "stratum"), [("seo", "operating"), ("web-art", "technical"), ("operation-manager", "decision")]
)
def test_S032_every_post_has_its_stratum(role, stratum):
    assert LIBRARY.roles[role].stratum == stratum


@pytest.mark.parametrize(
    ("checklist", "answers", "alarms", "share"),
    [
        pytest.param(
            "two-keys", {"owner-takes-part": False, "tools-fluent": True}, ["decision maker absent"], 50, id="S034"
        ),
        pytest.param("readiness", {"sales-managed": False, "posts-work": False, "coordinated": True}, 2, 33, id="S095"),
        pytest.param("converging", {"sharing": True, "division": True, "departments": True}, 0, 100, id="S096"),
    ],
)
def test_a_client_that_is_not_ready_is_told_so(checklist, answers, alarms, share):
    found = check_answers(profile(checklists={checklist: answers}), LIBRARY.checklists)
    assert set(codes(found)) <= {"not-ready"}
    said = [issue.values["alarm"].en for issue in found]
    assert said == alarms if isinstance(alarms, list) else len(said) == alarms
    assert int(take_stock(LIBRARY.checklists[checklist], answers).share * 100) == share


@pytest.mark.parametrize(
    ("checklist", "line", "answer", "code"),
    [
        ("redines", "posts-work", True, "unknown-card"), ("readiness", "post-works", True, "unknown-line"),
        ("readiness", "posts-work", 3, "answer-unfit"), ("four-elements", "website", 6, "answer-unfit"),
        ("four-elements", "website", True, "answer-unfit"), ("kickoff", "goals", 3, "answer-unfit"),
        ("culture", "positive", (4, 5, 3), None), ("recruiting-channels", "online", 12, None), ("kickoff", "goals", "x", None),
    ],
)  # fmt: skip
def test_an_answer_that_fits_no_line_is_named(checklist, line, answer, code):
    found = check_answers(profile(checklists={checklist: {line: answer}}), LIBRARY.checklists)
    assert codes(found) == ([code] if code else [])


def test_an_answer_of_another_form_is_one_finding(workbook):
    page = workbook.client_data / "home-goods" / "client.toml"
    page.write_text(page.read_text("utf-8") + "\n[checklists.skills]\nproficiency = 3.5\n", "utf-8")
    _, issues = read_client(page.parent)
    assert codes(issues) == ["bad-answer"]


def test_two_pages_say_the_same_whole_per_cents_in_whatever_order_they_ask():
    weights = [("sales", Decimal("87.5")), ("brand", Decimal("12.5"))]
    assert served_shares(["sales", "brand"], weights) == served_shares(["brand", "sales"], weights)
    assert sum(served_shares(["sales", "brand"], weights).values()) == 100
