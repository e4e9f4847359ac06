"""The form of a design from Python's side: every field of the model, what is typed, what is found, what is saved."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal

import pytest
from texts import walk

from kpi_toolkit.clients.acts import DESIGN, MODELS, PROFILE, Act
from kpi_toolkit.clients.client import load_client, read_cycle
from kpi_toolkit.clients.frozen import CASCADE, PEOPLE
from kpi_toolkit.clients.library import form_fields
from kpi_toolkit.clients.record import with_line
from kpi_toolkit.clients.scaffold import new_cycle
from kpi_toolkit.clients.workbook import WorkbookError
from kpi_toolkit.live.design import open_design
from kpi_toolkit.live.fields import Form
from kpi_toolkit.live.form import open_form
from kpi_toolkit.method.goals import Cascade
from kpi_toolkit.method.issues import NOWHERE, Issues, Place, error, warning
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.said import told
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.inspection import check_client

ART = ("roles", "web-art", "indicators")


@pytest.fixture
def bench(workbook):
    return open_form(workbook, "home-goods", "en")


def codes(bench, severity: str = "") -> set[str]:
    return {issue.code for issue in bench.issues() if issue.severity == severity or not severity}


# Every field


def declared(model) -> set[tuple[str, str]]:
    """Return every field of a model and of the values in it, as (value, key of the file)."""
    schema = model.model_json_schema(by_alias=True)
    values = {model.__name__: schema, **schema.get("$defs", {})}
    reached = {name for name in values if name not in {"Text", "Change", "Elicitation"}}
    return {(name, key) for name in reached for key in values[name].get("properties", {})}


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.__name__)
def test_every_field_of_the_model_is_in_the_form_or_on_the_list_of_exceptions(workbook, model):
    fields = form_fields(workbook)
    for owner, key in declared(model):
        if fields.omits(owner, key) or (
            key == "kind" and owner in {"Ratio", "Piecewise", "Bands", "Steps", "Table", "Gate"}
        ):
            continue
        card = fields.fields[owner][key]
        assert card.label.zh and card.label.en, (owner, key)
    known = {(owner, key) for each in MODELS.values() for owner, key in declared(each)}
    assert {(owner, key) for owner, cards in fields.fields.items() for key in cards} <= known
    pages = [key for part in fields.parts if MODELS[part.file] is model for key in part.fields]
    top = {key for owner, key in declared(model) if owner == model.__name__ and not fields.omits(owner, key)}
    assert sorted(pages) == sorted(top)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_the_form_is_in_words(workbook, language):
    for model in MODELS.values():
        for path, node in walk(Form(model, form_fields(workbook), Words(language, workbook)).root):
            for value, label in node.get("choices", ()):
                assert label and (language == "en" or label != value), (path, value)


def typed_for(node):  # noqa: PLR0911
    """Return something to type into a field, and what the file then says."""
    match node["kind"]:
        case "text":
            return {"zh": "一二", "en": "One two"}, {"zh": "一二", "en": "One two"}
        case "choice":
            value = node["choices"][-1][0]
            return value, {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)
        case "choices":
            return [node["choices"][0][0]], [node["choices"][0][0]]
        case "number":
            return " ４2 ", Decimal("0.42") if node.get("of_one") else 42
        case "numbers":
            return "9, 5 1.50", [9, 5, Decimal("1.50")]
        case "matrix":
            return "0 30; 50 100", [[0, 30], [50, 100]]
        case "range":
            return "2–3", [2, 3]
        case "date":
            return "2027-03-01", __import__("datetime").date(2027, 3, 1)
        case "bool":
            return True, True
        case "strings":
            return "a-1，b-2", ["a-1", "b-2"]
        case "string":
            return "some-id", "some-id"
    return None


def places(bench, file):
    """Go through all fields that can be typed into, each with a path that the file can hold."""
    for path, node in walk(bench.forms[file].root):
        if node["kind"] in {"object", "list", "map", "curve", "texts"} or "curve" in path:
            continue
        yield path, node


@pytest.mark.slow
@pytest.mark.parametrize("file", MODELS)
def test_what_is_typed_into_any_field_is_in_the_file_and_shown_again(bench, file):
    """Every entry of a list or a section is made by the form itself first."""
    file = next(each for each in bench.forms if each.endswith(file))
    for path, node in places(bench, file):
        start, real = bench.draft, []
        for place, step in enumerate(path):
            if step != "*":
                real.append(step)
                continue
            held = bench._at(file, real)
            if path[:place] == ("roles",):
                real.append("web-art")
            elif path[:place] == ("roles", "*", "indicators"):
                real.append("rework")
            elif not held:
                given = (
                    {"key": "product-sales"}
                    if path[0] == "goals"
                    else {"key": "GD"}
                    if path[-2] == "coordination"
                    else None
                )
                bench.add(tuple(real), given, file=file)
                held = bench._at(file, real)
                real.append(next(iter(held)) if isinstance(held, dict) else 0)
            else:
                real.append(next(iter(held)) if isinstance(held, dict) else 0)
        said, meant = typed_for(node)
        bench.set(tuple(real), said, file=file)
        found = bench._at(file, real)
        if found is None and real[-1] in {"name", "id"}:  # the id of a fresh entry goes with its name
            found = bench._at(file, [*real[:-2], "one-two" if real[-1] == "name" else "some-id", real[-1]])
        in_table = (
            "9/5/1.5" if node["kind"] == "numbers" else f"{meant}".replace("False", "false")
        )  # a table holds texts
        assert found == (in_table if file.endswith(".csv") else meant), path
        bench.draft = start


CURVES = [
    ("banded", {}, "bands", "curve = \"banded\""),
    ("banded", {"bands": [{"from": "0", "score": "20"}, {"from": "90", "score": "100"}]}, "bands", 'use = "banded"'),
    ("steps", {"deduct": "4"}, "steps", 'kind = "steps"'),
    ("gate", {"at": "90", "scope": "total"}, "gate", 'kind = "gate"'),
    ("table", {"scores": "0 30 50; 30 70 85; 60 85 100"}, "table", 'kind = "table"'),
    ("piecewise", {"points": [{"at": "50", "score": "0"}, {"at": "100", "score": "100"}]}, "piecewise", 'kind = "piecewise"'),
    ("", {"floor": "20"}, "ratio", 'curve = { kind = "ratio", floor = 20 }'),
]  # fmt: skip


@pytest.mark.parametrize(("use", "numbers", "kind", "written"), CURVES)
def test_a_curve_is_chosen_and_its_numbers_changed(bench, use, numbers, kind, written):
    path = (*ART, "approval-rate", "curve")
    bench.set((*path, "use"), use)
    for key, said in numbers.items():
        bench.set((*path, key), said)
    curve = bench.draft.design.roles["web-art"].indicators[1].curve
    assert curve.kind == kind
    assert written in bench.draft.text
    bench.open("roles/web-art")
    picture = bench.state(bench.issues())["pictures"]["approval-rate"]
    assert picture["path"].startswith("M") and picture["says"]


# Entries


def test_numbers_of_a_curve_stay_in_sight_while_something_cannot_be_read(bench):
    """One wrong number anywhere took the fields of every curve away, and with them the way to put it right."""
    bench.open("roles/web-art")
    bench.set((*ART, "design-completion", "curve", "use"), "piecewise")
    bench.set((*ART, "design-completion", "curve", "points"), [{"at": "50", "score": ""}, {"at": "8o", "score": "60"}])
    bench.set((*ART, "approval-rate", "curve", "use"), "deduct-per-step")
    state = bench.state(bench.issues())
    shown = {name: one["curve"] for name, one in state["pictures"].items()}
    assert bench.draft.design is None and {one["path"] for one in state["pictures"].values()} == {""}
    assert [[point[key] for key in ("at", "score")] for point in shown["design-completion"]["points"]] == [
        ["50", ""],
        ["8o", "60"],
    ]
    assert (shown["approval-rate"]["named"], shown["approval-rate"]["kind"]) == ("deduct-per-step", "steps")
    places = {one["at"] for group in state["findings"] for one in group["items"]}
    assert "roles.web-art.indicators.design-completion.curve.points.[2].at" in places
    bench.set((*ART, "design-completion", "curve", "points"), [{"at": "50", "score": "0"}, {"at": "80", "score": "60"}])
    assert bench.state(bench.issues())["pictures"]["design-completion"]["path"]


def test_an_own_indicator_needs_no_id_and_takes_what_is_left(bench):
    bench.set((*ART, "approval-rate", "weight"), "20")
    bench.add(ART)
    assert bench.made == "roles.web-art.indicators.indicator-1"
    bench.set((*ART, "indicator-1", "name"), {"zh": "品牌"}, idle=True)
    bench.set((*ART, "indicator-1", "name"), {"zh": "品牌提及数"}, touch="t")
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.id, item.weight, item.serves_goal) == ("pin-pai-ti-ji-shu", 10, "product-sales")
    bench.set((*ART, item.id, "name"), {"zh": "品牌提及数", "en": "Mentions"})
    assert bench.draft.design.roles["web-art"].indicators[-1].id == item.id


def test_a_post_that_is_added_is_for_the_first_role_that_has_none(bench):
    bench.remove(("posts", 4))
    bench.remove(("posts", 2))
    held = [post.role for post in bench.draft.design.posts]
    free = [role for role in bench.draft.design.roles if role not in held]
    assert free
    for _ in free:
        bench.add(("posts",))
    assert [post.role for post in bench.draft.design.posts] == held + free


def test_whatever_names_a_role_follows_its_new_id(bench, workbook):
    bench.open("roles/network-promotion")
    bench.add(("regulation", "spot_checks"))
    bench.set(("regulation", "spot_checks", 0, "roles"), "network-promotion, web-art")
    bench.rename(("roles", "network-promotion"), "Promotion team")
    assert bench.part == "roles/promotion-team"
    design = bench.draft.design
    assert "promotion-team" in design.roles and design.posts[1].role == "promotion-team"
    assert design.regulation.spot_checks[0].roles == ("promotion-team", "web-art")
    assert "unknown-role" not in codes(bench)
    bench.save()
    client = load_client(workbook.client_data / "home-goods")
    assert "promotion-team" in set(client.people["role"])
    with pytest.raises(WorkbookError, match="already"):
        bench.rename(("roles", "web-art"), "promotion-team")


def test_a_renamed_role_stays_open_on_the_way_back_and_forth(bench):
    bench.open("roles/web-art")
    bench.rename(("roles", "web-art"), "artists")
    parts = [bench.part]
    for go in (bench.undo, bench.redo, bench.undo):
        go()
        parts.append(bench.part)
    assert parts == ["roles/artists", "roles/web-art", "roles/artists", "roles/web-art"]
    bench.remove(("roles", "web-art"))
    bench.state(bench.issues())
    assert bench.part == "roles"


def test_blocks_and_locked_weights_are_kept_when_weights_are_scaled(bench):
    bench.set((*ART, "approval-rate", "weight"), "25")
    bench.balance("web-art", ["rework"])
    assert [int(item.weight) for item in bench.draft.design.roles["web-art"].indicators] == [53, 27, 20]
    before = bench.draft
    bench.undo()
    bench.redo()
    assert bench.draft.text == before.text
    for place, (name, most) in enumerate((("Results", "70"), ("Conduct", "30")), start=1):
        bench.add(("roles", "web-art", "blocks"))
        bench.set(("roles", "web-art", "blocks", f"block-{place}", "name"), {"en": name})
        bench.set(("roles", "web-art", "blocks", name.lower(), "maximum"), most)
    for item, block in (("design-completion", "results"), ("approval-rate", "results"), ("rework", "conduct")):
        bench.set((*ART, item, "block"), block)
    bench.balance("web-art")
    assert [int(item.weight) for item in bench.draft.design.roles["web-art"].indicators] == [46, 24, 30]
    assert codes(bench, "error") == set()


ODD = """考核表（内容编辑）
序号\t考核项目\t权重\t目标\t单位
1\tArticles\t30%\t24篇\t
\t\t\t\t
2\tReads\t0.5\t1.5万\t次
合计\t\t100%\t\t
"""
PASTES = [
    (ODD, "name", [("articles", "篇", 30, 24, "higher", ""), ("reads", "次", Decimal("0.5"), 15000, "higher", "")]),
    ("1\tAlpha\t30%\t24 posts\n2\tBeta\t70%\t5\n合计\t\t100%\n", "name", [("alpha", "posts", 30, 24, "higher", ""), ("beta", "%", 70, 5, "higher", "")]),
    ("KPI\tWeight\tTarget (posts)\tGoal\nAlpha\t0.6\t1,200\tSelling products\nBeta\t0.4\t2\t\n", "name", [("alpha", "posts", 60, 1200, "higher", ""), ("beta", "posts", 40, 2, "higher", "")]),
    ("Indicator\nAlpha\n", "name", [("alpha", "%", 0, None, "higher", "")]),
    ("Alpha\tposts\t10\t1,000\tlower is better\tbanded\n", "name", [("alpha", "posts", 10, 1000, "lower", "banded")]),
    ("Alpha\tposts\t10\t9\t越低越好\t反向线性\nBeta\tposts\t90\t9\tlower\tInverse linear", "name", [("alpha", "posts", 10, 9, "lower", "inverse-linear"), ("beta", "posts", 90, 9, "lower", "inverse-linear")]),
    ("Indicator\tTarget\tWeight\nBeta\t80%\t5\nGamma\t1\t2\n", "name", [("beta", "%", 5, 80, "higher", ""), ("gamma", "%", 2, 1, "higher", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "meant"), PASTES)
def test_lines_of_excel_become_indicators_in_one_step(bench, text, column, meant):
    place, untouched = bench.draft.place, int(bench.draft.design.roles["web-art"].indicators[1].target)
    bench.paste((*ART,), text, column=column, besides={"class": "workload"})
    items = bench.draft.design.roles["web-art"].indicators[3:]
    found = [(i.id, i.unit.en, i.weight, i.target, i.direction.value, i.curve.named) for i in items]
    assert found == meant
    assert bench.draft.place == place + 1
    assert bench.made == f"roles.web-art.indicators.{meant[0][0]}.name"
    bench.paste((*ART,), "11\n\n22\n", at="design-completion", column="target")
    assert [int(item.target) for item in bench.draft.design.roles["web-art"].indicators[:3]] == [11, untouched, 22]


@pytest.mark.parametrize(
    ("path", "said", "meant"),
    [
        ((*ART, "rework", "weight"), "30 %", 30),
        ((*ART, "approval-rate", "target"), "95%", 95),
        ((*ART, "rework", "target"), "1.2万", 12000),
        ((*ART, "rework", "target"), "5 pages", "5 pages"),
        ((*ART, "rework", "target"), "4,250", 4250),
        ((*ART, "rework", "target"), "１２，０００", 12000),
        ((*ART, "rework", "target"), "40,5", "40,5"),
        ((*ART, "rework", "target"), "0,500", "0,500"),
        (("posts", 0, "pay"), "£2,400", 2400),
        (("tiers", "pass_line"), "65分", 65),
        (("tiers", "pass_line"), "65 points", 65),
        (("tiers", "shares"), "20% / 65% / 15%", [20, 65, 15]),
        (("posts", 0, "headcount"), "2-3 people", [2, 3]),
        (("posts", 0, "headcount"), "3人", 3),
        (("posts", 0, "pay"), "£2,400 – £3,200", [2400, 3200]),
        (("posts", 0, "pay"), "1万-1.2万元", [10000, 12000]),
        (("posts", 0, "pay"), "2400, 3200", [2400, 3200]),
        (("posts", 0, "pay"), "2400 3200", [2400, 3200]),
        (("posts", 0, "pay"), "2,400", "2,400"),
        (("posts", 0, "pay"), "6-8千", "6-8千"),
    ],
)
def test_a_number_may_be_typed_with_the_unit_of_its_field(bench, path, said, meant):
    bench.add(("posts",))
    bench.set(path, said)
    assert bench._at("design.toml", path) == meant
    if meant == "5 pages":
        assert "unit-behind" in codes(bench, "error")


def test_a_share_of_one_is_typed_and_shown_in_per_cent(bench):
    bench.set(("goals", "product-sales"), "60 %", file=PROFILE)
    bench.set(("goals", "brand"), "40", file=PROFILE)
    assert bench._at(PROFILE, ("goals",)) == {"product-sales": Decimal("0.6"), "brand": Decimal("0.4")}


def test_the_first_number_with_a_unit_says_the_unit(bench):
    bench.add(ART)
    bench.set((*ART, "indicator-1", "target"), "24篇")
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.target, item.unit.zh) == (24, "篇")


@pytest.mark.parametrize(("said", "unit"), [("£42,000", "£"), ("42,000 GBP", "GBP"), ("GBP 42,000.00", "GBP")])
def test_money_is_typed_with_its_thousands_parted(bench, said, unit):
    bench.add(ART)
    bench.set((*ART, "indicator-1", "target"), said)
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.target, item.unit.en) == (42000, unit)


@pytest.mark.parametrize(("said", "target", "direction"), [
    ("≤ 3%", 3, "lower"), ("no more than 2 days", 2, "lower"), ("24小时以内", 24, "lower"), ("≥95%", 95, "higher"),
    ("at least 1,200 visits", 1200, "higher"), ("30篇以上", 30, "higher"), ("30 min", 30, "higher"),
])  # fmt: skip
def test_a_target_typed_with_its_bound_says_which_side_is_meant(bench, said, target, direction):
    bench.add(ART)
    bench.set((*ART, "indicator-1", "target"), said)
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.target, item.direction) == (target, direction)


def test_a_bound_against_a_direction_that_was_chosen_is_refused(bench):
    bench.add(ART)
    bench.set((*ART, "indicator-1", "direction"), "lower")
    bench.set((*ART, "indicator-1", "target"), "≥ 3")
    assert "number-in-words" in codes(bench, "error")
    bench.set((*ART, "indicator-1", "target"), "≤ 3")
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.target, item.direction) == (3, "lower")
    assert "number-in-words" not in codes(bench, "error")


def test_the_first_block_takes_the_indicators_of_its_role_and_its_id_follows_its_name_there_alone(bench):
    for role in ("web-art", "technical-support"):
        bench.add(("roles", role, "blocks"))
    bench.set(("roles", "web-art", "blocks", "block-1", "name"), {"en": "Results"})
    roles = bench.draft.design.roles
    assert {item.block for item in roles["web-art"].indicators} == {"results"}
    assert {item.block for item in roles["technical-support"].indicators} == {"block-1"}
    assert codes(bench, "error") == set()
    bench.add(("roles", "web-art", "blocks"))
    assert {item.block for item in bench.draft.design.roles["web-art"].indicators} == {"results"}


def test_a_further_block_starts_with_what_the_others_leave_of_100(bench):
    blocks = ("roles", "web-art", "blocks")
    bench.add(blocks)
    bench.set((*blocks, "block-1", "maximum"), "80")
    bench.add(blocks)
    assert [block.maximum for block in bench.draft.design.roles["web-art"].blocks.values()] == [80, 20]


def test_roles_and_indicators_come_from_the_library_with_their_weights(bench):
    bench.add(("roles",), {"card": "seo", "key": "seo"})
    role = bench.draft.design.roles["seo"]
    assert role.weight_sum == 100 and len(role.indicators) == len(bench.library.roles["seo"].indicators)
    assert {item.serves_goal for item in role.indicators} == {"product-sales"}
    offered = [name for name, _ in bench.options["cards"]]
    assert (offered[-1], sorted(offered)) == (
        [*bench.library.roles][-1], sorted({*bench.draft.design.roles, *bench.library.roles}),
    )  # fmt: skip
    card = next(iter(bench.library.indicators))
    bench.add(("roles", "seo", "indicators"), {"card": card})
    bench.copy(("roles", "seo", "indicators", card))
    bench.move(("roles", "seo", "indicators", f"{card}-1"), -1)
    bench.carry(("roles", "seo", "indicators", f"{card}-1"), "web-art")
    assert bench.draft.design.roles["web-art"].indicators[-1].id == f"{card}-1"
    bench.remove(("roles", "seo"))
    assert "seo" not in bench.draft.design.roles


# What is found, and saving


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fix_names_what_the_form_shows_and_no_key_of_a_file(workbook, language):
    fields, words = form_fields(workbook), Words(language, workbook)
    shown = {words.show(card.label) for cards in fields.fields.values() for card in cards.values()}
    shown |= {words.show(part.label) for part in fields.parts}
    shown |= {words(f"workbench.{key}") for key in ("accept", "remove", "from_library")}
    shown |= {f"+ {words('workbench.add_indicator')}", words("direction.lower")}
    for code, fix in fields.fixes.items():
        text = words.show(fix)
        words.explain(code)
        assert {*re.findall("“(.+?)”", text)} <= shown, (code, text)
        assert not re.search(r"\[|toml|csv|\bkpi\b|\w_\w|\w = ", text), (code, text)


OF_FILES = {  # of an import, a scenario, printing and adopting, a workbook's templates, a file that cannot be read
    "sheet-without-table", "code-not-last", "bad-pattern",
    "form-curve-too-long", "agenda-number", "nothing-adopted", "changed-since-adoption", "toml-syntax",
    "unusable-scenario-id", "left-out-as-answered",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_check_speaks_of_a_file_of_the_design_inside_the_form(workbook, language):
    form = open_form(workbook, "home-goods", language)
    speaks = re.compile(r"\w\.toml|(?<!\w)\[+[a-z_.]+\]|\b[a-z_]+ = ")
    for code in {*form.words.codes()} - OF_FILES:
        raw = "".join(form.words._raw(code, part) for part in ("message", "fix")) + str(form.fields.fixes.get(code))
        issue = error(code, Place("cycles/2026-10/goals.csv"), **dict.fromkeys(re.findall(r"{(\w+)}", raw), "x"))
        said = form.remedy(issue), form.words.message(issue)
        assert not any(map(speaks.search, said)), (code, said)
    profile = form.remedy(error("department-unnamed", Place(PROFILE)))
    assert form.words.show(form.fields.fixes["department-unnamed"]) == profile
    assert "design.toml" in form.remedy(error("headcount-differs", Place("cycles/2026-10/design.toml")))


def test_findings_of_the_form_are_mended_where_it_says(bench):
    bench.set((*ART, "rework", "standard"), {"en": "", "zh": ""})
    bench.set((*ART, "rework", "serves_goal"), None)
    items = {group["code"]: group["items"][0] for group in bench.state(bench.issues())["findings"]}
    assert items["no-standard"]["fix"].startswith("Fill in “Standard”")
    assert items["no-standard"]["at"] == "roles.web-art.indicators.rework.standard"
    assert "serves_goal" not in items["serves-no-goal"]["fix"]


def test_the_form_finds_exactly_what_check_finds(bench, workbook):
    assert list(bench.issues(cycles=True)) == [issue for part in check_client(workbook, "home-goods") for issue in part]
    bench.set((*ART, "approval-rate", "weight"), "25")
    bench.set(("charter", "object"), {"zh": "", "en": ""})
    found = list(bench.issues(cycles=True))
    bench.save()
    assert found == [issue for part in check_client(workbook, "home-goods") for issue in part]
    assert {"sum-not-100"} <= {issue.code for issue in found}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_method_advises_against_is_called_a_caution_on_every_face(workbook, language):
    gap = error("cascade-gap", NOWHERE, gap=20, goal="sales")
    cautions = Issues([warning("no-standard", NOWHERE, indicator="traffic"), gap]).as_cautions()
    bench, words = open_form(workbook, "home-goods", language), Words(language, workbook)
    about = {"indicator": "traffic", "person": "Li", "people": "Li", "policy": "zero"}
    found = Issues([*cautions, warning("missing-actual", NOWHERE, **about), error("no-target", NOWHERE, **about)])
    shown = {group["code"]: (group["severity"], group["mutable"]) for group in bench.state(found)["findings"]}
    assert shown["no-standard"] == ("caution", True)
    assert shown["missing-actual"] == ("warning", True)
    assert shown["cascade-gap"] == ("error", True)
    assert shown["no-target"] == ("error", False)
    said = told(cautions, words)
    assert f"<b>{words('cli.caution')}</b>" in said
    assert words("cli.warning") not in said
    assert words("workbench.count_caution", n=2).endswith(words("cli.caution") + ("s" if language == "en" else ""))


@pytest.mark.parametrize("said", ["20/65/15", "20：65：15", "20%、65%、15%", "20 65 15"])
def test_shares_are_typed_as_people_write_them(bench, said):
    bench.set(("tiers", "shares"), said)
    assert bench.draft.design.tiers.shares == (20, 65, 15)
    bench.set(("calendar", "appraisal_days"), "2-6", file=PROFILE)
    assert bench.draft.of(PROFILE).content["calendar"]["appraisal_days"] == [2, 6]


def test_a_missing_field_is_called_by_its_label_and_not_by_its_key_in_the_file(workbook):
    bench = open_form(workbook, "home-goods", "zh")
    said = []
    for path in ((*ART, "design-completion", "class"), ("roles",)):
        bench._do(Act("remove", path))
        said += [item["text"] for group in bench.state(bench.issues())["findings"] for item in group["items"]]
    assert {"缺少类别。", "缺少岗位。"} <= set(said)


def test_each_finding_leads_to_its_field(bench):
    bench.set((*ART, "approval-rate", "weight"), "thirty")
    (group,) = [group for group in bench.state(bench.issues())["findings"] if group["severity"] == "error"]
    assert group["items"][0]["part"] == "roles/web-art"
    assert group["items"][0]["at"] == "roles.web-art.indicators.approval-rate.weight"
    bench.undo()
    bench.set(("goals", "product-sales"), "0.5", file=PROFILE)
    assert bench.state(bench.issues())["findings"][0]["items"][0]["part"] == "goals"


def test_saving_with_errors_says_so_and_what_cannot_be_read_is_kept_as_a_draft(bench, workbook):
    path = workbook.client_data / "home-goods" / DESIGN
    before = path.read_text("utf-8")
    bench.save()
    assert path.read_text("utf-8") == before
    bench.set((*ART, "approval-rate", "weight"), "25")
    bench.save()
    assert bench.note["bad"] and "one error" in bench.note["text"]
    assert [
        (old, new)
        for old, new in zip(before.splitlines(), path.read_text("utf-8").splitlines(), strict=True)
        if old != new
    ] == [("weight = 30", "weight = 25")]
    bench.set((*ART, "approval-rate", "weight"), "x")
    with pytest.raises(Exception, match="bad-number"):
        bench.save()
    assert open_form(workbook, "home-goods", "en").draft.text == bench.draft.text


def test_a_new_version_is_asked_once_and_written_down(bench, workbook):
    bench.set(("item_cap",), "110")
    assert not bench.state(bench.issues())["decided"]
    bench.save(by="Lin", why="Autumn review")
    design = load_client(workbook.client_data / "home-goods").design
    assert (design.version, design.rationale.en, design.changes[-1].by) == (5, "Autumn review", "Lin")
    bench.set(("item_cap",), "120")
    assert bench.state(bench.issues())["decided"]
    bench.save()
    assert load_client(workbook.client_data / "home-goods").design.version == 5


def test_the_reason_of_a_version_leaves_a_rationale_that_was_typed_for_it(bench, workbook):
    bench.set(("rationale",), {"zh": "按岗位定指标", "en": "By posts"})
    bench.save(by="Lin", why="First")
    design = load_client(workbook.client_data / "home-goods").design
    assert (design.rationale.en, design.changes[-1].why) == ("By posts", "First")
    bench.set(("rationale",), {"zh": "Tuned"})
    bench.save(by="Lin")
    assert load_client(workbook.client_data / "home-goods").design.changes[-1].why == "Tuned"


WHOLE_TABLE = """Post\tIndicator\tUnit\tWeight\tTarget\tDirection\tCurve\tBlock\tClass
Brand editor\tStories told\tstories\t30%\t12\t\t\tResults\tworkload
\tShares\tshares\t30%\t900\t\tBanded\tResults\treach
\tCorrections\tcases\t40%\t2\tlower\tInverse linear (lower is better)\tConduct\t
Web art\tLive hours\thours\t60\t60\t\t\t\tworkload
"""


@pytest.mark.parametrize("instead", [False, True])
def test_the_whole_table_of_indicators_makes_roles_and_blocks_in_one_step(bench, instead):
    before = [*bench.draft.design.roles]
    bench.paste(("roles",), WHOLE_TABLE, besides={"class": "quality"}, instead=instead)
    design = bench.draft.design
    assert [*design.roles] == (["brand-editor", "web-art"] if instead else [*before, "brand-editor"])
    editor = design.roles["brand-editor"]
    assert {name: block.maximum for name, block in editor.blocks.items()} == {"results": 60, "conduct": 40}
    found = [(item.id, item.block, item.kind.value, item.curve.named) for item in editor.indicators]
    assert found[1:] == [
        ("shares", "results", "reach", "banded"), ("corrections", "conduct", "quality", "inverse-linear"),
    ]  # fmt: skip
    assert len(design.roles["web-art"].indicators) == (1 if instead else 4)
    assert [post.role for post in design.posts if post.role in {*before} - {*design.roles}] == []
    bench.posts()
    assert {*bench.draft.design.roles} <= {post.role for post in bench.draft.design.posts}
    bench.undo()
    bench.undo()
    assert bench.draft.place == 0


def test_a_table_without_a_column_for_the_role_changes_nothing_and_says_so(bench):
    bench.paste(("roles",), "Indicator\tWeight\nAlpha\t100\n", instead=True)
    assert bench.draft.place == 0
    assert bench.note["bad"] and "Role" in bench.note["text"]


def test_what_decides_the_side_of_a_pasted_line_is_asked_for_and_not_assumed(bench):
    bench.paste(ART, "Indicator\tWeight\nAlpha\t0\n")
    missing = [issue for issue in bench.issues() if issue.code == "missing-key"]
    assert [bench._field_of(issue) for issue in missing] == ["roles.web-art.indicators.alpha.class"]


def test_a_pasted_standard_that_says_how_points_are_earned_is_held_against_the_curve(bench):
    text = "考核指标\t目标\t评分标准\t类别\n上新款数\t6\t每少一款扣10分\t工作量\n回访\t9\t当日完成\t工作量\n"
    bench.paste(ART, text, besides={"class": "workload"})
    assert bench.note["bad"] and "上新款数" in bench.note["text"] and "回访" not in bench.note["text"]


def test_accepting_again_opens_the_acceptance_that_waits_for_its_reason(bench):
    bench.add(ART)
    bench.issues()
    code = next(iter(codes(bench, "warning")))
    bench.accept(code)
    count, made = len(bench._at("design.toml", ("mute",))), bench.made
    bench.accept(code)
    assert (len(bench._at("design.toml", ("mute",))), bench.made) == (count, made)


def test_a_row_pasted_over_another_indicator_has_nothing_of_it(bench):
    bench.paste(ART, "Own thing\t%\t30\t6%\n", at="rework", column="name", besides={"class": "result"})
    assert [item.id for item in bench.draft.design.roles["web-art"].indicators][2] == "own-thing"
    item = bench.draft.design.roles["web-art"].indicators[2]
    assert (item.unit.en, item.target, item.direction.value, item.kind.value) == ("%", 6, "higher", "result")
    bench.paste(ART, "Approval rate\tpages\t30\t9 pages\n", at="approval-rate")
    item = bench.draft.design.roles["web-art"].indicators[1]
    assert (item.id, item.unit.en, item.target, item.kind.value) == ("approval-rate", "pages", 9, "quality")


def test_an_id_follows_the_first_name_that_is_pasted_over_somebody_new_and_nobody_elses(bench):
    bench.add(("people",), file=PEOPLE)
    before = [one["id"] for one in bench._at(PEOPLE, ("people",))]
    assert before[-1] == "person-1"
    bench.paste(("people",), "Jo Park\n", at="person-1", file=PEOPLE)
    assert [one["id"] for one in bench._at(PEOPLE, ("people",))] == [*before[:-1], "jo-park"]
    bench.paste(("people",), "Joan Park\n", at="jo-park", file=PEOPLE)
    assert bench._at(PEOPLE, ("people",))[-1] | {"role": ""} == {"id": "jo-park", "name": "Joan Park", "role": ""}


def test_a_post_is_called_as_its_role_is_called_now_and_goes_with_it(bench):
    assert bench.draft.design.posts[0].title.en == "Head of network marketing"
    bench.set(("posts", 0, "title"), {"zh": "运营经理", "en": "Operation manager"})
    bench.set(("roles", "operation-manager", "name"), {"zh": "店长", "en": "Shop head"})
    assert bench.draft.design.posts[0].title is None
    count = len(bench.draft.design.posts)
    bench.remove(("roles", "operation-manager"))
    assert len(bench._at("design.toml", ("posts",))) == count - 1
    assert "post" in bench.note["text"]
    bench.undo()
    assert len(bench.draft.design.posts) == count


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("15/03/2021", "2021-03-15"),
        ("5 March 2021", "2021-03-05"),
        ("2021年3月5日", "2021-03-05"),
        ("01/03/2021", "01/03/2021"),
    ],
)
def test_a_day_is_typed_in_any_writing_that_has_one_meaning(bench, said, meant):
    bench.set(("launch",), said, file=PROFILE)
    assert str(bench._at(PROFILE, ("launch",))) == meant


def test_a_goal_of_ones_own_can_be_given_a_share(bench):
    bench.add(("own_goals",), file=PROFILE)
    bench.set(("own_goals", "goal-1", "name"), {"en": "Repeat orders"}, file=PROFILE)
    assert ["repeat-orders", "Repeat orders"] in bench.options["goal_types"]


def test_words_of_both_languages_stay_in_their_place(bench):
    line = next(line for line in bench.draft.text.splitlines() if "Approval rate" in line)
    bench.set((*ART, "approval-rate", "name"), {"zh": "设计通过率", "en": "First-time approval"})
    assert line.replace("Approval rate", "First-time approval") in bench.draft.text.splitlines()
    bench.set((*ART, "approval-rate", "standard"), {"zh": "两稿之内通过", "en": ""})
    assert bench.draft.design.roles["web-art"].indicators[1].standard.en in {"", "两稿之内通过"}
    comments = re.findall(r"#.*", bench.draft.text)
    assert comments == re.findall(r"#.*", bench.draft.states[0][DESIGN])


def test_text_that_looks_like_markup_or_toml_is_text(bench):
    evil = '<img src=x onerror=alert(1)> ]] "quoted" \n[roles.evil]'
    bench.set((*ART, "approval-rate", "standard"), {"zh": evil, "en": evil})
    assert bench.draft.design.roles["web-art"].indicators[1].standard.en == evil.strip()
    assert list(bench.draft.design.roles) == list(
        bench.forms and load_client(bench.workbook.client_data / "home-goods").design.roles
    )


def test_nothing_that_the_browser_asks_ends_in_silence(workbook, monkeypatch):
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    opened = open_design("home-goods", language="en")
    opened._heard(None, {"n": 1, "do": "set", "path": ["roles", "gone", "name"], "said": {"en": "x"}}, [])
    assert opened.view.state["answered"] == 1
    turn = opened.view.state["turn"]
    opened._heard(None, {"n": 1, "do": "look"}, [])
    assert opened.view.state["turn"] == turn, "a look asks for no other look"
    opened._heard(None, {"n": 2, "do": "remove", "path": ["roles", "gone"]}, [])
    assert opened.view.state["note"]["bad"]
    opened._heard(None, {"n": 3, "do": "move", "path": "nonsense"}, [])
    note = opened.view.state["note"]
    assert "Nothing was changed" in note["text"] and note["bad"]
    path = workbook.client_data / "home-goods" / DESIGN
    path.write_text(f"{(whole := path.read_text('utf-8'))}\n[[broken", "utf-8")  # somebody else is at it as well
    opened._heard(None, {"n": 4, "do": "set", "path": ["item_cap"], "said": "110"}, [])
    opened._heard(None, {"n": 5, "do": "save"}, [])
    assert "[[broken" in opened.view.state["note"]["text"] and "design.toml" in opened.view.state["note"]["text"]
    path.write_text(whole, "utf-8")
    opened._heard(None, {"n": 6, "do": "save"}, [])
    assert path.read_text("utf-8") == whole.replace("item_cap = 100", "item_cap = 110")
    opened._heard(None, {"n": 7, "do": "client", "to": "cloudboard"}, [])
    opened._heard(None, {"n": 5, "do": "set", "path": ["item_cap"], "said": "110"}, [])
    opened._heard(None, {"n": 6, "do": "language", "to": "zh"}, [])
    assert opened.view.state["undo"]
    assert (opened.view.state["client"], opened.view.language) == ("cloudboard", "zh")
    with pytest.raises(WorkbookError, match="cloudboard"):
        open_design("cloudbord")
    with pytest.raises(WorkbookError, match="language"):
        open_design("cloudboard", language="fr")


def test_what_is_typed_on_while_ids_follow_their_names_goes_where_it_was_meant(workbook, monkeypatch):
    """Python needs a moment, and a hand does not wait: its next words still name the entry by its first id."""
    monkeypatch.setenv("KPI_WORKBOOK", str(workbook.root))
    opened = open_design("home-goods", language="en")

    def hand(act, **said):
        opened._heard(None, {"n": 1, "do": act, **said}, [])
        assert not opened.view.state["note"], opened.view.state["note"]

    hand("add", path=["roles"])
    hand("set", path=["roles", "role-1", "name"], said={"en": "Tea host", "zh": ""})
    hand("add", path=["roles", "role-1", "indicators"])
    early = ["roles", "role-1", "indicators", "indicator-1"]
    hand("set", path=[*early, "name"], said={"en": "Hours on air", "zh": ""})
    hand("set", path=[*early, "unit"], said={"en": "hours", "zh": ""})
    hand("set", path=[*early, "weight"], said="30")
    hand("paste", path=["roles", "role-1", "indicators"], text="Live orders\torders\t70")
    hand("add", path=["roles", "tea-host", "indicators"])
    items = opened.form._items("tea-host")
    assert [(one["id"], one.get("unit"), one["weight"]) for one in items] == [
        ("hours-on-air", "hours", 30), ("live-orders", "orders", 70), ("indicator-2", None, 0),
    ]  # fmt: skip


def weights(bench, role="web-art"):
    return [int(item.weight) for item in bench.draft.design.roles[role].indicators]


def test_linked_weights_give_way_as_in_the_what_if_and_a_drag_is_one_step(bench):
    path, place = (*ART, "approval-rate", "weight"), bench.draft.place
    assert weights(bench) == [50, 30, 20]
    bench.weigh(path, "40")
    assert weights(bench) == [43, 40, 17]
    bench.undo()
    bench.weigh(path, "40", locked=["rework"])
    assert weights(bench) == [40, 40, 20]
    bench.undo()
    for said in ("44", "95", "30"):
        bench.weigh(path, said, touch="drag 1")
    assert (weights(bench), bench.draft.place) == ([50, 30, 20], place)
    bench.weigh(path, "60", touch="drag 2")
    bench.weigh(path, "61", touch="drag 2", held=["rework"])
    assert (weights(bench), bench.draft.place) == ([19, 61, 20], place + 1)
    bench.weigh(path, "90", locked=["rework", "design-completion"])
    assert weights(bench) == [19, 90, 20]
    bench.weigh(path, "many")
    assert "bad-number" in codes(bench, "error")


def test_forms_and_book_are_previewed_from_the_draft(bench):
    bench.set((*ART, "approval-rate", "name"), {"zh": "首稿通过率", "en": "First drafts <approved>"})
    shown = {}
    for part in ("preview-forms", "preview-book"):
        bench.open(part)
        shown[part] = bench.state(bench.issues())["preview"]
        assert "First drafts &lt;approved&gt;" in shown[part] and "script-src 'none'" in shown[part]
    assert len(shown["preview-book"]) > len(shown["preview-forms"])
    bench.set((*ART, "approval-rate", "weight"), "many")
    assert bench.state(bench.issues())["preview"] == ""


def test_the_preview_has_the_sections_of_the_printed_book(workbook):
    notebook = workbook.notebook("42_design_book.ipynb").read_text("utf-8")
    printed = re.findall(r'report\.section\(\\"(\w+)\\"\)', notebook)
    (book,) = [part for part in form_fields(workbook).parts if part.id == "preview-book"]
    assert [*book.sections, "moves"] == printed  # the last names the bytes of files, and a draft has none


# People


def test_people_follow_a_renamed_role_and_other_lines_keep_their_bytes(bench, workbook):
    file = workbook.client_data / "home-goods/people.csv"
    before = file.read_bytes()
    bench.rename(("roles", "web-art"), "artist")
    assert {row["role"] for row in bench._at(PEOPLE, ("people",))} >= {"artist"}
    bench.save()
    assert file.read_bytes() == before.replace(b",web-art,", b",artist,") != before


def test_somebody_is_added_by_name_and_whoever_names_them_follows_their_id(bench, workbook):
    file = workbook.client_data / "home-goods/people.csv"
    before = file.read_bytes()
    bench.add(("people",), file=PEOPLE)
    assert bench.made == "people.person-1"
    bench.set(("people", "person-1", "name"), "欧阳 小茶", file=PEOPLE)
    own = ("people", "ou-yang-xiao-cha")
    bench.set((*own, "role"), "web-art", file=PEOPLE)
    bench.set((*own, "manager"), "wang-lin", file=PEOPLE)
    bench.set((*own, "joined"), "2026-11-02", file=PEOPLE)
    bench.set(("people", "liu-kai", "manager"), own[1], file=PEOPLE)
    bench.rename(own, "xiao-cha", file=PEOPLE)
    assert bench._at(PEOPLE, ("people", "liu-kai", "manager")) == "xiao-cha"
    assert ["xiao-cha", "欧阳 小茶"] in bench.options["people"]
    assert not codes(bench, "error")
    bench.save()
    line = "xiao-cha,欧阳 小茶,web-art,,wang-lin,2026-11-02\r\n".encode()
    assert [each for each in file.read_bytes().splitlines(keepends=True) if each not in before] == [
        b"liu-kai,\xe5\x88\x98\xe5\x87\xaf,network-promotion,\xe7\xbd\x91\xe7\xbb\x9c\xe8\x90\xa5\xe9\x94\x80\xe9\x83\xa8,xiao-cha,2022-03-15\r\n",
        line,
    ]
    bench.set(("people", "xiao-cha", "left"), "2026-12-31", file=PEOPLE)  # a column that the file does not have yet
    assert load_people(bench)["xiao-cha"]["left"] == "2026-12-31"
    bench.remove(("people", "xiao-cha"), file=PEOPLE)
    while bench.draft.place:
        bench.undo()
    bench.save()
    assert file.read_bytes() == before


def load_people(bench):
    return {row["id"]: row for row in bench._at(PEOPLE, ("people",))}


def test_a_finding_about_people_leads_to_its_cell(bench):
    bench.set(("people", "liu-kai", "manager"), "nobody-here", file=PEOPLE)
    found = next(
        item
        for group in bench.state(bench.issues())["findings"]
        if group["code"] == "unknown-manager"
        for item in group["items"]
    )
    assert (found["part"], found["at"]) == ("people", "people.liu-kai.manager")


@pytest.mark.parametrize("written", [None, "编号,姓名\n", 'id,name,role\nli,"Li\nNa",web-art\n'])
def test_people_that_stand_elsewhere_are_shown_and_not_written_over(workbook, written):
    folder = workbook.client_data / "home-goods"
    file = folder / PEOPLE
    if written is None:
        file.rename(folder / "people.xlsx")
    else:
        file.write_text(written, "utf-8")
    bench = open_form(workbook, "home-goods", "en")
    with pytest.raises(WorkbookError) as refused:
        bench.add(("people",), file=PEOPLE)
    assert refused.value.issue.code == "table-elsewhere"
    bench.rename(("roles", "web-art"), "artist")
    bench.save()
    assert written is None or file.read_text("utf-8") == written


# The goals above those of people


NOW = f"cycles/2026-10/{CASCADE}"
WHOLE, SHOP = ("cascade", "quan-nian-xiao-shou-e"), ("cascade", "wang-dian")


@pytest.fixture
def month(workbook):
    """Return the form of a client with a single month."""
    for each in (workbook.client_folder("home-goods") / "cycles").glob("2026-0*"):
        shutil.rmtree(each)
    return open_form(workbook, "home-goods", "en")


def split(month):
    """Split a company's goal between two departments, as it is typed."""
    month.open("cascade")
    for name, level, parent, said in [
        ("全年销售额", "company", None, {"value": "1200 万元", "owner": "总经理"}),
        ("网店", "department", WHOLE[1], {"share": "60%", "owner": "王琳"}),
        ("门店", "department", WHOLE[1], {"value": "480 万元"}),
    ]:
        month.add(("cascade",), file=NOW)
        own = ("cascade", month.made.partition(".")[2])
        for key, value in {"level": level, "parent": parent, **said, "name": name}.items():
            month.set((*own, key), value, file=NOW)


