"""Rounded once, and by one rule: what is printed, ranked and handed on comes from unrounded fractions."""

from __future__ import annotations

import ast
import csv
import json
import re
from decimal import Decimal
from fractions import Fraction
from html import unescape

import pandas as pd
import pytest
from conftest import ROOT, altered, indicator
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.library import countable_units
from kpi_toolkit.clients.reading import parse_toml
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks import check_cycle
from kpi_toolkit.method.curves import Gate
from kpi_toolkit.method.lines import geometric_mean
from kpi_toolkit.method.model import Aggregation, Design
from kpi_toolkit.method.numbers import MICRO, half_up
from kpi_toolkit.method.quotas import tier_quotas
from kpi_toolkit.method.scheme import QuotaRule, TierScheme
from kpi_toolkit.method.scoring import score_cycle, score_indicators, score_people
from kpi_toolkit.method.settings import Missing
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import assign_tiers
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.lift import lift_of
from kpi_toolkit.whatif.session import session_data

TOP_UP = {"kind": "steps", "by": "margin", "start": 0, "step": 1, "bonus": "0.125", "counted": "parts", "ceiling": 5, "outside": True}  # fmt: skip


def text_of(page: str) -> str:
    return re.sub(
        r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(style|script)[^>]*>.*?</\1>", "", page, flags=re.S)))
    )


def geometric(design: Design, **changes) -> Design:
    role = design.roles["clerk"].model_copy(update={"aggregation": Aggregation.GEOMETRIC})
    return design.model_copy(update={"roles": {"clerk": role}, **changes})


# --- one rounding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "exact"),
    [
        ("69.06", "69.07", "69.06"),  # 69.06499981 …: by way of millionths it was 69.07
        ("80.00", "80.01", "80.00"),  # 80.00499984 …
        ("45.125", "45.125", "45.13"),  # a whole root, exactly on a half
        ("36.1", "90.25", "57.08"),  # 57.07889…
        ("98.01", "100", "99.00"),  # a whole root of unequal scores
    ],
)
def test_a_geometric_mean_is_rounded_once(make_design, make_tables, first, second, exact):
    design = geometric(make_design(indicator("a", 50), indicator("b", 50)))
    got = score_people(design, make_tables({"p": {"a": first, "b": second}}))["score"][0]
    assert got == Decimal(exact)
    assert (2 * got * 100 - 1) ** 2 <= 4 * 100**2 * Decimal(first) * Decimal(second) < (2 * got * 100 + 1) ** 2


@pytest.mark.parametrize(
    ("scores", "weights"), [((40, 90), (50, 50)), ((8, 27), ("33.33", "66.66")), ((16, 81), (25, 75))]
)
def test_a_geometric_mean_that_is_whole_is_that_number_and_nothing_near_it(scores, weights):
    mean = geometric_mean([(s * MICRO, Decimal(w), "scored") for s, w in zip(scores, weights, strict=True)])
    assert mean.denominator == 1
    assert mean in {60 * MICRO, 18 * MICRO, 54 * MICRO}


def test_points_outside_the_weights_are_rounded_with_the_total(make_design):
    """80.005 and 0.125 are 80.13; rounded apart they were 80.14, and took a place from 80.1325."""
    design = make_design(indicator("a", 50), indicator("b", 50), indicator("extra", 0, target=10, curve=TOP_UP))
    values = {"p": ("80.01", "80", 11), "q": ("80.01", "80", "11.02"), "r": ("80.01", "80", 9)}
    tables = Tables.of(
        people=[{"id": p, "name": p, "role": "clerk"} for p in values],
        actuals=[
            {"person": p, "indicator": i, "actual": v}
            for p, own in values.items() for i, v in zip(("a", "b", "extra"), own, strict=True)
        ],
    )  # fmt: skip
    scores = score_people(design, tables)
    assert list(scores["item_score"]) == [Decimal("80.13"), Decimal("80.13"), Decimal("80.01")]
    points = score_indicators(design, tables).groupby("person")["points"].sum()
    assert list(points) == list(scores["item_score"])
    mixed = geometric(design, team_share=Decimal(20))
    assert list(score_people(mixed, tables)["item_score"]) == [Decimal("80.13"), Decimal("80.13"), Decimal("80.00")]


