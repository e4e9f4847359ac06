"""The files of words as they stand: the shipped one of a name, with what the workbook's own says in its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

from kpi_toolkit.clients.workbook import Workbook, WorkbookError


def read_merged(workbook: Workbook, path: str) -> dict[str, Any]:
    """Return a template of words: the shipped one, with what the workbook's own says in its place.

    A workbook's file may therefore hold only the words that it changes. Raises WorkbookError for a damaged file.
    """
    return reduce(merged, said_in(workbook.versions(path)).values(), {})


def said_in(files: Iterable[Path]) -> dict[Path, dict[str, Any]]:
    """Return what files of words say, of those that are there."""
    found = {}
    for file in filter(Path.is_file, files):
        try:
            found[file] = _parsed(file.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise WorkbookError("damaged-words", file=str(file), detail=str(problem)) from problem
    return found


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def merged(given: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return words with others in their place; what is the same in both is shared, so neither is ever changed."""
    sections = (key for key, value in more.items() if isinstance(value, dict) and isinstance(given.get(key), dict))
    return {**given, **more, **{key: merged(given[key], more[key]) for key in sections}}
