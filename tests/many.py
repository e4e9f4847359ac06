"""Many made-up clients: an example or several over and over, each with actuals of its own."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from conftest import held_fast

from kpi_toolkit.clients.workbook import EXAMPLES, Workbook, shipped


def many_clients(root: Path, count: int, examples: Sequence[str] = EXAMPLES[:1]) -> Workbook:
    """Lay out ``client-0000`` and so on in a new workbook, of these examples in turn; always the same."""
    chance = random.Random(7)
    for number in range(count):
        folder = root / "client_data" / f"client-{number:04d}"
        base = shipped() / "client_data" / examples[number % len(examples)]
        shutil.copytree(base, folder, ignore=held_fast)
        for decided in folder.glob("cycles/*/calibration.csv"):  # it fits the example's own figures
            decided.unlink()
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
