"""Whether the tests would notice: lines drawn from all rooms, JavaScript included, each broken once.

``python tests/benchmarks/mutations.py [--lines 100] [--seed 1] [--under method,whatif] [--seconds 600] [--whole]``. The
seed is printed; the same seed draws the same lines of the same commit. Each line is broken in a checkout of its own and held against the test files that import
its module, those with the most of its names first, no longer than ``--seconds`` (a line held so long is named); ``--whole`` then holds what survived against the whole quick suite.
Ends with 1 where more than 5 of 100 survive.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
SWAPS = (
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" === ", " !== "), (r" !== ", " === "), (r" and ", " or "), (r" or ", " and "), (r" && ", " || "),
    (r" \|\| ", " && "), (r"\bnot (?!in)", ""), (r" not in ", " in "), (r" is not ", " is "), (r" \+ ", " - "),
    (r" - ", " + "), (r" \* ", " + "), (r"\bTrue\b", "False"), (r"\bFalse\b", "True"), (r"\btrue\b", "false"),
    (r"\bmin\(", "max("), (r"\bmax\(", "min("), (r"\bany\(", "all("), (r"\ball\(", "any("),
    (r"(?<![\w.\"'])(\d+)(?![\w.\"'])", lambda found: str(int(found[1]) + 1)), (r"\breturn (?!None|$).+", "return None"),
)  # fmt: skip
"""What a line may be turned into; one that fits is drawn."""
MOST_FILES = 5


class Broken(NamedTuple):
    """A line of a file and what it is turned into."""

    path: Path
    number: int
    line: str
    turned: str


def lines_that_work(path: Path) -> Iterator[tuple[int, str]]:
    """Go through the lines of a file that do something: no docs, no imports, no types."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        tree = ast.parse(text)
        skipped = {
            number
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
    else:
        docs = [text[: found.start()].count("\n") + 1 for found in re.finditer(r"/\*", text)]
        ends = [text[: found.start()].count("\n") + 1 for found in re.finditer(r"\*/", text)]
        skipped = {number for start, end in zip(docs, ends, strict=True) for number in range(start, end + 1)}
    for number, line in enumerate(text.splitlines(), start=1):
        if number not in skipped and not re.match(r"\s*(#|//|@|def |class |import |export )", line):
            yield number, line


def drawn(seed: int, count: int, folder: Path, rooms: list[str]) -> list[Broken]:
    """Return so many lines with a change each, evenly over all lines of these rooms that have one; of all where none."""
    chance = random.Random(seed)
    found = []
    package = folder / "kpi_toolkit"
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.mjs")]):
        if rooms and path.relative_to(package).parts[0] not in rooms:
            continue
        for number, line in lines_that_work(path):
            code = re.sub(r"\s+(#|//) .*", "", line)
            fitting = [swap for swap in SWAPS if re.search(swap[0], code)]
            if fitting:
                found.append((path, number, line, fitting))
    chance.shuffle(found)
    broken = []
    for path, number, line, fitting in found[:count]:
        pattern, by = chance.choice(fitting)
        broken.append(Broken(path.relative_to(folder), number, line, re.sub(pattern, by, line, count=1)))
    return broken


def tests_of(path: Path, folder: Path) -> list[str]:
    """Return the test files that import a module, or start Node, those that speak of it most first."""
    name = ".".join(path.with_suffix("").parts)
    names = {part.name for part in ast.walk(ast.parse((folder / path).read_text("utf-8"))) if isinstance(
        part, (ast.FunctionDef, ast.ClassDef))} if path.suffix == ".py" else {path.name, path.stem}  # fmt: skip
    weight = {}
    for test in sorted((folder / "tests").glob("test_*.py")):
        text = test.read_text("utf-8")
        said = sum(len(re.findall(rf"\b{re.escape(one)}\b", text)) for one in names)
        weight[test] = said + 100 * (name in text) + 500 * (path.suffix == ".mjs" and ".test.mjs" in text)
    order = sorted(weight, key=lambda test: -weight[test])
    return [str(test) for test in order[:MOST_FILES] if weight[test]] or ["tests/test_cli.py", "tests/test_summary.py"]


def survives(one: Broken, folder: Path, tests: list[str], seconds: int) -> bool:
    """Whether these tests pass, or do not end in time, although a line is broken."""
    file = folder / one.path
    text = file.read_text("utf-8")
    lines = text.split("\n")
    lines[one.number - 1] = one.turned
    file.write_text("\n".join(lines), "utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_MAX_EXAMPLES": "15",
    }
    try:
        if file.suffix == ".py":
            compile("\n".join(lines), str(file), "exec")
        own = [str(file)] if file.suffix == ".py" else []
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider", *own, *tests], cwd=folder,
            env=environment, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        return done.returncode in {0, 5}
    except SyntaxError:
        return False  # it cannot be loaded: nobody could overlook it
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"      did not end in {seconds} s\n")
        return True
    finally:
        file.write_text(text, "utf-8")


def main() -> int:
    """Draw, break, and say what survived."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--under", default="", help="rooms of the package, parted by commas")
    asked.add_argument("--seconds", type=int, default=1800)
    asked.add_argument("--whole", action="store_true")
    options = asked.parse_args()
    sys.stdout.write(f"seed {options.seed}, {options.lines} lines\n")
    rooms, left = [room for room in options.under.split(",") if room], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "checkout"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, "HEAD"], cwd=ROOT, check=True)
        modules = ROOT / "tests/js/node_modules"
        if modules.exists():
            (folder / "tests/js/node_modules").symlink_to(modules)
        try:
            for number, one in enumerate(drawn(options.seed, options.lines, folder, rooms), start=1):
                lives = survives(one, folder, tests_of(one.path, folder), options.seconds)
                left += [one] if lives else []
                said = f"{'LIVES' if lives else 'dies '} {number:3} {one.path}:{one.number}"
                sys.stdout.write(f"{said}\n      {one.line.strip()}\n      {one.turned.strip()}\n")
                sys.stdout.flush()
            if options.whole:
                left = [one for one in left if survives(one, folder, ["tests", "kpi_toolkit"], options.seconds)]
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT, check=True)
    sys.stdout.write(f"{len(left)} of {options.lines} survive\n")
    sys.stdout.writelines(f"  {one.path}:{one.number}: {one.turned.strip()}\n" for one in left)
    return int(len(left) * 20 > options.lines)


if __name__ == "__main__":
    sys.exit(main())
