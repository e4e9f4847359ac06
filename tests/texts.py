"""A client that uses everything a page can show, and the words that a page of any kind says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from kpi_toolkit.clients.client import input_hashes, load_client
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.value import LANGUAGES
from kpi_toolkit.pages.book import design_book
from kpi_toolkit.pages.report import Report
from kpi_toolkit.pages.words import Words
from kpi_toolkit.results.summary import summarize_cycle

CLIENT = """
schema = 1
name = { zh = "云端优品商贸", en = "Cloudgoods" }
languages = ["zh", "en"]
what_if = true

[goals]
brand = 1

[brand]
footer = { zh = "机密 · 仅供管理层", en = "Confidential · for the management only" }

[calendar]
payout_days = 10

[checklists.five-parts]
technology = [2, 3, 4]

[checklists.two-keys]
owner-takes-part = false
"""
DESIGN = """
schema = 1
version = 3
name = { zh = "云端考核方案", en = "Cloudgoods design" }
rationale = { zh = "按三个月的经验调整", en = "After three months" }
missing = "neutral"
item_cap = 120
team_share = 20

[tiers]
shares = [20, 70, 10]
pool = "client"
min_group = 5
pass_line = 30
tie_break = ["result", "previous", "posts"]

[[tiers.exempt]]
person = "p08"
reason = { zh = "产假返岗首月", en = "first month back" }

[fairness]
column = "site"

[raters]
self = 20
appraiser = 60
others = 20

[[adjustments.rules]]
id = "late"
name = { zh = "报表迟交", en = "Late report" }

[[mute]]
code = "no-standard"
reason = { zh = "标准另附", en = "Standards are annexed" }

[[mute]]
code = "individual-only"
reason = { zh = "按月商定", en = "Agreed month by month" }

[roles.promotion]
name = { zh = "网络推广", en = "Promotion" }
card = "network-promotion"
method = "combined"

[[roles.promotion.indicators]]
id = "posts"
name = { zh = "发帖数量", en = "Posts" }
class = "workload"
weight = 33.3
unit = { zh = "篇", en = "posts" }
target = 70
source = { zh = "推广日报", en = "Promotion daily report" }
serves_goal = "brand"
curve = "count"

[[roles.promotion.indicators]]
id = "traffic"
name = { zh = "网站流量", en = "Site traffic" }
class = "reach"
weight = 66.7
unit = { zh = "次", en = "visits" }
target = 12345.5
source = { zh = "网站统计", en = "Web analytics" }
serves_goal = "brand"

[[roles.promotion.indicators]]
id = "honest"
name = { zh = "数据真实", en = "True figures" }
class = "quality"
weight = 0
target = 95
unit = "%"
source = { zh = "抽查", en = "Spot checks" }
serves_goal = "brand"
curve = { kind = "gate", at = 95, scope = "tier" }

[roles.editing]
name = { zh = "网络编辑", en = "Editing" }
method = "combined"

[[roles.editing.indicators]]
id = "articles"
name = { zh = "原创文章", en = "Articles" }
class = "workload"
weight = 60
target = 40
unit = { zh = "篇", en = "articles" }
source = { zh = "后台", en = "CMS" }
serves_goal = "brand"

[[roles.editing.indicators]]
id = "teamwork"
name = { zh = "协作", en = "Teamwork" }
class = "management"
weight = 40
basis = "raters"
curve = "banded"
serves_goal = "brand"
"""
NAMES = (
    "张伟",
    "张伟",
    "李㛃",
    "Sarah Jones",
    "Sarah Jones",
    "阿卜杜热合曼·买买提艾力",
    "王建国",
    "赵敏",
    "周浩",
    "古丽扎尔",
)
TEAMS = ("推广一组", "推广二组", "推广一组", "内容组", "内容组", "内容组", "推广二组", "内容组", "推广一组", "内容组")


def stress_client(root: Path, name: str = "stress", *, cycles: tuple[str, ...] = ("2026-09", "2026-10")) -> Workbook:
    """Lay out a client with namesakes, raters, a veto, team scores, decisions and values that did not come."""
    folder = root / "client_data" / name
    people = ["id,name,role,team,manager,site"]
    for number, (person, team) in enumerate(zip(NAMES, TEAMS, strict=True), start=1):
        role = "editing" if team == "内容组" else "promotion"
        manager = "" if number == 1 else "p01"
        people.append(f"p{number:02d},{person},{role},{team},{manager},{'上海' if number % 2 else '成都'}")
    files = {"client.toml": CLIENT, "design.toml": DESIGN, "people.csv": "\n".join(people) + "\n"}
    for place, cycle in enumerate(cycles):
        files |= {f"cycles/{cycle}/{table}": text for table, text in _cycle(cycle, place).items()}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.lstrip(), "utf-8")
    return Workbook(root)


def _cycle(cycle: str, place: int) -> dict[str, str]:
    rows = ["person,indicator,actual,self,appraiser,others,note"]
    for number, team in enumerate(TEAMS, start=1):
        person, own = f"p{number:02d}", number not in {3, 6, 9}  # three self-appraisals did not come
        said = f"{96 + number % 3}" if own else ""
        if team == "内容组":
            actual = "" if number == 8 else f"{22 + 4 * number - place}"
            rows.append(f"{person},articles,{actual},{said},{88 + number},,")
            rows.append(f"{person},teamwork,,{said},{84 + number},{80 + number},")
        else:
            rows.append(f"{person},posts,{41 + 3 * number + place},{said},97,,")
            rows.append(f"{person},traffic,{9000 + 313 * number},{said},{96 if own else 91},,")
            rows.append(f"{person},honest,{93 if number == 7 else 97},,,,")
    tables = {"actuals.csv": "\n".join(rows) + "\n"}
    if place:
        tables["adjustments.csv"] = (
            f"date,person,rule,points,reason,approver\n{cycle}-12,p02,late,-1,周报晚交一天,p01\n"
            f"{cycle}-13,p04,late,-1,周报晚交一天,p01\n"
        )
    return tables


def pages_of(workbook: Workbook, name: str, cycle: str = "2026-10") -> Iterator[tuple[str, Report]]:
    """Go through a client's reports in both languages: the team's, those of up to fourteen people, the design book."""
    client = load_client(workbook.client_folder(name))
    summary, book = summarize_cycle(client, cycle), design_book(workbook, client, cycle)
    trail = {"toolkit": "0", **input_hashes(client, cycle)}

    def opened(kind: str, words: Words, subject: Any, person: Any = None) -> Report:
        return Report(kind, subject, words, workbook, client, "", trail, person)

    for language in LANGUAGES:
        words = Words(language, workbook)
        yield f"team.{language}", opened("team", words, summary)
        yield f"design.{language}", opened("design", words, book)
        for line in summary.people[:14]:
            yield f"{line.id}.{language}", opened("person", words, summary, line)


def said(piece: Any) -> str:
    """Return what a reader meets in a piece of a section: its text and the labels of its pictures, or a chart's texts."""
    if isinstance(piece, dict):
        return " ".join(_chart_texts(piece))
    soup = BeautifulSoup(str(piece), "html.parser")
    labels = [tag["aria-label"] for tag in soup.find_all(attrs={"aria-label": True})]
    for script in soup.find_all(["script", "style"]):
        script.decompose()
    return soup.get_text(" ", strip=True) + " " + " ".join(labels)


