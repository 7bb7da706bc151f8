"""Measures how quick the pages are on a table of 500,000 x 50 and a run of 200 candidates, in a real browser.

    python -m benchmarks.looks.speed [--workspace FOLDER] [--times 5] [--parts first screens live upload]

The workspace is made the first time (five minutes, 1 GB). Beside the seconds stands what the server computed for it,
which other work on the computer does not change. Live pages: eight of a run whose candidates end every second.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket

from app.screen import screens
from benchmarks.looks.large import FAMILIES, Large, large
from benchmarks.looks.visit import DONE, SOON, Eyes, browser, settle, window_for
from engine.events import CandidateFinished, CandidateStarted
from tests.conftest import Server

FIRST_SECONDS, SCREEN_SECONDS, LIVE_SHARE, UPLOAD_GROWTH = 1.5, 2.0, 0.20, 100_000_000
N_LIVE, LIVE_SECONDS, CALM_SECONDS = 8, 20.0, 8.0
UPLOAD_BYTES = 1_000_000_000
DRAWN = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && document.querySelector("h1") && !document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner]")"""


def main() -> int:
    """Measure; returns 1 where a figure is worse than it may be."""
    options = _options()
    kept = []
    with large(options.workspace) as seen, browser() as opened:
        for part in options.parts:
            with _serving(seen) as server:
                kept.append(PARTS[part](opened, server, seen, options.times))
    return 0 if all(kept) else 1


@contextmanager
def _serving(seen: Large) -> Iterator[Server]:
    server = Server(seen.folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _first(opened: Browser, server: Server, _seen: Large, times: int) -> bool:
    """Open the first page as somebody does who has been here before."""
    with window_for(opened, Eyes()) as window:
        _open(window, server, "/")
        found = [_open(window, server, "/") for _each in range(times)]
    seconds = statistics.median(each for each, _cpu in found)
    _tell("first page, warm", found)
    return seconds <= FIRST_SECONDS


def _screens(opened: Browser, server: Server, seen: Large, times: int) -> bool:
    """Open every screen with the finished run or its table; what is worked out once shows in the first opening."""
    worst = 0.0
    with window_for(opened, Eyes()) as window:
        _open(window, server, "/")
        for name, address in _addresses(seen):
            first, *others = [_open(window, server, address) for _each in range(times + 1)]
            worst = max(worst, first[0], statistics.median(each for each, _cpu in others))
            _tell(f"{name}", others, first)
    print(f"the slowest: {worst:.2f} s")
    return worst <= SCREEN_SECONDS


def _addresses(seen: Large) -> list[tuple[str, str]]:
    about = {"home": "", "runs": "", "settings": "", "data": f"?table={seen.table}", "goal": f"?table={seen.table}"}
    named = [(each.key, f"/{each.key if each.key != 'home' else ''}") for each in screens()]
    every = [(key, path + about.get(key, f"?run={seen.finished}")) for key, path in named]
    return [*every, ("training, live", f"/training?run={seen.live}")]


def _open(window: BrowserContext, server: Server, address: str) -> tuple[float, float]:
    """Open a page until all of it stands there; returns the seconds, and those that the server computed."""
    page, before = window.new_page(), _computed(server)
    begun = time.perf_counter()
    page.goto(server.url + address, wait_until="commit")
    page.wait_for_function(DRAWN, timeout=SOON, polling=20)
    seconds = time.perf_counter() - begun
    page.wait_for_timeout(150)
    computed = _computed(server) - before
    page.close()
    return seconds, computed


def _live(opened: Browser, server: Server, seen: Large, _times: int) -> bool:
    """Hold eight pages of a training open while its candidates end one by one."""
    received = [0]

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    with window_for(opened, Eyes()) as window:
        pages = [window.new_page() for _each in range(N_LIVE)]
        for page in pages:
            page.on("websocket", listen)
            page.goto(f"{server.url}/training?run={seen.live}")
            settle(page)
        stop = threading.Event()
        happening = threading.Thread(target=_happen, args=(seen, stop))
        happening.start()
        pages[0].wait_for_timeout(1000 * CALM_SECONDS)
        received.clear()
        before, begun = _computed(server), time.monotonic()
        pages[0].wait_for_timeout(1000 * LIVE_SECONDS)
        seconds = time.monotonic() - begun
        share, sent = (_computed(server) - before) / seconds, sum(received) / seconds
        stop.set()
        happening.join()
    print(f"{N_LIVE} live pages: {share:.1%} of a core, {sent / 1000:.1f} kB/s to the browser")
    return share <= LIVE_SHARE


def _happen(seen: Large, stop: threading.Event) -> None:
    """Let a candidate begin and end every second, as a search does."""
    events = [event for _number, event in seen.place.runs.events(seen.live)]
    number, seconds = max(each.number for each in events if isinstance(each, CandidateFinished)), events[-1].seconds
    while not stop.wait(1.0):
        number, seconds = number + 1, seconds + 1
        family = FAMILIES[number % len(FAMILIES)]
        seen.place.runs.append(seen.live, CandidateStarted(seconds=seconds - 1, number=number, family=family))
        ended = CandidateFinished(
            seconds=seconds,
            number=number,
            family=family,
            parameters={},
            score=0.7,
            spread=0.01,
            fold_scores=(0.7,) * 5,
            train_seconds=1.0,
        )
        seen.place.runs.append(seen.live, ended)


def _upload(opened: Browser, server: Server, _seen: Large, _times: int) -> bool:
    """Send a file of 1 GB through the box on the page; it is no table, so nothing is read of it afterwards."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    with tempfile.TemporaryDirectory() as folder, window_for(opened, Eyes()) as window:
        file = Path(folder) / "large.csv"
        with file.open("wb") as empty:
            empty.truncate(UPLOAD_BYTES)
        page = window.new_page()
        page.goto(server.url)
        settle(page)
        before = process.memory_info().rss
        begun = time.monotonic()
        page.locator("input[type=file]").first.set_input_files(file)
        most = _most(page, process)
        seconds = time.monotonic() - begun
    print(f"1 GB sent in {seconds:.1f} s; the server grew by {(most - before) / 1e6:.0f} MB")
    return bool(most - before <= UPLOAD_GROWTH)


def _most(page: Page, process: psutil.Process) -> int:
    """Return the most memory that the server has until the page goes on to the file that arrived."""
    most, give_up = 0, time.monotonic() + 3 * SOON / 1000
    while "/data" not in page.url:
        assert time.monotonic() < give_up, "the file never arrived"
        most = max(most, process.memory_info().rss)
        page.wait_for_timeout(50)
    page.wait_for_selector(DONE, timeout=SOON)
    return int(max(most, process.memory_info().rss))


def _computed(server: Server) -> float:
    assert server.process is not None
    spent = psutil.Process(server.process.pid).cpu_times()
    return float(spent.user + spent.system)


def _tell(name: str, found: list[tuple[float, float]], first: tuple[float, float] | None = None) -> None:
    seconds, computed = (statistics.median(each) for each in zip(*found, strict=True))
    opening = "" if first is None else f"; at first {first[0]:.2f} s, {first[1]:.2f} s"
    print(f"{name:18} {seconds:5.2f} s, the server computes {computed:.2f} s{opening}", flush=True)


Part = Callable[[Browser, Server, Large, int], bool]
PARTS: dict[str, Part] = {"first": _first, "screens": _screens, "live": _live, "upload": _upload}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=Path("screenshots/large"))
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
