"""Texts in the CSV files that we write: no spreadsheet takes them for formulas, and they are read as they were."""

from __future__ import annotations

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text as it stands in a cell: with an apostrophe before what a spreadsheet would work out.

    >>> guarded("=1+1"), guarded("plain")
    ("'=1+1", 'plain')
    """
    return _GUARD + text if text.lstrip(_GUARD).startswith(_BEGINS_FORMULA) and len(text) > 1 else text


def unguarded(cell: str) -> str:
    """Return what a cell was before it was guarded."""
    return cell[1:] if cell[:1] == _GUARD and cell.lstrip(_GUARD).startswith(_BEGINS_FORMULA) else cell