def test_a_cascade_is_typed_saved_and_taken_back_to_the_same_bytes(month, workbook):
    file = workbook.client_folder("home-goods") / NOW
    before = file.read_bytes()
    for goal in [row["id"] for row in month._at(NOW, ("cascade",))]:
        month.remove(("cascade", goal), file=NOW)
    split(month)
    assert month.state(month.issues())["part"] == "cascade/2026-10"
    assert month.options["cascade"] == [[WHOLE[1], "全年销售额"], [SHOP[1], "网店"], ["men-dian", "门店"]]
    assert ["王琳", "王琳"] in month.options["owners"]
    month.save()
    assert file.read_text("utf-8-sig").splitlines() == [
        "id,level,parent,name,owner,value,share,unit,made",
        "quan-nian-xiao-shou-e,company,,全年销售额,总经理,12000000,,元,",
        "wang-dian,department,quan-nian-xiao-shou-e,网店,王琳,,60,,",
        "men-dian,department,quan-nian-xiao-shou-e,门店,,4800000,,元,",
    ]
    tables = read_cycle(load_client(workbook.client_folder("home-goods")), "2026-10", past=True)
    assert Cascade.of(tables).gap(WHOLE[1]) == 0
    month.rename(WHOLE, "sales", file=NOW)
    assert [row.get("parent") for row in month._at(NOW, ("cascade",))] == [None, "sales", "sales"]
    while month.draft.place:
        month.undo()
    month.save()
    assert file.read_bytes() == before


