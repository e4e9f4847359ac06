"""Many made-up clients: the first example over and over, each with actuals of its own."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from conftest import held_fast

from kpi_toolkit.clients.workbook import Workbook, shipped


def many_clients(root: Path, count: int) -> Workbook:
    """Lay out ``client-0000`` and so on in a new workbook; always the same."""
    base = shipped() / "client_data" / "home-goods"
    chance = random.Random(7)
    for number in range(count):
        folder = root / "client_data" / f"client-{number:04d}"
        shutil.copytree(base, folder, ignore=held_fast)
        for table in folder.glob("cycles/*/actuals.csv"):
            head, *rows = table.read_text("utf-8-sig").splitlines()
            place = head.split(",").index("actual")
            table.write_text("\n".join([head, *(_jittered(row, place, chance) for row in rows)]) + "\n", "utf-8")
    return Workbook(root)


def _jittered(row: str, place: int, chance: random.Random) -> str:
    cells = row.split(",")
    try:
        cells[place] = str(round(float(cells[place]) * chance.uniform(0.9, 1.1)))
    except (ValueError, IndexError):
        return row
    return ",".join(cells)
