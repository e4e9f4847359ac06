"""Make the three example clients' people and cycles. Everything is made up; the seed makes it the same every time.

Run ``python client_data/make_examples.py`` in a checkout; it writes into ``client_data/``. The designs and client pages are
written by hand and stay as they are. It is not part of the wheel.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from kpi_toolkit.clients.library import curves_by_name
from kpi_toolkit.clients.reading import read_toml
from kpi_toolkit.clients.workbook import EXAMPLES, Workbook
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.scoring import score_people
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.method.tiers import assign_tiers
from kpi_toolkit.results.closing import close

HERE = Path(__file__).parent
CYCLES = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")
Row = dict[str, str]


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    role: str
    team: str
    manager: str = ""
    skill: float = 0.94
    joined: str = "2023-03-01"


HOME_GOODS = (
    Person("wang-lin", "王琳", "operation-manager", "网络营销部", "", 0.97, "2021-04-12"),
    Person("chen-yutong", "陈雨桐", "network-editor", "网络营销部", "wang-lin", 0.95, "2022-09-01"),
    Person("liu-kai", "刘凯", "network-promotion", "网络营销部", "wang-lin", 0.99, "2022-03-15"),
    Person("zhao-min", "赵敏", "network-promotion", "网络营销部", "wang-lin", 0.86, "2024-06-03"),
    Person("sun-jiaqi", "孙佳琪", "web-art", "网络营销部", "wang-lin", 0.93, "2023-05-08"),
    Person("zhou-hao", "周浩", "technical-support", "网络营销部", "wang-lin", 0.94, "2023-11-20"),
    Person("wu-mengyao", "吴梦瑶", "online-sales", "网络营销部", "wang-lin", 0.91, "2022-07-18"),
    Person("ouyang-ruoxi", "欧阳若曦", "online-sales", "网络营销部", "wang-lin", 0.70, "2026-02-24"),
)

CLOUDBOARD = (
    Person("a-novak", "Anna Novak", "operation-manager", "Growth", "", 1.02, "2020-08-17"),
    Person("d-okafor", "Daniel Okafor", "network-promotion", "Growth", "a-novak", 1.03, "2021-05-03"),
    Person("m-schoenfeldt", "Maximiliane Schönfeldt-Oberländer", "network-promotion", "Growth", "a-novak", 0.93, "2023-01-09"),
    Person("l-tanaka", "Leo Tanaka", "network-promotion", "Growth", "a-novak", 0.88, "2024-10-01"),
    Person("r-silva", "Rita Silva", "network-editor", "Content", "a-novak", 1.00, "2021-11-15"),
    Person("j-mercer", "James Mercer", "network-editor", "Content", "r-silva", 0.90, "2024-02-05"),
    Person("e-rossi", "Elena Rossi", "network-editor", "Content", "r-silva", 0.95, "2022-06-20"),
    Person("p-lindqvist", "Per Lindqvist", "web-art", "Content", "r-silva", 0.97, "2022-02-14"),
    Person("k-adeyemi", "Kemi Adeyemi", "web-art", "Content", "r-silva", 0.92, "2025-03-03"),
    Person("t-brandt", "Tomas Brandt", "web-development", "Product", "a-novak", 1.01, "2020-09-01"),
    Person("s-haddad", "Samir Haddad", "web-development", "Product", "t-brandt", 0.89, "2025-01-13"),
    Person("y-kim", "Yuna Kim", "web-development", "Product", "t-brandt", 0.96, "2023-07-24"),
    Person("o-byrne", "Orla Byrne", "technical-support", "Product", "t-brandt", 0.95, "2022-10-10"),
    Person("v-petrov", "Viktor Petrov", "technical-support", "Product", "t-brandt", 0.72, "2025-09-01"),
)  # fmt: skip

_LUMEN_TEAMS = (
    ("品牌管理 Brand", "operation-manager", 1), ("内容 Content", "network-editor", 11), ("设计 Design", "web-art", 8),
    ("推广 Promotion", "network-promotion", 10), ("短视频 Video", "short-video", 6),
    ("网站 Site", "web-development", 4), ("网站 Site", "customer-service", 5),
)  # fmt: skip
_LUMEN_NAMES = (
    "沈知微", "林一诺", "何思远", "唐小棠", "韩默", "许清如", "冯子墨", "邓佳宁", "曹书瑶", "彭程", "曾可欣", "萧然",
    "田雨禾", "董若楠", "袁艺", "潘多", "蒋明轩", "蔡依凡", "余笙", "杜若", "叶知秋", "程橙", "苏木", "魏来",
    "吕思齐", "丁一", "任可", "姚瑶", "卢卡斯·费尔南德斯·达席尔瓦", "钟意", "姜黎", "崔鹤", "谭笑", "廖星辰",
    "范范", "汪洋", "陆离", "金子轩", "石榴", "戴维·奥康纳", "贾宝怡", "韦东奕霖", "夏至", "傅司宁", "欧阳娜塔莉亚",
)  # fmt: skip


def lumen_people(random: Random) -> tuple[Person, ...]:
    """Return the 45 people of the brand agency's client."""
    posts = [(team, role) for team, role, count in _LUMEN_TEAMS for _ in range(count)]
    first = {team: f"p{number:02d}" for number, (team, _) in reversed(list(enumerate(posts, start=1)))}
    return tuple(
        Person(
            f"p{number:02d}", name, role, team,
            "" if number == 1 else ("p01" if first[team] == f"p{number:02d}" else first[team]),
            0.70 + 0.26 * random.random(), f"202{1 + number % 5}-{1 + number % 12:02d}-01",
        )
        for number, (name, (team, role)) in enumerate(zip(_LUMEN_NAMES, posts, strict=True), start=1)
    )  # fmt: skip


