"""What tests of the screens look at a page with."""

import time
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Show = Callable[..., AppTest]
PATIENCE_SECONDS = 60.0  # that only a failure uses up


def run(page: Any) -> AppTest:
    """Run a page, or what was just done on it, and fail when it raised."""
    shown: AppTest = page.run()
    assert not shown.exception, shown.exception[0].stack_trace
    return shown


def said(page: AppTest) -> str:
    """Return everything that a page says in words."""
    elements = (page.title, page.header, page.subheader, page.markdown, page.caption, page.text)
    boxes = (page.error, page.warning, page.info)
    return "\n".join(str(element.value) for group in (*elements, *boxes) for element in group)


def labels(page: AppTest) -> list[str]:
    """Return the words on the buttons."""
    return [button.label for button in page.button]


def primary(page: AppTest) -> list[str]:
    """Return the words on the buttons that stand out; a page has one at most."""
    return [button.label for button in page.button if button.proto.type == "primary"]


def read_to_the_end(page: AppTest) -> AppTest:
    """Run a page that watches a file being read until the file has been read."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while "reading" in page.query_params and time.monotonic() < give_up:
        page = run(page)
    return page
