"""Takes a picture of every screen: light and dark, English and Chinese, on a desk, a phone and a wide screen.

    python -m benchmarks.looks.screenshots [--out FOLDER] [--only WORD ...] [--eyes en-light-1280 ...]

The workspace is made the first time (two minutes). Chinese needs a font with Chinese letters on this computer.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.looks.scenery import scenery, speak
from benchmarks.looks.views import View, empty_views, named, shown, views
from benchmarks.looks.visit import ALL_EYES, Eyes, browser, served, stretch, window_for

USUAL, PHONE = Eyes(), Eyes(language="zh_CN", look="dark", width=360)
FOR_EXTRAS = (USUAL, PHONE)  # what is not worth twelve pictures is looked at twice


def main() -> int:
    """Take the pictures; returns the exit code."""
    options = _options()
    began, n_taken = time.monotonic(), 0
    chosen = [eyes for eyes in ALL_EYES if not options.eyes or eyes.name in options.eyes]
    with browser() as opened:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty, served(Path(empty)) as address:
            for eyes in (each for each in chosen if each in FOR_EXTRAS):
                n_taken += _take(opened, address, named(empty_views(), options.only), eyes, options.out)
        with scenery(options.out / "workspace") as seen, served(seen.folder) as address:
            for eyes in chosen:
                speak(seen, eyes.language)
                wanted = [view for view in views(seen) if eyes in FOR_EXTRAS or not view.is_extra]
                n_taken += _take(opened, address, named(wanted, options.only), eyes, options.out)
    print(f"{n_taken} pictures in {options.out} after {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0 if n_taken else 1


def _take(opened: Browser, address: str, wanted: Sequence[View], eyes: Eyes, out: Path) -> int:
    folder = out / eyes.name
    folder.mkdir(parents=True, exist_ok=True)
    with window_for(opened, eyes) as window:
        for view in wanted:
            with shown(window, address, view) as page:
                stretch(page, eyes.width)
                page.screenshot(path=folder / f"{view.name}.png")
    return len(wanted)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", nargs="*", default=[], help="views with one of these words in their names")
    parser.add_argument("--eyes", nargs="*", default=[], help=", ".join(eyes.name for eyes in ALL_EYES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
