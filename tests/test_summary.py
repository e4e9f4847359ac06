"""One summary, many faces: the JSON of the contract, figures recomputed from the files by other means, what-if answers."""

from __future__ import annotations

import csv
import json
import pickle
import tomllib
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from time import process_time

import pytest
from conftest import ROOT, indicator
from texts import plain_client

from kpi_toolkit.clients.client import load_client, read_cycle
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.scoring import Standing, score_cycle, score_people
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.tiers import assign_tiers
from kpi_toolkit.results import history
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.cuts import compare_cuts, compare_missing
from kpi_toolkit.whatif.lift import lift_of

CLIENTS = ("home-goods", "cloudboard", "lumen-brand")
CYCLES = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")


@pytest.fixture(scope="module")
def summaries():
    return {client: summarize_cycle(load_client(ROOT / "client_data" / client), "2026-10") for client in CLIENTS}


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def recomputed(client: str, cycle: str) -> dict[str, Fraction]:
    """Return scores straight from the files: csv, tomllib and fractions only."""
    folder = ROOT / "client_data" / client
    design = tomllib.loads((folder / "design.toml").read_text("utf-8"), parse_float=Decimal)
    cap = Fraction(design["item_cap"])
    goal = {(r["person"], r["indicator"]): r["target"] for r in rows(folder / f"cycles/{cycle}/goals.csv")}
    actual = {(r["person"], r["indicator"]): r["actual"] for r in rows(folder / f"cycles/{cycle}/actuals.csv")}
    events = defaultdict(Fraction)
    for row in rows(folder / f"cycles/{cycle}/adjustments.csv"):
        events[row["person"]] += Fraction(row["points"])
    found = {}
    for person in rows(folder / "people.csv"):
        total, weights = Fraction(0), Fraction(0)
        role = design["roles"][person["role"]]
        for item in role["indicators"]:
            key = (person["id"], item["id"])
            if not actual.get(key):
                continue
            target = Fraction(goal.get(key) or item["target"])
            ratio = Fraction(actual[key]) / target
            percent = 100 * (1 / ratio if item.get("direction") == "lower" else ratio)
            if isinstance(item.get("curve"), dict):
                corners = [(Fraction(at["at"]), Fraction(at["score"])) for at in item["curve"]["points"]]
                percent = min(max(percent, corners[0][0]), corners[-1][0])
                (x1, y1), (x2, y2) = next(pair for pair in pairwise(corners) if percent <= pair[1][0])
                percent = y1 + (y2 - y1) * (percent - x1) / (x2 - x1)
            score = min(Fraction((percent * 10**6 + Fraction(1, 2)).__floor__(), 10**6), cap)
            total += score * Fraction(item["weight"])
            weights += Fraction(item["weight"])
        item_score = Fraction((total / weights * 100 + Fraction(1, 2)).__floor__(), 100)
        found[person["id"]] = min(max(item_score + events[person["id"]], Fraction(0)), cap)
    return found


@pytest.mark.parametrize("cycle", CYCLES)
@pytest.mark.parametrize("client", CLIENTS)
def test_scores_recomputed_from_the_files_agree_to_the_last_printed_digit(client, cycle):
    summary = summarize_cycle(load_client(ROOT / "client_data" / client), cycle)
    assert {line.id: Fraction(line.score) for line in summary.people} == recomputed(client, cycle)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_json_is_the_contract(summaries, client):
    data = json.loads(json.dumps(summaries[client].to_json()))
    assert {"client", "cycle", "people", "pools", "quotas", "policy"} <= set(data)
    assert set(data["quotas"]) == {"top", "middle", "bottom"}
    for pool in data["pools"]:
        assert {"id", "n", "quotas", "counts", "notes"} <= set(pool)
    for person in data["people"]:
        assert {"id", "name", "role", "team", "score", "rank", "tier", "reason", "indicators", "adjustments"} <= set(
            person
        )
        assert person["tier"] in {"top", "middle", "bottom", None}
        for item in person["indicators"]:
            assert {"id", "weight", "target", "actual", "attainment", "score", "points"} <= set(item)
        points = sum(Decimal(str(item["points"])) for item in person["indicators"] if item["points"] is not None)
        plus = sum(Decimal(str(event["points"])) for event in person["adjustments"])
        assert points + Decimal(str(person["team_points"])) == Decimal(str(person["item_score"]))
        assert points + plus + Decimal(str(person["cap_cut"])) == Decimal(str(person["score"]))


