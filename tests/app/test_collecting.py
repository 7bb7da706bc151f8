"""The server collects by itself, now and then: Streamlit does not after every page."""

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace

import pytest
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from app import collecting
from app.server import options


class Page:
    """Something that refers to itself, as pages do."""

    def __init__(self) -> None:
        self.itself = self


def test_streamlit_does_not_collect_after_every_page() -> None:
    assert options()["runner.postScriptGC"] is False


def test_widgets_of_earlier_pages_are_not_kept_and_those_of_this_one_are(monkeypatch: pytest.MonkeyPatch) -> None:
    state = SessionState()
    widgets = state._new_widget_state
    for key in ("shown", "gone"):
        widgets.set_widget_metadata(WidgetMetadata(key, lambda value: value, lambda value: value, "string_value"))
    widgets.set_from_value("shown", "typed")
    context = SimpleNamespace(session_state=SafeSessionState(state, lambda: None))
    monkeypatch.setattr(collecting, "get_script_run_ctx", lambda: context)
    collecting.forget_other_pages()
    assert list(widgets.widget_metadata) == ["shown"]
    assert widgets["shown"] == "typed"


def test_what_nobody_uses_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "FIRST_PAGES_SECONDS", 0.0)
    monkeypatch.setattr(collecting, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(gc, "get_count", lambda: (0, 1, 0))  # a page has been drawn

    async def watched() -> bool:
        collector = asyncio.create_task(collecting.collect_now_and_then())
        await asyncio.sleep(0.05)
        page = weakref.ref(Page())
        for _look in range(100):
            await asyncio.sleep(0.01)
            if page() is None:
                break
        collector.cancel()
        with suppress(asyncio.CancelledError):
            await collector
        return page() is None

    gc.disable()
    try:
        with ThreadPoolExecutor(1) as elsewhere:  # a browser of other tests may have a loop of its own in this thread
            assert elsewhere.submit(lambda: asyncio.run(watched())).result()
    finally:
        gc.enable()
        gc.unfreeze()
