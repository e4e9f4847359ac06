"""Boundaries and told sentences: each test here was written because a fault of one line passed all others."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
from conftest import ROOT, altered, indicator

from kpi_toolkit.batch import versions
from kpi_toolkit.batch.manifest import Delivered, read_manifest, write_manifest
from kpi_toolkit.clients.client import input_hashes, load_client
from kpi_toolkit.clients.storage import write_file
from kpi_toolkit.method.calendar import WorkDays, routine_dates
from kpi_toolkit.method.cards import Rule
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import IssuesError
from kpi_toolkit.method.regulation import Routine
from kpi_toolkit.method.scenario import Scenario, check_scenario, fingerprint
from kpi_toolkit.method.scheme import Tier, TierScheme
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import table
from kpi_toolkit.method.tiers import apply_calibration, assign_tiers
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.kinds import NOTEBOOKS
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.whatif.agenda import agenda
from kpi_toolkit.whatif.confidence import assess
from kpi_toolkit.whatif.scenarios import Basis


@pytest.mark.parametrize(("weights", "gap"), [((50, 40), "+10"), ((60, 50), "-10"), (("60", "39.99"), "+0.01")])
def test_a_scenarios_weights_may_sum_to_no_less_and_no_more_than_agreed(make_design, weights, gap):
    design = make_design()
    scenario = Scenario(
        name="x", client="c", cycle="2026-10", design_version=1, design=fingerprint(design),
        weights={"clerk": dict(zip("ab", map(Decimal, weights), strict=True))},
    )  # fmt: skip
    [found] = check_scenario(design, scenario, "x.toml")
    assert (found.code, found.severity, found.values["gap"]) == ("scenario-sum", "error", gap)
    assert not check_scenario(design, scenario.model_copy(update={"weights": {"clerk": {"a": 30, "b": 70}}}), "x.toml")


@pytest.mark.parametrize(("line", "refused"), [("80.00", True), ("79.99", True), ("80.01", False)])
def test_a_decision_takes_nobody_who_reaches_the_pass_line_to_the_bottom(line, refused):
    frame = pd.DataFrame({"person": list("abcde"), "score": [Decimal(n) for n in (95, 90, 85, 80, 40)]})
    scheme = TierScheme(pass_line=Decimal(line))
    moves = [{"date": "2026-11-05", "person": "d", "from_tier": "middle", "to_tier": "bottom", "reason": "r", "approver": "b"}]  # fmt: skip
    decide = lambda: apply_calibration(assign_tiers(frame, scheme), table("calibration", moves), scheme)  # noqa: E731
    if not refused:
        assert decide().table["tier"][3] == "bottom"
        return
    with pytest.raises(IssuesError) as caught:
        decide()
    assert [issue.code for issue in caught.value.issues] == ["calibration-below-line"]


@pytest.mark.parametrize(("weekday", "first"), [(4, "2026-10-08"), (5, "2026-10-09"), (1, "2026-10-05")])
def test_no_meeting_of_a_week_is_listed_before_its_cycle_begins(weekday, first):
    """1 and 2 October 2026 are holidays: the worked day before them is of September."""
    days = WorkDays(holidays={date(2026, 10, day): Text(zh="国庆节", en="National Day") for day in (1, 2)})
    weekly = Routine(name=Text(zh="周会", en="Weekly"), kind="meeting", cadence="weekly", weekday=weekday)
    entries = routine_dates(Cycle.parse("2026-10"), [weekly], days)
    assert entries[0].start.isoformat() == first


def test_a_delivered_file_that_was_changed_is_not_listed_again(workbook):
    client, folder = load_client(workbook.client_data / "home-goods"), workbook.reports / "home-goods" / "2026-10"

    def deliver(path: str, person: str) -> None:
        files = [Delivered(path, "person", person, person, "zh", write_file(folder / path, path), 1)]
        write_manifest(folder, client, "2026-10", files, input_hashes(client, "2026-10"))

    listed = lambda: [entry["path"] for entry in read_manifest(folder)["files"]]  # noqa: E731
    deliver("people/lin.zh.html", "lin")
    deliver("people/wei.zh.html", "wei")
    assert listed() == ["people/lin.zh.html", "people/wei.zh.html"]
    (folder / "people/lin.zh.html").write_text("nicer figures", "utf-8")
    deliver("people/zoe.zh.html", "zoe")
    assert listed() == ["people/wei.zh.html", "people/zoe.zh.html"]


@pytest.mark.parametrize(("closed", "left"), [(False, ["team.zh.pdf"]), (True, ["team.zh.html", "team.zh.pdf"])])
def test_another_format_takes_the_first_away_only_where_it_could_say_something_else(workbook, closed, left):
    client, folder = load_client(workbook.client_data / "home-goods"), workbook.reports / "home-goods" / "2026-10"

    def deliver(path: str, inputs: dict[str, str]) -> list[str]:
        files = [Delivered(path, "team", None, "", "zh", write_file(folder / path, path), 1)]
        write_manifest(folder, client, "2026-10", files, inputs, closed=closed)
        return sorted(name.name for name in folder.glob("team.*"))

    same = input_hashes(client, "2026-10")
    deliver("team.zh.html", same)
    assert deliver("team.zh.pdf", same) == left
    assert deliver("team.zh.html", same | {"actuals.csv": "0" * 64}) == ["team.zh.html"]  # corrected since


@pytest.mark.parametrize(
    "changed", ["templates/report/sections/form.html.j2", "notebooks/20_report.ipynb", "templates/units.toml"]
)
def test_reports_are_made_again_when_a_template_or_a_notebook_changes(tmp_path, monkeypatch, changed):
    for name in ("templates/report/sections/form.html.j2", "notebooks/20_report.ipynb", "templates/units.toml"):
        write_file(tmp_path / name, "as it was")
    monkeypatch.setattr(versions, "shipped", lambda: tmp_path)

    def now() -> str:
        versions.look_again()
        return versions.fingerprint()

    try:
        before = now()
        assert now() == before
        write_file(tmp_path / changed, "as it is")
        assert now() != before
    finally:
        monkeypatch.undo()
        versions.look_again()


@pytest.mark.parametrize(("reason", "near"), [("gate", []), ("calibrated", ["a", "v"])])
def test_whom_a_veto_moved_is_near_no_cut_and_a_decision_is_held_against_the_tiers_it_made(reason, near):
    def line(name: str, score: str, tier: Tier, reason: str = "rank") -> SimpleNamespace:
        return SimpleNamespace(id=name, score=Decimal(score), tier=tier, pool="all", reason=reason)

    people = [line("a", "95", Tier.TOP), line("v", "95.5", Tier.MIDDLE, reason), line("b", "90", Tier.MIDDLE)]
    rules = {"near_cut": Rule(at=Decimal(1))}
    assert [who for entry in agenda(rules, people, {}) for who, _ in entry.people] == near
    close = [*people, line("c", "94", Tier.MIDDLE)]
    [entry] = agenda(rules, close, {})
    assert {who for who, _ in entry.people} == {"a", "c", *near}


def test_a_gap_is_held_against_the_rules_number_unrounded():
    """14.96 is not 15, though it prints as 15.0 with one decimal."""

    def line(name: str, gap: str) -> SimpleNamespace:
        lines = [SimpleNamespace(weight=Decimal(100), gap=Decimal(gap))]
        return SimpleNamespace(id=name, lines=lines, score=None, tier=None)

    [entry] = agenda({"self_gap": Rule(at=Decimal(15))}, [line("a", "14.96"), line("b", "15"), line("c", "-15.04")], {})
    assert entry.people == (("b", Decimal(15)), ("c", Decimal("15.04")))


@pytest.mark.parametrize(
    ("second", "label"), [(-5, "firm"), (-15, "likely"), (-35, "likely"), (-45, "open")]
)  # ann leads where her weight on a is at least |second| of 100: in 95, 85, 65 and 55 of 100 draws
def test_a_tier_is_firm_in_nine_of_ten_weights_and_likely_in_six(make_design, make_tables, second, label):
    design = make_design(
        indicator("a", 60), indicator("b", 40), confidence={"weights": "uniform"},
        tiers={"min_group": 2, "shares": [50, 50, 0]},
    )  # fmt: skip
    tables = make_tables({"ann": {"a": 100 + second, "b": 50 + second}, "bob": {"a": 0, "b": 50}})
    scored = score_cycle(design, tables)
    found = assess(
        Basis(design=design, tables=tables), scored, assign_tiers(scored.scores.values(), design.tiers)
    ).people["ann"]
    assert found.weights[0] == pytest.approx(1 + second / 100, abs=0.015)
    assert (found.label, found.rests_on) == (label, "")


def test_a_muted_error_no_longer_ends_with_3(kpi, workbook):
    file = workbook.client_data / "home-goods" / "design.toml"
    text = file.read_text("utf-8")
    quota = altered(text, ('class = "quality"', 'class = "sales_quota"', 1))
    file.write_text(quota, "utf-8")
    code, out, _ = kpi("check", "home-goods")
    assert code == 3
    assert "quota-on-support-role" in out
    muted = '[[mute]]\ncode = "quota-on-support-role"\nreason = "agreed with the owner"\n\n[[mute]]\n'
    file.write_text(altered(quota, ("[[mute]]\n", muted, 1)), "utf-8")
    code, out, _ = kpi("check", "home-goods")
    assert code == 0, out
    assert "accepted: agreed with the owner" in out
    assert kpi("check", "home-goods", "--json")[0] == 0


def test_what_cuts_an_adjustment_is_named_where_the_cut_is_shown(workbook):
    events = workbook.client_folder("home-goods") / "cycles/2026-10/adjustments.csv"
    rows = events.read_text("utf-8-sig")
    who = next(row.split(",")[1] for row in rows.splitlines()[1:])
    more = "".join(f"2026-10-1{n},{who},suggestion,4,idea {n},Owner\n" for n in range(3))
    events.write_text("date,person,rule,points,reason,approver\n" + more, "utf-8")
    for kind, section, person in (("team", "notes", None), ("person", "form", who), ("team", "method", None)):
        report = report_of(workbook, kind, client="home-goods", cycle="2026-10", language="en", person=person)
        said = "".join(piece for piece in report.section(section).pieces if isinstance(piece, str))
        assert "At most 5 points are added in a cycle." in said, section


def test_a_name_with_an_apostrophe_is_printed_as_it_is(workbook):
    people = workbook.client_data / "home-goods/people.csv"
    people.write_text(people.read_text("utf-8-sig").replace("刘凯", "Siân O'Connor & Co"), "utf-8")
    for kind in ("team", "design"):
        report = report_of(workbook, kind, client="home-goods", cycle="2026-10", language="en")
        names = {path.name.removesuffix(".html.j2") for path in workbook.templates("report/sections", ".html.j2")}
        used = re.findall(r'section\(\\?"([a-z]+)', (ROOT / f"notebooks/{NOTEBOOKS[kind]}").read_text("utf-8"))
        said = "".join(
            piece for name in used if name in names for piece in report.section(name).pieces if isinstance(piece, str)
        )
        assert "O&#39;Connor" in said and "&amp;#39;" not in said and "&amp;amp;" not in said
