"""Clients that no layout was drawn for: few and many people, many indicators, long names, odd logos, nothing to show."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from kpi_toolkit.clients.workbook import Workbook

WIDE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2400 90" width="2400" height="90"><rect width="2400" height="90" fill="#c9a36a"/><path d="M40 20h2320v50h-2320z" fill="#fff"/></svg>'
TALL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 900" width="60" height="900"><rect width="60" height="900" fill="#c9a36a"/><circle cx="30" cy="450" r="25" fill="#17324d"/></svg>'
NAMES = {
    "zh": ("阿卜杜热合曼·买买提艾力·吐尔逊江", "欧阳若曦", "王琳", "卢卡斯·费尔南德斯·达席尔瓦", "李明", "司马相如", "古丽米热·阿不都克里木", "赵敏"),
    "en": ("Maximiliane Alexandra Schoenfeldt-Wolfenstein", "Li Na", "Oluwaseun Adebayo-Williams", "Ana Ruiz", "Bartholomew Featherstonehaugh", "Jo Ek", "Venkatanarasimharajuvaripeta Rao", "Mary Jane O'Callaghan"),
}  # fmt: skip
ITEMS = {
    "zh": ("原创长文与短文按约定平台发布的完成数量", "网站全年可用时间占比及故障恢复时长", "新客户咨询的首次响应及时率", "社交平台有效互动与留言回复数量"),
    "en": ("Original long-form and short posts published on agreed platforms", "Site availability and time to recovery over the month", "First response to enquiries of new customers in time", "Replies to comments and messages on social platforms"),
}  # fmt: skip


@dataclass(frozen=True)
class Stress:
    """One odd client: how many people and indicators, its logo, and how its scores lie (spread, equal, none)."""

    name: str
    people: int = 12
    indicators: int = 3
    logo: str = ""
    scores: str = "spread"
    plain: bool = False
    """Short names, so that only what is odd about this client is odd."""


STRESS = (
    Stress("few", people=3),
    Stress("many", people=80, indicators=14),
    Stress("eight", people=9, indicators=8),
    Stress("twenty-indicators", people=6, indicators=20),
    Stress("crowd", people=200, plain=True),
    Stress("wide-logo", logo=WIDE),
    Stress("tall-logo", logo=TALL, plain=True),
    Stress("equal", people=20, scores="equal"),
    Stress("no-data", people=6, scores="none"),
)


def stress_workbook(root: Path, *kinds: Stress) -> Workbook:
    """Lay out odd clients, each in both languages, with one cycle ``2026-10``; always the same."""
    for kind in kinds or STRESS:
        _lay_out(root / "client_data" / kind.name, kind)
    return Workbook(root)


def _lay_out(folder: Path, kind: Stress) -> None:
    chance = random.Random(kind.name)
    cycle = folder / "cycles" / "2026-10"
    cycle.mkdir(parents=True)
    if kind.logo:
        (folder / "logo.svg").write_text(kind.logo, "utf-8")
    logo = 'logo = "logo.svg"\n' if kind.logo else ""
    (folder / "client.toml").write_text(
        f'schema = 1\nname = {{ zh = "远山网络科技", en = "Far Hills Online" }}\nlanguages = ["zh", "en"]\nsize = "medium"\n'
        f'city_tier = "other"\n[goals]\nplatform = 1\n[brand]\n{logo}primary = "#17324d"\naccent = "#0072b2"\n', "utf-8",
    )  # fmt: skip
    (folder / "design.toml").write_text(_design(kind), "utf-8")
    names = [_name(kind, number) for number in range(kind.people)]
    rows = [f"p{number:03d},{name},clerk,一组" for number, name in enumerate(names)]
    (folder / "people.csv").write_text("\n".join(["id,name,role,team", *rows]) + "\n", "utf-8")
    actuals = ["person,indicator,actual,self,appraiser"]
    for number in range(kind.people if kind.scores != "none" else 0):
        for item in range(kind.indicators):
            score = 88 if kind.scores == "equal" else min(100, max(40, round(chance.gauss(86, 8))))
            actuals.append(f"p{number:03d},i{item:02d},{score},{min(100, score + number % 9)},{score}")
    (cycle / "actuals.csv").write_text("\n".join(actuals) + "\n", "utf-8")


def _name(kind: Stress, number: int) -> str:
    language = "zh" if number % 2 else "en"
    name = ("陈一", "Ann Lee")[number % 2] if kind.plain else NAMES[language][number // 2 % len(NAMES[language])]
    return f"{name} {number}" if kind.people > 2 * len(NAMES["zh"]) or kind.plain else name


def _design(kind: Stress) -> str:
    count = kind.indicators
    weights = [100 // count] * (count - 1)
    lines = [
        'schema = 1\nversion = 1\nrationale = { zh = "试算", en = "Trial" }\nagreed = 2026-09-01\n[tiers]\nshares = [20, 70, 10]\n[roles.clerk]\n'
        'name = { zh = "网络推广专员", en = "Network promotion officer" }\nmethod = "combined"'
    ]
    for item, weight in enumerate([*weights, 100 - sum(weights)]):
        zh, en = ("产量", "Output") if kind.plain else (ITEMS["zh"][item % 4], ITEMS["en"][item % 4])
        text = json.dumps
        lines.append(
            f'[[roles.clerk.indicators]]\nid = "i{item:02d}"\nname = {{ zh = {text(f"{zh} {item + 1}", ensure_ascii=False)}, en = {text(f"{en} {item + 1}")} }}\n'
            f'class = "{("workload", "quality", "result")[item % 3]}"\nunit = {{ zh = "次", en = "times" }}\nweight = {weight}\ntarget = 100\nserves_goal = "platform"\nsource = {{ zh = "月报", en = "Monthly report" }}\n'
            'standard = { zh = "按约定数量和质量完成", en = "Done in the agreed number and quality" }'
        )
    return "\n".join(lines) + "\n"
