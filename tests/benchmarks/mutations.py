"""Whether the tests would notice: lines drawn from all rooms, JavaScript included, each broken once.

``python tests/benchmarks/mutations.py [--lines 100] [--seed 1] [--under method,whatif] [--seconds 60] [--whole]``. The seed
is printed; the same seed draws the same lines of the same commit. One run of the quick tests, kept for the commit and
gone on with where it was interrupted, says which tests reach which line, and how long they take. Each line is broken in
a checkout of its own and held against the tests that reach it, the fastest first, as many as take ``--seconds``;
``--whole`` holds what survives against the whole quick suite. Ends with 1 where more than 5 of 100 survive.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from coverage import Coverage, CoverageData

ROOT = Path(__file__).resolve().parent.parent.parent
SWAPS = (
    (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "), (r" == ", " != "), (r" != ", " == "),
    (r" === ", " !== "), (r" !== ", " === "), (r" and ", " or "), (r" or ", " and "), (r" && ", " || "),
    (r" \|\| ", " && "), (r"\bnot (?!in)", ""), (r" not in ", " in "), (r" is not ", " is "), (r" \+ ", " - "),
    (r" - ", " + "), (r" \* ", " + "), (r"\bTrue\b", "False"), (r"\bFalse\b", "True"), (r"\btrue\b", "false"),
    (r"\bmin\(", "max("), (r"\bmax\(", "min("), (r"\bany\(", "all("), (r"\ball\(", "any("),
    (r"(?<![\w.\"'])(\d+)(?![\w.\"'])", lambda found: str(int(found[1]) + 1)),
)  # fmt: skip
"""What a line may be turned into; one that fits is drawn."""
NOTHING = {".py": (r"\breturn (?!None|$).+", "return None"), ".mjs": (r"\breturn (?!null\b|;).+;$", "return null;")}
"""What a line that returns something may be turned into besides."""
HEAVY = (
    "altair", "anywidget", "babel.dates", "click", "fontTools.ttLib", "holidays", "hypothesis", "ipywidgets", "jinja2", "openpyxl",
    "pandas", "pydantic", "pypdf", "python_calamine", "tomlkit", "xlsxwriter", "yaml",
)  # fmt: skip
"""What tests load and nobody breaks: loaded once, each line is tried in a copy of this process. None loads the package."""
FIRST = 40
"""So many tests notice most lines: the files of the others are then not loaded."""
COVERED = """[run]
source = {folder}/kpi_toolkit
data_file = {data}
parallel = true
sigterm = true
patch = _exit
context = ${{PYTEST_CURRENT_TEST-}}
"""
"""What is noted of a run and of the programs that its tests start, each under the name of the test."""


class Broken(NamedTuple):
    """A line of a file and what it is turned into."""

    path: Path
    number: int
    line: str
    turned: str

    def written(self, text: str) -> str:
        """Return the file's text with the line broken."""
        lines = text.split("\n")
        lines[self.number - 1] = self.turned
        return "\n".join(lines)

    def can_be_loaded(self, folder: Path) -> bool:
        """Whether the text is one still: a statement of several lines that loses its first one is none."""
        with suppress(SyntaxError):
            return self.path.suffix != ".py" or bool(ast.parse(self.written((folder / self.path).read_text("utf-8"))))
        return False


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
            fitting = [swap for swap in (*SWAPS, NOTHING[path.suffix]) if re.search(swap[0], code)]
            if fitting:
                found.append((path, number, line, fitting))
    chance.shuffle(found)
    swaps = ((path, number, line, *chance.choice(fitting)) for path, number, line, fitting in found)
    broken = (
        Broken(path.relative_to(folder), number, line, re.sub(pattern, by, line, count=1))
        for path, number, line, pattern, by in swaps
    )
    return [*islice((one for one in broken if one.can_be_loaded(folder)), count)]


class Watch:
    """Tells which test reaches what in which time, and which one failed first; pytest calls it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.said: dict[str, Any] = {"seconds": {}, "failed": [], "script": {}}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        covering = Coverage.current()
        if covering is None:
            return (yield)
        covering.switch_context(item.nodeid)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["NODE_V8_COVERAGE"] = folder
            result = yield
            told = [json.loads(path.read_text("utf-8")) for path in Path(folder).glob("*.json")]
            self.said["script"][item.nodeid] = sorted({line for one in told for line in lines_run(one)})
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.said["seconds"][report.nodeid] = self.said["seconds"].get(report.nodeid, 0) + report.duration
        self.pytest_collectreport(report)

    def pytest_collectreport(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed:
            self.said["failed"].append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.place.write_text(json.dumps(self.said), "utf-8")


def lines_run(said: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Go through the lines of the package that Node ran, from what it says of a process."""
    for script in said["result"]:
        path = Path(unquote(urlsplit(script["url"]).path))
        if "kpi_toolkit" not in path.parts or not path.is_file():
            continue
        ranges = [one for function in script["functions"] for one in function["ranges"]]
        at = 0
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
            start = at + len(line) - len(line.lstrip())
            around = [one for one in ranges if one["startOffset"] <= start < one["endOffset"]]
            if around and min(around, key=lambda one: one["endOffset"] - one["startOffset"])["count"]:
                yield str(path), number
            at += len(line) + 1