def test_one_changed_goal_is_one_changed_line(month, workbook):
    file = workbook.client_folder("home-goods") / NOW
    before = file.read_bytes().splitlines()
    month.set(("cascade", "network-sales", "share"), "55", file=NOW)
    month.save()
    after = file.read_bytes().splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        (before[2], before[2].replace(b"60", b"55"))
    ]


def test_what_is_missing_of_a_goal_is_found_while_it_is_typed_and_leads_to_it(month):
    month.set(("cascade", "network-sales", "share"), "50", file=NOW)
    month.set(("cascade", "store-sales", "parent"), "nowhere", file=NOW)
    groups = month.state(month.issues(cycles=True))["findings"]
    found = {group["code"]: item for group in groups for item in group["items"] if item["part"] == "cascade/2026-10"}
    assert {code: item["at"] for code, item in found.items()} == {
        "cascade-gap": "cascade.company-sales",
        "unknown-parent": "cascade.store-sales",
    }
    assert "50" in found["cascade-gap"]["text"] and "“Goal above”" in found["unknown-parent"]["fix"]
    month.save()
    assert month.note["bad"]


def test_targets_and_figures_of_a_month_are_typed_and_pasted_onto_their_lines(month, workbook):
    folder = workbook.client_folder("home-goods") / "cycles/2026-10"
    month.open("targets")
    state = month.state(month.issues())
    assert (state["part"], state["file"]) == ("targets/2026-10", "cycles/2026-10/goals.csv")
    month.set(("goals", 0, "target"), "650000 元", file=state["file"])
    month.set(("goals", 0, "confirmed"), "30/09/2026", file=state["file"])
    figures = "cycles/2026-10/actuals.csv"
    before = len(month._at(figures, ("actuals",)))
    month.paste(("actuals",), "Name\tIndicator\tActual\n王琳\tNetwork sales\t700000\n", file=figures)
    month.paste(("actuals",), "11\n12\n", at="[2]", column="actual", file=figures)
    rows = month._at(figures, ("actuals",))
    assert [len(rows), *(row["actual"] for row in rows[:3])] == [before, "700000", "11", "12"]
    month.set(("actuals", 0, "actual"), "¥712,000", file=figures)
    month.save()
    tables = read_cycle(load_client(workbook.client_folder("home-goods")), "2026-10", past=True)
    goal = next(iter(tables.goals.records()))
    assert (goal["target"], str(goal["confirmed"])) == (650000, "2026-09-30")
    assert "¥712000" in (folder / "actuals.csv").read_text("utf-8-sig").splitlines()[1]
    assert next(iter(tables.actuals.records()))["actual"] == 712000


