"""The what-if session: JavaScript equals Python, scenarios go from the meeting to a file and, if wanted, into the design."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from base64 import b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import ROOT, need
from hypothesis import given
from hypothesis import strategies as st
from whatif_cases import after, cases, scenario_of

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.scenarios import adopt, free_id, parse_scenario, read_scenarios, save_scenario, scenario_text
from kpi_toolkit.clients.workbook import Workbook, WorkbookError
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.scenario import Scenario, changed_design, fingerprint
from kpi_toolkit.method.tables import rows_of
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.reports.live_script import inert, live_script, live_style, policy
from kpi_toolkit.reports.summary import summarize_cycle
from kpi_toolkit.reports.whatif_page import live_data, whatif_page
from kpi_toolkit.reports.words import Words
from kpi_toolkit.whatif.confidence import assess
from kpi_toolkit.whatif.linking import linked, with_share
from kpi_toolkit.whatif.scenarios import compare, outcome
from kpi_toolkit.whatif.session import session_data


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
        for row in rows_of(found.tiering.table)
    ]


def hold_equal(made, answers) -> None:
    """Hold every official score, rank, tier, reason and printed point of JavaScript against Python's."""
    for place, ((basis, data, moves), got) in enumerate(zip(made, answers, strict=True)):
        assert got["agreed"] == [list(person.agreed) for person in data.people], place
        assert got["weights"] == after(data, moves), place
        python = outcome(basis, scenario_of(basis, got["scenario"]))
        assert got["found"] == official(python), place
        points: dict[str, list] = {}
        for row in rows_of(python.indicators):
            points.setdefault(row.person, []).append(None if row.points is None else int(row.points * 100))
        assert got["points"] == list(points.values()), place


def test_javascript_equals_python_in_every_official_figure(node):
    made = cases(40, seed=6)
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
    assert int(re.search(r"^# pass (\d+)", done.stdout, re.M)[1]) >= 15