def run(folder: Path, asked: list[str], place: Path, covered: Path | None) -> int:
    """Run tests of a checkout in this process, which was copied for it, and return pytest's exit code."""
    os.setsid()
    written = os.open(place.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.chdir(folder)
    sys.path[0] = os.environ["PYTHONPATH"] = str(folder)
    options = ["-n", "0", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    options += ["--basetemp", str(place.with_suffix(".tmp")), *asked]
    if not covered:
        return pytest.main([*options, "-x"], plugins=[Watch(place)])
    rules = place.with_suffix(".rules")
    rules.write_text(COVERED.format(folder=folder, data=covered), "utf-8")
    os.environ["COVERAGE_PROCESS_START"] = str(rules)
    covering = Coverage(config_file=str(rules))
    covering.start()
    code = pytest.main(options, plugins=[Watch(place)])
    covering.stop()
    covering.save()
    return code


def tested(folder: Path, asked: list[str], place: Path, seconds: float, covered: Path | None = None) -> int | None:
    """Run tests in a copy of this process; return pytest's exit code, None where they did not end in time."""
    child = os.fork()
    if not child:
        code = 3
        try:
            code = int(run(folder, asked, place, covered))
        finally:
            os._exit(code)
    until = time.monotonic() + seconds
    ended = status = 0
    while not ended and time.monotonic() < until:
        time.sleep(0.02)
        ended, status = os.waitpid(child, os.WNOHANG)
    with suppress(ProcessLookupError):  # also what a broken line left running
        os.killpg(child, signal.SIGKILL)
    if ended:
        return os.waitstatus_to_exitcode(status)
    os.waitpid(child, 0)
    return None


class Covering:
    """Which tests of a checkout reach which line, and how long each takes."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self.folder, self.kept = folder, kept
        self.known: dict[Path, dict[int, set[str]]] = {}

    def run(self) -> None:
        """Run the quick tests, file by file; a file that was run is not run again."""
        for test in [*sorted(self.folder.glob("tests/test_*.py")), self.folder / "kpi_toolkit"]:
            place, data = self.kept / f"{test.stem}.json", self.kept / f"{test.stem}.cover"
            if place.exists():
                continue
            tested(self.folder, [str(test)], place.with_suffix(".now"), 3600, data)
            whole = Coverage(data_file=str(data), config_file=False)
            whole.combine([str(part) for part in self.kept.glob(f"{data.name}.*")])
            whole.save()
            place.with_suffix(".now").rename(place)
            sys.stdout.write(f"reached by {test.name}\n")
            sys.stdout.flush()

    @cached_property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.kept.glob("*.json"))]

    @cached_property
    def noted(self) -> list[CoverageData]:
        found = [CoverageData(str(part)) for part in sorted(self.kept.glob("*.cover"))]
        for data in found:
            data.read()
        return found

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Each test that passes with nothing broken, and its seconds."""
        return {test: took for one in self.said for test, took in one["seconds"].items() if test not in one["failed"]}

    def reached(self, path: Path) -> dict[int, set[str]]:
        """Return the tests that reach each line of a file."""
        if path in self.known:
            return self.known[path]
        found: dict[int, set[str]] = {}
        for one in self.said:
            for test, lines in one["script"].items():
                for _, number in (line for line in lines if line[0] == str(path)):
                    found.setdefault(number, set()).add(test)
        for data in self.noted:
            for number, tests in data.contexts_by_lineno(str(path)).items():
                names = (re.sub(r" \((setup|call|teardown)\)$", "", test) for test in tests)
                found.setdefault(number, set()).update(names)
        self.known[path] = found
        return found

    def tests_of(self, one: Broken) -> list[str]:
        """Return the tests that reach a line, the fastest first: what runs as a module is loaded, by who names it."""
        lines, named = [one.number], ""
        if one.path.suffix == ".py":
            lines, named = statement(ast.parse((self.folder / one.path).read_text("utf-8")), one.number)
        own = self.reached(self.folder / one.path)
        found = {test for number in lines for test in own.get(number, ())}
        for path in sorted((self.folder / "kpi_toolkit").rglob("*.py")) if named else ():
            text = path.read_text("utf-8").split("\n")
            if naming := [number for number, line in enumerate(text, start=1) if re.search(named, line)]:
                reached = self.reached(path)
                found |= {test for number in naming for test in reached.get(number, ())}
        return sorted(found & self.seconds.keys(), key=self.seconds.__getitem__)


def statement(tree: ast.Module, number: int) -> tuple[list[int], str]:
    """Return the lines of the statement that a line is in; and, where it runs as its module is loaded, what it names."""
    at = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and one.lineno <= number <= (one.end_lineno or 0)]
    body = getattr(at[-1], "body", None)
    lines = [*range(at[-1].lineno, body[0].lineno if body else (at[-1].end_lineno or 0) + 1)]
    if any(isinstance(one, ast.FunctionDef) for one in at[:-1]):
        return lines, ""
    if isinstance(at[0], (ast.ClassDef, ast.FunctionDef)):
        return [*range(at[0].lineno, (at[0].end_lineno or 0) + 1)], rf"\b{at[0].name}\b"
    names = {one.id for one in ast.walk(at[0]) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return lines, rf"\b({'|'.join(names)})\b" if names else ""


class Bench:
    """Breaks lines of a checkout and holds each against its tests."""

    def __init__(self, covering: Covering, seconds: float) -> None:
        self.covering, self.seconds = covering, seconds
        self.folder, self.place = covering.folder, covering.kept / "held.now"

    def survives(self, one: Broken, number: int, *, whole: bool = False) -> tuple[bool, str]:
        """Say whether the tests pass although a line is broken, and which one noticed or how many did not."""
        tests = self.covering.tests_of(one)
        took = [*accumulate(self.covering.seconds[test] for test in tests)]
        held = [test for test, until in zip(tests, took, strict=True) if until <= self.seconds] or tests[:1]
        if not (held or whole):
            return True, "no test reaches it"
        file = self.folder / one.path
        text, times = file.read_text("utf-8"), file.stat()
        file.write_text(one.written(text), "utf-8")
        os.utime(file, (number, number))  # what was compiled of another change is not taken for this one
        self.place.unlink(missing_ok=True)
        rounds, limit = [held[:FIRST], held[FIRST:]], 120 + 10 * self.seconds
        if whole:
            rounds, limit = [["tests", "kpi_toolkit"]], 7200
        try:
            for asked in filter(None, rounds):
                code = tested(self.folder, asked, self.place, limit)
                if code == pytest.ExitCode.USAGE_ERROR:  # a test has other cases than before: its whole file
                    code = tested(self.folder, sorted({test.partition("::")[0] for test in asked}), self.place, limit)
                if code != 0:
                    break
        finally:
            file.write_text(text, "utf-8")
            os.utime(file, (times.st_atime, times.st_mtime))
        if code == 0:
            return True, f"{len(held)} of {len(tests)} tests that reach it pass"
        failed = json.loads(self.place.read_text("utf-8"))["failed"] if self.place.exists() else []
        return False, "stands still" if code is None else failed[0] if failed else "cannot be loaded"


def main() -> int:
    """Draw, break, and say what survived."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--lines", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--under", default="", help="rooms of the package, parted by commas")
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--whole", action="store_true")
    options = asked.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    sys.stdout.write(f"seed {options.seed}, {options.lines} lines of {commit}\n")
    kept = Path(tempfile.gettempdir()) / f"kpi-mutations-{commit}"
    kept.mkdir(exist_ok=True)
    folder = kept / "checkout"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "worktree", "add", "--quiet", "--force", "--detach", folder, "HEAD"], cwd=ROOT, check=True)
    try:
        if (modules := ROOT / "tests/js/node_modules").exists():
            (folder / "tests/js/node_modules").symlink_to(modules)
        return held(options, folder, kept)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT, check=True)


def held(options: argparse.Namespace, folder: Path, kept: Path) -> int:
    """Hold each line that is drawn against its tests and say what survived."""
    runpy.run_path(str(folder / "kpi_toolkit/kernels/quick.py"))
    for name in HEAVY:
        import_module(name)
    covering = Covering(folder, kept)
    covering.run()
    bench, left, noticed = Bench(covering, options.seconds), [], {}
    chosen = drawn(options.seed, options.lines, folder, [room for room in options.under.split(",") if room])
    for number, one in enumerate(chosen, start=1):
        lives, why = bench.survives(one, number)
        left += [(number, one)] if lives else []
        noticed |= {} if lives else {why: number}
        sys.stdout.write(f"{'LIVES' if lives else 'dies '} {number:3} {one.path}:{one.number} ({why})\n")
        sys.stdout.write(f"      {one.line.strip()}\n      {one.turned.strip()}\n")
        sys.stdout.flush()
    if options.whole:
        left = [(number, one) for number, one in left if bench.survives(one, options.lines + number, whole=True)[0]]
    sys.stdout.write(f"{len(left)} of {len(chosen)} survive\n")
    sys.stdout.writelines(f"  {one.path}:{one.number}: {one.turned.strip()}\n" for _, one in left)
    calm = [test for test in noticed if test in covering.seconds]
    if calm and tested(folder, calm, kept / "calm.now", 3600):
        sys.stdout.write(f"fails with nothing broken: {json.loads((kept / 'calm.now').read_text('utf-8'))['failed']}\n")
        return 2
    return int(len(left) * 20 > len(chosen))


if __name__ == "__main__":
    sys.exit(main())