def noise(random: Random, width: float) -> float:
    """Return a number around 0, bell-shaped, no further out than three widths."""
    return width * sum(random.random() - 0.5 for _ in range(6)) * 1.4


def actual_for(indicator: Indicator, target: Decimal, reached: float) -> Decimal:
    """Return an actual that reaches about this share of the target, in the digits that people write down."""
    if indicator.id == "safe-running":
        return Decimal(100 - max(0.0, 1 - reached) * 2.6).quantize(Decimal("0.01"), ROUND_HALF_UP)
    wanted = float(target) * reached if indicator.direction is Direction.HIGHER else float(target) / max(reached, 0.2)
    if indicator.unit.en == "%":
        wanted = min(wanted, 100.0)
    fine = not indicator.curve.whole and target < 200
    return Decimal(max(wanted, 0.0)).quantize(Decimal("0.1") if fine else Decimal(1), ROUND_HALF_UP)


def cycle_rows(random: Random, design: Design, people: tuple[Person, ...], month: int, missing: float) -> list[Row]:
    """Return the rows of one month's ``actuals.csv``."""
    rows = []
    for person in people:
        form = noise(random, 0.04) + 0.008 * (month - 5) - (0.07 if design.item_cap > 100 else 0.03)
        for indicator in design.roles[person.role].indicators:
            assert indicator.target is not None
            reached = person.skill + form + noise(random, 0.10)
            actual = actual_for(indicator, indicator.target, reached)
            percent = min(reached, 1.15) * 100
            gone = missing and random.random() < missing
            rows.append({
                "person": person.id, "indicator": indicator.id, "actual": "" if gone else str(actual),
                "self": str(round(min(percent + 3 + noise(random, 6), 120))),
                "appraiser": "" if gone else str(round(min(percent + noise(random, 3), 120))),
                "note": "数据未返回 not returned" if gone else "",
            })  # fmt: skip
    return rows


def goal_rows(random: Random, design: Design, people: tuple[Person, ...], cycle: Cycle) -> list[Row]:
    """Return the rows of ``goals.csv``: this month's words and deadline, some targets moved a little."""
    rows = []
    for person in people:
        for indicator in design.roles[person.role].indicators:
            assert indicator.target is not None
            moved = random.random() < 0.12 and indicator.target >= 20 and indicator.unit.en != "%"
            target = str((indicator.target * Decimal("1.05")).quantize(Decimal(1))) if moved else ""
            rows.append({
                "person": person.id, "indicator": indicator.id, "target": target, "text": "",
                "deadline": cycle.last_day.isoformat(),
            })  # fmt: skip
    return rows