def test_a_cascade_is_pasted_with_goals_that_name_one_another(month):
    for goal in [row["id"] for row in month._at(NOW, ("cascade",))]:
        month.remove(("cascade", goal), file=NOW)
    month.open("cascade")
    text = "Level\tGoal above\tGoal\tValue\tUnit\ncompany\t\tSales\t80\t万元\ndepartment\tSales\tShop\t50\t万元\n"
    month.paste(("cascade",), text, file=NOW)
    assert [(row["id"], row.get("parent"), row["value"]) for row in month._at(NOW, ("cascade",))] == [
        ("sales", None, "80"), ("shop", "sales", "50"),
    ]  # fmt: skip


def test_a_month_that_is_opened_meanwhile_has_its_pages(workbook):
    for each in (workbook.client_folder("home-goods") / "cycles").glob("2026-*"):
        shutil.rmtree(each)
    form = open_form(workbook, "home-goods", "en")
    form.open("figures")
    assert form.state(form.issues())["part"] == "figures"
    new_cycle(workbook, "home-goods", "2026-11")
    form.open("figures")
    assert form.state(form.issues())["part"] == "figures/2026-11"


def test_goals_of_a_closed_cycle_are_not_changed_and_the_page_says_how_to_open_one(month, workbook):
    folder = workbook.client_folder("home-goods") / "cycles/2026-10"
    month.set(("cascade", "network-sales", "share"), "55", file=NOW)
    before = (folder / CASCADE).read_bytes()
    (folder / "record.jsonl").write_bytes(with_line(folder, "closed", "Ann Li")[1])
    with pytest.raises(WorkbookError) as refused:
        month.save()
    assert refused.value.issue.code == "table-elsewhere"
    assert (folder / CASCADE).read_bytes() == before
    later = open_form(workbook, "home-goods", "zh")
    later.open("cascade")
    state = later.state(later.issues())
    assert (state["part"], state["cycles"], state["fields"]) == ("cascade", [], [])


