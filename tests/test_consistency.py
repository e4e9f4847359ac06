"""One page, one truth: what a page says in one place it does not deny in another."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from conftest import ROOT, SECTIONS, altered, called
from texts import html_of, pages_of, plain_client, stress_client

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.pages.report import Report, report_of
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import check_client
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.reliability import rater_severity


def team(workbook: Workbook, client: str = "plain", language: str = "en") -> Report:
    """Return a client's team report."""
    return next(report for page, report in pages_of(workbook, client) if page == f"team.{language}")


def text_of(report: Report, *sections: str) -> str:
    """Return what some sections say, all of them where none is named."""
    return " ".join(html_of(report, name).get_text(" ", strip=True) for name in sections or SECTIONS[report.kind])


# --- what was worked out and what was decided ------------------------------------------------------------------------


def test_tile_rule_table_and_near_the_cut_all_speak_of_the_tiers_after_the_meeting():
    report = team(Workbook(ROOT), "lumen-brand")
    summary = report.scene.summary
    assert [tuple(counts) for counts in (summary.worked_out, summary.counts)] == [(10, 30, 4), (10, 31, 3)]
    tile = html_of(report, "headline").find_all("div", class_="figure")[3].text
    assert re.search(r"0\.14.*between rank 41 and rank 42", tile, flags=re.S)
    rows = [row.find_all("td") for row in html_of(report, "cut").table.tbody.find_all("tr")]
    assert rows[0][1].text == "10 / 31 / 3"
    assert not [cells for cells in rows if "崔鹤" in cells[2].text]  # the decision stands under every rule
    near = next(row for row in html_of(report, "agenda").find_all("tr") if "across a cut" in row.text)
    assert {"崔鹤 0.14", "蔡依凡 0.14"} <= {
        part.replace("\xa0", " ") for part in near.find_all("td")[1].text.split(", ")
    }
    whole = text_of(report, "headline", "ranking", "cut", "confidence", "agenda", "notes")
    assert whole.count("10 / 30 / 4") == 1  # before the meeting: in one place, with its name
    assert "10 / 30 / 4 before the meeting, 10 / 31 / 3 after it" in whole


def test_the_meeting_reads_the_same_share_as_the_table_of_how_sure_tiers_are():
    report = team(Workbook(ROOT), "lumen-brand")
    people = report.scene.summary.confidence.people
    [shown] = [entry.people for entry in report.scene.summary.agenda if entry.rule == "open_tier"]
    row = next(row for row in html_of(report, "agenda").find_all("tr") if "Tier held" in row.text)
    said = [int(share) for share in re.findall(r"(\d+)%", row.find_all("td")[1].text)]
    assert said == [int(100 * people[who].by_weights) for who, _ in shown]
    assert max(said) < 60  # never rounded up to the bound that they are below


def test_a_decided_tier_is_as_sure_as_its_own_share_says():
    report = team(Workbook(ROOT), "lumen-brand")
    row = next(row for row in html_of(report, "confidence").find_all("tr") if "崔鹤" in row.text)
    own = report.scene.summary.confidence.people[report.scene.summary.decisions[0].person]
    assert (own.tier.value, own.rests_on, own.label) == ("middle", "decision", "open")
    assert f"{int(100 * own.by_weights)}%" in row.text
    assert "open" in row.find("td", class_="why").text


def test_a_decision_against_the_order_of_scores_does_not_move_the_cut(tmp_path):
    workbook = plain_client(tmp_path, [str(90 - 4 * n) for n in range(10)])
    folder = workbook.client_folder("plain") / "cycles/2026-10"
    (folder / "calibration.csv").write_text(
        "date,person,from_tier,to_tier,reason,approver\n2026-11-05,p04,middle,bottom,Did not hold what was agreed,p01\n",
        "utf-8",
    )
    summary = summarize_cycle(load_client(folder.parent.parent), "2026-10")
    assert [(cut.above.id, cut.below.id, cut.worked_out) for cut in summary.cuts] == [
        ("p02", "p03", True), ("p09", "p10", True),
    ]  # fmt: skip
    assert summary.confidence.tipping is None
    assert "No move of weight between two indicators" in text_of(team(workbook), "confidence")


# --- nobody told apart, nothing returned, few people -----------------------------------------------------------------


