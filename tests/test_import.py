"""A client's own Excel becomes people, design, targets and figures: everything that stands in it, nothing else."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal

import pytest
from conftest import called
from openpyxl import Workbook as Excel
from openpyxl import load_workbook

from kpi_toolkit.clients import apart
from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.provenance import read_provenance
from kpi_toolkit.method.tables import rows_of

ROSTER = [
    ["星河网络员工花名册"],
    ["序号", "工号", "姓名", "身份证号", "手机号", "部门", "岗位", "入职日期", "直接上级", "备注"],
    [1, "XH01", "林海", "110101198903070018", "13900000001", "运营部", "运营经理", "2019/3/1", "—", None],
    [2, "XH02", "王芳", "110101199103070029", "13900000002", "内容组", "网络编辑", "2021.6.15", "林海", None],
    [3, "XH03", "王芳", "110101199203070030", "13900000003", "推广组", "推广专员", "2022年7月1日", "林海", None],
    [4, "XH04", "买买提·吐尔逊", "650101199403070041", "13900000004", "推广组", "推广专员", date(2026, 10, 8), "王芳", "试用期"],
    [5, "XH05", "周杰", "110101200103070052", "13900000005", "技术组", "网管", "2021/12/12", "林海", "产假"],
    ["合计", None, "5人"],
    ["制表人：", None, None, "审核人："],
]  # fmt: skip
FORM = [
    ["月度绩效考核表"],
    ["姓名：买买提·吐尔逊", None, None, "岗位：网络推广", None, None, "考核月份：2026年10月"],
    ["序号", "考核项目", "权重", "目标", "完成情况", "自评", "上级评分", "得分", "数据来源"],
    [1, "发帖数量", 0.25, "150篇", "138篇", 95, 92, "=C4*G4", "日报"],
    [2, "网站流量", 0.25, "4万", "35083", 90, 88, "=C5*G5", "后台"],
    [3, "核心关键词排名", 0.2, "前8", "8.9位", 90, 90, "=C6*G6", None],
    [4, "网络客户数", 0.3, "≥45位", "—", "/", 84, "=C7*G7", None],
    ["小计"],
    ["被考核人签字：          直接上级签字："],
]  # fmt: skip
STAFF = [
    ["Bramble & Co – staff list"],
    [],
    ["Name", "Job title", "Department", "Boss", "Start date"],
    ["Iris Bell", "Shop Manager", "Shop", None, date(2019, 3, 1)],
    ["Ann Lee", "Writer", "Content", "Iris Bell", date(2020, 6, 15)],
    [],
    ["Ann Lee", "Agent", "Care", "Bell, Iris", date(2021, 6, 15)],
    ["Jörg Ó Néill", "Writer", "Content", "Iris Bell", "1 March 2022"],
]
FIGURES = {
    "Iris Bell": [["Revenue (GBP)", 120000, 98580], ["Return rate %", 8, 7.1]],
    "Ann Lee": [["Articles", 16, 17.9], ["Shares", 300, 320]],
    "Ann Lee (2)": [["Tickets closed", 400, None], ["First reply (h)", 4, 4.5]],
    "Jörg Ó Néill": [["Articles", 16, 12], ["Shares", 300, 256]],
}


def book(path, rows, *, hidden=(), merged=(), percent=(), sheet="10月"):
    """Write rows as a workbook."""
    excel = Excel()
    page = excel.active
    page.title = sheet
    for row in rows:
        page.append(row)
    for number in hidden:
        page.row_dimensions[number].hidden = True
    for area in merged:
        page.merge_cells(area)
    for cell in percent:
        page[cell].number_format = "0%"
    excel.save(path)
    return str(path)


def figures(path):
    excel = Excel()
    excel.remove(excel.active)
    for name, rows in FIGURES.items():
        page = excel.create_sheet(name)
        for row in [
            ["Name", name.removesuffix(" (2)")],
            ["Month", date(2026, 10, 1)],
            [],
            ["KPI", "Target", "Actual"],
            *rows,
        ]:
            page.append(row)
        page["B2"].number_format = "mmm yyyy"
    excel.save(path)
    return str(path)


@pytest.fixture
def kpi(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KPI_WORKBOOK", str(tmp_path / "w"))
    monkeypatch.setattr(
        apart, "_in_a_process", lambda paths: list(map(apart._read, paths))
    )  # one test starts a real one

    def run(*arguments, expect=0):
        code, out, err = called(capsys, *map(str, arguments))
        assert code == expect, out + err
        return json.loads(out) if "--json" in arguments else out + err

    run("init", tmp_path / "w")
    return run


@pytest.fixture
def star(tmp_path, kpi):
    """A Chinese client with its roster imported and October open."""
    kpi("new", "xinghe", "--template", "sells-products", "--country", "CN")
    roster = book(tmp_path / "花名册.xlsx", ROSTER, merged=["A1:J1"], sheet="花名册")
    kpi("import", "xinghe", "people", roster, "--answer", "role:网管=技术支持", "--answer", "boss:王芳=xh03")
    kpi("new", "xinghe", "--cycle", "2026-10")
    return tmp_path / "w" / "client_data" / "xinghe"


def answers(found, *, say):
    """Return a command line's answers to the questions of an import."""
    return [part for each in found["questions"] for part in ("--answer", f"{each['id']}={say(each)}")]