def test_a_column_pasted_past_the_last_row_fills_what_is_there_and_says_what_is_left(bench):
    place = [item["id"] for item in bench._items("web-art")]
    bench.paste((*ART,), "95\n4\n77\n\n88", at=place[1], column="target")
    assert [str(item["target"]) for item in bench._items("web-art")][1:] == ["95", "4"]
    assert bench.note["bad"] and "77 and 88" in bench.note["text"]
    assert bench.draft.place == 1


@pytest.mark.parametrize("heading", ["Definition", "口径", "说明"])
def test_a_column_without_a_field_is_said_by_name_and_a_definition_is_the_standard(bench, heading):
    bench.paste(
        (*ART,), f"KPI\tClass\tTarget\t{heading}\tEscalation\nCalls held\tworkload\t1,250\tLasted ten minutes\tBoss\n"
    )
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.name.en, item.target, item.standard.en) == ("Calls held", 1250, "Lasted ten minutes")
    assert bench.note["bad"] and "column Escalation was left out" in bench.note["text"]
    bench.paste(("people",), "Name\tRole\tShoe size\nJo Park\tWeb art\t42\n", file=PEOPLE)
    assert "Shoe size" in bench.note["text"]
    bench.paste((*ART,), "No.\tKPI\tTarget\n1\tDemos\t4\n2\tDrafts\t5\n")
    assert bench.note == {}


