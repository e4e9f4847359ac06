"""The command line speaks one language: its own texts, and those of the library that reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from shutil import copytree

import click
import pytest
from conftest import ROOT

from kpi_toolkit.clients.workbook import Workbook, shipped_checks
from kpi_toolkit.commands.group import cli
from kpi_toolkit.commands.speech import _WORD, _texts, speak
from kpi_toolkit.method.shown import columns_of, least_columns, wrapped

HELP = tomllib.loads((ROOT / "templates/words/zh.help.toml").read_text("utf-8"))
COMMANDS = [
    (),
    *((name,) for name in cli.commands),
    *((group, name) for group in ("roles", "config") for name in cli.commands[group].commands),
]
NAMES = r"--?[a-z][\w-]*|kpi( [a-z]+)*|[\w./-]+\.(toml|csv|ics)|[a-z]+/|KPI_[A-Z]+|sells-products|[a-z]+-[a-z-]+"
"""What stays as it is typed: options, commands, files, ids."""
FOREIGN = re.compile(r"(?<![\w-])[A-Za-z]{2,}")
ALLOWED = {
    *"JupyterLab JSON HTML PDF Dask iCalendar Linux Excel zh en local dask cluster team person design html pdf csv CSV XLSX XLS ODS people goals actuals".split(),  # noqa: SIM905
    *"CN GB MB small medium large sz_gz sz gz other own outsourced planning content plan appraise manager sheet".split(),  # noqa: SIM905
}


def test_every_text_of_the_command_line_has_its_chinese():
    speak(cli, "en", Workbook(ROOT))
    english = {text for _, attribute, text in _texts(cli) if attribute == "help" and text}
    values = {text for _, attribute, text in _texts(cli) if attribute == "metavar"} - HELP.keys()
    english |= {word for text in values for word in _WORD.findall(text)} - {"MB"}
    assert sorted(english - HELP.keys()) == [], "add these sentences to templates/words/zh.help.toml"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_in_the_chosen_language_alone(kpi, command):
    code, out, _ = kpi("--lang", "zh", *command, "--help")
    assert code == 0
    rest = re.sub(NAMES, " ", re.sub(r"(?m)^ +-.*?(  |$)|\[默认：[^]]*\]", " ", out))
    commands = {name for group in (cli, cli.commands["roles"], cli.commands["config"]) for name in group.commands}
    assert set(FOREIGN.findall(rest)) - ALLOWED - commands == set(), out
    assert not re.search("[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]", re.sub(r"(?m)^ +-.*?(  |$)", "", out)), out
    assert "用法：" in out
    english = kpi(*command, "--help")[1]
    assert not re.search("[\u3000-\u9fff]", english.replace("网站运营经理", ""))
    assert "Usage:" in english


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("score",), "错误：缺少参数“客户”。", "Error: Missing argument 'CLIENT'."),
        (("检查",), "错误：没有命令 检查。", "No such command '检查'."),
        (("new", "acme", "--size", "huge"), "只有“small”、“medium”、“large”。", "is not one of 'small', 'medium', 'large'."),
        (("new", "acme", "--launch", "soon"), "请写成 2026-11-01 这样。", "does not match the format"),
        (("score", "home-goods", "2026-10", "x"), "错误：多了一个参数：x", "Got unexpected extra argument (x)"),
        (("render", "--jobs", "many"), "不是数字", "is not a valid number"),
        (("render", "--jsn"), "是不是想写“--jobs”、“--json”", "Did you mean one of: '--jobs', '--json'"),
        (("check", "--explain"), "缺少值。", "requires an argument"),
        (("--lang",), "缺少值。", "requires an argument"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_command_line_is_said_in_the_chosen_language(kpi, monkeypatch, arguments, zh, en):
    monkeypatch.setenv("KPI_LANG", "zh")
    code, _, said = kpi(*arguments)
    assert (code, zh in said) == (2, True), said
    assert "Usage" not in said
    assert "Try" not in said
    monkeypatch.delenv("KPI_LANG")
    assert en in kpi(*arguments)[2]


def test_a_language_may_stand_behind_the_command(kpi):
    for place in (("--lang", "zh", "score"), ("score", "--lang", "zh"), ("score", "--lang=zh")):
        assert "缺少参数" in kpi(*place)[2]
    assert "Got unexpected extra argument" in kpi("score", "--", "home-goods", "2026-10", "--lang=zh")[2]
    code, _, said = kpi("check", "--lang", "fr")
    assert (code, "zh, en" in said) == (2, True)


def pseudo(value):
    """Return words with every letter of theirs in brackets that no other language has; their places stay."""
    if isinstance(value, dict):
        return {key: pseudo(each) for key, each in value.items()}
    return "".join(part if part.startswith("{") else f"⟦{part}⟧" for part in re.split(r"(\{[^}]*\})", value) if part)


def toml(table, above=""):
    plain = [f"{quoted(key)} = {quoted(value)}" for key, value in table.items() if not isinstance(value, dict)]
    below = [toml(value, f"{above}{quoted(key)}.") for key, value in table.items() if isinstance(value, dict)]
    head = [f"[{above[:-1]}]"] if above else []
    return "\n".join([*head, *plain, *below]) + "\n"


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize(
    ("language", "first", "last"), [("en", "Begin:", "Keep the month:"), ("zh", "开始：", "月度记录：")]
)
def test_whoever_types_kpi_alone_sees_every_command_in_the_order_of_a_month(kpi, language, first, last):
    code, out, said = kpi("--lang", language)
    assert (code, out) == (2, "")
    lines = said.splitlines()
    shown = [line.split()[0] for line in lines[lines.index(first) :] if line.startswith("  ")]
    assert shown == list(cli.commands)
    assert lines.index(first) < lines.index(last)
    assert max(map(columns_of, lines[lines.index(first) :])) <= 80  # a clause each, on one line
    assert kpi("--lang", language, "--help")[1].splitlines() == lines


def test_another_language_is_a_few_files_of_words(kpi, workbook):
    own = workbook.root / "templates/words"
    own.mkdir(parents=True)
    words = tomllib.loads((ROOT / "templates/words/en.toml").read_text("utf-8"))
    checks, language = shipped_checks(), '[language]\nlocale = "de_DE"\n'
    del words["language"]
    (own / "qps.toml").write_text(f"{toml(pseudo(words))}{language}", "utf-8")
    (own / "qps.checks.toml").write_text(toml({code: pseudo(said["en"]) for code, said in checks.items()}), "utf-8")
    english = {text: pseudo(text) for _, attribute, text in _texts(cli) if attribute == "help" and text}
    (own / "qps.help.toml").write_text(
        toml({**english, "Usage:": "⟦Usage⟧", "Options": "⟦Options⟧", "Begin": "⟦Begin⟧"}), "utf-8"
    )
    said = [
        *kpi("--lang", "qps", "check", "home-gods")[1:], *kpi("--lang", "qps", "check", "home-goods")[1:],
        *kpi("--lang", "qps", "score", "home-goods", "2026-10")[1:], *kpi("--lang", "qps", "--help")[1:],
    ]  # fmt: skip
    text = re.sub("⟦[^⟧\n]*⟧?", "", "\n".join(said))
    for sentence in ("no client", "Rank", "Render", "Usage", "Options", "Begin", "hints"):
        assert sentence in re.sub("[⟦⟧]", "", "\n".join(said))
        assert sentence not in text, sentence
    (own / "qps.toml").write_text(f'{language}[cli]\nrank = "Rang"\n', "utf-8")
    scores = kpi("--lang", "qps", "score", "home-goods", "2026-10")[1]
    assert "Rang" in scores
    assert "Person" in scores  # what a translation lacks stays English
    (own / "qps.toml").write_text('locale = "de_DE"\n', "utf-8")
    assert "words/qps.toml is not well formed: locale must stand below [language]" in refused(kpi)
    (own / "qps.toml").write_text('[language]\nlocale = "de_XX_9"\n', "utf-8")
    assert "words/qps.toml is not well formed: language.locale: " in refused(kpi)
    (own / "qps.toml").write_text('[language]\nfont = "Arial"\n', "utf-8")
    assert "words/qps.toml is not well formed: language.font: " in refused(kpi)
    assert kpi("--lang", "qqs", "check")[0] == 2


@pytest.mark.slow
@pytest.mark.clients("home-goods")
def test_a_further_language_of_reports_is_two_lines_of_the_list_and_content(tmp_path):
    """What CONTRIBUTING says of "a language", done to a copy: reports, a form, the what-if page and a new client in it."""
    for part in ("kpi_toolkit", "templates", "notebooks", "client_data"):
        copytree(ROOT / part, tmp_path / part)
    listed = tmp_path / "kpi_toolkit/method/value.py"
    field = '    en: Annotated[str, AfterValidator(visible)] = ""\n'
    text = listed.read_text("utf-8").replace('["zh", "en"]', '["zh", "en", "xx"]')
    listed.write_text(text.replace(field, field + field.replace("en:", "xx:")), "utf-8")
    words = tmp_path / "templates/words"
    own = (words / "en.toml").read_text("utf-8").replace('"English"', '"Xian"').replace('"en_GB"', '"de_DE"')
    (words / "xx.toml").write_text(own.replace('tag = "en"', 'tag = "x-x"').replace('"Design book"', '"Buch"'), "utf-8")
    for file in map(words.joinpath, ("zh.toml", "en.toml", "xx.toml")):
        file.write_text(file.read_text("utf-8").replace("[languages]\n", '[languages]\nxx = "Xian"\n'), "utf-8")
    said = {code: each["en"] for code, each in shipped_checks().items()}
    (words / "xx.checks.toml").write_text(toml(said), "utf-8")

    def kpi(*given):
        asked = [sys.executable, "-m", "kpi_toolkit", "--workbook", "w", "--lang", "xx", *given]
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(asked, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    kpi("init", "w", "--examples")
    kpi("new", "acme")
    asked = ("home-goods", "2026-10", "--person", "zhao-min")
    kpi("render", *asked, "--report", "person,design,whatif", "--languages", "xx", "--format", "html")
    kpi("forms", *asked, "--language", "xx", "--to", "forms")
    made = tmp_path / "w/reports/home-goods/2026-10"
    for name, shown in (("people/zhao-min", "Oktober 2026"), ("design", "Buch")):
        page = (made / f"{name}.xx.html").read_text("utf-8")
        assert '<html lang="x-x">' in page
        assert shown in page
    assert '"xx":{"name":"Xian","tag":"x-x"}' in (made / "whatif.html").read_text("utf-8")
    assert '<button type="button" data-to="xx" data-tag="x-x">Xian</button>' in (
        made.parents[1] / "index.html"
    ).read_text("utf-8")
    assert len([*(tmp_path / "forms").glob("*.xlsx")]) == 3
    assert 'languages = ["xx"]' in (tmp_path / "w/client_data/acme/client.toml").read_text("utf-8")


def refused(kpi):
    code, _, said = kpi("--lang", "qps", "score", "home-goods", "2026-10")
    assert code == 2
    return re.sub("[⟦⟧]", "", said)


def test_completion_is_offered_for_shells(kpi, monkeypatch):
    from click.shell_completion import ZshComplete

    words = [item.value for item in ZshComplete(cli, {}, "kpi", "_KPI_COMPLETE").get_completions([], "st")]
    assert words == ["start"]
    assert isinstance(cli, click.Group)


@pytest.mark.parametrize(
    ("texts", "least"),
    [
        ([""], 0), (["评分"], 4), (["评分质"], 6), (["评分质量"], 8), (["完成率与评分质量"], 8), (["完成率与评分质量", "a"], 8),
        (["评分", "reviewer"], 8), (["评分", "reviewers"], 9), (["a b c d e f g"], 8), (["ab c"], 4), (["评分，质量的"], 8),
    ],
)  # fmt: skip
def test_a_column_of_a_terminal_keeps_its_longest_word_and_of_chinese_no_less_than_eight(texts, least):
    assert least_columns(texts) == least
    if texts != [""]:
        assert max(columns_of(line) for text in texts for line in wrapped(text, least)) <= least
