"""Every way a design can differ is rendered, team and person, in both languages, and says what is true of it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape

import pytest
from conftest import altered, indicator

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.results.inspection import check_client
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif import lift

BASE = """
{top}
[tiers]
{tiers}
{sections}
[roles.ed]
name = "Editor"
{role}
[[roles.ed.indicators]]
id = "a"
name = "Articles"
class = "workload"
weight = {wa}
target = 100
source = "log"
{a}
[[roles.ed.indicators]]
id = "b"
name = "Sales"
class = "result"
weight = {wb}
target = 100
source = "shop"
{b}
{more}
"""
PAIRS = [(99, 99), (90, 80), (80, 90), (80, 80), (75, 80), (70, 78), (70, 72), (66, 66), (60, 62), (50, 50)]
VETO = (
    '[[roles.ed.indicators]]\nid = "v"\nname = "Licence"\nclass = "quality"\nweight = 0\ntarget = 1\nsource = "audit"\n'
)
FEATURES = {
    "tie-break": {"tiers": 'tie_break = ["result"]\nshares = [20, 70, 10]'},
    "guidelines": {"tiers": 'guidelines = [{ tiers = ["top"], is = ">=", share = 60 }, { tiers = ["bottom"], is = ">=", share = 80 }]'},
    "no-top": {"tiers": "shares = [0, 90, 10]"}, "middle-only": {"tiers": "shares = [0, 100, 0]"}, "top-only": {"tiers": "shares = [100, 0, 0]"},
    "bottom-only": {"tiers": "shares = [0, 0, 100]"}, "worse": {"tiers": 'tie = "worse"'}, "middle": {"tiers": 'tie = "middle"'},
    "boundary-gap": {"tiers": 'rule = "boundary_gap"'}, "carry-over": {"tiers": 'rule = "carry_over"'},
    "statements": {"sections": '[confidence]\nweights = "statements"\n[[confidence.statements]]\nrole = "ed"\nindicator = "a"\nat_least = 60\nat_most = 60\n'},
    "uniform": {"sections": '[confidence]\nweights = "uniform"\nreliability = 0.99\n'}, "ordinal": {"sections": '[confidence]\nweights = "ordinal"\n'},
    "team-share": {"top": "team_share = 20"}, "raters": {"sections": "[raters]\nself = 10\nappraiser = 90\n", "a": 'basis = "raters"'},
    "geometric": {"role": 'aggregation = "geometric"'},
    "blocks": {"role": '[roles.ed.blocks.x]\nname = "X"\nmaximum = 70\n[roles.ed.blocks.y]\nname = "Y"\nmaximum = 140\n', "a": 'block = "x"', "b": 'block = "y"', "wa": 70, "wb": 140},
    "veto": {"more": VETO + 'curve = "veto"\n'}, "no-top-tier": {"more": VETO + 'curve = "no-top-tier"\n'},
    "bonus": {"top": "item_cap = 110", "more": altered(VETO, ("= 1\n", "= 5\n")) + 'curve = "bonus-only"\n'},
    "table": {"a": 'curve = "two-way-table"'}, "goalposts": {"b": 'curve = "goalposts"'}, "steps": {"a": 'curve = "deduct-per-step"'},
    "all-alike": {"same": True},
}  # fmt: skip


@pytest.fixture
def practice(tmp_path):
    """Return a factory of workbooks with one client whose design has a feature."""

    def make(feature: dict) -> Workbook:
        folder = tmp_path / "client_data" / "mk"
        parts = {
            "top": "",
            "tiers": "",
            "sections": "",
            "role": "",
            "a": "",
            "b": "",
            "more": "",
            "wa": 50,
            "wb": 50,
        } | feature
        cycle = folder / "cycles" / "2026-10"
        cycle.mkdir(parents=True)
        (folder / "client.toml").write_text('name = "Acme"\nlanguages = ["en"]\n', "utf-8")
        (folder / "design.toml").write_text(BASE.format(**parts), "utf-8")
        people = "".join(f"p{n:02d},Person {n},ed,{'x' if n < 6 else 'y'}\n" for n in range(1, 11))
        (folder / "people.csv").write_text("id,name,role,team\n" + people, "utf-8")
        rows = ["person,indicator,actual,self,appraiser"]
        for n, (a, b) in enumerate(PAIRS, start=1):
            done, sold = (80, 80) if parts.get("same") else (a, b)
            rows += [f"p{n:02d},a,{done},{done},{done}", f"p{n:02d},b,{sold},,"]
            rows += [f"p{n:02d},v,{int(n != 1) * 11},,"] if parts["more"] else []
        (cycle / "actuals.csv").write_text("\n".join(rows) + "\n", "utf-8")
        return Workbook(tmp_path)

    return make


@pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, language, marks=[pytest.mark.slow] if (n + 3 * turn) % 7 else [])
        for turn, language in enumerate(("zh", "en")) for n, name in enumerate(FEATURES)
    ],
)  # fmt: skip
def test_a_design_with_this_is_rendered_and_its_json_is_json(practice, make_page, name, language):
    workbook = practice(FEATURES[name])
    assert [i.code for issues in check_client(workbook, "mk") for i in issues.errors] == []
    summary = summarize_cycle(load_client(workbook.client_data / "mk"), "2026-10")
    json.dumps(summary.to_json(), allow_nan=False)
    html, _ = make_page(workbook, "team", "mk", language=language)
    person, _ = make_page(workbook, "person", "mk", language=language, person="p03")
    for page in (html, person):
        text = unescape(re.sub(r"<[^>]+>", " ", page.split("</style>")[-1]))
        assert not re.search(r"\bnan\b|\bNone\b|\{\w+\}|Decimal\(", text)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.rsplit("</style>", maxsplit=1)[-1])).split())


def test_the_method_page_says_what_this_design_does(practice, make_page):
    workbook = practice(FEATURES["team-share"] | {"tiers": 'tie = "worse"\ntie_break = ["result"]'})
    text = text_of(make_page(workbook, "team", "mk", language="en")[0])
    assert "20% of everyone's score is the mean of their team's own scores." in text
    assert "Ties at a cut go to the lower tier" in text
    assert "broken by the agreed order: result points" in text
    assert "share the better tier; too many" not in text


def test_a_fallen_veto_is_explained_to_the_team_and_to_the_person(practice, make_page):
    workbook = practice(FEATURES["veto"])
    assert "Person 1: Licence failed; total 0.00." in text_of(make_page(workbook, "team", "mk", language="en")[0])
    text = text_of(make_page(workbook, "person", "mk", language="en", person="p01")[0])
    assert "veto applied: Licence" in text
    assert "pass it first" in text
    assert summarize_cycle(load_client(workbook.client_data / "mk"), "2026-10").to_json()["people"][0]["gates"] == ["v"]


def test_nobody_is_told_a_lift_that_the_team_would_undo(practice, make_page):
    workbook = practice(FEATURES["team-share"])
    text = text_of(make_page(workbook, "person", "mk", language="en", person="p04")[0])
    assert "lifts the colleagues too" in text
    assert "can be checked" not in text


def test_points_lost_are_those_that_could_be_won(practice):
    workbook = practice(FEATURES["team-share"])
    line = summarize_cycle(load_client(workbook.client_data / "mk"), "2026-10").person("p02")
    assert [str(item.lost) for item in line.lines] == ["4.00", "8.00"]  # 10 and 20 points short, half of 80 % each


def test_a_weighted_veto_without_a_value_follows_the_missing_policy(make_design, make_tables):
    from conftest import indicator

    from kpi_toolkit.method.scoring import score_people

    veto = indicator("v", 20, target=1, curve={"kind": "gate", "scope": "total"})
    design = make_design(indicator("a", 80), veto, missing="zero")
    assert str(score_people(design, make_tables({"p": {"a": 80}}))["score"][0]) == "64.00"


def test_too_many_equals_are_never_sent_to_the_bottom(practice):
    import pandas as pd

    from kpi_toolkit.method.scheme import TierScheme
    from kpi_toolkit.method.tiers import assign_tiers

    frame = pd.DataFrame({"person": list("abcdefghij"), "score": [99, 98, *[80] * 8]})
    tiering = assign_tiers(frame, TierScheme.model_validate({"tie": "worse"}))
    assert "bottom" not in set(tiering.table["tier"])
    assert "tie_too_many" in [note.code for note in tiering.pools[0].notes]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('[[confidence.statements]]\nrole = "ed"\nindicator = "a"\nat_least = 80\n[[confidence.statements]]\nrole = "ed"\nindicator = "b"\nat_least = 80\n', "statements-conflict"),
        ('[[confidence.statements]]\nrole = "ed"\nindicator = "a"\nover = "b"\ntimes = 2\n[[confidence.statements]]\nrole = "ed"\nindicator = "b"\nover = "a"\ntimes = 2\n', "statements-conflict"),
    ],
)  # fmt: skip
def test_statements_that_contradict_each_other_are_a_finding(practice, said, code):
    workbook = practice({"sections": '[confidence]\nweights = "statements"\n' + said})
    assert [i.code for issues in check_client(workbook, "mk") for i in issues.errors] == [code]


def test_decisions_of_a_meeting_leave_the_cuts_of_the_scores_alone(practice):
    workbook = practice({})
    lines = "date,person,from_tier,to_tier,reason,approver\n2026-11-05,p04,middle,bottom,r,boss\n2026-11-05,p10,bottom,middle,r,boss\n"
    (workbook.client_data / "mk/cycles/2026-10/calibration.csv").write_text(lines, "utf-8")
    summary = summarize_cycle(load_client(workbook.client_data / "mk"), "2026-10")
    cuts = [(cut.above.id, cut.below.id, cut.worked_out) for cut in summary.cuts]
    assert cuts == [("p03", "p04", True), ("p09", "p10", True)]  # p02 and p03 are equal and share the better tier
    assert summary.lift("p04") is None
    assert summary.confidence.people["p04"].rests_on == "decision"


@pytest.mark.parametrize(("target", "named"), [(999, "854.7"), (1000, "856"), (1001, "857")])
def test_what_would_lift_somebody_is_a_whole_number_from_a_target_of_a_thousand_on(make_design, target, named):
    item = make_design(indicator("a", 100, unit="orders")).roles["clerk"].indicators[0]
    found = lift._actual_for(item, 85_550_000, Decimal(target), Decimal(100), None, whole=False)
    assert found == Decimal(named)
