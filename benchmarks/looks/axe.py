"""The checker of accessibility that browsers run, axe-core: fetched once with npm, and asked about a page."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path
from playwright.sync_api import Page

PACKAGE, FILE = "axe-core@4.14.1", "package/axe.min.js"
SUM = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule that a page breaks. `where`: the elements, as selectors, each with what is wrong."""

    rule: str
    impact: str
    where: tuple[tuple[str, str], ...]


@cache
def axe_source() -> str:
    """Return the checker's script; npm fetches it the first time."""
    place = user_cache_path("tablewright", appauthor=False) / "axe-core" / f"{PACKAGE}.js"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_fetched())
    content = place.read_bytes()
    if hashlib.sha256(content).hexdigest() != SUM:
        sys.exit(f"{place} is not {PACKAGE}. Delete it and run this again.")
    return content.decode("utf-8")


def _fetched() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(f"npm, which fetches {PACKAGE}, was not found. Install Node.js first.")
    with tempfile.TemporaryDirectory() as room:
        subprocess.run([npm, "pack", PACKAGE, "--pack-destination", room, "--silent"], check=True, capture_output=True)
        with tarfile.open(next(Path(room).glob("*.tgz")), "r:gz") as archive:
            member = archive.extractfile(FILE)
            assert member is not None
            return member.read()


def violations(page: Page) -> list[Violation]:
    """Return what a page breaks, as it stands now."""
    page.evaluate(f"{axe_source()}; 0")  # evaluated, because the page's policy refuses scripts from elsewhere
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", list(RULES))
    return [
        Violation(
            rule=each["id"],
            impact=each["impact"],
            where=tuple((" ".join(map(str, node["target"])), node["failureSummary"]) for node in each["nodes"]),
        )
        for each in found["violations"]
    ]
