"""How long the linter takes on a design of 50 roles and 400 indicators: ``python tests/benchmarks/bench_lint.py``."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from kpi_toolkit.clients.library import case_of
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks import check_design, lint_design
from kpi_toolkit.method.model import Design

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("workload", "quality", "reach", "lead", "management", "uptime", "workload", "quality")


def large_design(roles: int = 50, each: int = 8) -> Design:
    """Return a design whose every indicator has what the linter reads."""
    return Design.model_validate({
        "team_share": 10,
        "regulation": {"spot_checks": [{"what": "Reports"}]},
        "roles": {
            f"role-{r}": {
                "name": f"Role {r}",
                "indicators": [
                    {
                        "id": f"i-{r}-{n}", "name": {"zh": f"指标 {r} {n}", "en": f"Indicator {r} {n}"}, "class": CLASSES[n],
                        "weight": "12.5", "target": 100, "source": "后台 log", "standard": "编辑、录入并审核完毕的文章 Articles reviewed",
                        "curve": {"kind": "piecewise", "points": [{"at": 0, "score": 0}, {"at": 100, "score": 100}]},
                    }
                    for n in range(each)
                ],
            }
            for r in range(roles)
        },
    })  # fmt: skip


def main() -> None:
    """Print the median of seven runs: checks of what scores rest on, then cautions."""
    design = large_design()
    case = case_of(Workbook(ROOT), design)
    times, found = [], 0
    for _ in range(7):
        start = perf_counter()
        found = len(check_design(design) + lint_design(case))
        times.append(perf_counter() - start)
    count = sum(len(role.indicators) for role in design.roles.values())
    line = f"{len(design.roles)} roles, {count} indicators, {found} findings: "
    sys.stdout.write(f"{line}{median(times) * 1000:.0f} ms (slowest {max(times) * 1000:.0f} ms)\n")


if __name__ == "__main__":
    main()