def test_a_roster_as_people_mail_it_becomes_people_and_no_more_than_needed(tmp_path, kpi):
    kpi("new", "xinghe", "--template", "sells-products", "--country", "CN")
    roster = book(tmp_path / "花名册.xlsx", ROSTER, merged=["A1:J1"], sheet="花名册")
    found = kpi("import", "xinghe", "people", roster, "--json", expect=3)
    folder = tmp_path / "w" / "client_data" / "xinghe"
    assert [(q["id"], q["cell"]) for q in found["questions"]] == [("role:网管", "G7"), ("boss:王芳", "I6")]
    assert found["questions"][1]["options"] == ["xh02", "xh03", "nobody"]
    assert found["written"] == []
    assert len((folder / "people.csv").read_text("utf-8-sig").splitlines()) == 1  # only the header: nothing was written
    given = ("--answer", "role:网管=技术支持", "--answer", "boss:王芳=xh03")
    found = kpi("import", "xinghe", "people", roster, *given, "--json")
    people = load_client(folder).people
    assert [(p.id, p.name, p.role, p.team, p.manager, str(p.joined)) for p in rows_of(people)] == [
        ("xh01", "林海", "operation-manager", "运营部", None, "2019-03-01"),
        ("xh02", "王芳", "network-editor", "内容组", "xh01", "2021-06-15"),
        ("xh03", "王芳", "network-promotion", "推广组", "xh01", "2022-07-01"),
        ("xh04", "买买提·吐尔逊", "network-promotion", "推广组", "xh03", "2026-10-08"),
        ("xh05", "周杰", "technical-support", "技术组", "xh01", "2021-12-12"),
    ]
    told = {(issue["code"], issue["message"].split(" ")[0]) for issue in found["issues"]}
    assert {code for code, _ in told} == {"left-out-private", "remark-leave", "remark-probation"}
    kept = "".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())
    assert "110101198903070018" not in kept
    assert "13900000001" not in kept
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.csv")} == {0o600}
    assert kpi("import", "xinghe", "people", roster, "--json")["questions"] == []  # remembered


