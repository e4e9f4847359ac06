"""What scoring and assessing a cycle costs by its number of people: ``python tests/benchmarks/bench_people.py``.

Each size has a process of its own. Ten times the people must cost less than twenty times the processor time, and
10,000 people less than 700 MB; ends with 1 where they do not.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
SMALL, LARGE, INDICATORS = 1_000, 10_000, 5


def measure(people: int) -> tuple[float, float]:
    """Return processor seconds and megabytes."""
    said = subprocess.run([sys.executable, __file__, str(people)], capture_output=True, text=True, check=True).stdout
    seconds, megabytes = map(float, said.split())
    return seconds, megabytes


def score(people: int) -> None:
    """Score and assess a made-up cycle, and say what it cost."""
    from bench_whatif import made_up

    from kpi_toolkit.method.scoring import score_cycle
    from kpi_toolkit.method.tiers import assign_tiers
    from kpi_toolkit.whatif.confidence import assess

    basis = made_up(people, INDICATORS)
    start = time.process_time()
    scored = score_cycle(basis.design, basis.tables)
    tiering = assign_tiers(scored.scores.values(), basis.design.tiers)
    assess(basis, scored, tiering)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{time.process_time() - start:.2f} {most:.0f}\n")


def main() -> int:
    (few, _), (many, megabytes) = measure(SMALL), measure(LARGE)
    sys.stdout.write(
        f"{SMALL:,} people x {INDICATORS}: {few:.1f} s of processor time; {LARGE:,}: {many:.1f} s, "
        f"{many / few:.1f} times as much, {megabytes:.0f} MB\n"
    )
    return int(many >= 20 * few or megabytes >= 700)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        score(int(sys.argv[1]))
    else:
        sys.exit(main())
