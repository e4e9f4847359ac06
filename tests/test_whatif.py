"""The what-if session: JavaScript equals Python, scenarios go from the meeting to a file and, if wanted, into the design."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, need
from hypothesis import given
from hypothesis import strategies as st
from whatif_cases import after, cases, scenario_of, with_share

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.scenarios import adopt, free_id, parse_scenario, read_scenarios, save_scenario, scenario_text
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.scenario import Scenario, changed_design, check_scenario, fingerprint
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.live_script import inert, live_script, live_style, one_script, policy
from kpi_toolkit.pages.scenarios import compare_outcomes, comparison_json, comparison_rows, overturned_lines
from kpi_toolkit.pages.whatif_page import live_data, whatif_page
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.confidence import assess
from kpi_toolkit.whatif.linking import linked
from kpi_toolkit.whatif.scenarios import _with_targets, compare, outcome
from kpi_toolkit.whatif.session import session_data, without_names


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    need(found, "no Node on this machine (Debian: apt-get install nodejs)")
    assert found
    return found


def asked(node: str, file: str, lines: list[dict]) -> list[dict]:
    done = subprocess.run(
        [node, ROOT / "tests/js" / file], input="\n".join(map(json.dumps, lines)), capture_output=True, text=True, check=True
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def official(found) -> list[list]:
    scores = dict(zip(found.scores["person"], found.scores["score"], strict=True))
    return [
        [None if scores[row.person] is None else int(scores[row.person] * 100), row.rank, row.tier, row.reason]
        for row in found.tiering.table.itertuples()
    ]


def hold_equal(made, answers) -> None:
    """Hold every official score, rank, tier, reason and printed point of JavaScript against Python's."""
    for place, ((basis, data, moves), got) in enumerate(zip(made, answers, strict=True)):
        assert got["agreed"] == [list(person.agreed) for person in data.people], place
        assert got["weights"] == after(data, moves), place
        python = outcome(basis, scenario_of(basis, got["scenario"]))
        assert got["found"] == official(python), place
        points: dict[str, list] = {}
        for row in python.indicators.itertuples():
            points.setdefault(row.person, []).append(None if row.points is None else int(row.points * 100))
        assert got["points"] == list(points.values()), place
        hold_effects(outcome(basis), python, dict(zip(points, got["effects"], strict=True)))


def hold_effects(first, second, found: dict[str, list[int]]) -> None:
    """Hold what each indicator did to a score: as Python has it, and summing to the change of the points."""
    total: dict[str, int] = {}
    for side, sign in ((first, -1), (second, 1)):
        for row in side.indicators.itertuples():
            total[row.person] = total.get(row.person, 0) + sign * int((row.points or 0) * 100)
    counted = [dict(zip(side.scores["person"], side.scores["counted_weight"], strict=True)) for side in (first, second)]
    for line in compare(first, second):
        own, way = found[line.person], sum(found[line.person])
        most = max(value * way if way else abs(value) for value in own)  # what did most in the score's own direction
        assert int(line.points * 100) in [value for value in own if (value * way if way else abs(value)) == most], line
        if all(side[line.person] for side in counted):
            assert sum(found[line.person]) == total[line.person], line


def test_javascript_equals_python_in_every_official_figure(node):
    made = cases(25, seed=6)
    hold_equal(made, asked(node, "parity.mjs", [{"data": data.to_json(), "moves": moves} for _, data, moves in made]))


@pytest.mark.slow
def test_javascript_equals_python_over_500_random_designs(node):
    made = cases(500, seed=2026)
    answers = asked(node, "parity.mjs", [{"data": data.to_json(), "moves": moves} for _, data, moves in made])
    hold_equal(made, answers)
    reasons = {row[3] for got in answers for row in got["found"]}
    assert reasons >= {"rank", "tie_shared", "tie_lowered", "tie_too_many", "tie_break", "pass_line", "gate", "exempt", "small_pool", "no_score"}  # fmt: skip


def test_the_module_keeps_its_own_promises(node):
    done = subprocess.run([node, "--test", "--test-reporter=tap", *sorted((ROOT / "tests/js").glob("*.test.mjs"))], capture_output=True, text=True, cwd=ROOT, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"^# pass (\d+)", done.stdout, re.M)[1]) >= 55


def test_the_files_are_joined_in_the_order_of_their_needs_into_one_that_can_stand_in_a_page(node, tmp_path):
    script = live_script()
    (tmp_path / "joined.mjs").write_text(script, "utf-8")
    subprocess.run([node, "--check", tmp_path / "joined.mjs"], check=True)
    assert not re.search(r"</script|<!--|https?://(?!www\.w3\.org/2000/svg)", script, re.I)
    assert re.findall(r"^(?:import|export)\b.*", script, re.M) == ["export default {"]
    own = r"^(?:export )?(?:const|class|function\*?) (\w+)"
    files = (path.read_text("utf-8") for path in (ROOT / "kpi_toolkit/whatif/live").glob("*.mjs"))
    assert sorted(re.findall(own, script, re.M)) == sorted(
        name for text in files for name in re.findall(own, text, re.M)
    )
    assert not re.search(r"^ *(?:/\*\*.*\*/|// @ts-check)$", script, re.M), "docs stay with the source"


