"""Every face speaks the reader's language, errors speak instead of Python, and names serve where ids are asked."""

from __future__ import annotations

import pytest

from kpi_toolkit import gallery, open_design, open_report, start_form
from kpi_toolkit.batch.planning import Request, plan
from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import WorkbookError


@pytest.fixture
def system(monkeypatch):
    """Return what sets the system's language and ``KPI_LANG``."""

    def of(setting: str, asked: str = "") -> None:
        for name in ("LC_ALL", "LC_MESSAGES", "KPI_LANG", "KPI_CLIENT", "KPI_DEBUG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", setting)
        if asked:
            monkeypatch.setenv("KPI_LANG", asked)

    return of


@pytest.mark.parametrize(
    ("setting", "asked", "given", "language"),
    [
        ("zh_CN.UTF-8", "", "", "zh"), ("en_GB.UTF-8", "", "", "en"), ("C", "", "", "en"), ("de_DE", "zh", "", "zh"),
        ("zh_CN.UTF-8", "zh", "en", "en"), ("en_GB", "ZH", "", "zh"),
    ],
)  # fmt: skip
def test_a_blank_language_is_the_one_asked_for_else_the_systems(
    system, workbook, monkeypatch, setting, asked, given, language
):
    system(setting, asked)
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    assert spoken(given) == language
    opened = (start_form(given), gallery("goals", given), open_design("home-goods", language=given))
    assert {face.words.language for face in opened} == {language}


def test_a_cell_that_fails_says_what_is_wrong_where_and_how_to_fix_it_in_the_readers_language(
    system, workbook, monkeypatch
):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    file = workbook.client_data / "cloudboard" / "client.toml"
    file.write_text("colour = 3\n" + file.read_text("utf-8"), "utf-8")
    calls = [
        (lambda: open_design("cloudbord"), ("There is no client cloudbord.", "Did you mean cloudboard ("), "没有客户"),
        (lambda: open_report("team", client="", cycle="", language=""), ("which client", "cloudboard, home-goods, lumen-brand"), "哪个客户"),
        (lambda: open_report("team", client="cloudboard", cycle="", language=""), ("client.toml, colour", "→"), "client.toml"),
        (lambda: gallery("goals", "fr"), ("no language fr", "zh, en"), "没有语言"),
    ]  # fmt: skip
    for call, english, chinese in calls:
        for setting in ("en_GB.UTF-8", "zh_CN.UTF-8"):
            system(setting)
            with pytest.raises(ValueError) as caught:
                call()
            said = "\n".join(caught.value._render_traceback_())
            assert "File " not in said
            assert "Traceback" not in said
            assert all(part in said for part in (english if setting < "zh" else (chinese, "→"))), said
    monkeypatch.setenv("KPI_DEBUG", "1")
    assert "File " in "".join(caught.value._render_traceback_())


def test_a_blank_client_is_the_only_one_there_is(system, workbook, monkeypatch):
    system("en_GB.UTF-8")
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    for other in ("home-goods", "lumen-brand"):
        (workbook.client_data / other).rename(workbook.root / other)
    assert open_design("").client == "cloudboard"
    assert open_report("team", client="", cycle="", language="").subject.client_id == "cloudboard"


@pytest.mark.parametrize("name", ["Qimu Home Goods", "qimu  home goods", "栖木家居网店有限公司", "home-goods"])
def test_a_client_is_found_by_its_name(kpi, name):
    code, out, _ = kpi("score", name, "2026-10", "--json")
    assert (code, '"client": "home-goods"' in out) == (0, True)
    assert kpi("check", name)[0] == 0


def test_clients_of_one_name_are_listed_and_none_is_guessed(kpi, workbook):
    for client in ("cloudboard", "lumen-brand"):
        file = workbook.client_data / client / "client.toml"
        lines = ['name = "云端"' if line.startswith("name") else line for line in file.read_text("utf-8").splitlines()]
        file.write_text("\n".join(lines), "utf-8")
    code, _, err = kpi("score", "云端")
    assert (code, "cloudboard, lumen-brand" in err) == (2, True)
    with pytest.raises(WorkbookError, match="no client Qimu"):
        workbook.named_clients(["Qimu"])


def test_a_persons_report_is_asked_for_by_name_and_namesakes_are_never_guessed(workbook):
    def people(*said):
        jobs, refused = plan(workbook, ["home-goods"], Request(people=said, reports=("person",)))
        assert not refused
        return {job.person for job in jobs}

    assert people("陈雨桐", "liu-kai") == {"chen-yutong", "liu-kai"}
    with pytest.raises(WorkbookError) as unknown:
        people("陈雨桐", "陈雨彤")
    assert "陈雨彤" in str(unknown.value.issue.values) and "chen-yutong" in str(unknown.value.issue.values)
    file = workbook.client_data / "home-goods" / "people.csv"
    file.write_text(file.read_text("utf-8-sig").replace("刘凯", "陈雨桐"), "utf-8")
    with pytest.raises(WorkbookError) as shared:
        people("陈雨桐")
    assert shared.value.issue.code == "shared-person-name" and "chen-yutong" in str(shared.value.issue.values)


def test_help_is_what_many_type_first(kpi, capsys):
    from conftest import called

    for words, found in ((("help",), "The month's forms:"), (("help", "score"), "kpi score"),
                         (("--lang", "zh", "help"), "本月的考核表"), (("--lang", "zh", "help", "score"), "kpi score")):  # fmt: skip
        code, out, _ = called(capsys, *words)
        assert (code, found in out) == (0, True)


def test_values_show_as_tables_in_a_notebook_in_its_language_and_as_text(system, workbook, monkeypatch):
    from kpi_toolkit import load_client, summarize_cycle
    from kpi_toolkit.method.issues import Issues, Place, error
    from kpi_toolkit.pages.said import speak_plainly

    speak_plainly()
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    client = load_client(workbook.client_folder("home-goods"))
    values = (
        client.design,
        summarize_cycle(client, "2026-10"),
        Issues([error("unknown-client", Place("<b>"), name="x", nearest="", known="")]),
    )
    for language, said in (
        ("en_GB.UTF-8", ("Weight", "Rank", "no client")),
        ("zh_CN.UTF-8", ("权重", "名次", "没有客户")),
    ):
        system(language)
        for value, word in zip(values, said, strict=True):
            page = value._repr_html_()
            assert word in page
            assert "<th scope=" in page
            assert "<b>" not in page
    assert all("object at 0x" not in repr(value) for value in values)