@pytest.mark.parametrize(("people", "score"), [(20, "88.00"), (6, "61.50")])
def test_all_equal_is_said_and_nothing_is_doubted(tmp_path, people, score):
    report = team(plain_client(tmp_path, [score] * people))
    assert f"All {people} people scored the same: {score} points" in text_of(report, "headline")
    sure = text_of(report, "confidence")
    assert "Their tiers follow from the tie rule" in sure
    assert "%" not in sure
    assert "firm" not in sure
    weights = text_of(report, "weights")
    assert ("different totals" in weights) is (people >= 10)  # enough people, and nothing that parts them


def with_a_veto(tmp_path, veto: str, fails: int, *design: tuple[str, str]):
    """Lay out five people, the first with five points beside a full score, and an indicator that one of them fails."""
    workbook = plain_client(tmp_path, ["130", "90", "0", "80", "70"])
    folder = workbook.client_folder("plain")
    rule = ("[roles.ed]", '[[adjustments.rules]]\nid = "idea"\nname = "Idea"\n[roles.ed]')
    text = altered((folder / "design.toml").read_text("utf-8"), rule, *design)
    text += '[[roles.ed.indicators]]\nid = "g"\nname = "Truth"\nclass = "quality"\nweight = 0\ntarget = 95\nsource = "log"\n'
    text += f'serves_goal = "brand"\ncurve = {{ kind = "gate", at = 100, {veto} }}\n'
    (folder / "design.toml").write_text(text, "utf-8")
    cycle = folder / "cycles/2026-10"
    with (cycle / "actuals.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"p0{n},g,{90 if n == fails else 99},,,\n" for n in range(1, 6))
    (cycle / "adjustments.csv").write_text(
        "date,person,rule,points,reason,approver\n2026-10-02,p01,idea,5,good,Lin\n", "utf-8"
    )
    return workbook


def test_what_the_bounds_take_is_not_put_on_a_veto_that_bars_only_the_top_tier(tmp_path):
    workbook = with_a_veto(tmp_path, 'scope = "tier"', 1)
    assert re.findall(r"bounds changed (.*?)'s total by", text_of(team(workbook), "notes")) == ["Person 1"]
    report = report_of(workbook, "person", client="plain", cycle="2026-10", language="en", person="p01")
    form = text_of(report, "form")
    assert ("the agreed bounds of plus, minus and total" in form, "veto applied" in form) == (True, False)


def test_what_a_veto_takes_is_not_put_on_the_bounds_and_a_form_says_why_one_low_score_lowers_all(tmp_path):
    mean = ('method = "workload"\n', 'method = "workload"\naggregation = "geometric"\n')
    workbook = with_a_veto(tmp_path, 'scope = "total", limit = 50', 2, mean)
    notes = text_of(team(workbook), "notes")
    assert re.findall(r"bounds changed (.*?)'s total by (\S+)", notes) == [("Person 1", "−5.00")]
    assert "Person 2: Truth failed; total 50.00." in notes
    for person in ("p02", "p03"):
        report = report_of(workbook, "person", client="plain", cycle="2026-10", language="en", person=person)
        assert "one low score lowers the points of all" in text_of(report, "form")
    assert "For Editor the total is the weighted geometric mean" in text_of(team(workbook), "method")
    book = report_of(workbook, "design", client="plain", cycle="2026-10", language="en")
    assert "one low score lowers the points of all" in text_of(book, "forms")  # as it is signed before the cycle


def test_a_group_too_small_for_tiers_is_told_once(tmp_path):
    report = team(plain_client(tmp_path, ["90", "80", ""]))
    assert text_of(report, "cut").count("fewer than 5") == 1
    assert "has no score and is not tiered" in text_of(report, "cut")


@pytest.mark.parametrize(
    ("design", "blank", "headline", "why"),
    [
        ("[tiers]\nmin_group = 9\n", False, "6 people scored; too few for tiers", "6 people only, fewer than 9"),
        ("[tiers]\npool = 'team'\n", False, "6 people scored; none of them has a tier", "are in no team"),
        ("[missing]\npolicy = 'leave_out'\nleast_weight = 50\n", True, "6 people scored; none", "less than 50% of the weight"),
        ("".join(f'[[tiers.exempt]]\nperson = "p0{n}"\nreason = "Leave {n}"\n' for n in range(1, 7)), False, "none of", "Leave 6"),
    ],
)  # fmt: skip
def test_why_nobody_has_a_tier_is_told_as_it_is(tmp_path, design, blank, headline, why):
    workbook = plain_client(tmp_path, [str(80 + n) for n in range(6)], design=design)
    folder = workbook.client_folder("plain")
    if "policy" in design:
        page = folder / "design.toml"
        page.write_text(altered(page.read_text("utf-8"), ('missing = "leave_out"\n', "")), "utf-8")
    if blank:
        path = folder / "cycles/2026-10/actuals.csv"
        path.write_text(re.sub(r"(?m)^(p\d\d,a),\d+", r"\1,", path.read_text("utf-8")), "utf-8")
    report = team(workbook)
    assert headline in text_of(report, "headline")
    cut = text_of(report, "cut")
    assert why in cut
    assert "Nobody here has a score" not in cut
    assert "too small" not in cut


def test_no_data_is_said_once(tmp_path):
    workbook = plain_client(tmp_path, [""] * 6, design="[tiers]\npool = 'team'\n")
    for language, said in (("en", "so nobody has a score"), ("zh", "没有人有得分")):
        text = text_of(team(workbook, language=language), *(name for name in SECTIONS["team"] if name != "method"))
        assert text.count(said) == 1
        assert not re.search(r"\b0 people|−\d|0 / 0|share its weight|分摊", text)
        assert len(re.findall("not reported|未填报", text)) < 4


def test_an_alternative_that_tiers_more_people_counts_them_as_more(tmp_path):
    workbook = plain_client(
        tmp_path, [str(90 - n) for n in range(12)], design="[tiers]\npool = 'team'\nmin_group = 8\n"
    )
    people = workbook.client_folder("plain") / "people.csv"
    rows = people.read_text("utf-8").splitlines()
    people.write_text("\n".join(row.replace(",ed,,", f",ed,{'NS'[n > 8]},") for n, row in enumerate(rows)), "utf-8")
    text = text_of(team(workbook), "cut")
    assert "4 more tiered" in text
    assert "−" not in text


@pytest.mark.parametrize("people", [3, 7])
def test_few_people_show_no_correlation_and_no_effect_of_weights(tmp_path, people):
    report = team(plain_client(tmp_path, [str(90 - 5 * n) for n in range(people)]))
    assert report.scene.summary.confidence.roles == ()
    text = text_of(report)
    assert "correlation" not in text
    assert "rise and fall together" not in text


def test_eight_people_are_enough_to_say_what_weights_do(tmp_path):
    report = team(plain_client(tmp_path, [str(90 - 5 * n) for n in range(8)]))
    assert "rise and fall together" in text_of(report, "weights")


def test_severity_is_refused_below_eight_people():
    ratings = [(f"p{n}", rater, 80.0 + n) for n in range(7) for rater in ("x", "y")]
    assert rater_severity(ratings).refusal == "few_people"
    assert not rater_severity([*ratings, ("p7", "x", 70.0), ("p7", "y", 71.0)]).refusal


# --- absence is counted ----------------------------------------------------------------------------------------------


def test_V14_self_appraisals_that_did_not_come_are_counted_and_named(tmp_path):
    selves = ["" if n in {2, 9, 17} else "90" for n in range(20)]  # those who gave one agree with the appraiser
    workbook = plain_client(tmp_path, [str(60 + 2 * n) for n in range(20)], selves=selves)
    report = team(workbook)
    text = text_of(report, "notes")
    assert "Self-appraisals: 17 of 20 submitted in full. Not submitted: Person 3, Person 10 and Person 18." in text
    gaps = text_of(report, "gaps")
    assert "34 lines with both views, of which 34 agree" in gaps  # a gap of 0 is no absence
    assert "6 more lines lack a view" in gaps
    own = next(page for name, page in pages_of(workbook, "plain") if name == "p03.en")
    assert "not reported" in text_of(own, "form")


def test_a_self_appraisal_in_part_is_neither_whole_nor_absent(tmp_path):
    workbook = plain_client(tmp_path, ["80"] * 6, selves=["90"] * 6)
    actuals = workbook.client_folder("plain") / "cycles/2026-10/actuals.csv"
    actuals.write_text(altered(actuals.read_text("utf-8"), ("p02,b,80,90", "p02,b,80,")), "utf-8")
    assert "5 of 6 submitted in full. Submitted in part: Person 2." in text_of(team(workbook), "notes")


def test_where_nobody_appraises_himself_nothing_is_missed(tmp_path):
    report = team(plain_client(tmp_path, ["80", "81", "82", "83", "84"]))
    assert "Self-appraisals" not in text_of(report)


def test_the_team_s_part_of_a_score_is_drawn_and_named(tmp_path):
    workbook = plain_client(tmp_path, [str(80 + n) for n in range(6)], design="team_share = 25\n")
    people = workbook.client_folder("plain") / "people.csv"
    people.write_text(altered(people.read_text("utf-8"), (",ed,,", ",ed,North,")), "utf-8")
    report = team(workbook)
    assert "Team component" in text_of(report, "ranking")
    chart = next(piece for piece in report.section("ranking").pieces if isinstance(piece, dict))
    bars = [row for rows in chart["datasets"].values() for row in rows if "class" in row]
    first = report.scene.summary.ranking[0]
    part = next(row for row in bars if row["class"] == "team")
    assert part["x2"] - part["x"] == pytest.approx(float(first.team_points))
    assert max(row["x2"] for row in bars) == pytest.approx(float(first.score))


def test_V14_check_names_whose_self_appraisal_is_not_whole(tmp_path):
    selves = ["" if n in {2, 9, 17} else "90" for n in range(20)]
    workbook = plain_client(tmp_path, [str(60 + 2 * n) for n in range(20)], selves=selves)
    (found,) = [i for issues in check_client(workbook, "plain") for i in issues if i.code == "self-appraisal-missing"]
    assert Words("en", workbook).message(found) == (
        "3 of 20 self-appraisals are incomplete: Person 3, Person 10 and Person 18."
    )
    without = plain_client(tmp_path / "none", ["80"] * 5)
    assert "self-appraisal-missing" not in {i.code for issues in check_client(without, "plain") for i in issues}


@pytest.mark.parametrize(("actual", "said"), [("0.9", "Articles"), ("-3", "Features")])
def test_the_page_says_what_the_checks_warn_of_and_the_person_s_page_what_touches_the_person(tmp_path, actual, said):
    workbook = plain_client(tmp_path, ["80", "81", "82", "83", "84", "85"])
    actuals = workbook.client_folder("plain") / "cycles/2026-10/actuals.csv"
    item = "a" if said == "Articles" else "b"
    actuals.write_text(altered(actuals.read_text("utf-8"), (f"p02,{item},81", f"p02,{item},{actual}")), "utf-8")
    report = team(workbook)
    summary = report.scene.summary
    assert len(summary.issues.warnings) == 1
    assert [summary.own_warnings(person.id)[1] for person in summary.people] == [0] * 6
    ((warned, *_),) = summary.own_warnings("p02")[0]
    message = report.words.message(warned)
    assert said in message
    assert "1 warning concerns the data behind these figures; see Notes." in text_of(report, "headline")
    assert message in text_of(report, "notes")
    forms = {name: text_of(page, "form") for name, page in pages_of(workbook, "plain") if name[1:3].isdigit()}
    assert message in forms["p02.en"]
    assert "Check before signing" not in forms["p01.en"]
    n = summary.issues.behind.cautions
    assert n > 1
    assert f"{n} cautions concern design, goals or steps and make no figure wrong." in text_of(report, "notes")


def test_a_post_of_another_name_than_its_role_says_by_which_role_it_is_appraised():
    for client, language, said in (
        ("cloudboard", "en", "Head of growth ★ role: Operation manager"), ("home-goods", "zh", "对应岗位：运营经理"),
    ):  # fmt: skip
        book = next(r for page, r in pages_of(Workbook(ROOT), client) if page == f"design.{language}")
        assert said in text_of(book, "organisation")
        assert text_of(book, "organisation").count(said) == 1


def test_an_amount_is_written_alike_in_a_goal_and_beside_it():
    book = next(r for page, r in pages_of(Workbook(ROOT), "home-goods") if page == "design.zh")
    assert "600,000 元" in text_of(book, "forms")
    assert "600000" not in text_of(book, "forms")


def test_a_rank_stands_beside_no_interval_that_denies_it():
    """The rank over the cycles has a column of its own that says so, with its spread beside it, and is of the same pool as the rank."""
    report = team(Workbook(ROOT), "lumen-brand")
    table = html_of(report, "confidence").find("table", class_="sure")
    assert [head.text for head in table.thead.find_all("th")][-1] == "Rank by the mean of 6 cycles"
    ranks = [row.td.text for row in table.tbody.find_all("tr")]
    usual = [re.fullmatch(r"(\d+)(?: \((\d+)–(\d+)\))?|–", row.find("td", class_="usual").text) for row in table.tbody.find_all("tr")]  # fmt: skip
    assert all(usual)
    assert all(int(m[2]) <= int(m[1]) <= int(m[3]) for m in usual if m[2])
    assert all(re.fullmatch(r"\d+", rank) for rank in ranks)
    assert len(ranks) == 44


# --- what a person reads of a decision, of warnings and of values that did not come ----------------------------------


def decided(tmp_path, moves, people=10):
    """Return every page of a client whose calibration meeting moved people."""
    workbook = plain_client(tmp_path, [str(90 - 4 * n) for n in range(people)])
    table = "date,person,from_tier,to_tier,reason,approver\n" + "".join(f"2026-11-0{n},{m},p01\n" for n, m in moves)
    (workbook.client_folder("plain") / "cycles/2026-10/calibration.csv").write_text(table, "utf-8")
    return dict(pages_of(workbook, "plain"))


def test_whom_the_meeting_moved_reads_when_and_why_and_is_sent_to_no_report_of_others(tmp_path):
    pages = decided(
        tmp_path, [(5, "p04,middle,bottom,Did not hold what was agreed"), (6, "p05,middle,top,客户来信表扬")]
    )
    said = text_of(pages["p04.en"], "growth")
    assert (
        "The calibration meeting of 5 November 2026 moved the tier from Middle to Bottom. "
        "Reason: Did not hold what was agreed"
    ) in said
    assert "校准会议（2026年11月5日）将档位由中段调整为后段。理由：Did not hold" in text_of(pages["p04.zh"], "growth")
    moved_up = text_of(pages["p05.en"], "growth")
    assert "of 6 November 2026 moved the tier from Middle to Top. Reason: 客户来信表扬" in moved_up
    assert "Already in the top tier" in moved_up
    for page in ("p04.en", "p05.en"):
        assert "team report" not in text_of(pages[page], "growth")


def test_what_a_score_would_lift_is_called_by_score_while_decisions_stand(tmp_path):
    pages = decided(tmp_path, [(5, "p04,middle,bottom,Did not hold what was agreed")])
    before = "By score, before the calibration meeting's decisions:"
    assert f"{before} Reaching the Top tier takes" in text_of(pages["p03.en"], "growth")
    assert "未计入校准会议的决定。进入前段需要" in text_of(pages["p03.zh"], "growth")
    quiet = dict(pages_of(plain_client(tmp_path / "quiet", [str(90 - 4 * n) for n in range(10)]), "plain"))
    assert "Reaching the Top tier takes" in text_of(quiet["p03.en"], "growth")
    assert before not in text_of(quiet["p03.en"], "growth")


def with_actuals(tmp_path, values):
    """Return a client's workbook in which some people's articles are of the wrong size."""
    workbook = plain_client(tmp_path, ["80", "81", "82", "83", "84", "85"])
    path = workbook.client_folder("plain") / "cycles/2026-10/actuals.csv"
    text = path.read_text("utf-8")
    for person, value in values.items():
        text = re.sub(rf"(?m)^{person},a,\d+,", f"{person},a,{value},", text)
    path.write_text(text, "utf-8")
    return workbook


def test_what_touches_the_figures_of_many_stands_on_each_form_and_names_no_other(tmp_path):
    workbook = plain_client(tmp_path, [str(90 - 3 * n) for n in range(4)])
    path = workbook.client_folder("plain") / "cycles/2026-10/actuals.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    values = {"a": ("83.5", "83.5", "71", "64"), "b": ("77.25", "77.25", "69", "58")}
    views = {"p01": "4.5", "p02": "4.5", "p03": "5"}
    for own in cells:
        own[2], own[4] = values[own[1]][int(own[0][1:]) - 1], views.get(own[0], "")
    path.write_text("\n".join([head, *(",".join(own) for own in cells)]) + "\n", "utf-8")
    pages = dict(pages_of(workbook, "plain"))
    points = "Every view here (6) is 5 or less, and is read as per cent."
    assert f"Person 1, Person 2 and Person 3: {points}" in text_of(pages["team.en"], "notes")
    assert "All figures of Person 2 are those of Person 1." in text_of(pages["team.en"], "notes")
    for person, touched, more in (
        ("p01", True, True),
        ("p02", True, True),
        ("p03", True, False),
        ("p04", False, False),
    ):
        form = text_of(pages[f"{person}.en"], "form")
        assert (points in form) is touched
        assert ("One finding concerns other people as well" in form) is more
        assert not re.search(rf"Person [^{person[-1]}]", form)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"p02": "0.9"}, ["Person 2: "]),
        ({"p02": "0.9", "p05": "0.8"}, ["Person 2: ", "(one more of this kind: Person 5)"]),
    ],
)
def test_a_warning_on_the_team_page_says_whom_it_is_about_and_a_person_s_form_names_no_other(tmp_path, values, named):
    workbook = with_actuals(tmp_path, values)
    pages = dict(pages_of(workbook, "plain"))
    notes = text_of(pages["team.en"], "notes")
    assert [each for each in named if each not in notes] == []
    assert "Person 2：" in text_of(pages["team.zh"], "notes")
    warned = text_of(pages["p02.en"], "form").partition("Check before signing")[2]
    assert warned
    assert "Person 5" not in warned