@pytest.mark.slow
def test_what_python_hands_over_is_what_the_browser_declares(workbook, tmp_path):
    """TypeScript reads a page's data as a literal: a field more, less or of another kind is an error."""
    compiler = ROOT / "tests/js/node_modules/.bin/tsc"
    need(str(compiler) if compiler.is_file() else None, "TypeScript is not there: make types brings it")
    pages = [
        live_data(summarize_cycle(load_client(workbook.client_folder(name)), "2026-10"), workbook, {})
        for name in ("home-goods", "cloudboard", "lumen-brand")
    ]
    sessions = [data.to_json() for _, data, _ in cases(12, seed=5)]
    types = os.path.relpath(ROOT / "kpi_toolkit/whatif/live/types.mjs", tmp_path)
    text = f'import type {{ Data, Page }} from "./{types}";\n'
    text += (
        f"export const pages: Page[] = {json.dumps(pages)};\nexport const sessions: Data[] = {json.dumps(sessions)};\n"
    )

    def problems(source: str) -> str:
        (tmp_path / "data.ts").write_text(source, "utf-8")
        options = ["--noEmit", "--strict", "--allowJs", "--skipLibCheck", "--target", "es2022", "--module", "es2022"]
        command = [compiler, *options, "--moduleResolution", "bundler", tmp_path / "data.ts"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert problems(text) == ""
    wrong = problems(text.replace('"least_weight"', '"least"', 1).replace('"outside": false', '"outside": 0', 1))
    assert "'\"least\"' does not exist in type 'Rules'" in wrong
    assert "'number' is not assignable to type 'boolean'" in wrong


def test_no_line_of_the_live_module_is_longer_than_120_characters():
    files = (ROOT / "kpi_toolkit/whatif/live").glob("*.mjs")
    lines = [(path.name, line) for path in files for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > 1500
    assert [(name, line) for name, line in lines if len(line) > 120] == []


PARTS = {
    "a.mjs": '// @ts-check\n/** Said. */\nimport { b } from "./b.mjs";\nimport { c } from "./c.mjs";\nexport const a = b + c;\n',
    "b.mjs": 'import {\n  c,\n} from "./c.mjs";\n/**\n * More.\n */\nexport function b() {\n  /** @type {any} */ (c).x;\n}\n',
    "c.mjs": "export const c = 1;\nconst own = 2;\n",
}


def test_what_is_needed_stands_above_whatever_needs_it_and_only_once():
    text = one_script("a", PARTS.__getitem__)
    assert text == (
        "const c = 1;\nconst own = 2;\n\nfunction b() {\n  /** @type {any} */ (c).x;\n}\n\nconst a = b + c;\n"
    )


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("b.mjs", "export const b = 1;\nconst own = 3;\n", "alike: own"),
        ("b.mjs", "export function b() {}\nclass own {}\n", "alike: own"),
        ("c.mjs", 'import { a } from "./a.mjs";\nexport const c = a;\n', "import each other"),
        ("b.mjs", 'import { c as other } from "./c.mjs";\nexport const b = other;\n', "only plain imports"),
        ("b.mjs", 'import * as all from "./c.mjs";\nexport const b = all;\n', "only plain imports"),
        ("b.mjs", 'import fs from "node:fs";\nexport const b = fs;\n', "only plain imports"),
        ("b.mjs", 'const b = 1;\nexport { b };\n', "only plain imports"),
    ],
)  # fmt: skip
def test_what_would_not_mean_the_same_once_joined_is_refused(file, text, said):
    with pytest.raises(ValueError, match=said):
        one_script("a", (PARTS | {file: text}).__getitem__)


@pytest.mark.parametrize("client", ["home-goods", "cloudboard", "lumen-brand"])
def test_the_shares_drawn_agree_with_python_within_their_error(node, workbook, client):
    """95 % of 10,000 draws lie within one point; four standard errors of both are two."""
    summary = summarize_cycle(load_client(workbook.client_folder(client)), "2026-10")
    python = outcome(summary.basis)
    data = session_data(summary.basis, client, "2026-10")
    (got,) = asked(node, "shares.mjs", [data.to_json()])
    known = assess(summary.basis, python.scored, python.tiering).people
    for person, counts in zip(data.people, got, strict=True):
        if person.id in known:
            for share, expected in zip(counts, known[person.id].weights, strict=True):
                assert abs(share - expected) < 0.02, person.id


@pytest.mark.parametrize("weights", ["uniform", "around", "statements"])
def test_a_walk_through_weights_is_handed_over_only_where_statements_bound_them(examples, weights):
    basis = summarize_cycle(load_client(examples.client_folder("cloudboard")), "2026-10").basis
    confidence = basis.design.confidence.model_copy(update={"weights": weights})
    name, role = next(iter(basis.design.roles.items()))
    bare = role.model_copy(
        update={"indicators": tuple(item.model_copy(update={"weight": Decimal(0)}) for item in role.indicators)}
    )
    design = basis.design.model_copy(update={"confidence": confidence, "roles": basis.design.roles | {name: bare}})
    data = session_data(replace(basis, design=design), "cloudboard", "2026-10")
    walks = {one["id"]: one["walk"] for one in data.roles}
    assert [name for name, walk in walks.items() if walk] == (
        [each for each in walks if each != name] if weights == "statements" else []
    )
    for walk in filter(None, walks.values()):
        assert sum(walk["start"]) == pytest.approx(1) and set(walk) == {"rows", "least", "start", "free"}


# --- weights that move together ---------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4000), min_size=2, max_size=8), st.data())
def test_linked_weights_keep_their_sum_and_locked_ones_their_place(weights, data):
    at = data.draw(st.integers(0, len(weights) - 1))
    locked = data.draw(st.sets(st.integers(0, len(weights) - 1))) - {at}
    to = data.draw(st.integers(-100, 40_000))
    found = linked(weights, at, to, locked=locked)
    assert sum(found) == sum(weights)
    assert min(found) >= 0
    assert all(found[place] == weights[place] for place in locked)
    room = sum(weights) - sum(weights[place] for place in locked)
    if len(locked) < len(weights) - 1:
        assert found[at] == min(max(to, 0), room)


