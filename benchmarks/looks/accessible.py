"""Asks axe-core about every screen, in every state that there is a picture of: nothing may be broken anywhere.

    python -m benchmarks.looks.accessible [--only WORD ...] [--eyes en-light-1280 ...] [--workspace FOLDER]

Both languages, light and dark, on a desk and on a phone. It ends with 1 where a rule is broken.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.looks.axe import violations
from benchmarks.looks.scenery import scenery, speak
from benchmarks.looks.views import View, empty_views, named, shown, views
from benchmarks.looks.visit import ALL_EYES, Eyes, browser, served, window_for

NARROW_ENOUGH = 1280


def main() -> int:
    """Look at everything; returns the exit code."""
    options = _options()
    began = time.monotonic()
    chosen = [each for each in ALL_EYES if (each.name in options.eyes if options.eyes else each.width <= NARROW_ENOUGH)]
    n_views, broken = 0, Counter[str]()
    with browser() as opened:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as empty, served(Path(empty)) as address:
            for eyes in chosen:
                wanted = named(empty_views(), options.only)
                n_views += len(wanted)
                broken += _ask(opened, address, wanted, eyes)
        with scenery(options.workspace) as seen, served(seen.folder) as address:
            for eyes in chosen:
                speak(seen, eyes.language)
                wanted = named(views(seen), options.only)
                n_views += len(wanted)
                broken += _ask(opened, address, wanted, eyes)
    print(f"{n_views} views, {sum(broken.values())} violations {dict(broken)}, {time.monotonic() - began:.0f} s")
    return 1 if broken or not n_views else 0


def _ask(opened: Browser, address: str, wanted: Sequence[View], eyes: Eyes) -> Counter[str]:
    broken = Counter[str]()
    with window_for(opened, eyes) as window:
        for view in wanted:
            with shown(window, address, view) as page:
                found = violations(page)
            print(f"{eyes.name} {view.name}: {len(found)}", file=sys.stderr, flush=True)
            broken.update(each.rule for each in found)
            for each in found:
                print(f"{eyes.name} {view.name}: {each.rule} ({each.impact})", flush=True)
                for place, why in each.where[:4]:
                    print(f"    {place}: {' '.join(why.split())[:300]}")
    return broken


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=Path("screenshots/workspace"))
    parser.add_argument("--only", nargs="*", default=[], help="views with one of these words in their names")
    parser.add_argument("--eyes", nargs="*", default=[], help=", ".join(eyes.name for eyes in ALL_EYES))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
