"""Measures the report of a run: time to make, size, requests to anywhere, and what axe-core finds against it.

python benchmarks/reports.py WORKSPACE RUN [RUN ...] [--axe axe.min.js] [--pictures FOLDER]

The page is opened offline in Chromium, in English and Chinese, light and dark, on a wide screen and on a phone; that
axe-core sees anything at all is tried on a page that is made wrong. It is fetched with npm into a temporary folder
unless its file is given; the browser puts it into the page, which the page's own policy does not let a page do.
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from app.bootstrap import workspace
from app.handing_over import hand_over
from storage.workspace import Workspace

AXE = "axe-core@4"
LANGUAGES = ("en", "zh_CN")
LOOKS = (("light", 1280), ("dark", 1280), ("light", 390))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HEAD = "| run | language | seconds | kB | requests | violations | which |\n|---|---|---|---|---|---|---|"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run", nargs="+")
    parser.add_argument("--axe", type=Path, help="the file axe.min.js")
    parser.add_argument("--pictures", type=Path, help="keep the reports here, with what they look like on paper")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room, workspace(options.workspace) as place, sync_playwright() as player:
        axe = (options.axe or fetched(Path(room))).read_text(encoding="utf-8")
        kept = options.pictures or Path(room)
        browser = player.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        wrong = Path(room) / "wrong.html"
        wrong.write_text("<html><body><img src='data:,'></body></html>", encoding="utf-8")
        if not looked_at(browser, wrong, axe, "light", 1280)[0]:
            raise SystemExit("axe-core finds nothing against a page that is wrong")
        print(HEAD)
        for run in options.run:
            for language in LANGUAGES:
                print(f"| {measured(place, run, language, browser, axe, kept)} |", flush=True)
        browser.close()


def fetched(folder: Path) -> Path:
    """Fetch axe-core with npm; returns its file."""
    subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", str(folder), AXE], check=True)
    return folder / "node_modules" / "axe-core" / "axe.min.js"


def chromium() -> str | None:
    """Return where a Chromium is installed; None leaves it to Playwright."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def measured(place: Workspace, run: str, language: str, browser: Browser, axe: str, kept: Path) -> str:
    """Make the report of a run in a language and look at it; returns a line of the table."""
    record = place.runs.get(run)
    folder = kept / f"{record.id}-{language}"
    started = time.monotonic()
    page = hand_over(place.runs, record, "report", folder, language=language)[0]
    seconds = time.monotonic() - started
    asked: list[str] = []
    broken: list[str] = []
    for look, width in LOOKS:
        found, requests = looked_at(browser, page, axe, look, width)
        asked += requests
        broken += [f"{each['id']} ({look}, {width} px): {each['nodes'][0]['target'][0]}" for each in found]
    printed(browser, page, folder / "report.pdf")
    size = page.stat().st_size / 1000
    which = "; ".join(dict.fromkeys(broken)) or "none"
    return f"{record.name} | {language} | {seconds:.1f} | {size:.0f} | {len(asked)} | {len(broken)} | {which}"


def looked_at(browser: Browser, page: Path, axe: str, look: Any, width: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Open a page offline; returns what axe-core finds, and the addresses asked for besides the page."""
    context = browser.new_context(
        offline=True, viewport={"width": width, "height": 900}, color_scheme=look, bypass_csp=True
    )
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(page.as_uri())
    opened.evaluate(axe)
    values = {"runOnly": {"type": "tag", "values": TAGS}}
    found = opened.evaluate("options => axe.run(document, options)", values)["violations"]
    context.close()
    return found, [address for address in asked if address != page.as_uri()]


def printed(browser: Browser, page: Path, target: Path) -> None:
    """Print a page to PDF, as the dialogue of Chromium would."""
    opened = browser.new_page()
    opened.goto(page.as_uri())
    opened.pdf(path=target, format="A4", margin={"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"})
    opened.close()


if __name__ == "__main__":
    main()
