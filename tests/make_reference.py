"""Write ``docs/reference.md`` and ``docs/reference.zh-CN.md`` from the code: ``make reference``. A test compares them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from kpi_toolkit.clients.workbook import Workbook, shipped_checks
from kpi_toolkit.commands.group import cli
from kpi_toolkit.commands.speech import speak
from kpi_toolkit.method.rows import ROW_TYPES

ROOT = Path(__file__).resolve().parent.parent
SAID = {
    "en": {
        "title": "Reference", "contents": "Contents", "commands": "Commands", "codes": "Exit codes", "tables": "Tables and their columns",
        "findings": "Findings", "made": "Made from the code by `make reference`.", "column": "column", "usual": "usually called",
        "findings_lead": "Every finding has a code; `kpi check --explain CODE` says why it exists. What stands in braces is filled in.",
        "tables_lead": "CSV (UTF-8) or XLSX of the same name, in a client's folder or in `cycles/<cycle>/`. People may also write the native heading of a column.",
        "exit": ["0 done", "1 unexpected failure", "2 the command line or the workbook's own settings are wrong", "3 something inside a client's files is wrong, a question is open, or a report failed", "4 could not start, nothing changed", "130 interrupted; run again to go on"],
    },
    "zh": {
        "title": "参考", "contents": "目录", "commands": "命令", "codes": "退出码", "tables": "表格与列名",
        "findings": "检查代码", "made": "由 `make reference` 从程序生成。", "column": "列", "usual": "常见写法",
        "findings_lead": "每条检查结果都有代码；`kpi check --explain 代码` 说明为什么有这条检查。花括号里的内容会填上实际的值。",
        "tables_lead": "CSV（UTF-8）或同名的 XLSX，放在客户文件夹或 `cycles/<周期>/` 里。列名也可以用中文表头。",
        "exit": ["0 完成", "1 意外失败", "2 命令行或工作簿的设置有误", "3 客户文件有误、有问题待回答，或某份报告失败", "4 无法开始，什么都没有改动", "130 中断，再运行一次就会继续"],
    },
}  # fmt: skip


def reference(language: str) -> str:
    """Return the page in one language."""
    said = SAID[language]
    speak(cli, language, Workbook(ROOT))
    own = "" if language == "en" else ".zh-CN"
    names = (
        ("**English**", "[简体中文](reference.zh-CN.md)")
        if language == "en"
        else ("[English](reference.md)", "**简体中文**")
    )
    lines = [f"# {said['title']}", f"{' · '.join(names)} · [{said['contents']}](index{own}.md)", said["made"]]
    lines += [
        f"## {said['commands']}",
        *commands(cli, cli.context_class(cli, info_name="kpi", terminal_width=100, **cli.context_settings)),
    ]
    lines += [f"## {said['codes']}", "\n".join(f"- {code}" for code in said["exit"])]
    lines += [f"## {said['tables']}", said["tables_lead"], *tables(said)]
    lines += [f"## {said['findings']}", said["findings_lead"], findings(language)]
    speak(cli, "en", Workbook(ROOT))
    return "\n\n".join(lines) + "\n"


def commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """Go through the help of a command and of those below it."""
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"### {context.command_path}\n\n```text\n{text}\n```"
    for name in command.list_commands(context) if isinstance(command, click.Group) else ():
        below = command.get_command(context, name)
        yield from commands(below, below.context_class(below, info_name=name, parent=context, terminal_width=100))


def tables(said: dict[str, str]) -> Iterator[str]:
    """Go through the tables: each column, and what people usually write over it."""
    usual = tomllib.loads((ROOT / "templates/headings.toml").read_text("utf-8"))
    for name, row in ROW_TYPES.items():
        native = usual["native"]["any"] | usual["native"].get(name, {})
        rows = [
            f"| `{column}` | {', '.join(dict.fromkeys([*filter(None, [native.get(column)]), *usual.get(name, {}).get(column, [])]))} |"
            for column in row.model_fields
        ]
        yield "\n".join([f"### {name}.csv\n", f"| {said['column']} | {said['usual']} |", "|---|---|", *rows])


def findings(language: str) -> str:
    """Return all codes, each with its sentence."""
    checks = shipped_checks()
    sentences = {code: re.sub(r"\|", r"\\|", text[language]["message"]) for code, text in sorted(checks.items())}
    return "\n".join(["| | |", "|---|---|", *(f"| `{code}` | {said} |" for code, said in sentences.items())])


PAGES = {"en": ROOT / "docs/reference.md", "zh": ROOT / "docs/reference.zh-CN.md"}

if __name__ == "__main__":
    for language, path in PAGES.items():
        path.write_text(reference(language), "utf-8", newline="\n")
