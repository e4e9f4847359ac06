"""A design from the terminal: roles from the library's cards, renamed, removed; our own columns by their Chinese names."""

from __future__ import annotations

import csv
import tomllib

import pytest
from bs4 import BeautifulSoup

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.pages.report import report_of


@pytest.fixture
def acme(kpi, workbook):
    assert kpi("new", "acme", "--name", "Acme Home")[0] == 0
    return workbook.client_data / "acme"


def design(folder):
    return tomllib.loads((folder / "design.toml").read_text("utf-8"))["roles"]


def test_a_role_comes_from_a_card_with_the_clients_name_and_whole_weights(kpi, acme):
    text = (acme / "design.toml").read_text("utf-8")
    assert kpi("roles", "add", "Acme Home", "SEO专员", "--as", "Search lead")[0] == 0
    role = design(acme)["seo"]
    assert (role["name"], sum(line["weight"] for line in role["indicators"])) == ("Search lead", 100)
    assert {line["serves_goal"] for line in role["indicators"]} == {"product-sales"}
    assert (acme / "design.toml").read_text("utf-8").startswith(text.rstrip()), "comments and the rest stay"
    assert load_client(acme).design.roles["seo"].indicators[0].unit.en == "places"
    assert kpi("roles", "add", "acme", "seo")[0] == 0
    assert {"seo", "seo-2"} <= design(acme).keys()
    assert kpi("check", "acme")[0] == 0


def test_a_role_is_renamed_and_removed_by_id_or_name_and_not_while_somebody_has_it(kpi, acme):
    assert kpi("roles", "rename", "acme", "网络编辑", "内容编辑")[0] == 0
    assert design(acme)["network-editor"]["name"] == "内容编辑"
    (acme / "people.csv").write_text(
        "编号,姓名,岗位,团队,上级,入职日期\nlin,林晓,network-editor,组,,2024-03-01\n", "utf-8"
    )
    code, _, err = kpi("roles", "remove", "acme", "内容编辑")
    assert (code, "林晓" in err, "people.csv" in err) == (2, True, True)
    assert kpi("roles", "remove", "acme", "web-art")[0] == 0
    assert "web-art" not in design(acme)
    for verb in (("rename", "acme", "web-atr", "x"), ("remove", "acme", "web-developmnet")):
        before = (acme / "design.toml").read_bytes()
        code, _, err = kpi("roles", *verb)
        assert (code, "Roles: " in err) == (2, True)
        assert (acme / "design.toml").read_bytes() == before
    assert "web-development?" in err
    assert "Did you mean seo (" in kpi("roles", "add", "acme", "seoo")[2]


def test_S031_a_kind_of_work_is_put_into_a_form_with_its_quantity_and_the_plan_prints_it(kpi, workbook, acme):
    def weights():
        return [line["weight"] for line in design(acme)["network-editor"]["indicators"]]

    before, text = weights(), (acme / "design.toml").read_text("utf-8")
    put = ("roles", "put", "acme", "网络编辑", "图片与视频的收集和发布", "--quantity", "35", "--weight", "15")
    assert kpi(*put, "--quality", "Cut, captioned, approved")[0] == 0
    *rest, new = weights()
    assert (new, sum(rest)) == (15, 85)
    assert all(abs(own - 0.85 * was) < 1 for own, was in zip(rest, before, strict=True)), "less in proportion"
    line = load_client(acme).design.roles["network-editor"].indicators[-1]
    assert (line.id, line.target, line.unit.en, line.formula.part.zh) == (
        "media-published", 35, "videos", "发布的图片与视频",
    )  # fmt: skip
    for kept in text.splitlines():
        assert kept.startswith("weight") or kept in (acme / "design.toml").read_text("utf-8"), (
            "comments and the rest stay"
        )
    (acme / "people.csv").write_text("id,name,role,team\nlin,Lin,network-editor,net\n", "utf-8")
    assert kpi("new", "acme", "--cycle", "2027-03")[0] == 0
    sheet = report_of(workbook, "forms", client="acme", language="en", cycle="2027-03").section("forms").pieces[0]
    row = next(row for row in BeautifulSoup(sheet, "html.parser").select("table.form tr") if "videos" in row.text)
    said = row.get_text(" ", strip=True).replace("\xa0", " ")
    for part in ("by 31 March 2027", "Cut, captioned, approved", "Target 35 videos", " 15"):
        assert part in said


def test_put_again_an_indicator_changes_its_weight_and_keeps_its_words(kpi, acme):
    held = load_client(acme).design.roles["network-editor"].indicators
    assert kpi("roles", "put", "acme", "network-editor", held[0].id, "--quantity", "180", "--weight", "44")[0] == 0
    changed = load_client(acme).design.roles["network-editor"].indicators
    assert [item.id for item in changed] == [item.id for item in held]
    assert (changed[0].weight, changed[0].target, changed[0].standard) == (44, 180, held[0].standard)
    assert sum(item.weight for item in changed) == 100


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        (("network-editor", "media-publishd"), 2, "Did you mean media-published ("),
        (("network-editr", "media-published"), 2, "network-editor"),
    ],
)
def test_what_cannot_be_put_into_a_form_changes_nothing(kpi, acme, asked, code, says):
    before = (acme / "design.toml").read_bytes()
    found, _, err = kpi("roles", "put", "acme", *asked, "--quantity", "3", "--weight", "10")
    assert (found, says in err, (acme / "design.toml").read_bytes()) == (code, True, before)


@pytest.mark.parametrize("broken", ["= 3", "[roles.x]\nname = 3"])
def test_a_design_that_cannot_be_read_is_not_touched(kpi, acme, broken):
    file = acme / "design.toml"
    file.write_text(file.read_text("utf-8") + f"\n{broken}\n", "utf-8")
    before = file.read_bytes()
    assert kpi("roles", "add", "acme", "seo")[0] == 3
    assert file.read_bytes() == before


def test_our_own_columns_may_have_their_chinese_names(kpi, workbook):
    folder = workbook.client_data / "home-goods"
    names = {
        "people.csv": "编号,姓名,岗位,团队,上级,入职日期",
        "cycles/2026-10/actuals.csv": {"person": "人员", "indicator": "指标", "actual": "实际", "self": "自评", "appraiser": "考核人评价", "note": "备注"},
    }  # fmt: skip
    before = kpi("score", "home-goods", "2026-10", "--json")[1]
    for file, heads in names.items():
        with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
            head, *rows = csv.reader(opened)
        new = heads.split(",") if isinstance(heads, str) else [heads.get(name, name) for name in head]
        assert new != head
        with (folder / file).open("w", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened).writerows([new, *rows])
    assert kpi("score", "home-goods", "2026-10", "--json")[1] == before
    (folder / "people.csv").write_text("编号,称呼,岗位\nlin,林,network-editor\n", "utf-8")
    code, _, err = kpi("score", "home-goods", "2026-10")
    assert (code, "称呼" in err) == (3, True)