def html_of(report: Report, section: str) -> BeautifulSoup:
    """Return a section without its charts."""
    return without_charts(report.section(section).pieces)


def without_charts(pieces: Iterable[Any]) -> BeautifulSoup:
    """Return the text of a section's pieces."""
    return BeautifulSoup("".join(piece for piece in pieces if isinstance(piece, str)), "html.parser")


_SHOWN = {"name", "role", "item", "label", "letter", "gap", "cycle", "adjustment", "text"}


def _chart_texts(chart: dict[str, Any]) -> Iterator[str]:
    """Go through the alternative text of a chart and what its records have to be written."""
    yield chart.get("description", "")
    yield from (value for row in _records(chart) for key, value in row.items() if key in _SHOWN)


def _records(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        for rows in (*part.get("datasets", {}).values(), part.get("values", ())):
            yield from rows
        for value in part.values():
            yield from _records(value)
    elif isinstance(part, list | tuple):
        for entry in part:
            yield from _records(entry)


HAN = re.compile(r"[\u4e00-\u9fff]")


def plain_client(
    root: Path, actuals: Sequence[str], *, selves: Sequence[str] = (), design: str = "", name: str = "plain"
) -> Workbook:
    """Lay out a client with one role of two indicators; ``actuals`` are of both, one entry a person, blank for none."""
    items = "".join(
        f'[[roles.ed.indicators]]\nid = "{item}"\nname = {{ zh = "{zh}", en = "{en}" }}\nclass = "workload"\n'
        f'weight = {weight}\ntarget = 100\nunit = "%"\nsource = "log"\nserves_goal = "brand"\n'
        for item, zh, en, weight in (("a", "文章", "Articles", 60), ("b", "专题", "Features", 40))
    )
    head = 'schema = 1\nversion = 1\nname = { zh = "方案", en = "Design" }\nmissing = "leave_out"\n'
    role = '[roles.ed]\nname = { zh = "编辑", en = "Editor" }\nmethod = "workload"\n'
    people = ["id,name,role,team,manager"] + [
        f"p{n:02d},Person {n},ed,,{'p01' if n > 1 else ''}" for n in range(1, len(actuals) + 1)
    ]
    rows = ["person,indicator,actual,self,appraiser,note"]
    for n, actual in enumerate(actuals, start=1):
        view = selves[n - 1] if selves else ""
        rows += [f"p{n:02d},{item},{actual},{view},{'90' if selves else ''}," for item in ("a", "b")]
    folder = root / "client_data" / name
    files = {
        "client.toml": 'schema = 1\nname = { zh = "甲", en = "Plain" }\n[goals]\nbrand = 1\n',
        "design.toml": head + design + role + items,
        "people.csv": "\n".join(people) + "\n",
        "cycles/2026-10/actuals.csv": "\n".join(rows) + "\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return Workbook(root)


def walk(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Go through a node of a form and all below it with their keys; ``*`` is any entry."""
    yield path, node
    below = [("*", node["item"])] if "item" in node else [(field["key"], field) for field in node.get("fields", ())]
    below += [(field["key"], field) for fields in node.get("kinds", {}).values() for field in fields]
    for key, child in below:
        yield from walk(child, (*path, key))