ROLE_WORDS = {
    "operation-manager": ("每周一开例会看数，周三逐人跟进", "让销售预测更准", "旺季缺货", "提前一周与供应商锁定库存", "network-sales"),
    "network-editor": ("每天 7 篇，已培训内容后台", "减少返工，提高收录", "产品资料来得晚", "每周五收齐下周资料", "network-service"),
    "network-promotion": ("每天上午发布、下午回复，用排名监测表", "找到转化高的渠道", "平台改规则删帖", "每个平台备两个账号", "network-service"),
    "web-art": ("按设计任务单排期，两稿内定稿", "统一店铺视觉", "需求临时变更", "变更须经经理签字", "network-service"),
    "technical-support": ("监控报警十分钟内响应，每周巡检", "减少故障时间", "大促流量冲高", "提前扩容并演练", "network-service"),
    "online-sales": ("每天回访 20 位意向客户，用客户系统提醒", "提高复购", "客服临时缺人", "与编辑岗位交叉顶班", "network-sales"),
}  # fmt: skip


def stated_goals(rows: list[Row], design: Design, people: tuple[Person, ...], cycle: Cycle) -> list[Row]:
    """Return goals in words: what, how well, how, under which goal of the cascade; with the nine points of an assignment."""
    eve = cycle.first_day - timedelta(days=1)
    role = {person.id: person.role for person in people}
    stated = []
    for row in rows:
        item = next(item for item in design.roles[role[row["person"]]].indicators if item.id == row["indicator"])
        approach, improves, risks, answers, parent = ROLE_WORDS[role[row["person"]]]
        bound = "不超过 " if item.direction is Direction.LOWER else ""
        standard = item.standard.pick("zh") if item.standard else ""
        amount = f"{Decimal(row['target'] or item.target):,} {item.unit.pick('zh')}"
        stated.append(row | {
            "text": f"{item.name.pick('zh')} {bound}{amount}",
            "quantity": amount, "quality": standard, "standard": f"月底由直接上级按{item.source.pick('zh') if item.source else '台账'}核对",
            "deliverable": item.source.pick("zh") if item.source else "", "approach": approach, "parent": parent,
            "improves": improves, "risks": risks, "answers": answers, "area": "网络营销部", "reward": "按得分计入当月考核",
            "importance": "关系到本月网络销售目标", "benefit": "结果计入晋升与培训安排", "starts": cycle.first_day.isoformat(),
            "made": eve.isoformat(), "assigned": eve.isoformat(), "confirmed": eve.isoformat(),
        })  # fmt: skip
    return stated


def cascade_rows(cycle: Cycle) -> list[Row]:
    """Return the goals above people: the company's, split to departments."""
    made = (cycle.first_day - timedelta(days=3)).isoformat()
    goals = (
        ("company-sales", "company", "", "公司月销售额 100 万元", "总经理", "1000000", "", "元"),
        ("network-sales", "department", "company-sales", "网络渠道销售额", "王琳", "", "60", "元"),
        ("store-sales", "department", "company-sales", "门店销售额", "门店部", "", "40", "元"),
        ("store-teams", "post", "store-sales", "各门店销售额", "各店长", "", "100", "元"),
        ("company-reach", "company", "", "让更多顾客从网络找到我们", "总经理", "", "", ""),
        ("network-service", "department", "company-reach", "内容、推广、页面与运行保障", "王琳", "", "", ""),
    )
    names = ("id", "level", "parent", "name", "owner", "value", "share", "unit")
    return [dict(zip(names, goal, strict=True)) | {"made": made} for goal in goals]


def step_rows(people: tuple[Person, ...], cycle: Cycle) -> list[Row]:
    """Return the five steps in which everybody's goals were set, on the last three days of the month before."""
    days = {"explain": 3, "ask": 3, "fill": 2, "check": 1, "confirm": 1}
    return [
        {"person": person.id, "step": step, "date": (cycle.first_day - timedelta(days=before)).isoformat()}
        for person in people
        for step, before in days.items()
    ]