@given(
    st.lists(st.tuples(st.integers(0, 12000), st.integers(0, 12000), st.integers(0, 5000)), min_size=1, max_size=4),
    st.sampled_from([0, 20, Decimal("12.5")]),
)
def test_whatever_is_mixed_the_whole_is_what_fractions_give_and_printed_points_add_up(rows, share):
    items = [indicator("a", "33.33"), indicator("b", "66.67"), indicator("extra", 0, target=10, curve=TOP_UP)]
    design = Design.model_validate(
        {"roles": {"clerk": {"name": "C", "indicators": items}}, "team_share": share, "item_cap": 120}
    )
    people = [f"p{n}" for n in range(len(rows))]
    tables = Tables.of(
        people=[{"id": p, "name": p, "role": "clerk", "team": "x"} for p in people],
        actuals=[
            {"person": p, "indicator": i, "actual": Decimal(v) / 100}
            for p, row in zip(people, rows, strict=True) for i, v in zip(("a", "b", "extra"), row, strict=True)
        ],
    )  # fmt: skip
    own = [(Fraction(a) * 3333 + Fraction(b) * 6667) / 10_000 / 100 for a, b, _ in rows]
    mean = sum(own) / len(own)
    lines = score_indicators(design, tables)
    printed = lines.groupby("person")["points"].sum()
    for place, row in enumerate(score_people(design, tables).itertuples()):
        extra = min(max(Fraction(rows[place][2], 100) - 10, 0) / 8, 5)
        whole = own[place] * (1 - Fraction(share) / 100) + mean * Fraction(share) / 100 + extra
        assert row.item_score == half_up(whole, 2)
        assert printed[row.person] + row.team_points == row.item_score


def test_a_vetos_limit_has_two_decimals_like_every_score(make_design):
    assert Gate(scope="total", limit=Decimal("59.98")).limit == Decimal("59.98")
    for limit in ("59.985", "0.001"):
        with pytest.raises(ValidationError, match="decimal places"):
            Gate(scope="total", limit=Decimal(limit))


_OFFICIAL = [
    *sorted((ROOT / "kpi_toolkit/method").rglob("*.py")),
    *(
        ROOT / "kpi_toolkit/whatif" / f"{name}.py"
        for name in ("lift", "cuts", "agenda", "linking", "session", "fit", "scenarios")
    ),
    *(ROOT / "kpi_toolkit/results" / f"{name}.py" for name in ("summary", "lines", "history")),
    ROOT / "kpi_toolkit/pages/pictures.py",
]
_NO_FIGURES = {"numbers.py", "colour.py"}
"""The home of the rule itself, and shades of colours."""


@pytest.mark.parametrize("path", _OFFICIAL, ids=lambda path: path.name)
def test_official_figures_are_rounded_by_one_rule_only(path):
    """Python rounds halves to even, decimals by whatever their context says: neither is the rule that is agreed."""
    if path.name in _NO_FIGURES:
        return
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    bare = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "round"]
    bare += [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "quantize"]
    assert not bare, "use numbers.half_up, or round_half_up for whole numbers"


# --- quotas, teams, what is missing ------------------------------------------------------------------------------------

SHARES = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(
    lambda pair: (5 * min(pair), 5 * abs(pair[0] - pair[1]), 100 - 5 * max(pair))
)


@given(
    st.lists(st.integers(0, 30), min_size=0, max_size=25), SHARES, st.sampled_from(list(QuotaRule)), st.integers(0, 40)
)
def test_no_rule_gives_a_tier_fewer_than_nobody_and_all_sum_to_the_head_count(scores, shares, rule, before):
    found = tier_quotas(len(scores), shares, rule, before=before, scores=scores)
    assert min(found) >= 0
    assert sum(found) == len(scores)


