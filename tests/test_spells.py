"""Who was there for part of a cycle: it is said until it is decided, and the decision is worked out exactly."""

from __future__ import annotations

import json

import pytest
from conftest import called
from months import PEOPLE, lay_out


@pytest.fixture
def acme(tmp_path):
    folder = lay_out(tmp_path)
    people = PEOPLE.replace("manager,joined", "manager,joined,left").replace(
        "p2,Bo,editor,,,", "p2,Bo,editor,,,2026-10-16,"
    )
    people = people.replace("p3,Cy,editor,,,", "p3,Cy,editor,,,,2026-10-10")
    (folder / "people.csv").write_text(
        "\n".join(line + "," * (6 - line.count(",")) for line in people.split()), "utf-8"
    )
    return folder


@pytest.fixture
def kpi(acme, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *given: called(capsys, "--workbook", str(acme.parent.parent), "--lang", "en", *given)


def decided(acme, *rows):
    path = acme / "cycles/2026-10/spells.csv"
    path.write_text("\n".join(["person,role,from,to,kind,treat", *rows, ""]), "utf-8")


def scored(kpi):
    people = json.loads(kpi("score", "acme", "2026-10", "--json")[1])["people"]
    return {
        p["id"]: (p["score"], p["tier"], p["indicators"][0]["target"], p["indicators"][1]["target"]) for p in people
    }


def codes(kpi):
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    return sorted(
        row["code"] for row in found if "inside" in row["code"] or "spell" in row["code"] or "role-held" in row["code"]
    )


def test_what_is_not_decided_is_said_until_it_is(kpi, acme):
    before = scored(kpi)
    assert codes(kpi) == ["joined-inside-cycle", "left-inside-cycle"]
    decided(acme, "p2,,2026-10-16,,role,as-is", "p3,,,2026-10-10,role,as-is")
    assert (codes(kpi), scored(kpi)) == ([], before)


@pytest.mark.parametrize(
    ("row", "target"),
    [
        ("p2,,2026-10-16,,role,days", 103.23),  # 200 x 16/31
        ("p2,,2026-10-16,,role,workdays", 122.22),  # 200 x 11/18: the National Day week is not worked
        ("p2,,2026-10-05,2026-10-11,leave,days", 154.84),  # 200 x 24/31
        ("p2,,,,role,days", 200),
    ],
)
def test_amounts_are_held_to_their_part_of_the_target_and_shares_are_not(kpi, acme, row, target):
    (acme / "cycles/2026-10/goals.csv").write_text("person,indicator,target\np1,articles,190\n", "utf-8")
    decided(acme, row)
    found = scored(kpi)
    assert (found["p2"][2:], found["p1"][2]) == ((target, 95), 190)


def test_no_tier_is_a_score_without_a_place(kpi, acme):
    decided(acme, "p2,,2026-10-16,,role,no-tier")
    score, tier, *_ = scored(kpi)["p2"]
    assert (score, tier) == (83.79, None)
    assert "not tiered this cycle" in kpi("score", "acme", "2026-10")[1]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("p2,,2026-09-16,,role,days", "spell-outside-cycle"), ("p2,,2026-10-16,2026-10-15,role,days", "spell-outside-cycle"),
        ("p9,,,,role,days", "unknown-person"), ("p2,seo,,2026-10-15,role,days", "role-held-before"),
        ("p2,,16,,role,days", "bad-date"), ("p2,,,,role,half", "not-one-of"),
        ("p2,,2026-10-01,2026-10-31,leave,days", "away-all-cycle"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_decision_is_named(kpi, acme, row, code):
    decided(acme, row)
    found = json.loads(kpi("check", "acme", "2026-10", "--json")[1])["issues"]
    assert code in {issue["code"] for issue in found}