def adjustment_rows(random: Random, people: tuple[Person, ...], cycle: Cycle, reasons: dict[str, str]) -> list[Row]:
    """Return the rows of ``adjustments.csv``: now and then a late report, a suggestion, a customer brought in."""
    points = {"late-report": "-1", "suggestion": "2", "voluntary-contribution": "3"}
    rows = []
    for person in people:
        for rule, chance in (("late-report", 0.10), ("suggestion", 0.07), ("voluntary-contribution", 0.03)):
            if random.random() < chance:
                day = cycle.first_day.replace(day=1 + int(random.random() * 27))
                rows.append({
                    "date": day.isoformat(), "person": person.id, "rule": rule, "points": points[rule],
                    "reason": reasons[rule], "approver": person.manager or APPROVER[people[0].id],
                })  # fmt: skip
    return sorted(rows, key=lambda row: row["date"])


def tie_at_top_cut(design: Design, people: tuple[Person, ...], rows: list[Row], goals: list[Row]) -> None:
    """Give someone below the top cut the very month of the colleague of the same post who stands last above it."""
    no_adjustments: list[Row] = []
    tables = Tables.of(
        people=[as_row(person) for person in people], goals=goals, actuals=rows, adjustments=no_adjustments
    )
    tiers = assign_tiers(score_people(design, tables), design.tiers)
    ranked = tiers.table.dropna(subset="rank").sort_values("rank", kind="stable")["person"].tolist()
    role = {person.id: person.role for person in people}
    cut = tiers.pools[0].quotas.top
    above = ranked[cut - 1]
    below = next(person for person in ranked[cut:] if role[person] == role[above])
    source = {row["indicator"]: row for row in rows if row["person"] == above}
    targets = {row["indicator"]: row["target"] for row in goals if row["person"] == above}
    for row in rows:
        if row["person"] == below:
            row |= {"actual": source[row["indicator"]]["actual"], "note": source[row["indicator"]]["note"]}
    for row in goals:
        if row["person"] == below:
            row["target"] = targets[row["indicator"]]


def calibration_row(
    design: Design, people: tuple[Person, ...], rows: list[Row], goals: list[Row], adjustments: list[Row], cycle: Cycle
) -> Row:
    """Return one decision of a calibration meeting: the best of the bottom tier is moved to the middle, with a reason."""
    tables = Tables.of(people=[as_row(p) for p in people], goals=goals, actuals=rows, adjustments=adjustments)
    tiers = assign_tiers(score_people(design, tables), design.tiers).table
    person = tiers[tiers["tier"] == "bottom"].sort_values("rank")["person"].iloc[0]
    return {
        "date": (cycle.last_day + timedelta(days=5)).isoformat(), "person": person, "from_tier": "bottom", "to_tier": "middle",
        "reason": "连续两周替同事顶岗 Covered a colleague's post for two weeks", "approver": people[0].id,
    }  # fmt: skip


def as_row(person: Person) -> Row:
    """Return a person as a line of ``people.csv``."""
    return {
        "id": person.id, "name": person.name, "role": person.role, "team": person.team,
        "manager": person.manager, "joined": person.joined,
    }  # fmt: skip