@pytest.mark.parametrize("client", ["home-goods", "cloudboard", "lumen-brand"])
def test_the_shares_drawn_agree_with_python_within_their_error(node, workbook, client):
    """95 % of 10,000 draws lie within one point; four standard errors of both are two."""
    summary = summarize_cycle(load_client(workbook.client_folder(client)), "2026-10")
    python = outcome(summary.basis)
    data = session_data(summary.basis, client, "2026-10")
    (got,) = asked(node, "shares.mjs", [data.to_json()])
    known = assess(summary.design, summary._results, python.scores, python.tiering).people
    for person, counts in zip(data.people, got, strict=True):
        if person.id in known:
            for share, expected in zip(counts, known[person.id].weights, strict=True):
                assert abs(share - expected) < 0.02, person.id


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
    assert free_id(client, scenario) == "40"
    assert (
        free_id(client, scenario.model_copy(update={"name": scenario.name.model_copy(update={"en": "促销"})}))
        == "scenario-1"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("= 40", "= 41"), "scenario-sum"), (("[weights.network-promotion]", "[weights.network-promotoin]"), "scenario-unknown"),
        (("schema = 1", "schema = 1\nwieghts = 3"), "unknown-key"), (('client = "home-goods"', 'client = "cloudboard"'), "scenario-other-client"),
        (("[weights", "[targets.network-promotion]\nvisits = 120\n[weights"), "scenario-unknown"), (("= 40", "= forty"), "toml-syntax"),
        (("[weights", "[caps.network-promotion]\nposts = 0\n[weights"), "not-above"), (('why', 'shares = [20, 70, 20]\nwhy'), "shares-not-100"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_scenario_is_named(client, change, code):
    with pytest.raises(IssuesError) as told:
        parse_scenario(client, a_text(client).replace(*change), "stdin")
    assert code in [issue.code for issue in told.value.issues]
    for language in LANGUAGES:
        for issue in told.value.issues:
            assert Words(language, Workbook(Path())).message(issue)


def test_adopting_makes_a_new_version_with_its_comments_and_a_log(client):
    file = client.folder / "design.toml"
    before = file.read_text("utf-8")
    save_scenario(client, "promotion-40", parse_scenario(client, a_text(client), "stdin")[0])
    assert file.read_text("utf-8") == before, "nothing touches the design before"
    done = adopt(client, "promotion-40", by="王经理", day=date(2026, 11, 3))
    text = file.read_text("utf-8")
    assert [line for line in before.splitlines() if line.startswith("#")] == [line for line in text.splitlines() if line.startswith("#")]  # fmt: skip
    now = load_client(client.folder)
    assert done.version == now.design.version == client.design.version + 1
    assert [item.weight for item in now.design.roles["network-promotion"].indicators] == [40, 20, 15, 25]
    assert now.design.roles["online-sales"] == client.design.roles["online-sales"]
    (entry,) = now.design.changes
    assert (entry.by, entry.asked_by, entry.scenario, entry.date) == (
        "王经理",
        "林总",
        "promotion-40",
        date(2026, 11, 3),
    )
    with pytest.raises(IssuesError, match="scenario-stale"):
        adopt(now, "promotion-40", by="王经理", day=date(2026, 11, 4))


def test_adopting_refuses_what_could_not_be_scored_and_changes_nothing(client):
    before = (client.folder / "design.toml").read_bytes()
    save_scenario(client, "none", parse_scenario(client, a_text(client, weights=(0, 45, 20, 35)), "stdin")[0])
    with pytest.raises(IssuesError, match="no-weight"):
        adopt(client, "none", by="W", day=date(2026, 11, 3))
    with pytest.raises(WorkbookError, match="by"):
        adopt(client, "none", by=" ", day=date(2026, 11, 3))
    with pytest.raises(WorkbookError, match="none"):
        adopt(client, "nome", by="W", day=date(2026, 11, 3))
    assert (client.folder / "design.toml").read_bytes() == before


def test_adopting_moves_targets_caps_and_shares_where_they_stand(client):
    text = a_text(client).replace("[weights", "item_cap = 110\nshares = [25, 65, 10]\n[targets.network-promotion]\n{0} = 110\n[caps.network-promotion]\n{0} = 95\n[weights")  # fmt: skip
    item = client.design.roles["network-promotion"].indicators[0]
    save_scenario(client, "all", parse_scenario(client, text.replace("{0}", item.id), "stdin")[0])
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
    promoters = set(basis.tables.people.loc[basis.tables.people["role"] == "network-promotion", "id"])
    assert {line.person for line in moved if line.score[0] != line.score[1]} == promoters
    heaviest = scenario.weights["network-promotion"]
    assert all(line.by in heaviest for line in moved if line.person in promoters)
    for line in moved:  # weight taken from what one is good at pulls down, whatever its points do
        if line.by and abs(line.score[1] - line.score[0]) > 1:
            assert (line.points > 0) == (line.score[1] > line.score[0])
    assert [line.crossed for line in moved] == sorted((line.crossed for line in moved), reverse=True)
    assert compare(first, outcome(basis)) == ()


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
    assert "推广占 40" not in html
    assert "推广占 40" in whatif_page(workbook, client, "2026-10")


def test_every_word_of_the_live_view_is_there_and_every_one_is_used(client, workbook):
    summary = summarize_cycle(client, "2026-10")
    words = live_data(summary, workbook, {})["words"]
    source = live_script()
    used = set(re.findall(r'(?:this\.t|button|label|field)\("(\w+)"', source))
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
    done = json.loads(kpi("--json", "whatif", "home-goods", "--adopt", "try", "--by", "Wang")[1])
    assert done["version"] == client.design.version + 1
    code, out, _ = kpi("--json", "render", "home-goods", "--report", "whatif")
    assert (code, [file["path"] for file in json.loads(out)["reports"][0]["files"]]) == (0, ["whatif.html"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--compare", "trz"), 2, "no scenario trz"), (("--compare", "a,b,c"), 2, "one scenario or two"),
        (("--adopt", "x", "--compare", "y"), 2, "three different things"), (("2026-13",), 2, "2026-13"), (("--adopt", "x"), 2, "no scenario x"),
    ],
)  # fmt: skip
def test_kpi_whatif_says_what_is_wrong(kpi, arguments, code, message):
    found = kpi("whatif", "home-goods", *arguments)
    assert found[0] == code
    assert message in found[2]