@pytest.mark.parametrize(
    ("scores", "shares", "quotas"),
    [
        ((99, 95, 88, 79), (45, 10, 45), (3, 0, 1)),  # it gave a middle of -1
        ((99, 98, 97, 90, 60), (100, 0, 0), (5, 0, 0)),  # one tier: there is no cut to move
        ((99, 98, 97, 90, 60), (0, 0, 100), (0, 0, 5)),
        ((99, 98, 60, 59), (25, 50, 25), (2, 1, 1)),
        ((99, 98, 60, 59), (50, 0, 50), (2, 0, 2)),
        ((99, 60, 59, 58), (50, 0, 50), (1, 0, 3)),
    ],
)
def test_a_cut_is_moved_only_between_tiers_that_hold_somebody(scores, shares, quotas):
    assert tuple(tier_quotas(len(scores), shares, "boundary_gap", scores=scores)) == quotas


def cycle_of(values: dict[str, tuple[str, int]]) -> Tables:
    return Tables.of(
        people=[{"id": p, "name": p, "role": "clerk", "team": team} for p, (team, _) in values.items()],
        actuals=[{"person": p, "indicator": i, "actual": v} for p, (_, v) in values.items() for i in "ab"],
    )


def test_people_without_a_team_are_no_team(make_design):
    """Half of a score from the team: two people without one kept 100 and 40, where they had 85 and 55."""
    tables = cycle_of({"ann": ("", 100), "bob": ("", 40), "eva": ("x", 90), "tom": ("x", 50)})
    scores = score_people(make_design(team_share=50), tables)
    assert list(scores["score"]) == [Decimal(100), Decimal(40), Decimal(80), Decimal(60)]
    assert list(scores["team_points"]) == [0, 0, Decimal("35.00"), Decimal("35.00")]


def test_where_teams_are_the_pools_whoever_has_none_has_a_score_and_no_rank(make_design):
    tables = cycle_of({"ann": ("", 100), "bob": ("", 40), "eva": ("x", 90), "tom": ("x", 50)})
    design = make_design(tiers={"pool": "team", "min_group": 2, "exempt": [{"person": "bob", "reason": "leave"}]})
    tiering = assign_tiers(score_people(design, tables), design.tiers)
    assert [pool.id for pool in tiering.pools] == ["x"]
    rows = tiering.table.set_index("person")
    assert rows.loc[["ann", "bob"], "reason"].tolist() == ["no_team", "exempt"]
    assert rows.loc["ann", ["pool", "rank", "tier"]].tolist() == [None, None, None]
    assert rows.loc[["eva", "tom"], "rank"].tolist() == [1, 2]


@pytest.mark.parametrize("shares", [{"self": 50, "appraiser": 0, "others": 50}, {"self": 100, "appraiser": 0}])
def test_a_table_that_raters_fill_needs_the_appraisers_view_and_says_so_before_it_is_scored(make_design, shares):
    curve = {"kind": "table", "rows": [0, 80], "columns": [0, 60], "scores": [[0, 30], [50, 100]]}
    design = make_design(indicator("a", 60, basis="raters", curve=curve), indicator("b", 40), raters=shares)
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[
            {"person": "p", "indicator": "a", "self": 90, "others": 80},
            {"person": "p", "indicator": "b", "actual": 70},
        ],
    )
    found = [issue for issue in check_cycle(design, tables) if issue.code == "missing-actual"]
    assert [(issue.values["indicator"].en, issue.place.column) for issue in found] == [("a", "appraiser")]
    assert score_people(design, tables)["score"][0] == Decimal("70.00")
    refusing = design.model_copy(
        update={"missing_rule": design.missing_rule.model_copy(update={"policy": Missing.REFUSE})}
    )
    assert [i.code for i in check_cycle(refusing, tables).errors] == ["missing-actual"]


# --- how little may be filled in ---------------------------------------------------------------------------------------


def thin_cycle(filled: dict[str, str]) -> Tables:
    return Tables.of(
        people=[{"id": p, "name": p, "role": "clerk"} for p in filled],
        actuals=[{"person": p, "indicator": i, "actual": 100 - n} for n, (p, own) in enumerate(filled.items()) for i in own],
    )  # fmt: skip