STAFF = "工号\t姓名\t岗位\t直接上级\t入职日期\n007\t钱一\t网页美工\t孙二\t2026/3/5\n008\t孙二\tOperation manager\t\t2025-1-1\n"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (STAFF, [("钱一", "网页美工", "sun-er", "2026-03-05"), ("孙二", "operation-manager", "", "2025-01-01")]),
        (
            "Name\tJob title\tReports to\tStart date\nAnn Lee\tWeb art\t\t2026-03-05\n",
            [("Ann Lee", "web-art", "", "2026-03-05")],
        ),
        (
            "Name\tJoined\nJo Park\t14/06/2023\nHelen Marsh\t01/03/2021\nAl Day\t13 May 2024\n",
            [
                ("Jo Park", "operation-manager", "", "2023-06-14"),
                ("Helen Marsh", "operation-manager", "", "2021-03-01"),
                ("Al Day", "operation-manager", "", "2024-05-13"),
            ],
        ),
        ("Name\tJoined\nHelen Marsh\t01/03/2021\n", [("Helen Marsh", "operation-manager", "", "01/03/2021")]),
        ("Ann Lee\tWeb art\t王琳\t5 March 2026\n", [("Ann Lee", "web-art", "wang-lin", "2026-03-05")]),
    ],
)
def test_a_staff_list_of_excel_becomes_people_in_one_step(bench, text, meant):
    place, before = bench.draft.place, len(bench._at(PEOPLE, ("people",)))
    bench.paste(("people",), text, file=PEOPLE)
    rows = bench._at(PEOPLE, ("people",))[before:]
    assert [tuple(row.get(key, "") for key in ("name", "role", "manager", "joined")) for row in rows] == meant
    assert bench.draft.place == place + 1