def test_namesakes_are_counted_and_told_apart_where_the_finding_is_shown(tmp_path):
    workbook = stress_client(tmp_path)
    found = {
        Words("zh", workbook).message(i)
        for issues in check_client(workbook, "stress")
        for i in issues
        if i.code == "namesakes"
    }
    assert "有 2 人同名：张伟（推广一组）和张伟（推广二组）。" in found
    assert "p01" not in text_of(dict(pages_of(workbook, "stress"))["team.zh"], "notes")


@pytest.mark.parametrize(
    ("values", "lead", "heading"),
    [
        (
            {"p02": "", "p03": ""},
            "2 values were not reported; see Notes for how they are treated. "
            "2 warnings concern the data behind these figures, values not reported among them; see Notes.",
            "",
        ),
        (
            {"p02": "", "p03": "", "p04": "0.9"},
            "2 values were not reported; see Notes for how they are treated. "
            "3 warnings concern the data behind these figures, values not reported among them; see Notes.",
            "One warning besides the missing values",
        ),
        ({"p04": "0.9"}, "1 warning concerns the data behind these figures; see Notes.", "One warning"),
    ],
)
def test_a_value_that_did_not_come_is_counted_once(tmp_path, values, lead, heading):
    report = team(with_actuals(tmp_path, values))
    said = text_of(report, "headline")
    assert lead in said
    assert said.count("warning") == lead.count("warning")
    found = html_of(report, "notes").find("h3", id="warnings")
    assert (found.text if found else "") == heading
    assert "is not filled in" not in text_of(report, "notes")