@given(st.lists(st.integers(0, 4000), min_size=2, max_size=8), st.data())
def test_typed_weights_stay_as_long_as_the_others_can_give_way(weights, data):
    places = range(len(weights))
    at = data.draw(st.sampled_from(places))
    typed = data.draw(st.sets(st.sampled_from(places))) - {at}
    locked = data.draw(st.sets(st.sampled_from(places))) - {at} - typed
    to = data.draw(st.integers(0, 40_000))
    found = linked(weights, at, to, locked=locked, typed=typed)
    free = [place for place in places if place not in {at, *typed, *locked}]
    assert sum(found) == sum(weights)
    assert min(found) >= 0
    room = weights[at] + sum(weights[place] for place in free)
    if (free or to == weights[at]) and to <= room:
        assert all(found[place] == weights[place] for place in typed)
        assert found[at] == to
    elif free and typed:
        assert found[at] == min(to, room + sum(weights[place] for place in typed))
        assert all(found[place] == 0 for place in free), "they gave first"


def test_S116_the_share_of_work_done_is_the_sum_of_its_weights_and_moves_as_one():
    assert with_share([4000, 2000, 3000, 1000], {0, 1}, 4500) == [3000, 1500, 4100, 1400]
    assert with_share([4000, 2000, 3000, 1000], {0, 1}, 4450) == [2967, 1483, 4163, 1387]
    assert with_share([4000, 2000, 3000, 1000], {0, 1}, 1000, locked={0}) is None


# --- scenarios --------------------------------------------------------------------------------------------------------

TEXT = """schema = 1
name = "推广占 40"
client = "home-goods"
cycle = "2026-10"
design_version = {version}
design = "{design}"
asked_by = "林总"
why = "双十一前推广更要紧"

[weights.{role}]
{weights}
"""


def beside(client, **changes):
    """Keep another scenario, so that there is something to choose from."""
    save_scenario(client, "beside", a_scenario(client, name="Something else", **(changes or {"shares": (30, 60, 10)})))


def a_text(client, role="network-promotion", weights=(40, 20, 15, 25)) -> str:
    items = [item.id for item in client.design.roles[role].indicators]
    lines = "\n".join(f"{name} = {weight}" for name, weight in zip(items, weights, strict=True))
    return TEXT.format(version=client.design.version, design=fingerprint(client.design), role=role, weights=lines)


@pytest.fixture
def client(workbook):
    return load_client(workbook.client_folder("home-goods"))


def test_a_scenario_goes_from_text_to_a_file_and_back_unchanged(client):
    scenario = parse_scenario(client, a_text(client), "stdin")[0]
    path = save_scenario(client, "promotion-40", scenario)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_scenarios(client)[0] == {"promotion-40": scenario}
    assert parse_scenario(client, scenario_text(scenario), "again") == (scenario, ())
    with pytest.raises(WorkbookError, match="promotion-40"):
        save_scenario(client, "promotion-40", scenario)
    assert free_id(client, scenario) == "tui-guang-zhan-40"
    assert (
        free_id(client, scenario.model_copy(update={"name": scenario.name.model_copy(update={"en": "促销"})}))
        == "cu-xiao"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("= 40", "= 41"), "scenario-sum"), (("[weights.network-promotion]", "[weights.network-promotoin]"), "scenario-unknown"),
        (("schema = 1", "schema = 1\nwieghts = 3"), "unknown-key"), (('client = "home-goods"', 'client = "cloudboard"'), "scenario-other-client"),
        (("[weights", "[targets.network-promotion]\nvisits = 120\n[weights"), "scenario-unknown"), (("= 40", "= forty"), "toml-syntax"),
        (("[weights", "[caps.network-promotion]\nposts = 0\n[weights"), "not-above"), (('why', 'shares = [20, 70, 20]\nwhy'), "shares-not-100"),
        (('why', 'shares = [-10, 100, 10]\nwhy'), "negative-share"), (('why', 'shares = [20, 90, -10]\nwhy'), "negative-share"),
        (('2026-10', '2031-01'), "no-cycle"), (('2026-10', 'next month'), "bad-cycle"),
        (('推广占 40', 'x' * 300_000), "text-too-long"), (('双十一前推广更要紧', '长' * 2001), "text-too-long"),
        (("= 40", "= 0"), "scenario-sum"), (("posts = 40\ntraffic = 20", "posts = 0\ntraffic = 60"), "no-weight"),
        (("keyword-rank = 15\nnetwork-customers = 25", "keyword-rank = 40\nnetwork-customers = 0"), "no-weight"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_scenario_is_named(client, change, code):
    with pytest.raises(IssuesError) as told:
        parse_scenario(client, a_text(client).replace(*change), "stdin")
    assert code in [issue.code for issue in told.value.issues]
    for language in LANGUAGES:
        for issue in told.value.issues:
            assert Words(language, Workbook(Path())).message(issue)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f">> {line}\r\n" for line in text.splitlines()),
        lambda text: f"```toml\n{text}```\n",
        lambda text: f"Hello,\n\nas we said:\n\n~~~\n{text}~~~\n\nLin",
        lambda text: "".join(f"> {line}\n" for line in f"```\n{text}```".splitlines()),
    ],
)
def test_a_scenario_that_came_by_mail_is_taken_out_of_its_quotation(client, wrapped):
    text = a_text(client)
    assert parse_scenario(client, wrapped(text), "stdin") == parse_scenario(client, text, "stdin")


