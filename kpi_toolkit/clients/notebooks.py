"""Notebooks as files: their text in one language, their code without what it printed."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from kpi_toolkit.method.value import Language

_HAN = re.compile(r"[\u3400-\u9fff]")
_BETWEEN = " · "


def in_language(text: str, language: Language) -> str:
    r"""Return a notebook whose text stands in both languages with that of one alone.

    A part is Chinese if it holds a Chinese letter; parts are lines, and what a middle dot with blanks parts in them.

    >>> cell = {"cell_type": "markdown", "source": ["# Start · 开始\n", "Fill in.\n", "请填写。"]}
    >>> json.loads(in_language(json.dumps({"cells": [cell]}), "zh"))["cells"][0]["source"]
    ['# 开始\n', '请填写。']
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        part = _part if cell["cell_type"] == "markdown" else _commented
        cell["source"] = [said for line in cell["source"] if (said := part(line, language))]
    return _written(notebook)


def _commented(line: str, language: Language) -> str:
    code, mark, said = line.partition("  # ")
    return f"{code}{mark}{_part(said, language)}"


def _part(line: str, language: Language) -> str:
    marks, said, end = re.fullmatch(r"(#* ?)(.*?)(\s*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    parts = [part for part in said.split(_BETWEEN) if bool(_HAN.search(part)) == (language == "zh") or not part]
    return f"{marks}{_BETWEEN.join(parts)}{end}" if parts else ""


def without_outputs(text: str) -> str:
    """Return a notebook without what its cells printed."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return _written(notebook)


def code_of(text: str | bytes) -> list[str]:
    """Return the code of a notebook as Python reads it, without comments, cell by cell.

    ValueError or KeyError where it is no notebook.
    """
    cells = ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
    return [_as_read(code) for code in cells]


def _as_read(code: str) -> str:
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, RecursionError, MemoryError):  # a magic of IPython, or no Python at all
        return code


def _written(notebook: dict[str, Any]) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
