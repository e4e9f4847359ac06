"""The board of a month: what is there from whom, what is late since when, whom to remind with which words."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from kpi_toolkit.clients.record import append
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.pages.month import month_html
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.board import board

OCTOBER = Cycle.parse("2026-10")


def month(kpi, *more):
    code, out, err = kpi("month", "2026-10", "--json", *more)
    assert code == 0, err
    return {client["client"]: client for client in json.loads(out)["clients"]}


def test_what_was_done_is_read_from_tables_and_record_and_lateness_from_the_calendar(kpi, workbook, monkeypatch):
    monkeypatch.setenv("KPI_NOW", "2026-11-06T08:00:00Z")
    folder = workbook.client_folder("home-goods") / "cycles" / "2026-10"
    append(folder, "talk", "kpi", person="liu-kai", on="2026-11-05")
    append(folder, "signed", "kpi", person="liu-kai", how="scan")
    append(folder, "sent", "kpi", phase="appraisal", forms={"liu-kai": "BCDF-GHJK"})
    actuals = folder / "actuals.csv"
    actuals.write_bytes(actuals.read_bytes().replace(b"zhao-min,posts,179,78,75", b"zhao-min,posts,,78,75"))
    people = {p["id"]: p for p in month(kpi, "--client", "home-goods", "--on", "2026-11-09")["home-goods"]["people"]}
    done = {name: (step["done"], step["of"]) for name, step in people["liu-kai"]["steps"].items()}
    assert done == {
        "agreed": (1, 1),
        "sent": (1, 1),
        "actual": (4, 4),
        "self": (4, 4),
        "appraiser": (4, 4),
        "talk": (1, 1),
        "signed": (1, 1),
    }
    assert people["liu-kai"]["late_since"] is None
    assert people["zhao-min"]["steps"]["actual"] == {
        "done": 3,
        "of": 4,
        "due": "2026-11-07",
        "late_since": "2026-11-08",
        "came_late": None,
        "counts": True,
    }
    early = {p["id"]: p for p in month(kpi, "--client", "home-goods", "--on", "2026-11-07")["home-goods"]["people"]}
    assert early["zhao-min"]["steps"]["actual"]["late_since"] is None, "the last day is still in time"


def test_as_of_a_day_nothing_is_ticked_that_came_after_it(kpi, workbook, monkeypatch):
    folder = workbook.client_folder("home-goods") / "cycles" / "2026-10"
    append(folder, "talk", "kpi", person="liu-kai", on="2026-11-05")
    append(folder, "signed", "kpi", person="liu-kai", on="2026-11-12", how="scan")
    monkeypatch.setenv("KPI_NOW", "2026-11-11T08:00:00Z")
    append(folder, "received", "kpi", forms={"liu-kai": {"phase": "appraisal", "sha256": "0" * 64}})

    monkeypatch.setenv("KPI_NOW", "2026-12-01T08:00:00Z")

    def steps(on: str) -> dict[str, int]:
        people = month(kpi, "--client", "home-goods", "--on", on)["home-goods"]["people"]
        liu = next(person for person in people if person["id"] == "liu-kai")
        return {name: liu["steps"][name]["done"] for name in ("actual", "self", "talk", "signed")}

    assert steps("2026-11-10") == {"actual": 0, "self": 0, "talk": 1, "signed": 0}
    assert steps("2026-11-11") == {"actual": 4, "self": 4, "talk": 1, "signed": 0}
    assert steps("2026-11-12") == {"actual": 4, "self": 4, "talk": 1, "signed": 1}


@pytest.mark.parametrize(("client", "says"), [("home-goods", "王琳，您好"), ("cloudboard", "Hello Anna Novak")])
def test_managers_are_reminded_in_the_clients_own_language(kpi, client, says):
    found = month(kpi, "--client", client, "--on", "2026-11-20")[client]
    assert found["reminders"][0]["text"].startswith(says)
    named = {person for reminder in found["reminders"] for person in reminder["people"]}
    assert named >= {person["id"] for person in found["people"] if person["manager"]}
    code, out, _ = kpi("month", "2026-10", "--client", client, "--on", "2026-11-20", "--lang", "zh")
    assert (code, says in out) == (0, True)


def test_a_closed_month_with_steps_missing_shows_no_tick_where_nothing_is_late(kpi, workbook):
    assert kpi("close", "home-goods", "2026-10", "--by", "Wang Lin", "--early")[0] == 0
    shown = board(workbook, OCTOBER, date(2026, 11, 20), ["home-goods"])
    (client,) = shown.clients
    assert (client.state, client.late_since, client.settled) == ("closed", None, False)
    out = kpi("month", "2026-10", "--client", "home-goods", "--on", "2026-11-20")[1]
    first = next(line for line in out.splitlines() if "closed" in line)
    assert first.rstrip(" │|").endswith("–"), first
    assert '"✓' not in month_html(workbook, shown, Words("en", workbook)).partition("<details")[0]


def test_of_who_has_left_no_view_is_asked_beside_a_figure_and_yourself_comes_last_in_a_reminder(kpi, workbook):
    people = workbook.client_folder("home-goods") / "people.csv"
    rows = list(csv.DictReader(io.StringIO(people.read_text("utf-8-sig"), newline="")))
    rows[2] |= {"manager": ""}
    boss, own = rows[2]["id"], [row for row in rows if row["id"] != rows[2]["id"]]
    for row in own:
        row["manager"] = boss
    own[0]["left"] = "2026-10-20"
    rows = [own[0], own[1], rows[2], *own[2:]]
    with people.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*dict.fromkeys(["left", *rows[0]])])
        writer.writeheader()
        writer.writerows(rows)
    (workbook.client_folder("home-goods") / "cycles/2026-10/people.csv").unlink(missing_ok=True)
    without(workbook, "self", kept="chen-yutong")
    (client,) = month(kpi, "--client", "home-goods", "--on", "2026-11-20").values()
    left = next(person for person in client["people"] if person["id"] == own[0]["id"])
    assert left["steps"]["appraiser"]["of"] in {0, left["steps"]["appraiser"]["done"]}
    (text,) = [each["text"] for each in client["reminders"] if boss in each["people"]]
    lines = [line for line in text.splitlines() if "您本人" in line]
    assert all(line.partition("：")[0].endswith("您本人") for line in lines) and lines, text


def test_a_client_without_this_month_stands_first_and_one_that_cannot_be_read_is_told(kpi, workbook):
    shutil.rmtree(workbook.client_folder("lumen-brand") / "cycles" / "2026-10")
    design = workbook.client_folder("cloudboard") / "design.toml"
    (workbook.client_folder("cloudboard") / "cycles" / "2026-10" / "design.toml").unlink(missing_ok=True)
    design.write_text("broken = [", "utf-8")
    code, out, err = kpi("month", "2026-10", "--json")
    states = [(client["client"], client["state"]) for client in json.loads(out)["clients"]]
    assert (code, states) == (3, [("lumen-brand", "no-cycle"), ("cloudboard", "unreadable"), ("home-goods", "draft")])
    code, out, err = kpi("month", "2026-10")
    assert out.index("no cycle for this month") < out.index("cannot be read") < out.index("Goals")
    assert kpi("month", "2026-10", "--client", "home-gods")[0] == 2
    assert kpi("month", "2026-13")[0] == 2


def test_a_month_that_was_left_out_is_named_S165(kpi, workbook):
    for cycle in ("2026-07", "2026-09"):
        shutil.rmtree(workbook.client_folder("home-goods") / "cycles" / cycle)
    assert month(kpi)["home-goods"]["missing_cycles"] == ["2026-07", "2026-09"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_face_shows_the_same_board_and_names_are_never_markup(workbook: Workbook, language):
    people = workbook.client_folder("home-goods") / "people.csv"
    for file in (people, people.parent / "cycles" / "2026-10" / "people.csv"):
        if file.exists():
            file.write_text(file.read_text("utf-8-sig").replace("刘凯", "刘凯&子"), "utf-8-sig")
    found = board(workbook, OCTOBER, date(2026, 11, 20), ["home-goods"])
    page = month_html(workbook, found, Words(language, workbook))
    assert "刘凯&amp;子" in page
    for step in ("actual", "talk"):
        done, of = found.clients[0].total(step)
        assert f">{done}/{of}<" in page


def test_S128_a_step_that_was_confirmed_or_signed_is_on_the_board_of_whoever_it_is_of(kpi, workbook):
    folder = workbook.client_folder("lumen-brand") / "cycles" / "2026-10"
    people = [p["id"] for p in month(kpi, "--client", "lumen-brand")["lumen-brand"]["people"]][:3]
    rows = [
        f"{people[0]},{step},2026-09-2{n},goal-setting," for n, step in enumerate(("explain", "ask", "fill", "check"))
    ]
    rows += [
        f"{people[1]},{step},2026-09-2{n},goal-setting,"
        for n, step in enumerate(("explain", "ask", "fill", "check", "confirm"))
    ]
    rows += [f"{people[2]},{step},2026-11-0{n + 1},talk," for n, step in enumerate(("invite", "hold", "plan", "sign"))]
    (folder / "steps.csv").write_text("\n".join(["person,step,date,procedure,by", *rows]) + "\n", "utf-8")
    found = {p["id"]: p["steps"] for p in month(kpi, "--client", "lumen-brand")["lumen-brand"]["people"]}
    shown = [[found[who][name]["done"] for name in ("agreed", "talk", "signed")] for who in people]
    assert shown == [[0, 0, 0], [1, 0, 0], [0, 1, 1]]


@pytest.mark.parametrize(("language", "label"), [("en", "Goals"), ("zh", "目标")])
def test_on_a_phone_each_number_of_the_board_says_what_it_counts(workbook, language, label):
    page = month_html(workbook, board(workbook, OCTOBER, date(2026, 11, 20)), Words(language, workbook))
    cells = page.split('<tr class="client">')[1].split("</tr>")[0].split("<td")[1:]
    assert all("data-label=" in cell for cell in cells), cells
    assert label in cells[0]
    assert ".kpi-month td[data-label]::before{content:attr(data-label)" in page


def test_S139_what_came_after_the_window_is_marked_with_its_day(kpi, workbook, monkeypatch):
    folder = workbook.client_folder("home-goods") / "cycles" / "2026-10"
    for day, who in (("2026-11-07", "liu-kai"), ("2026-11-10", "zhao-min")):
        monkeypatch.setenv("KPI_NOW", f"{day}T08:00:00Z")
        append(folder, "received", "kpi", forms={who: {"phase": "appraisal", "sha256": "0" * 64}})
    append(folder, "talk", "kpi", person="liu-kai", on="2026-11-12")
    append(folder, "signed", "kpi", person="liu-kai", on="next week")
    people = {
        p["id"]: p["steps"] for p in month(kpi, "--client", "home-goods", "--on", "2026-11-15")["home-goods"]["people"]
    }
    shown = {who: [people[who][step]["came_late"] for step in ("actual", "talk", "signed")] for who in people}
    assert (shown["liu-kai"], shown["zhao-min"][0]) == ([None, "2026-11-12", "2026-11-10"], "2026-11-10")
    _, out, _ = kpi("month", "2026-10", "--client", "home-goods", "--on", "2026-11-15")
    assert out.count("✓ 10 Nov") == 4
    assert "✓ 10 Nov" in month_html(
        workbook, board(workbook, OCTOBER, date(2026, 11, 15), ["home-goods"]), Words("en", workbook)
    )


def test_a_month_nobody_has_opened_says_how_to_open_it_and_a_manager_is_not_told_about_a_third_person(kpi, workbook):
    code, out, _ = kpi("month", "2026-12")
    assert (code, "kpi new home-goods --cycle 2026-12" in out, "December 2026" in out) == (0, True, True)
    without(workbook, "self")
    reminder = month(kpi, "--client", "home-goods", "--on", "2026-11-20")["home-goods"]["reminders"][0]["text"]
    assert "· 您本人：自考核" in reminder
    assert "王琳：" not in reminder
    assert reminder.endswith("原定2026年11月7日前完成，已逾期 13 天，请您今天跟进一下，谢谢！")


def test_a_reminder_says_of_each_thing_by_when_it_was_due(kpi, workbook):
    folder = workbook.client_folder("home-goods") / "cycles" / "2026-10"
    rows = list(csv.DictReader(io.StringIO((folder / "goals.csv").read_text("utf-8-sig"), newline="")))
    with (folder / "goals.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(row | {"confirmed": ""} for row in rows)
    (folder / "steps.csv").unlink(missing_ok=True)
    text = month(kpi, "--client", "home-goods", "--on", "2026-11-20")["home-goods"]["reminders"][0]["text"]
    assert "目标填齐并签字确认（原定2026年9月30日前）" in text and "（原定2026年11月7日前）" in text
    assert text.endswith("以上各项均已逾期，最早的已逾期 51 天，请您今天跟进一下，谢谢！")


@pytest.mark.parametrize(
    "words", [("home-goods", "2026-10"), ("2026-10", "home-goods"), ("--client", "home-goods", "2026-10")]
)
def test_a_client_may_stand_before_or_behind_the_month(kpi, workbook, words):
    code, out, _ = kpi("month", *words, "--json")
    found = json.loads(out)
    assert (code, found["cycle"], [each["client"] for each in found["clients"]]) == (0, "2026-10", ["home-goods"])


@pytest.mark.parametrize(("word", "said"), [("home-gods", "home-goods"), ("2026-13", "2026-10")])
def test_a_mistyped_word_of_the_board_is_told(kpi, workbook, word, said):
    code, _, err = kpi("month", word)
    assert (code, word in err, said in err) == (2, True, True)


def without(workbook, *columns, kept="liu-kai"):
    """Blank columns of all figures but one person's, as if nobody else had brought them."""
    file = workbook.client_folder("home-goods") / "cycles" / OCTOBER.id / "actuals.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row if row["person"] == kept else row | dict.fromkeys(columns, "") for row in rows)


