"""How fast curves, acceptability and intervals are, as ratios in one run, one thread: ``make bench``.

The oracles (pysensmcda with pymcdm) need pandas below 3 and live in an environment of their own; their side is timed inside
their process, without its start.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

from bench_whatif import made_up

from kpi_toolkit.method.curves import Bands, Ratio, score_micro
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.steps import Steps
from kpi_toolkit.whatif.placing import tier_shares
from kpi_toolkit.whatif.stability import narrowest_rooms
from kpi_toolkit.whatif.weights import generator, uniform

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from doubt_cases import rescoring_of

PEOPLE, INDICATORS, DRAWS, ROWS = 60, 10, 10_000, 100_000
CAP = Decimal(120)
ONE_THREAD = "OPENBLAS_NUM_THREADS"
CURVES = {
    "ratio": Ratio(),
    "bands": Bands.model_validate({"bands": [{"from": n, "score": n} for n in (0, 60, 70, 80, 90, 100)]}),
    "steps": Steps.model_validate({"by": "margin_percent", "step": 5, "deduct": 5}),
}
ORACLE = """
import json, sys, time
import numpy as np
from pymcdm.methods import WSM
from pysensmcda.smaa import rank_acceptability, simulate
scores = np.array(json.load(sys.stdin))
method = WSM()
types = np.ones(scores.shape[1])
best = float("inf")
for _ in range(2):
    start = time.process_time()
    rank_acceptability(simulate(method, scores, types, num_samples=10_000, seed=1))
    best = min(best, time.process_time() - start)
print(best)
"""


def best(work: Callable[[], object], times: int) -> float:
    """Return the least processor time of several runs, in seconds: a busy machine says the same."""
    found = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        found = min(found, time.process_time() - start)
    return found


def curve_rows() -> list[tuple[str, float]]:
    """Return millionths of a second for a score, by curve."""
    random = Random(1)
    rows = [
        (Decimal(random.randrange(0, 20_000)).scaleb(-1), Decimal(random.randrange(100, 2000))) for _ in range(ROWS)
    ]
    return [
        (name, best(lambda c=curve: [score_micro(c, a, t, Direction.HIGHER, CAP) for a, t in rows], 2) / ROWS * 1e6)
        for name, curve in CURVES.items()
    ]


def main(oracle: str, out: Path) -> None:
    """Measure and write the table. One thread on both sides: the libraries read it from the environment as they start."""
    if os.environ.get(ONE_THREAD) != "1":
        subprocess.run([sys.executable, __file__, oracle, str(out)], check=True, env={**os.environ, ONE_THREAD: "1"})
        return
    rescoring = rescoring_of(made_up(PEOPLE, INDICATORS))
    scores = rescoring.forms["a"].scores / 100
    now = rescoring.tiers_under(rescoring.agreed)[0]

    def acceptability() -> None:
        tier_shares(rescoring.tiers_under({"a": uniform(DRAWS, INDICATORS, generator())}))

    ours = best(acceptability, 7)
    room = best(lambda: narrowest_rooms(rescoring, now), 5)
    theirs = float(
        subprocess.run([oracle, "-c", ORACLE], input=json.dumps(scores.tolist()), capture_output=True, text=True, check=True).stdout
    )  # fmt: skip
    lines = [
        f"# Measured {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, one thread of {os.cpu_count()} cores",
        "",
        "| what | here | against | ratio |",
        "|---|---|---|---|",
        f"| tier acceptability, 60 x 10, 10 000 draws | {ours * 1e3:.1f} ms | pysensmcda + pymcdm {theirs:.2f} s | {theirs / ours:.0f} |",
        f"| all weights at each tenth of a point, 60 x 10 | {room * 1e3:.0f} ms | | |",
    ]
    lines += [f"| a score, {name} | {cost:.1f} µs | | |" for name, cost in curve_rows()]
    text = "\n".join(lines) + "\n"
    out.write_text(text, "utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
