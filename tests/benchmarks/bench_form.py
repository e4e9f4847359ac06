"""What a change of one weight costs in the form of 50 roles and 400 indicators: ``python tests/benchmarks/bench_form.py``.

From the act to everything that the browser shows: text edited and read back, findings, values, pictures.
"""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.form import open_form

ROOT = Path(__file__).resolve().parents[2]
ROLES, EACH = 50, 8


def large_client(root: Path) -> Workbook:
    """Return a workbook with one client whose design has many roles, each with its own indicators."""
    folder = root / "client_data/large"
    shutil.copytree(ROOT / "client_data/home-goods", folder, ignore=shutil.ignore_patterns("cycles", "scenarios"))
    head = (folder / "design.toml").read_text("utf-8").split("[roles.")[0]
    (folder / "design.toml").write_text(head + "".join(map(_role, range(ROLES))), "utf-8")
    rows = [f"p{n},Person {n},role-{n}" for n in range(ROLES)]
    (folder / "people.csv").write_text("\n".join(["id,name,role", *rows, ""]), "utf-8")
    return Workbook(root)


def _role(n: int) -> str:
    items = "".join(
        f'[[roles.role-{n}.indicators]]\nid = "i-{k}"\nname = {{ zh = "指标 {n} {k}", en = "Indicator {n} {k}" }}\n'
        f'class = "workload"\nweight = 12.5\ntarget = {10 + k}\nsource = "log"\ncurve = "banded"\n\n'
        for k in range(EACH)
    )
    return f'[roles.role-{n}]\nname = {{ zh = "岗位 {n}", en = "Role {n}" }}\n\n{items}'


def main() -> None:
    """Print the median and the slowest of twenty changes, after two to warm up."""
    with tempfile.TemporaryDirectory() as folder:
        form = open_form(large_client(Path(folder)), "large", "en")
        form.open("roles/role-7")
        gc.freeze()  # as the notebook does
        times = []
        for weight in range(10, 32):
            start = process_time()
            form.set(("roles", "role-7", "indicators", "i-3", "weight"), str(weight))
            form.state(form.issues())
            times.append((process_time() - start) * 1000)
    line = (
        f"{ROLES} roles, {ROLES * EACH} indicators: {median(times[2:]):.0f} ms CPU (slowest {max(times[2:]):.0f} ms)\n"
    )
    sys.stdout.write(line)


if __name__ == "__main__":
    main()
