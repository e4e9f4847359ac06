"""Every check fires on its fault and stays silent on a sound design; every code has words in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, indicator

from kpi_toolkit.clients.client import read_client
from kpi_toolkit.clients.workbook import Workbook, shipped_checks
from kpi_toolkit.method.checks import check_cycle, check_design, check_profile
from kpi_toolkit.method.checks.lint import with_mutes
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, IssuesError, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.value import Text
from kpi_toolkit.pages.words import Words

SALES = {"class": "lead"}


def codes(issues: Issues) -> set[str]:
    return {issue.code for issue in issues}


DESIGN_FAULTS = [
    ("sum-not-100", [indicator("a", 60), indicator("b", 35)], {}),
    ("combined-without-process", [indicator("a", 100, **SALES)], {}),
    ("nothing-counts", [indicator("a", 100, **SALES)], {"method": "workload"}),
    ("not-counted", [indicator("a", 60, **SALES), indicator("b", 40)], {"method": "workload"}),
    ("count-lower", [indicator("a", 100, curve={"kind": "ratio", "only_whole": True}, direction="lower")], {}),
    ("negative-target", [indicator("a", 100, target=-1)], {}),
    ("zero-target", [indicator("a", 100, target=0)], {}),
]


@pytest.mark.parametrize(("code", "items", "changes"), DESIGN_FAULTS, ids=[code for code, *_ in DESIGN_FAULTS])
def test_a_design_fault_is_found(make_design, code, items, changes):
    assert code in codes(check_design(make_design(*items, **changes)))


def test_a_role_without_indicators_is_found():
    design = Design.model_validate({"roles": {"clerk": {"name": "Clerk"}}})
    assert codes(check_design(design)) == {"role-without-indicator"}


def test_a_sound_design_is_clean(make_design, make_tables):
    assert check_design(make_design()) == Issues()
    assert check_cycle(make_design(), make_tables({"p": {"a": 50, "b": 20}})) == Issues()


def test_zero_is_a_fine_limit_where_lower_is_better(make_design):
    assert "zero-target" not in codes(check_design(make_design(indicator("a", 100, target=0, direction="lower"))))


PERSON = {"id": "p", "name": "P", "role": "clerk"}
ROWS = [{"person": "p", "indicator": "a", "actual": 50}, {"person": "p", "indicator": "b", "actual": 50}]
EVENT = {"date": "2026-10-05", "person": "p", "rule": "late", "points": -1, "reason": "x", "approver": "y"}
RULES = {"adjustments": {"rules": [{"id": "late", "name": "Late"}, {"id": "gift", "name": "Gift", "add_only": True}]}}

CYCLE_FAULTS = [
    ("unknown-role", {"people": [PERSON | {"role": "clark"}]}),
    ("appraiser-is-appraised", {"people": [PERSON | {"manager": "p"}]}),
    ("unknown-manager", {"people": [PERSON | {"manager": "boss"}]}),
    ("duplicate-row", {"people": [PERSON, PERSON]}),
    ("duplicate-row", {"actuals": [*ROWS, ROWS[0]]}),
    ("unknown-person", {"actuals": [*ROWS, {"person": "q", "indicator": "a", "actual": 1}]}),
    ("unknown-person", {"adjustments": [EVENT | {"person": "q"}]}),
    ("unknown-indicator", {"actuals": [*ROWS, {"person": "p", "indicator": "c", "actual": 1}]}),
    ("unknown-indicator", {"goals": [{"person": "p", "indicator": "c", "target": 1}]}),
    ("unknown-rule", {"adjustments": [EVENT | {"rule": "lake"}]}),
    ("add-only", {"adjustments": [EVENT | {"rule": "gift", "points": -3}]}),
    ("self-approved", {"adjustments": [EVENT | {"approver": "p"}]}),
    ("date-outside-cycle", {"adjustments": [EVENT | {"date": "2026-11-01"}]}),
    ("out-of-range", {"actuals": [ROWS[0] | {"self": 300}, ROWS[1]]}),
    ("out-of-range", {"actuals": [ROWS[0] | {"appraiser": -1}, ROWS[1]]}),
    ("zero-target", {"goals": [{"person": "p", "indicator": "a", "target": 0}]}),
    ("missing-actual", {"actuals": ROWS[:1]}),
]


@pytest.mark.parametrize(("code", "changes"), CYCLE_FAULTS)
def test_a_fault_in_a_cycle_is_found(make_design, code, changes):
    tables = Tables.of(**({"people": [PERSON], "actuals": ROWS} | changes))
    found = check_cycle(make_design(**RULES), tables, cycle=Cycle.parse("2026-10"))
    assert code in codes(found)
    clean = Tables.of(people=[PERSON], actuals=ROWS, adjustments=[EVENT])
    assert check_cycle(make_design(**RULES), clean, cycle=Cycle.parse("2026-10")) == Issues()


@pytest.mark.parametrize(("view", "value"), [("self", 300), ("appraiser", -1)])
def test_a_view_that_is_none_is_told_from_where_to_where_it_may_be(make_design, view, value):
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {view: value}, ROWS[1]])
    (found,) = (one for one in check_cycle(make_design(), tables) if one.code == "out-of-range")
    assert (found.values["value"], found.values["low"], found.values["high"]) == (value, 0, 200)


def test_S091_a_voluntary_contribution_may_only_be_added(make_design):
    tables = Tables.of(people=[PERSON], actuals=ROWS, adjustments=[EVENT | {"rule": "gift", "points": 3}])
    assert check_cycle(make_design(**RULES), tables) == Issues()


def test_a_share_typed_as_a_fraction_is_questioned(make_design):
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": "0.92"}, ROWS[1] | {"actual": 92}])
    assert codes(check_cycle(make_design(), tables)) == {"fraction-for-percent"}


def test_a_quarter_against_monthly_targets_is_questioned(make_design):
    design = make_design(indicator("a", 60, unit="pieces"), indicator("b", 40))
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": 300}, ROWS[1] | {"actual": 90}])
    assert codes(check_cycle(design, tables, cycle=Cycle.parse("2026-Q4"))) == {"monthly-target"}
    assert codes(check_cycle(design, tables, cycle=Cycle.parse("2026-10"))) == set()
    goals = [{"person": "p", "indicator": "a", "target": 300}]
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": 300}, ROWS[1] | {"actual": 90}], goals=goals)
    assert codes(check_cycle(design, tables, cycle=Cycle.parse("2026-Q4"))) == set()


def test_a_cycle_with_nothing_filled_in_is_one_finding(make_design):
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": ""}, ROWS[1] | {"actual": ""}])
    assert [issue.code for issue in check_cycle(make_design(), tables)] == ["blank-cycle"]


def test_pieces_are_whole(make_design):
    design = make_design(indicator("a", 60, curve={"kind": "ratio", "only_whole": True}), indicator("b", 40))
    tables = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": "15.5"}, ROWS[1]])
    assert codes(check_cycle(design, tables)) == {"not-whole"}


def test_a_target_that_is_nowhere_is_named_with_the_person(make_design):
    design = make_design(indicator("a", 60, target=None), indicator("b", 40))
    tables = Tables.of(people=[PERSON], actuals=ROWS)
    assert codes(check_cycle(design, tables)) == {"no-target"}
    goals = [{"person": "p", "indicator": "a", "target": 60}]
    assert check_cycle(design, Tables.of(people=[PERSON], actuals=ROWS, goals=goals)) == Issues()
    unreported = Tables.of(people=[PERSON], actuals=[ROWS[0] | {"actual": ""}, ROWS[1]])
    assert codes(check_cycle(design, unreported)) == {"missing-actual"}  # what is not reported needs no target


def test_an_exempt_person_who_does_not_exist_is_named(make_design):
    design = make_design(tiers={"exempt": [{"person": "ghost", "reason": "leave"}]})
    assert codes(check_cycle(design, Tables.of(people=[PERSON], actuals=ROWS))) == {"unknown-person"}


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_one_that_can():
    issues = check_profile(Profile.model_validate({"name": "x", "brand": {"accent": "#E69F00"}}), date(2026, 11, 1))
    assert codes(issues) == {"low-contrast"}
    better = Profile.model_validate({"name": "x", "brand": {"accent": issues[0].values["nearest"]}})
    assert check_profile(better, date(2026, 11, 1)) == Issues()


def test_the_example_clients_and_starters_are_clean():
    for client in Workbook(ROOT).clients():
        read, issues = read_client(ROOT / "client_data" / client)
        assert [issue for issue in with_mutes(read.design.mute, issues) if issue.muted is None] == [], client


def test_every_code_that_is_used_has_words_and_every_word_is_used():
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "kpi_toolkit").rglob("*.py"))
    used = set(
        re.findall(
            r'(?:\b(?:error|warning|hint|make|NotStartedError|ElicitationError|RefusedError)\(\s*|PydanticCustomError\(\s*)"([a-z0-9-]+)"',
            source,
        )
    )
    texts = shipped_checks()
    assert used <= set(texts)
    built = {"unknown-format"}  # its last word is what was asked for: a report, a format
    assert [code for code in texts if code not in built and f'"{code}"' not in source] == []
    for code, entry in texts.items():
        assert entry["source"], code
        for language in ("zh", "en"):
            assert all(entry[language][part] for part in ("message", "fix", "why")), (code, language)
        places = {language: set(re.findall(r"\{(\w+)\}", entry[language]["message"])) for language in ("zh", "en")}
        assert places["zh"] == places["en"], code


def test_a_finding_reads_as_a_sentence_with_place_and_remedy_in_both_languages():
    issue = Issue(
        "unknown-role",
        "error",
        Place("people.csv", 3, "role"),
        {"role": "edtor", "nearest": "editor", "known": "editor, artist"},
    )
    en, zh = (Words(language, Workbook(Path())) for language in ("en", "zh"))
    assert en.place(issue.place) == "people.csv, row 3, column role"
    assert en.message(issue) == "The design has no role edtor."
    assert (
        en.remedy(issue)
        == "Did you mean editor? Write one of the design's roles, by its id or its name: editor, artist."
    )
    assert zh.message(issue) == "方案里没有岗位 edtor。"
    assert "editor" in zh.remedy(issue)


def test_braces_in_client_text_stay_text():
    issue = Issue("unknown-role", "error", Place(), {"role": "{0.__class__} {known}", "nearest": "", "known": "a"})
    assert Words("en", Workbook(Path())).message(issue) == "The design has no role {0.__class__} {known}."


def test_the_nearest_word_is_offered_only_where_one_is_near():
    assert nearest("actuls", ["actual", "note"]) == "actual"
    assert nearest("zzz", ["actual", "note"]) == ""


def test_a_person_is_offered_by_name_and_id_for_a_name_of_three_signs_with_one_wrong_and_none_for_two(
    tmp_path, make_design
):
    from kpi_toolkit.method.checks.roster import Roster

    names = {"q1": "陈一鸣", "q2": "欧阳娜", "q3": "王娜", "q4": "王建国", "q5": "王建军"}
    people = Tables.of(people=[{**PERSON, "id": own, "name": name} for own, name in names.items()]).people
    roster = Roster(make_design(indicator("a", 100)), people)
    said = {
        word: Words("zh", Workbook(tmp_path)).show(roster.likely(word))
        for word in ("陈一明", "欧阳那", "王那", "王建民", "李一鸣")
    }
    assert said == {"陈一明": "q1（陈一鸣）", "欧阳那": "q2（欧阳娜）", "王那": "", "王建民": "", "李一鸣": ""}


def test_a_caution_stops_nothing_and_what_is_muted_counts_nowhere():
    place = Place("design.toml")
    kinds = {
        "wrong": error("no-target", place), "caution": replace(error("sum-not-100", place), caution=True),
        "lived with": replace(error("no-target", place), muted=Text(zh="甲", en="A")), "doubt": warning("unknown-column", place),
        "lived with too": replace(warning("unknown-column", place), muted=Text(zh="甲", en="A")), "remark": hint("many-indicators", place),
    }  # fmt: skip
    found = Issues(kinds.values())
    named = {
        which: [name for name, issue in kinds.items() if issue in getattr(found, which)]
        for which in ("errors", "blocking", "warnings")
    }
    assert named == {"errors": ["wrong", "caution"], "blocking": ["wrong"], "warnings": ["doubt"]}
    with pytest.raises(TypeError, match="without a finding"):
        IssuesError(found.blocking.warnings)
