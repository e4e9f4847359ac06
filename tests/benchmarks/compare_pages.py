"""What two commits deliver, held against each other: ``python tests/benchmarks/compare_pages.py OLD [NEW]``.

Both make every report of the example clients in folders of their own. Said of each page is the strongest that holds:
the same bytes, the same text and pictures (the PDF at 60 dpi), the same text, or else its first lines that differ.
Moves must keep bytes, a new style text, new wording only changes words. Ends with 1 where anything but bytes differs.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pypdfium2
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = "from kpi_toolkit.cli import main; main()"
REPORTS = ("--report", "team,person,design,whatif", "--format", "html,pdf", "--jobs", "2")


def delivered(commit: str, folder: Path) -> Path:
    """Return the reports that a commit makes of its own example clients."""
    checkout, book = folder / "checkout", folder / "workbook"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", checkout, commit], cwd=ROOT, check=True)
    environment = os.environ | {"PYTHONPATH": str(checkout), "KPI_LANG": "en"}
    try:
        for arguments in (
            ("init", str(book), "--examples"),
            ("--workbook", str(book), "-q", "render", "--all", *REPORTS),
        ):
            subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=folder, env=environment, check=True)
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", checkout], cwd=ROOT, check=True)
    return book / "reports"


def text_of(page: Path) -> list[str]:
    """Return what a page says, line by line."""
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    for unseen in soup(["style", "script"]):
        unseen.decompose()
    return [line for line in (" ".join(part.split()) for part in soup.get_text("\n").splitlines()) if line]


def pictures_of(page: Path) -> list[bytes]:
    """Return a page's PDF as pictures; none where it has no PDF."""
    paper = page.with_suffix(".pdf")
    return (
        [sheet.render(scale=60 / 72).to_pil().tobytes() for sheet in pypdfium2.PdfDocument(paper)]
        if paper.exists()
        else []
    )


def verdict(old: Path, new: Path) -> tuple[str, list[str]]:
    """Return the strongest that holds of two pages, and the lines that differ."""
    if not (old.exists() and new.exists()):
        return "only in one", []
    if old.read_bytes() == new.read_bytes():
        return "same bytes", []
    changed = [
        line
        for line in difflib.unified_diff(text_of(old), text_of(new), lineterm="", n=0)
        if line[:3] not in ("---", "+++")
    ]
    if changed:
        return "other text", changed
    return ("same pictures" if pictures_of(old) == pictures_of(new) else "same text"), []


def main(old: str, new: str = "HEAD") -> int:
    with tempfile.TemporaryDirectory() as folder:
        both = [
            delivered(commit, path)
            for commit, path in ((old, Path(folder) / "old"), (new, Path(folder) / "new"))
            if not path.mkdir()
        ]
        names = sorted({page.relative_to(reports) for reports in both for page in reports.rglob("*.html")})
        found = Counter()
        for name in names:
            said, lines = verdict(*(reports / name for reports in both))
            found[said] += 1
            if said != "same bytes":
                sys.stdout.write("\n    ".join([f"{name}: {said}", *lines[:6]]) + "\n")
    sys.stdout.write((", ".join(f"{count} {said}" for said, count in found.most_common()) or "no pages") + "\n")
    return 0 if set(found) == {"same bytes"} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
