"""Notebooks as files: their code, and what it printed taken out."""

from __future__ import annotations

import ast
import json
from typing import Any


def without_outputs(text: str) -> str:
    """Return a notebook without what its cells printed."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return written(notebook)


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


def written(notebook: dict[str, Any]) -> str:
    """Return a notebook as a file holds it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