@pytest.mark.parametrize(
    ("values", "design", "said"),
    [
        (("130", "120", "150", "101", "100", "90"), "", 5), (("130", "120", "150", "101", "100", "90"), "item_cap = 160\n", 0),
        (("90", "90", "90", "90", "90", "80"), "", 0),
    ],
)  # fmt: skip
def test_those_whom_only_the_cap_makes_equal_are_told_from_equals(tmp_path, capsys, values, design, said):
    workbook = plain_client(tmp_path, values, design=design)
    told = f"{said} people are equal because all of them reached the highest score of every indicator"
    assert (told in text_of(team(workbook), "cut")) == bool(said)
    err = called(capsys, "--workbook", str(tmp_path), "--lang", "en", "score", "plain")[2]
    assert (f"{told}: the cap hides who did more" in err, "item_cap in design.toml" in err) == (bool(said), bool(said))


# --- small words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("en", "Everybody has 91.00 points."), ("zh", "所有人都是 91.00 分。")])
def test_equal_scores_have_no_spread_and_one_way_to_be_written(tmp_path, language, said):
    report = team(plain_client(tmp_path, ["91"] * 6), language=language)
    pieces = report.section("distribution").pieces
    text = " ".join(map(str, pieces))
    assert said in text
    assert "0.00" not in text_of(report, "distribution")
    assert ("mean 91.00" if language == "en" else "平均 91.00") in text


@pytest.mark.parametrize(("at", "said"), [(1, "Within 1 point of somebody"), (2, "Within 2 points of somebody")])
def test_a_rule_of_the_meeting_counts_one_point_as_one(tmp_path, at, said):
    workbook = plain_client(tmp_path, [str(Decimal("90") - n * Decimal("0.5")) for n in range(10)])
    own = workbook.root / "templates/agenda.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f"[rules]\nnear_cut = {{ at = {at} }}\n", "utf-8")
    assert said in text_of(team(workbook), "agenda")
    assert f"与分界另一侧相差不超过 {at} 分" in text_of(team(workbook, language="zh"), "agenda")