def test_nobody_is_asked_to_appraise_or_talk_to_herself_and_those_of_whom_the_same_is_missing_share_a_line(
    kpi, workbook
):
    without(workbook, "self", "appraiser")
    found = month(kpi, "home-goods", "--on", "2026-11-20")["home-goods"]
    (reminder,) = found["reminders"]
    lines = [line for line in reminder["text"].split("\n") if line.startswith("·")]
    own = [line for line in lines if "您本人" in line]
    assert own == ["· 您本人：自考核"] and len(lines) < len(reminder["people"]), reminder["text"]
    told = kpi("--lang", "zh", "month", OCTOBER.id, "home-goods", "--on", "2026-11-20")[1]
    assert "王琳没有直接上级，请企业负责人完成：考核人评价、考核面谈和双方签字" in told
    wang = next(person for person in found["people"] if person["id"] == "wang-lin")
    assert wang["late_since"] == "2026-11-08"


def test_who_has_left_is_no_more_than_figures_of_the_month_on_the_board(kpi, workbook):
    folder = workbook.client_folder("home-goods") / "cycles" / OCTOBER.id
    people = folder.parent.parent / "people.csv"
    lines = people.read_text("utf-8-sig").splitlines()
    left = [f"{line},{'2026-10-30' if line.startswith('zhao-min') else ''}" for line in lines[1:]]
    people.write_text("\n".join([f"{lines[0]},left", *left, ""]), "utf-8-sig")
    append(folder, "talk", "kpi", person="zhao-min", on="2026-10-29")
    append(folder, "talk", "kpi", person="liu-kai", on="2026-10-29")
    (client,) = board(workbook, OCTOBER, date(2026, 11, 20), ["home-goods"]).clients
    assert {step: client.total(step)[1] for step in ("agreed", "talk", "signed", "actual", "appraiser")} == {
        "agreed": 7, "talk": 7, "signed": 7, "actual": 8, "appraiser": 7,
    }  # fmt: skip
    assert client.total("talk")[0] == 1, "the talk that was held stands in the own row only"
    (gone,) = [person for person in client.people if person.id == "zhao-min"]
    assert (gone.steps["talk"].whole, gone.steps["talk"].of, gone.measures) == (True, 1, ())