def test_the_brand_client_has_the_tie_the_gap_and_the_exemption_it_is_there_to_show(summaries):
    summary = summaries["lumen-brand"]
    assert [note.code for note in summary.pools[0].notes] == ["tie_top", "exempt", "calibrated"]
    assert summary.missing
    assert any(alternative.moves for alternative in summary.missing_alternatives)


def test_everyone_is_in_the_ranking_or_named_without_a_score(summaries):
    for summary in summaries.values():
        assert len(summary.ranking) + len(summary.unscored) == len(summary.people)
        assert sum(summary.counts) == sum(sum(pool.counts) for pool in summary.pools)


def test_S002_strengths_and_shortfalls_are_told_from_the_scores():
    design = Design.model_validate(
        {
            "item_cap": 120,
            "roles": {
                "clerk": {"name": "C", "indicators": [indicator("x", 30), indicator("y", 30), indicator("z", 40)]}
            },
        }
    )
    tables = Tables.of(
        people=[{"id": "p", "name": "P", "role": "clerk"}],
        actuals=[
            {"person": "p", "indicator": name, "actual": value} for name, value in (("x", 110), ("y", 95), ("z", 60))
        ],
    )
    from kpi_toolkit.method.cycle import Cycle
    from kpi_toolkit.results.lines import people_lines

    scored = score_cycle(design, tables)
    tiering = assign_tiers(scored.scores.values())
    line = next(people_lines(design, tables, scored, tiering, (), Cycle.parse("2026-10")))
    assert [item.id for item in line.strengths] == ["x"]
    assert [item.id for item in line.shortfalls] == ["z", "y"]


def test_the_change_is_against_the_cycle_before_only(summaries):
    summary = summaries["home-goods"]
    before = summarize_cycle(load_client(ROOT / "client_data/home-goods"), "2026-09")
    assert summary.previous.mean == before.mean
    assert summary.person("liu-kai").previous == before.person("liu-kai").score
    assert [past.cycle.id for past in summary.history] == list(CYCLES[:-1])


def lift(client, person):
    summary = summarize_cycle(load_client(ROOT / "client_data" / client), "2026-10")
    return summary, summary.lift(person)


@pytest.mark.parametrize("client", CLIENTS)
def test_doing_what_would_lift_the_tier_lifts_it_and_a_little_less_does_not(client):
    """Every answer is tried: the actual is replaced, everything is scored and cut again."""
    value = load_client(ROOT / "client_data" / client)
    tables, design = read_cycle(value, "2026-10"), value.design
    summary = summarize_cycle(value, "2026-10")
    tried = 0
    for line in summary.people:
        answer = summary.lift(line.id)
        if answer is None:
            continue
        for step in answer.steps[:2]:
            assert tier_with(design, tables, line.id, step.indicator, step.needed) == answer.tier
            tried += 1
        below = answer.score - Decimal("0.01")
        frame = score_people(design, tables)
        frame["score"] = frame["score"].where(frame["person"] != line.id, below)
        table = assign_tiers(frame, design.tiers).table.set_index("person")
        assert table.loc[line.id, "tier"] == line.tier
    assert tried


def tier_with(design, tables, person, item, actual):
    rows = rows_of(tables.actuals)
    changed = tables.actuals.assign(
        actual=[actual if (row.person, row.indicator) == (person, item) else row.actual for row in rows]
    )
    again = Tables(
        people=tables.people,
        goals=tables.goals,
        actuals=changed,
        adjustments=tables.adjustments,
        calibration=tables.calibration,
    )
    table = assign_tiers(score_people(design, again), design.tiers).table.set_index("person")
    return table.loc[person, "tier"]


def test_a_share_of_a_whole_is_never_asked_to_be_more_than_the_whole(summaries):
    for summary in summaries.values():
        for line in summary.people:
            answer = summary.lift(line.id)
            for step in answer.steps if answer else ():
                item = next(x for x in line.lines if x.id == step.indicator)
                assert item.indicator.unit.en != "%" or step.needed <= 100


def test_nobody_is_lifted_beyond_the_top(summaries):
    summary = summaries["cloudboard"]
    assert summary.lift(summary.ranking[0].id) is None


def test_other_cuts_say_whom_they_move():
    from kpi_toolkit.method.scheme import TierScheme

    scores = [Standing(person=f"p{n}", score=Decimal(90 - n), team="xy"[n % 2], role="r") for n in range(8)]
    scheme = TierScheme()
    found = {other.code: other for other in compare_cuts(scores, scheme, assign_tiers(scores, scheme))}
    assert set(found) == {"rule_half_up", "rule_at_most", "rule_cap_minimum", "rule_boundary_gap", "pool_team"}
    assert tuple(found["rule_half_up"].counts) == (2, 5, 1)
    assert [(m.person, m.before, m.after) for m in found["rule_half_up"].moves] == [("p1", "middle", "top")]
    assert tuple(found["rule_at_most"].counts) == (1, 7, 0)
    assert tuple(found["pool_team"].counts) == (0, 0, 0)


