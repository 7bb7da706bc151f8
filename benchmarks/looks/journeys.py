"""Walks from the first page to a downloaded model as a newcomer does: no typing, clicks counted; and by keyboard alone.

    python -m benchmarks.looks.journeys [--samples customers houses machines] [--languages en zh_CN] [--no-keyboard]

Each walk trains for one minute. Every request that would leave the computer makes it fail; so do more than 8 clicks.
"""

import argparse
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Download, Route

from benchmarks.looks.hands import Person
from benchmarks.looks.visit import LANGUAGES, Eyes, browser, served, settle, window_for
from sample_data.catalogue import SAMPLES

MOST_CLICKS = 8
TRAINED_SECONDS = 120.0
KEYS = [sample.key for sample in SAMPLES]


def main() -> int:
    """Walk; returns the exit code."""
    options = _options()
    walks = [(sample, language, False) for language in options.languages for sample in options.samples]
    walks += [] if options.no_keyboard else [(options.samples[0], language, True) for language in options.languages]
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as place, served(Path(place)) as address, browser() as opened:
        for sample, language, by_keyboard in walks:
            print(_walk(opened, address, sample, language, by_keyboard=by_keyboard), flush=True)
    return 0


def _walk(opened: Browser, address: str, sample: str, language: str, *, by_keyboard: bool) -> str:
    began = time.monotonic()
    with window_for(opened, Eyes(language=language)) as window:
        outside: list[str] = []

        def only_here(route: Route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.continue_()
            else:
                outside.append(route.request.url)
                route.abort()

        window.route("**/*", only_here)
        person = Person(page=window.new_page(), language=language, by_keyboard=by_keyboard)
        person.page.goto(address)
        settle(person.page)
        file = _from_home_to_the_model(person, KEYS.index(sample))
        with zipfile.ZipFile(file.path()) as bundle:
            assert "bundle/model.onnx" in bundle.namelist()
        assert outside == [], outside
        assert by_keyboard or person.n_done <= MOST_CLICKS, person.n_done
    hands = f"{person.n_done} keys and {person.n_tabs} tabs" if by_keyboard else f"{person.n_done} clicks"
    return f"{sample}, {language}: {hands}, {time.monotonic() - began:.0f} s, no request outside"


def _from_home_to_the_model(person: Person, sample: int) -> Download:
    """Go the whole way; returns the bundle."""
    person.press("Try it", sample)
    person.waits_for("Yes, choose what to predict", TRAINED_SECONDS)
    person.press("Yes, choose what to predict")
    person.waits_for("Start training", TRAINED_SECONDS)
    person.press("{n} min", n=1)
    settle(person.page)
    person.press("Start training")
    person.waits_for("See how good it is", TRAINED_SECONDS)
    person.press("See how good it is")
    settle(person.page)
    person.press("Hand over")
    person.waits_for("Download the bundle", TRAINED_SECONDS)
    return person.pressed_for_file("Download the bundle")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", nargs="+", choices=KEYS, default=["customers", "houses", "machines"])
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--no-keyboard", action="store_true", help="with the mouse only")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
