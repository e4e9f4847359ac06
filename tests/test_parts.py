"""A goal in parts or stages: how far each is makes the completion, the score and what the page says."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup
from conftest import small_client

from kpi_toolkit.clients.client import inspect_cycle, load_client
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.pages.words import Words

pytestmark = pytest.mark.clients()

DESIGN = """
[roles.promoter]
name = "Promoter"

[[roles.promoter.indicators]]
id = "campaign"
name = "Spring campaign"
class = "workload"
weight = 30
target = 100

[[roles.promoter.indicators]]
id = "site"
name = "New site"
class = "quality"
weight = 30
basis = "appraiser"

[[roles.promoter.indicators]]
id = "videos"
name = "Videos"
class = "workload"
weight = 40
unit = "videos"
target = 20
"""


@pytest.fixture
def acme(workbook):
    return small_client(workbook.root, DESIGN, "id,name,role\nlin,Lin Xiao,promoter\n", _2026_11="")


def tell(folder, table: str, header: str, *rows: str) -> None:
    (folder / f"cycles/2026-11/{table}.csv").write_text("\n".join([header, *rows, ""]), "utf-8")


def scores(kpi) -> dict[str, tuple[str, str]]:
    code, out, err = kpi("score", "acme", "2026-11", "--json")
    assert code == 0, err
    return {line["id"]: (line["score"], line["points"]) for line in json.loads(out)["people"][0]["indicators"]}


def test_S153_the_completions_of_the_parts_of_a_row_are_averaged_alike_or_by_what_each_counts(kpi, acme):
    parts = ("campaign,,100%; 6/8；9/20", "site,,80; 60", "videos,20,")
    tell(acme, "actuals", "person,indicator,actual,parts", *(f"lin,{row}" for row in parts))
    found = scores(kpi)  # (100 + 75 + 45) / 3 of 30 points, and 70 % of 30
    assert (found["campaign"], found["site"]) == ((73.33, 22), (70, 21))
    tell(acme, "goals", "person,indicator,stages", "lin,campaign,50/30/20")
    assert scores(kpi)["campaign"] == (81.5, 24.45)


def test_S122_after_some_stages_the_score_is_what_these_count(kpi, acme, workbook):
    tell(acme, "goals", "person,indicator,stages", "lin,site,10/25/65")
    tell(acme, "actuals", "person,indicator,actual,parts", "lin,campaign,90,", "lin,site,,100;100;0", "lin,videos,20,")
    assert scores(kpi)["site"] == (35, 10.5)
    page = report_of(workbook, "person", client="acme", cycle="2026-11", person="lin", language="en")
    said = BeautifulSoup("".join(page.section("form").pieces), "html.parser").get_text(" ", strip=True)
    assert "parts 10/25/65: 100 · 100 · 0" in said
    assert not [one for one in inspect_cycle(load_client(acme), "2026-11")[1] if one.code == "points-for-percent"]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("campaign,,100; 40", "parts-not-stages", "parts"), ("videos,,100; 40", "parts-not-percent", "parts"),
        ("campaign,,100; 40; 7/6", "out-of-range", "parts"), ("campaign,45,100; 40; 0", "not-the-parts", "actual"),
        ("campaign,,done; 40; 0", "bad-parts", "parts"), ("campaign,,100; 4/0; 0", "bad-parts", "parts"),
        ("campaign,,100; -4; 0", "bad-parts", "parts"), ("campaign,,100; -4/-5; 0", "bad-parts", "parts"),
    ],
)  # fmt: skip
def test_parts_that_make_no_completion_are_refused_at_their_cell(acme, row, code, column):
    tell(acme, "goals", "person,indicator,stages", "lin,campaign,30/30/40")
    tell(acme, "actuals", "person,indicator,actual,parts", f"lin,{row}")
    found = inspect_cycle(load_client(acme), "2026-11")[1].errors
    assert [(one.code, one.place.row, one.place.column) for one in found] == [(code, 2, column)]


@pytest.mark.parametrize(
    ("part", "said"),
    [("100", ""), ("7/7", ""), ("0", ""), ("0.00", ""), ("100.01", "100.01"), ("7/6", "116.67"), ("7/5", "140"), ("10/1", "1000")],
)  # fmt: skip
def test_a_part_is_at_most_all_of_itself_and_more_is_told_as_it_would_be_written(acme, workbook, part, said):
    tell(acme, "actuals", "person,indicator,actual,parts", f"lin,campaign,,40; {part}; 9/20")
    found = inspect_cycle(load_client(acme), "2026-11")[1].errors
    assert [(one.code, one.place.column) for one in found] == ([("out-of-range", "parts")] if said else [])
    for language in ("en", "zh") if said else ():
        message = Words(language, workbook).message(found[0])
        assert re.findall(r"[\d.]*\d", message.replace(",", "")) == [said, "0", "100"]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ("50/30/20", ""), ("33.3/33.3/33.4", ""), ("99.9/0.1", ""), ("50/30/19.9", "The stages sum to 99.9, not 100."),
        ("50/30/20.1", "The stages sum to 100.1, not 100."), ("50/30", "The stages sum to 80, not 100."),
        ("60/60/-20", "A stage of 60/60/-20 counts -20; each must count more than 0."),
        ("50/50/0", "A stage of 50/50/0 counts 0; each must count more than 0."), ("0/0/0", "A stage of 0/0/0 counts 0; each must count more than 0."),
    ],
)  # fmt: skip
def test_the_stages_of_a_goal_make_100_and_each_counts_something(acme, workbook, stages, said):
    tell(acme, "goals", "person,indicator,stages", f"lin,campaign,{stages}")
    tell(acme, "actuals", "person,indicator,actual,parts", "lin,campaign,90,")
    found = inspect_cycle(load_client(acme), "2026-11")[1].errors
    shown = [(Words("en", workbook).message(one), one.place.row, one.place.column) for one in found]
    assert shown == ([(said, 2, "stages")] if said else [])


def test_a_completion_beside_its_parts_may_be_rounded(acme):
    tell(acme, "actuals", "person,indicator,actual,parts", "lin,campaign,66.7,100; 50; 1/2")
    assert not inspect_cycle(load_client(acme), "2026-11")[1].errors
