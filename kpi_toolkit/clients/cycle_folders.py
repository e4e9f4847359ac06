"""The cycles in a client's folder, and what lies there and is none: no month is passed over for its name."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from kpi_toolkit.clients.tabular import neighbours, table_file
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issues, Place, error, warning

CYCLE_TABLES = ("goals", "actuals", "adjustments", "calibration", "cascade", "steps")


def cycles_in(folder: Path) -> tuple[tuple[str, ...], Issues]:
    """Return the cycles in a client's folder, and what else lies there: no month that is not read is passed over."""
    found: list[Cycle] = []
    beside = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    odd = [
        error("bad-cycle", Place(name), cycle=name, nearest="cycles")
        for name in beside
        if name != "cycles" and name.casefold() == "cycles"
    ]
    linked = [name for name in ("cycles", "scenarios") if (folder / name).is_symlink()]
    if linked:
        return (), Issues(error("link-refused", Place(name)) for name in linked)
    for path in sorted((folder / "cycles").iterdir()) if (folder / "cycles").is_dir() else ():
        place = Place(f"cycles/{path.name}")
        try:
            cycle = Cycle.parse(path.name)
        except ValueError:
            if _holds_data(path):  # it may be the newest month; the one before must not stand in for it
                odd.append(error("bad-cycle", place, cycle=path.name, nearest=likely_cycle(path.name)))
            elif path.is_dir():
                odd.append(warning("bad-cycle", place, cycle=path.name, nearest=likely_cycle(path.name)))
            continue
        file = path / "actuals.csv"
        if path.is_symlink():
            odd.append(error("link-refused", place))
        elif not path.is_dir():
            odd.append(error("bad-cycle", place, cycle=path.name, nearest=""))
        elif os.path.lexists(table_file(file)) or neighbours(file):  # what cannot be read is there all the same
            found.append(cycle)
        else:
            odd.append(warning("cycle-not-begun", Place(f"{place.file}/actuals.csv"), cycle=cycle.id))
        if path.is_dir() and (names := _not_read(path)):
            odd.append(warning("not-read", place, names=names))
    in_order = sorted(found, key=lambda cycle: (cycle.last_day, cycle.months))
    return tuple(cycle.id for cycle in in_order), Issues(odd)


def _holds_data(path: Path) -> bool:
    """Whether an entry that is no cycle holds something that could be a month's."""
    if path.is_dir():
        return any(each.suffix.lower() in _LIKE_DATA for each in path.iterdir())
    return path.suffix.lower() in _LIKE_DATA and path.name[0] not in "~."


def _not_read(folder: Path) -> list[str]:
    """Return the files of a cycle's folder that look like data and that nothing reads."""
    tables = {f"{name}{ending}" for name in ("people", *CYCLE_TABLES) for ending in (".csv", ".xlsx", ".xlsm")}
    meant = {name for table in ("people", *CYCLE_TABLES) for name in neighbours(folder / f"{table}.csv")}
    return [
        each.name
        for each in sorted(folder.iterdir())
        if each.suffix.lower() in _LIKE_DATA and each.name not in tables | meant and each.name[0] not in "~."
    ]


_LIKE_DATA = {".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".et", ".toml"}


def likely_cycle(name: str) -> str:
    """Return the cycle that a folder's name was meant to be, empty where that cannot be told.

    >>> likely_cycle("2026年10月"), likely_cycle("2026-10 final"), likely_cycle("26-10"), likely_cycle("2026q4")
    ('2026-10', '2026-10', '2026-10', '2026-Q4')
    """
    text = unicodedata.normalize("NFKC", name).strip()
    quarter = re.match(r"(\d{4})\D{0,2}[qQ季](\d)", text)
    month = re.match(r"(?:20)?(\d\d)\D{0,2}0?(\d{1,2})(?!\d)", text)
    turned = re.match(r"(\d{1,2})\D(20\d\d)(?!\d)", text)
    if quarter:
        likely = f"{quarter[1]}-Q{quarter[2]}"
    elif turned:
        likely = f"{turned[2]}-{int(turned[1]):02d}"
    else:
        likely = f"20{month[1]}-{int(month[2]):02d}" if month else ""
    try:
        return Cycle.parse(likely).id
    except ValueError:
        return ""
