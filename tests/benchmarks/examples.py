"""How many public functions of method and whatif that return numbers show an example that runs.

``python tests/benchmarks/examples.py [--missing]`` prints the share, and those that have none. The suite runs every
example (``--doctest-modules``); ``tests/test_rules.py`` holds the share at a half.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent.parent / "kpi_toolkit"
_NUMBERS = re.compile(r"\b(int|float|Decimal|Fraction|Floats|Exact|Quotas|Number|Centi|Micro)\b")
_NO_NUMBERS = re.compile(r"\b(Iterator|Callable|Path)\b|: ")


def functions() -> Iterator[tuple[str, bool]]:
    """Go through the functions and methods by place and name, and whether each has an example."""
    for path in sorted([*(PACKAGE / "method").rglob("*.py"), *(PACKAGE / "whatif").rglob("*.py")]):
        for name, node in _public(ast.parse(path.read_text("utf-8")).body):
            said = ast.unparse(node.returns) if node.returns else ""
            if _NUMBERS.search(said) and not _NO_NUMBERS.search(said):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno} {name}", ">>>" in (ast.get_docstring(node) or "")


def _public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{node.name}.")
            elif not any(
                "property" in ast.unparse(each) or "validator" in ast.unparse(each) for each in node.decorator_list
            ):
                yield within + node.name, node


def main() -> None:
    """Print the share."""
    found = list(functions())
    shown = sum(has for _, has in found)
    sys.stdout.write(f"{shown} of {len(found)} show an example that runs ({shown / len(found):.0%})\n")
    if "--missing" in sys.argv:
        sys.stdout.writelines(f"  {name}\n" for name, has in found if not has)


if __name__ == "__main__":
    main()