def test_a_logo_that_is_missing_is_a_finding_of_its_field_and_the_preview_says_nothing_instead(bench):
    bench.set(("brand", "logo"), "gone.png", file=PROFILE)
    bench.open("preview-book")
    state = bench.state(bench.issues())
    assert state["preview"] == ""
    (group,) = (group for group in state["findings"] if group["code"] == "no-logo")
    assert (group["items"][0]["part"], group["items"][0]["at"]) == ("calendar", "brand.logo")
    assert "gone.png" in group["items"][0]["text"]


def test_a_page_that_cannot_be_shown_leaves_the_others(workbook, monkeypatch):
    desk = open_design("home-goods", language="en")
    monkeypatch.setattr(type(desk.form), "_preview", lambda *_: 1 / 0)
    desk._heard(None, {"do": "open", "part": "preview-book", "n": 1}, [])
    assert desk.view.state["part"] == "about" and "division by zero" in desk.view.state["note"]["text"]
    assert desk.view.state["answered"] == 1


def test_accepting_covers_what_was_found_and_asks_for_a_reason(bench):
    for name in ("complaints", "late-replies"):
        bench.add(ART, {"key": name, "name": {"zh": "投诉", "en": name}})
    bench.issues()
    bench.accept("direction-by-name")
    (mute,) = (each for each in bench._at("design.toml", ("mute",)) if each["code"] == "direction-by-name")
    assert (mute["about"], mute["reason"]) == (["complaints", "late-replies"], "")
    assert bench.made.endswith(".reason")
    bench.set(("mute", len(bench._at("design.toml", ("mute",))) - 1, "reason"), {"en": "Agreed so"})
    bench.issues()
    assert dict(bench.options["codes"])["direction-by-name"].startswith("“complaints”")
    bench.rename((*ART, "complaints"), "grumbles")
    assert bench._at("design.toml", ("mute",))[-1]["about"] == ["grumbles", "late-replies"]