@pytest.mark.parametrize(
    ("day", "shown"), [("2026-11-20", "2026-10"), ("2026-12-20", "2026-10"), ("2027-03-01", "2026-10")]
)
def test_without_a_name_the_month_before_is_shown_or_the_newest_where_nobody_has_that(kpi, day, shown):
    assert json.loads(kpi("month", "--json", "--on", day)[1])["cycle"] == shown


def test_a_first_month_that_still_runs_is_the_one_that_is_shown(kpi, workbook):
    shutil.rmtree(workbook.client_data / "home-goods/cycles")
    assert kpi("new", "home-goods", "--cycle", "2026-11")[0] == 0
    said = ("month", "--json", "--on", "2026-11-29")
    assert json.loads(kpi(*said, "--client", "home-goods")[1])["cycle"] == "2026-11"
    assert json.loads(kpi(*said)[1])["cycle"] == "2026-10"  # others have the month before


def test_a_month_is_opened_for_all_clients_in_one_command_and_one_that_cannot_be_stops_no_other(kpi, workbook):
    kpi("new", "bare", "--name", "Bare", "-q")
    code, out, err = kpi("new", "--all", "--cycle", "2026-12")
    assert (code, "no-people" in err, "kpi forms --all --cycle 2026-12 --phase plan" in out + err) == (3, True, True)
    opened = {path.parts[-3] for path in workbook.client_data.glob("*/cycles/2026-12")}
    assert opened == {"cloudboard", "home-goods", "lumen-brand"}
    shutil.rmtree(workbook.client_folder("bare"))
    code, out, err = kpi("new", "--all", "--cycle", "2026-12")
    assert (code, "open already" in out + err) == (0, True)
    for wrong in (
        ("--all",),
        ("--all", "--cycle", "2026-12", "--name", "X"),
        ("--all", "acme", "--cycle", "2026-12"),
        (),
    ):
        assert kpi("new", *wrong)[0] == 2, wrong