def test_a_design_that_changed_under_its_own_version_number_is_said_so(client):
    scenario = parse_scenario(client, a_text(client), "stdin")[0]
    file = client.folder / "design.toml"
    text, version = file.read_text("utf-8"), client.design.version
    file.write_text(re.sub("^agreed = .*", "agreed = 2026-01-02", text, count=1, flags=re.M), "utf-8")
    (issue,) = check_scenario(load_client(client.folder).design, scenario, "x")
    assert (issue.code, issue.severity) == ("scenario-edited-design", "warning")
    assert f"Version {version} of the design was edited" in Words("en", Workbook(Path())).message(issue)
    file.write_text(re.sub("^version = .*", "version = 9", text, count=1, flags=re.M), "utf-8")
    (issue,) = check_scenario(load_client(client.folder).design, scenario, "x")
    assert f"version {version} of the design; the design is now version 9" in Words("en", Workbook(Path())).message(
        issue
    )


def test_adopting_makes_a_new_version_with_its_comments_and_a_log(client):
    file = client.folder / "design.toml"
    before = file.read_text("utf-8")
    save_scenario(client, "promotion-40", parse_scenario(client, a_text(client), "stdin")[0])
    beside(client)
    assert file.read_text("utf-8") == before, "nothing touches the design before"
    done = adopt(client, "promotion-40", by="王经理", day=date(2026, 11, 3))
    text = file.read_text("utf-8")
    assert [line for line in before.splitlines() if line.startswith("#")] == [line for line in text.splitlines() if line.startswith("#")]  # fmt: skip
    now = load_client(client.folder)
    assert done.version == now.design.version == client.design.version + 1
    assert [item.weight for item in now.design.roles["network-promotion"].indicators] == [40, 20, 15, 25]
    assert now.design.roles["online-sales"] == client.design.roles["online-sales"]
    entry = now.design.changes[-1]
    assert (entry.by, entry.asked_by, entry.scenario, entry.date, entry.alternatives) == (
        "王经理",
        "林总",
        "promotion-40",
        date(2026, 11, 3),
        ("beside",),
    )
    assert (now.design.agreed, now.design.rationale.zh) == (date(2026, 11, 3), "双十一前推广更要紧")
    with pytest.raises(IssuesError, match="scenario-stale"):
        adopt(now, "promotion-40", by="王经理", day=date(2026, 11, 4))


def test_adopting_refuses_what_could_not_be_scored_and_changes_nothing(client):
    before = (client.folder / "design.toml").read_bytes()
    with pytest.raises(IssuesError, match="no-weight"):  # said where it is handed over, not after the meeting
        parse_scenario(client, a_text(client, weights=(0, 45, 20, 35)), "stdin")
    save_scenario(client, "none", parse_scenario(client, a_text(client, weights=(30, 15, 20, 35)), "stdin")[0])
    with pytest.raises(WorkbookError, match="by"):
        adopt(client, "none", by=" ", day=date(2026, 11, 3))
    with pytest.raises(WorkbookError, match="none"):
        adopt(client, "nome", by="W", day=date(2026, 11, 3))
    assert (client.folder / "design.toml").read_bytes() == before


def test_adopting_moves_targets_caps_and_shares_where_they_stand(client):
    text = a_text(client).replace("[weights", "item_cap = 110\nshares = [25, 65, 10]\n[targets.network-promotion]\n{0} = 110\n[caps.network-promotion]\n{0} = 95\n[weights")  # fmt: skip
    item = client.design.roles["network-promotion"].indicators[0]
    save_scenario(client, "all", parse_scenario(client, text.replace("{0}", item.id), "stdin")[0])
    beside(client)
    adopt(client, "all", by="W", day=date(2026, 11, 3))
    now = load_client(client.folder).design
    assert (now.item_cap, now.tiers.shares) == (110, (25, 65, 10))
    changed = now.roles["network-promotion"].indicators[0]
    assert (changed.target, changed.cap) == (item.target * Decimal("1.1"), 95)


def test_compare_names_who_moved_by_which_indicator(client):
    basis = summarize_cycle(client, "2026-10").basis
    scenario = parse_scenario(client, a_text(client, weights=(97, 1, 1, 1)), "stdin")[0]
    first, second = outcome(basis), outcome(basis, scenario)
    moved = compare(first, second)
    promoters = {row.id for row in rows_of(basis.tables.people) if row.role == "network-promotion"}
    assert {line.person for line in moved if line.score[0] != line.score[1]} == promoters
    heaviest = scenario.weights["network-promotion"]
    assert all(line.by in heaviest for line in moved if line.person in promoters)
    back = compare(second, first)
    for line in [*moved, *back]:  # weight taken from what one is good at pulls down, whatever its points do
        if line.by and line.score[1] != line.score[0]:
            assert (line.points > 0) == (line.score[1] > line.score[0])
    assert [line.crossed for line in moved] == sorted((line.crossed for line in moved), reverse=True)
    assert compare(first, outcome(basis)) == ()


def test_moved_targets_leave_the_other_tables_of_the_cycle_as_they_are(client):
    tables = summarize_cycle(client, "2026-10").basis.tables
    item = client.design.roles["network-promotion"].indicators[0]
    scenario = Scenario(
        name="x", client="home-goods", cycle="2026-10", design_version=3, design=fingerprint(client.design),
        targets={"network-promotion": {item.id: 120}},
    )  # fmt: skip
    moved = _with_targets(tables, scenario)
    for name in ("people", "actuals", "adjustments", "calibration", "cascade", "steps"):
        assert getattr(moved, name) is getattr(tables, name)
    assert not moved.cascade.empty
    assert not moved.steps.empty


