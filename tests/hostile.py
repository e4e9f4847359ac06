"""Texts that try to be more than text, and how they get into every field of a client."""

from __future__ import annotations

import os

from conftest import altered

ATTACKS = [
    "</script><script>document.title='owned'</script>", "<img src=x onerror=\"document.title='owned'\">", "<svg onload=alert(1)>",
    "\"><iframe src='javascript:alert(1)'>", "<style>*{display:none}</style>", "{{7*7}} {% raw %} {0.__class__} ${7*7} %s",
    "<a href='javascript:alert(1)'>x</a>", "]]><!--", "&ltscript&gt", "<foreignObject><body onload=alert(1)>", "=HYPERLINK(1)",
]  # fmt: skip
if os.environ.get("KPI_EXAM"):  # the exam asks for sixty
    _TAGS = ("script", "iframe", "object", "embed", "form", "math", "link")
    _AROUND = (
        "<{}>x</{}>",
        "</title><{}>x</{}>",
        "<{} onmouseover=alert(1)>x</{}>",
        "]]></style><{}>x</{}>",
        "--><{} src=//x>x</{}>",
        "&lt;{}&gt;<{}>x",
        "<svg><{}>x</{}></svg>",
    )
    ATTACKS += [around.format(tag, tag) for tag in _TAGS for around in _AROUND]


def plant(workbook, attack: str) -> None:
    """Write a text into names, teams, notes, reasons, goals, indicators, the client's name and footer of an example."""
    folder = workbook.client_data / "home-goods"
    quoted = '"' + attack.replace('"', '""') + '"'
    toml = "'''" + attack + "'''"
    plain = attack.replace("{{", "{").replace("}}", "}").replace("${", "{").replace('"', '""')
    called = f'"何{plain}何"'  # a bare blank of a template names nobody and is refused
    people = altered((folder / "people.csv").read_text("utf-8-sig"), ("欧阳若曦", called), ("网络营销部", quoted))
    (folder / "people.csv").write_text(people, "utf-8")
    cycle = folder / "cycles/2026-10"
    (cycle / "adjustments.csv").write_text(
        f"date,person,rule,points,reason,approver\n2026-10-02,ouyang-ruoxi,suggestion,1,{quoted},{quoted}\n", "utf-8"
    )
    goals = altered((cycle / "goals.csv").read_text("utf-8-sig"), ("2026-10-31", quoted))
    goals = altered(goals, ('"网络销售业绩 600,000 元"', quoted))
    (cycle / "goals.csv").write_text(goals, "utf-8")
    design = (folder / "design.toml").read_text("utf-8")
    design = altered(
        design,
        ('{ zh = "网上成交额", en = "Online sales amount" }', toml),
        ('{ zh = "网上销售", en = "Online sales" }', toml),
    )
    (folder / "design.toml").write_text(
        altered(design, ("填报太少的得分说明不了什么", attack.replace('"', "'").replace("\\", ""))), "utf-8"
    )
    page = (folder / "client.toml").read_text("utf-8")
    page = altered(
        page,
        ('{ zh = "栖木家居网店有限公司", en = "Qimu Home Goods" }', toml),
        ('{ zh = "机密 · 仅供收件人", en = "Confidential · for the addressee only" }', toml),
    )
    (folder / "client.toml").write_text(page, "utf-8")