def test_no_goal_is_ticked_without_a_target_and_no_day_before_it_comes(kpi, workbook):
    home = workbook.client_folder("home-goods") / "cycles" / OCTOBER.id
    append(home, "signed", "Fiona", person="liu-kai", on="2026-11-20", how="paper", parties=["appraiser"], sha256="")
    day = {
        one: kpi("month", OCTOBER.id, "home-goods", "--on", one, "--json")[1] for one in ("2026-11-19", "2026-11-20")
    }
    steps = {one: next(p for p in json.loads(out)["clients"][0]["people"] if p["id"] == "liu-kai")["steps"]
             for one, out in day.items()}  # fmt: skip
    assert [steps[one]["signed"]["done"] for one in day] == [0, 1]
    assert steps["2026-11-20"]["agreed"]["done"] == 1
    for design in filter(Path.exists, (home / "design.toml", home.parent.parent / "design.toml")):
        design.write_text(re.sub(r"\ntarget = .+", "", design.read_text("utf-8")), "utf-8")
    found = json.loads(kpi("month", OCTOBER.id, "home-goods", "--on", "2026-11-20", "--json")[1])["clients"][0]
    assert {person["steps"]["agreed"]["done"] for person in found["people"]} == {0}


def test_nobody_is_reminded_of_a_form_that_waits_for_an_answer(kpi, workbook):
    home = workbook.client_folder("home-goods") / "cycles" / OCTOBER.id
    append(home, "received", "kpi", forms={}, files=[], left=[], mixed=[], waiting=["liu-kai talk", "zhao-min plan"])
    out = kpi("month", OCTOBER.id, "home-goods")[1]
    assert "赵敏: a form came in and waits for your answer" in out
    person = next(p for p in json.loads(kpi("month", OCTOBER.id, "home-goods", "--json")[1])["clients"][0]["people"]
                  if p["id"] == "zhao-min")  # fmt: skip
    assert person["waiting"] == ["agreed"]
