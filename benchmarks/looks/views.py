"""What there is to look at: every screen with something and with nothing in it, and what opens on them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from app.screen import screens
from benchmarks.looks import chinese
from benchmarks.looks.scenery import BROKEN_OFF, CHINESE, LIVE, Scenery
from benchmarks.looks.visit import SOON, settle
from sample_data.catalogue import SAMPLES

QUALITY_TABS = 6


@dataclass(frozen=True, kw_only=True)
class View:
    """One thing to look at. `does`: what is done on the page before; `is_extra`: seen in one width and look only."""

    name: str
    address: str
    does: Callable[[Page], None] | None = None
    is_extra: bool = False


@contextmanager
def shown(window: BrowserContext, address: str, view: View) -> Iterator[Page]:
    """Open a view in a page of its own."""
    page = window.new_page()
    page.goto(address + view.address)
    settle(page)
    if view.does is not None:
        view.does(page)
        page.mouse.move(0, 0)  # what the mouse rests on shows buttons of its own
        settle(page)
    yield page
    page.close()


def named(wanted: Sequence[View], words: Sequence[str]) -> list[View]:
    """Return the views with one of these words in their names; all of them without words."""
    return [view for view in wanted if not words or any(word in view.name for word in words)]


def empty_views() -> list[View]:
    """Return every screen as it is before anything has been added."""
    return [View(name=f"empty-{screen.key}", address=_path(screen.key)) for screen in screens()]


def views(seen: Scenery) -> list[View]:
    """Return every screen with a finished run, and then what else is worth a look."""
    run, table = seen.runs["customers"], seen.tables["customers"]
    about = {"home": "", "runs": "", "settings": "", "data": f"?table={table}", "goal": f"?table={table}"}
    every = [
        View(name=screen.key, address=_path(screen.key) + about.get(screen.key, f"?run={run}")) for screen in screens()
    ]
    return [*every, *_states(seen), *_tabs(run), *_opened(run, table)]


def _path(key: str) -> str:
    return "/" if key == "home" else f"/{key}"


def _states(seen: Scenery) -> list[View]:
    others = [("houses", key) for key in ("data", "goal", "quality", "why", "one_row", "whatif")]
    others += [("machines", key) for key in ("goal", "quality", "why", "one_row", "whatif")]
    others += [(CHINESE, key) for key in ("data", "quality", "why", "one_row", "whatif")]
    compared = ",".join((seen.runs["customers"], seen.runs[BROKEN_OFF]))
    return [
        View(name="training-live", address=f"/training?run={seen.runs[LIVE]}"),
        View(name="training-broken-off", address=f"/training?run={seen.runs[BROKEN_OFF]}", is_extra=True),
        View(name="runs-compared", address=f"/runs?compare={compared}", is_extra=True),
        *(_about(seen, sample, key) for sample, key in others),
        replace(_about(seen, CHINESE, "predict"), does=partial(_predict, seen.folder / chinese.FILE)),
    ]


def _about(seen: Scenery, sample: str, key: str) -> View:
    query = f"run={seen.runs[sample]}&table={seen.tables[sample]}"
    return View(name=f"{key}-{sample}", address=f"{_path(key)}?{query}", is_extra=True)


def _tabs(run: str) -> list[View]:
    def opens(number: int) -> Callable[[Page], None]:
        return lambda page: page.get_by_role("tab").nth(number).click()

    return [
        View(name=f"quality-tab-{number}", address=f"/quality?run={run}", does=opens(number), is_extra=True)
        for number in range(1, QUALITY_TABS + 1)
    ]


def _opened(run: str, table: str) -> list[View]:
    return [
        View(name="predict-done", address=f"/predict?run={run}", does=partial(_predict, SAMPLES[0].path)),
        View(name="goal-opened", address=f"/goal?table={table}", does=_unfold, is_extra=True),
        View(name="data-opened", address=f"/data?table={table}", does=_unfold, is_extra=True),
        View(name="home-opened", address="/", does=_unfold, is_extra=True),
        View(name="settings-opened", address="/settings", does=_unfold, is_extra=True),
        View(name="why-opened", address=f"/why?run={run}", does=_unfold, is_extra=True),
    ]


def _unfold(page: Page) -> None:
    for fold in page.locator("[data-testid=stExpander] summary").all():
        fold.click()
        settle(page)


def _predict(file: Path, page: Page) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_test_id("stDataFrame").first.wait_for(timeout=SOON)
