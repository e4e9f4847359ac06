"""The one template environment: autoescaped, strict about names, sandboxed, because templates may be a stranger's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import BytecodeCache, FunctionLoader, StrictUndefined, TemplateError
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.loaders import split_template_path
from jinja2.nodes import Concat
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from pydantic import BaseModel

from kpi_toolkit.clients.deadline import OutOfTimeError, time_limit
from kpi_toolkit.clients.workbook import Workbook, WorkbookError, shipped
from kpi_toolkit.pages.tokens import COLOURS, css_variables

_OPEN_TO_TEMPLATES = {
    "kpi_toolkit", "builtins", "decimal", "datetime", "fractions", "collections", "enum", "jinja2", "markupsafe",
}  # fmt: skip
"""Whose objects a template may look into: no tables, which can write files, and no paths, which can read them."""


FILLING_SECONDS = 4
"""Seconds of processor time that filling one page may take; the largest takes about one."""
_CLIENTS_A_SECOND = 50
"""How many clients a page over all of them takes a second for, at the least; with 45 people each it is 250."""
_LONGEST, _MOST_BITS = 50_000_000, 4096
"""Characters of a text, and bits of a whole number, that one step of a template may make."""
_WIDE = re.compile(r"%[^a-zA-Z%]*(\d{5}|\*)|\{[^{}]*(\d{5}|\{)")
"""A place in a format that is wider than a page, or whose width is a value of its own."""
_MEASURED_FILTERS = ("center", "format", "indent", "join", "replace")


QUIET = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; "
)
"""The policy of a page that loads nothing, up to what it may run."""
POLICY = '<meta http-equiv="Content-Security-Policy" content="{}">'


class _Compiled(BytecodeCache):
    """Templates compiled once in a process and, in a warm one, for all kernels forked from it."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._code.get((bucket.key, bucket.checksum))
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class _Bounded(CodeGenerator):
    """Writes templates whose joined texts are measured."""

    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802 - the name that Jinja calls
        """Write ``a ~ b``."""
        self.write("environment.measured(")
        super().visit_Concat(node, frame)
        self.write(")")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, without two ways out of it (tables, and what of pydantic loads pickles), and with bounds.

    No single step makes a text or a number that fills the memory or runs past the time limit.
    """

    code_generator_class = _Bounded
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters |= {name: _measured_filter(name) for name in _MEASURED_FILTERS}
        self._judged: dict[tuple[type, str], bool] = {}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what an operator makes; SecurityError where that would have no end."""
        if operator == "%" and isinstance(left, (str, bytes)):
            _check_text("format", left, right)
        elif operator == "*" and (_length(left) or _length(right)):
            _check_text("*", left, right)
        elif operator in {"*", "**"}:
            bits = _bits(left) * abs(right) if operator == "**" else _bits(left) + _bits(right)
            if bits > _MOST_BITS:
                raise _endless()
        return self.measured(super().call_binop(context, operator, left, right))

    def call(self, context: Context, called: Any, /, *given: Any, **named: Any) -> Any:
        """Call what a template may call; methods of a text only where they make one that has an end."""
        text = getattr(getattr(called, "__wrapped__", called), "__self__", None)
        if isinstance(text, (str, bytes)):
            _check_text(called.__name__, text, *given, *named.values())
        return super().call(context, called, *given, **named)

    @staticmethod
    def measured(made: Any) -> Any:
        """Return what was made; SecurityError where it is a text without end."""
        if isinstance(made, str) and len(made) > _LONGEST:
            raise _endless()
        return made

    def concat(self, parts: Iterable[str]) -> str:
        """Return parts of a page in one."""
        return str(self.measured("".join(parts)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute of an object: its kind decides, so each is judged once a page."""
        asked = type(obj), attr
        if asked not in self._judged:
            self._judged[asked] = self._is_open(obj, attr, value)
        return self._judged[asked]

    def _is_open(self, obj: Any, attr: str, value: Any) -> bool:
        if type(obj).__module__.partition(".")[0] not in _OPEN_TO_TEMPLATES:
            return False
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)


def _endless() -> SecurityError:
    return SecurityError("it makes a text or a number without end")


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (str, bytes, list, tuple, range)) else 0


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 1


def _check_text(made_by: str, text: Any, *given: Any) -> None:
    """Raise SecurityError where what is made of a text with these values could be longer than any page."""
    as_width = not made_by.startswith("format")  # there a number is a value, else it is how wide or how often
    most = max((_length(value) or (as_width and isinstance(value, int) and abs(value)) for value in given), default=0)
    own = _length(text) or (abs(text) if isinstance(text, int) else 0)
    if (own + 1) * most > _LONGEST or (not as_width and _WIDE.search(str(text))):
        raise _endless()


def _measured_filter(name: str) -> Callable[..., Any]:
    plain = FILTERS[name]
    first = int(hasattr(plain, "jinja_pass_arg"))  # what Jinja itself hands over comes before the text

    @wraps(plain)
    def measured(*given: Any, **named: Any) -> Any:
        _check_text(name, *given[first:], *named.values())
        return plain(*given, **named)

    return measured


def _source(workbook: Workbook, path: str) -> tuple[str, str, None] | None:
    """Return the text of a template and where it stands; None where there is none of this name."""
    file = workbook.template("/".join(split_template_path(path)))
    try:
        return (file.read_text("utf-8"), str(file), None) if file.is_file() else None
    except UnicodeDecodeError as problem:
        msg = f"{path} is not saved as UTF-8"
        raise TemplateError(msg) from problem


def template_environment(workbook: Workbook) -> ImmutableSandboxedEnvironment:
    """Return an environment over a workbook's templates, its own before the shipped ones.

    Everything is escaped but style sheets. A template reaches no attribute that begins with an underscore, changes no
    list and runs no code of Python; SecurityError says what it tried.
    """
    environment = _Sandbox(
        loader=FunctionLoader(partial(_source, workbook)),
        autoescape=lambda name: name is None or not name.endswith(".css.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    environment.globals |= {"tokens": dict(COLOURS), "colours": css_variables()}
    return environment


def filled_page(workbook: Workbook, path: str, policy: str, *, over: int = 0, **values: Any) -> str:
    """Return a whole page, ``over`` so many clients; its policy stands before anything that could run or load.

    WorkbookError where the template leaves the policy out or puts something before it.
    """
    html = filled(workbook, path, over=over, policy=Markup(policy), **values)  # noqa: S704 - ours, without a quotation mark
    begins = rf'<!DOCTYPE html>\s*<html lang="[\w-]+">\s*<head>\s*{re.escape(POLICY.format(policy))}'
    if not re.match(begins, html):
        detail = POLICY.format("{{ policy }}")
        raise WorkbookError("template-without-policy", file=f"templates/{path}", detail=detail)
    return html


def filled(workbook: Workbook, path: str, *, over: int = 0, **values: Any) -> str:
    """Return a template of a workbook with its values; it may take longer where it goes ``over`` many clients.

    WorkbookError names the template that cannot be filled in.
    """
    with told_by_place(path), time_limit(FILLING_SECONDS + over / _CLIENTS_A_SECOND):
        return encodable(template_environment(workbook).get_template(path).render(**values))


@contextmanager
def told_by_place(path: str) -> Iterator[None]:
    """Raise whatever goes wrong while a template is filled in as a WorkbookError with its template and line."""
    try:
        yield
    except WorkbookError:
        raise
    except Exception as problem:  # what an expression raises is the template's affair: there is no end of kinds
        file, line = _where(problem, path)
        took = "it takes too long to fill in"
        detail = took if isinstance(problem, OutOfTimeError) else str(problem).rstrip(".") or type(problem).__name__
        where = f"templates/{file.rpartition('/templates/')[2]}" + (f", line {line}" if line else "")
        ours = Path(file).is_relative_to(shipped())
        raise WorkbookError("our-template" if ours else "bad-template", file=where, detail=detail) from problem


def _where(problem: Exception, path: str) -> tuple[str, int | None]:
    """Return the template, and its line, in which something went wrong: of those that include each other the last."""
    lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(problem.__traceback__)]
    inside = [(Path(name).as_posix(), line) for name, line in lines if name.endswith(".j2")]
    return inside[-1] if inside else (path, getattr(problem, "lineno", None))


def encodable(text: str) -> str:
    """Return a text; UnicodeEncodeError where it holds half a character, which no file can."""
    text.encode()
    return text