# --- decisions of a meeting -------------------------------------------------------------------------------------------


@pytest.fixture
def decided(workbook):
    """Return lumen-brand, where the meeting moved p32 from C to B."""
    return load_client(workbook.client_folder("lumen-brand"))


def a_scenario(client, **changes) -> Scenario:
    name = changes.pop("name", "x")
    return Scenario(
        name=name, client=client.id, cycle="2026-10", design_version=client.design.version,
        design=fingerprint(client.design), **changes,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["home-goods", "cloudboard", "lumen-brand"])
def test_as_agreed_is_what_kpi_score_says_decisions_of_the_meeting_included(workbook, name):
    summary = summarize_cycle(load_client(workbook.client_folder(name)), "2026-10")
    data = session_data(summary.basis, name, "2026-10")
    for line, person in zip(summary.people, data.people, strict=True):
        cents = None if line.score is None else int(line.score * 100)
        assert person.agreed == (cents, line.rank, line.tier, line.reason), line.name


def test_a_decision_holds_while_its_tier_is_worked_out_and_is_told_when_a_scenario_overturns_it(decided, workbook):
    summary = summarize_cycle(decided, "2026-10")
    words = {language: Words(language, workbook) for language in LANGUAGES}
    nobody_below = compare_outcomes(summary, None, a_scenario(decided, name="No C", shares=(20, 80, 0)))
    (line,) = nobody_below.overturned
    assert (line.person, line.before, line.after, line.now) == ("p32", "bottom", "middle", "middle")
    for language, expected in (("en", "“No C” overturns"), ("zh", "“No C”推翻了")):
        (said,) = overturned_lines(nobody_below, words[language])
        assert expected in said
        assert "崔鹤" in said
    (entry,) = comparison_json(nobody_below)["overturned"]
    assert (entry["id"], entry["from"], entry["to"], entry["tier"]) == ("p32", "bottom", "middle", "middle")
    half = compare_outcomes(summary, None, a_scenario(decided, name="More C", shares=(20, 60, 20)))
    assert half.overturned == ()
    assert "p32" not in {moved.person for moved in half.moved}, "the decision holds"
    role = summary.person("p32").role_id
    items = [item.id for item in decided.design.roles[role].indicators if item.weight]
    weights = dict.fromkeys(items, 1) | {items[0]: 100 - len(items) + 1}
    moved = compare_outcomes(summary, None, a_scenario(decided, weights={role: weights}))
    if "p32" not in moved.outcomes[1].overturned:
        row = next(row for row in comparison_rows(moved, words["en"]) if row[0] == "崔鹤")
        assert row[1] == "B (C before the meeting)"


@pytest.mark.slow
def test_the_team_report_says_of_a_kept_scenario_whose_decision_it_overturns(decided, workbook, make_page):
    file = decided.folder / "client.toml"
    file.write_text(file.read_text("utf-8").replace("schema = 1", "schema = 1\nwhat_if = true", 1), "utf-8")
    save_scenario(decided, "no-c", a_scenario(decided, name="No C", shares=(20, 80, 0)))
    html, _ = make_page(workbook, "team", "lumen-brand", language="en")
    said = html.replace("\xa0", " ")
    assert "“No C” overturns what the meeting decided about 崔鹤 (decided C → B, now worked out as B)." in said


def test_kpi_whatif_compare_says_whose_decision_a_scenario_overturns(kpi, decided):
    save_scenario(decided, "no-c", a_scenario(decided, name="No C", shares=(20, 80, 0)))
    code, out, err = kpi("whatif", "lumen-brand", "2026-10", "--compare", "no-c")
    assert (code, "“No C” overturns what the meeting decided about 崔鹤 (decided C → B" in err) == (0, True), out + err
    assert [one["id"] for one in json.loads(kpi("--json", "whatif", "lumen-brand", "--compare", "no-c")[1])["overturned"]] == ["p32"]  # fmt: skip


# --- what was shown is what holds -------------------------------------------------------------------------------------


def own_target(client, person, indicator, target):
    """Agree a target with one person for the cycle, and return the client."""
    file = client.folder / "cycles/2026-10/goals.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    kept = [line for line in lines if not line.startswith(f"{person},{indicator},")]
    file.write_text("\n".join([*kept, f"{person},{indicator},{target}" + "," * (lines[0].count(",") - 2)]), "utf-8")
    return load_client(client.folder)


@pytest.mark.parametrize(
    ("role", "person", "indicator", "target", "share"),
    [
        ("operation-manager", "wang-lin", "network-sales", 600000, 120),
        ("network-promotion", "liu-kai", "posts", 240, 150),
    ],
)
def test_adopting_says_which_targets_stay_and_who_differs_from_what_was_shown(kpi, client, workbook, role, person, indicator, target, share):  # fmt: skip
    client = own_target(client, person, indicator, target)
    before = json.loads(kpi("--json", "score", "home-goods", "2026-10")[1])["people"]
    save_scenario(client, "owner", a_scenario(client, name="Owner", why="growth", targets={role: {indicator: share}}))
    beside(client)
    compared = json.loads(kpi("--json", "whatif", "home-goods", "2026-10", "--compare", "owner")[1])
    kept = {one["id"] for one in compared["kept_targets"]}
    assert (person, indicator) in {(one["id"], one["indicator"]) for one in compared["kept_targets"]}
    shown = {one["id"]: one for one in compared["moved"]}[person]
    _, _, err = kpi("whatif", "home-goods", "2026-10", "--compare", "owner")
    name = {row.id: row.name for row in rows_of(client.people)}[person]
    assert "goals.csv holds personal targets" in err
    assert name in err
    code, out, err = kpi("--json", "whatif", "home-goods", "--adopt", "owner", "--by", "Wang")
    done = json.loads(out)
    assert code == 0
    assert {one["id"] for one in done["kept_targets"]} == kept
    differs = {one["id"]: one for one in done["differs"]}
    after = {one["id"]: one for one in json.loads(kpi("--json", "score", "home-goods", "2026-10")[1])["people"]}
    was = {one["id"]: one for one in before}
    assert differs[person]["score"] == [shown["score"][1], after[person]["score"]]
    assert after[person]["score"] == was[person]["score"]
    assert {one["id"] for one in done["differs"] if one["why"] == "target"} == kept & differs.keys()
    assert f"{name}: shown" in err
    assert "goals.csv has a personal target" in err
    assert kpi("--lang", "zh", "whatif", "home-goods", "--adopt", "owner", "--by", "王")[0] == 3, (
        "it is the design already"
    )


