"""Role cards and design starters hold exactly what the catalogue says, and are found by any of their names."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import ROOT, altered

from kpi_toolkit.clients.library import Library, called_by_name, design_template
from kpi_toolkit.clients.scaffold import new_cycle
from kpi_toolkit.clients.starting import indicator_of_card
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.checks import check_design
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.model import Indicator, IndicatorClass, Side

HERE = Workbook(ROOT)
# catalogue section D: duties, requirements, indicators with their class, whether a sales quota may be carried
CARDS = {
    "operation-manager": ("S036", 3, 0, ["sales_quota", "lead"], True),
    "network-editor": ("S037", 3, 0, ["workload", "workload", "reach"], False),
    "network-promotion": ("S038-S044-S045", 5, 5, ["workload", "reach", "reach", "lead"], False),
    "web-art": ("S039", 1, 0, ["workload", "quality"], False),
    "web-development": ("S040", 3, 0, ["workload"], False),
    "technical-support": ("S041", 1, 0, ["workload", "uptime"], False),
    "online-sales": ("S047", 1, 0, ["sales_quota", "result", "quality"], True),
    "site-head": ("S042-S043", 7, 4, ["workload", "quality", "lead"], False),
    "event-planner": ("S046", 1, 0, ["workload", "reach"], False),
    "business-vp": ("S051", 8, 0, ["sales_quota", "result", "management"], True),
    "unit-manager": ("S052", 3, 0, ["sales_quota", "result", "management"], True),
    "salesperson": ("S053", 7, 0, ["sales_quota", "result", "quality", "management"], True),
    "seo": ("S028-S048", 2, 0, ["reach", "reach", "reach", "quality"], False),
    "customer-service": ("S049", 1, 0, ["quality", "result", "quality"], False),
}
SIX = {"operation-manager", "network-editor", "network-promotion", "web-art", "web-development", "technical-support"}


@pytest.mark.parametrize("role", CARDS, ids=[f"{row}-{role}" for role, (row, *_) in CARDS.items()])
def test_a_role_card_has_the_catalogues_duties_requirements_and_indicators(role):
    rows, duties, requirements, kinds, quota = CARDS[role]
    card = Library(HERE).roles[role]
    assert set(rows.split("-")) <= set(card.rows)
    assert (len(card.duties), len(card.requirements)) == (duties, requirements)
    assert [item.kind.value for item in card.indicators] == kinds
    assert card.may_bear_sales_quota is quota
    for text in (card.name, *card.duties, *card.requirements, *(item.name for item in card.indicators)):
        assert text.zh
        assert text.en


def test_S025_the_six_posts_of_the_chain_are_there_among_all_cards():
    assert set(Library(HERE).roles) == set(CARDS)
    assert set(CARDS) >= SIX


def test_S044_promotion_checks_the_ad_back_end_every_day():
    daily = [duty for duty in Library(HERE).roles["network-promotion"].duties if duty.cadence == "daily"]
    assert [duty.id for duty in daily] == ["ad-back-end-check"]
    assert "每天查看广告后台" in daily[0].zh


def test_S047_indicators_that_no_seed_names_are_marked_as_ours():
    cards = Library(HERE).roles
    assert all(item.ours and not item.rows for item in cards["online-sales"].indicators)
    assert not any(item.ours for role in SIX for item in cards[role].indicators)
    assert all(card.ours != bool(card.rows) for card in Library(HERE).indicators.values())


def test_S088_only_posts_that_may_bear_a_quota_are_offered_one():
    for role, card in Library(HERE).roles.items():
        offered = any(item.kind is IndicatorClass.SALES_QUOTA for item in card.indicators)
        assert not offered or card.may_bear_sales_quota, role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("网站运营经理", "operation-manager"), ("网站主管", "operation-manager"), ("运营总监", "operation-manager"),
        ("operation_manager", "operation-manager"), ("Operation Manager", "operation-manager"), ("网页美工", "web-art"),
        ("editor", "network-editor"), ("网上销售兼网上客服", "online-sales"),
    ],
)  # fmt: skip
def test_S055_a_role_is_found_by_any_of_its_names(name, role):
    assert Library(HERE).find("roles", name) == role


def test_no_name_means_two_roles():
    seen: dict[str, str] = {}
    for role, card in Library(HERE).roles.items():
        for word in {card.name.zh, card.name.en.lower(), *map(str.lower, card.aliases)}:
            assert seen.setdefault(word, role) == role, word


def test_a_mistyped_role_is_answered_with_the_nearest():
    with pytest.raises(WorkbookError, match=r"Did you mean .*editor"):
        Library(HERE).find("roles", "network-editr")


@pytest.mark.parametrize(
    "name", ["sells-products", "grows-platform", "builds-brand", "form-team-leader", "form-promotion-department"]
)
def test_a_design_starter_is_sound(name):
    _, design = design_template(HERE, name)
    assert not check_design(design)
    for role in design.roles.values():
        assert role.name.zh
        assert role.name.en
        if any(item.kind is IndicatorClass.SALES_QUOTA for item in role.indicators):
            assert role.may_bear_sales_quota


def test_S119_editors_are_weighed_at_least_half_by_work_and_artists_by_work_alone():
    for name in ("sells-products", "grows-platform", "builds-brand"):
        roles = design_template(HERE, name)[1].roles
        assert roles["network-editor"].share(Side.PROCESS) >= 50
        assert roles["web-art"].method == "workload"


def test_a_workbooks_own_card_replaces_the_shipped_one(tmp_path):
    own = tmp_path / "templates" / "roles" / "web-art.toml"
    own.parent.mkdir(parents=True)
    text = (ROOT / "templates/roles/web-art.toml").read_text("utf-8")
    own.write_text(altered(text, ("Web art", "Visual design")), "utf-8")
    assert Library(Workbook(tmp_path)).find("roles", "visual design") == "web-art"
    assert len(Library(Workbook(tmp_path)).roles) == len(CARDS)


def test_a_new_role_costs_no_code(tmp_path):
    own = tmp_path / "templates" / "roles" / "live-host.toml"
    own.parent.mkdir(parents=True)
    own.write_text('name = { zh = "主播", en = "Live host" }\nmethod = "combined"\nstratum = "operating"\n', "utf-8")
    assert Library(Workbook(tmp_path)).find("roles", "主播") == "live-host"


def test_a_tailored_card_that_is_wrong_is_refused_with_its_place(tmp_path):
    own = tmp_path / "templates" / "roles" / "web-art.toml"
    own.parent.mkdir(parents=True)
    own.write_text('name = "x"\nmethod = "combind"\nstratum = "technical"\n', "utf-8")
    with pytest.raises(IssuesError) as found:
        dict(Library(Workbook(tmp_path)).roles)
    assert (found.value.issues[0].code, found.value.issues[0].place.file) == (
        "not-one-of",
        "templates/roles/web-art.toml",
    )


def test_an_unknown_template_is_answered_with_the_nearest():
    with pytest.raises(WorkbookError, match="Did you mean sells-products"):
        design_template(Workbook(Path()), "sell-product")


def test_a_cycle_opened_after_somebody_left_carries_none_of_their_goals(workbook):
    people = workbook.client_data / "home-goods" / "people.csv"
    lines = people.read_text("utf-8-sig").splitlines()
    gone = lines[-1].split(",")[0]
    new_cycle(workbook, "home-goods", "2026-11")
    people.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    new_cycle(workbook, "home-goods", "2026-12", source="2026-10")
    goals = workbook.client_data / "home-goods" / "cycles" / "2026-12" / "goals.csv"
    assert gone not in goals.read_text("utf-8-sig")
    kept = workbook.client_data / "home-goods" / "cycles" / "2026-10" / "people.csv"
    assert gone in kept.read_text("utf-8-sig")


def test_extra_columns_of_people_go_into_the_copies_of_earlier_cycles(workbook):
    new_cycle(workbook, "lumen-brand", "2026-11")
    kept = workbook.client_data / "lumen-brand" / "cycles" / "2026-10" / "people.csv"
    assert kept.read_bytes() == (workbook.client_data / "lumen-brand" / "people.csv").read_bytes()


def test_no_source_repeats_how_often_a_figure_is_looked_at():
    """The cadence has a field of its own and is printed behind the source."""
    files = [*(ROOT / "templates").rglob("*.toml"), *(ROOT / "client_data").glob("*/design.toml")]
    said = [line for file in files for line in file.read_text("utf-8").splitlines() if line.startswith("source = {")]
    assert len(said) > 50
    assert [
        line for line in said if re.search(r'每[日天周月季年]"|\b(daily|weekly|monthly|quarterly|yearly)"', line)
    ] == []


def test_the_workbooks_own_post_titles_are_known_names():
    titles = {
        said
        for starter in Library(HERE).organisations.values()
        for post in starter.posts if post.title
        for said in (post.title.zh, post.title.en)
    }  # fmt: skip
    assert len(titles) > 8
    for said in (*titles, "Network marketing manager", "网站开发人员", "content writer"):
        assert Library(HERE).find("roles", said) in Library(HERE).roles


def test_a_line_taken_from_a_card_is_scored_as_the_card_says():
    """Also where the card's curve has numbers of its own and no name."""
    workbook = Workbook(ROOT)
    for card in Library(workbook).indicators.values():
        line = Indicator.model_validate(indicator_of_card(card, Decimal(10), None), context=called_by_name(workbook))
        assert line == card.indicator(Decimal(10)), card.id
