"""Shipped texts that stand in several languages, with that of one alone: notebooks, and the comments of starters."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from kpi_toolkit.clients.language import language_of, told_in
from kpi_toolkit.clients.notebooks import written
from kpi_toolkit.method.value import ENGLISH, LANGUAGES, Language

_BETWEEN = " · "


def in_language(text: str, language: Language) -> str:
    r"""Return a notebook whose text stands in several languages with that of one alone.

    A cell that lacks it stays English. A part is in the language whose letters it holds; parts are lines, and what a
    middle dot with blanks parts in them.

    >>> cell = {"cell_type": "markdown", "source": ["# Start · 开始\n", "Fill in.\n", "请填写。"]}
    >>> json.loads(in_language(json.dumps({"cells": [cell]}), "zh"))["cells"][0]["source"]
    ['# 开始\n', '请填写。']
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        lines = [_split(line, cell["cell_type"]) for line in cell["source"]]
        own = told_in(language, (part for _, _, parts, _ in lines for part in parts))
        cell["source"] = [said for line in lines if (said := _of_one(*line, own))]
    return written(notebook)


def _split(line: str, kind: str) -> tuple[str, str, list[str], str]:
    """Return the code of a line, the signs before what it says, that by its parts, and the blanks behind it."""
    code, mark, said = ("", "", line) if kind == "markdown" else line.partition("  # ")
    signs, text, end = re.fullmatch(r"(#* ?)(.*?)(\s*)", said, re.DOTALL).groups()  # type: ignore[union-attr]
    return code, f"{mark}{signs}", text.split(_BETWEEN), end


def _of_one(code: str, signs: str, parts: list[str], end: str, language: Language) -> str:
    kept = [each for each in parts if not each or language_of(each) == language]
    said = f"{signs}{_BETWEEN.join(kept)}" if kept else ""
    return f"{code}{said}{end}" if code or kept else ""


def in_languages(text: str, spoken: Language, languages: Collection[Language]) -> str:
    r"""Return a design's text with its comments in one language, and its words in one where a client has only one.

    >>> text = '# Open.\n# 留空。\nunit = { zh = "篇", en = "articles" }'
    >>> in_languages(text, "en", ("en",)), in_languages(text, "zh", ("zh", "en")).splitlines()[0]
    ('# Open.\nunit = "articles"', '# 留空。')
    """
    lines = text.splitlines(keepends=True)
    own = told_in(spoken, filter(_is_comment, lines))
    kept = "".join(line for line in lines if not _is_comment(line) or language_of(line) == own)
    return kept if len(languages) > 1 else _SEVERAL.sub(lambda said: _in_one(said[0], *languages), kept)


def _is_comment(line: str) -> bool:
    return line.startswith("# ")


def _in_one(words: str, language: Language) -> str:
    said: dict[str, str] = dict(_ONE.findall(words))
    return said.get(language) or said[ENGLISH]


_ONE = re.compile(rf"""({"|".join(LANGUAGES)}) *= *("(?:[^"\\]|\\.)*")""")
_SEVERAL = re.compile(rf"\{{ *(?:{_ONE.pattern}(?:, *)?)+ *\}}")