def test_adopting_in_chinese_says_the_same_in_chinese(kpi, client):
    client = own_target(client, "wang-lin", "network-sales", 600000)
    save_scenario(
        client, "owner", a_scenario(client, name="老板", targets={"operation-manager": {"network-sales": 120}})
    )
    beside(client)
    code, _, err = kpi("--lang", "zh", "whatif", "home-goods", "--adopt", "owner", "--by", "王")
    assert (code, "王琳：测算时" in err, "goals.csv 里另有本人的目标" in err, "采纳后这些目标不变" in err) == (
        0,
        True,
        True,
        True,
    )


def test_adopting_weights_is_scored_again_and_holds_what_was_shown(kpi, client):
    save_scenario(client, "p", parse_scenario(client, a_text(client), "stdin")[0])
    beside(client)
    shown = {one["id"]: one for one in json.loads(kpi("--json", "whatif", "home-goods", "--compare", "p")[1])["moved"]}
    code, out, err = kpi("--json", "whatif", "home-goods", "--adopt", "p", "--by", "Wang")
    done = json.loads(out)
    assert (code, done["differs"], done["kept_targets"], done["issues"]) == (0, [], [], [])
    assert done["path"] == str(client.folder / "design.toml")
    assert "October 2026 was scored again: everybody is where the scenario showed them." in err
    after = {one["id"]: one for one in json.loads(kpi("--json", "score", "home-goods", "2026-10")[1])["people"]}
    for person, one in shown.items():
        assert [one[key][1] for key in ("score", "rank", "tier")] == [
            after[person][key] for key in ("score", "rank", "tier")
        ]


