"""The house's own rules: direction of imports, public names, notebooks, words, metadata."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import shutil
import subprocess
import tomllib
from functools import cache
from graphlib import TopologicalSorter

import pytest
from conftest import ROOT

import kpi_toolkit
from kpi_toolkit.method.value import LANGUAGES

PACKAGE = ROOT / "kpi_toolkit"
ROOMS = {
    "method": 0,
    "clients": 1,
    "whatif": 1,
    "kernels": 1,
    "results": 2,
    "pages": 3,
    "batch": 4,
    "live": 4,
    "terminal": 5,
    "commands": 6,
    "cli": 7,
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TAGS = {"parameters", "setup", "remove-cell", "remove-input", "interactive", "nbval-ignore-output"}


@cache
def imports(path) -> dict[ast.Import | ast.ImportFrom, bool]:
    """Return what a module imports, late too, and whether for its types only."""
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    typed = {
        inside
        for node in nodes
        if isinstance(node, ast.If) and ast.dump(node.test) == "Name(id='TYPE_CHECKING', ctx=Load())"
        for part in node.body
        for inside in ast.walk(part)
    }
    return {node: node in typed for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))}


def room(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own not in ROOMS:
        return
    for node in imports(path):
        for name in [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]:
            if name and name.startswith("kpi_toolkit."):
                other = room(name)
                assert other == own or ROOMS[other] < ROOMS[own], f"{path.name} imports {name}"
            if own in {"method", "whatif"} and name:
                assert name.split(".")[0] not in {"pathlib", "os", "io", "altair", "IPython", "time", "random"}, (
                    f"{path.name} imports {name}"
                )


def imported(path, known) -> set[str]:
    """Return the modules that one needs of those known, those it loads late too."""
    found = [
        node for node, typed in imports(path).items()
        if isinstance(node, ast.ImportFrom) and node.module and not typed
    ]  # fmt: skip
    named = {(node.module, f"{node.module}.{alias.name}") for node in found for alias in node.names}
    return {part if part in known else whole for whole, part in named} & known


def test_no_modules_import_each_other_in_a_circle_not_even_late():
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    TopologicalSorter({name: imported(path, names.keys()) - {name} for name, path in names.items()}).prepare()


def test_public_names_are_sorted_importable_and_documented():
    assert list(kpi_toolkit.__all__) == sorted(kpi_toolkit.__all__)
    assert len(kpi_toolkit.__all__) == (ROOT / "kpi_toolkit/__init__.pyi").read_text("utf-8").count("\nfrom ")
    for name in kpi_toolkit.__all__:
        assert inspect.getdoc(getattr(kpi_toolkit, name)), name
    with pytest.raises(AttributeError, match="no attribute 'scor'"):
        kpi_toolkit.scor  # noqa: B018
    assert set(kpi_toolkit.__all__) <= set(dir(kpi_toolkit))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_thin_and_stored_without_outputs(path):
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    assert "parameters" in code[0]["metadata"]["tags"]
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1
    for cell in code:
        source = "".join(cell["source"])
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert set(cell["metadata"].get("tags", [])) <= TAGS
        assert len(source.splitlines()) <= 5
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.BinOp)), (
                source
            )
    for line in "".join(code[0]["source"]).splitlines():
        assert re.fullmatch(r'\w+: str = ""  # [^=]+', line), line


def leaves(tree: dict, path: str = "") -> set[str]:
    found = set()
    for key, value in tree.items():
        plural = isinstance(value, dict) and set(value) <= {"one", "other"}
        found |= leaves(value, f"{path}{key}.") if isinstance(value, dict) and not plural else {path + key}
    return found


def test_all_languages_have_the_same_words_with_the_same_places():
    first, *others = (
        leaves(tomllib.loads((ROOT / f"templates/words/{language}.toml").read_text("utf-8"))) for language in LANGUAGES
    )
    assert all(words == first for words in others)
    assert not re.search(
        r"[\u4e00-\u9fff]",
        "\n".join(line for line in (ROOT / "templates/words/en.toml").read_text("utf-8").splitlines()),
    )


_LANGUAGE = "|".join(LANGUAGES)
_NAMED = re.compile(rf"""(["'])(?:{_LANGUAGE})(?:[-_]\w+)*\1|\.(?:{_LANGUAGE})\b|\b(?:{_LANGUAGE}): """)
ABOUT_ONE = {
    "kpi_toolkit/clients/starting.py": (2, "the currency that the shipped starters are written in, as they name it"),
    "kpi_toolkit/clients/countries.py": (1, "English says a currency by its code, by which an amount gets its sign"),
    "kpi_toolkit/whatif/live/words.mjs": (1, "what a text lacks in a language is said in English"),
    "templates/report/index.js": (1, "a browser in none of the languages is shown English"),
}
"""The places that are about one language as such: how often, and why no property of a language will do."""


def names_a_language(node: ast.AST) -> bool:
    """Whether a piece of code says which language, by its code, by its field of a text or by comparing with English."""
    match node:
        case ast.Constant(value=str(said)):
            return re.fullmatch(rf"(?:{_LANGUAGE})(?:[-_]\w+)*", said) is not None
        case ast.Attribute(attr=said) | ast.keyword(arg=said):
            return said in LANGUAGES
        case ast.Compare(left=left, comparators=others):
            return any(isinstance(each, ast.Name) and each.id == "ENGLISH" for each in (left, *others))
    return False


def test_code_asks_for_a_property_of_a_language_and_not_which_one_it_is():
    """A further language is an entry of the list in ``method/value.py`` and content: CONTRIBUTING, "a language"."""
    found = {}
    for path in MODULES:
        if path != PACKAGE / "method/value.py":
            found[path] = sum(map(names_a_language, ast.walk(ast.parse(path.read_text("utf-8")))))
    templates = ROOT / "templates"
    scripts = [*PACKAGE.rglob("*.mjs"), *templates.rglob("*.js"), *templates.rglob("*.j2")]
    for path in scripts:
        found[path] = len(_NAMED.findall(path.read_text("utf-8")))
    named = {path.relative_to(ROOT).as_posix(): n for path, n in found.items() if n}
    assert named == {path: n for path, (n, _) in ABOUT_ONE.items()}, "ask for a property: [language] in templates/words"


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ('said if words.language != "zh" else plain', 1), ('text.en == "%"', 1), ('Text(zh="甲", en="A")', 2), ('{"zh": 1, "en": 2}[it]', 2),
        ("it == ENGLISH", 1), ('"zh_CN"', 1), ('text.pick()', 0), ("said.get(language) or said[ENGLISH]", 0), ('"zhao"', 0),
    ],
)  # fmt: skip
def test_what_counts_as_asking_which_language_it_is(code, named):
    assert sum(map(names_a_language, ast.walk(ast.parse(code)))) == named


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ('words.language === "zh" ? "" : " "', 1), ("text.zh || text.en", 2), ('{ zh: text, en: text }', 2), ("{{ {'zh': 'zh-CN'}[it] }}", 2),
        ("length: 3, when: 4", 0), ("words.language", 0),
    ],
)  # fmt: skip
def test_what_counts_in_a_script_or_a_page(code, named):
    assert len(_NAMED.findall(code)) == named


