"""The contract of the command line: data on stdout, talk on stderr, exit codes, no traceback, help on every mistake."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from conftest import ROOT, altered, called, forked
from rich.text import Text

from kpi_toolkit import cli as cli_module
from kpi_toolkit import terminal
from kpi_toolkit.batch.run import Outcome, Pace, Refusal, Run
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.commands.render import pace_line, print_run
from kpi_toolkit.method.issues import NOTHING, Issues, Place, error, hint
from kpi_toolkit.pages.words import Words
from kpi_toolkit.terminal import Shell

HAN = re.compile("[\u3400-\u9fff]")


def test_calendar_shows_a_cycle_that_is_not_open_yet(kpi, tmp_path):
    code, out, _ = kpi("calendar", "home-goods", "2026-12", "--json")
    assert code == 0
    entries = json.loads(out)["entries"]
    assert [entry["start"] for entry in entries if entry["kind"] == "goals"] == ["2026-11-28"]
    code, out, err = kpi("calendar", "home-goods", "2026-12")
    assert (code, "Ten-day review: sprint" in out, "2027" in err) == (0, True, True)
    file = tmp_path / "dates.ics"
    assert kpi("calendar", "home-goods", "2026-12", "--ics", str(file))[0] == 0
    assert b"BEGIN:VCALENDAR" in file.read_bytes()
    assert kpi("calendar", "home-goods", "2026-13")[0] == 2


@pytest.mark.parametrize("file", ["design.toml", "cycles/2026-11/actuals.csv"])
def test_a_calendar_overwrites_nothing_that_is_no_calendar(kpi, workbook, file):
    target = workbook.client_data / "home-goods" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.write_text("person,indicator,actual\r\n", "utf-8")
    before = target.read_bytes()
    code, _, err = kpi("calendar", "home-goods", "2026-12", "--ics", str(target))
    assert (code, "is not a calendar" in err, f"--ics {target.stem}.ics" in err) == (2, True, True)
    assert target.read_bytes() == before
    assert "不是日历文件" in kpi("--lang", "zh", "calendar", "home-goods", "2026-12", "--ics", str(target))[2]


def test_a_calendar_that_is_there_is_renewed(kpi, tmp_path):
    file = tmp_path / "dates.ics"
    file.write_bytes(b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert kpi("calendar", "home-goods", "2026-12", "--ics", str(file))[0] == 0
    assert file.read_bytes().count(b"BEGIN:VEVENT") > 3


@pytest.mark.parametrize("option", ["--name", "--rationale", "--country"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A\u202eB", "unseen-character"), ("A\ue7b2", "damaged-text"), ("A\u200b", "unseen-character"),
        ("云\x1b店", "control-character"), ("网\ufffd店", "damaged-text"),
    ],
)  # fmt: skip
def test_words_that_check_would_refuse_are_refused_before_a_client_is_written(kpi, workbook, option, text, code):
    found, _, err = kpi("new", "acme", option, text)
    assert found == 2
    assert option.strip("-") in err
    assert code in err
    assert not (workbook.client_data / "acme").exists()


@pytest.mark.parametrize(("option", "text"), [("--name", "??"), ("--name", "网??店"), ("--country", "x" * 61)])
def test_a_name_of_question_marks_and_an_endless_country_are_refused(kpi, workbook, option, text):
    found, _, err = kpi("new", "acme", option, text)
    assert (found, option.strip("-") in err, "unexpected" in err) == (2, True, False)
    assert not (workbook.client_data / "acme").exists()
    assert kpi("new", "acme", "--name", "A & B", "--rationale", "Why? Agreed.", "--country", "GB")[0] == 0
    assert kpi("check", "acme")[0] == 0


def test_check_prints_what_is_muted_with_its_reason_and_counts_it_apart(kpi):
    code, out, _ = kpi("check", "home-goods")
    assert code == 0
    assert "accepted: High season" in out
    assert "errors: 0, warnings: 0, cautions: 0, hints: 0, 2 accepted with a reason in the design" in out
    data = json.loads(kpi("check", "home-goods", "--json")[1])
    assert {row["code"] for row in data["issues"] if row["muted"]} == {"not-reachable", "not-challenging"}


def test_S089_explain_gives_the_reason_in_some_sentences_and_its_source(kpi):
    code, out, _ = kpi("check", "--explain", "quota-on-support-role", "--json")
    told = json.loads(out)
    assert code == 0
    assert 2 <= told["why"].count(".") <= 4
    assert "000_615f21bfd1498ad8.txt" in told["source"]


def test_score_as_json_is_the_contract(kpi):
    for arguments in (("--json", "score", "home-goods", "2026-10"), ("score", "home-goods", "--json")):
        code, out, err = kpi(*arguments)
        assert (code, err) == (0, "")
        data = json.loads(out)
        assert (data["client"], data["cycle"]) == ("home-goods", "2026-10")
        assert data["people"][0]["name"] == "王琳"


def test_score_for_people_reads_in_both_languages(kpi):
    assert "欧阳若曦" in kpi("score", "home-goods")[1]
    assert "by rank" in kpi("score", "home-goods")[1]
    assert "按名次" in kpi("--lang", "zh", "score", "home-goods")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("score", "home-good"), 2, "Did you mean home-goods (Qimu Home Goods)?"), (("scor", "x"), 2, "No such command 'scor'. Did you mean 'score'?"), (("import", "home-goods", "peple", "no.xlsx"), 2, "'peple' is not one of 'people'"), (("score",), 2, "Missing argument"),
        (("render", "nobody"), 2, "There is no client nobody."), (("render", "--report", "tem"), 2, "Did you mean team?"),
        (("render", "--format", "doc"), 2, "There is no format doc."), (("render", "--languages", "fr"), 2, "There is no language fr."),
        (("render", "home-goods", "--all"), 2, "not both"), (("render", "home-goods", "--person", "wang"), 2, "Did you mean wang-lin ("),
        (("new", "../evil"), 2, "cannot be used as a client's id"), (("new", "home-goods"), 2, "There is already a client home-goods."), (("new", "con"), 2, "cannot be used as a client's id"),
        (("new", "x", "--template", "sel-products"), 2, "Did you mean sells-products?"), (("new", "x", "--from", "2026-10"), 2, "goes with --cycle"),
        (("new", "home-goods", "--cycle", "2026-11", "--from", "2025-01"), 2, "no cycle 2025-01"),
        (("new", "home-goods", "--cycle", "2026-10"), 2, "already has the cycle"), (("new", "home-goods", "--cycle", "2026-1x"), 2, "Write it as one of these: 2026-10"),
        (("roles", "show", "edtor"), 2, "Did you mean"), (("check", "--explain", "sum-not-10"), 2, "Did you mean sum-not-100?"),
        (("render", "--report", ""), 2, "There is no report"), (("render", "--format", " , "), 2, "There is no format"), (("render", "--languages", ""), 2, "There is no language"),
        (("render", "--report", "team", "--person", "wang-lin"), 2, "Add --report person"), (("new", "home-goods", "--cycle", ""), 2, "Write it as one of these: 2026-10"),
        (("score", "home-goods", ""), 2, "is not a cycle"),
        (("score", "home-goods", "2026-13"), 2, "is not a cycle"), (("score", "home-goods", "2027-01"), 2, "There is no cycle 2027-01"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_its_exit_code_and_a_way_out(kpi, arguments, code, words):
    found, out, err = kpi(*arguments)
    assert found == code, err
    assert words in " ".join(err.split())
    assert out == ""


def test_the_language_may_stand_anywhere_and_holds_for_errors_too(kpi, workbook):
    for arguments in (
        ("--lang=zh", "score", "nobody"),
        ("score", "--lang", "zh", "nobody"),
        ("score", "nobody", "--lang=zh"),
    ):
        assert "没有客户“nobody”" in kpi(*arguments)[2]
    for path in ("checks.toml", "checks/mine.toml"):  # what a workbook says otherwise stands in one file, or by subject
        own = workbook.root / "templates" / path
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text('[unknown-client.en]\nmessage = "Who is {name}?"\n', "utf-8")
        assert "Who is nobody?" in kpi("score", "nobody")[2]
        own.unlink()


@pytest.mark.parametrize(
    ("path", "text", "arguments"),
    [
        ("words/en.toml", "x = [", ("score", "home-goods")), ("words/en.toml", "[cli]\nerror = 3\n", ("check", "nosuch")),
        ("words/en.toml", 'cli = "x"\n', ("score", "home-goods")), ("words/en.toml", '[cli]\nrank = { a = "b" }\n', ("score", "home-goods")),
        ("checks.toml", "x = [", ("check", "nosuch")), ("checks.toml", '[unknown-client.en]\nmessage = "hello {nmae}"\n', ("check", "nosuch")),
        ("checks/mine.toml", "[unknown-client]\nen = 3\n", ("check", "nosuch")), ("roles/web-art.toml", "x = [", ("roles", "list")),
        ("curves.toml", "[curves.x]\nkind = 3\n", ("roles", "list")),
    ],
)  # fmt: skip
def test_damaged_settings_of_the_workbook_end_with_2_and_name_the_file(kpi, workbook, path, text, arguments):
    own = workbook.root / "templates" / path
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text, "utf-8")
    code, _, err = kpi(*arguments)
    assert code == 2, err
    assert "unexpected" not in err


def test_words_saved_by_notepad_with_a_mark_are_read(kpi, workbook):
    own = workbook.root / "templates" / "words" / "en.toml"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"\xef\xbb\xbf" + b'[reason]\nrank = "because of the rank"\n')
    assert "because of the rank" in kpi("score", "home-goods")[1]


def test_few_people_are_told_to_be_few_and_nobody_to_be_without_figures(kpi):
    told = kpi("score", "home-goods")[2]
    assert "advisory" in told and "no figures yet" not in told


def test_outside_a_workbook_the_way_to_one_is_told(kpi, tmp_path):
    code, _, err = kpi("score", "x", root=tmp_path / "nowhere")
    assert code == 2
    assert "kpi init" in err


def test_check_tells_every_problem_and_exits_3(kpi, workbook):
    folder = workbook.client_data / "home-goods"
    actuals = folder / "cycles/2026-10/actuals.csv"
    actuals.write_text(
        actuals.read_text("utf-8-sig")
        .replace("605", "6,05", 1)
        .replace("wang-lin,opportunities", "wang-li,opportunities"),
        "utf-8",
    )
    code, out, _ = kpi("check", "home-goods", "2026-10")
    assert code == 3
    assert "actuals.csv, row 3, column person" in out
    assert "Did you mean wang-lin (" in out
    code, out, _ = kpi("check", "home-goods", "--json")
    issues = json.loads(out)["issues"]
    assert code == 3
    assert all(set(issue) - {"muted", "caution"} == {"code", "severity", "where", "message", "fix"} for issue in issues)
    assert {"unknown-person"} <= {issue["code"] for issue in issues}
    code, _, err = kpi("score", "home-goods", "2026-10")
    assert code == 3
    assert "row 3" in err


def test_a_folder_that_was_deleted_under_the_terminal_is_named(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.delenv("KPI_WORKBOOK", raising=False)
    gone.rmdir()
    code, out, err = called(capsys, "--lang", "en", "check")
    assert code == 2 and "no longer there" in err and "cd" in err


def test_check_of_sound_clients_exits_0_with_warnings(kpi):
    code, out, _ = kpi("check", "--json")
    assert code == 0
    assert {issue["severity"] for issue in json.loads(out)["issues"] if not issue.get("muted")} <= {"warning"}
    assert "Nothing wrong" in kpi("check", "cloudboard")[1]


def test_explain_gives_reason_and_source(kpi):
    assert "000_615f21bfd1498ad8.txt" in kpi("check", "--explain", "add-only", "--json")[1]
    assert "自愿" in kpi("--lang", "zh", "check", "--explain", "add-only")[1]


@pytest.mark.parametrize(
    ("language", "code", "said"),
    [
        ("en", "add-only", "Source: the appraisal method that this toolkit puts to work"),
        ("zh", "add-only", "来源：本工具所依据的考核方法"),
        ("zh", "blank-cell", "来源：本工具的规则"),
        ("zh", "no-first-action", "来源：本工具所依据的考核方法；本工具的规则"),
        ("zh", "legal-review", "本工具所依据的考核方法；最高人民法院指导案例 18 号（2013 年 11 月）"),
    ],
)
def test_explain_says_where_a_check_comes_from_in_words(kpi, language, code, said):
    out = " ".join(kpi("--lang", language, "check", "--explain", code)[1].split())
    assert said.replace(" ", "") in out.replace(" ", "")


@pytest.mark.parametrize(
    "arguments",
    [("roles", "show", "web-art"), ("library", "notes", "five-moves"), ("library", "--search", "budget")],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_says_where_it_comes_from_without_a_row_or_a_file(kpi, language, arguments):
    code, out, _ = kpi("--lang", language, *arguments)
    assert (code, re.search(r"\b[SXY]\d{2,3}\b|\d{3}_[0-9a-f]{8}", out)) == (0, None)


def test_every_check_says_where_it_comes_from_without_a_row_or_a_file():
    for words in (Words("en", Workbook(ROOT)), Words("zh", Workbook(ROOT))):
        for code in words.codes():
            assert not re.search(r"[SXY]\d{2}|\d{3}_|rule:", words.origin(code)), code


def test_S055_roles_are_found_by_alias_and_copied_to_be_tailored(kpi, workbook):
    assert "Operation manager" in kpi("roles", "show", "网站运营经理")[1]
    assert json.loads(kpi("roles", "--json" if False else "list", "--json")[1])["roles"][0]["id"] == "business-vp"
    code, _, err = kpi("roles", "show", "web-art", "--copy")
    assert code == 0
    assert (workbook.root / "templates/roles/web-art.toml").is_file()
    assert "left as it is" in kpi("roles", "show", "web-art", "--copy")[2]
    assert "Website development" in kpi("roles")[1]


def test_a_new_client_is_checked_filled_in_and_scored(kpi, workbook):
    """The first hour of a consultant: a client, its people, a cycle, actuals, a score."""
    assert kpi("new", "acme", "--template", "form-team-leader", "--name", "Acme 公司")[0] == 0
    folder = workbook.client_data / "acme"
    assert kpi("check", "acme")[0] == 0
    people = folder / "people.csv"
    people.write_text(people.read_text("utf-8") + "lead,Lead,team-leader,,,\n", "utf-8")
    assert kpi("new", "acme", "--cycle", "2026-11")[0] == 0
    actuals = folder / "cycles/2026-11/actuals.csv"
    lines = actuals.read_text("utf-8-sig").splitlines()
    assert len(lines) == 10
    values = [90, 95, 80, 70, 90, 100, 100, 80, 100]
    filled = [
        lines[0],
        *(altered(line, (",,,,", f",,,{value},")) for line, value in zip(lines[1:], values, strict=True)),
    ]
    actuals.write_text("\n".join(filled), "utf-8")
    data = json.loads(kpi("score", "acme", "--json")[1])
    assert data["people"][0]["score"] == 90.5
    assert data["people"][0]["tier"] is None
    assert data["people"][0]["reason"] == "small_pool"


def test_the_next_cycle_copies_people_and_goals_but_never_actuals(kpi, workbook):
    assert kpi("new", "cloudboard", "--cycle", "2026-11")[0] == 0
    folder = workbook.client_data / "cloudboard/cycles"
    actuals = (folder / "2026-11/actuals.csv").read_text("utf-8-sig").splitlines()
    assert all(line.endswith(",,,,") for line in actuals[1:])
    assert len(actuals) - 1 == 51
    old = [line.split(",")[:3] for line in (folder / "2026-10/goals.csv").read_text("utf-8-sig").splitlines()]
    new = [line.split(",")[:3] for line in (folder / "2026-11/goals.csv").read_text("utf-8-sig").splitlines()]
    assert new == old


def test_init_lays_out_a_workbook_and_changes_nothing_that_is_there(kpi, tmp_path):
    root = tmp_path / "practice"
    assert kpi("init", str(root))[0] == 0
    assert sorted(path.name for path in root.iterdir()) == [
        ".gitignore",
        "client_data",
        "notebooks",
        "reports",
        "templates",
    ]
    assert {path.name for path in (root / "templates").iterdir()} == {"schemas"}
    (root / ".gitignore").write_text("mine", "utf-8")
    kpi("init", str(root), "--examples")
    assert (root / ".gitignore").read_text() == "mine"
    assert json.loads(kpi("score", "cloudboard", "--json", root=root)[1])["cycle"] == "2026-10"


def test_help_imports_no_pandas_and_the_package_no_chart_library():
    code = "import sys; from kpi_toolkit.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint('pandas' in sys.modules, 'altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.endswith(
        "False False\n"
    )
    code = "import sys, kpi_toolkit; print({'altair', 'ipywidgets', 'papermill', 'pandas'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_python_m_is_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "kpi_toolkit", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.startswith("kpi 0.")


def test_a_console_of_an_old_code_page_ends_no_run(workbook):
    import os

    env = os.environ | {"PYTHONIOENCODING": "ascii", "LANG": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "kpi_toolkit", "--workbook", str(workbook.root), "score", "home-goods"],
        capture_output=True,
        env=env,
        check=False,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_an_unexpected_failure_is_one_line_and_exit_1(kpi, monkeypatch):
    def fail(*_args, **_more):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("kpi_toolkit.results.summary.summarize_cycle", fail)
    code, _, err = kpi("score", "home-goods")
    assert code == 1
    assert "boom" in err
    assert "--debug" in err


@pytest.mark.parametrize("command", ["demo", "init", "new", "roles", "check", "score", "render"])
def test_every_command_explains_itself(kpi, command):
    code, out, _ = kpi(command, "--help")
    assert code == 0
    assert len(out.splitlines()) > 4


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("design.toml", "shares = [20, 70, 10]", "shares = [20, 80]", "missing-key"), ("client.toml", "appraisal_days = [1, 7]", "appraisal_days = [1]", "missing-key"),
        ("design.toml", "weight = 50", "weight = nan", "bad-number"), ("design.toml", "weight = 50", "weight = inf", "bad-number"),
        ("design.toml", "target = 600000", "target = " + "9" * 5000, "too-many-digits"), ("client.toml", "product-sales = 1", "product-sales = nan", "bad-number"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_a_strange_value_is_a_finding_and_stops_nobody_else(kpi, workbook, file, old, new, code):
    shutil.rmtree(workbook.client_data / "lumen-brand")  # the largest; another one is enough
    path = workbook.client_data / "home-goods" / file
    path.write_text(altered(path.read_text("utf-8"), (old, new, 1)), "utf-8")
    exit_code, out, _ = kpi("check", "--json")
    issues = json.loads(out)["issues"]
    assert exit_code == 3
    assert any(issue["where"].startswith("home-goods/") and issue["code"].startswith(code) for issue in issues)
    assert kpi("score", "cloudboard")[0] == 0


def test_brackets_in_a_name_are_text_in_the_terminal(kpi, workbook):
    path = workbook.client_data / "home-goods" / "client.toml"
    path.write_text(altered(path.read_text("utf-8"), ("Qimu Home Goods", "Acme [/x] [red]")), "utf-8")
    code, out, _ = kpi("score", "home-goods")
    assert code == 0
    assert "Acme [/x] [red]" in out


def test_a_cycle_that_was_begun_is_never_written_over(kpi, workbook):
    folder = workbook.client_data / "home-goods/cycles/2026-11"
    folder.mkdir()
    (folder / "goals.csv").write_text("person,indicator,target\nwang-lin,network-sales,700000\n", "utf-8")
    assert kpi("new", "home-goods", "--cycle", "2026-11")[0] == 0
    assert "700000" in (folder / "goals.csv").read_text("utf-8")


def test_folders_that_lead_elsewhere_are_not_followed(kpi, workbook):
    (workbook.client_data / "linked").symlink_to(workbook.client_data / "cloudboard")
    assert kpi("score", "linked")[0] == 2
    (workbook.client_data / "home-goods/cycles/2026-12").symlink_to(workbook.client_data / "cloudboard/cycles/2026-10")
    assert kpi("score", "home-goods", "2026-12")[0] == 3


def test_S026_S284_the_library_is_looked_up_from_the_command_line(kpi, workbook):
    kinds = kpi("library")[1]
    assert "checklists" in kinds
    assert "Page load time" in kpi("library", "sets", "seo")[1]
    assert "4/5" in kpi("library", "--search", "budget")[1]
    shown = kpi("--lang", "zh", "library", "indicators", "safe-running")[1]
    assert "停机分钟数" in shown
    code, _, err = kpi("library", "checklist")
    assert code == 2
    assert "checklists" in err
    assert kpi("library", "indicators", "traffic", "--copy")[0] == 0
    assert (workbook.root / "templates/indicators/results.toml").is_file()


def test_S024_roles_are_listed_by_step_and_by_sales(kpi):
    listed = json.loads(kpi("roles", "list", "--step", "content", "--json")[1])["roles"]
    assert [role["id"] for role in listed] == ["network-editor"]
    sellers = {role["id"] for role in json.loads(kpi("roles", "list", "--sales", "--json")[1])["roles"]}
    assert "online-sales" in sellers
    assert "seo" not in sellers
    assert kpi("roles", "list", "--step", "contnt")[0] == 2


def test_S057_a_client_starts_with_facts_and_posts(kpi, workbook):
    done = kpi("new", "acme", "--organisation", "sme-v2", "--size", "medium", "--launch", "2027-03-01", "--low-budget")
    assert done[0] == 0
    page = (workbook.client_data / "acme/client.toml").read_text("utf-8")
    assert 'size = "medium"' in page
    assert "launch = 2027-03-01" in page
    assert "headcount = 0" in (workbook.client_data / "acme/design.toml").read_text("utf-8")
    assert kpi("new", "other", "--organisation", "sme-v9")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("calendar", "cloudboard", "9999-12"), 2, "bad-cycle"),
        (("library", "roles", "--copy"), 2, "copy-without-name"),
        (("library", "roles", "--search", "zzz"), 0, "Nothing found."),
        (("whatif", "cloudboard", "--compare", "a,a"), 2, "compare-one-or-two"),
        (("render", "--languages", ""), 2, "There is no language ''"),
        (("new", "x", "--organisation", "nope"), 2, "There is no card called nope"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_and_not_guessed(kpi, arguments, code, message):
    found = kpi(*arguments)
    assert found[0] == code
    assert message in found[2]


def test_a_calendar_can_be_piped_and_a_shelf_searched(kpi):
    assert kpi("calendar", "cloudboard", "2026-11", "--ics", "-")[1].startswith("BEGIN:VCALENDAR")
    assert "network-editor" in kpi("library", "roles", "--search", "编辑")[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
def test_streams_that_were_closed_before_the_start_cost_nothing(workbook):
    command = f"exec {sys.executable} -m kpi_toolkit render home-goods --report team --format html <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", command], cwd=workbook.root, check=False)
    assert done.returncode == 0
    assert (workbook.reports / "home-goods/2026-10/team.zh.html").is_file()


@pytest.mark.parametrize("command", ["check", "score", "whatif", "calendar"])
def test_quiet_may_stand_behind_a_command(kpi, command):
    given = [command, "home-goods", *(["2026-10"] if command == "calendar" else [])]
    before, behind = kpi("-q", *given), kpi(*given, "-q")
    assert before == behind
    assert len(behind[2]) <= len(kpi(*given)[2])


@pytest.mark.parametrize("command", [("render",), ("render", "--all"), ("whatif", "acme")])
def test_where_there_is_no_workbook_nothing_is_made(kpi, tmp_path, command):
    empty = tmp_path / "empty"
    empty.mkdir()
    code, _, err = kpi(*command, root=empty)
    assert (code, "kpi init" in err, list(empty.iterdir())) == (2, True, [])


def test_in_a_workbook_without_clients_a_name_is_answered_with_how_to_make_one(tmp_path, capsys):
    (tmp_path / "client_data").mkdir()
    code, _, said = called(capsys, "--workbook", str(tmp_path), "--lang", "en", "check", "acme")
    assert (code, "this workbook has no clients yet" in said, "kpi new acme" in said) == (2, True, True)


def test_an_option_that_takes_a_list_may_be_given_again(kpi, monkeypatch):
    asked = {}
    monkeypatch.setattr(
        import_module("kpi_toolkit.commands.render"), "_render", lambda *_, **given: asked.update(given) or 0
    )
    kpi("render", "home-goods", "--report", "team", "--report", "person,design", "--format", "html", "--format", "pdf")
    assert (asked["reports"], asked["formats"], asked["languages"]) == (
        ("team", "person", "design"),
        ("html", "pdf"),
        None,
    )
    kpi("render", "home-goods", "--languages", "zh", "--languages", "en")
    assert (asked["reports"], asked["formats"], asked["languages"]) == (
        ("team", "person"),
        ("html", "pdf"),
        ("zh", "en"),
    )


def test_a_workbook_without_clients_is_not_said_to_be_sound(kpi, tmp_path):
    (tmp_path / "empty/client_data").mkdir(parents=True)
    code, out, err = kpi("check", root=tmp_path / "empty")
    assert (code, out, "no clients yet" in err, "kpi new" in err) == (2, "", True, True)


def test_messages_are_wrapped_for_a_terminal_only_and_never_within_a_path(capsys, monkeypatch):
    path = "/Users/konsultant/Documents/客户资料/2026-10-actuals.csv"
    text = f"   → 请核对 {path}，再运行一次。"
    shell = Shell("zh")
    monkeypatch.setenv("COLUMNS", "44")
    shell.errors.print(text)
    assert capsys.readouterr().err == f"{text}\n"
    monkeypatch.setattr(terminal, "_seen", lambda _: True)
    shell.errors.print(text * 2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 2
    assert all(line.startswith("   ") and line.strip() not in {"。", "，"} for line in lines)
    assert (
        "".join(line.strip() for line in lines).replace("→", "").replace(" ", "")
        == text.replace("→", "").replace(" ", "") * 2
    )
    assert sum("/Documents/" in line and "Users" in line for line in lines) == 2


@pytest.mark.parametrize("command", ["check", "verify"])
def test_a_cycle_of_no_client_is_refused_where_no_client_means_all(kpi, command):
    for language, said in (
        ("en", "Name the client of this cycle, or leave the cycle out."),
        ("zh", "写明是哪个客户的周期"),
    ):
        code, out, err = kpi("--lang", language, command, "--cycle", "2026-10")
        assert (code, out) == (2, "") and said in err


@pytest.mark.parametrize(
    ("arguments", "idle"),
    [
        (("new", "home-goods", "--cycle", "2026-11", "--name", "Home"), "--name"),
        (("new", "home-goods", "--sheet", "new.xlsx", "--template", "tells-brand"), "--template"),
        (("new", "other-shop", "--by", "Wang"), "--by"),
        (("import", "home-goods", "people", "staff.csv", "--cycle", "2026-10"), "--cycle"),
        (("new", "home-goods", "--cycle", "2026-10", "--take", "design", "--from", "2026-09"), "--from"),
        (("whatif", "home-goods", "--as", "other"), "--as"),
        (("whatif", "home-goods", "--compare", "a", "--pseudonyms"), "--pseudonyms"),
        (("whatif", "home-goods", "--compare", "a", "--by", "Wang"), "--by"),
        (("talk", "home-goods", "--history", "told.csv", "--draft"), "--draft"),
        (("talk", "home-goods", "2026-09", "--history", "told.csv"), "CYCLE|周期"),
        (("library", "roles", "web-art", "--search", "web"), "--search"),
    ],
)
def test_what_does_nothing_beside_the_rest_of_a_command_is_refused(kpi, workbook, monkeypatch, arguments, idle):
    monkeypatch.chdir(workbook.root)
    (workbook.root / "staff.csv").write_text("id,name\n", "utf-8")
    before = sorted(path for path in workbook.root.rglob("*") if ".kpi" not in path.parts)
    for language, said in (("en", "does nothing here: leave it out."), ("zh", "在这里不起作用，请去掉。")):
        code, out, err = kpi("--lang", language, *arguments)
        assert (code, out) == (2, "") and re.search(idle, err) and said in err
    assert sorted(path for path in workbook.root.rglob("*") if ".kpi" not in path.parts) == before


def test_a_cycle_may_be_named_as_a_word_or_by_an_option(kpi):
    named = json.loads(kpi("score", "home-goods", "--cycle", "2026-09", "--json")[1])
    assert named == json.loads(kpi("score", "home-goods", "2026-09", "--json")[1])
    assert kpi("score", "home-goods", "2026-09", "--cycle", "2026-09", "--json")[0] == 0
    code, _, err = kpi("score", "home-goods", "2026-09", "--cycle", "2026-10")
    assert (code, "Give the cycle once" in err) == (2, True)
    code, _, err = kpi("forms", "home-goods")
    assert (code, "CYCLE" in err) == (2, True)
    assert kpi("calendar", "home-goods", "--cycle", "2026-12")[0] == 0
    assert kpi("close", "home-goods", "--cycle", "2026-13", "--by", "Wang")[0] == 2


def test_nothing_pasted_is_told_in_one_sentence(kpi, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\r\n"), "utf-8"))
    code, _, err = kpi("whatif", "home-goods", "--import", "-")
    assert (code, "Nothing was pasted" in err, err.count("error")) == (2, True, 1)


@pytest.mark.parametrize("width", [24, 40, 60, 80, 120])
def test_a_table_is_as_wide_as_the_terminal_and_no_word_of_it_is_parted(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(terminal, "_seen", lambda _: True)
    head = ["Rank", "人员", "Role", "Why"]
    words = [
        "Network promotion",
        "阿卜杜热合曼·买买提江",
        "their sum counts a missing figure as zero [1]",
        "按名次，与上月不同。",
    ]
    rows = [["1", words[1], f"[blue]{words[0]}[/]", terminal.as_is(words[2])], ["2", "李安", "Writer", words[3]]]
    terminal.print_table(terminal.Shell("en"), head, rows, title="October", right={0})
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(terminal.columns_of(line.rstrip()) for line in shown.splitlines()) <= width
    for word in " ".join((words[0], words[2])).split():
        assert re.search(rf"(?<!\S){re.escape(word)}(?!\S)", shown), word
    assert all(char in shown for char in words[1] + words[3])
    assert not re.search(r"(^|\s\s)[，。]", shown, re.MULTILINE)
    assert ("Rank  1" in shown) == (width <= 40)  # too narrow for all words side by side: a list for each row


@pytest.mark.parametrize(
    ("width", "kept"), [(60, ["Person", "Role", "Team", "Score"]), (36, ["Person", "Role", "Score"])]
)
def test_a_table_that_is_too_wide_leaves_out_what_all_its_rows_say(capsys, monkeypatch, width, kept):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(terminal, "_seen", lambda _: True)
    rows = [
        [name, role, "Marketing-and-sales", score]
        for name, role, score in (("Ann", "Editor", "98"), ("Bo", "Writer", "7"))
    ]
    terminal.print_table(terminal.Shell("en"), ["Person", "Role", "Team", "Score"], rows, right={3})
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert shown[1].split() == kept
    assert [line.split()[-1] for line in shown[3:5]] == ["98", "7"]
    assert shown[3].rindex("98") + 1 == shown[4].rindex("7")  # figures stay right


def test_what_was_made_now_and_what_was_there_already_are_counted_apart(capsys, workbook):
    job = SimpleNamespace(
        name="", client="home-goods", cycle="2026-10", report="person", place="", behind=NOTHING, passed_over=()
    )
    made = [Outcome(job, state, seconds=1) for state in ("delivered", "unchanged", "unchanged")]
    refusal = Refusal(
        "cloudboard", Issues([hint("no-country", Place("client.toml")), error("file-missing", Place("x"))])
    )
    print_run(Shell("en"), workbook, Run(outcomes=tuple(made), refusals=(refusal,)))
    out, err = capsys.readouterr()
    assert "1 delivered, 2 unchanged" in out
    assert ("file-missing" in err, "no-country" in err) == (True, False)  # what stops a client is not lost among hints


def test_marks_are_shown_as_marks_and_brackets_of_a_client_as_brackets(kpi, workbook):
    page = workbook.client_data / "home-goods/client.toml"
    page.write_text(re.sub(r"(?m)^name = .*$", 'name = "Qimu [b]"', page.read_text("utf-8"), count=1), "utf-8")
    out = kpi("month", "2026-10", "--client", "home-goods")[1]
    assert "Qimu [b]" in out and "[green]" not in out and "[yellow]" not in out and "[/]" not in out
    assert "[bold]" not in kpi("library", "indicators", "posts")[1]


@pytest.mark.parametrize("template", [path.stem for path in sorted((ROOT / "templates/designs").glob("*.toml"))])
def test_a_clients_first_files_are_in_its_language_and_the_comments_in_the_readers(kpi, workbook, template):
    for language, client in (("en", "ash"), ("zh", "elm")):
        assert kpi("--lang", language, "new", client, "--template", template, "--organisation", "sme-v2")[0] == 0
        texts = [(workbook.client_data / client / name).read_text("utf-8") for name in ("client.toml", "design.toml")]
        assert any(HAN.search(text) for text in texts) == (language == "zh")
        comments = [line for text in texts for line in text.splitlines() if line.startswith("# ")]
        assert len(comments) > 3
        assert all(bool(HAN.search(line)) == (language == "zh") for line in comments)
        assert "zh = " not in texts[1]
    assert kpi("--lang", "en", "new", "oak", "--template", template, "--languages", "zh,en")[0] == 0
    both = (workbook.client_data / "oak/design.toml").read_text("utf-8")
    assert 'name = { zh = "报表迟交", en = "Report handed in late" }' in both
    assert "untouched-template" in kpi("check", "ash")[1]
    assert kpi("--lang", "en", "new", "fir", "--languages", "fr")[0] == 2


@pytest.mark.parametrize(
    ("pace", "en", "zh"),
    [
        (Pace(0, 9, 0, 0.0, {}), "", ""), (Pace(5, 9, 0, 30.0, {"print": 3.0}), "", ""),
        (Pace(4, 10, 4, 8.0, {}), "0.5 a second · 0:12 left", "每秒 0.5 份 · 还需 0:12"),
        (Pace(5, 10, 4, 2.0, {"run": 1.0, "print": 3.0}), "2.0 a second · 0:02 left · slowest: PDF", None),
        (Pace(10, 370, 10, 10.0, {}), "1.0 a second · 6:00 left", None), (Pace(9, 9, 9, 3.0, {}), "3.0 a second", "每秒 3.0 份"),
    ],
)  # fmt: skip
def test_how_a_batch_gets_on_is_said_once_something_was_made(workbook, pace, en, zh):
    assert pace_line(Words("en", workbook), pace) == en
    assert zh is None or pace_line(Words("zh", workbook), pace) == zh


@pytest.mark.parametrize("seen", [False, True])
def test_brackets_in_a_text_are_what_they_are_whatever_stands_beside_it(capsys, monkeypatch, seen):
    monkeypatch.setattr(terminal, "_seen", lambda _: seen)
    console = terminal.Shell("en").out
    console.print("a [b] of [red]", Text("c [d]"))
    console.print("[e]\n[f]")
    console.print()
    console.print("[bold]g[/]", markup=True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert [line.rstrip() for line in shown] == ["a [b] of [red] c [d]", "[e]⏎[f]", "", "g"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_was_closed_at_the_start_is_opened_and_its_number_is_nobody_elses(stream):
    def work():
        setattr(sys, stream, None)
        cli_module._open_streams()
        getattr(sys, stream).close()  # as whatever takes its place does
        os.fstat({"stdout": 1, "stderr": 2}[stream])

    assert forked(work) == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_path_or_a_command_is_never_broken_by_a_narrow_terminal_and_other_sentences_are(
    capsys, monkeypatch, language
):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(terminal, "_seen", lambda _: True)
    shell, path = terminal.Shell(language), "/home/lin wei/My Documents 2026/client data/scenarios/try.toml"
    command = "kpi whatif home-goods 2026-10 --compare more-posts-in-autumn"
    for key, values in (
        ("cli.created", {"path": path}), ("cli.next", {"command": command}), ("cli.kept_already", {"path": path}),
        ("talks.history_written", {"n": 3, "file": path}),
    ):  # fmt: skip
        shell.say(key, **values)
        (line,) = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().err).splitlines()
        assert values.get("path", values.get("file", values.get("command", ""))) in line
    shell.say("import.remembered", n=12)
    if language == "en":
        assert len(capsys.readouterr().err.splitlines()) > 1