def three(design_of, **changes) -> Design:
    items = [indicator("a", 10), indicator("b", "49.99"), indicator("c", "40.01")]
    return design_of(*items, tiers={"min_group": 2}, **changes)


def test_whoever_has_too_little_filled_in_has_a_score_and_neither_rank_nor_tier(make_design):
    design = three(make_design, missing={"policy": "leave_out", "least_weight": 60})
    people = {"thin": "ab", "p1": "abc", "p2": "bc", "p3": "abc", "p4": "abc", "p5": "abc", "none": ""}
    scores = score_people(design, thin_cycle(people))
    assert dict(zip(scores["person"], scores["too_little"], strict=True)) == {p: p == "thin" for p in people}
    tiering = assign_tiers(scores, design.tiers)
    [pool] = tiering.pools
    rows = tiering.table.set_index("person")
    assert scores["score"][0] == 100
    assert rows.loc["thin", ["rank", "tier", "reason"]].tolist() == [None, None, "too-little-filled"]
    assert rows.loc["p1", ["rank", "tier"]].tolist() == [1, "top"]
    assert pool.n == 5
    assert [(note.code, dict(note.values)["person"]) for note in pool.notes] == [
        ("too-little-filled", "thin"),
        ("no_score", "none"),
    ]
    without = three(make_design)
    assert assign_tiers(score_people(without, thin_cycle(people)), without.tiers).table["rank"][0] == 1


@pytest.mark.parametrize(("least", "thin"), [("59.99", False), (60, True), (0, False)])
def test_exactly_the_least_weight_is_enough(make_design, least, thin):
    design = three(make_design, missing={"policy": "leave_out", "least_weight": least})
    assert score_people(design, thin_cycle({"p": "ab", "q": "abc"}))["too_little"][0] == thin


def test_the_least_weight_is_of_what_the_method_counts_and_holds_only_where_gaps_are_left_out(make_design):
    items = [indicator("a", 30), indicator("b", 20), indicator("c", 50, **{"class": "result"})]
    rule = {"policy": "leave_out", "least_weight": 60}
    workload = make_design(*items, method="workload", missing=rule)
    assert not score_people(workload, thin_cycle({"p": "a"}))["too_little"][0]  # 30 of 50
    assert score_people(workload, thin_cycle({"p": "b"}))["too_little"][0]
    filled = make_design(*items, missing=rule | {"policy": "zero"})
    assert not score_people(filled, thin_cycle({"p": "b"}))["too_little"][0]


def test_a_missing_rule_is_a_word_or_a_section_and_a_word_stays_a_word(make_design):
    plain, section = make_design(missing="zero"), make_design(missing={"policy": "zero"})
    assert plain == section
    assert plain.model_dump(by_alias=True)["missing"] == "zero"
    rich = make_design(missing={"policy": "leave_out", "least_weight": 60})
    assert rich.model_dump(mode="json", by_alias=True)["missing"] == {"policy": "leave_out", "least_weight": "60"}
    assert (rich.missing.value, rich.least_weight, plain.least_weight) == ("leave_out", 60, 0)


_ROLE = (
    '[roles.clerk]\nname = "C"\n[[roles.clerk.indicators]]\nid = "a"\nname = "A"\nclass = "workload"\nweight = 100\n'
)


@pytest.mark.parametrize(
    ("text", "least", "found"),
    [
        ('[missing]\npolicy = "leave_out"\nleast_weight = 60\n', 60, []),
        ('missing = { policy = "leave_out", least_weight = 62.5 }\n', Decimal("62.5"), []),
        ("[missing]\nleast_weight = 60\n", 60, []), ('missing = "leave_out"\n', 0, []), ("", 0, []),
        ('[missing]\npolicy = "zero"\nleast_weight = 60\n', 0, []),
        ("[missing]\nleast_weigth = 60\n", None, [("unknown-key", "missing.least_weigth")]),
        ("[missing]\nleast_weight = 101\n", None, [("above-limit", "missing.least_weight")]),
        ("[missing]\nleast_weight = 33.333\n", None, [("too-many-decimals", "missing.least_weight")]),
        ('[missing]\npolicy = "leaveout"\n', None, [("not-one-of", "missing.policy")]),
    ],
)  # fmt: skip
def test_the_rule_for_gaps_is_read_from_a_file_as_it_is_written(text, least, found):
    design, issues = parse_toml((text + _ROLE).encode(), Design, "design.toml")
    assert [(issue.code, issue.place.key) for issue in issues] == found
    assert (design.least_weight if design else None) == least


