"""What the live what-if costs in Chromium, its network cut: opening, a move of a slider, ten thousand draws.

Times of a move are processor time of the page's main thread, painting included, so that a busy machine says the same.
Run: ``python tests/benchmarks/bench_whatif.py [FILE]``.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import sync_playwright

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.workbook import Workbook, shipped
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Tables
from kpi_toolkit.pages.whatif_page import live_data, whatif_html
from kpi_toolkit.results.summary import summarize_cycle
from kpi_toolkit.whatif.scenarios import Basis
from kpi_toolkit.whatif.session import session_data

SIZES = ((50, 8), (60, 10), (200, 10), (500, 10))
CLASSES = ("workload", "quality", "reach", "lead", "result")
MOVES = """async () => {
  const slider = document.querySelector('.kwi-item input[type=range]'), seconds = [];
  for (let i = 0; i < 60; i++) {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    slider.value = 10 + (i * 7) % 60;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise(done => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
    seconds.push(performance.now() - start);
  }
  return seconds;
}"""
DRAWS = """async () => {
  const slider = document.querySelector('.kwi-item input[type=range]'), start = performance.now();
  slider.value = 33;
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  const said = draws => [...document.querySelectorAll('.kwi-held')].some(e => e.title.includes(` ${draws} `));
  while (!said(1000) && performance.now() - start < 30000) await new Promise(done => setTimeout(done, 4));
  const coarse = performance.now() - start;
  while (!said(10000) && performance.now() - start < 30000) await new Promise(done => setTimeout(done, 4));
  return [coarse, performance.now() - start];
}"""


def made_up(people: int, indicators: int) -> Basis:
    """Return a cycle of one role."""
    rng = random.Random(3)
    weights = [100 // indicators] * indicators
    weights[0] += 100 - sum(weights)
    items = [
        {"id": f"i{k}", "name": f"Indicator {k}", "class": CLASSES[k % 5], "weight": w, "target": 100, "source": "x"}
        for k, w in enumerate(weights)
    ]
    rows = [{"id": f"p{i}", "name": f"Person {i}", "role": "a"} for i in range(people)]
    actuals = [
        {"person": row["id"], "indicator": item["id"], "actual": Decimal(rng.randint(4000, 11000)) / 100}
        for row in rows
        for item in items
    ]
    return Basis(
        design=Design.model_validate({"roles": {"a": {"name": "A", "indicators": items}}}),
        tables=Tables.of(people=rows, actuals=actuals),
    )


def main() -> None:
    workbook = Workbook(shipped())
    frame = live_data(summarize_cycle(load_client(workbook.client_folder("lumen-brand")), "2026-10"), workbook, {})
    lines = [
        "| people × indicators | opens, ms | move: processor, ms | move to repaint, median ms | 1,000 draws, ms | 10,000 draws, ms | page, kB |",
        "|---|---|---|---|---|---|---|",
    ]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for people, indicators in SIZES:
            path = Path(folder) / "page.html"
            path.write_text(
                whatif_html(
                    {**frame, "session": session_data(made_up(people, indicators), "x", "2026-10").to_json()}, workbook
                ),
                "utf-8",
            )
            page = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True).new_page()
            page.goto(path.as_uri())
            page.wait_for_selector(".kwi-row button")
            opened = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
            page.wait_for_timeout(3000)
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})

            def spent(session=session) -> float:
                return next(
                    m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration"
                )

            before = spent()
            moves = page.evaluate(MOVES)
            thread = 1000 * (spent() - before) / len(moves)
            page.wait_for_timeout(2000)
            coarse, fine = page.evaluate(DRAWS)
            lines.append(
                f"| {people} × {indicators} | {opened:.0f} | {thread:.1f} | {statistics.median(moves):.1f} | {coarse:.0f} | {fine:.0f} | {path.stat().st_size / 1000:.0f} |"
            )
            page.close()
        browser.close()
    text = "\n".join(lines) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
