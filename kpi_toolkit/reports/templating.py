"""The one template environment: autoescaped, strict about names, sandboxed, because templates may be a stranger's."""

from __future__ import annotations

import re
from typing import Any

from jinja2 import BytecodeCache, ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from pydantic import BaseModel

from kpi_toolkit.clients.workbook import Workbook, WorkbookError

_OPEN_TO_TEMPLATES = {
    "kpi_toolkit", "builtins", "decimal", "datetime", "fractions", "collections", "enum", "jinja2", "markupsafe",
}  # fmt: skip
"""Whose objects a template may look into: no tables, which can write files, and no paths, which can read them."""


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


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's own sandbox, and without two ways out of it: tables, and what of pydantic loads pickles."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute of an object."""
        if type(obj).__module__.partition(".")[0] not in _OPEN_TO_TEMPLATES:
            return False
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)


def template_environment(workbook: Workbook) -> ImmutableSandboxedEnvironment:
    """Return an environment over a workbook's templates, its own before the shipped ones.

    Everything is escaped but style sheets. A template reaches no attribute that begins with an underscore, changes no
    list and runs no code of Python; SecurityError says what it tried.
    """
    return _Sandbox(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in workbook.template_folders("")]),
        autoescape=lambda name: name is None or not name.endswith(".css.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )


def filled_page(workbook: Workbook, path: str, policy: str, **values: Any) -> str:
    """Return a whole page; its policy stands before anything that could run or load.

    WorkbookError where the template leaves the policy out or puts something before it.
    """
    html = filled(workbook, path, policy=Markup(policy), **values)  # noqa: S704 - ours, without a quotation mark
    begins = rf'<!DOCTYPE html>\s*<html lang="[\w-]+">\s*<head>\s*{re.escape(POLICY.format(policy))}'
    if not re.match(begins, html):
        detail = POLICY.format("{{ policy }}")
        raise WorkbookError("template-without-policy", file=f"templates/{path}", detail=detail)
    return html


def filled(workbook: Workbook, path: str, **values: Any) -> str:
    """Return a template of a workbook with its values. WorkbookError names the template that cannot be filled in."""
    try:
        return template_environment(workbook).get_template(path).render(**values)
    except TemplateError as problem:
        line = getattr(problem, "lineno", None)
        where = f"templates/{path}" + (f", line {line}" if line else "")
        raise WorkbookError("bad-template", file=where, detail=problem.message or type(problem).__name__) from problem