def test_other_policies_for_missing_values_say_whom_they_move(make_design):
    people = [{"id": f"p{n}", "name": f"P{n}", "role": "clerk"} for n in range(10)]
    actuals = [
        {"person": f"p{n}", "indicator": name, "actual": 90 - n}
        for n in range(10)
        for name in ("a", "b")
        if (n, name) != (0, "b")
    ]
    tables = Tables.of(people=people, actuals=actuals)
    design = make_design()
    agreed = assign_tiers(score_people(design, tables), design.tiers)
    found = {other.code: other for other in compare_missing(design, tables, agreed)}
    assert set(found) == {"missing_neutral", "missing_zero"}
    assert found["missing_neutral"].moves == ()
    assert {m.person for m in found["missing_zero"].moves} >= {"p0"}
    assert (
        compare_missing(
            design,
            Tables.of(people=people[:1], actuals=[{"person": "p0", "indicator": n, "actual": 1} for n in "ab"]),
            agreed,
        )
        == ()
    )


def test_lift_of_someone_without_a_tier_is_none(make_design, make_tables):
    design, tables = make_design(), make_tables({"p": {"a": 50, "b": 50}})
    scored = score_cycle(design, tables)
    assert lift_of("p", design=design, scored=scored, tiering=assign_tiers(scored.scores.values())) is None


@pytest.mark.slow
def test_the_examples_are_what_their_script_makes():
    import runpy

    made = runpy.run_path(str(ROOT / "client_data" / "make_examples.py"))["everything"]()
    for path, text in made.items():
        assert path.read_bytes().decode("utf-8") == text, f"{path}: run make examples"


@pytest.mark.parametrize(
    ("missed", "people", "named"),
    [(4, 5, True), (3, 5, False), (4, 4, True), (3, 4, False), (3, 3, True), (2, 2, False)],
)
def test_S223_what_four_in_five_miss_is_a_question_to_the_goal_not_to_people(tmp_path, missed, people, named):
    from conftest import indicator, small_client

    line = indicator("a", 100, serves_goal="brand")
    fields = "\n".join(f"{key} = {value!r}" for key, value in line.items())
    design = f'[roles.clerk]\nname = "Clerk"\nmethod = "workload"\n[[roles.clerk.indicators]]\n{fields}\n'
    rows = "".join(f"p{number},P{number},clerk\n" for number in range(people))
    actuals = "".join(f"p{number},a,{90 if number < missed else 100}\n" for number in range(people))
    told = {"page": "[goals]\nbrand = 1", "_2026_10": f"person,indicator,actual\n{actuals}"}
    folder = small_client(tmp_path, design.replace("'", '"'), f"id,name,role\n{rows}", **told)
    summary = summarize_cycle(load_client(folder), "2026-10")
    assert [(item.id, count, of) for _, item, count, of in summary.shared_misses] == (
        [("a", missed, people)] if named else []
    )


@pytest.mark.slow
def test_what_a_cycle_costs_grows_far_less_than_with_the_square_of_its_people(tmp_path):
    seconds = []
    for count in (300, 1200):
        workbook = plain_client(tmp_path / str(count), [str(50 + n * 7919 % 50) for n in range(count)])
        client = load_client(workbook.client_folder("plain"))
        began = process_time()
        summarize_cycle(client, "2026-10").to_json()
        seconds.append(process_time() - began)
    assert seconds[1] < 13 * seconds[0]  # four times the people: seven to eleven, the square would be sixteen


def test_an_earlier_month_that_is_open_is_read_once_and_its_tables_do_not_travel_with_the_summary(
    examples, monkeypatch
):
    read = []
    monkeypatch.setattr(
        history, "read_cycle", lambda client, cycle, **how: read.append(cycle) or read_cycle(client, cycle, **how)
    )
    summary = summarize_cycle(load_client(examples.client_folder("home-goods")), "2026-10")
    lines = [past.again.lines for past in summary.history]
    assert all(lines) and read == [past.cycle.id for past in summary.history]
    there = pickle.loads(pickle.dumps(replace(summary.history[-1])))
    assert (there.read, there.again.lines) == (None, lines[-1])