def test_a_form_becomes_targets_and_figures_asked_for_where_it_is_not_plain(tmp_path, kpi, star):
    form = book(tmp_path / "考核表-买买提.xlsx", FORM, hidden=[5], percent=[f"C{n}" for n in range(4, 8)])
    found = kpi("import", "xinghe", "actuals", form, "--json", expect=3)
    assert [q["cell"] for q in found["questions"]] == ["A5", "D6"]
    assert "网站流量" in found["questions"][0]["text"]
    assert "前8=8; ≥45位=45" in found["questions"][1]["text"]
    say = {"A5": "take", "D6": "as-shown"}
    kpi("import", "xinghe", "actuals", form, *answers(found, say=lambda q: say[q["cell"]]))
    tables = _tables(star)
    goals = {row["indicator"]: row["target"] for row in tables["goals"] if row["person"] == "xh04"}
    actuals = {
        row["indicator"]: (row["actual"], row["self"], row["appraiser"])
        for row in tables["actuals"]
        if row["person"] == "xh04"
    }
    assert goals == {"posts": "150", "traffic": "40000", "keyword-rank": "8", "network-customers": "45"}
    assert actuals == {
        "posts": ("138", "95", "92"), "traffic": ("35083", "90", "88"), "keyword-rank": ("8.9", "90", "90"),
        "network-customers": ("", "", "84"),
    }  # fmt: skip
    origin = {(o.indicator, o.column): o for o in read_provenance(star / "cycles" / "2026-10")}[
        "keyword-rank", "target"
    ]
    assert (origin.file, origin.sheet, origin.cell, origin.value) == ("考核表-买买提.xlsx", "10月", "D6", "8")
    assert len(origin.sha256) == 64
    assert kpi("import", "xinghe", "actuals", form, "--json")["questions"] == []


def _tables(folder, cycle="2026-10"):
    return {
        path.stem: list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        for path in (folder / "cycles" / cycle).glob("*.csv")
    }


def test_one_answer_may_give_each_of_several_figures_and_another_month_is_not_taken_unasked(tmp_path, kpi, star):
    form = book(tmp_path / "表.xlsx", [*FORM[:4], *FORM[5:]])
    kpi("import", "xinghe", "actuals", form, "--answer", "targets:表.xlsx=前8=6; ≥45位=50")
    goals = {row["indicator"]: row["target"] for row in _tables(star)["goals"] if row["person"] == "xh04"}
    assert (goals["keyword-rank"], goals["network-customers"]) == ("6", "50")
    september = [FORM[0], [str(cell or "").replace("10月", "9月") or None for cell in FORM[1]], *FORM[2:4]]
    found = kpi("import", "xinghe", "actuals", book(tmp_path / "九月.xlsx", september), "--json", expect=3)
    assert [q["id"] for q in found["questions"]] == ["month:九月.xlsx:2026-10"]
    assert found["rows"] == []


def test_the_months_of_an_english_client_from_nothing_to_scores_without_typing(tmp_path, kpi):
    staff, month = book(tmp_path / "Staff list.xlsx", STAFF, sheet="Staff"), figures(tmp_path / "Figures.xlsx")
    kpi("new", "bramble", "--country", "GB")
    found = kpi("import", "bramble", "design", staff, month, "--json", expect=3)
    assert [q["id"] for q in found["questions"]] == ["lower:Figures.xlsx", "weights", "other-roles"]
    say = {"lower:Figures.xlsx": "as-shown", "weights": "equal", "other-roles": "drop"}
    kpi("import", "bramble", "design", staff, month, *answers(found, say=lambda q: say[q["id"]]))
    assert kpi("import", "bramble", "people", staff, "--json")["questions"] == []
    kpi("new", "bramble", "--cycle", "2026-10")
    rows = kpi("import", "bramble", "actuals", month, "--json")["rows"]
    assert sum(row["target"] != "" for row in rows) == 8
    assert sum(row.get("actual", "") != "" for row in rows) == 7
    client = load_client(tmp_path / "w" / "client_data" / "bramble")
    assert [(p.id, p.role, p.manager) for p in rows_of(client.people)] == [
        ("iris-bell", "shop-manager", None), ("ann-lee", "writer", "iris-bell"), ("ann-lee-2", "agent", "iris-bell"),
        ("jorg-o-neill", "writer", "iris-bell"),
    ]  # fmt: skip
    manager = client.design.roles["shop-manager"].indicators
    assert [(i.id, i.unit.en, i.direction, i.weight, i.target) for i in manager] == [
        ("revenue", "GBP", "higher", 50, 120000), ("return-rate", "%", "lower", 50, 8),
    ]  # fmt: skip
    scored = {p["id"]: p["score"] for p in kpi("score", "bramble", "--json")["people"]}
    assert Decimal(str(scored["jorg-o-neill"])) == Decimal("80.17")  # (12/16 + 256/300) / 2
    kpi("new", "bramble", "--cycle", "2026-11")
    again = kpi(
        "import", "bramble", "actuals", figures(tmp_path / "Figures.xlsx"), "--cycle", "2026-11", "--json", expect=3
    )
    assert [q["id"] for q in again["questions"]] == ["month:Figures.xlsx:2026-11"]