def test_people_who_are_not_ranked_leave_the_quotas_to_the_others():
    scores = pd.DataFrame({"person": list("abcdef"), "score": [Decimal(n) for n in (99, 90, 80, 70, 60, 50)], "too_little": [True] + [False] * 5})  # fmt: skip
    tiering = assign_tiers(scores, TierScheme())
    assert tiering.table["tier"].tolist() == [None, "top", "middle", "middle", "middle", "middle"]
    assert tuple(tiering.pools[0].quotas) == (1, 4, 0)


def test_whoever_has_too_little_filled_in_takes_no_seat_in_what_lifts_another(make_design):
    """Two seats at the top of five: the third of them needs the second's score, not that of somebody unranked."""
    design = three(make_design, missing={"policy": "leave_out", "least_weight": 60})
    design = design.model_copy(update={"tiers": TierScheme(min_group=2, shares=(Decimal(40), Decimal(60), Decimal(0)))})
    tables = thin_cycle({"t1": "ab", "t2": "ab", "t3": "ab", **dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), "abc")})
    scored = score_cycle(design, tables)
    found = lift_of("p3", design=design, scored=scored, tiering=assign_tiers(scored.scores.values(), design.tiers))
    assert (found.tier, found.score) == ("top", Decimal(96))  # p1 has 97, p2 96; equals share the better tier


@pytest.fixture
def practice(workbook):
    """Return Cloudboard with teams as pools, somebody in no team, and somebody who has one indicator filled in."""
    folder = workbook.client_folder("cloudboard")
    design, people = folder / "design.toml", folder / "people.csv"
    text = altered(design.read_text("utf-8"), ('pool = "client"', 'pool = "team"'))
    design.write_text(altered(text, ("min_group = 5", 'min_group = 2\nrule = "carry_over"')), "utf-8")
    text = people.read_text("utf-8-sig")
    assert "j-mercer,James Mercer,network-editor,Content" in text
    people.write_text(
        altered(text, ("j-mercer,James Mercer,network-editor,Content", "j-mercer,James Mercer,network-editor,")),
        "utf-8",
    )
    for cycle in ("2026-09", "2026-10"):
        file = folder / "cycles" / cycle / "actuals.csv"
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in [row for row in rows if row["person"] == "r-silva"][1:]:
            row["actual"] = ""
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return workbook


def test_seats_are_carried_over_for_those_who_were_ranked(practice):
    summary = summarize_cycle(load_client(practice.client_folder("cloudboard")), "2026-10")
    [past] = summary.history[-1:]
    assert summary.earlier["Content"] == sum(old.sizes["Content"] for old in summary.history)
    assert [old.sizes["Content"] for old in summary.history][-2:] == [4, 3]  # five, less one in no team; then Rita too
    assert "r-silva" in past.scores


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_say_in_words_why_somebody_has_a_score_and_no_rank(practice, make_page, language):
    words = Words(language, practice)
    team = text_of(make_page(practice, "team", "cloudboard", language=language)[0])
    assert words("note.too-little-filled", person="Rita Silva", least=60) in team
    assert words("note.no_team", people=["James Mercer"], n=1) in team
    assert words("pool.unnamed") in team
    assert words("how.least_weight", least=60) in team
    for person, reason in (("r-silva", "too-little-filled"), ("j-mercer", "no_team")):
        page = text_of(make_page(practice, "person", "cloudboard", language=language, person=person)[0])
        assert words(f"reason.{reason}") in page
        assert words("person.advisory") not in page


