"""When the server looks for memory that nobody uses any more: now and then, in place of after every page.

Streamlit would walk through everything after each run of a page, which took more than half of the server's time with
twenty people (`runner.postScriptGC` is off).
"""

import asyncio
import gc
from contextlib import suppress
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

FIRST_PAGES_SECONDS = 15.0
EVERY_SECONDS = 5.0


def put_aside() -> None:
    """Take what is in memory now for something that stays: the collector does not walk through it again."""
    gc.collect()
    gc.freeze()


def forget_other_pages() -> None:
    """Let go of what Streamlit keeps of every widget that this window has ever shown, its callbacks with it.

    What is on the page keeps its state. Called before a page is drawn: its widgets bring their own again.
    """
    with suppress(AttributeError):  # Streamlit offers no way to ask for it; a test says when it has moved
        widgets = _widgets(get_script_run_ctx())
        shown = {key: kept for key, kept in widgets.widget_metadata.items() if key in widgets.states}
        widgets.widget_metadata = shown


def _widgets(context: Any) -> Any:
    return context.session_state._state._new_widget_state  # noqa: SLF001 - see above


async def collect_now_and_then() -> None:
    """Collect while the server runs; what the first pages have loaded is put aside first."""
    await asyncio.sleep(FIRST_PAGES_SECONDS)
    put_aside()
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        _young, middle, old = gc.get_count()
        if middle or old:  # else nobody has drawn anything
            gc.collect()