@pytest.mark.parametrize(
    ("path", "said", "meant"),
    [
        (("calendar", "appraisal_days"), "3 to 9", [3, 9]),
        (("calendar", "appraisal_days"), "3日至9日", [3, 9]),
        (("item_cap",), "120%", 120),
        (("stretch",), "1.3倍", Decimal("1.3")),
    ],
)
def test_further_ways_of_typing_numbers(bench, path, said, meant):
    file = PROFILE if path[0] == "calendar" else "design.toml"
    bench.set(path, said, file=file)
    assert bench._at(file, path) == meant
    assert not codes(bench, "error")


def test_the_first_of_a_list_of_texts_can_be_added_and_nobody_is_exempted_by_default(bench):
    bench.add(("regulation", "channels"))
    bench.set(("regulation", "channels", 0), {"en": "Weekly meeting"})
    assert bench._at("design.toml", ("regulation", "channels")) == ["Weekly meeting"]
    bench.add(("tiers", "exempt"))
    assert bench._at("design.toml", ("tiers", "exempt"))[0]["person"] == ""


def test_numbers_of_ones_own_suit_the_direction(bench):
    for direction in ("higher", "lower"):
        bench.set((*ART, "rework", "direction"), direction)
        bench.set((*ART, "rework", "curve", "use"), "piecewise")
        assert "curve-against-direction" not in codes(bench, "error"), direction
    called = {name: label for name, label, *_ in bench.options["curves"]}
    assert called["inverse-linear"] == "Inverse linear (lower is better)"


def test_a_choice_of_several_is_never_a_text_box_and_its_default_is_shown(bench):
    design = Form(MODELS["design.toml"], bench.fields, bench.words)
    assert design.at(("regulation", "copies"))["default"] == ["appraised", "appraiser", "personnel"]
    bench.set(("regulation", "copies"), [])
    assert "too-few-entries" in codes(bench, "error")


def test_a_method_error_is_said_apart_and_does_not_say_that_it_stops_scores(bench):
    for role in list(bench._section("design.toml", ("roles",))):
        for item in bench._items(role):
            bench.set(("roles", role, "indicators", item["id"], "class"), "workload")
    found = bench.state(bench.issues())["findings"]
    assert {group["caution"] for group in found if group["code"] == "department-without-result"} == {True}
    bench.save()
    assert bench.note["bad"] and "against the method" in bench.note["text"]


def test_a_selling_role_of_the_library_may_carry_its_quota(bench):
    bench.add(("roles",), {"card": "online-sales", "key": "online-sales-2"})
    assert bench._at("design.toml", ("roles", "online-sales-2", "may_bear_sales_quota")) is True


def test_lines_pasted_into_a_list_without_ids_are_added_each_beside_what_is_there(bench):
    where = ("regulation", "routines")
    held = len(bench._at(DESIGN, where) or ())
    bench.paste(where, "Name\tKind\tHow often\nMonthly review\tmeeting\tmonthly\nStock report\treport\tweekly\n")
    names = [each.name.pick("en") for each in bench.draft.design.regulation.routines]
    assert (len(names), names[held:]) == (held + 2, ["Monthly review", "Stock report"])


def test_titles_above_a_pasted_list_are_left_out_and_headings_need_no_unit(bench):
    bench.paste(("regulation", "spot_checks"), "Spot checks 2026\nWhat is checked\tShare\nOrders\t15\nCalls\t20\n")
    found = [(each.what.pick("en"), each.share) for each in bench.draft.design.regulation.spot_checks]
    assert found[-2:] == [("Orders", 15), ("Calls", 20)]
    assert "Spot checks 2026" not in {what for what, _ in found}


def test_a_paste_of_which_nothing_is_understood_says_so(bench):
    place = bench.draft.place
    bench.paste(("regulation", "spot_checks"), "\n\t\n")
    assert bench.draft.place == place
    assert bench.note["bad"] and "nothing was changed" in bench.note["text"]


@pytest.mark.parametrize(
    ("curve", "named", "direction"),
    [
        ("Inverse ratio", "inverse-ratio", "lower"),
        ("Ratio", "capped-ratio", "higher"),
        ("比率", "capped-ratio", "higher"),
    ],
)
def test_a_pasted_curve_is_known_by_its_name_and_says_its_direction(bench, curve, named, direction):
    bench.paste(ART, f"Indicator\tCurve\tClass\nReturned parcels\t{curve}\tquality\n")
    item = bench.draft.design.roles["web-art"].indicators[-1]
    assert (item.curve.named, item.direction.value) == (named, direction)


@pytest.mark.parametrize(
    ("heading", "cell", "direction"),
    [("Better when", "lower", "lower"), ("Better if", "less is better", "lower"), ("方向", "越低越好", "lower"), ("Better when", "higher", "higher")],
)  # fmt: skip
def test_a_pasted_column_that_says_when_it_is_better_is_the_direction(bench, heading, cell, direction):
    bench.paste(ART, f"Indicator\t{heading}\tClass\nParcels mixed up\t{cell}\tquality\n")
    assert bench.draft.design.roles["web-art"].indicators[-1].direction == direction
    assert not bench.note.get("bad")


def test_a_curve_chosen_for_the_other_direction_is_warned_of(bench):
    bench.set((*ART, "approval-rate", "curve"), "inverse-ratio")
    (said,) = (issue for issue in bench.issues() if issue.code == "curve-of-other-direction")
    assert said.severity == "warning" and said.values["indicator"].en == "Approval rate"
    bench.set((*ART, "approval-rate", "direction"), "lower")
    assert "curve-of-other-direction" not in {issue.code for issue in bench.issues()}


def test_a_post_may_name_who_holds_it_by_name(bench):
    post = next(n for n, each in enumerate(bench.draft.design.posts) if each.role == "web-art")
    bench.set(("posts", post, "holders"), "孙佳琪")
    assert "holder-mistyped" not in {issue.code for issue in bench.issues()}
    bench.set(("posts", post, "holders"), "sun-jiaqu")
    assert "holder-mistyped" in {issue.code for issue in bench.issues()}


@pytest.mark.parametrize(
    ("classes", "method"),
    [
        (("result", "sales_quota"), "performance"),
        (("workload", "quality"), "workload"),
        (("workload", "result"), "combined"),
    ],
)
def test_a_role_of_pasted_indicators_is_appraised_by_a_method_that_weighs_them(bench, classes, method):
    lines = "".join(f"Shop head\tThing {n}\t50\t{kind}\n" for n, kind in enumerate(classes))
    bench.paste(("roles",), "Post\tIndicator\tWeight\tClass\n" + lines)
    assert bench.draft.design.roles["shop-head"].method.value == method
