"""The design book: what is agreed stands there, what is not is listed, nothing is guessed."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, altered
from pypdf import PdfReader

from kpi_toolkit.batch.planning import Request, plan
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.scaffold import new_client
from kpi_toolkit.clients.workbook import WorkbookError, starter_names
from kpi_toolkit.method.checklists import take_stock
from kpi_toolkit.pages.book import design_book
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.results.inspection import check_client


@pytest.fixture
def book(workbook):
    def open_book(client="home-goods", cycle="2026-10"):
        return design_book(workbook, load_client(workbook.client_folder(client)), cycle)

    return open_book


@pytest.fixture
def show(workbook):
    """Return a factory: one section of the book, as a reader gets it."""

    def section(name, client="home-goods", language="en", cycle="2026-10"):
        opened = report_of(workbook, "design", client=client, language=language, cycle=cycle)
        return BeautifulSoup("".join(opened.section(name).pieces), "html.parser")

    return section


def words(soup):
    return soup.get_text(" ", strip=True)


def change(workbook, client, *pairs, file="design.toml"):
    path = workbook.client_data / client / file
    path.write_text(altered(path.read_text("utf-8"), *pairs), "utf-8")


def test_S003_the_charter_has_its_fields_and_a_blank_one_is_an_open_point(workbook, book, show):
    assert not [key for key, _ in book().open_points if key == "charter"]
    text = words(show("charter"))
    for said in ("To help people improve and grow", "Everyone in the network marketing department", "combined method"):
        assert said in text
    change(
        workbook,
        "home-goods",
        ('object = { zh = "网络营销部全体人员", en = "Everyone in the network marketing department" }\n', ""),
    )
    points = dict(book().open_points)
    assert points["charter"] == ["charter.object"]
    assert "Who is appraised" in words(show("findings"))


def test_S054_authority_that_nobody_settled_is_marked_and_listed(workbook, book, show):
    points = dict(book().open_points)
    assert "Operation manager" in [name.en for name in points["authority"]]
    assert show("duties").find("span", class_="open", string="to be agreed")
    change(workbook, "home-goods", ("[roles.web-art]\n", '[roles.web-art]\nauthority = ["Choose the typeface"]\n'))
    assert "Web art" not in [name.en for name in dict(book().open_points)["authority"]]
    assert "Choose the typeface" in words(show("duties"))


def test_S054_every_role_has_a_page_with_duties_indicators_and_room_to_sign(show):
    soup = show("duties")
    roles = soup.find_all("div", class_="masthead")
    assert len(roles) == 6
    editor = (
        next(role for role in roles if role.find(["h1", "h2"]).text == "Network editor")
        .find_parent("section")
        .get_text(" ")
    )
    for said in (
        "Supply valuable content",
        "Rolling update",
        "Articles edited, entered and reviewed",
        "Holder's signature",
    ):
        assert said in editor


@pytest.mark.parametrize(("role", "lines"), [("network-promotion", 5), ("network-editor", 1), ("web-art", 1)])
def test_S045_S080_S082_interview_sheets_rate_the_requirements_and_team_spirit(book, role, lines):
    sheet = next(page for page in book().pages if page.id == role).interview
    assert len(sheet.lines) == lines
    assert any("eam s" in line.text.en for line in sheet.lines)


def test_S043_a_candidates_ratings_have_a_mean_and_a_lowest(workbook, book):
    change(workbook, "home-goods", ("[roles.operation-manager]\n", '[roles.operation-manager]\ncard = "site-head"\n'))
    sheet = book().pages[0].interview
    stock = take_stock(sheet, {"r1": 5, "r2": 4, "r3": 4, "r4": 3})
    assert (len(sheet.lines), stock.mean, stock.weakest) == (5, 4, ("r4",))


def test_S080_the_four_questions_and_the_boxes_are_printed(show):
    text = words(show("interview"))
    assert "Write down a day's schedule of this post" in text
    assert "□" in text


@pytest.mark.slow
def test_S018_the_goals_show_their_shares_and_what_serves_them(show, book):
    text = words(show("goals", "lumen-brand"))
    assert "Brand communication 70%" in text
    assert "Customer file completeness" in text
    shares = book("lumen-brand").goal_shares
    assert sum(shares.values()) == 100
    assert all(f"{share}% of all weight serves it" in text for share in shares.values())


def test_S020_S222_every_indicator_card_says_source_owner_and_counter(show):
    soup = show("cards")
    cards = soup.find_all("div", class_="card")
    assert len(cards) == 21
    for card in cards:
        labels = [head.text for head in card.find_all("th")]
        assert {"Source", "Owner of the figure", "Counter-indicator"} <= set(labels)


def test_S056_S064_S071_what_is_not_known_is_shown_as_such(workbook, show):
    change(workbook, "home-goods", ("headcount = [2, 3]\n", ""), ("arrival = 2022-07-18\n", ""))
    text = words(show("organisation"))
    assert "to be filled in" in text
    assert "not priced" in text
    assert "outsourced" in text


@pytest.mark.parametrize(
    ("pay", "share", "said"),
    [
        ("6000", "60", "60% fixed, 40% variable: 3,600 + 2,400"), ("5500", "60", "60% fixed, 40% variable: 3,300 + 2,200"),
        ("[8000, 10000]", "75", "75% fixed, 25% variable: 6,000–7,500 + 2,000–2,500"),
    ],
)  # fmt: skip
def test_S065_fixed_and_floating_pay_stand_in_money_beside_their_shares(workbook, show, pay, share, said):
    change(workbook, "home-goods", ("pay = [8000, 10000]\nbase_share = 60", f"pay = {pay}\nbase_share = {share}"))
    assert said in words(show("organisation"))


@pytest.mark.parametrize(("pay", "said"), [("4000", "2,400 + 1,600"), ("[3000, 4000]", "1,800–2,400 + 1,200–1,600")])
def test_S066_an_inferred_ratio_says_so_beside_its_money(workbook, show, pay, said):
    change(
        workbook,
        "home-goods",
        ("pay = [6000, 7500]\nbase_share = 60", f"pay = {pay}\nbase_share = 60\nbase_share_inferred = true"),
    )
    assert f"60% fixed, 40% variable (inferred): {said}" in words(show("organisation"))


def test_S067_S070_S112_a_new_clients_plan_and_its_dated_figures(workbook, show):
    facts = {"launch": "2027-03-01", "city_tier": "sz_gz", "site_build": "outsourced", "country": "CN"}
    new_client(
        workbook, "acme", template="sells-products", name="Acme", language="en", facts=facts, organisation="sme-v2"
    )
    text = words(show("organisation", "acme", cycle="2027-02"))
    for said in ("9 February 2027", "22 February 2027", "8 March 2027", "20 days before launch", "entered in advance"):
        assert said in text
    assert "CN¥9,500–12,500" in text
    assert "about 2011" in text
    assert "inferred" in text


def test_S072_S073_the_chain_names_its_owners(show):
    text = words(show("organisation"))
    assert "Who is accountable for each step" in text
    assert text.count("✓") == 5


def test_S018_a_mix_with_a_goal_of_ones_own_is_merged_to_indicators_whose_goal_weights_make_a_hundred(show, workbook):
    mix = "[goals]\nbrand = 0.5\nplatform = 0.3\nhiring = 0.2\n\n[own_goals.hiring]\n"
    mix += 'name = { zh = "招聘", en = "Hiring" }\nindicators = ["visits", "traffic"]\n'
    change(workbook, "lumen-brand", ("[goals]\nbrand = 0.7\nproduct-sales = 0.3\n", mix), file="client.toml")
    text = words(show("goals", "lumen-brand"))
    part = text[text.index("What the library suggests") :]
    *weights, whole = (Decimal(weight) for weight in re.findall(r"(\d+\.\d\d)%", part))
    assert (len(weights), sum(weights), whole) == (5, 100, 100)
    assert re.search("isits 25.00%", part, re.IGNORECASE)  # 0.3 / 2 of the platform, 0.2 / 2 of the goal of their own
    change(workbook, "lumen-brand", ("platform = 0.3", "platform = 0.2"), file="client.toml")
    found = [issue for issues in check_client(workbook, "lumen-brand") for issue in issues]
    (wrong,) = (issue for issue in found if issue.code == "goal-mix-not-1")
    assert wrong.values["total"] == "90"


def test_S135_S006_the_cascade_stands_with_the_goals(show):
    text = words(show("goals"))
    for said in (
        "Goals of October 2026, from the top down",
        "1,000,000",
        "100%",
        "can be traced to one of the company",
    ):
        assert said in text


def test_S145_S187_the_calendar_has_every_date_and_the_meetings(show):
    soup = show("calendar")
    dates, routines = soup.find_all("table")
    assert len(dates.tbody.find_all("tr")) == 7
    assert "28 Sept 2026" in words(dates)
    assert "12 Oct 2026" in words(routines)


@pytest.mark.parametrize(("language", "first"), [("zh", "目标项目及"), ("en", "Goal item and")])
def test_S146_a_form_for_each_role_is_ready_to_sign(show, language, first):
    soup = show("forms", language=language)
    forms = soup.find_all("table", class_="form")
    assert len(forms) == 8  # everybody whose goals are stated in words, once
    for form in forms:
        assert len(form.thead.find_all("th")) == 6
        assert form.thead.th.text.startswith(first)
        assert form.tfoot.td.text == "100"
    assert len(soup.find("table", class_="sign").find_all("td", class_=None)) == 6  # two times, four signatures


def test_S008_the_plan_form_prints_the_duties_above_the_goals(show):
    editor = words(show("forms")).split("Network editor", 2)[2]  # after the list of forms, the editor's own
    assert editor.index("Supply valuable content") < editor.index("Rolling update")


def test_S118_what_a_client_lives_with_is_told_with_its_reason(show):
    text = words(show("findings"))
    assert "Known and accepted" in text
    assert "is no step beyond the" in text


def test_S083_the_five_moves_close_the_book_and_none_is_empty(show):
    table = show("moves").find(id="moves").find_parent("section").table
    rows = table.tbody.find_all("tr")
    assert [row.th.text for row in rows] == ["Select", "Use", "Appraise", "Train", "Retain"]
    assert all(row.find_all("td")[1].text.strip() for row in rows)


@pytest.mark.parametrize(
    ("kind", "name", "holds"),
    [
        ("regulation", "Appraisal regulation", "Article 1."),
        ("forms", "Appraisal forms", "Monthly appraisal form"),
        ("process", "Appraisal process", "Appraisal calendar"),
    ],
)
def test_S118_each_tool_is_a_document_of_its_own_with_its_name_and_date(kpi, workbook, make_page, kind, name, holds):
    change(workbook, "home-goods", ("agreed = 2026-09-28", "agreed = 2026-09-17"))
    assert kpi("new", "home-goods", "--cycle", "2027-02")[0] == 0
    html = make_page(workbook, kind, "home-goods", cycle="2027-02", language="en")[0]
    page = BeautifulSoup(html, "html.parser")
    head = page.select_one(".document").get_text(" ", strip=True)
    for said in (name, "February 2027", "agreed on 17 September 2026"):
        assert said in head
    assert holds in page.get_text(" ", strip=True)


def test_a_document_of_a_design_that_nobody_agreed_to_says_so(workbook):
    change(workbook, "home-goods", ("agreed = 2026-09-28\n", ""))
    pieces = (
        report_of(workbook, "regulation", client="home-goods", language="zh", cycle="2026-12")
        .section("document")
        .pieces
    )
    assert "尚未议定，草案" in "".join(pieces)


def test_S118_S169_regulation_and_process_stand_in_the_book(show):
    text = words(show("regulation", language="zh"))
    assert "第一条" in text
    assert "次月 1 日至 7 日" in text
    assert "{" not in text
    process = show("process", language="zh")
    assert len(process.find("svg", class_="process").find_all("rect")) == 6
    assert "六个步骤为建议顺序" in words(process)
    assert "由我们补全" not in words(process)


def test_S022_S289_ratings_are_drawn_weakest_first(show):
    rows = show("readiness").find("table", class_="bars").find_all("tr")
    assert rows[0].td.text == "Positioning"
    assert all(row.svg for row in rows)


def test_S294_too_few_answers_are_not_shown(workbook, show):
    change(
        workbook,
        "home-goods",
        ("[brand]", "[checklists.winning-hearts]\ntrust = [5, 1]\n\n[brand]"),
        file="client.toml",
    )
    text = words(show("readiness"))
    assert "fewer than 3 answers" in text


def answers(workbook, text):
    change(workbook, "home-goods", ("[brand]", f"{text}\n\n[brand]"), file="client.toml")


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ((5, 3, 2, 4), "Best fit: Opening markets."), ((2, 3, 5, 1), "Best fit: After-sales service."),
        ((4, 1, 2, 4), "Equally good fits: Opening markets and Publicity."),
        ((3, 3, 3, 3), "Equally good fits: Opening markets, Maintaining customers, After-sales service and Publicity."),
    ],
)  # fmt: skip
def test_S084_placement_shows_the_best_fit_of_a_person_and_a_tie_as_a_tie(workbook, show, ratings, said):
    lines = ("opening", "maintaining", "after-sales", "publicity")
    own = "\n".join(f"{line} = {rating}" for line, rating in zip(lines, ratings, strict=True))
    answers(
        workbook,
        f"[answers_about.liu-kai.placement]\n{own}\n[answers_about.wang-lin.placement]\npublicity = 2\n[checklists.placement]\n{own}",
    )
    soup = show("readiness")
    rows = {row.th.text: row for row in soup.find_all("table")[-1].tbody.find_all("tr")}
    assert list(rows) == ["刘凯", "王琳"]
    assert rows["刘凯"].find_all("td")[-1].text == said
    best = [rating == max(ratings) for rating in ratings]
    assert [cell.b is not None for cell in rows["刘凯"].find_all("td")[:4]] == best
    assert "unanswered" in rows["王琳"].text
    assert words(soup).count(said) == 2  # the client's own answers are read the same way
    assert "Fix first: After-sales" not in words(soup)
    assert rows["王琳"].find_all("td")[-1].text.startswith("Not rated yet: Opening markets")


def test_S079_an_interview_stage_is_locked_until_the_one_before_is_passed(workbook, show):
    answers(
        workbook,
        "[answers_about.candidate-a.interview-stages]\nlook = true\ntalk = false\n[answers_about.candidate-b.interview-stages]\nlook = true\ntalk = true",
    )
    rows = show("readiness").find_all("table")[-1].tbody.find_all("tr")
    assert [[cell.text for cell in row.find_all("td")[:3]] for row in rows] == [
        ["done", "not done", "locked until the previous step is passed"], ["done", "done", "unanswered"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[answers_about.candidate-a.interview-stages]\nlook = true\ntalk = false\npass = true", "step-locked"),
        ("[checklists.engagement]\nstep-2 = true", "unknown-line"),
        ("[answers_about.liu-kay.placement]\nopening = 3", "unknown-person"),
        ("[answers_about.liu-kai.placement]\nopening = 6", "answer-unfit"),
        ("[answers_about.liu-kai.placment]\nopening = 3", "unknown-card"),
    ],
)  # fmt: skip
def test_answers_about_people_are_checked_like_a_clients(workbook, text, found):
    answers(workbook, text)
    said = [issue.code for issues in check_client(workbook, "home-goods") for issue in issues.errors]
    assert said == [found]


def test_S077_recruiting_is_not_ready_while_a_preparation_is_open(workbook, show):
    answers(workbook, "[checklists.recruiting]\nquantity = true\nstandard = true\nprocess = true\ntools = false")
    assert "Answered no, or not at all: tools." in words(show("readiness"))


def test_S019_S033_without_a_goal_there_is_no_book_and_the_way_is_named(workbook, book):
    change(workbook, "home-goods", ("[goals]\nproduct-sales = 1\n", ""), file="client.toml")
    with pytest.raises(WorkbookError, match=r"00_start\.ipynb"):
        book()


def test_S017_a_client_without_a_clear_goal_is_refused_with_the_worksheet(workbook):
    change(workbook, "home-goods", ("product-sales = 1", "none = 1"), file="client.toml")
    _, refused = plan(workbook, ["home-goods"], Request(reports=("design",)))
    issue = next(issue for issue in refused[0].issues if issue.code == "no-operating-goal")
    assert issue.values["worksheet"] == "goal-finding"


def test_a_design_is_shown_before_any_cycle_was_opened(workbook):
    new_client(workbook, "acme", template="builds-brand", name="Acme", language="en")
    jobs, refused = plan(workbook, ["acme"], Request(reports=("design",), cycle="2027-01"))
    assert ([(job.report, job.cycle) for job in jobs], refused) == ([("design", "2027-01")], [])
    _, refused = plan(workbook, ["acme"], Request(reports=("design",)))
    assert [issue.code for issue in refused[0].issues] == ["no-cycle-named"]


def test_the_book_says_what_the_checks_found(workbook, show):
    change(workbook, "home-goods", ('reserve = ["sun-jiaqi"]\n', ""))
    text = words(show("findings"))
    assert "2 of 3 critical posts have a reserve" in text
    assert "no-reserve" not in text  # a code is for whoever mends it


def test_the_book_of_a_month_with_its_own_design_says_what_the_checks_found_too(kpi, workbook, show):
    change(workbook, "home-goods", ('reserve = ["sun-jiaqi"]\n', ""))
    kpi("new", "home-goods", "--cycle", "2026-11")
    assert (workbook.client_data / "home-goods/cycles/2026-11/design.toml").is_file()
    text = words(show("findings", cycle="2026-11"))
    assert "2 of 3 critical posts have a reserve" in text
    assert "no actuals yet" not in text  # what came back is no matter of the design's


def test_findings_of_one_kind_stand_together_and_many_are_counted(workbook, show):
    path = workbook.client_data / "home-goods/design.toml"
    path.write_text(re.sub(r"(?m)^standard = .*\n", "", path.read_text("utf-8")), "utf-8")
    rows = [row.get_text(" ", strip=True) for row in show("findings").find_all("tr")]
    (row,) = (row for row in rows if row.count("has no completion standard") > 1)
    listed, more = row.count("has no completion standard"), int(re.search(r"and (\d+) more", row).group(1))
    assert (listed, listed + more) == (6, len(re.findall(r"(?m)^\[\[roles\..*indicators", path.read_text("utf-8"))))


def test_the_foot_of_the_book_says_which_design_it_shows_not_where_the_month_stands(workbook):
    def foot():
        return report_of(workbook, "design", client="home-goods", language="en", cycle="2026-12").page().data["mark"]

    assert foot() == "design version 4 · agreed on 28 September 2026"
    change(workbook, "home-goods", ("agreed = 2026-09-28\n", ""))
    assert foot() == "design version 4 · not agreed yet: a draft"


def test_the_charter_lists_the_versions_of_the_design_with_who_decided_and_why(show, courses):
    table = show("charter").find(id="versions").find_parent("div").table
    cells = [cell.get_text(" ", strip=True) for cell in table.find_all("td")]
    assert cells[:3] == ["4", "28 Sept 2026", "王琳"]
    assert "安全运行时间" in cells[3]
    assert show("charter", **courses).find(id="versions") is None


def test_S187_the_regulation_names_the_meetings_and_reports_with_what_they_are_for(workbook, show):
    routine = '[[regulation.routines]]\nname = "Stand-up"\nkind = "meeting"\ncadence = "daily"\npurpose = "what is in the way"\n'
    path = workbook.client_data / "cloudboard/design.toml"
    assert "Meetings and reports" not in words(show("regulation", "cloudboard"))
    path.write_text(path.read_text("utf-8") + routine, "utf-8")
    assert "Meetings and reports: Stand-up (every working day): what is in the way." in words(
        show("regulation", "cloudboard")
    )


def test_the_mix_of_the_library_stands_only_where_a_role_is_measured_by_it(courses, workbook, show):
    change(workbook, "courses", ("product-sales = 1", "product-sales = 0.5\nbrand = 0.5"), file="client.toml")
    assert show("goals", **courses).find(id="goal-weights") is None
    table = show("goals", "lumen-brand").find(id="goal-weights").find_parent("div").table
    (row,) = (row for row in table.find_all("tr") if "Site traffic" in row.get_text())
    assert "Network promotion" in row.get_text()


def test_a_goal_of_ones_own_without_a_share_is_an_open_point(courses, workbook, book):
    assert "shares" not in dict(book(**courses).open_points)
    change(
        workbook, "courses", ("[goals]", '[own_goals.loyalty]\nname = "Loyal learners"\n[goals]'), file="client.toml"
    )
    assert [name.en for name in dict(book(**courses).open_points)["shares"]] == ["Loyal learners"]


def test_a_post_that_somebody_holds_has_no_start_to_settle(courses, show, book):
    assert "arrival" not in dict(book(**courses).open_points)
    assert "in place" in words(show("organisation", **courses))


def test_the_steepest_place_of_a_curve_is_named_with_the_indicator_whose_target_it_is(courses, workbook, show):
    assert re.search(
        r"Completion Steepest: around [\d.]+% a change of [\d.]+ percentage points moves",
        words(show("curves", **courses)),
    )
    place = workbook.client_data / "courses/design.toml"
    finish = COURSES[
        COURSES.index('[[roles.tutor.indicators]]\nid = "finish"') : COURSES.index(
            '[[roles.tutor.indicators]]\nid = "late"'
        )
    ]
    half = finish.replace("weight = 65", "weight = 30")
    stay = finish.replace("weight = 65", "weight = 35").replace('"finish"', '"stay"').replace("Completion", "Staying")
    place.write_text(COURSES.replace(finish, half + stay.replace("target = 85", "target = 40")), "utf-8")
    assert re.search(
        r"Completion around [\d.]+% a change .*Staying around [\d.]+% a change", words(show("curves", **courses))
    )


@pytest.mark.parametrize(("client", "language"), [("home-goods", "zh"), ("cloudboard", "en"), ("lumen-brand", "en")])
def test_a_book_has_no_open_place_and_every_glyph(example_page, client, language):
    html, data = example_page("design", client, language=language)
    assert not re.search(r"\{\w+\}", BeautifulSoup(html, "html.parser").main.get_text())
    assert not data["missing_glyphs"]


def test_a_book_has_no_scores_to_draw(workbook):
    with pytest.raises(TypeError):
        report_of(workbook, "design", client="home-goods").scene  # noqa: B018


def test_goals_of_a_starter_are_those_it_serves(workbook):
    for template, goal in (
        ("builds-brand", "brand"),
        ("grows-platform", "platform"),
        ("sells-products", "product-sales"),
        ("form-team-leader", "product-sales"),
        ("form-promotion-department", "brand"),
    ):
        new_client(workbook, template, template=template, name="x", language="zh")
        assert load_client(workbook.client_folder(template)).profile.goals == {goal: Decimal(1)}


@pytest.mark.parametrize("template", starter_names())
def test_every_starter_is_usable_as_shipped(kpi, workbook, make_page, template):
    assert kpi("new", "acme", "--template", template, "--country", "CN")[0] == 0
    role, form = next(iter(load_client(workbook.client_folder("acme")).design.roles.items()))
    people = workbook.client_data / "acme" / "people.csv"
    people.write_text(f"id,name,role,team,manager,joined\np1,Ada Lane,{role},Web,,2024-01-08\n", "utf-8")
    code, out, _ = kpi("check", "acme", "--json")
    assert (code, [issue for issue in json.loads(out)["issues"] if issue["severity"] == "error"]) == (0, [])
    for language in ("zh", "en"):
        html, _ = make_page(workbook, "design", "acme", cycle="2026-12", language=language)
        sheet = BeautifulSoup(html, "html.parser").select("table.form")[0]
        assert len(sheet.select("tbody tr")) == len(form.indicators) + 1
        assert all(
            form.indicators[n].name.pick(language) in row.text for n, row in enumerate(sheet.select("tbody tr")[:-1])
        )


def test_a_department_of_several_posts_without_a_result_is_an_error_one_form_a_warning(workbook):
    new_client(workbook, "acme", template="form-promotion-department", name="x", language="zh")
    page = workbook.client_data / "acme" / "design.toml"

    def severity():
        return [
            i.severity
            for found in check_client(workbook, "acme")
            for i in found
            if i.code == "department-without-result"
        ]

    assert severity() == ["warning"]
    text = page.read_text("utf-8")
    page.write_text(
        text + altered(text[text.index("[roles.") :], ("roles.promotion-department", "roles.studio")), "utf-8"
    )
    assert severity() == ["error"]


def test_an_unknown_organisation_is_answered_with_the_nearest(workbook):
    with pytest.raises(WorkbookError, match="Did you mean sme-v2"):
        new_client(workbook, "acme", template="sells-products", name="x", language="zh", organisation="sme-v3")
    assert not (workbook.client_data / "acme").exists()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_new_client_goes_to_a_checked_design_book_on_paper_without_code(tmp_path, language):
    from kpi_toolkit.cli import main

    def kpi(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["--workbook", str(tmp_path), "--lang", language, *arguments])
            raise SystemExit(0)
        assert not left.value.code

    (tmp_path / "client_data").mkdir()
    kpi("new", "acme", "--organisation", "sme-v2", "--launch", "2027-03-01", "--site-build", "outsourced")
    kpi("check", "acme")
    kpi("render", "acme", "--report", "design", "--cycle", "2027-03", "--jobs", "1")
    paper = PdfReader(tmp_path / "reports/acme/2027-03" / f"design.{language}.pdf")
    text = "".join(sheet.extract_text() for sheet in paper.pages)
    assert {"zh": "岗位说明书", "en": "Job descriptions"}[language] in text
    assert len(paper.outline) > 8


def test_the_notebook_shows_every_section_of_the_book(workbook):
    notebook = (ROOT / "notebooks/42_design_book.ipynb").read_text("utf-8")
    for name in (
        "charter",
        "goals",
        "organisation",
        "duties",
        "interview",
        "cards",
        "regulation",
        "process",
        "findings",
        "moves",
    ):
        assert f'report.section(\\"{name}\\")' in notebook


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_nine_rows_of_form_a_stand_on_one_page_a_copy(kpi, workbook, language):
    kpi("--lang", language, "new", "acme", "--template", "form-team-leader", "--country", "CN")
    (workbook.client_data / "acme" / "people.csv").write_text("id,name,role\np1,Lin,team-leader\n", "utf-8")
    assert kpi("render", "acme", "--report", "forms", "--cycle", "2026-12", "--format", "pdf")[0] == 0
    pages = [
        page.extract_text() for page in PdfReader(workbook.root / f"reports/acme/2026-12/forms.{language}.pdf").pages
    ]
    marks = {"zh": ("各份相同", "考核交流时间"), "en": ("the same on each", "Appraisal discussed on")}[language]
    whole = ["".join(page.split()) for page in pages]  # wherever the lines end
    first, last = ("".join(mark.split()) for mark in marks)
    assert [first in page for page in whole if last in page] == [True] * 3


@pytest.mark.parametrize("named", ["otherwise", "as in Chinese", "as in English"])
def test_an_indicator_of_the_client_s_own_inherits_nothing_from_a_card_of_its_id(workbook, book, show, named):
    item, card = next((p.indicator, p.card) for p in book().indicators if p.card and p.card.formula and p.card.gaming)
    zh = item.name.zh if named == "as in Chinese" else "巡店次数"
    en = f"{item.name.en.upper()} " if named == "as in English" else "Shop visits"
    path = workbook.client_data / "home-goods" / "design.toml"
    text = re.sub(
        rf'(?m)^(id = "{item.id}"\n)name = .*', rf'\1name = {{ zh = "{zh}", en = "{en}" }}', path.read_text("utf-8")
    )
    path.write_text(text, "utf-8")
    inherits = named != "otherwise"
    page = next(page for page in book().indicators if page.indicator.id == item.id)
    assert page.indicator.name.zh == zh
    assert (page.card is not None) is inherits
    said = words(show("cards", language="zh"))
    assert (card.question.zh in said) is inherits
    assert (card.gaming.zh in said) is inherits


@pytest.mark.parametrize(
    ("name", "card", "duty"),
    [
        ("Shop inspector", "", False), ("NETWORK  EDITOR", "", True), ("Shop inspector", 'card = "network-editor"\n', True),
    ],
)  # fmt: skip
def test_a_role_of_the_client_s_own_has_the_duties_of_a_card_only_where_it_names_one(workbook, show, name, card, duty):
    path = workbook.client_data / "home-goods" / "design.toml"
    text = path.read_text("utf-8")
    own = f'[roles.network-editor]\n{card}name = {{ zh = "巡店员", en = "{name}" }}\n'
    text = re.sub(r"\[roles\.network-editor\]\n(?:card = .*\n)?name = .*\n", own, text)
    assert own in text
    path.write_text(text, "utf-8")
    assert ("Supply valuable content" in words(show("duties"))) is duty


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_interview_sheet_is_made_where_requirements_are_stated_and_has_no_row_for_what_is_not(show, book, language):
    soup = show("interview", language=language)
    rated = [len(table.tbody.find_all("tr")) for table in soup.find_all("table", class_="rate")]
    sheets = book().interviews
    assert rated == [len(roles[0].interview.lines) for roles in sheets] != []
    asked = {page.id for page in book().pages if page.lines("requirements")}
    assert {page.id for roles in sheets for page in roles} == asked != {page.id for page in book().pages}
    assert not soup.find_all(class_="open")


COURSES = """schema = 1
name = { zh = "课程方案", en = "Courses" }
[charter]
purpose = "motivate"
[[posts]]
role = "tutor"
headcount = 2
steps = ["promotion"]
[[mute]]
code = "structure-incomplete"
reason = "We have no website"
[roles.tutor]
name = { zh = "班主任", en = "Tutor" }
[roles.tutor.blocks]
outcome = { name = { zh = "成效", en = "Outcome" }, maximum = 65 }
conduct = { name = { zh = "服务行为", en = "Conduct" }, maximum = 35 }
[[roles.tutor.indicators]]
id = "finish"
name = { zh = "完课率", en = "Completion" }
class = "result"
weight = 65
block = "outcome"
target = 85
curve = { kind = "piecewise", points = [{ at = 70, score = 0 }, { at = 100, score = 100 }, { at = 110, score = 130 }] }
serves_goal = "product-sales"
[[roles.tutor.indicators]]
id = "late"
name = { zh = "迟到", en = "Late starts" }
class = "workload"
weight = 35
block = "conduct"
direction = "lower"
unit = { zh = "次", en = "times" }
curve = { kind = "steps", by = "actual", deduct = 4 }
serves_goal = "product-sales"
"""


@pytest.fixture
def courses(workbook):
    """A firm that teaches: two in one role of two blocks, a curve above the cap, no website, no named department."""
    folder = workbook.client_data / "courses"
    folder.mkdir()
    (folder / "design.toml").write_text(COURSES, "utf-8")
    (folder / "client.toml").write_text(
        'schema = 1\nname = "Courses"\nlanguages = ["zh", "en"]\n[goals]\nproduct-sales = 1\n', "utf-8"
    )
    (folder / "people.csv").write_text("id,name,role\nli,李敏,tutor\nhao,陈浩,tutor\n", "utf-8")
    return {"client": "courses", "cycle": "2026-12"}


def test_what_a_table_of_curves_needs_to_be_read_stands_above_it_so_that_no_page_is_of_that_alone(show, courses):
    page = show("curves", **courses)
    section = page.select_one("section")
    assert section.select_one("caption.note").get_text().startswith("Columns in %")
    assert section.find_all(recursive=False)[-1].name == "table"  # nothing below it could run over
    assert ("keep" in section["class"]) is (len(section.select("tbody tr")) < 5)


@pytest.mark.parametrize(
    ("language", "how", "never"),
    [("zh", "按完成率：70% 及以下得 0 分，100% 得 100 分，110% 及以上得 130 分", "更高的得分拿不到"),
     ("en", "70% or less earns 0, 100% earns 100, 110% or more earns 130", "higher scores are never paid")],
)  # fmt: skip
def test_how_points_are_earned_stands_in_the_book_on_the_job_description_and_on_the_form(
    show, courses, language, how, never
):
    for section in ("curves", "duties", "forms"):
        text = words(show(section, language=language, **courses))
        assert how in text, section
        assert text.count(never) == 1, section  # of the other nothing is cut off
    cells = [cell.get_text() for cell in show("curves", language=language, **courses).select("td.num")]
    assert cells == ["33.3", "100", "100", "–", "–", "–"]  # at 80 % a third of the way from 70 to 100


@pytest.mark.parametrize(("section", "language"), [("duties", "zh"), ("forms", "en")])
def test_the_blocks_of_a_role_stand_with_their_full_marks_over_their_indicators(show, courses, section, language):
    rows = [words(row) for row in show(section, language=language, **courses).select("tr.block, tr.block + tr")]
    blocks = {
        "zh": ["成效（满分 65 分）", "服务行为（满分 35 分）"],
        "en": ["Outcome (65 points at most)", "Conduct (35 points at most)"],
    }
    assert rows[::2] == blocks[language]
    assert [row.split()[0] for row in rows[1::2]] == {"zh": ["完课率", "迟到"], "en": ["Completion", "Late"]}[language]


def test_the_roster_names_who_holds_a_post_wherever_the_design_names_nobody(show, courses):
    for section in ("organisation", "duties", "forms"):
        assert "李敏 and 陈浩" in words(show(section, **courses)), section


def test_accepted_steps_of_the_value_chain_are_not_printed(show, courses):
    chain = show("organisation", language="zh", **courses).select_one("table.chain")
    assert [cell.get_text() for cell in chain.thead.find_all("th")] == ["岗位", "网站推广"]
    assert "无人负责" not in chain.get_text()


def test_the_regulation_of_a_firm_without_a_named_department_names_none(show, courses):
    text = words(show("regulation", language="zh", **courses))
    assert "为落实公司的经营目标" in text
    assert "网络" not in text
    assert "制度里写作“公司”" in words(show("findings", language="zh", **courses))


def test_the_cover_counts_what_the_list_of_open_points_holds(book, show, courses):
    opened = book(**courses)
    listed = sum(len(items) or 1 for _, items in opened.open_points)
    assert f"{listed} open points" in words(show("title", **courses))
    assert f"{listed} open points" in words(show("findings", **courses))
    points = dict(opened.open_points)
    for section, marks in (
        ("duties", ("duties", "requirements", "authority", "standard")), ("cards", ("owner", "counter", "source")),
        ("organisation", ("pay",)), ("charter", ("charter",)), ("goals", ()),
    ):  # fmt: skip
        assert bool(show(section, **courses).select(".open")) == bool(marks), section
        assert all(mark in points for mark in marks), section
    assert len(show("cards", **courses).select(".open")) == sum(len(points[k]) for k in ("owner", "counter", "source"))