def test_the_direct_dependencies_are_the_named_ones_and_few():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {re.match(r"[\w-]+", line).group() for line in project["project"]["dependencies"]}
    tests = {re.match(r"[\w-]+", line).group() for line in project["dependency-groups"]["test"]}
    assert {"jupyterlab", "ipywidgets", "pandas", "papermill", "nbconvert", "altair"} <= names
    assert {"pytest", "nbval"} <= tests
    assert len(names) <= 30


def test_what_checks_the_browsers_types_is_pinned_without_addresses():
    folder = ROOT / "tests/js"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]
    text = (folder / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all("integrity" in entry for name, entry in packages.items() if name)


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("constraints.txt", ("build",)),
        ("constraints-dev.txt", ("build", "test", "lint")),
        ("constraints-oracles.txt", ("oracles",)),
    ],
)
def test_the_constraints_cover_pyproject_with_hashes_and_without_addresses(file, groups):
    text = (ROOT / file).read_text("utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = {
        name.lower().replace("_", "-"): version
        for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, flags=re.M)
    }
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *(project["project"]["dependencies"] if groups != ("oracles",) else ()),
        *(line for group in groups for line in project["dependency-groups"][group]),
    ]
    from packaging.requirements import Requirement

    for line in wanted:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[requirement.name.lower()]), line


