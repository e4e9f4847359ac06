"""Posts: numbers, pay, arrivals, the value chain, reserve (catalogue sections C, D and E)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from conftest import ROOT, indicator
from pydantic import ValidationError

from kpi_toolkit.clients.library import Library
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks import check_design, check_organisation, check_people
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.organisation import (
    Post,
    chain_owners,
    organise,
    payroll,
    people_needed,
    reserve_coverage,
    total_heads,
)  # fmt: skip
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.tables import Tables

LIBRARY = Library(Workbook(ROOT))
STARTERS = LIBRARY.organisations
LAUNCH = date(2027, 3, 1)


def facts(**given) -> Profile:
    return Profile.model_validate({"name": "Acme", "department": "Web", **given})


def posts(starter: str = "sme-v2", **given) -> dict[str, Post]:
    return {post.role: post for post in organise(STARTERS[starter], facts(**given))}


def check(*rows, people=("lin",), held=None, **given):
    role = {"name": "Clerk", "indicators": [indicator("a", 100)]}
    design = Design.model_validate({"roles": {"clerk": role}, "posts": list(rows)})
    found = check_organisation(design, facts(**given), LIBRARY.department, LIBRARY.roles, people, held or {})
    return {issue.code: issue for issue in found}


def test_S056_the_first_version_leaves_blank_what_nobody_said():
    heads = [post.headcount for post in organise(STARTERS["sme-v1"], facts())]
    assert heads == [(1, 1), (1, 2), (1, 1), None, None]


def test_S057_the_second_version_takes_four_to_five_people():
    assert total_heads(posts().values()) == (4, 5)


@pytest.mark.parametrize(("size", "heads"), [("small", (1, 1)), ("medium", (2, 3)), ("large", (2, 3)), (None, (1, 1))])
def test_S058_the_number_of_promoters_follows_the_size(size, heads):
    assert posts(size=size)["network-promotion"].headcount == heads


def test_S059_with_a_small_budget_the_manager_promotes():
    small = posts(low_budget=True)
    assert small["network-promotion"].headcount == (0, 0)
    assert total_heads(small.values()) == (3, 4)
    assert "main promoter" in small["operation-manager"].note.en


def test_S060_beside_a_promoting_manager_the_promoter_carries_out():
    assert "execution first" in posts(manager_promotes=True)["network-promotion"].note.en
    assert posts()["network-promotion"].note is None


@pytest.mark.parametrize(
    ("role", "city", "pay"),
    [
        pytest.param("operation-manager", "sz_gz", (4500, 6000), id="S061-sz-gz"),
        pytest.param("operation-manager", "other", (3000, 4500), id="S061-other"),
        pytest.param("operation-manager", None, None, id="S061-city-unknown"),
        pytest.param("network-promotion", "sz_gz", (3000, 4000), id="S062-sz-gz"),
        pytest.param("network-promotion", "other", None, id="S062-other"),
        pytest.param("network-editor", "sz_gz", (2000, 2500), id="S063-sz-gz"),
        pytest.param("network-editor", "other", None, id="S063-other"),
        pytest.param("online-sales", "sz_gz", None, id="S064"),
    ],
)
def test_pay_is_the_sources_or_nothing(role, city, pay):
    post = posts(city_tier=city)[role]
    assert post.pay == pay
    assert (post.pay_as_of == 2011) is (pay is not None)
    if pay is None and role != "operation-manager":
        assert post.pay_note.en


def test_S061_an_index_is_marked_as_the_consultants():
    post = posts(city_tier="sz_gz", pay_index="2.0")["operation-manager"]
    assert (post.pay, post.pay_index) == ((9000, 12000), 2)


def test_S064_what_is_not_priced_is_named_beside_the_payroll():
    found = payroll(posts(city_tier="sz_gz").values())
    assert (found.low, found.high) == (9500, 12500)
    assert [(post.role, post.headcount) for post in found.unpriced] == [("online-sales", (1, 2))]


def test_six_tenths_of_the_managers_pay_are_fixed():
    manager = posts()["operation-manager"]
    assert manager.split(Decimal(6000)) == (3600, 2400)
    assert not manager.base_share_inferred


def test_the_promoters_ratio_is_inferred_and_says_so():
    promoter = posts()["network-promotion"]
    assert promoter.split(Decimal(4000)) == (2400, 1600)
    assert promoter.base_share_inferred
    assert posts()["network-editor"].split(Decimal(2000)) is None


@pytest.mark.parametrize(
    ("role", "day"),
    [
        pytest.param("operation-manager", date(2027, 2, 9), id="S067"),
        pytest.param("network-promotion", date(2027, 2, 22), id="S068"),
        pytest.param("network-editor", date(2027, 2, 9), id="S069"),
        pytest.param("online-sales", date(2027, 3, 8), id="S070"),
    ],
)
def test_people_start_so_many_days_from_the_launch(role, day):
    post = posts()[role]
    assert post.starts(LAUNCH) == day
    assert post.starts(None) is None
    assert post.model_copy(update={"arrival": date(2027, 1, 1)}).starts(LAUNCH) == date(2027, 1, 1)


def test_S069_the_editors_early_start_has_its_reason():
    assert "in advance" in posts()["network-editor"].start_reason.en


def test_S049_S071_the_blank_form_has_the_seven_posts_in_order():
    names = [post.title.zh for post in organise(STARTERS["form"], facts())]
    assert names == [
        "网络营销部经理",
        "网络推广专员",
        "网站编辑专员",
        "网络业务专员",
        "网站客服代表",
        "网站程序员",
        "网站美工设计",
    ]
    assert all(post.headcount is None for post in organise(STARTERS["form"], facts()))


def test_S071_outsourced_and_doubled_posts_are_counted_and_paid_nothing():
    rows = [
        Post(role="operation-manager", headcount=1, pay=(4500, 6000)),
        Post(role="web-development", headcount="outsourced", pay=(1, 2)),
        Post(role="web-art", headcount="concurrent", holders=("lin",)),
    ]
    assert total_heads(rows) == (1, 1)
    assert (payroll(rows).low, payroll(rows).unpriced) == (4500, ())
    assert check({"role": "web-art", "headcount": "concurrent"})["concurrent-without-holder"].severity == "error"
    assert "concurrent-without-holder" not in check({"role": "web-art", "headcount": "concurrent", "holders": ["lin"]})


@pytest.mark.parametrize("headcount", [-1, [2, 1], [1, 2, 3], "many", True, 1.5])
def test_a_number_of_people_that_is_none_is_refused(headcount):
    with pytest.raises(ValidationError):
        Post.model_validate({"role": "web-art", "headcount": headcount})


def test_S072_with_an_outsourced_site_programmer_and_artist_are_outside():
    form = posts("form", site_build="outsourced")
    assert [role for role, post in form.items() if post.headcount == "outsourced"] == ["web-development", "web-art"]
    v2 = [post.model_dump(exclude_none=True) for post in posts().values()]
    assert "structure-incomplete" in check(*v2)
    assert "structure-incomplete" not in check(*v2, site_build="outsourced")


def chain(**steps) -> list[dict]:
    """Return a post for each role, answering for its steps."""
    return [
        {"role": role.replace("_", "-"), "headcount": 1, "steps": own, "holders": [role]} for role, own in steps.items()
    ]


WHOLE = {
    "operation_manager": ["planning", "evaluation"], "network_editor": ["content"],
    "network_promotion": ["promotion"], "web_development": ["construction"],
}  # fmt: skip


def test_S024_S073_a_step_without_an_owner_and_one_with_two_are_found():
    assert not check(*chain(**WHOLE))
    gap = check(*chain(**WHOLE | {"operation_manager": ["planning"]}))
    assert gap["structure-incomplete"].values["step"] == "step.evaluation"
    assert len(gap) == 1
    double = check(*chain(**WHOLE | {"web_art": ["content"]}))
    assert set(double) == {"structure-inaccurate"}
    assert len(double["structure-inaccurate"].values["posts"]) == 2


@pytest.mark.parametrize(
    ("heads", "held", "said"),
    [
        ([4], {"clerk": 1}, ("4", 1)), ([[2, 3]], {"clerk": 4}, ("2–3", 4)), ([1, 2], {"other": 9}, ("3", 0)),
        ([4], {"clerk": 4}, None), ([4], {}, None), ([None], {"clerk": 1}, None), (["outsourced"], {"clerk": 1}, None),
    ],
)  # fmt: skip
def test_a_headcount_is_held_against_the_roster_where_both_are_given(heads, held, said):
    rows = [{"role": "clerk", **({} if each is None else {"headcount": each})} for each in heads]
    found = check(*rows, held=held).get("headcount-differs")
    assert (found and (found.values["heads"], found.values["n"])) == said


def test_a_department_without_a_name_is_told_where_posts_are_stated():
    assert check({"role": "clerk"}, department={})["department-unnamed"].place.key == "department"
    assert "department-unnamed" not in check({"role": "clerk"})


def test_S024_the_chain_has_five_steps():
    owners = chain_owners([Post.model_validate(row) for row in chain(**WHOLE)])
    assert list(owners) == ["planning", "construction", "content", "promotion", "evaluation"]
    assert all(len(found) == 1 for found in owners.values())


def test_S035_a_task_of_the_department_that_nobody_carries_is_named():
    found = check(*chain(network_editor=["content"], network_promotion=["promotion"]))
    assert found["task-without-owner"].values["task"].en == "Meet the marketing target"
    assert len(LIBRARY.department.tasks) == 3


@pytest.mark.parametrize(("orders", "needed"), [(300, 2), (100, 1), (400, 3)])
def test_S047_S076_sellers_grow_with_the_orders(orders, needed):
    assert people_needed(orders, 150) == needed
    row = {"role": "online-sales", "headcount": 1, "capacity": 150}
    found = check(row, orders=orders)
    assert ("more-people-needed" in found) is (needed > 1)
    if needed > 1:
        assert found["more-people-needed"].values["needed"] == needed


def test_S074_one_person_for_everything_is_warned_of():
    rows = [row | {"holders": ["lin"]} for row in chain(**WHOLE)]
    assert check(*rows)["one-person-department"].values["person"] == "lin"
    rows[0]["holders"] = ["wang"]
    assert "one-person-department" not in check(*rows, people=("lin", "wang"))


def test_S075_the_reserve_covers_so_many_critical_posts():
    rows = [
        {"role": "web-art", "headcount": 1, "critical": True, "reserve": ["lin"] if number < 3 else []}
        for number in range(5)
    ]
    critical, bare = reserve_coverage([Post.model_validate(row) for row in rows])
    assert (critical, len(bare)) == (5, 2)
    values = check(*rows)["no-reserve"].values
    assert (values["covered"], values["critical"]) == (3, 5)


def test_a_mistyped_holder_and_a_post_without_a_role_are_found():
    found = check({"role": "web-atr", "headcount": 1}, {"role": "web-art", "headcount": 1, "holders": ["lim"]})
    assert found["unknown-role"].values["nearest"] == "web-art"
    assert found["holder-mistyped"].values["nearest"] == "lin"
    assert "holder-mistyped" not in check({"role": "web-art", "headcount": 1, "holders": ["外部公司"]})


def test_a_design_without_posts_is_told_nothing_about_them():
    assert not check()


def test_S085_a_target_may_stretch_ten_parts_for_eight(make_design):
    def found(target):
        return [issue.code for issue in check_design(make_design(indicator("a", 100, target=target, capacity=160)))]

    assert found(200) == []
    assert found(201) == ["over-stretch"]


def test_S050_a_managers_design_looks_at_every_task_it_names(make_design):
    assert len(LIBRARY.roles["operation-manager"].foci) == 5
    assert LIBRARY.roles["online-sales"].foci == ("contact", "execution")
    role = {"name": "Head", "foci": ["team", "inspection"], "indicators": [indicator("a", 100, focus="team")]}
    found = check_design(Design.model_validate({"roles": {"head": role}}))
    assert [(issue.code, issue.values["focus"]) for issue in found] == [("focus-missing", "focus.inspection")]


def test_S086_kin_are_appraised_by_a_second_person_as_well(make_design):
    def found(**more):
        tables = Tables.of(people=[{"id": "lin", "name": "Lin", "role": "clerk", **more}], actuals=[])
        return [issue.code for issue in check_people(Roster(make_design(), tables.people))]

    assert found(related_to_appraiser="是") == ["kinship-single-appraiser"]
    assert found(related_to_appraiser="yes", second_appraiser="CEO") == []
    assert found(related_to_appraiser="否") == []


def test_S046_S048_what_is_offered_and_who_influences_results():
    assert LIBRARY.roles["event-planner"].optional
    assert LIBRARY.roles["event-planner"].headcount is None
    assert LIBRARY.roles["site-head"].headcount == 1
    related = [
        "operation-manager",
        "network-promotion",
        "seo",
        "network-editor",
        "web-art",
        "customer-service",
        "online-sales",
    ]
    assert all(LIBRARY.roles[role].influences_results for role in related)
    assert not LIBRARY.roles["seo"].may_bear_sales_quota


def test_S051_S053_duties_carry_what_they_belong_to():
    assert "customer-grading-standard" in [duty.id for duty in LIBRARY.roles["business-vp"].duties]
    duty = next(duty for duty in LIBRARY.roles["salesperson"].duties if duty.id == "customer-data-registration")
    assert duty.indicator in LIBRARY.indicators
    assert "S147" in LIBRARY.indicators[duty.indicator].rows