def test_the_ranking_in_a_terminal_says_it_too(practice, kpi):
    code, out, _ = kpi("score", "cloudboard", "2026-10")
    said = " ".join(re.sub(r"[^\w\s,–*.]", " ", out).split())
    assert code == 0
    assert "too little" in said
    assert "in no team" in said
    rows = {row["id"]: row for row in json.loads(kpi("score", "cloudboard", "2026-10", "--json")[1])["people"]}
    assert [rows["r-silva"][key] for key in ("pool", "rank", "tier", "reason", "verdict")] == ["Content", None, None, "too-little-filled", None]  # fmt: skip
    assert [rows["j-mercer"][key] for key in ("pool", "rank", "tier", "reason")] == [None, None, None, "no_team"]


def test_the_live_session_leaves_out_the_same_people(practice):
    summary = summarize_cycle(load_client(practice.client_folder("cloudboard")), "2026-10")
    data = session_data(summary.basis, "cloudboard", "2026-10")
    agreed = {person.id: (person.pool, *person.agreed[1:]) for person in data.people}
    assert agreed["r-silva"] == ("Content", None, None, "too-little-filled")
    assert agreed["j-mercer"] == ("", None, None, "no_team")
    assert data.rules["least_weight"] == 6000


# --- whole pieces ------------------------------------------------------------------------------------------------------

COUNTABLE = countable_units(Workbook(ROOT))


@pytest.mark.parametrize(
    ("zh", "en", "whole"),
    [
        ("位", "customers", True), ("位", "Customer", True), ("个", "defects", True), ("篇", "篇", True), ("单", "", True),
        ("位", "place", False), ("分钟", "minutes", False), ("元", "CNY", False), ("%", "%", False), ("", "", False), ("万元", "万元", False),
    ],
)  # fmt: skip
def test_units_are_countable_by_every_word_they_have(zh, en, whole):
    assert (Text(zh=zh, en=en) in COUNTABLE) == whole


@pytest.mark.parametrize(
    ("unit", "direction", "exact", "needed"),
    [
        ({"zh": "位", "en": "customers"}, "higher", "45.8", 46), ({"zh": "分钟", "en": "minutes"}, "higher", "45.8", Decimal("45.8")),
        ("", "higher", "45.8", 46), ("", "lower", "6.5", 6), ({"zh": "个", "en": "defects"}, "lower", "6.5", 6), ({"zh": "天", "en": "days"}, "lower", "6.5", Decimal("6.5")),
    ],
)  # fmt: skip
def test_what_lifts_a_person_is_asked_for_in_whole_pieces_on_the_side_that_is_enough(
    make_design, make_tables, unit, direction, exact, needed
):
    """26 customers were to become 30.8."""
    target = 50 if direction == "higher" else 6
    wanted = Decimal(exact) * 100 / 50 if direction == "higher" else Decimal(600) / Decimal(exact)
    best = half_up(wanted - Decimal("0.005"), 2)
    design = make_design(
        indicator("a", 100, target=target, direction=direction, unit=unit),
        tiers={"min_group": 2, "shares": [50, 50, 0]},
    )
    start = 30 if direction == "higher" else 20
    at = lambda score: score * 50 / 100 if direction == "higher" else Decimal(600) / score  # noqa: E731
    values = {"p": {"a": start}, "q": {"a": half_up(at(best), 6)}, "r": {"a": half_up(at(best), 6)}, "s": {"a": start}}
    tables = make_tables(values)
    scored = score_cycle(design, tables)
    tiering = assign_tiers(scored.scores.values(), design.tiers)
    found = lift_of("p", design=design, scored=scored, tiering=tiering, countable=COUNTABLE)
    [step] = found.steps
    assert step.needed == needed
    tried = score_people(design, make_tables({**values, "p": {"a": step.needed}}))
    assert assign_tiers(tried, design.tiers).table["tier"][0] == "top"


def test_no_report_asks_anybody_for_a_part_of_a_customer(workbook):
    for client in ("home-goods", "cloudboard", "lumen-brand"):
        summary = summarize_cycle(load_client(workbook.client_folder(client)), "2026-10")
        for line in summary.people:
            items = {item.id: item for item in line.role.indicators}
            lift = summary.lift(line.id)
            for step in lift.steps if lift else ():
                if items[step.indicator].unit in COUNTABLE:
                    assert step.needed == int(step.needed), (line.name, step)
