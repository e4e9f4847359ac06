"""What work may cost, counted in a fixed piece of work that is done here and now: a slow machine is slow at both."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager


def _a_piece() -> float:
    """Return what the fixed piece costs: texts searched, numbers added, a nest of values written and read."""
    began = time.process_time()
    rows = [{"person": f"p{n}", "value": str(n * 7919 % 1000), "of": [n, n + 1]} for n in range(20_000)]
    read = json.loads(json.dumps(rows))
    assert sum(int(row["value"]) for row in read if re.match(r"p\d+$", row["person"])) == 20_000 * 999 // 2
    return time.process_time() - began


@contextmanager
def at_most(pieces: float) -> Iterator[None]:
    """Fail if what is done inside costs this process more than so many pieces; it is measured before and after."""
    before, began = _a_piece(), time.process_time()
    yield
    spent = time.process_time() - began
    assert spent < pieces * max(before, _a_piece()), f"{spent:.1f} s, where a piece costs {before:.3f} s"