def rewritten(file, rows):
    """Write cells of a table anew: by person and indicator the new value of a column."""
    table = pd.read_csv(file, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    for (person, item), (column, value) in rows.items():
        table.loc[(table["person"] == person) & (table["indicator"] == item), column] = value
    table.to_csv(file, index=False)


@pytest.mark.parametrize("weights", [(10, 60, 10, 20), (20, 45, 15, 20)])
def test_equals_are_parted_by_last_months_scores_as_the_adopted_design_will_score_them(kpi, client, weights):
    design = client.folder / "design.toml"
    design.write_text(design.read_text("utf-8").replace("[tiers]\n", '[tiers]\ntie_break = ["previous"]\n', 1), "utf-8")
    items = ("posts", "traffic", "keyword-rank", "network-customers")
    october, people = dict(zip(items, ("200", "30000", "9", "150"), strict=True)), ("liu-kai", "zhao-min")
    september = {("liu-kai", "posts"): "120", ("liu-kai", "traffic"): "50000", ("zhao-min", "posts"): "250", ("zhao-min", "traffic"): "25200"}  # fmt: skip
    september |= {(person, item): value for person in people for item, value in (("keyword-rank", "7"), ("network-customers", "200"))}  # fmt: skip
    cycles = client.folder / "cycles"
    rewritten(cycles / "2026-10/actuals.csv", {(p, item): ("actual", value) for p in people for item, value in october.items()})  # fmt: skip
    rewritten(cycles / "2026-10/goals.csv", {(p, item): ("target", "") for p in people for item in items})
    rewritten(cycles / "2026-09/actuals.csv", {key: ("actual", value) for key, value in september.items()})
    client = load_client(client.folder)
    save_scenario(client, "traffic", parse_scenario(client, a_text(client, weights=weights), "stdin")[0])
    beside(client)

    def ranks():
        scored = json.loads(kpi("--json", "score", "home-goods", "2026-10")[1])["people"]
        return [next(one["rank"] for one in scored if one["id"] == person) for person in people]

    before = ranks()
    assert before[0] == before[1] + 1, "posts were worth more last month"
    basis = summarize_cycle(client, "2026-10").basis
    shown = {who: placed.rank for who, placed in outcome(basis, read_scenarios(client)[0]["traffic"]).tiering.places.items()}  # fmt: skip
    assert shown["liu-kai"] == shown["zhao-min"] - 1
    done = json.loads(kpi("--json", "whatif", "home-goods", "--adopt", "traffic", "--by", "Wang")[1])
    assert done["differs"] == []
    assert ranks() == [shown[person] for person in people]


def test_adopting_what_overturns_a_decision_says_that_the_cycle_waits_for_the_meeting(kpi, decided):
    save_scenario(decided, "no-c", a_scenario(decided, name="No C", shares=(20, 80, 0)))
    beside(decided)
    code, out, err = kpi("--json", "whatif", "lumen-brand", "--adopt", "no-c", "--by", "Wang")
    assert (code, [one["code"] for one in json.loads(out)["issues"]]) == (0, ["calibration-stale"])
    assert "cannot be scored under the new design" in err
    assert kpi("score", "lumen-brand", "2026-10")[0] == 3


def test_S285_adopting_needs_two_alternatives_and_the_record_names_them(kpi, client):
    before = (client.folder / "design.toml").read_bytes()
    scenario = parse_scenario(client, a_text(client), "stdin")[0]
    save_scenario(client, "more", scenario)
    save_scenario(client, "same-again", scenario.model_copy(update={"why": "other words"}))
    save_scenario(
        client, "other-month", a_scenario(client, shares=(30, 60, 10)).model_copy(update={"cycle": "2026-09"})
    )
    for language, said in (("en", "compare at least two"), ("zh", "至少要比较两个备选")):
        code, _, err = kpi("--lang", language, "whatif", "home-goods", "--adopt", "more", "--by", "Wang")
        assert (code, said in err) == (3, True), err
    assert (client.folder / "design.toml").read_bytes() == before
    save_scenario(client, "as-agreed", a_scenario(client, name="As agreed"))
    assert kpi("whatif", "home-goods", "--adopt", "as-agreed", "--by", "Wang")[0] == 3, "there is nothing to adopt"
    assert kpi("whatif", "home-goods", "--adopt", "more", "--by", "Wang")[0] == 0
    assert load_client(client.folder).design.changes[-1].alternatives == ("as-agreed",)


@pytest.mark.parametrize(("why", "rationale"), [("双十一前推广更要紧", "双十一前推广更要紧"), ("", "")])
def test_the_record_of_a_version_is_that_of_its_adoption(client, why, rationale):
    text = a_text(client).replace('why = "双十一前推广更要紧"\n', f'why = "{why}"\n' if why else "")
    for key in ("rationale", "agreed", "version"):  # also where a design did not say it; without a reason it says none
        file = client.folder / "design.toml"
        file.write_text(re.sub(f"^{key} = .*\n", "", file.read_text("utf-8"), count=1, flags=re.M), "utf-8")
    client = load_client(client.folder)
    text = a_text(client).replace('why = "双十一前推广更要紧"\n', f'why = "{why}"\n' if why else "")
    save_scenario(client, "p", parse_scenario(client, text, "stdin")[0])
    beside(client)
    adopt(client, "p", by="W", day=date(2026, 11, 3))
    now = load_client(client.folder).design
    assert (now.version, now.agreed, now.rationale.zh) == (2, date(2026, 11, 3), rationale)


def test_a_target_moves_with_what_the_cycle_agreed(client):
    basis = summarize_cycle(client, "2026-10").basis
    item = client.design.roles["network-promotion"].indicators[0]
    scenario = Scenario(
        name="x", client="home-goods", cycle="2026-10", design_version=1, design=fingerprint(client.design),
        targets={"network-promotion": {item.id: 120}},
    )  # fmt: skip
    before, now = outcome(basis).indicators, outcome(basis, scenario).indicators
    rows = before["indicator"] == item.id
    assert list(now[rows]["target"]) == [target * Decimal("1.2") for target in before[rows]["target"]]
    assert changed_design(client.design, scenario).roles["network-promotion"].indicators[0].target == item.target * Decimal("1.2")  # fmt: skip


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_loads_nothing_and_runs_one_script(client, workbook):
    html = whatif_page(workbook, client, "2026-10")
    assert html.index("Content-Security-Policy") < html.index("<meta charset")
    assert policy(live=True) in html
    script = re.search(r'<script type="module">(.*?)</script>', html, re.S)[1]
    assert b64encode(sha256(script.encode()).digest()).decode() in policy(live=True)
    assert html.count("<script") == 2
    assert not re.findall(r"(?:src|href)\s*=|@import|url\(", html)
    assert set(re.findall(r"https?://[^\s\"'`<)]+", html)) == {"http://www.w3.org/2000/svg"}
    block = re.search(r'<script type="application/json" id="kpi-what-if-data">(.*?)</script>', html, re.S)[1]
    assert len(html.encode()) - len(block.encode()) < 150_000
    assert json.loads(block)["session"]["people"][0]["id"] == "wang-lin"


def test_client_text_is_data_in_the_page():
    assert "<" not in inert({"name": "</script><script>alert(1)</script>", "more": "<!--\u2028"})
    assert json.loads(inert({"name": "</script>\u2028"})) == {"name": "</script>\u2028"}


def test_pseudonyms_leave_no_name_id_or_scenario(client, workbook):
    save_scenario(client, "lin", parse_scenario(client, a_text(client), "stdin")[0])
    html = whatif_page(workbook, client, "2026-10", pseudonyms=True)
    for row in rows_of(client.people):
        assert row.name not in html
    assert '"scenarios":[]' in html
    assert not re.search('"(wang-lin|liu-kai)"', html)
    assert "推广占 40" not in html
    assert "推广占 40" in whatif_page(workbook, client, "2026-10")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_pseudonyms_keep_everybody_with_their_own_past_and_nobody_in_the_old_order(seed):
    data = next(data for _, data, _ in cases(80, seed=seed) if len(data.past) > 5)
    order = list(range(len(data.people)))[::-1]
    other = without_names(data, order, [{"zh": "x", "en": "x"}] * len(order))
    for old, new in zip((data.people[place] for place in order), other.people, strict=True):
        own = [None if one.past is None else whole.past[one.past] for whole, one in ((data, old), (other, new))]
        assert own[0] == own[1]
    linked = [one.past for one in other.people if one.past is not None]
    assert linked == sorted(linked), "places follow the new order"


def test_every_word_of_the_live_view_is_there_and_every_one_is_used(client, workbook):
    summary = summarize_cycle(client, "2026-10")
    words = live_data(summary, workbook, {})["words"]
    source = live_script()
    used = set(re.findall(r'(?:\.t|button|label|field)\("(\w+)"', source))
    python = "".join(path.read_text("utf-8") for path in (ROOT / "kpi_toolkit").rglob("*.py")) + "".join(path.read_text("utf-8") for path in (ROOT / "templates/report").rglob("*.j2"))  # fmt: skip
    for language in LANGUAGES:
        assert used <= words[language].keys()
        for key in Words(language, workbook).section("whatif"):
            assert (
                f'"{key}"' in source or f"whatif.{key}" in python or f'["{key}"]' in python or f'"{key}"' in python
            ), key
    classes = {name for tag in re.findall(r'class: "([^"]+)"', source) for name in tag.split()}
    assert {name for name in classes if f".{name}" not in live_style()} <= {"kwi-result", "kwi-items"}


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_kpi_whatif_writes_keeps_compares_and_adopts(kpi, workbook, client, monkeypatch):
    assert kpi("whatif", "home-goods", "2026-10")[0] == 0
    folder = workbook.reports / "home-goods/2026-10"
    assert (folder / "whatif.html").stat().st_mode & 0o777 == 0o600
    assert kpi("whatif", "home-goods", "--pseudonyms")[0] == 0
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {file["path"] for file in manifest["files"]} == {"whatif.html", "whatif-pseudonyms.html"}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(a_text(client).encode()), "utf-8"))
    code, out, err = kpi("--json", "whatif", "home-goods", "--import", "-", "--as", "try")
    assert (code, json.loads(out)["id"]) == (0, "try"), err
    assert "--compare try" in err
    moved = json.loads(kpi("--json", "whatif", "home-goods", "2026-10", "--compare", "try")[1])
    assert {line["id"] for line in moved["moved"]} <= set(client.people["id"])
    assert "As agreed → 推广占 40" in kpi("whatif", "home-goods", "2026-10", "--compare", "try")[1]
    code, _, err = kpi("whatif", "home-goods", "--adopt", "try", "--by", "Wang")
    assert (code, "compare at least two" in err) == (3, True), "S285: nothing was kept to choose from"
    beside(client)
    done = json.loads(kpi("--json", "whatif", "home-goods", "--adopt", "try", "--by", "Wang")[1])
    assert done["version"] == client.design.version + 1
    assert (done["kept_targets"], done["differs"], done["issues"]) == ([], [], [])
    code, out, _ = kpi("--json", "render", "home-goods", "--report", "whatif")
    assert (code, [file["path"] for file in json.loads(out)["reports"][0]["files"]]) == (0, ["whatif.html"])


