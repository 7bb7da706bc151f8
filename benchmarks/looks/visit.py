"""Opens the app in a real browser as different people have it: language, light or dark, width of the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import Server, find_browser

SOON = 60_000  # milliseconds that only a failure uses up
HEIGHT = 900
TALLEST = 6000
DRAWN_MS = 700  # in which charts and tables draw themselves after the page says that it is done
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
WHOLE = """() => Math.max(...["stMain", "stAppViewContainer"].map((name) =>
    document.querySelector(`[data-testid=${name}]`)?.scrollHeight ?? 0))"""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-prefers-reduced-motion"]


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """How somebody looks at the app. `language`: as the catalogues are called."""

    language: str = "en"
    look: str = "light"
    width: int = 1280

    @property
    def name(self) -> str:
        """A name for folders."""
        return f"{self.language}-{self.look}-{self.width}"


LANGUAGES, LOOKS, WIDTHS = ("en", "zh_CN"), ("light", "dark"), (1280, 360, 2560)
ALL_EYES = tuple(Eyes(language=a, look=b, width=c) for a, b, c in product(LANGUAGES, LOOKS, WIDTHS))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Run the app on a workspace; gives its address."""
    server = Server(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the Chromium of this computer."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def window_for(opened: Browser, eyes: Eyes) -> Iterator[BrowserContext]:
    """Open a browser's window for these eyes, in which pages can be opened."""
    context = opened.new_context(
        viewport={"width": eyes.width, "height": HEIGHT},
        color_scheme="dark" if eyes.look == "dark" else "light",
        locale=eyes.language.replace("_", "-"),
        reduced_motion="reduce",
    )
    yield context
    context.close()


def settle(page: Page) -> None:
    """Wait until the page has been drawn, pictures and letters included."""
    page.get_by_role("heading", level=1).first.wait_for(timeout=SOON)
    page.wait_for_selector(DONE, timeout=SOON)
    page.wait_for_function("document.fonts.status === 'loaded'", timeout=SOON)
    page.wait_for_timeout(DRAWN_MS)


def stretch(page: Page, width: int) -> None:
    """Make the window as high as what it shows, because the page scrolls inside it."""
    for _again in range(2):  # what is lower than the window draws itself only now
        height = min(TALLEST, max(HEIGHT, int(page.evaluate(WHOLE))))
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(DRAWN_MS)
