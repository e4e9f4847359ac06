"""What a client's country decides: legal notice, currency, holidays, calendar; and what `kpi new` writes and leaves out."""

from __future__ import annotations

import json
import re
import sys

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, altered

from kpi_toolkit.clients.client import load_client, read_client
from kpi_toolkit.clients.countries import _of_package, countries, country_codes, country_of, work_days
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.dates import dates_of
from kpi_toolkit.pages.report import report_of
from kpi_toolkit.results.inspection import check_client

LAW = {
    "zh": ["第八十七条", "二倍支付赔偿金", "第四十八条", "继续履行", "第四十条第二项", "第四十二条", "工会", "2013 年 11 月"],
    "en": ["arts. 48 and 87", "damages of twice", "continued", "arts. 40 no. 2", "art. 42", "union", "November 2013"],
}  # fmt: skip


def text_of(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").main.get_text(" ").split())


def with_country(workbook: Workbook, client: str, country: str | None) -> None:
    page = workbook.client_data / client / "client.toml"
    line = f'country = "{country}"\n' if country else ""
    page.write_text(re.sub(r'country = "\w+"\n', line, page.read_text("utf-8")), "utf-8")


def bottom_of(workbook: Workbook, client: str) -> str:
    summary = report_of(workbook, "team", client=client).scene.summary
    return next(line.id for line in summary.people if line.tier and line.tier.value == "bottom")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_client_in_china_is_told_the_law_as_it_is(workbook, example_page, language):
    team = text_of(example_page("team", "home-goods", language=language)[0])
    assert [said for said in LAW[language] if said not in team] == []
    person = bottom_of(workbook, "home-goods")
    page = text_of(example_page("person", "home-goods", language=language, person=person)[0])
    assert ("第四十八条" if language == "zh" else "arts. 40 and 48") in page
    for wrong in ("二倍经济补偿", "twice the statutory compensation"):
        assert wrong not in team + page


@pytest.mark.slow
@pytest.mark.parametrize("country", ["GB", "SG", None])
def test_nobody_else_is_told_the_law_of_china(workbook, make_page, country):
    with_country(workbook, "home-goods", country)
    pages = [make_page(workbook, "team", "home-goods", language=language)[0] for language in ("zh", "en")]
    person = bottom_of(workbook, "home-goods")
    pages.append(make_page(workbook, "person", "home-goods", language="en", person=person)[0])
    for page in map(text_of, pages):
        for said in ("Supreme", "Labour Contract", "Legal notice", "法院", "劳动合同法", "法律提示"):
            assert said not in page
    assert "improvement plan" in text_of(pages[-1])


CONSEQUENCE = '[[regulation.consequences]]\naction = "dismissal"\ngrounds = [{grounds}]\n\n[[regulation.spot_checks]]'
GENERAL = ["incompetence", "training_given", "second_failure"]


@pytest.mark.parametrize(
    ("country", "grounds", "missing"),
    [
        ("CN", ["rank"], 6), ("CN", GENERAL, 3), ("CN", [*GENERAL, "notice_given", "not_protected"], 1),
        ("CN", ["incompetence", "transferred", "second_failure", "month_paid", "union_informed", "not_protected"], 0),
        ("GB", GENERAL, 0), (None, ["score", "incompetence", "transferred"], 1),
    ],
)  # fmt: skip
def test_dismissal_rests_on_what_the_country_asks_for(workbook, country, grounds, missing):
    with_country(workbook, "home-goods", country)
    design = workbook.client_data / "home-goods" / "design.toml"
    said = CONSEQUENCE.format(grounds=", ".join(f'"{ground}"' for ground in grounds))
    design.write_text(altered(design.read_text("utf-8"), ("[[regulation.spot_checks]]", said)), "utf-8")
    found = {issue.code: issue for issues in check_client(workbook, "home-goods") for issue in issues}
    assert ("dismiss-by-rank" in found) == bool(missing)
    assert ("legal-review" in found) == (not missing)
    if missing:
        assert len(found["dismiss-by-rank"].values["missing"]) == missing
        assert bool(found["dismiss-by-rank"].values["law"]) == (country == "CN")


def test_a_client_without_a_country_is_told_so_and_keeps_the_holidays_it_had(workbook):
    client = load_client(workbook.client_folder("home-goods"))
    before = dates_of(client.profile, client.design, Cycle.parse("2026-09")).days
    with_country(workbook, "home-goods", None)
    client, issues = read_client(workbook.client_folder("home-goods"))
    assert [(issue.code, issue.severity) for issue in issues] == [("no-country", "hint")]
    assert dates_of(client.profile, client.design, Cycle.parse("2026-09")).days == before


@pytest.mark.parametrize(
    ("said", "nearest"), [("UK", "GB"), ("China", "CN"), ("中国", "CN"), ("Untied Kingdom", "GB"), ("Germany", "DE"), ("EU", ""), ("ZZ", "")]
)  # fmt: skip
def test_a_country_that_is_none_is_refused_with_the_code_that_was_meant(kpi, workbook, said, nearest):
    with_country(workbook, "home-goods", said)
    _, issues = read_client(workbook.client_folder("home-goods"))
    assert [(issue.code, issue.values["nearest"]) for issue in issues.errors] == [("unknown-country", nearest)]
    code, _, err = kpi("new", "acme", "--country", said)
    assert (code, "No country has the code" in err, nearest in err) == (2, True, True)
    assert not (workbook.client_data / "acme").exists()


def test_countries_stand_as_an_index_of_the_readers_language_has_them():
    english, chinese = ([name for _, name in countries(Workbook(ROOT), language)] for language in LANGUAGES[::-1])
    inner = ["Comoros", "Congo - Brazzaville", "Cook Islands", "Costa Rica", "Côte d’Ivoire", "Croatia", "Cuba"]
    assert [name for name in english if name in inner] == inner
    assert [name for name in chinese if name in {"德国", "阿根廷", "瑞士", "英国"}] == [
        "阿根廷",
        "德国",
        "瑞士",
        "英国",
    ]
    assert (english[0], chinese[0]) == ("China", "中国")  # what has a card stands first


def test_every_country_of_the_standard_has_holidays_and_almost_every_one_a_currency():
    from holidays import list_supported_countries

    assert country_codes() == {code for code in list_supported_countries() if len(code) == 2} - {"UK"}
    assert [code for code in sorted(country_codes()) if not country_of(Workbook(ROOT), code).currency.en] == ["AQ"]
    assert [country_of(Workbook(ROOT), code).currency.en for code in ("CN", "GB", "PA", "BT", "HK")] == [
        "CNY", "GBP", "PAB", "BTN", "HKD"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("country", "off", "on"),
    [
        ("GB", "2026-12-25", "2026-10-01"), ("GB", "2026-08-31", "2026-03-17"), ("US", "2026-11-26", "2026-12-28"), ("CN", "2026-10-01", "2026-10-10"),
        ("IL", "2026-10-09", "2026-10-11"), ("DE", "2026-10-03", "2026-12-28"), ("HK", "2026-10-01", "2026-10-10"),
    ],
)  # fmt: skip
def test_holidays_and_weekends_are_those_of_the_country(country, off, on):
    from datetime import date

    days = work_days(country, 2026, 2027)
    assert not days.works(date.fromisoformat(off))
    assert days.works(date.fromisoformat(on))
    assert days.unannounced == ((2027,) if country == "CN" else ())
    assert all(name.zh and name.en for name in days.holidays.values())


def test_a_card_of_ones_own_gives_a_country_its_law_and_its_calendar(kpi, workbook, make_page):
    card = workbook.root / "templates" / "countries" / "de.toml"
    card.parent.mkdir(parents=True)
    card.write_text(
        '[calendar]\nappraisal_days = [3, 9]\nday_mode = "workday"\n[law]\nnotice = "Paragraph 1 KSchG"\nbottom = "KSchG"\nlawful = "x"\n',
        "utf-8",
    )
    assert kpi("new", "acme", "--country", "de")[0] == 0
    calendar = load_client(workbook.client_folder("acme")).profile.calendar
    assert (calendar.appraisal_days, calendar.day_mode) == ((3, 9), "workday")
    with_country(workbook, "home-goods", "DE")
    assert "Paragraph 1 KSchG" in text_of(make_page(workbook, "team", "home-goods", language="en")[0])


def units(workbook: Workbook, client: str) -> set[str]:
    design = load_client(workbook.client_folder(client)).design
    return {item.unit.en for role in design.roles.values() for item in role.indicators}


@pytest.mark.parametrize("template", ["sells-products", "grows-platform", "builds-brand", "form-team-leader"])
def test_a_new_clients_design_says_nothing_of_the_starter_and_counts_in_its_currency(kpi, workbook, template):
    starter = (ROOT / f"templates/designs/{template}.toml").read_text("utf-8")
    for country, unit in (("GB", "GBP"), ("CN", "CNY"), ("", "")):
        client = f"acme-{country.lower() or 'none'}"
        code = kpi("new", client, "--template", template, *(["--country", country] if country else []))[0]
        assert code == 0
        text = (workbook.client_data / client / "design.toml").read_text("utf-8")
        assert not re.search(r"\Aname = |\A[^\[]*\nname = |Starter|起步方案|not yet tailored", text, re.MULTILINE)
        assert 'rationale = ""' in text
        assert ("CNY" in text) == (country == "CN" and "CNY" in starter)
        if "CNY" in starter:
            assert unit in units(workbook, client)
        said = [issue.code for issues in check_client(workbook, client) for issue in issues]
        assert ("no-country" in said) == (not country)
        assert "untouched-template" in said


def test_a_page_says_starter_exactly_as_long_as_the_check_does(kpi, workbook):
    kpi("new", "acme", "--name", "Acme Tea", "--rationale", "First year by results", "--country", "GB")
    design = workbook.client_data / "acme" / "design.toml"

    def charter() -> str:
        opened = report_of(workbook, "design", client="acme", language="en", cycle="2026-12")
        return text_of(f"<main>{''.join(map(str, opened.section('charter').pieces))}</main>")

    def codes() -> set[str]:
        return {issue.code for issues in check_client(workbook, "acme") for issue in issues}

    assert "A starter, not yet tailored to the client." in charter()
    assert "untouched-template" in codes()
    design.write_text(
        altered(
            design.read_text("utf-8"), ("\nweight = 60", "\nweight = 55", 1), ("\nweight = 40", "\nweight = 45", 1)
        ),
        "utf-8",
    )
    assert "untouched-template" not in codes()
    assert "First year by results" in charter()
    assert "tarter" not in charter()


def test_words_that_an_older_design_has_from_its_starter_are_not_printed(workbook, make_page):
    starter = (ROOT / "templates/designs/sells-products.toml").read_text("utf-8")
    design = workbook.client_data / "home-goods" / "design.toml"
    theirs = {key: re.search(rf"^{key} = .*$", starter, re.MULTILINE)[0] for key in ("name", "rationale")}
    lines = design.read_text("utf-8").splitlines()
    lines[:8] = [theirs.get(line.partition(" = ")[0], line) for line in lines[:8]]
    design.write_text("\n".join(lines) + "\n", "utf-8")
    for kind in ("team", "design"):
        page = text_of(make_page(workbook, kind, "home-goods", language="en")[0])
        assert "Starter: sells" not in page
        assert "not yet tailored" not in page


@pytest.mark.parametrize("template", ["sells-products", "form-promotion-department"])
def test_meetings_are_planned_only_where_the_design_states_them(kpi, workbook, template):
    kpi("new", "quiet", "--template", template)
    kpi("new", "busy", "--template", template, "--meetings")
    kinds = {
        client: {entry["kind"] for entry in json.loads(kpi("calendar", client, "2026-12", "--json")[1])["entries"]}
        for client in ("quiet", "busy")
    }
    assert kinds["busy"] - kinds["quiet"] == {"meeting", "report"}
    assert "Meetings and reports" not in kpi("calendar", "quiet", "2026-12")[1]
    page = report_of(workbook, "design", client="quiet", language="en", cycle="2026-12").section("calendar").pieces
    assert "Weekly meeting" not in str(page)
    assert not [
        i.code for issues in check_client(workbook, "busy") for i in issues if i.code in {"overhead", "report-burden"}
    ]


def test_a_terminal_is_asked_and_enter_takes_what_is_proposed(kpi, workbook, monkeypatch):
    asked = []

    def answer(text, default=None, **_):
        asked.append((text, default))
        return {"Why": "Because"}.get(text.split()[0], default)

    monkeypatch.setattr("click.prompt", answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert kpi("new", "acme")[0] == 0
    assert [default for _, default in asked] == ["acme", "GB", ""]
    client = load_client(workbook.client_folder("acme"))
    assert (client.profile.name.en, client.profile.country, client.design.rationale.en) == ("acme", "GB", "Because")
    asked.clear()
    assert kpi("new", "acme")[0] == kpi("new", "Not an id")[0] == 2
    assert asked == []
    monkeypatch.setattr(
        "click.prompt", lambda text, default=None, **_: default if text.startswith("The client") else "-"
    )
    assert kpi("new", "open")[0] == 0
    client = load_client(workbook.client_folder("open"))
    assert (client.profile.country, client.design.rationale.en) == (None, "")
    assert kpi("new", "beta", "--name", "Beta", "--country", "CN", "--rationale", "x")[0] == 0
    assert asked == []


def test_a_terminal_asks_again_for_a_country_that_does_not_exist(kpi, workbook, monkeypatch):
    codes = iter(["China", "CX1", "CN"])
    monkeypatch.setattr("click.prompt", lambda text, default=None, **_: next(codes) if "ountry" in text else default)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    code, _, err = kpi("new", "acme")
    assert (code, err.count("No country has the code")) == (0, 2)
    assert load_client(workbook.client_folder("acme")).profile.country == "CN"


def test_pay_figures_of_one_country_are_not_offered_in_another(kpi, workbook):
    for country, priced in (("CN", True), ("GB", False)):
        kpi("new", f"c-{country.lower()}", "--organisation", "sme-v2", "--city-tier", "sz_gz", "--country", country)
        posts = load_client(workbook.client_folder(f"c-{country.lower()}")).design.posts
        assert any(post.pay for post in posts) == priced


@pytest.mark.parametrize(
    ("spoken", "language", "country", "taken"),
    [
        (("en_GB", "en_US", "zh_CN", "zh_TW"), "en", "GB", "en_US"), (("en_AU", "en_GB"), "en", "GB", "en_GB"),
        (("en_US", "zh_HK", "zh_TW"), "zh", "TW", "zh_TW"), (("en_US", "ja"), "ja", "JP", "ja"), (("en_US",), "zh", "CN", None),
    ],
)  # fmt: skip
def test_holidays_are_named_as_most_write_a_language_else_as_in_the_country(spoken, language, country, taken):
    assert _of_package(spoken, language, country) == taken
