"""Make the pictures of README and docs from the example clients: ``make pictures`` (needs Chromium).

Beside each picture ``docs/pictures/shows.json`` keeps the headings of the page it shows; a test compares them with those
of today's page, so that no picture shows what is no longer there.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
CLIENT, CYCLE, PERSON = "home-goods", "2026-10", "chen-yutong"
ENGLISH = ["Grace Wang", "Chloe Chen", "Liam Kay", "Mina Shaw", "Jackie Sun", "Harry Joe", "Mia Woods", "Rosie Young"]
"""Who works there in the English pictures; the example's people have Chinese names."""
FONTS = """<fontconfig><dir>{han}</dir><dir>{latin}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<match target="pattern"><edit name="family" mode="append_last"><string>Inter</string><string>Noto Sans SC</string></edit></match>
<alias binding="same"><family>sans-serif</family><prefer><family>Inter</family><family>Noto Sans SC</family></prefer></alias>
<alias binding="same"><family>system-ui</family><prefer><family>Inter</family><family>Noto Sans SC</family></prefer></alias>
</fontconfig>"""
SIZES = {"person": {"width": 760, "height": 840}, "whatif": {"width": 1180, "height": 820}}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


def headings(html: str) -> list[str]:
    """Return the headings of a page, as they are read."""
    found = BeautifulSoup(html, "html.parser").find_all(["h1", "h2", "h3"])
    return [" ".join(heading.get_text(" ").split()) for heading in found]


def shown_client(folder: Path, language: str) -> None:
    """Lay out the example client in a workbook; for English with English names, and without goals in Chinese words."""
    client = folder / "client_data" / CLIENT
    shutil.copytree(ROOT / "client_data" / CLIENT, client)
    if language == "zh":
        return
    head, *rows = (client / "people.csv").read_text("utf-8-sig").splitlines()
    cells = [
        [row.split(",")[0], name, row.split(",")[2], "Online marketing", *row.split(",")[4:]]
        for row, name in zip(rows, ENGLISH, strict=True)
    ]
    (client / "people.csv").write_text("\n".join([head, *map(",".join, cells)]) + "\n", "utf-8")
    for cycle in (client / "cycles").iterdir():
        for held in ("record.jsonl", "results.json", "client.toml", "design.toml", "curves.toml", "people.csv"):
            (cycle / held).unlink(missing_ok=True)  # other names and goals: these months were never closed
        shutil.rmtree(cycle / "deliveries", ignore_errors=True)
        with (cycle / "goals.csv").open(encoding="utf-8-sig", newline="") as file:
            goals = [",".join((row["person"], row["indicator"], row["target"])) for row in csv.DictReader(file)]
        (cycle / "goals.csv").write_text("\n".join(["person,indicator,target", *goals]) + "\n", "utf-8")
        for table in ("cascade", "steps"):
            (cycle / f"{table}.csv").unlink(missing_ok=True)


def made(folder: Path, language: str) -> dict[str, Path]:
    """Make the pages to be shown in a fresh workbook, and return each by the name of its picture."""
    shown_client(folder, language)
    kpi = [sys.executable, "-m", "kpi_toolkit", "--workbook", str(folder)]
    asked = [
        "render",
        CLIENT,
        "--cycle",
        CYCLE,
        "--report",
        "person",
        "--person",
        PERSON,
        "--format",
        "html",
        "--languages",
        language,
    ]
    for arguments in (asked, ["whatif", CLIENT, CYCLE]):
        subprocess.run([*kpi, *arguments], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    base = folder / "reports" / CLIENT / CYCLE
    return {"person": base / "people" / f"{PERSON}.{language}.html", "whatif": base / "whatif.html"}


def fonts(folder: Path) -> dict[str, str]:
    """Return an environment in which the browser has the Chinese fonts that come with the package."""
    from kpi_toolkit.pages.fonts import FACES

    latin, han = (next(face.path.parent for face in FACES if face.latin == kind) for kind in (True, False))
    (folder / "fonts.conf").write_text(FONTS.format(han=han, latin=latin, cache=folder / "cache"), "utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}


def try_a_weight(page: Page) -> None:
    """Move a weight, so that the picture shows what the page is for."""
    slider = page.locator("input[type=range]").first
    slider.focus()
    for _ in range(47):
        page.keyboard.press("ArrowRight")


def main() -> None:
    """Write all pictures and what they show."""
    PICTURES.mkdir(exist_ok=True)
    shows = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        program = os.environ.get("KPI_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], env=fonts(Path(folder)))
        for name, path in {
            f"{kind}.{lang}": path for lang in LOCALES for kind, path in made(Path(folder) / lang, lang).items()
        }.items():
            kind, _, language = name.partition(".")
            page = browser.new_page(viewport=SIZES[kind], locale=LOCALES[language], device_scale_factor=1.5)
            page.goto(f"{path.as_uri()}#{language}")
            page.wait_for_timeout(1500)
            if kind == "whatif":
                try_a_weight(page)
                page.wait_for_timeout(2500)
            page.screenshot(path=PICTURES / f"{name}.png")
            shows[name] = headings(path.read_text("utf-8"))
    text = json.dumps(shows, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (PICTURES / "shows.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