def test_a_scenario_is_called_by_its_name_as_by_its_id(kpi, client):
    save_scenario(client, "push", parse_scenario(client, a_text(client), "stdin")[0])
    by_id, by_name = (
        json.loads(kpi("--json", "whatif", "home-goods", "--compare", n)[1]) for n in ("push", "推广占 40")
    )
    assert by_id == by_name
    beside(client)
    assert kpi("whatif", "home-goods", "--compare", "推广占 40,Something else")[0] == 0
    code, _, err = kpi("whatif", "home-goods", "--compare", "推广占 41")
    assert (code, "推广占 41" in err, "push" in err) == (2, True, True)
    done = json.loads(kpi("--json", "whatif", "home-goods", "--adopt", "推广占 40", "--by", "Wang")[1])
    assert done["version"] == client.design.version + 1
    assert load_client(client.folder).design.changes[-1].scenario == "push"


def test_two_scenarios_of_one_name_are_told_apart_by_their_ids(kpi, client):
    for name in ("first", "second"):
        save_scenario(client, name, parse_scenario(client, a_text(client), "stdin")[0])
    code, _, err = kpi("whatif", "home-goods", "--compare", "推广占 40")
    assert (code, "first, second" in err) == (2, True)


def test_what_is_kept_already_is_not_kept_again(kpi, client, monkeypatch):
    kept = []
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(a_text(client).encode()), "utf-8"))
        kept.append(json.loads(kpi("--json", "whatif", "home-goods", "--import", "-")[1]))
    assert kept[0] == kept[1]
    assert len(list((client.folder / "scenarios").iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("glyph", "code"), [("\U0002c386", "U+2C386"), ("\U0002eb4e", "U+2EB4E")])
def test_kpi_whatif_warns_of_characters_that_no_font_has_as_render_does(kpi, workbook, glyph, code):
    file = workbook.client_data / "home-goods/people.csv"
    assert "U+" not in kpi("whatif", "home-goods", "2026-10")[2]
    file.write_text(file.read_text("utf-8-sig").replace("陈雨桐", f"陈{glyph}宇"), "utf-8")
    assert f"whatif.html: no font has {glyph} ({code})" in kpi("whatif", "home-goods", "2026-10")[2]
    assert json.loads(kpi("--json", "whatif", "home-goods", "2026-10")[1])["missing_glyphs"] == [glyph]
    assert code in kpi("render", "home-goods", "--cycle", "2026-10", "--report", "whatif")[2]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--compare", "trz"), 2, "no scenario trz"), (("--compare", "a,b,c"), 2, "one scenario or two"),
        (("--adopt", "x", "--compare", "y"), 2, "cannot be combined"), (("2026-13",), 2, "2026-13"), (("--adopt", "x"), 2, "no scenario x"),
    ],
)  # fmt: skip
def test_kpi_whatif_says_what_is_wrong(kpi, arguments, code, message):
    found = kpi("whatif", "home-goods", *arguments)
    assert found[0] == code
    assert message in found[2]