LAYOUTS = {
    "grid": [["", "发帖数量", "", "网站流量", ""], ["姓名", "目标", "实际", "目标", "实际"],
             ["买买提·吐尔逊", 150, 138, 40000, 35083], ["合计", None, 138, None, 35083]],
    "targets in a row": [["十月"], ["姓名", "发帖数量", "网站流量"], ["目标", 150, 40000], ["买买提·吐尔逊", 138, 35083]],
    "people across": [["考核项目", "买买提·吐尔逊"], ["发帖数量", 138], ["网站流量", 35083]],
    "by number": [["工号", "指标", "目标值（万）", "实际值"], ["XH04", "网站流量", 4, 35083], ["XH04", "发帖数量", None, "138篇"]],
    "forms under one another": [
        ["姓名", "周杰"], ["考核项目", "目标", "完成情况"], ["任务完成率", 100, 92], [], ["姓名", "买买提·吐尔逊"],
        ["考核项目", "目标", "完成情况"], ["发帖数量", 150, 138], ["网站流量", 40000, 35083], ["员工签字："]],
    "surname first": [["Name", "KPI", "Actual"], ["吐尔逊, 买买提", "发帖数量", 138]],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_usual_layout_is_read(tmp_path, kpi, star, layout):
    path = book(tmp_path / "x.xlsx", LAYOUTS[layout], merged=["B1:C1", "D1:E1"] if layout == "grid" else ())
    found = kpi("import", "xinghe", "actuals", path, "--json", expect=3 if layout == "surname first" else 0)
    if layout == "surname first":  # Chinese names have no comma: asked, not guessed
        assert [q["id"] for q in found["questions"]] == ["person:吐尔逊, 买买提"]
        return
    rows = {(row["person"], row["indicator"]): row.get("actual") for row in found["rows"]}
    assert {("xh04", "posts"): "138", ("xh04", "traffic"): "35083"}.items() <= rows.items()
    if "target" in json.dumps(found["rows"]):
        goals = {row["indicator"]: row["target"] for row in _tables(star)["goals"] if row["person"] == "xh04"}
        assert goals["traffic"] == "40000"


def test_a_merged_department_is_everybodys_and_leavers_are_left_out(tmp_path, kpi):
    kpi("new", "acme", "--template", "sells-products")
    excel = Excel()
    excel.active.title = "Roster"
    for row in [
        ["Department", "Name", "Job title"],
        ["Content", "Bo", "Network editor"],
        [None, "Cy", "Web editor"],
        ["Tech", "Di", "Tech support"],
    ]:
        excel.active.append(row)
    excel.active.merge_cells("A2:A3")
    gone = excel.create_sheet("Leavers")
    for row in [["Name", "Job title", "Left"], ["Ed", "Web editor", date(2026, 9, 1)]]:
        gone.append(row)
    excel.save(tmp_path / "r.xlsx")
    found = kpi("import", "acme", "people", tmp_path / "r.xlsx", "--json")
    assert [(row["name"], row["team"]) for row in found["rows"]] == [
        ("Bo", "Content"),
        ("Cy", "Content"),
        ("Di", "Tech"),
    ]
    assert [issue["code"] for issue in found["issues"]] == ["left-out-leaver"]


@pytest.mark.parametrize(("encoding", "mark"), [("gbk", ","), ("utf-8-sig", ";"), ("utf-16", "\t")])
def test_separated_values_in_each_usual_encoding(tmp_path, kpi, star, encoding, mark):
    rows = [
        ["十月汇总"],
        ["姓名", "考核指标", "目标值", "实际值"],
        ["买买提·吐尔逊", "网站流量", "4万", "3.5万"],
        ["合计"],
    ]
    (tmp_path / "x.csv").write_bytes("\r\n".join(mark.join(row) for row in rows).encode(encoding))
    found = kpi("import", "xinghe", "actuals", tmp_path / "x.csv", "--json")
    assert found["rows"] == [{"person": "xh04", "indicator": "traffic", "target": "40000", "actual": "35000"}]


def test_what_is_wrong_is_named_with_its_cell_and_nothing_is_written(tmp_path, kpi, star):
    before = _tables(star)
    twice = [["姓名", "指标", "实际"], ["买买提·吐尔逊", "发帖数量", 138], ["买买提·吐尔逊", "发帖数量", 139]]
    other = [["姓名", "指标", "实际"], ["买买提·吐尔逊", "打字速度", 138]]
    empty = [["说明"], ["没有表"]]
    for rows, code in ((twice, "two-values"), (other, "other-indicators"), (empty, "nothing-found")):
        found = kpi("import", "xinghe", "actuals", book(tmp_path / "x.xlsx", rows), "--json", expect=3)
        assert code in [issue["code"] for issue in found["issues"]]
        assert found["written"] == []
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 broken")
    found = kpi("import", "xinghe", "actuals", tmp_path / "x.xlsx", "--json", expect=3)
    assert found["issues"][0]["code"] == "xlsx-damaged"
    assert "no-cycle" in kpi("import", "xinghe", "actuals", tmp_path / "x.xlsx", "--cycle", "2031-01", expect=2)
    assert "unknown-import" in kpi("import", "xinghe", "poeple", tmp_path / "x.xlsx", expect=2)
    assert "answer-unasked" in kpi(
        "import", "xinghe", "people", book(tmp_path / "y.xlsx", ROSTER), "--answer", "role:网官=skip", expect=2
    )
    assert _tables(star) == before


def test_a_per_cent_cell_without_its_format_is_asked_unless_the_target_is_one_too(tmp_path, kpi, star):
    rows = [["姓名", "指标", "目标", "实际"], ["王芳（内容组）", "文章转载率", 0.12, 0.129]]
    found = kpi("import", "xinghe", "actuals", book(tmp_path / "x.xlsx", rows), "--json")
    assert found["rows"] == [{"person": "xh02", "indicator": "repost-rate", "target": "12", "actual": "12.9"}]
    assert [issue["code"] for issue in found["issues"]] == ["read-as-percent"] * 2
    rows[1][2] = 12
    found = kpi("import", "xinghe", "actuals", book(tmp_path / "y.xlsx", rows), "--json", expect=3)
    assert [q["options"] for q in found["questions"]] == [["12.9", "skip"]]


def test_a_dry_run_shows_everything_and_writes_nothing(tmp_path, kpi, star):
    before = {path: path.read_bytes() for path in star.rglob("*") if path.is_file()}
    path = book(tmp_path / "x.xlsx", LAYOUTS["people across"])
    assert kpi("import", "xinghe", "actuals", path, "--dry-run", "--json")["rows"]
    assert {path: path.read_bytes() for path in star.rglob("*") if path.is_file() and path.name != ".kpi-lock"} == {
        path: data for path, data in before.items() if path.name != ".kpi-lock"
    }
    assert load_workbook(path)  # and the client's own file is as it was
