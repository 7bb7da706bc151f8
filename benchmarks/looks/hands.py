"""A person at the app, with a mouse or with the keyboard alone; what the hands do is counted."""

from dataclasses import dataclass, field

from playwright.sync_api import Download, Locator, Page

from app.language import catalogue
from benchmarks.looks.visit import SOON, settle

MOST_TABS = 150
MATCHES = """(wanted) => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    if (!at?.matches("a, button, input, summary, [role=button], [role=radio], [role=tab]")) return false
    const said = [at.innerText, at.getAttribute("aria-label"), at.closest("label")?.innerText]
    return said.some((text) => text?.split("\\n").some((line) => line.trim() === wanted))
}"""


@dataclass(kw_only=True)
class Person:
    """Somebody who reads `language`. `n_done`: clicks, or keys that do something; `n_tabs`: keys to get there."""

    page: Page
    language: str = "en"
    by_keyboard: bool = False
    n_done: int = field(default=0)
    n_tabs: int = field(default=0)

    def words(self, english: str, **places: object) -> str:
        """Return a text of the app as this person reads it."""
        return catalogue(self.language).get(english, english).format(**places)

    def press(self, english: str, which: int = 0, **places: object) -> None:
        """Press what carries these words: a button, a link, a choice. `which` of them, from 0."""
        name = self.words(english, **places)
        self._wait_for(name).nth(which).wait_for(timeout=SOON)
        if self.by_keyboard:
            for _each in range(which + 1):
                self._reach(name)
            self.page.keyboard.press("Enter")
        else:
            self._wait_for(name).nth(which).click()
        self.n_done += 1

    def pressed_for_file(self, english: str) -> Download:
        """Press what sends a file, and return the file."""
        with self.page.expect_download(timeout=3 * SOON) as arriving:
            self.press(english)
        return arriving.value

    def waits_for(self, english: str, seconds: float) -> None:
        """Wait until a button or link with these words is there."""
        self._wait_for(self.words(english)).first.wait_for(timeout=1000 * seconds)
        settle(self.page)

    def _wait_for(self, name: str) -> Locator:
        found = [self.page.get_by_role(role, name=name) for role in ("button", "link", "radio")]
        return found[0].or_(found[1]).or_(found[2])

    def _reach(self, name: str) -> None:
        """Go from element to element until the one with this name has the focus."""
        for _each in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            self.n_tabs += 1
            if self.page.evaluate(MATCHES, name):
                return
        raise AssertionError(f"“{name}” cannot be reached with the keyboard on {self.page.url}")