def csv_text(rows: list[Row], header: list[str]) -> str:
    """Return rows as CSV with a byte-order mark, as Excel on a Chinese Windows wants it."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + stream.getvalue()


SITES = {True: "成都 Chengdu", False: "上海 Shanghai"}
APPROVER = {"wang-lin": "总经理", "a-novak": "CEO", "p01": "总经理 GM"}
REASONS = {
    "home-goods": {"late-report": "周报晚交一天", "suggestion": "商品页改版建议被采纳", "voluntary-contribution": "介绍一位团购客户"},
    "cloudboard": {
        "late-report": "Weekly report one day late", "suggestion": "Onboarding idea taken up",
        "voluntary-contribution": "Brought in a pilot customer",
    },
    "lumen-brand": {
        "late-report": "周报晚交 Weekly report late", "suggestion": "选题建议被采纳 Topic idea taken up",
        "voluntary-contribution": "引荐合作媒体 Introduced a media partner",
    },
}  # fmt: skip

MEASURES = {  # what was agreed about September; October shows what came of it
    "home-goods": (
        ("zhou-hao", "safe-running", "corrective", "两次停机都在夜里，早上才发现", "process", "装监控报警，夜间两人轮值",
         "王琳批准轮值补休", "周浩", "2026-10-20", "", "10月不再有超过十分钟的停机", "2026-10-18"),
        ("zhao-min", "traffic", "corrective", "两个渠道有流量没有询盘", "person", "每周看一次渠道数据，停掉没有询盘的渠道",
         "刘凯每周三一起看", "赵敏", "2026-10-31", "", "网站流量达到目标的九成", ""),
        ("ouyang-ruoxi", "order-amount", "corrective", "报价后不跟进，客户转向别家", "person", "报价后三天内回访一次，记下原因",
         "王琳每周五听两通录音", "欧阳若曦", "2026-10-25", "", "每个报价都有回访记录", ""),
        ("ouyang-ruoxi", "", "training", "说不出产品的不同", "person", "和吴梦瑶做四次成交话术演练",
         "排在上班时间", "王琳", "2026-10-15", "during", "两人各录一段，当面点评", "2026-10-14"),
    ),
    "cloudboard": (
        ("v-petrov", "ticket-backlog", "corrective", "Tickets wait for an answer from development", "process",
         "A fixed hour with development every day", "Tomas keeps 16:00 free", "Viktor Petrov", "2026-10-16", "",
         "No ticket older than two days", "2026-10-15"),
        ("l-tanaka", "", "training", "Keywords are chosen by feel", "person", "Two afternoons of keyword research with Daniel",
         "Paid working time", "Anna Novak", "2026-10-30", "during", "Three keywords chosen from figures", ""),
    ),
}  # fmt: skip
PROMPTS = ("expects", "duties", "view", "policy")
TALKS = {  # the talks about September: what both sides said to the four prompts
    "home-goods": {
        "wang-lin": ("年底前带出一名后备", "目标清楚，人手偏紧", "希望早一周知道促销计划", "四季度提成办法不变"),
        "zhou-hao": ("先把夜里的停机解决", "我负责的是不出事，不是出事快修", "报警要能直接打到手机", "轮值有补休"),
        "zhao-min": ("流量不求多，求有询盘", "发帖占了一半时间", "想有一个人一起看数据", "本月奖金按新办法"),
        "ouyang-ruoxi": ("报价之后要有下文", "我以为报完价客户会回来", "请给我听听别人怎么谈", "两个月后再看一次结果"),
        "liu-kai": ("把方法教给赵敏", "愿意，每周半天", "希望算进考核", "计入推广组的目标"),
    },
    "cloudboard": {
        "v-petrov": ("Fewer tickets that grow old", "I answer; others decide", "Development should answer daily", "No change in pay"),
        "d-okafor": ("Keep the pace, show Leo how", "Clear", "Earlier word of releases", "The bonus rule stays"),
    },
}  # fmt: skip


def after_the_talk(folder: str, people: tuple[Person, ...], cycle: Cycle) -> dict[str, str]:
    """Return the tables of what was said and agreed about a month."""
    measured = [
        "person",
        "indicator",
        "kind",
        "problem",
        "cause",
        "measure",
        "support",
        "owner",
        "deadline",
        "moment",
        "check",
        "done",
    ]
    agreed = [dict(zip(measured, row, strict=True)) for row in MEASURES.get(folder, ())]
    heads, day = {person.id: person.manager for person in people}, (cycle.last_day + timedelta(days=8)).isoformat()
    said = [
        {"person": person, "checklist": "talk-prompts", "line": line, "answer": answer,
         "by": heads[person] or APPROVER[person], "date": day}
        for person, answers in TALKS.get(folder, {}).items() for line, answer in zip(PROMPTS, answers, strict=True)
    ]  # fmt: skip
    return {name: csv_text(rows, list(rows[0])) for name, rows in (("measures", agreed), ("answers", said)) if rows}


def make(folder: str, people: tuple[Person, ...], random: Random, *, missing: float, tie: bool) -> dict[Path, str]:
    """Return every file of one example client that is made by chance, by its path."""
    client = HERE / folder
    curves = curves_by_name(Workbook(HERE.parent))
    design, issues = read_toml(client / "design.toml", Design, "design.toml", curves=curves)
    if design is None or issues:
        sys.exit(f"{folder}: {issues}")
    table = [as_row(person) for person in people]
    if design.fairness.column:  # an extra column: groups are compared only where a client asks for it
        table = [row | {design.fairness.column: SITES[place % 3 == 0]} for place, row in enumerate(table)]
    files = {client / "people.csv": csv_text(table, list(table[0]))}
    for month, name in enumerate(CYCLES):
        cycle = Cycle.parse(name)
        goals = goal_rows(random, design, people, cycle)
        rows = cycle_rows(random, design, people, month, missing)
        adjustments = adjustment_rows(random, people, cycle, REASONS[folder])
        if tie and name == CYCLES[-1]:
            tie_at_top_cut(design, people, rows, goals)
            adjustments = [row for row in adjustments if row["points"].startswith("-")][:4]
            moved = calibration_row(design, people, rows, goals, adjustments, cycle)
            files[client / "cycles" / name / "calibration.csv"] = csv_text([moved], list(moved))
        into = client / "cycles" / name
        columns = ["person", "indicator", "target", "text", "deadline"]
        if folder == "home-goods" and name == CYCLES[-1]:  # goals in words, from the company's down
            goals = stated_goals(goals, design, people, cycle)
            columns = [*columns, *(key for key in goals[0] if key not in columns)]
            for table_name, table_rows in (("cascade", cascade_rows(cycle)), ("steps", step_rows(people, cycle))):
                files[into / f"{table_name}.csv"] = csv_text(table_rows, list(table_rows[0]))
        if name == CYCLES[-2]:
            files |= {into / f"{kind}.csv": text for kind, text in after_the_talk(folder, people, cycle).items()}
        files[into / "goals.csv"] = csv_text(goals, columns)
        files[into / "actuals.csv"] = csv_text(rows, ["person", "indicator", "actual", "self", "appraiser", "note"])
        files[into / "adjustments.csv"] = csv_text(
            adjustments, ["date", "person", "rule", "points", "reason", "approver"]
        )
    return files


def held(files: dict[Path, str]) -> dict[Path, str]:
    """Return what closing five months and showing the sixth for the talks adds to the example clients."""
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        for client in EXAMPLES:
            for name in ("client.toml", "design.toml", "logo.svg"):
                files_of = root / "client_data" / client / name
                files_of.parent.mkdir(parents=True, exist_ok=True)
                files_of.write_bytes((HERE / client / name).read_bytes())
        for path, text in files.items():
            target = root / "client_data" / path.relative_to(HERE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        for client in EXAMPLES:
            for name in CYCLES:
                at = Cycle.parse(name).last_day + timedelta(days=6)
                os.environ["KPI_NOW"] = f"{at.isoformat()}T09:00:00Z"
                close(root / "client_data" / client, name, by="Fiona Hart", for_talk=name == CYCLES[-1])
        del os.environ["KPI_NOW"]
        there = [path for path in sorted(root.rglob("cycles/*/**/*")) if path.is_file()]
        return {HERE / path.relative_to(root / "client_data"): path.read_bytes().decode() for path in there}


def everything() -> dict[Path, str]:
    """Return every generated file of the three example clients."""
    files = drawn()
    return files | held(files)


def drawn() -> dict[Path, str]:
    """Return the people and months that chance makes."""
    random = Random(20261121)
    return {
        **make("home-goods", HOME_GOODS, random, missing=0, tie=False),
        **make("cloudboard", CLOUDBOARD, random, missing=0.01, tie=False),
        **make("lumen-brand", lumen_people(random), random, missing=0.03, tie=True),
    }


if __name__ == "__main__":
    for path, text in everything().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