def test_no_module_is_a_drawer():
    for path in MODULES:
        assert path.read_text("utf-8").count("\n") <= 400, path


def test_nothing_lies_at_the_top_that_nobody_put_there():
    """The folders and files that the README names; what a command writes in passing is never kept."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("a copy without its history")
    kept = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, text=True
    ).stdout
    assert {name.split("/")[0] for name in kept.split("\0") if name} == {
        ".ci", ".gitattributes", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
        "README.md", "README.zh-CN.md", "client_data", "constraints-dev.txt", "constraints-oracles.txt", "constraints.txt",
        "docs", "kpi_toolkit", "notebooks", "pyproject.toml", "reports", "start.bat", "templates", "tests",
    }  # fmt: skip


_BRANCHES = ast.If | ast.IfExp | ast.For | ast.While | ast.ExceptHandler | ast.Assert | ast.comprehension


def ways(function: ast.AST) -> int:
    """Return in how many ways a function may go (McCabe): one, and one more for each branch, loop, filter and operator."""
    found = 1
    for part in ast.walk(function):
        found += isinstance(part, _BRANCHES) + (len(part.ifs) if isinstance(part, ast.comprehension) else 0)
        found += len(part.values) - 1 if isinstance(part, ast.BoolOp) else 0
    return found


def test_a_function_of_more_than_twenty_ways_says_why_it_is_one_piece_and_none_is_longer_than_40_lines():
    for path in sorted((ROOT / "kpi_toolkit").rglob("*.py")):
        text = path.read_text("utf-8")
        lines = text.splitlines()
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                told = ast.get_docstring(function, clean=False) is not None
                body = lines[function.body[min(told, len(function.body) - 1)].lineno - 1 : function.end_lineno]
                code = [line for line in body if line.strip() and not line.lstrip().startswith("#")]
                whole = "\n".join(lines[function.lineno - 1 : function.end_lineno])
                assert len(code) <= 40, f"{path.name}: {function.name} has {len(code)} lines"
                assert ways(function) <= 20 or "# One piece: " in whole, (
                    f"{path.name}: {function.name} has {ways(function)}"
                )


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name not in {"__main__.py"}],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_every_module_says_what_it_is(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    assert importlib.import_module(name).__doc__


def test_half_of_the_functions_that_return_numbers_show_an_example_that_runs():
    import runpy

    found = list(runpy.run_path(str(ROOT / "tests/benchmarks/examples.py"))["functions"]())
    assert sum(shown for _, shown in found) * 2 >= len(found) > 50


def test_a_colour_is_named_once_and_shared_by_pages_charts_session_and_forms():
    from kpi_toolkit.pages.tokens import COLOURS, css_variables

    shown = [ROOT / "templates/report/style.css.j2", *(ROOT / "templates/report/sections").glob("*.j2")]
    shown += [
        *(PACKAGE / "live").glob("*.py"),
        PACKAGE / "pages/scenarios.py",
        *(PACKAGE / f"pages/{name}.py" for name in ("charts", "ranking", "scene")),
    ]
    for path in shown:
        code = re.sub(r'""".*?"""', "", path.read_text("utf-8"), flags=re.S)
        assert not re.findall(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", code), path
    used = {name for path in [*shown, PACKAGE / "whatif/live/style.css", ROOT / "templates/report/index.html.j2"]
            for name in re.findall(r"var\(--([a-z-]+)\)", path.read_text("utf-8"))}  # fmt: skip
    assert used - {"primary", "accent"} <= set(COLOURS), "a style takes a colour that nobody named"
    assert all(f"--{name}:{colour}" in css_variables() for name, colour in COLOURS.items())


def test_no_pattern_has_a_possessive_group():
    """Python before 3.11.5 takes them wrongly: reading a design went round in circles until the memory was full."""
    found = [path for path in MODULES if re.search(r"(?<!\\)\)[*+?]\+", path.read_text("utf-8"))]
    assert found == []
