"""A small client with two months, and storage that fails or is killed at any of its operations."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import forked

from kpi_toolkit.clients import storage
from kpi_toolkit.clients.record import RECORD

DESIGN = """version = 3
rationale = "first"
[tiers]
min_group = 2
[roles.editor]
name = { zh = "网络编辑", en = "Network editor" }
[[roles.editor.indicators]]
id = "articles"
name = { zh = "发帖数量", en = "Articles published" }
class = "workload"
unit = { zh = "篇", en = "articles" }
source = "CMS"
weight = 60
target = 200
[[roles.editor.indicators]]
id = "pass"
name = { zh = "审核通过率", en = "Pass rate" }
class = "reach"
source = "CMS"
weight = 40
target = 95
curve = "capped-ratio"
"""
PEOPLE = "id,name,role,team,manager,joined\np1,王建国,editor,,,\np2,Bo,editor,,,\np3,Cy,editor,,,\np4,Di,editor,,,\n"
FIGURES = {"p1": (181, 90), "p2": (160, 85), "p3": (142, 70), "p4": (139, 71)}


def actuals(**changed: tuple[int, int]) -> str:
    rows = {**FIGURES, **changed}.items()
    lines = [
        f"{person},{name},{value}"
        for person, own in rows
        for name, value in zip(("articles", "pass"), own, strict=True)
    ]
    return "\n".join(["person,indicator,actual", *lines, ""])


def lay_out(root: Path) -> Path:
    """Write a workbook with one client, as older versions left it; return the client's folder."""
    folder = root / "client_data" / "acme"
    for cycle, text in (("2026-09", actuals(p1=(170, 88))), ("2026-10", actuals())):
        (folder / "cycles" / cycle).mkdir(parents=True)
        (folder / "cycles" / cycle / "actuals.csv").write_text(text, "utf-8")
    (folder / "client.toml").write_text('name = "Acme"\n', "utf-8")
    (folder / "design.toml").write_text(DESIGN, "utf-8")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that counts, by its path: what writers leave behind when they are killed is swept by the next one."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".kpi-" not in path.as_posix())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


class Stop(BaseException):
    """What ends a process that is killed."""


def at_every_operation(
    monkeypatch: pytest.MonkeyPatch, folder: Path, act: Callable[[], Any], *, kill: bool
) -> Iterator[int]:
    """Go through the numbers of an act's storage operations, each time with the act broken off there.

    The disk refuses, or (``kill``) the process ends in a child. Before each the folder is put back as it was.
    """
    before = folder.with_name("as-it-was")
    shutil.copytree(folder, before)
    for number in range(1, 400):
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        count = 0

        def counted(real: Callable[..., Any], at: int = number) -> Callable[..., Any]:
            def step(*given: Any, **named: Any) -> Any:
                nonlocal count
                count += 1
                if count == at:
                    if kill:
                        os._exit(9)
                    raise OSError(28, "No space left on device", str(given[0]))
                return real(*given, **named)

            return step

        with monkeypatch.context() as broken:
            for name in ("_write_new", "_rename", "_flush_folder", "make_folder"):
                broken.setattr(storage, name, counted(getattr(storage, name)))
            if kill:
                ended = forked(act)
            else:
                try:
                    act()
                    ended = 0
                except OSError:
                    ended = 9
        if ended == 0:
            shutil.rmtree(before)
            return
        assert ended == 9
        yield number


def record(folder: Path, cycle: str) -> str:
    path = folder / "cycles" / cycle / RECORD
    return path.read_text("utf-8") if path.is_file() else ""
